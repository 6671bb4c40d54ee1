/* See scan.h. What is accepted is a subset of what jansson accepts. */
#include "scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "text.h"

struct scan scan_of(struct slice text, struct arena *a)
{
	return (struct scan){ .p = text.p, .end = text.p + text.n, .arena = a };
}

static bool not_mine(struct scan *s)
{
	s->bad = true;
	s->p = s->end;
	return false;
}

static void skip_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
		s->p++;
}

/* ---- strings ---- */

static inline bool plain(char c)
{
	return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

/* To the first byte that is a quote, a backslash, a control character or no ASCII. */
static const char *plain_run(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), least = _mm_set1_epi8(0x20);
	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)p);
		__m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, back)), _mm_cmplt_epi8(v, least));
		int mask = _mm_movemask_epi8(hit);
		if (mask)
			return p + __builtin_ctz((unsigned)mask);
	}
#endif
	while (p < end && plain(*p))
		p++;
	return p;
}

/* From p, inside a string, to its closing quote; NULL when there is none or a byte may not be there. */
static const char *string_end(const char *p, const char *end, bool *escaped)
{
	for (;;) {
		p = plain_run(p, end);
		if (p == end || (unsigned char)*p < 0x20)
			return NULL;
		if (*p == '"')
			return p;
		if (*p == '\\') {
			*escaped = true;
			if (end - p < 2 || (unsigned char)p[1] < 0x20 || (unsigned char)p[1] >= 0x80)
				return NULL;
			p += 2;
			continue;
		}
		size_t n = utf8_len(sl_of(p, (size_t)(end - p)));
		if (!n)
			return NULL;
		p += n;
	}
}

/* *p stands behind "\u". Returns the character, a pair of surrogates as one; -1: none, or NUL. */
static int32_t escaped_char(const char **p, const char *end)
{
	int32_t c = hex4(*p, end), low;
	if (c <= 0 || utf16_is_low((uint32_t)c))
		return -1;
	*p += 4;
	if (!utf16_is_high((uint32_t)c))
		return c;
	if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return -1;
	low = hex4(*p + 2, end);
	if (low < 0 || !utf16_is_low((uint32_t)low))
		return -1;
	*p += 6;
	return (int32_t)utf16_join((uint32_t)c, (uint32_t)low);
}

/* The text between quotes, in the arena. An escape is never shorter than what it stands for. */
static bool unescape(struct scan *s, struct slice raw, struct slice *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char *text = arena_alloc(s->arena, raw.n);
	size_t n = 0;
	for (const char *p = raw.p, *end = raw.p + raw.n; p < end;) {
		const char *back = memchr(p, '\\', (size_t)(end - p)), *known;
		size_t run = (size_t)((back ? back : end) - p);
		memcpy(text + n, p, run);
		n += run;
		p += run;
		if (!back)
			break;
		p += 2;
		if (p[-1] == 'u') {
			int32_t c = escaped_char(&p, end);
			if (c < 0)
				return false;
			n += utf8_put(text + n, (uint32_t)c);
		} else if ((known = memchr(from, p[-1], sizeof(from) - 1))) {
			text[n++] = to[known - from];
		} else {
			return false;
		}
	}
	*out = sl_of(text, n);
	return true;
}

/* s->p stands behind the opening quote. */
static bool string(struct scan *s, struct slice *out)
{
	bool escaped = false;
	const char *close = string_end(s->p, s->end, &escaped);
	if (!close)
		return not_mine(s);
	*out = sl_of(s->p, (size_t)(close - s->p));
	s->p = close + 1;
	return !escaped || unescape(s, *out, out) || not_mine(s);
}

/* ---- numbers ---- */

struct number {
	uint64_t digits; /* all of them as one number */
	int digit_n;     /* without zeros in front */
	int after;       /* of them, behind the point */
	int exponent;
	bool minus, real;
};

