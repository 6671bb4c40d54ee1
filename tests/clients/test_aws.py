#!/usr/bin/python3
"""What control planes answer to what is wrong: signatures, bodies, types, sizes; each in its own protocol and its service's own words."""
import datetime
import os
import subprocess

from tarn import TMP, Stack, call, done, need, ok, same

boto3, botocore = need("boto3", "botocore.exceptions")
ClientError = botocore.ClientError

CONF = "[identities]\nAKIAGOOD = good\n"
# A call of each API: client, operation, its arguments; QUERY, EC2, JSON and REST are how it speaks.
CALLS = [
    ("sts", "get_caller_identity", {}, "query"), ("iam", "list_users", {}, "query"), ("rds", "describe_db_instances", {}, "query"),
    ("ec2", "describe_vpcs", {}, "ec2"), ("ssm", "get_parameter", {"Name": "x"}, "json"), ("kms", "list_keys", {}, "json"),
    ("logs", "describe_log_groups", {}, "json"), ("cloudtrail", "lookup_events", {}, "json"), ("cloudwatch", "list_metrics", {}, "query"),
    ("kafka", "list_clusters", {}, "rest"), ("kafkaconnect", "list_connectors", {}, "rest"),
]
# Code and status of each family, by what is wrong with who signs.
WRONG = {
    "unknown key": {"query": ("InvalidClientTokenId", 403), "ec2": ("AuthFailure", 401), "json": ("UnrecognizedClientException", 400),
                    "rest": ("UnrecognizedClientException", 403)},
    "wrong secret": {"query": ("SignatureDoesNotMatch", 403), "ec2": ("AuthFailure", 401), "json": ("InvalidSignatureException", 400),
                     "rest": ("InvalidSignatureException", 403)},
}


def said(client, op, args):
    try:
        getattr(client, op)(**args)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Message"]
    return None


def signatures(s):
    for service, op, args, family in CALLS:
        for what, key, secret in (("unknown key", "AKIANOBODY", "good"), ("wrong secret", "AKIAGOOD", "bad")):
            got = said(s.client(service, key, secret), op, args)
            want = WRONG[what][family]
            if service == "cloudwatch" and got and got[0] != want[0]:  # newer ones speak JSON
                want = WRONG[what]["json"]
            same(got and got[:2], want, f"{service}: {what}")
            ok(got and got[2], f"{service}: {what} is said in words", got)
        good = said(s.client(service, "AKIAGOOD", "good"), op, args)
        ok(good is None or good[0] == "ParameterNotFound", f"{service}: the right one comes in", good)


def head(service, **more):
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential=test/{now:%Y%m%d}/us-east-1/{service}/aws4_request, SignedHeaders=host;x-amz-date, Signature={'a' * 64}",
            "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}", **more}


def json_call(s, target, body, service):
    return call("POST", s.at["aws"] + "/", body, head(service, **{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}))


def form(s, service, body):
    return call("POST", s.at["aws"] + "/", body, head(service, **{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}))


