/* Functions of real numbers. */
#include <math.h>

#include "functions/kernel.h"
#include "java/strict.h"

static const double PI = 3.14159265358979323846, E = 2.7182818284590452354;

/* A function of one double; null: where it is NULL. */
#define REAL(name, value, null_where) \
	static int name(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out) \
	{ \
		struct sp_col a = sp_col_of(c, args, n); \
		struct sp_out o; \
		sp_fn_out(c, args, 1, n, &o); \
		SP_EACH(double, a, n, { \
			if (o.v.null && o.v.null[i]) \
				continue; \
			if (null_where) \
				sp_fn_nulls(&o, n)[i] = 1; \
			else \
				o.f64[i] = value; \
		}); \
		*out = o.v; \
		return 0; \
	}
REAL(f_sqrt, sqrt(x), false)
REAL(f_cbrt, java_cbrt(x), false)
REAL(f_exp, java_exp(x), false)
REAL(f_expm1, java_expm1(x), false)
REAL(f_ln, java_log(x), x <= 0)
REAL(f_log10, java_log10(x), x <= 0)
REAL(f_log2, java_log(x) / java_log(2), x <= 0)
REAL(f_log1p, java_log1p(x), x <= -1)
/* DIFFERS: sin, cos and tan are the C library's; the JVM has its own, and in two of a thousand values the last digit is another. */
REAL(f_sin, sin(x), false)
REAL(f_cos, cos(x), false)
REAL(f_tan, tan(x), false)
REAL(f_cot, 1 / tan(x), false)
REAL(f_sec, 1 / cos(x), false)
REAL(f_csc, 1 / sin(x), false)
REAL(f_asin, java_asin(x), false)
REAL(f_acos, java_acos(x), false)
REAL(f_atan, java_atan(x), false)
REAL(f_sinh, java_sinh(x), false)
REAL(f_cosh, java_cosh(x), false)
REAL(f_tanh, java_tanh(x), false)
REAL(f_asinh, x == -HUGE_VAL ? x : java_log(x + sqrt(x * x + 1.0)), false)
REAL(f_acosh, java_log(x + sqrt(x * x - 1.0)), false)
REAL(f_atanh, 0.5 * (java_log1p(x) - java_log1p(-x)), false)
REAL(f_degrees, x * 57.29577951308232, false)
REAL(f_radians, x * 0.017453292519943295, false)
REAL(f_rint, rint(x), false)
REAL(f_sign, x > 0 ? 1.0 : x < 0 ? -1.0 : x, false)

#define REALS(name, value, null_where) \
	static int name(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out) \
	{ \
		struct sp_col a = sp_col_of(c, &args[0], n), b = sp_col_of(c, &args[1], n); \
		struct sp_out o; \
		sp_fn_out(c, args, 2, n, &o); \
		SP_PAIRS(double, a, b, n, { \
			if (o.v.null && o.v.null[i]) \
				continue; \
			if (null_where) \
				sp_fn_nulls(&o, n)[i] = 1; \
			else \
				o.f64[i] = value; \
		}); \
		*out = o.v; \
		return 0; \
	}
REALS(f_pow, java_pow(x, y), false)
REALS(f_atan2, java_atan2(x + 0.0, y + 0.0), false)
REALS(f_hypot, java_hypot(x, y), false)
REALS(f_log, java_log(y) / java_log(x), x <= 0 || y <= 0)

static int f_e(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->d = E;
	return 0;
}

static int f_pi(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->d = PI;
	return 0;
}

/* log(x) is log(e(), x), in its name as well. */
static const struct sp_type *type_log(struct sp_resolve *x)
{
	struct sp_expr **args, *e;
	if (x->e->arg_n == 2)
		return &sp_types[SP_DOUBLE];
	args = arena_alloc(x->arena, 2 * sizeof(struct sp_expr *));
	e = arena_alloc(x->arena, sizeof(*e));
	e->op = SP_CALL;
	e->fn = sp_function_find(S("e"));
	e->type = &sp_types[SP_DOUBLE];
	e->foldable = true;
	e->from = x->e->from;
	e->to = x->e->to;
	args[0] = e;
	args[1] = x->e->args[0];
	x->e->args = args;
	x->e->arg_n = 2;
	return &sp_types[SP_DOUBLE];
}

