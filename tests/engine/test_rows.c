/* Operators over hand-made plans: scans, filters, projections, joins, sets, groups, sorts. */
#include "engine/op.h"
#include "plans.h"

#define IS(plan, text) ck_assert_str_eq(p_run(plan), text)

static struct sp_plan *people(void)
{
	return p_table("id:int name:string town:coded", "1 ann york|2 bob leeds|3 cid york|4 NULL NULL|5 eve leeds");
}

static struct sp_plan *pets(void)
{
	return p_table("owner:int pet:string", "1 cat|1 dog|3 fish|NULL bird|7 cow");
}

START_TEST(filters_and_projects)
{
	struct sp_plan *t = people();
	IS(t, "1 ann york|2 bob leeds|3 cid york|4 NULL NULL|5 eve leeds");
	IS(p_filter(t, x_is("=", x_col(t, 2), x_text("york"))), "1 ann york|3 cid york");
	IS(p_filter(t, x_and(x_is(">", x_col(t, 0), x_int(1)), x_is("<", x_col(t, 0), x_int(4)))), "2 bob leeds|3 cid york");
	IS(p_project(p_filter(t, x_is("<", x_col(t, 0), x_int(3))), 2, x_col(t, 1), x_call("+", SP_INT, 2, x_col(t, 0), x_int(10))), "ann 11|bob 12");
	struct sp_plan *l = p_new(SP_P_LIMIT, 1, t);
	l->limit = 2;
	l->offset = 1;
	IS(l, "2 bob leeds|3 cid york");
	IS(p_new(SP_P_UNION, 2, l, l), "2 bob leeds|3 cid york|2 bob leeds|3 cid york");
}
END_TEST

START_TEST(joins_by_equality)
{
	struct sp_plan *l = people(), *r = pets();
	struct sp_plan *a = p_project(l, 2, x_col(l, 0), x_col(l, 2));
	struct sp_expr *on = x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 2)), *semi_on = x_is("=", x_at(SP_INT, 2), x_at(SP_INT, 0));
	struct sp_plan *flipped = p_join(SP_J_INNER, a, r, semi_on);
	flipped->build_left = true;
	IS(p_join(SP_J_INNER, a, r, on), "1 york 1 cat|1 york 1 dog|3 york 3 fish");
	IS(flipped, "1 york 1 cat|1 york 1 dog|3 york 3 fish");
	IS(p_join(SP_J_LEFT, a, r, on), "1 york 1 cat|1 york 1 dog|2 leeds NULL NULL|3 york 3 fish|4 NULL NULL NULL|5 leeds NULL NULL");
	IS(p_join(SP_J_RIGHT, a, r, on), "1 york 1 cat|1 york 1 dog|3 york 3 fish|NULL NULL NULL bird|NULL NULL 7 cow");
	IS(p_join(SP_J_FULL, a, r, on), "1 york 1 cat|1 york 1 dog|2 leeds NULL NULL|3 york 3 fish|4 NULL NULL NULL|5 leeds NULL NULL|"
					"NULL NULL NULL bird|NULL NULL 7 cow");
	IS(p_join(SP_J_SEMI, a, r, semi_on), "1 york|3 york");
	IS(p_join(SP_J_ANTI, a, r, on), "2 leeds|4 NULL|5 leeds");
	IS(p_join(SP_J_EXISTS, a, r, on), "1 york true|2 leeds false|3 york true|4 NULL false|5 leeds false");
	IS(p_join(SP_J_ANTI_NULL, a, r, on), "");
	struct sp_plan *some = p_filter(r, x_call("isnotnull", SP_BOOLEAN, 1, x_col(r, 0)));
	IS(p_join(SP_J_ANTI_NULL, a, some, on), "2 leeds|4 NULL|5 leeds");
	ck_assert(strstr(p_run(p_join(SP_J_SINGLE, a, r, on)), "SCALAR_SUBQUERY_TOO_MANY_ROWS") != NULL);
	sp_error_free(&run.err);
}
END_TEST

