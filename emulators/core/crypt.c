#include "crypt.h"

#include <assert.h>
#include <gnutls/crypto.h>

static const struct sha {
	int bits;
	gnutls_digest_algorithm_t digest;
	gnutls_mac_algorithm_t mac;
	size_t n;
} shas[] = {
	{ 1, GNUTLS_DIG_SHA1, GNUTLS_MAC_SHA1, 20 },
	{ 224, GNUTLS_DIG_SHA224, GNUTLS_MAC_SHA224, 28 },
	{ 256, GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 32 },
	{ 384, GNUTLS_DIG_SHA384, GNUTLS_MAC_SHA384, 48 },
	{ 512, GNUTLS_DIG_SHA512, GNUTLS_MAC_SHA512, 64 },
};

static const struct sha *sha_of(int bits)
{
	for (size_t i = 0; i < ARRAY_LEN(shas); i++)
		if (shas[i].bits == bits)
			return &shas[i];
	return NULL;
}

size_t crypt_hash_size(int sha)
{
	const struct sha *s = sha_of(sha);
	return s ? s->n : 0;
}

size_t crypt_hash(int sha, struct slice text, uint8_t out[CRYPT_HASH_MAX])
{
	const struct sha *s = sha_of(sha);
	return s && !gnutls_hash_fast(s->digest, text.n ? text.p : "", text.n, out) ? s->n : 0;
}

size_t crypt_hmac(int sha, struct slice key, struct slice text, uint8_t out[CRYPT_HASH_MAX])
{
	const struct sha *s = sha_of(sha);
	return s && !gnutls_hmac_fast(s->mac, key.n ? key.p : "", key.n, text.n ? text.p : "", text.n, out) ? s->n : 0;
}

/* HMAC-SHA-256 in counter mode, the seed as its key. */
void crypt_derive(const struct crypt_seed *from, void *out, size_t n)
{
	struct buf key = { 0 }, text = { 0 };
	uint8_t block[CRYPT_HASH_MAX];
	buf_u64be(&key, from->seed);
	for (uint32_t i = 0; n; i++) {
		size_t take = n < 32 ? n : 32, got;
		buf_reset(&text);
		buf_u32be(&text, i);
		buf_u64be(&text, from->n);
		buf_addsl(&text, from->what);
		got = crypt_hmac(256, buf_slice(&key), buf_slice(&text), block);
		assert(got == 32);
		(void)got;
		memcpy(out, block, take);
		out = (uint8_t *)out + take;
		n -= take;
	}
	buf_free(&key);
	buf_free(&text);
}

static gnutls_aead_cipher_hd_t cipher(const uint8_t key[CRYPT_KEY])
{
	gnutls_aead_cipher_hd_t h = NULL;
	gnutls_datum_t k = { (unsigned char *)key, CRYPT_KEY };
	int rc = gnutls_aead_cipher_init(&h, GNUTLS_CIPHER_AES_256_GCM, &k);
	assert(rc == 0);
	(void)rc;
	return h;
}

void crypt_seal(const uint8_t key[CRYPT_KEY], const uint8_t nonce[CRYPT_NONCE], struct slice aad, struct slice plain, struct buf *out)
{
	gnutls_aead_cipher_hd_t h = cipher(key);
	size_t n = plain.n + CRYPT_TAG;
	char *to = buf_room(out, n);
	if (to && !gnutls_aead_cipher_encrypt(h, nonce, CRYPT_NONCE, aad.n ? aad.p : "", aad.n, CRYPT_TAG, plain.n ? plain.p : "", plain.n, to, &n))
		out->n += n;
	gnutls_aead_cipher_deinit(h);
}

bool crypt_open(const uint8_t key[CRYPT_KEY], const uint8_t nonce[CRYPT_NONCE], struct slice aad, struct slice sealed, struct buf *out)
{
	gnutls_aead_cipher_hd_t h;
	size_t n = sealed.n;
	char *to;
	int rc;
	if (sealed.n < CRYPT_TAG || !(to = buf_room(out, sealed.n)))
		return false;
	h = cipher(key);
	rc = gnutls_aead_cipher_decrypt(h, nonce, CRYPT_NONCE, aad.n ? aad.p : "", aad.n, CRYPT_TAG, sealed.p, sealed.n, to, &n);
	gnutls_aead_cipher_deinit(h);
	if (!rc)
		out->n += n;
	return !rc;
}

