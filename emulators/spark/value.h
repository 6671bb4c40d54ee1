/* One value of a Spark type. Which member counts is said by the type, which a value doesn't carry. */
#ifndef TARN_SPARK_VALUE_H
#define TARN_SPARK_VALUE_H

#include "spark/type.h"

struct sp_i128 { /* two's complement */
	uint64_t lo;
	int64_t hi;
};
static inline __int128 sp_wide(struct sp_i128 x)
{
	return (__int128)((unsigned __int128)(uint64_t)x.hi << 64 | x.lo);
}
static inline struct sp_i128 sp_narrow(__int128 v)
{
	return (struct sp_i128){ (uint64_t)v, (int64_t)(v >> 64) };
}

struct sp_list;
struct sp_calendar { /* SP_INTERVAL */
	int32_t months, days;
	int64_t us;
};
struct sp_value {
	bool null;
	union {
		int64_t i;                  /* BOOLEAN (0, 1), TINYINT to BIGINT, DATE (days since 1970), TIMESTAMP and _NTZ (microseconds),
					     * INTERVAL_YM (months), INTERVAL_DT (microseconds) */
		double d;                   /* FLOAT (rounded to float), DOUBLE */
		struct sp_i128 x;           /* DECIMAL: unscaled */
		struct slice s;             /* STRING (UTF-8), BINARY */
		struct sp_calendar c;       /* INTERVAL */
		const struct sp_list *list; /* ARRAY: elements; STRUCT: fields; MAP: key, value, key, value ... in order of insertion */
	};
};
struct sp_list {
	size_t n; /* of items; of a map twice its size */
	struct sp_value items[];
};
#define SP_NULL_VALUE ((struct sp_value){ .null = true })

/* A list of n items, all NULL, in a. */
struct sp_list *sp_list_new(struct arena *a, size_t n);
/* Bytes that a copy which owns all it points to would have; counting ends past most. What is shared counts each time. */
size_t sp_value_bytes(const struct sp_type *t, const struct sp_value *v, size_t most);
/* A copy that owns all it points to. */
struct sp_value sp_value_dup(struct arena *a, const struct sp_type *t, struct sp_value v);
/* The order of ORDER BY: NULL least, NaN greatest of numbers and equal to itself, 0.0 equal to -0.0, texts by bytes, arrays by element,
 * structs by field. Maps only as equal (0) or not. */
int sp_compare(const struct sp_type *t, const struct sp_value *x, const struct sp_value *y);
/* Equal values (sp_compare 0) have equal hashes. For hash tables of ours; Spark's hash() is a function. */
uint64_t sp_hash(const struct sp_type *t, const struct sp_value *v);

#endif
