/* Intervals: made of numbers, added to times, counted with. The rows with $ are operators over times: analysis writes them. */
#include <math.h>

#include "functions/times.h"
#include "spark/decimal.h"

enum { ADD = 1, SUBTRACT = -1 };

static const struct sp_type *type_of(const struct sp_call *c, size_t i)
{
	return c->e->args[i]->type;
}

/* ---- made of numbers ---- */

static bool scaled(int64_t *to, int64_t v, int64_t by)
{
	int64_t x;
	return !__builtin_mul_overflow(v, by, &x) && !__builtin_add_overflow(*to, x, to);
}

/* years, months, weeks, days, hours, minutes, seconds DECIMAL(18,6); what is left out is 0 */
static int make_interval(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	static const int64_t months[] = { 12, 1 }, days[] = { 7, 1 }, us[] = { INT64_C(3600000000), INT64_C(60000000) };
	size_t n = c->e->arg_n;
	int64_t m = 0, d = 0, u = n > 6 ? (int64_t)v[6].x.lo : 0;
	bool good = true, narrow = true;
	for (size_t i = 0; i < 6 && i < n && good; i++) {
		good = i < 2 ? scaled(&m, v[i].i, months[i]) && m == (int32_t)m
			     : i < 4 ? scaled(&d, v[i].i, days[i - 2]) && d == (int32_t)d : scaled(&u, v[i].i, us[i - 4]);
		narrow = i < 4;
	}
	if (!good) {
		out->null = true;
		return c->run->cx->ansi ? sp_fn_overflow(c, narrow ? "integer overflow" : "long overflow", NULL) : 0;
	}
	out->c = (struct sp_calendar){ (int32_t)m, (int32_t)d, u };
	return 0;
}

/* days, hours, minutes, seconds DECIMAL(18,6) */
static int make_dt(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	static const int64_t us[] = { SP_DAY_US, INT64_C(3600000000), INT64_C(60000000) };
	size_t n = c->e->arg_n;
	int64_t u = n > 3 ? (int64_t)v[3].x.lo : 0;
	for (size_t i = 0; i < 3 && i < n; i++)
		if (!scaled(&u, v[i].i, us[i]))
			return sp_java_overflow(c, true);
	out->i = u;
	return 0;
}

static int make_ym(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	int64_t m = 0;
	size_t n = c->e->arg_n;
	(void)scaled(&m, n > 0 ? v[0].i : 0, 12);
	(void)scaled(&m, n > 1 ? v[1].i : 0, 1);
	if (m != (int32_t)m)
		return sp_java_overflow(c, false);
	out->i = m;
	return 0;
}

static const struct sp_type *make_type(struct sp_resolve *x)
{
	const char *name = x->e->fn->name;
	bool dt = strcmp(name, "make_dt_interval") == 0;
	size_t seconds = dt ? 3 : 6;
	for (size_t i = 0; i < x->e->arg_n; i++)
		if (sp_resolve_cast(x, i, i == seconds ? sp_decimal(x->arena, 18, 6) : &sp_types[SP_INT]))
			return NULL;
	return &sp_types[dt ? SP_INTERVAL_DT : strcmp(name, "make_ym_interval") == 0 ? SP_INTERVAL_YM : SP_INTERVAL];
}

/* ---- with times ---- */

static int add_to_time(struct sp_call *c, const struct sp_value *v, struct sp_value *out, int sign)
{
	const struct sp_type *t = type_of(c, 1);
	const struct sp_zone *z = c->e->type->kind == SP_TIMESTAMP ? sp_zone_of(c) : NULL;
	bool good;
	if (t->kind == SP_INTERVAL_YM)
		good = sp_add_interval(z, v[0].i, sign * v[1].i, 0, 0, &out->i);
	else if (t->kind == SP_INTERVAL_DT) /* days of it are the clock's */
		good = sp_add_interval(z, v[0].i, 0, sign * (v[1].i / SP_DAY_US), sign * (v[1].i % SP_DAY_US), &out->i);
	else
		good = v[1].c.us != INT64_MIN &&
		       sp_add_interval(z, v[0].i, sign * (int64_t)v[1].c.months, sign * (int64_t)v[1].c.days, sign * v[1].c.us, &out->i);
	return good ? 0 : sp_java_overflow(c, true);
}

