/* A struct with a field put in or left out: PySpark's withField and dropFields, which SQL has no name for. */
#include "functions/coll.h"

static bool called(const struct sp_field *f, const struct sp_value *name)
{
	return sl_eq_nocase(f->name, name->s);
}

/* The name of a field, of a literal argument. Nonzero: x->err. */
static int name_of(struct sp_resolve *x, struct sp_value *name)
{
	if (sp_resolve_const(x, 1, name))
		return 1;
	return name->null && sp_resolve_mismatch(x, "UNEXPECTED_NULL", "The name of a field must not be NULL.");
}

static int with_field(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_type *t = c->e->type;
	struct sp_list *l;
	out->null = v[0].null;
	if (out->null)
		return 0;
	l = sp_list_new(c->run->batch, t->field_n);
	for (size_t i = 0; i < l->n; i++)
		l->items[i] = i >= v[0].list->n || called(&t->fields[i], &v[1]) ? v[2] : v[0].list->items[i];
	out->list = l;
	return 0;
}

static const struct sp_type *with_field_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	struct sp_field *fields = arena_alloc(x->arena, (t->field_n + 1) * sizeof(*fields));
	struct sp_value name = { 0 };
	bool there = false;
	if (name_of(x, &name))
		return NULL;
	for (size_t i = 0; i < t->field_n; i++) {
		fields[i] = t->fields[i];
		if (!called(&fields[i], &name))
			continue;
		there = true;
		fields[i].type = x->e->args[2]->type;
		fields[i].nullable = x->e->args[2]->nullable;
		fields[i].name = name.s;
	}
	fields[t->field_n] = (struct sp_field){ .name = name.s, .type = x->e->args[2]->type, .nullable = x->e->args[2]->nullable };
	return sp_struct(x->arena, fields, t->field_n + !there);
}

static int drop_field(struct sp_call *c, const struct sp_value *v, struct sp_value *out)
{
	const struct sp_type *of = c->e->args[0]->type;
	struct sp_list *l = sp_list_new(c->run->batch, c->e->type->field_n);
	size_t n = 0;
	for (size_t i = 0; i < of->field_n; i++)
		if (!called(&of->fields[i], &v[1]))
			l->items[n++] = v[0].list->items[i];
	out->list = l;
	return 0;
}

static const struct sp_type *drop_field_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	struct sp_field *fields = arena_alloc(x->arena, (t->field_n + 1) * sizeof(*fields));
	struct sp_value name = { 0 };
	size_t n = 0;
	if (name_of(x, &name))
		return NULL;
	for (size_t i = 0; i < t->field_n; i++)
		if (!called(&t->fields[i], &name))
			fields[n++] = t->fields[i];
	if (!n) {
		(void)sp_resolve_mismatch(x, "CANNOT_DROP_ALL_FIELDS", "Cannot drop all fields in struct.");
		return NULL;
	}
	return sp_struct(x->arena, fields, n);
}

#define G "struct_funcs"
const struct sp_function sp_struct_updates[] = {
	{ "_with_field", "<> string! any", NULL, SP_F_NULLS, .row = with_field, .resolve = with_field_type, .group = G,
	  .doc = "_with_field(struct, 'name', value): the struct with the field put in, at the end if it's new" },
	{ "_drop_field", "<> string!", NULL, .row = drop_field, .resolve = drop_field_type, .group = G,
	  .doc = "_drop_field(struct, 'name'): the struct without the field" },
	{ 0 },
};
