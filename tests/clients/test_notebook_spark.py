#!/usr/bin/python3
"""The same notebook on the embedded lake and on the real Spark (--engine spark): a mount, JSON objects, cleaning, SQL, tables by name, Delta,
Kinesis streams; tables that are written and what is displayed are compared row by row, and what Spark wrote is the stack's."""
import json
import os
import shutil
import subprocess

from tarn import BUCKET, TARN, TMP, USER, Stack, done, ok, parts, registry, same, skip_all

PYTHON, JARS = registry("spark/bin/python"), registry("spark-jars")
if not shutil.which("java"):
    skip_all("java is missing")
os.environ["XDG_CACHE_HOME"] = os.path.join(TMP, "cache")
HEAD, CUT = "# Databricks notebook source\n", "\n# COMMAND ----------\n"
BATCH = [f"""from pyspark.sql.functions import *
from pyspark.sql.window import Window
keys = spark.read.format("delta").load("/user/hive/warehouse/authentication_credentials")
key = keys.where(col("User name") == "databricks-user").select("Access key ID").collect()[0]["Access key ID"]
dbutils.fs.mount("s3n://%s:%s@{BUCKET}" % (key, key), "/mnt/pins")
print(len(dbutils.fs.ls("/mnt/pins/topics")))""",
         "\n".join(f'df_{n} = spark.read.format("json").option("inferSchema", "true").load("/mnt/pins/topics/{USER}.{n}/partition=0/*.json")\ndf_{n}.printSchema()'
                   for n in ("pin", "geo", "user")),
         """df_pin = df_pin.replace({"User Info Error": None, "No Title Data Available": None, "": None}, subset=["title", "poster_name", "follower_count"])
df_pin = df_pin.withColumn("follower_count", regexp_replace(regexp_replace("follower_count", "k", "000"), "M", "000000").cast("int"))
df_pin = df_pin.withColumnRenamed("index", "ind").select("ind", "unique_id", "title", "follower_count", "poster_name", "category").dropDuplicates()
df_geo = df_geo.withColumn("coordinates", array("latitude", "longitude")).withColumn("timestamp", to_timestamp("timestamp")).drop("latitude", "longitude")
df_user = df_user.withColumn("user_name", concat(col("first_name"), lit(" "), col("last_name"))).withColumn("date_joined", col("date_joined").cast("timestamp"))
df_user = df_user.drop("first_name", "last_name")
for name, df in (("pin", df_pin), ("geo", df_geo), ("user", df_user)):
    df.write.format("delta").mode("overwrite").saveAsTable("nb_" + name)
df_pin.limit(3).write.mode("overwrite").option("header", "true").csv("dbfs:/tmp/nb/csv")
df_pin.createOrReplaceTempView("pin")
display(df_pin)
display(df_geo.select("ind", "country", "coordinates", "timestamp"))""",
         """w = Window.partitionBy("country").orderBy(desc("category_count"), "category")
counts = df_pin.join(df_geo, on="ind").groupBy("country", "category").agg(count("*").alias("category_count"))
display(counts.withColumn("rank", row_number().over(w)).filter("rank = 1").drop("rank"))
ages = df_pin.join(df_user, "ind").withColumn("age_group", when(col("age") <= 24, "18-24").when(col("age").between(25, 35), "25-35").otherwise("+35"))
display(ages.groupBy("age_group").agg(percentile_approx("follower_count", 0.5).alias("median"), avg("follower_count")))
print(sorted(r["age"] for r in ages.select("age").collect()))""",
         "# MAGIC %sql\n# MAGIC SELECT year(date_joined) AS y, count(*) AS n FROM nb_user GROUP BY 1 ORDER BY 1",
         'spark.sql("UPDATE nb_geo SET country = upper(country) WHERE ind % 2 = 0")\nspark.sql("CREATE TABLE nb_gone AS SELECT 1 a")\nspark.sql("DROP TABLE nb_gone")\n'
         'print(spark.table("nb_geo").where("country = upper(country)").count() > 0, spark.catalog.tableExists("nb_gone"))\ndbutils.fs.unmount("/mnt/pins")']
