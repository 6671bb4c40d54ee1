/* Times from times: days and months added, truncation, differences, times from numbers. */
#include <math.h>

#include "functions/times.h"

static int no_integer(struct sp_call *c)
{
	return sp_fn_overflow(c, "integer overflow", NULL);
}

int sp_java_overflow(struct sp_call *c, bool wide)
{
	return sp_fn_fail(c, "", "", "java.lang.ArithmeticException", wide ? "long overflow" : "integer overflow");
}

/* ---- days and months ---- */

static int date_add(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = (int32_t)((uint32_t)v[0].i + (uint32_t)v[1].i);
	return 0;
}

static int date_sub(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = (int32_t)((uint32_t)v[0].i - (uint32_t)v[1].i);
	return 0;
}

const struct sp_type *sp_bad_type(struct sp_resolve *x, size_t i, const char *wanted)
{
	struct buf b = { 0 };
	sp_type_sql(&b, x->e->args[i]->type);
	(void)sp_resolve_mismatch(x, "UNEXPECTED_INPUT_TYPE", "Parameter %zu requires the %s type, however \"%.*s\" has the type \"%.*s\".", i + 1,
				  wanted, SL(sp_resolve_shown(x, i)), SL(buf_slice(&b)));
	buf_free(&b);
	return NULL;
}

/* The days must be an INT, SMALLINT or TINYINT, or a constant text of one. */
static const struct sp_type *date_add_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[1]->type;
	struct sp_value v;
	if (t->kind == SP_STRING && x->e->args[1]->foldable) {
		int64_t days;
		if (sp_resolve_const(x, 1, &v))
			return NULL;
		if (!v.null && !sl_int(sl_trim(v.s), INT32_MIN, INT32_MAX, &days)) {
			const char *name = x->e->fn->name;
			(void)sp_fail(x->err, SP_E_ANALYSIS, "SECOND_FUNCTION_ARGUMENT_NOT_INTEGER", "22023",
				      "The second argument of %s function needs to be an integer.", strcmp(name, "dateadd") == 0 ? "date_add" : name);
			return NULL;
		}
	}
	if (sp_resolve_cast(x, 0, &sp_types[SP_DATE]))
		return NULL;
	if (t->kind != SP_VOID && (!sp_is_integral(t) || t->kind == SP_BIGINT) && (t->kind != SP_STRING || !x->e->args[1]->foldable)) {
		return sp_bad_type(x, 1, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")");
	}
	return sp_resolve_cast(x, 1, &sp_types[SP_INT]) ? NULL : &sp_types[SP_DATE];
}

static int datediff(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = (int32_t)((uint32_t)v[0].i - (uint32_t)v[1].i);
	return 0;
}

static int add_months(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	int32_t days;
	if (!sp_add_months((int32_t)v[0].i, v[1].i, &days))
		return no_integer(c);
	out->i = days;
	return 0;
}

static int months_between(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	int64_t local[2], y[2], s;
	int m[2], d[2];
	bool last[2];
	double months, diff;
	for (int i = 0; i < 2; i++) {
		local[i] = sp_to_local(sp_zone_of(c), v[i].i);
		sp_civil(sp_floor_div(local[i], SP_DAY_US), &y[i], &m[i], &d[i]);
		last[i] = d[i] == sp_month_days(y[i], m[i]);
	}
	months = (double)((y[0] - y[1]) * 12 + m[0] - m[1]);
	out->d = months;
	if (d[0] == d[1] || (last[0] && last[1]))
		return 0;
	s = (int64_t)(d[0] - d[1]) * SP_DAY_S + sp_floor_mod(local[0], SP_DAY_US) / SP_US - sp_floor_mod(local[1], SP_DAY_US) / SP_US;
	diff = months + (double)s / (31.0 * SP_DAY_S);
	out->d = v[2].i ? floor(diff * 1e8 + 0.5) / 1e8 : diff;
	return 0;
}

static int last_day(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	int64_t year;
	int m, d;
	sp_civil(v[0].i, &year, &m, &d);
	out->i = v[0].i - d + sp_month_days(year, m);
	return 0;
}

