/* What the proxy does with topics and records: its producer's and admin client's rules on top of a record log. */
#include "java/text.h"
#include "rest/rest.h"

/* Kafka error codes (kafka.apache.org/protocol#protocol_error_codes). */
enum {
	KE_UNKNOWN_TOPIC = 3,
	KE_INVALID_TOPIC = 17,
	KE_TOPIC_DENIED = 29,
	KE_STORAGE = 56,
};

/* What the producer's exception for a broker's code says; RetriableException or not. */
static const struct {
	int kafka, code;
	const char *text;
} append_errors[] = {
	{ 2, REST_E_RETRIABLE, "This message has failed its CRC checksum, exceeds the valid size, has a null key for a "
			       "compacted topic, or is otherwise corrupt." },
	{ 6, REST_E_RETRIABLE, "For requests intended only for the leader, this error indicates that the broker is not the "
			       "current leader. For requests intended for any replica, this error indicates that the broker "
			       "is not a replica of the topic partition." },
	{ 7, REST_E_RETRIABLE, "The request timed out." },
	{ 10, REST_E_KAFKA, "The request included a message larger than the max message size the server will accept." },
	{ 18, REST_E_KAFKA, "The request included message batch larger than the configured segment size on the server." },
	{ 19, REST_E_RETRIABLE, "Messages are rejected since there are fewer in-sync replicas than required." },
	{ 32, REST_E_KAFKA, "The timestamp of the message is out of acceptable range." },
	{ 56, REST_E_RETRIABLE, "Disk error when trying to access log file on the disk." },
	{ 87, REST_E_KAFKA, "This record has failed the validation on broker and hence will be rejected." },
};

/* Letters, digits, . _ - ; 1 to 249 of them; not "." nor "..". */
static bool rest_topic_name_ok(struct slice name)
{
	if (name.n == 0 || name.n > REST_TOPIC_NAME_MAX || sl_eqs(name, ".") || sl_eqs(name, ".."))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char ch = name.p[i];
		if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '.' ||
		      ch == '_' || ch == '-'))
			return false;
	}
	return true;
}

/* ---- topics ---- */

/* The names go through a set of their own, then through one made for as many. */
void rest_java_order(struct arena *a, struct slice *names, size_t n)
{
	java_order_names(a, names, n, JAVA_TABLE);
	java_order_names(a, names, n, java_table(n));
}

static void fail(struct rest_call *c, int status, int code, const char *text)
{
	struct rest_error e = { .status = status, .code = code, .message = sl(text) };
	rest_answer_error(c, &e);
}

static void fail_admin(struct rest_call *c)
{
	fail(c, 500, REST_E_RETRIABLE, "Timed out waiting for a node assignment. Call: describeTopics");
}

static bool is_internal(struct slice name)
{
	return sl_eqs(name, "__consumer_offsets") || sl_eqs(name, "__transaction_state");
}

static void got_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	struct slice *names;
	size_t kept = 0;
	if (err) {
		fail_admin(c);
		return;
	}
	names = arena_alloc(c->req->arena, (n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++)
		if (!is_internal(t[i].name))
			names[kept++] = t[i].name;
	rest_java_order(c->req->arena, names, kept);
	rest_answer_topics(c, names, kept);
}

/* Whether there is a log to ask; answers as with a broker that can't be reached when not. */
static bool has_log(struct rest_call *c)
{
	if (c->r->log->self)
		return true;
	fail_admin(c);
	return false;
}

void rest_topics(struct rest_call *c)
{
	if (has_log(c))
		owed_keep(&c->r->asks, c->r->log->topics(c->r->log->self, got_topics, c));
}

