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


programs("frames")
programs("values")
programs("plans")
programs("files")
programs("statements")
done()
