/* Key pairs: made by nettle, whose chance is a function of ours (GnuTLS's is its own), written and used by GnuTLS. RSAES_OAEP,
 * which the GnuTLS and nettle of Debian 12 don't have, is here. */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <nettle/eddsa.h>
#include <nettle/rsa.h>

#include "crypt.h"

/* ---- the stream of bytes that keys are made of ---- */

struct stream {
	struct crypt_seed from;
	uint64_t base;
	uint8_t block[32];
	size_t left;
};

static struct stream stream_of(const struct crypt_seed *from)
{
	return (struct stream){ .from = *from, .base = from->n << 32 };
}

static void stream_bytes(void *arg, size_t n, uint8_t *out)
{
	struct stream *s = arg;
	for (; n; n--) {
		if (!s->left) {
			s->from.n = s->base++;
			crypt_derive(&s->from, s->block, sizeof(s->block));
			s->left = sizeof(s->block);
		}
		*out++ = s->block[sizeof(s->block) - s->left--];
	}
}

/* ---- numbers ---- */

static struct slice datum(gnutls_datum_t d)
{
	return sl_of(d.data, d.size);
}

static gnutls_datum_t as_datum(struct slice s)
{
	return (gnutls_datum_t){ (unsigned char *)s.p, (unsigned)s.n };
}

/* Without zeros before; width: with as many as that needs. */
static void add_number(struct buf *out, const mpz_t x, size_t width)
{
	size_t n = width ? width : nettle_mpz_sizeinbase_256_u(x);
	char *to = buf_room(out, n);
	if (!to)
		return;
	nettle_mpz_get_str_256(n, (uint8_t *)to, x);
	out->n += n;
}

static struct slice lean(struct slice s)
{
	while (s.n > 1 && !s.p[0])
		s = sl_from(s, 1);
	return s;
}

/* ---- making ---- */

static const struct kind {
	int bits;                  /* of RSA */
	gnutls_ecc_curve_t curve;
	size_t bytes;              /* of a coordinate */
	const struct ecc_curve *(*nettle)(void);
} kinds[] = {
	[PAIR_RSA_2048] = { 2048 },
	[PAIR_RSA_3072] = { 3072 },
	[PAIR_RSA_4096] = { 4096 },
	[PAIR_P256] = { 0, GNUTLS_ECC_CURVE_SECP256R1, 32, nettle_get_secp_256r1 },
	[PAIR_P384] = { 0, GNUTLS_ECC_CURVE_SECP384R1, 48, nettle_get_secp_384r1 },
	[PAIR_P521] = { 0, GNUTLS_ECC_CURVE_SECP521R1, 66, nettle_get_secp_521r1 },
	[PAIR_ED25519] = { 0, GNUTLS_ECC_CURVE_ED25519, ED25519_KEY_SIZE, NULL },
};

