#!/usr/bin/python3
"""Stacks that the program doesn't know: one made here from scratch, file by file; the second built-in one; and what a stack that
is wrong is told."""
import json
import os

from tarn import FIXTURES, Stack, TMP, call, done, log, ok, same, stack_folder, tarn, until

BIRDS = {
    "stack.conf": """[stack]
user = park
rows = 40
[rds]
database = park
[entities]
warden = leaning
[emit.birds]
datasets = sightings
api = POST /topics/${topic} application/vnd.kafka.json.v2+json {"records": [{"value": ${row}}]}
live = POST /streams/${stream} application/json {}
nest = POST /topics/${topic} application/json {"nest": "${row.nest}"}
[topics]
park.sightings = 1
[buckets]
park =
[connect]
properties = sink.properties
[apigateway]
api = api.json
stages = dawn
[apigateway.hosts]
proxy.park:8082 = rest
[lake]
bucket = park
""",
    "datasets/sightings.dataset": """source sightings
  id BIGINT row from 1
  bird VARCHAR(20) share bird
  seen INT number 1..9
  shy BOOLEAN '0'
    when 30%: '1'
  warden VARCHAR(20) 'warden ' row of warden
    when row 0: '?'
topic ${user}.sightings
table sightings
  id integer key
  bird text
  seen integer
  shy boolean
  warden text
rules
  warden: null if '?'
""",
    "seed/bird.txt": "wren\nowl\n",
    "queries/birds.sql": "-- How many of each bird?\nSELECT bird, COUNT(*) AS sightings, SUM(seen) AS seen FROM sightings GROUP BY bird ORDER BY bird",
    "sink.properties": """connector.class=io.confluent.connect.s3.S3SinkConnector
topics=park.sightings
flush.size=1
s3.bucket.name=park
s3.region=eu-west-1
storage.class=io.confluent.connect.s3.storage.S3Storage
format.class=io.confluent.connect.s3.format.json.JsonFormat
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
key.converter=org.apache.kafka.connect.storage.StringConverter
""",
    "api.json": json.dumps({"openapi": "3.0.1", "info": {"title": "park", "version": "1"}, "paths": {"/{proxy+}": {"x-amazon-apigateway-any-method": {
        "parameters": [{"name": "proxy", "in": "path", "required": True, "schema": {"type": "string"}}],
        "x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "ANY", "uri": "http://proxy.park:8082/{proxy}",
                                            "requestParameters": {"integration.request.path.proxy": "method.request.path.proxy"}}}}}}),
}


def folder(**changes):
    files = {**BIRDS, **changes}
    conf = files.pop("stack.conf")
    return stack_folder(conf, files=files)


def from_scratch():
    with Stack(stack=folder()) as s:
        r = s.run("emit", "birds")
        same((r.returncode, "sent 40 posts" in r.stderr, "/dawn" in r.stderr), (0, True, True), f"every row once, to the stack's stage: {r.stderr!r}")
        s.settle()
        r = s.run("clean")
        same(r.returncode, 0, f"clean {r.stderr!r}")
        rows = s.answer("query", "birds")["rows"]
        same([row[:2] for row in rows], [["owl", 20], ["wren", 20]], "its question has its answer")
        ok(all(20 < row[2] < 180 for row in rows), "of what was seen", rows)
        shy = s.answer("sql", "SELECT COUNT(*) FROM sightings WHERE shy")["rows"][0][0]
        ok(3 <= shy <= 22, "a boolean column", shy)
        same(s.answer("sql", "SELECT id FROM sightings WHERE warden IS NULL")["rows"], [[1]], "its rule, on its one row")
        same(s.answer("sql", "SELECT COUNT(*) FROM raw_sightings WHERE warden = '?'")["rows"], [[1]], "the topic as it is")
        same(s.run("seed", "--count", "5").returncode, 0, "tarn seed knows the stack that runs")
        r = s.run("emit", "birds", "--first", "4", "--count", "1")
        same(r.returncode, 0, "the last of five")
        r = s.run("emit", "birds", "--first", "4", "--count", "2")
        same((r.returncode, "no row 5" in r.stderr), (1, True), "and no sixth")
        r = s.run("emit", "pinterest")
        same((r.returncode, "no emitter pinterest; there is birds" in r.stderr), (2, True), "no other stack's emitter")
        r = s.run("emit", "birds", "--via", "kinesis")
        same((r.returncode, "not a way: kinesis (api, live, nest)" in r.stderr), (2, True), "no other way than its own")
        for way, name in (("live", "stream"), ("nest", "row.nest")):
            r = s.run("emit", "birds", "--via", way, "--count", "1")
            same((r.returncode, f"[emit.birds]: ${{{name}}} is nothing of the dataset sightings" in r.stderr), (1, True), f"{name}: {r.stderr!r}")
        r = s.run("emit", "birds", "--seed", "3")
        same((r.returncode, "--first" in r.stderr), (2, True), "rows one after another have no seed")
        same(s.run("sql", "SELECT 1 FROM pin").returncode, 2, "no table of the default stack")
        env = s.run("env").stdout
        ok("/park?charset" in env, "its database in the environment", env)


