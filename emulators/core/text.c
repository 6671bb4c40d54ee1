#include "text.h"

#include <ctype.h>
#include <float.h>
#include <math.h>

/* ---- UTF-8 ---- */

size_t utf8_put(char to[4], uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

void buf_utf8(struct buf *b, uint32_t c)
{
	char text[4];
	buf_add(b, text, utf8_put(text, c));
}

/* How many bytes the character at p has; 0: none. halves: those of UTF-16 pairs are characters. */
static size_t length(const uint8_t *p, size_t n, bool halves)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	if (len < 2)
		return len;
	if (len > n || (p[1] & 0xc0) != 0x80)
		return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f && !halves) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

size_t utf8_len(struct slice s)
{
	return s.n ? length((const uint8_t *)s.p, s.n, false) : 0;
}

size_t utf8_bad_at(struct slice s)
{
	const uint8_t *p = (const uint8_t *)s.p, *end = p + s.n;
	while (p < end) {
		uint64_t eight;
		size_t len = *p < 0x80 ? 1 : length(p, (size_t)(end - p), false);
		if (!len)
			break;
		for (p += len; len == 1 && end - p >= 8 && (memcpy(&eight, p, 8), !(eight & 0x8080808080808080u));)
			p += 8;
	}
	return s.n - (size_t)(end - p);
}

bool sl_is_utf8(struct slice s)
{
	return utf8_bad_at(s) == s.n;
}

int32_t utf8_next(struct slice s, size_t *i)
{
	const uint8_t *p = (const uint8_t *)s.p + *i;
	size_t len = length(p, s.n - *i, true);
	int32_t c = len < 2 ? p[0] : p[0] & (0x7f >> len);
	*i += len ? len : 1;
	for (size_t k = 1; k < len; k++)
		c = c << 6 | (p[k] & 0x3f);
	return len ? c : UTF8_BAD;
}

void buf_utf8_mend(struct buf *b, struct slice s, const char *instead)
{
	while (s.n) {
		size_t good = utf8_bad_at(s);
		buf_add(b, s.p, good);
		if (good == s.n)
			return;
		buf_adds(b, instead);
		s = sl_from(s, good + 1);
	}
}

/* ---- hexadecimal ---- */

int32_t hex4(const char *p, const char *end)
{
	int32_t v = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

void hex_text(const void *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = ((const uint8_t *)p)[i];
		out[2 * i] = "0123456789abcdef"[byte >> 4];
		out[2 * i + 1] = "0123456789abcdef"[byte & 15];
	}
	out[2 * n] = '\0';
}

/* ---- doubles ---- */

/* "-89.9787": a number of up to 15 digits, no more than 9 of them behind the point, is found without printf. Two such
 * decimals are never the same double, so the one that is d is its shortest. Returns the length; 0: not one of these. */
static size_t short_real(double d, char *to)
{
	static const double tens[] = { 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };
	double size = fabs(d);
	char back[24];
	size_t n = 0, out = 0;
	if (!(size >= 1e-4))
		return 0;
	for (size_t behind = 1; behind <= ARRAY_LEN(tens) && size * tens[behind - 1] < 1e15; behind++) {
		int64_t whole = (int64_t)(size * tens[behind - 1] + 0.5);
		if ((double)whole / tens[behind - 1] != size)
			continue;
		for (; whole || n <= behind; whole /= 10) {
			if (n == behind)
				back[n++] = '.';
			back[n++] = (char)('0' + whole % 10);
		}
		if (d < 0)
			to[out++] = '-';
		while (n)
			to[out++] = back[--n];
		return out;
	}
	return 0;
}

size_t real_text(double d, bool point, char out[REAL_TEXT_MAX])
{
	size_t n = short_real(d, out);
	if (n) {
		n -= !point && out[n - 1] == '0' ? 2 : 0; /* a zero there is the one behind the point */
		out[n] = '\0';
		return n;
	}
	/* Up to 15 digits survive the way to binary and back, so 15 show the shortest text; not where precision runs out. */
	for (int digits = fabs(d) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		n = (size_t)snprintf(out, REAL_TEXT_MAX, "%.*g", digits, d);
		if (strtod(out, NULL) == d)
			break;
	}
	if (point && !strpbrk(out, ".en"))
		n += (size_t)snprintf(out + n, REAL_TEXT_MAX - n, ".0");
	return n;
}

void buf_real(struct buf *b, double d, bool point)
{
	char text[REAL_TEXT_MAX];
	buf_add(b, text, real_text(d, point, text));
}

int real_digits(double d, char digits[REAL_DIGITS_MAX], int *exponent)
{
	char text[40];
	int n = 0;
	for (int behind = fabs(d) < DBL_MIN ? 0 : 14; behind <= 16; behind++) {
		snprintf(text, sizeof(text), "%.*e", behind, fabs(d));
		if (strtod(text, NULL) == fabs(d))
			break;
	}
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	*exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	return n;
}

/* ---- names ---- */

size_t buf_renamed(struct buf *b, struct slice s, struct slice from, struct slice to)
{
	size_t done = 0, n = 0;
	for (ssize_t at; from.n && (at = sl_find(sl_from(s, n), from)) >= 0;) {
		size_t here = n + (size_t)at, end = here + from.n;
		bool whole = (!here || !isalnum((unsigned char)s.p[here - 1])) && (end == s.n || !isalnum((unsigned char)s.p[end]));
		size_t next = whole ? end : here + 1;
		buf_addsl(b, sl_of(s.p + n, (whole ? here : next) - n));
		if (whole)
			buf_addsl(b, to);
		done += whole;
		n = next;
	}
	buf_addsl(b, sl_from(s, n));
	return done;
}

/* ---- UUIDs ---- */

void uuid_text(uint64_t high, uint64_t low, int version, char out[37])
{
	snprintf(out, 37, "%08x-%04x-%x%03x-%04x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff), (unsigned)version,
		 (unsigned)(high & 0xfff), (unsigned)(low >> 48 & 0x3fff) | 0x8000, (unsigned long long)(low & 0xffffffffffffULL));
}
