#!/usr/bin/python3
"""Streaming queries with a real producer (boto3): what starts, stops and goes on, options, and whose offsets and rules hold.
Tables are read back as streaming.py says, and by DuckDB and ClickHouse's Delta reader where they are."""
import json
import random
import sys
import time

from readers import clickhouse, counted, duck, fetch, have, replay
from streaming import BUCKET, CONF, Streaming, all_records, blobs_of, caught_up, compare_geo, geo_row, put
from tarn import done, ok, same, skip


def simple():
    srv = Streaming()
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
    ids = json.loads(srv.get("checkpoints/geo/metadata"))
    same(ids, {"id": s["id"]}, "checkpoint/metadata holds the query's id")
    o = srv.get("checkpoints/geo/offsets/0").decode().splitlines()
    ok(o[0] == "v1" and "batchTimestampMs" in json.loads(o[1]) and json.loads(o[2])[0]["shard"]["stream"] == "geo-stream", "offsets/0 has Spark's three lines", o)
    same(srv.get("checkpoints/geo/commits/0").decode(), 'v1\n{"nextBatchWatermarkMs":0}', "commits/0 is Spark's")
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
    live, _ = replay(srv, "tables/geo_table")
    if have("@duckdb/node-api"):
        names = ",".join(f"'{f}'" for f in fetch(srv, "tables/geo_table", live))
        got, = duck(f"SELECT count(*), count(DISTINCT ind) FROM read_parquet([{names}])")
        same(int(got[0][0]), counted(live), "DuckDB counts the same rows")
    else:
        skip("DuckDB counts the same rows", "TARN_NODE_MODULES has no @duckdb")
    if have("chdb"):
        got, = clickhouse(f"SELECT count() AS n, uniqExact(ind) AS d FROM deltaLake('{srv.at['aws']}/{BUCKET}/tables/geo_table/','test','test')")
        same(int(got[0]["n"]), len(srv.rows("geo_table")), "ClickHouse's Delta reader counts the same rows")
    else:
        skip("ClickHouse's Delta reader counts the same rows", "TARN_NODE_MODULES has no chdb")
    srv.stop()


def shared_checkpoint():
    srv = Streaming()
    rnd = random.Random(6)
    folder = "/tmp/kinesis/_checkpoints/"
    put(srv, "geo-stream", blobs_of(rnd, 0, 50, 0))
    put(srv, "pin-stream", [b'{"index":1,"title":"t"}'] * 5)
    srv.start("geo", checkpointLocation=folder)
    caught_up(srv)
    before = {k: srv.get(k) for k in srv.keys("dbfs/tmp/kinesis/")}
    status, e = srv.start("pin", checkpointLocation=folder)
    ok(status == 500 and "geo-stream" in e["message"] and "did not come from this stream" in e["message"],
       "a second stream on the folder fails, and says whose offsets are there", e)
    s = srv.status("geo")
    ok(not s["isActive"] and "Stopping existing streaming query" in s["status"]["message"], "the first one was stopped, as Spark 3 does, and says so", s)
    after = {k: srv.get(k) for k in srv.keys("dbfs/tmp/kinesis/")}
    same(after, before, "nothing was written into the folder")
    same(srv.keys("tables/pin_table"), [], "nor into a table")
    put(srv, "geo-stream", blobs_of(rnd, 50, 50, 0))
    status, s = srv.start("geo", checkpointLocation=folder)
    caught_up(srv)
    compare_geo(srv, "the first query goes on where it was")
    status, s = srv.start("pin")
    ok(status == 200 and caught_up(srv, "pin", "pin-stream")["totals"]["numOutputRows"] == 5, "with a folder of its own the second reads all it missed", s)
    srv.stop()


def two_processes():
    """The same checkpoint in two processes; the second one reaches stream and store over HTTP."""
    srv = Streaming()
    rnd = random.Random(7)
    put(srv, "geo-stream", blobs_of(rnd, 0, 50))
    srv.start("geo")
    caught_up(srv)
    other = Streaming(only="lake,streaming", conf=CONF + f"[remote]\ns3 = {srv.at['aws']}\nkinesis = {srv.at['aws']}\n")
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


