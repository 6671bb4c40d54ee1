#!/usr/bin/python3
"""Names that the stack lacks: refused as AWS does, or adopted by choice; and a stack of another user."""
import json
import os

from tarn import BUCKET, TMP, USER, Stack, call, done, log, need, ok, same, skip, tarn, until

boto3 = need("boto3")
ClientError = need("botocore.exceptions").ClientError
KJ = {"Content-Type": "application/vnd.kafka.json.v2+json"}
JSON = {"Content-Type": "application/json"}
OTHER = "12ab34cd56ef"
ROWS = {"pin": {"index": 7528, "title": "t", "category": "art", "follower_count": "10k"},
        "geo": {"ind": 7528, "timestamp": "2020-08-28T03:52:47", "latitude": 1.5, "longitude": 2.5, "country": "Albania"},
        "user": {"ind": 7528, "first_name": "A", "last_name": "B", "age": 20, "date_joined": "2015-10-24T11:23:51"}}


def code(f, *args, **kw):
    try:
        f(*args, **kw)
    except ClientError as e:
        return e.response["Error"]["Code"]
    return "fine"


def host(id):
    return {"Host": f"{id}.execute-api.us-east-1.amazonaws.com"}


def post(stack, user, topic, base="prod", **headers):
    at = stack.at["aws" if "Host" in headers else "apigateway"]
    return call("POST", f"{at}/{base}/topics/{user}.{topic}", json.dumps({"records": [{"value": ROWS[topic]}]}), {**KJ, **headers})


def put(stack, stream, base="prod", key="partition-1", row=None, **headers):
    at = stack.at["aws" if "Host" in headers else "apigateway"]
    return call("PUT", f"{at}/{base}/streams/{stream}/record", json.dumps({"StreamName": "x", "Data": row or ROWS["pin"], "PartitionKey": key}), {**JSON, **headers})


def adopted(stack):
    return {(a["kind"], a["name"]): a["from"] for a in stack.control("GET", "/health")["adopted"]}


def off():
    with Stack() as s:
        same((s.control("GET", "/health")["adopt"], adopted(s)), (False, {}), "off by default")
        r = post(s, OTHER, "pin", **host("abcde12345"))
        same(r.status, 404, "a foreign API id")
        ok("does not correspond" in r.text, "isn't known", r.text)
        same(post(s, USER, "pin", base="feat").text, '{"message":"Forbidden"}', "a stage that isn't there")
        kinesis = s.client("kinesis")
        same(code(kinesis.describe_stream, StreamName=f"streaming-{OTHER}-pin"), "ResourceNotFoundException", "another user's stream")
        same(code(kinesis.describe_stream, StreamName="Kinesis-Prod-Stream"), "ResourceNotFoundException", "the shared stream")
        same(code(s.s3.list_objects_v2, Bucket=f"user-{OTHER}-bucket"), "NoSuchBucket", "another user's bucket")
        same(post(s, OTHER, "pin").status, 200, "another user's topic is made on demand")
        r = s.run("clean")
        same(r.returncode, 1, "but its posts are nowhere, and clean says so")
        ok(f"no objects of the topics {USER}.pin, {USER}.geo, {USER}.user below topics/ of the bucket {BUCKET}" in r.stderr and "no other bucket has any" in r.stderr,
           "with where it looked", r.stderr)
        s.s3.create_bucket(Bucket="mine")
        s.s3.put_object(Bucket="mine", Key="topics/x.pin/partition=0/x.json", Body=b"{}\n")
        s.s3.put_object(Bucket="mine", Key="topics/y/partition=0/y.json", Body=b"{}\n")
        r = s.run("clean")
        ok("there are objects of x.pin in the bucket mine\n" in r.stderr and "there are objects of y in the bucket mine\n" in r.stderr, "and what else there is", r.stderr)
        same(s.run("clean", "--from", "s3a://mine/topics").returncode != 0, True, "a path without them is refused, as ever")


