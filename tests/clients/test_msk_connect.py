#!/usr/bin/python3
"""MSK Connect by boto3 and the AWS CLI, as the walkthrough has it: a plugin's zip in a bucket, a connector with the course's properties, objects
that appear; then what goes wrong, what is changed, and what is refused."""
import base64
import hashlib
import io
import json
import subprocess
import zipfile

from tarn import AWS, Stack, becomes, call, done, need, ok, parts, same, until

ClientError = need("botocore.exceptions").ClientError
s = Stack(only="kafka,aws,s3,connect", conf="[stack]\nuser = 12471ce1b695\n[topics]\n12471ce1b695.pin = 1\n[buckets]\nuser-12471ce1b695-bucket =\n")
client = s.client("kafkaconnect")
NEW = hasattr(client, "list_connector_operations")  # Debian's knows neither operations nor tags
BUCKET = "user-12471ce1b695-bucket"
ROLE = "arn:aws:iam::000000000000:role/12471ce1b695-ec2-access-role"
PROPERTIES = {
    "connector.class": "io.confluent.connect.s3.S3SinkConnector", "s3.region": "us-east-1", "flush.size": "1", "schema.compatibility": "NONE",
    "tasks.max": "3", "topics.regex": "12471ce1b695.*", "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
    "partitioner.class": "io.confluent.connect.storage.partitioner.DefaultPartitioner", "value.converter.schemas.enable": "false",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter", "storage.class": "io.confluent.connect.s3.storage.S3Storage",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter", "s3.bucket.name": BUCKET,
}


def archive(size=1000):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w") as z:
        z.writestr("lib/kafka-connect-s3.jar", bytes(size))
    return b.getvalue()


def refused(call, code, **args):
    try:
        call(**args)
    except ClientError as e:
        return same(e.response["Error"]["Code"], code, f"{call.__name__}: {e.response['Error']['Message'][:110]}")
    return ok(False, f"{call.__name__}: {code}", "no error")


def connector(name, **more):
    brokers = s.client("kafka").get_bootstrap_brokers(ClusterArn=s.client("kafka").list_clusters()["ClusterInfoList"][0]["ClusterArn"])
    return {"connectorName": name, "connectorConfiguration": PROPERTIES,
            "capacity": {"provisionedCapacity": {"mcuCount": 1, "workerCount": 1}},
            "kafkaCluster": {"apacheKafkaCluster": {"bootstrapServers": brokers["BootstrapBrokerStringSaslIam"],
                                                    "vpc": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}}},
            "kafkaClusterClientAuthentication": {"authenticationType": "IAM"}, "kafkaClusterEncryptionInTransit": {"encryptionType": "TLS"},
            "kafkaConnectVersion": "2.7.1", "plugins": [{"customPlugin": {"customPluginArn": PLUGIN["customPluginArn"], "revision": 1}}],
            "serviceExecutionRoleArn": ROLE, **more}


def state(arn):
    return client.describe_connector(connectorArn=arn)["connectorState"]


def plugin(name, key, bucket=BUCKET):
    return client.create_custom_plugin(name=name, contentType="ZIP", location={"s3Location": {"bucketArn": f"arn:aws:s3:::{bucket}", "fileKey": key}})


