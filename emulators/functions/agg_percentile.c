/* percentile, median, percentile_cont, percentile_disc: all values are kept, and sorted as far as need be. */
#include <math.h>

#include "functions/agg.h"
#include "functions/percent.h"

struct exact {
	double *v;
	int64_t *weights; /* NULL: all count once */
	size_t n, cap;
	bool sorted;
};

static void exact_free(void *state)
{
	struct exact *x = state;
	free(x->v);
	free(x->weights);
}

static int room(struct sp_call *c, struct exact *x, bool weighed)
{
	size_t cap = x->cap ? x->cap * 2 : 16;
	if (x->n < x->cap)
		return 0;
	if (sp_run_hold(c->run, (ssize_t)((cap - x->cap) * sizeof(double) * (weighed ? 2 : 1))))
		return 1;
	x->v = xrealloc(x->v, cap * sizeof(*x->v));
	if (weighed)
		x->weights = xrealloc(x->weights, cap * sizeof(*x->weights));
	x->cap = cap;
	return 0;
}

/* The weight nobody wrote. */
static bool counts_once(const struct sp_expr *e)
{
	while (e->op == SP_CAST)
		e = e->args[0];
	return e->op == SP_CONST && sp_is_integral(e->type) && !e->value.null && e->value.i == 1;
}

static int exact_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	const struct sp_percent *p = c->e->given;
	const struct sp_vec *v = &args[p->value], *w = p->weight && !counts_once(c->e->args[p->weight]) ? &args[p->weight] : NULL;
	const bool ints = sp_phys_of(v->type) == SP_I32;
	size_t i;
	for (i = 0; i < n; i++) {
		struct exact *x = states[i];
		int64_t weight = 1;
		if (sp_null_at(v, i) || (w && sp_null_at(w, i)))
			continue;
		if (w) {
			weight = sp_get(w, i).i;
			if (weight < 0)
				return sp_fn_fail(c, "", "", "org.apache.spark.SparkException", "Negative values found in %.*s",
						  SL(c->e->args[p->weight]->shown));
			if (weight == 0)
				continue;
		}
		if (room(c, x, w != NULL))
			return 1;
		if (w)
			x->weights[x->n] = weight;
		x->v[x->n++] = ints ? (double)v->i32[sp_at(v, i)] : sp_percent_double(v, i);
		x->sorted = false;
	}
	return 0;
}

/* ---- order: NaN is the greatest ---- */

static inline bool less(double x, double y)
{
	return x < y || (y != y && x == x);
}

static void swap(struct exact *x, size_t i, size_t j)
{
	double d = x->v[i];
	x->v[i] = x->v[j];
	x->v[j] = d;
	if (x->weights) {
		int64_t w = x->weights[i];
		x->weights[i] = x->weights[j];
		x->weights[j] = w;
	}
}

static double median_of(double a, double b, double c)
{
	if (less(b, a)) {
		double d = a;
		a = b;
		b = d;
	}
	return less(c, a) ? a : less(b, c) ? b : c;
}

/* Parts [from, to) into what isn't greater and what isn't less than a pivot: [from, *end) and [*begin, to). */
static void part(struct exact *x, size_t from, size_t to, size_t *end, size_t *begin)
{
	/* Of three places that nobody can foresee from the values alone. */
	const uint64_t h = (from * 0x9e3779b97f4a7c15u ^ to) * 0xbf58476d1ce4e5b9u;
	const double pivot = median_of(x->v[from + (h >> 8) % (to - from)], x->v[from + (to - from) / 2], x->v[from + (h >> 32) % (to - from)]);
	size_t i = from, j = to;
	for (;;) {
		while (less(x->v[i], pivot))
			i++;
		while (less(pivot, x->v[j - 1]))
			j--;
		if (i + 1 >= j)
			break;
		swap(x, i++, --j);
		if (i >= j)
			break;
	}
	*end = j;
	*begin = i > j ? i : j;
}

static void insertion(struct exact *x, size_t from, size_t to)
{
	size_t i, j;
	for (i = from + 1; i < to; i++)
		for (j = i; j > from && less(x->v[j], x->v[j - 1]); j--)
			swap(x, j, j - 1);
}

/* Sorts, or only so far that the k-th stands where it belongs, with nothing greater before it. */
static void arrange(struct exact *x, size_t from, size_t to, size_t k, bool all)
{
	enum { FEW = 16 };
	while (to - from > FEW) {
		size_t end, begin;
		part(x, from, to, &end, &begin);
		if (all) { /* the shorter half by recursion: no deep stack */
			if (end - from < to - begin) {
				arrange(x, from, end, k, true);
				from = begin;
			} else {
				arrange(x, begin, to, k, true);
				to = end;
			}
		} else if (k < end) {
			to = end;
		} else if (k >= begin) {
			from = begin;
		} else {
			return;
		}
	}
	insertion(x, from, to);
}

