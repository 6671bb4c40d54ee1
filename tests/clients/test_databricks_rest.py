#!/usr/bin/python3
"""What the SDK and the CLI ask of a workspace beside jobs: secrets, clusters, who one is, warehouses."""
import base64
from urllib.parse import urlencode

from tarn import Stack, call, done, ok, same, stack_folder

HEAD = {"Authorization": "Bearer dapi-test"}
s = Stack(only="s3,lake,databricks", stack=stack_folder("[secrets]\nkeys/aws = AKIA=1\n\n[jobs]\nsetup = 1m\n", base="pinterest"), clock="2026-01-05T09:00:00Z")


def get(path, **query):
    return call("GET", f"{s.at['lake']}/api/2.0/{path}?{urlencode(query)}", headers=HEAD)


def post(path, **body):
    return call("POST", f"{s.at['lake']}/api/2.0/{path}", body, HEAD)


def code(r):
    return r.status, r.json().get("error_code")


# ---- secrets ----
same(get("secrets/scopes/list").json(), {"scopes": [{"name": "keys", "backend_type": "DATABRICKS"}]}, "a scope of the stack")
same(get("secrets/get", scope="keys", key="aws").json(), {"key": "aws", "value": base64.b64encode(b"AKIA=1").decode()}, "its secret")
same((post("secrets/scopes/create", scope="mine").json(), code(post("secrets/scopes/create", scope="mine"))), ({}, (400, "RESOURCE_ALREADY_EXISTS")), "a new scope")
same(post("secrets/put", scope="mine", key="a", string_value="é").status, 200, "a secret of text")
same(post("secrets/put", scope="mine", key="b", bytes_value=base64.b64encode(b"\0\1").decode()).status, 200, "one of bytes")
same(get("secrets/list", scope="mine").json()["secrets"], [{"key": k, "last_updated_timestamp": 1767603600000} for k in "ab"], "their names")
same(base64.b64decode(get("secrets/get", scope="mine", key="b").json()["value"]), b"\0\1", "and bytes")
same(get("secrets/get", scope="mine", key="c").json(), {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Secret does not exist with scope: mine and key: c"}, "one that isn't there")
same(code(get("secrets/list", scope="none")), (404, "RESOURCE_DOES_NOT_EXIST"), "a scope that isn't there")
same(code(post("secrets/put", scope="mine", key="x y", string_value="")), (400, "INVALID_PARAMETER_VALUE"), "a name that is none")
same(code(post("secrets/put", scope="mine", key="x")), (400, "INVALID_PARAMETER_VALUE"), "no value")
same(code(post("secrets/scopes/create", scope="vault", scope_backend_type="AZURE_KEYVAULT")), (501, "NOT_IMPLEMENTED"), "a vault elsewhere is refused")
same((post("secrets/delete", scope="mine", key="b").status, code(get("secrets/get", scope="mine", key="b"))), (200, (404, "RESOURCE_DOES_NOT_EXIST")), "delete")
s.stop()
s.up()
same(base64.b64decode(get("secrets/get", scope="mine", key="a").json()["value"]).decode(), "é", "kept over a restart")
same((post("secrets/scopes/delete", scope="mine").status, [x["name"] for x in get("secrets/scopes/list").json()["scopes"]]), (200, ["keys"]), "a scope goes")

# ---- clusters ----
stack = "1108-162752-8okw8dgg"
same([(c["cluster_id"], c["state"]) for c in get("clusters/list").json()["clusters"]], [(stack, "RUNNING")], "the stack's cluster runs")
c = post("clusters/create", cluster_name="mine", spark_version="13.3.x-scala2.12", node_type_id="m5.large", num_workers=2).json()["cluster_id"]
r = get("clusters/get", cluster_id=c).json()
same((r["state"], r["cluster_name"], r["num_workers"], r["cluster_source"]), ("PENDING", "mine", 2, "API"), "a new one starts")
s.clock("advance 1m")
same(get("clusters/get", cluster_id=c).json()["state"], "RUNNING", "and runs when it has had its time")
same([e["type"] for e in post("clusters/events", cluster_id=c).json()["events"]], ["RUNNING", "CREATING"], "which its events tell")
same((code(post("clusters/start", cluster_id=c)), post("clusters/delete", cluster_id=c).status, get("clusters/get", cluster_id=c).json()["state"]),
     ((400, "INVALID_STATE"), 200, "TERMINATED"), "it is terminated")
same((post("clusters/start", cluster_id=c).status, get("clusters/get", cluster_id=c).json()["state"]), (200, "PENDING"), "and started")
same(post("clusters/edit", cluster_id=c, cluster_name="other", spark_version="13.3.x-scala2.12").status, 200, "edited")
run = post("jobs/runs/submit", existing_cluster_id=c, notebook_task={"notebook_path": "/x/mount"})
same(run.status, 200, "tasks may name it")
same((post("clusters/permanent-delete", cluster_id=c).status, code(get("clusters/get", cluster_id=c))), (200, (400, "INVALID_PARAMETER_VALUE")), "it is forgotten")
same(post("jobs/runs/submit", existing_cluster_id=c, notebook_task={"notebook_path": "/x/mount"}).json()["message"], f"Cluster {c} does not exist", "then tasks may not")
same(code(post("clusters/create", cluster_name="x")), (400, "INVALID_PARAMETER_VALUE"), "a cluster needs a version")
ok(get("clusters/spark-versions").json()["versions"] and get("clusters/list-node-types").json()["node_types"], "versions and machines")
post("clusters/permanent-delete", cluster_id=stack)
s.stop()
s.up()
same(get("clusters/list").json()["clusters"], [], "the stack's own that was forgotten stays so")

# ---- who, warehouses, statements ----
me = get("preview/scim/v2/Me").json()
same((me["userName"], me["active"], me["emails"][0]["value"]), ("student@example.com", True, "student@example.com"), "who one is")
same(call("GET", s.at["lake"] + "/.well-known/databricks-config").json()["cloud"], "AWS", "what SDKs ask of a host first")
w = get("sql/warehouses").json()["warehouses"][0]
same((get(f"sql/warehouses/{w['id']}").json()["state"], get("sql/warehouses/none").status), ("RUNNING", 404), "a warehouse that runs")
same(post("sql/statements", statement="SELECT 1 AS n", warehouse_id=w["id"]).json()["result"]["data_array"], [["1"]], "runs statements")
r = post("sql/statements", statement="SELECT id FROM range(10)", row_limit=3).json()
same((r["result"]["data_array"], r["manifest"]["truncated"]), ([["0"], ["1"], ["2"]], True), "row_limit cuts the rows")
same([code(post("sql/statements", statement="SELECT 1", **how)) for how in ({"row_limit": 0}, {"on_wait_timeout": "CANCEL", "wait_timeout": "0s"}, {"on_wait_timeout": "x"})],
     [(400, "INVALID_PARAMETER_VALUE")] * 3, "what it can't be")
same([code(post("sql/statements", statement="SELECT 1", warehouse_id=w["id"], **how)) for how in ({"disposition": "EXTERNAL_LINKS"}, {"format": "ARROW_STREAM"})],
     [(501, "NOT_IMPLEMENTED"), (400, "INVALID_PARAMETER_VALUE")], "not as links, nor as Arrow")

done()
