/* Texts to times and back by patterns. */
#include "functions/times.h"
#include "spark/cast.h"

const struct sp_pattern *sp_pattern_by_text(struct sp_call *c, struct sp_pattern_kept *kept, struct slice text, enum sp_pattern_use use)
{
	if (kept->pattern && sl_eq(kept->text, text))
		return kept->pattern;
	kept->pattern = sp_pattern_make(c->run->keep, text, use, sp_time_policy_of(c->run->cx), &c->run->err);
	kept->text = arena_dup(c->run->keep, text);
	return kept->pattern;
}

/* CANNOT_PARSE_TIMESTAMP with ANSI; else NULL. */
static int unparsed(struct sp_call *c, const struct sp_pattern *p, struct slice s, struct sp_value *out)
{
	struct buf b = { 0 };
	if (!c->run->cx->ansi || strcmp(c->e->fn->name, "try_to_timestamp") == 0) {
		out->null = true;
		return 0;
	}
	sp_pattern_why(p, s, &b);
	(void)sp_fn_fail(c, "CANNOT_PARSE_TIMESTAMP", "22007", "org.apache.spark.SparkDateTimeException",
			 "%.*s. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.", SL(buf_slice(&b)));
	buf_free(&b);
	return 1;
}

/* ---- to_date, to_timestamp and their like: text, pattern ---- */

static int parse(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_pattern *p = sp_pattern_by_text(c, c->state, v[1].s, SP_PATTERN_PARSE);
	enum sp_kind to = c->e->type->kind;
	int32_t days = 0;
	int rc;
	if (!p)
		return 1;
	if (to == SP_TIMESTAMP_NTZ) {
		rc = sp_pattern_ntz(p, v[0].s, true, &out->i);
	} else {
		rc = sp_pattern_timestamp(p, v[0].s, sp_zone_of(c), &out->i);
		if (to == SP_DATE && rc > 0) {
			days = sp_day_of(sp_zone_of(c), out->i);
			out->i = days;
		}
	}
	if (rc < 0)
		return sp_pattern_upgrade(&c->run->err, v[0].s);
	return rc ? 0 : unparsed(c, p, v[0].s, out);
}

/* Without a pattern: a cast, which analysis has put around the argument. */
static int given(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_out o;
	if (c->e->arg_n == 1) {
		*out = args[0];
		return 0;
	}
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		struct sp_value v[2] = { sp_get(&args[0], r), sp_get(&args[1], r) }, x = { 0 };
		x.null = v[0].null || v[1].null;
		if (!x.null) {
			if (c->e->args[0]->type->kind == SP_STRING) {
				if (parse(c, v, &x))
					return 1;
			} else {
				x.i = v[0].i;
			}
		}
		sp_out_put(&o, r, &x);
	}
	*out = o.v;
	return 0;
}

/* An explicit cast that analysis doesn't know of: in a mode of its own. */
static int cast_to(struct sp_resolve *x, size_t i, const struct sp_type *to, enum sp_cast_mode mode)
{
	struct sp_expr *from = x->e->args[i], *e;
	if (sp_type_eq(from->type, to))
		return 0;
	if (!sp_can_cast(from->type, to, mode != SP_CAST_LEGACY && x->cx->ansi)) {
		struct buf a = { 0 }, b = { 0 };
		sp_type_sql(&a, from->type);
		sp_type_sql(&b, to);
		(void)sp_resolve_mismatch(x, "CAST_WITHOUT_SUGGESTION", "cannot cast \"%.*s\" to \"%.*s\".", SL(buf_slice(&a)), SL(buf_slice(&b)));
		buf_free(&a);
		buf_free(&b);
		return 1;
	}
	e = arena_alloc(x->arena, sizeof(*e));
	*e = (struct sp_expr){ .op = SP_CAST, .type = to, .nullable = true, .foldable = from->foldable, .arg_n = 1, .cast = mode, .implicit = true,
			       .from = from->from, .to = from->to, .shown = from->shown };
	e->args = arena_alloc(x->arena, sizeof(*e->args));
	e->args[0] = from;
	x->e->args[i] = e;
	return 0;
}

/* Times stay (a cast makes the others of them), numbers are seconds, and what else is atomic goes through its text. */
static const struct sp_type *to_type(struct sp_resolve *x, enum sp_kind to)
{
	enum sp_cast_mode mode = strcmp(x->e->fn->name, "try_to_timestamp") == 0 ? SP_CAST_TRY : SP_CAST_SESSION;
	const struct sp_type *t = x->e->args[0]->type;
	bool time = t->kind == SP_DATE || t->kind == SP_TIMESTAMP || t->kind == SP_TIMESTAMP_NTZ || t->kind == SP_VOID;
	bool number = to == SP_TIMESTAMP && sp_is_numeric(t) && x->e->arg_n == 1;
	if (x->e->arg_n > 1 && sp_resolve_cast(x, 1, &sp_types[SP_STRING]))
		return NULL;
	if (!time && !number && t->kind != SP_STRING) {
		if (sp_is_nested(t) || t->kind == SP_BINARY)
			return sp_bad_type(x, 0, to == SP_TIMESTAMP
						   ? "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \"NUMERIC\")"
						   : "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\")");
		if (cast_to(x, 0, &sp_types[SP_STRING], SP_CAST_SESSION))
			return NULL;
	}
	if ((x->e->arg_n == 1 || time) && cast_to(x, 0, &sp_types[to], mode))
		return NULL;
	return &sp_types[to];
}

static const struct sp_type *to_date_type(struct sp_resolve *x)
{
	return to_type(x, SP_DATE);
}

