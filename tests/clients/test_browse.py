#!/usr/bin/python3
"""What the console's pages look at: records of topics and streams, objects of buckets, MySQL's tables, and services on the control port."""
import json
import urllib.parse

from tarn import BUCKET, USER, Stack, call, done, same

JSON = "application/vnd.kafka.json.v2+json"
TOPIC = f"{USER}.pin"


def get(s, path, **query):
    return call("GET", s.at["control"] + path + ("?" + urllib.parse.urlencode(query) if query else ""))


def post(s, values):
    call("POST", s.at["apigateway"] + "/prod/topics/" + TOPIC, json.dumps({"records": [{"value": v} for v in values]}), {"Content-Type": JSON}).json()


def offsets(s, **query):
    return [r["offset"] for r in get(s, "/api/records", topic=TOPIC, **query).json()["records"]]


def records(s):
    post(s, [{"index": i, "in": {"a": f"word {i}"}, "title": "é" * 40000 if i == 7 else "x"} for i in range(10)])
    topics = {t["name"]: t["partitions"] for t in get(s, "/api/streams").json()["topics"]}
    same(topics[TOPIC], [{"partition": 0, "start": 0, "end": 10}], "a topic's partitions with their offsets")
    same(offsets(s), list(range(9, -1, -1)), "the newest first")
    same(offsets(s, limit=3), [9, 8, 7], "no more than asked for")
    same(offsets(s, **{"from": "oldest", "limit": 2}), [0, 1], "the oldest")
    same(offsets(s, **{"from": "4", "limit": 2}), [4, 5], "from an offset")
    same(offsets(s, **{"from": "2000-01-01T00:00:00Z", "limit": 1}), [0], "from a time")
    same(offsets(s, **{"from": "2199-01-01T00:00:00Z"}), [], "which may be later than all")
    for text, want in (("word 3", [3]), ("$.index == 4", [4]), ("$.in.a == word 5", [5]), ("$.index >= 8", [9, 8]), ('$.in.a == "word 6"', [6]), ("$.no.such == 1", [])):
        same(offsets(s, filter=text), want, f"filter {text}")
    one = get(s, "/api/records", topic=TOPIC, **{"from": "7", "limit": 1}).json()["records"][0]
    same((one["cut"], len(one["value"].encode()) <= 65536, one["bytes"] > 80000, one["id"]), (True, True, True, f"{TOPIC}/0/7"), "a long one is cut, between characters")
    for query, status in (({"topic": "none"}, 404), ({"topic": TOPIC, "partition": "9"}, 404), ({}, 400), ({"topic": TOPIC, "limit": "0"}, 400), ({"topic": TOPIC, "from": "soon"}, 400)):
        same(get(s, "/api/records", **query).status, status, f"refused: {query}")


def stream(s):
    kinesis = s.client("kinesis")
    kinesis.create_stream(StreamName="looked-at", ShardCount=2)
    s.clock("advance 1m")
    for i in range(6):
        kinesis.put_record(StreamName="looked-at", PartitionKey=f"k{i}", Data=b'{"n": %d}' % i if i else b"\xff")
    shards = next(x for x in get(s, "/api/streams").json()["streams"] if x["name"] == "looked-at")["shards"]
    same([(x["shard"], x["open"]) for x in shards], [(f"shardId-{i:012}", True) for i in range(2)], "a stream's shards")
    got = get(s, "/api/records", stream="looked-at").json()["records"]
    same((len(got), {r["key"] for r in got}), (6, {f"k{i}" for i in range(6)}), "records of all shards")
    same([(r["base64"], r["value"]) for r in got if r["key"] == "k0"], [(True, "/w==")], "bytes that are no text")
    same(len(get(s, "/api/records", stream="looked-at", limit=2).json()["records"]), 2, "a limit")
    at = got[-1]
    again = get(s, "/api/records", stream="looked-at", shard=at["shard"], limit=1, **{"from": at["sequence"]}).json()["records"]
    same(again[0]["sequence"], at["sequence"], "from a sequence number")
    j = get(s, "/api/journey/" + at["id"]).json()
    same((j["found"], [h["facts"]["sequence"] for h in j["hops"] if h["kind"] == "record"]), (True, [at["sequence"]]), "a record's id is that of its journey")
    same(get(s, "/api/records", stream="none").status, 404, "no such stream")


def objects(s):
    post(s, [{"index": 100 + i} for i in range(2)])
    s.settle()
    same(BUCKET in [b["name"] for b in get(s, "/api/objects").json()["buckets"]], True, "buckets")
    same(get(s, "/api/objects/" + BUCKET).json()["folders"], ["topics/"], "folders, each once")
    base = f"topics/{TOPIC}/partition=0/"
    listed = get(s, "/api/objects/" + BUCKET, prefix=base).json()
    same((len(listed["objects"]), listed["folders"], listed["after"]), (12, [], None), "objects of a folder")
    key = listed["objects"][0]["key"]
    r = get(s, f"/api/objects/{BUCKET}/{key}")
    same((json.loads(r.text.split("\n")[0])["index"], r.headers["Content-Type"], r.headers["X-Content-Type-Options"]), (0, "text/plain; charset=utf-8", "nosniff"), "an object is text, never a page")
    same(get(s, f"/api/objects/{BUCKET}/{key}", max=5).text, '{"in"', "its beginning")
    s.client("s3").put_object(Bucket=BUCKET, Key="large", Body=bytes((64 << 20) + 1))
    r = get(s, f"/api/objects/{BUCKET}/large")
    same((r.status, "aws s3 cp" in r.text), (413, True), "one that is too large for it")
    same([get(s, "/api/objects/none").status, get(s, f"/api/objects/{BUCKET}/none").status], [404, 404], "no such bucket, no such object")


def mysql(s):
    def sql(text):
        return call("POST", s.at["control"] + "/api/rds/sql", text, {"X-Tarn": "1"})

    r = sql("SELECT 1 AS one, 2.5 AS f, NULL AS none, 'é' AS t").json()
    same((r["columns"], r["rows"], r["truncated"]), (["one", "f", "none", "t"], [["1", "2.5", None, "é"]], False), "a statement of MySQL")
    same(sql("SELECT nothing FROM nowhere").status, 400, "its error")
    same(call("POST", s.at["control"] + "/api/rds/sql", "SELECT 1").status, 403, "not for any web page")


def services(s):
    same(get(s, "/connectors").json(), ["s3-sink"], "Connect on the control port")
    same(get(s, "/v3/clusters").json()["data"][0]["cluster_id"], "tarn", "the REST proxy's v3, too")
    same("dags" in get(s, "/api/v1/dags").json(), True, "and Airflow's API")
    same("SELECT" in get(s, "/api/tarn/queries").json()["queries"][0]["sql"], True, "questions have their statement")


with Stack(clock="2026-01-05T09:00:00Z") as s:
    records(s)
    stream(s)
    objects(s)
    mysql(s)
    services(s)
done()
