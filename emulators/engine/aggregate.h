/* Aggregates as aggregate.c and window.c call them. */
#ifndef TARN_ENGINE_AGGREGATE_H
#define TARN_ENGINE_AGGREGATE_H

#include "engine/op.h"
#include "spark/program.h"

/* Adds n rows of args to states, by the function's add or add_row. */
int sp_agg_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states) WARN_UNUSED;

#endif
