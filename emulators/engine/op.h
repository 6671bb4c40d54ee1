/* What the engine's operators share. Not for other rooms.
 *
 * An operator gives batches when asked (next). What it gives lives until it's asked again, at least. Who asks in a loop has an arena of
 * his own for what he is given (sp_op_pull); who hands on one batch for one (a projection) makes it in his asker's arena, run->batch. */
#ifndef TARN_ENGINE_OP_H
#define TARN_ENGINE_OP_H

#include "engine/plan.h"

struct sp_oper {
	int (*next)(struct sp_oper *o, struct sp_batch *out); /* 1: a batch of one row or more; 0: that was all; -1: failed */
	void (*close)(struct sp_oper *o);                     /* what it has beside below; NULL: nothing */
	struct sp_rowset *x;
	struct sp_run *run;
	const struct sp_plan *plan;
	struct sp_oper **in;
	struct arena arena;                                 /* of what is pulled */
};
/* An operator for a plan and those below. NULL: failed. */
struct sp_oper *sp_op_open(struct sp_rowset *x, const struct sp_plan *plan);
void sp_op_close(struct sp_oper *o); /* NULL is fine */
/* Next of input i, in o's own arena, which is emptied before. */
int sp_op_pull(struct sp_oper *o, size_t i, struct sp_batch *out) WARN_UNUSED;

/* Constructors; each allocates its state with sp_op in front and fills next and close. NULL: failed. */
struct sp_oper *sp_op_rows(const struct sp_plan *plan);
struct sp_oper *sp_op_range(const struct sp_plan *plan);
struct sp_oper *sp_op_scan(const struct sp_plan *plan);
struct sp_oper *sp_op_filter(const struct sp_plan *plan);
struct sp_oper *sp_op_project(const struct sp_plan *plan);
struct sp_oper *sp_op_aggregate(const struct sp_plan *plan);
struct sp_oper *sp_op_window(const struct sp_plan *plan);
struct sp_oper *sp_op_join(const struct sp_plan *plan);
struct sp_oper *sp_op_sort(const struct sp_plan *plan);
struct sp_oper *sp_op_limit(const struct sp_plan *plan);
struct sp_oper *sp_op_union(const struct sp_plan *plan);
struct sp_oper *sp_op_setop(const struct sp_plan *plan);
struct sp_oper *sp_op_distinct(const struct sp_plan *plan);
struct sp_oper *sp_op_expand(const struct sp_plan *plan);
struct sp_oper *sp_op_generate(const struct sp_plan *plan);
struct sp_oper *sp_op_sample(const struct sp_plan *plan);
struct sp_oper *sp_op_shared(const struct sp_plan *plan);
struct sp_oper *sp_op_apply(const struct sp_plan *plan);
struct sp_oper *sp_op_outer(const struct sp_plan *plan);

/* Rows of a batch chosen by number; columns that had one list of codes have one again. */
void sp_batch_pick(struct arena *a, const struct sp_batch *in, const uint32_t *rows, size_t n, struct sp_batch *out);
/* A column of NULLs. */
struct sp_vec sp_vec_nulls(const struct sp_type *type, size_t n);

/* ---- store.c: rows kept ---- */
struct sp_column;
struct sp_store {
	struct sp_run *run;
	size_t n, cap, column_n;
	struct sp_column *columns;
	struct arena own;      /* texts and lists */
	size_t held;           /* what run has been told */
};
void sp_store_init(struct sp_store *s, struct sp_run *r, size_t column_n);
void sp_store_free(struct sp_store *s);
/* All has been given: values stay where others may point to them, the columns' own memory goes. Nothing can be done with it but free. */
void sp_store_done(struct sp_store *s);
/* Appends rows[0..n-1] of b (rows NULL: the first n). Values are copied unless they're lasting. */
int sp_store_add(struct sp_store *s, const struct sp_batch *b, const uint32_t *rows, size_t n) WARN_UNUSED;
int sp_store_all(struct sp_store *s, struct sp_oper *o, size_t i) WARN_UNUSED; /* all that input i of o gives */
/* A row of NULLs behind the last one, number s->n. Nothing can be added afterwards. */
void sp_store_null_row(struct sp_store *s);
/* Column i as a whole (s->n rows), without copying; stays as it is until rows are added. */
struct sp_vec sp_store_column(const struct sp_store *s, size_t i);
/* Rows from..from+n-1, or those of a list, which must live as long. Columns in a. */
void sp_store_part(const struct sp_store *s, size_t from, size_t n, struct arena *a, struct sp_batch *out);
void sp_store_pick(const struct sp_store *s, const uint32_t *rows, size_t n, struct arena *a, struct sp_batch *out);

