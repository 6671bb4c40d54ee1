/* Casts from every type to every type: spark.md 1.5. */
#ifndef TARN_SPARK_CAST_H
#define TARN_SPARK_CAST_H

#include "spark/expr.h"

/* Whether there is such a cast at all (CAST(map AS INT) there isn't); ansi: by the rules of ANSI mode, which has fewer. */
bool sp_can_cast(const struct sp_type *from, const struct sp_type *to, bool ansi);
/* Whether the cast may give NULL for what isn't NULL. */
bool sp_cast_may_null(const struct sp_type *from, const struct sp_type *to, bool ansi);
/* Casts a value. ansi false: what can't be cast is NULL. ansi true: nonzero with r->err set, at the place of `at` (may be NULL).
 * *out points to what `in` points to, or into r->batch. */
int sp_cast_value(struct sp_run *r, const struct sp_expr *at, const struct sp_type *from, const struct sp_type *to, bool ansi,
		  const struct sp_value *in, struct sp_value *out) WARN_UNUSED;
/* The same for a vector: *out has from->n rows, in r->batch; codes and constants stay what they are. */
int sp_cast_vec(struct sp_run *r, const struct sp_expr *at, const struct sp_vec *from, const struct sp_type *to, bool ansi,
		struct sp_vec *out) WARN_UNUSED;
/* Whether a failure of SP_CAST e is an error (then the rules are ANSI's, too). */
bool sp_cast_is_ansi(const struct sp_expr *e, const struct sp_context *cx);
/* try_cast: the rules of ANSI, failures are NULL. */
int sp_try_cast_value(struct sp_run *r, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
		      struct sp_value *out) WARN_UNUSED;
/* An SP_CAST expression over its argument's vector, in the mode it has. */
int sp_cast_expr(struct sp_run *r, const struct sp_expr *e, const struct sp_vec *from, struct sp_vec *out) WARN_UNUSED;

/* ---- cast_text.c: texts as casts read them; false: it isn't one ---- */
/* fraction: digits behind a point are read over (ANSI off). Blanks around are, too. */
bool sp_text_int(struct slice s, bool fraction, int64_t *out);
bool sp_text_double(struct slice s, double *out);
bool sp_text_float(struct slice s, double *out); /* rounded to a float once */
bool sp_text_boolean(struct slice s, bool *out);
struct slice sp_java_trim(struct slice s); /* String.trim */

#endif
