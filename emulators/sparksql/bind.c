/* The end of analysis: ids of columns become indexes of what an operator's inputs give. Expressions are copied, as several operators may
 * hold the same one. */
#include "sparksql/analysis.h"

struct binder {
	struct sp_an *an;
	size_t *at;    /* index by id, SIZE_MAX: not in sight */
	size_t width;  /* columns of the inputs, and parameters of lambdas around */
	size_t depth;
};

static struct sp_plan *bind_node(struct binder *b, struct sp_node *node);

static struct sp_plan *bind_source(struct binder *b, const struct sp_source *s)
{
	struct sp_an *an = b->an;
	struct sp_node *node = s->node;
	bool same = node->p.column_n == s->n;
	struct sp_plan *p;
	size_t i;
	for (i = 0; same && i < s->n; i++)
		same = node->ids[i] == s->attrs[i].id;
	if (!same) {
		struct sp_expr **v = SP_NEWS(an, struct sp_expr *, s->n + 1);
		for (i = 0; i < s->n; i++)
			v[i] = sp_an_column(an, &s->attrs[i]);
		node = sp_an_project(an, node, v, s->attrs, s->n);
	}
	p = bind_node(b, node);
	if (!p)
		return NULL;
	for (i = 0; i < s->n && !sl_eq(p->columns[i].name, s->attrs[i].name); i++)
		;
	if (i == s->n && i)
		return p;
	if (s->n) {
		struct sp_field *f = SP_NEWS(an, struct sp_field, s->n);
		for (i = 0; i < s->n; i++) {
			f[i] = p->columns[i];
			f[i].name = s->attrs[i].name;
		}
		p->columns = f;
	}
	return p;
}

static struct sp_expr *bind_expr(struct binder *b, struct sp_expr *e)
{
	struct sp_expr *x;
	size_t i;
	if (!e || e->op == SP_CONST)
		return e;
	x = SP_NEW(b->an, struct sp_expr);
	*x = *e;
	if (e->op == SP_COLUMN) {
		x->column = e->column < b->an->next_id ? b->at[e->column] : SIZE_MAX;
		if (x->column != SIZE_MAX)
			return x;
		sp_fail(b->an->err, SP_E_UNSERVED, "", "", "This use of column %.*s is not served.", SL(e->shown.p ? e->shown : S("?")));
		return NULL;
	}
	if (e->op == SP_SUBQUERY) {
		struct sp_sub *sub = (struct sp_sub *)e->plan;
		size_t width = b->width;
		x->plan = bind_source(b, &sub->inner);
		b->width = width;
		x->args = NULL;
		x->arg_n = 0;
		return x->plan ? x : NULL;
	}
	if (e->op == SP_LAMBDA) {
		for (i = 0; i < e->params; i++)
			b->at[e->column + i] = b->width + i;
		x->column = b->width;
		b->width += e->params;
	}
	x->args = SP_NEWS(b->an, struct sp_expr *, e->arg_n + 1);
	for (i = 0; i < e->arg_n; i++)
		if (!(x->args[i] = bind_expr(b, e->args[i])))
			return NULL;
	if (e->op == SP_LAMBDA)
		b->width -= e->params;
	return x;
}

static int bind_list(struct binder *b, struct sp_expr ***v, size_t n)
{
	struct sp_expr **out = SP_NEWS(b->an, struct sp_expr *, n + 1);
	size_t i;
	for (i = 0; i < n; i++)
		if (!(out[i] = bind_expr(b, (*v)[i])))
			return 1;
	*v = out;
	return 0;
}

static int bind_one(struct binder *b, struct sp_expr **e)
{
	if (!*e)
		return 0;
	*e = bind_expr(b, *e);
	return !*e;
}

static int bind_orders(struct binder *b, struct sp_order **v, size_t n)
{
	struct sp_order *out = SP_NEWS(b->an, struct sp_order, n + 1);
	size_t i;
	for (i = 0; i < n; i++) {
		out[i] = (*v)[i];
		if (bind_one(b, &out[i].e))
			return 1;
	}
	*v = out;
	return 0;
}

