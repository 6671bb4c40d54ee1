/* What the engine runs: a tree of operators over tables in memory. Analysis (sparksql/) makes it, optimize.c turns it into a faster one,
 * run.c runs it.
 *
 * An operator's output columns are .columns. Its expressions' column indexes count the columns of its input; of a join the left's, then
 * the right's. All memory is the statement's arena; a plan may be run several times (each run makes its own state). */
#ifndef TARN_ENGINE_PLAN_H
#define TARN_ENGINE_PLAN_H

#include "spark/function.h"

enum sp_plan_kind {
	SP_P_ROWS,      /* rows of constants: VALUES, and SELECT without FROM (one row, no columns) */
	SP_P_RANGE,     /* range(start, end, step): one BIGINT column */
	SP_P_SCAN,      /* a table of the catalog */
	SP_P_FILTER,    /* rows where .condition is true */
	SP_P_PROJECT,   /* .exprs */
	SP_P_AGGREGATE, /* .groups, then .aggregates; without groups one row */
	SP_P_WINDOW,    /* input's columns, then .windows, all over one partitioning and order */
	SP_P_JOIN,
	SP_P_SORT,      /* .order */
	SP_P_LIMIT,     /* .offset, .limit (-1: none) */
	SP_P_UNION,     /* of two inputs or more, columns by position, types already the same */
	SP_P_SETOP,     /* INTERSECT, EXCEPT, with .all */
	SP_P_DISTINCT,
	SP_P_EXPAND,    /* each row once per list of .expands: ROLLUP, CUBE, GROUPING SETS, UNPIVOT */
	SP_P_GENERATE,  /* input's columns, then those of .generator (LATERAL VIEW, explode in a SELECT list) */
	SP_P_SAMPLE,    /* .fraction of rows by .seed; or by .buckets */
	SP_P_SHARED,    /* a CTE read more than once: made once an execution, by .shared */
	SP_P_APPLY,     /* each row of in[0] with rows of in[1] run for it (LATERAL, correlated subqueries that no join can say): .params */
	SP_P_OUTER,     /* one row: the values of .params, as the APPLY around it has set them */
};
enum sp_join { SP_J_INNER, SP_J_LEFT, SP_J_RIGHT, SP_J_FULL, SP_J_SEMI, SP_J_ANTI, SP_J_CROSS,
	       SP_J_ANTI_NULL, /* NOT IN (subquery): a NULL that might be equal keeps the row out */
	       SP_J_EXISTS,    /* left's columns, then a BOOLEAN: whether there is a match (EXISTS and IN inside of expressions) */
	       SP_J_SINGLE };  /* as LEFT, but two matches are an error: SCALAR_SUBQUERY_TOO_MANY_ROWS */

