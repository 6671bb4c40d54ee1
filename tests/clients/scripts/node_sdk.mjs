// The SDK for JavaScript 3: HTTP/2 to Kinesis, buckets as hosts.
import { createRequire } from "node:module";
const require = createRequire(process.env.NODE_PATH + "/");
const { S3Client, ListBucketsCommand, PutObjectCommand, GetObjectCommand } = require("@aws-sdk/client-s3");
const { KinesisClient, PutRecordCommand, DescribeStreamSummaryCommand } = require("@aws-sdk/client-kinesis");

const s3 = new S3Client({ region: "us-east-1" });
console.log((await s3.send(new ListBucketsCommand({}))).Buckets.map((b) => b.Name).join(" "));
const at = { Bucket: "user-0affea73130b-bucket", Key: "by-node/x.json" };
await s3.send(new PutObjectCommand({ ...at, Body: '{"ind":1}\n' }));
console.log(await (await s3.send(new GetObjectCommand(at))).Body.transformToString());
const kinesis = new KinesisClient({ region: "us-east-1" });
const name = { StreamName: "streaming-0affea73130b-geo" };
for (let i = 0; i < 3; i++)
  console.log((await kinesis.send(new PutRecordCommand({ ...name, Data: Buffer.from(`{"node":${i}}`), PartitionKey: "geo" }))).ShardId);
console.log((await kinesis.send(new DescribeStreamSummaryCommand(name))).StreamDescriptionSummary.StreamStatus);
process.exit(0);
