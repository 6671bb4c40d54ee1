/* JSON texts as json-smart reads them, kept as their tokens. Most templates want a few strings of a body and one part
 * of it written again: no value is made for the rest, and what a token shows as the writer would write it is copied. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/vtl_value.h"

enum { KEYS_CHECKED = 32, COPY_STEP = 32 };

/* Bytes of a string in double quotes: what ends a run, and what the writer doesn't write as it is. */
enum { BYTE_STOP = 1, BYTE_ODD = 2 };
static const uint8_t byte_class[256] = {
	[0 ... 0x1f] = BYTE_ODD, ['"'] = BYTE_STOP, ['\\'] = BYTE_STOP, [0x7f] = BYTE_ODD, [0xc2] = BYTE_ODD, [0xe2] = BYTE_ODD,
};

struct reader {
	struct vtl_doc *doc;
	const char *p, *end;
	bool bad;
};

/* ---- tokens ---- */

static void grow(struct vtl_doc *d)
{
	size_t cap = d->cap * 2;

	if (d->v == d->first) {
		d->v = xmalloc(cap * sizeof(*d->v));
		memcpy(d->v, d->first, sizeof(d->first));
	} else {
		d->v = xrealloc(d->v, cap * sizeof(*d->v));
	}
	d->cap = cap;
}

static inline size_t add(struct reader *r, enum vtl_token_kind kind, const char *p, size_t n, bool same)
{
	struct vtl_doc *d = r->doc;

	if (d->n == d->cap)
		grow(d);
	d->v[d->n] = (struct vtl_token){ p, (uint32_t)n, (uint32_t)d->n + 1, 0, (uint8_t)kind, same };
	return d->n++;
}

/* ---- reading ---- */

static inline void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Behind a backslash: one character of any kind, four hex digits behind u. */
static void skip_escape(struct reader *r)
{
	if (r->p == r->end || *r->p++ != 'u')
		return;
	for (int i = 0; i < 4; i++) {
		if (r->p == r->end || !is_hex(*r->p))
			r->bad = true;
		else
			r->p++;
	}
}

/* A string with escapes or in single quotes, from where its plain beginning ends. */
static void read_odd_string(struct reader *r, const char *start, char quote)
{
	bool escaped = false;

	while (r->p < r->end && *r->p != quote && !r->bad) {
		if (*r->p++ == '\\') {
			escaped = true;
			skip_escape(r);
		}
	}
	if (r->p == r->end)
		r->bad = true;
	if (r->bad)
		return;
	add(r, escaped ? VTL_TOKEN_ESCAPED : VTL_TOKEN_STRING, start, (size_t)(r->p - start), false);
	r->p++;
}

static inline void read_string(struct reader *r)
{
	const char quote = *r->p++, *start = r->p, *p = start;
	unsigned seen = 0;

	if (quote == '"') {
		while (p < r->end && !((seen |= byte_class[(uint8_t)*p]) & BYTE_STOP))
			p++;
		if (p < r->end && *p == '"') {
			r->p = p + 1;
			add(r, VTL_TOKEN_STRING, start, (size_t)(p - start), !(seen & BYTE_ODD));
			return;
		}
		r->p = p;
	}
	read_odd_string(r, start, quote);
}

/* A bare word or number up to a or b (0: none), without the space before it. */
static struct slice read_bare(struct reader *r, char a, char b)
{
	const char *start = r->p;

	while (r->p < r->end && (!a || (*r->p != a && *r->p != b)))
		r->p++;
	return sl_trim((struct slice){ start, (size_t)(r->p - start) });
}

