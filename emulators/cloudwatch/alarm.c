/* CloudWatch: alarms. They are documents; the clock looks at each once a period of its own.
 *
 * DIFFERS: CloudWatch: an alarm's actions are kept and its history says that they were due, but nothing is notified; no composite
 * alarms, no anomaly detection. */
#include "cloudwatch/cloudwatch.h"

#include <math.h>

#include "cloudwatch/alarm_rule.h"
#include "core/text.h"

const struct aws_kind cw_alarms = { "cloudwatch.alarm" };
static const char *const states[] = { [ALARM_OK] = "OK", [ALARM_ALARM] = "ALARM", [ALARM_UNKNOWN] = "INSUFFICIENT_DATA" };

enum { HISTORY_MAX = 100, PERIODS_MAX = 10080, NAMED_MAX = 5, RECENT_MAX = 100 };

/* ---- history ---- */

static void remember(json_t *alarm, int64_t now_ms, const char *type, json_t *data, const char *fmt, ...) PRINTF_LIKE(5, 6);
static void remember(json_t *alarm, int64_t now_ms, const char *type, json_t *data, const char *fmt, ...)
{
	json_t *history = json_object_get(alarm, ".history"), *o = json_object();
	char summary[300], *text = json_dumps(data, JSON_COMPACT);
	va_list ap;
	if (!history)
		json_object_set_new(alarm, ".history", history = json_array());
	va_start(ap, fmt);
	vsnprintf(summary, sizeof(summary), fmt, ap);
	va_end(ap);
	json_object_set_new(o, "AlarmName", json_string(jstr(alarm, "AlarmName")));
	json_object_set_new(o, "AlarmType", json_string("MetricAlarm"));
	json_object_set_new(o, "Timestamp", json_integer(now_ms));
	json_object_set_new(o, "HistoryItemType", json_string(type));
	json_object_set_new(o, "HistorySummary", json_string(summary));
	json_object_set_new(o, "HistoryData", json_string(text ? text : "{}"));
	json_array_append_new(history, o);
	if (json_array_size(history) > HISTORY_MAX)
		json_array_remove(history, 0);
	free(text);
	json_decref(data);
}

/* An action that is due: nobody is there to take it. */
static void actions_due(struct watch *w, json_t *alarm, int64_t now_ms, const char *state)
{
	const char *list = !strcmp(state, "ALARM") ? "AlarmActions" : !strcmp(state, "OK") ? "OKActions" : "InsufficientDataActions";
	const json_t *arn;
	size_t i;
	if (json_is_false(json_object_get(alarm, "ActionsEnabled")))
		return;
	json_array_foreach (json_object_get(alarm, list), i, arn) {
		remember(alarm, now_ms, "Action", json_pack("{s:s, s:s}", "actionState", "Failed", "notificationResource", json_string_value(arn)),
			 "Failed to execute action %.200s", json_string_value(arn));
		log_info(w->a->env, "alarm-action", "alarm=\"%s\" state=%s action=%s", jstr(alarm, "AlarmName"), state, json_string_value(arn));
	}
}

static void set_state(struct watch *w, json_t *alarm, int64_t now_ms, const char *state, const char *reason, const char *reason_data)
{
	const char *old = jstr(alarm, "StateValue");
	bool changes = strcmp(old, state) != 0;
	json_t *data = json_pack("{s:s, s:{s:s, s:s}, s:{s:s, s:s}}", "version", "1.0", "oldState", "stateValue", old, "stateReason", jstr(alarm, "StateReason"), "newState",
				 "stateValue", state, "stateReason", reason);
	if (changes) {
		remember(alarm, now_ms, "StateUpdate", data, "Alarm updated from %s to %s", old, state);
		json_object_set_new(alarm, "StateTransitionedTimestamp", json_integer(now_ms));
	} else {
		json_decref(data);
	}
	json_object_set_new(alarm, "StateValue", json_string(state));
	json_object_set_new(alarm, "StateReason", json_string(reason));
	json_object_set_new(alarm, "StateUpdatedTimestamp", json_integer(now_ms));
	if (reason_data)
		json_object_set_new(alarm, "StateReasonData", json_string(reason_data));
	else
		json_object_del(alarm, "StateReasonData");
	if (changes)
		actions_due(w, alarm, now_ms, state);
}

