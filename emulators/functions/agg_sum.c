/* count, sum, avg and their like. */
#include <math.h>

#include "functions/agg.h"
#include "spark/decimal.h"

/* ---- count ---- */

struct count {
	int64_t n;
};

static int count_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	bool nulls = false;
	size_t i, k;
	for (k = 0; k < c->e->arg_n; k++)
		nulls |= args[k].null || args[k].type->kind == SP_VOID;
	if (!nulls) {
		if (n && sp_agg_one(states, n))
			((struct count *)states[0])->n += (int64_t)n;
		else
			for (i = 0; i < n; i++)
				((struct count *)states[i])->n++;
		return 0;
	}
	for (i = 0; i < n; i++) {
		bool null = false;
		for (k = 0; k < c->e->arg_n && !null; k++)
			null = sp_null_at(&args[k], i);
		((struct count *)states[i])->n += !null;
	}
	return 0;
}

static bool any_null(const struct sp_call *c, const struct sp_value *args)
{
	size_t k;
	for (k = 0; k < c->e->arg_n; k++)
		if (args[k].null)
			return true;
	return false;
}

static int count_remove(struct sp_call *c, const struct sp_value *args, void *state)
{
	((struct count *)state)->n -= !any_null(c, args);
	return 0;
}

static int count_final(struct sp_call *c, void *state, struct sp_value *out)
{
	*out = (struct sp_value){ .i = ((struct count *)state)->n };
	return 0;
}

static int count_if_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	size_t i;
	for (i = 0; i < n; i++)
		((struct count *)states[i])->n += !sp_null_at(args, i) && args->u8[sp_at(args, i)];
	return 0;
}

static int count_if_remove(struct sp_call *c, const struct sp_value *args, void *state)
{
	((struct count *)state)->n -= !args[0].null && args[0].i;
	return 0;
}

/* ---- sum and avg ---- */

struct sum {
	int64_t n;       /* values that weren't NULL */
	bool over;       /* past what the type holds, for good */
	bool removed;    /* a value was taken out: whole numbers' mean is of i then */
	double d;        /* of fractions; avg of whole numbers, too */
	int64_t i;       /* of whole numbers and intervals, wrapped */
	struct sp_i128 x; /* of decimals */
};
enum over { OVER_WRAP, OVER_RAISE, OVER_NULL };

static enum over over_of(const struct sp_call *c)
{
	return strncmp(c->e->fn->name, "try_", 4) == 0 ? OVER_NULL : c->run->cx->ansi ? OVER_RAISE : OVER_WRAP;
}

static int add_long(struct sp_call *c, struct sum *s, int64_t v, enum over how)
{
	if (!__builtin_add_overflow(s->i, v, &s->i) || how == OVER_WRAP)
		return 0;
	if (how == OVER_RAISE)
		return sp_fn_fail(c, "ARITHMETIC_OVERFLOW", "22003", "org.apache.spark.SparkArithmeticException",
				  "long overflow. Use 'try_add' to tolerate overflow and return NULL instead. If necessary set "
				  "\"spark.sql.ansi.enabled\" to \"false\" to bypass this error.");
	s->over = true;
	return 0;
}

/* Values of one group at a stretch, in registers; false: there is no such way. */
static bool sum_one_group(const struct sp_vec *v, size_t n, struct sum *s, bool mean)
{
	enum sp_phys phys = sp_phys_of(v->type);
	uint64_t i64 = 0;
	double d = s->d;
	size_t i;
	if (v->null || v->code || v->one)
		return false;
	if (phys == SP_F64) {
		for (i = 0; i < n; i++)
			d += v->f64[i];
		s->d = d;
	} else if (phys == SP_I32) {
		for (i = 0; i < n; i++)
			i64 += (uint64_t)(int64_t)v->i32[i];
		for (i = 0; mean && i < n; i++)
			d += v->i32[i];
	} else if (phys == SP_I64) {
		for (i = 0; i < n; i++)
			i64 += (uint64_t)v->i64[i];
		for (i = 0; mean && i < n; i++)
			d += (double)v->i64[i];
	} else {
		return false;
	}
	s->d = d;
	s->i = (int64_t)((uint64_t)s->i + i64);
	s->n += (int64_t)n;
	return true;
}

