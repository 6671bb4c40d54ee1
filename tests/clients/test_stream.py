#!/usr/bin/python3
"""Streaming queries with a real producer (boto3): whatever dies when, each record that the stream holds is in the Delta table
once, or once in its quarantine. Tables are read back by a replay of the log in this file, with hyparquet and DuckDB opening
the data files (TARN_NODE_MODULES), by ClickHouse's Delta reader where it is there, and by our own reader."""
import base64
import collections
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

try:
    import boto3
    from botocore.client import Config
    from botocore.exceptions import EndpointConnectionError, HTTPClientError
except ImportError:
    print("1..0 # SKIP boto3 is missing")
    sys.exit(0)

TARN = os.environ.get("TARN", "build/tarn")
WRITER = os.path.join(os.path.dirname(TARN), "tests/delta/test_delta")
MODULES = os.environ.get("TARN_NODE_MODULES")
KILLS = int(os.environ.get("STREAM_KILLS", "15"))
TMP = tempfile.mkdtemp(prefix="tarn-stream-")
BUCKET = "lake-bucket"
results = []


def ok(cond, name, why=""):
    results.append(bool(cond))
    print(f"{'ok' if cond else 'not ok'} {len(results)} - {name}", flush=True)
    if not cond and why != "":
        print(f"#   {why!r}"[:1500], flush=True)
    return cond


def same(got, want, name):
    return ok(got == want, name, f"got {str(got)[:600]} want {str(want)[:600]}")


def skip(name, why):
    results.append(True)
    print(f"ok {len(results)} - {name} # SKIP {why}", flush=True)


# ---- the stack ----

CONF = f"""
[buckets]
{BUCKET} =
[lake]
bucket = {BUCKET}
[streams]
geo-stream = 1
pin-stream = 1
user-stream = 1
[queries]
geo = streamName=geo-stream initialPosition=earliest table=geo_table trigger=100ms
pin = streamName=pin-stream initialPosition=earliest table=pin_table trigger=100ms
"""


class Server:
    n = 0

    def __init__(self, data=None, only="s3,kinesis,lake", conf=CONF, args=()):
        Server.n += 1
        self.data = data or os.path.join(TMP, f"data-{Server.n}")
        self.stack = os.path.join(TMP, f"stack-{Server.n}")
        self.only, self.args = only, args
        os.makedirs(self.stack)
        with open(os.path.join(self.stack, "stack.conf"), "w") as f:
            f.write(conf)
        self.up()

    def up(self):
        self.ends = os.path.join(TMP, "ends.json")
        if os.path.exists(self.ends):
            os.unlink(self.ends)
        self.proc = subprocess.Popen([TARN, "up", self.stack, "--only", self.only, "--ports=auto", "--endpoints-file", self.ends, "--data",
                                      self.data, *self.args], stdout=open(os.path.join(TMP, "log"), "ab"), stderr=subprocess.STDOUT)
        while not (os.path.exists(self.ends) and os.path.getsize(self.ends)):
            if self.proc.poll() is not None:
                raise SystemExit(open(os.path.join(TMP, "log")).read()[-3000:])
            time.sleep(0.01)
        ends = json.load(open(self.ends))
        self.aws, self.lake, self.control = ends.get("aws"), ends["lake"], ends["control"]
        self.kinesis, self.s3 = (client(s, self.aws) for s in ("kinesis", "s3"))

    def call(self, method, url, body=None):
        req = urllib.request.Request(url, data=body, method=method)
        try:
            with urllib.request.urlopen(req, timeout=60) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def api(self, method, path, body=None):
        status, text = self.call(method, f"{self.lake}/api/tarn/streams{path}", None if body is None else json.dumps(body).encode())
        return status, json.loads(text)

    def start(self, name, **options):
        return self.api("POST", f"/{name}/start", options)

    def status(self, name):
        return self.api("GET", f"/{name}")[1]

    def fault(self, spec):
        status, text = self.call("POST", f"{self.control}/_tarn/faults", spec.encode())
        assert status == 200, text

    def faults_clear(self):
        self.call("DELETE", f"{self.control}/_tarn/faults")

    def clock(self, what):
        status, text = self.call("POST", f"{self.control}/_tarn/clock", what.encode())
        assert status == 200, text

    def kill(self):
        self.proc.kill()
        self.proc.wait()

    def stop(self):
        self.proc.terminate()
        if self.proc.wait() != 0:
            ok(False, f"a clean stop ends with {self.proc.returncode}", open(os.path.join(TMP, "log"), errors="replace").read()[-1500:])

    def died(self):
        """Whether the process ends by itself."""
        try:
            return self.proc.wait(30) == -9
        except subprocess.TimeoutExpired:
            return False

    def wait(self, name, want, seconds=30):
        """Until the query has nothing more to read and want(status) holds."""
        end = time.time() + seconds
        while time.time() < end:
            s = self.status(name)
            if s["exception"] or want(s):
                return s
            time.sleep(0.02)
        return self.status(name)


