/* The short way of reading a record beside the way by jansson's tree: the same rows, reasons, positions, hits. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "cleaning/pinterest.h"
#include "cleaning/record_both.h"

static struct cleaning all;
static struct clean_rules *rules; /* all.rules */

static const char *const lines[] = {
	"{\"index\":7528,\"title\":\"No Title Data Available\",\"follower_count\":\"124k\",\"category\":\"art\"}",
	"{\"ind\":1,\"country\":\"Albania\",\"latitude\":-89.9787,\"longitude\":-173.293,\"timestamp\":\"2020-08-28T03:52:47\"}",
	"{\"ind\":2,\"first_name\":\"Rachel\",\"last_name\":\"Davis\",\"age\":36,\"date_joined\":\"2015-12-08 20:02:43\"}",
	" {\"ind\" : 3 , \"index\" : 4, \"title\":\"\\ud83c\\udf42 \\\"x\\\"\", \"country\":\"\\u00e9\",\"age\":\"20\"}\r",
	"{\"index\":4,\"ind\":3,\"title\":\"a\",\"title\":\"b\",\"age\":1,\"age\":null,\"country\":true}",
	"{\"index\":4,\"idx\":5,\"index\":6,\"title\":null,\"country\":null,\"age\":null}",
	"{\"index\":5,\"title\":{\"a\":1},\"title\":\"b\",\"country\":[],\"age\":{}}",
	"{\"index\":5,\"title\":\"b\",\"title\":{\"a\":1},\"country\":\"x\",\"age\":[1]}",
	"{\"index\":6,\"title\":\"c\",\"other\":{\"deep\":[1,{\"x\":[]}]},\"country\":\"C\",\"age\":3}",
	"{\"img_src\":\"x\",\"image_src\":{\"no\":1},\"index\":1}",
	"{\"image_src\":\"x\",\"img_src\":{\"no\":1},\"index\":1}",
	"{\"index\":1.5,\"title\":1.50,\"age\":20.9,\"latitude\":\"1e2\",\"longitude\":1e400,\"country\":\"x\"}",
	"{\"index\":1,\"title\":\"a\\u0000b\",\"first_name\":\"a\\u0000\",\"last_name\":\"b\",\"country\":\"\\u0000\"}",
	"{\"index\":9223372036854775807,\"title\":123456789012345678901,\"age\":1}",
	"{\"index\":12,\"downloaded\":1}",
	"{\"index\":13}",
	"{}",
	"[]",
	"[{\"ind\":1,\"title\":\"a\",\"country\":\"b\",\"age\":3},{\"ind\":2,\"title\":\"a\",\"country\":\"b\",\"age\":3},7]",
	"7",
	"null",
	"\"text\"",
	"{\"ind\":1,\"title\":\"a\"",
	"{\"ind\":1,\"title\":\"a\"}}",
	"{\"ind\":1,\"title\":\"a\xff\",\"age\":1}",
	"{\"ind\":1,\"title\":\"a\tb\",\"age\":1}",
	"{\"ind\":1,'title':\"a\"}",
	"{\"ind\":1,\"title\":tru}",
	"{\"country\":\"Albania\",\"latitude\":1,\"longitude\":\"north\",\"timestamp\":1598586767,\"ind\":\" 7 \"}",
	"{\"country\":\"Albania\",\"latitude\":0.00001,\"longitude\":1e21,\"timestamp\":\"2020-02-30 00:00:00\",\"ind\":8}",
	"{\"ti\\u0074le\":\"escaped key\",\"ind\":9,\"\\u0061ge\":5,\"countr\\u0079\":\"x\"}",
	"\"a\": 1",
	"",
	"   ",
};

START_TEST(known_lines)
{
	for (int set = 0; set < SET_N; set++)
		ck_assert_msg(both_ways_same(&rules[set], sl(lines[_i])), "%s: %s", all.sets.at[set].table, lines[_i]);
}
END_TEST

START_TEST(all_in_one_object)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		buf_addf(&b, "%s\n", lines[i]);
	for (int set = 0; set < SET_N; set++)
		ck_assert(both_ways_same(&rules[set], buf_slice(&b)));
	buf_free(&b);
}
END_TEST

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

START_TEST(torn_lines)
{
	uint32_t seed = 7;
	struct buf b = { 0 };
	for (int i = 0; i < 20000; i++) {
		buf_reset(&b);
		for (int k = 0; k < 3; k++)
			buf_addf(&b, "%s\n", lines[next(&seed) % ARRAY_LEN(lines)]);
		for (uint32_t k = next(&seed) % 4; k--;)
			b.p[next(&seed) % b.n] = "{}[]\",:\\0159.eE-+u \n\x01\x80\xc3\xe2k"[next(&seed) % 25];
		int set = (int)(next(&seed) % SET_N);
		ck_assert_msg(both_ways_same(&rules[set], buf_slice(&b)), "%s: %.*s", all.sets.at[set].table, (int)b.n, b.p);
	}
	buf_free(&b);
}
END_TEST

/* A key that two columns share: each has its value. */
START_TEST(shared_key)
{
	struct arena a = { 0 };
	struct clean_rules r;
	struct error err;
	struct slice text = S("rename title, index -> description\nrename index -> ind\n");
	struct dataset d = all.sets.at[PIN];
	d.rules = (struct dataset_part){ text, 1 };
	ck_assert_msg(clean_rules_parse(&a, &d, &r, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		ck_assert_msg(both_ways_same(&r, sl(lines[i])), "%s", lines[i]);
	arena_free(&a);
}
END_TEST

/* Variants: rows without nulls are counted alike. */
START_TEST(variants)
{
	struct clean_rules r[SET_N];
	memcpy(r, rules, sizeof(r));
	ck_assert(clean_rules_choose(r, SET_N, S("nulls"), S("drop"), NULL) == 0);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		for (int set = 0; set < SET_N; set++)
			ck_assert_msg(both_ways_same(&r[set], sl(lines[i])), "%s", lines[i]);
}
END_TEST

int main(void)
{
	struct arena text = { 0 };
	pinterest_open(&all, &text);
	rules = all.rules;
	Suite *s = suite_create("record");
	TCase *t = tcase_create("record");
	tcase_add_loop_test(t, known_lines, 0, ARRAY_LEN(lines));
	tcase_add_test(t, all_in_one_object);
	tcase_add_test(t, torn_lines);
	tcase_add_test(t, shared_key);
	tcase_add_test(t, variants);
	suite_add_tcase(s, t);
	int rc = run_suite(s);
	arena_free(&text);
	return rc;
}
