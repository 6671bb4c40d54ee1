#!/usr/bin/python3
"""API Gateway's management API with boto3 and the AWS CLI: answers equal to those recorded on AWS; a restart keeps all."""
import datetime
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

try:
    import boto3
    import requests
    from botocore.client import Config
    from botocore.exceptions import ClientError
except ImportError:
    print("1..0 # SKIP boto3 or requests is missing")
    sys.exit(0)

TARN = os.environ.get("TARN", "build/tarn")
SHARED = os.environ.get("TARN_SHARED", "../shared")
TMP = tempfile.mkdtemp(prefix="tarn-agw-")
results = []


def ok(cond, name, why=""):
    results.append(bool(cond))
    print(f"{'ok' if cond else 'not ok'} {len(results)} - {name}", flush=True)
    if not cond and why:
        print("# " + str(why).replace("\n", "\n# "), flush=True)
    return cond


# Debian's boto3 is older than the recorded answers: these members are new.
SESSION = boto3.Session()
shapes = SESSION._session.get_component("data_loader").load_service_model("apigateway", "service-2")["shapes"]
shapes["RestApi"]["members"].setdefault("rootResourceId", {"shape": "String"})
shapes["EndpointConfiguration"]["members"].setdefault("ipAddressType", {"shape": "String"})


class Server:
    started = 0

    def __init__(self, data, *more):
        Server.started += 1
        self.ends = os.path.join(TMP, f"ends-{Server.started}.json")
        self.log = open(os.path.join(TMP, "log"), "ab")
        self.proc = subprocess.Popen([TARN, "up", "--only", "apigateway", "--ports=auto", "--endpoints-file", self.ends, "--data", data, *more],
                                     stdout=self.log, stderr=self.log)
        while not (os.path.exists(self.ends) and os.path.getsize(self.ends)):
            if self.proc.poll() is not None:
                print(open(os.path.join(TMP, "log")).read(), file=sys.stderr)
                raise SystemExit("server did not start")
            time.sleep(0.01)
        e = json.load(open(self.ends))
        self.aws, self.invoke = e["aws"], e["apigateway"]
        self.client = SESSION.client("apigateway", endpoint_url=self.aws, aws_access_key_id="test", aws_secret_access_key="test",
                                   region_name="us-east-1", config=Config(retries={"max_attempts": 0}, parameter_validation=False))

    def kill(self):
        self.proc.kill()
        self.proc.wait()


# ---- recorded answers: "<id:1>" stands for any text, the same each time; "datetime" for any time ----
RECORDED = {}
path = os.path.join(SHARED, "vectors", "apigateway_recorded.json")
if os.path.exists(path):
    for case in json.load(open(path))["cases"]:
        RECORDED[case["test"].split("::")[-1]] = case["content"]
else:
    print(f"# SKIP: no {path}: recorded answers are not compared")
HOLE = re.compile(r"<[^<>]+>")
FREE = {"policy"}


def equal(want, got, holes, at=""):
    """None, or where they differ."""
    if isinstance(want, dict) and isinstance(got, dict):
        keys = set(want) | set(got)
        for k in sorted(keys):
            if k == "HTTPHeaders":
                continue
            if k not in got or k not in want:
                return f"{at}/{k}: {'missing' if k not in got else 'not expected: ' + str(got[k])}"
            bad = equal(want[k], got[k], holes, f"{at}/{k}")
            if bad:
                return bad
        return None
    if isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            return f"{at}: {len(got)} items, not {len(want)}"
        for i, (w, g) in enumerate(zip(want, got)):
            bad = equal(w, g, holes, f"{at}[{i}]")
            if bad:
                return bad
        return None
    if isinstance(got, datetime.datetime):
        return None if want == "datetime" else f"{at}: a time, not {want}"
    if isinstance(want, str) and isinstance(got, str):
        parts = HOLE.findall(want)
        if parts:
            m = re.fullmatch("(.*?)".join(re.escape(x) for x in HOLE.split(want)), got, re.S)
            if not m:
                return f"{at}: {got!r} is not like {want!r}"
            for p, v in zip(parts, m.groups()):
                if re.search(r":\d+>$", p) and holes.setdefault(p, v) != v:
                    return f"{at}: {p} was {holes[p]!r}, now {v!r}"
            return None
        if want.replace("111111111111", "000000000000") == got:
            return None
    if at.endswith("schema") and isinstance(want, dict) and isinstance(got, str):
        return equal(want, json.loads(got), holes, at + "()")
    return None if want == got and type(want) is type(got) or want == got and not isinstance(want, bool) else f"{at}: {got!r}, not {want!r}"


def plain(answer):
    answer = dict(answer)
    meta = answer.pop("ResponseMetadata", {})
    code = meta.get("HTTPStatusCode")
    answer["ResponseMetadata"] = {"HTTPStatusCode": code}
    return answer


def call(fn, **kw):
    try:
        return plain(fn(**kw))
    except ClientError as e:
        return plain(e.response)


def parsed(part):
    """The recording shows a part's properties as an object; they are sent as text."""
    return dict(part, properties=json.loads(part["properties"]))


class Case:
    """A recorded test: each answer is compared with the one of the same name."""

    def __init__(self, name):
        self.name, self.holes, self.bad, self.n = name, {}, [], 0
        self.content = RECORDED.get(name)

    def see(self, key, answer, drop=()):
        self.n += 1
        if self.content is None or key not in self.content:
            if self.content is not None:
                self.bad.append(f"{key}: not recorded")
            return answer
        want = self.content[key]
        a, w = dict(answer), dict(want)
        if "ResponseMetadata" not in w:
            w["ResponseMetadata"] = {"HTTPStatusCode": 200}
        bad = equal(w, a, self.holes)
        if bad:
            self.bad.append(f"{key}: {bad}")
        return answer

    def done(self):
        ok(not self.bad, f"recorded: {self.name} ({self.n} answers)", "\n".join(self.bad))


def patch(*ops):
    out = []
    for op in ops:
        p = {"op": op[0], "path": op[1]}
        if len(op) > 2:
            p["value"] = op[2]
        out.append(p)
    return out


