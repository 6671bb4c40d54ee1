/* Casts: values as Spark 3.5 gives them, and vectors against values. */
#include <check.h>

#include "spark/cast.h"
#include "spark/ddl.h"
#include "spark/print.h"
#include "check_main.h"

static struct arena arena;
static struct sp_context cx;

static struct sp_run run_of(void)
{
	return (struct sp_run){ .cx = &cx, .batch = &arena, .keep = &arena };
}

static const struct sp_type *type(const char *text)
{
	struct sp_error err = { 0 };
	const struct sp_type *t;
	ck_assert_msg(sp_ddl_type(&arena, sl(text), NULL, &t, &err) == 0, "%s", text);
	return t;
}

/* CAST(CAST('text' AS from) AS to) AS STRING; without and with ANSI: there "!CLASS" is an error. */
static const struct made {
	const char *text, *from, *to, *legacy, *ansi;
} casts[] = {
	{ "12k", "string", "int", "NULL", "!CAST_INVALID_INPUT" },
	{ "1.9", "string", "int", "1", "!CAST_INVALID_INPUT" },
	{ ".", "string", "int", "0", "!CAST_INVALID_INPUT" },
	{ "+", "string", "int", "NULL", "!CAST_INVALID_INPUT" },
	{ " \t-12.99\n ", "string", "int", "-12", "!CAST_INVALID_INPUT" },
	{ " 12 ", "string", "int", "12", "12" },
	{ "1e3", "string", "int", "NULL", "!CAST_INVALID_INPUT" },
	{ "128", "string", "tinyint", "NULL", "!CAST_INVALID_INPUT" },
	{ "9223372036854775808", "string", "bigint", "NULL", "!CAST_INVALID_INPUT" },
	{ "-9223372036854775808", "string", "bigint", "-9223372036854775808", "-9223372036854775808" },
	{ " 1d ", "string", "double", "1.0", "1.0" },
	{ "0x1p3", "string", "double", "8.0", "8.0" },
	{ "0x10", "string", "double", "NULL", "!CAST_INVALID_INPUT" },
	{ "iNfinity", "string", "float", "Infinity", "Infinity" },
	{ ".5e1f", "string", "double", "5.0", "5.0" },
	{ "", "string", "double", "NULL", "!CAST_INVALID_INPUT" },
	{ " Yes ", "string", "boolean", "true", "true" },
	{ "ON", "string", "boolean", "NULL", "!CAST_INVALID_INPUT" },
	{ " 1.005e1 ", "string", "decimal(5,2)", "10.05", "10.05" },
	{ "1e50", "string", "decimal(5,2)", "NULL", "!NUMERIC_OUT_OF_SUPPORTED_RANGE" },
	{ "12345", "string", "decimal(3,1)", "NULL", "!NUMERIC_VALUE_OUT_OF_RANGE" },
	{ "1e10", "double", "tinyint", "-1", "!CAST_OVERFLOW" },
	{ "300.7", "double", "tinyint", "44", "!CAST_OVERFLOW" },
	{ "-1.5", "double", "int", "-1", "-1" },
	{ "NaN", "double", "int", "0", "!CAST_OVERFLOW" },
	{ "1e30", "double", "bigint", "9223372036854775807", "!CAST_OVERFLOW" },
	{ "2147483648", "bigint", "int", "-2147483648", "!CAST_OVERFLOW" },
	{ "70000", "int", "smallint", "4464", "!CAST_OVERFLOW" },
	{ "123456789", "bigint", "float", "1.23456792E8", "1.23456792E8" },
	{ "0.1", "float", "decimal(20,15)", "0.100000001490116", "0.100000001490116" },
	{ "2.345", "double", "decimal(10,2)", "2.35", "2.35" },
	{ "NaN", "double", "decimal(10,2)", "NULL", "NULL" },
	{ "0.0000001", "decimal(10,7)", "string", "1E-7", "0.0000001" },
	{ "1e20", "double", "string", "1.0E20", "1.0E20" },
	{ "2018-05-06 07:08:09", "timestamp", "date", "2018-05-06", "2018-05-06" },
	{ "2020-01-01", "date", "timestamp", "2020-01-01 00:00:00", "2020-01-01 00:00:00" },
	{ "2020-01-01", "date", "int", "NULL", "-" },
	{ "2020-01-01 00:00:01.5", "timestamp", "double", "1.5778368015E9", "1.5778368015E9" },
	{ "1969-12-31 23:59:59.5", "timestamp", "int", "-1", "-1" },
	{ "9223372036854775807", "bigint", "timestamp", "+294247-01-10 04:00:54.775807", "+294247-01-10 04:00:54.775807" },
	{ "-1.0000007", "double", "timestamp", "1969-12-31 23:59:59", "1969-12-31 23:59:59" },
	{ "NaN", "double", "timestamp", "NULL", "!CAST_INVALID_INPUT" },
	{ "true", "boolean", "decimal(3,1)", "1.0", "1.0" },
	{ "14", "interval month", "interval year", "INTERVAL '1' YEAR", "INTERVAL '1' YEAR" },
	{ "300", "interval day", "tinyint", "!CAST_OVERFLOW", "!CAST_OVERFLOW" },
	{ "abc", "string", "interval day", "!", "!" },
	{ "300", "smallint", "binary", "\001\054", "-" },
};

