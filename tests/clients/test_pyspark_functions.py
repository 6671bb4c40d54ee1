#!/usr/bin/env python3
"""Columns and functions of the stand-in of PySpark: what they print, the names, types and rows that the lake gives for them, beside what
PySpark answered (pyspark_recorded/); how they refuse what PySpark refuses."""
import inspect
import json
import os
import sys
import warnings

from tarn import ROOT, Stack, done, ok, same

os.environ["TZ"] = "UTC"
sys.dont_write_bytecode = True
RECORDED = os.path.join(ROOT, "tests/clients/pyspark_recorded")
for folder in ("standin", "kernel"):
    sys.path.insert(0, os.path.join(ROOT, "emulators/databricks/python", folder))
sys.path.insert(0, RECORDED)

import cases  # noqa: E402

# Named otherwise by PySpark, in a way that it itself doesn't read back.
OTHER_NAMES = {"assert_true"}
# In PySpark, but not served: the lake says so by name.
UNSERVED = ["xpath", "hll_sketch_agg", "session_window", "count_min_sketch"]
NAMES = "col lit when expr udf pandas_udf udtf desc asc broadcast window PandasUDFType Column DataFrame StringType StructType ArrayType DataType " \
        "UserDefinedFunction SparkContext functools warnings sys decimal inspect Any Optional countDistinct sumDistinct".split()


def recorded(name):
    with open(os.path.join(RECORDED, name), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]


def printing():
    scope = cases.column_scope()
    wrong = []
    for expression, want in recorded("columns.tsv"):
        got = cases.printed(expression, scope)
        if got != want:
            wrong.append("%s\n  got  %s\n  want %s" % (expression, got, want))
    ok(not wrong, "columns print as PySpark's, errors are its", "\n".join(wrong))


def exported():
    from pyspark.sql import functions as F
    scope = {}
    exec("from pyspark.sql.functions import *", scope)
    same([n for n in NAMES if n not in scope], [], "import * gives what PySpark's does")
    same(str(inspect.signature(F.regexp_replace)), "(string, pattern, replacement)", "signatures are PySpark's")
    same(str(inspect.signature(F.lag)), "(col, offset=1, default=None)", "defaults, too")
    same(repr(F.lag(col="x", default=0)), "Column<'lag(x, 1, 0)'>", "keyword arguments")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        same(repr(F.sumDistinct("x")), "Column<'sum(DISTINCT x)'>", "older names")
        same([w.category for w in seen], [FutureWarning], "which warn")


def asked(spark, name, args):
    from pyspark.sql import Window, functions as F
    if args is None:
        return eval(name, cases.column_scope())
    made = getattr(F, name)(*args)
    return made.over(Window.partitionBy("b").orderBy("a")) if name in cases.WINDOWED else made


def answers(spark):
    warnings.simplefilter("ignore", FutureWarning)
    frames = {k: spark.sql(q) for k, q in cases.FRAMES.items()}
    wrong, n = [], 0
    for name, args, frame, columns, types, rows in recorded("functions.tsv"):
        if name in UNSERVED:
            continue
        n += 1
        args, want = json.loads(args), [json.loads(columns), json.loads(types), json.loads(rows)]
        try:
            made = frames[frame].select(asked(spark, name, args))
            got = [made.columns, [t for _, t in made.dtypes], cases.cells(made._shown(20, False))]
        except Exception as e:
            got = "%s: %s" % (type(e).__name__, e)
        if name in OTHER_NAMES:
            got, want = got[1:], want[1:]
        if got != want:
            wrong.append("%s %s of %s\n  got  %s\n  want %s" % (name, args, frame, got, want))
    ok(n > 480 and not wrong, "%d calls of functions answer as PySpark's" % n, "%d wrong\n%s" % (len(wrong), "\n".join(wrong)))


