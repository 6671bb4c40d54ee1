#!/usr/bin/python3
"""State folders of older releases: each file of folders/ is what a database held then (November 2026; kinesis-1 is older).
tarn comes up on them, and everything that was there is there; what it writes next to it is read by the next start."""
import json
import os
import sqlite3

from tarn import Stack, call, done, fresh, need, parts, same, stack_folder

need("boto3")
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDERS = os.path.join(HERE, "folders")
ALL = "rds,kafka,s3,kinesis,rest,connect,apigateway,lake,databricks,airflow"
CONF = "[stack]\nuser = u1\nrows = 0\n[buckets]\nbbb = eu-west-1\n[topics]\norders = 1\n[streams]\nclicks = 2\n"
DAG = {"dag_id": "hand", "start_date": "2026-01-04", "schedule": None,
       "tasks": [{"id": "one", "notebook_path": "/Users/a/one", "cluster": "c1"}]}
JSON = {"Content-Type": "application/json"}


def old_folder(**other):
    """A folder made of the files; other: database -> the file to take in its place."""
    data = fresh("data")
    os.mkdir(data)
    for name in os.listdir(FOLDERS):
        db = name.removesuffix(".sql")
        if "-" not in db:
            with sqlite3.connect(os.path.join(data, db + ".db")) as con, open(os.path.join(FOLDERS, other.get(db, db) + ".sql"), encoding="utf-8") as f:
                con.create_collation("mysql_ci", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))  # of rds
                con.executescript(f.read())
            con.close()
    return data


def s3(s):
    got = s.s3.get_object(Bucket="bbb", Key="greeting")
    same((got["Body"].read(), got["ContentType"], got["Metadata"]), (b"hello", "text/plain", {"who": "me"}), "s3: an object with its headers")
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


def look(s):
    parts(s3, kinesis, kafka, connect, rds, apigateway, databricks, airflow, args=(s,))


stack = stack_folder(CONF, files={"dags/hand.json": json.dumps(DAG)})
with Stack(stack=stack, data=old_folder(), only=ALL, clock="2026-01-05T09:00:00Z") as s:
    look(s)
    call("POST", s.at["airflow"] + "/api/v1/variables", {"key": "size", "value": "big"}, JSON)
    s.s3.put_object(Bucket="bbb", Key="later", Body=b"x")
    s.stop()
    s.up()
    look(s)
    same(call("GET", s.at["airflow"] + "/api/v1/variables/size").json()["value"], "big", "and what was written since")
with Stack(stack=stack, data=old_folder(kinesis="kinesis-1"), only="kinesis", clock="2026-01-05T09:00:00Z") as s:
    kinesis(s)
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AK/20260105/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + 64 * "0",
              "X-Amz-Date": "20260105T090000Z", "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.DescribeAccountSettings"}
    settings = call("POST", s.at["aws"] + "/", "{}", signed).json()
    same(settings["MinimumThroughputBillingCommitment"]["Status"], "ENABLED", "kinesis: the account's settings")
done()
