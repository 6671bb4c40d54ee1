"""run.py PROGRAMS: runs each program of a file and prints a JSON of what each printed or raised. By PySpark (recorded.json was made so,
with PySpark 3.5.5 on one core: `python run.py FILE >FILE.json`) and by the stand-in (test_pyspark.py)."""
import contextlib
import io
import json
import re
import sys
import warnings

from pyspark.sql import SparkSession

IMPORTS = """
import collections, copy, datetime, decimal, pickle
from decimal import Decimal
from pyspark.sql import *
from pyspark.sql import functions as F
from pyspark.sql.types import *
from pyspark.sql.window import Window
import datetime as dt
"""


def session():
    builder = SparkSession.builder.master("local[1]").config("spark.sql.shuffle.partitions", "1")
    return builder.config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").getOrCreate()


def said(e):
    """An exception: its kind and its text without plans and traces."""
    text = re.split(r";\n|\n\nJVM stacktrace|\n\tat ", str(e))[0]
    if "Traceback (most recent" in text:
        text = "(trace) " + [line for line in text.split("\n") if line.strip()][-1]
    return "!! %s %s" % (type(e).__name__, re.sub(r"calling o\d+\.\w+", "calling o", text)[:600])


def ran(title, code, names):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(code, title, "exec"), names)
        except Exception as e:
            print(said(e))
    return re.sub("0x[0-9a-f]{6,}", "0x", out.getvalue())


def main():
    warnings.simplefilter("ignore")
    spark = session()
    spark.sparkContext.setLogLevel("OFF")
    with open(sys.argv[1], encoding="utf-8") as f:
        before, *programs = f.read().split("\n###")
    out = {}
    for program in programs:
        title, _, code = program.partition("\n")
        names = {"spark": spark, "sc": spark.sparkContext}
        exec(IMPORTS + before, names)
        out[title.strip()] = ran(title, code.strip("\n"), names)
    json.dump(out, sys.stdout, indent=0, ensure_ascii=False)


main()
