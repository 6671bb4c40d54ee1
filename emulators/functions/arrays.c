/* Arrays from arrays: parts, order, elements put in, zipped, repeated. */
#include "functions/lambdas.h"

static const struct sp_type *item_of(const struct sp_call *c, size_t i)
{
	return c->e->args[i]->type->item;
}

/* ---- parts ---- */

static int slice(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	int64_t from = v[1].i, n = v[2].i;
	struct sp_list *made;
	if (from == 0)
		return sp_fn_fail(c, "", "", "org.apache.spark.SparkRuntimeException",
				  "Unexpected value for start in function slice: SQL array indices start at 1.");
	if (n < 0)
		return sp_fn_fail(c, "", "", "org.apache.spark.SparkRuntimeException",
				  "Unexpected value for length in function slice: length must be greater than or equal to 0.");
	from = from < 0 ? from + (int64_t)l->n : from - 1;
	if (from < 0 || from >= (int64_t)l->n)
		n = 0;
	else if (n > (int64_t)l->n - from)
		n = (int64_t)l->n - from;
	made = sp_list_new(c->run->batch, (size_t)n);
	if (n)
		memcpy(made->items, &l->items[from], (size_t)n * sizeof(*made->items));
	out->list = made;
	return 0;
}

static int flatten(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	struct sp_list *made;
	int64_t n = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (l->items[i].null) {
			out->null = true;
			return 0;
		}
		n += (int64_t)l->items[i].list->n;
	}
	made = sp_coll_list(c, n);
	if (!made)
		return 1;
	for (size_t i = 0, at = 0; i < l->n; i++) {
		const struct sp_list *in = l->items[i].list;
		if (in->n)
			memcpy(&made->items[at], in->items, in->n * sizeof(*in->items));
		at += in->n;
	}
	out->list = made;
	return 0;
}

static const struct sp_type *flatten_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	if (t->kind != SP_ARRAY || t->item->kind != SP_ARRAY)
		return sp_bad_type(x, 0, "\"ARRAY\" of \"ARRAY\"");
	x->e->nullable |= t->item_null;
	return t->item;
}

/* ---- order ---- */

struct sorting {
	const struct sp_type *t;
	int sign;       /* 1 ascending */
	int null_at;    /* -1: NULLs first */
};

static int by_value(const void *a, const void *b, void *arg)
{
	const struct sp_value *x = a, *y = b;
	const struct sorting *s = arg;
	if (x->null || y->null)
		return x->null && y->null ? 0 : x->null ? s->null_at : -s->null_at;
	return s->sign * sp_compare(s->t, x, y);
}

static int sorted(struct sp_call *c, const struct sp_list *l, struct sorting s, struct sp_value *out)
{
	struct sp_list *made = sp_list_new(c->run->batch, l->n);
	if (l->n) {
		memcpy(made->items, l->items, l->n * sizeof(*made->items));
		qsort_r(made->items, l->n, sizeof(*made->items), by_value, &s);
	}
	out->list = made;
	return 0;
}

static int sort_array(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	bool up = v[1].i;
	return sorted(c, v[0].list, (struct sorting){ item_of(c, 0), up ? 1 : -1, up ? -1 : 1 }, out);
}

static const struct sp_type *sort_array_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	struct buf b = { 0 };
	if (x->e->args[1]->op != SP_CONST || x->e->args[1]->value.null)
		return sp_bad_type(x, 1, "\"BOOLEAN\"");
	if (sp_is_orderable(t->item))
		return t;
	sp_type_sql(&b, t);
	(void)sp_resolve_mismatch(x, "INVALID_ORDERING_TYPE", "The `%s` does not support ordering on type \"%.*s\".", x->e->fn->name,
				  SL(buf_slice(&b)));
	buf_free(&b);
	return NULL;
}

int sp_array_sorted(struct sp_call *c, const struct sp_list *l, struct sp_value *out)
{
	return sorted(c, l, (struct sorting){ item_of(c, 0), 1, 1 }, out);
}

