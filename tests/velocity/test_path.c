/* JSON paths against what Jayway JsonPath 2.0 with json-smart gives, and JSON as json-smart reads and writes it. */
#include <check.h>

#include "velocity/path.h"
#include "check_main.h"

static const char document[] =
	"{\"s\": \"text\", \"n\": 2, \"z\": null, \"o\": {\"a\": 1, \"b\": {\"c\": \"d\"}}, \"l\": [1, \"two\", {\"x\": \"http://h/p\"}, null],"
	" \"p-k\": \"pk\", \"deep\": {\"items\": [{\"id\": 1, \"tag\": \"a\"}, {\"id\": 2, \"tag\": \"b\"}, {\"id\": 3, \"tag\": \"a\", \"f\": true}]}}";

/* NULL: leads nowhere, or no path. */
static const struct {
	const char *path, *expected;
} paths[] = {
	{ "$.s", "\"text\"" },
	{ "s", "\"text\"" },
	{ "$['o']['b'].c", "\"d\"" },
	{ "$.o.*", "[1,{\"c\":\"d\"}]" },
	{ "$['s','n','nope']", "{\"s\":\"text\",\"n\":2}" },
	{ "$.p-k", "\"pk\"" },
	{ "$.deep.items[0].id", "1" },
	{ "$.deep.items[-1]", NULL },
	{ "$.deep.items[-1:].id", "[3]" },
	{ "$.deep.items[-2:].id", "[2,3]" },
	{ "$.deep.items[:-1].id", "[1,2]" },
	{ "$.deep.items[:2].id", "[1,2]" },
	{ "$.deep.items[1:].id", "[2,3]" },
	{ "$.deep.items[1:2].id", "[2]" },
	{ "$.deep.items[5:]", "[]" },
	{ "$.deep.items[0,2].tag", "[\"a\",\"a\"]" },
	{ "$.deep.items[0,9].tag", NULL },
	{ "$.deep.items[(@.length-1)].id", "3" },
	{ "$.deep.items[*].tag", "[\"a\",\"b\",\"a\"]" },
	{ "$.deep.items[*].f", "[true]" },
	{ "$.deep.items[?(@.f)].id", "[3]" },
	{ "$.deep.items[?(!@.f)].id", "[1,2]" },
	{ "$.deep.items[?(@.id >= 2 && @.tag == 'a')].id", "[3]" },
	{ "$.deep.items[?(@.id == 1 || @.id == 3)].id", "[1,3]" },
	{ "$.deep.items[?(@.id > $.n)].id", "[3]" },
	{ "$.deep.items[?(@.tag =~ /A/i)].id", "[1,3]" },
	{ "$.deep.items[?(@.tag != 'a')].id", "[2]" },
	{ "$.deep.items[?(@.id > 1)].nope", NULL },
	{ "$.deep.items[?(@.id > 'x')]", NULL },
	{ "$.deep.items.length()", NULL },
	{ "$..tag", "[\"a\",\"b\",\"a\"]" },
	{ "$..items[0].tag", "[\"a\"]" },
	{ "$..['id','tag']", "[{\"id\":1,\"tag\":\"a\"},{\"id\":2,\"tag\":\"b\"},{\"id\":3,\"tag\":\"a\"}]" },
	{ "$..nope", "[]" },
	{ "$.z", "null" },
	{ "$.z.a", NULL },
	{ "$.l[9]", NULL },
	{ "$.l.x", NULL },
	{ "$.s[0]", NULL },
	{ "$.", NULL },
	{ "$..", NULL },
	{ "$. s", NULL },
	{ "$.l[", NULL },
	{ "$.l[]", NULL },
	{ "", NULL },
};

