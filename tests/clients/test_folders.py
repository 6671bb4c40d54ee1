#!/usr/bin/python3
"""State folders of older releases: folders/DB-N.sql is what a database held when its schema had version N. tarn comes up on each, and
everything that was there is there; what it writes next to it is read by the next start. A step of a schema without a file of rows
fails this test: dump a folder of today's (sqlite3 DB.db .dump, and its user_version) before and after adding one."""
import json
import os
import sqlite3

from tarn import Stack, call, done, fresh, need, parts, same, stack_folder, tarn

need("boto3")
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDERS = os.path.join(HERE, "folders")
ALL = "rds,kafka,s3,kinesis,rest,connect,apigateway,aws,lake,databricks,airflow"
CONF = "[stack]\nuser = u1\nrows = 0\n[buckets]\nbbb = eu-west-1\n[topics]\norders = 1\n[streams]\nclicks = 2\n"
DAG = {"dag_id": "hand", "start_date": "2026-01-04", "schedule": None,
       "tasks": [{"id": "one", "notebook_path": "/Users/a/one", "cluster": "c1"}]}
JSON = {"Content-Type": "application/json"}


def dumps():
    """database -> version -> file."""
    found = {}
    for name in os.listdir(FOLDERS):
        db, version = name.removesuffix(".sql").rsplit("-", 1)
        found.setdefault(db, {})[int(version)] = os.path.join(FOLDERS, name)
    return found


def old_folder(version):
    """A folder of those files: of each database what version(its versions) says, or none."""
    data = fresh("data")
    os.mkdir(data)
    for db, files in dumps().items():
        v = version(db, sorted(files))
        if v is None:
            continue
        with sqlite3.connect(os.path.join(data, db + ".db")) as con, open(files[v], encoding="utf-8") as f:
            con.create_collation("mysql_ci", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))  # of rds
            con.executescript(f.read())
        con.close()
    return data


def s3(s):
    got = s.s3.get_object(Bucket="bbb", Key="greeting")
    same((got["Body"].read(), got["ContentType"], got["Metadata"]), (b"hello", "text/plain", {"who": "me"}), "s3: an object with its headers")
    if "Status" in s.s3.get_bucket_versioning(Bucket="bbb"):
        listed = s.s3.list_object_versions(Bucket="bbb", Prefix="gre")["Versions"]
        same([(v["VersionId"] == "null", v["IsLatest"]) for v in listed], [(False, True), (True, False)], "s3: versions of a key")
        same(s.s3.get_object(Bucket="bbb", Key="greeting", VersionId="null")["Body"].read(), b"foo", "s3: a noncurrent one")
        same([m["Key"] for m in s.s3.list_object_versions(Bucket="bbb")["DeleteMarkers"]], ["gone"], "s3: a delete marker")
    upload = s.s3.list_multipart_uploads(Bucket="bbb")["Uploads"][0]
    listed = s.s3.list_parts(Bucket="bbb", Key="parts", UploadId=upload["UploadId"])["Parts"]
    same([p["Size"] for p in listed], [len("first part")], "s3: an upload under way with its part")


