#include "connect/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct arena *a;
	const char *p, *start, *end;
	size_t line, line_at; /* line_at: index of the line's first byte */
	struct error *err;
	int depth;
};

#define SOURCE "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %zu, column: %zu]"
#define PARSE "com.fasterxml.jackson.core.JsonParseException: "
#define CUT "com.fasterxml.jackson.core.io.JsonEOFException: "
#define LIMIT "com.fasterxml.jackson.core.exc.StreamConstraintsException: "

static size_t column(const struct reader *r)
{
	return (size_t)(r->p - r->start) - r->line_at + 1;
}

static int bad(struct reader *r, const char *what, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int bad(struct reader *r, const char *what, const char *fmt, ...)
{
	struct buf b = { .max = 512 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	int k = err_set(r->err, ERR_INVALID, "%s%.*s\n at " SOURCE, what, (int)b.n, b.p ? b.p : "", r->line, column(r));
	buf_free(&b);
	return k;
}

static int bad_end(struct reader *r, const char *where)
{
	return bad(r, CUT, "Unexpected end-of-input%s", where);
}

/* The character that is wrong is at p; Jackson has consumed it when it complains. */
static int bad_char(struct reader *r, const char *why)
{
	unsigned char c = (unsigned char)*r->p++;
	if (c < 0x20)
		return bad(r, PARSE, "Illegal character ((CTRL-CHAR, code %d)): only regular white space (\\r, \\n, \\t) is allowed between tokens", c);
	if (c >= 0x80)
		return bad(r, PARSE, "Unexpected character (code %d)%s%s", c, *why ? ": " : "", why);
	return bad(r, PARSE, "Unexpected character ('%c' (code %d))%s%s", c, c, *why ? ": " : "", why);
}

static bool ident(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c >= 0x80;
}

static int bad_token(struct reader *r, const char *from)
{
	const char *end = from;
	while (end < r->end && ident((unsigned char)*end))
		end++;
	r->p = end < r->end ? end + 1 : end;
	int n = end - from > 256 ? 256 : (int)(end - from);
	return bad(r, PARSE, "Unrecognized token '%.*s%s': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
		   n, from, n == 256 ? "..." : "");
}

static void skip_space(struct reader *r)
{
	for (; r->p < r->end; r->p++) {
		if (*r->p == '\n') {
			r->line++;
			r->line_at = (size_t)(r->p - r->start) + 1;
		} else if (*r->p != ' ' && *r->p != '\t' && *r->p != '\r') {
			return;
		}
	}
}

static int hex4(const char *p)
{
	int v = 0;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

static size_t utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

/* After the backslash; a surrogate pair of escapes becomes one character. */
static int read_escape(struct reader *r, char *out, size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (r->p == r->end)
		return bad_end(r, " in character escape sequence");
	const char *at = memchr(from, *r->p, sizeof(from) - 1);
	if (at) {
		out[(*n)++] = to[at - from];
		r->p++;
		return 0;
	}
	if (*r->p != 'u') {
		unsigned char c = (unsigned char)*r->p++;
		return bad(r, PARSE, "Unrecognized character escape '%c' (code %d)", c < 0x20 || c >= 0x7f ? '?' : c, c);
	}
	r->p++;
	if (r->end - r->p < 4) {
		r->p = r->end;
		return bad_end(r, " in character escape sequence");
	}
	int u = hex4(r->p);
	if (u < 0)
		return bad_char(r, "expected a hex-digit for character escape sequence");
	r->p += 4;
	uint32_t c = (uint32_t)u;
	if (c >= 0xd800 && c < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
		int low = hex4(r->p + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
			r->p += 6;
		}
	}
	*n += utf8_put(out + *n, c);
	return 0;
}

/* Length of the UTF-8 character at p, or 0 (then *at is the byte that is wrong). */
static size_t utf8_len(const struct reader *r, const char **at, bool *first)
{
	unsigned char c = (unsigned char)*r->p;
	size_t n = c >= 0xc0 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
	*at = r->p;
	*first = true;
	for (size_t i = 1; i < n; i++) {
		*at = r->p + i;
		*first = false;
		if (*at >= r->end || (*(const unsigned char *)*at & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

static int read_wide(struct reader *r, char *out, size_t *n)
{
	const char *at;
	bool first;
	size_t len = utf8_len(r, &at, &first);
	if (!len) {
		if (at >= r->end) {
			r->p = r->end;
			return bad_end(r, ": was expecting closing quote for a string value");
		}
		r->p = at + 1;
		return bad(r, PARSE, "Invalid UTF-8 %s byte 0x%x", first ? "start" : "middle", *(const unsigned char *)at);
	}
	memcpy(out + *n, r->p, len);
	*n += len;
	r->p += len;
	return 0;
}

/* p is behind the opening quote. A string without escapes borrows from the input. */
static int read_string(struct reader *r, bool name, struct slice *out)
{
	const char *q = r->p;
	while (q < r->end && *q != '"' && *q != '\\' && (unsigned char)*q >= 0x20 && (unsigned char)*q < 0x80)
		q++;
	if (q < r->end && *q == '"') {
		*out = sl_of(r->p, (size_t)(q - r->p));
		r->p = q + 1;
		return 0;
	}
	const char *close = q;
	while (close < r->end && *close != '"')
		close += *close == '\\' && close + 1 < r->end ? 2 : 1;
	char *text = arena_alloc(r->a, (size_t)(close - r->p) + 8);
	size_t n = 0;
	int k = 0;
	while (r->p < r->end && *r->p != '"') {
		unsigned char c = (unsigned char)*r->p;
		if (c == '\\') {
			r->p++;
			k = read_escape(r, text, &n);
		} else if (c >= 0x80) {
			k = read_wide(r, text, &n);
		} else if (c < 0x20) {
			r->p++;
			k = bad(r, PARSE, "Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in %s",
				c, name ? "name" : "string value");
		} else {
			text[n++] = *r->p++;
		}
		if (k)
			return k;
	}
	if (r->p == r->end)
		return bad_end(r, name ? " in field name" : ": was expecting closing quote for a string value");
	r->p++;
	*out = sl_of(text, n);
	return 0;
}

static size_t digits(struct reader *r)
{
	const char *from = r->p;
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - from);
}

static int need_digits(struct reader *r, const char *why)
{
	if (digits(r))
		return 0;
	return r->p == r->end ? bad_end(r, " in a Number value") : bad_char(r, why);
}

static int scan_number(struct reader *r, bool *real)
{
	*real = false;
	if (*r->p == '-')
		r->p++;
	if (r->p == r->end)
		return bad_end(r, " in a Number value");
	if (*r->p < '0' || *r->p > '9')
		return bad_char(r, "Expected digit (0-9) to follow minus sign, for valid numeric value");
	if (*r->p == '0' && r->p + 1 < r->end && r->p[1] >= '0' && r->p[1] <= '9') {
		r->p++;
		return bad(r, PARSE, "Invalid numeric value: Leading zeroes not allowed");
	}
	(void)digits(r);
	if (r->p < r->end && *r->p == '.') {
		*real = true;
		r->p++;
		int k = need_digits(r, "Decimal point not followed by a digit");
		if (k)
			return k;
	}
	if (r->p < r->end && (*r->p | 32) == 'e') {
		*real = true;
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		return need_digits(r, "Exponent indicator not followed by a digit");
	}
	return 0;
}

static int read_number(struct reader *r, struct cjson *v)
{
	const char *from = r->p;
	bool real;
	int k = scan_number(r, &real);
	if (k)
		return k;
	size_t n = (size_t)(r->p - from);
	if (n > CJSON_NUMBER_MAX)
		return err_set(r->err, ERR_INVALID, LIMIT "Number value length (%zu) exceeds the maximum allowed (%d, from `StreamReadConstraints.getMaxNumberLength()`)",
			       n, CJSON_NUMBER_MAX);
	if (!r->depth && r->p < r->end && !strchr(" \t\r\n", *r->p))
		return bad_char(r, "Expected space separating root-level values");
	if (real) {
		v->type = CJSON_DOUBLE;
		/* Through a BigDecimal, which has no negative zero. */
		v->d = strtod(arena_cstr(r->a, sl_of(from, n)), NULL) + 0.0;
		return 0;
	}
	uint64_t u = 0;
	for (const char *q = *from == '-' ? from + 1 : from; q < r->p; q++)
		u = u * 10 + (uint64_t)(*q - '0');
	v->type = CJSON_LONG;
	v->i = (int64_t)(*from == '-' ? 0 - u : u);
	return 0;
}

static int read_word(struct reader *r, struct cjson *v)
{
	static const struct {
		struct slice word;
		enum cjson_type type;
	} words[] = { { S("null"), CJSON_NULL }, { S("true"), CJSON_TRUE }, { S("false"), CJSON_FALSE } };
	const char *from = r->p;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct slice w = words[i].word;
		if ((size_t)(r->end - from) < w.n || memcmp(from, w.p, w.n) || (from + w.n < r->end && ident((unsigned char)from[w.n])))
			continue;
		r->p += w.n;
		v->type = words[i].type;
		return 0;
	}
	return bad_token(r, from);
}

static void add_member(struct cjson *parent, struct cjson *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->n++;
}

static int read_value(struct reader *r, struct cjson *v);

/* An object's or array's members, p behind the bracket; line and at say where it began. */
static int read_members(struct reader *r, struct cjson *v, char close, size_t line, size_t at)
{
	const char *kind = close == '}' ? "Object" : "Array";
	char where[256];
	snprintf(where, sizeof(where), ": expected close marker for %s (start marker at " SOURCE ")", kind, line, at);
	for (bool first = true;; first = false) {
		int k;
		skip_space(r);
		if (r->p == r->end)
			return bad_end(r, where);
		if (*r->p == close) {
			r->p++;
			return 0;
		}
		if (!first) {
			if (*r->p != ',')
				return bad_char(r, close == '}' ? "was expecting comma to separate Object entries" : "was expecting comma to separate Array entries");
			r->p++;
			skip_space(r);
			if (r->p == r->end)
				return bad_end(r, where);
		}
		struct cjson *child = arena_alloc(r->a, sizeof(*child));
		if (close == '}') {
			if (*r->p != '"')
				return bad_char(r, "was expecting double-quote to start field name");
			r->p++;
			if ((k = read_string(r, true, &child->key)))
				return k;
			skip_space(r);
			if (r->p == r->end)
				return bad_end(r, " within/between Object entries");
			if (*r->p != ':')
				return bad_char(r, "was expecting a colon to separate field name and value");
			r->p++;
		}
		skip_space(r);
		if (r->p == r->end)
			return bad_end(r, where);
		if ((k = read_value(r, child)))
			return k;
		add_member(v, child);
	}
}

static int read_value(struct reader *r, struct cjson *v)
{
	char c = *r->p;
	if (c == '"') {
		v->type = CJSON_STRING;
		r->p++;
		return read_string(r, false, &v->text);
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(r, v);
	if (c == '{' || c == '[') {
		size_t at = column(r);
		v->type = c == '{' ? CJSON_OBJECT : CJSON_ARRAY;
		r->p++;
		if (++r->depth > CJSON_DEPTH_MAX)
			return err_set(r->err, ERR_INVALID, LIMIT "Document nesting depth (%d) exceeds the maximum allowed (%d, from `StreamReadConstraints.getMaxNestingDepth()`)",
				       r->depth, CJSON_DEPTH_MAX);
		int k = read_members(r, v, c == '{' ? '}' : ']', r->line, at);
		r->depth--;
		return k;
	}
	if (ident((unsigned char)c) && (unsigned char)c < 0x80)
		return read_word(r, v);
	return bad_char(r, "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')");
}

int cjson_parse(struct arena *a, struct slice text, struct cjson **out, struct error *err)
{
	if (text.n >= 3 && !memcmp(text.p, "\xef\xbb\xbf", 3))
		text = sl_of(text.p + 3, text.n - 3);
	struct reader r = { .a = a, .p = text.p, .start = text.p, .end = text.p + text.n, .line = 1, .err = err };
	struct cjson *v = arena_alloc(a, sizeof(*v));
	skip_space(&r);
	if (r.p < r.end) {
		int k = read_value(&r, v);
		if (k)
			return k;
	}
	*out = v;
	return 0;
}

const struct cjson *cjson_get(const struct cjson *object, struct slice key)
{
	const struct cjson *found = NULL;
	if (object->type == CJSON_OBJECT)
		for (const struct cjson *m = object->first; m; m = m->next)
			if (sl_eq(m->key, key))
				found = m;
	return found;
}
