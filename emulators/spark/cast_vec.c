/* Casts of whole vectors: between numbers, dates and timestamps, and from texts to them. */
#include <math.h>

#include "spark/cast_parts.h"
#include "spark/decimal.h"
#include "spark/time.h"

/* Values by row, whatever lies between; what is NULL has some value, too. */
#define LOAD(member, to_type) \
	do { \
		if (v->code) \
			for (i = 0; i < n; i++) \
				to[i] = (to_type)v->member[v->code[i]]; \
		else \
			for (i = 0; i < n; i++) \
				to[i] = (to_type)v->member[i]; \
	} while (0)

static void load_longs(const struct sp_vec *v, size_t n, int64_t *to)
{
	enum sp_phys phys = sp_phys_of(v->type);
	size_t i;
	if (phys == SP_U8)
		LOAD(u8, int64_t);
	else if (phys == SP_I32)
		LOAD(i32, int64_t);
	else
		LOAD(i64, int64_t);
}

static void load_doubles(const struct sp_vec *v, size_t n, double *to)
{
	enum sp_phys phys = sp_phys_of(v->type);
	size_t i;
	if (phys == SP_U8)
		LOAD(u8, double);
	else if (phys == SP_I32)
		LOAD(i32, double);
	else if (phys == SP_I64)
		LOAD(i64, double);
	else
		LOAD(f64, double);
}

static void copy_nulls(const struct sp_vec *v, size_t n, struct sp_out *o)
{
	size_t i;
	if (!v->null)
		return;
	for (i = 0; i < n; i++)
		if (v->null[v->code ? v->code[i] : i])
			sp_out_null(o, i);
}

/* The first row whose value fails raises the error. */
static int failed(const struct sp_casting *c, enum sp_cast_rc why, const struct sp_vec *from, size_t r, struct sp_out *o)
{
	struct sp_value in = sp_get(from, r), out;
	if (sp_cast_failed(c, why, from->type, o->v.type, &in, &out))
		return 1;
	sp_out_null(o, r);
	return 0;
}

static int longs_to_int(const struct sp_casting *c, const struct sp_vec *from, size_t n, struct sp_out *o)
{
	const struct sp_type *to = o->v.type;
	int64_t *v = to->kind == SP_BIGINT ? o->i64 : arena_alloc(c->r->batch, (n + 1) * sizeof(*v));
	size_t i;
	load_longs(from, n, v);
	if (from->type->kind == SP_TIMESTAMP)
		for (i = 0; i < n; i++)
			v[i] = sp_floor_div(v[i], SP_US);
	if (to->kind == SP_BIGINT)
		return 0;
	if (to->kind == SP_INT)
		for (i = 0; i < n; i++)
			o->i32[i] = (int32_t)v[i];
	else
		for (i = 0; i < n; i++)
			o->i32[i] = (int32_t)sp_wrap(to, v[i]);
	if (c->how == SP_HOW_LEGACY)
		return 0;
	for (i = 0; i < n; i++)
		if (o->i32[i] != v[i] && !(o->null && o->null[i]) && failed(c, SP_C_OVERFLOW, from, i, o))
			return 1;
	return 0;
}

static void doubles_to_int(const struct sp_vec *from, size_t n, struct sp_out *o)
{
	const struct sp_type *to = o->v.type;
	size_t i;
	for (i = 0; i < n; i++) {
		double d = from->f64[from->code ? from->code[i] : i];
		if (to->kind == SP_BIGINT)
			o->i64[i] = sp_java_long(d);
		else
			o->i32[i] = (int32_t)sp_wrap(to, sp_java_int(d));
	}
}

static void to_real(const struct sp_vec *from, size_t n, struct sp_out *o)
{
	size_t i;
	if (from->type->kind == SP_BIGINT && o->v.type->kind == SP_FLOAT) { /* rounded once */
		for (i = 0; i < n; i++)
			o->f64[i] = (float)from->i64[from->code ? from->code[i] : i];
		return;
	}
	load_doubles(from, n, o->f64);
	if (from->type->kind == SP_TIMESTAMP)
		for (i = 0; i < n; i++)
			o->f64[i] /= 1e6;
	if (o->v.type->kind == SP_FLOAT)
		for (i = 0; i < n; i++)
			o->f64[i] = (float)o->f64[i];
}

