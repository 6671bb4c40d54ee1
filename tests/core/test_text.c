/* Characters, doubles, hash set, JSON writer: core/text.h, hset.h, json.h. */
#include "check_main.h"
#include "core/hset.h"
#include "core/json.h"
#include "core/text.h"

#include <math.h>
#include <string.h>

START_TEST(every_character_comes_back)
{
	for (uint32_t c = 0; c < 0x110000; c++) {
		char text[4];
		struct slice s = sl_of(text, utf8_put(text, c));
		size_t i = 0;
		bool half = utf16_is_high(c) || utf16_is_low(c);
		ck_assert_int_eq(utf8_next(s, &i), (int32_t)c);
		ck_assert_uint_eq(i, s.n);
		ck_assert_uint_eq(utf8_len(s), half ? 0 : s.n);
		ck_assert_uint_eq(utf8_bad_at(s), half ? 0 : s.n);
		if (c >= 0x10000)
			ck_assert_uint_eq(utf16_join(utf16_high(c), utf16_low(c)), c);
	}
}
END_TEST

static const struct {
	const char *label, *text, *mended;
} bad[] = {
	{ "whole", "h\xc3\xa9", "h\xc3\xa9" },    { "cut short", "a\xe2\x82", "a??" },    { "overlong", "\xc0\x80x", "??x" },
	{ "half of a pair", "\xed\xa0\x80", "???" }, { "past the end", "\xf4\x90\x80\x80", "????" }, { "tail alone", "12345678\x80y", "12345678?y" },
};

START_TEST(bad_bytes_are_mended_one_by_one)
{
	struct buf b = { 0 };
	buf_utf8_mend(&b, sl(bad[_i].text), "?");
	ck_assert_msg(sl_eqs(buf_slice(&b), bad[_i].mended), "%s: %.*s", bad[_i].label, SL(buf_slice(&b)));
	buf_free(&b);
}
END_TEST

static const struct {
	double d;
	const char *plain, *point, *digits;
	int exponent;
} reals[] = {
	{ 0.1, "0.1", "0.1", "1", -1 },
	{ -89.9787, "-89.9787", "-89.9787", "899787", 1 },
	{ 5, "5", "5.0", "5", 0 },
	{ 120, "120", "120.0", "12", 2 },
	{ 1e22, "1e+22", "1e+22", "1", 22 },
	{ 1e15, "1e+15", "1e+15", "1", 15 },
	{ 1234567, "1234567", "1234567.0", "1234567", 6 },
	{ 0.1 + 0.2, "0.30000000000000004", "0.30000000000000004", "30000000000000004", -1 },
	{ 1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308", "17976931348623157", 308 },
	{ 5e-324, "5e-324", "5e-324", "5", -324 },
	{ 0.0001, "0.0001", "0.0001", "1", -4 },
	{ 0.00001, "1e-05", "1e-05", "1", -5 },
};

START_TEST(doubles_are_short_and_read_back)
{
	char text[REAL_TEXT_MAX], digits[REAL_DIGITS_MAX];
	int exponent;
	ck_assert_uint_eq(real_text(reals[_i].d, false, text), strlen(reals[_i].plain));
	ck_assert_str_eq(text, reals[_i].plain);
	ck_assert_uint_eq(real_text(reals[_i].d, true, text), strlen(reals[_i].point));
	ck_assert_str_eq(text, reals[_i].point);
	ck_assert_int_eq(real_digits(reals[_i].d, digits, &exponent), (int)strlen(reals[_i].digits));
	ck_assert_str_eq(digits, reals[_i].digits);
	ck_assert_int_eq(exponent, reals[_i].exponent);
}
END_TEST

START_TEST(uuid_has_version_and_variant)
{
	char text[37];
	uuid_text(0x0123456789abcdefull, 0xffffffffffffffffull, 4, text);
	ck_assert_str_eq(text, "01234567-89ab-4def-bfff-ffffffffffff");
}
END_TEST

START_TEST(numbers_are_found_by_hash)
{
	struct hset s = { 0 };
	uint32_t at, n = 0;
	for (uint32_t i = 0; i < 10000; i++)
		hset_add(&s, hset_mix(i / 2), i);
	for (uint32_t i = 0; i < 10000; i++) {
		bool found = false;
		for (struct hset_walk w = hset_walk(&s, hset_mix(i / 2)); hset_next(&w, &at); n++)
			found |= at == i;
		ck_assert(found);
	}
	ck_assert_uint_eq(n, 20000);
	hset_clear(&s);
	struct hset_walk w = hset_walk(&s, hset_mix(0));
	ck_assert(!hset_next(&w, &at));
	hset_free(&s);
	ck_assert(hset_hash(S("a")) != hset_hash(S("b")));
}
END_TEST

START_TEST(arrays_grow)
{
	int *v = NULL;
	size_t n = 0, cap = 0;
	for (int i = 0; i < 1000; i++) {
		GROW(v, n, cap);
		v[n++] = i;
	}
	ck_assert_int_eq(v[999], 999);
	ck_assert_uint_ge(cap, 1000);
	free(v);
}
END_TEST

START_TEST(prefixes_are_cut)
{
	struct slice rest = S("old");
	ck_assert(!sl_after(S("Bear"), S("Bearer "), &rest) && sl_eqs(rest, "old"));
	ck_assert(sl_after(S("Bearer x"), S("Bearer "), &rest) && sl_eqs(rest, "x"));
	ck_assert(sl_after_nocase(S("BEARER "), S("Bearer "), &rest) && rest.p && rest.n == 0);
	ck_assert(sl_eqs(sl_from(S("abc"), 1), "bc") && sl_from(S("abc"), 9).n == 0);
}
END_TEST

START_TEST(commas_stand_where_they_must)
{
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_list(&b, "none");
	jw_list_end(&b);
	jw_text(&b, "text", "{\n[:");
	jw_str(&b, "absent", sl(NULL));
	jw_list(&b, "list");
	jw_int(&b, NULL, INT64_MIN);
	jw_obj(&b, NULL);
	jw_obj_end(&b);
	jw_obj(&b, NULL);
	jw_bool(&b, "yes", true);
	jw_obj_end(&b);
	jw_list_end(&b);
	jw_key(&b, S("a\"b"));
	jw_fmt(&b, NULL, "%d:", 7);
	jw_real(&b, "r", 2);
	jw_real(&b, "nan", NAN);
	jw_raw(&b, "raw", S("[1]"));
	jw_obj_end(&b);
	ck_assert_str_eq(buf_cstr(&b), "{\"none\":[],\"text\":\"{\\n[:\",\"absent\":null,\"list\":[-9223372036854775808,{},{\"yes\":true}],"
				       "\"a\\\"b\":\"7:\",\"r\":2.0,\"nan\":null,\"raw\":[1]}");
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("text");
	TCase *t = tcase_create("text");
	tcase_add_test(t, every_character_comes_back);
	tcase_add_loop_test(t, bad_bytes_are_mended_one_by_one, 0, ARRAY_LEN(bad));
	tcase_add_loop_test(t, doubles_are_short_and_read_back, 0, ARRAY_LEN(reals));
	tcase_add_test(t, uuid_has_version_and_variant);
	tcase_add_test(t, numbers_are_found_by_hash);
	tcase_add_test(t, arrays_grow);
	tcase_add_test(t, prefixes_are_cut);
	tcase_add_test(t, commas_stand_where_they_must);
	suite_add_tcase(s, t);
	return run_suite(s);
}
