#!/usr/bin/python3
"""API Gateway as python requests sees it: the default stack's API in front of the REST proxy, then APIs of our own in
front of a backend that tells what reached it."""
import http.client
import http.server
import json
import os
import socket
import threading
import time

from tarn import Stack, done, need, ok, same, stack_folder

requests = need("requests")
KJ = "application/vnd.kafka.json.v2+json"
TOPIC = "0affea73130b.pin"


def ids(r):
    return (len(r.headers.get("x-amzn-RequestId", "")), len(r.headers.get("x-amz-apigw-id", "")))


def refusal(r, status, kind, body, name):
    same((r.status_code, r.headers.get("x-amzn-ErrorType"), r.headers.get("Content-Type"), r.text, ids(r)),
         (status, kind, "application/json", body, (36, 16)), name)


NO_TOKEN = (403, "MissingAuthenticationTokenException", '{"message":"Missing Authentication Token"}')
FORBIDDEN = (403, "ForbiddenException", '{"message":"Forbidden"}')
INTERNAL = (500, "InternalServerErrorException", '{"message": "Internal server error"}')
TIMED_OUT = (504, "InternalServerErrorException", '{"message": "Endpoint request timed out"}')
NETWORK = (504, "InternalServerErrorException", '{"message": "Network error communicating with endpoint"}')
TOO_LONG = (413, "RequestTooLargeException", '{"message":"Request Too Long"}')


# ---- the default stack ----

def passes_unchanged(s, url, rest):
    row = {"index": 7528, "title": "No Title \u2026 \U0001f600 \u00e9", "follower_count": "100k", "downloaded": 1}
    posts = [
        ("one row", KJ, json.dumps({"records": [{"value": row}]})),
        ("raw UTF-8 and an emoji", KJ, json.dumps({"records": [{"value": row}]}, ensure_ascii=False).encode()),
        ("two records", KJ, json.dumps({"records": [{"key": "k", "value": 1}, {"value": None}]})),
        ("a bare row", KJ, json.dumps(row)),
        ("cut JSON", KJ, "{cut"),
        ("no body", KJ, ""),
        ("bytes that are no text", KJ, bytes(range(256))),
        ("another type", "application/json", json.dumps({"records": [{"value": row}]})),
        ("a name no topic can have", KJ, json.dumps({"records": [{"value": 1}]})),
    ]
    for name, kind, body in posts:
        topic = "bad%20name" if name.startswith("a name") else TOPIC
        answers = []
        for base in (f"{url}/prod", rest):
            r = s.post(f"{base}/topics/{topic}", headers={"Content-Type": kind}, data=body)
            try:
                answer = r.json()
                for o in answer.get("offsets", []):
                    o["offset"] = None
            except ValueError:
                answer = r.content
            answers.append((r.status_code, r.headers["Content-Type"], answer))
        same(answers[0], answers[1], f"POST, {name}: the proxy's own answer")
    for path in ("/topics", f"/topics/{TOPIC}", f"/topics/{TOPIC}/partitions/0", "/topics/none", "/brokers", "/nothing/here"):
        a, b = s.get(url + "/prod" + path), s.get(rest + path)
        # An answer without a type gets the gateway's.
        same((a.status_code, a.headers["Content-Type"], a.content),
             (b.status_code, b.headers.get("Content-Type", "application/json"), b.content), f"GET {path}: the proxy's own answer")


def slashes(host):
    """Runs of slashes before the stage and after it are one; further on they stay. No client but a raw one sends them all."""
    conn = http.client.HTTPConnection(host)

    def ask(method, path, body=None):
        conn.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        r = conn.getresponse()
        return r.status, r.read().decode()

    topics = ask("GET", "/prod/topics")
    ok(topics[0] == 200, "GET /prod/topics", topics)
    for path in ("//prod/topics", "///prod//topics", "/prod//topics", "/prod////topics", "/prod//topics/"):
        same(ask("GET", path), topics, f"GET {path}: as with one slash")
    record = json.dumps({"StreamName": "x", "Data": {"a": 1}, "PartitionKey": "p"})
    for path in ("/prod/streams/", "/prod//streams/", "//prod///streams/"):
        status, text = ask("PUT", f"{path}streaming-0affea73130b-pin/record", record)
        ok(status == 200 and "SequenceNumber" in text, f"PUT {path}...: a record", (status, text))
    same(ask("GET", "/prod/topics//x"), (404, '{"error_code":404,"message":"HTTP 404 Not Found"}'), "inside {proxy+} a//b stays")
    for path in ("//prod", "//prod//"):
        same(ask("GET", path), (403, '{"message":"Missing Authentication Token"}'), f"GET {path}: the root has no method")
    conn.close()


