/* A Delta table as a source: its files when the query began, then those that versions add, in order of the log. */
#include "streaming/sources.h"

static const struct object_store *store(const struct sq *q)
{
	return &q->m->env->ports->objects;
}

static void add_path(struct sq_reading *r, struct slice path)
{
	GROW(r->paths, r->path_n, r->path_cap);
	r->paths[r->path_n++] = arena_dup(&r->arena, path);
}

static void table_at(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	r->at = (struct delta_table){ q->m->env->loop, store(q), sl(q->o.bucket), sl(q->o.path) };
}

static void finish(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	r->path_n = r->path_at = 0;
	delta_snapshot_free(r->s);
	r->s = NULL;
	arena_reset(&r->arena);
	r->after(q);
}

static void next_file(struct sq *q);

static bool on_part(void *arg, const struct delta_file *file, struct sp_table *part)
{
	struct sq *q = arg;
	for (size_t c = 0; c < part->chunk_n; c++)
		sp_table_add(q->rows, &part->chunks[c]);
	sp_table_free(part);
	return true;
}

static void on_file_read(void *arg, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	if (err)
		sq_end(q, err);
	else
		next_file(q);
}

static void next_file(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	const struct delta_file *f;
	if (r->path_at == r->path_n) {
		finish(q);
		return;
	}
	f = delta_snapshot_file(r->s, r->paths[r->path_at++]);
	if (!f) {
		sq_fail(q, "DeltaSource[s3://%s/%s]: a file of a version that was to be read is gone from the log", q->o.bucket, q->o.path);
		return;
	}
	r->ask = (struct delta_read){ .only = f };
	sq_owe(q, delta_read(&r->at, r->s, &r->ask, on_part, on_file_read, q));
}

/* The rows' columns must last as long as they do. */
static void begin_files(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	struct sp_field *fields;
	sq_new_rows(q, NULL, 0);
	fields = arena_alloc(&q->rows->arena, (r->s->field_n + 1) * sizeof(*fields));
	for (size_t i = 0; i < r->s->field_n; i++)
		fields[i] = (struct sp_field){ .name = arena_dup(&q->rows->arena, r->s->fields[i].name),
					       .type = sp_type_dup(&q->rows->arena, r->s->fields[i].type), .nullable = r->s->fields[i].nullable };
	q->rows->fields = fields;
	q->rows->field_n = r->s->field_n;
	next_file(q);
}

static void on_latest(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct sq *q = arg;
	sq_reading(q)->s = s;
	if (!sq_back(q))
		return;
	if (err)
		sq_end(q, err);
	else
		begin_files(q);
}

/* The paths are known: their files are read by the schema of the newest version. */
static void load_files(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	if (r->path_n)
		sq_owe(q, delta_load(&r->at, -1, on_latest, q));
	else
		finish(q);
}

static void next_version(struct sq *q);

struct version_scan {
	struct sq *q;
	bool adds, removes, changes_data;
};

static int on_action(void *arg, const struct delta_action *a, struct error *err)
{
	struct version_scan *v = arg;
	if (a->kind == DELTA_A_ADD && a->file.data_change) {
		v->adds = true;
		add_path(sq_reading(v->q), a->file.path);
	} else if (a->kind == DELTA_A_REMOVE && a->file.data_change) {
		v->removes = true;
	}
	return 0;
}

/* Rows that went or changed are no new rows. */
static bool may_read(struct sq *q, const struct version_scan *v, int64_t version, size_t paths_before)
{
	struct sq_reading *r = sq_reading(q);
	if (!v->removes || q->o.ignore_changes || (q->o.ignore_deletes && !v->adds))
		return true;
	if (q->o.skip_changes) {
		r->path_n = paths_before;
		return true;
	}
	if (v->adds)
		sq_fail(q,
			"[DELTA_SOURCE_TABLE_IGNORE_CHANGES] Detected a data update (for example WRITE) in the source table at version %lld. This is currently not "
			"supported. If this is going to happen regularly and you are okay to skip changes, set the option 'skipChangeCommits' to 'true'. If you "
			"would like the data update to be reflected, please restart this query with a fresh checkpoint directory or do a full refresh if you are "
			"using DLT. If you need to handle these changes, please switch to MVs. The source table can be found at path s3://%s/%s.",
			(long long)version, q->o.bucket, q->o.path);
	else
		sq_fail(q,
			"[DELTA_SOURCE_IGNORE_DELETE] Detected deleted data (for example DELETE) from streaming source at version %lld. This is currently not "
			"supported. If you'd like to ignore deletes, set the option 'ignoreDeletes' to 'true'. The source table can be found at path s3://%s/%s.",
			(long long)version, q->o.bucket, q->o.path);
	return false;
}

