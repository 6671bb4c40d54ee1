/* Columns of values: what expressions are evaluated on.
 *
 * A vector has n rows of one type. Row r's value is at index sp_at(v, r): r itself; 0 if it is a constant; code[r] where codes stand
 * between: rows selected from a longer vector, or a dictionary. A dictionary lives longer than the batch, so what a function makes
 * of its entries is made once (spark/eval.c). */
#ifndef TARN_SPARK_VEC_H
#define TARN_SPARK_VEC_H

#include "spark/value.h"

enum { SP_BATCH = 2048 }; /* rows of a batch at most */

/* How values of a type lie in memory. */
enum sp_phys {
	SP_U8,   /* BOOLEAN */
	SP_I32,  /* TINYINT to INT, DATE, INTERVAL_YM */
	SP_I64,  /* BIGINT, TIMESTAMP, _NTZ, INTERVAL_DT */
	SP_F64,  /* FLOAT, DOUBLE */
	SP_X128, /* DECIMAL: struct sp_i128 */
	SP_STR,  /* STRING, BINARY: struct slice */
	SP_CAL,  /* INTERVAL: struct sp_calendar */
	SP_LIST, /* ARRAY, MAP, STRUCT: const struct sp_list * */
	SP_NONE, /* VOID: all are NULL */
};
enum sp_phys sp_phys_of(const struct sp_type *t);
size_t sp_phys_size(enum sp_phys p);

struct sp_vec {
	const struct sp_type *type;
	size_t n;
	bool one;               /* all rows are the value at index 0 */
	bool lasting;           /* what values point to outlives the execution's batches: a table's, run->keep's; who keeps rows needn't copy it */
	bool lazy;              /* a dictionary's entry is there once a row has had it (made by eval.c), not before: what copies it copies those */
	size_t dict_n;          /* > 0: code leads into a dictionary of that many entries, which outlives the batch */
	const uint32_t *code;   /* one a row; NULL: none */
	const uint8_t *null;    /* by index, 1: NULL; pointer NULL: none is */
	union {                 /* by index; what lies where null is 1 is of no meaning */
		const void *p;
		const uint8_t *u8;
		const int32_t *i32;
		const int64_t *i64;
		const double *f64;
		const struct sp_i128 *x128;
		const struct slice *str;
		const struct sp_calendar *cal;
		const struct sp_list *const *list;
	};
};
static inline size_t sp_at(const struct sp_vec *v, size_t r)
{
	return v->one ? 0 : v->code ? v->code[r] : r;
}
static inline bool sp_null_at(const struct sp_vec *v, size_t r)
{
	return v->type->kind == SP_VOID || (v->null && v->null[sp_at(v, r)]);
}
/* Row r as a value; it points to what the vector points to. */
struct sp_value sp_get(const struct sp_vec *v, size_t r);

/* Vectors are written through this: memory of n rows from an arena, no row NULL at first. */
struct sp_out {
	struct sp_vec v;     /* filled by sp_out_make, valid all the time */
	struct arena *arena;
	uint8_t *null;       /* made by the first sp_out_null; else NULL */
	union {
		void *p;
		uint8_t *u8;
		int32_t *i32;
		int64_t *i64;
		double *f64;
		struct sp_i128 *x128;
		struct slice *str;
		struct sp_calendar *cal;
		const struct sp_list **list;
	};
};
void sp_out_make(struct sp_out *o, struct arena *a, const struct sp_type *type, size_t n);
void sp_out_null(struct sp_out *o, size_t r);
/* Stores a value (its pointers are kept as they are). */
void sp_out_put(struct sp_out *o, size_t r, const struct sp_value *v);

/* A vector of one value for n rows. */
struct sp_vec sp_vec_one(struct arena *a, const struct sp_type *type, const struct sp_value *v, size_t n);
/* Rows of v chosen by index: row r is v's row rows[r]. A dictionary stays one; nothing but codes is copied. rows must live as long. */
struct sp_vec sp_vec_pick(struct arena *a, const struct sp_vec *v, const uint32_t *rows, size_t n);
/* The same without codes and not constant: values by row. Vectors that are so already are given back. */
struct sp_vec sp_vec_flat(struct arena *a, const struct sp_vec *v);
/* n rows of v from a row on, without copying. */
struct sp_vec sp_vec_part(const struct sp_vec *v, size_t from, size_t n);

struct sp_batch {
	size_t n;             /* rows */
	size_t column_n;
	struct sp_vec *columns; /* n rows each */
};

/* A table in memory: chunks of rows, all with the same columns. A column that nobody wants may be missing: its type is NULL. */
struct sp_table {
	struct arena arena;   /* may hold all below */
	const struct sp_field *fields;
	size_t field_n;
	struct sp_batch *chunks; /* any number of rows each (a row group of a file) */
	size_t chunk_n, chunk_cap;
	int64_t row_n;
};
struct sp_table *sp_table_new(void);
void sp_table_free(struct sp_table *t); /* NULL is fine */
/* Appends a chunk whose columns are copied flat (dictionaries copied with their codes) into the table's arena. */
void sp_table_add(struct sp_table *t, const struct sp_batch *b);

#endif
