/* Rows of a version, a file at a time. */
#include "delta/op.h"

struct scan {
	struct delta_op o;
	struct delta_snapshot *s;
	size_t next;
	struct slice key;
	char *body; /* being decoded */
	size_t body_n;
	struct delta_rows *rows;
	int rc;
	struct error err;
	delta_rows_fn fn;
	delta_done_cb done;
	void *arg;
};

static void release(void *arg)
{
	struct scan *op = arg;
	delta_rows_free(op->rows);
	free(op->body);
	delta_snapshot_free(op->s);
}

static void end(struct scan *op, const struct error *err)
{
	owed_end(&op->o.owed);
	op->done(op->arg, err);
	delta_op_free(&op->o);
}

static void next_file(struct scan *op);

static void decode(void *arg)
{
	struct scan *op = arg;
	op->rows = delta_rows_new(&op->s->schema);
	op->rc = delta_decode(sl_of(op->body, op->body_n), op->s->files[op->next].partition, op->rows, &op->err);
}

static void on_decoded(void *arg)
{
	struct scan *op = arg;
	struct error bad;
	bool more;
	free(op->body);
	op->body = NULL;
	if (op->rc) {
		delta_store_error(&bad, &op->o.p, op->key, &op->err);
		end(op, &bad);
		return;
	}
	more = op->fn(op->arg, op->rows);
	delta_rows_free(op->rows);
	op->rows = NULL;
	op->next++;
	if (more)
		next_file(op);
	else
		end(op, NULL);
}

static void on_get(void *arg, struct slice body, const struct error *err)
{
	struct scan *op = arg;
	struct error bad;
	if (err) {
		if (err->kind == ERR_NOT_FOUND)
			(void)delta_fail(&bad, DELTA_E_FILE_GONE,
					 "File s3://%.*s/%.*s referenced in the transaction log cannot be found. This occurs when data has been manually "
					 "deleted from the file system rather than using the table `DELETE` statement.", SL(op->o.p.bucket), SL(op->key));
		else
			delta_store_error(&bad, &op->o.p, op->key, err);
		end(op, &bad);
		return;
	}
	op->body = xmalloc(body.n + 1);
	if (body.n)
		memcpy(op->body, body.p, body.n);
	op->body_n = body.n;
	delta_job(&op->o, decode, on_decoded);
}

static void stop_later(void *arg)
{
	end(arg, NULL);
}

static void no_work(void *arg)
{
}

static void refuse_later(void *arg)
{
	struct scan *op = arg;
	end(op, &op->err);
}

static void next_file(struct scan *op)
{
	struct slice path;
	if (delta_plain(op->s, &op->err) != 0) {
		delta_job(&op->o, no_work, refuse_later);
		return;
	}
	while (op->next < op->s->file_n && !op->s->files[op->next].live)
		op->next++;
	if (op->next >= op->s->file_n) {
		/* Through the loop, so that no answer comes before the call returns. */
		delta_job(&op->o, no_work, stop_later);
		return;
	}
	path = arena_url_decode(&op->o.p.arena, op->s->files[op->next].path, false);
	op->key = delta_key(&op->o.p, "%.*s", SL(path));
	delta_get(&op->o, op->key, on_get);
}

struct owed *delta_scan(const struct delta_table *t, const struct delta_snapshot *s, delta_rows_fn fn, delta_done_cb done, void *arg)
{
	struct scan *op = delta_op_new(sizeof(*op), t, release);
	op->s = delta_snapshot_ref(s);
	op->fn = fn;
	op->done = done;
	op->arg = arg;
	next_file(op);
	return &op->o.owed;
}
