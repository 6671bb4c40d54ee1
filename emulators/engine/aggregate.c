/* GROUP BY: groups numbered by their keys as they come, a block of states each. */
#include "engine/aggregate.h"

enum { BLOCK_GROUPS = 256 };

struct agg {
	struct sp_call call;
	const struct sp_aggregate *fn;
	const struct sp_aggregation *as;
	size_t at, filter_at, order_at; /* of its args, filter and order in the program */
	size_t state_at;
	struct sp_keys *seen;           /* DISTINCT */
	struct sp_store rows;           /* with an order of its own: number of group, args, order */
};
struct agg_op {
	struct sp_oper o;
	bool made;
	struct sp_program *program;
	struct sp_vec *v;
	struct sp_keys *keys;
	struct sp_store groups;
	uint32_t *order;                /* of groups; NULL: as they came */
	struct agg *aggs;
	size_t agg_n, group_n, stride;
	char **blocks;
	size_t block_n, block_cap;
	struct arena own;
	size_t held;
	size_t at, freed; /* groups given; blocks freed */
	uint32_t ids[SP_BATCH], rows[SP_BATCH], some[SP_BATCH], new_ids[SP_BATCH];
	void *states[SP_BATCH];
};

/* ---- adding rows ---- */

int sp_agg_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	const struct sp_aggregate *a = c->e->fn->aggregate;
	const bool nulls = c->e->fn->flags & SP_F_NULLS;
	struct sp_value v[16];
	if (a->add)
		return a->add(c, args, n, states);
	if (c->e->arg_n > ARRAY_LEN(v))
		return sp_fail(&c->run->err, SP_E_UNSERVED, "", "", "An aggregate of more than 16 arguments.");
	for (size_t r = 0; r < n; r++) {
		bool null = false;
		for (size_t i = 0; i < c->e->arg_n; i++) {
			v[i] = sp_get(&args[i], r);
			null |= v[i].null;
		}
		if ((nulls || !null) && a->add_row(c, v, states[r]))
			return 1;
	}
	return 0;
}

static void *state_of(const struct agg_op *s, const struct agg *a, uint32_t group)
{
	return s->blocks[group / BLOCK_GROUPS] + group % BLOCK_GROUPS * s->stride + a->state_at;
}

static int states_for(struct agg_op *s, size_t groups)
{
	while (s->block_n * BLOCK_GROUPS < groups && s->stride) {
		GROW(s->blocks, s->block_n, s->block_cap);
		s->blocks[s->block_n++] = xcalloc(BLOCK_GROUPS, s->stride);
		s->held += BLOCK_GROUPS * s->stride;
		if (sp_run_hold(s->o.run, (ssize_t)(BLOCK_GROUPS * s->stride)))
			return 1;
	}
	return 0;
}

/* Of rows (ids: their groups) those whose arguments the group hasn't had yet; returns how many, -1: failed. */
static ssize_t only_new(struct agg_op *s, struct agg *a, const struct sp_vec *args, uint32_t *rows, uint32_t *ids, size_t n)
{
	const size_t arg_n = a->call.e->arg_n;
	struct sp_vec *columns = arena_alloc(&s->o.arena, (arg_n + 1) * sizeof(*columns));
	size_t known = sp_keys_count(a->seen), m = 0;
	uint32_t *found = s->new_ids;
	for (size_t i = 0; i < arg_n; i++)
		columns[i] = rows ? sp_vec_pick(&s->o.arena, &args[i], rows, n) : args[i];
	/* What the group is comes last: then all arguments are found with few misses. */
	columns[arg_n] = (struct sp_vec){ .type = &sp_types[SP_INT], .n = n, .i32 = (const int32_t *)ids };
	if (sp_keys_find(a->seen, columns, n, true, found))
		return -1;
	for (size_t r = 0; r < n; r++) {
		bool fresh = found[r] == known;
		s->some[m] = rows ? rows[r] : (uint32_t)r;
		ids[m] = ids[r];
		m += fresh;
		known += fresh;
	}
	return (ssize_t)m;
}

