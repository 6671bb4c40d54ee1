/* Arrays as sets, and what is in them: array_contains, array_union, array_max ... */
#include "functions/coll.h"

static const struct sp_type *item_of(const struct sp_call *c, size_t i)
{
	return c->e->args[i]->type->item;
}

/* A list that grows. */
struct grown {
	struct sp_list *list;
	size_t n;
};

static int open_list(struct sp_call *c, struct grown *g, size_t most)
{
	g->list = sp_coll_list(c, (int64_t)most);
	g->n = 0;
	return g->list == NULL;
}

static void close_list(struct grown *g, struct sp_value *out)
{
	g->list->n = g->n;
	out->list = g->list;
}

/* ---- one element ---- */

static int array_contains(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	const struct sp_type *t = item_of(c, 0);
	bool null = false;
	for (size_t i = 0; i < l->n; i++) {
		if (l->items[i].null) {
			null = true;
		} else if (sp_compare(t, &l->items[i], &v[1]) == 0) {
			out->i = 1;
			return 0;
		}
	}
	out->null = null;
	return 0;
}

static const struct sp_type *contains_type(struct sp_resolve *x)
{
	for (size_t i = 0; i < 2; i++)
		if (x->e->args[i]->type->kind == SP_VOID) {
			(void)sp_resolve_mismatch(x, "NULL_TYPE", "Null typed values cannot be used as arguments of `%s`.", x->e->fn->name);
			return NULL;
		}
	if (x->e->args[0]->type->kind != SP_ARRAY)
		return sp_bad_type(x, 0, "\"ARRAY\"");
	x->e->nullable |= x->e->args[0]->type->item_null;
	return sp_coll_pair(x, SP_ARRAY, 0, 1, true) ? &sp_types[SP_BOOLEAN] : NULL;
}

static int array_position(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	const struct sp_type *t = item_of(c, 0);
	for (size_t i = 0; i < l->n; i++)
		if (!l->items[i].null && sp_compare(t, &l->items[i], &v[1]) == 0) {
			out->i = (int64_t)i + 1;
			return 0;
		}
	return 0;
}

static const struct sp_type *position_type(struct sp_resolve *x)
{
	const struct sp_type *a = x->e->args[0]->type, *v = x->e->args[1]->type;
	bool item = a->kind == SP_ARRAY && a->item->kind != SP_VOID;
	if (a->kind == SP_VOID || (v->kind == SP_VOID && !item)) {
		(void)sp_resolve_mismatch(x, "NULL_TYPE", "Null typed values cannot be used as arguments of `%s`.", x->e->fn->name);
		return NULL;
	}
	if (a->kind != SP_ARRAY)
		return sp_bad_type(x, 0, "\"ARRAY\"");
	return sp_coll_pair(x, SP_ARRAY, 0, 1, false) ? &sp_types[SP_BIGINT] : NULL;
}

static int array_remove(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	const struct sp_type *t = item_of(c, 0);
	struct grown g;
	if (open_list(c, &g, l->n))
		return 1;
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].null || sp_compare(t, &l->items[i], &v[1]) != 0)
			g.list->items[g.n++] = l->items[i];
	close_list(&g, out);
	return 0;
}

static const struct sp_type *remove_type(struct sp_resolve *x)
{
	return sp_coll_pair(x, SP_ARRAY, 0, 1, false) ? x->e->args[0]->type : NULL;
}

static int array_compact(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	struct grown g;
	if (open_list(c, &g, l->n))
		return 1;
	for (size_t i = 0; i < l->n; i++)
		if (!l->items[i].null)
			g.list->items[g.n++] = l->items[i];
	close_list(&g, out);
	return 0;
}

static const struct sp_type *compact_type(struct sp_resolve *x)
{
	return x->e->args[0]->type; /* with its word on NULLs, as filter()'s */
}

/* ---- least and greatest ---- */

