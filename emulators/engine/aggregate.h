/* Aggregates as aggregate.c and window.c call them. */
#ifndef TARN_ENGINE_AGGREGATE_H
#define TARN_ENGINE_AGGREGATE_H

#include "engine/op.h"
#include "spark/program.h"

/* Adds n rows of args to states, by the function's add or add_row. */
int sp_agg_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states) WARN_UNUSED;

/* The order in which an AGGREGATE's groups come out (group_order.c); groups: its keys as they came. *rows: heap, groups->n numbers; NULL: so. */
int sp_group_order(struct sp_run *run, const struct sp_plan *plan, const struct sp_store *groups, uint32_t **rows) WARN_UNUSED;
bool sp_row_has_null(const struct sp_vec *columns, size_t n, size_t row);

#endif
