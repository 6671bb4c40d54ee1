/* JSON texts as json-smart reads them, kept as their tokens. Most templates want a few strings of a body and one part
 * of it written again: no value is made for the rest, and what a token shows as the writer would write it is copied. */
#include <math.h>

#include "velocity/value.h"

enum { KEYS_CHECKED = 32, COPY_STEP = 32 };

/* Bytes of a string in double quotes: what ends a run, and what the writer doesn't write as it is. */
enum { BYTE_STOP = 1, BYTE_ODD = 2 };
static const uint8_t byte_class[256] = {
	[0 ... 0x1f] = BYTE_ODD, ['"'] = BYTE_STOP, ['\\'] = BYTE_STOP, [0x7f] = BYTE_ODD, [0xc2] = BYTE_ODD, [0xe2] = BYTE_ODD,
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

static inline size_t add(struct vtl_doc *d, enum vtl_token_kind kind, const char *p, size_t n, bool odd)
{
	if (d->n == d->cap)
		grow(d);
	d->v[d->n] = (struct vtl_token){ p, (uint32_t)n, (uint32_t)d->n + 1, 0, (uint8_t)kind, odd };
	return d->n++;
}

static const char *close_token(struct vtl_doc *d, size_t at, uint32_t count, const char *end)
{
	struct vtl_token *t = &d->v[at];
	t->n = (uint32_t)(end - t->p);
	t->next = (uint32_t)d->n;
	t->count = count;
	return end;
}

/* ---- reading: each takes where it begins and gives where it ends, NULL when the text is bad ---- */

static inline const char *skip_space(const char *p, const char *end)
{
	while (p < end && (uint8_t)*p <= ' ' && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* Behind a backslash: one character of any kind, four hex digits behind u. */
static const char *skip_escape(const char *p, const char *end)
{
	if (p == end || *p++ != 'u')
		return p;
	return hex4(p, end) < 0 ? NULL : p + 4;
}

/* A string with escapes or in single quotes, from where its plain beginning ends. */
static const char *read_odd_string(struct vtl_doc *d, const char *start, const char *p, char quote)
{
	bool escaped = false;
	while (p && p < d->end && *p != quote) {
		if (*p++ == '\\') {
			escaped = true;
			p = skip_escape(p, d->end);
		}
	}
	if (!p || p == d->end)
		return NULL;
	add(d, escaped ? VTL_TOKEN_ESCAPED : VTL_TOKEN_STRING, start, (size_t)(p - start), true);
	return p + 1;
}

/* Behind all plain ASCII from p on, as far as whole steps reach. */
static inline const char *skip_plain(const char *p, const char *end)
{
	typedef int8_t step __attribute__((vector_size(16)));
	step v, special;
	uint64_t half[2];

	for (; end - p >= 16; p += 16) {
		memcpy(&v, p, sizeof(v));
		special = (v < 0x20) | (v == '"') | (v == '\\') | (v == 0x7f);
		memcpy(half, &special, sizeof(half));
		if (!(half[0] | half[1]))
			continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		return half[0] ? p + __builtin_ctzll(half[0]) / 8 : p + 8 + __builtin_ctzll(half[1]) / 8;
#else
		return half[0] ? p + __builtin_clzll(half[0]) / 8 : p + 8 + __builtin_clzll(half[1]) / 8;
#endif
	}
	return p;
}

/* At a quote. */
static inline __attribute__((always_inline)) const char *read_string(struct vtl_doc *d, const char *p)
{
	const char quote = *p++, *start = p;
	unsigned seen = 0;
	if (quote == '"') {
		p = skip_plain(p, d->end);
		while (p < d->end && !((seen |= byte_class[(uint8_t)*p]) & BYTE_STOP))
			p++;
		if (p < d->end && *p == '"') {
			add(d, VTL_TOKEN_STRING, start, (size_t)(p - start), seen & BYTE_ODD);
			return p + 1;
		}
	}
	return read_odd_string(d, start, p, quote);
}

/* A bare word or number up to a or b (0: none), without the space around it. */
static inline const char *read_bare(struct vtl_doc *d, enum vtl_token_kind kind, const char *p, char a, char b)
{
	const char *start = p;
	struct slice w;
	while (p < d->end && (!a || (*p != a && *p != b)))
		p++;
	if (p > start && (uint8_t)*start > ' ' && (uint8_t)p[-1] > ' ') {
		add(d, kind, start, (size_t)(p - start), true);
		return p;
	}
	w = sl_trim(sl_of(start, (size_t)(p - start)));
	add(d, kind, w.p, w.n, true);
	return p;
}

static const char *read_list(struct vtl_doc *d, const char *p, int depth);
static const char *read_object(struct vtl_doc *d, const char *p, int depth);

/* close: the bracket that ends the container, 0 at the root. */
static inline const char *read_value(struct vtl_doc *d, const char *p, char close, int depth)
{
	p = skip_space(p, d->end);
	if (p == d->end || depth > VTL_JSON_DEPTH_MAX)
		return NULL;
	switch (*p) {
	case '{':
		return read_object(d, p, depth);
	case '[':
		return read_list(d, p, depth);
	case '"':
	case '\'':
		return read_string(d, p);
	case ':':
	case '}':
	case ']':
		return NULL;
	default:
		return read_bare(d, VTL_TOKEN_WORD, p, close ? ',' : 0, close);
	}
}

static const char *read_list(struct vtl_doc *d, const char *p, int depth)
{
	size_t self = add(d, VTL_TOKEN_LIST, p, 0, true);
	uint32_t count = 0;
	for (p++;;) {
		p = skip_space(p, d->end);
		if (p == d->end || *p == ':' || *p == '}' || d->n > VTL_TOKENS_MAX)
			return NULL;
		if (*p == ']')
			return close_token(d, self, count, p + 1);
		if (*p == ',') {
			p++;
			continue;
		}
		p = read_value(d, p, ']', depth + 1);
		if (!p)
			return NULL;
		count++;
	}
}

static const char *read_object(struct vtl_doc *d, const char *p, int depth)
{
	size_t self = add(d, VTL_TOKEN_OBJECT, p, 0, true);
	uint32_t count = 0;
	for (p++;;) {
		p = skip_space(p, d->end);
		if (p == d->end || d->n > VTL_TOKENS_MAX)
			return NULL;
		if (*p == ',') {
			p++;
			continue;
		}
		if (*p == '}')
			return close_token(d, self, count, p + 1);
		if (*p == '"' || *p == '\'')
			p = read_string(d, p);
		else if (*p == ':' || *p == '{' || *p == '[' || *p == ']')
			return NULL;
		else
			p = read_bare(d, VTL_TOKEN_STRING, p, ':', ':');
		p = p ? skip_space(p, d->end) : NULL;
		if (!p || p == d->end || *p != ':')
			return NULL;
		p = read_value(d, p + 1, '}', depth + 1);
		if (!p)
			return NULL;
		count++;
	}
}

bool vtl_doc_read(struct vtl_doc *d, struct slice text)
{
	d->v = d->first;
	d->n = 0;
	d->cap = ARRAY_LEN(d->first);
	if (!text.n || text.n > VTL_DOC_MAX)
		return false;
	d->end = text.p + text.n;
	(void)vtl_spend(text.n / 8);
	if (read_value(d, text.p, 0, 0))
		return true;
	if (d->n > VTL_TOKENS_MAX)
		(void)vtl_spend(vtl_left); /* it isn't bad, it is too much */
	return false;
}

void vtl_doc_free(struct vtl_doc *d)
{
	if (d->v != d->first)
		free(d->v);
}

/* ---- values ---- */

/* At an escape; its end. Other letters than these json-smart drops with the backslash. */
static const char *unescape(struct buf *b, const char *p, const char *end)
{
	static const char letters[] = "bfnrt\"'\\/", bytes[] = "\b\f\n\r\t\"'\\/";
	const char *at;
	int32_t u, low;
	if (p[1] != 'u') {
		at = p[1] ? strchr(letters, p[1]) : NULL;
		if (at)
			buf_addc(b, bytes[at - letters]);
		return p + 2;
	}
	u = hex4(p + 2, end);
	p += 6;
	if (utf16_is_high((uint32_t)u) && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		low = hex4(p + 2, end);
		if (utf16_is_low((uint32_t)low)) {
			u = (int32_t)utf16_join((uint32_t)u, (uint32_t)low);
			p += 6;
		}
	}
	buf_utf8(b, (uint32_t)u);
	return p;
}

static struct slice text_of(const struct vtl_token *t, struct arena *a)
{
	const char *p = t->p, *end = p + t->n;
	struct buf b;
	if (t->kind != VTL_TOKEN_ESCAPED)
		return sl_of(p, t->n);
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

static struct vtl_value word_value(const struct vtl_token *t, struct arena *a)
{
	struct slice word = { t->p, t->n };
	struct vtl_value v = { 0 };
	int64_t i = 0;
	/* Most numbers: few digits, no fraction. */
	if (t->n && t->n <= 9 && (t->p[0] != '0' || t->n == 1)) {
		size_t at = 0;
		while (at < t->n && t->p[at] >= '0' && t->p[at] <= '9')
			i = i * 10 + (t->p[at++] - '0');
		if (at == t->n)
			return vtl_int(i);
	}
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

/* A bit of 64 for a key: keys of different bits differ. */
static inline uint64_t key_bit(struct slice key)
{
	uint32_t h = (uint32_t)key.n;
	if (key.n)
		h ^= (uint32_t)(uint8_t)key.p[0] << 8 ^ (uint32_t)(uint8_t)key.p[key.n / 2] << 16 ^ (uint32_t)(uint8_t)key.p[key.n - 1] << 24;
	return UINT64_C(1) << (h * UINT32_C(2654435769) >> 26);
}

struct vtl_value vtl_doc_value(const struct vtl_doc *d, size_t at, struct arena *a)
{
	const struct vtl_token *t = &d->v[at];
	struct vtl_list *l;
	struct vtl_map *m;
	uint64_t seen = 0;
	switch ((enum vtl_token_kind)t->kind) {
	case VTL_TOKEN_STRING:
	case VTL_TOKEN_ESCAPED:
		return vtl_str(text_of(t, a));
	case VTL_TOKEN_WORD:
		return word_value(t, a);
	case VTL_TOKEN_LIST:
		l = vtl_list_new(a, VTL_JSON_LIST, t->count);
		for (size_t i = at + 1; i < t->next; i = d->v[i].next)
			vtl_list_add(l, vtl_doc_value(d, i, a));
		return vtl_of_list(l);
	case VTL_TOKEN_OBJECT:
		m = vtl_map_sized(a, t->count);
		for (size_t i = at + 1; i < t->next; i = d->v[i + 1].next) {
			struct slice name = text_of(&d->v[i], a);
			uint64_t bit = key_bit(name);
			vtl_map_add(m, vtl_str(name), vtl_doc_value(d, i + 1, a), !(seen & bit));
			seen |= bit;
		}
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
	for (size_t i = at + 1; i < t->next; i = d->v[i + 1].next) {
		const struct vtl_token *key = &d->v[i];
		if (key->kind == VTL_TOKEN_ESCAPED ? sl_eq(text_of(key, a), name) :
						     sl_eq(sl_of(key->p, key->n), name))
			found = i + 1;
	}
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

/* Whether a number, digits with or without a fraction, prints as its text. Up to 18 digits are a Long; of a Double, up to
 * 15 digits are the shortest that read back, and from 1e-3 up to 1e7 they stand without an exponent. */
static bool number_is_same(const char *p, const char *end)
{
	bool minus = p < end && *p == '-';
	const char *first = p += minus, *dot;
	ptrdiff_t whole;
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	whole = p - first;
	if (!whole || whole > 18 || (*first == '0' && whole > 1))
		return false;
	if (p == end)
		return !(minus && *first == '0');
	if (*p != '.')
		return false;
	for (dot = p++; p < end && *p >= '0' && *p <= '9';)
		p++;
	if (p != end || p == dot + 1 || whole > 7)
		return false;
	if (p[-1] == '0')
		return p == dot + 2;
	return p - first <= 16 && (*first != '0' || dot[1] != '0' || dot[2] != '0' || dot[3] != '0');
}

/* Whether an object has a key before: as it came, no escape in it. */
static bool has_key(const struct vtl_doc *d, size_t object, size_t key)
{
	for (size_t i = object + 1; i < key; i = d->v[i + 1].next)
		if (sl_eq(sl_of(d->v[i].p, d->v[i].n), sl_of(d->v[key].p, d->v[key].n)))
			return true;
	return false;
}

/* Copies n bytes in steps that may run over by COPY_STEP, which both sides have room for. */
static inline char *copy(char *to, const char *p, size_t n, const char *end)
{
	if (n > COPY_STEP || (size_t)(end - p) < COPY_STEP)
		memcpy(to, p, n);
	else
		memcpy(to, p, COPY_STEP);
	return to + n;
}

static bool word_is_same(struct slice w)
{
	return number_is_same(w.p, w.p + w.n) || sl_eq(w, S("true")) || sl_eq(w, S("false")) || sl_eq(w, S("null"));
}

static char *write_same(const struct vtl_doc *d, size_t at, char *to);

static char *write_object(const struct vtl_doc *d, size_t at, char *to)
{
	const struct vtl_token *t = &d->v[at], *key;
	uint64_t seen = 0, bit;
	if (t->count > KEYS_CHECKED)
		return NULL;
	*to++ = '{';
	for (size_t i = at + 1; i < t->next; i = d->v[i + 1].next) {
		key = &d->v[i];
		bit = key_bit(sl_of(key->p, key->n));
		if (key->odd || ((seen & bit) && has_key(d, at, i)))
			return NULL;
		seen |= bit;
		if (i > at + 1)
			*to++ = ',';
		to = copy(to, key->p - 1, key->n + 2u, d->end);
		*to++ = ':';
		to = write_same(d, i + 1, to);
		if (!to)
			return NULL;
	}
	*to++ = '}';
	return to;
}

/* NULL when the writer would write another text than this, but for white space between tokens. A key given twice keeps
 * its first place and its last value. */
static char *write_same(const struct vtl_doc *d, size_t at, char *to)
{
	const struct vtl_token *t = &d->v[at];
	switch ((enum vtl_token_kind)t->kind) {
	case VTL_TOKEN_STRING:
	case VTL_TOKEN_ESCAPED:
		return t->odd ? NULL : copy(to, t->p - 1, t->n + 2u, d->end);
	case VTL_TOKEN_WORD:
		return word_is_same(sl_of(t->p, t->n)) ? copy(to, t->p, t->n, d->end) : NULL;
	case VTL_TOKEN_LIST:
		*to++ = '[';
		for (size_t i = at + 1; to && i < t->next; i = d->v[i].next) {
			if (i > at + 1)
				*to++ = ',';
			to = write_same(d, i, to);
		}
		if (to)
			*to++ = ']';
		return to;
	case VTL_TOKEN_OBJECT:
		return write_object(d, at, to);
	}
	return NULL;
}

bool vtl_doc_json(const struct vtl_doc *d, size_t at, struct arena *a, struct slice *out)
{
	const struct vtl_token *t = &d->v[at];
	/* White space goes; a value may lack its comma; a string's quotes aren't in its length. */
	char *p = arena_alloc(a, (size_t)t->n + (t->next - at) + 2 + COPY_STEP), *end = write_same(d, at, p);
	if (end)
		*out = sl_of(p, (size_t)(end - p));
	return end;
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
