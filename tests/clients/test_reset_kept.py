#!/usr/bin/python3
"""A reset keeps connections: clients of MySQL and Kafka go on with the new state; a reset of some services, over every way to ask for it;
and what a state folder is afterwards: that of a first run."""
import os
import sqlite3
import struct
import threading
import time

from kafka_wire import Wire, batch, rec, text
from tarn import Stack, call, done, need, ok, parts, same, until

pymysql = need("pymysql")


def reset(s, query="", body=None, path="/_tarn/reset", at="control"):
    return call("POST", s.at[at] + path + query, body, {"X-Tarn": "1"})


def connect(s, **more):
    host, port = s.address("rds")
    return pymysql.connect(host=host, port=port, user="u", password="p", database="pinterest_data", charset="utf8mb4", **more)


def all_of(cursor, statement):
    cursor.execute(statement)
    return cursor.fetchall()


def failure(f, *args):
    try:
        return f(*args)
    except pymysql.MySQLError as e:
        return e.args[0]


def mysql(s):
    db = connect(s, autocommit=True)
    cursor = db.cursor()
    all_of(cursor, "CREATE TABLE mine (a INT)")
    all_of(cursor, "SET SESSION max_execution_time = 77000")
    all_of(cursor, "CREATE TEMPORARY TABLE passing (a INT)")
    before = all_of(cursor, "SELECT CONNECTION_ID(), COUNT(*) FROM pinterest_data")
    same(reset(s).status, 200, "a reset, with a session of MySQL")
    same(all_of(cursor, "SELECT CONNECTION_ID(), COUNT(*) FROM pinterest_data"), before, "the session goes on, and finds the stack's rows")
    same([failure(all_of, cursor, f"SELECT * FROM {t}") for t in ("mine", "passing")], [1146, 1146], "not those that were made")
    same(all_of(cursor, "SELECT @@max_execution_time, DATABASE()"), ((77000, "pinterest_data"),), "its variables are what they were")
    other = connect(s)
    ok(all_of(other.cursor(), "SELECT CONNECTION_ID()") != before[:1], "who comes later has another id")
    all_of(cursor, "CREATE TABLE mine (a INT)")
    db.begin()
    all_of(cursor, "INSERT INTO mine VALUES (1)")
    reset(s)
    db.commit()
    same(all_of(cursor, "SHOW TABLES LIKE 'mine'"), (), "a transaction is gone with its tables")
    cut = []
    slow = threading.Thread(target=lambda: cut.append(failure(all_of, cursor, "SELECT SLEEP(60), COUNT(*) FROM pinterest_data a, pinterest_data b")))
    slow.start()
    until(lambda: any(row[0] == db.thread_id() and row[4] == "Query" for row in all_of(other.cursor(), "SHOW FULL PROCESSLIST")))
    reset(s)
    slow.join(30)
    same((cut, all_of(cursor, "SELECT 1")), ([1317], ((1,),)), "a statement under way is told, and the session goes on")
    reading, writing = connect(s, autocommit=True), connect(s, autocommit=True)
    all_of(reading.cursor(), "CREATE TABLE mine (a INT)")
    writing.begin()
    all_of(writing.cursor(), "INSERT INTO mine VALUES (1)")
    same(reset(s, "?services=kafka").status, 200, "a reset of others")
    same(all_of(reading.cursor(), "SELECT COUNT(*) FROM mine"), ((0,),), "a session goes on with the rows that are kept")
    ok(failure(writing.commit) in (2006, 2013), "who would commit what is lost is hung up on")
    reset(s)
    same(failure(all_of, reading.cursor(), "SELECT COUNT(*) FROM mine"), 1146, "and a reset of all takes them")
    for c in (db, other, reading):
        c.close()


