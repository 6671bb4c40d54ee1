#!/usr/bin/python3
"""A streaming cell's query dies between any two of its steps, by kill -9 of the stack or of its own process: each record of the stream is
in the Delta table once after the next start."""
import json
import os
import signal
import subprocess
import sys

from tarn import BUCKET, ROOT, Stack, done, ok, parts, same, until

PROGRAM = """
import os, sys
from pyspark.sql import SparkSession
from pyspark.sql.streaming import _sinks
spark = SparkSession.builder.getOrCreate()
if len(sys.argv) > 1:
    real = _sinks.Delta.batch
    def batch(self, rows, number):
        if sys.argv[1] == "before":
            os.kill(os.getpid(), 9)
        real(self, rows, number)
        os.kill(os.getpid(), 9)
    _sinks.Delta.batch = batch
df = (spark.readStream.format("kinesis").option("streamName", "posts").option("initialPosition", "earliest").load()
      .selectExpr("CAST(CAST(data AS STRING) AS INT) AS n", "sequenceNumber"))
q = df.writeStream.format("delta").option("checkpointLocation", "%s/cp").start("%s/t")
q.processAllAvailable()
q.stop()
""" % ("s3://" + BUCKET, "s3://" + BUCKET)
s = Stack(only="s3,kinesis,lake,streaming")
put = 0


def program(*args):
    path = os.pathsep.join(os.path.join(ROOT, "emulators/databricks/python", d) for d in ("kernel", "standin"))
    return subprocess.run([sys.executable, "-c", PROGRAM, *args], env={**os.environ, "TARN_LAKE_URL": s.at["lake"], "PYTHONPATH": path},
                          capture_output=True, text=True, timeout=60, check=False)


def records(n):
    global put
    s.client("kinesis").put_records(StreamName="posts", Records=[{"Data": str(put + i).encode(), "PartitionKey": str(i)} for i in range(n)])
    put += n


def whole(name):
    p = program()
    if ok(p.returncode == 0, name + ": the next start ends well", p.stderr[-1500:]):
        rows = s.sql("SELECT n FROM delta.`s3://%s/t` ORDER BY n" % BUCKET)
        same([r[0] for r in rows], list(range(put)), name + ": each record once")


def deaths_of_the_stack():
    s.client("kinesis").create_stream(StreamName="posts", ShardCount=2)
    until(lambda: s.client("kinesis").describe_stream_summary(StreamName="posts")["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE")
    for site in ("offsets", "hand", "commit", "end"):
        records(20)
        s.fault("lake.stream.%s error=kill" % site)
        p = program()
        ok(p.returncode != 0 and s.proc.wait(20) == -signal.SIGKILL, "the stack dies before " + site)
        s.up()
        whole(site)


def deaths_of_the_client():
    for when in ("before", "after"):
        records(20)
        same(program(when).returncode, -signal.SIGKILL, "the client dies %s its batch is written" % when)
        records(5)
        whole(when)


def failures():
    for site in ("offsets", "hand", "commit"):
        records(10)
        s.fault("lake.stream.%s error=DiskFull" % site)
        p = program()
        ok("StreamingQueryException" in p.stderr and "DiskFull" in p.stderr, "a failure before %s is the query's exception" % site, p.stderr[-1500:])
        s.faults_clear()
        whole("failure before " + site)


def what_the_log_says():
    log = [json.loads(line) for key in s.keys("t/_delta_log/") if key.endswith(".json") for line in s.get(key).splitlines()]
    txns = [(a["txn"]["appId"], a["txn"]["version"]) for a in log if "txn" in a]
    same((len(txns), len({app for app, _ in txns})), (len(set(txns)), 1), "one query, no batch twice")


parts(deaths_of_the_stack, deaths_of_the_client, failures, what_the_log_says)
done()
