/* A clean run: for each topic, list its objects page by page, read a page's bodies with several in flight, clean them
 * in a job, and at the end make the new tables visible. Slow work is done one piece at a time. */
#include "lake.h"

#include <stdlib.h>
#include <string.h>

/* ---- the queue ---- */

void lake_queue(struct lake *l, struct lake_task *t)
{
	t->l = l;
	t->next = NULL;
	loop_pending_add(l->env->loop, 1);
	l->task_n++;
	if (l->last)
		l->last->next = t;
	l->last = t;
	if (l->first)
		return;
	l->first = t;
	t->start(t);
}

void lake_next(struct lake *l)
{
	struct lake_task *done = l->first;
	l->first = done->next;
	if (!l->first)
		l->last = NULL;
	l->task_n--;
	loop_pending_add(l->env->loop, -1);
	done->free(done);
	if (l->first && !l->closing)
		l->first->start(l->first);
}

/* Messages quote what a client sent, and are cut at a length: what is no UTF-8 becomes '?', so that the body is JSON.
 */
static void add_message(struct buf *b, struct slice text)
{
	struct buf good = { 0 };
	for (size_t i = 0, n; i < text.n; i += n) {
		for (n = 1; n < 4 && i + n < text.n && !sl_is_utf8(sl_of(text.p + i, n)); n++)
			;
		if (sl_is_utf8(sl_of(text.p + i, n))) {
			buf_add(&good, text.p + i, n);
		} else {
			buf_addc(&good, '?');
			n = 1;
		}
	}
	buf_json_string(b, buf_slice(&good));
	buf_free(&good);
}

void lake_fail(struct http_call *call, const struct error *err)
{
	static const struct {
		int kind, status;
		const char *code;
	} rows[] = {
		{ ERR_INVALID, 400, "INVALID_PARAMETER_VALUE" }, { ERR_NOT_FOUND, 404, "RESOURCE_DOES_NOT_EXIST" },
		{ ERR_DENIED, 403, "PERMISSION_DENIED" },        { ERR_LIMIT, 400, "QUOTA_EXCEEDED" },
		{ ERR_TIMEOUT, 408, "DEADLINE_EXCEEDED" },       { ERR_THROTTLED, 429, "REQUEST_LIMIT_EXCEEDED" },
		{ ERR_UNSUPPORTED, 404, "ENDPOINT_NOT_FOUND" },  { ERR_NETWORK, 503, "TEMPORARILY_UNAVAILABLE" },
	};
	const char *code = "INTERNAL_ERROR";
	int status = 500;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].kind == err->kind) {
			code = rows[i].code;
			status = rows[i].status;
		}
	struct buf b = { 0 };
	buf_addf(&b, "{\"error_code\":\"%s\",\"message\":", code);
	add_message(&b, sl(err->text));
	buf_adds(&b, "}\n");
	http_reply(call, status, "application/json", buf_slice(&b));
	buf_free(&b);
}

void lake_drop(struct lake *l)
{
	enum { TURNS_MAX = 100, TURN_MS = 10 };
	l->closing = true;
	/* A job must end before its store goes; an object that a remote store still owes is given up after a second. */
	for (int turn = 0; l->job || (l->owed && turn < TURNS_MAX); turn++) {
		lake_store_interrupt(&l->store);
		loop_turn(l->env->loop, TURN_MS);
	}
	while (l->first && !l->owed) {
		struct lake_task *t = l->first;
		l->first = t->next;
		loop_pending_add(l->env->loop, -1);
		t->free(t);
	}
	lake_store_cancel(&l->store);
}

/* ---- a clean run ---- */

struct object {
	struct slice key;
	struct buf body;
};

struct run {
	struct lake_task task;
	struct lake_rules rules[LAKE_SET_N];
	struct lake_cleaner cleaners[LAKE_SET_N];
	int64_t objects[LAKE_SET_N], skipped[LAKE_SET_N], bytes, kept_bad;
	int set;             /* being read */
	struct slice prefix; /* of its objects */
	struct buf after;    /* last key listed */
	bool more;           /* the listing goes on */
	struct arena page;   /* keys of this page */
	struct object *batch;
	size_t n, asked, got, in_flight, cleaned;
	const struct object *current; /* whose records are being cleaned */
	struct arena arena;
	struct error err; /* kind 0: none so far */
};