def plugins():
    global PLUGIN
    zipped = archive()
    s.s3.put_object(Bucket=BUCKET, Key="confluentinc-kafka-connect-s3-10.0.3.zip", Body=zipped)
    PLUGIN = plugin("12471ce1b695-plugin", "confluentinc-kafka-connect-s3-10.0.3.zip")
    same((PLUGIN["customPluginState"], PLUGIN["revision"]), ("CREATING", 1), "create_custom_plugin")
    arn = PLUGIN["customPluginArn"]
    becomes(lambda: client.describe_custom_plugin(customPluginArn=arn)["customPluginState"], "ACTIVE", "is active when its file was found")
    got = client.describe_custom_plugin(customPluginArn=arn)
    same(got["latestRevision"]["fileDescription"], {"fileMd5": hashlib.md5(zipped).hexdigest(), "fileSize": len(zipped)}, "with its sum and size")
    same([p["name"] for p in client.list_custom_plugins()["customPlugins"]], ["12471ce1b695-plugin"], "list_custom_plugins")
    if AWS:
        listed = json.loads(s.aws("kafkaconnect", "list-custom-plugins").stdout)["customPlugins"]
        same([p["customPluginState"] for p in listed], ["ACTIVE"], "aws kafkaconnect list-custom-plugins")
    for name, key, bucket in (("no-key", "none.zip", BUCKET), ("no-bucket", "x.zip", "no-such-bucket-here"), ("no-zip", "text", BUCKET)):
        s.s3.put_object(Bucket=BUCKET, Key="text", Body=b"text")
        bad = plugin(name, key, bucket)["customPluginArn"]
        becomes(lambda: client.describe_custom_plugin(customPluginArn=bad)["customPluginState"], "CREATE_FAILED", f"{name}: fails")
        ok(client.describe_custom_plugin(customPluginArn=bad)["stateDescription"]["message"], "and says why")
        refused(client.create_connector, "BadRequestException", **connector("x", plugins=[{"customPlugin": {"customPluginArn": bad, "revision": 1}}]))
    refused(client.create_custom_plugin, "ConflictException", name="no-zip", contentType="ZIP",
            location={"s3Location": {"bucketArn": f"arn:aws:s3:::{BUCKET}", "fileKey": "text"}})
    refused(client.create_custom_plugin, "BadRequestException", name="arn", contentType="ZIP", location={"s3Location": {"bucketArn": BUCKET, "fileKey": "text"}})
    same(client.delete_custom_plugin(customPluginArn=bad)["customPluginState"], "DELETING", "delete_custom_plugin")
    refused(client.describe_custom_plugin, "NotFoundException", customPluginArn=bad)


def course():
    """The walkthrough's connector."""
    global MADE
    if AWS:
        args = [x for n, v in connector("12471ce1b695-connector").items()
                for x in ("--" + "".join("-" + ch.lower() if ch.isupper() else ch for ch in n), v if isinstance(v, str) else json.dumps(v))]
        made = s.aws("kafkaconnect", "create-connector", *args)
        ok(made.returncode == 0, "aws kafkaconnect create-connector", made.stderr)
        MADE = json.loads(made.stdout)
    else:
        MADE = client.create_connector(**connector("12471ce1b695-connector"))
    arn = MADE["connectorArn"]
    same(MADE["connectorState"], "CREATING", "is being created")
    ok(arn.startswith("arn:aws:kafkaconnect:us-east-1:000000000000:connector/12471ce1b695-connector/"), "its ARN", arn)
    becomes(lambda: state(arn), "RUNNING", "and runs")
    subprocess.run(["kcat", "-b", s.at["kafka"], "-P", "-t", "12471ce1b695.pin"], input=b'{"index":7}\n', check=True, timeout=30)
    keys = until(lambda: s.keys("topics/", bucket=BUCKET))
    same(keys, ["topics/12471ce1b695.pin/partition=0/12471ce1b695.pin+0+0000000000.json"], "an object of a record appears")
    same(s.get(keys[0], bucket=BUCKET), b'{"index":7}\n', "as the sink writes it")
    got = client.describe_connector(connectorArn=arn)
    same((got["connectorConfiguration"], got["kafkaConnectVersion"], got["capacity"]),
         (PROPERTIES, "2.7.1", {"provisionedCapacity": {"mcuCount": 1, "workerCount": 1}}), "describe_connector tells what was given")
    listed = client.list_connectors(connectorNamePrefix="12471")["connectors"]
    same([(c["connectorName"], c["connectorState"], "connectorConfiguration" in c) for c in listed], [("12471ce1b695-connector", "RUNNING", False)],
         "list_connectors")
    same(json.loads(call("GET", s.at["connect"] + "/connectors").text), ["12471ce1b695-connector"],
         "the worker has it, too")


