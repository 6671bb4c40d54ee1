/* Decimals: 128 bits where that is enough, else words of 32 bits. What Spark does with java.math.BigDecimal is said at each place. */
#include "spark/decimal.h"

#include <math.h>

#include "java/text.h"
#include "spark/big.h"

enum { INTERMEDIATE_SCALE = 39, TEXT_DIGITS_MAX = 180 };

__int128 sp_ten(int n)
{
	static const uint64_t low[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
					100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
					10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000u };
	return n < 20 ? (__int128)low[n] : (__int128)low[19] * low[n - 19];
}

bool sp_dec_fits(__int128 v, int precision)
{
	__int128 limit = sp_ten(precision);
	return v < limit && v > -limit;
}

/* ---- types ---- */

void sp_dec_adjust(int *precision, int *scale)
{
	int integer = *precision - *scale, least = *scale < 6 ? *scale : 6;
	if (*precision <= SP_PRECISION_MAX)
		return;
	*precision = SP_PRECISION_MAX;
	*scale = SP_PRECISION_MAX - integer > least ? SP_PRECISION_MAX - integer : least;
}

const struct sp_type *sp_dec_type(struct arena *a, char op, const struct sp_type *x, const struct sp_type *y)
{
	int p1 = x->precision, s1 = x->scale, p2 = y->precision, s2 = y->scale;
	int scale = s1 > s2 ? s1 : s2, whole = p1 - s1 > p2 - s2 ? p1 - s1 : p2 - s2, precision;
	switch (op) {
	case '+':
	case '-':
		precision = whole + scale + 1;
		break;
	case '*':
		scale = s1 + s2;
		precision = p1 + p2 + 1;
		break;
	case '/':
		scale = s1 + p2 + 1 > 6 ? s1 + p2 + 1 : 6;
		precision = p1 - s1 + s2 + scale;
		break;
	case '%':
		precision = (p1 - s1 < p2 - s2 ? p1 - s1 : p2 - s2) + scale;
		break;
	case 'd':
		scale = 0;
		precision = p1 - s1 + s2;
		precision = precision == 0 ? 1 : precision > SP_PRECISION_MAX ? SP_PRECISION_MAX : precision;
		break;
	default: /* the common type is cut on both sides, not adjusted */
		precision = whole + scale;
		return sp_decimal(a, precision < SP_PRECISION_MAX ? precision : SP_PRECISION_MAX, scale);
	}
	sp_dec_adjust(&precision, &scale);
	return sp_decimal(a, precision, scale);
}

const struct sp_type *sp_dec_for(struct arena *a, const struct sp_type *t)
{
	switch (t->kind) {
	case SP_TINYINT:
		return sp_decimal(a, 3, 0);
	case SP_SMALLINT:
		return sp_decimal(a, 5, 0);
	case SP_BIGINT:
		return sp_decimal(a, 20, 0);
	case SP_FLOAT:
		return sp_decimal(a, 14, 7);
	case SP_DOUBLE:
		return sp_decimal(a, 30, 15);
	case SP_DECIMAL:
		return t;
	default:
		return sp_decimal(a, 10, 0);
	}
}

static bool rounds_up(enum sp_rounding mode, bool neg, uint32_t digit, bool rest, bool odd)
{
	switch (mode) {
	case SP_HALF_UP:
		return digit >= 5;
	case SP_HALF_EVEN:
		return digit > 5 || (digit == 5 && (rest || odd));
	case SP_FLOOR:
		return neg && (digit || rest);
	case SP_CEILING:
		return !neg && (digit || rest);
	case SP_DOWN:
		break;
	}
	return false;
}

static void big_rescale(struct sp_big *b, int scale, enum sp_rounding mode)
{
	int cut = b->scale - scale;
	if (cut <= 0) {
		sp_big_mul_ten(b, -cut);
	} else {
		bool rest = sp_big_div_ten(b, cut - 1);
		uint32_t digit = sp_big_div_small(b, 10);
		if (rounds_up(mode, b->neg, digit, rest, b->w[0] & 1))
			sp_big_mul_small(b, 1, 1);
	}
	b->scale = scale;
}