def api_with_root(c, name="x", **kw):
    a = c.create_rest_api(name=name, **kw)
    return a["id"], a["rootResourceId"]


def recorded_apis(c):
    t = Case("test_list_and_delete_apis")
    a = t.see("create-rest-api-1", call(c.create_rest_api, name="one", description="this is my api"))
    b = t.see("create-rest-api-2", call(c.create_rest_api, name="two", description="this is my api2"))
    mine = (a["id"], b["id"])
    got = call(c.get_rest_apis)
    got["items"] = [i for i in got["items"] if i["id"] in mine]
    t.see("get-rest-api-before-delete", got)
    t.see("delete-rest-api", call(c.delete_rest_api, restApiId=a["id"]))
    got = call(c.get_rest_apis)
    got["items"] = [i for i in got["items"] if i["id"] in mine]
    t.see("get-rest-api-after-delete", got)
    t.done()

    t = Case("test_create_rest_api_with_optional_params")
    t.see("create-only-name", call(c.create_rest_api, name="a"))
    t.see("create-empty-desc", call(c.create_rest_api, name="a", description=""))
    t.see("create-with-version", call(c.create_rest_api, name="b", version="v1"))
    t.see("create-with-empty-binary-media", call(c.create_rest_api, name="c", binaryMediaTypes=[]))
    t.see("string-compression-size", call(c.create_rest_api, name="d", minimumCompressionSize=1 << 30))
    t.done()

    t = Case("test_update_rest_api_operation_add_remove")
    i, _ = api_with_root(c, description="this is my api")
    t.see("update-rest-api-add", call(c.update_rest_api, restApiId=i, patchOperations=patch(("add", "/binaryMediaTypes/image~1png"), ("add", "/binaryMediaTypes/image~1jpeg"))))
    t.see("update-rest-api-replace", call(c.update_rest_api, restApiId=i, patchOperations=patch(("replace", "/binaryMediaTypes/image~1png", "image/gif"))))
    t.see("update-rest-api-remove", call(c.update_rest_api, restApiId=i, patchOperations=patch(("remove", "/binaryMediaTypes/image~1gif"), ("remove", "/description"))))
    t.done()

    t = Case("test_update_rest_api_behaviour")
    i, _ = api_with_root(c, description="this is my api")
    t.see("update-rest-api-array", call(c.update_rest_api, restApiId=i, patchOperations=patch(("add", "/binaryMediaTypes/-", "image/png"))))
    for op in ("add", "replace", "remove"):
        t.see(f"update-rest-api-{op}-base-path", call(c.update_rest_api, restApiId=i, patchOperations=patch((op, "/binaryMediaTypes", "image/png"))))
    t.done()

    t = Case("test_create_rest_api_with_endpoint_configuration")
    for key, conf in (("empty-types", {"types": []}), ("invalid-ip-address-type", {"types": ["EDGE"], "ipAddressType": "wrong"}),
                      ("invalid-types", {"types": ["wrong"]}), ("invalid-ip-address-type-and-types", {"types": ["wrong"], "ipAddressType": "wrong"}),
                      ("two-types", {"types": ["EDGE", "REGIONAL"]}), ("endpoint-config-dualstack", {"types": ["EDGE"], "ipAddressType": "dualstack"}),
                      ("endpoint-config-regional", {"types": ["REGIONAL"]})):
        t.see("create-with-" + key, call(c.create_rest_api, name="x", endpointConfiguration=conf))
    t.done()

    t = Case("test_create_rest_api_verify_defaults")
    for kind in ("edge", "regional", "private"):
        t.see(f"create-with-{kind}-default", call(c.create_rest_api, name="x", endpointConfiguration={"types": [kind.upper()]}))
    t.see("create-with-empty-default", call(c.create_rest_api, name="x", endpointConfiguration={}))
    t.see("create-with-empty-ip-address-type-and-wrong-type", call(c.create_rest_api, name="x", endpointConfiguration={"types": ["wrong"], "ipAddressType": ""}))
    t.done()

    t = Case("test_update_rest_api_concatenation_of_errors")
    i, _ = api_with_root(c)
    two = [("wrong", "/endpointConfiguration/ipAddressType", "x"), ("wrong", "/endpointConfiguration/types/0", "x")]
    t.see("update-rest-api-wrong-operations-on-ipAddressType", call(c.update_rest_api, restApiId=i, patchOperations=patch(*two)))
    t.see("update-rest-api-wrong-operations-on-type-and-on-ip-address-type", call(c.update_rest_api, restApiId=i, patchOperations=patch(*(two + two[:1]))))
    t.done()


