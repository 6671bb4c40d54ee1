/* JSON as json-smart reads and writes it (Jayway's default provider). Not jansson, because the gateway's templates see
 * what json-smart makes of a body: bare words and single quotes are accepted, numbers beyond long stay exact
 * (BigInteger, BigDecimal), 1.0 stays a Double, what follows the first value is ignored. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/vtl_value.h"

struct reader {
	struct arena *arena;
	const char *p, *end;
	bool bad;
};

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

/* ---- numbers ---- */

static struct slice digits_of(struct slice s, bool *negative)
{
	*negative = s.n && s.p[0] == '-';
	if (*negative) {
		s.p++;
		s.n--;
	}
	while (s.n > 1 && s.p[0] == '0') {
		s.p++;
		s.n--;
	}
	return s;
}

static struct vtl_value integer_value(struct arena *a, struct slice text)
{
	bool negative;
	struct slice d = digits_of(text, &negative);
	char copy[24];

	if (d.n <= 19) {
		memcpy(copy, d.p, d.n);
		copy[d.n] = '\0';
		errno = 0;
		unsigned long long u = strtoull(copy, NULL, 10);
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
	struct buf digits, out;
	long scale = 0, exp = 0;
	bool negative = s.p[0] == '-', dot = false;
	struct slice r;

	buf_init(&digits, 0);
	buf_init(&out, 0);
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

enum { FLOAT_DIGITS = 18 }; /* json-smart: a longer text becomes a BigDecimal */

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
		if (i == start)
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

/* ---- reading ---- */

static struct vtl_value read_value(struct reader *r, char close, int depth);

/* A bare word or number up to a or b (0: none), without the space before it. */
static struct slice read_bare(struct reader *r, char a, char b)
{
	const char *start = r->p;

	while (r->p < r->end && (!a || (*r->p != a && *r->p != b)))
		r->p++;
	return sl_trim((struct slice){ start, (size_t)(r->p - start) });
}

static uint32_t read_hex4(struct reader *r)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		char c = r->p < r->end ? *r->p++ : 'x';
		uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0') :
			     c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) :
			     c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) :
						    16;
		if (d > 15)
			r->bad = true;
		v = v << 4 | (d & 15);
	}
	return v;
}

static void read_escape(struct reader *r, struct buf *out)
{
	char c = r->p < r->end ? *r->p++ : '\\';
	uint32_t u, low;

	switch (c) {
	case 'b':
		buf_addc(out, '\b');
		return;
	case 'f':
		buf_addc(out, '\f');
		return;
	case 'n':
		buf_addc(out, '\n');
		return;
	case 'r':
		buf_addc(out, '\r');
		return;
	case 't':
		buf_addc(out, '\t');
		return;
	case 'u':
		u = read_hex4(r);
		if (u >= 0xd800 && u < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
			const char *back = r->p;
			r->p += 2;
			low = read_hex4(r);
			if (low >= 0xdc00 && low < 0xe000)
				u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
			else
				r->p = back;
		}
		vtl_utf8_add(out, u);
		return;
	case '"':
	case '\'':
	case '\\':
	case '/':
		buf_addc(out, c);
		return;
	default: /* json-smart drops other escapes whole */
		return;
	}
}

static struct slice read_string(struct reader *r)
{
	char quote = *r->p++;
	const char *start = r->p;
	struct buf b;
	struct slice s;

	while (r->p < r->end && *r->p != quote && *r->p != '\\')
		r->p++;
	if (r->p < r->end && *r->p == quote)
		return (struct slice){ start, (size_t)(r->p++ - start) };
	buf_init(&b, 0);
	buf_add(&b, start, (size_t)(r->p - start));
	while (r->p < r->end && *r->p != quote) {
		if (*r->p == '\\') {
			r->p++;
			read_escape(r, &b);
		} else {
			buf_addc(&b, *r->p++);
		}
	}
	if (r->p < r->end)
		r->p++;
	else
		r->bad = true;
	s = arena_dup(r->arena, buf_slice(&b));
	buf_free(&b);
	return s;
}

static struct vtl_value read_list(struct reader *r, int depth)
{
	struct vtl_list *l = vtl_list_new(r->arena, VTL_JSON_LIST, 0);

	r->p++;
	for (;;) {
		skip_space(r);
		if (r->p == r->end || r->bad) {
			r->bad = true;
			break;
		}
		if (*r->p == ']') {
			r->p++;
			break;
		}
		if (*r->p == ',') {
			r->p++;
			continue;
		}
		if (*r->p == ':' || *r->p == '}') {
			r->bad = true;
			break;
		}
		vtl_list_add(l, read_value(r, ']', depth + 1));
	}
	return vtl_of_list(l);
}

static struct vtl_value read_object(struct reader *r, int depth)
{
	struct vtl_map *m = vtl_map_new(r->arena);

