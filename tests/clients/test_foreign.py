#!/usr/bin/python3
"""Tables that others write are read by our SQL as Spark reads them, and ours by them: pyarrow, pandas, Polars, delta-rs and Spark with
delta-spark write Parquet files and Delta tables with the features of today into the S3 service; each is compared as text, row for row."""
import json
import os
import shutil
import subprocess

from tarn import BUCKET, TMP, Stack, call, done, ok, parts, registry, same, skip

PYTHON = """
import datetime as dt, decimal, io, json, sys
import pandas as pd, polars as pl, pyarrow as pa, pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
at, bucket = json.loads(sys.argv[1])
how = {"AWS_ENDPOINT_URL": at, "AWS_ALLOW_HTTP": "true", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
       "aws_conditional_put": "etag"}
UTC = dt.timezone.utc
t = pa.table({
    "i": pa.array([1, None, 3, 4], pa.int32()), "b": pa.array([1, -2, None, 4], pa.int8()), "l": pa.array([2**40, 0, -1, None], pa.int64()),
    "f": pa.array([1.5, None, -0.25, 3], pa.float32()), "d": pa.array([0.1, 1e300, None, -5], pa.float64()),
    "s": pa.array(["art", "a b/=%", None, "h\\u00e9"]), "bin": pa.array([b"x", None, b"", b"yz"]), "ok": pa.array([True, None, False, True]),
    "n": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-0.05"), decimal.Decimal("9")], pa.decimal128(10, 2)),
    "day": pa.array([dt.date(2020, 1, 1), None, dt.date(1969, 12, 31), dt.date(1800, 2, 28)]),
    "ts": pa.array([dt.datetime(2020, 1, 1, 1, 2, 3, 456789, UTC), None, dt.datetime(1969, 1, 1, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
    "ls": pa.array([[1, None], None, [], [3]], pa.list_(pa.int32())), "ll": pa.array([[["a"], None, []], None, [], [[None]]], pa.list_(pa.list_(pa.string()))),
    "m": pa.array([[("k", 1)], None, [], [("z", None)]], pa.map_(pa.string(), pa.int64())),
    "st": pa.array([{"x": 1, "y": ["q"]}, None, {"x": None, "y": None}, {"x": 2, "y": []}], pa.struct([("x", pa.int32()), ("y", pa.list_(pa.string()))])),
})
write_deltalake(f"s3://{bucket}/rs/types", t, storage_options=how)
p = t.select(["i", "s", "day", "ok", "f"]).append_column("n", pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("0.05"), None], pa.decimal128(10, 2)))
write_deltalake(f"s3://{bucket}/rs/parts", p, partition_by=["s", "day", "ok", "n", "f"], storage_options=how)
write_deltalake(f"s3://{bucket}/rs/parts", p, mode="append", storage_options=how)
many = f"s3://{bucket}/rs/many"
for k in range(12):
    write_deltalake(many, pa.table({"k": [k], "s": ["x" * k]}), mode="append", storage_options=how)
DeltaTable(many, storage_options=how).create_checkpoint()
DeltaTable(many, storage_options=how).delete("k = 3")
pl.DataFrame({"a": [1, 2, None], "c": ["x", None, "z"], "l": [[1.5], None, []]}).write_delta(f"s3://{bucket}/rs/polars", storage_options=how)

import boto3
s3 = boto3.client("s3", endpoint_url=at, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
def put(name, write):
    b = io.BytesIO(); write(b); s3.put_object(Bucket=bucket, Key=f"files/{name}.parquet", Body=b.getvalue())
for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
    for version in ("1.0", "2.0"):
        put(f"{codec}{version[0]}", lambda b: pq.write_table(t, b, compression=codec, data_page_version=version, write_page_checksum=True))
flat = t.select(["i", "l", "f", "d", "s", "ts", "day"])
put("encodings", lambda b: pq.write_table(flat, b, use_dictionary=False, column_encoding={
    "i": "DELTA_BINARY_PACKED", "l": "DELTA_BINARY_PACKED", "f": "BYTE_STREAM_SPLIT", "d": "BYTE_STREAM_SPLIT", "s": "DELTA_BYTE_ARRAY",
    "ts": "DELTA_BINARY_PACKED", "day": "PLAIN"}))
put("int96", lambda b: pq.write_table(flat, b, use_deprecated_int96_timestamps=True))
put("pandas", lambda b: pd.DataFrame({"a": [1, 2], "b": ["x", None], "t": pd.to_datetime(["2020-01-01", "2021-02-03"])}).to_parquet(b))
put("polars", lambda b: pl.DataFrame({"a": [[1, 2], None], "s": [{"x": 1}, {"x": None}], "c": pl.Series(["u", "v"], dtype=pl.Categorical)}).write_parquet(b))
ours = {}
for name in ("own", "own_parts"):
    rows = DeltaTable(f"s3://{bucket}/tables/{name}", storage_options=how).to_pyarrow_table()
    ours[name] = [rows.num_rows, sum(rows["a"].to_pylist()), sorted(x for x in rows["s"].to_pylist() if x is not None)]
print(json.dumps(ours))
"""