def recorded_resources(c):
    t = Case("test_resource_lifecycle")
    i, root = api_with_root(c)
    t.see("rest-api-root-resource", call(c.get_resources, restApiId=i))
    a = t.see("create-resource", call(c.create_resource, restApiId=i, parentId=root, pathPart="pets"))
    t.see("rest-api-resources-after-create", call(c.get_resources, restApiId=i))
    t.see("create-subresource", call(c.create_resource, restApiId=i, parentId=a["id"], pathPart="subpets"))
    t.see("rest-api-resources-after-create-sub", call(c.get_resources, restApiId=i))
    t.see("update-path-part", call(c.update_resource, restApiId=i, resourceId=a["id"], patchOperations=patch(("replace", "/pathPart", "dogs"))))
    t.see("get-resp-after-update-path-part", call(c.get_resource, restApiId=i, resourceId=a["id"]))
    t.see("del-resource", call(c.delete_resource, restApiId=i, resourceId=a["id"]))
    t.see("rest-api-resources-after-delete", call(c.get_resources, restApiId=i))
    t.done()

    t = Case("test_delete_resource")
    i, root = api_with_root(c)
    a = c.create_resource(restApiId=i, parentId=root, pathPart="pets")["id"]
    b = c.create_resource(restApiId=i, parentId=a, pathPart="sub")["id"]
    t.see("delete-resource", call(c.delete_resource, restApiId=i, resourceId=a))
    t.see("get-resources", call(c.get_resources, restApiId=i))
    t.see("delete-subresource", call(c.delete_resource, restApiId=i, resourceId=b))
    t.done()

    t = Case("test_create_proxy_resource")
    i, root = api_with_root(c)

    def make(key, parent, part):
        return t.see(key, call(c.create_resource, restApiId=i, parentId=parent, pathPart=part))["id"] if key else \
            c.create_resource(restApiId=i, parentId=parent, pathPart=part)["id"]
    make("create-base-proxy-resource", root, "{proxy+}")
    parent = make(None, root, "parent")
    greedy = make("create-proxy-sibling-proxy-child-resource", parent, "{proxy+}")
    child = make("create-proxy-sibling-static-child-resource", parent, "child")
    make("create-static-child-proxy-resource", child, "{proxy+}")
    t.see("all-resources", call(c.get_resources, restApiId=i))
    got = call(c.create_resource, restApiId=i, parentId=parent, pathPart="{child}")
    ok(got.get("message", "").startswith("A sibling ({proxy+}) of this resource already has a variable path part"), "one variable sibling only", got)
    c.delete_resource(restApiId=i, resourceId=greedy)
    dyn = make("create-proxy-sibling-dynamic-child-resource", parent, "{child}")
    make("create-dynamic-child-proxy-resource", dyn, "{proxy+}")
    t.see("all-resources-2", call(c.get_resources, restApiId=i))
    t.done()

    t = Case("test_update_resource_on_root")
    t.see("update-root-path-part", call(c.update_resource, restApiId=i, resourceId=root, patchOperations=patch(("replace", "/pathPart", "x"))))
    t.see("update-root-parent", call(c.update_resource, restApiId=i, resourceId=root, patchOperations=patch(("replace", "/parentId", "x"))))
    t.done()


def recorded_methods(c):
    t = Case("test_method_request_parameters")
    i, root = api_with_root(c)
    params = {f"method.request.{p}.{q}_{k}": k == "required" for p, q in (("querystring", "q"), ("header", "h")) for k in ("required", "optional")}
    t.see("put-method-request-params-response", call(c.put_method, restApiId=i, resourceId=root, httpMethod="ANY", authorizationType="NONE", requestParameters=params))
    t.see("get-method-request-params-response", call(c.get_method, restApiId=i, resourceId=root, httpMethod="ANY"))
    r = c.create_resource(restApiId=i, parentId=root, pathPart="a")["id"]
    t.see("req-params-same-name", call(c.put_method, restApiId=i, resourceId=r, httpMethod="GET", authorizationType="NONE",
                                       requestParameters={"method.request.querystring.x": True, "method.request.header.x": True}))
    t.done()

    t = Case("test_put_method_validation")
    base = dict(restApiId=i, resourceId=r, httpMethod="POST", authorizationType="NONE")
    t.see("wrong-api", call(c.put_method, **dict(base, restApiId="test-fake-rest-id")))
    t.see("wrong-resource", call(c.put_method, **dict(base, resourceId="fake")))
    t.see("wrong-method", call(c.put_method, **dict(base, httpMethod="TEST")))
    t.see("missing-authorizer-id", call(c.put_method, **dict(base, authorizationType="CUSTOM")))
    t.see("invalid-request-validator", call(c.put_method, **dict(base, requestValidatorId="fake")))
    t.see("invalid-model-name", call(c.put_method, **dict(base, requestModels={"application/json": "petModel"})))
    t.done()

    t = Case("test_update_method_validation")
    base = dict(restApiId=i, resourceId=r, httpMethod="ANY")
    ops = patch(("replace", "/authorizationType", "AWS_IAM"))
    t.see("wrong-rest-api", call(c.update_method, patchOperations=ops, **dict(base, restApiId="fake")))
    t.see("wrong-resource-id", call(c.update_method, patchOperations=ops, **dict(base, resourceId="fake")))
    t.see("method-does-not-exist", call(c.update_method, patchOperations=ops, **base))
    t.see("put-method-response", call(c.put_method, authorizationType="NONE", apiKeyRequired=True, **base))
    for key, op in (("unsupported-operation", ("add", "/authorizationType", "CUSTOM")), ("unsupported-operation-2", ("remove", "/authorizationType", "x")),
                    ("unsupported-path", ("replace", "/httpMethod", "GET")), ("wrong-path-request-parameters", ("add", "/requestParameters", "true")),
                    ("wrong-path-request-models", ("add", "/requestModels/application/json", "Empty")),
                    ("wrong-value-type", ("replace", "/apiKeyRequired", "whatever")), ("wrong-auth-type", ("replace", "/authorizationType", "CUSTOM")),
                    ("skip-auth-id-with-wrong-type", ("replace", "/authorizerId", "abc123")),
                    ("wrong-req-validator-id", ("replace", "/requestValidatorId", "fake"))):
        t.see(key, call(c.update_method, patchOperations=patch(op), **base))
    t.done()

    t = Case("test_lifecycle_method_response")
    i, root = api_with_root(c)
    base = dict(restApiId=i, resourceId=root, httpMethod="GET")
    c.put_method(authorizationType="NONE", **base)
    c.put_integration(type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}, **base)
    base["statusCode"] = "200"
    t.see("put-method-response", call(c.put_method_response, responseParameters={}, responseModels={}, **base))
    t.see("get-integration-response", call(c.get_method_response, **base))
    t.see("add-method-responses", call(c.update_method_response, patchOperations=patch(("add", "/responseParameters/method.response.header.my-header", "true"),
                                                                                       ("add", "/responseModels/application~1json", "Empty")), **base))
    t.see("delete-method-response", call(c.delete_method_response, **base))
    t.done()

    t = Case("test_update_method_lack_response_parameters_and_models")
    c.put_method_response(**base)
    for key, op in (("update-method-response-operation-without-response-parameters", ("remove", "/responseParameters/method.response.header.my-header")),
                    ("update-method-response-operation-without-response-models", ("remove", "/responseModels/application~1json")),
                    ("update-method-response-operation-with-wrong-path", ("add", "/wrong/method.response.header.my-header"))):
        t.see(key, call(c.update_method_response, patchOperations=patch(op), **base))
    t.done()

    t = Case("test_update_method_response_wrong_operations")
    good, bad = ("add", "/responseParameters/method.response.header.a", "true"), ("wrong_op", "/responseParameters/method.response.header.b", "true")
    for n, ops in enumerate(([bad], [bad], [bad, bad], [bad] * 4, [bad, good, bad]), 1):
        t.see(f"update-method-response-wrong-operation-{n}", call(c.update_method_response, patchOperations=patch(*ops), **base))
    t.done()