START_TEST(joins_with_more_conditions)
{
	struct sp_plan *l = people(), *r = pets(), *a = p_project(l, 1, x_col(l, 0));
	struct sp_expr *on = x_and(x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 1)), x_is("<", x_at(SP_STRING, 2), x_text("d")));
	IS(p_join(SP_J_INNER, a, r, on), "1 1 cat");
	IS(p_join(SP_J_LEFT, a, r, on), "1 1 cat|2 NULL NULL|3 NULL NULL|4 NULL NULL|5 NULL NULL");
	IS(p_join(SP_J_FULL, a, r, on), "1 1 cat|2 NULL NULL|3 NULL NULL|4 NULL NULL|5 NULL NULL|NULL 1 dog|NULL 3 fish|NULL NULL bird|NULL 7 cow");
	IS(p_join(SP_J_SEMI, a, r, on), "1");
	IS(p_join(SP_J_ANTI, a, r, on), "2|3|4|5");
	IS(p_join(SP_J_EXISTS, a, r, on), "1 true|2 false|3 false|4 false|5 false");
	IS(p_join(SP_J_SINGLE, a, r, on), "1 1 cat|2 NULL NULL|3 NULL NULL|4 NULL NULL|5 NULL NULL");
}
END_TEST

START_TEST(joins_by_any_condition)
{
	struct sp_plan *l = p_table("x:int", "1|2|3"), *r = p_table("y:int", "2|3|NULL");
	struct sp_expr *on = x_is("<", x_at(SP_INT, 0), x_at(SP_INT, 1));
	IS(p_join(SP_J_INNER, l, r, on), "1 2|1 3|2 3");
	IS(p_join(SP_J_CROSS, l, r, NULL), "1 2|1 3|1 NULL|2 2|2 3|2 NULL|3 2|3 3|3 NULL");
	IS(p_join(SP_J_LEFT, l, r, on), "1 2|1 3|2 3|3 NULL");
	IS(p_join(SP_J_RIGHT, l, r, on), "1 2|1 3|2 3|NULL NULL");
	IS(p_join(SP_J_FULL, l, r, on), "1 2|1 3|2 3|3 NULL|NULL NULL");
	IS(p_join(SP_J_SEMI, l, r, on), "1|2");
	IS(p_join(SP_J_ANTI, l, r, on), "3");
	IS(p_join(SP_J_ANTI_NULL, l, r, on), "");
	IS(p_join(SP_J_EXISTS, l, r, on), "1 true|2 true|3 false");
	struct sp_plan *none = p_filter(r, x_is(">", x_col(r, 0), x_int(9)));
	IS(p_join(SP_J_LEFT, l, none, on), "1 NULL|2 NULL|3 NULL");
	IS(p_join(SP_J_ANTI_NULL, l, none, on), "1|2|3");
	IS(p_join(SP_J_FULL, none, l, on), "NULL 1|NULL 2|NULL 3");
	IS(p_join(SP_J_INNER, l, none, on), "");
}
END_TEST

START_TEST(keys_of_several_columns)
{
	struct sp_plan *l = p_table("a:int b:coded c:double", "1 x 0|1 y -0|2 x NaN|2 NULL 1"), *r = p_table("a:int b:string c:double", "1 x -0|2 x NaN|2 NULL 1|1 y 7");
	struct sp_expr *a = x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 3)), *b = x_is("=", x_at(SP_STRING, 1), x_at(SP_STRING, 4)),
		       *c = x_is("=", x_at(SP_DOUBLE, 2), x_at(SP_DOUBLE, 5)), *safe = x_is("<=>", x_at(SP_STRING, 1), x_at(SP_STRING, 4));
	IS(p_join(SP_J_INNER, l, r, x_and(a, x_and(b, c))), "1 x 0.0 1 x -0.0|2 x NaN 2 x NaN");
	IS(p_join(SP_J_INNER, l, r, x_and(a, x_and(safe, c))), "1 x 0.0 1 x -0.0|2 x NaN 2 x NaN|2 NULL 1.0 2 NULL 1.0");
}
END_TEST

