#!/usr/bin/python3
"""API Gateway's data plane as configured by boto3: mappings, templates, keys and plans, validation, stages, all invoke URLs."""
import base64
import http.server
import json
import re
import threading
import time

from tarn import Stack, done, log, need, ok, parts

requests = need("requests")


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with what it got; /status/N with that status, /slow never in time."""
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        if path == "/slow":
            release.wait(30)
        status = int(path.split("/")[2]) if path.startswith("/status/") else 200
        text = json.dumps({"method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()},
                           "body": body.decode("latin-1")}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Back", "end")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        try:
            self.wfile.write(text)
        except BrokenPipeError:  # the gateway gave up on /slow
            pass
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *a):
        pass


release = threading.Event()
backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
backend.daemon_threads = True
threading.Thread(target=backend.serve_forever, daemon=True).start()
BACK = f"http://127.0.0.1:{backend.server_port}"

stack = Stack("--set", "http.origins=http://page.example", only="apigateway")
AWS, GW = stack.at["aws"], stack.at["apigateway"]
c = stack.client("apigateway")


class Api:
    def __init__(self, name="x", **kw):
        self.id = c.create_rest_api(name=name, **kw)["id"]
        self.root = c.get_resources(restApiId=self.id)["items"][0]["id"]
        self.paths = {"/": self.root}

    def resource(self, path):
        at = ""
        for part in [p for p in path.split("/") if p]:
            up = self.paths[at or "/"]
            at += "/" + part
            if at not in self.paths:
                self.paths[at] = c.create_resource(restApiId=self.id, parentId=up, pathPart=part)["id"]
        return self.paths[path]

    def method(self, path, verb, integration, responses=None, method=None, declared=()):
        base = dict(restApiId=self.id, resourceId=self.resource(path), httpMethod=verb)
        c.put_method(**{"authorizationType": "NONE", **base, **(method or {})})
        c.put_integration(**base, **integration)
        for status, r in (responses if responses is not None else {"200": {}}).items():
            c.put_method_response(statusCode=status, responseParameters={k: False for k in r.get("responseParameters", {})}, **base)
            c.put_integration_response(statusCode=status, **base, **r)
        return base

    def mock(self, path, verb, body, request='{"statusCode": 200}', **kw):
        return self.method(path, verb, dict(type="MOCK", requestTemplates={"application/json": request}),
                           {"200": {"responseTemplates": {"application/json": body}}}, **kw)

    def http(self, path, verb, uri, responses=None, method=None, **kw):
        return self.method(path, verb, dict(dict(type="HTTP", integrationHttpMethod="POST", uri=BACK + uri), **kw), responses, method)

    def deploy(self, stage="prod", **kw):
        return c.create_deployment(restApiId=self.id, stageName=stage, **kw)["id"]

    def call(self, verb, path, stage="prod", headers=None, **kw):
        return requests.request(verb, f"{AWS}/restapis/{self.id}/{stage}/_user_request_{path}", headers=headers or {}, timeout=20, **kw)


def templates():
    a = Api()
    a.mock("/t", "POST", '{"who": "$input.params(\'who\')", "stage": "$context.stage", "v": "$stageVariables.v", "id": "$context.apiId"}')
    a.http("/in", "POST", "/echo", requestTemplates={"application/json": '{"got": $input.json(\'$.a\'), "raw": "$util.escapeJavaScript($input.body)"}'},
           responses={"200": {"responseTemplates": {"application/json": "$input.path('$.body')"}}})
    a.http("/overrides", "POST", "/x/{p}", requestTemplates={"application/json": "#set($context.requestOverride.header.x-over = 'yes')"
           "#set($context.requestOverride.path.p = 'two')#set($context.requestOverride.querystring.q = '3')"
           "#set($context.responseOverride.status = 418)$input.json('$')"})
    a.http("/bad", "POST", "/echo", requestTemplates={"application/json": "#if("})
    a.deploy(variables={"v": "var"})
    r = a.call("POST", "/t?who=me", json={})
    ok(r.json() == {"who": "me", "stage": "prod", "v": "var", "id": a.id}, "response template sees parameters, context and stage variables", r.text)
    r = a.call("POST", "/in", json={"a": {"b": [1, "é"]}})
    ok(json.loads(r.content.decode().encode("latin-1"))["got"] == {"b": [1, "é"]}, "request template builds the backend's body", r.text)
    r = a.call("POST", "/overrides", json={"k": 1})
    got = r.json()
    ok(r.status_code == 418, "responseOverride.status", r.status_code)
    ok(got["path"] == "/x/two?q=3" and got["headers"].get("x-over") == "yes", "requestOverride: path, query, header", got)
    r = a.call("POST", "/bad", json={})
    ok(r.status_code == 500 and r.text == '{"message": "Internal server error"}', "a template that doesn't parse: 500", r.text)


def mappings():
    a = Api()
    declared = {"requestParameters": {"method.request.header.X-In": False, "method.request.querystring.q": False, "method.request.path.id": True}}
    a.http("/m/{id}", "PUT", "/v/{ident}?fixed=1", method=declared, requestParameters={
        "integration.request.header.X-Out": "method.request.header.X-In", "integration.request.querystring.query": "method.request.querystring.q",
        "integration.request.path.ident": "method.request.path.id", "integration.request.header.X-Static": "'text'",
        "integration.request.header.X-Stage": "context.stage", "integration.request.header.X-Var": "stageVariables.v",
        "integration.request.header.X-Body": "method.request.body.a.b"},
        responses={"200": {"responseParameters": {"method.response.header.X-From": "integration.response.header.X-Back", "method.response.header.X-Lit": "'lit'",
                                                  "method.response.header.X-Js": "integration.response.body.method"}}})
    for path, status in (("/s404", 404), ("/s500", 500), ("/s200", 200)):
        a.http(path, "GET", f"/status/{status}", responses={
            "200": {}, "404": {"selectionPattern": "4\\d{2}", "responseTemplates": {"application/json": '{"no": true}'}},
            "502": {"selectionPattern": "5\\d\\d"}})
    a.http("/nodefault", "GET", "/status/200", responses={"404": {"selectionPattern": "404"}})
    a.deploy(variables={"v": "var"})
    r = a.call("PUT", "/m/a%20b?q=x%26y", headers={"X-In": "in", "X-Not-Mapped": "1"}, json={"a": {"b": "deep"}})
    g = r.json()
    ok(g["method"] == "POST" and g["path"] == "/v/a%20b?fixed=1&query=x%26y", "path and query are mapped", g["path"])
    h = g["headers"]
    ok((h.get("x-out"), h.get("x-static"), h.get("x-stage"), h.get("x-var"), h.get("x-body")) == ("in", "text", "prod", "var", "deep"), "headers are mapped", h)
    ok("x-not-mapped" not in h and h["user-agent"] == f"AmazonAPIGateway_{a.id}" and h["x-amzn-apigateway-api-id"] == a.id and h["accept"] == "application/json",
       "HTTP sends mapped headers and its own only", h)
    ok((r.headers.get("X-From"), r.headers.get("X-Lit"), r.headers.get("X-Js")) == ("end", "lit", "POST"), "response headers are mapped", r.headers)
    ok("x-back" not in {k.lower() for k in r.headers}, "unmapped response headers stay behind")
    r = a.call("GET", "/s404")
    ok(r.status_code == 404 and r.json() == {"no": True}, "selectionPattern chooses by status", r.text)
    ok(a.call("GET", "/s500").status_code == 502 and a.call("GET", "/s200").status_code == 200, "selectionPattern: others")
    r = a.call("GET", "/nodefault")
    ok(r.status_code == 500 and r.headers["x-amzn-ErrorType"] == "InternalServerErrorException", "no pattern matches and no default: 500", r.text)


def passthrough():
    a = Api()
    for mode in ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"):
        a.http("/" + mode, "POST", "/echo", passthroughBehavior=mode, requestTemplates={"application/json": '{"t": 1}'})
        a.http("/bare-" + mode, "POST", "/echo", passthroughBehavior=mode)
    a.deploy()

    def got(path, kind):
        r = a.call("POST", path, data="plain", headers={"Content-Type": kind} if kind else {})
        return r.json()["body"] if r.status_code == 200 else (r.status_code, r.json()["message"])
    no = (415, "Unsupported Media Type")
    want = {("/WHEN_NO_MATCH", "application/json"): '{"t": 1}', ("/WHEN_NO_MATCH", "text/x"): "plain", ("/WHEN_NO_TEMPLATES", "text/x"): no, ("/NEVER", "text/x"): no,
            ("/NEVER", "application/json; charset=utf-8"): '{"t": 1}', ("/WHEN_NO_TEMPLATES", None): '{"t": 1}',
            ("/bare-WHEN_NO_MATCH", "text/x"): "plain", ("/bare-WHEN_NO_TEMPLATES", "text/x"): "plain", ("/bare-NEVER", "text/x"): no}
    bad = {k: (got(*k), v) for k, v in want.items() if got(*k) != v}
    ok(not bad, "passthroughBehavior: nine cases", bad)


def validation():
    a = Api()
    schema = {"type": "object", "properties": {"name": {"type": "string", "minLength": 2}, "age": {"type": "integer", "minimum": 0}, "kind": {"enum": ["a", "b"]},
              "tags": {"type": "array", "items": {"type": "string"}}, "sub": {"$ref": f"https://apigateway.amazonaws.com/restapis/{a.id}/models/Sub"}},
              "required": ["name"], "additionalProperties": False}
    c.create_model(restApiId=a.id, name="Sub", contentType="application/json", schema='{"type":"object","required":["x"]}')
    c.create_model(restApiId=a.id, name="Pet", contentType="application/json", schema=json.dumps(schema))
    v = c.create_request_validator(restApiId=a.id, name="all", validateRequestBody=True, validateRequestParameters=True)["id"]
    a.mock("/v", "POST", '{"fine": true}', method=dict(requestValidatorId=v, requestModels={"application/json": "Pet"},
           requestParameters={"method.request.querystring.qs1": True, "method.request.header.x-header-param": True, "method.request.header.opt": False}))
    a.deploy()
    r = a.call("POST", "/v", json={})
    ok(r.status_code == 400 and r.json() == {"message": "Missing required request parameters: [x-header-param, qs1]"} and r.headers["x-amzn-ErrorType"] == "BadRequestException",
       "missing parameters: 400", r.text)

    def post(body):
        return a.call("POST", "/v?qs1=1", headers={"x-header-param": "1", "Content-Type": "application/json"}, data=body if isinstance(body, str) else json.dumps(body))
    good = [{"name": "ab"}, {"name": "ab", "age": 3, "kind": "b", "tags": ["x"], "sub": {"x": 1}}]
    wrong = [{}, {"name": "a"}, {"name": 1}, {"name": "ab", "age": -1}, {"name": "ab", "age": 1.5}, {"name": "ab", "kind": "c"}, {"name": "ab", "tags": [1]},
             {"name": "ab", "more": 1}, {"name": "ab", "sub": {}}, [], "", "{"]
    ok(all(post(b).status_code == 200 for b in good), "bodies that fit the model")
    bad = [b for b in wrong if (post(b).status_code, post(b).text) != (400, '{"message":"Invalid request body"}')]
    ok(not bad, "twelve that don't: 400 Invalid request body", bad)
    c.put_gateway_response(restApiId=a.id, responseType="BAD_REQUEST_BODY", statusCode="422", responseParameters={"gatewayresponse.header.X-Why": "'model'"},
                           responseTemplates={"application/json": '{"error": $context.error.messageString, "type": "$context.error.responseType"}'})
    c.put_gateway_response(restApiId=a.id, responseType="DEFAULT_4XX", responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"})
    a.deploy()
    r = post({})
    ok(r.status_code == 422 and r.json() == {"error": "Invalid request body", "type": "BAD_REQUEST_BODY"} and r.headers.get("X-Why") == "model", "a gateway response of one's own", r.text)
    r = a.call("GET", "/nowhere")
    ok(r.status_code == 403 and r.json() == {"message": "Missing Authentication Token"} and r.headers.get("Access-Control-Allow-Origin") == "*", "DEFAULT_4XX holds for an unknown route", r.headers)


def keys():
    a = Api()
    a.mock("/k", "GET", '{"key": "$context.identity.apiKeyId"}', method=dict(apiKeyRequired=True))
    a.mock("/open", "GET", "{}")
    a.deploy()
    k = c.create_api_key(name="k", enabled=True)
    p = c.create_usage_plan(name="p", apiStages=[{"apiId": a.id, "stage": "prod"}], quota={"limit": 5, "period": "DAY"})["id"]
    r = a.call("GET", "/k")
    ok(r.status_code == 403 and r.text == '{"message":"Forbidden"}' and r.headers["x-amzn-ErrorType"] == "ForbiddenException", "no key: 403", r.text)
    ok(a.call("GET", "/k", headers={"x-api-key": k["value"]}).status_code == 403, "a key without a plan: 403")
    c.create_usage_plan_key(usagePlanId=p, keyId=k["id"], keyType="API_KEY")
    got = [a.call("GET", "/k", headers={"x-api-key": k["value"]}) for _ in range(7)]
    ok([r.status_code for r in got] == [200] * 5 + [429] * 2 and got[0].json() == {"key": k["id"]}, "five calls of the quota, then 429", [r.status_code for r in got])
    ok(got[6].json() == {"message": "Limit Exceeded"} and got[6].headers["x-amzn-ErrorType"] == "LimitExceededException", "429 Limit Exceeded", got[6].text)
    day = time.strftime("%Y-%m-%d", time.gmtime())
    use = c.get_usage(usagePlanId=p, keyId=k["id"], startDate=day, endDate=day)["items"]
    ok(use == {k["id"]: [[5, 0]]}, "get_usage counts them", use)
    c.update_usage(usagePlanId=p, keyId=k["id"], patchOperations=[{"op": "replace", "path": "/remaining", "value": "2"}])
    ok([a.call("GET", "/k", headers={"x-api-key": k["value"]}).status_code for _ in range(3)] == [200, 200, 429], "update_usage gives two more")
    ok(a.call("GET", "/open").status_code == 200, "a method without apiKeyRequired stays open")
    c.update_api_key(apiKey=k["id"], patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
    ok(a.call("GET", "/k", headers={"x-api-key": k["value"]}).status_code == 403, "a disabled key: 403")
    k2 = c.create_api_key(name="k2", enabled=True)
    p2 = c.create_usage_plan(name="p2", apiStages=[], throttle={"rateLimit": 0.001, "burstLimit": 3})["id"]
    c.update_usage_plan(usagePlanId=p2, patchOperations=[{"op": "add", "path": "/apiStages", "value": f"{a.id}:prod"}])
    c.create_usage_plan_key(usagePlanId=p2, keyId=k2["id"], keyType="API_KEY")
    got = [a.call("GET", "/k", headers={"x-api-key": k2["value"]}) for _ in range(5)]
    ok([r.status_code for r in got] == [200] * 3 + [429] * 2 and got[4].json() == {"message": "Too Many Requests"} and
       got[4].headers["x-amzn-ErrorType"] == "TooManyRequestsException", "a burst of three, then 429 Too Many Requests", [r.status_code for r in got])


def stages():
    a = Api()
    a.mock("/s", "GET", '{"m": "one"}')
    d1 = a.deploy()
    base = dict(restApiId=a.id, resourceId=a.resource("/s"), httpMethod="GET", statusCode="200")
    c.update_integration_response(patchOperations=[{"op": "replace", "path": "/responseTemplates/application~1json", "value": '{"m": "two", "c": "$context.isCanaryRequest"}'}], **base)
    ok(a.call("GET", "/s").json() == {"m": "one"}, "a change isn't live before it is deployed")
    d2 = a.deploy("test")
    ok(a.call("GET", "/s", "test").json()["m"] == "two" and a.call("GET", "/s").json() == {"m": "one"}, "each stage runs its own deployment")
    c.create_deployment(restApiId=a.id, stageName="prod", canarySettings={"percentTraffic": 50})
    got = [a.call("GET", "/s").json()["m"] for _ in range(10)]
    ok(got.count("two") == 5, "a canary of 50 % gets half of the calls", got)
    c.update_stage(restApiId=a.id, stageName="prod", patchOperations=[{"op": "remove", "path": "/canarySettings"}, {"op": "replace", "path": "/deploymentId", "value": d2}])
    ok(a.call("GET", "/s").json()["m"] == "two", "a stage moved to another deployment")
    c.update_stage(restApiId=a.id, stageName="prod", patchOperations=[{"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "0.001"}, {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "2"}])
    ok([a.call("GET", "/s").status_code for _ in range(3)] == [200, 200, 429], "the stage's own throttle")
    c.delete_stage(restApiId=a.id, stageName="prod")
    r = a.call("GET", "/s")
    ok(r.status_code == 403 and r.json() == {"message": "Forbidden"}, "a deleted stage: 403", r.text)
    ok(d1 != d2, "deployments have ids of their own")


def urls():
    a = Api(tags={"_custom_id_": "mycustomid"})
    ok(a.id == "mycustomid", "an id of one's own by tag")
    a.mock("/u/{x}", "GET", '{"x": "$input.params(\'x\')", "path": "$context.path"}')
    a.deploy()
    want = {"x": "7", "path": "/prod/u/7"}
    for name, base, host in (("invoke port", GW + "/prod/u/7", None), ("AWS port, Host", AWS + "/prod/u/7", f"{a.id}.execute-api.localhost.localstack.cloud:4566"),
                             ("AWS port, Host of AWS", AWS + "/prod/u/7", f"{a.id}.execute-api.us-east-1.amazonaws.com"),
                             ("invoke port, Host", GW + "/prod/u/7", f"{a.id}.execute-api.localhost"),
                             ("AWS port, /_aws/execute-api", f"{AWS}/_aws/execute-api/{a.id}/prod/u/7", None),
                             ("AWS port, _user_request_", f"{AWS}/restapis/{a.id}/prod/_user_request_/u/7", None)):
        r = requests.get(base, headers={"Host": host} if host else {})
        ok(r.status_code == 200 and r.json() == want, f"invoke URL: {name}", r.text)
    r = requests.get(f"{AWS}/restapis/nosuchapi1/prod/_user_request_/x")
    ok(r.status_code == 404 and r.text == '{"message": "The API id \'nosuchapi1\' does not correspond to a deployed API Gateway API"}', "an unknown API: 404", r.text)
    r = requests.get(f"{AWS}/_aws/execute-api/{a.id}/none/x")
    ok(r.status_code == 403 and r.text == '{"message":"Forbidden"}', "an unknown stage: 403", r.text)


def binary():
    raw = bytes(range(256))
    a = Api(binaryMediaTypes=["image/png"])
    a.http("/pass", "POST", "/echo")
    a.http("/text", "POST", "/echo", contentHandling="CONVERT_TO_TEXT")
    a.http("/bin", "POST", "/echo", contentHandling="CONVERT_TO_BINARY")
    a.deploy()

    def sent(path, kind, data):
        return a.call("POST", path, data=data, headers={"Content-Type": kind}).json()["body"].encode("latin-1")
    ok(sent("/pass", "image/png", raw) == raw, "a binary media type passes byte for byte")
    ok(sent("/pass", "text/plain", b"a\xffb") == b"a\xef\xbf\xbdb", "other types are text: bad bytes become U+FFFD")
    ok(sent("/text", "image/png", raw) == base64.b64encode(raw), "CONVERT_TO_TEXT")
    ok(sent("/bin", "text/plain", base64.b64encode(raw)) == raw, "CONVERT_TO_BINARY")
    r = a.call("POST", "/bin", data=b"not base64!", headers={"Content-Type": "text/plain"})
    ok(r.status_code == 500, "CONVERT_TO_BINARY of something else: 500", r.text)


def limits():
    a = Api()
    a.http("/slow", "GET", "/slow", timeoutInMillis=100)
    a.method("/none", "GET", dict(type="HTTP", integrationHttpMethod="GET", uri="http://127.0.0.1:1/"))
    a.mock("/b", "POST", "{}")
    a.deploy()
    r = a.call("GET", "/slow")
    release.set()
    ok(r.status_code == 504 and r.text == '{"message": "Endpoint request timed out"}', "a slow backend: 504", r.text)
    r = a.call("GET", "/none")
    ok(r.status_code == 500 and r.text == '{"message": "Internal server error"}', "nobody listens: 500", r.text)
    r = requests.post(f"{GW}/prod/b", data=b"x" * (10 << 20), headers={"Host": f"{a.id}.execute-api.localhost"})
    ok(r.status_code == 200, "10 MiB are allowed", r.text[:100])
    r = requests.post(f"{GW}/prod/b", data=b"x" * ((10 << 20) + 1), headers={"Host": f"{a.id}.execute-api.localhost"})
    ok(r.status_code == 413 and r.json() == {"message": "Request Too Long"}, "one byte more: 413", r.text[:100])
    for sort, uri, words in (("dynamodb", "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem", "integrations with dynamodb are not served"),
                             ("ssm", "arn:aws:apigateway:us-east-1:ssm:action/GetParameter", "integrations with ssm are not served"),
                             ("sts", "arn:aws:apigateway:us-east-1:sts:action/GetCallerIdentity&Version=2011-06-15", "integrations with sts are not served"),
                             ("kinesis", "arn:aws:apigateway:us-east-1:kinesis:action/ListStreams", "no stream: start kinesis too")):
        base = a.method("/" + sort, "POST", dict(type="AWS", integrationHttpMethod="POST", uri=uri))
        a.deploy()
        r = a.call("POST", "/" + sort, json={})
        ok(r.status_code == 500 and r.text == '{"message": "Internal server error"}', f"integration with {sort}, which isn't here: 500", r.text)
        ok(words in log(), f"integration with {sort}: the log says why")
    t = c.test_invoke_method(restApiId=a.id, resourceId=a.resource("/dynamodb"), httpMethod="POST", body="{}")
    ok(t["status"] == 500 and "Execution failed due to configuration error" in t["log"], "test-invoke shows why", t["log"])


def cors():
    """What the console's "Enable CORS" makes: a mock OPTIONS, a header on the method, one on the answers without a method."""
    a = Api()
    allow = {"method.response.header.Access-Control-Allow-Origin": "'*'", "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
             "method.response.header.Access-Control-Allow-Headers": "'Content-Type,X-Amz-Date,Authorization,X-Api-Key'"}
    own = {"method.response.header.Access-Control-Allow-Origin": "'*'"}
    a.method("/pets/{proxy+}", "OPTIONS", dict(type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}), {"200": {"responseParameters": allow}})
    a.http("/pets/{proxy+}", "GET", "/echo", responses={"200": {"responseParameters": own}})
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX"):
        c.put_gateway_response(restApiId=a.id, responseType=kind, responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"})
    a.deploy()
    asked = {"Origin": "http://page.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key"}
    for headers, name in ((asked, "CORS: a preflight without a body"), (dict(asked, **{"Content-Type": "application/json"}), "CORS: a preflight with a type")):
        r = a.call("OPTIONS", "/pets/1/name", headers=headers)
        ok(r.status_code == 200 and r.content == b"" and all(r.headers.get(k.split(".")[-1]) == v.strip("'") for k, v in allow.items()), name, r.headers)
    r = a.call("GET", "/pets/1/name", headers={"Origin": "http://page.example"})
    ok(r.status_code == 200 and r.headers["Access-Control-Allow-Origin"] == "*", "CORS: the call itself", r.text)
    r = a.call("POST", "/pets/1/name", headers={"Origin": "http://page.example"})
    ok(r.status_code == 403 and r.headers["Access-Control-Allow-Origin"] == "*", "CORS: a method that isn't there", r.text)


def hal():
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def get(path, accept):
        r = AWSRequest("GET", AWS + path, headers={"Accept": accept} if accept else {})
        SigV4Auth(Credentials("test", "test"), "apigateway", "us-east-1").add_auth(r)
        return requests.get(AWS + path, headers={**dict(r.headers), **({} if accept else {"Accept": "application/hal+json"})})
    r = get("/restapis", None)
    ok("item" in r.json()["_embedded"] and r.json()["_links"]["self"]["href"] == "/restapis", "HAL: _embedded and _links", r.text[:200])
    r = get("/restapis", "application/json")
    ok("item" in r.json(), "plain: item", r.text[:200])
    r = get("/nosuchthing", "application/json")
    ok(r.status_code == 404 and r.headers["x-amzn-ErrorType"] == "UnknownOperationException", "an operation that isn't there", r.text)


def iam():
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    a = Api()
    a.mock("/i", "GET", '{"in": true}', method=dict(authorizationType="AWS_IAM"))
    a.deploy()
    r = a.call("GET", "/i")
    ok(r.status_code == 403 and r.json() == {"message": "Missing Authentication Token"}, "AWS_IAM without a signature: 403", r.text)
    url = f"{GW}/prod/i"
    q = AWSRequest("GET", url, headers={"Host": f"{a.id}.execute-api.us-east-1.amazonaws.com"})
    SigV4Auth(Credentials("test", "test"), "execute-api", "us-east-1").add_auth(q)
    r = requests.get(url, headers=dict(q.headers))
    ok(r.status_code == 200 and r.json() == {"in": True}, "AWS_IAM with one", r.text)


def test_log():
    a = Api()
    base = a.http("/h/{id}", "POST", "/echo", requestTemplates={"application/json": '{"id": "$input.params(\'id\')"}'}, method={"requestParameters": {"method.request.path.id": True}})
    t = c.test_invoke_method(restApiId=a.id, resourceId=base["resourceId"], httpMethod="POST", pathWithQueryString="/h/9?z=1", body='{"q": 2}', headers={"X-A": "b"})
    want = ["Starting execution for request", "HTTP Method: POST, Resource Path: /h/9", "Method request path: {id=9}", "Method request query string: {z=1}",
            "Method request headers: {X-A=b}", 'Method request body before transformations: {"q": 2}', "Endpoint request URI: " + BACK, "Endpoint request headers: {",
            'Endpoint request body after transformations: {"id": "9"}', "Sending request to ", "Received response. Status: 200", "Endpoint response headers: {",
            "Endpoint response body before transformations: {", "Method response body after transformations: {", "Method response headers: {", "Successfully completed execution",
            "Method completed with status: 200"]
    lines = t["log"].split("\n")[1:]
    bad = [w for w, l in zip(want, lines) if not re.match(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4} : " + re.escape(w), l)]
    ok(t["status"] == 200 and not bad and len(lines) == len(want) + 1, "test-invoke over HTTP: the log line by line", t["log"])


parts(templates, mappings, passthrough, validation, keys, stages, urls, binary, limits, cors, hal, iam, test_log)
release.set()
ok(stack.alive(), "the server is alive")
done()
