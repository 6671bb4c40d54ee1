/* round, bround, ceil, floor. */
#include <math.h>

#include "functions/kernel.h"
#include "java/text.h"
#include "spark/decimal.h"

enum { DIGITS = 32 };

/* ---- doubles: as BigDecimal of their text is rounded ---- */

/* Digits of a Java text of a double, and where its point is. */
static int digits_of(const char *text, size_t n, char digits[DIGITS], int *point)
{
	int count = 0;
	bool behind = false;
	size_t i;
	*point = 0;
	for (i = 0; i < n && text[i] != 'E'; i++) {
		if (text[i] == '-')
			continue;
		if (text[i] == '.') {
			behind = true;
			continue;
		}
		if (count == 0 && text[i] == '0') {
			*point -= behind;
			continue;
		}
		digits[count++] = text[i];
		*point += !behind;
	}
	if (i < n)
		*point += atoi(text + i + 1);
	return count;
}

static double round_text(const char *text, size_t n, int scale, bool even, bool single)
{
	char digits[DIGITS], out[64];
	int point, count = digits_of(text, n, digits, &point), kept = point + scale, i;
	bool up;
	if (kept >= count) /* nothing to cut */
		return NAN;
	if (kept < 0)
		return text[0] == '-' ? -0.0 : 0.0;
	up = digits[kept] > '5' || (digits[kept] == '5' && (!even || count > kept + 1 || (kept > 0 && (digits[kept - 1] & 1))));
	out[0] = text[0] == '-' ? '-' : '+';
	out[1] = '0';
	memcpy(out + 2, digits, (size_t)kept);
	for (i = kept + 1; up; i--) {
		if (out[i] < '9') {
			out[i]++;
			break;
		}
		out[i] = '0';
	}
	snprintf(out + 2 + kept, 16, "e%d", -scale);
	return single ? strtof(out, NULL) : strtod(out, NULL);
}

static double round_real(double x, int scale, bool even, bool single)
{
	static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };
	char text[JAVA_REAL_MAX];
	double y, off, r;
	if (!isfinite(x))
		return x;
	if (scale >= 0 && scale < (int)ARRAY_LEN(tens) && !single) {
		y = x * tens[scale];
		off = fabs(y - trunc(y)) - 0.5;
		if (fabs(y) < 1e9 && fabs(off) > 1e-5) { /* nowhere near a half: no doubt which way */
			r = rint(y) / tens[scale];
			return r == 0 ? 0.0 : r;
		}
	}
	/* BigDecimal knows no -0.0. A float is a double first. */
	r = round_text(text, java_double_text(x, text), scale, even, single);
	return isnan(r) ? (x == 0 ? 0.0 : x) : r == 0 ? 0.0 : r;
}

/* ---- whole numbers, to the left of the point ---- */

static int64_t round_long(int64_t x, int scale, bool even)
{
	__int128 v;
	if (scale >= 0)
		return x;
	if (scale < -19)
		return 0;
	if (sp_dec_rescale(x, 0, even ? SP_HALF_EVEN : SP_HALF_UP, SP_PRECISION_MAX, 0, &v) != SP_DEC_OK)
		return 0;
	(void)sp_dec_rescale(x, -scale, even ? SP_HALF_EVEN : SP_HALF_UP, SP_PRECISION_MAX, 0, &v);
	return (int64_t)(v * sp_ten(-scale));
}

static int64_t wrapped(const struct sp_type *t, int64_t v)
{
	return t->kind == SP_TINYINT ? (int8_t)v : t->kind == SP_SMALLINT ? (int16_t)v : t->kind == SP_INT ? (int32_t)v : v;
}