def kinesis(s):
    k = s.client("kinesis")
    same(k.list_streams()["StreamNames"], ["clicks", "views"], "kinesis: streams")
    same([t["Value"] for t in k.list_tags_for_stream(StreamName="views")["Tags"]], ["web"], "kinesis: tags")
    rows = []
    for shard in k.list_shards(StreamName="clicks")["Shards"]:
        at = k.get_shard_iterator(StreamName="clicks", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        rows += [r["Data"] for r in k.get_records(ShardIterator=at)["Records"]]
    same(sorted(rows), [b"click 0", b"click 1", b"click 2"], "kinesis: records")


def kafka(s):
    at = {t: call("GET", f"{s.at['rest']}/topics/{t}/partitions/0/offsets").json() for t in ("orders", "late")}
    same({t: (o["beginning_offset"], o["end_offset"]) for t, o in at.items()}, {"orders": (0, 2), "late": (0, 1)}, "kafka: topics and their records")


def connect(s):
    same(call("GET", s.at["connect"] + "/connectors/sink").json()["config"]["flush.size"], "2", "connect: a connector")
    same(call("GET", s.at["connect"] + "/connectors/sink/status").json()["connector"]["state"], "PAUSED", "connect: its state")
    same([o["offset"]["kafka_offset"] for o in call("GET", s.at["connect"] + "/connectors/sink/offsets").json()["offsets"]], [2], "connect: its offset")
    same(call("GET", s.at["connect"] + "/connectors/sink/topics").json(), {"sink": {"topics": ["orders"]}}, "connect: its topics")


def rds(s):
    host, port = s.address("rds")
    cur = need("pymysql").connect(host=host, port=port, user="u", password="p", database="pinterest_data", charset="utf8mb4").cursor()
    cur.execute("SELECT id, name, CAST(opened AS CHAR) FROM shops ORDER BY id")
    same(cur.fetchall(), ((1, "Corner", "2025-03-01 08:00:00"), (2, "Öl", None)), "rds: a table with its rows")
    cur.execute("SHOW COLUMNS FROM shops")
    same([(r[0], r[3]) for r in cur.fetchall()], [("id", "PRI"), ("name", "MUL"), ("opened", "")], "rds: its columns and keys")


def apigateway(s):
    gw = s.client("apigateway")
    same([a["name"] for a in gw.get_rest_apis()["items"]], ["old"], "apigateway: an API")
    api = gw.get_rest_apis()["items"][0]["id"]
    same(call("GET", f"{s.at['apigateway']}/restapis/{api}/v1/_user_request_/").json(), {"old": True}, "apigateway: its stage answers")


def databricks(s):
    job = call("GET", s.at["control"] + "/api/2.1/jobs/get?job_id=1").json()
    same(job["settings"]["name"], "nightly", "databricks: a job")
    same(call("GET", s.at["control"] + "/api/tarn/mounts").json()["mounts"][0]["source"], "s3a://bbb", "databricks: a mount")


def airflow(s):
    api = s.at["airflow"] + "/api/v1"
    same(call("GET", api + "/connections/shop").json()["host"], "shop.example", "airflow: a connection")
    same(call("GET", api + "/variables/colour").json()["value"], "green", "airflow: a variable")
    same(call("GET", api + "/pools/two").json()["slots"], 2, "airflow: a pool")
    same(call("GET", api + "/dags/hand").json()["is_paused"], False, "airflow: a DAG's state")
    run = call("GET", api + "/dags/hand/dagRuns/by_hand_1").json()
    same((run["run_type"], run["conf"]), ("manual", {"a": 1}), "airflow: a run")
    same("second" in s.client("mwaa").list_environments()["Environments"], True, "airflow: an environment")


def aws(s):
    got = s.client("ssm").get_parameter(Name="/kept/one")["Parameter"]
    same((got["Value"], got["Version"]), ("w", 2), "aws: a parameter")
    same("alice" in [u["UserName"] for u in s.client("iam").list_users()["Users"]], True, "aws: a user")
    events = s.client("logs").get_log_events(logGroupName="/old", logStreamName="s", startFromHead=True)["events"]
    same([e["message"] for e in events], ["first", "second"], "aws: lines of a log")
    same([m["MetricName"] for m in s.client("cloudwatch").list_metrics(Namespace="Old")["Metrics"]], ["m"], "aws: a metric")


def look(s):
    parts(aws, s3, kinesis, kafka, connect, rds, apigateway, databricks, airflow, args=(s,))


LAKE = "s3,kinesis,lake,streaming"
LAKE_CONF = "[stack]\nrows = 0\n[buckets]\nlake-bucket =\n"


def lake(s):
    # Its cleaned tables are the Delta tables that were written beside them, in S3.
    same(s.sql("SELECT dataset, line, reason FROM quarantine"), [["pin", 2, "not JSON"]], "lake: the quarantine")
    query = call("GET", s.at["lake"] + "/api/tarn/streams/pin").json()
    same((query["starts"], query["options"]["trigger"]), (1, "500ms"), "streaming: a query, and that it ran")


def versions(data):
    """database -> its version now."""
    found = {}
    for name in os.listdir(data):
        if name.endswith(".db"):
            con = sqlite3.connect(os.path.join(data, name))
            found[name.removesuffix(".db")] = con.execute("PRAGMA user_version").fetchone()[0]
            con.close()
    return found


def nth(n):
    return lambda _, versions: versions[min(n, len(versions) - 1)]


def opens(n, stack, only, check, mine):
    """On the n-th versions that there are: comes up, has all, has it again after what is written to it."""
    data = old_folder(lambda db, found: nth(n)(db, found) if (db in ("lake", "lake_streams")) == mine else None)
    print(f"# {versions(data)}")
    with Stack(stack=stack, data=data, only=only, clock="2026-01-05T09:00:00Z") as s:
        check(s)
        s.s3.create_bucket(Bucket="later")
        s.s3.put_object(Bucket="later", Key="later", Body=b"x")
        s.stop()
        s.up()
        check(s)
        same(s.s3.get_object(Bucket="later", Key="later")["Body"].read(), b"x", "and what was written since")
        s.stop()
    return versions(data)


def none_is_forgotten(now):
    """Who adds a step adds a file with rows as they were before it, and as they are now."""
    files = dumps()
    for db, version in sorted(now.items()):
        have = sorted(v for v in files.get(db, {}) if v)
        same(have, list(range(1, version + 1)), f"{db}: tests/clients/folders has a file of each version, {db}-N.sql")
        for v in have:
            with open(files[db][v], encoding="utf-8") as f:
                text = f.read()
            same((f"PRAGMA user_version = {v};" in text, "INSERT INTO" in text), (True, True), f"{db}-{v}.sql says which it is, and has rows")


def newer(stack):
    """A folder of a later release is left alone."""
    for db in sorted(set(dumps()) - {"lake", "lake_streams"}):
        data = old_folder(lambda name, found: found[-1] if name == db else None)
        con = sqlite3.connect(os.path.join(data, db + ".db"))
        known = con.execute("PRAGMA user_version").fetchone()[0]
        con.execute("PRAGMA user_version = 99")
        con.commit()
        con.close()
        r = tarn("up", "--ports=auto", "--data", data, "--only", ALL, stack)
        want = f"{data}/{db}.db was written by a newer tarn: its schema is version 99, this one knows {known}"
        same((r.returncode, want in r.stderr), (3, True), f"{db}: a newer folder is refused by name and version: {r.stderr.strip()}")
        same(versions(data)[db], 99, f"{db}: and left as it is")


stack = stack_folder(CONF, files={"dags/hand.json": json.dumps(DAG)})
lake_stack = stack_folder(LAKE_CONF, base="pinterest")
now = {}
for n in range(max(len(v) for v in dumps().values())):
    now.update(opens(n, stack, ALL, look, False))
for n in range(2):
    reached = opens(n, lake_stack, LAKE, lake, True)
    now.update({db: reached[db] for db in ("lake", "lake_streams")})
none_is_forgotten(now)
newer(stack)
with Stack(stack=stack, data=old_folder(lambda db, found: 1 if db == "kinesis" else None), only="kinesis", clock="2026-01-05T09:00:00Z") as s:
    kinesis(s)
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AK/20260105/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + 64 * "0",
              "X-Amz-Date": "20260105T090000Z", "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.DescribeAccountSettings"}
    settings = call("POST", s.at["aws"] + "/", "{}", signed).json()
    same(settings["MinimumThroughputBillingCommitment"]["Status"], "ENABLED", "kinesis: the account's settings")
with Stack(stack=stack, data=old_folder(lambda db, found: found[-1] if db == "kafka" else None), only="kafka,rest", clock="2026-01-05T09:00:00Z") as s:
    group = s.at["rest"] + "/v3/clusters/tarn/consumer-groups/readers"
    same(call("GET", group + "/lags").json()["data"][0]["current_offset"], 1, "kafka: a group's offset")
done()
