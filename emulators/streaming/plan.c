/* Queries whose batches a client runs: a notebook's streaming cells. The service has the source, the checkpoint and the triggers; what is
 * done with a batch's rows is the client's plan, which it has the lake run on them (port feeds; lake/batch.h), and its sink.
 *
 *   POST /api/tarn/streams/NAME/start {"source":{"place":"s3://b/k","name":"x","options":{"format":"kinesis",...}},"trigger":"5 seconds",...}
 *   POST .../next    answers when a batch is ready ({"batch":N,...}), when the query has ended, or after a while with its status
 *   POST .../done {"batch":N,"rows":5,"input":7,"eventTime":MS}, or {"batch":N,"error":"..."}: then the query fails
 *   POST .../all     answers when all was processed that was there at that moment
 *
 * A batch whose client goes away before it is done is not committed: the next start with the checkpoint hands it out again, with the same
 * rows and number, so that a sink which keeps (query id, batch) beside its rows has them once. */
#include "core/json.h"
#include "core/path.h"
#include "core/problem.h"
#include "streaming/query.h"

/* ---- options ---- */

static struct slice text_of(struct arena *a, const json_t *v)
{
	char *text;
	struct slice out;
	if (json_is_string(v))
		return arena_dup(a, sl_of(json_string_value(v), json_string_length(v)));
	text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	out = text ? arena_dup(a, sl(text)) : S("");
	free(text);
	return out;
}

static int number(struct slice v, const char *what, int64_t min, int64_t *out, struct error *err)
{
	return sl_int(sl_trim(v), min, INT64_MAX, out) ? 0 : err_set(err, ERR_INVALID, "Invalid value '%.*s' for option '%s', must be a number from %lld on", SL(v), what, (long long)min);
}

static int flag(struct slice v, const char *what, bool *out, struct error *err)
{
	*out = sl_eq_nocase(v, S("true"));
	return *out || sl_eq_nocase(v, S("false")) ? 0 : err_set(err, ERR_INVALID, "option '%s' is true or false, not '%.*s'", what, SL(v));
}

static int rate_option(struct sq_options *o, struct slice key, struct slice v, struct error *err)
{
	int64_t zero = 0;
	if (sl_eq_nocase(key, S("rowsPerSecond")) && o->source == SQ_RATE)
		return number(v, "rowsPerSecond", 1, &o->rows, err);
	if (sl_eq_nocase(key, S("rowsPerBatch")) && o->source == SQ_RATE_BATCH)
		return number(v, "rowsPerBatch", 1, &o->rows, err);
	if (sl_eq_nocase(key, S("startTimestamp")))
		return number(v, "startTimestamp", 0, &o->start_ms, err);
	if (sl_eq_nocase(key, S("advanceMillisPerBatch")))
		return number(v, "advanceMillisPerBatch", 0, &o->advance_ms, err);
	if (sl_eq_nocase(key, S("rampUpTime")) && (!sl_int(v, 0, INT64_MAX, &zero) || zero) && !sl_eq_nocase(v, S("0s")))
		return err_set(err, ERR_UNSUPPORTED, "the option rampUpTime of the rate source isn't served here");
	return 0;
}

static int delta_option(struct sq_options *o, struct slice key, struct slice v, struct error *err)
{
	if (sl_eq_nocase(key, S("startingVersion"))) {
		o->from_version = -2;
		return sl_eq_nocase(v, S("latest")) ? 0 : number(v, "startingVersion", 0, &o->from_version, err);
	}
	if (sl_eq_nocase(key, S("ignoreChanges")))
		return flag(v, "ignoreChanges", &o->ignore_changes, err);
	if (sl_eq_nocase(key, S("ignoreDeletes")))
		return flag(v, "ignoreDeletes", &o->ignore_deletes, err);
	if (sl_eq_nocase(key, S("skipChangeCommits")))
		return flag(v, "skipChangeCommits", &o->skip_changes, err);
	if (sl_eq_nocase(key, S("maxFilesPerTrigger")))
		return number(v, "maxFilesPerTrigger", 1, &o->files_max, err);
	if (sl_eq_nocase(key, S("startingTimestamp")) || sl_eq_nocase(key, S("readChangeFeed")) || sl_eq_nocase(key, S("readChangeData")) ||
	    sl_eq_nocase(key, S("maxBytesPerTrigger")))
		return err_set(err, ERR_UNSUPPORTED, "the option %.*s of the Delta source isn't served here", SL(key));
	return 0;
}