def failures():
    for name, change, text in (("no-bucket", {"s3.bucket.name": "no-such-bucket-here"}, "The last operation failed"),
                               ("bad-flush", {"flush.size": "none"}, "Invalid value none for configuration flush.size"),
                               ("bad-class", {"connector.class": "no.such.Class"}, "Failed to find any class")):
        arn = client.create_connector(**connector(name, connectorConfiguration={**PROPERTIES, **change}))["connectorArn"]
        becomes(lambda: state(arn), "FAILED", f"{name}: FAILED")
        why = client.describe_connector(connectorArn=arn)["stateDescription"]
        ok(text in why["message"] and why["code"], "and why", why)
        same(client.delete_connector(connectorArn=arn)["connectorState"], "DELETING", "can be deleted")
        refused(client.describe_connector, "NotFoundException", connectorArn=arn)


def logs():
    """What a worker says goes to the log group that was named."""
    to = {"workerLogDelivery": {"cloudWatchLogs": {"enabled": True, "logGroup": "connect-logs"}}}
    arn = client.create_connector(**connector("logging", logDelivery=to, connectorConfiguration={**PROPERTIES, "s3.bucket.name": "no-such-bucket-here"}))[
        "connectorArn"]
    becomes(lambda: state(arn), "FAILED", "a connector that fails, with a log")
    lines = s.client("logs")
    events = lines.filter_log_events(logGroupName="connect-logs")["events"]
    ok(any("is FAILED" in e["message"] for e in events) and any("no-such-bucket-here" in e["message"] for e in events), "its log has why", events)
    ok(events[0]["logStreamName"].startswith("logging/"), "in a stream of the worker's", events[0])
    client.delete_connector(connectorArn=arn)
    refused(client.create_connector, "BadRequestException", **connector("x", logDelivery={"workerLogDelivery": {"cloudWatchLogs": {"enabled": True}}}))


def roles():
    iam = s.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName="for-connect", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    refused(client.create_connector, "BadRequestException", **connector("trusted", serviceExecutionRoleArn=arn))
    trust["Statement"][0]["Principal"]["Service"] = ["kafkaconnect.amazonaws.com", "ec2.amazonaws.com"]
    iam.update_assume_role_policy(RoleName="for-connect", PolicyDocument=json.dumps(trust))
    made = client.create_connector(**connector("trusted", serviceExecutionRoleArn=arn))["connectorArn"]
    becomes(lambda: state(made), "RUNNING", "a role that trusts MSK Connect")
    client.delete_connector(connectorArn=made)


def refusals():
    new = client.create_connector
    refused(new, "ConflictException", **connector("12471ce1b695-connector"))
    for name in ("connector.class", "tasks.max"):
        refused(new, "BadRequestException", **connector("x", connectorConfiguration={k: v for k, v in PROPERTIES.items() if k != name}))
    refused(new, "BadRequestException", **connector("x", connectorConfiguration={**PROPERTIES, "name": "y"}))
    refused(new, "BadRequestException", **connector("x", capacity={"provisionedCapacity": {"mcuCount": 3, "workerCount": 1}}))
    refused(new, "BadRequestException", **connector("x", capacity={}))
    refused(new, "BadRequestException", **connector("x", kafkaClusterEncryptionInTransit={"encryptionType": "PLAINTEXT"}))
    refused(new, "BadRequestException", **connector("x", kafkaClusterClientAuthentication={"authenticationType": "NONE"}))
    refused(new, "BadRequestException", **connector("x", serviceExecutionRoleArn="role"))
    refused(new, "BadRequestException", **connector("x", kafkaConnectVersion="1.0"))
    refused(new, "BadRequestException", **connector("x", plugins=[]))
    refused(new, "NotFoundException", **connector("x", plugins=[{"customPlugin": {"customPluginArn": PLUGIN["customPluginArn"] + "0", "revision": 1}}]))
    refused(client.describe_connector, "NotFoundException", connectorArn=MADE["connectorArn"] + "0")
    refused(client.delete_custom_plugin, "BadRequestException", customPluginArn=PLUGIN["customPluginArn"])


