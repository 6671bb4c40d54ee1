/* Base64 of records: every byte put comes through here, so by table and in one pass. */
#include "kinesis/kinesis.h"

#define ROW(c, v) [c] = (v) + 1
static const uint8_t values[256] = { /* value + 1; 0: no digit */
	ROW('A', 0), ROW('B', 1), ROW('C', 2), ROW('D', 3), ROW('E', 4), ROW('F', 5), ROW('G', 6), ROW('H', 7), ROW('I', 8), ROW('J', 9),
	ROW('K', 10), ROW('L', 11), ROW('M', 12), ROW('N', 13), ROW('O', 14), ROW('P', 15), ROW('Q', 16), ROW('R', 17), ROW('S', 18),
	ROW('T', 19), ROW('U', 20), ROW('V', 21), ROW('W', 22), ROW('X', 23), ROW('Y', 24), ROW('Z', 25), ROW('a', 26), ROW('b', 27),
	ROW('c', 28), ROW('d', 29), ROW('e', 30), ROW('f', 31), ROW('g', 32), ROW('h', 33), ROW('i', 34), ROW('j', 35), ROW('k', 36),
	ROW('l', 37), ROW('m', 38), ROW('n', 39), ROW('o', 40), ROW('p', 41), ROW('q', 42), ROW('r', 43), ROW('s', 44), ROW('t', 45),
	ROW('u', 46), ROW('v', 47), ROW('w', 48), ROW('x', 49), ROW('y', 50), ROW('z', 51), ROW('0', 52), ROW('1', 53), ROW('2', 54),
	ROW('3', 55), ROW('4', 56), ROW('5', 57), ROW('6', 58), ROW('7', 59), ROW('8', 60), ROW('9', 61), ROW('+', 62), ROW('/', 63),
};

int kin_blob_digit(char c)
{
	return (int)values[(uint8_t)c] - 1;
}

struct slice kin_blob_decode(struct arena *a, struct slice s)
{
	size_t pad = (s.n > 0 && s.p[s.n - 1] == '=') + (s.n > 1 && s.p[s.n - 2] == '='), n = s.n / 4 * 3;
	if (s.n < 4)
		return S("");
	uint8_t *out = arena_alloc(a, n), *to = out;
	for (size_t i = 0; i + 4 <= s.n; i += 4) {
		uint32_t v = 0;
		for (size_t k = 0; k < 4; k++)
			v = v << 6 | (s.p[i + k] == '=' ? 0u : (uint32_t)kin_blob_digit(s.p[i + k]) & 63);
		*to++ = (uint8_t)(v >> 16);
		*to++ = (uint8_t)(v >> 8);
		*to++ = (uint8_t)v;
	}
	return sl_of(out, n - pad);
}
