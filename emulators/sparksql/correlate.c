/* Correlation taken out of a subquery: conditions with outer columns move up, so that the subquery is a join's right side. */
#include "sparksql/analyze_subquery.h"

static bool is_outer(const struct sp_sub *sub, size_t id)
{
	size_t i;
	for (i = 0; i < sub->outer_n; i++)
		if (sub->outer[i] == id)
			return true;
	return false;
}

static int reads_outer(void *self, struct sp_expr **slot)
{
	if ((*slot)->op == SP_COLUMN)
		return is_outer(self, (*slot)->column);
	return sp_an_each(*slot, reads_outer, self);
}

bool sp_sub_reads_outer(const struct sp_sub *sub, struct sp_expr *e)
{
	return e && reads_outer((void *)sub, &e);
}

static bool list_reads(const struct sp_sub *s, struct sp_expr *const *v, size_t n)
{
	size_t i;
	for (i = 0; i < n; i++)
		if (sp_sub_reads_outer(s, v[i]))
			return true;
	return false;
}

static bool orders_read(const struct sp_sub *s, const struct sp_order *v, size_t n)
{
	size_t i;
	for (i = 0; i < n; i++)
		if (sp_sub_reads_outer(s, v[i].e))
			return true;
	return false;
}

static bool node_reads(const struct sp_sub *s, const struct sp_node *node)
{
	const struct sp_plan *p = &node->p;
	size_t i;
	if (sp_sub_reads_outer(s, p->condition) || sp_sub_reads_outer(s, p->generator) || list_reads(s, p->groups, p->group_n)
	    || list_reads(s, p->partition, p->partition_n) || orders_read(s, p->order, p->order_n)
	    || (p->exprs && list_reads(s, p->exprs, p->kind == SP_P_ROWS ? p->row_n * p->column_n : p->expr_n)))
		return true;
	for (i = 0; i < p->aggregate_n; i++)
		if (sp_sub_reads_outer(s, p->aggregates[i].call) || sp_sub_reads_outer(s, p->aggregates[i].filter))
			return true;
	for (i = 0; i < p->window_n; i++)
		if (sp_sub_reads_outer(s, p->windows[i].call))
			return true;
	for (i = 0; i < p->expand_n; i++)
		if (list_reads(s, p->expands[i], p->column_n))
			return true;
	return false;
}

static bool tree_reads(const struct sp_sub *s, const struct sp_node *node)
{
	size_t i;
	if (node->bound)
		return false;
	if (node_reads(s, node))
		return true;
	for (i = 0; i < node->p.in_n; i++)
		if (tree_reads(s, sp_an_in(node, i)))
			return true;
	return node->p.kind == SP_P_SHARED && node->p.shared->uses == 1 && tree_reads(s, (struct sp_node *)node->p.shared->plan);
}

static struct sp_node *copy(struct sp_an *an, const struct sp_node *node)
{
	struct sp_node *c = SP_NEW(an, struct sp_node);
	*c = *node;
	if (node->p.in_n) {
		c->p.in = SP_NEWS(an, struct sp_plan *, node->p.in_n);
		memcpy(c->p.in, node->p.in, node->p.in_n * sizeof(*c->p.in));
	}
	return c;
}

static void add_pred(struct sp_pulled *p, struct sp_expr *e)
{
	ARENA_GROW(p->an->a, p->preds, p->n, p->cap);
	p->preds[p->n++] = e;
}

static struct sp_node *fail(struct sp_pulled *p)
{
	p->failed = true;
	return NULL;
}

/* Inner columns that conditions read: node must have them. */
struct needed {
	struct sp_pulled *p;
	const struct sp_node *node;
	struct sp_expr **v;
	size_t n, cap;
};

static int needs(void *self, struct sp_expr **slot)
{
	struct needed *m = self;
	size_t i;
	if ((*slot)->op != SP_COLUMN)
		return sp_an_each(*slot, needs, self);
	if (is_outer(m->p->sub, (*slot)->column) || sp_an_has(m->node, (*slot)->column))
		return 0;
	for (i = 0; i < m->n; i++)
		if (m->v[i]->column == (*slot)->column)
			return 0;
	ARENA_GROW(m->p->an->a, m->v, m->n, m->cap);
	m->v[m->n++] = *slot;
	return 0;
}

