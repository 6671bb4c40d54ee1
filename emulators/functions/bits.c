/* Bits, and numbers in other bases. */
#include "core/text.h"
#include "functions/kernel.h"

/* ---- & | ^ ~ ---- */

#define BITS(name, op) \
	static int name(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out) \
	{ \
		struct sp_col a = sp_col_of(c, &args[0], n), b = sp_col_of(c, &args[1], n); \
		struct sp_out o; \
		sp_fn_out(c, args, 2, n, &o); \
		if (sp_phys_of(c->e->type) == SP_I32) \
			SP_PAIRS(int32_t, a, b, n, o.i32[i] = x op y); \
		else \
			SP_PAIRS(int64_t, a, b, n, o.i64[i] = x op y); \
		*out = o.v; \
		return 0; \
	}
BITS(both, &)
BITS(either, |)
BITS(one_of, ^)

static int inverted(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->i = ~args[0].i;
	return 0;
}

static const struct sp_type *type_bits(struct sp_resolve *x)
{
	return sp_resolve_common(x, 0, 2);
}

/* ---- shifts: by the width of the type ---- */

static bool is_long(const struct sp_call *c)
{
	return c->e->type->kind == SP_BIGINT;
}

static int shift_left(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->i = is_long(c) ? (int64_t)((uint64_t)args[0].i << (args[1].i & 63)) : (int32_t)((uint32_t)args[0].i << (args[1].i & 31));
	return 0;
}

static int shift_right(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->i = is_long(c) ? args[0].i >> (args[1].i & 63) : (int32_t)args[0].i >> (args[1].i & 31);
	return 0;
}

static int shift_right_unsigned(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->i = is_long(c) ? (int64_t)((uint64_t)args[0].i >> (args[1].i & 63)) : (int32_t)((uint32_t)args[0].i >> (args[1].i & 31));
	return 0;
}

static int bit_count(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->i = __builtin_popcountll((uint64_t)args[0].i);
	return 0;
}

static int bit_get(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	static const uint8_t widths[] = { [SP_TINYINT] = 8, [SP_SMALLINT] = 16, [SP_INT] = 32, [SP_BIGINT] = 64 };
	int width = widths[c->e->args[0]->type->kind];
	if (args[1].i < 0)
		return sp_fn_fail(c, "", "", "java.lang.IllegalArgumentException",
				  "Invalid bit position: %lld is less than zero", (long long)args[1].i);
	if (args[1].i >= width)
		return sp_fn_fail(c, "", "", "java.lang.IllegalArgumentException", "Invalid bit position: %lld exceeds the bit upper limit",
				  (long long)args[1].i);
	out->i = args[0].i >> args[1].i & 1;
	return 0;
}

/* ---- bases ---- */

static struct slice text_of(struct sp_call *c, const char *p, size_t n)
{
	return arena_dup(c->run->batch, sl_of(p, n));
}

static int to_binary(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	char text[64];
	uint64_t v = (uint64_t)args[0].i;
	int at = sizeof(text);
	do
		text[--at] = (char)('0' + (v & 1));
	while (v >>= 1);
	out->s = text_of(c, text + at, sizeof(text) - (size_t)at);
	return 0;
}

static int to_hex(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	static const char digits[] = "0123456789ABCDEF";
	char few[16], *to;
	uint64_t v = (uint64_t)args[0].i;
	int at = sizeof(few);
	size_t i;
	if (sp_phys_of(c->e->args[0]->type) == SP_STR) {
		to = arena_alloc(c->run->batch, args[0].s.n * 2 + 1);
		for (i = 0; i < args[0].s.n; i++) {
			to[2 * i] = digits[(uint8_t)args[0].s.p[i] >> 4];
			to[2 * i + 1] = digits[args[0].s.p[i] & 15];
		}
		out->s = sl_of(to, args[0].s.n * 2);
		return 0;
	}
	do
		few[--at] = digits[v & 15];
	while (v >>= 4);
	out->s = text_of(c, few + at, sizeof(few) - (size_t)at);
	return 0;
}

static int from_hex(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	struct slice s = args[0].s;
	size_t n = (s.n + 1) / 2, i;
	char *to = arena_alloc(c->run->batch, n + 1);
	for (i = 0; i < s.n; i++) { /* of an odd number of digits the first is a byte */
		int v = hex_digit(s.p[i]);
		size_t at = (i + s.n % 2) / 2;
		if (v < 0) {
			out->null = true;
			return 0;
		}
		to[at] = (char)(to[at] << 4 | v);
	}
	out->s = sl_of(to, n);
	return 0;
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}

