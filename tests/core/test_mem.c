#include <nettle/base64.h>
#include "check_main.h"
#include "core/mem.h"

#include <string.h>

static const struct {
	const char *text;
	bool ok;
	int64_t value;
} ints[] = {
	{ "0", true, 0 },
	{ "-1", true, -1 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "9223372036854775808", false, 0 },
	{ "", false, 0 },
	{ "-", false, 0 },
	{ "1x", false, 0 },
	{ " 1", false, 0 },
	{ "18446744073709551616", false, 0 },
};

START_TEST(int_limits)
{
	int64_t v = 7;
	bool ok = sl_int(sl(ints[_i].text), INT64_MIN, INT64_MAX, &v);
	ck_assert_msg(ok == ints[_i].ok, "%s", ints[_i].text);
	ck_assert_int_eq(v, ok ? ints[_i].value : 7);
}
END_TEST

static const struct {
	const char *bytes;
	bool ok;
} utf8[] = {
	{ "plain", true },	{ "\xc3\xa9", true },	      { "\xf0\x9f\x8d\x82", true }, { "\xc3", false },
	{ "\xc0\xaf", false },	{ "\xed\xa0\x80", false },    { "\xf4\x90\x80\x80", false }, { "\x80", false },
	{ "\xe2\x80", false },	{ "\xf8\x88\x80\x80\x80", false },
};

START_TEST(utf8_forms)
{
	ck_assert_int_eq(sl_is_utf8(sl(utf8[_i].bytes)), utf8[_i].ok);
}
END_TEST

START_TEST(cut_and_trim)
{
	struct slice head, rest;
	ck_assert(sl_cut(S("a=b=c"), '=', &head, &rest));
	ck_assert(sl_eqs(head, "a") && sl_eqs(rest, "b=c"));
	ck_assert(!sl_cut(S("abc"), '=', &head, &rest));
	ck_assert(sl_eqs(head, "abc") && rest.p == NULL);
	ck_assert(sl_eqs(sl_trim(S(" \t x y \n")), "x y"));
	ck_assert_int_eq(sl_find(S("hello"), S("lo")), 3);
	ck_assert_int_eq(sl_find(S("hello"), S("world")), -1);
}
END_TEST

START_TEST(buffer_ceiling)
{
	struct buf b;
	buf_init(&b, 8);
	buf_adds(&b, "12345678");
	ck_assert(!b.bad);
	buf_addc(&b, '9');
	ck_assert(b.bad);
	ck_assert_uint_eq(b.n, 8);
	buf_reset(&b);
	buf_addf(&b, "%s", "123456789");
	ck_assert(b.bad && b.n == 0);
	buf_free(&b);
}
END_TEST

START_TEST(escapes)
{
	struct buf b = { 0 };
	buf_json_string(&b, S("a\"\\/\n\x01\xc3\xa9"));
	ck_assert(sl_eqs(buf_slice(&b), "\"a\\\"\\\\/\\n\\u0001\xc3\xa9\""));
	buf_reset(&b);
	buf_xml_escape(&b, S("<a&\"b\">\r"));
	ck_assert(sl_eqs(buf_slice(&b), "&lt;a&amp;&quot;b&quot;&gt;&#xD;"));
	buf_reset(&b);
	buf_url_escape(&b, S("a b/c+~\xc3"), true);
	ck_assert(sl_eqs(buf_slice(&b), "a%20b/c%2B~%C3"));
	buf_free(&b);
}
END_TEST

START_TEST(base64_round)
{
	struct arena a = { 0 };
	struct slice out;
	for (size_t n = 0; n < 20; n++) {
		struct buf b = { 0 };
		buf_base64(&b, "abcdefghijklmnopqrst", n);
		ck_assert(arena_base64(&a, buf_slice(&b), &out));
		ck_assert(sl_eq(out, sl_of("abcdefghijklmnopqrst", n)));
		buf_free(&b);
	}
	/* All bytes, at every place of a step, as nettle writes them. */
	for (size_t n = 0; n < 700; n++) {
		char in[700], want[1000];
		struct buf b = { 0 };
		for (size_t i = 0; i < n; i++)
			in[i] = (char)(i * 37 + n * 11);
		base64_encode_raw(want, n, (const uint8_t *)in);
		buf_base64(&b, in, n);
		ck_assert(sl_eq(buf_slice(&b), sl_of(want, BASE64_ENCODE_RAW_LENGTH(n))));
		buf_free(&b);
	}
	ck_assert(!arena_base64(&a, S("abc"), &out));
	ck_assert(!arena_base64(&a, S("a=bc"), &out));
	ck_assert(!arena_base64(&a, S("ab c"), &out));
	ck_assert(!arena_base64(&a, S("===="), &out));
	ck_assert(!arena_base64(&a, S("AA==AAAA"), &out));
	uint8_t to[3];
	ck_assert_int_eq(base64_decode(to, S("AAA="), true), 2);
	ck_assert_int_eq(base64_decode(to, S("AAB="), true), -1);
	ck_assert_int_eq(base64_decode(to, S("AAB="), false), 2);
	ck_assert_int_eq(base64_decode(to, S("/x=="), true), -1);
	ck_assert_int_eq(base64_decode(to, S("/w=="), true), 1);
	ck_assert_int_eq(to[0], 0xff);
	ck_assert_int_eq(base64_decode(to, S(""), true), 0);
	arena_free(&a);
}
END_TEST

START_TEST(reader_fails_once_and_stays)
{
	struct rd r = rd_of("\x01\x02\x03", 3);
	ck_assert_int_eq(rd_u16be(&r), 0x0102);
	ck_assert_int_eq(rd_u32be(&r), 0);
	ck_assert(r.bad);
	ck_assert_int_eq(rd_u8(&r), 0);
	struct rd huge = rd_of("x", 1);
	ck_assert(rd_bytes(&huge, SIZE_MAX).p == NULL);
}
END_TEST

START_TEST(varints)
{
	static const int64_t values[] = { 0, -1, 1, 63, -64, 64, 300, INT64_MAX, INT64_MIN };
	struct buf b = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		buf_varint(&b, values[i]);
	struct rd r = rd_of(b.p, b.n);
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		ck_assert_int_eq(rd_varint(&r), values[i]);
	ck_assert(!r.bad && r.n == 0);
	struct rd endless = rd_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11);
	(void)rd_uvarint(&endless);
	ck_assert(endless.bad);
	buf_free(&b);
}
END_TEST

START_TEST(arena_reuse)
{
	struct arena a = { 0 };
	for (int round = 0; round < 3; round++) {
		for (size_t i = 1; i < 9000; i += 777) {
			char *p = arena_alloc(&a, i);
			for (size_t j = 0; j < i; j++)
				ck_assert_int_eq(p[j], 0);
			memset(p, 0xff, i);
		}
		arena_reset(&a);
	}
	ck_assert(sl_eqs(arena_url_decode(&a, S("a%20b+%zz%4"), true), "a b %zz%4"));
	arena_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mem");
	TCase *t = tcase_create("mem");
	tcase_add_loop_test(t, int_limits, 0, ARRAY_LEN(ints));
	tcase_add_loop_test(t, utf8_forms, 0, ARRAY_LEN(utf8));
	tcase_add_test(t, cut_and_trim);
	tcase_add_test(t, buffer_ceiling);
	tcase_add_test(t, escapes);
	tcase_add_test(t, base64_round);
	tcase_add_test(t, reader_fails_once_and_stays);
	tcase_add_test(t, varints);
	tcase_add_test(t, arena_reuse);
	suite_add_tcase(s, t);
	return run_suite(s);
}