static enum sp_dec_rc big_fit(const struct sp_big *from, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	struct sp_big b = *from;
	unsigned __int128 m;
	/* Wider than any that fits: it isn't scaled up, there may be no room. */
	if (sp_big_words(&b) <= 14 || b.scale >= scale)
		big_rescale(&b, scale, SP_HALF_UP);
	m = (unsigned __int128)b.w[3] << 96 | (unsigned __int128)b.w[2] << 64 | (uint64_t)b.w[1] << 32 | b.w[0];
	if (sp_big_words(&b) > 4 || m >= (unsigned __int128)sp_ten(precision)) {
		if (whole)
			*whole = *from;
		return SP_DEC_OVERFLOW;
	}
	*out = b.neg ? -(__int128)m : (__int128)m;
	return SP_DEC_OK;
}

/* As MathContext(38, HALF_UP) rounds: to 38 digits. */
static void big_to_38(struct sp_big *b)
{
	char digits[SP_DEC_TEXT_MAX];
	int n = sp_big_digits(b, digits);
	if (n > SP_PRECISION_MAX)
		big_rescale(b, b->scale - (n - SP_PRECISION_MAX), SP_HALF_UP);
}

/* ---- values ---- */

enum sp_dec_rc sp_dec_rescale(__int128 x, int xs, enum sp_rounding mode, int precision, int scale, __int128 *out)
{
	int cut = xs - scale;
	if (cut <= 0) {
		if (-cut > SP_PRECISION_MAX)
			return x ? SP_DEC_OVERFLOW : (*out = 0, SP_DEC_OK);
		if (__builtin_mul_overflow(x, sp_ten(-cut), &x))
			return SP_DEC_OVERFLOW;
	} else if (cut > SP_PRECISION_MAX) {
		x = rounds_up(mode, x < 0, 0, x != 0, false) ? (x < 0 ? -1 : 1) : 0;
	} else {
		__int128 by = sp_ten(cut - 1), kept = x / by, digit = kept % 10;
		bool rest = x % by != 0, neg = x < 0;
		kept /= 10;
		if (rounds_up(mode, neg, (uint32_t)(digit < 0 ? -digit : digit), rest, kept & 1))
			kept += neg ? -1 : 1;
		x = kept;
	}
	if (!sp_dec_fits(x, precision))
		return SP_DEC_OVERFLOW;
	*out = x;
	return SP_DEC_OK;
}

int sp_dec_compare(__int128 x, int xs, __int128 y, int ys)
{
	__int128 ax = x, ay = y;
	struct sp_big bx, by;
	int c;
	if (xs == ys)
		return x < y ? -1 : x > y;
	if ((x < 0) != (y < 0))
		return x < 0 ? -1 : 1;
	if (xs < ys ? !__builtin_mul_overflow(x, sp_ten(ys - xs), &ax) : !__builtin_mul_overflow(y, sp_ten(xs - ys), &ay))
		return ax < ay ? -1 : ax > ay;
	sp_big_set(&bx, x, xs);
	sp_big_set(&by, y, ys);
	sp_big_mul_ten(xs < ys ? &bx : &by, xs < ys ? ys - xs : xs - ys);
	c = sp_big_cmp(&bx, &by);
	return x < 0 ? -c : c;
}

static enum sp_dec_rc add_wide(__int128 x, int xs, __int128 y, int ys, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	struct sp_big a, b;
	sp_big_set(&a, x, xs);
	sp_big_set(&b, y, ys);
	sp_big_mul_ten(xs < ys ? &a : &b, xs < ys ? ys - xs : xs - ys);
	a.scale = b.scale = xs < ys ? ys : xs;
	if (a.neg == b.neg) {
		sp_big_add(&a, &b);
	} else if (sp_big_cmp(&a, &b) >= 0) {
		sp_big_sub(&a, &b);
	} else {
		sp_big_sub(&b, &a);
		a = b;
	}
	return big_fit(&a, precision, scale, out, whole);
}