static void cast_text(const struct made *m, bool ansi, const char *want)
{
	const struct sp_type *from = type(m->from), *to = type(m->to);
	struct sp_value text = { .s = sl(m->text) }, in, out, back;
	struct sp_run r = run_of();
	struct buf b = { 0 };
	if (strcmp(want, "-") == 0) {
		ck_assert_msg(!sp_can_cast(from, to, ansi), "%s to %s", m->from, m->to);
		return;
	}
	ck_assert_msg(sp_can_cast(from, to, ansi), "%s to %s", m->from, m->to);
	ck_assert_int_eq(sp_cast_value(&r, NULL, &sp_types[SP_STRING], from, false, &text, &in), 0);
	if (sp_cast_value(&r, NULL, from, to, ansi, &in, &out)) {
		buf_addf(&b, "!%s", r.err.class);
		sp_error_free(&r.err);
	} else {
		ck_assert_int_eq(sp_cast_value(&r, NULL, to, &sp_types[SP_STRING], ansi, &out, &back), 0);
		buf_addsl(&b, back.null ? S("NULL") : back.s);
	}
	ck_assert_msg(sl_eqs(buf_slice(&b), want), "'%s' as %s as %s: %.*s, not %s", m->text, m->from, m->to, SL(buf_slice(&b)), want);
	buf_free(&b);
}

START_TEST(values_are_cast_as_by_spark)
{
	cast_text(&casts[_i], false, casts[_i].legacy);
	cast_text(&casts[_i], true, casts[_i].ansi);
	arena_reset(&arena);
}
END_TEST

START_TEST(nested_values)
{
	struct sp_run r = run_of();
	const struct sp_type *from = type("array<struct<a:string,b:int>>"), *to = type("array<struct<x:int,y:string>>");
	struct sp_value v = { .list = NULL }, out;
	struct sp_list *l = sp_list_new(&arena, 3), *s = sp_list_new(&arena, 2);
	struct buf b = { 0 };
	s->items[0] = (struct sp_value){ .s = S("7x") };
	s->items[1] = (struct sp_value){ .i = 5 };
	l->items[0] = (struct sp_value){ .list = s };
	s = sp_list_new(&arena, 2);
	s->items[0] = (struct sp_value){ .s = S("7") };
	l->items[1] = (struct sp_value){ .list = s };
	v.list = l;
	ck_assert(sp_can_cast(from, to, false));
	ck_assert(!sp_can_cast(type("map<string,string>"), type("map<int,int>"), false));
	ck_assert(!sp_can_cast(from, type("array<struct<x:int>>"), false));
	ck_assert_int_eq(sp_cast_value(&r, NULL, from, to, false, &v, &out), 0);
	sp_print(&b, to, &out, NULL);
	ck_assert_str_eq(buf_cstr(&b), "[{null, 5}, {7, null}, null]");
	buf_reset(&b);
	sp_print_hive(&b, to, &out, NULL);
	ck_assert_str_eq(buf_cstr(&b), "[{\"x\":null,\"y\":\"5\"},{\"x\":7,\"y\":null},null]");
	buf_reset(&b);
	sp_print_cell(&b, to, &out, NULL);
	ck_assert_str_eq(buf_cstr(&b), "[{NULL, 5}, {7, NULL}, NULL]");
	ck_assert_int_eq(sp_cast_value(&r, NULL, from, to, true, &v, &out), 1);
	ck_assert_str_eq(r.err.class, "CAST_INVALID_INPUT");
	sp_error_free(&r.err);
	buf_free(&b);
	arena_reset(&arena);
}
END_TEST