static int factorial(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	int64_t v = args[0].i;
	out->null = v < 0 || v > 20;
	for (out->i = 1; !out->null && v > 1; v--)
		out->i *= v;
	return 0;
}

static int width_bucket(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	const bool whole = c->e->args[0]->type->kind != SP_DOUBLE; /* intervals */
	const double v = whole ? (double)args[0].i : args[0].d, from = whole ? (double)args[1].i : args[1].d;
	const double to = whole ? (double)args[2].i : args[2].d;
	const int64_t n = args[3].i;
	if (n <= 0 || n == INT64_MAX || isnan(v) || from == to || !isfinite(from) || !isfinite(to)) {
		out->null = true;
		return 0;
	}
	if (from < to ? v < from : v > from)
		out->i = 0;
	else if (from < to ? v >= to : v <= to)
		out->i = n + 1;
	else
		out->i = (int64_t)((double)n * (from < to ? v - from : from - v) / (from < to ? to - from : from - to)) + 1;
	return 0;
}

/* Numbers are doubles; intervals of one kind stay. */
static const struct sp_type *type_bucket(struct sp_resolve *x)
{
	enum sp_kind kind = x->e->args[0]->type->kind;
	size_t i;
	for (i = 0; i < 3; i++)
		if (!((kind == SP_INTERVAL_YM || kind == SP_INTERVAL_DT) && x->e->args[i]->type->kind == kind) &&
		    sp_resolve_cast(x, i, &sp_types[SP_DOUBLE]))
			return NULL;
	return &sp_types[SP_BIGINT];
}

/* An interval's sign is a double, too. */
static int sign_whole(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->d = args[0].i > 0 ? 1 : args[0].i < 0 ? -1 : 0;
	return 0;
}

static const struct sp_type *type_sign(struct sp_resolve *x)
{
	static const struct sp_function of_interval = { "sign", "any", "double", 0, .row = sign_whole };
	static const struct sp_function of_interval_too = { "signum", "any", "double", 0, .row = sign_whole, .shown = "SIGNUM" };
	enum sp_kind kind = x->e->args[0]->type->kind;
	if (kind == SP_INTERVAL_YM || kind == SP_INTERVAL_DT)
		x->e->fn = x->e->fn->shown ? &of_interval_too : &of_interval;
	else if (sp_resolve_cast(x, 0, &sp_types[SP_DOUBLE]))
		return NULL;
	return &sp_types[SP_DOUBLE];
}

#define ONE(name, upper, f, flags, text) \
	{ name, "double", "double", flags, .vec = f, .shown = upper, .group = "math_funcs", .doc = name "(a): " text }
#define TWO(name, upper, params, f, flags, text) \
	{ name, "double double", "double", flags, .vec = f, .shown = upper, .group = "math_funcs", .doc = name "(" params "): " text }
