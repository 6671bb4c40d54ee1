#!/usr/bin/python3
"""tarn seed and tarn emit: rows made from a seed, rows from files, and what is sent of them."""
import csv
import filecmp
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import pymysql

TARN = os.path.abspath(os.environ.get("TARN", "build/tarn"))
SHARED = os.environ.get("TARN_SHARED", "../shared")
TABLES = ("pinterest_data", "geolocation_data", "user_data")
n = failed = 0


def ok(what, name):
    global n, failed
    n += 1
    failed += not what
    print(("ok" if what else "not ok") + f" {n} - {name}", flush=True)


def same(got, want, name):
    ok(got == want, name)
    if got != want:
        print(f"# got  {str(got)[:800]}\n# want {str(want)[:800]}", flush=True)


def tarn(*args, **env):
    return subprocess.run([TARN, *args], capture_output=True, text=True, timeout=120, env=dict(os.environ, **env))


class Stack:
    def __init__(self, tmp, name, *args):
        self.file = f"{tmp}/{name}.json"
        self.p = subprocess.Popen([TARN, "up", "--ports=auto", "--data", f"{tmp}/{name}", "--endpoints-file", self.file, *args],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while True:
            try:
                self.ends = json.load(open(self.file))
                return
            except (OSError, ValueError):
                if time.monotonic() > end or self.p.poll() is not None:
                    sys.exit("Bail out! tarn didn't come up")
                time.sleep(0.005)

    def stop(self):
        self.p.terminate()
        self.p.wait(20)

    def run(self, *args):
        return tarn(*args, TARN_ENDPOINTS=self.file)

    def rows(self, sql):
        host, port = self.ends["rds"].split(":")
        c = pymysql.connect(host=host, port=int(port), user="u", password="p", database="pinterest_data", charset="utf8mb4")
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
    s = Stack(tmp, "stack", "--only", "rds,kafka,rest,apigateway")
    try:
        made = {t: list(csv.reader(open(f"{tmp}/one/{t}.csv", newline="")))[1:] for t in TABLES}
        for t in TABLES:
            got = [["" if v is None else str(v) for v in row] for row in s.rows(f"SELECT * FROM {t}")]
            same(got[7528], made[t][7528] if t != "geolocation_data" else [str(float(v)) if i in (2, 3) else v for i, v in enumerate(made[t][7528])],
                 f"{t}: a fresh stack holds the made rows")
            same(len(got), 11154, f"{t}: all of them")
        r = s.run("emit", "pinterest", "--count", "3")
        same((r.returncode, "sent 9 posts" in r.stderr), (0, True), "emit --count 3")
        read = subprocess.run(["kcat", "-C", "-b", s.ends["kafka"], "-t", "0affea73130b.geo", "-o", "beginning", "-e", "-q"],
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
    finally:
        s.stop()


def real(s):
    if not os.path.exists(f"{SHARED}/data/geolocation_data.csv"):
        print("SKIP real rows: no shared data")
        return
    r = s.run("seed", "--from", f"{SHARED}/data")
    same((r.returncode, r.stderr.count("rows")), (0, 3), "real rows: CSV with an index column, JSON lines")
    same(s.rows("SELECT * FROM geolocation_data LIMIT 7528, 1")[0][2:], (-89.9787, -173.293, "Albania"), "the real first row")
    first = json.loads(open(glob.glob(f"{SHARED}/data/pinterest_data*.jsonl")[0]).readline())
    got = s.rows(f"SELECT * FROM pinterest_data WHERE `index` = {first['index']}")[0]
    same(list(got), list(first.values()), "a real post, value for value")


def once(tmp):
    """Rows are put in once: what users change stays changed."""
    s = Stack(tmp, "kept", "--only", "rds")
    s.rows("DROP TABLE user_data")
    s.stop()
    os.unlink(s.file)
    s = Stack(tmp, "kept", "--only", "rds")
    same([r[0] for r in s.rows("SHOW TABLES")], ["geolocation_data", "pinterest_data"], "a dropped table stays dropped")
    s.stop()


def stack_rows(tmp):
    """A stack folder with rows/ brings its own."""
    stack = f"{tmp}/mystack"
    shutil.copytree("fixtures/pinterest", stack)
    os.mkdir(stack + "/rows")
    open(stack + "/rows/user_data.csv", "w").write("ind,first_name,last_name,age,date_joined\n0,Ann,Lee,20,2016-01-02 03:04:05\n")
    s = Stack(tmp, "own", stack, "--only", "rds")
    same([r[0] for r in s.rows("SHOW TABLES")], ["user_data"], "only its own tables")
    same(s.rows("SELECT first_name, age FROM user_data"), (("Ann", 20),), "its own rows")
    s.stop()


def main():
    tmp = tempfile.mkdtemp(prefix="tarn-seed-")
    try:
        files(tmp)
        wrong(tmp)
        running(tmp)
        once(tmp)
        stack_rows(tmp)
    finally:
        shutil.rmtree(tmp, ignore_errors=True)
    print(f"1..{n}")
    sys.exit(1 if failed else 0)


main()
