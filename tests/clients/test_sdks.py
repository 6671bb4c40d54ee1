#!/usr/bin/python3
"""The walkthrough's calls by AWS's SDKs for JavaScript, Java 2 and Go 2 and by boto3, as they come: no endpoint, no setting, names of AWS.
The programs are sdk.mjs, Sdk.java, tests/registries/go/walk; `make clients` has their libraries."""
import json
import os
import re
import subprocess

from tarn import TARN, TMP, USER, done, ok, registry, same, skip

HERE = os.path.dirname(os.path.abspath(__file__))
WANT = {
    "sts": "000000000000", "ssm put": "", "ssm get": "s3cret", "ec2": "ec2-54-82-14-231.compute-1.amazonaws.com", "iam": True,
    "kafka list": "ACTIVE", "kafka brokers": re.compile(r"b-1\.[a-z0-9.-]+\.kafka\.us-east-1\.amazonaws\.com:9098(,|$)"), "kafka v2": "ACTIVE",
    "kafkaconnect": True, "rds": "available", "kms create": "Enabled", "kms encrypt": True, "kms decrypt": "plain",
    "kinesis put": "shardId-000000000000", "kinesis get": '{"index":1}', "s3": "", "logs create": "", "logs": 1, "cloudwatch": "", "cloudtrail": True,
    "apigateway": True, "mwaa list": "Databricks-Airflow-env", "mwaa token": True,
}
BOTO3 = r"""
import json, sys
import boto3
user = sys.argv[1]
def client(name):
    return boto3.client(name, region_name="us-east-1")
kept = {}
def keep(name, value):
    kept[name] = value
    return value
def iterator():
    return client("kinesis").get_shard_iterator(StreamName=stream, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
stream = f"streaming-{user}-pin"
cluster = lambda: kept["kafka list"]["ClusterArn"]
steps = {
    "sts": lambda: client("sts").get_caller_identity()["Account"],
    "ssm put": lambda: client("ssm").put_parameter(Name="/py/secret", Value="s3cret", Type="SecureString", Overwrite=True) and "",
    "ssm get": lambda: client("ssm").get_parameter(Name="/py/secret", WithDecryption=True)["Parameter"]["Value"],
    "ec2": lambda: client("ec2").describe_instances()["Reservations"][0]["Instances"][0]["PublicDnsName"],
    "iam": lambda: any(r["RoleName"].startswith(user) for r in client("iam").list_roles()["Roles"]),
    "kafka list": lambda: keep("kafka list", client("kafka").list_clusters()["ClusterInfoList"][0])["State"],
    "kafka brokers": lambda: client("kafka").get_bootstrap_brokers(ClusterArn=cluster())["BootstrapBrokerStringSaslIam"],
    "kafka v2": lambda: client("kafka").describe_cluster_v2(ClusterArn=cluster())["ClusterInfo"]["State"],
    "kafkaconnect": lambda: len(client("kafkaconnect").list_connectors()["connectors"]) >= 0,
    "rds": lambda: client("rds").describe_db_instances()["DBInstances"][0]["DBInstanceStatus"],
    "kms create": lambda: keep("key", client("kms").create_key(Description="of py")["KeyMetadata"])["KeyState"],
    "kms encrypt": lambda: len(keep("sealed", client("kms").encrypt(KeyId=kept["key"]["KeyId"], Plaintext=b"plain")["CiphertextBlob"])) > 50,
    "kms decrypt": lambda: client("kms").decrypt(CiphertextBlob=kept["sealed"])["Plaintext"].decode(),
    "kinesis put": lambda: client("kinesis").put_record(StreamName=stream, Data=b'{"index":1}', PartitionKey="p")["ShardId"],
    "kinesis get": lambda: client("kinesis").get_records(ShardIterator=iterator())["Records"][-1]["Data"].decode(),
    "s3": lambda: client("s3").put_object(Bucket=f"user-{user}-bucket", Key="of/py", Body=b"x") and "",
    "logs create": lambda: client("logs").create_log_group(logGroupName="/of/py") and "",
    "logs": lambda: len(client("logs").describe_log_groups(logGroupNamePrefix="/of/py")["logGroups"]),
    "cloudwatch": lambda: client("cloudwatch").list_metrics() and "",
    "cloudtrail": lambda: len(client("cloudtrail").lookup_events(MaxResults=50)["Events"]) > 0,
    "apigateway": lambda: len(client("apigateway").get_rest_apis()["items"]) > 0,
    "mwaa list": lambda: keep("mwaa", client("mwaa").list_environments()["Environments"][0]),
    "mwaa token": lambda: len(client("mwaa").create_cli_token(Name=kept["mwaa"])["CliToken"]) > 10,
}
for step, run in steps.items():
    try:
        print(json.dumps({"step": step, "got": run()}), flush=True)
    except Exception as e:
        print(json.dumps({"step": step, "error": f"{type(e).__name__}: {e}"}), flush=True)
"""


def walk(name, argv, **env):
    """A program under tarn exec, from a clean environment: what it says of each step."""
    env = {"PATH": os.environ["PATH"], "HOME": TMP, "TMPDIR": os.environ.get("TMPDIR", "/tmp"), **env}
    p = subprocess.run([TARN, "exec", "--data", f"{TMP}/{name}", "--", *argv, USER], cwd=TMP, env=env, capture_output=True, text=True, timeout=300)
    ok(p.returncode == 0, f"{name}: runs", p.stderr[-2000:])
    said = {}
    for line in p.stdout.splitlines():
        if line.startswith("{"):
            one = json.loads(line)
            said[one["step"]] = one.get("got", one.get("error"))
    for step, want in WANT.items():
        if isinstance(want, re.Pattern):
            ok(want.match(str(said.get(step))), f"{name}: {step}", said.get(step))
        else:
            same(said.get(step), want, f"{name}: {step}")


walk("debian-boto3", ["/usr/bin/python3", "-c", BOTO3])
clients = os.environ.get("TARN_CLIENTS", "")
if os.path.exists(f"{clients}/py/bin/python"):
    walk("newest-boto3", [registry("py/bin/python"), "-c", BOTO3])
if os.path.exists(f"{clients}/npm/node_modules/@aws-sdk/client-mwaa"):
    walk("javascript", ["node", f"{HERE}/sdk.mjs"], TARN_NODE_MODULES=f"{clients}/npm/node_modules")
if os.path.exists(f"{clients}/go/walk"):
    walk("go", [f"{clients}/go/walk"])
if os.path.exists(f"{clients}/java-aws"):
    walk("java", ["java", "-Xmx256m", "-cp", f"{clients}/java-aws/*", f"{HERE}/Sdk.java"])
for name, path in (("newest boto3", "py/bin/python"), ("JavaScript", "npm/node_modules/@aws-sdk/client-mwaa"), ("Go", "go/walk"), ("Java", "java-aws")):
    if not os.path.exists(f"{clients}/{path}"):
        skip(name, "is not here (make clients)")
done()
