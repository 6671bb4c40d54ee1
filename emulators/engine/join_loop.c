/* Joins by any condition, or none: every row of the left with every row of the right, which is kept. */
#include "engine/join.h"

struct loop_op {
	struct sp_oper o;
	bool made, flowing, tail;
	struct sp_program *condition;
	struct sp_store kept;
	uint8_t *used;          /* RIGHT, FULL: by kept row */
	struct sp_batch in;
	size_t row, at;         /* the pair that comes next */
	size_t end_at;
	struct arena made_arena; /* of the batch that is given */
	uint32_t l[SP_BATCH], r[SP_BATCH], some[SP_BATCH];
	uint8_t matched[SP_BATCH];
};

static bool keeps_left(enum sp_join j)
{
	return j == SP_J_LEFT || j == SP_J_FULL || j == SP_J_SINGLE;
}

static void pairs(struct loop_op *s, const uint32_t *l, const uint32_t *r, size_t n, struct sp_batch *out)
{
	const struct sp_plan *p = s->o.plan;
	const size_t left_n = p->in[0]->column_n, right_n = p->in[1]->column_n;
	struct arena *a = &s->made_arena;
	*out = (struct sp_batch){ .n = n, .column_n = left_n + right_n, .columns = arena_alloc(a, (left_n + right_n + 1) * sizeof(struct sp_vec)) };
	if (l) {
		struct sp_batch left;
		uint32_t *rows = arena_alloc(a, (n + 1) * sizeof(*rows));
		memcpy(rows, l, n * sizeof(*rows));
		sp_batch_pick(a, &s->in, rows, n, &left);
		memcpy(out->columns, left.columns, left_n * sizeof(struct sp_vec));
	}
	for (size_t i = 0; i < left_n && !l; i++)
		out->columns[i] = sp_vec_nulls(p->in[0]->columns[i].type, n);
	uint32_t *rows = arena_alloc(a, (n + 1) * sizeof(*rows));
	if (r)
		memcpy(rows, r, n * sizeof(*rows));
	for (size_t i = 0; i < right_n; i++) {
		struct sp_vec v = sp_store_column(&s->kept, i);
		out->columns[left_n + i] = !r || v.type->kind == SP_VOID ? sp_vec_nulls(p->in[1]->columns[i].type, n) : sp_vec_pick(a, &v, rows, n);
	}
}

/* Rows of the n pairs in l and r for which the condition holds, to some. null_too: or isn't known. */
static int holds(struct loop_op *s, size_t n, bool null_too, size_t *m)
{
	struct arena *before = s->o.run->batch;
	struct sp_batch b;
	struct sp_vec v;
	*m = 0;
	if (!s->condition) {
		for (; *m < n; ++*m)
			s->some[*m] = (uint32_t)*m;
		return 0;
	}
	pairs(s, s->l, s->r, n, &b);
	s->o.run->batch = &s->made_arena;
	int rc = null_too ? sp_eval(s->condition, 0, &b, &v) : sp_eval_filter(s->condition, 0, &b, s->some, m);
	for (size_t i = 0; i < n && null_too && !rc; i++)
		if (sp_null_at(&v, i) || v.u8[sp_at(&v, i)])
			s->some[(*m)++] = (uint32_t)i;
	s->o.run->batch = before;
	return rc;
}

/* The next pairs of this batch that hold, in l and r; *n 0: there are no more. */
static int some_pairs(struct loop_op *s, size_t *n)
{
	const enum sp_join j = s->o.plan->join;
	const bool once = !sp_join_both(j);
	size_t m;
	*n = 0;
	while (s->row < s->in.n && *n == 0) {
		for (m = 0; s->row < s->in.n && m < SP_BATCH;) {
			if (s->at >= s->kept.n || (once && s->matched[s->row])) {
				s->row++;
				s->at = 0;
				continue;
			}
			s->l[m] = (uint32_t)s->row;
			s->r[m++] = (uint32_t)s->at++;
		}
		if (m == 0)
			break;
		arena_recycle(&s->made_arena);
		if (holds(s, m, j == SP_J_ANTI_NULL, n) || sp_run_check(s->o.run, m))
			return 1;
		for (size_t i = 0; i < *n; i++) {
			uint32_t l = s->l[s->some[i]], r = s->r[s->some[i]];
			if (j == SP_J_SINGLE && s->matched[l])
				return sp_join_too_many(s->o.run);
			s->matched[s->l[i] = l] = 1;
			s->r[i] = r;
			if (s->used)
				s->used[r] = 1;
		}
	}
	return 0;
}

