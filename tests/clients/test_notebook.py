#!/usr/bin/python3
"""Notebooks run: every format, magics, dbutils over the lake's files, outputs that are written."""
import base64
import functools
import json
import os
import zipfile

import notebooks
from notebooks import CUT, HEAD, file, source, text
from tarn import TMP, USER, Stack, call, done, ok, parts, same

os.environ["XDG_CACHE_HOME"] = os.path.join(TMP, "cache")
s = Stack(only="s3,lake,databricks,kinesis,streaming,aws")
s.fill(3)
notebook, report = functools.partial(notebooks.notebook, s), functools.partial(notebooks.report, s)


def data(cell):
    """Rows of the tables that a cell showed."""
    return [o["metadata"]["application/vnd.databricks.v1+output"]["data"] for o in cell["outputs"] if o["output_type"] == "display_data" and o["metadata"]]


# ---- formats and magics ----

MAIN = ("# MAGIC %md\n# MAGIC # Posts", "from pyspark.sql.functions import *\ndf = spark.createDataFrame([(1, 'a', 2.5), (2, 'b', None)], 'id int, name string, x double')\ndisplay(df)",
        "dbutils.widgets.text('w', '5')\nprint('w is', dbutils.widgets.get('w'))\ndf.filter(col('id') > 1)",
        "# MAGIC %sql\n# MAGIC -- two; statements\n# MAGIC CREATE OR REPLACE TEMP VIEW v AS SELECT ${w} AS w;\n# MAGIC SELECT *, :w AS p FROM v",
        "# MAGIC %run ./lib/other $q=\"7\"", "print(from_other, _sqldf.collect())\n!echo hi", "# MAGIC %sh echo hi", "# MAGIC %pip install nothing",
        "# MAGIC %fs ls /FileStore", "[r.asDict() for r in df.groupBy('name').count().orderBy('name').collect()]")


def whole():
    source("lib/other.py", "from_other = dbutils.widgets.get('q') + getArgument('w')")
    path = source("main.py", *MAIN)
    code, got = report(path)
    same((code, got["status"], [c["status"] for c in got["cells"]]), (0, "ok", ["ok"] * 5 + ["skipped"] * 3 + ["ok"] * 2), "every magic of a notebook runs, %sh and %pip are skipped")
    cells = got["cells"]
    same((data(cells[1]), text(cells[2])), ([[[1, "a", 2.5], [2, "b", None]]], "w is 5\nDataFrame[id: int, name: string, x: double]"), "a table; a widget and the last expression")
    same((data(cells[3]), text(cells[5])), ([[[5, "5"]]], "75 [Row(w=5, p='5')]\n!echo is skipped: tarn notebook run --allow-sh runs it"), "%sql with widgets; %run shares names")
    ok(any(row[1] == "tables/" for row in data(cells[8])[0]), "%fs ls", data(cells[8]))
    same(text(cells[9]), "[{'name': 'a', 'count': 1}, {'name': 'b', 'count': 1}]", "values echo")
    code, got = report(path, "--allow-sh", "-p", "w=9", "--cell", "3", "--cell", "7", "--cell", "2")
    same((code, [c["status"] for c in got["cells"]].count("ok"), text(got["cells"][6]), text(got["cells"][2]).split("\n")[0]), (0, 3, "hi", "w is 9"),
         "chosen cells, a parameter, and %sh where it may")
    r = notebook("run", path)
    ok("[2] from pyspark" in r.stdout and "| name |    x |" in r.stdout and "2 rows" in r.stdout and r.returncode == 0, "on a terminal: cells and tables", r.stdout + r.stderr)


