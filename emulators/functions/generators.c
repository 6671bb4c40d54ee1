/* Functions that give rows: explode, posexplode, inline, stack. */
#include "functions/coll.h"


static bool is_named(const struct sp_call *c, const char *part)
{
	return strstr(c->e->fn->name, part) != NULL;
}

static int explode(struct sp_call *c, const struct sp_value *v, struct sp_rows *rows)
{
	const struct sp_list *l = v[0].null ? NULL : v[0].list;
	size_t step = c->e->args[0]->type->kind == SP_MAP ? 2 : 1, first = is_named(c, "pos") ? 1 : 0;
	if (!l || !l->n) {
		if (is_named(c, "_outer"))
			(void)sp_rows_add(rows);
		return 0;
	}
	for (size_t i = 0; i < l->n; i += step) {
		struct sp_value *row = sp_rows_add(rows);
		if (first)
			row[0] = (struct sp_value){ .i = (int64_t)(i / step) };
		memcpy(&row[first], &l->items[i], step * sizeof(*row));
	}
	return sp_run_check(c->run, l->n);
}

static const struct sp_type *explode_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	const char *name = x->e->fn->name;
	bool outer = strstr(name, "_outer") != NULL;
	struct sp_field fields[3];
	size_t n = 0;
	if (t->kind != SP_ARRAY && t->kind != SP_MAP && outer)
		sp_shown_as(x, name[0] == 'p' ? "posexplode" : "explode");
	if (t->kind != SP_ARRAY && t->kind != SP_MAP)
		return sp_bad_type(x, 0, "(\"ARRAY\" or \"MAP\")");
	if (strncmp(name, "pos", 3) == 0)
		fields[n++] = (struct sp_field){ .name = S("pos"), .type = &sp_types[SP_INT], .nullable = outer };
	if (t->kind == SP_MAP)
		fields[n++] = (struct sp_field){ .name = S("key"), .type = t->key, .nullable = outer };
	fields[n++] = (struct sp_field){ .name = t->kind == SP_MAP ? S("value") : S("col"), .type = t->item, .nullable = outer || t->item_null };
	return sp_struct(x->arena, fields, n);
}

static int in_line(struct sp_call *c, const struct sp_value *v, struct sp_rows *rows)
{
	const struct sp_list *l = v[0].null ? NULL : v[0].list;
	if (!l || !l->n) {
		if (is_named(c, "_outer"))
			(void)sp_rows_add(rows);
		return 0;
	}
	for (size_t i = 0; i < l->n; i++) {
		struct sp_value *row = sp_rows_add(rows);
		if (!l->items[i].null && l->items[i].list->n)
			memcpy(row, l->items[i].list->items, l->items[i].list->n * sizeof(*row));
	}
	return sp_run_check(c->run, l->n);
}

static const struct sp_type *inline_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	bool outer = strstr(x->e->fn->name, "_outer") != NULL;
	struct sp_field *fields;
	if (t->kind != SP_ARRAY || t->item->kind != SP_STRUCT) {
		if (outer)
			sp_shown_as(x, "inline");
		return sp_bad_type(x, 0, "\"ARRAY<STRUCT>\"");
	}
	fields = arena_alloc(x->arena, (t->item->field_n + 1) * sizeof(*fields));
	for (size_t i = 0; i < t->item->field_n; i++) {
		fields[i] = t->item->fields[i];
		fields[i].nullable |= outer || t->item_null;
	}
	return sp_struct(x->arena, fields, t->item->field_n);
}

/* ---- stack(n, values...): n rows ---- */

static int stack(struct sp_call *c, const struct sp_value *v, struct sp_rows *rows)
{
	size_t n = (size_t)v[0].i, columns = rows->column_n;
	for (size_t r = 0; r < n; r++) {
		struct sp_value *row = sp_rows_add(rows);
		for (size_t k = 0; k < columns && 1 + r * columns + k < c->e->arg_n; k++)
			row[k] = v[1 + r * columns + k];
		if (sp_run_check(c->run, 1))
			return 1;
	}
	return 0;
}

