#!/usr/bin/python3
"""MSK by boto3 and the AWS CLI: the stack's cluster as the walkthrough looks at it, clusters of one's own, what changes them, what is refused."""
import base64
import json
import subprocess

from tarn import AWS, Stack, done, need, ok, parts, same

ClientError = need("botocore.exceptions").ClientError
s = Stack(only="kafka,aws,s3,connect")
kafka = s.client("kafka")
SUBNETS = ["subnet-1", "subnet-2", "subnet-3"]
GROUP = {"ClientSubnets": SUBNETS, "InstanceType": "kafka.t3.small"}


def refused(call, code, parameter=None, **args):
    try:
        call(**args)
    except ClientError as e:
        got = (e.response["Error"]["Code"], e.response.get("InvalidParameter"))
        return same(got, (code, parameter), f"{call.__name__} {parameter or ''}: {code}")
    return ok(False, f"{call.__name__}: {code}", "no error")


def cli(*args):
    p = s.aws(*args)
    return json.loads(p.stdout) if p.returncode == 0 and p.stdout else p.stderr


def walkthrough():
    if not AWS:
        return
    clusters = cli("kafka", "list-clusters")["ClusterInfoList"]
    same([c["ClusterName"] for c in clusters], ["pinterest-msk-cluster"], "aws kafka list-clusters: the stack's")
    c = clusters[0]
    arn = c["ClusterArn"]
    ok(arn.startswith("arn:aws:kafka:us-east-1:000000000000:cluster/pinterest-msk-cluster/") and c["State"] == "ACTIVE" and c["NumberOfBrokerNodes"] == 3
       and c["CurrentVersion"].startswith("K"), "as it is", c)
    brokers = cli("kafka", "get-bootstrap-brokers", "--cluster-arn", arn)
    same(sorted(brokers), ["BootstrapBrokerString", "BootstrapBrokerStringSaslIam", "BootstrapBrokerStringSaslScram", "BootstrapBrokerStringTls"],
         "aws kafka get-bootstrap-brokers: every way in that is on")
    iam = brokers["BootstrapBrokerStringSaslIam"].split(",")
    host = iam[0].split(":")[0]
    number = arn.rsplit("-", 1)[1]
    ok(len(iam) == 3 and host.startswith("b-1.pinterest-msk-cluster.") and host.endswith(f".c{number}.kafka.us-east-1.amazonaws.com")
       and all(b.endswith(":9098") for b in iam), "names as MSK's", iam)
    c = cli("kafka", "describe-cluster", "--cluster-arn", arn)["ClusterInfo"]
    ok(c["ZookeeperConnectString"].startswith("z-1.pinterest-msk-cluster.") and c["ZookeeperConnectString"].endswith(":2181")
       and c["ZookeeperConnectStringTls"].endswith(":2182"), "aws kafka describe-cluster: the ZooKeeper strings", c)
    nodes = cli("kafka", "list-nodes", "--cluster-arn", arn)["NodeInfoList"]
    same([n["BrokerNodeInfo"]["BrokerId"] for n in nodes], [1, 2, 3], "aws kafka list-nodes")
    same(nodes[0]["BrokerNodeInfo"]["Endpoints"], [host], "with their names")
    v2 = cli("kafka", "list-clusters-v2")["ClusterInfoList"][0]
    same((v2["ClusterType"], v2["Provisioned"]["CurrentBrokerSoftwareInfo"]["KafkaVersion"]), ("PROVISIONED", "2.8.1"), "aws kafka list-clusters-v2")
    why = cli("kafka", "describe-cluster", "--cluster-arn", arn.replace("pinterest-", "none-"))
    ok("NotFoundException" in why, "one that isn't there", why)


