#!/usr/bin/python3
"""CloudWatch Logs with boto3 and the AWS CLI: groups, streams, lines, filters, retention on the clock, refusals in the service's words."""
import datetime
import json
import socket
import threading
import urllib.parse

from tarn import Stack, done, need, ok, parts, same

boto3, exceptions = need("boto3", "botocore.exceptions")
CLOCK = "2026-01-05T09:00:00Z"
NOW = int(datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.timezone.utc).timestamp() * 1000)
HOUR, DAY = 3600000, 86400000
s = Stack(only="aws", clock=CLOCK)
logs = s.client("logs")


def refused(fn, **args):
    """(code, message) of a refusal."""
    try:
        return fn(**args)
    except exceptions.ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]


def put(group, stream, *lines):
    return logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": at, "message": text} for at, text in lines])


def groups_and_streams():
    logs.create_log_group(logGroupName="/a/one", tags={"k": "v"})
    same(refused(logs.create_log_group, logGroupName="/a/one"), ("ResourceAlreadyExistsException", "The specified log group already exists"), "a group twice")
    logs.create_log_group(logGroupName="/a/two")
    logs.create_log_group(logGroupName="b")
    found = logs.describe_log_groups(logGroupNamePrefix="/a/")["logGroups"]
    same([g["logGroupName"] for g in found], ["/a/one", "/a/two"], "groups by prefix")
    same(found[0]["arn"], "arn:aws:logs:us-east-1:000000000000:log-group:/a/one:*", "ARN of a group")
    same(found[0]["creationTime"], NOW, "it was made now")
    same((found[0]["storedBytes"], found[0]["metricFilterCount"], "retentionInDays" in found[0]), (0, 0, False), "nothing in it yet")
    pages = logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 1})
    same(sum(len(p["logGroups"]) for p in pages), 3, "page by page")
    same(refused(logs.describe_log_groups, nextToken="x")[0], "InvalidParameterException", "a token of nobody's")
    logs.create_log_stream(logGroupName="/a/one", logStreamName="s1")
    same(refused(logs.create_log_stream, logGroupName="/a/one", logStreamName="s1"),
         ("ResourceAlreadyExistsException", "The specified log stream already exists"), "a stream twice")
    same(refused(logs.create_log_stream, logGroupName="none", logStreamName="s"),
         ("ResourceNotFoundException", "The specified log group does not exist."), "no such group")
    code, text = refused(logs.create_log_group, logGroupName="a b")
    same(code, "InvalidParameterException", "a name with a blank")
    ok("1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern" in text, text)
    arn = found[0]["arn"].removesuffix(":*")
    same(logs.list_tags_for_resource(resourceArn=arn)["tags"], {"k": "v"}, "tags")
    logs.tag_resource(resourceArn=arn, tags={"x": "y"})
    logs.untag_resource(resourceArn=arn, tagKeys=["k"])
    same(logs.list_tags_log_group(logGroupName="/a/one")["tags"], {"x": "y"}, "tags, the old way")
    logs.delete_log_group(logGroupName="b")
    same(refused(logs.delete_log_group, logGroupName="b")[0], "ResourceNotFoundException", "a group that went")