static size_t skip_digits(struct slice s, size_t i)
{
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

/* Whether a number's text is what its value prints as. Up to 18 digits are a Long; of a Double, up to 15 digits are the
 * shortest that read back, and from 1e-3 up to 1e7 they stand without an exponent. */
static bool prints_same(struct slice s)
{
	size_t whole = s.n && s.p[0] == '-', dot = skip_digits(s, whole), end;

	if (dot == whole || (s.p[whole] == '0' && dot - whole > 1))
		return false;
	if (dot == s.n)
		return dot - whole <= 18 && !(whole && s.p[whole] == '0');
	end = s.p[dot] == '.' ? skip_digits(s, dot + 1) : 0;
	if (end != s.n || end == dot + 1 || end - whole - 1 > 15 || dot - whole > 7)
		return false;
	if (s.p[end - 1] == '0')
		return end == dot + 2;
	return s.p[whole] != '0' || strncmp(s.p + dot + 1, "000", end - dot - 1 < 3 ? end - dot - 1 : 3) != 0;
}

static bool word_prints_same(struct slice w)
{
	return prints_same(w) || sl_eq(w, S("true")) || sl_eq(w, S("false")) || sl_eq(w, S("null"));
}

static void read_value(struct reader *r, char close, int depth);

static void read_list(struct reader *r, int depth)
{
	size_t self = add(r, VTL_TOKEN_LIST, r->p, 0, false), item;
	uint32_t count = 0;
	bool same = true;

	for (r->p++;;) {
		skip_space(r);
		if (r->p == r->end || r->bad) {
			r->bad = true;
			return;
		}
		if (*r->p == ']')
			break;
		if (*r->p == ',') {
			r->p++;
			continue;
		}
		if (*r->p == ':' || *r->p == '}') {
			r->bad = true;
			return;
		}
		item = r->doc->n;
		read_value(r, ']', depth + 1);
		count++;
		if (!r->bad)
			same &= r->doc->v[item].same;
	}
	r->p++;
	struct vtl_token *t = &r->doc->v[self];
	t->n = (uint32_t)(r->p - t->p);
	t->next = (uint32_t)r->doc->n;
	t->count = count;
	t->same = same;
}

/* Whether an object has the key already. Both are known to stand for themselves. */
static bool has_key(const struct vtl_doc *d, size_t object, size_t key)
{
	struct slice name = { d->v[key].p, d->v[key].n };

	for (size_t i = object + 1; i < key; i = d->v[i + 1].next)
		if (vtl_same((struct slice){ d->v[i].p, d->v[i].n }, name))
			return true;
	return false;
}

/* A bit of 64 for a key: keys of different bits differ. */
static uint64_t key_bit(const struct vtl_token *t)
{
	unsigned h = t->n;

	if (t->n)
		h += (uint8_t)t->p[0] * 5u + (uint8_t)t->p[t->n / 2] * 7u + (uint8_t)t->p[t->n - 1] * 3u;
	return UINT64_C(1) << (h & 63);
}

static void read_key(struct reader *r)
{
	struct slice name;

	if (*r->p == '"' || *r->p == '\'') {
		read_string(r);
		return;
	}
	name = read_bare(r, ':', ':');
	add(r, VTL_TOKEN_STRING, name.p, name.n, false);
}

static void read_object(struct reader *r, int depth)
{
	size_t self = add(r, VTL_TOKEN_OBJECT, r->p, 0, false), key;
	uint32_t count = 0;
	uint64_t seen = 0, bit;
	bool same = true;

	for (r->p++;;) {
		skip_space(r);
		if (r->p == r->end || r->bad || *r->p == ':' || *r->p == '{' || *r->p == '[' || *r->p == ']') {
			r->bad = true;
			return;
		}
		if (*r->p == '}')
			break;
		if (*r->p == ',') {
			r->p++;
			continue;
		}
		key = r->doc->n;
		read_key(r);
		skip_space(r);
		if (r->p == r->end || *r->p != ':') {
			r->bad = true;
			return;
		}
		r->p++;
		read_value(r, '}', depth + 1);
		if (r->bad)
			return;
		/* A key given twice keeps its first place and its last value, so that text isn't what is written. */
		same = same && r->doc->v[key].same && r->doc->v[key + 1].same && count < KEYS_CHECKED;
		if (same) {
			bit = key_bit(&r->doc->v[key]);
			same = !(seen & bit) || !has_key(r->doc, self, key);
			seen |= bit;
		}
		count++;
	}
	r->p++;
	struct vtl_token *t = &r->doc->v[self];
	t->n = (uint32_t)(r->p - t->p);
	t->next = (uint32_t)r->doc->n;
	t->count = count;
	t->same = same;
}

/* close: the bracket that ends the container, 0 at the root. */
static void read_value(struct reader *r, char close, int depth)
{
	struct slice word;

	skip_space(r);
	if (r->p == r->end || depth > VTL_JSON_DEPTH_MAX) {
		r->bad = true;
		return;
	}
	switch (*r->p) {
	case '{':
		read_object(r, depth);
		return;
	case '[':
		read_list(r, depth);
		return;
	case '"':
	case '\'':
		read_string(r);
		return;
	case ':':
	case '}':
	case ']':
		r->bad = true;
		return;
	}
	word = read_bare(r, close ? ',' : 0, close);
	add(r, VTL_TOKEN_WORD, word.p, word.n, word_prints_same(word));
}

bool vtl_doc_read(struct vtl_doc *d, struct slice text)
{
	struct reader r = { d, text.p, text.p + text.n, false };

	d->v = d->first;
	d->n = 0;
	d->cap = ARRAY_LEN(d->first);
	d->end = r.end;
	if (text.n > VTL_DOC_MAX)
		return false;
	read_value(&r, 0, 0);
	return !r.bad;
}

void vtl_doc_free(struct vtl_doc *d)
{
	if (d->v != d->first)
		free(d->v);
}

/* ---- values ---- */

static uint32_t hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return v;
}

