#!/usr/bin/python3
"""Spark SQL as clients meet it: sessions, functions that the client runs, files by path, writes, what a statement can't harm."""
import gzip
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time

from tarn import BUCKET, TARN, TMP, Stack, call, done, ok, same, until

HEADERS = {"X-Tarn": "1", "Content-Type": "text/plain"}
JSON = {"X-Tarn": "1", "Content-Type": "application/json"}
ENDLESS = "SELECT count(*) FROM range(9000000000000000) a JOIN range(3) b ON a.id % 7 = b.id"


class Lake(Stack):
    bucket = BUCKET

    def __init__(self, *args, **more):
        super().__init__(*args, **{"only": "s3,lake,databricks", **more})

    def ask(self, text, session=None, **query):
        path = "/api/tarn/sql?" + "&".join([f"session={session}"] * bool(session) + [f"{k}={v}" for k, v in query.items()])
        return call("POST", self.at["lake"] + path, text.encode(), HEADERS)

    def rows(self, text, session=None, **query):
        r = self.ask(text, session, **query)
        return r.json()["rows"] if r.status == 200 else r.json()["message"]

    def session(self):
        return call("POST", self.at["lake"] + "/api/tarn/spark/sessions", b"", HEADERS).json()["session_id"]


def error(r):
    return r.status, r.json()["error_class"]


def sessions(s):
    one, two = s.session(), s.session()
    same(s.rows("SET spark.sql.ansi.enabled = true", one), [["spark.sql.ansi.enabled", "true"]], "SET answers with key and value")
    same(error(s.ask("SELECT CAST('12k' AS INT)", one)), (400, "CAST_INVALID_INPUT"), "and holds for the session")
    same(s.rows("SELECT CAST('12k' AS INT)", two), [[None]], "not for another")
    s.rows("CREATE OR REPLACE TEMP VIEW v AS SELECT 1 AS a UNION ALL SELECT 2", one)
    same(s.rows("SELECT sum(a) FROM v", one), [[3]], "a temporary view stays")
    same(error(s.ask("SELECT * FROM v", two)), (400, "TABLE_OR_VIEW_NOT_FOUND"), "in its session")
    s.rows("CREATE GLOBAL TEMP VIEW g AS SELECT 7 AS b", one)
    same(s.rows("SELECT * FROM global_temp.g", two), [[7]], "a global one in all")
    same(s.rows("CREATE TEMP VIEW w AS SELECT 5 AS c; SELECT c + 1 FROM w"), [[6]], "several statements share one")
    same(error(s.ask("SELECT * FROM w")), (400, "TABLE_OR_VIEW_NOT_FOUND"), "which ends with its request")
    same(s.rows("SET TIME ZONE 'America/New_York'; SELECT timestamp'2020-01-01 00:00:00' = timestamp'2020-01-01 05:00:00Z'"), [[True]], "a time zone")
    same(call("DELETE", s.at["lake"] + f"/api/tarn/spark/sessions/{one}", None, HEADERS).status, 200, "a session ends")
    same(s.ask("SELECT 1", one).status, 404, "and is gone")


def functions(s):
    """A client that runs a function: it is called in batches, in the middle of statements."""
    one = s.session()
    url = s.at["lake"] + f"/api/tarn/spark/sessions/{one}"
    same(call("POST", url + "/functions", json.dumps({"name": "shout", "type": "string"}).encode(), JSON).status, 200, "a function is registered")
    calls = []

    def run(text, f):
        r = s.ask(text, one)
        while r.status == 202:
            u = r.json()["udf"]
            calls.append(u["rows"])
            r = call("POST", url + "/results", json.dumps({"call": u["call"], **f(u)}).encode(), JSON)
        return r
    shout = lambda u: {"values": [None if v is None else v.upper() + "!" for v in u["arguments"][0]]}
    r = run("SELECT shout(x) AS y FROM VALUES ('a'), (NULL), ('b') t(x) ORDER BY 1", shout)
    same((r.status, r.json()["rows"]), (200, [[None], ["A!"], ["B!"]]), "its values are a column")
    calls.clear()
    r = run("SELECT count(DISTINCT shout(CAST(id AS STRING))) FROM range(10000)", shout)
    same((r.json()["rows"], sum(calls), len(calls) < 20), ([[10000]], 10000, True), "ten thousand rows in a few batches")
    r = run("SELECT shout('x')", lambda u: {"error": "Traceback (most recent call last): ZeroDivisionError: division by zero"})
    same((r.status, r.json()["exception"], "ZeroDivisionError" in r.json()["message"]), (400, "PythonException", True), "its exception is the statement's")
    r = run("SELECT shout('x')", lambda u: {"values": []})
    same(r.status, 400, "too few values are told")
    r = s.ask("SELECT shout('x')", one)
    same(r.status, 202, "a client that never comes back")
    same(s.rows("SELECT 1"), [[1]], "holds nobody")
    call("DELETE", url, None, HEADERS)
    ok(until(lambda: not s.control("GET", "/health")["busy"]), "and its statement ends with the session")


