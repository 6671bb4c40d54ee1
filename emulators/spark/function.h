/* What a function is: a row in one of the tables of functions/. Signature, null rule, code and documentation are in it.
 *
 * .args says what it takes, words apart by blanks, one an argument:
 *   int bigint double string binary boolean date timestamp interval      cast to that if need be (Spark's implicit casts, ANSI off or on)
 *   numeric integral fractional decimal atomic orderable any             any type of that family stays as it is (text given for numeric: double)
 *   T                                                                    all T become their common type (U: another such)
 *   [T] [any] [string]  {K:V}  <>                                        an array, a map, a struct of any fields
 *   f1 f2 f3                                                             a lambda of so many parameters (then .lambda gives their types)
 *   T|U alternatives  (binary|string: whichever it is, else the first by cast)
 *   ? behind a word: may be left out     * behind the last word: any number, also none     + : one or more
 *   !  behind a word: must be a constant (foldable), else DATATYPE_MISMATCH.NON_FOLDABLE_INPUT
 * .type says what it gives: a type's name ("int", "array<string>"), T, [T], =1 (type of the first argument), or NULL with .resolve.
 *
 * Operators (SP_F_LISTED_AS_OPERATOR) have neither: analysis casts their arguments and says the type (sparksql/operator.c). Numbers:
 * + - * / div % negative & | ^ ~. Texts: like ilike rlike (value, pattern, escape). "." has the index of the field in .given (+ 1; of a
 * struct or of each element of an array of structs). What + - * / are over times has names of its own (all SP_F_HIDDEN):
 *   $time_add $time_sub (TIMESTAMP or _NTZ, any interval) -> the same     $date_add $date_sub (DATE, INTERVAL_YM or INTERVAL) -> DATE
 *   $time_diff (TIMESTAMP or _NTZ, twice) -> INTERVAL_DT                  $date_diff (DATE, DATE) -> INTERVAL_DT of days
 *   $interval_add $interval_sub (two of a kind, any of the three)         $interval_neg (any) ; $interval_abs
 *   $interval_mul $interval_div (any interval, an integral, decimal or double) -> the interval
 *   $interval_days (INTERVAL_DT) -> INT; a DATE and whole days are date_add(DATE, INT), date_sub(DATE, INT) */
#ifndef TARN_SPARK_FUNCTION_H
#define TARN_SPARK_FUNCTION_H

#include "spark/expr.h"

enum sp_function_flags {
	SP_F_NULLS = 1,     /* called for NULL arguments too; else a NULL argument makes NULL */
	SP_F_MAYBE = 2,     /* may give NULL though no argument is NULL (nullability of the result) */
	SP_F_NEVER_NULL = 4,
	SP_F_VOLATILE = 8,  /* differs from call to call: not folded, not made once a dictionary entry */
	SP_F_STATEMENT = 16, /* one value a statement (current_date): folded */
	SP_F_NO_PARENS = 32, /* may be written without parentheses */
	SP_F_LISTED_AS_OPERATOR = 64, /* "+", "<=>": not called by name */
	SP_F_ALIAS = 128,   /* another name of the row before it: not counted */
	SP_F_HIDDEN = 256,  /* made by analysis, not to be written by users */
};