static void timestamp_to_date(const struct sp_casting *c, const struct sp_vec *from, size_t n, struct sp_out *o)
{
	const struct sp_zone *zone = c->r->cx->zone;
	size_t i;
	for (i = 0; i < n; i++)
		o->i32[i] = sp_day_of(zone, from->i64[from->code ? from->code[i] : i]);
}

static int ints_to_decimal(const struct sp_casting *c, const struct sp_vec *from, size_t n, struct sp_out *o)
{
	const int precision = o->v.type->precision, scale = o->v.type->scale;
	const __int128 by = sp_ten(scale), limit = sp_ten(precision);
	int64_t *v = arena_alloc(c->r->batch, (n + 1) * sizeof(*v));
	size_t i;
	load_longs(from, n, v);
	for (i = 0; i < n; i++) {
		__int128 x;
		if (o->null && o->null[i])
			continue;
		if (__builtin_mul_overflow((__int128)v[i], by, &x) || x >= limit || x <= -limit) {
			if (failed(c, SP_C_RANGE, from, i, o))
				return 1;
			continue;
		}
		o->x128[i] = sp_narrow(x);
	}
	return 0;
}

static bool text_value(const struct sp_casting *c, struct slice s, struct sp_out *o, size_t i)
{
	const struct sp_type *to = o->v.type;
	int64_t v;
	bool is;
	switch (to->kind) {
	case SP_BOOLEAN:
		if (!sp_text_boolean(s, &is))
			return false;
		o->u8[i] = is;
		return true;
	case SP_DOUBLE:
		return sp_text_double(s, &o->f64[i]);
	case SP_FLOAT:
		return sp_text_float(s, &o->f64[i]);
	case SP_DATE:
		return sp_text_date(s, &o->i32[i]);
	case SP_TIMESTAMP:
		return sp_text_timestamp(s, c->r->cx->zone, c->r->cx->now_us, &o->i64[i]);
	default:
		if (!sp_text_int(s, c->how == SP_HOW_LEGACY, &v) || sp_wrap(to, v) != v)
			return false;
		if (to->kind == SP_BIGINT)
			o->i64[i] = v;
		else
			o->i32[i] = (int32_t)v;
		return true;
	}
}

static int texts_to(const struct sp_casting *c, const struct sp_vec *from, size_t n, struct sp_out *o)
{
	size_t i;
	for (i = 0; i < n; i++) {
		size_t at = from->code ? from->code[i] : i;
		if (from->null && from->null[at])
			continue;
		if (!text_value(c, from->str[at], o, i) && failed(c, SP_C_MALFORMED, from, i, o))
			return 1;
	}
	return 0;
}

bool sp_cast_fast(const struct sp_casting *c, const struct sp_vec *from, const struct sp_type *to, struct sp_vec *out, int *rc)
{
	const struct sp_type *t = from->type;
	const bool whole = sp_is_integral(t) || t->kind == SP_BOOLEAN, int_to = sp_is_integral(to), real_to = sp_is_fractional(to);
	const size_t n = from->one ? (from->n ? 1 : 0) : from->n;
	struct sp_out o;
	*rc = 0;
	if (!(t->kind == SP_STRING && (int_to || real_to || to->kind == SP_BOOLEAN || to->kind == SP_DATE || to->kind == SP_TIMESTAMP)) &&
	    !((whole || t->kind == SP_TIMESTAMP) && int_to) && !((whole || sp_is_fractional(t) || t->kind == SP_TIMESTAMP) && real_to) &&
	    !(sp_is_fractional(t) && int_to && c->how == SP_HOW_LEGACY) && !(t->kind == SP_TIMESTAMP && to->kind == SP_DATE) &&
	    !(whole && to->kind == SP_DECIMAL))
		return false;
	sp_out_make(&o, c->r->batch, to, n);
	copy_nulls(from, n, &o);
	if (t->kind == SP_STRING)
		*rc = texts_to(c, from, n, &o);
	else if (to->kind == SP_DATE)
		timestamp_to_date(c, from, n, &o);
	else if (to->kind == SP_DECIMAL)
		*rc = ints_to_decimal(c, from, n, &o);
	else if (real_to)
		to_real(from, n, &o);
	else if (sp_is_fractional(t))
		doubles_to_int(from, n, &o);
	else
		*rc = longs_to_int(c, from, n, &o);
	*out = o.v;
	out->one = from->one;
	out->n = from->n;
	return true;
}
