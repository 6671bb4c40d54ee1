/* Joins by equality: one side's rows are kept and numbered by their keys, the other's flow past. */
#include "engine/join.h"

struct join_op {
	struct sp_oper o;
	bool made, ended, flip;              /* flip: the left is kept */
	enum sp_join join;             /* seen from the side that flows: RIGHT is LEFT then */
	struct sp_join_parts parts;
	struct sp_program *kept_keys, *flow_keys, *rest;
	struct sp_vec *v;
	struct sp_keys *keys;
	struct sp_store kept;
	bool keep_rows, identity, null_seen, unique;
	uint32_t *row_key, *heads, *next; /* by row its key; by key its first row; by row the next of its key */
	uint8_t *used;                 /* FULL: by kept row */
	size_t row_n, row_cap, held;
	struct sp_batch in;            /* what flows now */
	size_t row;                    /* at which row of it we are */
	uint32_t chain;                /* and at which kept row of its key; SP_NO_KEY: at the first */
	bool flowing;
	size_t end_at;                 /* FULL: kept rows without a match given so far */
	struct arena own, made_arena;  /* made_arena: of the batch that is given */
	uint32_t ids[SP_BATCH], l[SP_BATCH], r[SP_BATCH], some[SP_BATCH];
	uint8_t matched[SP_BATCH];
};

int sp_join_too_many(struct sp_run *r)
{
	return sp_fail(&r->err, SP_E_RUN, "SCALAR_SUBQUERY_TOO_MANY_ROWS", "21000",
		       "More than one row returned by a subquery used as an expression.");
}

static bool split_one(struct arena *a, struct sp_expr *e, size_t left_n, size_t all, struct sp_join_parts *p)
{
	if (e->op != SP_CALL || e->arg_n != 2 || (strcmp(e->fn->name, "=") != 0 && strcmp(e->fn->name, "<=>") != 0) || sp_expr_volatile(e))
		return false;
	struct sp_expr *x = e->args[0], *y = e->args[1];
	if (!sp_type_eq(x->type, y->type) || x->type->precision != y->type->precision || x->type->scale != y->type->scale)
		return false;
	if (!(sp_expr_within(x, 0, left_n) && sp_expr_within(y, left_n, all))) {
		x = e->args[1];
		y = e->args[0];
	}
	if (!(sp_expr_within(x, 0, left_n) && sp_expr_within(y, left_n, all)) || sp_expr_within(x, 0, 0) || sp_expr_within(y, 0, 0))
		return false;
	p->left[p->n] = x;
	p->right[p->n] = sp_expr_shift(a, y, -(ptrdiff_t)left_n);
	p->null_safe[p->n++] = e->fn->name[1] == '=';
	return true;
}