def fetch(w, topic, offset, wait_ms):
    """(error, high watermark, records), after up to wait_ms."""
    body = struct.pack(">iiiib", -1, wait_ms, 1, 1 << 24, 0) + struct.pack(">i", 1) + text(topic) + struct.pack(">iiqi", 1, 0, offset, 1 << 20)
    r = w.ask(1, 4, body)
    r.get("i"), r.count(), r.text(), r.count(), r.get("i")
    out = (r.get("h"), r.get("q"), r.get("q"))
    for _ in range(max(0, r.count())):
        r.get("q"), r.get("q")
    return out[0], out[1], len(r.bytes(False) or b"") > 0


def join(w, member=""):
    """(error, generation, member)"""
    meta = struct.pack(">hi", 0, 0) + struct.pack(">i", -1)
    r = w.ask(11, 2, text("g") + struct.pack(">ii", 30000, 30000) + text(member) + text("consumer") + struct.pack(">i", 1) + text("range") + struct.pack(">i", len(meta)) + meta)
    r.get("i")
    code, generation = r.get("h"), r.get("i")
    r.text(), r.text()
    return code, generation, r.text()


def kafka(s):
    producer, ahead, parked, joining, member = (Wire(*s.address("kafka")) for _ in range(5))
    same(producer.produce("0affea73130b.pin", batch([rec(None, b"1")]))[:2], (0, 0), "a record")
    socket = producer.sock
    code, generation, name = join(member)
    same((code, generation), (0, 1), "a group")
    got = {}
    threads = [threading.Thread(target=lambda: got.update(ahead=fetch(ahead, "0affea73130b.pin", 1, 60000))),
               threading.Thread(target=lambda: got.update(join=join(joining)[:2])),
               threading.Thread(target=lambda: got.update(parked=fetch(parked, "0affea73130b.geo", 0, 60000)))]
    for t in threads:
        t.start()
    until(lambda: ahead.sock and parked.sock and joining.sock)
    time.sleep(0.2)  # they wait by then, or come after the reset: all that follows holds either way
    same(reset(s).status, 200, "a reset, with fetches and a member that wait")
    threads[1].join(30)
    same(got.get("join"), (0, 1), "who waited to join is the first of a new group")
    r = member.ask(12, 1, text("g") + struct.pack(">i", 1) + text(name))
    r.get("i")
    same(r.get("h"), 25, "who was a member isn't one any longer")
    threads[0].join(30)
    same(got.get("ahead", (0,))[0], 1, "a fetch that is past the end of the new log is told")
    same(producer.produce("0affea73130b.geo", batch([rec(None, b"2")]))[:2], (0, 0), "a producer's connection goes on, the log begins anew")
    ok(producer.sock is socket, "it is the same one")
    threads[2].join(30)
    same(got.get("parked"), (0, 1, True), "a fetch that waits gets the record of the new log")
    same(reset(s, "?services=s3").status, 200, "a reset of others")
    same(fetch(parked, "0affea73130b.geo", 0, 100), (0, 1, True), "keeps the log")


def some(s):
    names = lambda: sorted(call("GET", s.at["rest"] + "/topics").json())
    buckets = lambda: [b["Name"] for b in s.s3.list_buckets()["Buckets"]]
    first = names(), buckets()

    def make():
        s.s3.create_bucket(Bucket="mine")
        Wire(*s.address("kafka")).create("mine")
        same(("mine" in names(), "mine" in buckets()), (True, True), "a topic and a bucket")

    make()
    for how in ({"query": "?services=kafka"}, {"body": {"services": ["kafka"]}}, {"body": {"services": "kafka"}}, {"query": "?services=kafka", "at": "aws"}):
        same((reset(s, **how).status, "mine" in names(), "mine" in buckets()), (200, False, True), f"kafka alone, by {how}")
        Wire(*s.address("kafka")).create("mine")
    r = s.run("reset", "s3")
    same((r.returncode, r.stdout.startswith("reset: s3 is as in an empty folder"), "mine" in names(), "mine" in buckets()), (0, True, True, False), "tarn reset s3")
    make()
    same((reset(s, path="/_localstack/state/s3/reset", at="aws").status, "mine" in names(), "mine" in buckets()), (200, True, False), "as LocalStack is asked")
    for path in ("/_localstack/state/reset", "/_moto-api/reset", "/moto-api/reset", "/_floci/state/reset", "/_ministack/reset", "/_ministack/reset?init=0"):
        make()
        same((reset(s, path=path, at="aws").status, (names(), buckets()) == first), (200, True), path)
    make()
    same([reset(s, "?services=nope").status, reset(s, "?services=").status, reset(s, body={"services": []}).status, reset(s, body={"service": ["s3"]}).status,
          reset(s, body="kafka").status, reset(s, path="/_localstack/state/nope/reset", at="aws").status, reset(s, path="/_ministack/reset?init=1", at="aws").status,
          s.run("reset", "nope").returncode, "mine" in names()], [400, 400, 400, 400, 400, 404, 400, 2, True], "what isn't one does nothing")


