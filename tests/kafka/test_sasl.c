/* SASL over a connection's bytes: SCRAM as RFC 5802 has it, from both sides; names; whom a listener serves by its port. */
#include "env.h"
#include "kafka/sasl.h"

static struct kafka k;
static struct conn conn;

static void setup(void)
{
	env_open("kafka");
	conf_set(env_conf, "kafka.users", "user", "pencil");
	env_serve(&kafka_service, &k);
	conn = (struct conn){ .peer = "test", .local_port = 9092 };
}

static void teardown(void)
{
	kfk_session_free(conn.user);
	buf_free(&conn.out);
	env_close();
}

/* The answer to a frame, without its size; absent: it hangs up. */
static struct slice ask(struct slice frame)
{
	struct buf b = { 0 };
	buf_reset(&conn.out);
	buf_u32be(&b, (uint32_t)frame.n);
	buf_addsl(&b, frame);
	ssize_t eaten = kafka_service.tcp_consume(&k, &conn, (const uint8_t *)b.p, b.n);
	ck_assert(eaten == (ssize_t)b.n || eaten == TCP_HANGUP);
	buf_free(&b);
	return eaten < 0 ? sl(NULL) : sl_from(buf_slice(&conn.out), 4);
}

static int shake(const char *mechanism)
{
	struct buf b = { 0 };
	buf_add(&b, "\0\x11\0\0\0\0\0\1\xff\xff", 10);
	buf_u16be(&b, (uint16_t)strlen(mechanism));
	buf_adds(&b, mechanism);
	struct slice said = ask(buf_slice(&b));
	buf_free(&b);
	struct rd r = rd_of(said.p, said.n);
	(void)rd_u32be(&r);
	return (int)rd_u16be(&r);
}

static void scram(const char *mechanism, enum hash_kind kind)
{
	struct arena a = { 0 };
	struct slice head, rest, salt, bare = S("n=user,r=rOprNGfwEbeRWgbNEkqO"), final;
	uint8_t salted[HASH_BYTES_MAX], key[HASH_BYTES_MAX], sum[HASH_BYTES_MAX];
	size_t n = hash_bytes(kind);
	struct buf proof = { 0 }, want = { 0 };
	ck_assert_int_eq(shake(mechanism), KE_NONE);
	struct slice first = arena_dup(&a, ask(arena_printf(&a, "n,,%.*s", SL(bare))));
	ck_assert(sl_starts(first, S("r=rOprNGfwEbeRWgbNEkqO")) && sl_ends(first, S(",i=4096")));
	(void)sl_cut(first, ',', &head, &rest);
	(void)sl_cut(rest, ',', &salt, &rest);
	ck_assert(arena_base64(&a, sl_from(salt, 2), &salt));
	hash_pbkdf2(kind, S("pencil"), salt, 4096, salted);
	hash_hmac(kind, sl_of(salted, n), S("Client Key"), key);
	hash_whole(kind, sl_of(key, n), sum);
	struct slice stored = arena_dup(&a, sl_of(sum, n));
	final = arena_printf(&a, "c=biws,%.*s", SL(head));
	struct slice all = arena_printf(&a, "%.*s,%.*s,%.*s", SL(bare), SL(first), SL(final));
	hash_hmac(kind, stored, all, sum);
	for (size_t i = 0; i < n; i++)
		sum[i] ^= key[i];
	buf_base64(&proof, sum, n);
	struct slice last = arena_dup(&a, ask(arena_printf(&a, "%.*s,p=%.*s", SL(final), SL(buf_slice(&proof)))));
	hash_hmac(kind, sl_of(salted, n), S("Server Key"), key);
	hash_hmac(kind, sl_of(key, n), all, sum);
	buf_adds(&want, "v=");
	buf_base64(&want, sum, n);
	ck_assert(sl_eq(last, buf_slice(&want)));
	ck_assert_str_eq(kfk_session(&conn)->principal, "User:user");
	buf_free(&proof);
	buf_free(&want);
	arena_free(&a);
}

START_TEST(scram_256)
{
	scram("SCRAM-SHA-256", HASH_SHA256);
}
END_TEST

START_TEST(scram_512)
{
	scram("SCRAM-SHA-512", HASH_SHA512);
}
END_TEST

/* The exchange of RFC 7677: what its password and salt give. */
START_TEST(known_keys)
{
	struct arena a = { 0 };
	struct slice salt, want;
	uint8_t salted[32], key[32], sum[32];
	ck_assert(arena_base64(&a, S("W22ZaJ0SNY7soEsUEjb6gQ=="), &salt));
	hash_pbkdf2(HASH_SHA256, S("pencil"), salt, 4096, salted);
	hash_hmac(HASH_SHA256, sl_of(salted, 32), S("Server Key"), key);
	hash_hmac(HASH_SHA256, sl_of(key, 32),
		  S("n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
		    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"), sum);
	ck_assert(arena_base64(&a, S("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), &want));
	ck_assert(sl_eq(sl_of(sum, 32), want));
	arena_free(&a);
}
END_TEST

START_TEST(saslnames)
{
	struct arena a = { 0 };
	struct slice out;
	ck_assert(kfk_saslname(&a, S("a=2Cb=3Dc"), &out) && sl_eqs(out, "a,b=c"));
	ck_assert(!kfk_saslname(&a, S("a=b"), &out));
	ck_assert(!kfk_saslname(&a, S("a=2"), &out));
	ck_assert(!kfk_saslname(&a, S("a,b"), &out));
	ck_assert(!kfk_saslname(&a, S(""), &out));
	ck_assert(!kfk_saslname(&a, S("\xff"), &out));
	arena_free(&a);
}
END_TEST

/* Whether the connection is served Metadata before it has authenticated. */
static bool serves(int port)
{
	conn.local_port = port;
	return ask(S("\0\3\0\1\0\0\0\2\0\1x\xff\xff\xff\xff")).p != NULL;
}

START_TEST(ports_of_msk)
{
	ck_assert(serves(9092) && serves(9094) && !serves(9096) && !serves(9098) && !serves(9196) && !serves(9198));
	conn.local_port = 9094;
	ck_assert_int_eq(shake("PLAIN"), KE_ILLEGAL_SASL_STATE);
	conn.local_port = 9096;
	ck_assert_int_eq(shake("PLAIN"), KE_UNSUPPORTED_SASL_MECHANISM);
	ck_assert_int_eq(shake("SCRAM-SHA-512"), KE_NONE);
	kfk_session_free(conn.user);
	conn = (struct conn){ .peer = "test", .local_port = 9098, .out = conn.out };
	ck_assert_int_eq(shake("SCRAM-SHA-512"), KE_UNSUPPORTED_SASL_MECHANISM);
	ck_assert_int_eq(shake("AWS_MSK_IAM"), KE_NONE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka_sasl");
	TCase *c = tcase_create("sasl");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, scram_256);
	tcase_add_test(c, scram_512);
	tcase_add_test(c, known_keys);
	tcase_add_test(c, saslnames);
	tcase_add_test(c, ports_of_msk);
	suite_add_tcase(s, c);
	return run_suite(s);
}
