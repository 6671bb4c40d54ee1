"""Records what PySpark answers to cases.py: functions.tsv, columns.tsv, delta.tsv beside it. Needs pyspark 3.5, delta-spark 3.3 and Java; the
jars of Delta are found by pip's Ivy, or are those of the folder DELTA_JARS.

    TZ=UTC python3 tests/clients/pyspark_recorded/record.py [functions] [columns] [delta]
"""
import glob
import inspect
import json
import os
import sys
import tempfile
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import cases  # noqa: E402
from pyspark.sql import SparkSession, Window, functions as F  # noqa: E402


def session(folder):
    from delta import configure_spark_with_delta_pip
    made = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
    made = made.config("spark.sql.shuffle.partitions", "1").config("spark.sql.warehouse.dir", folder + "/warehouse")
    made = made.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    made = made.config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    jars = glob.glob(os.environ.get("DELTA_JARS", "") + "/*.jar") if "DELTA_JARS" in os.environ else []
    made = (made.config("spark.jars", ",".join(jars)) if jars else configure_spark_with_delta_pip(made)).getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def answers(f, name, args, frames, window):
    """The first frame that the call is right for: its name, columns, types and what show() prints."""
    for key, df in frames.items():
        try:
            column = f(*args)
            made = df.select(column.over(window) if name in cases.WINDOWED else column)
            types = [t for _, t in made.dtypes]
        except Exception:
            continue
        try:
            shown = cases.cells(made._jdf.showString(20, 0, False))
        except Exception:
            continue
        return key, made.columns, types, shown
    return None


def functions(spark, out):
    frames = {k: spark.sql(q) for k, q in cases.FRAMES.items()}
    window = Window.partitionBy("b").orderBy("a")
    for name, f in sorted(vars(F).items()):
        if name.startswith("_") or not inspect.isfunction(f) or f.__module__ != F.__name__ or name in cases.UNRECORDED:
            continue
        for args in cases.arguments(f):
            found = answers(f, name, args, frames, window)
            if found:
                write(out, name, args, *found)


def write(out, name, args, frame, *answer):
    out.write("\t".join([name, json.dumps(args), frame] + [json.dumps(x) for x in answer]) + "\n")


def expressions(spark, out):
    scope = cases.column_scope()
    for line in cases.EXPRESSIONS:
        key, text = line.split(" ", 1)
        made = spark.sql(cases.FRAMES[key]).select(eval(text, scope))
        write(out, text, None, key, made.columns, [t for _, t in made.dtypes], cases.cells(made._jdf.showString(20, 0, False)))


def record(name, header, write_rows):
    if len(sys.argv) > 1 and name.partition(".")[0] not in sys.argv[1:]:
        return
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as out:
        out.write("# %s; written by record.py\n" % header)
        write_rows(out)


def columns(out):
    scope = cases.column_scope()
    for e in cases.COLUMNS:
        out.write("%s\t%s\n" % (e, cases.printed(e, scope)))


def main():
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        spark = session(folder)
        of = "PySpark %s: " % spark.version
        record("functions.tsv", of + "function, arguments, frame, columns, types, rows of show(truncate=False)",
               lambda out: (functions(spark, out), expressions(spark, out)))
        record("columns.tsv", of + "expression, what it prints", columns)
        record("delta.tsv", of + "step of delta_steps.txt, what it prints",
               lambda out: out.writelines("%s\t%s\n" % step for step in cases.delta(spark, folder + "/delta")))
        spark.stop()


if __name__ == "__main__":
    main()