static int add_to(struct agg_op *s, struct agg *a, size_t n)
{
	struct sp_vec *args = s->v + a->at, *picked = args;
	const size_t arg_n = a->call.e->arg_n;
	uint32_t *rows = NULL, *ids = s->ids, *mine = NULL;
	if (a->as->filter) {
		n = sp_true_rows(&s->v[a->filter_at], n, s->rows);
		rows = s->rows;
	}
	if (rows || a->seen) {
		mine = arena_alloc(&s->o.arena, (n + 1) * sizeof(*mine));
		for (size_t r = 0; r < n; r++)
			mine[r] = s->ids[rows ? rows[r] : r];
		ids = mine;
	}
	if (a->seen && n) {
		ssize_t m = only_new(s, a, args, rows, ids, n);
		if (m < 0)
			return 1;
		rows = s->some;
		n = (size_t)m;
	}
	if (n == 0)
		return 0;
	if (a->as->order_n) {
		struct sp_batch b = { .n = n, .column_n = 1 + arg_n + a->as->order_n };
		b.columns = arena_alloc(&s->o.arena, b.column_n * sizeof(*b.columns));
		b.columns[0] = (struct sp_vec){ .type = &sp_types[SP_INT], .n = n, .i32 = (const int32_t *)ids };
		for (size_t i = 1; i < b.column_n; i++) {
			const struct sp_vec *v = i <= arg_n ? &args[i - 1] : &s->v[a->order_at + i - 1 - arg_n];
			b.columns[i] = rows ? sp_vec_pick(&s->o.arena, v, rows, n) : *v;
		}
		return sp_store_add(&a->rows, &b, NULL, n);
	}
	if (rows) {
		picked = arena_alloc(&s->o.arena, (arg_n + 1) * sizeof(*picked));
		for (size_t i = 0; i < arg_n; i++)
			picked[i] = sp_vec_pick(&s->o.arena, &args[i], rows, n);
	}
	for (size_t r = 0; r < n; r++)
		s->states[r] = state_of(s, a, ids[r]);
	return sp_agg_add(&a->call, picked, n, s->states);
}

static int take(struct agg_op *s, const struct sp_batch *b)
{
	const size_t group_n = s->o.plan->group_n, known = s->group_n;
	if (sp_eval_all(s->program, b, s->v))
		return 1;
	if (group_n && sp_keys_find(s->keys, s->v, b->n, true, s->ids))
		return 1;
	if (group_n)
		s->group_n = sp_keys_count(s->keys);
	if (s->group_n > known) {
		struct sp_batch keys = { .n = b->n, .column_n = group_n, .columns = s->v };
		size_t n = 0, next = known;
		for (size_t r = 0; r < b->n && next < s->group_n; r++) {
			s->rows[n] = (uint32_t)r;
			n += s->ids[r] == next;
			next += s->ids[r] == next;
		}
		if (sp_store_add(&s->groups, &keys, s->rows, n) || states_for(s, s->group_n))
			return 1;
	}
	for (size_t i = 0; i < s->agg_n; i++)
		if (add_to(s, &s->aggs[i], b->n))
			return 1;
	return 0;
}