/* ---- looking at one ---- */

static int64_t period_of(const json_t *alarm)
{
	const json_t *query;
	int64_t longest = jint(alarm, "Period");
	size_t i;
	json_array_foreach (json_object_get(alarm, "Metrics"), i, query) {
		const json_t *stat = json_object_get(query, "MetricStat");
		int64_t p = stat ? jint(stat, "Period") : jint(query, "Period");
		longest = p > longest ? p : longest;
	}
	return longest ? longest : 60;
}

static struct alarm_rule rule_of(const json_t *alarm)
{
	const char *missing = jstr(alarm, "TreatMissingData");
	return (struct alarm_rule){
		.periods = (size_t)jint(alarm, "EvaluationPeriods"),
		.needed = (size_t)(json_object_get(alarm, "DatapointsToAlarm") ? jint(alarm, "DatapointsToAlarm") : jint(alarm, "EvaluationPeriods")),
		.compare = jstr(alarm, "ComparisonOperator"),
		.threshold = jnum(alarm, "Threshold"),
		.missing = !missing || !strcmp(missing, "missing") ? MISSING_MISSING : !strcmp(missing, "ignore") ? MISSING_IGNORE :
			   !strcmp(missing, "breaching") ? MISSING_BREACHING : MISSING_NOT_BREACHING,
	};
}

struct taking {
	double *to;
	size_t n;
};

static void take(void *arg, const json_t *query, const char *label, const double *v, const struct cw_grid *g)
{
	struct taking *t = arg;
	for (size_t i = 0; i < t->n && i < g->n; i++)
		t->to[t->n - 1 - i] = v[g->n - 1 - i];
}

static int read_points(struct watch *w, struct arena *a, struct aws_place at, const json_t *alarm, const struct cw_grid *g, double *v, struct error *err)
{
	char unit[24];
	if (json_object_get(alarm, "Metrics")) {
		struct taking t = { v, g->n };
		for (size_t i = 0; i < g->n; i++)
			v[i] = NAN;
		return cw_run_queries(w, a, at, json_object_get(alarm, "Metrics"), g->from_s, g->from_s + (int64_t)g->n * g->period_s, take, &t, err);
	}
	char *dims = cw_dims(json_object_get(alarm, "Dimensions"));
	const char *stat = jstr(alarm, "Statistic");
	struct metric_key k = { cw_place(a, at), jstr(alarm, "Namespace"), jstr(alarm, "MetricName"), dims, jstr(alarm, "Unit") };
	int rc = cw_series(w, &k, g, stat ? stat : jstr(alarm, "ExtendedStatistic"), v, unit, err);
	free(dims);
	return rc;
}

static void put_points(struct buf *b, const double *v, const struct cw_grid *g, const size_t *used, size_t n)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < n && i < NAMED_MAX; i++) {
		int64_t at_s = g->from_s + (int64_t)used[i] * g->period_s;
		int y, m, d, of_day = (int)(at_s % 86400);
		clock_civil(at_s / 86400, &y, &m, &d);
		buf_adds(b, i ? ", " : "");
		buf_real(b, v[used[i]], true);
		buf_addf(b, " (%02d/%02d/%02d %02d:%02d:%02d)", d, m, y % 100, of_day / 3600, of_day / 60 % 60, of_day % 60);
	}
	buf_adds(b, n > NAMED_MAX ? ", ...]" : "]");
}

static const char *words_of(const char *compare)
{
	return !strncmp(compare, "GreaterThanOrEqual", 18) ? "greater than or equal to" : !strncmp(compare, "Greater", 7) ? "greater than" :
	       !strncmp(compare, "LessThanOrEqual", 15) ? "less than or equal to" : "less than";
}

