#!/usr/bin/python3
"""DBFS over the object store: the DBFS API and the Files API, and that tables and mounts are the same files by other paths."""
import base64

from tarn import BUCKET, Stack, USER, call, done, ok, same

s = Stack(only="s3,lake,databricks", conf=f"[stack]\nuser = {USER}\n[buckets]\n{BUCKET} =\n[lake]\nbucket = {BUCKET}\n")
HEAD = {"Authorization": "Bearer dapi-test"}


def get(operation, **query):
    from urllib.parse import urlencode
    return call("GET", f"{s.at['lake']}/api/2.0/dbfs/{operation}?{urlencode(query)}", headers=HEAD)


def post(operation, **body):
    return call("POST", f"{s.at['lake']}/api/2.0/dbfs/{operation}", body, HEAD)


def fs(method, path, body=None, query=""):
    return call(method, f"{s.at['lake']}/api/2.0/fs/{path}{query}", body, HEAD)


def text(data):
    return base64.b64encode(data).decode()


def code(r):
    return r.status, r.json().get("error_code")


def names(path):
    return [f["path"] + ("/" if f["is_dir"] else "") for f in get("list", path=path).json().get("files", [])]


# ---- the root ----
same(names("/"), ["/user/"], "an empty root holds the way to the tables")
same(post("put", path="/FileStore/tables/a.csv", contents=text(b"x,y\n1,2\n")).json(), {}, "put writes a file")
same(code(post("put", path="/FileStore/tables/a.csv", contents=text(b"z"))), (400, "RESOURCE_ALREADY_EXISTS"), "but not over another")
same(post("put", path="dbfs:/FileStore/tables/a.csv", contents=text(b"x,y\n1,2\n3,4\n"), overwrite=True).status, 200, "unless it may; dbfs: is read over")
same(get("read", path="/FileStore/tables/a.csv").json(), {"bytes_read": 12, "data": text(b"x,y\n1,2\n3,4\n")}, "read")
same(get("read", path="/FileStore/tables/a.csv", offset=4, length=3).json(), {"bytes_read": 3, "data": text(b"1,2")}, "a part of it")
same(code(get("read", path="/FileStore/tables/a.csv", offset=13)), (400, "INVALID_PARAMETER_VALUE"), "not behind its end")
same(code(get("read", path="/FileStore")), (400, "INVALID_PARAMETER_VALUE"), "a folder can't be read")
same(code(get("read", path="/FileStore/tables/a.csv", length=1 << 21)), (400, "MAX_READ_SIZE_EXCEEDED"), "a block has a limit")
same(code(get("read", path="/none")), (404, "RESOURCE_DOES_NOT_EXIST"), "a file that isn't there")
same(get("get-status", path="/none").json()["message"], "No file or directory exists on path /none.", "with the service's words")
same(code(get("list", path="relative")), (400, "INVALID_PARAMETER_VALUE"), "a path is absolute")
same(code(get("list", path="/a/../b")), (400, "INVALID_PARAMETER_VALUE"), "and doesn't go up")
r = get("get-status", path="/FileStore/tables/a.csv").json()
same((r["path"], r["is_dir"], r["file_size"], r["modification_time"] > 0), ("/FileStore/tables/a.csv", False, 12, True), "get-status of a file")
same(get("get-status", path="/FileStore").json()["is_dir"], True, "and of a folder")
same(names("/FileStore"), ["/FileStore/tables/"], "list of a folder")
same(names("/FileStore/tables/a.csv"), ["/FileStore/tables/a.csv"], "a file is listed as itself")
same(s.keys("dbfs/"), ["dbfs/FileStore/tables/a.csv"], "it is an object of the lake's bucket")

# ---- written in blocks ----
h = post("create", path="/tmp/big.bin").json()["handle"]
for i in range(3):
    post("add-block", handle=h, data=text(bytes([i]) * 1000000))
same(code(get("get-status", path="/tmp/big.bin")), (404, "RESOURCE_DOES_NOT_EXIST"), "a file isn't there before it is closed")
same(post("close", handle=h).status, 200, "close")
same(get("get-status", path="/tmp/big.bin").json()["file_size"], 3000000, "then it is, whole")
same(code(post("close", handle=h)), (404, "RESOURCE_DOES_NOT_EXIST"), "a handle is closed once")
same(code(post("create", path="/tmp/big.bin")), (400, "RESOURCE_ALREADY_EXISTS"), "create doesn't replace")

