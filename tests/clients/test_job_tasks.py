#!/usr/bin/python3
"""Tasks that run what the user wrote: notebooks and files as children; parameters, values and references; their ends, and the server's."""
import base64
import os
import time

from jobs import CLUSTER, HEAD, Jobs, note, results, tasks
from tarn import BUCKET, TMP, Stack, call, done, log, ok, same, stack_folder, until

NB = "# Databricks notebook source\n"
CELL = "\n\n# COMMAND ----------\n\n"
FILES = {
    "say.py": NB + 'dbutils.widgets.text("a", "none")\ndbutils.widgets.text("b", "none")\ndbutils.notebook.exit(dbutils.widgets.get("a") + "," + dbutils.widgets.get("b"))\n',
    "set.py": NB + 'dbutils.jobs.taskValues.set("rows", 12)\ndbutils.jobs.taskValues.set("name", "x y")\n',
    "get.py": NB + 'dbutils.notebook.exit(str(dbutils.jobs.taskValues.get("first", "rows") + 1))\n',
    "fails.py": NB + "x = 1" + CELL + 'spark.table("nowhere").show()' + CELL + "print('never')\n",
    "outer.py": NB + "# MAGIC %run ./lib/inner" + CELL + 'dbutils.notebook.exit(said + dbutils.notebook.run("/Shared/called", 60, {"p": "q"}))\n',
    "lib/inner.py": NB + 'said = "inner "\n',
    "Shared/called.py": NB + 'dbutils.notebook.exit("called with " + dbutils.widgets.get("p"))\n',
    "deep/er/only one (1).py": NB + 'dbutils.notebook.exit("found")\n',
    "slow.py": NB + "import time\ntime.sleep(60)\n",
    "writes.py": NB + 'spark.sql("CREATE TABLE written AS SELECT id FROM range(100)")\nimport time\ntime.sleep(60)\n',
    "leaves.py": NB + 'import os, subprocess\nsubprocess.Popen(["sleep", "611.25"])\nif os.fork():\n    os._exit(7)\nos.execlp("sleep", "sleep", "611.25")\n',
    "ends.py": NB + "import os\nos.kill(os.getpid(), 9)\n",
    "tool.py": "import sys\nfrom pyspark.sql import SparkSession\nprint(sys.argv[1:], SparkSession.builder.getOrCreate().range(3).count())\n",
}
folder = stack_folder(base="pinterest", files={"notebooks/" + name: text for name, text in FILES.items()})
s = Stack("--log-level", "info", only="s3,lake,databricks", stack=folder, clock="2026-01-05T09:00:00Z")
j = Jobs(s)
post, get, submit, output, result = j.post, j.get, j.submit, j.output, j.result


# ---- notebooks ----
r = submit(note("/Users/somebody@example.com/say", a="1"))
same((r["state"]["result_state"], r["state"]["state_message"], result(r)), ("SUCCESS", "", "1,none"), "a notebook is run with its parameters")
ok("way=notebook" in log(), "the log says that its file was run")
r = submit(note("/Repos/me/outer"))
same(result(r), "inner called with q", "%run and dbutils.notebook.run find the others of the workspace")
same(result(submit(note("/Users/x/only one"))), "found", "one in another folder, by its name, which a browser may have numbered")
r = submit(note("/Users/x/fails"))
o = output(r)
same((r["state"]["result_state"], o["error"].startswith("AnalysisException: [TABLE_OR_VIEW_NOT_FOUND]"), 'spark.table("nowhere")' in o["error_trace"], "notebook_output" in o),
     ("FAILED", True, True, False), "a cell that fails fails the run, with Spark's error and the trace")
page = get(f"runs/export?run_id={r['run_id']}")["views"][0]
ok(page["type"] == "NOTEBOOK" and "spark.table(&quot;nowhere&quot;)" in page["content"] and "TABLE_OR_VIEW_NOT_FOUND" in page["content"], "the executed notebook is exported as a page")
r = submit(note("/Users/x/load"))
same((r["state"]["result_state"], "way=steps" in log()), ("FAILED", True), "a notebook that isn't there is done by [notebooks]; the log says so")
r = submit(note("/Users/x/unmount"))
same(r["state"]["state_message"], "/Users/x/unmount isn't in the workspace; done instead, by [notebooks]: remount", "and so does the run")
one = base64.b64encode((NB + "dbutils.notebook.exit('imported')").encode()).decode()
call("POST", s.at["lake"] + "/api/2.0/workspace/import", {"path": "/Shared/mine", "format": "SOURCE", "language": "PYTHON", "content": one}, HEAD)
same(result(submit(note("/Shared/mine"))), "imported", "one that was imported")