static void run_list(struct run *r);
static void run_read(struct run *r);

static void run_free(struct lake_task *t)
{
	struct run *r = (struct run *)t;
	for (int s = 0; s < LAKE_SET_N; s++)
		arena_free(&r->cleaners[s].arena);
	for (size_t i = 0; r->batch && i < r->n; i++)
		buf_free(&r->batch[i].body);
	free(r->batch);
	buf_free(&r->after);
	arena_free(&r->page);
	arena_free(&r->arena);
	free(r);
}

static void write_sets(struct buf *b, const struct run *r)
{
	for (int s = 0; s < LAKE_SET_N; s++) {
		const struct lake_cleaner *c = &r->cleaners[s];
		buf_addf(b,
			 "%s{\"dataset\":\"%s\",\"topic\":\"%s.%s\",\"objects\":%lld,\"skipped\":%lld,\"rows_in\":%lld,"
			 "\"rows_out\":%lld,\"quarantined\":%lld}",
			 s ? "," : "", lake_tables[s].name, r->task.l->user, lake_tables[s].topic,
			 (long long)r->objects[s], (long long)r->skipped[s], (long long)c->records, (long long)c->rows,
			 (long long)c->bad);
	}
}

static void write_rules(struct buf *b, struct run *r)
{
	bool first = true;
	for (int s = 0; s < LAKE_SET_N; s++) {
		const struct lake_rules *rules = &r->rules[s];
		for (size_t i = 0; i < rules->rule_n; i++) {
			const struct lake_rule *rule = &rules->rules[i];
			if (!lake_rule_on(rules, rule))
				continue;
			buf_addf(b, "%s{\"dataset\":\"%s\",\"column\":\"%s\",\"rule\":", first ? "" : ",", lake_tables[s].name,
				 lake_rule_column(rules, rule));
			buf_json_string(b, lake_rule_words(&r->arena, rules, rule));
			buf_addf(b, ",\"hits\":%lld}", (long long)r->cleaners[s].hits[i]);
			first = false;
		}
	}
}

static void run_answer(struct run *r)
{
	struct lake *l = r->task.l;
	if (r->err.kind) {
		lake_fail(r->task.call, &r->err);
	} else {
		struct buf b = { 0 };
		buf_adds(&b, "{\"bucket\":");
		buf_json_string(&b, sl(l->bucket));
		buf_addf(&b, ",\"bytes\":%lld,\"datasets\":[", (long long)r->bytes);
		write_sets(&b, r);
		buf_adds(&b, "],\"rules\":[");
		write_rules(&b, r);
		buf_adds(&b, "]}\n");
		http_reply(r->task.call, 200, "application/json", buf_slice(&b));
		buf_free(&b);
		l->metrics[0].value++;
		for (int s = 0; s < LAKE_SET_N; s++) {
			l->metrics[1].value += r->cleaners[s].rows;
			l->metrics[2].value += r->cleaners[s].bad;
		}
	}
	lake_next(l);
}

static void finish_work(void *arg)
{
	struct run *r = arg;
	if (r->err.kind || lake_store_finish(&r->task.l->store, &r->err))
		lake_store_cancel(&r->task.l->store);
}

static void job_over(struct lake *l)
{
	l->job = false;
}

static void finish_done(void *arg)
{
	struct run *r = arg;
	job_over(r->task.l);
	if (r->task.l->closing)
		return;
	run_answer(r);
}

static void run_finish(struct run *r)
{
	r->task.l->job = true;
	loop_job(r->task.l->env->loop, finish_work, finish_done, r);
}

static void run_fail(struct run *r, const struct error *err, const char *what, struct slice name)
{
	int kind = err->kind ? err->kind : ERR_NETWORK;
	if (!r->err.kind)
		err_set(&r->err, kind, "%s %.*s of bucket %s: %s%s%s", what, SL(name), r->task.l->bucket,
			err->def ? err->def->code : "", err->def ? ": " : "", err->text);
}

