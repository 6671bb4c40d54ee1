#!/usr/bin/python3
"""API Gateway for Terraform and its AWS provider: an API in resources, one from a document; applied, called, planned again
without a difference, changed, imported, destroyed.
TARN_TF_PLUGINS: a folder of providers (registry.terraform.io/hashicorp/aws/...), for where no other holds them."""
import json
import os
import shutil
import subprocess

from tarn import Stack, TMP, done, need, ok, skip_all

requests = need("requests")
PLUGINS = [d for d in (os.environ.get("TARN_TF_PLUGINS"), os.path.expanduser("~/.terraform.d/plugins"), "/usr/local/share/terraform/plugins",
                       "/usr/share/terraform/plugins") if d and os.path.isdir(f"{d}/registry.terraform.io/hashicorp/aws")]
if not shutil.which("terraform") or not PLUGINS:
    skip_all("terraform or its AWS provider is not here (TARN_TF_PLUGINS)")

MAIN = r'''
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "endpoint" {}
variable "word" { default = "one" }
variable "extra" { default = false }
provider "aws" {
  region = "us-east-1"
  access_key = "test"
  secret_key = "test"
  skip_credentials_validation = true
  skip_requesting_account_id = true
  skip_metadata_api_check = true
  endpoints {
    apigateway = var.endpoint
  }
}

resource "aws_api_gateway_rest_api" "api" {
  name = "posts-${var.word}"
  description = "made of resources, ${var.word}"
  binary_media_types = var.extra ? ["image/png", "application/x-x"] : ["image/png"]
  minimum_compression_size = var.extra ? 2048 : 1024
  api_key_source = "HEADER"
  endpoint_configuration { types = ["REGIONAL"] }
  tags = { word = var.word, kept = "yes" }
}

resource "aws_api_gateway_rest_api_policy" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "${aws_api_gateway_rest_api.api.execution_arn}/*" }]
  })
}

resource "aws_api_gateway_model" "post" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  name = "Post"
  description = "what is posted"
  content_type = "application/json"
  schema = jsonencode({ type = "object", required = ["index"], properties = { index = { type = "integer" } } })
}

resource "aws_api_gateway_request_validator" "all" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  name = "all-${var.word}"
  validate_request_body = true
  validate_request_parameters = true
}

resource "aws_api_gateway_resource" "streams" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id = aws_api_gateway_rest_api.api.root_resource_id
  path_part = "streams"
}
resource "aws_api_gateway_resource" "stream" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id = aws_api_gateway_resource.streams.id
  path_part = "{stream-name}"
}
resource "aws_api_gateway_resource" "record" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id = aws_api_gateway_resource.stream.id
  path_part = "record"
}
resource "aws_api_gateway_resource" "rest" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id = aws_api_gateway_rest_api.api.root_resource_id
  path_part = "{proxy+}"
}

resource "aws_api_gateway_method" "list" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.streams.id
  http_method = "GET"
  authorization = "NONE"
  operation_name = var.extra ? "listStreams" : null
}
resource "aws_api_gateway_integration" "list" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.streams.id
  http_method = aws_api_gateway_method.list.http_method
  type = "AWS"
  integration_http_method = "POST"
  uri = "arn:aws:apigateway:us-east-1:kinesis:action/ListStreams"
  credentials = "arn:aws:iam::000000000000:role/gateway"
  request_parameters = { "integration.request.header.Content-Type" = "'application/x-amz-json-1.1'" }
  request_templates = { "application/json" = "{}" }
  passthrough_behavior = "WHEN_NO_TEMPLATES"
  timeout_milliseconds = var.extra ? 5000 : 29000
}
resource "aws_api_gateway_method_response" "list" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.streams.id
  http_method = aws_api_gateway_method.list.http_method
  status_code = "200"
  response_models = { "application/json" = "Empty" }
  response_parameters = { "method.response.header.X-Word" = true }
}
resource "aws_api_gateway_integration_response" "list" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.streams.id
  http_method = aws_api_gateway_method.list.http_method
  status_code = aws_api_gateway_method_response.list.status_code
  response_parameters = { "method.response.header.X-Word" = "'${var.word}'" }
  depends_on = [aws_api_gateway_integration.list]
}

resource "aws_api_gateway_method" "put" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.record.id
  http_method = "PUT"
  authorization = "NONE"
  api_key_required = true
  request_validator_id = aws_api_gateway_request_validator.all.id
  request_models = { "application/json" = aws_api_gateway_model.post.name }
  request_parameters = merge({ "method.request.path.stream-name" = true, "method.request.querystring.key" = false },
    var.extra ? { "method.request.header.X-Extra" = false } : {})
}
resource "aws_api_gateway_integration" "put" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.record.id
  http_method = aws_api_gateway_method.put.http_method
  type = "AWS"
  integration_http_method = "POST"
  uri = "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord"
  credentials = "arn:aws:iam::000000000000:role/gateway"
  cache_key_parameters = var.extra ? ["method.request.path.stream-name", "method.request.header.X-Extra"] : ["method.request.path.stream-name"]
  cache_namespace = "records"
  request_parameters = { "integration.request.header.Content-Type" = "'application/x-amz-json-1.1'" }
  request_templates = {
    "application/json" = <<-EOT
      {"StreamName": "$input.params('stream-name')", "Data": "$util.base64Encode($input.json('$'))", "PartitionKey": "${var.word}"}
    EOT
  }
}
resource "aws_api_gateway_method_response" "put" {
  for_each = toset(["200", "400"])
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.record.id
  http_method = aws_api_gateway_method.put.http_method
  status_code = each.key
}
resource "aws_api_gateway_integration_response" "put" {
  for_each = { "200" = null, "400" = "4\\d{2}" }
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.record.id
  http_method = aws_api_gateway_method.put.http_method
  status_code = aws_api_gateway_method_response.put[each.key].status_code
  selection_pattern = each.value
  response_templates = { "application/json" = "{\"shard\": \"$input.path('$.ShardId')\"}" }
  depends_on = [aws_api_gateway_integration.put]
}

resource "aws_api_gateway_method" "any" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.rest.id
  http_method = "ANY"
  authorization = "NONE"
  request_parameters = { "method.request.path.proxy" = true }
}
resource "aws_api_gateway_integration" "any" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.rest.id
  http_method = aws_api_gateway_method.any.http_method
  type = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\": 200}" }
}
resource "aws_api_gateway_method_response" "any" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.rest.id
  http_method = aws_api_gateway_method.any.http_method
  status_code = "200"
}
resource "aws_api_gateway_integration_response" "any" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.rest.id
  http_method = aws_api_gateway_method.any.http_method
  status_code = aws_api_gateway_method_response.any.status_code
  response_templates = { "application/json" = "{\"rest\": \"$input.params('proxy')\", \"color\": \"$stageVariables.color\", \"word\": \"${var.word}\"}" }
  depends_on = [aws_api_gateway_integration.any]
}

resource "aws_api_gateway_gateway_response" "missing" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  response_type = "INVALID_API_KEY"
  status_code = "401"
  response_templates = { "application/json" = "{\"message\": \"no key, ${var.word}\"}" }
  response_parameters = { "gatewayresponse.header.X-Why" = "'key'" }
}
resource "aws_api_gateway_documentation_part" "method" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  location {
    type = "METHOD"
    path = "/streams"
    method = "GET"
  }
  properties = jsonencode({ description = "lists streams, ${var.word}" })
}
resource "aws_api_gateway_documentation_version" "v1" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  version = "v1"
  description = "first"
  depends_on = [aws_api_gateway_documentation_part.method]
}
resource "aws_api_gateway_authorizer" "own" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  name = "own"
  authorizer_uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:own/invocations"
  authorizer_result_ttl_in_seconds = var.extra ? 60 : 120
  identity_source = "method.request.header.X-Own"
}
resource "aws_api_gateway_deployment" "one" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  description = "by terraform"
  triggers = { word = var.word }
  depends_on = [aws_api_gateway_integration_response.list, aws_api_gateway_integration_response.put, aws_api_gateway_integration_response.any]
  lifecycle { create_before_destroy = true }
}
resource "aws_api_gateway_stage" "prod" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.one.id
  stage_name = "prod"
  description = "live, ${var.word}"
  documentation_version = aws_api_gateway_documentation_version.v1.version
  variables = var.extra ? { color = "green", size = "big" } : { color = "red", shape = "round" }
  xray_tracing_enabled = var.extra
  tags = { stage = "prod" }
  access_log_settings {
    destination_arn = "arn:aws:logs:us-east-1:000000000000:log-group:gateway"
    format = "$context.requestId ${var.word}"
  }
}
resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name = aws_api_gateway_stage.prod.stage_name
  method_path = "*/*"
  settings {
    metrics_enabled = true
    logging_level = var.extra ? "ERROR" : "INFO"
    throttling_rate_limit = 1000.5
    throttling_burst_limit = 500
  }
}
resource "aws_api_gateway_method_settings" "list" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name = aws_api_gateway_stage.prod.stage_name
  method_path = "${trimprefix(aws_api_gateway_resource.streams.path, "/")}/GET"
  settings {
    caching_enabled = true
    cache_ttl_in_seconds = var.extra ? 60 : 30
    cache_data_encrypted = true
    unauthorized_cache_control_header_strategy = "SUCCEED_WITHOUT_RESPONSE_HEADER"
  }
}

resource "aws_api_gateway_api_key" "key" {
  name = "key-${var.word}"
  description = "for the producers"
  value = "abcdefghij0123456789"
  enabled = true
  tags = { whose = "producers" }
}
resource "aws_api_gateway_usage_plan" "plan" {
  name = "plan-${var.word}"
  description = "five thousand a day"
  api_stages {
    api_id = aws_api_gateway_rest_api.api.id
    stage = aws_api_gateway_stage.prod.stage_name
    throttle {
      path = "/streams/GET"
      burst_limit = var.extra ? 70 : 80
      rate_limit = 90.5
    }
  }
  quota_settings {
    limit = var.extra ? 6000 : 5000
    offset = 0
    period = "DAY"
  }
  throttle_settings {
    burst_limit = 200
    rate_limit = 100
  }
  tags = { plan = "p" }
}
resource "aws_api_gateway_usage_plan_key" "key" {
  key_id = aws_api_gateway_api_key.key.id
  key_type = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.plan.id
}
resource "aws_api_gateway_account" "account" {
  cloudwatch_role_arn = "arn:aws:iam::000000000000:role/logs"
}

resource "aws_api_gateway_rest_api" "document" {
  name = "document"
  description = "named here"
  put_rest_api_mode = "overwrite"
  body = jsonencode({
    openapi = "3.0.1"
    info = { title = "document", version = var.word }
    paths = { "/hello" = { get = {
      responses = { "200" = { description = "ok" } }
      "x-amazon-apigateway-integration" = {
        type = "mock"
        requestTemplates = { "application/json" = "{\"statusCode\": 200}" }
        responses = { default = { statusCode = "200", responseTemplates = { "application/json" = "{\"hello\": \"${var.word}\"}" } } }
      } } } }
  })
}
resource "aws_api_gateway_deployment" "document" {
  rest_api_id = aws_api_gateway_rest_api.document.id
  triggers = { body = sha1(aws_api_gateway_rest_api.document.body) }
  lifecycle { create_before_destroy = true }
}
resource "aws_api_gateway_stage" "document" {
  rest_api_id = aws_api_gateway_rest_api.document.id
  deployment_id = aws_api_gateway_deployment.document.id
  stage_name = "v1"
  dynamic "canary_settings" {
    for_each = var.extra ? [1] : []
    content {
      deployment_id = aws_api_gateway_deployment.document.id
      percent_traffic = 25.5
      stage_variable_overrides = { a = "b" }
    }
  }
}

data "aws_api_gateway_rest_api" "api" {
  name = aws_api_gateway_rest_api.api.name
  depends_on = [aws_api_gateway_rest_api_policy.api]
}
data "aws_api_gateway_resource" "record" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  path = "/streams/{stream-name}/record"
  depends_on = [aws_api_gateway_resource.record]
}
data "aws_api_gateway_export" "api" {
  rest_api_id = aws_api_gateway_stage.prod.rest_api_id
  stage_name = aws_api_gateway_stage.prod.stage_name
  export_type = "oas30"
  parameters = { extensions = "integrations" }
}
data "aws_api_gateway_api_key" "key" { id = aws_api_gateway_api_key.key.id }

output "api" { value = aws_api_gateway_rest_api.api.id }
output "document" { value = aws_api_gateway_rest_api.document.id }
output "found" { value = data.aws_api_gateway_rest_api.api.id }
output "resource" { value = data.aws_api_gateway_resource.record.id == aws_api_gateway_resource.record.id }
output "export" { value = keys(jsondecode(data.aws_api_gateway_export.api.body).paths) }
output "key" {
  value = data.aws_api_gateway_api_key.key.value
  sensitive = true
}
output "stage_arn" { value = aws_api_gateway_stage.prod.execution_arn }
'''