def rows(s):
    """Everything in a state folder's databases, and the files beside them."""
    out = {}
    for name in sorted(os.listdir(s.data)):
        if name.endswith(".db"):
            db = sqlite3.connect(s.data + "/" + name)
            # a folder's key of session tokens is its own; a counter that is at 0 needn't be there
            out[name] = sorted(line for line in db.iterdump() if line.startswith("INSERT") and "'sts.seal'" not in line and '"counter" VALUES(\'id\',0)' not in line)
            db.close()
    out["s3"] = sorted(os.path.join(where, f) for where, _, files in os.walk(s.data + "/s3") for f in files)
    return out


def as_first():
    clock = "2026-01-05T09:00:00Z"
    a = Stack(clock=clock)
    connect(a).close()  # the rows of its tables are made for the first client
    a.settle()
    a.stop()
    want = rows(a)
    s = Stack(clock=clock)
    s.settle()
    s.run("emit", "pinterest", "--count", "5")
    s.fill(20)
    s.run("clean")
    Wire(*s.address("kafka")).create("mine")
    s.client("kinesis").create_stream(StreamName="mine", ShardCount=1)
    call("POST", s.at["airflow"] + "/api/v1/variables", {"key": "a", "value": "1"})
    call("POST", s.at["lake"] + "/api/2.1/jobs/create", {"name": "mine", "tasks": []})
    s.settle()
    reset(s)
    s.settle()
    s.stop()
    got = rows(s)
    want["s3"] = [f.replace(a.data, "") for f in want["s3"]]
    got["s3"] = [f.replace(s.data, "") for f in got["s3"]]
    for name in sorted(set(want) | set(got)):
        same(got.get(name), want.get(name), f"{name} is what it is in a first run's folder")


def killed():
    """In the midst of a reset: what was, or what an empty folder is."""
    s = Stack()
    first = None
    for n in range(6):
        names = set(call("GET", s.at["rest"] + "/topics").json())
        buckets = {b["Name"] for b in s.s3.list_buckets()["Buckets"]}
        db = connect(s, autocommit=True)
        tables = {t for t, in all_of(db.cursor(), "SHOW TABLES")}
        has = ("mine" in names, "mine" in buckets, "mine" in tables)
        if n:
            ok(has in ((True,) * 3, (False,) * 3), f"kill {n}: all is there or nothing", str(has))
        first = first or (names, buckets, tables)
        if not any(has):
            same((names, buckets, tables), first, f"as in a first run, {n}")
            s.s3.create_bucket(Bucket="mine")
            Wire(*s.address("kafka")).create("mine")
            all_of(db.cursor(), "CREATE TABLE mine (a INT)")
            s.s3.put_object(Bucket="mine", Key="large", Body=b"x" * 200_000)
        asking = threading.Thread(target=lambda: failure_of(reset, s))
        asking.start()
        time.sleep(n * 0.0015)  # where in it that is doesn't matter: it holds everywhere
        s.kill()
        asking.join(30)
        s.up()
    s.stop()


def failure_of(f, *args):
    try:
        return f(*args)
    except OSError as e:
        return e


with Stack() as stack:
    parts(mysql, kafka, some, args=(stack,))
parts(as_first, killed)
done()
