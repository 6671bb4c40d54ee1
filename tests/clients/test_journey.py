#!/usr/bin/python3
"""A record's journey: every hop is what the services have, by every way to ask for it, while it waits, after a restart, in quarantine and
through a stream."""
import json

from tarn import BUCKET, USER, Stack, call, done, ok, parts, same, tarn

JSON = "application/vnd.kafka.json.v2+json"
BATCH = "rds>apigateway>kafka-rest>kafka>connect-s3>s3"


def journey(s, id):
    return call("GET", s.at["control"] + "/api/journey/" + id.replace("#", "%23")).json()


def kinds(j):
    return [(h["kind"], h["state"]) for h in j["hops"]]


def hop(j, kind):
    return next((h for h in j["hops"] if h["kind"] == kind), {})


def post(s, topic, value, trace=None):
    headers = {"Content-Type": JSON, **({"X-Tarn-Trace": trace} if trace else {})}
    r = call("POST", s.at["apigateway"] + "/prod/topics/" + topic, json.dumps({"records": [{"value": v} for v in value]}), headers)
    return r.json()["offsets"]


def batch(s):
    row = {"index": 77, "unique_id": "u", "title": "No Title Data Available", "follower_count": "3k", "category": "art"}
    post(s, f"{USER}.pin", [row], "mine-1")
    s.settle()
    j = journey(s, "index=77")
    same((j["found"], j["path"], j["trace"], j["record"]), (True, BATCH, "mine-1", f"{USER}.pin/0/0"), "found by a member, before anybody cleaned")
    same(kinds(j)[-1], ("clean", "waiting"), "cleaning is waited for")
    s.run("clean")
    j = journey(s, "mine-1")
    same(j["path"], BATCH + ">lake", "found by the trace that its client sent; the lake has it")
    same([k for k, _ in kinds(j)], ["row", "request", "template", "record", "object", "clean", "commit", "question"], "all hops, in order")
    ok(all(state == "done" for _, state in kinds(j)), "all are done", kinds(j))
    same(hop(j, "row")["facts"]["index"], "77", "the row of rds has its key")
    same(json.loads(hop(j, "request")["input"])["records"][0]["value"], row, "the request as it was sent")
    same(json.loads(hop(j, "record")["output"]), row, "the record")
    object_ = hop(j, "object")["facts"]
    same((object_["bucket"], object_["line"], object_["connector"]), (BUCKET, 1, "s3-sink"), "the object and the line")
    same(json.loads(s.get(object_["key"]).decode().splitlines()[0]), row, "which has it")
    clean = hop(j, "clean")
    same({c: json.loads(clean["output"])[c] for c in ("title", "follower_count", "category")}, {"title": None, "follower_count": 3000, "category": "art"}, "the cleaned row")
    ok({"title", "follower_count"} <= set(clean["changed"]) and not {"category", "unique_id"} & set(clean["changed"]), "changed columns are marked", clean["changed"])
    same(s.sql("SELECT follower_count FROM pin WHERE ind = 77"), [[3000]], "as the table has it")
    same(hop(j, "commit")["facts"]["version"], 0, "since the first version")
    ok("q1_top_category_by_country" in hop(j, "question")["facts"]["questions"], "the questions it counts in")
    s.run("clean")
    same(hop(journey(s, "mine-1"), "commit")["facts"], {"table": "pin", "version": 0, "operation": "WRITE", "newest_version": 1}, "the first version that has it, not the newest")
    for id in (f"{USER}.pin/0/0", f"s3://{BUCKET}/{object_['key']}", f"s3://{BUCKET}/{object_['key']}#1"):
        same(journey(s, id)["hops"], journey(s, "mine-1")["hops"], f"the same by {id.split('/')[0]}")
    s.run("emit", "pinterest", "--count", "3")
    s.settle()
    ok(journey(s, "random")["found"] and journey(s, "random")["record"], "any one")


def not_found(s):
    for id, words in (("index=123456", "no record"), ("s3://nobody/x", "no sink"), (f"{USER}.pin/0/999", "no such record"), ("nope/0/0", "no such record"), ("t-999999999999", "no record"),
                      ("a/b", "an id is"), ("key:none", "no record")):
        j = journey(s, id)
        ok(not j["found"] and words in j["why"], f"{id}: {words}", j)
    run = tarn("trace", "--data", s.data, "index=123456", "--json")
    same((run.returncode, json.loads(run.stdout)["error"]["code"]), (1, "NOT_FOUND"), "tarn trace says so")
    same(tarn("trace", "--data", s.data).returncode, 2, "tarn trace asks which")


def sink(s, name, topic, **more):
    config = {"connector.class": "io.confluent.connect.s3.S3SinkConnector", "topics": topic, "s3.bucket.name": BUCKET, "s3.region": "us-east-1", "tasks.max": "1",
              "storage.class": "io.confluent.connect.s3.storage.S3Storage", "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
              "key.converter": "org.apache.kafka.connect.storage.StringConverter", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
              "value.converter.schemas.enable": "false", **more}
    call("PUT", s.at["connect"] + f"/connectors/{name}/config", config)


