/* The queries there are: declared in [queries] of the stack, or started through the API; their starts, ends and timers. */
#include <signal.h>
#include <unistd.h>

#include "core/problem.h"
#include "streaming/query.h"

/* What one run holds. */
static void run_free(struct sq *q)
{
	owed_cancel_all(&q->owed);
	delta_snapshot_free(q->snapshot);
	q->snapshot = NULL;
	free(q->answer.next);
	q->answer.next = NULL;
	sq_live_clear(q);
	sq_records_clear(q);
	sq_offsets_free(&q->start);
	sq_offsets_free(&q->end);
	delta_rows_free(q->cleaned.rows);
	delta_rows_free(q->cleaned.bad);
	q->cleaned.rows = q->cleaned.bad = NULL;
	clean_seen_free(q->seen);
	q->seen = NULL;
	buf_free(&q->body);
	buf_free(&q->text);
	sq_source_clear(q);
	sq_feed_drop(q);
	sp_table_free(q->rows);
	q->rows = NULL;
	free((char *)(uintptr_t)q->files.p);
	q->files = sl(NULL);
	q->handed = q->any_new = q->again = q->anew = false;
	loop_cancel(q->patience);
	q->patience = NULL;
}

void sq_free(struct sq *q)
{
	run_free(q);
	while (q->waits) {
		struct sq_wait *w = q->waits;
		q->waits = w->next;
		if (w->kind == SQ_WAIT_NEXT)
			http_on_gone(w->call, NULL, NULL);
		free(w);
	}
	free(q->rules);
	free(q->warning);
	free(q->message);
	free(q->exception);
	buf_free(&q->progress);
	arena_free(&q->arena);
	free(q);
}

void sq_message(struct sq *q, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	free(q->message);
	q->message = xstrdup(buf_cstr(&b));
	buf_free(&b);
}

/* ---- work under way: settle and clock advance wait for it ---- */

static void say(const struct loop_work *w, struct buf *out)
{
	const struct sq *q = (const struct sq *)((const char *)w - offsetof(struct sq, work));
	buf_addf(out, "a batch of the query %s", q->o.name);
}

static void working(struct sq *q, bool on)
{
	if (q->working == on)
		return;
	q->working = on;
	if (on)
		loop_work_begin(q->m->env->loop, &q->work, say);
	else
		loop_work_end(q->m->env->loop, &q->work);
}

void sq_owe(struct sq *q, struct owed *step)
{
	owed_keep(&q->owed, step);
}

bool sq_back(struct sq *q)
{
	if (q->stopping && !q->in_batch && q->state == SQ_STARTING) {
		sq_end(q, NULL);
		return false;
	}
	return true;
}

/* Nobody has asked for a batch for a while: what would run it is gone. */
static bool client_gone(struct sq *q)
{
	const struct sq_wait *w = q->waits;
	if (!q->o.plan || clock_real_us() - q->asked_us < (int64_t)SQ_CLIENT_MS * 1000)
		return false;
	while (w && w->kind != SQ_WAIT_NEXT && w->kind != SQ_WAIT_ALL)
		w = w->next;
	if (!w) {
		sq_message(q, "Stopped: its client has gone");
		q->superseded = true;
	}
	return !w;
}

static void on_timer(void *arg)
{
	struct sq *q = arg;
	void (*fn)(struct sq *) = q->later;
	q->later = NULL;
	working(q, true);
	if ((q->stopping && !q->in_batch) || client_gone(q))
		sq_end(q, NULL);
	else
		fn(q);
}

static void on_soon(void *arg)
{
	on_timer(arg);
}

/* Triggers are multiples of the interval, as Spark's ProcessingTime. */
static void at_next_trigger(struct sq *q, void (*fn)(struct sq *))
{
	int64_t every = q->o.trigger == SQ_INTERVAL ? q->o.interval_ms : SQ_TRIGGER_MS, now = clock_now_ms(q->m->env->clock);
	if (!every) /* as soon as possible */
		every = q->o.source == SQ_KINESIS ? SQ_TRIGGER_MS : SQ_SOON_MS;
	int64_t wait = q->idle_ms > every ? q->idle_ms : every;
	q->later = fn;
	clock_at(q->m->env->clock, &q->timer, (now + wait) / every * every, on_timer, q);
	working(q, false);
}

/* On a frozen clock nothing comes into our own stream unless somebody calls us. So that a week of waiting passes quickly, an
 * idle query leaves out triggers, twice as many each time, until the journal has calls that aren't its own. */