def formats():
    doc = {"cells": [{"cell_type": "code", "source": ["%sql\n", "SELECT 1 AS one"], "metadata": {}, "outputs": []}, {"cell_type": "code", "source": "_sqldf.count()", "metadata": {}, "outputs": []}],
           "metadata": {"application/vnd.databricks.v1+notebook": {"language": "python"}}, "nbformat": 4, "nbformat_minor": 0}
    out = os.path.join(TMP, "out.ipynb")
    code, got = report(file("a.ipynb", json.dumps(doc)), "-o", out)
    with open(out, encoding="utf-8") as f:
        written = json.load(f)
    first, second = written["cells"]
    table = first["outputs"][0]["metadata"]["application/vnd.databricks.v1+output"]
    same((code, text(got["cells"][1]), table["data"], table["schema"][0]["type"], second["outputs"][0]["data"]["text/plain"], second["execution_count"]),
         (0, "1", [[1]], '"integer"', ["1"], 2), "an .ipynb runs, and is written with its outputs as Databricks writes them")
    ok("<table class='table-result'>" in "".join(first["outputs"][0]["data"]["text/html"]), "its tables in HTML")
    code, got = report(file("b.sql", "-- Databricks notebook source\nSELECT 2 AS a\n-- COMMAND ----------\n-- MAGIC %python\n-- MAGIC spark.range(3).count()"),
                       "-o", os.path.join(TMP, "out.html"))
    same((code, data(got["cells"][0]), text(got["cells"][1])), (0, [[[2]]], "3"), "a notebook of SQL")
    with open(os.path.join(TMP, "out.html"), encoding="utf-8") as f:
        ok("<td>2</td>" in f.read(), "written as HTML")
    with zipfile.ZipFile(os.path.join(TMP, "c.dbc"), "w") as z:
        z.writestr("d/one.python", json.dumps({"language": "python", "commands": [{"position": 1, "command": "%run ./two"}, {"position": 2, "command": "print(two)"}]}))
        z.writestr("d/two.python", json.dumps({"language": "python", "commands": [{"position": 1, "command": "two = 2"}]}))
    r = notebook("run", os.path.join(TMP, "c.dbc"))
    ok(r.returncode == 0 and "== d/one.python" in r.stdout and "\n2\n" in r.stdout, "an archive: its notebooks one after the other", r.stdout + r.stderr)
    code, got = report(os.path.join(TMP, "c.dbc/d/two"))
    same((code, got["notebook"], got["status"]), (0, "two.python", "ok"), "or one of them")
    file("lib/plain.py", "def f():\n    return spark.range(4).count()\n")
    code, got = report(file("jupyter.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": "# lib\n%run ./lib/plain.py\nf()", "metadata": {}}], "metadata": {}, "nbformat": 4})))
    same((code, text(got["cells"][0])), (0, "4"), "a notebook of Jupyter's, which runs plain files")
    code, got = report(file("w.sql", "-- Databricks notebook source\nCREATE WIDGET DROPDOWN w DEFAULT '2' CHOICES SELECT id FROM range(3);\nSELECT ${w} + 1\n-- COMMAND ----------\nREMOVE WIDGET w"))
    same((code, data(got["cells"][0])), (0, [[[3]]]), "widgets of SQL")
    code, got = report(file("plain.py", "import sys\nfrom pyspark.sql import SparkSession\nprint(__name__, len(sys.argv), SparkSession.builder.getOrCreate().range(2).count())\nsys.exit(0)"))
    same((code, text(got["cells"][0]).split("\n")[0]), (0, "__main__ 1 2"), "a plain program")
    code, got = report(file("plain2.py", "import os\nassert os.path.basename(__file__) == 'plain2.py'\nspark.stop()\n1 / 0\n"))
    same((code, got["line"], 'plain2.py", line 4' in got["trace"]), (1, 4, True), "and where one fails")
    code, got = report(source("s.py", "1", "# MAGIC %scala\n# MAGIC val x = 1", "3"))
    same((code, got["cell"], [c["status"] for c in got["cells"]]), (1, 2, ["ok", "failed", "not run"]), "%scala fails by name")
    ok("%scala" in got["error"], "and says so", got["error"])
    same(notebook("run", file("x.txt", "hello")).returncode, 2, "what is no notebook")


