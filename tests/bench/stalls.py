#!/usr/bin/python3
"""What one client feels while others do the worst they can: the latency of a GET of four bytes beside each load, and the memory of the
process. A budget that is missed makes the exit code 1. TARN (build/tarn), SECONDS_EACH (3), ONLY (names of loads)."""
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../clients"))
from tarn import BUCKET, TMP, USER, Stack, call, need  # noqa: E402

pymysql = need("pymysql")
P99_MS, MEMORY_MIB = 10, 100
SECONDS = float(os.environ.get("SECONDS_EACH", "3"))
PROBE = os.path.join(TMP, "probe")
GIB = 1 << 30
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1 << 20), hard))
subprocess.run(["gcc", "-O2", "-o", PROBE, os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe.c")], check=True)

s = Stack()
s.s3.create_bucket(Bucket="bench")
s.s3.put_object(Bucket="bench", Key="small", Body=b"four")
HOST, PORT = s.address("aws")


def memory(what="VmRSS"):
    with open(f"/proc/{s.proc.pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(what)) / 1024


def forget_peak():
    with open(f"/proc/{s.proc.pid}/clear_refs", "w", encoding="ascii") as f:
        f.write("5")


class Probe:
    def __enter__(self):
        forget_peak()
        self.p = subprocess.Popen([PROBE, str(PORT), "/bench/small"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        out = self.p.communicate()[0].split()
        self.n, self.p50, self.p99, self.most = int(out[0]), *(int(us) / 1000 for us in out[1:4])


# ---- the loads: each returns when it has done its worst, or after SECONDS ----

def db():
    return pymysql.connect(host="127.0.0.1", port=s.address("rds")[1], user="admin", password="x", database="pinterest_data", autocommit=True,
                           read_timeout=SECONDS)


def statements(n, *sql):
    def one():
        try:
            with db().cursor() as c:
                for text in sql:
                    c.execute(text)
        except pymysql.Error:
            pass
    threads = [threading.Thread(target=one) for _ in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def endless():
    statements(1, "SET cte_max_recursion_depth = 4294967295", "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t) SELECT COUNT(*) FROM t")


def endless_eight():
    statements(8, "SET cte_max_recursion_depth = 4294967295", "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t) SELECT COUNT(*) FROM t")


def join():
    statements(1, "SELECT COUNT(*) FROM pinterest_data a JOIN pinterest_data b ON a.title <> b.title")


def rows_unread():
    c = db()
    c._execute_command(3, "SELECT * FROM user_data JOIN geolocation_data")  # nothing is read of the 124 million rows
    time.sleep(SECONDS)
    c._force_close()


def put():
    with socket.create_connection((HOST, PORT)) as c:
        c.sendall(f"PUT /bench/big HTTP/1.1\r\nHost: localhost\r\nContent-Length: {GIB}\r\n\r\n".encode())
        piece = os.urandom(1 << 20)
        for _ in range(GIB >> 20):
            c.sendall(piece)
        assert b" 200 " in c.recv(4096), "PUT of 1 GiB"


def get():
    with socket.create_connection((HOST, PORT)) as c:
        c.sendall(b"GET /bench/big HTTP/1.1\r\nHost: localhost\r\n\r\n")
        n, room = 0, bytearray(1 << 20)
        while n < GIB:
            got = c.recv_into(room)
            assert got, "GET of 1 GiB"
            n += got


def unread():
    many = [socket.create_connection((HOST, PORT)) for _ in range(20)]
    for c in many:
        c.sendall(b"GET /bench/big HTTP/1.1\r\nHost: localhost\r\n\r\n")
    time.sleep(SECONDS)


def copy():
    s.s3.copy_object(Bucket="bench", Key="copy", CopySource="bench/big")


def clean():
    s.answer("clean")


def optimize():
    s.answer("sql", "OPTIMIZE pin")


def delete_stream():
    s.client("kinesis").delete_stream(StreamName="long")
    time.sleep(SECONDS)


def log_lines():
    k, batch = s.client("logs"), [{"timestamp": int(time.time() * 1000), "message": "x" * 78} for _ in range(10000)]
    k.create_log_group(logGroupName="long")
    k.create_log_stream(logGroupName="long", logStreamName="s")
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        k.put_log_events(logGroupName="long", logStreamName="s", logEvents=batch)
        assert len(k.get_log_events(logGroupName="long", logStreamName="s")["events"]) == 10000


def idle():
    many = [socket.create_connection((HOST, PORT)) for _ in range(9000)]
    time.sleep(SECONDS)
    return many


def slow(name):
    def load():
        host, port = s.address(name)
        many = [socket.create_connection((host, port)) for _ in range(4500)]
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for c in many:
                try:
                    c.send(b"\0" if name in ("rds", "kafka") else b"G")
                except OSError:
                    pass
        return many
    return load


# ---- what they need ----

def posts(first, n):
    one = {"index": 1, "unique_id": "a", "title": "A title of some length", "description": "d" * 100, "poster_name": "p", "follower_count": "10k",
           "tag_list": "a,b", "is_image_or_video": "image", "image_src": "s", "downloaded": 1, "save_location": "Local save in /x", "category": "art"}
    return [{**one, "index": first + k} for k in range(n)]


def rows():
    """A million posts of one topic, in objects of ten thousand."""
    for i in range(100):
        s.put_rows("pin", i * 10000, posts(i * 10000, 10000))


def stream():
    k = s.client("kinesis")
    k.create_stream(StreamName="long", ShardCount=4)
    k.get_waiter("stream_exists").wait(StreamName="long", WaiterConfig={"Delay": 1})
    batch = [{"Data": b"x" * 100, "PartitionKey": str(i)} for i in range(500)]
    for _ in range(200):
        k.put_records(StreamName="long", Records=batch)


def files():
    """The table of a million rows, and ten runs that added a little."""
    for i in range(10):
        s.put_rows("pin", (100 + i) * 10000, posts((100 + i) * 10000, 2000))
        s.answer("clean")


LOADS = [("idle", None, lambda: time.sleep(SECONDS)), ("an endless recursive statement", None, endless), ("eight of them", None, endless_eight),
         ("a join of 11,154 by 11,154", None, join), ("124 million rows that nobody reads", None, rows_unread), ("PUT of 1 GiB", None, put),
         ("GET of 1 GiB", None, get), ("20 GETs of 1 GiB that nobody reads", None, unread), ("COPY of 1 GiB", None, copy),
         ("DeleteStream of 100,000 records", stream, delete_stream),
         ("log lines, 10,000 at a time", None, log_lines),
         ("9,000 idle connections", None, idle), *((f"4,500 slow ones on {name}", None, slow(name)) for name in ("aws", "rest", "rds", "kafka", "control")),
         ("a clean of 1,000,000 rows", rows, clean), ("OPTIMIZE of the table", files, optimize)]

only, missed = os.environ.get("ONLY"), False
print(f"one client's GET of 4 bytes beside each load: budget p99 <= {P99_MS} ms, memory <= {MEMORY_MIB} MiB")
for name, prepare, load in LOADS:
    if only and not any(word in name for word in only.split(",")):
        continue
    if prepare:
        prepare()
    why = ""
    with Probe() as p:
        began = time.monotonic()
        try:
            held = load()
        except Exception as e:  # the load itself failed: said, and counted as missed
            held, why = None, f"  FAILED: {type(e).__name__} {e}"[:160]
        took = time.monotonic() - began
    peak = memory("VmHWM")
    bad = p.p99 > P99_MS or peak > MEMORY_MIB or why
    missed = missed or bool(bad)
    print(f"{name:36} {took:6.1f} s  {p.n:6d} GETs  p50 {p.p50:6.2f}  p99 {p.p99:7.2f}  most {p.most:8.2f} ms  {peak:7.1f} MiB  "
          f"{'MISSED' if bad else 'ok'}{why}", flush=True)
    for c in held or ():
        c.close()
s.stop()
sys.exit(missed)