static int next_day(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	static const char *const names[][3] = { { "MO", "MON", "MONDAY" }, { "TU", "TUE", "TUESDAY" }, { "WE", "WED", "WEDNESDAY" },
						{ "TH", "THU", "THURSDAY" }, { "FR", "FRI", "FRIDAY" }, { "SA", "SAT", "SATURDAY" },
						{ "SU", "SUN", "SUNDAY" } };
	for (int i = 0; i < 7; i++)
		for (int k = 0; k < 3; k++)
			if (sl_eq_nocase(v[1].s, sl(names[i][k]))) {
				int ahead = (i + 1 - sp_day_of_week(v[0].i) + 7) % 7;
				out->i = v[0].i + (ahead ? ahead : 7);
				return 0;
			}
	if (c->run->cx->ansi)
		return sp_fn_fail(c, "", "", "org.apache.spark.SparkIllegalArgumentException",
				  "Illegal input for day of week: %.*s. If necessary set \"spark.sql.ansi.enabled\" to false to bypass this error.",
				  SL(v[1].s));
	out->null = true;
	return 0;
}

/* ---- truncation ---- */

static int trunc_date(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	enum sp_trunc level = sp_trunc_level(v[1].s);
	if (level < SP_TRUNC_WEEK)
		out->null = true;
	else
		out->i = sp_trunc_date((int32_t)v[0].i, level);
	return 0;
}

static int date_trunc(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	const struct sp_zone *z = sp_zone_of(c);
	struct sp_col us = sp_col_of(c, &args[1], n);
	enum sp_trunc level = SP_TRUNC_BAD;
	int64_t last = 0, last_is = 0, unit = 0;
	bool there = false;
	struct slice before = sl(NULL);
	struct sp_out o;
	sp_fn_out(c, args, 2, n, &o);
	for (size_t i = 0; i < n; i++) {
		struct slice name;
		int64_t x = ((const int64_t *)us.p)[us.one ? 0 : i];
		if (o.v.null && o.v.null[i])
			continue;
		name = args[0].str[sp_at(&args[0], i)];
		if (!before.p || name.p != before.p || name.n != before.n) {
			level = sp_trunc_level(name);
			before = name;
			there = false;
			unit = level == SP_TRUNC_DAY ? SP_DAY_US : level == SP_TRUNC_HOUR ? INT64_C(3600000000) : level == SP_TRUNC_MINUTE ? 60000000 : 0;
		}
		if (level == SP_TRUNC_BAD) {
			sp_fn_nulls(&o, n)[i] = 1;
			continue;
		}
		if (!z && unit) {
			o.i64[i] = x - sp_floor_mod(x, unit);
		} else if (!z && level > SP_TRUNC_DAY) { /* days come often in a row */
			int64_t day = sp_floor_div(x, SP_DAY_US);
			if (!there || day != last) {
				last = day;
				last_is = (int64_t)sp_trunc_date((int32_t)day, level) * SP_DAY_US;
				there = true;
			}
			o.i64[i] = last_is;
		} else {
			o.i64[i] = sp_trunc_timestamp(z, x, level);
		}
	}
	sp_fn_done(&o, out);
	return 0;
}

/* ---- timestampadd, timestampdiff: the unit is a text ---- */

static const struct {
	const char *name;
	int64_t us;   /* 0: months */
	int months;
} units[] = {
	{ "MICROSECOND", 1, 0 }, { "MILLISECOND", 1000, 0 }, { "SECOND", SP_US, 0 }, { "MINUTE", INT64_C(60000000), 0 },
	{ "HOUR", INT64_C(3600000000), 0 }, { "DAY", SP_DAY_US, 0 }, { "DAYOFYEAR", SP_DAY_US, 0 }, { "WEEK", 7 * SP_DAY_US, 0 },
	{ "MONTH", 0, 1 }, { "QUARTER", 0, 3 }, { "YEAR", 0, 12 },
};

static ssize_t unit_of(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (sl_eq_nocase(name, sl(units[i].name)))
			return (ssize_t)i;
	return -1;
}

static const struct sp_zone *zone_for(const struct sp_call *c, size_t i)
{
	return c->e->args[i]->type->kind == SP_TIMESTAMP ? sp_zone_of(c) : NULL;
}