def recorded_integrations(c):
    t = Case("test_lifecycle_integration_response")
    i, root = api_with_root(c)
    base = dict(restApiId=i, resourceId=root, httpMethod="GET")
    c.put_method(authorizationType="NONE", **base)
    c.put_integration(type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}, **base)
    s = dict(base, statusCode="200")
    t.see("put-integration-response", call(c.put_integration_response, selectionPattern="", responseTemplates={"application/json": '"created"'}, **s))
    t.see("get-integration-response", call(c.get_integration_response, **s))
    t.see("update-integration-response", call(c.update_integration_response, patchOperations=patch(("replace", "/selectionPattern", "updated-pattern")), **s))
    t.see("overwrite-integration-response", call(c.put_integration_response, selectionPattern="overwrite-pattern", responseTemplates={"application/json": "overwrite"}, **s))
    got = call(c.get_method, **base)
    got["methodIntegration"]["requestTemplates"]["application/json"] = json.loads(got["methodIntegration"]["requestTemplates"]["application/json"])
    t.see("get-method", got)
    t.see("delete-integration-response", call(c.delete_integration_response, **s))
    t.done()

    t = Case("test_integration_response_wrong_resource")
    w = dict(s, resourceId="wrong")
    t.see("put-integration-response-wrong-resource", call(c.put_integration_response, selectionPattern="", **w))
    t.see("get-integration-response-wrong-resource", call(c.get_integration_response, **w))
    t.done()
    t = Case("test_integration_response_invalid_statuscode")
    w = dict(s, statusCode="wrong")
    t.see("put-integration-response-invalid-statusCode", call(c.put_integration_response, selectionPattern="", **w))
    t.see("get-integration-response-invalid-statusCode", call(c.get_integration_response, **w))
    t.done()
    t = Case("test_integration_response_invalid_integration")
    c.delete_integration(**base)
    t.see("get-integration-response-without-integration", call(c.get_integration_response, **s))
    t.done()

    t = Case("test_put_integration_request_parameter_bool_type")
    r = c.create_resource(restApiId=i, parentId=root, pathPart="{testPath}")["id"]
    base = dict(restApiId=i, resourceId=r, httpMethod="GET")
    t.see("bool-method", call(c.put_method, authorizationType="NONE", requestParameters={"method.request.path.testPath": True}, **base))
    put = dict(base, type="HTTP_PROXY", integrationHttpMethod="GET", uri="http://example.com")
    t.see("put-method-request-param-wrong-type", call(c.put_integration, requestParameters={"integration.request.path.testPath": "true"}, **put))
    t.see("put-integration-request-param-wrong-type", call(c.put_integration, requestParameters={"integration.request.path.testPath": True}, **put))
    t.see("put-integration-request-param-bool-value", call(c.put_integration, requestParameters={"integration.request.path.testPath": True}, **put))
    t.done()

    t = Case("test_create_integration_with_vpc_link")
    put["uri"] = "http://my-vpclink-test-nlb-1234567890abcdef.us-east-1.amazonaws.com"
    t.see("put-integration-vpc-link", call(c.put_integration, connectionType="VPC_LINK", connectionId="${stageVariables.vpcLinkId}", **put))
    t.see("get-integration-vpc-link", call(c.get_integration, **base))
    t.see("update-integration-vpc-link", call(c.update_integration, patchOperations=patch(("replace", "/connectionId", "${stageVariables.vpcLinkIdBeta}")), **base))
    t.see("get-integration-update-vpc-link", call(c.get_integration, **base))
    t.done()

    for want, kw in (("Enumeration value for HttpMethod must be non-empty", dict(type="HTTP_PROXY", uri="http://example.com")),
                     ("Invalid HTTP endpoint specified for URI", dict(type="HTTP", integrationHttpMethod="GET", uri="example.com")),
                     ("Invalid ARN specified in the request", dict(type="AWS", integrationHttpMethod="POST", uri="http://example.com")),
                     ("AWS ARN for integration must contain path or action", dict(type="AWS", integrationHttpMethod="POST", uri="arn:aws:apigateway:us-east-1:kinesis:x")),
                     ("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
                      dict(type="AWS_PROXY", integrationHttpMethod="POST", uri="arn:aws:apigateway:us-east-1:kinesis:action/PutRecord"))):
        got = call(c.put_integration, **dict(base, **kw))
        ok(got.get("Error", {}).get("Message") == want and got["Error"]["Code"] == "BadRequestException", f"put-integration refused: {want}", got)


