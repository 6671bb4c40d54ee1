"""Mixed load over all services of a stack, from plain sockets: writes whose acknowledgements are kept, by kind, and slow work that is
in flight whenever the stack ends. Every kind is a loop of its own thread, which ends with the stack."""
import base64
import http.client
import itertools
import json
import socket
import struct
import threading
import time

from tarn import USER, Stack, need, stack_folder

pymysql = need("pymysql")

CONF = """
[buckets]
load =
[streams]
load = 2
pin-stream = 1
[queries]
pin = streamName=pin-stream initialPosition=earliest table=pin_table trigger=100ms
[airflow]
paused = off
dag_dir_list_interval = 1s
"""
DAG = """from airflow import DAG
from airflow.operators.bash import BashOperator
from datetime import datetime
with DAG("load_{n}", start_date=datetime(2026, 1, 1), schedule="@once", catchup=False) as dag:
    BashOperator(task_id="nap", bash_command="sleep {seconds}")
"""
DATABASE = "pinterest_data"
JSON2 = {"Content-Type": "application/vnd.kafka.json.v2+json"}
ENDLESS = "SELECT COUNT(*) FROM pinterest_data a, pinterest_data b, geolocation_data c WHERE a.title <> b.title AND c.country <> a.title"


def up(long=None):
    """A stack like the default one, with fewer rows; long: and a DAG whose task sleeps so many seconds."""
    files = {"dags/long.py": DAG.format(n="long", seconds=long)} if long else {}
    return Stack("--set", "stack.rows=500", stack=stack_folder(CONF, base="pinterest", files=files))


class Gone(Exception):
    """The stack, or this load, is over."""


class Client:
    """HTTP/1.1 to one address of a stack, kept open."""

    def __init__(self, load, name):
        self.load, self.c = load, http.client.HTTPConnection(*load.srv.address(name), timeout=60)

    def __call__(self, method, path, body=None, headers=None):
        if self.load.over.is_set():
            raise Gone
        if body is not None and not isinstance(body, bytes):
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        try:
            self.c.request(method, path, body, {"X-Tarn": "1", **(headers or {})})
            r = self.c.getresponse()
            return r.status, r.read()
        except (OSError, http.client.HTTPException) as e:
            self.c.close()
            raise Gone from e


class Load:
    """acked[kind]: numbers of what was acknowledged, each used once over all loads with the same `numbers`."""

    def __init__(self, srv, kinds, acked=None, numbers=None):
        self.srv, self.over = srv, threading.Event()
        self.acked, self.numbers = acked if acked is not None else {}, numbers or itertools.count(1)
        self.threads = [threading.Thread(target=self.run, args=(kind,), daemon=True) for kind in kinds]
        for t in self.threads:
            t.start()

    def run(self, kind):
        done = self.acked.setdefault(kind.__name__, [])
        try:
            for number in kind(self):
                if number is not None:
                    done.append(number)
        except (Gone, OSError, http.client.HTTPException, pymysql.MySQLError, struct.error):
            pass # the stack went away in mid-answer

    def end(self):
        self.over.set()
        for t in self.threads:
            t.join(60)
            if t.is_alive():
                raise RuntimeError(f"{t} is stuck")

    def count(self):
        return sum(len(v) for v in self.acked.values())


def scope(service):
    """Of a client of AWS, whose signature nobody checks."""
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature={'0' * 64}",
            "X-Amz-Date": "20260101T000000Z"}


def kinesis_call(ask, operation, body):
    return ask("POST", "/", body, {**scope("kinesis"), "X-Amz-Target": f"Kinesis_20131202.{operation}", "Content-Type": "application/x-amz-json-1.1"})


def until_over(load):
    while not load.over.is_set():
        yield next(load.numbers)


# ---- what is acknowledged: each yields the number of a write that was ----

def gateway(load):
    ask = Client(load, "apigateway")
    for n in until_over(load):
        status, body = ask("POST", f"/prod/topics/{USER}.pin", {"records": [{"value": {"index": n, "mark": n}}]}, JSON2)
        if status == 200 and json.loads(body)["offsets"][0].get("error_code") is None:
            yield n


def rest(load):
    ask = Client(load, "rest")
    for n in until_over(load):
        status, body = ask("POST", f"/topics/{USER}.geo", {"records": [{"value": {"ind": n, "mark": n}}]}, JSON2)
        if status == 200 and json.loads(body)["offsets"][0].get("error_code") is None:
            yield n


def kinesis(load):
    ask = Client(load, "aws")
    for n in until_over(load):
        if kinesis_call(ask, "PutRecord", {"StreamName": "load", "PartitionKey": str(n), "Data": base64.b64encode(b"%d" % n).decode()})[0] == 200:
            yield n


def s3(load):
    ask = Client(load, "aws")
    for n in until_over(load):
        if ask("PUT", f"/load/{n}", b"%d " % n * (20000 if n % 5 == 0 else 20))[0] == 200:
            yield n