def positions():
    srv = Streaming(clock="2026-01-05T09:00:00Z")
    put(srv, "user-stream", [json.dumps({"ind": i, "first_name": "A", "last_name": "B", "age": 20, "date_joined": "2016-01-01"}).encode() for i in range(10)])
    status, s = srv.start("late", streamName="user-stream", initialPosition="latest")
    ok(status == 200, "a query that the stack doesn't know is given its options", s)
    srv.stop()
    srv.up() # before it has read anything
    srv.clock("freeze 2026-01-05T09:00:00Z")
    put(srv, "user-stream", [json.dumps({"ind": i, "first_name": "A", "last_name": "B", "age": 20, "date_joined": "2016-01-01"}).encode() for i in range(10, 15)])
    srv.clock("advance 1s")
    got = sorted(r["ind"] for r in srv.rows("late"))
    same(got, [10, 11, 12, 13, 14], "latest: what was put after the first start, of the same millisecond, too")
    srv.clock("advance 1h")
    put(srv, "user-stream", [b'{"ind":20,"age":1}'])
    srv.start("timed", streamName="user-stream", initialPosition="at_timestamp", initialTimestamp="2026-01-05T09:30:00Z", trigger="once")
    same([r["ind"] for r in srv.rows("timed")], [20], "at_timestamp")
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
    got = sorted(r["ind"] for r in srv.rows("late"))
    ok(status == 200 and 31 in got and 30 not in got, "failOnDataLoss=false goes on without them", (status, s, got))
    srv.stop()


def same_rules():
    """A batch that runs again is cleaned by the variants it was begun with, the next one by those chosen meanwhile."""
    srv = Streaming()
    srv.fault("lake.stream.table error=Boom")
    put(srv, "geo-stream", [b'{"ind":1,"country":"Chile"}', b'{"ind":2,"country":"Peru"}', b"torn"])
    srv.start("geo")
    srv.wait("geo", lambda s: not s["isActive"])
    srv.faults_clear()
    srv.start("geo", variant="geo.nulls=drop")
    caught_up(srv)
    put(srv, "geo-stream", [b'{"ind":3,"country":"Chile"}', json.dumps(geo_row(4, random.Random(1))).encode()])
    s = caught_up(srv)
    same(sorted(r["ind"] for r in srv.rows("geo_table")), [1, 2, 4], "variants: the old batch keeps its own")
    same((s["totals"]["dropped"], len(srv.rows("geo_table_quarantine"))), (1, 1), "one row left out, one record in quarantine, once")
    srv.stop()


def lost_batch():
    """A batch that was begun can't be read any more."""
    srv = Streaming(clock="2026-01-05T09:00:00Z")
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
    ok(s["isActive"] and not s["exception"] and len(srv.rows("geo_table")) == 30, "a batch that the table has needs no records", s)
    srv.stop()


def duplicates():
    srv = Streaming()
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
        same(sorted(r["ind"] for r in srv.rows(name)), want, f"{name}: records that were sent again, over batches and deaths")
    # one shared stream: the partition key says whose the record is
    srv.start("keyed", streamName="user-stream", initialPosition="earliest", partitionKey="me", trigger="100ms")
    put(srv, "user-stream", [row(50, 20)], key="me")
    srv.kinesis.put_record(StreamName="user-stream", Data=row(51, 20), PartitionKey="me")
    s = caught_up(srv, "keyed", "user-stream")
    same([r["ind"] for r in srv.rows("keyed")], [51], "partitionKey: only records with that key")
    srv.stop()


def same_bytes():
    sums = []
    for _ in range(2):
        srv = Streaming("--seed", "5", clock="2026-01-05T09:00:00Z")
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
        sums.append(srv.objects("tables/") | srv.objects("checkpoints/"))
        srv.stop()
    differ = [k for k in set(sums[0]) | set(sums[1]) if sums[0].get(k) != sums[1].get(k)]
    ok(not differ and len(sums[0]) > 20, f"same seed and clock: {len(sums[0])} objects of tables and checkpoints are the same bytes", differ)


for t in (simple, shared_checkpoint, two_processes, positions, same_rules, lost_batch, duplicates, same_bytes):
    if not sys.argv[1:] or t.__name__ in sys.argv[1:]:
        t()
done()