/* The call's topic in a list, or NULL after an answer. */
static const struct topic_info *find_topic(struct rest_call *c, const struct topic_info *t, size_t n,
					   const struct error *err)
{
	if (err) {
		fail_admin(c);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		if (sl_eq(t[i].name, c->topic))
			return &t[i];
	fail(c, 404, REST_E_NO_TOPIC_PARTITION, "This server does not host this topic-partition.");
	return NULL;
}

/* The same for its partition. */
static bool find_partition(struct rest_call *c, const struct topic_info *t)
{
	if (c->partition >= 0 && c->partition < t->partition_n)
		return true;
	fail(c, 404, REST_E_NO_PARTITION, "Partition not found.");
	return false;
}

static void got_topic(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	const struct topic_info *hit = find_topic(c, t, n, err);
	if (hit)
		rest_answer_topic(c, hit);
}

static void got_topic_partitions(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	const struct topic_info *hit = find_topic(c, t, n, err);
	if (!hit)
		return;
	if (!c->has_partition)
		rest_answer_partitions(c, hit->partition_n);
	else if (find_partition(c, hit))
		rest_answer_partition(c);
}

static void got_range(void *arg, int error_code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct rest_call *c = arg;
	if (error_code)
		fail(c, 404, REST_E_NO_PARTITION, "Partition not found.");
	else
		rest_answer_range(c, n ? r[0].offset : next, high);
}

static void got_topic_range(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	const struct topic_info *hit = find_topic(c, t, n, err);
	if (hit && find_partition(c, hit))
		owed_keep(&c->r->asks, c->r->log->read(c->r->log->self, c->topic, c->partition, -2, 1, got_range, c));
}

/* Asks for the topics and goes on in then; names no topic can have are refused first. */
static void with_topic(struct rest_call *c, topics_cb then)
{
	if (!rest_topic_name_ok(c->topic))
		fail(c, 500, REST_E_KAFKA, "The request attempted to perform an operation on an invalid topic.");
	else if (has_log(c))
		owed_keep(&c->r->asks, c->r->log->topics(c->r->log->self, then, c));
}

void rest_topic(struct rest_call *c)
{
	with_topic(c, got_topic);
}

void rest_partitions(struct rest_call *c)
{
	with_topic(c, got_topic_partitions);
}

void rest_offsets(struct rest_call *c)
{
	with_topic(c, got_topic_range);
}

/* ---- producing ---- */

struct producing {
	struct rest_call *c;
	struct rest_offset *offsets; /* one per record */
	size_t sent[REST_SLICE_RECORDS], sent_n; /* which of them are with the log */
	size_t n;                    /* records before this one are answered or with the log */
	bool broken;                 /* there is such a one */
	size_t blocked;              /* waits for metadata that never comes */
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

/* The producer's estimate: batch overhead, record overhead, fields, no headers. */
static size_t serialized_size(const struct rest_record *r)
{
	return 61 + 21 + field_size(r->key) + field_size(r->value) + 1;
}

static void set_error(struct rest_offset *o, int code, struct slice text)
{
	o->error_code = code;
	o->error = text;
}

static void answer_produced(void *arg)
{
	struct producing *p = arg;
	if (p->broken)
		fail(p->c, 500, 500, "Internal Server Error");
	else
		rest_answer_offsets(p->c, p->offsets, p->n);
}

/* The producer waits max.block.ms for the metadata of each record it can't place, one after the other. */
static void finish(struct producing *p)
{
	if (p->blocked)
		p->c->r->after(p->c->r, (int64_t)p->blocked * REST_BLOCK_MS, answer_produced, p);
	else
		answer_produced(p);
}

static void block(struct producing *p, struct rest_offset *o)
{
	set_error(o, REST_E_RETRIABLE, arena_printf(p->c->req->arena, "Topic %.*s not present in metadata after %d ms.",
						    SL(p->c->topic), REST_BLOCK_MS));
	p->blocked++;
}

static void set_append_error(struct producing *p, struct rest_offset *o, int kafka)
{
	struct arena *a = p->c->req->arena;
	if (kafka == KE_UNKNOWN_TOPIC) {
		block(p, o);
		return;
	}
	if (kafka == KE_INVALID_TOPIC) {
		set_error(o, REST_E_KAFKA, arena_printf(a, "Invalid topics: [%.*s]", SL(p->c->topic)));
		return;
	}
	if (kafka == KE_TOPIC_DENIED) {
		set_error(o, REST_E_AUTHORIZATION, arena_printf(a, "Not authorized to access topics: [%.*s]", SL(p->c->topic)));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(append_errors); i++)
		if (append_errors[i].kafka == kafka) {
			set_error(o, append_errors[i].code, sl(append_errors[i].text));
			return;
		}
	set_error(o, REST_E_KAFKA, S("The server experienced an unexpected error when processing the request."));
}

static void send_slice(struct producing *p);

static void appended(void *arg, const struct append_result *r, size_t n, const struct error *err)
{
	struct producing *p = arg;
	for (size_t i = 0; i < p->sent_n; i++) {
		struct rest_offset *o = &p->offsets[p->sent[i]];
		if (err && err->kind == ERR_STORE) {
			set_append_error(p, o, KE_STORAGE);
		} else if (err || i >= n) {
			block(p, o);
		} else if (r[i].error) {
			set_append_error(p, o, r[i].error);
		} else {
			o->partition = r[i].partition;
			o->offset = r[i].offset;
		}
	}
	send_slice(p);
}

/* The partition of record i, -1 for any; -2: one the producer refuses to think about. */
static int partition_of(const struct rest_produce *in, size_t i)
{
	const struct rest_record *r = &in->records[i];
	int partition = r->has_partition ? r->partition : in->partition;
	if (!r->has_partition && !in->has_partition)
		return -1;
	return partition < 0 ? -2 : partition;
}

/* Whether record i goes to the log; its error is set when not. */
static bool sendable(struct producing *p, size_t i)
{
	const struct rest_record *r = &p->c->produce.records[i];
	struct arena *a = p->c->req->arena;
	size_t size = serialized_size(r);
	if (!rest_topic_name_ok(p->c->topic)) {
		set_append_error(p, &p->offsets[i], KE_INVALID_TOPIC);
		return false;
	}
	if (size > REST_REQUEST_SIZE_MAX) {
		set_error(&p->offsets[i], REST_E_KAFKA,
			  arena_printf(a, "The message is %zu bytes when serialized which is larger than %d, which is the value "
					  "of the max.request.size configuration.", size, REST_REQUEST_SIZE_MAX));
		return false;
	}
	if (!p->c->r->log->self) {
		block(p, &p->offsets[i]);
		return false;
	}
	return true;
}

/* The next records go to the log, or there are none and the answer is due. */
static void send_slice(struct producing *p)
{
	struct rest_call *c = p->c;
	const struct rest_produce *in = &c->produce;
	struct log_append batch[REST_SLICE_RECORDS];
	size_t bytes = 0;
	for (p->sent_n = 0; p->n < in->record_n && p->sent_n < REST_SLICE_RECORDS && bytes < REST_SLICE_BYTES; p->n++) {
		const struct rest_record *r = &in->records[p->n];
		int partition = partition_of(in, p->n);
		/* The records before it are on their way already. */
		p->broken = partition == -2;
		if (p->broken)
			break;
		if (!sendable(p, p->n))
			continue;
		batch[p->sent_n] = (struct log_append){
			.topic = c->topic,
			.partition = partition,
			.record = { .key = r->key, .value = r->value, .timestamp_ms = c->req->now_ms,
				    .trace = sl(c->req->trace[0] ? c->req->trace : NULL) },
		};
		p->sent[p->sent_n++] = p->n;
		bytes += r->key.n + r->value.n;
	}
	if (p->sent_n)
		owed_keep(&c->r->asks, c->r->log->append(c->r->log->self, batch, p->sent_n, appended, p));
	else
		finish(p);
}

void rest_produce(struct rest_call *c)
{
	struct producing *p = arena_alloc(c->req->arena, sizeof(*p));
	p->c = c;
	p->offsets = arena_alloc(c->req->arena, (c->produce.record_n + 1) * sizeof(*p->offsets));
	send_slice(p);
}
