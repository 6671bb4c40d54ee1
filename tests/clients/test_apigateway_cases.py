#!/usr/bin/python3
"""API Gateway: single cases with boto3, each an answer recorded on AWS or one of its guides, that were wrong once."""
import concurrent.futures
import http.server
import json
import threading
import time

from apigateway_manage import ClientError, manager, patch
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
        circle(open_stack, to)
        long_answers(open_stack, to)


def long_answers(s, to):
    """10 MiB are the most that an integration may answer; it is not read beyond that, as its whole body lies in memory."""
    client = manager(s)
    for key, size, status in (("most", 10 << 20, 200), ("more", (10 << 20) + 1, 500)):
        s.s3.put_object(Bucket="own", Key=key, Body=bytes(size))
        made = client.import_rest_api(body=json.dumps({"openapi": "3.0.1", "info": {"title": "t"}, "paths": {"/": to(f"{s.at['aws']}/own/{key}", "http_proxy", "GET")}}).encode())["id"]
        client.create_deployment(restApiId=made, stageName="s")
        r = call("POST", f"{s.at['aws']}/restapis/{made}/s/_user_request_/", "text")
        same((r.status, len(r.body) if status == 200 else r.text), (status, size if status == 200 else '{"message": "Internal server error"}'), f"an answer of {size} bytes")
    ok("longer than the sender takes" in log(), "the log says why")


def circle(s, to):
    """An API whose integration is the API itself; AWS answers when 29 s are over, by when this process would have called itself 100,000 times."""
    client = manager(s)
    made = client.create_rest_api(name="circle")["id"]
    own = f"{s.at['aws']}/restapis/{made}/s/_user_request_/"
    client.put_rest_api(restApiId=made, mode="overwrite", body=json.dumps({"openapi": "3.0.1", "info": {"title": "circle"}, "paths": {"/": to(own, "http_proxy", "POST")}}).encode())
    client.create_deployment(restApiId=made, stageName="s")
    r = call("POST", own, "text")
    same((r.status, log().count("goes round in a circle")), (504, 1), "an API that calls itself is stopped, and the log says so once")


