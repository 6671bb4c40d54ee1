#!/usr/bin/python3
"""Delta tables of the lake: what a clean run writes, names and versions in SQL, history, OPTIMIZE, VACUUM, damage, and
what `tarn lake export` hands to other engines.

Rows are compared with readers that others wrote: DuckDB and hyparquet over the live files fetched from the S3 service,
ClickHouse (chdb) over the Delta table itself. They need node and, in TARN_NODE_MODULES, the npm packages (make clients);
without them those comparisons are skipped and said so."""
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

from readers import MODULES, WRITER, clickhouse, counted, duck, fetch, have, hyparquet, link, micros, replay, writer
from tarn import BUCKET, FIXTURES, TARN, TMP, USER, Stack, call, done, need, ok, same, skip, stack_folder

need("boto3")
SETS = (("pin", "pin"), ("geo", "geo"), ("users", "user"))


class Lake(Stack):
    def __init__(self, conf="", only="s3,lake", clock=None):
        super().__init__(only=only, clock=clock, stack=stack_folder(conf, base="pinterest") if conf else None)

    def refused(self, statement):
        """(exit code, message) of a statement that fails."""
        r = self.run("sql", statement, "--json")
        out = json.loads(r.stdout)
        return (r.returncode, out["error"]["message"]) if not out["ok"] else (0, str(out["data"])[:200])

    def delta(self):
        """Of a clean run: table -> its Delta table."""
        return {d["dataset"]: d["delta"] for d in self.answer("clean")["datasets"]}

    def put(self, topic, records, number=0):
        self.put_rows(topic, number, records)

    def hold(self, world):
        for topic, records in world.items():
            self.put(topic, records)

    def live(self, table, version=None):
        return replay(self, f"tables/{table}", version=version)[0]


