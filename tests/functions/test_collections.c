/* Functions of arrays, maps and structs, and lambdas, beside Spark's answers. */
#include "sql.h"

#include "collection_answers.h"

START_TEST(test_collections)
{
	sql_check(collections, ARRAY_LEN(collections));
}
END_TEST

START_TEST(test_ansi)
{
	sql_session.ansi = true;
	sql_check(collections_ansi, ARRAY_LEN(collections_ansi));
	sql_session.ansi = false;
}
END_TEST

/* A lambda over more elements than go at once, and arrays that nobody may have. */
START_TEST(test_large)
{
	static const struct sql_case large[] = {
		{ "aggregate(transform(sequence(1, 50000), x -> x * 2), 0L, (a, x) -> a + x)", "2500050000" },
		{ "size(filter(sequence(1, 100000), x -> x % 7 = 0))", "14285" },
		{ "size(array_distinct(transform(sequence(1, 30000), x -> x % 1000)))", "1000" },
		{ "array_sort(transform(sequence(1, 300), x -> (x * 7919) % 301), (a, b) -> a - b)[150]", "151" },
		{ "map_from_arrays(sequence(1, 5000), sequence(5000, 1))[4999]", "2" },
		{ "size(sequence(1, 1000000000))", "!An array of 1000000000 elements is more than the 67108864 that one may have here." },
		{ "size(array_repeat(1, 2147483647))",
		  "!Unsuccessful try to create array with 2147483647 elements due to exceeding the array size limit 2147483632." },
	};
	sql_check(large, ARRAY_LEN(large));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("collections");
	TCase *t = tcase_create("all");
	tcase_add_test(t, test_collections);
	tcase_add_test(t, test_ansi);
	tcase_add_test(t, test_large);
	suite_add_tcase(s, t);
	return run_suite(s);
}
