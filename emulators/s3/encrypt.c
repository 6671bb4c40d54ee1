#include "encrypt.h"

void s3_piece_key(const struct s3_seal *seal, struct slice salt, uint8_t key[CRYPT_KEY])
{
	uint8_t out[CRYPT_HASH_MAX] = { 0 };
	(void)crypt_hmac(256, sl_of((const char *)seal->key, sizeof(seal->key)), salt, out);
	memcpy(key, out, CRYPT_KEY);
}

/* A key is one piece's, so a segment's number will do. */
static void nonce_of(uint64_t n, uint8_t nonce[CRYPT_NONCE])
{
	memset(nonce, 0, CRYPT_NONCE);
	for (int i = 0; i < 8; i++)
		nonce[CRYPT_NONCE - 1 - i] = (uint8_t)(n >> 8 * i);
}

static void seal_segment(struct s3_sealer *z, struct slice plain)
{
	uint8_t nonce[CRYPT_NONCE];
	nonce_of(z->n++, nonce);
	crypt_seal(z->key, nonce, S(""), plain, &z->out);
}

void s3_sealer_begin(struct s3_sealer *z, const struct s3_seal *seal)
{
	char salt[S3_SALT];
	*z = (struct s3_sealer){ 0 };
	hash_chance(salt, sizeof(salt));
	s3_piece_key(seal, sl_of(salt, sizeof(salt)), z->key);
	buf_add(&z->out, salt, sizeof(salt));
}

struct slice s3_sealer_add(struct s3_sealer *z, struct slice bytes, bool end)
{
	if (z->begun) /* else it has the salt */
		buf_reset(&z->out);
	z->begun = true;
	while (bytes.n) {
		size_t take = S3_SEGMENT - z->fill.n;
		if (!z->fill.n && bytes.n >= S3_SEGMENT) {
			seal_segment(z, sl_of(bytes.p, S3_SEGMENT));
			bytes = sl_from(bytes, S3_SEGMENT);
			continue;
		}
		take = take < bytes.n ? take : bytes.n;
		buf_add(&z->fill, bytes.p, take);
		bytes = sl_from(bytes, take);
		if (z->fill.n == S3_SEGMENT) {
			seal_segment(z, buf_slice(&z->fill));
			buf_reset(&z->fill);
		}
	}
	if (end && z->fill.n) {
		seal_segment(z, buf_slice(&z->fill));
		buf_reset(&z->fill);
	}
	return buf_slice(&z->out);
}

void s3_sealer_free(struct s3_sealer *z)
{
	buf_free(&z->fill);
	buf_free(&z->out);
}

void s3_seal_body(const struct s3_seal *seal, struct slice body, struct buf *out)
{
	struct s3_sealer z;
	s3_sealer_begin(&z, seal);
	buf_addsl(out, s3_sealer_add(&z, body, true));
	s3_sealer_free(&z);
}

int64_t s3_segment_at(int64_t at, int64_t size, size_t *n)
{
	int64_t i = at / S3_SEGMENT, left = size - i * S3_SEGMENT;
	*n = (size_t)(left < S3_SEGMENT ? left : S3_SEGMENT) + CRYPT_TAG;
	return S3_SALT + i * (S3_SEGMENT + CRYPT_TAG);
}

bool s3_segment_open(const uint8_t key[CRYPT_KEY], int64_t at, struct slice sealed, struct buf *out)
{
	uint8_t nonce[CRYPT_NONCE];
	nonce_of((uint64_t)(at / S3_SEGMENT), nonce);
	return crypt_open(key, nonce, S(""), sealed, out);
}

int s3_sealed_read(struct s3_store *s, const struct s3_seal *seal, const struct s3_piece *p, int64_t at, int64_t n, struct buf *out, struct error *err)
{
	struct buf raw = { 0 }, plain = { 0 };
	uint8_t key[CRYPT_KEY];
	int rc = n ? s3_store_piece_read(s, p->id, 0, S3_SALT, &raw, err) : 0;
	if (n && !rc)
		s3_piece_key(seal, buf_slice(&raw), key);
	while (n > 0 && !rc) {
		size_t sealed_n;
		int64_t from = s3_segment_at(at, p->size, &sealed_n), skip = at % S3_SEGMENT, take;
		buf_reset(&raw);
		buf_reset(&plain);
		rc = s3_store_piece_read(s, p->id, from, (int64_t)sealed_n, &raw, err);
		if (!rc && !s3_segment_open(key, at, buf_slice(&raw), &plain))
			rc = err_set(err, ERR_STORE, "piece %lld isn't what was encrypted", (long long)p->id);
		take = (int64_t)plain.n - skip < n ? (int64_t)plain.n - skip : n;
		if (!rc)
			buf_add(out, plain.p + skip, (size_t)take);
		at += take;
		n -= take;
	}
	buf_free(&raw);
	buf_free(&plain);
	return rc;
}
