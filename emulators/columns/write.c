/* Chunks of columns -> a file. */
#include "columns/shred.h"

struct writing {
	const struct col_write *in;
	struct pq_schema schema;
	struct pq_writer w;
	struct pq_column *leaves;
	size_t row_n; /* in the leaves */
	struct error *err;
};

static void end_group(struct writing *x)
{
	if (!x->row_n)
		return;
	pq_write_group(&x->w, x->leaves, x->row_n);
	for (size_t i = 0; i < x->schema.leaf_n; i++)
		pq_column_reset(&x->leaves[i]);
	x->row_n = 0;
}

static int add_rows(struct writing *x, const struct sp_batch *b, size_t from, size_t n)
{
	size_t leaf = 0;
	int rc = 0;
	for (size_t i = 0; i < x->in->field_n && rc == 0; i++) {
		rc = col_shred(&x->in->fields[i], &b->columns[i], from, n, &x->leaves[leaf], x->err);
		leaf += col_leaves(x->in->fields[i].type);
	}
	x->row_n += n;
	return rc;
}

static int add_chunk(struct writing *x, const struct sp_batch *b)
{
	int rc = 0;
	for (size_t from = 0; from < b->n && rc == 0;) {
		size_t left = b->n - from, n = PQ_GROUP_ROWS - x->row_n < left ? PQ_GROUP_ROWS - x->row_n : left;
		rc = add_rows(x, b, from, n);
		from += n;
		if (x->row_n == PQ_GROUP_ROWS)
			end_group(x);
	}
	return rc;
}

int col_write(const struct col_write *in, const struct sp_batch *chunks, size_t chunk_n, struct buf *file, struct buf *stats, int64_t *rows,
	      struct error *err)
{
	struct writing x = { .in = in, .err = err };
	struct arena a = { 0 };
	int rc = col_shape(&a, in, &x.schema, err);
	if (rc) {
		arena_free(&a);
		return rc;
	}
	pq_writer_init(&x.w, &x.schema, in->codec);
	x.leaves = arena_alloc(&a, (x.schema.leaf_n + 1) * sizeof(*x.leaves));
	for (size_t i = 0; i < x.schema.leaf_n; i++)
		pq_column_init(&x.leaves[i], &x.schema.leaves[i], PQ_BYTES_MAX);
	for (size_t i = 0; i < chunk_n && rc == 0; i++)
		rc = add_chunk(&x, &chunks[i]);
	if (rc == 0) {
		end_group(&x);
		rc = pq_writer_finish(&x.w, err);
	}
	if (rc == 0) {
		if (stats)
			col_stats(stats, &a, in, x.w.stats, x.w.row_n);
		if (rows)
			*rows = x.w.row_n;
		buf_free(file);
		*file = x.w.out;
		x.w.out = (struct buf){ 0 };
	}
	pq_writer_free(&x.w);
	for (size_t i = 0; i < x.schema.leaf_n; i++)
		pq_column_free(&x.leaves[i]);
	arena_free(&a);
	return rc;
}
