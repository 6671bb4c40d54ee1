/* Who did what: the commitInfo of each version, newest first. */
#include "core/json.h"
#include "delta/op.h"

struct history {
	struct delta_op o;
	struct delta_listing l;
	size_t left, wanted; /* commits not yet read; how many to read at most */
	struct delta_event *events;
	size_t event_n;
	struct delta_event e; /* being read */
	struct buf body;
	int rc;
	struct error err;
	delta_history_cb cb;
	void *arg;
};

static void release(void *arg)
{
	struct history *op = arg;
	free(op->events);
	buf_free(&op->body);
	delta_listing_free(&op->l);
}

static void end(struct history *op, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, op->events, err ? 0 : op->event_n, err);
	delta_op_free(&op->o);
}

static struct slice dumped(struct arena *a, json_t *j)
{
	char *text = json_is_object(j) ? json_dumps(j, JSON_COMPACT) : NULL;
	struct slice s = arena_dup(a, text ? sl(text) : S("{}"));
	free(text);
	return s;
}

struct look {
	struct history *op;
	struct delta_event *e;
};

static int look(void *arg, const struct delta_action *a, struct error *err)
{
	struct look *l = arg;
	json_t *j, *stamp;
	const char *operation;
	if (a->kind != DELTA_A_INFO)
		return 0;
	j = json_loadb(a->info.p, a->info.n, 0, NULL);
	stamp = json_object_get(j, "timestamp");
	operation = jstr(j, "operation");
	if (json_is_integer(stamp))
		l->e->timestamp_ms = json_integer_value(stamp);
	l->e->operation = arena_dup(&l->op->o.p.arena, operation ? sl(operation) : S(""));
	l->e->parameters = dumped(&l->op->o.p.arena, json_object_get(j, "operationParameters"));
	l->e->metrics = dumped(&l->op->o.p.arena, json_object_get(j, "operationMetrics"));
	l->e->info = a->info;
	json_decref(j);
	return 0;
}

static void next_event(struct history *op);

static void read_entry(void *arg)
{
	struct history *op = arg;
	struct look l = { op, &op->e };
	op->rc = delta_parse(&op->o.p.arena, buf_slice(&op->body), look, &l, &op->err);
}

static void fail(struct history *op, const struct error *err)
{
	struct error bad;
	delta_store_error(&bad, &op->o.p, delta_log_key(&op->o.p, op->e.version), err);
	end(op, &bad);
}

static void on_read(void *arg)
{
	struct history *op = arg;
	buf_reset(&op->body);
	if (op->rc) {
		fail(op, &op->err);
		return;
	}
	op->events[op->event_n++] = op->e;
	op->left--;
	next_event(op);
}

static void on_get(void *arg, struct slice body, const struct error *err)
{
	struct history *op = arg;
	size_t at = op->left - 1;
	op->e = (struct delta_event){ .version = op->l.commits[at], .timestamp_ms = op->l.commit_ms[at] };
	if (err) {
		fail(op, err);
		return;
	}
	buf_addsl(&op->body, body);
	delta_job_for(&op->o, body.n, read_entry, on_read);
}

static void next_event(struct history *op)
{
	if (!op->left || op->event_n == op->wanted)
		end(op, NULL);
	else
		delta_get(&op->o, delta_log_key(&op->o.p, op->l.commits[op->left - 1]), on_get);
}

static void on_listing(void *arg, struct delta_listing *l, const struct error *err)
{
	struct history *op = arg;
	struct error bad;
	if (!err && !l->commit_n) {
		(void)delta_fail(&bad, DELTA_E_NO_TABLE, "Delta table `s3://%.*s/%.*s` doesn't exist.", SL(op->o.p.bucket), SL(op->o.p.path));
		err = &bad;
	}
	if (err) {
		end(op, err);
		return;
	}
	op->l = *l;
	*l = (struct delta_listing){ 0 };
	op->left = op->l.commit_n;
	if (!op->wanted || op->wanted > op->left)
		op->wanted = op->left;
	op->events = xcalloc(op->wanted, sizeof(*op->events));
	next_event(op);
}

struct owed *delta_history(const struct delta_table *t, size_t limit, delta_history_cb cb, void *arg)
{
	struct history *op = delta_op_new(sizeof(*op), t, release);
	op->wanted = limit;
	op->cb = cb;
	op->arg = arg;
	delta_list(&op->o, 0, on_listing);
	return &op->o.owed;
}
