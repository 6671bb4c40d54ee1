/* PIVOT and UNPIVOT. */
#include "sparksql/analysis.h"
#include "spark/print.h"

/* ---- UNPIVOT: each row once a column ---- */
static struct sp_expr *column_named(struct sp_an *an, const struct sp_source *s, const struct sp_name *name)
{
	bool found;
	struct sp_expr *e = sp_an_lookup(an, s->attrs, s->n, name, &found);
	if (!found)
		sp_an_unresolved(an, name, s->attrs, s->n);
	return e;
}

static struct slice set_name(struct sp_an *an, const struct sp_unpivot_set *set, struct sp_expr *const *v)
{
	struct buf b = { 0 };
	uint32_t i;
	if (set->name.p)
		return set->name;
	(void)v;
	for (i = 0; i < set->columns.n; i++)
		buf_addf(&b, "%s%.*s", i ? "_" : "", SL(set->columns.v[i].parts[set->columns.v[i].n - 1]));
	return sp_an_text(an, &b);
}

int sp_an_unpivot(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out)
{
	size_t values = rel->unpivot.values.n, n = rel->unpivot.n, kept = 0, i, k, columns;
	struct sp_expr ***v = SP_NEWS(an, struct sp_expr **, n + 1), **all, *any = NULL;
	struct sp_attr *keep;
	struct sp_node *node;
	struct sp_source s;
	if (sp_an_rel(an, rel->unpivot.of, in, &s))
		return 1;
	keep = SP_NEWS(an, struct sp_attr, s.n + 1);
	all = SP_NEWS(an, struct sp_expr *, n * values + 1);
	for (i = 0; i < n; i++) {
		const struct sp_unpivot_set *set = &rel->unpivot.sets[i];
		v[i] = SP_NEWS(an, struct sp_expr *, values + 1);
		if (set->columns.n != values)
			return sp_an_fail_at(an, rel->at, rel->end, "UNPIVOT_VALUE_SIZE_MISMATCH", "428C4", "All unpivot value columns must have the same size as there are value "
					     "column names (%zu).", values);
		for (k = 0; k < values; k++)
			if (!(v[i][k] = column_named(an, &s, &set->columns.v[k])))
				return 1;
	}
	for (k = 0; k < values; k++) {
		for (i = 0; i < n; i++)
			all[i] = v[i][k];
		if (!sp_an_common(an, all, n, 1, false)) {
			struct buf b = { 0 };
			for (i = 0; i < n; i++)
				buf_addf(&b, "%s\"%.*s\" (`%.*s`)", i ? ", " : "", (int)sp_an_type(an, v[i][k]->type).n - 2, sp_an_type(an, v[i][k]->type).p + 1, SL(v[i][k]->shown));
			sp_an_fail_at(an, rel->at, rel->end, "UNPIVOT_VALUE_DATA_TYPE_MISMATCH", "42K09", "Unpivot value columns must share a least common type, some types do "
				      "not: [%s].", buf_cstr(&b));
			buf_free(&b);
			return 1;
		}
		for (i = 0; i < n; i++)
			v[i][k] = all[i];
	}
	for (k = 0; k < s.n; k++) {
		bool used = s.attrs[k].hidden;
		for (i = 0; i < n && !used; i++) {
			size_t j;
			for (j = 0; j < values; j++) {
				const struct sp_expr *e = v[i][j];
				while (e->op == SP_CAST)
					e = e->args[0];
				used |= e->op == SP_COLUMN && e->column == s.attrs[k].id;
			}
		}
		if (!used)
			keep[kept++] = s.attrs[k];
	}
	columns = kept + 1 + values;
	node = sp_an_node(an, SP_P_EXPAND, columns, 1);
	node->p.in[0] = &s.node->p;
	node->p.expand_n = n;
	node->p.expands = SP_NEWS(an, struct sp_expr **, n + 1);
	out->attrs = SP_NEWS(an, struct sp_attr, columns + 1);
	out->n = columns;
	for (i = 0; i < n; i++) {
		struct sp_expr **row = node->p.expands[i] = SP_NEWS(an, struct sp_expr *, columns);
		for (k = 0; k < kept; k++)
			row[k] = sp_an_column(an, &keep[k]);
		row[kept] = sp_an_string(an, set_name(an, &rel->unpivot.sets[i], v[i]));
		memcpy(row + kept + 1, v[i], values * sizeof(*row));
	}
	for (k = 0; k < columns; k++) {
		struct sp_attr *a = &out->attrs[k];
		const struct sp_expr *e = node->p.expands[0][k];
		*a = (struct sp_attr){ .id = an->next_id++, .type = e->type, .nullable = k != kept };
		a->name = k < kept ? keep[k].name : k == kept ? rel->unpivot.name : rel->unpivot.values.v[k - kept - 1];
		if (k < kept)
			a->nullable = keep[k].nullable;
		sp_an_set_column(node, k, a->id, a->name, a->type, a->nullable);
	}
	out->node = node;
	for (k = kept + 1; !rel->unpivot.include_nulls && k < columns; k++) {
		struct sp_expr *c = sp_an_column(an, &out->attrs[k]), *t = sp_an_call(an, "isnotnull", &sp_types[SP_BOOLEAN], false, 1, &c), *e;
		if (!any) {
			any = t;
			continue;
		}
		e = sp_an_expr_new(an, SP_OR, &sp_types[SP_BOOLEAN], false, 2);
		e->args[0] = any;
		e->args[1] = t;
		any = e;
	}
	if (any)
		out->node = sp_an_filter(an, node, any);
	return 0;
}