def built_in():
    with Stack(stack="orders") as s:
        stack = s.control("GET", "/_tarn/stack")
        same((stack["name"], stack["user"], stack["database"], stack["stage"]), ("orders", "shop", "shop", "live"), "GET /_tarn/stack")
        same([(d["name"], d["source"], d["topic"], d["stream"], d["table"]) for d in stack["datasets"]],
             [(n, n, f"shop-{n}", f"shop-live-{n}", n) for n in ("customers", "orders", "payments")], "its datasets")
        same(sorted(stack["emit"]), ["customers", "shop"], "its emitters")
        r = s.run("emit", "shop", "--count", "3")
        same((r.returncode, "sent 6 posts" in r.stderr), (0, True), "an order and its payment, three times")
    out = os.path.join(TMP, "shop")
    r = tarn("seed", "--stack", "orders", "--out", out)
    same((r.returncode, sorted(os.listdir(out))), (0, ["customers.csv", "orders.csv", "payments.csv"]), "tarn seed --stack")
    r = tarn("seed", "--stack", os.path.join(FIXTURES, "orders"), "--out", out + "2")
    same([open(f"{out}/{f}").read() == open(f"{out}2/{f}").read() for f in os.listdir(out)], [True] * 3, "built in as it lies in fixtures/")


def banner():
    """What comes next is only said where there are the services for it."""
    with Stack(only="s3"):
        said = until(lambda: log().split("ready in")[-1], lambda text: "try   eval" in text)
        ok("try   eval" in said and "next  " not in said, "nothing to emit with S3 alone", said)


def wrong():
    for changes, says in (({"datasets/sightings.dataset": BIRDS["datasets/sightings.dataset"].replace("shy boolean", "shy bool")},
                           "datasets/sightings.dataset:14: text, integer, number or boolean is wanted here, not bool"),
                          ({"datasets/sightings.dataset": BIRDS["datasets/sightings.dataset"] + "  nest: to integer\n"},
                           "datasets/sightings.dataset:18: the table sightings has no column nest"),
                          ({"datasets/twice.dataset": "table sightings\n  id integer key\n"}, "the table sightings is datasets/sightings.dataset's, too"),
                          ({"cleaning/pin.rules": ""}, "rules stand in datasets/NAME.dataset"),
                          ({"stack.conf": "[stack]\ndatasets = sightings, nests\n"}, "datasets/nests.dataset")):
        r = tarn("up", folder(**changes), "--ports=auto", "--data", os.path.join(TMP, "wrong"))
        ok(r.returncode != 0 and says in r.stderr, f"{says}: {r.stderr.strip()!r}")
    r = tarn("seed", "--stack", folder(**{"stack.conf": "[stack]\nuser = x\n"}), "--out", os.path.join(TMP, "none"))
    ok(r.returncode == 1 and "datasets/sightings.dataset:7: an entity of [entities] in stack.conf is wanted here, not warden" in r.stderr, r.stderr.strip())
    grammar = tarn("help", "datasets").stdout
    ok(grammar.startswith("A dataset is a file") and all(f"  {word}" in grammar for word in ("word LIST", "share LIST", "COLUMN: to integer", "source TABLE")), "tarn help datasets", grammar)
    r = tarn("up", "nowhere")
    ok(r.returncode == 2 and "nowhere" in r.stderr, f"neither built in nor a folder: {r.stderr.strip()!r}")


def objects():
    """[objects]: files of the stack are objects once DBFS or SQL look for them, and stay what a client makes of them."""
    folder = os.path.join(TMP, "objects")
    os.makedirs(os.path.join(folder, "files/deep"))
    for name in ("files/a.csv", "files/deep/b.csv", "one.txt"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(name)
    with open(os.path.join(folder, "stack.conf"), "w", encoding="utf-8") as f:
        f.write("[lake]\nbucket = mine\n[buckets]\nmine =\n[objects]\nmine/dbfs/some/ = files/\nmine/dbfs/x/1.txt = one.txt\nmine/dbfs/y/2.txt = one.txt\n")
    with Stack(stack=folder, only="s3,lake,databricks") as s:
        def listed(path):
            return [f["path"] for f in call("GET", s.at["lake"] + "/api/2.0/dbfs/list?path=" + path).json().get("files", [])]
        same(s.keys("", "mine"), [], "a bucket begins empty")
        same((listed("/x"), s.keys("", "mine")), (["/x/1.txt"], ["dbfs/x/1.txt"]), "what is looked for comes to be")
        same((listed("/some/deep"), s.get("dbfs/some/a.csv", "mine")), (["/some/deep/b.csv"], b"files/a.csv"), "a folder of the stack as a whole")
        same(call("POST", s.at["lake"] + "/api/tarn/sql", "SELECT value FROM text.`dbfs:/y/*`", {"X-Tarn": "1"}).json()["rows"], [["one.txt"]], "SQL looks, too")
        s.s3.put_object(Bucket="mine", Key="dbfs/x/1.txt", Body=b"other")
        s.s3.delete_object(Bucket="mine", Key="dbfs/some/a.csv")
        same(listed("/some"), ["/some/deep"], "what a client deletes stays away")
        s.stop()
        s.up()
        same((listed("/x"), s.get("dbfs/x/1.txt", "mine")), (["/x/1.txt"], b"other"), "what a client wrote stays")
    for line, why in (("mine/some = files/", "BUCKET/FOLDER/ = FOLDER/"), ("mine/a = none.txt", "none.txt: No such file")):
        section, _, value = line.partition(" = ")
        r = tarn("up", folder, "--only", "s3", "--ports", "auto", "--set", f"objects.{section}={value}")
        ok(r.returncode and why in r.stderr, line, r.stderr)


objects()
done()