static void reason_of(struct buf *b, const struct alarm_rule *r, enum alarm_state state, const double *v, const struct cw_grid *g, size_t *used, size_t n)
{
	if (!n && state == ALARM_UNKNOWN) {
		buf_addf(b, "Insufficient Data: %zu datapoint%s unknown.", r->periods, r->periods == 1 ? " was" : "s were");
		return;
	}
	if (!n) {
		buf_addf(b, "Threshold Crossed: no datapoints were received for %zu period%s and %zu missing datapoint%s treated as [%s].", r->periods,
			 r->periods == 1 ? "" : "s", r->periods, r->periods == 1 ? " was" : "s were", r->missing == MISSING_BREACHING ? "Breaching" : "NonBreaching");
		return;
	}
	size_t named = 0;
	for (size_t i = 0; i < n; i++)
		if (alarm_breaches(r, v[used[i]]) == (state == ALARM_ALARM))
			used[named++] = used[i];
	buf_addf(b, "Threshold Crossed: %zu out of the last %zu datapoints ", named, r->periods);
	put_points(b, v, g, used, named);
	buf_addf(b, " %s %s%s the threshold (", named == 1 ? "was" : "were", state == ALARM_ALARM ? "" : "not ", words_of(r->compare));
	buf_real(b, r->threshold, true);
	buf_addf(b, ") (minimum %zu datapoint%s for %s transition).", r->needed, r->needed == 1 ? "" : "s", state == ALARM_ALARM ? "OK -> ALARM" : "ALARM -> OK");
}

