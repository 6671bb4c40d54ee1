#!/usr/bin/python3
"""deltalake and PySpark with delta-spark, from their registries, on what the pipeline wrote: sink objects, cleaned and streamed tables."""
import json
import os
import shutil
import subprocess

from tarn import BUCKET, TMP, Stack, done, ok, parts, registry, same, skip

ROWS = 200
s = Stack(only="s3,lake,databricks,streaming")
s.fill(ROWS)
s.answer("clean")
TABLES = sorted({key.split("/_delta_log/")[0] for key in s.keys() if "/_delta_log/" in key})

DELTALAKE = """
import json, sys
from deltalake import DeltaTable, write_deltalake
import pyarrow as pa
at, bucket, tables = json.loads(sys.argv[1])
how = {"AWS_ENDPOINT_URL": at, "AWS_ALLOW_HTTP": "true", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
       "AWS_S3_ALLOW_UNSAFE_RENAME": "false", "aws_conditional_put": "etag"}
out = {t: DeltaTable(f"s3://{bucket}/{t}", storage_options=how).to_pyarrow_table().num_rows for t in tables}
mine = f"s3://{bucket}/by-delta-rs"
for i in range(3):
    write_deltalake(mine, pa.table({"n": [i], "s": ["x" * i]}), mode="append", storage_options=how)
d = DeltaTable(mine, storage_options=how)
print(json.dumps([out, sorted(d.to_pyarrow_table().to_pylist(), key=lambda r: r["n"]), d.version()]))
"""

SPARK = """
import glob, json, sys
from pyspark.sql import SparkSession, functions as F
at, bucket, tables, jars = json.loads(sys.argv[1])
spark = (SparkSession.builder.master("local[1]").config("spark.jars", ",".join(glob.glob(jars + "/*.jar"))).config("spark.ui.enabled", "false")
    .config("spark.driver.memory", "700m").config("spark.sql.shuffle.partitions", "1")
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.hadoop.fs.s3a.endpoint", at).config("spark.hadoop.fs.s3a.path.style.access", "true")
    .config("spark.hadoop.fs.s3a.access.key", "test").config("spark.hadoop.fs.s3a.secret.key", "test")
    .config("spark.hadoop.fs.s3a.connection.ssl.enabled", "false").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
root = f"s3a://{bucket}"
json_rows = spark.read.json(f"{root}/topics/*.pin/*/*.json").count()
out = {t: spark.read.format("delta").load(f"{root}/{t}").count() for t in tables}
df = spark.range(100).withColumn("k", F.col("id") % 3)
df.write.format("delta").save(f"{root}/by-spark")
df.write.format("delta").mode("append").save(f"{root}/by-spark")
spark.sql(f"DELETE FROM delta.`{root}/by-spark` WHERE k = 0")
df.coalesce(1).write.mode("overwrite").parquet(f"{root}/by-spark-parquet")
print("RESULT " + json.dumps([json_rows, out, spark.read.format("delta").load(f"{root}/by-spark").count(),
                              spark.read.parquet(f"{root}/by-spark-parquet").count()]))
spark.stop()
"""


def program(python, script, what):
    p = subprocess.run([registry(python), "-c", script, json.dumps(what)], capture_output=True, text=True, timeout=800,
                       env={**os.environ, "HOME": TMP, "NO_PROXY": "*", "PYSPARK_PYTHON": registry(python)}, cwd=TMP)
    line = next((line for line in p.stdout.splitlines() if line.startswith(("[", "RESULT "))), None)
    if not line:
        print("# " + (p.stdout + p.stderr)[-3000:].replace("\n", "\n# "))
    return line and json.loads(line.removeprefix("RESULT "))


def with_deltalake():
    got = program("py/bin/python", DELTALAKE, [s.at["aws"], BUCKET, TABLES])
    same(got and got[0], dict.fromkeys(TABLES, ROWS), "deltalake reads the cleaned tables")
    same(got and got[1:], [[{"n": i, "s": "x" * i} for i in range(3)], 2], "and appends to a table of its own")


def with_spark():
    if not shutil.which("java"):
        skip("PySpark", "java is missing")
        return
    got = program("spark/bin/python", SPARK, [s.at["aws"], BUCKET, TABLES, registry("spark-jars")])
    same(got and got[:2], [ROWS, dict.fromkeys(TABLES, ROWS)], "Spark reads the sink's objects and the cleaned tables by s3a")
    same(got and got[2:], [132, 100], "Spark writes, appends to and deletes from a Delta table, and writes Parquet")


registry("py")
ok(len(TABLES) == 3, "the clean made three tables", TABLES)
parts(with_deltalake, with_spark)
s.stop()
done()
