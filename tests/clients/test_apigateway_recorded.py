#!/usr/bin/python3
"""API Gateway's management API with boto3: answers equal to those recorded on AWS."""
import json
import re

from apigateway_manage import RECORDED, Case, ClientError, api_with_root, call, manager, mock, parsed, patch
from tarn import Stack, done, ok, parts


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


stack = Stack(only="apigateway")
parts(recorded_apis, recorded_resources, recorded_methods, recorded_integrations, recorded_parts, recorded_stages, recorded_keys, recorded_test_invoke,
      args=(manager(stack),))
ok(stack.alive(), "the server is alive")
done()
