/* Texts that are numbers or truths, as Spark and Java read them. */
#include "spark/cast_parts.h"

#include <math.h>

#include "core/text.h"

/* What Java calls white space or a control character of one byte. */
static bool is_blank(char c)
{
	return (c >= 0 && c <= ' ') || c == 0x7f;
}

/* UTF8String.trimAll */
static struct slice trim_all(struct slice s)
{
	while (s.n && is_blank(s.p[0]))
		s = sl_from(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* String.trim */
struct slice sp_java_trim(struct slice s)
{
	while (s.n && s.p[0] >= 0 && s.p[0] <= ' ')
		s = sl_from(s, 1);
	while (s.n && s.p[s.n - 1] >= 0 && s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

bool sp_text_int(struct slice s, bool fraction, int64_t *out)
{
	uint64_t v = 0, limit;
	size_t i = 0;
	bool neg;
	s = trim_all(s);
	if (!s.n)
		return false;
	neg = s.p[0] == '-';
	if (neg || s.p[0] == '+')
		i++;
	if (i == s.n)
		return false;
	limit = (uint64_t)INT64_MAX + neg;
	for (; i < s.n; i++) {
		uint8_t digit = (uint8_t)(s.p[i] - '0');
		if (s.p[i] == '.' && fraction)
			break;
		if (digit > 9 || v > limit / 10 || v * 10 > limit - digit)
			return false;
		v = v * 10 + digit;
	}
	for (i++; i < s.n; i++) /* what follows the point doesn't count, but must be digits */
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	*out = neg ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool sp_text_boolean(struct slice s, bool *out)
{
	static const char *const words[2][5] = { { "f", "false", "n", "no", "0" }, { "t", "true", "y", "yes", "1" } };
	size_t i, j;
	s = trim_all(s);
	for (i = 0; i < 2; i++)
		for (j = 0; j < ARRAY_LEN(words[i]); j++)
			if (sl_eq_nocase(s, sl(words[i][j]))) {
				*out = i == 1;
				return true;
			}
	return false;
}

static bool special(struct slice s, double *out)
{
	static const struct {
		const char *word;
		double value;
	} words[] = { { "inf", HUGE_VAL }, { "+inf", HUGE_VAL }, { "infinity", HUGE_VAL }, { "+infinity", HUGE_VAL },
		      { "-inf", -HUGE_VAL }, { "-infinity", -HUGE_VAL }, { "nan", NAN } };
	size_t i;
	for (i = 0; i < ARRAY_LEN(words); i++)
		if (sl_eq_nocase(s, sl(words[i].word))) {
			*out = words[i].value;
			return true;
		}
	/* Java's own words may have signs, and then their case counts. */
	if (sl_eqs(s, "+NaN") || sl_eqs(s, "-NaN")) {
		*out = NAN;
		return true;
	}
	return false;
}

static size_t digits(struct slice s, size_t i, bool hex)
{
	size_t from = i;
	while (i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || (hex && ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'f'))))
		i++;
	return i - from;
}

/* Whether s is a literal that Double.parseDouble takes; *n: how much of it is the number, without a d or f behind. */
static bool is_number(struct slice s, size_t *n)
{
	size_t i = s.n && (s.p[0] == '+' || s.p[0] == '-'), whole, part = 0;
	bool hex = i + 1 < s.n && s.p[i] == '0' && (s.p[i + 1] | 32) == 'x', has_exponent = false;
	i += hex ? 2 : 0;
	whole = digits(s, i, hex);
	i += whole;
	if (i < s.n && s.p[i] == '.') {
		part = digits(s, ++i, hex);
		i += part;
	}
	if (whole + part == 0)
		return false;
	if (i < s.n && (s.p[i] | 32) == (hex ? 'p' : 'e')) {
		size_t at = i + 1;
		if (at < s.n && (s.p[at] == '+' || s.p[at] == '-'))
			at++;
		if (!digits(s, at, false))
			return false;
		i = at + digits(s, at, false);
		has_exponent = true;
	}
	if (hex && !has_exponent)
		return false;
	*n = i;
	return i == s.n || (i + 1 == s.n && ((s.p[i] | 32) == 'd' || (s.p[i] | 32) == 'f'));
}

/* A plain decimal of at most 15 digits and few places is a quotient of two exact doubles. */
static bool quick(struct slice s, double *out)
{
	static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	size_t i = s.n && s.p[0] == '-', places = 0, seen = 0;
	bool neg = i, point = false;
	uint64_t v = 0;
	if (s.n - i > 16 || s.n == i)
		return false;
	for (; i < s.n; i++) {
		uint8_t digit = (uint8_t)(s.p[i] - '0');
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (digit > 9)
			return false;
		v = v * 10 + digit;
		places += point;
		seen++;
	}
	if (!seen || seen > 15)
		return false;
	*out = (double)v / tens[places];
	if (neg)
		*out = -*out;
	return true;
}

static bool text_real(struct slice s, bool single, double *out)
{
	char few[64], *text = few, *end;
	size_t n;
	s = sp_java_trim(s);
	if (!single && quick(s, out))
		return true;
	if (!is_number(s, &n))
		return special(s, out);
	if (n >= sizeof(few))
		text = xmalloc(n + 1);
	memcpy(text, s.p, n);
	text[n] = 0;
	*out = single ? (double)strtof(text, &end) : strtod(text, &end);
	if (text != few)
		free(text);
	return true;
}

bool sp_text_double(struct slice s, double *out)
{
	return text_real(s, false, out);
}

bool sp_text_float(struct slice s, double *out)
{
	return text_real(s, true, out);
}

struct slice sp_plain_digits(struct arena *a, struct slice s)
{
	/* Where the ten digits of a script begin. */
	static const uint16_t zeros[] = { 0x660,  0x6f0,  0x7c0,  0x966,  0x9e6,  0xa66,  0xae6,  0xb66,  0xbe6,  0xc66,  0xce6,  0xd66,
					  0xde6,  0xe50,  0xed0,  0xf20,  0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
					  0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10 };
	struct buf b = { 0 };
	struct slice out;
	size_t i, k;
	for (i = 0; i < s.n && s.p[i] > 0; i++)
		;
	if (i == s.n)
		return s;
	for (i = 0; i < s.n;) {
		size_t from = i;
		int32_t c = utf8_next(s, &i);
		for (k = 0; k < ARRAY_LEN(zeros) && (c < zeros[k] || c > zeros[k] + 9); k++)
			;
		if (k < ARRAY_LEN(zeros))
			buf_addc(&b, (char)('0' + c - zeros[k]));
		else
			buf_add(&b, s.p + from, i - from);
	}
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}