void sp_join_split(struct arena *a, const struct sp_plan *plan, struct sp_join_parts *p)
{
	struct sp_expr **list = NULL, **rest;
	size_t n = 0, cap = 0, rest_n = 0, left_n = plan->in[0]->column_n;
	sp_conjuncts(a, plan->condition, &list, &n, &cap);
	*p = (struct sp_join_parts){ 0 };
	p->left = arena_alloc(a, (n + 1) * sizeof(*list));
	p->right = arena_alloc(a, (n + 1) * sizeof(*list));
	p->null_safe = arena_alloc(a, n + 1);
	rest = arena_alloc(a, (n + 1) * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		if (!split_one(a, list[i], left_n, left_n + plan->in[1]->column_n, p))
			rest[rest_n++] = list[i];
	p->rest = sp_conjunction(a, rest, rest_n);
}

/* ---- the side that is kept ---- */

static int keep_batch(struct join_op *s, const struct sp_batch *b)
{
	if (sp_eval_all(s->kept_keys, b, s->v) || sp_keys_find(s->keys, s->v, b->n, true, s->ids))
		return 1;
	size_t n = 0;
	for (size_t r = 0; r < b->n; r++) {
		bool none = s->ids[r] == SP_NO_KEY;
		s->null_seen |= none;
		s->some[n] = (uint32_t)r;
		n += !none || s->join == SP_J_FULL;
	}
	if (s->row_n + n > s->row_cap) {
		s->row_cap = (s->row_n + n) * 2;
		s->row_key = xrealloc(s->row_key, s->row_cap * sizeof(*s->row_key));
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t id = s->ids[s->some[i]];
		s->identity &= id == s->row_n;
		s->row_key[s->row_n++] = id;
	}
	return s->keep_rows ? sp_store_add(&s->kept, b, n == b->n ? NULL : s->some, n) : 0;
}

/* First row of each key, and from row to row in order. */
static int chain_rows(struct join_op *s)
{
	const size_t key_n = sp_keys_count(s->keys), n = s->row_n;
	if (!s->keep_rows)
		return 0;
	s->unique = true;
	s->held = s->identity ? 0 : (key_n + n) * sizeof(uint32_t);
	if (sp_run_hold(s->o.run, (ssize_t)s->held))
		return 1;
	if (!s->identity) {
		s->heads = xmalloc((key_n + 1) * sizeof(*s->heads));
		s->next = xmalloc((n + 1) * sizeof(*s->next));
		memset(s->heads, 0xff, key_n * sizeof(*s->heads));
		for (size_t r = n; r-- > 0;) {
			uint32_t id = s->row_key[r];
			s->next[r] = SP_NO_KEY;
			if (id == SP_NO_KEY)
				continue;
			s->next[r] = s->heads[id];
			s->unique &= s->heads[id] == SP_NO_KEY;
			s->heads[id] = (uint32_t)r;
		}
		if (s->unique) {
			free(s->next);
			s->next = NULL;
		}
	}
	free(s->row_key);
	s->row_key = NULL;
	if (s->join == SP_J_FULL)
		s->used = xcalloc(n + 1, 1);
	if (s->keep_rows && s->join != SP_J_INNER)
		sp_store_null_row(&s->kept);
	return 0;
}

static int keep(struct join_op *s)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_expr *const *kept = s->flip ? s->parts.left : s->parts.right, *const *flow = s->flip ? s->parts.right : s->parts.left;
	const struct sp_type **types = arena_alloc(&s->own, (s->parts.n + 1) * sizeof(*types));
	struct arena *before = s->o.run->batch;
	struct sp_batch b;
	int rc;
	for (size_t i = 0; i < s->parts.n; i++)
		types[i] = kept[i]->type;
	s->made = true;
	s->identity = true;
	s->v = arena_alloc(&s->own, (s->parts.n + 1) * sizeof(*s->v));
	s->keys = sp_keys_new(s->o.run, types, s->parts.null_safe, s->parts.n);
	s->kept_keys = sp_program_new(s->o.run, kept, s->parts.n);
	s->flow_keys = sp_program_new(s->o.run, flow, s->parts.n);
	if (s->parts.rest)
		s->rest = sp_program_new(s->o.run, &s->parts.rest, 1);
	s->keep_rows = sp_join_both(s->join) || s->rest;
	sp_store_init(&s->kept, s->o.run, p->in[s->flip ? 0 : 1]->column_n);
	while ((rc = sp_op_pull(&s->o, s->flip ? 0 : 1, &b)) > 0) {
		s->o.run->batch = &s->o.arena;
		rc = keep_batch(s, &b);
		s->o.run->batch = before;
		if (rc)
			return 1;
	}
	return rc < 0 || chain_rows(s);
}

/* ---- pairs ---- */

/* The batch of pairs (flow[i], kept[i]); flow NULL: NULLs; all: flow is every row of what flows, in order. */
static void pairs(struct join_op *s, const uint32_t *flow, bool all, const uint32_t *kept, size_t n, struct sp_batch *out)
{
	const struct sp_plan *p = s->o.plan;
	const size_t left_n = p->in[0]->column_n, right_n = p->in[1]->column_n, flow_n = s->flip ? right_n : left_n, kept_n = left_n + right_n - flow_n;
	const size_t flow_at = s->flip ? left_n : 0, kept_at = s->flip ? 0 : left_n;
	struct arena *a = &s->made_arena;
	struct sp_batch side;
	*out = (struct sp_batch){ .n = n, .column_n = left_n + right_n, .columns = arena_alloc(a, (left_n + right_n + 1) * sizeof(struct sp_vec)) };
	if (!flow)
		for (size_t i = 0; i < flow_n; i++)
			out->columns[flow_at + i] = sp_vec_nulls(p->in[s->flip ? 1 : 0]->columns[i].type, n);
	if (flow && all) {
		memcpy(out->columns + flow_at, s->in.columns, flow_n * sizeof(struct sp_vec));
	} else if (flow) {
		sp_batch_pick(a, &s->in, flow, n, &side);
		memcpy(out->columns + flow_at, side.columns, flow_n * sizeof(struct sp_vec));
	}
	for (size_t i = 0; i < kept_n; i++) {
		struct sp_vec v = sp_store_column(&s->kept, i);
		out->columns[kept_at + i] = v.type->kind == SP_VOID ? sp_vec_nulls(p->in[s->flip ? 0 : 1]->columns[i].type, n) : sp_vec_pick(a, &v, kept, n);
	}
}

/* Lists that pairs() is given must live as long as the batch. */
static uint32_t *lasting(struct join_op *s, const uint32_t *rows, size_t n)
{
	uint32_t *copy = arena_alloc(&s->made_arena, (n + 1) * sizeof(*copy));
	memcpy(copy, rows, n * sizeof(*copy));
	return copy;
}

