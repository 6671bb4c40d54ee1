#!/usr/bin/python3
"""Groups of consumers with real clients (kcat, kafka-python, librdkafka's Python), by frames of the first versions, and over kill -9."""
import shutil
import socket
import struct
import subprocess
import time

from tarn import Stack, becomes, done, need, ok, parts, same, skip_all

kafka, admin = need("kafka", "kafka.admin")
ck, cka = need("confluent_kafka", "confluent_kafka.admin")
if not shutil.which("kcat"):
    skip_all("kcat is missing")
EARLY = {"auto.offset.reset": "earliest"}


class Broker(Stack):
    def __init__(self, *args):
        super().__init__(*args, only="kafka")
        self.url = self.at["kafka"]

    def again(self):
        self.kill()
        self.up()
        self.url = self.at["kafka"]


def kcat(srv, *args, stdin=b""):
    return subprocess.run(["kcat", "-b", srv.url, *args], input=stdin, capture_output=True, timeout=60)


def topic(srv, name, partitions, records):
    client = cka.AdminClient({"bootstrap.servers": srv.url})
    list(client.create_topics([cka.NewTopic(name, partitions, 1)]).values())[0].result(30)
    p = ck.Producer({"bootstrap.servers": srv.url})
    for i in range(records):
        p.produce(name, str(i), partition=i % partitions)
    p.flush(30)


def consumer(srv, group, **more):
    return ck.Consumer({"bootstrap.servers": srv.url, "group.id": group, **EARLY, **{k.replace("_", "."): v for k, v in more.items()}})


def with_kcat(srv):
    kcat(srv, "-P", "-t", "g1", stdin=b"1\n2\n3\n")
    for group, want in (("grp", b"1\n2\n3\n"), ("grp", b""), ("other", b"1\n2\n3\n")):
        p = kcat(srv, "-G", group, "g1", "-X", "auto.offset.reset=earliest", "-e")
        ok(p.returncode == 0 and p.stdout == want, f"kcat -G {group}: {want}", p.stdout + p.stderr)


def with_python(srv):
    topic(srv, "py", 1, 3)
    for want in ([b"0", b"1", b"2"], []):
        c = kafka.KafkaConsumer("py", bootstrap_servers=srv.url, group_id="pg", auto_offset_reset="earliest", consumer_timeout_ms=600)
        same([r.value for r in c], want, f"kafka-python: a group's consumer reads {len(want)}, then its time is over")
        c.close()
    a = admin.KafkaAdminClient(bootstrap_servers=srv.url)
    ok(("pg", "consumer") in a.list_consumer_groups(), "kafka-python lists it")
    c = kafka.KafkaConsumer("py", bootstrap_servers=srv.url, group_id="pg")
    c.poll(100)
    becomes(lambda: (c.poll(50), a.describe_consumer_groups(["pg"])[0].state)[1], "Stable", "a group with a member is stable")
    g = a.describe_consumer_groups(["pg"])[0]
    m = g.members[0]
    same((g.protocol_type, g.protocol, m.client_host, m.member_metadata.subscription, m.member_assignment.assignment),
         ("consumer", "range", "/127.0.0.1", ["py"], [("py", [0])]), "and told with its member")
    c.close()
    same({tp.partition: o.offset for tp, o in a.list_consumer_group_offsets("pg").items()}, {0: 3}, "its offsets")
    same([(g, e.__name__) for g, e in a.delete_consumer_groups(["pg", "nope"])], [("pg", "NoError"), ("nope", "GroupIdNotFoundError")], "it is deleted")


def with_librdkafka(srv):
    topic(srv, "alone", 1, 5)
    c = consumer(srv, "solo", enable_auto_commit=False)
    c.assign([ck.TopicPartition("alone", 0)])
    same(sum(c.poll(10) is not None for _ in range(5)), 5, "assign without a committed offset: from the first record")
    c.commit(offsets=[ck.TopicPartition("alone", 0, 2)], asynchronous=False)
    c.close()
    c = consumer(srv, "solo")
    same(c.committed([ck.TopicPartition("alone", 0)], 10)[0].offset, 2, "what was committed is told to the next")
    c.close()


