/* Checksums, Spark's hash() (Murmur3) and xxhash64() over values of any type, UUIDs. */
#include <zlib.h>

#include "core/crypt.h"
#include "core/hash.h"
#include "functions/hashes.h"
#include "functions/text.h"
#include "core/text.h"

/* ---- Murmur3, 32 bits, as Spark's Murmur3_x86_32 has it: the bytes behind the last four go one by one ---- */

static uint32_t rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static uint32_t mix_key(uint32_t k)
{
	return rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u;
}

static uint32_t mix(uint32_t h, uint32_t k)
{
	return rotate(h ^ mix_key(k), 13) * 5 + 0xe6546b64u;
}

static uint32_t end(uint32_t h, uint32_t n)
{
	h ^= n;
	h = (h ^ h >> 16) * 0x85ebca6bu;
	h = (h ^ h >> 13) * 0xc2b2ae35u;
	return h ^ h >> 16;
}

static uint64_t murmur_int(uint64_t seed, int32_t v)
{
	return end(mix((uint32_t)seed, (uint32_t)v), 4);
}

static uint64_t murmur_long(uint64_t seed, int64_t v)
{
	return end(mix(mix((uint32_t)seed, (uint32_t)v), (uint32_t)((uint64_t)v >> 32)), 8);
}

static uint64_t murmur_bytes(uint64_t seed, struct slice s)
{
	uint32_t h = (uint32_t)seed, word;
	size_t i = 0;
	for (; i + 4 <= s.n; i += 4) {
		memcpy(&word, s.p + i, 4);
		h = mix(h, word);
	}
	for (; i < s.n; i++)
		h = mix(h, (uint32_t)(int32_t)(signed char)s.p[i]);
	return end(h, (uint32_t)s.n);
}

/* ---- XXH64 ---- */

#define P1 0x9e3779b185ebca87ull
#define P2 0xc2b2ae3d27d4eb4full
#define P3 0x165667b19e3779f9ull
#define P4 0x85ebca77c2b2ae63ull
#define P5 0x27d4eb2f165667c5ull

