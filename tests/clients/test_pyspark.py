#!/usr/bin/python3
"""Programs for PySpark print on the stand-in what they print on PySpark 3.5 (pyspark/*.txt, recorded by pyspark/run.py)."""
import json
import os
import subprocess
import sys

from tarn import ROOT, Stack, done, ok, same

HERE = os.path.join(ROOT, "tests/clients/pyspark")
PYTHON = os.path.join(ROOT, "emulators/databricks/python")
s = Stack(only="s3,lake,databricks")


def environment():
    return {**os.environ, "TARN_LAKE_URL": s.at["lake"], "TZ": "UTC", "PYTHONPATH": os.pathsep.join([PYTHON + "/standin", PYTHON + "/kernel"])}


def programs(name):
    with open(os.path.join(HERE, name + ".json"), encoding="utf-8") as f:
        want = json.load(f)
    p = subprocess.run([sys.executable, os.path.join(HERE, "run.py"), os.path.join(HERE, name + ".txt")], capture_output=True, text=True,
                       env=environment(), timeout=300, check=False)
    if not ok(p.returncode == 0, name + " runs", p.stderr):
        return
    got = json.loads(p.stdout)
    for title, text in want.items():
        same(got.get(title, "").split("\n"), text.split("\n"), "%s: %s" % (name, title))


SIDES = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
df = spark.createDataFrame([("UK", "art", 3), ("UK", "food", 5), ("US", "art", 2), ("US", "music", 2), (None, "x", 9)], ["country", "cat", "n"])
f, w = df.filter("n > 2"), df.withColumn("z", df.n * 2)
m = df.groupBy("country").max("n").withColumnRenamed("max(n)", "m")
print(df.join(f, df.n > f.n).count(), df.join(f, df.n + 1 == f.n).count(), df.join(w, df.n < w.z).count(), df.join(f, (df.cat == f.cat) & (df.n > 2)).count())
j = df.join(m, df.country == m.country, "left")
print(sorted(map(str, j.select(df.country, m.country).collect())))
print(sorted(r[0] for r in m.join(df, "country").select(df.n).collect()), df.crossJoin(m).where(df.country == m.country).count())
"""


def sides():
    """Columns of frames that come from one are of the side that they were taken of. Spark refuses these joins as ambiguous."""
    p = subprocess.run([sys.executable, "-c", SIDES], capture_output=True, text=True, env=environment(), timeout=60, check=False)
    pairs = ["Row(country='UK', country='UK')"] * 2 + ["Row(country='US', country='US')"] * 2 + ["Row(country=None, country=None)"]
    same(p.stdout.split("\n")[:3], ["3 2 20 3", str(pairs), "[2, 2, 3, 5] 4"], "sides of joins of frames that come from one" + p.stderr[-300:])


WATERMARK = """
from pyspark.sql import SparkSession, functions as F
r = SparkSession.builder.getOrCreate().readStream.format("rate").load()
late = r.withWatermark("timestamp", "10 minutes")
print(late.groupBy(F.window(r.timestamp, "5 minutes"), r.value).count().columns)
"""


def watermark():
    p = subprocess.run([sys.executable, "-c", WATERMARK], capture_output=True, text=True, env=environment(), timeout=60, check=False)
    same(p.stdout, "['window', 'value', 'count']\n", "a column is itself behind withWatermark" + p.stderr[-300:])


HOSTILE = """
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.getOrCreate()
def wrong(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__ + ": " + str(e).strip().split("\\n")[0]
df = spark.createDataFrame([("${x}",), ("a\\0b",), ("it's",)], ["s"])
print(df.filter(F.col("s") == "${x}").count(), df.filter("s = '${x}'").count(), df.filter(df.s == "a\\0b").collect(), df.filter(df.s == "it's").count())
print(spark.range(1).select(F.lit("${x}"), F.concat(F.lit("a"), F.lit("${x}b"))).collect()[0][:2])
print(df.select(F.udf(lambda s: s + "\\0")("s")).collect()[2][0] == "it's\\0")
for value in ("x; SET c=d", " 'x' ", "", "a`b"):
    spark.conf.set("a`b", value)
    print(repr(spark.conf.get("a`b")))
for name in ("v as select 2 --", "x.y", "", "a-b", "2020_x", "`a b`"):
    print(wrong(df.createOrReplaceTempView, name))
print(spark.table("`a b`").count(), spark.table("2020_x").count())
print(wrong(spark.table, "`a b` where s = 'x'").split(" at")[0])
print(wrong(spark.sql, "").split(" Syntax")[0])
print(wrong(spark.createDataFrame, [("\\ud800",)], ["s"])[:18])
import time
begun = time.monotonic()
try:
    spark.range(1).select(F.udf(lambda x: spark.range(2).count())("id")).collect()
except Exception as e:
    print("CONTEXT_ONLY_VALID_ON_DRIVER" in str(e))
for f in (lambda x: exit(3), lambda x: "\\ud800", lambda x: {}["\\ud800"]):
    print(wrong(spark.range(1).select(F.udf(f)("id")).collect)[:16])
    print(spark.range(2).count())
def interrupted(x):
    raise KeyboardInterrupt()
try:
    spark.range(1).select(F.udf(interrupted)("id")).collect()
except KeyboardInterrupt:
    print(spark.range(3).count(), time.monotonic() - begun < 60)
"""
# What PySpark 3.5.5 printed, with the names of expressions left out.
HOSTILE_SAID = """1 0 [Row(s='a\\x00b')] 1
('${x}', 'a${x}b')
True
'x; SET c=d'
" 'x' "
''
'a`b'
AnalysisException: Invalid view name: v as select 2 --.
AnalysisException: [TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS] CREATE TEMPORARY VIEW or the corresponding Dataset APIs only accept single-part view names, but got: x.y.
AnalysisException: Invalid view name: .
AnalysisException: Invalid view name: a-b.
None
None
3 3
ParseException: [PARSE_SYNTAX_ERROR] Syntax error
ParseException: [PARSE_SYNTAX_ERROR]
UnicodeEncodeError
True
PythonException:
2
PythonException:
2
PythonException:
2
3 True
"""


def hostile():
    """Texts and names mean what they are, whatever is in them."""
    p = subprocess.run([sys.executable, "-c", HOSTILE], capture_output=True, text=True, env=environment(), timeout=60, check=False)
    same(p.stdout.split("\n"), HOSTILE_SAID.split("\n"), "texts and names that look like SQL" + p.stderr[-300:])


sides()
watermark()
hostile()
programs("joins")
programs("frames")
programs("values")
programs("plans")
programs("files")
programs("statements")
programs("uses")
programs("found")
done()
