// The walkthrough by AWS's SDK for Go 2, by its own names of the services: a line of JSON for each step. Nothing here knows where it runs.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kafka"
	"github.com/aws/aws-sdk-go-v2/service/kafkaconnect"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/mwaa"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

var ctx = context.Background()

func say(step string, value any, err error) {
	line := map[string]any{"step": step, "got": value}
	if err != nil {
		line = map[string]any{"step": step, "error": err.Error()}
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

func main() {
	user := os.Args[1]
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("us-east-1"))
	if err != nil {
		panic(err)
	}

	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	say("sts", field(err, func() any { return *who.Account }), err)

	parameters := ssm.NewFromConfig(cfg)
	_, err = parameters.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("/go/secret"), Value: aws.String("s3cret"), Type: ssmtypes.ParameterTypeSecureString, Overwrite: aws.Bool(true)})
	say("ssm put", "", err)
	secret, err := parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/go/secret"), WithDecryption: aws.Bool(true)})
	say("ssm get", field(err, func() any { return *secret.Parameter.Value }), err)

	machines, err := ec2.NewFromConfig(cfg).DescribeInstances(ctx, &ec2.DescribeInstancesInput{})
	say("ec2", field(err, func() any { return *machines.Reservations[0].Instances[0].PublicDnsName }), err)

	roles, err := iam.NewFromConfig(cfg).ListRoles(ctx, &iam.ListRolesInput{})
	say("iam", field(err, func() any {
		for _, r := range roles.Roles {
			if strings.HasPrefix(*r.RoleName, user) {
				return true
			}
		}
		return false
	}), err)

	clusters := kafka.NewFromConfig(cfg)
	list, err := clusters.ListClusters(ctx, &kafka.ListClustersInput{})
	say("kafka list", field(err, func() any { return string(list.ClusterInfoList[0].State) }), err)
	if err == nil {
		brokers, err := clusters.GetBootstrapBrokers(ctx, &kafka.GetBootstrapBrokersInput{ClusterArn: list.ClusterInfoList[0].ClusterArn})
		say("kafka brokers", field(err, func() any { return *brokers.BootstrapBrokerStringSaslIam }), err)
		described, err := clusters.DescribeClusterV2(ctx, &kafka.DescribeClusterV2Input{ClusterArn: list.ClusterInfoList[0].ClusterArn})
		say("kafka v2", field(err, func() any { return string(described.ClusterInfo.State) }), err)
	}

	connectors, err := kafkaconnect.NewFromConfig(cfg).ListConnectors(ctx, &kafkaconnect.ListConnectorsInput{})
	say("kafkaconnect", field(err, func() any { return len(connectors.Connectors) >= 0 }), err)

	instances, err := rds.NewFromConfig(cfg).DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
	say("rds", field(err, func() any { return *instances.DBInstances[0].DBInstanceStatus }), err)

	keys := kms.NewFromConfig(cfg)
	key, err := keys.CreateKey(ctx, &kms.CreateKeyInput{Description: aws.String("of go")})
	say("kms create", field(err, func() any { return string(key.KeyMetadata.KeyState) }), err)
	if err == nil {
		sealed, err := keys.Encrypt(ctx, &kms.EncryptInput{KeyId: key.KeyMetadata.KeyId, Plaintext: []byte("plain")})
		say("kms encrypt", field(err, func() any { return len(sealed.CiphertextBlob) > 50 }), err)
		if err == nil {
			opened, err := keys.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob})
			say("kms decrypt", field(err, func() any { return string(opened.Plaintext) }), err)
		}
	}

	streams := kinesis.NewFromConfig(cfg)
	stream := "streaming-" + user + "-pin"
	put, err := streams.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: &stream, Data: []byte("{\"index\":1}"), PartitionKey: aws.String("p")})
	say("kinesis put", field(err, func() any { return *put.ShardId }), err)
	place, err := streams.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{StreamName: &stream, ShardId: aws.String("shardId-000000000000"), ShardIteratorType: kinesistypes.ShardIteratorTypeTrimHorizon})
	if err == nil {
		got, err := streams.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: place.ShardIterator})
		say("kinesis get", field(err, func() any { return string(got.Records[len(got.Records)-1].Data) }), err)
	} else {
		say("kinesis get", nil, err)
	}

	buckets := s3.NewFromConfig(cfg)
	_, err = buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("user-" + user + "-bucket"), Key: aws.String("of/go"), Body: strings.NewReader("x")})
	say("s3", "", err)

	logs := cloudwatchlogs.NewFromConfig(cfg)
	_, err = logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/of/go")})
	say("logs create", "", err)
	groups, err := logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/of/go")})
	say("logs", field(err, func() any { return len(groups.LogGroups) }), err)

	metrics := cloudwatch.NewFromConfig(cfg)
	_, err = metrics.ListMetrics(ctx, &cloudwatch.ListMetricsInput{})
	say("cloudwatch", "", err)

	trail, err := cloudtrail.NewFromConfig(cfg).LookupEvents(ctx, &cloudtrail.LookupEventsInput{MaxResults: aws.Int32(50), StartTime: aws.Time(time.Unix(0, 0))})
	say("cloudtrail", field(err, func() any { return len(trail.Events) > 0 }), err)

	apis, err := apigateway.NewFromConfig(cfg).GetRestApis(ctx, &apigateway.GetRestApisInput{})
	say("apigateway", field(err, func() any { return len(apis.Items) > 0 }), err)

	environments := mwaa.NewFromConfig(cfg)
	names, err := environments.ListEnvironments(ctx, &mwaa.ListEnvironmentsInput{})
	say("mwaa list", field(err, func() any { return names.Environments[0] }), err)
	if err == nil {
		token, err := environments.CreateCliToken(ctx, &mwaa.CreateCliTokenInput{Name: &names.Environments[0]})
		say("mwaa token", field(err, func() any { return len(*token.CliToken) > 10 }), err)
	}
}

func field(err error, get func() any) any {
	if err != nil {
		return nil
	}
	return get()
}