/* ---- PIVOT: grouped by what is left and the pivot's columns, then those rows side by side ---- */
struct pivot {
	struct sp_an *an;
	struct sp_source s;
	struct sp_env env;
	struct sp_expr **columns;   /* FOR */
	size_t column_n;
	struct sp_special **calls;  /* aggregates within .aggregates */
	struct sp_attr *call_attrs;
	size_t call_n, call_cap, attr_cap;
	bool *used;                 /* one a column of s */
};

static int use(void *self, struct sp_expr **slot)
{
	struct pivot *p = self;
	size_t i;
	for (i = 0; (*slot)->op == SP_COLUMN && i < p->s.n; i++)
		if (p->s.attrs[i].id == (*slot)->column)
			p->used[i] = true;
	return sp_an_each(*slot, use, self);
}

static int take_calls(void *self, struct sp_expr **slot)
{
	struct pivot *p = self;
	struct sp_expr *e = *slot;
	struct sp_attr a = { .id = p->an->next_id++, .name = sp_an_shown(p->an, e), .type = e->type, .nullable = true };
	if (!sp_is_aggregate(e))
		return sp_an_each(e, take_calls, self);
	ARENA_GROW(p->an->a, p->calls, p->call_n, p->call_cap);
	ARENA_GROW(p->an->a, p->call_attrs, p->call_n, p->attr_cap);
	p->calls[p->call_n] = sp_special_of(e);
	p->call_attrs[p->call_n++] = a;
	*slot = sp_an_column(p->an, &a);
	return 0;
}

static int value_name(struct sp_an *an, const struct sp_expr *e, struct slice *out)
{
	struct sp_run run = { .cx = an->cx, .batch = an->a, .keep = an->a };
	struct sp_value v;
	struct buf b = { 0 };
	if (!e->foldable)
		return sp_an_fail(an, e, "NON_LITERAL_PIVOT_VALUES", "42K08", "Literal expressions required for pivot values, found \"%.*s\".", SL(sp_an_shown(an, e)));
	if (sp_eval_const(&run, e, &v)) {
		*an->err = run.err;
		return 1;
	}
	sp_print(&b, e->type, &v, an->cx->zone);
	*out = sp_an_text(an, &b);
	return 0;
}

static struct sp_node *grouped(struct pivot *p, struct sp_attr *keys, size_t key_n)
{
	struct sp_an *an = p->an;
	size_t n = key_n + p->column_n, i;
	struct sp_node *node = sp_an_node(an, SP_P_AGGREGATE, n + p->call_n, 1);
	node->p.in[0] = &p->s.node->p;
	node->p.groups = SP_NEWS(an, struct sp_expr *, n + 1);
	node->p.group_n = n;
	for (i = 0; i < key_n; i++) {
		node->p.groups[i] = sp_an_column(an, &keys[i]);
		keys[i].id = an->next_id++;
		sp_an_set_column(node, i, keys[i].id, keys[i].name, keys[i].type, keys[i].nullable);
	}
	for (i = 0; i < p->column_n; i++) {
		struct sp_attr a = { .id = an->next_id++, .name = S("pivot"), .type = p->columns[i]->type, .nullable = true };
		node->p.groups[key_n + i] = p->columns[i];
		sp_an_set_column(node, key_n + i, a.id, a.name, a.type, true);
		p->columns[i] = sp_an_column(an, &a);
	}
	node->p.aggregates = SP_NEWS(an, struct sp_aggregation, p->call_n + 1);
	node->p.aggregate_n = p->call_n;
	for (i = 0; i < p->call_n; i++) {
		struct sp_special *c = p->calls[i];
		node->p.aggregates[i] = (struct sp_aggregation){ .call = &c->e, .filter = c->filter, .distinct = c->distinct, .order = c->order, .order_n = c->order_n };
		sp_an_set_column(node, n + i, p->call_attrs[i].id, p->call_attrs[i].name, c->e.type, true);
	}
	return node;
}

/* first(column) where the pivot's columns are a value. */
static struct sp_expr *where_value(struct pivot *p, const struct sp_pivot_value *v)
{
	const struct sp_exs *list = v->ex->kind == SP_EX_ROW ? &v->ex->list : &(struct sp_exs){ .v = (struct sp_ex **)&v->ex, .n = 1 };
	struct sp_expr *on = NULL, *e;
	uint32_t i;
	for (i = 0; i < list->n && i < p->column_n; i++) {
		if (!(e = sp_an_expr(&p->env, list->v[i])) || !(e = sp_an_binary(p->an, "<=>", p->columns[i], e, v->ex->at, v->ex->end)))
			return NULL;
		on = sp_an_and(p->an, on, e);
	}
	return on;
}

