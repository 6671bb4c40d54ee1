/* Columns of a snapshot, a file at a time. */
#include <jansson.h>

#include "delta/op.h"

struct reading {
	struct delta_op o;
	struct delta_snapshot *s;
	struct delta_read in;
	bool *wanted;
	size_t next;
	const struct delta_file *file;
	struct slice bucket, key;
	struct buf vector, body; /* of the file being read */
	bool tests_name;         /* the vector is looked for under the other name */
	struct sp_table *part;
	int rc;
	struct error err;
	delta_part_fn fn;
	delta_done_cb done;
	void *arg;
};

static void release(void *arg)
{
	struct reading *op = arg;
	sp_table_free(op->part);
	buf_free(&op->vector);
	buf_free(&op->body);
	free(op->wanted);
	delta_snapshot_free(op->s);
}

static void end(struct reading *op, const struct error *err)
{
	owed_end(&op->o.owed);
	op->done(op->arg, err);
	delta_op_free(&op->o);
}

/* ---- places ---- */

/* Where a path of the log leads: beside the table, or anywhere by a URI. */
int delta_place_of(struct delta_place *p, struct slice path, struct slice *bucket, struct slice *key, struct error *err)
{
	static const char *const schemes[] = { "s3://", "s3a://", "s3n://" };
	struct slice rest;
	*bucket = p->bucket;
	path = arena_url_decode(&p->arena, path, false);
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (sl_after(path, sl(schemes[i]), &rest)) {
			if (!sl_cut(rest, '/', bucket, key))
				return delta_fail(err, DELTA_E_LOG, "a path of the log: %.*s", SL(path));
			return 0;
		}
	if (path.n && path.p[0] == '/') { /* of the table's file system */
		*key = sl_from(path, 1);
		return 0;
	}
	if (sl_find(path, S(":/")) >= 0 && sl_find(path, S(":/")) < 12)
		return err_set(err, ERR_UNSUPPORTED, "the table's log names a file of another store: %.*s", SL(path));
	*key = delta_key(p, "%.*s", SL(path));
	return 0;
}

/* ---- decoding ---- */

/* A value for each partition column. */
static int constants(struct reading *op, struct arena *a, const struct sp_value **out)
{
	const struct delta_snapshot *s = op->s;
	struct slice json = op->file->partition;
	json_t *j = json.n ? json_loadb(json.p, json.n, JSON_ALLOW_NUL, NULL) : NULL;
	int rc = 0;
	for (size_t i = 0; i < s->meta.partition_n && rc == 0; i++)
		for (size_t k = 0; k < s->field_n && rc == 0; k++) {
			const struct sp_field *f = &s->fields[k];
			struct slice name = col_physical(a, f, s->match);
			struct sp_value *v;
			json_t *text;
			if (!sl_eq_nocase(f->name, s->meta.partition[i]))
				continue;
			text = json_object_get(j, arena_cstr(a, name));
			v = arena_alloc(a, sizeof(*v));
			rc = delta_partition_parse(a, f, json_is_string(text) ? sl_of(json_string_value(text), json_string_length(text)) : sl(NULL), v,
						   &op->err);
			out[k] = v;
		}
	json_decref(j);
	return rc;
}

static void decode(void *arg)
{
	struct reading *op = arg;
	const struct sp_value **constant = xcalloc(op->s->field_n + 1, sizeof(*constant));
	struct col_read in = { .file = buf_slice(&op->body), .fields = op->s->fields, .field_n = op->s->field_n, .wanted = op->wanted,
			       .match = op->s->match, .constant = constant };
	struct arena scratch = { 0 };
	struct sp_batch *chunks;
	uint64_t *gone = NULL;
	size_t n = 0;
	op->part = sp_table_new();
	op->part->fields = op->s->fields;
	op->part->field_n = op->s->field_n;
	op->rc = constants(op, &op->part->arena, constant);
	if (op->rc == 0 && op->file->vector.storage)
		op->rc = delta_vector_rows(&scratch, &op->file->vector, buf_slice(&op->vector), &gone, &in.gone_n, &op->err);
	in.gone = gone;
	if (op->rc == 0)
		op->rc = col_read(&op->part->arena, &in, &chunks, &n, &op->err);
	for (size_t i = 0; i < n && op->rc == 0; i++) {
		GROW(op->part->chunks, op->part->chunk_n, op->part->chunk_cap);
		op->part->chunks[op->part->chunk_n++] = chunks[i];
		op->part->row_n += (int64_t)chunks[i].n;
	}
	free(constant);
	arena_free(&scratch);
}

/* ---- steps ---- */

static void next_file(struct reading *op);

static void on_decoded(void *arg)
{
	struct reading *op = arg;
	struct sp_table *part = op->part;
	struct error bad;
	if (op->rc) {
		delta_store_error(&bad, &op->o.p, op->key, &op->err);
		end(op, &bad);
		return;
	}
	buf_free(&op->body);
	buf_free(&op->vector);
	op->part = NULL;
	if (op->fn(op->arg, op->file, part))
		next_file(op);
	else
		end(op, NULL);
}

static void fail_get(struct reading *op, const struct error *err)
{
	struct error bad;
	if (err->kind == ERR_NOT_FOUND)
		(void)delta_fail(&bad, DELTA_E_FILE_GONE,
				 "File s3://%.*s/%.*s referenced in the transaction log cannot be found. This occurs when data has been manually "
				 "deleted from the file system rather than using the table `DELETE` statement.", SL(op->bucket), SL(op->key));
	else
		delta_store_error(&bad, &op->o.p, op->key, err);
	end(op, &bad);
}