static int pick(struct sp_call *c, const struct sp_value *v, struct sp_value *out, int sign)
{
	const struct sp_list *l = v[0].list;
	const struct sp_type *t = item_of(c, 0);
	const struct sp_value *best = NULL;
	for (size_t i = 0; i < l->n; i++)
		if (!l->items[i].null && (!best || sign * sp_compare(t, &l->items[i], best) > 0))
			best = &l->items[i];
	*out = best ? *best : SP_NULL_VALUE;
	return 0;
}

static int array_max(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return pick(c, v, out, 1);
}

static int array_min(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return pick(c, v, out, -1);
}

static const struct sp_type *ordered_item(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type->item;
	struct buf b = { 0 };
	if (sp_is_orderable(t))
		return t;
	sp_type_sql(&b, t);
	(void)sp_resolve_mismatch(x, "INVALID_ORDERING_TYPE", "The `%s` does not support ordering on type \"%.*s\".", x->e->fn->name,
				  SL(buf_slice(&b)));
	buf_free(&b);
	return NULL;
}

/* ---- sets ---- */

enum set_op { UNION, INTERSECT, EXCEPT };

static int set_op(struct sp_call *c, const struct sp_value *v, struct sp_value *out, enum set_op op)
{
	const struct sp_list *a = v[0].list, *b = v[1].list;
	struct sp_coll_set seen = { .c = c, .t = c->e->type->item }, other = seen;
	struct grown g;
	if (open_list(c, &g, a->n + (op == UNION ? b->n : 0)))
		return 1;
	for (size_t i = 0; i < b->n && op != UNION; i++)
		(void)sp_coll_add(&other, &b->items[i]);
	for (size_t i = 0; i < a->n; i++)
		if ((op == UNION || sp_coll_has(&other, &a->items[i]) == (op == INTERSECT)) && sp_coll_add(&seen, &a->items[i]))
			g.list->items[g.n++] = a->items[i];
	for (size_t i = 0; i < b->n && op == UNION; i++)
		if (sp_coll_add(&seen, &b->items[i]))
			g.list->items[g.n++] = b->items[i];
	close_list(&g, out);
	return 0;
}

static int array_union(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return set_op(c, v, out, UNION);
}

static int array_intersect(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return set_op(c, v, out, INTERSECT);
}

static int array_except(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	return set_op(c, v, out, EXCEPT);
}

static int array_distinct(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	static const struct sp_list nothing = { 0 };
	const struct sp_value two[2] = { v[0], { .list = &nothing } };
	return set_op(c, two, out, UNION);
}

/* Two arrays get one type, without becoming arrays of texts. */
static const struct sp_type *two_arrays(struct sp_resolve *x)
{
	const struct sp_type *a = x->e->args[0]->type, *b = x->e->args[1]->type;
	struct sp_error err = { 0 };
	struct sp_resolve y = *x;
	bool good = a->kind == SP_ARRAY && b->kind == SP_ARRAY &&
		    (a->item->kind == SP_VOID || b->item->kind == SP_VOID || (a->item->kind == SP_STRING) == (b->item->kind == SP_STRING));
	const struct sp_type *t = NULL;
	struct buf words = { 0 };
	y.err = &err;
	if (good)
		t = sp_resolve_common(&y, 0, 2);
	sp_error_free(&err);
	if (t)
		return t;
	buf_addc(&words, '"');
	sp_type_sql(&words, a);
	buf_adds(&words, "\", \"");
	sp_type_sql(&words, b);
	buf_addc(&words, '"');
	(void)sp_resolve_mismatch(x, "BINARY_ARRAY_DIFF_TYPES",
				  "Input to function `%s` should have been two \"ARRAY\" with same element type, but it's [%.*s].", x->e->fn->name,
				  SL(buf_slice(&words)));
	buf_free(&words);
	return NULL;
}

static const struct sp_type *set_type(struct sp_resolve *x)
{
	bool a = x->e->args[0]->type->item_null, b = x->e->args[1]->type->item_null;
	const struct sp_type *t = two_arrays(x);
	const char *name = x->e->fn->name;
	bool null = strcmp(name, "array_union") == 0 ? a || b : strcmp(name, "array_intersect") == 0 ? a && b : a;
	return t ? sp_array(x->arena, t->item, null) : NULL;
}

