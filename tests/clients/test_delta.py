#!/usr/bin/python3
"""Parquet files and Delta tables read by engines others wrote: DuckDB and hyparquet open the files, ClickHouse (chdb, with
delta-kernel) opens the tables over the S3 service; everything is compared row for row with what was written.

Needs node and, below TARN_NODE_MODULES, the engines as npm packages (make npm); chdb, half a gigabyte, is used where it
is there."""
import concurrent.futures
import datetime
import json
import os
import re
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

TARN = os.environ.get("TARN", "build/tarn")
WRITER = os.path.join(os.path.dirname(TARN), "tests/delta/test_delta")
TMP = tempfile.mkdtemp(prefix="tarn-delta-")
DUCKDB, HYPARQUET, COMPRESSORS, CHDB = "@duckdb/node-api@1.5.6-r.1", "hyparquet@1.31.5", "hyparquet-compressors", "chdb@3.4.0"
results = []


def skip_all(why):
    print(f"SKIP: {why}")
    print(f"1..0 # SKIP {why}")
    shutil.rmtree(TMP, ignore_errors=True)
    sys.exit(77)


def ok(cond, name, detail=""):
    results.append(bool(cond))
    print(f"{'ok' if cond else 'not ok'} {len(results)} - {name}", flush=True)
    if not cond and detail:
        print(f"# {detail}"[:2000], flush=True)
    return cond


def skip(name, why):
    results.append(True)
    print(f"ok {len(results)} - {name} # SKIP {why}", flush=True)


# ---- engines ----

def install():
    given = os.environ.get("TARN_NODE_MODULES")
    if given:
        os.symlink(os.path.abspath(given), os.path.join(TMP, "node_modules"))
        return
    skip_all("TARN_NODE_MODULES names no folder of npm packages (make npm)")


SCRIPTS = {
    # SQL statements as arguments; a line of JSON rows for each.
    "duck.cjs": """
const { DuckDBInstance } = require('@duckdb/node-api');
(async () => {
  const c = await (await DuckDBInstance.create(':memory:')).connect();
  await c.run("SET TimeZone='UTC'");
  for (const sql of process.argv.slice(2)) console.log(JSON.stringify((await c.runAndReadAll(sql)).getRowsJson()));
})().catch(e => { console.error(String(e)); process.exit(1); });
""",
    # A Parquet file: its rows as JSON lines.
    "hy.mjs": """
import fs from 'fs';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
const b = fs.readFileSync(process.argv[2]);
const rows = await parquetReadObjects({ file: b.buffer.slice(b.byteOffset, b.byteOffset + b.length), compressors, parsers: { timestampFromMicroseconds: us => '#' + us } });
const out = fs.createWriteStream(process.argv[3]);
for (const r of rows) {
  if (r.day) r.day = r.day.toISOString().slice(0, 10);
  out.write(JSON.stringify(r, (k, v) => typeof v === 'bigint' ? '#' + v : v) + '\\n');
}
out.end();
""",
    "ch.cjs": """
const { query } = require('chdb');
for (const sql of process.argv.slice(2)) process.stdout.write(String(query(sql, 'JSONEachRow')));
""",
}


def node(script, *args):
    path = os.path.join(TMP, script)
    if not os.path.exists(path):
        with open(path, "w") as f:
            f.write(SCRIPTS[script])
    p = subprocess.run(["node", path, *args], cwd=TMP, capture_output=True, text=True)
    if p.returncode:
        print("# " + p.stderr[-1500:].replace("\n", "\n# "))
        raise RuntimeError(script)
    return p.stdout


def duck(*sql):
    return [json.loads(line) for line in node("duck.cjs", *sql).splitlines()]


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


# ---- rows ----

WORDS = ["", "Chile", "Côte d'Ivoire", "🏔️ tarn 🇨🇱", "日本", "a\"b\\c\n\t", "\u0001", "x" * 300, "\U0010ffff" * 40, "naïve"]
COLUMNS = ["ind", "country", "story", "coordinates", "tags", "timestamp", "big", "score", "flag", "day"]


