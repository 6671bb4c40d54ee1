/* Double.toString and Float.toString as Java had them up to 18 (FloatingDecimal.dtoa): often, but not always the shortest digits, so
 * its steps are followed one by one, and with them its answers (2.0E-3 is 0.002, 2e23 is 1.9999999999999998E23). */
#include <math.h>

#include "java/text.h"

enum { EXP_SHIFT = 52, EXP_BIAS = 1023, SMALL_BIN_MAX = 62, SMALL_BIN_MIN = -21, DIGITS = 26, WORDS = 44 };

static const uint8_t five_bits[] = { 0,	 3,  5,	 7,  10, 12, 14, 17, 19, 21, 24, 26, 28, 31,
				     33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61 };

struct digits {
	char d[DIGITS];
	int from, n;
	int exponent; /* 0.DDD * 10^exponent */
};

/* ---- numbers of many words ---- */

struct big {
	size_t n; /* words in use */
	uint32_t w[WORDS];
};

static void big_mul(struct big *b, uint32_t by)
{
	uint64_t carry = 0;
	size_t i;
	for (i = 0; i < b->n; i++) {
		carry += (uint64_t)b->w[i] * by;
		b->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry)
		b->w[b->n++] = (uint32_t)carry;
}

/* v * 5^five * 2^two */
static void big_make(struct big *b, uint64_t v, int five, int two)
{
	size_t whole = (size_t)two / 32, i;
	*b = (struct big){ .n = v >> 32 ? 2 : 1, .w = { (uint32_t)v, (uint32_t)(v >> 32) } };
	for (; five >= 13; five -= 13)
		big_mul(b, 1220703125);
	for (; five > 0; five--)
		big_mul(b, 5);
	big_mul(b, (uint32_t)1 << (two % 32));
	if (!whole)
		return;
	for (i = b->n; i-- > 0;)
		b->w[i + whole] = b->w[i];
	memset(b->w, 0, whole * sizeof(b->w[0]));
	b->n += whole;
}

static int big_cmp(const struct big *x, const struct big *y)
{
	size_t i;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	for (i = x->n; i-- > 0;)
		if (x->w[i] != y->w[i])
			return x->w[i] < y->w[i] ? -1 : 1;
	return 0;
}

static void big_trim(struct big *b)
{
	while (b->n > 1 && b->w[b->n - 1] == 0)
		b->n--;
}

/* The quotient of b and s, which is a digit; b becomes ten times the remainder. */
static int big_digit(struct big *b, const struct big *s)
{
	int q = 0;
	while (big_cmp(b, s) >= 0) {
		int64_t borrow = 0;
		size_t i;
		for (i = 0; i < b->n; i++) {
			borrow += (int64_t)b->w[i] - (i < s->n ? s->w[i] : 0);
			b->w[i] = (uint32_t)borrow;
			borrow >>= 32;
		}
		big_trim(b);
		q++;
	}
	big_mul(b, 10);
	big_trim(b);
	return q;
}

static void big_sum(struct big *out, const struct big *x, const struct big *y)
{
	uint64_t carry = 0;
	size_t i, n = x->n > y->n ? x->n : y->n;
	out->n = n;
	for (i = 0; i < n; i++) {
		carry += (i < x->n ? (uint64_t)x->w[i] : 0) + (i < y->n ? y->w[i] : 0);
		out->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry)
		out->w[out->n++] = (uint32_t)carry;
}

/* ---- dtoa ---- */

static void round_up(struct digits *x)
{
	int i = x->from + x->n - 1;
	while (x->d[i] == '9' && i > x->from)
		x->d[i--] = '0';
	if (x->d[i] == '9') {
		x->exponent++;
		x->d[i] = '1';
	} else {
		x->d[i]++;
	}
}

/* The number is whole and of 64 bits; digits past what a double tells apart are cut off. */
static void whole_digits(struct digits *x, uint64_t v, int cut)
{
	int at = DIGITS;
	uint64_t ten = 1;
	x->exponent = cut;
	for (; cut > 0; cut--)
		ten *= 10;
	if (ten > 1) {
		uint64_t rest = v % ten;
		v = v / ten + (rest >= ten >> 1);
	}
	while (v % 10 == 0) {
		v /= 10;
		x->exponent++;
	}
	for (; v; v /= 10) {
		x->d[--at] = (char)('0' + v % 10);
		x->exponent++;
	}
	x->from = at;
	x->n = DIGITS - at;
}

