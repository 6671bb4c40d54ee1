/* Numbers and JSON as json-smart makes and writes them (Jayway's default provider). Not jansson, because the gateway's
 * templates see what json-smart makes of a body: bare words and single quotes are accepted, numbers beyond long stay
 * exact (BigInteger, BigDecimal), 1.0 stays a Double, what follows the first value is ignored. The reader is doc.c. */
#include <math.h>

#include "velocity/value.h"

/* ---- numbers ---- */

static struct slice digits_of(struct slice s, bool *negative)
{
	*negative = s.n && s.p[0] == '-';
	if (*negative) {
		s = sl_from(s, 1);
	}
	while (s.n > 1 && s.p[0] == '0') {
		s = sl_from(s, 1);
	}
	return s;
}

static struct vtl_value integer_value(struct arena *a, struct slice text)
{
	bool negative;
	struct slice d = digits_of(text, &negative);
	uint64_t u = 0;
	if (d.n <= 19) {
		for (size_t i = 0; i < d.n; i++)
			u = u * 10 + (uint64_t)(d.p[i] - '0');
		if (u <= (uint64_t)INT64_MAX + negative) {
			int64_t i = negative ? (int64_t)-u : (int64_t)u;
			bool narrow = i >= INT32_MIN && i <= INT32_MAX;
			return (struct vtl_value){ .type = narrow ? VTL_INT : VTL_LONG, .i = i };
		}
	}
	return (struct vtl_value){ .type = VTL_BIGINT, .s = arena_printf(a, "%s%.*s", negative ? "-" : "", SL(d)) };
}

/* BigDecimal.toString: plain while the scale is not negative and the exponent at least -6. */
static struct slice decimal_text(struct arena *a, struct slice s)
{
	struct buf digits = { 0 }, out = { 0 };
	long scale = 0, exp = 0;
	bool negative = s.p[0] == '-', dot = false;
	struct slice r;
	for (size_t i = negative; i < s.n; i++) {
		if (s.p[i] == '.') {
			dot = true;
		} else if (s.p[i] == 'e' || s.p[i] == 'E') {
			char copy[16] = { 0 };
			memcpy(copy, s.p + i + 1, s.n - i - 1 < sizeof(copy) - 1 ? s.n - i - 1 : sizeof(copy) - 1);
			exp = strtol(copy, NULL, 10);
			break;
		} else if (digits.n || s.p[i] != '0') {
			buf_addc(&digits, s.p[i]);
			scale += dot;
		} else {
			scale += dot;
		}
	}
	if (!digits.n)
		buf_addc(&digits, '0');
	scale -= exp;
	long adjusted = (long)digits.n - 1 - scale;
	if (negative)
		buf_addc(&out, '-');
	if (scale >= 0 && adjusted >= -6) {
		long whole = (long)digits.n - scale;
		if (whole <= 0)
			buf_adds(&out, "0.");
		for (long i = whole; i < 0; i++)
			buf_addc(&out, '0');
		for (long i = 0; i < (long)digits.n; i++) {
			if (i == whole && i > 0)
				buf_addc(&out, '.');
			buf_addc(&out, digits.p[i]);
		}
	} else {
		buf_addc(&out, digits.p[0]);
		if (digits.n > 1)
			buf_addc(&out, '.');
		buf_add(&out, digits.p + 1, digits.n - 1);
		if (adjusted)
			buf_addf(&out, "E%+ld", adjusted);
	}
	r = arena_dup(a, buf_slice(&out));
	buf_free(&digits);
	buf_free(&out);
	return r;
}

enum {
	FLOAT_DIGITS = 18,   /* json-smart: a longer text becomes a BigDecimal */
	EXPONENT_DIGITS = 9, /* of a BigDecimal; more is no number */
};

/* Length of the number at the start of s; 0: none. *real: with point or exponent. */
static size_t number_length(struct slice s, bool *real)
{
	size_t i = 0, start;
	*real = false;
	if (i < s.n && s.p[i] == '-')
		i++;
	start = i;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	if (i < s.n && s.p[i] == '.') {
		*real = true;
		i++;
		start++;
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
	}
	if (i == start)
		return 0;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		*real = true;
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		start = i;
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
		if (i == start || i - start > EXPONENT_DIGITS)
			return 0;
	}
	return i;
}

