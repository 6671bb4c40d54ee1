/* The scanner beside jansson. A row says whether the text is the scanner's; what it takes, jansson reads the same. */
#include "check_main.h"

#include <string.h>

#include "scan_tree.h"

static const struct {
	const char *text;
	bool ours;
} cases[] = {
	{ "{}", true },
	{ " { } ", true },
	{ "[]", true },
	{ "\r\n\t[ ]\n", true },
	{ "{\"a\":1}", true },
	{ "{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }", true },
	{ "{\"a\":{\"b\":{\"c\":[[],{}]}}}", true },
	{ "[{},{},[[]],[{}]]", true },
	{ "{\"a\":1,\"a\":2}", true },
	{ "{\"\":\"\"}", true },
	{ "null", true },
	{ "true", true },
	{ "[true,false,null]", true },
	{ "\"text\"", true },
	{ "\"0123456701234567012345670\"", true },
	{ "\"\xc3\xa9\xe2\x80\xa6\xf0\x9f\x8d\x82\x7f\"", true },
	{ "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\xe0\xa0\x80\xf0\x90\x80\x80\xc2\x80\"", true },
	{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", true },
	{ "\"\\u0041\\u00e9\\u20AC\\uffff\\u0001\"", true },
	{ "\"\\ud83c\\udf42 \\uDBFF\\uDFFF\"", true },
	{ "{\"\\u00e9\\n\":1}", true },
	{ "0", true },
	{ "-0", true },
	{ "999999999999999999", true },
	{ "-999999999999999999", true },
	{ "0.0", true },
	{ "-0.0", true },
	{ "-89.9787", true },
	{ "0.1", true },
	{ "4.35", true },
	{ "1e5", true },
	{ "1E+5", true },
	{ "1e-5", true },
	{ "1.7976931348623157e308", true },
	{ "2.2250738585072011e-308", true },
	{ "5e-324", true },
	{ "1e-400", true },
	{ "0e999", true },
	{ "123456789012345.6789", true },
	{ "1e22", true },
	{ "1e23", true },
	{ "123456789012345e22", true },
	{ "0.000000000000000000000000000012345", true },
	/* jansson's to judge */
	{ "", false },
	{ " ", false },
	{ "{", false },
	{ "{\"a\"", false },
	{ "{\"a\":", false },
	{ "{\"a\":1", false },
	{ "{\"a\":1,}", false },
	{ "{,}", false },
	{ "{\"a\" 1}", false },
	{ "{\"a\":1 \"b\":2}", false },
	{ "{a:1}", false },
	{ "{1:1}", false },
	{ "{\"a\":1]", false },
	{ "[1}", false },
	{ "[1,]", false },
	{ "[,1]", false },
	{ "[1 2]", false },
	{ "{} {}", false },
	{ "{}x", false },
	{ "tru", false },
	{ "truex", false },
	{ "nul", false },
	{ "True", false },
	{ "\"", false },
	{ "\"a", false },
	{ "\"\\\"", false },
	{ "\"\\", false },
	{ "\"\\x\"", false },
	{ "\"\\u12\"", false },
	{ "\"\\u12g4\"", false },
	{ "\"\\u0000\"", false },
	{ "\"\\ud83c\"", false },
	{ "\"\\ud83cx\"", false },
	{ "\"\\ud83c\\u0041\"", false },
	{ "\"\\udf42\"", false },
	{ "\"a\nb\"", false },
	{ "\"a\tb\"", false },
	{ "\"\x1f\"", false },
	{ "\"\xff\"", false },
	{ "\"\x80\"", false },
	{ "\"\xc3\"", false },
	{ "\"\xc0\xaf\"", false },
	{ "\"\xe0\x80\xaf\"", false },
	{ "\"\xed\xa0\x80\"", false },
	{ "\"\xf0\x80\x80\xaf\"", false },
	{ "\"\xf4\x90\x80\x80\"", false },
	{ "\"\xf8\x88\x80\x80\x80\"", false },
	{ "\"\xe2\x80", false },
	{ "\xef\xbb\xbf{}", false },
	{ "'a'", false },
	{ "01", false },
	{ "-", false },
	{ "-01", false },
	{ "+1", false },
	{ ".5", false },
	{ "1.", false },
	{ "1.e5", false },
	{ "1e", false },
	{ "1e+", false },
	{ "0x10", false },
	{ "NaN", false },
	{ "Infinity", false },
	{ "1e999", false },
	{ "-1e999", false },
	{ "9223372036854775807", false },
	{ "9223372036854775808", false },
	{ "18446744073709551617", false },
	{ "1 // one", false },
};

START_TEST(beside_jansson)
{
	struct arena a = { 0 };
	struct slice text = sl(cases[_i].text);
	json_t *ours = scan_tree(text, &a), *theirs = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
	ck_assert_msg(!!ours == cases[_i].ours, "%s: %s", cases[_i].text, ours ? "taken" : "not taken");
	ck_assert_msg(!ours || (theirs && same_tree(ours, theirs)), "%s", cases[_i].text);
	json_decref(ours);
	json_decref(theirs);
	arena_free(&a);
}
END_TEST

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A text that is mostly JSON: pieces by a simple grammar, then some bytes changed. */
static void make(struct buf *b, uint32_t *seed, int depth)
{
	static const char *const leaves[] = { "null", "true", "false", "0", "-1", "7528", "1.5", "-89.9787", "1e3", "123456789012345678",
					      "\"\"", "\"a\"", "\"a long text without anything\"", "\"\\n\\u00e9\"", "\"\xc3\xa9 ...\"",
					      "\"No Title Data Available\"", "\"\\ud83c\\udf42\"", "3.0000000000000001", "0.30000000000000004" };
	uint32_t what = next(seed) % (depth ? 8 : 4);
	if (what >= 4 || depth > 4) {
		buf_adds(b, leaves[next(seed) % ARRAY_LEN(leaves)]);
		return;
	}
	buf_adds(b, what < 2 ? "{" : "[");
	for (uint32_t i = next(seed) % 5; i--;) {
		if (what < 2)
			buf_addf(b, "\"k%u\"%s:", next(seed) % 6, next(seed) % 4 ? "" : " ");
		make(b, seed, depth + 1);
		buf_adds(b, i ? "," : "");
		buf_adds(b, next(seed) % 4 ? "" : "\n ");
	}
	buf_adds(b, what < 2 ? "}" : "]");
}

START_TEST(many_texts)
{
	uint32_t seed = 42, taken = 0, whole = 0;
	struct arena a = { 0 };
	struct buf b = { 0 };
	for (int i = 0; i < 60000; i++) {
		bool torn = i % 3;
		buf_reset(&b);
		make(&b, &seed, 0);
		for (uint32_t k = torn ? next(&seed) % 3 + 1 : 0; k--;)
			b.p[next(&seed) % b.n] = "{}[]\",:\\0159.eE-+u \n\x01\x80\xc3\xe2\xf0"[next(&seed) % 25];
		json_t *ours = scan_tree(buf_slice(&b), &a), *theirs = json_loadb(b.p, b.n, JSON_DECODE_ANY, NULL);
		ck_assert_msg(!ours || (theirs && same_tree(ours, theirs)), "%.*s", (int)b.n, b.p);
		ck_assert_msg(torn || ours, "%.*s", (int)b.n, b.p);
		taken += torn && ours;
		whole += torn && theirs;
		json_decref(ours);
		json_decref(theirs);
		arena_reset(&a);
	}
	/* What jansson takes beyond ours: NUL, integers of 19 digits. */
	ck_assert_msg(taken > 1000 && taken + taken / 20 >= whole, "%u of %u", taken, whole);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

/* As the users of it read: a flat object, strings borrowed where they have no escapes. */
START_TEST(pulling)
{
	struct arena a = { 0 };
	struct slice text = S("{\"Records\":[{\"Data\":\"QQ==\",\"n\":{\"x\":[1]}},{\"Data\":\"\\u0041\"}],\"end\":1.5} "), key;
	struct scan s = scan_of(text, &a);
	struct scan_value v;
	ck_assert(scan_value(&s, &v) && v.kind == SCAN_OBJECT);
	ck_assert(scan_member(&s, &key, &v) && sl_eqs(key, "Records") && v.kind == SCAN_ARRAY);
	ck_assert(key.p > text.p && key.p < text.p + text.n);
	ck_assert(scan_item(&s, &v) && v.kind == SCAN_OBJECT);
	ck_assert(scan_member(&s, &key, &v) && sl_eqs(key, "Data") && v.kind == SCAN_STRING && sl_eqs(v.text, "QQ=="));
	ck_assert(v.text.p > text.p && v.text.p < text.p + text.n);
	ck_assert(scan_member(&s, &key, &v) && scan_skip(&s, &v));
	ck_assert(!scan_member(&s, &key, &v) && !s.bad);
	ck_assert(scan_item(&s, &v) && v.kind == SCAN_OBJECT && scan_member(&s, &key, &v) && sl_eqs(v.text, "A"));
	ck_assert(!scan_member(&s, &key, &v) && !scan_item(&s, &v) && !s.bad);
	ck_assert(scan_member(&s, &key, &v) && v.kind == SCAN_REAL && v.d == 1.5);
	ck_assert(!scan_end(&s) && !scan_member(&s, &key, &v) && scan_end(&s));
	arena_free(&a);
}
END_TEST

START_TEST(depth)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct scan_value v;
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, '[');
	struct scan s = scan_of(buf_slice(&b), &a);
	ck_assert(scan_value(&s, &v) && !scan_skip(&s, &v) && s.bad);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scan");
	TCase *t = tcase_create("scan");
	tcase_add_loop_test(t, beside_jansson, 0, ARRAY_LEN(cases));
	tcase_add_test(t, many_texts);
	tcase_add_test(t, pulling);
	tcase_add_test(t, depth);
	suite_add_tcase(s, t);
	return run_suite(s);
}
