/* Records as the sink writes them: Java's order, numbers and escapes; Jackson's errors. */
#include "check_main.h"
#include <string.h>

#include "connect/connect.h"
#include "connect/json.h"

static const struct {
	const char *in, *out;
} records[] = {
	{ "{}", "{}" },
	{ "{\"index\": 7528, \"unique_id\": \"u\", \"title\": \"t\"}", "{\"unique_id\":\"u\",\"index\":7528,\"title\":\"t\"}" },
	{ "{\"ts\": 1700000000000, \"n\": 0}", "{\"n\":0,\"ts\":1700000000000}" },
	{ "{\"a\": 1, \"a\": 2}", "{\"a\":2}" },
	{ "12345678901234567890", "-6101065172474983726" },
	{ "9007199254740993", "9007199254740993" },
	{ "1.0", "1.0" },
	{ "1e3", "1000.0" },
	{ "1e7", "1.0E7" },
	{ "0.001", "0.001" },
	{ "0.0001", "1.0E-4" },
	{ "-89.9787", "-89.9787" },
	{ "-0.0", "0.0" }, /* through a BigDecimal, which has no negative zero */
	{ "[1, 2.5, \"x\", null, true]", "[1,2.5,\"x\",null,true]" },
	{ "\"/ \\/ \\u00e9 \\u2026\"", "\"/ / \xc3\xa9 \xe2\x80\xa6\"" },
	{ "\"\xf0\x9f\x98\x80\"", "\"\\uD83D\\uDE00\"" },
	{ "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"" },
	{ "\"\\u0001\\n\\t\\\"\\\\\"", "\"\\u0001\\n\\t\\\"\\\\\"" },
	{ "{\"AaAa\":1,\"BBBB\":2,\"AaBB\":3}", "{\"AaAa\":1,\"BBBB\":2,\"AaBB\":3}" }, /* one hash */
};

START_TEST(test_records)
{
	struct arena a = { 0 };
	struct cjson *v;
	struct error err;
	struct buf b = { 0 };
	ck_assert_int_eq(cjson_parse(&a, sl(records[_i].in), &v, &err), 0);
	cjson_hash_order(&a, v);
	cjson_write(&b, v);
	ck_assert_msg(sl_eqs(buf_slice(&b), records[_i].out), "%s: %.*s", records[_i].in, SL(buf_slice(&b)));
	buf_free(&b);
	arena_free(&a);
}
END_TEST

static const char *const wrong[] = { "not json", "{\"a\":", "{\"a\" 1}", "[1 2]", "\"a", "{'a':1}", "01", "-", "1.", "tru", "\"\\x\"", "\"\n\"", "\"\xff\"" };

START_TEST(test_wrong)
{
	struct arena a = { 0 };
	struct cjson *v;
	struct error err;
	ck_assert_msg(cjson_parse(&a, sl(wrong[_i]), &v, &err) == ERR_INVALID, "%s", wrong[_i]);
	ck_assert_msg(!strncmp(err.text, "com.fasterxml.jackson.core.", 27), "%s", err.text);
	arena_free(&a);
}
END_TEST

START_TEST(test_hash)
{
	ck_assert_uint_eq(java_string_hash(S("")), 0);
	ck_assert_uint_eq(java_string_hash(S("hello")), 99162322);
	ck_assert_uint_eq(java_string_hash(S("AaAa")), java_string_hash(S("BBBB")));
}
END_TEST

START_TEST(test_object_key)
{
	struct sink_conf s = { .topics_dir = "topics", .dir_delim = "/", .file_delim = "+", .pad = 10 };
	struct con_tp tp = { .topic = (char *)"0affea73130b.pin" };
	struct sink_file f = { .partition = (char *)"partition=0", .start = 42 };
	struct buf b = { 0 };
	con_object_key(&s, &tp, &f, ".json", &b);
	ck_assert_msg(sl_eqs(buf_slice(&b), "topics/0affea73130b.pin/partition=0/0affea73130b.pin+0+0000000042.json"), "%.*s", SL(buf_slice(&b)));
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("connect json");
	TCase *t = tcase_create("json");

	tcase_add_loop_test(t, test_records, 0, (int)ARRAY_LEN(records));
	tcase_add_loop_test(t, test_wrong, 0, (int)ARRAY_LEN(wrong));
	tcase_add_test(t, test_hash);
	tcase_add_test(t, test_object_key);
	suite_add_tcase(s, t);
	return run_suite(s);
}