static char *reason_data(const json_t *alarm, const struct alarm_rule *r, const double *v, const struct cw_grid *g, int64_t now_ms)
{
	json_t *recent = json_array();
	char when[32];
	for (size_t i = g->n > r->periods ? g->n - r->periods : 0; i < g->n && json_array_size(recent) < RECENT_MAX; i++)
		if (!isnan(v[i]))
			json_array_append_new(recent, json_real(v[i]));
	clock_iso(now_ms, when);
	json_t *o = json_pack("{s:s, s:s, s:I, s:o, s:f}", "version", "1.0", "queryDate", when, "period", (json_int_t)g->period_s, "recentDatapoints", recent,
			      "threshold", r->threshold);
	jcopy(o, alarm, "Statistic");
	jcopy(o, alarm, "Unit");
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

/* At the end of a period: whether it changed. */
static bool look_at(struct watch *w, struct aws_place at, json_t *alarm, int64_t now_ms)
{
	struct alarm_rule r = rule_of(alarm);
	struct cw_grid g = { .period_s = (int)period_of(alarm), .n = r.periods + ALARM_MORE_PERIODS };
	struct arena a = { 0 };
	struct error err = { 0 };
	size_t n;
	g.from_s = now_ms / 1000 - (int64_t)g.n * g.period_s;
	g.from_s -= g.from_s % g.period_s;
	double *v = arena_alloc(&a, (g.n + 1) * sizeof(*v));
	size_t *used = arena_alloc(&a, (g.n + 1) * sizeof(*used));
	if (read_points(w, &a, at, alarm, &g, v, &err)) {
		log_warn(w->a->env, "alarm", "alarm=\"%s\" error=\"%s\"", jstr(alarm, "AlarmName"), err.text);
		arena_free(&a);
		return false;
	}
	enum alarm_state state = alarm_judge(&r, v, used, &n);
	bool changes = state != ALARM_AS_IT_WAS && strcmp(states[state], jstr(alarm, "StateValue"));
	if (changes) {
		struct buf reason = { 0 };
		char *data = reason_data(alarm, &r, v, &g, now_ms);
		reason_of(&reason, &r, state, v, &g, used, n);
		set_state(w, alarm, now_ms, states[state], buf_cstr(&reason), data);
		buf_free(&reason);
		free(data);
	}
	arena_free(&a);
	return changes;
}

/* ---- the clock ---- */

static void on_minute(void *arg);

void cw_alarms_arm(struct watch *w)
{
	int64_t now_ms = clock_now_ms(w->a->env->clock), every_ms = 0;
	json_t *alarm;
	for (struct aws_walk k = aws_walk_all(w->a, &cw_alarms); (alarm = aws_next(&k));) {
		int64_t p = period_of(alarm) * 1000;
		p = p < 60000 ? 10000 : 60000;
		every_ms = !every_ms || p < every_ms ? p : every_ms;
	}
	clock_cancel(w->a->env->clock, &w->alarm);
	if (every_ms)
		clock_at(w->a->env->clock, &w->alarm, now_ms - now_ms % every_ms + every_ms, on_minute, w);
}

static void on_minute(void *arg)
{
	struct watch *w = arg;
	int64_t now_ms = clock_now_ms(w->a->env->clock);
	struct error err;
	json_t *alarm;
	cw_own_flush(w);
	for (struct aws_walk k = aws_walk_all(w->a, &cw_alarms); (alarm = aws_next(&k));) {
		if (now_ms / 1000 % period_of(alarm) > 9 || !look_at(w, k.at, alarm, now_ms))
			continue;
		/* In the place of itself: the walk goes on behind it. */
		if (aws_keep(w->a, k.at, &cw_alarms, k.key, alarm, &err))
			log_error(w->a->env, "store-failed", "error=\"%s\"", err.text);
	}
	cw_alarms_arm(w);
}

/* ---- operations ---- */

static int check_alarm(struct aws_call *c)
{
	const char *missing = jstr(c->in, "TreatMissingData"), *stat = jstr(c->in, "Statistic"), *extended = jstr(c->in, "ExtendedStatistic");
	int64_t period = json_object_get(c->in, "Period") ? jint(c->in, "Period") : period_of(c->in);
	bool metrics = json_object_get(c->in, "Metrics") != NULL;
	double percent;
	if (!json_object_get(c->in, "EvaluationPeriods") || !jstr(c->in, "ComparisonOperator"))
		return cw_validation(c, "The parameters EvaluationPeriods and ComparisonOperator are required.");
	if (!alarm_compare_known(jstr(c->in, "ComparisonOperator")) || jstr(c->in, "ThresholdMetricId"))
		return cw_validation(c, "tarn has no anomaly detection, which %s needs.", jstr(c->in, "ComparisonOperator"));
	if (!json_object_get(c->in, "Threshold"))
		return cw_validation(c, "The parameter Threshold is required.");
	if (metrics && jstr(c->in, "MetricName"))
		return cw_validation(c, "The parameters Metrics and MetricName are mutually exclusive.");
	if (!metrics && (!jstr(c->in, "MetricName") || !jstr(c->in, "Namespace") || !json_object_get(c->in, "Period") || !stat == !extended))
		return cw_validation(c, "The parameters MetricName, Namespace, Period and either Statistic or ExtendedStatistic are required.");
	if (extended && !cw_percentile(extended, &percent))
		return cw_invalid(c, "The value %s for parameter ExtendedStatistic is not supported.", extended);
	if (!cw_period(period) || period < 10)
		return cw_validation(c, "Period must be 10, 20, 30 or a multiple of 60");
	if (period * jint(c->in, "EvaluationPeriods") > (period >= 3600 ? 7 * 86400 : 86400))
		return cw_validation(c, "Metrics cannot be checked across more than a %s (EvaluationPeriods * Period must be <= %d).", period >= 3600 ? "week" : "day",
				     period >= 3600 ? 7 * 86400 : 86400);
	if (jint(c->in, "DatapointsToAlarm") > jint(c->in, "EvaluationPeriods"))
		return cw_validation(c, "DatapointsToAlarm must be less than or equal to EvaluationPeriods");
	if (missing && strcmp(missing, "missing") && strcmp(missing, "ignore") && strcmp(missing, "breaching") && strcmp(missing, "notBreaching"))
		return cw_validation(c, "Option %s is not supported. Supported options for parameter TreatMissingData are breaching, notBreaching, ignore and missing.",
				     missing);
	return 0;
}

static int keep_alarm(struct aws_call *c, const char *name, json_t *alarm)
{
	struct error err;
	return aws_keep(c->aws, c->at, &cw_alarms, name, alarm, &err) ? aws_broken(c, &err) : 0;
}

static void add_missing(json_t *alarm)
{
	static const char *const lists[] = { "OKActions", "AlarmActions", "InsufficientDataActions", "Dimensions" };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (!json_object_get(alarm, lists[i]) && !(i == 3 && json_object_get(alarm, "Metrics")))
			json_object_set_new(alarm, lists[i], json_array());
	if (!json_object_get(alarm, "ActionsEnabled"))
		json_object_set_new(alarm, "ActionsEnabled", json_true());
}

int cw_put_alarm(struct aws_call *c)
{
	const char *name = jstr(c->in, "AlarmName");
	json_t *before = aws_find(c->aws, c->at, &cw_alarms, name);
	if (check_alarm(c))
		return -1;
	json_t *alarm = json_deep_copy(c->in);
	static const char *const stays[] = { "StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp", "Tags", ".history" };
	add_missing(alarm);
	jput(alarm, "AlarmArn", aws_arn(c, "cloudwatch", "alarm:%s", name));
	json_object_set_new(alarm, "AlarmConfigurationUpdatedTimestamp", json_integer(c->now_ms));
	json_object_set_new(alarm, "StateValue", json_string("INSUFFICIENT_DATA"));
	json_object_set_new(alarm, "StateReason", json_string("Unchecked: Initial alarm creation"));
	json_object_set_new(alarm, "StateUpdatedTimestamp", json_integer(c->now_ms));
	json_object_set_new(alarm, "StateTransitionedTimestamp", json_integer(c->now_ms));
	for (size_t i = 0; before && i < ARRAY_LEN(stays); i++)
		jcopy(alarm, before, stays[i]);
	remember(alarm, c->now_ms, "ConfigurationUpdate", json_pack("{s:s, s:s}", "version", "1.0", "type", before ? "Update" : "Create"), "Alarm \"%s\" %s", name,
		 before ? "updated" : "created");
	int rc = keep_alarm(c, name, alarm);
	cw_alarms_arm(c->aws->watch);
	return rc;
}

static json_t *shown(const json_t *alarm)
{
	json_t *o = json_deep_copy(alarm);
	json_object_del(o, ".history");
	json_object_del(o, "Tags");
	return o;
}

static bool is_named(const json_t *names, const char *name)
{
	const json_t *n;
	size_t i;
	json_array_foreach (names, i, n)
		if (!strcmp(json_string_value(n), name))
			return true;
	return !json_array_size(names);
}

static bool has_type(const json_t *types)
{
	const json_t *type;
	size_t i;
	json_array_foreach (types, i, type)
		if (!strcmp(json_string_value(type), "MetricAlarm"))
			return true;
	return !json_array_size(types);
}

static int page(struct aws_call *c, json_t *items, const char *list, const char *limit)
{
	return aws_page(c, items, list, limit, 50, "NextToken", "NextToken") ? aws_refuse(c, 400, "InvalidNextToken", "Invalid token") : 0;
}

int cw_describe_alarms(struct aws_call *c)
{
	struct slice prefix = jslice(c->in, "AlarmNamePrefix");
	const char *state = jstr(c->in, "StateValue");
	json_t *list = json_array(), *alarm;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &cw_alarms); has_type(json_object_get(c->in, "AlarmTypes")) && (alarm = aws_next(&w));)
		if ((!prefix.p || sl_starts(sl(w.key), prefix)) && (!state || !strcmp(state, jstr(alarm, "StateValue"))) &&
		    is_named(json_object_get(c->in, "AlarmNames"), w.key))
			json_array_append_new(list, shown(alarm));
	json_object_set_new(c->out, "CompositeAlarms", json_array());
	return page(c, list, "MetricAlarms", "MaxRecords");
}

