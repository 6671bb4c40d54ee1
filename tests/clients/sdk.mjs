// The walkthrough by AWS's SDK for JavaScript 3, by its own names of the services: a line of JSON for each step. Nothing here knows where it runs.
import { createRequire } from "node:module";
const require = createRequire(process.env.TARN_NODE_MODULES + "/");
const sdk = (name) => require("@aws-sdk/client-" + name);
const user = process.argv[2], region = "us-east-1";

async function say(step, run) {
	try {
		console.log(JSON.stringify({ step, got: await run() }));
	} catch (e) {
		console.log(JSON.stringify({ step, error: `${e.name}: ${e.message}` }));
	}
}

const { STSClient, GetCallerIdentityCommand } = sdk("sts");
await say("sts", async () => (await new STSClient({ region }).send(new GetCallerIdentityCommand({}))).Account);

const { SSMClient, PutParameterCommand, GetParameterCommand } = sdk("ssm");
const ssm = new SSMClient({ region });
await say("ssm put", async () => (await ssm.send(new PutParameterCommand({ Name: "/js/secret", Value: "s3cret", Type: "SecureString", Overwrite: true }))) && "");
await say("ssm get", async () => (await ssm.send(new GetParameterCommand({ Name: "/js/secret", WithDecryption: true }))).Parameter.Value);

const { EC2Client, DescribeInstancesCommand } = sdk("ec2");
await say("ec2", async () => (await new EC2Client({ region }).send(new DescribeInstancesCommand({}))).Reservations[0].Instances[0].PublicDnsName);

const { IAMClient, ListRolesCommand } = sdk("iam");
await say("iam", async () => (await new IAMClient({ region }).send(new ListRolesCommand({}))).Roles.some((r) => r.RoleName.startsWith(user)));

const { KafkaClient, ListClustersCommand, GetBootstrapBrokersCommand, DescribeClusterV2Command } = sdk("kafka");
const kafka = new KafkaClient({ region });
let cluster;
await say("kafka list", async () => (cluster = (await kafka.send(new ListClustersCommand({}))).ClusterInfoList[0]).State);
await say("kafka brokers", async () => (await kafka.send(new GetBootstrapBrokersCommand({ ClusterArn: cluster.ClusterArn }))).BootstrapBrokerStringSaslIam);
await say("kafka v2", async () => (await kafka.send(new DescribeClusterV2Command({ ClusterArn: cluster.ClusterArn }))).ClusterInfo.State);

const { KafkaConnectClient, ListConnectorsCommand } = sdk("kafkaconnect");
await say("kafkaconnect", async () => (await new KafkaConnectClient({ region }).send(new ListConnectorsCommand({}))).connectors.length >= 0);

const { RDSClient, DescribeDBInstancesCommand } = sdk("rds");
await say("rds", async () => (await new RDSClient({ region }).send(new DescribeDBInstancesCommand({}))).DBInstances[0].DBInstanceStatus);

const { KMSClient, CreateKeyCommand, EncryptCommand, DecryptCommand } = sdk("kms");
const kms = new KMSClient({ region });
let key, sealed;
await say("kms create", async () => (key = (await kms.send(new CreateKeyCommand({ Description: "of js" }))).KeyMetadata).KeyState);
await say("kms encrypt", async () => (sealed = (await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from("plain") }))).CiphertextBlob).length > 50);
await say("kms decrypt", async () => Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob: sealed }))).Plaintext).toString());

const { KinesisClient, PutRecordCommand, GetShardIteratorCommand, GetRecordsCommand } = sdk("kinesis");
const kinesis = new KinesisClient({ region }), StreamName = `streaming-${user}-pin`;
await say("kinesis put", async () => (await kinesis.send(new PutRecordCommand({ StreamName, Data: Buffer.from('{"index":1}'), PartitionKey: "p" }))).ShardId);
await say("kinesis get", async () => {
	const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand({ StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" }));
	return Buffer.from((await kinesis.send(new GetRecordsCommand({ ShardIterator }))).Records.at(-1).Data).toString();
});

const { S3Client, PutObjectCommand } = sdk("s3");
await say("s3", async () => (await new S3Client({ region }).send(new PutObjectCommand({ Bucket: `user-${user}-bucket`, Key: "of/js", Body: "x" }))) && "");

const { CloudWatchLogsClient, CreateLogGroupCommand, DescribeLogGroupsCommand } = sdk("cloudwatch-logs");
const logs = new CloudWatchLogsClient({ region });
await say("logs create", async () => (await logs.send(new CreateLogGroupCommand({ logGroupName: "/of/js" }))) && "");
await say("logs", async () => (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/of/js" }))).logGroups.length);

const { CloudWatchClient, ListMetricsCommand } = sdk("cloudwatch");
await say("cloudwatch", async () => (await new CloudWatchClient({ region }).send(new ListMetricsCommand({}))) && "");

const { CloudTrailClient, LookupEventsCommand } = sdk("cloudtrail");
await say("cloudtrail", async () => (await new CloudTrailClient({ region }).send(new LookupEventsCommand({ MaxResults: 50 }))).Events.length > 0);

const { APIGatewayClient, GetRestApisCommand } = sdk("api-gateway");
await say("apigateway", async () => (await new APIGatewayClient({ region }).send(new GetRestApisCommand({}))).items.length > 0);

const { MWAAClient, ListEnvironmentsCommand, CreateCliTokenCommand } = sdk("mwaa");
const mwaa = new MWAAClient({ region });
let environment;
await say("mwaa list", async () => (environment = (await mwaa.send(new ListEnvironmentsCommand({}))).Environments[0]));
await say("mwaa token", async () => (await mwaa.send(new CreateCliTokenCommand({ Name: environment }))).CliToken.length > 10);
