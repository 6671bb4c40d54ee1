#!/usr/bin/python3
"""Three brokers in one process, with real clients: where they are, factors, one that goes away under producers and groups and comes back,
leaders and coordinators that move; access control lists."""
import shutil
import subprocess
import threading
import time

from tarn import Stack, becomes, done, need, ok, parts, same, skip_all, until

kafka, admin, errors = need("kafka", "kafka.admin", "kafka.errors")
ck, cka = need("confluent_kafka", "confluent_kafka.admin")
if not shutil.which("kcat"):
    skip_all("kcat is missing")
CONF = """[kafka]
brokers = 3
partitions = 3
"""
SASL = ["-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanisms=PLAIN"]


def urls(srv):
    return ",".join(srv.at[name] for name in ("kafka", "kafka-2", "kafka-3"))


def kcat(url, *args, stdin=""):
    return subprocess.run(["kcat", "-b", url, *args], input=stdin, capture_output=True, text=True, timeout=60)


def fault(srv, *words):
    p = srv.run("fault", *words)
    if p.returncode:
        raise RuntimeError(p.stderr)


def described(srv):
    return cka.AdminClient({"bootstrap.servers": urls(srv), "log_level": 0}).list_topics(timeout=10)


def places(srv):
    seen = described(srv)
    ports = sorted(f"{b.host}:{b.port}" for b in seen.brokers.values())
    same(ports, sorted(urls(srv).split(",")), "each broker is at a port of its own")
    client = cka.AdminClient({"bootstrap.servers": urls(srv)})
    client.create_topics([cka.NewTopic("placed", 6, 3)])["placed"].result(30)
    parts_of = described(srv).topics["placed"].partitions
    same(sorted(p.leader for p in parts_of.values()), [1, 1, 2, 2, 3, 3], "leaders are spread")
    ok(all(len(p.replicas) == 3 and p.isrs == p.replicas for p in parts_of.values()), "three replicas, all in sync")
    try:
        client.create_topics([cka.NewTopic("four", 1, 4)])["four"].result(30)
        said = ""
    except ck.KafkaException as e:
        said = e.args[0].str()
    same(said, "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because only 3 broker(s) are registered.",
         "factor 4 is refused in Kafka's words")
    # kafka-python asks the wrong broker on purpose: it bootstraps at one, and is led to the others
    p = kafka.KafkaProducer(bootstrap_servers=srv.at["kafka-3"], acks="all")
    same({p.send("placed", b"x", partition=i).get(10).offset for i in range(6)}, {0}, "kafka-python finds each leader from any broker")
    p.close()


def consume(srv, topic, want, group, out, stop):
    c = ck.Consumer({"bootstrap.servers": urls(srv), "group.id": group, "auto.offset.reset": "earliest", "auto.commit.interval.ms": 200, "log_level": 0,
                     "session.timeout.ms": 6000, "heartbeat.interval.ms": 500})
    c.subscribe([topic])
    while not stop.is_set():
        m = c.poll(0.1)
        if m and not m.error():
            out.append((m.partition(), m.offset(), m.value()))
        elif len({v for _, _, v in out}) >= want():
            break
    c.close()


def loss(srv):
    """An idempotent producer and a group of two, while each broker is away for a while and leaderships move."""
    made, acked, got = [0], {}, []
    end, stop = threading.Event(), threading.Event()

    def told(e, m):
        if not e:
            acked[m.value()] = (m.partition(), m.offset())

    def produce():
        p = ck.Producer({"bootstrap.servers": urls(srv), "enable.idempotence": True, "linger.ms": 1, "log_level": 0, "retry.backoff.ms": 20,
                         "reconnect.backoff.ms": 20})
        while not end.is_set():
            p.produce("placed", b"%d" % made[0], key=b"%d" % (made[0] % 20), on_delivery=told)
            made[0] += 1
            p.poll(0.002)
            time.sleep(0.001)
        p.flush(30)

    def want():
        return made[0] + 1 if end.is_set() else 1 << 60  # and the record of places

    threads = [threading.Thread(target=produce)] + [threading.Thread(target=consume, args=(srv, "placed", want, "g", got, stop)) for _ in range(2)]
    for t in threads:
        t.start()
    until(lambda: len(got) > 200)
    for broker in "231":
        before = len(acked)
        fault(srv, "add", f"kafka.broker-{broker}", "drop", "name=away")
        same(len(described(srv).brokers), 2, f"broker {broker} is gone from the list")
        ok(all(p.leader > 0 for p in described(srv).topics["placed"].partitions.values()), "others lead")
        ok(until(lambda: len(acked) > before + 50), "records are acknowledged meanwhile")
        fault(srv, "clear", "away")
        becomes(lambda: len(described(srv).brokers), 3, "it is back")
    fault(srv, "add", "kafka.leader.Produce", "drop", "p=0.3", "name=moves")
    before = len(acked)
    ok(until(lambda: len(acked) > before + 100), "records are acknowledged while leaders move")
    fault(srv, "clear", "moves")
    fault(srv, "add", "kafka.coordinator.Heartbeat", "drop", "p=0.5", "name=moves")
    ok(until(lambda: "fired 0" not in srv.run("fault", "list").stdout), "a group's coordinator moves", srv.run("fault", "list").stdout)
    fault(srv, "clear", "moves")
    end.set()
    threads[0].join(60)
    until(lambda: not any(t.is_alive() for t in threads[1:]), seconds=30)
    stop.set()
    for t in threads:
        t.join(30)
    same(len(acked), made[0], "each record was acknowledged")
    seen = {(p, o): v for p, o, v in got}
    same({v for v in seen.values() if v != b"x"}, set(acked), "the group read each")
    same(len([v for v in seen.values() if v != b"x"]), made[0], "each is there once")
    ordered = True
    for key in range(20):
        values = [int(v) for _, v in sorted((po, v) for po, v in seen.items() if v != b"x" and int(v) % 20 == key)]
        ordered &= values == sorted(values)
    ok(ordered, "in the order of their producer")


