/* Values: lists, maps, equality, hash codes and text as Java has them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "velocity/value.h"

/* ---- lists ---- */

struct vtl_list *vtl_list_new(struct arena *a, enum vtl_list_kind kind, size_t cap)
{
	struct vtl_list *l = arena_alloc(a, sizeof(*l));
	l->arena = a;
	l->kind = kind;
	l->cap = cap;
	if (cap)
		l->v = arena_alloc(a, cap * sizeof(*l->v));
	return l;
}

static void list_grow(struct vtl_list *l)
{
	size_t cap = l->cap ? l->cap * 2 : 8;
	struct vtl_value *v = arena_alloc(l->arena, cap * sizeof(*v));
	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	l->v = v;
	l->cap = cap;
}

void vtl_list_add(struct vtl_list *l, struct vtl_value v)
{
	if (l->n == l->cap)
		list_grow(l);
	l->v[l->n++] = v;
}

void vtl_list_insert(struct vtl_list *l, size_t at, struct vtl_value v)
{
	if (l->n == l->cap)
		list_grow(l);
	memmove(l->v + at + 1, l->v + at, (l->n - at) * sizeof(v));
	l->v[at] = v;
	l->n++;
}

void vtl_list_remove(struct vtl_list *l, size_t at)
{
	memmove(l->v + at, l->v + at + 1, (l->n - at - 1) * sizeof(*l->v));
	l->n--;
}

/* ---- maps ---- */

enum { MAP_LINEAR = 8 };

static uint32_t key_hash(struct vtl_value k)
{
	uint32_t h = 2166136261u;
	if (k.type != VTL_STRING)
		return (uint32_t)vtl_hash(k);
	for (size_t i = 0; i < k.s.n; i++)
		h = (h ^ (uint8_t)k.s.p[i]) * 16777619u;
	return h;
}

struct vtl_map *vtl_map_new(struct arena *a)
{
	struct vtl_map *m = arena_alloc(a, sizeof(*m));
	m->arena = a;
	return m;
}

static void index_insert(struct vtl_map *m, size_t pos)
{
	size_t slot = m->v[pos]->hash & (m->index_size - 1);
	while (m->index[slot])
		slot = (slot + 1) & (m->index_size - 1);
	m->index[slot] = (uint32_t)pos + 1;
}

static void index_build(struct vtl_map *m)
{
	size_t size = 32;
	while (size < m->n * 2)
		size *= 2;
	if (size > m->index_size)
		m->index = arena_alloc(m->arena, size * sizeof(*m->index));
	else
		memset(m->index, 0, m->index_size * sizeof(*m->index));
	if (size > m->index_size)
		m->index_size = size;
	for (size_t i = 0; i < m->n; i++) {
		m->v[i]->hash = key_hash(m->v[i]->key);
		index_insert(m, i);
	}
}

struct vtl_map *vtl_map_sized(struct arena *a, size_t n)
{
	struct vtl_map *m = vtl_map_new(a);
	if (n) {
		m->v = arena_alloc(a, n * sizeof(*m->v));
		m->spare = arena_alloc(a, n * sizeof(*m->spare));
		m->cap = m->spare_n = n;
	}
	return m;
}

static inline bool key_is(const struct vtl_entry *e, const struct vtl_value *key)
{
	if (key->type == VTL_STRING)
		return e->key.type == VTL_STRING && vtl_same(e->key.s, key->s);
	return vtl_equals(e->key, *key);
}

/* Position of a key, or n. */
static size_t map_position(const struct vtl_map *m, const struct vtl_value *key)
{
	uint32_t hash;
	if (!m->index_size) {
		for (size_t i = 0; i < m->n; i++)
			if (key_is(m->v[i], key))
				return i;
		return m->n;
	}
	hash = key_hash(*key);
	for (size_t slot = hash & (m->index_size - 1); m->index[slot]; slot = (slot + 1) & (m->index_size - 1))
		if (m->v[m->index[slot] - 1]->hash == hash && key_is(m->v[m->index[slot] - 1], key))
			return m->index[slot] - 1;
	return m->n;
}

