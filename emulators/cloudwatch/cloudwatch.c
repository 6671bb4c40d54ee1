/* CloudWatch: metrics put and listed, dashboards, tags. */
#include "cloudwatch/cloudwatch.h"

#include <math.h>

#include "aws/store.h"

static const struct aws_kind dashboards = { "cloudwatch.dashboard", true };

enum { DATA_MAX = 1000, METRICS_PAGE = 500, DIMENSIONS_MAX = 30, VALUES_MAX = 150 };
static const int64_t two_hours_ms = 2 * 3600000, two_weeks_ms = 14 * 86400000;

static int refuse(struct aws_call *c, int status, const char *code, const char *fmt, va_list ap)
{
	struct buf text = { 0 };
	buf_addv(&text, fmt, ap);
	int rc = aws_refuse(c, status, code, "%s", buf_cstr(&text));
	buf_free(&text);
	return rc;
}

int cw_invalid(struct aws_call *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int rc = refuse(c, 400, "InvalidParameterValue", fmt, ap);
	va_end(ap);
	return rc;
}

int cw_combination(struct aws_call *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int rc = refuse(c, 400, "InvalidParameterCombination", fmt, ap);
	va_end(ap);
	return rc;
}

int cw_validation(struct aws_call *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int rc = refuse(c, 400, "ValidationError", fmt, ap);
	va_end(ap);
	return rc;
}

/* ---- names ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(jstr(*(json_t *const *)a, "Name"), jstr(*(json_t *const *)b, "Name"));
}

char *cw_dims(const json_t *list)
{
	const json_t *v[DIMENSIONS_MAX];
	struct buf b = { 0 };
	size_t n = json_array_size(list);
	n = n < DIMENSIONS_MAX ? n : DIMENSIONS_MAX;
	for (size_t i = 0; i < n; i++)
		v[i] = json_array_get(list, i);
	qsort(v, n, sizeof(*v), by_name);
	jw_list(&b, NULL);
	for (size_t i = 0; i < n; i++) {
		jw_list(&b, NULL);
		jw_str(&b, NULL, jslice(v[i], "Name"));
		jw_str(&b, NULL, jslice(v[i], "Value"));
		jw_list_end(&b);
	}
	jw_list_end(&b);
	(void)buf_cstr(&b);
	return b.p;
}

json_t *cw_dims_shown(const char *dims)
{
	JSON_AUTO pairs = json_loads(dims, 0, NULL);
	json_t *out = json_array(), *pair;
	size_t i;
	json_array_foreach (pairs, i, pair) {
		json_t *o = json_object();
		json_object_set(o, "Name", json_array_get(pair, 0));
		json_object_set(o, "Value", json_array_get(pair, 1));
		json_array_append_new(out, o);
	}
	return out;
}

const char *cw_place(struct arena *a, struct aws_place at)
{
	return arena_printf(a, "%s %s", at.account, at.region).p;
}

bool cw_percentile(const char *stat, double *percent)
{
	char *end;
	if (*stat != 'p' || stat[1] < '0' || stat[1] > '9')
		return false;
	*percent = strtod(stat + 1, &end);
	return !*end && *percent >= 0 && *percent <= 100;
}

/* ---- PutMetricData ---- */

int cw_put(struct watch *w, const struct metric_key *k, int64_t at_ms, double value, struct error *err)
{
	struct metric_sum sum = { 0 };
	int64_t at_s = at_ms / 1000;
	metric_sum_add(&sum, value, 1);
	int rc = metrics_put(&w->store, k, at_s - at_s % 60, clock_now_ms(w->a->env->clock) / 1000, &sum, err);
	metric_sum_free(&sum);
	return rc;
}

