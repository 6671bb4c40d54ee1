/* A result set in memory, as text, and its rows as JSON. */
#ifndef TARN_TABLE_H
#define TARN_TABLE_H

#include "core/mem.h"

struct table {
	size_t column_n, row_n;
	char **columns;
	char **cells; /* row_n * column_n; NULL = SQL NULL */
	char *types;  /* a column's: 'i' integer, 'f' float, 'd' date and time, 't' text */
};
void table_clear(struct table *t);
/* The row as Python's json.dumps gives it for what PyMySQL returns (", " and ": ", ASCII with \u escapes; floats in
 * their shortest form), with dates by isoformat(). */
void table_row_json(const struct table *t, size_t row, struct buf *out);

#endif