/* As Hive does: what no digit is ends the number, what is too large is 2^64 - 1. */
static int conv(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct slice s = args[0].s;
	int64_t from = args[1].i, to = args[2].i, base = to < 0 ? -to : to;
	bool neg, over = false;
	uint64_t v = 0;
	char text[66];
	int at = sizeof(text);
	size_t i;
	while (s.n && s.p[0] == ' ')
		s = sl_from(s, 1);
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	if (from < 2 || from > 36 || base < 2 || base > 36 || !s.n) {
		out->null = true;
		return 0;
	}
	neg = s.p[0] == '-';
	for (i = neg; i < s.n && digit_of(s.p[i]) < from; i++) {
		unsigned __int128 next = (unsigned __int128)v * (uint64_t)from + (unsigned)digit_of(s.p[i]);
		over = over || next >> 64;
		v = over ? UINT64_MAX : (uint64_t)next;
	}
	if (over && c->run->cx->ansi)
		return sp_fn_overflow(c, "Overflow in function conv()", NULL);
	if (neg && to > 0)
		v = (int64_t)v < 0 ? UINT64_MAX : (uint64_t)-(int64_t)v;
	if (to < 0 && (int64_t)v < 0) {
		v = (uint64_t)-(int64_t)v;
		neg = true;
	}
	do
		text[--at] = digits[v % (uint64_t)base];
	while (v /= (uint64_t)base);
	if (neg && to < 0)
		text[--at] = '-';
	out->s = text_of(c, text + at, sizeof(text) - (size_t)at);
	return 0;
}

#define GROUP .group = "bitwise_funcs"
const struct sp_function sp_bits[] = {
	{ "&", "integral integral", NULL, SP_F_LISTED_AS_OPERATOR, .vec = both, .resolve = type_bits, GROUP, .doc = "a & b: Bits that both have." },
	{ "|", "integral integral", NULL, SP_F_LISTED_AS_OPERATOR, .vec = either, .resolve = type_bits, GROUP,
	  .doc = "a | b: Bits that either has." },
	{ "^", "integral integral", NULL, SP_F_LISTED_AS_OPERATOR, .vec = one_of, .resolve = type_bits, GROUP,
	  .doc = "a ^ b: Bits that one of them has." },
	{ "~", "integral", "=1", SP_F_LISTED_AS_OPERATOR, .row = inverted, GROUP, .doc = "~a: All bits turned." },
	{ "shiftleft", "int|bigint int", "=1", 0, .row = shift_left, GROUP, .doc = "shiftleft(a, n): a with its bits moved up." },
	{ "shiftright", "int|bigint int", "=1", 0, .row = shift_right, GROUP, .doc = "shiftright(a, n): a with its bits moved down." },
	{ "shiftrightunsigned", "int|bigint int", "=1", 0, .row = shift_right_unsigned, GROUP,
	  .doc = "shiftrightunsigned(a, n): a with its bits moved down, and zeros from above." },
	{ "bit_count", "integral|boolean", "int", 0, .row = bit_count, GROUP, .doc = "bit_count(a): How many bits are set." },
	{ "bit_get", "integral int", "tinyint", 0, .row = bit_get, GROUP, .doc = "bit_get(a, n): Bit n, counted from the lowest, 0." },
	{ "getbit", "integral int", "tinyint", SP_F_ALIAS, .row = bit_get, GROUP, .doc = "getbit(a, n): Bit n, counted from the lowest, 0." },
	{ "bin", "bigint", "string", 0, .row = to_binary, .group = "math_funcs", .doc = "bin(a): a in binary digits." },
	{ "hex", "bigint|binary|string", "string", 0, .row = to_hex, .group = "math_funcs", .doc = "hex(a): a number or bytes in hexadecimal digits." },
	{ "unhex", "string", "binary", SP_F_MAYBE, .row = from_hex, .group = "math_funcs", .doc = "unhex(a): The bytes of hexadecimal digits." },
	{ "conv", "string int int", "string", SP_F_MAYBE, .row = conv, .group = "math_funcs",
	  .doc = "conv(a, from, to): A number's digits in another base; with a negative one it has a sign." },
	{ NULL },
};