def invented(seed, count, size=20):
    rnd = random.Random(seed)
    world = {"pin": [], "geo": [], "user": []}
    for i in range(count):
        world["pin"].append({
            "index": i, "unique_id": f"id-{i}", "title": rnd.choice([f"Title \U0001f342 {i}\n\"two\"", "No Title Data Available", ""]),
            "description": "".join(rnd.choices("abcdefgh ijkl\u00e9", k=size)),
            "poster_name": rnd.choice(["User Info Error", f" Poster {rnd.randrange(9)} "]),
            "follower_count": rnd.choice(["User Info Error", "7", "12k", "13k", "2M", str(rnd.randrange(999))]),
            "tag_list": rnd.choice(["N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e", "a,b", "c"]), "is_image_or_video": rnd.choice(["image", "video"]),
            "image_src": rnd.choice(["Image src error.", "https://example.org/x.jpg"]), "downloaded": 1,
            "save_location": "Local save in /data/art", "category": rnd.choice(["art", "travel", "tattoos", "", "beauty"])})
        world["geo"].append({
            "ind": i, "timestamp": rnd.choice([f"{rnd.randrange(2016, 2025)}-0{rnd.randrange(1, 10)}-12T03:5{rnd.randrange(10)}:47", "never",
                                               f"1969-12-31T23:59:59.{rnd.randrange(1000000):06d}", "2020-02-29 00:00:00.000001"]),
            "latitude": rnd.choice([round(rnd.uniform(-90, 90), 4), -0.0, 12, "south"]), "longitude": round(rnd.uniform(-180, 180), 3),
            "country": rnd.choice(["Albania", "C\u00f4te d'Ivoire", "Peru", ""])})
        world["user"].append({
            "ind": i, "first_name": rnd.choice(["Ann", "Bo"]), "last_name": rnd.choice(["Lee", "\u00d8st"]), "age": rnd.choice([17, 18, 25, 36, 51, "x"]),
            "date_joined": f"{rnd.randrange(2013, 2023)}-10-2{rnd.randrange(10)} 11:23:51"})
    for records in world.values():
        records.extend(records[: count // 10])  # sent again
    return world


# ---- readers that others wrote ----

GRAMMARS = """
import { SparkSQL, TrinoSQL } from 'dt-sql-parser';
import fs from 'fs';
const parsers = { spark: new SparkSQL(), trino: new TrinoSQL() };
for (const [engine, text] of JSON.parse(fs.readFileSync(0, 'utf8')))
  console.log(JSON.stringify(parsers[engine].validate(text.trim().endsWith(';') ? text : text.trim() + ';').map(e => e.message)));
"""


def grammars(texts):
    """What Spark's and Trino's own grammars say of (engine, text): a list of errors for each. The package loads bundled only."""
    link()
    open(os.path.join(TMP, "grammars.mjs"), "w").write(GRAMMARS)
    subprocess.run([os.path.join(MODULES, ".bin/esbuild"), "grammars.mjs", "--bundle", "--platform=node", "--outfile=grammars.cjs", "--log-level=error"],
                   cwd=TMP, check=True)
    p = subprocess.run(["node", "grammars.cjs"], cwd=TMP, capture_output=True, text=True, input=json.dumps(texts), check=True)
    return [json.loads(line) for line in p.stdout.splitlines()]


def lake_rows(stack, table, source=None):
    """Rows of the lake's table in comparable form."""
    a = stack.answer("sql", f"SELECT * FROM {source or table}")
    out = []
    for r in a["rows"]:
        r = dict(zip(a["columns"], r))
        for key in ("timestamp", "date_joined"):
            if key in r:
                r[key] = micros(r[key])
        out.append(r)
    return out


def foreign_rows(stack, table, version=None):
    """(reader, rows) for each reader there is."""
    paths = fetch(stack, f"tables/{table}", stack.live(table, version))
    times = {"geo": "timestamp", "users": "date_joined"}.get(table)
    if have("@duckdb/node-api"):
        columns = f"* REPLACE (epoch_us({times}) AS {times})" if times else "*"
        files = ",".join(f"'{p}'" for p in paths)
        names, rows = duck(f"SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet([{files}]))", f"SELECT {columns} FROM read_parquet([{files}])")
        rows = [dict(zip([n[0] for n in names], r)) for r in rows]
        for r in rows:
            if times and r[times] is not None:
                r[times] = int(r[times])
        yield "DuckDB", rows
    if have("hyparquet"):
        yield "hyparquet", hyparquet(*paths)
    if not have("@duckdb/node-api") and not have("hyparquet"):
        skip(f"table {table} in other readers", "TARN_NODE_MODULES names no folder with them (make clients)")


# ---- what a clean run writes ----

def cleaned():
    with Lake() as st:
        st.hold(invented(1, 2000))
        got = st.delta()
        same({k: (d["location"], d["version"], d["files"]) for k, d in got.items()},
             {k: (f"s3://{BUCKET}/tables/{k}", 0, 1) for k, _ in SETS}, "a clean run tells each table's address and version")
        for table, _ in SETS:
            want = lake_rows(st, table)
            ok(len(want) == 2200 and all(len(r) == len(want[0]) for r in want), f"{table}: 2,200 rows")
            same(lake_rows(st, table, f"{table}@v0"), want, f"{table}: the Delta table has the lake's own rows, in their order")
            for reader, rows in foreign_rows(st, table):
                same(rows, want, f"{table}: {reader} reads them the same")
        log = [json.loads(line) for line in st.get(f"tables/geo/_delta_log/{0:020d}.json").splitlines()]
        schema = json.loads(next(a["metaData"]["schemaString"] for a in log if "metaData" in a))
        array = {"type": "array", "elementType": "double", "containsNull": True}
        same([(f["name"], f["type"], f["nullable"]) for f in schema["fields"]],
             [("ind", "integer", True), ("country", "string", True), ("coordinates", array, True), ("timestamp", "timestamp", True)],
             "geo has Delta's types")
        old = {t: lake_rows(st, t) for t, _ in SETS}
        # Another version: the posts changed.
        st.hold(invented(2, 500))
        same([d["version"] for d in st.delta().values()], [1, 1, 1], "the next clean run writes the next version")
        for table, _ in SETS:
            want = lake_rows(st, table)
            same((len(want), lake_rows(st, table, f"{table} VERSION AS OF 1")), (550, want), f"{table}: version 1 is what was cleaned last")
            same(lake_rows(st, table, f"{table} VERSION AS OF 0"), old[table], f"{table}: version 0 is what was cleaned first")
            for reader, rows in foreign_rows(st, table, 1):
                same(rows, want, f"{table}: {reader} reads version 1")
        same((len(st.live("pin")), counted(st.live("pin"))), (1, 550), "numRecords of the stats")
        metas = sum(b'"metaData"' in st.get(f"tables/pin/_delta_log/{v:020d}.json") for v in (0, 1))
        same(metas, 1, "the same schema is not written again")


def variants():
    """Choices that change rows or types: the Delta table follows, with a new schema where it must."""
    with Lake() as st:
        st.hold(invented(3, 300))
        for version, choice in enumerate(("duplicates=row", "duplicates=ind", "nulls=drop", "coordinates=reversed", "coordinates=struct",
                                          "coordinates=text", "timestamp=date", "geo.duplicates=row", "date_joined=date")):
            r = st.run("clean", "--variant", choice, "--json")
            ok(r.returncode == 0, f"clean --variant {choice}", r.stdout)
            for table, _ in SETS:
                want = [json.dumps(x) for x in st.sql(f"SELECT * FROM {table}")]
                got = [json.dumps(x) for x in st.sql(f"SELECT * FROM {table}@v{version}")]
                same(got, want, f"{choice}: {table} has the same rows in both")
        same([r[1] for r in st.sql("DESCRIBE QUERY SELECT * FROM geo@v5")], ["int", "string", "string", "timestamp"], "coordinates=text is a string")
        same([r[1] for r in st.sql("DESCRIBE QUERY SELECT * FROM geo@v6")], ["int", "string", "array<double>", "date"], "timestamp=date is a date")
        same([r[1] for r in st.sql("DESCRIBE users")], ["int", "string", "int", "date"], "date_joined=date is a date")
        ok(st.sql("SELECT count(*) FROM pin@v2")[0][0] < st.sql("SELECT count(*) FROM pin@v3")[0][0], "versions keep their own rows")


def large():
    """More than one file, written while the run goes on."""
    with Lake() as st:
        world = invented(4, 24000, 1800)
        for at in range(0, len(world["pin"]), 3000):
            st.put("pin", world["pin"][at:at + 3000], at)
        got = st.delta()
        files = st.live("pin")
        ok(len(files) > 1 and got["pin"]["files"] == len(files), f"48 MB of posts are {len(files)} files")
        same(counted(files), 26400, "whose stats count every row")
        same(st.sql("SELECT count(*), sum(ind), sum(length(description)) FROM pin@v0"), st.sql("SELECT count(*), sum(ind), sum(length(description)) FROM pin"),
             "the same rows as the lake's own")
        want = [r["ind"] for r in lake_rows(st, "pin")]
        for reader, rows in foreign_rows(st, "pin"):
            same([r["ind"] for r in rows], want, f"{reader} reads the files in the lake's order")
        r = json.loads(st.sql("OPTIMIZE pin")[0][1])
        sizes = [f["size"] for f in st.live("pin").values()]
        same(len(sizes), len(files) - r["numFilesRemoved"] + r["numFilesAdded"], "OPTIMIZE puts them together")
        ok(r["numFilesRemoved"] > r["numFilesAdded"] > 0 and max(sizes) <= 17 << 20, "into files of up to 16 MiB", sizes)
        same(st.sql("SELECT count(*), sum(ind) FROM pin@v1"), st.sql("SELECT count(*), sum(ind) FROM pin"), "and no row is lost")


def same_bytes():
    """Same seed and clock: equal objects, twice."""
    digests = []
    for _ in range(2):
        with Lake(clock="2026-01-05T09:00:00Z") as st:
            st.hold(invented(5, 200))
            st.delta()
            st.clock("advance 1h")
            st.delta()
            digests.append(st.objects("tables/"))
    ok(digests[0] == digests[1] and len(digests[0]) == 12, "same seed and clock: the same log and Parquet bytes", sorted(digests[0]))


def datasets():
    """One table of the three."""
    with Lake() as st:
        def clean(query):
            return call("POST", st.at["lake"] + "/api/tarn/clean" + query, b"", {"X-Tarn": "1"})
        world = invented(13, 50)
        st.hold(world)
        st.put("pin", b"{torn\n", 9)
        same([(d["dataset"], d["rows_out"], d["delta"]["version"]) for d in clean("?dataset=pin").json()["datasets"]], [("pin", 55, 0)], "?dataset=pin")
        code, message = st.refused("SELECT * FROM geo")
        ok(code == 2 and "nothing is cleaned yet" in message, "the others are not there", message)
        same(len(clean("").json()["datasets"]), 3, "all three")
        st.put("geo", world["geo"][:7])
        st.put("pin", world["pin"][:7])
        same([(d["dataset"], d["delta"]["version"]) for d in clean("?dataset=geo&dataset=user").json()["datasets"]], [("geo", 1), ("users", 1)], "two of them")
        same(st.sql("SELECT (SELECT count(*) FROM pin), (SELECT count(*) FROM geo), (SELECT count(*) FROM users), (SELECT count(*) FROM quarantine)"),
             [[55, 7, 55, 1]], "the third is as it was, its quarantine too")
        same([st.sql(f"DESCRIBE HISTORY {t} LIMIT 1")[0][0] for t in ("pin", "geo", "users")], [1, 1, 1], "and versions")
        ask = lambda query: call("GET", st.at["lake"] + "/api/tarn/" + query).json()
        names = [q["name"] for q in ask("queries")["queries"]]
        asked = lambda: [ask(f"query/{q}")["rows"] for q in names]
        # The same questions of the Delta tables, which have no years.
        years = {"pin": "*", "geo": "*, year(timestamp) AS post_year", "users": "*, year(date_joined) AS join_year"}
        def of_versions(**v):
            table = lambda m: f"{m[1]} (SELECT {years[m[2]]} FROM {m[2]} VERSION AS OF {v[m[2]]})"
            texts = [open(os.path.join(FIXTURES, f"pinterest/queries/{q}.sql")).read() for q in names]
            return [st.sql("\n" + re.sub(r"\b(FROM|JOIN) (pin|geo|users)\b", table, text)) for text in texts]
        ok(len(names) == 9 and sum(map(bool, asked())) >= 8, "the questions have answers", asked())
        same(asked(), of_versions(pin=1, geo=1, users=1), "questions see the tables as they are now")
        st.stop()
        st.up()
        clean("?dataset=pin")
        same(asked(), of_versions(pin=2, geo=1, users=1), "also when one is cleaned after a restart")
        r = clean("?dataset=posts")
        ok(r.status == 400 and "there is no dataset posts: pin, geo, users" in r.text, "an unknown one is refused")


# ---- names, versions, statements ----

def names():
    with Lake(only="s3,lake,databricks", clock="2026-01-05T09:00:00Z", conf=f"[mounts]\n/mnt/lake = s3a://{BUCKET}\n") as st:
        st.hold(invented(6, 40))
        st.delta()
        st.clock("advance 1h")
        st.put("pin", invented(6, 5)["pin"])
        st.delta()
        # A table of another program's, under a name as users give them.
        for key in st.keys("tables/pin/"):
            st.s3.put_object(Bucket=BUCKET, Key=key.replace("tables/pin/", f"tables/{USER}_pin_table/"), Body=st.get(key))
            st.s3.put_object(Bucket=BUCKET, Key=key.replace("tables/pin/", "else/where/pins/"), Body=st.get(key))
        count = "SELECT count(*) FROM "
        for source, rows in (
                (f"{USER}_pin_table", 5), (f"`{USER}_pin_table`", 5), 
                (f"default.{USER}_pin_table", 5), (f"hive_metastore.default.{USER}_pin_table t WHERE t.ind >= 0", 5),
                (f"{USER}_pin_table AS t, {USER}_pin_table@v0 AS u WHERE t.ind = u.ind AND t.ind = 2", 2),
                (f"{USER}_pin_table VERSION AS OF 0", 44), (f"{USER}_pin_table FOR VERSION AS OF 0 WHERE {USER}_pin_table.ind < 2", 4),
                (f"{USER}_pin_table version as of '1' t where t.ind is not null", 5), (f"`{USER}_pin_table@v0`", 44),
                (f"{USER}_pin_table TIMESTAMP AS OF '2026-01-05 09:30:00'", 44), (f"{USER}_pin_table TIMESTAMP AS OF '2026-01-05T10:00:00Z'", 5),
                (f"{USER}_pin_table@20260105093000000 x", 44), (f"delta.`s3://{BUCKET}/else/where/pins`", 5),
                (f"delta.`s3a://{BUCKET}/else/where/pins/`", 5), ("delta.`/mnt/lake/else/where/pins`", 5),
                ("delta.`dbfs:/mnt/lake/else/where/pins` VERSION AS OF 0 p WHERE p.ind < 3", 6), ("delta.`/mnt/lake/else/where/pins@v0`", 44),
                ("pin", 5), ("pin@v0", 44), ("default.pin", 5), ("pin p JOIN pin VERSION AS OF 0 q ON p.ind = q.ind WHERE p.ind = 3", 2),
                (f"(SELECT 1e3, X'1F', 1.5e+3, '{USER}_pin_table', \"ind\" FROM {USER}_pin_table) -- {USER}_x", 5)):
            # Both versions are copies made at one time: the times of their logs' objects.
            if "TIMESTAMP" in source or "@2026" in source:
                source = source.replace(f"{USER}_pin_table", "pin")
            r = st.run("sql", count + source, "--json")
            out = json.loads(r.stdout)
            same(out["data"]["rows"] if out["ok"] else out["error"]["message"], [[rows]], f"FROM {source}")
        same(st.sql(f"SELECT * FROM {USER}_pin_table ORDER BY ind"), st.sql("SELECT * FROM pin ORDER BY ind"), "the same rows by both names")
        same(st.sql("SHOW TABLES"), [["default", t, False] for t in (f"{USER}_pin_table", "geo", "pin", "users")], "SHOW TABLES")
        same(st.sql("SHOW TABLES LIKE '0*'"), [["default", f"{USER}_pin_table", False]], "SHOW TABLES LIKE")
        for source, code, says in (
                ("pins", 2, "[TABLE_OR_VIEW_NOT_FOUND] The table or view `pins` cannot be found"),
                ("0affe_x VERSION AS OF 3", 2, "[TABLE_OR_VIEW_NOT_FOUND]"), ("pin VERSION AS OF 9", 2, "[DELTA_VERSION_NOT_FOUND] Cannot time travel Delta table to "
                                                                              "version 9. Available versions: [0, 1]."),
                ("pin TIMESTAMP AS OF '2026-01-05 08:00'", 2, "[DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION]"),
                ("pin TIMESTAMP AS OF '2027-01-01'", 2, "[DELTA_TIMESTAMP_GREATER_THAN_COMMIT]"),
                ("pin TIMESTAMP AS OF 'soon'", 2, "[INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT]"), ("pin VERSION AS OF x", 2, "[PARSE_SYNTAX_ERROR]"),
                ("delta.`/mnt/nowhere/pin`", 2, f"[DELTA_TABLE_NOT_FOUND] Delta table `s3://{BUCKET}/dbfs/mnt/nowhere/pin` doesn't exist."),
                (f"delta.`s3://{BUCKET}/topics`", 2, f"[DELTA_TABLE_NOT_FOUND] Delta table `s3://{BUCKET}/topics` doesn't exist."),
                ("delta.`s3://no-such-bucket/pin`", 2, "The specified bucket does not exist"), ("delta.`s3a://K:a/b@bucket/x`", 2, "null uri host")):
            code_got, message = st.refused(count + source)
            ok(code_got == code and says in message, f"FROM {source}: {says}", (code_got, message))
        code, message = st.refused("DELETE FROM pin@v0")
        ok(code == 2, "nothing is deleted by SQL", message)
        same(st.sql("SELECT count(*) FROM pin@v0 a JOIN pin@v1 b ON a.ind = b.ind JOIN raw_pin r ON r.index = a.ind WHERE a.ind = 3"), [[2]],
             "versions and a topic in one statement")


def statements():
    with Lake(clock="2026-01-05T09:00:00Z") as st:
        st.hold(invented(7, 60))
        for _ in range(3):
            st.delta()
            st.clock("advance 1h")
        h = st.answer("sql", "DESCRIBE HISTORY pin")
        rows = [dict(zip(h["columns"], r)) for r in h["rows"]]
        same([(r["version"], r["timestamp"], r["operation"], r["readVersion"], r["operationParameters"]["mode"],
               r["operationMetrics"]["numOutputRows"]) for r in rows],
             [(2, "2026-01-05 11:00:00", "WRITE", 1, "Overwrite", "66"), (1, "2026-01-05 10:00:00", "WRITE", 0, "Overwrite", "66"),
              (0, "2026-01-05 09:00:00", "WRITE", None, "Overwrite", "66")], "DESCRIBE HISTORY, newest first")
        same(h["columns"], ["version", "timestamp", "userId", "userName", "operation", "operationParameters", "job", "notebook", "clusterId",
                            "readVersion", "isolationLevel", "isBlindAppend", "operationMetrics", "userMetadata", "engineInfo"], "with Delta's columns")
        same([r[0] for r in st.sql("DESC HISTORY pin LIMIT 1")], [2], "LIMIT")
        d = st.answer("sql", "DESCRIBE DETAIL pin")
        d = dict(zip(d["columns"], d["rows"][0]))
        size = sum(f["size"] for f in st.live("pin").values())
        same((d["format"], d["name"], d["location"], d["numFiles"], d["sizeInBytes"], d["createdAt"], d["lastModified"], d["minReaderVersion"],
              d["minWriterVersion"]), ("delta", "spark_catalog.default.pin", f"s3://{BUCKET}/tables/pin", 1, size, "2026-01-05 09:00:00",
                                       "2026-01-05 11:00:00", 1, 2), "DESCRIBE DETAIL")
        files = {v: list(st.live("pin", v)) for v in range(3)}
        same(st.sql("VACUUM pin DRY RUN"), [], "VACUUM keeps what is younger than a week")
        code, message = st.refused("VACUUM pin RETAIN 1 HOURS")
        ok(code == 2 and "[DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT]" in message and "retentionDurationCheck.enabled = false" in message,
           "a short retention is refused", message)
        off = "SET spark.databricks.delta.retentionDurationCheck.enabled = false; "
        at = f"s3://{BUCKET}/tables/pin/"
        same(sorted(st.sql(off + "VACUUM pin RETAIN 0 HOURS DRY RUN")), sorted([at + files[v][0]] for v in (0, 1)), "DRY RUN names files")
        ok(all(f"tables/pin/{files[v][0]}" in st.keys("tables/pin/") for v in range(3)), "and deletes none")
        st.clock("advance 169h")
        same(st.sql("VACUUM pin"), [[at[:-1]]], "after a week VACUUM deletes")
        same([f"tables/pin/{files[v][0]}" in st.keys("tables/pin/") for v in range(3)], [False, False, True], "what no version needs but the last")
        code, message = st.refused("SELECT count(*) FROM pin VERSION AS OF 0")
        ok(code == 2 and "[DELTA_FILE_NOT_FOUND_DETAILED]" in message and files[0][0] in message, "a version whose files are gone says which", message)
        same(st.sql("SELECT count(*) FROM pin VERSION AS OF 2"), [[66]], "the last one is whole")
        same(st.sql("DESCRIBE HISTORY pin")[2][0], 0, "the log stays")
        for statement, says in (("DESCRIBE HISTORY nope", "[TABLE_OR_VIEW_NOT_FOUND]"), ("OPTIMIZE nope", "[TABLE_OR_VIEW_NOT_FOUND]"),
                                ("VACUUM delta.`s3://x-y-z/nope`", "bucket does not exist"), ("DESCRIBE HISTORY", "[TABLE_OR_VIEW_NOT_FOUND]"),
                                ("OPTIMIZE pin ZORDER BY (nope)", "[DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST]"),
                                ("OPTIMIZE pin WHERE ind > 1 ZORDER BY (ind)", "OPTIMIZE ... WHERE isn't served here"),
                                ("SHOW TABLES IN other", "[SCHEMA_NOT_FOUND]")):
            code, message = st.refused(statement)
            ok(code in (1, 2) and says in message, f"{statement}: {says}", message)


# ---- damage, refusals ----

def damage():
    with Lake() as st:
        st.hold(invented(8, 300))
        st.delta()
        rows = st.sql("SELECT * FROM geo")
        path = next(iter(st.live("geo")))
        key, log = f"tables/geo/{path}", f"tables/geo/_delta_log/{0:020d}.json"
        body, entry = st.get(key), st.get(log)
        rnd = random.Random(1)
        told = 0
        for at in [len(body) - 1, len(body) - 5, 0, 3, 40] + [rnd.randrange(len(body)) for _ in range(60)]:
            bad = bytearray(body)
            bad[at] ^= 0x55
            st.s3.put_object(Bucket=BUCKET, Key=key, Body=bytes(bad))
            code, message = st.refused("SELECT * FROM geo@v0")
            if code and not (key in message and ("Parquet" in message or "byte" in message)):
                ok(False, f"a byte flipped at {at}", message)
            told += code != 0
        ok(told > 20, f"a flipped byte of a data file: {told} of 65 can be told, each naming the file")
        for cut in (0, 3, 11, len(body) // 2, len(body) - 1):
            st.s3.put_object(Bucket=BUCKET, Key=key, Body=body[:cut])
            code, message = st.refused("SELECT * FROM geo@v0")
            ok(code == 2 and f"s3://{BUCKET}/{key}" in message and re.search(r"byte \d+|\d+ bytes", message), f"a file cut at {cut}: {message[-60:]!r}", message)
        st.s3.delete_object(Bucket=BUCKET, Key=key)
        code, message = st.refused("SELECT * FROM geo@v0")
        ok(code == 2 and "[DELTA_FILE_NOT_FOUND_DETAILED]" in message and key in message, "a missing data file", message)
        st.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        for _ in range(3):
            st.delta()
        second = f"tables/geo/_delta_log/{2:020d}.json"
        kept = st.get(second)
        st.s3.delete_object(Bucket=BUCKET, Key=second)
        code, message = st.refused("SELECT * FROM geo@v3")
        ok(code == 2 and "[DELTA_VERSIONS_NOT_CONTIGUOUS]" in message and second in message, "a missing log entry is named", message)
        r = st.run("clean")
        ok(r.returncode == 1 and second in r.stderr and "geo" in r.stderr, "and nothing is written over the gap", r.stderr)
        same(st.sql("SELECT * FROM geo@v1"), rows, "versions before the gap stay as they were")
        st.s3.put_object(Bucket=BUCKET, Key=second, Body=kept[:100])
        code, message = st.refused("SELECT * FROM geo@v3")
        ok(code == 2 and second in message and "line" in message, "a torn log entry is named", message)
        st.s3.put_object(Bucket=BUCKET, Key=second, Body=kept)
        same(st.sql("SELECT count(*) FROM geo@v3"), [[330]], "whole again")
        # A table that only newer writers may write.
        protocol = b'{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["rowTracking"]}}\n'
        latest = max(k for k in st.keys("tables/geo/_delta_log/") if k.endswith(".json"))
        st.s3.put_object(Bucket=BUCKET, Key=latest[:-25] + f"{int(latest[-25:-5]) + 1:020d}.json", Body=protocol)
        st.put("geo", [])
        r = st.run("clean")
        ok(r.returncode == 1 and "[DELTA_INVALID_PROTOCOL_VERSION]" in r.stderr and "pin is at version" in r.stderr, "a table that we may not write: the run fails", r.stderr)
        out = json.loads(st.run("clean", "--json").stdout)
        same(out["error"]["code"], "NOT_IMPLEMENTED", "with a code of its own")
        same(st.sql("SELECT count(*) FROM geo"), [[330]], "and its rows are not shown")
        ok(json.loads(st.run("query", "q6_users_joined_by_year", "--json").stdout)["ok"], "questions are answered as before")


def schema():
    """Other programs' writes are held to the schema."""
    if not os.path.exists(WRITER):
        return skip("a write with another schema", f"{WRITER} is not built (make units)")
    with Lake() as st:
        st.hold(invented(9, 20))
        st.delta()
        path = os.path.join(TMP, "rows.jsonl")
        open(path, "w").write(json.dumps({"ind": 1, "country": "Peru", "story": "s"}) + "\n")
        before = st.keys("tables/")
        said = writer(st, "tables/pin", "append", path, "-", 0)
        ok("A schema mismatch detected when writing to the Delta table" in said and "Table schema:" in said and
           "Data schema:" in said and "\n-- category: string (nullable = true)" in said and "\n-- story: string (nullable = true)" in said.split("Data schema:")[1],
           "another schema is refused, and the message shows both whole", said)
        same(st.keys("tables/"), before, "nothing was written")


def without():
    with Lake(only="lake") as st:
        r = st.run("clean")
        ok(r.returncode == 3 and "no object store: start s3 too" in r.stderr, "without an object store, clean says so", r.stderr)
        code, message = st.refused("SELECT * FROM things")
        ok(code == 3 and "no object store" in message, "and so does a statement", message)
        for statement in ("DESCRIBE HISTORY pin", "OPTIMIZE pin"):
            code, message = st.refused(statement)
            ok(code == 3 and "no object store" in message, statement, message)
        same(st.sql("SHOW TABLES"), [], "SHOW TABLES has none")


def killed():
    """kill -9 and SIGTERM in the midst of clean runs: each table is whole at some version."""
    st = Lake()
    st.hold(invented(11, 3000))
    rows = st.delta() and {t: st.sql(f"SELECT count(*) FROM {t}") for t, _ in SETS}
    for i in range(8):
        p = subprocess.Popen([TARN, "clean", "--data", st.data], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 0.01 + 0.012 * i  # at another step each time
        while time.monotonic() < end:
            pass
        code = st.stop(signal.SIGTERM if i % 2 else signal.SIGKILL)
        p.wait()
        st.up()
        got = {"exit": code} if i % 2 and code else {}
        for table, _ in SETS:
            last = st.sql(f"DESCRIBE HISTORY {table} LIMIT 1")[0][0]
            got[table] = st.sql(f"SELECT count(*) FROM {table}@v{last}")
        if got != rows:
            break
    same(got, rows, "killed or stopped at eight moments of a run: the tables' last versions are whole")
    versions = [d["version"] for d in st.delta().values()]
    ok(min(versions) > 0, f"and the next run goes on: {versions}")
    st.stop()


# ---- the hand-over ----

def script(folder, name):
    return open(os.path.join(folder, name)).read()


def comparable(rows):
    """Engines differ in how they show whole numbers."""
    def cell(v):
        if isinstance(v, str) and re.fullmatch(r"-?\d+(\.\d+)?", v):
            v = float(v)
        return float(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v
    return [[cell(v) for v in r] for r in rows]


def export():
    with Lake() as st:
        st.hold(invented(12, 3000))
        st.delta()
        for key in st.keys("tables/pin/"):
            st.s3.put_object(Bucket=BUCKET, Key=key.replace("tables/pin/", f"tables/{USER}_pin_table/"), Body=st.get(key))
        folder = os.path.join(TMP, "handed", "over")
        r = st.run("lake", "export", "-o", folder)
        ok(r.returncode == 0 and r.stdout.split()[0] == f"{folder}/README.md" and "exported 4 tables" in r.stderr, "tarn lake export", r.stdout + r.stderr)
        written = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files)
        same(written, sorted(os.path.relpath(p, folder) for p in r.stdout.split()), "it names each file that it writes")
        queries = sorted(f for f in written if f.startswith("queries/"))
        same([script(folder, q) for q in queries], [open(os.path.join(FIXTURES, "pinterest", q)).read() for q in queries], "the questions, as the stack has them")
        ok(len(queries) == 9, "all nine")
        doc = json.loads(script(folder, "tables.json"))
        same((doc["endpoint"], [t["name"] for t in doc["tables"]], [list(st.live(t["name"])) for t in doc["tables"]]),
             (st.at["aws"], [f"{USER}_pin_table", "geo", "pin", "users"], [[f["path"] for f in t["files"]] for t in doc["tables"]]),
             "tables.json has the addresses and the live files")
        ok(f"USING DELTA LOCATION 's3a://{BUCKET}/tables/pin';" in script(folder, "spark/tables.sql") and
           f"tarn_tables.`{USER}_pin_table`" in script(folder, "spark/tables.sql"), "Spark's tables")
        ok(f"spark.hadoop.fs.s3a.endpoint {st.at['aws']}\n" in script(folder, "spark/spark.conf"), "Spark's endpoint")
        ok(f"CALL delta.system.register_table(schema_name => 'tarn_tables', table_name => 'geo', table_location => 's3://{BUCKET}/tables/geo');"
           in script(folder, "trino/tables.sql") and f"s3.endpoint={st.at['aws']}\n" in script(folder, "trino/delta.properties"), "Trino's tables and catalog")
        ok(f"delta_scan('s3://{BUCKET}/tables/users')" in script(folder, "duckdb/tables_delta.sql"), "DuckDB's tables")
        answers = {q["name"]: q for q in st.answer("query", "all")["queries"]}
        texts = [script(folder, q) for q in queries]
        want = [comparable(answers[os.path.basename(q)[:-4]]["rows"]) for q in queries]
        ok(all(want), "every question has an answer")
        if have("@duckdb/node-api"):
            for t in doc["tables"]:
                fetch(st, f"tables/{t['name']}", st.live(t["name"]))
            setup = [f"SET VARIABLE tarn_tables = '{TMP}/files'", script(folder, "duckdb/tables_parquet.sql"), script(folder, "duckdb/views.sql")]
            got = duck(*texts, f'SELECT count(*) FROM tarn_tables."{USER}_pin_table"', setup=setup)
            for q, mine, theirs in zip(queries, want, got):
                same(comparable(theirs), mine, f"DuckDB answers {q} as tarn does")
            same(comparable(got[-1]), [[3300]], "and reads the table whose name begins with a digit")
        else:
            skip("DuckDB answers the questions as tarn does", "TARN_NODE_MODULES has no @duckdb/node-api (make clients)")
        if have("chdb"):
            setup = [s for s in script(folder, "clickhouse/views.sql").split(";\n") if s.strip()]
            got = clickhouse(*texts, setup=setup, form="JSONCompactEachRow")
            for q, mine, theirs in zip(queries, want, got):
                same(comparable(theirs), mine, f"ClickHouse answers {q} as tarn does, over the Delta tables")
        else:
            skip("ClickHouse answers the questions as tarn does", "TARN_NODE_MODULES has no chdb")
        engines = [(e, f"{e}/{f}.sql") for e in ("spark", "trino") for f in ("tables", "views")] + [(e, q) for e in ("spark", "trino") for q in queries]
        if have("dt-sql-parser", "esbuild"):
            same(grammars([(e, script(folder, f)) for e, f in engines]), [[]] * len(engines), "tables, views and questions are sentences of Spark's and Trino's grammars")
        else:
            skip("Spark's and Trino's grammars", "TARN_NODE_MODULES has no dt-sql-parser and esbuild (make clients)")
        r = st.run("lake", "export", "-o", folder, "--endpoint", "http://s3.example.org:4566/")
        ok(r.returncode == 0 and "ENDPOINT 's3.example.org:4566'" in script(folder, "duckdb/s3.sql") and
           "spark.hadoop.fs.s3a.endpoint http://s3.example.org:4566\n" in script(folder, "spark/spark.conf"), "--endpoint")
        out = json.loads(st.run("lake", "export", "-o", folder, "--json").stdout)
        ok(out["ok"] and out["data"]["tables"] == [t["name"] for t in doc["tables"]] and len(out["data"]["files"]) == len(written), "--json")
        # An empty table, and one that only others can read.
        for topic in ("pin", "geo", "user"):
            st.put(topic, [])
        st.delta()
        st.s3.put_object(Bucket=BUCKET, Key=f"tables/new/_delta_log/{0:020d}.json", Body=b'{"protocol":{"minReaderVersion":3,"minWriterVersion":7,'
                         b'"readerFeatures":["variantType"],"writerFeatures":["variantType"]}}\n{"metaData":{"id":"x","format":{"provider":"parquet",'
                         b'"options":{}},"schemaString":"{\\"type\\":\\"struct\\",\\"fields\\":[]}","partitionColumns":[],"configuration":{}}}\n')
        r = st.run("lake", "export", "-o", folder)
        ok(r.returncode == 0 and "tables/new'" in script(folder, "spark/tables.sql") and "[DELTA_UNSUPPORTED_FEATURES_FOR_READ]" in script(folder, "README.md"),
           "a table that we can't read is handed over, with the reason", r.stderr)
        if have("@duckdb/node-api"):
            setup = [script(folder, "duckdb/tables_parquet.sql").replace(f"s3://{BUCKET}/tables", f"{TMP}/files"), script(folder, "duckdb/views.sql")]
            got = duck("SELECT count(*) FROM pin JOIN geo ON pin.ind = geo.ind", texts[0], setup=setup)
            same(comparable(got[0]) + got[1], [[0.0]], "DuckDB reads empty tables")
        for args in ((), ("import",), ("export", "more")):
            r = st.run("lake", *args)
            ok(r.returncode == 2 and "try: tarn lake export" in r.stderr, f"tarn lake {' '.join(args)}: wrong use")


for part in sys.argv[1:] or ("cleaned", "variants", "large", "same_bytes", "datasets", "names", "statements", "damage", "schema", "without", "killed", "export"):
    globals()[part]()
done()