static int timestampadd(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	ssize_t u = unit_of(v[0].s);
	const struct sp_zone *z = zone_for(c, 2);
	int64_t us;
	bool good;
	if (u < 0)
		return sp_fn_fail(c, "", "", "java.lang.IllegalStateException", "Got the unexpected unit '%.*s'.", SL(v[0].s));
	if (units[u].us)
		good = !__builtin_mul_overflow(v[1].i, units[u].us, &us) &&
		       sp_add_interval(z, v[2].i, 0, us / SP_DAY_US, us % SP_DAY_US, &out->i);
	else
		good = sp_add_interval(z, v[2].i, v[1].i * units[u].months, 0, 0, &out->i);
	if (!good) {
		struct buf b = { 0 };
		int rc;
		sp_print_timestamp(&b, v[2].i, z);
		rc = sp_fn_fail(c, "DATETIME_OVERFLOW", "22008", "org.apache.spark.SparkArithmeticException",
				"Datetime operation overflow: add %lld %.*s to TIMESTAMP%s '%.*s'.", (long long)v[1].i, SL(v[0].s),
				c->e->type->kind == SP_TIMESTAMP ? "" : "_NTZ", SL(buf_slice(&b)));
		buf_free(&b);
		return rc;
	}
	return 0;
}

static const struct sp_type *timestampadd_type(struct sp_resolve *x)
{
	return x->e->args[2]->type;
}

/* Whole months from a to b, both on the clock. */
static int64_t months_until(int64_t a, int64_t b)
{
	int64_t da = sp_floor_div(a, SP_DAY_US), db = sp_floor_div(b, SP_DAY_US), ta = sp_floor_mod(a, SP_DAY_US), tb = sp_floor_mod(b, SP_DAY_US);
	int64_t ya, yb;
	int ma, mb, dd_a, dd_b;
	if (db > da && tb < ta)
		db--;
	else if (db < da && tb > ta)
		db++;
	sp_civil(da, &ya, &ma, &dd_a);
	sp_civil(db, &yb, &mb, &dd_b);
	return (((yb * 12 + mb) * 32 + dd_b) - ((ya * 12 + ma) * 32 + dd_a)) / 32;
}

static int timestampdiff(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	ssize_t u = unit_of(v[0].s);
	int64_t a = sp_to_local(zone_for(c, 1), v[1].i), b = sp_to_local(zone_for(c, 2), v[2].i), us;
	if (u < 0)
		return sp_fn_fail(c, "", "", "java.lang.IllegalStateException", "Got the unexpected unit '%.*s'.", SL(v[0].s));
	if (!units[u].us)
		out->i = months_until(a, b) / units[u].months;
	else if (__builtin_sub_overflow(b, a, &us))
		return sp_java_overflow(c, true);
	else
		out->i = us / units[u].us;
	return 0;
}

/* ---- zones ---- */

const struct sp_zone *sp_zone_by_name(struct sp_call *c, struct sp_zone_kept *kept, struct slice name)
{
	if (kept->name.p && sl_eq(kept->name, name))
		return kept->zone;
	kept->zone = sp_zone_make(c->run->keep, name);
	kept->name = arena_dup(c->run->keep, name);
	if (kept->zone)
		return kept->zone;
	kept->name = sl(NULL);
	/* ZoneRulesProvider knows names only that look like one; Java's other words for the rest */
	(void)sp_fn_fail(c, "", "", "java.time.zone.ZoneRulesException", "Unknown time-zone ID: %.*s", SL(name));
	return NULL;
}

static int from_utc(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_zone *z = sp_zone_by_name(c, c->state, v[1].s);
	if (!z)
		return 1;
	out->i = sp_to_local(z, v[0].i);
	return 0;
}

static int to_utc(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_zone *z = sp_zone_by_name(c, c->state, v[1].s);
	if (!z)
		return 1;
	out->i = sp_to_utc(z, v[0].i);
	return 0;
}

/* from, to, time */
static int convert_timezone(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	struct sp_zone_kept *kept = c->state;
	const struct sp_zone *from = sp_zone_by_name(c, &kept[0], v[0].s), *to = from ? sp_zone_by_name(c, &kept[1], v[1].s) : NULL;
	if (!to)
		return 1;
	out->i = sp_to_local(to, sp_to_utc(from, v[2].i));
	return 0;
}

