/* SigV4 against the worked examples of the S3 API reference (sig-v4-header-based-auth, sigv4-query-string-auth,
 * sigv4-streaming). */
#include "check_main.h"
#include <stdlib.h>
#include <string.h>

#include "core/service.h"
#include "core/sigv4.h"

static const char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
static const int64_t then_ms = 1369353600000; /* 20130524T000000Z */
#define CREDENTIAL "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
#define EMPTY_SUM "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static enum sigv4_verdict verify(const struct http_req *req, int64_t now_ms)
{
	struct sigv4_result res = { 0 };
	struct sigv4_auth auth;
	struct error err;
	struct conf *conf = conf_new();
	enum sigv4_verdict v;
	conf_set(conf, "identities", "AKIAIOSFODNN7EXAMPLE", secret);
	ck_assert_int_eq(sigv4_parse(req, &auth, &err), 0);
	v = sigv4_verify(&(struct env){ .conf = conf }, req, &auth, now_ms, true, &res);
	conf_free(conf);
	ck_assert_int_eq(res.canonical.n > 0, v == SIGV4_MISMATCH);
	buf_free(&res.canonical);
	buf_free(&res.to_sign);
	return v;
}

#define GET_AUTH(sig) "AWS4-HMAC-SHA256 Credential=" CREDENTIAL ",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=" sig
#define GET_SIG "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"

static struct http_req get_request(struct arena *a, struct http_header *h, const char *auth)
{
	h[0] = (struct http_header){ S("Host"), S("examplebucket.s3.amazonaws.com") };
	h[1] = (struct http_header){ S("Range"), S("bytes=0-9") };
	h[2] = (struct http_header){ S("x-amz-content-sha256"), S(EMPTY_SUM) };
	h[3] = (struct http_header){ S("x-amz-date"), S("20130524T000000Z") };
	h[4] = (struct http_header){ S("Authorization"), sl(auth) };
	return (struct http_req){ .arena = a, .method = S("GET"), .path = S("/test.txt"), .headers = h, .header_n = 5, .body = S("") };
}

START_TEST(header)
{
	struct arena a = { 0 };
	struct http_header h[5];
	struct http_req req = get_request(&a, h, GET_AUTH(GET_SIG));
	ck_assert_int_eq(verify(&req, then_ms), SIGV4_OK);
	ck_assert_int_eq(verify(&req, then_ms + 16 * 60000), SIGV4_SKEW);
	ck_assert_int_eq(verify(&req, then_ms - 16 * 60000), SIGV4_SKEW);
	req.path = S("/tesu.txt");
	ck_assert_int_eq(verify(&req, then_ms), SIGV4_MISMATCH);
	req.path = S("/test.txt");
	req.body = S("x");
	ck_assert_int_eq(verify(&req, then_ms), SIGV4_BODY_MISMATCH);
	arena_free(&a);
}
END_TEST

START_TEST(sign_is_verify)
{
	struct arena a = { 0 };
	struct http_header h[5];
	struct http_req req = get_request(&a, h, "");
	struct slice auth;
	req.header_n = 4;
	auth = sigv4_sign(&req, S("AKIAIOSFODNN7EXAMPLE"), sl(secret), S("us-east-1"), S("s3"), true);
	ck_assert(sl_ends(auth, S(GET_SIG)));
	arena_free(&a);
}
END_TEST

