#include "check_main.h"

#include <stdio.h>

#include "tarn/python_random.h"
#include "stack/table.h"

/* The users' turn: random.seed(100); then randrange(0, 2) and randint(0, 11000) in each. Numbers by CPython. */
START_TEST(rows_of_seed_100)
{
	static const uint32_t want[] = { 7528, 2863, 5730, 8304, 8731, 1313, 4315, 10794, 5494, 5069, 2923, 3089 };
	struct python_random r;
	python_seed(&r, 100);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		(void)python_randrange(&r, 2);
		ck_assert_uint_eq(python_randrange(&r, 11001), want[i]);
	}
}
END_TEST

/* random.seed(n); [random.randrange(1000) for _ in range(4)] */
START_TEST(other_seeds)
{
	static const struct {
		uint64_t seed;
		uint32_t want[4];
	} rows[] = {
		{ 0, { 864, 394, 776, 911 } },
		{ 42, { 654, 114, 25, 759 } },
		{ 4294967296, { 115, 359, 427, 957 } },
	};
	struct python_random r;
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		python_seed(&r, rows[k].seed);
		for (int i = 0; i < 4; i++)
			ck_assert_uint_eq(python_randrange(&r, 1000), rows[k].want[i]);
	}
}
END_TEST

START_TEST(one_has_one_value)
{
	struct python_random r;
	python_seed(&r, 1);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(python_randrange(&r, 1), 0);
}
END_TEST

static void is_row(char types[], char *cells[], size_t n, const char *want)
{
	static char *names[] = { (char *)"a", (char *)"b", (char *)"c" };
	struct table t = { .column_n = n, .row_n = 1, .columns = names, .cells = cells, .types = types };
	struct buf b = { 0 };
	table_row_json(&t, 0, &b);
	ck_assert_str_eq(buf_cstr(&b), want);
	buf_free(&b);
}

START_TEST(rows_as_json_dumps)
{
	char types[] = "ift", text[] = "tdt";
	is_row(types, (char *[]){ (char *)"5730", (char *)"-77.015", (char *)"\xe2\x80\xa6\xf0\x9f\x98\x80\"\n/" }, 3,
	       "{\"a\": 5730, \"b\": -77.015, \"c\": \"\\u2026\\ud83d\\ude00\\\"\\n/\"}");
	is_row(text, (char *[]){ NULL, (char *)"2020-08-28 03:52:47", (char *)"2020-08-28 03:52:47" }, 3,
	       "{\"a\": null, \"b\": \"2020-08-28T03:52:47\", \"c\": \"2020-08-28 03:52:47\"}");
}
END_TEST

START_TEST(floats_as_repr)
{
	static const char *const rows[][2] = { { "5", "5.0" },	      { "0", "0.0" },	    { "-0.5", "-0.5" },
					       { "1e16", "1e+16" },   { "123456789012345", "123456789012345.0" },
					       { "0.0001", "0.0001" }, { "0.00001", "1e-05" }, { "1.5e300", "1.5e+300" },
					       { "100", "100.0" },    { "-173.293", "-173.293" } };
	char types[] = "f", want[64];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(want, sizeof(want), "{\"a\": %s}", rows[i][1]);
		is_row(types, (char *[]){ (char *)rows[i][0] }, 1, want);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("emit");
	TCase *t = tcase_create("python");
	tcase_add_test(t, rows_of_seed_100);
	tcase_add_test(t, other_seeds);
	tcase_add_test(t, one_has_one_value);
	tcase_add_test(t, rows_as_json_dumps);
	tcase_add_test(t, floats_as_repr);
	suite_add_tcase(s, t);
	return run_suite(s);
}
