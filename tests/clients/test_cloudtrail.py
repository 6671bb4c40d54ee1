#!/usr/bin/python3
"""CloudTrail with boto3 and the AWS CLI: who did what, looked up by attributes; trails kept."""
import datetime
import json

from tarn import Stack, done, need, ok, parts, same

boto3, exceptions = need("boto3", "botocore.exceptions")
CLOCK = "2026-01-05T09:00:00Z"
T0 = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.timezone.utc)
s = Stack(only="aws,s3,kinesis,apigateway", clock=CLOCK)
trail = s.client("cloudtrail")


def refused(fn, **args):
    try:
        return fn(**args)
    except exceptions.ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]


def look(key=None, value=None, **more):
    attributes = [{"AttributeKey": key, "AttributeValue": value}] if key else []
    return trail.lookup_events(LookupAttributes=attributes, **more)["Events"]


def events():
    kinesis, s3, logs, gateway = s.client("kinesis"), s.client("s3"), s.client("logs"), s.client("apigateway")
    kinesis.create_stream(StreamName="st", ShardCount=1)
    kinesis.put_record(StreamName="st", Data=b"x", PartitionKey="p")
    s3.create_bucket(Bucket="trail-bucket")
    s3.put_object(Bucket="trail-bucket", Key="k", Body=b"x")
    s.clock("advance 1m")
    logs.create_log_group(logGroupName="g")
    refused(logs.create_log_group, logGroupName="g")
    gateway.create_rest_api(name="api")
    s.client("cloudwatch").put_metric_alarm(AlarmName="al", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1, Statistic="Sum",
                                            ComparisonOperator="GreaterThanThreshold")
    s.client("sts").get_caller_identity()
    found = [(e["EventName"], e["EventSource"], e["ReadOnly"]) for e in look()]
    same(found, [("GetCallerIdentity", "sts.amazonaws.com", "true"), ("PutMetricAlarm", "monitoring.amazonaws.com", "false"),
                 ("CreateRestApi", "apigateway.amazonaws.com", "false"), ("CreateLogGroup", "logs.amazonaws.com", "false"),
                 ("CreateLogGroup", "logs.amazonaws.com", "false"), ("CreateBucket", "s3.amazonaws.com", "false"), ("CreateStream", "kinesis.amazonaws.com", "false")],
         "management events, the newest first; none on data")
    e = look("EventName", "CreateStream")[0]
    same((e["Username"], e["AccessKeyId"], e["EventTime"], e["Resources"]), ("root", "test", T0, [{"ResourceType": "AWS::Kinesis::Stream", "ResourceName": "st"}]), "what an event is about")
    told = json.loads(e["CloudTrailEvent"])
    same({k: told[k] for k in ("eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "requestParameters", "responseElements", "readOnly", "eventType",
                               "managementEvent", "recipientAccountId", "eventCategory", "sourceIPAddress")},
         {"eventVersion": "1.11", "eventTime": CLOCK, "eventSource": "kinesis.amazonaws.com", "eventName": "CreateStream", "awsRegion": "us-east-1",
          "requestParameters": {"streamName": "st", "shardCount": 1}, "responseElements": None, "readOnly": False, "eventType": "AwsApiCall", "managementEvent": True,
          "recipientAccountId": "000000000000", "eventCategory": "Management", "sourceIPAddress": "127.0.0.1"}, "the event itself")
    same(told["userIdentity"], {"type": "Root", "principalId": told["userIdentity"]["principalId"], "arn": "arn:aws:iam::000000000000:root", "accountId": "000000000000",
                                "accessKeyId": "test"}, "who")
    ok("Boto3" in told["userAgent"] and told["eventID"] == e["EventId"] and told["requestID"], "by what", told)
    told = json.loads(look("ResourceName", "g")[0]["CloudTrailEvent"])
    same((told["errorCode"], told["errorMessage"]), ("ResourceAlreadyExistsException", "The specified log group already exists"), "a refusal")
    told = json.loads(look("EventName", "PutMetricAlarm")[0]["CloudTrailEvent"])
    same(told["requestParameters"]["alarmName"], "al", "parameters of the query protocol, or CBOR")
    same(len(look("ReadOnly", "false", StartTime=T0 + datetime.timedelta(seconds=30))), 4, "since a time")
    same(look("EventSource", "s3.amazonaws.com")[0]["Resources"], [{"ResourceType": "AWS::S3::Bucket", "ResourceName": "trail-bucket"}], "a bucket")
    pages = list(trail.get_paginator("lookup_events").paginate(LookupAttributes=[{"AttributeKey": "ReadOnly", "AttributeValue": "false"}], PaginationConfig={"PageSize": 4}))
    same([len(p["Events"]) for p in pages], [4, 2], "page by page")
    same(refused(trail.lookup_events, MaxResults=51)[0], "InvalidMaxResultsException", "too many")
    same(refused(trail.lookup_events, StartTime=T0, EndTime=T0 - datetime.timedelta(days=1))[0], "InvalidTimeRangeException", "backwards")
    s.client("ssm").put_parameter(Name="secret", Value="hush", Type="SecureString")
    told = look("EventName", "PutParameter")[0]["CloudTrailEvent"]
    ok("hush" not in told and json.loads(told)["requestParameters"]["value"] == "HIDDEN_DUE_TO_SECURITY_REASONS", "secrets are hidden", told)
    west = boto3.client("cloudtrail", endpoint_url=s.at["aws"], region_name="us-west-2", aws_access_key_id="test", aws_secret_access_key="test")
    same(west.lookup_events()["Events"], [], "another region has its own")


