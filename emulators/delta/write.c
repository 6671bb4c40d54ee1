/* Append and overwrite. */
#include "delta/op.h"

struct write {
	struct delta_op o;
	struct delta_write in;
	struct delta_snapshot *base; /* version -1: the table is being created */
	struct delta_schema schema;  /* the table's after this write */
	bool new_meta;
	struct buf file, stats;
	int64_t file_size;
	struct slice name;
	int rc, restarts;
	struct error err;
	delta_commit_cb cb;
	void *arg;
	int64_t version;
};

static void start(struct write *op);

static void release(void *arg)
{
	struct write *op = arg;
	delta_snapshot_free(op->base);
	delta_rows_free(op->in.rows);
	buf_free(&op->file);
	buf_free(&op->stats);
}

static void end(struct write *op, int64_t version, bool skipped, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, version, skipped, err);
	delta_op_free(&op->o);
}

static void on_checkpointed(void *arg)
{
	struct write *op = arg;
	end(op, op->version, false, NULL);
}

static void on_committed(void *arg, int64_t version, bool skipped, const struct error *err)
{
	struct write *op = arg;
	if (err && err->def == &delta_errors[DELTA_E_PROTOCOL_CHANGED] && op->base->version < 0 && op->restarts++ < 5) {
		start(op); /* somebody else created it: append to theirs */
		return;
	}
	if (err || skipped || !delta_checkpoint_due(op->base, version)) {
		end(op, version, skipped, err);
		return;
	}
	op->version = version;
	delta_checkpoint_at(&op->o, version, op->in.now_ms, on_checkpointed);
}

/* ---- the entry ---- */

static void put_parameters(struct buf *b, const struct write *op)
{
	static const char *const modes[] = { "Append", "Overwrite", "ErrorIfExists", "Ignore" };
	if (op->in.streaming) {
		buf_adds(b, "{\"outputMode\":\"Append\",\"queryId\":");
		buf_json_string(b, op->in.app);
		buf_addf(b, ",\"epochId\":\"%lld\"}", (long long)op->in.app_version);
		return;
	}
	buf_addf(b, "{\"mode\":\"%s\",\"partitionBy\":\"[]\"}", modes[op->in.mode]);
}

static void put_new_meta(struct buf *b, const struct write *op)
{
	struct delta_meta meta = op->base->meta;
	struct buf schema = { 0 }, seed = { 0 };
	char id[37];
	delta_schema_text(&schema, &op->schema);
	meta.schema_text = buf_slice(&schema);
	if (op->base->version < 0) {
		struct delta_protocol protocol = { .reader = 1, .writer = 2 };
		delta_put_protocol(b, &protocol);
		buf_addf(&seed, "table|%.*s|%.*s|%lld|%.*s", SL(op->o.p.bucket), SL(op->o.p.path), (long long)op->in.now_ms, SL(op->in.seed));
		delta_uuid(buf_slice(&seed), id);
		meta = (struct delta_meta){ .id = sl(id), .schema_text = meta.schema_text, .created_ms = op->in.now_ms };
	}
	delta_put_meta(b, &meta);
	buf_free(&schema);
	buf_free(&seed);
}

static void put_entry(struct buf *b, const struct write *op)
{
	struct delta_info info = { .now_ms = op->in.now_ms, .read_version = op->base->version, .blind = op->in.mode != DELTA_OVERWRITE,
				   .operation = op->in.streaming ? "STREAMING UPDATE" : "WRITE" };
	struct slice first = op->name.p ? op->name : op->in.file_n ? op->in.files[0].path : op->in.seed;
	int64_t bytes = op->file_size;
	struct buf parameters = { 0 }, metrics = { 0 };
	put_parameters(&parameters, op);
	for (size_t i = 0; i < op->in.file_n; i++)
		bytes += op->in.files[i].size;
	buf_addf(&metrics, "{\"numFiles\":\"%zu\",\"numOutputRows\":\"%lld\",\"numOutputBytes\":\"%lld\"}", op->in.file_n + (op->name.p != NULL),
		 (long long)(op->in.rows->row_n + op->in.file_rows), (long long)bytes);
	info.parameters = buf_slice(&parameters);
	info.metrics = buf_slice(&metrics);
	delta_put_info(b, &info, &op->o.p, first);
	if (op->new_meta)
		put_new_meta(b, op);
	if (op->in.app.p) {
		struct delta_txn txn = { op->in.app, op->in.app_version, op->in.now_ms };
		delta_put_txn(b, &txn);
	}
	for (size_t i = 0; op->in.mode == DELTA_OVERWRITE && i < op->base->file_n; i++) {
		struct delta_file gone = op->base->files[i];
		gone.deleted_ms = op->in.now_ms;
		gone.data_change = true;
		if (gone.live)
			delta_put_remove(b, &gone);
	}
	if (op->name.p) {
		struct delta_file file = { .path = op->name, .size = op->file_size, .modified_ms = op->in.now_ms, .data_change = true,
					   .stats = buf_slice(&op->stats) };
		delta_put_add(b, &file);
	}
	for (size_t i = 0; i < op->in.file_n; i++)
		delta_put_add(b, &op->in.files[i]);
	buf_free(&parameters);
	buf_free(&metrics);
}

