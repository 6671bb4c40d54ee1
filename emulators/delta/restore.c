/* Makes a version of before the latest one: RESTORE. */
#include "core/json.h"
#include "delta/op.h"

struct restore {
	struct delta_op o;
	struct delta_table table;
	struct delta_restore in;
	struct delta_snapshot *now, *then;
	struct slice *removes;
	struct delta_file *adds;
	size_t remove_n, add_n, seen_n;
	struct slice *keys;     /* of the files that come back, sorted */
	bool *seen;             /* which of them are there */
	struct slice prefix;
	struct delta_restored out;
	struct delta_change change;
	struct buf parameters, metrics;
	delta_restore_cb cb;
	void *arg;
};

static void release(void *arg)
{
	struct restore *op = arg;
	delta_snapshot_free(op->now);
	delta_snapshot_free(op->then);
	free(op->removes);
	free(op->adds);
	free(op->keys);
	free(op->seen);
	buf_free(&op->parameters);
	buf_free(&op->metrics);
}

static void end(struct restore *op, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, &op->out, err);
	delta_op_free(&op->o);
}

static bool same_rows(const struct delta_file *a, const struct delta_file *b)
{
	return a->vector.storage == b->vector.storage && sl_eq(a->vector.where, b->vector.where) && a->vector.offset == b->vector.offset;
}

/* The live file of that path and those deleted rows, or NULL. */
static const struct delta_file *same_of(const struct delta_snapshot *s, const struct delta_file *f)
{
	const struct delta_file *g = delta_snapshot_file(s, f->path);
	return g && g->live && same_rows(f, g) ? g : NULL;
}

/* What goes and what comes back. */
static void compare(struct restore *op)
{
	op->removes = xcalloc(op->now->file_n + 1, sizeof(*op->removes));
	op->adds = xcalloc(op->then->file_n + 1, sizeof(*op->adds));
	for (size_t i = 0; i < op->now->file_n; i++) {
		const struct delta_file *f = &op->now->files[i];
		if (!f->live || same_of(op->then, f))
			continue;
		op->removes[op->remove_n++] = f->path;
		op->out.removed_bytes += f->size;
	}
	for (size_t i = 0; i < op->then->file_n; i++) {
		const struct delta_file *f = &op->then->files[i];
		if (!f->live)
			continue;
		op->out.left_n++;
		op->out.left_bytes += f->size;
		if (same_of(op->now, f))
			continue;
		op->adds[op->add_n++] = *f;
		op->out.restored_bytes += f->size;
	}
	op->out.removed_n = (int64_t)op->remove_n;
	op->out.restored_n = (int64_t)op->add_n;
}

static int by_key(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static void on_changed(void *arg, int64_t version, bool skipped, const struct error *err)
{
	end(arg, err);
}

static void commit(struct restore *op)
{
	const struct delta_restored *r = &op->out;
	jw_obj(&op->parameters, NULL);
	if (op->in.timestamp.p)
		jw_null(&op->parameters, "version");
	else
		jw_int(&op->parameters, "version", op->then->version);
	jw_str(&op->parameters, "timestamp", op->in.timestamp);
	jw_obj_end(&op->parameters);
	buf_addf(&op->metrics, "{\"numRestoredFiles\":\"%lld\",\"removedFilesSize\":\"%lld\",\"numRemovedFiles\":\"%lld\",\"restoredFilesSize\":\"%lld\","
		 "\"numOfFilesAfterRestore\":\"%lld\",\"tableSizeAfterRestore\":\"%lld\"}", (long long)r->restored_n, (long long)r->removed_bytes,
		 (long long)r->removed_n, (long long)r->restored_bytes, (long long)r->left_n, (long long)r->left_bytes);
	op->change = (struct delta_change){ .base = op->now, .meta = &op->then->meta, .removes = op->removes, .remove_n = op->remove_n, .adds = op->adds,
					    .add_n = op->add_n, .reads_all = true, .constraints_checked = true, .operation = "RESTORE",
					    .parameters = buf_slice(&op->parameters), .metrics = buf_slice(&op->metrics), .now_ms = op->in.now_ms };
	delta_step(&op->o, delta_change(&op->table, &op->change, on_changed, op));
}

static bool look_at(void *arg, const struct object_entry *e)
{
	struct restore *op = arg;
	struct slice *at = bsearch(&e->key, op->keys, op->add_n, sizeof(e->key), by_key);
	if (at)
		op->seen[at - op->keys] = true;
	return true;
}

static void on_listed(void *arg, const struct error *err)
{
	struct restore *op = arg;
	struct error bad;
	if (err) {
		delta_store_error(&bad, &op->o.p, op->prefix, err);
		end(op, &bad);
		return;
	}
	for (size_t i = 0; i < op->add_n; i++) {
		if (op->seen[i] || (i && sl_eq(op->keys[i], op->keys[i - 1]) && op->seen[i - 1]))
			continue;
		(void)delta_fail(&bad, DELTA_E_FILE_GONE, "Not all files from version %lld are available in file system. Missed files: %.*s. Please use more recent "
				 "version or timestamp for restoring.", (long long)op->then->version, SL(op->keys[i]));
		end(op, &bad);
		return;
	}
	commit(op);
}

static void on_then(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct restore *op = arg;
	struct slice bucket;
	struct error bad;
	size_t i;
	op->then = s;
	if (err && err->def == &delta_errors[DELTA_E_NO_VERSION]) {
		struct slice text = sl(err->text);
		ssize_t at = sl_find(text, S("to version "));
		(void)delta_fail(&bad, DELTA_E_RESTORE_VERSION, "Cannot restore table %.*s", SL(at < 0 ? text : sl_from(text, (size_t)at)));
		err = &bad;
	}
	if (err) {
		end(op, err);
		return;
	}
	compare(op);
	op->keys = xcalloc(op->add_n + 1, sizeof(*op->keys));
	op->seen = xcalloc(op->add_n + 1, sizeof(*op->seen));
	for (i = 0; i < op->add_n; i++)
		if (delta_place_of(&op->o.p, op->adds[i].path, &bucket, &op->keys[i], &bad) || !sl_eq(bucket, op->o.p.bucket)) {
			(void)delta_fail(&bad, DELTA_E_FILE_GONE, "The file %.*s isn't in the table's bucket.", SL(op->adds[i].path));
			end(op, &bad);
			return;
		}
	if (!op->add_n) {
		commit(op);
		return;
	}
	qsort(op->keys, op->add_n, sizeof(*op->keys), by_key);
	op->prefix = delta_key(&op->o.p, "%s", "");
	delta_step(&op->o, objects_each(op->o.p.store, op->o.p.bucket, op->prefix, sl(NULL), look_at, on_listed, op));
}

static void on_now(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct restore *op = arg;
	op->now = s;
	if (err)
		end(op, err);
	else if (op->in.version >= 0)
		delta_step(&op->o, delta_load(&op->table, op->in.version, on_then, op));
	else
		delta_step(&op->o, delta_load_at(&op->table, op->in.at_ms, on_then, op));
}

struct owed *delta_restore(const struct delta_table *t, const struct delta_restore *in, delta_restore_cb cb, void *arg)
{
	struct restore *op = delta_op_new(sizeof(*op), t, release);
	op->table = op->o.p.table;
	op->in = *in;
	op->in.timestamp = in->timestamp.p ? arena_dup(&op->o.p.arena, in->timestamp) : sl(NULL);
	op->cb = cb;
	op->arg = arg;
	delta_step(&op->o, delta_load(&op->table, -1, on_now, op));
	return &op->o.owed;
}
