/* Aggregates against Spark's answers: percentile_approx's sketch, percentiles, HyperLogLog, sets' order; one group at a stretch against
 * groups row by row. */
#include <check.h>
#include <math.h>

#include "functions/functions.h"
#include "functions/percent.h"
#include "spark/print.h"
#include "check_main.h"

static struct arena arena;
static struct sp_context cx;

struct group {
	struct sp_run run;
	struct sp_call call;
	struct sp_expr e;
	struct sp_expr *args[3];
	void *state;
};

static void open_group(struct group *g, const char *name, const struct sp_type *type, const struct sp_type *arg, void *given)
{
	struct sp_expr *a = arena_alloc(&arena, sizeof(*a));
	*g = (struct group){ .run = { .cx = &cx, .batch = &arena, .keep = &arena } };
	*a = (struct sp_expr){ .op = SP_COLUMN, .type = arg };
	g->args[0] = g->args[1] = a;
	g->e = (struct sp_expr){ .op = SP_CALL, .fn = sp_function_find(sl(name)), .type = type, .args = g->args, .arg_n = 1, .given = given };
	g->call = (struct sp_call){ .run = &g->run, .e = &g->e };
	g->state = arena_alloc(&arena, g->e.fn->aggregate->size);
}

static void add(struct group *g, const struct sp_vec *v)
{
	void **states = arena_alloc(&arena, (v->n + 1) * sizeof(void *));
	const struct sp_aggregate *a = g->e.fn->aggregate;
	size_t i;
	for (i = 0; i < v->n; i++)
		states[i] = g->state;
	if (a->add) {
		ck_assert_int_eq(a->add(&g->call, v, v->n, states), 0);
		return;
	}
	for (i = 0; i < v->n; i++) {
		struct sp_value x = sp_get(v, i);
		if (!x.null || g->e.fn->flags & SP_F_NULLS)
			ck_assert_int_eq(a->add_row(&g->call, &x, g->state), 0);
	}
}

static struct sp_value end(struct group *g)
{
	struct sp_value v = { 0 };
	ck_assert_int_eq(g->e.fn->aggregate->final(&g->call, g->state, &v), 0);
	return v;
}

static void close_group(struct group *g)
{
	if (g->e.fn->aggregate->free)
		g->e.fn->aggregate->free(g->state);
}

static struct sp_vec numbers(int64_t n, int64_t times)
{
	struct sp_out o;
	int64_t i;
	sp_out_make(&o, &arena, &sp_types[SP_BIGINT], (size_t)n);
	for (i = 0; i < n; i++)
		o.i64[i] = times ? i * times % n : i + 1;
	return o.v;
}

/* 1..n, p = 0.5: Spark's own, of one partition. */
static const int64_t sketches[][2] = { { 1, 1 }, { 4999, 2500 }, { 5001, 2500 }, { 9999, 4999 }, { 10000, 4999 }, { 10001, 5000 }, { 11154, 5576 },
				       { 15001, 7501 }, { 20000, 9999 }, { 50000, 24998 }, { 100000, 50000 } };

START_TEST(percentile_approx_is_sparks_sketch)
{
	static const double half = 0.5;
	struct sp_percent p = { .p = &half, .n = 1, .item = &sp_types[SP_BIGINT], .error = 1.0 / 10000 };
	struct group g;
	struct sp_vec v = numbers(sketches[_i][0], 0);
	open_group(&g, "percentile_approx", &sp_types[SP_BIGINT], v.type, &p);
	add(&g, &v);
	ck_assert_int_eq(end(&g).i, sketches[_i][1]);
	close_group(&g);
	arena_reset(&arena);
}
END_TEST

START_TEST(percentiles_are_those_of_sorted_values)
{
	static const double shares[] = { 0, 0.1, 0.25, 0.5, 0.77, 1 };
	enum { COUNT = 1009 }; /* a prime: every number once, in disorder */
	size_t i, k;
	for (i = 0; i < ARRAY_LEN(shares); i++) {
		const double at = shares[i] * (COUNT - 1), low = floor(at), high = ceil(at);
		const double want = low == high ? low : (high - at) * low + (at - low) * high;
		for (k = 0; k < 4; k++) { /* alone and among others, rising and falling */
			const double both[] = { shares[i], 0.3 };
			struct sp_percent p = { .p = both, .n = 1 + k % 2, .array = k % 2, .down = k / 2, .item = &sp_types[SP_DOUBLE] };
			const struct sp_type *type = k % 2 ? sp_array(&arena, &sp_types[SP_DOUBLE], false) : &sp_types[SP_DOUBLE];
			struct sp_vec v = numbers(COUNT, 700);
			struct sp_value got;
			struct group g;
			open_group(&g, "percentile", type, v.type, &p);
			add(&g, &v);
			got = end(&g);
			got = k % 2 ? got.list->items[0] : got;
			ck_assert_double_eq_tol(got.d, k / 2 ? COUNT - 1 - want : want, 1e-9);
			got = end(&g); /* again, from what is sorted by now */
			ck_assert_double_eq_tol((k % 2 ? got.list->items[0] : got).d, k / 2 ? COUNT - 1 - want : want, 1e-9);
			close_group(&g);
		}
		arena_reset(&arena);
	}
}
END_TEST