/* Values with their counts. */
static int sum_values(struct aws_call *c, const json_t *d, size_t i, struct metric_sum *sum)
{
	const json_t *values = json_object_get(d, "Values"), *counts = json_object_get(d, "Counts"), *v;
	size_t at;
	if (json_object_get(d, "Value"))
		return cw_invalid(c, "The parameters MetricData.member.%zu.Value and MetricData.member.%zu.Values are mutually exclusive and you have specified both.", i, i);
	if (counts && json_array_size(counts) != json_array_size(values))
		return cw_invalid(c, "The parameters MetricData.member.%zu.Values and MetricData.member.%zu.Counts must be of the same size.", i, i);
	if (json_array_size(values) > VALUES_MAX)
		return cw_invalid(c, "The collection MetricData.member.%zu.Values must not have a size greater than %d.", i, VALUES_MAX);
	json_array_foreach (values, at, v)
		metric_sum_add(sum, json_number_value(v), counts ? json_number_value(json_array_get(counts, at)) : 1);
	return 0;
}

static int sum_datum(struct aws_call *c, const json_t *d, size_t i, struct metric_sum *sum)
{
	const json_t *set = json_object_get(d, "StatisticValues"), *value = json_object_get(d, "Value");
	if (set && value)
		return cw_combination(c, "The parameters MetricData.member.%zu.Value and MetricData.member.%zu.StatisticValues are mutually exclusive and you have"
				      " specified both.", i, i);
	if (json_array_size(json_object_get(d, "Values")))
		return sum_values(c, d, i, sum);
	if (set) {
		metric_sum_set(sum, jnum(set, "SampleCount"), jnum(set, "Sum"), jnum(set, "Minimum"), jnum(set, "Maximum"));
		return 0;
	}
	if (!value)
		return aws_refuse(c, 400, "MissingParameter", "At least one of the parameters MetricData.member.%zu.Value, MetricData.member.%zu.Values and "
				  "MetricData.member.%zu.StatisticValues must be specified.", i, i, i);
	if (!isfinite(json_number_value(value)) || fabs(json_number_value(value)) > pow(2, 360))
		return cw_invalid(c, "The value %g for parameter MetricData.member.%zu.Value is invalid.", json_number_value(value), i);
	metric_sum_add(sum, json_number_value(value), 1);
	return 0;
}

static int put_datum(struct aws_call *c, const json_t *d, size_t i, bool check_only)
{
	struct metric_sum sum = { 0 };
	struct error err;
	int64_t at_ms = json_object_get(d, "Timestamp") ? jint(d, "Timestamp") : c->now_ms, every = jint(d, "StorageResolution") == 1 ? 1 : 60;
	if (at_ms > c->now_ms + two_hours_ms)
		return cw_invalid(c, "The parameter MetricData.member.%zu.Timestamp must specify a time no more than two hours in the future.", i);
	if (at_ms < c->now_ms - two_weeks_ms)
		return cw_invalid(c, "The parameter MetricData.member.%zu.Timestamp must specify a time within the past two weeks.", i);
	int rc = sum_datum(c, d, i, &sum);
	if (!rc && !check_only) {
		char *dims = cw_dims(json_object_get(d, "Dimensions"));
		const char *unit = jstr(d, "Unit");
		struct metric_key k = { cw_place(c->arena, c->at), jstr(c->in, "Namespace"), jstr(d, "MetricName"), dims, unit ? unit : "None" };
		if (metrics_put(&c->aws->watch->store, &k, at_ms / 1000 - at_ms / 1000 % every, c->now_ms / 1000, &sum, &err))
			rc = aws_broken(c, &err);
		free(dims);
	}
	metric_sum_free(&sum);
	return rc;
}

static int put_data(struct aws_call *c)
{
	json_t *data = json_object_get(c->in, "MetricData"), *entity, *d;
	size_t i;
	if (sl_starts(jslice(c->in, "Namespace"), S("AWS/")))
		return cw_invalid(c, "The value %s for parameter Namespace is invalid.", jstr(c->in, "Namespace"));
	if (!data)
		json_object_set_new(c->in, "MetricData", data = json_array());
	json_array_foreach (json_object_get(c->in, "EntityMetricData"), i, entity)
		json_array_extend(data, json_object_get(entity, "MetricData"));
	if (!json_array_size(data))
		return aws_refuse(c, 400, "MissingParameter", "The parameter MetricData is required.");
	if (json_array_size(data) > DATA_MAX)
		return cw_invalid(c, "The collection MetricData must not have a size greater than %d.", DATA_MAX);
	json_array_foreach (data, i, d)
		if (put_datum(c, d, i + 1, true))
			return -1;
	json_array_foreach (data, i, d)
		if (put_datum(c, d, i + 1, false))
			return -1;
	return 0;
}

