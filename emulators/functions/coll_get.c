/* Elements by index, values by key, fields of structs. */
#include "functions/coll.h"

static int out_of_bounds(struct sp_call *c, int64_t index, size_t n, bool element_at)
{
	(void)sp_fn_fail(c, element_at ? "INVALID_ARRAY_INDEX_IN_ELEMENT_AT" : "INVALID_ARRAY_INDEX", "22003",
			 "org.apache.spark.SparkArrayIndexOutOfBoundsException",
			 "The index %lld is out of bounds. The array has %zu elements. Use %s to tolerate accessing element at invalid index and "
			 "return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.",
			 (long long)index, n, element_at ? "`try_element_at`" : "the SQL function `get()`");
	sp_fail_at(&c->run->err, c->e->from, c->e->to);
	return 1;
}

/* value[index]: from 0, or by key */
static int subscript(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_type *t = c->e->args[0]->type;
	const struct sp_list *l = v[0].list;
	if (t->kind == SP_MAP) {
		const struct sp_value *x = sp_coll_find(t, l, &v[1]);
		*out = x ? *x : SP_NULL_VALUE;
	} else if (v[1].i >= 0 && (uint64_t)v[1].i < l->n) {
		*out = l->items[v[1].i];
	} else if (c->run->cx->ansi) {
		return out_of_bounds(c, v[1].i, l->n, false);
	} else {
		out->null = true;
	}
	return 0;
}

static int get(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	*out = v[1].i >= 0 && (uint64_t)v[1].i < l->n ? l->items[v[1].i] : SP_NULL_VALUE;
	return 0;
}

/* .given: index of the field + 1. Of an array of structs an array of that field. */
static int field(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	size_t i = (size_t)(uintptr_t)c->e->given - 1;
	const struct sp_list *l = v[0].list;
	struct sp_list *made;
	if (c->e->args[0]->type->kind == SP_STRUCT) {
		*out = l->items[i];
		return 0;
	}
	made = sp_list_new(c->run->batch, l->n);
	for (size_t k = 0; k < l->n; k++)
		if (!l->items[k].null)
			made->items[k] = l->items[k].list->items[i];
	out->list = made;
	return 0;
}

/* From 1, or from the end by -1. */
static int at_index(struct sp_call *c, const struct sp_value *v, struct sp_value *out, bool raises)
{
	const struct sp_list *l = v[0].list;
	int64_t i = v[1].i;
	if (i == 0)
		return sp_coll_zero_index(c, c->run->cx->ansi);
	if ((i < 0 ? (uint64_t)-i : (uint64_t)i) > l->n) {
		out->null = true;
		return raises ? out_of_bounds(c, i, l->n, true) : 0;
	}
	*out = l->items[i > 0 ? (size_t)i - 1 : l->n - (size_t)-i];
	return 0;
}

static int element_at(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return c->e->args[0]->type->kind == SP_MAP ? subscript(c, v, out) : at_index(c, v, out, c->run->cx->ansi);
}

static int try_element_at(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return c->e->args[0]->type->kind == SP_MAP ? subscript(c, v, out) : at_index(c, v, out, false);
}

static const struct sp_type *element_at_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type, *i = x->e->args[1]->type;
	if (t->kind == SP_MAP)
		return sp_coll_pair(x, SP_MAP, 0, 1, false) ? t->item : NULL;
	if (t->kind != SP_ARRAY) {
		if (strncmp(x->e->fn->name, "try_", 4) == 0)
			sp_shown_as(x, "element_at");
		return sp_bad_type(x, 0, "(\"ARRAY\" or \"MAP\")");
	}
	if ((!sp_is_integral(i) || i->kind == SP_BIGINT) && strncmp(x->e->fn->name, "try_", 4) == 0)
		sp_shown_as(x, "element_at");
	if (!sp_is_integral(i) || i->kind == SP_BIGINT)
		return sp_bad_type(x, 1, "\"INT\"");
	return sp_resolve_cast(x, 1, &sp_types[SP_INT]) ? NULL : t->item;
}

static const struct sp_type *get_type(struct sp_resolve *x)
{
	const struct sp_type *i = x->e->args[1]->type;
	if (!sp_is_integral(i) && i->kind != SP_VOID) {
		x->e->shown = arena_printf(x->arena, "%.*s[%.*s]", SL(sp_resolve_shown(x, 0)), SL(sp_resolve_shown(x, 1)));
		return sp_bad_type(x, 1, "\"INTEGRAL\"");
	}
	return x->e->args[0]->type->item;
}

const struct sp_function sp_coll_gets[] = {
	{ "[]", NULL, NULL, .row = subscript, .flags = SP_F_LISTED_AS_OPERATOR | SP_F_MAYBE, .group = "collection_funcs",
	  .doc = "array[i], map[key]: an element, from 0; a value" },
	{ ".", NULL, NULL, .row = field, .flags = SP_F_LISTED_AS_OPERATOR | SP_F_MAYBE, .group = "collection_funcs", .doc = "struct.field: its value" },
	{ "get", "[T] any", NULL, .row = get, .resolve = get_type, .flags = SP_F_MAYBE, .group = "array_funcs", .doc = "get(array, i): an element, from 0; else NULL" },
	{ "element_at", "any any", NULL, .row = element_at, .resolve = element_at_type, .flags = SP_F_MAYBE, .group = "collection_funcs",
	  .doc = "element_at(array, i), element_at(map, key): an element, from 1, or -1 from the end; a value" },
	{ "try_element_at", "any any", NULL, .row = try_element_at, .resolve = element_at_type, .flags = SP_F_MAYBE, .group = "collection_funcs",
	  .doc = "try_element_at(array, i), try_element_at(map, key): the same, NULL with ANSI as well" },
	{ 0 },
};
