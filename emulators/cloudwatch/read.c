/* CloudWatch: statistics of metrics over time, and expressions of them. */
#include "cloudwatch/cloudwatch.h"

#include <math.h>

#include "cloudwatch/metric_math.h"

enum { STATISTICS_MAX = 1440, QUERIES_MAX = 500, POINTS_MAX = 1000000 /* of all queries together */ };

bool cw_period(int64_t period_s)
{
	return period_s == 1 || period_s == 5 || period_s == 10 || period_s == 20 || period_s == 30 || (period_s > 0 && period_s % 60 == 0);
}

/* ---- reading ---- */

struct gathering {
	const struct cw_grid *g;
	struct metric_sum *sums;
};

static void gather(void *arg, int64_t at_s, const struct metric_sum *sum)
{
	struct gathering *x = arg;
	metric_sum_join(&x->sums[(at_s - x->g->from_s) / x->g->period_s], sum);
}

static void sums_free(struct metric_sum *sums, size_t n)
{
	for (size_t i = 0; i < n; i++)
		metric_sum_free(&sums[i]);
	free(sums);
}

/* What is in each time of the grid; the caller's (sums_free). NULL: the store fails. */
static struct metric_sum *read_sums(struct watch *w, int64_t series, const struct cw_grid *g, bool spread, struct metric_sum *into, struct error *err)
{
	struct gathering x = { g, into ? into : xcalloc(g->n + 1, sizeof(*x.sums)) };
	if (metrics_read(&w->store, series, g->from_s, g->from_s + (int64_t)g->n * g->period_s, spread, gather, &x, err) < 0) {
		if (!into)
			sums_free(x.sums, g->n);
		return NULL;
	}
	return x.sums;
}

static double stat_of(const struct metric_sum *s, const char *stat)
{
	double percent;
	if (s->n <= 0)
		return NAN;
	if (cw_percentile(stat, &percent))
		return metric_sum_percentile(s, percent);
	return !strcmp(stat, "Sum") ? s->sum : !strcmp(stat, "SampleCount") ? s->n : !strcmp(stat, "Minimum") ? s->least : !strcmp(stat, "Maximum") ? s->most : s->sum / s->n;
}

static bool is_stat(const char *stat)
{
	static const char *const names[] = { "SampleCount", "Average", "Sum", "Minimum", "Maximum" };
	double percent;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(stat, names[i]))
			return true;
	return cw_percentile(stat, &percent);
}

int cw_series(struct watch *w, const struct metric_key *k, const struct cw_grid *g, const char *stat, double *out, char unit[24], struct error *err)
{
	struct metric_series found[METRIC_UNITS_MAX];
	int n = metrics_find(&w->store, k, found, err);
	struct metric_sum *sums = xcalloc(g->n + 1, sizeof(*sums));
	snprintf(unit, 24, "%s", n > 0 ? found[0].unit : "None");
	for (int i = 0; i < n; i++)
		if (!read_sums(w, found[i].id, g, *stat == 'p', sums, err))
			n = ERR_STORE;
	for (size_t i = 0; i < g->n; i++)
		out[i] = stat_of(&sums[i], stat);
	sums_free(sums, g->n);
	return n < 0 ? n : 0;
}

/* ---- GetMetricStatistics ---- */

static json_t *datapoint(struct aws_call *c, const struct metric_sum *s, int64_t at_s, const char *unit)
{
	const json_t *stat, *extended = json_object_get(c->in, "ExtendedStatistics");
	json_t *o = json_object(), *percentiles;
	size_t i;
	json_object_set_new(o, "Timestamp", json_integer(at_s * 1000));
	json_array_foreach (json_object_get(c->in, "Statistics"), i, stat)
		json_object_set_new(o, json_string_value(stat), json_real(stat_of(s, json_string_value(stat))));
	if (extended) {
		json_object_set_new(o, "ExtendedStatistics", percentiles = json_object());
		json_array_foreach (extended, i, stat) {
			double v = stat_of(s, json_string_value(stat));
			if (!isnan(v))
				json_object_set_new(percentiles, json_string_value(stat), json_real(v));
		}
	}
	json_object_set_new(o, "Unit", json_string(unit));
	return o;
}

