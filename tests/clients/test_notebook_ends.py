#!/usr/bin/python3
"""What a notebook's run can't do, and how it ends; tarn notebook check, tarn pyspark."""
import functools
import json
import os
import signal
import subprocess
import sys

import notebooks
from notebooks import CUT, HEAD, file, source, text
from tarn import TARN, TMP, USER, Stack, done, ok, parts, same, tarn, until

os.environ["XDG_CACHE_HOME"] = os.path.join(TMP, "cache")
s = Stack(only="s3,lake,databricks,aws")
notebook, report = functools.partial(notebooks.notebook, s), functools.partial(notebooks.report, s)


# ---- limits and ends ----

def limits():
    path = source("net.py", """import urllib.request, socket
for at in ("http://192.0.2.1/", "http://example.com/"):
    try:
        urllib.request.urlopen(at, timeout=5)
    except Exception as e:
        print(type(e).__name__)
try:
    socket.create_connection(("192.0.2.1", 80), 5)
except OSError as e:
    print("elsewhere" in str(e) or "refused" in str(e))""", "import boto3\n[b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']]")
    code, got = report(path)
    same(text(got["cells"][0]), "URLError\nURLError\nTrue", "the network is the stack's")
    ok(f"user-{USER}-bucket" in text(got["cells"][1]) or "boto3" in text(got["cells"][1]), "boto3 finds the stack by AWS's names", got["cells"][1])
    code, got = report(source("slow.py", "x = 1", "while True:\n    try:\n        while True:\n            pass\n    except Exception:\n        pass"), "--timeout", "1")
    same((code, got["status"], got["error"]), (4, "timed_out", "TimeoutError: the notebook ran longer than 1 seconds"), "a time limit")
    code, got = report(source("big.py", "x = bytearray(1 << 30)"), "--memory", "300")
    same((code, got["error"]), (1, "MemoryError: the notebook needs more than 300 MiB (--memory)"), "a memory limit")


