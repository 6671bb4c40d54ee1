#!/usr/bin/python3
"""The batch path with the users' own kind of script: rows by SQLAlchemy and PyMySQL, posts by requests, and then what
the AWS CLI, boto3, kcat and the mariadb client see. Then: same seed, same bytes; and kill -9 at any moment."""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import boto3
import requests
import sqlalchemy
from botocore.config import Config
from sqlalchemy import text

TARN = os.environ.get("TARN", "build/tarn")
USER = "0affea73130b"
BUCKET = f"user-{USER}-bucket"
n = failed = 0


def ok(what, name):
    global n, failed
    n += 1
    failed += not what
    print(("ok" if what else "not ok") + f" {n} - {name}", flush=True)


def same(got, want, name):
    ok(got == want, name)
    if got != want:
        print(f"# got  {str(got)[:1500]}\n# want {str(want)[:1500]}", flush=True)


class Stack:
    def __init__(self, data, *args):
        self.data, self.file = data, data + ".json"
        if os.path.exists(self.file):
            os.unlink(self.file)
        self.p = subprocess.Popen([TARN, "up", "--ports=auto", "--data", data, "--endpoints-file", self.file, *args],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        self.ends = None
        while self.ends is None:
            if time.monotonic() > end or self.p.poll() is not None:
                sys.exit("Bail out! tarn didn't come up")
            try:
                self.ends = json.load(open(self.file))
            except (OSError, ValueError):
                time.sleep(0.005)

    def stop(self):
        self.p.terminate()
        self.p.wait(20)

    def kill(self):
        self.p.send_signal(signal.SIGKILL)
        self.p.wait(20)

    def run(self, *args):
        env = dict(os.environ, TARN_ENDPOINTS=self.file)
        return subprocess.run([TARN, *args], env=env, capture_output=True, text=True, timeout=120)

    def s3(self):
        return boto3.client("s3", endpoint_url=self.ends["aws"], region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test", config=Config(retries={"max_attempts": 1}))

    def settle(self):
        """Until nothing is in flight: the control port says when."""
        end = time.monotonic() + 60
        calm = 0
        while calm < 3:
            if time.monotonic() > end:
                sys.exit("Bail out! the stack doesn't come to rest")
            busy = requests.get(self.ends["control"] + "/health", timeout=10).json()["busy"]
            calm = 0 if busy else calm + 1

    def objects(self, prefix="topics/"):
        found = {}
        s3 = self.s3()
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
            for o in page.get("Contents", []):
                found[o["Key"]] = s3.get_object(Bucket=BUCKET, Key=o["Key"])["Body"].read()
        return found


# ---- the users' script: class, loop, three posts a turn ----

class AWSDBConnector:
    def __init__(self, host, port):
        self.HOST, self.USER, self.PASSWORD, self.DATABASE, self.PORT = host, "project_user", ":t%;yCY3Yjg", "pinterest_data", port

    def create_db_connector(self):
        return sqlalchemy.create_engine(
            f"mysql+pymysql://{self.USER}:{self.PASSWORD}@{self.HOST}:{self.PORT}/{self.DATABASE}?charset=utf8mb4")


def turn(connector, invoke_url, session):
    random_row = random.randint(0, 11000)
    engine = connector.create_db_connector()
    rows = []
    with engine.connect() as connection:
        for table in ("pinterest_data", "geolocation_data", "user_data"):
            for row in connection.execute(text(f"SELECT * FROM {table} LIMIT {random_row}, 1")):
                rows.append(dict(row._mapping))
    engine.dispose()
    for kind, result in zip(("pin", "geo", "user"), rows):
        payload = json.dumps({"records": [{"value": result}]}, default=str)
        response = session.request("POST", f"{invoke_url}/topics/{USER}.{kind}",
                                   headers={"Content-Type": "application/vnd.kafka.json.v2+json"}, data=payload)
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code} {response.text}")
    return rows


def users_script(tmp):
    stack = Stack(tmp + "/script")
    try:
        host, port = stack.ends["rds"].split(":")
        connector = AWSDBConnector(host, int(port))
        random.seed(100)
        sent = []
        for _ in range(12):
            random.randrange(0, 2)  # the script's sleep
            sent.append(turn(connector, stack.ends["apigateway"] + "/prod", requests))
        same([rows[0]["index"] for rows in sent],
             [7528, 2863, 5730, 8304, 8731, 1313, 4315, 10794, 5494, 5069, 2923, 3089], "the rows every run begins with")
        stack.settle()
        objects = stack.objects()
        want = {f"topics/{USER}.{kind}/partition=0/{USER}.{kind}+0+{i:010d}.json"
                for kind in ("pin", "geo", "user") for i in range(12)}
        same(set(objects), want, "one object a record, with the sink's keys")
        got = [json.loads(objects[f"topics/{USER}.pin/partition=0/{USER}.pin+0+{i:010d}.json"]) for i in range(12)]
        same(got, [json.loads(json.dumps(rows[0])) for rows in sent], "the posts are what was read")
        first = objects[f"topics/{USER}.geo/partition=0/{USER}.geo+0+0000000000.json"]
        same((list(json.loads(first)), first.endswith(b"}\n")), (["country", "latitude", "ind", "timestamp", "longitude"], True),
             "keys in the sink's order, one line")
        clients(stack, sent)
        lake(stack)
    finally:
        stack.stop()


def clients(stack, sent):
    env = dict(os.environ, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
    listing = subprocess.run(["/usr/bin/aws", "--endpoint-url", stack.ends["aws"], "s3", "ls", f"s3://{BUCKET}/topics/{USER}.user/partition=0/"],
                             env=env, capture_output=True, text=True, timeout=60)
    same(len(listing.stdout.splitlines()), 12, "aws s3 ls")
    copy = subprocess.run(["/usr/bin/aws", "--endpoint-url", stack.ends["aws"], "s3", "cp",
                           f"s3://{BUCKET}/topics/{USER}.pin/partition=0/{USER}.pin+0+0000000002.json", "-"],
                          env=env, capture_output=True, text=True, timeout=60)
    same(json.loads(copy.stdout)["index"], 5730, "aws s3 cp")
    read = subprocess.run(["kcat", "-C", "-b", stack.ends["kafka"], "-t", f"{USER}.pin", "-o", "beginning", "-e", "-q"],
                          capture_output=True, timeout=60)
    same([json.loads(line)["index"] for line in read.stdout.splitlines()], [rows[0]["index"] for rows in sent], "kcat -C")
    host, port = stack.ends["rds"].split(":")
    q = subprocess.run(["mariadb", "-h", host, "-P", port, "-u", "project_user", "-psecret", "pinterest_data", "-N", "-e",
                        "SELECT COUNT(*) FROM pinterest_data; SELECT ind FROM user_data LIMIT 7528, 1"],
                       capture_output=True, text=True, timeout=60)
    same(q.stdout.split(), ["11154", "7528"], "mariadb -e")


def lake(stack):
    same(stack.run("clean").returncode, 0, "tarn clean")
    counts = stack.run("sql", "--json", "SELECT (SELECT COUNT(*) FROM pin) AS p, (SELECT COUNT(*) FROM geo) AS g, "
                                        "(SELECT COUNT(*) FROM users) AS u")
    same("[12,12,12]" in counts.stdout.replace(" ", ""), True, "every post is in the lake")
    answers = stack.run("query", "all", "--csv")
    same((answers.returncode, "median_follower_count" in answers.stdout), (0, True), "every question is answered")


# ---- the same seed ----

def digest(tmp, name, seed):
    stack = Stack(f"{tmp}/{name}", "--seed", str(seed), "--clock", "2026-01-05T09:00:00Z")
    try:
        sent = stack.run("emit", "pinterest", "--count", "60")
        if sent.returncode:
            sys.exit("Bail out! " + sent.stderr)
        stack.settle()
        h = hashlib.sha256()
        for key, body in sorted(stack.objects().items()):
            h.update(key.encode() + b"\0" + body + b"\0")
        stack.run("clean")
        answers = stack.run("query", "all", "--csv").stdout
        h.update(answers.encode())
        return h.hexdigest(), len(answers)
    finally:
        stack.stop()


def determinism(tmp):
    one, two, other = digest(tmp, "one", 7), digest(tmp, "two", 7), digest(tmp, "other", 8)
    same(one, two, "same seed, frozen clock: the same objects and answers")
    ok(one[0] != other[0] and one[1] > 100, "another seed: others")


# ---- kill -9 ----

def poster(ends, worker, acknowledged, stop):
    """Posts until told to stop; remembers what was answered with 200."""
    s = requests.Session()
    i = 0
    while not stop.is_set():
        mark = f"{worker}-{i}"
        i += 1
        try:
            r = s.post(f"{ends['apigateway']}/prod/topics/{USER}.pin", timeout=10,
                       headers={"Content-Type": "application/vnd.kafka.json.v2+json"},
                       data=json.dumps({"records": [{"value": {"index": i, "mark": mark}}]}))
            if r.status_code == 200 and r.json()["offsets"][0]["error_code"] is None:
                acknowledged.append(mark)
        except (requests.RequestException, ValueError):
            return


def kills(tmp):
    chance = random.Random(7)
    acknowledged = []
    for round_ in range(6):
        stack = Stack(tmp + "/killed")
        stop = threading.Event()
        threads = [threading.Thread(target=poster, args=(stack.ends, f"{round_}-{w}", acknowledged, stop)) for w in range(4)]
        for t in threads:
            t.start()
        before = len(acknowledged)
        target = before + chance.randrange(1, 120)
        end = time.monotonic() + 30
        while len(acknowledged) < target and time.monotonic() < end:
            time.sleep(0.0005)
        stack.kill()
        stop.set()
        for t in threads:
            t.join()
    stack = Stack(tmp + "/killed")
    try:
        stack.settle()
        objects = stack.objects(f"topics/{USER}.pin/")
        marks = [json.loads(line)["mark"] for body in objects.values() for line in body.splitlines()]
        ok(len(acknowledged) > 20, f"posts were acknowledged between six kills ({len(acknowledged)})")
        same(sorted(set(acknowledged) - set(marks)), [], "every acknowledged post is in an object")
        same(len(marks), len(set(marks)), "no post is in two objects")
        offsets = sorted(int(key.rsplit("+", 1)[1].split(".")[0]) for key in objects)
        same(offsets, list(range(len(offsets))), "no offset is missing")
    finally:
        stack.stop()


def main():
    tmp = tempfile.mkdtemp(prefix="tarn-pipeline-")
    try:
        users_script(tmp)
        determinism(tmp)
        kills(tmp)
    finally:
        shutil.rmtree(tmp, ignore_errors=True)
    print(f"1..{n}")
    sys.exit(1 if failed else 0)


main()
