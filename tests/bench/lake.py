"""The lake beside DuckDB on one thread: load, clean and all questions over the same posts. See lake.sh."""
import decimal
import glob
import http.client
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../clients"))
from tarn import BUCKET, FIXTURES, TARN, TMP, USER, Stack, bail  # noqa: E402

MODULES = os.path.abspath(os.environ.get("TARN_NODE_MODULES", "")) if os.environ.get("TARN_NODE_MODULES") else ""
ROUNDS = int(os.environ.get("ROUNDS", "3"))
FIXTURES = os.path.join(FIXTURES, "pinterest")
QUERIES = sorted(os.path.basename(p)[:-4] for p in glob.glob(os.path.join(FIXTURES, "queries", "*.sql")))
HZ = os.sysconf("SC_CLK_TCK")
missed = []


def cpu(pid):
    f = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(f[11]) + int(f[12])) / HZ


def status(pid, field):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


class Lake(Stack):
    def __init__(self, data, *more):
        super().__init__(*more, only="s3,lake", data=data)

    def ask(self, method, path, body=None):
        c = http.client.HTTPConnection(*self.address("lake"), timeout=3600)
        c.request(method, path, body, {"X-Tarn": "1"})
        return json.load(c.getresponse())


def upload(stack, rows):
    c = http.client.HTTPConnection(*stack.address("aws"))
    n = 0
    for topic in ("pin", "geo", "user"):
        for path in sorted(glob.glob(f"{rows}/{topic}/*.json")):
            name = os.path.basename(path)[:-5]
            c.request("PUT", f"/{BUCKET}/topics/{USER}.{topic}/partition=0/{USER}.{topic}%2B0%2B{name}.json", open(path, "rb").read())
            r = c.getresponse()
            body = r.read()
            if r.status != 200:
                bail(f"PUT: {r.status} {body[:200]}")
            n += 1
    return n


def ours(data):
    """One run on a fresh lake."""
    for path in glob.glob(f"{data}/lake.db*"):
        os.remove(path)
    s = Lake(data)
    pid = s.proc.pid
    out = {"answers": {}, "each": {}}
    t0, c0 = time.monotonic(), cpu(pid)
    report = s.ask("POST", "/api/tarn/clean", b"")
    t1, c1 = time.monotonic(), cpu(pid)
    for q in QUERIES:
        t = time.monotonic()
        out["answers"][q] = s.ask("GET", f"/api/tarn/query/{q}")["rows"]
        out["each"][q] = time.monotonic() - t
    t2, c2 = time.monotonic(), cpu(pid)
    out.update(load=c1 - c0, queries=c2 - c1, total=c2 - c0, wall=t2 - t0, rss=status(pid, "VmHWM"))
    out["rows"] = {d["dataset"]: d["rows_out"] for d in report["datasets"]}
    s.stop()
    return out


def duck(rows, tmp):
    """DuckDB on one thread; it copies its tables to Parquet files, too."""
    db = os.path.join(tmp, "duck.db")
    for path in glob.glob(db + "*"):
        os.remove(path)
    sql = {q: open(os.path.join(FIXTURES, "queries", q + ".sql")).read() for q in QUERIES}
    p = subprocess.run(["node", os.path.join(HERE, "lake_duck.cjs"), MODULES, rows, db, tmp], input=json.dumps(sql), text=True, stdout=subprocess.PIPE)
    if p.returncode:
        sys.exit("DuckDB's side failed")
    return json.loads(p.stdout)


def plain(rows):
    def one(v):
        if isinstance(v, str) and v.lstrip("-").isdigit():
            v = int(v)
        return format(decimal.Decimal(repr(v)).normalize(), "f") if isinstance(v, float) else str(v)
    return [[one(v) for v in row] for row in rows]


def least(runs, key):
    return min(r[key] for r in runs)


