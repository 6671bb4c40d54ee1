#include "hash.h"

#include <assert.h>
#include <gnutls/crypto.h>

struct hash {
	gnutls_hash_hd_t h;
};

struct hash *hash_new(enum hash_kind kind)
{
	static const gnutls_digest_algorithm_t algs[] = { [HASH_MD5] = GNUTLS_DIG_MD5, [HASH_SHA1] = GNUTLS_DIG_SHA1, [HASH_SHA256] = GNUTLS_DIG_SHA256 };
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
