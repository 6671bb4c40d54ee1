/* Characters and numbers as text: UTF-8, halves of UTF-16 pairs, hexadecimal, the shortest text of a double, UUIDs. */
#ifndef TARN_TEXT_H
#define TARN_TEXT_H

#include "mem.h"

/* ---- UTF-8 (see sl_is_utf8 in mem.h, too) ---- */

/* Writes a character, a lone half of a pair as three bytes. Returns how many bytes it has. */
size_t utf8_put(char to[4], uint32_t c);
void buf_utf8(struct buf *b, uint32_t c);
/* How many bytes the first character of s has; 0: they are none (overlong, a half of a pair, cut short), or s is empty. */
size_t utf8_len(struct slice s);
/* Where the first byte stands that is no UTF-8; s.n: nowhere. */
size_t utf8_bad_at(struct slice s);
enum { UTF8_BAD = -1 };
/* The character at s.p[*i]; *i moves behind it. Halves of pairs are let through, as Java's strings may hold them alone.
 * UTF8_BAD: the byte there begins no character; it is stepped over alone. */
int32_t utf8_next(struct slice s, size_t *i);
/* Appends s with `instead` for every byte that is no UTF-8. */
void buf_utf8_mend(struct buf *b, struct slice s, const char *instead);

/* ---- names ---- */

/* Appends s with `to` wherever `from` stands in it as a whole: no letter or digit beside it. Returns how often it did. */
size_t buf_renamed(struct buf *b, struct slice s, struct slice from, struct slice to);

/* ---- UTF-16: characters from 0x10000 on are a high and a low half ---- */

static inline bool utf16_is_high(uint32_t c)
{
	return c >= 0xd800 && c < 0xdc00;
}
static inline bool utf16_is_low(uint32_t c)
{
	return c >= 0xdc00 && c < 0xe000;
}
static inline uint32_t utf16_high(uint32_t c)
{
	return 0xd800 + ((c - 0x10000) >> 10);
}
static inline uint32_t utf16_low(uint32_t c)
{
	return 0xdc00 + ((c - 0x10000) & 0x3ff);
}
static inline uint32_t utf16_join(uint32_t high, uint32_t low)
{
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* ---- hexadecimal ---- */

/* Of either case; -1: no hexadecimal digit. */
static inline int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
/* Four digits, as behind "\u"; -1: not that. */
int32_t hex4(const char *p, const char *end);
/* 2 * n digits in lower case and a NUL. See buf_hex, too. */
void hex_text(const void *p, size_t n, char *out);

/* ---- doubles ---- */

enum { REAL_TEXT_MAX = 32, REAL_DIGITS_MAX = 18 };
/* The shortest decimal that reads back as d, in the form of printf's %g: 0.1, 1e+22, nan. point: what would read as an
 * integer gets ".0". Returns the length; there is a NUL behind. */
size_t real_text(double d, bool point, char out[REAL_TEXT_MAX]);
void buf_real(struct buf *b, double d, bool point);
/* The digits of that decimal, |d| = D.DDD… * 10^exponent, without zeros at the end; d is finite and not 0. Returns how many
 * there are; there is a NUL behind. */
int real_digits(double d, char digits[REAL_DIGITS_MAX], int *exponent);

/* ---- UUIDs ---- */

/* A UUID of that version from 128 bits, of which six give way to version and variant. */
void uuid_text(uint64_t high, uint64_t low, int version, char out[37]);

#endif