/* At an escape; its end. Other letters than these json-smart drops with the backslash. */
static const char *unescape(struct buf *b, const char *p, const char *end)
{
	static const char letters[] = "bfnrt\"'\\/", bytes[] = "\b\f\n\r\t\"'\\/";
	const char *at;
	uint32_t u, low;

	if (p[1] != 'u') {
		at = p[1] ? strchr(letters, p[1]) : NULL;
		if (at)
			buf_addc(b, bytes[at - letters]);
		return p + 2;
	}
	u = hex4(p + 2);
	p += 6;
	if (u >= 0xd800 && u < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		low = hex4(p + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
			p += 6;
		}
	}
	vtl_utf8_add(b, u);
	return p;
}

static struct slice text_of(const struct vtl_token *t, struct arena *a)
{
	const char *p = t->p, *end = p + t->n;
	struct buf b;

	if (t->kind != VTL_TOKEN_ESCAPED)
		return (struct slice){ p, t->n };
	/* No escape is longer than itself. */
	b = (struct buf){ .p = arena_alloc(a, t->n + 1u), .cap = t->n + 1u, .max = t->n };
	while (p < end) {
		if (*p == '\\')
			p = unescape(&b, p, end);
		else
			vtl_addc(&b, *p++);
	}
	return buf_slice(&b);
}

static struct vtl_value word_value(struct slice word, struct arena *a)
{
	struct vtl_value v = { 0 };

	if (word.n && (word.p[0] == '-' || (word.p[0] >= '0' && word.p[0] <= '9')) && vtl_number(a, word, true, &v))
		return v;
	if (sl_eq(word, S("null")))
		return v;
	if (sl_eq(word, S("true")) || sl_eq(word, S("false")))
		return vtl_bool(word.n == 4);
	if (sl_eq(word, S("NaN")))
		return vtl_double(NAN);
	return vtl_str(word);
}

struct vtl_value vtl_doc_value(const struct vtl_doc *d, size_t at, struct arena *a)
{
	const struct vtl_token *t = &d->v[at];
	struct vtl_list *l;
	struct vtl_map *m;