static int time_add(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return add_to_time(c, v, out, ADD);
}

static int time_sub(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return add_to_time(c, v, out, SUBTRACT);
}

static int add_to_date(struct sp_call *c, const struct sp_value *v, struct sp_value *out, int sign)
{
	int32_t day = (int32_t)v[0].i;
	int64_t us;
	if (type_of(c, 1)->kind == SP_INTERVAL_YM) {
		if (!sp_add_months(day, sign * v[1].i, &day))
			return sp_fn_overflow(c, "integer overflow", NULL);
		out->i = day;
		return 0;
	}
	if (v[1].c.us) {
		if (c->run->cx->ansi)
			return sp_fn_fail(c, "", "", "org.apache.spark.SparkIllegalArgumentException",
					  "Cannot add hours, minutes or seconds, milliseconds, microseconds to a date. If necessary set "
					  "\"spark.sql.ansi.enabled\" to false to bypass this error.");
		if (!sp_add_interval(sp_zone_of(c), sp_day_start(sp_zone_of(c), day), sign * (int64_t)v[1].c.months,
				     sign * (int64_t)v[1].c.days, sign * v[1].c.us, &us))
			return sp_java_overflow(c, true);
		out->i = sp_day_of(sp_zone_of(c), us);
		return 0;
	}
	if (!sp_add_months(day, sign * (int64_t)v[1].c.months, &day) || __builtin_add_overflow((int64_t)day, sign * (int64_t)v[1].c.days, &us) ||
	    us != (int32_t)us)
		return sp_fn_overflow(c, "integer overflow", NULL);
	out->i = us;
	return 0;
}

static int date_add(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return add_to_date(c, v, out, ADD);
}

static int date_sub(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return add_to_date(c, v, out, SUBTRACT);
}

static int time_diff(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_zone *z = type_of(c, 0)->kind == SP_TIMESTAMP ? sp_zone_of(c) : NULL;
	return __builtin_sub_overflow(sp_to_local(z, v[0].i), sp_to_local(z, v[1].i), &out->i) ? sp_java_overflow(c, true) : 0;
}

static int date_diff(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return __builtin_mul_overflow(v[0].i - v[1].i, SP_DAY_US, &out->i) ? sp_java_overflow(c, true) : 0;
}

/* ---- intervals alone ---- */

static int too_long(struct sp_call *c, bool wide, const char *hint)
{
	return sp_fn_fail(c, "INTERVAL_ARITHMETIC_OVERFLOW", "22015", "org.apache.spark.SparkArithmeticException", "%s overflow.%s%s%s",
			  wide ? "long" : "integer", hint ? " Use '" : "", hint ? hint : "",
			  hint ? "' to tolerate overflow and return NULL instead." : "");
}

static int plus(struct sp_call *c, const struct sp_value *v, struct sp_value *out, int sign)
{
	enum sp_kind k = c->e->type->kind;
	if (k == SP_INTERVAL) {
		const struct sp_calendar *a = &v[0].c, *b = &v[1].c;
		int64_t m = a->months + sign * (int64_t)b->months, d = a->days + sign * (int64_t)b->days, us;
		bool over = sign > 0 ? __builtin_add_overflow(a->us, b->us, &us) : __builtin_sub_overflow(a->us, b->us, &us);
		if (c->run->cx->ansi && (over || m != (int32_t)m || d != (int32_t)d))
			return too_long(c, over, sign > 0 ? "try_add" : "try_subtract");
		out->c = (struct sp_calendar){ (int32_t)m, (int32_t)d, us };
		return 0;
	}
	if ((sign > 0 ? __builtin_add_overflow(v[0].i, v[1].i, &out->i) : __builtin_sub_overflow(v[0].i, v[1].i, &out->i)) ||
	    (k == SP_INTERVAL_YM && out->i != (int32_t)out->i))
		return too_long(c, k == SP_INTERVAL_DT, sign > 0 ? "try_add" : "try_subtract");
	return 0;
}