static bool is_digit(const struct scan *s)
{
	return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

/* False: no digit here. Beyond 19 digits `digits` means nothing. */
static bool digits(struct scan *s, struct number *n)
{
	if (!is_digit(s))
		return false;
	for (; is_digit(s); s->p++) {
		n->digits = n->digits * 10 + (uint64_t)(*s->p - '0');
		n->digit_n += n->digits != 0;
		n->after += n->real;
		if (n->digit_n > 1000 || n->after > 1000)
			return false;
	}
	return true;
}

static bool exponent(struct scan *s, struct number *n)
{
	bool minus = s->p < s->end && *s->p == '-';
	n->real = true;
	if (s->p < s->end && (*s->p == '-' || *s->p == '+'))
		s->p++;
	if (!is_digit(s))
		return false;
	for (; is_digit(s); s->p++) {
		n->exponent = n->exponent * 10 + (*s->p - '0');
		if (n->exponent > 1000)
			return false;
	}
	n->exponent = minus ? -n->exponent : n->exponent;
	return true;
}

/* Up to 15 digits and a power of ten up to 22 are exact doubles, so one operation on them rounds right; strtod else. */
static bool real_of(const struct number *n, struct slice literal, double *out)
{
	static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
				       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	int power = n->exponent - n->after;
	char text[64];
	if (n->digit_n <= 15 && power >= -22 && power <= 22) {
		double d = power < 0 ? (double)n->digits / tens[-power] : (double)n->digits * tens[power];
		*out = n->minus ? -d : d;
		return true;
	}
	if (literal.n >= sizeof(text))
		return false;
	memcpy(text, literal.p, literal.n);
	text[literal.n] = '\0';
	*out = strtod(text, NULL);
	return *out - *out == 0; /* finite */
}

static bool number(struct scan *s, struct scan_value *v)
{
	struct number n = { 0 };
	const char *start = s->p, *whole;
	if ((n.minus = *s->p == '-'))
		s->p++;
	whole = s->p;
	if (!digits(s, &n) || (*whole == '0' && s->p - whole > 1))
		return not_mine(s);
	if (s->p < s->end && *s->p == '.') {
		n.real = true;
		s->p++;
		if (!digits(s, &n))
			return not_mine(s);
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (!exponent(s, &n))
			return not_mine(s);
	}
	if (n.real) {
		v->kind = SCAN_REAL;
		return real_of(&n, sl_of(start, (size_t)(s->p - start)), &v->d) || not_mine(s);
	}
	v->kind = SCAN_INT;
	v->i = n.minus ? -(int64_t)n.digits : (int64_t)n.digits;
	return n.digit_n <= 18 || not_mine(s);
}

/* ---- values ---- */

static bool word(struct scan *s, struct slice is, enum scan_kind kind, struct scan_value *v)
{
	if ((size_t)(s->end - s->p) < is.n || memcmp(s->p, is.p, is.n))
		return not_mine(s);
	s->p += is.n;
	v->kind = kind;
	return true;
}

static bool open_one(struct scan *s, enum scan_kind kind, struct scan_value *v)
{
	s->p++;
	s->first = true;
	v->kind = kind;
	return true;
}

bool scan_value(struct scan *s, struct scan_value *v)
{
	skip_space(s);
	if (s->p == s->end)
		return not_mine(s);
	switch (*s->p) {
	case '"':
		s->p++;
		v->kind = SCAN_STRING;
		return string(s, &v->text);
	case '{':
		return open_one(s, SCAN_OBJECT, v);
	case '[':
		return open_one(s, SCAN_ARRAY, v);
	case 'n':
		return word(s, S("null"), SCAN_NULL, v);
	case 't':
		return word(s, S("true"), SCAN_TRUE, v);
	case 'f':
		return word(s, S("false"), SCAN_FALSE, v);
	default:
		return *s->p == '-' || is_digit(s) ? number(s, v) : not_mine(s);
	}
}

/* Whether another one follows in the object or array that ends with `close`. */
static bool another(struct scan *s, char close)
{
	bool first = s->first;
	s->first = false;
	skip_space(s);
	if (s->p == s->end)
		return not_mine(s);
	if (*s->p == close) {
		s->p++;
		return false;
	}
	if (first)
		return true;
	if (*s->p != ',')
		return not_mine(s);
	s->p++;
	return true;
}

bool scan_member(struct scan *s, struct slice *key, struct scan_value *v)
{
	if (!another(s, '}'))
		return false;
	skip_space(s);
	if (s->p == s->end || *s->p != '"')
		return not_mine(s);
	s->p++;
	if (!string(s, key))
		return false;
	skip_space(s);
	if (s->p == s->end || *s->p != ':')
		return not_mine(s);
	s->p++;
	return scan_value(s, v);
}

bool scan_item(struct scan *s, struct scan_value *v)
{
	return another(s, ']') && scan_value(s, v);
}

static bool skip_deep(struct scan *s, enum scan_kind kind, int depth)
{
	struct scan_value v;
	struct slice key;
	if (kind < SCAN_OBJECT)
		return true;
	if (depth == SCAN_DEPTH_MAX)
		return not_mine(s);
	while (kind == SCAN_OBJECT ? scan_member(s, &key, &v) : scan_item(s, &v))
		if (!skip_deep(s, v.kind, depth + 1))
			return false;
	return !s->bad;
}

bool scan_skip(struct scan *s, const struct scan_value *v)
{
	return skip_deep(s, v->kind, 0);
}

bool scan_end(struct scan *s)
{
	skip_space(s);
	return !s->bad && s->p == s->end;
}
