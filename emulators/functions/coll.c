#include "functions/coll.h"

#include <math.h>

#include "spark/print.h"

enum { ARRAY_MAX = 2147483632, OURS_MAX = 1 << 26 };

struct sp_list *sp_coll_list(struct sp_call *c, int64_t n)
{
	if (n > ARRAY_MAX) {
		(void)sp_fn_fail(c, "", "", "org.apache.spark.SparkRuntimeException",
				 "Unsuccessful try to create array with %lld elements due to exceeding the array size limit %d.", (long long)n,
				 (int)ARRAY_MAX);
		return NULL;
	}
	if (n > OURS_MAX) {
		(void)sp_fail(&c->run->err, SP_E_LIMIT, "", "", "An array of %lld elements is more than the %d that one may have here.",
			      (long long)n, (int)OURS_MAX);
		return NULL;
	}
	if (n > 1024) { /* before the memory is taken */
		ssize_t bytes = (ssize_t)n * (ssize_t)sizeof(struct sp_value);
		if (sp_run_hold(c->run, bytes))
			return NULL;
		(void)sp_run_hold(c->run, -bytes);
	}
	return sp_list_new(c->run->batch, (size_t)n);
}

bool sp_coll_same(const struct sp_type *t, const struct sp_value *x, const struct sp_value *y)
{
	if (sp_compare(t, x, y))
		return false;
	return !sp_is_fractional(t) || x->null || x->d != 0 || signbit(x->d) == signbit(y->d);
}

/* ---- sets ---- */

static const struct sp_value **slot_of(const struct sp_coll_set *s, const struct sp_value *v)
{
	size_t at = (size_t)sp_hash(s->t, v) & (s->cap - 1);
	while (s->slots[at] && !sp_coll_same(s->t, s->slots[at], v))
		at = (at + 1) & (s->cap - 1);
	return &s->slots[at];
}

bool sp_coll_has(const struct sp_coll_set *s, const struct sp_value *v)
{
	if (v->null)
		return s->null;
	return s->cap && *slot_of(s, v);
}

bool sp_coll_add(struct sp_coll_set *s, const struct sp_value *v)
{
	const struct sp_value **slot;
	if (v->null) {
		bool was = s->null;
		s->null = true;
		return !was;
	}
	if (s->n * 2 >= s->cap) {
		const struct sp_value **before = s->slots;
		size_t cap = s->cap;
		s->cap = cap ? cap * 2 : 16;
		s->slots = arena_alloc(s->c->run->batch, s->cap * sizeof(*s->slots));
		for (size_t i = 0; i < cap; i++)
			if (before[i])
				*slot_of(s, before[i]) = before[i];
	}
	slot = slot_of(s, v);
	if (*slot)
		return false;
	*slot = v;
	s->n++;
	return true;
}

/* ---- maps ---- */

static int duplicate(struct sp_call *c, const struct sp_type *t, const struct sp_value *key)
{
	struct buf b = { 0 };
	int rc;
	sp_print(&b, t, key, sp_zone_of(c));
	rc = sp_fn_fail(c, "DUPLICATED_MAP_KEY", "23505", "org.apache.spark.SparkRuntimeException",
			"Duplicate map key %.*s was found, please check the input data. If you want to remove the duplicated keys, you can set "
			"\"spark.sql.mapKeyDedupPolicy\" to \"LAST_WIN\" so that the key inserted at last takes precedence.",
			SL(buf_slice(&b)));
	buf_free(&b);
	return rc;
}

static void index_keys(struct sp_coll_map *m)
{
	m->slot_n = m->slot_n ? m->slot_n * 2 : 32;
	m->slots = arena_alloc(m->c->run->batch, m->slot_n * sizeof(*m->slots));
	for (size_t i = 0; i < m->list->n; i += 2) {
		size_t at = (size_t)sp_hash(m->key, &m->list->items[i]) & (m->slot_n - 1);
		while (m->slots[at])
			at = (at + 1) & (m->slot_n - 1);
		m->slots[at] = (uint32_t)i + 1;
	}
}

