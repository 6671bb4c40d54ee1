#!/usr/bin/python3
"""tarn seed and tarn emit: rows made from a seed, rows from files, and what is sent of them."""
import csv
import filecmp
import glob
import json
import os
import subprocess

from tarn import SHARED, Stack, TMP, done, need, ok, same, skip, stack_folder, tarn

pymysql = need("pymysql")
TABLES = ("pinterest_data", "geolocation_data", "user_data")

class Rows(Stack):
    def rows(self, sql):
        host, port = self.address("rds")
        c = pymysql.connect(host=host, port=port, user="u", password="p", database="pinterest_data", charset="utf8mb4")
        try:
            with c.cursor() as cur:
                cur.execute(sql)
                return cur.fetchall()
        finally:
            c.close()


def equal(a, b):
    return all(filecmp.cmp(f"{a}/{f}", f"{b}/{f}", shallow=False) for f in os.listdir(a)) and sorted(os.listdir(a)) == sorted(os.listdir(b))


def files(tmp):
    for name in ("one", "two"):
        r = tarn("seed", "--out", f"{tmp}/{name}")
        same((r.returncode, r.stdout), (0, ""), f"made rows go to files: {name}")
    ok(equal(f"{tmp}/one", f"{tmp}/two"), "the same bytes each time")
    tarn("seed", "--seed", "43", "--out", f"{tmp}/other")
    ok(not equal(f"{tmp}/one", f"{tmp}/other"), "another seed, other rows")
    rows = list(csv.DictReader(open(f"{tmp}/one/pinterest_data.csv", newline="")))
    same([int(r["index"]) for r in rows], list(range(11154)), "index 0 to 11153, in order")
    tarn("seed", "--format", "jsonl", "--out", f"{tmp}/lines")
    tarn("seed", "--from", f"{tmp}/lines", "--out", f"{tmp}/back")
    ok(equal(f"{tmp}/one", f"{tmp}/back"), "CSV = JSON lines read back")
    tarn("seed", "--count", "50", "--out", f"{tmp}/few")
    same(len(open(f"{tmp}/few/user_data.csv").readlines()), 51, "--count")


def wrong(tmp):
    r = tarn("seed", "--data", f"{tmp}/nothing")
    same((r.returncode, "no stack with rds runs" in r.stderr), (3, True), "no stack: says how to start one")
    same(tarn("seed", "--format", "xml", "--out", tmp).returncode, 2, "an unknown format")
    os.mkdir(f"{tmp}/bad")
    open(f"{tmp}/bad/user_data.csv", "w").write("ind,age\n1,20\n2\n")
    r = tarn("seed", "--from", f"{tmp}/bad", "--out", f"{tmp}/badout")
    same((r.returncode, "user_data.csv:3: 1 cells" in r.stderr), (1, True), "a bad file: name, line, reason")
    same(tarn("emit", "pinterest", "--rate", "0", "--data", f"{tmp}/nothing").returncode, 2, "a rate of nothing")
    same(tarn("emit", "facebook").returncode, 2, "an unknown kind")
    same(tarn("emit", "pinterest", "--count", "1", "--data", f"{tmp}/nothing").returncode, 3, "emit without a stack")


def running(tmp):
    with Rows(only="rds,kafka,rest,apigateway") as s:
        made = {t: list(csv.reader(open(f"{tmp}/one/{t}.csv", newline="")))[1:] for t in TABLES}
        for t in TABLES:
            got = [["" if v is None else str(v) for v in row] for row in s.rows(f"SELECT * FROM {t}")]
            same(got[7528], made[t][7528] if t != "geolocation_data" else [str(float(v)) if i in (2, 3) else v for i, v in enumerate(made[t][7528])],
                 f"{t}: a fresh stack holds the made rows")
            same(len(got), 11154, f"{t}: all of them")
        r = s.run("emit", "pinterest", "--count", "3")
        same((r.returncode, "sent 9 posts" in r.stderr), (0, True), "emit --count 3")
        read = subprocess.run(["kcat", "-C", "-b", s.at["kafka"], "-t", "0affea73130b.geo", "-o", "beginning", "-e", "-q"],
                              capture_output=True, timeout=60)
        posts = [json.loads(line) for line in read.stdout.splitlines()]
        same([p["ind"] for p in posts], [7528, 2863, 5730], "the rows of random.seed(100)")
        same(posts[0], dict(zip(("ind", "timestamp", "latitude", "longitude", "country"),
                                [7528, made["geolocation_data"][7528][1].replace(" ", "T"), float(made["geolocation_data"][7528][2]),
                                 float(made["geolocation_data"][7528][3]), made["geolocation_data"][7528][4]])), "types as PyMySQL gives them")
        r = s.run("emit", "pinterest", "--count", "1", "--stage", "nostage")
        same((r.returncode, "403" in r.stderr), (1, True), "a stage that isn't deployed")
        same(s.run("seed", "--count", "20").returncode, 0, "seed replaces the tables")
        same(s.rows("SELECT COUNT(*), MAX(`index`) FROM pinterest_data"), ((20, 19),), "twenty rows")
        same(s.run("emit", "pinterest", "--count", "5").returncode, 0, "emit draws from what there is")
        real(s)


def real(s):
    if not os.path.exists(f"{SHARED}/data/geolocation_data.csv"):
        return skip("real rows", "no shared data")
    r = s.run("seed", "--from", f"{SHARED}/data")
    same((r.returncode, r.stderr.count("rows")), (0, 3), "real rows: CSV with an index column, JSON lines")
    same(s.rows("SELECT * FROM geolocation_data LIMIT 7528, 1")[0][2:], (-89.9787, -173.293, "Albania"), "the real first row")
    first = json.loads(open(glob.glob(f"{SHARED}/data/pinterest_data*.jsonl")[0]).readline())
    got = s.rows(f"SELECT * FROM pinterest_data WHERE `index` = {first['index']}")[0]
    same(list(got), list(first.values()), "a real post, value for value")


def once():
    """Rows are put in once: what users change stays changed."""
    s = Rows(only="rds")
    s.rows("DROP TABLE user_data")
    s.stop()
    s.up()
    same([r[0] for r in s.rows("SHOW TABLES")], ["geolocation_data", "pinterest_data"], "a dropped table stays dropped")
    s.stop()


def stack_rows():
    """A stack folder with rows/ brings its own."""
    row = "ind,first_name,last_name,age,date_joined\n0,Ann,Lee,20,2016-01-02 03:04:05\n"
    s = Rows(only="rds", stack=stack_folder(base="pinterest", files={"rows/user_data.csv": row}))
    same([r[0] for r in s.rows("SHOW TABLES")], ["user_data"], "only its own tables")
    same(s.rows("SELECT first_name, age FROM user_data"), (("Ann", 20),), "its own rows")
    s.stop()


files(TMP)
wrong(TMP)
running(TMP)
once()
stack_rows()
done()
