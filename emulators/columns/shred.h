/* Columns on their way into a file: the nodes of its schema, and what its leaves get. */
#ifndef TARN_COLUMNS_SHRED_H
#define TARN_COLUMNS_SHRED_H

#include "columns/columns.h"

/* The schema of a file of these columns, in a. */
int col_shape(struct arena *a, const struct col_write *in, struct pq_schema *out, struct error *err) WARN_UNUSED;
/* Leaves that a value of the type has. */
size_t col_leaves(const struct sp_type *t);
/* Appends rows from..from+n of a column to its leaves. */
int col_shred(const struct sp_field *f, const struct sp_vec *v, size_t from, size_t n, struct pq_column *leaves, struct error *err) WARN_UNUSED;
/* stats.c: Delta's "stats" of a file out of those of its leaves. */
void col_stats(struct buf *b, struct arena *a, const struct col_write *in, const struct pq_stats *leaves, int64_t rows);

#endif