int sp_coll_map_put(struct sp_coll_map *m, const struct sp_value *key, const struct sp_value *value)
{
	struct arena *a = m->c->run->batch;
	size_t at;
	if (key->null)
		return sp_fn_fail(m->c, "NULL_MAP_KEY", "2200E", "org.apache.spark.SparkRuntimeException", "Cannot use null as map key.");
	if (!m->list || m->list->n + 2 > m->cap) {
		struct sp_list *more;
		size_t n = m->list ? m->list->n : 0;
		m->cap = m->cap ? m->cap * 2 : 8;
		more = sp_list_new(a, m->cap);
		if (n)
			memcpy(more->items, m->list->items, n * sizeof(*more->items));
		more->n = n;
		m->list = more;
	}
	if (m->list->n >= m->slot_n)
		index_keys(m);
	at = (size_t)sp_hash(m->key, key) & (m->slot_n - 1);
	for (; m->slots[at]; at = (at + 1) & (m->slot_n - 1)) {
		size_t i = m->slots[at] - 1;
		if (sp_coll_same(m->key, &m->list->items[i], key)) {
			struct slice policy = m->c->run->cx->conf ? m->c->run->cx->conf(m->c->run->cx->self, "spark.sql.mapKeyDedupPolicy") : sl(NULL);
			if (!sl_eq_nocase(policy, S("LAST_WIN")))
				return duplicate(m->c, m->key, key);
			m->list->items[i + 1] = *value;
			return 0;
		}
	}
	m->slots[at] = (uint32_t)m->list->n + 1;
	m->list->items[m->list->n++] = *key;
	m->list->items[m->list->n++] = *value;
	return 0;
}

struct sp_value sp_coll_map_done(struct sp_coll_map *m)
{
	if (!m->list)
		m->list = sp_list_new(m->c->run->batch, 0);
	return (struct sp_value){ .list = m->list };
}

const struct sp_value *sp_coll_find(const struct sp_type *map, const struct sp_list *list, const struct sp_value *key)
{
	for (size_t i = 0; i + 1 < list->n; i += 2)
		if (sp_compare(map->key, &list->items[i], key) == 0)
			return &list->items[i + 1];
	return NULL;
}

/* ---- resolve ---- */

const struct sp_type *sp_coll_common(struct sp_resolve *x, size_t from, size_t step)
{
	struct sp_expr e = *x->e;
	struct sp_resolve y = *x;
	const struct sp_type *t;
	y.e = &e;
	e.arg_n = 0;
	e.args = arena_alloc(x->arena, (x->e->arg_n + 1) * sizeof(*e.args));
	for (size_t i = from; i < x->e->arg_n; i += step)
		e.args[e.arg_n++] = x->e->args[i];
	if (!e.arg_n)
		return &sp_types[SP_VOID];
	t = sp_resolve_common(&y, 0, e.arg_n);
	for (size_t i = from, k = 0; t && i < x->e->arg_n; i += step)
		x->e->args[i] = e.args[k++];
	return t;
}

static void sql_type(struct buf *b, const struct sp_type *t)
{
	buf_addc(b, '"');
	sp_type_sql(b, t);
	buf_addc(b, '"');
}

