"""What the tests of streaming queries share: a stack with streams and queries, a producer's records, and the comparison of all
that a stream holds with the Delta table and its quarantine: by a replay of the log, with hyparquet (TARN_NODE_MODULES), and by
our own reader."""
import base64
import collections
import datetime
import json
import subprocess

from readers import MODULES, counted, fetch, hyparquet, our_rows, replay
from tarn import Stack, call, need, ok, until

need("boto3")
BUCKET = "lake-bucket"
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


class Streaming(Stack):
    bucket = BUCKET

    def __init__(self, *args, only="s3,kinesis,lake,streaming", conf=CONF, clock=None):
        super().__init__(*args, only=only, conf=conf, clock=clock)

    def up(self):
        super().up()
        if "aws" in self.at:
            self.kinesis, self.s3 = (self.client(s, connect_timeout=5, read_timeout=20) for s in ("kinesis", "s3"))

    def api(self, method, path, body=None):
        r = call(method, f"{self.at['lake']}/api/tarn/streams{path}", {} if body is None and method == "POST" else body)
        return r.status, r.json()

    def start(self, name, **options):
        return self.api("POST", f"/{name}/start", options)

    def status(self, name):
        return self.api("GET", f"/{name}")[1]

    def died(self):
        """Whether the process ends by itself."""
        try:
            return self.proc.wait(30) == -9
        except subprocess.TimeoutExpired:
            return False

    def wait(self, name, want, seconds=30):
        """Until the query has nothing more to read and want(status) holds."""
        return until(lambda: self.status(name), lambda s: s["exception"] or want(s), seconds)

    def rows(self, table):
        return our_rows(self, f"tables/{table}")


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

def foreign_rows(srv, table):
    """Rows as hyparquet reads them (None without it), the live files, the txns."""
    live, txns = replay(srv, f"tables/{table}")
    return hyparquet(*fetch(srv, f"tables/{table}", live)) if MODULES else None, live, txns


def geo_tuple(r):
    t = r.get("timestamp")
    t = str(datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=t)) if isinstance(t, int) else t
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
    rows, live, txns = foreign_rows(srv, table)
    problems = []
    if rows is not None:
        got = collections.Counter(map(geo_tuple, rows))
        if got != want:
            problems.append(("hyparquet", list((got - want).items())[:3], list((want - got).items())[:3]))
    got = collections.Counter(map(geo_tuple, srv.rows(table)))
    if got != want:
        problems.append(("ours", list((got - want).items())[:3], list((want - got).items())[:3]))
    if counted(live) != sum(want.values()):
        problems.append(("log", counted(live), sum(want.values())))
    if len(set(txns)) != len(txns):
        problems.append(("a batch is in the log twice", txns))
    got = collections.Counter()
    if bad or srv.keys(f"tables/{table}_quarantine/"):
        rows, _, _ = foreign_rows(srv, f"{table}_quarantine")
        for r in (rows if rows is not None else srv.rows(f"{table}_quarantine")):
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

    def done(s):
        folder = (s.get("checkpoint") or "").removeprefix(f"s3://{BUCKET}/")
        numbers = {part: {int(k.rsplit("/", 1)[1]) for k in srv.keys(f"{folder}/{part}/")} for part in ("offsets", "commits")}
        if not numbers["offsets"] or max(numbers["offsets"]) not in numbers["commits"]:
            return False
        entry = json.loads(srv.get(f"{folder}/offsets/{max(numbers['offsets'])}").decode().splitlines()[2])
        ends = {e["shard"]["shardId"]: e["lastSeqNum"] for e in entry}
        return all(ends.get(sh) == seq for sh, seq in last.items())
    srv.wait(name, done, seconds)
    # the status tells of a batch right after its commit
    return srv.wait(name, lambda s: not s["status"]["isDataAvailable"], 5)