static int arrays_overlap(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *a = v[0].list, *b = v[1].list;
	struct sp_coll_set seen = { .c = c, .t = item_of(c, 0) };
	bool null = false;
	for (size_t i = 0; i < a->n; i++)
		(void)sp_coll_add(&seen, &a->items[i]);
	null = seen.null && b->n;
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i].null) {
			null |= a->n > 0;
		} else if (sp_coll_has(&seen, &b->items[i])) {
			out->i = 1;
			return 0;
		}
	}
	out->null = null;
	return 0;
}

static const struct sp_type *overlap_type(struct sp_resolve *x)
{
	const struct sp_type *t = two_arrays(x);
	x->e->nullable |= t && (x->e->args[0]->type->item_null || x->e->args[1]->type->item_null);
	return t ? &sp_types[SP_BOOLEAN] : NULL;
}

/* ---- array_join ---- */

static int array_join(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	struct buf b = { 0 };
	bool first = true;
	for (size_t i = 0; i < l->n; i++) {
		if (l->items[i].null && c->e->arg_n < 3)
			continue;
		if (!first)
			buf_addsl(&b, v[1].s);
		buf_addsl(&b, l->items[i].null ? v[2].s : l->items[i].s);
		first = false;
	}
	out->s = arena_dup(c->run->batch, buf_slice(&b));
	buf_free(&b);
	return 0;
}

static const struct sp_type *join_type(struct sp_resolve *x)
{
	for (size_t i = 1; i < x->e->arg_n; i++) {
		enum sp_kind k = x->e->args[i]->type->kind;
		if (k != SP_STRING && k != SP_VOID)
			return sp_bad_type(x, i, "\"STRING\"");
		if (sp_resolve_cast(x, i, &sp_types[SP_STRING]))
			return NULL;
	}
	return &sp_types[SP_STRING];
}

#define G .group = "array_funcs"
const struct sp_function sp_array_sets[] = {
	{ "array_contains", "any any", NULL, .row = array_contains, .resolve = contains_type, G, .doc = "array_contains(array, value): whether it is in it" },
	{ "array_position", "any any", NULL, .row = array_position, .resolve = position_type, G,
	  .doc = "array_position(array, value): where it first is, from 1; 0: nowhere" },
	{ "array_remove", "any any", NULL, .row = array_remove, .resolve = remove_type, G, .doc = "array_remove(array, value): without it" },
	{ "array_compact", "[T]", NULL, .row = array_compact, .resolve = compact_type, G, .doc = "array_compact(array): without NULLs" },
	{ "array_max", "[T]", NULL, .row = array_max, .resolve = ordered_item, .flags = SP_F_MAYBE, G, .doc = "array_max(array): the greatest element" },
	{ "array_min", "[T]", NULL, .row = array_min, .resolve = ordered_item, .flags = SP_F_MAYBE, G, .doc = "array_min(array): the least element" },
	{ "array_distinct", "[T]", "=1", .row = array_distinct, G, .doc = "array_distinct(array): each value once" },
	{ "array_union", "any any", NULL, .row = array_union, .resolve = set_type, G, .doc = "array_union(a, b): what is in either, each once" },
	{ "array_intersect", "any any", NULL, .row = array_intersect, .resolve = set_type, G,
	  .doc = "array_intersect(a, b): what is in both, each once" },
	{ "array_except", "any any", NULL, .row = array_except, .resolve = set_type, G, .doc = "array_except(a, b): what is in a alone, each once" },
	{ "arrays_overlap", "any any", NULL, .row = arrays_overlap, .resolve = overlap_type, G,
	  .doc = "arrays_overlap(a, b): whether they share an element" },
	{ "array_join", "[string] any any?", NULL, .row = array_join, .resolve = join_type, G,
	  .doc = "array_join(array, separator[, for NULL]): its elements in one text" },
	{ 0 },
};