	r->p++;
	for (;;) {
		struct slice key;
		skip_space(r);
		if (r->p == r->end || r->bad || *r->p == ':' || *r->p == '{' || *r->p == '[' || *r->p == ']') {
			r->bad = true;
			break;
		}
		if (*r->p == '}') {
			r->p++;
			break;
		}
		if (*r->p == ',') {
			r->p++;
			continue;
		}
		key = *r->p == '"' || *r->p == '\'' ? read_string(r) : read_bare(r, ':', ':');
		skip_space(r);
		if (r->p == r->end || *r->p != ':') {
			r->bad = true;
			break;
		}
		r->p++;
		vtl_map_put(m, vtl_str(key), read_value(r, '}', depth + 1));
	}
	return vtl_of_map(m);
}

/* close: the bracket that ends the container, 0 at the root. */
static struct vtl_value read_value(struct reader *r, char close, int depth)
{
	struct vtl_value v = { 0 };
	struct slice word;

	skip_space(r);
	if (r->p == r->end || depth > VTL_JSON_DEPTH_MAX) {
		r->bad = true;
		return v;
	}
	switch (*r->p) {
	case '{':
		return read_object(r, depth);
	case '[':
		return read_list(r, depth);
	case '"':
	case '\'':
		return vtl_str(read_string(r));
	case ':':
	case '}':
	case ']':
		r->bad = true;
		return v;
	}
	word = read_bare(r, close ? ',' : 0, close);
	if ((!sl_starts(word, S(".")) && vtl_number(r->arena, word, true, &v)) || sl_eqs(word, "null"))
		return v;
	if (sl_eqs(word, "true") || sl_eqs(word, "false"))
		return vtl_bool(word.n == 4);
	if (sl_eqs(word, "NaN"))
		return vtl_double(NAN);
	return vtl_str(word);
}

bool vtl_json_read(struct arena *a, struct slice text, struct vtl_value *out)
{
	struct reader r = { a, text.p, text.p + text.n, false };
	struct vtl_value v = read_value(&r, 0, 0);

	if (r.bad)
		return false;
	*out = v;
	return true;
}

/* ---- writing ---- */

/* Characters json-smart writes as \uXXXX: controls, C1 controls and the punctuation block with the line separators. */
static bool is_escaped(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || (cp >= 0x2000 && cp <= 0x20ff);
}

static void write_string(struct buf *out, struct slice s, bool web)
{
	static const char letter[] = "btn-fr"; /* of 8 to 13, without 11 */
	size_t start = 0;

	buf_addc(out, '"');
	for (size_t i = 0; i < s.n;) {
		uint8_t c = (uint8_t)s.p[i];
		size_t at = i;
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && !(web && c == '/')) {
			i++;
			continue;
		}
		uint32_t cp = vtl_utf8_next(s, &i);
		if (cp >= 0x80 && !is_escaped(cp))
			continue;
		buf_add(out, s.p + start, at - start);
		start = i;
		if (cp == '"' || cp == '\\' || cp == '/')
			buf_addf(out, "\\%c", (char)cp);
		else if (cp >= 8 && cp <= 13 && cp != 11)
			buf_addf(out, "\\%c", letter[cp - 8]);
		else
			buf_addf(out, "\\u%04X", cp);
	}
	buf_add(out, s.p + start, s.n - start);
	buf_addc(out, '"');
}

static void write_at(struct buf *out, struct vtl_value v, bool web, int depth);

static void write_map(struct buf *out, const struct vtl_map *m, bool web, int depth)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < m->n; i++) {
		if (i)
			buf_addc(out, ',');
		if (m->v[i]->key.type == VTL_STRING) {
			write_string(out, m->v[i]->key.s, web);
		} else {
			buf_addc(out, '"');
			vtl_print(out, m->v[i]->key);
			buf_addc(out, '"');
		}
		buf_addc(out, ':');
		write_at(out, m->v[i]->value, web, depth);
	}
	buf_addc(out, '}');
}

static void write_at(struct buf *out, struct vtl_value v, bool web, int depth)
{
	if (depth > VTL_JSON_DEPTH_MAX * 2 || out->bad) {
		out->bad = true;
		return;
	}
	switch (v.type) {
	case VTL_STRING:
		write_string(out, v.s, web);
		break;
	case VTL_LIST:
		buf_addc(out, '[');
		for (size_t i = 0; i < v.list->n; i++) {
			if (i)
				buf_addc(out, ',');
			write_at(out, v.list->v[i], web, depth + 1);
		}
		buf_addc(out, ']');
		break;
	case VTL_MAP:
		write_map(out, v.map, web, depth + 1);
		break;
	case VTL_DOUBLE:
		buf_adds(out, isinf(v.d) ? "null" : "");
		if (!isinf(v.d))
			vtl_print_double(out, v.d);
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
