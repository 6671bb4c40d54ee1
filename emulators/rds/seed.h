/* Rows of the stack's sources: made from a seed, or read from CSV and JSON lines.
 *
 * What tables there are and how their values are made is told in the datasets (their part source: tarn help datasets), the
 * words they are made of stand in the files below seed/, the entities that come back from row to row in [entities] of
 * stack.conf. A made row is a function of these, of the seed, the count and its number: the same each time, everywhere (no
 * floating point, no clock).
 *   seed.c  the sources' grammar    seed_words.c  words    seed_make.c  rows    seed_read.c  rows from files, rows as text */
#ifndef TARN_RDS_SEED_H
#define TARN_RDS_SEED_H

#include "core/conf.h"

enum {
	SEED_COLUMNS_MAX = 64,
	SEED_TERMS_MAX = 8,  /* of a value */
	SEED_ROWS = 11154,   /* without [stack] rows */
	SEED_GENERATION = 2, /* of [stack] generation: another one made other rows of the same seed */
};
struct seed_column {
	const char *name, *sql; /* sql: "BIGINT", "DECIMAL(10,2)" */
	char type;              /* 'i' integer, 'f' float, 'n' decimal, 't' text, 'd' date or time */
};
struct seed_table {
	const char *name;
	int64_t rows; /* that are made */
	size_t column_n;
	struct seed_column columns[SEED_COLUMNS_MAX];
};

/* Takes one row: cells in column order, text form, absent = NULL; valid during the call. Nonzero stops the reading
 * and is handed on. */
typedef int (*seed_row_fn)(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err);

struct seed;
/* Reads the stack's sources; count: rows of a source that doesn't say how many. Errors: NOT_FOUND or INVALID, naming file
 * and line. */
int seed_open(const struct stack_files *f, const struct conf *conf, uint64_t seed, int64_t count, struct seed **out,
	      struct error *err) WARN_UNUSED;
void seed_close(struct seed *g);
/* The i-th table, in the order of the datasets; NULL past the end. */
const struct seed_table *seed_table_at(const struct seed *g, size_t i);
const struct seed_table *seed_table(const struct seed *g, struct slice name);
/* "CREATE TABLE t (`a` BIGINT, ...)"; heap, caller frees. */
char *seed_create_sql(const struct seed_table *t);
/* Cells of row n of a table; valid until the next call. */
void seed_row(struct seed *g, const struct seed_table *t, int64_t n, struct slice cells[SEED_COLUMNS_MAX]);
/* Every row of one table, in order. */
int seed_rows(struct seed *g, const struct seed_table *t, seed_row_fn fn, void *arg, struct error *err) WARN_UNUSED;

/* ---- rows from files ---- */
/* The table a file holds by its name: "FOLDER/orders.csv", "orders-1.jsonl"; the longest name counts.
 * NULL: none. */
const struct seed_table *seed_file_table(const struct seed *g, const char *path);
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
