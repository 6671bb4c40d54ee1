#!/usr/bin/python3
"""Streaming queries with a real producer (boto3): whatever dies when, each record that the stream holds is in the Delta table
once, or once in its quarantine."""
import collections
import json
import os
import random
import sys
import threading
import time

from streaming import CONF, Streaming, all_records, blobs_of, caught_up, compare_geo, foreign_rows, geo_clean, geo_tuple, put
from tarn import done, need, ok

exceptions = need("botocore.exceptions")
KILLS = int(os.environ.get("STREAM_KILLS", "15"))


SITES = ["offsets", "rows", "quarantine", "table", "commit", "end"]


def steps():
    """Death between any two steps, of the first batch, a middle one, and of the batch that runs again."""
    srv = Streaming()
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
                except (exceptions.EndpointConnectionError, exceptions.HTTPClientError, OSError):
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
    srv = Streaming()
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
    far = Streaming(only="s3,kinesis,lake,streaming")
    srv = Streaming(only="lake,streaming", conf=CONF + f"[remote]\ns3 = {far.at['aws']}\nkinesis = {far.at['aws']}\n")
    srv.at["aws"], srv.s3, srv.kinesis = far.at["aws"], far.s3, far.kinesis
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


def two_writers():
    """Two queries, two checkpoints, one table: each record is there once for each of them."""
    srv = Streaming()
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
    rows, live, txns = foreign_rows(srv, "both")
    rows = rows if rows is not None else srv.rows("both")
    got = collections.Counter(map(geo_tuple, rows))
    ok(got == held and len({a for a, _ in txns}) == 2, f"two queries into one table, and deaths: {len(txns)} commits, {sum(got.values())} rows",
       (list((got - held).items())[:3], list((held - got).items())[:3]))
    srv.stop()


for t in (steps, under_load, broken_store, two_writers):
    if not sys.argv[1:] or t.__name__ in sys.argv[1:]:
        t()
done()