/* Rows that an aggregate wants in an order of its own. */
static int add_ordered(struct agg_op *s, struct agg *a)
{
	const size_t n = a->rows.n, arg_n = a->call.e->arg_n, key_n = a->as->order_n + 1;
	struct sp_sort_key *keys = xcalloc(key_n, sizeof(*keys));
	uint32_t *rows = xmalloc((n + 1) * sizeof(*rows));
	struct sp_vec groups = sp_store_column(&a->rows, 0);
	keys[0].v = groups;
	for (size_t i = 1; i < key_n; i++) {
		const struct sp_order *o = &a->as->order[i - 1];
		keys[i] = (struct sp_sort_key){ sp_store_column(&a->rows, arg_n + i), o->desc, o->nulls_last };
	}
	int rc = sp_sort(s->o.run, keys, key_n, n, rows);
	for (size_t at = 0; at < n && !rc; at += SP_BATCH) {
		size_t m = n - at < SP_BATCH ? n - at : SP_BATCH;
		struct sp_batch b;
		arena_recycle(&s->o.arena);
		sp_store_pick(&a->rows, rows + at, m, &s->o.arena, &b);
		for (size_t r = 0; r < m; r++)
			s->states[r] = state_of(s, a, (uint32_t)groups.i32[rows[at + r]]);
		rc = sp_agg_add(&a->call, b.columns + 1, m, s->states) || sp_run_check(s->o.run, m);
	}
	free(rows);
	free(keys);
	return rc;
}

/* ---- the whole ---- */

static void prepare(struct agg_op *s)
{
	const struct sp_plan *p = s->o.plan;
	size_t n = p->group_n, cap = 0, at = 0;
	for (size_t i = 0; i < p->aggregate_n; i++)
		n += p->aggregates[i].call->arg_n + 1 + p->aggregates[i].order_n;
	struct sp_expr **exprs = arena_alloc(&s->own, (n + 1) * sizeof(*exprs));
	const struct sp_type **types = arena_alloc(&s->own, (n + 1) * sizeof(*types));
	s->agg_n = p->aggregate_n;
	s->aggs = arena_alloc(&s->own, (s->agg_n + 1) * sizeof(*s->aggs));
	for (; at < p->group_n; at++) {
		exprs[at] = p->groups[at];
		types[at] = p->groups[at]->type;
	}
	s->keys = sp_keys_new(s->o.run, types, NULL, p->group_n);
	for (size_t i = 0; i < s->agg_n; i++) {
		struct agg *a = &s->aggs[i];
		a->as = &p->aggregates[i];
		a->call = (struct sp_call){ .run = s->o.run, .e = a->as->call };
		a->fn = a->as->call->fn->aggregate;
		if (a->as->call->fn->state_size)
			a->call.state = arena_alloc(s->o.run->keep, a->as->call->fn->state_size);
		a->state_at = s->stride;
		s->stride += (a->fn->size + 15) & ~(size_t)15;
		a->at = at;
		for (size_t j = 0; j < a->as->call->arg_n; j++)
			exprs[at++] = a->as->call->args[j];
		a->filter_at = at;
		if (a->as->filter)
			exprs[at++] = a->as->filter;
		a->order_at = at;
		for (size_t j = 0; j < a->as->order_n; j++)
			exprs[at++] = a->as->order[j].e;
		if (a->as->distinct) {
			cap = a->as->call->arg_n;
			for (size_t j = 0; j < cap; j++)
				types[j] = a->as->call->args[j]->type;
			types[cap] = &sp_types[SP_INT];
			a->seen = sp_keys_new(s->o.run, types, NULL, cap + 1);
		}
		if (a->as->order_n)
			sp_store_init(&a->rows, s->o.run, 1 + a->as->call->arg_n + a->as->order_n);
	}
	s->program = sp_program_new(s->o.run, exprs, at);
	s->v = arena_alloc(&s->own, (at + 1) * sizeof(*s->v));
	sp_store_init(&s->groups, s->o.run, p->group_n);
	s->group_n = p->group_n ? 0 : 1;
}

static int make(struct agg_op *s)
{
	struct arena *before = s->o.run->batch;
	struct sp_batch b;
	int rc;
	s->made = true;
	prepare(s);
	if (states_for(s, s->group_n))
		return 1;
	while ((rc = sp_op_pull(&s->o, 0, &b)) > 0) {
		s->o.run->batch = &s->o.arena;
		rc = take(s, &b);
		s->o.run->batch = before;
		if (rc)
			return 1;
	}
	s->o.run->batch = &s->o.arena;
	for (size_t i = 0; i < s->agg_n && !rc; i++) {
		sp_keys_free(s->aggs[i].seen);
		s->aggs[i].seen = NULL;
		if (s->aggs[i].as->order_n)
			rc = add_ordered(s, &s->aggs[i]);
	}
	s->o.run->batch = before;
	sp_keys_free(s->keys);
	s->keys = NULL;
	return rc || sp_group_order(s->o.run, s->o.plan, &s->groups, &s->order);
}

