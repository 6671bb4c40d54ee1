import json
import boto3

kinesis = boto3.client("kinesis", region_name="us-east-1")
NAME = "streaming-0affea73130b-user"
print(kinesis.list_streams()["StreamNames"])
arn = kinesis.describe_stream_summary(StreamName=NAME)["StreamDescriptionSummary"]["StreamARN"]
print(arn)
out = kinesis.put_records(StreamName=NAME, Records=[{"Data": json.dumps({"ind": i, "from": "boto"}).encode(), "PartitionKey": str(i)} for i in range(6)])
assert out["FailedRecordCount"] == 0
seen = 0
for shard in kinesis.list_shards(StreamName=NAME)["Shards"]:
    at = kinesis.get_shard_iterator(StreamName=NAME, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    seen += sum(b"boto" in r["Data"] for r in kinesis.get_records(ShardIterator=at)["Records"])
print("seen", seen)
assert seen >= 6