/* ---- answers ---- */

/* The value at a rank, counted from 0. */
static double at_rank(const struct exact *x, int64_t rank)
{
	int64_t seen = 0;
	size_t i;
	if (!x->weights)
		return x->v[rank];
	for (i = 0; i + 1 < x->n; i++) {
		seen += x->weights[i];
		if (seen > rank)
			break;
	}
	return x->v[i];
}

static int64_t total_of(const struct exact *x)
{
	int64_t total = 0;
	size_t i;
	if (!x->weights)
		return (int64_t)x->n;
	for (i = 0; i < x->n; i++)
		total += x->weights[i];
	return total;
}

static double between(const struct exact *x, int64_t total, double p, bool down)
{
	const double at = (double)(total - 1) * p;
	const int64_t low = (int64_t)floor(at), high = (int64_t)ceil(at);
	const double a = at_rank(x, down ? total - 1 - low : low), b = at_rank(x, down ? total - 1 - high : high);
	if (low == high || a == b || (isnan(a) && isnan(b)))
		return a;
	return ((double)high - at) * a + (at - (double)low) * b;
}

static double whole(const struct exact *x, int64_t total, double p, bool down)
{
	int64_t rank = (int64_t)ceil(p * (double)total) - 1;
	rank = rank < 0 ? 0 : rank;
	return at_rank(x, down ? total - 1 - rank : rank);
}

/* Of doubles as numbers in their order; NaN is the greatest. */
static inline uint64_t ordinal(double d)
{
	uint64_t w;
	if (d != d)
		return UINT64_MAX;
	d += 0.0;
	memcpy(&w, &d, sizeof(w));
	return w >> 63 ? ~w : w | UINT64_C(1) << 63;
}

/* Narrows [*from, *to) to values about the k-th's, what is less before them, what is greater behind: by counting, without comparing. */
static void narrow(struct exact *x, size_t k, size_t *from, size_t *to)
{
	enum { MANY = 2048, BITS = 11 };
	double *spare = *to - *from > MANY ? xmalloc((*to - *from) * sizeof(*spare)) : NULL;
	while (*to - *from > MANY) {
		const size_t n = *to - *from;
		double *v = x->v + *from;
		uint64_t least = UINT64_MAX, most = 0;
		size_t counts[1 << BITS] = { 0 }, i, at[3] = { 0 }, bucket = 0;
		unsigned shift;
		for (i = 0; i < n; i++) {
			uint64_t o = ordinal(v[i]);
			least = o < least ? o : least;
			most = o > most ? o : most;
		}
		if (least == most)
			break;
		shift = 64 - (unsigned)__builtin_clzll(most - least);
		shift = shift > BITS ? shift - BITS : 0;
		for (i = 0; i < n; i++)
			counts[(ordinal(v[i]) - least) >> shift]++;
		while (at[1] + counts[bucket] <= k - *from)
			at[1] += counts[bucket++];
		at[2] = at[1] + counts[bucket];
		*to = *from + at[2];
		*from += at[1];
		for (i = 0; i < n; i++) {
			size_t o = (ordinal(v[i]) - least) >> shift;
			spare[at[(o >= bucket) + (o > bucket)]++] = v[i];
		}
		memcpy(v, spare, n * sizeof(*v));
	}
	free(spare);
}

/* One percentage of unsorted values: the ones that are looked at are put where they belong. */
static void select_for(struct exact *x, double p, const struct sp_percent *how)
{
	double at = how->disc ? ceil(p * (double)x->n) - 1 : (double)(x->n - 1) * p;
	size_t low = at > 0 ? (size_t)floor(at) : 0, high = at > 0 ? (size_t)ceil(at) : 0, from = 0, to = x->n, i, best;
	low = how->down ? x->n - 1 - (at > 0 ? (size_t)ceil(at) : 0) : low;
	high = how->down ? x->n - 1 - (at > 0 ? (size_t)floor(at) : 0) : high;
	narrow(x, low, &from, &to);
	arrange(x, from, to, low, false);
	if (high == low)
		return;
	for (best = i = low + 1; i < x->n; i++) /* the next is the least of those behind */
		if (less(x->v[i], x->v[best]))
			best = i;
	swap(x, low + 1, best);
}