static int files_option(struct sq_options *o, struct slice key, struct slice v, struct error *err)
{
	if (sl_eq_nocase(key, S("maxFilesPerTrigger")) || sl_eq_nocase(key, S("cloudFiles.maxFilesPerTrigger")))
		return number(v, "maxFilesPerTrigger", 1, &o->files_max, err);
	if (sl_eq_nocase(key, S("latestFirst")))
		return flag(v, "latestFirst", &o->latest_first, err);
	if (sl_eq_nocase(key, S("maxFileAge")) || sl_eq_nocase(key, S("cleanSource")) || sl_eq_nocase(key, S("sourceArchiveDir")) ||
	    sl_eq_nocase(key, S("fileNameOnly")) || sl_eq_nocase(key, S("cloudFiles.includeExistingFiles")))
		return err_set(err, ERR_UNSUPPORTED, "the option %.*s of a source of files isn't served here", SL(key));
	return 0;
}

/* Those that only say how fast, or as whom, to read are as good as said. */
static int kinesis_option(struct sq_options *o, struct slice key, struct slice v, struct error *err)
{
	static const char *const ours[] = { "streamName", "initialPosition", "initialTimestamp", "maxRecordsPerBatch", "failOnDataLoss" };
	static const char *const unserved[] = { "streamARN", "consumerMode" };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (sl_eq_nocase(key, sl(ours[i])))
			return sq_option(o, key, v, err);
	if (sl_eq_nocase(key, S("consumerMode")) && sl_eq_nocase(v, S("polling")))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(unserved); i++)
		if (sl_eq_nocase(key, sl(unserved[i])))
			return err_set(err, ERR_UNSUPPORTED, "the option %.*s of the Kinesis source isn't served here", SL(key));
	return 0;
}

static const struct {
	const char *format;
	enum sq_source source;
	int (*option)(struct sq_options *o, struct slice key, struct slice value, struct error *err);
} formats[] = {
	{ "kinesis", SQ_KINESIS, kinesis_option }, { "rate", SQ_RATE, rate_option }, { "rate-micro-batch", SQ_RATE_BATCH, rate_option },
	{ "delta", SQ_DELTA, delta_option },       { "json", SQ_FILES, files_option }, { "csv", SQ_FILES, files_option },
	{ "parquet", SQ_FILES, files_option },     { "text", SQ_FILES, files_option }, { "cloudFiles", SQ_FILES, files_option },
};

static int read_place(struct sq_options *o, const json_t *source, struct error *err)
{
	struct object_path p;
	struct slice place = jslice(source, "place");
	if (o->source != SQ_DELTA && o->source != SQ_FILES)
		return 0;
	if (!place.n || path_s3(place, NULL, &p, err))
		return err_set(err, ERR_INVALID, "the source's place is missing");
	if (p.bucket.n >= sizeof(o->bucket) || p.key.n >= sizeof(o->path))
		return err_set(err, ERR_INVALID, "the source's path is longer than %d bytes", SQ_OPTION_MAX - 1);
	snprintf(o->bucket, sizeof(o->bucket), "%.*s", SL(p.bucket));
	snprintf(o->path, sizeof(o->path), "%.*s", SL(p.key));
	return 0;
}

static int read_source(struct sq_options *o, struct arena *a, const json_t *source, struct error *err)
{
	json_t *options = json_object_get(source, "options"), *v;
	struct slice format = S("");
	const char *key;
	size_t at = 0;
	int rc = 0;
	json_object_foreach(options, key, v)
		if (!strcasecmp(key, "format"))
			format = text_of(a, v);
	while (at < ARRAY_LEN(formats) && !sl_eq_nocase(format, sl(formats[at].format)))
		at++;
	if (at == ARRAY_LEN(formats))
		return err_set(err, ERR_UNSUPPORTED, "a stream of the format %.*s isn't served here", SL(format));
	o->source = formats[at].source;
	o->rows = 1;
	o->advance_ms = 1000;
	o->from_version = -1;
	o->files_max = o->source == SQ_DELTA ? 1000 : 0;
	json_object_foreach(options, key, v)
		if (!rc && strcasecmp(key, "format"))
			rc = formats[at].option(o, sl(key), text_of(a, v), err);
	if (!rc && o->source == SQ_KINESIS && !o->stream[0])
		rc = err_set(err, ERR_INVALID, "option streamName is missing");
	if (!rc && o->initial == SQ_AT_TIMESTAMP && !o->initial_ms)
		rc = err_set(err, ERR_INVALID, "initialPosition=at_timestamp wants initialTimestamp=TIME");
	return rc ? rc : read_place(o, source, err);
}

