/* The next version of a table: written only where none is; whoever is second looks at what the first one did. */
#include "delta/op.h"

struct commit {
	struct delta_op o;
	struct slice text, app;
	int64_t base, app_version, version;
	bool reads_all, appends_pass, uncertain; /* uncertain: the last write may or may not have happened */
	struct error why;          /* of the uncertain write */
	struct slice *reads; /* sorted */
	size_t read_n;
	struct buf body;     /* the winner's */
	struct winner {
		const struct commit *op;
		bool protocol, meta, adds, batch, blind;
		struct slice removed; /* one that we had read */
	} winner;
	int rc;
	struct error err;
	int tries;
	delta_commit_cb cb;
	void *arg;
};

static void attempt(struct commit *op);

static void release(void *arg)
{
	buf_free(&((struct commit *)arg)->body);
}

static void end(struct commit *op, bool skipped, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, op->version, skipped, err);
	delta_op_free(&op->o);
}

/* ---- the winner's commit ---- */

static int by_path(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static int look(void *arg, const struct delta_action *a, struct error *err)
{
	struct winner *w = arg;
	const struct slice *read;
	switch (a->kind) {
	case DELTA_A_PROTOCOL:
		w->protocol = true;
		break;
	case DELTA_A_META:
		w->meta = true;
		break;
	case DELTA_A_TXN:
		if (w->op->app.p && sl_eq(a->txn.app, w->op->app) && a->txn.version >= w->op->app_version)
			w->batch = true;
		break;
	case DELTA_A_ADD:
		w->adds |= a->file.data_change;
		break;
	case DELTA_A_REMOVE:
		if ((read = bsearch(&a->file.path, w->op->reads, w->op->read_n, sizeof(*read), by_path)))
			w->removed = *read;
		break;
	case DELTA_A_INFO:
		w->blind |= sl_find(a->info, S("\"isBlindAppend\":true")) >= 0;
		break;
	case DELTA_A_SIDECAR:
	case DELTA_A_OTHER:
		break;
	}
	return 0;
}

static int judge(const struct commit *op, const struct winner *w, struct error *err)
{
	static const char refer[] = "Refer to https://docs.delta.io/latest/concurrency-control.html for more details.";
	long long at = (long long)op->version;
	if (w->protocol || op->base < 0)
		return delta_fail(err, DELTA_E_PROTOCOL_CHANGED,
				  "ProtocolChangedException: The protocol version of the Delta table has been changed by a concurrent update. This "
				  "happens when multiple writers are writing to an empty directory. Creating the table ahead of time will avoid this "
				  "conflict. Conflicting commit: version %lld\n%s", at, refer);
	if (w->meta)
		return delta_fail(err, DELTA_E_METADATA_CHANGED,
				  "MetadataChangedException: The metadata of the Delta table has been changed by a concurrent update. Please try the "
				  "operation again. Conflicting commit: version %lld\n%s", at, refer);
	if (op->reads_all && w->adds && !(op->appends_pass && w->blind))
		return delta_fail(err, DELTA_E_CONCURRENT_APPEND,
				  "ConcurrentAppendException: Files were added to the root of the table by a concurrent update. Please try the "
				  "operation again. Conflicting commit: version %lld\n%s", at, refer);
	if (w->removed.p)
		return delta_fail(err, DELTA_E_CONCURRENT_DELETE,
				  "ConcurrentDeleteReadException: This transaction attempted to read one or more files that were deleted (for example "
				  "%.*s) by a concurrent update. Please try the operation again. Conflicting commit: version %lld\n%s", SL(w->removed),
				  at, refer);
	return 0;
}

static void read_winner(void *arg)
{
	struct commit *op = arg;
	struct arena a = { 0 };
	op->winner = (struct winner){ .op = op };
	op->rc = delta_parse(&a, buf_slice(&op->body), look, &op->winner, &op->err);
	arena_free(&a);
}

static void try_on(struct commit *op)
{
	struct error bad;
	if (++op->tries > DELTA_TRIES) {
		(void)delta_fail(&bad, DELTA_E_CONCURRENT_WRITE,
				 "ConcurrentWriteException: A concurrent transaction has written new data since the current transaction read the table. "
				 "Please try the operation again. %d versions were taken by others", DELTA_TRIES);
		end(op, false, &bad);
		return;
	}
	attempt(op);
}

static void on_read(void *arg)
{
	struct commit *op = arg;
	int rc = op->rc;
	buf_free(&op->body);
	if (!rc && !op->winner.batch)
		rc = judge(op, &op->winner, &op->err);
	if (rc || op->winner.batch) {
		end(op, !rc, rc ? &op->err : NULL);
		return;
	}
	op->version++;
	try_on(op);
}

static void on_winner(void *arg, struct slice body, const struct error *err)
{
	struct commit *op = arg;
	struct error bad;
	if (err && err->kind == ERR_NOT_FOUND && op->uncertain) {
		end(op, false, &op->why); /* it didn't happen */
	} else if (err && err->kind != ERR_NOT_FOUND) {
		delta_store_error(&bad, &op->o.p, delta_log_key(&op->o.p, op->version), err);
		end(op, false, &bad);
	} else if (err) {
		try_on(op);
	} else if (sl_eq(body, op->text)) {
		end(op, false, NULL); /* our own, whose answer was lost */
	} else {
		buf_addsl(&op->body, body);
		delta_job_for(&op->o, body.n, read_winner, on_read);
	}
}

static void on_put(void *arg, const struct error *err)
{
	struct commit *op = arg;
	struct error bad;
	if (!err) {
		end(op, false, NULL);
		return;
	}
	op->uncertain = err->kind == ERR_NETWORK || err->kind == ERR_TIMEOUT || err->kind == ERR_STORE;
	delta_store_error(&bad, &op->o.p, delta_log_key(&op->o.p, op->version), err);
	if (!op->uncertain && err->kind != ERR_CONFLICT) {
		end(op, false, &bad);
		return;
	}
	op->why = bad;
	delta_get(&op->o, delta_log_key(&op->o.p, op->version), on_winner);
}

static void attempt(struct commit *op)
{
	delta_put_new(&op->o, delta_log_key(&op->o.p, op->version), "application/json", op->text, on_put);
}

struct owed *delta_commit(const struct delta_table *t, const struct delta_commit *c, delta_commit_cb cb, void *arg)
{
	struct commit *op = delta_op_new(sizeof(*op), t, release);
	op->text = arena_dup(&op->o.p.arena, c->text);
	op->app = c->app.p ? arena_dup(&op->o.p.arena, c->app) : sl(NULL);
	op->app_version = c->app_version;
	op->base = c->base->version;
	op->version = op->base + 1;
	op->reads_all = c->reads_all;
	op->appends_pass = c->appends_pass;
	op->reads = arena_alloc(&op->o.p.arena, (c->read_n + 1) * sizeof(*op->reads));
	for (size_t i = 0; i < c->read_n; i++)
		op->reads[op->read_n++] = arena_dup(&op->o.p.arena, c->reads[i]);
	qsort(op->reads, op->read_n, sizeof(*op->reads), by_path);
	op->cb = cb;
	op->arg = arg;
	attempt(op);
	return &op->o.owed;
}