static void commit(struct write *op)
{
	struct delta_commit c = { .base = op->base, .app = op->in.app, .app_version = op->in.app_version,
				  .reads_all = op->in.mode == DELTA_OVERWRITE };
	struct buf text = { 0 };
	struct slice *reads = xcalloc(op->base->file_n + 1, sizeof(*reads));
	put_entry(&text, op);
	c.text = buf_slice(&text);
	/* Who put the files together meanwhile has removed what this one would remove: theirs would stay. */
	for (size_t i = 0; c.reads_all && i < op->base->file_n; i++)
		if (op->base->files[i].live)
			reads[c.read_n++] = op->base->files[i].path;
	c.reads = reads;
	delta_step(&op->o, delta_commit(&op->o.p.table, &c, on_committed, op));
	buf_free(&text);
	free(reads);
}

static void on_file_put(void *arg, struct slice name, const struct error *err)
{
	struct write *op = arg;
	if (err) {
		end(op, -1, false, err);
		return;
	}
	op->name = name;
	commit(op);
}

static void encode(void *arg)
{
	struct write *op = arg;
	op->rc = delta_encode(op->in.rows, &op->schema, op->in.codec, &op->file, &op->stats, &op->err);
}

static void on_encoded(void *arg)
{
	struct write *op = arg;
	struct buf seed = { 0 };
	if (op->rc) {
		end(op, -1, false, &op->err);
		return;
	}
	op->file_size = (int64_t)op->file.n;
	buf_addf(&seed, "%lld|%lld|%.*s|%lld|%.*s", (long long)op->in.now_ms, (long long)op->base->version, SL(op->in.app),
		 (long long)op->in.app_version, SL(op->in.seed));
	delta_step(&op->o, delta_put_file(&op->o.p, &op->file, buf_slice(&seed), op->in.codec, on_file_put, op));
	buf_free(&seed);
}

/* ---- does it fit ---- */

/* A schema that is as it was needs no metaData, which would be a conflict for other writers. */
static bool schema_stays(const struct write *op)
{
	struct buf text = { 0 };
	bool same;
	delta_schema_text(&text, &op->schema);
	same = sl_eq(buf_slice(&text), op->base->meta.schema_text);
	buf_free(&text);
	return same;
}

static int prepare(struct write *op, struct error *err)
{
	struct delta_snapshot *s = op->base;
	bool creating = s->version < 0, overwrite = op->in.mode == DELTA_OVERWRITE;
	int rc = creating ? 0 : delta_may_write(s, overwrite, err);
	if (rc)
		return rc;
	if (!creating && op->in.mode == DELTA_ERROR_IF_EXISTS)
		return delta_fail(err, DELTA_E_EXISTS, "Table s3://%.*s/%.*s already exists.", SL(op->o.p.bucket), SL(op->o.p.path));
	if (creating || (overwrite && op->in.overwrite_schema)) {
		op->schema = op->in.rows->schema;
		op->new_meta = creating || !schema_stays(op);
		return delta_schema_names(&op->schema, err);
	}
	rc = delta_schema_check(&op->o.p.arena, &s->schema, &op->in.rows->schema, op->in.merge_schema, s->meta.id, &op->schema, err);
	op->new_meta = rc == 0 && op->schema.n != s->schema.n;
	return rc;
}

static void on_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct write *op = arg;
	struct error bad;
	if (err && err->def != &delta_errors[DELTA_E_NO_TABLE]) {
		end(op, -1, false, err);
		return;
	}
	op->base = s ? s : delta_snapshot_new();
	if (op->in.app.p && delta_snapshot_txn(op->base, op->in.app) >= op->in.app_version) {
		end(op, op->base->version, true, NULL);
		return;
	}
	if (op->base->version >= 0 && op->in.mode == DELTA_IGNORE) {
		end(op, op->base->version, true, NULL);
		return;
	}
	if (prepare(op, &bad) != 0) {
		end(op, -1, false, &bad);
		return;
	}
	if (op->in.rows->row_n)
		delta_job(&op->o, encode, on_encoded);
	else
		commit(op);
}

static void start(struct write *op)
{
	delta_snapshot_free(op->base);
	op->base = NULL;
	op->name = sl(NULL);
	op->file_size = 0;
	op->new_meta = false;
	buf_reset(&op->stats);
	delta_step(&op->o, delta_load(&op->o.p.table, -1, on_loaded, op));
}

static void copy_files(struct write *op, const struct delta_write *in)
{
	struct delta_file *files = arena_alloc(&op->o.p.arena, (in->file_n + 1) * sizeof(*files));
	for (size_t i = 0; i < in->file_n; i++) {
		files[i] = in->files[i];
		files[i].path = arena_dup(&op->o.p.arena, files[i].path);
		files[i].stats = arena_dup(&op->o.p.arena, files[i].stats);
		files[i].partition = arena_dup(&op->o.p.arena, files[i].partition);
	}
	op->in.files = files;
}

struct owed *delta_write(const struct delta_table *t, const struct delta_write *in, delta_commit_cb cb, void *arg)
{
	struct write *op = delta_op_new(sizeof(*op), t, release);
	op->in = *in;
	op->in.app = in->app.p ? arena_dup(&op->o.p.arena, in->app) : sl(NULL);
	op->in.seed = arena_dup(&op->o.p.arena, in->seed.p ? in->seed : S(""));
	copy_files(op, in);
	op->cb = cb;
	op->arg = arg;
	start(op);
	return &op->o.owed;
}
