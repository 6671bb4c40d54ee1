/* Windows over hand-made plans: ranks, neighbours, frames; and plans before and after sp_optimize. */
#include "engine/op.h"
#include "plans.h"

#define IS(plan, text) ck_assert_str_eq(p_run(plan), text)

static struct sp_plan *rows(void)
{
	return p_table("g:coded k:int v:int", "a 1 10|b 2 5|a 2 20|a 2 30|b 9 NULL|NULL 4 7|a 5 NULL");
}

/* One function over (PARTITION BY g ORDER BY k), and the columns k and it. */
static struct sp_plan *over(struct sp_plan *t, struct sp_expr *call, struct sp_frame frame, bool ignore_nulls, bool partitioned)
{
	struct sp_plan *w = p_new(SP_P_WINDOW, 1, t);
	struct sp_field made = { .name = S("w"), .type = call->type, .nullable = true };
	struct sp_windowed *f = arena_alloc(&pa, sizeof(*f));
	*f = (struct sp_windowed){ .call = call, .frame = frame, .ignore_nulls = ignore_nulls };
	w->partition = arena_alloc(&pa, sizeof(struct sp_expr *));
	w->partition[0] = x_col(t, 0);
	w->partition_n = partitioned;
	w->order = p_orders(1, x_col(t, 1), "asc");
	w->order_n = 1;
	w->windows = f;
	w->window_n = 1;
	p_columns(w, t->columns, t->column_n, &made, 1);
	return p_project(w, 2, x_col(w, 1), x_col(w, t->column_n));
}

static struct sp_frame frame(enum sp_frame_unit unit, enum sp_bound_kind from, int64_t a, enum sp_bound_kind to, int64_t b)
{
	struct sp_frame f = { .unit = unit };
	f.from.kind = from;
	f.from.by = from == SP_B_PRECEDING || from == SP_B_FOLLOWING ? x_int(a) : NULL;
	f.to.kind = to;
	f.to.by = to == SP_B_PRECEDING || to == SP_B_FOLLOWING ? x_int(b) : NULL;
	return f;
}

START_TEST(ranks_and_neighbours)
{
	struct sp_plan *t = rows();
	struct sp_frame all = frame(SP_ROWS, SP_B_UNBOUNDED_PRECEDING, 0, SP_B_CURRENT, 0);
	IS(over(t, x_call("row_number", SP_INT, 0), all, false, true), "4 1|1 1|2 2|2 3|5 4|2 1|9 2");
	IS(over(t, x_call("rank", SP_INT, 0), all, false, true), "4 1|1 1|2 2|2 2|5 4|2 1|9 2");
	IS(over(t, x_call("dense_rank", SP_INT, 0), all, false, true), "4 1|1 1|2 2|2 2|5 3|2 1|9 2");
	IS(over(t, x_call("dense_rank", SP_INT, 0), all, false, false), "1 1|2 2|2 2|2 2|4 3|5 4|9 5");
	IS(over(t, x_call("cume_dist", SP_DOUBLE, 0), all, false, true), "4 1.0|1 0.25|2 0.75|2 0.75|5 1.0|2 0.5|9 1.0");
	IS(over(t, x_call("lag", SP_INT, 3, x_col(t, 2), x_int(1), x_int(-1)), all, false, true), "4 -1|1 -1|2 10|2 20|5 30|2 -1|9 5");
	IS(over(t, x_call("lead", SP_INT, 2, x_col(t, 2), x_int(2)), all, false, true), "4 NULL|1 30|2 NULL|2 NULL|5 NULL|2 NULL|9 NULL");
	IS(over(t, x_call("ntile", SP_INT, 1, x_int(3)), all, false, true), "4 1|1 1|2 1|2 2|5 3|2 1|9 2");
}
END_TEST