static int cut_of(int power)
{
	/* Digits of 2^power that say nothing. */
	return power > 1 && power < 64 ? (int)((double)power * 0.30102999566398119521) : 0;
}

/* The powers of 2 and 5 in B, S and M: the number is B / S * 10^exponent, M half of a unit in its last place. */
struct scale {
	uint64_t fract;
	int b2, b5, s2, s5, m2, m5;
};

static void small_digits(struct digits *x, const struct scale *k, int exponent)
{
	static const int64_t fives[] = { 1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125,
					 6103515625, 30517578125, 152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625,
					 476837158203125, 2384185791015625, 11920928955078125, 59604644775390625, 298023223876953125,
					 1490116119384765625 };
	int64_t b = (int64_t)((k->fract * (uint64_t)fives[k->b5]) << k->b2), s = fives[k->s5] << k->s2, tens = s * 10, q, off;
	uint64_t m = (uint64_t)fives[k->m5] << k->m2; /* may wrap, and is looked at as signed then */
	bool low, high;
	q = b / s;
	b = 10 * (b % s);
	m *= 10;
	low = b < (int64_t)m;
	high = (int64_t)((uint64_t)b + m) > tens;
	if (q == 0 && !high)
		exponent--;
	else
		x->d[x->n++] = (char)('0' + q);
	if (exponent < -3 || exponent >= 8)
		high = low = false;
	while (!low && !high) {
		q = b / s;
		b = 10 * (b % s);
		m *= 10;
		low = (int64_t)m <= 0 || b < (int64_t)m;
		high = (int64_t)m <= 0 || (int64_t)((uint64_t)b + m) > tens;
		x->d[x->n++] = (char)('0' + q);
	}
	x->exponent = exponent + 1;
	off = (int64_t)((uint64_t)b * 2 - (uint64_t)tens);
	if (high && (!low || off > 0 || (off == 0 && (x->d[x->n - 1] & 1))))
		round_up(x);
}

