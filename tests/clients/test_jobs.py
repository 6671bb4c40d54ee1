#!/usr/bin/python3
"""The Jobs API as the Airflow operator and the Databricks SDK use it: runs on the clock, notebooks as steps, errors.

With the SDK for JavaScript (npm @databricks/sdk-experimental) below the folder TARN_NODE_MODULES it is run too."""
import http.client
import json
import os
import shutil
import subprocess

from tarn import Stack, TMP, USER, done, need, ok, same, skip, stack_folder, until

requests = need("requests")
CLUSTER = "1108-162752-8okw8dgg"
NOTEBOOKS = "\n[notebooks]\n/mount_once = mount /mnt/x\n/raise = fail no luck today\n/out = exit all done\n"


class Jobs(Stack):
    def __init__(self, clock="2024-08-18T09:00:00Z"):
        super().__init__(only="s3,lake,databricks", stack=stack_folder(NOTEBOOKS, base="pinterest"), clock=clock)
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["Authorization"] = "Bearer dapi-test"

    def post(self, path, body, version="2.1"):
        return self.http.post(f"{self.at['lake']}/api/{version}/{path}", json=body, timeout=30)

    def get(self, path, version="2.1", **params):
        return self.http.get(f"{self.at['lake']}/api/{version}/{path}", params=params, timeout=30)

    def submit(self, notebook, **more):
        return self.post("jobs/runs/submit", {"run_name": "submit_run", "existing_cluster_id": CLUSTER, "timeout_seconds": "0",
                                              "notebook_task": {"notebook_path": notebook}, **more}).json()["run_id"]

    def job(self, run_id):
        return self.get("jobs/runs/get", run_id=run_id).json()

    def state(self, run_id):
        s = self.job(run_id)["state"]
        return s["life_cycle_state"], s.get("result_state")

    def output(self, run_id):
        return self.get("jobs/runs/get-output", run_id=run_id).json()

    def advance(self, by):
        self.clock(f"advance {by}")
        self.settle()


s = Jobs()

# ---- the life of a run ----
a = s.submit("/Users/me@example.com/load_and_clean_pin")
r = s.job(a)
same((r["run_type"], r["run_name"], r["state"]["life_cycle_state"], "result_state" in r["state"], r["end_time"]),
     ("SUBMIT_RUN", "submit_run", "PENDING", False, 0), "a run begins PENDING, without a result")
ok(r["run_page_url"].startswith("http") and r["start_time"] == 1723971600000, "it has a page and a start time of the emulated clock")
s.advance("1s")
same(s.state(a), ("RUNNING", None), "RUNNING when the cluster is ready")
s.advance("2s")
same(s.state(a), ("TERMINATED", "FAILED"), "without objects the notebook fails")
same(s.output(s.job(a)["tasks"][0]["run_id"])["error"],
     f"AnalysisException: Path does not exist: dbfs:/mnt/user-{USER}-bucket/topics/{USER}.pin/partition=0/*.json", "as Spark does, with its words")
s.fill()
b = s.submit("/Users/me@example.com/load_and_clean_pin")
s.advance("5s")
same(s.state(b), ("TERMINATED", "SUCCESS"), "with objects it succeeds")
same(s.output(b)["notebook_output"], {"result": "pin: 1 rows, 0 quarantined", "truncated": False}, "its output says what it did")
r = s.job(b)
same((r["setup_duration"], r["execution_duration"], r["end_time"] - r["start_time"]), (1000, 1000, 2000), "its durations are on the clock")
tables = lambda: {key.split("/")[1] for key in s.keys("tables/")} - {"authentication_credentials"}  # which the stack begins with
same(tables(), {"pin"}, "that dataset alone, and its Delta table")
q = s.submit("/x/query_all_data")
s.advance("5s")
ok(s.state(q) == ("TERMINATED", "FAILED") and "[TABLE_OR_VIEW_NOT_FOUND] The table or view `geo` cannot be found" in s.output(q)["error"], "the queries need the other two")
both = [s.submit(f"/Users/me@example.com/clean_{t}") for t in ("geo", "user")]
q = s.submit("/x/query_all_data")
s.advance("5s")
same([s.output(i)["notebook_output"]["result"] for i in both], ["geo: 1 rows, 0 quarantined", "users: 1 rows, 0 quarantined"], "which are cleaned one by one")
ok(s.state(q) == ("TERMINATED", "SUCCESS") and tables() == {"pin", "geo", "users"}, "the queries run over what was cleaned")