START_TEST(frames)
{
	struct sp_plan *t = rows();
	struct sp_expr *sum = x_call("sum", SP_BIGINT, 1, x_col(t, 2)), *most = x_call("max", SP_INT, 1, x_col(t, 2));
	IS(over(t, sum, frame(SP_ROWS, SP_B_UNBOUNDED_PRECEDING, 0, SP_B_CURRENT, 0), false, true), "4 7|1 10|2 30|2 60|5 60|2 5|9 5");
	IS(over(t, sum, frame(SP_RANGE, SP_B_UNBOUNDED_PRECEDING, 0, SP_B_CURRENT, 0), false, true), "4 7|1 10|2 60|2 60|5 60|2 5|9 5");
	IS(over(t, sum, frame(SP_ROWS, SP_B_PRECEDING, 1, SP_B_FOLLOWING, 1), false, true), "4 7|1 30|2 60|2 50|5 30|2 5|9 5");
	IS(over(t, most, frame(SP_ROWS, SP_B_PRECEDING, 1, SP_B_CURRENT, 0), false, true), "4 7|1 10|2 20|2 30|5 30|2 5|9 5");
	IS(over(t, sum, frame(SP_RANGE, SP_B_PRECEDING, 1, SP_B_FOLLOWING, 1), false, false), "1 65|2 65|2 65|2 65|4 7|5 7|9 NULL");
	IS(over(t, sum, frame(SP_ROWS, SP_B_FOLLOWING, 2, SP_B_FOLLOWING, 3), false, true), "4 NULL|1 30|2 NULL|2 NULL|5 NULL|2 NULL|9 NULL");
	IS(over(t, sum, frame(SP_ROWS, SP_B_UNBOUNDED_PRECEDING, 0, SP_B_UNBOUNDED_FOLLOWING, 0), false, true), "4 7|1 60|2 60|2 60|5 60|2 5|9 5");
	IS(over(t, x_call("last", SP_INT, 1, x_col(t, 2)), frame(SP_ROWS, SP_B_UNBOUNDED_PRECEDING, 0, SP_B_UNBOUNDED_FOLLOWING, 0), true, true),
	   "4 7|1 30|2 30|2 30|5 30|2 5|9 5");
}
END_TEST

START_TEST(many_partitions)
{
	struct sp_plan *r = p_new(SP_P_RANGE, 0);
	struct sp_field id = { .name = S("id"), .type = &sp_types[SP_BIGINT] };
	p_columns(r, NULL, 0, &id, 1);
	r->end = x_big(50000);
	struct sp_plan *t = p_project(r, 2, x_call("%", SP_BIGINT, 2, x_col(r, 0), x_big(9973)), x_col(r, 0));
	struct sp_plan *w = over(t, x_call("row_number", SP_INT, 0), frame(SP_ROWS, SP_B_UNBOUNDED_PRECEDING, 0, SP_B_CURRENT, 0), false, true);
	struct sp_aggregation *a = arena_alloc(&pa, 2 * sizeof(*a));
	a[0].call = x_call("sum", SP_BIGINT, 1, x_col(w, 1));
	a[1].call = x_call("max", SP_INT, 1, x_col(w, 1));
	IS(p_group(w, 0, NULL, 2, a), "150405 6");
}
END_TEST

/* ---- optimize ---- */

static struct sp_plan *optimized(struct sp_plan *p)
{
	ck_assert(!sp_optimize(&pa, &cx, &p, &run.err));
	return p;
}

static const char *tree(const struct sp_plan *p)
{
	static char text[2048];
	struct buf b = { 0 };
	sp_plan_text(&b, p);
	snprintf(text, sizeof(text), "%s", buf_cstr(&b));
	buf_free(&b);
	return text;
}

START_TEST(conditions_go_down)
{
	struct sp_plan *l = p_table("a:int b:int c:string", "1 2 x|3 4 y|5 6 z"), *r = p_table("d:int e:int", "1 9|3 8|7 7");
	struct sp_plan *j = p_join(SP_J_CROSS, l, r, NULL);
	struct sp_plan *f = p_filter(j, x_and(x_is("=", x_col(j, 0), x_col(j, 3)), x_and(x_is(">", x_col(j, 1), x_int(2)), x_is("<", x_col(j, 4), x_int(9)))));
	struct sp_plan *p = optimized(p_project(f, 1, x_col(f, 2)));
	ck_assert_ptr_nonnull(strstr(tree(p), "BroadcastHashJoin Inner"));
	ck_assert_int_eq(p->in[0]->kind, SP_P_JOIN);
	ck_assert_int_eq(p->in[0]->in[0]->kind, SP_P_FILTER);
	ck_assert_int_eq(p->in[0]->in[1]->kind, SP_P_FILTER);
	ck_assert_ptr_nonnull(l->pushed);
	ck_assert(l->needed[0] && l->needed[1] && l->needed[2] && r->needed[0] && r->needed[1]);
	IS(p, "y");
}
END_TEST