static const struct sp_type *to_timestamp_type(struct sp_resolve *x)
{
	struct slice v = x->cx->conf ? x->cx->conf(x->cx->self, "spark.sql.timestampType") : sl(NULL);
	return to_type(x, sl_eq_nocase(v, S("TIMESTAMP_NTZ")) ? SP_TIMESTAMP_NTZ : SP_TIMESTAMP);
}

static const struct sp_type *to_ltz_type(struct sp_resolve *x)
{
	return to_type(x, SP_TIMESTAMP);
}

static const struct sp_type *to_ntz_type(struct sp_resolve *x)
{
	return to_type(x, SP_TIMESTAMP_NTZ);
}

/* ---- date_format, from_unixtime ---- */

static int print(struct sp_call *c, int64_t us, struct slice pattern, struct sp_value *out)
{
	const struct sp_pattern *p = sp_pattern_by_text(c, c->state, pattern, SP_PATTERN_FORMAT);
	struct buf b = { 0 };
	int rc;
	if (!p)
		return 1;
	rc = sp_pattern_print(p, &b, us, sp_zone_of(c), &c->run->err);
	if (!rc)
		out->s = arena_dup(c->run->batch, buf_slice(&b));
	buf_free(&b);
	return rc;
}

static int date_format(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return print(c, v[0].i, v[1].s, out);
}

static int from_unixtime(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	int64_t us;
	if (__builtin_mul_overflow(v[0].i, (int64_t)SP_US, &us))
		return sp_java_overflow(c, true);
	return print(c, us, v[1].s, out);
}

/* ---- unix_timestamp ---- */

static int unix_timestamp(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_type *t = c->e->arg_n ? c->e->args[0]->type : NULL;
	const struct sp_pattern *p;
	int64_t us = 0;
	int rc;
	if (!t) {
		out->i = sp_floor_div(c->run->cx->now_us, SP_US);
		return 0;
	}
	if (t->kind == SP_STRING) {
		p = sp_pattern_by_text(c, c->state, v[1].s, SP_PATTERN_PARSE);
		if (!p)
			return 1;
		rc = sp_pattern_timestamp(p, v[0].s, sp_zone_of(c), &us);
		if (rc < 0)
			return sp_pattern_upgrade(&c->run->err, v[0].s);
		if (!rc)
			return unparsed(c, p, v[0].s, out);
	} else {
		us = t->kind == SP_DATE ? sp_day_start(sp_zone_of(c), v[0].i) : t->kind == SP_TIMESTAMP_NTZ ? sp_to_utc(sp_zone_of(c), v[0].i) : v[0].i;
	}
	out->i = sp_floor_div(us, SP_US);
	return 0;
}

static const struct sp_type *unix_timestamp_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->arg_n ? x->e->args[0]->type : NULL;
	if (!t)
		x->e->shown = S("unix_timestamp(current_timestamp(), yyyy-MM-dd HH:mm:ss)");
	if (t && t->kind != SP_STRING && t->kind != SP_DATE && t->kind != SP_TIMESTAMP && t->kind != SP_TIMESTAMP_NTZ && t->kind != SP_VOID)
		return sp_bad_type(x, 0, "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\")");
	if (t && t->kind == SP_VOID && sp_resolve_cast(x, 0, &sp_types[SP_STRING]))
		return NULL;
	return x->e->arg_n > 1 && sp_resolve_cast(x, 1, &sp_types[SP_STRING]) ? NULL : &sp_types[SP_BIGINT];
}

#define G .group = "datetime_funcs"
#define KEPT .state_size = sizeof(struct sp_pattern_kept)
#define FLAGS .flags = SP_F_MAYBE | SP_F_NULLS
#define USUAL .defaults = "yyyy-MM-dd HH:mm:ss"
const struct sp_function sp_date_text[] = {
	{ "to_date", "any any?", NULL, .vec = given, .resolve = to_date_type, KEPT, FLAGS, G, .doc = "to_date(text[, pattern]): the date in it" },
	{ "to_timestamp", "any any?", NULL, .vec = given, .resolve = to_timestamp_type, KEPT, FLAGS, G,
	  .doc = "to_timestamp(text[, pattern]): the time in it" },
	{ "to_timestamp_ltz", "any any?", NULL, .vec = given, .resolve = to_ltz_type, KEPT, FLAGS, G,
	  .doc = "to_timestamp_ltz(text[, pattern]): the time in it" },
	{ "to_timestamp_ntz", "any any?", NULL, .vec = given, .resolve = to_ntz_type, KEPT, FLAGS, G,
	  .doc = "to_timestamp_ntz(text[, pattern]): the wall time in it" },
	{ "try_to_timestamp", "any any?", NULL, .vec = given, .resolve = to_timestamp_type, KEPT, FLAGS, G,
	  .doc = "try_to_timestamp(text[, pattern]): the time in it, or NULL, with ANSI as well" },
	{ "date_format", "timestamp string", "string", .row = date_format, KEPT, G, .doc = "date_format(time, pattern): as text" },
	{ "from_unixtime", "bigint string?", "string", .row = from_unixtime, KEPT, USUAL, G, .doc = "from_unixtime(seconds[, pattern]): as text" },
	{ "unix_timestamp", "any? string?", NULL, .row = unix_timestamp, .resolve = unix_timestamp_type, KEPT, USUAL, G,
	  .flags = SP_F_MAYBE, .doc = "unix_timestamp([text or time[, pattern]]): seconds since 1970" },
	{ "to_unix_timestamp", "any string?", NULL, .row = unix_timestamp, .resolve = unix_timestamp_type, KEPT, USUAL, G, .flags = SP_F_MAYBE,
	  .doc = "to_unix_timestamp(text or time[, pattern]): seconds since 1970" },
	{ 0 },
};
