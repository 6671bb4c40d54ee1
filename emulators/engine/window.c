/* Windows: all rows are kept, put in order of their partition and ORDER BY, and given in that order with the functions' values beside. */
#include "engine/window.h"

struct window_op {
	struct sp_oper o;
	bool made;
	struct sp_window w;
	struct sp_program *program;     /* partition, order, arguments, filters that aren't columns of the input */
	struct sp_expr **exprs;
	size_t expr_n;
	struct sp_vec *v;
	struct sp_store rows;           /* the input's columns, then those */
	struct sp_window_call *calls;
	size_t at, held;
};

/* Where in rows the values of e are. */
static size_t place(struct window_op *s, struct sp_expr *e)
{
	if (e->op == SP_COLUMN)
		return e->column;
	s->exprs[s->expr_n] = e;
	return s->o.plan->in[0]->column_n + s->expr_n++;
}

static int keep(struct window_op *s)
{
	struct arena *before = s->o.run->batch;
	const size_t in_n = s->o.plan->in[0]->column_n;
	struct sp_batch b, all = { .column_n = in_n + s->expr_n };
	int rc;
	s->program = sp_program_new(s->o.run, s->exprs, s->expr_n);
	s->v = arena_alloc(&s->w.own, (s->expr_n + 1) * sizeof(*s->v));
	sp_store_init(&s->rows, s->o.run, all.column_n);
	while ((rc = sp_op_pull(&s->o, 0, &b)) > 0) {
		s->o.run->batch = &s->o.arena;
		rc = sp_eval_all(s->program, &b, s->v);
		s->o.run->batch = before;
		if (rc)
			return 1;
		all.n = b.n;
		all.columns = arena_alloc(&s->o.arena, (all.column_n + 1) * sizeof(*all.columns));
		memcpy(all.columns, b.columns, in_n * sizeof(*all.columns));
		memcpy(all.columns + in_n, s->v, s->expr_n * sizeof(*all.columns));
		if (sp_store_add(&s->rows, &all, NULL, b.n))
			return 1;
	}
	arena_free(&s->o.arena);
	return rc < 0;
}

/* Rows in order, and where partitions and peers begin. */
static int divide(struct window_op *s, const size_t *partition_at, const size_t *order_at)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_window *w = &s->w;
	const size_t n = s->rows.n, key_n = p->partition_n + p->order_n;
	struct sp_sort_key *keys = arena_alloc(&w->own, (key_n + 1) * sizeof(*keys));
	for (size_t i = 0; i < p->partition_n; i++)
		keys[i].v = sp_store_column(&s->rows, partition_at[i]);
	for (size_t i = 0; i < p->order_n; i++)
		keys[p->partition_n + i] = (struct sp_sort_key){ sp_store_column(&s->rows, order_at[i]), p->order[i].desc, p->order[i].nulls_last };
	if (p->order_n)
		w->key = keys[p->partition_n];
	w->n = n;
	s->held = n * (sizeof(*w->order) + 1);
	if (sp_run_hold(s->o.run, (ssize_t)s->held))
		return 1;
	w->order = xmalloc((n + 1) * sizeof(*w->order));
	w->begins = xcalloc(n + 2, 1);
	return sp_sort_divided(s->o.run, keys, key_n, p->partition_n, n, w->order, w->begins);
}

static int prepare_call(struct window_op *s, size_t i, size_t *at)
{
	const struct sp_windowed *a = &s->o.plan->windows[i];
	struct sp_window_call *c = &s->calls[i];
	const struct sp_function *fn = a->call->fn;
	c->as = a;
	c->call = (struct sp_call){ .run = s->o.run, .e = a->call };
	if (fn->state_size)
		c->call.state = arena_alloc(s->o.run->keep, fn->state_size);
	c->args = arena_alloc(&s->w.own, (a->call->arg_n + 1) * sizeof(*c->args));
	for (size_t j = 0; j < a->call->arg_n; j++)
		c->args[j] = sp_store_column(&s->rows, *at++);
	if (a->filter)
		c->filter = sp_store_column(&s->rows, *at);
	if (fn->window == SP_W_NONE && !fn->aggregate)
		return sp_fail(&s->o.run->err, SP_E_UNSERVED, "", "", "The function %s isn't one for windows.", fn->name);
	if (fn->aggregate)
		c->state = arena_alloc(&s->w.own, fn->aggregate->size + 16);
	if ((a->frame.from.by && sp_eval_const(s->o.run, a->frame.from.by, &c->from)) ||
	    (a->frame.to.by && sp_eval_const(s->o.run, a->frame.to.by, &c->to)))
		return 1;
	size_t bytes = s->rows.n * (sp_phys_size(sp_phys_of(a->call->type)) + 1);
	s->held += bytes;
	if (sp_run_hold(s->o.run, (ssize_t)bytes))
		return 1;
	sp_out_make(&c->out, &s->w.own, a->call->type, s->rows.n);
	return 0;
}

