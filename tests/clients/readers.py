"""Readers of Parquet files and Delta tables that others wrote: DuckDB, hyparquet, ClickHouse (chdb, with delta-kernel). They are
npm packages below TARN_NODE_MODULES (make clients; chdb, half a gigabyte, is used where it is there). Beside them a replay of a
table's log, and our own writer and reader as a program."""
import datetime
import json
import os
import re
import shutil
import subprocess

from tarn import TARN, TMP

MODULES = os.environ.get("TARN_NODE_MODULES") and os.path.abspath(os.environ["TARN_NODE_MODULES"])
WRITER = os.path.join(os.path.dirname(TARN), "tests/delta/test_delta")
SCRIPTS = {
    # Statements to run, statements whose rows are wanted: a line of JSON rows for each of these.
    "duck.cjs": """
const { DuckDBInstance } = require('@duckdb/node-api');
(async () => {
  const c = await (await DuckDBInstance.create(':memory:')).connect();
  await c.run("SET TimeZone='UTC'");
  for (const sql of given[0]) await c.run(sql);
  for (const sql of given[1]) console.log(JSON.stringify((await c.runAndReadAll(sql)).getRowsJson()));
})().catch(e => { console.error(String(e)); process.exit(1); });
""",
    # The rows of all files, a line each. Whole numbers keep all digits, bytes are base64.
    "hy.mjs": """
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
const plain = function (k, v) {
  if (this[k] instanceof Date) return this[k].toISOString().slice(0, 10);
  return typeof v === 'bigint' ? '\\u0001' + v : v instanceof Uint8Array ? Buffer.from(v).toString('base64') : v;
};
for (const path of given) {
  const b = fs.readFileSync(path), file = b.buffer.slice(b.byteOffset, b.byteOffset + b.length);
  for (const r of await parquetReadObjects({ file, compressors, utf8: false, parsers: { timestampFromMicroseconds: us => us } }))
    console.log(JSON.stringify(r, plain));
}
""",
    "ch.cjs": """
const { Session } = require('chdb'), s = new Session();
for (const sql of given[0]) s.query(sql);
for (const sql of given[1])
  console.log(JSON.stringify(String(s.query(sql, given[2])).split('\\n').filter(x => x).map(x => JSON.parse(x))));
""",
}


def have(*packages):
    return bool(MODULES) and bool(shutil.which("node")) and all(os.path.isdir(os.path.join(MODULES, p)) for p in packages)


def link():
    """Node looks for packages beside the script."""
    if not os.path.exists(os.path.join(TMP, "node_modules")):
        os.symlink(MODULES, os.path.join(TMP, "node_modules"))


def node(script, given):
    """Lines of JSON that a script prints about what it is given."""
    link()
    path = os.path.join(TMP, script)
    head = "import fs from 'fs';" if script.endswith(".mjs") else "const fs = require('fs');"
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{head}\nconst given = JSON.parse(fs.readFileSync(0, 'utf8'));\n{SCRIPTS[script]}")
    p = subprocess.run(["node", path], cwd=TMP, capture_output=True, text=True, input=json.dumps(given))
    if p.returncode:
        raise RuntimeError(f"{script}: {p.stderr[-1500:]}")
    return [json.loads(line) for line in p.stdout.split("\n") if line]


def duck(*statements, setup=()):
    """Rows (lists) of each statement."""
    return node("duck.cjs", [setup, statements])


def hyparquet(*paths):
    def whole(row):
        return {k: int(v[1:]) if isinstance(v, str) and re.fullmatch("\u0001-?[0-9]+", v) else v for k, v in row.items()}
    return [whole(r) for r in node("hy.mjs", paths)]


def clickhouse(*statements, setup=(), form="JSONEachRow"):
    return node("ch.cjs", [setup, statements, form])


def replay(stack, folder, version=None):
    """A table's live files in the order of its log (path -> what the log says of it), and the (appId, version) of its txns."""
    live, txns = {}, []
    log = sorted(k for k in stack.keys(f"{folder}/_delta_log/") if k.endswith(".json"))
    for n, key in enumerate(log if version is None else log[:version + 1]):
        assert key.endswith(f"/{n:020d}.json"), f"version {n} is missing: {key}"
        actions = [json.loads(line) for line in stack.get(key).splitlines()]
        for a in actions:
            if "remove" in a:
                live.pop(a["remove"]["path"])
        for a in actions:
            if "add" in a:
                live[a["add"]["path"]] = a["add"]
            if "txn" in a:
                txns.append((a["txn"]["appId"], a["txn"]["version"]))
    return live, txns


def counted(live):
    """The rows that the stats of these files name."""
    return sum(json.loads(a["stats"])["numRecords"] for a in live.values())


def fetch(stack, folder, paths):
    """Files of a table as local ones: TMP/files/TABLE/PATH."""
    out = []
    for path in paths:
        local = os.path.join(TMP, "files", os.path.basename(folder), path)
        os.makedirs(os.path.dirname(local), exist_ok=True)
        with open(local, "wb") as f:
            f.write(stack.get(f"{folder}/{path}"))
        out.append(local)
    return out


def writer(stack, folder, *args):
    """What our own program says: batches, append, overwrite, optimize, vacuum-now, dump VERSION."""
    return subprocess.run([WRITER, stack.at["aws"], stack.bucket, folder, *map(str, args)], capture_output=True,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}).stdout.decode("utf-8", "surrogateescape")


def our_rows(stack, folder, version=-1):
    return [json.loads(line) for line in writer(stack, folder, "dump", version).split("\n") if line]


def micros(text):
    """'2020-02-29 00:00:00.5' -> microseconds since 1970."""
    return text and (datetime.datetime.fromisoformat((text + "000000")[:26] if "." in text else text) - datetime.datetime(1970, 1, 1)) // \
        datetime.timedelta(microseconds=1)
