/* LATERAL VIEW, and explode in a SELECT list: each row with those a generator makes of it. */
#include "engine/op.h"

struct generate_op {
	struct sp_oper o;
	struct sp_program *program;
	struct sp_call call;
	struct sp_vec *args;
	struct sp_batch in;
	size_t row, at;            /* next row of in; next of what was made of those before it */
	struct sp_rows made;
	struct arena made_arena, own;
	uint32_t *from;            /* by made row: of which row of in it was made */
	size_t from_cap;
};

struct sp_value *sp_rows_add(struct sp_rows *rows)
{
	if (rows->n >= rows->cap) {
		size_t cap = rows->cap ? rows->cap * 2 : 64;
		struct sp_value *more = arena_alloc(rows->arena, (cap * rows->column_n + 1) * sizeof(*more));
		if (rows->n)
			memcpy(more, rows->values, rows->n * rows->column_n * sizeof(*more));
		rows->values = more;
		rows->cap = cap;
	}
	struct sp_value *v = rows->values + rows->n++ * rows->column_n;
	for (size_t i = 0; i < rows->column_n; i++)
		v[i] = SP_NULL_VALUE;
	return v;
}

static int make_row(struct generate_op *s, struct sp_value *v)
{
	const struct sp_expr *e = s->o.plan->generator;
	bool null = false;
	size_t before = s->made.n;
	for (size_t i = 0; i < e->arg_n; i++) {
		v[i] = sp_get(&s->args[i], s->row);
		null |= v[i].null;
	}
	if ((!null || e->fn->flags & SP_F_NULLS) && e->fn->generate(&s->call, v, &s->made))
		return s->o.run->err.set ? 1 : sp_fail(&s->o.run->err, SP_E_UNSERVED, "", "", "The function %s failed.", e->fn->name);
	if (s->made.n == before && s->o.plan->outer)
		sp_rows_add(&s->made);
	if (s->made.n > s->from_cap)
		s->from = xrealloc(s->from, (s->from_cap = s->made.n * 2) * sizeof(*s->from));
	while (before < s->made.n)
		s->from[before++] = (uint32_t)s->row;
	return 0;
}

/* Makes of the next rows of in as many as a batch or more. */
static int make_rows(struct generate_op *s)
{
	struct arena *before = s->o.run->batch;
	struct sp_value *v = xcalloc(s->o.plan->generator->arg_n + 1, sizeof(*v));
	int rc = 0;
	arena_recycle(&s->made_arena);
	s->made = (struct sp_rows){ .arena = &s->made_arena, .column_n = s->o.plan->column_n - s->in.column_n };
	s->at = 0;
	s->o.run->batch = &s->made_arena;
	for (; s->row < s->in.n && s->made.n < SP_BATCH && !rc; s->row++)
		rc = make_row(s, v) || sp_run_check(s->o.run, 1);
	s->o.run->batch = before;
	free(v);
	return rc;
}

static void give(struct generate_op *s, struct sp_batch *out)
{
	const struct sp_plan *p = s->o.plan;
	struct arena *a = s->o.run->batch;
	size_t n = s->made.n - s->at < SP_BATCH ? s->made.n - s->at : SP_BATCH, in_n = s->in.column_n;
	struct sp_batch left;
	sp_batch_pick(a, &s->in, s->from + s->at, n, &left);
	*out = (struct sp_batch){ .n = n, .column_n = p->column_n, .columns = arena_alloc(a, (p->column_n + 1) * sizeof(struct sp_vec)) };
	memcpy(out->columns, left.columns, in_n * sizeof(struct sp_vec));
	for (size_t i = in_n; i < p->column_n; i++) {
		struct sp_out o;
		sp_out_make(&o, a, p->columns[i].type, n);
		for (size_t r = 0; r < n; r++)
			sp_out_put(&o, r, &s->made.values[(s->at + r) * s->made.column_n + i - in_n]);
		out->columns[i] = o.v;
	}
	s->at += n;
}

static int generate_next(struct sp_oper *o, struct sp_batch *out)
{
	struct generate_op *s = (struct generate_op *)o;
	struct sp_expr *e = o->plan->generator;
	struct arena *before = o->run->batch;
	if (!s->program) {
		s->program = sp_program_new(o->run, e->args, e->arg_n);
		s->args = arena_alloc(&s->own, (e->arg_n + 1) * sizeof(*s->args));
		s->call = (struct sp_call){ .run = o->run, .e = e, .in = &s->in };
		if (e->fn->state_size)
			s->call.state = arena_alloc(o->run->keep, e->fn->state_size);
	}
	while (s->at >= s->made.n) {
		if (s->row >= s->in.n) {
			int rc = sp_op_pull(o, 0, &s->in);
			if (rc <= 0)
				return rc;
			s->row = 0;
			o->run->batch = &o->arena;
			rc = sp_eval_all(s->program, &s->in, s->args);
			o->run->batch = before;
			if (rc)
				return -1;
		}
		if (make_rows(s))
			return -1;
	}
	give(s, out);
	return 1;
}

static void generate_close(struct sp_oper *o)
{
	struct generate_op *s = (struct generate_op *)o;
	if (s->call.state && s->call.e->fn->state_free)
		s->call.e->fn->state_free(s->call.state);
	sp_program_free(s->program);
	arena_free(&s->made_arena);
	arena_free(&s->own);
	free(s->from);
}

struct sp_oper *sp_op_generate(const struct sp_plan *plan)
{
	struct generate_op *s = xcalloc(1, sizeof(*s));
	s->o.next = generate_next;
	s->o.close = generate_close;
	return &s->o;
}
