#include "spark/json_scan.h"

#include "java/text.h"

void sp_jx_init(struct sp_jx *x, struct arena *a, struct slice text, const struct sp_json_options *o)
{
	*x = (struct sp_jx){ .p = text.p, .end = text.p + text.n, .a = a, .single_quotes = true, .nan = true };
	if (!o)
		return;
	x->comments = o->comments;
	x->unquoted_names = o->unquoted_names;
	x->single_quotes = !o->no_single_quotes;
	x->leading_zeros = o->leading_zeros;
	x->backslash_any = o->backslash_any;
	x->nan = !o->no_nan;
	x->control_chars = o->control_chars;
}

struct slice sp_json_mended(struct arena *a, struct slice s)
{
	return java_decode(a, s);
}

static bool fail(struct sp_jx *x)
{
	x->bad = true;
	return false;
}

/* Behind "/": the rest of a comment. */
static void comment(struct sp_jx *x)
{
	const char *p = x->p + 1, *end;
	if (p < x->end && *p == '/') {
		end = memchr(p, '\n', (size_t)(x->end - p));
		x->p = end ? end : x->end;
	} else if (p < x->end && *p == '*') {
		end = memmem(p + 1, (size_t)(x->end - p - 1), "*/", 2);
		x->bad |= !end;
		x->p = end ? end + 2 : x->end;
	} else {
		x->bad = true;
	}
}

static int next_char(struct sp_jx *x)
{
	while (x->p < x->end && !x->bad) {
		char c = *x->p;
		if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
			x->p++;
		else if (c == '/' && x->comments)
			comment(x);
		else
			return (unsigned char)c;
	}
	return -1;
}

enum sp_jx_kind sp_jx_peek(struct sp_jx *x)
{
	int c = next_char(x);
	if (x->bad)
		return SP_JX_BAD;
	switch (c) {
	case -1:
		return SP_JX_END;
	case '{':
		return SP_JX_OBJECT;
	case '[':
		return SP_JX_ARRAY;
	case '"':
		return SP_JX_STRING;
	case '\'':
		return x->single_quotes ? SP_JX_STRING : SP_JX_BAD;
	case 't':
		return SP_JX_TRUE;
	case 'f':
		return SP_JX_FALSE;
	case 'n':
		return SP_JX_NULL;
	case 'N':
	case 'I':
	case '+':
		return x->nan ? SP_JX_INT : SP_JX_BAD;
	default:
		return c == '-' || (c >= '0' && c <= '9') ? SP_JX_INT : SP_JX_BAD;
	}
}

/* ---- strings ---- */

/* Behind a backslash. */
static bool escape(struct sp_jx *x, struct buf *b)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	int32_t u, low;
	char c = x->p < x->end ? *x->p++ : 0;
	const char *at = c ? strchr(letters, c) : NULL;
	if (at) {
		buf_addc(b, meanings[at - letters]);
		return true;
	}
	if (c != 'u') {
		if (!c || !(x->backslash_any || (c == '\'' && x->single_quotes)))
			return fail(x);
		buf_addc(b, c);
		return true;
	}
	u = x->end - x->p >= 4 ? hex4(x->p, x->end) : -1;
	if (u < 0)
		return fail(x);
	x->p += 4;
	if (utf16_is_high((uint32_t)u) && x->end - x->p >= 6 && x->p[0] == '\\' && x->p[1] == 'u') {
		low = hex4(x->p + 2, x->end);
		if (low >= 0 && utf16_is_low((uint32_t)low)) {
			x->p += 6;
			u = (int32_t)utf16_join((uint32_t)u, (uint32_t)low);
		}
	}
	if (utf16_is_high((uint32_t)u) || utf16_is_low((uint32_t)u))
		buf_addc(b, '?'); /* half of a pair, as it leaves for UTF-8 */
	else
		buf_utf8(b, (uint32_t)u);
	return true;
}

static bool string(struct sp_jx *x, struct slice *out)
{
	char quote = *x->p++;
	const char *from = x->p;
	struct buf b = { 0 };
	bool plain = true;
	for (;;) {
		const char *start = x->p;
		while (x->p < x->end && *x->p != quote && *x->p != '\\' && ((unsigned char)*x->p >= ' ' || x->control_chars))
			x->p++;
		if (x->p == x->end || (unsigned char)*x->p < ' ') {
			buf_free(&b);
			return fail(x);
		}
		if (*x->p == quote) {
			if (plain)
				*out = sl_of(from, (size_t)(x->p - from));
			else
				buf_add(&b, start, (size_t)(x->p - start));
			x->p++;
			break;
		}
		plain = false;
		buf_add(&b, start, (size_t)(x->p - start));
		x->p++;
		if (!escape(x, &b)) {
			buf_free(&b);
			return false;
		}
	}
	if (!plain)
		*out = arena_dup(x->a, buf_slice(&b));
	buf_free(&b);
	return true;
}

