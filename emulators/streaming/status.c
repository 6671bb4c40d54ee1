/* What a query says about itself: Spark's StreamingQueryProgress of its last batch, and its state around it. */
#include "core/json.h"
#include "streaming/query.h"

static void add_rate(struct buf *b, const char *name, int64_t rows, int64_t ms)
{
	double rate = ms > 0 ? (double)rows * 1000.0 / (double)ms : 0.0;
	jw_name(b, name);
	buf_addf(b, "%.1f", rate);
}

static void add_rows(struct buf *b, int64_t rows, int64_t ms)
{
	jw_int(b, "numInputRows", rows);
	add_rate(b, "inputRowsPerSecond", rows, ms);
	add_rate(b, "processedRowsPerSecond", rows, ms);
}

/* A client's query has the name that it was given, or none. */
static void add_name(struct buf *b, const struct sq *q)
{
	jw_text(b, "name", !q->o.plan ? q->o.name : q->o.title[0] ? q->o.title : NULL);
}

/* Of one without shards. */
static void add_marks(struct buf *b, const struct sq *q, int64_t rows, int64_t ms)
{
	struct buf source = { 0 };
	jw_obj(b, NULL);
	sq_source_describe(&source, q);
	jw_text(b, "description", buf_cstr(&source));
	if (q->batch) {
		jw_name(b, "startOffset");
		sq_mark_json(b, q->o.source, &q->start.mark);
	} else {
		jw_null(b, "startOffset");
	}
	jw_name(b, "endOffset");
	sq_mark_json(b, q->o.source, &q->end.mark);
	jw_name(b, "latestOffset");
	sq_mark_json(b, q->o.source, &q->end.mark);
	add_rows(b, rows, ms);
	jw_obj_end(b);
	buf_free(&source);
}

static void add_source(struct buf *b, const struct sq *q, int64_t rows, int64_t ms)
{
	int64_t most = 0;
	size_t open = 0;
	for (size_t i = 0; i < q->n; i++) {
		most = q->shards[i].behind_ms > most ? q->shards[i].behind_ms : most;
		open += !q->shards[i].pos.closed;
	}
	jw_obj(b, NULL);
	jw_fmt(b, "description", "KinesisV2[%s]", q->o.stream);
	if (q->start.n) {
		jw_name(b, "startOffset");
		sq_shards_json(b, &q->start);
	} else {
		jw_null(b, "startOffset");
	}
	jw_name(b, "endOffset");
	sq_shards_json(b, &q->end);
	jw_null(b, "latestOffset");
	add_rows(b, rows, ms);
	jw_obj(b, "metrics"); /* texts, as Spark has them */
	jw_fmt(b, "maxMsBehindLatest", "%lld", (long long)most);
	jw_fmt(b, "numOpenShards", "%zu", open);
	jw_fmt(b, "numTotalShards", "%zu", q->n);
	jw_text(b, "numStreams", "1");
	jw_obj_end(b);
	jw_obj_end(b);
}

void sq_progress(struct sq *q)
{
	struct buf *b = &q->progress;
	int64_t now = clock_now_ms(q->m->env->clock), took = now - q->began_ms, rows = sq_input(q);
	char iso[32];
	clock_iso(q->began_ms, iso);
	buf_reset(b);
	jw_obj(b, NULL);
	jw_text(b, "id", q->id);
	jw_text(b, "runId", q->run_id);
	add_name(b, q);
	jw_text(b, "timestamp", iso);
	jw_int(b, "batchId", q->batch);
	jw_int(b, "batchDuration", took);
	add_rows(b, rows, took);
	jw_obj(b, "durationMs");
	if (q->o.plan)
		jw_int(b, "addBatch", now > q->handed_ms ? now - q->handed_ms : 0);
	jw_int(b, "triggerExecution", took);
	jw_obj_end(b);
	if (q->watermark_ms) {
		jw_obj(b, "eventTime");
		clock_iso(q->watermark_ms, iso);
		jw_text(b, "watermark", iso);
		jw_obj_end(b);
	}
	jw_raw(b, "stateOperators", S("[]"));
	jw_list(b, "sources");
	if (q->o.source == SQ_KINESIS)
		add_source(b, q, rows, took);
	else
		add_marks(b, q, rows, took);
	jw_list_end(b);
	jw_obj(b, "sink");
	if (q->o.plan)
		jw_text(b, "description", q->o.sink);
	else
		jw_fmt(b, "description", "DeltaSink[s3://%.*s/%.*s]", SL(q->bucket), SL(q->table));
	jw_int(b, "numOutputRows", q->skipped ? 0 : q->cleaned.out);
	if (!q->o.plan) {
		jw_int(b, "numQuarantinedRows", q->cleaned.quarantined);
		jw_bool(b, "skipped", q->skipped);
	}
	jw_obj_end(b);
	jw_obj_end(b);
}