static void on_version(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct sq_reading *r = sq_reading(q);
	struct version_scan v = { .q = q };
	struct arena a = { 0 };
	struct error bad;
	size_t before = r->path_n;
	int rc;
	if (!sq_back(q))
		return;
	if (err && err->kind == ERR_NOT_FOUND && !r->again) {
		q->any_new = q->end.mark.at > q->start.mark.at || q->end.mark.initial != q->start.mark.initial;
		load_files(q);
		return;
	}
	if (err) {
		sq_end(q, err);
		return;
	}
	rc = delta_parse(&a, body, on_action, &v, &bad);
	arena_free(&a);
	if (rc) {
		sq_end(q, &bad);
		return;
	}
	if (!may_read(q, &v, r->entry, before))
		return;
	r->entry++;
	if (!r->again)
		q->end.mark = (struct sq_mark){ .at = r->entry, .index = -1 };
	if (!r->again && q->o.files_max && (int64_t)r->path_n >= q->o.files_max) {
		q->any_new = q->full = true;
		load_files(q);
		return;
	}
	next_version(q);
}

static void next_version(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	if (r->again && r->entry >= q->end.mark.at) {
		load_files(q);
		return;
	}
	r->log_key = arena_printf(&r->arena, "%s%s_delta_log/%020lld.json", q->o.path, q->o.path[0] ? "/" : "", (long long)r->entry);
	sq_owe(q, store(q)->get(store(q)->self, sl(q->o.bucket), r->log_key, on_version, q));
}

/* The snapshot's live files behind index, as many as a batch may have. */
static void take_snapshot(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	const struct sq_mark *from = &q->start.mark;
	int64_t at = -1, last = from->index, most = q->o.files_max;
	int64_t stop = r->again && q->end.mark.initial ? q->end.mark.index : INT64_MAX;
	for (size_t i = 0; i < r->s->file_n && at < stop; i++) {
		if (!r->s->files[i].live || ++at <= from->index)
			continue;
		if (!r->again && most && (int64_t)r->path_n >= most) {
			q->full = true;
			break;
		}
		add_path(r, r->s->files[i].path);
		last = at;
	}
	if (!r->again)
		q->end.mark = q->full ? (struct sq_mark){ .at = from->at, .index = last, .initial = true } : (struct sq_mark){ .at = from->at + 1, .index = -1 };
	q->any_new = true;
	if (r->path_n)
		begin_files(q);
	else
		finish(q);
}

static void on_first_version(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct sq *q = arg;
	sq_reading(q)->s = s;
	if (!sq_back(q))
		return;
	if (err)
		sq_end(q, err);
	else
		take_snapshot(q);
}

void sq_delta_read(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	table_at(q);
	if (q->start.mark.initial) {
		sq_owe(q, delta_load(&r->at, q->start.mark.at, on_first_version, q));
		return;
	}
	r->entry = q->start.mark.at;
	if (!r->again)
		q->end.mark = q->start.mark;
	next_version(q);
}

static void on_table(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct sq *q = arg;
	int64_t version = s ? s->version : -1;
	delta_snapshot_free(s);
	if (!sq_back(q))
		return;
	if (err) {
		sq_end(q, err);
		return;
	}
	q->start.mark = (struct sq_mark){ .at = version, .index = -1, .initial = true };
	if (q->o.from_version == -2)
		q->start.mark = (struct sq_mark){ .at = version + 1, .index = -1 };
	else if (q->o.from_version >= 0)
		q->start.mark = (struct sq_mark){ .at = q->o.from_version, .index = -1 };
	if (q->o.from_version > version)
		sq_fail(q, "[DELTA_TIMESTAMP_INVALID] Cannot time travel Delta table to version %lld. Available versions: [0, %lld].", (long long)q->o.from_version,
			(long long)version);
	else
		sq_reading(q)->after(q);
}

void sq_delta_first(struct sq *q)
{
	table_at(q);
	sq_owe(q, delta_load(&sq_reading(q)->at, -1, on_table, q));
}