def refused(spark):
    from pyspark.errors import AnalysisException, PySparkException, PySparkNotImplementedError
    from pyspark.sql import functions as F
    df = spark.sql("SELECT 'x' a, 1 b, timestamp'2020-01-01' t")
    for name in UNSERVED:
        args = ["t", "5 minutes"] if name == "session_window" else [F.lit(1)] * 4 if name == "count_min_sketch" else ["a"] * 2
        try:
            ok(False, name + " is refused", df.select(getattr(F, name)(*args[:1] if name == "hll_sketch_agg" else args)).collect())
        except PySparkException as e:
            ok(name in str(e), name + " is refused by its name", e)
    try:
        ok(False, "an unknown column is an error at its line", df.select(F.upper("zz")))
    except AnalysisException as e:
        same(e.getErrorClass(), "UNRESOLVED_COLUMN.WITH_SUGGESTION", "an unknown column is an error at its line")
    try:
        ok(False, "what isn't served says so", F.udtf(object))
    except PySparkNotImplementedError as e:
        same(e.getErrorClass(), "NOT_IMPLEMENTED", "what isn't served says so")


def fields(spark):
    """Column.withField and dropFields: PySpark's own examples."""
    from pyspark.errors import AnalysisException
    from pyspark.sql import Row, functions as F
    df = spark.createDataFrame([Row(a=Row(b=1, c=2, d=3, e=Row(f=4, g=5, h=6)))])
    a = F.col("a")
    for made, want in ((a.withField("b", F.lit(3)), "{3, 2, 3, {4, 5, 6}}"), (a.withField("x", F.lit("y")), "{1, 2, 3, {4, 5, 6}, y}"),
                       (a.withField("e.g", F.lit(None)), "{1, 2, 3, {4, NULL, 6}}"), (a.dropFields("b", "c"), "{3, {4, 5, 6}}"),
                       (a.dropFields("e.g", "e.h"), "{1, 2, 3, {4}}"), (a.withField("e", F.col("a.e").dropFields("g", "h")), "{1, 2, 3, {4}}")):
        same(cases.cells(df.select(made.alias("a"))._shown(20, False)), [want], str(made))
    same(df.withColumn("a", a.withField("b", F.lit("s"))).select("a.b").dtypes, [("b", "string")], "the field's type is the new one's")
    same(df.select(F.lit(None).cast("struct<b:int>").withField("c", F.lit(1))).collect()[0][0], None, "NULL stays NULL")
    for bad, name in ((a.dropFields("b", "c", "d", "e"), "DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS"),
                      (F.lit(1).dropFields("b"), "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE")):
        try:
            ok(False, name, df.select(bad))
        except AnalysisException as e:
            same(e.getErrorClass(), name, name)


def buckets(spark):
    """pyspark.ml.feature.Bucketizer, beside what PySpark 3.5.5 gave."""
    from pyspark.errors import IllegalArgumentException
    from pyspark.ml.feature import Bucketizer
    df = spark.createDataFrame([(18, 1.0), (24, float("nan")), (25, 3.0), (50, None)], "age INT, v DOUBLE")
    made = Bucketizer(splits=[18, 25, 36, 50], inputCol="age", outputCol="g").transform(df)
    same((made.dtypes[2], [r.g for r in made.collect()]), (("g", "double"), [0.0, 0.0, 1.0, 2.0]), "buckets, the last with its end")
    ends = [-float("inf"), 2, float("inf")]
    for how, want in (("keep", [(18, 0.0), (24, 2.0), (25, 1.0), (50, None)]), ("skip", [(18, 0.0), (25, 1.0)])):
        made = Bucketizer(splits=ends, inputCol="v", outputCol="g", handleInvalid=how).transform(df)
        same([(r.age, r.g) for r in made.collect()], want, "NaN and NULL: " + how)
    try:
        ok(False, "outside of all buckets", Bucketizer(splits=[18, 25, 36], inputCol="age", outputCol="g").transform(df).collect())
    except Exception as e:
        ok("Feature value 50.0 out of Bucketizer bounds [18.0, 36.0]" in str(e), "outside of all buckets", e)
    try:
        ok(False, "splits are checked", Bucketizer(splits=[3, 2]))
    except IllegalArgumentException as e:
        ok("parameter splits given invalid value [3.0,2.0]" in str(e), "splits are checked", e)


if __name__ == "__main__":
    printing()
    exported()
    with Stack(only="s3,lake") as stack:
        os.environ["TARN_LAKE_URL"] = stack.at["lake"]
        from pyspark.sql import SparkSession
        session = SparkSession.builder.getOrCreate()
        answers(session)
        refused(session)
        fields(session)
        buckets(session)
        session.stop()
    done()