def files(s):
    put = lambda key, body: s.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    put("in/a.json", b'{"b":1,"a":"x"}\n{"b":2.5,"c":[1,2]}\n')
    put("in/b.json.gz", gzip.compress(b'{"b":3,"a":"z"}\n'))
    put("in/_hidden.json", b'{"z":1}\n')
    at = f"s3://{BUCKET}"
    r = s.ask(f"SELECT * FROM json.`{at}/in` ORDER BY b").json()
    same(([(c["name"], c["type"]) for c in r["schema"]], r["rows"]), ([("a", "string"), ("b", "double"), ("c", "array<bigint>")],
                                                                       [["x", 1, None], [None, 2.5, [1, 2]], ["z", 3, None]]), "JSON by path: Spark's schema")
    same(s.rows(f"SELECT count(*) FROM json.`{at}/in/*.json`"), [[2]], "with a glob")
    put("csv/x.csv", b"ind,name,at\n1,a,2020-01-01\n2,\"b,c\",\n")
    r = s.ask(f"SELECT * FROM read_files('{at}/csv/x.csv', format => 'csv', header => true, inferSchema => true)").json()
    same(([(c["name"], c["type"]) for c in r["schema"]], r["rows"]), ([("ind", "int"), ("name", "string"), ("at", "date")],
                                                                       [[1, "a", "2020-01-01"], [2, "b,c", None]]), "read_files of CSV")
    put("part/day=2020-01-01/k=1/x.json", b'{"v":1}\n')
    put("part/day=2020-01-02/k=2/x.json", b'{"v":2}\n')
    r = s.ask(f"SELECT * FROM json.`{at}/part` ORDER BY v").json()
    same(([(c["name"], c["type"]) for c in r["schema"]], r["rows"]), ([("v", "bigint"), ("day", "date"), ("k", "int")],
                                                                       [[1, "2020-01-01", 1], [2, "2020-01-02", 2]]), "folders are columns")
    same(s.rows(f"SELECT value FROM text.`{at}/csv/x.csv` LIMIT 1"), [["ind,name,at"]], "lines of text")
    same(error(s.ask(f"SELECT * FROM json.`{at}/nothing/`")), (400, "PATH_NOT_FOUND"), "no file is an error")