def recorded_parts(c):
    i, root = api_with_root(c)
    t = Case("test_model_validation")
    schema = '{"type":"object","properties":{"a":{"type":"string"}}}'
    t.see("create-model-wrong-id", call(c.create_model, restApiId="abcde0", name="MySchema", contentType="application/json", schema=schema))
    t.see("get-models-wrong-id", call(c.get_models, restApiId="abcde0"))
    t.see("get-model-wrong-id", call(c.get_model, restApiId="abcde0", modelName="MySchema"))
    t.see("del-model-wrong-id", call(c.delete_model, restApiId="abcde0", modelName="MySchema"))
    c.create_model(restApiId=i, name="MySchema", contentType="application/json", schema=schema)
    t.see("create-model-already-exists", call(c.create_model, restApiId=i, name="MySchema", contentType="application/json", schema=schema))
    t.see("create-model-empty-name", call(c.create_model, restApiId=i, name="", contentType="application/json", schema=schema))
    t.see("create-model-empty-schema", call(c.create_model, restApiId=i, name="X", contentType="application/json", schema=""))
    t.see("create-model-no-schema-json", call(c.create_model, restApiId=i, name="Y", contentType="application/json"))
    t.see("create-model-no-schema-xml", call(c.create_model, restApiId=i, name="Z", contentType="application/xml"))
    t.done()

    t = Case("test_validators_crud_no_api")
    t.see("wrong-rest-api-id-create-validator", call(c.create_request_validator, restApiId="test-fake-rest-id", name="x"))
    t.see("wrong-rest-api-id-get-validators", call(c.get_request_validators, restApiId="test-fake-rest-id"))
    t.done()
    t = Case("test_invalid_update_request_validator_operations")
    t.see("create-rest-api", call(c.create_rest_api, name="v", description="my api"))
    v = t.see("create-request-validator", call(c.create_request_validator, restApiId=i, name="my-validator"))["id"]
    for key, op in (("invalid-add-operation", ("add", "/validateRequestBody", "true")), ("invalid-remove-operation", ("remove", "/validateRequestBody", "true")),
                    ("invalid-path", ("replace", "/invalidPath", "true")), ("empty-name-value", ("replace", "/name", ""))):
        t.see("update-request-validator-" + key, call(c.update_request_validator, restApiId=i, requestValidatorId=v, patchOperations=patch(op)))
    t.done()

    for verb, fn in (("get", c.get_request_validator), ("delete", c.delete_request_validator)):
        t = Case(f"test_invalid_{verb}_request_validator")
        key = "get-request-validators" if verb == "get" else "delete-request-validator"
        t.see(key + "-invalid-api-id", call(fn, restApiId="api_id", requestValidatorId=v))
        t.see(key + "-invalid-validator-id", call(fn, restApiId=i, requestValidatorId="validator_id"))
        t.done()
    d = c.create_documentation_part(restApiId=i, location={"type": "API"}, properties="{}")["id"]
    t = Case("test_invalid_get_documentation_part")
    t.see("get-documentation-part-invalid-api-id", call(c.get_documentation_part, restApiId="api_id", documentationPartId=d))
    t.see("get-documentation-part-invalid-doc-id", call(c.get_documentation_part, restApiId=i, documentationPartId="doc_id"))
    t.done()
    t = Case("test_invalid_update_documentation_part")
    t.see("update-documentation-part-invalid-api-id", call(c.update_documentation_part, restApiId="api_id", documentationPartId=d, patchOperations=patch(("replace", "/properties", "{}"))))
    t.see("update-documentation-part-invalid-add-operation", call(c.update_documentation_part, restApiId=i, documentationPartId=d, patchOperations=patch(("add", "/properties", "{}"))))
    t.see("update-documentation-part-invalid-path", call(c.update_documentation_part, restApiId=i, documentationPartId=d, patchOperations=patch(("replace", "/invalidPath", "{}"))))
    t.done()
    t = Case("test_invalid_delete_documentation_part")
    t.see("delete_documentation_part_wrong_api_id", call(c.delete_documentation_part, restApiId="api_id", documentationPartId=d))
    t.see("delete_documentation_part", call(c.delete_documentation_part, restApiId=i, documentationPartId=d))
    t.see("delete_already_deleted_documentation_part", call(c.delete_documentation_part, restApiId=i, documentationPartId=d))
    t.done()

    t = Case("test_gateway_response_validation")
    t.see("get-gateway-responses-no-api", call(c.get_gateway_responses, restApiId="fake-api-id"))
    t.see("get-gateway-response-no-api", call(c.get_gateway_response, restApiId="fake-api-id", responseType="DEFAULT_4XX"))
    t.see("delete-gateway-response-not-set", call(c.delete_gateway_response, restApiId=i, responseType="DEFAULT_4XX"))
    t.see("delete-gateway-response-no-api", call(c.delete_gateway_response, restApiId="fake-api-id", responseType="DEFAULT_4XX"))
    ops = patch(("add", "/statusCode", "401"))
    t.see("update-gateway-response-no-api", call(c.update_gateway_response, restApiId="fake-api-id", responseType="DEFAULT_4XX", patchOperations=ops))
    t.see("update-gateway-response-wrong-response-type", call(c.update_gateway_response, restApiId=i, responseType="FAKE_RESPONSE_TYPE", patchOperations=ops))
    for key, fn in (("get", c.get_gateway_response), ("delete", c.delete_gateway_response), ("put", c.put_gateway_response)):
        t.see(f"{key}-gateway-response-wrong-response-type", call(fn, restApiId=i, responseType="FAKE_RESPONSE_TYPE"))
    t.done()

    t = Case("test_gateway_response_put")
    body = RECORDED.get("test_gateway_response_put", {}).get("put-gateway-response-all-value", {})
    for key in ("put-gateway-response-all-value", "put-gateway-response-status-only", "put-gateway-response-response-parameters-only",
                "put-gateway-response-response-templates-only", "put-gateway-response-default-5xx", "put-gateway-response-default-ignored"):
        want = RECORDED.get("test_gateway_response_put", {}).get(key)
        if want is None:
            continue
        kw = {k: want[k] for k in ("responseParameters", "responseTemplates", "statusCode") if k in want}
        if key.endswith("status-only"):
            kw = {"statusCode": "404"}
        if key.endswith("parameters-only"):
            kw = {"responseParameters": want["responseParameters"]}
        if key.endswith("templates-only"):
            kw = {"responseTemplates": want["responseTemplates"]}
        if key.endswith("ignored"):
            kw = {"responseParameters": want["responseParameters"]}
        t.see(key, call(c.put_gateway_response, restApiId=i, responseType=want["responseType"], **kw))
    t.see("get-gateway-responses", call(c.get_gateway_responses, restApiId=i))
    t.done()

    t = Case("test_authorizer_crud_no_api")
    t.see("wrong-rest-api-id-create-authorizer", call(c.create_authorizer, restApiId="test-fake-rest-id", name="x", type="TOKEN"))
    t.see("wrong-rest-api-id-get-authorizers", call(c.get_authorizers, restApiId="test-fake-rest-id"))
    t.done()
    t = Case("test_documentation_parts_and_versions")
    t.see("create-part-response", parsed(call(c.create_documentation_part, restApiId=i, location={"type": "API"}, properties=json.dumps({"foo": "bar"}))))
    v = t.see("create-version-response", call(c.create_documentation_version, restApiId=i, documentationVersion="v123"))
    t.see("update-version-response", call(c.update_documentation_version, restApiId=i, documentationVersion="v123", patchOperations=patch(("replace", "/description", "doc version new"))))
    t.see("get-version-response", call(c.get_documentation_version, restApiId=i, documentationVersion="v123"))
    t.done()


    t = Case("test_import_documentation_parts_bad_file")
    t.see("import-documentation-parts-bad-yaml-file", call(c.import_documentation_parts, restApiId=i, body=b"a: b: c"))
    t.see("import-documentation-parts-bad-json-file", call(c.import_documentation_parts, restApiId=i, body=b"{}"))
    t.done()
    got = c.import_documentation_parts(restApiId=i, mode="overwrite", body=b'{"documentationParts": [{"location": {"type": "API"}, "properties": {"a": 1}}]}')
    ok(len(got["ids"]) == 1 and c.get_documentation_part(restApiId=i, documentationPartId=got["ids"][0])["properties"] == '{"a":1}', "documentation parts imported", got)
    t = Case("test_create_vpc_link_invalid_parameters")
    t.see("create_vpc_link_invalid_target_arn", call(c.create_vpc_link, name="n", targetArns=["invalid-arn"]))
    t.see("create_vpc_link_empty_name", call(c.create_vpc_link, name="", targetArns=["arn:aws:x"]))
    t.done()
    t = Case("test_delete_vpc_link_invalid_id")
    t.see("delete_vpc_link_invalid_id", call(c.delete_vpc_link, vpcLinkId="none"))
    t.done()