/* Up to 15 digits and 10^22 are exact in binary, and one division rounds right; all else is strtod's. */
static double double_of(struct arena *a, struct slice s)
{
	static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	int64_t v = 0;
	size_t digits = 0, fraction = 0;
	bool dot = false, negative = s.p[0] == '-';
	for (size_t i = negative; i < s.n; i++) {
		if (s.p[i] == '.') {
			dot = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9' || ++digits > 15)
			return strtod(arena_cstr(a, s), NULL);
		v = v * 10 + (s.p[i] - '0');
		fraction += dot;
	}
	double d = (double)v / tens[fraction];
	return negative ? -d : d;
}

bool vtl_number(struct arena *a, struct slice text, bool exact, struct vtl_value *out)
{
	bool real;
	if (!text.n || number_length(text, &real) != text.n)
		return false;
	if (!real) {
		*out = integer_value(a, text);
		return true;
	}
	if (exact && text.n > FLOAT_DIGITS)
		*out = (struct vtl_value){ .type = VTL_DECIMAL, .s = decimal_text(a, text) };
	else
		*out = vtl_double(double_of(a, text));
	return true;
}

/* ---- writing ---- */

/* Characters json-smart writes as \uXXXX: controls, C1 controls and the punctuation block with the line separators. */
static bool is_escaped(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || (cp >= 0x2000 && cp <= 0x20ff);
}

/* Bytes that stand for themselves: printable ASCII but quotes and backslash, and UTF-8 other than the two leading
 * bytes under which is_escaped() finds something. '/' is looked at in web form only. */
static bool is_plain(uint8_t c, bool web)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && c != 0xc2 && c != 0xe2 && !(web && c == '/');
}

static void write_escaped(struct buf *out, uint32_t cp)
{
	static const char letter[] = "btn-fr"; /* of 8 to 13, without 11 */
	if (cp == '"' || cp == '\\' || cp == '/')
		buf_add(out, (char[]){ '\\', (char)cp }, 2);
	else if (cp >= 8 && cp <= 13 && cp != 11)
		buf_add(out, (char[]){ '\\', letter[cp - 8] }, 2);
	else
		buf_addf(out, "\\u%04X", cp);
}

static void write_string(struct buf *out, struct slice s, bool web)
{
	size_t start = 0, i = 0;
	(void)vtl_spend(s.n / 16);
	vtl_addc(out, '"');
	while (i < s.n) {
		size_t at;
		uint32_t cp;
		while (i < s.n && is_plain((uint8_t)s.p[i], web))
			i++;
		if (i == s.n)
			break;
		at = i;
		cp = java_next(s, &i);
		if (cp >= 0x80 && !is_escaped(cp))
			continue;
		buf_add(out, s.p + start, at - start);
		write_escaped(out, cp);
		start = i;
	}
	buf_add(out, s.p + start, s.n - start);
	vtl_addc(out, '"');
}

static void write_at(struct buf *out, struct vtl_value v, bool web, int depth);

static void write_map(struct buf *out, const struct vtl_map *m, bool web, int depth)
{
	vtl_addc(out, '{');
	for (size_t i = 0; i < m->n; i++) {
		if (i)
			vtl_addc(out, ',');
		if (m->v[i]->key.type == VTL_STRING) {
			write_string(out, m->v[i]->key.s, web);
		} else {
			vtl_addc(out, '"');
			vtl_print(out, m->v[i]->key);
			vtl_addc(out, '"');
		}
		vtl_addc(out, ':');
		write_at(out, m->v[i]->value, web, depth);
	}
	vtl_addc(out, '}');
}

static void write_at(struct buf *out, struct vtl_value v, bool web, int depth)
{
	if (depth > VTL_JSON_DEPTH_MAX * 2 || out->bad || !vtl_spend(1)) {
		out->bad = true;
		return;
	}
	switch (v.type) {
	case VTL_STRING:
		write_string(out, v.s, web);
		break;
	case VTL_LIST:
		vtl_addc(out, '[');
		for (size_t i = 0; i < v.list->n; i++) {
			if (i)
				vtl_addc(out, ',');
			write_at(out, v.list->v[i], web, depth + 1);
		}
		vtl_addc(out, ']');
		break;
	case VTL_MAP:
		write_map(out, v.map, web, depth + 1);
		break;
	case VTL_DOUBLE:
		buf_adds(out, isinf(v.d) ? "null" : "");
		if (!isinf(v.d))
			java_double(out, v.d);
		break;
	case VTL_NULL:
	case VTL_BOOL:
	case VTL_INT:
	case VTL_LONG:
	case VTL_BIGINT:
	case VTL_DECIMAL:
		vtl_print(out, v);
		break;
	case VTL_ENTRY:
	case VTL_ITER:
	case VTL_SCOPE:
	case VTL_BLOCK:
	case VTL_INPUT:
	case VTL_UTIL:
	case VTL_CLASS:
		buf_adds(out, "{}");
		break;
	}
}

void vtl_json_write(struct buf *out, struct vtl_value v, bool web)
{
	write_at(out, v, web, 0);
}
