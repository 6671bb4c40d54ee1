/* What was measured in a time: how often, their sum, the least and the most, and which values came how often. */
#ifndef TARN_SUM_H
#define TARN_SUM_H

#include "mem.h"

enum { METRIC_SPREAD_MAX = 100 }; /* values told apart; beyond it they are rounded to two digits */
struct metric_pair {
	double value, n;
};
struct metric_sum {
	double n, sum, least, most;
	struct metric_pair *pairs; /* by value; owned */
	size_t pair_n, pair_cap;
};
void metric_sum_add(struct metric_sum *s, double value, double n);
void metric_sum_join(struct metric_sum *s, const struct metric_sum *more);
/* Where only the sums of a time are known. */
void metric_sum_set(struct metric_sum *s, double n, double sum, double least, double most);
/* NAN: there are no values. */
double metric_sum_percentile(const struct metric_sum *s, double percent);
void metric_sum_free(struct metric_sum *s);

#endif
