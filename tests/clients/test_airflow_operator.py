#!/usr/bin/python3
"""The Databricks operators of the real apache-airflow (PyPI) drive our Jobs API."""
import json
import os
import subprocess

from tarn import TMP, Stack, call, done, ok, registry, same, stack_folder

CLUSTER = "1108-162752-8okw8dgg"
RUN = """
import json, os, sys
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator
out, CLUSTER = {}, "%s"

class TaskInstance:
    dag_id, task_id, run_id, try_number, map_index, stats_tags = "d", "t", "r", 1, -1, {}
    def xcom_push(self, key, value, **_):
        self.pushed[key] = value

def run(op):
    ti = TaskInstance()
    ti.pushed = {}
    try:
        op.execute({"ti": ti, "task_instance": ti})
        said = "success"
    except Exception as e:
        said = type(e).__name__ + ": " + str(e)
    out[op.task_id] = [said, sorted(ti.pushed)]

def notebook(path, **more):
    return {"existing_cluster_id": CLUSTER, "notebook_task": {"notebook_path": path}, **more}

run(DatabricksSubmitRunOperator(task_id="submit", polling_period_seconds=1, **notebook("/out")))
run(DatabricksSubmitRunOperator(task_id="fails", polling_period_seconds=1, **notebook("/raise")))
run(DatabricksSubmitRunOperator(task_id="tasks", polling_period_seconds=1, json={"run_name": "x", "tasks": [notebook("/out", task_key="a")]}))
run(DatabricksRunNowOperator(task_id="now", polling_period_seconds=1, job_name="daily", notebook_params={"Variable": "5"}))
run(DatabricksRunNowOperator(task_id="nobody", polling_period_seconds=1, job_name="no such job"))
print("RESULT " + json.dumps(out))
""" % CLUSTER

python = registry("airflow/bin/python")
s = Stack(only="s3,lake,databricks", stack=stack_folder("\n[notebooks]\n/raise = fail no luck today\n/out = exit all done\n", base="pinterest"))
host, port = s.address("lake")
call("POST", s.at["lake"] + "/api/2.1/jobs/create", {"name": "daily", "existing_cluster_id": CLUSTER, "notebook_task": {"notebook_path": "/out"}},
     {"Authorization": "Bearer dapi-test", "Content-Type": "application/json"})
conn = {"conn_type": "databricks", "host": host, "schema": "http", "port": port, "password": "dapi-test"}
p = subprocess.run([python, "-c", RUN], capture_output=True, text=True, timeout=280,
                   env={**os.environ, "AIRFLOW_HOME": TMP, "AIRFLOW_CONN_DATABRICKS_DEFAULT": json.dumps(conn), "NO_PROXY": "*"})
line = next((line for line in p.stdout.splitlines() if line.startswith("RESULT ")), None)
if not line:
    print("# " + (p.stdout + p.stderr)[-3000:].replace("\n", "\n# "))
out = json.loads(line[7:]) if line else {}
pushed = ["run_id", "run_page_url"]
same(out.get("submit"), ["success", pushed], "DatabricksSubmitRunOperator runs a notebook and pushes its run")
said = out.get("fails", [""])[0]
ok("AirflowException" in said and "no luck today" in said, "a notebook that raises fails its task with the notebook's words", said)
same(out.get("tasks"), ["success", pushed], "a job of tasks")
same(out.get("now"), ["success", pushed], "DatabricksRunNowOperator finds a job by name and runs it")
said = out.get("nobody", [""])[0]
ok("no such job" in said, "a job that isn't there is said to be missing", said)
s.stop()
done()
