#!/bin/sh
# USER BUCKET BROKERS PLUGIN-ARN ROLE-ARN: the connector with the properties of the course.
set -eu
user=$1 bucket=$2 brokers=$3 plugin=$4 role=$5
aws kafkaconnect create-connector --cli-input-json "$(cat <<JSON
{
  "connectorName": "$user-connector",
  "connectorConfiguration": {
    "connector.class": "io.confluent.connect.s3.S3SinkConnector",
    "s3.region": "us-east-1",
    "flush.size": "1",
    "schema.compatibility": "NONE",
    "tasks.max": "3",
    "topics.regex": "$user.*",
    "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
    "partitioner.class": "io.confluent.connect.storage.partitioner.DefaultPartitioner",
    "value.converter.schemas.enable": "false",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "storage.class": "io.confluent.connect.s3.storage.S3Storage",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "s3.bucket.name": "$bucket"
  },
  "capacity": {"provisionedCapacity": {"mcuCount": 1, "workerCount": 1}},
  "kafkaCluster": {"apacheKafkaCluster": {"bootstrapServers": "$brokers", "vpc": {"subnets": ["subnet-1", "subnet-2", "subnet-3"], "securityGroups": ["sg-1"]}}},
  "kafkaClusterClientAuthentication": {"authenticationType": "IAM"},
  "kafkaClusterEncryptionInTransit": {"encryptionType": "TLS"},
  "kafkaConnectVersion": "2.7.1",
  "plugins": [{"customPlugin": {"customPluginArn": "$plugin", "revision": 1}}],
  "serviceExecutionRoleArn": "$role"
}
JSON
)"
