/* + - * / div % and their like over numbers. Times and intervals are others' ($interval_add ...): analysis chooses. */
#include <math.h>

#include "functions/kernel.h"
#include "spark/decimal.h"

enum how { WRAP, RAISE, NOTHING /* try_: NULL */ };
/* Of a call under way. */
struct work {
	struct sp_call *c;
	enum how how;
	char op;
	struct sp_col a, b;
	size_t n;
	struct sp_out o;
};

static enum sp_kind kind_of(const struct work *w)
{
	return w->c->e->type->kind;
}

static bool is_null(const struct work *w, size_t r)
{
	return w->o.v.null && w->o.v.null[r];
}

static void set_null(struct work *w, size_t r)
{
	sp_fn_nulls(&w->o, w->n)[r] = 1;
}

static const char *hint_of(char op)
{
	return op == '+' ? "try_add" : op == '-' ? "try_subtract" : op == '*' ? "try_multiply" : "try_divide";
}

/* ---- + - * ---- */

static void wrap_ints(struct work *w)
{
	int32_t *to = w->o.i32;
	if (w->op == '+')
		SP_PAIRS(int32_t, w->a, w->b, w->n, to[i] = (int32_t)((uint32_t)x + (uint32_t)y));
	else if (w->op == '-')
		SP_PAIRS(int32_t, w->a, w->b, w->n, to[i] = (int32_t)((uint32_t)x - (uint32_t)y));
	else
		SP_PAIRS(int32_t, w->a, w->b, w->n, to[i] = (int32_t)((uint32_t)x * (uint32_t)y));
	if (kind_of(w) == SP_TINYINT)
		for (size_t i = 0; i < w->n; i++)
			to[i] = (int8_t)to[i];
	else if (kind_of(w) == SP_SMALLINT)
		for (size_t i = 0; i < w->n; i++)
			to[i] = (int16_t)to[i];
}

static void wrap_longs(struct work *w)
{
	int64_t *to = w->o.i64;
	if (w->op == '+')
		SP_PAIRS(int64_t, w->a, w->b, w->n, to[i] = (int64_t)((uint64_t)x + (uint64_t)y));
	else if (w->op == '-')
		SP_PAIRS(int64_t, w->a, w->b, w->n, to[i] = (int64_t)((uint64_t)x - (uint64_t)y));
	else
		SP_PAIRS(int64_t, w->a, w->b, w->n, to[i] = (int64_t)((uint64_t)x * (uint64_t)y));
}

static void reals(struct work *w)
{
	double *to = w->o.f64;
	if (w->op == '+')
		SP_PAIRS(double, w->a, w->b, w->n, to[i] = x + y);
	else if (w->op == '-')
		SP_PAIRS(double, w->a, w->b, w->n, to[i] = x - y);
	else
		SP_PAIRS(double, w->a, w->b, w->n, to[i] = x * y);
	if (kind_of(w) == SP_FLOAT) /* of two floats the double rounded is the float */
		for (size_t i = 0; i < w->n; i++)
			to[i] = (float)to[i];
}

/* What goes past the type's width, row by row: an error or NULL. */
static int overflowed(struct work *w, size_t r, int64_t x, int64_t y)
{
	if (is_null(w, r))
		return 0;
	if (w->how == NOTHING) {
		set_null(w, r);
		return 0;
	}
	if (kind_of(w) < SP_INT)
		return sp_fn_fail(w->c, "BINARY_ARITHMETIC_OVERFLOW", "22003", "org.apache.spark.SparkArithmeticException",
				  "%lldS %c %lldS caused overflow.", (long long)x, w->op, (long long)y);
	return sp_fn_overflow(w->c, kind_of(w) == SP_INT ? "integer overflow" : "long overflow", hint_of(w->op));
}

static bool op_overflows(char op, int64_t x, int64_t y, int64_t *z)
{
	return op == '+' ? __builtin_add_overflow(x, y, z) : op == '-' ? __builtin_sub_overflow(x, y, z) : __builtin_mul_overflow(x, y, z);
}

