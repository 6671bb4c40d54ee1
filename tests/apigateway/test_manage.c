/* The configuration's own rules: patch operations, models' schemas, quota periods, YAML. */
#include <string.h>

#include "apigateway/manage.h"
#include "apigateway/openapi.h"
#include "check_main.h"

static const struct gw_patch_rule rules[] = {
	{ "/name", 'S', "r" }, { "/description", 's', "ar-" }, { "/on", 'b', "r" }, { "/n", 'i', "ar" }, { "/t/rate", 'f', "ar-" }, { "/t", 'o', "-" },
	{ "/vars/?", 'm', "ar-" }, { "/params/?", 'M', "ar-" }, { "/types/?", 'l', "ar-" },
};
static const struct gw_patch patch_rules = { GW_PATCH(rules) };

static const struct {
	const char *doc, *op, *path, *value, *want; /* want: the document, or the error */
} patches[] = {
	{ "{}", "replace", "/name", "x", "{\"name\":\"x\"}" },
	{ "{}", "add", "/name", "x", "Invalid patch operation specified. Must be one of: [replace]" },
	{ "{}", "replace", "/nothing", "x", "Invalid patch path /nothing" },
	{ "{}", "replace", "/name/x", "x", "Invalid patch path /name/x" },
	{ "{\"description\":\"a\"}", "remove", "/description", NULL, "{}" },
	{ "{\"description\":\"a\"}", "replace", "/description", "", "{}" },
	{ "{}", "replace", "/on", "TRUE", "{\"on\":true}" },
	{ "{}", "replace", "/on", "yes", "{\"on\":false}" },
	{ "{}", "replace", "/n", "-7", "{\"n\":-7}" },
	{ "{}", "replace", "/n", "7x", "Invalid value '7x' specified for n" },
	{ "{}", "replace", "/t/rate", "2.5", "{\"t\":{\"rate\":2.5}}" },
	{ "{\"t\":{\"rate\":1.0}}", "remove", "/t/rate", NULL, "{}" },
	{ "{\"t\":{\"rate\":1.0}}", "remove", "/t", NULL, "{}" },
	{ "{}", "add", "/vars/a~1b~0c", "v", "{\"vars\":{\"a/b~c\":\"v\"}}" },
	{ "{\"vars\":{\"a\":\"b\"}}", "remove", "/vars/a", NULL, "{\"vars\":{}}" },
	{ "{}", "add", "/params/x", "true", "{\"params\":{\"x\":true}}" },
	{ "{\"types\":[\"a\",\"b\"]}", "replace", "/types/a", "c", "{\"types\":[\"b\",\"c\"]}" },
	{ "{\"types\":[\"a\"]}", "add", "/types/image~1png", NULL, "{\"types\":[\"a\",\"image/png\"]}" },
	{ "{\"types\":[\"a\"]}", "remove", "/types/none", NULL, "{\"types\":[\"a\"]}" },
	{ "{}", "copy", "/name", "x", "Invalid patch operation specified. Must be one of: [replace]" },
	{ "{}", "replace", "", "x", "Invalid patch path " },
};

START_TEST(patch)
{
	JSON_AUTO doc = json_loads(patches[_i].doc, 0, NULL);
	struct error err = { 0 };
	struct gw_change c = { patches[_i].op, patches[_i].path, patches[_i].value, NULL };
	int rc = gw_change(doc, &c, &patch_rules, &err);
	if (rc) {
		ck_assert_str_eq(err.text, patches[_i].want);
		return;
	}
	JSON_AUTO want = json_loads(patches[_i].want, 0, NULL);
	ck_assert_msg(json_equal(doc, want), "%s %s: %s", patches[_i].op, patches[_i].path, json_dumps(doc, JSON_COMPACT));
}
END_TEST

