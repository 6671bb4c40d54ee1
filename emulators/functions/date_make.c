/* Times from their parts and from numbers, numbers from times, the time now. */
#include <math.h>

#include "functions/times.h"
#include "spark/decimal.h"

/* DateTimeException, ANSI; else NULL. */
static int invalid(struct sp_call *c, struct sp_value *out, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int invalid(struct sp_call *c, struct sp_value *out, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	if (!c->run->cx->ansi) {
		out->null = true;
		return 0;
	}
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	(void)sp_fn_fail(c, "", "", "org.apache.spark.SparkDateTimeException",
			 "%.*s. If necessary set \"spark.sql.ansi.enabled\" to false to bypass this error.", SL(buf_slice(&b)));
	buf_free(&b);
	return 1;
}

static const char *const months[] = { "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER",
				      "DECEMBER" };

static int bad_field(struct sp_call *c, struct sp_value *out, const char *name, const char *range, int64_t v)
{
	return invalid(c, out, "Invalid value for %s (valid values %s): %lld", name, range, (long long)v);
}

/* LocalDate.of. *days is set where *out isn't NULL after it. */
static int date_of(struct sp_call *c, int64_t year, int64_t m, int64_t d, int32_t *days, struct sp_value *out)
{
	if (year > 999999999 || year < -999999999)
		return bad_field(c, out, "Year", "-999999999 - 999999999", year);
	if (m < 1 || m > 12)
		return bad_field(c, out, "MonthOfYear", "1 - 12", m);
	if (d < 1 || d > 31)
		return bad_field(c, out, "DayOfMonth", "1 - 28/31", d);
	if (d == 29 && m == 2 && !sp_is_leap(year))
		return invalid(c, out, "Invalid date 'February 29' as '%lld' is not a leap year", (long long)year);
	if (d > sp_month_days(year, (int)m))
		return invalid(c, out, "Invalid date '%s %lld'", months[m - 1], (long long)d);
	if (!sp_days_checked(year, (int)m, (int)d, days))
		return sp_fn_overflow(c, "integer overflow", NULL);
	return 0;
}

static int make_date(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	int32_t days = 0;
	int rc = date_of(c, v[0].i, v[1].i, v[2].i, &days, out);
	if (!out->null)
		out->i = days;
	return rc;
}

/* year, month, day, hour, minute, second DECIMAL(16,6)[, zone] */
static int make_timestamp(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_zone *z = c->e->type->kind == SP_TIMESTAMP ? sp_zone_of(c) : NULL;
	int64_t micros = (int64_t)v[5].x.lo, s = sp_floor_div(micros, SP_US), us = sp_floor_mod(micros, SP_US);
	int64_t more = 0, local;
	int32_t days = 0;
	if (c->e->arg_n > 6) {
		z = sp_zone_by_name(c, c->state, v[6].s);
		if (!z)
			return 1;
	}
	if (s == 60 && us)
		return !c->run->cx->ansi ? (out->null = true, 0)
					 : sp_fn_fail(c, "INVALID_FRACTION_OF_SECOND", "22023", "org.apache.spark.SparkDateTimeException",
						      "The fraction of sec must be zero. Valid range is [0, 60]. If necessary set "
						      "\"spark.sql.ansi.enabled\" to \"false\" to bypass this error.");
	if (s == 60) {
		s = 0;
		more = 60;
	}
	if (date_of(c, v[0].i, v[1].i, v[2].i, &days, out))
		return 1;
	if (out->null)
		return 0;
	if (v[3].i < 0 || v[3].i > 23)
		return bad_field(c, out, "HourOfDay", "0 - 23", v[3].i);
	if (v[4].i < 0 || v[4].i > 59)
		return bad_field(c, out, "MinuteOfHour", "0 - 59", v[4].i);
	if (s < 0 || s > 59)
		return bad_field(c, out, "SecondOfMinute", "0 - 59", s);
	if (__builtin_mul_overflow((int64_t)days, SP_DAY_US, &local) ||
	    __builtin_add_overflow(local, ((v[3].i * 60 + v[4].i) * 60 + s + more) * SP_US + us, &local))
		return sp_fn_fail(c, "", "", "java.lang.ArithmeticException", "long overflow");
	out->i = sp_to_utc(z, local);
	return 0;
}

static const struct sp_type *make_timestamp_type(struct sp_resolve *x)
{
	size_t n = x->e->arg_n;
	bool ntz = strcmp(x->e->fn->name, "make_timestamp_ntz") == 0;
	for (size_t i = 0; i < n; i++)
		if (sp_resolve_cast(x, i, i < 5 ? &sp_types[SP_INT] : i == 5 ? sp_decimal(x->arena, 16, 6) : &sp_types[SP_STRING]))
			return NULL;
	return &sp_types[ntz ? SP_TIMESTAMP_NTZ : SP_TIMESTAMP];
}

/* ---- numbers ---- */

static int timestamp_seconds(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_type *t = c->e->args[0]->type;
	if (sp_is_fractional(t)) {
		double us = v[0].d * 1e6;
		if (isnan(v[0].d) || isinf(v[0].d))
			out->null = true;
		else
			out->i = us >= 0x1p63 ? INT64_MAX : us < -0x1p63 ? INT64_MIN : (int64_t)us;
		return 0;
	}
	if (t->kind == SP_DECIMAL) {
		__int128 us;
		__int128 x = sp_wide(v[0].x);
		if (t->scale > 6 && x % sp_ten(t->scale - 6))
			return sp_fn_fail(c, "", "", "java.lang.ArithmeticException", "Rounding necessary");
		us = t->scale > 6 ? x / sp_ten(t->scale - 6) : x;
		if ((t->scale < 6 && __builtin_mul_overflow(us, sp_ten(6 - t->scale), &us)) || us != (int64_t)us)
			return sp_fn_fail(c, "", "", "java.lang.ArithmeticException", "Overflow");
		out->i = (int64_t)us;
		return 0;
	}
	return __builtin_mul_overflow(v[0].i, (int64_t)SP_US, &out->i) ? sp_java_overflow(c, true) : 0;
}

static const struct sp_type *timestamp_seconds_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	return sp_is_numeric(t) || t->kind == SP_VOID ? &sp_types[SP_TIMESTAMP] : sp_bad_type(x, 0, "\"NUMERIC\"");
}

