#!/usr/bin/python3
"""What a broker's log says to records of all kinds, right and wrong: (name, answer) pairs, to be compared with what Kafka's own broker said.
kafka_log_cases.py PORT [old] prints them: so the recordings kafka_log_*.txt were made."""
import gzip
import re
import sys
import time

from kafka_wire import Wire, batch, heads, message, messages, rec, varint, wrapped

ONE = rec(b"k", b"v")


def three(**odd):
    return batch([rec(b"k", b"v%d" % i, i, i) for i in range(3)], **odd)


def raw(codec, body, count=1):
    return batch([], raw=body, codec=codec, count=count)


def odd_batches():
    yield "not gzip", raw(1, b"notgzip")
    yield "gzip, count 3 of 1", batch([ONE], codec=1, count=3)
    yield "gzip, count 1 of 3", batch([ONE, ONE, ONE], codec=1, count=1)
    yield "gzip, bytes after the records", raw(1, gzip.compress(ONE + b"\0\0"))
    yield "gzip, bytes after the stream", raw(1, gzip.compress(ONE) + b"xx")
    yield "gzip, two members", raw(1, gzip.compress(ONE) + gzip.compress(rec(b"k", b"v", 0, 1)), 2)
    yield "gzip, cut", raw(1, gzip.compress(ONE)[:-9])
    yield "not snappy", raw(2, b"notsnappy")
    yield "not lz4", raw(3, b"notlz4xxxxxxxxxxxxxxxxxxx")
    yield "not zstd", raw(4, b"notzstdxxxxxxxxxxxxxxxxxxx")
    yield "codec 5", raw(5, b"x")
    yield "codec 7", batch([ONE], attr=7)
    yield "gzip", three(codec=1)
    yield "checksum", three(crc=5)
    yield "no records", batch([])
    yield "count -1", three(count=-1, last=2)
    yield "last 5", three(last=5)
    yield "last -3", three(last=-3)
    yield "count 2", three(count=2, last=1)
    yield "count 4", three(count=4, last=3)
    yield "offsets 0 0 0", batch([ONE, ONE, ONE])
    yield "offsets 0 0 0, gzip", batch([ONE, ONE, ONE], codec=1)
    yield "offsets 2 1 0", batch([rec(b"k", b"v", 0, i) for i in (2, 1, 0)])
    yield "base 7", three(base=7)
    yield "control", three(attr=32)
    yield "pid without sequence", three(pid=5, epoch=0)
    yield "LogAppendTime", three(attr=8)
    yield "LogAppendTime, no time", three(attr=8, ts=-1, max_ts=-1)
    yield "attributes to come", three(attr=0x4000)
    yield "a record's attributes", batch([rec(b"k", b"v", attributes=3)])
    yield "max timestamp too low", three(max_ts=5)
    yield "max timestamp too high", three(max_ts=int(time.time() * 1000) + 10 ** 9)
    yield "two batches", three() + three()
    yield "four bytes more", three() + b"junk"
    yield "cut", three()[:-3]
    yield "nothing", b""
    yield "five bytes", b"12345"
    yield "magic 3", three(magic=3)
    yield "magic 1", message(1, b"k", b"v", 5)
    yield "a record cut", raw(0, ONE[:-1])
    yield "bytes after the records", raw(0, ONE + b"\0")
    yield "bytes after a record's headers", raw(0, b"\x10" + ONE[1:] + b"\0")
    yield "headers -1", raw(0, varint(7) + b"\0\0\0" + varint(1) + b"k" + varint(-1) + varint(-1))
    yield "a header without name", raw(0, varint(9) + b"\0\0\0" + varint(1) + b"k" + varint(-1) + varint(1) + varint(-1) + varint(-1))


