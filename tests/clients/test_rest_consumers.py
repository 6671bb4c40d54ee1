#!/usr/bin/python3
"""Consumers of the REST proxy: the recorded exchanges of a real one, in their order; then what the recording doesn't show."""
import base64
import http.client
import json
import os
import re
import time

from tarn import SHARED, Stack, done, ok, same

V2 = "application/vnd.kafka.v2+json"
KJ = "application/vnd.kafka.json.v2+json"
KB = "application/vnd.kafka.binary.v2+json"
LINE = re.compile(r"### (\w+) (\S+) ct=(.*?) acc=(.*?) body=(.*)", re.S)
SECTIONS = ("v2 topics", "v2 produce json", "v2 produce binary", "v2 consumers")


def recorded():
    """(section, method, path, type, accept, body, status, answer's type, answer) of the recording, without what timed out."""
    with open(os.path.join(SHARED, "vectors/confluent-rest-proxy-7.2.txt"), encoding="utf-8") as f:
        text = f.read()
    for section in text.split("================== ")[1:]:
        name, _, rest = section.partition("\n")
        for one in rest.split("### ")[1:]:
            head, arrow, answer = one.partition("\n--> ")
            m = LINE.match("### " + head)
            if not arrow or not m:
                continue
            status, _, body = answer.partition("\n")
            status, kind = status.split()[:2]
            method, path, ctype, accept, sent = m.groups()
            yield name, method, path, none(ctype), none(accept), sent, int(status), none(kind), body.rstrip("\n")


def none(s):
    return None if s == "None" else s


class Proxy:
    def __init__(self, url):
        self.host = url.split("//")[1]
        self.conn = http.client.HTTPConnection(self.host, timeout=30)

    def __call__(self, method, path, body="", ctype=None, accept=None):
        headers = {}
        if ctype:
            headers["Content-Type"] = ctype
        if accept:
            headers["Accept"] = accept
        self.conn.request(method, path, body.encode() if body else None, headers)
        r = self.conn.getresponse()
        return r.status, r.headers.get("Content-Type"), r.read().decode()

    def json(self, method, path, body=None, ctype=V2, accept=None):
        status, _, text = self(method, path, "" if body is None else json.dumps(body), ctype if body is not None else None, accept)
        return status, json.loads(text) if text else None


def placed(sent, answer):
    """A request whose records go where they went in the recording: what has no key goes to a partition by chance."""
    try:
        body, offsets = json.loads(sent), json.loads(answer)["offsets"]
        for record, at in zip(body["records"], offsets):
            if at["partition"] is not None:
                record.setdefault("partition", at["partition"])
        return json.dumps(body)
    except (ValueError, KeyError, TypeError):
        return sent


def replay(proxy):
    uuid = re.compile(r"rest-consumer-[0-9a-f-]{36}")
    for section, method, path, ctype, accept, sent, status, kind, answer in recorded():
        if section not in SECTIONS:
            continue
        got = proxy(method, path, placed(sent, answer) if section != "v2 consumers" else sent, ctype, accept)
        if section != "v2 consumers":
            continue
        text = uuid.sub("rest-consumer-UUID", got[2]).replace(proxy.host, "localhost:18082")
        same((got[0], got[1], text), (status, kind, answer), f"recorded: {method} {path} {sent[:80]}")


def records(proxy, base, query="?timeout=1000", accept=KJ):
    status, got = proxy.json("GET", base + "/records" + query, accept=accept)
    return [(r["partition"], r["offset"], r["value"]) for r in got] if status == 200 else (status, got)


def produce(proxy, topic, values, partition=0):
    proxy.json("POST", f"/topics/{topic}", {"records": [{"value": v, "partition": partition} for v in values]}, KJ)


def instance(proxy, group, **conf):
    status, made = proxy.json("POST", f"/consumers/{group}", {"format": "json", "auto.offset.reset": "earliest", **conf})
    return made["base_uri"].split(proxy.host)[1] if status == 200 else (status, made)


