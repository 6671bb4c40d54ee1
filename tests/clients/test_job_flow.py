#!/usr/bin/python3
"""Runs of several tasks and jobs: conditions on rows, loops, jobs of jobs, attempts, queues and repairs."""
from jobs import CLUSTER, Jobs, note, results, tasks
from tarn import Stack, done, ok, same, stack_folder

FILES = {
    "say.py": '# Databricks notebook source\ndbutils.notebook.exit(dbutils.widgets.get("a") + "," + dbutils.widgets.get("b"))\n',
    "count.sql": "CREATE OR REPLACE TABLE numbers AS SELECT id FROM range(CAST(:n AS INT));\nSELECT count(*) AS n FROM numbers\n",
}
folder = stack_folder("[notebooks]\n/x/ok = exit ok\n/x/flaky = exit ok\n/x/fails = fail no luck\n", base="pinterest",
                      files={"notebooks/" + name: text for name, text in FILES.items()})
s = Stack(only="s3,lake,databricks", stack=folder, clock="2026-01-05T09:00:00Z")
j = Jobs(s)
post, get, submit, output, result = j.post, j.get, j.submit, j.output, j.result


# ---- SQL, conditions, loops ----
r = submit(tasks(("sql", {"sql_task": {"warehouse_id": "w", "file": {"path": "/Users/student@example.com/count.sql"}, "parameters": {"n": "5"}}}),
                 ("many", {"condition_task": {"op": "GREATER_THAN", "left": "{{tasks.sql.output.first_row.n}}", "right": "3"}}, "sql"),
                 ("yes", note("/x/ok"), {"task_key": "many", "outcome": "true"}),
                 ("no", note("/x/ok"), {"task_key": "many", "outcome": "false"}),
                 ("below", note("/x/ok"), "no"), ("join", note("/x/ok"), "yes", "no"), ("any", {**note("/x/ok"), "run_if": "AT_LEAST_ONE_SUCCESS"}, "yes", "no")))
same(results(r), {"sql": "SUCCESS", "many": "SUCCESS", "yes": "SUCCESS", "no": "EXCLUDED", "below": "EXCLUDED", "join": "EXCLUDED", "any": "SUCCESS"},
     "a file of SQL; a condition on its rows; tasks by its outcome")
same([t["condition_task"]["outcome"] for t in r["tasks"] if t["task_key"] == "many"], ["true"], "which is shown")
same(r["state"]["result_state"], "SUCCESS", "what is excluded doesn't fail the run")
r = submit(tasks(("loop", {"for_each_task": {"inputs": '["p", {"k": 2}]', "concurrency": 2, "task": {"task_key": "each", **note("/x/say", a="{{input}}", b="{{task.name}}")}}})))
loop = get(f"runs/get?run_id={r['tasks'][0]['run_id']}")
same([get(f"runs/get-output?run_id={i['run_id']}")["notebook_output"]["result"] for i in loop["iterations"]], ["p,each", '{"k":2},each'], "a loop over inputs")
same(r["tasks"][0]["for_each_task"]["stats"]["task_run_stats"]["succeeded_iterations"], 2, "with its numbers")
r = submit(tasks(("loop", {"for_each_task": {"inputs": [1, 2, 3], "task": {"task_key": "each", **note("/x/fails")}}})))
same((results(r), output(r)["error"]), ({"loop": "FAILED"}, "3 of 3 iterations failed"), "a loop whose iterations fail")

r = submit(tasks(("half", {"condition_task": {"op": "EQUAL_TO", "left": "1"}}), ("words", {"notebook_task": {"notebook_path": "/x/ok", "base_parameters": "a"}})))
same([output(r, k)["error"] for k in ("half", "words")], ["Missing required field: condition_task.right", "Invalid value for field base_parameters: expected a map of texts"],
     "half a condition, and parameters that are none, are refused")

# ---- jobs ----
job = post("create", {"name": "inner", "parameters": [{"name": "a", "default": "from job"}, {"name": "b", "default": "d"}], **tasks(("t", note("/x/say", a="base")))})["job_id"]
run = lambda **more: post("run-now", {"job_id": job, **more})["run_id"]
ids = [run(), run(job_parameters={"b": "given"})]
s.clock("advance 1m")
states = [get(f"runs/get?run_id={i}") for i in ids]
same([(x["state"]["life_cycle_state"], x["state"]["result_state"]) for x in states], [("TERMINATED", "SUCCESS"), ("SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED")],
     "one run of a job at a time")
same(result(states[0], "t"), "from job,d", "a job's parameters reach its notebooks")
post("update", {"job_id": job, "new_settings": {"queue": {"enabled": True}}})
ids = [run(), run(job_parameters={"b": "given"})]
same(get(f"runs/get?run_id={ids[1]}")["state"]["life_cycle_state"], "QUEUED", "or it waits, where the job says so")
s.clock("advance 1m")
same(result(get(f"runs/get?run_id={ids[1]}"), "t"), "from job,given", "and then runs, with its own parameters")
r = submit(tasks(("call", {"run_job_task": {"job_id": job, "job_parameters": {"a": "{{task.name}}"}}})))
inner = get(f"runs/get?run_id={output(r)['run_job_output']['run_id']}")
same((results(r), result(inner)), ({"call": "SUCCESS"}, "call,d"), "a job runs a job")

cron = {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"}
same((post("create", {"name": "nightly", "schedule": cron}).get("error_code"), "job_id" in post("create", {"name": "nightly", "schedule": {**cron, "pause_status": "PAUSED"}})),
     ("NOT_IMPLEMENTED", True), "a schedule is refused, unless it is paused")

# ---- retries, limits, repairs ----
s.fault("notebook.flaky error=Luck on=1..2")
r = submit(tasks(("t", {**note("/x/flaky"), "max_retries": 3, "min_retry_interval_millis": 5000})))
same([(t["attempt_number"], t["state"]["result_state"]) for t in r["tasks"]], [(0, "FAILED"), (1, "FAILED"), (2, "SUCCESS")], "a task is tried again")
same(get(f"runs/get-output?run_id={r['tasks'][0]['run_id']}")["error"], "Exception: Luck", "each attempt has its own output")
same(r["state"]["result_state"], "SUCCESS", "the last one counts")
s.fault("notebook.flaky error=Luck on=4..5")
r = submit(tasks(("t", note("/x/flaky")), ("u", note("/x/ok"), "t")))
same(results(r), {"t": "FAILED", "u": "UPSTREAM_FAILED"}, "without retries it fails")
for i in range(2):
    same("repair_id" in post("runs/repair", {"run_id": r["run_id"], "rerun_all_failed_tasks": True}), True, "a repair")
    s.clock("advance 1m")
again = get(f"runs/get?run_id={r['run_id']}&include_history=true")
same((results(again), again["state"]["result_state"], [h["type"] for h in again["repair_history"]]), ({"t": "SUCCESS", "u": "SUCCESS"}, "SUCCESS", ["ORIGINAL", "REPAIR", "REPAIR"]),
     "runs what failed, and what depends on it")
ok("rerun_tasks" not in post("runs/repair", {"run_id": r["run_id"], "rerun_all_failed_tasks": True}), "nothing is left to repair")
r = submit(tasks(("w", {"python_wheel_task": {"package_name": "p", "entry_point": "e"}, "existing_cluster_id": CLUSTER})))
same((r["tasks"][0]["state"]["life_cycle_state"], "python_wheel" in str(r) and "package index" in r["tasks"][0]["state"]["state_message"]), ("INTERNAL_ERROR", True),
     "what isn't served says so")
s.stop()

done()
