/* Metric math: what is read gives a value for each point, and mentions names. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "cloudwatch/metric_math.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void count(void *arg, struct slice name)
{
	*(size_t *)arg += name.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const double m1[] = { 1, 2, NAN, 4 }, m2[] = { 10, 0, 30, NAN };
	static const struct math_var vars[] = { { "m1", m1 }, { "m2", m2 } };
	static const struct math_grid grid = { .n = 4, .start_s = 600, .period_s = 60, .vars = vars, .var_n = 2, .metric_n = 2 };
	struct arena a = { 0 };
	struct math_value v;
	struct error err;
	size_t bytes = 0;
	double sum = 0;
	if (n > 2048) /* as requests are bounded */
		n = 2048;
	math_names(sl_of(p, n), count, &bytes);
	if (bytes > n)
		abort();
	if (!math_eval(&a, &grid, sl_of(p, n), &v, &err) && v.kind == MATH_SERIES)
		for (size_t i = 0; i < grid.n; i++)
			sum += isnan(v.v[i]) ? 0 : 1;
	if (sum > 4)
		abort();
	arena_free(&a);
	return 0;
}