def few_in_sync(srv):
    client = cka.AdminClient({"bootstrap.servers": urls(srv)})
    client.create_topics([cka.NewTopic("sync", 1, 3, config={"min.insync.replicas": "2"})])["sync"].result(30)
    fault(srv, "add", "kafka.broker-2", "drop", "name=two")
    fault(srv, "add", "kafka.broker-3", "drop", "name=three")
    said = []
    p = ck.Producer({"bootstrap.servers": srv.at["kafka"], "acks": "all", "retries": 0, "log_level": 0})
    p.produce("sync", b"1", on_delivery=lambda e, m: said.append(e and e.name()))
    p.flush(10)
    p = ck.Producer({"bootstrap.servers": srv.at["kafka"], "acks": "1", "log_level": 0})
    p.produce("sync", b"2", on_delivery=lambda e, m: said.append(e and e.name()))
    p.flush(10)
    same(said, ["NOT_ENOUGH_REPLICAS", None], "with one in sync acks=all is refused, acks=1 is not")
    fault(srv, "clear")
    becomes(lambda: len(described(srv).brokers), 3, "all are back")


def lists(srv):
    root = ["-X", "sasl.username=root", "-X", "sasl.password=r", *SASL]
    ann = ["-X", "sasl.username=ann", "-X", "sasl.password=a", *SASL]
    kcat(urls(srv), "-P", "-t", "secret", *root, stdin="1\n2\n")
    said = kcat(urls(srv), "-C", "-t", "secret", "-e", *ann)
    ok("Topic authorization failed" in said.stderr and not said.stdout, "who is on no list reads nothing", said.stderr)
    settings = {"bootstrap_servers": urls(srv).split(","), "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN",
                "sasl_plain_username": "root", "sasl_plain_password": "r"}
    client = admin.KafkaAdminClient(**settings)
    topic = admin.ACL("User:ann", "*", admin.ACLOperation.READ, admin.ACLPermissionType.ALLOW, admin.ResourcePattern(admin.ResourceType.TOPIC, "secret"))
    group = admin.ACL("User:ann", "*", admin.ACLOperation.READ, admin.ACLPermissionType.ALLOW,
                      admin.ResourcePattern(admin.ResourceType.GROUP, "ann-", admin.ACLResourcePatternType.PREFIXED))
    same(len(client.create_acls([topic, group])["succeeded"]), 2, "lists are made")
    found, _ = client.describe_acls(admin.ACLFilter(None, None, admin.ACLOperation.ANY, admin.ACLPermissionType.ANY,
                                                    admin.ResourcePatternFilter(admin.ResourceType.ANY, None, admin.ACLResourcePatternType.ANY)))
    same(len(found), 2, "and told")
    said = kcat(urls(srv), "-G", "ann-1", "secret", "-e", "-X", "auto.offset.reset=earliest", *ann)
    same(sorted(said.stdout.split()), ["1", "2"], "who is on one reads, in a group")
    said = kcat(urls(srv), "-G", "other", "secret", "-e", *ann)
    ok("Group authorization failed" in said.stderr, "but in no other group", said.stderr)
    said = kcat(urls(srv), "-P", "-t", "secret", *ann, stdin="3\n")
    ok("Topic authorization failed" in said.stderr, "and writes nothing", said.stderr)
    deleted = client.delete_acls([admin.ACLFilter("User:ann", None, admin.ACLOperation.ANY, admin.ACLPermissionType.ANY,
                                                  admin.ResourcePatternFilter(admin.ResourceType.ANY, None, admin.ACLResourcePatternType.ANY))])
    same(len(deleted[0][1]), 2, "lists are deleted")
    client.close()
    open_one = admin.KafkaAdminClient(bootstrap_servers=srv.without.at["kafka"])
    try:
        open_one.describe_acls(admin.ACLFilter(None, None, admin.ACLOperation.ANY, admin.ACLPermissionType.ANY,
                                               admin.ResourcePatternFilter(admin.ResourceType.ANY, None, admin.ACLResourcePatternType.ANY)))
        said = ""
    except errors.SecurityDisabledError as e:
        said = str(e)
    ok("No Authorizer is configured on the broker" in said, "without an authorizer there are none", said)
    open_one.close()


s = Stack(only="kafka", conf=CONF)
parts(places, loss, few_in_sync, args=(s,))
guarded = Stack(only="kafka", conf=CONF + """authorizer.class.name = kafka.security.authorizer.AclAuthorizer
super.users = User:root
[kafka.users]
root = r
ann = a
""")
guarded.without = s
parts(lists, args=(guarded,))
done()
