/* EXPLAIN: the tree in the manner of Spark's physical plans. */
#include "engine/join.h"

static void expr(struct buf *b, const struct sp_expr *e)
{
	if (!e)
		return;
	if (e->shown.p) {
		buf_addsl(b, e->shown);
		return;
	}
	switch (e->op) {
	case SP_COLUMN:
		buf_addf(b, "#%zu", e->column);
		return;
	case SP_CONST:
		buf_adds(b, e->value.null ? "null" : "literal");
		return;
	case SP_AND:
	case SP_OR:
		for (size_t i = 0; i < e->arg_n; i++) {
			buf_adds(b, i ? e->op == SP_AND ? " AND " : " OR " : "(");
			expr(b, e->args[i]);
		}
		buf_addc(b, ')');
		return;
	case SP_CAST:
		buf_adds(b, "cast(");
		expr(b, e->args[0]);
		buf_adds(b, " as ");
		sp_type_simple(b, e->type);
		buf_addc(b, ')');
		return;
	case SP_CALL:
		buf_adds(b, e->fn->name);
		break;
	case SP_CASE:
		buf_adds(b, "CASE");
		break;
	case SP_COALESCE:
		buf_adds(b, "coalesce");
		break;
	case SP_LAMBDA:
		buf_adds(b, "lambdafunction");
		break;
	case SP_SUBQUERY:
		buf_adds(b, "scalar-subquery");
		break;
	}
	buf_addc(b, '(');
	for (size_t i = 0; i < e->arg_n; i++) {
		buf_adds(b, i ? ", " : "");
		expr(b, e->args[i]);
	}
	buf_addc(b, ')');
}

static void exprs(struct buf *b, struct sp_expr *const *list, size_t n)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, i ? ", " : "");
		expr(b, list[i]);
	}
	buf_addc(b, ']');
}

static void orders(struct buf *b, const struct sp_order *order, size_t n)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, i ? ", " : "");
		expr(b, order[i].e);
		buf_adds(b, order[i].desc ? " DESC" : " ASC");
		buf_adds(b, order[i].nulls_last ? " NULLS LAST" : " NULLS FIRST");
	}
	buf_addc(b, ']');
}

static void names(struct buf *b, const struct sp_plan *p, const bool *needed)
{
	bool first = true;
	buf_addc(b, '[');
	for (size_t i = 0; i < p->column_n; i++) {
		if (needed && !needed[i])
			continue;
		buf_adds(b, first ? "" : ", ");
		buf_addsl(b, p->columns[i].name);
		first = false;
	}
	buf_addc(b, ']');
}

static void aggregate(struct buf *b, const struct sp_plan *p)
{
	buf_adds(b, "HashAggregate(keys=");
	exprs(b, p->groups, p->group_n);
	buf_adds(b, ", functions=[");
	for (size_t i = 0; i < p->aggregate_n; i++) {
		buf_adds(b, i ? ", " : "");
		expr(b, p->aggregates[i].call);
	}
	buf_adds(b, "])");
}

static void window(struct buf *b, const struct sp_plan *p)
{
	buf_adds(b, "Window [");
	for (size_t i = 0; i < p->window_n; i++) {
		buf_adds(b, i ? ", " : "");
		expr(b, p->windows[i].call);
	}
	buf_adds(b, "], ");
	exprs(b, p->partition, p->partition_n);
	buf_adds(b, ", ");
	orders(b, p->order, p->order_n);
}

static void join(struct buf *b, const struct sp_plan *p)
{
	static const char *const names_of[] = {
		[SP_J_INNER] = "Inner",         [SP_J_LEFT] = "LeftOuter",      [SP_J_RIGHT] = "RightOuter",  [SP_J_FULL] = "FullOuter",
		[SP_J_SEMI] = "LeftSemi",       [SP_J_ANTI] = "LeftAnti",       [SP_J_CROSS] = "Cross",       [SP_J_ANTI_NULL] = "LeftAnti, NullAware",
		[SP_J_EXISTS] = "ExistenceJoin", [SP_J_SINGLE] = "LeftSingle",
	};
	buf_addf(b, "%s %s", sp_join_hashes(p) ? "BroadcastHashJoin" : p->condition ? "BroadcastNestedLoopJoin" : "CartesianProduct", names_of[p->join]);
	buf_adds(b, p->build_left || p->join == SP_J_RIGHT ? ", BuildLeft" : ", BuildRight");
	if (p->condition) {
		buf_adds(b, ", ");
		expr(b, p->condition);
	}
}