static int check_statistics(struct aws_call *c, struct cw_grid *g)
{
	int64_t from_s = jint(c->in, "StartTime") / 1000, to_s = jint(c->in, "EndTime") / 1000, period = jint(c->in, "Period");
	const json_t *stat;
	size_t i;
	if (from_s >= to_s)
		return cw_invalid(c, "The parameter StartTime must be less than the parameter EndTime.");
	if (!cw_period(period) || period > 365 * 86400)
		return cw_invalid(c, "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.");
	if (!json_array_size(json_object_get(c->in, "Statistics")) && !json_array_size(json_object_get(c->in, "ExtendedStatistics")))
		return cw_combination(c, "At least one of the parameters Statistics and ExtendedStatistics must be specified.");
	json_array_foreach (json_object_get(c->in, "ExtendedStatistics"), i, stat)
		if (!is_stat(json_string_value(stat)))
			return cw_invalid(c, "The value %s for parameter ExtendedStatistics is not supported.", json_string_value(stat));
	from_s -= from_s % (period < 60 ? period : 60);
	int64_t n = (to_s - from_s + period - 1) / period;
	if (n > STATISTICS_MAX)
		return cw_combination(c, "You have requested up to %lld datapoints, which exceeds the limit of %d. You may reduce the datapoints requested by increasing "
				      "Period, or decreasing the time range.", (long long)n, STATISTICS_MAX);
	*g = (struct cw_grid){ from_s, (int)period, (size_t)n };
	return 0;
}

int cw_get_statistics(struct aws_call *c)
{
	struct watch *w = c->aws->watch;
	struct metric_series found[METRIC_UNITS_MAX];
	struct cw_grid g;
	struct error err;
	json_t *points;
	if (check_statistics(c, &g))
		return -1;
	cw_own_flush(w);
	char *dims = cw_dims(json_object_get(c->in, "Dimensions"));
	struct metric_key k = { cw_place(c->arena, c->at), jstr(c->in, "Namespace"), jstr(c->in, "MetricName"), dims, jstr(c->in, "Unit") };
	int n = metrics_find(&w->store, &k, found, &err);
	free(dims);
	jput(c->out, "Label", jstr(c->in, "MetricName"));
	json_object_set_new(c->out, "Datapoints", points = json_array());
	for (int i = 0; i < n; i++) {
		struct metric_sum *sums = read_sums(w, found[i].id, &g, true, NULL, &err);
		if (!sums)
			return aws_broken(c, &err);
		for (size_t j = 0; j < g.n; j++)
			if (sums[j].n > 0)
				json_array_append_new(points, datapoint(c, &sums[j], g.from_s + (int64_t)j * g.period_s, found[i].unit));
		sums_free(sums, g.n);
	}
	return n < 0 ? aws_broken(c, &err) : 0;
}

/* ---- queries: metrics, then expressions ---- */

struct answer {
	const json_t *query;
	const char *label;
	struct cw_grid g;
	double *v; /* NULL: not computed yet */
};
struct running {
	struct watch *w;
	struct arena *a;
	struct aws_place at;
	struct answer *all;
	size_t n;
	int64_t from_s, to_s, points;
	struct error *err;
	int depth;
};

static int wrong_query(struct running *r, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	int rc = err_set(r->err, ERR_INVALID, "%s", buf_cstr(&b));
	buf_free(&b);
	return rc;
}

static int grid_of(struct running *r, int64_t period, struct cw_grid *g)
{
	if (!cw_period(period))
		return wrong_query(r, "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.");
	int64_t from_s = r->from_s - r->from_s % period, n = (r->to_s - from_s + period - 1) / period;
	r->points += n;
	if (n > CW_GRID_MAX || r->points > POINTS_MAX)
		return wrong_query(r, "The request asks for %lld data points, which is more than %d.", (long long)n, CW_GRID_MAX);
	*g = (struct cw_grid){ from_s, (int)period, (size_t)n };
	return 0;
}

static double *new_points(struct running *r, size_t n)
{
	return arena_alloc(r->a, (n + 1) * sizeof(double));
}