SPARK = """
import glob, json, sys
from pyspark.sql import SparkSession
at, bucket, tables, files, jars = json.loads(sys.argv[1])
spark = (SparkSession.builder.master("local[1]").config("spark.jars", ",".join(glob.glob(jars + "/*.jar"))).config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false").config("spark.driver.memory", "700m").config("spark.sql.shuffle.partitions", "1").config("spark.sql.session.timeZone", "UTC")
    .config("spark.databricks.delta.snapshotPartitions", "1").config("spark.sql.ansi.enabled", "false")
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.hadoop.fs.s3a.endpoint", at).config("spark.hadoop.fs.s3a.path.style.access", "true")
    .config("spark.hadoop.fs.s3a.access.key", "test").config("spark.hadoop.fs.s3a.secret.key", "test")
    .config("spark.hadoop.fs.s3a.connection.ssl.enabled", "false").getOrCreate())
spark.sparkContext.setLogLevel("OFF")
root = f"s3a://{bucket}/sp"
def table(name, select, props="", more=(), parts=""):
    at = f"delta.`{root}/{name}`"
    spark.sql(f"CREATE TABLE {at} USING delta {parts} {'TBLPROPERTIES (' + props + ')' if props else ''} AS {select}")
    for statement in more:
        spark.sql(statement.format(t=at))
rows = "SELECT CAST(id AS INT) a, CONCAT('s', id % 5) s, named_struct('x', id, 'y', array(id)) st FROM range(20)"
table("vectors", rows, "'delta.enableDeletionVectors'='true'", ["DELETE FROM {t} WHERE a % 3 = 0", "UPDATE {t} SET s = 'new' WHERE a = 4"])
table("vectors_by_part", rows, "'delta.enableDeletionVectors'='true'", ["DELETE FROM {t} WHERE a % 7 = 1"], "PARTITIONED BY (s)")
for mode in ("name", "id"):
    table("mapped_" + mode, rows, f"'delta.columnMapping.mode'='{mode}'", ["ALTER TABLE {t} RENAME COLUMN s TO `a name`",
          "ALTER TABLE {t} DROP COLUMN st", "ALTER TABLE {t} ADD COLUMN z DATE", "INSERT INTO {t} VALUES (100, 'q', DATE'2020-02-02')"])
table("mapped_by_part", rows, "'delta.columnMapping.mode'='name'", (), "PARTITIONED BY (s)")
table("local", "SELECT TIMESTAMP_NTZ'2020-01-01 10:00:00.123456' t, CAST(NULL AS TIMESTAMP_NTZ) u")
table("v2", rows, "'delta.checkpointPolicy'='v2','delta.checkpointInterval'='2'", ["INSERT INTO {t} SELECT a + 100, s, st FROM {t}",
      "DELETE FROM {t} WHERE a < 5", "INSERT INTO {t} SELECT a + 1000, s, st FROM {t} WHERE a < 10"])
table("checked", rows, "'delta.enableChangeDataFeed'='true'", ["ALTER TABLE {t} ADD CONSTRAINT c CHECK (a >= 0)", "DELETE FROM {t} WHERE a = 1"])
table("stamps", "SELECT CAST(id AS INT) a, TIMESTAMP'2020-01-01 00:00:00' + make_interval(0,0,0,id,0,0,0.5) p, CAST(id AS DECIMAL(7,2)) q FROM range(3)",
      "'delta.enableInCommitTimestamps'='true'", (), "PARTITIONED BY (p, q)")
spark.sql(f"CREATE TABLE delta.`{root}/clone` SHALLOW CLONE delta.`{root}/vectors`")
own = ["vectors", "vectors_by_part", "mapped_name", "mapped_id", "mapped_by_part", "local", "v2", "checked", "stamps", "clone"]
out = {}
for path in [*tables, *(f"sp/{n}" for n in own), *files]:
    how = "parquet" if path in files else "delta"
    try:
        df = spark.read.format(how).load(f"s3a://{bucket}/{path}")
        cast = df.selectExpr(*[f"CAST(`{c}` AS STRING)" for c in df.columns])
        out[path] = [df.columns, sorted((list(r) for r in cast.collect()), key=str)]
    except Exception as e:
        out[path] = str(e).split("\\n")[0][:300]
print("RESULT " + json.dumps(out))
spark.stop()
"""

