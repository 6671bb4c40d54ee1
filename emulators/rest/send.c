/* How the proxy's producer sends: what it refuses by itself, what a broker's refusal is called, how long it waits for a topic. */
#include "kproto/code.h"
#include "rest/rest.h"

enum { RETRY_MS = 100 }; /* retry.backoff.ms */

/* What the producer makes of a broker's code: RetriableException or not. Its text is the code's. */
static const struct {
	enum kp_code kafka;
	int code;
} append_errors[] = {
	{ KE_CORRUPT_MESSAGE, REST_E_RETRIABLE },
	{ KE_NOT_LEADER_OR_FOLLOWER, REST_E_RETRIABLE },
	{ KE_REQUEST_TIMED_OUT, REST_E_RETRIABLE },
	{ KE_MESSAGE_TOO_LARGE, REST_E_KAFKA },
	{ KE_RECORD_LIST_TOO_LARGE, REST_E_KAFKA },
	{ KE_NOT_ENOUGH_REPLICAS, REST_E_RETRIABLE },
	{ KE_INVALID_TIMESTAMP, REST_E_KAFKA },
	{ KE_KAFKA_STORAGE_ERROR, REST_E_RETRIABLE },
	{ KE_INVALID_RECORD, REST_E_KAFKA },
};

static size_t varint_size(int64_t v)
{
	uint64_t u = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
	size_t n = 1;
	while (u >= 0x80) {
		u >>= 7;
		n++;
	}
	return n;
}

static size_t field_size(struct slice s)
{
	return s.p ? varint_size((int64_t)s.n) + s.n : 1;
}

/* The producer's estimate: batch overhead, record overhead, fields, headers. */
static size_t serialized_size(const struct rest_record *r)
{
	return 61 + 21 + field_size(r->key) + field_size(r->value) + varint_size(r->header_n) + r->headers.n;
}

static void set_error(struct rest_offset *o, int code, struct slice text)
{
	o->error_code = code;
	o->error = text;
}

/* The topic or the partition isn't in the metadata: that is asked for again and again, each record waits max.block.ms for it, one after
 * the other. */
static void block(struct rest_sending *s, struct rest_offset *o)
{
	set_error(o, REST_E_RETRIABLE, arena_printf(s->c->req->arena, "Topic %.*s not present in metadata after %d ms.", SL(s->topic), REST_BLOCK_MS));
	o->blocked = true;
	s->blocked++;
}

static void set_append_error(struct rest_sending *s, const struct rest_record *r, struct rest_offset *o, int kafka, int partition)
{
	struct arena *a = s->c->req->arena;
	if (kafka == KE_INVALID_TOPIC_EXCEPTION) {
		set_error(o, REST_E_KAFKA, arena_printf(a, "Invalid topics: [%.*s]", SL(s->topic)));
		return;
	}
	if (kafka == KE_TOPIC_AUTHORIZATION_FAILED) {
		set_error(o, REST_E_AUTHORIZATION, arena_printf(a, "Not authorized to access topics: [%.*s]", SL(s->topic)));
		return;
	}
	if (kafka == KE_INVALID_RECORD && !r->key.p) {
		set_error(o, REST_E_KAFKA, arena_printf(a, "Compacted topic cannot accept message without key in topic partition %.*s-%d", SL(s->topic),
							partition));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(append_errors); i++)
		if ((int)append_errors[i].kafka == kafka) {
			set_error(o, append_errors[i].code, sl(kp_code_text(kafka)));
			return;
		}
	set_error(o, REST_E_KAFKA, S("The server experienced an unexpected error when processing the request."));
}

static struct owed **asks_of(struct rest_sending *s)
{
	return s->c->streams ? &s->c->asks : &s->c->r->asks;
}

static void send_slice(struct rest_sending *s);
static void wait_for_blocked(struct rest_sending *s);

static void take_result(struct rest_sending *s, size_t at, const struct append_result *r, const struct error *err)
{
	struct rest_offset *o = &s->offsets[at];
	if (err && err->kind == ERR_STORE) {
		set_append_error(s, &s->records[at], o, KE_KAFKA_STORAGE_ERROR, 0);
	} else if (err || !r || r->error == KE_UNKNOWN_TOPIC_OR_PARTITION) {
		block(s, o);
		s->away = s->away || err;
	} else if (r->error) {
		set_append_error(s, &s->records[at], o, r->error, r->partition);
	} else {
		o->partition = r->partition;
		o->offset = r->offset;
	}
}

static void appended(void *arg, const struct append_result *r, size_t n, const struct error *err)
{
	struct rest_sending *s = arg;
	for (size_t i = 0; i < s->sent_n; i++)
		take_result(s, s->sent[i], i < n ? &r[i] : NULL, err);
	send_slice(s);
}

static struct log_append append_of(const struct rest_sending *s, size_t at)
{
	const struct rest_record *r = &s->records[at];
	const struct http_req *req = s->c->req;
	return (struct log_append){
		.topic = s->topic,
		.partition = r->has_partition ? r->partition : s->has_partition ? s->partition : -1,
		.record = { .key = r->key, .value = r->value, .timestamp_ms = r->has_timestamp ? r->timestamp_ms : req->now_ms, .headers = r->headers,
			    .header_n = r->header_n, .trace = sl(req->trace[0] ? req->trace : NULL) },
	};
}

