/* What rows flow through without being kept: filter, projection, limit, union, expansion, samples. */
#include "engine/op.h"

struct flow_op {
	struct sp_oper o;
	struct sp_program *program, **programs;
	size_t at;             /* UNION: input; EXPAND: row of lists; LIMIT: rows seen */
	struct sp_batch in;    /* EXPAND */
	struct sp_store lists; /* ... of that batch */
	uint64_t chance;       /* SAMPLE */
	uint32_t rows[SP_BATCH];
};

static void flow_close(struct sp_oper *o)
{
	struct flow_op *s = (struct flow_op *)o;
	sp_program_free(s->program);
	for (size_t i = 0; i < o->plan->expand_n && s->programs; i++)
		sp_program_free(s->programs[i]);
	free(s->programs);
	sp_store_free(&s->lists);
}

static struct sp_oper *flow(int (*next)(struct sp_oper *o, struct sp_batch *out))
{
	struct flow_op *s = xcalloc(1, sizeof(*s));
	s->o.next = next;
	s->o.close = flow_close;
	return &s->o;
}

void sp_batch_pick(struct arena *a, const struct sp_batch *in, const uint32_t *rows, size_t n, struct sp_batch *out)
{
	const uint32_t *was = NULL, *is = NULL;
	struct sp_vec *columns = arena_alloc(a, (in->column_n + 1) * sizeof(*columns));
	for (size_t i = 0; i < in->column_n; i++) {
		const struct sp_vec *v = &in->columns[i];
		if (v->code && !v->one && v->code == was) {
			columns[i] = *v;
			columns[i].n = n;
			columns[i].code = is;
			continue;
		}
		columns[i] = sp_vec_pick(a, v, rows, n);
		if (v->code && !v->one) {
			was = v->code;
			is = columns[i].code;
		}
	}
	*out = (struct sp_batch){ .n = n, .column_n = in->column_n, .columns = columns };
}

/* ---- FILTER ---- */

static int filter_next(struct sp_oper *o, struct sp_batch *out)
{
	struct flow_op *s = (struct flow_op *)o;
	struct arena *before = o->run->batch;
	struct sp_batch b;
	int rc;
	if (!s->program)
		s->program = sp_program_new(o->run, &(struct sp_expr *){ o->plan->condition }, 1);
	while ((rc = sp_op_pull(o, 0, &b)) > 0) {
		size_t n = 0;
		o->run->batch = &o->arena;
		rc = sp_eval_filter(s->program, 0, &b, s->rows, &n) ? -1 : 1;
		o->run->batch = before;
		if (rc < 0)
			break;
		if (n == 0)
			continue;
		if (n == b.n)
			*out = b;
		else
			sp_batch_pick(&o->arena, &b, s->rows, n, out);
		break;
	}
	return rc;
}

struct sp_oper *sp_op_filter(const struct sp_plan *plan)
{
	return flow(filter_next);
}

/* ---- PROJECT ---- */

static int project_next(struct sp_oper *o, struct sp_batch *out)
{
	struct flow_op *s = (struct flow_op *)o;
	struct sp_batch b;
	if (!s->program)
		s->program = sp_program_new(o->run, o->plan->exprs, o->plan->expr_n);
	int rc = o->in[0]->next(o->in[0], &b);
	if (rc <= 0)
		return rc;
	*out = (struct sp_batch){ .n = b.n, .column_n = o->plan->expr_n };
	out->columns = arena_alloc(o->run->batch, (o->plan->expr_n + 1) * sizeof(*out->columns));
	return sp_eval_all(s->program, &b, out->columns) ? -1 : 1;
}

struct sp_oper *sp_op_project(const struct sp_plan *plan)
{
	return flow(project_next);
}

/* ---- LIMIT ---- */

static int limit_next(struct sp_oper *o, struct sp_batch *out)
{
	struct flow_op *s = (struct flow_op *)o;
	const size_t from = o->plan->offset > 0 ? (size_t)o->plan->offset : 0;
	const size_t to = o->plan->limit < 0 ? SIZE_MAX : from + (size_t)o->plan->limit;
	int rc = 0;
	while (s->at < to && (rc = sp_op_pull(o, 0, out)) > 0) {
		size_t first = s->at < from ? from - s->at : 0, n = out->n;
		if (n > to - s->at)
			n = to - s->at;
		s->at += out->n < to - s->at ? out->n : to - s->at;
		if (first >= n)
			continue;
		if (first == 0 && n == out->n)
			return 1;
		struct sp_batch all = *out;
		*out = (struct sp_batch){ .n = n - first, .column_n = all.column_n };
		out->columns = arena_alloc(&o->arena, (all.column_n + 1) * sizeof(*out->columns));
		for (size_t i = 0; i < all.column_n; i++)
			out->columns[i] = sp_vec_part(&all.columns[i], first, n - first);
		return 1;
	}
	return rc < 0 ? rc : 0;
}