static int make(struct window_op *s)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_window *w = &s->w;
	size_t n = p->partition_n + p->order_n, at = 0;
	for (size_t i = 0; i < p->window_n; i++)
		n += p->windows[i].call->arg_n + 1;
	size_t *places = arena_alloc(&w->own, (n + 1) * sizeof(*places)), *mine = places + p->partition_n + p->order_n;
	s->made = true;
	w->run = s->o.run;
	w->plan = p;
	s->exprs = arena_alloc(&w->own, (n + 1) * sizeof(*s->exprs));
	s->calls = arena_alloc(&w->own, (p->window_n + 1) * sizeof(*s->calls));
	for (size_t i = 0; i < p->partition_n; i++)
		places[at++] = place(s, p->partition[i]);
	for (size_t i = 0; i < p->order_n; i++)
		places[at++] = place(s, p->order[i].e);
	for (size_t i = 0; i < p->window_n; i++) {
		for (size_t j = 0; j < p->windows[i].call->arg_n; j++)
			places[at++] = place(s, p->windows[i].call->args[j]);
		places[at++] = p->windows[i].filter ? place(s, p->windows[i].filter) : 0;
	}
	if (keep(s) || divide(s, places, places + p->partition_n))
		return 1;
	for (size_t i = 0; i < p->window_n; i++) {
		if (prepare_call(s, i, mine))
			return 1;
		mine += p->windows[i].call->arg_n + 1;
	}
	struct arena *before = s->o.run->batch;
	s->o.run->batch = &w->own;
	int rc = 0;
	for (w->from = 0; w->from < w->n && !rc; w->from = w->to) {
		for (w->to = w->from + 1; w->begins[w->to] != SP_PREFIX_CHANGES; w->to++)
			;
		for (size_t i = 0; i < p->window_n && !rc; i++)
			rc = sp_window_partition(w, &s->calls[i]);
		rc = rc || sp_run_check(s->o.run, w->to - w->from);
	}
	s->o.run->batch = before;
	arena_free(&w->scratch);
	return rc;
}

static int window_next(struct sp_oper *o, struct sp_batch *out)
{
	struct window_op *s = (struct window_op *)o;
	const size_t in_n = o->plan->in[0]->column_n;
	if (!s->made && make(s))
		return -1;
	if (s->at >= s->w.n) {
		sp_store_done(&s->rows);
		return 0;
	}
	size_t n = s->w.n - s->at < SP_BATCH ? s->w.n - s->at : SP_BATCH;
	*out = (struct sp_batch){ .n = n, .column_n = o->plan->column_n };
	out->columns = arena_alloc(o->run->batch, (o->plan->column_n + 1) * sizeof(struct sp_vec));
	for (size_t i = 0; i < in_n; i++) {
		struct sp_vec v = sp_store_column(&s->rows, i);
		out->columns[i] = sp_vec_pick(o->run->batch, &v, s->w.order + s->at, n);
	}
	for (size_t i = 0; i < o->plan->window_n; i++) {
		out->columns[in_n + i] = sp_vec_part(&s->calls[i].out.v, s->at, n);
		out->columns[in_n + i].lasting = true;
	}
	s->at += n;
	return 1;
}

static void window_close(struct sp_oper *o)
{
	struct window_op *s = (struct window_op *)o;
	for (size_t i = 0; i < o->plan->window_n && s->calls; i++) {
		struct sp_window_call *c = &s->calls[i];
		if (c->state && c->as->call->fn->aggregate->free)
			c->as->call->fn->aggregate->free(c->state);
		if (c->call.state && c->as->call->fn->state_free)
			c->as->call->fn->state_free(c->call.state);
	}
	(void)sp_run_hold(o->run, -(ssize_t)s->held);
	sp_program_free(s->program);
	sp_store_free(&s->rows);
	free(s->w.order);
	free(s->w.begins);
	arena_free(&s->w.own);
	arena_free(&s->w.scratch);
}

struct sp_oper *sp_op_window(const struct sp_plan *plan)
{
	struct window_op *s = xcalloc(1, sizeof(*s));
	s->o.next = window_next;
	s->o.close = window_close;
	return &s->o;
}