/* ---- those that wait ---- */

static void retried(void *arg, const struct append_result *r, size_t n, const struct error *err)
{
	struct rest_sending *s = arg;
	struct rest_offset *o = &s->offsets[s->waits_for];
	s->away = s->away || err;
	if (n && !err && r[0].error != KE_UNKNOWN_TOPIC_OR_PARTITION) {
		*o = (struct rest_offset){ 0 };
		s->blocked--;
		take_result(s, s->waits_for, &r[0], NULL);
		s->waited_ms = 0;
	}
	wait_for_blocked(s);
}

static void retry(void *arg)
{
	struct rest_sending *s = arg;
	struct log_append one = append_of(s, s->waits_for);
	if (s->waited_ms < REST_BLOCK_MS && !s->away) {
		owed_keep(asks_of(s), s->c->r->log->append(s->c->r->log->self, &one, 1, retried, s));
		return;
	}
	s->offsets[s->waits_for].blocked = false;
	s->blocked--;
	s->waited_ms = 0;
	wait_for_blocked(s);
}

/* The first that is blocked is tried again until its time is up, then the next. Where no log answers only the time passes. */
static void wait_for_blocked(struct rest_sending *s)
{
	int64_t ms = s->away || !s->c->r->log->self ? REST_BLOCK_MS - s->waited_ms : RETRY_MS;
	if (!s->blocked) {
		s->done(s->arg);
		return;
	}
	while (!s->offsets[s->waits_for].blocked)
		s->waits_for++;
	s->away = s->away || !s->c->r->log->self;
	s->waited_ms += ms;
	if (s->c->streams)
		owed_keep(&s->c->asks, owed_after(s->c->r->env->loop, ms, retry, s));
	else
		s->c->r->after(s->c->r, ms, retry, s);
}

/* ---- sending ---- */

/* Whether record i goes to the log; its error is set when not. */
static bool sendable(struct rest_sending *s, size_t i)
{
	size_t size = serialized_size(&s->records[i]);
	if (!kp_topic_name_ok(s->topic)) {
		set_append_error(s, &s->records[i], &s->offsets[i], KE_INVALID_TOPIC_EXCEPTION, 0);
		return false;
	}
	if (size > REST_REQUEST_SIZE_MAX) {
		set_error(&s->offsets[i], REST_E_KAFKA,
			  arena_printf(s->c->req->arena, "The message is %zu bytes when serialized which is larger than %d, which is the value "
							 "of the max.request.size configuration.", size, REST_REQUEST_SIZE_MAX));
		return false;
	}
	if (!s->c->r->log->self) {
		block(s, &s->offsets[i]);
		return false;
	}
	return true;
}

/* The next records go to the log, or there are none and the answer is due. */
static void send_slice(struct rest_sending *s)
{
	struct log_append batch[REST_SLICE_RECORDS];
	size_t bytes = 0;
	for (s->sent_n = 0; s->at < s->n && s->sent_n < REST_SLICE_RECORDS && bytes < REST_SLICE_BYTES; s->at++) {
		const struct rest_record *r = &s->records[s->at];
		/* The records before it are on their way already. */
		s->broken = (r->has_partition && r->partition < 0) || (!r->has_partition && s->has_partition && s->partition < 0);
		if (s->broken)
			break;
		if (!sendable(s, s->at))
			continue;
		batch[s->sent_n] = append_of(s, s->at);
		s->sent[s->sent_n++] = (uint32_t)s->at;
		bytes += r->key.n + r->value.n;
	}
	if (s->sent_n)
		owed_keep(asks_of(s), s->c->r->log->append(s->c->r->log->self, batch, s->sent_n, appended, s));
	else
		wait_for_blocked(s);
}

void rest_send(struct rest_sending *s)
{
	s->sent = arena_raw(s->c->req->arena, (s->n < REST_SLICE_RECORDS ? s->n : REST_SLICE_RECORDS) * sizeof(*s->sent) + 1);
	send_slice(s);
}

/* ---- API v2 ---- */

static void answer_produced(void *arg)
{
	struct rest_sending *s = arg;
	if (s->broken)
		rest_answer_error(s->c, &(struct rest_error){ .status = 500, .code = 500, .message = S("Internal Server Error") });
	else
		rest_answer_offsets(s->c, s->offsets, s->n);
}

void rest_produce(struct rest_call *c)
{
	struct rest_sending *s = arena_alloc(c->req->arena, sizeof(*s));
	*s = (struct rest_sending){ .c = c, .topic = c->topic, .records = c->produce.records, .n = c->produce.record_n,
				    .has_partition = c->produce.has_partition, .partition = c->produce.partition, .done = answer_produced, .arg = s };
	s->offsets = arena_alloc(c->req->arena, (s->n + 1) * sizeof(*s->offsets));
	rest_send(s);
}