def row(i, rnd):
    """Every shape of null, of lists and of texts; absent members are null."""
    full = {
        "ind": i, "country": WORDS[i % len(WORDS)], "story": f"story {i} of {rnd.random()} ✍️",
        "coordinates": [None, [], [None], [rnd.uniform(-90, 90), -0.5], [1e-300, 1e300, None, 3.0]][i % 5],
        "tags": [None, [], ["a", None, "", "🏷️"], [str(i)]][i % 4],
        "timestamp": 1500000000000000 + i * 1234567 - (i % 3) * 4000000000000000, "big": (i * 7919 - 5000) * 1000000007,
        "score": i / 7, "flag": i % 3 == 0, "day": i % 40000 - 10000,
    }
    if i % 11 == 0:
        full = {"ind": i}
    return {k: v for k, v in full.items() if v is not None and (k == "ind" or (i + len(k)) % 13)}


def make_rows(path, start, n, seed=7):
    rnd = random.Random(seed * 1000003 + start)
    out = [row(i, rnd) for i in range(start, start + n)]
    with open(path, "w", encoding="utf-8") as f:
        for r in out:
            f.write(json.dumps(r, ensure_ascii=False) + "\n")
    return out


def plain(r):
    """A written row as readers show it: all columns, day as a date."""
    out = {c: r.get(c) for c in COLUMNS}
    if out["day"] is not None:
        out["day"] = str(datetime.date(1970, 1, 1) + datetime.timedelta(days=out["day"]))
    return out


def first_difference(want, got):
    if len(want) != len(got):
        return f"{len(want)} rows written, {len(got)} read"
    for i, (a, b) in enumerate(zip(want, got)):
        if a != b:
            return f"row {i}: wrote {a!r}, read {b!r}"
    return ""


# ---- files ----

def duck_rows(source, order=""):
    out = os.path.join(TMP, "duck.jsonl")
    duck(f"COPY (SELECT ind, country, story, coordinates, tags, epoch_us(timestamp) AS timestamp, big, score, flag, "
         f"CAST(day AS VARCHAR) AS day FROM {source} {order}) TO '{out}' (FORMAT JSON)")
    return lines(out)


def files():
    rows_path = os.path.join(TMP, "rows.jsonl")
    rows = make_rows(rows_path, 0, 250000)
    want = [plain(r) for r in rows]
    for codec in ("none", "snappy", "zstd"):
        path = os.path.join(TMP, f"{codec}.parquet")
        subprocess.run([WRITER, "file", rows_path, path, codec], check=True, stdout=subprocess.DEVNULL)
        diff = first_difference(want, duck_rows(f"read_parquet('{path}')"))
        ok(not diff, f"DuckDB reads the 250,000 rows of the {codec} file as they were written", diff)
    meta, types, found, none = duck(
        f"SELECT count(DISTINCT row_group_id), string_agg(DISTINCT compression), string_agg(DISTINCT encodings ORDER BY encodings) "
        f"FROM parquet_metadata('{TMP}/zstd.parquet')",
        f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{TMP}/zstd.parquet')",
        f"SELECT count(*), min(ind), max(ind) FROM '{TMP}/zstd.parquet' WHERE ind BETWEEN 122870 AND 122890",
        f"SELECT count(*) FROM '{TMP}/zstd.parquet' WHERE country > '{chr(0x10ffff) * 41}'")
    ok(meta[0][0] in ("3", 3) and meta[0][1] == "ZSTD" and "RLE_DICTIONARY" in meta[0][2] and "PLAIN" in meta[0][2],
       "three row groups, zstd, both encodings", meta)
    ok([t[1] for t in types] == ["INTEGER", "VARCHAR", "VARCHAR", "DOUBLE[]", "VARCHAR[]", "TIMESTAMP WITH TIME ZONE", "BIGINT", "DOUBLE",
                                 "BOOLEAN", "DATE"], "types as Spark writes them", types)
    ok([str(x) for x in found[0]] == ["21", "122870", "122890"], "statistics lead filters to the right row groups", found)
    ok(str(none[0][0]) == "0", "texts' statistics", none)

    small = os.path.join(TMP, "small.jsonl")
    want = [plain(r) for r in make_rows(small, 0, 30000)]
    for codec in ("snappy", "zstd"):
        path, out = os.path.join(TMP, f"small-{codec}.parquet"), os.path.join(TMP, "hy.jsonl")
        subprocess.run([WRITER, "file", small, path, codec], check=True, stdout=subprocess.DEVNULL)
        node("hy.mjs", path, out)
        got = [{c: r.get(c) for c in COLUMNS} for r in lines(out)]
        for r in got:
            for c in ("big", "timestamp"):
                r[c] = int(r[c][1:]) if isinstance(r[c], str) else r[c]
        diff = first_difference(want, got)
        ok(not diff, f"hyparquet reads the 30,000 rows of the {codec} file as they were written", diff)