struct vtl_entry *vtl_map_find(const struct vtl_map *m, struct vtl_value key)
{
	size_t i = map_position(m, &key);
	return i < m->n ? m->v[i] : NULL;
}

struct vtl_value vtl_map_get(const struct vtl_map *m, struct slice name)
{
	struct vtl_entry *e = vtl_map_find(m, vtl_str(name));
	return e ? e->value : vtl_null();
}

void vtl_map_put(struct vtl_map *m, struct vtl_value key, struct vtl_value value)
{
	vtl_map_add(m, key, value, false);
}

void vtl_map_add(struct vtl_map *m, struct vtl_value key, struct vtl_value value, bool fresh)
{
	size_t i = fresh ? m->n : map_position(m, &key);
	if (i < m->n) {
		m->v[i]->value = value;
		return;
	}
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 4;
		struct vtl_entry **v = arena_alloc(m->arena, m->cap * sizeof(*v));
		if (m->n)
			memcpy(v, m->v, m->n * sizeof(*v));
		m->v = v;
	}
	struct vtl_entry *e = m->spare_n ? &m->spare[--m->spare_n] : arena_alloc(m->arena, sizeof(*e));
	*e = (struct vtl_entry){ key, value, m->index_size ? key_hash(key) : 0 };
	m->v[m->n++] = e;
	if (m->n > MAP_LINEAR && m->n * 2 > m->index_size)
		index_build(m);
	else if (m->index_size)
		index_insert(m, m->n - 1);
}

bool vtl_map_remove(struct vtl_map *m, struct vtl_value key, struct vtl_value *old)
{
	size_t i = map_position(m, &key);
	if (i == m->n)
		return false;
	*old = m->v[i]->value;
	m->n--;
	memmove(m->v + i, m->v + i + 1, (m->n - i) * sizeof(*m->v));
	if (m->index_size)
		index_build(m);
	return true;
}

void vtl_map_clear(struct vtl_map *m)
{
	m->n = 0;
	if (m->index_size)
		memset(m->index, 0, m->index_size * sizeof(*m->index));
}

/* ---- maps of the gateway ---- */

static struct vtl_map *map_enter(struct vtl_map *m, struct slice name)
{
	struct vtl_value v = vtl_map_get(m, name);
	if (v.type == VTL_MAP)
		return v.map;
	v = vtl_of_map(vtl_map_new(m->arena));
	vtl_map_put(m, vtl_str(arena_dup(m->arena, name)), v);
	return v.map;
}

struct vtl_map *vtl_map_at(struct vtl_map *m, const char *path)
{
	struct slice rest = sl(path), name;
	while (rest.n) {
		sl_cut(rest, '.', &name, &rest);
		m = map_enter(m, name);
	}
	return m;
}

void vtl_map_set(struct vtl_map *m, const char *path, struct slice value)
{
	struct slice rest = sl(path), name;
	while (sl_cut(rest, '.', &name, &rest))
		m = map_enter(m, name);
	vtl_map_put(m, vtl_str(arena_dup(m->arena, name)), value.p ? vtl_str(value) : vtl_null());
}

static struct slice text_or_absent(struct arena *a, struct vtl_value v)
{
	return v.type == VTL_NULL ? sl(NULL) : vtl_text(a, v);
}

struct slice vtl_map_text(const struct vtl_map *m, const char *path)
{
	struct slice rest = sl(path), name;
	while (sl_cut(rest, '.', &name, &rest)) {
		struct vtl_value v = vtl_map_get(m, name);
		if (v.type != VTL_MAP)
			return sl(NULL);
		m = v.map;
	}
	return text_or_absent(m->arena, vtl_map_get(m, name));
}

bool vtl_map_next(const struct vtl_map *m, size_t *i, struct slice *name, struct slice *value)
{
	if (*i >= m->n)
		return false;
	const struct vtl_entry *e = m->v[(*i)++];
	*name = vtl_text(m->arena, e->key);
	*value = text_or_absent(m->arena, e->value);
	return true;
}

