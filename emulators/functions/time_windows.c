/* Windows of time: window(time, duration[, slide[, start]]) gives a row for each window that a time is in. Analysis has it run before the
 * rows are grouped; what it gives is a column of the name `window`. */
#include "functions/times.h"

struct spans {
	int64_t length, slide, start; /* us */
};

/* A duration: a constant text of units, or an interval. */
static int span(struct sp_resolve *x, size_t i, int64_t *us)
{
	const struct sp_type *t = x->e->args[i]->type;
	struct sp_calendar c = { 0 };
	struct slice why = sl(NULL);
	struct sp_value v;
	if (sp_resolve_const(x, i, &v))
		return 1;
	if (v.null || (t->kind != SP_STRING && t->kind != SP_INTERVAL_DT && t->kind != SP_INTERVAL)) {
		(void)sp_bad_type(x, i, "\"STRING\"");
		return 1;
	}
	if (t->kind == SP_INTERVAL_DT) {
		c.us = v.i;
	} else if (t->kind == SP_INTERVAL) {
		c = v.c;
	} else if (!sp_interval_units(v.s, &c, x->arena, &why)) {
		(void)sp_fail(x->err, SP_E_ANALYSIS, "CANNOT_PARSE_INTERVAL", "",
			      "Unable to parse '%.*s'. Please ensure that the value provided is in a valid format for defining an interval. You can "
			      "reference the documentation for the correct format. If the issue persists, please double check that the input value "
			      "is not null or empty and try again.",
			      SL(v.s));
		sp_fail_at(x->err, x->e->from, x->e->to);
		return 1;
	}
	if (c.months) {
		(void)sp_fail(x->err, SP_E_ANALYSIS, "FAILED_FUNCTION_CALL", "38000",
			      "Failed preparing of the function `window` for call. Please, double check function's arguments.");
		sp_fail_at(x->err, x->e->from, x->e->to);
		return 1;
	}
	*us = c.days * SP_DAY_US + c.us;
	return 0;
}

static const struct sp_type *window_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	struct spans *s = arena_alloc(x->arena, sizeof(*s));
	struct sp_field ends[2], window;
	if (span(x, 1, &s->length))
		return NULL;
	s->slide = s->length;
	if ((x->e->arg_n > 2 && span(x, 2, &s->slide)) || (x->e->arg_n > 3 && span(x, 3, &s->start)))
		return NULL;
	x->e->shown = arena_printf(x->arena, "window(%.*s, %lld, %lld, %lld)", SL(sp_resolve_shown(x, 0)), (long long)s->length, (long long)s->slide,
				   (long long)s->start);
	if (s->length <= 0 || s->slide <= 0) {
		(void)sp_resolve_mismatch(x, "VALUE_OUT_OF_RANGE",
					  "The `%s` must be between (0, 9223372036854775807] (current value = %lldL).",
					  s->length <= 0 ? "window_duration" : "slide_duration", (long long)(s->length <= 0 ? s->length : s->slide));
		return NULL;
	}
	if (s->slide > s->length) {
		(void)sp_resolve_mismatch(x, "PARAMETER_CONSTRAINT_VIOLATION",
					  "The `slide_duration`(%lldL) must be <= the `window_duration`(%lldL).", (long long)s->slide,
					  (long long)s->length);
		return NULL;
	}
	x->e->given = s;
	ends[0] = (struct sp_field){ .name = S("start"), .type = t, .nullable = true };
	ends[1] = (struct sp_field){ .name = S("end"), .type = t, .nullable = true };
	window = (struct sp_field){ .name = S("window"), .type = sp_struct(x->arena, ends, 2) };
	return sp_struct(x->arena, &window, 1);
}

static int window(struct sp_call *c, const struct sp_value *v, struct sp_rows *rows)
{
	const struct spans *s = c->e->given;
	int64_t start;
	if (v[0].null)
		return 0;
	start = v[0].i - sp_floor_mod(v[0].i - s->start, s->slide);
	for (; start + s->length > v[0].i; start -= s->slide) {
		struct sp_list *ends = sp_list_new(rows->arena, 2);
		ends->items[0] = (struct sp_value){ .i = start };
		ends->items[1] = (struct sp_value){ .i = start + s->length };
		*sp_rows_add(rows) = (struct sp_value){ .list = ends };
		if (sp_run_check(c->run, 1))
			return 1;
	}
	return 0;
}

/* The last moment of a window. */
static int window_time(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	*out = v[0].list->items[1];
	out->i -= 1;
	return 0;
}

static const struct sp_type *window_time_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	if (t->kind != SP_STRUCT || t->field_n != 2 || (t->fields[1].type->kind != SP_TIMESTAMP && t->fields[1].type->kind != SP_TIMESTAMP_NTZ))
		return sp_bad_type(x, 0, "\"STRUCT\"");
	return t->fields[1].type;
}

/* The column says of itself that it is an event's time, and how late events may be; only streaming queries ask (lake/batch_state.c). */
static const struct sp_type *event_time_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	int64_t *delay = arena_alloc(x->arena, sizeof(*delay));
	struct buf b = { 0 };
	bool window = t->kind == SP_STRUCT && t->field_n == 2 && t->fields[1].type->kind == SP_TIMESTAMP;
	if (t->kind != SP_TIMESTAMP && !window) {
		sp_type_sql(&b, t);
		(void)sp_fail(x->err, SP_E_ANALYSIS, "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE", "42K09",
			      "The event time `%.*s` has the invalid type \"%.*s\", but expected \"TIMESTAMP\".", SL(sp_resolve_shown(x, 0)), SL(buf_slice(&b)));
		buf_free(&b);
		return NULL;
	}
	if (span(x, 1, delay))
		return NULL;
	x->e->given = delay;
	return t;
}

static int event_time(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	*out = v[0];
	return 0;
}

const struct sp_function sp_time_windows[] = {
	{ "_event_time", "any any", NULL, .row = event_time, .resolve = event_time_type, .group = "datetime_funcs",
	  .doc = "_event_time(time, delay): the time, by which a stream's rows are late or not (DataFrame.withWatermark)" },
	{ "window", "timestamp|timestamp_ntz any any? any?", NULL, .generate = window, .resolve = window_type, .flags = SP_F_NULLS,
	  .group = "datetime_funcs", .doc = "window(time, duration[, slide[, start]]): the windows of time that it is in, to group by" },
	{ "window_time", "<>", NULL, .row = window_time, .resolve = window_time_type, .group = "datetime_funcs",
	  .doc = "window_time(window): the last moment of a window" },
	{ 0 },
};