def mock(c, i, r, verb="GET", body='{"ok": true}', status="200", **kw):
    base = dict(restApiId=i, resourceId=r, httpMethod=verb)
    c.put_method(authorizationType="NONE", **base, **kw)
    c.put_integration(type="MOCK", requestTemplates={"application/json": '{"statusCode": %s}' % status}, **base)
    c.put_method_response(statusCode=status, **base)
    c.put_integration_response(statusCode=status, responseTemplates={"application/json": body}, **base)
    return base


def recorded_stages(c):
    t = Case("test_stage_access_log_settings")
    i, root = api_with_root(c)
    mock(c, i, root)
    d = t.see("create-deployment", call(c.create_deployment, restApiId=i))["id"]
    s = dict(restApiId=i, stageName="dev")
    t.see("create-stage", call(c.create_stage, deploymentId=d, description="dev stage", **s))
    for key, op in (("dest-add", ("add", "/accessLogSettings/destinationArn", "arn:x")), ("dest-replace", ("replace", "/accessLogSettings/destinationArn", "arn:xa")),
                    ("format-add", ("add", "/accessLogSettings/format", "$context.requestId $context.identity.sourceIp")),
                    ("remove-all", ("remove", "/accessLogSettings"))):
        t.see("update-stage-access-log-" + key, call(c.update_stage, patchOperations=patch(op), **s))
    t.done()

    t = Case("test_get_stages_filters_by_deployment_id")
    i, root = api_with_root(c)
    mock(c, i, root)
    d1, d2 = c.create_deployment(restApiId=i)["id"], c.create_deployment(restApiId=i)["id"]
    c.create_stage(restApiId=i, stageName="stage1", deploymentId=d1)
    c.create_stage(restApiId=i, stageName="stage2", deploymentId=d2)
    t.see("all-stages", call(c.get_stages, restApiId=i))
    t.see("stages-deploy1", call(c.get_stages, restApiId=i, deploymentId=d1))
    t.see("stages-deploy2", call(c.get_stages, restApiId=i, deploymentId=d2))
    t.done()

    t = Case("test_update_stage_remove_wildcard")
    s = dict(restApiId=i, stageName="s1")
    t.see("create-stage", call(c.create_stage, deploymentId=d1, description="my stage", documentationVersion="v123", **s))
    t.see("get-stage", call(c.get_stage, **s))
    t.see("delete-error", call(c.update_stage, patchOperations=patch(("remove", "/*/*")), **s))
    t.see("update-stage", call(c.update_stage, patchOperations=patch(("replace", "/*/*/caching/enabled", "true")), **s))
    t.see("update-stage-reset", call(c.update_stage, patchOperations=patch(("remove", "/*/*")), **s))
    t.see("get-stage-after-reset", call(c.get_stage, **s))
    t.done()

    t = Case("test_create_delete_deployments[False]")
    i, root = api_with_root(c)
    mock(c, i, root)
    d = c.create_deployment(restApiId=i)["id"]
    c.create_stage(restApiId=i, stageName="s1", deploymentId=d)
    t.see("get-deployment", call(c.get_deployment, restApiId=i, deploymentId=d))
    t.see("get-stages", call(c.get_stages, restApiId=i))
    t.see("delete-deployment-error-0", call(c.delete_deployment, restApiId=i, deploymentId=d))
    t.done()

    t = Case("test_create_update_stages")
    d1 = t.see("create-deployment-1", call(c.create_deployment, restApiId=i))["id"]
    d2 = t.see("create-deployment-2", call(c.create_deployment, restApiId=i))["id"]
    s = dict(restApiId=i, stageName="dev")
    t.see("create-stage", call(c.create_stage, deploymentId=d1, description="dev stage", variables={"testVar": "default"},
                               canarySettings={"deploymentId": d2, "percentTraffic": 50, "stageVariableOverrides": {"testVar": "canary"}}, **s))
    t.see("get-stage", call(c.get_stage, **s))
    t.see("update-stage-canary-settings-overrides", call(c.update_stage, patchOperations=patch(("replace", "/canarySettings/stageVariableOverrides/testVar", "updated")), **s))
    t.see("update-stage-remove-canary-settings", call(c.update_stage, patchOperations=patch(("remove", "/canarySettings")), **s))
    t.see("get-stage-after-remove", call(c.get_stage, **s))
    t.done()

    t = Case("test_create_canary_deployment")
    j, jroot = api_with_root(c)
    mock(c, j, jroot)
    d1 = t.see("create-deployment", call(c.create_deployment, restApiId=j))["id"]
    t.see("create-stage", call(c.create_stage, restApiId=j, stageName="dev1", deploymentId=d1, description="dev stage", variables={"testVar": "default"},
                               canarySettings={"deploymentId": d1, "percentTraffic": 40, "stageVariableOverrides": {"testVar": "canary1"}}))
    d2 = t.see("create-canary-deployment", call(c.create_deployment, restApiId=j, stageName="dev1",
                                                canarySettings={"percentTraffic": 50, "stageVariableOverrides": {"testVar": "canary2"}}))["id"]
    t.see("get-stage-1", call(c.get_stage, restApiId=j, stageName="dev1"))
    two = dict(restApiId=j, deploymentId=d1, description="dev stage", variables={"testVar": "default"})
    t.see("create-stage-2", call(c.create_stage, stageName="dev2", canarySettings={"deploymentId": d2, "percentTraffic": 60, "stageVariableOverrides": {"testVar": "canary-overridden"}}, **two))
    t.see("bad-canary-deployment-id", call(c.create_stage, stageName="dev3", canarySettings={"deploymentId": "bad", "percentTraffic": 60}, **two))
    t.done()

    t = Case("test_create_canary_deployment_validation")
    t.see("create-canary-deployment-no-stage", call(c.create_deployment, restApiId=i, canarySettings={"percentTraffic": 50}))
    t.see("create-canary-deployment-empty-stage", call(c.create_deployment, restApiId=i, stageName="", canarySettings={"percentTraffic": 50}))
    t.see("create-canary-deployment-non-existing-stage", call(c.create_deployment, restApiId=i, stageName="non-existing", canarySettings={"percentTraffic": 50}))
    t.done()