static int exact_final(struct sp_call *c, void *state, struct sp_value *out)
{
	const struct sp_percent *p = c->e->given;
	struct exact *x = state;
	const int64_t total = total_of(x);
	struct sp_list *l;
	size_t i;
	*out = SP_NULL_VALUE;
	if (!x->n || !p->n)
		return 0;
	if (!x->sorted && p->n == 1 && !x->weights) {
		select_for(x, p->p[0], p);
	} else if (!x->sorted) {
		arrange(x, 0, x->n, 0, true);
		x->sorted = true;
	}
	*out = (struct sp_value){ 0 };
	l = p->array ? sp_list_new(c->run->batch, p->n) : NULL;
	for (i = 0; i < p->n; i++) {
		double d = (p->disc ? whole : between)(x, total, p->p[i], p->down);
		struct sp_value v = { .d = d };
		if (p->item->kind != SP_DOUBLE)
			v.i = (int64_t)d;
		if (l)
			l->items[i] = v;
		else
			*out = v;
	}
	if (l)
		out->list = l;
	return 0;
}

static const struct sp_aggregate exacts = { .size = sizeof(struct exact), .add = exact_add, .final = exact_final, .free = exact_free };

/* ---- types ---- */

/* Numbers stay, and so do intervals, whose percentile is of all fields. */
static const struct sp_type *value_type(struct sp_resolve *x, size_t i)
{
	const struct sp_type *t = x->e->args[i]->type;
	if (t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT)
		return &sp_types[t->kind];
	if (sp_is_numeric(t))
		return &sp_types[SP_DOUBLE];
	return sp_resolve_cast(x, i, &sp_types[SP_DOUBLE]) ? NULL : &sp_types[SP_DOUBLE];
}

static const struct sp_type *type_of(struct sp_resolve *x, struct sp_percent *p, size_t value, size_t share)
{
	p->item = value_type(x, value);
	p->value = value;
	if (!p->item)
		return NULL;
	if (share != SIZE_MAX && sp_percent_shares(x, share, p))
		return NULL;
	x->e->given = p;
	return p->array ? sp_array(x->arena, p->item, false) : p->item;
}

static const struct sp_type *type_percentile(struct sp_resolve *x)
{
	struct sp_percent *p = arena_alloc(x->arena, sizeof(*p));
	if (sp_resolve_cast(x, 2, &sp_types[SP_BIGINT]))
		return NULL;
	p->weight = x->e->args[2]->op == SP_CONST && !x->e->args[2]->value.null && x->e->args[2]->value.i == 1 ? 0 : 2;
	return type_of(x, p, 0, 1);
}

static const struct sp_type *type_median(struct sp_resolve *x)
{
	static const double half = 0.5;
	struct sp_percent *p = arena_alloc(x->arena, sizeof(*p));
	p->p = &half;
	p->n = 1;
	return type_of(x, p, 0, SIZE_MAX);
}

/* (share, value[, down]): WITHIN GROUP's value is the second argument, and whether its order is DESC the third. */
static const struct sp_type *type_within(struct sp_resolve *x)
{
	struct sp_percent *p = arena_alloc(x->arena, sizeof(*p));
	struct sp_value down = { 0 };
	p->disc = strcmp(x->e->fn->name, "percentile_disc") == 0;
	if (x->e->arg_n == 3 && sp_resolve_const(x, 2, &down))
		return NULL;
	p->down = !down.null && down.i;
	return type_of(x, p, 1, 0);
}

const struct sp_function sp_percentiles[] = {
	{ "percentile", "any any any?", NULL, SP_F_NULLS, .aggregate = &exacts, .resolve = type_percentile, .defaults = "1", .group = "agg_funcs",
	  .doc = "percentile(a, p[, n]): The exact value below which the share p of all values lies; p may be an array." },
	{ "median", "any", NULL, SP_F_NULLS, .aggregate = &exacts, .resolve = type_median, .group = "agg_funcs", .doc = "median(a): The middle value." },
	{ "percentile_cont", "any any boolean!?", NULL, SP_F_NULLS, .aggregate = &exacts, .resolve = type_within, .group = "agg_funcs",
	  .doc = "percentile_cont(p) WITHIN GROUP (ORDER BY a): The exact value below which the share p of all values lies." },
	{ "percentile_disc", "any any boolean!?", NULL, SP_F_NULLS, .aggregate = &exacts, .resolve = type_within, .group = "agg_funcs",
	  .doc = "percentile_disc(p) WITHIN GROUP (ORDER BY a): The first value that the share p of all values doesn't exceed." },
	{ NULL },
};
