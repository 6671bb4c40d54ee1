/* A file's row groups as chunks of columns. */
#include "columns/bind.h"

struct reading {
	struct arena *a;
	const struct col_read *in;
	struct pq_file f;
	struct col_plan plan;
	struct pq_column *leaves; /* one a slot */
	size_t before;            /* bytes that the arena had */
	struct error *err;
};

static struct sp_vec all_null(struct arena *a, const struct sp_type *type, size_t n)
{
	struct sp_value v = SP_NULL_VALUE;
	return sp_vec_one(a, type, &v, n);
}

static int read_column(struct reading *r, size_t g, size_t i, size_t n, struct sp_vec *out)
{
	const struct col_node *node = &r->plan.columns[i];
	int rc = 0;
	if (r->in->wanted && !r->in->wanted[i]) {
		*out = (struct sp_vec){ .n = n };
		return 0;
	}
	if (r->in->constant && r->in->constant[i]) {
		*out = sp_vec_one(r->a, node->type, r->in->constant[i], n);
		return 0;
	}
	if (node->shape == COL_ABSENT) {
		*out = all_null(r->a, node->type, n);
		return 0;
	}
	for (size_t k = node->slot; k < node->slot + node->slot_n && rc == 0; k++) {
		size_t leaf = r->plan.leaves[k];
		pq_column_keep(&r->leaves[k], &r->f.schema.leaves[leaf], r->a);
		rc = pq_read_chunk(&r->f, g, leaf, &r->leaves[k], r->err);
	}
	if (rc)
		return rc;
	if (node->shape == COL_LEAF)
		return col_leaf_vector(r->a, &node->leaf, &r->leaves[node->slot], n, out, r->err);
	return col_assemble(r->a, node, r->leaves, n, out, r->err);
}

/* Rows of a group that aren't deleted; NULL: all. */
static uint32_t *left_rows(struct reading *r, uint64_t first, size_t n, size_t *next, size_t *left_n)
{
	const uint64_t *gone = r->in->gone;
	size_t from = *next, k = 0;
	uint32_t *rows;
	while (*next < r->in->gone_n && gone[*next] < first + n)
		++*next;
	*left_n = n;
	if (from == *next)
		return NULL;
	rows = arena_raw(r->a, (n + 1) * sizeof(*rows));
	for (size_t i = 0; i < n; i++)
		if (from < *next && gone[from] == first + i)
			from++;
		else
			rows[k++] = (uint32_t)i;
	*left_n = k;
	return rows;
}

static int read_group(struct reading *r, size_t g, const uint32_t *rows, size_t left_n, struct sp_batch *out)
{
	size_t n = (size_t)r->f.groups[g].row_n;
	int rc = 0;
	*out = (struct sp_batch){ .n = left_n, .column_n = r->in->field_n };
	out->columns = arena_alloc(r->a, (r->in->field_n + 1) * sizeof(*out->columns));
	for (size_t i = 0; i < r->in->field_n && rc == 0; i++) {
		rc = read_column(r, g, i, n, &out->columns[i]);
		if (rc == 0 && (int64_t)(r->a->used - r->before) > COL_BYTES_MAX)
			rc = err_set(r->err, ERR_LIMIT, "Parquet: more than %lld bytes in memory", (long long)COL_BYTES_MAX);
		if (rc == 0 && rows) {
			if (out->columns[i].type)
				out->columns[i] = sp_vec_pick(r->a, &out->columns[i], rows, left_n);
			else
				out->columns[i].n = left_n;
		}
	}
	return rc;
}

int col_read(struct arena *a, const struct col_read *in, struct sp_batch **chunks, size_t *chunk_n, struct error *err)
{
	struct reading r = { .a = a, .in = in, .err = err, .before = a->used };
	int rc = pq_open(&r.f, in->file, err);
	uint64_t first = 0;
	size_t next = 0;
	*chunks = NULL;
	*chunk_n = 0;
	if (rc == 0)
		rc = col_bind(&r.f.arena, &r.f, in, &r.plan, err);
	if (rc == 0) {
		*chunks = arena_alloc(a, (r.f.group_n + 1) * sizeof(**chunks));
		r.leaves = arena_alloc(&r.f.arena, (r.plan.leaf_n + 1) * sizeof(*r.leaves));
	}
	for (size_t g = 0; g < r.f.group_n && rc == 0; g++) {
		size_t n = (size_t)r.f.groups[g].row_n, left_n;
		uint32_t *rows = left_rows(&r, first, n, &next, &left_n);
		first += n;
		if (left_n)
			rc = read_group(&r, g, rows, left_n, &(*chunks)[(*chunk_n)++]);
	}
	pq_close(&r.f);
	return rc;
}
