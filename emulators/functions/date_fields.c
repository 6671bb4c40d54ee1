/* Fields of times and intervals: year() ... second(), extract(), date_part(). */
#include "functions/times.h"

enum field { NO_FIELD, YEAR, QUARTER, MONTH, DAY, DAYOFWEEK, WEEKDAY, DAYOFWEEK_ISO, DOY, WEEK, YEAROFWEEK, HOUR, MINUTE, SECOND,
	     SECOND_FRACTION };
#define HOUR_US INT64_C(3600000000)
#define MINUTE_US INT64_C(60000000)

static int of_days(enum field f, int64_t days)
{
	int64_t year;
	int m, d;
	switch (f) {
	case DAYOFWEEK:
		return sp_day_of_week(days) % 7 + 1;
	case WEEKDAY:
		return sp_day_of_week(days) - 1;
	case DAYOFWEEK_ISO:
		return sp_day_of_week(days);
	case DOY:
		return sp_day_of_year(days);
	case WEEK:
		return sp_iso_week(days, NULL);
	case YEAROFWEEK:
		(void)sp_iso_week(days, &year);
		return (int)year;
	default:
		sp_civil(days, &year, &m, &d);
		return f == YEAR ? (int)year : f == QUARTER ? (m + 2) / 3 : f == MONTH ? m : d;
	}
}

static int of_day_us(enum field f, int64_t us)
{
	return (int)(f == HOUR ? us / HOUR_US : f == MINUTE ? us / MINUTE_US % 60 : us / SP_US % 60);
}

static int of_dates(struct sp_call *c, const struct sp_vec *v, size_t n, enum field f, struct sp_vec *out)
{
	struct sp_col days = sp_col_of(c, v, n);
	struct sp_out o;
	int32_t *to, last = INT32_MIN, last_is = 0;
	sp_fn_out(c, v, 1, n, &o);
	to = o.i32;
	SP_EACH(int32_t, days, n, {
		if (x != last) {
			last = x;
			last_is = of_days(f, x);
		}
		to[i] = last_is;
	});
	sp_fn_done(&o, out);
	return 0;
}

static int of_times(struct sp_call *c, const struct sp_vec *v, size_t n, enum field f, struct sp_vec *out)
{
	const struct sp_zone *z = v->type->kind == SP_TIMESTAMP ? sp_zone_of(c) : NULL;
	struct sp_col us = sp_col_of(c, v, n);
	struct sp_zone_near near = { 0 };
	struct sp_out o;
	sp_fn_out(c, v, 1, n, &o);
	SP_EACH(int64_t, us, n, {
		int64_t local = z ? x + (int64_t)sp_zone_offset_near(z, x, &near) * SP_US : x;
		int64_t day_us = sp_floor_mod(local, SP_DAY_US);
		if (f == SECOND_FRACTION)
			o.x128[i] = sp_narrow(day_us % MINUTE_US);
		else
			o.i32[i] = f >= HOUR ? of_day_us(f, day_us) : of_days(f, sp_floor_div(local, SP_DAY_US));
	});
	sp_fn_done(&o, out);
	return 0;
}

static int field(struct sp_call *c, const struct sp_vec *v, size_t n, enum field f, struct sp_vec *out)
{
	return v->type->kind == SP_DATE ? of_dates(c, v, n, f, out) : of_times(c, v, n, f, out);
}

static int year(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, YEAR, out);
}

static int quarter(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, QUARTER, out);
}

static int month(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, MONTH, out);
}

static int day(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, DAY, out);
}

static int dayofweek(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, DAYOFWEEK, out);
}

static int weekday(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, WEEKDAY, out);
}

static int dayofyear(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, DOY, out);
}

static int weekofyear(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, WEEK, out);
}

static int hour(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, HOUR, out);
}

static int minute(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, MINUTE, out);
}

static int second(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_vec *out)
{
	return field(c, v, n, SECOND, out);
}

/* ---- extract, date_part: the field is known when the statement is analysed ---- */