def one_url(s, url):
    """Two APIs behind one URL: what is called as a resource of one is this one's alone."""
    for method, path in (("PUT", "/streams/record?stream-name=S"), ("GET", "/streams/a/b/c"), ("PATCH", "/streams"), ("GET", "/streams/x/record")):
        refusal(s.request(method, f"{url}/prod{path}"), *NO_TOKEN, f"{method} {path}: unknown to the streams' API")
    same(s.get(f"{url}/prod/streamsx").status_code, 404, "what only begins so is the other one's")


def first_post(s, url):
    r = s.post(f"{url}/prod/topics/{TOPIC}", headers={"Content-Type": KJ}, data=json.dumps({"records": [{"value": {"index": 1}}]}))
    same((r.status_code, r.headers["Content-Type"], r.text),
         (200, "application/vnd.kafka.v2+json",
          '{"offsets":[{"partition":0,"offset":0,"error_code":null,"error":null}],"key_schema_id":null,"value_schema_id":null}'),
         "the users' post")
    same(ids(r), (36, 16), "x-amzn-RequestId and x-amz-apigw-id")
    ok(r.headers.get("X-Amzn-Trace-Id", "").startswith("Root=1-"), "X-Amzn-Trace-Id")
    same(("Date" in r.headers, "x-amzn-Remapped-Date" in r.headers, "x-amzn-ErrorType" in r.headers), (True, True, False),
         "the backend's Date is remapped")
    again = s.get(f"{url}/prod/topics")
    ok(again.headers["x-amzn-RequestId"] != r.headers["x-amzn-RequestId"], "each request has an id of its own")


def hosts_and_stages(s, url):
    api = "c9wlxu8n0d"
    same(s.get(f"{url}/test/topics").status_code, 200, "the other stage")
    refusal(s.get(f"{url}/staging/topics"), *FORBIDDEN, "no such stage")
    refusal(s.get(f"{url}/"), *FORBIDDEN, "no stage at all")
    refusal(s.post(f"{url}/topics/{TOPIC}", data="x"), *FORBIDDEN, "the stage forgotten")
    refusal(s.get(f"{url}/prod"), *NO_TOKEN, "the stage alone")
    refusal(s.get(f"{url}/prod/"), *NO_TOKEN, "the stage and a slash")
    refusal(s.request("TRACE", f"{url}/prod/topics"), *NO_TOKEN, "a method that ANY doesn't hold")
    for host in (f"{api}.execute-api.us-east-1.amazonaws.com", f"{api}.execute-api.localhost.localstack.cloud:4566",
                 f"{api}.execute-api.localhost:4566"):
        same(s.get(f"{url}/prod/topics", headers={"Host": host}).status_code, 200, f"Host: {host}")
    same(s.get(f"{url}/_aws/execute-api/{api}/prod/topics").status_code, 200, "/_aws/execute-api/")
    same(s.get(f"{url}/restapis/{api}/prod/_user_request_/topics").status_code, 200, "/restapis/…/_user_request_/")
    refusal(s.get(f"{url}/staging/topics", headers={"Host": f"{api}.execute-api.us-east-1.amazonaws.com"}), *FORBIDDEN,
            "by Host, no such stage")
    r = s.get(f"{url}/prod/topics", headers={"Host": "nosuchapi0.execute-api.us-east-1.amazonaws.com"})
    same(r.status_code, 404, "by Host, no such API")


def preflight(s, url):
    r = s.options(f"{url}/prod/topics/{TOPIC}", headers={"Origin": "http://page", "Access-Control-Request-Method": "POST"})
    same((r.status_code, r.content, r.headers["Access-Control-Allow-Origin"], r.headers["Access-Control-Allow-Methods"],
          "X-Amzn-Trace-Id" in r.headers), (200, b"", "*", "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT", False), "CORS preflight is the mock's")
    r = s.head(f"{url}/prod/topics")
    same((r.status_code, r.content), (200, b""), "HEAD")