def rds(load):
    host, port = load.srv.address("rds")
    c = pymysql.connect(host=host, port=port, user="root", password="", database=DATABASE, connect_timeout=10, read_timeout=60)
    with c.cursor() as q:
        q.execute("CREATE TABLE IF NOT EXISTS loads (id INT PRIMARY KEY, s VARCHAR(40))")
        for n in until_over(load):
            q.execute("INSERT INTO loads VALUES (%s, %s)", (n, f"row {n}"))
            c.commit()
            yield n


def manage(load):
    """Control planes: an API, a job, a connector's offsets, a DAG's variable, each with its number as the name."""
    aws, lake, airflow = Client(load, "aws"), Client(load, "lake"), Client(load, "airflow")
    for n in until_over(load):
        api = aws("POST", "/restapis", {"name": f"load-{n}"}, {**scope("apigateway"), "Content-Type": "application/json"})[0] == 201
        job = lake("POST", "/api/2.1/jobs/create", {"name": f"load-{n}", "tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "/x"}}]},
                   {"Content-Type": "application/json"})[0] == 200
        var = airflow("POST", "/api/v1/variables", {"key": f"load-{n}", "value": str(n)}, {"Content-Type": "application/json"})[0] == 200
        if api and job and var:
            yield n
        time.sleep(0.01)


# ---- what is in flight: nothing is acknowledged ----

def dags(load):
    """DAG files that come and change, whose tasks are programs."""
    ask, look = Client(load, "aws"), Client(load, "airflow")
    for n in until_over(load):
        ask("PUT", f"/mwaa-dags-bucket/dags/load_{n % 3}.py", DAG.format(n=n % 3, seconds=n % 2 * 5))
        look("GET", "/api/v1/dags")
        yield None


def stream(load):
    """Records that a streaming query cleans into a table."""
    ask = Client(load, "aws")
    for n in until_over(load):
        rows = [{"Data": base64.b64encode(json.dumps({"index": n, "unique_id": f"u{n}", "title": "t"}).encode()).decode(), "PartitionKey": "k"}] * 50
        kinesis_call(ask, "PutRecords", {"StreamName": "pin-stream", "Records": rows})
        yield None


def upload(load):
    """One upload that never ends: its client sends slowly."""
    with socket.create_connection(load.srv.address("aws"), 10) as s:
        s.sendall(b"PUT /load/slow HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000000\r\n\r\n")
        while not load.over.wait(0.005):
            s.sendall(b"x" * 60000)
            yield None


def download(load):
    """One answer that nobody reads."""
    Client(load, "aws")("PUT", "/load/large", b"x" * (16 << 20))
    with socket.create_connection(load.srv.address("aws"), 10) as s:
        s.sendall(b"GET /load/large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        load.over.wait()
        yield None


def statement(load):
    """SQL that ends with the stack."""
    host, port = load.srv.address("rds")
    c = pymysql.connect(host=host, port=port, user="root", password="", database=DATABASE, connect_timeout=10, read_timeout=60)
    with c.cursor() as q:
        q.execute(ENDLESS)
        yield None


def lake(load):
    """The same of the lake, and a clean."""
    ask = Client(load, "lake")
    ask("POST", "/api/tarn/clean", "")
    ask("POST", "/api/tarn/sql", "SELECT count(*) FROM range(9000000000000000) a JOIN range(3) b ON a.id % 7 = b.id")
    yield None


def fetch(load):
    """Kafka's long poll."""
    def string(s):
        return struct.pack(">h", len(s)) + s
    body = struct.pack(">iiiibi", -1, 60000, 1, 1 << 20, 0, 1) + string(f"{USER}.user".encode()) + struct.pack(">iiqi", 1, 0, 0, 1 << 20)
    message = struct.pack(">hhi", 1, 4, 7) + string(b"load") + body
    with socket.create_connection(load.srv.address("kafka"), 10) as s:
        s.sendall(struct.pack(">i", len(message)) + message)
        s.settimeout(60)
        s.recv(1)
        yield None


def subscribe(load):
    """Kinesis pushes to this one."""
    ask = Client(load, "aws")
    arn = json.loads(kinesis_call(ask, "DescribeStreamSummary", {"StreamName": "load"})[1])["StreamDescriptionSummary"]["StreamARN"]
    made = json.loads(kinesis_call(ask, "RegisterStreamConsumer", {"StreamARN": arn, "ConsumerName": f"c{next(load.numbers)}"})[1]).get("Consumer")
    if not made: # a stream has twenty at most
        return
    load.over.wait(0.1)
    kinesis_call(ask, "SubscribeToShard", {"ConsumerARN": made["ConsumerARN"], "ShardId": "shardId-000000000000", "StartingPosition": {"Type": "LATEST"}})
    yield None


WRITES = [gateway, rest, kinesis, s3, rds, manage]
IN_FLIGHT = [dags, stream, upload, download, statement, lake, fetch, subscribe]