const struct sp_function sp_math[] = {
	ONE("sqrt", "SQRT", f_sqrt, SP_F_MAYBE, "The square root."),
	ONE("cbrt", "CBRT", f_cbrt, SP_F_MAYBE, "The cube root."),
	ONE("exp", "EXP", f_exp, SP_F_MAYBE, "e to the power of a."),
	ONE("expm1", "EXPM1", f_expm1, SP_F_MAYBE, "exp(a) - 1."),
	ONE("ln", NULL, f_ln, SP_F_MAYBE, "The natural logarithm; NULL unless a > 0."),
	ONE("log10", "LOG10", f_log10, SP_F_MAYBE, "The logarithm to base 10."),
	ONE("log2", "LOG2", f_log2, SP_F_MAYBE, "The logarithm to base 2."),
	ONE("log1p", "LOG1P", f_log1p, SP_F_MAYBE, "ln(1 + a)."),
	ONE("sin", "SIN", f_sin, SP_F_MAYBE, "The sine."),
	ONE("cos", "COS", f_cos, SP_F_MAYBE, "The cosine."),
	ONE("tan", "TAN", f_tan, SP_F_MAYBE, "The tangent."),
	ONE("cot", "COT", f_cot, SP_F_MAYBE, "The cotangent."),
	ONE("sec", "SEC", f_sec, SP_F_MAYBE, "The secant."),
	ONE("csc", "CSC", f_csc, SP_F_MAYBE, "The cosecant."),
	ONE("asin", "ASIN", f_asin, SP_F_MAYBE, "The arc sine."),
	ONE("acos", "ACOS", f_acos, SP_F_MAYBE, "The arc cosine."),
	ONE("atan", "ATAN", f_atan, SP_F_MAYBE, "The arc tangent."),
	ONE("sinh", "SINH", f_sinh, SP_F_MAYBE, "The hyperbolic sine."),
	ONE("cosh", "COSH", f_cosh, SP_F_MAYBE, "The hyperbolic cosine."),
	ONE("tanh", "TANH", f_tanh, SP_F_MAYBE, "The hyperbolic tangent."),
	ONE("asinh", "ASINH", f_asinh, SP_F_MAYBE, "The inverse of sinh."),
	ONE("acosh", "ACOSH", f_acosh, SP_F_MAYBE, "The inverse of cosh."),
	ONE("atanh", "ATANH", f_atanh, SP_F_MAYBE, "The inverse of tanh."),
	ONE("degrees", "DEGREES", f_degrees, SP_F_MAYBE, "Radians as degrees."),
	ONE("radians", "RADIANS", f_radians, SP_F_MAYBE, "Degrees as radians."),
	ONE("rint", NULL, f_rint, SP_F_MAYBE, "The nearest whole number, as a double."),
	{ "sign", "any", NULL, SP_F_MAYBE, .vec = f_sign, .resolve = type_sign, .group = "math_funcs", .doc = "sign(a): -1.0, 0.0 or 1.0." },
	{ "signum", "any", NULL, SP_F_MAYBE, .vec = f_sign, .resolve = type_sign, .shown = "SIGNUM", .group = "math_funcs",
	  .doc = "signum(a): -1.0, 0.0 or 1.0." },
	TWO("pow", NULL, "a, b", f_pow, SP_F_ALIAS, "a to the power of b."),
	TWO("power", "POWER", "a, b", f_pow, 0, "a to the power of b."),
	TWO("atan2", "ATAN2", "y, x", f_atan2, 0, "The angle of the point (x, y)."),
	TWO("hypot", "HYPOT", "a, b", f_hypot, 0, "sqrt(a * a + b * b)."),
	{ "log", "double double?", NULL, SP_F_MAYBE, .vec = f_log, .resolve = type_log, .shown = "LOG", .group = "math_funcs",
	  .doc = "log([base, ]a): The logarithm, natural without base." },
	{ "e", "", "double", 0, .row = f_e, .shown = "E", .group = "math_funcs", .doc = "e(): Euler's number." },
	{ "pi", "", "double", 0, .row = f_pi, .shown = "PI", .group = "math_funcs", .doc = "pi(): Pi." },
	{ "factorial", "int", "bigint", SP_F_MAYBE, .row = factorial, .group = "math_funcs", .doc = "factorial(a): a!, for 0 to 20." },
	{ "width_bucket", "any any any bigint", NULL, SP_F_MAYBE, .row = width_bucket, .resolve = type_bucket, .group = "math_funcs",
	  .doc = "width_bucket(a, from, to, n): In which of n buckets of equal width a lies." },
	{ NULL },
};
