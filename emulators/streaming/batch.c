/* One micro-batch. Fault sites stand between its steps, so that a test can die at each of them: lake.stream.offsets (before
 * the write-ahead entry), .rows, .quarantine, .table, .commit (before the commit entry), .end. error=NAME fails the query
 * there; error=kill ends the process as kill -9 does. */
#include "streaming/query.h"

static void clean(struct sq *q);
static void ended(struct sq *q);

static const struct object_store *store(struct sq *q)
{
	return &q->m->env->ports->objects;
}

static struct delta_table table_of(struct sq *q, struct slice path)
{
	return (struct delta_table){ q->m->env->loop, store(q), q->bucket, path };
}

/* ---- checkpoint files: written where none is ---- */

static void written(struct sq *q)
{
	if (q->committing)
		ended(q);
	else if (q->o.plan)
		sq_hand_out(q);
	else
		clean(q);
}

/* An entry is there, or whether ours went through isn't known: the same bytes are ours. */
static void on_entry(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	const char *folder = q->committing ? "commits" : "offsets";
	if (!sq_back(q))
		return;
	if (!err && sl_eq(body, buf_slice(&q->text)))
		written(q);
	else if (!err)
		sq_fail(q,
			"Concurrent update to the log. Multiple streaming jobs detected for %lld. Please make sure only one streaming job runs on "
			"a specific checkpoint location at a time. (s3://%.*s/%.*s/%s/%lld is there already, and not ours)",
			(long long)q->batch, SL(q->cp_bucket), SL(q->cp_key), folder, (long long)q->batch);
	else
		sq_fail(q, "s3://%.*s/%.*s/%s/%lld can't be written: %s", SL(q->cp_bucket), SL(q->cp_key), folder, (long long)q->batch, err->text);
}

static void on_put(void *arg, const struct error *err)
{
	struct sq *q = arg;
	const char *folder = q->committing ? "commits" : "offsets";
	if (!sq_back(q))
		return;
	if (!err) {
		written(q);
		return;
	}
	sq_owe(q, store(q)->get(store(q)->self, q->cp_bucket, sq_key(q, &q->arena, "%s/%lld", folder, (long long)q->batch), on_entry, q));
}

static void put(struct sq *q, bool committing)
{
	const char *folder = committing ? "commits" : "offsets";
	q->committing = committing;
	sq_owe(q, store(q)->put_new(store(q)->self, q->cp_bucket, sq_key(q, &q->arena, "%s/%lld", folder, (long long)q->batch),
				    S("application/json"), buf_slice(&q->text), sl(NULL), on_put, q));
}

/* ---- rows ---- */

static void rules_for_batch(struct sq *q);

static void clean_work(void *arg)
{
	struct sq *q = arg;
	sq_clean(q->rules, q->shared, q->o.partition_key[0] ? q->o.partition_key : NULL, q->records, q->record_n, q->seen, &q->cleaned);
}

static void drop_rows(struct sq *q)
{
	delta_rows_free(q->cleaned.rows);
	delta_rows_free(q->cleaned.bad);
	q->cleaned.rows = q->cleaned.bad = NULL;
}

static void write_rows(struct sq *q, struct slice path, struct delta_rows *rows, delta_commit_cb cb)
{
	struct delta_table t = table_of(q, path);
	/* The batch's own time, so that a batch that runs again writes the same bytes. */
	const struct delta_write in = { .rows = rows, .mode = DELTA_APPEND, .codec = PQ_SNAPPY, .now_ms = q->end.batch_ms, .app = sl(q->id),
					.app_version = q->batch, .streaming = true, .seed = sl(q->id) };
	sq_owe(q, delta_write(&t, &in, cb, q));
}

static void on_table(void *arg, int64_t version, bool skipped, const struct error *err)
{
	struct sq *q = arg;
	q->skipped = skipped;
	if (!sq_back(q))
		return;
	if (err)
		sq_end(q, err);
	else
		sq_write_commit(q);
}

