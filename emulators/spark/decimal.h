/* Decimals as Spark counts with them: 128 bits unscaled, precision and scale in the type, HALF_UP, and where a result doesn't fit nothing.
 *
 * Nothing here allocates. x and y are unscaled values, xs and ys their scales. */
#ifndef TARN_SPARK_DECIMAL_H
#define TARN_SPARK_DECIMAL_H

#include "spark/value.h"

/* A value that may be too wide for a decimal: for intermediates, and for errors that show it. */
enum { SP_BIG_WORDS = 20 };
struct sp_big {
	bool neg;
	int scale;               /* may be negative */
	uint32_t w[SP_BIG_WORDS]; /* magnitude, least first */
};
enum sp_dec_rc {
	SP_DEC_OK,
	SP_DEC_BAD,      /* the text is no number */
	SP_DEC_OVERFLOW, /* doesn't fit */
	SP_DEC_ZERO,     /* division by zero */
	SP_DEC_IMPOSSIBLE, /* % and div: the quotient has more than 38 digits; an error always, ArithmeticException "Division impossible" */
};
enum sp_rounding { SP_HALF_UP, SP_HALF_EVEN, SP_FLOOR, SP_CEILING, SP_DOWN };

/* ---- types: spark.md 1.4 ---- */
/* Result type of + - * / % (and "div": the integral quotient); op is the operator's first letter, 'd' for div, 'u' for the common type
 * (UNION, CASE, comparison). */
const struct sp_type *sp_dec_type(struct arena *a, char op, const struct sp_type *x, const struct sp_type *y);
/* The decimal as which an integral type counts beside decimals: (3,0) (5,0) (10,0) (20,0); FLOAT (14,7), DOUBLE (30,15). */
const struct sp_type *sp_dec_for(struct arena *a, const struct sp_type *t);
/* precision and scale past 38 brought back: integer digits are kept, and of the fraction at least 6. */
void sp_dec_adjust(int *precision, int *scale);

/* ---- values ---- */
__int128 sp_ten(int n); /* 10^n, 0 <= n <= 38 */
bool sp_dec_fits(__int128 v, int precision);
/* To another scale and precision. */
enum sp_dec_rc sp_dec_rescale(__int128 x, int xs, enum sp_rounding mode, int precision, int scale, __int128 *out);
/* op: + - * / % or d (integral quotient). whole: the result when it doesn't fit, may be NULL. */
enum sp_dec_rc sp_dec_op(char op, __int128 x, int xs, __int128 y, int ys, int precision, int scale, __int128 *out, struct sp_big *whole);
int sp_dec_compare(__int128 x, int xs, __int128 y, int ys);
double sp_dec_double(__int128 x, int xs); /* the nearest */
/* Towards zero, low 64 bits. */
int64_t sp_dec_int(__int128 x, int xs);
/* A double as its shortest text says it; NaN and infinite are SP_DEC_BAD. */
enum sp_dec_rc sp_dec_from_double(double d, int precision, int scale, __int128 *out, struct sp_big *whole);
/* As new BigDecimal(text): sign, digits, point, exponent; nothing around. */
enum sp_dec_rc sp_dec_parse(struct slice s, int precision, int scale, __int128 *out, struct sp_big *whole);

enum { SP_DEC_TEXT_MAX = 512 };
/* Plain: toPlainString, -0.0010. Else toString of Java: with an exponent when the first digit is more than six places behind the point.
 * Gives the length. */
size_t sp_dec_text(__int128 x, int xs, bool plain, char out[SP_DEC_TEXT_MAX]);
size_t sp_big_text(const struct sp_big *b, bool plain, char out[SP_DEC_TEXT_MAX]);

#endif
