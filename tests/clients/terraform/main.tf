terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region     = "us-east-1"
  access_key = "test"
  secret_key = "test"

}
variable "flush" { default = "1" }
locals { user = "9f8e7d6c5b4a" }

data "aws_caller_identity" "me" {}
data "aws_vpc" "default" { default = true }
data "aws_subnets" "all" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

resource "aws_s3_bucket" "b" {
  bucket = "user-${local.user}-bucket"
  tags   = { project = "posts" }
}
resource "aws_s3_object" "plugin" {
  bucket = aws_s3_bucket.b.id
  key    = "kafka-connect-s3/plugin.zip"
  source = "plugin.zip"
}
resource "aws_kinesis_stream" "s" {
  for_each         = toset(["pin", "geo", "user"])
  name             = "streaming-${local.user}-${each.key}"
  shard_count      = 1
  retention_period = 48
}
resource "aws_cloudwatch_log_group" "connect" {
  name              = "/msk-connect/${local.user}"
  retention_in_days = 7
}
resource "aws_iam_role" "connect" {
  name = "${local.user}-ec2-access-role"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["kafkaconnect.amazonaws.com", "ec2.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
  tags = { project = "posts" }
}
resource "aws_iam_role_policy" "inline" {
  role   = aws_iam_role.connect.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["kafka-cluster:*"], Resource = "*" }] })
}
resource "aws_iam_policy" "bucket" {
  name   = "${local.user}-bucket"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = ["${aws_s3_bucket.b.arn}", "${aws_s3_bucket.b.arn}/*"] }] })
}
resource "aws_iam_role_policy_attachment" "bucket" {
  role       = aws_iam_role.connect.name
  policy_arn = aws_iam_policy.bucket.arn
}
resource "aws_iam_instance_profile" "client" {
  name = "${local.user}-client"
  role = aws_iam_role.connect.name
}
resource "aws_security_group" "msk" {
  name   = "${local.user}-msk"
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port   = 9092
    to_port     = 9098
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_msk_configuration" "c" {
  name              = "${local.user}-conf"
  kafka_versions    = ["2.8.1"]
  server_properties = "auto.create.topics.enable=true\n"
}
resource "aws_msk_cluster" "k" {
  cluster_name           = "${local.user}-cluster"
  kafka_version          = "2.8.1"
  number_of_broker_nodes = 3
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = slice(sort(data.aws_subnets.all.ids), 0, 3)
    security_groups = [aws_security_group.msk.id]
    storage_info {
      ebs_storage_info { volume_size = 100 }
    }
  }
  configuration_info {
    arn      = aws_msk_configuration.c.arn
    revision = aws_msk_configuration.c.latest_revision
  }
  client_authentication {
    unauthenticated = true
    sasl { iam = true }
  }
  encryption_info {
    encryption_in_transit { client_broker = "TLS_PLAINTEXT" }
  }
}
resource "aws_mskconnect_custom_plugin" "p" {
  name         = "${local.user}-plugin"
  content_type = "ZIP"
  location {
    s3 {
      bucket_arn = aws_s3_bucket.b.arn
      file_key   = aws_s3_object.plugin.key
    }
  }
}
resource "aws_mskconnect_worker_configuration" "w" {
  name                    = "${local.user}-worker"
  properties_file_content = "key.converter=org.apache.kafka.connect.storage.StringConverter\nvalue.converter=org.apache.kafka.connect.storage.StringConverter\n"
}
resource "aws_mskconnect_connector" "c" {
  name                 = "${local.user}-connector"
  kafkaconnect_version = "2.7.1"
  capacity {
    provisioned_capacity {
      mcu_count    = 1
      worker_count = 1
    }
  }
  connector_configuration = {
    "connector.class"                = "io.confluent.connect.s3.S3SinkConnector"
    "s3.region"                      = "us-east-1"
    "flush.size"                     = var.flush
    "schema.compatibility"           = "NONE"
    "tasks.max"                      = "3"
    "topics.regex"                   = "${local.user}.*"
    "format.class"                   = "io.confluent.connect.s3.format.json.JsonFormat"
    "partitioner.class"              = "io.confluent.connect.storage.partitioner.DefaultPartitioner"
    "value.converter.schemas.enable" = "false"
    "value.converter"                = "org.apache.kafka.connect.json.JsonConverter"
    "storage.class"                  = "io.confluent.connect.s3.storage.S3Storage"
    "key.converter"                  = "org.apache.kafka.connect.storage.StringConverter"
    "s3.bucket.name"                 = aws_s3_bucket.b.id
  }
  kafka_cluster {
    apache_kafka_cluster {
      bootstrap_servers = aws_msk_cluster.k.bootstrap_brokers_sasl_iam
      vpc {
        security_groups = [aws_security_group.msk.id]
        subnets         = slice(sort(data.aws_subnets.all.ids), 0, 3)
      }
    }
  }
  kafka_cluster_client_authentication { authentication_type = "IAM" }
  kafka_cluster_encryption_in_transit { encryption_type = "TLS" }
  plugin {
    custom_plugin {
      arn      = aws_mskconnect_custom_plugin.p.arn
      revision = aws_mskconnect_custom_plugin.p.latest_revision
    }
  }
  worker_configuration {
    arn      = aws_mskconnect_worker_configuration.w.arn
    revision = aws_mskconnect_worker_configuration.w.latest_revision
  }
  log_delivery {
    worker_log_delivery {
      cloudwatch_logs {
        enabled   = true
        log_group = aws_cloudwatch_log_group.connect.name
      }
    }
  }
  service_execution_role_arn = aws_iam_role.connect.arn
}
resource "aws_api_gateway_rest_api" "api" {
  name = "${local.user}-api"
  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "posts", version = "1" }
    paths = {
      "/{proxy+}" = {
        "x-amazon-apigateway-any-method" = {
          parameters = [{ name = "proxy", in = "path", required = true, schema = { type = "string" } }]
          responses  = {}
          "x-amazon-apigateway-integration" = {
            type                = "http_proxy"
            httpMethod          = "ANY"
            uri                 = "http://ec2-54-82-14-231.compute-1.amazonaws.com:8082/{proxy}"
            requestParameters   = { "integration.request.path.proxy" = "method.request.path.proxy" }
            passthroughBehavior = "when_no_match"
          }
        }
      }
    }
  })
}
resource "aws_api_gateway_deployment" "d" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  triggers    = { body = sha1(aws_api_gateway_rest_api.api.body) }
  lifecycle { create_before_destroy = true }
}
resource "aws_api_gateway_stage" "s" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.d.id
  stage_name    = "prod"
}
resource "aws_kms_key" "k" {
  description             = "posts"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}
resource "aws_kms_alias" "k" {
  name          = "alias/${local.user}"
  target_key_id = aws_kms_key.k.key_id
}
resource "aws_ssm_parameter" "p" {
  name  = "/${local.user}/flush"
  type  = "SecureString"
  value = var.flush
}
resource "aws_cloudwatch_metric_alarm" "a" {
  alarm_name          = "${local.user}-put"
  namespace           = "AWS/Kinesis"
  metric_name         = "IncomingRecords"
  dimensions          = { StreamName = aws_kinesis_stream.s["pin"].name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 100
  comparison_operator = "GreaterThanThreshold"
}
output "account" { value = data.aws_caller_identity.me.account_id }
output "invoke" { value = aws_api_gateway_stage.s.invoke_url }
output "brokers" { value = aws_msk_cluster.k.bootstrap_brokers_sasl_iam }