static int make_rsa(const struct kind *k, struct stream *s, gnutls_x509_privkey_t key)
{
	struct rsa_public_key pub;
	struct rsa_private_key own;
	struct buf parts[8] = { 0 };
	gnutls_datum_t d[8];
	int rc = -1;
	rsa_public_key_init(&pub);
	rsa_private_key_init(&own);
	mpz_set_ui(pub.e, 65537);
	if (rsa_generate_keypair(&pub, &own, s, stream_bytes, NULL, NULL, (unsigned)k->bits, 0)) {
		mpz_srcptr of[8] = { pub.n, pub.e, own.d, own.p, own.q, own.c, own.a, own.b };
		for (size_t i = 0; i < ARRAY_LEN(of); i++) {
			add_number(&parts[i], of[i], 0);
			d[i] = as_datum(buf_slice(&parts[i]));
		}
		rc = gnutls_x509_privkey_import_rsa_raw2(key, &d[0], &d[1], &d[2], &d[3], &d[4], &d[5], &d[6], &d[7]);
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		buf_free(&parts[i]);
	rsa_public_key_clear(&pub);
	rsa_private_key_clear(&own);
	return rc;
}

static int make_ecc(const struct kind *k, struct stream *s, gnutls_x509_privkey_t key)
{
	struct ecc_scalar secret;
	struct ecc_point point;
	struct buf x = { 0 }, y = { 0 }, z = { 0 };
	mpz_t a, b;
	int rc;
	mpz_init(a);
	mpz_init(b);
	ecc_scalar_init(&secret, k->nettle());
	ecc_point_init(&point, k->nettle());
	ecc_scalar_random(&secret, s, stream_bytes);
	ecc_point_mul_g(&point, &secret);
	ecc_scalar_get(&secret, a);
	add_number(&z, a, k->bytes);
	ecc_point_get(&point, a, b);
	add_number(&x, a, k->bytes);
	add_number(&y, b, k->bytes);
	gnutls_datum_t dx = as_datum(buf_slice(&x)), dy = as_datum(buf_slice(&y)), dz = as_datum(buf_slice(&z));
	rc = gnutls_x509_privkey_import_ecc_raw(key, k->curve, &dx, &dy, &dz);
	ecc_scalar_clear(&secret);
	ecc_point_clear(&point);
	mpz_clear(a);
	mpz_clear(b);
	buf_free(&x);
	buf_free(&y);
	buf_free(&z);
	return rc;
}

static int make_ed25519(const struct kind *k, struct stream *s, gnutls_x509_privkey_t key)
{
	uint8_t secret[ED25519_KEY_SIZE], public[ED25519_KEY_SIZE];
	gnutls_datum_t x = { public, sizeof(public) }, z = { secret, sizeof(secret) };
	stream_bytes(s, sizeof(secret), secret);
	ed25519_sha512_public_key(public, secret);
	return gnutls_x509_privkey_import_ecc_raw(key, k->curve, &x, NULL, &z);
}

/* A library's datum, added to out and freed. */
static bool take_datum(int rc, gnutls_datum_t *d, struct buf *out)
{
	if (rc)
		return false;
	buf_add(out, d->data, d->size);
	gnutls_free(d->data);
	return true;
}

bool pair_make(enum pair_kind kind, const struct crypt_seed *from, struct buf *pkcs8)
{
	const struct kind *k = &kinds[kind];
	struct stream s = stream_of(from);
	gnutls_x509_privkey_t key;
	gnutls_datum_t d = { 0 };
	bool made = false;
	if (gnutls_x509_privkey_init(&key))
		return false;
	if (!(k->bits ? make_rsa(k, &s, key) : k->nettle ? make_ecc(k, &s, key) : make_ed25519(k, &s, key)))
		made = take_datum(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN, &d), &d, pkcs8);
	gnutls_x509_privkey_deinit(key);
	return made;
}

/* ---- forms ---- */

/* NULL: it isn't one. */
static gnutls_x509_privkey_t read_key(struct slice pkcs8)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t d = as_datum(pkcs8);
	if (gnutls_x509_privkey_init(&key))
		return NULL;
	if (!gnutls_x509_privkey_import_pkcs8(key, &d, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN))
		return key;
	gnutls_x509_privkey_deinit(key);
	return NULL;
}

static gnutls_privkey_t read_private(struct slice pkcs8)
{
	gnutls_privkey_t key;
	gnutls_datum_t d = as_datum(pkcs8);
	if (gnutls_privkey_init(&key))
		return NULL;
	if (!gnutls_privkey_import_x509_raw(key, &d, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN))
		return key;
	gnutls_privkey_deinit(key);
	return NULL;
}

static gnutls_pubkey_t read_public(struct slice pkcs8)
{
	gnutls_privkey_t key = read_private(pkcs8);
	gnutls_pubkey_t pub = NULL;
	if (!key || gnutls_pubkey_init(&pub)) {
		if (key)
			gnutls_privkey_deinit(key);
		return NULL;
	}
	if (gnutls_pubkey_import_privkey(pub, key, 0, 0)) {
		gnutls_pubkey_deinit(pub);
		pub = NULL;
	}
	gnutls_privkey_deinit(key);
	return pub;
}

