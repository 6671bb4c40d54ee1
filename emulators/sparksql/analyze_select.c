/* One SELECT: FROM, WHERE, the list, then what group, windows, QUALIFY, DISTINCT and ORDER BY make of it. */
#include "sparksql/analyze_select.h"

static struct sp_env env_of(struct sp_sel *x, enum sp_clause clause)
{
	struct sp_env env = x->env;
	env.clause = clause;
	env.lateral = NULL;
	env.any_aggregate = env.any_window = env.any_generator = env.any_sub = false;
	return env;
}

/* ---- FROM and WHERE ---- */
static int from(struct sp_sel *x, const struct sp_scope_in *in)
{
	struct sp_node *node;
	if (x->s->from)
		return sp_an_rel(x->an, x->s->from, in, &x->source);
	node = sp_an_node(x->an, SP_P_ROWS, 0, 0);
	node->p.row_n = 1;
	x->source = (struct sp_source){ .node = node };
	return 0;
}

/* Column names with their tables, as some errors have them: sum(t.a). */
struct qualifier {
	struct sp_sel *x;
};
static int qualify(void *self, struct sp_expr **slot)
{
	struct sp_sel *x = ((struct qualifier *)self)->x;
	struct sp_expr *e = *slot;
	size_t i, k;
	for (i = 0; e->op == SP_COLUMN && i < x->source.n; i++) {
		const struct sp_attr *a = &x->source.attrs[i];
		struct buf b = { 0 };
		if (a->id != e->column)
			continue;
		for (k = 0; k < a->qual_n; k++)
			buf_addf(&b, "%.*s.", SL(a->qual[k]));
		buf_addsl(&b, a->name);
		e->shown = sp_an_text(x->an, &b);
		break;
	}
	return sp_an_each(e, qualify, self);
}

static struct slice sql_of(struct sp_sel *x, struct sp_expr *e)
{
	struct qualifier q = { x };
	qualify(&q, &e);
	return sp_an_shown(x->an, e);
}

struct finder {
	bool (*test)(const struct sp_expr *e);
	struct sp_expr *found;
	bool into_windows;
};
static int find(void *self, struct sp_expr **slot)
{
	struct finder *f = self;
	if (f->test(*slot)) {
		f->found = *slot;
		return 1;
	}
	return sp_an_each(*slot, find, self);
}

static struct sp_expr *find_in(struct sp_expr *e, bool (*test)(const struct sp_expr *e))
{
	struct finder f = { .test = test };
	find(&f, &e);
	return f.found;
}

static int where(struct sp_sel *x)
{
	struct sp_env env = env_of(x, SP_IN_WHERE);
	struct sp_expr *e, *bad;
	if (!x->s->where)
		return 0;
	if (!(e = sp_an_condition(&env, x->s->where, "WHERE")))
		return 1;
	if ((bad = find_in(e, sp_is_generator)))
		return sp_an_fail_at(x->an, 0, 0, "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "0A000",
				     "The generator is not supported: outside the SELECT clause, found: 'Filter %.*s.", SL(sp_an_shown(x->an, e)));
	if ((bad = find_in(e, sp_is_window)))
		return sp_an_fail_at(x->an, 0, 0, "_LEGACY_ERROR_TEMP_1034", "", "It is not allowed to use window functions inside WHERE clause.");
	if ((bad = find_in(e, sp_is_aggregate))) {
		struct slice shown = sp_an_shown(x->an, e);
		return sp_an_fail_at(x->an, x->q->at, x->q->at + 1, "INVALID_WHERE_CONDITION", "42903",
				     "The WHERE condition \"%.*s\" contains invalid expressions: %.*s.\nRewrite the query to avoid window functions, aggregate functions, and "
				     "generator functions in the WHERE clause.", SL(shown), SL(sql_of(x, bad)));
	}
	return sp_an_where(x->an, &x->node, e);
}