def methods():
    """authorizationType in small letters, checks of PutIntegration and its responses, members that are empty."""
    api = g.create_rest_api(name="m")
    at = dict(restApiId=api["id"], resourceId=api["rootResourceId"])
    for verb in ("PUT", "GET"):
        made = g.put_method(authorizationType="none", httpMethod=verb, **at)
        same((made["ResponseMetadata"]["HTTPStatusCode"], made["authorizationType"], made["apiKeyRequired"]), (201, "NONE", False), f"put_method {verb}, authorizationType none")
    one = dict(httpMethod="GET", **at)
    g.put_integration(type="MOCK", uri="http://example.com", requestTemplates={"application/json": '{"statusCode": 200}'}, **one)
    ok("uri" not in g.get_integration(**one), "a MOCK has no uri")
    g.put_method_response(statusCode="200", **one)
    made = g.put_integration_response(statusCode="200", responseTemplates={"application/json": ""}, **one)
    same(made["responseTemplates"], {"application/json": None}, "an empty template is null")
    g.delete_method(httpMethod="PUT", **at)
    g.create_deployment(restApiId=api["id"], stageName="s")
    same(call("GET", f"{stack.at['aws']}/restapis/{api['id']}/s/_user_request_/").status, 200, "the method works")
    same(refusal(g.put_integration, type="HTTPS_PROXY", httpMethod="POST", **at),
         (400, "ValidationException", "1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: "
          "Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"), "an integration type that is none, of a method that isn't there")
    same(refusal(g.update_method_response, statusCode="wrong", patchOperations=patch(("add", "/responseParameters/method.response.header.x", "true")), **one),
         (400, "ValidationException", "1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular "
          "expression pattern: [1-5]\\d\\d"), "a status that is none")
    same(refusal(g.delete_integration_response, httpMethod="POST", statusCode="200", **at), (404, "NotFoundException", "Invalid Integration identifier specified"),
         "an integration response without a method")
    g.create_model(restApiId=api["id"], name="E", schema="{}", contentType="application/json")
    g.update_method(patchOperations=patch(("add", "/requestModels/application~1json", "Empty"), ("add", "/requestParameters/method.request.header.x", "true")), **one)
    made = g.update_method(patchOperations=patch(("remove", "/requestModels/application~1json"), ("remove", "/requestParameters/method.request.header.x")), **one)
    ok(not {"requestModels", "requestParameters"} & set(made), "maps that lost their last entry go", made)
    for kind, words in (("Parameters", "Invalid parameter name specified"), ("Models", "Content-Type specified was not found")):
        for op in ("replace", "remove"):
            same(refusal(g.update_method_response, statusCode="200", patchOperations=patch((op, f"/response{kind}/wrong", "true")), **one),
                 (404, "NotFoundException", words), f"{op} of response{kind} that aren't there")
    g.update_method_response(statusCode="200", patchOperations=patch(("add", "/responseModels/application~1json", "Empty")), **one)
    made = g.update_method_response(statusCode="200", patchOperations=patch(("remove", "/responseModels/application~1json")), **one)
    ok("responseModels" not in made, "and of a response", made)
    proxy = g.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart="{proxy+}")["id"]
    same(refusal(g.create_resource, restApiId=api["id"], parentId=proxy, pathPart="x"),
         (400, "BadRequestException", "Cannot create a child of a resource with a greedy path variable: {proxy+}"), "a child of {proxy+}")
    bad = (400, "BadRequestException", "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]")
    same(refusal(g.update_resource, restApiId=api["id"], resourceId=proxy, patchOperations=patch(("replace", "/invalid", "x"))), bad, "a resource's patch path")
    for op, path, words in (("replace", "/name", "Must be one of: [/description, /schema]"), ("add", "/wrong-path", "Please choose supported operations")):
        same(refusal(g.update_model, restApiId=api["id"], modelName="E", patchOperations=patch((op, path, "x"))),
             (400, "BadRequestException", f"Invalid patch path  '{path}' specified for op '{op}'. {words}"), f"a model's: {op} {path}")
    same(refusal(g.create_documentation_part, restApiId=api["id"], location={"type": "INVALID"}, properties="{}"),
         (400, "ValidationException", "1 validation error detected: Value 'INVALID' at 'createDocumentationPartInput.location.type' failed to satisfy constraint: Member must "
          "satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]"),
         "a documentation part of no type")
    same(refusal(g.create_api_key, name="k" * 1025), (400, "BadRequestException", "Invalid API Key name, can be at most 1024 characters."), "an API key's long name")
    ok("name" not in g.create_api_key(name=""), "and its empty one")


