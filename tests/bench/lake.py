"""The lake beside DuckDB on one thread: load, clean and all questions over the same posts. See lake.sh."""
import decimal, glob, http.client, json, os, shutil, signal, subprocess, sys, tempfile, time, urllib.parse, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TARN = os.environ.get("TARN", "build/tarn")
MODULES = os.environ.get("TARN_NODE_MODULES", "")
ROUNDS = int(os.environ.get("ROUNDS", "3"))
FIXTURES = os.path.join(HERE, "..", "..", "fixtures", "pinterest")
USER = "0affea73130b"
BUCKET = f"user-{USER}-bucket"
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


class Stack:
    def __init__(self, data):
        self.file = data + ".json"
        if os.path.exists(self.file):
            os.remove(self.file)
        self.p = subprocess.Popen([TARN, "up", "--only", "s3,lake", "--ports=auto", "--data", data, "--endpoints-file", self.file],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (os.path.exists(self.file) and os.path.getsize(self.file)):
            if self.p.poll() is not None:
                sys.exit("tarn up failed")
            time.sleep(0.01)
        self.at = json.load(open(self.file))

    def call(self, method, path, body=None):
        r = urllib.request.Request(self.at["lake"] + path, data=body, method=method)
        return json.load(urllib.request.urlopen(r, timeout=3600))

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        self.p.wait()


def upload(stack, rows):
    c = http.client.HTTPConnection(urllib.parse.urlparse(stack.at["aws"]).netloc)
    n = 0
    for topic in ("pin", "geo", "user"):
        for path in sorted(glob.glob(f"{rows}/{topic}/*.json")):
            name = os.path.basename(path)[:-5]
            c.request("PUT", f"/{BUCKET}/topics/{USER}.{topic}/partition=0/{USER}.{topic}%2B0%2B{name}.json", open(path, "rb").read())
            r = c.getresponse()
            body = r.read()
            if r.status != 200:
                sys.exit(f"PUT: {r.status} {body[:200]}")
            n += 1
    return n


def ours(data, portable):
    for path in glob.glob(f"{data}/lake.db*"):
        os.remove(path)
    s = Stack(data)
    pid = s.p.pid
    out = {"answers": {}, "each": {}}
    t0, c0 = time.monotonic(), cpu(pid)
    report = s.call("POST", "/api/tarn/clean", b"")
    t1, c1 = time.monotonic(), cpu(pid)
    for q in QUERIES:
        before = cpu(pid), time.monotonic()
        out["answers"][q] = s.call("GET", f"/api/tarn/query/{q}" + ("?portable" if portable else ""))["rows"]
        out["each"][q] = cpu(pid) - before[0], time.monotonic() - before[1]
    t2, c2 = time.monotonic(), cpu(pid)
    out.update(load=c1 - c0, queries=c2 - c1, load_wall=t1 - t0, queries_wall=t2 - t1, rss=status(pid, "VmHWM"))
    out["rows"] = {d["dataset"]: d["rows_out"] for d in report["datasets"]}
    s.stop()
    return out


def duck(rows, tmp, threads=1):
    db = os.path.join(tmp, "duck.db")
    for path in glob.glob(db + "*"):
        os.remove(path)
    sql = {q: open(os.path.join(FIXTURES, "queries", q + ".sql")).read() for q in QUERIES}
    p = subprocess.run(["node", os.path.join(HERE, "lake_duck.cjs"), MODULES, rows, db, str(threads)], input=json.dumps(sql), text=True, stdout=subprocess.PIPE)
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
    ratio = a / b if b else 0
    verdict = ""
    if budget:
        good = ratio <= budget
        verdict = f"   budget <= {budget:.2f}: {'ok' if good else 'MISSED'}"
        if not good:
            missed.append(what)
    print(f"  {what:<32} {a:9.2f} {unit:<4} DuckDB {b:9.2f} {unit:<4} x {ratio:.2f}{verdict}", flush=True)


def bench(posts, tmp):
    rows, data = os.path.join(tmp, "rows"), os.path.join(tmp, "data")
    for d in (rows, data):
        shutil.rmtree(d, ignore_errors=True)
        os.mkdir(d)
    small = posts < 100000
    subprocess.run([os.path.join(tmp, "lake_rows"), rows, os.path.join(FIXTURES, "seed"), str(posts), "0" if small else "8000000"], check=True)
    s = Stack(data)
    n = upload(s, rows)
    s.stop()
    print(f"lake, {posts} posts in {n} objects, least of {ROUNDS} runs", flush=True)
    us, them = [], []
    for i in range(ROUNDS if posts <= 1000000 else 1):
        us.append(ours(data, False))
        if MODULES:
            them.append(duck(rows, tmp))
    if not MODULES:
        print("  load and clean %.2f CPU s, queries %.2f CPU s, %.0f MiB at most" % (least(us, "load"), least(us, "queries"), least(us, "rss")))
        return
    for r in us + them:
        for q in QUERIES:
            if plain(r["answers"][q]) != plain(them[0]["answers"][q]):
                missed.append(q)
                print(f"  {q}: THE ANSWERS DIFFER")
        if r["rows"] != them[0]["rows"]:
            missed.append("rows")
            print("  rows differ:", r["rows"], them[0]["rows"])
    line("load and clean, CPU", least(us, "load"), least(them, "load"), "s")
    line("queries, CPU", least(us, "queries"), least(them, "queries"), "s")
    for r in us + them:
        r["total"] = r["load"] + r["queries"]
        r["wall"] = r["load_wall"] + r["queries_wall"]
    line("total, CPU", least(us, "total"), least(them, "total"), "s", 1.0 if posts == 1000000 else None)
    line("total, wall", least(us, "wall"), least(them, "wall"), "s")
    line("resident memory at most", least(us, "rss"), least(them, "rss"), "MiB", 1 / 3 if posts == 1000000 else None)
    if os.environ.get("VERBOSE"):
        for q in QUERIES:
            print(f"    {q:<45} {us[-1]['each'][q][1]*1000:8.1f} ms   DuckDB {them[-1]['each'][q]*1000:8.1f} ms")


tmp = os.environ.get("BENCH_TMP") or tempfile.mkdtemp()
try:
    subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-o", os.path.join(tmp, "lake_rows"), os.path.join(HERE, "lake_rows.c")], check=True)
    if MODULES and not os.path.isdir(os.path.join(MODULES, "@duckdb", "node-api")):
        MODULES = ""
    if not MODULES:
        print("SKIP: DuckDB's side: no @duckdb/node-api in TARN_NODE_MODULES (make npm); ours alone")
    for size in sys.argv[1:]:
        bench(int(size), tmp)
finally:
    if not os.environ.get("BENCH_TMP"):
        shutil.rmtree(tmp)
sys.exit(1 if missed else 0)