/* ---- the list ---- */
static struct sp_item *item_new(struct sp_sel *x)
{
	ARENA_GROW(x->an->a, x->items, x->n, x->cap);
	x->items[x->n] = (struct sp_item){ .id = x->an->next_id++ };
	return &x->items[x->n++];
}

static int star(struct sp_sel *x, const struct sp_ex *ex)
{
	struct sp_expr **v;
	struct slice *names;
	size_t n, i;
	if (sp_an_star(&x->env, ex, &v, &names, &n))
		return 1;
	for (i = 0; i < n; i++) {
		struct sp_item *it = item_new(x);
		it->e = v[i];
		it->name = names[i];
		it->ex = ex;
		it->star = true;
	}
	return 0;
}

/* Aliases so far, which later items may name. */
static void publish(struct sp_sel *x, const struct sp_item *it)
{
	struct sp_attr *v = (struct sp_attr *)x->lateral.attrs;
	if (it->aliased)
		v[x->lateral.n++] = (struct sp_attr){ .id = it->id, .name = it->name, .type = it->e->type, .nullable = it->e->nullable };
}

/* A generator's columns are items in its place. */
static int generated(struct sp_sel *x, const struct sp_ex *ex, struct sp_expr *e)
{
	struct sp_generated *g;
	struct sp_item *it;
	bool aliased = ex->kind == SP_EX_ALIAS;
	const struct slice *names = !aliased ? NULL : ex->alias.name.p ? &ex->alias.name : ex->alias.names.v;
	size_t name_n = !aliased ? 0 : ex->alias.name.p ? 1 : ex->alias.names.n, i;
	ARENA_GROW(x->an->a, x->generated, x->generated_n, x->generated_cap);
	g = &x->generated[x->generated_n++];
	g->call = e;
	if (sp_an_generator_attrs(x->an, sp_special_of(e), names, name_n, &g->attrs, &g->n))
		return 1;
	for (i = 0; i < g->n; i++) {
		it = item_new(x);
		it->e = sp_an_column(x->an, &g->attrs[i]);
		it->name = g->attrs[i].name;
		it->ex = ex;
		it->aliased = aliased;
	}
	return 0;
}

static int item(struct sp_sel *x, const struct sp_ex *ex)
{
	const struct sp_ex *in = ex->kind == SP_EX_ALIAS ? ex->alias.a : ex;
	struct sp_env env = x->env;
	struct sp_item *it;
	struct sp_expr *e;
	if (ex->kind == SP_EX_STAR)
		return star(x, ex);
	env.any_aggregate = env.any_window = env.any_generator = false;
	if (!(e = sp_an_expr(&env, in)))
		return 1;
	x->env.any_aggregate |= env.any_aggregate;
	if (sp_is_generator(e))
		return generated(x, ex, e);
	if (env.any_generator)
		return sp_an_fail_at(x->an, 0, 0, "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS", "0A000",
				     "The generator is not supported: nested in expressions \"%.*s\".", SL(sp_an_shown(x->an, e)));
	it = item_new(x);
	it->e = e;
	it->ex = in;
	it->aggregate = env.any_aggregate;
	it->aliased = ex->kind == SP_EX_ALIAS;
	it->name = it->aliased ? ex->alias.name : sp_an_item_name(x->an, in, e);
	if (it->aliased && !ex->alias.name.p) {
		if (ex->alias.names.n != 1)
			return sp_an_fail(x->an, e, "MULTI_ALIAS_WITHOUT_GENERATOR", "42K0E", "Multi part aliasing (%.*s) is not supported with %.*s as it is not a generator "
					  "function.", SL(ex->alias.names.v[0]), SL(sp_an_shown(x->an, e)));
		it->name = ex->alias.names.v[0];
	}
	publish(x, it);
	return 0;
}

