#!/usr/bin/env python3
"""What the battery of Spark SQL says Spark answers is what PySpark 3.5 answers, here and now."""
import os
import subprocess

from tarn import ROOT, TMP, done, ok, registry

python = registry("spark/bin/python")
jars = registry("spark-jars")
record = os.path.join(ROOT, "tests/sparksql/record.py")
run = subprocess.run([python, record, "--check"], capture_output=True, text=True, timeout=840, check=False,
                     env={**os.environ, "TARN_SPARK_JARS": jars, "TMPDIR": TMP, "PYSPARK_PYTHON": python})
ok(run.returncode == 0, "Spark says what the battery has of it: " + run.stdout.strip().split("\n")[-1], (run.stdout + run.stderr)[-3500:])
done()
