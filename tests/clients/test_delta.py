#!/usr/bin/python3
"""Parquet files and Delta tables read by engines others wrote: DuckDB and hyparquet open the files, ClickHouse (chdb, with
delta-kernel) opens the tables over the S3 service; everything is compared row for row with what was written."""
import concurrent.futures
import datetime
import json
import os
import random
import re
import subprocess

from readers import WRITER, clickhouse, counted, duck, fetch, have, hyparquet, micros, our_rows, replay, writer
from tarn import TMP, Stack, call, done, ok, same, skip, skip_all

LAKE = "delta-lake"


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
        same(duck_rows(f"read_parquet('{path}')"), want, f"DuckDB reads the 250,000 rows of the {codec} file as they were written")
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
        path = os.path.join(TMP, f"small-{codec}.parquet")
        subprocess.run([WRITER, "file", small, path, codec], check=True, stdout=subprocess.DEVNULL)
        same([{c: r.get(c) for c in COLUMNS} for r in hyparquet(path)], want, f"hyparquet reads the 30,000 rows of the {codec} file as they were written")


# ---- tables ----

def duck_table(srv, version):
    live, _ = replay(srv, "posts", version)
    names = ",".join(f"'{p}'" for p in fetch(srv, "posts", live))
    return live, duck_rows(f"read_parquet([{names}])", "ORDER BY ind, story")


def by_ind(rows):
    return sorted(rows, key=lambda r: (r["ind"], r["story"] is not None, r["story"] or ""))


def ours(srv, table, version=-1):
    """What our reader says, as plain rows."""
    got = our_rows(srv, table, version)
    for r in got:
        if "timestamp" in r:
            r["timestamp"] = micros(r["timestamp"])
    return [{c: r.get(c) for c in COLUMNS} for r in got]


def without_list_nulls(rows):
    """ClickHouse has no null arrays: it shows them empty."""
    return [dict(r, coordinates=r["coordinates"] or [], tags=r["tags"] or []) for r in rows]


def ch_rows(srv, table, version=None):
    setting = f" SETTINGS delta_lake_snapshot_version={version}" if version is not None else ""
    rows, = clickhouse(f"SELECT ind, country, story, coordinates, tags, toUnixTimestamp64Micro(timestamp) AS timestamp, big, score, flag, "
                       f"toString(day) AS day FROM deltaLake('{srv.at['aws']}/{LAKE}/{table}/','test','test') ORDER BY ind, story NULLS FIRST{setting}")
    for r in rows:
        for c in ("timestamp", "big"):
            r[c] = int(r[c]) if r[c] is not None else None
    return without_list_nulls(by_ind(rows))


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
        call("PUT", f"{srv.at['aws']}/{LAKE}/{codec}-{version}/a%20file.parquet", body)
        call("PUT", f"{srv.at['aws']}/{LAKE}/{codec}-{version}/_delta_log/{0:020d}.json", "\n".join(map(json.dumps, log)))
        same(ours(srv, f"{codec}-{version}"), want, f"our reader reads DuckDB's {codec} file (version {version}): 20,000 rows in four row groups")


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
    queries = [f"SELECT count() AS n FROM deltaLake('{srv.at['aws']}/{LAKE}/posts/','test','test') WHERE {f}" for f, _ in filters]
    got = [int(rows[0]["n"]) for rows in clickhouse(*queries)]
    expected = [sum(map(fn, want)) for _, fn in filters]
    ok(got == expected and all(expected), "ClickHouse leaves out files by their stats and misses no row", f"{expected} {got}")


def tables():
    has_chdb = have("chdb")
    srv = Stack(only="s3")
    srv.bucket = LAKE
    say = lambda *args: writer(srv, "posts", *args)
    srv.s3.create_bucket(Bucket=LAKE)
    # Four writers at once, each gives each of its five batches twice.
    batches = []
    for w in range(4):
        path = os.path.join(TMP, f"batch-{w}.jsonl")
        batches.append((path, make_rows(path, w * 1000, 500)))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        said = "".join(pool.map(lambda w: say("batches", batches[w][0], f"query-{w}", 5), range(4)))
    ok(said.count("version") == 20 and said.count("skipped") == 20, "four writers: each batch is in once, each repetition skipped", said)
    ok(sorted(int(line.split()[1]) for line in said.splitlines() if line.startswith("version")) == list(range(20)),
       "versions 0 to 19 without a gap", said)
    want = by_ind([plain(r) for _, rows in batches for r in rows] * 5)
    live, got = duck_table(srv, 19)
    same(by_ind(got), want, "DuckDB reads the files that the log names: 10,000 rows as written")
    same(by_ind(ours(srv, "posts")), want, "our reader sees the same")
    same(counted(live), len(want), "numRecords of the stats adds up")
    if has_chdb:
        same(ch_rows(srv, "posts"), without_list_nulls(want), "ClickHouse reads the Delta table over S3: checkpoint 10 and the commits after it")
        pruned(srv, want)
    else:
        skip("ClickHouse reads the Delta table", "TARN_NODE_MODULES has no chdb")
    # kill -9 and a new server on the same folder.
    srv.kill()
    srv.up()
    same(by_ind(ours(srv, "posts")), want, "the same rows after kill -9 of the store")

    ok(say("optimize") == "version 20\n", "OPTIMIZE writes version 20")
    live, got = duck_table(srv, 20)
    same((len(live), by_ind(got)), (1, want), "one file after OPTIMIZE, the same rows in DuckDB")
    more = os.path.join(TMP, "more.jsonl")
    extra = [plain(r) for r in make_rows(more, 9000, 100)]
    ok(say("append", more, "-", 0) == "version 21\n", "append after OPTIMIZE")
    if has_chdb:
        same(ch_rows(srv, "posts"), without_list_nulls(by_ind(want + extra)), "ClickHouse reads the optimized table")
        old = without_list_nulls(by_ind(ours(srv, "posts", 3)))
        same((len(old), ch_rows(srv, "posts", 3)), (2000, old), "ClickHouse and we travel to version 3 and see the same")
    else:
        skip("ClickHouse reads the optimized table", "TARN_NODE_MODULES has no chdb")
    # Beside the twenty that OPTIMIZE replaced there may be files of writers that lost the race to make the table.
    files = [k for k in srv.keys("posts/") if re.fullmatch(r"posts/[^/]*\.parquet", k)]
    got = say("vacuum-now")
    ok(len(files) >= 22 and got == f"version {len(files) - 2}\n", "VACUUM deletes all files but the two that the table has", (got, len(files)))
    same(by_ind(ours(srv, "posts")), by_ind(want + extra), "the same rows after VACUUM")
    said = say("dump", 3)
    ok("[DELTA_FILE_NOT_FOUND_DETAILED]" in said, "an old version whose files are gone says so", said)
    if has_chdb:
        same(ch_rows(srv, "posts"), without_list_nulls(by_ind(want + extra)), "ClickHouse reads the table after VACUUM")
    foreign(srv)
    ok(say("overwrite", more) == "version 22\n", "overwrite")
    live, got = duck_table(srv, 22)
    same(by_ind(got), by_ind(extra), "DuckDB reads what the overwrite left")


if not os.path.exists(WRITER):
    skip_all(f"{WRITER} is not built (make units)")
if not have("@duckdb/node-api", "hyparquet"):
    skip_all("node, or DuckDB and hyparquet below TARN_NODE_MODULES, are not here (make clients)")
files()
tables()
done()