# ---- tables ----

class Server:
    def __init__(self, data):
        self.ends, self.data = os.path.join(TMP, "ends.json"), data
        if os.path.exists(self.ends):
            os.unlink(self.ends)
        self.log = open(os.path.join(TMP, "log"), "ab")
        self.proc = subprocess.Popen([TARN, "up", "--only", "s3", "--ports=auto", "--endpoints-file", self.ends, "--data", data],
                                     stdout=self.log, stderr=self.log)
        while not (os.path.exists(self.ends) and os.path.getsize(self.ends)):
            if self.proc.poll() is not None:
                raise SystemExit(open(os.path.join(TMP, "log")).read())
            time.sleep(0.01)
        self.url = json.load(open(self.ends))["aws"]

    def http(self, method, path, body=None):
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=body, method=method)) as r:
            return r.read()

    def stop(self, kill=False):
        (self.proc.kill if kill else self.proc.terminate)()
        self.proc.wait()


def writer(srv, table, *args):
    p = subprocess.run([WRITER, srv.url, "delta-lake", table, *map(str, args)], capture_output=True, text=True)
    return p.stdout


def log_entries(srv, table, last):
    return [[json.loads(line) for line in srv.http("GET", f"/delta-lake/{table}/_delta_log/{v:020d}.json").decode().splitlines()]
            for v in range(last + 1)]


def live_files(entries):
    live = {}
    for entry in entries:
        for a in entry:
            if "remove" in a:
                live.pop(a["remove"]["path"], None)
        for a in entry:
            if "add" in a:
                live[a["add"]["path"]] = a["add"]
    return live


def download(srv, table, paths):
    out = []
    for p in paths:
        local = os.path.join(TMP, os.path.basename(p))
        with open(local, "wb") as f:
            f.write(srv.http("GET", f"/delta-lake/{table}/{p}"))
        out.append(local)
    return out


def duck_table(srv, table, last):
    entries = log_entries(srv, table, last)
    live = live_files(entries)
    paths = download(srv, table, live)
    names = ",".join(f"'{p}'" for p in paths)
    return entries, live, duck_rows(f"read_parquet([{names}])", "ORDER BY ind, story")


def by_ind(rows):
    return sorted(rows, key=lambda r: (r["ind"], r["story"] is not None, r["story"] or ""))


def ours(srv, table, version=-1):
    """What our reader says, as plain rows."""
    got = [json.loads(line) for line in writer(srv, table, "dump", version).splitlines()]
    epoch = datetime.datetime(1970, 1, 1)
    for r in got:
        if "timestamp" in r:
            t = datetime.datetime.fromisoformat(r["timestamp"])
            r["timestamp"] = (t - epoch) // datetime.timedelta(microseconds=1)
    return [{c: r.get(c) for c in COLUMNS} for r in got]


def without_list_nulls(rows):
    """ClickHouse has no null arrays: it shows them empty."""
    return [dict(r, coordinates=r["coordinates"] or [], tags=r["tags"] or []) for r in rows]


def ch_rows(srv, table, version=None, expect=None):
    setting = f" SETTINGS delta_lake_snapshot_version={version}" if version is not None else ""
    sql = (f"SELECT ind, country, story, coordinates, tags, toUnixTimestamp64Micro(timestamp) AS timestamp, big, score, flag, "
           f"toString(day) AS day FROM deltaLake('{srv.url}/delta-lake/{table}/','test','test') ORDER BY ind, story NULLS FIRST{setting} "
           f"FORMAT JSONEachRow")
    text = node("ch.cjs", sql + ("" if version is not None else " SETTINGS output_format_json_quote_64bit_integers=0"))
    out = []
    for line in text.splitlines():
        r = json.loads(line)
        for c in ("timestamp", "big"):
            r[c] = int(r[c]) if r[c] is not None else None
        out.append(r)
    return out


