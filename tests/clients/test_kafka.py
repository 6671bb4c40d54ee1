#!/usr/bin/python3
"""Kafka with real clients: kcat (librdkafka), kafka-python; then bad input with the broker alive after each."""
import shutil
import socket
import struct
import subprocess
import time

from tarn import Stack, call, done, need, ok, skip_all

kafka, admin, errors = need("kafka", "kafka.admin", "kafka.errors")
KafkaConsumer, KafkaProducer, TopicPartition = kafka.KafkaConsumer, kafka.KafkaProducer, kafka.TopicPartition
ConfigResource, ConfigResourceType, NewTopic = admin.ConfigResource, admin.ConfigResourceType, admin.NewTopic
if not shutil.which("kcat"):
    skip_all("kcat is missing")


class Broker(Stack):
    def __init__(self, *args, only="kafka"):
        super().__init__(*args, only=only)
        self.url = self.at[only]
        self.host, self.port = self.address(only)


def kcat(srv, *args, stdin=b""):
    p = subprocess.run(["kcat", "-b", srv.url, *args], input=stdin, capture_output=True, timeout=30)
    return p.returncode, p.stdout, p.stderr


def consume(srv, topic, *args):
    return kcat(srv, "-C", "-t", topic, "-e", "-q", *args)[1]


# ---- bytes, for what no client would send ----

def string(s):
    return struct.pack(">h", len(s)) + s


def frame(key, version, body, corr=7):
    m = struct.pack(">hhi", key, version, corr) + string(b"raw") + body
    return struct.pack(">i", len(m)) + m


def crc32c(data):
    crc = 0xFFFFFFFF
    for b in data:
        crc ^= b
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def varint(n):
    n = (n << 1) ^ (n >> 63)
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def batch(values, crc=None, attrs=0, pid=-1, epoch=-1, seq=-1, count=None):
    recs = b""
    for i, v in enumerate(values):
        r = b"\0" + varint(0) + varint(i) + varint(-1) + varint(len(v)) + v + varint(0)
        recs += varint(len(r)) + r
    n = len(values) if count is None else count
    tail = struct.pack(">hiqqqhii", attrs, n - 1, 1000, 1000, pid, epoch, seq, n) + recs
    body = struct.pack(">ibI", -1, 2, crc32c(tail) if crc is None else crc) + tail
    return struct.pack(">qi", 0, len(body)) + body


def produce(topic, records, acks=-1, version=3, part=0):
    txn = struct.pack(">h", -1) if version >= 3 else b""
    return frame(0, version, txn + struct.pack(">hii", acks, 1000, 1) + string(topic)
                 + struct.pack(">iii", 1, part, len(records)) + records)


class Raw:
    def __init__(self, srv):
        self.s = socket.create_connection((srv.host, srv.port), timeout=10)

    def send(self, data):
        self.s.sendall(data)
        return self

    def take(self, n):
        out = b""
        while len(out) < n:
            got = self.s.recv(n - len(out))
            if not got:
                return None
            out += got
        return out

    def answer(self):
        head = self.take(4)
        return head and self.take(struct.unpack(">i", head)[0])

    def closed(self):
        try:
            return self.s.recv(1) == b""
        except ConnectionError:
            return True


def produced(srv, topic, records, version=3):
    """Error code and base offset of one Produce."""
    a = Raw(srv).send(produce(topic, records, version=version)).answer()
    return struct.unpack(">hq", a[4 + 4 + 2 + len(topic) + 4 + 4:][:10])


def alive(srv):
    a = Raw(srv).send(frame(18, 0, b"")).answer()
    return a is not None and a[4:6] == b"\0\0"


