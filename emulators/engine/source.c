/* Where rows come from: constants, ranges, tables, what was made already. */
#include "engine/op.h"

/* ---- ROWS ---- */

struct rows_op {
	struct sp_oper o;
	size_t at;
	bool made;
	struct sp_program *program; /* its values lie in the batch of the first call */
	struct sp_value *values;
	struct arena own;
};

static int rows_make(struct rows_op *s)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_batch in = { .n = 1 };
	struct arena *before = s->o.run->batch;
	size_t n = p->row_n * p->column_n;
	struct sp_vec *v = xcalloc(n + 1, sizeof(*v));
	s->made = true;
	s->o.run->batch = &s->own;
	s->program = sp_program_new(s->o.run, p->exprs, n);
	int rc = sp_eval_all(s->program, &in, v);
	s->values = arena_alloc(&s->own, (n + 1) * sizeof(*s->values));
	for (size_t i = 0; i < n && !rc; i++)
		s->values[i] = sp_get(&v[i], 0);
	s->o.run->batch = before;
	free(v);
	return rc;
}

static int rows_next(struct sp_oper *o, struct sp_batch *out)
{
	struct rows_op *s = (struct rows_op *)o;
	const struct sp_plan *p = o->plan;
	if (s->at >= p->row_n)
		return 0;
	if (!s->made && rows_make(s))
		return -1;
	size_t n = p->row_n - s->at < SP_BATCH ? p->row_n - s->at : SP_BATCH;
	*out = (struct sp_batch){ .n = n, .column_n = p->column_n, .columns = arena_alloc(o->run->batch, (p->column_n + 1) * sizeof(struct sp_vec)) };
	for (size_t i = 0; i < p->column_n; i++) {
		struct sp_out col;
		sp_out_make(&col, o->run->batch, p->columns[i].type, n);
		for (size_t r = 0; r < n; r++)
			sp_out_put(&col, r, &s->values[(s->at + r) * p->column_n + i]);
		out->columns[i] = col.v;
		out->columns[i].lasting = true;
	}
	s->at += n;
	return 1;
}

static void rows_close(struct sp_oper *o)
{
	struct rows_op *s = (struct rows_op *)o;
	sp_program_free(s->program);
	arena_free(&s->own);
}

struct sp_oper *sp_op_rows(const struct sp_plan *plan)
{
	struct rows_op *s = xcalloc(1, sizeof(*s));
	s->o.next = rows_next;
	s->o.close = rows_close;
	return &s->o;
}

/* ---- RANGE ---- */

struct range_op {
	struct sp_oper o;
	bool begun;
	int64_t at, step;
	uint64_t left;
};

static int range_begin(struct range_op *s)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_value from = { 0 }, to, step = { .i = 1 };
	s->begun = true;
	if ((p->start && sp_eval_const(s->o.run, p->start, &from)) || sp_eval_const(s->o.run, p->end, &to) ||
	    (p->step && sp_eval_const(s->o.run, p->step, &step)))
		return -1;
	if (from.null || to.null || step.null)
		return 0;
	if (step.i == 0) {
		sp_fail(&s->o.run->err, SP_E_RUN, "", "", "requirement failed: step (0) cannot be 0");
		s->o.run->err.java = "java.lang.IllegalArgumentException";
		return -1;
	}
	s->at = from.i;
	s->step = step.i;
	__int128 span = (__int128)to.i - from.i, by = step.i;
	if ((span > 0) == (by > 0) && span != 0)
		s->left = (uint64_t)((span + (by > 0 ? by - 1 : by + 1)) / by);
	return 0;
}

