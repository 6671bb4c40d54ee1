#!/usr/bin/env python3
"""DeltaTable and the writers of the stand-in of PySpark, step by step beside what delta-spark printed (pyspark_recorded/): updates, deletes, MERGE
with all its clauses, history, time travel, builders of tables, modes, saveAsTable, insertInto, writeTo; what isn't served says so."""
import os
import sys

from tarn import ROOT, Stack, done, ok, same

os.environ["TZ"] = "UTC"
sys.dont_write_bytecode = True
RECORDED = os.path.join(ROOT, "tests/clients/pyspark_recorded")
for folder in ("standin", "kernel"):
    sys.path.insert(0, os.path.join(ROOT, "emulators/databricks/python", folder))
sys.path.insert(0, RECORDED)

import cases  # noqa: E402


def steps(spark):
    with open(os.path.join(RECORDED, "delta.tsv"), encoding="utf-8") as f:
        want = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    got = list(cases.delta(spark, "dbfs:/tmp/delta"))
    same(len(got), len(want), "as many steps as were recorded")
    for (label, mine), (_, theirs) in zip(got, want):
        same(mine, theirs, label)


def files(spark):
    """Readers and writers of files."""
    from pyspark.errors import AnalysisException
    df = spark.createDataFrame([(1, "a,b", None), (2, "", 1.5)], "id INT, name STRING, v DOUBLE")
    for form in ("json", "parquet", "csv"):
        path = "dbfs:/tmp/files/" + form
        df.write.mode("overwrite").format(form).option("header", True).save(path)
        same(sorted(map(tuple, spark.read.format(form).option("header", "true").schema("id INT, name STRING, v DOUBLE").load(path).collect())),
             [(1, "a,b", None), (2, "", 1.5)] if form != "csv" else [(1, "a,b", None), (2, None, 1.5)], "%s there and back" % form)
        try:
            ok(False, form + ": what is there stays", df.write.format(form).save(path))
        except AnalysisException as e:
            same(e.getErrorClass(), "PATH_ALREADY_EXISTS", form + ": what is there stays")
    df.write.csv("dbfs:/tmp/files/csv2", sep=";", header=True)
    same(spark.read.csv("dbfs:/tmp/files/csv2", sep=";", header=True, inferSchema=True).dtypes, [("id", "int"), ("name", "string"), ("v", "double")],
         "CSV's types are found")
    df.write.partitionBy("id").json("dbfs:/tmp/files/parts")
    same(sorted(spark.read.json("dbfs:/tmp/files/parts").columns), ["id", "name", "v"], "folders are a column")
    same(spark.read.json(["dbfs:/tmp/files/json", "dbfs:/tmp/files/parts/id=1"]).count(), 3, "paths in a list")
    same(spark.read.json(spark.sparkContext.parallelize(['{"a": 1}', '{"b": "x"}'])).dtypes, [("a", "bigint"), ("b", "string")], "an RDD of JSON")
    df.select("name").write.text("dbfs:/tmp/files/text")
    same(sorted(r.value for r in spark.read.text("dbfs:/tmp/files/text").collect()), ["", "a,b"], "lines of text")
    for call, name in ((lambda: spark.read.json("dbfs:/tmp/files/none"), "PATH_NOT_FOUND"), (lambda: spark.read.load("dbfs:/tmp/none"), "PATH_NOT_FOUND"),
                       (lambda: spark.read.table("none"), "TABLE_OR_VIEW_NOT_FOUND")):
        try:
            ok(False, name, call())
        except AnalysisException as e:
            same(e.getErrorClass(), name, name)
    for bad in (lambda: df.write.csv("x", foo=1), lambda: spark.read.json(), lambda: spark.read.json("x", path="y")):
        try:
            ok(False, "arguments are checked as Python does", bad())
        except TypeError as e:
            ok("argument" in str(e), "arguments are checked as Python does", e)