static struct needed needed_by(struct sp_pulled *p, const struct sp_node *node)
{
	struct needed m = { .p = p, .node = node };
	size_t i;
	for (i = 0; i < p->n; i++)
		needs(&m, &p->preds[i]);
	return m;
}

static struct sp_node *filter(struct sp_pulled *p, struct sp_node *node)
{
	struct sp_node *in = sp_sub_pull(p, sp_an_in(node, 0));
	struct sp_expr **v = NULL, *rest = NULL;
	size_t n = 0, cap = 0, i;
	if (!in)
		return NULL;
	if (p->global) /* HAVING over what a missing group would be */
		return fail(p);
	sp_an_conjuncts(p->an, node->p.condition, &v, &n, &cap);
	for (i = 0; i < n; i++) {
		if (sp_sub_reads_outer(p->sub, v[i]))
			add_pred(p, v[i]);
		else
			rest = sp_an_and(p->an, rest, v[i]);
	}
	return rest ? sp_an_filter(p->an, in, rest) : in;
}

static struct sp_node *project(struct sp_pulled *p, struct sp_node *node)
{
	struct sp_an *an = p->an;
	struct sp_node *in = sp_sub_pull(p, sp_an_in(node, 0)), *out;
	struct needed m;
	size_t n = node->p.column_n, i;
	if (!in || node_reads(p->sub, node))
		return fail(p);
	m = needed_by(p, node);
	out = sp_an_node(an, SP_P_PROJECT, n + m.n, 1);
	out->p.in[0] = &in->p;
	out->p.exprs = SP_NEWS(an, struct sp_expr *, n + m.n + 1);
	out->p.expr_n = n + m.n;
	for (i = 0; i < n; i++) {
		out->p.exprs[i] = node->p.exprs[i];
		out->p.columns[i] = node->p.columns[i];
		out->ids[i] = node->ids[i];
	}
	for (i = 0; i < m.n; i++) {
		out->p.exprs[n + i] = m.v[i];
		sp_an_set_column(out, n + i, m.v[i]->column, m.v[i]->shown.p ? m.v[i]->shown : S("?"), m.v[i]->type, m.v[i]->nullable);
	}
	return out;
}

/* The side of an equality that reads no outer column; the other reads nothing else. NULL: no such condition. */
static struct sp_expr **inner_side(const struct sp_pulled *p, struct sp_expr *e, const struct sp_node *in)
{
	struct needed m = { .p = (struct sp_pulled *)p };
	struct sp_node none = { 0 };
	int i;
	if (e->op != SP_CALL || !e->fn || e->arg_n != 2 || (strcmp(e->fn->name, "=") != 0 && strcmp(e->fn->name, "<=>") != 0))
		return NULL;
	(void)in;
	m.node = &none;
	for (i = 0; i < 2; i++) {
		m.n = 0;
		if (sp_sub_reads_outer(p->sub, e->args[i]))
			continue;
		needs(&m, &e->args[1 - i]);
		return m.n ? NULL : &e->args[i];
	}
	return NULL;
}