/* ---- vectors ---- */

static uint64_t seed = 42;
static uint64_t chance(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return seed >> 20;
}

static const char *const kinds[] = { "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10,2)", "decimal(38,18)",
				     "string", "binary", "date", "timestamp", "timestamp_ntz", "interval day to second", "interval year to month" };

static struct sp_value any_value(const struct sp_type *t)
{
	static const char *const texts[] = { "1", "-7.5", "2020-01-01", "2020-02-30", "true", "x", "", " 12 ", "1e400", "99999999999", "2018-05-06 07:08:09" };
	static const double reals[] = { 0, -0.0, 1.5, -1e300, 1e10, 127.9, -128.5, 3e9, 1 / 3.0 };
	static const int64_t whole[] = { 0, 1, -1, 127, 128, -32769, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1577836800000000 };
	struct sp_value v = { 0 };
	switch (sp_phys_of(t)) {
	case SP_U8:
		v.i = (int64_t)(chance() & 1);
		break;
	case SP_F64:
		v.d = chance() % 10 == 0 ? __builtin_nan("") : reals[chance() % ARRAY_LEN(reals)];
		v.d = t->kind == SP_FLOAT ? (float)v.d : v.d;
		break;
	case SP_X128:
		v.x = sp_narrow((__int128)(int64_t)(chance() % 19999999999) - 9999999999);
		break;
	case SP_STR:
		v.s = sl(texts[chance() % ARRAY_LEN(texts)]);
		break;
	default:
		v.i = whole[chance() % ARRAY_LEN(whole)];
		v.i = t->kind == SP_TINYINT ? (int8_t)v.i : t->kind == SP_SMALLINT ? (int16_t)v.i : sp_phys_of(t) == SP_I32 ? (int32_t)v.i : v.i;
		if (t->kind == SP_DATE || t->kind >= SP_TIMESTAMP)
			v.i %= 100000;
	}
	return v;
}

static void compare(const struct sp_vec *v, const struct sp_type *to, bool ansi)
{
	struct sp_run r = run_of(), q = run_of();
	struct sp_vec out;
	int rc = sp_cast_vec(&r, NULL, v, to, ansi, &out);
	size_t i;
	for (i = 0; i < v->n; i++) {
		struct sp_value in = sp_get(v, i), want, got;
		if (sp_cast_value(&q, NULL, v->type, to, ansi, &in, &want)) {
			ck_assert_int_eq(rc, 1);
			ck_assert_str_eq(r.err.text, q.err.text);
			break;
		}
		if (rc)
			continue;
		got = sp_get(&out, i);
		ck_assert_int_eq(got.null, want.null);
		ck_assert_int_eq(sp_compare(to, &got, &want), 0);
	}
	ck_assert(!rc || q.err.set);
	sp_error_free(&r.err);
	sp_error_free(&q.err);
}

START_TEST(vectors_are_cast_as_values_are)
{
	enum { N = 40 };
	const struct sp_type *from = type(kinds[_i]);
	size_t k, round;
	for (k = 0; k < ARRAY_LEN(kinds); k++) {
		const struct sp_type *to = type(kinds[k]);
		for (round = 0; round < 24; round++) {
			uint32_t rows[N];
			struct sp_out o;
			struct sp_vec v;
			size_t i;
			if (!sp_can_cast(from, to, round & 1))
				continue;
			sp_out_make(&o, &arena, from, N);
			for (i = 0; i < N; i++) {
				struct sp_value x = any_value(from);
				x.null = round > 4 && chance() % 5 == 0;
				sp_out_put(&o, i, &x);
				rows[i] = (uint32_t)(chance() % N);
			}
			v = o.v;
			if (round % 3 == 1)
				v = sp_vec_pick(&arena, &v, rows, N);
			v.one = round % 7 == 6;
			compare(&v, to, round & 1);
		}
		arena_reset(&arena);
		from = type(kinds[_i]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spark_cast");
	TCase *t = tcase_create("cast");
	int failed;
	tcase_add_loop_test(t, values_are_cast_as_by_spark, 0, ARRAY_LEN(casts));
	tcase_add_test(t, nested_values);
	tcase_add_loop_test(t, vectors_are_cast_as_values_are, 0, ARRAY_LEN(kinds));
	suite_add_tcase(s, t);
	failed = run_suite(s);
	arena_free(&arena);
	return failed;
}