def produce(k, now):
    configs = {"plain": {}, "compact": {"cleanup_policy": "compact"}, "both": {"cleanup_policy": "compact,delete"},
               "append": {"message_timestamp_type": "LogAppendTime"}, "small": {"max_message_bytes": 200}, "segment": {"segment_bytes": 1048576},
               "limits": {"message_timestamp_before_max_ms": 1000, "message_timestamp_after_max_ms": 1000},
               "gzip": {"compression_type": "gzip"}, "snappy": {"compression_type": "snappy"}, "lz4": {"compression_type": "lz4"},
               "zstd": {"compression_type": "zstd"}, "uncompressed": {"compression_type": "uncompressed"}, "insync": {"min_insync_replicas": 2}}
    for name, c in configs.items():
        yield "create " + name, k.create(name, **c)
    time.sleep(0.5)
    for version in (3, 7, 8, 9):
        yield f"produce v{version}", k.produce("plain", three(), version)
    for name, records in odd_batches():
        yield name, k.produce("plain", records)
    yield "zstd before v7", k.produce("plain", raw(4, b"x"), 3)
    yield "kept", heads(k.fetch("plain", 0)[1])
    yield "LogAppendTime where it is", k.produce("append", three(attr=8))
    keyless = [rec(b"k" if i == 2 else None, b"v", 0, i) for i in range(5)]
    for topic in ("compact", "both"):
        yield "no key, " + topic, k.produce(topic, batch(keyless))
    yield "no key, gzip", k.produce("compact", batch([rec(None, b"v")], codec=1))
    yield "no key, v7", k.produce("compact", batch(keyless), 7)
    yield "an empty key", k.produce("compact", batch([rec(b"", b"v")]))
    yield "an old record of two", k.produce("limits", batch([rec(b"k", b"v", -5000, 0), rec(b"k", b"v", 0, 1)]))
    yield "of 1970", k.produce("limits", batch([ONE], ts=1000))
    yield "of next week", k.produce("limits", batch([ONE], ts=now + 604800000))
    yield "without time", k.produce("limits", batch([ONE], ts=-1))
    yield "of next week, no limits set", k.produce("plain", batch([ONE], ts=now + 604800000))
    yield "too large", k.produce("small", batch([rec(b"k", b"x" * 400)]))
    yield "too large, but for gzip", k.produce("small", batch([rec(b"k", b"x" * 400)], codec=1))
    yield "gzip is opened", k.produce("uncompressed", batch([rec(b"k", b"x" * 400)], codec=1))
    yield "gzip was opened", heads(k.fetch("uncompressed", 0)[1])
    yield "append time", k.produce("append", three(ts=1000))
    yield "append time, gzip", k.produce("append", three(ts=1000, codec=1))
    yield "append time kept", heads(k.fetch("append", 0)[1])
    for codec in ("gzip", "snappy", "lz4", "zstd"):
        yield "into " + codec, (k.produce(codec, three(ts=now)), k.produce(codec, three(ts=now, codec=1)), heads(k.fetch(codec, 0)[1]))
    for acks in (1, -1, 2):
        yield f"acks {acks}", k.produce("insync", three(), acks=acks)
    for topic, part in (("plain", 9), ("plain", -1), ("nosuch.x", 0), ("a b", 0)):
        yield f"{topic} {part}", k.produce(topic, three(), part=part)


def seek(k, now):
    k.create("seek")
    time.sleep(0.5)
    for i in range(8):
        k.produce("seek", batch([ONE], ts=now - 100 + i * 10))
    times = {"latest": -1, "earliest": -2, "newest": -3, "local": -4, "tiered": -5, "-6": -6, "25 ms": now - 75, "20 ms": now - 80, "later": now + 10 ** 7,
             "1970": 0, "-100": -100}
    for version in range(1, 11):
        for name, ts in times.items():
            yield f"ListOffsets v{version} {name}", k.offsets("seek", ts, version)
    yield "its epoch", k.offsets("seek", -1, epoch=0)
    yield "another epoch", k.offsets("seek", -1, epoch=9)
    yield "ListOffsets of no partition", k.offsets("seek", -1, part=7)
    yield "ListOffsets of no topic", k.offsets("nosuch.x", -1)
    yield "committed", k.offsets("seek", -1, isolation=1)
    yield "isolation 5", k.offsets("seek", -1, isolation=5)
    for epoch in (-1, 0, 1, 5):
        yield f"end of epoch {epoch}", k.epoch_end("seek", epoch)
    for current in (0, 3):
        yield f"end, current {current}", k.epoch_end("seek", 0, current)
    yield "end of no topic", k.epoch_end("nosuch.x", 0)
    yield "end of no partition", k.epoch_end("seek", 0, part=9)


