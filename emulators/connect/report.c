/* What becomes of a record that a converter, a transform or the sink can't take: RetryWithToleranceOperator, LogReporter and
 * DeadLetterQueueReporter. Nothing here throws RetriableException, so errors.retry.* is never asked. */
#include "connect/report.h"
#include "kproto/batch.h"

enum { TOPIC_ALREADY_EXISTS = 36 };
static const char *const stages[] = { "KEY_CONVERTER", "VALUE_CONVERTER", "HEADER_CONVERTER", "TRANSFORMATION", "TASK_PUT" };

static void on_dlq(void *arg, const struct append_result *r, size_t n, const struct error *err)
{
	const struct connect *k = arg;
	if (err || (n && r[0].error))
		log_warn(k->env, "dlq-failed", "error=\"%s\" code=%d", err ? err->text : "", n ? r[0].error : 0);
}

static void on_queue(void *arg, int error, const struct topic_info *t, const struct topic_config *configs, size_t n, const struct error *err)
{
	const struct connect *k = arg;
	(void)t, (void)configs, (void)n;
	if (err || (error && error != TOPIC_ALREADY_EXISTS))
		log_warn(k->env, "dlq-not-made", "error=\"%s\" code=%d", err ? err->text : "", error);
}

void con_make_queue(struct connector *c)
{
	struct record_log *log = &c->k->env->ports->log;
	struct topic_change make = { .act = TOPIC_CREATE, .topic = sl(c->sink.dlq), .partition_n = 1 };
	if (make.topic.n && log->self && log->change)
		owed_keep(&c->k->dlq, log->change(log->self, &make, on_queue, c->k));
}

static void put_header(struct buf *out, int32_t *n, const char *name, struct slice value)
{
	char whole[64];
	(void)snprintf(whole, sizeof(whole), "__connect.errors.%s", name);
	kp_header_put(out, sl(whole), value);
	++*n;
}

static void put_number(struct buf *out, int32_t *n, const char *name, int64_t v)
{
	char text[24];
	(void)snprintf(text, sizeof(text), "%lld", (long long)v);
	put_header(out, n, name, sl(text));
}

static void context_headers(const struct con_tp *tp, const struct log_record *r, const struct con_failure *f, struct buf *out, int32_t *n)
{
	const char *end = strstr(f->cause, "\nCaused by: ");
	struct slice first = sl_of(f->cause, end ? (size_t)(end - f->cause) : strlen(f->cause)), class = first, message = sl(NULL);
	ssize_t colon = sl_find(first, S(": "));
	char *trace = con_trace_failure(f, false);
	if (colon >= 0) {
		class = sl_of(first.p, (size_t)colon);
		message = sl_from(first, (size_t)colon + 2);
	}
	put_header(out, n, "topic", sl(tp->topic));
	put_number(out, n, "partition", tp->partition);
	put_number(out, n, "offset", r->offset);
	put_header(out, n, "connector.name", sl(tp->c->name));
	put_number(out, n, "task.id", tp->task);
	put_header(out, n, "stage", sl(stages[f->stage]));
	put_header(out, n, "class.name", sl(f->class));
	put_header(out, n, "exception.class.name", class);
	put_header(out, n, "exception.message", message);
	put_header(out, n, "exception.stacktrace", sl(trace));
	free(trace);
}

/* The record as it was, to the queue. */
static void to_queue(struct con_tp *tp, const struct log_record *r, const struct con_failure *f)
{
	struct connector *c = tp->c;
	struct record_log *log = &c->k->env->ports->log;
	struct log_append in = { sl(c->sink.dlq), -1, *r };
	struct buf headers = { 0 };
	if (c->sink.dlq_headers) {
		buf_addsl(&headers, r->headers.p ? r->headers : S(""));
		context_headers(tp, r, f, &headers, &in.record.header_n);
		in.record.headers = buf_slice(&headers);
	}
	owed_keep(&c->k->dlq, log->append(log->self, &in, 1, on_dlq, c->k));
	buf_free(&headers);
}

static void to_log(const struct con_tp *tp, const struct log_record *r, const struct con_failure *f)
{
	const struct connector *c = tp->c;
	char record[512] = "", *trace = con_trace_failure(f, false);
	if (c->sink.log_records)
		(void)snprintf(record, sizeof(record), ", where consumed record is {topic='%s', partition=%d, offset=%lld, timestamp=%lld, timestampType=CreateTime}", tp->topic, tp->partition,
			       (long long)r->offset, (long long)r->timestamp_ms);
	log_error(c->k->env, "record-failed", "Error encountered in task %s-%d. Executing stage '%s' with class '%s'%s. %s", c->name, tp->task, stages[f->stage], f->class, record, trace);
	free(trace);
}

bool con_report(struct con_tp *tp, const struct log_record *r, const struct con_failure *f, char **trace)
{
	const struct sink_conf *s = &tp->c->sink;
	tp->c->k->metrics[CON_M_SKIPPED].value += s->tolerate;
	if (s->log_errors)
		to_log(tp, r, f);
	if (s->dlq && *s->dlq)
		to_queue(tp, r, f);
	if (!s->tolerate)
		*trace = con_trace_failure(f, true);
	return s->tolerate;
}