/* ---- other scalars ---- */

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '$' || (c & 0x80);
}

static bool word(struct sp_jx *x, const char *w)
{
	size_t n = strlen(w);
	if ((size_t)(x->end - x->p) < n || memcmp(x->p, w, n) != 0 || ((size_t)(x->end - x->p) > n && is_word(x->p[n])))
		return fail(x);
	x->p += n;
	return true;
}

static void digits(struct sp_jx *x)
{
	while (x->p < x->end && *x->p >= '0' && *x->p <= '9')
		x->p++;
}

static bool odd_number(struct sp_jx *x, bool sign)
{
	static const char *const words[] = { "NaN", "Infinity", "INF" };
	if (!x->nan)
		return fail(x);
	for (size_t i = *x->p == 'N' ? 0 : 1; i < ARRAY_LEN(words); i++)
		if (sl_starts(sl_of(x->p, (size_t)(x->end - x->p)), sl(words[i])) && (i != 2 || sign))
			return word(x, words[i]);
	return fail(x);
}

static struct sp_jx_token number(struct sp_jx *x)
{
	const char *from = x->p;
	struct sp_jx_token t = { SP_JX_INT, { 0 } };
	bool sign = *x->p == '-' || *x->p == '+';
	x->p += sign;
	if (x->p < x->end && (*x->p == 'N' || *x->p == 'I') && !(sign && *x->p == 'N')) {
		t.kind = odd_number(x, sign) ? SP_JX_FLOAT : SP_JX_BAD;
		t.text = sl_of(from, (size_t)(x->p - from));
		return t;
	}
	const char *first = x->p;
	digits(x);
	if (x->p == first || *from == '+' || (*first == '0' && x->p > first + 1 && !x->leading_zeros))
		x->bad = true;
	if (!x->bad && x->p < x->end && *x->p == '.') {
		const char *dot = ++x->p;
		t.kind = SP_JX_FLOAT;
		digits(x);
		x->bad |= x->p == dot;
	}
	if (!x->bad && x->p < x->end && (*x->p | 32) == 'e') {
		t.kind = SP_JX_FLOAT;
		x->p++;
		if (x->p < x->end && (*x->p == '+' || *x->p == '-'))
			x->p++;
		const char *exponent = x->p;
		digits(x);
		x->bad |= x->p == exponent;
	}
	while (t.kind == SP_JX_INT && x->leading_zeros && *first == '0' && first + 1 < x->p && !sign)
		from = ++first;
	t.text = sl_of(from, (size_t)(x->p - from));
	if (x->p < x->end && is_word(*x->p)) /* "1x" */
		x->bad = true;
	return t;
}

struct sp_jx_token sp_jx_scalar(struct sp_jx *x)
{
	struct sp_jx_token t = { sp_jx_peek(x), { 0 } };
	switch (t.kind) {
	case SP_JX_STRING:
		(void)string(x, &t.text);
		break;
	case SP_JX_INT:
		t = number(x);
		break;
	case SP_JX_TRUE:
		(void)word(x, "true");
		break;
	case SP_JX_FALSE:
		(void)word(x, "false");
		break;
	case SP_JX_NULL:
		(void)word(x, "null");
		break;
	default:
		x->bad = true;
		break;
	}
	if (x->bad)
		t.kind = SP_JX_BAD;
	return t;
}

/* ---- objects and arrays ---- */

void sp_jx_enter(struct sp_jx *x)
{
	x->p++;
	if (++x->depth > SP_JSON_DEPTH)
		x->bad = true;
}

static bool unquoted_name(struct sp_jx *x, struct slice *name)
{
	const char *from = x->p;
	while (x->p < x->end && (is_word(*x->p) || (x->p > from && *x->p == '-')))
		x->p++;
	*name = sl_of(from, (size_t)(x->p - from));
	return name->n && !(*from >= '0' && *from <= '9') ? true : fail(x);
}

/* Whether another member is next: the end is taken. */
static bool more(struct sp_jx *x, bool *first, char close)
{
	int c = next_char(x);
	if (x->bad)
		return false;
	if (c == close) {
		x->p++;
		x->depth--;
		return false;
	}
	if (!*first) {
		if (c != ',')
			return fail(x);
		x->p++;
		c = next_char(x);
		if (c == close)
			return fail(x);
	}
	*first = false;
	return c < 0 ? fail(x) : true;
}

