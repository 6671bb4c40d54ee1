/* The dictionary of a chunk: distinct values in order of their first use. */
#include "parquet/parquet.h"

#include <stdlib.h>
#include <string.h>

enum {
	TRIAL = 4096,         /* values after which too many distinct ones end the attempt */
	DISTINCT_MAX = 1 << 17,
};

static uint32_t mix(uint64_t v)
{
	v ^= v >> 32;
	v *= 0x9e3779b97f4a7c15u;
	return (uint32_t)(v >> 32);
}

/* Short texts, many times: a word at a time. */
static uint32_t mix_text(struct slice s)
{
	uint64_t h = s.n, word;
	for (; s.n >= sizeof(word); s = sl_of(s.p + sizeof(word), s.n - sizeof(word))) {
		memcpy(&word, s.p, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	word = 0;
	memcpy(&word, s.p, s.n);
	return mix(h ^ word);
}

static uint32_t hash_at(const struct pq_column *c, size_t i)
{
	switch (pq_value_size(c->type)) {
	case 8:
		return mix((uint64_t)c->i64[i]);
	case 4:
		if (c->type != PQ_BYTES && c->type != PQ_FIXED)
			return mix((uint32_t)c->i32[i]);
		break;
	default:
		return c->flags[i];
	}
	return mix_text(pq_bytes(c, i));
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

static void grow(struct pq_dict *d, const struct pq_column *c)
{
	size_t n = d->slot_n ? d->slot_n * 2 : 1024;
	free(d->slots);
	d->slots = xcalloc(n, sizeof(*d->slots));
	d->slot_n = n;
	d->first = xrealloc(d->first, n * sizeof(*d->first));
	for (size_t i = 0; i < d->n; i++) {
		size_t at = hash_at(c, d->first[i]) & (n - 1);
		while (d->slots[at])
			at = (at + 1) & (n - 1);
		d->slots[at] = (uint32_t)i + 1;
	}
}

static uint32_t number_of(struct pq_dict *d, const struct pq_column *c, size_t i)
{
	size_t at = hash_at(c, i) & (d->slot_n - 1);
	for (; d->slots[at]; at = (at + 1) & (d->slot_n - 1))
		if (same(c, d->first[d->slots[at] - 1], i))
			return d->slots[at] - 1;
	d->first[d->n++] = (uint32_t)i;
	d->slots[at] = (uint32_t)d->n;
	return (uint32_t)d->n - 1;
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
		if (d->n * 2 >= d->slot_n)
			grow(d, c);
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
	free(d->slots);
	*d = (struct pq_dict){ 0 };
}