def failures():
    path = source("bad.py", "x = 1", "def f():\n    return spark.range(1).select('zz')\nf()", "3")
    code, got = report(path)
    same((code, got["status"], got["cell"], got["line"]), (1, "failed", 2, 2), "a cell that fails: its number and line")
    ok(got["error"].startswith("AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION]") and "<cell 2>" in got["trace"] and "session.py" not in got["trace"],
       "Spark's error, a trace of the user's lines", got["trace"])
    r = notebook("run", path)
    ok(r.returncode == 1 and "bad.py, cell 2, line 2: AnalysisException: [UNRESOLVED" in r.stderr, "in one line for a terminal", r.stderr)
    code, got = report(source("sqlbad.py", "x = 1", "# MAGIC %sql\n# MAGIC SELECT 1;\n# MAGIC\n# MAGIC SELECT zz\n# MAGIC FROM range(1)"))
    same((code, got["cell"], got["line"]), (1, 2, 4), "and of a statement in a cell of SQL")
    code, got = report(source("missing.py", "spark.range(1).flyAway()"))
    ok(code == 1 and "flyAway" in got["error"], "a method that isn't there is named", got["error"])
    code, got = report(source("gone.py", "import pyspark.nowhere"))
    same(got["missing"], ["pyspark.nowhere"], "and what PySpark's isn't here is listed")


# ---- dbutils ----

def files():
    path = source("fs.py", """import os
def wrong(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return "%s: %s" % (type(e).__name__, e)
print(wrong(dbutils.fs.ls, "/none"))
dbutils.fs.put("/tmp/kernel/a.txt", "hello\\nworld")
print(wrong(dbutils.fs.put, "/tmp/kernel/a.txt", "x"))""",
                  """print(open("/dbfs/tmp/kernel/a.txt").read(), dbutils.fs.head("dbfs:/tmp/kernel/a.txt", 5))
with open("/dbfs/tmp/kernel/b/c.bin", "wb") as f:
    f.write(b"abc")
with open("/dbfs/tmp/kernel/a.txt", "a") as f:
    f.write("!")
print(os.listdir("/dbfs/tmp/kernel"), os.path.exists("/dbfs/tmp/kernel/b/c.bin"), os.path.getsize("/dbfs/tmp/kernel/a.txt"), os.path.exists("/dbfs/none"))
print(dbutils.fs.mv("/tmp/kernel/a.txt", "/tmp/kernel/d.txt"), dbutils.fs.cp("/tmp/kernel", "/tmp/k2", True), [f.name for f in dbutils.fs.ls("/tmp/k2")])
print(wrong(dbutils.fs.rm, "/tmp/k2")[:60], dbutils.fs.rm("/tmp/k2", True), dbutils.fs.rm("/tmp/k2", True))""",
                  f"""import urllib.parse
source = "s3n://AKIA:%s@user-{USER}-bucket" % urllib.parse.quote("a/b", "")
print(dbutils.fs.mount(source, "/mnt/kernel"))
print(wrong(dbutils.fs.mount, source, "/mnt/kernel"))
print([m.mountPoint for m in dbutils.fs.mounts()], spark.read.format("json").load("/mnt/kernel/topics/{USER}.pin/partition=0/*.json").count())
print(dbutils.fs.unmount("/mnt/kernel"))
print(wrong(dbutils.fs.unmount, "/mnt/kernel"))""")
    code, got = report(path)
    out = [text(c) for c in got["cells"]]
    same(code, 0, "files by dbutils.fs and by /dbfs")
    same(out[0].split("\n"), ["ExecutionError: An error occurred while calling o398.ls.", ": java.io.FileNotFoundException: No such file or directory: dbfs:/none", "Wrote 11 bytes.",
                              "ExecutionError: An error occurred while calling o398.put.", ": java.nio.file.FileAlreadyExistsException: dbfs:/tmp/kernel/a.txt"], "the errors' words")
    same(out[1].split("\n"), ["[Truncated to first 5 bytes]", "hello", "world hello", "['a.txt', 'b'] True 12 False", "True True ['b/', 'd.txt']",
                              "ExecutionError: An error occurred while calling o398.rm.\n: j".split("\n")[0]] + [": j True False"], "written, listed, moved, copied, removed")
    same([line for line in out[2].split("\n") if "Directory" in line and line.startswith(":")],
         [": java.rmi.RemoteException: java.lang.IllegalArgumentException: requirement failed: Directory already mounted: /mnt/kernel; nested exception is: ",
          ": java.rmi.RemoteException: java.lang.IllegalArgumentException: requirement failed: Directory not mounted: /mnt/kernel; nested exception is: "],
         "mounts' famous errors")
    ok("['/mnt/kernel'] 3" in out[2] and "/mnt/kernel has been unmounted.\nTrue" in out[2], "and what is read by one", out[2])