def offsets(proxy, base, topic, partition=0):
    body = json.dumps({"partitions": [{"topic": topic, "partition": partition}]})
    return [o["offset"] for o in json.loads(proxy("GET", base + "/offsets", body, V2)[2])["offsets"]]


def alone(proxy):
    produce(proxy, "one", ["a", "b", "c"])
    base = instance(proxy, "g", name="x", **{"fetch.min.bytes": 1, "auto.commit.enable": "false"})
    proxy.json("POST", base + "/subscription", {"topics": ["one"]})
    same(proxy.json("GET", base + "/assignments")[1], {"partitions": []}, "nothing is assigned before the first read")
    began = time.monotonic()
    same(records(proxy, base), [(0, 0, "a"), (0, 1, "b"), (0, 2, "c")], "a subscription reads from the beginning")
    same(proxy.json("GET", base + "/assignments")[1], {"partitions": [{"topic": "one", "partition": 0}]}, "the group assigned the partition")
    ok(time.monotonic() - began < 0.9, "fetch.min.bytes ends a read before its time")
    same(records(proxy, base, "?timeout=50"), [], "nothing more")
    same(proxy.json("POST", base + "/offsets")[1], [], "commits what was read")
    same(offsets(proxy, base, "one"), [3], "the group is behind the last record")
    proxy.json("POST", base + "/positions", {"offsets": [{"topic": "one", "partition": 0, "offset": 1}]})
    same(records(proxy, base), [(0, 1, "b"), (0, 2, "c")], "reads on where it was put")
    proxy.json("POST", base + "/positions/beginning", {"partitions": [{"topic": "one", "partition": 0}]})
    same(records(proxy, base, "?timeout=500&max_bytes=7"), [(0, 0, "a"), (0, 1, "b")], "max_bytes ends before the record that reaches it")
    same(records(proxy, base, "?timeout=500&max_bytes=3"), [], "a record of max_bytes never comes")
    for query in ("?timeout=x", "?max_bytes=1e3", "?timeout=1.5"):
        same(records(proxy, base, query), (404, {"error_code": 404, "message": "HTTP 404 Not Found"}), f"no number: {query}")
    same(records(proxy, base, "?timeout=0&max_bytes=0"), [(0, 2, "c")], "what was read and not delivered comes next; 0 is no limit")
    proxy.json("POST", base + "/positions/end", {"partitions": [{"topic": "one", "partition": 0}]})
    same(records(proxy, base, "?timeout=50"), [], "the end is looked up by the next read")
    produce(proxy, "one", [{"late": 1.50}])
    same(records(proxy, base), [(0, 3, {"late": 1.5})], "from the end: only what came since")
    proxy.json("POST", base + "/offsets", {"offsets": [{"topic": "one", "partition": 0, "offset": 1, "metadata": "m"}]})
    same(offsets(proxy, base, "one"), [2], "an offset in the body is of the record that was read")
    same(proxy("DELETE", base)[0], 204, "deleted")
    base = instance(proxy, "g", name="y", **{"fetch.min.bytes": 1})
    proxy.json("POST", base + "/subscription", {"topic_pattern": "on."})
    same(records(proxy, base), [(0, 2, "c"), (0, 3, {"late": 1.5})], "a pattern; the next of the group begins where it was committed")
    proxy("DELETE", base)
    base = instance(proxy, "g", name="z")
    proxy.json("POST", base + "/assignments", {"partitions": [{"topic": "one", "partition": 0}]})
    same(offsets(proxy, base, "one"), [4], "who was deleted had committed what it had read")
    proxy("DELETE", base)


def nameless(proxy):
    """An instance of no name gets one, also beside one whose name is empty."""
    same([proxy.json("POST", "/consumers/names", body)[0] for body in ({"name": ""}, {}, {"name": None}, {"name": ""})], [200, 200, 200, 409],
         "an empty name is taken, no name never is")