/* Of chance, by a state that begins at the statement's seed. */
static uint64_t next_chance(uint64_t *state, uint64_t seed)
{
	uint64_t z;
	if (!*state)
		*state = seed | 1;
	z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static int shuffle(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_list *l = v[0].list;
	struct sp_list *made = sp_list_new(c->run->batch, l->n);
	if (l->n)
		memcpy(made->items, l->items, l->n * sizeof(*made->items));
	for (size_t i = l->n; i > 1; i--) {
		size_t k = (size_t)(next_chance(c->state, c->run->cx->seed) % i);
		struct sp_value swap = made->items[i - 1];
		made->items[i - 1] = made->items[k];
		made->items[k] = swap;
	}
	out->list = made;
	return 0;
}

/* ---- elements put in ---- */

/* l with an element at index i, NULLs up to it where the array is shorter, and before < 0: as many NULLs between it and the array. */
static int inserted(struct sp_call *c, const struct sp_list *l, int64_t i, int64_t gap, const struct sp_value *x, struct sp_value *out)
{
	int64_t n = (int64_t)l->n + 1 + gap;
	struct sp_list *made;
	n = n > i + 1 ? n : i + 1;
	made = sp_coll_list(c, n);
	if (!made)
		return 1;
	for (int64_t k = 0; k < (int64_t)l->n; k++)
		made->items[k < i ? k : k + 1 + gap] = l->items[k];
	made->items[i] = *x;
	out->list = made;
	return 0;
}

static int array_append(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->null = v[0].null;
	return v[0].null ? 0 : inserted(c, v[0].list, (int64_t)v[0].list->n, 0, &v[1], out);
}

static int array_prepend(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	out->null = v[0].null;
	return v[0].null ? 0 : inserted(c, v[0].list, 0, 0, &v[1], out);
}

static int array_insert(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	int64_t i = v[1].i, n;
	int legacy = c->e->given != NULL; /* negative ones count as before 3.5 */
	if (v[0].null || v[1].null) {
		out->null = true;
		return 0;
	}
	n = (int64_t)v[0].list->n;
	if (i == 0)
		return sp_coll_zero_index(c, true);
	if (i < 0 && -i > n)
		return inserted(c, v[0].list, 0, -i - n - 1 + legacy, &v[2], out);
	return inserted(c, v[0].list, i < 0 ? i + n + 1 - legacy : i - 1, 0, &v[2], out);
}

static const struct sp_type *with_type(struct sp_resolve *x)
{
	size_t at = x->e->arg_n - 1;
	struct slice v = x->cx->conf ? x->cx->conf(x->cx->self, "spark.sql.legacy.negativeIndexInArrayInsert") : sl(NULL);
	static char legacy;
	bool null;
	if (x->e->args[0]->type->kind != SP_ARRAY) {
		/* Spark counts from 0 there */
		struct buf b = { 0 };
		sp_type_sql(&b, x->e->args[0]->type);
		(void)sp_resolve_mismatch(x, "UNEXPECTED_INPUT_TYPE",
					  "Parameter %d requires the \"ARRAY\" type, however \"%.*s\" has the type \"%.*s\".", at == 1 ? 0 : 1,
					  SL(sp_resolve_shown(x, 0)), SL(buf_slice(&b)));
		buf_free(&b);
		return NULL;
	}
	if (at == 2 && sp_resolve_cast(x, 1, &sp_types[SP_INT]))
		return NULL;
	if (!sp_coll_pair(x, SP_ARRAY, 0, at, false))
		return NULL;
	null = x->e->args[0]->type->item_null || x->e->args[at]->nullable || at == 2;
	x->e->given = sl_eq_nocase(v, S("true")) ? &legacy : NULL;
	x->e->nullable = x->e->args[0]->nullable || (at == 2 && x->e->args[1]->nullable);
	return sp_array(x->arena, x->e->args[0]->type->item, null);
}

/* ---- repeated, zipped ---- */

static int array_repeat(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	struct sp_list *made;
	if (v[1].null) {
		out->null = true;
		return 0;
	}
	made = sp_coll_list(c, v[1].i > 0 ? v[1].i : 0);
	if (!made)
		return 1;
	for (size_t i = 0; i < made->n; i++)
		made->items[i] = v[0];
	out->list = made;
	return 0;
}

static const struct sp_type *repeat_type(struct sp_resolve *x)
{
	const struct sp_type *n = x->e->args[1]->type;
	if (n->kind != SP_INT && n->kind != SP_VOID)
		return sp_bad_type(x, 1, "\"INT\"");
	if (sp_resolve_cast(x, 1, &sp_types[SP_INT]))
		return NULL;
	x->e->nullable = x->e->args[1]->nullable;
	return sp_array(x->arena, x->e->args[0]->type, x->e->args[0]->nullable);
}

static int arrays_zip(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	size_t n = 0;
	struct sp_list *made;
	for (size_t i = 0; i < c->e->arg_n; i++)
		n = v[i].list->n > n ? v[i].list->n : n;
	made = sp_list_new(c->run->batch, n);
	for (size_t k = 0; k < n; k++) {
		struct sp_list *row = sp_list_new(c->run->batch, c->e->arg_n);
		for (size_t i = 0; i < c->e->arg_n; i++)
			if (k < v[i].list->n)
				row->items[i] = v[i].list->items[k];
		made->items[k] = (struct sp_value){ .list = row };
	}
	out->list = made;
	return 0;
}

/* Fields are called as the columns are, else by number. */
static const struct sp_type *zip_type(struct sp_resolve *x)
{
	size_t n = x->e->arg_n;
	struct sp_field *fields = arena_alloc(x->arena, (n + 1) * sizeof(*fields));
	for (size_t i = 0; i < n; i++) {
		const struct sp_expr *a = x->e->args[i];
		struct slice name = arena_printf(x->arena, "%zu", i);
		if (a->type->kind == SP_VOID) {
			if (sp_resolve_cast(x, i, sp_array(x->arena, a->type, true)))
				return NULL;
			a = x->e->args[i];
		}
		if (a->type->kind != SP_ARRAY)
			return sp_bad_type(x, i, "\"ARRAY\"");
		if (a->op == SP_COLUMN || (a->op == SP_CALL && strcmp(a->fn->name, ".") == 0)) {
			struct slice shown = sp_resolve_shown(x, i);
			name = shown;
			for (size_t k = 0; k < shown.n; k++)
				if (shown.p[k] == '.')
					name = sl_from(shown, k + 1);
		}
		fields[i] = (struct sp_field){ .name = name, .type = a->type->item, .nullable = true };
	}
	return sp_array(x->arena, sp_struct(x->arena, fields, n), false);
}

#define G .group = "array_funcs"
const struct sp_function sp_arrays[] = {
	{ "slice", "[T] int int", "=1", .row = slice, G, .doc = "slice(array, from, n): n elements from a place on, from 1, or -1 from the end" },
	{ "flatten", "any", NULL, .row = flatten, .resolve = flatten_type, G, .doc = "flatten(array of arrays): all elements in one" },
	{ "sort_array", "[T] boolean?", NULL, .row = sort_array, .resolve = sort_array_type, .defaults = "true", G,
	  .doc = "sort_array(array[, ascending]): in order, NULLs first; last when descending" },
	{ "shuffle", "[T]", "=1", .row = shuffle, .flags = SP_F_VOLATILE, .state_size = sizeof(uint64_t), G, .doc = "shuffle(array): in an order of chance" },
	{ "array_append", "any any", NULL, .row = array_append, .resolve = with_type, .flags = SP_F_NULLS, G, .doc = "array_append(array, x): x behind it" },
	{ "array_prepend", "any any", NULL, .row = array_prepend, .resolve = with_type, .flags = SP_F_NULLS, G,
	  .doc = "array_prepend(array, x): x before it" },
	{ "array_insert", "any any any", NULL, .row = array_insert, .resolve = with_type, .flags = SP_F_NULLS, G,
	  .doc = "array_insert(array, i, x): x at a place, from 1, or -1 from the end" },
	{ "array_repeat", "any any", NULL, .row = array_repeat, .resolve = repeat_type, .flags = SP_F_NULLS, G, .doc = "array_repeat(x, n): n times x" },
	{ "arrays_zip", "any*", NULL, .row = arrays_zip, .resolve = zip_type, G, .doc = "arrays_zip(a, b, ...): an array of structs of their elements" },
	{ 0 },
};
