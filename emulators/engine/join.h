/* What both ways of joining share: the condition taken apart, rows of pairs. */
#ifndef TARN_ENGINE_JOIN_H
#define TARN_ENGINE_JOIN_H

#include "engine/op.h"

/* A join's condition: equalities of a left and a right expression, and the rest. */
struct sp_join_parts {
	struct sp_expr **left, **right; /* right's columns counted from 0 */
	bool *null_safe;
	size_t n;
	struct sp_expr *rest;           /* over both; NULL: nothing */
};
void sp_join_split(struct arena *a, const struct sp_plan *plan, struct sp_join_parts *parts);
/* Whether the join gives columns of both sides. */
static inline bool sp_join_both(enum sp_join j)
{
	return j != SP_J_SEMI && j != SP_J_ANTI && j != SP_J_ANTI_NULL && j != SP_J_EXISTS;
}
/* Whether it is one of join.c's: there is an equality to find rows by. */
bool sp_join_hashes(const struct sp_plan *plan);
struct sp_oper *sp_op_loop_join(const struct sp_plan *plan);
int sp_join_too_many(struct sp_run *r);

#endif
