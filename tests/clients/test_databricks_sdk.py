#!/usr/bin/python3
"""The Databricks SDK for Python (PyPI databricks-sdk) on the stack, as its users write it."""
import base64
import io
import os

from tarn import Stack, TMP, done, need, ok, same, stack_folder

sdk = need("databricks.sdk")
from databricks.sdk.errors import DatabricksError, NotFound  # noqa: E402
from databricks.sdk.service import compute, jobs, sql, workspace  # noqa: E402

os.environ.update(NO_PROXY="*", HOME=TMP)
NB = "# Databricks notebook source\ndbutils.notebook.exit('hello ' + dbutils.widgets.get('who'))\n"
s = Stack(only="s3,lake,databricks", stack=stack_folder("[jobs]\nsetup = 0s\nexecution = 0s\n", base="pinterest"))
w = sdk.WorkspaceClient(host=s.at["lake"], token="dapi-test", auth_type="pat")
CLUSTER = "1108-162752-8okw8dgg"


def refused(kind, call):
    try:
        call()
    except kind as e:
        return str(e) or True
    return ""


same(w.current_user.me().user_name, "student@example.com", "who one is")

# ---- workspace ----
w.workspace.mkdirs("/Users/student@example.com/sdk")
w.workspace.import_("/Users/student@example.com/sdk/hello", content=base64.b64encode(NB.encode()).decode(), format=workspace.ImportFormat.SOURCE,
                    language=workspace.Language.PYTHON)
same([(o.path.split("/")[-1], o.object_type.value) for o in w.workspace.list("/Users/student@example.com/sdk")], [("hello", "NOTEBOOK")], "a notebook is imported")
same(base64.b64decode(w.workspace.export("/Users/student@example.com/sdk/hello").content).decode(), NB, "and exported")
w.workspace.upload("/Users/student@example.com/sdk/up.py", io.BytesIO(b"print(1)\n"), format=workspace.ImportFormat.AUTO)
same(w.workspace.download("/Users/student@example.com/sdk/up.py").read(), b"print(1)\n", "a file, uploaded and downloaded")
same(w.workspace.get_status("/Users/student@example.com/sdk/up.py").object_type.value, "FILE", "is a file")
ok(refused(NotFound, lambda: w.workspace.get_status("/none")), "what isn't there is NotFound")

# ---- jobs ----
run = w.jobs.submit(run_name="from the sdk", tasks=[
    jobs.SubmitTask(task_key="one", existing_cluster_id=CLUSTER,
                    notebook_task=jobs.NotebookTask(notebook_path="/Users/student@example.com/sdk/hello", base_parameters={"who": "sdk"}))]).result()
same((run.state.result_state.value, w.jobs.get_run_output(run.tasks[0].run_id).notebook_output.result), ("SUCCESS", "hello sdk"), "a submitted notebook runs")
job = w.jobs.create(name="daily", parameters=[jobs.JobParameterDefinition(name="who", default="nobody")], tasks=[
    jobs.Task(task_key="one", existing_cluster_id=CLUSTER, notebook_task=jobs.NotebookTask(notebook_path="/Users/student@example.com/sdk/hello"))])
run = w.jobs.run_now(job.job_id, job_parameters={"who": "job"}).result()
same(w.jobs.get_run_output(run.tasks[0].run_id).notebook_output.result, "hello job", "a job runs, with its parameters")
same([j.settings.name for j in w.jobs.list(name="daily")], ["daily"], "and is listed")
same([r.run_id for r in w.jobs.list_runs(job_id=job.job_id)], [run.run_id], "with its run")
page = w.jobs.export_run(run.tasks[0].run_id).views[0]
ok("hello" in page.content, "which is exported")
bad = w.jobs.submit(run_name="bad", tasks=[jobs.SubmitTask(task_key="t", existing_cluster_id=CLUSTER, notebook_task=jobs.NotebookTask(notebook_path="/nowhere/at_all"))])
ok("INTERNAL_ERROR" in refused(Exception, bad.result), "a run that fails raises")

# ---- files ----
with w.dbfs.open("/tmp/a.txt", write=True, overwrite=True) as f:
    f.write(b"x" * 3000000)
same((len(w.dbfs.open("/tmp/a.txt", read=True).read(-1) or b""), w.dbfs.get_status("/tmp/a.txt").file_size), (3000000, 3000000), "a file of DBFS, in blocks")
same([f.path for f in w.dbfs.list("/tmp")], ["/tmp/a.txt"], "list")
same([f.name for f in w.dbutils.fs.ls("/tmp")], ["a.txt"], "dbutils of the SDK")
w.files.upload("/Volumes/main/default/v/b.bin", io.BytesIO(b"\0\1\2"), overwrite=True)
same(w.files.download("/Volumes/main/default/v/b.bin").contents.read(), b"\0\1\2", "a file of a volume")
w.dbfs.delete("/tmp", recursive=True)
ok(refused(NotFound, lambda: w.dbfs.get_status("/tmp/a.txt")), "delete")

# ---- secrets, clusters, statements ----
w.secrets.create_scope("s")
w.secrets.put_secret("s", "k", string_value="v")
same((base64.b64decode(w.secrets.get_secret("s", "k").value), [x.key for x in w.secrets.list_secrets("s")], w.dbutils.secrets.get("s", "k")), (b"v", ["k"], "v"), "secrets")
c = w.clusters.create(cluster_name="mine", spark_version=w.clusters.select_spark_version(latest=True), node_type_id=w.clusters.select_node_type(), num_workers=1).result()
same((c.state, w.clusters.get(c.cluster_id).cluster_name), (compute.State.RUNNING, "mine"), "a cluster is created, and waited for")
w.clusters.permanent_delete(c.cluster_id)
warehouse = next(iter(w.warehouses.list())).id
r = w.statement_execution.execute_statement("SELECT 40 + :n AS n", warehouse, parameters=[sql.StatementParameterListItem(name="n", value="2", type="INT")])
same((r.status.state, r.result.data_array), (sql.StatementState.SUCCEEDED, [["42"]]), "a statement")
ok("EXTERNAL_LINKS" in refused(DatabricksError, lambda: w.statement_execution.execute_statement("SELECT 1", warehouse, disposition=sql.Disposition.EXTERNAL_LINKS)),
   "what isn't served is refused in words")

done()