static int timestamp_millis(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return __builtin_mul_overflow(v[0].i, 1000, &out->i) ? sp_java_overflow(c, true) : 0;
}

static int same(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = v[0].i;
	return 0;
}

static int unix_seconds(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = sp_floor_div(v[0].i, SP_US);
	return 0;
}

static int unix_millis(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = sp_floor_div(v[0].i, 1000);
	return 0;
}

/* Which of these take text? None: only what is one, or NULL. */
static const struct sp_type *strict(struct sp_resolve *x, enum sp_kind wants, const char *name, enum sp_kind gives)
{
	const struct sp_type *t = x->e->args[0]->type;
	bool good = t->kind == SP_VOID || t->kind == wants || (wants == SP_BIGINT && sp_is_integral(t));
	if (!good)
		return sp_bad_type(x, 0, name);
	return sp_resolve_cast(x, 0, &sp_types[wants]) ? NULL : &sp_types[gives];
}

static const struct sp_type *from_integral(struct sp_resolve *x)
{
	return strict(x, SP_BIGINT, "\"INTEGRAL\"", SP_TIMESTAMP);
}

static const struct sp_type *to_integral(struct sp_resolve *x)
{
	return strict(x, SP_TIMESTAMP, "\"TIMESTAMP\"", SP_BIGINT);
}

static const struct sp_type *to_days(struct sp_resolve *x)
{
	return strict(x, SP_DATE, "\"DATE\"", SP_INT);
}

/* ---- now ---- */