static void big_digits(struct digits *x, const struct scale *k, int exponent)
{
	struct big b, s, m, tens, sum;
	bool low, high;
	int q, c;
	big_make(&s, 1, k->s5, k->s2);
	big_make(&b, k->fract, k->b5, k->b2);
	big_make(&m, 1, k->m5 + 1, k->m2 + 1);
	big_make(&tens, 1, k->s5 + 1, k->s2 + 1);
	q = big_digit(&b, &s);
	low = big_cmp(&b, &m) < 0;
	big_sum(&sum, &b, &m);
	high = big_cmp(&tens, &sum) <= 0;
	if (q == 0 && !high)
		exponent--;
	else
		x->d[x->n++] = (char)('0' + q);
	if (exponent < -3 || exponent >= 8)
		high = low = false;
	while (!low && !high) {
		q = big_digit(&b, &s);
		big_mul(&m, 10);
		low = big_cmp(&b, &m) < 0;
		big_sum(&sum, &b, &m);
		high = big_cmp(&tens, &sum) <= 0;
		x->d[x->n++] = (char)('0' + q);
	}
	x->exponent = exponent + 1;
	big_mul(&b, 2);
	c = big_cmp(&b, &tens);
	if (high && (!low || c > 0 || (c == 0 && (x->d[x->n - 1] & 1))))
		round_up(x);
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

static int estimate(uint64_t fract, int bin)
{
	uint64_t bits = (uint64_t)EXP_BIAS << EXP_SHIFT | (fract & (((uint64_t)1 << EXP_SHIFT) - 1));
	double d2;
	memcpy(&d2, &bits, sizeof(d2));
	return (int)floor((d2 - 1.5) * 0.289529654 + 0.176091259 + (double)bin * 0.301029995663981);
}

/* fract has its highest bit at EXP_SHIFT and is fract * 2^(bin - EXP_SHIFT); of it so many bits count. */
static void dtoa(struct digits *x, int bin, uint64_t fract, int significant)
{
	int tail = __builtin_ctzll(fract), bits = EXP_SHIFT + 1 - tail, tiny = max(0, bits - bin - 1), exponent, common, b_bits, s_bits;
	struct scale k;
	*x = (struct digits){ 0 };
	if (bin <= SMALL_BIN_MAX && bin >= SMALL_BIN_MIN && tiny == 0) {
		whole_digits(x, bin >= EXP_SHIFT ? fract << (bin - EXP_SHIFT) : fract >> (EXP_SHIFT - bin),
			     bin > significant ? cut_of(bin - significant - 1) : 0);
		return;
	}
	exponent = estimate(fract, bin);
	k.b5 = max(0, -exponent);
	k.b2 = k.b5 + tiny + bin;
	k.s5 = max(0, exponent);
	k.s2 = k.s5 + tiny;
	k.m5 = k.b5;
	k.m2 = k.b2 - significant;
	k.fract = fract >> tail;
	k.b2 -= bits - 1;
	common = k.b2 < k.s2 ? k.b2 : k.s2;
	k.b2 -= common;
	k.s2 -= common;
	k.m2 -= common + (bits == 1); /* the next number below a power of two is half as far */
	if (k.m2 < 0) {
		k.b2 -= k.m2;
		k.s2 -= k.m2;
		k.m2 = 0;
	}
	b_bits = bits + k.b2 + (k.b5 < (int)sizeof(five_bits) ? five_bits[k.b5] : k.b5 * 3);
	s_bits = k.s2 + 1 + (k.s5 + 1 < (int)sizeof(five_bits) ? five_bits[k.s5 + 1] : (k.s5 + 1) * 3);
	if (b_bits < 64 && s_bits < 64)
		small_digits(x, &k, exponent);
	else
		big_digits(x, &k, exponent);
}

static size_t lay_out(const struct digits *x, char *out)
{
	const char *d = x->d + x->from;
	size_t at = 0, n = (size_t)x->n;
	int e = x->exponent;
	if (e > 0 && e < 8) {
		size_t whole = n < (size_t)e ? n : (size_t)e;
		memcpy(out, d, whole);
		memset(out + whole, '0', (size_t)e - whole);
		at = (size_t)e;
		out[at++] = '.';
		if (whole == n)
			out[at++] = '0';
		memcpy(out + at, d + whole, n - whole);
		return at + n - whole;
	}
	if (e <= 0 && e > -3) {
		memcpy(out, "0.00", 4);
		at = (size_t)(2 - e);
		memcpy(out + at, d, n);
		return at + n;
	}
	out[at++] = d[0];
	out[at++] = '.';
	memcpy(out + at, n > 1 ? d + 1 : "0", n > 1 ? n - 1 : 1);
	at += n > 1 ? n - 1 : 1;
	return at + (size_t)snprintf(out + at, 6, "E%d", e - 1);
}

static size_t special(double d, char *out)
{
	const char *text = isnan(d) ? "NaN" : isinf(d) ? (d < 0 ? "-Infinity" : "Infinity") : signbit(d) ? "-0.0" : "0.0";
	size_t n = strlen(text);
	memcpy(out, text, n);
	return n;
}

/* Of a finite number's parts but its sign: the fraction's bits as they are stored, `shift` of them, and the exponent. */
static size_t text_of(bool negative, uint64_t fract, int bin, int shift, int bias, char *out)
{
	struct digits x;
	int significant = shift + 1;
	if (bin == 0) {
		int missing = __builtin_clzll(fract) - (63 - shift);
		significant -= missing;
		fract <<= missing;
		bin = 1 - missing;
	} else {
		fract |= (uint64_t)1 << shift;
	}
	dtoa(&x, bin - bias, fract << (EXP_SHIFT - shift), significant);
	out[0] = '-';
	return negative + lay_out(&x, out + negative);
}

size_t java_double_text(double d, char out[JAVA_REAL_MAX])
{
	uint64_t all;
	if (!isfinite(d) || d == 0)
		return special(d, out);
	memcpy(&all, &d, sizeof(all));
	return text_of(signbit(d), all & (((uint64_t)1 << EXP_SHIFT) - 1), (int)(all >> EXP_SHIFT & 0x7ff), EXP_SHIFT, EXP_BIAS, out);
}

size_t java_float_text(float f, char out[JAVA_REAL_MAX])
{
	enum { SHIFT = 23, BIAS = 127 };
	uint32_t all;
	if (!isfinite(f) || f == 0)
		return special(f, out);
	memcpy(&all, &f, sizeof(all));
	return text_of(signbit(f), all & (((uint32_t)1 << SHIFT) - 1), (int)(all >> SHIFT & 0xff), SHIFT, BIAS, out);
}

void java_double(struct buf *out, double d)
{
	char text[JAVA_REAL_MAX];
	buf_add(out, text, java_double_text(d, text));
}
