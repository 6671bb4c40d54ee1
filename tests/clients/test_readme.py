#!/usr/bin/python3
"""Every command of the README, in its order, as a newcomer types it: the ports are the usual ones, in a network of its own. What needs docker
is tried by make compose and make dist; make's targets are there."""
import os
import re
import shutil
import subprocess
import sys

from tarn import ROOT, TARN, TMP, done, need, ok, same, skip, skip_all

need("pymysql", "requests", "boto3", "pytest")
if not os.environ.get("README_INSIDE"):
    inside = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$@"', "sh"]
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        skip_all("no network name spaces here")
    os.execvpe(inside[0], [*inside, sys.executable, *sys.argv], {**os.environ, "README_INSIDE": "1"})

with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
    README = f.read()
HOME = os.path.join(TMP, "home")
ENV = {**os.environ, "PATH": os.path.join(HOME, "build") + os.pathsep + os.environ["PATH"], "HOME": HOME, "T": os.path.join(TMP, "other"), "PYTHONDONTWRITEBYTECODE": "1"}
for name in ("TARN_DATA", "TARN", "AWS_ENDPOINT_URL"):
    ENV.pop(name, None)

FILES = {
    "user_posting_emulation.py": '''
import json, random, requests, pymysql
from sqlalchemy import create_engine, text
random.seed(100)
c = pymysql.connect(host="pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com", user="project_user", password="secret", database="pinterest_data", port=3306,
                    cursorclass=pymysql.cursors.DictCursor)
for i in range(3):
    with c.cursor() as cursor:
        for table, topic in (("pinterest_data", "pin"), ("geolocation_data", "geo"), ("user_data", "user")):
            cursor.execute(f"SELECT * FROM {table} LIMIT {random.randint(0, 11000)}, 1")
            row = cursor.fetchone()
            r = requests.post(f"https://abc123.execute-api.us-east-1.amazonaws.com/prod/topics/12471ce1b695.{topic}", data=json.dumps({"records": [{"value": row}]}, default=str),
                              headers={"Content-Type": "application/vnd.kafka.json.v2+json"})
            assert r.status_code == 200, r.text
''',
    "databricks/cleaning.py": "# Databricks notebook source\ndf = spark.sql('SELECT 1 AS one')\ndf.show()\n",
    "clean.py": "# Databricks notebook source\ndbutils.widgets.text('day', '')\nprint(dbutils.widgets.get('day'))\n",
    "databricks/cleaning.ipynb": '{"cells":[{"cell_type":"code","source":["spark.range(3).show()"],"metadata":{},"outputs":[],"execution_count":null}],"metadata":{},"nbformat":4,"nbformat_minor":5}',
    "test_plain.py": "from pyspark.sql import SparkSession\n\ndef test_count():\n    assert SparkSession.builder.getOrCreate().range(4).count() == 4\n",
    "tests/test_posts.py": "def test_posts(tarn):\n    assert tarn.sql('SELECT 1') == [[1]]\n",
    "parquet.py": "from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate().range(4).write.parquet('s3://bucket/from/pandas.parquet')\n",
}
# What a line needs that the README doesn't say in its block.
BEFORE = {
    "tarn reset": "tarn up -d",
    "tarn trace --field": "tarn emit pinterest --count 1",
    "tarn clock freeze": "tarn fault rm",
    "PYTHONPATH=$(build/tarn pyspark": "mv tests .later; build/tarn up -d",
    "PYTHONPATH=$(tarn pytest": "mv .later tests",
    "build/tarn notebook run databricks": "build/tarn up -d",
    "tarn kit node": "mkdir -p test src/test/java",
    "eval \"$(build/tarn env)\"": "true",
    "tarn stream start": "true",
    "tarn sql 'SELECT COUNT": "tarn clock resume; tarn emit pinterest --count 3; tarn clean",
    "tarn sql 'SELECT * FROM parquet": 'eval "$(tarn env)"; python3 -c "import boto3; boto3.client(\'s3\', endpoint_url=__import__(\'os\').environ[\'AWS_ENDPOINT_URL\']).create_bucket(Bucket=\'bucket\')"; PYTHONPATH=$(tarn pyspark --path) python3 parquet.py',
    "tarn clock advance": "tarn clock freeze",
}


def commands():
    """Lines of the blocks that are a shell's, each with its block's number."""
    for n, block in enumerate(re.findall(r"^```\n(.*?)^```", README, re.M | re.S)):
        if block.startswith("step "):
            yield n, "scenario", block
            continue
        for line in block.splitlines():
            yield n, "line", re.sub(r"\s{2,}#\s.*$", "", line).strip()


def shell(line, stdin=""):
    return subprocess.run(["bash", "-c", line], cwd=HOME, env=ENV, input=stdin, capture_output=True, text=True, timeout=120)


def run_line(line):
    word = line.split()[0]
    if word == "make":
        target = line.split()[1]
        with open(os.path.join(ROOT, "Makefile"), encoding="utf-8") as f:
            ok(re.search(rf"^{target}:", f.read(), re.M), line + ": make has it")
        return
    if word == "docker":
        files = re.findall(r"-f (\S+)", line)
        ok(all(os.path.exists(os.path.join(ROOT, f)) for f in files), line + ": its files are there", files)
        return
    if " aws " in line and not shutil.which("aws"):
        skip(line, "no AWS CLI")
        return
    before = next((b for start, b in BEFORE.items() if line.startswith(start)), None)
    first = shell(before) if before else None
    run = shell("set -o pipefail; " + line, "spark.range(2).count()\n" if line.endswith("pyspark") else "")
    ok(run.returncode == 0, line, f"exit {run.returncode}\n{run.stdout[-1500:]}\n{run.stderr[-1500:]}\n{first.stderr if first else ''}")


def run_scenario(block):
    path = os.path.join(HOME, "readme.tarn")
    with open(path, "w") as f:
        f.write('scenario "README"\nclock 2026-01-05T09:00:00Z\n' + block)
    run = shell(f"tarn run {path}")
    ok(run.returncode == 0, "the scenario", run.stdout + run.stderr)


os.makedirs(os.path.join(HOME, "build"))
os.symlink(TARN, os.path.join(HOME, "build", "tarn"))
for path, text in FILES.items():
    full = os.path.join(HOME, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w") as f:
        f.write(text)
try:
    for _, kind, text in commands():
        if kind == "scenario":
            run_scenario(text)
        elif text:
            run_line(text)
finally:
    shell("tarn down; tarn down --data \"$T\"")
same(re.findall(r"!\[[^]]*\]\(([^)]*)\)", README)[:1] and all(os.path.exists(os.path.join(ROOT, p)) for p in re.findall(r"!\[[^]]*\]\(([^)]*)\)", README)), True, "pictures are there")
topics = subprocess.run([TARN, "help", "--list"], capture_output=True, text=True).stdout
for word in sorted(set(re.findall(r"`tarn help ([a-z0-9-]+)", README) + re.findall(r"(?<=, )`([a-z]+)`(?=[, ]+[`|])", README[README.index("| topic |"):README.index("| topic |") + 2500]))):
    ok(f'"{word}"' in topics, f"tarn help {word} is there")
done()