static void line(struct buf *b, const struct sp_plan *p)
{
	switch (p->kind) {
	case SP_P_ROWS:
		buf_adds(b, p->column_n ? "LocalTableScan " : "Scan OneRowRelation");
		if (p->column_n)
			names(b, p, NULL);
		return;
	case SP_P_RANGE:
		buf_adds(b, "Range");
		return;
	case SP_P_SCAN:
		buf_addf(b, "FileScan %.*s", SL(p->relation->name));
		names(b, p, p->needed);
		if (p->pushed) {
			buf_adds(b, " PushedFilters: [");
			expr(b, p->pushed);
			buf_addc(b, ']');
		}
		return;
	case SP_P_FILTER:
		buf_adds(b, "Filter ");
		expr(b, p->condition);
		return;
	case SP_P_PROJECT:
		buf_adds(b, "Project ");
		exprs(b, p->exprs, p->expr_n);
		return;
	case SP_P_AGGREGATE:
		aggregate(b, p);
		return;
	case SP_P_WINDOW:
		window(b, p);
		return;
	case SP_P_JOIN:
		join(b, p);
		return;
	case SP_P_SORT:
		if (p->limit > 0)
			buf_addf(b, "TakeOrderedAndProject(limit=%lld, orderBy=", (long long)p->limit);
		else
			buf_adds(b, "Sort ");
		orders(b, p->order, p->order_n);
		buf_adds(b, p->limit > 0 ? ")" : ", true, 0");
		return;
	case SP_P_LIMIT:
		buf_addf(b, "GlobalLimit %lld, %lld", (long long)p->limit, (long long)p->offset);
		return;
	case SP_P_UNION:
		buf_adds(b, "Union");
		return;
	case SP_P_SETOP:
		buf_addf(b, "%s%s", p->except ? "Except" : "Intersect", p->all ? " All" : "");
		return;
	case SP_P_DISTINCT:
		buf_adds(b, "HashAggregate(keys=");
		names(b, p, NULL);
		buf_adds(b, ", functions=[])");
		return;
	case SP_P_EXPAND:
		buf_adds(b, "Expand ");
		names(b, p, NULL);
		return;
	case SP_P_GENERATE:
		buf_adds(b, "Generate ");
		expr(b, p->generator);
		buf_adds(b, p->outer ? ", true" : ", false");
		return;
	case SP_P_SAMPLE:
		buf_addf(b, "Sample %g, %g, false, %llu", p->fraction_from, p->fraction_from + p->fraction, (unsigned long long)p->seed);
		return;
	case SP_P_SHARED:
		buf_adds(b, "ReusedExchange ");
		names(b, p, NULL);
		return;
	case SP_P_APPLY:
		buf_adds(b, "LateralJoin");
		return;
	case SP_P_OUTER:
		buf_adds(b, "OuterReference");
		return;
	}
}

/* above: one char a level, whether a line goes on there. */
static void tree(struct buf *b, const struct sp_plan *p, struct buf *above, bool last)
{
	size_t n = above->n;
	if (n) {
		for (size_t i = 0; i + 1 < n; i++)
			buf_adds(b, above->p[i] == '1' ? "   " : ":  ");
		buf_adds(b, last ? "+- " : ":- ");
	}
	line(b, p);
	buf_addc(b, '\n');
	const struct sp_plan *shared = p->kind == SP_P_SHARED ? p->shared->plan : NULL;
	for (size_t i = 0; i < p->in_n || (shared && i < 1); i++) {
		bool end = shared || i + 1 == p->in_n;
		buf_addc(above, end ? '1' : '0');
		tree(b, shared ? shared : p->in[i], above, end);
		above->n--;
	}
}

void sp_plan_text(struct buf *b, const struct sp_plan *plan)
{
	struct buf above = { 0 };
	tree(b, plan, &above, true);
	buf_free(&above);
}