static int exact_ints(struct work *w)
{
	const int64_t most = kind_of(w) == SP_TINYINT ? INT8_MAX : kind_of(w) == SP_SMALLINT ? INT16_MAX : INT32_MAX;
	SP_PAIRS(int32_t, w->a, w->b, w->n, {
		int64_t z = w->op == '+' ? (int64_t)x + y : w->op == '-' ? (int64_t)x - y : (int64_t)x * y;
		if ((z > most || z < -most - 1) && overflowed(w, i, x, y))
			return 1;
		w->o.i32[i] = (int32_t)z;
	});
	return 0;
}

static int exact_longs(struct work *w)
{
	SP_PAIRS(int64_t, w->a, w->b, w->n, {
		if (op_overflows(w->op, x, y, &w->o.i64[i]) && overflowed(w, i, x, y))
			return 1;
	});
	return 0;
}

static int impossible(struct sp_call *c)
{
	return sp_fn_fail(c, "", "", "java.lang.ArithmeticException", "Division impossible");
}

/* Decimals, of any operator; a bigint's result is that of div. */
static int decimals(struct work *w)
{
	const struct sp_type *ta = w->c->e->args[0]->type, *tb = w->c->e->args[1]->type, *t = w->c->e->type;
	const int precision = t->kind == SP_DECIMAL ? t->precision : SP_PRECISION_MAX, scale = t->kind == SP_DECIMAL ? t->scale : 0;
	SP_PAIRS(struct sp_i128, w->a, w->b, w->n, {
		struct sp_big whole;
		__int128 z = 0;
		enum sp_dec_rc rc;
		if (is_null(w, i))
			continue;
		rc = sp_dec_op(w->op, sp_wide(x), ta->scale, sp_wide(y), tb->scale, precision, scale, &z, &whole);
		if (rc == SP_DEC_IMPOSSIBLE && w->how != NOTHING)
			return impossible(w->c);
		if (rc != SP_DEC_OK) {
			if (w->how == RAISE)
				return rc == SP_DEC_ZERO ? sp_fn_divide_by_zero(w->c) : sp_fn_out_of_range(w->c, &whole, t);
			set_null(w, i);
		} else if (t->kind == SP_DECIMAL) {
			w->o.x128[i] = sp_narrow(z);
		} else {
			if (w->how == RAISE && z != (int64_t)z)
				return sp_fn_overflow(w->c, "Overflow in integral divide", "try_divide");
			w->o.i64[i] = (int64_t)z;
		}
	});
	return 0;
}

static struct work begin(struct sp_call *c, const struct sp_vec *args, size_t n, enum how how, char op)
{
	struct work w = { .c = c, .how = how, .op = op, .n = n, .a = sp_col_of(c, &args[0], n), .b = sp_col_of(c, &args[1], n) };
	sp_fn_out(c, args, 2, n, &w.o);
	return w;
}

static int basic(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out, char op, enum how how)
{
	struct work w = begin(c, args, n, how, op);
	int rc = 0;
	switch (sp_phys_of(c->e->type)) {
	case SP_I32:
		if (how == WRAP)
			wrap_ints(&w);
		else
			rc = exact_ints(&w);
		break;
	case SP_I64:
		if (how == WRAP)
			wrap_longs(&w);
		else
			rc = exact_longs(&w);
		break;
	case SP_F64:
		reals(&w);
		break;
	case SP_X128:
		rc = decimals(&w);
		break;
	default:
		return 1;
	}
	*out = w.o.v;
	return rc;
}

static enum how how_of(const struct sp_call *c)
{
	return c->run->cx->ansi ? RAISE : WRAP;
}

static int add(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return basic(c, args, n, out, '+', how_of(c));
}

static int subtract(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return basic(c, args, n, out, '-', how_of(c));
}

static int multiply(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return basic(c, args, n, out, '*', how_of(c));
}

static int try_add(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return basic(c, args, n, out, '+', NOTHING);
}

static int try_subtract(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return basic(c, args, n, out, '-', NOTHING);
}

static int try_multiply(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return basic(c, args, n, out, '*', NOTHING);
}

/* ---- / div % pmod: by zero NULL, or an error ---- */

static int zero(struct work *w, size_t r)
{
	if (is_null(w, r))
		return 0;
	if (w->how == RAISE)
		return sp_fn_divide_by_zero(w->c);
	set_null(w, r);
	return 0;
}

