/* Delta tables of the lake: folders below tables/ of its bucket, and any other by its path.
 *
 *   tables_names.c    names as Spark writes them, in a statement
 *   tables_load.c     a version of a table -> a temporary table for one statement      store_delta.c   its rows
 *   tables_command.c  DESCRIBE HISTORY, OPTIMIZE, VACUUM, SHOW TABLES ...               tables_show.c   their answers
 *   tables_clean.c    a clean run's rows -> files -> a new version
 *   export.c          what Spark, Trino, DuckDB and ClickHouse need to read them */
#ifndef TARN_LAKE_TABLES_H
#define TARN_LAKE_TABLES_H

#include "lake/delta.h"
#include "lake/lake.h"

#define LAKE_TABLES "tables/" /* the folder of the lake's bucket whose folders have a name in SQL */

/* ---- names ---- */
/* Spark's ways to name a table become names that SQLite reads; one that is asked for at a version has it in its name:
 *   0affea73130b_pin_table, default.pin      -> `0affea73130b_pin_table`, pin
 *   delta.`/mnt/x/pin`                       -> `delta./mnt/x/pin`
 *   pin VERSION AS OF 3, pin@v3              -> `pin@v3` AS `pin`
 *   pin TIMESTAMP AS OF '2026-01-05 09:00'   -> `pin@20260105090000000` AS `pin`
 * Appends the statement to out. Errors: INVALID. */
int lake_names_plain(struct slice sql, struct buf *out, struct error *err) WARN_UNUSED;
struct lake_ref {
	struct slice name;         /* as written, without the version */
	struct slice bucket, path; /* the table's folder, without slashes around */
	bool by_path;
	int64_t version, at_ms; /* -1: not asked for */
};
/* What such a name means. Returns 0; NOT_FOUND or INVALID for a path that leads nowhere; CONFLICT: it can't be a table's. */
int lake_ref_parse(const struct lake *l, struct arena *a, struct slice name, struct lake_ref *out, struct error *err) WARN_UNUSED;
/* "[TABLE_OR_VIEW_NOT_FOUND] The table or view `x` cannot be found. ...", and why. */
int lake_ref_missing(struct error *err, struct slice name, const char *why);
struct delta_table lake_ref_table(struct lake *l, const struct lake_ref *ref);

/* ---- a version of a table for one statement ---- */
struct lake_loader {
	struct lake *l;
	void (*done)(void *arg); /* on the loop; see err */
	void *arg;
	struct slice name;       /* the temporary table's */
	struct error err;        /* kind 0: none */
	bool no_table;           /* the error is that there is no Delta table */
	/* its own */
	struct lake_ref ref;
	struct delta_place place;
	struct delta_snapshot *s;
	size_t next;
	struct slice key;
	char *body;
	size_t body_n;
	bool begun;
};
/* Set l, done, arg and name, which must stay until then; may be used again after it. */
void lake_loader_start(struct lake_loader *r, const struct lake_ref *ref);
void lake_loader_free(struct lake_loader *r);
int lake_store_delta_begin(struct lake_store *s, struct slice name, const struct delta_schema *schema, struct error *err) WARN_UNUSED;
int lake_store_delta_add(struct lake_store *s, const struct delta_rows *rows, struct error *err) WARN_UNUSED;

#endif
