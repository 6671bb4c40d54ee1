/* Each row of the left with the rows that the right gives for it: LATERAL, and subqueries no join can say. */
#include "engine/op.h"

struct apply_op {
	struct sp_oper o;
	struct sp_batch in;
	size_t row;
	struct sp_store rows;    /* what is given from at on */
	size_t at, give;
	struct arena inner_arena;
};

/* What the right gives for this row; it is made anew each time. */
static int run_row(struct apply_op *s)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_outer_row *outer = sp_outer_of(s->o.x, p->params);
	struct arena *before = s->o.run->batch;
	uint32_t *rows = arena_alloc(&s->o.arena, SP_BATCH * sizeof(*rows));
	size_t n = 0;
	struct sp_batch b, row;
	int rc;
	for (size_t i = 0; i < SP_BATCH; i++)
		rows[i] = (uint32_t)s->row;
	outer->row = (struct sp_batch){ .n = 1, .column_n = p->params->n };
	outer->row.columns = arena_alloc(&s->o.arena, (p->params->n + 1) * sizeof(struct sp_vec));
	for (size_t i = 0; i < p->params->n; i++) {
		struct sp_vec *v = &outer->row.columns[i];
		*v = sp_vec_part(&s->in.columns[p->params->columns[i]], s->row, 1);
		v->dict_n = 0;
	}
	struct sp_oper *inner = sp_op_open(s->o.x, p->in[1]);
	for (;;) {
		arena_recycle(&s->inner_arena);
		s->o.run->batch = &s->inner_arena;
		rc = inner->next(inner, &b);
		s->o.run->batch = before;
		if (rc <= 0)
			break;
		n += b.n;
		if (p->join == SP_J_SINGLE && n > 1)
			sp_fail(&s->o.run->err, SP_E_RUN, "SCALAR_SUBQUERY_TOO_MANY_ROWS", "21000",
				"More than one row returned by a subquery used as an expression.");
		if (s->o.run->err.set || p->join == SP_J_EXISTS || p->join == SP_J_SEMI || p->join == SP_J_ANTI)
			break;
		/* The left's row beside each; what is the right's goes with it. */
		row = (struct sp_batch){ .n = b.n, .column_n = p->column_n };
		row.columns = arena_alloc(&s->inner_arena, (p->column_n + 1) * sizeof(struct sp_vec));
		for (size_t i = 0; i < p->column_n; i++) {
			row.columns[i] = i < s->in.column_n ? sp_vec_pick(&s->inner_arena, &s->in.columns[i], rows, b.n) : b.columns[i - s->in.column_n];
			row.columns[i].dict_n = 0;
			row.columns[i].lasting = false;
		}
		if (sp_store_add(&s->rows, &row, NULL, b.n) || sp_run_check(s->o.run, b.n))
			break;
	}
	sp_op_close(inner);
	if (s->o.run->err.set)
		return 1;
	bool alone = p->join == SP_J_EXISTS || (p->join == SP_J_SEMI && n) || (p->join == SP_J_ANTI && !n) ||
		     (n == 0 && (p->outer || p->join == SP_J_LEFT || p->join == SP_J_SINGLE));
	if (!alone)
		return sp_run_check(s->o.run, 1);
	row = (struct sp_batch){ .n = 1, .column_n = p->column_n };
	row.columns = arena_alloc(&s->o.arena, (p->column_n + 1) * sizeof(struct sp_vec));
	for (size_t i = 0; i < p->column_n; i++) {
		row.columns[i] = i < s->in.column_n ? sp_vec_pick(&s->o.arena, &s->in.columns[i], rows, 1) : sp_vec_nulls(p->columns[i].type, 1);
		if (i >= s->in.column_n && p->join == SP_J_EXISTS)
			row.columns[i] = sp_vec_one(&s->o.arena, p->columns[i].type, &(struct sp_value){ .i = n > 0 }, 1);
		row.columns[i].dict_n = 0;
			row.columns[i].lasting = false;
	}
	return sp_store_add(&s->rows, &row, NULL, 1) || sp_run_check(s->o.run, 1);
}

static int apply_next(struct sp_oper *o, struct sp_batch *out)
{
	struct apply_op *s = (struct apply_op *)o;
	if (s->give) {
		s->at += s->give;
		s->give = 0;
	}
	while (s->at >= s->rows.n) {
		sp_store_free(&s->rows);
		sp_store_init(&s->rows, o->run, o->plan->column_n);
		s->at = 0;
		if (s->row >= s->in.n) {
			int rc = sp_op_pull(o, 0, &s->in);
			if (rc <= 0)
				return rc;
			s->row = 0;
		}
		for (; s->row < s->in.n && s->rows.n < SP_BATCH; s->row++)
			if (run_row(s))
				return -1;
	}
	s->give = s->rows.n - s->at < SP_BATCH ? s->rows.n - s->at : SP_BATCH;
	sp_store_part(&s->rows, s->at, s->give, o->run->batch, out);
	for (size_t i = 0; i < out->column_n; i++) {
		if (out->columns[i].type->kind == SP_VOID)
			out->columns[i] = sp_vec_nulls(o->plan->columns[i].type, out->n);
		out->columns[i].dict_n = 0;
		out->columns[i].lasting = false;
	}
	return 1;
}

static void apply_close(struct sp_oper *o)
{
	struct apply_op *s = (struct apply_op *)o;
	sp_store_free(&s->rows);
	arena_free(&s->inner_arena);
}

struct sp_oper *sp_op_apply(const struct sp_plan *plan)
{
	struct apply_op *s = xcalloc(1, sizeof(*s));
	s->o.next = apply_next;
	s->o.close = apply_close;
	return &s->o;
}