/* ---- equality and hash codes ---- */

/* A list may hold itself, even twice: nodes visited are counted. Past the end values differ, and hash as 0. */
enum { COMPARE_DEPTH = 200, COMPARE_NODES = 1 << 20 };

static bool equals_at(struct vtl_value a, struct vtl_value b, int depth, long *left);

static bool lists_equal(const struct vtl_list *a, const struct vtl_list *b, int depth, long *left)
{
	if (a == b)
		return true;
	if (a->n != b->n || a->kind == VTL_FIXED || b->kind == VTL_FIXED)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!equals_at(a->v[i], b->v[i], depth, left))
			return false;
	return true;
}

static bool maps_equal(const struct vtl_map *a, const struct vtl_map *b, int depth, long *left)
{
	if (a == b)
		return true;
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		struct vtl_entry *e = vtl_map_find(b, a->v[i]->key);
		if (!e || !equals_at(a->v[i]->value, e->value, depth, left))
			return false;
	}
	return true;
}

static bool equals_at(struct vtl_value a, struct vtl_value b, int depth, long *left)
{
	if (a.type != b.type || depth > COMPARE_DEPTH || --*left < 0)
		return false;
	switch (a.type) {
	case VTL_NULL:
		return true;
	case VTL_BOOL:
		return a.b == b.b;
	case VTL_INT:
	case VTL_LONG:
		return a.i == b.i;
	case VTL_DOUBLE:
		return a.d == b.d || (isnan(a.d) && isnan(b.d));
	case VTL_BIGINT:
	case VTL_DECIMAL:
	case VTL_STRING:
	case VTL_CLASS:
		return sl_eq(a.s, b.s);
	case VTL_LIST:
		return lists_equal(a.list, b.list, depth + 1, left);
	case VTL_MAP:
		return maps_equal(a.map, b.map, depth + 1, left);
	case VTL_ENTRY:
		return equals_at(a.entry->key, b.entry->key, depth + 1, left) &&
		       equals_at(a.entry->value, b.entry->value, depth + 1, left);
	case VTL_ITER:
	case VTL_SCOPE:
	case VTL_BLOCK:
		return a.iter == b.iter;
	case VTL_INPUT:
	case VTL_UTIL:
		return true;
	}
	return false;
}

bool vtl_equals(struct vtl_value a, struct vtl_value b)
{
	long left = COMPARE_NODES;
	return equals_at(a, b, 0, &left);
}

int32_t vtl_string_hash(struct slice s)
{
	uint32_t h = 0;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp = vtl_utf8_next(s, &i);
		if (cp >= 0x10000) {
			h = h * 31 + (0xd800 + ((cp - 0x10000) >> 10));
			cp = 0xdc00 + ((cp - 0x10000) & 0x3ff);
		}
		h = h * 31 + cp;
	}
	return (int32_t)h;
}

static int32_t hash_at(struct vtl_value v, int depth, long *left)
{
	uint32_t h = 0;
	uint64_t bits = 0;
	if (depth > COMPARE_DEPTH || --*left < 0)
		return 0;
	switch (v.type) {
	case VTL_BOOL:
		return v.b ? 1231 : 1237;
	case VTL_INT:
		return (int32_t)v.i;
	case VTL_LONG:
		return (int32_t)((uint64_t)v.i ^ ((uint64_t)v.i >> 32));
	case VTL_DOUBLE:
		memcpy(&bits, &v.d, sizeof(bits));
		return (int32_t)(bits ^ (bits >> 32));
	case VTL_BIGINT:
	case VTL_DECIMAL:
	case VTL_STRING:
	case VTL_CLASS:
		return vtl_string_hash(v.s);
	case VTL_LIST:
		h = 1;
		for (size_t i = 0; i < v.list->n; i++)
			h = h * 31 + (uint32_t)hash_at(v.list->v[i], depth + 1, left);
		return (int32_t)h;
	case VTL_MAP:
		for (size_t i = 0; i < v.map->n; i++)
			h += (uint32_t)hash_at(v.map->v[i]->key, depth + 1, left) ^
			     (uint32_t)hash_at(v.map->v[i]->value, depth + 1, left);
		return (int32_t)h;
	case VTL_ENTRY:
		return hash_at(v.entry->key, depth + 1, left) ^ hash_at(v.entry->value, depth + 1, left);
	case VTL_NULL:
	case VTL_ITER:
	case VTL_SCOPE:
	case VTL_BLOCK:
	case VTL_INPUT:
	case VTL_UTIL:
		return 0;
	}
	return 0;
}

