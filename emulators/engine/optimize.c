/* A plan made faster without changing what it gives. */
#include "engine/optimize.h"

/* ---- what is below a plan ---- */

struct visit {
	void (*fn)(void *arg, struct sp_plan **at);
	void *arg;
};

static void in_expr(struct sp_expr *e, const struct visit *v)
{
	if (!e)
		return;
	if (e->op == SP_SUBQUERY)
		v->fn(v->arg, &e->plan);
	for (size_t i = 0; i < e->arg_n; i++)
		in_expr(e->args[i], v);
}

void sp_plan_inner(struct sp_plan *p, void (*fn)(void *arg, struct sp_plan **at), void (*sub)(void *arg, struct sp_plan **at), void *arg)
{
	const struct visit v = { sub, arg };
	const size_t expr_n = p->kind == SP_P_ROWS ? p->row_n * p->column_n : p->expr_n;
	for (size_t i = 0; i < p->in_n; i++)
		fn(arg, &p->in[i]);
	in_expr(p->condition, &v);
	in_expr(p->generator, &v);
	for (size_t i = 0; i < expr_n; i++)
		in_expr(p->exprs[i], &v);
	for (size_t i = 0; i < p->group_n; i++)
		in_expr(p->groups[i], &v);
	for (size_t i = 0; i < p->aggregate_n; i++) {
		in_expr(p->aggregates[i].call, &v);
		in_expr(p->aggregates[i].filter, &v);
		for (size_t j = 0; j < p->aggregates[i].order_n; j++)
			in_expr(p->aggregates[i].order[j].e, &v);
	}
	for (size_t i = 0; i < p->partition_n; i++)
		in_expr(p->partition[i], &v);
	for (size_t i = 0; i < p->window_n; i++) {
		in_expr(p->windows[i].call, &v);
		in_expr(p->windows[i].filter, &v);
	}
	for (size_t i = 0; i < p->order_n; i++)
		in_expr(p->order[i].e, &v);
	for (size_t i = 0; i < p->expand_n; i++)
		for (size_t j = 0; j < p->column_n; j++)
			in_expr(p->expands[i][j], &v);
}

/* ---- CTEs read once are no CTEs ---- */

struct reader {
	struct sp_shared *shared;
	size_t n;
	bool seen;
};
struct inliner {
	struct sp_optimizer *o;
	struct reader *readers;
	size_t n, cap;
};

static struct reader *reader_of(struct inliner *x, struct sp_shared *shared)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->readers[i].shared == shared)
			return &x->readers[i];
	return NULL;
}

static void count(void *arg, struct sp_plan **at)
{
	struct inliner *x = arg;
	struct sp_plan *p = *at;
	if (p->kind != SP_P_SHARED) {
		sp_plan_inner(p, count, count, x);
		return;
	}
	struct reader *r = reader_of(x, p->shared);
	if (r) {
		r->n++;
		return;
	}
	ARENA_GROW(x->o->arena, x->readers, x->n, x->cap);
	x->readers[x->n++] = (struct reader){ .shared = p->shared, .n = 1 };
	count(x, &p->shared->plan);
}

/* Columns of a table under other names, some rows of them: cheaper made again than kept. */
static bool is_cheap(const struct sp_plan *p)
{
	if (p->kind == SP_P_SCAN)
		return true;
	if (p->kind == SP_P_FILTER)
		return is_cheap(p->in[0]) && !sp_expr_volatile(p->condition) && p->in[0]->kind != SP_P_FILTER;
	for (size_t i = 0; i < p->expr_n; i++)
		if (p->exprs[i]->op != SP_COLUMN && p->exprs[i]->op != SP_CONST)
			return false;
	return p->kind == SP_P_PROJECT && is_cheap(p->in[0]);
}

static struct sp_plan *copy_cheap(struct arena *a, const struct sp_plan *p)
{
	struct sp_plan *c = arena_alloc(a, sizeof(*c));
	*c = *p;
	c->in = arena_alloc(a, (p->in_n + 1) * sizeof(struct sp_plan *));
	for (size_t i = 0; i < p->in_n; i++)
		c->in[i] = copy_cheap(a, p->in[i]);
	return c;
}