static enum sp_dec_rc add(__int128 x, int xs, __int128 y, int ys, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	__int128 ax = x, ay = y, sum;
	int to = xs < ys ? ys : xs;
	if (xs < ys ? !__builtin_mul_overflow(x, sp_ten(ys - xs), &ax) : !__builtin_mul_overflow(y, sp_ten(xs - ys), &ay))
		if (!__builtin_add_overflow(ax, ay, &sum)) {
			if (to == scale && sp_dec_fits(sum, precision)) {
				*out = sum;
				return SP_DEC_OK;
			}
		}
	return add_wide(x, xs, y, ys, precision, scale, out, whole);
}

static enum sp_dec_rc times(__int128 x, int xs, __int128 y, int ys, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	struct sp_big a, b, c;
	__int128 product;
	if (xs + ys == scale && !__builtin_mul_overflow(x, y, &product) && sp_dec_fits(product, precision)) {
		*out = product;
		return SP_DEC_OK;
	}
	sp_big_set(&a, x, xs);
	sp_big_set(&b, y, ys);
	sp_big_mul(&c, &a, &b);
	c.scale = xs + ys;
	c.neg = a.neg != b.neg;
	big_to_38(&c); /* rounds twice, as Spark does: multiply(that, MATH_CONTEXT), then toPrecision */
	return big_fit(&c, precision, scale, out, whole);
}

static enum sp_dec_rc divide(__int128 x, int xs, __int128 y, int ys, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	int up = scale + ys - xs;
	struct sp_big a, b, q;
	__int128 n, rest;
	/* One rounding is as good as two (to scale 39, then to this) as long as the divisor is too short to make the first one matter. */
	if (up >= 0 && up <= SP_PRECISION_MAX && scale <= 20 && y < (__int128)1 << 57 && y > -((__int128)1 << 57) &&
	    !__builtin_mul_overflow(x, sp_ten(up), &n)) {
		__int128 quotient;
		if (n >= INT64_MIN && n <= INT64_MAX && y != -1) {
			quotient = (int64_t)n / (int64_t)y;
			rest = (int64_t)n % (int64_t)y;
		} else {
			quotient = n / y;
			rest = n % y;
		}
		if ((rest < 0 ? -rest : rest) * 2 >= (y < 0 ? -y : y))
			quotient += (n < 0) != (y < 0) ? -1 : 1;
		if (sp_dec_fits(quotient, precision)) {
			*out = quotient;
			return SP_DEC_OK;
		}
	}
	sp_big_set(&a, x, 0);
	sp_big_set(&b, y, 0);
	up = INTERMEDIATE_SCALE + ys - xs;
	sp_big_mul_ten(up >= 0 ? &a : &b, up >= 0 ? up : -up);
	sp_big_div_mod(&a, &b, &q);
	sp_big_double(&a);
	if (sp_big_cmp(&a, &b) >= 0)
		sp_big_mul_small(&q, 1, 1);
	q.neg = a.neg != b.neg;
	q.scale = INTERMEDIATE_SCALE;
	return big_fit(&q, precision, scale, out, whole);
}

/* Whether the digits behind the first 38 are all zeros: then BigDecimal takes the quotient for whole. */
static bool is_possible(const struct sp_big *q)
{
	char digits[SP_DEC_TEXT_MAX];
	int n = sp_big_digits(q, digits), i;
	for (i = SP_PRECISION_MAX; i < n; i++)
		if (digits[i] != '0')
			return false;
	return true;
}