static int items(struct sp_sel *x)
{
	struct sp_attr *v = SP_NEWS(x->an, struct sp_attr, x->s->items.n + 1);
	uint32_t i;
	x->lateral = (struct sp_lateral){ .attrs = v };
	x->env.lateral = &x->lateral;
	for (i = 0; i < x->s->items.n; i++)
		if (item(x, x->s->items.v[i]))
			return 1;
	x->env.lateral = NULL;
	return 0;
}

/* Items as HAVING, QUALIFY and ORDER BY see them: a column without alias keeps its table. */
static void outs(struct sp_sel *x)
{
	size_t i, k;
	x->outs = SP_NEWS(x->an, struct sp_attr, x->n + 1);
	for (i = 0; i < x->n; i++) {
		const struct sp_item *it = &x->items[i];
		struct sp_attr *o = &x->outs[i];
		*o = (struct sp_attr){ .id = it->id, .name = it->name, .type = it->e->type, .nullable = it->e->nullable };
		if (it->aliased || it->e->op != SP_COLUMN)
			continue;
		for (k = 0; k < x->source.n && x->source.attrs[k].id != it->e->column; k++)
			;
		if (k < x->source.n) {
			o->qual = x->source.attrs[k].qual;
			o->qual_n = x->source.attrs[k].qual_n;
			o->uid = x->source.attrs[k].uid;
			o->origin = x->source.attrs[k].origin ? x->source.attrs[k].origin : x->source.attrs[k].id;
		}
	}
}

/* ---- HAVING, QUALIFY, ORDER BY ---- */
static struct sp_env after_env(struct sp_sel *x, enum sp_clause clause)
{
	struct sp_env env = env_of(x, clause);
	env.attrs = x->outs;
	env.n = x->n;
	env.more = x->source.attrs;
	env.more_n = x->source.n;
	return env;
}

static int inline_slot(void *self, struct sp_expr **slot)
{
	struct sp_sel *x = self;
	size_t i;
	if ((*slot)->op == SP_COLUMN) {
		for (i = 0; i < x->n; i++)
			if (x->items[i].id == (*slot)->column) {
				*slot = x->items[i].e;
				return 0;
			}
		return 0;
	}
	return sp_an_each(*slot, inline_slot, self);
}

int sp_sel_inline(struct sp_sel *x, struct sp_expr **slot)
{
	return *slot ? inline_slot(x, slot) : 0;
}

/* A column of FROM outside of any aggregate. */
static int bare_column(void *self, struct sp_expr **slot)
{
	struct sp_sel *x = self;
	size_t i;
	if (sp_is_aggregate(*slot))
		return 0;
	for (i = 0; (*slot)->op == SP_COLUMN && i < x->source.n; i++)
		if (x->source.attrs[i].id == (*slot)->column)
			return 1;
	return sp_an_each(*slot, bare_column, self);
}

/* Columns of FROM that are grouped by: in HAVING their names mean them, before items of the same name. */
static void grouped(struct sp_sel *x, const struct sp_grouping *k, struct sp_attrs *out)
{
	const struct sp_exs single = { .v = (struct sp_ex **)&k->ex, .n = k->ex != NULL }, *list = k->ex ? &single : &k->set;
	uint32_t i;
	for (i = 0; i < list->n; i++) {
		bool found = false;
		struct sp_expr *e = list->v[i]->kind == SP_EX_NAME ? sp_an_lookup(x->an, x->source.attrs, x->source.n, &list->v[i]->name, &found) : NULL;
		size_t j;
		for (j = 0; e && e->op == SP_COLUMN && j < x->source.n; j++)
			if (x->source.attrs[j].id == e->column) {
				ARENA_GROW(x->an->a, out->v, out->n, out->cap);
				out->v[out->n++] = x->source.attrs[j];
			}
	}
	for (i = 0; i < k->n; i++)
		grouped(x, &k->inner[i], out);
}

