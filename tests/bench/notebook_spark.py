"""The benchmark's notebook on PySpark alone: its cells in order, over local files. Arguments: the notebook, widgets NAME=VALUE. Prints the
rows of what it displays as JSON lines."""
import json
import re
import sys
import types

from pyspark.sql import SparkSession

spark = (SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
         .config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "4").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
widgets = dict(a.split("=", 1) for a in sys.argv[2:])


def display(df):
    print(json.dumps([list(r) for r in df.limit(10000).collect()], default=str))


names = {"spark": spark, "display": display, "dbutils": types.SimpleNamespace(widgets=types.SimpleNamespace(get=widgets.get))}
with open(sys.argv[1], encoding="utf-8") as f:
    cells = re.split(r"(?m)^# COMMAND -+$", f.read())
for cell in cells:
    lines = [line[len("# MAGIC "):] for line in cell.strip().split("\n") if line.startswith("# MAGIC ")]
    if lines:
        display(spark.sql(" ".join(lines).replace("%sql", "", 1)))
    else:
        exec(cell, names)
spark.stop()