static int on_row(void *arg, const struct lake_value *v)
{
	struct run *r = arg;
	return lake_store_row(&r->task.l->store, (enum lake_set)r->set, v, &r->err);
}

static int on_quarantine(void *arg, size_t line, struct slice record, const char *reason)
{
	struct run *r = arg;
	if (r->kept_bad++ >= LAKE_QUARANTINE_MAX)
		return 0;
	return lake_store_bad(&r->task.l->store, (enum lake_set)r->set, r->current->key, line, reason, record, &r->err);
}

static void clean_work(void *arg)
{
	struct run *r = arg;
	int rc = 0;
	for (size_t i = r->cleaned; !rc && i < r->asked; i++) {
		r->current = &r->batch[i];
		rc = lake_clean_object(&r->cleaners[r->set], buf_slice(&r->batch[i].body));
	}
}

static void clean_done(void *arg)
{
	struct run *r = arg;
	job_over(r->task.l);
	if (r->task.l->closing)
		return;
	for (size_t i = r->cleaned; i < r->asked; i++)
		buf_free(&r->batch[i].body);
	r->cleaned = r->asked;
	if (r->err.kind)
		run_finish(r);
	else if (r->asked < r->n)
		run_read(r);
	else
		run_list(r);
}

static size_t batch_bytes(const struct run *r)
{
	size_t n = 0;
	for (size_t i = r->cleaned; i < r->asked; i++)
		n += r->batch[i].body.n;
	return n;
}

static void on_body(void *arg, struct slice body, const struct error *err)
{
	struct run *r = ((void **)arg)[0];
	struct object *o = ((void **)arg)[1];
	r->in_flight--;
	r->task.l->owed--;
	if (r->task.l->closing)
		return;
	if (err && err->def && !strcmp(err->def->code, "NoSuchKey")) {
		r->objects[r->set]--; /* deleted since it was listed */
	} else if (err) {
		run_fail(r, err, "object", o->key);
	} else if (body.n > LAKE_OBJECT_MAX) {
		struct error large = { .kind = ERR_LIMIT };
		err_set(&large, ERR_LIMIT, "larger than %d MiB", LAKE_OBJECT_MAX >> 20);
		run_fail(r, &large, "object", o->key);
	} else {
		buf_addsl(&o->body, body);
		r->bytes += (int64_t)body.n;
	}
	run_read(r);
}

/* Keeps reads in flight; when the batch is there, cleans it. */
static void run_read(struct run *r)
{
	const struct object_store *s = &r->task.l->env->ports->objects;
	while (!r->err.kind && r->asked < r->n && r->in_flight < LAKE_IN_FLIGHT && batch_bytes(r) < LAKE_BATCH_BYTES) {
		void **pair = arena_alloc(&r->page, 2 * sizeof(void *));
		struct object *o = &r->batch[r->asked++];
		pair[0] = r;
		pair[1] = o;
		r->in_flight++;
		r->task.l->owed++;
		s->get(s->self, sl(r->task.l->bucket), o->key, on_body, pair);
	}
	if (r->in_flight)
		return;
	if (r->err.kind) {
		run_finish(r);
		return;
	}
	r->task.l->job = true;
	loop_job(r->task.l->env->loop, clean_work, clean_done, r);
}

static void on_page(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct run *r = arg;
	r->in_flight--;
	r->task.l->owed--;
	if (r->task.l->closing)
		return;
	if (err) {
		run_fail(r, err, "objects below", r->prefix);
		run_finish(r);
		return;
	}
	n = n < LAKE_BATCH ? n : LAKE_BATCH;
	for (size_t i = 0; i < n; i++) {
		if (!sl_ends(e[i].key, S(".json"))) {
			r->skipped[r->set]++;
			continue;
		}
		r->objects[r->set]++;
		r->batch[r->n++] = (struct object){ .key = arena_dup(&r->page, e[i].key) };
	}
	r->more = more && n;
	buf_reset(&r->after);
	if (n)
		buf_addsl(&r->after, e[n - 1].key);
	run_read(r);
}

