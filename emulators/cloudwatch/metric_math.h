/* Metric math: expressions over series of one grid of times. A point that isn't there is NAN, and so is what is made of it. */
#ifndef TARN_AWS_METRIC_MATH_H
#define TARN_AWS_METRIC_MATH_H

#include "core/err.h"

struct math_var {
	const char *id;
	const double *v; /* a point each of the grid */
};
struct math_grid {
	size_t n;
	int64_t start_s;
	int period_s;
	const struct math_var *vars; /* of metrics first, in their order: METRICS() is metric_n of them */
	size_t var_n, metric_n;
};
enum math_kind { MATH_SCALAR, MATH_SERIES, MATH_LIST, MATH_TEXT };
struct math_value {
	enum math_kind kind;
	double x;
	double *v;                /* MATH_SERIES */
	struct math_value *items; /* MATH_LIST: series */
	const char **ids;         /* their names, NULL: they have none */
	size_t item_n;
	struct slice text;
};
/* What it makes lives in the arena. Errors: INVALID (the words after "Error in expression 'x':"), UNSUPPORTED (a function that isn't
 * computed here, by name). */
int math_eval(struct arena *a, const struct math_grid *g, struct slice expression, struct math_value *out, struct error *err) WARN_UNUSED;
/* Calls fn with every name that an expression mentions and that isn't a function. */
void math_names(struct slice expression, void (*fn)(void *arg, struct slice name), void *arg);
/* Whether it mentions METRICS(). */
bool math_takes_all(struct slice expression);

#endif