	switch ((enum vtl_token_kind)t->kind) {
	case VTL_TOKEN_STRING:
	case VTL_TOKEN_ESCAPED:
		return vtl_str(text_of(t, a));
	case VTL_TOKEN_WORD:
		return word_value((struct slice){ t->p, t->n }, a);
	case VTL_TOKEN_LIST:
		l = vtl_list_new(a, VTL_JSON_LIST, t->count);
		for (size_t i = at + 1; i < t->next; i = d->v[i].next)
			vtl_list_add(l, vtl_doc_value(d, i, a));
		return vtl_of_list(l);
	case VTL_TOKEN_OBJECT:
		m = vtl_map_sized(a, t->count);
		for (size_t i = at + 1; i < t->next; i = d->v[i + 1].next)
			vtl_map_put(m, vtl_str(text_of(&d->v[i], a)), vtl_doc_value(d, i + 1, a));
		return vtl_of_map(m);
	}
	return vtl_null();
}

/* ---- looking ---- */

/* Escaped keys are read, other keys compared. Of several the last counts. */
size_t vtl_doc_member(const struct vtl_doc *d, size_t at, struct slice name, struct arena *a)
{
	const struct vtl_token *t = &d->v[at];
	size_t found = 0;

	if (t->kind != VTL_TOKEN_OBJECT)
		return 0;
	for (size_t i = at + 1; i < t->next; i = d->v[i + 1].next)
		if (vtl_same(text_of(&d->v[i], a), name))
			found = i + 1;
	return found;
}

size_t vtl_doc_item(const struct vtl_doc *d, size_t at, int64_t index)
{
	const struct vtl_token *t = &d->v[at];
	size_t i = at + 1;

	if (t->kind != VTL_TOKEN_LIST || index < 0 || index >= (int64_t)t->count)
		return 0;
	while (index--)
		i = d->v[i].next;
	return i;
}

/* ---- writing ---- */

/* Copies n bytes in steps that may run over by COPY_STEP, which both sides have room for. */
static inline char *copy(char *to, const char *p, size_t n, const char *end)
{
	if (n > COPY_STEP || (size_t)(end - p) < COPY_STEP)
		memcpy(to, p, n);
	else
		memcpy(to, p, COPY_STEP);
	return to + n;
}

static char *write_same(const struct vtl_doc *d, size_t at, char *to)
{
	const struct vtl_token *t = &d->v[at];

	switch ((enum vtl_token_kind)t->kind) {
	case VTL_TOKEN_STRING:
	case VTL_TOKEN_ESCAPED:
		return copy(to, t->p - 1, t->n + 2u, d->end);
	case VTL_TOKEN_WORD:
		return copy(to, t->p, t->n, d->end);
	case VTL_TOKEN_LIST:
		*to++ = '[';
		for (size_t i = at + 1; i < t->next; i = d->v[i].next) {
			if (i > at + 1)
				*to++ = ',';
			to = write_same(d, i, to);
		}
		*to++ = ']';
		return to;
	case VTL_TOKEN_OBJECT:
		*to++ = '{';
		for (size_t i = at + 1; i < t->next; i = d->v[i + 1].next) {
			if (i > at + 1)
				*to++ = ',';
			to = copy(to, d->v[i].p - 1, d->v[i].n + 2u, d->end);
			*to++ = ':';
			to = write_same(d, i + 1, to);
		}
		*to++ = '}';
		return to;
	}
	return to;
}

bool vtl_doc_json(const struct vtl_doc *d, size_t at, struct arena *a, struct slice *out)
{
	const struct vtl_token *t = &d->v[at];
	char *p;

	if (!t->same)
		return false;
	/* White space goes; a value may lack its comma; a string's quotes aren't in its length. */
	p = arena_alloc(a, (size_t)t->n + (t->next - at) + 2 + COPY_STEP);
	*out = (struct slice){ p, (size_t)(write_same(d, at, p) - p) };
	return true;
}

bool vtl_json_read(struct arena *a, struct slice text, struct vtl_value *out)
{
	struct vtl_doc d;
	bool ok = vtl_doc_read(&d, text);

	if (ok)
		*out = vtl_doc_value(&d, 0, a);
	vtl_doc_free(&d);
	return ok;
}