bool pair_public(struct slice pkcs8, struct buf *spki)
{
	gnutls_pubkey_t pub = read_public(pkcs8);
	gnutls_datum_t d = { 0 };
	bool done;
	if (!pub)
		return false;
	done = take_datum(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &d), &d, spki);
	gnutls_pubkey_deinit(pub);
	return done;
}

bool pair_pem(struct slice pkcs8, struct buf *pem)
{
	gnutls_x509_privkey_t key = read_key(pkcs8);
	gnutls_datum_t d = { 0 };
	bool done;
	if (!key)
		return false;
	done = take_datum(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &d), &d, pem);
	gnutls_x509_privkey_deinit(key);
	return done;
}

bool pair_rsa_parts(struct slice pkcs8, struct buf *n, struct buf *e)
{
	gnutls_pubkey_t pub = read_public(pkcs8);
	gnutls_datum_t dn = { 0 }, de = { 0 };
	bool done;
	if (!pub)
		return false;
	done = !gnutls_pubkey_export_rsa_raw(pub, &dn, &de);
	if (done) {
		buf_addsl(n, lean(datum(dn)));
		buf_addsl(e, lean(datum(de)));
		gnutls_free(dn.data);
		gnutls_free(de.data);
	}
	gnutls_pubkey_deinit(pub);
	return done;
}

bool pair_ed25519_parts(struct slice pkcs8, struct buf *public, struct buf *secret)
{
	gnutls_x509_privkey_t key = read_key(pkcs8);
	gnutls_datum_t x = { 0 }, y = { 0 }, k = { 0 };
	gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
	bool done;
	if (!key)
		return false;
	done = !gnutls_x509_privkey_export_ecc_raw(key, &curve, &x, &y, &k);
	if (done) {
		buf_addsl(public, datum(x));
		buf_addsl(secret, datum(k));
		gnutls_free(x.data);
		gnutls_free(y.data);
		gnutls_free(k.data);
	}
	gnutls_x509_privkey_deinit(key);
	return done && curve == GNUTLS_ECC_CURVE_ED25519;
}

bool pair_rsa_public(struct slice n, struct slice e, struct buf *spki)
{
	gnutls_datum_t dn = as_datum(n), de = as_datum(e), d = { 0 };
	gnutls_pubkey_t pub;
	bool done;
	if (gnutls_pubkey_init(&pub))
		return false;
	done = !gnutls_pubkey_import_rsa_raw(pub, &dn, &de) && take_datum(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &d), &d, spki);
	gnutls_pubkey_deinit(pub);
	return done;
}

/* ---- signatures ---- */

/* The numbers of an RSA key, as nettle has them. */
struct rsa {
	struct rsa_public_key pub;
	struct rsa_private_key own;
	size_t size; /* bytes of the modulus */
};

static void rsa_free(struct rsa *r)
{
	rsa_public_key_clear(&r->pub);
	rsa_private_key_clear(&r->own);
}

static bool rsa_read(struct slice pkcs8, struct rsa *r)
{
	gnutls_x509_privkey_t key = read_key(pkcs8);
	gnutls_datum_t d[8] = { 0 };
	bool there;
	if (!key)
		return false;
	there = !gnutls_x509_privkey_export_rsa_raw2(key, &d[0], &d[1], &d[2], &d[3], &d[4], &d[5], &d[6], &d[7]);
	gnutls_x509_privkey_deinit(key);
	if (!there)
		return false;
	rsa_public_key_init(&r->pub);
	rsa_private_key_init(&r->own);
	mpz_ptr to[8] = { r->pub.n, r->pub.e, r->own.d, r->own.p, r->own.q, r->own.c, r->own.a, r->own.b };
	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		nettle_mpz_set_str_256_u(to[i], d[i].size, d[i].data);
		gnutls_free(d[i].data);
	}
	if (rsa_public_key_prepare(&r->pub) && rsa_private_key_prepare(&r->own)) {
		r->size = r->pub.size;
		return true;
	}
	rsa_free(r);
	return false;
}