/* ---- ListMetrics ---- */

struct listing {
	struct aws_call *c;
	json_t *found;
};

/* Each of the request's dimensions is among the metric's; its value, where it says one. */
static bool has_dims(const json_t *wanted, const json_t *has)
{
	const json_t *w, *h;
	size_t i, j;
	json_array_foreach (wanted, i, w) {
		bool there = false;
		json_array_foreach (has, j, h)
			there |= !strcmp(jstr(w, "Name"), jstr(h, "Name")) && (!jstr(w, "Value") || !strcmp(jstr(w, "Value"), jstr(h, "Value")));
		if (!there)
			return false;
	}
	return true;
}

static void add_metric(void *arg, const char *ns, const char *name, const char *dims)
{
	struct listing *l = arg;
	const char *want_ns = jstr(l->c->in, "Namespace"), *want_name = jstr(l->c->in, "MetricName");
	if ((want_ns && strcmp(want_ns, ns)) || (want_name && strcmp(want_name, name)))
		return;
	json_t *has = cw_dims_shown(dims);
	if (!has_dims(json_object_get(l->c->in, "Dimensions"), has)) {
		json_decref(has);
		return;
	}
	json_t *o = json_object();
	json_object_set_new(o, "Namespace", json_string(ns));
	json_object_set_new(o, "MetricName", json_string(name));
	json_object_set_new(o, "Dimensions", has);
	json_array_append_new(l->found, o);
}

static int list_metrics(struct aws_call *c)
{
	struct listing l = { c, json_array() };
	struct error err;
	cw_own_flush(c->aws->watch);
	int64_t since_s = c->now_ms / 1000 - (json_object_get(c->in, "RecentlyActive") ? 3 * 3600 : 14 * 86400);
	if (metrics_each(&c->aws->watch->store, cw_place(c->arena, c->at), since_s, add_metric, &l, &err)) {
		json_decref(l.found);
		return aws_broken(c, &err);
	}
	if (aws_page(c, l.found, "Metrics", NULL, METRICS_PAGE, "NextToken", "NextToken"))
		return cw_invalid(c, "Request parameter NextToken is invalid");
	return 0;
}

/* ---- dashboards ---- */

static struct aws_place everywhere(struct aws_call *c)
{
	return (struct aws_place){ c->at.account, "" };
}

static const char *dashboard_arn(struct aws_call *c, const char *name)
{
	return arena_printf(c->arena, "arn:aws:cloudwatch::%s:dashboard/%s", c->at.account, name).p;
}

static int put_dashboard(struct aws_call *c)
{
	const char *name = jstr(c->in, "DashboardName");
	struct slice body = jslice(c->in, "DashboardBody");
	struct error err;
	JSON_AUTO read = json_loadb(body.p, body.n, 0, NULL);
	if (!json_is_object(read))
		return aws_refuse(c, 400, "InvalidParameterInput", "The field DashboardBody must be a valid JSON object");
	json_t *doc = json_deep_copy(c->in);
	json_object_set_new(doc, "LastModified", json_integer(c->now_ms));
	json_object_set_new(c->out, "DashboardValidationMessages", json_array());
	return aws_keep(c->aws, everywhere(c), &dashboards, name, doc, &err) ? aws_broken(c, &err) : 0;
}

static int no_dashboard(struct aws_call *c, const char *name)
{
	return aws_refuse(c, 404, "ResourceNotFound", "Dashboard %s does not exist", name);
}

