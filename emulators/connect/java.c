#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connect/json.h"

/* Next character of our UTF-8 (already checked); malformed bytes stand for themselves. */
static uint32_t next_char(const char *p, size_t left, size_t *len)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	*len = n > left ? 1 : n;
	if (*len == 1)
		return c;
	uint32_t v = c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		v = v << 6 | ((unsigned char)p[i] & 63);
	return v;
}

uint32_t java_string_hash(struct slice s)
{
	uint32_t h = 0;
	for (size_t i = 0, len; i < s.n; i += len) {
		uint32_t c = next_char(s.p + i, s.n - i, &len);
		if (c >= 0x10000) {
			h = 31 * h + (0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		h = 31 * h + c;
	}
	return h;
}

struct entry {
	struct slice key;
	uint32_t hash;
	size_t index, value;
	struct entry *next;
};

struct table {
	struct arena *a;
	struct entry **slots;
	size_t size, n;
};

/* HashMap.resize: every chain splits in two that keep their order, so adding at the end in the old order does it. */
static void grow(struct table *t)
{
	size_t size = t->size * 2;
	struct entry **slots = arena_alloc(t->a, size * sizeof(struct entry *));
	struct entry **tails = arena_alloc(t->a, size * sizeof(struct entry *));
	for (size_t i = 0; i < t->size; i++) {
		for (struct entry *e = t->slots[i], *next; e; e = next) {
			size_t at = e->hash & (size - 1);
			next = e->next;
			e->next = NULL;
			if (tails[at])
				tails[at]->next = e;
			else
				slots[at] = e;
			tails[at] = e;
		}
	}
	t->slots = slots;
	t->size = size;
}

/* DIFFERS: chains of eight and more in tables of 64 slots and more become trees, whose order is not followed. */
static void put(struct table *t, struct slice key, size_t index)
{
	uint32_t h = java_string_hash(key);
	size_t chain = 0;
	h ^= h >> 16;
	struct entry **at = &t->slots[h & (t->size - 1)];
	for (; *at; at = &(*at)->next, chain++) {
		if ((*at)->hash == h && sl_eq((*at)->key, key)) {
			(*at)->value = index;
			return;
		}
	}
	*at = arena_alloc(t->a, sizeof(**at));
	**at = (struct entry){ key, h, index, index, NULL };
	if (chain >= 8 && t->size < 64) /* treeifyBin doubles a small table instead */
		grow(t);
	if (++t->n > t->size / 4 * 3)
		grow(t);
}

size_t java_hash_order(struct arena *a, const struct slice *keys, size_t n, size_t table, size_t *order, size_t *value)
{
	struct table t = { a, arena_alloc(a, table * sizeof(struct entry *)), table, 0 };
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		put(&t, keys[i], i);
	for (size_t i = 0; i < t.size; i++) {
		for (struct entry *e = t.slots[i]; e; e = e->next) {
			order[k] = e->index;
			value[k++] = e->value;
		}
	}
	return k;
}

static void order_members(struct arena *a, struct cjson *v)
{
	struct slice *keys = arena_alloc(a, v->n * sizeof(*keys));
	struct cjson **members = arena_alloc(a, v->n * sizeof(struct cjson *));
	size_t *order = arena_alloc(a, v->n * sizeof(*order)), *value = arena_alloc(a, v->n * sizeof(*value)), i = 0;
	for (struct cjson *m = v->first; m; m = m->next, i++) {
		keys[i] = m->key;
		members[i] = m;
	}
	size_t n = java_hash_order(a, keys, v->n, 16, order, value);
	v->first = v->last = NULL;
	v->n = n;
	for (i = 0; i < n; i++) {
		struct cjson *m = members[value[i]];
		m->next = NULL;
		if (v->last)
			v->last->next = m;
		else
			v->first = m;
		v->last = m;
	}
}

void cjson_hash_order(struct arena *a, struct cjson *v)
{
	for (struct cjson *m = v->first; m; m = m->next)
		cjson_hash_order(a, m);
	if (v->type == CJSON_OBJECT && v->n > 1)
		order_members(a, v);
}

void java_double(struct buf *out, double d)
{
	char text[40], digits[24];
	size_t n = 0;
	if (isnan(d) || isinf(d)) {
		buf_adds(out, isnan(d) ? "NaN" : d < 0 ? "-Infinity" : "Infinity");
		return;
	}
	if (signbit(d))
		buf_addc(out, '-');
	d = fabs(d);
	if (d == 0) {
		buf_adds(out, "0.0");
		return;
	}
	/* DIFFERS: the shortest digits, as from Java 19 on; 17 gives one digit more for a few values. */
	for (int precision = 1; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision - 1, d);
		if (strtod(text, NULL) == d)
			break;
	}
	for (const char *p = text; *p && *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	int e = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	if (e < -3 || e >= 7) {
		buf_addc(out, digits[0]);
		buf_addc(out, '.');
		if (n > 1)
			buf_add(out, digits + 1, n - 1);
		else
			buf_addc(out, '0');
		buf_addf(out, "E%d", e);
	} else if (e < 0) {
		buf_addf(out, "0.%.*s%.*s", -e - 1, "000", (int)n, digits);
	} else {
		for (int i = 0; i <= e; i++)
			buf_addc(out, (size_t)i < n ? digits[i] : '0');
		buf_addc(out, '.');
		if (n > (size_t)e + 1)
			buf_add(out, digits + e + 1, n - (size_t)e - 1);
		else
			buf_addc(out, '0');
	}
}

/* UTF8JsonGenerator: below the surrogates raw UTF-8, every surrogate as an escape, so an emoji is two of them. */
void cjson_write_string(struct buf *out, struct slice s)
{
	static const char names[] = "\"\\\b\t\n\f\r", letters[] = "\"\\btnfr";
	buf_addc(out, '"');
	for (size_t i = 0, from = 0, len; i <= s.n; i += len) {
		uint32_t c = i < s.n ? next_char(s.p + i, s.n - i, &len) : 0;
		bool plain = i < s.n && c >= 0x20 && c != '"' && c != '\\' && c < 0x10000 && !(c >= 0xd800 && c < 0xe000);
		if (plain)
			continue;
		buf_add(out, s.p + from, i - from);
		if (i == s.n)
			break;
		from = i + len;
		const char *at = c < 0x80 && c ? strchr(names, (int)c) : NULL;
		if (at)
			buf_addf(out, "\\%c", letters[at - names]);
		else if (c < 0x10000)
			buf_addf(out, "\\u%04X", c);
		else
			buf_addf(out, "\\u%04X\\u%04X", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
	}
	buf_addc(out, '"');
}

static void write_members(struct buf *out, const struct cjson *v)
{
	bool object = v->type == CJSON_OBJECT;
	buf_addc(out, object ? '{' : '[');
	for (const struct cjson *m = v->first; m; m = m->next) {
		if (m != v->first)
			buf_addc(out, ',');
		if (object) {
			cjson_write_string(out, m->key);
			buf_addc(out, ':');
		}
		cjson_write(out, m);
	}
	buf_addc(out, object ? '}' : ']');
}

void cjson_write(struct buf *out, const struct cjson *v)
{
	switch (v->type) {
	case CJSON_MISSING:
	case CJSON_NULL:
		buf_adds(out, "null");
		break;
	case CJSON_TRUE:
		buf_adds(out, "true");
		break;
	case CJSON_FALSE:
		buf_adds(out, "false");
		break;
	case CJSON_LONG:
		buf_addf(out, "%lld", (long long)v->i);
		break;
	case CJSON_DOUBLE:
		if (isinf(v->d))
			buf_addc(out, '"');
		java_double(out, v->d);
		if (isinf(v->d))
			buf_addc(out, '"');
		break;
	case CJSON_STRING:
		cjson_write_string(out, v->text);
		break;
	case CJSON_ARRAY:
	case CJSON_OBJECT:
		write_members(out, v);
		break;
	}
}