static int rounded(struct sp_call *c, const struct sp_value *args, struct sp_value *out, bool even)
{
	const struct sp_type *t = c->e->type, *from = c->e->args[0]->type;
	int64_t given = args[1].i;
	int scale = given > 400 ? 400 : given < -400 ? -400 : (int)given;
	__int128 v;
	if (t->kind == SP_DECIMAL) {
		enum sp_rounding mode = even ? SP_HALF_EVEN : SP_HALF_UP;
		v = sp_wide(args[0].x);
		if (scale < 0) { /* to a multiple of a power of ten */
			int cut = from->scale - scale;
			if (sp_dec_rescale(v, cut, mode, SP_PRECISION_MAX, 0, &v) != SP_DEC_OK)
				v = 0;
			if (v && (-scale > SP_PRECISION_MAX || __builtin_mul_overflow(v, sp_ten(-scale), &v)))
				out->null = true;
		} else if (sp_dec_rescale(v, from->scale, mode, SP_PRECISION_MAX, t->scale, &v) != SP_DEC_OK) {
			out->null = true;
		}
		out->null = out->null || !sp_dec_fits(v, t->precision);
		out->x = sp_narrow(v);
	} else if (sp_is_fractional(t)) {
		out->d = round_real(args[0].d, scale, even, t->kind == SP_FLOAT);
	} else {
		int64_t r = round_long(args[0].i, scale, even);
		out->i = wrapped(t, r);
		if (c->run->cx->ansi && out->i != r)
			return sp_fn_overflow_placed(c, "Overflow");
	}
	return 0;
}

static int round_up(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	return rounded(c, args, out, false);
}

static int round_even(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	return rounded(c, args, out, true);
}

/* ---- ceil, floor ---- */

static int ceil_floor(struct sp_call *c, const struct sp_value *args, struct sp_value *out, bool up)
{
	const struct sp_type *t = c->e->type, *from = c->e->args[0]->type;
	__int128 v;
	double d;
	if (t->kind == SP_DECIMAL) {
		v = sp_wide(args[0].x);
		if (c->e->arg_n > 1 && args[1].i < 0) {
			int cut = from->scale - (int)args[1].i;
			(void)sp_dec_rescale(v, cut, up ? SP_CEILING : SP_FLOOR, SP_PRECISION_MAX, 0, &v);
			v *= sp_ten((int)-args[1].i);
		} else {
			(void)sp_dec_rescale(v, from->scale, up ? SP_CEILING : SP_FLOOR, SP_PRECISION_MAX, t->scale, &v);
		}
		out->null = !sp_dec_fits(v, t->precision);
		out->x = sp_narrow(v);
	} else if (sp_is_integral(from)) {
		out->i = args[0].i;
	} else {
		d = up ? ceil(args[0].d) : floor(args[0].d);
		out->i = isnan(d) ? 0 : d >= 9223372036854775808.0 ? INT64_MAX : d <= -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
	}
	return 0;
}

static int to_ceiling(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	return ceil_floor(c, args, out, true);
}

static int to_floor(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	return ceil_floor(c, args, out, false);
}

/* ---- types ---- */

/* A digit more may be wanted before the point. */
static const struct sp_type *decimal_to(struct sp_resolve *x, const struct sp_type *t, int64_t to)
{
	int least = t->precision - t->scale + 1, precision, scale = 0;
	if (to < 0) {
		precision = least > -to + 1 ? least : -to + 1 < SP_PRECISION_MAX ? (int)-to + 1 : SP_PRECISION_MAX;
	} else {
		scale = to < t->scale ? (int)to : t->scale;
		precision = least + scale;
	}
	return sp_decimal(x->arena, precision < SP_PRECISION_MAX ? precision : SP_PRECISION_MAX, scale);
}

/* The second argument, which has to be a constant. */
static int scale_of(struct sp_resolve *x, struct sp_value *to)
{
	if (!x->e->args[1]->foldable)
		return sp_resolve_mismatch(x, "NON_FOLDABLE_INPUT", "the input scale should be a foldable \"INT\" expression; however, got \"%.*s\".",
					   SL(sp_resolve_shown(x, 1)));
	return sp_resolve_const(x, 1, to);
}