static int get_dashboard(struct aws_call *c)
{
	const char *name = jstr(c->in, "DashboardName");
	json_t *doc = aws_find(c->aws, everywhere(c), &dashboards, name);
	if (!doc)
		return no_dashboard(c, name);
	jcopy(c->out, doc, "DashboardName");
	jcopy(c->out, doc, "DashboardBody");
	jput(c->out, "DashboardArn", dashboard_arn(c, name));
	return 0;
}

static int list_dashboards(struct aws_call *c)
{
	struct slice prefix = jslice(c->in, "DashboardNamePrefix");
	json_t *list = json_array(), *doc;
	for (struct aws_walk w = aws_walk(c->aws, everywhere(c), &dashboards); (doc = aws_next(&w));) {
		if (prefix.p && !sl_starts(sl(w.key), prefix))
			continue;
		json_t *o = json_object();
		json_object_set_new(o, "DashboardName", json_string(w.key));
		jput(o, "DashboardArn", dashboard_arn(c, w.key));
		jcopy(o, doc, "LastModified");
		json_object_set_new(o, "Size", json_integer((json_int_t)jslice(doc, "DashboardBody").n));
		json_array_append_new(list, o);
	}
	return aws_page(c, list, "DashboardEntries", NULL, 1000, "NextToken", "NextToken") ? cw_invalid(c, "Request parameter NextToken is invalid") : 0;
}

static int delete_dashboards(struct aws_call *c)
{
	const json_t *name;
	struct error err;
	size_t i;
	json_array_foreach (json_object_get(c->in, "DashboardNames"), i, name)
		if (!aws_find(c->aws, everywhere(c), &dashboards, json_string_value(name)))
			return no_dashboard(c, json_string_value(name));
	json_array_foreach (json_object_get(c->in, "DashboardNames"), i, name)
		if (aws_drop(c->aws, everywhere(c), &dashboards, json_string_value(name), &err))
			return aws_broken(c, &err);
	return 0;
}

/* ---- tags of alarms ---- */

static json_t *tagged(struct aws_call *c, const char **name)
{
	const char *arn = jstr(c->in, "ResourceARN"), *at = strstr(arn, ":alarm:");
	json_t *alarm = at ? aws_find(c->aws, c->at, &cw_alarms, *name = at + 7) : NULL;
	if (!alarm)
		aws_refuse(c, 404, "ResourceNotFoundException", "Unknown");
	return alarm;
}

static int keep_tags(struct aws_call *c, const char *name, json_t *alarm)
{
	struct error err;
	return aws_keep(c->aws, c->at, &cw_alarms, name, alarm, &err) ? aws_broken(c, &err) : 0;
}

static json_t *tags_of(json_t *alarm)
{
	if (!json_object_get(alarm, "Tags"))
		json_object_set_new(alarm, "Tags", json_array());
	return json_object_get(alarm, "Tags");
}

static int tag(struct aws_call *c)
{
	const char *name;
	json_t *alarm = tagged(c, &name);
	if (!alarm)
		return -1;
	aws_tags_set(tags_of(alarm), json_object_get(c->in, "Tags"), "Key", "Value");
	return keep_tags(c, name, alarm);
}

static int untag(struct aws_call *c)
{
	const char *name;
	json_t *alarm = tagged(c, &name);
	if (!alarm)
		return -1;
	aws_tags_drop(tags_of(alarm), json_object_get(c->in, "TagKeys"), "Key");
	return keep_tags(c, name, alarm);
}

static int list_tags(struct aws_call *c)
{
	const char *name;
	json_t *alarm = tagged(c, &name);
	if (!alarm)
		return -1;
	json_object_set(c->out, "Tags", tags_of(alarm));
	return 0;
}

static int on_open(struct aws *a, struct error *err)
{
	struct watch *w = a->watch = xcalloc(1, sizeof(*w));
	w->a = a;
	w->store = (struct metrics_store){ &a->db, AWS_Q_METRICS };
	cw_own_open(w);
	cw_alarms_arm(w);
	return 0;
}

static void on_close(struct aws *a)
{
	if (!a->watch)
		return;
	cw_own_close(a->watch);
	clock_cancel(a->env->clock, &a->watch->alarm);
	free(a->watch);
	a->watch = NULL;
}