/* Each condition has to be an equality: its inner side is one more group. */
static struct sp_node *aggregate(struct sp_pulled *p, struct sp_node *node)
{
	struct sp_an *an = p->an;
	size_t before = p->n, i, n = node->p.group_n, extra, total;
	struct sp_node *in = sp_sub_pull(p, sp_an_in(node, 0)), *out;
	if (!in || node_reads(p->sub, node) || p->global)
		return fail(p);
	extra = p->n - before;
	total = n + extra + node->p.aggregate_n;
	if (!n)
		p->global = true;
	out = sp_an_node(an, SP_P_AGGREGATE, total, 1);
	out->p.in[0] = &in->p;
	out->p.aggregates = node->p.aggregates;
	out->p.aggregate_n = node->p.aggregate_n;
	out->p.groups = SP_NEWS(an, struct sp_expr *, n + extra + 1);
	out->p.group_n = n + extra;
	for (i = 0; i < n; i++) {
		out->p.groups[i] = node->p.groups[i];
		out->p.columns[i] = node->p.columns[i];
		out->ids[i] = node->ids[i];
	}
	for (i = 0; i < extra; i++) {
		struct sp_expr *pred = p->preds[before + i], *copied, **side;
		struct sp_attr a = { .name = S("key") };
		if (!inner_side(p, pred, in))
			return fail(p);
		copied = SP_NEW(an, struct sp_expr);
		*copied = *pred;
		copied->args = SP_NEWS(an, struct sp_expr *, 2);
		memcpy(copied->args, pred->args, 2 * sizeof(*copied->args));
		side = inner_side(p, copied, in);
		a.id = an->next_id++;
		a.type = (*side)->type;
		a.nullable = (*side)->nullable;
		out->p.groups[n + i] = *side;
		sp_an_set_column(out, n + i, a.id, a.name, a.type, a.nullable);
		*side = sp_an_column(an, &a);
		p->preds[before + i] = copied;
	}
	for (i = 0; i < node->p.aggregate_n; i++) {
		out->p.columns[n + extra + i] = node->p.columns[n + i];
		out->ids[n + extra + i] = node->ids[n + i];
	}
	return out;
}

static struct sp_node *join(struct sp_pulled *p, struct sp_node *node)
{
	struct sp_an *an = p->an;
	enum sp_join j = node->p.join;
	bool inner = j == SP_J_INNER || j == SP_J_CROSS, read = sp_sub_reads_outer(p->sub, node->p.condition);
	struct sp_node *l, *r;
	struct sp_expr **v = NULL, *rest = NULL;
	size_t n = 0, cap = 0, i;
	if (!inner && (read || tree_reads(p->sub, sp_an_in(node, 1)) || j == SP_J_RIGHT || j == SP_J_FULL))
		return fail(p);
	l = sp_sub_pull(p, sp_an_in(node, 0));
	if (!l || p->global)
		return fail(p);
	r = inner ? sp_sub_pull(p, sp_an_in(node, 1)) : sp_an_in(node, 1);
	if (!r || p->global)
		return fail(p);
	if (!read) {
		rest = node->p.condition;
	} else {
		sp_an_conjuncts(an, node->p.condition, &v, &n, &cap);
		for (i = 0; i < n; i++) {
			if (sp_sub_reads_outer(p->sub, v[i]))
				add_pred(p, v[i]);
			else
				rest = sp_an_and(an, rest, v[i]);
		}
	}
	if (j == SP_J_EXISTS) {
		struct sp_node *out = sp_an_join(an, j, l, r, rest);
		out->ids[out->p.column_n - 1] = node->ids[node->p.column_n - 1];
		return out;
	}
	return sp_an_join(an, inner ? (rest ? SP_J_INNER : SP_J_CROSS) : j, l, r, rest);
}

/* Operators that let rows through as they are. */
static struct sp_node *through(struct sp_pulled *p, struct sp_node *node)
{
	struct sp_node *in, *out;
	size_t before = p->n, i;
	if (node_reads(p->sub, node))
		return fail(p);
	in = sp_sub_pull(p, sp_an_in(node, 0));
	if (!in)
		return NULL;
	for (i = before; node->p.kind == SP_P_DISTINCT && i < p->n; i++)
		if (!inner_side(p, p->preds[i], in))
			return fail(p);
	out = sp_an_over(p->an, node->p.kind, in);
	out->p.order = node->p.order;
	out->p.order_n = node->p.order_n;
	return out;
}

static struct sp_node *generate(struct sp_pulled *p, struct sp_node *node)
{
	struct sp_node *in = sp_sub_pull(p, sp_an_in(node, 0)), *out;
	size_t m = node->p.column_n - sp_an_in(node, 0)->p.column_n, i;
	if (!in || node_reads(p->sub, node))
		return fail(p);
	out = copy(p->an, node);
	out->p.in[0] = &in->p;
	out->p.column_n = in->p.column_n + m;
	out->p.columns = SP_NEWS(p->an, struct sp_field, out->p.column_n + 1);
	out->ids = SP_NEWS(p->an, size_t, out->p.column_n + 1);
	for (i = 0; i < in->p.column_n; i++) {
		out->p.columns[i] = in->p.columns[i];
		out->ids[i] = in->ids[i];
	}
	for (i = 0; i < m; i++) {
		out->p.columns[in->p.column_n + i] = node->p.columns[node->p.column_n - m + i];
		out->ids[in->p.column_n + i] = node->ids[node->p.column_n - m + i];
	}
	return out;
}