static int conditions(struct sp_sel *x)
{
	struct sp_env env = after_env(x, SP_IN_HAVING);
	struct sp_attrs first = { 0 };
	size_t i;
	for (i = 0; x->s->having && i < x->s->n_group; i++)
		grouped(x, &x->s->group[i], &first);
	if (x->an->err->set)
		return 1;
	env.first = first.v;
	env.first_n = first.n;
	for (i = 0; x->s->having && !x->s->n_group && i < x->n; i++)
		if (bare_column(x, &x->items[i].e))
			return sp_an_fail_at(x->an, x->q->at, x->q->at + 1, "MISSING_GROUP_BY", "42803",
					     "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the window functions using OVER clauses.");
	if (x->s->having && !(x->having = sp_an_expr(&env, x->s->having)))
		return 1;
	if (x->having && x->having->type->kind != SP_BOOLEAN) /* HAVING casts what is no predicate */
		x->having = sp_an_cast_explicit(x->an, x->having, &sp_types[SP_BOOLEAN], SP_CAST_SESSION);
	if (x->s->qualify && !(x->qualify = sp_an_condition(&env, x->s->qualify, "QUALIFY")))
		return 1;
	if (x->having && find_in(x->having, sp_is_window))
		return sp_an_fail_at(x->an, 0, 0, "_LEGACY_ERROR_TEMP_1034", "", "It is not allowed to use window functions inside HAVING clause.");
	x->env.any_aggregate |= env.any_aggregate;
	return 0;
}

/* What is an item already needn't be made again, and with DISTINCT it must be one. */
static int reuse_items(void *self, struct sp_expr **slot)
{
	struct sp_sel *x = self;
	size_t i;
	for (i = 0; (*slot)->op != SP_CONST && i < x->n; i++)
		if (sp_an_same(*slot, x->items[i].e)) {
			struct sp_expr *e = sp_an_column(x->an, &x->outs[i]);
			e->from = (*slot)->from;
			e->to = (*slot)->to;
			e->shown = sp_an_shown(x->an, *slot);
			*slot = e;
			return 0;
		}
	return sp_an_each(*slot, reuse_items, self);
}

static bool is_correlated(const struct sp_expr *e)
{
	return e->op == SP_SUBQUERY && ((const struct sp_sub *)e->plan)->outer_n;
}