def delete(k, now):
    for topic, offset, part in (("seek", 3, 0), ("seek", 2, 0), ("seek", 3, 0), ("seek", 9, 0), ("seek", -2, 0), ("seek", 1, 9), ("nosuch.x", 1, 0),
                                ("compact", 1, 0), ("both", 0, 0), ("a b", 0, 0)):
        yield f"DeleteRecords {topic} {offset} {part}", k.delete_records(topic, offset, part)
    for offset in (0, 2, 3, 8, 9, -1):
        answer, records = k.fetch("seek", offset)
        yield f"fetch from {offset}", (answer, [h["base"] for h in heads(records)])
    yield "earliest after it", k.offsets("seek", -2)
    yield "by time after it", k.offsets("seek", now - 100)
    yield "DeleteRecords all", k.delete_records("seek", -1)
    yield "fetch at the end", k.fetch("seek", 8)
    yield "produce after it", k.produce("seek", three())
    yield "by time from the end", k.offsets("seek", now - 100)
    k.create("inside")
    time.sleep(0.3)
    yield "one batch", k.produce("inside", batch([rec(b"k", b"v", i * 10, i) for i in range(5)], ts=now, max_ts=now + 40))
    yield "DeleteRecords within it", k.delete_records("inside", 2)
    yield "fetch within it", (k.fetch("inside", 2)[0], [h["base"] for h in heads(k.fetch("inside", 2)[1])])
    yield "fetch before that", k.fetch("inside", 1)
    for d in (0, 5, 10, 20, 25, 40, 41):
        yield f"within it, {d} ms", k.offsets("inside", now + d)
    yield "the newest within it", k.offsets("inside", -3)


def old_sets(now):
    both = message(1, b"k", b"a", now, offset=0) + message(1, b"k", b"b", now + 1, offset=1)
    yield "two of magic 0", message(0, b"k", b"a") + message(0, b"k", b"b")
    yield "magic 0 and 1", message(0, b"k", b"a") + message(1, b"k", b"b", now)
    yield "a message's checksum", message(1, b"k", b"a", now, crc=4)
    yield "a message cut", message(1, b"k", b"a", now)[:-2]
    yield "a message, and one cut", message(1, b"k", b"a", now) + message(1, b"k", b"a", now)[:-2]
    yield "neither key nor value", message(1, None, None, now)
    yield "a message's attributes", message(1, b"k", b"x", now, attr=8)
    yield "a message without time", message(1, b"k", b"x", -1)
    yield "no message", b""
    yield "compressed, magic 0", wrapped(0, message(0, b"k", b"a") + message(0, b"k", b"b", offset=1))
    yield "compressed, magic 1", wrapped(1, both, now + 1)
    yield "compressed, other offsets", wrapped(1, message(1, b"k", b"a", now, offset=5) + message(1, b"k", b"b", now + 1, offset=9), now + 1)
    yield "magic 0 in 1", wrapped(1, message(0, b"k", b"a"))
    yield "checksum inside", wrapped(1, message(1, b"k", b"a", now, crc=1))
    yield "not gzip in a message", message(1, None, b"notgzip", now, attr=1)
    yield "compressed null", message(1, None, None, now, attr=1)
    yield "compressed nothing", wrapped(1, b"")
    yield "compressed twice", wrapped(1, wrapped(1, message(1, b"k", b"a", now)))
    yield "two compressed", wrapped(1, both, now) + wrapped(1, both, now)
    yield "compressed, and one more", wrapped(1, both, now) + message(1, b"k", b"b", now)
    yield "one, and compressed", message(1, b"k", b"b", now) + wrapped(1, both, now)
    yield "zstd in a message", message(1, None, b"x", now, attr=4)
    yield "codec 5 in a message", message(1, None, b"x", now, attr=5)