def later():
    """What was posted before adoption was on, and went nowhere."""
    with Stack() as s:
        same([post(s, OTHER, topic).status for topic in ROWS], [200] * 3, "posts that nothing sinks")
    with Stack("--adopt", data=s.data) as s:
        until(lambda: s.keys("topics/", f"user-{OTHER}-bucket"), lambda k: len(k) == 3)
        same(s.run("clean").stdout.splitlines()[1].split()[:2], ["pin", "1"], "have their connector as soon as adoption is on")
        run = call("POST", s.at["lake"] + "/api/2.1/jobs/runs/submit", {"run_name": "r", "existing_cluster_id": "1108-162752-8okw8dgg",
                                                                       "notebook_task": {"notebook_path": "/Users/me/pipeline"}}).json()["run_id"]
        state = until(lambda: call("GET", f"{s.at['lake']}/api/2.1/jobs/runs/get?run_id={run}").json()["state"], lambda state: state.get("result_state"))
        same(state["result_state"], "SUCCESS", f"a notebook finds them, too: {state}")


def apis(s):
    for topic in ROWS:
        r = post(s, OTHER, topic, base="feat", **host("abcde12345"))
        same((r.status, "offsets" in r.text), (200, True), f"{topic} through an API and a stage that the stack lacks")
    same(post(s, OTHER, "pin", base="/Prod/", **host("abcde12345")).status, 200, "another stage of it, a slash too many")
    same(call("GET", f"{s.at['aws']}/restapis/zz99/dev/_user_request_/topics").status, 200, "an API by /restapis/")
    same(call("GET", f"{s.at['apigateway']}/staging/topics").status, 200, "a stage on the invoke port")
    same(put(s, f"streaming-{USER}-pin", base="staging").status, 200, "is one of the other API, too")
    for path in ("/streams/x", "/favicon.ico", "/nothing", "/a.b/topics", "/%41/topics"):
        same(call("GET", s.at["apigateway"] + path).text, '{"message":"Forbidden"}', f"GET {path}: no stage")
    same(call("GET", s.at["aws"] + "/", headers=host("abcde12345")).text, '{"message":"Forbidden"}', "no stage at all")
    r = call("PUT", f"{s.at['aws']}/feat/streams/record?stream-name=x", "{}", {**JSON, **host("abcde12345")})
    same((r.status, r.json()["error_code"]), (404, 404), "it is one API: what it has no resource for goes to its {proxy+}")
    g = s.client("apigateway")
    made = g.create_rest_api(name="own")["id"]
    same(call("GET", f"{s.at['aws']}/dev/x", headers=host(made)).text, '{"message":"Forbidden"}', "a client's own API has the stages that it has")
    ok({"abcde12345", "zz99"} <= {a["id"] for a in g.get_rest_apis(limit=500)["items"]}, "they are listed")
    g.delete_rest_api(restApiId="zz99")
    ok("does not correspond" in call("GET", f"{s.at['aws']}/dev/topics", headers=host("zz99")).text, "one that was deleted stays away")
    same([adopted(s).get(k) for k in (("api", "abcde12345"), ("stage", "abcde12345/Prod"))], ["c9wlxu8n0d", "feat"], "status knows of what they were made")


def objects(s):
    bucket = f"user-{OTHER}-bucket"
    keys = until(lambda: s.keys("topics/", bucket), lambda k: len(k) == 4)
    same(sorted(k.split("/")[1] for k in keys), [f"{OTHER}.geo", f"{OTHER}.pin", f"{OTHER}.pin", f"{OTHER}.user"], "objects appear in the user's bucket")
    same(sorted(call("GET", s.at["connect"] + "/connectors").json()), ["s3-sink", f"s3-sink-{OTHER}"], "by a connector like the stack's")
    same(post(s, USER, "pin").status, 200, "and the stack's user's in his own")
    until(lambda: s.keys("topics/"), lambda k: len(k) == 1)
    r = s.run("clean")
    same((r.returncode, [line.split()[:4] for line in r.stdout.splitlines()[1:]]), (0, [["pin", "3", "3", "3"], ["geo", "1", "1", "1"], ["users", "1", "1", "1"]]),
         "clean finds both")
    same(s.sql("SELECT count(*) FROM pin"), [[3]], "and the tables have them")
    r = s.run("clean", "--from", f"s3a://{bucket}/topics")
    same([line.split()[:4] for line in r.stdout.splitlines()[1:]], [["pin", "2", "2", "2"], ["geo", "1", "1", "1"], ["users", "1", "1", "1"]], "or one by his path")


