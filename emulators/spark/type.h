/* Spark's data types.
 *
 * Atomic types are static; others live in whoever's arena made them. Types are never changed once made, so they may be shared. */
#ifndef TARN_SPARK_TYPE_H
#define TARN_SPARK_TYPE_H

#include "core/mem.h"

enum sp_kind {
	SP_VOID, /* of the literal NULL */
	SP_BOOLEAN,
	SP_TINYINT,
	SP_SMALLINT,
	SP_INT,
	SP_BIGINT,
	SP_FLOAT,
	SP_DOUBLE,
	SP_DECIMAL,
	SP_STRING,
	SP_BINARY,
	SP_DATE,
	SP_TIMESTAMP,     /* an instant */
	SP_TIMESTAMP_NTZ, /* a wall time, without zone */
	SP_INTERVAL_YM,   /* INTERVAL YEAR TO MONTH */
	SP_INTERVAL_DT,   /* INTERVAL DAY TO SECOND */
	SP_INTERVAL,      /* the old one: months, days, microseconds */
	SP_ARRAY,
	SP_MAP,
	SP_STRUCT,
	SP_KINDS
};
/* First and last field of the intervals. */
enum sp_interval_field { SP_YEAR, SP_MONTH, SP_DAY = 0, SP_HOUR, SP_MINUTE, SP_SECOND };
enum { SP_PRECISION_MAX = 38, SP_TYPE_DEPTH_MAX = 64 };

struct sp_field;
struct sp_type {
	enum sp_kind kind;
	uint8_t precision, scale;    /* of DECIMAL; of SP_INTERVAL_YM and _DT the first and the last field */
	bool item_null;              /* an element of an ARRAY, a value of a MAP may be NULL */
	const struct sp_type *key;   /* of a MAP */
	const struct sp_type *item;  /* of an ARRAY; value of a MAP */
	const struct sp_field *fields; /* of a STRUCT */
	size_t field_n;
};
/* Of a struct, and of a relation: then it's a column. */
struct sp_field {
	struct slice name;
	const struct sp_type *type;
	bool nullable;
	struct slice comment;        /* absent: none */
	struct slice metadata;       /* a JSON object; absent: none */
};

extern const struct sp_type sp_types[SP_KINDS]; /* atomic ones by their kind; DECIMAL is (10,0), intervals are of all fields */
const struct sp_type *sp_decimal(struct arena *a, int precision, int scale);
const struct sp_type *sp_array(struct arena *a, const struct sp_type *item, bool item_null);
const struct sp_type *sp_map(struct arena *a, const struct sp_type *key, const struct sp_type *value, bool value_null);
const struct sp_type *sp_struct(struct arena *a, const struct sp_field *fields, size_t n); /* fields are copied */
const struct sp_type *sp_type_dup(struct arena *a, const struct sp_type *t);
/* The same whose elements, values and fields may all be NULL, at any depth: of what is read from files, of tables out of queries. */
const struct sp_type *sp_type_nullable(struct arena *a, const struct sp_type *t);

/* The same but for nullability, and names of fields in either case. */
bool sp_type_eq(const struct sp_type *a, const struct sp_type *b);
static inline bool sp_is_integral(const struct sp_type *t)
{
	return t->kind >= SP_TINYINT && t->kind <= SP_BIGINT;
}
static inline bool sp_is_fractional(const struct sp_type *t) /* FLOAT, DOUBLE */
{
	return t->kind == SP_FLOAT || t->kind == SP_DOUBLE;
}
static inline bool sp_is_numeric(const struct sp_type *t)
{
	return t->kind >= SP_TINYINT && t->kind <= SP_DECIMAL;
}
static inline bool sp_is_nested(const struct sp_type *t)
{
	return t->kind >= SP_ARRAY;
}
/* Whether values can be compared, sorted and grouped: no map is in it. */
bool sp_is_orderable(const struct sp_type *t);
/* Whether it is of that kind, or holds it at any depth. */
bool sp_type_has(const struct sp_type *t, enum sp_kind kind);
/* Index of a field, in either case; -1: none; -2: more than one. */
ssize_t sp_field_find(const struct sp_field *fields, size_t n, struct slice name);

/* "array<decimal(10,2)>", as printSchema's simpleString and DESCRIBE write it. */
void sp_type_simple(struct buf *b, const struct sp_type *t);
/* "ARRAY<DECIMAL(10,2)>", as errors and CAST write it. */
void sp_type_sql(struct buf *b, const struct sp_type *t);
/* A type in the schema's JSON of Spark and Delta: "\"integer\"", {"type":"array",...}. */
void sp_type_json(struct buf *b, const struct sp_type *t);
/* {"type":"struct","fields":[...]} */
void sp_schema_json(struct buf *b, const struct sp_field *fields, size_t n);
/* "root\n |-- ind: integer (nullable = true)\n ..." */
void sp_schema_tree(struct buf *b, const struct sp_field *fields, size_t n);

#endif