static struct sp_aggregation *aggs(size_t n, ...)
{
	struct sp_aggregation *list = arena_alloc(&pa, n * sizeof(*list));
	va_list ap;
	va_start(ap, n);
	for (size_t i = 0; i < n; i++)
		list[i].call = va_arg(ap, struct sp_expr *);
	va_end(ap);
	return list;
}

START_TEST(groups)
{
	struct sp_plan *t = p_table("k:coded v:int", "a 1|b 2|a 3|NULL 4|b NULL|NULL 6|a 3");
	struct sp_expr *k = x_col(t, 0), *v = x_col(t, 1);
	struct sp_aggregation *a = aggs(3, x_call("count", SP_BIGINT, 1, v), x_call("sum", SP_BIGINT, 1, v), x_call("max", SP_INT, 1, v));
	IS(p_group(t, 1, &k, 3, a), "a 3 7 3|b 1 2 2|NULL 2 10 6");
	IS(p_group(t, 0, NULL, 3, a), "6 19 6");
	a[0].distinct = true;
	a[1].filter = x_is("<", v, x_int(4));
	IS(p_group(t, 1, &k, 3, a), "a 2 7 3|b 1 2 2|NULL 2 NULL 6");
	struct sp_plan *none = p_filter(t, x_is(">", v, x_int(100)));
	IS(p_group(none, 0, NULL, 3, a), "0 NULL NULL");
	IS(p_group(none, 1, &k, 3, a), "");
	IS(p_new(SP_P_DISTINCT, 1, t), "a 1|b 2|a 3|NULL 4|b NULL|NULL 6");
}
END_TEST

START_TEST(sets)
{
	struct sp_plan *x = p_table("a:int b:string", "1 p|1 p|2 q|NULL NULL|3 r|1 p"), *y = p_table("a:int b:string", "1 p|NULL NULL|NULL NULL|4 s|1 p");
	struct sp_plan *p = p_new(SP_P_SETOP, 2, x, y);
	IS(p, "1 p|NULL NULL");
	p->all = true;
	IS(p, "1 p|1 p|NULL NULL");
	p->except = true;
	IS(p, "2 q|3 r|1 p");
	p->all = false;
	IS(p, "2 q|3 r");
}
END_TEST

START_TEST(sorts)
{
	struct sp_plan *t = p_table("a:int b:string c:double", "2 bb 1|NULL aa NaN|1 bb -1|2 NULL 0|1 a 5");
	IS(p_sort(t, 1, p_orders(1, x_col(t, 0), "asc")), "NULL aa NaN|1 bb -1.0|1 a 5.0|2 bb 1.0|2 NULL 0.0");
	IS(p_sort(t, 1, p_orders(1, x_col(t, 0), "desc")), "2 bb 1.0|2 NULL 0.0|1 bb -1.0|1 a 5.0|NULL aa NaN");
	IS(p_sort(t, 2, p_orders(2, x_col(t, 1), "desc first", x_col(t, 2), "asc")), "2 NULL 0.0|1 bb -1.0|2 bb 1.0|NULL aa NaN|1 a 5.0");
	IS(p_sort(t, 1, p_orders(1, x_col(t, 2), "desc")), "NULL aa NaN|1 a 5.0|2 bb 1.0|2 NULL 0.0|1 bb -1.0");
}
END_TEST

/* Any order of many rows against a comparison of each pair of neighbours. */
static void check_order(struct sp_sort_key *keys, size_t key_n, size_t n)
{
	uint32_t *rows = malloc(n * sizeof(*rows));
	ck_assert(!sp_sort(&run, keys, key_n, n, rows));
	for (size_t i = 1; i < n; i++) {
		int c = 0;
		for (size_t k = 0; k < key_n && !c; k++) {
			struct sp_value x = sp_get(&keys[k].v, rows[i - 1]), y = sp_get(&keys[k].v, rows[i]);
			if (x.null || y.null)
				c = (y.null - x.null) * (keys[k].nulls_last ? -1 : 1);
			else
				c = sp_compare(keys[k].v.type, &x, &y) * (keys[k].desc ? -1 : 1);
		}
		ck_assert_int_le(c, 0);
		if (c == 0)
			ck_assert_uint_lt(rows[i - 1], rows[i]);
	}
	free(rows);
}