static struct slice json_of(struct arena *a, struct vtl_value v)
{
	struct slice s;
	struct buf b = { 0 };
	vtl_json_write(&b, v, false);
	s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

START_TEST(path)
{
	struct arena a = { 0 };
	struct vtl_value root, v;
	size_t visited = 0;
	int status;
	ck_assert(vtl_json_read(&a, sl(document), &root));
	status = jp_read(&a, root, sl(paths[_i].path), &visited, &v);
	if (!paths[_i].expected)
		ck_assert_msg(status != 0, "%s", paths[_i].path);
	else
		ck_assert_msg(status == 0 && sl_eqs(json_of(&a, v), paths[_i].expected), "%s", paths[_i].path);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *text, *json, *java;
} texts[] = {
	{ "{\"a\":1,\"a\":2,\"b\":[1,{\"c\":\"x/y\"}]}", "{\"a\":2,\"b\":[1,{\"c\":\"x/y\"}]}", "{a=2, b=[1,{\"c\":\"x\\/y\"}]}" },
	{ "{a:1,b:'x',c:[1,2,],}", "{\"a\":1,\"b\":\"x\",\"c\":[1,2]}", "{a=1, b=x, c=[1,2]}" },
	{ "not json", "\"not json\"", "not json" },
	{ "{\"a\":1} rest", "{\"a\":1}", "{a=1}" },
	{ "[1.0,1e3,-1.50,1E-7,12345678.9,0.1,-0]", "[1.0,1000.0,-1.5,1.0E-7,1.23456789E7,0.1,0]", "[1.0,1000.0,-1.5,1.0E-7,1.23456789E7,0.1,0]" },
	{ "[2147483648,9223372036854775808,88.084200000000000001]", "[2147483648,9223372036854775808,88.084200000000000001]",
	  "[2147483648,9223372036854775808,88.084200000000000001]" },
	{ "[\"\\ud83d\\udca3\\u00fc\\/\\b\\f\\n\\r\\t\\u000b\\u2028\\u007f\"]", "[\"💣ü/\\b\\f\\n\\r\\t\\u000B\\u2028\\u007F\"]",
	  "[\"💣ü\\/\\b\\f\\n\\r\\t\\u000B\\u2028\\u007F\"]" },
	{ "{\"a\":2026-01-01,\"b\":tru}", "{\"a\":\"2026-01-01\",\"b\":\"tru\"}", "{a=2026-01-01, b=tru}" },
	{ "[", NULL, NULL },
	{ "{\"a\"", NULL, NULL },
	{ "{\"a\":}", NULL, NULL },
	{ "", NULL, NULL },
};

START_TEST(json)
{
	struct arena a = { 0 };
	struct vtl_value v;
	bool read = vtl_json_read(&a, sl(texts[_i].text), &v);
	ck_assert_msg(read == (texts[_i].json != NULL), "%s", texts[_i].text);
	if (read) {
		ck_assert_msg(sl_eqs(json_of(&a, v), texts[_i].json), "%s", texts[_i].text);
		ck_assert_msg(sl_eqs(vtl_text(&a, v), texts[_i].java), "%s", texts[_i].text);
	}
	arena_free(&a);
}
END_TEST

/* More keys than a map searches one by one; removal in between. */
START_TEST(big_map)
{
	struct arena a = { 0 };
	struct vtl_map *m = vtl_map_new(&a);
	struct vtl_value old;
	for (int i = 0; i < 1000; i++)
		vtl_map_put(m, vtl_str(arena_printf(&a, "key%d", i)), vtl_int(i));
	for (int i = 0; i < 1000; i += 2)
		ck_assert(vtl_map_remove(m, vtl_str(arena_printf(&a, "key%d", i)), &old) && old.i == i);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(vtl_map_get(m, arena_printf(&a, "key%d", i)).type, i % 2 ? VTL_INT : VTL_NULL);
	ck_assert_uint_eq(m->n, 500);
	arena_free(&a);
}
END_TEST

START_TEST(deep)
{
	struct arena a = { 0 };
	struct vtl_value v;
	struct buf b = { 0 };
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, '[');
	ck_assert(!vtl_json_read(&a, buf_slice(&b), &v));
	buf_free(&b);
	arena_free(&a);
}
END_TEST

