/* AWS's own managed policies, those that users of the pipeline name. Documents as AWS has them.
 *
 * DIFFERS: of several hundred policies of AWS these are there; ReadOnlyAccess, AmazonVPCFullAccess and CloudWatchReadOnlyAccess speak of
 * what is served here only. */
#include "aws/iam.h"

static const struct iam_managed managed[] = {
	{ "AWSCloudTrail_ReadOnlyAccess", "/", "v1", NULL, 1655227145000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"cloudtrail:Get*\",\"cloudtrail:Describe*\",\"cloudtrail:List*\",\"cloudtra"
	  "il:LookupEvents\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AWSDenyAll", "/", "v2", NULL, 1556750174000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"*\"],\"Effect\":\"Deny\",\"Resource\":\"*\",\"Sid\":\"DenyAll\"}]}" },
	{ "AWSKeyManagementServicePowerUser", "/", "v2", NULL, 1423248040000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"kms:CreateAlias\",\"kms:CreateKey\",\"kms:DeleteAlias\",\"kms:Describe*\","
	  "\"kms:GenerateRandom\",\"kms:Get*\",\"kms:List*\",\"kms:TagResource\",\"kms:UntagResource\",\"iam:ListGroups\",\"iam:ListRoles\",\"i"
	  "am:ListUsers\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AWSLambdaBasicExecutionRole", "/service-role/", "v1", NULL, 1428591823000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"logs:CreateLogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\"],\"Ef"
	  "fect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AdministratorAccess", "/", "v1", "Provides full access to AWS services and resources.", 1423247986000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":\"*\",\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AmazonAPIGatewayAdministrator", "/", "v1", NULL, 1436463285000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"apigateway:*\"],\"Effect\":\"Allow\",\"Resource\":\"arn:aws:apigateway:*::"
	  "/*\"}]}" },
	{ "AmazonAPIGatewayInvokeFullAccess", "/", "v2", NULL, 1436463372000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"execute-api:Invoke\",\"execute-api:ManageConnections\"],\"Effect\":\"Allow"
	  "\",\"Resource\":\"arn:aws:execute-api:*:*:*\"}]}" },
	{ "AmazonAPIGatewayPushToCloudWatchLogs", "/service-role/", "v1", NULL, 1447285306000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"logs:CreateLogGroup\",\"logs:CreateLogStream\",\"logs:DescribeLogGroups\","
	  "\"logs:DescribeLogStreams\",\"logs:PutLogEvents\",\"logs:GetLogEvents\",\"logs:FilterLogEvents\"],\"Effect\":\"Allow\",\"Resource\":"
	  "\"*\"}]}" },
	{ "AmazonEC2FullAccess", "/", "v5", "Provides full access to Amazon EC2 via the AWS Management Console.", 1423248015000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":\"ec2:*\",\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":\"elasticloadb"
	  "alancing:*\",\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":\"cloudwatch:*\",\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Actio"
	  "n\":\"autoscaling:*\",\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":\"iam:CreateServiceLinkedRole\",\"Condition\":{\"StringEq"
	  "uals\":{\"iam:AWSServiceName\":[\"autoscaling.amazonaws.com\",\"ec2scheduled.amazonaws.com\",\"elasticloadbalancing.amazonaws.com\","
	  "\"spot.amazonaws.com\",\"spotfleet.amazonaws.com\",\"transitgateway.amazonaws.com\"]}},\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AmazonEC2ReadOnlyAccess", "/", "v5", NULL, 1423248017000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"ec2:Describe*\",\"ec2:GetSecurityGroupsForVpc\"],\"Effect\":\"Allow\",\"Re"
	  "source\":\"*\"},{\"Action\":\"elasticloadbalancing:Describe*\",\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":[\"cloudwatch:Li"
	  "stMetrics\",\"cloudwatch:GetMetricStatistics\",\"cloudwatch:Describe*\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":\"auto"
	  "scaling:Describe*\",\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AmazonKinesisFullAccess", "/", "v1", "Provides full access to all streams via the AWS Management Console.", 1423248029000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":\"kinesis:*\",\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AmazonKinesisReadOnlyAccess", "/", "v1", NULL, 1423248030000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"kinesis:Get*\",\"kinesis:List*\",\"kinesis:Describe*\"],\"Effect\":\"Allow"
	  "\",\"Resource\":\"*\"}]}" },
	{ "AmazonMSKConnectReadOnlyAccess", "/", "v2", NULL, 1632133123000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"kafkaconnect:ListConnectors\",\"kafkaconnect:ListCustomPlugins\",\"kafkaco"
	  "nnect:ListWorkerConfigurations\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":[\"kafkaconnect:DescribeConnector\"],\"Effect"
	  "\":\"Allow\",\"Resource\":[\"arn:aws:kafkaconnect:*:*:connector/*\"]},{\"Action\":[\"kafkaconnect:DescribeCustomPlugin\"],\"Effect\""
	  ":\"Allow\",\"Resource\":[\"arn:aws:kafkaconnect:*:*:custom-plugin/*\"]},{\"Action\":[\"kafkaconnect:DescribeWorkerConfiguration\"],"
	  "\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:kafkaconnect:*:*:worker-configuration/*\"]}]}" },
	{ "AmazonMSKFullAccess", "/", "v7", NULL, 1547503672000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"kafka:*\",\"ec2:DescribeSubnets\",\"ec2:DescribeVpcs\",\"ec2:DescribeSecur"
	  "ityGroups\",\"ec2:DescribeRouteTables\",\"ec2:DescribeVpcEndpoints\",\"ec2:DescribeVpcAttribute\",\"kms:DescribeKey\",\"kms:CreateGr"
	  "ant\",\"logs:CreateLogDelivery\",\"logs:GetLogDelivery\",\"logs:UpdateLogDelivery\",\"logs:DeleteLogDelivery\",\"logs:ListLogDeliver"
	  "ies\",\"logs:PutResourcePolicy\",\"logs:DescribeResourcePolicies\",\"logs:DescribeLogGroups\",\"S3:GetBucketPolicy\",\"firehose:TagD"
	  "eliveryStream\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":[\"ec2:CreateVpcEndpoint\"],\"Effect\":\"Allow\",\"Resource\":"
	  "[\"arn:*:ec2:*:*:vpc/*\",\"arn:*:ec2:*:*:subnet/*\",\"arn:*:ec2:*:*:security-group/*\"]},{\"Action\":[\"ec2:CreateVpcEndpoint\"],\"C"
	  "ondition\":{\"StringEquals\":{\"aws:RequestTag/AWSMSKManaged\":\"true\"},\"StringLike\":{\"aws:RequestTag/ClusterArn\":\"*\"}},\"Eff"
	  "ect\":\"Allow\",\"Resource\":[\"arn:*:ec2:*:*:vpc-endpoint/*\"]},{\"Action\":[\"ec2:CreateTags\"],\"Condition\":{\"StringEquals\":{"
	  "\"ec2:CreateAction\":\"CreateVpcEndpoint\"}},\"Effect\":\"Allow\",\"Resource\":\"arn:*:ec2:*:*:vpc-endpoint/*\"},{\"Action\":[\"ec2:"
	  "DeleteVpcEndpoints\"],\"Condition\":{\"StringEquals\":{\"ec2:ResourceTag/AWSMSKManaged\":\"true\"},\"StringLike\":{\"ec2:ResourceTag"
	  "/ClusterArn\":\"*\"}},\"Effect\":\"Allow\",\"Resource\":\"arn:*:ec2:*:*:vpc-endpoint/*\"},{\"Action\":\"iam:PassRole\",\"Condition\""
	  ":{\"StringEquals\":{\"iam:PassedToService\":\"kafka.amazonaws.com\"}},\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":\"iam:Cre"
	  "ateServiceLinkedRole\",\"Condition\":{\"StringEquals\":{\"iam:AWSServiceName\":\"kafka.amazonaws.com\"}},\"Effect\":\"Allow\",\"Reso"
	  "urce\":\"arn:aws:iam::*:role/aws-service-role/kafka.amazonaws.com/AWSServiceRoleForKafka*\"},{\"Action\":\"iam:CreateServiceLinkedRo"
	  "le\",\"Condition\":{\"StringEquals\":{\"iam:AWSServiceName\":\"delivery.logs.amazonaws.com\"}},\"Effect\":\"Allow\",\"Resource\":\"a"
	  "rn:aws:iam::*:role/aws-service-role/delivery.logs.amazonaws.com/AWSServiceRoleForLogDelivery*\"}]}" },
	{ "AmazonMSKReadOnlyAccess", "/", "v1", NULL, 1547504925000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"kafka:Describe*\",\"kafka:List*\",\"kafka:Get*\",\"ec2:DescribeNetworkInte"
	  "rfaces\",\"ec2:DescribeSecurityGroups\",\"ec2:DescribeSubnets\",\"ec2:DescribeVpcs\",\"kms:DescribeKey\"],\"Effect\":\"Allow\",\"Res"
	  "ource\":\"*\"}]}" },
	{ "AmazonRDSFullAccess", "/", "v14", NULL, 1423248052000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"rds:*\",\"application-autoscaling:DeleteScalingPolicy\",\"application-auto"
	  "scaling:DeregisterScalableTarget\",\"application-autoscaling:DescribeScalableTargets\",\"application-autoscaling:DescribeScalingActi"
	  "vities\",\"application-autoscaling:DescribeScalingPolicies\",\"application-autoscaling:PutScalingPolicy\",\"application-autoscaling:"
	  "RegisterScalableTarget\",\"cloudwatch:DescribeAlarms\",\"cloudwatch:GetMetricStatistics\",\"cloudwatch:PutMetricAlarm\",\"cloudwatch"
	  ":DeleteAlarms\",\"cloudwatch:ListMetrics\",\"cloudwatch:GetMetricData\",\"ec2:DescribeAccountAttributes\",\"ec2:DescribeAvailability"
	  "Zones\",\"ec2:DescribeCoipPools\",\"ec2:DescribeInternetGateways\",\"ec2:DescribeLocalGatewayRouteTablePermissions\",\"ec2:DescribeL"
	  "ocalGatewayRouteTables\",\"ec2:DescribeLocalGatewayRouteTableVpcAssociations\",\"ec2:DescribeLocalGateways\",\"ec2:DescribeSecurityG"
	  "roups\",\"ec2:DescribeSubnets\",\"ec2:DescribeVpcAttribute\",\"ec2:DescribeVpcs\",\"ec2:GetCoipPoolUsage\",\"sns:ListSubscriptions\""
	  ",\"sns:ListTopics\",\"sns:Publish\",\"logs:DescribeLogStreams\",\"logs:GetLogEvents\",\"outposts:GetOutpostInstanceTypes\",\"devops-"
	  "guru:GetResourceCollection\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":\"pi:*\",\"Effect\":\"Allow\",\"Resource\":[\"arn"
	  ":aws:pi:*:*:metrics/rds/*\",\"arn:aws:pi:*:*:perf-reports/rds/*\"]},{\"Action\":\"iam:CreateServiceLinkedRole\",\"Condition\":{\"Str"
	  "ingLike\":{\"iam:AWSServiceName\":[\"rds.amazonaws.com\",\"rds.application-autoscaling.amazonaws.com\"]}},\"Effect\":\"Allow\",\"Res"
	  "ource\":\"*\"},{\"Action\":[\"devops-guru:SearchInsights\",\"devops-guru:ListAnomaliesForInsight\"],\"Condition\":{\"ForAllValues:St"
	  "ringEquals\":{\"devops-guru:ServiceNames\":[\"RDS\"]},\"Null\":{\"devops-guru:ServiceNames\":\"false\"}},\"Effect\":\"Allow\",\"Reso"
	  "urce\":\"*\"}]}" },
	{ "AmazonS3FullAccess", "/", "v2", "Provides full access to all buckets via the AWS Management Console.", 1423248058000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"s3:*\",\"s3-object-lambda:*\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AmazonS3ReadOnlyAccess", "/", "v3", "Provides read only access to all buckets via the AWS Management Console.", 1423248059000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"s3:Get*\",\"s3:List*\",\"s3:Describe*\",\"s3-object-lambda:Get*\",\"s3-obj"
	  "ect-lambda:List*\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AmazonSSMFullAccess", "/", "v4", NULL, 1432921187000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"cloudwatch:PutMetricData\",\"ds:CreateComputer\",\"ds:DescribeDirectories"
	  "\",\"ec2:DescribeInstanceStatus\",\"logs:*\",\"ssm:*\",\"ec2messages:*\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":\"iam"
	  ":CreateServiceLinkedRole\",\"Condition\":{\"StringLike\":{\"iam:AWSServiceName\":\"ssm.amazonaws.com\"}},\"Effect\":\"Allow\",\"Reso"
	  "urce\":\"arn:aws:iam::*:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM*\"},{\"Action\":[\"iam:DeleteServiceLinke"
	  "dRole\",\"iam:GetServiceLinkedRoleDeletionStatus\"],\"Effect\":\"Allow\",\"Resource\":\"arn:aws:iam::*:role/aws-service-role/ssm.ama"
	  "zonaws.com/AWSServiceRoleForAmazonSSM*\"},{\"Action\":[\"ssmmessages:CreateControlChannel\",\"ssmmessages:CreateDataChannel\",\"ssmm"
	  "essages:OpenControlChannel\",\"ssmmessages:OpenDataChannel\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "AmazonSSMManagedInstanceCore", "/", "v2", NULL, 1552670532000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"ssm:DescribeAssociation\",\"ssm:GetDeployablePatchSnapshotForInstance\",\""
	  "ssm:GetDocument\",\"ssm:DescribeDocument\",\"ssm:GetManifest\",\"ssm:GetParameter\",\"ssm:GetParameters\",\"ssm:ListAssociations\","
	  "\"ssm:ListInstanceAssociations\",\"ssm:PutInventory\",\"ssm:PutComplianceItems\",\"ssm:PutConfigurePackageResult\",\"ssm:UpdateAssoc"
	  "iationStatus\",\"ssm:UpdateInstanceAssociationStatus\",\"ssm:UpdateInstanceInformation\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},{"
	  "\"Action\":[\"ssmmessages:CreateControlChannel\",\"ssmmessages:CreateDataChannel\",\"ssmmessages:OpenControlChannel\",\"ssmmessages:"
	  "OpenDataChannel\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":[\"ec2messages:AcknowledgeMessage\",\"ec2messages:DeleteMess"
	  "age\",\"ec2messages:FailMessage\",\"ec2messages:GetEndpoint\",\"ec2messages:GetMessages\",\"ec2messages:SendReply\"],\"Effect\":\"Al"
	  "low\",\"Resource\":\"*\"}]}" },
	{ "AmazonSSMReadOnlyAccess", "/", "v1", NULL, 1432921459000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"ssm:Describe*\",\"ssm:Get*\",\"ssm:List*\"],\"Effect\":\"Allow\",\"Resourc"
	  "e\":\"*\"}]}" },
	{ "AmazonVPCFullAccess", "/", "v13", NULL, 1423248076000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}]}" },
	{ "CloudWatchAgentServerPolicy", "/", "v3", NULL, 1520384804000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"cloudwatch:PutMetricData\",\"ec2:DescribeVolumes\",\"ec2:DescribeTags\",\""
	  "logs:PutLogEvents\",\"logs:PutRetentionPolicy\",\"logs:DescribeLogStreams\",\"logs:DescribeLogGroups\",\"logs:CreateLogStream\",\"lo"
	  "gs:CreateLogGroup\",\"xray:PutTraceSegments\",\"xray:PutTelemetryRecords\",\"xray:GetSamplingRules\",\"xray:GetSamplingTargets\",\"x"
	  "ray:GetSamplingStatisticSummaries\"],\"Effect\":\"Allow\",\"Resource\":\"*\",\"Sid\":\"CWACloudWatchServerPermissions\"},{\"Action\""
	  ":[\"ssm:GetParameter\"],\"Effect\":\"Allow\",\"Resource\":\"arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*\",\"Sid\":\"CWASSMServerPer"
	  "missions\"}]}" },
	{ "CloudWatchFullAccess", "/", "v4", NULL, 1423248000000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"autoscaling:Describe*\",\"cloudwatch:*\",\"logs:*\",\"sns:*\",\"iam:GetPol"
	  "icy\",\"iam:GetPolicyVersion\",\"iam:GetRole\",\"oam:ListSinks\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},{\"Action\":\"iam:CreateS"
	  "erviceLinkedRole\",\"Condition\":{\"StringLike\":{\"iam:AWSServiceName\":\"events.amazonaws.com\"}},\"Effect\":\"Allow\",\"Resource"
	  "\":\"arn:aws:iam::*:role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*\"},{\"Action\":[\"oam:ListAttached"
	  "Links\"],\"Effect\":\"Allow\",\"Resource\":\"arn:aws:oam:*:*:sink/*\"}]}" },
	{ "CloudWatchLogsFullAccess", "/", "v8", "Provides full access to CloudWatch Logs", 1423248002000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"logs:*\",\"cloudwatch:GenerateQuery\",\"cloudwatch:GenerateQueryResultsSum"
	  "mary\",\"observabilityadmin:GetS3TableIntegration\",\"observabilityadmin:ListS3TableIntegrations\",\"observabilityadmin:ListTelemetr"
	  "yPipelines\"],\"Effect\":\"Allow\",\"Resource\":\"*\",\"Sid\":\"CloudWatchLogsFullAccess\"}]}" },
	{ "CloudWatchLogsReadOnlyAccess", "/", "v12", NULL, 1423248003000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"logs:Describe*\",\"logs:Get*\",\"logs:List*\",\"logs:StartQuery\",\"logs:S"
	  "topQuery\",\"logs:TestMetricFilter\",\"logs:FilterLogEvents\",\"logs:StartLiveTail\",\"logs:StopLiveTail\",\"cloudwatch:GenerateQuer"
	  "y\",\"cloudwatch:GenerateQueryResultsSummary\",\"observabilityadmin:ListS3TableIntegrations\",\"observabilityadmin:GetS3TableIntegra"
	  "tion\",\"observabilityadmin:ListTelemetryPipelines\"],\"Effect\":\"Allow\",\"Resource\":\"*\",\"Sid\":\"CloudWatchLogsReadOnlyAccess"
	  "\"}]}" },
	{ "CloudWatchReadOnlyAccess", "/", "v25", NULL, 1423248001000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudwatch:Describe*\",\"cloudwatch:Get*\",\"cloudwat"
	  "ch:List*\",\"logs:Get*\",\"logs:List*\",\"logs:Describe*\",\"logs:FilterLogEvents\"],\"Resource\":\"*\"}]}" },
	{ "IAMFullAccess", "/", "v2", "Provides full access to IAM via the AWS Management Console.", 1423248038000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"iam:*\",\"organizations:DescribeAccount\",\"organizations:DescribeOrganiza"
	  "tion\",\"organizations:DescribeOrganizationalUnit\",\"organizations:DescribePolicy\",\"organizations:ListChildren\",\"organizations:"
	  "ListParents\",\"organizations:ListPoliciesForTarget\",\"organizations:ListRoots\",\"organizations:ListPolicies\",\"organizations:Lis"
	  "tTargetsForPolicy\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "IAMReadOnlyAccess", "/", "v4", NULL, 1423248039000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"iam:GenerateCredentialReport\",\"iam:GenerateServiceLastAccessedDetails\","
	  "\"iam:Get*\",\"iam:List*\",\"iam:SimulateCustomPolicy\",\"iam:SimulatePrincipalPolicy\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "IAMUserChangePassword", "/", "v5", "Provides the ability for an IAM user to change their own password.", 1479169516000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"iam:ChangePassword\"],\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:iam::*:"
	  "user/${aws:username}\",\"arn:aws:iam::*:user/*/${aws:username}\"]},{\"Action\":[\"iam:GetAccountPasswordPolicy\"],\"Effect\":\"Allow"
	  "\",\"Resource\":\"*\"}]}" },
	{ "PowerUserAccess", "/", "v12", "Provides full access to AWS services and resources, but does not allow management of Users and groups.", 1423247987000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"NotAction\":[\"iam:*\",\"organizations:*\",\"account:*\"],\"Resou"
	  "rce\":\"*\"},{\"Action\":[\"account:GetAccountInformation\",\"account:GetGovCloudAccountInformation\",\"account:GetPrimaryEmail\",\""
	  "account:ListRegions\",\"iam:CreateServiceLinkedRole\",\"iam:DeleteServiceLinkedRole\",\"iam:ListRoles\",\"organizations:DescribeEffe"
	  "ctivePolicy\",\"organizations:DescribeOrganization\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}]}" },
	{ "ReadOnlyAccess", "/", "v190", NULL, 1423247988000LL,
	  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"airflow:Get*\",\"airflow:List*\",\"apigateway:GET\","
	  "\"cloudtrail:Describe*\",\"cloudtrail:Get*\",\"cloudtrail:List*\",\"cloudtrail:LookupEvents\",\"cloudwatch:Describe*\",\"cloudwatch:"
	  "Get*\",\"cloudwatch:List*\",\"ec2:Describe*\",\"ec2:Get*\",\"iam:Generate*\",\"iam:Get*\",\"iam:List*\",\"iam:Simulate*\",\"kafka:De"
	  "scribe*\",\"kafka:Get*\",\"kafka:List*\",\"kafkaconnect:Describe*\",\"kafkaconnect:List*\",\"kinesis:Describe*\",\"kinesis:Get*\",\""
	  "kinesis:List*\",\"kms:Describe*\",\"kms:Get*\",\"kms:List*\",\"logs:Describe*\",\"logs:FilterLogEvents\",\"logs:Get*\",\"logs:List*"
	  "\",\"rds:Describe*\",\"rds:List*\",\"s3:Get*\",\"s3:List*\",\"ssm:Describe*\",\"ssm:Get*\",\"ssm:List*\",\"sts:GetAccessKeyInfo\",\""
	  "sts:GetCallerIdentity\",\"sts:GetSessionToken\"],\"Resource\":\"*\"}]}" },
};

const struct iam_managed *iam_managed_at(size_t i)
{
	return i < ARRAY_LEN(managed) ? &managed[i] : NULL;
}

const struct iam_managed *iam_managed_find(const char *arn)
{
	struct slice rest, path;
	if (!sl_after(sl(arn), S("arn:aws:iam::aws:policy"), &rest))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(managed); i++)
		if (sl_after(rest, sl(managed[i].path), &path) && sl_eqs(path, managed[i].name))
			return &managed[i];
	return NULL;
}
