#!/usr/bin/python3
"""One AWS endpoint where services run in several processes: what is for another process is handed on as it came (boto3)."""
from tarn import Stack, call, done, log, need, ok, parts, same, tarn, until

ClientError = need("botocore.exceptions").ClientError
IDENTITIES = "[identities]\nAKIDHERE = secret\n"


class Split:
    """Kinesis and API Gateway each in a process, and one that is the endpoint."""

    def __init__(self, conf=""):
        self.kinesis = Stack(only="kinesis", conf=conf)
        self.gateway = Stack(only="apigateway", conf="")
        self.front = Stack("--set", f"remote.kinesis={self.kinesis.at['aws']}", "--set", f"remote.apigateway={self.gateway.at['aws']}/", only="s3,aws", conf=conf)


def streams(x):
    kin = x.front.client("kinesis")
    kin.create_stream(StreamName="s", ShardCount=1)
    same(x.kinesis.client("kinesis").list_streams()["StreamNames"], ["s"], "a stream made at one endpoint is where Kinesis runs")
    data = [bytes([i % 256]) * 900_000 for i in range(5)]
    kin.put_records(StreamName="s", Records=[{"Data": d, "PartitionKey": "k"} for d in data])
    it = kin.get_shard_iterator(StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    same([r["Data"] for r in kin.get_records(ShardIterator=it)["Records"]], data, "4.5 MB of records come through, there and back")
    try:
        kin.describe_stream(StreamName="none")
        ok(False, "Kinesis's own errors come through")
    except ClientError as e:
        same((e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"]), ("ResourceNotFoundException", 400), "Kinesis's own errors come through")
    x.front.s3.create_bucket(Bucket="here")
    same([b["Name"] for b in x.front.s3.list_buckets()["Buckets"]], ["here"], "S3 answers itself at that endpoint")
    same(x.front.client("sts").get_caller_identity()["Account"], "000000000000", "and so does STS")
    health = call("GET", x.front.at["aws"] + "/_localstack/health").json()["services"]
    same((health["s3"], health["kinesis"], health["mwaa"]), ("running", "available", "disabled"), "health tells what runs here from what is handed on")


def subscriber(x):
    """SubscribeToShard answers for minutes: its events come as they happen."""
    kin = x.front.client("kinesis")
    kin.create_stream(StreamName="fan", ShardCount=1)
    arn = kin.describe_stream_summary(StreamName="fan")["StreamDescriptionSummary"]["StreamARN"]
    consumer = kin.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    until(lambda: kin.describe_stream_consumer(ConsumerARN=consumer)["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE")
    events = kin.subscribe_to_shard(ConsumerARN=consumer, ShardId="shardId-000000000000", StartingPosition={"Type": "TRIM_HORIZON"})["EventStream"]
    got, sent = [], [b"one", b"two", b"three"]
    kin.put_record(StreamName="fan", Data=sent[0], PartitionKey="k")
    for event in events:
        now = [r["Data"] for r in event["SubscribeToShardEvent"]["Records"]]
        got += now
        if now and len(got) < len(sent):
            kin.put_record(StreamName="fan", Data=sent[len(got)], PartitionKey="k")
        if len(got) == len(sent):
            break
    same(got, sent, "each event of a subscription comes when it happens")
    events.close()
    ok(until(lambda: not any(x.kinesis.control("GET", "/health")["busy"] for _ in range(3))), "a subscriber who leaves the endpoint leaves Kinesis")
    lazy_one = kin.register_stream_consumer(StreamARN=arn, ConsumerName="lazy")["Consumer"]["ConsumerARN"]
    until(lambda: kin.describe_stream_consumer(ConsumerARN=lazy_one)["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE")
    # 6 MB of events that nobody reads: the endpoint doesn't gather them.
    lazy = kin.subscribe_to_shard(ConsumerARN=lazy_one, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"})["EventStream"]
    for _ in range(8):
        kin.put_record(StreamName="fan", Data=b"x" * 750_000, PartitionKey="k")
    size = 0
    for event in lazy:
        size += sum(len(r["Data"]) for r in event["SubscribeToShardEvent"]["Records"])
        if size >= 6_000_000:
            break
    same(size, 6_000_000, "a slow reader gets all of it at last")
    lazy.close()


def invoked(x):
    api = x.front.client("apigateway").create_rest_api(name="a")
    same([a["id"] for a in x.gateway.client("apigateway").get_rest_apis()["items"]], [api["id"]], "an API made at one endpoint is where API Gateway runs")
    r = call("GET", x.front.at["aws"] + f"/restapis/{api['id']}/none/_user_request_/x")
    same((r.status, r.text), (403, '{"message":"Forbidden"}'), "and is called there, unsigned")


def signatures(x):
    """What was signed for the endpoint is checked where it arrives: host and all."""
    y = Split(IDENTITIES)
    same(y.front.client("kinesis", "AKIDHERE", "secret").list_streams()["StreamNames"], [], "a signature goes through whole")
    try:
        y.front.client("kinesis", "AKIDHERE", "wrong").list_streams()
        ok(False, "a wrong one is refused")
    except ClientError as e:
        ok(e.response["Error"]["Code"] in ("InvalidSignatureException", "IncompleteSignatureException"), "a wrong one is refused", e)
    y.kinesis.stop()
    try:
        y.front.client("kinesis", "AKIDHERE", "secret").list_streams()
        ok(False, "without Kinesis it is 503")
    except ClientError as e:
        same(e.response["ResponseMetadata"]["HTTPStatusCode"], 503, "without Kinesis it is 503")
        ok("kinesis" in e.response["Error"]["Message"] and "handed_on=failed" in log(), "which says why", e)
    for s in (y.front, y.gateway):
        s.stop()


def ends(x):
    """Resets and the end of either process leave nobody behind."""
    kin = x.front.client("kinesis")
    arn = kin.describe_stream_consumer(StreamARN=kin.describe_stream_summary(StreamName="fan")["StreamDescriptionSummary"]["StreamARN"],
                                       ConsumerName="c")["ConsumerDescription"]["ConsumerARN"]
    one = kin.subscribe_to_shard(ConsumerARN=arn, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"})["EventStream"]
    x.front.control("POST", "/_tarn/reset")
    same(kin.list_streams()["StreamNames"], ["fan", "s"], "a reset of the endpoint is none of Kinesis's, and requests go on")
    one.close()
    until(lambda: not any(x.kinesis.control("GET", "/health")["busy"] for _ in range(3)))
    two = kin.subscribe_to_shard(ConsumerARN=arn, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"})["EventStream"]
    same(x.front.stop(), 0, "the endpoint ends with a subscriber on it")
    two.close()
    same((x.kinesis.stop(), x.gateway.stop()), (0, 0), "and so do the others")


def circles(x):
    r = tarn("up", "--only", "s3", "--ports", "auto", "--set", "remote.kinesis=kinesis:4566", "--data", x.front.data + "-none")
    ok(r.returncode and "not an http:// or https:// address" in r.stderr, "an address that is none is refused at the start", r.stderr)
    one = Stack("--set", "ports.aws=0", "--set", "remote.kinesis=http://127.0.0.1:9", only="s3", conf="")
    two = Stack("--set", f"remote.kinesis={one.at['aws']}", only="s3", conf="")
    r = call("POST", two.at["aws"] + "/", "{}", {"X-Amz-Target": "Kinesis_20131202.ListStreams", "Content-Type": "application/x-amz-json-1.1"})
    same((r.status, r.json()["__type"]), (508, "ServiceUnavailableException"), "nobody hands on what was handed on")


split = Split()
parts(streams, subscriber, invoked, signatures, ends, circles, args=(split,))
done()
