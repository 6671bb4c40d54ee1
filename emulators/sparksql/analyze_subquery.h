/* Subqueries that read columns of the query around: analyze_subquery.c puts them into the plan, correlate.c takes their correlation out. */
#ifndef TARN_SPARKSQL_ANALYZE_SUBQUERY_H
#define TARN_SPARKSQL_ANALYZE_SUBQUERY_H

#include "sparksql/analysis.h"

/* What came out of a subquery: conditions between its columns and outer ones, which a join takes. */
struct sp_pulled {
	struct sp_an *an;
	const struct sp_sub *sub;
	struct sp_expr **preds;
	size_t n, cap;
	bool global;  /* over an aggregate without groups: no match is one row of an empty aggregate */
	bool exists;  /* only whether there are rows counts */
	bool failed;
};
bool sp_sub_reads_outer(const struct sp_sub *sub, struct sp_expr *e);
/* node without outer columns, p->preds what is to hold in their place. NULL: can't be said by a join. node itself stays as it was. */
struct sp_node *sp_sub_pull(struct sp_pulled *p, struct sp_node *node);
/* node as the inner plan of an APPLY: operators that read outer columns get them by a join with an OUTER. */
struct sp_node *sp_sub_with_outer(struct sp_an *an, const struct sp_sub *sub, const struct sp_expr *e, struct sp_params *params, struct sp_node *node);
/* Outer columns of an expression become what they are outside. */
void sp_sub_substitute(struct sp_an *an, const struct sp_sub *sub, const struct sp_expr *e, struct sp_expr **slot);
/* The value of a column of node when an aggregate without groups below has no rows: NULL: not known. */
struct sp_expr *sp_sub_empty(struct sp_an *an, const struct sp_node *node, size_t id);

#endif