static int sides(struct pivot *p, const struct sp_rel *rel, struct sp_expr **aggs, const struct slice *agg_names, const struct sp_attr *keys, size_t key_n,
		 struct sp_node *in, struct sp_source *out)
{
	struct sp_an *an = p->an;
	size_t agg_n = rel->pivot.aggregates.n, m = rel->pivot.n * agg_n, i, k, n = 0;
	struct sp_node *node = sp_an_node(an, SP_P_AGGREGATE, key_n + m, 1);
	const struct sp_function *first = sp_function_find(S("first"));
	out->attrs = SP_NEWS(an, struct sp_attr, key_n + m + 1);
	node->p.in[0] = &in->p;
	node->p.groups = SP_NEWS(an, struct sp_expr *, key_n + 1);
	node->p.group_n = key_n;
	for (i = 0; i < key_n; i++) {
		node->p.groups[i] = sp_an_column(an, &keys[i]);
		out->attrs[n++] = (struct sp_attr){ .id = an->next_id++, .name = keys[i].name, .type = keys[i].type, .nullable = keys[i].nullable };
	}
	node->p.aggregates = SP_NEWS(an, struct sp_aggregation, m + 1);
	for (i = 0; i < rel->pivot.n; i++) {
		const struct sp_pivot_value *v = &rel->pivot.values[i];
		struct sp_expr *e = sp_an_expr(&p->env, v->ex), *on = e ? where_value(p, v) : NULL;
		struct slice name = v->name;
		if (!on || (!name.p && value_name(an, e, &name)))
			return 1;
		for (k = 0; k < agg_n; k++) {
			struct sp_expr *call = sp_an_expr_new(an, SP_CALL, aggs[k]->type, true, 1);
			call->fn = first;
			call->args[0] = aggs[k];
			node->p.aggregates[node->p.aggregate_n++] = (struct sp_aggregation){ .call = call, .filter = on };
			out->attrs[n++] = (struct sp_attr){ .id = an->next_id++, .type = aggs[k]->type, .nullable = true,
							    .name = agg_n == 1 ? name : arena_printf(an->a, "%.*s_%.*s", SL(name), SL(agg_names[k])) };
		}
	}
	for (i = 0; i < n; i++)
		sp_an_set_column(node, i, out->attrs[i].id, out->attrs[i].name, out->attrs[i].type, out->attrs[i].nullable);
	out->node = node;
	out->n = n;
	return 0;
}

int sp_an_pivot(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out)
{
	struct pivot *p = SP_NEW(an, struct pivot);
	struct sp_expr **aggs = SP_NEWS(an, struct sp_expr *, rel->pivot.aggregates.n + 1);
	struct slice *names = SP_NEWS(an, struct slice, rel->pivot.aggregates.n + 1);
	struct sp_attr *keys;
	struct sp_node *node;
	size_t key_n = 0, i;
	*p = (struct pivot){ .an = an };
	if (sp_an_rel(an, rel->pivot.of, in, &p->s))
		return 1;
	p->env = (struct sp_env){ .an = an, .attrs = p->s.attrs, .n = p->s.n, .ctes = in->ctes, .clause = SP_IN_SELECT };
	p->used = SP_NEWS(an, bool, p->s.n + 1);
	p->columns = SP_NEWS(an, struct sp_expr *, rel->pivot.columns.n + 1);
	for (i = 0; i < rel->pivot.columns.n; i++, p->column_n++) {
		struct sp_name name = { .parts = &rel->pivot.columns.v[i], .n = 1, .at = rel->at, .end = rel->end };
		if (!(p->columns[i] = sp_an_name(&p->env, &name)))
			return 1;
		use(p, &p->columns[i]);
	}
	for (i = 0; i < rel->pivot.aggregates.n; i++) {
		const struct sp_ex *ex = rel->pivot.aggregates.v[i];
		if (!(aggs[i] = sp_an_expr(&p->env, ex)))
			return 1;
		names[i] = ex->kind == SP_EX_ALIAS ? ex->alias.name : sp_an_shown(an, aggs[i]);
		use(p, &aggs[i]);
		take_calls(p, &aggs[i]);
		if (!p->call_n)
			return sp_an_fail(an, aggs[i], "_LEGACY_ERROR_TEMP_1006", "", "Aggregate expression required for pivot, but '%.*s' did not appear in any aggregate "
					  "function.", SL(sp_an_shown(an, aggs[i])));
	}
	keys = SP_NEWS(an, struct sp_attr, p->s.n + 1);
	for (i = 0; i < p->s.n; i++)
		if (!p->used[i] && !p->s.attrs[i].hidden)
			keys[key_n++] = p->s.attrs[i];
	node = grouped(p, keys, key_n);
	return sides(p, rel, aggs, names, keys, key_n, node, out);
}