int sq_plan_options(struct sq_options *o, struct slice body, struct error *err)
{
	static const char *const names[] = { "trigger", "checkpointLocation" };
	JSON_AUTO doc = json_loadb(body.p ? body.p : "", body.n, 0, NULL);
	struct arena a = { 0 };
	int rc = read_source(o, &a, json_object_get(doc, "source"), err);
	o->plan = true;
	o->stateful = json_is_true(json_object_get(doc, "stateful"));
	o->interval_ms = 0;
	for (size_t i = 0; !rc && i < ARRAY_LEN(names); i++)
		if (json_is_string(json_object_get(doc, names[i])))
			rc = sq_option(o, sl(names[i]), jslice(doc, names[i]), err);
	o->temporary = !o->checkpoint[0];
	snprintf(o->title, sizeof(o->title), "%s", jstr(doc, "queryName") ? jstr(doc, "queryName") : "");
	snprintf(o->sink, sizeof(o->sink), "%s", jstr(doc, "sink") ? jstr(doc, "sink") : "");
	arena_free(&a);
	return rc;
}

/* ---- the batch that is handed out ---- */

/* Those before it go with the last that holds them: one after another, there may be many. */
static void feed_free(struct feed *f)
{
	while (f) {
		struct feed *before = f->before;
		sp_table_free(f->rows);
		free((char *)(uintptr_t)f->files.p);
		free(f);
		f = before && !--before->refs ? before : NULL;
	}
}

void sq_feed_drop(struct sq *q)
{
	feed_release(q->feed);
	q->feed = NULL;
}

static const struct sp_field record_fields[] = {
#define COLUMN(name, kind) { { name, sizeof(name) - 1 }, &sp_types[kind], true, { NULL, 0 }, { NULL, 0 } }
	COLUMN("partitionKey", SP_STRING), COLUMN("data", SP_BINARY), COLUMN("stream", SP_STRING), COLUMN("shardId", SP_STRING),
	COLUMN("sequenceNumber", SP_STRING), COLUMN("approximateArrivalTimestamp", SP_TIMESTAMP),
#undef COLUMN
};

/* n records from the first on as a chunk of the source's columns. */
static void add_records(struct sp_table *t, const struct sq *q, size_t from, size_t n)
{
	struct arena a = { 0 };
	struct sp_out out[ARRAY_LEN(record_fields)];
	struct sp_vec columns[ARRAY_LEN(record_fields)];
	const struct sp_batch b = { .n = n, .column_n = ARRAY_LEN(record_fields), .columns = columns };
	for (size_t c = 0; c < ARRAY_LEN(record_fields); c++)
		sp_out_make(&out[c], &a, record_fields[c].type, n);
	for (size_t i = 0; i < n; i++) {
		const struct sq_record *r = &q->records[from + i];
		out[0].str[i] = r->key;
		out[1].str[i] = r->data;
		out[2].str[i] = sl(q->o.stream);
		out[3].str[i] = sl(r->shard);
		out[4].str[i] = r->sequence;
		out[5].i64[i] = r->arrived_ms * 1000;
	}
	for (size_t c = 0; c < ARRAY_LEN(record_fields); c++)
		columns[c] = out[c].v;
	sp_table_add(t, &b);
	arena_free(&a);
}

/* In a job: the records become a table. */
static void table_work(void *arg)
{
	struct sq *q = arg;
	q->rows = sp_table_new();
	q->rows->fields = record_fields;
	q->rows->field_n = ARRAY_LEN(record_fields);
	for (size_t i = 0; i < q->record_n; i += SP_BATCH)
		add_records(q->rows, q, i, q->record_n - i < SP_BATCH ? q->record_n - i : SP_BATCH);
}

/* Nobody has come for the batch. */
static void on_untaken(void *arg)
{
	struct sq *q = arg;
	q->patience = NULL;
	sq_stop(q, "Stopped: its client has gone");
}

static bool is_asked(const struct sq *q)
{
	const struct sq_wait *w = q->waits;
	while (w && w->kind != SQ_WAIT_NEXT)
		w = w->next;
	return w != NULL;
}

