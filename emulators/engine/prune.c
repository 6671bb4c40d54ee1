/* Columns that nobody reads aren't read, made or kept. Plans keep their columns' numbers: what isn't wanted is a constant NULL. */
#include "engine/optimize.h"

struct cte {
	struct sp_shared *shared;
	size_t readers, seen;
	bool *needed;
	struct cte *next;
};
struct pruner {
	struct sp_optimizer *o;
	struct cte *ctes, **end;
};

static bool *flags(struct pruner *x, size_t n)
{
	return arena_alloc(x->o->arena, n + 1);
}

static void mark(void *arg, size_t column)
{
	((bool *)arg)[column] = true;
}

static void prune(struct pruner *x, struct sp_plan *p, const bool *needed);

/* Plans of subqueries in it. */
static void read_plans(struct pruner *x, const struct sp_expr *e)
{
	if (e->op == SP_SUBQUERY) {
		bool *all = flags(x, e->plan->column_n);
		memset(all, 1, e->plan->column_n);
		prune(x, e->plan, all);
	}
	for (size_t i = 0; i < e->arg_n; i++)
		read_plans(x, e->args[i]);
}

static void read_expr(struct pruner *x, const struct sp_expr *e, bool *needed)
{
	sp_expr_columns(e, mark, needed);
	read_plans(x, e);
}

static void read_orders(struct pruner *x, const struct sp_order *order, size_t n, bool *needed)
{
	for (size_t i = 0; i < n; i++)
		read_expr(x, order[i].e, needed);
}

static struct sp_expr *nothing(struct pruner *x, const struct sp_type *t)
{
	struct sp_expr *e = arena_alloc(x->o->arena, sizeof(*e));
	*e = (struct sp_expr){ .op = SP_CONST, .type = t, .nullable = true, .foldable = true, .value = SP_NULL_VALUE };
	return e;
}

/* Expressions of which only the needed are made. One of chance is always: its numbers must come as before. */
static struct sp_expr **only(struct pruner *x, struct sp_expr *const *exprs, size_t n, const bool *needed, bool *in)
{
	struct sp_expr **kept = arena_alloc(x->o->arena, (n + 1) * sizeof(*kept));
	for (size_t i = 0; i < n; i++) {
		kept[i] = exprs[i];
		if (!needed[i] && exprs[i]->op != SP_CONST && !sp_expr_volatile(exprs[i]))
			kept[i] = nothing(x, exprs[i]->type);
		read_expr(x, kept[i], in);
	}
	return kept;
}

static void read_calls(struct pruner *x, const struct sp_plan *p, bool *in)
{
	for (size_t i = 0; i < p->group_n; i++)
		read_expr(x, p->groups[i], in);
	for (size_t i = 0; i < p->aggregate_n; i++) {
		read_expr(x, p->aggregates[i].call, in);
		if (p->aggregates[i].filter)
			read_expr(x, p->aggregates[i].filter, in);
		read_orders(x, p->aggregates[i].order, p->aggregates[i].order_n, in);
	}
	for (size_t i = 0; i < p->partition_n; i++)
		read_expr(x, p->partition[i], in);
	for (size_t i = 0; i < p->window_n; i++) {
		read_expr(x, p->windows[i].call, in);
		if (p->windows[i].filter)
			read_expr(x, p->windows[i].filter, in);
	}
	read_orders(x, p->order, p->order_n, in);
}

static void prune_join(struct pruner *x, struct sp_plan *p, const bool *needed)
{
	const size_t left_n = p->in[0]->column_n, right_n = p->in[1]->column_n, own = sp_join_both(p->join) ? left_n + right_n : left_n;
	bool *in = flags(x, left_n + right_n);
	memcpy(in, needed, own);
	if (p->condition)
		read_expr(x, p->condition, in);
	prune(x, p->in[0], in);
	prune(x, p->in[1], in + left_n);
}

static void prune_scan(struct pruner *x, struct sp_plan *p, const bool *needed)
{
	struct sp_relation *r = p->relation;
	if (!r->needed)
		r->needed = flags(x, r->column_n);
	p->needed = flags(x, p->column_n);
	for (size_t i = 0; i < p->column_n; i++) {
		p->needed[i] = needed[i];
		if (i < r->column_n)
			r->needed[i] |= needed[i];
	}
}