static int bind_parts(struct binder *b, struct sp_plan *p)
{
	size_t i;
	if (bind_one(b, &p->condition) || bind_one(b, &p->generator) || bind_one(b, &p->start) || bind_one(b, &p->end) || bind_one(b, &p->step))
		return 1;
	if ((p->exprs && bind_list(b, &p->exprs, p->kind == SP_P_ROWS ? p->row_n * p->column_n : p->expr_n))
	    || (p->groups && bind_list(b, &p->groups, p->group_n)) || (p->partition && bind_list(b, &p->partition, p->partition_n))
	    || (p->order && bind_orders(b, &p->order, p->order_n)))
		return 1;
	for (i = 0; i < p->aggregate_n; i++) {
		struct sp_aggregation *g = &p->aggregates[i];
		if (bind_one(b, &g->call) || bind_one(b, &g->filter) || (g->order && bind_orders(b, &g->order, g->order_n)))
			return 1;
	}
	for (i = 0; i < p->window_n; i++) {
		struct sp_windowed *w = &p->windows[i];
		if (bind_one(b, &w->call) || bind_one(b, &w->filter) || bind_one(b, &w->frame.from.by) || bind_one(b, &w->frame.to.by))
			return 1;
	}
	for (i = 0; i < p->expand_n; i++)
		if (bind_list(b, &p->expands[i], p->column_n))
			return 1;
	return 0;
}

/* A CTE that is read once is no CTE. */
static struct sp_plan *bind_shared(struct binder *b, struct sp_node *node)
{
	struct sp_shared *s = node->p.shared;
	struct sp_node *inner = (struct sp_node *)s->plan;
	struct sp_plan *p = bind_node(b, inner);
	if (!p)
		return NULL;
	if (s->uses == 1)
		return p;
	s->plan = p;
	return &node->p;
}

static struct sp_plan *bind_node(struct binder *b, struct sp_node *node)
{
	struct sp_plan *p = &node->p;
	size_t i, k, n = 0;
	struct sp_node **in;
	int rc;
	if (node->bound)
		return p;
	node->bound = true;
	if (++b->depth > SP_AN_DEPTH_MAX) {
		sp_fail(b->an->err, SP_E_LIMIT, "", "", "The statement is nested too deeply.");
		return NULL;
	}
	if (p->kind == SP_P_SHARED) {
		struct sp_plan *q = bind_shared(b, node);
		b->depth--;
		return q;
	}
	in = SP_NEWS(b->an, struct sp_node *, p->in_n + 1);
	for (i = 0; i < p->in_n; i++) {
		in[i] = sp_an_in(node, i);
		p->in[i] = bind_node(b, in[i]);
		if (!p->in[i])
			return NULL;
	}
	for (i = 0; i < p->in_n && p->kind != SP_P_UNION && p->kind != SP_P_SETOP; i++)
		for (k = 0; k < in[i]->p.column_n; k++)
			b->at[in[i]->ids[k]] = n++;
	b->width = n;
	rc = bind_parts(b, p);
	for (i = 0; i < p->in_n; i++)
		for (k = 0; k < in[i]->p.column_n; k++)
			b->at[in[i]->ids[k]] = SIZE_MAX;
	b->depth--;
	return rc ? NULL : p;
}

static void start(struct binder *b, struct sp_an *an)
{
	size_t i;
	*b = (struct binder){ .an = an };
	b->at = SP_NEWS(an, size_t, an->next_id + 1);
	for (i = 0; i <= an->next_id; i++)
		b->at[i] = SIZE_MAX;
}

int sp_an_bind(struct sp_an *an, const struct sp_source *s, struct sp_plan **plan)
{
	struct binder b;
	/* The last PROJECT has no new ids, so the table has room for all. */
	start(&b, an);
	*plan = bind_source(&b, s);
	return !*plan;
}

int sp_an_bind_expr(struct sp_an *an, struct sp_expr **e, const size_t *ids, size_t n)
{
	struct binder b;
	size_t i;
	start(&b, an);
	for (i = 0; i < n; i++)
		b.at[ids[i]] = i;
	b.width = n;
	return bind_one(&b, e);
}
