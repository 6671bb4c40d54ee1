/* Keys of the run's seed and what is done with them: core/crypt.h. */
#include "check_main.h"
#include "core/crypt.h"

static const struct crypt_seed seed = { 1, { "test", 4 }, 0 };

START_TEST(sealed_opens_only_with_what_sealed_it)
{
	uint8_t key[CRYPT_KEY], nonce[CRYPT_NONCE] = { 1 };
	struct buf sealed = { 0 }, plain = { 0 };
	crypt_derive(&seed, key, sizeof(key));
	crypt_seal(key, nonce, S("a"), S("secret"), &sealed);
	ck_assert_uint_eq(sealed.n, 6 + CRYPT_TAG);
	ck_assert(crypt_open(key, nonce, S("a"), buf_slice(&sealed), &plain));
	ck_assert(sl_eq(buf_slice(&plain), S("secret")));
	ck_assert(!crypt_open(key, nonce, S("b"), buf_slice(&sealed), &plain));
	ck_assert(!crypt_open(key, nonce, S("a"), sl_of(sealed.p, 3), &plain));
	sealed.p[0] ^= 1;
	ck_assert(!crypt_open(key, nonce, S("a"), buf_slice(&sealed), &plain));
	ck_assert_uint_eq(plain.n, 6);
	buf_free(&sealed);
	buf_free(&plain);
}
END_TEST

START_TEST(what_is_derived_differs_by_seed_purpose_and_count)
{
	struct crypt_seed from[] = { seed, { 2, seed.what, 0 }, { 1, { "other", 5 }, 0 }, { 1, seed.what, 1 } };
	uint8_t out[ARRAY_LEN(from)][48], again[20];
	for (size_t i = 0; i < ARRAY_LEN(from); i++)
		crypt_derive(&from[i], out[i], sizeof(out[i]));
	for (size_t i = 0; i < ARRAY_LEN(from); i++)
		for (size_t j = 0; j < i; j++)
			ck_assert(memcmp(out[i], out[j], 48));
	crypt_derive(&seed, again, sizeof(again));
	ck_assert(!memcmp(again, out[0], sizeof(again)));
}
END_TEST

static const struct {
	enum pair_kind kind;
	enum pair_scheme scheme;
	int sha;
	bool oaep;
} pairs[] = {
	{ PAIR_RSA_2048, PAIR_PKCS1, 256, true }, { PAIR_RSA_2048, PAIR_PSS, 512, true }, { PAIR_RSA_3072, PAIR_PSS, 384, true },
	{ PAIR_P256, PAIR_ECDSA, 256 },           { PAIR_P384, PAIR_ECDSA, 384 },         { PAIR_P521, PAIR_ECDSA, 512 },
	{ PAIR_ED25519, PAIR_EDDSA, 512 },
};

START_TEST(a_pair_signs_and_verifies)
{
	struct buf pair = { 0 }, again = { 0 }, sig = { 0 }, pub = { 0 }, pem = { 0 };
	uint8_t digest[CRYPT_HASH_MAX];
	struct slice d = sl_of(digest, crypt_hash(pairs[_i].sha, S("hello"), digest));
	ck_assert(pair_make(pairs[_i].kind, &seed, &pair));
	ck_assert(pair_make(pairs[_i].kind, &seed, &again));
	ck_assert(sl_eq(buf_slice(&pair), buf_slice(&again)));
	ck_assert(pair_sign(buf_slice(&pair), pairs[_i].scheme, pairs[_i].sha, d, &sig));
	ck_assert(pair_verify(buf_slice(&pair), pairs[_i].scheme, pairs[_i].sha, d, buf_slice(&sig)));
	sig.p[sig.n - 1] ^= 1;
	ck_assert(!pair_verify(buf_slice(&pair), pairs[_i].scheme, pairs[_i].sha, d, buf_slice(&sig)));
	ck_assert(pair_public(buf_slice(&pair), &pub));
	ck_assert(pair_pem(buf_slice(&pair), &pem));
	ck_assert(sl_starts(buf_slice(&pem), S("-----BEGIN ")));
	if (pairs[_i].kind == PAIR_RSA_2048)
		ck_assert(sl_starts(buf_slice(&pem), S("-----BEGIN RSA PRIVATE KEY-----\n")));
	buf_free(&pair);
	buf_free(&again);
	buf_free(&sig);
	buf_free(&pub);
	buf_free(&pem);
}
END_TEST

START_TEST(oaep_there_and_back)
{
	struct buf pair = { 0 }, sealed = { 0 }, plain = { 0 };
	char text[214];
	memset(text, 'x', sizeof(text));
	ck_assert(pair_make(PAIR_RSA_2048, &seed, &pair));
	ck_assert(pair_encrypt(buf_slice(&pair), 1, &seed, sl_of(text, 214), &sealed));
	ck_assert_uint_eq(sealed.n, 256);
	ck_assert(pair_decrypt(buf_slice(&pair), 1, buf_slice(&sealed), &plain));
	ck_assert(sl_eq(buf_slice(&plain), sl_of(text, 214)));
	ck_assert(!pair_decrypt(buf_slice(&pair), 256, buf_slice(&sealed), &plain));
	ck_assert(!pair_encrypt(buf_slice(&pair), 256, &seed, sl_of(text, 191), &sealed));
	ck_assert(pair_encrypt(buf_slice(&pair), 256, &seed, sl_of(text, 190), &sealed));
	buf_reset(&plain);
	ck_assert(pair_decrypt(buf_slice(&pair), 256, sl_of(sealed.p + 256, 256), &plain));
	ck_assert_uint_eq(plain.n, 190);
	ck_assert(!pair_decrypt(buf_slice(&pair), 256, S("short"), &plain));
	buf_free(&pair);
	buf_free(&sealed);
	buf_free(&plain);
}
END_TEST

START_TEST(what_is_no_pair_is_refused)
{
	struct buf out = { 0 };
	ck_assert(!pair_public(S("nonsense"), &out));
	ck_assert(!pair_pem(S(""), &out));
	ck_assert(!pair_sign(S("nonsense"), PAIR_PKCS1, 256, S("x"), &out));
	ck_assert(!pair_verify(S("nonsense"), PAIR_PKCS1, 256, S("x"), S("y")));
	ck_assert(!pair_decrypt(S("nonsense"), 256, S("x"), &out));
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("crypt");
	TCase *t = tcase_create("all");
	tcase_add_test(t, sealed_opens_only_with_what_sealed_it);
	tcase_add_test(t, what_is_derived_differs_by_seed_purpose_and_count);
	tcase_add_loop_test(t, a_pair_signs_and_verifies, 0, (int)ARRAY_LEN(pairs));
	tcase_add_test(t, oaep_there_and_back);
	tcase_add_test(t, what_is_no_pair_is_refused);
	suite_add_tcase(s, t);
	return run_suite(s);
}