def lines():
    answer = put("/a/one", "s1", (NOW - 2000, "first"), (NOW - 1000, "second"), (NOW, "third é"))
    same(len(answer["nextSequenceToken"]), 56, "a sequence token comes, though nobody needs it")
    read = logs.get_log_events(logGroupName="/a/one", logStreamName="s1", startFromHead=True, limit=2)
    same([(e["timestamp"], e["message"], e["ingestionTime"]) for e in read["events"]], [(NOW - 2000, "first", NOW), (NOW - 1000, "second", NOW)], "the first two")
    read = logs.get_log_events(logGroupName="/a/one", logStreamName="s1", nextToken=read["nextForwardToken"])
    same([e["message"] for e in read["events"]], ["third é"], "and on")
    end = logs.get_log_events(logGroupName="/a/one", logStreamName="s1", nextToken=read["nextForwardToken"])
    same((end["events"], end["nextForwardToken"]), ([], read["nextForwardToken"]), "at the end the token stays")
    back = logs.get_log_events(logGroupName="/a/one", logStreamName="s1", limit=2)
    same([e["message"] for e in back["events"]], ["second", "third é"], "without startFromHead the last ones")
    back = logs.get_log_events(logGroupName="/a/one", logStreamName="s1", nextToken=back["nextBackwardToken"])
    same([e["message"] for e in back["events"]], ["first"], "and back")
    put("/a/one", "s1", (NOW, "fourth"))
    more = logs.get_log_events(logGroupName="/a/one", logStreamName="s1", nextToken=end["nextForwardToken"])
    same([e["message"] for e in more["events"]], ["fourth"], "what came meanwhile")
    got = logs.get_log_events(logGroupName="/a/one", logStreamName="s1", startTime=NOW - 1000, endTime=NOW)
    same([e["message"] for e in got["events"]], ["second"], "from a time to before another")
    same(refused(logs.get_log_events, logGroupName="/a/one", logStreamName="s1", nextToken="f/1"),
         ("InvalidParameterException", "The specified nextToken is invalid."), "a token of nobody's")
    same(refused(logs.get_log_events, logGroupName="/a/one", logStreamName="none"),
         ("ResourceNotFoundException", "The specified log stream does not exist."), "no such stream")
    stream = logs.describe_log_streams(logGroupName="/a/one")["logStreams"][0]
    same((stream["firstEventTimestamp"], stream["lastEventTimestamp"], stream["lastIngestionTime"]), (NOW - 2000, NOW, NOW), "a stream's times")
    same(stream["arn"], "arn:aws:logs:us-east-1:000000000000:log-group:/a/one:log-stream:s1", "ARN of a stream")
    same(logs.describe_log_groups(logGroupNamePrefix="/a/one")["logGroups"][0]["storedBytes"], 4 * 26 + len("firstsecondfourth") + len("third é".encode()), "stored bytes")


def what_is_not_taken():
    same(refused(logs.put_log_events, logGroupName="/a/one", logStreamName="s1",
                 logEvents=[{"timestamp": NOW, "message": "b"}, {"timestamp": NOW - 1, "message": "a"}]),
         ("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order."), "out of order")
    same(refused(logs.put_log_events, logGroupName="/a/one", logStreamName="s1",
                 logEvents=[{"timestamp": NOW - 2 * DAY, "message": "b"}, {"timestamp": NOW, "message": "a"}])[1],
         "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.", "more than a day")
    same(refused(logs.put_log_events, logGroupName="/a/one", logStreamName="s1", logEvents=[{"timestamp": NOW, "message": "x" * (1 << 20)}])[1],
         f"Upload too large: {(1 << 20) + 26} bytes exceeds limit of 1048576", "too large")
    same(put("/a/one", "s1", (NOW - 15 * DAY, "old"))["rejectedLogEventsInfo"], {"tooOldLogEventEndIndex": 1}, "too old")
    same(put("/a/one", "s1", (NOW, "kept"), (NOW + 3 * HOUR, "new"))["rejectedLogEventsInfo"], {"tooNewLogEventStartIndex": 1}, "too new")
    same(refused(logs.put_retention_policy, logGroupName="/a/one", retentionInDays=2)[0], "InvalidParameterException", "days that there aren't")
    logs.put_retention_policy(logGroupName="/a/one", retentionInDays=3)
    same(put("/a/one", "s1", (NOW - 4 * DAY, "gone"))["rejectedLogEventsInfo"], {"expiredLogEventEndIndex": 1}, "older than is kept")
    same(refused(logs.start_query, logGroupName="/a/one", startTime=0, endTime=1, queryString="fields @message")[0], "UnknownOperationException", "no Insights")


