#!/usr/bin/python3
"""Notifications of a bucket: to a stream, a topic, an address of HTTP, the journal; what is wrong is refused as AWS does."""
import base64
import http.server
import json
import threading

from tarn import BUCKET, Stack, call, done, log, need, ok, parts, same, until

exceptions = need("botocore.exceptions")
STREAM, TOPIC = "streaming-0affea73130b-pin", "0affea73130b.pin"
KINESIS_ARN = f"arn:aws:kinesis:us-east-1:123456789012:stream/{STREAM}"
KAFKA_ARN = f"arn:aws:kafka:us-east-1:123456789012:topic/c/11111111-2222/{TOPIC}"


class Receiver(http.server.BaseHTTPRequestHandler):
    got = []

    def do_POST(self):
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def names(documents):
    return [(r["eventName"], r["s3"]["object"]["key"]) for d in documents for r in d["Records"]]


def queue(name, to, events, **rules):
    filters = [{"Name": k, "Value": v} for k, v in rules.items()]
    return {"Id": name, "QueueArn": to, "Events": events, **({"Filter": {"Key": {"FilterRules": filters}}} if filters else {})}


def in_stream(s):
    k = s.client("kinesis")
    rows = []
    for shard in k.list_shards(StreamName=STREAM)["Shards"]:
        at = k.get_shard_iterator(StreamName=STREAM, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        rows += [json.loads(r["Data"]) for r in k.get_records(ShardIterator=at)["Records"]]
    return rows


def in_topic(s):
    got = call("GET", f"{s.at['control']}/api/records?topic={TOPIC}&from=0").json()
    return [json.loads(r["value"]) if isinstance(r["value"], str) else r["value"] for r in got["records"]]


def told(s):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/hook"
    s.s3.create_bucket(Bucket="mine")
    s.s3.put_bucket_notification_configuration(Bucket="mine", NotificationConfiguration={
        "EventBridgeConfiguration": {},
        "QueueConfigurations": [queue("all", address, ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"]),
                                queue("stream", KINESIS_ARN, ["s3:ObjectCreated:*"], prefix="in/", suffix=".json")],
        "TopicConfigurations": [{"Id": "topic", "TopicArn": KAFKA_ARN, "Events": ["s3:ObjectRemoved:Delete"]}]})
    kept = s.s3.get_bucket_notification_configuration(Bucket="mine")
    same((kept["QueueConfigurations"][1]["Filter"]["Key"]["FilterRules"], kept["EventBridgeConfiguration"]),
         ([{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".json"}], {}), "the configuration is kept")
    answer = s.s3.put_object(Bucket="mine", Key="in/a b.json", Body=b"hello")["ResponseMetadata"]
    s.s3.copy_object(Bucket="mine", Key="in/c.txt", CopySource="mine/in/a b.json")
    up = s.s3.create_multipart_upload(Bucket="mine", Key="big")["UploadId"]
    part = s.s3.upload_part(Bucket="mine", Key="big", UploadId=up, PartNumber=1, Body=b"x")
    s.s3.complete_multipart_upload(Bucket="mine", Key="big", UploadId=up, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    s.s3.put_object_tagging(Bucket="mine", Key="big", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s.s3.delete_object(Bucket="mine", Key="in/c.txt")
    s.s3.delete_object(Bucket="mine", Key="never there")
    s.s3.put_bucket_versioning(Bucket="mine", VersioningConfiguration={"Status": "Enabled"})
    s.s3.delete_object(Bucket="mine", Key="big")
    want = [("ObjectCreated:Put", "in/a%20b.json"), ("ObjectCreated:Copy", "in/c.txt"), ("ObjectCreated:CompleteMultipartUpload", "big"), ("ObjectTagging:Put", "big"),
            ("ObjectRemoved:Delete", "in/c.txt"), ("ObjectRemoved:DeleteMarkerCreated", "big")]
    until(lambda: len(Receiver.got), lambda n: n >= len(want))
    same(sorted(names(Receiver.got)), sorted(want), "an address of HTTP hears of everything that it asked for")
    first = next(d["Records"][0] for d in Receiver.got if names([d]) == want[:1])
    same((first["eventVersion"], first["eventSource"], first["s3"]["configurationId"], first["s3"]["bucket"]["arn"], first["s3"]["object"]["size"], first["s3"]["object"]["eTag"]),
         ("2.1", "aws:s3", "all", "arn:aws:s3:::mine", 5, "5d41402abc4b2a76b9719d911017c592"), "in the documents that S3 sends")
    same((first["responseElements"], first["requestParameters"]),
         ({"x-amz-request-id": answer["RequestId"], "x-amz-id-2": answer["HostId"]}, {"sourceIPAddress": "127.0.0.1"}), "whose answer it was, and who asked")
    marker = next(d["Records"][0] for d in Receiver.got if names([d]) == want[-1:])
    ok(marker["s3"]["object"].get("versionId"), "of a delete marker with its version", marker)
    s.settle()
    same(names(in_stream(s)), want[:1], "the stream what fits its prefix and suffix")
    same(names(in_topic(s)), [("ObjectRemoved:Delete", "in/c.txt")], "the topic what was deleted")
    bridge = [json.loads(line)["detail"] for line in call("GET", s.at["control"] + "/_tarn/journal").text.splitlines() if '"EventBridge"' in line]
    same(sorted(bridge), sorted(f"{e} s3://mine/{k.replace('%20', ' ')}" for e, k in want), "the journal all of it, a line each")
    s.stop()
    s.up()
    s.s3.put_object(Bucket="mine", Key="later", Body=b"")
    until(lambda: names(Receiver.got), lambda got: ("ObjectCreated:Put", "later") in got)
    ok(("ObjectCreated:Put", "later") in names(Receiver.got), "after a restart, too")
    server.shutdown()
    server.server_close()
    s.s3.put_object(Bucket="mine", Key="nobody", Body=b"")
    until(lambda: "lost=" in log())
    ok("notification to=" + address in log(), "what can't be delivered is a line of the log")
    s.s3.put_bucket_notification_configuration(Bucket="mine", NotificationConfiguration={})
    same("QueueConfigurations" in s.s3.get_bucket_notification_configuration(Bucket="mine"), False, "an empty one takes it away")


def refused(s):
    def put(configuration, **more):
        try:
            s.s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=configuration, **more)
            return None
        except exceptions.ClientError as e:
            return e.response["Error"]["Code"], e.response["Error"].get("ArgumentName1") or e.response["Error"].get("ArgumentName"), e.response["Error"]["Message"]

    sqs = "arn:aws:sqs:us-east-1:123456789012:my-queue"
    same(put({"QueueConfigurations": [queue("x", sqs, ["s3:ObjectCreated:*"])]}), ("InvalidArgument", sqs, "Unable to validate the following destination configurations"),
         "a queue that isn't there")
    same(put({"QueueConfigurations": [queue("x", sqs, ["s3:ObjectCreated:*"])]}, SkipDestinationValidation=True), None, "unless nobody asks")
    same(put({"QueueConfigurations": [queue("x", KINESIS_ARN, ["s3:ObjectMade:*"])]})[:2], ("InvalidArgument", "Event"), "an event that there isn't")
    same(put({"QueueConfigurations": [queue("x", KINESIS_ARN, ["s3:Replication:*"])]})[0], "NotImplemented", "one that doesn't happen here")
    same(put({"QueueConfigurations": [queue("x", KINESIS_ARN, ["s3:ObjectCreated:*"], infix="a")]})[1], "FilterRule.Name", "a rule of a filter that there isn't")
    same(call("PUT", f"{s.at['aws']}/{BUCKET}?notification", "<NotificationConfiguration><Odd/></NotificationConfiguration>").status, 400, "another document")


with Stack() as stack:
    parts(told, refused, args=(stack,))
done()
