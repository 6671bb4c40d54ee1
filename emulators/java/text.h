/* java.lang.String, Double.toString and the order of a java.util.HashMap. Strings are UTF-8 in which the half of a pair that
 * stands alone is its three bytes; where Java counts, UTF-16 units are meant. */
#ifndef TARN_JAVA_TEXT_H
#define TARN_JAVA_TEXT_H

#include "core/text.h"

/* The character at s.p[*i], U+FFFD for a bad byte; *i moves behind it. */
static inline uint32_t java_next(struct slice s, size_t *i)
{
	int32_t c = utf8_next(s, i);
	return c == UTF8_BAD ? 0xfffd : (uint32_t)c;
}
size_t java_length(struct slice s);
/* Units before byte position `at`; byte position of a unit (unit <= length). */
size_t java_index(struct slice s, size_t at);
size_t java_offset(struct slice s, size_t unit);
/* Units [from, to) of s, from <= to <= length; cuts through pairs. Borrows from s where it can. */
struct slice java_substring(struct arena *a, struct slice s, size_t from, size_t to);
/* String.hashCode. */
uint32_t java_hash(struct slice s);
/* Appends s as it leaves for the world, in UTF-8: halves that form a pair are joined, one alone is '?'. */
void java_encode(struct buf *out, struct slice s);
/* new String(bytes, UTF_8): bytes that are no UTF-8 are U+FFFD. Borrows from s where it can. */
struct slice java_decode(struct arena *a, struct slice s);

/* ---- real.c ---- */
enum { JAVA_REAL_MAX = 32 };
/* Double.toString and Float.toString of Java up to 18, without NUL. Gives the length. */
size_t java_double_text(double d, char out[JAVA_REAL_MAX]);
size_t java_float_text(float f, char out[JAVA_REAL_MAX]);
void java_double(struct buf *out, double d);

/* How many slots new HashMap(n) has; a copy of a map of n entries is made as for n * 4 / 3 + 1. */
size_t java_table(size_t n);
enum { JAVA_TABLE = 16 }; /* new HashMap() */
/* The order in which a HashMap of n different keys gives them back, put as they stand into a table of that many slots:
 * its i-th is the one whose hashCode is hash[order[i]]. */
size_t *java_order(struct arena *a, const uint32_t *hash, size_t n, size_t table);
/* Puts different strings into that order. */
void java_order_names(struct arena *a, struct slice *names, size_t n, size_t table);

#endif