def foreign(srv):
    """Files that DuckDB wrote, with a log of our own around them, through our reader."""
    rows_path = os.path.join(TMP, "foreign.jsonl")
    want = [plain(r) for r in make_rows(rows_path, 0, 20000)]
    schema = {"type": "struct", "fields": [
        {"name": n, "type": {"type": "array", "elementType": t[6:], "containsNull": True} if t.startswith("array.") else t, "nullable": True,
         "metadata": {}} for n, t in zip(COLUMNS, ["integer", "string", "string", "array.double", "array.string", "timestamp", "long",
                                                   "double", "boolean", "date"])]}
    for codec, version in (("uncompressed", 1), ("snappy", 1), ("zstd", 1), ("gzip", 1), ("lz4_raw", 1), ("zstd", 2)):
        path = os.path.join(TMP, "foreign.parquet")
        duck(f"""COPY (SELECT ind::INTEGER AS ind, country, story, coordinates::DOUBLE[] AS coordinates, tags::VARCHAR[] AS tags,
             make_timestamptz(timestamp::BIGINT) AS timestamp, big::BIGINT AS big, score::DOUBLE AS score, flag::BOOLEAN AS flag,
             (DATE '1970-01-01' + day::INTEGER)::DATE AS day FROM read_json('{rows_path}', format='newline_delimited', columns={{
             ind:'BIGINT', country:'VARCHAR', story:'VARCHAR', coordinates:'DOUBLE[]', tags:'VARCHAR[]', timestamp:'BIGINT', big:'BIGINT',
             score:'DOUBLE', flag:'BOOLEAN', day:'INTEGER'}})) TO '{path}' (FORMAT PARQUET, CODEC '{codec}', PARQUET_VERSION 'V{version}', ROW_GROUP_SIZE 6000)""")
        body = open(path, "rb").read()
        log = [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
               {"metaData": {"id": f"{codec}-{version}", "format": {"provider": "parquet", "options": {}}, "schemaString": json.dumps(schema),
                             "partitionColumns": [], "configuration": {}}},
               {"add": {"path": "a%20file.parquet", "partitionValues": {}, "size": len(body), "modificationTime": 1, "dataChange": True}}]
        srv.http("PUT", f"/delta-lake/{codec}-{version}/a%20file.parquet", body)
        srv.http("PUT", f"/delta-lake/{codec}-{version}/_delta_log/{0:020d}.json", "\n".join(map(json.dumps, log)).encode())
        diff = first_difference(want, ours(srv, f"{codec}-{version}"))
        ok(not diff, f"our reader reads DuckDB's {codec} file (version {version}): 20,000 rows in four row groups", diff)


def pruned(srv, want):
    """Filters that a reader may answer by leaving files out, as their stats say: nothing may be missing."""
    edge = sorted(r["timestamp"] for r in want if r["timestamp"] is not None)
    filters = [
        ("ind >= 3400", lambda r: r["ind"] >= 3400),
        ("ind = 2499", lambda r: r["ind"] == 2499),
        ("country = '􏿿􏿿' || repeat('􏿿', 38)", lambda r: r["country"] == "􏿿" * 40),
        ("country > 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", lambda r: r["country"] is not None and r["country"].encode() > b"x" * 37),
        ("story < 'story 1001'", lambda r: r["story"] is not None and r["story"] < "story 1001"),
        (f"timestamp >= fromUnixTimestamp64Micro({edge[-1]}, 'UTC')", lambda r: r["timestamp"] is not None and r["timestamp"] >= edge[-1]),
        (f"timestamp <= fromUnixTimestamp64Micro({edge[0]}, 'UTC')", lambda r: r["timestamp"] is not None and r["timestamp"] <= edge[0]),
        ("score > 450", lambda r: r["score"] is not None and r["score"] > 450),
        ("day IS NULL", lambda r: r["day"] is None),
        ("big < 40000000000000", lambda r: r["big"] is not None and r["big"] < 40000000000000),
    ]
    queries = [f"SELECT count() AS n FROM deltaLake('{srv.url}/delta-lake/posts/','test','test') WHERE {f} FORMAT JSONEachRow" for f, _ in filters]
    got = [int(json.loads(line)["n"]) for line in node("ch.cjs", *queries).splitlines() if line]
    expected = [sum(map(fn, want)) for _, fn in filters]
    ok(got == expected and all(expected), "ClickHouse leaves out files by their stats and misses no row", f"{expected} {got}")


