/* Values: lists, maps, equality, hash codes and text as Java has them. */
#include <math.h>

#include "velocity/value.h"

_Thread_local size_t vtl_left = SIZE_MAX;

int vtl_find(struct java_regex *x, struct slice s, size_t from)
{
	size_t before = x->cost;
	int found;
	x->most = 1 + vtl_left / 4; /* 40 ns each, at most */
	found = java_regex_find(x, s, from);
	(void)vtl_spend(x->cut ? vtl_left : (x->cost - before) / 16);
	return found;
}

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

void vtl_list_add(struct vtl_list *l, struct vtl_value v)
{
	ARENA_GROW(l->arena, l->v, l->n, l->cap);
	l->v[l->n++] = v;
}

void vtl_list_insert(struct vtl_list *l, size_t at, struct vtl_value v)
{
	ARENA_GROW(l->arena, l->v, l->n, l->cap);
	memmove(l->v + at + 1, l->v + at, (l->n - at) * sizeof(v));
	l->v[at] = v;
	l->n++;
}

void vtl_list_remove(struct vtl_list *l, size_t at)
{
	memmove(l->v + at, l->v + at + 1, (l->n - at - 1) * sizeof(*l->v));
	l->n--;
	l->dropped++;
}

/* ---- maps ---- */

enum { MAP_LINEAR = 8 };

static uint32_t key_hash(struct vtl_value k)
{
	return k.type == VTL_STRING ? hset_hash(k.s) : (uint32_t)vtl_hash(k);
}

struct vtl_map *vtl_map_new(struct arena *a)
{
	struct vtl_map *m = arena_alloc(a, sizeof(*m));
	m->arena = a;
	return m;
}

static void index_build(struct vtl_map *m)
{
	(void)vtl_spend(m->n);
	if (!m->index) {
		m->index = arena_alloc(m->arena, sizeof(*m->index));
		m->index->arena = m->arena;
	}
	hset_clear(m->index);
	for (size_t i = 0; i < m->n; i++)
		hset_add(m->index, key_hash(m->v[i]->key), (uint32_t)i);
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
		return e->key.type == VTL_STRING && sl_eq(e->key.s, key->s);
	return vtl_equals(e->key, *key);
}

/* Position of a key, or n. */
static size_t map_position(const struct vtl_map *m, const struct vtl_value *key)
{
	uint32_t i;
	if (key->type == VTL_STRING && key->s.n > 64)
		(void)vtl_spend(key->s.n / 16);
	if (!m->index) {
		for (size_t k = 0; k < m->n; k++)
			if (key_is(m->v[k], key))
				return k;
		return m->n;
	}
	for (struct hset_walk w = hset_walk(m->index, key_hash(*key)); hset_next(&w, &i);)
		if (key_is(m->v[i], key))
			return i;
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
	ARENA_GROW(m->arena, m->v, m->n, m->cap);
	struct vtl_entry *e = m->spare_n ? &m->spare[--m->spare_n] : arena_alloc(m->arena, sizeof(*e));
	*e = (struct vtl_entry){ key, value };
	m->v[m->n++] = e;
	if (m->index)
		hset_add(m->index, key_hash(key), (uint32_t)m->n - 1);
	else if (m->n > MAP_LINEAR)
		index_build(m);
}

bool vtl_map_remove(struct vtl_map *m, struct vtl_value key, struct vtl_value *old)
{
	size_t i = map_position(m, &key);
	if (i == m->n)
		return false;
	*old = m->v[i]->value;
	m->n--;
	m->dropped++;
	memmove(m->v + i, m->v + i + 1, (m->n - i) * sizeof(*m->v));
	if (m->index)
		index_build(m);
	return true;
}

void vtl_map_clear(struct vtl_map *m)
{
	m->dropped += m->n;
	m->n = 0;
	if (m->index)
		hset_clear(m->index);
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
	if (a.type != b.type || depth > COMPARE_DEPTH || --*left < 0 || !vtl_spend(1))
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
		if (a.s.n == b.s.n)
			(void)vtl_spend(a.s.n / 64);
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

static int32_t hash_at(struct vtl_value v, int depth, long *left)
{
	uint32_t h = 0;
	uint64_t bits = 0;
	if (depth > COMPARE_DEPTH || --*left < 0 || !vtl_spend(1))
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
		(void)vtl_spend(v.s.n / 8);
		return (int32_t)java_hash(v.s);
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
	if (depth > VTL_JSON_DEPTH_MAX * 2 || out->bad || !vtl_spend(1)) {
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
		buf_int(out, v.i);
		break;
	case VTL_DOUBLE:
		java_double(out, v.d);
		break;
	case VTL_BIGINT:
	case VTL_DECIMAL:
	case VTL_STRING:
		(void)vtl_spend(v.s.n / 64);
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
	struct buf b = { .max = VTL_STRING_MAX };
	struct slice s;
	if (v.type == VTL_STRING)
		return v.s;
	vtl_print(&b, v);
	s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

const char *vtl_class_name(struct vtl_value v)
{
	static const char *const names[VTL_TYPES] = {
		[VTL_BOOL] = "java.lang.Boolean", [VTL_INT] = "java.lang.Integer", [VTL_LONG] = "java.lang.Long",
		[VTL_BIGINT] = "java.math.BigInteger", [VTL_DOUBLE] = "java.lang.Double", [VTL_DECIMAL] = "java.math.BigDecimal",
		[VTL_STRING] = "java.lang.String", [VTL_LIST] = "java.util.ArrayList", [VTL_MAP] = "java.util.LinkedHashMap",
		[VTL_ENTRY] = "java.util.LinkedHashMap$Entry", [VTL_ITER] = "java.util.ArrayList$Itr",
		[VTL_SCOPE] = "org.apache.velocity.runtime.directive.ForeachScope", [VTL_CLASS] = "java.lang.Class",
	};
	if (v.type == VTL_LIST && v.list->kind != VTL_ARRAY_LIST)
		return v.list->kind == VTL_JSON_LIST ? "net.minidev.json.JSONArray" : "[Ljava.lang.String;";
	return names[v.type] ? names[v.type] : "java.lang.Object";
}
