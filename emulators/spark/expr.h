/* Typed expressions, what they are evaluated in, and evaluation (eval.c).
 *
 * Analysis makes them: every type is known, every implicit cast is there, every name is an index of an input column. */
#ifndef TARN_SPARK_EXPR_H
#define TARN_SPARK_EXPR_H

#include "spark/error.h"
#include "spark/vec.h"

/* What a session has set, and a statement sees unchanged. */
struct sp_zone; /* spark/time.h */
struct sp_context {
	bool ansi;                   /* spark.sql.ansi.enabled */
	const struct sp_zone *zone;  /* spark.sql.session.timeZone; NULL: UTC */
	int64_t now_us;              /* current_timestamp() of the statement */
	uint64_t seed;               /* of functions of chance without one */
	struct slice user, catalog, database;
	/* Value of a setting, absent: not set. NULL: none is. */
	struct slice (*conf)(void *self, const char *key);
	void *self;
};

/* An execution: one thread at a time. */
struct sp_expr;
struct sp_run {
	const struct sp_context *cx;
	struct arena *batch;     /* for what lives as long as the batch that is being made */
	struct arena *keep;      /* for what lives as long as the execution: states of groups, compiled patterns */
	struct sp_error err;
	const volatile bool *stop; /* its client has gone; may be NULL */
	int64_t end_us;          /* real time when it is cut; 0: never */
	size_t held, held_max;   /* bytes that operators and states hold, and may */
	uint64_t ticks;          /* work done since time and stop were looked at */
	/* Value of an SP_SUBQUERY, run once an execution; sp_open sets it. */
	int (*subquery)(struct sp_run *r, const struct sp_expr *e, struct sp_value *out);
	void *engine;            /* sp_open's */
};
/* Called about every so many rows: nonzero when the execution shall end, and err says why. */
int sp_run_check(struct sp_run *r, size_t rows);
/* Accounts for bytes held (negative: given up); nonzero: over the limit, and err says so. */
int sp_run_hold(struct sp_run *r, ssize_t bytes);
/* Whether a copy of a value may be made: arrays of one array many times are small until each has its own. Nonzero: not, and err says so. */
int sp_run_room(struct sp_run *r, const struct sp_type *t, const struct sp_value *v) WARN_UNUSED;

enum sp_op {
	SP_CONST,    /* value */
	SP_COLUMN,   /* input column `column` */
	SP_CALL,     /* fn of args */
	SP_CAST,     /* args[0] to type; see cast */
	SP_AND,
	SP_OR,       /* three-valued, of two args or more */
	SP_CASE,     /* args: condition, value, condition, value ... [, else]; only the branches taken are evaluated; IF and COALESCE as well */
	SP_COALESCE, /* first that isn't NULL */
	SP_LAMBDA,   /* args[0] with params more columns, from `column` on */
	SP_SUBQUERY, /* a scalar subquery: value once run; plan is its plan */
};
enum sp_cast_mode { SP_CAST_SESSION /* as sp_context.ansi says */, SP_CAST_TRY, SP_CAST_ANSI, SP_CAST_LEGACY };
struct sp_function;
struct sp_plan;
struct sp_expr {
	enum sp_op op;
	const struct sp_type *type;
	bool nullable;
	bool foldable;            /* no column, nothing that differs from call to call */
	const struct sp_function *fn;
	struct sp_expr **args;
	size_t arg_n;
	struct sp_value value;
	size_t column;
	size_t params;
	enum sp_cast_mode cast;
	bool implicit;            /* a cast that coercion put in: not shown in names */
	struct sp_plan *plan;     /* SP_SUBQUERY */
	void *given;              /* what fn's resolve hook left for its calls, in the statement's arena */
	size_t from, to;          /* bytes of the statement */
	struct slice shown;       /* as Spark prints it: "(a + 1)"; made by analysis */
};

/* What a function's code gets beside its arguments. */
struct sp_call {
	struct sp_run *run;
	const struct sp_expr *e;      /* the call: types of args, positions */
	const struct sp_batch *in;    /* the batch, for lambdas */
	void *state;                  /* of this call in this execution: fn->state_size bytes, zero at first, in run->keep */
	struct sp_program *program;   /* eval.c's */
};

/* ---- evaluation: eval.c ---- */
/* A list of expressions made ready for an execution. */
struct sp_program;
struct sp_program *sp_program_new(struct sp_run *r, struct sp_expr *const *exprs, size_t n);
void sp_program_free(struct sp_program *p);
/* Evaluates expression i over a batch; *out lives in run->batch or in the batch's own columns. Returns 0, or nonzero with run->err set. */
int sp_eval(struct sp_program *p, size_t i, const struct sp_batch *in, struct sp_vec *out) WARN_UNUSED;
/* All of them over one batch; what they share is made once. out has room for one vector each. */
int sp_eval_all(struct sp_program *p, const struct sp_batch *in, struct sp_vec *out) WARN_UNUSED;
/* A condition: writes the rows for which it is true (not NULL) to rows (room for in->n), *n of them. */
int sp_eval_filter(struct sp_program *p, size_t i, const struct sp_batch *in, uint32_t *rows, size_t *n) WARN_UNUSED;
/* The body of lambda e (an argument of call c) for n rows: outer columns are those of c->in picked by rows[], followed by params. */
int sp_eval_lambda(struct sp_call *c, const struct sp_expr *e, const uint32_t *rows, size_t n, const struct sp_vec *params,
		   struct sp_vec *out) WARN_UNUSED;
/* An expression that has no columns: its value, in a. */
int sp_eval_const(struct sp_run *r, const struct sp_expr *e, struct sp_value *out) WARN_UNUSED;

#endif
