/* ORDER BY. With a limit only as many rows as that, and some more, are kept. */
#include "engine/op.h"

enum { SPARE_ROWS = 16 * SP_BATCH };

struct sort_op {
	struct sp_oper o;
	bool made;
	struct sp_program *program;    /* keys that aren't columns of the input */
	struct sp_vec *made_keys;
	size_t *key_at;                /* where each key is in rows */
	struct sp_store rows;          /* the input's columns, then the keys made */
	struct sp_sort_key *keys;
	uint32_t *order;
	size_t n, at, held;
	bool full;                     /* there are as many as the limit says: worst is the last's first key */
	struct sp_value worst;
	struct arena own, worst_own;
	uint32_t some[SP_BATCH];
};

static void prepare(struct sort_op *s)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_expr **exprs = arena_alloc(&s->own, (p->order_n + 1) * sizeof(*exprs));
	size_t n = 0;
	s->made = true;
	s->key_at = arena_alloc(&s->own, (p->order_n + 1) * sizeof(*s->key_at));
	s->keys = arena_alloc(&s->own, (p->order_n + 1) * sizeof(*s->keys));
	for (size_t i = 0; i < p->order_n; i++) {
		struct sp_expr *e = p->order[i].e;
		s->key_at[i] = e->op == SP_COLUMN ? e->column : p->column_n + n;
		if (e->op != SP_COLUMN)
			exprs[n++] = e;
	}
	s->program = sp_program_new(s->o.run, exprs, n);
	s->made_keys = arena_alloc(&s->own, (n + 1) * sizeof(*s->made_keys));
	sp_store_init(&s->rows, s->o.run, p->column_n + n);
}

/* Puts what there is in order. */
static int arrange(struct sort_op *s)
{
	const struct sp_plan *p = s->o.plan;
	for (size_t i = 0; i < p->order_n; i++)
		s->keys[i] = (struct sp_sort_key){ sp_store_column(&s->rows, s->key_at[i]), p->order[i].desc, p->order[i].nulls_last };
	free(s->order);
	s->order = xmalloc((s->rows.n + 1) * sizeof(*s->order));
	if (sp_run_hold(s->o.run, (ssize_t)(s->rows.n * sizeof(*s->order)) - (ssize_t)s->held))
		return 1;
	s->held = s->rows.n * sizeof(*s->order);
	return sp_sort(s->o.run, s->keys, p->order_n, s->rows.n, s->order);
}

/* Only the best stay. */
static int shrink(struct sort_op *s)
{
	const size_t keep = (size_t)s->o.plan->limit;
	struct sp_store less;
	struct sp_batch b;
	int rc = arrange(s);
	sp_store_init(&less, s->o.run, s->rows.column_n);
	for (size_t at = 0; at < keep && at < s->rows.n && !rc; at += SP_BATCH) {
		size_t n = keep < s->rows.n ? keep - at : s->rows.n - at;
		n = n < SP_BATCH ? n : SP_BATCH;
		arena_recycle(&s->o.arena);
		sp_store_pick(&s->rows, s->order + at, n, &s->o.arena, &b);
		/* What is kept mustn't point into what is given up. */
		for (size_t i = 0; i < b.column_n; i++) {
			b.columns[i].lasting &= b.columns[i].one;
			b.columns[i].dict_n = 0;
		}
		rc = sp_store_add(&less, &b, NULL, n);
	}
	if (!rc && less.n >= keep) {
		struct sp_vec v = sp_store_column(&less, s->key_at[0]);
		arena_reset(&s->worst_own);
		s->worst = sp_value_dup(&s->worst_own, v.type, sp_get(&v, keep - 1));
		s->full = true;
	}
	sp_store_free(&s->rows);
	s->rows = less;
	return rc;
}

static int compare(const struct sp_type *t, const struct sp_order *o, const struct sp_value *a, const struct sp_value *b)
{
	if (a->null || b->null)
		return (b->null - a->null) * (o->nulls_last ? -1 : 1);
	int c = sp_compare(t, a, b);
	return o->desc ? -c : c;
}

