/* Base64. Every byte that streams carry comes through here twice, so by table, four characters at a time. */
#include "mem.h"

#ifdef __x86_64__
#include <tmmintrin.h>
#endif

/* ---- out ---- */

/* Twelve bytes at a time where the processor can shuffle them: the bytes taken, the rest is the table's. */
#ifdef __x86_64__
static __attribute__((target("ssse3"))) size_t by_twelve(char *to, const uint8_t *in, size_t n)
{
	/* Each three bytes a b c as b a c b, in which every six bits are within one half. */
	const __m128i order = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
	size_t at = 0;

	for (; n - at >= 16; at += 12, to += 16) {
		__m128i v = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(in + at)), order);
		/* First and third six bits go down by 10 and 6, second and fourth up by 4 and 8. */
		__m128i odd = _mm_mulhi_epu16(_mm_and_si128(v, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040));
		__m128i even = _mm_mullo_epi16(_mm_and_si128(v, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010));
		__m128i six = _mm_or_si128(odd, even), letter = _mm_add_epi8(six, _mm_set1_epi8('A'));

		/* A-Z, a-z, 0-9, + and /: how much further each is from its number than the one before. */
		letter = _mm_add_epi8(letter, _mm_and_si128(_mm_cmpgt_epi8(six, _mm_set1_epi8(25)), _mm_set1_epi8('a' - 'Z' - 1)));
		letter = _mm_add_epi8(letter, _mm_and_si128(_mm_cmpgt_epi8(six, _mm_set1_epi8(51)), _mm_set1_epi8('0' - 'z' - 1)));
		letter = _mm_add_epi8(letter, _mm_and_si128(_mm_cmpgt_epi8(six, _mm_set1_epi8(61)), _mm_set1_epi8('+' - '9' - 1)));
		letter = _mm_add_epi8(letter, _mm_and_si128(_mm_cmpgt_epi8(six, _mm_set1_epi8(62)), _mm_set1_epi8('/' - '+' - 1)));
		_mm_storeu_si128((__m128i *)to, letter);
	}
	return at;
}

static size_t start_fast(char *to, const uint8_t *in, size_t n)
{
	return n >= 16 && __builtin_cpu_supports("ssse3") ? by_twelve(to, in, n) : 0;
}
#else
static size_t start_fast(char *to, const uint8_t *in, size_t n)
{
	return 0;
}
#endif

/* Twelve bits at a time. */
#define PAIRS(c) c "A" c "B" c "C" c "D" c "E" c "F" c "G" c "H" c "I" c "J" c "K" c "L" c "M" c "N" c "O" c "P" c "Q" c "R" c "S" c "T" \
	c "U" c "V" c "W" c "X" c "Y" c "Z" c "a" c "b" c "c" c "d" c "e" c "f" c "g" c "h" c "i" c "j" c "k" c "l" c "m" c "n" c "o" \
	c "p" c "q" c "r" c "s" c "t" c "u" c "v" c "w" c "x" c "y" c "z" c "0" c "1" c "2" c "3" c "4" c "5" c "6" c "7" c "8" c "9" \
	c "+" c "/"
static const char pairs[] = PAIRS("A") PAIRS("B") PAIRS("C") PAIRS("D") PAIRS("E") PAIRS("F") PAIRS("G") PAIRS("H") PAIRS("I")
	PAIRS("J") PAIRS("K") PAIRS("L") PAIRS("M") PAIRS("N") PAIRS("O") PAIRS("P") PAIRS("Q") PAIRS("R") PAIRS("S") PAIRS("T")
	PAIRS("U") PAIRS("V") PAIRS("W") PAIRS("X") PAIRS("Y") PAIRS("Z") PAIRS("a") PAIRS("b") PAIRS("c") PAIRS("d") PAIRS("e")
	PAIRS("f") PAIRS("g") PAIRS("h") PAIRS("i") PAIRS("j") PAIRS("k") PAIRS("l") PAIRS("m") PAIRS("n") PAIRS("o") PAIRS("p")
	PAIRS("q") PAIRS("r") PAIRS("s") PAIRS("t") PAIRS("u") PAIRS("v") PAIRS("w") PAIRS("x") PAIRS("y") PAIRS("z") PAIRS("0")
	PAIRS("1") PAIRS("2") PAIRS("3") PAIRS("4") PAIRS("5") PAIRS("6") PAIRS("7") PAIRS("8") PAIRS("9") PAIRS("+") PAIRS("/");

static char *put(char *to, uint32_t v)
{
	memcpy(to, pairs + (v >> 12) * 2, 2);
	memcpy(to + 2, pairs + (v & 0xfff) * 2, 2);
	return to + 4;
}