/* The salt is as long as the digest, as KMS has it; it is a function of key and digest (GnuTLS's reproducible ones have none). */
static bool sign_pss(struct slice pkcs8, int sha, struct slice digest, struct buf *out)
{
	struct crypt_seed from = { 0, digest, 0 };
	uint8_t salt[CRYPT_HASH_MAX];
	const uint8_t *d = (const uint8_t *)digest.p;
	struct stream s;
	struct rsa r;
	mpz_t x;
	bool done;
	if (digest.n != crypt_hash_size(sha) || !crypt_hmac(sha, pkcs8, digest, salt) || !rsa_read(pkcs8, &r))
		return false;
	mpz_init(x);
	s = stream_of(&from); /* for blinding, which doesn't show */
	if (sha == 256)
		done = rsa_pss_sha256_sign_digest_tr(&r.pub, &r.own, &s, stream_bytes, digest.n, salt, d, x);
	else if (sha == 384)
		done = rsa_pss_sha384_sign_digest_tr(&r.pub, &r.own, &s, stream_bytes, digest.n, salt, d, x);
	else
		done = rsa_pss_sha512_sign_digest_tr(&r.pub, &r.own, &s, stream_bytes, digest.n, salt, d, x);
	if (done)
		add_number(out, x, r.size);
	mpz_clear(x);
	rsa_free(&r);
	return done;
}

static gnutls_sign_algorithm_t algorithm(enum pair_scheme scheme, int sha)
{
	static const struct {
		enum pair_scheme scheme;
		int sha;
		gnutls_sign_algorithm_t is;
	} all[] = {
		{ PAIR_PKCS1, 256, GNUTLS_SIGN_RSA_SHA256 },     { PAIR_PKCS1, 384, GNUTLS_SIGN_RSA_SHA384 },
		{ PAIR_PKCS1, 512, GNUTLS_SIGN_RSA_SHA512 },     { PAIR_PSS, 256, GNUTLS_SIGN_RSA_PSS_SHA256 },
		{ PAIR_PSS, 384, GNUTLS_SIGN_RSA_PSS_SHA384 },   { PAIR_PSS, 512, GNUTLS_SIGN_RSA_PSS_SHA512 },
		{ PAIR_ECDSA, 256, GNUTLS_SIGN_ECDSA_SHA256 },   { PAIR_ECDSA, 384, GNUTLS_SIGN_ECDSA_SHA384 },
		{ PAIR_ECDSA, 512, GNUTLS_SIGN_ECDSA_SHA512 },   { PAIR_EDDSA, 512, GNUTLS_SIGN_EDDSA_ED25519 },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].scheme == scheme && all[i].sha == sha)
			return all[i].is;
	return GNUTLS_SIGN_UNKNOWN;
}

bool pair_sign(struct slice pkcs8, enum pair_scheme scheme, int sha, struct slice digest, struct buf *out)
{
	gnutls_sign_algorithm_t how = algorithm(scheme, sha);
	gnutls_datum_t in = as_datum(digest), sig = { 0 };
	gnutls_privkey_t key;
	bool done;
	if (how != GNUTLS_SIGN_UNKNOWN && scheme == PAIR_PSS)
		return sign_pss(pkcs8, sha, digest, out);
	key = how != GNUTLS_SIGN_UNKNOWN ? read_private(pkcs8) : NULL;
	if (!key)
		return false;
	done = take_datum(scheme == PAIR_EDDSA ? gnutls_privkey_sign_data2(key, how, 0, &in, &sig)
					       : gnutls_privkey_sign_hash2(key, how, GNUTLS_PRIVKEY_FLAG_REPRODUCIBLE, &in, &sig),
			  &sig, out);
	gnutls_privkey_deinit(key);
	return done;
}

