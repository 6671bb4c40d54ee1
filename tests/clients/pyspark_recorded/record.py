"""Records what PySpark answers to cases.py: functions.tsv, columns.tsv beside it. Needs pyspark 3.5 and Java.

    python3 tests/clients/pyspark_recorded/record.py
"""
import inspect
import json
import os
import sys
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import cases  # noqa: E402
from pyspark.sql import SparkSession, Window, functions as F  # noqa: E402


def session():
    made = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
    made = made.config("spark.sql.shuffle.partitions", "1").getOrCreate()
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


def main():
    warnings.simplefilter("ignore")
    spark = session()
    with open(os.path.join(HERE, "functions.tsv"), "w") as out:
        out.write("# PySpark %s: function, arguments, frame, columns, types, rows of show(truncate=False); written by record.py\n" % spark.version)
        functions(spark, out)
        expressions(spark, out)
    with open(os.path.join(HERE, "columns.tsv"), "w") as out:
        out.write("# PySpark %s: expression, what it prints; written by record.py\n" % spark.version)
        scope = cases.column_scope()
        for e in cases.COLUMNS:
            out.write("%s\t%s\n" % (e, cases.printed(e, scope)))


if __name__ == "__main__":
    main()
