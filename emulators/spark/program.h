/* What eval.c (programs), eval_node.c and eval_branch.c (running them) share. Not for others. */
#ifndef TARN_SPARK_PROGRAM_H
#define TARN_SPARK_PROGRAM_H

#include "spark/function.h"

/* What a node has given for the entries of one dictionary: made for an entry when first a row has it. */
struct sp_memo {
	const void *p;          /* the dictionary */
	const uint8_t *null;
	size_t dict_n, done_n;
	uint8_t *done;
	struct sp_out out;      /* by entry */
	struct sp_memo *next;
};
enum { SP_NO_COLUMN = -1, SP_MANY_COLUMNS = -2 };
/* An expression of the program; equal ones are one node. */
struct sp_node {
	struct sp_call call;    /* first: a function gives it back for its lambdas */
	const struct sp_expr *e;
	struct sp_node **kids;
	size_t kid_n;
	uint64_t hash;
	bool constant;          /* one value an execution, made when first wanted */
	bool pure;              /* nothing volatile in it */
	bool safe;              /* can't fail, and is cheap enough to be made for rows that don't need it */
	ssize_t column;         /* the one it depends on, or SP_NO_COLUMN, SP_MANY_COLUMNS */
	bool known;             /* v is the constant */
	uint64_t stamp;         /* of the frame v is of */
	struct sp_vec v;
	struct sp_memo *memos;  /* last used first */
	struct sp_vec labels;   /* CASE of constant texts: they, as a dictionary */
	struct sp_node *chain;
};
/* The rows under evaluation: a batch, or some rows of an outer frame. */
struct sp_scope {
	struct sp_scope *up;
	const uint32_t *rows;      /* of up */
	size_t n;
	uint64_t stamp;
	const struct sp_batch *in; /* of the outermost; NULL: further in, or a dictionary's */
	const struct sp_vec *more; /* columns first..first+more_n-1: a lambda's parameters, a dictionary's entries */
	size_t first, more_n;
};
struct sp_program {
	struct sp_run *run;
	struct sp_node **roots;
	size_t root_n;
	struct sp_node **table;    /* by hash, for equal ones */
	size_t table_n, node_n;
	struct sp_node **with_state;
	size_t state_n, state_cap;
	uint64_t stamp;
	struct sp_scope *frame;    /* that of the call being made */
	struct arena own;
};

/* Node x over a frame. */
int sp_node_eval(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out) WARN_UNUSED;
/* Some rows of f as a frame. */
struct sp_scope sp_scope_of(struct sp_program *p, struct sp_scope *f, const uint32_t *rows, size_t n);
/* Rows of v's n that are true, to rows. */
size_t sp_true_rows(const struct sp_vec *v, size_t n, uint32_t *rows);

/* ---- eval_branch.c ---- */
int sp_node_logic(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out) WARN_UNUSED;
int sp_node_case(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out) WARN_UNUSED;
int sp_node_coalesce(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out) WARN_UNUSED;
int sp_node_filter(struct sp_program *p, struct sp_node *x, struct sp_scope *f, uint32_t *rows, size_t *n) WARN_UNUSED;
/* Row i of v to row rows[i] of o (rows NULL: i). */
void sp_scatter(struct sp_out *o, const struct sp_vec *v, const uint32_t *rows, size_t n);

#endif
