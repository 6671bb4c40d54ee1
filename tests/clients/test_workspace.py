#!/usr/bin/python3
"""The workspace's tree: notebooks and files of the stack's folder, imports and exports in every format, kept over restarts."""
import base64
import io
import json
import os
import zipfile
from urllib.parse import urlencode

from tarn import Stack, call, done, ok, same, stack_folder

SOURCE = """# Databricks notebook source
# MAGIC %md
# MAGIC # Clean

# COMMAND ----------

# DBTITLE 1,Load
df = spark.table("pin")

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT 1
"""
IPYNB = json.dumps({"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "text"]},
                              {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": "print('é')"}],
                    "metadata": {"application/vnd.databricks.v1+notebook": {"language": "python", "notebookName": "x"}}, "nbformat": 4, "nbformat_minor": 0})
HEAD = {"Authorization": "Bearer dapi-test"}
folder = stack_folder(base="pinterest", files={
    "notebooks/mine.py": SOURCE, "notebooks/sub/other.ipynb": IPYNB, "notebooks/Repos/me/project/query.sql": "-- Databricks notebook source\nSELECT 1\n",
    "notebooks/Users/you@example.com/helpers.py": "x = 1\n", "notebooks/Shared/data.csv": "a,b\n"})
s = Stack(only="s3,lake,databricks", stack=folder)


def get(operation, **query):
    return call("GET", f"{s.at['lake']}/api/2.0/workspace/{operation}?{urlencode(query)}", headers=HEAD)


def post(operation, **body):
    return call("POST", f"{s.at['lake']}/api/2.0/workspace/{operation}", body, HEAD)


def put(path, text, **more):
    return post("import", path=path, content=base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode(), **more)


def code(r):
    return r.status, r.json().get("error_code")


def paths(path):
    return [(o["object_type"], o["path"]) for o in get("list", path=path).json()["objects"]]


def content(path, **how):
    return base64.b64decode(get("export", path=path, **how).json()["content"])


# ---- the stack's ----
same(paths("/"), [("DIRECTORY", "/Repos"), ("DIRECTORY", "/Shared"), ("DIRECTORY", "/Users")], "the root")
ok(("NOTEBOOK", "/Users/student@example.com/mine") in paths("/Users/student@example.com"), "holds what lies beside the known folders, without its ending")
same(paths("/Users/student@example.com/sub"), [("NOTEBOOK", "/Users/student@example.com/sub/other")], "folders below it")
same(paths("/Workspace/Repos/me"), [("REPO", "/Repos/me/project")], "/Workspace is the root; a folder of /Repos/USER is a repo")
same(paths("/Users/you@example.com"), [("FILE", "/Users/you@example.com/helpers.py")], "a file without the first line is no notebook")
r = get("get-status", path="/Repos/me/project/query").json()
same((r["object_type"], r["language"]), ("NOTEBOOK", "SQL"), "a notebook of SQL")
same(get("get-status", path="/Shared/data.csv").json()["size"], 4, "a file has a size")
same(get("get-status", path="/none").json(), {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Path (/none) doesn't exist."}, "nothing there")
repos = call("GET", s.at["lake"] + "/api/2.0/repos", headers=HEAD).json()["repos"]
same([r["path"] for r in repos], ["/Repos/me/project"], "repos")
same([call("GET", f"{s.at['lake']}/api/2.0/repos/{i}", headers=HEAD).status for i in (repos[0]["id"], 1)], [200, 404], "each by its id")
same(call("POST", s.at["lake"] + "/api/2.0/repos", {"url": "https://github.com/a/b", "provider": "gitHub"}, HEAD).status, 501, "nothing is cloned")
same(content("/Users/student@example.com/mine"), SOURCE.encode(), "source goes out as it is")
with open(os.path.join(folder, "notebooks/mine.py"), "a") as f:
    f.write("\n# COMMAND ----------\n\nmore = 1\n")
ok(b"more = 1" in content("/Users/student@example.com/mine"), "a file that is edited is another at once")

# ---- formats ----
out = json.loads(content("/Users/student@example.com/mine", format="JUPYTER"))
same([(c["cell_type"], "".join(c["source"])) for c in out["cells"]],
     [("markdown", "# Clean"), ("code", 'df = spark.table("pin")'), ("code", "%sql\nSELECT 1"), ("code", "more = 1")], "source to Jupyter")
same(out["cells"][1]["metadata"]["application/vnd.databricks.v1+cell"]["title"], "Load", "with titles")
same(put("/Shared/nb", IPYNB, format="JUPYTER").json(), {}, "a Jupyter notebook is imported")
same(content("/Shared/nb", format="JUPYTER").decode(), IPYNB, "and goes out as it came")
same(content("/Shared/nb").decode(), "# Databricks notebook source\n# MAGIC %md\n# MAGIC # Title\n# MAGIC text\n\n# COMMAND ----------\n\nprint('é')\n", "or as source")
same(get("export", path="/Shared/nb").json()["file_type"], "py", "whose ending is said")
html = content("/Shared/nb", format="HTML")
same(put("/Shared/from_html", html, format="HTML").status, 200, "HTML that Databricks exports comes back")
same(content("/Shared/from_html"), content("/Shared/nb"), "as the same notebook")
same(get("export", path="/Shared/nb", format="AUTO", direct_download="true").body, content("/Shared/nb"), "an export as it is")
same(put("/Shared/a.py", SOURCE, format="AUTO").status, 200, "AUTO: a notebook by its first line")
same(put("/Shared/b.py", "x = 1\n", format="AUTO").status, 200, "or a file")
same(sorted(paths("/Shared")), [("FILE", "/Shared/b.py"), ("FILE", "/Shared/data.csv"), ("NOTEBOOK", "/Shared/a"), ("NOTEBOOK", "/Shared/from_html"),
                                ("NOTEBOOK", "/Shared/nb")], "each with its kind")

with open(os.path.join(folder, "notebooks/page.html"), "wb") as f:
    f.write(html)
same(content("/Users/student@example.com/page"), content("/Shared/nb"), "and lies in the stack's folder as a notebook, too")

# ---- archives ----
post("mkdirs", path="/Shared/project/deep")
put("/Shared/project/one", SOURCE, format="SOURCE", language="PYTHON")
put("/Shared/project/deep/two", "-- Databricks notebook source\nSELECT 2", format="SOURCE", language="SQL")
dbc = content("/Shared/project", format="DBC")
z = zipfile.ZipFile(io.BytesIO(dbc))
same((sorted(z.namelist()), z.testzip()), (["project/deep/two.sql", "project/one.python"], None), "a folder is exported as DBC")
same([c["command"] for c in json.loads(z.read("project/one.python"))["commands"]], ["%md\n# Clean", 'df = spark.table("pin")', "%sql\nSELECT 1"], "whose members are Databricks' own")
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
    for name in z.namelist():
        out.writestr(name, z.read(name))
same(put("/Shared/copy", packed.getvalue(), format="DBC").json(), {}, "a packed archive is imported")
same((paths("/Shared/copy"), content("/Shared/copy/one")), ([("DIRECTORY", "/Shared/copy/deep"), ("NOTEBOOK", "/Shared/copy/one")], content("/Shared/project/one")), "with its folders")
same(code(put("/Shared/copy", dbc, format="DBC")), (400, "RESOURCE_ALREADY_EXISTS"), "not where something is")
same(code(put("/Shared/torn", dbc[:-40], format="DBC")), (400, "INVALID_PARAMETER_VALUE"), "a torn archive")

with open(os.path.join(folder, "notebooks/packed.dbc"), "wb") as f:
    f.write(dbc)
same((content("/Users/student@example.com/project/one"), get("get-status", path="/Users/student@example.com/project/deep/two").json()["language"]),
     (content("/Shared/copy/one"), "SQL"), "the notebooks of an archive in the stack's folder lie beside it")
os.unlink(os.path.join(folder, "notebooks/packed.dbc"))
same(code(get("list", path="/Users/student@example.com/project")), (404, "RESOURCE_DOES_NOT_EXIST"), "and go with it")

# ---- other ways in ----
boundary = "x1"
form = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"{f}\r\n\r\n{v}\r\n' for k, f, v in
               (("path", "", "/Shared/form"), ("format", "", "SOURCE"), ("language", "", "PYTHON"), ("content", '; filename="f"', SOURCE))) + f"--{boundary}--\r\n"
same(call("POST", s.at["lake"] + "/api/2.0/workspace/import", form.encode(), {**HEAD, "Content-Type": f"multipart/form-data; boundary={boundary}"}).status, 200, "a form")
same(content("/Shared/form"), SOURCE.encode(), "with the content as it is")
same(call("POST", s.at["lake"] + "/api/2.0/workspace-files/import-file/Shared/raw.txt?overwrite=true", b"raw", HEAD).status, 200, "the bytes themselves")
same(content("/Shared/raw.txt", format="AUTO"), b"raw", "a file")

# ---- refusals ----
same(code(put("/Shared/nb", IPYNB, format="JUPYTER")), (400, "RESOURCE_ALREADY_EXISTS"), "not over another")
same(put("/Shared/nb", SOURCE, format="SOURCE", language="PYTHON", overwrite=True).status, 200, "unless it may")
same(code(put("/Shared/no/where", SOURCE, format="SOURCE", language="PYTHON")), (404, "RESOURCE_DOES_NOT_EXIST"), "the folder must be there")
same(code(put("/Shared/x", SOURCE, format="SOURCE")), (400, "INVALID_PARAMETER_VALUE"), "source needs a language")
same(code(put("/Shared/x", "{}", format="JUPYTER")), (400, "INVALID_PARAMETER_VALUE"), "no Jupyter notebook")
same(code(put("/Shared/x", SOURCE, format="WORD")), (400, "INVALID_PARAMETER_VALUE"), "no format")
same(code(post("delete", path="/Shared/project")), (400, "DIRECTORY_NOT_EMPTY"), "a folder with something in it")
same(post("delete", path="/Shared/project", recursive=True).status, 200, "goes when all may")
same(code(get("list", path="/Shared/project")), (404, "RESOURCE_DOES_NOT_EXIST"), "is gone")
same(code(get("export", path="/Shared", format="SOURCE")), (400, "INVALID_PARAMETER_VALUE"), "a folder is no source")

# ---- over a restart ----
same(post("delete", path="/Users/you@example.com/helpers.py").status, 200, "the stack's own are deleted, too")
before = paths("/Shared")
s.stop()
s.up()
same((paths("/Shared"), content("/Shared/form")), (before, SOURCE.encode()), "imports stay")
same(code(get("get-status", path="/Users/you@example.com/helpers.py")), (404, "RESOURCE_DOES_NOT_EXIST"), "and so does a deletion")
ok(os.path.exists(os.path.join(folder, "notebooks/Users/you@example.com/helpers.py")), "which leaves the stack's file alone")

done()
