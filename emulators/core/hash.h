/* Hashes of what comes in pieces; those of a whole are in sigv4.h. */
#ifndef TARN_HASH_H
#define TARN_HASH_H

#include "mem.h"

enum hash_kind { HASH_MD5, HASH_SHA1, HASH_SHA256 };
struct hash;
struct hash *hash_new(enum hash_kind kind);
void hash_add(struct hash *h, const void *p, size_t n);
/* 16, 20 or 32 bytes; h is no more. out NULL: only that. h NULL is fine then. */
void hash_end(struct hash *h, uint8_t *out);
void hash_hmac_sha1(struct slice key, struct slice text, uint8_t out[20]);

#endif