STREAM = [f"""from pyspark.sql.functions import *
df = (spark.readStream.format("kinesis").option("streamName", "streaming-{USER}-geo").option("initialPosition", "earliest").option("region", "us-east-1")
      .option("awsAccessKey", "test").option("awsSecretKey", "test").load())
df.printSchema()
geo = df.selectExpr("CAST(data AS STRING)").withColumn("data", from_json("data", "ind INT, timestamp STRING, latitude DOUBLE, longitude DOUBLE, country STRING")).select("data.*")
geo = geo.withColumn("timestamp", to_timestamp("timestamp")).withColumn("coordinates", array("latitude", "longitude")).drop("latitude", "longitude")
geo.writeStream.format("delta").outputMode("append").option("checkpointLocation", "/tmp/kinesis/_checkpoints/").table("nb_stream")""",
          'display(spark.table("nb_stream"))']


def notebook(name, cells):
    path = os.path.join(TMP, name + ".py")
    with open(path, "w", encoding="utf-8") as f:
        f.write(HEAD + CUT.join(cells))
    return path


def run(engine, path, s):
    more = ["--engine", "spark", "--python", PYTHON] if engine == "spark" else []
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TARN_", "AWS_"))}
    env.update(PYTHONDONTWRITEBYTECODE="1", TARN_SPARK_JARS=JARS, TARN_SPARK_MEMORY="800m", HOME=TMP)
    r = subprocess.run([TARN, "notebook", "run", "--data", s.data, "--connect", s.at["lake"], *more, "--report", "-", path], capture_output=True, text=True,
                       timeout=800, env=env)
    try:
        report = json.loads(r.stdout)
    except ValueError:
        ok(False, f"{engine}: {os.path.basename(path)}", r.stdout + r.stderr)
        return None
    same(report["error"], None, f"{engine}: {os.path.basename(path)} runs from first to last cell")
    return report


def shown(report):
    """What cells printed, and rows of what they displayed, in no order."""
    out = []
    for c in report["cells"]:
        for o in c["outputs"]:
            if o["output_type"] == "stream":
                out.append(o["text"].strip())
            elif o.get("metadata"):
                v = o["metadata"]["application/vnd.databricks.v1+output"]
                out.append([[(f["name"], f["type"]) for f in v["schema"]], sorted(json.dumps(r) for r in v["data"])])
    return out


def tables(s):
    return {t: sorted(map(str, s.sql(f"SELECT * FROM {t}"))) for _, t, _ in s.sql("SHOW TABLES") if t.startswith("nb_")}


def both():
    """Each on a stack of its own that has the same objects and records."""
    got = {}
    for engine in ("lake", "spark"):
        with Stack(only="s3,lake,databricks,streaming,kinesis") as s:
            s.fill(20)
            kinesis = s.client("kinesis")
            for i in range(20):
                kinesis.put_record(StreamName=f"streaming-{USER}-geo", PartitionKey="geo", Data=json.dumps(
                    {"ind": i, "timestamp": f"2020-01-{i + 1:02d} 10:00:00", "latitude": i / 4, "longitude": -i / 2, "country": "Cuba" if i % 3 else None}).encode())
            reports = [run(engine, notebook(name, cells), s) for name, cells in (("batch", BATCH), ("stream", STREAM))]
            if not all(reports):
                return
            got[engine] = [shown(r) for r in reports], tables(s)
    for i, name in enumerate(("batch", "stream")):
        for k, (a, b) in enumerate(zip(got["lake"][0][i], got["spark"][0][i])):
            same(a, b, f"{name}: what is shown, {k}")
        same(len(got["lake"][0][i]), len(got["spark"][0][i]), f"{name}: as much is shown")
    same(sorted(got["lake"][1]), ["nb_geo", "nb_pin", "nb_stream", "nb_user"], "tables by name")
    for t in got["lake"][1]:
        same(got["lake"][1][t], got["spark"][1].get(t), f"rows of {t}")


parts(both)
done()
