/* Copies of plans, and walks over them. */
#include "engine/plan.h"

static struct sp_expr *expr(struct sp_plan_copy *c, const struct sp_expr *e);
static struct sp_plan *plan(struct sp_plan_copy *c, const struct sp_plan *p);

static struct sp_expr **exprs(struct sp_plan_copy *c, struct sp_expr *const *v, size_t n)
{
	struct sp_expr **out = v ? arena_alloc(c->a, (n + 1) * sizeof(*out)) : NULL;
	for (size_t i = 0; v && i < n; i++)
		out[i] = expr(c, v[i]);
	return out;
}

static struct sp_expr *expr(struct sp_plan_copy *c, const struct sp_expr *e)
{
	struct sp_expr *x;
	if (!e)
		return NULL;
	x = arena_alloc(c->a, sizeof(*x));
	*x = *e;
	x->args = exprs(c, e->args, e->arg_n);
	if (e->op == SP_SUBQUERY)
		x->plan = plan(c, e->plan);
	if (e->op == SP_CALL && c->call)
		c->call(c->self, x);
	return x;
}

static struct sp_order *orders(struct sp_plan_copy *c, const struct sp_order *v, size_t n)
{
	struct sp_order *out = v ? arena_alloc(c->a, (n + 1) * sizeof(*out)) : NULL;
	for (size_t i = 0; i < n; i++) {
		out[i] = v[i];
		out[i].e = expr(c, v[i].e);
	}
	return out;
}

static void *copied(const struct sp_copied *v, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].from == from)
			return v[i].to;
	return NULL;
}

static struct sp_params *params(struct sp_plan_copy *c, const struct sp_params *p)
{
	struct sp_params *x = copied(c->params, c->params_n, p);
	if (x)
		return x;
	x = arena_alloc(c->a, sizeof(*x));
	*x = *p;
	x->at = c->params_n;
	ARENA_GROW(c->a, c->params, c->params_n, c->params_cap);
	c->params[c->params_n++] = (struct sp_copied){ p, x };
	return x;
}

static struct sp_shared *shared(struct sp_plan_copy *c, const struct sp_shared *s)
{
	struct sp_shared *x = copied(c->shared, c->shared_n, s);
	if (x)
		return x;
	x = arena_alloc(c->a, sizeof(*x));
	*x = (struct sp_shared){ .uses = s->uses, .plan = plan(c, s->plan) };
	x->at = c->shared_n;
	ARENA_GROW(c->a, c->shared, c->shared_n, c->shared_cap);
	c->shared[c->shared_n++] = (struct sp_copied){ s, x };
	return x;
}

static void parts(struct sp_plan_copy *c, const struct sp_plan *p, struct sp_plan *x)
{
	x->condition = expr(c, p->condition);
	x->exprs = exprs(c, p->exprs, p->expr_n);
	x->groups = exprs(c, p->groups, p->group_n);
	x->partition = exprs(c, p->partition, p->partition_n);
	x->order = orders(c, p->order, p->order_n);
	x->generator = expr(c, p->generator);
	x->start = expr(c, p->start);
	x->end = expr(c, p->end);
	x->step = expr(c, p->step);
	x->pushed = NULL;
	x->needed = NULL;
	x->aggregates = arena_alloc(c->a, (p->aggregate_n + 1) * sizeof(*x->aggregates));
	for (size_t i = 0; i < p->aggregate_n; i++) {
		x->aggregates[i] = p->aggregates[i];
		x->aggregates[i].call = expr(c, p->aggregates[i].call);
		x->aggregates[i].filter = expr(c, p->aggregates[i].filter);
		x->aggregates[i].order = orders(c, p->aggregates[i].order, p->aggregates[i].order_n);
	}
	x->windows = arena_alloc(c->a, (p->window_n + 1) * sizeof(*x->windows));
	for (size_t i = 0; i < p->window_n; i++) {
		x->windows[i] = p->windows[i];
		x->windows[i].call = expr(c, p->windows[i].call);
		x->windows[i].filter = expr(c, p->windows[i].filter);
		x->windows[i].frame.from.by = expr(c, p->windows[i].frame.from.by);
		x->windows[i].frame.to.by = expr(c, p->windows[i].frame.to.by);
	}
	x->expands = arena_alloc(c->a, (p->expand_n + 1) * sizeof(*x->expands));
	for (size_t i = 0; i < p->expand_n; i++)
		x->expands[i] = exprs(c, p->expands[i], p->column_n);
	if (p->params)
		x->params = params(c, p->params);
}

static struct sp_plan *plan(struct sp_plan_copy *c, const struct sp_plan *p)
{
	struct sp_plan *x;
	if (p->kind == SP_P_SCAN)
		return c->scan(c->self, p);
	x = arena_alloc(c->a, sizeof(*x));
	*x = *p;
	x->columns = arena_alloc(c->a, (p->column_n + 1) * sizeof(*x->columns));
	if (p->column_n)
		memcpy(x->columns, p->columns, p->column_n * sizeof(*x->columns));
	parts(c, p, x);
	if (p->shared)
		x->shared = shared(c, p->shared);
	x->in = arena_alloc(c->a, (p->in_n + 1) * sizeof(*x->in));
	for (size_t i = 0; i < p->in_n; i++)
		x->in[i] = plan(c, p->in[i]);
	return x;
}

void sp_plan_copied(struct sp_plan_copy *c, const struct sp_plan *p, struct sp_plan **out)
{
	*out = plan(c, p);
}

/* ---- scans ---- */

struct walk {
	void (*f)(void *self, const struct sp_plan *scan);
	void *self;
};

static void walk_plan(const struct walk *w, const struct sp_plan *p);

static void walk_expr(const struct walk *w, const struct sp_expr *e)
{
	if (e && e->op == SP_SUBQUERY)
		walk_plan(w, e->plan);
	for (size_t i = 0; e && i < e->arg_n; i++)
		walk_expr(w, e->args[i]);
}

static void walk_exprs(const struct walk *w, struct sp_expr *const *v, size_t n)
{
	for (size_t i = 0; v && i < n; i++)
		walk_expr(w, v[i]);
}

static void walk_plan(const struct walk *w, const struct sp_plan *p)
{
	if (p->kind == SP_P_SCAN)
		w->f(w->self, p);
	walk_expr(w, p->condition);
	walk_expr(w, p->generator);
	walk_exprs(w, p->exprs, p->expr_n);
	walk_exprs(w, p->groups, p->group_n);
	walk_exprs(w, p->partition, p->partition_n);
	for (size_t i = 0; i < p->order_n; i++)
		walk_expr(w, p->order[i].e);
	for (size_t i = 0; i < p->aggregate_n; i++)
		walk_expr(w, p->aggregates[i].call);
	for (size_t i = 0; i < p->window_n; i++)
		walk_expr(w, p->windows[i].call);
	for (size_t i = 0; i < p->expand_n; i++)
		walk_exprs(w, p->expands[i], p->column_n);
	if (p->shared)
		walk_plan(w, p->shared->plan);
	for (size_t i = 0; i < p->in_n; i++)
		walk_plan(w, p->in[i]);
}

void sp_plan_scans(const struct sp_plan *plan, void (*f)(void *self, const struct sp_plan *scan), void *self)
{
	const struct walk w = { f, self };
	walk_plan(&w, plan);
}
