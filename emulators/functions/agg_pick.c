/* Aggregates whose answer is one of the values: min, max, first, last, min_by, max_by; and of truths and bits. */
#include <math.h>

#include "functions/agg.h"

struct pick {
	bool any;
	char *text;       /* room of one's own for a text */
	size_t cap;
	struct sp_value v, by;
};

/* Keeps a value beyond its batch. */
static void keep(struct sp_call *c, struct pick *p, const struct sp_type *t, const struct sp_value *v)
{
	p->any = true;
	if (sp_phys_of(t) != SP_STR || v->null) {
		p->v = v->null ? SP_NULL_VALUE : sp_value_dup(c->run->keep, t, *v);
		return;
	}
	if (v->s.n > p->cap) {
		p->cap = v->s.n * 2;
		p->text = arena_alloc(c->run->keep, p->cap);
	}
	if (v->s.n)
		memcpy(p->text, v->s.p, v->s.n);
	p->v = (struct sp_value){ .s = sl_of(v->s.n ? p->text : "", v->s.n) };
}

static int pick_final(struct sp_call *c, void *state, struct sp_value *out)
{
	struct pick *p = state;
	*out = p->any ? p->v : SP_NULL_VALUE;
	return 0;
}

/* ---- min, max ---- */

/* sign 1: the greatest. */
#define EXTREME(T, member, to_member, better) \
	for (i = 0; i < n; i++) { \
		struct pick *p = states[i]; \
		size_t at = sp_at(v, i); \
		T x, y; \
		if (v->null && v->null[at]) \
			continue; \
		x = v->member[at]; \
		y = (T)p->v.to_member; \
		if (!p->any || (better)) { \
			p->any = true; \
			p->v.to_member = x; \
		} \
	}

/* Whole numbers of one group. */
#define EXTREME_FLAT(T, member, before) \
	do { \
		const T *x = v->member; \
		T best = p->any ? (T)p->v.i : x[0]; \
		for (i = 0; i < n; i++) \
			best = x[i] before best ? x[i] : best; \
		p->v.i = best; \
		p->any = true; \
	} while (0)

static bool extreme_flat(const struct sp_vec *v, size_t n, struct pick *p, int sign)
{
	enum sp_phys phys = sp_phys_of(v->type);
	size_t i;
	if (v->null || v->code || v->one || (phys != SP_I32 && phys != SP_I64))
		return false;
	if (phys == SP_I32) {
		if (sign > 0)
			EXTREME_FLAT(int32_t, i32, >);
		else
			EXTREME_FLAT(int32_t, i32, <);
	} else if (sign > 0) {
		EXTREME_FLAT(int64_t, i64, >);
	} else {
		EXTREME_FLAT(int64_t, i64, <);
	}
	return true;
}

/* NaN is the greatest. */
static inline bool real_better(double x, double y, int sign)
{
	if (sign > 0)
		return x > y || (isnan(x) && !isnan(y));
	return x < y || (isnan(y) && !isnan(x));
}

static int extreme_add(struct sp_call *c, const struct sp_vec *v, size_t n, void *const *states, int sign)
{
	size_t i;
	if (v->type->kind == SP_VOID || !n)
		return 0;
	if (sp_agg_one(states, n) && extreme_flat(v, n, states[0], sign))
		return 0;
	switch (sp_phys_of(v->type)) {
	case SP_I32:
		EXTREME(int32_t, i32, i, sign > 0 ? x > y : x < y);
		return 0;
	case SP_I64:
		EXTREME(int64_t, i64, i, sign > 0 ? x > y : x < y);
		return 0;
	case SP_F64:
		EXTREME(double, f64, d, real_better(x, y, sign));
		return 0;
	default:
		for (i = 0; i < n; i++) {
			struct pick *p = states[i];
			struct sp_value x = sp_get(v, i);
			if (!x.null && (!p->any || sp_compare(v->type, &x, &p->v) * sign > 0))
				keep(c, p, v->type, &x);
		}
		return 0;
	}
}

static int max_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	return extreme_add(c, args, n, states, 1);
}

static int min_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	return extreme_add(c, args, n, states, -1);
}

/* ---- first, last ---- */

static int first_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct pick *p = state;
	if (!p->any)
		keep(c, p, c->e->args[0]->type, &args[0]);
	return 0;
}

static int last_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	keep(c, state, c->e->args[0]->type, &args[0]);
	return 0;
}

/* ---- min_by, max_by: of equals the last ---- */

static int by_add(struct sp_call *c, const struct sp_value *args, struct pick *p, int sign)
{
	const struct sp_type *t = c->e->args[1]->type;
	if (args[1].null || (p->any && sp_compare(t, &args[1], &p->by) * sign < 0))
		return 0;
	p->by = sp_value_dup(c->run->keep, t, args[1]);
	keep(c, p, c->e->args[0]->type, &args[0]);
	return 0;
}

static int max_by_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	return by_add(c, args, state, 1);
}

static int min_by_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	return by_add(c, args, state, -1);
}

/* ---- truths and bits ---- */

static int every_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct pick *p = state;
	p->v.i = p->any ? p->v.i && args[0].i : args[0].i;
	p->any = true;
	return 0;
}