/* Candidate pairs from where we are, as many as fit. */
static size_t candidates(struct join_op *s, bool keep_unmatched)
{
	const uint32_t null_row = (uint32_t)s->kept.n;
	size_t m = 0;
	while (s->row < s->in.n && m < SP_BATCH) {
		uint32_t id = s->ids[s->row], r = s->chain;
		if (r == SP_NO_KEY)
			r = id == SP_NO_KEY ? SP_NO_KEY : s->identity ? id : s->heads[id];
		if (r == SP_NO_KEY) {
			s->l[m] = (uint32_t)s->row++;
			s->r[m] = null_row;
			m += keep_unmatched;
			continue;
		}
		s->l[m] = (uint32_t)s->row;
		s->r[m++] = r;
		s->chain = s->next ? s->next[r] : SP_NO_KEY;
		if (s->chain == SP_NO_KEY)
			s->row++;
	}
	return m;
}

/* Of candidate pairs those for which the rest of the condition holds, too: their numbers in some. */
static int hold_rest(struct join_op *s, size_t n, size_t *m)
{
	struct arena *before = s->o.run->batch;
	struct sp_batch b;
	pairs(s, s->l, false, s->r, n, &b);
	s->o.run->batch = &s->made_arena;
	int rc = sp_eval_filter(s->rest, 0, &b, s->some, m) || sp_run_check(s->o.run, n);
	s->o.run->batch = before;
	return rc;
}

/* The n candidates become the pairs there are. Rows that stay without a match have a candidate beside NULLs, or have it in place of
 * their last one that failed: so there are never more than before, and they're in order. */
static int settle(struct join_op *s, size_t *n)
{
	const bool outer = s->join != SP_J_INNER;
	const uint32_t null_row = (uint32_t)s->kept.n;
	size_t good = 0, at = 0, m = 0;
	if (s->rest && hold_rest(s, *n, &good))
		return 1;
	for (size_t i = 0; i < *n; i++) {
		const uint32_t l = s->l[i], r = s->r[i];
		bool holds = !s->rest || (at < good && s->some[at] == i);
		at += s->rest && holds;
		if (r == null_row && outer) {
			holds = true;
		} else if (holds) {
			if (s->join == SP_J_SINGLE && s->matched[l])
				return sp_join_too_many(s->o.run);
			s->matched[l] = 1;
			if (s->used)
				s->used[r] = 1;
		}
		const bool last = i + 1 < *n ? s->l[i + 1] != l : s->row > l;
		if (holds || (outer && last && !s->matched[l])) {
			s->l[m] = l;
			s->r[m++] = holds ? r : null_row;
		}
	}
	*n = m;
	return 0;
}

/* Pairs with a row each of what flows: 1: some, in *out; 0: no more of this batch; -1. */
static int pairs_next(struct join_op *s, struct sp_batch *out)
{
	const bool outer = s->join != SP_J_INNER;
	while (s->row < s->in.n) {
		const bool from_start = s->row == 0 && s->chain == SP_NO_KEY;
		arena_recycle(&s->made_arena);
		size_t n = candidates(s, outer);
		if (n && (s->rest || s->used || s->join == SP_J_SINGLE) && settle(s, &n))
			return -1;
		if (n == 0)
			continue;
		bool all = from_start && n == s->in.n && s->row == s->in.n;
		for (size_t i = 0; i < n && all; i++)
			all = s->l[i] == i;
		pairs(s, all ? s->l : lasting(s, s->l, n), all, lasting(s, s->r, n), n, out);
		return 1;
	}
	return 0;
}

/* SEMI, ANTI, EXISTS: whether there is a match, for each row of what flows. */
static int match_rows(struct join_op *s)
{
	if (!s->rest) {
		for (size_t r = 0; r < s->in.n; r++)
			s->matched[r] = s->ids[r] != SP_NO_KEY;
		s->row = s->in.n;
		return 0;
	}
	while (s->row < s->in.n) {
		arena_recycle(&s->made_arena);
		size_t n = candidates(s, false);
		size_t m = 0;
		if (n && hold_rest(s, n, &m))
			return 1;
		for (size_t i = 0; i < m; i++)
			s->matched[s->l[s->some[i]]] = 1;
	}
	return 0;
}

