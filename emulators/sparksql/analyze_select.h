/* One SELECT under way: analyze_select.c, analyze_group.c. */
#ifndef TARN_SPARKSQL_ANALYZE_SELECT_H
#define TARN_SPARKSQL_ANALYZE_SELECT_H

#include "sparksql/analysis.h"

struct sp_item {
	struct sp_expr *e;
	struct slice name;
	const struct sp_ex *ex; /* as written; of a star: the star */
	size_t id;
	bool star, aliased;
	bool aggregate;         /* an aggregate is in it */
	size_t level;           /* how many aliases deep it builds on others */
};
/* A generator in the list: its columns are items, it itself is put below them. */
struct sp_generated {
	struct sp_expr *call;
	struct sp_attr *attrs;
	size_t n;
};
struct sp_sel {
	struct sp_an *an;
	const struct sp_query *q;
	const struct sp_select *s;
	struct sp_source source;
	struct sp_env env;
	struct sp_lateral lateral;
	struct sp_item *items;
	size_t n, cap;
	struct sp_generated *generated;
	size_t generated_n, generated_cap;
	struct sp_attr *outs;   /* items as names after SELECT see them */
	struct sp_expr *having, *qualify;
	struct sp_order *order;
	size_t order_n;
	struct sp_node *node;   /* the plan so far */
};
/* Whether it groups: GROUP BY, HAVING or an aggregate. */
bool sp_sel_is_grouped(const struct sp_sel *x);
/* Puts the AGGREGATE into the plan; items, having, qualify and order read its output then. */
int sp_sel_group(struct sp_sel *x);
/* Names of items become their expressions. */
int sp_sel_inline(struct sp_sel *x, struct sp_expr **slot);

#endif