static int divide_reals(struct work *w)
{
	double *to = w->o.f64;
	bool any = false;
	SP_PAIRS(double, w->a, w->b, w->n, {
		any |= y == 0;
		to[i] = x / y;
	});
	if (kind_of(w) == SP_FLOAT)
		for (size_t i = 0; i < w->n; i++)
			to[i] = (float)to[i];
	if (any)
		SP_PAIRS(double, w->a, w->b, w->n, {
			(void)x;
			if (y == 0 && zero(w, i))
				return 1;
		});
	return 0;
}

static double real_rest(char op, double x, double y, bool single)
{
	double r = fmod(x, y);
	return op == 'p' && r < 0 ? fmod(single ? (float)(r + y) : r + y, y) : r;
}

static int rest_reals(struct work *w)
{
	SP_PAIRS(double, w->a, w->b, w->n, {
		if (y == 0) {
			if (zero(w, i))
				return 1;
		} else {
			w->o.f64[i] = real_rest(w->op, x, y, kind_of(w) == SP_FLOAT);
		}
	});
	return 0;
}

static int64_t long_rest(char op, int64_t x, int64_t y)
{
	int64_t r = y == -1 ? 0 : x % y;
	return op == 'p' && r < 0 ? (int64_t)((uint64_t)r + (uint64_t)y) % y : r;
}

static int rest_ints(struct work *w)
{
	const enum sp_kind kind = kind_of(w);
	SP_PAIRS(int32_t, w->a, w->b, w->n, {
		if (y == 0) {
			if (zero(w, i))
				return 1;
		} else {
			int32_t r = y == -1 ? 0 : x % y;
			if (w->op == 'p' && r < 0) {
				r = (int32_t)((uint32_t)r + (uint32_t)y);
				r = kind == SP_TINYINT ? (int8_t)r : kind == SP_SMALLINT ? (int16_t)r : r;
				r = r % y;
			}
			w->o.i32[i] = r;
		}
	});
	return 0;
}

static int rest_longs(struct work *w)
{
	SP_PAIRS(int64_t, w->a, w->b, w->n, {
		if (y == 0) {
			if (zero(w, i))
				return 1;
		} else {
			w->o.i64[i] = long_rest(w->op, x, y);
		}
	});
	return 0;
}

static int pmod_decimals(struct work *w)
{
	const struct sp_type *ta = w->c->e->args[0]->type, *tb = w->c->e->args[1]->type, *t = w->c->e->type;
	SP_PAIRS(struct sp_i128, w->a, w->b, w->n, {
		__int128 r = 0;
		enum sp_dec_rc rc;
		int wide = ta->scale > tb->scale ? ta->scale : tb->scale;
		if (is_null(w, i))
			continue;
		rc = sp_dec_op('%', sp_wide(x), ta->scale, sp_wide(y), tb->scale, SP_PRECISION_MAX, wide, &r, NULL);
		if (rc == SP_DEC_OK && r < 0) {
			rc = sp_dec_op('+', r, wide, sp_wide(y), tb->scale, SP_PRECISION_MAX, wide, &r, NULL);
			if (rc == SP_DEC_OK)
				rc = sp_dec_op('%', r, wide, sp_wide(y), tb->scale, SP_PRECISION_MAX, wide, &r, NULL);
		}
		if (rc == SP_DEC_OK)
			rc = sp_dec_rescale(r, wide, SP_HALF_UP, t->precision, t->scale, &r);
		if (rc == SP_DEC_IMPOSSIBLE)
			return impossible(w->c);
		if (rc == SP_DEC_ZERO) {
			if (zero(w, i))
				return 1;
		} else if (rc != SP_DEC_OK) {
			set_null(w, i);
		} else {
			w->o.x128[i] = sp_narrow(r);
		}
	});
	return 0;
}

static int whole_quotient(struct work *w)
{
	SP_PAIRS(int64_t, w->a, w->b, w->n, {
		if (y == 0) {
			if (zero(w, i))
				return 1;
		} else if (y == -1) {
			if (x == INT64_MIN && w->how == RAISE && !is_null(w, i))
				return sp_fn_overflow(w->c, "Overflow in integral divide", "try_divide");
			w->o.i64[i] = (int64_t)(0 - (uint64_t)x);
		} else {
			w->o.i64[i] = x / y;
		}
	});
	return 0;
}