static enum sp_dec_rc modulo(char op, __int128 x, int xs, __int128 y, int ys, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	__int128 ax = x, ay = y;
	struct sp_big a, b, q;
	int to = xs < ys ? ys : xs;
	if (xs < ys ? !__builtin_mul_overflow(x, sp_ten(ys - xs), &ax) : !__builtin_mul_overflow(y, sp_ten(xs - ys), &ay)) {
		__int128 quotient = ax / ay, r = op == '%' ? ax % ay : quotient;
		if (sp_dec_fits(quotient, SP_PRECISION_MAX) && sp_dec_rescale(r, op == '%' ? to : 0, SP_HALF_UP, precision, scale, out) == SP_DEC_OK)
			return SP_DEC_OK;
	}
	sp_big_set(&a, x, to);
	sp_big_set(&b, y, to);
	sp_big_mul_ten(xs < ys ? &a : &b, xs < ys ? ys - xs : xs - ys);
	sp_big_div_mod(&a, &b, &q);
	if (!is_possible(&q))
		return SP_DEC_IMPOSSIBLE;
	q.neg = a.neg != b.neg;
	q.scale = 0;
	return big_fit(op == '%' ? &a : &q, precision, scale, out, whole);
}

enum sp_dec_rc sp_dec_op(char op, __int128 x, int xs, __int128 y, int ys, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	switch (op) {
	case '+':
		return add(x, xs, y, ys, precision, scale, out, whole);
	case '-':
		return add(x, xs, -y, ys, precision, scale, out, whole);
	case '*':
		return times(x, xs, y, ys, precision, scale, out, whole);
	case '/':
		return y ? divide(x, xs, y, ys, precision, scale, out, whole) : SP_DEC_ZERO;
	default:
		return y ? modulo(op, x, xs, y, ys, precision, scale, out, whole) : SP_DEC_ZERO;
	}
}

