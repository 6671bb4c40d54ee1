#!/usr/bin/python3
"""API Gateway: single cases with boto3, each an answer recorded on AWS or one of its guides, that were wrong once."""
import concurrent.futures
import json
import time

from apigateway_manage import ClientError, manager
from tarn import Stack, call, done, log, ok, parts, same

stack = Stack(only="apigateway,s3,kinesis")
g, s3 = manager(stack), stack.s3


def refusal(f, *args, **kw):
    """What it is refused with: status, code, message."""
    try:
        f(*args, **kw)
    except ClientError as e:
        return e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"], e.response["Error"]["Message"]
    return "accepted"


def documents():
    """Refused documents: in milliseconds, in AWS's words, before the API is looked up."""
    refused = (400, "BadRequestException", "Invalid OpenAPI input.")
    began = time.monotonic()
    for name, body in (("JSON", '{"openapi":"3.0.1","x":' + "[" * 100000 + "]" * 100000 + "}"), ("JSON, closed nowhere", '{"openapi":"3.0.1","x":' + "[" * 200000),
                       ("YAML", "openapi: 3.0.1\nx: " + "[" * 200000), ("YAML objects", "openapi: 3.0.1\nx: " + "{a: " * 100000),
                       ("YAML blocks", "openapi: 3.0.1\nx:\n " + "- " * 200000), ("JSON, many values", '{"openapi":"3.0.1","x":[' + "[]," * 1000000 + "[]]}"),
                       ("YAML aliases", "openapi: 3.0.1\na0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))),
                       ("YAML tags", "".join(f"%TAG !a{i}! x\n" for i in range(100000)) + "---\nopenapi: 3.0.1\npaths: {}\n"),
                       ("over 6 MB", '{"openapi":"3.0.1","paths":{},"x":"' + "x" * (6 << 20) + '"}')):
        same(refusal(g.import_rest_api, body=body.encode()), refused, f"nested, many or large: {name}")
    ok(time.monotonic() - began < 15, "all that in no time", time.monotonic() - began)  # one of them took 95 s
    same(refusal(g.import_rest_api, body=b"{'key:value}"), refused, "a document that doesn't parse")
    ok("Invalid OpenAPI input. (line 1: " in log(), "the log says why", log()[-1000:])
    same(refusal(g.put_rest_api, restApiId="ab12cd34ef", body=b"{'key:value}"), refused, "and before an API is missing")
    deep = '{"openapi":"3.0.1","info":{"title":"d"},"paths":{},"x":' + "[" * 120 + "]" * 120 + "}"
    ok(g.import_rest_api(body=deep.encode())["name"] == "d", "nested 121 deep is fine")
    aliased = "openapi: 3.0.1\ninfo: &i {title: a, description: &d text}\npaths: {}\nx: [*i, *i]\n"
    ok(g.import_rest_api(body=aliased.encode())["description"] == "text", "YAML with anchors")


def api_of(paths, **more):
    """An API of such a document, deployed; the address of its root and its id."""
    made = g.import_rest_api(body=json.dumps({"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": paths, **more}).encode())
    g.create_deployment(restApiId=made["id"], stageName="s")
    return f"{stack.at['aws']}/restapis/{made['id']}/s/_user_request_", made["id"]


def mapped(template, answer="$input.path('$')"):
    """A method whose integration echoes nothing: MOCK, what the templates make."""
    return {"x-amazon-apigateway-integration": {"type": "mock", "requestTemplates": {"application/json": template},
                                                "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": answer}}}}}