static int some_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct pick *p = state;
	p->v.i = p->v.i || args[0].i;
	p->any = true;
	return 0;
}

static int bit_and_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct pick *p = state;
	p->v.i = p->any ? p->v.i & args[0].i : args[0].i;
	p->any = true;
	return 0;
}

static int bit_or_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct pick *p = state;
	p->v.i |= args[0].i;
	p->any = true;
	return 0;
}

static int bit_xor_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct pick *p = state;
	p->v.i ^= args[0].i;
	p->any = true;
	return 0;
}

#define PICKS(name, how, ...) \
	static const struct sp_aggregate name = { .size = sizeof(struct pick), .how, .final = pick_final, __VA_ARGS__ }
PICKS(maxes, add = max_add);
PICKS(mins, add = min_add);
PICKS(firsts, add_row = first_add, .ordered = true);
PICKS(lasts, add_row = last_add, .ordered = true);
PICKS(maxes_by, add_row = max_by_add, .ordered = true);
PICKS(mins_by, add_row = min_by_add, .ordered = true);
PICKS(all_of, add_row = every_add);
PICKS(some_of, add_row = some_add);
PICKS(bit_ands, add_row = bit_and_add);
PICKS(bit_ors, add_row = bit_or_add);
PICKS(bit_xors, add_row = bit_xor_add);

/* The same without SP_F_NULLS: then NULLs don't come. */
#define IGNORING(name, ag) { name, "any", "=1", SP_F_MAYBE, .aggregate = ag }
static const struct sp_function ignoring[] = { IGNORING("first", &firsts), IGNORING("first_value", &firsts), IGNORING("any_value", &firsts),
					       IGNORING("last", &lasts), IGNORING("last_value", &lasts) };

/* The second argument, whether NULLs are passed over, isn't shown. */
static const struct sp_type *type_first(struct sp_resolve *x)
{
	struct sp_value ignore;
	size_t i;
	if (x->e->arg_n == 1)
		return x->e->args[0]->type;
	if (sp_resolve_const(x, 1, &ignore))
		return NULL;
	x->e->arg_n = 1;
	for (i = 0; i < ARRAY_LEN(ignoring) && !ignore.null && ignore.i; i++)
		if (strcmp(ignoring[i].name, x->e->fn->name) == 0)
			x->e->fn = &ignoring[i];
	return x->e->args[0]->type;
}

static const struct sp_type *type_extreme(struct sp_resolve *x)
{
	return sp_fn_ordered(x, x->e->arg_n - 1) ? x->e->args[0]->type : NULL;
}

#define FIRST(name, more, ag, text) \
	{ name, "any boolean!?", NULL, SP_F_NULLS | more, .aggregate = ag, .resolve = type_first, .group = "agg_funcs", .doc = text }
#define ONE(name, args, more, ag, text) { name, args, "=1", SP_F_MAYBE | more, .aggregate = ag, .group = "agg_funcs", .doc = text }
const struct sp_function sp_picks[] = {
	{ "max", "any", NULL, SP_F_MAYBE, .aggregate = &maxes, .resolve = type_extreme, .group = "agg_funcs", .doc = "max(a): The greatest value." },
	{ "min", "any", NULL, SP_F_MAYBE, .aggregate = &mins, .resolve = type_extreme, .group = "agg_funcs", .doc = "min(a): The least value." },
	FIRST("first", 0, &firsts, "first(a[, ignoreNulls]): The value of the first row."),
	FIRST("first_value", SP_F_ALIAS, &firsts, "first_value(a[, ignoreNulls]): The value of the first row."),
	FIRST("any_value", 0, &firsts, "any_value(a[, ignoreNulls]): The value of some row."),
	FIRST("last", 0, &lasts, "last(a[, ignoreNulls]): The value of the last row."),
	FIRST("last_value", SP_F_ALIAS, &lasts, "last_value(a[, ignoreNulls]): The value of the last row."),
	{ "max_by", "any any", NULL, SP_F_NULLS, .aggregate = &maxes_by, .resolve = type_extreme, .group = "agg_funcs",
	  .doc = "max_by(a, b): The value of a where b is greatest." },
	{ "min_by", "any any", NULL, SP_F_NULLS, .aggregate = &mins_by, .resolve = type_extreme, .group = "agg_funcs",
	  .doc = "min_by(a, b): The value of a where b is least." },
	ONE("bool_and", "boolean", 0, &all_of, "bool_and(a): Whether a is true in all rows."),
	ONE("every", "boolean", SP_F_ALIAS, &all_of, "every(a): Whether a is true in all rows."),
	ONE("bool_or", "boolean", 0, &some_of, "bool_or(a): Whether a is true in some row."),
	ONE("some", "boolean", SP_F_ALIAS, &some_of, "some(a): Whether a is true in some row."),
	ONE("any", "boolean", SP_F_ALIAS, &some_of, "any(a): Whether a is true in some row."),
	ONE("bit_and", "integral", 0, &bit_ands, "bit_and(a): All values by AND."),
	ONE("bit_or", "integral", 0, &bit_ors, "bit_or(a): All values by OR."),
	ONE("bit_xor", "integral", 0, &bit_xors, "bit_xor(a): All values by exclusive OR."),
	{ NULL },
};