/* For a resolve hook: checks args and gives the type, or NULL with err set. It may put casts around args and set e->given. */
struct sp_resolve {
	struct arena *arena;
	const struct sp_context *cx;
	struct sp_expr *e;        /* fn, args and arg_n are there */
	struct sp_error *err;
};
/* Puts an implicit cast around argument i if it has another type. sparksql/coerce.c. Nonzero: no such implicit cast, err says so. */
int sp_resolve_cast(struct sp_resolve *x, size_t i, const struct sp_type *to) WARN_UNUSED;
/* The common type of args from..to-1, to which they are cast; NULL: none, err says so (DATA_DIFF_TYPES). */
const struct sp_type *sp_resolve_common(struct sp_resolve *x, size_t from, size_t to);
/* Value of a foldable argument. Nonzero: it isn't foldable, or failed; err says so. */
int sp_resolve_const(struct sp_resolve *x, size_t i, struct sp_value *out) WARN_UNUSED;
/* "Cannot resolve \"f(a)\" due to data type mismatch: ..." with DATATYPE_MISMATCH.sub. */
struct slice sp_resolve_shown(struct sp_resolve *x, size_t i); /* argument i as names of columns and errors show it */
int sp_resolve_mismatch(struct sp_resolve *x, const char *sub, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* An expression as names of columns and errors show it, in a: "(a + 1)". A hook may set e->shown, where a call shows otherwise than
 * name(args). sparksql/shown.c. */
struct slice sp_expr_shown(struct arena *a, const struct sp_expr *e);

struct sp_aggregate {
	size_t size;     /* bytes of a group's state, zero at first, aligned for any type */
	/* Adds n rows: row r of args to the state at states[r]. Rows with NULL are for it to skip. */
	int (*add)(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states);
	/* Instead of add, a row at a time; not called where an argument is NULL unless the function has SP_F_NULLS. */
	int (*add_row)(struct sp_call *c, const struct sp_value *args, void *state);
	/* Takes a row out again, for windows that move; NULL: frames are computed anew. */
	int (*remove_row)(struct sp_call *c, const struct sp_value *args, void *state);
	/* The value of a state; the state stays usable (windows ask again). *out may point into the state or run->batch. */
	int (*final)(struct sp_call *c, void *state, struct sp_value *out);
	void (*free)(void *state); /* what isn't in run->keep; NULL: nothing */
	bool ordered;              /* depends on the order of rows (first, collect_list) */
};

/* Rows of a generator, appended one after another. */
struct sp_rows {
	struct arena *arena;
	size_t column_n, n, cap;
	struct sp_value *values; /* n * column_n */
};
struct sp_value *sp_rows_add(struct sp_rows *rows); /* column_n values, all NULL, to be filled */

/* Windows' own functions: engine/window.c knows them by this. */
enum sp_window_kind { SP_W_NONE, SP_W_ROW_NUMBER, SP_W_RANK, SP_W_DENSE_RANK, SP_W_PERCENT_RANK, SP_W_CUME_DIST, SP_W_NTILE, SP_W_LAG,
		      SP_W_LEAD, SP_W_NTH, SP_W_FIRST, SP_W_LAST };

struct sp_function {
	const char *name;     /* lower case */
	const char *args, *type;
	unsigned flags;
	/* Row by row: *out is not NULL at first; pointers may lead into args, run->batch or run->keep. */
	int (*row)(struct sp_call *c, const struct sp_value *args, struct sp_value *out);
	/* A batch at once, for what must be fast; handles NULLs, constants and codes itself. Used instead of row where it is there. */
	int (*vec)(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out);
	const struct sp_type *(*resolve)(struct sp_resolve *x);
	/* Types of a lambda's parameters, once the arguments before it are known: writes e->args[i]'s param types, returns how many. */
	int (*lambda)(struct sp_resolve *x, size_t i, const struct sp_type **types, bool *nullable);
	const struct sp_aggregate *aggregate; /* an aggregate function */
	enum sp_window_kind window;
	/* A generator (explode ...): type is the STRUCT of its columns. */
	int (*generate)(struct sp_call *c, const struct sp_value *args, struct sp_rows *out);
	size_t state_size;
	void (*state_free)(void *state); /* at the end of the execution; NULL: nothing to do */
	const char *defaults; /* literals for the arguments marked ?, in order, apart by commas, texts in quotes ("2147483647", "',',':'", "'X',NULL"):
			       * what is left out at the end gets its one, and it shows in names */
	const char *shown;    /* the name in names of columns when it isn't name ("POWER"); NULL: name */
	const char *doc;      /* usage and one sentence, in words of ours: "substr(text, from[, length]): ..." */
	const char *group;    /* "string_funcs" ..., as DESCRIBE FUNCTION groups */
};

/* A table: rows up to one with name NULL. */
struct sp_function_table {
	const struct sp_function *rows;
};
/* functions/table.c: a function by its name in either case; NULL: none. */
const struct sp_function *sp_function_find(struct slice name);
/* All of them in order of names, for SHOW FUNCTIONS and help; *n: how many. */
const struct sp_function *const *sp_functions_all(size_t *n);

/* A function of a session, run by someone else (Python), in batches. */
struct sp_udf {
	struct slice name;
	const struct sp_type *type;
	/* args: n rows each; fills out (a vector of n rows in run->batch). */
	int (*call)(void *self, struct sp_call *c, const struct sp_vec *args, size_t arg_n, size_t n, struct sp_vec *out);
	void *self;
};

#endif
