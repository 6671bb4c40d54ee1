// Kinesis and API Gateway as the AWS SDK for JavaScript sees them. TAP on stdout; endpoint in ENDPOINT, invoke URL in INVOKE.
import { createRequire } from 'node:module';
import path from 'node:path';
const require = createRequire(path.join(process.env.TARN_NODE_MODULES, 'x.js'));
const K = require('@aws-sdk/client-kinesis');
const A = require('@aws-sdk/client-api-gateway');
const { NodeHttpHandler } = require('@smithy/node-http-handler');
// The SDK's Kinesis client speaks HTTP/2 unless told otherwise, the other HTTP/1.1.
const config = { endpoint: process.env.ENDPOINT, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };
const kinesis = new K.KinesisClient(config), gateway = new A.APIGatewayClient(config);
let n = 0, failed = 0;
const ok = (what, name, got) => {
  n++;
  if (!what) { failed++; console.log(`# got ${JSON.stringify(got)}`); }
  console.log(`${what ? 'ok' : 'not ok'} ${n} - ${name}`);
};
const refused = async (call, name, type) => {
  try { await call; ok(false, name, 'no error'); } catch (e) { ok(e.name === type, name, e.name + ' ' + e.message); }
};

// ---- Kinesis ----
await kinesis.send(new K.CreateStreamCommand({ StreamName: 'sdk', ShardCount: 2 }));
const summary = (await kinesis.send(new K.DescribeStreamSummaryCommand({ StreamName: 'sdk' }))).StreamDescriptionSummary;
ok(summary.StreamStatus === 'ACTIVE' && summary.OpenShardCount === 2, 'a stream of two shards', summary);
ok(summary.StreamCreationTimestamp instanceof Date && Math.abs(Date.now() - summary.StreamCreationTimestamp) < 3600000, 'its time is a time', summary.StreamCreationTimestamp);
await refused(kinesis.send(new K.CreateStreamCommand({ StreamName: 'sdk', ShardCount: 1 })), 'again', 'ResourceInUseException');
await refused(kinesis.send(new K.DescribeStreamCommand({ StreamName: 'none' })), 'one that is not there', 'ResourceNotFoundException');
const put = await kinesis.send(new K.PutRecordsCommand({ StreamName: 'sdk', Records: Array.from({ length: 100 }, (_, i) => ({ PartitionKey: `k${i}`, Data: Buffer.from(`row ${i} \u{1f600}`) })) }));
ok(put.FailedRecordCount === 0 && put.Records.length === 100, 'a hundred records', put.FailedRecordCount);
const shards = (await kinesis.send(new K.ListShardsCommand({ StreamName: 'sdk' }))).Shards;
let texts = [];
for (const shard of shards) {
  let it = (await kinesis.send(new K.GetShardIteratorCommand({ StreamName: 'sdk', ShardId: shard.ShardId, ShardIteratorType: 'TRIM_HORIZON' }))).ShardIterator;
  for (let behind = 1; behind > 0;) {
    const got = await kinesis.send(new K.GetRecordsCommand({ ShardIterator: it, Limit: 7 }));
    texts = texts.concat(got.Records.map((r) => Buffer.from(r.Data).toString()));
    it = got.NextShardIterator;
    behind = got.MillisBehindLatest + got.Records.length;
  }
}
ok(texts.length === 100 && new Set(texts).size === 100 && texts.includes('row 7 \u{1f600}'), 'all of them come back, seven at a time', texts.length);
const consumer = (await kinesis.send(new K.RegisterStreamConsumerCommand({ StreamARN: summary.StreamARN, ConsumerName: 'js' }))).Consumer;
await kinesis.send(new K.PutRecordCommand({ StreamName: 'sdk', PartitionKey: 'x', ExplicitHashKey: '0', Data: Buffer.from('after') }));
const mine = (await kinesis.send(new K.ListShardsCommand({ StreamName: 'sdk', ShardFilter: { Type: 'AT_LATEST' } }))).Shards[0].ShardId;
await kinesis.send(new K.DeregisterStreamConsumerCommand({ ConsumerARN: consumer.ConsumerARN }));
ok(mine === 'shardId-000000000000', 'AT_LATEST', mine);
const many = await Promise.all(Array.from({ length: 150 }, (_, i) => kinesis.send(new K.PutRecordCommand({ StreamName: 'sdk', PartitionKey: 'one', Data: Buffer.from(`v${i}`) }))));
ok(new Set(many.map((r) => r.SequenceNumber)).size === 150, '150 puts at once', many.length);
const fan = (await kinesis.send(new K.RegisterStreamConsumerCommand({ StreamARN: summary.StreamARN, ConsumerName: 'fan' }))).Consumer;
const heard = (await kinesis.send(new K.SubscribeToShardCommand({ ConsumerARN: fan.ConsumerARN, ShardId: many[0].ShardId, StartingPosition: { Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: many[0].SequenceNumber } }))).EventStream;
const words = [];
for await (const e of heard) {
  words.push(...e.SubscribeToShardEvent.Records.map((r) => Buffer.from(r.Data).toString()));
  if (words.length === 150) kinesis.send(new K.PutRecordCommand({ StreamName: 'sdk', PartitionKey: 'one', Data: Buffer.from('later') }));
  if (words.length > 150) break;
}
ok(words.length === 151 && words[0] === 'v0' && words[150] === 'later', 'SubscribeToShard over HTTP/2: what was put and what comes', words.length);
const one = new K.KinesisClient({ ...config, requestHandler: new NodeHttpHandler() });
ok((await one.send(new K.ListStreamsCommand({}))).StreamNames.includes('sdk'), 'the same client over HTTP/1.1');
await kinesis.send(new K.DeregisterStreamConsumerCommand({ ConsumerARN: fan.ConsumerARN }));
await kinesis.send(new K.DeleteStreamCommand({ StreamName: 'sdk' }));
const names = (await kinesis.send(new K.ListStreamsCommand({}))).StreamNames;
ok(!names.includes('sdk'), 'deleted', names);

