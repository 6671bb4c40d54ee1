#!/usr/bin/python3
"""What our services tell CloudWatch and CloudWatch Logs of themselves, as users look it up."""
import datetime

from tarn import Stack, call, done, need, ok, parts, same

need("boto3")
CLOCK = "2026-01-05T09:00:00Z"
T0 = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.timezone.utc)
s = Stack(clock=CLOCK)
cw, logs = s.client("cloudwatch"), s.client("logs")


def points(namespace, name, stat="Sum", **dimensions):
    answer = cw.get_metric_statistics(Namespace=namespace, MetricName=name, Dimensions=[{"Name": k.replace("_", " "), "Value": v} for k, v in dimensions.items()],
                                      StartTime=T0 - datetime.timedelta(hours=1), EndTime=T0 + datetime.timedelta(hours=1), Period=60, Statistics=[stat])
    return [p[stat] for p in sorted(answer["Datapoints"], key=lambda p: p["Timestamp"])]


def names(namespace):
    return sorted({m["MetricName"] for page in cw.get_paginator("list_metrics").paginate(Namespace=namespace) for m in page["Metrics"]})


def lines(group):
    return [e["message"] for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group) for e in page["events"]]


def gateway():
    api = s.client("apigateway")
    made = api.create_rest_api(name="watched")["id"]
    root = api.get_resources(restApiId=made)["items"][0]["id"]
    part = api.create_resource(restApiId=made, parentId=root, pathPart="hello")["id"]
    api.put_method(restApiId=made, resourceId=part, httpMethod="GET", authorizationType="NONE")
    api.put_integration(restApiId=made, resourceId=part, httpMethod="GET", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    api.put_method_response(restApiId=made, resourceId=part, httpMethod="GET", statusCode="200")
    api.put_integration_response(restApiId=made, resourceId=part, httpMethod="GET", statusCode="200", responseTemplates={"application/json": "hi"})
    api.create_deployment(restApiId=made, stageName="prod")
    url = f"{s.at['aws']}/restapis/{made}/prod/_user_request_"
    same(call("GET", f"{url}/hello").status, 200, "a call without logging")
    same([g for g in logs.describe_log_groups()["logGroups"] if "Execution" in g["logGroupName"]], [], "leaves no log")
    group = logs.create_log_group(logGroupName="access") and "arn:aws:logs:us-east-1:000000000000:log-group:access"
    api.update_stage(restApiId=made, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": group},
        {"op": "replace", "path": "/accessLogSettings/format",
         "value": "$context.requestId $context.httpMethod $context.resourcePath $context.status $context.responseLength $context.identity.user"}])
    r = call("GET", f"{url}/hello", headers={"Authorization": "Bearer abcdefghijklmnop"})
    request = r.headers["x-amzn-RequestId"]
    said = lines(f"API-Gateway-Execution-Logs_{made}/prod")
    ok(all(line.startswith(f"({request}) ") for line in said), "each line has the request's id", said)
    ok(f"({request}) Starting execution for request: {request}" in said and f"({request}) Method completed with status: 200" in said and
       f"({request}) HTTP Method: GET, Resource Path: /restapis/{made}/prod/_user_request_/hello" not in said, "from beginning to end", said)
    ok(not [line for line in said if "Method request headers" in line], "without data", said)
    same(lines("access"), [f"{request} GET /hello 200 2 -"], "the access log")
    api.update_stage(restApiId=made, stageName="prod", patchOperations=[{"op": "replace", "path": "/*/*/logging/dataTrace", "value": "true"}])
    call("GET", f"{url}/hello", headers={"Authorization": "Bearer abcdefghijklmnop"})
    said = "\n".join(lines(f"API-Gateway-Execution-Logs_{made}/prod"))
    ok("Authorization=" in said and "*klmnop" in said and "abcdef" not in said, "with data; what lets one in is masked", said)
    api.update_stage(restApiId=made, stageName="prod", patchOperations=[{"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"}])
    n = len(said.splitlines())
    call("GET", f"{url}/hello")
    same(len(lines(f"API-Gateway-Execution-Logs_{made}/prod")), n, "errors only: nothing to tell")
    same(points("AWS/ApiGateway", "Count", ApiName="watched"), [4], "calls are counted")
    same(points("AWS/ApiGateway", "4XXError", ApiName="watched", Stage="prod"), [0], "and refusals, of a stage")
    same(points("AWS/ApiGateway", "Latency", "SampleCount", ApiName="watched"), [4], "and how long they took")


