#!/usr/bin/python3
"""API v3 of the REST proxy as python requests sees it, what a group of kafka-python's looks like there, and more proxies than one."""
import json
import socket

from tarn import Stack, done, need, ok, same, until

requests, kafka = need("requests", "kafka")
J = {"Content-Type": "application/json"}


def lines(r):
    return [json.loads(x) for x in r.text.splitlines() if x]


def data(r):
    return r.json()["data"]


def topics(s, b):
    r = s.post(b + "/topics", json={"topic_name": "t3", "partitions_count": 2, "replication_factor": 1,
                                    "configs": [{"name": "retention.ms", "value": "86400000"}]})
    same((r.status_code, r.headers["Location"]), (201, b + "/topics/t3"), "a topic is made, its place is told")
    same(s.get(b + "/topics/t3").json()["partitions_count"], 2, "and there")
    ok("t3" in [t["topic_name"] for t in data(s.get(b + "/topics"))], "and listed")
    one = s.get(b + "/topics/t3/configs/retention.ms").json()
    same((one["value"], one["source"], one["is_default"]), ("86400000", "DYNAMIC_TOPIC_CONFIG", False), "with its setting")
    same([t["topic_name"] for t in data(s.get(b + "/topics/-/configs")) if t["name"] == "retention.ms" and t["topic_name"] == "t3"], ["t3"],
         "settings of all topics")
    same(s.put(b + "/topics/t3/configs/retention.ms", json={"value": "abc"}).json(),
         {"error_code": 40002, "message": "Invalid value abc for configuration retention.ms: Not a number of type LONG"}, "a bad setting")
    same(s.delete(b + "/topics/t3/configs/retention.ms").status_code, 204, "a setting is reset")
    same(s.get(b + "/topics/t3/configs/retention.ms").json()["is_default"], True, "to its default")
    same(s.post(b + "/topics/t3/configs:alter", json={"data": [{"name": "no.such", "value": "1"}]}).status_code, 404, "an unknown setting")
    same([(r["partition_id"], r["is_leader"]) for r in data(s.get(b + "/topics/t3/partitions/1/replicas"))], [(1, True)], "replicas")
    same(data(s.get(b + "/topics/-/partitions/-/reassignment")), [], "nothing is on the move")
    ok(any(c["name"] == "num.partitions" for c in data(s.get(b + "/brokers/1/configs"))), "settings of a broker")
    same(s.get(b + "/acls").json(), {"error_code": 40002, "message": "No Authorizer is configured on the broker"}, "no authorizer")


def records(s, b, ends):
    body = "\n".join(json.dumps(x) for x in [
        {"value": {"type": "JSON", "data": {"n": 1}}, "partition_id": 0, "timestamp": "2021-02-05T19:14:42Z"},
        {"key": {"type": "BINARY", "data": "a2V5"}, "value": {"type": "BINARY", "data": "dg=="}, "partition_id": 1,
         "headers": [{"name": "h", "value": "Zm9v"}, {"name": "none"}]},
        {"value": {"type": "BINARY", "data": "!!"}}])
    r = s.post(b + "/topics/t3/records", data=body, headers=J)
    got = lines(r)
    same((r.status_code, [x.get("offset", x.get("error_code")) for x in got]), (200, [0, 0, 400]), "a line for each record, in order")
    same(got[0]["timestamp"], "2021-02-05T19:14:42Z", "with the time that was given")
    same((got[1]["key"], got[1]["value"]), ({"type": "BINARY", "size": 3}, {"type": "BINARY", "size": 1}), "and the sizes")
    c = kafka.KafkaConsumer("t3", bootstrap_servers=ends["kafka"], group_id="g3", auto_offset_reset="earliest", consumer_timeout_ms=5000,
                            enable_auto_commit=False)
    seen = sorted((m.partition, m.key, m.value, [h for h in m.headers if h[0] != "tarn-trace"]) for m in (next(c), next(c)))
    same(seen, [(0, None, b'{"n":1}', []), (1, b"key", b"v", [("h", b"foo"), ("none", None)])], "what a consumer reads")
    c.commit()
    return c