static int run_metric(struct running *r, struct answer *x)
{
	const json_t *stat = json_object_get(x->query, "MetricStat"), *metric = json_object_get(stat, "Metric");
	const char *wanted = jstr(stat, "Stat");
	char unit[24];
	if (!is_stat(wanted))
		return wrong_query(r, "The value %s for parameter MetricDataQueries.member.%zu.MetricStat.Stat is not supported.", wanted, (size_t)(x - r->all) + 1);
	if (!jstr(metric, "Namespace") || !jstr(metric, "MetricName"))
		return wrong_query(r, "The parameters Namespace and MetricName of MetricDataQueries.member.%zu.MetricStat.Metric are required.", (size_t)(x - r->all) + 1);
	int rc = grid_of(r, jint(stat, "Period"), &x->g);
	if (rc)
		return rc;
	char *dims = cw_dims(json_object_get(metric, "Dimensions"));
	struct metric_key k = { cw_place(r->a, r->at), jstr(metric, "Namespace"), jstr(metric, "MetricName"), dims, jstr(stat, "Unit") };
	x->label = k.name;
	x->v = new_points(r, x->g.n);
	rc = cw_series(r->w, &k, &x->g, wanted, x->v, unit, r->err);
	free(dims);
	return rc;
}

static int run_one(struct running *r, struct answer *x);

struct mention {
	struct running *r;
	struct answer *of;
	int rc;
};

/* What an expression mentions is computed before it; they share a grid. */
static void mentioned(void *arg, struct slice name)
{
	struct mention *m = arg;
	struct running *r = m->r;
	for (size_t i = 0; !m->rc && i < r->n; i++) {
		struct answer *x = &r->all[i];
		if (!sl_eqs(name, jstr(x->query, "Id")))
			continue;
		if (x == m->of || (!x->v && r->depth > 16)) {
			m->rc = wrong_query(r, "Error in expression '%s': it mentions itself", jstr(m->of->query, "Id"));
			return;
		}
		if (!x->v)
			m->rc = run_one(r, x);
		if (!m->rc && m->of->g.period_s && m->of->g.period_s != x->g.period_s)
			m->rc = wrong_query(r, "Error in expression '%s': tarn computes only with metrics of one period", jstr(m->of->query, "Id"));
		m->of->g = x->g;
	}
}

static int run_expression(struct running *r, struct answer *x)
{
	struct slice text = jslice(x->query, "Expression");
	struct mention m = { r, x, 0 };
	struct math_var *vars = arena_alloc(r->a, (r->n + 1) * sizeof(*vars));
	struct math_grid g = { .vars = vars };
	struct math_value v;
	struct error why;
	r->depth++;
	math_names(text, mentioned, &m);
	for (size_t i = 0; math_takes_all(text) && !m.rc && i < r->n; i++)
		if (json_object_get(r->all[i].query, "MetricStat"))
			mentioned(&m, jslice(r->all[i].query, "Id"));
	r->depth--;
	if (m.rc)
		return m.rc;
	if (!x->g.period_s && (m.rc = grid_of(r, json_object_get(x->query, "Period") ? jint(x->query, "Period") : 60, &x->g)))
		return m.rc;
	for (int metrics = 1; metrics >= 0; metrics--) {
		for (size_t i = 0; i < r->n; i++)
			if (r->all[i].v && !json_object_get(r->all[i].query, "MetricStat") == !metrics && r->all[i].g.period_s == x->g.period_s)
				vars[g.var_n++] = (struct math_var){ jstr(r->all[i].query, "Id"), r->all[i].v };
		g.metric_n = metrics ? g.var_n : g.metric_n;
	}
	g.n = x->g.n;
	g.start_s = x->g.from_s;
	g.period_s = x->g.period_s;
	if (math_eval(r->a, &g, text, &v, &why))
		return wrong_query(r, "Error in expression '%s': %s", jstr(x->query, "Id"), why.text);
	if (v.kind == MATH_LIST || v.kind == MATH_TEXT)
		return wrong_query(r, "Error in expression '%s': tarn returns one time series, not an array of them", jstr(x->query, "Id"));
	x->label = jstr(x->query, "Id");
	x->v = new_points(r, g.n);
	for (size_t i = 0; i < g.n; i++)
		x->v[i] = v.kind == MATH_SCALAR ? v.x : v.v[i];
	return 0;
}

static int run_one(struct running *r, struct answer *x)
{
	bool metric = json_object_get(x->query, "MetricStat") != NULL, expression = json_object_get(x->query, "Expression") != NULL;
	const char *id = jstr(x->query, "Id");
	if (*id < 'a' || *id > 'z')
		return wrong_query(r, "The value %s for parameter MetricDataQueries.member.%zu.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.", id,
				   (size_t)(x - r->all) + 1);
	if (metric == expression)
		return wrong_query(r, "Exactly one of the parameters MetricDataQueries.member.%zu.Expression and MetricDataQueries.member.%zu.MetricStat must be specified.",
				   (size_t)(x - r->all) + 1, (size_t)(x - r->all) + 1);
	return metric ? run_metric(r, x) : run_expression(r, x);
}