void sq_idle(struct sq *q, bool idle)
{
	const int64_t most = 3600 * 1000;
	const struct env *env = q->m->env;
	if (!idle || !clock_is_virtual(env->clock) || conf_get(env->conf, "remote", "kinesis") || q->o.source == SQ_RATE || q->o.source == SQ_RATE_BATCH) {
		q->idle_ms = 0;
		return;
	}
	q->idle_ms = q->idle_ms ? q->idle_ms * 2 : q->o.interval_ms ? q->o.interval_ms : SQ_TRIGGER_MS;
	q->idle_ms = q->idle_ms < most ? q->idle_ms : most;
}

static void wake(void *arg)
{
	struct streaming *m = arg;
	uint64_t others = journal_last(m->env->journal) - m->own_calls;
	if (others == m->other_calls)
		return;
	m->other_calls = others;
	for (size_t i = 0; i < m->n; i++) {
		struct sq *q = m->queries[i];
		if (!q->idle_ms || q->working || q->later != sq_trigger)
			continue;
		q->idle_ms = 0;
		at_next_trigger(q, sq_trigger);
	}
}

void sq_again(struct sq *q, void (*fn)(struct sq *q))
{
	at_next_trigger(q, fn);
}

void sq_next(struct sq *q, bool now)
{
	if (!now) {
		at_next_trigger(q, sq_trigger);
		return;
	}
	q->later = sq_trigger;
	loop_later(q->m->env->loop, &q->soon, on_soon, q);
}

bool sq_fault(struct sq *q, const char *site)
{
	char name[64];
	if (!faults_ask_error(q->m->env->faults, "lake", site, name))
		return false;
	if (!strcmp(name, "kill"))
		(void)kill(getpid(), SIGKILL);
	sq_fail(q, "%s (fault at lake.%s)", name, site);
	return true;
}

/* ---- starts and ends ---- */

void sq_save(struct sq *q)
{
	struct error err;
	if (q->o.plan) /* it ends with its client */
		return;
	if (sq_store_save(q->m, q, &err))
		log_error(q->m->env, "stream-not-saved", "query=%s error=\"%s\"", q->o.name, err.text);
	q->saved_ms = q->polled_ms;
}

void sq_polled(struct sq *q, int64_t now_ms)
{
	q->polled_ms = now_ms;
	if (now_ms - q->saved_ms >= SQ_POLL_SAVED_MS)
		sq_save(q);
}

/* A client that waits for a batch has gone: it gets none. */
static void on_hung_up(void *arg)
{
	struct sq_wait *w = arg, **at = &w->q->waits;
	struct http_call *call = w->call;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	free(w);
	http_reply(call, 499, "text/plain", S("the client hung up\n"));
}

void sq_wait_for(struct sq *q, struct http_call *call, enum sq_wait_kind kind)
{
	struct sq_wait *w = xcalloc(1, sizeof(*w)), **at = &q->waits;
	*w = (struct sq_wait){ .q = q, .call = call, .kind = kind, .reads = q->reads };
	while (*at)
		at = &(*at)->next;
	*at = w;
	if (kind == SQ_WAIT_NEXT)
		http_on_gone(call, on_hung_up, w);
}

static void answer_one(struct sq *q, const struct sq_wait *w)
{
	struct error err;
	if (w->kind == SQ_WAIT_NEXT)
		http_on_gone(w->call, NULL, NULL);
	if (q->exception && w->kind == SQ_WAIT_START) {
		err_set(&err, ERR_INTERNAL, "StreamingQueryException: %.900s", q->exception);
		problem_reply(w->call, &err);
	} else {
		sq_show(q, w->call);
	}
}

void sq_answer(struct sq *q, unsigned kinds)
{
	struct sq_wait **at = &q->waits, *w;
	if ((kinds & SQ_WAIT_NEXT) && q->patience) {
		loop_cancel(q->patience);
		q->patience = NULL;
	}
	while ((w = *at)) {
		/* what was read before it was asked may be less than there was */
		bool early = kinds == SQ_WAIT_ALL && w->kind == SQ_WAIT_ALL && w->reads == q->reads;
		if (!(w->kind & kinds) || early) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		answer_one(q, w);
		free(w);
	}
}

void sq_waiting(struct sq *q)
{
	working(q, false);
}

void sq_busy(struct sq *q)
{
	working(q, true);
}