struct sp_oper *sp_op_limit(const struct sp_plan *plan)
{
	return flow(limit_next);
}

/* ---- UNION ---- */

static int union_next(struct sp_oper *o, struct sp_batch *out)
{
	struct flow_op *s = (struct flow_op *)o;
	int rc = 0;
	while (s->at < o->plan->in_n && (rc = o->in[s->at]->next(o->in[s->at], out)) == 0)
		s->at++;
	return rc;
}

struct sp_oper *sp_op_union(const struct sp_plan *plan)
{
	return flow(union_next);
}

/* ---- EXPAND ---- */

/* All lists of a batch, then row for row those of each. */
static int expand_batch(struct flow_op *s)
{
	const struct sp_plan *p = s->o.plan;
	struct sp_batch b = { .n = s->in.n, .column_n = p->column_n };
	b.columns = arena_alloc(&s->o.arena, (p->column_n + 1) * sizeof(*b.columns));
	sp_store_free(&s->lists);
	sp_store_init(&s->lists, s->o.run, p->column_n);
	for (size_t i = 0; i < p->expand_n; i++)
		if (sp_eval_all(s->programs[i], &s->in, b.columns) || sp_store_add(&s->lists, &b, NULL, b.n))
			return -1;
	s->at = 0;
	return 1;
}

static int expand_next(struct sp_oper *o, struct sp_batch *out)
{
	struct flow_op *s = (struct flow_op *)o;
	const struct sp_plan *p = o->plan;
	if (!s->programs) {
		s->programs = xcalloc(p->expand_n + 1, sizeof(struct sp_program *));
		for (size_t i = 0; i < p->expand_n; i++)
			s->programs[i] = sp_program_new(o->run, p->expands[i], p->column_n);
	}
	if (s->at >= s->lists.n) {
		int rc = sp_op_pull(o, 0, &s->in);
		if (rc <= 0 || (rc = expand_batch(s)) <= 0)
			return rc;
	}
	size_t n = s->lists.n - s->at < SP_BATCH ? s->lists.n - s->at : SP_BATCH;
	for (size_t i = 0; i < n; i++)
		s->rows[i] = (uint32_t)((s->at + i) % p->expand_n * s->in.n + (s->at + i) / p->expand_n);
	sp_store_pick(&s->lists, s->rows, n, &o->arena, out);
	s->at += n;
	return 1;
}

struct sp_oper *sp_op_expand(const struct sp_plan *plan)
{
	return flow(expand_next);
}

/* ---- SAMPLE: Spark's BernoulliCellSampler over its XORShiftRandom, of partition 0 ---- */

static uint32_t murmur3(const uint8_t *p, uint32_t h) /* of 8 bytes */
{
	for (int i = 0; i < 2; i++) {
		uint32_t k;
		memcpy(&k, p + i * 4, 4);
		k *= 0xcc9e2d51u;
		k = (k << 15 | k >> 17) * 0x1b873593u;
		h ^= k;
		h = (h << 13 | h >> 19) * 5 + 0xe6546b64u;
	}
	h ^= 8;
	h = (h ^ h >> 16) * 0x85ebca6bu;
	h = (h ^ h >> 13) * 0xc2b2ae35u;
	return h ^ h >> 16;
}

static uint64_t chance_seed(uint64_t seed)
{
	uint8_t bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(seed >> (56 - 8 * i));
	uint32_t low = murmur3(bytes, 0x3c074a61u);
	return (uint64_t)murmur3(bytes, low) << 32 | low;
}

static uint64_t chance_bits(uint64_t *s, int bits)
{
	*s ^= *s << 21;
	*s ^= *s >> 35;
	*s ^= *s << 4;
	return *s & ((UINT64_C(1) << bits) - 1);
}

static int sample_next(struct sp_oper *o, struct sp_batch *out)
{
	struct flow_op *s = (struct flow_op *)o;
	const double from = o->plan->fraction_from, to = from + o->plan->fraction;
	struct sp_batch b;
	int rc;
	if (!s->at++)
		s->chance = chance_seed(o->plan->seed);
	while ((rc = sp_op_pull(o, 0, &b)) > 0) {
		size_t n = 0;
		for (size_t r = 0; r < b.n; r++) {
			uint64_t high = chance_bits(&s->chance, 26), low = chance_bits(&s->chance, 27);
			double x = (double)((high << 27) + low) * 0x1p-53;
			s->rows[n] = (uint32_t)r;
			n += x >= from && x < to;
		}
		if (n == 0)
			continue;
		sp_batch_pick(&o->arena, &b, s->rows, n, out);
		break;
	}
	return rc;
}

struct sp_oper *sp_op_sample(const struct sp_plan *plan)
{
	return flow(sample_next);
}