static void write_table(struct sq *q)
{
	struct delta_rows *rows = q->cleaned.rows;
	if (sq_fault(q, "stream.table"))
		return;
	q->cleaned.rows = NULL;
	write_rows(q, q->table, rows, on_table);
}

static void on_quarantine(void *arg, int64_t version, bool skipped, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	if (err)
		sq_end(q, err);
	else
		write_table(q);
}

/* Before the table: once the table has the batch, nothing but the commit is missing. */
static void write_quarantine(struct sq *q)
{
	struct delta_rows *bad = q->cleaned.bad;
	if (sq_fault(q, "stream.quarantine"))
		return;
	if (!bad->row_n) {
		write_table(q);
		return;
	}
	q->cleaned.bad = NULL;
	write_rows(q, q->bad_table, bad, on_quarantine);
}

static void clean_done(void *arg)
{
	struct sq *q = arg;
	if (sq_back(q))
		write_quarantine(q);
}

static void clean(struct sq *q)
{
	size_t bytes = 0;
	if (sq_fault(q, "stream.rows"))
		return;
	for (size_t i = 0; i < q->record_n; i++)
		bytes += q->records[i].data.n;
	drop_rows(q);
	rules_for_batch(q);
	if (bytes < SQ_JOB_BYTES) {
		clean_work(q);
		write_quarantine(q);
		return;
	}
	sq_owe(q, loop_job(q->m->env->loop, clean_work, clean_done, q));
}

/* ---- the end ---- */

int64_t sq_input(const struct sq *q)
{
	return q->o.plan ? q->input_n : (int64_t)q->record_n;
}

static void count(struct sq *q)
{
	struct metric *m = q->m->metrics;
	int64_t rows = q->skipped ? 0 : q->cleaned.out;
	q->batches++;
	q->input_rows += sq_input(q);
	q->output_rows += rows;
	q->quarantined += q->cleaned.quarantined;
	q->dropped += q->cleaned.dropped;
	q->filtered += q->cleaned.filtered;
	for (size_t i = 0; i < CLEAN_RULES_MAX; i++)
		q->hits[i] += q->cleaned.hits[i];
	m[SQ_M_BATCHES].value++;
	m[SQ_M_RECORDS].value += sq_input(q);
	m[SQ_M_ROWS].value += rows;
	m[SQ_M_QUARANTINED].value += q->cleaned.quarantined;
}

static void on_purged(void *arg, const struct error *err)
{
	(void)err; /* a file that stays does no harm */
}

static void purge(struct sq *q)
{
	static const char *const folders[] = { "offsets", "commits" };
	for (size_t i = 0; q->batch >= SQ_KEEP && i < ARRAY_LEN(folders); i++) {
		struct slice key = sq_key(q, &q->arena, "%s/%lld", folders[i], (long long)q->batch - SQ_KEEP);
		sq_owe(q, store(q)->del(store(q)->self, q->cp_bucket, key, on_purged, q));
	}
}

/* After a batch of a source without shards. */
static void go_on(struct sq *q, bool replayed)
{
	bool more = q->full || q->again;
	if (!replayed && (q->o.trigger == SQ_ONCE || (q->o.trigger == SQ_AVAILABLE_NOW && !more)))
		sq_end(q, NULL);
	else
		sq_next(q, q->o.trigger == SQ_AVAILABLE_NOW || !q->o.interval_ms);
}