static const struct {
	const char *name;
	enum field f;
} names[] = {
	{ "YEAR", YEAR }, { "Y", YEAR }, { "YEARS", YEAR }, { "YR", YEAR }, { "YRS", YEAR }, { "YEAROFWEEK", YEAROFWEEK },
	{ "QUARTER", QUARTER }, { "QTR", QUARTER }, { "MONTH", MONTH }, { "MON", MONTH }, { "MONS", MONTH }, { "MONTHS", MONTH },
	{ "WEEK", WEEK }, { "W", WEEK }, { "WEEKS", WEEK }, { "DAY", DAY }, { "D", DAY }, { "DAYS", DAY }, { "DAYOFWEEK", DAYOFWEEK },
	{ "DOW", DAYOFWEEK }, { "DAYOFWEEK_ISO", DAYOFWEEK_ISO }, { "DOW_ISO", DAYOFWEEK_ISO }, { "DOY", DOY }, { "HOUR", HOUR }, { "H", HOUR },
	{ "HOURS", HOUR }, { "HR", HOUR }, { "HRS", HOUR }, { "MINUTE", MINUTE }, { "M", MINUTE }, { "MIN", MINUTE }, { "MINS", MINUTE },
	{ "MINUTES", MINUTE }, { "SECOND", SECOND }, { "S", SECOND }, { "SEC", SECOND }, { "SECONDS", SECOND }, { "SECS", SECOND },
};

static enum field field_of(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(name, sl(names[i].name)))
			return names[i].f;
	return NO_FIELD;
}

/* What a field of an interval is of; NULL: the interval hasn't such a field. */
static const struct sp_type *of_interval(struct sp_resolve *x, enum field f, const struct sp_type *t)
{
	bool ym = t->kind != SP_INTERVAL_DT, dt = t->kind != SP_INTERVAL_YM;
	uint8_t last = t->kind == SP_INTERVAL ? SP_SECOND : t->scale, first = t->kind == SP_INTERVAL ? 0 : t->precision;
	uint8_t at = f == MONTH ? SP_MONTH : f == HOUR ? SP_HOUR : f == MINUTE ? SP_MINUTE : f == SECOND ? SP_SECOND : 0;
	bool has = (f == YEAR || f == MONTH) ? ym : dt && (f == DAY || f == HOUR || f == MINUTE || f == SECOND);
	if (!has || (t->kind != SP_INTERVAL && (at < first || at > last)))
		return NULL;
	return f == YEAR || f == DAY ? &sp_types[SP_INT] : f == SECOND ? sp_decimal(x->arena, 8, 6) : &sp_types[SP_TINYINT];
}

static const struct sp_type *part_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[1]->type, *is;
	bool interval = t->kind == SP_INTERVAL || t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT;
	struct sp_value v;
	enum field f;
	if (sp_resolve_const(x, 0, &v))
		return NULL;
	if (v.null)
		return &sp_types[SP_DOUBLE];
	f = x->e->args[0]->type->kind == SP_STRING ? field_of(v.s) : NO_FIELD;
	is = !f ? NULL : interval ? of_interval(x, f, t) : f == SECOND ? sp_decimal(x->arena, 8, 6) : &sp_types[SP_INT];
	if (!is) {
		(void)sp_fail(x->err, SP_E_ANALYSIS, "INVALID_EXTRACT_FIELD", "42601", "Cannot extract `%.*s` from \"%.*s\".", SL(v.s),
			      SL(sp_resolve_shown(x, 1)));
		sp_fail_at(x->err, x->e->from, x->e->to);
		return NULL;
	}
	if (!interval && f < HOUR && t->kind != SP_DATE && sp_resolve_cast(x, 1, &sp_types[SP_DATE]))
		return NULL;
	if (!interval && f >= HOUR && t->kind != SP_TIMESTAMP && t->kind != SP_TIMESTAMP_NTZ && sp_resolve_cast(x, 1, &sp_types[SP_TIMESTAMP]))
		return NULL;
	if (strcmp(x->e->fn->name, "datepart") == 0)
		x->e->shown = arena_printf(x->arena, "datepart(%.*s FROM %.*s)", SL(sp_resolve_shown(x, 0)), SL(sp_resolve_shown(x, 1)));
	x->e->given = arena_alloc(x->arena, sizeof(f));
	*(enum field *)x->e->given = f == SECOND ? SECOND_FRACTION : f;
	return is;
}

