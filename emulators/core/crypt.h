/* Encryption, MACs, key pairs and signatures, for who stands for a service that keeps keys.
 *
 * Nothing here is chance: a key comes of the run's seed, what it is for and a count, so the same run has the same keys, and
 * signatures are the reproducible ones. Whoever knows the seed knows the keys: these guard nothing. */
#ifndef TARN_CRYPT_H
#define TARN_CRYPT_H

#include "mem.h"

/* Where the bytes of a key come from. */
struct crypt_seed {
	uint64_t seed;     /* [stack] seed */
	struct slice what; /* "kms/1234…/0": another for each key */
	uint64_t n;
};
/* n bytes of it: the first of a stream that doesn't end. */
void crypt_derive(const struct crypt_seed *from, void *out, size_t n);

/* AES-256-GCM: out gets the ciphertext and 16 bytes of tag. */
enum { CRYPT_KEY = 32, CRYPT_NONCE = 12, CRYPT_TAG = 16 };
void crypt_seal(const uint8_t key[CRYPT_KEY], const uint8_t nonce[CRYPT_NONCE], struct slice aad, struct slice plain, struct buf *out);
/* False: it is not what was sealed with this key, nonce and aad; out has nothing then. */
bool crypt_open(const uint8_t key[CRYPT_KEY], const uint8_t nonce[CRYPT_NONCE], struct slice aad, struct slice sealed, struct buf *out)
	WARN_UNUSED;

/* AES with a key of 16, 24 or 32 bytes. GCM: nonce of 12 bytes, the tag is behind; CBC: iv of 16; ECB: none. CBC and ECB are padded as
 * PKCS #7 says. False: the text isn't what such a key makes (or has no such length); out has nothing then. */
enum crypt_aes { CRYPT_GCM, CRYPT_CBC, CRYPT_ECB };
bool crypt_aes_seal(enum crypt_aes mode, struct slice key, struct slice iv, struct slice aad, struct slice plain, struct buf *out) WARN_UNUSED;
bool crypt_aes_open(enum crypt_aes mode, struct slice key, struct slice iv, struct slice aad, struct slice sealed, struct buf *out) WARN_UNUSED;

/* SHA-1, SHA-2 by their bits (1: SHA-1; 224, 256, 384, 512). Returns how many bytes; 0: none is called so. */
enum { CRYPT_HASH_MAX = 64 };
size_t crypt_hash(int sha, struct slice text, uint8_t out[CRYPT_HASH_MAX]);
size_t crypt_hmac(int sha, struct slice key, struct slice text, uint8_t out[CRYPT_HASH_MAX]);
size_t crypt_hash_size(int sha);

/* ---- pair.c: key pairs; the private half is always PKCS #8 in DER ---- */
enum pair_kind { PAIR_NONE, PAIR_RSA_2048, PAIR_RSA_3072, PAIR_RSA_4096, PAIR_P256, PAIR_P384, PAIR_P521, PAIR_ED25519 };
/* Makes one. RSA takes 30 ms to 2 s: in a job (it uses nothing but its arguments). False: the libraries failed, and pkcs8 has nothing. */
bool pair_make(enum pair_kind kind, const struct crypt_seed *from, struct buf *pkcs8) WARN_UNUSED;
/* The other half as SubjectPublicKeyInfo in DER; the private one as PEM: "RSA PRIVATE KEY" (PKCS #1) or "EC PRIVATE KEY" as
 * OpenSSL writes them. False: it is no key pair. */
bool pair_public(struct slice pkcs8, struct buf *spki) WARN_UNUSED;
bool pair_pem(struct slice pkcs8, struct buf *pem) WARN_UNUSED;
/* The modulus and exponent of an RSA pair, big-endian without zeros before; point of Ed25519 in x, its secret in y. */
bool pair_rsa_parts(struct slice pkcs8, struct buf *n, struct buf *e) WARN_UNUSED;
bool pair_ed25519_parts(struct slice pkcs8, struct buf *public, struct buf *secret) WARN_UNUSED;
/* SubjectPublicKeyInfo of an RSA key's parts, as a client names it. */
bool pair_rsa_public(struct slice n, struct slice e, struct buf *spki) WARN_UNUSED;

enum pair_scheme { PAIR_PKCS1, PAIR_PSS, PAIR_ECDSA, PAIR_EDDSA };
/* A signature of a digest of that SHA (of the message itself: EDDSA), ECDSA's in DER. False: the key can't. */
bool pair_sign(struct slice pkcs8, enum pair_scheme scheme, int sha, struct slice digest, struct buf *out) WARN_UNUSED;
bool pair_verify(struct slice pkcs8, enum pair_scheme scheme, int sha, struct slice digest, struct slice signature) WARN_UNUSED;
/* RSAES_OAEP with MGF1 of the same SHA and no label. False: too long, or not what was encrypted; out has nothing then. */
bool pair_encrypt(struct slice pkcs8, int sha, const struct crypt_seed *from, struct slice plain, struct buf *out) WARN_UNUSED;
bool pair_decrypt(struct slice pkcs8, int sha, struct slice sealed, struct buf *out) WARN_UNUSED;

#endif