START_TEST(orders_of_many_rows)
{
	enum { N = 5000 };
	static const char *const words[] = { "http://a/", "http://a/b", "http://a/bcdefghij", "http://a/bcdefghik", "http://a", "http://a/b\1" };
	struct sp_out ints, bigs, doubles, texts, shorts, wide;
	uint32_t x = 12345;
	sp_out_make(&ints, &pa, &sp_types[SP_INT], N);
	sp_out_make(&bigs, &pa, &sp_types[SP_BIGINT], N);
	sp_out_make(&doubles, &pa, &sp_types[SP_DOUBLE], N);
	sp_out_make(&texts, &pa, &sp_types[SP_STRING], N);
	sp_out_make(&shorts, &pa, &sp_types[SP_STRING], N);
	sp_out_make(&wide, &pa, sp_decimal(&pa, 38, 0), N);
	for (size_t i = 0; i < N; i++) {
		x = x * 1664525 + 1013904223;
		ints.i32[i] = (int32_t)(x >> 16) % 50;
		bigs.i64[i] = i % 7 ? (int64_t)((uint64_t)x << 32 | (x >> 3)) : i % 2 ? INT64_MIN : INT64_MAX;
		doubles.f64[i] = i % 11 ? (double)(int32_t)x / 7 : i % 2 ? 0.0 : -0.0;
		texts.str[i] = sl(words[x >> 8 & 3 ? (x >> 10) % 6 : 2]);
		shorts.str[i] = sl_of("abcabc" + (x >> 9) % 3, (x >> 13) % 4);
		wide.x128[i] = sp_narrow((__int128)(int32_t)x * (INT64_C(1) << (x >> 28)));
		if (x >> 20 & 1 && i % 5 == 0) {
			sp_out_null(&ints, i);
			sp_out_null(&bigs, i);
			sp_out_null(&texts, i);
			sp_out_null(&shorts, i);
		}
	}
	struct sp_vec *all[] = { &ints.v, &bigs.v, &doubles.v, &texts.v, &shorts.v, &wide.v };
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++)
			for (size_t how = 0; how < 16; how++) {
				struct sp_sort_key keys[] = { { *all[i], how & 1, how & 2 }, { *all[j], how & 4, how & 8 }, { ints.v, false, false } };
				check_order(keys, 3, how < 8 ? N : 40);
			}
}
END_TEST

START_TEST(the_first_of_many)
{
	struct sp_plan *r = p_new(SP_P_RANGE, 0);
	struct sp_field id = { .name = S("id"), .type = &sp_types[SP_BIGINT] };
	p_columns(r, NULL, 0, &id, 1);
	r->end = x_big(300000);
	struct sp_plan *s = p_sort(r, 1, p_orders(1, x_call("%", SP_BIGINT, 2, x_col(r, 0), x_big(1000)), "desc"));
	s->limit = 3;
	IS(s, "999|1999|2999");
	s->order = p_orders(2, x_call("%", SP_BIGINT, 2, x_col(r, 0), x_big(1000)), "desc", x_col(r, 0), "desc");
	s->order_n = 2;
	IS(s, "299999|298999|297999");
	struct sp_expr *k = x_call("%", SP_BIGINT, 2, x_col(r, 0), x_big(7));
	IS(p_group(r, 1, &k, 1, aggs(1, x_call("count", SP_BIGINT, 1, x_int(1)))), "0 42858|1 42857|2 42857|3 42857|4 42857|5 42857|6 42857");
	IS(p_group(p_new(SP_P_DISTINCT, 1, r), 0, NULL, 1, aggs(1, x_call("sum", SP_BIGINT, 1, x_col(r, 0)))), "44999850000");
	struct sp_plan *j = p_join(SP_J_INNER, r, r, x_is("=", x_at(SP_BIGINT, 0), x_at(SP_BIGINT, 1)));
	IS(p_group(j, 0, NULL, 1, aggs(1, x_call("sum", SP_BIGINT, 1, x_col(j, 1)))), "44999850000");
	r->end = x_big(0);
	IS(r, "");
	r->start = x_big(5);
	r->step = x_big(-2);
	IS(r, "5|3|1");
}
END_TEST