static void inline_ctes(void *arg, struct sp_plan **at)
{
	struct inliner *x = arg;
	if ((*at)->kind != SP_P_SHARED) {
		sp_plan_inner(*at, inline_ctes, inline_ctes, x);
		return;
	}
	struct reader *r = reader_of(x, (*at)->shared);
	if (r->n == 1 || is_cheap(r->shared->plan)) {
		*at = r->n == 1 ? r->shared->plan : copy_cheap(x->o->arena, r->shared->plan);
		inline_ctes(x, at);
		return;
	}
	if (!r->seen) {
		r->seen = true;
		inline_ctes(x, &r->shared->plan);
	}
}

/* ---- LIMIT over ORDER BY, and which side of a join is kept ---- */

static double rows_of(const struct sp_plan *p)
{
	double n = 1, m;
	switch (p->kind) {
	case SP_P_ROWS:
		return (double)p->row_n;
	case SP_P_SCAN:
		return p->relation->table ? (double)p->relation->table->row_n : p->relation->row_n >= 0 ? (double)p->relation->row_n : 1e6;
	case SP_P_FILTER:
	case SP_P_SAMPLE:
		return rows_of(p->in[0]) * 0.3;
	case SP_P_AGGREGATE:
		return p->group_n ? rows_of(p->in[0]) * 0.1 : 1;
	case SP_P_DISTINCT:
		return rows_of(p->in[0]) * 0.5;
	case SP_P_JOIN:
		n = rows_of(p->in[0]);
		m = sp_join_both(p->join) ? rows_of(p->in[1]) : 0;
		return m == 0 ? n : !sp_join_hashes(p) ? n * m : n > m ? n : m;
	case SP_P_LIMIT:
		n = rows_of(p->in[0]);
		return p->limit >= 0 && (double)p->limit < n ? (double)p->limit : n;
	case SP_P_UNION:
		n = 0;
		for (size_t i = 0; i < p->in_n; i++)
			n += rows_of(p->in[i]);
		return n;
	case SP_P_EXPAND:
		return rows_of(p->in[0]) * (double)p->expand_n;
	case SP_P_GENERATE:
		return rows_of(p->in[0]) * 3;
	case SP_P_SHARED: /* once, or CTEs that read the one before twice would be counted 2^n times */
		if (p->shared->rows == 0)
			p->shared->rows = rows_of(p->shared->plan) + 1;
		return p->shared->rows - 1;
	case SP_P_OUTER:
		return 1;
	case SP_P_RANGE:
		return 1e5;
	case SP_P_PROJECT:
	case SP_P_WINDOW:
	case SP_P_SORT:
	case SP_P_SETOP:
	case SP_P_APPLY:
		break;
	}
	return rows_of(p->in[0]);
}

static void choose(void *arg, struct sp_plan **at)
{
	struct sp_plan *p = *at;
	if (p->kind == SP_P_LIMIT && p->limit >= 0 && p->limit < INT32_MAX) {
		struct sp_plan *s = p->in[0];
		while (s->kind == SP_P_PROJECT)
			s = s->in[0];
		if (s->kind == SP_P_SORT && p->limit + p->offset > 0)
			s->limit = p->limit + (p->offset > 0 ? p->offset : 0);
	}
	if (p->kind == SP_P_JOIN && p->join == SP_J_INNER)
		p->build_left = rows_of(p->in[0]) * 2 <= rows_of(p->in[1]);
	sp_plan_inner(p, choose, choose, arg);
	if (p->kind == SP_P_SHARED && !p->shared->chosen) {
		p->shared->chosen = true;
		choose(arg, &p->shared->plan);
	}
}

static void push_inner(void *arg, struct sp_plan **at);

static void push_all(void *arg, struct sp_plan **at)
{
	struct inliner *x = arg;
	*at = sp_push_filters(x->o, *at);
	push_inner(x, at);
}

/* Plans that a push doesn't come to: CTEs, subqueries of expressions. */
static void push_inner(void *arg, struct sp_plan **at)
{
	struct inliner *x = arg;
	struct sp_plan *p = *at;
	if (p->kind == SP_P_SHARED) {
		struct reader *r = reader_of(x, p->shared);
		if (!r || !r->n)
			return;
		r->n = 0;
		push_all(x, &p->shared->plan);
		return;
	}
	sp_plan_inner(p, push_inner, push_all, x);
}

int sp_optimize(struct arena *a, const struct sp_context *cx, struct sp_plan **plan, struct sp_error *err)
{
	struct sp_optimizer o = { a, cx };
	struct inliner x = { .o = &o };
	count(&x, plan);
	inline_ctes(&x, plan);
	push_all(&x, plan);
	choose(NULL, plan);
	sp_prune(&o, *plan);
	return 0;
}