def filters():
    logs.create_log_group(logGroupName="f")
    for stream in ("web-1", "web-2", "db"):
        logs.create_log_stream(logGroupName="f", logStreamName=stream)
    put("f", "web-1", (NOW - 30, "[ERROR 500] one"), (NOW - 10, json.dumps({"level": "ERROR", "ms": 12, "path": "/a"})))
    put("f", "web-2", (NOW - 20, "[INFO] two"), (NOW, json.dumps({"level": "INFO", "ms": 200, "path": "/b"})))
    put("f", "db", (NOW - 15, "[ERROR 400] three"))

    def texts(**args):
        return [e["message"][:12] for e in logs.filter_log_events(logGroupName="f", **args)["events"]]
    same(texts(), ["[ERROR 500] ", "[INFO] two", "[ERROR 400] ", '{"level": "E', '{"level": "I'], "all streams by time")
    same(texts(filterPattern="ERROR"), ["[ERROR 500] ", "[ERROR 400] ", '{"level": "E'], "a term")
    same(texts(filterPattern="ERROR -400 -level"), ["[ERROR 500] "], "and not others")
    same(texts(filterPattern='{ $.ms > 100 || $.path = "/a*" }'), ['{"level": "E', '{"level": "I'], "JSON")
    same(texts(filterPattern="[level, ...]", logStreamNames=["web-2"]), ["[INFO] two", '{"level": "I'], "fields, one stream")
    same(texts(filterPattern="ERROR", logStreamNamePrefix="web"), ["[ERROR 500] ", '{"level": "E'], "streams by prefix")
    same(texts(startTime=NOW - 20, endTime=NOW - 10), ["[INFO] two", "[ERROR 400] ", '{"level": "E'], "between two times")
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName="f", PaginationConfig={"PageSize": 2}))
    same([len(p["events"]) for p in pages], [2, 2, 1], "page by page")
    same(len({e["eventId"] for p in pages for e in p["events"]}), 5, "each line has an id of its own")
    same(refused(logs.filter_log_events, logGroupName="f", filterPattern="a.b"), ("InvalidParameterException", "Invalid character(s) in term 'a.b'"), "a bad pattern")
    same(refused(logs.filter_log_events, logGroupName="f", logStreamNames=["x"])[0], "ResourceNotFoundException", "no such stream")
    streams = logs.describe_log_streams(logGroupName="f", orderBy="LastEventTime", descending=True)["logStreams"]
    same([x["logStreamName"] for x in streams], ["web-2", "web-1", "db"], "streams by their last line")
    same(refused(logs.describe_log_streams, logGroupName="f", orderBy="LastEventTime", logStreamNamePrefix="w")[1],
         "Cannot order by LastEventTime with a logStreamNamePrefix.", "not with a prefix")
    found = logs.test_metric_filter(filterPattern="[ip, status = 4*]", logEventMessages=["1.1.1.1 404", "1.1.1.1 200"])["matches"]
    same(found, [{"eventNumber": 1, "eventMessage": "1.1.1.1 404", "extractedValues": {"$ip": "1.1.1.1", "$status": "404"}}], "a pattern tried")


