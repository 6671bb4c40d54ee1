#!/usr/bin/python3
"""kill -9 under mixed load over all services: whatever was acknowledged is there after the next start, once. KILLS: how often (4)."""
import collections
import itertools
import json
import os
import random
import time

import load
from tarn import USER, call, done, need, ok, same, until

kafka = need("kafka")
KILLS = int(os.environ.get("KILLS", "4"))


def marks(srv, topic):
    c = kafka.KafkaConsumer(bootstrap_servers=["%s:%d" % srv.address("kafka")], auto_offset_reset="earliest", enable_auto_commit=False,
                            consumer_timeout_ms=20000)
    partition = kafka.TopicPartition(topic, 0)
    c.assign([partition])
    end, found = c.end_offsets([partition])[partition], []
    while c.position(partition) < end:
        for records in c.poll(5000).values():
            found += [json.loads(r.value)["mark"] for r in records]
    c.close()
    return found


def in_stream(srv):
    k, found = srv.client("kinesis"), []
    for shard in k.list_shards(StreamName="load")["Shards"]:
        at = k.get_shard_iterator(StreamName="load", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while at:
            r = k.get_records(ShardIterator=at)
            found += [int(one["Data"]) for one in r["Records"]]
            at = r["NextShardIterator"] if r["Records"] else None
    return found


def objects(srv):
    """Those that are whole."""
    whole = []
    for key in srv.keys(bucket="load"):
        n = key.isdigit() and int(key)
        if n and srv.get(key, bucket="load") == b"%d " % n * (20000 if n % 5 == 0 else 20):
            whole.append(n)
    return whole


def rows(srv):
    host, port = srv.address("rds")
    c = load.pymysql.connect(host=host, port=port, user="root", password="", database=load.DATABASE)
    with c.cursor() as q:
        q.execute("SELECT id, s FROM loads")
        return [n for n, s in q.fetchall() if s == f"row {n}"]


def managed(srv):
    """Those that all three control planes know."""
    apis = []
    gw = srv.client("apigateway")
    for page in gw.get_paginator("get_rest_apis").paginate():
        apis += [a["name"] for a in page["items"]]
    jobs, offset = [], 0
    while page := call("GET", f"{srv.at['lake']}/api/2.1/jobs/list?limit=100&offset={offset}").json().get("jobs"):
        jobs += [j["settings"]["name"] for j in page]
        offset += len(page)
    names, offset = [], 0
    while page := call("GET", f"{srv.at['airflow']}/api/v1/variables?limit=100&offset={offset}").json()["variables"]:
        names += [v["key"] for v in page]
        offset += len(page)
    all_three = set(apis) & set(jobs) & set(names)
    return [int(n.split("-")[1]) for n in all_three if n.startswith("load-")]


chance = random.Random(int(os.environ.get("SEED", "9")))
acked, numbers = {}, itertools.count(1)
srv = load.up()
for _ in range(KILLS):
    running = load.Load(srv, load.WRITES + [load.dags, load.stream, load.lake, load.subscribe], acked, numbers)
    before, more = {k: len(v) for k, v in acked.items()}, chance.randrange(1, 30)
    until(lambda: all(len(acked.get(k.__name__, ())) >= before.get(k.__name__, 0) + more for k in load.WRITES))
    time.sleep(chance.uniform(0, 0.1))
    srv.kill()
    running.end()
    srv.up()
print("# acknowledged: " + ", ".join(f"{len(v)} {k}" for k, v in acked.items() if v), flush=True)
for kind, look in ((load.gateway, lambda: marks(srv, f"{USER}.pin")), (load.rest, lambda: marks(srv, f"{USER}.geo")), (load.kinesis, lambda: in_stream(srv)),
                   (load.s3, lambda: objects(srv)), (load.rds, lambda: rows(srv)), (load.manage, lambda: managed(srv))):
    name, found = kind.__name__, look()
    ok(len(acked[name]) >= KILLS, f"{name}: {len(acked[name])} writes were acknowledged between {KILLS} kills")
    same(sorted(set(acked[name]) - set(found)), [], f"{name}: nothing acknowledged is lost")
    same([n for n, times in collections.Counter(found).items() if times > 1], [], f"{name}: nothing is there twice")
same(srv.stop(), 0, "it ends")
done()
