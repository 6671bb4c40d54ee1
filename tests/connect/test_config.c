/* .properties files and what a configuration may say. */
#include "check_main.h"
#include <string.h>

#include "connect/check.h"

static const struct {
	const char *label, *text, *key, *value; /* value NULL: not there */
} lines[] = {
	{ "plain", "a=b", "a", "b" },
	{ "blanks around", "  a \t= b ", "a", "b " },
	{ "colon", "a:b=c", "a", "b=c" },
	{ "blank only", "flush.size 3", "flush.size", "3" },
	{ "no value", "a", "a", "" },
	{ "empty value", "a=", "a", "" },
	{ "hash comment", "#a=b", "a", NULL },
	{ "bang comment", " !a=b", "!a", NULL },
	{ "hash in a value", "a=b#c", "a", "b#c" },
	{ "continued", "a=b,\\\n    c", "a", "b,c" },
	{ "continued CRLF", "a=b\\\r\n\tc\r\nd=e", "a", "bc" },
	{ "after a continued one", "a=b\\\r\n\tc\r\nd=e", "d", "e" },
	{ "comment does not continue", "#x\\\na=b", "a", "b" },
	{ "escaped separator", "a\\=b\\:c=d", "a=b:c", "d" },
	{ "escaped letters", "a=\\t\\n\\q\\\\", "a", "\t\nq\\" },
	{ "unicode", "a=\\u00e9\\u2026", "a", "\xc3\xa9\xe2\x80\xa6" },
	{ "UTF-8 as it is", "a=\xc3\xa9", "a", "\xc3\xa9" },
	{ "the last one counts", "a=1\na=2", "a", "2" },
	{ "carriage returns", "a=1\rb=2\r", "b", "2" },
	{ "regex", "topics.regex=0affea73130b.*", "topics.regex", "0affea73130b.*" },
};

START_TEST(test_lines)
{
	struct con_config c = { 0 };
	struct error err;
	const char *got;
	ck_assert_msg(con_properties(sl(lines[_i].text), &c, &err) == 0, "%s", lines[_i].label);
	got = con_get(&c, lines[_i].key);
	if (lines[_i].value)
		ck_assert_msg(got && !strcmp(got, lines[_i].value), "%s: %s", lines[_i].label, got ? got : "(none)");
	else
		ck_assert_msg(!got && !c.n, "%s", lines[_i].label);
	con_config_free(&c);
}
END_TEST

START_TEST(test_malformed)
{
	struct con_config c = { 0 };
	struct error err;
	ck_assert_int_eq(con_properties(S("a=1\nb=\\u12x4"), &c, &err), ERR_INVALID);
	ck_assert_str_eq(err.text, "Malformed \\uxxxx encoding.");
	con_config_free(&c);
}
END_TEST

static const char base[] = "name=x\nconnector.class=S3Sink\nformat.class=io.confluent.connect.s3.format.json.JsonFormat\n"
			   "storage.class=io.confluent.connect.s3.storage.S3Storage\ns3.bucket.name=b\nflush.size=1\ntopics=t\n";
static const struct {
	const char *more, *problem; /* problem NULL: none */
} rules[] = {
	{ "", NULL },
	{ "topics.regex=x.*", "topics and topics.regex are mutually exclusive options, but both are set." },
	{ "topics=", "Must configure one of topics or topics.regex" },
	{ "topics=\ntopics.regex=(((", "Invalid value ((( for configuration topics.regex: Invalid regex: Unclosed group near index 3\n(((" },
	{ "flush.size=x", "Invalid value x for configuration flush.size: Not a number of type INT" },
	{ "flush.size=0", NULL },
	{ "tasks.max=0", "Invalid value 0 for configuration tasks.max: Value must be at least 1" },
	{ "rotate.interval.ms=99999999999999999999", "Invalid value 99999999999999999999 for configuration rotate.interval.ms: Not a number of type LONG" },
	{ "s3.region=mars-1", "Invalid value mars-1 for configuration s3.region: Value must be one of: us-east-1, us-east-2, us-west-1, us-west-2, eu-west-1, eu-central-1" },
	{ "value.converter=no.Such", "Invalid value no.Such for configuration value.converter: Class no.Such could not be found." },
	{ "store.kafka.keys=maybe", "Invalid value maybe for configuration store.kafka.keys: Expected value to be either true or false" },
	{ "name=", "Invalid value  for configuration name: String may not be empty" },
};

START_TEST(test_rules)
{
	struct con_config c = { 0 };
	struct con_judgement j;
	struct arena a = { 0 };
	struct error err;
	ck_assert_int_eq(con_properties(sl(base), &c, &err), 0);
	ck_assert_int_eq(con_properties(sl(rules[_i].more), &c, &err), 0);
	con_judge(&a, &c, CON_S3_10_0, &j);
	struct slice first = con_first_error(&j);
	ck_assert_msg(sl_eqs(first, rules[_i].problem ? rules[_i].problem : ""), "%.*s", SL(first));
	con_config_free(&c);
	arena_free(&a);
}
END_TEST

START_TEST(test_json_and_back)
{
	struct con_config c = { 0 }, d = { 0 };
	struct buf b = { 0 };
	struct error err;
	ck_assert_int_eq(con_config_parse(S("{\"b\":\"\\u2026\\\"\",\"a\":3,\"n\":null,\"t\":true}"), &c, &err), 0);
	con_config_json(&c, &b);
	ck_assert_msg(sl_eqs(buf_slice(&b), "{\"b\":\"\xe2\x80\xa6\\\"\",\"a\":\"3\",\"t\":\"true\"}"), "%.*s", SL(buf_slice(&b)));
	ck_assert_int_eq(con_config_parse(buf_slice(&b), &d, &err), 0);
	ck_assert_uint_eq(d.n, c.n);
	con_config_free(&c);
	con_config_free(&d);
	ck_assert_int_eq(con_config_parse(S("{\"a\":{}}"), &c, &err), ERR_INVALID);
	ck_assert_int_eq(con_config_parse(S("[]"), &c, &err), ERR_INVALID);
	ck_assert_int_eq(con_config_parse(S("{"), &c, &err), ERR_INVALID);
	con_config_free(&c);
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("connect config");
	TCase *t = tcase_create("config");

	tcase_add_loop_test(t, test_lines, 0, (int)ARRAY_LEN(lines));
	tcase_add_test(t, test_malformed);
	tcase_add_loop_test(t, test_rules, 0, (int)ARRAY_LEN(rules));
	tcase_add_test(t, test_json_and_back);
	suite_add_tcase(s, t);
	return run_suite(s);
}
