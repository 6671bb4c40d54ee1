#include "spark/value.h"

#include <math.h>

struct sp_list *sp_list_new(struct arena *a, size_t n)
{
	struct sp_list *l = arena_alloc(a, sizeof(*l) + n * sizeof(l->items[0]));
	l->n = n;
	for (size_t i = 0; i < n; i++)
		l->items[i].null = true;
	return l;
}

/* The type of item i of a list of this type. */
static const struct sp_type *item_type(const struct sp_type *t, size_t i)
{
	if (t->kind == SP_STRUCT)
		return t->fields[i].type;
	return t->kind == SP_MAP && i % 2 == 0 ? t->key : t->item;
}

size_t sp_value_bytes(const struct sp_type *t, const struct sp_value *v, size_t most)
{
	size_t all = sizeof(*v);
	if (v->null)
		return all;
	if (t->kind == SP_STRING || t->kind == SP_BINARY)
		return all + v->s.n;
	if (!sp_is_nested(t))
		return all;
	for (size_t i = 0; i < v->list->n && all <= most; i++)
		all += sp_value_bytes(item_type(t, i), &v->list->items[i], most - all);
	return all;
}

struct sp_value sp_value_dup(struct arena *a, const struct sp_type *t, struct sp_value v)
{
	if (v.null)
		return v;
	if (t->kind == SP_STRING || t->kind == SP_BINARY) {
		v.s = v.s.n ? arena_dup(a, v.s) : S("");
	} else if (sp_is_nested(t)) {
		struct sp_list *own = sp_list_new(a, v.list->n);
		for (size_t i = 0; i < v.list->n; i++)
			own->items[i] = sp_value_dup(a, item_type(t, i), v.list->items[i]);
		v.list = own;
	}
	return v;
}

/* ---- order ---- */

static int compare_doubles(double x, double y)
{
	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y);
	return (x > y) - (x < y);
}

static int compare_lists(const struct sp_type *t, const struct sp_list *x, const struct sp_list *y)
{
	size_t n = x->n < y->n ? x->n : y->n;
	for (size_t i = 0; i < n; i++) {
		int c = sp_compare(item_type(t, i), &x->items[i], &y->items[i]);
		if (c)
			return c;
	}
	return (x->n > y->n) - (x->n < y->n);
}

int sp_compare(const struct sp_type *t, const struct sp_value *x, const struct sp_value *y)
{
	if (x->null || y->null)
		return y->null - x->null;
	switch (t->kind) {
	case SP_VOID:
		return 0;
	case SP_FLOAT:
	case SP_DOUBLE:
		return compare_doubles(x->d, y->d);
	case SP_DECIMAL: {
		__int128 a = sp_wide(x->x), b = sp_wide(y->x);
		return (a > b) - (a < b);
	}
	case SP_STRING:
	case SP_BINARY:
		return sl_cmp(x->s, y->s);
	case SP_INTERVAL: {
		int c = (x->c.months > y->c.months) - (x->c.months < y->c.months);
		c = c ? c : (x->c.days > y->c.days) - (x->c.days < y->c.days);
		return c ? c : (x->c.us > y->c.us) - (x->c.us < y->c.us);
	}
	case SP_ARRAY:
	case SP_MAP:
	case SP_STRUCT:
		return compare_lists(t, x->list, y->list);
	default:
		return (x->i > y->i) - (x->i < y->i);
	}
}

/* ---- hashes ---- */

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

static uint64_t hash_bytes(struct slice s)
{
	uint64_t h = s.n * UINT64_C(0x9e3779b97f4a7c15), w;
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		memcpy(&w, s.p + i, 8);
		h = mix(h ^ w);
	}
	w = 0;
	if (i < s.n)
		memcpy(&w, s.p + i, s.n - i);
	return mix(h ^ w);
}

static uint64_t hash_double(double d)
{
	uint64_t w;
	if (isnan(d))
		return UINT64_C(0x7ff8000000000000);
	d = d == 0 ? 0 : d;
	memcpy(&w, &d, 8);
	return mix(w);
}

uint64_t sp_hash(const struct sp_type *t, const struct sp_value *v)
{
	uint64_t h = 0;
	if (v->null || t->kind == SP_VOID)
		return UINT64_C(0x5bd1e995);
	switch (t->kind) {
	case SP_FLOAT:
	case SP_DOUBLE:
		return hash_double(v->d);
	case SP_DECIMAL:
		return mix(v->x.lo ^ mix((uint64_t)v->x.hi));
	case SP_STRING:
	case SP_BINARY:
		return hash_bytes(v->s);
	case SP_INTERVAL:
		return mix((uint64_t)v->c.us ^ mix((uint64_t)(uint32_t)v->c.months << 32 | (uint32_t)v->c.days));
	case SP_ARRAY:
	case SP_MAP:
	case SP_STRUCT:
		for (size_t i = 0; i < v->list->n; i++)
			h = mix(h * 31 + sp_hash(item_type(t, i), &v->list->items[i]));
		return h;
	default:
		return mix((uint64_t)v->i);
	}
}
