"""Spark SQL over tables in memory beside DuckDB on one thread: the stack's questions and eleven others. See sparksql.sh."""
import glob
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RUN = os.environ["SPARKSQL_RUN"]
MODULES = os.environ.get("TARN_NODE_MODULES", "")
ROWS = os.environ.get("ROWS", "1000000")
ROUNDS = os.environ.get("ROUNDS", "3")
BUDGET = 3.0
texts = {}
for path in sorted(glob.glob(os.path.join(HERE, "../../fixtures/pinterest/queries/*.sql"))):
    lines = [line for line in open(path, encoding="utf-8").read().split("\n") if not line.startswith("--")]
    texts[os.path.basename(path)[:-4]] = "\\n".join(lines).replace("\t", " ").strip()
for line in open(os.path.join(HERE, "sparksql.sql"), encoding="utf-8"):
    name, text = line.rstrip("\n").split("\t")
    texts[name] = text
only = sys.argv[1:]
stdin = "".join(f"{name}\t{text}\n" for name, text in texts.items() if not only or name in only)


def answers(command):
    p = subprocess.run(command, input=stdin, text=True, stdout=subprocess.PIPE, check=True)
    rows = [json.loads(line) for line in p.stdout.split("\n") if line]
    return {r["name"]: r for r in rows[:-1]}, rows[-1]


def plain(v):
    """Numbers to ten digits: sums of doubles depend on the order."""
    try:
        return v if v is None else f"{float(v):.10g}"
    except ValueError:
        return v


us, our_memory = answers([RUN, "run", ROWS, ROUNDS])
them = {}
if MODULES and os.path.isdir(os.path.join(MODULES, "@duckdb", "node-api")):
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([RUN, "write", ROWS, tmp], check=True)
        them, their_memory = answers(["node", os.path.join(HERE, "sparksql_duck.cjs"), MODULES, tmp, ROUNDS])
else:
    print("SKIP: DuckDB's side: no @duckdb/node-api in TARN_NODE_MODULES (make clients); ours alone")
print(f"Spark SQL beside DuckDB on one thread: {ROWS} rows a table, least CPU of {ROUNDS} runs")
missed = 0
for name, r in us.items():
    d = them.get(name)
    if not d:
        print(f"  {name:<42} {r['cpu'] * 1000:9.1f} ms   holds {r['held'] / 1048576:6.1f} MiB   {len(r['rows'])} rows")
        continue
    ratio = r["cpu"] / d["cpu"]
    same = [[plain(v) for v in row] for row in r["rows"]] == [[plain(v) for v in row] for row in d["rows"]]
    verdict = "ok" if ratio <= BUDGET else "MISSED"
    missed += ratio > BUDGET or not same
    print(f"  {name:<42} {r['cpu'] * 1000:9.1f} ms   DuckDB {d['cpu'] * 1000:9.1f} ms   x {ratio:.2f}   budget <= {BUDGET:.2f}: {verdict}"
          f"   holds {r['held'] / 1048576:.1f} MiB" + ("" if same else "   THE ANSWERS DIFFER"), flush=True)
    if not same and os.environ.get("VERBOSE"):
        for a, b in [(a, b) for a, b in zip(r["rows"], d["rows"]) if [plain(v) for v in a] != [plain(v) for v in b]][:5]:
            print("     ours", a, "DuckDB", b)
print(f"  resident memory at most: {our_memory['rss'] / 1024:.0f} MiB, tables alone {our_memory['loaded'] / 1024:.0f}"
      + (f"; DuckDB {(their_memory['rss'] - their_memory['idle']) / 1024:.0f} MiB, loaded {(their_memory['loaded'] - their_memory['idle']) / 1024:.0f}" if them else ""))
sys.exit(1 if missed else 0)