static void hand_out(struct sq *q)
{
	struct feed *f = xcalloc(1, sizeof(*f));
	*f = (struct feed){ .refs = 1, .rows = q->rows, .free = feed_free };
	if (q->files.n)
		f->files = sl_of(xstrndup(q->files.p, q->files.n), q->files.n);
	q->rows = NULL;
	f->before = q->o.stateful ? q->feed : NULL;
	if (!f->before)
		sq_feed_drop(q);
	q->feed = f;
	q->handed = true;
	q->handed_ms = clock_now_ms(q->m->env->clock);
	sq_waiting(q);
	if (is_asked(q)) {
		sq_answer(q, SQ_WAIT_NEXT);
		return;
	}
	loop_cancel(q->patience);
	q->patience = loop_after(q->m->env->loop, SQ_CLIENT_MS, on_untaken, q);
}

static void table_done(void *arg)
{
	struct sq *q = arg;
	if (sq_back(q))
		hand_out(q);
}

void sq_hand_out(struct sq *q)
{
	if (sq_fault(q, "stream.hand"))
		return;
	if (q->o.source != SQ_KINESIS) {
		hand_out(q);
		return;
	}
	sq_owe(q, loop_job(q->m->env->loop, table_work, table_done, q));
}

static struct feed *hold(void *self, struct slice query, int64_t batch)
{
	struct sq *q = sq_find(self, query);
	if (!q || !q->feed || !q->handed || q->batch != batch)
		return NULL;
	q->feed->refs++;
	return q->feed;
}

void sq_provide(void *self, struct ports *ports)
{
	ports->feeds = (struct feeds){ self, hold };
}

/* ---- operations ---- */

static struct sq *plan_of(struct streaming *m, struct http_call *call)
{
	struct slice name = call->arg[0];
	struct sq *q = sq_find(m, name);
	if (q && q->o.plan)
		return q;
	problem_send(call, 404, "RESOURCE_DOES_NOT_EXIST", "no client runs a streaming query %.*s", (int)(name.n > 100 ? 100 : name.n), name.p);
	return NULL;
}

static bool is_active(const struct sq *q)
{
	return q->state == SQ_STARTING || q->state == SQ_ACTIVE;
}

void sq_show(const struct sq *q, struct http_call *call)
{
	struct buf b = { 0 };
	sq_status(&b, q);
	buf_addc(&b, '\n');
	http_reply(call, 200, "application/json", buf_slice(&b));
	buf_free(&b);
}

/* Says nothing new after a while, so that the client sees that the query is there. */
static void on_patience(void *arg)
{
	struct sq *q = arg;
	q->patience = NULL;
	sq_answer(q, SQ_WAIT_NEXT);
}

void sq_op_next(void *self, struct http_call *call)
{
	enum { PATIENCE_MS = 10000 };
	struct sq *q = plan_of(self, call);
	if (!q)
		return;
	q->asked_us = clock_real_us();
	if (!is_active(q) || q->handed) {
		loop_cancel(q->patience);
		q->patience = NULL;
		sq_show(q, call);
		return;
	}
	sq_wait_for(q, call, SQ_WAIT_NEXT);
	if (!q->patience)
		q->patience = loop_after(q->m->env->loop, PATIENCE_MS, on_patience, q);
}

void sq_op_all(void *self, struct http_call *call)
{
	struct sq *q = plan_of(self, call);
	if (!q)
		return;
	if (!is_active(q)) {
		sq_show(q, call);
		return;
	}
	q->asked_us = clock_real_us();
	sq_wait_for(q, call, SQ_WAIT_ALL);
	sq_hurry(q);
}

void sq_op_done(void *self, struct http_call *call)
{
	struct sq *q = plan_of(self, call);
	JSON_AUTO doc = json_loadb(call->req.body.p ? call->req.body.p : "", call->req.body.n, 0, NULL);
	const char *error = jstr(doc, "error");
	const json_t *event = json_object_get(doc, "eventTime");
	if (!q)
		return;
	q->asked_us = clock_real_us();
	if (!is_active(q) || !q->handed || jint(doc, "batch") != q->batch) {
		problem_send(call, 409, "RESOURCE_CONFLICT", "the batch %lld of the streaming query %s is not under way", (long long)jint(doc, "batch"), q->o.name);
		return;
	}
	q->handed = false;
	if (error) {
		sq_fail(q, "%s", error);
		sq_show(q, call);
		return;
	}
	q->again = json_is_true(json_object_get(doc, "again"));
	q->cleaned.out = jint(doc, "rows");
	q->input_n = jint(doc, "input");
	q->next_watermark_ms = json_is_integer(event) && json_integer_value(event) > q->watermark_ms ? json_integer_value(event) : q->watermark_ms;
	sq_wait_for(q, call, SQ_WAIT_DONE);
	sq_busy(q);
	sq_write_commit(q);
}