#define BETTER(member, field) \
	do { \
		for (size_t r = 0; r < n; r++) { \
			const __typeof__(v->member[0]) x = v->member[sp_at(v, r)], y = (__typeof__(x))s->worst.field; \
			s->some[m] = (uint32_t)r; \
			m += (o->desc ? x > y : x < y) || (ties && x == y); \
		} \
	} while (0)

/* Rows of a batch that may be among the best, by their first key. */
static size_t contenders(struct sort_op *s, const struct sp_vec *v, size_t n)
{
	const struct sp_order *o = s->o.plan->order;
	const bool ties = s->o.plan->order_n > 1;
	const enum sp_phys phys = sp_phys_of(v->type);
	size_t m = 0;
	if (!v->null && !s->worst.null && !v->one && (phys == SP_I32 || phys == SP_I64)) {
		if (phys == SP_I32)
			BETTER(i32, i);
		else
			BETTER(i64, i);
		return m;
	}
	for (size_t r = 0; r < n; r++) {
		struct sp_value x = sp_get(v, r);
		int c = compare(v->type, o, &x, &s->worst);
		s->some[m] = (uint32_t)r;
		m += c < 0 || (ties && c == 0);
	}
	return m;
}

static int take(struct sort_op *s, const struct sp_batch *b)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_batch all = { .n = b->n, .column_n = s->rows.column_n };
	const uint32_t *rows = NULL;
	size_t n = b->n;
	if (sp_eval_all(s->program, b, s->made_keys))
		return 1;
	all.columns = arena_alloc(&s->o.arena, (all.column_n + 1) * sizeof(*all.columns));
	memcpy(all.columns, b->columns, b->column_n * sizeof(*all.columns));
	memcpy(all.columns + b->column_n, s->made_keys, (all.column_n - b->column_n) * sizeof(*all.columns));
	if (s->full) {
		n = contenders(s, &all.columns[s->key_at[0]], n);
		rows = s->some;
	}
	if (n && sp_store_add(&s->rows, &all, rows, n))
		return 1;
	return p->limit > 0 && s->rows.n >= (size_t)p->limit * 2 + SPARE_ROWS ? shrink(s) : 0;
}

static int sort_next(struct sp_oper *o, struct sp_batch *out)
{
	struct sort_op *s = (struct sort_op *)o;
	struct arena *before = o->run->batch;
	if (!s->made) {
		struct sp_batch b;
		int rc;
		prepare(s);
		while ((rc = sp_op_pull(o, 0, &b)) > 0) {
			o->run->batch = &o->arena;
			rc = take(s, &b);
			o->run->batch = before;
			if (rc)
				return -1;
		}
		if (rc < 0 || arrange(s))
			return -1;
		arena_free(&o->arena);
		s->n = o->plan->limit > 0 && (size_t)o->plan->limit < s->rows.n ? (size_t)o->plan->limit : s->rows.n;
	}
	if (s->at >= s->n) {
		sp_store_done(&s->rows);
		free(s->order);
		s->order = NULL;
		return 0;
	}
	size_t n = s->n - s->at < SP_BATCH ? s->n - s->at : SP_BATCH;
	sp_store_pick(&s->rows, s->order + s->at, n, before, out);
	out->column_n = o->plan->column_n;
	s->at += n;
	return 1;
}

static void sort_close(struct sp_oper *o)
{
	struct sort_op *s = (struct sort_op *)o;
	(void)sp_run_hold(o->run, -(ssize_t)s->held);
	sp_store_free(&s->rows);
	sp_program_free(s->program);
	free(s->order);
	arena_free(&s->own);
	arena_free(&s->worst_own);
}

struct sp_oper *sp_op_sort(const struct sp_plan *plan)
{
	struct sort_op *s = xcalloc(1, sizeof(*s));
	s->o.next = sort_next;
	s->o.close = sort_close;
	return &s->o;
}