def sizes(s, url):
    limit = 10 << 20
    head = b'{"records":[{"value":"'
    fits = head + b"x" * (limit - len(head) - 4) + b'"}]}'
    r = s.post(f"{url}/prod/topics/{TOPIC}", headers={"Content-Type": KJ}, data=fits)
    same((len(fits), r.status_code, r.json()["offsets"][0]["error_code"]), (limit, 200, 50002), "10 MB reach the proxy")
    refusal(requests.post(f"{url}/prod/topics/{TOPIC}", headers={"Content-Type": KJ}, data=fits + b" "), *TOO_LONG, "a byte more: 413")
    refusal(requests.post(f"{url}/prod/topics/{TOPIC}", headers={"Content-Type": KJ}, data=iter([fits, b" "])), *TOO_LONG,
            "a byte more in chunks: 413")
    same(s.get(f"{url}/prod/topics").status_code, 200, "and it goes on")


def faults(stack, s):
    url = stack.at["apigateway"]
    stack.fault("http.rest name=x status=503")
    r = s.get(f"{url}/prod/topics")
    same((r.status_code, "x-amzn-ErrorType" in r.headers), (503, False), "a backend's 503 passes through")
    stack.faults_clear("x")
    stack.fault("rest name=x reset")
    refusal(s.get(f"{url}/prod/topics"), *NETWORK, "the backend hangs up")
    stack.faults_clear("x")
    same(s.get(f"{url}/prod/topics").status_code, 200, "then all is well again")


def default_stack():
    stack = Stack("--set", "http.origins=http://page", only="kafka,rest,kinesis,apigateway")
    try:
        s = requests.Session()
        first_post(s, stack.at["apigateway"])
        passes_unchanged(s, stack.at["apigateway"], stack.at["rest"])
        slashes(stack.at["apigateway"].removeprefix("http://"))
        one_url(s, stack.at["apigateway"])
        hosts_and_stages(s, stack.at["apigateway"])
        preflight(s, stack.at["apigateway"])
        sizes(s, stack.at["apigateway"])
        faults(stack, s)
    finally:
        same(stack.stop(), 0, "stops cleanly")


# ---- APIs of our own ----

class Backend(http.server.BaseHTTPRequestHandler):
    """Tells what reached it; hangs on /hang until let go; breaks off on /cut."""
    protocol_version = "HTTP/1.1"
    version_string = staticmethod(lambda: "backend/1")
    hanging, release = threading.Semaphore(0), threading.Event()

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.path.startswith("/hang"):
            Backend.hanging.release()
            Backend.release.wait(60)
        if self.path.startswith("/cut"):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.close_connection = True
            return
        if self.path.startswith("/raw"):
            out, kind = body, self.headers.get("Content-Type")
        else:
            out = json.dumps({"method": self.command, "path": self.path, "body": body.decode("latin-1"),
                              "headers": [[k, v] for k, v in self.headers.items()]}).encode()
            kind = "application/json"
        status = int(self.path.split("status=")[1][:3]) if "status=" in self.path else 200
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in (("X-Own", "yes"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"),
                            ("x-amzn-RequestId", "inner"), ("Location", "/elsewhere")):
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(out)))
        try:
            self.end_headers()
            if self.command != "HEAD" and status not in (204, 304):
                self.wfile.write(out)
        except OSError:  # the gateway gave up on us
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def log_message(self, *args):
        pass


def integration(kind, uri="", params=None, key=False, **more):
    op = {"x-amazon-apigateway-integration": dict({"type": kind, "httpMethod": "ANY", "uri": uri, "requestParameters": params or {},
                                                   "responses": {"default": {"statusCode": "200"}}}, **more)}
    if key:
        op["security"] = [{"api_key": []}]
    return op