struct sp_order {
	struct sp_expr *e;
	bool desc, nulls_last;
};
struct sp_aggregation {
	struct sp_expr *call;    /* SP_CALL of an aggregate function; its args are over the input */
	struct sp_expr *filter;  /* FILTER (WHERE ...); NULL: none */
	bool distinct;
	struct sp_order *order;  /* WITHIN GROUP (ORDER BY ...): the rows come in this order */
	size_t order_n;
};
enum sp_frame_unit { SP_ROWS, SP_RANGE };
enum sp_bound_kind { SP_B_UNBOUNDED_PRECEDING, SP_B_PRECEDING, SP_B_CURRENT, SP_B_FOLLOWING, SP_B_UNBOUNDED_FOLLOWING };
struct sp_frame {
	enum sp_frame_unit unit;
	struct {
		enum sp_bound_kind kind;
		struct sp_expr *by; /* a constant: rows, or what is added to or taken from the one ORDER BY expression */
	} from, to;
};
struct sp_windowed {
	struct sp_expr *call;    /* SP_CALL of an aggregate or of a function with .window */
	struct sp_expr *filter;
	struct sp_frame frame;
	bool ignore_nulls;
};
struct sp_plan {
	enum sp_plan_kind kind;
	struct sp_field *columns; /* of its output */
	size_t column_n;
	struct sp_plan **in;
	size_t in_n;
	struct sp_expr *condition;  /* FILTER; JOIN: NULL is none */
	struct sp_expr **exprs;     /* PROJECT; ROWS: row_n * column_n of them */
	size_t expr_n, row_n;
	struct sp_expr **groups;    /* AGGREGATE */
	size_t group_n;
	struct sp_aggregation *aggregates;
	size_t aggregate_n;
	struct sp_expr **partition; /* WINDOW */
	size_t partition_n;
	struct sp_windowed *windows;
	size_t window_n;
	struct sp_order *order;     /* SORT, WINDOW */
	size_t order_n;
	enum sp_join join;
	bool build_left;            /* JOIN: the left is kept and the right flows past it (SP_J_INNER, by optimize); else the other way round */
	bool all, except;           /* SETOP */
	int64_t limit, offset;      /* LIMIT; SORT: if greater than 0, so many of the first rows are wanted (by optimize) */
	struct sp_expr ***expands;  /* EXPAND: expand_n lists of column_n expressions */
	size_t expand_n;
	struct sp_expr *generator;  /* GENERATE: SP_CALL of a generator */
	bool outer;                 /* GENERATE: LATERAL VIEW OUTER; APPLY: rows without match stay */
	struct sp_expr *start, *end, *step; /* RANGE: constants */
	double fraction, fraction_from; /* SAMPLE: rows whose number in [0, 1) lies between from and from + fraction */
	uint64_t seed;
	struct sp_relation *relation; /* SCAN */
	bool *needed;               /* SCAN: one a column of the relation, NULL: all. Its output still has all columns; others are not to be read */
	struct sp_expr *pushed;     /* SCAN: of .condition above what a source may use to skip files; it needn't */
	struct sp_shared *shared;   /* SHARED: the plan, and in a run its rows */
	struct sp_params *params;   /* APPLY: columns of in[0] that in[1] reads; OUTER: of which APPLY it is */
};
/* What an APPLY hands to its inner plan: in[0]'s columns by index. The inner plan reads them by a join with SP_P_OUTER of the same params. */
struct sp_params {
	const size_t *columns;
	size_t n, at;    /* at: its number, for the run's own memory */
};
/* A CTE: what reads it points here. */
struct sp_shared {
	struct sp_plan *plan;
	size_t uses, at; /* at: its number, for the run's own memory */
	double rows;     /* optimize.c's: about how many + 1; 0: not asked yet */
	bool chosen;     /* optimize.c's: its joins have their sides */
};
/* A table that a plan scans. The owner (catalog) fills .table with the needed columns before the plan is run. */
struct sp_relation {
	struct slice name;               /* as errors and EXPLAIN show it: "spark_catalog.default.t" */
	const struct sp_field *columns;
	size_t column_n;
	bool streaming;                  /* a stream's: its rows come batch by batch */
	const bool *events;              /* of the state of a streaming query: columns that are times of events; event_n of them */
	size_t event_n;
	size_t hidden_n;                 /* the last columns are found by name, but aren't in * (_metadata, years of a time) */
	bool *needed;                    /* one a column, set by optimize: union over all scans */
	const struct sp_table *table;    /* NULL: not there yet */
	int64_t row_n;                   /* about; -1: not known */
	void *owner;
};

/* ---- optimize.c ---- */
/* Pushes filters down, finds needed columns, folds constants, chooses build sides. Keeps output columns. Nonzero with err set: a constant
 * failed (ANSI). */
int sp_optimize(struct arena *a, const struct sp_context *cx, struct sp_plan **plan, struct sp_error *err) WARN_UNUSED;

/* ---- copy.c ---- */
/* A plan that may be optimized and run while the one it was made of stays as it is. */
struct sp_plan_copy {
	struct arena *a;
	void *self;
	/* What stands for a scan of the plan, in a. */
	struct sp_plan *(*scan)(void *self, const struct sp_plan *scan);
	/* Called for each call that was copied: a function of the session becomes the statement's own. NULL: none. */
	void (*call)(void *self, struct sp_expr *call);
	/* copy.c's own */
	struct sp_copied { const void *from; void *to; } *shared, *params;
	size_t shared_n, shared_cap, params_n, params_cap;
};
/* Shared parts and parameters are numbered anew, so plans of several analyses may lie in one. */
void sp_plan_copied(struct sp_plan_copy *c, const struct sp_plan *plan, struct sp_plan **out);
/* Calls f for each scan of a plan, also those in subqueries. What is shared comes as often as it is read. */
void sp_plan_scans(const struct sp_plan *plan, void (*f)(void *self, const struct sp_plan *scan), void *self);

/* ---- run.c ---- */
struct sp_rowset;
/* Opens a plan whose relations have their tables; gives its rows in batches. Close it in any case. Run's err says what failed. */
struct sp_rowset *sp_open(struct sp_run *r, const struct sp_plan *plan);
/* The next rows: 1; 0: none are left; -1: failed. *out lives until the next call. */
int sp_next(struct sp_rowset *x, struct sp_batch *out) WARN_UNUSED;
void sp_close(struct sp_rowset *x);
/* EXPLAIN's text: an indented tree. */
void sp_plan_text(struct buf *b, const struct sp_plan *plan);

#endif
