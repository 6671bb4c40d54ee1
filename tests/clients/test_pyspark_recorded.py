#!/usr/bin/env python3
"""What pyspark/*.json say that PySpark prints is what PySpark 3.5 prints, here and now."""
import json
import os
import subprocess

from tarn import ROOT, TMP, done, ok, registry, same

HERE = os.path.join(ROOT, "tests/clients/pyspark")
python = registry("spark/bin/python")
for name in sorted(f[:-4] for f in os.listdir(HERE) if f.endswith(".txt")):
    run = subprocess.run([python, os.path.join(HERE, "run.py"), os.path.join(HERE, name + ".txt")], capture_output=True, text=True, timeout=600,
                         env={**os.environ, "TZ": "UTC", "PYSPARK_PYTHON": python, "HOME": TMP, "TARN_PROGRAMS": os.path.join(TMP, "programs")}, check=False, cwd=TMP)
    if not ok(run.returncode == 0, name + " runs", run.stderr[-3000:]):
        continue
    with open(os.path.join(HERE, name + ".json"), encoding="utf-8") as f:
        want = json.load(f)
    got = json.loads(run.stdout)
    for title in want:
        same(got.get(title, "").split("\n"), want[title].split("\n"), "%s: %s" % (name, title))
done()