def changes():
    arn = MADE["connectorArn"]
    version = client.describe_connector(connectorArn=arn)["currentVersion"]
    wide = {"provisionedCapacity": {"mcuCount": 2, "workerCount": 2}}
    refused(client.update_connector, "BadRequestException", connectorArn=arn, currentVersion="K0", capacity=wide)
    same(client.update_connector(connectorArn=arn, currentVersion=version, capacity=wide)["connectorState"], "UPDATING", "update_connector: capacity")
    becomes(lambda: state(arn), "RUNNING", "and it runs again")
    got = client.describe_connector(connectorArn=arn)
    ok(got["capacity"] == wide and got["currentVersion"] != version, "changed, of a new version", got)
    if NEW:
        config = {**PROPERTIES, "flush.size": "2"}
        op = client.update_connector(connectorArn=arn, currentVersion=got["currentVersion"], connectorConfiguration=config)["connectorOperationArn"]
        done_op = client.describe_connector_operation(connectorOperationArn=op)
        same((done_op["connectorOperationState"], done_op["originConnectorConfiguration"]["flush.size"], done_op["targetConnectorConfiguration"]["flush.size"]),
             ("UPDATE_COMPLETE", "1", "2"), "an update of the configuration and its operation")
        becomes(lambda: state(arn), "RUNNING", "it runs")
        got = client.describe_connector(connectorArn=arn)
        op = client.update_connector(connectorArn=arn, currentVersion=got["currentVersion"],
                                     connectorConfiguration={**PROPERTIES, "flush.size": "x"})["connectorOperationArn"]
        failed = client.describe_connector_operation(connectorOperationArn=op)
        ok(failed["connectorOperationState"] == "UPDATE_FAILED" and "flush.size" in failed["errorInfo"]["message"], "one that fails", failed)
        now = client.describe_connector(connectorArn=arn)
        same((now["connectorState"], now["connectorConfiguration"]["flush.size"], now["currentVersion"]), ("RUNNING", "2", got["currentVersion"]),
             "leaves all as it was")
        same(len(client.list_connector_operations(connectorArn=arn)["connectorOperations"]), 3, "list_connector_operations")
    text = base64.b64encode(b"key.converter=org.apache.kafka.connect.storage.StringConverter\nvalue.converter=org.apache.kafka.connect.json.JsonConverter\n"
                            b"value.converter.schemas.enable=false\n").decode()
    worker = client.create_worker_configuration(name="confluent-worker", propertiesFileContent=text)
    same(worker["latestRevision"]["revision"], 1, "create_worker_configuration")
    same(client.describe_worker_configuration(workerConfigurationArn=worker["workerConfigurationArn"])["latestRevision"]["propertiesFileContent"], text,
         "describe_worker_configuration")
    refused(client.create_worker_configuration, "BadRequestException", name="w2", propertiesFileContent="no base 64")
    refused(client.create_worker_configuration, "ConflictException", name="confluent-worker", propertiesFileContent=text)
    bare = {k: v for k, v in PROPERTIES.items() if "converter" not in k}
    other = client.create_connector(**connector("with-worker", connectorConfiguration={**bare, "topics.regex": "none.*"}, workerConfiguration={
        "workerConfigurationArn": worker["workerConfigurationArn"], "revision": 1}, **({"tags": {"a": "b"}} if NEW else {})))["connectorArn"]
    becomes(lambda: state(other), "RUNNING", "a connector with the converters of its worker configuration")
    if NEW:
        same(client.list_tags_for_resource(resourceArn=other)["tags"], {"a": "b"}, "tags")
        client.tag_resource(resourceArn=other, tags={"c": "d"})
        client.untag_resource(resourceArn=other, tagKeys=["a"])
        same(client.list_tags_for_resource(resourceArn=other)["tags"], {"c": "d"}, "changed")
    s.stop()
    s.up()
    again = s.client("kafkaconnect")
    becomes(lambda: again.describe_connector(connectorArn=other)["connectorState"], "RUNNING", "all is kept over a restart")
    same(sorted(c["connectorName"] for c in again.list_connectors()["connectors"]), ["12471ce1b695-connector", "with-worker"], "both")
    for c in (other, arn):
        again.delete_connector(connectorArn=c)
    same((again.list_connectors()["connectors"], json.loads(call("GET", s.at["connect"] + "/connectors").text)), ([], []),
         "deleted, in the worker as well")


parts(plugins, course, failures, logs, roles, refusals, changes)
s.stop()
done()
