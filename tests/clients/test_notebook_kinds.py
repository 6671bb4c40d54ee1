#!/usr/bin/python3
"""Kinds of cells that notebooks of the project's users have, each with what Spark prints of it (PySpark 3.5.5 with Delta 3.3)."""
import json
import os
import warnings
import zipfile

from tarn import BUCKET, TMP, USER, Stack, done, ok, parts, same

os.environ["XDG_CACHE_HOME"] = os.path.join(TMP, "cache")
HEAD, CUT = "# Databricks notebook source\n", "\n# COMMAND ----------\n"
s = Stack("--adopt", only="s3,lake,databricks,streaming,kinesis")
s.fill(3)

FIRST = """from pyspark.sql.functions import *
from pyspark.sql.types import *
from pyspark.sql.window import Window
df = spark.createDataFrame([(1, "a"), (2, "b"), (3, "a")], "x int, g string")"""
# kind: (cell, what it prints)
KINDS = {
    "expr().over()": ('w = Window.partitionBy("g")\nprint(df.select("x", expr("percentile_approx(x, 0.5)").over(w).alias("m"), (expr("count(*)")).over(w)).orderBy("x").collect())',
                      "[Row(x=1, m=1, count(1) OVER (PARTITION BY g ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)=2), Row(x=2, m=2, count(1) OVER (PARTITION BY g ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)=1), "
                      "Row(x=3, m=1, count(1) OVER (PARTITION BY g ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)=2)]"),
    "paths with empty parts": ('df.write.mode("overwrite").json("/tmp//double//x")\nprint(spark.read.json("dbfs:/tmp/double//x/*.json").count())', "3"),
    "paths without a slash": ('df.write.mode("overwrite").json("tmp/rel/x")\nprint(spark.read.json("/tmp/rel/x").count())', "3"),
    "below /mnt without a mount": ('df.write.format("delta").mode("overwrite").save("/mnt/delta/t1")\nprint(spark.read.format("delta").load("dbfs:/mnt/delta/t1").count(), '
                                   'dbutils.fs.ls("/mnt/delta")[0].path)', "3 dbfs:/mnt/delta/t1/"),
    "LOCATION below /mnt": ('spark.sql("CREATE TABLE IF NOT EXISTS placed (a INT) USING delta LOCATION \'/mnt/delta/t2\'")\nprint(spark.table("placed").count())', "0"),
    "a mount that is a comment, [stack] adopt": (f'# dbutils.fs.mount("s3n://{BUCKET}", "/mnt/mine")\nprint(spark.read.json("/mnt/mine/topics/{USER}.geo/partition=0/*.json").count(), '
                                                 'len(dbutils.fs.ls("/mnt/deep/mine/topics")), dbutils.fs.ls("/mnt/mine/topics/")[0].path)', f"3 3 dbfs:/mnt/mine/topics/{USER}.geo/"),
    "keys from a table": ('k = spark.read.format("delta").load("/user/hive/warehouse/authentication_credentials")\n'
                          'print(k.where(col("User name") == "databricks-user").select("Access key ID").collect()[0]["Access key ID"])', "test"),
    "keys from a file": ('print(spark.read.format("csv").option("header", "true").option("sep", ",").load("/FileStore/tables/authentication_credentials.csv").first()[2])', "test"),
    "df.display with options": ("df.display(truncate=False)", ""),
    "a column twice": ('twice = df.select("x", "g", "g")\nprint(twice.withColumn("k", when(twice.x > 1, "p").otherwise("q")).groupBy("k", "g").count().orderBy("k", "g").collect())\n'
                       'print(twice.filter("x > 1").select("g").collect())\ntry:\n    df.join(df, "x").select("g")\nexcept Exception as e:\n    print(str(e)[:21])',
                       "[Row(k='p', g='a', count=1), Row(k='p', g='b', count=1), Row(k='q', g='a', count=1)]\n[Row(g='b'), Row(g='a')]\n[AMBIGUOUS_REFERENCE]"),
    "a stream by a global view": ('spark.readStream.format("rate").load().createOrReplaceGlobalTempView("st")\nprint(spark.table("global_temp.st").isStreaming)', "True"),
    "saveAsTable of Parquet": ('for mode in ("overwrite", "append"):\n    df.write.format("parquet").mode(mode).saveAsTable("files")\n'
                               'print(spark.table("files").count(), spark.read.parquet("/user/hive/warehouse/files").count())', "6 6"),
}