/* Groups before `to` have been given: their states go, whole blocks at a time. */
static void free_states(struct agg_op *s, size_t to)
{
	for (; s->freed < s->block_n && (s->freed + 1) * BLOCK_GROUPS <= to; s->freed++) {
		for (size_t i = 0; i < s->agg_n; i++)
			for (size_t g = s->freed * BLOCK_GROUPS; s->aggs[i].fn->free && g < s->group_n && g < (s->freed + 1) * BLOCK_GROUPS; g++)
				s->aggs[i].fn->free(state_of(s, &s->aggs[i], (uint32_t)g));
		free(s->blocks[s->freed]);
		s->held -= BLOCK_GROUPS * s->stride;
		(void)sp_run_hold(s->o.run, -(ssize_t)(BLOCK_GROUPS * s->stride));
	}
}

static int agg_next(struct sp_oper *o, struct sp_batch *out)
{
	struct agg_op *s = (struct agg_op *)o;
	const size_t keys_n = o->plan->group_n;
	if (!s->made && make(s))
		return -1;
	if (!s->order || s->at >= s->group_n) /* in another order any block may be asked for to the end */
		free_states(s, s->at);
	if (s->at >= s->group_n) {
		sp_store_done(&s->groups);
		return 0;
	}
	size_t n = s->group_n - s->at < SP_BATCH ? s->group_n - s->at : SP_BATCH;
	*out = (struct sp_batch){ .n = n, .column_n = keys_n + s->agg_n };
	out->columns = arena_alloc(o->run->batch, (out->column_n + 1) * sizeof(*out->columns));
	for (size_t i = 0; i < keys_n; i++) {
		struct sp_vec v = sp_store_column(&s->groups, i);
		out->columns[i] = s->order ? sp_vec_pick(o->run->batch, &v, s->order + s->at, n) : sp_vec_part(&v, s->at, n);
		out->columns[i].type = o->plan->columns[i].type;
	}
	for (size_t i = 0; i < s->agg_n; i++) {
		struct agg *a = &s->aggs[i];
		struct sp_out made;
		sp_out_make(&made, o->run->batch, a->call.e->type, n);
		for (size_t r = 0; r < n; r++) {
			struct sp_value v = { 0 };
			if (a->fn->final(&a->call, state_of(s, a, s->order ? s->order[s->at + r] : (uint32_t)(s->at + r)), &v))
				return -1;
			sp_out_put(&made, r, &v);
		}
		out->columns[keys_n + i] = made.v;
	}
	s->at += n;
	return 1;
}

static void agg_close(struct sp_oper *o)
{
	struct agg_op *s = (struct agg_op *)o;
	free_states(s, SIZE_MAX);
	for (size_t i = 0; i < s->agg_n; i++) {
		struct agg *a = &s->aggs[i];
		if (a->call.state && a->call.e->fn->state_free)
			a->call.e->fn->state_free(a->call.state);
		sp_keys_free(a->seen);
		sp_store_free(&a->rows);
	}
	(void)sp_run_hold(o->run, -(ssize_t)s->held);
	sp_keys_free(s->keys);
	sp_store_free(&s->groups);
	sp_program_free(s->program);
	free(s->blocks);
	free(s->order);
	arena_free(&s->own);
}

struct sp_oper *sp_op_aggregate(const struct sp_plan *plan)
{
	struct agg_op *s = xcalloc(1, sizeof(*s));
	s->o.next = agg_next;
	s->o.close = agg_close;
	return &s->o;
}
