#include "check_main.h"

#include <string.h>

#include "rds/rds.h"

/* ---- packets ---- */

START_TEST(a_packet_may_come_in_pieces)
{
	static const uint8_t ping[] = { 1, 0, 0, 0, COM_PING };
	struct arena a = { 0 };
	struct rds_packet p;
	struct error err;
	for (size_t n = 0; n < sizeof(ping); n++)
		ck_assert_int_eq(rds_packet_take(&a, ping, n, &p, &err), 0);
	ck_assert_int_eq(rds_packet_take(&a, ping, sizeof(ping), &p, &err), 1);
	ck_assert_uint_eq(p.eaten, 5);
	ck_assert_uint_eq(p.payload.n, 1);
	ck_assert_int_eq(p.payload.p[0], COM_PING);
	arena_free(&a);
}
END_TEST

/* Payloads of 16 MiB - 1 and more go in several frames; one of just that length is followed by an empty frame. */
START_TEST(long_packets_are_split_and_joined)
{
	static const size_t sizes[] = { RDS_PACKET_MAX - 1, RDS_PACKET_MAX, RDS_PACKET_MAX + 1, 2 * RDS_PACKET_MAX };
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct arena a = { 0 };
		struct buf out = { 0 };
		struct rds_packet p;
		struct error err;
		uint8_t seq = 254;
		char *text = xmalloc(sizes[i]);
		memset(text, 'x', sizes[i]);
		text[sizes[i] - 1] = 'y';
		rds_packet_put(&out, &seq, sl_of(text, sizes[i]));
		size_t frames = sizes[i] / RDS_PACKET_MAX + 1;
		ck_assert_uint_eq(out.n, sizes[i] + 4 * frames);
		ck_assert_uint_eq(seq, (uint8_t)(254 + frames));
		ck_assert_int_eq(rds_packet_take(&a, (const uint8_t *)out.p, out.n - 1, &p, &err), 0);
		ck_assert_int_eq(rds_packet_take(&a, (const uint8_t *)out.p, out.n, &p, &err), 1);
		ck_assert_uint_eq(p.eaten, out.n);
		ck_assert(sl_eq(p.payload, sl_of(text, sizes[i])));
		free(text);
		buf_free(&out);
		arena_free(&a);
	}
}
END_TEST

START_TEST(lengths_are_encoded)
{
	static const struct {
		uint64_t v;
		size_t n;
		uint8_t first;
	} rows[] = { { 0, 1, 0 }, { 250, 1, 250 }, { 251, 3, 0xfc }, { 65535, 3, 0xfc }, { 65536, 4, 0xfd }, { 0xffffff, 4, 0xfd },
		     { 0x1000000, 9, 0xfe }, { UINT64_MAX, 9, 0xfe } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = { 0 };
		buf_lenenc(&b, rows[i].v);
		ck_assert_uint_eq(b.n, rows[i].n);
		ck_assert_uint_eq((uint8_t)b.p[0], rows[i].first);
		buf_free(&b);
	}
}
END_TEST

/* ---- login ---- */

/* SHA1(password) XOR SHA1(salt + SHA1(SHA1(password))), worked out with Python's hashlib: password "secret", salt 1..20. */
START_TEST(native_password)
{
	static const uint8_t token[20] = { 0xb3, 0x2b, 0xb3, 0xa5, 0x83, 0xe1, 0x34, 0x0c, 0x0a, 0x11,
					   0x08, 0xd5, 0x8b, 0x1b, 0xe4, 0x97, 0x81, 0xad, 0x8c, 0x2f };
	uint8_t salt[RDS_SALT];
	for (size_t i = 0; i < RDS_SALT; i++)
		salt[i] = (uint8_t)(i + 1);
	ck_assert(rds_check_native("secret", salt, sl_of(token, 20)));
	ck_assert(!rds_check_native("Secret", salt, sl_of(token, 20)));
	ck_assert(!rds_check_native("secret", salt, sl_of(token, 19)));
	ck_assert(!rds_check_native("secret", salt, sl(NULL)));
	ck_assert(rds_check_native("", salt, sl_of("", 0)));
	salt[0] ^= 1;
	ck_assert(!rds_check_native("secret", salt, sl_of(token, 20)));
}
END_TEST