double sp_dec_double(__int128 x, int xs)
{
	static const double tens[] = { 1e0,  1e1,  1e2,	 1e3,  1e4,  1e5,  1e6,	 1e7,  1e8,  1e9,  1e10, 1e11,
				       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	char text[SP_DEC_TEXT_MAX];
	if (x < (__int128)1 << 53 && x > -((__int128)1 << 53) && xs < (int)ARRAY_LEN(tens))
		return (double)(int64_t)x / tens[xs]; /* both exact, so the quotient is the nearest */
	text[sp_dec_text(x, xs, false, text)] = 0;
	return strtod(text, NULL);
}

int64_t sp_dec_int(__int128 x, int xs)
{
	return (int64_t)(x / sp_ten(xs));
}

/* ---- texts ---- */

enum sp_dec_rc sp_dec_from_double(double d, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	struct buf b = { 0 };
	enum sp_dec_rc rc;
	if (!isfinite(d))
		return SP_DEC_BAD;
	if (d == rint(d) && fabs(d) < 9007199254740992.0) {
		if (sp_dec_rescale((int64_t)d, 0, SP_HALF_UP, precision, scale, out) == SP_DEC_OK)
			return SP_DEC_OK;
		if (whole)
			sp_big_set(whole, (int64_t)d, 0);
		return SP_DEC_OVERFLOW;
	}
	java_double(&b, d); /* BigDecimal.valueOf goes by Double.toString */
	rc = sp_dec_parse(buf_slice(&b), precision, scale, out, whole);
	buf_free(&b);
	return rc;
}

/* A number's parts: digits without leading zeros (at most TEXT_DIGITS_MAX), how many stand before the point. */
struct parts {
	bool neg;
	char digits[TEXT_DIGITS_MAX];
	int n;
	int64_t point;
};

static bool split_exponent(struct slice s, int64_t *out)
{
	size_t i = 0;
	bool neg = false;
	if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
		neg = s.p[i++] == '-';
	if (i == s.n || s.n - i > 10)
		return false;
	for (*out = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	*out = neg ? -*out : *out;
	return *out >= -INT32_MAX && *out <= INT32_MAX;
}

static bool split(struct slice s, struct parts *p)
{
	size_t i = 0, seen = 0;
	bool point = false;
	int64_t exponent = 0;
	*p = (struct parts){ .neg = s.n && s.p[0] == '-' };
	if (s.n && (s.p[0] == '+' || s.p[0] == '-'))
		i++;
	for (; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
		char c = s.p[i];
		if (c == '.') {
			if (point)
				return false;
			point = true;
			continue;
		}
		if (c < '0' || c > '9')
			return false;
		seen++;
		if (p->n == 0 && c == '0') {
			p->point -= point;
			continue;
		}
		if (p->n < TEXT_DIGITS_MAX)
			p->digits[p->n++] = c;
		p->point += !point;
	}
	if (!seen || (i < s.n && !split_exponent(sl_from(s, i + 1), &exponent)))
		return false;
	p->point += exponent;
	return true;
}

enum sp_dec_rc sp_dec_parse(struct slice s, int precision, int scale, __int128 *out, struct sp_big *whole)
{
	struct sp_big b = { 0 };
	struct parts p;
	int i;
	if (!split(s, &p))
		return SP_DEC_BAD;
	*out = 0;
	if (p.n == 0 || p.point < -(int64_t)scale)
		return SP_DEC_OK;
	for (i = 0; i < p.n; i++)
		sp_big_mul_small(&b, 10, (uint32_t)(p.digits[i] - '0'));
	b.neg = p.neg;
	if (p.point > SP_PRECISION_MAX) {
		b.scale = p.n - (int)(p.point < INT16_MAX ? p.point : INT16_MAX);
		if (whole)
			*whole = b;
		return SP_DEC_OVERFLOW;
	}
	b.scale = p.n - (int)p.point;
	return big_fit(&b, precision, scale, out, whole);
}

/* Digits without sign to the text with it. */
static size_t lay_out(const char *digits, int n, bool neg, int scale, bool plain, char *out)
{
	size_t at = 0;
	int adjusted = n - 1 - scale, i;
	if (neg)
		out[at++] = '-';
	if (!plain && (scale < 0 || adjusted < -6)) {
		out[at++] = digits[0];
		if (n > 1) {
			out[at++] = '.';
			memcpy(out + at, digits + 1, (size_t)(n - 1));
			at += (size_t)(n - 1);
		}
		if (adjusted)
			at += (size_t)snprintf(out + at, 16, "E%+d", adjusted);
		return at;
	}
	if (n <= scale) {
		out[at++] = '0';
		out[at++] = '.';
		for (i = n; i < scale && at < SP_DEC_TEXT_MAX / 2; i++)
			out[at++] = '0';
	}
	for (i = 0; i < n; i++) {
		if (scale > 0 && n > scale && i == n - scale)
			out[at++] = '.';
		out[at++] = digits[i];
	}
	for (i = 0; i > scale && digits[0] != '0' && at < SP_DEC_TEXT_MAX - 1; i--)
		out[at++] = '0';
	return at;
}

size_t sp_dec_text(__int128 x, int xs, bool plain, char out[SP_DEC_TEXT_MAX])
{
	char digits[48];
	int at = sizeof(digits);
	unsigned __int128 m = x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
	uint64_t low;
	while (m >> 64) {
		digits[--at] = (char)('0' + (int)(m % 10));
		m /= 10;
	}
	low = (uint64_t)m;
	do
		digits[--at] = (char)('0' + low % 10);
	while (low /= 10);
	return lay_out(digits + at, (int)sizeof(digits) - at, x < 0, xs, plain, out);
}

size_t sp_big_text(const struct sp_big *b, bool plain, char out[SP_DEC_TEXT_MAX])
{
	char digits[SP_DEC_TEXT_MAX];
	int n = sp_big_digits(b, digits);
	return lay_out(digits, n, b->neg && sp_big_words(b), b->scale, plain, out);
}
