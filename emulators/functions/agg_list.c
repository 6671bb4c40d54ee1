/* collect_list, collect_set, mode, approx_count_distinct. */
#include <math.h>

#include "functions/agg.h"
#include "functions/hashes.h"
#include "functions/hll.h"
#include "functions/order.h"

/* ---- lists ---- */

static int list_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	if (sp_run_room(c->run, c->e->args[0]->type, &args[0]))
		return 1;
	*sp_gather_add(c, state) = sp_value_dup(c->run->keep, c->e->args[0]->type, args[0]);
	return 0;
}

static int list_final(struct sp_call *c, void *state, struct sp_value *out)
{
	const struct sp_gather *g = state;
	struct sp_list *l = sp_list_new(c->run->batch, g->n);
	if (g->n)
		memcpy(l->items, g->v, g->n * sizeof(*g->v));
	*out = (struct sp_value){ .list = l };
	return 0;
}

/* ---- sets: values once, with how often they came ---- */

struct set {
	struct sp_gather values;
	int64_t *counts;
	size_t count_cap;
	uint32_t *slots; /* number of a value, from 1 on */
	size_t slot_n;
};

static void grow(struct sp_call *c, struct set *s, const struct sp_type *t)
{
	size_t i, at;
	s->slot_n = s->slot_n ? s->slot_n * 2 : 16;
	s->slots = arena_alloc(c->run->keep, s->slot_n * sizeof(*s->slots));
	for (i = 0; i < s->values.n; i++) {
		for (at = sp_hash(t, &s->values.v[i]) & (s->slot_n - 1); s->slots[at]; at = (at + 1) & (s->slot_n - 1))
			;
		s->slots[at] = (uint32_t)i + 1;
	}
}

static int set_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	const struct sp_type *t = c->e->args[0]->type;
	struct set *s = state;
	size_t at, n;
	if ((s->values.n + 1) * 2 > s->slot_n)
		grow(c, s, t);
	for (at = sp_hash(t, &args[0]) & (s->slot_n - 1); s->slots[at]; at = (at + 1) & (s->slot_n - 1))
		if (sp_compare(t, &s->values.v[s->slots[at] - 1], &args[0]) == 0) {
			s->counts[s->slots[at] - 1]++;
			return 0;
		}
	n = s->values.n;
	if (sp_run_room(c->run, t, &args[0]))
		return 1;
	*sp_gather_add(c, &s->values) = sp_value_dup(c->run->keep, t, args[0]);
	ARENA_GROW(c->run->keep, s->counts, n, s->count_cap);
	s->counts[n] = 1;
	s->slots[at] = (uint32_t)n + 1;
	return 0;
}

typedef void order_fn(struct arena *a, const uint32_t *hash, size_t n, size_t *order);

/* As the final step's table gives them, filled by that of the partial one. */
static const size_t *order_of(struct sp_call *c, const struct set *s, order_fn *by)
{
	struct arena *a = c->run->batch;
	const struct sp_type *t = c->e->args[0]->type;
	size_t n = s->values.n, i, *first = arena_alloc(a, (n + 1) * sizeof(*first)), *second = arena_alloc(a, (n + 1) * sizeof(*second));
	uint32_t *hash = arena_alloc(a, (n + 1) * sizeof(*hash)), *again = arena_alloc(a, (n + 1) * sizeof(*again));
	for (i = 0; i < n; i++) {
		first[i] = i;
		if (!sp_jvm_hash(t, &s->values.v[i], &hash[i]))
			break;
	}
	if (i < n) {
		for (; i < n; i++)
			first[i] = i;
		return first;
	}
	by(a, hash, n, first);
	for (i = 0; i < n; i++)
		again[i] = hash[first[i]];
	by(a, again, n, second);
	for (i = 0; i < n; i++)
		second[i] = first[second[i]];
	return second;
}

static int set_final(struct sp_call *c, void *state, struct sp_value *out)
{
	const struct set *s = state;
	struct sp_list *l = sp_list_new(c->run->batch, s->values.n);
	const size_t *order = order_of(c, s, sp_scala_order);
	size_t i;
	for (i = 0; i < s->values.n; i++)
		l->items[i] = s->values.v[order[i]];
	*out = (struct sp_value){ .list = l };
	return 0;
}

static int mode_final(struct sp_call *c, void *state, struct sp_value *out)
{
	const struct set *s = state;
	const size_t *order;
	int64_t most = 0;
	size_t i, best = 0;
	*out = SP_NULL_VALUE;
	if (!s->values.n)
		return 0;
	order = order_of(c, s, sp_open_order);
	for (i = 0; i < s->values.n; i++)
		if (s->counts[order[i]] > most) {
			most = s->counts[order[i]];
			best = order[i];
		}
	*out = s->values.v[best];
	return 0;
}

