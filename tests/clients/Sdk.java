// The walkthrough by AWS's SDK for Java 2, by its own names of the services: a line of JSON for each step. Nothing here knows where it runs.
import java.util.concurrent.Callable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.apigateway.ApiGatewayClient;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.kafka.KafkaClient;
import software.amazon.awssdk.services.kafkaconnect.KafkaConnectClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.mwaa.MwaaClient;
import software.amazon.awssdk.services.rds.RdsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.ParameterType;
import software.amazon.awssdk.services.sts.StsClient;

public class Sdk {
	static final Region REGION = Region.US_EAST_1;
	static String cluster, key, environment;
	static SdkBytes sealed;

	static String quoted(Object v) {
		return v instanceof String ? "\"" + ((String) v).replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ") + "\"" : String.valueOf(v);
	}

	static void say(String step, Callable<Object> run) {
		try {
			System.out.println("{\"step\": \"" + step + "\", \"got\": " + quoted(run.call()) + "}");
		} catch (Exception e) {
			System.out.println("{\"step\": \"" + step + "\", \"error\": " + quoted(String.valueOf(e)) + "}");
		}
	}

	public static void main(String[] args) {
		String user = args[0], stream = "streaming-" + user + "-pin";
		say("sts", () -> StsClient.builder().region(REGION).build().getCallerIdentity().account());
		SsmClient ssm = SsmClient.builder().region(REGION).build();
		say("ssm put", () -> ssm.putParameter(r -> r.name("/java/secret").value("s3cret").type(ParameterType.SECURE_STRING).overwrite(true)) == null ? null : "");
		say("ssm get", () -> ssm.getParameter(r -> r.name("/java/secret").withDecryption(true)).parameter().value());
		say("ec2", () -> Ec2Client.builder().region(REGION).build().describeInstances().reservations().get(0).instances().get(0).publicDnsName());
		say("iam", () -> IamClient.builder().region(REGION).build().listRoles().roles().stream().anyMatch(r -> r.roleName().startsWith(user)));
		KafkaClient kafka = KafkaClient.builder().region(REGION).build();
		say("kafka list", () -> {
			var one = kafka.listClusters(r -> {}).clusterInfoList().get(0);
			cluster = one.clusterArn();
			return one.stateAsString();
		});
		say("kafka brokers", () -> kafka.getBootstrapBrokers(r -> r.clusterArn(cluster)).bootstrapBrokerStringSaslIam());
		say("kafka v2", () -> kafka.describeClusterV2(r -> r.clusterArn(cluster)).clusterInfo().stateAsString());
		say("kafkaconnect", () -> KafkaConnectClient.builder().region(REGION).build().listConnectors(r -> {}).connectors().size() >= 0);
		say("rds", () -> RdsClient.builder().region(REGION).build().describeDBInstances().dbInstances().get(0).dbInstanceStatus());
		KmsClient kms = KmsClient.builder().region(REGION).build();
		say("kms create", () -> {
			var made = kms.createKey(r -> r.description("of java")).keyMetadata();
			key = made.keyId();
			return made.keyStateAsString();
		});
		say("kms encrypt", () -> (sealed = kms.encrypt(r -> r.keyId(key).plaintext(SdkBytes.fromUtf8String("plain"))).ciphertextBlob()).asByteArray().length > 50);
		say("kms decrypt", () -> kms.decrypt(r -> r.ciphertextBlob(sealed)).plaintext().asUtf8String());
		KinesisClient kinesis = KinesisClient.builder().region(REGION).build();
		say("kinesis put", () -> kinesis.putRecord(r -> r.streamName(stream).data(SdkBytes.fromUtf8String("{\"index\":1}")).partitionKey("p")).shardId());
		say("kinesis get", () -> {
			String at = kinesis.getShardIterator(r -> r.streamName(stream).shardId("shardId-000000000000").shardIteratorType(ShardIteratorType.TRIM_HORIZON)).shardIterator();
			var records = kinesis.getRecords(r -> r.shardIterator(at)).records();
			return records.get(records.size() - 1).data().asUtf8String();
		});
		say("s3", () -> S3Client.builder().region(REGION).build().putObject(r -> r.bucket("user-" + user + "-bucket").key("of/java"), RequestBody.fromString("x")) == null ? null : "");
		CloudWatchLogsClient logs = CloudWatchLogsClient.builder().region(REGION).build();
		say("logs create", () -> logs.createLogGroup(r -> r.logGroupName("/of/java")) == null ? null : "");
		say("logs", () -> logs.describeLogGroups(r -> r.logGroupNamePrefix("/of/java")).logGroups().size());
		say("cloudwatch", () -> CloudWatchClient.builder().region(REGION).build().listMetrics() == null ? null : "");
		say("cloudtrail", () -> !CloudTrailClient.builder().region(REGION).build().lookupEvents(r -> r.maxResults(50)).events().isEmpty());
		say("apigateway", () -> !ApiGatewayClient.builder().region(REGION).build().getRestApis().items().isEmpty());
		MwaaClient mwaa = MwaaClient.builder().region(REGION).build();
		say("mwaa list", () -> environment = mwaa.listEnvironments(r -> {}).environments().get(0));
		say("mwaa token", () -> mwaa.createCliToken(r -> r.name(environment)).cliToken().length() > 10);
	}
}