def recorded_keys(c):
    i, root = api_with_root(c)
    mock(c, i, root)
    c.create_deployment(restApiId=i, stageName="dev")
    t = Case("test_usage_plan_crud")
    p = t.see("create-usage-plan", call(c.create_usage_plan, name="plan", description="about", apiStages=[{"apiId": i, "stage": "dev"}]))["id"]
    t.see("get-usage-plan", call(c.get_usage_plan, usagePlanId=p))
    t.see("get-usage-plans", call(c.get_usage_plans))
    t.see("update-usage-plan", call(c.update_usage_plan, usagePlanId=p, patchOperations=patch(
        ("replace", "/throttle/burstLimit", "100"), ("replace", "/throttle/rateLimit", "200"), ("replace", "/quota/limit", "5000"), ("replace", "/quota/period", "MONTH"))))
    t.see("update-wrong-id", call(c.update_usage_plan, usagePlanId="x", patchOperations=patch(("replace", "/name", "y"))))
    for key, value in (("no-value", None), ("wrong-api", f"{i}b:dev"), ("wrong-stage", f"{i}:fakestagename"), ("wrong-value", "fake")):
        op = ("remove", "/apiStages") + ((value,) if value else ())
        t.see("update-wrong-api-stages-" + key, call(c.update_usage_plan, usagePlanId=p, patchOperations=patch(op)))
    t.see("get-usage-plan-after-update", call(c.get_usage_plan, usagePlanId=p))
    t.see("get-usage-plans-after-update", call(c.get_usage_plans))
    t.done()
    t = Case("test_create_usage_plan_with_throttle")
    t.see("create-usage-plan-burst-gt-rate", call(c.create_usage_plan, name="t", throttle={"burstLimit": 20, "rateLimit": 10}))
    t.done()

    t = Case("test_get_api_keys")
    t.see("get-api-keys", call(c.get_api_keys))
    t.see("create-api-key", call(c.create_api_key, name="key-one"))
    t.see("get-api-keys-after-create-1", call(c.get_api_keys))
    t.see("get-api-keys-wrong-name-query", call(c.get_api_keys, nameQuery="wrong"))
    t.see("get-api-keys-prefix-name-query", call(c.get_api_keys, nameQuery="key"))
    t.see("get-api-keys-prefix-name-query-cased", call(c.get_api_keys, nameQuery="KEY"))
    t.see("get-api-keys-infix-name-query", call(c.get_api_keys, nameQuery="one"))
    t.see("create-api-key-2", call(c.create_api_key, name="key-two"))
    t.see("get-api-keys-after-create-2", call(c.get_api_keys))
    first = t.see("get-apis-keys-pagination", call(c.get_api_keys, limit=1))
    t.see("get-apis-keys-pagination-2", call(c.get_api_keys, limit=1, position=first.get("position", "")))
    t.done()
    t = Case("test_update_api_key_invalid_enabled_type")
    k = c.create_api_key(enabled=True)["id"]
    t.see("update-api-key-invalid-enabled-type", call(c.update_api_key, apiKey=k, patchOperations=patch(("replace", "/enabled", "test"))))
    t.done()
    t = Case("test_create_api_key_with_invalid_value")
    t.see("create-api-key-short-value", call(c.create_api_key, value="123456789"))
    t.see("create-api-key-invalid-value-too-long", call(c.create_api_key, value="x" * 129))
    t.see("create-api-key-empty-value", call(c.create_api_key, value=""))
    t.done()


