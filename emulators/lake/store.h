/* lake.db: a table for each dataset and quarantine, read-only SQL over them, and what one statement reads beside.
 *
 *   store.c            a clean run's writes            store_sql.c    statements
 *   store_raw.c        topics as tables                store_delta.c  versions of Delta tables as tables
 *   store_functions.c  SQL functions of Spark */
#ifndef TARN_LAKE_STORE_H
#define TARN_LAKE_STORE_H

#include "cleaning/cleaning.h"

enum {
	LAKE_SNIPPET = 200,               /* bytes of a quarantined record that are shown */
	LAKE_QUARANTINE_BYTES = 64 << 10, /* bytes of it that are kept */
	LAKE_RAW_BYTES = 512 << 20,       /* of what one statement reads beside */
	LAKE_RAW_KEYS = 200,              /* columns of a topic's table */
	LAKE_INDEX_LATER = 100000,        /* rows from which on a table has no index before a statement joins it */
};

struct env;
struct lake_store;
/* sets must live as long as the store. *out is NULL after a failure. */
int lake_store_open(struct lake_store **out, const struct env *env, const struct datasets *sets, struct error *err) WARN_UNUSED;
void lake_store_close(struct lake_store *s);
/* A clean run's writes: begin makes empty tables of some datasets (a bit each), finish shows them to readers, cancel keeps the
 * old ones. set: index of a dataset. */
int lake_store_begin(struct lake_store *s, uint32_t sets, struct error *err) WARN_UNUSED;
int lake_store_row(struct lake_store *s, size_t set, const struct clean_value *v, struct error *err) WARN_UNUSED;
struct lake_bad {
	size_t set;
	struct slice key;       /* of the object */
	size_t line, at;        /* at: first wrong byte of the line; 0: not one byte */
	struct slice reason, record;
	size_t size;            /* of the whole record */
};
int lake_store_bad(struct lake_store *s, const struct lake_bad *bad, struct error *err) WARN_UNUSED;
int lake_store_finish(struct lake_store *s, struct error *err) WARN_UNUSED;
/* Makes the index of a table, unless it's there. */
int lake_store_index(struct lake_store *s, size_t set, struct error *err) WARN_UNUSED;
void lake_store_cancel(struct lake_store *s);

struct lake_limits {
	int64_t rows_max, time_ms;
};
/* Runs one SELECT and appends "columns":[...],"rows":[...],"truncated":bool (JSON members, no braces). Errors: INVALID
 * (not one statement that can be run), DENIED (not a SELECT), TIMEOUT, LIMIT, STORE. Safe on the pool while nothing else
 * uses s. */
int lake_store_sql(struct lake_store *s, struct slice sql, const struct lake_limits *limits, struct buf *out,
		   struct error *err) WARN_UNUSED;
/* The table that a statement failed for want of; absent when that wasn't it. */
struct slice lake_missing_table(struct arena *a, const struct error *err);
/* Whether it is one that clean runs make, in either case. */
bool lake_store_owns(const struct lake_store *s, struct slice table);
/* Topics as temporary tables of the reading connection: begin, add objects' bodies, end; then the table `name` has a column
 * for each key that its records have, and _object_key, _line, _record. Nothing is cleaned and nothing is left out. */
int lake_store_raw_begin(struct lake_store *s, struct slice name, struct error *err) WARN_UNUSED;
int lake_store_raw_add(struct lake_store *s, struct slice key, struct slice body, struct error *err) WARN_UNUSED;
int lake_store_raw_end(struct lake_store *s, struct slice name, struct error *err) WARN_UNUSED;
void lake_store_raw_drop(struct lake_store *s);
/* Ends a lake_store_sql on the pool soon, for closing. */
void lake_store_interrupt(struct lake_store *s);
/* A version of a Delta table as a temporary table: begin, then the rows of its files. */
int lake_store_delta_begin(struct lake_store *s, struct slice name, const struct delta_schema *schema, struct error *err) WARN_UNUSED;
int lake_store_delta_add(struct lake_store *s, const struct delta_rows *rows, struct error *err) WARN_UNUSED;

#endif