static const struct sp_type *convert_timezone_type(struct sp_resolve *x)
{
	if (x->e->arg_n == 2) { /* from the session's */
		struct sp_expr **args = arena_alloc(x->arena, 3 * sizeof(struct sp_expr *)), *zone = arena_alloc(x->arena, sizeof(*zone));
		*zone = (struct sp_expr){ .op = SP_CALL, .type = &sp_types[SP_STRING], .fn = sp_function_find(S("current_timezone")), .foldable = true,
					  .from = x->e->from, .to = x->e->to };
		args[0] = zone;
		args[1] = x->e->args[0];
		args[2] = x->e->args[1];
		x->e->args = args;
		x->e->arg_n = 3;
	}
	for (size_t i = 0; i < x->e->arg_n; i++)
		if (sp_resolve_cast(x, i, &sp_types[i + 1 < x->e->arg_n ? SP_STRING : SP_TIMESTAMP_NTZ]))
			return NULL;
	return &sp_types[SP_TIMESTAMP_NTZ];
}

#define G .group = "datetime_funcs"
#define MAYBE .flags = SP_F_MAYBE
#define TIMES "timestamp|timestamp_ntz"
const struct sp_function sp_date_change[] = {
	{ "date_add", "any any", NULL, .row = date_add, .resolve = date_add_type, G, .doc = "date_add(date, days): so many days later" },
	{ "dateadd", "any any", NULL, .row = date_add, .resolve = date_add_type, G, .flags = SP_F_ALIAS, .shown = "date_add",
	  .doc = "dateadd(date, days): so many days later; dateadd(UNIT, n, time)" },
	{ "date_sub", "any any", NULL, .row = date_sub, .resolve = date_add_type, G, .doc = "date_sub(date, days): so many days before" },
	{ "datediff", "date date", "int", .row = datediff, G, .doc = "datediff(end, start): days from start to end; datediff(UNIT, start, end)" },
	{ "date_diff", "date date", "int", .row = datediff, G, .flags = SP_F_ALIAS, .doc = "date_diff(end, start): days from start to end" },
	{ "add_months", "date int", "date", .row = add_months, G, .doc = "add_months(date, n): months later; never past the month's last day" },
	{ "months_between", "timestamp timestamp boolean?", "double", .row = months_between, G, .defaults = "true",
	  .doc = "months_between(a, b[, rounded]): months from b to a, 31 days a month where days differ" },
	{ "last_day", "date", "date", .row = last_day, G, .doc = "last_day(date): the last day of its month" },
	{ "next_day", "date string", "date", .row = next_day, G, MAYBE, .doc = "next_day(date, day): the next such day of the week behind it" },
	{ "trunc", "date string", "date", .row = trunc_date, G, MAYBE, .doc = "trunc(date, unit): the first day of its year, quarter, month, week" },
	{ "date_trunc", "string timestamp", "timestamp", .vec = date_trunc, G, MAYBE,
	  .doc = "date_trunc(unit, time): cut to year, quarter, month, week, day, hour, minute, second, ..." },
	{ "timestampadd", "string int " TIMES, NULL, .row = timestampadd, .resolve = timestampadd_type, G, .doc = "timestampadd(UNIT, n, time): so many units later" },
	{ "timestampdiff", "string " TIMES " " TIMES, "bigint", .row = timestampdiff, G,
	  .doc = "timestampdiff(UNIT, start, end): whole units from start to end" },
	{ "from_utc_timestamp", "timestamp string", "timestamp", .row = from_utc, .state_size = sizeof(struct sp_zone_kept), G,
	  .doc = "from_utc_timestamp(time, zone): what the clock there shows at that time of UTC" },
	{ "to_utc_timestamp", "timestamp string", "timestamp", .row = to_utc, .state_size = sizeof(struct sp_zone_kept), G,
	  .doc = "to_utc_timestamp(time, zone): UTC when the clock there shows that" },
	{ "convert_timezone", "any any any?", NULL, .row = convert_timezone, .resolve = convert_timezone_type,
	  .state_size = 2 * sizeof(struct sp_zone_kept), G, .doc = "convert_timezone([from, ]to, time): a wall time of one zone as that of another" },
	{ 0 },
};
