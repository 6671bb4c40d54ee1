/* What percentile and percentile_approx share. */
#ifndef TARN_FUNCTIONS_PERCENT_H
#define TARN_FUNCTIONS_PERCENT_H

#include "functions/functions.h"

struct sp_percent { /* .given of a call */
	const double *p;            /* shares asked for */
	size_t n;
	bool array;                 /* they came as an array, and so do answers */
	bool disc, down;            /* a value there is, not one between; by falling values */
	size_t value, weight;       /* arguments; weight 0: none */
	const struct sp_type *item; /* of an answer */
	double error;               /* of percentile_approx */
};
/* Reads argument i, a constant or an array of constants from 0 to 1. Nonzero: err says why. */
int sp_percent_shares(struct sp_resolve *x, size_t i, struct sp_percent *p) WARN_UNUSED;
/* Row r of numbers, dates or times as a double. */
double sp_percent_double(const struct sp_vec *v, size_t r);

#endif