OWN = ["CREATE TABLE own AS SELECT CAST(id AS INT) a, CAST(id AS TINYINT) b, CAST(id AS SMALLINT) c, id d, CAST(id AS FLOAT) / 2 e, id / 3.0D f, "
       "CAST(id AS DECIMAL(9,2)) g, CAST(id - 5 AS DECIMAL(38,10)) h, CONCAT('s', id) s, CAST('x' AS BINARY) j, DATE'2020-01-01' k, "
       "TIMESTAMP'2020-01-01 10:00:00.123456' l, id % 2 = 0 m, array(id, null) n, map('k', id) o, named_struct('x', id, 'y', array('a')) q, "
       "array(array(1), null, array()) r FROM range(10)",
       "CREATE TABLE own_parts PARTITIONED BY (p, q) AS SELECT CAST(id AS INT) a, CONCAT('s', id) s, CONCAT('p ', id % 3, '/=%') p, "
       "CAST(id % 2 AS DECIMAL(5,1)) q FROM range(9)",
       "INSERT INTO own_parts VALUES (20, 'x', NULL, 1.5)", "UPDATE own_parts SET s = 'changed' WHERE a > 7", "DELETE FROM own_parts WHERE a = 1",
       "MERGE INTO own_parts t USING (SELECT 2 a) u ON t.a = u.a WHEN MATCHED THEN DELETE"]


def program(python, script, what):
    p = subprocess.run([registry(python), "-c", script, json.dumps(what)], capture_output=True, text=True, timeout=800,
                       env={**os.environ, "HOME": TMP, "NO_PROXY": "*", "PYSPARK_PYTHON": registry(python)}, cwd=TMP)
    line = next((line for line in p.stdout.splitlines() if line.startswith(("{", "RESULT "))), None)
    if not line:
        print("\n".join("# " + x for x in (p.stdout + p.stderr).splitlines() if not x.lstrip().startswith("at "))[-3000:])
    return line and json.loads(line.removeprefix("RESULT "))


def statement(text):
    r = call("POST", s.at["lake"] + "/api/2.0/sql/statements", json.dumps({"statement": text, "warehouse_id": "w", "wait_timeout": "30s"}),
             {"Content-Type": "application/json"}).json()
    if r.get("status", {}).get("state") != "SUCCEEDED":
        return str(r.get("status", {}).get("error", r))[:300]
    return r.get("result", {}).get("data_array") or []


def whole(path, columns, how):
    """All rows as text, as Spark casts them."""
    rows = statement(f"SELECT {', '.join(f'CAST(`{c}` AS STRING)' for c in columns)} FROM {how}.`s3://{BUCKET}/{path}`")
    return sorted(rows, key=str) if isinstance(rows, list) else rows


def with_python():
    for text in OWN:
        got = statement(text)
        ok(isinstance(got, list), text[:60], got)
    got = program("py/bin/python", PYTHON, [s.at["aws"], BUCKET])
    same(got and got["own"], [10, 45, sorted(f"s{i}" for i in range(10))], "delta-rs reads a table of all types that we wrote")
    same(got and got["own_parts"], [8, 53, ["changed", "changed", "s0", "s3", "s4", "s5", "s6", "s7"]],
         "and a partitioned one after UPDATE, DELETE and MERGE")


def with_spark():
    if not shutil.which("java"):
        skip("what Spark says of them", "java is missing")
        return
    tables = sorted({key.split("/_delta_log/")[0] for key in s.keys() if "/_delta_log/" in key})
    files = sorted(key for key in s.keys("files/"))
    got = program("spark/bin/python", SPARK, [s.at["aws"], BUCKET, tables, files, registry("spark-jars")])
    ok(got and len(got) == len(tables) + len(files) + 10, "Spark writes tables with the features of today")
    for path, want in (got or {}).items():
        if isinstance(want, str): # Spark has neither brotli nor BYTE_STREAM_SPLIT: another file has the same rows
            want = got["files/int96.parquet" if "encodings" in path else "files/snappy1.parquet"]
        same(whole(path, want[0], "parquet" if path in files else "delta"), want[1], path)


registry("py")
registry("spark")
s = Stack(only="s3,lake,databricks,streaming")
parts(with_python, with_spark)
done()