def others():
    source("child.py", "spark.sql('CREATE OR REPLACE TEMP VIEW mine AS SELECT 1')\ndbutils.notebook.exit('got ' + dbutils.widgets.get('x'))")
    source("failing.py", "1 / 0")
    source("deep/middle.py", "# MAGIC %run ../child2", "dbutils.notebook.exit(dbutils.notebook.entry_point.getDbutils().notebook().getContext().notebookPath().get() + x)")
    source("child2.py", "x = '!'")
    path = source("parent.py", "dbutils.notebook.run('./child', 60, {'x': 5})", "spark.catalog.tableExists('mine'), dbutils.notebook.run('./child', 0, {'x': 'y'}), dbutils.notebook.run('deep/middle', 60)",
                  "try:\n    dbutils.notebook.run('./failing', 60)\nexcept Exception as e:\n    print(e)", "try:\n    dbutils.notebook.exit('bye')\nexcept Exception:\n    print('eaten')", "4")
    code, got = report(path)
    same((code, got["exited"], got["result"], [c["status"] for c in got["cells"]]), (0, True, "bye", ["ok"] * 4 + ["not run"]), "exit ends a run well, past any except")
    same([text(c) for c in got["cells"][:2]], ["'got 5'", "(False, 'got y', '/deep/middle!')"], "another notebook runs apart, with arguments")
    ok("com.databricks.WorkflowException" in text(got["cells"][2]) and "ZeroDivisionError" in text(got["cells"][2]), "and its failure is one", text(got["cells"][2]))


def task():
    path = source("task.py", """print(dbutils.widgets.get("day"), dbutils.jobs.taskValues.get("load", "rows"))
dbutils.jobs.taskValues.set("out", {"n": 1})
c = dbutils.notebook.entry_point.getDbutils().notebook().getContext()
print(c.notebookPath().get(), c.tags().get("user").get(), c.tags().apply("jobId"), c.currentRunId().get())""", "# MAGIC %run /Users/u/lib/sums", "three")
    file("ws/Users/u/lib/sums.py", HEAD + "three = 1 + 2")
    job = {"job_id": 11, "task_run_id": 22, "notebook_path": "/Users/u/task", "user": "u@x.org", "params": {"day": "7"}, "task_values": {"load": {"rows": 12}},
           "root": os.path.join(TMP, "ws")}
    code, got = report(path, "--job", "-", stdin=json.dumps(job))
    same((code, [text(c) for c in got["cells"]], got["task_values"]), (0, ["7 12\n/Users/u/task u@x.org 11 22", "", "3"], {"out": {"n": 1}}), "a task of a job: parameters, values of tasks, context, workspace")