def ends():
    path = source("long.py", "spark.sql('CREATE OR REPLACE TABLE kept AS SELECT 1 AS a')", "print('ready', flush=True)\nimport time\ntime.sleep(60)", "3")
    p = subprocess.Popen([TARN, "notebook", "run", "--data", s.data, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in p.stdout:
        if line.startswith("ready"):
            break
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=30)
    same(p.returncode, 130, "SIGTERM ends a run")
    path = source("killed.py", "import os, signal\nspark.sql('INSERT INTO kept SELECT 2')\nprint('ready', flush=True)\nspark.sql(\"INSERT INTO kept SELECT count(*) FROM range(9000000000000) a JOIN range(3) b ON a.id % 7 = b.id\")")
    p = subprocess.Popen([TARN, "notebook", "run", "--data", s.data, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    for line in p.stdout:
        if line.startswith("ready"):
            break
    os.killpg(p.pid, signal.SIGKILL)
    p.communicate(timeout=30)
    same(sorted(until(lambda: s.sql("SELECT a FROM kept"), lambda rows: len(rows) == 2)), [[1], [2]], "kill -9 in a write leaves the table whole")


def odd_errors():
    """Whatever a cell raises and prints, there is a report, which is JSON that every reader takes."""
    code, got = report(source("base.py", "import asyncio", "raise asyncio.CancelledError('gone')"))
    same((code, got["error"], got["cell"]), (1, "CancelledError: gone", 2), "an error that is no Exception fails its cell")
    code, got = report(source("nameless.py", "class Bad(Exception):\n    def __str__(self):\n        raise ValueError('no text')\nraise Bad()"))
    same((code, got["error"], got["line"]), (1, "Bad: <exception str() failed>", 4), "an error that has no text")
    path = source("surrogates.py", "print('\\ud800')\nimport sys\nsys.stdout.buffer.write(b'\\xff\\n')\n'\\udfff'", "dbutils.notebook.exit('a\\ud800')")
    r = s.run("notebook", "run", path, "-o", os.path.join(TMP, "surrogates.ipynb"))
    same((r.returncode, r.stdout.count("?\n"), "Notebook exited: a?" in r.stdout), (0, 2, True), "half characters are printed as ?")
    with open(os.path.join(TMP, "surrogates.ipynb"), encoding="utf-8") as f:
        same(json.load(f)["cells"][0]["outputs"][0]["text"][0], "?\n", "and written so")
    code, got = report(path)
    same((code, got["result"]), (0, "a?"), "and reported so")
    r = notebook("run", "--report", "-", source("nan.py", "dbutils.jobs.taskValues.set('a', 1.5)", "display({'application/json': 1})\ndbutils.jobs.taskValues.set('x', float('nan'))"))
    same((r.returncode, json.loads(r.stdout)["error"].split(":")[0], "NaN" in r.stdout), (1, "ValueError", False), "a task value that JSON doesn't have")


def left_behind():
    """Threads, programs and functions that a notebook leaves behind don't keep it."""
    path = source("threads.py", "import atexit, threading, time\nthreading.Thread(target=lambda: time.sleep(600)).start()\natexit.register(lambda: time.sleep(600))\n7")
    r = notebook("run", path)
    same((r.returncode, "7" in r.stdout), (0, True), "a thread that goes on doesn't keep the notebook")
    code, got = report(source("pool.py", "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p:\n    print(p.map(abs, [-1, 2]))",
                              "import os, signal, time\np = os.fork()\nif not p:\n    time.sleep(600)\nos.kill(p, signal.SIGTERM)\nos.waitpid(p, 0)[1]"))
    same((code, text(got["cells"][0]), text(got["cells"][1])), (0, "[1, 2]", "15"), "a fork's child has no signals of ours")


def too_deep():
    path = source("again.py", "dbutils.widgets.text('n', '0')\nn = int(dbutils.widgets.get('n'))\ndbutils.notebook.run('./again', 0, {'n': n + 1})")
    code, got = report(path, TARN_KERNEL_DEPTH="15")
    ok(code == 1 and "16 notebooks run one another already" in got["error"], "a notebook that runs itself comes to an end", got["error"])


# ---- check, pyspark ----

def check():
    path = source("c.py", "from pyspark.sql.functions import nothing_like_it\nspark.range(1).show()", "# MAGIC %scala\n# MAGIC 1")
    r = tarn("notebook", "check", path)
    same((r.returncode, r.stdout.count("\n")), (1, 2), "check lists what isn't here, without a stack")
    ok("cell 1, line 1: pyspark.sql.functions.nothing_like_it" in r.stdout and "%scala" in r.stdout, "by name, cell and line", r.stdout + r.stderr)
    r = tarn("notebook", "check", source("good/d.py", "from pyspark.sql import SparkSession\nSparkSession.builder.config('a', 'b').getOrCreate().range(1).show()"))
    same((r.returncode, "all that it uses is here" in r.stdout), (0, True), "or nothing")


def pyspark():
    r = s.run("pyspark", stdin="from pyspark.sql import functions as F\nspark.range(2).select((F.col('id') * 2).alias('x')).show()\n%sql SELECT 5 AS five\n1/0\ndbutils.fs.mkdirs('/tmp/p')\n")
    ok("|  2|" in r.stdout and "five" in r.stdout and "True" in r.stdout and "ZeroDivisionError" in r.stderr and "File \"<prompt>\", line 1" in r.stderr and r.returncode == 0,
       "a prompt with spark, magic and dbutils", r.stdout + r.stderr)
    path = s.run("pyspark", "--path").stdout.strip()
    script = file("elsewhere/script.py", "from pyspark.sql import SparkSession\nprint(SparkSession.builder.appName('x').getOrCreate().range(7).count())")
    env = {k: v for k, v in os.environ.items() if not k.startswith("TARN_")}
    r = subprocess.run([sys.executable, script], cwd=TMP, env={**env, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60)
    same((r.stdout, r.returncode), ("7\n", 0), "PYTHONPATH of plain programs, from any folder")
    r = tarn("pyspark", "--data", os.path.join(TMP, "none"))
    same(r.returncode, 3, "a prompt needs a stack")
    folders = [n for n in os.listdir(os.path.join(TMP, "cache/tarn")) if n.startswith("python-")]
    same(len(folders), 1, "Python's files were unpacked once")


def others():
    """Another user's notebook: what to do about it."""
    r = notebook("run", source("theirs.py", "spark.read.json('s3a://user-12885f560a0b-bucket/topics/12885f560a0b.pin/partition=0/*.json')"))
    same((r.returncode, r.stderr.splitlines()[-1].strip()), (1, "try: tarn up --user 12885f560a0b, or tarn up --adopt: the bucket user-12885f560a0b-bucket isn't the stack's user's"),
         "another user's bucket is told as such")


def at_once():
    path = source("many.py", "spark.range(10).count()")
    runs = [subprocess.Popen([TARN, "notebook", "run", "--data", s.data, "--report", "-", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env={**os.environ, "XDG_CACHE_HOME": os.path.join(TMP, "cache-2")}) for _ in range(4)]
    same([(text(json.loads(p.communicate(timeout=60)[0])["cells"][0]), p.returncode) for p in runs], [("10", 0)] * 4, "several unpack and run at once")


parts(limits, ends, odd_errors, left_behind, too_deep, check, pyspark, others, at_once)
s.stop()
done()
