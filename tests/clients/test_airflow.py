#!/usr/bin/python3
"""Users' DAG files on the emulated clock: a week of daily runs, retries, the REST API as a client sees it, MWAA through
boto3, DAG files put into a bucket, restarts, and `tarn dag`."""
import base64
import importlib
import json
import os
import re
import subprocess
import time
import urllib.parse

from tarn import AWS, BUCKET, ROOT, TARN, TMP, USER, Stack, bail, done, fresh, need, ok, same, stack_folder, tarn, until

requests, exceptions = need("requests", "botocore.exceptions")
DAGS = os.path.join(ROOT, "tests/airflow/dags")


class Airflow(Stack):
    """The default stack with other DAG files."""
    def __init__(self, *dags, clock="2024-08-18T09:00:00Z", conf="", env=None, files=None):
        files = dict(files or {})
        for name in dags:
            with open(os.path.join(DAGS, name), encoding="utf-8") as f:
                files["dags/" + name] = f.read()
        super().__init__(only="s3,lake,databricks,airflow", stack=stack_folder(conf, base="pinterest", files=files), clock=clock, popen={"env": env})
        self.mwaa = self.client("mwaa")
        self.http = requests.Session()
        self.http.trust_env = False

    def api(self, method, path, body=None, **kw):
        return self.http.request(method, self.at["airflow"] + "/api/v1" + path, json=body, timeout=60, **kw)

    def get(self, path, **params):
        return self.api("GET", path, params=params).json()

    def unpause(self, dag, paused=False):
        return self.api("PATCH", f"/dags/{dag}?update_mask=is_paused", {"is_paused": paused})

    def advance(self, by, to):
        now = self.clock(f"advance {by}")["now"]
        if not now.startswith(to):
            bail(f"the clock came to {now}, not {to}")

    def cli(self, command, token=None):
        if not token:
            token = self.mwaa.create_cli_token(Name="Databricks-Airflow-env")
            self.host = token["WebServerHostname"]
            token = token["CliToken"]
        r = self.http.post(f"http://{self.host}/aws_mwaa/cli", data=command,
                           headers={"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}, timeout=30)
        if r.status_code == 403:
            return 403, "", ""
        return r.status_code, base64.b64decode(r.json()["stdout"]).decode(), base64.b64decode(r.json()["stderr"]).decode()


def run_id(day):
    return f"scheduled__2024-08-{day}T00:00:00+00:00"


# ---- MWAA's environments, and the names that its clients ask for ----

NEW = {"DagS3Path": "dags", "ExecutionRoleArn": "arn:aws:iam::000000000000:role/r", "SourceBucketArn": "arn:aws:s3:::third-bucket",
       "NetworkConfiguration": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}}


def refusal(f, **arguments):
    """Code and words of what AWS's client raised; None: it didn't."""
    try:
        f(**arguments)
    except exceptions.ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"].get("Message") or e.response["Error"].get("message", "")
    return None


def environments(s):
    arn = s.mwaa.create_environment(Name="third", Tags={"a": "1"}, MaxWorkers=3, LoggingConfiguration={"TaskLogs": {"Enabled": True, "LogLevel": "INFO"}}, **NEW)["Arn"]
    same(arn, "arn:aws:airflow:us-east-1:000000000000:environment/third", "an environment is made")
    states = [s.mwaa.get_environment(Name="third")["Environment"] for _ in range(2)]
    same([e["Status"] for e in states], ["CREATING", "AVAILABLE"], "it is being made when first looked at, then there, on a frozen clock, too")
    same((states[1]["MaxWorkers"], states[1]["Tags"], states[1]["LoggingConfiguration"]["TaskLogs"]["CloudWatchLogGroupArn"].split(":")[-1]),
         (3, {"a": "1"}, "airflow-third-Task"), "as it was asked for")
    s.mwaa.update_environment(Name="third", MinWorkers=2, NetworkConfiguration={"SecurityGroupIds": ["sg-2"]})
    states = [s.mwaa.get_environment(Name="third")["Environment"] for _ in range(2)]
    same([(e["Status"], e["LastUpdate"]["Status"], e["MinWorkers"], e["NetworkConfiguration"]) for e in states],
         [(a, b, 2, {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-2"]}) for a, b in (("UPDATING", "PENDING"), ("AVAILABLE", "SUCCESS"))],
         "and is changed")
    s.mwaa.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    s.mwaa.untag_resource(ResourceArn=arn, tagKeys=["a"])
    same(s.mwaa.list_tags_for_resource(ResourceArn=arn)["Tags"], {"b": "2"}, "tags are set and taken off")
    page = s.mwaa.list_environments(MaxResults=1)
    same((page["Environments"], s.mwaa.list_environments(NextToken=page["NextToken"])["Environments"]), (["Databricks-Airflow-env"], ["third"]), "pages")
    raw = s.client("mwaa", parameter_validation=False)
    wrong = [
        (refusal(raw.create_environment, Name="third", **NEW), "ValidationException", "already exists"),
        (refusal(raw.create_environment, Name="4th", **NEW), "ValidationException", "at 'name' failed to satisfy constraint"),
        (refusal(raw.create_environment, Name="x", **{**NEW, "ExecutionRoleArn": "me"}), "ValidationException", "Value 'me' at 'executionRoleArn'"),
        (refusal(raw.create_environment, Name="x", AirflowVersion="2.4.3", **NEW), "ValidationException", "this Airflow is 2.9.2"),
        (refusal(raw.create_environment, Name="x", EnvironmentClass="huge", **NEW), "ValidationException", "enum value set: [mw1.micro, "),
        (refusal(raw.create_environment, Name="x", **{**NEW, "NetworkConfiguration": {"SubnetIds": ["a"], "SecurityGroupIds": ["b"]}}),
         "ValidationException", "networkConfiguration.subnetIds"),
        (refusal(raw.update_environment, Name="third", MinWorkers=9), "ValidationException", "MinWorkers must be less"),
        (refusal(raw.update_environment, Name="third", WeeklyMaintenanceWindowStart="SUN:25:00"), "ValidationException", "weeklyMaintenanceWindowStart"),
        (refusal(raw.update_environment, Name="nope", MinWorkers=1), "ResourceNotFoundException", "nope"),
        (refusal(raw.delete_environment, Name="nope"), "ResourceNotFoundException", "nope"),
        (refusal(raw.list_tags_for_resource, ResourceArn=arn + "x"), "ResourceNotFoundException", "thirdx"),
        (refusal(raw.tag_resource, ResourceArn=arn, Tags={"aws:x": "1"}), "ValidationException", "don't begin with aws:"),
        (refusal(raw.list_environments, NextToken="nope"), "ValidationException", "NextToken"),
        (refusal(raw.publish_metrics, EnvironmentName="third", MetricData=[]), "ValidationException", "PutMetricData"),
    ]
    same([i for i, (got, code, says) in enumerate(wrong) if not got or got[0] != code or says not in got[1]], [], "what isn't right is refused as the model says")
    s.mwaa.delete_environment(Name="third")
    same(s.mwaa.list_environments()["Environments"], ["Databricks-Airflow-env"], "and it is gone")


def prefixes(s):
    """Clients put api., env. or ops. before the endpoint's name."""
    host, port = s.address("aws")

    def ask(method, name, path, **headers):
        r = s.http.request(method, s.at["aws"] + path, headers={"Host": f"{name}:{port}", **headers}, timeout=30)
        return r.status_code, r.text

    same([ask("GET", f"api.{name}", "/environments") for name in ("127.0.0.1", "localhost", "localhost.localstack.cloud", "airflow.us-east-1.amazonaws.com")],
         [(200, '{"Environments":["Databricks-Airflow-env"]}')] * 4, "an unsigned request to api.NAME is MWAA's")
    same((ask("POST", "env.127.0.0.1", "/clitoken/Databricks-Airflow-env")[0], ask("GET", "api.airflow.us-east-1.amazonaws.com", "/other")[0]), (200, 404),
         "to env.NAME, too")
    s.s3.create_bucket(Bucket="api")
    s.s3.put_object(Bucket="api", Key="page", Body=b"here")
    same((ask("GET", "api.s3.localhost.localstack.cloud", "/page")[1], ask("GET", "api.localhost", "/page")[1], s.http.get(s.at["aws"] + "/api/page").text),
         ("here",) * 3, "and a bucket called api is S3's")
    try:  # version 2 of the CLI has a botocore of its own
        provider = importlib.import_module("awscli.botocore.configprovider")
    except ImportError:
        provider = need("botocore.configprovider")
    if "disable_host_prefix_injection" in provider.BOTOCORE_DEFAUT_SESSION_VARIABLES:
        env = json.loads(s.run("env", "--format", "json").stdout)
        r = subprocess.run([AWS, "mwaa", "list-environments"], capture_output=True, text=True, timeout=60,
                           env={"PATH": os.environ["PATH"], "HOME": TMP, **{k: v for k, v in env.items() if v is not None}})
        same((json.loads(r.stdout or "{}"), r.stderr), ({"Environments": ["Databricks-Airflow-env"]}, ""), "the AWS CLI with the environment of tarn env")


# ---- a week of daily runs, one failing task, twice ----

def week():
    s = Airflow("five_steps_dag.py", conf="[workspace]\nnotebooks = none\n")  # all by [notebooks]: no process of a notebook takes time
    s.fill(20)
    s.fault("notebook.clean_geo_data on=3 error=DiskFull")
    s.fault("notebook.clean_user_data on=6..8 error=Broken")
    s.get("/dags")
    for dag in ("five_steps_dag", f"{USER}_dag"):
        s.unpause(dag)
    began = time.monotonic()
    s.advance("7d", "2024-08-25T09")
    spent = time.monotonic() - began
    runs = s.get("/dags/~/dagRuns")
    tis = s.get("/dags/~/dagRuns/~/taskInstances")
    logs = []
    for t in tis["task_instances"]:
        for i in range(t["try_number"]):
            path = f"/dags/{t['dag_id']}/dagRuns/{urllib.parse.quote(t['dag_run_id'])}/taskInstances/{t['task_id']}/logs/{i + 1}"
            logs.append(re.sub(r"127\.0\.0\.1:\d+", "HOST", s.api("GET", path).text))
    return s, spent, runs, tis, logs


s, spent, runs, tis, logs = week()
five = [r for r in runs["dag_runs"] if r["dag_id"] == "five_steps_dag"]
same([r["dag_run_id"] for r in five], [run_id(d) for d in range(18, 25)], "a week of @daily with catchup: seven runs, one a day")
same([r["state"] for r in five], ["success"] * 5 + ["failed", "success"], "the day whose task fails three times fails, the others succeed")
same((five[0]["logical_date"], five[0]["data_interval_start"], five[0]["data_interval_end"], five[0]["start_date"]),
     ("2024-08-18T00:00:00+00:00", "2024-08-18T00:00:00+00:00", "2024-08-19T00:00:00+00:00", "2024-08-19T00:00:00+00:00"),
     "a run covers the day before and starts when it is over")
by = {(t["dag_run_id"], t["task_id"]): t for t in tis["task_instances"] if t["dag_id"] == "five_steps_dag"}
geo = by[run_id(20), "clean_geo_data"]
same((geo["state"], geo["try_number"], geo["max_tries"]), ("success", 2, 2), "a task that fails once succeeds at its second try")
same((geo["start_date"], geo["end_date"]), ("2024-08-21T00:03:00+00:00", "2024-08-21T00:03:30+00:00"),
     "the second try comes retry_delay after the first one's end")
bad = by[run_id(23), "clean_user_data"]
same((bad["state"], bad["try_number"]), ("failed", 3), "retries=2 is three tries")
same(by[run_id(23), "query_all_data"]["state"], "upstream_failed", "what comes after a failed task is upstream_failed")
ok(any("and with the error Exception: Broken" in l and "FAILED" in l for l in logs), "the log says what the notebook raised")
daily = [r for r in runs["dag_runs"] if r["dag_id"] == f"{USER}_dag"]
same([r["state"] for r in daily], ["success"] * 7, "the users' own DAG (mount, load, clean, query) succeeds every day")
s.stop()
s2, spent2, runs2, tis2, logs2 = week()
ok(max(spent, spent2) * 10000 < 7 * 86400, f"a week of both DAGs passes ten thousand times as fast as the clock ({spent:.2f} s)")
same((runs2, tis2, logs2), (runs, tis, logs), "the same seed and clock: the same runs, tasks and logs to the byte")

# ---- the notebooks of the stack ----

s3 = Airflow(files={"notebooks/query_batch_data.py": "# Databricks notebook source\nspark.table('pin').count()\n\n# COMMAND ----------\n\nspark.table('pins')\n"})
s3.fill(5)
s3.get("/dags")
s3.unpause(f"{USER}_dag")
s3.advance("16h", "2024-08-19T01")
r = s3.get(f"/dags/{USER}_dag/dagRuns")["dag_runs"][0]
text = s3.api("GET", f"/dags/{USER}_dag/dagRuns/{urllib.parse.quote(r['dag_run_id'])}/taskInstances/submit_run/logs/2").text
ok(r["state"] == "failed" and "TABLE_OR_VIEW_NOT_FOUND" in text and "`pins`" in text, "the DAG runs the stack's notebooks, and fails when a cell of one fails", (r, text))
same([r[0] for r in s3.sql("SELECT count(*) FROM pin")], [5], "what the cells before it wrote is there")
s3.stop()

# ---- a restart keeps it all ----
s2.kill()
s3 = s2
s3.flags[-1] = "2024-08-25T09:00:00Z"
s3.up()
same(s3.get("/dags/~/dagRuns")["total_entries"], 14, "runs are there after kill -9")
same(s3.get("/dags/five_steps_dag")["is_paused"], False, "a DAG stays unpaused after kill -9")
same(s3.get("/dags/five_steps_dag")["next_dagrun"], "2024-08-25T00:00:00+00:00", "and goes on where it was")
s3.advance("1d", "2024-08-26T09")
same(s3.get("/dags/five_steps_dag/dagRuns")["dag_runs"][-1]["state"], "success", "the next day runs")
s3.stop()

# ---- files in the forms users write ----
s = Airflow("five_steps_dag.py", "run_now_dag.py", "python_bash_dag.py", "helper_paths.py", "taskflow_dag.py", "chained_dag.py",
            "by_hand_dag.json", "broken_dag.py")
dags = {d["dag_id"]: d for d in s.get("/dags")["dags"]}
same(sorted(dags), sorted([f"{USER}_dag", "five_steps_dag", "run_now_dag", "python_bash_dag", "taskflow_dag", "chained_dag", "by_hand_dag"]),
     "seven DAG files of different forms are read")
ok(all(d["is_paused"] for d in dags.values()), "new DAGs are paused")
errors = s.get("/importErrors")["import_errors"]
ok(len(errors) == 1 and errors[0]["filename"].endswith("broken_dag.py") and "SyntaxError" in errors[0]["stack_trace"],
   "a broken file is an import error with its trace")
ok(any("sla_miss_callback" in w["message"] for w in s.get("/dagWarnings", dag_id="chained_dag")["dag_warnings"]) and
   any("EmailOperator" in w["message"] for w in s.get("/dagWarnings")["dag_warnings"]), "what was not understood is listed")
same(dags["chained_dag"]["schedule_interval"], {"__type": "CronExpression", "value": "0 6,10,18 * * MON-FRI"}, "a cron schedule as written")
same(dags["python_bash_dag"]["schedule_interval"], {"__type": "TimeDelta", "days": 1, "seconds": 0, "microseconds": 0}, "a timedelta schedule")
same(s.get("/dags/taskflow_dag/details")["timezone"], "Europe/London", "a time zone")
tasks = {t["task_id"]: t for t in s.get("/dags/five_steps_dag/tasks")["tasks"]}
same((tasks["load_from_bucket"]["downstream_task_ids"], tasks["query_all_data"]["retries"]),
     (["clean_pin_data", "clean_geo_data", "clean_user_data"], 2), "a >> [b, c, d] >> e, made in a loop")
same(sorted(t["task_id"] for t in s.get("/dags/python_bash_dag/tasks")["tasks"]), ["branch", "done", "rest", "work.count", "work.say"],
     "a task group prefixes its tasks")

# Python, Bash, branch and XCom are really run
s.unpause("python_bash_dag")
s.settle()
r = s.get("/dags/python_bash_dag/dagRuns")["dag_runs"][0]
same(r["state"], "success", "a DAG of Python and Bash tasks runs in child processes")
path = f"/dags/python_bash_dag/dagRuns/{urllib.parse.quote(r['dag_run_id'])}/taskInstances"
states = {t["task_id"]: t["state"] for t in s.get(path)["task_instances"]}
same(states, {"branch": "success", "rest": "skipped", "work.count": "success", "work.say": "success", "done": "success"},
     "a branch skips the way not taken, none_failed_min_one_success joins")
same(s.get(path + "/work.say/xcomEntries/return_value")["value"], "bash 2024-08-17 6", "Bash sees the env, the macro and the XCom of the task before")
ok("counting 2024-08-17" in s.api("GET", path + "/work.count/logs/1").text, "what a task prints is in its log")

s.unpause("taskflow_dag")
s.settle()
r = s.get("/dags/taskflow_dag/dagRuns")["dag_runs"][-1]
path = f"/dags/taskflow_dag/dagRuns/{urllib.parse.quote(r['dag_run_id'])}/taskInstances"
same((r["state"], s.get(path + "/finish.report/xcomEntries/return_value").get("value")), ("success", "5"), "a TaskFlow DAG passes results along")

# ---- REST API ----
r = s.api("POST", "/dags/five_steps_dag/dagRuns", {"conf": {"k": 1}})
same((r.status_code, r.json()["state"], r.json()["run_type"], r.json()["conf"], r.json()["dag_run_id"]),
     (200, "queued", "manual", {"k": 1}, "manual__2024-08-18T09:00:00+00:00"), "a DAG is triggered by hand")
same(r.json()["data_interval_start"], "2024-08-17T00:00:00+00:00", "a manual run has the last complete interval")
same(s.get("/dags/five_steps_dag/dagRuns/" + urllib.parse.quote("manual__2024-08-18T09:00:00+00:00"))["state"], "queued",
     "while a DAG is paused its manual run stays queued")
r = s.api("POST", "/dags/five_steps_dag/dagRuns", {"dag_run_id": "manual__2024-08-18T09:00:00+00:00", "logical_date": "2024-01-01T00:00:00Z"})
same((r.status_code, r.json()["title"], r.json()["detail"]),
     (409, "Conflict", "DAGRun with DAG ID: 'five_steps_dag' and DAGRun ID: 'manual__2024-08-18T09:00:00+00:00' already exists"), "a run id twice is 409")
r = s.api("POST", "/dags/five_steps_dag/dagRuns", {"logical_date": "2024-08-18T09:00:00Z"})
same((r.status_code, r.json()["detail"]),
     (409, "DAGRun with DAG ID: 'five_steps_dag' and DAGRun logical date: '2024-08-18 09:00:00+00:00' already exists"), "a logical date twice is 409")
r = s.api("GET", "/dags/nope")
same((r.status_code, r.headers["Content-Type"], r.json()["title"], r.json()["detail"]),
     (404, "application/problem+json", "DAG not found", "The DAG with dag_id: nope was not found"), "an unknown DAG is a problem document")
same(s.api("POST", "/dags/nope/dagRuns", {}).status_code, 404, "triggering an unknown DAG is 404")
same(s.api("POST", "/dags/five_steps_dag/dagRuns", {"nonsense": 1}).status_code, 400, "an unknown field is 400")
same(s.api("POST", "/dags/five_steps_dag/dagRuns", {"conf": "x"}).status_code, 400, "conf must be an object")
same(s.api("PATCH", "/dags/five_steps_dag", {"is_paused": 3}).status_code, 400, "is_paused must be a boolean")
same(s.api("PUT", "/dags/five_steps_dag", {}).status_code, 405, "a method that isn't there is 405")
same([d["dag_id"] for d in s.get("/dags", limit=2, offset=1, order_by="-dag_id")["dags"]], ["run_now_dag", "python_bash_dag"],
     "limit, offset and order_by")
same(s.api("GET", "/dags?order_by=nope").status_code, 400, "an order_by that isn't there is 400")
same([d["dag_id"] for d in s.get("/dags", tags="batch")["dags"]], ["run_now_dag"], "dags by tag")
same([s.api("POST", "/variables", {"key": "a", "value": "1"}).status_code, s.get("/variables/a")["value"],
      s.api("PATCH", "/variables/a", {"key": "a", "value": "2"}).json()["value"], s.api("DELETE", "/variables/a").status_code,
      s.api("GET", "/variables/a").status_code], [200, "1", "2", 204, 404], "variables are made, read, changed, deleted")
c = s.get("/connections/databricks_default")
same((c["conn_type"], "password" in c), ("databricks", False), "databricks_default is there; passwords are not shown")
same([s.api("POST", "/connections", {"connection_id": "x", "conn_type": "http", "host": "h", "port": 80, "password": "p"}).status_code,
      s.api("POST", "/connections", {"connection_id": "x", "conn_type": "http"}).status_code,
      s.api("DELETE", "/connections/x").status_code, s.api("GET", "/connections/x").status_code], [200, 409, 204, 404], "connections")
same([s.api("POST", "/pools", {"name": "one", "slots": 1}).status_code, s.get("/pools/one")["open_slots"],
      s.api("DELETE", "/pools/default_pool").status_code], [200, 1, 400], "pools")
same(s.get("/version")["version"], "2.9.2", "version")
same(s.http.get(s.at["airflow"] + "/health").json()["scheduler"]["status"], "healthy", "health")
same(s.api("GET", "/config").status_code, 403, "the configuration is not shown, as by default")

# the manual run goes once the DAG is unpaused; then it is failed, cleared and deleted by hand
s.fill(20)
s.unpause("five_steps_dag")
s.advance("10m", "2024-08-18T09:10")
mine = "/dags/five_steps_dag/dagRuns/" + urllib.parse.quote("manual__2024-08-18T09:00:00+00:00")
same(s.get(mine)["state"], "success", "unpaused, it runs")
same(s.api("PATCH", mine, {"state": "failed"}).json()["state"], "failed", "a run is set to failed by hand")
same(s.api("PATCH", mine, {"state": "running"}).status_code, 400, "but not to running")
r = s.api("POST", mine + "/clear", {"dry_run": True}).json()
same(len(r["task_instances"]), 5, "a dry run of clear lists the tasks")
same(s.api("POST", mine + "/clear", {"dry_run": False}).json()["state"], "queued", "a cleared run is queued again")
s.advance("10m", "2024-08-18T09:20")
same((s.get(mine)["state"], s.get(mine + "/taskInstances/clean_pin_data")["try_number"]), ("success", 2), "and runs again, as a second try")
same(s.api("POST", "/dags/five_steps_dag/clearTaskInstances",
           {"dry_run": True, "only_failed": False, "task_ids": ["clean_pin_data"], "include_downstream": True}).json()["task_instances"][-1]["task_id"],
     "query_all_data", "clearing a task can take those after it along")
same([s.api("DELETE", mine).status_code, s.api("GET", mine).status_code], [204, 404], "a run is deleted")
x = s.api("POST", "/dags/run_now_dag/dagRuns", {}).json()["dag_run_id"]
s.unpause("run_now_dag")
s.settle()
log = s.api("GET", f"/dags/run_now_dag/dagRuns/{urllib.parse.quote(x)}/taskInstances/run_now/logs/1").text
ok("Status Code: 400" in log and "Job 1 does not exist." in log, "a job that isn't there fails with what the Jobs API said")

# ---- MWAA ----
same(s.mwaa.list_environments()["Environments"], ["Databricks-Airflow-env"], "boto3 lists the environment")
env = s.mwaa.get_environment(Name="Databricks-Airflow-env")["Environment"]
same((env["Status"], env["SourceBucketArn"], env["DagS3Path"]), ("AVAILABLE", "arn:aws:s3:::mwaa-dags-bucket", "dags"), "boto3 describes it")
code, out, _ = s.cli("dags list -o json")
ok(code == 200 and {"dag_id": "five_steps_dag", "fileloc": "/usr/local/airflow/dags/five_steps_dag.py", "owners": "student", "is_paused": "False"}
   in json.loads(out), "dags list through a CLI token")
code, out, _ = s.cli("dags trigger by_hand_dag -r mine -c '{\"a\": 1}'")
ok(code == 200 and "| by_hand_dag | mine" in out and out.splitlines()[1].startswith("==="), "dags trigger prints its table")
same(s.get("/dags/by_hand_dag/dagRuns/mine")["conf"], {"a": 1}, "and the run is there")
code, out, err = s.cli("dags trigger nope")
ok(code == 400 and "Dag id nope not found" in err, "an unknown DAG is an error on stderr")
same(s.cli("dags backfill x")[0], 400, "a command that MWAA refuses is 400")
same(s.cli("version")[1], "2.9.2\n", "version")
same(s.cli("tasks list five_steps_dag")[1].split(), ["load_from_bucket", "clean_pin_data", "clean_geo_data", "clean_user_data", "query_all_data"], "tasks list")
token = s.mwaa.create_cli_token(Name="Databricks-Airflow-env")["CliToken"]
s.advance("61s", "2024-08-18T09:21:01")
same(s.cli("version", token)[0], 403, "a CLI token is good for 60 seconds")
try:
    s.mwaa.get_environment(Name="nope")
    ok(False, "an unknown environment is an error")
except s.mwaa.exceptions.ResourceNotFoundException:
    ok(True, "an unknown environment is an error")
try:
    s.s3.create_bucket(Bucket="mwaa-dags-bucket")
except exceptions.ClientError:
    pass
text = open(os.path.join(DAGS, "by_hand_dag.json")).read()
s.s3.put_object(Bucket="mwaa-dags-bucket", Key="dags/two_dag.json", Body=text.replace("by_hand_dag", "two_dag"))
same(s.get("/dags/two_dag").get("dag_id"), "two_dag", "a DAG file put into the bucket's dags/ is there")
s.s3.delete_object(Bucket="mwaa-dags-bucket", Key="dags/two_dag.json")
ok("two_dag" not in [d["dag_id"] for d in s.get("/dags")["dags"]], "and gone with its file")
same(s.get("/dags/two_dag")["is_active"], False, "what ran of it stays known")
s.mwaa.create_environment(Name="second", DagS3Path="code", ExecutionRoleArn="arn:aws:iam::000000000000:role/r", SourceBucketArn=f"arn:aws:s3:::{BUCKET}",
                          NetworkConfiguration={"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]})
s.s3.put_object(Bucket=BUCKET, Key="code/three_dag.json", Body=text.replace("by_hand_dag", "three_dag"))
same(s.get("/dags/three_dag").get("dag_id"), "three_dag", "another environment's bucket and folder are read too")
s.mwaa.delete_environment(Name="second")
environments(s)
prefixes(s)

signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20240818/us-east-1/airflow/aws4_request, SignedHeaders=host, Signature=00"}
r = s.http.post(s.at["aws"] + "/restapi/Databricks-Airflow-env", headers=signed,
                json={"Method": "GET", "Path": "/dags", "QueryParameters": {"limit": 1}}).json()
same((r["RestApiStatusCode"], len(r["RestApiResponse"]["dags"])), (200, 1), "InvokeRestApi")
r = s.http.post(s.at["aws"] + "/restapi/Databricks-Airflow-env", headers=signed, json={"Method": "GET", "Path": "/dags/nope"})
same((r.status_code, r.headers["x-amzn-ErrorType"], r.json()["RestApiStatusCode"]), (400, "RestApiClientException", 404), "and its errors")
web = s.mwaa.create_web_login_token(Name="Databricks-Airflow-env")
r = requests.post(f"http://{web['WebServerHostname']}/aws_mwaa/login", data={"token": web["WebToken"]})
ok(r.status_code == 200 and r.cookies.get("session"), "a web token logs in")
same(s.http.post(s.at["airflow"] + "/api/v1/dags/five_steps_dag/dagRuns", data="{}").status_code, 415, "a body that is not declared JSON is 415")

# ---- tarn dag ----
def dag(*args):
    return tarn("dag", *args, "--connect", s.at["airflow"])


ok("five_steps_dag" in dag("list").stdout and dag("list").returncode == 0, "tarn dag list")
r = dag("trigger", "chained_dag")
ok(r.returncode == 0 and "manual__" in r.stdout, "tarn dag trigger")
ok("manual__" in dag("runs", "chained_dag").stdout, "tarn dag runs")
r = dag("show", "chained_dag")
ok("submit_run" in r.stdout and "sla_miss_callback" in r.stdout, "tarn dag show: tasks, and what was not understood")
same(dag("trigger", "nope").returncode, 2, "tarn dag trigger of an unknown DAG fails")
r = json.loads(dag("list", "--json").stdout)
ok(r["ok"] and "chained_dag" in [d["dag_id"] for d in r["data"]["dags"]], "tarn dag list --json")
s.stop()

# ---- less common ways; users and passwords; the real clock ----
s = Airflow("odd_ways_dag.py", "python_bash_dag.py", "helper_paths.py", conf="[airflow.users]\nme = secret\n", clock=None)
same((s.api("GET", "/dags").status_code, s.api("GET", "/dags", auth=("me", "wrong")).status_code, s.api("GET", "/dags", auth=("me", "secret")).status_code),
     (401, 401, 200), "with [airflow.users] a password is asked for")
s.http.auth = ("me", "secret")
s.api("POST", "/pools", {"name": "one", "slots": 1})
s.unpause("odd_ways_dag")
s.unpause("python_bash_dag")
x = s.api("POST", "/dags/odd_ways_dag/dagRuns", {"conf": {"n": 7}}).json()["dag_run_id"]
path = "/dags/odd_ways_dag/dagRuns/" + urllib.parse.quote(x)
until(lambda: s.get(path)["state"] in ("success", "failed"))
states = {t["task_id"]: t["state"] for t in s.get(path + "/taskInstances")["task_instances"]}
same(states, {"greet": "success", "alone": "success", "go_on": "success", "never": "skipped", "skipped": "skipped", "always": "success",
              "latest": "success", "other": "success"}, "a short circuit, a skip, all_done, latest only, on the real clock")
same(s.get(path + "/taskInstances/greet/xcomEntries/return_value")["value"], "world 7", "a custom operator with templates of params and conf")
pair = sorted((t["start_date"], t["end_date"]) for t in s.get(path + "/taskInstances")["task_instances"] if t["task_id"] in ("greet", "alone"))
ok(pair[0][1] <= pair[1][0], "a pool of one slot runs one task at a time")
until(lambda: all(r["state"] == "success" for r in s.get("/dags/other_dag/dagRuns")["dag_runs"]))
same(sorted((r["run_type"], r["conf"].get("from")) for r in s.get("/dags/other_dag/dagRuns")["dag_runs"]), [("manual", "odd"), ("scheduled", None)],
     "a DAG started by another; @once; is_paused_upon_creation=False")
until(lambda: s.get("/dags/python_bash_dag/dagRuns")["dag_runs"][0]["state"] == "success")
same(s.get("/dags/python_bash_dag/dagRuns")["dag_runs"][0]["state"], "success", "Python and Bash tasks on the real clock")
s.stop()

# ---- depends_on_past, no python3 ----
s = Airflow("chained_dag.py")
s.fill(20)
s.fault("task.a on=1..6 error=Stuck")
s.get("/dags")
s.unpause("chained_dag")
s.advance("1d", "2024-08-19T09")
s.advance("10h", "2024-08-19T19")
states = [r["state"] for r in s.get("/dags/chained_dag/dagRuns")["dag_runs"]]
same(states, ["failed", "running"], "depends_on_past: the run after a failed task waits")
s.stop()

# ---- the Databricks hook's own retries ----
s = Airflow()
s.fill(20)
s.fault("jobs.RunsSubmit on=1 error=COULD_NOT_ACQUIRE_LOCK")
s.fault("jobs.RunsGet on=2..3 status=503")
s.get("/dags")
s.unpause(f"{USER}_dag")
x = urllib.parse.quote(s.api("POST", f"/dags/{USER}_dag/dagRuns", {}).json()["dag_run_id"])
s.advance("5m", "2024-08-18T09:05")
t = s.get(f"/dags/{USER}_dag/dagRuns/{x}/taskInstances/submit_run")
log = s.api("GET", f"/dags/{USER}_dag/dagRuns/{x}/taskInstances/submit_run/logs/1").text
same((t["state"], t["try_number"], log.count("API Request to Databricks failed")), ("success", 1, 3),
     "a lock that is held and a 503 are asked again within the same try")
s.stop()
s = Airflow("by_hand_dag.json", env={**os.environ, "PATH": fresh("empty")})
same([d["dag_id"] for d in s.get("/dags")["dags"]], ["by_hand_dag"], "without python3 JSON DAG files are read")
ok("python3" in s.get("/importErrors")["import_errors"][0]["stack_trace"], "and Python ones are import errors that say why")
s.stop()

done()