static void add_decimal(struct sum *s, struct sp_i128 v)
{
	__int128 sum;
	if (__builtin_add_overflow(sp_wide(s->x), sp_wide(v), &sum))
		s->over = true;
	s->x = sp_narrow(sum);
}

static int sum_rows(struct sp_call *c, const struct sp_vec *v, size_t n, void *const *states, bool mean)
{
	const enum sp_phys phys = sp_phys_of(v->type);
	const enum over how = over_of(c);
	size_t i;
	for (i = 0; i < n; i++) {
		struct sum *s = states[i];
		size_t at = sp_at(v, i);
		int64_t whole;
		if (v->null && v->null[at])
			continue;
		s->n++;
		if (phys == SP_F64) {
			s->d += v->f64[at];
		} else if (phys == SP_X128) {
			add_decimal(s, v->x128[at]);
		} else {
			whole = phys == SP_I32 ? v->i32[at] : v->i64[at];
			if (mean)
				s->d += (double)whole;
			if (add_long(c, s, whole, mean ? OVER_WRAP : how))
				return 1;
		}
	}
	return 0;
}

static int sum_add_as(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states, bool mean)
{
	if (args->type->kind == SP_VOID || !n)
		return 0;
	if ((mean || over_of(c) == OVER_WRAP || sp_phys_of(args->type) == SP_F64) && sp_agg_one(states, n) &&
	    sum_one_group(args, n, states[0], mean))
		return 0;
	return sum_rows(c, args, n, states, mean);
}

static int sum_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	return sum_add_as(c, args, n, states, false);
}

static int avg_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	return sum_add_as(c, args, n, states, true);
}

static int sum_remove(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct sum *s = state;
	enum sp_phys phys = sp_phys_of(c->e->args[0]->type);
	s->n--;
	s->removed = true;
	if (phys == SP_X128)
		s->x = sp_narrow(sp_wide(s->x) - sp_wide(args[0].x));
	else
		s->i = (int64_t)((uint64_t)s->i - (uint64_t)args[0].i);
	return 0;
}

static int decimal_overflow(struct sp_call *c)
{
	sp_fn_fail(c, "ARITHMETIC_OVERFLOW", "22003", "org.apache.spark.SparkArithmeticException",
		   "Overflow in sum of decimals. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.");
	sp_fail_at(&c->run->err, c->e->from, c->e->to);
	return 1;
}

static int sum_final(struct sp_call *c, void *state, struct sp_value *out)
{
	const struct sum *s = state;
	const struct sp_type *t = c->e->type;
	*out = (struct sp_value){ .null = s->n == 0 || s->over };
	if (t->kind == SP_DECIMAL && s->n && (s->over || !sp_dec_fits(sp_wide(s->x), t->precision))) {
		if (over_of(c) == OVER_RAISE)
			return decimal_overflow(c);
		out->null = true;
	} else if (t->kind == SP_DECIMAL) {
		out->x = s->x;
	} else if (t->kind == SP_DOUBLE) {
		out->d = s->d;
	} else if (t->kind == SP_INTERVAL_YM && s->i != (int32_t)s->i) {
		return sp_fn_overflow(c, "integer overflow", NULL);
	} else {
		out->i = s->i;
	}
	return 0;
}

/* HALF_UP */
static int64_t mean_of(int64_t sum, int64_t n)
{
	int64_t q = sum / n, r = sum % n;
	return (r < 0 ? -r : r) * 2 >= n ? q + (sum < 0 ? -1 : 1) : q;
}

/* Which argument the mean is of: regr_avgx(y, x) has it behind. */
static size_t mean_arg(const struct sp_call *c)
{
	return strcmp(c->e->fn->name, "regr_avgx") == 0;
}

