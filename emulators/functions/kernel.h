/* What functions that take whole vectors share. Args have n rows, or are constants (.one), or have codes; results are flat. */
#ifndef TARN_FUNCTIONS_KERNEL_H
#define TARN_FUNCTIONS_KERNEL_H

#include "functions/functions.h"

/* Values of a vector by row. */
struct sp_col {
	const void *p;
	bool one; /* there is but one, for all rows */
};
struct sp_col sp_col_of(struct sp_call *c, const struct sp_vec *v, size_t n);
/* Makes the result and marks rows as NULL in which an argument is. */
void sp_fn_out(struct sp_call *c, const struct sp_vec *args, size_t arg_n, size_t n, struct sp_out *o);
/* out->null for writing, made if it isn't there. */
uint8_t *sp_fn_nulls(struct sp_out *o, size_t n);
static inline void sp_fn_done(const struct sp_out *o, struct sp_vec *out)
{
	*out = o->v;
}
/* A loop for each way in which two columns of type T lie; x and y are the values, i the row. */
#define SP_PAIRS(T, a, b, n, ...) \
	do { \
		const T *pa = (a).p, *pb = (b).p; \
		size_t i; \
		if ((a).one) { \
			const T x = pa[0]; \
			for (i = 0; i < (n); i++) { \
				const T y = pb[(b).one ? 0 : i]; \
				__VA_ARGS__; \
			} \
		} else if ((b).one) { \
			const T y = pb[0]; \
			for (i = 0; i < (n); i++) { \
				const T x = pa[i]; \
				__VA_ARGS__; \
			} \
		} else { \
			for (i = 0; i < (n); i++) { \
				const T x = pa[i], y = pb[i]; \
				__VA_ARGS__; \
			} \
		} \
	} while (0)
/* A loop over one column. */
#define SP_EACH(T, a, n, ...) \
	do { \
		const T *pa = (a).p; \
		size_t i; \
		for (i = 0; i < (n); i++) { \
			const T x = pa[(a).one ? 0 : i]; \
			__VA_ARGS__; \
		} \
	} while (0)

/* ---- errors, placed at the call ---- */
int sp_fn_divide_by_zero(struct sp_call *c);
/* "integer overflow. Use 'try_add' to ..."; hint NULL: without. */
int sp_fn_overflow(struct sp_call *c, const char *what, const char *hint);
int sp_fn_overflow_placed(struct sp_call *c, const char *what);
/* NUMERIC_VALUE_OUT_OF_RANGE */
struct sp_big;
int sp_fn_out_of_range(struct sp_call *c, const struct sp_big *v, const struct sp_type *t);
int sp_fn_fail(struct sp_call *c, const char *class, const char *state, const char *java, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* ---- resolve ---- */
/* Whether values of argument i can be ordered: no map is in them; else err says so. */
bool sp_fn_ordered(struct sp_resolve *x, size_t i);
/* Two arguments of arithmetic become of one type, decimals stay two; op as of sp_dec_type. Gives the result's type; NULL: err is set. */
const struct sp_type *sp_fn_arithmetic(struct sp_resolve *x, char op);

#endif
