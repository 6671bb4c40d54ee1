/* Functions that take functions, over maps. */
#include "functions/lambdas.h"

/* Keys and values of all maps of a vector, one after another. */
struct entries {
	size_t n;
	uint32_t *rows;
	struct sp_out keys, values;
};

static const struct sp_list *list_at(const struct sp_vec *v, size_t r)
{
	return sp_null_at(v, r) ? NULL : v->list[sp_at(v, r)];
}

static void entries_of(struct sp_call *c, const struct sp_vec *v, size_t n, struct entries *x)
{
	*x = (struct entries){ 0 };
	for (size_t r = 0; r < n; r++)
		x->n += list_at(v, r) ? list_at(v, r)->n / 2 : 0;
	x->rows = arena_alloc(c->run->batch, (x->n + 1) * sizeof(*x->rows));
	sp_out_make(&x->keys, c->run->batch, v->type->key, x->n);
	sp_out_make(&x->values, c->run->batch, v->type->item, x->n);
	for (size_t r = 0, at = 0; r < n; r++) {
		const struct sp_list *l = list_at(v, r);
		for (size_t i = 0; l && i + 1 < l->n; i += 2, at++) {
			x->rows[at] = (uint32_t)r;
			sp_out_put(&x->keys, at, &l->items[i]);
			sp_out_put(&x->values, at, &l->items[i + 1]);
		}
	}
}

static int over_entries(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_out *made)
{
	struct entries x;
	struct sp_vec params[2];
	entries_of(c, &args[0], n, &x);
	params[0] = x.keys.v;
	params[1] = x.values.v;
	return sp_lambda_over(c, c->e->args[1], x.rows, x.n, params, 2, made);
}

enum what { KEEP, KEYS, VALUES };

/* Each map anew: entries for which the lambda is true, or with what it gave for a key or a value. */
static int each(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out, enum what what)
{
	struct sp_out made, o;
	if (over_entries(c, args, n, &made))
		return 1;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0, at = 0; r < n; r++) {
		const struct sp_list *l = list_at(&args[0], r);
		struct sp_coll_map m = { .c = c, .key = c->e->type->key };
		struct sp_value v = SP_NULL_VALUE;
		for (size_t i = 0; l && i + 1 < l->n; i += 2, at++) {
			struct sp_value x = sp_get(&made.v, at);
			if (what == KEEP && (x.null || !x.i))
				continue;
			if (sp_coll_map_put(&m, what == KEYS ? &x : &l->items[i], what == VALUES ? &x : &l->items[i + 1]))
				return 1;
		}
		if (l)
			v = sp_coll_map_done(&m);
		sp_out_put(&o, r, &v);
	}
	*out = o.v;
	return 0;
}

static int map_filter(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return each(c, args, n, out, KEEP);
}

static int transform_keys(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return each(c, args, n, out, KEYS);
}

static int transform_values(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return each(c, args, n, out, VALUES);
}

static const struct sp_type *map_filter_type(struct sp_resolve *x)
{
	enum sp_kind k = x->e->args[1]->type->kind;
	return k == SP_BOOLEAN || k == SP_VOID ? x->e->args[0]->type : sp_bad_type(x, 1, "\"BOOLEAN\"");
}

static const struct sp_type *keys_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type, *k = x->e->args[1]->type;
	return sp_coll_key(x, k) ? sp_map(x->arena, k, t->item, t->item_null) : NULL;
}

static const struct sp_type *values_type(struct sp_resolve *x)
{
	return sp_map(x->arena, x->e->args[0]->type->key, x->e->args[1]->type, x->e->args[1]->nullable);
}

/* ---- map_zip_with ---- */

/* The keys of both maps: those of the first, then those of the second alone. */
static struct sp_list *keys_of_both(struct sp_call *c, const struct sp_type *t, const struct sp_list *a, const struct sp_list *b)
{
	struct sp_list *keys = sp_list_new(c->run->batch, (a->n + b->n) / 2);
	size_t n = 0;
	for (size_t i = 0; i + 1 < a->n; i += 2)
		keys->items[n++] = a->items[i];
	for (size_t i = 0; i + 1 < b->n; i += 2)
		if (!sp_coll_find(t, a, &b->items[i]))
			keys->items[n++] = b->items[i];
	keys->n = n;
	return keys;
}

