#!/usr/bin/python3
"""The AWS port as one door: who signs (STS), what isn't served refused in the protocol of its service, and a signature's service before
the path; regions and accounts apart."""
import json
import os
import shutil
import sqlite3
import subprocess

from tarn import AWS, TMP, Stack, call, done, need, ok, same, skip

boto3, botocore = need("boto3", "botocore")
need("botocore.config")
ClientError = need("botocore.exceptions").ClientError
SCOPE = "AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=" + 64 * "0"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


def signed(service, key="test", **more):
    return {"Authorization": SCOPE.format(key=key, service=service), "X-Amz-Date": "20260101T000000Z", **more}


def sts(s):
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    a = call("POST", s.at["aws"] + "/", body, signed("sts", **FORM))
    same((a.status, a.headers["Content-Type"]), (200, "text/xml"), "STS: 200, XML")
    ok('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' in a.text and "<Account>000000000000</Account>" in a.text, "STS: its answer", a.text)
    for key, account in (("test", "000000000000"), ("111111111111", "111111111111")):
        who = s.client("sts", key).get_caller_identity()
        same((who["Account"], who["Arn"], who["UserId"]), (account, f"arn:aws:iam::{account}:root", account), f"STS: boto3 with the key {key}")
    a = call("POST", s.at["aws"] + "/", body, FORM)
    ok(a.status == 403 and "<Code>MissingAuthenticationToken</Code>" in a.text, "STS: unsigned", a.text)
    a = call("GET", s.at["aws"] + "/?" + body)
    ok(a.status == 403 and "<Code>MissingAuthenticationToken</Code>" in a.text, "STS: unsigned GET", a.text)
    if AWS:
        r = s.aws("sts", "get-caller-identity")
        same(json.loads(r.stdout or "{}").get("Arn"), "arn:aws:iam::000000000000:root", "STS: the AWS CLI")
    else:
        skip("STS: the AWS CLI", "no aws")
    terraform(s)