def recorded_test_invoke(c):
    t = Case("test_invoke_test_method")
    i, root = api_with_root(c)
    pets = c.create_resource(restApiId=i, parentId=root, pathPart="pets")["id"]
    pet = c.create_resource(restApiId=i, parentId=pets, pathPart="{petId}")["id"]
    mock(c, i, pets, body='{"pets": "all the pets"}')
    for verb in ("GET", "POST"):
        mock(c, i, pet, verb, body='{"petId": "$input.params(\'petId\')"}', requestParameters={"method.request.path.petId": True})

    def run(key, **kw):
        got = call(c.test_invoke_method, restApiId=i, **kw)
        if "log" in got:
            log = {}
            for n, line in enumerate(got["log"].split("\n")):
                line = re.sub(r"^\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}", "DDD MMM dd hh:mm:ss UTC yyyy", line)
                log[f"line{n:02}"] = line
            got["log"], got["latency"] = log, "1"
            try:
                got["body"] = json.loads(got["body"])
            except ValueError:
                pass
        want = (t.content or {}).get(key)
        if want and isinstance(want.get("body"), str):
            try:
                want["body"] = json.loads(want["body"])
            except ValueError:
                pass
        t.see(key, got)
    run("test-invoke-method-get-pets", resourceId=pets, httpMethod="GET", pathWithQueryString="/pets")
    run("test-invoke-method-get-pets-bad-path", resourceId=pets, httpMethod="GET", pathWithQueryString="/random/test")
    run("test-invoke-method-get-pets-id", resourceId=pet, httpMethod="GET", pathWithQueryString="/pets/123")
    run("test-invoke-method-get-pets-id-no-path", resourceId=pet, httpMethod="GET")
    run("test-invoke-method-get-pets-id-bad-path", resourceId=pet, httpMethod="GET", pathWithQueryString="/random/test")
    run("test-invoke-method-get-with-qs", resourceId=pet, httpMethod="GET", pathWithQueryString="/pets/123?foo=bar")
    run("test-invoke-method-post-with-body", resourceId=pet, httpMethod="POST", pathWithQueryString="/pets/123", body='{"foo": "bar"}')
    run("resource-method-not-found", resourceId=pets, httpMethod="POST")
    run("resource-id-not-found", resourceId="fake", httpMethod="GET")
    t.done()
    try:
        got = c.test_invoke_method(restApiId="fake", resourceId=pets, httpMethod="GET")
    except ClientError as e:
        ok(e.response["Error"]["Code"] == "NotFoundException", "test-invoke of an unknown API")


def provider(server):
    """What Terraform's AWS provider sends and reads; test_apigateway_terraform.py runs it itself."""
    c = server.client
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
    got = [requests.get(f"{server.aws}/restapis/{a['id']}/prod/_user_request_/").status_code for _ in range(3)]
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


def by_cli(server):
    """The console's steps, scripted with the AWS CLI."""
    env = dict(os.environ, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="")

    def aws(*args):
        p = subprocess.run(["/usr/bin/aws", "--endpoint-url", server.aws, "apigateway", *args, "--output", "json"], env=env, capture_output=True, text=True)
        return p.returncode, json.loads(p.stdout) if p.stdout.strip() else None, p.stderr
    if not os.path.exists("/usr/bin/aws"):
        print("# SKIP: no AWS CLI")
        return
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
    got = requests.get(f"{server.aws}/restapis/{a['id']}/prod/_user_request_/")
    ok(got.status_code == 200 and got.json() == {"hello": 1}, "CLI: the API runs", got.text)
    code, e, err = aws("get-stage", "--rest-api-id", a["id"], "--stage-name", "none")
    ok(code == 254 and "NotFoundException" in err and "Invalid stage identifier specified" in err, "CLI: a stage that isn't there", err)


def roundtrip(c):
    """What was imported comes back from GetExport."""
    names = ("fixtures/pinterest/apigateway/kafka-rest.json", "fixtures/pinterest/apigateway/kinesis.json")
    for name in names:
        doc = json.load(open(name))
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
        print("# SKIP: no PyYAML")
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


def restart(data):
    s = Server(data)
    c = s.client
    i, root = api_with_root(c, "kept", tags={"owner": "me"})
    mock(c, i, root)
    c.create_deployment(restApiId=i, stageName="prod", variables={"a": "b"})
    key = c.create_api_key(name="k", enabled=True)["id"]
    before = [c.get_rest_api(restApiId=i), c.get_resources(restApiId=i, embed=["methods"]), c.get_stages(restApiId=i), c.get_api_key(apiKey=key, includeValue=True)]
    s.kill()
    s = Server(data)
    c = s.client
    after = [c.get_rest_api(restApiId=i), c.get_resources(restApiId=i, embed=["methods"]), c.get_stages(restApiId=i), c.get_api_key(apiKey=key, includeValue=True)]
    for x in before + after:
        x.pop("ResponseMetadata")
    ok(before == after, "kill -9 and restart: the configuration is the same")
    got = requests.get(f"{s.invoke}/prod/", headers={"Host": f"{i}.execute-api.us-east-1.amazonaws.com"})
    ok(got.status_code == 200 and got.json() == {"ok": True}, "kill -9 and restart: the API runs", got.text)
    fresh = c.create_rest_api(name="fresh")["id"]
    ok(fresh != i, "kill -9 and restart: ids go on")
    s.kill()


server = Server(os.path.join(TMP, "data"))
try:
    for part in (recorded_apis, recorded_resources, recorded_methods, recorded_integrations, recorded_parts, recorded_stages, recorded_keys,
                 recorded_test_invoke, recorded_exports, imports, roundtrip):
        try:
            part(server.client)
        except Exception as e:  # one part's failure leaves the others
            import traceback
            ok(False, part.__name__, traceback.format_exc())
    try:
        provider(server)
        literals(server.client)
    except Exception:
        import traceback
        ok(False, "provider", traceback.format_exc())
    by_cli(server)
    restart(os.path.join(TMP, "kept"))
    ok(server.proc.poll() is None, "the server is alive")
finally:
    server.proc.terminate()
    try:
        server.proc.wait(10)
    except subprocess.TimeoutExpired:
        server.proc.kill()
shutil.rmtree(TMP, ignore_errors=True)
print(f"1..{len(results)}")
sys.exit(0 if all(results) else 1)