static const struct {
	const char *schema, *value;
	bool ok;
} schemas[] = {
	{ "{}", "1", true },
	{ "{\"type\":\"object\"}", "{}", true },
	{ "{\"type\":\"object\"}", "[]", false },
	{ "{\"type\":\"integer\"}", "1", true },
	{ "{\"type\":\"integer\"}", "1.5", false },
	{ "{\"type\":\"number\"}", "1.5", true },
	{ "{\"type\":[\"string\",\"null\"]}", "null", true },
	{ "{\"type\":[\"string\",\"null\"]}", "1", false },
	{ "{\"required\":[\"a\"]}", "{\"a\":null}", true },
	{ "{\"required\":[\"a\"]}", "{\"b\":1}", false },
	{ "{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1}", false },
	{ "{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1,\"b\":1}", false },
	{ "{\"additionalProperties\":{\"type\":\"string\"}}", "{\"x\":\"y\"}", true },
	{ "{\"additionalProperties\":{\"type\":\"string\"}}", "{\"x\":1}", false },
	{ "{\"enum\":[1,\"a\"]}", "\"a\"", true },
	{ "{\"enum\":[1,\"a\"]}", "\"b\"", false },
	{ "{\"pattern\":\"^\\\\d+$\"}", "\"123\"", true },
	{ "{\"pattern\":\"\\\\d\"}", "\"a1b\"", true },
	{ "{\"pattern\":\"^\\\\d+$\"}", "\"12a\"", false },
	{ "{\"minLength\":2,\"maxLength\":3}", "\"\xc3\xa9\xc3\xa9\"", true },
	{ "{\"maxLength\":3}", "\"abcd\"", false },
	{ "{\"minimum\":0,\"exclusiveMinimum\":true}", "0", false },
	{ "{\"minimum\":0}", "0", true },
	{ "{\"maximum\":5}", "5.5", false },
	{ "{\"multipleOf\":0.5}", "2.5", true },
	{ "{\"multipleOf\":2}", "3", false },
	{ "{\"items\":{\"type\":\"integer\"}}", "[1,2]", true },
	{ "{\"items\":{\"type\":\"integer\"}}", "[1,\"2\"]", false },
	{ "{\"minItems\":1}", "[]", false },
	{ "{\"uniqueItems\":true}", "[1,2,1]", false },
	{ "{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "3", false },
	{ "{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "1", true },
	{ "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1", false },
	{ "{\"allOf\":[{\"minimum\":1},{\"maximum\":2}]}", "3", false },
	{ "{\"not\":{\"type\":\"null\"}}", "null", false },
	{ "{\"$ref\":\"https://apigateway.amazonaws.com/restapis/x/models/M\"}", "{\"k\":1}", true },
	{ "{\"$ref\":\"#/definitions/M\"}", "{}", false },
	{ "{\"$ref\":\"#/definitions/Loop\"}", "1", false }, /* refers to itself: ends */
};

START_TEST(schema)
{
	JSON_AUTO models = json_loads("{\"M\":{\"schema\":\"{\\\"required\\\":[\\\"k\\\"]}\"},\"Loop\":{\"schema\":\"{\\\"$ref\\\":\\\"#/definitions/Loop\\\"}\"}}", 0, NULL);
	JSON_AUTO s = json_loads(schemas[_i].schema, 0, NULL);
	JSON_AUTO v = json_loads(schemas[_i].value, JSON_DECODE_ANY, NULL);
	ck_assert_msg(s && v && models, "%s %s", schemas[_i].schema, schemas[_i].value);
	JSON_AUTO read = json_object();
	static const bool goes_on;
	struct gw_schema with = { models, read, 10000, &goes_on };
	ck_assert_msg(gw_schema_ok(&with, s, v, 0) == schemas[_i].ok, "%s %s", schemas[_i].schema, schemas[_i].value);
}
END_TEST

static const struct {
	const char *quota, *a, *b;
	bool same; /* a and b are in one period */
} periods[] = {
	{ "{\"period\":\"DAY\"}", "2026-01-05T00:00:00Z", "2026-01-05T23:59:59Z", true },
	{ "{\"period\":\"DAY\"}", "2026-01-05T23:59:59Z", "2026-01-06T00:00:00Z", false },
	{ "{\"period\":\"WEEK\",\"offset\":0}", "2026-01-04T00:00:00Z", "2026-01-10T23:59:59Z", true }, /* Sunday to Saturday */
	{ "{\"period\":\"WEEK\",\"offset\":0}", "2026-01-10T23:59:59Z", "2026-01-11T00:00:00Z", false },
	{ "{\"period\":\"WEEK\",\"offset\":1}", "2026-01-11T12:00:00Z", "2026-01-12T00:00:00Z", false },
	{ "{\"period\":\"MONTH\",\"offset\":0}", "2026-01-01T00:00:00Z", "2026-01-31T23:59:59Z", true },
	{ "{\"period\":\"MONTH\",\"offset\":0}", "2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", false },
	{ "{\"period\":\"MONTH\",\"offset\":5}", "2026-02-01T00:00:00Z", "2026-02-05T23:59:59Z", true },
	{ "{\"period\":\"MONTH\",\"offset\":5}", "2026-02-05T23:59:59Z", "2026-02-06T00:00:00Z", false },
};

START_TEST(period)
{
	JSON_AUTO plan = json_pack("{s:o}", "quota", json_loads(periods[_i].quota, 0, NULL));
	int64_t a, b;
	ck_assert(clock_parse_iso(sl(periods[_i].a), &a) && clock_parse_iso(sl(periods[_i].b), &b));
	ck_assert_msg((gw_period(plan, a) == gw_period(plan, b)) == periods[_i].same, "%s %s %s", periods[_i].quota, periods[_i].a, periods[_i].b);
}
END_TEST

static const struct {
	const char *yaml, *json; /* json NULL: refused */
} yamls[] = {
	{ "a: 1\nb: [x, \"2\", true, ~, 1.5, -3]\n", "{\"a\":1,\"b\":[\"x\",\"2\",true,null,1.5,-3]}" },
	{ "\"200\":\n  v: '1.0'\n", "{\"200\":{\"v\":\"1.0\"}}" },
	{ "t: |\n  {\n    \"x\": 1\n  }\n", "{\"t\":\"{\\n  \\\"x\\\": 1\\n}\\n\"}" },
	{ "a: &x {k: v}\nb: *x\n", "{\"a\":{\"k\":\"v\"},\"b\":{\"k\":\"v\"}}" },
	{ "d: 2023-08-21T10:21:43Z\ne: 1-2\n", "{\"d\":\"2023-08-21T10:21:43Z\",\"e\":\"1-2\"}" },
	{ "a: [1, 2", NULL },
	{ "a: b: c", NULL },
	{ "? [x]\n: y\n", NULL },
	{ "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
	  "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n", NULL },
};

START_TEST(yaml)
{
	JSON_AUTO got = gw_yaml(sl(yamls[_i].yaml));
	struct buf b = { 0 };
	ck_assert_msg((got != NULL) == (yamls[_i].json != NULL), "%s", yamls[_i].yaml);
	if (!got)
		return;
	JSON_AUTO want = json_loads(yamls[_i].json, 0, NULL);
	ck_assert_msg(json_equal(got, want), "%s", yamls[_i].yaml);
	ck_assert(gw_yaml_write(got, &b));
	JSON_AUTO again = gw_yaml(buf_slice(&b));
	ck_assert_msg(json_equal(got, again), "%.*s", SL(buf_slice(&b)));
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("apigateway manage");
	TCase *t = tcase_create("manage");

	tcase_add_loop_test(t, patch, 0, ARRAY_LEN(patches));
	tcase_add_loop_test(t, schema, 0, ARRAY_LEN(schemas));
	tcase_add_loop_test(t, period, 0, ARRAY_LEN(periods));
	tcase_add_loop_test(t, yaml, 0, ARRAY_LEN(yamls));
	suite_add_tcase(s, t);
	return run_suite(s);
}
