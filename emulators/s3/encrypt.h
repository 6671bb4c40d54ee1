/* Bodies that lie encrypted, of objects with a KMS key or a customer's: AES-256-GCM in segments, so that a range is read without what is
 * before it. The bytes of a piece are S3_SALT bytes of its own, of which with the object's key its key comes, and then each
 * S3_SEGMENT bytes with a tag; the last ones are fewer. */
#ifndef TARN_S3_ENCRYPT_H
#define TARN_S3_ENCRYPT_H

#include "core/crypt.h"
#include "s3.h"

enum { S3_SALT = 16, S3_SEGMENT = 64 << 10 };

/* Encrypts what comes in pieces. */
struct s3_sealer {
	uint8_t key[CRYPT_KEY];
	uint64_t n; /* segments done */
	bool begun; /* the salt was given */
	struct buf fill, out;
};
/* With a salt nobody has seen. */
void s3_sealer_begin(struct s3_sealer *z, const struct s3_seal *seal);
/* What is to be written of it now; valid until the next call. end: nothing more comes. */
struct slice s3_sealer_add(struct s3_sealer *z, struct slice bytes, bool end);
void s3_sealer_free(struct s3_sealer *z);
/* A whole body. */
void s3_seal_body(const struct s3_seal *seal, struct slice body, struct buf *out);

/* The key of a piece, of its first bytes. */
void s3_piece_key(const struct s3_seal *seal, struct slice salt, uint8_t key[CRYPT_KEY]);
/* Where the segment of the at-th byte lies in a sealed piece of that size, and how long it is there. */
int64_t s3_segment_at(int64_t at, int64_t size, size_t *n);
/* The bytes of the segment that has the at-th; false: somebody changed them, or the key is another. */
bool s3_segment_open(const uint8_t key[CRYPT_KEY], int64_t at, struct slice sealed, struct buf *out) WARN_UNUSED;
/* Appends n bytes of a sealed piece in the store. */
int s3_sealed_read(struct s3_store *s, const struct s3_seal *seal, const struct s3_piece *p, int64_t at, int64_t n, struct buf *out, struct error *err) WARN_UNUSED;

#endif