def terraform(s):
    name = "STS: Terraform's data source"
    program = shutil.which("terraform") or shutil.which("tofu")
    mirror = next((d for d in (os.environ.get("TARN_TF_PLUGINS"), os.path.expanduser("~/.terraform.d/plugins"), "/usr/local/share/terraform/plugins",
                               "/usr/share/terraform/plugins") if d and os.path.isdir(f"{d}/registry.terraform.io/hashicorp/aws")), None)
    if not program or not mirror:
        skip(name, "terraform or its AWS provider is not here (TARN_TF_PLUGINS)")
        return
    folder = os.path.join(TMP, "terraform")
    os.mkdir(folder)
    with open(os.path.join(folder, "main.tf"), "w", encoding="utf-8") as f:
        f.write('terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\nprovider "aws" {\n  region = "us-east-1"\n'
                f'  endpoints {{\n    sts = "{s.at["aws"]}"\n  }}\n}}\ndata "aws_caller_identity" "c" {{}}\noutput "a" {{\n  value = data.aws_caller_identity.c.account_id\n}}\n')
    env = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
    for words in (["init", f"-plugin-dir={mirror}"], ["apply", "-auto-approve", "-no-color"]):
        r = subprocess.run([program, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    ok(r.returncode == 0 and 'a = "000000000000"' in r.stdout, name, r.stdout + r.stderr)


def identities():
    conf = ("[identities]\nAKIAALICE = s\n[identity.nightly]\nkey = ASIANIGHT\nsecret = s\nsession = t\nrole = run-1\naccount = 222222222222\n"
            "[identity.bob]\nkey = AKIABOB\nsecret = s\naccount = 333333333333\n")
    with Stack(conf=conf, only="aws,s3") as s:
        who = s.client("sts", "AKIABOB", "s").get_caller_identity()
        ok(who["Arn"] == "arn:aws:iam::333333333333:user/bob" and len(who["UserId"]) == 21 and who["UserId"].startswith("AIDA"), "a user of another account", who)
        session = boto3.session.Session(aws_access_key_id="ASIANIGHT", aws_secret_access_key="s", aws_session_token="t")
        who = session.client("sts", endpoint_url=s.at["aws"], region_name="us-east-1").get_caller_identity()
        ok(who["Arn"] == "arn:aws:sts::222222222222:assumed-role/nightly/run-1" and who["UserId"].startswith("AROA") and who["UserId"].endswith(":run-1"),
           "a role's session", who)
        for key, secret, code in (("AKIANONE", "s", "InvalidClientTokenId"), ("AKIAALICE", "x", "SignatureDoesNotMatch"), ("ASIANIGHT", "s", "InvalidClientTokenId")):
            try:
                s.client("sts", key, secret).get_caller_identity()
                ok(False, f"{key}: refused")
            except ClientError as e:
                same(e.response["Error"]["Code"], code, f"{key} with {secret}")


# service, a call, what its protocol calls an operation that isn't there
UNSERVED = [
    ("iam", lambda c: c.list_server_certificates(), "InvalidAction"), ("rds", lambda c: c.describe_events(), "InvalidAction"),
    ("ec2", lambda c: c.describe_spot_price_history(), "InvalidAction"), ("sns", lambda c: c.list_topics(), "InvalidAction"),
    ("cloudformation", lambda c: c.list_stacks(), "InvalidAction"), ("sts", lambda c: c.assume_role_with_saml(RoleArn="r" * 20, PrincipalArn="p" * 20, SAMLAssertion="aaaa"), "InvalidAction"),
    ("elbv2", lambda c: c.describe_load_balancers(), "InvalidAction"), ("autoscaling", lambda c: c.describe_auto_scaling_groups(), "InvalidAction"),
    ("cloudwatch", lambda c: c.list_metric_streams(), ("InvalidAction", "UnknownOperationException")),
    ("sqs", lambda c: c.list_queues(), ("InvalidAction", "UnknownOperationException")),
    ("ssm", lambda c: c.list_commands(), "UnknownOperationException"), ("kms", lambda c: c.describe_custom_key_stores(), "UnknownOperationException"),
    ("logs", lambda c: c.describe_destinations(), "UnknownOperationException"), ("dynamodb", lambda c: c.list_tables(), "UnknownOperationException"),
    ("secretsmanager", lambda c: c.list_secrets(), "UnknownOperationException"), ("glue", lambda c: c.get_databases(), "UnknownOperationException"),
    ("firehose", lambda c: c.list_delivery_streams(), "UnknownOperationException"), ("cloudtrail", lambda c: c.list_public_keys(), "UnknownOperationException"),
    ("lambda", lambda c: c.list_functions(), "UnknownOperationException"),
    ("eks", lambda c: c.list_clusters(), "UnknownOperationException"),
    ("route53", lambda c: c.list_hosted_zones(), "NotImplemented"), ("cloudfront", lambda c: c.list_distributions(), "NotImplemented"),
]


def unserved(s):
    for service, ask, code in UNSERVED:
        try:
            ask(s.client(service))
            ok(False, f"{service} is refused")
        except ClientError as e:
            error = e.response["Error"]
            ok(error["Code"] in code and "tarn does not serve" in error["Message"], f"{service}: refused in its protocol", e.response)
        except Exception as e:  # a client that can't read it
            ok(False, f"{service}: refused in its protocol", repr(e))
    a = call("POST", s.at["aws"] + "/service/GraniteServiceVersion20100801/operation/ListMetricStreams", b"\xa0",
             signed("monitoring", **{"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}))
    ok(a.status == 400 and a.headers["smithy-protocol"] == "rpc-v2-cbor" and a.body.startswith(b"\xa2\x79\x00\x06__type\x79\x00\x19UnknownOperationException") and
       b"monitoring ListMetricStreams" in a.body, "CBOR", a.body)
    a = call("POST", s.at["aws"] + "/", "{}", {"X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.1"})
    same((a.status, a.json()["__type"]), (400, "UnknownOperationException"), "by target alone")
    a = call("POST", s.at["aws"] + "/", "Action=ListServerCertificates&Version=2010-05-08", FORM)
    ok(a.status == 400 and "https://iam.amazonaws.com/doc/2010-05-08/" in a.text and "iam ListServerCertificates" in a.text, "by Action and Version alone", a.text)
    if AWS:
        r = s.aws("iam", "list-server-certificates")
        ok("(InvalidAction)" in r.stderr and "tarn does not serve iam ListServerCertificates" in r.stderr, "the AWS CLI shows code and text", r.stderr)
        r = s.aws("rds", "describe-events")
        ok("(InvalidAction)" in r.stderr, "rds too", r.stderr)


def signature_first(s):
    s3 = s.s3
    s3.create_bucket(Bucket="restapis")
    for key in ("abc/prod/_user_request_/topics", "abc/x", ".well-known/jwks.json", "_localstack/health", "a//b"):
        s3.put_object(Bucket="restapis", Key=key, Body=key.encode())
        same(s.get(key, "restapis"), key.encode(), f"bucket restapis, key {key}")
    for bucket in ("environments", "api"):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="k", Body=b"v")
        same(s.get("k", bucket), b"v", f"bucket {bucket}")
    a = call("GET", s.at["aws"] + "/restapis/nosuchapi/prod/_user_request_/")
    ok(a.status in (403, 404) and a.json()["message"], "unsigned, the path is an invoke URL", a.text)


def at(s, service, region="us-east-1", key="test"):
    return boto3.client(service, endpoint_url=s.at["aws"], region_name=region, aws_access_key_id=key, aws_secret_access_key="test",
                        config=botocore.config.Config(retries={"max_attempts": 0}, inject_host_prefix=False))


def refused(fn, code, said, **args):
    try:
        ok(False, said, fn(**args))
    except ClientError as e:
        same(e.response["Error"]["Code"], code, said)


def by_arn(s, arn, region):
    """A put as newer SDKs send it: Debian's boto3 knows no StreamARN."""
    headers = signed("kinesis", **{"X-Amz-Target": "Kinesis_20131202.PutRecord", "Content-Type": "application/x-amz-json-1.1"})
    headers["Authorization"] = headers["Authorization"].replace("us-east-1", region)
    return call("POST", s.at["aws"] + "/", {"StreamARN": arn, "Data": "eA==", "PartitionKey": "p"}, headers)


def streams(s):
    home, eu, other = at(s, "kinesis"), at(s, "kinesis", "eu-west-1"), at(s, "kinesis", key="111111111111")
    for c in (eu, other):
        c.create_stream(StreamName="eu", ShardCount=1)
    same((home.list_streams()["StreamNames"], eu.list_streams()["StreamNames"]), ([], ["eu"]), "a stream of eu-west-1 is listed there alone")
    refused(home.describe_stream_summary, "ResourceNotFoundException", "and isn't found elsewhere", StreamName="eu")
    arns = [c.describe_stream_summary(StreamName="eu")["StreamDescriptionSummary"]["StreamARN"] for c in (eu, other)]
    same(arns, ["arn:aws:kinesis:eu-west-1:000000000000:stream/eu", "arn:aws:kinesis:us-east-1:111111111111:stream/eu"], "ARNs say region and account of the stream")
    home.create_stream(StreamName="eu", ShardCount=2)
    same([c.describe_limits()["OpenShardCount"] for c in (home, eu, other)], [2, 1, 1], "limits count what is there")
    for arn in ("arn:aws:kinesis:eu-west-2:000000000000:stream/eu", "arn:aws:kinesis:us-east-1:222222222222:stream/eu", *arns):
        a = by_arn(s, arn, "us-east-1")
        same((a.status, a.json()["__type"]), (400, "ResourceNotFoundException"), f"put by {arn} from us-east-1 of 000000000000")
    same(by_arn(s, arns[0], "eu-west-1").status, 200, "from its own region")
    iterator = eu.get_shard_iterator(StreamName="eu", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    same([r["Data"] for r in eu.get_records(ShardIterator=iterator)["Records"]], [b"x"], "its own ARN leads to it")
    names = [at(s, "kinesis", region).list_streams()["StreamNames"] for region in ("us-east-1", "eu-west-1")]
    home.delete_stream(StreamName="eu")
    same((names, eu.list_streams()["StreamNames"]), ([["eu"], ["eu"]], ["eu"]), "deleting one leaves the other of its name")


def older_streams():
    """A folder of before: its streams say neither region nor account."""
    s = Stack("--set", "stack.account=444444444444", "--set", "stack.region=eu-west-2", conf="[streams]\nold = 1\n", only="kinesis")
    at(s, "kinesis", "eu-west-2").put_record(StreamName="old", Data=b"kept", PartitionKey="p")
    same(at(s, "kinesis", "us-east-1").list_streams()["StreamNames"], [], "[stack] region: the stack's streams are there")
    s.stop()
    with sqlite3.connect(os.path.join(s.data, "kinesis.db")) as db:
        rows = db.execute("SELECT count(*) FROM doc WHERE kind = 'stream' AND json LIKE '%eu-west-2%'").fetchone()[0]
        db.execute("UPDATE doc SET json = json_remove(json, '$.account', '$.region') WHERE kind = 'stream'")
    db.close()
    s.up()
    c = at(s, "kinesis", "eu-west-2")
    same((rows, c.list_streams()["StreamNames"]), (1, ["old"]), "an older folder's stream is the stack's")
    same(c.describe_stream_summary(StreamName="old")["StreamDescriptionSummary"]["StreamARN"], "arn:aws:kinesis:eu-west-2:444444444444:stream/old", "with its ARN")
    iterator = c.get_shard_iterator(StreamName="old", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    same([r["Data"] for r in c.get_records(ShardIterator=iterator)["Records"]], [b"kept"], "and its records")
    s.stop()


def apis(s):
    home, eu, other = at(s, "apigateway"), at(s, "apigateway", "eu-west-1"), at(s, "apigateway", key="111111111111")
    made = {c: c.create_rest_api(name=n)["id"] for c, n in ((eu, "eu"), (other, "other"))}
    names = lambda c: [a["name"] for a in c.get_rest_apis()["items"]]
    same((names(home), names(eu), names(other)), ([], ["eu"], ["other"]), "APIs are listed where they were made")
    refused(home.get_rest_api, "NotFoundException", "and aren't found elsewhere", restApiId=made[eu])
    refused(home.get_resources, "NotFoundException", "nor what they have", restApiId=made[eu])
    refused(home.delete_rest_api, "NotFoundException", "nor deleted", restApiId=made[eu])
    refused(home.create_rest_api, "BadRequestException", "nor cloned", name="clone", cloneFrom=made[eu])
    try:
        other.get_rest_api(restApiId=made[eu])
    except ClientError as e:
        same(e.response["Error"]["Message"], f"Invalid API identifier specified 111111111111:{made[eu]}", "the refusal names the account that asks")
    for word, args, got in (("create_api_key", {"name": "k"}, "get_api_keys"), ("create_usage_plan", {"name": "p"}, "get_usage_plans"),
                            ("create_vpc_link", {"name": "l", "targetArns": ["arn:aws:x"]}, "get_vpc_links")):
        one = getattr(eu, word)(**args)["id"]
        same([[x["id"] for x in getattr(c, got)()["items"]] for c in (home, eu)], [[], [one]], f"{word}: of its region")
    eu.tag_resource(resourceArn=f"arn:aws:apigateway:eu-west-1::/restapis/{made[eu]}", tags={"a": "b"})
    same(eu.get_rest_api(restApiId=made[eu])["tags"], {"a": "b"}, "tags by its ARN")
    refused(eu.get_tags, "NotFoundException", "no tags by an ARN of another region", resourceArn=f"arn:aws:apigateway:us-east-1::/restapis/{made[eu]}")
    root = other.get_resources(restApiId=made[other])["items"][0]["id"]
    where = {"restApiId": made[other], "resourceId": root, "httpMethod": "GET"}
    other.put_method(**where, authorizationType="NONE")
    other.put_integration(**where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    other.put_method_response(**where, statusCode="200")
    other.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": "$context.accountId"})
    other.create_deployment(restApiId=made[other], stageName="s")
    same(call("GET", f"{s.at['aws']}/restapis/{made[other]}/s/_user_request_/").text, "111111111111", "$context.accountId is the API's")
    s.stop()
    s.up()
    same((names(at(s, "apigateway")), names(at(s, "apigateway", "eu-west-1"))), ([], ["eu"]), "and after a restart")


def environments(s):
    home, eu = at(s, "mwaa"), at(s, "mwaa", "eu-west-1")
    name = home.list_environments()["Environments"][0]
    same(home.get_environment(Name=name)["Environment"]["Arn"], f"arn:aws:airflow:us-east-1:000000000000:environment/{name}", "MWAA: the stack's")
    same(eu.list_environments()["Environments"], [], "MWAA: none in another region")
    refused(eu.get_environment, "ResourceNotFoundException", "MWAA: nor to be found", Name=name)


def buckets(s):
    home, other = at(s, "s3"), at(s, "s3", key="111111111111")
    home.create_bucket(Bucket="home-a")
    other.create_bucket(Bucket="other-a")
    other.put_object(Bucket="other-a", Key="k", Body=b"x")
    same([b["Name"] for b in home.list_buckets()["Buckets"]], ["home-a"], "an account lists its own buckets")
    same([b["Name"] for b in other.list_buckets()["Buckets"]], ["other-a"], "the other one too")
    refused(home.get_object, "AccessDenied", "another account's object", Bucket="other-a", Key="k")
    refused(home.list_objects_v2, "AccessDenied", "another account's bucket", Bucket="other-a")
    refused(home.put_object, "AccessDenied", "nor is it written to", Bucket="other-a", Key="l", Body=b"y")
    refused(home.copy_object, "AccessDenied", "nor copied from", Bucket="home-a", Key="k", CopySource="other-a/k")
    refused(home.create_bucket, "BucketAlreadyExists", "names are everybody's", Bucket="other-a")
    refused(home.get_object, "NoSuchBucket", "one that isn't there", Bucket="nobody-has-it", Key="k")
    same(other.head_object(Bucket="other-a", Key="k", ExpectedBucketOwner="111111111111")["ContentLength"], 1, "its owner is as expected")
    refused(home.list_objects_v2, "AccessDenied", "and isn't", Bucket="home-a", ExpectedBucketOwner="111111111111")
    s.stop()
    s.up()
    refused(at(s, "s3").get_object, "AccessDenied", "whose it is is kept", Bucket="other-a", Key="k")
    same(at(s, "s3", key="111111111111").get_object(Bucket="other-a", Key="k")["Body"].read(), b"x", "for its owner")


with Stack(only="s3,kinesis,apigateway,airflow,aws") as stack:
    sts(stack)
    unserved(stack)
    signature_first(stack)
    environments(stack)
with Stack(conf="", only="kinesis,aws") as stack:
    streams(stack)
older_streams()
with Stack(conf="", only="apigateway") as stack:
    apis(stack)
with Stack(conf="", only="s3") as stack:
    buckets(stack)
identities()
done()