def with_kcat(srv):
    code, out, _ = kcat(srv, "-L")
    ok(code == 0 and b"1 brokers" in out and b"0affea73130b.pin" in out, "kcat -L shows the broker and the declared topics", out)
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        lines = b"".join(b"%s line %d %s\n" % (codec.encode(), i, b"x" * 200) for i in range(200))
        code, _, err = kcat(srv, "-P", "-t", "codec-" + codec, "-z", codec, stdin=lines)
        ok(code == 0 and consume(srv, "codec-" + codec) == lines, f"kcat: 200 records with {codec} and back", err)
    kcat(srv, "-P", "-t", "keyed", "-K:", "-H", "h=v", stdin=b"k1:v1\nk2:v2\n")
    ok(consume(srv, "keyed", "-f", "%k=%s %h %o\\n") == b"k1=v1 h=v 0\nk2=v2 h=v 1\n", "kcat: keys and headers")
    kcat(srv, "-P", "-t", "nulls", "-K:", "-Z", stdin=b"k1:\n")
    ok(consume(srv, "nulls", "-f", "%K %S\\n") == b"2 -1\n", "kcat: a null value stays null")
    ok(kcat(srv, "-Q", "-t", "keyed:0:-1")[1].split()[-1] == b"2", "kcat -Q: latest")
    ok(kcat(srv, "-Q", "-t", "keyed:0:-2")[1].split()[-1] == b"0", "kcat -Q: earliest")
    first = int(consume(srv, "keyed", "-f", "%T\\n").split()[0])
    ok(kcat(srv, "-Q", "-t", f"keyed:0:{first}")[1].split()[-1] == b"0", "kcat -Q: by timestamp")
    ok(kcat(srv, "-Q", "-t", f"keyed:0:{first + 10**9}")[1].split()[-1] == b"-1", "kcat -Q: after the last timestamp")
    ok(consume(srv, "keyed", "-o", "1", "-f", "%s") == b"v2" and consume(srv, "keyed", "-o", "-1", "-f", "%s") == b"v2",
       "kcat -o: an offset, and one from the end")
    for args in (["enable.idempotence=true"], ["acks=0"], ["acks=1"], ["api.version.request=false", "-X", "broker.version.fallback=0.9.0"],
                 ["api.version.request=false", "-X", "broker.version.fallback=0.10.0"]):
        code, _, err = kcat(srv, "-P", "-t", "opts", "-X", *args, stdin=b" ".join(a.encode() for a in args) + b"\n")
        ok(code == 0 and consume(srv, "opts").split(b"\n")[-2] == b" ".join(a.encode() for a in args), f"kcat -X {' '.join(args)}", err)
    for old in ("0.9.0", "0.10.0"):
        out = consume(srv, "codec-zstd" if old == "0.10.0" else "codec-gzip", "-X", "api.version.request=false", "-X", "broker.version.fallback=" + old)
        ok(out.count(b"\n") == 200, f"kcat as {old}: reads new batches as message sets", out[:200])
    lines = b"".join(b"old %d\n" % i for i in range(50))
    for codec in ("gzip", "snappy", "lz4"):
        kcat(srv, "-P", "-t", "old-" + codec, "-z", codec, "-X", "api.version.request=false", "-X", "broker.version.fallback=0.10.0", stdin=lines)
        ok(consume(srv, "old-" + codec) == lines, f"kcat as 0.10.0: {codec} message sets are taken")