static const struct sp_type *type_round(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	struct sp_value to;
	if (scale_of(x, &to))
		return NULL;
	if (t->kind == SP_DECIMAL) {
		x->e->nullable = true;
		return decimal_to(x, t, to.null ? 0 : to.i);
	}
	return t;
}

static const struct sp_function ceil_to = { "ceil", "any int", NULL, SP_F_MAYBE, .row = to_ceiling };
static const struct sp_function ceiling_to = { "ceiling", "any int", NULL, SP_F_MAYBE, .row = to_ceiling };
static const struct sp_function floor_to = { "floor", "any int", NULL, SP_F_MAYBE, .row = to_floor };

static const struct sp_type *type_ceil(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	struct sp_value to;
	if (x->e->arg_n == 2) {
		if (t->kind != SP_DECIMAL &&
		    sp_resolve_cast(x, 0, sp_is_numeric(t) ? sp_dec_for(x->arena, t) : sp_decimal(x->arena, SP_PRECISION_MAX, 18)))
			return NULL;
		if (!x->e->args[1]->foldable || (x->e->args[1]->op == SP_CAST && x->e->args[1]->implicit)) {
			sp_fail(x->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1100", "", "The 'scale' parameter of function '%s' needs to be a int literal.", x->e->fn->name);
			sp_fail_at(x->err, x->e->from, x->e->to);
			return NULL;
		}
		if (scale_of(x, &to))
			return NULL;
		if (!to.null && to.i <= -SP_PRECISION_MAX) {
			sp_fail(x->err, SP_E_RUN, "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "22003", "Decimal precision %lld exceeds max precision %d.",
				(long long)-to.i + 1, SP_PRECISION_MAX);
			return NULL;
		}
		x->e->fn = x->e->fn->row != to_ceiling ? &floor_to : x->e->fn->shown ? &ceil_to : &ceiling_to;
		x->e->nullable = true;
		return decimal_to(x, x->e->args[0]->type, to.null ? 0 : to.i);
	}
	if (t->kind == SP_DECIMAL && t->scale == 0)
		return t;
	if (t->kind == SP_DECIMAL)
		return sp_decimal(x->arena, t->precision - t->scale + 1 < SP_PRECISION_MAX ? t->precision - t->scale + 1 : SP_PRECISION_MAX, 0);
	if (!sp_is_integral(t) && !sp_is_fractional(t) && sp_resolve_cast(x, 0, &sp_types[SP_DOUBLE]))
		return NULL;
	return &sp_types[SP_BIGINT];
}

const struct sp_function sp_rounds[] = {
	{ "round", "numeric int?", NULL, SP_F_MAYBE, .row = round_up, .resolve = type_round, .defaults = "0", .group = "math_funcs",
	  .doc = "round(a[, n]): a to n places, halves away from zero." },
	{ "bround", "numeric int?", NULL, SP_F_MAYBE, .row = round_even, .resolve = type_round, .defaults = "0", .group = "math_funcs",
	  .doc = "bround(a[, n]): a to n places, halves to the even digit." },
	{ "ceil", "any int?", NULL, SP_F_MAYBE, .row = to_ceiling, .resolve = type_ceil, .shown = "CEIL", .group = "math_funcs",
	  .doc = "ceil(a[, n]): The next number of n places that isn't less." },
	{ "ceiling", "any int?", NULL, SP_F_ALIAS | SP_F_MAYBE, .row = to_ceiling, .resolve = type_ceil, .group = "math_funcs",
	  .doc = "ceiling(a[, n]): The next number of n places that isn't less." },
	{ "floor", "any int?", NULL, SP_F_MAYBE, .row = to_floor, .resolve = type_ceil, .shown = "FLOOR", .group = "math_funcs",
	  .doc = "floor(a[, n]): The next number of n places that isn't greater." },
	{ NULL },
};