static void get(struct reading *op, get_cb cb)
{
	delta_step(&op->o, op->o.p.store->get(op->o.p.store->self, op->bucket, op->key, cb, op));
}

static void on_data(void *arg, struct slice body, const struct error *err)
{
	struct reading *op = arg;
	if (err) {
		fail_get(op, err);
		return;
	}
	buf_init(&op->body, SIZE_MAX / 2);
	buf_addsl(&op->body, body);
	delta_job(&op->o, decode, on_decoded);
}

static void no_work(void *arg)
{
}

/* Through the loop, so that no answer comes before the call returns. */
static void end_later(void *arg)
{
	struct reading *op = arg;
	end(op, op->rc ? &op->err : NULL);
}

static void get_data(struct reading *op)
{
	op->rc = delta_place_of(&op->o.p, op->file->path, &op->bucket, &op->key, &op->err);
	if (op->rc)
		delta_job(&op->o, no_work, end_later);
	else
		get(op, on_data);
}

static void on_vector(void *arg, struct slice body, const struct error *err)
{
	struct reading *op = arg;
	if (err && err->kind == ERR_NOT_FOUND && op->file->vector.storage == 'u' && !op->tests_name) {
		/* Under Spark's own tests, the names of these files begin so. */
		ssize_t slash = -1;
		for (size_t i = 0; i < op->key.n; i++)
			slash = op->key.p[i] == '/' ? (ssize_t)i : slash;
		op->key = arena_printf(&op->o.p.arena, "%.*stest%%dv%%prefix-%.*s", (int)(slash + 1), op->key.p, SL(sl_from(op->key, (size_t)(slash + 1))));
		op->tests_name = true;
		get(op, on_vector);
		return;
	}
	op->tests_name = false;
	if (err) {
		fail_get(op, err);
		return;
	}
	buf_addsl(&op->vector, body);
	get_data(op);
}

static bool is_wanted(const struct reading *op, const struct delta_file *f)
{
	if (op->in.only)
		return f == op->in.only;
	return f->live && (!op->in.file || op->in.file(op->arg, f));
}

static void next_file(struct reading *op)
{
	struct slice path;
	while (op->next < op->s->file_n && !is_wanted(op, &op->s->files[op->next]))
		op->next++;
	if (op->next >= op->s->file_n) {
		delta_job(&op->o, no_work, end_later);
		return;
	}
	op->file = &op->s->files[op->next++];
	if (!op->file->vector.storage || op->file->vector.storage == 'i') {
		get_data(op);
		return;
	}
	op->rc = delta_vector_path(&op->o.p.arena, &op->file->vector, &path, &op->err);
	if (op->rc == 0)
		op->rc = delta_place_of(&op->o.p, path, &op->bucket, &op->key, &op->err);
	if (op->rc)
		delta_job(&op->o, no_work, end_later);
	else
		get(op, on_vector);
}

struct owed *delta_read(const struct delta_table *t, const struct delta_snapshot *s, const struct delta_read *in, delta_part_fn fn,
			delta_done_cb done, void *arg)
{
	struct reading *op = delta_op_new(sizeof(*op), t, release);
	op->s = delta_snapshot_ref(s);
	op->in = *in;
	op->fn = fn;
	op->done = done;
	op->arg = arg;
	if (in->wanted) {
		op->wanted = xcalloc(s->field_n + 1, sizeof(*op->wanted));
		memcpy(op->wanted, in->wanted, s->field_n * sizeof(*op->wanted));
	}
	next_file(op);
	return &op->o.owed;
}

/* ---- all of it ---- */

struct whole {
	struct delta_op o;
	struct sp_table *rows;
	delta_table_cb cb;
	void *arg;
};

static void whole_release(void *arg)
{
	sp_table_free(((struct whole *)arg)->rows);
}

static bool on_part(void *arg, const struct delta_file *file, struct sp_table *part)
{
	struct sp_table *to = ((struct whole *)arg)->rows;
	for (size_t i = 0; i < part->chunk_n; i++) {
		GROW(to->chunks, to->chunk_n, to->chunk_cap);
		for (size_t k = 0; k < to->field_n; k++)
			if (part->chunks[i].columns[k].type)
				part->chunks[i].columns[k].type = to->fields[k].type;
		to->chunks[to->chunk_n++] = part->chunks[i];
	}
	to->row_n += part->row_n;
	arena_take(&to->arena, &part->arena);
	sp_table_free(part);
	return true;
}

static void on_whole(void *arg, const struct error *err)
{
	struct whole *op = arg;
	struct sp_table *rows = err ? NULL : op->rows;
	if (!err)
		op->rows = NULL;
	owed_end(&op->o.owed);
	op->cb(op->arg, rows, err);
	delta_op_free(&op->o);
}

struct owed *delta_read_all(const struct delta_table *t, const struct delta_snapshot *s, const bool *wanted, delta_table_cb cb, void *arg)
{
	struct whole *op = delta_op_new(sizeof(*op), t, whole_release);
	struct delta_read in = { .wanted = wanted };
	struct sp_type relation = { .kind = SP_STRUCT, .fields = s->fields, .field_n = s->field_n };
	op->rows = sp_table_new();
	op->rows->fields = sp_type_dup(&op->rows->arena, &relation)->fields;
	op->rows->field_n = s->field_n;
	op->cb = cb;
	op->arg = arg;
	delta_step(&op->o, delta_read(t, s, &in, on_part, on_whole, op));
	return &op->o.owed;
}