static int order_of(struct sp_sel *x)
{
	const struct sp_sorts *sorts = x->q->order.n ? &x->q->order : &x->q->sort;
	struct sp_env env = after_env(x, SP_IN_ORDER);
	uint32_t i, n = sorts->n, k = 0;
	bool all = n == 1 && sorts->v[0].ex->kind == SP_EX_NAME && sorts->v[0].ex->name.n == 1 && sl_eq_nocase(sorts->v[0].ex->name.parts[0], S("all"));
	bool found = false, grouped = sp_sel_is_grouped(x);
	if (x->s->distinct)
		env.more_n = 0; /* only what is in the list is left */
	if (all) {
		(void)sp_an_lookup(x->an, env.attrs, env.n, &sorts->v[0].ex->name, &found);
		if (!found)
			(void)sp_an_lookup(x->an, env.more, env.more_n, &sorts->v[0].ex->name, &found);
	}
	all = all && !found;
	x->order = SP_NEWS(x->an, struct sp_order, (all ? x->n : n) + 1);
	for (i = 0; i < (all ? x->n : n); i++) {
		const struct sp_sort *s = &sorts->v[all ? 0 : i];
		const struct sp_ex *ex = s->ex;
		struct sp_order *o = &x->order[k++];
		o->desc = s->descending;
		o->nulls_last = s->nulls == SP_NULLS_DEFAULT ? s->descending : s->nulls == SP_NULLS_LAST;
		if (all) {
			o->e = sp_an_column(x->an, &x->outs[i]);
		} else if (ex->kind == SP_EX_LITERAL && ex->lit.kind == SP_LIT_INT) {
			if (ex->lit.number < 1 || (size_t)ex->lit.number > x->n)
				return sp_an_fail_at(x->an, ex->at, ex->end, "ORDER_BY_POS_OUT_OF_RANGE", "42805",
						     "ORDER BY position %lld is not in select list (valid range is [1, %zu]).", (long long)ex->lit.number, x->n);
			o->e = sp_an_column(x->an, &x->outs[ex->lit.number - 1]);
		} else {
			if (!(o->e = sp_an_expr(&env, ex)))
				return 1;
			reuse_items(x, &o->e);
		}
		if (find_in(o->e, sp_is_window) || (!grouped && find_in(o->e, sp_is_aggregate)))
			return sp_an_fail_at(x->an, ex->at, ex->end, "UNSUPPORTED_EXPR_FOR_OPERATOR", "", "A query operator contains one or more unsupported expressions. Consider to "
					     "rewrite it to avoid window functions, aggregate functions, and generator functions in the WHERE clause.\nInvalid expressions: "
					     "[\"%.*s\"]", SL(sp_an_shown(x->an, find_in(o->e, sp_is_window) ? find_in(o->e, sp_is_window) : find_in(o->e, sp_is_aggregate))));
		if (find_in(o->e, is_correlated))
			return sp_an_fail(x->an, find_in(o->e, is_correlated), "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY", "0A000",
					  "Unsupported subquery expression: Correlated scalar subqueries can only be used in filters, aggregations, projections, and "
					  "UPDATE/MERGE/DELETE commands");
		if (o->e->type && !sp_is_orderable(o->e->type))
			return sp_an_fail(x->an, o->e, "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09",
					  "Cannot resolve \"%.*s %s NULLS %s\" due to data type mismatch: The `sortorder` does not support ordering on type %.*s.",
					  SL(sp_an_shown(x->an, o->e)), o->desc ? "DESC" : "ASC", o->nulls_last ? "LAST" : "FIRST", SL(sp_an_type(x->an, o->e->type)));
	}
	x->order_n = k;
	return 0;
}

/* ---- aliases that items build on ---- */
static int level_of(void *self, struct sp_expr **slot)
{
	struct sp_sel *x = ((void **)self)[0];
	size_t *level = ((void **)self)[1], i;
	if ((*slot)->op != SP_COLUMN)
		return sp_an_each(*slot, level_of, self);
	for (i = 0; i < x->n; i++)
		if (x->items[i].id == (*slot)->column && x->items[i].level + 1 > *level)
			*level = x->items[i].level + 1;
	return 0;
}

/* Items that others name are made first, a PROJECT for each step of building on one another. */
static int levels(struct sp_sel *x)
{
	size_t i, level, most = 0;
	for (i = 0; i < x->n; i++) {
		void *self[2] = { x, &x->items[i].level };
		level_of(self, &x->items[i].e);
		most = x->items[i].level > most ? x->items[i].level : most;
	}
	for (level = 0; level < most; level++) {
		struct sp_expr **v = SP_NEWS(x->an, struct sp_expr *, x->n + 1);
		struct sp_attr *attrs = SP_NEWS(x->an, struct sp_attr, x->n + 1);
		size_t n = 0;
		for (i = 0; i < x->n; i++)
			if (x->items[i].level == level && x->items[i].aliased) {
				v[n] = x->items[i].e;
				attrs[n++] = x->outs[i];
			}
		if (sp_an_subqueries(x->an, &x->node, v, n) || sp_an_windows(x->an, &x->node, v, n))
			return 1;
		x->node = sp_an_extend(x->an, x->node, v, attrs, n);
		for (i = n = 0; i < x->n; i++)
			if (x->items[i].level == level && x->items[i].aliased) {
				x->items[i].e = sp_an_column(x->an, &attrs[n++]); /* the id goes on upwards */
			}
	}
	return 0;
}