def line(what, a, b, unit, budget=None):
    """Ours, DuckDB's, the ratio."""
    ratio = a / b if b else 0
    verdict = ""
    if budget:
        verdict = f"   budget <= {budget:.2f}: {'ok' if ratio <= budget else 'MISSED'}"
        if ratio > budget:
            missed.append(what)
    print(f"  {what:<40} {a:9.2f} {unit:<4} DuckDB {b:9.2f} {unit:<4} x {ratio:.2f}{verdict}", flush=True)


def same(us, them):
    for r in us + them:
        for q in QUERIES:
            if plain(r["answers"][q]) != plain(them[0]["answers"][q]):
                missed.append(q)
                print(f"  {q}: THE ANSWERS DIFFER")
        if r["rows"] != them[0]["rows"]:
            missed.append("rows")
            print("  THE ROWS DIFFER:", r["rows"], them[0]["rows"])


def side_by_side(rows, data, tmp, rounds, budgets):
    us, them = [], []
    for _ in range(rounds):
        us.append(ours(data))
        if MODULES:
            them.append(duck(rows, tmp))
    what = ", Delta tables"
    if not MODULES:
        print(f"  load, clean{what} {least(us, 'load'):.2f} CPU s, queries {least(us, 'queries'):.2f} CPU s, {least(us, 'rss'):.0f} MiB at most")
        return
    same(us, them)
    line(f"load, clean{what}: CPU", least(us, "load"), least(them, "load"), "s")
    line("queries: CPU", least(us, "queries"), least(them, "queries"), "s")
    line("total: CPU", least(us, "total"), least(them, "total"), "s", 1.0 if budgets else None)
    line("total: wall", least(us, "wall"), least(them, "wall"), "s")
    line("resident memory at most", least(us, "rss"), least(them, "rss"), "MiB", 1.0 if budgets else None)
    if os.environ.get("VERBOSE"):
        for q in QUERIES:
            print(f"    {q:<45} {us[-1]['each'][q]*1000:8.1f} ms   DuckDB {them[-1]['each'][q]*1000:8.1f} ms")


def bench(posts, tmp):
    rows, data = os.path.join(tmp, "rows"), os.path.join(tmp, "data")
    for d in (rows, data):
        shutil.rmtree(d, ignore_errors=True)
        os.mkdir(d)
    small = posts < 100000
    subprocess.run([os.path.join(tmp, "lake_rows"), rows, os.path.join(FIXTURES, "seed"), str(posts), "0" if small else "8000000"], check=True)
    s = Lake(data)
    n = upload(s, rows)
    s.stop()
    rounds = ROUNDS if posts <= 1000000 else 1
    print(f"lake beside DuckDB on one thread: {posts} posts in {n} objects, least of {rounds} runs", flush=True)
    side_by_side(rows, data, tmp, rounds, posts == 1000000)
    if posts == 1000000:
        delta_write(rows, tmp)


def delta_write(rows, tmp):
    program = os.path.join(os.path.dirname(TARN), "tests", "bench", "lake_delta")
    out = subprocess.run([program, rows], check=True, text=True, stdout=subprocess.PIPE).stdout
    for text in out.splitlines():
        if not text.startswith("RESULT"):
            print(text)
            continue
        _, codec, speed = text.split()
        good = int(speed) >= 1000000
        print(f"  Delta write, the three tables, {codec:<6} {int(speed):9} rows/s and core   budget >= 1000000: {'ok' if good else 'MISSED'}", flush=True)
        if not good:
            missed.append("Delta write")


tmp = os.environ.get("BENCH_TMP") or TMP
subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-o", os.path.join(tmp, "lake_rows"), os.path.join(HERE, "lake_rows.c")], check=True)
if MODULES and not os.path.isdir(os.path.join(MODULES, "@duckdb", "node-api")):
    MODULES = ""
if not MODULES:
    print("SKIP: DuckDB's side: no @duckdb/node-api in TARN_NODE_MODULES (make clients); ours alone")
for size in sys.argv[1:]:
    bench(int(size), tmp)
sys.exit(1 if missed else 0)