def bodies(s):
    for body in ("{", "[]", '"x"', "\xff", "{" * 5000, '{"Name": ' + "[" * 3000):
        a = json_call(s, "AmazonSSM.GetParameter", body, "ssm")
        ok(a.status == 400 and a.json()["__type"] == "SerializationException", f"ssm: the body {body[:12]!r}", a.text)
    a = json_call(s, "AmazonSSM.GetParameter", {"Name": 5}, "ssm")
    ok(a.status == 400 and a.json()["__type"] == "SerializationException" and a.json()["message"], "ssm: a number for a text", a.text)
    a = json_call(s, "AmazonSSM.GetParameter", {}, "ssm")
    ok(a.status == 400 and "at 'name' failed to satisfy constraint: Member must not be null" in a.json()["message"], "ssm: nothing said", a.text)
    a = json_call(s, "AmazonSSM.GetParameterx", {}, "ssm")
    same((a.status, a.json()["__type"]), (400, "UnknownOperationException"), "ssm: no such operation")
    a = json_call(s, "TrentService.DescribeKey", {"KeyId": "x" * 3000}, "kms")
    ok(a.status == 400 and "length less than or equal to 2048" in a.json()["message"], "kms: too long a name", a.text)
    a = form(s, "iam", "Action=GetRole&Version=2010-05-08")
    ok(a.status == 400 and "<Code>ValidationError</Code>" in a.text and "at 'roleName' failed" in a.text, "iam: nothing said", a.text)
    a = form(s, "iam", "Action=GetRole&Version=2010-05-08&RoleName=" + "a" * 65)
    ok(a.status == 400 and "length less than or equal to 64" in a.text, "iam: too long a name", a.text)
    a = form(s, "iam", "Action=NoSuch&Version=2010-05-08")
    ok(a.status == 400 and "<Code>InvalidAction</Code>" in a.text, "iam: no such action", a.text)
    a = form(s, "ec2", "Action=DescribeVpcs&Version=2016-11-15&NoSuch=1")
    ok(a.status == 400 and "<Code>UnknownParameter</Code>" in a.text and "NoSuch" in a.text, "ec2: an unknown parameter", a.text)
    a = call("POST", s.at["aws"] + "/v1/clusters", "{", head("kafka", **{"Content-Type": "application/json"}))
    ok(a.status == 400 and a.json()["message"], "kafka: a body that is cut", a.text)
    a = call("GET", s.at["aws"] + "/v1/nothing", None, head("kafka"))
    ok(a.status == 404 and a.headers["x-amzn-ErrorType"] == "UnknownOperationException", "kafka: a path that isn't one", a.text)


def sizes(s):
    tags = [{"Key": f"k{i}", "Value": "v" * 200} for i in range(5000)]  # a megabyte
    a = json_call(s, "AmazonSSM.PutParameter", {"Name": "x", "Value": "v", "Type": "String", "Tags": tags}, "ssm")
    ok(a.status == 400 and a.json()["__type"] and len(a.text) < 20000, "ssm: a megabyte of tags", a.text[:300])
    a = form(s, "iam", "Action=TagRole&Version=2010-05-08&RoleName=x" + "".join(f"&Tags.member.{i}.Key=k{i}&Tags.member.{i}.Value={'v' * 200}" for i in range(1, 5000)))
    ok(a.status == 400 and "<Code>ValidationError</Code>" in a.text, "iam: a megabyte of tags", a.text[:300])
    a = form(s, "iam", "Action=TagRole&Version=2010-05-08&" + "&".join(f"A{i}=x" for i in range(30000)))
    ok(a.status == 400 and "<Error>" in a.text, "iam: thirty thousand parameters", a.text[:300])
    large = os.path.join(TMP, "large")
    with open(large, "wb") as f:
        f.write(b'{"x": "' + b"y" * (9 << 20) + b'"}')
    headers = [w for k, v in head("logs", **{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Logs_20140328.PutLogEvents"}).items()
               for w in ("-H", f"{k}: {v}")]
    p = subprocess.run(["curl", "-sS", "-w", "%{http_code}", *headers, "--data-binary", f"@{large}", s.at["aws"] + "/"], capture_output=True, text=True, timeout=60)
    ok(p.stdout[-3:] == "413", "logs: nine megabytes", p.stdout[:300] + p.stderr)
    same(s.client("sts").get_caller_identity()["Account"], "000000000000", "and it goes on")


def restarts(s):
    s.client("ssm").put_parameter(Name="/kept", Value="v", Type="String")
    s.stop()
    s.up()
    same(s.client("ssm").get_parameter(Name="/kept")["Parameter"]["Value"], "v", "what was made is there after a restart")
    other = boto3.client("ssm", endpoint_url=s.at["aws"], region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    same(said(other, "get_parameter", {"Name": "/kept"})[0], "ParameterNotFound", "but not in another region")
    same(said(s.client("ssm", "111111111111"), "get_parameter", {"Name": "/kept"})[0], "ParameterNotFound", "nor in another account")


with Stack(conf=CONF, only="aws") as it:
    signatures(it)
with Stack(conf="", only="aws") as it:
    bodies(it)
    sizes(it)
    restarts(it)
done()