static int generators(struct sp_sel *x)
{
	size_t i;
	for (i = 0; i < x->generated_n; i++) {
		struct sp_generated *g = &x->generated[i];
		if (sp_an_subqueries(x->an, &x->node, &g->call, 1))
			return 1;
		x->node = sp_an_generate(x->an, x->node, sp_special_of(g->call), g->attrs, g->n, false);
	}
	return 0;
}

/* ---- the end ---- */
enum { WIDER_MAX = 48 };

/* Columns that ORDER BY reads and the list doesn't have. */
struct extras {
	struct sp_sel *x;
	struct sp_expr **v;
	struct sp_attr *attrs;
	size_t n, cap, attr_cap;
	bool refused;
};

static int gather(void *self, struct sp_expr **slot)
{
	struct extras *m = self;
	struct sp_expr *e = *slot;
	size_t i;
	if (e->op != SP_COLUMN)
		return sp_an_each(e, gather, self);
	for (i = 0; i < m->x->n; i++)
		if (m->x->items[i].id == e->column)
			return 0;
	for (i = 0; i < m->n; i++)
		if (m->attrs[i].id == e->column)
			return 0;
	if (!sp_an_has(m->x->node, e->column))
		return 0;
	ARENA_GROW(m->x->an->a, m->v, m->n, m->cap);
	ARENA_GROW(m->x->an->a, m->attrs, m->n, m->attr_cap);
	m->v[m->n] = e;
	m->attrs[m->n++] = (struct sp_attr){ .id = e->column, .name = e->shown.p ? e->shown : S("?"), .type = e->type, .nullable = e->nullable };
	return 0;
}

static int distinct_refuses(struct sp_sel *x, const struct extras *m)
{
	struct sp_ex *ex = SP_NEW(x->an, struct sp_ex);
	ex->name = (struct sp_name){ .parts = SP_NEW(x->an, struct slice), .n = 1, .at = (uint32_t)m->v[0]->from, .end = (uint32_t)m->v[0]->to };
	ex->name.parts[0] = m->attrs[0].name;
	return sp_an_unresolved(x->an, &ex->name, x->outs, x->n);
}

static int sorted(struct sp_sel *x, struct sp_source *out)
{
	struct sp_node *node;
	if (!x->order_n)
		return 0;
	node = sp_an_over(x->an, SP_P_SORT, out->node);
	node->p.order = x->order;
	node->p.order_n = x->order_n;
	out->node = node;
	return 0;
}

static bool is_listed(const struct sp_sel *x, const struct sp_attr *a)
{
	for (size_t i = 0; i < x->n; i++)
		if (!x->items[i].aliased && x->items[i].e->op == SP_COLUMN && (x->items[i].e->column == a->id || (a->uid && x->outs[i].uid == a->uid)))
			return true;
	return false;
}

/* Columns of FROM that the list leaves out stay, hidden, where a frame's query is this one. */
static void widen(struct sp_sel *x, struct extras *m)
{
	if (x->an->widen != x->q || x->s->distinct || sp_sel_is_grouped(x))
		return;
	for (size_t i = 0; i < x->source.n && m->n < WIDER_MAX; i++) {
		const struct sp_attr *a = &x->source.attrs[i];
		size_t n = m->n;
		struct sp_expr *e = sp_an_column(x->an, a);
		if ((a->hidden == SP_META && !sl_eqs(a->name, "_metadata")) || is_listed(x, a)) /* a window's of time is the query's own */
			continue;
		gather(m, &e);
		if (m->n == n)
			continue;
		m->attrs[n] = *a;
		m->attrs[n].hidden = a->hidden ? a->hidden : SP_BELOW;
	}
}