int cw_alarms_for_metric(struct aws_call *c)
{
	static const char *const same[] = { "Namespace", "MetricName", "Statistic", "ExtendedStatistic", "Unit" };
	char *dims = cw_dims(json_object_get(c->in, "Dimensions"));
	json_t *list = json_array(), *alarm;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &cw_alarms); (alarm = aws_next(&w));) {
		char *has = cw_dims(json_object_get(alarm, "Dimensions"));
		bool is = !strcmp(dims, has) && (!json_object_get(c->in, "Period") || jint(c->in, "Period") == jint(alarm, "Period"));
		for (size_t i = 0; i < ARRAY_LEN(same); i++)
			is = is && (!jstr(c->in, same[i]) || (jstr(alarm, same[i]) && !strcmp(jstr(c->in, same[i]), jstr(alarm, same[i]))));
		if (is)
			json_array_append_new(list, shown(alarm));
		free(has);
	}
	free(dims);
	json_object_set_new(c->out, "MetricAlarms", list);
	return 0;
}

static int latest_first(const void *a, const void *b)
{
	int64_t x = jint(*(json_t *const *)a, "Timestamp"), y = jint(*(json_t *const *)b, "Timestamp");
	return x < y ? 1 : x > y ? -1 : 0;
}

int cw_alarm_history(struct aws_call *c)
{
	const char *name = jstr(c->in, "AlarmName"), *type = jstr(c->in, "HistoryItemType"), *order = jstr(c->in, "ScanBy");
	bool ascending = order && !strcmp(order, "TimestampAscending");
	json_t *alarm, *item, *list = json_array(), **v = NULL;
	size_t n = 0, cap = 0;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &cw_alarms); (alarm = aws_next(&w));) {
		json_t *history = json_object_get(alarm, ".history");
		for (size_t i = json_array_size(history); (!name || !strcmp(name, w.key)) && i; i--) {
			item = json_array_get(history, i - 1);
			if ((type && strcmp(type, jstr(item, "HistoryItemType"))) || (json_object_get(c->in, "StartDate") && jint(item, "Timestamp") < jint(c->in, "StartDate")) ||
			    (json_object_get(c->in, "EndDate") && jint(item, "Timestamp") > jint(c->in, "EndDate")))
				continue;
			GROW(v, n, cap);
			v[n++] = item;
		}
	}
	if (n)
		qsort(v, n, sizeof(*v), latest_first);
	for (size_t i = 0; i < n; i++)
		json_array_append(list, v[ascending ? n - 1 - i : i]);
	free(v);
	return page(c, list, "AlarmHistoryItems", "MaxRecords");
}

