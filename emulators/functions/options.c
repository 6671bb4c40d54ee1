#include "functions/options.h"

#include "spark/ddl.h"

void sp_show_first(struct sp_resolve *x, const char *name)
{
	struct slice first = sp_expr_shown(x->arena, x->e->args[0]);
	x->e->shown = arena_printf(x->arena, "%s(%.*s)", name, SL(first));
}

const struct sp_type *sp_nullable(struct arena *a, const struct sp_type *t)
{
	struct sp_field *fields;
	switch (t->kind) {
	case SP_ARRAY:
		return sp_array(a, sp_nullable(a, t->item), true);
	case SP_MAP:
		return sp_map(a, sp_nullable(a, t->key), sp_nullable(a, t->item), true);
	case SP_STRUCT:
		fields = arena_alloc(a, (t->field_n + 1) * sizeof(*fields));
		for (size_t i = 0; i < t->field_n; i++) {
			fields[i] = t->fields[i];
			fields[i].type = sp_nullable(a, fields[i].type);
			fields[i].nullable = true;
		}
		return sp_struct(a, fields, t->field_n);
	default:
		return t;
	}
}

const struct sp_type *sp_schema_arg(struct sp_resolve *x, size_t i)
{
	const struct sp_expr *e = x->e->args[i];
	const struct sp_type *t;
	struct sp_value v;
	struct sp_error err = { 0 };
	if (!e->foldable || e->type->kind != SP_STRING) {
		sp_fail(x->err, SP_E_ANALYSIS, "INVALID_SCHEMA.NON_STRING_LITERAL", "42K07",
			"The input schema \"%.*s\" is not a valid schema string. The input expression must be string literal and not null.",
			SL(sp_expr_shown(x->arena, e)));
		sp_fail_at(x->err, x->e->from, x->e->to);
		return NULL;
	}
	if (sp_resolve_const(x, i, &v))
		return NULL;
	if (v.null) {
		sp_fail(x->err, SP_E_ANALYSIS, "INVALID_SCHEMA.NON_STRING_LITERAL", "42K07",
			"The input schema \"NULL\" is not a valid schema string. The input expression must be string literal and not null.");
		sp_fail_at(x->err, x->e->from, x->e->to);
		return NULL;
	}
	if (sp_ddl(x->arena, arena_dup(x->arena, v.s), &t, &err)) {
		sp_fail(x->err, SP_E_ANALYSIS, err.class, err.state, "%s", err.text ? err.text : "");
		sp_fail_at(x->err, x->e->from, x->e->to);
		sp_error_free(&err);
		return NULL;
	}
	return sp_nullable(x->arena, t);
}

int sp_options_arg(struct sp_resolve *x, size_t i, int (*set)(void *self, struct slice name, struct slice value, struct sp_error *err), void *self)
{
	const struct sp_expr *e;
	struct sp_value v;
	struct buf b = { 0 };
	int rc;
	if (i >= x->e->arg_n)
		return 0;
	e = x->e->args[i];
	if (e->type->kind != SP_MAP) {
		sp_fail(x->err, SP_E_ANALYSIS, "INVALID_OPTIONS.NON_MAP_FUNCTION", "42K06",
			"Invalid options: Must use the `map()` function for options.");
		sp_fail_at(x->err, x->e->from, x->e->to);
		return 1;
	}
	if (e->type->key->kind != SP_STRING || e->type->item->kind != SP_STRING) {
		sp_type_sql(&b, e->type);
		rc = sp_fail(x->err, SP_E_ANALYSIS, "INVALID_OPTIONS.NON_STRING_TYPE", "42K06",
			     "Invalid options: A type of keys and values in `map()` must be string, but got \"%s\".", buf_cstr(&b));
		sp_fail_at(x->err, x->e->from, x->e->to);
		buf_free(&b);
		return rc;
	}
	if (sp_resolve_const(x, i, &v))
		return 1;
	v = sp_value_dup(x->arena, e->type, v);
	for (size_t k = 0; !v.null && k + 1 < v.list->n; k += 2)
		if (!v.list->items[k + 1].null && set(self, v.list->items[k].s, v.list->items[k + 1].s, x->err))
			return 1;
	return 0;
}
