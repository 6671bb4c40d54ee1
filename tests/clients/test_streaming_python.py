#!/usr/bin/python3
"""Streaming cells on the stand-in of PySpark: batch by batch what Spark 3.5 gave (stream_cases.json, recorded by stream_cases.py), sinks, sources,
errors in Spark's words, checkpoints."""
import contextlib
import io
import json
import os
import sys
import time
import warnings

import stream_cases as cases
from tarn import BUCKET, ROOT, Stack, done, ok, parts, same, until

sys.path[:0] = [os.path.join(ROOT, "emulators/databricks/python", d) for d in ("kernel", "standin")]
sys.dont_write_bytecode = True
os.environ["TZ"] = "UTC"
time.tzset()
s = Stack("--set", "streaming.shared_checkpoint=fail", only="s3,kinesis,lake,streaming")
os.environ["TARN_LAKE_URL"] = s.at["lake"]
from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkNotImplementedError, StreamingQueryException  # noqa: E402
from pyspark.sql import SparkSession, functions as F  # noqa: E402
from pyspark.sql.streaming import StreamingQueryListener  # noqa: E402

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


def rate(**options):
    return spark.readStream.format("rate").options(**options).load()


def a_rate_in_memory():
    df = rate(rowsPerSecond=1000)
    same((df.isStreaming, df.dtypes), (True, [("timestamp", "timestamp"), ("value", "bigint")]), "rate: columns")
    q = df.selectExpr("value", "value % 2 AS `odd number`").writeStream.format("memory").queryName("numbers").start()
    same((q.name, q.isActive, [x.id for x in spark.streams.active], spark.streams.get(q.id) is q), ("numbers", True, [q.id], True), "memory: the query")
    fails(IllegalArgumentException, "Cannot start query with name numbers as a query with that name is already active in this SparkSession",
          df.writeStream.format("memory").queryName("numbers").start, "a name that is active")
    until(lambda: spark.table("numbers").count() >= 1000)
    q.processAllAvailable()
    q.stop()
    rows = spark.sql("SELECT * FROM numbers ORDER BY value").collect()
    same([r[0] for r in rows], list(range(len(rows))), "memory: each row once")
    same(rows[3]["odd number"], 1, "memory: any name of a column")
    same((q.isActive, q.status["message"], q.exception(), q.awaitTermination(5), spark.streams.active), (False, "Stopped", None, True, []), "stopped")
    p = q.lastProgress
    same((p["id"], p["name"], sum(x["numInputRows"] for x in q.recentProgress), p["sink"]["description"]),
         (q.id, "numbers", len(rows), "MemorySink"), "progress")
    same([x["batchId"] for x in q.recentProgress], list(range(len(q.recentProgress))), "progress: batches")


def rates_of_batches():
    df = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 3).option("startTimestamp", 1000).load()
    seen = []

    def take(batch, number):
        seen.append([number] + [(r.timestamp.timestamp(), r.value) for r in batch.collect()])
        if number == 2:
            q.stop()

    q = df.writeStream.foreachBatch(take).start()
    q.awaitTermination()
    same(seen[:3], [[0, (1.0, 0), (1.0, 1), (1.0, 2)], [1, (2.0, 3), (2.0, 4), (2.0, 5)], [2, (3.0, 6), (3.0, 7), (3.0, 8)]], "rate-micro-batch")


def put_records(stream, rows, key="k"):
    client = s.client("kinesis")
    for r in rows:
        client.put_record(StreamName=stream, PartitionKey=key, Data=r if isinstance(r, bytes) else json.dumps(r).encode())


def kinesis(stream, **options):
    return (spark.readStream.format("kinesis").option("streamName", stream).option("initialPosition", "earliest").option("region", "us-east-1")
            .option("awsAccessKey", "x").option("awsSecretKey", "y").options(**options).load())


