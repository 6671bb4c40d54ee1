/* Texts of Spark SQL to the tree of ast.h, with Spark 3.5's parse errors (SP_E_PARSE).
 *   parse.c        entries, errors, names       parse_ex.c      operators, predicates
 *   parse_term.c   names, parentheses           parse_call.c   calls and forms like CAST
 *   parse_literal.c, parse_interval.c           constants
 *   parse_query.c  queries                      parse_rel.c     FROM
 *   parse_stmt.c   which statement it is        parse_table.c  CREATE, DROP            parse_alter.c ALTER
 *   parse_dml.c    INSERT, UPDATE, MERGE        parse_look.c   SHOW, DESCRIBE, SET
 *
 * Nothing is reserved: a keyword is the name of a column wherever it can't mean what it says, decided by looking ahead, as ANTLR does
 * for Spark. A text is at most SP_SQL_MAX bytes. */
#ifndef TARN_SPARKSQL_PARSE_H
#define TARN_SPARKSQL_PARSE_H

#include "spark/error.h"
#include "spark/expr.h"
#include "sparksql/ast.h"

enum { SP_SQL_MAX = 64 << 20 };

/* Replaces ${key} in the text by the context's settings (${hivevar:key} and the like too); then it is in the arena. Nonzero: too long. */
int sp_substitute(struct arena *a, struct slice *text, const struct sp_context *cx, struct sp_error *err) WARN_UNUSED;

/* One statement, with or without `;` behind it. sql has to live as long as the tree. Nonzero: err is set, placed by bytes of sql. */
int sp_parse(struct arena *a, struct slice sql, struct sp_stmt **out, struct sp_error *err) WARN_UNUSED;
/* An expression with or without an alias, as selectExpr and expr() take it. */
int sp_parse_expression(struct arena *a, struct slice sql, struct sp_ex **out, struct sp_error *err) WARN_UNUSED;
/* `a.b.c`, as spark.table() takes it. */
int sp_parse_name(struct arena *a, struct slice sql, struct sp_name *out, struct sp_error *err) WARN_UNUSED;

#endif