def own_api(backend, dead):
    anything = "x-amazon-apigateway-any-method"
    proxy = {"integration.request.path.proxy": "method.request.path.proxy"}
    maps = {"integration.request.header.X-From-Query": "method.request.querystring.q",
            "integration.request.header.X-From-Header": "method.request.header.x-token",
            "integration.request.header.X-From-Path": "method.request.path.id",
            "integration.request.header.X-Stage": "context.stage",
            "integration.request.header.X-Variable": "stageVariables.colour",
            "integration.request.header.X-Static": "'plain text'",
            "integration.request.header.Expect": "'100-continue'",
            "integration.request.header.User-Agent": "'mapped/1'",
            "integration.request.querystring.added": "method.request.path.id"}
    by_status = {"default": {"statusCode": "200", "responseParameters": {
                     "method.response.header.X-Mapped": "integration.response.header.X-Own",
                     "method.response.header.Server": "'mine'"}},
                 "4\\d{2}": {"statusCode": "404", "responseTemplates": {"application/json": '{"none": true}'}},
                 "5\\d{2}": {"statusCode": "502"}}
    return {"openapi": "3.0.1", "info": {"title": "own"},
            "servers": [{"url": "https://ownapi0001.execute-api.us-east-1.amazonaws.com/{basePath}"}],
            "components": {"securitySchemes": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}},
            "paths": {
                "/{proxy+}": {anything: integration("http_proxy", f"http://{backend}/{{proxy}}", proxy)},
                "/items/{id}": {anything: integration("http_proxy", f"http://{backend}/items/x", maps),
                                "delete": integration("http_proxy", f"http://{backend}/deleted", httpMethod="POST")},
                "/items/all": {"get": integration("http_proxy", f"http://{backend}/all")},
                "/keyed": {"get": integration("http_proxy", f"http://{backend}/keyed", key=True)},
                "/http": {"post": integration("http", f"http://{backend}/http", responses=by_status, httpMethod="POST")},
                "/http/{code}": {"get": integration("http", f"http://{backend}/http?status={{code}}", {
                    "integration.request.path.code": "method.request.path.code"}, responses=by_status, httpMethod="GET")},
                "/variable": {"get": integration("http_proxy", "http://${stageVariables.backend}/variable")},
                "/badmap": {"get": integration("http_proxy", f"http://{backend}/", {
                    "integration.request.header.Content-Length": "'1'"})},
                "/mock": {"get": integration("mock", requestTemplates={"application/json": '{"statusCode": 201}'},
                                             responses={"201": {"statusCode": "201", "responseTemplates": {
                                                 "application/json": '{"id": 42}'}}})},
                "/never": {"post": integration("http", f"http://{backend}/", passthroughBehavior="never", httpMethod="POST",
                                               requestTemplates={"application/json": "{}"})},
                "/dead": {"get": integration("http_proxy", f"http://{dead}/")},
                "/nohost": {"get": integration("http_proxy", "http://no-such-host.invalid/")},
                "/quick": {"get": integration("http_proxy", f"http://{backend}/hang", timeoutInMillis=50)},
            }}


def seen(r):
    told = r.json()
    return told, {k.lower(): v for k, v in told["headers"]}


def routing(s, url):
    def path(method, target, **kw):
        told = s.request(method, url + target, **kw).json()
        return told["method"], told["path"]

    same(path("GET", "/dev/items/all"), ("GET", "/all"), "a static part goes before {id}")
    same(path("POST", "/dev/items/all"), ("POST", "/items/x?added=all"), "a method the static part lacks goes to {id}")
    same(path("DELETE", "/dev/items/7"), ("POST", "/deleted"), "an exact method goes before ANY; the integration's own method")
    same(path("PATCH", "/dev/items/7"), ("PATCH", "/items/x?added=7"), "ANY keeps the client's method")
    same(path("GET", "/dev/items/7/deeper"), ("GET", "/items/7/deeper"), "deeper goes to {proxy+}")
    same(path("PUT", "/dev/keyed"), ("PUT", "/keyed"), "OPTIONS of a sibling, PUT here: {proxy+}")
    same(path("GET", "/dev/a%20b/%C3%A9%2Fc?x=1&x=2&y=%26+z"), ("GET", "/a%20b/%C3%A9%2Fc?x=1&x=2&y=%26+z"),
         "path and query go on as they came")
    same(path("GET", "/dev/variable"), ("GET", "/variable"), "a stage variable in the uri")