int32_t vtl_hash(struct vtl_value v)
{
	long left = COMPARE_NODES;
	return hash_at(v, 0, &left);
}

/* ---- text ---- */

/* Fractions of few digits, without the way through printf: v / 10^k is d only for the digits that show d. */
static bool print_short(struct buf *out, double d)
{
	static const double tens[] = { 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };
	char text[24];
	size_t at = sizeof(text);
	if (d < 1e-3 || d >= 1e7)
		return false;
	for (size_t k = 0; k < ARRAY_LEN(tens); k++) {
		double scaled = d * tens[k];
		uint64_t v = (uint64_t)(scaled + 0.5);
		if ((double)v / tens[k] != d)
			continue;
		for (size_t i = 0; i < k + 2 || v; i++) {
			if (i == k + 1)
				text[--at] = '.';
			text[--at] = (char)('0' + v % 10);
			v /= 10;
		}
		buf_add(out, text + at, sizeof(text) - at);
		return true;
	}
	return false;
}

/* Double.toString: the shortest digits that read back, plain from 1e-3 up to 1e7, else d.dddE±n. */
void vtl_print_double(struct buf *out, double d)
{
	char text[40], digits[24];
	int n = 0, exp;
	if (isnan(d) || isinf(d)) {
		buf_adds(out, isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
		return;
	}
	if (signbit(d))
		vtl_addc(out, '-');
	d = fabs(d);
	if (d == 0) {
		buf_adds(out, "0.0");
		return;
	}
	if (print_short(out, d))
		return;
	/* Up to 15 digits survive the way to binary and back, so 15 show the shortest text, zeros behind it. */
	for (int prec = 14; prec < 17; prec++) {
		snprintf(text, sizeof(text), "%.*e", prec, d);
		if (strtod(text, NULL) == d)
			break;
	}
	for (const char *p = text; *p && *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	exp = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	if (exp >= -3 && exp < 7) {
		if (exp < 0)
			buf_addf(out, "0.%.*s", -exp - 1, "000");
		for (int i = 0; i < n || i <= exp; i++) {
			vtl_addc(out, i < n ? digits[i] : '0');
			if (i == exp)
				vtl_addc(out, '.');
		}
		if (exp >= n - 1)
			vtl_addc(out, '0');
		return;
	}
	buf_addf(out, "%c.%.*sE%d", digits[0], n > 1 ? n - 1 : 1, n > 1 ? digits + 1 : "0", exp);
}

static void print_integer(struct buf *out, int64_t i)
{
	char text[24];
	size_t at = sizeof(text);
	uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
	do {
		text[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (i < 0)
		text[--at] = '-';
	buf_add(out, text + at, sizeof(text) - at);
}

static void print_at(struct buf *out, struct vtl_value v, int depth);

static void print_list(struct buf *out, const struct vtl_list *l, int depth)
{
	if (l->kind == VTL_JSON_LIST) {
		vtl_json_write(out, (struct vtl_value){ .type = VTL_LIST, .list = (struct vtl_list *)l }, true);
		return;
	}
	vtl_addc(out, '[');
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_adds(out, ", ");
		if (l->v[i].type == VTL_LIST && l->v[i].list == l)
			buf_adds(out, "(this Collection)");
		else
			print_at(out, l->v[i], depth);
	}
	vtl_addc(out, ']');
}

static void print_map(struct buf *out, const struct vtl_map *m, int depth)
{
	vtl_addc(out, '{');
	for (size_t i = 0; i < m->n; i++) {
		if (i)
			buf_adds(out, ", ");
		print_at(out, m->v[i]->key, depth);
		vtl_addc(out, '=');
		if (m->v[i]->value.type == VTL_MAP && m->v[i]->value.map == m)
			buf_adds(out, "(this Map)");
		else
			print_at(out, m->v[i]->value, depth);
	}
	vtl_addc(out, '}');
}

/* A list inside itself would print forever; Java's stack overflows there. Bad output is an error at the end. */
static void print_at(struct buf *out, struct vtl_value v, int depth)
{
	if (depth > VTL_JSON_DEPTH_MAX * 2 || out->bad) {
		out->bad = true;
		return;
	}
	switch (v.type) {
	case VTL_NULL:
		buf_adds(out, "null");
		break;
	case VTL_BOOL:
		buf_adds(out, v.b ? "true" : "false");
		break;
	case VTL_INT:
	case VTL_LONG:
		print_integer(out, v.i);
		break;
	case VTL_DOUBLE:
		vtl_print_double(out, v.d);
		break;
	case VTL_BIGINT:
	case VTL_DECIMAL:
	case VTL_STRING:
		buf_addsl(out, v.s);
		break;
	case VTL_LIST:
		print_list(out, v.list, depth + 1);
		break;
	case VTL_MAP:
		print_map(out, v.map, depth + 1);
		break;
	case VTL_ENTRY:
		print_at(out, v.entry->key, depth + 1);
		vtl_addc(out, '=');
		print_at(out, v.entry->value, depth + 1);
		break;
	case VTL_SCOPE:
		if (v.scope->map)
			print_map(out, v.scope->map, depth + 1);
		else
			buf_adds(out, "{}");
		break;
	case VTL_CLASS:
		buf_addf(out, "class %.*s", SL(v.s));
		break;
	case VTL_ITER:
	case VTL_BLOCK:
	case VTL_INPUT:
	case VTL_UTIL:
		buf_adds(out, vtl_class_name(v));
		break;
	}
}

void vtl_print(struct buf *out, struct vtl_value v)
{
	print_at(out, v, 0);
}

struct slice vtl_text(struct arena *a, struct vtl_value v)
{
	struct buf b;
	struct slice s;
	if (v.type == VTL_STRING)
		return v.s;
	buf_init(&b, VTL_OUTPUT_MAX);
	vtl_print(&b, v);
	s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

const char *vtl_class_name(struct vtl_value v)
{
	switch (v.type) {
	case VTL_BOOL:
		return "java.lang.Boolean";
	case VTL_INT:
		return "java.lang.Integer";
	case VTL_LONG:
		return "java.lang.Long";
	case VTL_BIGINT:
		return "java.math.BigInteger";
	case VTL_DOUBLE:
		return "java.lang.Double";
	case VTL_DECIMAL:
		return "java.math.BigDecimal";
	case VTL_STRING:
		return "java.lang.String";
	case VTL_LIST:
		return v.list->kind == VTL_JSON_LIST ? "net.minidev.json.JSONArray" :
		       v.list->kind == VTL_FIXED     ? "[Ljava.lang.String;" :
						       "java.util.ArrayList";
	case VTL_MAP:
		return "java.util.LinkedHashMap";
	case VTL_ENTRY:
		return "java.util.LinkedHashMap$Entry";
	case VTL_ITER:
		return "java.util.ArrayList$Itr";
	case VTL_SCOPE:
		return "org.apache.velocity.runtime.directive.ForeachScope";
	case VTL_CLASS:
		return "java.lang.Class";
	case VTL_NULL:
	case VTL_BLOCK:
	case VTL_INPUT:
	case VTL_UTIL:
		break;
	}
	return "java.lang.Object";
}