static int interval_add(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return plus(c, v, out, ADD);
}

static int interval_sub(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return plus(c, v, out, SUBTRACT);
}

static int interval_neg(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	enum sp_kind k = c->e->type->kind;
	if (k == SP_INTERVAL) {
		const struct sp_calendar *a = &v[0].c;
		if (c->run->cx->ansi && (a->months == INT32_MIN || a->days == INT32_MIN || a->us == INT64_MIN))
			return too_long(c, a->us == INT64_MIN, NULL);
		out->c = (struct sp_calendar){ (int32_t)-(uint32_t)a->months, (int32_t)-(uint32_t)a->days, (int64_t)-(uint64_t)a->us };
		return 0;
	}
	if (v[0].i == (k == SP_INTERVAL_YM ? INT32_MIN : INT64_MIN))
		return too_long(c, k == SP_INTERVAL_DT, NULL);
	out->i = -v[0].i;
	return 0;
}

static int interval_abs(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	if (v[0].i < 0)
		return interval_neg(c, v, out);
	out->i = v[0].i;
	return 0;
}

static int interval_days(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = v[0].i / SP_DAY_US;
	return 0;
}

static double as_double(const struct sp_type *t, const struct sp_value *v)
{
	return t->kind == SP_DECIMAL ? sp_dec_double(sp_wide(v->x), t->scale) : sp_is_fractional(t) ? v->d : (double)v->i;
}

/* Half away from zero; false: no number, or beyond the type. */
static bool rounded(double d, bool wide, int64_t *out)
{
	double r = round(d);
	if (isnan(r) || (wide ? r >= 0x1p63 || r < -0x1p63 : r > INT32_MAX || r < INT32_MIN))
		return false;
	*out = (int64_t)r;
	return true;
}

static bool fits(__int128 x, bool wide, int64_t *out)
{
	if (wide ? x != (int64_t)x : x != (int32_t)x)
		return false;
	*out = (int64_t)x;
	return true;
}

/* Half away from zero. */
static __int128 divided(__int128 a, __int128 b)
{
	__int128 q = a / b, r = a % b, twice = (r < 0 ? -r : r) * 2, abs_b = b < 0 ? -b : b;
	return twice >= abs_b ? q + ((a < 0) == (b < 0) ? 1 : -1) : q;
}

static bool zero(const struct sp_type *t, const struct sp_value *v)
{
	return t->kind == SP_DECIMAL ? !sp_wide(v->x) : sp_is_fractional(t) ? v->d == 0 : v->i == 0;
}

static int of_calendar(struct sp_call *c, const struct sp_calendar *a, double by, bool divide, struct sp_value *out)
{
	double m = divide ? a->months / by : a->months * by, d = divide ? a->days / by : a->days * by, us = divide ? (double)a->us / by : (double)a->us * by;
	double whole_m = trunc(m), whole_d = trunc(d);
	int64_t micros;
	if (isnan(m) || fabs(whole_m) > INT32_MAX || fabs(whole_d) > INT32_MAX) {
		if (c->run->cx->ansi)
			return sp_fn_overflow(c, "integer overflow", NULL);
		whole_m = isnan(m) ? 0 : fmax(fmin(whole_m, INT32_MAX), INT32_MIN);
		whole_d = isnan(d) ? 0 : fmax(fmin(whole_d, INT32_MAX), INT32_MIN);
	}
	us += (double)SP_DAY_US * (d - whole_d);
	micros = isnan(us) ? 0 : us >= 0x1p63 ? INT64_MAX : us <= -0x1p63 ? INT64_MIN : (int64_t)floor(us + 0.5);
	out->c = (struct sp_calendar){ (int32_t)whole_m, (int32_t)whole_d, micros };
	return 0;
}

static int interval_mul(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_type *t = type_of(c, 1);
	bool wide = c->e->type->kind == SP_INTERVAL_DT, good;
	__int128 x;
	if (c->e->type->kind == SP_INTERVAL)
		return of_calendar(c, &v[0].c, as_double(t, &v[1]), false, out);
	if (sp_is_fractional(t))
		good = rounded((double)v[0].i * v[1].d, wide, &out->i);
	else if (t->kind == SP_DECIMAL)
		good = !__builtin_mul_overflow((__int128)v[0].i, sp_wide(v[1].x), &x) && fits(divided(x, sp_ten(t->scale)), wide, &out->i);
	else
		good = fits((__int128)v[0].i * v[1].i, wide, &out->i);
	return good ? 0 : sp_java_overflow(c, wide);
}

