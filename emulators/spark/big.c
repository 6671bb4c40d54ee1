/* Magnitudes of words of 32 bits. */
#include "spark/big.h"

enum { CHUNK = 9 };
static const uint32_t CHUNK_TEN = 1000000000;

size_t sp_big_words(const struct sp_big *b)
{
	size_t n = SP_BIG_WORDS;
	while (n && b->w[n - 1] == 0)
		n--;
	return n;
}

void sp_big_set(struct sp_big *b, __int128 v, int scale)
{
	unsigned __int128 m = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
	size_t i;
	*b = (struct sp_big){ .neg = v < 0, .scale = scale };
	for (i = 0; i < 4; i++)
		b->w[i] = (uint32_t)(m >> (32 * i));
}

void sp_big_mul_small(struct sp_big *b, uint32_t by, uint32_t plus)
{
	uint64_t carry = plus;
	size_t i;
	for (i = 0; i < SP_BIG_WORDS; i++) {
		carry += (uint64_t)b->w[i] * by;
		b->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

uint32_t sp_big_div_small(struct sp_big *b, uint32_t by)
{
	uint64_t rest = 0;
	size_t i;
	for (i = sp_big_words(b); i-- > 0;) {
		rest = rest << 32 | b->w[i];
		b->w[i] = (uint32_t)(rest / by);
		rest %= by;
	}
	return (uint32_t)rest;
}

static uint32_t small_ten(int n)
{
	return (uint32_t)sp_ten(n);
}

void sp_big_mul_ten(struct sp_big *b, int n)
{
	for (; n >= CHUNK; n -= CHUNK)
		sp_big_mul_small(b, CHUNK_TEN, 0);
	if (n > 0)
		sp_big_mul_small(b, small_ten(n), 0);
}

bool sp_big_div_ten(struct sp_big *b, int n)
{
	bool rest = false;
	for (; n >= CHUNK; n -= CHUNK)
		rest |= sp_big_div_small(b, CHUNK_TEN) != 0;
	if (n > 0)
		rest |= sp_big_div_small(b, small_ten(n)) != 0;
	return rest;
}

int sp_big_cmp(const struct sp_big *x, const struct sp_big *y)
{
	size_t i;
	for (i = SP_BIG_WORDS; i-- > 0;)
		if (x->w[i] != y->w[i])
			return x->w[i] < y->w[i] ? -1 : 1;
	return 0;
}

void sp_big_add(struct sp_big *x, const struct sp_big *y)
{
	uint64_t carry = 0;
	size_t i;
	for (i = 0; i < SP_BIG_WORDS; i++) {
		carry += (uint64_t)x->w[i] + y->w[i];
		x->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

void sp_big_sub(struct sp_big *x, const struct sp_big *y) /* x >= y */
{
	int64_t borrow = 0;
	size_t i;
	for (i = 0; i < SP_BIG_WORDS; i++) {
		borrow += (int64_t)x->w[i] - y->w[i];
		x->w[i] = (uint32_t)borrow;
		borrow >>= 32;
	}
}

void sp_big_mul(struct sp_big *out, const struct sp_big *x, const struct sp_big *y)
{
	size_t i, j, n = sp_big_words(x), m = sp_big_words(y);
	memset(out->w, 0, sizeof(out->w));
	for (i = 0; i < n; i++) {
		uint64_t carry = 0;
		for (j = 0; i + j < SP_BIG_WORDS && (j < m || carry); j++) {
			carry += out->w[i + j] + (j < m ? (uint64_t)x->w[i] * y->w[j] : 0);
			out->w[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
	}
}

static void shift_left_bit(struct sp_big *b, unsigned bit)
{
	size_t i;
	for (i = SP_BIG_WORDS; i-- > 1;)
		b->w[i] = b->w[i] << 1 | b->w[i - 1] >> 31;
	b->w[0] = b->w[0] << 1 | bit;
}

void sp_big_double(struct sp_big *b)
{
	shift_left_bit(b, 0);
}

/* Bit by bit: only what is too wide for 128 bits comes here. */
void sp_big_div_mod(struct sp_big *x, const struct sp_big *y, struct sp_big *q)
{
	struct sp_big rest = { 0 };
	size_t i;
	memset(q->w, 0, sizeof(q->w));
	for (i = sp_big_words(x) * 32; i-- > 0;) {
		shift_left_bit(&rest, x->w[i / 32] >> (i % 32) & 1);
		if (sp_big_cmp(&rest, y) >= 0) {
			sp_big_sub(&rest, y);
			q->w[i / 32] |= (uint32_t)1 << (i % 32);
		}
	}
	memcpy(x->w, rest.w, sizeof(x->w));
}

int sp_big_digits(const struct sp_big *b, char out[SP_DEC_TEXT_MAX])
{
	char chunks[SP_BIG_WORDS * 10 + 2];
	struct sp_big x = *b;
	int at = sizeof(chunks), n, i;
	while (sp_big_words(&x)) {
		uint32_t part = sp_big_div_small(&x, CHUNK_TEN);
		for (i = 0; i < CHUNK; i++, part /= 10)
			chunks[--at] = (char)('0' + part % 10);
	}
	while (at < (int)sizeof(chunks) && chunks[at] == '0')
		at++;
	n = (int)sizeof(chunks) - at;
	if (!n) {
		out[0] = '0';
		return 1;
	}
	memcpy(out, chunks + at, (size_t)n);
	return n;
}
