#!/usr/bin/python3
"""CloudWatch with boto3 and the AWS CLI (the query protocol): metrics, statistics, expressions, alarms on the clock, dashboards. The newest boto3
speaks CBOR: make clients."""
import datetime
import gzip
import json
import urllib.parse

from tarn import Stack, done, need, ok, parts, same

exceptions = need("botocore.exceptions")
CLOCK = "2026-01-05T09:00:00Z"
T0 = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.timezone.utc)
s = Stack(only="aws", clock=CLOCK)
cw = s.client("cloudwatch")


def minute(n):
    return T0 + datetime.timedelta(minutes=n)


def refused(fn, **args):
    try:
        return fn(**args)
    except exceptions.ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]


def put(*data, ns="Mine"):
    cw.put_metric_data(Namespace=ns, MetricData=list(data))


def statistics(name, period=60, stats=("Sum",), start=-60, end=1, **more):
    answer = cw.get_metric_statistics(Namespace="Mine", MetricName=name, StartTime=minute(start), EndTime=minute(end), Period=period, Statistics=list(stats), **more)
    return sorted(answer["Datapoints"], key=lambda p: p["Timestamp"])


def metrics():
    host = [{"Name": "Host", "Value": "a"}]
    put({"MetricName": "Hits", "Value": 3, "Unit": "Count", "Timestamp": minute(-2), "Dimensions": host},
        {"MetricName": "Hits", "Value": 5, "Unit": "Count", "Timestamp": minute(-2) + datetime.timedelta(seconds=30), "Dimensions": host},
        {"MetricName": "Hits", "Value": 7, "Unit": "Count", "Timestamp": minute(-1), "Dimensions": host},
        {"MetricName": "Latency", "Values": [1, 2, 10], "Counts": [1, 2, 1], "Unit": "Milliseconds"},
        {"MetricName": "Set", "StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 1, "Maximum": 9}})
    found = cw.list_metrics(Namespace="Mine")["Metrics"]
    same(found, [{"Namespace": "Mine", "MetricName": "Hits", "Dimensions": host}, {"Namespace": "Mine", "MetricName": "Latency", "Dimensions": []},
                 {"Namespace": "Mine", "MetricName": "Set", "Dimensions": []}], "metrics are listed")
    same(len(cw.list_metrics(Namespace="Mine", Dimensions=[{"Name": "Host"}])["Metrics"]), 1, "by a dimension's name")
    same(cw.list_metrics(Namespace="Mine", Dimensions=[{"Name": "Host", "Value": "b"}])["Metrics"], [], "and by its value")
    points = statistics("Hits", Dimensions=host, stats=("Sum", "SampleCount", "Average", "Minimum", "Maximum"))
    same([(p["Timestamp"], p["Sum"], p["SampleCount"], p["Average"], p["Minimum"], p["Maximum"], p["Unit"]) for p in points],
         [(minute(-2), 8, 2, 4, 3, 5, "Count"), (minute(-1), 7, 1, 7, 7, 7, "Count")], "a point a minute")
    same([(p["Timestamp"], p["Sum"]) for p in statistics("Hits", period=300, start=-5, end=0, Dimensions=host)], [(minute(-5), 15)], "of five minutes")
    same(statistics("Hits"), [], "dimensions must be those that it has")
    same([p["ExtendedStatistics"] for p in cw.get_metric_statistics(Namespace="Mine", MetricName="Latency", StartTime=minute(-1), EndTime=minute(1), Period=60,
                                                                    ExtendedStatistics=["p50", "p100"])["Datapoints"]], [{"p50": 2.0, "p100": 10.0}], "percentiles")
    same([(p["SampleCount"], p["Sum"], p["Minimum"], p["Maximum"], p["Unit"]) for p in statistics("Set", stats=("SampleCount", "Sum", "Minimum", "Maximum"))],
         [(4, 20, 1, 9, "None")], "a statistic set")


def what_is_refused():
    same(refused(cw.get_metric_statistics, Namespace="Mine", MetricName="Hits", StartTime=minute(0), EndTime=minute(0), Period=60, Statistics=["Sum"]),
         ("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime."), "no time at all")
    same(refused(cw.get_metric_statistics, Namespace="Mine", MetricName="Hits", StartTime=minute(-60 * 48), EndTime=minute(0), Period=60, Statistics=["Sum"]),
         ("InvalidParameterCombination", "You have requested up to 2880 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by "
          "increasing Period, or decreasing the time range."), "too many points")
    same(refused(cw.put_metric_data, Namespace="Mine", MetricData=[{"MetricName": "x", "Values": [1, 2], "Counts": [1]}]),
         ("InvalidParameterValue", "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size."), "values without counts")
    same(refused(cw.put_metric_data, Namespace="AWS/Mine", MetricData=[{"MetricName": "x", "Value": 1}]),
         ("InvalidParameterValue", "The value AWS/Mine for parameter Namespace is invalid."), "AWS's own namespace")
    same(refused(cw.put_metric_data, Namespace="Mine", MetricData=[{"MetricName": "x", "Value": 1, "Timestamp": minute(180)}])[0], "InvalidParameterValue", "too far ahead")
    same(refused(cw.put_metric_data, Namespace="Mine", MetricData=[{"MetricName": "x", "Value": 1}] * 1001)[0], "InvalidParameterValue", "too many data")
    packing = lambda request, **_: (setattr(request, "data", gzip.compress(urllib.parse.urlencode(request.data).encode())), request.headers.add_header("Content-Encoding", "gzip"))
    cw.meta.events.register("before-sign.cloudwatch.PutMetricData", packing)
    same((refused(cw.put_metric_data, Namespace="Mine", MetricData=[{"MetricName": "x", "Value": 1}] * 1001)[0],
          refused(cw.put_metric_data, Namespace="Mine", MetricData=[{"MetricName": "x" * 300, "Value": 1}])[0]),
         ("InvalidParameterValue", "ValidationError"), "of a request that is packed, too")
    cw.meta.events.unregister("before-sign.cloudwatch.PutMetricData", packing)
    same(cw.list_metrics(Namespace="Mine", MetricName="x")["Metrics"], [], "nothing of these was kept")
    code, text = refused(cw.put_metric_alarm, AlarmName="a", MetricName="m", Namespace="Mine", Period=60, EvaluationPeriods=1, Threshold=1, Statistic="Sum",
                         ComparisonOperator="GreaterThanThreshold", TreatMissingData="x")
    same((code, text), ("ValidationError", "Option x is not supported. Supported options for parameter TreatMissingData are breaching, notBreaching, ignore and "
                        "missing."), "an unknown option")
    same(refused(cw.describe_insight_rules)[0] in ("InvalidAction", "UnknownOperationException"), True, "what isn't served is refused")


def data():
    host = [{"Name": "Host", "Value": "a"}]
    hits = {"Metric": {"Namespace": "Mine", "MetricName": "Hits", "Dimensions": host}, "Period": 60, "Stat": "Sum"}

    def ask(*queries, **more):
        args = {"StartTime": minute(-5), "EndTime": minute(1), "ScanBy": "TimestampAscending", **more}
        answer = cw.get_metric_data(MetricDataQueries=list(queries), **args)
        return {r["Id"]: (r["Label"], [int((t - T0).total_seconds() // 60) for t in r["Timestamps"]], r["Values"]) for r in answer["MetricDataResults"]}
    same(ask({"Id": "m1", "MetricStat": hits}), {"m1": ("Hits", [-2, -1], [8, 7])}, "a metric over time")
    same(ask({"Id": "m1", "MetricStat": hits}, ScanBy="TimestampDescending")["m1"][1], [-1, -2], "the latest first")
    same(ask({"Id": "m1", "MetricStat": hits, "ReturnData": False}, {"Id": "e1", "Expression": "m1 * 10 + 1", "Label": "tens"}), {"e1": ("tens", [-2, -1], [81, 71])}, "an expression")
    same(ask({"Id": "e1", "Expression": "FILL(m1, 0)"}, {"Id": "m1", "MetricStat": hits, "ReturnData": False})["e1"][2], [0, 0, 0, 8, 7, 0], "filled")
    same(ask({"Id": "e1", "Expression": "IF(m1 > 7, 1, 0)"}, {"Id": "m1", "MetricStat": hits, "ReturnData": False})["e1"][2], [1, 0], "a condition")
    same(ask({"Id": "e1", "Expression": "SUM(METRICS())"}, {"Id": "m1", "MetricStat": hits}, {"Id": "m2", "MetricStat": hits})["e1"][2], [16, 14], "a sum of all")
    pages = list(cw.get_paginator("get_metric_data").paginate(MetricDataQueries=[{"Id": "m1", "MetricStat": hits}], StartTime=minute(-5), EndTime=minute(1),
                                                              MaxDatapoints=1))
    same([p["MetricDataResults"][0]["Values"] for p in pages], [[7], [8]], "page by page")
    code, text = refused(cw.get_metric_data, MetricDataQueries=[{"Id": "e1", "Expression": "SEARCH('x', 'Sum')"}], StartTime=minute(-5), EndTime=minute(1))
    same(code, "ValidationError", "a function that isn't there")
    ok("SEARCH" in text, "is named", text)
    same(refused(cw.get_metric_data, MetricDataQueries=[{"Id": "m1", "MetricStat": hits}], StartTime=minute(1), EndTime=minute(0)),
         ("ValidationError", "The parameter EndTime must be greater than StartTime."), "backwards")


def alarms():
    global cw
    action = "arn:aws:sns:us-east-1:000000000000:t"
    cw.put_metric_alarm(AlarmName="many", MetricName="Errors", Namespace="Mine", Period=60, EvaluationPeriods=1, Threshold=2, Statistic="Sum",
                        ComparisonOperator="GreaterThanThreshold", AlarmActions=[action], Tags=[{"Key": "k", "Value": "v"}])
    cw.put_metric_alarm(AlarmName="quiet", MetricName="Errors", Namespace="Mine", Period=60, EvaluationPeriods=2, Threshold=1, Statistic="Sum",
                        ComparisonOperator="LessThanThreshold", TreatMissingData="breaching")

    def state(name="many"):
        a = cw.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
        return a["StateValue"], a["StateReason"]
    same(state(), ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation"), "a new alarm knows nothing")
    a = cw.describe_alarms(AlarmNames=["many"])["MetricAlarms"][0]
    same((a["AlarmArn"], a["ActionsEnabled"], a["AlarmActions"], a["Dimensions"], a["StateUpdatedTimestamp"]),
         ("arn:aws:cloudwatch:us-east-1:000000000000:alarm:many", True, [action], [], T0), "an alarm described")
    put({"MetricName": "Errors", "Value": 5})
    s.clock("advance 1m")
    same(state(), ("ALARM", "Threshold Crossed: 1 out of the last 1 datapoints [5.0 (05/01/26 09:00:00)] was greater than the threshold (2.0) (minimum 1 datapoint "
                   "for OK -> ALARM transition)."), "at the end of the minute it goes off")
    same([x["AlarmName"] for x in cw.describe_alarms(StateValue="ALARM")["MetricAlarms"]], ["many"], "alarms by state")
    put({"MetricName": "Errors", "Value": 1})
    s.clock("advance 1m")
    same(state()[0], "OK", "and is calm again")
    s.clock("advance 5m")
    same((state()[0], state("quiet")[0]), ("INSUFFICIENT_DATA", "ALARM"), "without data: unknown, or as it was told")
    items = cw.describe_alarm_history(AlarmName="many", HistoryItemType="StateUpdate", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    same([i["HistorySummary"] for i in items], ["Alarm updated from INSUFFICIENT_DATA to ALARM", "Alarm updated from ALARM to OK",
                                                "Alarm updated from OK to INSUFFICIENT_DATA"], "its history")
    same([i["HistorySummary"] for i in cw.describe_alarm_history(AlarmName="many", HistoryItemType="Action")["AlarmHistoryItems"]],
         [f"Failed to execute action {action}"], "an action that was due is said")
    cw.set_alarm_state(AlarmName="many", StateValue="ALARM", StateReason="by hand", StateReasonData='{"a": 1}')
    same(state(), ("ALARM", "by hand"), "a state set by hand")
    same(refused(cw.set_alarm_state, AlarmName="none", StateValue="OK", StateReason="")[0], "ResourceNotFound", "of no alarm")
    same([x["AlarmName"] for x in cw.describe_alarms_for_metric(MetricName="Errors", Namespace="Mine")["MetricAlarms"]], ["many", "quiet"], "alarms of a metric")
    same(cw.list_tags_for_resource(ResourceARN=a["AlarmArn"])["Tags"], [{"Key": "k", "Value": "v"}], "tags")
    cw.disable_alarm_actions(AlarmNames=["many"])
    same(cw.describe_alarms(AlarmNames=["many"])["MetricAlarms"][0]["ActionsEnabled"], False, "actions off")
    s.stop()
    s.up()
    cw = s.client("cloudwatch")
    same(state("quiet")[0], "ALARM", "alarms outlive a restart")
    put({"MetricName": "Errors", "Value": 9})
    s.clock("advance 2m")
    same(state()[0], "OK", "and are looked at")
    cw.delete_alarms(AlarmNames=["many", "quiet"])
    same(cw.describe_alarms()["MetricAlarms"], [], "alarms go")


def dashboards():
    body = json.dumps({"widgets": []})
    cw.put_dashboard(DashboardName="d", DashboardBody=body)
    got = cw.get_dashboard(DashboardName="d")
    same((got["DashboardBody"], got["DashboardArn"]), (body, "arn:aws:cloudwatch::000000000000:dashboard/d"), "a dashboard is kept")
    same([(d["DashboardName"], d["Size"]) for d in cw.list_dashboards()["DashboardEntries"]], [("d", len(body))], "and listed")
    cw.delete_dashboards(DashboardNames=["d"])
    same(refused(cw.get_dashboard, DashboardName="d"), ("ResourceNotFound", "Dashboard d does not exist"), "and goes")


def command_line():
    r = s.aws("cloudwatch", "list-metrics", "--namespace", "Mine", "--query", "Metrics[].MetricName", "--output", "text")
    same(r.stdout.split(), ["Errors", "Hits", "Latency", "Set"], "aws cloudwatch list-metrics")
    r = s.aws("cloudwatch", "get-metric-statistics", "--namespace", "Mine", "--metric-name", "Set", "--start-time", "2026-01-05T08:00:00Z", "--end-time",
              "2026-01-05T10:00:00Z", "--period", "3600", "--statistics", "Average", "--query", "Datapoints[0].Average")
    same(r.stdout.strip(), "5.0", "aws cloudwatch get-metric-statistics", )
    r = s.aws("cloudwatch", "get-dashboard", "--dashboard-name", "none")
    ok("(ResourceNotFound) when calling the GetDashboard operation: Dashboard none does not exist" in r.stderr, "a refusal that the CLI can read", r.stderr)


parts(metrics, what_is_refused, data, alarms, dashboards, command_line)
done()