/* Of months. */
static int whole_quotient_ints(struct work *w)
{
	SP_PAIRS(int32_t, w->a, w->b, w->n, {
		if (y != 0)
			w->o.i64[i] = (int64_t)x / y;
		else if (zero(w, i))
			return 1;
	});
	return 0;
}

static int parts(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out, char op, enum how how)
{
	struct work w = begin(c, args, n, how, op);
	int rc;
	if (sp_phys_of(args[0].type) == SP_X128)
		rc = op == 'p' ? pmod_decimals(&w) : decimals(&w);
	else if (sp_phys_of(args[0].type) == SP_F64)
		rc = op == '/' ? divide_reals(&w) : rest_reals(&w);
	else if (op == 'd')
		rc = sp_phys_of(args[0].type) == SP_I32 ? whole_quotient_ints(&w) : whole_quotient(&w);
	else
		rc = sp_phys_of(args[0].type) == SP_I64 ? rest_longs(&w) : rest_ints(&w);
	*out = w.o.v;
	return rc;
}

static int divide(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return parts(c, args, n, out, '/', how_of(c));
}

static int try_divide(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return parts(c, args, n, out, '/', NOTHING);
}

static int quotient(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return parts(c, args, n, out, 'd', how_of(c));
}

static int rest(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return parts(c, args, n, out, '%', how_of(c));
}

static int pmod(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return parts(c, args, n, out, 'p', how_of(c));
}

/* ---- one operand ---- */

static int64_t least_of(const struct sp_type *t)
{
	return t->kind == SP_TINYINT ? INT8_MIN : t->kind == SP_SMALLINT ? INT16_MIN : t->kind == SP_INT ? INT32_MIN : INT64_MIN;
}

/* -x, or |x| */
static int turned(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out, bool absolute)
{
	const struct sp_type *t = c->e->type;
	struct sp_col a = sp_col_of(c, args, n);
	const int64_t least = least_of(t);
	struct sp_out o;
	sp_fn_out(c, args, 1, n, &o);
	*out = o.v;
	switch (sp_phys_of(t)) {
	case SP_F64:
		SP_EACH(double, a, n, o.f64[i] = absolute ? fabs(x) : -x);
		return 0;
	case SP_X128:
		SP_EACH(struct sp_i128, a, n, o.x128[i] = absolute && x.hi >= 0 ? x : sp_narrow(-sp_wide(x)));
		return 0;
	case SP_I32:
		SP_EACH(int32_t, a, n, {
			if (x == least && c->run->cx->ansi && !(o.v.null && o.v.null[i]))
				return t->kind == SP_INT || t->kind == SP_INTERVAL_YM ? sp_fn_overflow(c, "integer overflow", NULL)
				       : sp_fn_fail(c, "", "", "org.apache.spark.SparkArithmeticException", "- %d caused overflow.", x);
			o.i32[i] = absolute && x >= 0 ? x : x == least ? x : -x;
		});
		return 0;
	case SP_I64:
		SP_EACH(int64_t, a, n, {
			if (x == least && c->run->cx->ansi && !(o.v.null && o.v.null[i]))
				return sp_fn_overflow(c, "long overflow", NULL);
			o.i64[i] = absolute && x >= 0 ? x : (int64_t)(0 - (uint64_t)x);
		});
		return 0;
	default:
		return 1;
	}
}

static int negative(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return turned(c, args, n, out, false);
}

static int absolute(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return turned(c, args, n, out, true);
}

static int positive(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	*out = args[0];
	return 0;
}

/* ---- types ---- */

#define TYPE_OF(name, op) \
	static const struct sp_type *name(struct sp_resolve *x) \
	{ \
		return sp_fn_arithmetic(x, op); \
	}
TYPE_OF(type_add, '+')
TYPE_OF(type_subtract, '-')
TYPE_OF(type_multiply, '*')
TYPE_OF(type_divide, '/')
TYPE_OF(type_rest, '%')