static void of_interval_row(const struct sp_type *t, enum field f, const struct sp_value *v, struct sp_value *out)
{
	int64_t months = t->kind == SP_INTERVAL ? v->c.months : v->i, us = t->kind == SP_INTERVAL ? v->c.us : v->i;
	if (f == YEAR || f == MONTH)
		out->i = f == YEAR ? months / 12 : months % 12;
	else if (f == DAY)
		out->i = t->kind == SP_INTERVAL ? v->c.days : us / SP_DAY_US;
	else if (f == SECOND_FRACTION)
		out->x = sp_narrow(us % MINUTE_US);
	else
		out->i = f == HOUR ? us / HOUR_US % 24 : us / MINUTE_US % 60;
}

static int part(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	enum field f = c->e->given ? *(const enum field *)c->e->given : NO_FIELD;
	const struct sp_type *t = args[1].type;
	struct sp_out o;
	if (f && (t->kind == SP_DATE || t->kind == SP_TIMESTAMP || t->kind == SP_TIMESTAMP_NTZ))
		return field(c, &args[1], n, f, out);
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		struct sp_value v = sp_get(&args[1], r), x = { 0 };
		if (v.null || !f) {
			sp_out_null(&o, r);
			continue;
		}
		of_interval_row(t, f, &v, &x);
		sp_out_put(&o, r, &x);
	}
	*out = o.v;
	return 0;
}

#define G .group = "datetime_funcs"
#define TIMES "timestamp|timestamp_ntz"
const struct sp_function sp_date_fields[] = {
	{ "year", "date", "int", .vec = year, G, .doc = "year(date): its year" },
	{ "quarter", "date", "int", .vec = quarter, G, .doc = "quarter(date): its quarter, 1 to 4" },
	{ "month", "date", "int", .vec = month, G, .doc = "month(date): its month, 1 to 12" },
	{ "day", "date", "int", .vec = day, G, .doc = "day(date): its day of the month" },
	{ "dayofmonth", "date", "int", .vec = day, G, .flags = SP_F_ALIAS, .doc = "dayofmonth(date): its day of the month" },
	{ "dayofweek", "date", "int", .vec = dayofweek, G, .doc = "dayofweek(date): 1 is Sunday, 7 Saturday" },
	{ "weekday", "date", "int", .vec = weekday, G, .doc = "weekday(date): 0 is Monday, 6 Sunday" },
	{ "dayofyear", "date", "int", .vec = dayofyear, G, .doc = "dayofyear(date): its day of the year" },
	{ "weekofyear", "date", "int", .vec = weekofyear, G, .doc = "weekofyear(date): its week as ISO 8601 counts" },
	{ "hour", TIMES, "int", .vec = hour, G, .doc = "hour(time): its hour" },
	{ "minute", TIMES, "int", .vec = minute, G, .doc = "minute(time): its minute" },
	{ "second", TIMES, "int", .vec = second, G, .doc = "second(time): its second" },
	{ "extract", "string! any", NULL, SP_F_NULLS | SP_F_MAYBE, .vec = part, .resolve = part_type, G,
	  .doc = "extract(FIELD FROM x): a field of a time or an interval" },
	{ "date_part", "string! any", NULL, SP_F_NULLS | SP_F_MAYBE, .vec = part, .resolve = part_type, G,
	  .doc = "date_part(field, x): a field of a time or an interval" },
	{ "datepart", "string! any", NULL, SP_F_NULLS | SP_F_MAYBE | SP_F_ALIAS, .vec = part, .resolve = part_type, G,
	  .doc = "datepart(field, x): a field of a time or an interval" },
	{ 0 },
};
