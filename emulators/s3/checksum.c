/* Checksums of objects. CRCs are reflected; the join is zlib's: multiply by x^(8n) modulo the polynomial. */
#include "body.h"

#include <zlib.h>

const struct s3_alg_info s3_algs[S3_SUM_COUNT] = {
	[S3_SUM_CRC32] = { "CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", 4 },
	[S3_SUM_CRC32C] = { "CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", 4 },
	[S3_SUM_CRC64] = { "CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", 8 },
	[S3_SUM_SHA1] = { "SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", 20 },
	[S3_SUM_SHA256] = { "SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", 32 },
};

enum s3_alg s3_alg_of(struct slice name)
{
	for (int i = 1; i < S3_SUM_COUNT; i++)
		if (sl_eq_nocase(name, sl(s3_algs[i].name)))
			return (enum s3_alg)i;
	return S3_SUM_NONE;
}

static uint64_t polynomial(enum s3_alg alg)
{
	return alg == S3_SUM_CRC64 ? 0x9A6C9329AC4BC9B5u : alg == S3_SUM_CRC32C ? 0x82F63B78u : 0xEDB88320u;
}

/* Eight bytes a step for long input; the tables cost 2 us to make, less than keeping them warm. */
static uint64_t crc(uint64_t poly, uint64_t ones, uint64_t before, const uint8_t *p, size_t n)
{
	uint64_t t[8][256], c = before ^ ones;
	for (unsigned i = 0; i < 256; i++) {
		uint64_t v = i;
		for (int k = 0; k < 8; k++)
			v = v & 1 ? v >> 1 ^ poly : v >> 1;
		t[0][i] = v;
	}
	if (n >= 1024) {
		for (int j = 1; j < 8; j++)
			for (int i = 0; i < 256; i++)
				t[j][i] = t[j - 1][i] >> 8 ^ t[0][t[j - 1][i] & 255];
		for (; n >= 8; p += 8, n -= 8) {
			uint64_t w = 0;
			for (int i = 7; i >= 0; i--)
				w = w << 8 | p[i];
			w ^= c;
			c = t[7][w & 255] ^ t[6][w >> 8 & 255] ^ t[5][w >> 16 & 255] ^ t[4][w >> 24 & 255] ^ t[3][w >> 32 & 255] ^
			    t[2][w >> 40 & 255] ^ t[1][w >> 48 & 255] ^ t[0][w >> 56];
		}
	}
	for (; n; n--)
		c = c >> 8 ^ t[0][(c ^ *p++) & 255];
	return c ^ ones;
}

static void put_be(struct s3_sum *s, uint64_t v)
{
	for (size_t i = 0; i < s->n; i++)
		s->p[i] = (uint8_t)(v >> 8 * (s->n - 1 - i));
}

static uint64_t get_be(const struct s3_sum *s)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s->n; i++)
		v = v << 8 | s->p[i];
	return v;
}

static uint64_t ones_of(enum s3_alg alg)
{
	return alg == S3_SUM_CRC64 ? UINT64_MAX : UINT32_MAX;
}

void s3_hasher_begin(struct s3_hasher *h, enum s3_alg alg)
{
	*h = (struct s3_hasher){ .alg = alg };
	if (alg == S3_SUM_SHA1 || alg == S3_SUM_SHA256)
		h->hash = hash_new(alg == S3_SUM_SHA1 ? HASH_SHA1 : HASH_SHA256);
}

void s3_hasher_add(struct s3_hasher *h, const void *p, size_t n)
{
	switch (h->alg) {
	case S3_SUM_CRC32:
		h->crc = crc32_z((uLong)h->crc, p, n);
		break;
	case S3_SUM_CRC32C:
	case S3_SUM_CRC64:
		h->crc = crc(polynomial(h->alg), ones_of(h->alg), h->crc, p, n);
		break;
	case S3_SUM_SHA1:
	case S3_SUM_SHA256:
		hash_add(h->hash, p, n);
		break;
	case S3_SUM_NONE:
	case S3_SUM_COUNT:
		break;
	}
}

void s3_hasher_end(struct s3_hasher *h, struct s3_sum *out)
{
	struct s3_sum s = { .alg = h->alg, .n = s3_algs[h->alg].n };
	if (h->hash)
		hash_end(h->hash, s.p);
	else if (h->alg)
		put_be(&s, h->crc);
	*h = (struct s3_hasher){ 0 };
	if (out)
		*out = s;
}

void s3_sum_of(enum s3_alg alg, struct slice body, struct s3_sum *out)
{
	struct s3_hasher h;
	s3_hasher_begin(&h, alg);
	s3_hasher_add(&h, body.p ? body.p : "", body.n);
	s3_hasher_end(&h, out);
}

/* a * b modulo the polynomial, reflected: the highest of `bits` bits is x^0. */
static uint64_t mul(uint64_t a, uint64_t b, uint64_t poly, int bits)
{
	uint64_t out = 0;
	for (int i = bits - 1; i >= 0; i--) {
		if (a >> i & 1)
			out ^= b;
		b = b & 1 ? b >> 1 ^ poly : b >> 1;
	}
	return out;
}

void s3_sum_join(struct s3_sum *a, const struct s3_sum *b, int64_t b_n)
{
	int bits = a->alg == S3_SUM_CRC64 ? 64 : 32;
	uint64_t poly = polynomial(a->alg), shift = 1ull << (bits - 1), power = 1ull << (bits - 9);
	/* power runs over x^8, x^16, x^32 ...; shift becomes x^(8 * b_n). */
	for (uint64_t n = (uint64_t)b_n; n; n >>= 1) {
		if (n & 1)
			shift = mul(power, shift, poly, bits);
		power = mul(power, power, poly, bits);
	}
	put_be(a, mul(shift, get_be(a), poly, bits) ^ get_be(b));
}

bool s3_sum_eq(const struct s3_sum *a, const struct s3_sum *b)
{
	return a->alg == b->alg && a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

const char *s3_sum_type(bool composite)
{
	return composite ? "COMPOSITE" : "FULL_OBJECT";
}

const char *s3_alg_word(enum s3_alg alg)
{
	return alg ? s3_algs[alg].header + sizeof("x-amz-checksum-") - 1 : "null";
}

void s3_sum_text(const struct s3_sum *s, int part_n, struct buf *out)
{
	buf_base64(out, s->p, s->n);
	if (s->composite)
		buf_addf(out, "-%d", part_n);
}