def waiting(s):
    sink(s, "three", "more.three", **{"flush.size": "3"})
    call("POST", s.at["rest"] + "/topics/more.three", json.dumps({"records": [{"key": "k", "value": {"n": 1}}, {"value": {"n": 2}}]}), {"Content-Type": JSON})
    s.settle()
    j = journey(s, "n=2")
    same(kinds(j)[-1], ("buffer", "waiting"), "in the sink's buffer")
    ok(hop(j, "buffer")["title"].startswith("waiting: 2 of 3 until flush.size") and "since offset 0" in hop(j, "buffer")["title"], "how many it has, and how many it wants", hop(j, "buffer"))
    same(journey(s, "key:k")["record"], "more.three/0/0", "found by its key")
    call("POST", s.at["rest"] + "/topics/more.three", json.dumps({"records": [{"value": {"n": 3}}]}), {"Content-Type": JSON})
    s.settle()
    same((hop(journey(s, "n=2"), "object")["facts"]["line"], hop(journey(s, "n=3"), "object")["facts"]["offsets"]), (2, "0 to 2"), "then in an object, each in its line")


def gaps(s):
    """Offsets of an object needn't follow each other."""
    sink(s, "gaps", "more.gaps", **{"flush.size": "3", "behavior.on.null.values": "ignore"})
    values = [{"m": i} if i not in (1, 4, 5) else None for i in range(9)]
    call("POST", s.at["rest"] + "/topics/more.gaps", json.dumps({"records": [{"value": v} for v in values]}), {"Content-Type": JSON})
    s.settle()
    for i in (0, 2, 3, 6, 7, 8):
        o = hop(journey(s, f"m={i}"), "object")
        ok(o and json.loads(s.get(o["facts"]["key"]).decode().splitlines()[o["facts"]["line"] - 1]) == values[i], f"offset {i}: the line that has it", o)
        back = journey(s, f"s3://{BUCKET}/{o['facts']['key']}#{o['facts']['line']}")
        same(back.get("record"), f"more.gaps/0/{i}", "and back")
    ok(not hop(journey(s, "more.gaps/0/4"), "object"), "what was left out is in none")


def two_sinks(s):
    """Asked by an object, the journey goes by that one."""
    sink(s, "twin-a", "more.twin", **{"flush.size": "1"})
    sink(s, "twin-b", "more.twin", **{"flush.size": "1", "topics.dir": "second"})
    call("POST", s.at["rest"] + "/topics/more.twin", json.dumps({"records": [{"value": {"t": 1}}]}), {"Content-Type": JSON})
    s.settle()
    for key in s.keys("second/more.twin") + s.keys("topics/more.twin"):
        same(hop(journey(s, f"s3://{BUCKET}/{key}"), "object")["facts"]["key"], key, key)


def quarantine(s):
    post(s, f"{USER}.pin", [{"title": "without its key"}], "bad-1")
    s.settle()
    same(kinds(journey(s, "bad-1"))[-1], ("quarantine", "waiting"), "a line that can't be a row, before cleaning")
    s.run("clean")
    q = hop(journey(s, "bad-1"), "quarantine")
    same(q["state"], "quarantined", "it is in quarantine")
    same(s.sql(f"SELECT reason FROM quarantine WHERE record LIKE '%without its key%'"), [[q["facts"]["reason"]]], "for the reason that the lake has")


def stream(s):
    data = json.dumps({"index": 88, "title": "t", "follower_count": "2M"})
    r = call("PUT", s.at["apigateway"] + f"/prod/streams/streaming-{USER}-pin/record",
             json.dumps({"StreamName": f"streaming-{USER}-pin", "Data": json.loads(data), "PartitionKey": "p"}), {"Content-Type": "application/json", "X-Tarn-Trace": "mine-2"})
    same(r.status, 200, "put by the gateway")
    j = journey(s, "mine-2")
    same(j["path"], "rds>apigateway>kinesis", "in the stream")
    ok("$input" in hop(j, "template")["facts"]["template"], "the mapping template", hop(j, "template"))
    same(json.loads(hop(j, "record")["output"]), json.loads(data), "the record's data")
    same(hop(j, "record")["facts"]["sequence"], r.json()["SequenceNumber"], "its sequence number")
    same(kinds(j)[-1], ("clean", "waiting"), "no query has read it")
    s.run("stream", "start", "pin")
    s.settle()
    j = journey(s, "index=88")
    same((j["path"], hop(j, "commit")["facts"]["table"]), ("rds>apigateway>kinesis>streaming>lake" if "trace" in j else "rds>kinesis>streaming>lake", f"`{USER}_pin_table`"),
         "cleaned into the query's table")


def restarted(s):
    before = journey(s, f"{USER}.pin/0/0")
    s.kill()
    s.up()
    after = journey(s, f"{USER}.pin/0/0")
    same([h for h in after["hops"]], [h for h in before["hops"] if h["kind"] not in ("request", "template")], "after kill -9: all but what was in requests")


with Stack(clock="2026-01-05T09:00:00Z") as s:
    parts(batch, not_found, waiting, gaps, two_sinks, quarantine, stream, restarted, args=(s,))
done()