struct sp_node *sp_sub_pull(struct sp_pulled *p, struct sp_node *node)
{
	if (!tree_reads(p->sub, node))
		return node;
	if (node->p.kind != SP_P_PROJECT && node->p.kind != SP_P_SORT && node->p.kind != SP_P_LIMIT)
		p->exists = false; /* a LIMIT below it is to be kept */
	switch (node->p.kind) {
	case SP_P_FILTER:
		return filter(p, node);
	case SP_P_PROJECT:
		return project(p, node);
	case SP_P_AGGREGATE:
		return aggregate(p, node);
	case SP_P_JOIN:
		return join(p, node);
	case SP_P_SORT:
	case SP_P_DISTINCT:
		return through(p, node);
	case SP_P_GENERATE:
		return generate(p, node);
	case SP_P_SHARED:
		return node->p.shared->uses == 1 ? fail(p) : node;
	case SP_P_LIMIT:
		if (p->exists && node->p.offset == 0 && node->p.limit != 0)
			return sp_sub_pull(p, sp_an_in(node, 0));
		return fail(p);
	case SP_P_ROWS:
	case SP_P_RANGE:
	case SP_P_SCAN:
	case SP_P_WINDOW:
	case SP_P_UNION:
	case SP_P_SETOP:
	case SP_P_EXPAND:
	case SP_P_SAMPLE:
	case SP_P_APPLY:
	case SP_P_OUTER:
		break;
	}
	return fail(p);
}

/* ---- APPLY ---- */
static struct sp_node *outer_node(struct sp_an *an, const struct sp_sub *sub, const struct sp_expr *e, struct sp_params *params)
{
	struct sp_node *node = sp_an_node(an, SP_P_OUTER, sub->outer_n, 0);
	size_t i;
	for (i = 0; i < sub->outer_n; i++) {
		const struct sp_expr *a = e->args[sub->values + i];
		sp_an_set_column(node, i, sub->outer[i], a->shown.p ? a->shown : S("outer"), a->type, a->nullable);
	}
	node->p.params = params;
	return node;
}

struct sp_node *sp_sub_with_outer(struct sp_an *an, const struct sp_sub *sub, const struct sp_expr *e, struct sp_params *params, struct sp_node *node)
{
	bool read = node_reads(sub, node);
	struct sp_node *c;
	size_t i, k;
	if (!tree_reads(sub, node))
		return node;
	if (node->p.kind == SP_P_SHARED) {
		node->p.shared->plan = &sp_sub_with_outer(an, sub, e, params, (struct sp_node *)node->p.shared->plan)->p;
		return node;
	}
	c = copy(an, node);
	for (i = 0; i < c->p.in_n; i++) {
		struct sp_node *in = sp_sub_with_outer(an, sub, e, params, sp_an_in(c, i));
		if (read && i == 0)
			in = sp_an_join(an, SP_J_CROSS, in, outer_node(an, sub, e, params), NULL);
		c->p.in[i] = &in->p;
	}
	if (read && !c->p.in_n && c->p.kind == SP_P_ROWS && c->p.row_n == 1) { /* VALUES with outer columns: a PROJECT over them */
		struct sp_node *out = sp_an_node(an, SP_P_PROJECT, c->p.column_n, 1);
		memcpy(out->p.columns, c->p.columns, c->p.column_n * sizeof(*out->p.columns));
		memcpy(out->ids, c->ids, c->p.column_n * sizeof(*out->ids));
		out->p.exprs = c->p.exprs;
		out->p.expr_n = c->p.column_n;
		out->p.in[0] = &outer_node(an, sub, e, params)->p;
		return out;
	}
	if (!read || c->p.kind == SP_P_PROJECT || c->p.kind == SP_P_AGGREGATE)
		return c;
	/* What passes its input through has the outer columns now, too: they go again. */
	{
		size_t n = node->p.column_n;
		struct sp_expr **v = SP_NEWS(an, struct sp_expr *, n + 1);
		struct sp_attr *attrs = SP_NEWS(an, struct sp_attr, n + 1);
		struct sp_node *in = sp_an_in(c, 0), *first = sp_an_in(node, 0);
		size_t more = in->p.column_n - first->p.column_n;
		struct sp_field *f = SP_NEWS(an, struct sp_field, n + more + 1);
		size_t *ids = SP_NEWS(an, size_t, n + more + 1);
		for (i = 0; i < n; i++) {
			attrs[i] = (struct sp_attr){ .id = node->ids[i], .name = node->p.columns[i].name, .type = node->p.columns[i].type,
						     .nullable = node->p.columns[i].nullable };
			v[i] = sp_an_column(an, &attrs[i]);
		}
		for (i = 0, k = 0; i < in->p.column_n; i++, k++) {
			f[k] = in->p.columns[i];
			ids[k] = in->ids[i];
		}
		for (i = first->p.column_n; i < n; i++, k++) {
			f[k] = node->p.columns[i];
			ids[k] = node->ids[i];
		}
		c->p.columns = f;
		c->ids = ids;
		c->p.column_n = k;
		return sp_an_project(an, c, v, attrs, n);
	}
}