static void ended(struct sq *q)
{
	bool again = q->replay;
	struct error err;
	if (sq_fault(q, "stream.end"))
		return;
	count(q);
	sq_progress(q);
	drop_rows(q);
	q->cleaned = (struct sq_cleaned){ 0 };
	sq_records_clear(q);
	sq_offsets_copy(&q->start, &q->end);
	q->before_ms = q->watermark_ms;
	q->watermark_ms = q->next_watermark_ms;
	q->replay = q->in_batch = false;
	sq_message(q, "Waiting for next trigger");
	sq_answer(q, SQ_WAIT_DONE);
	if (q->o.source == SQ_RATE_BATCH) /* which never comes to an end */
		sq_answer(q, SQ_WAIT_ALL);
	purge(q);
	q->batch++;
	if (again) { /* what was chosen for this run counts from here on */
		clean_seen_free(q->seen);
		q->seen = NULL;
	}
	if (q->stopping)
		sq_end(q, NULL);
	else if (q->o.plan && q->o.source != SQ_KINESIS)
		go_on(q, again);
	else if (again && (q->o.plan || !sq_choose_rules(q, &err)))
		sq_recover_check(q);
	else if (again)
		sq_end(q, &err);
	else if (q->o.trigger == SQ_ONCE || (q->o.trigger == SQ_AVAILABLE_NOW && !q->full))
		sq_end(q, NULL);
	else
		sq_next(q, q->o.trigger == SQ_AVAILABLE_NOW || !q->o.interval_ms);
}

void sq_write_commit(struct sq *q)
{
	if (sq_fault(q, "stream.commit"))
		return;
	buf_reset(&q->text);
	sq_commit_text(&q->text, q->next_watermark_ms);
	put(q, true);
}

/* ---- the beginning ---- */

/* "title=exact,..." as the write-ahead entry keeps it: a batch that runs again is cleaned as it was. */
static char *variants_text(const struct clean_rules *r)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < r->choice_n; i++)
		buf_addf(&b, "%s%.*s=%.*s", i ? "," : "", SL(r->choices[i].name), SL(r->choices[i].variants[r->chosen[i]].name));
	char *text = xstrdup(buf_cstr(&b));
	buf_free(&b);
	return text;
}

static void rules_for_batch(struct sq *q)
{
	struct clean_rules *r = q->rules;
	struct slice rest = sl(q->replay ? q->end.variants : NULL), one, choice, variant;
	while (rest.p && rest.n) {
		sl_cut(rest, ',', &one, &rest);
		sl_cut(one, '=', &choice, &variant);
		for (size_t i = 0; i < r->choice_n; i++)
			for (size_t k = 0; sl_eq(choice, r->choices[i].name) && k < r->choices[i].variant_n; k++)
				if (variant.p && sl_eq(variant, r->choices[i].variants[k].name))
					r->chosen[i] = (int)k;
	}
}

static void put_offsets(struct sq *q)
{
	buf_reset(&q->text);
	if (q->o.source == SQ_KINESIS)
		sq_offsets_text(&q->text, &q->end);
	else
		sq_mark_text(&q->text, q->o.source, &q->end);
	put(q, false);
}

static void have_records(struct sq *q)
{
	int64_t now = clock_now_ms(q->m->env->clock);
	if (!q->full && !q->tries)
		sq_polled(q, now);
	bool any = q->record_n || q->any_new || q->again;
	sq_idle(q, !any && !q->tries);
	if (!any) {
		sq_message(q, "Waiting for data to arrive");
		sq_answer(q, SQ_WAIT_ALL);
		if (q->stopping || q->o.trigger != SQ_INTERVAL)
			sq_end(q, NULL);
		else
			sq_next(q, false);
		return;
	}
	if (q->o.source == SQ_KINESIS)
		sq_live_offsets(q, &q->end);
	q->end.batch_ms = now;
	q->end.watermark_ms = q->watermark_ms;
	free(q->end.variants);
	q->end.variants = q->o.plan ? NULL : variants_text(q->rules);
	q->again = false;
	if (sq_fault(q, "stream.offsets"))
		return;
	sq_message(q, "Processing new data");
	q->in_batch = true;
	sq_source_note(q, put_offsets);
}

/* ---- again ---- */