def shared(srv, strategy):
    """Two members have all between them; one closes, the other takes over; no record is read twice."""
    seen, name, group = [], "s-" + strategy, "share-" + strategy
    topic(srv, name, 6, 60)
    members = []

    def turn(enough):
        end = time.monotonic() + 30
        while time.monotonic() < end and not enough():
            for c in members:
                m = c.poll(0.02)
                if m is not None and not m.error():
                    seen.append((m.partition(), m.offset()))
        return enough()

    for _ in range(2):
        members.append(consumer(srv, group, partition_assignment_strategy=strategy, heartbeat_interval_ms=100))
        members[-1].subscribe([name])
        n = len(members)
        ok(turn(lambda n=n: sorted(len(c.assignment()) for c in members) == [6 // n] * n), f"{strategy}: {n} share the partitions")
    ok(turn(lambda: len(seen) >= 60), f"{strategy}: all is read")
    members.pop(0).close()
    ok(turn(lambda: len(members[0].assignment()) == 6), f"{strategy}: who is left has all")
    ok(len(seen) == 60 and len(set(seen)) == 60, f"{strategy}: each record once", len(seen))
    members[0].close()


# ---- frames of the first versions ----

class Wire:
    def __init__(self, srv):
        host, port = srv.url.split(":")
        self.s = socket.create_connection((host, int(port)), 30)

    def ask(self, key, version, body):
        m = struct.pack(">hhi", key, version, 7) + s("raw") + body
        self.s.sendall(struct.pack(">i", len(m)) + m)
        n = struct.unpack(">i", self.read(4))[0]
        return self.read(n)[4:]

    def read(self, n):
        out = b""
        while len(out) < n:
            piece = self.s.recv(n - len(out))
            if not piece:
                raise EOFError
            out += piece
        return out


def s(text):
    return struct.pack(">h", len(text)) + text.encode()


def by_frames(srv):
    topic(srv, "raw", 1, 1)
    w = Wire(srv)
    same(w.ask(12, 0, s("g") + struct.pack(">i", 1) + s("nope")), struct.pack(">h", 25), "Heartbeat v0 of nobody: 25")
    host, port = srv.url.split(":")
    same(w.ask(10, 0, s("g")), struct.pack(">hi", 0, 1) + s(host) + struct.pack(">i", int(port)), "FindCoordinator v0")
    same(w.ask(10, 1, s("g") + b"\7")[4:6], struct.pack(">h", 42), "FindCoordinator of another type: 42")
    got = w.ask(11, 0, s("g") + struct.pack(">i", 6000) + s("") + s("consumer") + struct.pack(">i", 1) + s("range") + struct.pack(">i", 2) + b"\0\0")
    code, generation = struct.unpack(">hi", got[:6])
    ok((code, generation) == (0, 1) and got[6:13] == s("range"), "JoinGroup v0: a member at once", got)
    size = struct.unpack(">h", got[13:15])[0]
    me = got[15:15 + size].decode()
    ok(me.startswith("raw-") and got[15 + size:] == s(me) + struct.pack(">i", 1) + s(me) + struct.pack(">i", 2) + b"\0\0", "who leads, and is told all", got)
    same(w.ask(14, 0, s("g") + struct.pack(">i", 1) + s(me) + struct.pack(">i", 1) + s(me) + struct.pack(">i", 3) + b"abc"),
         struct.pack(">hi", 0, 3) + b"abc", "SyncGroup v0")
    same(w.ask(12, 0, s("g") + struct.pack(">i", 1) + s(me)), struct.pack(">h", 0), "Heartbeat v0")
    one = struct.pack(">i", 1) + s("raw") + struct.pack(">ii", 1, 0)
    same(w.ask(8, 1, s("g") + struct.pack(">i", 1) + s(me) + one + struct.pack(">qq", 9, -1) + s("m")), one + struct.pack(">h", 0), "OffsetCommit v1")
    same(w.ask(8, 2, s("g") + struct.pack(">i", 2) + s(me) + struct.pack(">q", -1) + one + struct.pack(">q", 9) + s("m"))[-2:], struct.pack(">h", 22),
         "and of another generation: 22")
    same(w.ask(9, 1, s("g") + one), one + struct.pack(">q", 9) + s("m") + struct.pack(">h", 0), "OffsetFetch v1")
    got = w.ask(15, 0, struct.pack(">i", 2) + s("g") + s("none"))
    ok(s("g") + s("Stable") + s("consumer") + s("range") in got and got.endswith(s("none") + s("Dead") + s("") + s("") + struct.pack(">i", 0)),
       "DescribeGroups v0", got)
    ok(s("g") + s("consumer") in w.ask(16, 0, b""), "ListGroups v0")
    same(w.ask(42, 0, struct.pack(">i", 1) + s("g"))[-2:], struct.pack(">h", 68), "DeleteGroups of one with a member: 68")
    same(w.ask(13, 0, s("g") + s("nope")), struct.pack(">h", 25), "LeaveGroup v0 of nobody")
    same(w.ask(13, 0, s("g") + s(me)), struct.pack(">h", 0), "LeaveGroup v0")
    same(w.ask(47, 0, s("g") + one)[6:], one + struct.pack(">h", 0), "OffsetDelete")
    same(w.ask(9, 1, s("g") + one), one + struct.pack(">q", -1) + s("") + struct.pack(">h", 0), "it is gone")


def over_a_kill(srv):
    """What was committed is there, and who is in the group stays so, without a round."""
    topic(srv, "kill", 2, 20)
    w = Wire(srv)
    join = s("k") + struct.pack(">ii", 30000, 30000)
    rest = s("consumer") + struct.pack(">i", 1) + s("range") + struct.pack(">i", 2) + b"\0\0"
    got = w.ask(11, 1, join + s("") + rest)
    size = struct.unpack(">h", got[13:15])[0]
    me = got[15:15 + size].decode()
    w.ask(14, 0, s("k") + struct.pack(">i", 1) + s(me) + struct.pack(">i", 1) + s(me) + struct.pack(">i", 3) + b"abc")
    offsets = struct.pack(">i", 1) + s("kill") + struct.pack(">i", 1)
    for i in range(1, 21):
        w.ask(8, 2, s("k") + struct.pack(">i", 1) + s(me) + struct.pack(">q", -1) + offsets + struct.pack(">iq", i % 2, i) + s(""))
    srv.again()
    w = Wire(srv)
    same(w.ask(12, 0, s("k") + struct.pack(">i", 1) + s(me)), struct.pack(">h", 0), "kill -9: the member is still one, in its generation")
    same(w.ask(14, 0, s("k") + struct.pack(">i", 1) + s(me) + struct.pack(">i", 0)), struct.pack(">hi", 0, 3) + b"abc", "with its assignment")
    got = w.ask(9, 1, s("k") + struct.pack(">i", 1) + s("kill") + struct.pack(">iii", 2, 0, 1))
    ok(struct.pack(">q", 20) in got and struct.pack(">q", 19) in got, "and what was committed", got)
    srv.clock("freeze")
    srv.clock("advance 31s")
    same(w.ask(12, 0, s("k") + struct.pack(">i", 1) + s(me)), struct.pack(">h", 25), "its session ends by the stack's clock")
    srv.clock("resume")


def main():
    with Broker() as srv:
        parts(with_kcat, with_python, with_librdkafka, args=(srv,))
        shared(srv, "range")
        shared(srv, "cooperative-sticky")
        by_frames(srv)
        over_a_kill(srv)


main()
done()
