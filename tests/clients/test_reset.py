#!/usr/bin/python3
"""A reset: every service is what the stack makes of an empty folder, at once, on the ports it had; whoever was being served is hung up
on, and nothing of before comes back, not by a crash in its midst either."""
import json
import os
import shutil
import socket
import subprocess
import threading
import time

from tarn import BUCKET, Stack, call, done, fresh, log, need, ok, parts, same, tarn, until

LARGE = 30_000_000
WAKE = {"StreamName": "streaming-0affea73130b-pin", "PartitionKey": "p", "Data": b"{}"}
pymysql, exceptions = need("pymysql", "botocore.exceptions")


def sql(s, statement, db="pinterest_data"):
    host, port = s.address("rds")
    with pymysql.connect(host=host, port=port, user="u", password="p", database=db, charset="utf8mb4", autocommit=True) as c, c.cursor() as cur:
        cur.execute(statement)
        return cur.fetchall()


def view(s):
    """What clients see of every service."""
    kinesis, gateway = s.client("kinesis"), s.client("apigateway")
    topics = call("GET", s.at["rest"] + "/topics").json()
    return {
        "buckets": [b["Name"] for b in s.s3.list_buckets()["Buckets"]], "objects": s.keys(), "tables": sql(s, "SHOW TABLES"),
        "databases": sql(s, "SHOW DATABASES"), "rows": sql(s, "SELECT COUNT(*) FROM pinterest_data"), "topics": sorted(topics),
        "streams": kinesis.list_streams()["StreamNames"], "apis": [a["name"] for a in gateway.get_rest_apis()["items"]],
        "connectors": call("GET", s.at["connect"] + "/connectors").json(),
        "dags": sorted(d["dag_id"] for d in call("GET", s.at["airflow"] + "/api/v1/dags").json()["dags"]),
        "variables": call("GET", s.at["airflow"] + "/api/v1/variables").json()["total_entries"],
        "jobs": call("GET", s.at["lake"] + "/api/2.1/jobs/list").json().get("jobs", []),
        "environments": s.client("mwaa").list_environments()["Environments"],
    }


def work(s):
    """Leaves something in every service; what it was given names for."""
    gateway, kinesis = s.client("apigateway"), s.client("kinesis")
    s.s3.create_bucket(Bucket="mine")
    s.s3.put_object(Bucket="mine", Key="a", Body=b"x" * 3_000_000)
    s.fill(20)
    sql(s, "CREATE TABLE t (a INT)")
    sql(s, "INSERT INTO t VALUES (1)")
    kinesis.create_stream(StreamName="mine", ShardCount=1)
    kinesis.put_record(StreamName="streaming-0affea73130b-pin", Data=b"{}", PartitionKey="a")
    api = gateway.create_rest_api(name="mine")["id"]
    offset = call("POST", s.at["rest"] + "/topics/0affea73130b.pin", json.dumps({"records": [{"value": {"index": 1}}]}),
                  {"Content-Type": "application/vnd.kafka.json.v2+json"}).json()["offsets"][0]["offset"]
    call("POST", s.at["airflow"] + "/api/v1/variables", {"key": "a", "value": "1"})
    call("PUT", s.at["connect"] + "/connectors/other/config", {"connector.class": "io.confluent.connect.s3.S3SinkConnector", "topics": "x", "name": "other",
                                                               "s3.bucket.name": "mine", "flush.size": "3", "storage.class": "io.confluent.connect.s3.storage.S3Storage",
                                                               "format.class": "io.confluent.connect.s3.format.json.JsonFormat", "tasks.max": "1"})
    call("POST", s.at["lake"] + "/api/2.1/jobs/create", {"name": "mine", "tasks": []})
    s.run("clean")
    return api, offset


def reset(s, path="/_tarn/reset", at="control", **headers):
    return call("POST", s.at[at] + path, headers={"X-Tarn": "1", **headers})


