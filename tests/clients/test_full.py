#!/usr/bin/python3
"""A full disk: what is there is read and deleted, what would grow gets its service's own error at once, a start serves reads, and with
room all works again. The disk is a small tmpfs in a namespace of this test's own."""
import base64
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
import zlib

INSIDE = "TARN_TEST_FULL"
if INSIDE not in os.environ:
    unshare = shutil.which("unshare")
    alone = [unshare or "unshare", "-Urm", "--", "sh", "-c", 'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"']
    there = os.path.join("/tmp", f"tarn-full-{os.getpid()}")
    os.mkdir(there)
    try:
        if not unshare or subprocess.run([*alone, there, "true"], capture_output=True).returncode:
            print("SKIP: no namespace with a disk of its own (unshare -Urm) is allowed here")
            sys.exit(77)
        sys.exit(subprocess.run([*alone, there, sys.executable, *sys.argv], env={**os.environ, INSIDE: there}).returncode)
    finally:
        os.rmdir(there)

import load # noqa: E402
from tarn import USER, Stack, call, done, ok, same # noqa: E402

try:
    import pymysql
except ImportError:
    pymysql = None

DISK = os.environ[INSIDE]
DATA = os.path.join(DISK, "data")
FILLER = os.path.join(DISK, "filler")


def fill():
    """To the last byte, whatever tarn gives up meanwhile."""
    with open(FILLER, "ab", buffering=0) as f:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    f.write(b"x" * size)
            except OSError:
                pass
    s = os.statvfs(DISK)
    same(s.f_bavail, 0, "the disk is full")


def quick(name, what, least=5):
    began = time.monotonic()
    r = what()
    ok(time.monotonic() - began < least, f"{name}: at once", time.monotonic() - began)
    return r


def put(srv, key, n=3000):
    return quick("S3", lambda: call("PUT", f"{srv.at['aws']}/load/{key}", b"x" * n))


def kinesis(srv, operation, body):
    r = quick("Kinesis", lambda: call("POST", srv.at["aws"], body, {**load.scope("kinesis"), "X-Amz-Target": f"Kinesis_20131202.{operation}",
                                                                     "Content-Type": "application/x-amz-json-1.1"}))
    return r.status, r.json() if r.text else {}


def rest(srv):
    return quick("REST", lambda: call("POST", f"{srv.at['rest']}/topics/{USER}.geo", {"records": [{"value": {"ind": 1}}]}, load.JSON2))


def string(s):
    return struct.pack(">h", len(s)) + s


def mysql(srv, *statements):
    """The number of the error of each, or what it gave; in one session."""
    if not pymysql:
        return None
    c = pymysql.connect(host="127.0.0.1", port=srv.address("rds")[1], user="u", password="p", database="pinterest_data", autocommit=True)
    got = []
    for sql in statements:
        cur = c.cursor()
        try:
            quick("MySQL", lambda cur=cur, sql=sql: cur.execute(sql))
            got.append(cur.fetchall() if cur.description else cur.rowcount)
        except pymysql.MySQLError as e:
            got.append(e.args[0])
    c.close()
    return got


def produce(srv):
    """The error of a Produce (version 2) of one old message set."""
    message = struct.pack(">bbqi", 1, 0, 1000, -1) + struct.pack(">i", 1) + b"v"
    message = struct.pack(">I", zlib.crc32(message)) + message
    batch = struct.pack(">qi", 0, len(message)) + message
    body = struct.pack(">hii", 1, 5000, 1) + string(f"{USER}.pin".encode()) + struct.pack(">iii", 1, 0, len(batch)) + batch
    frame = struct.pack(">hhi", 0, 2, 1) + string(b"t") + body
    with socket.create_connection(srv.address("kafka"), 10) as s:
        s.sendall(struct.pack(">i", len(frame)) + frame)
        s.settimeout(10)
        answer = b""
        while len(answer) < 4 or len(answer) < 4 + struct.unpack(">i", answer[:4])[0]:
            answer += s.recv(4096)
    return struct.unpack(">h", answer[4 + 4 + 4 + 2 + len(USER) + 4 + 4 + 4:][:2])[0]


def records(srv):
    total = 0
    for shard in (0, 1):
        it = kinesis(srv, "GetShardIterator", {"StreamName": "load", "ShardId": f"shardId-{shard:012d}", "ShardIteratorType": "TRIM_HORIZON"})[1]
        total += len(kinesis(srv, "GetRecords", {"ShardIterator": it["ShardIterator"]})[1]["Records"])
    return total