static int range_next(struct sp_oper *o, struct sp_batch *out)
{
	struct range_op *s = (struct range_op *)o;
	if (!s->begun && range_begin(s))
		return -1;
	if (s->left == 0)
		return 0;
	size_t n = s->left < SP_BATCH ? (size_t)s->left : SP_BATCH;
	struct sp_out col;
	sp_out_make(&col, o->run->batch, &sp_types[SP_BIGINT], n);
	for (size_t r = 0; r < n; r++) {
		col.i64[r] = s->at;
		s->at = (int64_t)((uint64_t)s->at + (uint64_t)s->step);
	}
	*out = (struct sp_batch){ .n = n, .column_n = 1, .columns = arena_alloc(o->run->batch, sizeof(struct sp_vec)) };
	out->columns[0] = col.v;
	s->left -= n;
	return 1;
}

struct sp_oper *sp_op_range(const struct sp_plan *plan)
{
	struct range_op *s = xcalloc(1, sizeof(*s));
	s->o.next = range_next;
	return &s->o;
}

/* ---- SCAN ---- */

struct scan_op {
	struct sp_oper o;
	size_t chunk, at;
};

struct sp_vec sp_vec_nulls(const struct sp_type *type, size_t n)
{
	static const uint8_t null[1] = { 1 };
	static const uint64_t nothing[4];
	return (struct sp_vec){ .type = type, .n = n, .one = true, .lasting = true, .null = null, .p = nothing };
}

static int scan_next(struct sp_oper *o, struct sp_batch *out)
{
	struct scan_op *s = (struct scan_op *)o;
	const struct sp_plan *p = o->plan;
	const struct sp_table *t = p->relation->table;
	if (!t) {
		sp_fail(&o->run->err, SP_E_UNSERVED, "", "", "The table %.*s isn't there.", SL(p->relation->name));
		return -1;
	}
	while (s->chunk < t->chunk_n && s->at >= t->chunks[s->chunk].n) {
		s->chunk++;
		s->at = 0;
	}
	if (s->chunk >= t->chunk_n)
		return 0;
	const struct sp_batch *c = &t->chunks[s->chunk];
	size_t n = c->n - s->at < SP_BATCH ? c->n - s->at : SP_BATCH;
	*out = (struct sp_batch){ .n = n, .column_n = p->column_n, .columns = arena_alloc(o->run->batch, (p->column_n + 1) * sizeof(struct sp_vec)) };
	for (size_t i = 0; i < p->column_n; i++) {
		struct sp_vec *v = &out->columns[i];
		if (i >= c->column_n || !c->columns[i].type || (p->needed && !p->needed[i])) {
			*v = sp_vec_nulls(p->columns[i].type, n);
			continue;
		}
		*v = sp_vec_part(&c->columns[i], s->at, n);
		v->lasting = true;
	}
	s->at += n;
	return 1;
}

struct sp_oper *sp_op_scan(const struct sp_plan *plan)
{
	struct scan_op *s = xcalloc(1, sizeof(*s));
	s->o.next = scan_next;
	return &s->o;
}

/* ---- SHARED ---- */

struct shared_op {
	struct sp_oper o;
	size_t at;
};

static int shared_next(struct sp_oper *o, struct sp_batch *out)
{
	struct shared_op *s = (struct shared_op *)o;
	const struct sp_store *rows = sp_shared_rows(o->x, o->plan->shared);
	if (!rows)
		return -1;
	if (s->at >= rows->n)
		return 0;
	size_t n = rows->n - s->at < SP_BATCH ? rows->n - s->at : SP_BATCH;
	sp_store_part(rows, s->at, n, o->run->batch, out);
	s->at += n;
	return 1;
}

struct sp_oper *sp_op_shared(const struct sp_plan *plan)
{
	struct shared_op *s = xcalloc(1, sizeof(*s));
	s->o.next = shared_next;
	return &s->o;
}

/* ---- OUTER ---- */

static int outer_next(struct sp_oper *o, struct sp_batch *out)
{
	struct shared_op *s = (struct shared_op *)o;
	if (s->at++)
		return 0;
	*out = sp_outer_of(o->x, o->plan->params)->row;
	return 1;
}

struct sp_oper *sp_op_outer(const struct sp_plan *plan)
{
	struct shared_op *s = xcalloc(1, sizeof(*s));
	s->o.next = outer_next;
	return &s->o;
}
