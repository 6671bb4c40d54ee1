/* Which casts there are, those of nested types, and vectors. */
#include "spark/cast_parts.h"

#include "spark/print.h"

/* ---- which there are ---- */

static bool force_null(const struct sp_type *from, const struct sp_type *to)
{
	if (from->kind == SP_VOID || sp_type_eq(from, to))
		return false;
	if (from->kind == SP_STRING)
		return to->kind != SP_BINARY;
	if (to->kind == SP_STRING)
		return false;
	switch (to->kind) {
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
		return from->kind == SP_TIMESTAMP || sp_is_fractional(from) || from->kind == SP_DECIMAL || from->kind == SP_DATE;
	case SP_BIGINT:
		return sp_is_fractional(from) || from->kind == SP_DECIMAL || from->kind == SP_DATE;
	case SP_DATE:
		return from->kind != SP_TIMESTAMP && from->kind != SP_TIMESTAMP_NTZ;
	case SP_TIMESTAMP:
		return sp_is_fractional(from);
	case SP_INTERVAL:
		return true;
	case SP_DECIMAL:
		if (from->kind == SP_DECIMAL)
			return from->precision - from->scale > to->precision - to->scale || from->scale > to->scale;
		if (sp_is_integral(from))
			return to->precision - to->scale < (from->kind == SP_TINYINT ? 3 : from->kind == SP_SMALLINT ? 5 : from->kind == SP_INT ? 10 : 20);
		return from->kind != SP_BOOLEAN || to->precision == to->scale;
	default:
		return from->kind == SP_DATE && to->kind != SP_TIMESTAMP_NTZ;
	}
}

bool sp_cast_may_null(const struct sp_type *from, const struct sp_type *to, bool ansi)
{
	(void)ansi;
	return force_null(from, to);
}

static bool can_nested(const struct sp_type *from, const struct sp_type *to, bool ansi)
{
	size_t i;
	switch (from->kind) {
	case SP_ARRAY:
		return sp_can_cast(from->item, to->item, ansi) && (to->item_null || !(from->item_null || force_null(from->item, to->item)));
	case SP_MAP:
		return sp_can_cast(from->key, to->key, ansi) && !force_null(from->key, to->key) && sp_can_cast(from->item, to->item, ansi) &&
		       (to->item_null || !(from->item_null || force_null(from->item, to->item)));
	default:
		if (from->field_n != to->field_n)
			return false;
		for (i = 0; i < from->field_n; i++) {
			const struct sp_field *f = &from->fields[i], *t = &to->fields[i];
			if (!sp_can_cast(f->type, t->type, ansi) || (!t->nullable && (f->nullable || force_null(f->type, t->type))))
				return false;
		}
		return true;
	}
}

bool sp_can_cast(const struct sp_type *from, const struct sp_type *to, bool ansi)
{
	const bool integral = sp_is_integral(from), number = sp_is_numeric(from), text = from->kind == SP_STRING;
	const bool spell = from->kind == SP_INTERVAL_YM || from->kind == SP_INTERVAL_DT;
	if (from->kind == SP_VOID || to->kind == SP_STRING)
		return true;
	if (sp_is_nested(from) || sp_is_nested(to))
		return from->kind == to->kind && can_nested(from, to, ansi);
	if (from->kind == to->kind)
		return true;
	switch (to->kind) {
	case SP_BOOLEAN:
		return text || number || (!ansi && (from->kind == SP_DATE || from->kind == SP_TIMESTAMP));
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
	case SP_DECIMAL:
		return text || number || spell || from->kind == SP_BOOLEAN || from->kind == SP_TIMESTAMP || (!ansi && from->kind == SP_DATE);
	case SP_FLOAT:
	case SP_DOUBLE:
		return text || number || from->kind == SP_BOOLEAN || from->kind == SP_TIMESTAMP || (!ansi && from->kind == SP_DATE);
	case SP_BINARY:
		return text || (integral && !ansi);
	case SP_DATE:
		return text || from->kind == SP_TIMESTAMP || from->kind == SP_TIMESTAMP_NTZ;
	case SP_TIMESTAMP:
		return text || number || from->kind == SP_DATE || from->kind == SP_TIMESTAMP_NTZ || (!ansi && from->kind == SP_BOOLEAN);
	case SP_TIMESTAMP_NTZ:
		return text || from->kind == SP_DATE || from->kind == SP_TIMESTAMP;
	case SP_INTERVAL_YM:
	case SP_INTERVAL_DT:
		return text || integral || from->kind == SP_DECIMAL;
	case SP_INTERVAL:
		return text;
	default:
		return false;
	}
}

/* ---- values ---- */

static bool same(const struct sp_type *from, const struct sp_type *to)
{
	return from == to || (!sp_is_nested(from) && from->kind == to->kind && from->precision == to->precision && from->scale == to->scale);
}

static const struct sp_type *item_type(const struct sp_type *t, size_t i)
{
	return t->kind == SP_STRUCT ? t->fields[i].type : t->kind == SP_MAP && i % 2 == 0 ? t->key : t->item;
}

static int cast_list(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, const struct sp_list *in,
		     struct sp_value *out)
{
	struct sp_list *l = sp_list_new(c->r->batch, in->n);
	size_t i;
	for (i = 0; i < in->n; i++)
		if (sp_cast_any(c, item_type(from, i), item_type(to, i), &in->items[i], &l->items[i]))
			return 1;
	out->list = l;
	return 0;
}