def a_stream_into_a_table():
    s.client("kinesis").create_stream(StreamName="posts", ShardCount=2)
    until(lambda: s.client("kinesis").describe_stream_summary(StreamName="posts")["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE")
    put_records("posts", [{"index": i, "n": "%dk" % i} for i in range(5)])
    raw = kinesis("posts")
    same(raw.dtypes, [("partitionKey", "string"), ("data", "binary"), ("stream", "string"), ("shardId", "string"), ("sequenceNumber", "string"),
                      ("approximateArrivalTimestamp", "timestamp")], "kinesis: columns")
    df = (raw.selectExpr("CAST(data AS STRING) jsonData", "partitionKey").select(F.from_json("jsonData", "index INT, n STRING").alias("d"), "partitionKey")
          .select("d.*", "partitionKey").withColumn("n", F.regexp_replace("n", "k", "000").cast("int")))

    def start(**more):
        return df.writeStream.format("delta").outputMode("append").option("checkpointLocation", TOP + "/cp/posts").table("posts_table", **more)

    q = start()
    q.processAllAvailable()
    same(sorted(map(tuple, spark.table("posts_table").collect())), [(i, i * 1000, "k") for i in range(5)], "kinesis -> delta")
    put_records("posts", [{"index": 5, "n": "x"}, b"no JSON"])
    q.processAllAvailable()
    same(spark.table("posts_table").where("n IS NULL").count(), 2, "what comes while it runs")
    first = q.id
    q.stop()
    put_records("posts", [{"index": 6, "n": "6"}])
    q = start()
    q.processAllAvailable()
    same((q.id, q.runId != first, spark.table("posts_table").count()), (first, True, 8), "the next start goes on")
    h = spark.sql("DESCRIBE HISTORY posts_table").collect()
    same([r["operation"] for r in h][:1], ["STREAMING UPDATE"], "its commits")
    second = raw.writeStream.format("noop").option("checkpointLocation", TOP + "/cp/posts").start()
    second.processAllAvailable()
    same((q.awaitTermination(10), "a new run is being started" in str(q._last)), (True, True), "another start with the checkpoint stops the first")
    second.stop()
    s.client("kinesis").create_stream(StreamName="others", ShardCount=1)
    until(lambda: s.client("kinesis").describe_stream_summary(StreamName="others")["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE")
    q = kinesis("others").writeStream.format("noop").option("checkpointLocation", TOP + "/cp/posts").start()
    fails(StreamingQueryException, "the checkpointLocation belongs to another query", q.awaitTermination, "the checkpoint of another stream")
    q = kinesis("nosuch").writeStream.format("noop").start()
    fails(StreamingQueryException, "[STREAM_FAILED] Query [id = ", q.awaitTermination, "a stream that isn't there")


def a_delta_table_as_source():
    spark.sql("CREATE TABLE source_t AS SELECT id, id * 2 AS v FROM range(5)")
    df = spark.readStream.table("source_t")
    q = df.writeStream.format("delta").option("checkpointLocation", TOP + "/cp/t").start(TOP + "/copies/t")
    q.processAllAvailable()
    spark.sql("INSERT INTO source_t VALUES (100, 200), (101, 202)")
    q.processAllAvailable()
    same(sorted(r.v for r in spark.read.format("delta").load(TOP + "/copies/t").collect()), [0, 2, 4, 6, 8, 200, 202], "delta -> delta")
    same([p["numInputRows"] for p in q.recentProgress], [5, 2], "delta: its versions are batches")
    spark.sql("DELETE FROM source_t WHERE id = 100")
    fails(StreamingQueryException, "in the source table at version 2. This is currently not supported", q.processAllAvailable, "delta: rows that go")
    got = []
    q = (spark.readStream.format("delta").option("startingVersion", 1).option("ignoreDeletes", "true").option("ignoreChanges", "true").table("source_t")
         .writeStream.trigger(availableNow=True).foreachBatch(lambda d, n: got.extend(r.id for r in d.collect())).start())
    q.awaitTermination()
    same(sorted(got)[:2], [100, 101], "delta: startingVersion, ignoreChanges")


def files_that_come():
    put("in/a.csv", "x,1\ny,2\n")
    df = spark.readStream.schema("k string, v int").csv(TOP + "/in")
    q = df.writeStream.format("json").option("checkpointLocation", TOP + "/cp/f").start(TOP + "/out")
    q.processAllAvailable()
    put("in/b.csv", "z,3\n")
    put("in/_skipped.csv", "no,4\n")
    q.processAllAvailable()
    q.stop()
    same(sorted(map(tuple, spark.read.json(TOP + "/out").collect())), [("x", 1), ("y", 2), ("z", 3)], "csv -> json")
    put("in/c.csv", "w,5\n")
    q = df.writeStream.format("json").option("checkpointLocation", TOP + "/cp/f").trigger(once=True).start(TOP + "/out")
    q.awaitTermination()
    same(spark.read.json(TOP + "/out").count(), 4, "files: the next start takes new ones only")


def schemas_that_are_found():
    fails(AnalysisException, "[TABLE_OR_VIEW_NOT_FOUND] The table or view `no_such_table` cannot be found.", lambda: spark.readStream.table("no_such_table"),
          "a table that isn't there")
    rate().createOrReplaceTempView("rate_view")
    same(spark.readStream.table("rate_view").isStreaming, True, "a view of a stream")
    same(spark.sql("SELECT value FROM rate_view WHERE value > 3").isStreaming, True, "SQL over a view of a stream")
    spark.sql("CREATE DATABASE IF NOT EXISTS other")
    spark.sql("CREATE TABLE other.t AS SELECT 1 AS x")
    same(spark.readStream.table("other.t").columns, ["x"], "a table of another database")
    put("infer/1.json", '{"b": 1, "a": "x"}\n')
    spark.conf.set("spark.sql.streaming.schemaInference", "true")
    try:
        df = spark.readStream.json(TOP + "/infer")
        same(df.dtypes, [("a", "string"), ("b", "bigint")], "schemaInference")
        q = df.writeStream.format("memory").queryName("inferred").trigger(availableNow=True).start()
        q.awaitTermination()
        same([tuple(r) for r in spark.table("inferred").collect()], [("x", 1)], "its rows")
    finally:
        spark.conf.unset("spark.sql.streaming.schemaInference")
    df = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("a string").load(TOP + "/infer")
    got = []
    df.writeStream.trigger(availableNow=True).foreachBatch(lambda d, n: got.extend(r.a for r in d.collect())).start().awaitTermination()
    same(got, ["x"], "cloudFiles of JSON")


def merges_in_batches():
    from delta.tables import DeltaTable
    spark.sql("CREATE TABLE latest AS SELECT 'a' AS k, 0 AS v")
    put("merge/1.csv", "a,1\nb,2\n")

    def upsert(batch, number):
        (DeltaTable.forName(spark, "latest").alias("t").merge(batch.alias("s"), "t.k = s.k").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute())
        batch.createOrReplaceTempView("updates")
        rows.append(spark.sql("SELECT count(*) FROM updates").collect()[0][0])

    rows = []
    spark.readStream.schema("k string, v int").csv(TOP + "/merge").writeStream.foreachBatch(upsert).trigger(availableNow=True).start().awaitTermination()
    same((sorted(map(tuple, spark.table("latest").collect())), rows), ([("a", 1), ("b", 2)], [2]), "foreachBatch: MERGE, and a view of the batch")


def other_sinks():
    out = io.StringIO()
    put("console/1.txt", "one\ntwo\n")
    df = spark.readStream.text(TOP + "/console")
    with contextlib.redirect_stdout(out):
        df.writeStream.format("console").trigger(availableNow=True).start().awaitTermination()
    same(out.getvalue(), "%s\nBatch: 0\n%s\n+-----+\n|value|\n+-----+\n|  one|\n|  two|\n+-----+\n\n" % ("-" * 43, "-" * 43), "console")
    rows = []
    df.writeStream.foreach(lambda r: rows.append(r.value)).trigger(availableNow=True).start().awaitTermination()
    same(rows, ["one", "two"], "foreach: a function")

    class Writer:
        def open(self, partition, epoch):
            rows.append(("open", partition, epoch))
            return True

        def process(self, row):
            rows.append(row.value)

        def close(self, error):
            rows.append(("close", error))

    rows.clear()
    df.writeStream.foreach(Writer()).trigger(availableNow=True).start().awaitTermination()
    same(rows, [("open", 0, 0), "one", "two", ("close", None)], "foreach: an object")

    def bad(batch, number):
        raise KeyError("nothing")

    q = df.writeStream.foreachBatch(bad).start()
    fails(StreamingQueryException, "KeyError: 'nothing'", q.awaitTermination, "foreachBatch that raises")
    same((q.isActive, "KeyError" in str(q.exception())), (False, True), "its exception")
    shout = F.udf(lambda t: t.upper())
    q = df.select(shout("value").alias("v")).writeStream.format("memory").queryName("shouted").start()
    q.processAllAvailable()
    q.stop()
    same([r.v for r in spark.table("shouted").collect()], ["ONE", "TWO"], "functions of Python in a stream")


def what_spark_refuses():
    df, agg = rate(), rate().groupBy("value").count()
    static = spark.range(3)
    start = lambda d, mode="append", fmt="noop": (lambda: d.writeStream.format(fmt).outputMode(mode).start())
    words = [
        (start(agg), "Append output mode not supported when there are streaming aggregations on streaming DataFrames/DataSets without watermark"),
        (start(df, "complete"), "Complete output mode not supported when there are no streaming aggregations on streaming DataFrames/Datasets"),
        (start(df.orderBy("value")), "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode"),
        (start(df.limit(3), "update"), "Limits are not supported on streaming DataFrames/Datasets in Update output mode"),
        (start(df.offset(3)), "Offset is not supported on streaming DataFrames/Datasets"),
        (start(df.agg(F.countDistinct("value")), "complete"), "Distinct aggregations are not supported on streaming DataFrames/Datasets. Consider using approx_count_distinct() instead."),
        (start(df.selectExpr("row_number() over (order by value)")), "[NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING]"),
        (start(df.select("value").union(static)), "Union between streaming and batch DataFrames/Datasets is not supported"),
        (start(static.join(df, static.id == df.value, "left")), "LeftOuter join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported"),
        (start(df.withWatermark("timestamp", "1 minute").groupBy("value").count()), "without watermark"),
        (start(df, "append", "memory"), "queryName must be specified for memory sink."),
        (start(df, "append", "parquet"), "'path' is not specified."),
        (lambda: df.writeStream.format("parquet").start(TOP + "/x"), "checkpointLocation must be specified either through option(\"checkpointLocation\", ...)"),
        (lambda: df.writeStream.format("delta").outputMode("update").start(TOP + "/x"), "Data source delta does not support Update output mode."),
        (lambda: static.writeStream, "[WRITE_STREAM_NOT_ALLOWED] `writeStream` can be called only on streaming Dataset/DataFrame."),
        (df.show, "Queries with streaming sources must be executed with writeStream.start();"),
        (df.collect, "Queries with streaming sources must be executed with writeStream.start();"),
        (df.count, "Queries with streaming sources must be executed with writeStream.start();"),
        (lambda: df.withWatermark("value", "1 minute"), "[EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE] The event time `value` has the invalid type \"BIGINT\", but expected \"TIMESTAMP\"."),
        (lambda: df.withWatermark("timestamp", "x"), "[CANNOT_PARSE_INTERVAL] Unable to parse 'x'."),
        (lambda: spark.readStream.format("kafka").load(), "Failed to find data source: kafka."),
        (lambda: spark.readStream.json(TOP + "/in"), "Schema must be specified when creating a streaming source DataFrame."),
        (lambda: df.writeStream.outputMode("x"), "Unknown output mode x. Accepted output modes are 'append', 'complete', 'update'"),
    ]
    for do, text in words:
        fails((AnalysisException, IllegalArgumentException), text, do, text[:60])
    fails(PySparkNotImplementedError, "socket", lambda: spark.readStream.format("socket").load(), "socket is refused by name")


def tables_that_change():
    put("parts/1.csv", "a,1\nb,2\n")
    read = lambda schema: spark.readStream.schema(schema).csv(TOP + "/parts")
    write = lambda df, **more: (df.writeStream.format("delta").option("checkpointLocation", TOP + "/cp/parts").partitionBy("k").options(**more)
                                .trigger(availableNow=True).start(TOP + "/t/parts"))
    write(read("k string, v int")).awaitTermination()
    same([r["partitionColumns"] for r in spark.sql("DESCRIBE DETAIL delta.`%s/t/parts`" % TOP).collect()], [["k"]], "partitionBy")
    put("parts/2.csv", "a,3,x\n")
    q = write(read("k string, v int, w string"))
    fails(StreamingQueryException, "A schema mismatch detected when writing to the Delta table", q.awaitTermination, "a column that the table lacks")
    write(read("k string, v int, w string"), mergeSchema="true").awaitTermination()
    same(sorted(map(tuple, spark.read.format("delta").load(TOP + "/t/parts").collect()), key=str), [("a", 1, None), ("a", 3, "x"), ("b", 2, None)], "mergeSchema")
    q = (read("k string, v int").groupBy("k").agg(F.sum("v").alias("s")).writeStream.outputMode("complete").option("checkpointLocation", TOP + "/cp/sums")
         .trigger(processingTime="200 milliseconds").toTable("sums"))
    q.processAllAvailable()
    put("parts/3.csv", "b,5\n")
    q.processAllAvailable()
    q.stop()
    same(sorted(map(tuple, spark.table("sums").collect())), [("a", 4), ("b", 7)], "complete into a table")
    q = (read("k string, v int").groupBy("k").count().writeStream.outputMode("complete").option("checkpointLocation", TOP + "/cp/sums").toTable("sums"))
    q.processAllAvailable()
    q.stop()
    same(q.lastProgress, None, "a state goes on with its checkpoint, while there is nothing new")


def a_state_behind_a_failure():
    put("again/1.csv", "a,1\nb,2\n")
    seen = []

    def take(batch, number):
        rows = sorted(map(tuple, batch.collect()))
        if len(seen) == 1 and not failed:
            failed.append(rows)
            raise OSError("a full disk")
        seen.append(rows)

    def start():
        return (spark.readStream.schema("k string, v int").csv(TOP + "/again").groupBy("k").agg(F.sum("v").alias("s")).writeStream.outputMode("update")
                .option("checkpointLocation", TOP + "/cp/again").foreachBatch(take).start())

    failed, q = [], start()
    q.processAllAvailable()
    put("again/2.csv", "a,5\n")
    fails(StreamingQueryException, "a full disk", q.processAllAvailable, "a batch that fails")
    q = start()
    q.processAllAvailable()
    put("again/3.csv", "b,1\n")
    q.processAllAvailable()
    q.stop()
    same((failed, seen), ([[("a", 6)]], [[("a", 1), ("b", 2)], [("a", 6)], [("b", 3)]]), "a state goes on behind a batch that is run again")


def nothing_stays():
    same(until(lambda: s.keys("checkpoints/"), lambda k: not k), [], "temporary checkpoints go")

    class Listener(StreamingQueryListener):
        def onQueryStarted(self, event):
            told.append(("started", event.name))

        def onQueryProgress(self, event):
            told.append(("progress", event.progress.batchId, event.progress.numInputRows))

        def onQueryTerminated(self, event):
            told.append(("terminated", event.exception))

    told, listener = [], Listener()
    spark.streams.addListener(listener)
    q = spark.readStream.text(TOP + "/console").writeStream.format("noop").queryName("heard").trigger(availableNow=True).start()
    q.awaitTermination()
    until(lambda: told[-1:], lambda t: t and t[0][0] == "terminated")
    spark.streams.removeListener(listener)
    same(told, [("started", "heard"), ("progress", 0, 2), ("terminated", None)], "a listener")


def a_folder_for_two_streams():
    """Streams that share a folder go on, each behind its own batches."""
    global spark
    other = Stack(only="s3,kinesis,lake,streaming")
    k, where = other.client("kinesis"), spark._lake._url
    other.s3.create_bucket(Bucket=BUCKET)
    spark._lake.close()
    spark._lake._url = other.at["lake"]
    spark._lake._drop()
    for name in ("one", "two"):
        k.create_stream(StreamName=name, ShardCount=1)
        until(lambda: k.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE")
        k.put_record(StreamName=name, PartitionKey="k", Data=name.encode())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for name in ("one", "two", "two", "one"):
            k.put_record(StreamName=name, PartitionKey="k", Data=b"more")
            q = kinesis(name).select(F.col("data").cast("string").alias("d")).writeStream.option("checkpointLocation", "/tmp/cp").toTable("t_" + name)
            q.processAllAvailable()
    same(sorted(r.d for r in spark.table("t_two").collect()), ["more", "more", "two"], "go-on: the second stream's rows, once")
    same(sorted(r.d for r in spark.table("t_one").collect()), ["more", "more", "one"], "go-on: the first's, which goes on behind its own batch")
    same(sum("two queries share a checkpointLocation" in str(w.message) for w in told), 2, "go-on: warnings")
    q.stop()
    spark._lake.close()
    spark._lake._url = where
    spark._lake._drop()


def any_end():
    for _ in range(10):  # stopped before, in or behind its first batch
        q = rate(rowsPerSecond=10).writeStream.format("noop").start()
        q.stop()
        if q.exception():
            ok(False, "stopped at once", q.exception())
    q = rate().writeStream.format("noop").start()
    spark.streams.resetTerminated()
    same(spark.streams.awaitAnyTermination(0.1), False, "awaitAnyTermination: none yet")
    q.stop()
    same(spark.streams.awaitAnyTermination(5), True, "awaitAnyTermination")


parts(as_spark_gave_them, a_rate_in_memory, rates_of_batches, a_stream_into_a_table, a_delta_table_as_source, files_that_come, schemas_that_are_found,
      merges_in_batches, other_sinks,
      what_spark_refuses, tables_that_change, a_state_behind_a_failure, nothing_stays, any_end, a_folder_for_two_streams)
done()
