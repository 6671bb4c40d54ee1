/* Executions: operators made from a plan, and what several of them share. */
#include "engine/op.h"

struct sp_cte {
	const struct sp_shared *shared;
	struct sp_store rows;
	bool made;
	struct sp_cte *next;
};
struct sp_answer {
	const struct sp_plan *plan;
	struct sp_value value;
	struct sp_answer *next;
};

static struct sp_oper *(*const makers[])(const struct sp_plan *) = {
	[SP_P_ROWS] = sp_op_rows,           [SP_P_RANGE] = sp_op_range,     [SP_P_SCAN] = sp_op_scan,       [SP_P_FILTER] = sp_op_filter,
	[SP_P_PROJECT] = sp_op_project,     [SP_P_AGGREGATE] = sp_op_aggregate, [SP_P_WINDOW] = sp_op_window, [SP_P_JOIN] = sp_op_join,
	[SP_P_SORT] = sp_op_sort,           [SP_P_LIMIT] = sp_op_limit,     [SP_P_UNION] = sp_op_union,     [SP_P_SETOP] = sp_op_setop,
	[SP_P_DISTINCT] = sp_op_distinct,   [SP_P_EXPAND] = sp_op_expand,   [SP_P_GENERATE] = sp_op_generate, [SP_P_SAMPLE] = sp_op_sample,
	[SP_P_SHARED] = sp_op_shared,       [SP_P_APPLY] = sp_op_apply,     [SP_P_OUTER] = sp_op_outer,
};

struct sp_oper *sp_op_open(struct sp_rowset *x, const struct sp_plan *plan)
{
	struct sp_oper *o = makers[plan->kind](plan);
	o->x = x;
	o->run = x->run;
	o->plan = plan;
	o->in = xcalloc(plan->in_n + 1, sizeof(struct sp_oper *));
	/* An APPLY opens its inner plan itself, for each row. */
	for (size_t i = 0; i < plan->in_n && !(plan->kind == SP_P_APPLY && i > 0); i++)
		o->in[i] = sp_op_open(x, plan->in[i]);
	return o;
}

void sp_op_close(struct sp_oper *o)
{
	if (!o)
		return;
	if (o->close)
		o->close(o);
	for (size_t i = 0; i < o->plan->in_n; i++)
		sp_op_close(o->in[i]);
	arena_free(&o->arena);
	free(o->in);
	free(o);
}

int sp_op_pull(struct sp_oper *o, size_t i, struct sp_batch *out)
{
	struct arena *before = o->run->batch;
	arena_recycle(&o->arena);
	o->run->batch = &o->arena;
	int rc = o->in[i]->next(o->in[i], out);
	if (rc > 0 && sp_run_check(o->run, out->n))
		rc = -1;
	o->run->batch = before;
	return rc;
}

/* ---- subqueries ---- */

/* The one value of a plan of one column; no row: NULL. */
static int one_value(struct sp_run *r, const struct sp_expr *e, struct sp_value *out)
{
	struct sp_rowset *x = r->engine;
	struct arena own = { 0 }, *before = r->batch;
	struct sp_oper *o = sp_op_open(x, e->plan);
	struct sp_batch b;
	size_t n = 0;
	int rc;
	r->batch = &own;
	*out = SP_NULL_VALUE;
	while ((rc = o->next(o, &b)) > 0) {
		if ((n += b.n) > 1) {
			sp_fail(&r->err, SP_E_RUN, "SCALAR_SUBQUERY_TOO_MANY_ROWS", "21000",
				"More than one row returned by a subquery used as an expression.");
			sp_fail_at(&r->err, e->from, e->to);
			rc = -1;
			break;
		}
		struct sp_value v = sp_get(&b.columns[0], 0);
		if (sp_run_room(r, b.columns[0].type, &v)) {
			rc = -1;
			break;
		}
		*out = sp_value_dup(r->keep, b.columns[0].type, v);
		arena_recycle(&own);
	}
	sp_op_close(o);
	r->batch = before;
	arena_free(&own);
	return rc < 0;
}

static int subquery(struct sp_run *r, const struct sp_expr *e, struct sp_value *out)
{
	struct sp_rowset *x = r->engine;
	for (struct sp_answer *a = x->answers; a; a = a->next) {
		if (a->plan != e->plan)
			continue;
		*out = a->value;
		return 0;
	}
	if (one_value(r, e, out))
		return 1;
	struct sp_answer *a = arena_alloc(&x->own, sizeof(*a));
	*a = (struct sp_answer){ e->plan, *out, x->answers };
	x->answers = a;
	return 0;
}

/* ---- what several read ---- */

static struct sp_oper no_op(struct sp_rowset *x, struct sp_oper **in)
{
	return (struct sp_oper){ .x = x, .run = x->run, .in = in };
}

struct sp_store *sp_shared_rows(struct sp_rowset *x, struct sp_shared *shared)
{
	struct sp_cte *c = x->ctes;
	while (c && c->shared != shared)
		c = c->next;
	if (!c) {
		c = arena_alloc(&x->own, sizeof(*c));
		*c = (struct sp_cte){ .shared = shared, .next = x->ctes };
		x->ctes = c;
		sp_store_init(&c->rows, x->run, shared->plan->column_n);
		struct sp_oper *in = sp_op_open(x, shared->plan), reader = no_op(x, &in);
		int rc = sp_store_all(&c->rows, &reader, 0);
		/* What is kept may point into what the operators hold: they stay. */
		sp_op_keep(x, in);
		arena_free(&reader.arena);
		if (rc)
			return NULL;
		c->made = true;
	}
	return c->made ? &c->rows : NULL;
}

void sp_op_keep(struct sp_rowset *x, struct sp_oper *o)
{
	ARENA_GROW(&x->own, x->kept, x->kept_n, x->kept_cap);
	x->kept[x->kept_n++] = o;
}

struct sp_outer_row *sp_outer_of(struct sp_rowset *x, const struct sp_params *params)
{
	struct sp_outer_row *r = x->outers;
	while (r && r->params != params)
		r = r->next;
	if (!r) {
		r = arena_alloc(&x->own, sizeof(*r));
		*r = (struct sp_outer_row){ .params = params, .next = x->outers };
		x->outers = r;
	}
	return r;
}

/* ---- rows for who asks ---- */

struct sp_rowset *sp_open(struct sp_run *r, const struct sp_plan *plan)
{
	struct sp_rowset *x = xcalloc(1, sizeof(*x));
	x->run = r;
	x->before = r->engine;
	x->subquery_before = r->subquery;
	x->batch_before = r->batch;
	r->engine = x;
	r->subquery = subquery;
	x->root = sp_op_open(x, plan);
	return x;
}

int sp_next(struct sp_rowset *x, struct sp_batch *out)
{
	arena_recycle(&x->batch);
	x->run->batch = &x->batch;
	if (x->run->err.set)
		return -1;
	int rc = x->root->next(x->root, out);
	if (rc > 0 && sp_run_check(x->run, out->n))
		rc = -1;
	return rc;
}

void sp_close(struct sp_rowset *x)
{
	if (!x)
		return;
	sp_op_close(x->root);
	for (struct sp_cte *c = x->ctes; c; c = c->next)
		sp_store_free(&c->rows);
	for (size_t i = 0; i < x->kept_n; i++)
		sp_op_close(x->kept[i]);
	x->run->engine = x->before;
	x->run->subquery = x->subquery_before;
	x->run->batch = x->batch_before;
	arena_free(&x->batch);
	arena_free(&x->own);
	free(x);
}
