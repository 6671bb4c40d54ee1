#!/usr/bin/python3
"""The REST proxy as python requests sees it, and what lands in the topic as kafka-python sees it."""
import contextlib
import json

from tarn import Stack, done, need, same

requests, kafka = need("requests", "kafka")
V2 = "application/vnd.kafka.v2+json"
KJ = "application/vnd.kafka.json.v2+json"
KB = "application/vnd.kafka.binary.v2+json"
def offsets(*pairs):
    return {"offsets": [{"partition": p, "offset": o, "error_code": None, "error": None} for p, o in pairs],
            "key_schema_id": None, "value_schema_id": None}


def run(ends):
    url = ends["rest"]
    s = requests.Session()
    row = {"index": 7528, "title": "No Title Data Available", "emoji": "\u2026\U0001f600", "follower_count": "100k",
           "latitude": -89.9787, "downloaded": 1, "image_src": None}
    topic = "0affea73130b.pin"

    r = s.get(url + "/topics")
    same((r.status_code, r.headers["Content-Type"], sorted(r.json())),
         (200, V2, [f"0affea73130b.{kind}" for kind in ("geo", "pin", "user")]), "the stack's topics")
    # As the users' scripts post: one row, json.dumps, ASCII escapes.
    r = s.post(f"{url}/topics/{topic}", headers={"Content-Type": KJ}, data=json.dumps({"records": [{"value": row}]}))
    same((r.status_code, r.headers["Content-Type"], r.json()), (200, V2, offsets((0, 0))), "a row is posted")
    r = s.post(f"{url}/topics/{topic}", headers={"Content-Type": KJ, "Accept": V2},
               data=json.dumps({"records": [{"key": "k", "value": [1, 2.50]}, {"value": None, "partition": 0}]}))
    same(r.json(), offsets((0, 1), (0, 2)), "two records in one request")
    r = s.post(f"{url}/topics/{topic}/partitions/0", headers={"Content-Type": KB},
               data=json.dumps({"records": [{"key": "a2V5", "value": "S2Fma2E="}]}))
    same(r.json(), offsets((0, 3)), "binary to a partition")
    same(topic in s.get(url + "/topics").json(), True, "the topic is listed")
    r = s.get(f"{url}/topics/{topic}").json()
    same((r["name"], len(r["configs"]), r["partitions"]),
         (topic, 33, [{"partition": 0, "leader": 1, "replicas": [{"broker": 1, "leader": True, "in_sync": True}]}]),
         "the topic is described")
    same(s.get(f"{url}/topics/{topic}/partitions").json(), r["partitions"], "its partitions")
    same(s.get(f"{url}/topics/{topic}/partitions/0").json(), r["partitions"][0], "one partition")
    same(s.get(f"{url}/topics/{topic}/partitions/0/offsets").json(), {"beginning_offset": 0, "end_offset": 4},
         "its offsets")
    same(s.get(url + "/brokers").json(), {"brokers": [1]}, "the broker")

    # What users meet when something is wrong.
    r = s.post(f"{url}/topics/{topic}", headers={"Content-Type": KJ}, data=json.dumps({"ind": 1}))
    same((r.status_code, r.text), (422, '{"error_code":422,"message":"Unrecognized field: ind"}'), "a bare row")
    r = s.post(f"{url}/topics/{topic}", json={"records": [{"value": 1}]})
    same((r.status_code, r.json()["error_code"]), (415, 415), "application/json isn't taken")
    r = s.post(f"{url}/topics/{topic}", headers={"Content-Type": KJ}, data="{cut")
    same((r.status_code, r.headers["Content-Type"].split(";")[0]), (400, "text/plain"), "cut JSON")
    r = s.get(url + "/topics/none")
    same((r.status_code, r.json()["error_code"]), (404, 40403), "no such topic")
    r = s.get(f"{url}/topics/{topic}/partitions/9")
    same((r.status_code, r.json()["error_code"]), (404, 40402), "no such partition")
    r = s.delete(url + "/topics")
    same((r.status_code, "Content-Type" in r.headers), (405, False), "no such method")
    r = s.get(url + "/consumers/x/instances/y/records")
    same(r.status_code, 404, "no such consumer instance")
    r = s.post(f"{url}/topics/bad%20name", headers={"Content-Type": KJ}, data='{"records":[{"value":1}]}')
    same(r.json()["offsets"][0]["error"], "Invalid topics: [bad name]", "a name no topic can have")
    r = s.post(f"{url}/topics/{topic}", headers={"Content-Type": KJ},
               data='{"records":[{"value":"' + "x" * 1100000 + '"}]}')
    same((r.status_code, r.json()["offsets"][0]["error_code"]), (200, 50002), "a record too large for the producer")
    r = s.head(url + "/topics")
    same((r.status_code, r.text), (200, ""), "HEAD")
    read_back(ends["kafka"], topic, row)


def read_back(broker, topic, row):
    c = kafka.KafkaConsumer(bootstrap_servers=broker, consumer_timeout_ms=10000)
    part = kafka.TopicPartition(topic, 0)
    c.assign([part])
    c.seek_to_beginning(part)
    got = []
    for m in c:
        got.append((m.key, m.value))
        if len(got) == 4:
            break
    c.close()
    # Jackson escapes what lies beyond U+FFFF and nothing else.
    first = json.dumps(row, separators=(",", ":"), ensure_ascii=False).replace("\U0001f600", "\\uD83D\\uDE00")
    same(got, [(None, first.encode()), (b'"k"', b"[1,2.5]"), (None, None), (b"key", b"Kafka")],
         "kafka-python reads the very bytes")


def large(ends):
    """A body of megabytes is read beside the loop and goes to the log in slices."""
    url = ends["rest"] + "/topics/large/partitions/0"
    many = 3500
    body = json.dumps({"records": [{"value": {"n": n, "text": "x" * 900}} for n in range(many)]})
    requests.post(ends["rest"] + "/topics/large", headers={"Content-Type": KJ}, data='{"records":[{"value":1}]}', timeout=10)
    r = requests.post(url, headers={"Content-Type": KJ}, data=body, timeout=60)
    same((r.status_code, r.json()["offsets"] == offsets(*((0, n + 1) for n in range(many)))["offsets"]), (200, True), "3,500 records, 3 MB: in order")
    r = requests.post(url, headers={"Content-Type": KJ}, data=body[:-3], timeout=60)
    same((r.status_code, "Unexpected end-of-input" in r.text), (400, True), "a large body that breaks off")
    with contextlib.suppress(requests.exceptions.Timeout):
        requests.post(url, headers={"Content-Type": KJ}, data=body, timeout=0.001)
    same(requests.get(ends["rest"] + "/topics", timeout=10).status_code, 200, "one who hung up meanwhile")


with Stack(only="kafka,rest") as stack:
    run(stack.at)
    large(stack.at)
done()