/* ---- small ones ---- */
struct substitution {
	struct sp_an *an;
	const struct sp_sub *sub;
	const struct sp_expr *e;
};

static int substitute(void *self, struct sp_expr **slot)
{
	struct substitution *s = self;
	size_t i;
	if ((*slot)->op != SP_COLUMN)
		return sp_an_each(*slot, substitute, self);
	for (i = 0; i < s->sub->outer_n; i++)
		if (s->sub->outer[i] == (*slot)->column) {
			*slot = s->e->args[s->sub->values + i];
			return 0;
		}
	return 0;
}

void sp_sub_substitute(struct sp_an *an, const struct sp_sub *sub, const struct sp_expr *e, struct sp_expr **slot)
{
	struct substitution s = { an, sub, e };
	substitute(&s, slot);
}

static struct sp_expr *emptied(struct sp_an *an, const struct sp_node *node, struct sp_expr *e)
{
	struct sp_expr *c;
	size_t i;
	if (e->op == SP_CONST)
		return e;
	if (e->op == SP_COLUMN)
		return sp_sub_empty(an, node, e->column);
	if (e->op == SP_SUBQUERY || e->op == SP_LAMBDA)
		return NULL;
	c = SP_NEW(an, struct sp_expr);
	*c = *e;
	c->args = SP_NEWS(an, struct sp_expr *, e->arg_n + 1);
	for (i = 0; i < e->arg_n; i++)
		if (!(c->args[i] = emptied(an, node, e->args[i])))
			return NULL;
	return c;
}

struct sp_expr *sp_sub_empty(struct sp_an *an, const struct sp_node *node, size_t id)
{
	size_t i;
	for (i = 0; i < node->p.column_n && node->ids[i] != id; i++)
		;
	if (i == node->p.column_n)
		return NULL;
	if (node->p.kind == SP_P_PROJECT)
		return emptied(an, sp_an_in(node, 0), node->p.exprs[i]);
	if (node->p.kind == SP_P_SORT)
		return sp_sub_empty(an, sp_an_in(node, 0), id);
	if (node->p.kind != SP_P_AGGREGATE || i < node->p.group_n)
		return NULL;
	{
		const struct sp_expr *call = node->p.aggregates[i - node->p.group_n].call;
		if (!(call->fn->flags & SP_F_NEVER_NULL))
			return sp_an_null(an, call->type);
		if (call->type->kind == SP_ARRAY)
			return sp_an_const(an, call->type, (struct sp_value){ .list = sp_list_new(an->a, 0) });
		return sp_an_cast(an, sp_an_int(an, 0), call->type);
	}
}
