/* Deletes the data files that no kept version needs. */
#include "delta/op.h"

struct vacuum {
	struct delta_op o;
	struct delta_vacuum in;
	struct delta_snapshot *s;
	struct slice *kept, *gone; /* paths below the table; kept is sorted */
	size_t kept_n, gone_n, gone_cap, next;
	struct slice prefix;
	delta_vacuum_cb cb;
	void *arg;
};

static void release(void *arg)
{
	struct vacuum *op = arg;
	delta_snapshot_free(op->s);
	free(op->kept);
	free(op->gone);
}

static void end(struct vacuum *op, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, op->gone, err ? 0 : op->gone_n, err);
	delta_op_free(&op->o);
}

static int by_path(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static void keep(struct vacuum *op, struct slice path)
{
	struct slice bucket, key;
	struct error err;
	if (delta_place_of(&op->o.p, path, &bucket, &key, &err) == 0 && sl_eq(bucket, op->o.p.bucket))
		op->kept[op->kept_n++] = key;
}

/* Keys of the data files and of their deletion vectors, wherever in the bucket the log says they are. */
static void keep_files(struct vacuum *op)
{
	op->kept = xcalloc(2 * op->s->file_n + 1, sizeof(*op->kept));
	for (size_t i = 0; i < op->s->file_n; i++) {
		const struct delta_file *f = &op->s->files[i];
		struct slice path;
		struct error err;
		if (!f->live && f->deleted_ms <= op->in.now_ms - op->in.retention_ms)
			continue;
		keep(op, f->path);
		if (f->vector.storage && f->vector.storage != 'i' && delta_vector_path(&op->o.p.arena, &f->vector, &path, &err) == 0)
			keep(op, path);
	}
	qsort(op->kept, op->kept_n, sizeof(*op->kept), by_path);
}

/* Whether a folder or the file itself is none of a table's: _delta_log, _checkpoints, .tmp; not a partition's folder. */
static bool hidden(struct slice path)
{
	struct slice rest = path, part;
	while (rest.p) {
		(void)sl_cut(rest, '/', &part, &rest);
		if (part.n && (part.p[0] == '.' || (part.p[0] == '_' && sl_chr(part, '=') < 0)))
			return true;
	}
	return false;
}

static void on_deleted(void *arg, const struct error *err);

static void next_delete(struct vacuum *op)
{
	const struct delta_place *p = &op->o.p;
	if (op->in.dry_run || op->next == op->gone_n)
		end(op, NULL);
	else
		delta_step(&op->o, p->store->del(p->store->self, p->bucket, delta_key(&op->o.p, "%.*s", SL(op->gone[op->next])), on_deleted, op));
}

static void on_deleted(void *arg, const struct error *err)
{
	struct vacuum *op = arg;
	struct error bad;
	if (err) {
		delta_store_error(&bad, &op->o.p, delta_key(&op->o.p, "%.*s", SL(op->gone[op->next])), err);
		end(op, &bad);
		return;
	}
	op->next++;
	next_delete(op);
}

static bool look_at(void *arg, const struct object_entry *e)
{
	struct vacuum *op = arg;
	struct slice path;
	if (!sl_after(e->key, op->prefix, &path) || !path.n || hidden(path) || e->modified_ms >= op->in.now_ms - op->in.retention_ms ||
	    bsearch(&e->key, op->kept, op->kept_n, sizeof(e->key), by_path))
		return true;
	GROW(op->gone, op->gone_n, op->gone_cap);
	op->gone[op->gone_n++] = arena_dup(&op->o.p.arena, path);
	return true;
}

static void on_listed(void *arg, const struct error *err)
{
	struct vacuum *op = arg;
	struct error bad;
	if (err) {
		delta_store_error(&bad, &op->o.p, op->prefix, err);
		end(op, &bad);
		return;
	}
	next_delete(op);
}

static int check_retention(struct vacuum *op, struct error *err)
{
	int64_t least = DELTA_RETENTION_MS;
	(void)delta_interval(delta_property(op->s, "delta.deletedFileRetentionDuration"), &least);
	if (op->in.retention_ms < 0)
		op->in.retention_ms = least;
	if (op->in.retention_ms >= least || op->in.force)
		return 0;
	return delta_fail(err, DELTA_E_RETENTION,
			  "Are you sure you would like to vacuum files with such a low retention period? If you have\nwriters that are currently writing to "
			  "this table, there is a risk that you may corrupt the\nstate of your Delta table.\n\nIf you are certain that there are no operations "
			  "being performed on this table, such as\ninsert/upsert/delete/optimize, then you may turn off this check by "
			  "setting:\nspark.databricks.delta.retentionDurationCheck.enabled = false\n\nIf you are not sure, please use a value not less than "
			  "\"%lld hours\".", (long long)(least / 3600000));
}

static void on_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct vacuum *op = arg;
	struct error bad;
	op->s = s;
	if (!err && delta_change_check(s, false, true, &bad) != 0)
		err = &bad;
	if (!err && check_retention(op, &bad) != 0)
		err = &bad;
	if (err) {
		end(op, err);
		return;
	}
	keep_files(op);
	op->prefix = delta_key(&op->o.p, "%s", "");
	delta_step(&op->o, objects_each(op->o.p.store, op->o.p.bucket, op->prefix, sl(NULL), look_at, on_listed, op));
}

struct owed *delta_vacuum(const struct delta_table *t, const struct delta_vacuum *in, delta_vacuum_cb cb, void *arg)
{
	struct vacuum *op = delta_op_new(sizeof(*op), t, release);
	op->in = *in;
	op->cb = cb;
	op->arg = arg;
	delta_step(&op->o, delta_load(t, -1, on_loaded, op));
	return &op->o.owed;
}