static const struct sp_type *stack_mismatch(struct sp_resolve *x, size_t column, size_t a, size_t b)
{
	struct buf s = { 0 }, t = { 0 };
	sp_type_sql(&s, x->e->args[a]->type);
	sp_type_sql(&t, x->e->args[b]->type);
	(void)sp_resolve_mismatch(x, "STACK_COLUMN_DIFF_TYPES",
				  "The data type of the column (%zu) do not have the same type: \"%.*s\" (%zu) <> \"%.*s\" (%zu).", column,
				  SL(buf_slice(&s)), a, SL(buf_slice(&t)), b);
	buf_free(&s);
	buf_free(&t);
	return NULL;
}

static const struct sp_type *stack_type(struct sp_resolve *x)
{
	struct sp_value v;
	size_t values = x->e->arg_n - 1, n, columns;
	struct sp_field *fields;
	if (x->e->args[0]->type->kind != SP_INT)
		return sp_bad_type(x, 0, "\"INT\"");
	if (sp_resolve_const(x, 0, &v))
		return NULL;
	if (v.null || v.i < 1) {
		(void)sp_resolve_mismatch(x, "VALUE_OUT_OF_RANGE", "The `n` must be between (0, 2147483647] (current value = %lld).",
					  v.null ? 0LL : (long long)v.i);
		return NULL;
	}
	n = (size_t)v.i;
	columns = (values + n - 1) / n;
	fields = arena_alloc(x->arena, (columns + 1) * sizeof(*fields));
	for (size_t k = 0; k < columns; k++) {
		size_t first = 0;
		for (size_t r = 0; r < n && 1 + r * columns + k <= values; r++) {
			struct sp_expr *a = x->e->args[1 + r * columns + k];
			if (a->type->kind == SP_VOID)
				continue;
			if (!first)
				first = 1 + r * columns + k;
			else if (!sp_type_eq(x->e->args[first]->type, a->type))
				return stack_mismatch(x, k, first, 1 + r * columns + k);
		}
		fields[k] = (struct sp_field){ .name = arena_printf(x->arena, "col%zu", k),
					       .type = first ? x->e->args[first]->type : &sp_types[SP_VOID], .nullable = true };
	}
	return sp_struct(x->arena, fields, columns);
}

#define G .group = "generator_funcs"
const struct sp_function sp_generators[] = {
	{ "explode", "any", NULL, .generate = explode, .resolve = explode_type, .flags = SP_F_NULLS, G,
	  .doc = "explode(array or map): a row an element, or an entry" },
	{ "explode_outer", "any", NULL, .generate = explode, .resolve = explode_type, .flags = SP_F_NULLS, G,
	  .doc = "explode_outer(array or map): the same; of nothing a row of NULLs" },
	{ "posexplode", "any", NULL, .generate = explode, .resolve = explode_type, .flags = SP_F_NULLS, G,
	  .doc = "posexplode(array or map): a row an element with its place" },
	{ "posexplode_outer", "any", NULL, .generate = explode, .resolve = explode_type, .flags = SP_F_NULLS, G,
	  .doc = "posexplode_outer(array or map): the same; of nothing a row of NULLs" },
	{ "inline", "any", NULL, .generate = in_line, .resolve = inline_type, .flags = SP_F_NULLS, G,
	  .doc = "inline(array of structs): a row an element" },
	{ "inline_outer", "any", NULL, .generate = in_line, .resolve = inline_type, .flags = SP_F_NULLS, G,
	  .doc = "inline_outer(array of structs): the same; of nothing a row of NULLs" },
	{ "stack", "any any+", NULL, .generate = stack, .resolve = stack_type, .flags = SP_F_NULLS, G,
	  .doc = "stack(n, a, b, ...): the values as n rows" },
	{ 0 },
};