def request_headers(s, url, backend):
    r = s.post(f"{url}/dev/items/7?q=a%20b&q=c", data="text", headers={
        "x-token": "secret", "TE": "trailers", "Content-MD5": "x", "Max-Forwards": "2", "X-Kept": "1", "Cookie": "c=1",
        "Content-Encoding": "identity", "X-Forwarded-For": "10.0.0.1", "Content-Type": "text/plain", "Accept": "a/b",
        "Authorization": "Bearer t"})
    told, h = seen(r)
    same(told["path"], "/items/x?q=a%20b&q=c&added=7", "a mapped query parameter is appended")
    same((h["x-from-query"], h["x-from-header"], h["x-from-path"], h["x-stage"], h["x-variable"], h["x-static"], h["user-agent"]),
         ("a b", "secret", "7", "dev", "green", "plain text", "mapped/1"), "mapped headers")
    same([k for k in ("te", "content-md5", "max-forwards", "content-encoding", "expect", "connection") if k in h], [],
         "headers that never reach a backend")
    same((h["host"], h["x-kept"], h["cookie"], h["content-type"], h["accept"], h["authorization"], h["content-length"]),
         (backend, "1", "c=1", "text/plain", "a/b", "Bearer t", "4"), "headers that do")
    same((h["x-forwarded-for"], h["x-forwarded-proto"], h["x-amzn-apigateway-api-id"], h["x-amzn-trace-id"][:7]),
         ("10.0.0.1, 127.0.0.1", "http", "ownapi0001", "Root=1-"), "headers the gateway adds")
    told, h = seen(s.post(f"{url}/dev/http", data=b"{}", headers={"Content-Type": "application/json", "X-Kept": "1", "Accept": "a/b"}))
    same((h["accept"], h["user-agent"], "x-kept" in h, "x-forwarded-for" in h, told["body"]),
         ("application/json", "AmazonAPIGateway_ownapi0001", False, False, "{}"), "an HTTP integration sends only its own headers")
    told, h = seen(s.get(f"{url}/dev/x", headers={"X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793"}))
    same((h["x-amzn-trace-id"], "content-type" in h, "content-length" in h), ("Root=1-5759e988-bd862e3fe1be46a994272793", False, False),
         "a trace id goes on; no body, no type")


def response_headers(s, url):
    r = s.get(f"{url}/dev/x")
    names = [k for k, _ in r.raw.headers.items()]
    same((r.headers["X-Own"], r.headers["x-amzn-Remapped-Server"], "Server" in r.headers, r.headers["x-amzn-Remapped-x-amzn-RequestId"],
          r.headers["x-amzn-Remapped-Content-Length"], ids(r), names.count("Set-Cookie")),
         ("yes", "backend/1", False, "inner", str(len(r.content)), (36, 16), 2), "a backend's headers, remapped where they must be")
    r = s.post(f"{url}/dev/http", data="{}", headers={"Content-Type": "application/json"})
    same((r.headers.get("X-Mapped"), r.headers.get("x-amzn-Remapped-Server"), "X-Own" in r.headers, r.headers["Content-Type"]),
         ("yes", "mine", False, "application/json"), "an HTTP integration answers with mapped headers only")
    same([(c, s.get(f"{url}/dev/http/{c}").status_code) for c in (200, 404, 418, 503)], [(200, 200), (404, 404), (418, 404), (503, 502)],
         "the response is chosen by the backend's status")
    same(s.get(f"{url}/dev/http/404").text, '{"none": true}', "its template is the body")
    r = s.get(f"{url}/dev/mock")
    same((r.status_code, r.text), (201, '{"id": 42}'), "a mock")
    same([s.get(f"{url}/dev/x?status={c}", allow_redirects=False).status_code for c in (204, 302, 304, 404, 429, 500)],
         [204, 302, 304, 404, 429, 500], "a proxy's status passes through, redirects aren't followed")


def bodies(s, url):
    samples = {"binary": bytes(range(256)) * 64, "UTF-8": "Šaltibarščiai \U0001f372 \u202e".encode(), "NUL": b"\0" * 9,
               "a broken sequence": b"\xf0\x9f\x98", "1 MB": os.urandom(1 << 20), "gzip": b"\x1f\x8b\x08\x00\x00"}
    for name, body in samples.items():
        r = s.put(f"{url}/dev/raw", data=body, headers={"Content-Type": "application/octet-stream"})
        same((r.status_code, r.content == body, r.headers["Content-Type"]), (200, True, "application/octet-stream"),
             f"there and back unchanged: {name}")
    r = s.post(f"{url}/dev/raw", data=iter([b"in ", b"chunks"]))
    same(r.content, b"in chunks", "a chunked request")


def keys(s, url):
    refusal(s.get(f"{url}/dev/keyed"), *FORBIDDEN, "no API key")
    refusal(s.get(f"{url}/dev/keyed", headers={"x-api-key": "guess"}), *FORBIDDEN, "a wrong API key")
    refusal(s.get(f"{url}/dev/keyed", headers={"x-api-key": ""}), *FORBIDDEN, "an empty API key")
    r = s.get(f"{url}/dev/keyed", headers={"X-API-Key": "key-of-forty-characters-0123456789abcdef"})
    same((r.status_code, seen(r)[1].get("x-api-key")), (200, "key-of-forty-characters-0123456789abcdef"), "the right one")


