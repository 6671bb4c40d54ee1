#!/usr/bin/python3
"""Faults at operations: what a client sees of one, and that nothing else is harmed."""
import json
import socket
import struct
import threading
import time

from tarn import BUCKET, Stack, call, done, need, ok, parts, same

pymysql, exceptions = need("pymysql", "botocore.exceptions")
KAFKA = {"Content-Type": "application/vnd.kafka.json.v2+json"}
TOPIC = "0affea73130b.pin"


def connect(s):
    host, port = s.address("rds")
    return pymysql.connect(host=host, port=port, user="u", password="p", database="pinterest_data", autocommit=True)


def number_of(f):
    try:
        return f()
    except pymysql.MySQLError as e:
        return e.args[0]


def count(c):
    with c.cursor() as cur:
        cur.execute("SELECT COUNT(*) FROM pinterest_data WHERE `index` < 5")
        return cur.fetchone()[0]


def rds(s):
    c = connect(s)
    n = count(c)
    s.fault("rds.statement error=1205 name=lock")
    same([number_of(lambda: count(c)), bool(s.faults_clear()), number_of(lambda: count(c))], [1205, False, n], "a statement answers with a number of MySQL's, the next one with its rows")
    s.fault("rds.statement error=4711 name=odd")
    same([number_of(lambda: count(c)), bool(s.faults_clear()), number_of(lambda: count(c))], [4711, False, n], "with any number")
    s.fault("rds.connect error=1040 name=full")
    same(number_of(lambda: count(connect(s))), 1040, "too many connections")
    s.faults_clear()
    s.fault("rds.statement delay=300ms name=slow")
    began, other = time.monotonic(), connect(s)
    slow = threading.Thread(target=lambda: count(c))
    slow.start()
    slow.join()
    s.faults_clear()
    ok(time.monotonic() - began >= 0.3, "a statement comes late")
    same(count(other), n, "others are served")
    s.fault("rds.statement drop name=gone")
    same(number_of(lambda: c.cursor().execute("CREATE TABLE made_in_silence(a INT)")), 2013, "one is done, and its connection ends in place of the answer")
    s.faults_clear()
    same(number_of(lambda: other.cursor().execute("SELECT * FROM made_in_silence")), 0, "done it was")
    s.fault("rds outage name=out")
    same(number_of(lambda: count(connect(s))), 2013, "nobody comes in")
    s.faults_clear()
    same(count(connect(s)), n, "and then everybody does")


def kafka(s):
    host, port = s.address("kafka")

    def ask(sock):
        sock.sendall(struct.pack(">ihhih", 10, 18, 0, 7, -1) + b"")
        return sock.recv(1000)[4:8]

    s.fault("kafka.ApiVersions delay=200ms name=late")
    with socket.create_connection((host, port), timeout=10) as sock:
        began = time.monotonic()
        same(ask(sock), b"\0\0\0\7", "a request is answered late")
        ok(time.monotonic() - began >= 0.2, "that late")
        s.faults_clear()
        same(ask(sock), b"\0\0\0\7", "the next one at once")
        s.fault("kafka.ApiVersions reset name=cut")
        same(ask(sock), b"", "one is cut off")
    s.faults_clear()
    s.fault("kafka.ApiVersions drop name=lost")
    with socket.create_connection((host, port), timeout=10) as sock:
        same(ask(sock), b"", "one is done and not answered")
    s.faults_clear()
    with socket.create_connection((host, port), timeout=10) as sock:
        same(ask(sock), b"\0\0\0\7", "and the broker goes on")


def http(s):
    def put():
        try:
            s.s3.put_object(Bucket=BUCKET, Key="k", Body=b"x" * 100_000)
            return 200
        except exceptions.ClientError as e:
            return e.response["Error"]["Code"]

    s.fault("s3.PutObject error=SlowDown name=s3")
    same([put(), bool(s.faults_clear()), put()], ["SlowDown", False, 200], "S3 says its error, then does it")
    s.fault("s3.GetObject error=AccessDenied name=s3get")
    same(call("GET", f"{s.at['aws']}/{BUCKET}/k").status, 403, "with its status")
    s.faults_clear()
    post = lambda: call("POST", f"{s.at['rest']}/topics/{TOPIC}", json.dumps({"records": [{"value": {"index": 1}}]}), KAFKA)
    s.fault("rest.ProduceToTopic error=50002 name=rest")
    got = post()
    s.faults_clear()
    same((got.status, got.json()["error_code"], post().status), (500, 50002, 200), "the REST proxy its code")
    s.fault("connect.ListConnectors error=409 name=connect")
    got = call("GET", s.at["connect"] + "/connectors")
    s.faults_clear()
    same((got.status, got.json()["error_code"], call("GET", s.at["connect"] + "/connectors").status), (409, 409, 200), "a Connect worker that it is rebalancing")


with Stack() as stack:
    parts(rds, kafka, http, args=(stack,))
done()