def kept():
    change = {"metricName": "Errors", "metricNamespace": "Mine", "metricValue": "1"}
    logs.put_metric_filter(logGroupName="f", filterName="errors", filterPattern="ERROR", metricTransformations=[change])
    same(logs.describe_metric_filters(logGroupName="f")["metricFilters"],
         [{"filterName": "errors", "filterPattern": "ERROR", "metricTransformations": [change], "creationTime": NOW, "logGroupName": "f"}], "a metric filter is kept")
    same(logs.describe_log_groups(logGroupNamePrefix="f")["logGroups"][0]["metricFilterCount"], 1, "and counted")
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/x"
    logs.put_subscription_filter(logGroupName="f", filterName="sub", filterPattern="", destinationArn=stream, roleArn="arn:aws:iam::000000000000:role/r")
    same(logs.describe_subscription_filters(logGroupName="f")["subscriptionFilters"][0]["distribution"], "ByLogStream", "a subscription is kept")
    same(refused(logs.delete_subscription_filter, logGroupName="f", filterName="no")[1], "The specified subscription filter does not exist.", "no such one")
    put("f", "db", (NOW, "ERROR again"), (NOW, "fine"))
    cw = s.client("cloudwatch")
    at = datetime.datetime.fromtimestamp(NOW / 1000, datetime.timezone.utc)
    points = cw.get_metric_statistics(Namespace="Mine", MetricName="Errors", StartTime=at, EndTime=at + datetime.timedelta(minutes=1), Period=60, Statistics=["Sum"])
    same([p["Sum"] for p in points["Datapoints"]], [1.0], "and counts into CloudWatch")
    logs.delete_metric_filter(logGroupName="f", filterName="errors")
    same(logs.describe_metric_filters(logGroupName="f")["metricFilters"], [], "a metric filter goes")
    logs.put_resource_policy(policyName="p", policyDocument="{}")
    same([p["policyName"] for p in logs.describe_resource_policies()["resourcePolicies"]], ["p"], "a policy is kept")


def after_a_while():
    s.stop()
    s.up()
    global logs
    logs = s.client("logs")
    same(len(logs.get_log_events(logGroupName="/a/one", logStreamName="s1")["events"]), 5, "lines outlive a restart")
    s.clock("advance 4d")
    same(logs.get_log_events(logGroupName="/a/one", logStreamName="s1")["events"], [], "after their days they are gone")
    same(len(logs.filter_log_events(logGroupName="f")["events"]), 7, "elsewhere they stay")
    logs.delete_log_stream(logGroupName="f", logStreamName="db")
    same(len(logs.filter_log_events(logGroupName="f")["events"]), 4, "a stream goes with its lines")
    logs.delete_log_group(logGroupName="f")
    logs.create_log_group(logGroupName="f")
    same((logs.filter_log_events(logGroupName="f")["events"], logs.describe_log_streams(logGroupName="f")["logStreams"],
          logs.describe_subscription_filters(logGroupName="f")["subscriptionFilters"]), ([], [], []), "a group made again is empty")
    west = boto3.client("logs", endpoint_url=s.at["aws"], region_name="us-west-2", aws_access_key_id="test", aws_secret_access_key="test")
    same(west.describe_log_groups()["logGroups"], [], "another region has its own")


def command_line():
    r = s.aws("logs", "describe-log-groups", "--query", "logGroups[].logGroupName", "--output", "text")
    same(r.stdout.split(), ["/a/one", "/a/two", "f"], "aws logs describe-log-groups")
    s.aws("logs", "create-log-stream", "--log-group-name", "f", "--log-stream-name", "x")
    at = NOW + 4 * DAY
    s.aws("logs", "put-log-events", "--log-group-name", "f", "--log-stream-name", "x", "--log-events", f"timestamp={at},message=hello")
    r = s.aws("logs", "filter-log-events", "--log-group-name", "f", "--query", "events[].message", "--output", "text")
    same(r.stdout.strip(), "hello", "aws logs filter-log-events")
    r = s.aws("logs", "tail", "f", "--since", "3000d")
    ok("hello" in r.stdout, "aws logs tail", r.stdout + r.stderr)