def notebook(name, *cells):
    path = os.path.join(TMP, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(HEAD + CUT.join(cells))
    r = s.run("notebook", "run", "--report", "-", path, PYTHONDONTWRITEBYTECODE="1")
    try:
        return json.loads(r.stdout)
    except ValueError:
        ok(False, name, r.stdout + r.stderr)
        return {"cells": [], "error": r.stderr}


def printed(cell):
    return "".join(o["text"] for o in cell["outputs"] if o["output_type"] == "stream").strip()


def kinds():
    """All in one notebook; a cell that fails fails by itself."""
    cells = [f"try:\n    exec({text!r}, globals())\nexcept Exception as e:\n    print(type(e).__name__, e)" for text, _ in KINDS.values()]
    got = notebook("kinds.py", FIRST, *cells)
    same(got["error"], None, "the notebook runs")
    for (name, (_, want)), cell in zip(KINDS.items(), got["cells"][1:]):
        same(printed(cell), want, name)


def global_views():
    """They outlive the notebook that made them."""
    notebook("maker.py", FIRST, 'df.filter("x > 1").createOrReplaceGlobalTempView("made")')
    got = notebook("reader.py", 'print(spark.sql("SELECT g, x FROM global_temp.made ORDER BY x").collect())')
    same(printed(got["cells"][0]) if got["cells"] else got["error"], "[Row(g='b', x=2), Row(g='a', x=3)]", "global views of a notebook that has ended")


def archives():
    def archive(name, *members):
        path = os.path.join(TMP, name)
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            warnings.simplefilter("ignore")
            for member, raw in members:
                z.writestr(member, raw)
        return path
    doc = json.dumps({"language": "python", "commands": [{"position": 1.0, "command": "print('here')"}]})
    r = s.run("notebook", "run", archive("twice.dbc", ("a.python", doc), ("a.python", doc)))
    same((r.returncode, r.stdout.count("here\n")), (0, 1), "an archive that has a notebook twice runs it once")
    r = s.run("notebook", "check", archive("bomb.dbc", ("a.python", b" " * (129 << 20))))
    ok(r.returncode == 2 and "has more than 128 MiB" in r.stderr, "one that would fill the memory is refused", r.stderr)
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "heading", "source": "H"}, {"cell_type": "code", "input": "print(3)", "language": "python"}]}]}
    path = os.path.join(TMP, "old.ipynb")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(old, f)
    r = s.run("notebook", "run", path)
    same((r.returncode, r.stdout), (0, "[2] print(3)\n3\n"), "headings of nbformat 3 are text")


def names_of_the_workspace():
    """%run of a path that the repository has by another name."""
    for folder, name in (("lib", "clean_pin_data"), ("", "main")):
        os.makedirs(os.path.join(TMP, "repo", folder), exist_ok=True)
        with open(os.path.join(TMP, "repo", folder, name + ".py"), "w", encoding="utf-8") as f:
            f.write(HEAD + ("x = 5" if folder else '# MAGIC %run "./Utility/Clean Pin Data"' + CUT + "print(x)"))
    r = s.run("notebook", "run", os.path.join(TMP, "repo", "main.py"))
    ok(r.returncode == 0 and "\n5\n" in r.stdout, "%run by the workspace's name", r.stdout + r.stderr)


parts(kinds, archives, global_views, names_of_the_workspace)
done()
