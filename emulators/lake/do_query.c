/* Queries, and statements that look at one without running it. */
#include "engine/plan.h"
#include "lake/query.h"

static const struct sp_field explained[] = { { { "plan", 4 }, &sp_types[SP_STRING], false, { NULL, 0 }, { NULL, 0 } } };

static int explain(struct lake_query *q)
{
	struct buf text = { 0 };
	struct sp_value v = { 0 };
	if (!q->plan)
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "EXPLAIN of anything but a query isn't served here");
	if (sp_optimize(&q->arena, &q->cx, &q->plan, &q->err))
		return 1;
	buf_adds(&text, "== Physical Plan ==\n");
	sp_plan_text(&text, q->plan);
	buf_addc(&text, '\n');
	v.s = buf_slice(&text);
	lake_answer_head(q, explained, 1);
	lake_answer_row(q, explained, 1, &v);
	lake_answer_end(q);
	buf_free(&text);
	return 0;
}

static const struct sp_field described[] = {
	{ { "col_name", 8 }, &sp_types[SP_STRING], false, { NULL, 0 }, { NULL, 0 } },
	{ { "data_type", 9 }, &sp_types[SP_STRING], false, { NULL, 0 }, { NULL, 0 } },
	{ { "comment", 7 }, &sp_types[SP_STRING], true, { NULL, 0 }, { NULL, 0 } },
};

static int describe(struct lake_query *q)
{
	struct buf type = { 0 };
	lake_answer_head(q, described, ARRAY_LEN(described));
	for (size_t i = 0; i < q->plan->column_n; i++) {
		struct sp_value v[3] = { { .s = q->plan->columns[i].name }, { 0 }, { .null = true } };
		buf_reset(&type);
		sp_type_simple(&type, q->plan->columns[i].type);
		v[1].s = buf_slice(&type);
		lake_answer_row(q, described, ARRAY_LEN(described), v);
	}
	lake_answer_end(q);
	buf_free(&type);
	return 0;
}

const struct lake_doing lake_doings_query[] = {
	{ SP_STMT_QUERY, .analyses = true, .runs = true },
	{ SP_STMT_EXPLAIN, .analyses = true, .work = explain },
	{ SP_STMT_DESCRIBE_QUERY, .analyses = true, .work = describe },
	{ -1 },
};