static int map_zip_with(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_list **keys = arena_alloc(c->run->batch, (n + 1) * sizeof(struct sp_list *));
	struct sp_out param[3], made, o;
	struct sp_vec params[3];
	uint32_t *rows;
	size_t total = 0, at = 0;
	for (size_t r = 0; r < n; r++) {
		const struct sp_list *a = list_at(&args[0], r), *b = list_at(&args[1], r);
		keys[r] = a && b ? keys_of_both(c, args[0].type, a, b) : NULL;
		total += keys[r] ? keys[r]->n : 0;
	}
	rows = arena_alloc(c->run->batch, (total + 1) * sizeof(*rows));
	sp_out_make(&param[0], c->run->batch, args[0].type->key, total);
	sp_out_make(&param[1], c->run->batch, args[0].type->item, total);
	sp_out_make(&param[2], c->run->batch, args[1].type->item, total);
	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; keys[r] && i < keys[r]->n; i++, at++) {
			rows[at] = (uint32_t)r;
			sp_out_put(&param[0], at, &keys[r]->items[i]);
			for (int k = 0; k < 2; k++) {
				const struct sp_value *v = sp_coll_find(args[k].type, list_at(&args[k], r), &keys[r]->items[i]), null = SP_NULL_VALUE;
				sp_out_put(&param[k + 1], at, v ? v : &null);
			}
		}
	for (int k = 0; k < 3; k++)
		params[k] = param[k].v;
	if (sp_lambda_over(c, c->e->args[2], rows, total, params, 3, &made))
		return 1;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	at = 0;
	for (size_t r = 0; r < n; r++) {
		struct sp_value v = SP_NULL_VALUE;
		if (keys[r]) {
			struct sp_list *to = sp_list_new(c->run->batch, keys[r]->n * 2);
			for (size_t i = 0; i < keys[r]->n; i++) {
				to->items[2 * i] = keys[r]->items[i];
				to->items[2 * i + 1] = sp_get(&made.v, at++);
			}
			v = (struct sp_value){ .list = to };
		}
		sp_out_put(&o, r, &v);
	}
	*out = o.v;
	return 0;
}

static const struct sp_type *map_zip_with_type(struct sp_resolve *x)
{
	return sp_map(x->arena, x->e->args[0]->type->key, x->e->args[2]->type, x->e->args[2]->nullable);
}

/* ---- parameters ---- */

static int key_and_value(struct sp_resolve *x, size_t i, const struct sp_type **types, bool *nullable)
{
	const struct sp_type *t = x->e->args[0]->type;
	types[0] = t->key;
	types[1] = t->item;
	nullable[1] = t->item_null;
	return 2;
}

static int key_and_values(struct sp_resolve *x, size_t i, const struct sp_type **types, bool *nullable)
{
	const struct sp_type *a = x->e->args[0]->type, *b = x->e->args[1]->type;
	if (!sp_type_eq(a->key, b->key)) { /* keys of two kinds: the wider one */
		struct sp_expr e = *x->e, k[2] = { { .op = SP_CONST, .value = { .null = true } }, { .op = SP_CONST, .value = { .null = true } } };
		struct sp_expr *two[2] = { &k[0], &k[1] };
		struct sp_resolve y = *x;
		const struct sp_type *t;
		k[0].type = a->key;
		k[1].type = b->key;
		e.args = two;
		e.arg_n = 2;
		y.e = &e;
		t = sp_resolve_common(&y, 0, 2);
		if (!t || sp_resolve_cast(x, 0, sp_map(x->arena, t, a->item, a->item_null)) ||
		    sp_resolve_cast(x, 1, sp_map(x->arena, t, b->item, b->item_null)))
			return 0;
	}
	types[0] = x->e->args[0]->type->key;
	types[1] = x->e->args[0]->type->item;
	types[2] = x->e->args[1]->type->item;
	nullable[1] = nullable[2] = true;
	return 3;
}

#define G .group = "lambda_funcs"
const struct sp_function sp_lambdas_map[] = {
	{ "map_filter", "{K:V} f2", NULL, .vec = map_filter, .resolve = map_filter_type, .lambda = key_and_value, G,
	  .doc = "map_filter(map, (k, v) -> ...): the entries for which it is true" },
	{ "transform_keys", "{K:V} f2", NULL, .vec = transform_keys, .resolve = keys_type, .lambda = key_and_value, G,
	  .doc = "transform_keys(map, (k, v) -> ...): what becomes of each key" },
	{ "transform_values", "{K:V} f2", NULL, .vec = transform_values, .resolve = values_type, .lambda = key_and_value, G,
	  .doc = "transform_values(map, (k, v) -> ...): what becomes of each value" },
	{ "map_zip_with", "{K:V} {J:W} f3", NULL, .vec = map_zip_with, .resolve = map_zip_with_type, .lambda = key_and_values, G,
	  .doc = "map_zip_with(a, b, (k, v, w) -> ...): what becomes of the values that two maps have for a key" },
	{ 0 },
};