#define NS "s1-255~[^:].*~"
#define DIMS "Dimensions:[{Name!:s1-255 Value!:s1-1024}]0-30"
#define STATS "SampleCount|Average|Sum|Minimum|Maximum"
#define UNIT \
	"Seconds|Microseconds|Milliseconds|Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|Kilobits|Megabits|Gigabits|Terabits|Percent|Count" \
	"|Bytes/Second|Kilobytes/Second|Megabytes/Second|Gigabytes/Second|Terabytes/Second|Bits/Second|Kilobits/Second|Megabits/Second" \
	"|Gigabits/Second|Terabits/Second|Count/Second|None"
#define DATA \
	"MetricData:[{MetricName!:s1-255 " DIMS " Timestamp:t Value:n StatisticValues:{SampleCount!:n Sum!:n Minimum!:n Maximum!:n} Values:[n] Counts:[n]" \
	" Unit:" UNIT " StorageResolution:i1-}]"
#define QUERIES \
	"[{Id!:s1-255 MetricStat:{Metric!:{Namespace:" NS " MetricName:s1-255 " DIMS "} Period!:i1- Stat!:s Unit:" UNIT "} Expression:s1-2048 Label:s" \
	" ReturnData:b Period:i1- AccountId:s1-255}]"
#define COMPARES \
	"GreaterThanOrEqualToThreshold|GreaterThanThreshold|LessThanThreshold|LessThanOrEqualToThreshold|LessThanLowerOrGreaterThanUpperThreshold" \
	"|LessThanLowerThreshold|GreaterThanUpperThreshold"
#define NAMES "AlarmNames!:[s1-255]0-100"
#define ALARMS \
	"MetricAlarms:[{AlarmConfigurationUpdatedTimestamp:t StateUpdatedTimestamp:t StateTransitionedTimestamp:t Threshold:n}]"
#define TYPES "AlarmTypes:[CompositeAlarm|MetricAlarm]"
#define STATES "OK|ALARM|INSUFFICIENT_DATA"