def reads(srv, when):
    same(call("GET", f"{srv.at['aws']}/load/one").body, b"x" * 3000, f"{when}: S3 reads")
    same(records(srv), 1, f"{when}: Kinesis reads")
    same(call("GET", srv.at["rest"] + "/topics").status, 200, f"{when}: REST reads")
    same(call("GET", srv.at["airflow"] + "/api/v1/dags").status, 200, f"{when}: Airflow reads")


def no_room(srv, when, deleted=0):
    r = put(srv, "two")
    same((r.status, "<Code>InternalError</Code>" in r.text), (500, True), f"{when}: S3 PUT")
    r = put(srv, "large", 3 << 20)
    same((r.status, "<Code>InternalError</Code>" in r.text), (500, True), f"{when}: S3 PUT of 3 MiB")
    status, answer = kinesis(srv, "PutRecord", {"StreamName": "load", "PartitionKey": "k", "Data": "eA=="})
    same((status, answer.get("__type")), (500, "InternalFailure"), f"{when}: Kinesis PutRecord")
    same(produce(srv), 56, f"{when}: Kafka produce is KAFKA_STORAGE_ERROR")
    r = rest(srv)
    ok("Disk error" in r.text, f"{when}: REST says why", f"{r.status} {r.text}")
    if pymysql:
        same(mysql(srv, "INSERT INTO room VALUES (3, 'x')", "BEGIN", "UPDATE room SET v='y'", "ROLLBACK", "CREATE TABLE more (a INT)",
                   "SELECT COUNT(*) FROM room", "DELETE FROM room WHERE id=2", "INSERT INTO room SELECT ind, 'x' FROM user_data", "SELECT 1"),
             [1021, 0, 1021, 0, 1021, ((2 - deleted,),), 1 - deleted, 1021, ((1,),)], f"{when}: MySQL's 1021, and the session goes on")
    reads(srv, when)


def commit_fails(srv):
    """The reserve is used up as well: what can't be committed is answered with an error, and isn't there."""
    fill()
    api = srv.at["airflow"] + "/api/v1/variables"
    good, r = [], None
    for n in range(100):
        r = call("POST", api, {"key": f"v{n}", "value": str(n) * 50000}, {"Content-Type": "application/json"})
        if r.status != 200:
            break
        good.append(f"v{n}")
    same((r.status, r.headers["Content-Type"], r.json()["title"]), (500, "application/problem+json", "Internal Server Error"),
         f"Airflow: a commit that fails after {len(good)} that didn't is an error of its own")
    reads(srv, "nothing left")
    kept = {v["key"] for v in call("GET", api + "?limit=100").json()["variables"]}
    ok(set(good) <= kept, "nothing answered is lost", f"{good} {kept}")


def writes(srv, when):
    same(put(srv, "two").status, 200, f"{when}: S3 PUT")
    same(kinesis(srv, "PutRecord", {"StreamName": "other", "PartitionKey": "k", "Data": "eA=="})[0], 200, f"{when}: Kinesis PutRecord")
    same(produce(srv), 0, f"{when}: Kafka produce")
    r = rest(srv)
    same((r.status, r.json()["offsets"][0].get("error_code")), (200, None), f"{when}: REST")
    if pymysql:
        same(mysql(srv, "DROP TABLE IF EXISTS room", "CREATE TABLE room (id INT PRIMARY KEY, v VARCHAR(9))", "INSERT INTO room VALUES (1,'a'),(2,'b')",
                   "UPDATE room SET v='c'", "BEGIN", "INSERT INTO room VALUES (5,'a')", "ROLLBACK"), [0, 0, 2, 2, 0, 1, 0], f"{when}: MySQL")


srv = Stack(stack=load.stack_folder(load.CONF.replace("load = 2", "load = 2\nother = 1"), base="pinterest"), data=DATA)
same(put(srv, "one").status, 200, "before: S3 PUT")
for n in range(20):
    call("PUT", f"{srv.at['aws']}/load/old-{n}", b"y" * 60000)
kinesis(srv, "PutRecord", {"StreamName": "load", "PartitionKey": "k", "Data": base64.b64encode(b"x").decode()})
writes(srv, "before")
call("DELETE", f"{srv.at['aws']}/load/two")
srv.stop() # so that the stop below gives back little
srv.up()
fill()
no_room(srv, "full")
srv.stop()
srv.up()
no_room(srv, "started on a full disk", 1)
for n in range(20):
    same(call("DELETE", f"{srv.at['aws']}/load/old-{n}").status, 204, f"full: S3 DELETE {n}")
srv.kill()
srv.up()
reads(srv, "started after a kill")
same(call("GET", f"{srv.at['aws']}/load/old-1").status, 404, "what was deleted stays so")
commit_fails(srv)
os.unlink(FILLER)
writes(srv, "with room")
reads(srv, "with room")
same(srv.stop(), 0, "it ends")
done()