static int interval_div(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_type *t = type_of(c, 1);
	bool wide = c->e->type->kind == SP_INTERVAL_DT, calendar = c->e->type->kind == SP_INTERVAL, good;
	__int128 x;
	if (zero(t, &v[1])) {
		if (calendar && !c->run->cx->ansi) {
			out->null = true;
			return 0;
		}
		(void)sp_fn_fail(c, "INTERVAL_DIVIDED_BY_ZERO", "22012", "org.apache.spark.SparkArithmeticException",
				 "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead.");
		if (!calendar)
			sp_fail_at(&c->run->err, c->e->from, c->e->to);
		return 1;
	}
	if (calendar)
		return of_calendar(c, &v[0].c, as_double(t, &v[1]), true, out);
	if (sp_is_fractional(t))
		good = rounded((double)v[0].i / v[1].d, wide, &out->i);
	else if (t->kind == SP_DECIMAL)
		good = !__builtin_mul_overflow((__int128)v[0].i, sp_ten(t->scale), &x) && fits(divided(x, sp_wide(v[1].x)), wide, &out->i);
	else
		good = fits(divided(v[0].i, v[1].i), wide, &out->i);
	return good ? 0 : too_long(c, wide, "try_divide");
}

#define G .group = "datetime_funcs"
#define OF_TIMES .flags = SP_F_HIDDEN | SP_F_LISTED_AS_OPERATOR, .group = "datetime_funcs", .doc = "an operator over times"
const struct sp_function sp_intervals[] = {
	{ "make_interval", "any? any? any? any? any? any? any?", NULL, .row = make_interval, .resolve = make_type, .flags = SP_F_MAYBE, G,
	  .defaults = "0, 0, 0, 0, 0, 0, 0.000000",
	  .doc = "make_interval([years[, months[, weeks[, days[, hours[, minutes[, seconds]]]]]]]): an interval of them" },
	{ "make_dt_interval", "any? any? any? any?", NULL, .row = make_dt, .resolve = make_type, G, .defaults = "0, 0, 0, 0.000000",
	  .doc = "make_dt_interval([days[, hours[, minutes[, seconds]]]]): INTERVAL DAY TO SECOND" },
	{ "make_ym_interval", "any? any?", NULL, .row = make_ym, .resolve = make_type, G, .defaults = "0, 0",
	  .doc = "make_ym_interval([years[, months]]): INTERVAL YEAR TO MONTH" },
	{ "$time_add", NULL, NULL, .row = time_add, OF_TIMES },
	{ "$time_sub", NULL, NULL, .row = time_sub, OF_TIMES },
	{ "$date_add", NULL, NULL, .row = date_add, OF_TIMES },
	{ "$date_sub", NULL, NULL, .row = date_sub, OF_TIMES },
	{ "$time_diff", NULL, NULL, .row = time_diff, OF_TIMES },
	{ "$date_diff", NULL, NULL, .row = date_diff, OF_TIMES },
	{ "$interval_add", NULL, NULL, .row = interval_add, OF_TIMES },
	{ "$interval_sub", NULL, NULL, .row = interval_sub, OF_TIMES },
	{ "$interval_neg", NULL, NULL, .row = interval_neg, OF_TIMES },
	{ "$interval_abs", NULL, NULL, .row = interval_abs, OF_TIMES },
	{ "$interval_days", NULL, NULL, .row = interval_days, OF_TIMES },
	{ "$interval_mul", NULL, NULL, .row = interval_mul, OF_TIMES },
	{ "$interval_div", NULL, NULL, .row = interval_div, .flags = SP_F_HIDDEN | SP_F_LISTED_AS_OPERATOR | SP_F_MAYBE, G,
	  .doc = "an operator over times" },
	{ 0 },
};