static int current_date(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = sp_day_of(sp_zone_of(c), c->run->cx->now_us);
	return 0;
}

static int current_timestamp(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = c->run->cx->now_us;
	return 0;
}

static int localtimestamp(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = sp_to_local(sp_zone_of(c), c->run->cx->now_us);
	return 0;
}

static int current_timezone(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->s = sp_zone_name(sp_zone_of(c));
	return 0;
}

#define G .group = "datetime_funcs"
#define NOW .flags = SP_F_NEVER_NULL | SP_F_STATEMENT
#define NOW_BARE .flags = SP_F_NEVER_NULL | SP_F_STATEMENT | SP_F_NO_PARENS
const struct sp_function sp_date_make[] = {
	{ "make_date", "int int int", "date", .row = make_date, G, .flags = SP_F_MAYBE, .doc = "make_date(year, month, day): that date" },
	{ "make_timestamp", "any any any any any any any?", NULL, .row = make_timestamp, .resolve = make_timestamp_type, G, .flags = SP_F_MAYBE,
	  .state_size = sizeof(struct sp_zone_kept), .doc = "make_timestamp(year, month, day, hour, minute, second[, zone]): that time" },
	{ "make_timestamp_ltz", "any any any any any any any?", NULL, .row = make_timestamp, .resolve = make_timestamp_type, G,
	  .flags = SP_F_MAYBE, .state_size = sizeof(struct sp_zone_kept),
	  .doc = "make_timestamp_ltz(year, month, day, hour, minute, second[, zone]): that time" },
	{ "make_timestamp_ntz", "any any any any any any", NULL, .row = make_timestamp, .resolve = make_timestamp_type, G, .flags = SP_F_MAYBE,
	  .doc = "make_timestamp_ntz(year, month, day, hour, minute, second): that wall time" },
	{ "timestamp_seconds", "any", NULL, .row = timestamp_seconds, .resolve = timestamp_seconds_type, G, .flags = SP_F_MAYBE,
	  .doc = "timestamp_seconds(n): the time so many seconds behind 1970" },
	{ "timestamp_millis", "any", NULL, .row = timestamp_millis, .resolve = from_integral, G,
	  .doc = "timestamp_millis(n): the time so many milliseconds behind 1970" },
	{ "timestamp_micros", "any", NULL, .row = same, .resolve = from_integral, G,
	  .doc = "timestamp_micros(n): the time so many microseconds behind 1970" },
	{ "unix_seconds", "any", NULL, .row = unix_seconds, .resolve = to_integral, G, .doc = "unix_seconds(time): seconds since 1970" },
	{ "unix_millis", "any", NULL, .row = unix_millis, .resolve = to_integral, G, .doc = "unix_millis(time): milliseconds since 1970" },
	{ "unix_micros", "any", NULL, .row = same, .resolve = to_integral, G, .doc = "unix_micros(time): microseconds since 1970" },
	{ "unix_date", "any", NULL, .row = same, .resolve = to_days, G, .doc = "unix_date(date): days since 1970" },
	{ "date_from_unix_date", "int", "date", .row = same, G, .doc = "date_from_unix_date(n): the day so many days behind 1970" },
	{ "current_date", "", "date", .row = current_date, G, NOW_BARE, .doc = "current_date(): today in the session's zone" },
	{ "curdate", "", "date", .row = current_date, G, NOW, .shown = "current_date", .doc = "curdate(): today in the session's zone" },
	{ "current_timestamp", "", "timestamp", .row = current_timestamp, G, NOW_BARE, .doc = "current_timestamp(): when the statement began" },
	{ "now", "", "timestamp", .row = current_timestamp, G, NOW, .doc = "now(): when the statement began" },
	{ "localtimestamp", "", "timestamp_ntz", .row = localtimestamp, G, NOW_BARE, .doc = "localtimestamp(): the session's clock when it began" },
	{ "current_timezone", "", "string", .row = current_timezone, G, NOW, .doc = "current_timezone(): the session's zone" },
	{ 0 },
};
