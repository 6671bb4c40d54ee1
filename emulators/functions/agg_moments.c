/* Variances, correlations, regressions: moments updated value by value, in the order and by the formulas of Spark, to the last digit. */
#include <math.h>

#include "functions/agg.h"

/* ---- of one column ---- */

struct moments {
	double n, avg, m2, m3, m4;
};

static void moments_step(struct moments *m, double x)
{
	const double n = m->n + 1.0, delta = x - m->avg, dn = delta / n, m2 = m->m2 + delta * (delta - dn), delta2 = delta * delta, dn2 = dn * dn;
	const double m3 = m->m3 - 3.0 * dn * m2 + delta * (delta2 - dn2);
	m->m4 = m->m4 - 4.0 * dn * m3 - 6.0 * dn2 * m2 + delta * (delta * delta2 - dn * dn2);
	m->m3 = m3;
	m->m2 = m2;
	m->avg += dn;
	m->n = n;
}

static int moments_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	size_t i;
	for (i = 0; i < n; i++)
		if (!sp_null_at(args, i))
			moments_step(states[i], args->f64[sp_at(args, i)]);
	return 0;
}

static struct sp_value real(double d, bool null)
{
	return null ? SP_NULL_VALUE : (struct sp_value){ .d = d };
}

#define OF_MOMENTS(name, value, null) \
	static int name(struct sp_call *c, void *state, struct sp_value *out) \
	{ \
		const struct moments *m = state; \
		*out = real(value, null); \
		return 0; \
	} \
	static const struct sp_aggregate name##_of = { .size = sizeof(struct moments), .add = moments_add, .final = name }
OF_MOMENTS(var_pop, m->m2 / m->n, m->n == 0);
OF_MOMENTS(var_samp, m->m2 / (m->n - 1.0), m->n < 2);
OF_MOMENTS(stddev_pop, sqrt(m->m2 / m->n), m->n == 0);
OF_MOMENTS(stddev_samp, sqrt(m->m2 / (m->n - 1.0)), m->n < 2);
OF_MOMENTS(skewness, sqrt(m->n) * m->m3 / sqrt(m->m2 * m->m2 * m->m2), m->n == 0 || m->m2 == 0);
OF_MOMENTS(kurtosis, m->n * m->m4 / (m->m2 * m->m2) - 3.0, m->n == 0 || m->m2 == 0);

/* ---- of two columns: y and x are the first and the second argument ---- */

struct pair {
	double n, y_avg, x_avg, ck, y_mk, x_mk;
};

static void pair_step(struct pair *p, double y, double x)
{
	const double n = p->n + 1.0, dy = y - p->y_avg, dx = x - p->x_avg, y_avg = p->y_avg + dy / n, x_avg = p->x_avg + dx / n;
	p->ck += dy * (x - x_avg);
	p->y_mk += dy * (y - y_avg);
	p->x_mk += dx * (x - x_avg);
	p->y_avg = y_avg;
	p->x_avg = x_avg;
	p->n = n;
}

static int pair_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	size_t i;
	for (i = 0; i < n; i++)
		if (!sp_null_at(&args[0], i) && !sp_null_at(&args[1], i))
			pair_step(states[i], args[0].f64[sp_at(&args[0], i)], args[1].f64[sp_at(&args[1], i)]);
	return 0;
}

static double r_of(const struct pair *p)
{
	return p->ck / sqrt(p->y_mk * p->x_mk);
}

/* regr_slope and regr_intercept take the covariance the other way round (x first), and the variance as VariancePop counts it. */
struct line {
	double n, y_avg, x_avg, ck;
	struct moments x;
};

static int line_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	size_t i;
	for (i = 0; i < n; i++) {
		struct line *l = states[i];
		double y, x, dx, dy;
		if (sp_null_at(&args[0], i) || sp_null_at(&args[1], i))
			continue;
		y = args[0].f64[sp_at(&args[0], i)];
		x = args[1].f64[sp_at(&args[1], i)];
		l->n++;
		dx = x - l->x_avg;
		dy = y - l->y_avg;
		l->x_avg += dx / l->n;
		l->y_avg += dy / l->n;
		l->ck += dx * (y - l->y_avg);
		moments_step(&l->x, x);
	}
	return 0;
}

/* The moments of one of the two, where neither is NULL. */
#define OF_MOMENTS_BOTH(name, value, null, which) \
	static int name##_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states) \
	{ \
		size_t i; \
		for (i = 0; i < n; i++) \
			if (!sp_null_at(&args[0], i) && !sp_null_at(&args[1], i)) \
				moments_step(states[i], args[which].f64[sp_at(&args[which], i)]); \
		return 0; \
	} \
	static int name(struct sp_call *c, void *state, struct sp_value *out) \
	{ \
		const struct moments *m = state; \
		*out = real(value, null); \
		return 0; \
	} \
	static const struct sp_aggregate name##_of = { .size = sizeof(struct moments), .add = name##_add, .final = name }