int sp_cast_any(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
		struct sp_value *out)
{
	struct sp_value made = { 0 };
	enum sp_cast_rc rc;
	struct buf b = { 0 };
	if (in->null || from->kind == SP_VOID) {
		*out = SP_NULL_VALUE;
		return 0;
	}
	if (same(from, to)) {
		*out = *in;
		return 0;
	}
	if (sp_is_nested(from) && to->kind == SP_STRING) {
		(c->how == SP_HOW_LEGACY ? sp_print : sp_print_ansi)(&b, from, in, c->r->cx->zone);
		made.s = arena_dup(c->r->batch, buf_slice(&b));
		buf_free(&b);
		*out = made;
		return 0;
	}
	if (sp_is_nested(from)) {
		if (cast_list(c, from, to, in->list, &made))
			return 1;
		*out = made;
		return 0;
	}
	rc = sp_cast_atom(c, from, to, in, &made);
	if (rc == SP_C_OK) {
		*out = made;
		return 0;
	}
	return sp_cast_failed(c, rc, from, to, in, out);
}

int sp_cast_value(struct sp_run *r, const struct sp_expr *at, const struct sp_type *from, const struct sp_type *to, bool ansi,
		  const struct sp_value *in, struct sp_value *out)
{
	struct sp_casting c = { r, at, ansi ? SP_HOW_ANSI : SP_HOW_LEGACY };
	return sp_cast_any(&c, from, to, in, out);
}

int sp_try_cast_value(struct sp_run *r, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
		      struct sp_value *out)
{
	struct sp_casting c = { r, NULL, SP_HOW_TRY };
	return sp_cast_any(&c, from, to, in, out);
}

/* ---- vectors ---- */

/* Texts of all rows in one piece of memory. */
static void to_texts(const struct sp_casting *c, const struct sp_vec *from, size_t n, struct sp_out *o)
{
	uint32_t *ends = arena_alloc(c->r->batch, (n + 1) * sizeof(*ends));
	struct buf b = { 0 };
	struct slice all;
	size_t i;
	for (i = 0; i < n; i++) {
		struct sp_value v = sp_get(from, i);
		if (v.null)
			sp_out_null(o, i);
		else
			(c->how == SP_HOW_LEGACY ? sp_print : sp_print_ansi)(&b, from->type, &v, c->r->cx->zone);
		ends[i] = (uint32_t)b.n;
	}
	all = arena_dup(c->r->batch, buf_slice(&b));
	buf_free(&b);
	for (i = 0; i < n; i++) {
		uint32_t start = i ? ends[i - 1] : 0;
		o->str[i] = sl_of(all.p + start, ends[i] - start);
	}
}

static int cast_rows(const struct sp_casting *c, const struct sp_vec *from, size_t n, const struct sp_type *to, struct sp_out *o)
{
	size_t i;
	for (i = 0; i < n; i++) {
		struct sp_value v = sp_get(from, i), made;
		if (sp_cast_any(c, from->type, to, &v, &made))
			return 1;
		sp_out_put(o, i, &made);
	}
	return 0;
}

static int cast_vec(const struct sp_casting *c, const struct sp_vec *from, const struct sp_type *to, struct sp_vec *out)
{
	size_t n = from->one ? (from->n ? 1 : 0) : from->n;
	struct sp_vec plain = *from;
	struct sp_value nothing = SP_NULL_VALUE;
	struct sp_out o;
	int rc = 0;
	if (from->type->kind == SP_VOID) {
		*out = sp_vec_one(c->r->batch, to, &nothing, from->n);
		return 0;
	}
	if (same(from->type, to) || (from->type->kind == SP_BINARY && to->kind == SP_STRING) ||
	    (from->type->kind == SP_STRING && to->kind == SP_BINARY)) {
		*out = *from;
		out->type = to;
		return 0;
	}
	if (from->one) /* then codes don't count */
		plain.code = NULL;
	if (sp_cast_fast(c, &plain, to, out, &rc))
		return rc;
	sp_out_make(&o, c->r->batch, to, n);
	if (to->kind == SP_STRING)
		to_texts(c, from, n, &o);
	else if (cast_rows(c, from, n, to, &o))
		return 1;
	*out = o.v;
	out->one = from->one;
	out->n = from->n;
	return 0;
}

int sp_cast_vec(struct sp_run *r, const struct sp_expr *at, const struct sp_vec *from, const struct sp_type *to, bool ansi,
		struct sp_vec *out)
{
	struct sp_casting c = { r, at, ansi ? SP_HOW_ANSI : SP_HOW_LEGACY };
	return cast_vec(&c, from, to, out);
}

static enum sp_how how_of(const struct sp_expr *e, const struct sp_context *cx)
{
	switch (e->cast) {
	case SP_CAST_TRY:
		return SP_HOW_TRY;
	case SP_CAST_ANSI:
		return SP_HOW_ANSI;
	case SP_CAST_LEGACY:
		return SP_HOW_LEGACY;
	case SP_CAST_SESSION:
		break;
	}
	return cx->ansi ? SP_HOW_ANSI : SP_HOW_LEGACY;
}

bool sp_cast_is_ansi(const struct sp_expr *e, const struct sp_context *cx)
{
	return how_of(e, cx) == SP_HOW_ANSI;
}

int sp_cast_expr(struct sp_run *r, const struct sp_expr *e, const struct sp_vec *from, struct sp_vec *out)
{
	struct sp_casting c = { r, e, how_of(e, r->cx) };
	return cast_vec(&c, from, e->type, out);
}
