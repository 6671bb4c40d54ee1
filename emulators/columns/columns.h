/* Parquet files as columns of Spark's types, and back. Pure functions over memory: fit for jobs.
 *
 *   types.c   a file's schema as Spark's types           bind.c    which leaves of a file a table's columns are read from
 *   leaf.c    one leaf's values as one of Spark's types   nested.c  levels -> arrays, maps, structs
 *   read.c    a file's row groups -> chunks of columns     shred.c   columns -> levels and leaves
 *   write.c   chunks -> a file                             stats.c   what Delta's log says of a file's columns
 *
 * Spec: parquet-format's LogicalTypes.md (lists and maps of older writers, too); Spark's ParquetSchemaConverter. */
#ifndef TARN_COLUMNS_H
#define TARN_COLUMNS_H

#include "core/err.h"
#include "parquet/parquet.h"
#include "spark/vec.h"

#define COL_BYTES_MAX (INT64_C(4) << 30) /* of one file in memory */

/* By what a column of a table is found in a file. */
enum col_match {
	COL_BY_NAME,     /* ignoring case */
	COL_BY_PHYSICAL, /* "delta.columnMapping.physicalName" in the fields' metadata, else the name */
	COL_BY_ID,       /* the file's field ids: "delta.columnMapping.id" there */
};

/* A member of a field's metadata; absent: none. The text lives in a. */
struct slice col_meta_text(struct arena *a, const struct sp_field *f, const char *key);
int64_t col_meta_int(const struct sp_field *f, const char *key, int64_t absent);
/* The name under which a file has the column. */
struct slice col_physical(struct arena *a, const struct sp_field *f, enum col_match match);

/* A file's columns as Spark reads it without a schema (spark.read.parquet): nullable all, in a. Errors: INVALID, UNSUPPORTED (a type
 * Spark has not, by the column's name), LIMIT. */
int col_schema(struct arena *a, struct slice file, struct sp_field **fields, size_t *n, struct error *err) WARN_UNUSED;

struct col_read {
	struct slice file;              /* the columns don't point into it */
	const struct sp_field *fields;  /* of the table: what the columns are to be */
	size_t field_n;
	const bool *wanted;             /* one a field; NULL: all. The others get a vector whose type is NULL, and aren't read */
	enum col_match match;
	const struct sp_value *const *constant; /* one a field: the value that all rows have (a partition's), or NULL; NULL: no field has one */
	const uint64_t *gone;           /* rows of the file that are deleted, ascending */
	size_t gone_n;
};
/* A chunk of columns for each row group that has rows left, in a: memory of what is read stays there (texts are not copied; those of a
 * dictionary keep it). A column that the file hasn't is NULL; one of another type is converted where no value can change (int to
 * bigint, float to double, decimals to wider ones ...), else refused. Columns are required to hold what their rows need: nothing is
 * checked about NULL in fields that say they have none. Errors: INVALID, UNSUPPORTED, LIMIT. */
int col_read(struct arena *a, const struct col_read *in, struct sp_batch **chunks, size_t *chunk_n, struct error *err) WARN_UNUSED;

/* ---- writing ---- */
struct col_write {
	const struct sp_field *fields;
	size_t field_n;
	enum col_match match;           /* BY_PHYSICAL, BY_ID: columns get the names and ids of the fields' metadata */
	enum pq_codec codec;
};
/* A file of all rows of the chunks (columns in order of fields; any number of rows each), in row groups of PQ_GROUP_ROWS. stats (may be
 * NULL) gets the "stats" of Delta's add action as JSON; *rows (may be NULL) their number. All columns are written as nullable. VOID and
 * intervals are refused. Errors: INVALID, UNSUPPORTED, LIMIT. */
int col_write(const struct col_write *in, const struct sp_batch *chunks, size_t chunk_n, struct buf *file, struct buf *stats, int64_t *rows,
	      struct error *err) WARN_UNUSED;
/* Appends a bound of values as Delta's stats have it; max: not below any. False: values of this type have none, or this one can't. */
bool col_stat(struct buf *b, const struct sp_type *t, union pq_stat v, bool max);

#endif
