#include "hash.h"

#include <assert.h>
#include <gnutls/crypto.h>

struct hash {
	gnutls_hash_hd_t h;
};

/* GnuTLS numbers HMACs as the digests they are made of. */
static const gnutls_digest_algorithm_t algs[] = {
	[HASH_MD5] = GNUTLS_DIG_MD5, [HASH_SHA1] = GNUTLS_DIG_SHA1, [HASH_SHA256] = GNUTLS_DIG_SHA256, [HASH_SHA512] = GNUTLS_DIG_SHA512,
};

size_t hash_bytes(enum hash_kind kind)
{
	return gnutls_hash_get_len(algs[kind]);
}

void hash_whole(enum hash_kind kind, struct slice text, uint8_t *out)
{
	int rc = gnutls_hash_fast(algs[kind], text.n ? text.p : "", text.n, out);
	assert(rc == 0);
}

void hash_hmac(enum hash_kind kind, struct slice key, struct slice text, uint8_t *out)
{
	int rc = gnutls_hmac_fast((gnutls_mac_algorithm_t)algs[kind], key.n ? key.p : "", key.n, text.n ? text.p : "", text.n, out);
	assert(rc == 0);
}

void hash_pbkdf2(enum hash_kind kind, struct slice password, struct slice salt, unsigned rounds, uint8_t *out)
{
	gnutls_datum_t key = { (unsigned char *)(password.n ? password.p : ""), (unsigned)password.n };
	gnutls_datum_t with = { (unsigned char *)(salt.n ? salt.p : ""), (unsigned)salt.n };
	int rc = gnutls_pbkdf2((gnutls_mac_algorithm_t)algs[kind], &key, &with, rounds, out, hash_bytes(kind));
	assert(rc == 0);
}

struct hash *hash_new(enum hash_kind kind)
{
	struct hash *h = xcalloc(1, sizeof(*h));
	int rc = gnutls_hash_init(&h->h, algs[kind]);
	assert(rc == 0);
	return h;
}

void hash_add(struct hash *h, const void *p, size_t n)
{
	if (n)
		(void)gnutls_hash(h->h, p, n);
}

void hash_end(struct hash *h, uint8_t *out)
{
	if (!h)
		return;
	gnutls_hash_deinit(h->h, out);
	free(h);
}

void hash_hmac_sha1(struct slice key, struct slice text, uint8_t out[20])
{
	int rc = gnutls_hmac_fast(GNUTLS_MAC_SHA1, key.n ? key.p : "", key.n, text.n ? text.p : "", text.n, out);
	assert(rc == 0);
}