static int matches_next(struct join_op *s, struct sp_batch *out)
{
	const bool anti = s->join == SP_J_ANTI || s->join == SP_J_ANTI_NULL;
	if (s->row >= s->in.n)
		return 0;
	if (match_rows(s))
		return -1;
	if (s->join == SP_J_EXISTS) {
		struct sp_out o;
		sp_out_make(&o, &s->made_arena, &sp_types[SP_BOOLEAN], s->in.n);
		memcpy(o.u8, s->matched, s->in.n);
		*out = (struct sp_batch){ .n = s->in.n, .column_n = s->in.column_n + 1 };
		out->columns = arena_alloc(&s->made_arena, out->column_n * sizeof(*out->columns));
		memcpy(out->columns, s->in.columns, s->in.column_n * sizeof(*out->columns));
		out->columns[s->in.column_n] = o.v;
		return 1;
	}
	size_t n = 0;
	for (size_t r = 0; r < s->in.n; r++) {
		bool stays = s->matched[r] != anti;
		if (s->join == SP_J_ANTI_NULL && (s->row_n || s->null_seen))
			stays &= !s->null_seen && !sp_null_at(&s->v[0], r);
		s->some[n] = (uint32_t)r;
		n += stays;
	}
	if (n == 0)
		return 0;
	if (n == s->in.n)
		*out = s->in;
	else
		sp_batch_pick(&s->made_arena, &s->in, lasting(s, s->some, n), n, out);
	return 1;
}

/* FULL: kept rows that nothing matched. */
static int unused_next(struct join_op *s, struct sp_batch *out)
{
	size_t n = 0;
	arena_recycle(&s->made_arena);
	for (; s->used && s->end_at < s->kept.n && n < SP_BATCH; s->end_at++) {
		s->r[n] = (uint32_t)s->end_at;
		n += !s->used[s->end_at];
	}
	if (n == 0)
		return 0;
	pairs(s, NULL, false, lasting(s, s->r, n), n, out);
	return 1;
}

/* All is through: what was kept isn't needed any more. */
static int over(struct join_op *s)
{
	sp_store_done(&s->kept);
	sp_keys_free(s->keys);
	s->keys = NULL;
	s->ended = true;
	return 0;
}

static int join_next(struct sp_oper *o, struct sp_batch *out)
{
	struct join_op *s = (struct join_op *)o;
	struct arena *before = o->run->batch;
	const size_t flow = s->flip ? 1 : 0;
	if (s->ended)
		return 0;
	if (!s->made && keep(s))
		return -1;
	for (;;) {
		int rc = s->flowing ? (sp_join_both(s->join) ? pairs_next(s, out) : matches_next(s, out)) : 0;
		if (rc)
			return rc;
		/* Nothing can come of nothing. */
		if (s->row_n == 0 && (s->join == SP_J_INNER || s->join == SP_J_SEMI))
			return over(s);
		rc = sp_op_pull(o, flow, &s->in);
		s->flowing = rc > 0;
		if (rc < 0)
			return rc;
		if (rc == 0)
			return unused_next(s, out) ? 1 : over(s);
		o->run->batch = &o->arena;
		rc = sp_eval_all(s->flow_keys, &s->in, s->v) || sp_keys_find(s->keys, s->v, s->in.n, false, s->ids);
		o->run->batch = before;
		if (rc)
			return -1;
		s->row = 0;
		s->chain = SP_NO_KEY;
		memset(s->matched, 0, s->in.n);
	}
}

static void join_close(struct sp_oper *o)
{
	struct join_op *s = (struct join_op *)o;
	sp_program_free(s->kept_keys);
	sp_program_free(s->flow_keys);
	sp_program_free(s->rest);
	sp_keys_free(s->keys);
	sp_store_free(&s->kept);
	(void)sp_run_hold(o->run, -(ssize_t)s->held);
	free(s->row_key);
	free(s->heads);
	free(s->next);
	free(s->used);
	arena_free(&s->own);
	arena_free(&s->made_arena);
}

static bool hashes(const struct sp_plan *plan, const struct sp_join_parts *p)
{
	return p->n && !(plan->join == SP_J_ANTI_NULL && (p->n > 1 || p->rest || p->null_safe[0]));
}

bool sp_join_hashes(const struct sp_plan *plan)
{
	struct arena a = { 0 };
	struct sp_join_parts parts;
	sp_join_split(&a, plan, &parts);
	bool is = hashes(plan, &parts);
	arena_free(&a);
	return is;
}

struct sp_oper *sp_op_join(const struct sp_plan *plan)
{
	struct join_op *s = xcalloc(1, sizeof(*s));
	sp_join_split(&s->own, plan, &s->parts);
	if (!hashes(plan, &s->parts)) {
		arena_free(&s->own);
		free(s);
		return sp_op_loop_join(plan);
	}
	s->join = plan->join == SP_J_RIGHT ? SP_J_LEFT : plan->join == SP_J_CROSS ? SP_J_INNER : plan->join;
	s->flip = plan->join == SP_J_RIGHT || (plan->build_left && s->join == SP_J_INNER);
	s->o.next = join_next;
	s->o.close = join_close;
	return &s->o;
}
