#!/usr/bin/env python3
"""Asks PySpark 3.5 for the answers of the battery's statements. Run by a Python that has pyspark.

record.py [--new] FILE...     writes the answers into the files; --new: only of statements that have none
record.py --check [FILE...]   compares what stands there with Spark; says what differs and fails then
TARN_SPARK_JARS: the folder with Delta's jars."""
import glob
import os
import re
import shutil
import sys
import tempfile
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import battery  # noqa: E402

CONF = {
    "spark.ui.enabled": "false", "spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1",
    "spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "false", "spark.sql.adaptive.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory", "spark.sql.sources.default": "delta",
    "spark.sql.legacy.createHiveTableByDefault": "false", "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}
PLAN = re.compile(r";(?: line (\d+) pos (\d+))?;?\n(?=['!+: A-Z])")


def session(folder):
    from pyspark.sql import SparkSession
    warnings.simplefilter("ignore")
    os.environ["TZ"] = "UTC"
    b = SparkSession.builder.master("local[1]").appName("battery").config("spark.sql.warehouse.dir", os.path.join(folder, "warehouse"))
    jars = glob.glob(os.path.join(os.environ.get("TARN_SPARK_JARS", "/nowhere"), "delta-*.jar"))
    for k, v in CONF.items():
        if jars or "delta" not in v:
            b = b.config(k, v)
    if jars:
        b = b.config("spark.jars", ",".join(jars))
    spark = b.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def without_plan(text):
    text = re.split(r";?\n?(?:Filter|Project|Aggregate|Sort|Join|Window|Generate)\b[^\n]*#\d", text)[0]
    m = PLAN.search(text)
    if not m:
        return text
    return text[:m.start()] + (f"; line {m.group(1)} pos {m.group(2)}" if m.group(1) else "")


def is_spark(j):
    k = j.getClass()
    while k is not None:
        if any(i.getName().endswith(("SparkThrowable", "DeltaThrowable")) for i in k.getInterfaces()):
            return True
        k = k.getSuperclass()
    return False


def thrown(e):
    """the Java exception that says most: the first with an error class, else the innermost of wrappers"""
    from py4j.protocol import Py4JJavaError
    first = getattr(e, "_origin", None) or (e.java_exception if isinstance(e, Py4JJavaError) else None)
    j = first
    while j is not None:
        if is_spark(j) and j.getErrorClass():
            return j
        j = j.getCause()
    j = first
    while j is not None and j.getCause() is not None and j.getClass().getName() in (
            "org.apache.spark.SparkException", "java.lang.RuntimeException", "java.util.concurrent.ExecutionException"):
        j = j.getCause()
    return j


def error_of(e):
    j = thrown(e)
    if j is None:
        return battery.Answer(error=type(e).__name__, message=str(e))
    name = ""
    if is_spark(j) and j.getErrorClass():
        name = j.getErrorClass() + " " + (j.getSqlState() or "")
    return battery.Answer(error=name.strip() or j.getClass().getName().split(".")[-1], message=without_plan(j.getMessage() or "").strip("\n"))


def has_order(plan):
    if plan.nodeName() in ("Sort", "CommandResult"):
        return True
    last = plan.children().size() - 1
    return last >= 0 and plan.nodeName() in ("Project", "GlobalLimit", "LocalLimit", "Filter", "SubqueryAlias", "Offset", "WithCTE", "View") \
        and has_order(plan.children().apply(last))


def ask(spark, text):
    try:
        df = spark.sql(text)
        schema = df._jdf.schema()  # Python's own has no calendar interval
        fields = [schema.apply(i) for i in range(schema.size())]
        names, types = [f.name() for f in fields], [f.dataType().catalogString() for f in fields]
        flat = df.toDF(*[f"c{i}" for i in range(len(types))])
        cells = [f"hex(c{i})" if t == "binary" else f"CAST(c{i} AS STRING)" for i, t in enumerate(types)]
        rows = [list(r) for r in (flat.selectExpr(*cells) if cells else df).collect()]
        return battery.Answer(list(zip(names, types)), rows, has_order(df._jdf.queryExecution().commandExecuted()))
    except Exception as e:
        return error_of(e)


def clean(spark):
    for (name,) in spark.sql("SHOW DATABASES").collect():
        if name != "default":
            spark.sql(f"DROP DATABASE `{name}` CASCADE")
    for t in spark.catalog.listTables("default"):
        spark.sql(f"DROP {'VIEW' if 'VIEW' in t.tableType else 'TABLE'} default.`{t.name}`")
    for v in spark.catalog.listTables("global_temp"):
        spark.catalog.dropGlobalTempView(v.name)


def run_group(spark, group):
    """the answers of a group's statements, in order"""
    one = spark.newSession()
    clean(one)
    for k, v in group.conf.items():
        one.conf.set(k, v)
    return [ask(one, st.text) for st in group.statements]


def main():
    args = sys.argv[1:]
    flags = [a for a in args if a.startswith("--")]
    names = [a for a in args if not a.startswith("--")]
    paths = [n if os.path.exists(n) else os.path.join(battery.FOLDER, n + ".txt") for n in names] or battery.files()
    folder = tempfile.mkdtemp(prefix="battery-")
    spark, wrong, number = session(folder), 0, 0
    for path in paths:
        groups = battery.read(path)
        for g in groups:
            if "--new" in flags and all(st.answer for st in g.statements):
                continue
            for st, a in zip(g.statements, run_group(spark, g)):
                number += 1
                why = battery.differs(st.answer, a, st.shape) if st.answer else ("new", "")
                if why and "--check" in flags:
                    wrong += 1
                    print(f"{g.name}: {st.text}\n  {why[0]}: {why[1]}")
                st.answer = st.answer if "--check" in flags else a
        if "--check" not in flags:
            battery.write(path, groups)
    print(f"{number} statements, {wrong} differ" if "--check" in flags else f"{number} statements recorded")
    spark.stop()
    shutil.rmtree(folder, ignore_errors=True)
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
