/* The resolver's answers, byte by byte. */
#include "check_main.h"
#include "front/dns.h"

enum { A = 1, NS = 2, PTR = 12, AAAA = 28, ANY = 255 };

static size_t question(uint8_t q[512], const char *name, int type, int class)
{
	struct buf b = { 0 };
	struct slice label, rest = sl(name);
	buf_u16be(&b, 0x1234);
	buf_u16be(&b, 0x0100);
	buf_u16be(&b, 1);
	buf_u16be(&b, 0);
	buf_u32be(&b, 0);
	while (rest.n) {
		sl_cut(rest, '.', &label, &rest);
		buf_u8(&b, (uint8_t)label.n);
		buf_addsl(&b, label);
	}
	buf_u8(&b, 0);
	buf_u16be(&b, (uint16_t)type);
	buf_u16be(&b, (uint16_t)class);
	size_t n = b.n;
	memcpy(q, b.p, n);
	buf_free(&b);
	return n;
}

static const struct {
	const char *name;
	int type, code, answers;
	uint32_t address;
	bool foreign;
} rows[] = {
	{ "sts.us-east-1.amazonaws.com", A, 0, 1, FRONT_ADDRESS, false },
	{ "STS.US-EAST-1.AMAZONAWS.COM", A, 0, 1, FRONT_ADDRESS, false },
	{ "sts.us-east-1.amazonaws.com", ANY, 0, 1, FRONT_ADDRESS, false },
	{ "sts.us-east-1.amazonaws.com", AAAA, 0, 0, 0, false },
	{ "sts.us-east-1.amazonaws.com", NS, 0, 0, 0, false },
	{ "b-1.c.x.c3.kafka.us-east-1.amazonaws.com", A, 0, 1, FRONT_ADDRESS + 1, false },
	{ "localhost", A, 0, 1, 0x7f000001, false },
	{ "a.localhost", A, 0, 1, 0x7f000001, false },
	{ "example.com", A, 3, 0, 0, true },
	{ "example.com", AAAA, 3, 0, 0, true },
	{ "example.com", NS, 3, 0, 0, false },
	{ "1.0.77.127.in-addr.arpa", PTR, 3, 0, 0, false },
};

START_TEST(answers)
{
	struct name_book book = { 0 };
	uint8_t q[512], out[DNS_MAX];
	char foreign[256];
	size_t n = question(q, rows[_i].name, rows[_i].type, 1);
	size_t back = dns_answer(&book, NULL, 0, q, n, out, foreign);
	ck_assert_uint_eq(back, n + (size_t)rows[_i].answers * 16);
	ck_assert_mem_eq(out, q, 2);
	ck_assert_int_eq(out[2], 0x85); /* an answer, of who must know, recursion as asked */
	ck_assert_int_eq(out[3], 0x80 | rows[_i].code);
	ck_assert_int_eq(out[7], rows[_i].answers);
	ck_assert_mem_eq(out + 12, q + 12, n - 12);
	if (rows[_i].answers) {
		uint8_t tail[4] = { (uint8_t)(rows[_i].address >> 24), (uint8_t)(rows[_i].address >> 16), (uint8_t)(rows[_i].address >> 8), (uint8_t)rows[_i].address };
		ck_assert_mem_eq(out + back - 4, tail, 4);
	}
	ck_assert_int_eq(*foreign != '\0', rows[_i].foreign);
	name_book_free(&book);
}
END_TEST

/* A resolver for programs outside gives one address. */
START_TEST(fixed)
{
	struct name_book book = { 0 };
	uint8_t q[512], out[DNS_MAX];
	char foreign[256];
	size_t n = question(q, "b-1.c.x.c3.kafka.us-east-1.amazonaws.com", A, 1);
	size_t back = dns_answer(&book, NULL, 0x0a000001, q, n, out, foreign);
	ck_assert_mem_eq(out + back - 4, "\x0a\0\0\x01", 4);
	name_book_free(&book);
}
END_TEST

START_TEST(what_is_wrong)
{
	struct name_book book = { 0 };
	uint8_t q[512], out[DNS_MAX];
	char foreign[256];
	size_t n = question(q, "sts.amazonaws.com", A, 1);
	ck_assert_uint_eq(dns_answer(&book, NULL, 0, q, 11, out, foreign), 0);
	ck_assert_uint_eq(dns_answer(&book, NULL, 0, q, n - 1, out, foreign), 12);
	ck_assert_int_eq(out[3] & 15, 1);
	q[2] = 0x81; /* an answer */
	ck_assert_uint_eq(dns_answer(&book, NULL, 0, q, n, out, foreign), 0);
	q[2] = 0x28; /* an update */
	ck_assert_uint_eq(dns_answer(&book, NULL, 0, q, n, out, foreign), 12);
	ck_assert_int_eq(out[3] & 15, 4);
	n = question(q, "sts.amazonaws.com", A, 3); /* of another class */
	(void)dns_answer(&book, NULL, 0, q, n, out, foreign);
	ck_assert_int_eq(out[3] & 15, 3);
	n = question(q, "sts.amazonaws.com", A, 1);
	q[12] = 0xc0; /* a pointer in a question */
	ck_assert_uint_eq(dns_answer(&book, NULL, 0, q, n, out, foreign), 12);
	name_book_free(&book);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dns");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, answers, 0, ARRAY_LEN(rows));
	tcase_add_test(t, fixed);
	tcase_add_test(t, what_is_wrong);
	suite_add_tcase(s, t);
	return run_suite(s);
}