def both_ways(s, b):
    """A client that reads a record's line before it sends the next; one that goes away; one that sends no JSON."""
    host, port = b.split("/")[2].split(":")
    head = (f"POST {b.split(port)[1]}/topics/both/records HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode()

    def connect():
        at = socket.create_connection((host, int(port)), 10)
        at.sendall(head)
        return at, at.makefile("rb")

    def chunk(at, text):
        at.sendall(b"%x\r\n%s\r\n" % (len(text), text))

    def answer(f):
        size = int(f.readline(), 16)
        got = f.read(size)
        f.readline()
        return got

    at, f = connect()
    chunk(at, b'{"value":{"type":"JSON","data":1}}')
    status = f.readline()
    while f.readline().strip():
        pass
    same((status, json.loads(answer(f))["offset"]), (b"HTTP/1.1 200 OK\r\n", 0), "a line while the request is still open")
    for n in (1, 2):
        chunk(at, b'{"value":{"type":"JSO')
        chunk(at, b'N","data":2}}')
        same(json.loads(answer(f))["offset"], n, "and one for the next, cut in two")
    chunk(at, b'{"value":{"type":"NOPE","data":2}}')
    same(json.loads(answer(f))["error_code"], 400, "an error is a line")
    at.sendall(b"0\r\n\r\n")
    same((answer(f), f.read()), (b"", b""), "the end")
    at.close()
    at, f = connect()
    chunk(at, b'{"value":{"type":"JSON","data":4}}')
    at.close()
    until(lambda: s.get(f"{b.split('/v3')[0]}/topics/both/partitions/0/offsets").json()["end_offset"] == 4)
    at, f = connect()
    chunk(at, b"nope ")
    at.sendall(b"0\r\n\r\n")
    same(f.readline(), b"HTTP/1.1 400 Bad Request\r\n", "no JSON at all")
    at.close()
    r = s.post(b + "/topics/both/records", data=(x for x in [b'{"value":{"type":"JSON","data":5}}', b'{"value":{"type":"JSON","data":6}}']), headers=J)
    same([x["offset"] for x in lines(r)], [4, 5], "requests, with a generator")
    at = socket.create_connection((host, int(port)), 10)
    at.sendall(head.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    f = at.makefile("rb")
    same((f.readline(), f.readline()), (b"HTTP/1.1 100 Continue\r\n", b"\r\n"), "who waits for a word before the body, as curl -T -, gets it")
    chunk(at, b'{"value":{"type":"JSON","data":7}}')
    same(f.readline(), b"HTTP/1.1 200 OK\r\n", "and a line while the request is open")
    at.close()
    many = b'{"value":{"type":"JSON","data":"%s"}}' % (b"x" * 100_000) * 180
    r = requests.post(b + "/topics/both/records", data=many, headers=J)
    same((r.status_code, len(many) > 16 << 20), (200, True), "a body that is larger than those that are taken whole")
    got = [x["offset"] for x in lines(r)]
    same((len(got), got == list(range(got[0], got[0] + 180))), (180, True), "each of its records has a line")


def groups(s, b, consumer):
    g = s.get(b + "/consumer-groups/g3").json()
    same((g["state"], g["partition_assignor"] != "", g["is_simple"]), ("STABLE", True, False), "a group with a member")
    member = data(s.get(b + "/consumer-groups/g3/consumers"))[0]["consumer_id"]
    same([(a["topic_name"], a["partition_id"]) for a in data(s.get(f"{b}/consumer-groups/g3/consumers/{member}/assignments"))],
         [("t3", 0), ("t3", 1)], "what it reads")
    s.post(b + "/topics/t3/records", json={"value": {"type": "JSON", "data": 2}, "partition_id": 1})
    lags = data(s.get(b + "/consumer-groups/g3/lags"))
    same([(x["partition_id"], x["current_offset"], x["log_end_offset"], x["lag"], x["consumer_id"] == member) for x in lags],
         [(1, 1, 2, 1, True), (0, 1, 1, 0, True)], "lags, the longest first")
    lag = s.get(b + "/consumer-groups/g3/lag-summary").json()
    same((lag["max_lag"], lag["total_lag"], lag["max_lag_partition_id"], lag["max_lag_consumer_id"]), (1, 1, 1, member), "and their sum")
    consumer.close()
    until(lambda: s.get(b + "/consumer-groups/g3").json()["state"] == "EMPTY")
    same(s.get(b + "/consumer-groups/none").json(), {"error_code": 404, "message": "HTTP 404 Not Found"}, "an unknown group")
    same(s.get(b + "/consumer-groups/g3/consumers/x").json()["message"], "HTTP 404 Not Found", "an unknown consumer")


def elsewhere(s, ends, other):
    """One more proxy over the stack's brokers, one over another cluster."""
    for key, number in (("rest-same", 1), ("rest-far", 0)):
        r = s.post(f"{ends[key]}/topics/far", headers={"Content-Type": "application/vnd.kafka.json.v2+json"}, data='{"records":[{"value":1}]}')
        same(r.json()["offsets"][0]["offset"], 0, f"{key}: a record")
        same("far" in s.get(ends["rest"] + "/topics").json(), number == 1 or key == "rest-far", f"{key}: where it is")
    far = data(s.get(ends["rest-far"] + "/v3/clusters"))[0]
    b = f"{ends['rest-far']}/v3/clusters/{far['cluster_id']}"
    same([t["topic_name"] for t in data(s.get(b + "/topics")) if t["topic_name"] == "far"], ["far"], "v3 of the other cluster: topics")
    same(s.post(b + "/topics", json={"topic_name": "made", "partitions_count": 3}).status_code, 201, "one is made there")
    same(len(data(s.get(b + "/topics/made/partitions"))), 3, "with its partitions")
    same(s.put(b + "/topics/made/configs/retention.ms", json={"value": "5000"}).status_code, 204, "a setting")
    same(s.get(b + "/topics/made/configs/retention.ms").json()["value"], "5000", "that is kept")
    c = kafka.KafkaConsumer("far", bootstrap_servers=other["kafka"], auto_offset_reset="earliest", group_id="gfar", consumer_timeout_ms=5000)
    next(c)
    c.commit()
    c.close()
    lags = data(s.get(b + "/consumer-groups/gfar/lags"))
    same([(x["topic_name"], x["current_offset"], x["lag"]) for x in lags], [("far", 1, 0)], "and a group's lags")
    same("made" in s.get(ends["rest"] + "/topics").json(), False, "none of it is here")
    c = kafka.KafkaConsumer("far", bootstrap_servers=other["kafka"], auto_offset_reset="earliest", consumer_timeout_ms=5000)
    same(next(c).value, b"1", "a record in the other cluster")
    c.close()


with Stack(only="kafka", conf="[topics]\n") as far:
    address = far.at["kafka"]
    with Stack(only="kafka,rest", conf=f"[rest.same]\nport = 0\n[rest.far]\nkafka = {address}\n") as stack:
        session = requests.Session()
        url = stack.at["rest"]
        cluster = data(session.get(url + "/v3/clusters"))[0]["cluster_id"]
        base = f"{url}/v3/clusters/{cluster}"
        topics(session, base)
        groups(session, base, records(session, base, stack.at))
        both_ways(session, base)
        elsewhere(session, stack.at, far.at)
        same(session.delete(base + "/topics/t3").status_code, 204, "a topic is deleted")
        same(session.delete(base + "/topics/t3").json()["error_code"], 40403, "once")
done()