def own_clusters():
    made = kafka.create_cluster(ClusterName="mine", KafkaVersion="3.5.1", NumberOfBrokerNodes=6, BrokerNodeGroupInfo=GROUP, Tags={"a": "b"},
                                ClientAuthentication={"Sasl": {"Iam": {"Enabled": True}}})
    arn = made["ClusterArn"]
    same(made["State"], "CREATING", "create_cluster")
    c = kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"]
    same((c["State"], c["Tags"], c["EncryptionInfo"]["EncryptionInTransit"]), ("ACTIVE", {"a": "b"}, {"ClientBroker": "TLS", "InCluster": True}),
         "is active when it is looked at")
    same(sorted(k for k in kafka.get_bootstrap_brokers(ClusterArn=arn) if k.startswith("Boot")), ["BootstrapBrokerStringSaslIam"],
         "IAM alone: only that string")
    made = kafka.create_cluster_v2(ClusterName="less", Serverless={"VpcConfigs": [{"SubnetIds": SUBNETS}],
                                                                   "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}})
    same(made["ClusterType"], "SERVERLESS", "create_cluster_v2 of a serverless one")
    boot = kafka.get_bootstrap_brokers(ClusterArn=made["ClusterArn"])["BootstrapBrokerStringSaslIam"]
    ok(boot.startswith("boot-") and boot.endswith(".c1.kafka-serverless.us-east-1.amazonaws.com:9098"), "its string", boot)
    same(len(kafka.list_clusters_v2(ClusterTypeFilter="SERVERLESS")["ClusterInfoList"]), 1, "list_clusters_v2 by type")
    same([c["ClusterName"] for c in kafka.list_clusters(ClusterNameFilter="mi")["ClusterInfoList"]], ["mine"], "list_clusters by name")
    pages = list(kafka.get_paginator("list_clusters_v2").paginate(PaginationConfig={"PageSize": 1}))
    same(len(pages), 3, "pages of one")
    base = {"ClusterName": "x", "KafkaVersion": "2.8.1", "NumberOfBrokerNodes": 3, "BrokerNodeGroupInfo": GROUP}
    refused(kafka.create_cluster, "ConflictException", "clusterName", **{**base, "ClusterName": "mine"})
    refused(kafka.create_cluster, "BadRequestException", "clusterName", **{**base, "ClusterName": "a_b"})
    refused(kafka.create_cluster, "BadRequestException", "kafkaVersion", **{**base, "KafkaVersion": "9.9"})
    refused(kafka.create_cluster, "BadRequestException", "numberOfBrokerNodes", **{**base, "NumberOfBrokerNodes": 4})
    refused(kafka.create_cluster, "BadRequestException", "instanceType", **{**base, "BrokerNodeGroupInfo": {**GROUP, "InstanceType": "m5.large"}})
    refused(kafka.create_cluster, "BadRequestException", None, **{**base, "NumberOfBrokerNodes": 16})
    refused(kafka.describe_cluster, "NotFoundException", "clusterArn", ClusterArn=arn + "1")
    refused(kafka.describe_cluster, "BadRequestException", "clusterArn", ClusterArn="mine")
    refused(kafka.delete_cluster, "BadRequestException", "currentVersion", ClusterArn=arn, CurrentVersion="K0")
    same(kafka.delete_cluster(ClusterArn=arn, CurrentVersion=c["CurrentVersion"])["State"], "DELETING", "delete_cluster")
    refused(kafka.describe_cluster, "NotFoundException", "clusterArn", ClusterArn=arn)


def changes():
    arn = kafka.create_cluster(ClusterName="changing", KafkaVersion="2.8.1", NumberOfBrokerNodes=3, BrokerNodeGroupInfo=GROUP)["ClusterArn"]

    def told():
        return kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"]

    def change(call, **args):
        old = told()["CurrentVersion"]
        op = call(ClusterArn=arn, CurrentVersion=old, **args)["ClusterOperationArn"]
        new = told()
        info = kafka.describe_cluster_operation(ClusterOperationArn=op)["ClusterOperationInfo"]
        ok(new["CurrentVersion"] != old and new["State"] == "ACTIVE" and info["OperationState"] == "UPDATE_COMPLETE" and info["EndTime"],
           f"{call.__name__}: a new version and an operation", (new, info))
        refused(call, "BadRequestException", "currentVersion", ClusterArn=arn, CurrentVersion=old, **args)
        return new
    same(change(kafka.update_broker_count, TargetNumberOfBrokerNodes=6)["NumberOfBrokerNodes"], 6, "six brokers")
    new = change(kafka.update_broker_storage, TargetBrokerEBSVolumeInfo=[{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 2000}])
    same(new["BrokerNodeGroupInfo"]["StorageInfo"]["EbsStorageInfo"]["VolumeSize"], 2000, "larger volumes")
    same(change(kafka.update_broker_type, TargetInstanceType="kafka.m5.large")["BrokerNodeGroupInfo"]["InstanceType"], "kafka.m5.large", "another type")
    same(change(kafka.update_monitoring, EnhancedMonitoring="PER_BROKER")["EnhancedMonitoring"], "PER_BROKER", "monitoring")
    change(kafka.update_security, ClientAuthentication={"Sasl": {"Scram": {"Enabled": True}, "Iam": {"Enabled": True}}})
    same(sorted(k for k in kafka.get_bootstrap_brokers(ClusterArn=arn) if k.startswith("Boot")),
         ["BootstrapBrokerStringSaslIam", "BootstrapBrokerStringSaslScram"], "security changes the strings")
    change(kafka.update_connectivity, ConnectivityInfo={"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}})
    public = kafka.get_bootstrap_brokers(ClusterArn=arn)["BootstrapBrokerStringPublicSaslIam"]
    ok(public.startswith("b-1-public.changing.") and ":9198" in public, "public names", public)
    text = b"auto.create.topics.enable=true\n# more\ndefault.replication.factor = 3\n"
    conf = kafka.create_configuration(Name="conf", KafkaVersions=["2.8.1"], ServerProperties=text)
    same(conf["LatestRevision"]["Revision"], 1, "create_configuration")
    same(kafka.describe_configuration_revision(Arn=conf["Arn"], Revision=1)["ServerProperties"], text, "its properties as they were")
    same(kafka.update_configuration(Arn=conf["Arn"], ServerProperties=b"num.partitions=2", Description="d")["LatestRevision"]["Revision"], 2,
         "update_configuration: a revision")
    same([r["Revision"] for r in kafka.list_configuration_revisions(Arn=conf["Arn"])["Revisions"]], [1, 2], "list_configuration_revisions")
    new = change(kafka.update_cluster_configuration, ConfigurationInfo={"Arn": conf["Arn"], "Revision": 2})
    same(new["CurrentBrokerSoftwareInfo"]["ConfigurationRevision"], 2, "a cluster's configuration")
    refused(kafka.delete_configuration, "BadRequestException", "arn", Arn=conf["Arn"])
    refused(kafka.create_configuration, "ConflictException", "name", Name="conf", KafkaVersions=[], ServerProperties=b"")
    refused(kafka.create_configuration, "BadRequestException", "serverProperties", Name="c2", KafkaVersions=[], ServerProperties=b"no sign")
    refused(kafka.describe_configuration, "BadRequestException", "arn", Arn=conf["Arn"] + "0")
    new = change(kafka.update_cluster_kafka_version, TargetKafkaVersion="3.5.1")
    same(new["CurrentBrokerSoftwareInfo"]["KafkaVersion"], "3.5.1", "a newer version")
    op = kafka.reboot_broker(ClusterArn=arn, BrokerIds=["1"])["ClusterOperationArn"]
    same(kafka.describe_cluster_operation(ClusterOperationArn=op)["ClusterOperationInfo"]["OperationType"], "REBOOT_NODE", "reboot_broker")
    refused(kafka.reboot_broker, "BadRequestException", "brokerIds", ClusterArn=arn, BrokerIds=["7"])
    same(len(kafka.list_cluster_operations(ClusterArn=arn)["ClusterOperationInfoList"]), 9, "list_cluster_operations")
    version = told()["CurrentVersion"]
    refused(kafka.update_broker_type, "BadRequestException", "targetInstanceType", ClusterArn=arn, CurrentVersion=version, TargetInstanceType="kafka.m5.large")
    refused(kafka.update_broker_count, "BadRequestException", "targetNumberOfBrokerNodes", ClusterArn=arn, CurrentVersion=version,
            TargetNumberOfBrokerNodes=7)
    good, bad = "arn:aws:secretsmanager:us-east-1:000000000000:secret:AmazonMSK_u-abcdef", "arn:aws:secretsmanager:us-east-1:000000000000:secret:u"
    left = kafka.batch_associate_scram_secret(ClusterArn=arn, SecretArnList=[good, bad])["UnprocessedScramSecrets"]
    same([u["SecretArn"] for u in left], [bad], "batch_associate_scram_secret: what is no secret of MSK's is told")
    same(kafka.list_scram_secrets(ClusterArn=arn)["SecretArnList"], [good], "list_scram_secrets")
    kafka.batch_disassociate_scram_secret(ClusterArn=arn, SecretArnList=[good])
    same(kafka.list_scram_secrets(ClusterArn=arn)["SecretArnList"], [], "batch_disassociate_scram_secret")
    kafka.tag_resource(ResourceArn=arn, Tags={"x": "1", "y": "2"})
    kafka.untag_resource(ResourceArn=arn, TagKeys=["x"])
    same(kafka.list_tags_for_resource(ResourceArn=arn)["Tags"], {"y": "2"}, "tags")
    ok("2.8.1" in [v["Version"] for v in kafka.list_kafka_versions()["KafkaVersions"]], "list_kafka_versions")
    ok("3.6.0" in kafka.get_compatible_kafka_versions(ClusterArn=arn)["CompatibleKafkaVersions"][0]["TargetVersions"], "get_compatible_kafka_versions")
    s.stop()
    s.up()
    again = s.client("kafka").describe_cluster(ClusterArn=arn)["ClusterInfo"]
    same(again["CurrentVersion"], version, "all is kept over a restart")


def topics():
    """The API for topics, of a botocore that knows it."""
    new = s.client("kafka")
    if not hasattr(new, "create_topic"):
        return
    arn = new.list_clusters(ClusterNameFilter="pinterest-")["ClusterInfoList"][0]["ClusterArn"]
    configs = base64.b64encode(b"retention.ms=3600000\n").decode()
    made = new.create_topic(ClusterArn=arn, TopicName="by.api", PartitionCount=2, ReplicationFactor=3, Configs=configs)
    same((made["TopicArn"], made["Status"]), (arn.replace(":cluster/", ":topic/") + "/by.api", "CREATING"), "create_topic")
    got = new.describe_topic(ClusterArn=arn, TopicName="by.api")
    same((got["PartitionCount"], got["ReplicationFactor"], base64.b64decode(got["Configs"]), got["Status"]), (2, 3, b"retention.ms=3600000\n", "ACTIVE"),
         "describe_topic")
    said = subprocess.run(["kcat", "-b", s.at["kafka"], "-L", "-t", "by.api"], capture_output=True, text=True, timeout=30).stdout
    ok("with 2 partitions" in said, "the broker has it", said)
    new.update_topic(ClusterArn=arn, TopicName="by.api", PartitionCount=4)
    same(len(new.describe_topic_partitions(ClusterArn=arn, TopicName="by.api")["Partitions"]), 4, "update_topic, describe_topic_partitions")
    same([t["TopicName"] for t in new.list_topics(ClusterArn=arn, TopicNameFilter="by.")["Topics"]], ["by.api"], "list_topics")
    refused(new.create_topic, "TopicExistsException", None, ClusterArn=arn, TopicName="by.api", PartitionCount=1, ReplicationFactor=1)
    refused(new.create_topic, "BadRequestException", None, ClusterArn=arn, TopicName="a b", PartitionCount=1, ReplicationFactor=1)
    refused(new.create_topic, "BadRequestException", "replicationFactor", ClusterArn=arn, TopicName="x", PartitionCount=1, ReplicationFactor=4)
    refused(new.create_topic, "BadRequestException", "configs", ClusterArn=arn, TopicName="x", PartitionCount=1, ReplicationFactor=1, Configs="!")
    refused(new.update_topic, "BadRequestException", None, ClusterArn=arn, TopicName="by.api", PartitionCount=1)
    same(new.delete_topic(ClusterArn=arn, TopicName="by.api")["Status"], "DELETING", "delete_topic")
    refused(new.describe_topic, "NotFoundException", None, ClusterArn=arn, TopicName="by.api")
    refused(new.delete_topic, "UnknownTopicOrPartitionException", None, ClusterArn=arn, TopicName="by.api")


parts(walkthrough, own_clusters, changes, topics)
s.stop()
done()