/* Both integral: bigint; decimals stay. */
static const struct sp_type *type_quotient(struct sp_resolve *x)
{
	const struct sp_type *t = sp_fn_arithmetic(x, 'd');
	size_t i;
	for (i = 0; t && i < 2; i++)
		if (sp_is_integral(t) && sp_resolve_cast(x, i, &sp_types[SP_BIGINT]))
			return NULL;
	return t ? &sp_types[SP_BIGINT] : NULL;
}

/* Shows as the operator, also where it is called by name. */
static const struct sp_type *type_positive(struct sp_resolve *x)
{
	struct slice shown = sp_resolve_shown(x, 0);
	x->e->shown = arena_printf(x->arena, "(+ %.*s)", SL(shown));
	return x->e->args[0]->type;
}

#define OPERATOR (SP_F_LISTED_AS_OPERATOR | SP_F_MAYBE)
const struct sp_function sp_arithmetic[] = {
	{ "+", "numeric numeric", NULL, SP_F_LISTED_AS_OPERATOR, .vec = add, .resolve = type_add, .group = "math_funcs",
	  .doc = "a + b: The sum." },
	{ "-", "numeric numeric", NULL, SP_F_LISTED_AS_OPERATOR, .vec = subtract, .resolve = type_subtract, .group = "math_funcs",
	  .doc = "a - b: The difference." },
	{ "*", "numeric numeric", NULL, SP_F_LISTED_AS_OPERATOR, .vec = multiply, .resolve = type_multiply, .group = "math_funcs",
	  .doc = "a * b: The product." },
	{ "/", "numeric numeric", NULL, OPERATOR, .vec = divide, .resolve = type_divide, .group = "math_funcs",
	  .doc = "a / b: The quotient, always with a fraction; by zero NULL." },
	{ "div", "numeric numeric", NULL, OPERATOR, .vec = quotient, .resolve = type_quotient, .group = "math_funcs",
	  .doc = "a div b: The whole part of the quotient, a bigint; by zero NULL." },
	{ "%", "numeric numeric", NULL, OPERATOR, .vec = rest, .resolve = type_rest, .group = "math_funcs",
	  .doc = "a % b: What is left of a divided by b, with the sign of a." },
	{ "mod", "any any", NULL, SP_F_MAYBE | SP_F_ALIAS, .vec = rest, .resolve = type_rest, .group = "math_funcs",
	  .doc = "mod(a, b): What is left of a divided by b, with the sign of a." },
	{ "pmod", "any any", NULL, SP_F_MAYBE, .vec = pmod, .resolve = type_rest, .group = "math_funcs",
	  .doc = "pmod(a, b): What is left of a divided by b, not negative for a positive b." },
	{ "try_add", "any any", NULL, SP_F_MAYBE, .vec = try_add, .resolve = type_add, .group = "math_funcs",
	  .doc = "try_add(a, b): The sum; NULL where it is too large for its type." },
	{ "try_subtract", "any any", NULL, SP_F_MAYBE, .vec = try_subtract, .resolve = type_subtract, .group = "math_funcs",
	  .doc = "try_subtract(a, b): The difference; NULL where it is too large for its type." },
	{ "try_multiply", "any any", NULL, SP_F_MAYBE, .vec = try_multiply, .resolve = type_multiply, .group = "math_funcs",
	  .doc = "try_multiply(a, b): The product; NULL where it is too large for its type." },
	{ "try_divide", "any any", NULL, SP_F_MAYBE, .vec = try_divide, .resolve = type_divide, .group = "math_funcs",
	  .doc = "try_divide(a, b): The quotient with a fraction; by zero NULL." },
	{ "negative", "numeric|interval_ym|interval_dt", "=1", SP_F_LISTED_AS_OPERATOR, .vec = negative, .group = "math_funcs",
	  .doc = "negative(a): -a." },
	{ "positive", "numeric|interval_ym|interval_dt", NULL, 0, .vec = positive, .resolve = type_positive, .group = "math_funcs",
	  .doc = "positive(a): a itself." },
	{ "abs", "numeric|interval_ym|interval_dt", "=1", 0, .vec = absolute, .group = "math_funcs", .doc = "abs(a): a without its sign." },
	{ NULL },
};
