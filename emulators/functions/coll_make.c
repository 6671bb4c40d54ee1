/* Arrays, maps and structs made; what is in them. */
#include "functions/coll.h"

static int wrong_number(struct sp_resolve *x, const char *wanted)
{
	return sp_fail(x->err, SP_E_ANALYSIS, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605",
		       "The `%s` requires %s parameters but the actual number is %zu. Please, refer to "
		       "'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix.",
		       x->e->fn->name, wanted, x->e->arg_n);
}

static bool any_null(const struct sp_resolve *x, size_t from, size_t step)
{
	for (size_t i = from; i < x->e->arg_n; i += step)
		if (x->e->args[i]->nullable)
			return true;
	return false;
}

/* ---- array, map, named_struct ---- */

static int list_of(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	struct sp_list *l = sp_list_new(c->run->batch, c->e->arg_n);
	if (l->n)
		memcpy(l->items, v, l->n * sizeof(*v));
	out->list = l;
	return 0;
}

static const struct sp_type *array_type(struct sp_resolve *x)
{
	const struct sp_type *t = sp_coll_common(x, 0, 1);
	return t ? sp_array(x->arena, t, any_null(x, 0, 1)) : NULL;
}

static int map(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	struct sp_coll_map m = { .c = c, .key = c->e->type->key };
	for (size_t i = 0; i + 1 < c->e->arg_n; i += 2)
		if (sp_coll_map_put(&m, &v[i], &v[i + 1]))
			return 1;
	*out = sp_coll_map_done(&m);
	return 0;
}

static const struct sp_type *map_type(struct sp_resolve *x)
{
	const struct sp_type *k, *v;
	if (x->e->arg_n % 2 && wrong_number(x, "2n (n > 0)"))
		return NULL;
	k = sp_coll_common(x, 0, 2);
	v = k ? sp_coll_common(x, 1, 2) : NULL;
	return v && sp_coll_key(x, k) ? sp_map(x->arena, k, v, any_null(x, 1, 2)) : NULL;
}

static int named_struct(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	struct sp_list *l = sp_list_new(c->run->batch, c->e->arg_n / 2);
	for (size_t i = 0; i < l->n; i++)
		l->items[i] = v[2 * i + 1];
	out->list = l;
	return 0;
}

static const struct sp_type *named_struct_type(struct sp_resolve *x)
{
	size_t n = x->e->arg_n / 2;
	struct sp_field *fields = arena_alloc(x->arena, (n + 1) * sizeof(*fields));
	struct buf wrong = { 0 };
	if ((x->e->arg_n % 2 || !n) && wrong_number(x, "2n (n > 0)"))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct sp_expr *name = x->e->args[2 * i];
		struct sp_value v = { 0 };
		if (name->type->kind != SP_STRING || !name->foldable)
			buf_addf(&wrong, "%s\"%.*s\"", wrong.n ? ", " : "", SL(sp_resolve_shown(x, 2 * i)));
		else if (sp_resolve_const(x, 2 * i, &v))
			return NULL;
		fields[i] = (struct sp_field){ .name = v.null || !v.s.p ? S("") : v.s, .type = x->e->args[2 * i + 1]->type,
					       .nullable = x->e->args[2 * i + 1]->nullable };
	}
	if (wrong.n) {
		(void)sp_resolve_mismatch(x, "CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING",
					  "Only foldable `STRING` expressions are allowed to appear at odd position, but they are [%.*s].",
					  SL(buf_slice(&wrong)));
		buf_free(&wrong);
		return NULL;
	}
	return sp_struct(x->arena, fields, n);
}

/* ---- maps of arrays, entries, maps ---- */

static int map_from_arrays(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	struct sp_coll_map m = { .c = c, .key = c->e->type->key };
	if (v[0].list->n != v[1].list->n)
		return sp_fn_fail(c, "", "", "org.apache.spark.SparkRuntimeException",
				  "The key array and value array of MapData must have the same length.");
	for (size_t i = 0; i < v[0].list->n; i++)
		if (sp_coll_map_put(&m, &v[0].list->items[i], &v[1].list->items[i]))
			return 1;
	*out = sp_coll_map_done(&m);
	return 0;
}

