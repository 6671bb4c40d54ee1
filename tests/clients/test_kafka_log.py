#!/usr/bin/python3
"""The broker's log beside Kafka's own: every answer to kafka_log_cases.py equals what brokers of 4.0.0 and (old formats) 3.9.1 answered,
kafka_log_4.0.0.txt and kafka_log_3.9.1.txt. Then what happens by the clock: retention, compaction; and compressed batches that take long."""
import gzip
import os
import struct
import time

from kafka_log_cases import ONE, cases
from kafka_wire import Wire, batch, heads, rec, text
from tarn import ROOT, Stack, done, ok, parts, same

srv = Stack(only="kafka")
host, port = srv.address("kafka")


def recorded(name):
    with open(os.path.join(ROOT, "tests/clients", name), encoding="utf-8") as f:
        return [tuple(line.rstrip("\n").split("\t")) for line in f]


def as_kafka():
    for which, name in (("new", "kafka_log_4.0.0.txt"), ("old", "kafka_log_3.9.1.txt")):
        want = recorded(name)
        got = list(cases(port, which))
        same([n for n, _ in got], [n for n, _ in want], f"{name}: all cases")
        for (case, value), (_, answer) in zip(got, want):
            same(value, answer, f"{name}: {case}")


def by_the_clock():
    k = Wire(host, port)
    same(k.create("aged", retention_ms=1000, segment_ms=1000), (0, None), "a topic whose records age fast")
    k.create("table", cleanup_policy="compact", segment_ms=1000, min_cleanable_dirty_ratio=0.01)
    for _ in range(5):
        k.produce("aged", batch([ONE]))
    for value in (b"1", b"2", None):
        k.produce("table", batch([rec(b"a", value), rec(b"b", b"x", 0, 1)]))
    same((k.offsets("aged", -2)[2], k.offsets("aged", -1)[2]), (0, 5), "they are there")
    srv.clock("freeze")
    srv.clock("advance 16d")
    same((k.offsets("aged", -2)[2], k.offsets("aged", -1)[2]), (5, 5), "and sixteen days later they aren't")
    now = int(time.time() * 1000) + 16 * 86400000
    k.produce("table", batch([ONE], ts=now))
    srv.clock("advance 1m")
    kept = [(h["base"], h["count"]) for h in heads(k.fetch("table", 0)[1])]
    same(kept, [(4, 2), (6, 1)], "of a compacted topic the last of each key are left, the tombstone too")
    k.produce("table", batch([rec(b"c", b"x")], ts=now + 10000))
    srv.clock("advance 2d")
    kept = [(h["base"], h["count"]) for h in heads(k.fetch("table", 0)[1])]
    same(kept[0], (4, 1), "and two days later without the tombstone")
    srv.clock("resume")


def long_batches():
    """What is large when decompressed is looked at in a job: the broker answers others meanwhile."""
    k, other = Wire(host, port), Wire(host, port)
    k.create("long", max_message_bytes=20000000)
    good = batch([rec(b"k", os.urandom(1000), 0, i) for i in range(3000)], codec=1)
    bad = batch([], raw=gzip.compress(os.urandom(3000000))[:-100], codec=1, count=1)
    same(k.produce("long", good)[:2], (0, 0), "three megabytes")
    same(k.produce("long", bad)[:2], (-1, -1), "three megabytes that end too early")
    same(k.produce("long", good)[:2], (0, 3000), "and again")
    same(other.offsets("long", -1)[2], 6000, "another client reads")
    same(k.produce("long", batch([], raw=gzip.compress(bytes(50000000)), codec=1, count=1))[:2], (10, -1), "a bomb is refused")
    ok(srv.alive(), "and the broker lives")


def half_a_request():
    """A request whose second batch is looked at in a job: the commit of the first fails meanwhile, and nobody says that it is there."""
    k = Wire(host, port)
    k.create("halves", 2, max_message_bytes=20000000)
    plain, long = batch([ONE]), batch([rec(b"k", os.urandom(1000), 0, i) for i in range(3000)], codec=1)
    srv.fault("kafka.store io on=1")
    body = text(None) + struct.pack(">hii", 1, 3000, 1) + text("halves") + struct.pack(">i", 2)
    said = k.ask(0, 8, body + b"".join(struct.pack(">ii", part, len(b)) + b for part, b in enumerate((plain, long))))
    srv.faults_clear()
    same((said, k.offsets("halves", -1)[2]), (None, 0), "what a failed commit took back isn't acknowledged with the rest of its request")


parts(as_kafka, by_the_clock, long_batches, half_a_request)
done()