int cw_set_state(struct aws_call *c)
{
	const char *name = jstr(c->in, "AlarmName"), *data = jstr(c->in, "StateReasonData");
	json_t *alarm = aws_find(c->aws, c->at, &cw_alarms, name);
	JSON_AUTO read = data ? json_loads(data, 0, NULL) : NULL;
	if (data && !read)
		return aws_refuse(c, 400, "InvalidFormat", "Unknown");
	if (!alarm)
		return aws_refuse(c, 404, "ResourceNotFound", "Unknown");
	set_state(c->aws->watch, alarm, c->now_ms, jstr(c->in, "StateValue"), jstr(c->in, "StateReason"), data);
	return keep_alarm(c, name, alarm);
}

int cw_delete_alarms(struct aws_call *c)
{
	const json_t *name;
	struct error err;
	size_t i;
	json_array_foreach (json_object_get(c->in, "AlarmNames"), i, name)
		if (aws_drop(c->aws, c->at, &cw_alarms, json_string_value(name), &err))
			return aws_broken(c, &err);
	cw_alarms_arm(c->aws->watch);
	return 0;
}

static int set_actions(struct aws_call *c, bool on)
{
	const json_t *name;
	size_t i;
	json_array_foreach (json_object_get(c->in, "AlarmNames"), i, name) {
		json_t *alarm = aws_find(c->aws, c->at, &cw_alarms, json_string_value(name));
		if (!alarm)
			continue;
		json_object_set_new(alarm, "ActionsEnabled", json_boolean(on));
		if (keep_alarm(c, json_string_value(name), alarm))
			return -1;
	}
	return 0;
}

int cw_enable_actions(struct aws_call *c)
{
	return set_actions(c, true);
}

int cw_disable_actions(struct aws_call *c)
{
	return set_actions(c, false);
}