bool pair_verify(struct slice pkcs8, enum pair_scheme scheme, int sha, struct slice digest, struct slice signature)
{
	gnutls_sign_algorithm_t how = algorithm(scheme, sha);
	gnutls_datum_t in = as_datum(digest), sig = as_datum(signature);
	gnutls_pubkey_t pub = how != GNUTLS_SIGN_UNKNOWN ? read_public(pkcs8) : NULL;
	int rc;
	if (!pub)
		return false;
	rc = scheme == PAIR_EDDSA ? gnutls_pubkey_verify_data2(pub, how, 0, &in, &sig) : gnutls_pubkey_verify_hash2(pub, how, 0, &in, &sig);
	gnutls_pubkey_deinit(pub);
	return rc >= 0;
}

/* ---- RSAES_OAEP (RFC 8017, 7.1) ---- */

static void mask(int sha, struct slice seed, uint8_t *p, size_t n)
{
	struct buf text = { 0 };
	uint8_t h[CRYPT_HASH_MAX];
	size_t hn = crypt_hash_size(sha);
	for (uint32_t i = 0; n; i++) {
		buf_reset(&text);
		buf_addsl(&text, seed);
		buf_u32be(&text, i);
		crypt_hash(sha, buf_slice(&text), h);
		for (size_t j = 0; j < hn && n; j++, n--)
			*p++ ^= h[j];
	}
	buf_free(&text);
}

bool pair_encrypt(struct slice pkcs8, int sha, const struct crypt_seed *from, struct slice plain, struct buf *out)
{
	size_t hn = crypt_hash_size(sha);
	struct rsa r;
	uint8_t *em, *db;
	mpz_t x;
	if (!hn || !rsa_read(pkcs8, &r))
		return false;
	if (r.size < 2 * hn + 2 || plain.n > r.size - 2 * hn - 2) {
		rsa_free(&r);
		return false;
	}
	em = xcalloc(1, r.size); /* 0, seed, then db: hash of the label, zeros, 1, the message */
	db = em + 1 + hn;
	size_t db_n = r.size - hn - 1;
	crypt_derive(from, em + 1, hn);
	crypt_hash(sha, S(""), db);
	db[db_n - plain.n - 1] = 1;
	memcpy(db + db_n - plain.n, plain.n ? plain.p : "", plain.n);
	mask(sha, sl_of(em + 1, hn), db, db_n);
	mask(sha, sl_of(db, db_n), em + 1, hn);
	nettle_mpz_init_set_str_256_u(x, r.size, em);
	mpz_powm(x, x, r.pub.e, r.pub.n);
	add_number(out, x, r.size);
	mpz_clear(x);
	free(em);
	rsa_free(&r);
	return true;
}

static bool unpad(int sha, uint8_t *em, size_t size, struct buf *out)
{
	size_t hn = crypt_hash_size(sha), db_n = size - hn - 1, i;
	uint8_t *db = em + 1 + hn, label[CRYPT_HASH_MAX];
	mask(sha, sl_of(db, db_n), em + 1, hn);
	mask(sha, sl_of(em + 1, hn), db, db_n);
	crypt_hash(sha, S(""), label);
	for (i = hn; i < db_n && !db[i]; i++)
		;
	if (em[0] || memcmp(db, label, hn) || i == db_n || db[i] != 1)
		return false;
	buf_add(out, db + i + 1, db_n - i - 1);
	return true;
}

bool pair_decrypt(struct slice pkcs8, int sha, struct slice sealed, struct buf *out)
{
	size_t hn = crypt_hash_size(sha);
	struct rsa r;
	struct buf em = { 0 };
	bool done = false;
	mpz_t c, x;
	if (!hn || !rsa_read(pkcs8, &r))
		return false;
	nettle_mpz_init_set_str_256_u(c, sealed.n, (const uint8_t *)sealed.p);
	mpz_init(x);
	if (sealed.n == r.size && r.size >= 2 * hn + 2 && mpz_cmp(c, r.pub.n) < 0) {
		rsa_compute_root(&r.own, x, c);
		add_number(&em, x, r.size);
		done = unpad(sha, (uint8_t *)em.p, r.size, out);
	}
	mpz_clear(c);
	mpz_clear(x);
	buf_free(&em);
	rsa_free(&r);
	return done;
}