void buf_base64(struct buf *b, const void *p, size_t n)
{
	const uint8_t *in = p, *end = in + n / 3 * 3;
	char *to = buf_room(b, (n + 2) / 3 * 4);
	if (!to)
		return;
	b->n += (n + 2) / 3 * 4;
	size_t done = start_fast(to, in, n);
	in += done;
	to += done / 3 * 4;
	for (; in < end; in += 3)
		to = put(to, (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2]);
	if (n % 3) {
		put(to, (uint32_t)in[0] << 16 | (n % 3 == 2 ? (uint32_t)in[1] << 8 : 0));
		to[3] = '=';
		if (n % 3 == 1)
			to[2] = '=';
	}
}

/* ---- in ---- */

/* A character's six bits, shifted to where they belong, and VALID. */
#define VALID (1u << 31)
#define ROW(c, v, s) [c] = (uint32_t)(v) << (s) | VALID
#define TABLE(s) { \
	ROW('A', 0, s), ROW('B', 1, s), ROW('C', 2, s), ROW('D', 3, s), ROW('E', 4, s), ROW('F', 5, s), ROW('G', 6, s), ROW('H', 7, s), \
	ROW('I', 8, s), ROW('J', 9, s), ROW('K', 10, s), ROW('L', 11, s), ROW('M', 12, s), ROW('N', 13, s), ROW('O', 14, s), \
	ROW('P', 15, s), ROW('Q', 16, s), ROW('R', 17, s), ROW('S', 18, s), ROW('T', 19, s), ROW('U', 20, s), ROW('V', 21, s), \
	ROW('W', 22, s), ROW('X', 23, s), ROW('Y', 24, s), ROW('Z', 25, s), ROW('a', 26, s), ROW('b', 27, s), ROW('c', 28, s), \
	ROW('d', 29, s), ROW('e', 30, s), ROW('f', 31, s), ROW('g', 32, s), ROW('h', 33, s), ROW('i', 34, s), ROW('j', 35, s), \
	ROW('k', 36, s), ROW('l', 37, s), ROW('m', 38, s), ROW('n', 39, s), ROW('o', 40, s), ROW('p', 41, s), ROW('q', 42, s), \
	ROW('r', 43, s), ROW('s', 44, s), ROW('t', 45, s), ROW('u', 46, s), ROW('v', 47, s), ROW('w', 48, s), ROW('x', 49, s), \
	ROW('y', 50, s), ROW('z', 51, s), ROW('0', 52, s), ROW('1', 53, s), ROW('2', 54, s), ROW('3', 55, s), ROW('4', 56, s), \
	ROW('5', 57, s), ROW('6', 58, s), ROW('7', 59, s), ROW('8', 60, s), ROW('9', 61, s), ROW('+', 62, s), ROW('/', 63, s) }
static const uint32_t first[256] = TABLE(18), second[256] = TABLE(12), third[256] = TABLE(6), fourth[256] = TABLE(0);

static uint8_t *get(uint8_t *to, uint32_t v)
{
	to[0] = (uint8_t)(v >> 16);
	to[1] = (uint8_t)(v >> 8);
	to[2] = (uint8_t)v;
	return to + 3;
}

/* The last four, of which `pads` are '='. */
static ssize_t last_four(uint8_t *to, const uint8_t *in, size_t pads, bool exact)
{
	uint32_t a = first[in[0]], b = second[in[1]], c = pads < 2 ? third[in[2]] : VALID;
	uint32_t v = a | b | c, beyond = pads == 2 ? 0xffff : 0xff;
	if (!(a & b & c & VALID) || (exact && (v & beyond)))
		return -1;
	*to++ = (uint8_t)(v >> 16);
	if (pads == 1)
		*to = (uint8_t)(v >> 8);
	return (ssize_t)(3 - pads);
}

ssize_t base64_decode(uint8_t *to, struct slice s, bool exact)
{
	const uint8_t *in = (const uint8_t *)s.p, *end = in + s.n;
	const uint8_t *begin = in;
	size_t pads = s.n < 4 ? 0 : end[-1] != '=' ? 0 : end[-2] != '=' ? 1 : 2;
	if (s.n % 4)
		return -1;
	if (pads)
		end -= 4;
	for (; in < end; in += 4) {
		uint32_t a = first[in[0]], b = second[in[1]], c = third[in[2]], d = fourth[in[3]];
		if (!(a & b & c & d & VALID))
			return -1;
		to = get(to, a | b | c | d);
	}
	ssize_t tail = pads ? last_four(to, in, pads, exact) : 0;
	return tail < 0 ? -1 : (ssize_t)((in - begin) / 4 * 3) + tail;
}

bool arena_base64(struct arena *a, struct slice s, struct slice *out)
{
	uint8_t *p = arena_alloc(a, s.n / 4 * 3 + 1);
	ssize_t n = base64_decode(p, s, false);
	if (n < 0)
		return false;
	*out = sl_of(p, (size_t)n);
	return true;
}