/* ---- keys.c: different keys, numbered as they come ---- */
enum { SP_NO_KEY = UINT32_MAX };
struct sp_keys;
/* Of n columns. null_safe: one a column, false: a row with NULL there has no key; NULL: all true. */
struct sp_keys *sp_keys_new(struct sp_run *r, const struct sp_type *const *types, const bool *null_safe, size_t n);
void sp_keys_free(struct sp_keys *k);
/* Numbers of n rows' keys (at most SP_BATCH). add: new ones are numbered on; else they're SP_NO_KEY. */
int sp_keys_find(struct sp_keys *k, const struct sp_vec *columns, size_t n, bool add, uint32_t *ids) WARN_UNUSED;
size_t sp_keys_count(const struct sp_keys *k);

/* ---- order.c ---- */
/* An order of rows 0..n-1 of keys, stable: rows gets their numbers. keys are columns of n rows. */
struct sp_sort_key {
	struct sp_vec v;
	bool desc, nulls_last;
};
int sp_sort(struct sp_run *r, const struct sp_sort_key *keys, size_t key_n, size_t n, uint32_t *rows) WARN_UNUSED;
/* The same, and where in that order keys change, by position (zeros at first; n + 1 of them, the last as if the prefix changed). */
enum { SP_KEY_CHANGES = 1, SP_PREFIX_CHANGES = 2 }; /* one of the first `prefix` keys, or only one behind them */
int sp_sort_divided(struct sp_run *r, const struct sp_sort_key *keys, size_t key_n, size_t prefix, size_t n, uint32_t *rows, uint8_t *begins)
	WARN_UNUSED;
/* Whether rows x and y are equal in keys. */
bool sp_sort_equal(const struct sp_sort_key *keys, size_t key_n, uint32_t x, uint32_t y);

/* ---- exprs.c ---- */
/* The parts of an AND, or e alone; appended to *list. */
void sp_conjuncts(struct arena *a, struct sp_expr *e, struct sp_expr ***list, size_t *n, size_t *cap);
struct sp_expr *sp_conjunction(struct arena *a, struct sp_expr *const *list, size_t n); /* NULL for none */
/* A copy whose columns are counted delta further (also lambdas'). */
struct sp_expr *sp_expr_shift(struct arena *a, const struct sp_expr *e, ptrdiff_t delta);
/* Calls fn with each column read; lambdas' own parameters aren't. */
void sp_expr_columns(const struct sp_expr *e, void (*fn)(void *arg, size_t column), void *arg);
bool sp_expr_within(const struct sp_expr *e, size_t from, size_t to); /* reads columns from..to-1 only */
bool sp_expr_volatile(const struct sp_expr *e);
/* A copy in which column i is exprs[i]; NULL if there is none for a column that is read. */
struct sp_expr *sp_expr_replace(struct arena *a, struct sp_expr *e, struct sp_expr *const *exprs, size_t n);
/* Whether it may be evaluated for rows that wouldn't have come to it: it can't raise an error there. */
bool sp_expr_harmless(const struct sp_expr *e, const struct sp_context *cx);

/* ---- run.c ---- */
struct sp_rowset {
	struct sp_run *run;
	struct sp_oper *root;
	struct arena own, batch;
	struct sp_cte *ctes;
	struct sp_answer *answers;   /* of subqueries */
	struct sp_outer_row *outers; /* what APPLYs have set */
	struct sp_rowset *before;    /* run->engine of an execution around this one */
	int (*subquery_before)(struct sp_run *, const struct sp_expr *, struct sp_value *);
	struct arena *batch_before;
	struct sp_oper **kept;         /* operators that are through, but what they hold is pointed to */
	size_t kept_n, kept_cap;
};
void sp_op_keep(struct sp_rowset *x, struct sp_oper *o);
struct sp_outer_row {
	const struct sp_params *params;
	struct sp_batch row; /* of one row, params->n columns */
	struct sp_outer_row *next;
};
struct sp_outer_row *sp_outer_of(struct sp_rowset *x, const struct sp_params *params);
/* The rows of a CTE, made when first asked for. NULL: failed. */
struct sp_store *sp_shared_rows(struct sp_rowset *x, struct sp_shared *shared);

#endif