static uint64_t turn(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static uint64_t avalanche(uint64_t h)
{
	h = (h ^ h >> 33) * P2;
	h = (h ^ h >> 29) * P3;
	return h ^ h >> 32;
}

static uint64_t xx_int(uint64_t seed, int32_t v)
{
	uint64_t h = seed + P5 + 4;
	h ^= (uint64_t)(uint32_t)v * P1;
	return avalanche(turn(h, 23) * P2 + P3);
}

static uint64_t xx_word(uint64_t h, uint64_t v)
{
	return turn(h ^ turn(v * P2, 31) * P1, 27) * P1 + P4;
}

static uint64_t xx_long(uint64_t seed, int64_t v)
{
	return avalanche(xx_word(seed + P5 + 8, (uint64_t)v));
}

static uint64_t word_at(const char *p)
{
	uint64_t v;
	memcpy(&v, p, 8);
	return v;
}

static uint64_t xx_bytes(uint64_t seed, struct slice s)
{
	uint64_t h = seed + P5;
	size_t i = 0;
	uint32_t half;
	if (s.n >= 32) {
		uint64_t v[4] = { seed + P1 + P2, seed + P2, seed, seed - P1 };
		for (; i + 32 <= s.n; i += 32)
			for (int k = 0; k < 4; k++)
				v[k] = turn(v[k] + word_at(s.p + i + 8 * k) * P2, 31) * P1;
		h = turn(v[0], 1) + turn(v[1], 7) + turn(v[2], 12) + turn(v[3], 18);
		for (int k = 0; k < 4; k++)
			h = (h ^ turn(v[k] * P2, 31) * P1) * P1 + P4;
	}
	h += s.n;
	for (; i + 8 <= s.n; i += 8)
		h = xx_word(h, word_at(s.p + i));
	if (i + 4 <= s.n) {
		memcpy(&half, s.p + i, 4);
		h = turn(h ^ (uint64_t)half * P1, 23) * P2 + P3;
		i += 4;
	}
	for (; i < s.n; i++)
		h = turn(h ^ (unsigned char)s.p[i] * P5, 11) * P1;
	return avalanche(h);
}

/* ---- values ---- */

struct hashing {
	uint64_t (*of_int)(uint64_t seed, int32_t v);
	uint64_t (*of_long)(uint64_t seed, int64_t v);
	uint64_t (*of_bytes)(uint64_t seed, struct slice s);
};
static const struct hashing murmur = { murmur_int, murmur_long, murmur_bytes };
static const struct hashing xx = { xx_int, xx_long, xx_bytes };

/* BigInteger.toByteArray: big-endian, as short as its sign lets it be. */
static uint64_t of_big(const struct hashing *h, uint64_t seed, __int128 v)
{
	unsigned char bytes[16];
	size_t from = 0;
	for (int i = 15; i >= 0; i--, v >>= 8)
		bytes[i] = (unsigned char)v;
	while (from < 15 && ((bytes[from] == 0 && !(bytes[from + 1] & 0x80)) || (bytes[from] == 0xff && bytes[from + 1] & 0x80)))
		from++;
	return h->of_bytes(seed, sl_of(bytes + from, 16 - from));
}

static int32_t float_bits(double d)
{
	float f = (float)d;
	int32_t bits;
	if (f != f)
		return 0x7fc00000;
	f = f == 0 ? 0 : f; /* -0.0 is 0.0 */
	memcpy(&bits, &f, 4);
	return bits;
}

static int64_t double_bits(double d)
{
	int64_t bits;
	if (d != d)
		return 0x7ff8000000000000ll;
	d = d == 0 ? 0 : d;
	memcpy(&bits, &d, 8);
	return bits;
}

static uint64_t hash_value(const struct hashing *h, uint64_t seed, const struct sp_type *t, const struct sp_value *v)
{
	if (v->null)
		return seed;
	switch (t->kind) {
	case SP_VOID:
	case SP_KINDS:
		return seed;
	case SP_BOOLEAN:
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_DATE:
	case SP_INTERVAL_YM:
		return h->of_int(seed, (int32_t)v->i);
	case SP_BIGINT:
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
	case SP_INTERVAL_DT:
		return h->of_long(seed, v->i);
	case SP_FLOAT:
		return h->of_int(seed, float_bits(v->d));
	case SP_DOUBLE:
		return h->of_long(seed, double_bits(v->d));
	case SP_DECIMAL:
		return t->precision <= 18 ? h->of_long(seed, (int64_t)sp_wide(v->x)) : of_big(h, seed, sp_wide(v->x));
	case SP_STRING:
	case SP_BINARY:
		return h->of_bytes(seed, v->s);
	case SP_INTERVAL:
		return h->of_int(h->of_int(h->of_long(seed, v->c.us), v->c.days), v->c.months);
	case SP_ARRAY:
		for (size_t i = 0; i < v->list->n; i++)
			seed = hash_value(h, seed, t->item, &v->list->items[i]);
		return seed;
	case SP_MAP:
		for (size_t i = 0; i < v->list->n; i++)
			seed = hash_value(h, seed, i % 2 ? t->item : t->key, &v->list->items[i]);
		return seed;
	case SP_STRUCT:
		for (size_t i = 0; i < v->list->n; i++)
			seed = hash_value(h, seed, t->fields[i].type, &v->list->items[i]);
		return seed;
	}
	return seed;
}

uint32_t sp_murmur3(const struct sp_type *t, const struct sp_value *v, uint32_t seed)
{
	return (uint32_t)hash_value(&murmur, seed, t, v);
}

uint64_t sp_xxhash64(const struct sp_type *t, const struct sp_value *v, uint64_t seed)
{
	return hash_value(&xx, seed, t, v);
}

static int hash(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	bool long_one = c->e->type->kind == SP_BIGINT;
	uint64_t seed = 42;
	for (size_t i = 0; i < c->e->arg_n; i++)
		seed = hash_value(long_one ? &xx : &murmur, seed, c->e->args[i]->type, &a[i]);
	out->i = long_one ? (int64_t)seed : (int32_t)seed;
	return 0;
}

static const struct sp_type *hash_type(struct sp_resolve *x)
{
	if (sp_want_args(x, 0))
		return NULL;
	for (size_t i = 0; i < x->e->arg_n; i++)
		if (sp_type_has(x->e->args[i]->type, SP_MAP)) {
			(void)sp_resolve_mismatch(x, "HASH_MAP_TYPE",
						  "Input to the function `%s` cannot contain elements of the \"MAP\" type. In Spark, same maps may have "
						  "different hashcode, thus hash expressions are prohibited on \"MAP\" elements. To restore previous "
						  "behavior set \"spark.sql.legacy.allowHashOnMapType\" to \"true\".",
						  x->e->fn->name);
			return NULL;
		}
	return &sp_types[x->e->fn->name[0] == 'x' ? SP_BIGINT : SP_INT];
}

/* ---- sums ---- */

static int hex_sum(struct sp_call *c, const uint8_t *sum, size_t n, struct sp_value *out)
{
	char *to = arena_alloc(c->run->batch, 2 * n + 1);
	hex_text(sum, n, to);
	out->s = sl_of(to, 2 * n);
	return 0;
}

static int crc(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	out->i = (int64_t)crc32(0, (const Bytef *)a[0].s.p, (uInt)a[0].s.n);
	return 0;
}

static int md5(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	uint8_t sum[HASH_BYTES_MAX];
	hash_whole(HASH_MD5, a[0].s, sum);
	return hex_sum(c, sum, 16, out);
}

static int sha1(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	uint8_t sum[HASH_BYTES_MAX];
	hash_whole(HASH_SHA1, a[0].s, sum);
	return hex_sum(c, sum, 20, out);
}

static int sha2(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	uint8_t sum[CRYPT_HASH_MAX];
	int bits = a[1].i == 0 ? 256 : (int)a[1].i;
	if (bits != 224 && bits != 256 && bits != 384 && bits != 512) {
		out->null = true;
		return 0;
	}
	return hex_sum(c, sum, crypt_hash(bits, a[0].s, sum), out);
}

/* A UUID of chance: of the session's seed and how many there were. */
static int uuid(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	uint64_t *count = c->state, high, low;
	char *to = arena_alloc(c->run->batch, 37);
	high = xx_long(c->run->cx->seed + c->e->from, (int64_t)++*count);
	low = xx_long(high, (int64_t)*count);
	uuid_text(high, low, 4, to);
	out->s = sl_of(to, 36);
	return 0;
}

#define G "hash_funcs"
const struct sp_function sp_hashes[] = {
	{ "hash", "any*", .row = hash, .resolve = hash_type, .flags = SP_F_NULLS | SP_F_NEVER_NULL, .group = G, .doc = "hash(a, b, ...): Murmur3 of the values, 32 bits" },
	{ "xxhash64", "any*", .row = hash, .resolve = hash_type, .flags = SP_F_NULLS | SP_F_NEVER_NULL, .group = G, .doc = "xxhash64(a, b, ...): XXH64 of the values" },
	{ "crc32", "binary", "bigint", .row = crc, .group = G, .doc = "crc32(binary): the checksum of zip" },
	{ "md5", "binary", "string", .row = md5, .group = G, .doc = "md5(binary): in hexadecimal digits" },
	{ "sha1", "binary", "string", .row = sha1, .group = G, .doc = "sha1(binary): in hexadecimal digits" },
	{ "sha", "binary", "string", .row = sha1, .flags = SP_F_ALIAS, .group = G, .doc = "sha(binary): SHA-1 in hexadecimal digits" },
	{ "sha2", "binary int", "string", .row = sha2, .flags = SP_F_MAYBE, .group = G, .doc = "sha2(binary, bits): 224, 256 (or 0), 384 or 512, in hexadecimal digits" },
	{ "uuid", "", "string", .row = uuid, .flags = SP_F_VOLATILE | SP_F_NEVER_NULL, .state_size = sizeof(uint64_t), .group = "misc_funcs",
	  .doc = "uuid(): another for each row" },
	{ NULL },
};