def client(service, url, tries=0):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                        config=Config(retries={"max_attempts": tries}, connect_timeout=5, read_timeout=20, s3={"addressing_style": "path"}))


# ---- records ----

def geo_row(i, rnd):
    t = datetime.datetime(2018, 1, 1) + datetime.timedelta(seconds=rnd.randrange(150000000))
    return {"ind": i, "timestamp": t.isoformat() if i % 2 else str(t), "latitude": round(rnd.uniform(-90, 90), 4),
            "longitude": round(rnd.uniform(-180, 180), 4), "country": rnd.choice(["Albania", "Côte d'Ivoire", "日本", ""])}


def geo_clean(r):
    return (r["ind"], r["country"], (r["latitude"], r["longitude"]), r["timestamp"].replace("T", " "))


BAD = [b"{torn", b"[1,2]", b"\xff\xfe{}", b'"text"', b'{"ind":"x","country":"y"}', b'{"ind":{"a":1},"country":"y"}', b"  ", b'{"other":1}']


def all_records(kin, stream):
    """What the stream holds, by shard, with the API alone."""
    out = {}
    for shard in kin.list_shards(StreamName=stream)["Shards"]:
        it = kin.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        rows = []
        while it:
            a = kin.get_records(ShardIterator=it, Limit=10000)
            rows += [(r["SequenceNumber"], r["Data"]) for r in a["Records"]]
            it = a.get("NextShardIterator")
            if not a["Records"] and a["MillisBehindLatest"] == 0:
                break
        out[shard["ShardId"]] = rows
    return out


# ---- the table, read back ----

class Objects:
    def __init__(self, s3):
        self.s3 = s3

    def keys(self, prefix):
        out = []
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
            out += [o["Key"] for o in page.get("Contents", [])]
        return out

    def get(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def replay(objects, table):
    """Live files in order, and the txns seen, of a table's whole log."""
    log = sorted(k for k in objects.keys(f"tables/{table}/_delta_log/") if k.endswith(".json"))
    live, txns = {}, []
    for n, key in enumerate(log):
        assert key.endswith(f"/{n:020d}.json"), f"version {n} is missing: {key}"
        for line in objects.get(key).decode().splitlines():
            a = json.loads(line)
            if "add" in a:
                live[a["add"]["path"]] = json.loads(a["add"]["stats"])["numRecords"]
            if "remove" in a:
                live.pop(a["remove"]["path"])
            if "txn" in a:
                txns.append((a["txn"]["appId"], a["txn"]["version"]))
    return live, txns


SCRIPTS = {
    "hy.mjs": """
import fs from 'fs';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
for (const name of process.argv.slice(2)) {
  const b = fs.readFileSync(name);
  const file = b.buffer.slice(b.byteOffset, b.byteOffset + b.length);
  for (const r of await parquetReadObjects({ file, compressors, utf8: false, parsers: { timestampFromMicroseconds: us => String(us) } }))
    console.log(JSON.stringify(r, (k, v) => typeof v === 'bigint' ? Number(v) : v instanceof Uint8Array ? Buffer.from(v).toString('base64') : v));
}
""",
    "duck.cjs": """
const { DuckDBInstance } = require('@duckdb/node-api');
(async () => {
  const c = await (await DuckDBInstance.create(':memory:')).connect();
  await c.run("SET TimeZone='UTC'");
  for (const sql of process.argv.slice(2)) console.log(JSON.stringify((await c.runAndReadAll(sql)).getRowsJson()));
})().catch(e => { console.error(String(e)); process.exit(1); });
""",
    "ch.cjs": """
const { query } = require('chdb');
for (const sql of process.argv.slice(2)) process.stdout.write(String(query(sql, 'JSONEachRow')));
""",
}


def node(script, *args):
    link, path = os.path.join(TMP, "node_modules"), os.path.join(TMP, script)
    if not os.path.exists(link):
        os.symlink(os.path.abspath(MODULES), link)
    with open(path, "w") as f:
        f.write(SCRIPTS[script])
    p = subprocess.run(["node", path, *args], cwd=TMP, capture_output=True, text=True)
    if p.returncode:
        raise RuntimeError(p.stderr[-1500:])
    return [json.loads(line) for line in p.stdout.splitlines()]


def download(objects, table):
    live, txns = replay(objects, table)
    out = []
    for p in live:
        out.append(os.path.join(TMP, p))
        with open(out[-1], "wb") as f:
            f.write(objects.get(f"tables/{table}/{p}"))
    return out, live, txns


def utc(us):
    t = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=int(us))
    return str(t)


