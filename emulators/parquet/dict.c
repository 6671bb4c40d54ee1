/* The dictionary of a chunk: distinct values in order of their first use. */
#include "parquet/parquet.h"

enum {
	TRIAL = 4096,         /* values after which too many distinct ones end the attempt */
	DISTINCT_MAX = 1 << 17,
};

static uint32_t hash_at(const struct pq_column *c, size_t i)
{
	switch (pq_value_size(c->type)) {
	case 8:
		return hset_mix((uint64_t)c->i64[i]);
	case 4:
		if (c->type != PQ_BYTES && c->type != PQ_FIXED)
			return hset_mix((uint32_t)c->i32[i]);
		break;
	default:
		return c->flags[i];
	}
	return hset_hash(pq_bytes(c, i));
}

/* By bits, so that -0.0 and NaNs come back as they were. */
static bool same(const struct pq_column *c, size_t a, size_t b)
{
	switch (c->type) {
	case PQ_BYTES:
	case PQ_FIXED:
		return sl_eq(pq_bytes(c, a), pq_bytes(c, b));
	case PQ_BOOLEAN:
		return c->flags[a] == c->flags[b];
	default:
		return pq_value_size(c->type) == 8 ? c->i64[a] == c->i64[b] : c->i32[a] == c->i32[b];
	}
}

static uint32_t number_of(struct pq_dict *d, const struct pq_column *c, size_t i)
{
	uint32_t hash = hash_at(c, i), k;
	for (struct hset_walk w = hset_walk(&d->set, hash); hset_next(&w, &k);)
		if (same(c, d->first[k], i))
			return k;
	GROW(d->first, d->n, d->cap);
	d->first[d->n] = (uint32_t)i;
	hset_add(&d->set, hash, (uint32_t)d->n);
	return (uint32_t)d->n++;
}

bool pq_dict_make(struct pq_dict *d, const struct pq_column *c)
{
	bool text = c->type == PQ_BYTES || c->type == PQ_FIXED;
	size_t bytes = 0;
	*d = (struct pq_dict){ 0 };
	if (c->type == PQ_BOOLEAN || c->n == 0 || c->n > UINT32_MAX)
		return false;
	d->index = xmalloc(c->n * sizeof(*d->index));
	for (size_t i = 0; i < c->n; i++) {
		size_t before = d->n;
		d->index[i] = number_of(d, c, i);
		if (d->n == before)
			continue;
		bytes += text ? 4 + pq_bytes(c, i).n : pq_value_size(c->type);
		if (bytes > PQ_DICT_BYTES || d->n > DISTINCT_MAX || (i >= TRIAL && d->n > i / 4 * 3))
			return false;
	}
	return d->n < 2 || d->n <= c->n / 4 * 3;
}

void pq_dict_free(struct pq_dict *d)
{
	free(d->first);
	free(d->index);
	hset_free(&d->set);
	*d = (struct pq_dict){ 0 };
}
