#!/usr/bin/python3
"""Kinesis with real clients (boto3, the AWS CLI), CBOR by hand, a reader that follows reshards, kill -9 under load."""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import struct
import threading
import time

from tarn import AWS, SHARED, Stack, aws_major, done, need, ok, same, skip, until

ClientError = need("botocore.exceptions").ClientError
HISTORIES = int(os.environ.get("KINESIS_HISTORIES", "50"))
TOP = (1 << 128) - 1


class Kinesis(Stack):
    def __init__(self, *args, conf="", clock=None):
        super().__init__(*args, only="kinesis", conf=conf, clock=clock)

    def up(self):
        super().up()
        self.http = http.client.HTTPConnection(*self.address("aws"), timeout=30)

    def request(self, body, headers, method="POST", path="/"):
        self.http.request(method, path, body, headers)
        r = self.http.getresponse()
        return r.status, r.headers, r.read()

    def ask(self, op, body, kind="json"):
        """The status and the answer of one call, JSON 1.1 or CBOR 1.1."""
        data = json.dumps(body).encode() if kind == "json" else cbor(body)
        status, headers, raw = self.request(data, signed(op, kind))
        return status, (json.loads(raw) if kind == "json" else uncbor(raw)) if raw else None

    def do(self, op, **body):
        status, answer = self.ask(op, body)
        if status != 200:
            raise RuntimeError(f"{op} {status} {answer}")
        return answer


def signed(op, kind="json"):
    return {"Content-Type": f"application/x-amz-{kind}-1.1", "X-Amz-Target": "Kinesis_20131202." + op,
            "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/%s/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=%s"
            % (time.strftime("%Y%m%d", time.gmtime()), "a" * 64)}


# ---- CBOR, as the Java SDK writes it: maps of indefinite length ----

class Millis(int):
    pass


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for size, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | code]) + n.to_bytes(size, "big")


def cbor(v):
    if isinstance(v, bool):
        return b"\xf5" if v else b"\xf4"
    if v is None:
        return b"\xf6"
    if isinstance(v, Millis):
        return b"\xc1" + head(0, int(v))
    if isinstance(v, int):
        return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        return head(3, len(v.encode())) + v.encode()
    if isinstance(v, list):
        return b"\x9f" + b"".join(map(cbor, v)) + b"\xff"
    return b"\xbf" + b"".join(cbor(k) + cbor(x) for k, x in v.items()) + b"\xff"


def uncbor(raw):
    def item(at):
        major, low = raw[at] >> 5, raw[at] & 31
        at += 1
        if low == 31:
            out = [] if major == 4 else {}
            while raw[at] != 255:
                v, at = item(at)
                if major == 4:
                    out.append(v)
                else:
                    out[v], at = item(at)
            return out, at + 1
        if major == 7:
            if low == 27:
                return struct.unpack(">d", raw[at:at + 8])[0], at + 8
            return {20: False, 21: True, 22: None}[low], at
        size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
        n = int.from_bytes(raw[at:at + size], "big") if size else low
        at += size
        if major == 0:
            return n, at
        if major == 1:
            return -1 - n, at
        if major in (2, 3):
            return (raw[at:at + n] if major == 2 else raw[at:at + n].decode()), at + n
        if major == 6:
            v, at = item(at)
            return Millis(v) if n == 1 and type(v) is int else ("tag", n, v), at
        out = [] if major == 4 else {}
        for _ in range(n):
            v, at = item(at)
            if major == 4:
                out.append(v)
            else:
                out[v], at = item(at)
        return out, at
    v, end = item(0)
    assert end == len(raw)
    return v


# ---- one reader: a lease a shard, parents before children ----

