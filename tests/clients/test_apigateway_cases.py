#!/usr/bin/python3
"""API Gateway: single cases with boto3, each an answer recorded on AWS or one of its guides, that were wrong once."""
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


parts(documents)
ok(stack.alive(), "the server is alive")
done()
