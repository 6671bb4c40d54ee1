#!/usr/bin/python3
"""Transactions and idempotence with real clients (librdkafka's Python, kcat), over kill -9, brokers of three and a clock that is moved."""
import shutil
import socket
import subprocess
import threading

from tarn import Stack, becomes, done, need, ok, same, skip_all

ck, cka = need("confluent_kafka", "confluent_kafka.admin")
if not shutil.which("kcat"):
    skip_all("kcat is missing")
TP = ck.TopicPartition
QUIET = {"log_level": 0, "fetch.wait.max.ms": 10, "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 100, "retry.backoff.ms": 20}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Broker(Stack):
    """On a port of its own, so that clients find it again."""

    def __init__(self, *args):
        super().__init__("--set", f"ports.kafka={free_port()}", *args, only="kafka")
        self.url = self.at["kafka"]

    def again(self):
        self.kill()
        self.up()


def topic(srv, name, partitions=1):
    client = cka.AdminClient({"bootstrap.servers": srv.url})
    list(client.create_topics([cka.NewTopic(name, partitions, 1)]).values())[0].result(30)
    return name


def producer(srv, **more):
    return ck.Producer({"bootstrap.servers": srv.url, **QUIET, **{k.replace("_", "."): v for k, v in more.items()}})


def transactional(srv, name, **more):
    p = producer(srv, transactional_id=name, **more)
    p.init_transactions(20)
    return p


def send(p, where, *values):
    """Produces, and sees to it that the broker has them."""
    for v in values:
        p.produce(where, v, partition=0)
    p.flush(20)


def read(srv, where, isolation="read_committed", partition=0):
    """[(offset, value)], to the end."""
    c = ck.Consumer({"bootstrap.servers": srv.url, "group.id": "reader", "isolation.level": isolation, "enable.partition.eof": True,
                     "enable.auto.commit": False, **QUIET})
    c.assign([TP(where, partition, 0)])
    got = []
    while True:
        m = c.poll(20)
        if m is None or m.error():
            c.close()
            return got if m is not None else f"no end after {got[-3:]}"
        got.append((m.offset(), m.value().decode()))


def latest(srv, where, isolation):
    c = ck.Consumer({"bootstrap.servers": srv.url, "group.id": "reader", "isolation.level": isolation, **QUIET})
    try:
        return c.get_watermark_offsets(TP(where, 0), 20)[1]
    finally:
        c.close()


def failure(fn):
    """librdkafka's code; 0: it worked."""
    try:
        fn()
    except ck.KafkaException as e:
        return e.args[0].code()
    return 0


def commits_and_aborts(srv):
    t = topic(srv, "ca")
    p = transactional(srv, "tx1")
    p.begin_transaction()
    send(p, t, "a1", "a2")
    p.abort_transaction(20)
    p.begin_transaction()
    send(p, t, "c1")
    same(read(srv, t), [], "an open transaction is read by nobody who reads what is committed")
    same([v for _, v in read(srv, t, "read_uncommitted")], ["a1", "a2", "c1"], "others read all there is")
    same((latest(srv, t, "read_committed"), latest(srv, t, "read_uncommitted")), (3, 4), "the latest offset is by who asks")
    p.commit_transaction(20)
    same(read(srv, t), [(3, "c1")], "then the committed record, and no aborted one")
    kcat = ["kcat", "-b", srv.url, "-t", t]
    said = subprocess.run([*kcat, "-P", "-X", "transactional.id=kc"], input=b"k1\nk2\n", capture_output=True, timeout=60)
    ok(said.returncode == 0 and b"successfully committed" in said.stderr, "kcat produces in a transaction", said.stderr)
    said = subprocess.run([*kcat, "-C", "-e", "-o", "beginning", "-X", "isolation.level=read_committed"], capture_output=True, timeout=60)
    same(said.stdout, b"c1\nk1\nk2\n", "and reads it")


def is_fenced(srv):
    t = topic(srv, "fenced")
    p = transactional(srv, "tx2")
    p.begin_transaction()
    send(p, t, "left")
    q = transactional(srv, "tx2")
    p.produce(t, "fenced", partition=0)
    same(failure(lambda: p.commit_transaction(20)), ck.KafkaError._FENCED, "the producer before is fenced")
    q.begin_transaction()
    send(q, t, "mine")
    q.commit_transaction(20)
    same([v for _, v in read(srv, t)], ["mine"], "what it left open is aborted")


def offsets_go_with_it(srv):
    t, source = topic(srv, "out"), topic(srv, "in")
    send(producer(srv), source, "1", "2", "3")
    c = ck.Consumer({"bootstrap.servers": srv.url, "group.id": "mover", "auto.offset.reset": "earliest", "enable.auto.commit": False, **QUIET})
    c.subscribe([source])
    becomes(lambda: c.poll(1) is not None, True, "the group reads")
    p = transactional(srv, "tx3")
    for end, want in ((p.abort_transaction, ck.OFFSET_INVALID), (p.commit_transaction, 2)):
        p.begin_transaction()
        send(p, t, "moved")
        p.send_offsets_to_transaction([TP(source, 0, 2)], c.consumer_group_metadata(), 20)
        end(20)
        same(c.committed([TP(source, 0)], 20)[0].offset, want, f"{end.__name__}: the group's offset")
    c.close()
    same([v for _, v in read(srv, t)], ["moved"], "as the records")


def survives(srv):
    """kill -9 in the middle: what was acknowledged is there, the transaction goes on."""
    t = topic(srv, "kept")
    p = transactional(srv, "tx4")
    p.begin_transaction()
    send(p, t, "before")
    srv.again()
    same(read(srv, t), [], "after kill -9 it is still open")
    send(p, t, "after")
    p.commit_transaction(20)
    same([v for _, v in read(srv, t)], ["before", "after"], "and is committed by the same producer")
    q = transactional(srv, "tx4")
    q.begin_transaction()
    send(q, t, "next")
    q.abort_transaction(20)
    srv.again()
    same([v for _, v in read(srv, t)], ["before", "after"], "what was aborted stays so")


def no_duplicates(srv, kills=5, records=20000):
    t = topic(srv, "idem", 2)
    lost = []
    p = producer(srv, enable_idempotence=True, linger_ms=1, message_timeout_ms=60000)
    over = threading.Event()

    def kill():
        for _ in range(kills):
            if over.wait(0.15):
                return
            srv.again()
    killer = threading.Thread(target=kill)
    killer.start()
    for i in range(records):
        p.produce(t, str(i), partition=i % 2, on_delivery=lambda e, m: e and lost.append(e))
        p.poll(0 if i % 100 else 0.02)
    killer.join()
    left = p.flush(60)
    over.set()
    same((left, lost), (0, []), "all are acknowledged")
    for n in range(2):
        same([int(v) for _, v in read(srv, t, partition=n)], list(range(n, records, 2)), f"each is there once, in order, over {kills} kills: partition {n}")


def lasts_too_long():
    """On the emulated clock."""
    with Broker("--clock", "2026-01-05T09:00:00Z") as srv:
        t = topic(srv, "late")
        p = transactional(srv, "tx5", transaction_timeout_ms=50000)
        p.begin_transaction()
        send(p, t, "late")
        srv.clock("advance 49s")
        same(latest(srv, t, "read_committed"), 0, "49 seconds of 50: it is open")
        srv.clock("advance 1s")
        same((read(srv, t), latest(srv, t, "read_committed")), ([], 2), "then it is aborted")
        same(failure(lambda: p.commit_transaction(20)), ck.KafkaError._FENCED, "and its producer can't commit it")


def over_three():
    with Broker("--set", "kafka.brokers=3") as srv:
        t = topic(srv, "wide", 6)
        for name in ("a", "d"):
            p = transactional(srv, name)
            p.begin_transaction()
            for n in range(6):
                p.produce(t, name, partition=n)
            p.commit_transaction(20) if name == "a" else (p.flush(20), p.abort_transaction(20))
        same([[v for _, v in read(srv, t, partition=n)] for n in range(6)], [["a"]] * 6, "three brokers: coordinators and leaders on all of them")


with Broker() as broker:
    for test in (commits_and_aborts, is_fenced, offsets_go_with_it, survives, no_duplicates):
        test(broker)
lasts_too_long()
over_three()
done()