void sq_hurry(struct sq *q)
{
	if (q->later != sq_trigger || q->working)
		return;
	clock_cancel(q->m->env->clock, &q->timer);
	q->idle_ms = 0;
	sq_next(q, true);
}

void sq_begin(struct sq *q)
{
	static const struct metric rows[] = {
		[SQ_M_BATCHES] = { "tarn_lake_stream_batches_total", "Micro-batches of streaming queries that were committed." },
		[SQ_M_RECORDS] = { "tarn_lake_stream_records_total", "Records of streams that those read." },
		[SQ_M_ROWS] = { "tarn_lake_stream_rows_total", "Rows that they wrote." },
		[SQ_M_QUARANTINED] = { "tarn_lake_stream_quarantined_total", "Records that could not be rows." },
	};
	if (!q->m->counted) {
		memcpy(q->m->metrics, rows, sizeof(rows));
		metrics_add(q->m->env->metrics, q->m->metrics, ARRAY_LEN(rows));
		q->m->counted = true;
		loop_on_released(q->m->env->loop, wake, q->m);
	}
	run_free(q);
	free(q->exception);
	q->exception = NULL;
	q->state = SQ_STARTING;
	q->stopping = q->in_batch = q->replay = q->relist = false;
	q->tries = 0;
	q->idle_ms = 0;
	q->retention_ms = 0;
	q->watermark_ms = q->next_watermark_ms = q->before_ms = 0;
	q->asked_us = clock_real_us();
	q->starts++;
	q->started_ms = clock_now_ms(q->m->env->clock);
	q->batches = q->input_rows = q->output_rows = q->quarantined = q->dropped = q->filtered = 0;
	memset(q->hits, 0, sizeof(q->hits));
	buf_reset(&q->progress);
	q->id[0] = '\0';
	sq_message(q, "Initializing sources");
	working(q, true);
	sq_save(q);
	sq_recover(q);
}

void sq_active(struct sq *q)
{
	bool first = q->state == SQ_STARTING;
	q->state = SQ_ACTIVE;
	if (first) {
		struct buf source = { 0 };
		sq_source_describe(&source, q);
		sq_message(q, "Getting offsets from %s", buf_cstr(&source));
		buf_free(&source);
	}
	if (first && (q->o.trigger == SQ_INTERVAL || q->o.plan))
		sq_answer(q, SQ_WAIT_START);
	sq_next(q, true);
}

void sq_stop(struct sq *q, const char *message)
{
	if (q->state != SQ_STARTING && q->state != SQ_ACTIVE)
		return;
	q->stopping = true;
	if (message)
		sq_message(q, "%s", message);
	q->superseded = message != NULL;
	if (q->handed) { /* the client's batch stays uncommitted: it is run again by who starts next */
		sq_end(q, NULL);
		return;
	}
	if (!q->later || q->in_batch)
		return; /* a step is under way, and looks */
	clock_cancel(q->m->env->clock, &q->timer);
	loop_never(q->m->env->loop, &q->soon);
	q->later = NULL;
	sq_end(q, NULL);
}

/* Whoever waited for it to end. */
static void unblock(struct sq *q)
{
	for (size_t i = 0; i < q->m->n; i++)
		if (q->m->queries[i]->blocked_on == q)
			sq_recover_unblocked(q->m->queries[i]);
}

void sq_end(struct sq *q, const struct error *err)
{
	const struct env *env = q->m->env;
	clock_cancel(env->clock, &q->timer);
	loop_never(env->loop, &q->soon);
	q->later = NULL;
	q->blocked_on = NULL;
	q->state = err ? SQ_FAILED : SQ_STOPPED;
	if (err) {
		q->exception = xstrdup(err->text);
		sq_message(q, "Terminated with exception: %s", err->text);
		log_error(env, "stream-failed", "query=%s batch=%lld error=\"%s\"", q->o.name, (long long)q->batch, err->text);
	} else if (!q->superseded) {
		sq_message(q, "Stopped");
	}
	q->superseded = false;
	sq_save(q);
	run_free(q);
	sq_checkpoint_drop(q);
	sq_answer(q, SQ_WAIT_ANY);
	working(q, false);
	unblock(q);
}

void sq_fail(struct sq *q, const char *fmt, ...)
{
	struct error err;
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	err_set(&err, ERR_INVALID, "%s", buf_cstr(&b));
	buf_free(&b);
	sq_end(q, &err);
}