def failures(stack, s):
    url = stack.at["apigateway"]
    refusal(s.get(f"{url}/dev/dead"), *INTERNAL, "the backend is down")
    refusal(s.get(f"{url}/dev/nohost"), *INTERNAL, "the backend's name doesn't resolve")
    same([requests.get(f"{url}/dev/nohost").status_code for _ in range(12)], [500] * 12, "and takes no connection with it that comes later")
    refusal(s.get(f"{url}/dev/badmap"), *INTERNAL, "a mapping that isn't allowed")
    refusal(s.get(f"{url}/dev/cut"), *NETWORK, "the backend breaks off")
    refusal(s.post(f"{url}/dev/never", data="x", headers={"Content-Type": "text/plain"}), 415, "BadRequestException",
            '{"message":"Unsupported Media Type"}', "no template for this type")
    refusal(s.get(f"{url}/dev/quick"), *TIMED_OUT, "timeoutInMillis in real time")
    Backend.hanging.acquire()


def frozen(stack, s):
    """29 seconds pass at once: the clock is frozen and then moved."""
    stack.clock("freeze 2026-01-05T09:00:00Z")
    got = []
    t = threading.Thread(target=lambda: got.append(requests.get(f"{stack.at['apigateway']}/dev/hang", timeout=60)))
    t.start()
    Backend.hanging.acquire()
    began = time.monotonic()
    stack.clock("advance 28s")
    same(s.get(f"{stack.at['apigateway']}/dev/x").status_code, 200, "others are served meanwhile")
    ok(t.is_alive(), "after 28 s it still waits")
    stack.clock("advance 1s")
    t.join(20)
    refusal(got[0], *TIMED_OUT, "after 29 s: Endpoint request timed out")
    ok(time.monotonic() - began < 20, "without 29 s having passed")
    # A client that goes away while the backend hangs, a backend that answers too late.
    c = socket.create_connection(stack.at["apigateway"].split("//")[1].split(":"))
    c.sendall(b"GET /dev/hang HTTP/1.1\r\nHost: x\r\n\r\n")
    Backend.hanging.acquire()
    c.close()
    Backend.release.set()
    same(s.get(f"{stack.at['apigateway']}/dev/hang").status_code, 200, "late answers and lost clients harm nobody")
    Backend.release.clear()
    stack.clock("resume")


def raw(stack):
    """What requests wouldn't send."""
    host, port = stack.at["apigateway"].split("//")[1].split(":")

    def ask(data):
        with socket.create_connection((host, int(port)), timeout=20) as c:
            c.sendall(data)
            r = http.client.HTTPResponse(c)
            r.begin()
            return r.status

    same(ask(b"GET /dev/../keyed HTTP/1.1\r\nHost: x\r\n\r\n"), 200, "dots in a path are the backend's business")
    same(ask(b"GET /dev//x HTTP/1.1\r\nHost: x\r\n\r\n"), 200, "an empty segment")
    same(ask(b"GET /dev/%zz%00 HTTP/1.1\r\nHost: x\r\n\r\n"), 200, "malformed escapes go on as they came")
    same(ask(b"GET /dev/x HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 90 + b"\r\n"), 200, "ninety headers")
    ok(ask(b"GET /dev/x HTTP/1.1\r\nHost: x\r\nX-A: " + b"b" * 20000 + b"\r\n\r\n") in (413, 431), "headers over 10 KB")


def own_stack():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    backend = f"127.0.0.1:{server.server_port}"
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))  # bound, not listening: refuses
    conf = f"""[apigateway]
api = own.json
stages = dev
[apigateway.hosts]
backend.example:8000 = {backend}
[apigateway.keys]
me = key-of-forty-characters-0123456789abcdef
[apigateway.stage.dev]
colour = green
backend = {backend}
"""
    api = json.dumps(own_api("backend.example:8000", f"127.0.0.1:{taken.getsockname()[1]}"))
    stack = Stack(only="apigateway", stack=stack_folder(conf, files={"own.json": api}))
    try:
        s = requests.Session()
        routing(s, stack.at["apigateway"])
        request_headers(s, stack.at["apigateway"], "backend.example:8000")
        response_headers(s, stack.at["apigateway"])
        bodies(s, stack.at["apigateway"])
        keys(s, stack.at["apigateway"])
        failures(stack, s)
        frozen(stack, s)
        raw(stack)
        same(s.get(f"{stack.at['apigateway']}/dev/x").status_code, 200, "still there")
    finally:
        Backend.release.set()
        same(stack.stop(), 0, "stops cleanly")
        taken.close()


default_stack()
own_stack()
done()