int cw_run_queries(struct watch *w, struct arena *a, struct aws_place at, const json_t *queries, int64_t from_s, int64_t to_s, cw_result_fn fn,
		   void *arg, struct error *err)
{
	struct running r = { .w = w, .a = a, .at = at, .n = json_array_size(queries), .from_s = from_s, .to_s = to_s, .err = err };
	int rc = 0;
	if (r.n > QUERIES_MAX)
		return wrong_query(&r, "The collection MetricDataQueries must not have a size greater than %d.", QUERIES_MAX);
	r.all = arena_alloc(a, (r.n + 1) * sizeof(*r.all));
	for (size_t i = 0; i < r.n; i++)
		r.all[i].query = json_array_get(queries, i);
	for (size_t i = 0; !rc && i < r.n; i++)
		if (!r.all[i].v)
			rc = run_one(&r, &r.all[i]);
	for (size_t i = 0; !rc && i < r.n; i++) {
		const json_t *returns = json_object_get(r.all[i].query, "ReturnData");
		if (!returns || json_is_true(returns))
			fn(arg, r.all[i].query, jstr(r.all[i].query, "Label") ? jstr(r.all[i].query, "Label") : r.all[i].label, r.all[i].v, &r.all[i].g);
	}
	return rc;
}

/* ---- GetMetricData ---- */

struct showing {
	json_t *results;
	bool ascending;
	int64_t from, left, most; /* the page: how many points to pass over, how many to show */
	bool more;
};

static void show(void *arg, const json_t *query, const char *label, const double *v, const struct cw_grid *g)
{
	struct showing *s = arg;
	json_t *o = json_object(), *times = json_array(), *values = json_array();
	bool partial = false;
	for (size_t i = 0; i < g->n; i++) {
		size_t at = s->ascending ? i : g->n - 1 - i;
		if (isnan(v[at]) || (s->from > 0 && s->from--))
			continue;
		if (!s->left) {
			partial = s->more = true;
			break;
		}
		s->left--;
		json_array_append_new(times, json_integer((g->from_s + (int64_t)at * g->period_s) * 1000));
		json_array_append_new(values, json_real(v[at]));
	}
	json_object_set_new(o, "Id", json_string(jstr(query, "Id")));
	json_object_set_new(o, "Label", json_string(label));
	json_object_set_new(o, "Timestamps", times);
	json_object_set_new(o, "Values", values);
	json_object_set_new(o, "StatusCode", json_string(partial ? "PartialData" : "Complete"));
	json_array_append_new(s->results, o);
}

int cw_get_data(struct aws_call *c)
{
	const char *order = jstr(c->in, "ScanBy");
	int64_t from_s = jint(c->in, "StartTime") / 1000, to_s = jint(c->in, "EndTime") / 1000;
	struct showing s = { .ascending = order && !strcmp(order, "TimestampAscending"), .most = CW_GRID_MAX };
	struct slice token = jslice(c->in, "NextToken");
	struct error err;
	if (from_s >= to_s)
		return from_s == to_s ? cw_validation(c, "The parameter StartTime must not equal parameter EndTime.") :
					cw_validation(c, "The parameter EndTime must be greater than StartTime.");
	if (token.p && !sl_int(token, 1, INT64_MAX, &s.from))
		return aws_refuse(c, 400, "InvalidNextToken", "Invalid token");
	if (jint(c->in, "MaxDatapoints") > 0 && jint(c->in, "MaxDatapoints") < s.most)
		s.most = jint(c->in, "MaxDatapoints");
	cw_own_flush(c->aws->watch);
	int64_t next = s.from + s.most;
	s.left = s.most;
	s.results = json_array();
	int rc = cw_run_queries(c->aws->watch, c->arena, c->at, json_object_get(c->in, "MetricDataQueries"), from_s, to_s, show, &s, &err);
	json_object_set_new(c->out, "MetricDataResults", s.results);
	if (rc)
		return rc == ERR_STORE ? aws_broken(c, &err) : cw_validation(c, "%s", err.text);
	if (s.more)
		json_object_set_new(c->out, "NextToken", json_sprintf("%lld", (long long)next));
	json_object_set_new(c->out, "Messages", json_array());
	return 0;
}
