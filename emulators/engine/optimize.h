/* Steps of sp_optimize. */
#ifndef TARN_ENGINE_OPTIMIZE_H
#define TARN_ENGINE_OPTIMIZE_H

#include "engine/join.h"

struct sp_optimizer {
	struct arena *arena;
	const struct sp_context *cx;
};
/* Conditions as near to where the rows come from as they may be: push.c. */
struct sp_plan *sp_push_filters(struct sp_optimizer *o, struct sp_plan *p);
/* Columns nobody reads aren't made: prune.c. */
void sp_prune(struct sp_optimizer *o, struct sp_plan *p);
/* Calls fn with each of p's inputs, sub with each plan of a subquery in its expressions. */
void sp_plan_inner(struct sp_plan *p, void (*fn)(void *arg, struct sp_plan **at), void (*sub)(void *arg, struct sp_plan **at), void *arg);
struct sp_plan *sp_plan_node(struct arena *a, enum sp_plan_kind kind, struct sp_plan *in);

#endif