# ---- files ----
py = lambda path, *argv: {"existing_cluster_id": CLUSTER, "spark_python_task": {"python_file": path, "parameters": list(argv)}}
r = submit(py("/Users/student@example.com/tool.py", "a", "b"))
same((r["state"]["result_state"], output(r)["logs"]), ("SUCCESS", "['a', 'b'] 3\n"), "a plain file, with its arguments; what it printed is in logs")
s.s3.put_object(Bucket=BUCKET, Key="code/x.py", Body=b"print('from s3')\n")
same(output(submit(py(f"s3://{BUCKET}/code/x.py")))["logs"], "from s3\n", "from the object store")
r = submit(py("/none.py"))
same((r["state"]["life_cycle_state"], r["state"]["result_state"]), ("INTERNAL_ERROR", "FAILED"), "one that isn't there")

# ---- values and references ----
r = submit(tasks(("first", note("/x/set")), ("second", note("/x/get"), "first"),
                 ("third", note("/x/say", a="{{tasks.first.values.rows}} of {{job.run_id}}", b="{{task.name}} {{job.start_time.iso_date}}"), "first")))
same((result(r, "second"), result(r, "third")), ("13", f"12 of {r['run_id']},third 2026-01-05"), "task values and references reach other tasks")
r = submit(tasks(("t", note("/x/say", a="{{tasks.none.values.x}}"))))
same((results(r), "Failed to resolve references" in r["tasks"][0]["state"]["state_message"]), ({"t": "FAILED"}, True), "a reference without a value fails the task")

s.stop()

# ---- a state folder by a relative name, as .tarn is ----
s = j.s = Stack(only="s3,lake,databricks", stack=folder, data="rel", popen={"cwd": TMP}, clock="2026-01-05T09:00:00Z")
same(result(submit(note("/x/say", a="1"))), "1,none", "runs of a state folder that is named from where the server was started")
s.stop()

# ---- real time: cancel, kill ----
s = j.s = Stack(only="s3,lake,databricks", stack=folder)
post("runs/submit", note("/x/say"))
run = post("runs/submit", note("/x/slow"))["run_id"]
FILES_RUN = ("611.25", "student@example.com/slow.py", "student@example.com/writes.py")


def children():
    time.sleep(0.05)  # a look at every process
    return [p for p in os.listdir("/proc") if p.isdigit() and TMP in cmdline(p) and any(f in cmdline(p) for f in FILES_RUN)]


def cmdline(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return ""


ok(until(children), "the notebook's process runs")
post("runs/cancel", {"run_id": run})
same(get(f"runs/get?run_id={run}")["state"]["result_state"], "CANCELED", "a run is cancelled")
same(until(children, lambda c: not c), [], "and its processes are ended")
run = post("runs/submit", {**note("/x/slow"), "timeout_seconds": 3})["run_id"]
same(until(lambda: get(f"runs/get?run_id={run}")["state"].get("result_state")), "TIMEDOUT", "a limit ends one")
for name, words in (("leaves", "ended with code 7"), ("ends", "was ended by signal 9")):
    run = post("runs/submit", note("/x/" + name))["run_id"]
    ok(until(lambda: get(f"runs/get?run_id={run}")["state"].get("result_state")), f"{name} comes to an end")
    same(output(get(f"runs/get?run_id={run}"))["error"], f"The notebook's process {words}", "with what became of its process")
same(until(children, lambda c: not c), [], "and what a notebook leaves running ends with it")
run = post("runs/submit", note("/x/writes"))["run_id"]
ok(until(lambda: any(k.startswith("tables/written/_delta_log") for k in s.keys("tables/written"))), "a notebook writes a table")
s.kill()
s.up()
r = get(f"runs/get?run_id={run}")
same((r["state"]["life_cycle_state"], r["state"]["result_state"]), ("INTERNAL_ERROR", "FAILED"), "kill -9 in a run: it lost its cluster")
same(s.sql("SELECT count(*) FROM written"), [[100]], "what it wrote is whole")
same(until(children, lambda c: not c), [], "and nothing of it runs on")
run = post("runs/submit", note("/x/slow"))["run_id"]
ok(until(children), "another runs when the server is told to stop")
s.stop()
same((until(children, lambda c: not c), os.path.exists(os.path.join(s.data, "runs"))), ([], False), "it ends with it, and leaves no files")

done()
