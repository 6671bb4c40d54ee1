"""Runs of jobs for a test, by the API of its stack."""
from tarn import call

CLUSTER = "1108-162752-8okw8dgg"
HEAD = {"Authorization": "Bearer dapi-test"}


def note(path, **params):
    return {"existing_cluster_id": CLUSTER, "notebook_task": {"notebook_path": path, **({"base_parameters": params} if params else {})}}


def tasks(*rows, **more):
    """A run of several tasks: (key, task, keys that it depends on)."""
    return {"run_name": "r", "tasks": [{"task_key": k, **t, "depends_on": [d if isinstance(d, dict) else {"task_key": d} for d in on]} for k, t, *on in rows], **more}


def results(run):
    return {t["task_key"]: t["state"].get("result_state") for t in run["tasks"]}


class Jobs:
    """The jobs of a stack."""

    def __init__(self, stack):
        self.s = stack

    def post(self, path, body):
        return call("POST", f"{self.s.at['lake']}/api/2.2/jobs/{path}", body, HEAD).json()

    def get(self, path):
        return call("GET", f"{self.s.at['lake']}/api/2.2/jobs/{path}", headers=HEAD).json()

    def submit(self, body, advance="10m"):
        run = self.post("runs/submit", body)["run_id"]
        self.s.clock(f"advance {advance}")
        return self.get(f"runs/get?run_id={run}&include_history=true")

    def output(self, run, key=None):
        ids = [t["run_id"] for t in run["tasks"] if key in (None, t["task_key"])]
        return self.get(f"runs/get-output?run_id={ids[-1]}")

    def result(self, run, key=None):
        return self.output(run, key).get("notebook_output", {}).get("result")