def writes(s):
    sql = s.rows
    sql("CREATE TABLE t (a INT NOT NULL, b STRING, c DECIMAL(10,2), d ARRAY<INT>, e STRUCT<x: INT, y: STRING>) PARTITIONED BY (b)")
    same(sql("INSERT INTO t VALUES (1, 'x', 1.5, array(1), named_struct('x', 1, 'y', 'q')), (2, 'y z', 2, NULL, NULL), (3, NULL, 3, array(), NULL)"),
         [[3, 3]], "INSERT into a partitioned table of nested types")
    same(sql("SELECT * FROM t ORDER BY a"), [[1, "x", 1.5, [1], {"x": 1, "y": "q"}], [2, "y z", 2, None, None], [3, None, 3, [], None]], "comes back")
    ok({k.split("/")[2] for k in s.keys("tables/t/b=")} == {"b=x", "b=y z", "b=__HIVE_DEFAULT_PARTITION__"} or
       any("b=y%20z" in k for k in s.keys("tables/t/")), "in folders of their own", s.keys("tables/t/b="))
    same(sql("UPDATE t SET c = c + 1, b = 'x' WHERE a >= 2"), [[2]], "UPDATE")
    same(sql("SELECT a, b, c FROM t ORDER BY a"), [[1, "x", 1.5], [2, "x", 3], [3, "x", 4]], "moves rows to another partition")
    same(sql("DELETE FROM t WHERE a IN (SELECT id FROM range(3))"), [[2]], "DELETE with a subquery")
    same(sql("SELECT a FROM t"), [[3]], "leaves the others")
    same(error(s.ask("INSERT INTO t (a) VALUES (NULL)"))[0], 400, "NOT NULL is kept")
    merge = """MERGE INTO t USING (SELECT CAST(id AS INT) AS a, 'm' AS b FROM range(2, 6)) s ON t.a = s.a
        WHEN MATCHED AND s.a = 3 THEN UPDATE SET c = 9 WHEN NOT MATCHED AND s.a > 3 THEN INSERT (a, b) VALUES (s.a, s.b)"""
    same(sql(merge), [[3, 1, 0, 2]], "MERGE: updated, deleted, inserted")
    same(sql("SELECT a, b, c FROM t ORDER BY a"), [[3, "x", 9], [4, "m", None], [5, "m", None]], "as its clauses say")
    same(sql("MERGE INTO t USING (SELECT 4 AS a) s ON t.a = s.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY SOURCE THEN UPDATE SET b = 'left'"),
         [[3, 2, 1, 0]], "and those of rows that the source lacks")
    same(sql("SELECT a, b FROM t ORDER BY a"), [[3, "left"], [5, "left"]], "DELETE and NOT MATCHED BY SOURCE")
    same(error(s.ask("MERGE INTO t USING (SELECT * FROM VALUES (3), (3) AS v(a)) s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 'twice'")),
         (400, "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE"), "a row that would change twice is refused")
    same([r[4] for r in sql("DESCRIBE HISTORY t")], ["MERGE", "MERGE", "DELETE", "UPDATE", "WRITE", "CREATE TABLE"], "each is a version")
    same(sql("SELECT count(*) FROM t VERSION AS OF 1"), [[3]], "and the old ones stay")
    at = "delta.`s3://user-0affea73130b-bucket/by-path/t`"
    s.rows(f"CREATE TABLE {at} USING delta AS SELECT 1 AS a")
    s.rows(f"INSERT INTO {at} VALUES (5)")
    same(s.rows(f"SELECT a FROM {at} ORDER BY a"), [[1], [5]], "a table made by path")
    same(error(s.ask(f"CREATE TABLE {at} AS SELECT 1 AS a"))[1], "TABLE_OR_VIEW_ALREADY_EXISTS", "... once")
    r = s.ask(f"MERGE WITH SCHEMA EVOLUTION INTO {at} t USING (SELECT 9 AS a, 3 AS b) s ON t.a = s.a WHEN NOT MATCHED THEN INSERT *")
    ok(r.status == 501 and "SCHEMA EVOLUTION" in r.text, "MERGE WITH SCHEMA EVOLUTION is refused by name, not half done", r.text[:200])
    one = "SET spark.databricks.delta.schema.autoMerge.enabled = true; "
    r = s.ask(f"{one}MERGE INTO {at} t USING (SELECT 9 AS a, 3 AS b) s ON t.a = s.a WHEN NOT MATCHED THEN INSERT *")
    ok(r.status == 501 and "autoMerge" in r.text, "so is what would ask for the same", r.text[:200])
    same(s.rows(f"SELECT a FROM {at} ORDER BY a"), [[1], [5]], "nothing is written")