def streams(s):
    kinesis = s.client("kinesis")
    name = f"streaming-{OTHER}-pin"
    same(put(s, name, base="feat", **host("abcde12345")).status, 200, "a record to another user's stream")
    d = kinesis.describe_stream(StreamName=name)["StreamDescription"]
    same((d["StreamStatus"], len(d["Shards"])), ("ACTIVE", 1), "which is made like the stack's")
    at = kinesis.get_shard_iterator(StreamName=name, ShardId=d["Shards"][0]["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    same([json.loads(r["Data"]) for r in kinesis.get_records(ShardIterator=at)["Records"]], [ROWS["pin"]], "and has it")
    same(kinesis.list_shards(StreamName=f"streaming-{OTHER}-geo")["Shards"][0]["ShardId"], "shardId-000000000000", "named directly")
    arn = d["StreamARN"].replace(name, f"streaming-{OTHER}-user")
    same(kinesis.list_stream_consumers(StreamARN=arn)["Consumers"], [], "and by its ARN")
    same(code(kinesis.describe_stream, StreamName="streaming-12ab34cd56eg-pin"), "ResourceNotFoundException", "a name that isn't like one isn't there")
    same(code(kinesis.delete_stream, StreamName="streaming-aaaaaaaaaaaa-pin"), "ResourceNotFoundException", "who deletes a stream doesn't make it")
    kinesis.create_stream(StreamName="streaming-aaaaaaaaaaaa-pin", ShardCount=2)
    same(len(kinesis.list_shards(StreamName="streaming-aaaaaaaaaaaa-pin")["Shards"]), 2, "who makes one himself has that one")
    for name in ("streaming-aaaaaaaaaaaa-pin", f"streaming-{OTHER}-geo"):
        kinesis.delete_stream(StreamName=name)
        same(code(kinesis.describe_stream, StreamName=name), "ResourceNotFoundException", "and what was deleted stays away")
    west = boto3.client("kinesis", endpoint_url=s.at["aws"], region_name="us-west-2", aws_access_key_id="test", aws_secret_access_key="test")
    same(code(west.describe_stream, StreamName="streaming-bbbbbbbbbbbb-pin"), "ResourceNotFoundException", "in another region there is nothing like it")


def shared(s):
    """One stream for three tables: the partition key says which, or else the record's members."""
    keys = {"pin": [f"{OTHER}.pin", f"{OTHER}-pin", f"streaming-{OTHER}-pin", "partition-1"], "geo": [f"{OTHER}_geo", "partition-geo", "42"],
            "user": [f"{OTHER}.user", "desired-name"]}
    for topic, names in keys.items():
        for i, key in enumerate(names):
            row = {**ROWS[topic], next(iter(ROWS[topic])): i}
            same(put(s, "Kinesis-Prod-Stream", key=key, row=row, base="Prod", **host("abcde12345")).status, 200, f"a {topic} record with the key {key}")
    table = {"pin": f"{USER}_pin_table", "geo": f"{USER}_geo_table", "user": f"{USER}_user_table"}
    for topic, names in keys.items():
        r = s.run("stream", "start", f"{topic}-Kinesis-Prod-Stream", "trigger=availableNow")
        same(r.returncode, 0, f"a query like the stack's for {topic}: {r.stderr}")
        until(lambda: s.control("GET", "/api/tarn/streams/" + f"{topic}-Kinesis-Prod-Stream"), lambda a: a["state"] == "stopped")
        same(s.sql(f"SELECT count(*), count(DISTINCT ind) FROM {table[topic]}"), [[len(names)] * 2], "has its records and no other's")
    r = s.run("stream", "start", f"pin-{OTHER}", "trigger=availableNow")
    same(r.returncode, 0, f"one of the other user's stream: {r.stderr}")
    until(lambda: s.control("GET", "/api/tarn/streams/" + f"pin-{OTHER}"), lambda a: a["state"] == "stopped")
    same(s.sql(f"SELECT count(*) FROM {OTHER}_pin_table"), [[1]], "has his table")


def buckets(s):
    bucket = "user-cccccccccccc-bucket"
    s.s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    same(s.get("a", bucket), b"x", "a bucket that a program puts into")
    same(s.s3.list_objects_v2(Bucket="user-dddddddddddd-bucket")["KeyCount"], 0, "or lists")
    same(code(s.s3.head_bucket, Bucket="user-ffffffffffff-bucket"), "404", "who asks whether it is there makes it himself")
    same(code(s.s3.list_objects_v2, Bucket="user-dddddddddddd-buckets"), "NoSuchBucket", "a name that isn't like one")
    same(code(s.s3.delete_bucket, Bucket="user-eeeeeeeeeeee-bucket"), "NoSuchBucket", "who deletes a bucket doesn't make it")
    s.s3.create_bucket(Bucket="user-eeeeeeeeeeee-bucket")
    for name in ("user-eeeeeeeeeeee-bucket", "user-dddddddddddd-bucket"):
        s.s3.delete_bucket(Bucket=name)
        same(code(s.s3.get_bucket_location, Bucket=name), "NoSuchBucket", "one that was deleted stays away")


def roles(s):
    arn = f"arn:aws:iam::584739742957:role/{OTHER}-ec2-access-role"
    got = s.client("sts").assume_role(RoleArn=arn, RoleSessionName="jar")
    same(got["AssumedRoleUser"]["Arn"], f"arn:aws:sts::000000000000:assumed-role/{OTHER}-ec2-access-role/jar", "a role of the user's own account")
    k = got["Credentials"]
    session = need("boto3").session.Session(k["AccessKeyId"], k["SecretAccessKey"], k["SessionToken"])
    who = session.client("sts", endpoint_url=s.at["aws"], region_name="us-east-1").get_caller_identity()
    same(who["Account"], "000000000000", "stands for one of the stack's")
    same(code(session.client("s3", endpoint_url=s.at["aws"]).list_objects_v2, Bucket=BUCKET), "fine", "whose session sees the stack's things")


def on():
    with Stack("--adopt") as s:
        apis(s)
        objects(s)
        streams(s)
        shared(s)
        buckets(s)
        roles(s)
        before = adopted(s)
        words = tarn("status", "--data", s.data).stdout
        ok(all(f"{name}  from {of}" in words for (_, name), of in before.items()), "tarn status says so", words)
        ok(f"adopt user={OTHER} from={USER}" in log() and "adopt api=abcde12345 from=c9wlxu8n0d" in log(), "the log, too", log()[-3000:])
        s.stop()
        s.up()
        same(adopted(s), before, "all that is true after a restart")
        same(post(s, OTHER, "geo", base="feat", **host("abcde12345")).status, 200, "the API is there")
        until(lambda: s.keys("topics/", f"user-{OTHER}-bucket"), lambda k: len(k) == 5)
        ok(True, "and its connector sinks")
        data = s.data
    with Stack(data=data) as s:
        same(s.control("GET", "/health")["adopt"], False, "without --adopt nothing more is adopted")
        same(code(s.client("kinesis").describe_stream, StreamName="streaming-ffffffffffff-pin"), "ResourceNotFoundException", "no stream")
        same(s.run("clean").stdout.splitlines()[2].split()[:2], ["geo", "2"], "what was is cleaned")


SINK = {"connector.class": "io.confluent.connect.s3.S3SinkConnector", "s3.region": "us-east-1", "flush.size": "1", "tasks.max": "1",
        "format.class": "io.confluent.connect.s3.format.json.JsonFormat", "storage.class": "io.confluent.connect.s3.storage.S3Storage",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter"}


def own_connector():
    """Who makes a connector for his topics isn't given one, or no longer: objects would be written twice."""
    with Stack("--adopt") as s:
        names = lambda: call("GET", s.at["connect"] + "/connectors").json()
        before = names()
        post(s, OTHER, "pin")
        same(names(), [*before, f"{before[0]}-{OTHER}"], "a connector that was adopted")
        made = {"name": "mine", "config": {**SINK, "topics.regex": f"{OTHER}.*", "s3.bucket.name": f"user-{OTHER}-bucket"}}
        same(call("POST", s.at["connect"] + "/connectors", made).status, 201, "his own")
        same(names(), ["mine", *before], "is in its place")
        third = "aaaaaaaaaaaa"
        s.s3.create_bucket(Bucket="elsewhere")
        made = {"name": "third", "config": {**SINK, "topics": f"{third}.pin", "s3.bucket.name": "elsewhere"}}
        same(call("POST", s.at["connect"] + "/connectors", made).status, 201, "one before there are posts")
        post(s, third, "pin")
        same(names(), ["mine", *before, "third"], "is enough")


def limit():
    with Stack("--adopt", "--set", "adopt.max=2", only="s3,kinesis,apigateway,kafka,rest") as s:
        same([call("GET", f"{s.at['aws']}/dev/topics", headers=host(f"abcde1234{i}")).status for i in range(4)], [200, 200, 404, 404], "no more than two APIs")
        same([code(s.s3.list_objects_v2, Bucket=f"user-{i:012x}-bucket") for i in range(1, 5)], ["fine", "fine", "NoSuchBucket", "NoSuchBucket"], "or buckets")
        ok("adopt-limit kind=api name=abcde12342 max=2" in log() and log().count("adopt-limit kind=api") == 1, "the log says so once", log()[-2000:])


def own_api(s, machine):
    """An API as students build theirs: {proxy+} to the REST proxy on a machine of their own. Its answer, and a test invocation's log."""
    g = s.client("apigateway")
    id = g.create_rest_api(name="mine")["id"]
    root = g.get_resources(restApiId=id)["items"][0]["id"]
    at = {"restApiId": id, "resourceId": g.create_resource(restApiId=id, parentId=root, pathPart="{proxy+}")["id"], "httpMethod": "GET"}
    g.put_method(**at, authorizationType="NONE", requestParameters={"method.request.path.proxy": True})
    g.put_integration(**at, type="HTTP_PROXY", integrationHttpMethod="GET", uri=f"http://{machine}:8082/{{proxy}}",
                      requestParameters={"integration.request.path.proxy": "method.request.path.proxy"})
    g.create_deployment(restApiId=id, stageName="dev")
    tried = g.test_invoke_method(restApiId=id, resourceId=at["resourceId"], httpMethod="GET", pathWithQueryString="/topics")
    return call("GET", f"{s.at['aws']}/restapis/{id}/dev/_user_request_/topics"), tried


def machines():
    name = "ec2-203-0-113-7.compute-1.amazonaws.com"
    only = "kafka,rest,apigateway"
    with Stack("--adopt", only=only) as s:
        r, tried = own_api(s, name)
        same((r.status, USER in r.text, tried["status"]), (200, True, 200), "a machine of one's own is this REST proxy, by adoption")
        same(adopted(s), {("host", name + ":8082"): "rest"}, "which status shows")
    with Stack("--set", "apigateway.hosts:*.compute-1.amazonaws.com:8082=rest", only=only) as s:
        same([a.status if hasattr(a, "status") else a["status"] for a in own_api(s, name)], [200, 200], "or by a pattern of [apigateway.hosts]")
    with Stack(only=only) as s:
        r, tried = own_api(s, "ec2-203-0-113-7.compute-1.invalid")
        same((r.status, r.text), (500, '{"message": "Internal server error"}'), "otherwise it isn't there")
        hint = "--set apigateway.hosts:ec2-203-0-113-7.compute-1.invalid:8082=rest leads it to this stack's REST proxy"
        ok(hint in log() and hint in tried["log"], "and the log and a test invocation name the setting", tried["log"])


def attached():
    """A program that is run beside a stack without adoption has it for itself, as long as it runs."""
    program = os.path.join(TMP, "post.py")
    with open(program, "w", encoding="utf-8") as f:
        f.write(f"""import json, sys, urllib.request
r = urllib.request.Request("https://abcde12345.execute-api.us-east-1.amazonaws.com/feat/topics/{OTHER}.pin", json.dumps({{"records": [{{"value": {{"index": 1}}}}]}}).encode(), {KJ!r})
try:
    print(urllib.request.urlopen(r).status)
except urllib.error.HTTPError as e:
    print(e.code)
""")
    if tarn("exec", "--how").returncode:
        skip("exec --attach adopts", "no way leads names here")
        return
    for args, want, said in (((), "404", "the stack says no"), (("--adopt",), "404", "be it asked for")):
        with Stack("--no-adopt") as s:
            same(tarn("exec", "--data", s.data, "--attach", *args, "--", "/usr/bin/python3", program).stdout.strip(), want, said)
    with Stack() as s:
        same(tarn("exec", "--data", s.data, "--attach", "--no-adopt", "--", "/usr/bin/python3", program).stdout.strip(), "404", "exec --attach --no-adopt")
        same(tarn("exec", "--data", s.data, "--attach", "--", "/usr/bin/python3", program).stdout.strip(), "200", "exec --attach adopts")
        until(lambda: s.keys("topics/", f"user-{OTHER}-bucket"), lambda k: len(k) == 1)
        same(s.run("clean").stdout.splitlines()[1].split()[:2], ["pin", "1"], "and clean finds the object afterwards")
        until(lambda: s.control("GET", "/health")["adopt"], lambda on: not on)
        same(post(s, OTHER, "pin", **host("zzzzz12345")).status, 404, "nothing is adopted when it has ended")


def another_user():
    user = "12471ce1b695"
    with Stack("--user", user) as s:
        r = s.run("emit", "pinterest", "--count", "5")
        same(r.returncode, 0, "emit follows")
        until(lambda: s.keys("topics/", f"user-{user}-bucket"), lambda k: len(k) == 15)
        ok(all(f"/{user}." in k for k in s.keys("topics/", f"user-{user}-bucket")), "topics, connector and bucket are the user's")
        same(s.client("kinesis").list_streams()["StreamNames"], sorted(f"streaming-{user}-{x}" for x in ("pin", "geo", "user")), "so are the streams")
        same([b["Name"] for b in s.s3.list_buckets()["Buckets"]], ["mwaa-dags-bucket", f"user-{user}-bucket"], "nothing is the old one's")
        same(s.run("clean").returncode, 0, "clean follows")
        same(s.sql("SELECT count(*) FROM pin"), [[5]], "so do the tables")
        same(s.run("query", "all").returncode, 0, "and the questions")
        ok(any(d["dag_id"] == f"{user}_dag" for d in until(lambda: s.answer("dag", "list").get("dags", []))), "the DAG is the user's", s.answer("dag", "list"))
        r = s.run("dag", "trigger", f"{user}_dag")
        same((r.returncode, r.stderr), (0, f"tarn: {user}_dag is paused; tarn dag unpause {user}_dag: until then the run stays queued\n"), "a run of a paused DAG")
        s.run("dag", "unpause", f"{user}_dag")
        same(s.run("dag", "trigger", f"{user}_dag").stderr, "", "and of one that isn't")
        same(s.run("dag", "trigger", "nope").returncode, 2, "and of none")
        ok(f"{user}_pin_table" in s.run("stream", "list").stdout, "the streaming queries, too")
        same(s.run("emit", "pinterest", "--count", "2", "--via", "kinesis").returncode, 0, "emit finds the streams")
    with Stack("--set", "stack.user=" + user, data=s.data) as s:
        same(len(s.keys("topics/", f"user-{user}-bucket")), 15, "--set stack.user is the same")
    with Stack(data=s.data) as s:
        same(s.run("emit", "pinterest", "--count", "1").returncode, 0, "the same folder goes on as the stack's own user")
        until(lambda: s.keys("topics/"), lambda k: len(k) == 3)
        ok(True, "who has a connector of his own")


def edited():
    """Who copies the stack's folder and changes [stack] user alone."""
    from tarn import FIXTURES, stack_folder
    folder = stack_folder(base=os.path.join(FIXTURES, "pinterest"))
    path = os.path.join(folder, "stack.conf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(f"user = {USER}", "user = 1234567890ab"))
    with Stack(stack=folder) as s:
        same(s.run("emit", "pinterest", "--count", "1").returncode, 0, "[stack] user alone moves all")
        until(lambda: s.keys("topics/", "user-1234567890ab-bucket"), lambda k: len(k) == 3)
        ok(True, "to the user's topics and bucket")


def refused():
    for bad in ("a b", "../x", "x" * 65, "-x"):
        r = tarn("up", "--data", os.path.join(TMP, "none"), "--user=" + bad)
        same((r.returncode, "user" in r.stderr), (2, True), f"no user: {bad[:10]}")
    r = tarn("up", "--data", os.path.join(TMP, "none"), "--adopt", "--set", "adopt.user=[0-")
    same((r.returncode, "[adopt] user = [0-: " in r.stderr), (2, True), "no pattern")
    same(tarn("up", "--adopt", "--no-adopt").returncode, 2, "one of the two flags")


off()
later()
on()
own_connector()
limit()
attached()
machines()
another_user()
edited()
refused()
done()
