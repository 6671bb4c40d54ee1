#!/usr/bin/python3
"""Streaming cells on the stand-in of PySpark: batch by batch what Spark 3.5 gave (stream_cases.json, recorded by stream_cases.py), sinks, sources,
errors in Spark's words, checkpoints."""
import contextlib
import datetime
import io
import json
import os
import sys
import time

import stream_cases as cases
from tarn import BUCKET, ROOT, Stack, done, ok, parts, same, until

sys.path[:0] = [os.path.join(ROOT, "emulators/databricks/python", d) for d in ("kernel", "standin")]
sys.dont_write_bytecode = True
os.environ["TZ"] = "UTC"
time.tzset()
s = Stack(only="s3,kinesis,lake,streaming")
os.environ["TARN_LAKE_URL"] = s.at["lake"]
from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkNotImplementedError, StreamingQueryException  # noqa: E402
from pyspark.sql import SparkSession, functions as F  # noqa: E402

spark = SparkSession.builder.getOrCreate()
TOP = "s3://%s" % BUCKET


def put(key, text):
    s.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def fails(kind, words, do, name):
    try:
        got = do()
    except kind as e:
        ok(words in str(e), name, str(e))
    except Exception as e:
        ok(False, name, "%s: %s" % (type(e).__name__, e))
    else:
        ok(False, name, "no error, but %r" % (got,))


def as_spark_gave_them():
    with open(os.path.join(ROOT, "tests/clients/stream_cases.json"), encoding="utf-8") as f:
        want = json.load(f)
    for i, rows in enumerate(cases.EVENTS):
        put("cases/in/%d.json" % i, cases.lines(rows))
    static = spark.createDataFrame([("a", 10), ("b", 20)], "k string, w int")
    for name, (mode, make) in cases.queries(F, static).items():
        try:
            got = cases.run(spark, F, name, TOP + "/cases/in", mode, make, "%s/cases/cp/%s" % (TOP, name.replace(" ", "-")))
        except Exception as e:
            ok(False, name, "%s: %s" % (type(e).__name__, e))
            continue
        same(got, want[name], name)


parts(as_spark_gave_them)
done()