static int finish(struct sp_sel *x, struct sp_source *out)
{
	struct sp_an *an = x->an;
	struct extras m = { .x = x };
	struct sp_expr **v;
	struct sp_attr *attrs;
	size_t i, n = x->n, sorting;
	v = SP_NEWS(an, struct sp_expr *, n + x->order_n + 1);
	for (i = 0; i < n; i++)
		v[i] = x->items[i].e;
	for (i = 0; i < x->order_n; i++)
		v[n + i] = x->order[i].e;
	if (sp_an_subqueries(an, &x->node, v, n + x->order_n) || sp_an_windows(an, &x->node, v, n + x->order_n))
		return 1;
	for (i = 0; i < x->order_n; i++) {
		x->order[i].e = v[n + i];
		gather(&m, &x->order[i].e);
	}
	if (m.n && x->s->distinct)
		return distinct_refuses(x, &m);
	sorting = m.n;
	widen(x, &m);
	attrs = SP_NEWS(an, struct sp_attr, n + m.n + 1);
	{
		struct sp_expr **all = SP_NEWS(an, struct sp_expr *, n + m.n + 1);
		for (i = 0; i < n; i++) {
			all[i] = v[i];
			attrs[i] = (struct sp_attr){ .id = x->items[i].id, .name = x->items[i].name, .type = v[i]->type, .nullable = v[i]->nullable };
			attrs[i].origin = x->outs[i].origin;
			attrs[i].qual = x->outs[i].qual;
			attrs[i].qual_n = x->outs[i].qual_n;
			attrs[i].uid = x->outs[i].uid;
		}
		for (i = 0; i < m.n; i++) {
			all[n + i] = m.v[i];
			attrs[n + i] = m.attrs[i];
		}
		out->node = sp_an_project(an, x->node, all, attrs, n + m.n);
	}
	for (i = 0; x->s->distinct && i < n; i++)
		if (attrs[i].type->kind == SP_MAP)
			return sp_an_fail_at(an, x->q->at, x->q->at + 1, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "0A000",
					     "The feature is not supported: Cannot have MAP type columns in DataFrame which calls set operations (INTERSECT, EXCEPT, etc.), but the "
					     "type of column `%.*s` is %.*s.", SL(attrs[i].name), SL(sp_an_type(an, attrs[i].type)));
	if (x->s->distinct)
		out->node = sp_an_over(an, SP_P_DISTINCT, out->node);
	out->attrs = attrs;
	out->n = n;
	for (i = sorting; i < m.n; i++)
		attrs[out->n++] = attrs[n + i];
	return sorted(x, out);
}

bool sp_sel_is_grouped(const struct sp_sel *x)
{
	return x->s->n_group || x->s->having || x->env.any_aggregate;
}

static int qualified(struct sp_sel *x)
{
	struct sp_expr *e = x->qualify;
	if (!e)
		return 0;
	sp_sel_inline(x, &e);
	if (sp_an_subqueries(x->an, &x->node, &e, 1) || sp_an_windows(x->an, &x->node, &e, 1))
		return 1;
	x->node = sp_an_filter(x->an, x->node, e);
	return 0;
}

int sp_an_select(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *out)
{
	struct sp_sel *x = SP_NEW(an, struct sp_sel);
	*x = (struct sp_sel){ .an = an, .q = q, .s = q->select };
	if (from(x, in) || sp_an_time_window(an, q, in, &x->source))
		return 1;
	x->node = x->source.node;
	x->env = (struct sp_env){ .an = an, .at = q->at, .attrs = x->source.attrs, .n = x->source.n, .outer = in->outer, .sub = in->sub, .sub_expr = in->sub_expr,
				  .ctes = in->ctes, .windows = x->s->windows, .window_n = x->s->n_windows, .clause = SP_IN_SELECT };
	if (where(x) || items(x))
		return 1;
	outs(x);
	if (conditions(x) || order_of(x))
		return 1;
	if (sp_sel_is_grouped(x) && sp_sel_group(x))
		return 1;
	if (x->having) {
		sp_sel_inline(x, &x->having);
		if (sp_an_where(an, &x->node, x->having))
			return 1;
	}
	return generators(x) || levels(x) || qualified(x) || finish(x, out);
}
