/* Errors as Spark words them: class, SQLSTATE, text, and which part of the statement is meant. */
#ifndef TARN_SPARK_ERROR_H
#define TARN_SPARK_ERROR_H

#include "core/err.h"

enum sp_error_kind {
	SP_E_PARSE,     /* ParseException */
	SP_E_ANALYSIS,  /* AnalysisException */
	SP_E_RUN,       /* SparkRuntimeException, ArithmeticException, NumberFormatException, DateTimeException ... */
	SP_E_LIMIT,     /* ours: memory, depth */
	SP_E_TIME,      /* ours: the time for a statement is over */
	SP_E_STORE,     /* ours: where the data lie can't be read */
	SP_E_STOPPED,   /* ours: cancelled */
	SP_E_UNSERVED,  /* ours: Spark has it, we don't; says so by name */
	SP_E_AGAIN,     /* not an error: the catalog wants something first */
};
struct sp_error {
	bool set;
	enum sp_error_kind kind;
	char class[96];       /* "UNRESOLVED_COLUMN.WITH_SUGGESTION"; empty: the old kind, without class */
	char state[6];        /* SQLSTATE; empty: none */
	const char *java;     /* class of the exception where it isn't the kind's, e.g. "java.lang.ArithmeticException"; NULL: the kind's */
	bool placed;          /* from and to say where */
	size_t from, to;      /* bytes of the statement's text, to: behind it */
	char *text;           /* owned; without "[CLASS] " */
};
/* Sets it, unless one is set already (the first is the cause); gives back 1. */
int sp_fail(struct sp_error *e, enum sp_error_kind kind, const char *class, const char *state, const char *fmt, ...) PRINTF_LIKE(5, 6);
void sp_fail_at(struct sp_error *e, size_t from, size_t to); /* unless it's placed already */
void sp_error_free(struct sp_error *e);
/* The whole message as Spark prints it: "[CLASS] text" and, by kind, "; line 1 pos 7", "\n(line 1, pos 9)\n\n== SQL ==\n...". sql: the
 * statement. */
void sp_error_message(struct buf *b, const struct sp_error *e, struct slice sql);

#endif