START_TEST(outer_joins_keep_their_rows)
{
	struct sp_plan *l = p_table("a:int b:int", "1 2|3 4|5 6"), *r = p_table("d:int e:int", "1 9|3 8|7 7");
	struct sp_expr *on = x_and(x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 2)), x_and(x_is("<", x_at(SP_INT, 3), x_int(9)), x_is(">", x_at(SP_INT, 1), x_int(2))));
	IS(optimized(p_join(SP_J_LEFT, l, r, on)), "1 2 NULL NULL|3 4 3 8|5 6 NULL NULL");
	IS(optimized(p_join(SP_J_RIGHT, l, r, on)), "NULL NULL 1 9|3 4 3 8|NULL NULL 7 7");
	struct sp_plan *j = p_join(SP_J_LEFT, l, r, x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 2)));
	IS(optimized(p_filter(j, x_call("isnull", SP_BOOLEAN, 1, x_col(j, 3)))), "5 6 NULL NULL");
	j = p_join(SP_J_LEFT, l, r, x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 2)));
	struct sp_plan *f = optimized(p_filter(j, x_is(">", x_col(j, 3), x_int(8))));
	ck_assert_int_eq(j->join, SP_J_INNER);
	IS(f, "1 2 1 9");
}
END_TEST

START_TEST(what_may_fail_stays)
{
	struct sp_plan *l = p_table("a:int b:int", "1 0|3 1"), *r = p_table("d:int", "3");
	struct sp_plan *j = p_join(SP_J_INNER, l, r, x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 2)));
	struct sp_expr *share = x_call("div", SP_BIGINT, 2, x_col(j, 0), x_col(j, 1));
	cx.ansi = true;
	struct sp_plan *f = optimized(p_filter(j, x_is(">", share, x_big(2))));
	ck_assert_int_eq(f->kind, SP_P_FILTER);
	IS(f, "3 1 3");
}
END_TEST

START_TEST(unread_columns_are_not_made)
{
	struct sp_plan *t = p_table("a:int b:int c:string", "1 2 x|3 4 y");
	struct sp_plan *inner = p_project(t, 3, x_col(t, 0), x_call("+", SP_INT, 2, x_col(t, 1), x_int(1)), x_col(t, 2));
	struct sp_plan *p = optimized(p_project(inner, 1, x_col(inner, 0)));
	ck_assert(t->needed[0] && !t->needed[1] && !t->needed[2]);
	ck_assert(t->relation->needed[0] && !t->relation->needed[2]);
	IS(p, "1|3");
}
END_TEST

START_TEST(a_limit_makes_a_sort_short)
{
	struct sp_plan *t = p_table("a:int", "3|1|2|9|7"), *s = p_sort(t, 1, p_orders(1, x_col(t, 0), "desc")), *l = p_new(SP_P_LIMIT, 1, p_project(s, 1, x_col(s, 0)));
	l->limit = 2;
	l->offset = 1;
	struct sp_plan *p = optimized(l);
	ck_assert_int_eq(s->limit, 3);
	IS(p, "7|3");
}
END_TEST

START_TEST(long_chains_are_cheap)
{
	struct sp_plan *p = p_table("a:int b:string", "1 x|2 y");
	for (int i = 0; i < 400; i++)
		p = p_project(p, 2, x_call("+", SP_INT, 2, x_col(p, 0), x_int(1)), x_col(p, 1));
	IS(optimized(p), "401 x|402 y");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("windows");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, plans_open, plans_close);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, ranks_and_neighbours);
	tcase_add_test(t, frames);
	tcase_add_test(t, many_partitions);
	tcase_add_test(t, conditions_go_down);
	tcase_add_test(t, outer_joins_keep_their_rows);
	tcase_add_test(t, what_may_fail_stays);
	tcase_add_test(t, unread_columns_are_not_made);
	tcase_add_test(t, a_limit_makes_a_sort_short);
	tcase_add_test(t, long_chains_are_cheap);
	suite_add_tcase(s, t);
	int rc = run_suite(s);
	buf_free(&given_);
	return rc;
}