def with_long_poll(srv):
    kcat(srv, "-P", "-t", "poll", stdin=b"before\n")
    waiting = subprocess.Popen(["kcat", "-b", srv.url, "-C", "-t", "poll", "-o", "1", "-c", "1", "-q", "-X", "fetch.wait.max.ms=20000"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    kcat(srv, "-P", "-t", "poll-other", stdin=b"elsewhere\n")
    began = time.monotonic()
    c = KafkaConsumer(bootstrap_servers=srv.url, fetch_max_wait_ms=20000, consumer_timeout_ms=15000)
    c.assign([TopicPartition("poll", 0)])
    c.seek(TopicPartition("poll", 0), 1)
    c.poll(timeout_ms=50)
    kcat(srv, "-P", "-t", "poll", stdin=b"now\n")
    got = next(c)
    ok(got.value == b"now" and waiting.communicate(timeout=10)[0] == b"now\n" and time.monotonic() - began < 10,
       "a fetch that waits is woken by a record")
    c.close()


def with_python(srv):
    p = KafkaProducer(bootstrap_servers=srv.url, acks="all")
    metas = [p.send("py", key=b"k%d" % i, value=b"v%d" % i, headers=[("a", b"b")], timestamp_ms=5000 + i) for i in range(100)]
    p.flush()
    ok([m.get(5).offset for m in metas] == list(range(100)), "kafka-python: acknowledged offsets in order")
    q = KafkaProducer(bootstrap_servers=srv.url, compression_type="gzip")
    q.send("py-gzip", b"z" * 5000).get(5)
    q.close()
    c = KafkaConsumer("py-gzip", bootstrap_servers=srv.url, auto_offset_reset="earliest", consumer_timeout_ms=3000)
    ok(next(c).value == b"z" * 5000, "kafka-python: gzip, by topic without a group")
    c.close()
    try:
        p2 = KafkaProducer(bootstrap_servers=srv.url, max_request_size=3 << 20)
        p2.send("py", b"x" * (2 << 20)).get(10)
        ok(False, "a record over max.message.bytes is refused")
    except errors.MessageSizeTooLargeError:
        ok(True, "a record over max.message.bytes is refused")
    p2.close()
    tp = TopicPartition("py", 0)
    c = KafkaConsumer(bootstrap_servers=srv.url, consumer_timeout_ms=3000)
    c.assign([tp])
    c.seek(tp, 40)
    r = next(c)
    ok((r.offset, r.key, r.value, r.timestamp, r.headers) == (40, b"k40", b"v40", 5040, [("a", b"b")]), "kafka-python: assign and seek")
    ok(c.beginning_offsets([tp])[tp] == 0 and c.end_offsets([tp])[tp] == 100, "kafka-python: beginning and end offsets")
    at = c.offsets_for_times({tp: 5050})[tp]
    ok((at.offset, at.timestamp) == (50, 5050), "kafka-python: offsets for times")
    ok("py" in c.topics(), "kafka-python: topics")
    c.close()
    c = KafkaConsumer(bootstrap_servers=srv.url, auto_offset_reset="none", consumer_timeout_ms=3000)
    c.assign([tp])
    c.seek(tp, 101)
    try:
        next(c)
        ok(False, "an offset past the end is out of range")
    except errors.OffsetOutOfRangeError:
        ok(True, "an offset past the end is out of range")
    c.close()
    p.close()
    with_admin(srv)


def with_admin(srv):
    a = admin.KafkaAdminClient(bootstrap_servers=srv.url)
    a.create_topics([NewTopic("made", 3, 1, topic_configs={"retention.ms": "1000"})])
    ok(len(a.describe_topics(["made"])[0]["partitions"]) == 3, "kafka-python admin: create and describe topics")
    refusals = [(NewTopic("made", 1, 1), errors.TopicAlreadyExistsError), (NewTopic("bad name", 1, 1), errors.InvalidTopicError),
                (NewTopic("rf", 1, 3), errors.InvalidReplicationFactorError), (NewTopic("np", 0, 1), errors.InvalidPartitionsError),
                (NewTopic("cfg", 1, 1, topic_configs={"nonsense": "1"}), errors.InvalidConfigurationError)]
    for topic, error in refusals:
        try:
            a.create_topics([topic])
            ok(False, f"create {topic.name}: {error.__name__}")
        except error:
            ok(True, f"create {topic.name}: {error.__name__}")
    p = KafkaProducer(bootstrap_servers=srv.url)
    by_key = {p.send("made", key=b"same", value=b"%d" % i).get(5).partition for i in range(5)}
    ok(len(by_key) == 1, "one key, one partition")
    p.close()
    made = ConfigResource(ConfigResourceType.TOPIC, "made")
    if kafka.__version__ < "3":
        d = a.describe_configs([made])[0].resources[0]
        values = {row[0]: row[1] for row in d[4]}
    else:
        d = a.describe_configs([made], config_filter="all")["topic"]["made"]
        values = {name: row["value"] for name, row in d.items()}
    ok(values.get("retention.ms") == "1000" and values.get("max.message.bytes") == "1048588", "kafka-python admin: describe configs", d)
    a.create_partitions({"made": admin.NewPartitions(5)})
    ok(len(a.describe_topics(["made"])[0]["partitions"]) == 5, "kafka-python admin: create partitions")
    a.delete_topics(["made"])
    ok("made" not in a.list_topics(), "kafka-python admin: delete topics")
    try:
        a.delete_topics(["made"])
        ok(False, "deleting an unknown topic is refused")
    except errors.UnknownTopicOrPartitionError:
        ok(True, "deleting an unknown topic is refused")
    a.create_topics([NewTopic("made", 1, 1)])
    ok(consume(srv, "made") == b"", "a topic made again is empty")
    a.close()


def with_bad_input(srv):
    kcat(srv, "-P", "-t", "raw", stdin=b"first\n")
    good = batch([b"second"])
    ok(produced(srv, b"raw", good) == (0, 1), "a batch by hand is taken")
    ok(produced(srv, b"raw", batch([b"x"], crc=1)) == (2, -1), "wrong CRC: CORRUPT_MESSAGE")
    ok(produced(srv, b"raw", good[:-1]) == (87, -1), "a cut batch: INVALID_RECORD, there is none")
    ok(produced(srv, b"raw", good[:20]) == (87, -1), "half a batch header: the same")
    ok(produced(srv, b"raw", good + good) == (87, -1), "two batches for one partition: INVALID_RECORD")
    ok(produced(srv, b"raw", batch([b"x"], count=5)) == (87, -1), "fewer records than the header says: INVALID_RECORD")
    ok(produced(srv, b"nowhere", good) == (3, -1), "unknown topic: UNKNOWN_TOPIC_OR_PARTITION")
    ok(produced(srv, b"bad/name", good) == (3, -1), "a bad topic name is an unknown one: UNKNOWN_TOPIC_OR_PARTITION")
    ok(produced(srv, b"raw", batch([b"x"], attrs=4), version=3) == (76, -1), "zstd before Produce v7: UNSUPPORTED_COMPRESSION_TYPE")
    idem = [batch([b"i%d" % s], pid=77, epoch=0, seq=s) for s in range(4)]
    ok([produced(srv, b"raw", idem[s]) for s in (0, 1, 0, 1, 3)] == [(0, 2), (0, 3), (0, 2), (0, 3), (45, -1)],
       "an idempotent producer's repeats are answered once, gaps refused")
    ok(produced(srv, b"raw", batch([b"e"], pid=77, epoch=1, seq=0)) == (0, 4)
       and produced(srv, b"raw", batch([b"e"], pid=77, epoch=0, seq=2)) == (47, -1), "an older epoch is fenced")
    ok(consume(srv, "raw") == b"first\nsecond\ni0\ni1\ne\n", "only what was acknowledged is there")
    a = Raw(srv).send(frame(18, 99, b"")).answer()
    ok(a[4:] == struct.pack(">hihhh", 35, 1, 18, 0, 4), "ApiVersions too new: error 35 in the first version's form, with the versions of ApiVersions (KIP-511)")
    for name, data in (("100 MB of size", struct.pack(">i", 104857601)), ("negative size", b"\xff\xff\xff\xff"), ("a tiny size", b"\0\0\0\1x"),
                       ("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), ("an unknown API", frame(999, 0, b"")),
                       ("an API version too new", frame(3, 99, b"")), ("a cut body", frame(0, 3, b"\xff\xff\0")),
                       ("an array without end", frame(3, 1, b"\x7f\xff\xff\xff")),
                       ("a string without end", frame(2, 1, b"\0\0\0\0\0\0\0\1\x7f\xff"))):
        ok(Raw(srv).send(data).closed() and alive(srv), f"{name}: hung up, broker alive")
    half = Raw(srv).send(frame(3, 1, b"\xff\xff\xff\xff")[:9])
    half.s.close()
    parked = Raw(srv).send(frame(1, 4, struct.pack(">iiiibi", -1, 60000, 1, 1 << 20, 0, 1) + string(b"raw") + struct.pack(">iiqi", 1, 0, 5, 1 << 20)))
    parked.s.close()
    ok(alive(srv) and produced(srv, b"raw", batch([b"z"]))[0] == 0, "clients that leave in mid-request or mid-wait do no harm")


def memory(srv):
    """Resident MiB."""
    with open(f"/proc/{srv.proc.pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmRSS"))


def many_parts(topic, parts, acks=-1):
    """One Produce request of (partition, records) of one topic."""
    body = b"".join(struct.pack(">ii", p, len(r)) + r for p, r in parts)
    return frame(0, 3, struct.pack(">hhii", -1, acks, 1000, 1) + string(topic) + struct.pack(">i", len(parts)) + body)


def with_greed(srv):
    """Clients that send a lot, and those that ask for a lot and read nothing."""
    ok(produced(srv, b"py", struct.pack(">qiib", 0, 2000000 - 12, 0, 2).ljust(2000000, b"\0"))[0] == 10, "a batch over max.message.bytes is refused by its size: nothing in it is read")
    kafka_admin = admin.KafkaAdminClient(bootstrap_servers=srv.url)
    kafka_admin.create_topics([NewTopic("greed", 8, 1)])
    large = batch([b"x" * 1000000])
    a = Raw(srv).send(many_parts(b"greed", [(p, large) for p in range(8)] + [(8, large), (0, b"junk" * 20)])).answer()
    at, got = 4 + 4 + 2 + 5 + 4, []
    for _ in range(10):
        got.append(struct.unpack(">ihq", a[at:at + 14]))
        at += 4 + 2 + 8 + 8
    ok([g[:2] for g in got] == [(p, 0) for p in range(8)] + [(8, 3), (0, 2)] and {g[2] for g in got[:8]} == {0},
       "a request of 9 MB, appended in pieces, is answered once and in order", got)
    pieces = Raw(srv)
    pieces.send(many_parts(b"greed", [(p, large) for p in range(8)], acks=0)).send(frame(18, 0, b""))
    ok(pieces.answer()[4:6] == b"\0\0", "acks=0 in pieces, and what follows on the connection")
    for _ in range(42):
        assert produced(srv, b"greed", large)[0] == 0
    fetch = frame(1, 4, struct.pack(">iiiibi", -1, 0, 1, 50 << 20, 0, 1) + string(b"greed") + struct.pack(">iiqi", 1, 0, 0, 50 << 20))
    one = Raw(srv).send(fetch).answer()
    ok(1000000 < len(one) < 6 << 20, "one answer has some MiB, however much is asked for", len(one))
    with open(f"/proc/{srv.proc.pid}/maps", encoding="utf-8") as f:
        bound = 400 if "libasan" in f.read() else 40 # which keeps what was freed
    before = memory(srv)
    unread = [Raw(srv).send(fetch * 60) for _ in range(3)]
    for _ in range(200):
        assert alive(srv)
    grown = memory(srv) - before
    ok(grown < bound, "3 x 60 pipelined fetches of 44 MB, unread: an answer each", grown)
    ok(len(unread[0].answer()) == len(one) and len(unread[0].answer()) == len(one), "who reads them then gets them, one after the other")
    for r in unread:
        r.s.close()
    for _ in range(200):
        assert alive(srv)
    grown = memory(srv) - before
    ok(grown < bound, "and it doesn't pile up after they hung up", grown)
    kafka_admin.delete_topics(["greed"])
    kafka_admin.close()


def with_kill():
    srv = Broker()
    p = KafkaProducer(bootstrap_servers=srv.url, acks=1, retries=0, linger_ms=0)
    acked = []
    futures = [p.send("durable", b"%d" % i) for i in range(2000)]
    for i, f in enumerate(futures):
        if i == 1000:
            srv.kill()
        try:
            acked.append((f.get(5).offset, b"%d" % i))
        except errors.KafkaError:
            break
    p.close(timeout=0)
    srv.up()
    srv.url = srv.at["kafka"]
    c = KafkaConsumer(bootstrap_servers=srv.url, consumer_timeout_ms=1000)
    c.assign([TopicPartition("durable", 0)])
    c.seek_to_beginning()
    there = {r.offset: r.value for r in c}
    c.close()
    ok(len(acked) >= 1000 and all(there.get(o) == v for o, v in acked), f"kill -9: all {len(acked)} acknowledged records are there", len(there))
    ok(sorted(there) == list(range(len(there))), "offsets have no gaps after it")
    again = KafkaProducer(bootstrap_servers=srv.url)
    ok(again.send("durable", b"more").get(5).offset == len(there), "and go on where they ended")
    again.close()
    ok(srv.stop() == 0, "a clean end")


def without_auto_create():
    srv = Broker("--set", "kafka.auto_create=false")
    a = Raw(srv).send(frame(3, 1, struct.pack(">i", 1) + string(b"nope"))).answer()
    ok(struct.pack(">h", 3) + string(b"nope") in a, "auto_create=false: UNKNOWN_TOPIC_OR_PARTITION")
    srv.stop()


def post(rest, topic, *values):
    body = {"records": [{"value": v} for v in values]}
    answer = call("POST", f"{rest.url}/topics/{topic}", body, {"Content-Type": "application/vnd.kafka.json.v2+json"})
    return [(o["partition"], o["offset"], o["error_code"]) for o in answer.json()["offsets"]]


def with_remote_log():
    """The REST proxy in a process of its own: it reaches the broker through librdkafka."""
    srv = Broker()
    again = ["--set", f"ports.kafka={srv.port}"]
    rest = Broker("--set", f"remote.kafka={srv.url}", only="rest")
    ok(post(rest, "far", {"a": 1}, {"a": 2}) == [(0, 0, None), (0, 1, None)], "a proxy elsewhere: records through librdkafka")
    ok(consume(srv, "far", "-o", "beginning") == b'{"a":1}\n{"a":2}\n', "and kcat sees them")
    names = call("GET", f"{rest.url}/topics").json()
    there = KafkaConsumer(bootstrap_servers=srv.url)
    ok("far" in names and sorted(names) == sorted(there.topics()), "a proxy elsewhere: topics", names)
    there.close()
    srv.kill()
    srv.flags += again
    srv.up()
    ok(post(rest, "far", {"a": 3}) == [(0, 2, None)], "the broker was killed and came back: the proxy goes on")
    srv.kill()
    srv = Broker(*again)
    got = post(rest, "far", {"a": 4})
    ok(got == [(0, 0, None)], "and with a broker that has forgotten everything", got)
    ok(consume(srv, "far", "-o", "beginning") == b'{"a":4}\n', "each record is there once")
    ok(rest.stop() == 0, "the proxy ends cleanly")


with Broker() as srv:
    with_kcat(srv)
    with_long_poll(srv)
    with_python(srv)
    with_bad_input(srv)
    with_greed(srv)
    ok(srv.stop() == 0, "the broker ends cleanly")
with_kill()
without_auto_create()
with_remote_log()
done()
