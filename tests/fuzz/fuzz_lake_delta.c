/* First byte P: a checkpoint; D: a data file read into the table of a schema; else a commit of the log, replayed twice (the
 * second must change nothing), made into a checkpoint and read back. */
#include <stdlib.h>

#include "delta/delta.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void need(bool what)
{
	if (!what)
		abort();
}

/* A checkpoint of what was replayed holds the same. */
static void check_back(const struct delta_snapshot *s)
{
	struct delta_snapshot *back = delta_snapshot_new();
	struct buf file = { 0 };
	struct error err;
	int64_t rows;
	if (delta_checkpoint_make(s, INT64_MIN, &file, &rows, &err) == 0) {
		need(delta_checkpoint_read(back, s->version, buf_slice(&file), &err) == 0);
		need(back->live_n == s->live_n && back->file_n == s->file_n && back->txn_n == s->txn_n);
		for (size_t i = 0; i < s->file_n; i++) {
			const struct delta_file *f = delta_snapshot_file(back, s->files[i].path);
			need(f && f->live == s->files[i].live && f->size == s->files[i].size);
		}
	}
	buf_free(&file);
	delta_snapshot_free(back);
}

static void commit(struct slice text)
{
	struct delta_snapshot *s = delta_snapshot_new();
	struct error err;
	if (delta_replay(s, 0, text, &err) == 0) {
		size_t live = s->live_n, files = s->file_n;
		need(delta_replay(s, 1, text, &err) == 0);
		need(s->live_n == live && s->file_n == files);
		if (delta_snapshot_ready(s, &err) == 0) {
			struct buf b = { 0 };
			delta_schema_tree(&b, &s->schema);
			buf_free(&b);
			(void)(delta_schema_names(&s->schema, &err) == 0);
		}
		check_back(s);
	}
	delta_snapshot_free(s);
}

static void checkpoint(struct slice bytes)
{
	struct delta_snapshot *s = delta_snapshot_new();
	struct error err;
	if (delta_checkpoint_read(s, 0, bytes, &err) == 0)
		(void)(delta_snapshot_ready(s, &err) == 0);
	delta_snapshot_free(s);
}

static void data(struct slice bytes)
{
	struct delta_field fields[] = {
		{ .name = S("ind"), .type = DELTA_INTEGER },	   { .name = S("country"), .type = DELTA_STRING },
		{ .name = S("coordinates"), .type = DELTA_DOUBLE, .array = true }, { .name = S("timestamp"), .type = DELTA_TIMESTAMP },
	};
	struct delta_schema schema = { fields, ARRAY_LEN(fields) };
	struct delta_rows *rows = delta_rows_new(&schema);
	struct delta_cell cells[ARRAY_LEN(fields)];
	struct delta_reader d;
	struct error err;
	struct buf b;
	buf_init(&b, 1 << 20);
	if (delta_decode(bytes, sl(NULL), rows, &err) == 0 && rows->row_n < 10000) {
		int64_t n = 0;
		delta_reader_init(&d, rows);
		for (; delta_reader_next(&d, cells); n++)
			delta_row_json(&b, rows, cells);
		need(n == rows->row_n);
		delta_reader_free(&d);
	}
	buf_free(&b);
	delta_rows_free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice rest;
	if (!n)
		return 0;
	rest = sl_of(p + 1, n - 1);
	if (*p == 'P')
		checkpoint(rest);
	else if (*p == 'D')
		data(rest);
	else
		commit(sl_of(p, n));
	return 0;
}
