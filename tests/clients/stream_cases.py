#!/usr/bin/python3
"""Streaming queries that are run on files, one a batch, by the stand-in of PySpark (test_streaming_python.py) and by Spark itself, which
recorded stream_cases.json:  spark-python tests/clients/stream_cases.py > tests/clients/stream_cases.json  (PySpark 3.5)."""
import json
import os
import sys
import tempfile

SCHEMA = "ts timestamp, k string, v int"
# Files, a batch each: [ts, k, v].
EVENTS = [
    [["2026-01-05 09:01:00", "a", 1], ["2026-01-05 09:02:00", "b", 2], ["2026-01-05 09:08:00", "a", 3]],
    [["2026-01-05 09:14:00", "a", 4], ["2026-01-05 09:02:00", "b", 2], [None, "c", None]],
    [["2026-01-05 09:31:00", "b", 1], ["2026-01-05 09:03:00", "a", 9]],
    [["2026-01-05 09:04:00", "a", 100], ["2026-01-05 09:16:00", "a", 4], ["2026-01-05 09:22:00", "d", 7]],
    [["2026-01-05 10:30:00", "z", 0], ["2026-01-05 09:25:00", "b", 5], ["2026-01-05 09:31:00", "b", 1]],
    [["2026-01-05 09:40:00", "late", 1], ["2026-01-05 10:31:00", "z", 1]],
]


def queries(F, static):
    """name -> (output mode, frame -> frame)"""
    w = lambda df, by="10 minutes": df.withWatermark("ts", by)
    tumbling = lambda df: w(df).groupBy(F.window("ts", "10 minutes"))
    return {
        "stateless": ("append", lambda df: df.filter("v > 1").select("k", (F.col("v") * 2).alias("w"))),
        "exploded": ("append", lambda df: df.select("k", F.explode(F.array("v", F.lit(7))).alias("x"))),
        "static join": ("append", lambda df: df.join(static, "k")),
        "static left join": ("append", lambda df: df.join(static, "k", "left")),
        "left join of a static one": ("append", lambda df: static.join(df, "k", "right")),
        "union": ("append", lambda df: df.select("k").union(df.select(F.upper("k")))),
        "complete count": ("complete", lambda df: df.groupBy("k").count()),
        "complete sorted": ("complete", lambda df: df.groupBy("k").agg(F.sum("v").alias("s")).orderBy(F.desc("s")).limit(2)),
        "complete global": ("complete", lambda df: df.agg(F.count("*").alias("n"), F.max("v").alias("m"))),
        "update count": ("update", lambda df: df.groupBy("k").count()),
        "update max": ("update", lambda df: df.groupBy("k").agg(F.max("v").alias("m"))),
        "update global": ("update", lambda df: df.agg(F.sum("v").alias("s"))),
        "update having": ("update", lambda df: df.groupBy("k").agg(F.sum("v").alias("s")).filter("s > 4").select("s", "k")),
        "update window": ("update", lambda df: tumbling(df).agg(F.sum("v").alias("s"))),
        "append window": ("append", lambda df: tumbling(df).agg(F.count("*").alias("n"), F.sum("v").alias("s"))),
        "append window and key": ("append", lambda df: w(df).groupBy(F.window("ts", "10 minutes"), "k").count().select("window.start", "k", "count")),
        "append sliding": ("append", lambda df: w(df, "5 minutes").groupBy(F.window("ts", "10 minutes", "5 minutes")).count()),
        "append by time": ("append", lambda df: w(df).groupBy("ts", "k").agg(F.sum("v").alias("s"))),
        "complete window": ("complete", lambda df: tumbling(df).count()),
        "filter before window": ("append", lambda df: w(df).filter("k != 'z'").groupBy(F.window("ts", "10 minutes")).count()),
        "duplicates": ("append", lambda df: df.dropDuplicates()),
        "distinct": ("append", lambda df: df.select("k").distinct()),
        "duplicates of columns": ("append", lambda df: df.dropDuplicates(["k"])),
        "duplicates and watermark": ("append", lambda df: w(df).dropDuplicates(["k", "ts"])),
        "duplicates behind watermark": ("append", lambda df: w(df).dropDuplicates(["k"])),
        "duplicates updated": ("update", lambda df: df.dropDuplicates(["k", "v"])),
        "limit": ("append", lambda df: df.select("k", "v").limit(4)),
    }


def run(spark, F, name, folder, mode, make, checkpoint):
    """[[batch, rows as texts, sorted]] of a query over a folder of files."""
    batches = []
    df = spark.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).json(folder)

    def take(batch, number):
        batches.append([number, sorted(str(list(r)) for r in batch.collect())])

    q = make(df).writeStream.outputMode(mode).trigger(availableNow=True).option("checkpointLocation", checkpoint).foreachBatch(take).start()
    q.awaitTermination()
    return batches


def lines(rows):
    return "".join(json.dumps(dict(zip(("ts", "k", "v"), r))) + "\n" for r in rows)


def main():
    from pyspark.sql import SparkSession, functions as F
    spark = SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").config("spark.ui.enabled", "false") \
        .config("spark.sql.shuffle.partitions", "1").config("spark.sql.streaming.stateStore.maintenanceInterval", "1h").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    out, top = {}, tempfile.mkdtemp()
    os.makedirs(top + "/in")
    for i, rows in enumerate(EVENTS):
        with open("%s/in/%d.json" % (top, i), "w") as f:
            f.write(lines(rows))
        os.utime("%s/in/%d.json" % (top, i), (1700000000 + i, 1700000000 + i))
    static = spark.createDataFrame([("a", 10), ("b", 20)], "k string, w int")
    for name, (mode, make) in queries(F, static).items():
        out[name] = run(spark, F, name, top + "/in", mode, make, "%s/cp/%s" % (top, name.replace(" ", "-")))
        print(name, file=sys.stderr)
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