def consume(s, stream, on_record):
    """Reads every shard of a stream to its end, a child only when its parents are read. Returns the shards in that order."""
    shards, token = {}, None
    page = s.do("ListShards", StreamName=stream, MaxResults=7)
    while True:
        shards.update({sh["ShardId"]: sh for sh in page["Shards"]})
        if "NextToken" not in page:
            break
        page = s.do("ListShards", NextToken=page["NextToken"], MaxResults=7)
    done, order = set(), []
    while len(done) < len(shards):
        ready = [i for i, sh in sorted(shards.items()) if i not in done and
                 all(p not in shards or p in done for p in (sh.get("ParentShardId"), sh.get("AdjacentParentShardId")) if p)]
        assert ready, "a circle of shards"
        for i in ready:
            it = s.do("GetShardIterator", StreamName=stream, ShardId=i, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            while it:
                r = s.do("GetRecords", ShardIterator=it, Limit=25)
                for rec in r["Records"]:
                    on_record(i, rec)
                closed = "EndingSequenceNumber" in shards[i]["SequenceNumberRange"]
                it = r.get("NextShardIterator")
                if not closed and not r["Records"]:
                    break
                if closed and not it:
                    kids = {c["ShardId"] for c in r["ChildShards"]}
                    want = {k for k, sh in shards.items() if i in (sh.get("ParentShardId"), sh.get("AdjacentParentShardId"))}
                    assert kids == want, (kids, want)
            done.add(i)
            order.append(i)
    return order, shards


def history(s, seed):
    """Puts while splitting and merging; what a reader then sees."""
    rnd, stream, sent, n = random.Random(seed), f"history-{seed}", {}, 0
    s.do("CreateStream", StreamName=stream, ShardCount=rnd.randint(1, 4))
    for _ in range(rnd.randint(6, 14)):
        for _ in range(rnd.randint(0, 12)):
            key = f"k{rnd.randint(0, 9)}"
            r = s.do("PutRecord", StreamName=stream, PartitionKey=key, Data=base64.b64encode(f"{key}:{n}".encode()).decode())
            sent[n] = (r["ShardId"], r["SequenceNumber"], key)
            n += 1
        shards = [x for x in s.do("ListShards", StreamName=stream)["Shards"] if "EndingSequenceNumber" not in x["SequenceNumberRange"]]
        shards.sort(key=lambda x: int(x["HashKeyRange"]["StartingHashKey"]))
        what = rnd.choice(("split", "merge", "count"))
        if what == "split":
            x = rnd.choice(shards)["HashKeyRange"]
            lo, hi = int(x["StartingHashKey"]), int(x["EndingHashKey"])
            sh = [y for y in shards if y["HashKeyRange"] == x][0]["ShardId"]
            s.do("SplitShard", StreamName=stream, ShardToSplit=sh, NewStartingHashKey=str(rnd.randint(lo + 2, hi - 1)))
        elif what == "merge" and len(shards) > 1:
            i = rnd.randrange(len(shards) - 1)
            s.do("MergeShards", StreamName=stream, ShardToMerge=shards[i]["ShardId"], AdjacentShardToMerge=shards[i + 1]["ShardId"])
        elif what == "count":
            s.do("UpdateShardCount", StreamName=stream, ScalingType="UNIFORM_SCALING",
                 TargetShardCount=rnd.randint((len(shards) + 1) // 2, len(shards) * 2))
    seen, last = {}, {}
    problems = []

    def on_record(shard, rec):
        key, number = base64.b64decode(rec["Data"]).decode().split(":")
        number = int(number)
        if number in seen:
            problems.append(f"{number} twice")
        if sent[number] != (shard, rec["SequenceNumber"], rec["PartitionKey"]):
            problems.append(f"{number} is not where it was put")
        if last.get(key, -1) >= number:
            problems.append(f"{key}: {number} after {last[key]}")
        seen[number], last[key] = shard, number
    order, shards = consume(s, stream, on_record)
    if set(seen) != set(sent):
        problems.append(f"lost {sorted(set(sent) - set(seen))[:5]}")
    owned = sorted((int(x["HashKeyRange"]["StartingHashKey"]), int(x["HashKeyRange"]["EndingHashKey"])) for x in shards.values()
                   if "EndingSequenceNumber" not in x["SequenceNumberRange"])
    if owned[0][0] != 0 or owned[-1][1] != TOP or any(a[1] + 1 != b[0] for a, b in zip(owned, owned[1:])):
        problems.append("open shards don't cover the hash keys once")
    for i, sh in shards.items():
        parents = [p for p in (sh.get("ParentShardId"), sh.get("AdjacentParentShardId")) if p]
        if any(int(p[8:]) >= int(i[8:]) for p in parents):
            problems.append(f"{i} is older than its parent")
    s.do("DeleteStream", StreamName=stream)
    return problems


# ---- the tests ----

def fails(fn, code, name, words=None):
    try:
        fn()
        return ok(False, name, "no error")
    except ClientError as e:
        got = e.response["Error"]
        return ok(got["Code"] == code and (words is None or got["Message"] == words), name, got)


def boto(s):
    k = s.client("kinesis")
    k.create_stream(StreamName="boto", ShardCount=2)
    k.get_waiter("stream_exists").wait(StreamName="boto")
    d = k.describe_stream(StreamName="boto")["StreamDescription"]
    arn = d["StreamARN"]
    same([d["StreamStatus"], len(d["Shards"]), d["RetentionPeriodHours"]], ["ACTIVE", 2, 24], "create_stream, describe_stream")
    same(k.describe_stream_summary(StreamName="boto")["StreamDescriptionSummary"]["OpenShardCount"], 2, "describe_stream_summary")
    ok("boto" in k.list_streams()["StreamNames"], "list_streams")
    data = ["", "a" * 1000, "test", "ünicödé 统一码 💣💻🔥"]
    put = [k.put_record(StreamName="boto", PartitionKey="1", Data=x.encode()) for x in data]
    ok([int(p["SequenceNumber"]) for p in put] == sorted(int(p["SequenceNumber"]) for p in put) and len({p["ShardId"] for p in put}) == 1,
       "put_record: rising sequence numbers in one shard")
    ok(all(len(p["SequenceNumber"]) == 56 for p in put), "sequence numbers have 56 digits")
    it = k.get_shard_iterator(StreamName="boto", ShardId=put[0]["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    r = k.get_records(ShardIterator=it)
    same([x["Data"].decode() for x in r["Records"]], data, "get_records: data as put")
    same([sorted(r["Records"][0]), r["MillisBehindLatest"]], [["ApproximateArrivalTimestamp", "Data", "PartitionKey", "SequenceNumber"], 0],
         "a record's members; nothing behind")
    same(len(k.get_records(ShardIterator=r["NextShardIterator"])["Records"]), 0, "the next iterator repeats nothing")
    same(len(k.get_records(ShardIterator=f'"{it}"')["Records"]), 4, "an iterator in quotes")
    for kind, n in (("AT_SEQUENCE_NUMBER", 3), ("AFTER_SEQUENCE_NUMBER", 2)):
        i = k.get_shard_iterator(StreamName="boto", ShardId=put[0]["ShardId"], ShardIteratorType=kind, StartingSequenceNumber=put[1]["SequenceNumber"])
        same(len(k.get_records(ShardIterator=i["ShardIterator"])["Records"]), n, f"get_shard_iterator {kind}")
    i = k.get_shard_iterator(StreamName="boto", ShardId=put[0]["ShardId"], ShardIteratorType="AT_TIMESTAMP",
                             Timestamp=r["Records"][0]["ApproximateArrivalTimestamp"])["ShardIterator"]
    same(len(k.get_records(ShardIterator=i)["Records"]), 4, "get_shard_iterator AT_TIMESTAMP")
    i = k.get_shard_iterator(StreamName="boto", ShardId=put[0]["ShardId"], ShardIteratorType="LATEST")["ShardIterator"]
    k.put_record(StreamName="boto", PartitionKey="1", Data=b"late")
    same([x["Data"] for x in k.get_records(ShardIterator=i)["Records"]], [b"late"], "LATEST sees what comes after it")
    r = k.put_records(StreamName="boto", Records=[{"Data": b"x" * 1024, "PartitionKey": str(n)} for n in range(500)])
    same([r["FailedRecordCount"], len(r["Records"])], [0, 500], "put_records")
    same([x["ShardId"] == f"shardId-{(int(hashlib.md5(str(n).encode()).hexdigest(), 16) >> 127):012d}" for n, x in enumerate(r["Records"])],
         [True] * 500, "records go by the MD5 of their keys")
    k.increase_stream_retention_period(StreamName="boto", RetentionPeriodHours=48)
    k.decrease_stream_retention_period(StreamName="boto", RetentionPeriodHours=36)
    same(k.describe_stream(StreamName="boto")["StreamDescription"]["RetentionPeriodHours"], 36, "retention up and down")
    k.add_tags_to_stream(StreamName="boto", Tags={"foo": "bar", "a": "b"})
    k.remove_tags_from_stream(StreamName="boto", TagKeys=["a"])
    same(k.list_tags_for_stream(StreamName="boto")["Tags"], [{"Key": "foo", "Value": "bar"}], "tags of a stream")
    k.start_stream_encryption(StreamName="boto", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    same(k.put_record(StreamName="boto", PartitionKey="1", Data=b"")["EncryptionType"], "KMS", "start_stream_encryption")
    k.stop_stream_encryption(StreamName="boto", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    same(k.describe_stream(StreamName="boto")["StreamDescription"]["EncryptionType"], "NONE", "stop_stream_encryption")
    same(k.enable_enhanced_monitoring(StreamName="boto", ShardLevelMetrics=["IncomingBytes"])["DesiredShardLevelMetrics"], ["IncomingBytes"],
         "enable_enhanced_monitoring")
    same(k.disable_enhanced_monitoring(StreamName="boto", ShardLevelMetrics=["ALL"])["DesiredShardLevelMetrics"], [], "disable_enhanced_monitoring")
    ok("ShardLimit" in k.describe_limits(), "describe_limits")
    k.split_shard(StreamName="boto", ShardToSplit="shardId-000000000000", NewStartingHashKey="1000")
    k.merge_shards(StreamName="boto", ShardToMerge="shardId-000000000003", AdjacentShardToMerge="shardId-000000000001")
    same([x["ShardId"][-1] for x in k.list_shards(StreamName="boto", ShardFilter={"Type": "AT_LATEST"})["Shards"]], ["2", "4"], "split_shard, merge_shards")
    same(k.update_shard_count(StreamName="boto", TargetShardCount=4, ScalingType="UNIFORM_SCALING")["TargetShardCount"], 4, "update_shard_count")
    same(k.describe_stream_summary(StreamName="boto")["StreamDescriptionSummary"]["OpenShardCount"], 4, "and there are as many")
    k.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    fails(lambda: k.update_shard_count(StreamName="boto", TargetShardCount=5, ScalingType="UNIFORM_SCALING"), "ValidationException", "update_stream_mode")
    c = k.register_stream_consumer(StreamARN=arn, ConsumerName="consumer")["Consumer"]
    same(sorted(k.list_stream_consumers(StreamARN=arn)["Consumers"][0]), ["ConsumerARN", "ConsumerCreationTimestamp", "ConsumerName", "ConsumerStatus"],
         "list_stream_consumers: members as recorded")
    same(k.describe_stream_consumer(ConsumerARN=c["ConsumerARN"])["ConsumerDescription"]["StreamARN"], arn, "describe_stream_consumer")
    subscribe(k, s)
    k.deregister_stream_consumer(ConsumerARN=c["ConsumerARN"])
    same(k.list_stream_consumers(StreamARN=arn)["Consumers"], [], "deregister_stream_consumer")
    fails(lambda: k.describe_stream(StreamName="none"), "ResourceNotFoundException", "an unknown stream", "Stream none under account 000000000000 not found.")
    fails(lambda: k.create_stream(StreamName="boto", ShardCount=1), "ResourceInUseException", "a stream twice",
          "Stream boto under account 000000000000 already exists.")
    fails(lambda: k.merge_shards(StreamName="boto", ShardToMerge="shardId-000000000000", AdjacentShardToMerge="shardId-000000000005"),
          "InvalidArgumentException", "closed shards aren't merged")
    k.delete_stream(StreamName="boto")
    k.get_waiter("stream_not_exists").wait(StreamName="boto")
    ok("boto" not in k.list_streams()["StreamNames"], "delete_stream")
    k.create_stream(StreamName="ends", ShardCount=3)
    fails(lambda: k.merge_shards(StreamName="ends", ShardToMerge="shardId-000000000002", AdjacentShardToMerge="shardId-000000000000"),
          "InvalidArgumentException", "the last range and the first are not adjacent")


def subscribe(k, s):
    k.create_stream(StreamName="fan", ShardCount=1)
    arn = k.describe_stream(StreamName="fan")["StreamDescription"]["StreamARN"]
    c = k.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    for n in range(5):
        k.put_record(StreamName="fan", PartitionKey="1", Data=b"Hello world_%d" % n)
    stream = k.subscribe_to_shard(ConsumerARN=c, ShardId="shardId-000000000000", StartingPosition={"Type": "TRIM_HORIZON"})["EventStream"]
    fails(lambda: k.subscribe_to_shard(ConsumerARN=c, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"}), "ResourceInUseException",
          "a second subscription at once")
    got, more = [], False
    for event in stream:
        e = event["SubscribeToShardEvent"]
        got += [x["Data"] for x in e["Records"]]
        if len(got) == 5 and not more:
            more = ok("ContinuationSequenceNumber" in e and e["MillisBehindLatest"] == 0, "an event goes on and is not behind")
            s.do("PutRecord", StreamName="fan", PartitionKey="1", Data=base64.b64encode(b"later").decode())
            s.do("SplitShard", StreamName="fan", ShardToSplit="shardId-000000000000", NewStartingHashKey="1000")
        if e.get("ChildShards"):
            same(len(e["ChildShards"]), 2, "the last event names the child shards")
    same(got, [b"Hello world_%d" % n for n in range(5)] + [b"later"], "subscribe_to_shard: all records, then those that come")


def cli(s):
    if not AWS:
        return skip("the AWS CLI", "it is missing")

    def run(*args):
        r = s.aws("kinesis", *args)
        return json.loads(r.stdout) if r.returncode == 0 and r.stdout else r.stderr
    run("create-stream", "--stream-name", "cli", "--shard-count", "1")
    run("wait", "stream-exists", "--stream-name", "cli")
    ok("SequenceNumber" in run("put-record", "--stream-name", "cli", "--partition-key", "a", "--data",
                               "aGVsbG8=" if aws_major() > 1 else "hello"), "aws kinesis put-record")
    it = run("get-shard-iterator", "--stream-name", "cli", "--shard-id", "0", "--shard-iterator-type", "TRIM_HORIZON")
    same(run("get-records", "--shard-iterator", it["ShardIterator"])["Records"][0]["Data"], "aGVsbG8=", "aws kinesis get-records, a shard in short")
    ok("ResourceNotFoundException" in run("delete-stream", "--stream-name", "nope"), "aws kinesis delete-stream of none")


def newer(s):
    s.do("CreateStream", StreamName="newer")
    arn = s.do("DescribeStreamSummary", StreamName="newer")["StreamDescriptionSummary"]["StreamARN"]
    same(len(s.do("ListShards", StreamARN=arn)["Shards"]), 4, "without a count: on demand, four shards")
    same(s.do("GetResourcePolicy", ResourceARN=arn), {"Policy": "{}"}, "GetResourcePolicy without one")
    s.do("PutResourcePolicy", ResourceARN=arn, Policy='{"Version":"2012-10-17","Statement":[]}')
    same(json.loads(s.do("GetResourcePolicy", ResourceARN=arn)["Policy"])["Version"], "2012-10-17", "PutResourcePolicy")
    s.do("DeleteResourcePolicy", ResourceARN=arn)
    same(s.do("GetResourcePolicy", ResourceARN=arn), {"Policy": "{}"}, "DeleteResourcePolicy")
    s.do("TagResource", ResourceARN=arn, Tags={"a": "1", "b": None})
    same(s.do("ListTagsForResource", ResourceARN=arn)["Tags"], [{"Key": "a", "Value": "1"}], "TagResource; a null is no tag")
    s.do("UntagResource", ResourceARN=arn, TagKeys=["a", None])
    same(s.do("ListTagsForResource", ResourceARN=arn)["Tags"], [], "UntagResource")
    s.do("UpdateMaxRecordSize", StreamARN=arn, MaxRecordSizeInKiB=2048)
    same(s.ask("PutRecord", {"StreamARN": arn, "PartitionKey": "a", "Data": "A" * 2000000})[0], 200, "UpdateMaxRecordSize")
    same(s.do("DescribeAccountSettings"), {"MinimumThroughputBillingCommitment": {"Status": "DISABLED"}}, "DescribeAccountSettings")
    warm = {"StreamName": "newer", "WarmThroughputMiBps": 20}
    same(s.ask("UpdateStreamWarmThroughput", warm)[1]["__type"], "ValidationException", "a warm stream needs the commitment")
    on = s.do("UpdateAccountSettings", MinimumThroughputBillingCommitment={"Status": "ENABLED"})["MinimumThroughputBillingCommitment"]
    same([on["Status"], on["EarliestAllowedEndAt"] - on["StartedAt"]], ["ENABLED", 24 * 3600], "UpdateAccountSettings")
    same(s.do("UpdateStreamWarmThroughput", **warm)["WarmThroughput"], {"TargetMiBps": 20, "CurrentMiBps": 20}, "UpdateStreamWarmThroughput")
    same(s.do("DescribeStreamSummary", StreamName="newer")["StreamDescriptionSummary"]["WarmThroughput"]["TargetMiBps"], 20, "a warm stream")
    off = s.do("UpdateAccountSettings", MinimumThroughputBillingCommitment={"Status": "DISABLED"})["MinimumThroughputBillingCommitment"]
    same([off["Status"], "EndedAt" in off], ["ENABLED_UNTIL_EARLIEST_ALLOWED_END", False], "a commitment lasts a day")
    same(s.ask("UpdateStreamWarmThroughput", {**warm, "WarmThroughputMiBps": 10241})[1]["__type"], "LimitExceededException", "10 GiBps")
    big = [{"PartitionKey": "a", "Data": base64.b64encode(bytes(1000000)).decode()}] * 11
    same(s.ask("PutRecords", {"StreamName": "ends", "Records": big[:6]})[1].get("FailedRecordCount"), 0, "more than 5 MiB a call")
    same(s.ask("PutRecords", {"StreamName": "ends", "Records": big})[1].get("message"), "Records size exceeds 10 MB limit", "10 MiB a call")


def java(s):
    """As the Java SDK and KCL speak: CBOR both ways."""
    status, _ = s.ask("CreateStream", {"StreamName": "cbor", "ShardCount": 1}, "cbor")
    same(status, 200, "CBOR CreateStream")
    blob = bytes(range(256))
    s.ask("PutRecords", {"StreamName": "cbor", "Records": [{"Data": blob, "PartitionKey": "ü"}]}, "cbor")
    it = s.ask("GetShardIterator", {"StreamName": "cbor", "ShardId": "shardId-000000000000", "ShardIteratorType": "AT_TIMESTAMP",
                                     "Timestamp": Millis(1000)}, "cbor")[1]["ShardIterator"]
    rec = s.ask("GetRecords", {"ShardIterator": it}, "cbor")[1]["Records"][0]
    same([rec["Data"], rec["PartitionKey"]], [blob, "ü"], "CBOR: blobs are byte strings")
    at = rec["ApproximateArrivalTimestamp"]
    ok(type(at) is Millis and abs(at / 1000 - time.time()) < 60, "CBOR: timestamps are tag 1 with whole milliseconds", at)
    same(s.ask("DescribeStream", {"StreamName": "wrong-stream-name"}, "cbor"),
         (400, {"__type": "ResourceNotFoundException", "message": "Stream wrong-stream-name under account 000000000000 not found."}),
         "CBOR: errors as recorded")


def wire(s):
    st, h, b = s.request(b"{}", signed("ListStreams"))
    ok(h["x-amzn-RequestId"] and len(base64.b64decode(h["x-amz-id-2"])) == 72 and h["Content-Type"] == "application/x-amz-json-1.1", "headers of an answer")
    st, h, b = s.request(json.dumps({"StreamName": "ends", "Tags": {"a": "b"}}), signed("AddTagsToStream"))
    same([st, b, h["Content-Length"]], [200, b"", "0"], "an operation without output answers nothing")
    for name, headers, body, want in (
            ("unknown operation", signed("Nope"), b"{}", (400, b'{"__type":"UnknownOperationException"}')),
            ("broken JSON", signed("PutRecord"), b"{", (400, b'{"__type":"SerializationException"}')),
            ("not signed", {k: v for k, v in signed("ListStreams").items() if k != "Authorization"}, b"{}",
             (400, b'{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}')),
            ("a number for a name", signed("DeleteStream"), b'{"StreamName":23}',
             (400, b'{"__type":"SerializationException","Message":"class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String"}')),
            ("no name", signed("DeleteStream"), b"{}",
             (400, b'{"__type":"ValidationException","message":"1 validation error detected: Value null at \'streamName\' failed to satisfy constraint: '
                   b'Member must not be null"}')),
            ("application/json", dict(signed("ListStreams"), **{"Content-Type": "application/json"}), b"{}",
             (404, b'{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}'))):
        st, h, b = s.request(body, headers)
        same((st, b), want, name)


def clocked():
    s = Kinesis(conf="[streams]\nmade = 2\nwide = on-demand\n", clock="2026-01-05T09:00:00Z")
    same(sorted(s.do("ListStreams")["StreamNames"]), ["made", "wide"], "the stack's streams exist at start")
    s.do("PutRecord", StreamName="made", PartitionKey="a", Data="YQ==")
    it = s.do("GetShardIterator", StreamName="made", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    s.clock("advance 300s")
    same(s.ask("GetRecords", {"ShardIterator": it})[0], 200, "an iterator of five minutes")
    s.clock("advance 1s")
    status, e = s.ask("GetRecords", {"ShardIterator": it})
    same((status, e["__type"], e["message"]), (400, "ExpiredIteratorException", "Iterator expired. The iterator was created at time Mon Jan 05 09:00:00 UTC 2026 "
         "while right now it is Mon Jan 05 09:05:01 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds."),
         "an older one has expired, in the service's words")

    def count():
        i = s.do("GetShardIterator", StreamName="made", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        return len(s.do("GetRecords", ShardIterator=i)["Records"])
    s.clock("advance 23h")
    same(count(), 1, "kept for a day")
    s.clock("advance 1h")
    same(count(), 0, "and no longer")
    s.stop()


def throttled():
    s = Kinesis(conf="[streams]\nslow = 1\n\n[kinesis]\nlimits = aws\n", clock="2026-01-05T09:00:00Z")
    rows = [{"PartitionKey": "a", "Data": "YQ=="}] * 400
    failed = [s.do("PutRecords", StreamName="slow", Records=rows)["FailedRecordCount"] for _ in range(3)]
    same(failed, [0, 0, 200], "limits = aws: 1,000 records a second")
    r = s.do("PutRecords", StreamName="slow", Records=rows[:1])["Records"][0]
    same(r, {"ErrorCode": "ProvisionedThroughputExceededException",
             "ErrorMessage": "Rate exceeded for shard shardId-000000000000 in stream slow under account 000000000000."}, "a throttled record")
    same(s.ask("PutRecord", {"StreamName": "slow", "PartitionKey": "a", "Data": ""})[1]["__type"], "ProvisionedThroughputExceededException",
         "a throttled PutRecord")
    s.clock("advance 1s")
    same(s.do("PutRecords", StreamName="slow", Records=rows)["FailedRecordCount"], 0, "the next second has its own")
    it = s.do("GetShardIterator", StreamName="slow", ShardId="shardId-000000000000", ShardIteratorType="LATEST")["ShardIterator"]
    same([s.ask("GetRecords", {"ShardIterator": it})[0] for _ in range(6)], [200] * 5 + [400], "five reads a second")
    big = {"StreamName": "slow", "PartitionKey": "a", "Data": "A" * 1200000}
    for _ in range(4):
        s.clock("advance 1s")
        s.do("PutRecord", **big)
    it = s.do("GetShardIterator", StreamName="slow", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    same(len(s.do("GetRecords", ShardIterator=it)["Records"]), 1404, "over 3 MiB at once")
    same(s.ask("GetRecords", {"ShardIterator": it})[0], 400, "2 MiB a second: they have to be paid for")
    s.clock("advance 1s")
    same(s.ask("GetRecords", {"ShardIterator": it})[0], 200, "and then are")
    sizes = [2, 1] * 5 + [2]
    calls = [s.ask("UpdateShardCount", {"StreamName": "slow", "TargetShardCount": n, "ScalingType": "UNIFORM_SCALING"}) for n in sizes]
    same([c[0] for c in calls] + [calls[-1][1].get("__type")], [200] * 10 + [400, "LimitExceededException"], "UpdateShardCount ten times a day")
    s.clock("advance 24h")
    same(s.ask("UpdateShardCount", {"StreamName": "slow", "TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"})[0], 200, "and again the next day")
    s.stop()


def killed():
    s = Kinesis(conf="[streams]\nload = 2\n")
    acknowledged, stop = [], threading.Event()

    def writer(n):
        c = http.client.HTTPConnection(*s.address("aws"), timeout=5)
        i = 0
        try:
            while not stop.is_set():
                body = json.dumps({"StreamName": "load", "PartitionKey": f"{n}-{i % 7}", "Data": base64.b64encode(f"{n}:{i}".encode()).decode()})
                c.request("POST", "/", body, signed("PutRecord"))
                r = c.getresponse()
                a = json.loads(r.read())
                if r.status == 200:
                    acknowledged.append((a["ShardId"], int(a["SequenceNumber"]), f"{n}:{i}"))
                i += 1
        except (OSError, http.client.HTTPException, ValueError):
            pass
    threads = [threading.Thread(target=writer, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    until(lambda: len(acknowledged) >= 800 or not any(t.is_alive() for t in threads))
    s.kill()
    stop.set()
    for t in threads:
        t.join()
    s.up()
    seen, top = {}, {}

    def on_record(shard, rec):
        n = int(rec["SequenceNumber"])
        assert n > top.get(shard, 0)
        top[shard] = n
        seen[base64.b64decode(rec["Data"]).decode()] = (shard, n)
    consume(s, "load", on_record)
    lost = [x for x in acknowledged if seen.get(x[2]) != x[:2]]
    ok(len(acknowledged) >= 800 and not lost, f"kill -9 under load: {len(acknowledged)} acknowledged, none lost", lost[:3])
    later = [s.do("PutRecord", StreamName="load", PartitionKey=str(n), Data="") for n in range(20)]
    ok(all(int(x["SequenceNumber"]) > top.get(x["ShardId"], 0) for x in later), "sequence numbers still rise")
    s.stop()


def like(got, want):
    """Whether an answer is the recorded one, where "<name:1>" and the words "timestamp", "starting_hash", "ending_hash" stand
    for any text, and "b'...'" for bytes."""
    if isinstance(want, dict):
        return isinstance(got, dict) and set(got) == set(want) and all(like(got[k], want[k]) for k in want)
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(map(like, got, want))
    if isinstance(want, str) and want.startswith("b'"):
        return repr(got) == want
    if isinstance(want, str) and want in ("timestamp", "starting_hash", "ending_hash"):
        return got is not None
    if isinstance(want, str) and "<" in want:
        return re.fullmatch(re.sub(r"<[^>]*>", ".+", want).replace("111111111111", "000000000000"), str(got)) is not None
    return got == want.replace("111111111111", "000000000000") if isinstance(want, str) else got == want


def recorded(s):
    """What the service answered to the same calls: the shared recording."""
    path = os.path.join(SHARED, "vectors", "kinesis_recorded.json")
    if not os.path.exists(path):
        return skip("recorded answers", f"{path} is missing")
    with open(path) as f:
        want = {c["source"].split("::")[-1]: c["content"] for c in json.load(f)["cases"]}
    k = s.client("kinesis")
    first = "shardId-000000000000"

    def stream(name, **more):
        k.create_stream(StreamName=name, **more)
        return k.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]

    def check(case, got):
        ok(like(got, want[case]), f"as recorded: {case}", json.dumps(got, default=str))
        del want[case]

    def call(op, **body):
        status, got = s.ask(op, body)
        return {**(got or {}), "ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": status}}
    stream("r1")
    check("test_create_stream_without_shard_count", {"Shards": k.list_shards(StreamName="r1")["Shards"]})
    stream("r2", ShardCount=1)
    k.add_tags_to_stream(StreamName="r2", Tags={"foo": "bar"})
    check("test_add_tags_to_stream", {"Tags": k.list_tags_for_stream(StreamName="r2")["Tags"][0]})
    stream("r3", ShardCount=1)
    data = ["", "a" * 1000, "test", "ünicödé 统一码 💣💻🔥"]
    for d in data:
        k.put_record(StreamName="r3", Data=d.encode(), PartitionKey="1")
    it = k.get_shard_iterator(StreamName="r3", ShardId=first, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    check("test_record_lifecycle_data_integrity", {"Records": k.get_records(ShardIterator=it)["Records"]})
    arn = stream("r4", ShardCount=1)
    c = k.register_stream_consumer(StreamARN=arn, ConsumerName="consumer")["Consumer"]["ConsumerARN"]
    check("test_stream_consumers", {"One_consumer_by_list_stream": k.list_stream_consumers(StreamARN=arn)["Consumers"],
                                    "One_consumer_by_describe_stream": k.describe_stream_consumer(ConsumerARN=c)["ConsumerDescription"]})
    put = [k.put_record(StreamName="r4", Data=b"Hello world_%d" % n, PartitionKey="1") for n in range(5)]

    def events(name, position):
        other = k.register_stream_consumer(StreamARN=arn, ConsumerName=name)["Consumer"]["ConsumerARN"]
        with contextlib.closing(k.subscribe_to_shard(ConsumerARN=other, ShardId=first, StartingPosition=position)["EventStream"]) as got:
            return next(iter(got))["SubscribeToShardEvent"]
    check("test_subscribe_to_shard", {"Events": [events("c1", {"Type": "TRIM_HORIZON"})]})
    check("test_subscribe_to_shard_with_sequence_number_as_iterator",
          {"Records": events("c2", {"Type": "AT_SEQUENCE_NUMBER", "SequenceNumber": put[0]["SequenceNumber"]})["Records"]})
    check("test_subscribe_to_shard_with_at_timestamp", {"Records": events("c3", {"Type": "AT_TIMESTAMP", "Timestamp": 1000})["Records"]})
    check("test_cbor_exceptions", {"cbor-error": s.ask("DescribeStream", {"StreamName": "wrong-stream-name"}, "cbor")[1]})

    def policy():
        got = call("GetResourcePolicy", ResourceARN=arn)
        return {**got, "Policy": json.loads(got["Policy"])}
    got = {"default_policy_if_not_set": policy()}
    for step in ("put_resource_policy_if_not_set", "get_resource_policy_after_set"), ("update_resource_policy", "get_resource_policy_after_update"):
        one = json.dumps(want["test_resource_policy_crud"][step[1]]["Policy"])
        one = one.replace("arn:<partition>:kinesis:<region>:111111111111:<stream-name>", arn).replace("<partition>", "aws").replace("111111111111", "000000000000")
        got[step[0]] = call("PutResourcePolicy", ResourceARN=arn, Policy=one)
        got[step[1]] = policy()
    got["delete_resource_policy"] = call("DeleteResourcePolicy", ResourceARN=arn)
    got["get_resource_policy_after_delete"] = policy()
    check("test_resource_policy_crud", got)
    same(list(want), [], "every recorded case was compared")


def unread(s):
    """A subscriber that doesn't read costs some events, not the whole stream."""
    s.do("CreateStream", StreamName="unread", ShardCount=1)
    many = [{"PartitionKey": "a", "Data": base64.b64encode(bytes(500000)).decode()}] * 10
    for _ in range(12):
        s.do("PutRecords", StreamName="unread", Records=many)
    arn = "arn:aws:kinesis:us-east-1:000000000000:stream/unread"
    consumer = s.do("RegisterStreamConsumer", StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]

    def size():
        with open(f"/proc/{s.proc.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmRSS"))
    with open(f"/proc/{s.proc.pid}/maps", encoding="utf-8") as f:
        bound = 400 if "libasan" in f.read() else 30
    before = size()
    c = http.client.HTTPConnection(*s.address("aws"), timeout=30)
    c.request("POST", "/", json.dumps({"ConsumerARN": consumer, "ShardId": "shardId-000000000000", "StartingPosition": {"Type": "TRIM_HORIZON"}}),
              signed("SubscribeToShard"))
    r = c.getresponse()
    for _ in range(100):
        s.do("ListStreams")
    ok(size() - before < bound, "60 MB for a subscriber that doesn't read", size() - before)
    got = 0
    while got < 80000000: # base64 of 60 MB
        piece = r.read1(1 << 20)
        if not piece:
            break
        got += len(piece)
    ok(got >= 80000000, "who then reads gets it all", got)
    c.close()
    s.do("DeleteStream", StreamName="unread", EnforceConsumerDeletion=True)


def odd(s):
    """Odd inputs, with what AWS was seen to answer."""
    first = "shardId-000000000000"
    where = "in stream %s under account 000000000000"
    no_stream, c = "Stream nope under account 000000000000 not found.", where % "c"
    s.do("CreateStream", StreamName="c", ShardCount=3)

    def says(op, body, code, words):
        status, got = s.ask(op, body)
        same([status, got.get("__type"), got.get("message")], [500 if code == "InternalFailure" else 400, code, words],
             f"{op} {json.dumps(body)[:90]}")

    def argument(op, body, words):
        says(op, {"StreamName": "c", **body}, "InvalidArgumentException", words)

    def missing(op, body, words):
        says(op, {"StreamName": "nope", **body}, "ResourceNotFoundException", words)

    # Shard ids: whatever stands before the last "-".
    end = str((TOP + 1) // 3)
    argument("SplitShard", {"ShardToSplit": "shard-0", "NewStartingHashKey": "1"},
             f"NewStartingHashKey 1 used in SplitShard() on shard {first} {c} is not both greater than one plus the shard's StartingHashKey 0 and "
             f"less than the shard's EndingHashKey {int(end) - 1}.")
    same(sorted(s.do("GetShardIterator", StreamName="c", ShardId="xyz-0", ShardIteratorType="LATEST")), ["ShardIterator"], "xyz-0 is shard 0")
    pair = "Shards shardId-00000000000%d and shardId-00000000000%d " + c + " are not an adjacent pair of shards eligible for merging"
    argument("MergeShards", {"ShardToMerge": "x-0", "AdjacentShardToMerge": "x-2"}, pair % (0, 2))
    missing("GetShardIterator", {"ShardId": "a-00002147483647", "ShardIteratorType": "LATEST"},
            f"Shard shardId-002147483647 {where % 'nope'} does not exist")
    # A bad number counts before the stream is looked up.
    for bad in "ABKLFD8", "2147483648":
        missing("SplitShard", {"ShardToSplit": bad, "NewStartingHashKey": "0"}, f"Could not find shard {bad} {where % 'nope'}.")
    missing("SplitShard", {"ShardToSplit": "2147483647", "NewStartingHashKey": "0"}, no_stream)
    missing("MergeShards", {"ShardToMerge": "x-0", "AdjacentShardToMerge": "2.14E4"}, f"Could not find shard 2.14E4 {where % 'nope'}.")
    missing("MergeShards", {"ShardToMerge": "x-0", "AdjacentShardToMerge": "x-1"}, no_stream)
    arn = "arn:aws:kinesis:us-east-1:000000000000:stream/nope"
    says("SplitShard", {"StreamARN": arn, "ShardToSplit": "ABC", "NewStartingHashKey": "0"}, "ResourceNotFoundException",
         f"Could not find shard ABC {where % 'nope'}.")
    # Sequence numbers to put after.
    for number in (0x20000000000000000000000000000000000000000000000, 0x20000000000000000000000000000000000000000000003,
                   0x30000000000000000000000000000000000000000000001, 0x20000000000800000000000000000000000000000000002,
                   0x13bb2cc3d80000000000000000000000):
        argument("PutRecord", {"PartitionKey": "k", "Data": "", "SequenceNumberForOrdering": str(number)},
                 f"ExclusiveMinimumSequenceNumber {number} used in PutRecord on stream c under account 000000000000 is invalid.")
    put = s.do("PutRecord", StreamName="c", PartitionKey="k", Data="", SequenceNumberForOrdering=str(0x20000000000000000000000000000000000000000000002))
    s.do("PutRecord", StreamName="c", PartitionKey="k", Data="", SequenceNumberForOrdering=put["SequenceNumber"])
    ok(True, "good ones are taken")
    # How many shards a stream has had.
    for was, will, total in (10, 13, 37), (5, 3, 7), (4, 5, 15), (2, 4, 6), (4, 2, 6):
        name = f"count-{was}-{will}"
        s.do("CreateStream", StreamName=name, ShardCount=was)
        s.do("UpdateShardCount", StreamName=name, TargetShardCount=will, ScalingType="UNIFORM_SCALING")
        shards = s.do("ListShards", StreamName=name)["Shards"]
        ranges = sorted((int(x["HashKeyRange"]["StartingHashKey"]), int(x["HashKeyRange"]["EndingHashKey"])) for x in shards
                        if "EndingSequenceNumber" not in x["SequenceNumberRange"])
        same([len(shards), len(ranges)], [total, will], f"{was} to {will} shards")
        ok(ranges[0][0] == 0 and ranges[-1][1] == TOP and all(a[1] + 1 == b[0] for a, b in zip(ranges, ranges[1:])), "they share the hash keys")
    argument("MergeShards", {"ShardToMerge": "shardId-000000000001", "AdjacentShardToMerge": first}, pair % (1, 0))
    for op in "IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod":
        argument(op, {"RetentionPeriodHours": 9999}, "Maximum allowed retention period is 8760 hours. Requested retention period (9999 hours) is too long.")
    at = {"ShardId": first, "ShardIteratorType": "AT_SEQUENCE_NUMBER"}
    argument("GetShardIterator", {**at, "StartingSequenceNumber": "5"},
             f"Invalid StartingSequenceNumber. It encodes shardId-000000000005, while it was used in a call to a shard with {first}")
    says("GetShardIterator", {"StreamName": "c", **at, "StartingSequenceNumber": "0"}, "InternalFailure", None)
    number = 0x20000000000800000000000000000000000000000000002
    argument("GetShardIterator", {**at, "StartingSequenceNumber": str(number)},
             f"StartingSequenceNumber {number} used in GetShardIterator on shard {first} {c} is invalid.")
    # Single ones.
    argument("RemoveTagsFromStream", {"TagKeys": ["abc%def"]},
             "Failed to remove tags from stream c under account 000000000000 because some tags contained illegal characters. The allowed characters "
             "are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.")
    s.do("CreateStream", StreamName="d", ShardCount=1)
    it = s.do("GetShardIterator", StreamName="d", ShardId=first, ShardIteratorType="LATEST")["ShardIterator"]
    s.do("DeleteStream", StreamName="d")
    says("GetRecords", {"ShardIterator": it}, "ResourceNotFoundException", f"Shard {first} {where % 'd'} does not exist")
    many = s.ask("PutRecords", {"StreamName": "c", "Records": [{"PartitionKey": "a", "Data": ""}] * 501})[1]["message"]
    ok(many.endswith("' at 'records' failed to satisfy constraint: Member must have length less than or equal to 500") and len(many) > 4096,
       "501 records: the message is whole", many[-200:])
    says("CreateStream", {"StreamName": "tf1\0x", "ShardCount": 1}, "ValidationException",
         "1 validation error detected: Value 'tf1\0x' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression "
         "pattern: [a-zA-Z0-9_.-]+")
    s.do("CreateStream", StreamName="e", ShardCount=3)
    keys = [str(n * ((TOP + 1) // 3) + 5) for n in (0, 1, 2, 1, 2, 1, 2)]
    r = s.do("PutRecords", StreamName="e", Records=[{"PartitionKey": "a", "ExplicitHashKey": x, "Data": ""} for x in keys])["Records"]
    index = [int(f"{int(x['SequenceNumber']):047x}"[11:27], 16) for x in r]
    same([x["ShardId"][-1] for x in r], list("0121212"), "records go by their explicit hash keys")
    same([[i - index[a] for i in got] for a, got in ((0, index[:1]), (1, index[1::2]), (2, index[2::2]))], [[0], [0, 1, 2], [0, 1, 2]],
         "numbers count up in each shard")
    for name in ("c", "e"):
        s.do("DeleteStream", StreamName=name)


with Kinesis() as s:
    for part in (boto, cli, newer, java, recorded, odd, unread, wire):
        part(s)
    bad = {seed: p for seed in range(1, HISTORIES + 1) for p in [history(s, seed)] if p}
    ok(not bad, f"{HISTORIES} random reshard histories", bad)
clocked()
throttled()
killed()
done()
