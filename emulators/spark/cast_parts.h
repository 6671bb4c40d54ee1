/* What the files of casts share. Not for others. */
#ifndef TARN_SPARK_CAST_PARTS_H
#define TARN_SPARK_CAST_PARTS_H

#include "spark/cast.h"

enum sp_how { SP_HOW_LEGACY, SP_HOW_ANSI, SP_HOW_TRY };
/* A cast under way. ANSI and TRY have the same rules; where ANSI raises, TRY gives NULL, and LEGACY too. */
struct sp_casting {
	struct sp_run *r;
	const struct sp_expr *at;
	enum sp_how how;
};
enum sp_cast_rc {
	SP_C_OK,
	SP_C_FAILED,    /* err is set */
	SP_C_NULL,      /* NULL in any mode */
	SP_C_MALFORMED, /* CAST_INVALID_INPUT */
	SP_C_OVERFLOW,  /* CAST_OVERFLOW */
	SP_C_RANGE,     /* NUMERIC_VALUE_OUT_OF_RANGE */
	SP_C_RANGE_RAISED, /* the same with ANSI off, too */
	SP_C_DIGITS,    /* NUMERIC_OUT_OF_SUPPORTED_RANGE */
	SP_C_RAISED,    /* CAST_OVERFLOW with ANSI off, too */
};
/* cast_value.c: a value that is neither NULL nor nested, to a type that isn't either, and not the same. */
enum sp_cast_rc sp_cast_atom(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
			     struct sp_value *out);
/* The error, or NULL in *out: by the mode. whole: of SP_C_RANGE, may be NULL. */
int sp_cast_failed(const struct sp_casting *c, enum sp_cast_rc rc, const struct sp_type *from, const struct sp_type *to,
		   const struct sp_value *in, struct sp_value *out);
/* cast.c: any value. */
int sp_cast_any(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
		struct sp_value *out);
/* cast_vec.c: whole vectors without a look at each value's type; false: it has no way for these. */
bool sp_cast_fast(const struct sp_casting *c, const struct sp_vec *from, const struct sp_type *to, struct sp_vec *out, int *rc);

/* cast_text.c: digits of other scripts, which BigDecimal takes, as 0 to 9. */
struct slice sp_plain_digits(struct arena *a, struct slice s);

static inline int64_t sp_wrap(const struct sp_type *t, int64_t v)
{
	return t->kind == SP_TINYINT ? (int8_t)v : t->kind == SP_SMALLINT ? (int16_t)v : t->kind == SP_INT ? (int32_t)v : v;
}
/* Double to BIGINT as Java casts: towards zero, clamped, NaN 0. */
static inline int64_t sp_java_long(double d)
{
	return d != d ? 0 : d >= 9223372036854775808.0 ? INT64_MAX : d <= -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
}
static inline int32_t sp_java_int(double d)
{
	return d != d ? 0 : d >= 2147483647.0 ? INT32_MAX : d <= -2147483648.0 ? INT32_MIN : (int32_t)d;
}

#endif