def foreign_rows(objects, table):
    """Rows as hyparquet reads them; None without it."""
    files, live, txns = download(objects, table)
    if not MODULES:
        return None, live, txns
    rows = node("hy.mjs", *files) if files else []
    return rows, live, txns


def our_rows(srv, table):
    p = subprocess.run([WRITER, srv.aws, BUCKET, f"tables/{table}", "dump", "-1"], capture_output=True,
                       env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
    return [json.loads(line) for line in p.stdout.decode("utf-8", "surrogateescape").split("\n") if line]


def geo_tuple(r):
    t = r.get("timestamp")
    t = utc(t) if t is not None and str(t).isdigit() else t
    return (r.get("ind"), r.get("country"), tuple(r.get("coordinates") or ()), t)


def compare_geo(srv, what, stream="geo-stream", table="geo_table"):
    """The stream's records against the table and its quarantine, each reader by itself."""
    held = [rec for rows in all_records(srv.kinesis, stream).values() for rec in rows]
    want, bad = collections.Counter(), collections.Counter()
    for seq, data in held:
        try:
            want[geo_clean(json.loads(data))] += 1
        except (ValueError, TypeError, KeyError, AttributeError):
            bad[(seq, data)] += 2 if data == b"[1,2]" else 1 # each of a list
    objects = Objects(srv.s3)
    rows, live, txns = foreign_rows(objects, table)
    problems = []
    if rows is not None:
        got = collections.Counter(map(geo_tuple, rows))
        if got != want:
            problems.append(("hyparquet", list((got - want).items())[:3], list((want - got).items())[:3]))
    got = collections.Counter(map(geo_tuple, our_rows(srv, table)))
    if got != want:
        problems.append(("ours", list((got - want).items())[:3], list((want - got).items())[:3]))
    if sum(live.values()) != sum(want.values()):
        problems.append(("log", sum(live.values()), sum(want.values())))
    if len(set(txns)) != len(txns):
        problems.append(("a batch is in the log twice", txns))
    got = collections.Counter()
    if bad or objects.keys(f"tables/{table}_quarantine/"):
        rows, _, _ = foreign_rows(objects, f"{table}_quarantine")
        for r in (rows if rows is not None else our_rows(srv, f"{table}_quarantine")):
            data = r.get("data") or ""
            data = base64.b64decode(data) if rows is not None else data.encode("utf-8", "surrogateescape")
            data = data or r["record"].encode()
            got[(r["sequenceNumber"], data)] += 1
    if got != bad:
        problems.append(("quarantine", list((got - bad).items())[:3], list((bad - got).items())[:3]))
    ok(not problems, f"{what}: {len(held)} records, {sum(want.values())} rows, {sum(bad.values())} quarantined, {len(txns)} batches", problems)
    return len(held)


def put(srv, stream, blobs, key="k"):
    for i in range(0, len(blobs), 400):
        a = srv.kinesis.put_records(StreamName=stream, Records=[{"Data": b, "PartitionKey": f"{key}{n}"} for n, b in enumerate(blobs[i:i + 400])])
        assert a["FailedRecordCount"] == 0, a


def blobs_of(rnd, first, n, bad=0.05):
    out = []
    for i in range(first, first + n):
        out.append(rnd.choice(BAD) if rnd.random() < bad else json.dumps(geo_row(i, rnd), ensure_ascii=rnd.random() < 0.5).encode())
    return out


def caught_up(srv, name="geo", stream="geo-stream", seconds=30):
    """Until the last committed entry of the checkpoint's offsets is the stream's end."""
    last = {sh: rows[-1][0] for sh, rows in all_records(srv.kinesis, stream).items() if rows}
    objects = Objects(srv.s3)

    def done(s):
        folder = (s.get("checkpoint") or "").removeprefix(f"s3://{BUCKET}/")
        numbers = {part: {int(k.rsplit("/", 1)[1]) for k in objects.keys(f"{folder}/{part}/")} for part in ("offsets", "commits")}
        if not numbers["offsets"] or max(numbers["offsets"]) not in numbers["commits"]:
            return False
        entry = json.loads(objects.get(f"{folder}/offsets/{max(numbers['offsets'])}").decode().splitlines()[2])
        ends = {e["shard"]["shardId"]: e["lastSeqNum"] for e in entry}
        return all(ends.get(sh) == seq for sh, seq in last.items())
    srv.wait(name, done, seconds)
    # the status tells of a batch right after its commit
    return srv.wait(name, lambda s: not s["status"]["isDataAvailable"], 5)


# ---- tests ----

def simple():
    srv = Server()
    rnd = random.Random(1)
    put(srv, "geo-stream", blobs_of(rnd, 0, 500))
    status, s = srv.start("geo")
    ok(status == 200 and s["isActive"], "a declared query starts", s)
    s = caught_up(srv)
    p = s["lastProgress"]
    ok({"id", "runId", "name", "timestamp", "batchId", "numInputRows", "sources", "sink"} <= set(p) and p["name"] == "geo" and
       p["id"] == s["id"] and p["sources"][0]["description"] == "KinesisV2[geo-stream]" and
       p["sources"][0]["startOffset"][0]["shard"]["shardId"] == "shardId-000000000000", "lastProgress has the shape of StreamingQueryProgress", p)
    compare_geo(srv, "one start")
    status, e = srv.start("geo")
    ok(status == 400 and "already active" in e["message"], "a second start of an active query is refused in Spark's words", e)
    ids = json.loads(Objects(srv.s3).get("checkpoints/geo/metadata"))
    same(ids, {"id": s["id"]}, "checkpoint/metadata holds the query's id")
    o = Objects(srv.s3).get("checkpoints/geo/offsets/0").decode().splitlines()
    ok(o[0] == "v1" and "batchTimestampMs" in json.loads(o[1]) and json.loads(o[2])[0]["shard"]["stream"] == "geo-stream", "offsets/0 has Spark's three lines", o)
    same(Objects(srv.s3).get("checkpoints/geo/commits/0").decode(), 'v1\n{"nextBatchWatermarkMs":0}', "commits/0 is Spark's")
    srv.api("POST", "/geo/stop")
    same(srv.status("geo")["state"], "stopped", "stop")
    put(srv, "geo-stream", blobs_of(rnd, 500, 300))
    srv.stop()
    srv.up()
    same(srv.status("geo")["state"], "stopped", "a stopped query stays so after a restart")
    srv.start("geo")
    same(caught_up(srv)["id"], s["id"], "the id stays, a run's id doesn't")
    compare_geo(srv, "stopped and started again")
    srv.stop()
    srv.up()
    s = srv.status("geo")
    ok(s["isActive"] and s["restarted"], "a query that ran when tarn ended goes on by itself", s)
    put(srv, "geo-stream", blobs_of(rnd, 800, 300))
    caught_up(srv)
    compare_geo(srv, "after a clean restart")
    if MODULES and os.path.isdir(os.path.join(MODULES, "@duckdb")):
        files, live, _ = download(Objects(srv.s3), "geo_table")
        names = ",".join(f"'{f}'" for f in files)
        got = node("duck.cjs", f"SELECT count(*), count(DISTINCT ind) FROM read_parquet([{names}])")
        same(int(got[0][0][0]), sum(live.values()), "DuckDB counts the same rows")
    else:
        skip("DuckDB counts the same rows", "TARN_NODE_MODULES has no @duckdb")
    if MODULES and os.path.isdir(os.path.join(MODULES, "chdb")):
        got = node("ch.cjs", f"SELECT count() AS n, uniqExact(ind) AS d FROM deltaLake('{srv.aws}/{BUCKET}/tables/geo_table/','test','test')")
        same(int(got[0]["n"]), len(our_rows(srv, "geo_table")), "ClickHouse's Delta reader counts the same rows")
    else:
        skip("ClickHouse's Delta reader counts the same rows", "TARN_NODE_MODULES has no chdb")
    srv.stop()


SITES = ["offsets", "rows", "quarantine", "table", "commit", "end"]


def steps():
    """Death between any two steps, of the first batch, a middle one, and of the batch that runs again."""
    srv = Server()
    rnd = random.Random(2)
    n = 0
    srv.start("geo")
    for on in (1, 2):
        for site in SITES:
            srv.wait("geo", lambda s: s["status"]["message"] == "Waiting for data to arrive") # what was begun is done
            srv.fault(f"lake.stream.{site} error=kill on={on}")
            for _ in range(on):
                n += 40
                try:
                    put(srv, "geo-stream", blobs_of(rnd, n, 40, 0.2))
                    if on == 2 and _ == 0:
                        caught_up(srv)
                except (EndpointConnectionError, HTTPClientError, OSError):
                    break # the first put came in two batches; what the stream holds is read back from it
            if not srv.died():
                ok(False, f"the process dies before {site}")
                return
            srv.up()
    # it dies again while it runs the batch again: before each step but the first, which isn't done again
    for site in SITES[1:]:
        srv.wait("geo", lambda s: s["status"]["message"] == "Waiting for data to arrive")
        srv.fault("lake.stream.rows error=Boom on=1")
        put(srv, "geo-stream", blobs_of(rnd, n, 40, 0.2))
        n += 40
        srv.wait("geo", lambda s: not s["isActive"])
        srv.faults_clear()
        srv.fault(f"lake.stream.{site} error=kill")
        try:
            srv.start("geo")
        except OSError: # it died before it answered
            pass
        if not srv.died():
            ok(False, f"the process dies before {site} of a batch that runs again")
            return
        srv.up()
        srv.start("geo") # it may have died before it was known that the query was started
    s = caught_up(srv)
    ok(not s["exception"], "the query runs after all that", s["exception"])
    compare_geo(srv, f"kill -9 before {', '.join(SITES)}")
    # the same as failures of the query, which the process survives
    for site in SITES:
        srv.fault(f"lake.stream.{site} error=DiskFull")
        put(srv, "geo-stream", blobs_of(rnd, n, 40, 0.2))
        n += 40
        s = srv.wait("geo", lambda s: not s["isActive"])
        if "DiskFull" not in (s["exception"] or ""):
            ok(False, f"a fault before {site} fails the query", s)
        srv.faults_clear()
        srv.start("geo")
    caught_up(srv)
    compare_geo(srv, "failures of the query at each step")
    srv.stop()


def under_load():
    """kill -9 at random moments while a producer writes and shards are split and merged."""
    srv = Server()
    rnd = random.Random(3)
    acked, state = set(), {"n": 0, "run": True, "srv": srv}
    lock = threading.Lock()

    def produce():
        r = random.Random(4)
        while state["run"]:
            first = state["n"]
            state["n"] += 40 # a number is used once: whoever didn't get an answer doesn't know
            blobs = blobs_of(r, first, 40)
            try:
                with lock:
                    kin = state["srv"].kinesis
                kin.put_records(StreamName="geo-stream", Records=[{"Data": b, "PartitionKey": str(r.random())} for b in blobs])
                acked.update(blobs)
            except Exception:
                time.sleep(0.01)

    def reshard(kin):
        open_shards = [s for s in kin.list_shards(StreamName="geo-stream")["Shards"] if "EndingSequenceNumber" not in s["SequenceNumberRange"]]
        try:
            if len(open_shards) < 4:
                s = rnd.choice(open_shards)
                lo, hi = int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])
                kin.split_shard(StreamName="geo-stream", ShardToSplit=s["ShardId"], NewStartingHashKey=str((lo + hi) // 2 + 1))
            else:
                open_shards.sort(key=lambda s: int(s["HashKeyRange"]["StartingHashKey"]))
                kin.merge_shards(StreamName="geo-stream", ShardToMerge=open_shards[0]["ShardId"], AdjacentShardToMerge=open_shards[1]["ShardId"])
        except Exception as e:
            print(f"# reshard: {e}", flush=True)

    srv.start("geo", maxRecordsPerBatch=200)
    thread = threading.Thread(target=produce)
    thread.start()
    for i in range(KILLS):
        time.sleep(rnd.uniform(0.02, 0.5))
        if i % 4 == 1:
            reshard(srv.kinesis)
            time.sleep(rnd.uniform(0, 0.2))
        with lock:
            if i % 5 == 4:
                srv.stop()
            else:
                srv.kill()
            srv.up()
    state["run"] = False
    thread.join()
    s = caught_up(srv, seconds=60)
    ok(not s["exception"], f"the query survived {KILLS} deaths", s["exception"])
    held = all_records(srv.kinesis, "geo-stream")
    ok(acked <= {d for rows in held.values() for _, d in rows}, f"every acknowledged record is in the stream ({len(held)} shards)")
    compare_geo(srv, f"{KILLS} deaths under load")
    srv.stop()


def broken_store():
    """Stream and store over HTTP: refused, and done without an answer."""
    far = Server(only="s3,kinesis,lake")
    srv = Server(only="lake", conf=CONF + f"[remote]\ns3 = {far.aws}\nkinesis = {far.aws}\n")
    srv.aws, srv.s3, srv.kinesis = far.aws, far.s3, far.kinesis
    rnd = random.Random(5)
    srv.start("geo")
    n = failed = 0
    for fault in ("http.s3 status=503 p=0.1", "s3.PutObject reset p=0.15", "s3.GetObject reset p=0.2",
                  "s3.ListObjectsV2 reset p=0.1", "kinesis.GetRecords reset p=0.2", "http.kinesis status=500 p=0.2"):
        for _ in range(12):
            far.fault(fault)
            try:
                put(srv, "geo-stream", blobs_of(rnd, n, 20, 0.2))
            except Exception: # the producer's own answer was one of them
                pass
            n += 20
            time.sleep(0.12)
            far.faults_clear()
            if not srv.status("geo")["isActive"]:
                failed += 1
                srv.start("geo")
    caught_up(srv)
    ok(failed > 3, f"the query failed {failed} times and was started again")
    compare_geo(srv, "a store and a stream that fail, or answer nobody")
    far.fault("kinesis.GetRecords error=ProvisionedThroughputExceededException name=once on=1..4")
    put(srv, "geo-stream", blobs_of(rnd, n, 20))
    s = caught_up(srv)
    ok(not s["exception"], "a throttled read is tried again", s["exception"])
    far.faults_clear()
    far.fault("kinesis.GetRecords error=ProvisionedThroughputExceededException")
    s = srv.wait("geo", lambda s: not s["isActive"])
    ok("ProvisionedThroughputExceeded" in (s["exception"] or ""), "one that is always throttled fails the query with those words", s["exception"])
    srv.stop()
    far.stop()


def shared_checkpoint():
    srv = Server()
    rnd = random.Random(6)
    folder = "/tmp/kinesis/_checkpoints/"
    put(srv, "geo-stream", blobs_of(rnd, 0, 50, 0))
    put(srv, "pin-stream", [b'{"index":1,"title":"t"}'] * 5)
    srv.start("geo", checkpointLocation=folder)
    caught_up(srv)
    before = {k: Objects(srv.s3).get(k) for k in Objects(srv.s3).keys("dbfs/tmp/kinesis/")}
    status, e = srv.start("pin", checkpointLocation=folder)
    ok(status == 500 and "geo-stream" in e["message"] and "did not come from this stream" in e["message"],
       "a second stream on the folder fails, and says whose offsets are there", e)
    s = srv.status("geo")
    ok(not s["isActive"] and "Stopping existing streaming query" in s["status"]["message"], "the first one was stopped, as Spark 3 does, and says so", s)
    after = {k: Objects(srv.s3).get(k) for k in Objects(srv.s3).keys("dbfs/tmp/kinesis/")}
    same(after, before, "nothing was written into the folder")
    same(Objects(srv.s3).keys("tables/pin_table"), [], "nor into a table")
    put(srv, "geo-stream", blobs_of(rnd, 50, 50, 0))
    status, s = srv.start("geo", checkpointLocation=folder)
    caught_up(srv)
    compare_geo(srv, "the first query goes on where it was")
    status, s = srv.start("pin")
    ok(status == 200 and caught_up(srv, "pin", "pin-stream")["totals"]["numOutputRows"] == 5, "with a folder of its own the second reads all it missed", s)
    srv.stop()


def two_processes():
    """The same checkpoint in two processes; the second one reaches stream and store over HTTP."""
    srv = Server()
    rnd = random.Random(7)
    put(srv, "geo-stream", blobs_of(rnd, 0, 50))
    srv.start("geo")
    caught_up(srv)
    other = Server(only="lake", conf=CONF + f"[remote]\ns3 = {srv.aws}\nkinesis = {srv.aws}\n")
    status, s = other.start("geo")
    ok(status == 200, "a lake elsewhere starts the same query over HTTP", s)
    for i in range(30):
        put(srv, "geo-stream", blobs_of(rnd, 50 + i * 20, 20))
        time.sleep(0.05)
    time.sleep(0.5)
    states = [x.status("geo") for x in (srv, other)]
    texts = [s["exception"] or "" for s in states]
    ok(any("Multiple streaming jobs detected" in t for t in texts), "one of them ends with Spark's words for it", texts)
    alive = [x for x, s in zip((srv, other), states) if s["isActive"]]
    if not alive:
        srv.start("geo")
        alive = [srv]
    put(srv, "geo-stream", blobs_of(rnd, 1000, 20))
    last = all_records(srv.kinesis, "geo-stream")["shardId-000000000000"][-1][0]
    alive[0].wait("geo", lambda s: s["lastProgress"] and s["lastProgress"]["sources"][0]["endOffset"][0]["lastSeqNum"] == last)
    compare_geo(srv, "two processes on one checkpoint")
    other.stop()
    srv.stop()


def two_writers():
    """Two queries, two checkpoints, one table: each record is there once for each of them."""
    srv = Server()
    rnd = random.Random(12)
    for name in ("one", "two"):
        srv.start(name, streamName="geo-stream", initialPosition="earliest", table="both", trigger="100ms", maxRecordsPerBatch=30)
    for i in range(6):
        put(srv, "geo-stream", blobs_of(rnd, i * 200, 200))
        time.sleep(rnd.uniform(0, 0.3))
        srv.kill()
        srv.up()
    for name in ("one", "two"):
        caught_up(srv, name)
    held = collections.Counter()
    for _, data in all_records(srv.kinesis, "geo-stream")["shardId-000000000000"]:
        try:
            held[geo_clean(json.loads(data))] += 2
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
    rows, live, txns = foreign_rows(Objects(srv.s3), "both")
    rows = rows if rows is not None else our_rows(srv, "both")
    got = collections.Counter(map(geo_tuple, rows))
    ok(got == held and len({a for a, _ in txns}) == 2, f"two queries into one table, and deaths: {len(txns)} commits, {sum(got.values())} rows",
       (list((got - held).items())[:3], list((held - got).items())[:3]))
    srv.stop()


def positions():
    srv = Server(args=("--clock", "2026-01-05T09:00:00Z"))
    put(srv, "user-stream", [json.dumps({"ind": i, "first_name": "A", "last_name": "B", "age": 20, "date_joined": "2016-01-01"}).encode() for i in range(10)])
    status, s = srv.start("late", streamName="user-stream", initialPosition="latest")
    ok(status == 200, "a query that the stack doesn't know is given its options", s)
    srv.stop()
    srv.up() # before it has read anything
    srv.call("POST", f"{srv.control}/_tarn/clock", b"freeze 2026-01-05T09:00:00Z")
    put(srv, "user-stream", [json.dumps({"ind": i, "first_name": "A", "last_name": "B", "age": 20, "date_joined": "2016-01-01"}).encode() for i in range(10, 15)])
    srv.clock("advance 1s")
    got = sorted(r["ind"] for r in our_rows(srv, "late"))
    same(got, [10, 11, 12, 13, 14], "latest: what was put after the first start, of the same millisecond, too")
    srv.clock("advance 1h")
    put(srv, "user-stream", [b'{"ind":20,"age":1}'])
    srv.start("timed", streamName="user-stream", initialPosition="at_timestamp", initialTimestamp="2026-01-05T09:30:00Z", trigger="once")
    same([r["ind"] for r in our_rows(srv, "timed")], [20], "at_timestamp")
    s = srv.status("timed")
    ok(s["state"] == "stopped" and s["totals"]["batches"] == 1, "once: one batch, and the call is answered when it is in", s)
    status, s = srv.start("now", streamName="user-stream", initialPosition="earliest", trigger="availableNow", maxRecordsPerBatch=4)
    ok(s["state"] == "stopped" and s["totals"]["batches"] == 4 and s["totals"]["numOutputRows"] == 16, "availableNow: as many batches as it takes", s["totals"])
    status, e = srv.start("bad", streamName="nowhere-user", initialPosition="earliest")
    ok(status == 500 and "ResourceNotFoundException" in e["message"], "a stream that isn't there", e)
    status, e = srv.start("bad", streamName="user-stream", initialPosition="sometime")
    ok(status == 400 and "initialPosition" in e["message"], "an option that isn't one", e)
    status, e = srv.start("now", streamName="user-stream", variant="date_joined=date", initialPosition="earliest", checkpointLocation="/mnt/none/x", trigger="once")
    ok(status == 500 and "DELTA_FAILED_TO_MERGE_FIELDS" in e["message"], "rows of another type are refused in Delta's words", e)
    # retention: 24 hours
    srv.api("POST", "/late/stop")
    put(srv, "user-stream", [b'{"ind":30,"age":1}'])
    srv.clock("advance 25h")
    put(srv, "user-stream", [b'{"ind":31,"age":1}'])
    status, e = srv.start("late")
    ok(status == 500 and "aged out" in e["message"], "records that fell out of the stream unread fail the query", e)
    status, s = srv.start("late", failOnDataLoss="false", trigger="once")
    got = sorted(r["ind"] for r in our_rows(srv, "late"))
    ok(status == 200 and 31 in got and 30 not in got, "failOnDataLoss=false goes on without them", (status, s, got))
    srv.stop()


def same_rules():
    """A batch that runs again is cleaned by the variants it was begun with, the next one by those chosen meanwhile."""
    srv = Server()
    srv.fault("lake.stream.table error=Boom")
    put(srv, "geo-stream", [b'{"ind":1,"country":"Chile"}', b'{"ind":2,"country":"Peru"}', b"torn"])
    srv.start("geo")
    srv.wait("geo", lambda s: not s["isActive"])
    srv.faults_clear()
    srv.start("geo", variant="geo.nulls=drop")
    caught_up(srv)
    put(srv, "geo-stream", [b'{"ind":3,"country":"Chile"}', json.dumps(geo_row(4, random.Random(1))).encode()])
    s = caught_up(srv)
    same(sorted(r["ind"] for r in our_rows(srv, "geo_table")), [1, 2, 4], "variants: the old batch keeps its own")
    same((s["totals"]["dropped"], len(our_rows(srv, "geo_table_quarantine"))), (1, 1), "one row left out, one record in quarantine, once")
    srv.stop()


def lost_batch():
    """A batch that was begun can't be read any more."""
    srv = Server(args=("--clock", "2026-01-05T09:00:00Z"))
    put(srv, "geo-stream", blobs_of(random.Random(8), 0, 30, 0))
    srv.fault("lake.stream.rows error=Boom on=1")
    srv.start("geo")
    srv.clock("advance 1s")
    srv.clock("advance 25h")
    status, e = srv.start("geo")
    srv.clock("advance 1s")
    s = srv.status("geo")
    ok("Could not read until the desired sequence number" in (s["exception"] or ""), "a batch whose records are gone fails loudly", s)
    srv.start("geo", failOnDataLoss="false")
    srv.clock("advance 1s")
    s = srv.status("geo")
    ok(s["isActive"] and s["lastProgress"]["batchId"] == 0, "and goes on without them when told so", s)
    # the table has the batch, only its commit is missing: nothing is lost, whatever the stream holds
    put(srv, "geo-stream", blobs_of(random.Random(9), 30, 30, 0))
    srv.fault("lake.stream.commit error=Boom on=1")
    srv.clock("advance 1s")
    srv.faults_clear()
    srv.clock("advance 25h")
    srv.start("geo", failOnDataLoss="true")
    srv.clock("advance 1s")
    s = srv.status("geo")
    ok(s["isActive"] and not s["exception"] and len(our_rows(srv, "geo_table")) == 30, "a batch that the table has needs no records", s)
    srv.stop()


def duplicates():
    srv = Server()
    row = lambda i, a: json.dumps({"ind": i, "first_name": "A", "last_name": str(a), "age": a}).encode()
    for variant, want in (("duplicates=ind", [1, 2, 3]), ("users.duplicates=row", [1, 1, 2, 3]), (None, [1, 1, 1, 2, 2, 3, 3])):
        name = f"q-{(variant or 'none').split('=')[1 if variant else 0]}"
        srv.start(name, streamName="user-stream", initialPosition="earliest", trigger="200ms", **({"variant": variant} if variant else {}))
    time.sleep(0.1)
    for batch in ([row(1, 20), row(1, 20), row(2, 20)], [row(1, 21), row(2, 20), row(3, 20)], [row(3, 20)]):
        put(srv, "user-stream", batch)
        for name in ("q-ind", "q-row", "q-none"):
            caught_up(srv, name, "user-stream")
        srv.kill()
        srv.up()
    for name, want in (("q-ind", [1, 2, 3]), ("q-row", [1, 1, 2, 3]), ("q-none", [1, 1, 1, 2, 2, 3, 3])):
        same(sorted(r["ind"] for r in our_rows(srv, name)), want, f"{name}: records that were sent again, over batches and deaths")
    # one shared stream: the partition key says whose the record is
    srv.start("keyed", streamName="user-stream", initialPosition="earliest", partitionKey="me", trigger="100ms")
    put(srv, "user-stream", [row(50, 20)], key="me")
    srv.kinesis.put_record(StreamName="user-stream", Data=row(51, 20), PartitionKey="me")
    s = caught_up(srv, "keyed", "user-stream")
    same([r["ind"] for r in our_rows(srv, "keyed")], [51], "partitionKey: only records with that key")
    srv.stop()


def same_bytes():
    sums = []
    for _ in range(2):
        srv = Server(args=("--clock", "2026-01-05T09:00:00Z", "--seed", "5"))
        rnd = random.Random(11)
        srv.start("geo")
        for i in range(5):
            put(srv, "geo-stream", blobs_of(rnd, i * 100, 100))
            if i == 2:
                srv.fault("lake.stream.table error=Boom on=1")
            srv.clock("advance 1s")
            if i == 2:
                srv.faults_clear()
                srv.start("geo")
                srv.clock("advance 1s")
        o = Objects(srv.s3)
        sums.append({k: o.get(k) for k in o.keys("tables/") + o.keys("checkpoints/")})
        srv.stop()
    differ = [k for k in set(sums[0]) | set(sums[1]) if sums[0].get(k) != sums[1].get(k)]
    ok(not differ and len(sums[0]) > 20, f"same seed and clock: {len(sums[0])} objects of tables and checkpoints are the same bytes", differ)


def main():
    tests = [simple, steps, under_load, broken_store, shared_checkpoint, two_processes, two_writers, positions, same_rules, lost_batch, duplicates, same_bytes]
    only = sys.argv[1:]
    if not MODULES:
        print("# SKIP: hyparquet: TARN_NODE_MODULES names no folder of npm packages; our own reader stands alone")
    try:
        for t in tests:
            if not only or t.__name__ in only:
                t()
    finally:
        if all(results):
            shutil.rmtree(TMP, ignore_errors=True)
        else:
            print(f"# kept: {TMP}")
    print(f"1..{len(results)}")
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
