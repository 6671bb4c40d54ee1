/* Hashes of what comes in pieces; those of a whole are in sigv4.h. */
#ifndef TARN_HASH_H
#define TARN_HASH_H

#include "mem.h"

enum hash_kind { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA512 };
enum { HASH_BYTES_MAX = 64 };
size_t hash_bytes(enum hash_kind kind); /* how long its sums are */
struct hash;
struct hash *hash_new(enum hash_kind kind);
void hash_add(struct hash *h, const void *p, size_t n);
/* hash_bytes of its kind; h is no more. out NULL: only that. h NULL is fine then. */
void hash_end(struct hash *h, uint8_t *out);
/* All of it at once: the sum of a text, its HMAC, and PBKDF2 with that (some microseconds a round; out: hash_bytes). */
void hash_whole(enum hash_kind kind, struct slice text, uint8_t *out);
void hash_hmac(enum hash_kind kind, struct slice key, struct slice text, uint8_t *out);
void hash_pbkdf2(enum hash_kind kind, struct slice password, struct slice salt, unsigned rounds, uint8_t *out);
void hash_hmac_sha1(struct slice key, struct slice text, uint8_t out[20]);

#endif