def streams():
    kinesis = s.client("kinesis")
    kinesis.create_stream(StreamName="watched", ShardCount=1)
    kinesis.put_record(StreamName="watched", Data=b"12345", PartitionKey="p")
    kinesis.put_records(StreamName="watched", Records=[{"Data": b"123", "PartitionKey": "p"}, {"Data": b"45", "PartitionKey": "q"}])
    at = kinesis.get_shard_iterator(StreamName="watched", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    kinesis.get_records(ShardIterator=at)
    same(points("AWS/Kinesis", "IncomingRecords", StreamName="watched"), [3], "records put")
    same(points("AWS/Kinesis", "IncomingBytes", StreamName="watched"), [5 + 1 + 3 + 1 + 2 + 1], "their bytes")
    same(points("AWS/Kinesis", "PutRecord.Success", "Average", StreamName="watched"), [1], "a put that went well")
    same(points("AWS/Kinesis", "GetRecords.Records", StreamName="watched"), [3], "records read")
    ok({"PutRecord.Bytes", "PutRecord.Latency", "PutRecords.Bytes", "GetRecords.Bytes", "GetRecords.IteratorAgeMilliseconds"} <= set(names("AWS/Kinesis")), "and more",
       names("AWS/Kinesis"))


def others():
    ok({"ActiveControllerCount", "GlobalTopicCount", "GlobalPartitionCount", "OfflinePartitionsCount"} <= set(names("AWS/Kafka")), "Kafka's metrics", names("AWS/Kafka"))
    same(points("AWS/Kafka", "ActiveControllerCount", "Maximum", Cluster_Name="pinterest-msk-cluster")[:1], [1], "one controller")
    ok({"BucketSizeBytes", "NumberOfObjects"} <= set(names("AWS/S3")), "S3's metrics", names("AWS/S3"))
    ok("DatabaseConnections" in names("AWS/RDS"), "RDS's metrics", names("AWS/RDS"))
    ok({"RunningTaskCount", "WorkerCount"} <= set(names("AWS/KafkaConnect")), "MSK Connect's metrics", names("AWS/KafkaConnect"))
    ok("SchedulerHeartbeat" in names("AmazonMWAA"), "MWAA's metrics", names("AmazonMWAA"))


def task_logs():
    environment = s.client("mwaa").get_environment(Name="Databricks-Airflow-env")["Environment"]
    same(environment["LoggingConfiguration"]["TaskLogs"]["CloudWatchLogGroupArn"].rsplit(":", 1)[1], "airflow-Databricks-Airflow-env-Task", "where an environment's task logs go")
    s.run("dag", "unpause", "0affea73130b_dag")
    s.run("dag", "trigger", "0affea73130b_dag")
    s.settle()
    s.clock("advance 10m")
    streams = [x["logStreamName"] for x in logs.describe_log_streams(logGroupName="airflow-Databricks-Airflow-env-Task")["logStreams"]]
    ok(streams and streams[0].startswith("dag_id=0affea73130b_dag/run_id=") and streams[0].endswith("/attempt=1.log"), "a stream a try", streams)
    said = lines("airflow-Databricks-Airflow-env-Task")
    ok(said and " INFO - " in said[0], "with its lines", said[:3])
    ok("TaskInstanceFinished" in names("AmazonMWAA"), "and tasks are counted", names("AmazonMWAA"))


def database():
    rds = s.client("rds")
    name = rds.describe_db_instances()["DBInstances"][0]["DBInstanceIdentifier"]
    group = f"/aws/rds/instance/{name}/general"
    pymysql = need("pymysql")
    host, port = s.address("rds")
    db = pymysql.connect(host=host, port=port, user="admin", password="", autocommit=True)
    db.cursor().execute("SELECT 1")
    same([g["logGroupName"] for g in logs.describe_log_groups(logGroupNamePrefix="/aws/rds")["logGroups"]], [], "a database's log isn't sent")
    changed = rds.modify_db_instance(DBInstanceIdentifier=name, CloudwatchLogsExportConfiguration={"EnableLogTypes": ["general"]})["DBInstance"]
    same(changed["EnabledCloudwatchLogsExports"], ["general"], "until it is switched on")
    db.cursor().execute("SELECT 2")
    said = lines(group)
    ok(len(said) == 1 and said[0].startswith("2026-01-05T09:") and said[0].endswith("Query\tSELECT 2"), "then each statement is a line", said)
    rds.modify_db_instance(DBInstanceIdentifier=name, CloudwatchLogsExportConfiguration={"DisableLogTypes": ["general"]})
    db.cursor().execute("SELECT 3")
    same(len(lines(group)), 1, "and off again")
    db.close()


def posts():
    """The batch path's own metrics: a minute after records came."""
    rest = s.at["rest"]
    call("POST", f"{rest}/topics/0affea73130b.pin", '{"records":[{"value":{"index":1}}]}', {"Content-Type": "application/vnd.kafka.json.v2+json"})
    s.clock("advance 2m")
    ok(sum(points("AWS/Kafka", "MessagesInPerSec", "Sum", Broker_ID="1", Cluster_Name="pinterest-msk-cluster", Topic="0affea73130b.pin")) > 0, "messages into a topic, by the second")


parts(gateway, streams, others, database, posts, task_logs)
done()
