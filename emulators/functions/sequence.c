/* sequence(start, stop[, step]): numbers, dates and times from one to another. */
#include "functions/coll.h"

static int out_of_order(struct sp_call *c, int64_t a, int64_t b, int64_t step)
{
	return sp_fn_fail(c, "", "", "java.lang.IllegalArgumentException", "requirement failed: Illegal sequence boundaries: %lld to %lld by %lld",
			  (long long)a, (long long)b, (long long)step);
}

/* How many there are at most (said: the step as an error says it); -1: the run's error is set. */
static int64_t length_of(struct sp_call *c, int64_t a, int64_t b, int64_t step, int64_t said)
{
	__int128 n;
	if ((step > 0 && a > b) || (step < 0 && a < b) || (step == 0 && a != b)) {
		(void)out_of_order(c, a, b, said);
		return -1;
	}
	n = step ? ((__int128)b - a) / step + 1 : 1;
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static int numbers(struct sp_call *c, int64_t a, int64_t b, int64_t step, struct sp_value *out)
{
	int64_t n = length_of(c, a, b, step, step);
	struct sp_list *l = n < 0 ? NULL : sp_coll_list(c, n);
	if (!l)
		return 1;
	for (size_t i = 0; i < l->n; i++)
		l->items[i] = (struct sp_value){ .i = (int64_t)((uint64_t)a + i * (uint64_t)step) };
	out->list = l;
	return 0;
}

/* Times by months, days and microseconds, each counted from the start. Dates are their days' first instants on the way. */
static int times(struct sp_call *c, int64_t a, int64_t b, struct sp_calendar step, struct sp_value *out)
{
	enum { MONTH_DAYS = 28 };
	bool dates = c->e->type->item->kind == SP_DATE;
	const struct sp_zone *z = c->e->type->item->kind == SP_TIMESTAMP_NTZ ? NULL : sp_zone_of(c);
	int64_t start = dates ? sp_day_start(z, a) : a, stop = dates ? sp_day_start(z, b) : b, t = start;
	__int128 about = (__int128)step.us + ((__int128)step.months * MONTH_DAYS + step.days) * SP_DAY_US;
	int64_t rough = about > INT64_MAX ? INT64_MAX : about < INT64_MIN ? INT64_MIN : (int64_t)about, most = length_of(c, start, stop, rough, step.months ? step.months : rough);
	struct sp_list *l;
	size_t n = 0;
	if (most < 0)
		return 1;
	l = sp_coll_list(c, most + 2); /* days that a clock makes shorter */
	if (!l)
		return 1;
	while (n < l->n && (rough >= 0 ? t <= stop : t >= stop)) {
		l->items[n] = (struct sp_value){ .i = dates ? sp_day_of(z, t) : t };
		n++;
		if (!rough || !sp_add_interval(z, start, (int64_t)n * step.months, (int64_t)n * step.days, (int64_t)n * step.us, &t))
			break;
	}
	l->n = n;
	out->list = l;
	return 0;
}

static int sequence(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	enum sp_kind k = c->e->type->item->kind;
	bool up = v[0].i <= v[1].i;
	struct sp_calendar step = { .days = up ? 1 : -1 };
	const struct sp_type *t = c->e->arg_n > 2 ? c->e->args[2]->type : NULL;
	if (k != SP_DATE && k != SP_TIMESTAMP && k != SP_TIMESTAMP_NTZ)
		return numbers(c, v[0].i, v[1].i, t ? v[2].i : up ? 1 : -1, out);
	if (t && t->kind == SP_INTERVAL_YM) {
		step = (struct sp_calendar){ .months = (int32_t)v[2].i };
	} else if (t && t->kind == SP_INTERVAL_DT) {
		if (k == SP_DATE && v[2].i % SP_DAY_US)
			return sp_fn_fail(c, "", "", "java.lang.IllegalArgumentException",
					  "sequence step must be an interval day to second of day granularity if start and end values are dates");
		step = k == SP_DATE ? (struct sp_calendar){ .days = (int32_t)(v[2].i / SP_DAY_US) }
				  : (struct sp_calendar){ .days = (int32_t)(v[2].i / SP_DAY_US), .us = v[2].i % SP_DAY_US };
	} else if (t) {
		step = v[2].c;
		if (k == SP_DATE && step.us && !step.months && !step.days)
			return sp_fn_fail(c, "", "", "java.lang.IllegalArgumentException",
					  "sequence step must be an interval of day granularity if start and end values are dates");
	}
	if (k == SP_DATE && !step.months && !step.us)
		return numbers(c, v[0].i, v[1].i, step.days, out);
	if (k != SP_DATE && !step.months && !step.days)
		return numbers(c, v[0].i, v[1].i, step.us, out);
	return times(c, v[0].i, v[1].i, step, out);
}

static bool is_time(const struct sp_type *t)
{
	return t->kind == SP_DATE || t->kind == SP_TIMESTAMP || t->kind == SP_TIMESTAMP_NTZ;
}

static const struct sp_type *sequence_type(struct sp_resolve *x)
{
	const struct sp_type *a = x->e->args[0]->type, *b = x->e->args[1]->type, *t = NULL, *step = x->e->arg_n > 2 ? x->e->args[2]->type : NULL;
	bool times = (is_time(a) || a->kind == SP_VOID) && (is_time(b) || b->kind == SP_VOID);
	bool whole = (sp_is_integral(a) || a->kind == SP_VOID) && (sp_is_integral(b) || b->kind == SP_VOID);
	if (a->kind == SP_VOID && b->kind == SP_VOID)
		times = whole = false;
	if (times && step)
		times = step->kind == SP_INTERVAL || step->kind == SP_INTERVAL_YM || step->kind == SP_INTERVAL_DT;
	if (whole && step)
		whole = sp_is_integral(step) || step->kind == SP_VOID;
	if (whole)
		t = sp_resolve_common(x, 0, x->e->arg_n);
	else if (times)
		t = sp_resolve_common(x, 0, 2);
	if (t)
		return sp_array(x->arena, t, false);
	(void)sp_resolve_mismatch(
		x, "SEQUENCE_WRONG_INPUT_TYPES",
		"`sequence` uses the wrong parameter type. The parameter type must conform to:\n1. The start and stop expressions must resolve to the "
		"same type.\n2. If start and stop expressions resolve to the (\"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \"DATE\") type, then the step "
		"expression must resolve to the (\"INTERVAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\") type.\n3. Otherwise, if "
		"start and stop expressions resolve to the \"INTEGRAL\" type, then the step expression must resolve to the same type.");
	return NULL;
}

const struct sp_function sp_sequences[] = {
	{ "sequence", "any any any?", NULL, .row = sequence, .resolve = sequence_type, .group = "array_funcs",
	  .doc = "sequence(start, stop[, step]): numbers, dates or times from start to stop" },
	{ 0 },
};
