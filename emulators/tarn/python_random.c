#include "tarn/python_random.h"

enum { N = 624, M = 397 };

static void init_genrand(struct python_random *r, uint32_t s)
{
	r->mt[0] = s;
	for (uint32_t i = 1; i < N; i++)
		r->mt[i] = 1812433253u * (r->mt[i - 1] ^ (r->mt[i - 1] >> 30)) + i;
	r->at = N;
}

/* MT19937's initialisation by an array: the seed's 32-bit words, lowest first. */
void python_seed(struct python_random *r, uint64_t n)
{
	uint32_t key[2] = { (uint32_t)n, (uint32_t)(n >> 32) };
	uint32_t length = key[1] ? 2 : 1, i = 1, j = 0;
	init_genrand(r, 19650218u);
	for (uint32_t k = N; k; k--) {
		r->mt[i] = (r->mt[i] ^ ((r->mt[i - 1] ^ (r->mt[i - 1] >> 30)) * 1664525u)) + key[j] + j;
		if (++i >= N) {
			r->mt[0] = r->mt[N - 1];
			i = 1;
		}
		j = (j + 1) % length;
	}
	for (uint32_t k = N - 1; k; k--) {
		r->mt[i] = (r->mt[i] ^ ((r->mt[i - 1] ^ (r->mt[i - 1] >> 30)) * 1566083941u)) - i;
		if (++i >= N) {
			r->mt[0] = r->mt[N - 1];
			i = 1;
		}
	}
	r->mt[0] = 0x80000000u;
}

static uint32_t next(struct python_random *r)
{
	if (r->at == N) {
		for (int i = 0; i < N; i++) {
			uint32_t y = (r->mt[i] & 0x80000000u) | (r->mt[(i + 1) % N] & 0x7fffffffu);
			r->mt[i] = r->mt[(i + M) % N] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
		}
		r->at = 0;
	}
	uint32_t y = r->mt[r->at++];
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}

/* As many high bits as n has, drawn again until they are below n. */
uint32_t python_randrange(struct python_random *r, uint32_t n)
{
	int bits = 32 - __builtin_clz(n);
	uint32_t v;
	do
		v = next(r) >> (32 - bits);
	while (v >= n);
	return v;
}