def names(spark):
    """_metadata and input_file_name(), which frames keep."""
    from pyspark.errors import AnalysisException, PySparkNotImplementedError
    from pyspark.sql import functions as F
    df = spark.read.json("dbfs:/tmp/files/parts")
    rows = df.withColumn("f", F.input_file_name()).filter("id = 1").drop("name").select("f", "_metadata.file_name", "id").collect()
    ok(rows[0].f == "dbfs:/tmp/files/parts/id=1/" + rows[0].file_name and len(rows) == 1, "the file a row is of", rows)
    same((df.select(F.input_file_name()).columns, len(df.inputFiles()), "_metadata" in df.columns), (["input_file_name()"], 2, False), "names, and no column more")
    same(spark.sql("SELECT input_file_name() f").collect()[0].f, "", "of no file")
    for made, error in ((lambda: spark.range(1).select(F.input_file_name()), PySparkNotImplementedError),
                        (lambda: spark.range(1).select("_metadata"), AnalysisException), (lambda: df.distinct().select("_metadata"), AnalysisException)):
        try:
            ok(False, "nothing is made up", made())
        except error as e:
            ok("input_file_name" in str(e) or "_metadata" in str(e), "nothing is made up", e)


def partitions(spark):
    """insertInto in place of the partitions that the rows are of; columns by their order."""
    spark.createDataFrame([(1, "a"), (2, "b")], "id INT, v STRING").write.partitionBy("v").saveAsTable("parted")
    new = spark.createDataFrame([(9, "b")], "x INT, y STRING")
    new.write.mode("overwrite").option("partitionOverwriteMode", "dynamic").insertInto("parted")
    same(sorted(map(tuple, spark.table("parted").collect())), [(1, "a"), (9, "b")], "only the partition that is written")
    new.write.mode("overwrite").insertInto("parted")
    same(sorted(map(tuple, spark.table("parted").collect())), [(9, "b")], "all of them without the option")
    spark.createDataFrame([(3, "c", 1.5)], "id INT, v STRING, w DOUBLE").writeTo("parted").option("mergeSchema", "true").append()
    same(sorted(map(tuple, spark.table("parted").collect())), [(3, "c", 1.5), (9, "b", None)], "writeTo's options, too")


def gone(spark):
    """A version whose files VACUUM has deleted doesn't come back."""
    from delta.tables import DeltaTable
    spark.range(2).write.format("delta").save("dbfs:/tmp/gone")
    table = DeltaTable.forPath(spark, "dbfs:/tmp/gone")
    table.delete()
    spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    table.vacuum(0)
    try:
        ok(False, "files that are gone", table.restoreToVersion(0))
    except Exception as e:
        ok("Not all files from version 0 are available" in str(e), "files that are gone", e)
    same((table.toDF().count(), len(table.history().collect())), (0, 2), "and nothing was done")


def unserved(spark):
    from delta.tables import DeltaTable
    from pyspark.errors import PySparkNotImplementedError
    df = spark.range(3)
    df.write.format("delta").save("dbfs:/tmp/unserved")
    table = DeltaTable.forPath(spark, "dbfs:/tmp/unserved")
    same((table.optimize().executeZOrderBy("id").columns, table.toDF().count()), (["path", "metrics"], 3), "OPTIMIZE ZORDER BY keeps the rows")
    for name, call in (("WHERE", lambda: table.optimize().where("id = 1").executeCompaction()),
                       ("generated", lambda: DeltaTable.create(spark).tableName("g").addColumn("a", "INT").addColumn("b", "INT", generatedAlwaysAs="a").execute()),
                       ("ORC", lambda: df.write.orc("dbfs:/tmp/orc"))):
        try:
            ok(False, name + " isn't served", call())
        except PySparkNotImplementedError as e:
            ok(name in str(e), name + " isn't served, and says so", e)


if __name__ == "__main__":
    with Stack(only="s3,lake,databricks") as stack:
        os.environ["TARN_LAKE_URL"] = stack.at["lake"]
        from pyspark.sql import SparkSession
        from delta import configure_spark_with_delta_pip
        session = configure_spark_with_delta_pip(SparkSession.builder.appName("delta")).getOrCreate()
        steps(session)
        files(session)
        names(session)
        partitions(session)
        gone(session)
        unserved(session)
        session.stop()
    done()
