// CloudWatch, Logs and CloudTrail as the AWS SDK for JavaScript sees them: CloudWatch in CBOR. TAP on stdout; endpoint in ENDPOINT.
import { createRequire } from 'node:module';
import path from 'node:path';
const require = createRequire(path.join(process.env.TARN_NODE_MODULES, 'x.js'));
const C = require('@aws-sdk/client-cloudwatch');
const L = require('@aws-sdk/client-cloudwatch-logs');
const T = require('@aws-sdk/client-cloudtrail');
const config = { endpoint: process.env.ENDPOINT, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };
const cw = new C.CloudWatchClient(config), logs = new L.CloudWatchLogsClient(config), trail = new T.CloudTrailClient(config);
let n = 0, failed = 0;
const same = (got, want, name) => {
  n++;
  const good = JSON.stringify(got) === JSON.stringify(want);
  if (!good) { failed++; console.log(`# got ${JSON.stringify(got)}`); }
  console.log(`${good ? 'ok' : 'not ok'} ${n} - ${name}`);
};
const refused = async (call, name, want) => {
  try { await call; same('no error', want, name); } catch (e) { same(`${e.name}: ${e.message}`, want, name); }
};

const Dimensions = [{ Name: 'd', Value: 'v' }], now = Date.now();
await cw.send(new C.PutMetricDataCommand({ Namespace: 'Js', MetricData: [{ MetricName: 'a', Value: 1.5, Unit: 'Count', Timestamp: new Date(now), Dimensions }] }));
same((await cw.send(new C.ListMetricsCommand({ Namespace: 'Js' }))).Metrics, [{ Namespace: 'Js', MetricName: 'a', Dimensions }], 'a metric is listed');
const read = await cw.send(new C.GetMetricStatisticsCommand({ Namespace: 'Js', MetricName: 'a', Dimensions, StartTime: new Date(now - 3600e3),
  EndTime: new Date(now + 60e3), Period: 60, Statistics: ['Sum'] }));
same([read.Datapoints[0].Timestamp.getTime(), read.Datapoints[0].Sum, read.Datapoints[0].Unit], [now - now % 60000, 1.5, 'Count'], 'its statistics');
await refused(cw.send(new C.GetDashboardCommand({ DashboardName: 'none' })), 'a dashboard that there is not', 'ResourceNotFound: Dashboard none does not exist');
await refused(cw.send(new C.PutMetricDataCommand({ Namespace: 'AWS/x', MetricData: [{ MetricName: 'a', Value: 1 }] })), 'a namespace of AWS',
  'InvalidParameterValueException: The value AWS/x for parameter Namespace is invalid.');
const many = Array.from({ length: 300 }, (_, i) => ({ MetricName: `m${i}`, Value: i, Dimensions }));
await cw.send(new C.PutMetricDataCommand({ Namespace: 'Many', MetricData: many }));
same((await cw.send(new C.ListMetricsCommand({ Namespace: 'Many' }))).Metrics.length, 300, 'a body that the SDK packs by gzip');
await cw.send(new C.PutMetricAlarmCommand({ AlarmName: 'x', MetricName: 'a', Namespace: 'Js', Period: 60, EvaluationPeriods: 1, Threshold: 1.5,
  Statistic: 'Sum', ComparisonOperator: 'GreaterThanThreshold' }));
const alarm = (await cw.send(new C.DescribeAlarmsCommand({}))).MetricAlarms[0];
same([alarm.StateValue, alarm.Threshold, alarm.StateUpdatedTimestamp instanceof Date], ['INSUFFICIENT_DATA', 1.5, true], 'an alarm');
await logs.send(new L.CreateLogGroupCommand({ logGroupName: 'js' }));
await logs.send(new L.CreateLogStreamCommand({ logGroupName: 'js', logStreamName: 's' }));
await logs.send(new L.PutLogEventsCommand({ logGroupName: 'js', logStreamName: 's', logEvents: [{ timestamp: now, message: 'hello' }] }));
same((await logs.send(new L.FilterLogEventsCommand({ logGroupName: 'js', filterPattern: 'hello' }))).events.map((e) => e.message), ['hello'], 'a line of a log');
const events = (await trail.send(new T.LookupEventsCommand({}))).Events;
same(events.filter((e) => e.ReadOnly === 'false').map((e) => e.EventName), ['CreateLogStream', 'CreateLogGroup', 'PutMetricAlarm'], 'who did what');
console.log(`1..${n}`);
process.exit(failed ? 1 : 0);
