/* lake.db: a table for each dataset and quarantine, read-only SQL over them, and what one statement reads beside.
 *
 *   store.c            a clean run's writes            store_sql.c    statements, in sessions (store_session.c)
 *   store_raw.c        topics as tables                store_delta.c  versions of Delta tables as tables
 *   store_functions.c  SQL functions of Spark */
#ifndef TARN_LAKE_STORE_H
#define TARN_LAKE_STORE_H

#include "cleaning/cleaning.h"

enum {
	LAKE_SNIPPET = 200,               /* bytes of a quarantined record that are shown */
	LAKE_QUARANTINE_BYTES = 64 << 10, /* bytes of it that are kept */
	LAKE_RAW_BYTES = 512 << 20,       /* of what one statement reads beside, on disk */
	LAKE_RAW_KEYS = 200,              /* columns of a topic's table */
	LAKE_INDEX_LATER = 100000,        /* rows from which on a table has no index before a statement joins it */
};

struct env;
struct loop;
struct lake_store;
struct lake_session;
/* sets must live as long as the store, and so must its sessions. *out is NULL after a failure. */
int lake_store_open(struct lake_store **out, const struct env *env, const struct datasets *sets, struct error *err) WARN_UNUSED;
void lake_store_close(struct lake_store *s);
/* In memory: nothing can be read while a clean run writes. */
bool lake_store_alone(const struct lake_store *s);
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
/* All rows are in: what is left to do but to show them, so that finish takes no time and a full disk is told before the Delta
 * tables have their versions. */
int lake_store_ready(struct lake_store *s, struct error *err) WARN_UNUSED;
int lake_store_finish(struct lake_store *s, struct error *err) WARN_UNUSED;
/* Makes the index of a table, unless it's there. */
int lake_store_index(struct lake_store *s, size_t set, struct error *err) WARN_UNUSED;
void lake_store_cancel(struct lake_store *s);

/* ---- statements: each has a session, a connection of its own with what it reads beside. One thread at a time. ---- */

/* On the loop. The connection is made by the first call that needs it. */
struct lake_session *lake_session_new(struct lake_store *s);
/* On the loop; NULL is fine. What takes long of it is done by the loop's pool; loop NULL: here. */
void lake_session_free(struct lake_session *x, struct loop *loop);
/* Ends what runs in it soon, from another thread. */
void lake_session_stop(struct lake_session *x);

struct lake_limits {
	int64_t rows_max, time_ms;
	size_t memory; /* bytes of the answer, and of what its functions collect */
};
/* Runs one SELECT and appends "columns":[...],"rows":[...],"truncated":bool (JSON members, no braces). With want (may be NULL),
 * a statement that joins large tables without an index isn't run: *want says whose, a bit each, and 0 is returned. Errors: INVALID
 * (not one statement that can be run), DENIED (not a SELECT), TIMEOUT, LIMIT, STORE. */
int lake_store_sql(struct lake_session *x, struct slice sql, const struct lake_limits *limits, uint32_t *want, struct buf *out,
		   struct error *err) WARN_UNUSED;
/* The table that a statement failed for want of; absent when that wasn't it. */
struct slice lake_missing_table(struct arena *a, const struct error *err);
/* Whether it is one that clean runs make, in either case. */
bool lake_store_owns(const struct lake_store *s, struct slice table);
/* Topics as temporary tables: begin, add objects' bodies, end; then the table `name` has a column for each key that its records
 * have, and _object_key, _line, _record. Nothing is cleaned and nothing is left out. */
int lake_store_raw_begin(struct lake_session *x, struct slice name, struct error *err) WARN_UNUSED;
int lake_store_raw_add(struct lake_session *x, struct slice key, struct slice body, struct error *err) WARN_UNUSED;
int lake_store_raw_end(struct lake_session *x, struct slice name, struct error *err) WARN_UNUSED;
/* A version of a Delta table as a temporary table: begin, then the rows of its files. */
int lake_store_delta_begin(struct lake_session *x, struct slice name, const struct delta_schema *schema, struct error *err) WARN_UNUSED;
int lake_store_delta_add(struct lake_session *x, const struct delta_rows *rows, struct error *err) WARN_UNUSED;

#endif