static void run_set(struct run *r, int set)
{
	r->set = set;
	r->more = true;
	buf_reset(&r->after);
	if (set < LAKE_SET_N)
		r->prefix = arena_printf(&r->arena, "topics/%s.%s/", r->task.l->user, lake_tables[set].topic);
}

/* The next page, of this topic or the next; after the last topic the run is over. */
static void run_list(struct run *r)
{
	const struct object_store *s = &r->task.l->env->ports->objects;
	if (!r->more)
		run_set(r, r->set + 1);
	if (r->set == LAKE_SET_N) {
		run_finish(r);
		return;
	}
	arena_reset(&r->page);
	r->n = r->asked = r->cleaned = 0;
	r->in_flight++;
	r->task.l->owed++;
	s->list(s->self, sl(r->task.l->bucket), r->prefix, r->after.n ? buf_slice(&r->after) : sl(NULL), on_page, r);
}

static void begin_work(void *arg)
{
	struct run *r = arg;
	if (lake_store_begin(&r->task.l->store, &r->err))
		lake_store_cancel(&r->task.l->store);
}

static void begin_done(void *arg)
{
	struct run *r = arg;
	job_over(r->task.l);
	if (r->task.l->closing)
		return;
	if (r->err.kind)
		run_answer(r);
	else
		run_list(r);
}

static void run_start(struct lake_task *t)
{
	struct run *r = (struct run *)t;
	if (!t->l->env->ports->objects.self) {
		err_set(&r->err, ERR_NETWORK, "no object store: start s3 too, or name one as [remote] s3");
		run_answer(r);
		return;
	}
	t->l->job = true;
	loop_job(t->l->env->loop, begin_work, begin_done, r);
}

void lake_clean_start(struct lake *l, struct http_call *call)
{
	struct run *r = xcalloc(1, sizeof(*r));
	r->task.call = call;
	r->task.start = run_start;
	r->task.free = run_free;
	memcpy(r->rules, l->rules, sizeof(r->rules));
	r->batch = xcalloc(LAKE_BATCH, sizeof(*r->batch));
	for (int s = 0; s < LAKE_SET_N; s++)
		r->cleaners[s] = (struct lake_cleaner){
			.rules = &r->rules[s], .row = on_row, .quarantine = on_quarantine, .arg = r
		};
	r->task.l = l;
	run_set(r, 0);
	lake_queue(l, &r->task);
}

/* ---- a statement ---- */

struct select {
	struct lake_task task;
	struct buf sql, out;
	struct error err;
	int rc;
};

static void select_work(void *arg)
{
	struct select *q = arg;
	q->rc = lake_store_sql(&q->task.l->store, buf_slice(&q->sql), &q->task.l->limits, &q->out, &q->err);
}

static void select_free(struct lake_task *t)
{
	struct select *q = (struct select *)t;
	buf_free(&q->sql);
	buf_free(&q->out);
	free(q);
}

static void select_done(void *arg)
{
	struct select *q = arg;
	struct lake *l = q->task.l;
	job_over(l);
	if (l->closing)
		return;
	if (q->rc) {
		lake_fail(q->task.call, &q->err);
	} else {
		buf_adds(&q->out, "}\n");
		http_reply(q->task.call, 200, "application/json", buf_slice(&q->out));
		l->metrics[3].value++;
	}
	lake_next(l);
}

static void select_start(struct lake_task *t)
{
	t->l->job = true;
	loop_job(t->l->env->loop, select_work, select_done, t);
}

void lake_sql_start(struct lake *l, struct http_call *call, struct slice head, struct slice sql)
{
	struct select *q = xcalloc(1, sizeof(*q));
	q->task.call = call;
	q->task.start = select_start;
	q->task.free = select_free;
	q->out.max = LAKE_ANSWER_MAX;
	buf_addsl(&q->sql, sql);
	buf_addc(&q->out, '{');
	buf_addsl(&q->out, head);
	lake_queue(l, &q->task);
}
