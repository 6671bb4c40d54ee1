/* What a query says about itself: Spark's StreamingQueryProgress of its last batch, and its state around it. */
#include "streaming/query.h"

static void add_time(struct buf *b, int64_t ms)
{
	char iso[32];
	clock_iso(ms, iso);
	buf_addf(b, "\"%s\"", iso);
}

static void add_rate(struct buf *b, const char *name, int64_t rows, int64_t ms)
{
	double rate = ms > 0 ? (double)rows * 1000.0 / (double)ms : 0.0;
	buf_addf(b, ",\"%s\":%.1f", name, rate);
}

static void add_source(struct buf *b, const struct sq *q, int64_t rows, int64_t ms)
{
	int64_t most = 0;
	size_t open = 0;
	for (size_t i = 0; i < q->n; i++) {
		most = q->shards[i].behind_ms > most ? q->shards[i].behind_ms : most;
		open += !q->shards[i].pos.closed;
	}
	buf_addf(b, "\"sources\":[{\"description\":\"KinesisV2[%s]\",\"startOffset\":", q->o.stream);
	if (q->start.n)
		sq_shards_json(b, &q->start);
	else
		buf_adds(b, "null");
	buf_adds(b, ",\"endOffset\":");
	sq_shards_json(b, &q->end);
	buf_addf(b, ",\"latestOffset\":null,\"numInputRows\":%lld", (long long)rows);
	add_rate(b, "inputRowsPerSecond", rows, ms);
	add_rate(b, "processedRowsPerSecond", rows, ms);
	buf_addf(b, ",\"metrics\":{\"maxMsBehindLatest\":\"%lld\",\"numOpenShards\":\"%zu\",\"numTotalShards\":\"%zu\",\"numStreams\":\"1\"}}]",
		 (long long)most, open, q->n);
}

void sq_progress(struct sq *q)
{
	struct buf *b = &q->progress;
	int64_t now = clock_now_ms(q->m->env->clock), took = now - q->began_ms, rows = (int64_t)q->record_n;
	buf_reset(b);
	buf_addf(b, "{\"id\":\"%s\",\"runId\":\"%s\",\"name\":\"%s\",\"timestamp\":", q->id, q->run_id, q->o.name);
	add_time(b, q->began_ms);
	buf_addf(b, ",\"batchId\":%lld,\"batchDuration\":%lld,\"numInputRows\":%lld", (long long)q->batch, (long long)took, (long long)rows);
	add_rate(b, "inputRowsPerSecond", rows, took);
	add_rate(b, "processedRowsPerSecond", rows, took);
	buf_addf(b, ",\"durationMs\":{\"triggerExecution\":%lld},\"stateOperators\":[],", (long long)took);
	add_source(b, q, rows, took);
	buf_addf(b, ",\"sink\":{\"description\":\"DeltaSink[s3://%.*s/%.*s]\",\"numOutputRows\":%lld,\"numQuarantinedRows\":%lld,\"skipped\":%s}}",
		 SL(q->bucket), SL(q->table), (long long)(q->skipped ? 0 : q->cleaned.out), (long long)q->cleaned.quarantined,
		 q->skipped ? "true" : "false");
}

static void add_text(struct buf *b, const char *member, const char *text)
{
	buf_addf(b, ",\"%s\":", member);
	if (text && *text)
		buf_json_string(b, sl(text));
	else
		buf_adds(b, "null");
}

static void add_totals(struct buf *b, const struct sq *q)
{
	buf_addf(b,
		 ",\"totals\":{\"batches\":%lld,\"numInputRows\":%lld,\"numOutputRows\":%lld,\"quarantined\":%lld,\"dropped\":%lld,"
		 "\"filtered\":%lld}",
		 (long long)q->batches, (long long)q->input_rows, (long long)q->output_rows, (long long)q->quarantined, (long long)q->dropped,
		 (long long)q->filtered);
}

/* As a clean run's report has them. */
static void add_rules(struct buf *b, const struct sq *q)
{
	const struct clean_rules *r = q->rules;
	struct arena a = { 0 };
	bool second = false;
	buf_adds(b, ",\"rules\":[");
	for (size_t i = 0; r && i < r->rule_n; i++) {
		if (!clean_rule_on(r, &r->rules[i]))
			continue;
		buf_addf(b, "%s{\"column\":\"%s\",\"rule\":", second ? "," : "", clean_rule_column(r, &r->rules[i]));
		buf_json_string(b, clean_rule_words(&a, r, &r->rules[i]));
		buf_addf(b, ",\"hits\":%lld}", (long long)q->hits[i]);
		second = true;
	}
	buf_addc(b, ']');
	arena_free(&a);
}

void sq_status(struct buf *b, const struct sq *q)
{
	static const char *const states[] = { "stopped", "starting", "active", "failed" };
	bool active = q->state == SQ_ACTIVE || q->state == SQ_STARTING;
	buf_addf(b, "{\"name\":\"%s\"", q->o.name);
	add_text(b, "id", q->id);
	add_text(b, "runId", q->run_id);
	buf_addf(b, ",\"state\":\"%s\",\"isActive\":%s,\"declared\":%s,\"starts\":%lld,\"restarted\":%s", states[q->state],
		 active ? "true" : "false", q->declared ? "true" : "false", (long long)q->starts, q->restarted ? "true" : "false");
	buf_adds(b, ",\"status\":{\"message\":");
	buf_json_string(b, sl(q->message ? q->message : q->starts ? "Stopped" : "Not started"));
	buf_addf(b, ",\"isDataAvailable\":%s,\"isTriggerActive\":%s}", q->in_batch ? "true" : "false", active && q->working ? "true" : "false");
	add_text(b, "exception", q->exception);
	buf_adds(b, ",\"options\":{");
	sq_options_json(b, &q->o);
	buf_adds(b, "}");
	if (q->cp_bucket.p) {
		buf_adds(b, ",\"checkpoint\":");
		struct buf path = { 0 };
		buf_addf(&path, "s3://%.*s/%.*s", SL(q->cp_bucket), SL(q->cp_key));
		buf_json_string(b, buf_slice(&path));
		buf_free(&path);
	}
	buf_addf(b, ",\"sink\":{\"table\":\"s3://%s/tables/%s\",\"quarantine\":\"s3://%s/tables/%s_quarantine\"}", q->m->bucket, q->o.table,
		 q->m->bucket, q->o.table);
	add_totals(b, q);
	add_rules(b, q);
	buf_adds(b, ",\"lastProgress\":");
	if (q->progress.n)
		buf_addsl(b, buf_slice(&q->progress));
	else
		buf_adds(b, "null");
	buf_adds(b, "}");
}