def together(proxy):
    """Two instances share the partitions; the one that stays has all of them again."""
    produce(proxy, "two", ["p0"], 0)
    produce(proxy, "two", ["p1"], 1)
    a, b = (instance(proxy, "pair", name=n, **{"fetch.min.bytes": 1}) for n in "ab")
    for base in (a, b):
        proxy.json("POST", base + "/subscription", {"topics": ["two"]})
    same(sorted(records(proxy, a)), [(0, 0, "p0"), (1, 0, "p1")], "the first has both partitions")
    parts = {}
    other = Proxy("http://" + proxy.host)
    for _ in range(20):
        records(proxy, a, "?timeout=300")
        records(other, b, "?timeout=300")
        parts = {base[-1]: [p["partition"] for p in proxy.json("GET", base + "/assignments")[1]["partitions"]] for base in (a, b)}
        if sorted(parts["a"] + parts["b"]) == [0, 1] and parts["a"] and parts["b"]:
            break
    same(sorted(map(len, parts.values())), [1, 1], "then one each")
    proxy("DELETE", b)
    for _ in range(20):
        records(proxy, a, "?timeout=300")
        if len(proxy.json("GET", a + "/assignments")[1]["partitions"]) == 2:
            break
    same(len(proxy.json("GET", a + "/assignments")[1]["partitions"]), 2, "and both again once the other has gone")
    proxy("DELETE", a)


def binary(proxy):
    base = instance(proxy, "b", format="binary", **{"fetch.min.bytes": 1})
    proxy.json("POST", base + "/assignments", {"partitions": [{"topic": "one", "partition": 0}]})
    got = proxy.json("GET", base + "/records", accept=KB)[1]
    same([base64.b64decode(r["value"]) for r in got][:2], [b'"a"', b'"b"'], "binary: as the bytes are")
    proxy("DELETE", base)


def expiry(proxy, stack):
    base = instance(proxy, "old")
    proxy.json("POST", base + "/subscription", {"topics": ["one"]})
    stack.clock("freeze")
    same(proxy("GET", base + "/subscription")[0], 200, "an instance waits")
    stack.clock("advance 301s")
    same(proxy("GET", base + "/subscription")[0], 404, "five minutes without a call: it is gone")
    stack.clock("resume")


def elsewhere(near, far):
    """The proxy of another stack, over this one's broker by librdkafka."""
    produce(near, "far", ["a", "b", "c"])
    base = instance(far, "f", name="x", **{"fetch.min.bytes": 1, "auto.commit.enable": "false"})
    far.json("POST", base + "/subscription", {"topics": ["far"]})
    got = []
    for _ in range(30):
        got += records(far, base)
        if len(got) >= 3:
            break
    same(got, [(0, 0, "a"), (0, 1, "b"), (0, 2, "c")], "over another cluster: a subscription reads from the beginning")
    same(far.json("GET", base + "/assignments")[1], {"partitions": [{"topic": "far", "partition": 0}]}, "its assignment")
    same(far.json("POST", base + "/offsets")[1], [], "commits what was read")
    same(offsets(far, base, "far"), [3], "its group is there")
    far.json("POST", base + "/positions", {"offsets": [{"topic": "far", "partition": 0, "offset": 2}]})
    same(records(far, base), [(0, 2, "c")], "reads on where it was put")
    same(far.json("POST", base + "/positions", {"offsets": [{"topic": "far", "partition": 7, "offset": 2}]})[0], 409, "not assigned")
    same(far("DELETE", base)[0], 204, "deleted")
    base = instance(near, "f", name="y")
    near.json("POST", base + "/assignments", {"partitions": [{"topic": "far", "partition": 0}]})
    same(offsets(near, base, "far"), [3], "the broker's own proxy sees that group")
    near("DELETE", base)


def main():
    stack = Stack(only="kafka,rest", conf="[topics]\ntwo = 2\nt-RUN = 2\n")
    with stack:
        proxy = Proxy(stack.at["rest"])
        alone(proxy)
        nameless(proxy)
        together(proxy)
        binary(proxy)
        expiry(proxy, stack)
        with Stack(only="rest", conf=f"[remote]\nkafka = {stack.at['kafka']}\n") as other:
            elsewhere(proxy, Proxy(other.at["rest"]))
        replay(proxy)
    done()


main()
