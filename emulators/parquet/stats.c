/* Minimum, maximum and nulls of a leaf. */
#include "core/text.h"
#include "parquet/parquet.h"

#include <math.h>

static bool is_text(int type)
{
	return type == PQ_BYTES || type == PQ_FIXED;
}

static bool is_real(int type)
{
	return type == PQ_DOUBLE || type == PQ_FLOAT;
}

static int compare(int type, const union pq_stat *a, const union pq_stat *b)
{
	if (is_text(type))
		return sl_cmp(a->s, b->s);
	if (is_real(type))
		return a->d < b->d ? -1 : a->d > b->d;
	return a->i < b->i ? -1 : a->i > b->i;
}

static union pq_stat value_at(const struct pq_column *c, size_t i)
{
	union pq_stat v = { 0 };
	switch (c->type) {
	case PQ_BOOLEAN:
		v.i = c->flags[i];
		break;
	case PQ_INT32:
		v.i = c->i32[i];
		break;
	case PQ_FLOAT:
		v.d = (double)c->f32[i];
		break;
	case PQ_DOUBLE:
		v.d = c->f64[i];
		break;
	case PQ_BYTES:
	case PQ_FIXED:
		v.s = pq_bytes(c, i);
		break;
	default:
		v.i = c->i64[i];
		break;
	}
	return v;
}

/* One more value; texts stay borrowed. */
static void widen(struct pq_stats *s, int type, const union pq_stat *v)
{
	if (is_real(type) && !isfinite(v->d)) {
		s->void_range = true;
		return;
	}
	if (!s->has || compare(type, v, &s->min) < 0)
		s->min = *v;
	if (!s->has || compare(type, v, &s->max) > 0)
		s->max = *v;
	s->has = true;
}

void pq_stats_add(struct arena *a, struct pq_stats *s, const struct pq_column *c, const struct pq_dict *dict)
{
	struct pq_stats here = { .null_n = (int64_t)(c->level_n - c->n), .void_range = c->type == PQ_INT96 || c->type == PQ_FIXED };
	size_t n = dict ? dict->n : c->n;
	for (size_t i = 0; i < n && !here.void_range; i++) {
		union pq_stat v = value_at(c, dict ? dict->first[i] : i);
		widen(&here, c->type, &v);
	}
	pq_stats_merge(a, s, &here, c->type);
}

void pq_stats_merge(struct arena *a, struct pq_stats *s, const struct pq_stats *more, int type)
{
	struct pq_stats was = *s;
	s->null_n += more->null_n;
	s->void_range |= more->void_range;
	if (more->has) {
		widen(s, type, &more->min);
		widen(s, type, &more->max);
	}
	if (s->void_range)
		s->has = false;
	if (!s->has || !is_text(type))
		return;
	if (s->min.s.p != was.min.s.p)
		s->min.s = arena_dup(a, s->min.s);
	if (s->max.s.p != was.max.s.p)
		s->max.s = arena_dup(a, s->max.s);
}

struct slice pq_stat_below(struct slice s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max && ((uint8_t)s.p[max] & 0xc0) == 0x80)
		max--;
	return sl_of(s.p, max);
}

struct slice pq_stat_above(struct arena *a, struct slice s, size_t max)
{
	struct slice cut = pq_stat_below(s, max);
	if (cut.n == s.n)
		return s;
	while (cut.n) {
		size_t at = pq_stat_below(s, cut.n - 1).n, end = at;
		uint32_t c = (uint32_t)utf8_next(cut, &end);
		char *p;
		if (c == 0x10ffff) {
			cut.n = at;
			continue;
		}
		c = c + 1 == 0xd800 ? 0xe000 : c + 1;
		p = arena_alloc(a, at + 4);
		memcpy(p, cut.p, at);
		return sl_of(p, at + utf8_put(p + at, c));
	}
	return sl(NULL);
}