/* ---- AES of any size ---- */

static bool gcm(bool seal, struct slice key, struct slice iv, struct slice aad, struct slice text, struct buf *out)
{
	gnutls_cipher_algorithm_t kind = key.n == 16 ? GNUTLS_CIPHER_AES_128_GCM : key.n == 24 ? GNUTLS_CIPHER_AES_192_GCM : GNUTLS_CIPHER_AES_256_GCM;
	gnutls_aead_cipher_hd_t h;
	gnutls_datum_t k = { (unsigned char *)key.p, (unsigned)key.n };
	size_t n = text.n + CRYPT_TAG;
	char *to;
	int rc;
	if ((!seal && text.n < CRYPT_TAG) || !(to = buf_room(out, n)) || gnutls_aead_cipher_init(&h, kind, &k))
		return false;
	rc = seal ? gnutls_aead_cipher_encrypt(h, iv.p, iv.n, aad.n ? aad.p : "", aad.n, CRYPT_TAG, text.n ? text.p : "", text.n, to, &n) :
		    gnutls_aead_cipher_decrypt(h, iv.p, iv.n, aad.n ? aad.p : "", aad.n, CRYPT_TAG, text.p, text.n, to, &n);
	gnutls_aead_cipher_deinit(h);
	out->n += rc ? 0 : n;
	return !rc;
}

/* Whole blocks in place. ECB is CBC of one block each, with nothing before it. */
static bool blocks(enum crypt_aes mode, bool seal, struct slice key, struct slice iv, char *text, size_t n)
{
	static const unsigned char nothing[16];
	gnutls_cipher_algorithm_t kind = key.n == 16 ? GNUTLS_CIPHER_AES_128_CBC : key.n == 24 ? GNUTLS_CIPHER_AES_192_CBC : GNUTLS_CIPHER_AES_256_CBC;
	gnutls_cipher_hd_t h;
	gnutls_datum_t k = { (unsigned char *)key.p, (unsigned)key.n }, v = { (unsigned char *)(mode == CRYPT_CBC ? (void *)iv.p : (void *)nothing), 16 };
	size_t step = mode == CRYPT_CBC ? n : 16;
	bool good;
	if (gnutls_cipher_init(&h, kind, &k, &v))
		return false;
	good = true;
	for (size_t i = 0; i < n && good; i += step) {
		if (mode == CRYPT_ECB)
			gnutls_cipher_set_iv(h, (void *)nothing, 16);
		good = !(seal ? gnutls_cipher_encrypt(h, text + i, step) : gnutls_cipher_decrypt(h, text + i, step));
	}
	gnutls_cipher_deinit(h);
	return good;
}

bool crypt_aes_seal(enum crypt_aes mode, struct slice key, struct slice iv, struct slice aad, struct slice plain, struct buf *out)
{
	size_t pad = 16 - plain.n % 16;
	char *to;
	if (mode == CRYPT_GCM)
		return gcm(true, key, iv, aad, plain, out);
	to = buf_room(out, plain.n + pad);
	if (!to)
		return false;
	memcpy(to, plain.n ? plain.p : "", plain.n);
	memset(to + plain.n, (int)pad, pad);
	if (!blocks(mode, true, key, iv, to, plain.n + pad))
		return false;
	out->n += plain.n + pad;
	return true;
}

bool crypt_aes_open(enum crypt_aes mode, struct slice key, struct slice iv, struct slice aad, struct slice sealed, struct buf *out)
{
	char *to;
	size_t pad;
	if (mode == CRYPT_GCM)
		return gcm(false, key, iv, aad, sealed, out);
	if (!sealed.n || sealed.n % 16 || !(to = buf_room(out, sealed.n)))
		return false;
	memcpy(to, sealed.p, sealed.n);
	if (!blocks(mode, false, key, iv, to, sealed.n))
		return false;
	pad = (unsigned char)to[sealed.n - 1];
	if (!pad || pad > 16)
		return false;
	for (size_t i = 0; i < pad; i++)
		if ((unsigned char)to[sealed.n - 1 - i] != pad)
			return false;
	out->n += sealed.n - pad;
	return true;
}