static const struct lot {
	const char *name;
	const char *values[10];
	const char *want;
} lots[] = {
	{ "collect_set", { "art", "travel", "Art", "quotes", "a", "art" }, "[art, Art, quotes, travel, a]" },
	{ "collect_list", { "b", NULL, "a", "b" }, "[b, a, b]" },
	{ "mode", { "art", "travel", "Art", "quotes", "a" }, "travel" },
	{ "mode", { "x", "y", "y", NULL, "x", "y" }, "y" },
	{ "max", { "a", NULL, "c", "b" }, "c" },
	{ "min", { "b", NULL, "c", "" }, "" },
	{ "first", { NULL, "a" }, "null" },
	{ "last", { NULL, "a", NULL, "b" }, "b" },
};

START_TEST(texts)
{
	const struct lot *l = &lots[_i];
	const struct sp_type *text = &sp_types[SP_STRING], *type = l->name[0] == 'c' ? sp_array(&arena, text, false) : text;
	struct sp_value v, got;
	struct buf b = { 0 };
	struct sp_out o;
	struct group g;
	size_t n, i;
	for (n = ARRAY_LEN(l->values); n && !l->values[n - 1]; n--)
		;
	sp_out_make(&o, &arena, text, n);
	for (i = 0; i < n; i++) {
		v = (struct sp_value){ .null = !l->values[i], .s = sl(l->values[i]) };
		sp_out_put(&o, i, &v);
	}
	open_group(&g, l->name, type, text, NULL);
	add(&g, &o.v);
	got = end(&g);
	sp_print(&b, type, &got, NULL);
	ck_assert_str_eq(buf_cstr(&b), l->want);
	close_group(&g);
	buf_free(&b);
	arena_reset(&arena);
}
END_TEST

/* One state for all rows against a state a row that moves on: the same answers, to the last digit. */
static const char *const groupings[] = { "count", "sum", "avg", "min", "max", "stddev", "skewness", "kurtosis" };

START_TEST(a_group_at_a_stretch_or_row_by_row)
{
	static const enum sp_kind kinds[] = { SP_INT, SP_BIGINT, SP_DOUBLE };
	enum { COUNT = 500 };
	size_t k, i;
	for (k = 0; k < ARRAY_LEN(kinds) * 2; k++) {
		const struct sp_type *t = &sp_types[_i > 4 ? SP_DOUBLE : kinds[k / 2]];
		const char *name = groupings[_i];
		const struct sp_type *type = strcmp(name, "count") == 0 || (strcmp(name, "sum") == 0 && t->kind != SP_DOUBLE) ? &sp_types[SP_BIGINT]
					     : name[0] == 'm' ? t : &sp_types[SP_DOUBLE];
		struct sp_value a, b;
		struct group whole, rows;
		struct sp_out o;
		sp_out_make(&o, &arena, t, COUNT);
		for (i = 0; i < COUNT; i++) {
			struct sp_value v = { .null = k % 2 && i % 7 == 0 };
			if (t->kind == SP_DOUBLE)
				v.d = (double)(i * 7919 % 1000) / 8 - 60;
			else
				v.i = (int64_t)(i * 7919 % 1000) - 500;
			sp_out_put(&o, i, &v);
		}
		open_group(&whole, name, type, t, NULL);
		open_group(&rows, name, type, t, NULL);
		add(&whole, &o.v);
		for (i = 0; i < COUNT; i++) {
			struct sp_vec one = sp_vec_part(&o.v, i, 1);
			uint32_t zero = 0;
			one = sp_vec_pick(&arena, &one, &zero, 1);
			add(&rows, &one);
		}
		a = end(&whole);
		b = end(&rows);
		ck_assert_msg(sp_compare(type, &a, &b) == 0, "%s of %d", name, t->kind);
		arena_reset(&arena);
	}
}
END_TEST

START_TEST(removed_values_leave_the_rest)
{
	static const char *const names[] = { "count", "count_if" };
	struct sp_value v = { .i = 1 };
	struct group g;
	size_t i;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		struct sp_vec ones = sp_vec_one(&arena, &sp_types[SP_BOOLEAN], &v, 5);
		open_group(&g, names[i], &sp_types[SP_BIGINT], ones.type, NULL);
		add(&g, &ones);
		ck_assert_int_eq(g.e.fn->aggregate->remove_row(&g.call, &v, g.state), 0);
		ck_assert_int_eq(end(&g).i, 4);
		arena_reset(&arena);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("functions_aggregates");
	TCase *t = tcase_create("aggregates");
	int failed;
	tcase_add_loop_test(t, percentile_approx_is_sparks_sketch, 0, ARRAY_LEN(sketches));
	tcase_add_test(t, percentiles_are_those_of_sorted_values);
	tcase_add_loop_test(t, texts, 0, ARRAY_LEN(lots));
	tcase_add_loop_test(t, a_group_at_a_stretch_or_row_by_row, 0, ARRAY_LEN(groupings));
	tcase_add_test(t, removed_values_leave_the_rest);
	suite_add_tcase(s, t);
	failed = run_suite(s);
	arena_free(&arena);
	return failed;
}