/* Records of the entry that the stream doesn't have any more. */
static void have_again(struct sq *q)
{
	for (size_t i = 0; i < q->end.n; i++) {
		const struct sq_shard *end = &q->end.shards[i];
		struct sq_live *s = sq_live_find(q, end->id);
		if (!end->first[0] || (s && !strcmp(s->pos.first, end->first) && !strcmp(s->pos.last, end->last)))
			continue;
		if (!q->o.no_fail_on_data_loss) {
			sq_fail(q,
				"Could not read until the desired sequence number %s for shard %s in kinesis stream %s. The query will fail due to "
				"potential data loss. The first read record was at sequence number %s, wanted %s; the last at %s. This can happen if the "
				"data has been aged out, or the stream was deleted and made again under the same name. failOnDataLoss=false goes on "
				"with what is there.",
				end->last, end->id, q->o.stream, s && s->pos.first[0] ? s->pos.first : "(none)", end->first,
				s && s->pos.last[0] ? s->pos.last : "(none)");
			return;
		}
		log_warn(q->m->env, "stream-data-loss", "query=%s stream=%s shard=%s batch=%lld", q->o.name, q->o.stream, end->id,
			 (long long)q->batch);
	}
	for (size_t i = 0; i < q->n; i++) {
		free(q->shards[i].iterator);
		q->shards[i].iterator = NULL;
	}
	sq_live_set(q, &q->end);
	q->polled_ms = q->end.batch_ms;
	if (q->o.plan)
		sq_hand_out(q);
	else
		clean(q);
}

/* If the table has the batch, only its commit is missing, whatever the stream still holds. */
static void on_snapshot(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct sq *q = arg;
	bool there = s && delta_snapshot_txn(s, sl(q->id)) >= q->batch, none = err && err->def == &delta_errors[DELTA_E_NO_TABLE];
	delta_snapshot_free(s);
	if (!sq_back(q))
		return;
	if (err && !none) {
		sq_end(q, err);
		return;
	}
	q->skipped = there;
	if (there)
		sq_write_commit(q);
	else
		sq_read(q, SQ_READ_AGAIN, have_again);
}

static void run_again(struct sq *q)
{
	struct delta_table t = table_of(q, q->table);
	sq_message(q, "Running batch %lld again: it was begun before the last stop", (long long)q->batch);
	q->in_batch = true;
	if (q->o.plan) { /* whether its sink has it the sink knows */
		if (q->o.source == SQ_KINESIS)
			sq_read(q, SQ_READ_AGAIN, have_again);
		else
			sq_source_read(q, true, sq_hand_out);
		return;
	}
	sq_owe(q, delta_load(&t, -1, on_snapshot, q));
}

/* ---- duplicates ---- */

/* "rows: distinct" is meant for the whole stream: what the table holds is what was let in, also after a crash. */
static bool seen_rows(void *arg, const struct delta_rows *rows)
{
	clean_seen_table(((struct sq *)arg)->seen, rows);
	return true;
}

static void on_seen(void *arg, const struct error *err)
{
	struct sq *q = arg;
	delta_snapshot_free(q->snapshot);
	q->snapshot = NULL;
	if (!sq_back(q))
		return;
	if (err)
		sq_end(q, err);
	else
		sq_trigger(q);
}

static void on_table_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct sq *q = arg;
	struct delta_table t = table_of(q, q->table);
	q->snapshot = s;
	if (!sq_back(q))
		return;
	if (s)
		sq_owe(q, delta_scan(&t, s, seen_rows, on_seen, q));
	else if (err->def == &delta_errors[DELTA_E_NO_TABLE])
		sq_trigger(q);
	else
		sq_end(q, err);
}

static void load_seen(struct sq *q)
{
	struct delta_table t = table_of(q, q->table);
	sq_owe(q, delta_load(&t, -1, on_table_loaded, q));
}

void sq_trigger(struct sq *q)
{
	q->began_ms = clock_now_ms(q->m->env->clock);
	q->skipped = false;
	q->cleaned = (struct sq_cleaned){ 0 };
	q->reads++;
	if (q->replay && !q->o.plan)
		rules_for_batch(q);
	if (!q->o.plan && !q->seen && (q->seen = clean_seen_new(q->rules)))
		load_seen(q);
	else if (q->replay)
		run_again(q);
	else if (q->o.source == SQ_KINESIS)
		sq_read(q, SQ_READ_TIP, have_records);
	else
		sq_source_read(q, false, have_records);
}