static void add_text(struct buf *b, const char *member, const char *text)
{
	jw_text(b, member, text && *text ? text : NULL);
}

static void add_totals(struct buf *b, const struct sq *q)
{
	jw_obj(b, "totals");
	jw_int(b, "batches", q->batches);
	jw_int(b, "numInputRows", q->input_rows);
	jw_int(b, "numOutputRows", q->output_rows);
	jw_int(b, "quarantined", q->quarantined);
	jw_int(b, "dropped", q->dropped);
	jw_int(b, "filtered", q->filtered);
	jw_obj_end(b);
}

/* As a clean run's report has them. */
static void add_rules(struct buf *b, const struct sq *q)
{
	const struct clean_rules *r = q->rules;
	struct arena a = { 0 };
	jw_list(b, "rules");
	for (size_t i = 0; r && i < r->rule_n; i++) {
		if (!clean_rule_on(r, &r->rules[i]))
			continue;
		jw_obj(b, NULL);
		jw_text(b, "column", clean_rule_column(r, &r->rules[i]));
		jw_str(b, "rule", clean_rule_words(&a, r, &r->rules[i]));
		jw_int(b, "hits", q->hits[i]);
		jw_obj_end(b);
	}
	jw_list_end(b);
	arena_free(&a);
}

static void add_declared(struct buf *b, const struct sq *q)
{
	jw_obj(b, "options");
	sq_options_json(b, &q->o);
	jw_obj_end(b);
	jw_obj(b, "sink");
	jw_fmt(b, "table", "s3://%s/tables/%s", q->m->bucket, q->o.table);
	jw_fmt(b, "quarantine", "s3://%s/tables/%s_quarantine", q->m->bucket, q->o.table);
	jw_obj_end(b);
}

/* Of a client's: the batch that it shall run. */
static void add_plan(struct buf *b, const struct sq *q)
{
	struct buf source = { 0 };
	sq_source_describe(&source, q);
	jw_text(b, "queryName", q->o.title[0] ? q->o.title : NULL);
	jw_text(b, "source", buf_cstr(&source));
	add_text(b, "warning", q->warning);
	jw_obj(b, "options"); /* for tarn stream list */
	jw_text(b, "streamName", q->o.source == SQ_KINESIS ? q->o.stream : buf_cstr(&source));
	jw_text(b, "table", q->o.sink);
	jw_obj_end(b);
	jw_obj(b, "sink");
	jw_text(b, "description", q->o.sink);
	jw_obj_end(b);
	if (q->handed) {
		jw_int(b, "batch", q->batch);
		jw_int(b, "watermark", q->watermark_ms);
		jw_int(b, "before", q->before_ms);
	}
	buf_free(&source);
}

void sq_status(struct buf *b, const struct sq *q)
{
	static const char *const states[] = { "stopped", "starting", "active", "failed" };
	bool active = q->state == SQ_ACTIVE || q->state == SQ_STARTING;
	jw_obj(b, NULL);
	jw_text(b, "name", q->o.name);
	add_text(b, "id", q->id);
	add_text(b, "runId", q->run_id);
	jw_text(b, "state", states[q->state]);
	jw_bool(b, "isActive", active);
	jw_bool(b, "declared", q->declared);
	jw_int(b, "starts", q->starts);
	jw_bool(b, "restarted", q->restarted);
	jw_obj(b, "status");
	jw_text(b, "message", q->message ? q->message : q->starts ? "Stopped" : "Not started");
	jw_bool(b, "isDataAvailable", q->in_batch);
	jw_bool(b, "isTriggerActive", active && q->working);
	jw_obj_end(b);
	add_text(b, "exception", q->exception);
	if (q->cp_bucket.p)
		jw_fmt(b, "checkpoint", "s3://%.*s/%.*s", SL(q->cp_bucket), SL(q->cp_key));
	if (q->o.plan)
		add_plan(b, q);
	else
		add_declared(b, q);
	add_totals(b, q);
	if (!q->o.plan)
		add_rules(b, q);
	if (q->progress.n)
		jw_raw(b, "lastProgress", buf_slice(&q->progress));
	else
		jw_null(b, "lastProgress");
	jw_obj_end(b);
}