START_TEST(query)
{
	struct arena a = { 0 };
	struct http_header h[1] = { { S("Host"), S("examplebucket.s3.amazonaws.com") } };
	struct http_req req = { .arena = &a, .method = S("GET"), .path = S("/test.txt"), .headers = h, .header_n = 1 };
	req.query = S("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
		      "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
		      "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
	ck_assert_int_eq(verify(&req, then_ms + 3600000), SIGV4_OK);
	ck_assert_int_eq(verify(&req, then_ms + 86401000), SIGV4_EXPIRED);
	arena_free(&a);
}
END_TEST

static void chain_chunk(struct sigv4_chain *c, struct slice data, char sig[65])
{
	uint8_t sum[32];
	hash_sha256(data.p, data.n, sum);
	sigv4_chain_chunk(c, sum, sig);
}

START_TEST(chunks)
{
	static char data[65536];
	struct sigv4_auth auth = { .date = S("20130524"), .region = S("us-east-1"), .service = S("s3"), .amz_date = S("20130524T000000Z") };
	struct sigv4_chain c;
	char sig[65];
	memset(data, 'a', sizeof(data));
	auth.signature = S("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
	sigv4_chain_init(&c, &auth, sl(secret));
	chain_chunk(&c, sl_of(data, 65536), sig);
	ck_assert_str_eq(sig, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
	chain_chunk(&c, sl_of(data, 1024), sig);
	ck_assert_str_eq(sig, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
	chain_chunk(&c, S(""), sig);
	ck_assert_str_eq(sig, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}
END_TEST

static const char *const malformed[] = {
	"AWS4-HMAC-SHA256",
	"AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=" GET_SIG,
	"AWS4-HMAC-SHA256 Credential=" CREDENTIAL ", SignedHeaders=host",
	"AWS4-HMAC-SHA256 Credential=" CREDENTIAL ", SignedHeaders=host, Signature=zz",
	"AWS4-HMAC-SHA256 Credential=AK/2013/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" GET_SIG,
	"AWS4-HMAC-SHA256 Credential=/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" GET_SIG,
	"AWS AKIA:abc=",
	"",
};

START_TEST(bad_header)
{
	struct arena a = { 0 };
	struct http_header h[5];
	struct http_req req = get_request(&a, h, malformed[_i]);
	struct sigv4_auth auth;
	struct error err;
	ck_assert_int_eq(sigv4_parse(&req, &auth, &err), ERR_INVALID);
	ck_assert(err.def != NULL);
	ck_assert_str_eq(err.text, err.def->code);
	arena_free(&a);
}
END_TEST

START_TEST(anonymous_and_any)
{
	struct arena a = { 0 };
	struct http_header h[5];
	struct http_req req = get_request(&a, h, "AWS4-HMAC-SHA256 Credential=who/20130524/x/s3/aws4_request,SignedHeaders=host,Signature=" GET_SIG);
	struct sigv4_auth auth;
	struct error err;
	struct conf *conf = conf_new();
	const struct env nothing = { 0 }, env = { .conf = conf };
	ck_assert_int_eq(sigv4_parse(&req, &auth, &err), 0);
	ck_assert_int_eq(sigv4_verify(&nothing, &req, &auth, 0, true, NULL), SIGV4_OK);
	ck_assert_int_eq(sigv4_verify(&env, &req, &auth, 0, true, NULL), SIGV4_OK);
	ck_assert(sigv4_any(conf));
	conf_set(conf, "identities", "AK", "sk");
	ck_assert(!sigv4_any(conf));
	auth.key = S("AK");
	ck_assert_int_eq(sigv4_identity(&env, &req, &auth), IDENTITY_KNOWN);
	ck_assert(sl_eqs(auth.who.secret, "sk"));
	auth.key = S("who");
	ck_assert_int_eq(sigv4_verify(&env, &req, &auth, then_ms, true, NULL), SIGV4_UNKNOWN_KEY);
	ck_assert_int_eq(sigv4_check(&env, &req, true, NULL, NULL), SIGV4_UNKNOWN_KEY);
	h[4].value = S("AWS AKIA:abc=");
	ck_assert_int_eq(sigv4_check(&env, &req, true, &auth, NULL), SIGV4_UNREADABLE);
	ck_assert_str_eq(auth.unreadable, "InvalidRequest");
	ck_assert(!auth.present);
	req.header_n = 4;
	ck_assert_int_eq(sigv4_check(&env, &req, true, NULL, NULL), SIGV4_ANONYMOUS);
	conf_free(conf);
	arena_free(&a);
}
END_TEST

START_TEST(hashes)
{
	uint8_t out[32];
	hash_md5("abc", 3, out);
	ck_assert(memcmp(out, "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72", 16) == 0);
	hash_sha1("abc", 3, out);
	ck_assert(memcmp(out, "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d", 20) == 0);
	hash_sha256(NULL, 0, out);
	ck_assert(memcmp(out, "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14", 8) == 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sigv4");
	TCase *t = tcase_create("sigv4");
	tcase_add_test(t, header);
	tcase_add_test(t, sign_is_verify);
	tcase_add_test(t, query);
	tcase_add_test(t, chunks);
	tcase_add_loop_test(t, bad_header, 0, ARRAY_LEN(malformed));
	tcase_add_test(t, anonymous_and_any);
	tcase_add_test(t, hashes);
	suite_add_tcase(s, t);
	return run_suite(s);
}
