/* DISTINCT, INTERSECT and EXCEPT: by keys of all columns, in which NULL equals NULL. */
#include "engine/aggregate.h"

struct set_op {
	struct sp_oper o;
	bool made;
	struct sp_keys *keys;
	uint32_t *counts;   /* SETOP: by key, rows of the right that are left to be matched */
	size_t known, cap;
	struct sp_store later; /* DISTINCT: rows with a NULL, which come last, as groups do */
	bool through;
	size_t at;
	uint32_t ids[SP_BATCH], rows[SP_BATCH], null[SP_BATCH];
};

static void set_close(struct sp_oper *o)
{
	struct set_op *s = (struct set_op *)o;
	sp_keys_free(s->keys);
	sp_store_free(&s->later);
	free(s->counts);
}

static void begin(struct set_op *s)
{
	const struct sp_plan *p = s->o.plan;
	const struct sp_type **types = xcalloc(p->column_n + 1, sizeof(*types));
	for (size_t i = 0; i < p->column_n; i++)
		types[i] = p->columns[i].type;
	s->keys = sp_keys_new(s->o.run, types, NULL, p->column_n);
	free(types);
	s->made = true;
}

/* Different rows, those with a NULL behind the others (group_order.c). */
static int distinct_next(struct sp_oper *o, struct sp_batch *out)
{
	struct set_op *s = (struct set_op *)o;
	const size_t column_n = o->plan->column_n;
	struct sp_batch b;
	int rc = 0;
	if (!s->made) {
		begin(s);
		sp_store_init(&s->later, o->run, column_n);
	}
	while (!s->through && (rc = sp_op_pull(o, 0, &b)) > 0) {
		size_t n = 0, null_n = 0;
		if (sp_keys_find(s->keys, b.columns, b.n, true, s->ids))
			return -1;
		for (size_t r = 0; r < b.n; r++) {
			if (s->ids[r] != s->known)
				continue;
			s->known++;
			if (sp_row_has_null(b.columns, column_n, r))
				s->null[null_n++] = (uint32_t)r;
			else
				s->rows[n++] = (uint32_t)r;
		}
		if (null_n && sp_store_add(&s->later, &b, s->null, null_n))
			return -1;
		if (n == 0)
			continue;
		sp_batch_pick(&o->arena, &b, s->rows, n, out);
		return 1;
	}
	s->through = true;
	if (rc < 0 || s->at >= s->later.n)
		return rc < 0 ? rc : 0;
	size_t n = s->later.n - s->at < SP_BATCH ? s->later.n - s->at : SP_BATCH;
	sp_store_part(&s->later, s->at, n, &o->arena, out);
	s->at += n;
	return 1;
}

struct sp_oper *sp_op_distinct(const struct sp_plan *plan)
{
	struct set_op *s = xcalloc(1, sizeof(*s));
	s->o.next = distinct_next;
	s->o.close = set_close;
	return &s->o;
}

static int count_right(struct set_op *s)
{
	struct sp_batch b;
	int rc;
	begin(s);
	while ((rc = sp_op_pull(&s->o, 1, &b)) > 0) {
		if (sp_keys_find(s->keys, b.columns, b.n, true, s->ids))
			return -1;
		size_t n = sp_keys_count(s->keys);
		if (n > s->cap) {
			s->counts = xrealloc(s->counts, n * 2 * sizeof(*s->counts));
			memset(s->counts + s->cap, 0, (n * 2 - s->cap) * sizeof(*s->counts));
			s->cap = n * 2;
		}
		for (size_t r = 0; r < b.n; r++)
			s->counts[s->ids[r]]++;
	}
	return rc;
}

/* Whether a left row is in the result; its key is of the right's unless it is new. */
static bool stays(struct set_op *s, uint32_t id)
{
	const struct sp_plan *p = s->o.plan;
	if (p->all) {
		bool matched = s->counts[id] > 0;
		s->counts[id] -= matched;
		return matched != p->except;
	}
	/* Once only: the mark of a key that has been given is SP_NO_KEY. */
	bool is = s->counts[id] != SP_NO_KEY && (s->counts[id] > 0) != p->except;
	s->counts[id] = is ? SP_NO_KEY : s->counts[id];
	return is;
}

static int setop_next(struct sp_oper *o, struct sp_batch *out)
{
	struct set_op *s = (struct set_op *)o;
	struct sp_batch b;
	int rc;
	if (!s->made && count_right(s) < 0)
		return -1;
	while ((rc = sp_op_pull(o, 0, &b)) > 0) {
		size_t n = 0;
		if (sp_keys_find(s->keys, b.columns, b.n, true, s->ids))
			return -1;
		size_t known = sp_keys_count(s->keys);
		if (known > s->cap) {
			s->counts = xrealloc(s->counts, known * 2 * sizeof(*s->counts));
			memset(s->counts + s->cap, 0, (known * 2 - s->cap) * sizeof(*s->counts));
			s->cap = known * 2;
		}
		for (size_t r = 0; r < b.n; r++) {
			s->rows[n] = (uint32_t)r;
			n += stays(s, s->ids[r]);
		}
		if (n == 0)
			continue;
		sp_batch_pick(&o->arena, &b, s->rows, n, out);
		break;
	}
	return rc;
}

struct sp_oper *sp_op_setop(const struct sp_plan *plan)
{
	struct set_op *s = xcalloc(1, sizeof(*s));
	s->o.next = setop_next;
	s->o.close = set_close;
	return &s->o;
}