def secrets():
    for path, body in (("scopes/create", {"scope": "aws"}), ("put", {"scope": "aws", "key": "k", "string_value": "hush-hush"})):
        r = call("POST", s.at["lake"] + "/api/2.0/secrets/" + path, body, {"X-Tarn": "1"})
        ok(r.status == 200, f"secrets/{path}", r.text)
    code, got = report(source("secrets.py", "k = dbutils.secrets.get('aws', 'k')\nprint(len(k), k, [k])\nk", "[x.name for x in dbutils.secrets.listScopes()], [x.key for x in dbutils.secrets.list('aws')]",
                              "dbutils.secrets.get('aws', 'none')"))
    out = [text(c) for c in got["cells"]]
    same((code, out[0], out[1]), (1, "9 [REDACTED] ['[REDACTED]']\n'[REDACTED]'", "(['aws'], ['k'])"), "secrets, which are never printed")
    ok("Secret does not exist with scope: aws and key: none" in got["error"] and "hush" not in json.dumps(got["cells"]), "and what isn't one", got["error"])


def streams():
    k, name = s.client("kinesis"), f"streaming-{USER}-pin"
    for i in range(3):
        k.put_record(StreamName=name, Data=json.dumps({"index": i}).encode(), PartitionKey="p")
    read = f"""df = (spark.readStream.format("kinesis").option("streamName", "{name}").option("initialPosition", "earliest").option("region", "us-east-1")
      .option("awsAccessKey", "k").option("awsSecretKey", "s").load().selectExpr("get_json_object(CAST(data AS STRING), '$.index') AS i"))
"""
    k.put_record(StreamName=name.replace("-pin", "-geo"), Data=b'{"index": 7}', PartitionKey="p")
    write = "q = df.writeStream.format('delta').outputMode('append').option('checkpointLocation', '/tmp/kernel/_cp/').table('streamed')"
    code, got = report(source("streams.py", read + write, "# MAGIC %sql\n# MAGIC SELECT i FROM streamed ORDER BY i", "display(df)", "q.isActive, len(spark.streams.active)"))
    same((code, [data(c) for c in got["cells"]][1:3], text(got["cells"][3])), (0, [[[["0"], ["1"], ["2"]]], [[["0"], ["1"], ["2"]]]], "(True, 1)"),
         "what a cell's stream reads is there for the next cell; display of a stream")
    k.put_record(StreamName=name, Data=b'{"index": 3}', PartitionKey="p")
    code, got = report(source("again.py", read + write, "[r.i for r in spark.table('streamed').orderBy('i').collect()]",
                              read + "def f(b, n): raise KeyError('mine')\ndf.writeStream.foreachBatch(f).option('checkpointLocation', '/tmp/kernel/_cp2').start()", "4"))
    same((code, text(got["cells"][1]), got["cell"], [c["status"] for c in got["cells"]]), (1, "['0', '1', '2', '3']", 3, ["ok"] * 4),
         "a stream goes on from its checkpoint; one that fails lets the next cells run, and fails the run")
    code, shared = report(source("shared.py", read.replace("-pin", "-geo") + write.replace("'streamed'", "'streamed_geo'"), "spark.table('streamed_geo').count()"))
    same((code, text(shared["cells"][1]), [f["fails"] for f in shared["streams"]]), (0, "1", []), "one on another's checkpoint folder goes on behind its own batches")
    ok("two queries share a checkpointLocation" in text(shared["cells"][0]), "and says so below its cell", shared["cells"][0])
    ok("FOREACH_BATCH_USER_FUNCTION_ERROR" in got["error"] and "KeyError: 'mine'" in got["error"], "with its error", got["error"])


def figures():
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return
    code, got = report(source("fig.py", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"))
    shown = [o["data"]["image/png"] for o in got["cells"][0]["outputs"] if "image/png" in o.get("data", {})]
    same((code, [base64.b64decode(p)[1:4] for p in shown]), (0, [b"PNG"]), "figures of matplotlib")


parts(whole, formats, failures, files, others, task, secrets, streams, figures)
s.stop()
done()