static const struct aws_op ops[] = {
	{ AWS_OP("cloudwatch", "PutMetricData", "data points of metrics"), "Namespace!:" NS " " DATA " EntityMetricData:[{Entity:j " DATA "}] StrictEntityValidation:b", NULL,
	  put_data },
	{ AWS_OP("cloudwatch", "GetMetricData", "metrics and expressions of them over time"),
	  "MetricDataQueries!:" QUERIES " StartTime!:t EndTime!:t NextToken:s ScanBy:TimestampDescending|TimestampAscending MaxDatapoints:i LabelOptions:j",
	  "MetricDataResults:[{Timestamps:[t] Values:[n]}]", cw_get_data },
	{ AWS_OP("cloudwatch", "GetMetricStatistics", "statistics of a metric over time"),
	  "Namespace!:" NS " MetricName!:s1-255 " DIMS " StartTime!:t EndTime!:t Period!:i1- Statistics:[" STATS "]1-5 ExtendedStatistics:[s]1-10 Unit:" UNIT,
	  "Datapoints:[{Timestamp:t SampleCount:n Average:n Sum:n Minimum:n Maximum:n ExtendedStatistics:<n>}]", cw_get_statistics },
	{ AWS_OP("cloudwatch", "ListMetrics", "metrics with data in the last two weeks"),
	  "Namespace:" NS " MetricName:s1-255 Dimensions:[{Name!:s1-255 Value:s1-1024}]0-10 NextToken:s RecentlyActive:PT3H IncludeLinkedAccounts:b OwningAccount:s",
	  "Metrics:[{Dimensions:[{}]}]", list_metrics },
	{ AWS_OP("cloudwatch", "PutMetricAlarm", "an alarm of a metric"),
	  "AlarmName!:s1-255 AlarmDescription:s0-1024 ActionsEnabled:b OKActions:[s1-1024]0-5 AlarmActions:[s1-1024]0-5 InsufficientDataActions:[s1-1024]0-5"
	  " MetricName:s1-255 Namespace:" NS " Statistic:" STATS " ExtendedStatistic:s " DIMS " Period:i1- Unit:" UNIT " EvaluationPeriods:i1- DatapointsToAlarm:i1-"
	  " Threshold:n ComparisonOperator:" COMPARES " TreatMissingData:s1-255 EvaluateLowSampleCountPercentile:s1-255 Metrics:" QUERIES
	  " Tags:[{Key!:s1-128 Value!:s0-256}] ThresholdMetricId:s1-255", NULL, cw_put_alarm },
	{ AWS_OP("cloudwatch", "DescribeAlarms", "alarms and their states"),
	  "AlarmNames:[s1-255]0-100 AlarmNamePrefix:s1-255 " TYPES " ChildrenOfAlarmName:s ParentsOfAlarmName:s StateValue:" STATES
	  " ActionPrefix:s1-1024 MaxRecords:i1-100 NextToken:s", ALARMS, cw_describe_alarms },
	{ AWS_OP("cloudwatch", "DescribeAlarmsForMetric", "alarms of a metric"),
	  "MetricName!:s1-255 Namespace!:" NS " Statistic:" STATS " ExtendedStatistic:s " DIMS " Period:i1- Unit:" UNIT, ALARMS, cw_alarms_for_metric },
	{ AWS_OP("cloudwatch", "DescribeAlarmHistory", "what alarms went through"),
	  "AlarmName:s1-255 " TYPES " HistoryItemType:ConfigurationUpdate|StateUpdate|Action StartDate:t EndDate:t MaxRecords:i1-100 NextToken:s"
	  " ScanBy:TimestampDescending|TimestampAscending", "AlarmHistoryItems:[{Timestamp:t}]", cw_alarm_history },
	{ AWS_OP("cloudwatch", "SetAlarmState", "a state, until it is looked at again"), "AlarmName!:s1-255 StateValue!:" STATES " StateReason!:s0-1023 StateReasonData:s0-4000",
	  NULL, cw_set_state },
	{ AWS_OP("cloudwatch", "DeleteAlarms", "alarms go"), NAMES, NULL, cw_delete_alarms },
	{ AWS_OP("cloudwatch", "EnableAlarmActions", "actions are on"), NAMES, NULL, cw_enable_actions },
	{ AWS_OP("cloudwatch", "DisableAlarmActions", "actions are off"), NAMES, NULL, cw_disable_actions },
	{ AWS_OP("cloudwatch", "PutDashboard", "a dashboard, kept as it is"), "DashboardName!:s1-255 DashboardBody!:s Tags:[{Key!:s1-128 Value!:s0-256}]",
	  "DashboardValidationMessages:[{}]", put_dashboard },
	{ AWS_OP("cloudwatch", "GetDashboard", "a dashboard"), "DashboardName!:s", "", get_dashboard },
	{ AWS_OP("cloudwatch", "ListDashboards", "dashboards"), "DashboardNamePrefix:s NextToken:s", "DashboardEntries:[{LastModified:t}]", list_dashboards },
	{ AWS_OP("cloudwatch", "DeleteDashboards", "dashboards go"), "DashboardNames!:[s]", "", delete_dashboards },
	{ AWS_OP("cloudwatch", "TagResource", "tags of an alarm"), "ResourceARN!:s1-1024 Tags!:[{Key!:s1-128 Value!:s0-256}]", "", tag },
	{ AWS_OP("cloudwatch", "UntagResource", "tags go"), "ResourceARN!:s1-1024 TagKeys!:[s1-128]", "", untag },
	{ AWS_OP("cloudwatch", "ListTagsForResource", "tags of an alarm"), "ResourceARN!:s1-1024", "Tags:[{}]", list_tags },
};
const struct routes cloudwatch_ops = ROUTES(ops);
const struct aws_api cloudwatch_api = {
	.name = "cloudwatch",
	.scope = "monitoring",
	.protocol = AWS_QUERY,
	.ops = { &cloudwatch_ops },
	.open = on_open,
	.close = on_close,
};