static struct cte *cte_of(struct pruner *x, struct sp_shared *shared)
{
	struct cte *c = x->ctes;
	while (c && c->shared != shared)
		c = c->next;
	return c;
}

static void prune_shared(struct pruner *x, struct sp_plan *p, const bool *needed)
{
	struct cte *c = cte_of(x, p->shared);
	for (size_t i = 0; i < p->column_n; i++)
		c->needed[i] |= needed[i];
	if (++c->seen == c->readers)
		prune(x, c->shared->plan, c->needed);
}

static void prune(struct pruner *x, struct sp_plan *p, const bool *needed)
{
	const size_t in_n = p->in_n ? p->in[0]->column_n : 0;
	bool *in = flags(x, in_n > p->column_n ? in_n : p->column_n);
	switch (p->kind) {
	case SP_P_SCAN:
		prune_scan(x, p, needed);
		return;
	case SP_P_SHARED:
		prune_shared(x, p, needed);
		return;
	case SP_P_JOIN:
		prune_join(x, p, needed);
		return;
	case SP_P_ROWS:
		for (size_t i = 0; i < p->row_n * p->column_n; i++)
			read_expr(x, p->exprs[i], in);
		return;
	case SP_P_RANGE:
	case SP_P_OUTER:
		return;
	case SP_P_PROJECT:
		p->exprs = only(x, p->exprs, p->expr_n, needed, in);
		break;
	case SP_P_EXPAND:
		for (size_t i = 0; i < p->expand_n; i++)
			p->expands[i] = only(x, p->expands[i], p->column_n, needed, in);
		break;
	case SP_P_FILTER:
		memcpy(in, needed, in_n);
		read_expr(x, p->condition, in);
		break;
	case SP_P_AGGREGATE:
		read_calls(x, p, in);
		break;
	case SP_P_WINDOW:
	case SP_P_SORT:
		memcpy(in, needed, in_n);
		read_calls(x, p, in);
		break;
	case SP_P_LIMIT:
	case SP_P_SAMPLE:
	case SP_P_UNION:
		memcpy(in, needed, in_n);
		break;
	case SP_P_SETOP:
	case SP_P_DISTINCT:
		memset(in, 1, in_n);
		break;
	case SP_P_GENERATE:
		memcpy(in, needed, in_n);
		read_expr(x, p->generator, in);
		break;
	case SP_P_APPLY:
		memcpy(in, needed, in_n);
		for (size_t i = 0; i < p->params->n; i++)
			in[p->params->columns[i]] = true;
		prune(x, p->in[0], in);
		in = flags(x, p->in[1]->column_n);
		memset(in, 1, p->in[1]->column_n);
		prune(x, p->in[1], in);
		return;
	}
	for (size_t i = 0; i < p->in_n; i++)
		prune(x, p->in[i], in);
}

static void count_readers(void *arg, struct sp_plan **at)
{
	struct pruner *x = arg;
	struct sp_plan *p = *at;
	if (p->kind == SP_P_SHARED) {
		struct cte *c = cte_of(x, p->shared);
		if (c) {
			c->readers++;
			return;
		}
		c = arena_alloc(x->o->arena, sizeof(*c));
		*c = (struct cte){ .shared = p->shared, .readers = 1, .needed = flags(x, p->column_n) };
		*x->end = c;
		x->end = &c->next;
		count_readers(x, &p->shared->plan);
		return;
	}
	sp_plan_inner(p, count_readers, count_readers, x);
}

void sp_prune(struct sp_optimizer *o, struct sp_plan *p)
{
	struct pruner x = { .o = o };
	bool *all = flags(&x, p->column_n);
	memset(all, 1, p->column_n);
	x.end = &x.ctes;
	count_readers(&x, &p);
	prune(&x, p, all);
	/* Those of which a reader was dropped: as a whole, for others of them may read it yet. */
	for (struct cte *c = x.ctes; c; c = c->next) {
		if (c->seen >= c->readers)
			continue;
		memset(c->needed, 1, c->shared->plan->column_n);
		prune(&x, c->shared->plan, c->needed);
	}
}