START_TEST(cut_logins_are_refused)
{
	struct buf b = { 0 };
	struct rds_login in;
	struct error err;
	buf_u32le(&b, CAP_PROTOCOL_41 | CAP_SECURE | CAP_CONNECT_WITH_DB | CAP_PLUGIN_AUTH);
	buf_u32le(&b, 1 << 24);
	buf_u8(&b, 45);
	for (int i = 0; i < 23; i++)
		buf_u8(&b, 0);
	buf_add(&b, "student", 8);
	buf_u8(&b, 0);
	buf_add(&b, "pinterest_data", 15);
	buf_add(&b, "mysql_native_password", 22);
	ck_assert_int_eq(rds_read_login(buf_slice(&b), &in, &err), 0);
	ck_assert(sl_eqs(in.user, "student"));
	ck_assert(sl_eqs(in.db, "pinterest_data"));
	ck_assert(sl_eqs(in.plugin, "mysql_native_password"));
	ck_assert_uint_eq(in.auth.n, 0);
	for (size_t n = 0; n < 36; n++)
		ck_assert_int_ne(rds_read_login(sl_of(b.p, n), &in, &err), 0);
	buf_free(&b);
}
END_TEST

/* ---- lexer ---- */

static struct tokens lexed(struct arena *a, const char *sql)
{
	struct tokens t = { 0 };
	struct error err;
	ck_assert_msg(!rds_lex(a, sl(sql), &t, &err), "%s: %s", sql, err.text);
	return t;
}

START_TEST(strings_and_names)
{
	static const struct {
		const char *sql, *value;
		enum tok_kind kind;
	} rows[] = {
		{ "'it''s'", "it's", TOK_STRING },	{ "'a\\'b\\n\\t\\\\'", "a'b\n\t\\", TOK_STRING },
		{ "\"two \"\" x\"", "two \" x", TOK_STRING }, { "'50\\%'", "50\\%", TOK_STRING },
		{ "`in``dex`", "in`dex", TOK_QUOTED },	{ "`a\\`", "a\\", TOK_QUOTED },
		{ "''", "", TOK_STRING },		{ "'\\''", "'", TOK_STRING },
		{ "_x1$", "_x1$", TOK_WORD },		{ "'\xe2\x80\xa6'", "\xe2\x80\xa6", TOK_STRING },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = { 0 };
		struct tokens t = lexed(&a, rows[i].sql);
		ck_assert_uint_eq(t.n, 1);
		ck_assert_int_eq(t.at[0].kind, rows[i].kind);
		ck_assert_msg(sl_eqs(t.at[0].value, rows[i].value), "%s -> %.*s", rows[i].sql, SL(t.at[0].value));
		arena_free(&a);
	}
}
END_TEST

START_TEST(comments_and_numbers)
{
	struct arena a = { 0 };
	struct tokens t = lexed(&a, "SELECT /* one */ 1.5e3, -- two\n 0x1F # three\n, @@version");
	ck_assert_uint_eq(t.n, 6);
	ck_assert_int_eq(t.at[1].kind, TOK_NUMBER);
	ck_assert(sl_eqs(t.at[1].text, "1.5e3"));
	ck_assert_int_eq(t.at[3].kind, TOK_HEX);
	ck_assert_int_eq(t.at[5].kind, TOK_SYSVAR);
	ck_assert(tok_is(&t.at[0], "SELECT") && !tok_is(&t.at[0], "SELEC"));
	arena_free(&a);
}
END_TEST

START_TEST(what_is_open_is_a_syntax_error)
{
	static const char *const rows[] = { "SELECT 'x", "SELECT `x", "SELECT \"x\\\"", "SELECT /* x", "'" };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = { 0 };
		struct tokens t;
		struct error err;
		ck_assert_int_ne(rds_lex(&a, sl(rows[i]), &t, &err), 0);
		ck_assert_int_eq(err.def->number, 1064);
		ck_assert_msg(strstr(err.text, "You have an error in your SQL syntax") != NULL, "%s", err.text);
		arena_free(&a);
	}
}
END_TEST

/* A megabyte of short strings: the time of a lexer that looks at the rest for each would be minutes. */
START_TEST(long_statements_are_read_once)
{
	struct buf b = { 0 };
	struct arena a = { 0 };
	buf_adds(&b, "INSERT INTO t VALUES ");
	while (b.n < 1 << 20)
		buf_adds(&b, "('a','b'),");
	buf_adds(&b, "('a','b')");
	struct tokens t = lexed(&a, buf_cstr(&b));
	ck_assert_uint_gt(t.n, 500000);
	ck_assert_uint_lt(a.used, 200u << 20);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rds");
	TCase *t = tcase_create("protocol and lexer");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_packet_may_come_in_pieces);
	tcase_add_test(t, long_packets_are_split_and_joined);
	tcase_add_test(t, lengths_are_encoded);
	tcase_add_test(t, native_password);
	tcase_add_test(t, cut_logins_are_refused);
	tcase_add_test(t, strings_and_names);
	tcase_add_test(t, comments_and_numbers);
	tcase_add_test(t, what_is_open_is_a_syntax_error);
	tcase_add_test(t, long_statements_are_read_once);
	suite_add_tcase(s, t);
	return run_suite(s);
}