# ---- notebooks ----
x = s.submit("/Users/me@example.com/no_such_thing")
s.advance("5s")
r = s.job(x)
same((r["state"]["result_state"], r["state"]["state_message"].startswith('Unable to access the notebook "/Users/me@example.com/no_such_thing"')),
     ("FAILED", True), "an unknown notebook fails")
m = [s.submit("/mount_once"), s.submit("/mount_once")]
s.advance("5s")
same([s.state(i)[1] for i in m], ["SUCCESS", "FAILED"], "mounting twice fails the second time")
ok("requirement failed: Directory already mounted: /mnt/x" in s.output(m[1])["error"], "with the famous words")
r = [s.submit("/Mount_S3"), s.submit("/Mount_S3")]
s.advance("5s")
same([s.output(i)["notebook_output"]["result"] for i in r], [f"{again}mounted s3a://user-{USER}-bucket at /mnt/user-{USER}-bucket" for again in ("", "re")],
     "a notebook that unmounts first can mount again")
same([(x["mountPoint"], x["source"]) for x in s.http.get(s.at["lake"] + "/api/tarn/mounts").json()["mounts"]],
     [(f"/mnt/user-{USER}-bucket", f"s3a://user-{USER}-bucket"), ("/mnt/x", f"s3a://user-{USER}-bucket")], "the mounts are the lake's own")
e = [s.submit("/raise"), s.submit("/out")]
s.advance("5s")
same((s.output(e[0])["error"], s.output(e[1])["notebook_output"]["result"]), ("Exception: no luck today", "all done"), "an exception; dbutils.notebook.exit")
ok("Traceback (most recent call last)" in s.output(e[0])["error_trace"], "with a trace")

# ---- tasks that depend on each other ----
t = s.post("jobs/runs/submit", {"run_name": "three", "tasks": [
    {"task_key": "a", "notebook_task": {"notebook_path": "/raise"}, "existing_cluster_id": CLUSTER},
    {"task_key": "b", "depends_on": [{"task_key": "a"}], "notebook_task": {"notebook_path": "/out"}, "existing_cluster_id": CLUSTER},
    {"task_key": "c", "depends_on": [{"task_key": "a"}], "run_if": "ALL_DONE", "notebook_task": {"notebook_path": "/out"}, "new_cluster": {}}]},
    version="2.2").json()["run_id"]
same([x["state"]["life_cycle_state"] for x in s.job(t)["tasks"]], ["PENDING", "BLOCKED", "BLOCKED"], "tasks wait for those they depend on")
s.advance("10s")
same([x["state"]["result_state"] for x in s.job(t)["tasks"]], ["FAILED", "UPSTREAM_FAILED", "SUCCESS"], "a failed task stops those below it")
same(s.state(t), ("INTERNAL_ERROR", "FAILED"), "and the run, as the service says of runs of several tasks")
same(s.get("jobs/runs/get-output", run_id=t).json()["error_code"], "INVALID_PARAMETER_VALUE", "the output of several tasks is asked for one by one")

# ---- cancel, timeout, idempotency ----
c = s.submit("/out")
s.post("jobs/runs/cancel", {"run_id": c})
same((s.state(c), s.job(c)["state"]["user_cancelled_or_timedout"]), (("TERMINATED", "CANCELED"), True), "a run is cancelled")
d = s.submit("/out", timeout_seconds="1")
s.advance("5s")
same(s.state(d), ("TERMINATED", "TIMEDOUT"), "timeout_seconds ends a run")
same(s.submit("/out", idempotency_token="tok"), s.submit("/out", idempotency_token="tok"), "one idempotency_token is one run")