// ---- API Gateway: a MOCK and a Kinesis integration, made step by step as in the console ----
const api = await gateway.send(new A.CreateRestApiCommand({ name: 'sdk' }));
const root = api.rootResourceId;
const hello = await gateway.send(new A.CreateResourceCommand({ restApiId: api.id, parentId: root, pathPart: 'hello' }));
await gateway.send(new A.PutMethodCommand({ restApiId: api.id, resourceId: hello.id, httpMethod: 'GET', authorizationType: 'NONE' }));
await gateway.send(new A.PutIntegrationCommand({ restApiId: api.id, resourceId: hello.id, httpMethod: 'GET', type: 'MOCK', requestTemplates: { 'application/json': '{"statusCode": 200}' } }));
await gateway.send(new A.PutMethodResponseCommand({ restApiId: api.id, resourceId: hello.id, httpMethod: 'GET', statusCode: '200' }));
await gateway.send(new A.PutIntegrationResponseCommand({ restApiId: api.id, resourceId: hello.id, httpMethod: 'GET', statusCode: '200', responseTemplates: { 'application/json': '{"hello": "$input.params(\'who\')"}' } }));
await gateway.send(new A.CreateDeploymentCommand({ restApiId: api.id, stageName: 'dev' }));
const resources = (await gateway.send(new A.GetResourcesCommand({ restApiId: api.id }))).items;
ok(resources.length === 2 && resources.some((r) => r.path === '/hello'), 'resources', resources);
const said = await fetch(`${process.env.ENDPOINT}/_aws/execute-api/${api.id}/dev/hello?who=world`);
const body = await said.text();
ok(said.status === 200 && body === '{"hello": "world"}', 'the deployed API answers', `${said.status} ${body}`);
await refused(gateway.send(new A.GetRestApiCommand({ restApiId: 'nope000000' })), 'an API that is not there', 'NotFoundException');
await gateway.send(new A.DeleteRestApiCommand({ restApiId: api.id }));
const left = (await gateway.send(new A.GetRestApisCommand({}))).items ?? [];
ok(!left.some((a) => a.id === api.id), 'deleted', left.map((a) => a.id));

console.log(`1..${n}`);
process.exit(failed ? 1 : 0);
