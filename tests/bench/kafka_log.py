#!/usr/bin/python3
"""kafka_log.py HOST:PORT PID: what the broker's log costs, as `name value unit` lines: CPU of process PID a record of 100 bytes, produced and
consumed in batches of 16 KB, and a single record whose acknowledgement is waited for; how long 10,000 partitions take to be made; the memory
of 10,000 idle connections. Frames by hand, so that no client is measured."""
import os
import resource
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../clients"))
from kafka_wire import crc32c, varint  # noqa: E402

host, port = sys.argv[1].split(":")
pid = int(sys.argv[2])


def cpu_us():
    with open(f"/proc/{pid}/schedstat") as f:
        at = int(f.read().split()[0]) / 1000
    for task in os.listdir(f"/proc/{pid}/task"):
        if int(task) != pid:
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                at += int(f.read().split()[0]) / 1000
    return at


def rss_kb():
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


LOG = b"log-%d" % os.getpid()


def batch(n):
    body = b""
    for i in range(n):
        r = b"\0" + varint(0) + varint(i) + b"\x01" + varint(100) + b"v" * 100 + b"\0"
        body += varint(len(r)) + r
    now = int(time.time() * 1000)
    tail = struct.pack(">hiqqqhii", 0, n - 1, now, now, -1, -1, -1, n) + body
    m = struct.pack(">ibI", -1, 2, crc32c(tail)) + tail
    return struct.pack(">qi", 0, len(m)) + m


def text(s):
    return struct.pack(">h", len(s)) + s


def frame(key, version, body):
    m = struct.pack(">hhi", key, version, 7) + text(b"bench") + body
    return struct.pack(">i", len(m)) + m


def connect():
    s = socket.create_connection((host, int(port)), 60)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def exactly(s, n):
    got = bytearray()
    while len(got) < n:
        piece = s.recv(n - len(got))
        if not piece:
            raise EOFError
        got += piece
    return bytes(got)


def answer(s):
    return exactly(s, struct.unpack(">i", exactly(s, 4))[0])


def ask(s, key, version, body):
    s.sendall(frame(key, version, body))
    return answer(s)


def create(s, topic, partitions):
    got = ask(s, 19, 1, struct.pack(">i", 1) + text(topic) + struct.pack(">ihiiib", partitions, 1, 0, 0, 60000, 0))
    assert struct.unpack(">h", got[10 + len(topic):12 + len(topic)])[0] == 0, got


def produce(topic, records):
    return frame(0, 3, struct.pack(">hhii", -1, -1, 30000, 1) + text(topic) + struct.pack(">iii", 1, 0, len(records)) + records)


def produced(got, topic):
    at = 4 + 4 + 2 + len(topic) + 4 + 4
    assert struct.unpack(">h", got[at:at + 2])[0] == 0, got


def fetch(topic, offset):
    return struct.pack(">iiiibi", -1, 0, 1, 4 << 20, 0, 1) + text(topic) + struct.pack(">iiqi", 1, 0, offset, 4 << 20)


def consume(s, end):
    offset = 0
    while offset < end:
        got = ask(s, 1, 4, fetch(LOG, offset))
        records = got[4 + 4 + 4 + 2 + len(LOG) + 4 + 4 + 2 + 8 + 8 + 4 + 4:]
        while len(records) >= 61 and len(records) >= 12 + struct.unpack(">i", records[8:12])[0]:
            offset = struct.unpack(">q", records[:8])[0] + struct.unpack(">i", records[23:27])[0] + 1
            records = records[12 + struct.unpack(">i", records[8:12])[0]:]


def main():
    s = connect()
    create(s, LOG, 1)
    many, batches, window = 148, 4000, 20
    request = produce(LOG, batch(many))
    for _ in range(50):
        s.sendall(request)
        produced(answer(s), LOG)
    began = cpu_us()
    for i in range(batches + window):
        if i < batches:
            s.sendall(request)
        if i >= window:
            produced(answer(s), LOG)
    print(f"produce {(cpu_us() - began) / batches / many:.3f} us/record")
    end = many * (batches + 50)
    consume(s, end)  # what was written goes from the log into the database meanwhile
    began = cpu_us()
    consume(s, end)
    print(f"consume {(cpu_us() - began) / end:.3f} us/record")
    one = produce(LOG, batch(1))
    began = cpu_us()
    for _ in range(3000):
        s.sendall(one)
        produced(answer(s), LOG)
    print(f"single {(cpu_us() - began) / 3000:.1f} us")
    began = time.perf_counter()
    create(s, b"wide-%d" % os.getpid(), 10000)
    print(f"partitions {(time.perf_counter() - began) * 1000:.0f} ms")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open(f"/proc/{pid}/limits") as f:
        theirs = next(int(line.split()[3]) for line in f if line.startswith("Max open files"))
    n = min(10000, hard - 100, theirs - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, n + 100), hard))
    before = rss_kb()
    idle = [connect() for _ in range(n)]
    for c in idle:
        c.sendall(frame(18, 0, b""))
    for c in idle:
        answer(c)
    print(f"idle {(rss_kb() - before) / 1024 * 10000 / n:.1f} MB/10,000")


main()