bool sp_jx_name(struct sp_jx *x, bool *first, struct slice *name)
{
	int c;
	if (!more(x, first, '}'))
		return false;
	c = (unsigned char)*x->p;
	if (c == '"' || (c == '\'' && x->single_quotes)) {
		if (!string(x, name))
			return false;
	} else if (!x->unquoted_names || !unquoted_name(x, name)) {
		return fail(x);
	}
	if (next_char(x) != ':')
		return fail(x);
	x->p++;
	return true;
}

bool sp_jx_element(struct sp_jx *x, bool *first)
{
	return more(x, first, ']');
}

bool sp_jx_skip(struct sp_jx *x)
{
	enum sp_jx_kind kind = sp_jx_peek(x);
	struct slice name;
	bool first = true;
	if (kind == SP_JX_OBJECT) {
		sp_jx_enter(x);
		while (!x->bad && sp_jx_name(x, &first, &name))
			(void)sp_jx_skip(x);
	} else if (kind == SP_JX_ARRAY) {
		sp_jx_enter(x);
		while (!x->bad && sp_jx_element(x, &first))
			(void)sp_jx_skip(x);
	} else {
		(void)sp_jx_scalar(x);
	}
	return !x->bad;
}

/* ---- written anew ---- */

void sp_json_string(struct buf *b, struct slice s, bool pairs)
{
	static const char letters[] = "\b\t\n\f\r\"\\", names[] = "btnfr\"\\";
	size_t plain = 0;
	buf_addc(b, '"');
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		const char *at = c ? strchr(letters, c) : NULL;
		size_t from = i++;
		if (c >= ' ' && !at && !(pairs && c >= 0xf0))
			continue;
		buf_add(b, s.p + plain, from - plain);
		if (at) {
			buf_addf(b, "\\%c", names[at - letters]);
		} else if (c < ' ') {
			buf_addf(b, "\\u%04X", c);
		} else {
			uint32_t u;
			i = from;
			u = java_next(s, &i);
			if (u >= 0x10000)
				buf_addf(b, "\\u%04X\\u%04X", utf16_high(u), utf16_low(u));
			else
				buf_utf8(b, u);
		}
		plain = i;
	}
	buf_add(b, s.p + plain, s.n - plain);
	buf_addc(b, '"');
}

static void copy_float(struct buf *b, struct slice text)
{
	char digits_z[400], java[JAVA_REAL_MAX];
	struct buf t = { 0 };
	double d;
	size_t n;
	if (text.n < sizeof(digits_z)) {
		memcpy(digits_z, text.p, text.n);
		digits_z[text.n] = '\0';
		d = strtod(digits_z, NULL);
	} else {
		buf_addsl(&t, text);
		d = strtod(buf_cstr(&t), NULL);
		buf_free(&t);
	}
	n = java_double_text(d, java);
	if (d != d || d - d != 0)
		buf_addf(b, "\"%.*s\"", (int)n, java);
	else
		buf_add(b, java, n);
}

static void copy_scalar(struct sp_jx *x, struct buf *b, bool pairs)
{
	struct sp_jx_token t = sp_jx_scalar(x);
	switch (t.kind) {
	case SP_JX_STRING:
		sp_json_string(b, t.text, pairs);
		return;
	case SP_JX_INT:
		buf_addsl(b, sl_eqs(t.text, "-0") ? S("0") : t.text);
		return;
	case SP_JX_FLOAT:
		copy_float(b, t.text);
		return;
	case SP_JX_TRUE:
	case SP_JX_FALSE:
		buf_adds(b, t.kind == SP_JX_TRUE ? "true" : "false");
		return;
	case SP_JX_NULL:
		buf_adds(b, "null");
		return;
	default:
		return;
	}
}

bool sp_jx_copy(struct sp_jx *x, struct buf *b, bool pairs)
{
	enum sp_jx_kind kind = sp_jx_peek(x);
	struct slice name;
	bool first = true, begun = false;
	if (kind == SP_JX_OBJECT) {
		sp_jx_enter(x);
		buf_addc(b, '{');
		while (!x->bad && sp_jx_name(x, &first, &name)) {
			if (begun)
				buf_addc(b, ',');
			sp_json_string(b, name, pairs);
			buf_addc(b, ':');
			begun = sp_jx_copy(x, b, pairs);
		}
		buf_addc(b, '}');
	} else if (kind == SP_JX_ARRAY) {
		sp_jx_enter(x);
		buf_addc(b, '[');
		while (!x->bad && sp_jx_element(x, &first)) {
			if (begun)
				buf_addc(b, ',');
			begun = sp_jx_copy(x, b, pairs);
		}
		buf_addc(b, ']');
	} else {
		copy_scalar(x, b, pairs);
	}
	return !x->bad;
}