def bombs():
    """What a template or a schema takes is bounded, and what isn't done in a moment doesn't keep others waiting."""
    ok200 = '{"statusCode": 200}'
    loops = "#foreach($a in [1..1000])" * 4 + "#set($x=$a)" + "#end" * 4
    deep = {"type": "object", "properties": {"a": {"type": "array", "uniqueItems": True}}}
    url, _ = api_of({"/request": {"post": mapped(loops + ok200)}, "/answer": {"post": mapped(ok200, loops)},
                     "/both": {"post": mapped("#set($context.responseOverride.header.a = 'b')" + ok200, "$context.responseOverride.header.a" + "#foreach($i in [1..900])#foreach($j in [1..900])#end#end")},
                     "/large": {"post": mapped("#set($n = $input.path('$').size())#set($context.responseOverride.header.n = $n)" + ok200, "$context.responseOverride.header.n $input.body")},
                     "/many": {"post": mapped("#foreach($i in [1..900])#foreach($j in [1..100])#set($n = $i * $j)#end#end#set($context.responseOverride.header.n = $n)" + ok200, "$context.responseOverride.header.n")},
                     "/schema": {"post": {"requestBody": {"content": {"application/json": {"schema": deep}}}, "x-amazon-apigateway-request-validator": "b", **mapped(ok200, "valid")}}},
                    **{"x-amazon-apigateway-request-validators": {"b": {"validateRequestBody": True}}})
    order = []

    def post(path, body="{}"):
        r = call("POST", url + path, body, {"Content-Type": "application/json"})
        order.append(path)
        return r.status, r.text
    same(post("/request"), (500, '{"message": "Internal server error"}'), "a request template without end")
    same(post("/answer"), (500, '{"message": "Internal server error"}'), "a response template without end")
    ok("the template takes more than" in log(), "the log says why", log()[-500:])
    same(post("/both"), (200, "b"), "what was written to $context is there once, in an answer that takes long")
    same(post("/many"), (200, "90000"), "a template that takes some time is run to its end")
    rows = json.dumps([{"i": i, "text": "x" * 100} for i in range(20000)])
    same(post("/large", rows), (200, "20000 {}"), "a body of 2 MB")
    same(post("/schema", '{"a": [1, 2, 1]}')[0], 400, "items that aren't unique")
    same(post("/schema", '{"a": [1, 2, 3]}'), (200, "valid"), "and that are")
    same(post("/schema", json.dumps({"a": list(range(10000))}))[0], 500, "more of them than can be compared")
    order.clear()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        slow = [pool.submit(post, "/request") for _ in range(4)]
        while not order:
            stack.control("GET", "/health")
            order.append("health")
        ok(order[0] == "health" and {f.result()[0] for f in slow} == {500}, "others are answered meanwhile", order)


def own_ports():
    """An HTTP integration calls our own ports as somebody, or is refused: whoever may call the API would be that somebody."""
    s3.create_bucket(Bucket="own")

    def to(uri, kind="http", method="PUT", params=None):
        return {"post": {"x-amazon-apigateway-integration": {"type": kind, "httpMethod": method, "uri": uri, "requestParameters": params or {},
                                                             "responses": {"default": {"statusCode": "200"}, "4\\d\\d": {"statusCode": "403"}}}}}
    aws, control = stack.at["aws"], stack.at["control"]
    signed = {"integration.request.header.Authorization": "'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" + "0" * 64 + "'"}
    injected = {"integration.request.header.X": "method.request.body.x"}
    url, api = api_of({"/http": to(f"{aws}/own/a"), "/proxy": to(f"{aws}/own/b", "http_proxy"), "/name": to(f"{aws.replace('127.0.0.1', 'localhost')}/own/c"),
                       "/other": to(f"{aws.replace('127.0.0.1', 'x.localhost')}/own/d"), "/read": to(f"{aws}/own/", method="GET"),
                       "/signed": to(f"{aws}/own/e", params=signed), "/control": to(f"{control}/_tarn/clock", method="GET"), "/lines": to(f"{aws}/own/f", params=injected),
                       "/aws": to("arn:aws:apigateway:us-east-1:s3:path/own/h", "aws"), "/empty": to(f"{aws}/own/g", params={"integration.request.header.X-Amzn-Apigateway-Api-Id": "''"})})
    for path in ("/http", "/proxy", "/name", "/other", "/read", "/aws", "/empty"):
        r = call("POST", url + path, "text", {"Content-Type": "application/json"})
        ok(r.status == 403 and "<Code>AccessDenied</Code>" in r.text, f"an unsigned call of S3: {path}", (r.status, r.text))
    r = call("POST", url + "/control", "text", {"Content-Type": "application/json"})
    ok(r.status == 403 and "unsigned_to_own" in r.text, "an unsigned call of the control port", (r.status, r.text))
    ok("apigateway.unsigned_to_own=refuse" in log(), "the log names the setting")
    same(call("POST", url + "/signed", "text", {"Content-Type": "application/json"}).status, 200, "a signed one")
    same([o["Key"] for o in s3.list_objects_v2(Bucket="own").get("Contents", [])], ["e"], "only that one wrote")
    r = call("POST", url + "/lines", {"x": "1\r\n\r\nPUT /own/z HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"}, {"Content-Type": "application/json"})
    same((r.status, r.text), (500, '{"message": "Internal server error"}'), "a line end in a header")
    with Stack("--set", "apigateway.unsigned_to_own=allow", only="apigateway,s3") as open_stack:
        open_stack.s3.create_bucket(Bucket="own")
        made = manager(open_stack).import_rest_api(body=json.dumps({"openapi": "3.0.1", "info": {"title": "t"}, "paths": {"/": to(f"{open_stack.at['aws']}/own/a")}}).encode())
        manager(open_stack).create_deployment(restApiId=made["id"], stageName="s")
        same(call("POST", f"{open_stack.at['aws']}/restapis/{made['id']}/s/_user_request_/", "text").status, 200, "unless the stack says so")


parts(documents, bombs, own_ports)
ok(stack.alive(), "the server is alive")
done()