class Terraform:
    def __init__(self, endpoint):
        self.dir = os.path.join(TMP, "tf")
        os.mkdir(self.dir)
        open(os.path.join(self.dir, "main.tf"), "w").write(MAIN)
        rc = os.path.join(TMP, "terraformrc")
        open(rc, "w").write(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{PLUGINS[0]}"\n  }}\n}}\n')
        self.env = dict(os.environ, TF_CLI_CONFIG_FILE=rc, TF_IN_AUTOMATION="1", CHECKPOINT_DISABLE="1", TF_VAR_endpoint=endpoint,
                        AWS_EC2_METADATA_DISABLED="true", NO_PROXY="*")
        for k in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "AWS_PROFILE", "TF_LOG"):
            self.env.pop(k, None)

    def run(self, *args):
        p = subprocess.run(["terraform", *args], cwd=self.dir, env=self.env, capture_output=True, text=True)
        return p.returncode, p.stdout + p.stderr

    def outputs(self):
        return {k: v["value"] for k, v in json.loads(self.run("output", "-json")[1]).items()}


def called(base, out, color, word):
    r = requests.get(f"{base}/restapis/{out['api']}/prod/_user_request_/some/where")
    ok(r.status_code == 200 and r.json() == {"rest": "some/where", "color": color, "word": word}, f"{word}: a greedy path with a stage variable", r.text)
    r = requests.get(f"{base}/restapis/{out['api']}/prod/_user_request_/streams")
    ok(r.status_code == 200 and "posts" in r.json()["StreamNames"] and r.headers["X-Word"] == word, f"{word}: ListStreams", r.text)
    url = f"{base}/restapis/{out['api']}/prod/_user_request_/streams/posts/record"
    r = requests.put(url, json={"index": 1})
    ok(r.status_code == 401 and r.json() == {"message": f"no key, {word}"} and r.headers["X-Why"] == "key", f"{word}: without a key, the own answer", r.text)
    r = requests.put(url, json={"index": 1}, headers={"x-api-key": "abcdefghij0123456789"})
    ok(r.status_code == 200 and r.json() == {"shard": "shardId-000000000000"}, f"{word}: PutRecord with the plan's key", r.text)
    r = requests.put(url, json={"index": "x"}, headers={"x-api-key": "abcdefghij0123456789"})
    ok(r.status_code == 400 and r.json() == {"message": "Invalid request body"}, f"{word}: a body that isn't the model's", r.text)
    r = requests.get(f"{base}/restapis/{out['document']}/v1/_user_request_/hello")
    ok(r.status_code == 200 and r.json() == {"hello": word}, f"{word}: the API of the document", r.text)


