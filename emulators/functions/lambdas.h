/* What functions that take functions share. */
#ifndef TARN_FUNCTIONS_LAMBDAS_H
#define TARN_FUNCTIONS_LAMBDAS_H

#include "functions/coll.h"

/* The elements of all arrays of a vector, one after another. */
struct sp_elements {
	size_t n;
	uint32_t *rows;             /* of which row each is */
	struct sp_out items, index; /* index: its place in its array, an INT */
};
int sp_elements_of(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_elements *x) WARN_UNUSED;
/* Lambda e over n rows of parameters; o gets its n values. */
int sp_lambda_over(struct sp_call *c, const struct sp_expr *e, const uint32_t *rows, size_t n, const struct sp_vec *params, size_t param_n,
		   struct sp_out *o) WARN_UNUSED;
/* arrays.c: in order, NULLs last. */
int sp_array_sorted(struct sp_call *c, const struct sp_list *l, struct sp_value *out) WARN_UNUSED;

#endif
