/* A version of a Delta table -> a temporary table: its files one at a time, each decoded and stored in a job. */
#include "lake/table.h"

static void next_file(struct lake_loader *r);

static void forget(struct lake_loader *r)
{
	delta_snapshot_free(r->s);
	r->s = NULL;
	free(r->body);
	r->body = NULL;
	arena_free(&r->place.arena);
	r->place = (struct delta_place){ 0 };
}

void lake_loader_free(struct lake_loader *r)
{
	forget(r);
}

static void end(struct lake_loader *r)
{
	forget(r);
	r->done(r->arg);
}

static void work(void *arg)
{
	struct lake_loader *r = arg;
	struct delta_rows *rows;
	struct error bad;
	if (!r->begun) {
		r->begun = !lake_store_delta_begin(r->session, r->name, &r->s->schema, &r->err);
		return;
	}
	rows = delta_rows_new(&r->s->schema);
	int rc = delta_decode(sl_of(r->body, r->body_n), r->s->files[r->next].partition, rows, &bad);
	if (rc)
		delta_store_error(&r->err, &r->place, r->key, &bad);
	else
		rc = lake_store_delta_add(r->session, rows, &r->err);
	r->next += !rc;
	delta_rows_free(rows);
	free(r->body);
	r->body = NULL;
}

static void work_done(void *arg)
{
	struct lake_loader *r = arg;
	if (r->err.kind)
		end(r);
	else
		next_file(r);
}

static void start_work(struct lake_loader *r)
{
	lake_job(r->task, work, work_done, r);
}

static void on_body(void *arg, struct slice body, const struct error *err)
{
	struct lake_loader *r = arg;
	if (err && err->kind == ERR_NOT_FOUND) {
		(void)delta_fail(&r->err, DELTA_E_FILE_GONE,
				 "File s3://%.*s/%.*s referenced in the transaction log cannot be found. This occurs when data has been manually "
				 "deleted from the file system rather than using the table `DELETE` statement.", SL(r->ref.bucket), SL(r->key));
		end(r);
	} else if (err) {
		delta_store_error(&r->err, &r->place, r->key, err);
		end(r);
	} else {
		r->body = xmalloc(body.n + 1);
		memcpy(r->body, body.n ? body.p : "", body.n);
		r->body_n = body.n;
		start_work(r);
	}
}

static void next_file(struct lake_loader *r)
{
	const struct delta_snapshot *s = r->s;
	while (r->next < s->file_n && !s->files[r->next].live)
		r->next++;
	if (r->next == s->file_n) {
		end(r);
		return;
	}
	struct slice path = arena_url_decode(&r->place.arena, s->files[r->next].path, false);
	r->key = delta_key(&r->place, "%.*s", SL(path));
	if (s->files[r->next].size > LAKE_OBJECT_MAX) {
		err_set(&r->err, ERR_LIMIT, "s3://%.*s/%.*s has %lld bytes, over %d", SL(r->ref.bucket), SL(r->key), (long long)s->files[r->next].size,
			LAKE_OBJECT_MAX);
		end(r);
		return;
	}
	lake_await(r->task, r->place.store->get(r->place.store->self, r->ref.bucket, r->key, on_body, r));
}

static void on_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct lake_loader *r = arg;
	if (err) {
		bool no_bucket = err->def && !strcmp(err->def->code, "NoSuchBucket");
		r->err = *err;
		r->no_table = no_bucket || err->def == &delta_errors[DELTA_E_NO_TABLE];
		end(r);
		return;
	}
	r->s = s;
	if (delta_plain(s, &r->err) != 0)
		end(r);
	else
		start_work(r);
}

void lake_loader_start(struct lake_loader *r, const struct lake_ref *ref)
{
	struct delta_table t;
	r->ref = *ref;
	t = lake_ref_table(r->task->l, ref);
	delta_place_init(&r->place, &t);
	r->begun = r->no_table = false;
	r->next = 0;
	lake_await(r->task, ref->at_ms >= 0 ? delta_load_at(&t, ref->at_ms, on_loaded, r) : delta_load(&t, ref->version, on_loaded, r));
}
