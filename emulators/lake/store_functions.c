/* SQL functions that Spark and DuckDB have and SQLite lacks, so that most users' queries run as they are. */
#include "lake/store_file.h"

/* Digits of text ("2020-08-28 03:52:47") at a fixed place. */
static bool part_at(struct slice s, size_t at, size_t n, int64_t *out)
{
	return s.n >= at + n && sl_int(sl_of(s.p + at, n), 0, 9999, out);
}

static const struct part {
	const char *name;
	size_t at, n;
} parts[] = { { "year", 0, 4 }, { "month", 5, 2 }, { "day", 8, 2 }, { "hour", 11, 2 }, { "minute", 14, 2 }, { "second", 17, 2 } };

static void answer_part(sqlite3_context *ctx, const struct part *p, sqlite3_value *v)
{
	const char *text = (const char *)sqlite3_value_text(v);
	int64_t out;
	if (text && part_at(sl_of(text, (size_t)sqlite3_value_bytes(v)), p->at, p->n, &out))
		sqlite3_result_int64(ctx, out);
}

static void fn_part(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	answer_part(ctx, sqlite3_user_data(ctx), v[0]);
}

static void fn_date_part(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	const char *name = (const char *)sqlite3_value_text(v[0]);
	for (size_t i = 0; name && i < ARRAY_LEN(parts); i++)
		if (!sqlite3_stricmp(name, parts[i].name)) {
			answer_part(ctx, &parts[i], v[1]);
			return;
		}
	sqlite3_result_error(ctx, "date_part: year, month, day, hour, minute or second", -1);
}

/* concat(a, b ...): null if any is null. */
static void fn_concat(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	struct buf b = { 0 };
	for (int i = 0; i < n; i++) {
		const unsigned char *text = sqlite3_value_text(v[i]);
		if (!text) {
			buf_free(&b);
			return;
		}
		buf_add(&b, text, (size_t)sqlite3_value_bytes(v[i]));
	}
	sqlite3_result_text64(ctx, b.p ? b.p : "", b.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_free(&b);
}

/* concat_ws(separator, a, b ...): skips nulls. */
static void fn_concat_ws(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	struct buf b = { 0 };
	bool any = false;
	if (n < 1 || sqlite3_value_type(v[0]) == SQLITE_NULL)
		return;
	for (int i = 1; i < n; i++) {
		const unsigned char *text = sqlite3_value_text(v[i]);
		if (!text)
			continue;
		if (any)
			buf_adds(&b, (const char *)sqlite3_value_text(v[0]));
		buf_add(&b, text, (size_t)sqlite3_value_bytes(v[i]));
		any = true;
	}
	sqlite3_result_text64(ctx, b.p ? b.p : "", b.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_free(&b);
}

/* ---- percentiles ---- */
struct numbers {
	double *v;
	size_t n, cap;
	double p;
	bool real; /* a value with a fraction type was seen */
};

static void add_number(sqlite3_context *ctx, sqlite3_value *v, double p)
{
	struct lake_session *x = sqlite3_user_data(ctx);
	struct numbers *s = sqlite3_aggregate_context(ctx, sizeof(*s));
	int type = sqlite3_value_numeric_type(v);
	if (!s || (type != SQLITE_INTEGER && type != SQLITE_FLOAT))
		return;
	if (!(p >= 0 && p <= 1)) {
		sqlite3_result_error(ctx, "a percentage lies between 0 and 1", -1);
		return;
	}
	/* Twice: while it grows, the old ones are there too. */
	if (s->n == s->cap && x->held + 2 * s->n * sizeof(*s->v) > x->held_max) {
		sqlite3_result_error(ctx, "too many values for a percentile ([lake] statement_mib)", -1);
		return;
	}
	x->held -= s->cap * sizeof(*s->v);
	GROW(s->v, s->n, s->cap);
	x->held += s->cap * sizeof(*s->v);
	s->p = p;
	s->real |= type == SQLITE_FLOAT;
	s->v[s->n++] = sqlite3_value_double(v);
}

static void step_median(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	add_number(ctx, v[0], 0.5);
}

static void step_percentile(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	add_number(ctx, v[0], sqlite3_value_double(v[1]));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void let_go(sqlite3_context *ctx, struct numbers *s)
{
	struct lake_session *x = sqlite3_user_data(ctx);
	x->held -= s->cap * sizeof(*s->v);
	free(s->v);
}

static struct numbers *sorted(sqlite3_context *ctx)
{
	struct numbers *s = sqlite3_aggregate_context(ctx, 0);
	if (!s || !s->n)
		return NULL;
	qsort(s->v, s->n, sizeof(*s->v), by_value);
	return s;
}

/* Interpolating, as median() and percentile(). */
static void final_exact(sqlite3_context *ctx)
{
	struct numbers *s = sorted(ctx);
	if (!s)
		return;
	double at = s->p * (double)(s->n - 1);
	size_t low = (size_t)at;
	double next = low + 1 < s->n ? s->v[low + 1] : s->v[low];
	sqlite3_result_double(ctx, s->v[low] + (at - (double)low) * (next - s->v[low]));
	let_go(ctx, s);
}

/* The smallest value whose cumulative share is at least p: an element of the input, of its type. */
static void final_approx(sqlite3_context *ctx)
{
	struct numbers *s = sorted(ctx);
	if (!s)
		return;
	double want = s->p * (double)s->n;
	size_t rank = (size_t)want;
	rank += (double)rank < want;
	double v = s->v[rank ? rank - 1 : 0];
	if (s->real)
		sqlite3_result_double(ctx, v);
	else
		sqlite3_result_int64(ctx, (sqlite3_int64)v);
	let_go(ctx, s);
}

static const struct {
	const char *name;
	int args;
	void (*fn)(sqlite3_context *, int, sqlite3_value **);
	const struct part *part;
} scalars[] = {
	{ "year", 1, fn_part, &parts[0] },
	{ "month", 1, fn_part, &parts[1] },
	{ "day", 1, fn_part, &parts[2] },
	{ "dayofmonth", 1, fn_part, &parts[2] },
	{ "hour", 1, fn_part, &parts[3] },
	{ "minute", 1, fn_part, &parts[4] },
	{ "second", 1, fn_part, &parts[5] },
	{ "date_part", 2, fn_date_part, NULL },
	{ "concat", -1, fn_concat, NULL },
	{ "concat_ws", -1, fn_concat_ws, NULL },
};

static const struct {
	const char *name;
	int args;
	void (*step)(sqlite3_context *, int, sqlite3_value **);
	void (*final)(sqlite3_context *);
} aggregates[] = {
	{ "median", 1, step_median, final_exact },
	{ "percentile", 2, step_percentile, final_exact },
	{ "percentile_approx", 2, step_percentile, final_approx },
	{ "percentile_approx", 3, step_percentile, final_approx }, /* third: Spark's accuracy */
	{ "approx_percentile", 2, step_percentile, final_approx },
	{ "approx_percentile", 3, step_percentile, final_approx },
};

int lake_functions_add(struct lake_session *x)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
	int rc = SQLITE_OK;
	for (size_t i = 0; !rc && i < ARRAY_LEN(scalars); i++)
		rc = sqlite3_create_function_v2(x->h, scalars[i].name, scalars[i].args, flags, (void *)scalars[i].part, scalars[i].fn,
					       NULL, NULL, NULL);
	for (size_t i = 0; !rc && i < ARRAY_LEN(aggregates); i++)
		rc = sqlite3_create_function_v2(x->h, aggregates[i].name, aggregates[i].args, flags, x, NULL, aggregates[i].step,
					       aggregates[i].final, NULL);
	return rc;
}