def old(k, now):
    """Message formats before batches; only 3.9 and before take them."""
    configs = {"old": {}, "oldsegments": {"segment_bytes": 200}, "oldappend": {"message_timestamp_type": "LogAppendTime"},
               "oldcompact": {"cleanup_policy": "compact"}, "oldsmall": {"max_message_bytes": 100}, "oldlimits": {"message_timestamp_before_max_ms": 1000},
               "olddown": {"message_downconversion_enable": "false"}, "oldgzip": {"compression_type": "gzip"}, "oldmixed": {}}
    for name, c in configs.items():
        yield "create " + name, k.create(name, **c)
    time.sleep(0.5)
    for version in (0, 1, 2, 3):
        for magic in (0, 1):
            yield f"magic {magic} v{version}", k.produce("old", message(magic, b"k", b"v", now), version)
    yield "a batch v2", k.produce("old", batch([ONE], ts=now), 2)
    yield "a batch v0", k.produce("old", batch([ONE], ts=now), 0)
    for name, records in old_sets(now):
        yield name, k.produce("old", records, 2)
    for topic, records in (("oldappend", message(1, b"k", b"x", 1000)), ("oldcompact", message(1, None, b"v", now)),
                           ("oldsmall", message(1, b"k", b"x" * 100, now)), ("oldsmall", 2 * message(1, b"k", b"x" * 50, now)),
                           ("oldlimits", message(1, b"k", b"x", 1000)), ("oldgzip", 2 * message(1, b"k", b"x", now))):
        yield f"{topic} {len(records)}", k.produce(topic, records, 2)
    for topic in ("old", "oldappend", "oldgzip"):
        for version in (0, 2, 3):
            answer, records = k.fetch(topic, 0, version)
            yield f"fetch {topic} v{version}", (answer, messages(records))
        yield f"fetch {topic} v4", heads(k.fetch(topic, 0, 4)[1])
    k.produce("oldmixed", batch([rec(b"k%d" % i, b"v", i, i, ((b"h", b"1"),)) for i in range(3)], ts=now))
    k.produce("oldmixed", batch([rec(b"a", None, i, i) for i in range(2)], ts=now))
    for offset in range(1, 5):
        for version in (0, 3):
            answer, records = k.fetch("oldmixed", offset, version)
            yield f"fetch a batch v{version} from {offset}", (answer, messages(records))
    k.produce("olddown", batch([ONE], ts=now))
    yield "no old messages", k.fetch("olddown", 0, 3)
    yield "but batches", k.fetch("olddown", 0, 4)[0]
    for i in range(4):
        k.produce("oldsegments", batch([rec(b"k", b"x" * 60)], ts=now))
    for name, ts in (("latest", -1), ("earliest", -2), ("newest", -3), ("later", now + 10 ** 8), ("1970", 0)):
        for most in (0, 1, 2, 5):
            yield f"ListOffsets v0 {name} {most}", k.offsets("oldsegments", ts, 0, most=most)
    yield "ListOffsets v0 of no partition", k.offsets("oldsegments", -1, 0, part=9)


def plain(value, now):
    """Times become words."""
    def word(m):
        n = int(m.group())
        return "<now>" if abs(n - now) < 100000 else "<soon>" if abs(n - now) < 10 ** 10 else "<min>" if n < -9 * 10 ** 18 else m.group()
    return re.sub(r"-?\b\d{13,}\b", word, repr(value))


def cases(port, which):
    now = int(time.time() * 1000)
    k = Wire("127.0.0.1", port)
    for part in (old,) if which == "old" else (produce, seek, delete):
        for name, value in part(k, now):
            yield name, plain(value, now)


if __name__ == "__main__":
    for case in cases(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "new"):
        print("%s\t%s" % case, flush=True)