#define OF_PAIRS(name, value, null) \
	static int name(struct sp_call *c, void *state, struct sp_value *out) \
	{ \
		const struct pair *p = state; \
		*out = real(value, null); \
		return 0; \
	} \
	static const struct sp_aggregate name##_of = { .size = sizeof(struct pair), .add = pair_add, .final = name }
#define OF_LINES(name, value, null) \
	static int name(struct sp_call *c, void *state, struct sp_value *out) \
	{ \
		const struct line *l = state; \
		*out = real(value, null); \
		return 0; \
	} \
	static const struct sp_aggregate name##_of = { .size = sizeof(struct line), .add = line_add, .final = name }
OF_PAIRS(covar_pop, p->ck / p->n, p->n == 0);
OF_PAIRS(covar_samp, p->ck / (p->n - 1.0), p->n < 2);
OF_PAIRS(corr, r_of(p), p->n < 2 || p->y_mk * p->x_mk == 0);
OF_PAIRS(regr_r2, p->y_mk == 0 ? 1.0 : r_of(p) * r_of(p), p->n == 0 || p->x_mk == 0);
OF_PAIRS(regr_sxy, p->ck, p->n == 0);
OF_MOMENTS_BOTH(regr_sxx, m->m2, m->n == 0, 1);
OF_MOMENTS_BOTH(regr_syy, m->m2, m->n == 0, 0);
OF_LINES(regr_slope, l->ck / l->x.m2, l->n < 2 || l->x.m2 == 0);
/* The final step has merged one partial mean into nothing: it was divided by n and multiplied again. */
OF_LINES(regr_intercept, l->y_avg / l->n * l->n - l->ck / l->x.m2 * (l->x_avg / l->n * l->n), l->n < 2 || l->x.m2 == 0);

static int regr_count(struct sp_call *c, void *state, struct sp_value *out)
{
	*out = (struct sp_value){ .i = (int64_t)((struct pair *)state)->n };
	return 0;
}
static const struct sp_aggregate regr_count_of = { .size = sizeof(struct pair), .add = pair_add, .final = regr_count };

#define ONE(name, more, ag, text) \
	{ name, "double", "double", SP_F_MAYBE | more, .aggregate = &ag, .group = "agg_funcs", .doc = name "(a): " text }
#define TWO(name, args, ag, text) \
	{ name, "double double", "double", SP_F_MAYBE, .aggregate = &ag, .group = "agg_funcs", .doc = name "(" args "): " text }
const struct sp_function sp_moments[] = {
	ONE("stddev", 0, stddev_samp_of, "The standard deviation of a sample."),
	ONE("stddev_samp", SP_F_ALIAS, stddev_samp_of, "The standard deviation of a sample."),
	ONE("std", SP_F_ALIAS, stddev_samp_of, "The standard deviation of a sample."),
	ONE("stddev_pop", 0, stddev_pop_of, "The standard deviation of all there are."),
	ONE("variance", 0, var_samp_of, "The variance of a sample."),
	ONE("var_samp", SP_F_ALIAS, var_samp_of, "The variance of a sample."),
	ONE("var_pop", 0, var_pop_of, "The variance of all there are."),
	ONE("skewness", 0, skewness_of, "The skewness."),
	ONE("kurtosis", 0, kurtosis_of, "The kurtosis, less 3."),
	TWO("covar_pop", "a, b", covar_pop_of, "The covariance of all there are."),
	TWO("covar_samp", "a, b", covar_samp_of, "The covariance of a sample."),
	TWO("corr", "a, b", corr_of, "Pearson's correlation."),
	TWO("regr_r2", "y, x", regr_r2_of, "The coefficient of determination."),
	TWO("regr_slope", "y, x", regr_slope_of, "The slope of the regression line."),
	TWO("regr_intercept", "y, x", regr_intercept_of, "Where the regression line meets x = 0."),
	TWO("regr_sxy", "y, x", regr_sxy_of, "The sum of products of deviations."),
	TWO("regr_sxx", "y, x", regr_sxx_of, "The sum of squares of the deviations of x."),
	TWO("regr_syy", "y, x", regr_syy_of, "The sum of squares of the deviations of y."),
	{ "regr_count", "double double", "bigint", SP_F_NULLS | SP_F_NEVER_NULL, .aggregate = &regr_count_of, .group = "agg_funcs",
	  .doc = "regr_count(y, x): In how many rows neither is NULL." },
	{ NULL },
};