def tables():
    has_chdb = os.path.isdir(os.path.join(TMP, "node_modules", "chdb"))
    srv = Server(os.path.join(TMP, "data"))
    try:
        srv.http("PUT", "/delta-lake")
        # Four writers at once, each gives each of its five batches twice.
        batches = []
        for w in range(4):
            path = os.path.join(TMP, f"batch-{w}.jsonl")
            batches.append((path, make_rows(path, w * 1000, 500)))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            said = "".join(pool.map(lambda w: writer(srv, "posts", "batches", batches[w][0], f"query-{w}", 5), range(4)))
        ok(said.count("version") == 20 and said.count("skipped") == 20, "four writers: each batch is in once, each repetition skipped", said)
        ok(sorted(int(line.split()[1]) for line in said.splitlines() if line.startswith("version")) == list(range(20)),
           "versions 0 to 19 without a gap", said)
        want = by_ind([plain(r) for _, rows in batches for r in rows] * 5)
        entries, live, got = duck_table(srv, "posts", 19)
        diff = first_difference(want, by_ind(got))
        ok(not diff, "DuckDB reads the files that the log names: 10,000 rows as written", diff)
        diff = first_difference(want, by_ind(ours(srv, "posts")))
        ok(not diff, "our reader sees the same", diff)
        ok(sum(json.loads(a["stats"])["numRecords"] for a in live.values()) == len(want), "numRecords of the stats adds up")
        if has_chdb:
            diff = first_difference(without_list_nulls(want), without_list_nulls(by_ind(ch_rows(srv, "posts"))))
            ok(not diff, "ClickHouse reads the Delta table over S3: checkpoint 10 and the commits after it", diff)
        else:
            skip("ClickHouse reads the Delta table", "chdb is not installed (TARN_TEST_CHDB=1 installs it)")

        if has_chdb:
            pruned(srv, want)
        # kill -9 and a new server on the same folder.
        srv.stop(kill=True)
        srv = Server(srv.data)
        diff = first_difference(want, by_ind(ours(srv, "posts")))
        ok(not diff, "the same rows after kill -9 of the store", diff)

        ok(writer(srv, "posts", "optimize") == "version 20\n", "OPTIMIZE writes version 20")
        entries, live, got = duck_table(srv, "posts", 20)
        diff = first_difference(want, by_ind(got))
        ok(not diff and len(live) == 1, "one file after OPTIMIZE, the same rows in DuckDB", diff)
        more = os.path.join(TMP, "more.jsonl")
        extra = [plain(r) for r in make_rows(more, 9000, 100)]
        ok(writer(srv, "posts", "append", more, "-", 0) == "version 21\n", "append after OPTIMIZE")
        if has_chdb:
            got = without_list_nulls(by_ind(ch_rows(srv, "posts")))
            diff = first_difference(without_list_nulls(by_ind(want + extra)), got)
            ok(not diff, "ClickHouse reads the optimized table", diff)
            got = without_list_nulls(by_ind(ch_rows(srv, "posts", 3)))
            old = without_list_nulls(by_ind(ours(srv, "posts", 3)))
            ok(len(old) == 2000 and not first_difference(old, got), "ClickHouse and we travel to version 3 and see the same", first_difference(old, got))
        else:
            skip("ClickHouse reads the optimized table", "chdb is not installed")
        # Beside the twenty that OPTIMIZE replaced there may be files of writers that lost the race to make the table.
        files = re.findall(r"<Key>posts/[^/<]*\.parquet</Key>", srv.http("GET", "/delta-lake?list-type=2&prefix=posts/").decode())
        got = writer(srv, "posts", "vacuum-now")
        ok(len(files) >= 22 and got == f"version {len(files) - 2}\n", "VACUUM deletes all files but the two that the table has", (got, len(files)))
        diff = first_difference(by_ind(want + extra), by_ind(ours(srv, "posts")))
        ok(not diff, "the same rows after VACUUM", diff)
        said = writer(srv, "posts", "dump", 3)
        ok("[DELTA_FILE_NOT_FOUND_DETAILED]" in said, "an old version whose files are gone says so", said)
        if has_chdb:
            got = without_list_nulls(by_ind(ch_rows(srv, "posts")))
            diff = first_difference(without_list_nulls(by_ind(want + extra)), got)
            ok(not diff, "ClickHouse reads the table after VACUUM", diff)
        foreign(srv)
        ok(writer(srv, "posts", "overwrite", more) == "version 22\n", "overwrite")
        entries, live, got = duck_table(srv, "posts", 22)
        diff = first_difference(by_ind(extra), by_ind(got))
        ok(not diff, "DuckDB reads what the overwrite left", diff)
    finally:
        srv.stop()


def main():
    if not shutil.which("node"):
        skip_all("node is missing")
    if not os.path.exists(WRITER):
        skip_all(f"{WRITER} is not built (make units)")
    install()
    files()
    tables()
    print(f"1..{len(results)}")
    sys.exit(0 if all(results) else 1)


try:
    main()
finally:
    shutil.rmtree(TMP, ignore_errors=True)