# ---- saved jobs ----
job = s.post("jobs/create", {"name": "daily", "existing_cluster_id": CLUSTER, "notebook_task": {"notebook_path": "/out"}}).json()["job_id"]
same([j["job_id"] for j in s.get("jobs/list", name="daily", limit=25).json()["jobs"]], [job], "a job is found by name")
now = s.post("jobs/run-now", {"job_id": str(job), "notebook_params": {"Variable": "5"}}).json()["run_id"]
s.advance("5s")
same((s.state(now), s.job(now)["overriding_parameters"]), (("TERMINATED", "SUCCESS"), {"notebook_params": {"Variable": "5"}}), "run-now")
s.post("jobs/update", {"job_id": job, "new_settings": {"name": "nightly"}})
same(s.get("jobs/get", job_id=job).json()["settings"]["name"], "nightly", "update")
s.post("jobs/reset", {"job_id": job, "new_settings": {"name": "new", "tasks": []}})
same(s.get("jobs/get", job_id=job).json()["settings"]["format"], "MULTI_TASK", "reset")
same([r["run_id"] for r in s.get("jobs/runs/list", job_id=job).json()["runs"]], [now], "the runs of a job")
s.post("jobs/delete", {"job_id": job})
r = s.get("jobs/get", job_id=job)
same((r.status_code, r.json()), (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": f"Job {job} does not exist."}), "a deleted job is gone")

# ---- errors ----
bad = [("an unknown cluster", {"existing_cluster_id": "1", "notebook_task": {"notebook_path": "/x"}}, "Cluster 1 does not exist"),
       ("no cluster", {"notebook_task": {"notebook_path": "/x"}}, "One of job_cluster_key, new_cluster, or existing_cluster_id must be specified."),
       ("an unknown dependency", {"tasks": [{"task_key": "a", "depends_on": [{"task_key": "z"}], "notebook_task": {"notebook_path": "/x"}}]}, None),
       ("a cycle", {"tasks": [{"task_key": "a", "depends_on": [{"task_key": "b"}]}, {"task_key": "b", "depends_on": [{"task_key": "a"}]}]}, None)]
for name, body, message in bad:
    r = s.post("jobs/runs/submit", body)
    same((r.status_code, r.json()["error_code"], message in (None, r.json()["message"])), (400, "INVALID_PARAMETER_VALUE", True), name)
same(s.get("jobs/runs/get", run_id=99999).json(), {"error_code": "INVALID_PARAMETER_VALUE", "message": "Run 99999 does not exist."}, "an unknown run")
same(s.get("jobs/runs/get").json()["message"], "Missing required field: run_id", "no run_id")
same(s.http.post(s.at["lake"] + "/api/2.1/jobs/runs/submit", data=b"{", headers={"Content-Type": "application/json"}).json()["error_code"], "MALFORMED_REQUEST", "a torn body")
r = s.get("jobs/nonsense")
same((r.status_code, r.json()["error_code"]), (404, "ENDPOINT_NOT_FOUND"), "an unknown operation")
s.fault("jobs.ClustersList on=1 status=429")
same([s.get("clusters/list", version="2.0").status_code for _ in range(2)], [429, 200], "a fault can be armed at an operation")
s.faults_clear()

# ---- clusters and statements ----
same([c["cluster_id"] for c in s.get("clusters/list", version="2.0").json()["clusters"]], [CLUSTER], "clusters/list")
same(s.get("clusters/get", version="2.0", cluster_id=CLUSTER).json()["state"], "RUNNING", "clusters/get")
same(s.get("clusters/get", version="2.0", cluster_id="1").json()["message"], "Cluster 1 does not exist", "an unknown cluster")
r = s.post("sql/statements", {"statement": "SELECT category, count(*) AS n FROM pin WHERE category = :c GROUP BY 1", "warehouse_id": "w",
                              "parameters": [{"name": "c", "value": "art"}]}, version="2.0").json()
same((r["status"]["state"], r["result"]["data_array"], [c["name"] for c in r["manifest"]["schema"]["columns"]]),
     ("SUCCEEDED", [["art", "1"]], ["category", "n"]), "a statement over the cleaned tables, with a parameter")
same(s.get("sql/statements/" + r["statement_id"], version="2.0").json(), r, "and again by its id")
same(s.post("sql/statements", {"statement": "SELEC 1"}, version="2.0").json()["status"]["state"], "FAILED", "a wrong statement")
for more, want in (({"format": "ARROW_STREAM", "disposition": "INLINE"}, (400, "INVALID_PARAMETER_VALUE", "The format field must be JSON_ARRAY when the disposition field is INLINE.")),
                   ({"format": "CSV"}, (400, "INVALID_PARAMETER_VALUE", "The format field must be JSON_ARRAY when the disposition field is INLINE.")),
                   ({"format": "ARROW_STREAM", "disposition": "EXTERNAL_LINKS"}, (501, "NOT_IMPLEMENTED", "disposition EXTERNAL_LINKS isn't served here; INLINE with the format JSON_ARRAY is")),
                   ({"disposition": "inline"}, (400, "INVALID_PARAMETER_VALUE", "disposition must be INLINE or EXTERNAL_LINKS, not inline")),
                   ({"format": "XML"}, (400, "INVALID_PARAMETER_VALUE", "format must be JSON_ARRAY, ARROW_STREAM or CSV, not XML"))):
    r = s.post("sql/statements", {"statement": "SELECT 1", **more}, version="2.0")
    same((r.status_code, r.json()["error_code"], r.json()["message"]), want, f"a shape that isn't served is refused: {more}")
same(s.post("sql/statements", {"statement": "SELECT 1", "format": "JSON_ARRAY", "disposition": "INLINE"}, version="2.0").json()["result"]["data_array"], [["1"]], "and one that is isn't")

# lake.md 19 and 20: an endless statement ends when it is cancelled, or when its client goes, and holds nobody meanwhile
ENDLESS = "SELECT count(*) FROM range(9000000000000000) a JOIN range(3) b ON a.id % 7 = b.id"
def busy():
    return s.control("GET", "/health")["busy"]


endless = s.post("sql/statements", {"statement": ENDLESS, "wait_timeout": "0s"}, version="2.0").json()["statement_id"]
ok(until(busy), "an endless statement runs")
same(s.post("sql/statements", {"statement": "SELECT 1"}, version="2.0").json()["result"]["data_array"], [["1"]], "SELECT 1 is answered beside it")
ok(busy(), "while it still runs")
s.post(f"sql/statements/{endless}/cancel", {}, version="2.0")
same(s.get(f"sql/statements/{endless}", version="2.0").json()["status"]["state"], "CANCELED", "cancelled, it says so")
ok(until(lambda: not busy(), seconds=10), "and has ended")
c = http.client.HTTPConnection(*s.address("lake"))
c.request("POST", "/api/2.0/sql/statements", json.dumps({"statement": ENDLESS, "wait_timeout": "30s"}), {"Content-Type": "application/json"})
ok(until(busy), "another one, whose client waits")
c.close()
ok(until(lambda: not busy(), seconds=10), "ends when the client hangs up")
r = s.post("sql/statements", {"statement": "SELECT 1", "wait_timeout": "0s"}, version="2.0").json()
same(r["status"]["state"], "PENDING", "wait_timeout 0s answers at once")

# ---- a restart ----
live = s.submit("/out")
s.advance("1s")
s.kill()
s.flags[-1] = "2024-08-18T10:00:00Z"
s.up()
same((s.state(b), s.state(live)), (("TERMINATED", "SUCCESS"), ("INTERNAL_ERROR", "FAILED")), "after kill -9 runs are there; the one under way lost its cluster")
ok(s.submit("/out") > live, "and ids go on")
s.stop()

# ---- the SDK ----
modules = os.environ.get("TARN_NODE_MODULES", "")
if not shutil.which("node") or not os.path.isdir(os.path.join(modules, "@databricks/sdk-experimental")):
    skip("the Databricks SDK submits and waits for a run", "node or @databricks/sdk-experimental below TARN_NODE_MODULES is missing")
else:
    s = Jobs(clock=None)
    script = os.path.join(TMP, "sdk.js")
    with open(script, "w") as f:
        f.write("""
const { WorkspaceClient } = require('@databricks/sdk-experimental');
const w = new WorkspaceClient({ host: process.argv[2], token: 'dapi-test', authType: 'pat' });
(async () => {
  const waiter = await w.jobs.submit({ run_name: 'from the sdk', tasks: [
    { task_key: 'one', existing_cluster_id: '1108-162752-8okw8dgg', notebook_task: { notebook_path: '/out' } }] });
  const run = await waiter.wait();
  const out = await w.jobs.getRunOutput({ run_id: run.tasks[0].run_id });
  const rows = await w.statementExecution.executeStatement({ statement: 'SELECT 42 AS n', warehouse_id: 'w' });
  console.log(JSON.stringify([run.state.result_state, out.notebook_output.result, rows.result.data_array]));
})().catch(e => { console.error(e); process.exit(1); });
""")
    p = subprocess.run(["node", script, s.at["lake"]], capture_output=True, text=True, timeout=120,
                       env={**os.environ, "NODE_PATH": modules, "NO_PROXY": "*"})
    same(p.stdout.strip(), '["SUCCESS","all done",[["42"]]]', "the Databricks SDK submits and waits for a run, and runs a statement")
    if p.returncode:
        print("# " + p.stderr[-1500:].replace("\n", "\n# "))
    s.stop()

done()
