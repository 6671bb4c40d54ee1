/* Java's number classes: arithmetic widened as Velocity's MathUtils does, comparison.
 * DIFFERS: a result beyond 128 bits, and every calculation with a BigDecimal, is a Double here. */
#include <math.h>

#include "velocity/run.h"

double vtl_to_double(struct vtl_value v)
{
	char text[64];
	if (v.type == VTL_DOUBLE)
		return v.d;
	if (v.type != VTL_BIGINT && v.type != VTL_DECIMAL)
		return (double)v.i;
	size_t n = v.s.n < sizeof(text) - 1 ? v.s.n : sizeof(text) - 1;
	memcpy(text, v.s.p, n);
	text[n] = '\0';
	if (n == v.s.n)
		return strtod(text, NULL);
	char *whole = xstrndup(v.s.p, v.s.n);
	double d = strtod(whole, NULL);
	free(whole);
	return d;
}

/* Double.longValue: towards zero, at the ends of the range when outside. */
static int64_t double_to_long(double d)
{
	if (isnan(d))
		return 0;
	if (d >= 9223372036854775807.0)
		return INT64_MAX;
	return d <= -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
}

static bool big_of(struct vtl_value v, __int128 *out)
{
	bool negative;
	unsigned __int128 u = 0;
	size_t i;
	if (v.type != VTL_BIGINT) {
		*out = v.i;
		return true;
	}
	negative = v.s.n && v.s.p[0] == '-';
	if (v.s.n - negative > 37)
		return false;
	for (i = negative; i < v.s.n; i++)
		u = u * 10 + (unsigned)(v.s.p[i] - '0');
	*out = negative ? -(__int128)u : (__int128)u;
	return true;
}

int64_t vtl_to_long(struct vtl_value v)
{
	__int128 big;

	if (v.type == VTL_INT || v.type == VTL_LONG)
		return v.i;
	if (v.type == VTL_BIGINT && big_of(v, &big))
		return (int64_t)big;
	return double_to_long(vtl_to_double(v));
}

static struct vtl_value big_value(struct arena *a, __int128 v)
{
	char text[48];
	size_t at = sizeof(text);
	bool negative = v < 0;
	unsigned __int128 u = negative ? -(unsigned __int128)v : (unsigned __int128)v;
	do {
		text[--at] = (char)('0' + (int)(u % 10));
		u /= 10;
	} while (u);
	if (negative)
		text[--at] = '-';
	return (struct vtl_value){ .type = VTL_BIGINT, .s = arena_dup(a, sl_of(text + at, sizeof(text) - at)) };
}

/* ---- arithmetic ---- */

/* The narrowest of the operands' classes that holds the result, never narrower than the wider operand. */
static struct vtl_value integer_result(struct arena *a, struct vtl_value l, struct vtl_value r, __int128 v)
{
	bool big = l.type == VTL_BIGINT || r.type == VTL_BIGINT;
	bool wide = l.type == VTL_LONG || r.type == VTL_LONG;
	if (big || v > INT64_MAX || v < INT64_MIN)
		return big_value(a, v);
	if (wide || v > INT32_MAX || v < INT32_MIN)
		return (struct vtl_value){ .type = VTL_LONG, .i = (int64_t)v };
	return vtl_int((int64_t)v);
}

static bool integer_math(struct arena *a, enum vtl_kind op, struct vtl_value l, struct vtl_value r, struct vtl_value *out)
{
	__int128 x, y, v = 0;
	bool over = false;

	if (!big_of(l, &x) || !big_of(r, &y))
		return false;
	if (op == VTL_N_ADD)
		over = __builtin_add_overflow(x, y, &v);
	else if (op == VTL_N_SUB)
		over = __builtin_sub_overflow(x, y, &v);
	else if (op == VTL_N_MUL)
		over = __builtin_mul_overflow(x, y, &v);
	else if (op == VTL_N_DIV)
		v = x / y;
	else
		v = x % y;
	/* BigInteger.mod is never negative. */
	if (op == VTL_N_MOD && v < 0 && (l.type == VTL_BIGINT || r.type == VTL_BIGINT))
		v += y < 0 ? -y : y;
	/* Long.MIN_VALUE / -1 stays in the class of its operands. */
	if (op == VTL_N_DIV && l.type != VTL_BIGINT && r.type != VTL_BIGINT)
		v = (int64_t)v;
	if (!over)
		*out = integer_result(a, l, r, v);
	return !over;
}

static struct vtl_value float_math(enum vtl_kind op, double x, double y)
{
	if (op == VTL_N_ADD)
		return vtl_double(x + y);
	if (op == VTL_N_SUB)
		return vtl_double(x - y);
	if (op == VTL_N_MUL)
		return vtl_double(x * y);
	return vtl_double(op == VTL_N_DIV ? x / y : fmod(x, y));
}

static bool is_zero(struct vtl_value v)
{
	return vtl_to_double(v) == 0;
}

/* Integers of 32 bits: all but a quotient fits 64. */
static struct vtl_value small_math(enum vtl_kind op, int64_t x, int64_t y)
{
	int64_t v = op == VTL_N_ADD ? x + y : op == VTL_N_SUB ? x - y : x * y;
	return (struct vtl_value){ .type = v == (int32_t)v ? VTL_INT : VTL_LONG, .i = v };
}

struct vtl_value vtl_arithmetic(struct arena *a, enum vtl_kind op, struct vtl_value l, struct vtl_value r)
{
	struct vtl_value v;
	if (l.type == VTL_INT && r.type == VTL_INT && op <= VTL_N_MUL)
		return small_math(op, l.i, r.i);
	if (!vtl_is_number(l) || !vtl_is_number(r))
		return vtl_null();
	if ((op == VTL_N_DIV || op == VTL_N_MOD) && is_zero(r))
		return vtl_null();
	if (vtl_is_integer(l) && vtl_is_integer(r) && integer_math(a, op, l, r, &v))
		return v;
	return float_math(op, vtl_to_double(l), vtl_to_double(r));
}

int vtl_compare_numbers(struct vtl_value a, struct vtl_value b)
{
	__int128 x, y;
	if (a.type == VTL_INT && b.type == VTL_INT)
		return a.i < b.i ? -1 : a.i > b.i;
	if (vtl_is_integer(a) && vtl_is_integer(b) && big_of(a, &x) && big_of(b, &y))
		return x < y ? -1 : x > y;
	double d = vtl_to_double(a), e = vtl_to_double(b);
	return d < e ? -1 : d > e;
}