def empty_again(s):
    first, made = view(s), work(s)
    ok(view(s) != first, "there is something to reset")
    s.fault("s3.GetObject drop")
    r = reset(s)
    same((r.status, r.json()["reset"], s.alive()), (200, True, True), "reset answers when it is done")
    same(view(s), first, "every service is as at the beginning")
    same(s.control("GET", "/_tarn/faults"), [], "faults are disarmed")
    same(work(s), made, "and gives the same names as then")
    same(s.run("reset").returncode, 0, "tarn reset")
    same(view(s), first, "does the same")
    left = until(lambda: [f for f in os.listdir(s.data) if f.startswith("reset")], lambda found: not found)
    same(left, [], "what was there is deleted")
    work(s)
    same((s.stop(), s.up(), reset(s).status), (0, None, 200), "after a restart")
    same(view(s), first, "too")
    work(s)
    s.kill()
    s.up()
    ok("mine" in view(s)["buckets"], "what is made after a reset survives a kill")


def cut(s):
    """Clients in the midst of something."""
    host, port = s.address("aws")
    s.s3.put_object(Bucket=BUCKET, Key="large", Body=b"x" * LARGE)
    kept = socket.create_connection((host, port))
    kept.sendall(b"GET /?x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = kept.recv(100)
    kept.settimeout(30)
    until(lambda: kept.recv(65536), lambda got: got.endswith(b"</ListAllMyBucketsResult>") or len(got) < 65536)
    reading = socket.create_connection((host, port))
    reading.sendall(f"GET /{BUCKET}/large HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    ok(head.startswith(b"HTTP/1.1 200") and reading.recv(100).startswith(b"HTTP/1.1 200"), "a download is under way")
    sending = socket.create_connection((host, port))
    sending.sendall(f"PUT /{BUCKET}/half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n".encode() + b"y" * 100_000)
    mysql = pymysql.connect(host=s.address("rds")[0], port=s.address("rds")[1], user="u", password="p", database="pinterest_data")
    slow = threading.Thread(target=lambda: quiet(mysql.cursor().execute, "SELECT COUNT(*) FROM pinterest_data a, pinterest_data b, pinterest_data c, pinterest_data d"))
    slow.start()
    task = threading.Thread(target=lambda: quiet(call, "GET", s.at["airflow"] + "/api/v1/dags"))
    task.start()
    began = time.monotonic()
    same(reset(s).status, 200, "a reset comes")
    slow.join(30)
    ok(not slow.is_alive() and time.monotonic() - began < 25, "a statement of MySQL ends with its connection")
    sending.settimeout(30)
    reading.settimeout(30)
    ok(quiet(lambda: sending.sendall(b"y" * 8_900_000)) is not None or not quiet(sending.recv, 100), "an upload is cut")
    ok("half" not in s.keys() and "large" not in s.keys(), "and left nothing")
    ok(ends(reading, LARGE), "the download ends: whole, or cut")
    kept.sendall(b"GET /?x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    ok(kept.recv(100).startswith(b"HTTP/1.1 200"), "a connection that only waited goes on")
    task.join(30)
    same((task.is_alive(), s.alive()), (False, True), "and tarn, too")


def quiet(f, *args, **named):
    """What it gives, or raises."""
    try:
        return f(*args, **named)
    except Exception as e:
        return e


def ends(s, size):
    """Whether an answer with so many bytes of body comes whole, or its connection ends."""
    n = 0
    while n < size:
        piece = quiet(s.recv, 1 << 20)
        if isinstance(piece, ConnectionError) or piece == b"":
            return True
        if isinstance(piece, Exception):
            return False
        n += len(piece)
    return True


def under_load(s):
    stop = threading.Event()

    def load(n):
        while not stop.is_set():
            quiet(call, "PUT", f"{s.at['aws']}/{BUCKET}/{n}", b"x" * 200_000)
            quiet(call, "GET", f"{s.at['aws']}/{BUCKET}/{n}")
            quiet(call, "POST", s.at["rest"] + "/topics/0affea73130b.pin", json.dumps({"records": [{"value": {"index": n}}]}),
                  {"Content-Type": "application/vnd.kafka.json.v2+json"})
            quiet(call, "POST", s.at["apigateway"] + "/prod/topics/0affea73130b.pin", json.dumps({"records": [{"value": {"index": n}}]}),
                  {"Content-Type": "application/vnd.kafka.json.v2+json"})
            quiet(subprocess.run, ["curl", "-s", "--max-time", "5", "--http2-prior-knowledge", f"{s.at['aws']}/{BUCKET}/{n}", "-o", "/dev/null"])
            quiet(sql, s, "SELECT COUNT(*) FROM pinterest_data")
            quiet(call, "GET", s.at["airflow"] + "/api/v1/dags")

    def subscribe():
        kinesis = s.client("kinesis")
        while not stop.is_set():
            try:
                arn = kinesis.describe_stream_summary(StreamName="streaming-0affea73130b-pin")["StreamDescriptionSummary"]["StreamARN"]
                consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
                events = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId="shardId-000000000000", StartingPosition={"Type": "TRIM_HORIZON"})
                for _ in events["EventStream"]:
                    if stop.is_set():
                        break
            except Exception:
                pass

    threads = [threading.Thread(target=load, args=(n,)) for n in range(4)]
    subscriber = threading.Thread(target=subscribe, daemon=True)
    for t in threads + [subscriber]:
        t.start()
    answers = [quiet(reset, s) for _ in range(15)]
    stop.set()
    for t in threads:
        t.join(60)
    same([getattr(a, "status", a) for a in answers], [200] * 15, "fifteen resets under load")
    until(lambda: quiet(s.client("kinesis").put_record, **WAKE) and subscriber.join(0.2) or subscriber.is_alive(), lambda waits: not waits)
    same([t.is_alive() for t in threads + [subscriber]], [False] * 5, "and no client is left waiting")
    same((s.alive(), reset(s).status, s.keys()), (True, 200, []), "and it is well")


def interrupted():
    """Killed in the midst: some files were moved away, some not."""
    s = Stack()
    first = view(s)
    work(s)
    s.kill()
    os.mkdir(s.data + "/reset-moving")
    shutil.move(s.data + "/kafka.db", s.data + "/reset-moving/kafka.db")
    s.up()
    same(view(s), first, "a reset that was interrupted is finished at the start")
    s.stop()


def allowed():
    with Stack(conf="[identities]\nAKIA = s\n", only="s3") as s:
        same([call("POST", s.at["control"] + "/_tarn/reset", headers={"X-Tarn": "1"}).status, call("POST", s.at["aws"] + "/_localstack/state/reset").status,
              s.run("reset").returncode], [401, 403, 0], "with identities strangers can't")
        same(call("POST", s.at["aws"] + "/_localstack/state/reset", headers={"Authorization": "Bearer s"}).status, 200, "and who is one can")
    with Stack(only="s3") as s:
        page = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
        same([call("POST", s.at["aws"] + path, "x", page).status for path in ("/_localstack/state/reset", "/_tarn/reset", "/_moto-api/reset")], [403] * 3,
             "a page of somewhere else can't, either")


def in_memory():
    with Stack("--durability", "off", only="s3,rds,kafka") as s:
        s.s3.create_bucket(Bucket="mine")
        sql(s, "CREATE TABLE t (a INT)")
        same((reset(s, "/_tarn/reset?services=kafka").status, ("t",) in sql(s, "SHOW TABLES"), "mine" in [b["Name"] for b in s.s3.list_buckets()["Buckets"]]),
             (200, True, True), "in memory the others keep what they have, too")
        same(reset(s).status, 200, "in memory")
        same((["mine"] == [b["Name"] for b in s.s3.list_buckets()["Buckets"] if b["Name"] == "mine"], ("t",) in sql(s, "SHOW TABLES")), (False, False),
             "everything is gone, too")


def clock():
    with Stack(only="s3,kinesis", clock="2026-01-05T09:00:00Z") as s:
        s.clock("advance 1h")
        reset(s)
        same(s.control("GET", "/health")["clock"][:16], "2026-01-05T10:00", "the clock stays where it is")


with Stack() as stack:
    parts(empty_again, cut, under_load, args=(stack,))
parts(interrupted, allowed, in_memory, clock)
same([line for line in log().splitlines() if " ERROR " in line], [], "no error in the log")
done()