void sp_shown_as(struct sp_resolve *x, const char *name)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s(", name);
	for (size_t i = 0; i < x->e->arg_n; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", SL(sp_resolve_shown(x, i)));
	buf_addc(&b, ')');
	x->e->shown = arena_dup(x->arena, buf_slice(&b));
	buf_free(&b);
}

static const struct sp_type *no_pair(struct sp_resolve *x, enum sp_kind kind, const struct sp_type *a, const struct sp_type *v)
{
	bool tries = strcmp(x->e->fn->name, "try_element_at") == 0;
	const char *name = tries ? "element_at" : x->e->fn->name;
	struct buf b = { 0 };
	if (tries)
		sp_shown_as(x, name);
	sql_type(&b, a);
	buf_adds(&b, ", ");
	sql_type(&b, v);
	(void)sp_resolve_mismatch(x, kind == SP_MAP ? "MAP_FUNCTION_DIFF_TYPES" : "ARRAY_FUNCTION_DIFF_TYPES",
				  "Input to `%s` should have been \"%s\" followed by a value with same %s type, but it's [%.*s].", name,
				  kind == SP_MAP ? "MAP" : "ARRAY", kind == SP_MAP ? "key" : "element", SL(buf_slice(&b)));
	buf_free(&b);
	return NULL;
}

/* A decimal and an integral type meet in the decimal if it has room for all of the other's digits. */
static const struct sp_type *roomy(const struct sp_type *decimal, const struct sp_type *whole)
{
	static const uint8_t digits[] = { [SP_TINYINT] = 3, [SP_SMALLINT] = 5, [SP_INT] = 10, [SP_BIGINT] = 20 };
	return sp_is_integral(whole) && decimal->precision - decimal->scale >= digits[whole->kind] ? decimal : NULL;
}

/* By way of two arguments of the bare types: what coercion makes common of them is it. */
static const struct sp_type *meeting(struct sp_resolve *x, const struct sp_type *item, struct sp_expr *value)
{
	struct sp_expr e = *x->e, *two[2], element = { .op = SP_CONST, .type = item, .nullable = true, .value = { .null = true } };
	struct sp_resolve y = *x;
	struct sp_error err = { 0 };
	const struct sp_type *t;
	two[0] = &element;
	two[1] = value;
	e.args = two;
	e.arg_n = 2;
	y.e = &e;
	y.err = &err;
	t = sp_resolve_common(&y, 0, 2);
	sp_error_free(&err);
	return t;
}

const struct sp_type *sp_coll_pair(struct sp_resolve *x, enum sp_kind kind, size_t a, size_t v, bool wide)
{
	const struct sp_type *at = x->e->args[a]->type, *vt = x->e->args[v]->type, *item, *t;
	if (at->kind != kind)
		return no_pair(x, kind, at, vt);
	item = kind == SP_MAP ? at->key : at->item;
	if (item->kind == SP_VOID || vt->kind == SP_VOID)
		t = item->kind == SP_VOID ? vt : item;
	else if ((item->kind == SP_STRING) != (vt->kind == SP_STRING))
		t = NULL;
	else if (!wide && (item->kind == SP_DECIMAL || vt->kind == SP_DECIMAL) && !sp_type_eq(item, vt))
		t = item->kind == SP_DECIMAL ? roomy(item, vt) : roomy(vt, item);
	else
		t = meeting(x, item, x->e->args[v]);
	if (!t)
		return no_pair(x, kind, at, vt);
	if (!sp_type_eq(item, t) &&
	    sp_resolve_cast(x, a, kind == SP_MAP ? sp_map(x->arena, t, at->item, at->item_null) : sp_array(x->arena, t, at->item_null)))
		return NULL;
	return sp_resolve_cast(x, v, t) ? NULL : t;
}

const struct sp_type *sp_coll_key(struct sp_resolve *x, const struct sp_type *key)
{
	struct buf b = { 0 };
	if (!sp_type_has(key, SP_MAP))
		return key;
	sql_type(&b, key);
	(void)sp_resolve_mismatch(x, "INVALID_MAP_KEY_TYPE", "The key of map cannot be/contain %.*s.", SL(buf_slice(&b)));
	buf_free(&b);
	return NULL;
}

int sp_coll_zero_index(struct sp_call *c, bool placed)
{
	(void)sp_fn_fail(c, "INVALID_INDEX_OF_ZERO", "22003", "org.apache.spark.SparkRuntimeException",
			 "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).");
	if (placed)
		sp_fail_at(&c->run->err, c->e->from, c->e->to);
	return 1;
}
