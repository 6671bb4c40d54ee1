/* What aggregates share. */
#ifndef TARN_FUNCTIONS_AGG_H
#define TARN_FUNCTIONS_AGG_H

#include "functions/kernel.h"

/* Whether all rows go to one state. */
static inline bool sp_agg_one(void *const *states, size_t n)
{
	size_t i;
	for (i = 1; i < n; i++)
		if (states[i] != states[0])
			return false;
	return true;
}
/* A list that grows in the execution's memory. */
struct sp_gather {
	struct sp_value *v;
	size_t n, cap;
};
static inline struct sp_value *sp_gather_add(struct sp_call *c, struct sp_gather *g)
{
	ARENA_GROW(c->run->keep, g->v, g->n, g->cap);
	return &g->v[g->n++];
}

#endif