def trails():
    same(refused(trail.create_trail, Name="t1", S3BucketName="b")[0], "InvalidTrailNameException", "a name too short")
    same(refused(trail.create_trail, Name="trail1", S3BucketName="no-such-bucket"), ("S3BucketDoesNotExistException", "S3 bucket no-such-bucket does not exist!"), "no bucket")
    made = trail.create_trail(Name="trail1", S3BucketName="trail-bucket", IsMultiRegionTrail=True, TagsList=[{"Key": "k", "Value": "v"}])
    arn = "arn:aws:cloudtrail:us-east-1:000000000000:trail/trail1"
    same({k: v for k, v in made.items() if k != "ResponseMetadata"},
         {"Name": "trail1", "S3BucketName": "trail-bucket", "IncludeGlobalServiceEvents": True, "IsMultiRegionTrail": True, "TrailARN": arn, "LogFileValidationEnabled": False,
          "IsOrganizationTrail": False}, "a trail is made")
    same(refused(trail.create_trail, Name="trail1", S3BucketName="trail-bucket")[0], "TrailAlreadyExistsException", "twice")
    same([t["HomeRegion"] for t in trail.describe_trails()["trailList"]], ["us-east-1"], "described")
    same(trail.get_trail(Name=arn)["Trail"]["Name"], "trail1", "by ARN")
    same(trail.get_trail_status(Name="trail1")["IsLogging"], False, "off at first")
    trail.start_logging(Name="trail1")
    status = trail.get_trail_status(Name="trail1")
    same((status["IsLogging"], status["TimeLoggingStarted"]), (True, "2026-01-05T09:01:00Z"), "on")
    same(trail.get_event_selectors(TrailName="trail1")["EventSelectors"][0]["ReadWriteType"], "All", "what it tells of")
    trail.put_event_selectors(TrailName="trail1", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    same(trail.get_event_selectors(TrailName="trail1")["EventSelectors"], [{"ReadWriteType": "WriteOnly"}], "changed")
    same(trail.list_tags(ResourceIdList=[arn])["ResourceTagList"], [{"ResourceId": arn, "TagsList": [{"Key": "k", "Value": "v"}]}], "tags")
    same(trail.update_trail(Name="trail1", EnableLogFileValidation=True)["LogFileValidationEnabled"], True, "a change")
    same(refused(trail.get_trail_status, Name="none"), ("TrailNotFoundException", "Unknown trail: none for the user: 000000000000"), "no such trail")
    trail.delete_trail(Name="trail1")
    same(trail.list_trails()["Trails"], [], "a trail goes")


def later():
    global trail
    n = len(look("EventSource", "kinesis.amazonaws.com"))
    s.stop()
    s.up()
    trail = s.client("cloudtrail")
    same(len(look("EventSource", "kinesis.amazonaws.com")), n, "events outlive a restart")
    r = s.aws("cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=CreateTrail", "--query", "Events[0].Username", "--output", "text")
    same(r.stdout.strip(), "root", "aws cloudtrail lookup-events")
    s.clock("advance 91d")
    same(look("EventSource", "kinesis.amazonaws.com"), [], "after 90 days they are gone")


parts(events, trails, later)
done()