/* Where neither argument is NULL. */
static int pair_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	const struct sp_vec *v = &args[mean_arg(c)];
	size_t i;
	for (i = 0; i < n; i++) {
		struct sp_vec one = sp_vec_part(v, i, 1);
		if (!sp_null_at(&args[0], i) && !sp_null_at(&args[1], i) && sum_rows(c, &one, 1, &states[i], true))
			return 1;
	}
	return 0;
}

static int avg_final(struct sp_call *c, void *state, struct sp_value *out)
{
	const struct sum *s = state;
	const struct sp_type *from = c->e->args[mean_arg(c)]->type, *t = c->e->type;
	int wide = from->precision + 10 < SP_PRECISION_MAX ? from->precision + 10 : SP_PRECISION_MAX;
	__int128 v;
	*out = (struct sp_value){ .null = s->n == 0 };
	if (out->null)
		return 0;
	if (from->kind == SP_DECIMAL) {
		if (s->over || !sp_dec_fits(sp_wide(s->x), wide) ||
		    sp_dec_op('/', sp_wide(s->x), from->scale, s->n, 0, t->precision, t->scale, &v, NULL) != SP_DEC_OK) {
			if (over_of(c) == OVER_RAISE)
				return decimal_overflow(c);
			out->null = true;
			return 0;
		}
		out->x = sp_narrow(v);
	} else if (t->kind != SP_DOUBLE) {
		if (t->kind == SP_INTERVAL_YM && s->i != (int32_t)s->i) {
			out->null = true;
			return over_of(c) == OVER_NULL ? 0 : sp_fn_overflow(c, "integer overflow", NULL);
		}
		out->i = mean_of(s->i, s->n);
	} else {
		out->d = (s->removed ? (double)s->i : s->d) / (double)s->n;
	}
	return 0;
}

/* ---- types ---- */

/* Of whole numbers and decimals: from their sum a value can be taken again. */
static const struct sp_aggregate exact_sums = { .size = sizeof(struct sum), .add = sum_add, .remove_row = sum_remove, .final = sum_final };
static const struct sp_aggregate exact_means = { .size = sizeof(struct sum), .add = avg_add, .remove_row = sum_remove, .final = avg_final };
static const struct sp_function exact_sum = { "sum", "any", NULL, SP_F_MAYBE, .aggregate = &exact_sums };
static const struct sp_function exact_avg = { "avg", "any", NULL, SP_F_MAYBE, .aggregate = &exact_means };
static const struct sp_function exact_mean = { "mean", "any", NULL, SP_F_MAYBE, .aggregate = &exact_means };

static void choose(struct sp_resolve *x)
{
	static const struct sp_function *const exact[] = { &exact_sum, &exact_avg, &exact_mean };
	const struct sp_type *t = x->e->args[0]->type;
	size_t i;
	for (i = 0; i < ARRAY_LEN(exact) && !x->cx->ansi && (sp_is_integral(t) || t->kind == SP_DECIMAL); i++)
		if (strcmp(x->e->fn->name, exact[i]->name) == 0)
			x->e->fn = exact[i];
}

