/* Any bytes as a Parquet file read as columns: what is read is whole, and written and read again it is the same. First byte D: a
 * deletion vector as a file has it. */
#include <stdlib.h>

#include "delta/op.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { ENTRIES = 1 << 14 }; /* of one file; above, the fuzzer only waits */

static void need(bool what)
{
	if (!what)
		abort();
}

static void look(const struct sp_type *t, const struct sp_value *v)
{
	if (v->null)
		return;
	switch (t->kind) {
	case SP_STRING:
	case SP_BINARY:
		for (size_t i = 0; i < v->s.n; i += 4096)
			need(v->s.p[i] || !v->s.p[i]);
		break;
	case SP_ARRAY:
		for (size_t i = 0; i < v->list->n; i++)
			look(t->item, &v->list->items[i]);
		break;
	case SP_MAP:
		need(v->list->n % 2 == 0);
		for (size_t i = 0; i < v->list->n; i += 2) {
			look(t->key, &v->list->items[i]);
			look(t->item, &v->list->items[i + 1]);
		}
		break;
	case SP_STRUCT:
		need(v->list->n == t->field_n);
		for (size_t i = 0; i < t->field_n; i++)
			look(t->fields[i].type, &v->list->items[i]);
		break;
	default:
		break;
	}
}

static size_t look_all(const struct sp_field *fields, size_t field_n, const struct sp_batch *chunks, size_t n)
{
	size_t rows = 0;
	for (size_t c = 0; c < n; c++) {
		rows += chunks[c].n;
		for (size_t i = 0; i < field_n; i++) {
			need(chunks[c].columns[i].n == chunks[c].n);
			for (size_t r = 0; r < chunks[c].n; r++) {
				struct sp_value v = sp_get(&chunks[c].columns[i], r);
				look(fields[i].type, &v);
			}
		}
	}
	return rows;
}

static bool small(struct slice bytes)
{
	struct error err;
	struct pq_file f;
	int64_t left = ENTRIES;
	int rc = pq_open(&f, bytes, &err);
	for (size_t g = 0; rc == 0 && g < f.group_n; g++) {
		left -= f.groups[g].row_n;
		for (size_t i = 0; i < f.schema.leaf_n; i++)
			left -= f.groups[g].chunks[i].value_n + 1;
		if (left < 0)
			break;
	}
	pq_close(&f);
	return rc == 0 && left >= 0;
}

static void file(struct slice bytes)
{
	struct arena a = { 0 };
	struct error err;
	struct sp_field *fields;
	struct sp_batch *chunks;
	struct col_read in = { .file = bytes };
	struct buf out = { 0 }, stats = { 0 };
	size_t n, rows;
	int64_t written;
	if (small(bytes) && col_schema(&a, bytes, &fields, &in.field_n, &err) == 0) {
		struct col_write write = { .fields = fields, .field_n = in.field_n, .codec = PQ_NONE };
		in.fields = fields;
		if (col_read(&a, &in, &chunks, &n, &err) == 0) {
			rows = look_all(fields, in.field_n, chunks, n);
			if (in.field_n && col_write(&write, chunks, n, &out, &stats, &written, &err) == 0) {
				need((size_t)written == rows);
				in.file = buf_slice(&out);
				need(col_read(&a, &in, &chunks, &n, &err) == 0);
				need(look_all(fields, in.field_n, chunks, n) == rows);
			}
		}
	}
	buf_free(&out);
	buf_free(&stats);
	arena_free(&a);
}

static void vector(struct slice bytes)
{
	struct rd r = rd_of(bytes.p, bytes.n);
	struct delta_vector v = { .storage = 'u', .size = (int64_t)rd_u32be(&r), .rows = bytes.n > 40 ? (uint8_t)bytes.p[40] : 1 };
	struct arena a = { 0 };
	struct error err;
	uint64_t *rows;
	size_t n;
	if (delta_vector_rows(&a, &v, bytes, &rows, &n, &err) == 0) {
		need((int64_t)n == v.rows);
		for (size_t i = 1; i < n; i++)
			need(rows[i - 1] < rows[i]);
	}
	v = (struct delta_vector){ .storage = 'i', .where = bytes, .size = (int64_t)(bytes.n / 5 * 4), .rows = 3 };
	(void)(delta_vector_rows(&a, &v, sl(NULL), &rows, &n, &err) == 0);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n && *p == 'D')
		vector(sl_of(p + 1, n - 1));
	else
		file(sl_of(p, n));
	return 0;
}
