/* A window under way: window.c sorts and divides, window_call.c makes each function's values for a partition. */
#ifndef TARN_ENGINE_WINDOW_H
#define TARN_ENGINE_WINDOW_H

#include "engine/aggregate.h"

struct sp_window_call {
	const struct sp_windowed *as;
	struct sp_call call;
	struct sp_vec *args, filter; /* whole columns, by row; filter.type NULL: none */
	struct sp_out out;           /* by position */
	void *state;                 /* of an aggregate */
	struct sp_value from, to;    /* of the frame's bounds, if they have an expression */
};
struct sp_window {
	struct sp_run *run;
	const struct sp_plan *plan;
	uint32_t *order;             /* row by position */
	uint8_t *begins;             /* by position: sp_sort_divided's, a partition is a prefix */
	size_t n, from, to;          /* from..to: positions of the partition at hand */
	struct sp_sort_key key;      /* the first of ORDER BY; v.type NULL: none */
	struct arena own, scratch;   /* own: values given */
	void *states[SP_BATCH];
};
/* Values of c for the partition at hand. */
int sp_window_partition(struct sp_window *w, struct sp_window_call *c) WARN_UNUSED;

#endif
