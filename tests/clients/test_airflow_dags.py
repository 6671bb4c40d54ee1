#!/usr/bin/python3
"""Templates by Jinja, results as arguments, mapped tasks, sensors, setup and teardown: each DAG as a user writes it."""
import urllib.parse

from tarn import BUCKET, USER, Stack, done, need, ok, same, skip, stack_folder

requests = need("requests")
try:
    import jinja2
except ImportError:
    jinja2 = None

HEAD = """import pendulum
from airflow import DAG
from airflow.decorators import setup, task, teardown
from airflow.models.param import Param
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("%s", schedule=%s, start_date=pendulum.datetime(2026, 1, 5), catchup=False, params={"five": Param(5, "a description", type="integer")}) as dag:
"""
TEMPLATES = [("{% for i in range(3) %}echo {{ i }};{% endfor %}", "2"),
             ("echo 'x{# said once #}y'", "xy"),
             ("echo {{ params.x | default('none') }} {{ ds | replace('-', '/') }}", "none 2026/01/05"),
             ("echo {{ logical_date.strftime('%d/%m/%Y') }}", "05/01/2026"),
             ("echo {{ var.value.get('zz','dflt') }}", "dflt"),
             ("echo {{ params.five }} {{ data_interval_end | ds_nodash }}", "5 20260105")]
BODIES = {
    "templates": ("None", "\n".join(f"    BashOperator(task_id='t{i}', bash_command={command!r})" for i, (command, _) in enumerate(TEMPLATES)) + """
    BashOperator(task_id="undefined", bash_command="echo {{ nowhere }}")
    BashOperator(task_id="named", bash_command="echo first", task_display_name="First step")
"""),
    "around": ('"@daily"', """    BashOperator(task_id="b", bash_command="echo {{ next_ds }} {{ yesterday_ds }}")
"""),
    "arguments": ("None", """    @task
    def prep():
        return {"day": "2026-01-05"}

    DatabricksSubmitRunOperator(task_id="submit", existing_cluster_id="1108-162752-8okw8dgg",
                                notebook_task={"notebook_path": "/Repos/student/clean_pin", "base_parameters": prep()})
"""),
    "mapped": ("None", """    @task
    def sizes():
        return [1, 2, 3]

    @task
    def add(x, y=1):
        return x + y

    @task
    def total(v):
        return list(v)

    total(add.expand(x=sizes()))
    total.override(task_id="total_of_two")(add.override(task_id="ten").partial(y=10).expand(x=[1, 2]))
    BashOperator.partial(task_id="m").expand_kwargs([{"bash_command": "echo 1"}, {"bash_command": "echo 2"}])
"""),
    "sensors": ("None", f"""    looks = []

    @task.sensor(poke_interval=5, timeout=60)
    def there():
        return True

    there() >> EmptyOperator(task_id="after")
    S3KeySensor(task_id="wait", bucket_name="{BUCKET}", bucket_key="topics/{USER}.pin/*", wildcard_match=True)

    @task.sensor(poke_interval=5, timeout=20)
    def never():
        return False

    never()
"""),
    "scope": ("None", """    @setup
    def up():
        return "up"

    @task
    def work():
        return "work"

    @teardown
    def down():
        return "down"

    with up() >> down() as scope:
        work()
"""),
}


class Airflow(Stack):
    def __init__(self):
        files = {f"dags/{name}_dag.py": HEAD % (name, schedule) + body for name, (schedule, body) in BODIES.items()}
        super().__init__(only="s3,lake,databricks,airflow", stack=stack_folder("", base="pinterest", files=files), clock="2026-01-05T09:00:00Z")
        self.http = requests.Session()
        self.http.trust_env = False

    def api(self, method, path, body=None):
        return self.http.request(method, self.at["airflow"] + "/api/v1" + path, json=body, timeout=60)

    def start(self, dag):
        self.api("PATCH", f"/dags/{dag}?update_mask=is_paused", {"is_paused": False})
        r = self.api("POST", f"/dags/{dag}/dagRuns", {"logical_date": "2026-01-05T00:00:00Z"}).json()
        return f"/dags/{dag}/dagRuns/{urllib.parse.quote(r['dag_run_id'])}"

    def run(self, dag):
        path = self.start(dag)
        self.settle()
        return path

    def states(self, path):
        return {t["task_id"]: t["state"] for t in self.api("GET", path + "/taskInstances").json()["task_instances"]}

    def result(self, path, task):
        return self.api("GET", f"{path}/taskInstances/{task}/xcomEntries/return_value").json().get("value")

    def log(self, path, task):
        return self.api("GET", f"{path}/taskInstances/{task}/logs/1").text


s = Airflow()
same(s.api("GET", "/importErrors").json()["import_errors"], [], "all files are read")

if jinja2:
    run = s.run("templates")
    for i, (command, want) in enumerate(TEMPLATES):
        same(s.result(run, f"t{i}"), want, command)
    same(s.states(run)["undefined"], "failed", "a name that nobody knows")
    ok("'nowhere' is undefined" in s.log(run, "undefined"), "is an error that says so")
    same(s.states(run)["named"], "success", "task_display_name is an attribute")
    s.api("PATCH", "/dags/around?update_mask=is_paused", {"is_paused": False})
    s.clock("advance 1d")
    s.settle()
    runs = [r for r in s.api("GET", "/dags/around/dagRuns").json()["dag_runs"] if r["logical_date"].startswith("2026-01-05")]
    same([s.result(f"/dags/around/dagRuns/{urllib.parse.quote(r['dag_run_id'])}", "b") for r in runs], ["2026-01-06 2026-01-04"], "next_ds and yesterday_ds of a @daily run")
else:
    skip("templates: no python3-jinja2")

run = s.run("arguments")
submitted = s.http.get(s.at["lake"] + "/api/2.1/jobs/runs/list?expand_tasks=true", headers={"Authorization": "Bearer x"}).json()["runs"]
same([t["notebook_task"].get("base_parameters") for r in submitted for t in r["tasks"]], [{"day": "2026-01-05"}], "a result as base_parameters is submitted as what it is")

run = s.run("mapped")
same((s.result(run, "add"), s.result(run, "total")), ("[2, 3, 4]", "[2, 3, 4]"), "a task mapped over a result")
same((s.result(run, "ten__0"), s.result(run, "ten__1"), s.result(run, "total_of_two")), ("11", "12", "[11, 12]"), "partial().expand() over a list, and its results as one")
same((s.result(run, "m__0"), s.result(run, "m__1")), ("1", "2"), "expand_kwargs")
same(set(s.states(run).values()), {"success"}, "all of them succeed")

run = s.start("sensors")
s.clock("advance 1m")
same({k: v for k, v in s.states(run).items() if k != "never"}, {"there": "success", "after": "success", "wait": "running"},
     "a sensor that is true goes on, one whose object isn't there waits")
same(s.states(run)["never"], "failed", "one whose time is over fails")
ok("Sensor has timed out" in s.log(run, "never"), "and says so")
s.client("s3").put_object(Bucket=BUCKET, Key=f"topics/{USER}.pin/partition=0/{USER}.pin+0+0000000000.json", Body=b'{"index": 1}\n')
s.clock("advance 1m")
same(s.states(run)["wait"], "success", "until the object is put")

run = s.run("scope")
same(s.states(run), {"up": "success", "work": "success", "down": "success"}, "setup, work, teardown")
tasks = {t["task_id"]: t["downstream_task_ids"] for t in s.api("GET", "/dags/scope/tasks").json()["tasks"]}
same((sorted(tasks["up"]), tasks["work"]), (["down", "work"], ["down"]), "in this order")
s.stop()
done()
