#!/usr/bin/python3
"""tarn topic and tarn group against the stack's brokers, three of them; and what librdkafka's and kafka-python's admins ask."""
import json
import signal
import subprocess

from tarn import TARN, Stack, done, need, ok, same, until

confluent, kafka = need("confluent_kafka", "kafka")
from confluent_kafka import Consumer, KafkaException, TopicPartition  # noqa: E402
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic  # noqa: E402


def tarn(srv, *args, stdin=None):
    p = subprocess.run([TARN, *args, "--data", srv.data], input=stdin, capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


def answer(srv, *args):
    code, out, _ = tarn(srv, *args, "--json")
    a = json.loads(out)
    return (code, a["data"]) if a["ok"] else (code, a["error"]["code"])


def topics(srv):
    same(tarn(srv, "topic", "create", "t", "--partitions", "6", "--replication", "3", "-c", "retention.ms=100000"), (0, "t is there\n", ""), "topic create")
    same(answer(srv, "topic", "create", "t"), (1, "TOPIC_ALREADY_EXISTS"), "the same again")
    code, _, err = tarn(srv, "topic", "create", "u", "--replication", "4")
    ok(code == 1 and "because only 3 broker(s) are registered." in err, "a factor of four", err)
    same(tarn(srv, "topic", "create", "u", "--dry-run")[1], "u can be made\n", "a dry run")
    code, d = answer(srv, "topic", "describe", "t")
    same((code, d["settings"], len(d["partitions"]), sorted({p["leader"] for p in d["partitions"]}), {len(p["in_sync"]) for p in d["partitions"]}),
         (0, {"retention.ms": "100000"}, 6, [1, 2, 3], {3}), "topic describe: settings, leaders on three brokers, all in sync")
    for line in ("a=1\n", "b=2\n", "a=3\n"):  # one after the other: their times tell their order
        same(tarn(srv, "topic", "produce", "t", "-K", "=", "-H", "h=1", stdin=line), (0, "", ""), "topic produce")
    same(answer(srv, "topic", "produce", "t", "-p", "9")[0], 0, "nothing to send")
    same(tarn(srv, "topic", "tail", "t", "--values", "-n", "2")[1].split(), ["2", "3"], "topic tail: the newest two")
    code, rows = answer(srv, "topic", "tail", "t", "--from", "earliest")
    same((code, [(r["key"], r["value"]) for r in rows]), (0, [("a", "1"), ("b", "2"), ("a", "3")]), "all of them, oldest first")
    same({r["partition"] for r in rows if r["key"] == "a"}, {rows[0]["partition"]}, "a key has one partition")
    same(answer(srv, "topic", "ls")[1][-1], {"topic": "t", "partitions": 6, "replicas": 3, "records": 3}, "topic ls")
    same(answer(srv, "topic", "tail", "none"), (1, "UNKNOWN_TOPIC_OR_PARTITION"), "no such topic")
    follow = subprocess.Popen([TARN, "topic", "tail", "t", "-f", "--values", "--data", srv.data], stdout=subprocess.PIPE, text=True)
    same([follow.stdout.readline() for _ in range(3)], ["1\n", "2\n", "3\n"], "tail -f begins with what is there")
    tarn(srv, "topic", "produce", "t", stdin="late\n")
    same(follow.stdout.readline(), "late\n", "and goes on with what comes")
    follow.send_signal(signal.SIGINT)
    same(follow.wait(10), 0, "until it is interrupted")


def groups(srv):
    c = Consumer({"bootstrap.servers": srv.at["kafka"], "group.id": "g", "auto.offset.reset": "earliest", "enable.auto.commit": False})
    c.subscribe(["t"])
    seen = until(lambda: [c.poll(1)], lambda m: m[0] is not None and not m[0].error())
    ok(seen, "a consumer reads")
    c.commit(offsets=[TopicPartition("t", p, 0) for p in range(6)], asynchronous=False)
    code, g = answer(srv, "group", "describe", "g")
    same((code, g["state"], g["members"], len(g["partitions"]), sum(p["lag"] for p in g["partitions"])), (0, "Stable", 1, 6, 4), "group describe: lag")
    ok(all(p["member"] and p["host"] for p in g["partitions"]), "who reads each")
    same(answer(srv, "group", "reset", "g", "--to", "latest"), (5, "NON_EMPTY_GROUP"), "a group with members keeps its offsets")
    same(answer(srv, "group", "delete", "g"), (1, "NON_EMPTY_GROUP"), "and stays")
    c.close()
    same([x["state"] for x in answer(srv, "group", "ls")[1] if x["group"] == "g"], ["Empty"], "group ls")
    code, rows = answer(srv, "group", "reset", "g", "--to", "latest", "--dry-run")
    same((code, sum(r["offset"] for r in rows), sum(p["lag"] for p in answer(srv, "group", "describe", "g")[1]["partitions"])), (0, 4, 4), "reset --dry-run")
    answer(srv, "group", "reset", "g", "--to", "latest")
    same(sum(p["lag"] for p in answer(srv, "group", "describe", "g")[1]["partitions"]), 0, "reset --to latest")
    code, rows = answer(srv, "group", "reset", "g", "--topic", "t:0,1", "--to", "-100")
    same([(r["partition"], r["offset"]) for r in rows], [(0, 0), (1, 0)], "reset by a step, of two partitions, not before their start")
    same(answer(srv, "group", "reset", "g", "--to", "2001-01-01T00:00:00Z")[0], 0, "reset by time")
    same(sum(p["lag"] for p in answer(srv, "group", "describe", "g")[1]["partitions"]), 4, "before all records")
    same(answer(srv, "group", "reset", "g", "--to", "somewhere")[0], 2, "no such place")
    same(tarn(srv, "group", "delete", "g")[:2], (0, "g is deleted\n"), "group delete")
    same(answer(srv, "group", "describe", "g"), (1, "GROUP_ID_NOT_FOUND"), "then there is none")


def others(srv):
    other = subprocess.run([TARN, "topic", "ls", "--bootstrap", srv.at["kafka"]], capture_output=True, text=True)
    ok(other.returncode == 0 and "\nt " in other.stdout, "another cluster by --bootstrap", other.stderr)
    same(subprocess.run([TARN, "topic", "ls", "--bootstrap", "127.0.0.1:1"], capture_output=True).returncode, 3, "where nobody listens")
    same(subprocess.run([TARN, "topic", "ls", "--bootstrap", "nonsense"], capture_output=True).returncode, 2, "no address")
    same(tarn(srv, "topic", "delete", "t"), (0, "t is deleted\n", ""), "topic delete")


def fails(call):
    try:
        call()
        return None
    except KafkaException as e:
        return e.args[0].code(), e.args[0].str()


def librdkafka(srv):
    a = AdminClient({"bootstrap.servers": srv.at["kafka"]})

    def each(futures):
        for f in futures.values():
            f.result(20)
    each(a.create_topics([NewTopic("c", 2, 3, config={"cleanup.policy": "compact"})]))
    same(fails(lambda: each(a.create_topics([NewTopic("c", 2, 3)]))), (36, "Topic 'c' already exists."), "librdkafka: create_topics")
    each(a.create_partitions([NewPartitions("c", 4)]))
    same(fails(lambda: each(a.create_partitions([NewPartitions("c", 4)]))), (37, "Topic already has 4 partition(s)."), "create_partitions")
    each(a.alter_configs([ConfigResource("topic", "c", set_config={"retention.ms": "5"})]))
    got = list(a.describe_configs([ConfigResource("topic", "c")]).values())[0].result(20)
    same((got["retention.ms"].value, got["cleanup.policy"].value), ("5", "delete"), "alter_configs replaces all of them")
    got = list(a.describe_configs([ConfigResource("broker", "2")]).values())[0].result(20)
    same((got["broker.id"].value, got["log.retention.hours"].value), ("2", "168"), "describe_configs of the second broker")
    same(len(a.list_topics(timeout=20).topics["c"].partitions), 4, "list_topics")
    each(a.delete_topics(["c"]))
    same(fails(lambda: each(a.delete_topics(["c"])))[0], 3, "delete_topics")


def python(srv):
    from kafka.admin import ConfigResource as Resource, ConfigResourceType as Type, KafkaAdminClient, NewPartitions as More, NewTopic as Topic
    a = KafkaAdminClient(bootstrap_servers=srv.at["kafka"])
    a.create_topics([Topic("p", 1, 1, topic_configs={"retention.ms": "9"})])
    a.create_partitions({"p": More(3)})
    a.alter_configs([Resource(Type.TOPIC, "p", configs={"retention.ms": "1000"})])
    r = a.describe_configs([Resource(Type.TOPIC, "p", configs={"retention.ms": None})])[0].resources[0]
    same((r[0], r[4][0][:2]), (0, ("retention.ms", "1000")), "kafka-python: alter_configs, describe_configs")
    same([len(t["partitions"]) for t in a.describe_topics(["p"])], [3], "describe_topics")
    same(len(a.describe_cluster()["brokers"]), 3, "describe_cluster")
    a.delete_topics(["p"])
    ok("p" not in a.list_topics(), "delete_topics, list_topics")
    a.close()


with Stack("--set", "kafka.brokers=3", only="kafka") as stack:
    topics(stack)
    groups(stack)
    others(stack)
    librdkafka(stack)
    python(stack)
done()
