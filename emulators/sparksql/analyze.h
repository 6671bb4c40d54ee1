/* Analysis: the tree of a query -> a plan whose names are resolved, whose types are known, and with all implicit casts in it.
 *   analysis.h            what the files below share
 *   analyze_query.c       queries, WITH, set operations, ORDER BY, LIMIT     analyze_select.c  one SELECT
 *   analyze_group.c       GROUP BY and aggregates                            analyze_window.c  OVER
 *   analyze_rel.c         tables, views, VALUES, table functions             analyze_join.c    joins
 *   analyze_subquery.c    subqueries to joins                                analyze_expr.c    expressions
 *   call.c  calls of functions     form.c  those that aren't in a table     signature.c  their arguments
 *   coerce.c  implicit casts     operator.c  operators' types     correlate.c  subqueries without correlation     time_window.c  window()
 *   resolve.c  names     shown.c  names of columns     bind.c  ids of columns -> indexes
 * Types, coercion, names and errors are Spark 3.5's. */
#ifndef TARN_SPARKSQL_ANALYZE_H
#define TARN_SPARKSQL_ANALYZE_H

#include "sparksql/ast.h"
#include "sparksql/catalog.h"

/* A value for :name or ?. */
struct sp_parameter {
	struct slice name; /* absent: one of the `?`s, by position */
	const struct sp_type *type;
	struct sp_value value;
};
struct sp_analysis {
	struct arena *arena;              /* plan, expressions and texts lie here */
	const struct sp_context *cx;
	const struct sp_catalog *catalog; /* NULL: there are no tables */
	const struct sp_parameter *parameters;
	size_t parameter_n;
	struct sp_error *err;
};
/* Makes the plan of a query. Nonzero: err says why; SP_E_AGAIN: the catalog is looking up a table, come again when it has it. */
int sp_analyze(const struct sp_analysis *x, const struct sp_query *q, struct sp_plan **plan) WARN_UNUSED;
/* The same of a query whose plan is kept: what is known of its columns, which go on being themselves where a later query finds them. Those
 * that are new have no uid; of two that are the same column the second has none. */
int sp_analyze_known(const struct sp_analysis *x, const struct sp_query *q, struct sp_plan **plan, struct sp_known **known) WARN_UNUSED;
/* Columns that an expression may name: those of a table, by `table.column` too. */
struct sp_given {
	struct slice table; /* absent: columns have no table */
	const struct sp_field *fields;
	size_t field_n;
};
/* An expression over the columns of tables, numbered through from the first's first. No subqueries, aggregates or windows. */
int sp_analyze_expr(const struct sp_analysis *x, const struct sp_given *tables, size_t table_n, const struct sp_ex *ex, struct sp_expr **out)
	WARN_UNUSED;
/* The same for a condition: a BOOLEAN. clause is how errors call it ("DELETE"). */
int sp_analyze_condition(const struct sp_analysis *x, const struct sp_given *tables, size_t table_n, const struct sp_ex *ex, const char *clause,
			 struct sp_expr **out) WARN_UNUSED;

/* The function of the session that a call calls; NULL: it's none. */
const struct sp_udf *sp_udf_of(const struct sp_expr *e);
/* UNRESOLVED_COLUMN for a name that none of the fields has, with those that are nearest; for statements that aren't queries. Gives 1. */
int sp_unresolved_column(struct arena *a, const struct sp_name *name, const struct sp_field *fields, size_t n, struct sp_error *err);

#endif