/* SEMI, ANTI, EXISTS of this batch. */
static int matches(struct loop_op *s, struct sp_batch *out)
{
	const enum sp_join j = s->o.plan->join;
	size_t n;
	do {
		if (some_pairs(s, &n))
			return -1;
	} while (n);
	if (j == SP_J_EXISTS) {
		struct sp_out o;
		sp_out_make(&o, &s->made_arena, &sp_types[SP_BOOLEAN], s->in.n);
		memcpy(o.u8, s->matched, s->in.n);
		*out = (struct sp_batch){ .n = s->in.n, .column_n = s->in.column_n + 1 };
		out->columns = arena_alloc(&s->made_arena, out->column_n * sizeof(*out->columns));
		memcpy(out->columns, s->in.columns, s->in.column_n * sizeof(*out->columns));
		out->columns[s->in.column_n] = o.v;
		return 1;
	}
	uint32_t *rows = arena_alloc(&s->made_arena, s->in.n * sizeof(*rows) + 4);
	n = 0;
	for (size_t r = 0; r < s->in.n; r++) {
		rows[n] = (uint32_t)r;
		n += s->matched[r] == (j == SP_J_SEMI);
	}
	if (n)
		sp_batch_pick(&s->made_arena, &s->in, rows, n, out);
	return n > 0;
}

static int batch_next(struct loop_op *s, struct sp_batch *out)
{
	size_t n;
	if (!s->tail)
		return 0;
	if (!sp_join_both(s->o.plan->join)) {
		s->tail = false;
		return matches(s, out);
	}
	if (some_pairs(s, &n))
		return -1;
	if (n) {
		pairs(s, s->l, s->r, n, out);
		return 1;
	}
	s->tail = false;
	for (size_t r = 0; r < s->in.n && keeps_left(s->o.plan->join); r++) {
		s->l[n] = (uint32_t)r;
		n += !s->matched[r];
	}
	if (n)
		pairs(s, s->l, NULL, n, out);
	return n > 0;
}

static int unused_next(struct loop_op *s, struct sp_batch *out)
{
	size_t n = 0;
	arena_recycle(&s->made_arena);
	for (; s->used && s->end_at < s->kept.n && n < SP_BATCH; s->end_at++) {
		s->r[n] = (uint32_t)s->end_at;
		n += !s->used[s->end_at];
	}
	if (n)
		pairs(s, NULL, s->r, n, out);
	return n > 0;
}

static int loop_next(struct sp_oper *o, struct sp_batch *out)
{
	struct loop_op *s = (struct loop_op *)o;
	if (!s->made) {
		s->made = true;
		sp_store_init(&s->kept, o->run, o->plan->in[1]->column_n);
		if (o->plan->condition)
			s->condition = sp_program_new(o->run, &(struct sp_expr *){ o->plan->condition }, 1);
		if (sp_store_all(&s->kept, o, 1))
			return -1;
		if (o->plan->join == SP_J_RIGHT || o->plan->join == SP_J_FULL)
			s->used = xcalloc(s->kept.n + 1, 1);
	}
	for (;;) {
		int rc = s->flowing ? batch_next(s, out) : 0;
		if (rc)
			return rc;
		rc = sp_op_pull(o, 0, &s->in);
		s->flowing = s->tail = rc > 0;
		if (rc < 0)
			return rc;
		if (rc == 0)
			return unused_next(s, out);
		s->row = s->at = 0;
		memset(s->matched, 0, s->in.n);
	}
}

static void loop_close(struct sp_oper *o)
{
	struct loop_op *s = (struct loop_op *)o;
	sp_program_free(s->condition);
	sp_store_free(&s->kept);
	arena_free(&s->made_arena);
	free(s->used);
}

struct sp_oper *sp_op_loop_join(const struct sp_plan *plan)
{
	struct loop_op *s = xcalloc(1, sizeof(*s));
	s->o.next = loop_next;
	s->o.close = loop_close;
	return &s->o;
}