static const struct sp_type *number_arg(struct sp_resolve *x, size_t i)
{
	const struct sp_type *t = x->e->args[i]->type;
	struct buf b = { 0 };
	if (t->kind == SP_STRING || t->kind == SP_VOID)
		return sp_resolve_cast(x, i, &sp_types[SP_DOUBLE]) ? NULL : &sp_types[SP_DOUBLE];
	if (sp_is_numeric(t) || t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT)
		return t;
	sp_type_sql(&b, t);
	sp_resolve_mismatch(x, "UNEXPECTED_INPUT_TYPE",
			    "Parameter 1 requires the \"NUMERIC\" or \"ANSI INTERVAL\" type, however \"%.*s\" has the type \"%.*s\".",
			    SL(sp_resolve_shown(x, i)), SL(buf_slice(&b)));
	buf_free(&b);
	return NULL;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static const struct sp_type *type_sum(struct sp_resolve *x)
{
	const struct sp_type *t = number_arg(x, 0);
	if (t)
		choose(x);
	if (!t || t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT)
		return t;
	if (t->kind == SP_DECIMAL)
		return sp_decimal(x->arena, least(t->precision + 10, SP_PRECISION_MAX), t->scale);
	return &sp_types[sp_is_integral(t) ? SP_BIGINT : SP_DOUBLE];
}

static const struct sp_type *mean_type(struct sp_resolve *x, const struct sp_type *t)
{
	if (t->kind == SP_DECIMAL)
		return sp_decimal(x->arena, least(t->precision + 4, SP_PRECISION_MAX), least(t->scale + 4, SP_PRECISION_MAX));
	return &sp_types[t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT ? t->kind : SP_DOUBLE];
}

static const struct sp_type *type_avg(struct sp_resolve *x)
{
	const struct sp_type *t = number_arg(x, 0);
	if (!t)
		return NULL;
	choose(x);
	return mean_type(x, t);
}

static const struct sp_type *type_pair(struct sp_resolve *x)
{
	const struct sp_type *y = number_arg(x, 0), *t = y ? number_arg(x, 1) : NULL;
	return !t ? NULL : mean_type(x, strcmp(x->e->fn->name, "regr_avgx") == 0 ? t : y);
}

static const struct sp_aggregate counts = { .size = sizeof(struct count), .add = count_add, .remove_row = count_remove, .final = count_final };
static const struct sp_aggregate counts_if = { .size = sizeof(struct count), .add = count_if_add, .remove_row = count_if_remove,
					       .final = count_final };
static const struct sp_aggregate sums = { .size = sizeof(struct sum), .add = sum_add, .final = sum_final };
static const struct sp_aggregate means = { .size = sizeof(struct sum), .add = avg_add, .final = avg_final };
static const struct sp_aggregate pairs = { .size = sizeof(struct sum), .add = pair_add, .final = avg_final };

#define COUNTING (SP_F_NULLS | SP_F_NEVER_NULL)
const struct sp_function sp_sums[] = {
	{ "count", "any*", "bigint", COUNTING, .aggregate = &counts, .group = "agg_funcs",
	  .doc = "count(*), count(a, ...): How many rows there are, or rows in which none of the arguments is NULL." },
	{ "count_if", "boolean", "bigint", COUNTING, .aggregate = &counts_if, .group = "agg_funcs",
	  .doc = "count_if(a): In how many rows a is true." },
	{ "sum", "any", NULL, SP_F_MAYBE, .aggregate = &sums, .resolve = type_sum, .group = "agg_funcs", .doc = "sum(a): The sum." },
	{ "try_sum", "any", NULL, SP_F_MAYBE, .aggregate = &sums, .resolve = type_sum, .group = "agg_funcs",
	  .doc = "try_sum(a): The sum; NULL when it is too large for its type." },
	{ "avg", "any", NULL, SP_F_MAYBE, .aggregate = &means, .resolve = type_avg, .group = "agg_funcs", .doc = "avg(a): The mean." },
	{ "mean", "any", NULL, SP_F_MAYBE | SP_F_ALIAS, .aggregate = &means, .resolve = type_avg, .group = "agg_funcs", .doc = "mean(a): The mean." },
	{ "try_avg", "any", NULL, SP_F_MAYBE, .aggregate = &means, .resolve = type_avg, .group = "agg_funcs",
	  .doc = "try_avg(a): The mean; NULL when the sum is too large for its type." },
	{ "regr_avgx", "any any", NULL, SP_F_MAYBE, .aggregate = &pairs, .resolve = type_pair, .group = "agg_funcs",
	  .doc = "regr_avgx(y, x): The mean of x where neither is NULL." },
	{ "regr_avgy", "any any", NULL, SP_F_MAYBE, .aggregate = &pairs, .resolve = type_pair, .group = "agg_funcs",
	  .doc = "regr_avgy(y, x): The mean of y where neither is NULL." },
	{ NULL },
};