def there(client):
    return [[x["id"] for x in answer["items"]] for answer in (client.get_rest_apis(), client.get_api_keys(), client.get_usage_plans())]


def story(stack):
    base = stack.at["aws"]
    tf = Terraform(base)
    client, kinesis = stack.client("apigateway"), stack.client("kinesis")
    before = there(client)
    kinesis.create_stream(StreamName="posts", ShardCount=1)
    code, text = tf.run("init", "-no-color", "-input=false")
    if not ok(code == 0, "init", text):
        return
    code, text = tf.run("apply", "-no-color", "-input=false", "-auto-approve")
    if not ok(code == 0, "apply", text[-6000:]):
        return
    out = tf.outputs()
    ok(out["found"] == out["api"] and out["resource"] and out["key"] == "abcdefghij0123456789", "data sources find what was made", out)
    ok(out["export"] == ["/streams", "/streams/{stream-name}/record", "/{proxy+}"], "the export's paths", out["export"])
    called(base, out, "red", "one")
    code, text = tf.run("plan", "-no-color", "-input=false", "-detailed-exitcode")
    ok(code == 0, "a plan right after has nothing to do: what is read is what was asked for", text)
    more = ("-var", "word=two", "-var", "extra=true")
    code, text = tf.run("apply", "-no-color", "-input=false", "-auto-approve", *more)
    if not ok(code == 0, "apply of changes in every part", text[-6000:]):
        return
    called(base, out, "green", "two")
    # What is imported is what is there.
    streams = next(r for r in client.get_resources(restApiId=out["api"])["items"] if r["path"] == "/streams")
    ids = {"rest_api.api": out["api"], "stage.prod": f"{out['api']}/prod", "resource.streams": f"{out['api']}/{streams['id']}",
           "method.list": f"{out['api']}/{streams['id']}/GET", "integration.list": f"{out['api']}/{streams['id']}/GET"}
    tf.run("state", "rm", *(f"aws_api_gateway_{name}" for name in ids))
    open(os.path.join(tf.dir, "import.tf"), "w").write("".join(f'import {{\n  to = aws_api_gateway_{k}\n  id = "{v}"\n}}\n' for k, v in ids.items()))
    code, text = tf.run("apply", "-no-color", "-input=false", "-auto-approve", *more)
    ok(code == 0 and f"{len(ids)} imported, 0 added, 0 changed, 0 destroyed" in text, "what is there is imported, and nothing to do after the changes",
       "\n".join(line for line in text.split("\n") if line[:1] != " " or "->" in line))
    code, text = tf.run("apply", "-no-color", "-input=false", "-auto-approve")
    ok(code == 0, "apply of the changes back", text[-6000:])
    called(base, out, "red", "one")
    code, text = tf.run("destroy", "-no-color", "-input=false", "-auto-approve")
    ok(code == 0, "destroy", text[-6000:])
    ok(there(client) == before, "nothing is left", there(client))


with Stack(only="apigateway,kinesis") as stack:
    story(stack)
    ok(stack.alive(), "the server is alive")
done()