def patches():
    """What an API, a gateway response and a stage refuse."""
    api = g.create_rest_api(name="p")["id"]

    def of_api(*ops):
        return g.update_rest_api(restApiId=api, patchOperations=patch(*ops))

    def bad(words, f, *ops):
        same(refusal(f, *ops), (400, "BadRequestException", words), f"{ops[0]}: refused")
    bad("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE", of_api, ("replace", "/endpointConfiguration/types/0", "wrong"))
    bad("ipAddressType must be either ipv4 or dualstack.", of_api, ("replace", "/endpointConfiguration/ipAddressType", "wrong"))
    same(of_api(("replace", "/endpointConfiguration/types/0", "PRIVATE"))["endpointConfiguration"], {"types": ["PRIVATE"], "ipAddressType": "dualstack"}, "a private API")
    bad("Only dualstack ipAddressType is supported for Private APIs.", of_api, ("replace", "/endpointConfiguration/ipAddressType", "ipv4"))
    same(of_api(("replace", "/minimumCompressionSize", "10"))["minimumCompressionSize"], 10, "a compression size")
    for value in ("-1", "test"):
        bad("Invalid minimum compression size, must be between 0 and 10485760", of_api, ("replace", "/minimumCompressionSize", value))
    bad("Invalid patch operation specified. Must be one of: [replace]", of_api, ("add", "/minimumCompressionSize", "10"))
    ok("minimumCompressionSize" not in of_api(("replace", "/minimumCompressionSize", "")), "and none")

    def of_response(*ops):
        return g.update_gateway_response(restApiId=api, responseType="DEFAULT_4XX", patchOperations=patch(*ops))
    g.put_gateway_response(restApiId=api, responseType="DEFAULT_4XX", responseTemplates={"application/xml": "x"})
    bad("Invalid null or empty value in responseTemplates", of_response, ("replace", "/responseTemplates/application~1xml", None))
    bad("Invalid patch path /statusCode", of_response, ("add", "/statusCode", "444"))
    bad("Invalid patch path /statusCode", of_response, ("remove", "/statusCode"))
    api = api_of({"/": {"get": mapped('{"statusCode": 200}')}})[1]
    dev = g.get_stage(restApiId=api, stageName="s")["deploymentId"]

    def of_stage(*ops):
        return g.update_stage(restApiId=api, stageName="s", patchOperations=[{"op": o[0], "path": o[1], **dict(zip(("value", "from"), o[2:]))} for o in ops])
    each, all_ = "/{resourcePath}/{httpMethod}", "/*/*"
    caching = "{0}/caching/ttlInSeconds, {0}/caching/enabled, {0}/caching/dataEncrypted, {0}/caching/requireAuthorizationForCacheControl, {0}/caching/unauthorizedCacheControlHeaderStrategy, "
    logging = "{0}/metrics/enabled, {0}/logging/dataTrace, {0}/logging/loglevel, {0}/throttling/burstLimit"
    bad("Invalid method setting path: /tags/tag1. Must be one of: [/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, "
        "/accessLogSettings/destinationArn, /accessLogSettings/format, " + logging.format(each) + each + "/throttling/rateLimit" + caching.format(each) + logging.format(all_) +
        " /*/*/throttling/rateLimit " + caching.format(all_) + "/variables/{variable_name}, /tracingEnabled]", of_stage, ("replace", "/tags/tag1", "x"))
    bad("Cannot remove method setting canarySettings/stageVariableOverrides because there is no method setting for this method ", of_stage, ("remove", "/canarySettings/stageVariableOverrides"))
    bad("Promotion not available. Canary does not exist.", of_stage, ("copy", "/deploymentId", "", "/canarySettings/deploymentId"))
    bad("Invalid copy operation with path: /canarySettings/stageVariableOverrides and from /variables. Valid copy:path are [/deploymentId, /variables] and valid copy:from are "
        "[/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]", of_stage, ("copy", "/canarySettings/stageVariableOverrides", "", "/variables"))
    bad("Invalid add operation with path: /canarySettings/deploymentId", of_stage, ("add", "/canarySettings/deploymentId", dev))
    same(of_stage(("replace", "/canarySettings/deploymentId", dev))["canarySettings"]["percentTraffic"], 0.0, "a canary begins without traffic")
    of_stage(("replace", "/*/*/caching/enabled", "true"))
    same(of_stage(("replace", "/~1a/GET/throttling/burstLimit", "124"))["methodSettings"]["a/GET"]["cachingEnabled"], True, "a method's settings begin as those of all")


