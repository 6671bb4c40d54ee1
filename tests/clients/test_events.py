#!/usr/bin/python3
"""What the console stands on: its files, its place on both ports, and the stream of events."""
import gzip
import hashlib
import http.client
import json
import os
import re
import urllib.parse

from tarn import ROOT, Stack, call, done, ok, parts, same, tarn


class Events:
    """GET /api/events as a browser reads it: next() is (event, id, data)."""

    def __init__(self, s, query="", **headers):
        at = urllib.parse.urlparse(s.at["control"])
        self.c = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
        self.c.request("GET", "/api/events" + query, headers={"Accept": "text/event-stream", **headers})
        self.r = self.c.getresponse()

    def next(self):
        got = {}
        while line := self.r.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            got[name] = value
        return got.get("event"), got.get("id"), json.loads(got["data"])

    def until(self, event, wanted=lambda d: True):
        while True:
            name, at, data = self.next()
            if name == event and wanted(data):
                return at, data

    def close(self):
        self.c.close()


def files(s):
    page = call("GET", s.at["control"] + "/", headers={"Accept": "text/html"})
    ok(page.text.startswith("<!doctype html>") and "no-store" == page.headers["Cache-Control"], "a browser is shown the page")
    ok(call("GET", s.at["control"] + "/").text.startswith("tarn control port"), "a program a list")
    total = len(page.body)
    for folder, _, names in os.walk(ROOT + "/emulators/console/www"):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), ROOT + "/emulators/console/www")
            if path == "index.html":
                continue
            a = call("GET", f"{s.at['control']}/{path}", headers={"Accept-Encoding": "gzip"})
            own = open(os.path.join(folder, name), "rb").read()
            ok(a.status == 200 and a.headers["Content-Encoding"] == "gzip" and gzip.decompress(a.body) == own, f"{path} as it is written, packed", a.status)
            total += len(a.body)
            if name == "app.mjs":
                same(call("GET", f"{s.at['control']}/{path}").body, own, "and unpacked for who doesn't take gzip")
                same(call("GET", f"{s.at['control']}/{path}", headers={"If-None-Match": a.headers["ETag"]}).status, 304, "ETag")
                ok("default-src 'self'" in a.headers["Content-Security-Policy"] and a.headers["X-Content-Type-Options"] == "nosniff", "guarded")
    ok(total <= 80_000, f"{total} bytes in all, of 80,000")
    for path in ("/nope", "/pages/..%2f..%2findex.html", "/pages", "/index.html/x", "/.git"):
        same(call("GET", s.at["control"] + path).status, 404, f"{path} isn't there")
    same(call("POST", s.at["control"] + "/app.mjs", "x", {"X-Tarn": "1"}).status, 404, "nor does one post to a file")
    sums = {name: sum for sum, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", open(ROOT + "/emulators/console/www/vendor/SHA256SUMS").read(), re.M)}
    for name in os.listdir(ROOT + "/emulators/console/www/vendor"):
        if name != "SHA256SUMS":
            same(hashlib.sha256(open(f"{ROOT}/emulators/console/www/vendor/{name}", "rb").read()).hexdigest(), sums.get(name), f"vendor/{name} is what it was")


def aws_port(s):
    at = http.client.HTTPConnection(urllib.parse.urlparse(s.at["aws"]).netloc)
    at.request("GET", "/", headers={"Accept": "text/html"})
    a = at.getresponse()
    same((a.status, a.headers["Location"]), (302, "/_tarn/"), "a browser on the AWS port is led to the console")
    page = call("GET", s.at["aws"] + "/_tarn/journey/t-1", headers={"Accept": "text/html"}).text
    ok('src="/_tarn/app.mjs"' in page, "whose files are below /_tarn/ there", page)
    same(call("GET", s.at["aws"] + "/_tarn/api/2.1/jobs/list").status, 200, "and what the control port has")
    same(call("GET", s.at["aws"] + "/_tarn/health").json()["status"], "ok", "/_tarn/health")
    same(call("GET", s.at["control"] + "/_tarn/_tarn/endpoints").json(), call("GET", s.at["control"] + "/_tarn/endpoints").json(), "/_tarn/X is X")
    a = call("POST", s.at["aws"] + "/_tarn/faults", "s3 drop", {"Content-Type": "text/plain"})
    same(a.status, 403, "a page's simple POST isn't taken there, either")
    same(call("GET", s.at["aws"] + "/_tarn/faults", headers={"Origin": "http://evil.example"}).status, 403, "nor is another origin's")
    ok("console" not in call("GET", s.at["aws"] + "/", headers={"Accept": "application/json"}).text, "a program is answered by S3")
    key = {"Authorization": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" + 64 * "0"}
    ok("<Error>" in call("GET", s.at["aws"] + "/_tarn/x", headers=key).text, "who signs means S3")


def stream(s):
    e = Events(s, **{"Sec-Fetch-Site": "same-origin"})
    same((e.r.status, e.r.headers["Content-Type"]), (200, "text/event-stream"), "a stream of events")
    name, _, hello = e.next()
    same((name, sorted(hello)), ("hello", ["boot", "token", "version"]), "hello comes first")
    ok("token" not in Events(s, **{"Origin": s.at["aws"], "Sec-Fetch-Site": "same-site"}).next()[2], "its token is for a page of the same origin")
    _, state = e.until("state")
    ok({"clock", "frozen", "faults", "services", "counters", "seed"} <= set(state), "the state", sorted(state))
    s.run("emit", "pinterest", "--count", "3")
    at, _ = e.until("journal", lambda d: any(x.get("op") == "ProduceToTopic" for x in d))
    _, state = e.until("state", lambda d: d["services"]["kafka"]["records"] == 9)
    ok(state["counters"]["ops"]["rest"][0] == 9, "counters follow", state["counters"]["ops"])
    call("POST", s.at["control"] + "/_tarn/faults", "s3.PutObject delay=1ms name=x", {"X-Tarn": "1"})
    _, state = e.until("state", lambda d: d["faults"])
    same(state["faults"], [{"site": "s3.PutObject", "name": "x", "fired": 0, "spec": "s3.PutObject name=x delay=1ms"}], "faults do")
    call("POST", s.at["aws"] + "/", "{}", {"X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.0"})
    _, notice = e.until("notice", lambda d: d["event"] == "unsupported")
    same((notice["event"], notice["times"]), ("unsupported", 1), "what isn't served is said")
    same([n["event"] for n in call("GET", s.at["control"] + "/_tarn/notices").json()["notices"]], ["refused", "unsupported"], "and kept, with what was refused before")
    call("POST", s.at["control"] + "/_tarn/reset", "", {"X-Tarn": "1"})
    _, state = e.until("state", lambda d: d["services"]["kafka"]["records"] == 0)
    ok(state["counters"]["ops"]["rest"][0] == 0, "a reset leaves the stream, and counts from nothing again", state["counters"]["ops"])
    e.close()
    s.run("emit", "pinterest", "--count", "1")
    e = Events(s, "?since=" + at)
    _, missed = e.until("journal")
    ok(missed[0]["seq"] == int(at.split(".")[1]) + 1 and any(x["op"] == "Reset" for x in missed), "who comes back gets what it missed", missed[:1])
    e.close()
    e = Events(s, **{"Last-Event-ID": "0123456789abcdef.9999"})
    ok(len(e.until("journal")[1]) > 3, "of another start: the last ones")
    e.close()


def quiet(s):
    last = lambda: len(call("GET", s.at["control"] + "/_tarn/journal", headers={"X-Tarn": "console"}).text.splitlines())
    before = last()
    for path in ("/", "/app.mjs", "/_tarn/stack", "/api/2.1/jobs/list", "/api/journey/random"):
        call("GET", s.at["control"] + path, headers={"X-Tarn": "console"})
    same(last(), before, "the console's looks aren't journaled")
    call("POST", s.at["control"] + "/_tarn/faults", "", {"X-Tarn": "console"})
    same(last(), before + 1, "what acts is")


def many(s):
    """Nobody is served without end, and nobody who goes leaves anything."""
    all = [Events(s) for _ in range(64)]
    for e in all:
        e.next()
    same(Events(s).r.status, 503, "64 listen at a time")
    for e in all:
        e.close()
    ok(s.stop() == 0, "tarn ends while they hang there")


def opens(s):
    same(tarn("open", "--data", s.data).stdout, s.at["control"] + "/\n", "tarn open")
    same(tarn("open", "index=5730", "--data", s.data).stdout, s.at["control"] + "/journey/index%3D5730\n", "a record's journey")
    r = tarn("open", "nope", "--data", s.data)
    ok(r.returncode == 2 and "has no page nope" in r.stderr, "a page that isn't there", r.stderr)


with Stack() as stack:
    parts(files, aws_port, opens, stream, quiet, many, args=(stack,))
done()