START_TEST(bounds_are_kept)
{
	struct sp_plan *r = p_new(SP_P_RANGE, 0);
	struct sp_field id = { .name = S("id"), .type = &sp_types[SP_BIGINT] };
	p_columns(r, NULL, 0, &id, 1);
	r->end = x_big(INT64_C(1) << 40);
	run.held_max = 4 << 20;
	ck_assert(strstr(p_run(p_sort(r, 1, p_orders(1, x_col(r, 0), "asc"))), "MiB") != NULL);
	sp_error_free(&run.err);
	ck_assert(strstr(p_run(p_new(SP_P_DISTINCT, 1, r)), "MiB") != NULL);
	sp_error_free(&run.err);
	bool stop = true;
	run.held_max = 0;
	run.stop = &stop;
	ck_assert(strstr(p_run(p_group(r, 0, NULL, 1, aggs(1, x_call("count", SP_BIGINT, 1, x_int(1))))), "cancelled") != NULL);
	sp_error_free(&run.err);
	run.stop = NULL;
	run.end_us = 1;
	ck_assert(strstr(p_run(p_join(SP_J_CROSS, r, people(), NULL)), "longer") != NULL);
}
END_TEST

START_TEST(a_cte_is_made_once)
{
	struct sp_plan *t = people();
	struct sp_shared *shared = arena_alloc(&pa, sizeof(*shared));
	shared->plan = p_project(t, 1, x_col(t, 0));
	struct sp_plan *a = p_new(SP_P_SHARED, 0), *b = p_new(SP_P_SHARED, 0);
	a->shared = b->shared = shared;
	p_columns(a, shared->plan->columns, 1, NULL, 0);
	p_columns(b, shared->plan->columns, 1, NULL, 0);
	IS(p_join(SP_J_INNER, a, b, x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 1))), "1 1|2 2|3 3|4 4|5 5");
}
END_TEST

START_TEST(applies)
{
	struct sp_plan *l = people(), *r = pets(), *o = p_new(SP_P_OUTER, 0);
	struct sp_params params = { (size_t[]){ 0 }, 1, 0 };
	o->params = &params;
	p_columns(o, l->columns, 1, NULL, 0);
	struct sp_plan *j = p_join(SP_J_INNER, r, o, x_is("=", x_at(SP_INT, 0), x_at(SP_INT, 2)));
	struct sp_plan *a = p_new(SP_P_APPLY, 2, p_project(l, 1, x_col(l, 0)), p_project(j, 1, x_col(r, 1)));
	a->params = &params;
	p_columns(a, l->columns, 1, r->columns + 1, 1);
	IS(a, "1 cat|1 dog|3 fish");
	a->outer = true;
	IS(a, "1 cat|1 dog|2 NULL|3 fish|4 NULL|5 NULL");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rows");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, plans_open, plans_close);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, filters_and_projects);
	tcase_add_test(t, joins_by_equality);
	tcase_add_test(t, joins_with_more_conditions);
	tcase_add_test(t, joins_by_any_condition);
	tcase_add_test(t, keys_of_several_columns);
	tcase_add_test(t, groups);
	tcase_add_test(t, sets);
	tcase_add_test(t, sorts);
	tcase_add_test(t, orders_of_many_rows);
	tcase_add_test(t, the_first_of_many);
	tcase_add_test(t, bounds_are_kept);
	tcase_add_test(t, a_cte_is_made_once);
	tcase_add_test(t, applies);
	suite_add_tcase(s, t);
	int rc = run_suite(s);
	buf_free(&given_);
	return rc;
}