def imports():
    """Imported documents are there whole, and exported ones have AWS's names."""
    swagger = {"swagger": "2.0", "info": {"title": "i", "version": "1.0.0"}, "paths": {"/p/{id}": {"get": mapped('{"statusCode": 200}')}},
               "x-amazon-apigateway-documentation": {"documentationParts": [{"location": {"type": "API"}, "properties": {"description": "d"}}]},
               "securityDefinitions": {"pool": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "cognito_user_pools",
                                                "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn:aws:cognito-idp:us-east-1:0:userpool/x"]}}}}
    api = g.import_rest_api(body=json.dumps(swagger).encode())["id"]
    at = {r["path"]: r["id"] for r in g.get_resources(restApiId=api)["items"]}
    same(g.get_method(restApiId=api, resourceId=at["/p/{id}"], httpMethod="GET")["requestParameters"], {"method.request.path.id": True}, "a path's parameter that isn't declared")
    same([(p["location"]["type"], json.loads(p["properties"])) for p in g.get_documentation_parts(restApiId=api)["items"]], [("API", {"description": "d"})], "documentation parts")
    ok("authorizerResultTtlInSeconds" not in g.get_authorizers(restApiId=api)["items"][0], "a Cognito pool's authorizer has no time to live")
    g.create_deployment(restApiId=api, stageName="local")
    got = g.get_export(restApiId=api, stageName="local", exportType="swagger")
    same((got["contentType"], got["contentDisposition"]), ("application/octet-stream", 'attachment; filename="swagger_1.0.0.json"'), "an export's type and name")
    got = g.get_export(restApiId=api, stageName="local", exportType="oas30")
    same((got["contentType"], got["contentDisposition"]), ("application/octet-stream", 'attachment; filename="oas30_1.0.0.json"'), "of OpenAPI 3")
    same(json.loads(got["body"].read())["components"], {}, "components without models")
    document = {"openapi": "3.0.1", "info": {"title": "i", "version": 1}, "paths": {}}
    same(g.import_rest_api(body=json.dumps(document).encode())["version"], "1", "a version that is a number")
    api = g.create_rest_api(name="b", binaryMediaTypes=["image/heif"])["id"]
    document["x-amazon-apigateway-binary-media-types"] = ["image/png", "image/jpg"]
    same(g.put_rest_api(restApiId=api, mode="merge", body=json.dumps(document).encode())["binaryMediaTypes"], ["image/heif", "image/png", "image/jpg"], "binary media types are merged")
    document = {"openapi": "3.0.1", "info": {"title": "i", "version": "1"}, "paths": {"/test": {"get": mapped('{"statusCode": 200}')}},
                "servers": [{"url": "https://example.com", "variables": {"basePath": {"default": "/base-var"}}}]}
    api = g.import_rest_api(body=json.dumps(document).encode(), parameters={"basepath": "prepend"})["id"]
    same(sorted(r["path"] for r in g.get_resources(restApiId=api)["items"]), ["/", "/base-var", "/base-var/test"], "a base path that the url doesn't name")