def together(s):
    """Several writers of one table at once: each statement is a version, no row is lost."""
    s.rows("CREATE TABLE n (who INT, i INT)")
    def write(who):
        for i in range(10):
            s.rows(f"INSERT INTO n VALUES ({who}, {i})")
            s.rows(f"UPDATE n SET i = i + 100 WHERE who = {who} AND i = {i}")
    threads = [threading.Thread(target=write, args=(w,)) for w in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same(s.rows("SELECT who, count(*), min(i), max(i) FROM n GROUP BY who ORDER BY who"), [[w, 10, 100, 109] for w in range(4)], "forty inserts, forty updates")


def harmless(s):
    host, port = s.address("lake")
    def send(text):
        c = socket.create_connection((host, port))
        c.sendall(f"POST /api/tarn/sql HTTP/1.1\r\nHost: {host}\r\nX-Tarn: 1\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
        return c
    busy = lambda: s.control("GET", "/health")["busy"]
    one, two = send(ENDLESS), send(ENDLESS)
    ok(until(busy), "two endless statements run")
    same(s.rows("SELECT 1"), [[1]], "another is answered beside them")
    one.close()
    two.close()
    ok(until(lambda: not busy()), "and end when their clients go")
    for text in ("SELECT collect_list(id) FROM range(100000000000)", "SELECT repeat(repeat(repeat('x', 100000), 1000), 1000)",
                 "SELECT * FROM range(100000000000) ORDER BY id % 17", "SELECT sequence(1, 100000000000)",
                 "SELECT size(array_repeat(repeat('x', 1000000), 100000))", "SELECT size(split(repeat('a', 100000000), ''))",
                 "SELECT array_repeat(array_repeat(array_repeat(1, 1000), 1000), 1000)[0][0][0]",
                 "SELECT count(*) FROM range(10000000) a JOIN range(10000000) b ON a.id % 2 = b.id % 2 JOIN range(10000000) c ON true",
                 "SELECT regexp_replace(repeat('a', 30), '(a+)+b', 'x'), 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' RLIKE '(a+)+$'"):
        r = s.ask(text)
        ok(r.status in (200, 400, 408), f"{text[:50]}: {r.status}", r.text[:300])
    same(s.rows("SELECT 2"), [[2]], "the lake lives")
    deep = "(" * 3000 + "1" + ")" * 3000
    same(s.ask("SELECT " + deep).status, 400, "nested too deep")
    same(s.rows("SELECT " + " + ".join(["1"] * 20000)), [[20000]], "a long sum")
    same(s.ask("SELECT " + " + ".join(["id"] * 50000) + " FROM range(1)").json()["message"], "More than 20000 operators in a row.", "a longer one")
    same(s.rows("SELECT count(*) FROM range(5) WHERE id IN (" + ", ".join(map(str, range(5000))) + ")"), [[5]], "a long list")
    steps = "WITH s0 AS (SELECT id AS c FROM range(10))" + "".join(
        f", s{i} AS (SELECT CASE WHEN c % 2 = 0 THEN c + 1 ELSE c - 1 END AS c FROM s{i - 1})" for i in range(1, 301))
    began = time.monotonic()
    same(s.rows(steps + " SELECT sum(c) FROM s300"), [[45]], "three hundred steps, each reading the one before three times")
    ok(time.monotonic() - began < 20, "don't grow with each step")


def killed(s):
    """kill -9 in the midst of MERGEs: the table is whole, at the version before or after."""
    s.rows("CREATE TABLE k AS SELECT CAST(id AS INT) AS i, 0 AS n, repeat('x', 50) AS pad FROM range(20000)")
    merge = "MERGE INTO k USING (SELECT CAST(id AS INT) AS i FROM range(10000, 30000)) s ON k.i = s.i WHEN MATCHED THEN UPDATE SET n = n + 1 " \
            "WHEN NOT MATCHED THEN INSERT (i, n, pad) VALUES (s.i, 0, 'new')"
    rnd = random.Random(3)
    for i in range(6):
        before = s.rows("SELECT count(*), sum(n) FROM k")[0]
        p = subprocess.Popen([TARN, "sql", merge, "--data", s.data], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rnd.random() * 0.12)
        s.kill()
        p.wait(timeout=30)
        s.up()
        after = s.rows("SELECT count(*), sum(n) FROM k")[0]
        whole = [30000, before[1] + (10000 if before[0] == 20000 else 20000)]
        ok(after in (before, whole), f"kill {i}: {before} -> {after}", whole)
    same(s.rows(merge)[0][0], 20000, "and the next one runs")


def databricks(s):
    post = lambda body: call("POST", s.at["control"] + "/api/2.0/sql/statements", json.dumps(body).encode(), JSON).json()
    r = post({"statement": "SELECT 1=1 AS b, 7/2 AS d, 1.50 AS m, 5 AS i, 5L AS l, 'x' AS s, date'2020-01-02' AS t, timestamp'2020-01-02 03:04:05' AS u, "
                           "array(1, 2) AS a, map('k', 1) AS o, NULL AS n, X'1F' AS y"})
    same([(c["name"], c["type_name"], c["type_text"]) for c in r["manifest"]["schema"]["columns"]],
         [("b", "BOOLEAN", "BOOLEAN"), ("d", "DOUBLE", "DOUBLE"), ("m", "DECIMAL", "DECIMAL(3,2)"), ("i", "INT", "INT"), ("l", "LONG", "BIGINT"),
          ("s", "STRING", "STRING"), ("t", "DATE", "DATE"), ("u", "TIMESTAMP", "TIMESTAMP"), ("a", "ARRAY", "ARRAY<INT>"),
          ("o", "MAP", "MAP<STRING,INT>"), ("n", "NULL", "VOID"), ("y", "BINARY", "BINARY")], "types of the SQL statements' API")
    same(r["result"]["data_array"][0][:8], ["true", "3.5", "1.50", "5", "5", "x", "2020-01-02", "2020-01-02 03:04:05"], "values are texts")
    r = post({"statement": "SELECT :a + 1 AS n, :b AS s, :c AS d", "parameters": [{"name": "a", "value": "5", "type": "INT"}, {"name": "b", "value": "it's"},
                                                                                  {"name": "c", "value": "2020-01-01", "type": "DATE"}]})
    same((r["result"]["data_array"], [c["type_name"] for c in r["manifest"]["schema"]["columns"]]), ([["6", "it's", "2020-01-01"]], ["INT", "STRING", "DATE"]),
         "parameters have types")
    r = post({"statement": "SELECT nope"})
    ok(r["status"]["state"] == "FAILED" and "[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION]" in r["status"]["error"]["message"] and
       "SQLSTATE: 42703" in r["status"]["error"]["message"], "an error has class and SQLSTATE", r)


if __name__ == "__main__":
    with Lake() as stack:
        stack.s3.create_bucket(Bucket=BUCKET) if BUCKET not in [b["Name"] for b in stack.s3.list_buckets()["Buckets"]] else None
        for part in (sessions, functions, files, writes, together, databricks, harmless):
            part(stack)
    with Lake() as stack:
        killed(stack)
    done()