/* Texts that the writer would write again but for their white space, and texts that it wouldn't. */
static const struct {
	const char *text, *copied;
} copies[] = {
	{ "{ \"a\" : 1 , \"b\":[ true,null , false] }", "{\"a\":1,\"b\":[true,null,false]}" },
	{ "{\"\":\"\",\"b\":{},\"c\":[]}", "{\"\":\"\",\"b\":{},\"c\":[]}" },
	{ "[\"a\"\"b\",\"c d\"]", "[\"a\",\"b\",\"c d\"]" },
	{ "[\"h\xc3\xa9 \xe4\xb8\xad/\",\"sixteen bytes and some more of them\"]", "[\"h\xc3\xa9 \xe4\xb8\xad/\",\"sixteen bytes and some more of them\"]" },
	{ "[0,-7,123456789012345678,0.5,-28.0137,1.0,-0.0,9999999.9,0.001]", "[0,-7,123456789012345678,0.5,-28.0137,1.0,-0.0,9999999.9,0.001]" },
	{ "[1 , 2\n]", "[1,2]" },
	{ "{\"a\":1,\"a\":2}", NULL },
	{ "{\"a\":{\"x\":1,\"y\":2,\"x\":3}}", NULL },
	{ "{a:1}", NULL },
	{ "{'a':1}", NULL },
	{ "['a']", NULL },
	{ "[a]", NULL },
	{ "[,,]", "[]" },
	{ "[\"\\n\"]", NULL },
	{ "[\"\x7f\"]", NULL },
	{ "[\"\t\"]", NULL },
	{ "[\"\xe2\x80\xa8\"]", NULL },
	{ "[\"twenty bytes and a \xc2\x85\"]", NULL },
	{ "[01]", NULL },
	{ "[-0]", NULL },
	{ "[1e3]", NULL },
	{ "[1.50]", NULL },
	{ "[1.]", NULL },
	{ "[.5]", NULL },
	{ "[10000000.5]", NULL },
	{ "[0.0005]", NULL },
	{ "[1.234567890123456]", NULL },
	{ "[1234567890123456789]", NULL },
	{ "[NaN]", NULL },
};

START_TEST(copied)
{
	struct arena a = { 0 };
	struct slice out = S(""), text = sl(copies[_i].text);
	struct vtl_doc d;
	struct buf b = { 0 };
	ck_assert(vtl_doc_read(&d, text));
	ck_assert_int_eq(vtl_doc_json(&d, 0, &a, &out), copies[_i].copied != NULL);
	if (copies[_i].copied) {
		ck_assert_msg(sl_eqs(out, copies[_i].copied), "%s gave %.*s", copies[_i].text, SL(out));
		vtl_json_write(&b, vtl_doc_value(&d, 0, &a), false);
		ck_assert_msg(sl_eq(out, buf_slice(&b)), "%s is written %s", copies[_i].text, buf_cstr(&b));
	}
	vtl_doc_free(&d);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

START_TEST(no_text)
{
	struct slice none[] = { { NULL, 0 }, S(""), S(" ") };
	struct vtl_doc d;
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		ck_assert(!vtl_doc_read(&d, none[i]));
		vtl_doc_free(&d);
	}
}
END_TEST

/* More tokens than fit the first room, and what a member and an item lead to. */
START_TEST(tokens)
{
	struct arena a = { 0 };
	struct vtl_doc d;
	struct buf b = { 0 };
	size_t at;
	buf_adds(&b, "{\"l\":[");
	for (int i = 0; i < 500; i++)
		buf_addf(&b, "%d,", i);
	buf_adds(&b, "], \"\\u0061\": 1, \"a\": 2, \"l2\": []}");
	ck_assert(vtl_doc_read(&d, buf_slice(&b)));
	at = vtl_doc_member(&d, 0, S("l"), &a);
	ck_assert_uint_eq(at, 2);
	ck_assert_int_eq(vtl_doc_value(&d, vtl_doc_item(&d, at, 499), &a).i, 499);
	ck_assert_uint_eq(vtl_doc_item(&d, at, 500), 0);
	ck_assert_uint_eq(vtl_doc_item(&d, at, -1), 0);
	ck_assert_uint_eq(vtl_doc_item(&d, 0, 0), 0);
	ck_assert_int_eq(vtl_doc_value(&d, vtl_doc_member(&d, 0, S("a"), &a), &a).i, 2);
	ck_assert_uint_eq(vtl_doc_member(&d, 0, S("b"), &a), 0);
	ck_assert_uint_eq(vtl_doc_member(&d, at, S("a"), &a), 0);
	vtl_doc_free(&d);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

static Suite *jsonpath_suite(void)
{
	Suite *s = suite_create("jsonpath");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, path, 0, (int)ARRAY_LEN(paths));
	tcase_add_loop_test(t, json, 0, (int)ARRAY_LEN(texts));
	tcase_add_loop_test(t, copied, 0, (int)ARRAY_LEN(copies));
	tcase_add_test(t, no_text);
	tcase_add_test(t, tokens);
	tcase_add_test(t, big_map);
	tcase_add_test(t, deep);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(jsonpath_suite());
}
