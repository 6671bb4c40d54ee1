#!/usr/bin/python3
"""CREATE TABLE ... LOCATION: names for files that are elsewhere, of JSON and CSV and Delta tables; what DROP TABLE leaves."""
from tarn import Stack, call, done, ok

ours = Stack(only="s3,lake,databricks")
LAKE, S3 = ours.at["control"], ours.at["aws"]
HEADERS = {"X-Tarn": "1", "Content-Type": "text/plain"}
SESSION = call("POST", f"{LAKE}/api/tarn/spark/sessions", b"", HEADERS).json()["session_id"]


def sql(text):
    r = call("POST", f"{LAKE}/api/tarn/sql?session={SESSION}&as=text", text.encode(), HEADERS)
    body = r.json()
    return body["rows"] if r.status == 200 else body.get("error_class") or r.status


def gives(text, want):
    got = sql(text)
    ok(got == want, text.replace("\n", " "), f"{got} instead of {want}")


call("PUT", f"{S3}/user-files", b"", {})
for i in range(2):
    call("PUT", f"{S3}/user-files/topics/x.pin/partition=0/{i}.json", b'{"ind":%d,"category":"art"}\n' % i, {})
call("PUT", f"{S3}/user-files/rows/a.csv", b"a;b\n1;x\n", {})

gives("CREATE TABLE IF NOT EXISTS df_pin\nUSING json\nLOCATION 's3a://user-files/topics/x.pin/partition=0/'", [])
gives("SELECT * FROM df_pin ORDER BY ind", [["art", "0"], ["art", "1"]])
gives("SELECT df_pin.ind, p.category FROM df_pin JOIN default.df_pin p ON df_pin.ind = p.ind ORDER BY 1", [["0", "art"], ["1", "art"]])
gives("SHOW TABLES LIKE 'df*'", [["default", "df_pin", "false"]])
gives("DESCRIBE df_pin", [["category", "string", None], ["ind", "bigint", None]])
gives("CREATE TABLE df_pin USING json LOCATION 's3a://user-files/x'", "TABLE_OR_VIEW_ALREADY_EXISTS")
gives("CREATE TABLE IF NOT EXISTS df_pin USING json LOCATION 's3a://user-files/x'", [])
gives("INSERT INTO df_pin VALUES ('art', 2)", [])
gives("SELECT max(ind) FROM df_pin", [["2"]])
gives("DROP TABLE df_pin", [])
gives("SELECT * FROM df_pin", "TABLE_OR_VIEW_NOT_FOUND")
gives("SELECT count(*) FROM json.`s3a://user-files/topics/x.pin/partition=0/`", [["3"]])
gives("CREATE TABLE df_pin (ind INT) USING json LOCATION 's3a://user-files/topics/x.pin/partition=0/'", [])
gives("SELECT * FROM df_pin ORDER BY ind", [["0"], ["1"], ["2"]])
gives("CREATE TABLE c USING csv OPTIONS (header 'true', sep ';', inferSchema 'true') LOCATION 's3a://user-files/rows/'", [])
gives("SELECT a + 1, b FROM c", [["2", "x"]])
gives("CREATE TABLE gone USING csv LOCATION 's3a://user-files/nothing/'", [])
gives("SELECT * FROM gone", "PATH_NOT_FOUND")
gives("DROP TABLE gone", [])

gives("CREATE TABLE g (ind INT, country STRING) USING delta LOCATION 's3a://user-files/delta/g'", [])
gives("INSERT INTO g VALUES (1, 'Cuba')", [["1", "1"]])
gives("UPDATE g SET country = 'Peru'", [["1"]])
gives("SELECT * FROM g", [["1", "Peru"]])
gives("SELECT * FROM delta.`s3a://user-files/delta/g`", [["1", "Peru"]])
gives("DROP TABLE g", [])
gives("CREATE TABLE h USING delta LOCATION 's3a://user-files/delta/g'", [])
gives("SELECT * FROM h", [["1", "Peru"]])
gives("CREATE TABLE i USING delta LOCATION 's3a://user-files/delta/i' AS SELECT 1 AS a", [])
gives("SELECT * FROM workspace.default.i", [["1"]])
gives("CREATE TABLE j USING delta LOCATION 's3a://user-files/delta/nothing'", "DELTA_TABLE_NOT_FOUND")
gives("DROP TABLE IF EXISTS nowhere.default.j", [])
gives("CREATE TABLE nodb.k USING delta AS SELECT 1 AS a", "SCHEMA_NOT_FOUND")
gives("CREATE DATABASE db1", [])
gives("CREATE TABLE db1.k USING delta AS SELECT 1 AS a", [])
gives("SELECT * FROM spark_catalog.db1.k", [["1"]])
done()