# ---- folders ----
same(post("mkdirs", path="/tmp/new/er").status, 200, "mkdirs")
same((names("/tmp"), names("/tmp/new"), names("/tmp/new/er")), (["/tmp/big.bin", "/tmp/new/"], ["/tmp/new/er/"], []), "an empty folder is there")
same(code(post("mkdirs", path="/tmp/big.bin")), (400, "RESOURCE_ALREADY_EXISTS"), "not where a file is")
post("put", path="/tmp/new/er/f", contents=text(b"f"))
post("put", path="/tmp/new-er", contents=text(b"g"))
same(names("/tmp"), ["/tmp/big.bin", "/tmp/new-er", "/tmp/new/"], "a folder is listed once")
same(code(post("delete", path="/tmp/new")), (400, "IO_ERROR"), "a folder with something in it stays")
same(post("move", source_path="/tmp/new", destination_path="/moved/here").status, 200, "a folder moves")
same((names("/tmp"), names("/moved/here/er")), (["/tmp/big.bin", "/tmp/new-er"], ["/moved/here/er/f"]), "with all that is in it, and nothing else")
same(code(post("move", source_path="/moved", destination_path="/moved/x")), (400, "INVALID_PARAMETER_VALUE"), "not into itself")
same(code(post("move", source_path="/tmp/new-er", destination_path="/tmp/big.bin")), (400, "RESOURCE_ALREADY_EXISTS"), "nor over a file")
post("copy", source_path="/moved", destination_path="/copied")
same((names("/copied/here/er"), names("/moved/here/er")), (["/copied/here/er/f"], ["/moved/here/er/f"]), "copy, for dbutils.fs.cp")
same(post("delete", path="/moved", recursive=True).status, 200, "delete with all in it")
same(code(post("delete", path="/moved", recursive=True)), (404, "RESOURCE_DOES_NOT_EXIST"), "once")

# ---- mounts and S3 ----
call("POST", s.at["lake"] + "/api/tarn/mounts", {"source": f"s3n://K:S@{BUCKET}/topics", "mountPoint": "/mnt/pinned"})
s.s3.put_object(Bucket=BUCKET, Key=f"topics/{USER}.pin/partition=0/{USER}.pin+0+0000000000.json", Body=b'{"index":1}\n')
same((names("/"), names("/mnt"), names("/mnt/pinned")), (["/FileStore/", "/copied/", "/mnt/", "/tmp/", "/user/"], ["/mnt/pinned/"], [f"/mnt/pinned/{USER}.pin/"]), "a mount is a folder")
same(get("read", path=f"/mnt/pinned/{USER}.pin/partition=0/{USER}.pin+0+0000000000.json").json()["bytes_read"], 12, "whose files are the bucket's")
same(names(f"s3a://{BUCKET}/topics"), [f"s3a://{BUCKET}/topics/{USER}.pin/"], "a path of S3 goes where one of DBFS does")
same(code(post("delete", path="/mnt/pinned", recursive=True)), (403, "PERMISSION_DENIED"), "a mount isn't deleted")
same(code(post("delete", path="/mnt", recursive=True)), (403, "PERMISSION_DENIED"), "nor what holds one")
same((post("put", path="/mnt/other/x", contents="").status, s.keys("dbfs/mnt/")), (200, ["dbfs/mnt/other/x"]), "where nothing is mounted it is the root's")

# ---- tables ----
s.sql("CREATE TABLE words (w STRING)")
s.sql("INSERT INTO words VALUES ('a'), ('b')")
ok("/user/hive/warehouse/words/_delta_log/" in names("/user/hive/warehouse/words"), "a table lies in the warehouse")
same(s.sql("SELECT count(*) AS n FROM delta.`dbfs:/user/hive/warehouse/words`"), [[2]], "and is read by that path")
s.sql("CREATE TABLE delta.`/tmp/by_path` (w STRING)")
s.sql("INSERT INTO delta.`/tmp/by_path` VALUES ('c')")
ok("/tmp/by_path/_delta_log/" in names("/tmp/by_path"), "a table of the root's")

# ---- the Files API ----
same(fs("PUT", "files/Volumes/main/default/v/a.txt", b"hello").status, 204, "upload")
same(fs("PUT", "files/Volumes/main/default/v/a.txt", b"hello").status, 409, "not twice")
same(fs("PUT", "files/Volumes/main/default/v/a.txt", b"bye", "?overwrite=true").status, 204, "unless it may")
r = fs("GET", "files/Volumes/main/default/v/a.txt")
same((r.body, r.headers["Content-Type"]), (b"bye", "application/octet-stream"), "download")
same([f["name"] for f in fs("GET", "directories/Volumes/main/default/v").json()["contents"]], ["a.txt"], "a folder's list")
same(fs("GET", f"files/s3a://{BUCKET}/dbfs/Volumes/main/default/v/a.txt").body, b"bye", "by its path of S3")
same(code(fs("DELETE", "directories/Volumes/main/default/v")), (400, "DIRECTORY_NOT_EMPTY"), "a folder with a file in it stays")
same((fs("DELETE", "files/Volumes/main/default/v/a.txt").status, code(fs("GET", "files/Volumes/main/default/v/a.txt"))), (204, (404, "NOT_FOUND")), "delete")
same((fs("PUT", "directories/Volumes/x").status, fs("DELETE", "directories/Volumes/x").status, fs("DELETE", "directories/Volumes/x").status), (204, 204, 404), "folders come and go")

done()
