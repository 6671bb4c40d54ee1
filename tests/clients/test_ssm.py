#!/usr/bin/python3
"""SSM Parameter Store through Debian's boto3 and the AWS CLI."""
import json

from tarn import AWS, USER, Stack, done, need, ok, parts, same

boto3, botocore = need("boto3", "botocore")
from botocore.exceptions import ClientError

ARN = "arn:aws:ssm:us-east-1:000000000000:parameter"


def refused(call, **args):
    try:
        return call(**args)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"].get("Message", "")


def code(call, **args):
    return refused(call, **args)[0]


def walkthrough(stack, ssm):
    pem = ssm.get_parameter(Name=f"{USER}-key-pair", WithDecryption=True)["Parameter"]
    ok(pem["Value"].startswith("-----BEGIN RSA PRIVATE KEY-----\n") and pem["Value"].endswith("-----END RSA PRIVATE KEY-----\n"), "the key pair's PEM")
    same((pem["Type"], pem["Version"], pem["DataType"], pem["ARN"]), ("SecureString", 1, "text", f"{ARN}/{USER}-key-pair"), "is a SecureString")
    ok(ssm.get_parameter(Name=f"{USER}-key-pair")["Parameter"]["Value"].startswith("AQIC"), "without decryption it is ciphertext")
    same(ssm.get_parameters_by_path(Path="/ec2/keypair", WithDecryption=True)["Parameters"][0]["Value"], pem["Value"], "the same by its id")
    with open(stack.data + "/key.pem", "w", encoding="utf-8") as f:
        f.write(pem["Value"])
    return pem["Value"]


def values(stack, ssm):
    same(ssm.put_parameter(Name="/app/db/host", Value="h", Type="String")["Version"], 1, "PutParameter")
    got = ssm.get_parameter(Name="/app/db/host")["Parameter"]
    same({k: got[k] for k in ("Name", "Type", "Value", "Version", "ARN", "DataType")},
         {"Name": "/app/db/host", "Type": "String", "Value": "h", "Version": 1, "ARN": ARN + "/app/db/host", "DataType": "text"}, "GetParameter")
    same(refused(ssm.put_parameter, Name="/app/db/host", Value="i", Type="String"),
         ("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."), "twice")
    same(ssm.put_parameter(Name="/app/db/host", Value="i", Overwrite=True)["Version"], 2, "overwritten, of the same type")
    same(ssm.get_parameter(Name="/app/db/host:1")["Parameter"]["Value"], "h", "NAME:VERSION")
    same(ssm.get_parameter(Name="/app/db/host:1")["Parameter"]["Selector"], ":1", "Selector")
    same(ssm.get_parameter(Name=ARN + "/app/db/host")["Parameter"]["Value"], "i", "by ARN")
    same(code(ssm.get_parameter, Name="/app/db/host:9"), "ParameterVersionNotFound", "no such version")
    same(refused(ssm.get_parameter, Name="none"), ("ParameterNotFound", ""), "no such parameter")
    ssm.put_parameter(Name="plain", Value="a,b", Type="StringList", Tags=[{"Key": "k", "Value": "v"}])
    same(ssm.get_parameter(Name=ARN + "/plain")["Parameter"]["Value"], "a,b", "ARN of a name without a slash")
    got = ssm.get_parameters(Names=["plain", "none", "/app/db/host"])
    same(([p["Name"] for p in got["Parameters"]], got["InvalidParameters"]), (["plain", "/app/db/host"], ["none"]), "GetParameters")
    same([h["Value"] for h in ssm.get_parameter_history(Name="/app/db/host")["Parameters"]], ["h", "i"], "history")
    same(code(ssm.put_parameter, Name="awsx", Value="x", Type="String"), "ValidationException", "aws… is AWS's")
    same(code(ssm.put_parameter, Name="a b", Value="x", Type="String"), "ValidationException", "a blank in a name")
    same(code(ssm.put_parameter, Name="/" + "a/" * 15 + "b", Value="x", Type="String"), "HierarchyLevelLimitExceededException", "16 levels")
    same(code(ssm.put_parameter, Name="long", Value="x" * 4097, Type="String"), "ValidationException", "over 4096 characters")
    same(ssm.put_parameter(Name="long", Value="x" * 4097, Type="String", Tier="Intelligent-Tiering")["Tier"], "Advanced", "are an advanced parameter")
    same(code(ssm.put_parameter, Name="pat", Value="x", Type="String", AllowedPattern=r"^\d+$"), "ParameterPatternMismatchException", "a pattern")
    same(code(ssm.put_parameter, Name="plain", Value="x", Type="String", Overwrite=True), "HierarchyTypeMismatchException", "of another type")
    same(code(ssm.put_parameter, Name="n", Value="x"), "ValidationException", "without a type")
    same(ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="plain")["TagList"], [{"Key": "k", "Value": "v"}], "tags")
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId="plain", TagKeys=["k"])
    same(ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="plain")["TagList"], [], "taken away")
    for i in range(101):
        ssm.put_parameter(Name="many", Value=str(i), Type="String", Overwrite=i > 0)
    pages = ssm.get_paginator("get_parameter_history").paginate(Name="many")
    same([p["Value"] for page in pages for p in page["Parameters"]], [str(i) for i in range(1, 101)], "100 versions are kept")
    same(sorted(ssm.delete_parameters(Names=["many", "none"]).items())[:2], [("DeletedParameters", ["many"]), ("InvalidParameters", ["none"])], "deleted")
    same(code(ssm.get_parameter, Name="many"), "ParameterNotFound", "gone")
    same(code(ssm.delete_parameter, Name="many"), "ParameterNotFound", "twice")


