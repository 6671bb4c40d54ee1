/* Magnitudes too wide for 128 bits, for decimal.c alone. */
#ifndef TARN_SPARK_BIG_H
#define TARN_SPARK_BIG_H

#include "spark/decimal.h"

size_t sp_big_words(const struct sp_big *b); /* in use */
void sp_big_set(struct sp_big *b, __int128 v, int scale);
void sp_big_mul_small(struct sp_big *b, uint32_t by, uint32_t plus); /* what is past the last word is lost, and nobody gets there */
uint32_t sp_big_div_small(struct sp_big *b, uint32_t by);            /* gives the remainder */
void sp_big_mul_ten(struct sp_big *b, int n);
bool sp_big_div_ten(struct sp_big *b, int n); /* whether something was left over */
int sp_big_cmp(const struct sp_big *x, const struct sp_big *y);
void sp_big_add(struct sp_big *x, const struct sp_big *y);
void sp_big_sub(struct sp_big *x, const struct sp_big *y); /* x >= y */
void sp_big_mul(struct sp_big *out, const struct sp_big *x, const struct sp_big *y);
void sp_big_double(struct sp_big *b);
/* x becomes the remainder, q the quotient. */
void sp_big_div_mod(struct sp_big *x, const struct sp_big *y, struct sp_big *q);
/* Digits without leading zeros, at least one; how many. */
int sp_big_digits(const struct sp_big *b, char out[SP_DEC_TEXT_MAX]);

#endif