def authorizers():
    """Without what an authorizer is asked with, it isn't asked."""
    for kind, more in (("COGNITO_USER_POOLS", {"providerARNs": ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/x"]}),
                       ("TOKEN", {"authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"})):
        api = g.create_rest_api(name=kind)
        auth = g.create_authorizer(restApiId=api["id"], name="a", type=kind, identitySource="method.request.header.Authorization", **more)["id"]
        at = dict(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="GET")
        g.put_method(authorizationType="CUSTOM" if kind == "TOKEN" else kind, authorizerId=auth, **at)
        g.put_integration(type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}, **at)
        g.create_deployment(restApiId=api["id"], stageName="s")
        url = f"{stack.at['aws']}/restapis/{api['id']}/s/_user_request_/"
        r = call("GET", url)
        same((r.status, r.text, r.headers["x-amzn-ErrorType"]), (401, '{"message":"Unauthorized"}', "UnauthorizedException"), f"{kind}: no token")
        same(call("GET", url, headers={"Authorization": "x"}).status, 500, f"{kind}: with one, what isn't served says so")


def s3_integrations():
    """API Gateway as a proxy of S3, as its guide has it."""
    s3.create_bucket(Bucket="bkt")
    s3.put_object(Bucket="bkt", Key="o.txt", Body=b"hello", ContentType="text/x-demo")
    etag = s3.head_object(Bucket="bkt", Key="o.txt")["ETag"]

    def to(path, method):
        headers = {f"method.response.header.{h}": f"integration.response.header.{h}" for h in ("Content-Type", "ETag", "Content-Length")}
        return {"x-amazon-apigateway-integration": {"type": "aws", "httpMethod": method, "uri": f"arn:aws:apigateway:us-east-1:s3:path/{path}", "credentials": "arn:aws:iam::000000000000:role/r",
                                                    "requestParameters": {"integration.request.header.x-amz-meta-a": "'b'"}, "responses": {"default": {"statusCode": "200", "responseParameters": headers},
                                                                                                                                         "404": {"statusCode": "404"}}}}
    url, _ = api_of({"/o": {"get": to("bkt/o.txt", "GET"), "head": to("bkt/o.txt", "HEAD"), "put": to("bkt/new%20one", "PUT"), "delete": to("bkt/new%20one", "DELETE")},
                     "/bucket": {"get": to("bkt", "GET")}, "/all": {"get": to("/", "GET")}, "/none": {"get": to("bkt/none", "GET")}})
    r = call("GET", url + "/o")
    same((r.status, r.text, r.headers["Content-Type"], r.headers["ETag"], r.headers["Content-Length"]), (200, "hello", "text/x-demo", etag, "5"), "an object, its type and ETag")
    r = call("GET", url + "/bucket")
    ok(r.status == 200 and "<ListBucketResult" in r.text and "<Key>o.txt</Key>" in r.text, "a bucket", r.text)
    r = call("GET", url + "/all")
    ok(r.status == 200 and "<ListAllMyBucketsResult" in r.text and "<Name>bkt</Name>" in r.text, "all buckets", r.text)
    r = call("HEAD", url + "/o")
    same((r.status, r.text), (200, ""), "HEAD of an object")
    r = call("PUT", url + "/o", "text", {"Content-Type": "text/y"})
    same(r.status, 200, "an object is put")
    got = s3.get_object(Bucket="bkt", Key="new one")
    same((got["Body"].read(), got["ContentType"], got["Metadata"].get("a")), (b"text", "text/y", "b"), "with its type and the headers that are mapped")
    same((call("DELETE", url + "/o").status, [o["Key"] for o in s3.list_objects_v2(Bucket="bkt")["Contents"]]), (200, ["o.txt"]), "and deleted")
    west = to("west/a", "PUT")
    west["x-amazon-apigateway-integration"]["uri"] = "arn:aws:apigateway:us-west-2:s3:path/west/a"
    s3.create_bucket(Bucket="west", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    same(call("PUT", api_of({"/": {"put": west}})[0] + "/", "text").status, 200, "a bucket of the region that the integration names")
    r = call("GET", url + "/none")
    ok(r.status == 404 and "<Code>NoSuchKey</Code>" in r.text, "S3's own error", r.text)
    with Stack("--set", "identities.AKIA=secret", "--set", "stack.auth=verify", only="apigateway,s3") as checked:
        other = checked.client("s3", key="AKIA", secret="secret")
        other.create_bucket(Bucket="bkt")
        made = checked.client("apigateway", key="AKIA", secret="secret").import_rest_api(body=json.dumps({"openapi": "3.0.1", "info": {"title": "t"}, "paths": {"/": {"put": to("bkt/a", "PUT")}}}).encode())
        checked.client("apigateway", key="AKIA", secret="secret").create_deployment(restApiId=made["id"], stageName="s")
        r = call("PUT", f"{checked.at['aws']}/restapis/{made['id']}/s/_user_request_/", "text")
        ok(r.status == 200 and other.get_object(Bucket="bkt", Key="a")["Body"].read() == b"text", "as an identity, where they are asked for", (r.status, r.text))


def taken_off():
    """Headers that templates and backends don't see."""
    seen = {}

    class Backend(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.clear()
            seen.update({"headers": {k.lower() for k in self.headers}, "body": json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    names = ("Connection", "Content-MD5", "Max-Forwards", "Server", "Upgrade", "Age", "Warn", "Authorization")
    template = json.dumps({n: f"$input.params('{n}')" for n in names})

    def to(kind, **more):
        return {"post": {"x-amazon-apigateway-integration": {"type": kind, "httpMethod": "POST", "uri": f"http://127.0.0.1:{backend.server_port}/", "responses": {"default": {"statusCode": "200"}}, **more}}}
    url, _ = api_of({"/http": to("http", requestTemplates={"application/json": template}), "/proxy": to("http_proxy")})
    sent = {"Content-MD5": "abc", "Max-Forwards": "2", "Server": "srv", "Upgrade": "HTTP/2.0", "Age": "1", "Warn": "w", "Authorization": "a", "Content-Type": "application/json"}
    same(call("POST", url + "/http", "{}", sent).status, 200, "HTTP")
    same(seen["body"], {"Connection": "", "Content-MD5": "", "Max-Forwards": "", "Server": "", "Upgrade": "", "Age": "1", "Warn": "w", "Authorization": "a"}, "what templates see")
    same(call("POST", url + "/proxy", "{}", sent).status, 200, "HTTP_PROXY")
    ok("x-tarn-trace" not in seen["headers"], "no header of ours reaches a backend", seen)
    backend.shutdown()


def large():
    """A large document is read, and a large API changed, off the loop and in one piece: others are answered meanwhile, requests of
    the management API wait their turn, a restart has it all, a document that is refused leaves nothing."""
    template = '{"statusCode": 200}' + "#set($a = $input.path('$.x'))#if($a)$a#end\n" * 300
    paths = {f"/p{i}": {"get": {"responses": {"200": {"description": "d"}}, **mapped(template, f"p{i}")}} for i in range(250)}
    document = {"openapi": "3.0.1", "info": {"title": "large", "version": "1"}, "paths": paths, "components": {"schemas": {f"M{i}": {"type": "object"} for i in range(200)}}}
    body = json.dumps(document).encode()
    before = len(g.get_rest_apis(limit=500)["items"])
    order = []

    def do(name, f, **kw):
        out = f(**kw)
        order.append(name)
        return out
    with concurrent.futures.ThreadPoolExecutor() as pool:
        made = pool.submit(do, "import", manager(stack).import_rest_api, body=body)
        while "health" not in order:
            do("health", stack.control, method="GET", path="/health")
        apis = pool.submit(do, "list", manager(stack).get_rest_apis, limit=500)
        api = made.result()["id"]
        ok(order[0] == "health" and len(apis.result()["items"]) in (before, before + 1), "others are answered while it is read", order)
    same(len(g.get_resources(restApiId=api, limit=500)["items"]), 251, "it is there whole")
    g.create_deployment(restApiId=api, stageName="s")
    url = f"{stack.at['aws']}/restapis/{api}/s/_user_request_/"
    same([call("GET", url + f"p{i}").text for i in (0, 100, 249)], ["p0", "p100", "p249"], "and runs, to its last template")
    bad = json.loads(body)
    bad["paths"]["/z"] = {"get": {"x-amazon-apigateway-integration": {"type": "wrong"}}}
    known = len(g.get_rest_apis(limit=500)["items"])
    same(refusal(g.import_rest_api, body=json.dumps(bad).encode())[0], 400, "one that is refused at its end")
    same(refusal(g.put_rest_api, restApiId=api, mode="overwrite", body=json.dumps(bad).encode())[0], 400, "and once more, over the API")
    same((len(g.get_rest_apis(limit=500)["items"]), len(g.get_resources(restApiId=api, limit=500)["items"])), (known, 251), "leaves all as it was")
    root = next(r["id"] for r in g.get_resources(restApiId=api, limit=500)["items"] if r["path"] == "/")
    g.create_resource(restApiId=api, parentId=root, pathPart="more")
    del document["paths"]["/p0"]
    same(g.put_rest_api(restApiId=api, mode="merge", body=json.dumps(document).encode())["name"], "large", "merged")
    paths = sorted(r["path"] for r in g.get_resources(restApiId=api, limit=500)["items"])
    stack.stop()
    stack.up()
    again = manager(stack)
    same(sorted(r["path"] for r in again.get_resources(restApiId=api, limit=500)["items"]), paths, "a restart has all of it")
    ok(len(paths) == 252 and "/more" in paths, "what was added among it", len(paths))
    same(call("GET", f"{stack.at['aws']}/restapis/{api}/s/_user_request_/p249").text, "p249", "and it runs")
    again.delete_rest_api(restApiId=api)
    same(refusal(again.get_rest_api, restApiId=api)[0], 404, "and goes")


parts(documents, bombs, own_ports, methods, patches, imports, authorizers, s3_integrations, taken_off, large)
ok(stack.alive(), "the server is alive")
done()