static const struct sp_type *type_list(struct sp_resolve *x)
{
	return sp_array(x->arena, x->e->args[0]->type, false);
}

static const struct sp_type *type_set(struct sp_resolve *x)
{
	if (!sp_is_orderable(x->e->args[0]->type)) {
		sp_resolve_mismatch(x, "UNSUPPORTED_INPUT_TYPE", "The input of `collect_set` can't be \"MAP\" type data.");
		return NULL;
	}
	return type_list(x);
}

/* ---- approx_count_distinct ---- */

/* One function for each number of bits: calls of different accuracy are different calls, though they show the same. */
enum { PLACES_LEAST = 4, PLACES_MOST = 24 };
static const struct sp_function hll_of[PLACES_MOST + 1];
static int places_of(const struct sp_call *c)
{
	return (int)(c->e->fn - hll_of);
}

static int hll_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	const int p = places_of(c);
	size_t i;
	for (i = 0; i < n; i++) {
		struct sp_hll *h = states[i];
		struct sp_value v = sp_get(args, i);
		if (v.null)
			continue;
		if (!h->m)
			h->m = arena_alloc(c->run->keep, (size_t)1 << p);
		sp_hll_put(h, p, sp_xxhash64(args->type, &v, 42));
	}
	return 0;
}

static int hll_final(struct sp_call *c, void *state, struct sp_value *out)
{
	*out = (struct sp_value){ 0 };
	if (!sp_hll_count(state, places_of(c), &out->i))
		return sp_fail(&c->run->err, SP_E_UNSERVED, "", "",
			       "approx_count_distinct of that accuracy isn't served for so many values; the default, 0.05, is.");
	return 0;
}

/* The accuracy isn't shown. */
static const struct sp_type *type_hll(struct sp_resolve *x)
{
	struct sp_value rsd = { .d = 0.05 };
	double p;
	if (x->e->arg_n == 2 && sp_resolve_const(x, 1, &rsd))
		return NULL;
	p = ceil(2.0 * log(1.106 / rsd.d) / log(2));
	if (rsd.null || !(p >= PLACES_LEAST) || p > PLACES_MOST) {
		sp_fail(x->err, SP_E_ANALYSIS, "", "", "HLL++ requires at least 4 bits for addressing. Use a lower error, at most 39%%.");
		return NULL;
	}
	x->e->fn = &hll_of[(int)p];
	x->e->arg_n = 1;
	return &sp_types[SP_BIGINT];
}

static const struct sp_aggregate lists = { .size = sizeof(struct sp_gather), .add_row = list_add, .final = list_final, .ordered = true };
static const struct sp_aggregate sets = { .size = sizeof(struct set), .add_row = set_add, .final = set_final, .ordered = true };
static const struct sp_aggregate modes = { .size = sizeof(struct set), .add_row = set_add, .final = mode_final, .ordered = true };
static const struct sp_aggregate hlls = { .size = sizeof(struct sp_hll), .add = hll_add, .final = hll_final };

static const struct sp_function hll_of[PLACES_MOST + 1] = {
	[PLACES_LEAST ... PLACES_MOST] = { "approx_count_distinct", "any", "bigint", SP_F_NEVER_NULL, .aggregate = &hlls },
};

const struct sp_function sp_lists[] = {
	{ "collect_list", "any", NULL, SP_F_NEVER_NULL, .aggregate = &lists, .resolve = type_list, .group = "agg_funcs",
	  .doc = "collect_list(a): An array of all values that aren't NULL." },
	{ "array_agg", "any", NULL, SP_F_NEVER_NULL | SP_F_ALIAS, .aggregate = &lists, .resolve = type_list, .shown = "collect_list",
	  .group = "agg_funcs", .doc = "array_agg(a): An array of all values that aren't NULL." },
	{ "collect_set", "any", NULL, SP_F_NEVER_NULL, .aggregate = &sets, .resolve = type_set, .group = "agg_funcs",
	  .doc = "collect_set(a): An array of the different values that aren't NULL." },
	{ "mode", "any", "=1", SP_F_MAYBE, .aggregate = &modes, .group = "agg_funcs", .doc = "mode(a): The most frequent value." },
	{ "approx_count_distinct", "any double!?", NULL, SP_F_NEVER_NULL, .aggregate = &hlls, .resolve = type_hll, .group = "agg_funcs",
	  .doc = "approx_count_distinct(a[, error]): About how many different values there are, by HyperLogLog++." },
	{ NULL },
};
