/* Shapes: what they make of forms and JSON, what they refuse, what they write. */
#include "aws/shape.h"
#include "check_main.h"
#include "core/json.h"
#include "env.h"

static char *form(const char *shape, const char *body, char *wrong, size_t n)
{
	struct arena a = { 0 };
	struct http_req req = { .arena = &a, .body = sl(body) };
	struct error err = { 0 };
	struct buf text = { 0 };
	json_t *v = shape_form(&req, &err);
	*wrong = '\0';
	if (!v || shape_decode(shape_of(shape), v, SHAPE_FORM, &err))
		snprintf(wrong, n, "%.*s", (int)n - 1, err.text);
	else if (shape_check(shape_of(shape), v, true, &text))
		snprintf(wrong, n, "%s", buf_cstr(&text));
	char *got = v ? json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(v);
	buf_free(&text);
	arena_free(&a);
	return got;
}

static const struct {
	const char *shape, *body, *json, *wrong;
} forms[] = {
	{ "Name!:s1-4 N:i1-5", "Action=X&Version=1&Name=ab&N=3", "{\"N\":3,\"Name\":\"ab\"}", "" },
	{ "Name!:s1-4", "Action=X", "{}", "Value null at 'name' failed to satisfy constraint: Member must not be null" },
	{ "Name!:s1-4", "Name=abcde", NULL, "Value 'abcde' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4" },
	{ "N:i1-5", "N=9", NULL, "Value '9' at 'n' failed to satisfy constraint: Member must have value less than or equal to 5" },
	{ "N:i", "N=x", NULL, "N can not be converted to an Integer" },
	{ "Tags:[{Key!:s1-128 Value!:s0-256}]", "Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value=",
	  "{\"Tags\":[{\"Key\":\"a\",\"Value\":\"\"},{\"Key\":\"b\",\"Value\":\"2\"}]}", "" },
	{ "InstanceId:[s] Filter:[{Name Value:[s]}]", "InstanceId.1=i-1&InstanceId.2=i-2&Filter.1.Name=tag:a&Filter.1.Value.1=x",
	  "{\"Filter\":[{\"Name\":\"tag:a\",\"Value\":[\"x\"]}],\"InstanceId\":[\"i-1\",\"i-2\"]}", "" },
	{ "Ids:[Id=s]", "Ids.Id.1=a", "{\"Ids\":[\"a\"]}", "" },
	{ "Ids:[s]", "Ids=", "{\"Ids\":[]}", "" },
	{ "M:<s>", "M.entry.1.key=a&M.entry.1.value=b", "{\"M\":{\"a\":\"b\"}}", "" },
	{ "On:b At:t", "On=TRUE&At=2026-01-05T09:00:00Z", "{\"At\":1767603600000,\"On\":true}", "" },
	{ "T:A|B", "T=C", NULL, "Value 'C' at 't' failed to satisfy constraint: Member must satisfy enum value set: [A, B]" },
	{ "N!:s2-64~[\\w+=,.@-]*~", "N=a:b", NULL, "Value 'a:b' at 'n' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*" },
	{ "S:{A!}", "S.B=1", NULL, "Value null at 's.a' failed to satisfy constraint: Member must not be null" },
	{ "A", "A..B=1", NULL, "A..B is no parameter" },
	{ "A", "B=1&A=2", "{\"A\":\"2\"}", "" },
};

START_TEST(test_form)
{
	char wrong[1024], *got = form(forms[_i].shape, forms[_i].body, wrong, sizeof(wrong));
	ck_assert_str_eq(wrong, forms[_i].wrong);
	if (forms[_i].json)
		ck_assert_str_eq(got, forms[_i].json);
	free(got);
}
END_TEST

static const struct {
	const char *shape, *value, *json, *xml;
} answers[] = {
	{ "At:t", "{\"At\":1767603600000}", "{\"At\":1767603600}", "<At>2026-01-05T09:00:00Z</At>" },
	{ "At:t", "{\"At\":1767603600250}", "{\"At\":1767603600.25}", "<At>2026-01-05T09:00:00.250Z</At>" },
	{ "L:[Item={T:t}]", "{\"L\":[{\"T\":0,\"x\":1}]}", "{\"L\":[{\"T\":0,\"x\":1}]}", "<L><Item><T>1970-01-01T00:00:00Z</T><x>1</x></Item></L>" },
	{ "", "{\"L\":[\"a<\",true,null]}", "{\"L\":[\"a<\",true,null]}", "<L><member>a&lt;</member><member>true</member><member></member></L>" },
	{ "M:<s>", "{\"M\":{\"a\":\"b\"}}", "{\"M\":{\"a\":\"b\"}}", "<M><entry><key>a</key><value>b</value></entry></M>" },
};

START_TEST(test_answer)
{
	struct buf json = { 0 }, xml = { 0 };
	const struct shape *s = shape_of(answers[_i].shape);
	json_t *v = json_loads(answers[_i].value, 0, NULL);
	shape_json(s, v, SHAPE_SECONDS, &json);
	shape_xml(s, v, "member", false, &xml);
	ck_assert_str_eq(buf_cstr(&json), answers[_i].json);
	ck_assert_str_eq(buf_cstr(&xml), answers[_i].xml);
	json_decref(v);
	buf_free(&json);
	buf_free(&xml);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("shape");
	TCase *t = tcase_create("shape");
	tcase_add_loop_test(t, test_form, 0, ARRAY_LEN(forms));
	tcase_add_loop_test(t, test_answer, 0, ARRAY_LEN(answers));
	suite_add_tcase(s, t);
	return run_suite(s);
}