def secrets(stack, ssm):
    kms = stack.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    ssm.put_parameter(Name="/s/own", Value="one", Type="SecureString", KeyId=key)
    ssm.put_parameter(Name="/s/default", Value="two", Type="SecureString")
    same([p["Value"] for p in ssm.get_parameters_by_path(Path="/s", WithDecryption=True)["Parameters"]], ["two", "one"], "decrypted")
    ok(ssm.get_parameter(Name="/s/own")["Parameter"]["Value"] not in ("one", ""), "not decrypted")
    same([p["KeyId"] for p in ssm.describe_parameters(ParameterFilters=[{"Key": "Path", "Values": ["/s"]}])["Parameters"]], ["alias/aws/ssm", key], "by whose key")
    ok("alias/aws/ssm" in [a["AliasName"] for a in kms.list_aliases()["Aliases"]], "alias/aws/ssm is there")
    kms.disable_key(KeyId=key)
    same(code(ssm.get_parameter, Name="/s/own", WithDecryption=True), "InvalidKeyId", "a disabled key decrypts nothing")
    same(code(ssm.put_parameter, Name="/s/x", Value="x", Type="SecureString", KeyId="alias/none"), "InvalidKeyId", "no such key")


def labels(stack, ssm):
    ssm.put_parameter(Name="/l", Value="1", Type="String")
    ssm.put_parameter(Name="/l", Value="2", Overwrite=True)
    same(ssm.label_parameter_version(Name="/l", ParameterVersion=1, Labels=["prod", "1bad"])["InvalidLabels"], ["1bad"], "a label that can't be")
    same(ssm.get_parameter(Name="/l:prod")["Parameter"]["Value"], "1", "NAME:LABEL")
    ssm.label_parameter_version(Name="/l", Labels=["prod"])
    same(ssm.get_parameter(Name="/l:prod")["Parameter"]["Value"], "2", "a label moves")
    same(code(ssm.label_parameter_version, Name="/l", Labels=[f"l{i}" for i in range(10)]), "ParameterVersionLabelLimitExceeded", "11 labels")
    if hasattr(ssm, "unlabel_parameter_version"):
        same(ssm.unlabel_parameter_version(Name="/l", ParameterVersion=2, Labels=["prod"])["RemovedLabels"], ["prod"], "taken away")
        same(code(ssm.get_parameter, Name="/l:prod"), "ParameterVersionNotFound", "and gone")


def lists(stack, ssm):
    for name in ("/p/a", "/p/b", "/p/q/c", "/pp"):
        ssm.put_parameter(Name=name, Value=name, Type="String", Tags=[{"Key": "of", "Value": name[1]}])
    names = lambda answer: [p["Name"] for p in answer["Parameters"]]
    same(names(ssm.get_parameters_by_path(Path="/p")), ["/p/a", "/p/b"], "right below a path")
    same(names(ssm.get_parameters_by_path(Path="/p/", Recursive=True)), ["/p/a", "/p/b", "/p/q/c"], "all below")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/p", Recursive=True, PaginationConfig={"PageSize": 2})
    same([names(p) for p in pages], [["/p/a", "/p/b"], ["/p/q/c"]], "pages")
    same(code(ssm.get_parameters_by_path, Path="p"), "ValidationException", "a path begins with a slash")
    find = lambda **f: names(ssm.describe_parameters(ParameterFilters=[f]))
    same(find(Key="Name", Option="BeginsWith", Values=["/p/"]), ["/p/a", "/p/b", "/p/q/c"], "Name BeginsWith")
    same(find(Key="Name", Option="Contains", Values=["q/"]), ["/p/q/c"], "Name Contains")
    same(find(Key="Path", Option="Recursive", Values=["/p/q"]), ["/p/q/c"], "Path")
    same(find(Key="tag:of", Values=["p"])[0], "/p/a", "tag:")
    same(code(ssm.describe_parameters, ParameterFilters=[{"Key": "Nope", "Values": ["x"]}]), "InvalidFilterKey", "no such filter")
    west = boto3.client("ssm", endpoint_url=stack.at["aws"], region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    same(west.describe_parameters()["Parameters"], [], "another region has none")


def command_line(stack, ssm):
    out = stack.aws("ssm", "get-parameter", "--name", f"{USER}-key-pair", "--with-decryption", "--query", "Parameter.Value", "--output", "text")
    ok(out.stdout.startswith("-----BEGIN RSA PRIVATE KEY-----"), "aws ssm get-parameter", out.stderr)
    out = stack.aws("ssm", "put-parameter", "--name", "/cli", "--value", "x", "--type", "String")
    same(json.loads(out.stdout or "{}").get("Tier"), "Standard", "aws ssm put-parameter")
    out = stack.aws("ssm", "get-parameter", "--name", "nope")
    ok("ParameterNotFound" in out.stderr, "aws ssm: none", out.stderr)


with Stack() as it:
    client = it.client("ssm")
    parts(walkthrough, values, secrets, labels, lists, *([command_line] if AWS else []), args=(it, client))
    first = client.get_parameter(Name=f"{USER}-key-pair", WithDecryption=True)["Parameter"]["Value"]
    it.stop()
    it.up()
    same(it.client("ssm").get_parameter(Name=f"{USER}-key-pair", WithDecryption=True)["Parameter"]["Value"], first, "the same after a restart")
with Stack() as it:
    same(it.client("ssm").get_parameter(Name=f"{USER}-key-pair", WithDecryption=True)["Parameter"]["Value"], first, "and in another run")
done()