static const struct sp_type *map_from_arrays_type(struct sp_resolve *x)
{
	const struct sp_type *k = x->e->args[0]->type, *v = x->e->args[1]->type;
	return sp_coll_key(x, k->item) ? sp_map(x->arena, k->item, v->item, v->item_null) : NULL;
}

static int map_from_entries(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	struct sp_coll_map m = { .c = c, .key = c->e->type->key };
	for (size_t i = 0; i < v[0].list->n; i++)
		if (v[0].list->items[i].null) {
			out->null = true;
			return 0;
		}
	for (size_t i = 0; i < v[0].list->n; i++) {
		const struct sp_list *entry = v[0].list->items[i].list;
		if (sp_coll_map_put(&m, &entry->items[0], &entry->items[1]))
			return 1;
	}
	*out = sp_coll_map_done(&m);
	return 0;
}

static const struct sp_type *map_from_entries_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type, *s = t->kind == SP_ARRAY ? t->item : NULL;
	if (!s || s->kind != SP_STRUCT || s->field_n != 2)
		return sp_bad_type(x, 0, "\"ARRAY\" of pair \"STRUCT\"");
	x->e->nullable |= t->item_null;
	return sp_coll_key(x, s->fields[0].type) ? sp_map(x->arena, s->fields[0].type, s->fields[1].type, s->fields[1].nullable) : NULL;
}

static int map_concat(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	struct sp_coll_map m = { .c = c, .key = c->e->type->key };
	for (size_t i = 0; i < c->e->arg_n; i++)
		for (size_t k = 0; k < v[i].list->n; k += 2)
			if (sp_coll_map_put(&m, &v[i].list->items[k], &v[i].list->items[k + 1]))
				return 1;
	*out = sp_coll_map_done(&m);
	return 0;
}

static const struct sp_type *map_concat_type(struct sp_resolve *x)
{
	bool maps = true;
	struct buf b = { 0 };
	if (!x->e->arg_n)
		return sp_map(x->arena, &sp_types[SP_STRING], &sp_types[SP_STRING], true);
	for (size_t i = 0; i < x->e->arg_n; i++) {
		maps &= x->e->args[i]->type->kind == SP_MAP;
		buf_adds(&b, i ? ", \"" : "\"");
		sp_type_sql(&b, x->e->args[i]->type);
		buf_addc(&b, '"');
	}
	if (!maps)
		(void)sp_resolve_mismatch(x, "MAP_CONCAT_DIFF_TYPES", "The `map_concat` should all be of type map, but it's [%.*s].",
					  SL(buf_slice(&b)));
	buf_free(&b);
	return maps ? sp_coll_common(x, 0, 1) : NULL;
}

/* ---- what is in a map ---- */

static int map_part(struct sp_call *c, const struct sp_value *v, struct sp_value *out, size_t first)
{
	const struct sp_list *from = v[0].list;
	struct sp_list *l = sp_list_new(c->run->batch, from->n / 2);
	for (size_t i = 0; i < l->n; i++)
		l->items[i] = from->items[2 * i + first];
	out->list = l;
	return 0;
}

static int map_keys(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return map_part(c, v, out, 0);
}

static int map_values(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return map_part(c, v, out, 1);
}

static int map_entries(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *from = v[0].list;
	struct sp_list *l = sp_list_new(c->run->batch, from->n / 2);
	for (size_t i = 0; i < l->n; i++) {
		struct sp_list *entry = sp_list_new(c->run->batch, 2);
		memcpy(entry->items, &from->items[2 * i], 2 * sizeof(*entry->items));
		l->items[i] = (struct sp_value){ .list = entry };
	}
	out->list = l;
	return 0;
}

static const struct sp_type *keys_type(struct sp_resolve *x)
{
	return sp_array(x->arena, x->e->args[0]->type->key, true); /* as Spark says, though no key is NULL */
}

static const struct sp_type *values_type(struct sp_resolve *x)
{
	return sp_array(x->arena, x->e->args[0]->type->item, x->e->args[0]->type->item_null);
}

