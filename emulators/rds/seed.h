/* Rows of the pipeline's source: made from a seed, or read from CSV and JSON lines.
 *
 * A made row is a function of (seed, count, table, ind) and of the word lists under seed/ in the stack: the same each
 * time, everywhere (no floating point, no clock). Value ranges, repeated people and posters, and the kinds and rates
 * of dirt follow what the shared spec pipeline.md (a, j) measured on the real tables. */
#ifndef TARN_RDS_SEED_H
#define TARN_RDS_SEED_H

#include "core/conf.h"

enum { SEED_TABLES = 3, SEED_COLUMNS_MAX = 12, SEED_ROWS = 11154 };
struct seed_column {
	const char *name;
	char type; /* 'i' integer, 'f' float, 't' text, 'd' datetime */
};
struct seed_table {
	const char *name;
	size_t column_n;
	struct seed_column columns[SEED_COLUMNS_MAX];
};
/* pinterest_data, geolocation_data, user_data: columns in the order of the real tables. */
extern const struct seed_table seed_tables[SEED_TABLES];
/* NULL when it isn't one of the three. */
const struct seed_table *seed_table(struct slice name);
/* The table's CREATE TABLE statement from seed/schema.sql of the stack (heap, caller frees). Errors: NOT_FOUND. */
int seed_create_sql(const struct stack_files *f, const struct seed_table *t, char **out, struct error *err) WARN_UNUSED;

/* Takes one row: cells in column order, text form, absent = NULL; valid during the call. Nonzero stops the reading
 * and is handed on. */
typedef int (*seed_row_fn)(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err);

/* ---- made rows ---- */
struct seed;
/* Reads the word lists. Errors: NOT_FOUND or INVALID, naming file and line. */
int seed_open(const struct stack_files *f, uint64_t seed, int64_t count, struct seed **out, struct error *err) WARN_UNUSED;
void seed_close(struct seed *g);
/* Cells of row ind of a table; valid until the next call. */
void seed_row(struct seed *g, const struct seed_table *t, int64_t ind, struct slice cells[SEED_COLUMNS_MAX]);
/* Every row of one table, in order. */
int seed_rows(struct seed *g, const struct seed_table *t, seed_row_fn fn, void *arg, struct error *err) WARN_UNUSED;

/* ---- rows from files ---- */
/* The table a file holds by its name: "FOLDER/pinterest_data.csv", "pinterest_data-1.jsonl"; NULL: none. */
const struct seed_table *seed_file_table(const char *path);
/* CSV (RFC 4180) with a header, or JSON lines, told apart by the name's end (.csv, .jsonl, .json, .ndjson). Columns
 * are matched by name; a missing one is NULL; the header's unnamed column (an index) is skipped. An empty unquoted
 * CSV cell is NULL in a column that isn't text. Errors: INVALID with name and line; no row is handed on after it. */
int seed_read(const char *name, struct slice text, const struct seed_table *t, seed_row_fn fn, void *arg, struct error *err)
	WARN_UNUSED;
/* One row as a line of CSV, JSON, or an INSERT statement. */
void seed_put_csv(struct buf *out, const struct seed_table *t, const struct slice *cells);
void seed_put_csv_header(struct buf *out, const struct seed_table *t);
void seed_put_json(struct buf *out, const struct seed_table *t, const struct slice *cells);
/* "(1,'a',NULL)" with MySQL's escapes. */
void seed_put_values(struct buf *out, const struct seed_table *t, const struct slice *cells);

#endif