def together(*fns):
    threads = [threading.Thread(target=fn) for fn in fns]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def hang_up(operation, **body):
    """A signed request whose client goes without its answer."""
    auth, awsrequest, credentials = need("botocore.auth", "botocore.awsrequest", "botocore.credentials")
    r = awsrequest.AWSRequest("POST", s.at["aws"] + "/", {"X-Amz-Target": "Logs_20140328." + operation, "Content-Type": "application/x-amz-json-1.1"},
                              json.dumps(body).encode())
    auth.SigV4Auth(credentials.Credentials("test", "test"), "logs", "us-east-1").add_auth(r)
    r = r.prepare()
    url = urllib.parse.urlsplit(s.at["aws"])
    head = {**dict(r.headers.items()), "Host": url.netloc, "Content-Length": len(r.body)}
    with socket.create_connection((url.hostname, url.port)) as c:
        c.sendall(b"POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in head.items()).encode() + b"\r\n" + r.body)


def much_at_once():
    at = NOW + 4 * DAY
    batch = {c: [{"timestamp": at, "message": f"{c}{i:05d}" + "é" * 30} for i in range(10000)] for c in "abc"}
    logs.create_log_group(logGroupName="much")
    for stream in ("s", "t"):
        logs.create_log_stream(logGroupName="much", logStreamName=stream)
    own = [s.client("logs") for _ in "abc"]
    together(*(lambda c=c, k=k: k.put_log_events(logGroupName="much", logStreamName="t" if c == "c" else "s", logEvents=batch[c]) for c, k in zip("abc", own)))
    first = logs.get_log_events(logGroupName="much", logStreamName="s", startFromHead=True)
    second = logs.get_log_events(logGroupName="much", logStreamName="s", nextToken=first["nextForwardToken"])
    texts = [e["message"] for e in first["events"] + second["events"]]
    order = [x for c in sorted("ab", key=lambda c: texts.index(batch[c][0]["message"])) for x in (e["message"] for e in batch[c])]
    ok(texts == order, "two batches put at once into a stream stand one behind the other, each in its order")
    last = logs.get_log_events(logGroupName="much", logStreamName="s")
    same((last["events"] == second["events"], last["nextBackwardToken"], last["nextForwardToken"]),
         (True, second["nextBackwardToken"], second["nextForwardToken"]), "a full page from the end")
    found, token = [], {}
    while token is not None:
        page = logs.filter_log_events(logGroupName="much", logStreamNames=["t"], **token)
        found += page["events"]
        token = {"nextToken": page["nextToken"]} if "nextToken" in page else None
    ok([e["message"] for e in found] == [e["message"] for e in batch["c"]], "what a filter finds, page by page")
    same(sorted(found[0]), ["eventId", "ingestionTime", "logStreamName", "message", "timestamp"], "members of what it finds")
    same(refused(logs.put_log_events, logGroupName="much", logStreamName="t", logEvents=[*batch["c"], batch["c"][0]])[0],
         "InvalidParameterException", "a large request is checked, too")
    same(refused(logs.put_log_events, logGroupName="much", logStreamName="none", logEvents=batch["c"])[0], "ResourceNotFoundException", "and its stream looked up")
    said = []
    together(lambda: said.append(refused(own[0].put_log_events, logGroupName="much", logStreamName="s", logEvents=batch["a"])),
             lambda: said.append(refused(own[1].get_log_events, logGroupName="much", logStreamName="s")),
             lambda: logs.delete_log_group(logGroupName="much"))
    ok(all(isinstance(x, dict) or x[0] == "ResourceNotFoundException" for x in said), "a group that goes meanwhile: as before it or after it", said)
    logs.create_log_group(logGroupName="much")
    logs.create_log_stream(logGroupName="much", logStreamName="s")
    same(logs.get_log_events(logGroupName="much", logStreamName="s")["events"], [], "nothing of it is in the next of its name")
    for _ in range(3):
        hang_up("PutLogEvents", logGroupName="much", logStreamName="s", logEvents=batch["a"])
        hang_up("GetLogEvents", logGroupName="much", logStreamName="s")
        hang_up("FilterLogEvents", logGroupName="much")
    same(s.stop(), 0, "clients that hang up, and an end in the middle")
    s.up()
    groups = s.client("logs").describe_log_groups(logGroupNamePrefix="much")["logGroups"]
    same([g["logGroupName"] for g in groups], ["much"], "it is up again")


parts(groups_and_streams, lines, what_is_not_taken, filters, kept, after_a_while, command_line, much_at_once)
done()