static const struct sp_type *entries_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	const struct sp_field fields[] = { { .name = S("key"), .type = t->key }, { .name = S("value"), .type = t->item, .nullable = t->item_null } };
	return sp_array(x->arena, sp_struct(x->arena, fields, 2), false);
}

static int map_contains_key(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->i = sp_coll_find(c->e->args[0]->type, v[0].list, &v[1]) != NULL;
	return 0;
}

static const struct sp_type *map_contains_key_type(struct sp_resolve *x)
{
	if (x->e->args[1]->type->kind == SP_VOID) {
		(void)sp_resolve_mismatch(x, "NULL_TYPE", "Null typed values cannot be used as arguments of `%s`.", x->e->fn->name);
		return NULL;
	}
	return sp_coll_pair(x, SP_MAP, 0, 1, false) ? &sp_types[SP_BOOLEAN] : NULL;
}

/* ---- size ---- */

static int size(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	if (v[0].null) {
		out->i = -1;
		out->null = !c->e->given;
		return 0;
	}
	out->i = (int64_t)(v[0].list->n / (c->e->args[0]->type->kind == SP_MAP ? 2 : 1));
	return 0;
}

static const struct sp_type *size_type(struct sp_resolve *x)
{
	struct slice v = x->cx->conf ? x->cx->conf(x->cx->self, "spark.sql.legacy.sizeOfNull") : sl(NULL);
	static char legacy;
	if (!x->cx->ansi && !sl_eq_nocase(v, S("false"))) {
		x->e->given = &legacy; /* NULL has the size -1 */
		x->e->nullable = false;
	} else {
		x->e->nullable = x->e->args[0]->nullable;
	}
	return &sp_types[SP_INT];
}

#define G .group = "collection_funcs"
#define MADE .flags = SP_F_NULLS | SP_F_NEVER_NULL
const struct sp_function sp_coll_makes[] = {
	{ "array", "any*", NULL, .row = list_of, .resolve = array_type, MADE, .group = "array_funcs", .doc = "array(a, b, ...): an array of them" },
	{ "map", "any*", NULL, .row = map, .resolve = map_type, MADE, .group = "map_funcs", .doc = "map(key, value, ...): a map of them" },
	{ "named_struct", "any*", NULL, .row = named_struct, .resolve = named_struct_type, MADE, .group = "struct_funcs",
	  .doc = "named_struct('name', value, ...): a struct of them" },
	{ "map_from_arrays", "[K] [V]", NULL, .row = map_from_arrays, .resolve = map_from_arrays_type, .group = "map_funcs",
	  .doc = "map_from_arrays(keys, values): a map of two arrays" },
	{ "map_from_entries", "any", NULL, .row = map_from_entries, .resolve = map_from_entries_type, .group = "map_funcs",
	  .doc = "map_from_entries(array of pairs): a map of them" },
	{ "map_concat", "any*", NULL, .row = map_concat, .resolve = map_concat_type, .group = "map_funcs",
	  .doc = "map_concat(a, b, ...): one map of all their entries" },
	{ "map_keys", "{K:V}", NULL, .row = map_keys, .resolve = keys_type, .group = "map_funcs", .doc = "map_keys(map): its keys" },
	{ "map_values", "{K:V}", NULL, .row = map_values, .resolve = values_type, .group = "map_funcs", .doc = "map_values(map): its values" },
	{ "map_entries", "{K:V}", NULL, .row = map_entries, .resolve = entries_type, .group = "map_funcs", .doc = "map_entries(map): its entries" },
	{ "map_contains_key", "any any", NULL, .row = map_contains_key, .resolve = map_contains_key_type, .group = "map_funcs",
	  .doc = "map_contains_key(map, key): whether it is there" },
	{ "size", "[T]|{K:V}", NULL, .row = size, .resolve = size_type, .flags = SP_F_NULLS, G, .doc = "size(array or map): elements; -1 of NULL" },
	{ "cardinality", "[T]|{K:V}", NULL, .row = size, .resolve = size_type, .flags = SP_F_NULLS | SP_F_ALIAS, G,
	  .doc = "cardinality(array or map): elements; -1 of NULL" },
	{ "array_size", "[T]", "int", .row = size, .group = "array_funcs", .doc = "array_size(array): elements" },
	{ 0 },
};
