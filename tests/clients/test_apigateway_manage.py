#!/usr/bin/python3
"""API Gateway's management API with boto3 and the AWS CLI: documents in and out, what Terraform's provider and the CLI send; a
restart keeps all."""
import json
import os
import re

from apigateway_manage import RECORDED, Case, api_with_root, call, equal, manager, mock, patch
from tarn import AWS, FIXTURES, Stack, aws_major, done, need, ok, parts, skip

requests = need("requests")


def provider(server, c):
    """What Terraform's AWS provider sends and reads; test_apigateway_terraform.py runs it itself."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}
    escaped = json.dumps(json.dumps(policy))[1:-1].replace("/", "\\/")
    a = c.create_rest_api(name="tf", policy=json.dumps(policy))
    ok(a["policy"] == escaped and c.get_rest_api(restApiId=a["id"])["policy"] == escaped and
       [i["policy"] for i in c.get_rest_apis(limit=500)["items"] if i["id"] == a["id"]] == [escaped], "a policy comes back escaped", a["policy"])
    a = c.update_rest_api(restApiId=a["id"], patchOperations=patch(("replace", "/policy", "")))
    ok("policy" not in a, "an empty policy is none", a)
    root = c.get_resources(restApiId=a["id"])["items"][0]["id"]
    at = dict(restApiId=a["id"], resourceId=root, httpMethod="GET")
    c.put_method(**at, authorizationType="NONE")
    c.put_integration(**at, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    c.put_method_response(**at, statusCode="200")
    c.put_integration_response(**at, statusCode="200")
    c.create_deployment(restApiId=a["id"], stageName="prod")
    s = c.update_stage(restApiId=a["id"], stageName="prod", patchOperations=patch(
        ("replace", "/*/*/throttling/burstLimit", "-1"), ("replace", "/*/*/throttling/rateLimit", "-1.000000"), ("replace", "/*/*/logging/loglevel", "INFO")))
    got = s["methodSettings"]["*/*"]
    ok((got["throttlingBurstLimit"], got["throttlingRateLimit"], got["loggingLevel"]) == (-1, -1.0, "INFO"), "method settings without a throttle", got)
    got = [requests.get(f"{server.at['aws']}/restapis/{a['id']}/prod/_user_request_/").status_code for _ in range(3)]
    ok(got == [200] * 3, "-1 throttles nothing", got)
    p = c.create_usage_plan(name="tf", apiStages=[{"apiId": a["id"], "stage": "prod"}])
    stage = f"/apiStages/{a['id']}:prod/throttle/"
    p = c.update_usage_plan(usagePlanId=p["id"], patchOperations=patch(
        ("replace", stage + "/pets/{id}/GET/rateLimit", "90.5"), ("replace", stage + "/pets/{id}/GET/burstLimit", "70"), ("replace", stage + "~1pets~1PUT/burstLimit", "7")))
    t = p["apiStages"][0]["throttle"]
    ok(t["/pets/{id}/GET"] == {"rateLimit": 90.5, "burstLimit": 70} and t["/pets/PUT"]["burstLimit"] == 7, "a plan's throttle of a method, slashes bare or escaped", t)
    p = c.update_usage_plan(usagePlanId=p["id"], patchOperations=patch(("remove", stage + "/pets/{id}/GET")))
    ok(list(p["apiStages"][0]["throttle"]) == ["/pets/PUT"], "and removed", p["apiStages"])
    c.update_usage_plan(usagePlanId=p["id"], patchOperations=patch(("remove", "/apiStages", f"{a['id']}:prod")))
    c.delete_usage_plan(usagePlanId=p["id"])


def literals(c):
    """An API's own members: imported, exported, gone when an overwriting document lacks them."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}
    paths = {"/a": {"get": {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": {"type": "mock"}}}}
    config = {"x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True}}
    more = {"x-amazon-apigateway-policy": policy, "x-amazon-apigateway-minimum-compression-size": 500, "x-amazon-apigateway-api-key-source": "AUTHORIZER",
            "x-amazon-apigateway-binary-media-types": ["image/png"]}
    info = {"title": "own", "version": "1", "description": "members"}
    for kind, doc in (("oas30", {"openapi": "3.0.1", "info": info, "paths": paths, "servers": [{"url": "https://x", **config}], **more}),
                      ("swagger", {"swagger": "2.0", "info": info, "paths": paths, **config, **more})):
        a = c.import_rest_api(body=json.dumps(doc).encode())
        ok((a["minimumCompressionSize"], a["apiKeySource"], a["disableExecuteApiEndpoint"], json.loads(json.loads('"' + a["policy"] + '"'))) == (500, "AUTHORIZER", True, policy),
           f"{kind}: an API's own members are imported", a)
        c.create_deployment(restApiId=a["id"], stageName="s")
        got = json.loads(c.get_export(restApiId=a["id"], stageName="s", exportType=kind, parameters={"extensions": "apigateway"})["body"].read())
        ok({k: got.get(k) for k in more} == more and config.items() <= (got["servers"][0] if kind == "oas30" else got).items(), f"{kind}: and exported", got)
        bare = json.loads(c.get_export(restApiId=a["id"], stageName="s", exportType=kind)["body"].read())
        ok("x-amazon" not in json.dumps(bare), f"{kind}: but not without extensions", bare)
        a = c.put_rest_api(restApiId=a["id"], mode="merge", body=json.dumps({k: v for k, v in doc.items() if k not in more}).encode())
        ok("policy" in a and a["minimumCompressionSize"] == 500, f"{kind}: mode=merge keeps what isn't named", a)
        a = c.put_rest_api(restApiId=a["id"], mode="overwrite", body=json.dumps({k: v if k != "info" else {"title": "own", "version": "1"} for k, v in doc.items() if k not in more}).encode())
        ok(not {"policy", "minimumCompressionSize", "description", "binaryMediaTypes"} & set(a) and a["apiKeySource"] == "HEADER", f"{kind}: mode=overwrite doesn't", a)


def by_cli(server, c):
    """The console's steps, scripted with the AWS CLI."""
    if not AWS:
        return skip("CLI", "no AWS CLI")

    def aws(*args):
        p = server.aws("apigateway", *args, "--output", "json")
        return p.returncode, json.loads(p.stdout) if p.stdout.strip() else None, p.stderr
    code, a, err = aws("create-rest-api", "--name", "cli")
    ok(code == 0 and re.fullmatch("[a-z0-9]{10}", a["id"]), "CLI: create-rest-api", err)
    code, r, err = aws("get-resources", "--rest-api-id", a["id"], "--query", "items[0].id")
    ok(code == 0 and r, "CLI: get-resources", err)
    at = ["--rest-api-id", a["id"], "--resource-id", r, "--http-method", "GET"]
    ok(aws("put-method", *at, "--authorization-type", "NONE")[0] == 0, "CLI: put-method")
    ok(aws("put-integration", *at, "--type", "MOCK", "--request-templates", '{"application/json":"{\\"statusCode\\": 200}"}')[0] == 0, "CLI: put-integration")
    ok(aws("put-method-response", *at, "--status-code", "200")[0] == 0, "CLI: put-method-response")
    ok(aws("put-integration-response", *at, "--status-code", "200", "--response-templates", '{"application/json":"{\\"hello\\": 1}"}')[0] == 0, "CLI: put-integration-response")
    code, d, err = aws("create-deployment", "--rest-api-id", a["id"], "--stage-name", "prod")
    ok(code == 0, "CLI: create-deployment", err)
    got = requests.get(f"{server.at['aws']}/restapis/{a['id']}/prod/_user_request_/")
    ok(got.status_code == 200 and got.json() == {"hello": 1}, "CLI: the API runs", got.text)
    code, e, err = aws("get-stage", "--rest-api-id", a["id"], "--stage-name", "none")
    ok(code == (254 if aws_major() > 1 else 255) and "NotFoundException" in err and "Invalid stage identifier specified" in err, "CLI: a stage that isn't there", err)


def roundtrip(c):
    """What was imported comes back from GetExport."""
    names = ("pinterest/apigateway/kafka-rest.json", "pinterest/apigateway/kinesis.json")
    for name in names:
        doc = json.load(open(os.path.join(FIXTURES, name)))
        a = c.import_rest_api(body=json.dumps(doc).encode())
        c.create_deployment(restApiId=a["id"], stageName="prod")
        got = json.loads(c.get_export(restApiId=a["id"], stageName="prod", exportType="oas30", parameters={"extensions": "integrations"})["body"].read())
        bad = []
        for path, item in doc["paths"].items():
            for verb, op in item.items():
                other = got["paths"].get(path, {}).get(verb, {})
                w, g = dict(op["x-amazon-apigateway-integration"]), dict(other.get("x-amazon-apigateway-integration", {}))
                for drop in ("timeoutInMillis", "passthroughBehavior", "httpMethod") if w["type"] == "mock" else ("timeoutInMillis",):
                    w.pop(drop, None), g.pop(drop, None)
                if w != g:
                    bad.append((path, verb, w, g))
                if {p["name"] for p in op.get("parameters", [])} != {p["name"] for p in other.get("parameters", [])}:
                    bad.append((path, verb, "parameters"))
                if set(op.get("responses", {})) != set(other.get("responses", {})):
                    bad.append((path, verb, "responses"))
        ok(not bad and set(got["paths"]) == set(doc["paths"]), f"export gives back the import: {name}", bad[:1])
        again = c.put_rest_api(restApiId=a["id"], mode="overwrite", body=json.dumps(got).encode())
        ok(again["id"] == a["id"] and again["name"] == doc["info"]["title"], "an export can be put again")


def recorded_exports(c):
    """What AWS exported is imported here and exported again: the same document."""
    for name, kind in (("test_export_swagger_openapi[TEST_IMPORT_PETSTORE_SWAGGER]", "swagger"), ("test_export_oas30_openapi[TEST_IMPORT_PETSTORE_SWAGGER]", "oas30")):
        content = RECORDED.get(name)
        if not content:
            continue
        full, bare = content["get-export-with-extensions"]["body"], content["get-export"]["body"]
        text = json.dumps(full).replace("<region>", "us-east-1").replace("<api-id:1>", "abcdefghij")
        a = c.import_rest_api(body=text.encode())
        c.create_deployment(restApiId=a["id"], stageName="local")
        for want, extensions in ((full, {"extensions": "apigateway"}), (bare, {})):
            got = c.get_export(restApiId=a["id"], stageName="local", exportType=kind, parameters=extensions)["body"].read().decode()
            want = json.loads(json.dumps(want).replace("<region>", "us-east-1"))
            bad = equal(want, json.loads(got), {})
            ok(not bad, f"recorded export: {kind} {'with extensions' if extensions else 'bare'}", bad)


def imports(c):
    doc = {"swagger": "2.0", "info": {"title": "imp", "version": "1.0", "description": "about"}, "basePath": "/base/part", "schemes": ["https"],
           "securityDefinitions": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
                                   "auth": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
                                            "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/x", "authorizerResultTtlInSeconds": 60}}},
           "definitions": {"Pet": {"type": "object", "properties": {"friend": {"$ref": "#/definitions/Pet"}}}},
           "x-amazon-apigateway-request-validators": {"basic": {"validateRequestBody": True, "validateRequestParameters": False}}, "x-amazon-apigateway-request-validator": "basic",
           "x-amazon-apigateway-binary-media-types": ["image/png"], "x-amazon-apigateway-gateway-responses": {"THROTTLED": {"statusCode": 420}},
           "paths": {"/pets/{id}": {"parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
                                    "x-amazon-apigateway-any-method": {"operationId": "op", "consumes": ["application/json"], "security": [{"api_key": []}],
                                        "parameters": [{"in": "body", "name": "Pet", "schema": {"$ref": "#/definitions/Pet"}}, {"in": "query", "name": "q", "type": "string"}],
                                        "responses": {200: {"description": "x", "headers": {"X-A": {"type": "string"}}, "schema": {"$ref": "#/definitions/Pet"}}},
                                        "x-amazon-apigateway-integration": {"type": "http", "httpMethod": "get", "uri": "http://example.com/{id}", "passthroughBehavior": "when_no_templates",
                                            "requestParameters": {"integration.request.path.id": "method.request.path.id", "integration.request.header.bad": True},
                                            "responses": {"default": {"statusCode": 200}, "5\\d{2}": {"statusCode": "502"}}}}},
                     "/safe": {"get": {"security": [{"auth": []}], "x-amazon-apigateway-integration": {"type": "mock", "requestTemplates": {"application/json": "{}"}}}}}}
    a = c.import_rest_api(body=json.dumps(doc).encode())
    ok((a["name"], a["version"], a["description"], a["binaryMediaTypes"]) == ("imp", "1.0", "about", ["image/png"]) and len(a["warnings"]) == 1 and a["ResponseMetadata"]["HTTPStatusCode"] == 201,
       "import: the API's own members", a)
    res = {r["path"]: r for r in c.get_resources(restApiId=a["id"], embed=["methods"])["items"]}
    ok(sorted(res) == ["/", "/pets", "/pets/{id}", "/safe"], "import: resources", sorted(res))
    m = c.get_method(restApiId=a["id"], resourceId=res["/pets/{id}"]["id"], httpMethod="ANY")
    m.pop("ResponseMetadata")
    v = c.get_request_validators(restApiId=a["id"])["items"][0]
    want = {"httpMethod": "ANY", "authorizationType": "NONE", "apiKeyRequired": True, "operationName": "op", "requestValidatorId": v["id"],
            "requestParameters": {"method.request.path.id": True, "method.request.querystring.q": False}, "requestModels": {"application/json": "Pet"},
            "methodResponses": {"200": {"statusCode": "200", "responseModels": {"application/json": "Pet"}, "responseParameters": {"method.response.header.X-A": False}}},
            "methodIntegration": {"type": "HTTP", "httpMethod": "GET", "uri": "http://example.com/{id}", "connectionType": "INTERNET", "passthroughBehavior": "WHEN_NO_TEMPLATES",
                                  "requestParameters": {"integration.request.path.id": "method.request.path.id"}, "timeoutInMillis": 29000, "cacheNamespace": res["/pets/{id}"]["id"],
                                  "cacheKeyParameters": [], "integrationResponses": {"200": {"statusCode": "200"}, "502": {"statusCode": "502", "selectionPattern": "5\\d{2}"}}}}
    ok(m == want, "import: a method with all its parts", m)
    s = c.get_method(restApiId=a["id"], resourceId=res["/safe"]["id"], httpMethod="GET")
    z = c.get_authorizers(restApiId=a["id"])["items"][0]
    ok(s["authorizationType"] == "CUSTOM" and s["authorizerId"] == z["id"] and z["type"] == "TOKEN" and z["identitySource"] == "method.request.header.Authorization", "import: an authorizer", z)
    schema = json.loads(c.get_model(restApiId=a["id"], modelName="Pet")["schema"])
    ok(schema["properties"]["friend"]["$ref"] == f"https://apigateway.amazonaws.com/restapis/{a['id']}/models/Pet", "import: a model's references", schema)
    ok(c.get_gateway_response(restApiId=a["id"], responseType="THROTTLED")["statusCode"] == "420", "import: a gateway response")
    for base, want in (("prepend", "/base/part/safe"), ("split", "/part/safe"), ("ignore", "/safe")):
        b = c.import_rest_api(body=json.dumps(doc).encode(), parameters={"basepath": base})
        got = [r["path"] for r in c.get_resources(restApiId=b["id"])["items"]]
        ok(want in got and len(got) == {"prepend": 6, "split": 5, "ignore": 4}[base], f"import: basepath={base}", got)
    try:
        import yaml
        y = c.import_rest_api(body=yaml.safe_dump(doc).encode())
        again = c.get_method(restApiId=y["id"], resourceId={r["path"]: r["id"] for r in c.get_resources(restApiId=y["id"])["items"]}["/pets/{id}"], httpMethod="ANY")
        c.create_deployment(restApiId=y["id"], stageName="y")
        forms = [c.get_export(restApiId=y["id"], stageName="y", exportType="oas30", parameters={"extensions": "apigateway"}, **kw) for kw in ({}, {"accepts": "application/yaml"})]
        texts = [f["body"].read() for f in forms]
        ok(yaml.safe_load(texts[1]) == json.loads(texts[0]) and texts[1][:1] != b"{" and forms[1]["contentType"] == "application/yaml", "export as YAML: the same document", texts[1][:300])
        ok(again["requestParameters"] == m["requestParameters"] and again["methodIntegration"]["integrationResponses"] == m["methodIntegration"]["integrationResponses"], "import: the same as YAML", again)
    except ImportError:
        skip("YAML", "no PyYAML")
    t = Case("test_put_rest_api_mode_binary_media_types[overwrite]")
    b = t.see("create-rest-api", call(c.create_rest_api, name="bin", binaryMediaTypes=["image/heif"]))
    t.see("get-rest-api", call(c.get_rest_api, restApiId=b["id"]))
    png = {"openapi": "3.0.1", "info": {"title": "png", "version": "1.0.0"}, "paths": {}, "x-amazon-apigateway-binary-media-types": ["image/png", "image/jpg"]}
    t.see("put-api", call(c.put_rest_api, restApiId=b["id"], mode="overwrite", body=json.dumps(png).encode()))
    t.done()
    more = {"openapi": "3.0.1", "info": {"title": "merged"}, "paths": {"/extra": {"get": {"x-amazon-apigateway-integration": {"type": "MOCK"}}}}}
    c.put_rest_api(restApiId=a["id"], mode="merge", body=json.dumps(more).encode())
    got = {r["path"] for r in c.get_resources(restApiId=a["id"])["items"]}
    ok({"/extra", "/safe", "/pets/{id}"} <= got, "put-rest-api mode=merge keeps what was there", got)
    c.put_rest_api(restApiId=a["id"], mode="overwrite", body=json.dumps(more).encode())
    got = {r["path"] for r in c.get_resources(restApiId=a["id"])["items"]}
    ok(got == {"/", "/extra"}, "put-rest-api mode=overwrite doesn't", got)
    n = len(c.get_rest_apis(limit=500)["items"])
    for text in (b"", b"{", b"[]", b"{}", json.dumps({"openapi": "3.0.1", "info": {}, "paths": {"/x": {"get": {"x-amazon-apigateway-integration": {"type": "http"}}}}}).encode()):
        r = call(c.import_rest_api, body=text)
        ok(r.get("Error", {}).get("Code") == "BadRequestException", f"import of {text[:20]}: BadRequestException", r)
    ok(len(c.get_rest_apis(limit=500)["items"]) == n, "a failed import leaves nothing behind")


def restart():
    s = Stack(only="apigateway")
    c = manager(s)
    i, root = api_with_root(c, "kept", tags={"owner": "me"})
    mock(c, i, root)
    c.create_deployment(restApiId=i, stageName="prod", variables={"a": "b"})
    key = c.create_api_key(name="k", enabled=True)["id"]
    before = [c.get_rest_api(restApiId=i), c.get_resources(restApiId=i, embed=["methods"]), c.get_stages(restApiId=i), c.get_api_key(apiKey=key, includeValue=True)]
    s.kill()
    s.up()
    c = manager(s)
    after = [c.get_rest_api(restApiId=i), c.get_resources(restApiId=i, embed=["methods"]), c.get_stages(restApiId=i), c.get_api_key(apiKey=key, includeValue=True)]
    for x in before + after:
        x.pop("ResponseMetadata")
    ok(before == after, "kill -9 and restart: the configuration is the same")
    got = requests.get(f"{s.at['apigateway']}/prod/", headers={"Host": f"{i}.execute-api.us-east-1.amazonaws.com"})
    ok(got.status_code == 200 and got.json() == {"ok": True}, "kill -9 and restart: the API runs", got.text)
    fresh = c.create_rest_api(name="fresh")["id"]
    ok(fresh != i, "kill -9 and restart: ids go on")
    s.kill()


server = Stack(only="apigateway")
c = manager(server)
parts(recorded_exports, imports, roundtrip, literals, args=(c,))
parts(provider, by_cli, args=(server, c))
parts(restart)
ok(server.alive(), "the server is alive")
done()
