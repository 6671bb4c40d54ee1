/* Records as the sink writes them: Java's order, numbers and escapes; Jackson's errors. */
#include "check_main.h"
#include <string.h>

#include "connect/connect.h"

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
	{ "007", "7" }, /* JsonConverter's own choice */
	{ "-007", "-7" },
	{ "00", "0" },
	{ "-00", "0" },
	{ "[01.5, 00e5]", "[1.5,0.0]" },
	{ "0123456789012345678901", "-5670419503621182411" },
	{ "-0.0", "0.0" }, /* through a BigDecimal, which has no negative zero */
	{ "[1, 2.5, \"x\", null, true]", "[1,2.5,\"x\",null,true]" },
	{ "\"/ \\/ \\u00e9 \\u2026\"", "\"/ / \xc3\xa9 \xe2\x80\xa6\"" },
	{ "\"\xf0\x9f\x98\x80\"", "\"\\uD83D\\uDE00\"" },
	{ "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"" },
	{ "\"\\u0001\\n\\t\\\"\\\\\"", "\"\\u0001\\n\\t\\\"\\\\\"" },
	{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", "{\"\\uD83D\\uDE00\":2}" }, /* one name */
	{ "{\"AaAa\":1,\"BBBB\":2,\"AaBB\":3}", "{\"AaAa\":1,\"BBBB\":2,\"AaBB\":3}" }, /* one hash */
};

START_TEST(test_records)
{
	struct arena a = { 0 };
	struct jk_node *v;
	struct cv_data d;
	struct error err;
	struct buf b = { 0 };
	ck_assert_int_eq(con_json(&a, sl(records[_i].in), true, &v, &err), 0);
	ck_assert_int_eq(con_json_data(&a, v, false, false, &d, &err), 0);
	cv_write_object(&b, &d.v);
	ck_assert_msg(sl_eqs(buf_slice(&b), records[_i].out), "%s: %.*s", records[_i].in, SL(buf_slice(&b)));
	buf_free(&b);
	arena_free(&a);
}
END_TEST

#define CORE "com.fasterxml.jackson.core."
#define PARSE CORE "JsonParseException: "
#define CUT CORE "io.JsonEOFException: "
#define SOURCE "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: "
#define AT(column) "\n at " SOURCE column "]"
#define VALUES "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
#define NUMERIC " in numeric value: "

/* Jackson 2.16 on bytes. */
static const struct {
	const char *in, *error;
} wrong[] = {
	{ "not json", PARSE "Unrecognized token 'not': was expecting " VALUES AT("5") },
	{ "{\"a\":", CUT "Unexpected end-of-input within/between Object entries" AT("6") },
	{ "{\"a\" 1}", PARSE "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value" AT("7") },
	{ "[1 2]", PARSE "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries" AT("5") },
	{ "[1,", PARSE "Unexpected end-of-input within/between Array entries" AT("4") },
	{ "[1", CUT "Unexpected end-of-input: expected close marker for Array (start marker at " SOURCE "1])" AT("3") },
	{ "[1}", PARSE "Unexpected close marker '}': expected ']' (for Array starting at " SOURCE "1])" AT("4") },
	{ "\"a", CUT "Unexpected end-of-input in VALUE_STRING" AT("3") },
	{ "{'a':1}", PARSE "Unexpected character (''' (code 39)): was expecting double-quote to start field name" AT("3") },
	{ "-x", PARSE "Unexpected character ('x' (code 120))" NUMERIC "expected digit (0-9) to follow minus sign, for valid numeric value" AT("3") },
	{ "+1", PARSE "Unexpected character ('+' (code 43))" NUMERIC "JSON spec does not allow numbers to have plus signs: enable "
	  "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow" AT("3") },
	{ "NaN", PARSE "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow" AT("4") },
	{ "1.x", PARSE "Unexpected character ('x' (code 120))" NUMERIC "Decimal point not followed by a digit" AT("4") },
	{ "tru", PARSE "Unrecognized token 'tru': was expecting " VALUES AT("4") },
	{ "\"\\x\"", PARSE "Unrecognized character escape 'x' (code 120)" AT("4") },
	{ "\"\n\"", PARSE "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value" AT("3") },
	{ "\"\xff\"", PARSE "Invalid UTF-8 start byte 0xff" AT("3") },
};

START_TEST(test_wrong)
{
	struct arena a = { 0 };
	struct jk_node *v;
	struct error err;
	ck_assert_msg(con_json(&a, sl(wrong[_i].in), true, &v, &err) == ERR_INVALID, "%s", wrong[_i].in);
	ck_assert_str_eq(err.text, wrong[_i].error);
	ck_assert(con_json(&a, sl(wrong[_i].in), false, &v, &err) == ERR_INVALID && sl_ends(sl(wrong[_i].error), sl(err.text)));
	arena_free(&a);
}
END_TEST

START_TEST(test_limits)
{
	struct arena a = { 0 };
	struct jk_node *v;
	struct error err;
	struct buf b = { 0 };
	for (int i = 0; i < 1001; i++)
		buf_addc(&b, '[');
	ck_assert_int_eq(con_json(&a, buf_slice(&b), true, &v, &err), ERR_INVALID);
	ck_assert_str_eq(err.text, CORE "exc.StreamConstraintsException: Document nesting depth (1001) exceeds the maximum allowed (1000, from "
			 "`StreamReadConstraints.getMaxNestingDepth()`)");
	buf_reset(&b);
	for (int i = 0; i < 1001; i++)
		buf_addc(&b, '1');
	ck_assert_int_eq(con_json(&a, buf_slice(&b), true, &v, &err), ERR_INVALID);
	ck_assert_str_eq(err.text, CORE "exc.StreamConstraintsException: Number value length (1001) exceeds the maximum allowed (1000, from "
			 "`StreamReadConstraints.getMaxNumberLength()`)");
	ck_assert(con_json(&a, S(" "), true, &v, &err) == 0 && v->kind == JK_NONE);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

START_TEST(test_hash)
{
	ck_assert_uint_eq(java_hash(S("")), 0);
	ck_assert_uint_eq(java_hash(S("hello")), 99162322);
	ck_assert_uint_eq(java_hash(S("AaAa")), java_hash(S("BBBB")));
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
	tcase_add_test(t, test_limits);
	tcase_add_test(t, test_hash);
	tcase_add_test(t, test_object_key);
	suite_add_tcase(s, t);
	return run_suite(s);
}
