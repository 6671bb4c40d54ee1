#!/usr/bin/python3
"""The batch path with the users' own kind of script: rows by SQLAlchemy and PyMySQL, posts by requests, and then what
the AWS CLI, boto3, kcat and the mariadb client see. Then: same seed, same bytes; and kill -9 at any moment."""
import hashlib
import json
import random
import subprocess
import threading

from tarn import BUCKET, USER, Stack, bail, done, need, ok, same, until

requests, sqlalchemy, _ = need("requests", "sqlalchemy", "pymysql")


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
            for row in connection.execute(sqlalchemy.text(f"SELECT * FROM {table} LIMIT {random_row}, 1")):
                rows.append(dict(row._mapping))
    engine.dispose()
    for kind, result in zip(("pin", "geo", "user"), rows):
        payload = json.dumps({"records": [{"value": result}]}, default=str)
        response = session.request("POST", f"{invoke_url}/topics/{USER}.{kind}",
                                   headers={"Content-Type": "application/vnd.kafka.json.v2+json"}, data=payload)
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code} {response.text}")
    return rows


def users_script():
    with Stack() as stack:
        connector = AWSDBConnector(*stack.address("rds"))
        random.seed(100)
        sent = []
        for _ in range(12):
            random.randrange(0, 2)  # the script's sleep
            sent.append(turn(connector, stack.at["apigateway"] + "/prod", requests))
        same([rows[0]["index"] for rows in sent],
             [7528, 2863, 5730, 8304, 8731, 1313, 4315, 10794, 5494, 5069, 2923, 3089], "the rows every run begins with")
        stack.settle()
        objects = stack.objects("topics/")
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


def clients(stack, sent):
    listing = stack.aws("s3", "ls", f"s3://{BUCKET}/topics/{USER}.user/partition=0/")
    same(len(listing.stdout.splitlines()), 12, "aws s3 ls")
    copy = stack.aws("s3", "cp", f"s3://{BUCKET}/topics/{USER}.pin/partition=0/{USER}.pin+0+0000000002.json", "-")
    same(json.loads(copy.stdout)["index"], 5730, "aws s3 cp")
    read = subprocess.run(["kcat", "-C", "-b", stack.at["kafka"], "-t", f"{USER}.pin", "-o", "beginning", "-e", "-q"],
                          capture_output=True, timeout=60)
    same([json.loads(line)["index"] for line in read.stdout.splitlines()], [rows[0]["index"] for rows in sent], "kcat -C")
    host, port = stack.address("rds")
    q = subprocess.run(["mariadb", "-h", host, "-P", str(port), "-u", "project_user", "-psecret", "pinterest_data", "-N", "-e",
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

def digest(seed):
    with Stack("--seed", str(seed), clock="2026-01-05T09:00:00Z") as stack:
        sent = stack.run("emit", "pinterest", "--count", "60")
        if sent.returncode:
            bail(sent.stderr)
        stack.settle()
        h = hashlib.sha256()
        for key, body in sorted(stack.objects("topics/").items()):
            h.update(key.encode() + b"\0" + body + b"\0")
        stack.run("clean")
        answers = stack.run("query", "all", "--csv").stdout
        h.update(answers.encode())
        return h.hexdigest(), len(answers)


def determinism():
    one, two, other = digest(7), digest(7), digest(8)
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


def kills():
    chance = random.Random(7)
    acknowledged = []
    stack = Stack()
    for round_ in range(6):
        stop = threading.Event()
        threads = [threading.Thread(target=poster, args=(stack.at, f"{round_}-{w}", acknowledged, stop)) for w in range(4)]
        for t in threads:
            t.start()
        before = len(acknowledged)
        target = before + chance.randrange(1, 120)
        until(lambda: len(acknowledged) >= target)
        stack.kill()
        stop.set()
        for t in threads:
            t.join()
        stack.up()
    stack.settle()
    objects = stack.objects(f"topics/{USER}.pin/")
    marks = [json.loads(line)["mark"] for body in objects.values() for line in body.splitlines()]
    ok(len(acknowledged) > 20, f"posts were acknowledged between six kills ({len(acknowledged)})")
    same(sorted(set(acknowledged) - set(marks)), [], "every acknowledged post is in an object")
    same(len(marks), len(set(marks)), "no post is in two objects")
    offsets = sorted(int(key.rsplit("+", 1)[1].split(".")[0]) for key in objects)
    same(offsets, list(range(len(offsets))), "no offset is missing")


users_script()
determinism()
kills()
done()
