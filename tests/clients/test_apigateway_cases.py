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


parts(documents, bombs)
ok(stack.alive(), "the server is alive")
done()
