/* The remote side of the record_log port: a Kafka cluster, ours elsewhere or a real one, through librdkafka.
 * [remote] kafka = host:port[,host:port...]; kafka.NAME = VALUE sets librdkafka's property NAME (kafka.security.protocol = ssl).
 *
 * librdkafka's threads put events into queues and write to one pipe, which the loop watches; all of ours runs on the
 * loop. A read starts fetching a partition, takes records up to max_bytes or the partition's end, and stops fetching, so
 * that nothing is asked of the cluster between reads. Only the list of topics has no call that doesn't wait: it is a job. */
#include "remote/rdk.h"
#include "remote/remote.h"

#include "core/service.h"
#include "core/wake.h"

struct rdk_calls rdk;

int rdk_load(struct error *err)
{
	static const char *const files[] = { "librdkafka.so.1", NULL };
	static const char *const names[] = { RDK_CALLS(LAZY_NAME) };
	return lazy_load(files, names, &rdk, ARRAY_LEN(names), err);
}

enum {
	READ_TIMEOUT_MS = 30000,
	LIST_TIMEOUT_MS = 3000,
	WATCH_MS = 200,
	WATCHES_MAX = 16,
	CODE_UNKNOWN = -1,
	CODE_OUT_OF_RANGE = 1,
	CODE_UNKNOWN_TOPIC = 3,
	CODE_TIMED_OUT = 7,
	CODE_TOO_LARGE = 10,
};

struct append;
struct slot {
	struct append *ask;
	bool done;
};
struct append {
	struct owed owed;
	struct remote *m;
	struct append *next;
	append_cb cb; /* NULL: cancelled, but librdkafka still has records of it */
	void *arg;
	size_t n, left;
	struct append_result *results; /* owned, n */
	struct slot slots[];
};

struct reading {
	struct owed owed;
	struct remote *m;
	struct reading *next;
	char *topic; /* owned */
	int partition, code;
	int64_t offset, position, high;
	size_t max, bytes;
	rd_kafka_queue_t *queue; /* NULL: not begun, another read of the partition is under way */
	rd_kafka_topic_t *handle; /* the remote's */
	bool started, done;
	struct loop_timer *timer;
	struct log_record *records; /* owned */
	size_t n, cap;
	struct arena arena;
	read_cb cb;
	void *arg;
};

/* A list of topics: a job. */
struct listing {
	struct owed owed;
	struct remote *m;
	const struct rd_kafka_metadata *found;
	rd_kafka_resp_err_t code;
	topics_cb cb;
	void *arg;
	struct owed *job;
};

struct remote {
	const struct env *env;
	char *bootstrap;
	rd_kafka_t *producer, *consumer;
	rd_kafka_queue_t *produced, *consumed; /* their main queues */
	struct wake wake;
	struct loop_watch *watch;
	struct append *appends;
	struct reading *readings;
	rd_kafka_topic_t **handles; /* of the consumer, one a topic that was read */
	size_t handle_n;
	struct {
		void (*fn)(void *arg);
		void *arg;
	} watches[WATCHES_MAX];
	size_t watch_n;
	struct owed *listings;
	struct loop_timer *timer;
	bool fatal; /* the producer must be made anew */
};

/* librdkafka's own errors are negative; the port speaks Kafka's. */
int rdk_code(rd_kafka_resp_err_t err)
{
	if (err >= 0)
		return err;
	if (err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
		return CODE_UNKNOWN_TOPIC;
	if (err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
		return CODE_OUT_OF_RANGE;
	if (err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT || err == RD_KAFKA_RESP_ERR__TIMED_OUT || err == RD_KAFKA_RESP_ERR__TRANSPORT ||
	    err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		return CODE_TIMED_OUT;
	return CODE_UNKNOWN;
}

/* ---- clients ---- */

static const struct property common[] = {
	{ "client.id", "tarn" },
	{ "log.queue", "true" },
	{ "log_level", "4" },
	{ "reconnect.backoff.max.ms", "1000" },
};
static const struct property producing[] = {
	/* As the Java producer has it: all replicas, no duplicates, murmur2, keyless records to a partition that sticks. */
	{ "enable.idempotence", "true" },
	{ "acks", "all" },
	{ "partitioner", "murmur2_random" },
	{ "batch.size", "16384" },
	{ "linger.ms", "0" },
	{ "message.timeout.ms", "30000" },
	{ "message.max.bytes", "104857600" }, /* the topic's own limit is the broker's to tell */
	{ "topic.metadata.propagation.max.ms", "5000" }, /* how long a topic may take to come to be */
};
static const struct property consuming[] = {
	{ "enable.auto.commit", "false" },
	{ "enable.auto.offset.store", "false" },
	{ "enable.partition.eof", "true" },
	{ "auto.offset.reset", "error" },
	{ "allow.auto.create.topics", "false" },
	{ "topic.metadata.propagation.max.ms", "0" },
	{ "fetch.wait.max.ms", "0" }, /* a read takes what is there */
	{ "queued.max.messages.kbytes", "8192" }, /* how far it may run ahead of a read that is about to stop */
	{ "fetch.error.backoff.ms", "50" },
};

int rdk_set(rd_kafka_conf_t *conf, const struct property *p, size_t n, struct error *err)
{
	char why[256];
	for (size_t i = 0; i < n; i++)
		if (rdk.conf_set(conf, p[i].name, p[i].value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
			return err_set(err, ERR_INVALID, "kafka.%s: %s", p[i].name, why);
	return 0;
}

int rdk_set_users(const struct env *env, rd_kafka_conf_t *conf, struct error *err)
{
	const char *name, *value;
	int rc = 0;
	for (size_t i = 0; !rc && env->conf && conf_at(env->conf, "remote", i, &name, &value); i++) {
		struct property p = { name + 6, value };
		if (sl_starts(sl(name), S("kafka.")))
			rc = rdk_set(conf, &p, 1, err);
	}
	return rc;
}

static int client_new(struct remote *m, rd_kafka_type_t type, rd_kafka_t **out, rd_kafka_queue_t **queue, struct error *err)
{
	rd_kafka_conf_t *conf = rdk.conf_new();
	struct property where = { "bootstrap.servers", m->bootstrap };
	bool producer = type == RD_KAFKA_PRODUCER;
	uint64_t one = 1;
	char why[256];
	int rc = rdk_set(conf, common, ARRAY_LEN(common), err);
	if (!rc)
		rc = producer ? rdk_set(conf, producing, ARRAY_LEN(producing), err) : rdk_set(conf, consuming, ARRAY_LEN(consuming), err);
	if (!rc)
		rc = rdk_set(conf, &where, 1, err);
	if (!rc)
		rc = rdk_set_users(m->env, conf, err);
	if (rc) {
		rdk.conf_destroy(conf);
		return rc;
	}
	rdk.conf_set_events(conf, RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | (producer ? RD_KAFKA_EVENT_DR : RD_KAFKA_EVENT_FETCH));
	*out = rdk.new(type, conf, why, sizeof(why));
	if (!*out) {
		rdk.conf_destroy(conf);
		return err_set(err, ERR_INVALID, "a client of kafka = %s: %s", m->bootstrap, why); /* of [remote] or [rest.NAME] */
	}
	(void)rdk.set_log_queue(*out, NULL);
	*queue = rdk.queue_get_main(*out);
	rdk.queue_io_event_enable(*queue, m->wake.in, &one, sizeof(one));
	return 0;
}

/* ---- append ---- */

static void append_free(struct append *ask)
{
	struct append **at = &ask->m->appends;
	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	loop_pending_add(ask->m->env->loop, -1);
	free(ask->results);
	free(ask);
}

static void append_drop(struct owed *o)
{
	struct append *ask = (struct append *)o;
	ask->cb = NULL;
	if (!ask->left)
		append_free(ask);
}

static void answer_append(struct owed *o)
{
	struct append *ask = (struct append *)o;
	ask->cb(ask->arg, ask->results, ask->n, NULL);
}

static void end_append(struct append *ask)
{
	owed_end(&ask->owed);
	if (ask->cb)
		answer_append(&ask->owed);
	append_free(ask);
}

static void settle_slot(struct slot *slot, rd_kafka_resp_err_t code, int partition, int64_t offset)
{
	struct append *ask = slot->ask;
	struct append_result *r = &ask->results[slot - ask->slots];
	if (slot->done)
		return;
	slot->done = true;
	ask->left--;
	r->error = rdk_code(code);
	if (partition >= 0)
		r->partition = partition;
	r->offset = code ? -1 : offset;
}

static rd_kafka_resp_err_t produce(struct remote *m, rd_kafka_topic_t *topic, int partition, const struct log_record *r, void *slot)
{
	rd_kafka_headers_t *headers = rdk.headers_new(1);
	rd_kafka_resp_err_t code;
	if (r->trace.p)
		(void)rdk.header_add(headers, "tarn-trace", -1, r->trace.p, (ssize_t)r->trace.n);
	/* DIFFERS: librdkafka takes a timestamp of 0 for none given. */
	code = rdk.producev(m->producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition < 0 ? RD_KAFKA_PARTITION_UA : partition),
				 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY((void *)(uintptr_t)r->key.p, r->key.n),
				 RD_KAFKA_V_VALUE((void *)(uintptr_t)r->value.p, r->value.n), RD_KAFKA_V_HEADERS(headers),
				 RD_KAFKA_V_TIMESTAMP(r->timestamp_ms >= 0 ? r->timestamp_ms : clock_now_ms(m->env->clock)),
				 RD_KAFKA_V_OPAQUE(slot), RD_KAFKA_V_END);
	if (code)
		rdk.headers_destroy(headers);
	return code;
}

static void send_one(struct remote *m, const struct log_append *in, struct slot *slot)
{
	char *name = xstrndup(in->topic.p ? in->topic.p : "", in->topic.n);
	/* Producing by name would ask for a new topic's leader only at the next second's scan; making it asks at once. */
	rd_kafka_topic_t *topic = rdk.topic_new(m->producer, name, NULL);
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
	if (topic) {
		code = produce(m, topic, in->partition, &in->record, slot);
		rdk.topic_destroy(topic); /* it lives on in its partitions and messages */
	}
	if (code)
		settle_slot(slot, code, in->partition, -1);
	free(name);
}

static void producer_free(struct remote *m)
{
	if (!m->producer)
		return;
	(void)rdk.purge(m->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rdk.queue_io_event_enable(m->produced, -1, NULL, 0);
	rdk.queue_destroy(m->produced);
	rdk.destroy(m->producer);
	m->producer = NULL;
}

/* After an error that ends the idempotent producer, such as sequence numbers the cluster has forgotten, and once every
 * record it had is answered. */
static void producer_renew(struct remote *m)
{
	struct error err;
	producer_free(m);
	m->fatal = false;
	if (client_new(m, RD_KAFKA_PRODUCER, &m->producer, &m->produced, &err))
		log_error(m->env, "remote-kafka", "error=\"%s\"", err.text);
}

static struct owed *remote_append(void *self, const struct log_append *in, size_t n, append_cb cb, void *arg)
{
	struct remote *m = self;
	struct append *ask = xcalloc(1, sizeof(*ask) + n * sizeof(ask->slots[0]));
	if ((m->fatal && !m->appends) || !m->producer)
		producer_renew(m);
	owed_init(&ask->owed, NULL, append_drop);
	ask->m = m;
	ask->cb = cb;
	ask->arg = arg;
	ask->n = ask->left = n;
	ask->results = xcalloc(n + 1, sizeof(*ask->results));
	ask->next = m->appends;
	m->appends = ask;
	loop_pending_add(m->env->loop, 1);
	for (size_t i = 0; i < n; i++) {
		ask->slots[i].ask = ask;
		ask->results[i].partition = in[i].partition;
		if (m->producer)
			send_one(m, &in[i], &ask->slots[i]);
		else
			settle_slot(&ask->slots[i], RD_KAFKA_RESP_ERR_UNKNOWN, -1, -1);
	}
	if (!ask->left)
		owed_soon(&ask->owed, m->env->loop, answer_append);
	return &ask->owed;
}

static void on_delivered(rd_kafka_event_t *event)
{
	const rd_kafka_message_t *msg;
	while ((msg = rdk.event_message_next(event))) {
		struct slot *slot = msg->_private;
		struct append *ask = slot->ask;
		settle_slot(slot, msg->err, msg->partition, msg->offset);
		if (!ask->left)
			end_append(ask);
	}
}

/* ---- read ---- */

static rd_kafka_topic_t *handle_of(struct remote *m, const char *topic)
{
	rd_kafka_topic_t *made;
	for (size_t i = 0; i < m->handle_n; i++)
		if (!strcmp(rdk.topic_name(m->handles[i]), topic))
			return m->handles[i];
	made = rdk.topic_new(m->consumer, topic, NULL);
	if (!made)
		return NULL;
	m->handles = xrealloc(m->handles, (m->handle_n + 1) * sizeof(rd_kafka_topic_t *));
	m->handles[m->handle_n++] = made;
	return made;
}

/* Forgets what the client knew of a topic that is gone, so that it is looked for again. */
static void handle_drop(struct remote *m, rd_kafka_topic_t *handle)
{
	for (struct reading *r = m->readings; r; r = r->next)
		if (r->started && r->handle == handle)
			return;
	for (size_t i = 0; i < m->handle_n; i++) {
		if (m->handles[i] != handle)
			continue;
		rdk.topic_destroy(handle);
		m->handles[i] = m->handles[--m->handle_n];
		return;
	}
}

/* The wait in consume_stop is for librdkafka's own thread, not for the network. */
static void stop_reading(struct reading *r)
{
	if (r->started)
		(void)rdk.consume_stop(r->handle, r->partition);
	r->started = false;
	if (r->queue) {
		rdk.queue_io_event_enable(r->queue, -1, NULL, 0);
		rdk.queue_destroy(r->queue);
	}
	r->queue = NULL;
	loop_cancel(r->timer);
	r->timer = NULL;
}

static void begin_reading(struct remote *m);

static void reading_drop(struct owed *o)
{
	struct reading *r = (struct reading *)o;
	struct remote *m = r->m;
	struct reading **at = &m->readings;
	stop_reading(r);
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	loop_pending_add(r->m->env->loop, -1);
	free(r->topic);
	free(r->records);
	arena_free(&r->arena);
	free(r);
	begin_reading(m);
}

/* The high watermark as of the last fetch. */
static void learn_high(struct reading *r)
{
	int64_t low, high;
	if (r->started && !rdk.get_watermark_offsets(r->m->consumer, r->topic, r->partition, &low, &high) && high > r->high)
		r->high = high;
}

static void answer_reading(struct owed *o)
{
	struct reading *r = (struct reading *)o;
	if (!r->code)
		learn_high(r);
	stop_reading(r);
	if (r->code == CODE_UNKNOWN_TOPIC && r->handle)
		handle_drop(r->m, r->handle);
	if (r->code)
		r->cb(r->arg, r->code, NULL, 0, r->code == CODE_UNKNOWN_TOPIC ? 0 : r->offset, 0);
	else
		r->cb(r->arg, 0, r->records, r->n, r->position, r->high);
}

static void end_reading(struct reading *r, int code)
{
	if (r->done)
		return;
	r->done = true;
	r->code = code;
	owed_soon(&r->owed, r->m->env->loop, answer_reading);
}

static void on_read_timeout(void *arg)
{
	struct reading *r = arg;
	r->timer = NULL;
	end_reading(r, CODE_TIMED_OUT);
}

static bool same_partition_busy(const struct remote *m, const struct reading *r)
{
	for (const struct reading *o = m->readings; o; o = o->next)
		if (o != r && o->queue && o->partition == r->partition && !strcmp(o->topic, r->topic))
			return true;
	return false;
}

/* Begins every read whose partition is free. */
static void begin_reading(struct remote *m)
{
	uint64_t one = 1;
	for (struct reading *r = m->readings; r; r = r->next) {
		if (r->queue || r->done || same_partition_busy(m, r))
			continue;
		r->handle = handle_of(m, r->topic);
		if (!r->handle || r->partition < 0) {
			end_reading(r, CODE_UNKNOWN_TOPIC);
			continue;
		}
		r->queue = rdk.queue_new(m->consumer);
		rdk.queue_io_event_enable(r->queue, m->wake.in, &one, sizeof(one));
		if (rdk.consume_start_queue(r->handle, r->partition, r->offset, r->queue))
			end_reading(r, rdk_code(rdk.last_error()));
		else
			r->started = true;
	}
}

static struct owed *remote_read(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg)
{
	struct remote *m = self;
	struct reading *r = xcalloc(1, sizeof(*r)), **at = &m->readings;
	owed_init(&r->owed, NULL, reading_drop);
	r->m = m;
	r->topic = xstrndup(topic.p ? topic.p : "", topic.n);
	r->partition = partition;
	r->offset = r->position = offset;
	r->max = max_bytes;
	r->cb = cb;
	r->arg = arg;
	while (*at)
		at = &(*at)->next;
	*at = r;
	loop_pending_add(m->env->loop, 1);
	r->timer = loop_after(m->env->loop, READ_TIMEOUT_MS, on_read_timeout, r);
	if (offset < RD_KAFKA_OFFSET_BEGINNING) /* librdkafka gives the other negative ones a meaning of its own */
		end_reading(r, CODE_OUT_OF_RANGE);
	else
		begin_reading(m);
	return &r->owed;
}

static struct slice kept(struct reading *r, const void *p, size_t n)
{
	return p ? arena_dup(&r->arena, sl_of(p, n)) : sl(NULL);
}

static void take_record(struct reading *r, const rd_kafka_message_t *msg)
{
	size_t bytes = msg->len + msg->key_len;
	rd_kafka_headers_t *headers;
	rd_kafka_timestamp_type_t type;
	const void *trace = NULL;
	size_t trace_n = 0;
	if (r->n && r->bytes + bytes > r->max) {
		end_reading(r, 0);
		return;
	}
	if (rdk.message_headers(msg, &headers) == 0)
		(void)rdk.header_get_last(headers, "tarn-trace", &trace, &trace_n);
	GROW(r->records, r->n, r->cap);
	r->records[r->n++] = (struct log_record){
		.key = kept(r, msg->key, msg->key_len),
		.value = kept(r, msg->payload, msg->len),
		.trace = kept(r, trace, trace_n),
		.timestamp_ms = rdk.message_timestamp(msg, &type),
		.offset = msg->offset,
	};
	r->bytes += bytes;
	r->position = r->high = msg->offset + 1;
	if (r->bytes >= r->max)
		end_reading(r, 0);
}

/* What librdkafka has to say of the partition: most of all that its end is reached. */
static void on_partition(struct reading *r, rd_kafka_event_t *event)
{
	rd_kafka_resp_err_t code = rdk.event_error(event);
	rd_kafka_topic_partition_t *where;
	if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		return; /* tried again until the read times out */
	if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF && (where = rdk.event_topic_partition(event))) {
		r->position = r->high = where->offset;
		rdk.topic_partition_destroy(where);
		code = RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	end_reading(r, rdk_code(code));
}

/* ---- events ---- */

static void on_error(struct remote *m, rd_kafka_event_t *event)
{
	if (rdk.event_error(event) == RD_KAFKA_RESP_ERR__FATAL && !m->fatal) {
		m->fatal = true;
		(void)rdk.purge(m->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	}
	log_warn(m->env, "remote-kafka", "error=\"%s\"", rdk.event_error_string(event));
}

static void on_log(struct remote *m, rd_kafka_event_t *event)
{
	const char *facility, *text;
	int level;
	if (!rdk.event_log(event, &facility, &text, &level))
		log_debug(m->env, "remote-kafka", "%s=\"%s\"", facility, text);
}

static void drain(struct remote *m, rd_kafka_queue_t *queue, struct reading *r)
{
	rd_kafka_event_t *event;
	while ((!r || !r->done) && (event = rdk.queue_poll(queue, 0))) {
		const rd_kafka_message_t *msg;
		switch (rdk.event_type(event)) {
		case RD_KAFKA_EVENT_DR:
			on_delivered(event);
			break;
		case RD_KAFKA_EVENT_FETCH:
			while (r && !r->done && (msg = rdk.event_message_next(event)))
				take_record(r, msg);
			break;
		case RD_KAFKA_EVENT_ERROR:
			if (r)
				on_partition(r, event);
			else
				on_error(m, event);
			break;
		case RD_KAFKA_EVENT_LOG:
			on_log(m, event);
			break;
		default:
			break;
		}
		rdk.event_destroy(event);
	}
}

/* Once all that was fetched is taken, and it reaches up to the high watermark, there is no need to hear so from another
 * fetch. */
static void drain_reading(struct remote *m, struct reading *r)
{
	drain(m, r->queue, r);
	if (r->done || !r->n)
		return;
	learn_high(r);
	if (r->position >= r->high)
		end_reading(r, 0);
}

static void on_events(void *arg)
{
	struct remote *m = arg;
	wake_take(&m->wake);
	if (m->producer)
		drain(m, m->produced, NULL);
	drain(m, m->consumed, NULL);
	for (struct reading *r = m->readings; r; r = r->next) /* only marked as done here: the list stays as it is */
		if (r->queue)
			drain_reading(m, r);
}

/* ---- topics ---- */

static void list_work(void *arg)
{
	struct listing *l = arg;
	l->code = rdk.metadata(l->m->consumer, 1, NULL, &l->found, LIST_TIMEOUT_MS);
}

static int by_name(const void *a, const void *b)
{
	return sl_cmp(((const struct topic_info *)a)->name, ((const struct topic_info *)b)->name);
}

/* Waits for the job if it has begun: LIST_TIMEOUT_MS at most. */
static void listing_drop(struct owed *o)
{
	struct listing *l = (struct listing *)o;
	owed_cancel_all(&l->job);
	if (l->found)
		rdk.metadata_destroy(l->found);
	free(l);
}

static void list_done(void *arg)
{
	struct listing *l = arg;
	size_t n = 0, most = l->code ? 0 : (size_t)l->found->topic_cnt;
	struct topic_info *list = xcalloc(most + 1, sizeof(*list));
	struct error err;
	for (size_t i = 0; i < most; i++) {
		const struct rd_kafka_metadata_topic *t = &l->found->topics[i];
		/* Kafka's own topics are not listed by its clients either. */
		if (!t->err && strcmp(t->topic, "__consumer_offsets") && strcmp(t->topic, "__transaction_state"))
			list[n++] = (struct topic_info){ sl(t->topic), t->partition_cnt };
	}
	qsort(list, n, sizeof(*list), by_name);
	if (l->code)
		(void)err_set(&err, ERR_NETWORK, "Kafka at %s: %s", l->m->bootstrap, rdk.err2str(l->code));
	owed_end(&l->owed);
	l->cb(l->arg, l->code ? NULL : list, n, l->code ? &err : NULL);
	free(list);
	listing_drop(&l->owed);
}

static struct owed *remote_topics(void *self, topics_cb cb, void *arg)
{
	struct remote *m = self;
	struct listing *l = xcalloc(1, sizeof(*l));
	owed_init(&l->owed, &m->listings, listing_drop);
	l->m = m;
	l->cb = cb;
	l->arg = arg;
	owed_keep(&l->job, loop_job(m->env->loop, list_work, list_done, l));
	return &l->owed;
}

/* ---- watch ---- */

static void tell(void *arg)
{
	struct remote *m = arg;
	m->timer = loop_after(m->env->loop, WATCH_MS, tell, m);
	for (size_t i = 0; i < m->watch_n; i++)
		m->watches[i].fn(m->watches[i].arg);
}

static void remote_watch(void *self, void (*fn)(void *arg), void *arg)
{
	struct remote *m = self;
	if (m->watch_n == WATCHES_MAX) {
		log_error(m->env, "watch", "more than %d watches", WATCHES_MAX);
		return;
	}
	m->watches[m->watch_n].fn = fn;
	m->watches[m->watch_n++].arg = arg;
	if (!m->timer)
		m->timer = loop_after(m->env->loop, WATCH_MS, tell, m);
}

/* ---- life ---- */

static void remote_free(struct remote *m)
{
	producer_free(m);
	for (size_t i = 0; i < m->handle_n; i++)
		rdk.topic_destroy(m->handles[i]);
	free(m->handles);
	if (m->consumer) {
		rdk.queue_io_event_enable(m->consumed, -1, NULL, 0);
		rdk.queue_destroy(m->consumed);
		rdk.destroy_flags(m->consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	}
	wake_close(&m->wake);
	free(m->bootstrap);
	free(m);
}

int remote_kafka_open(const struct env *env, const char *bootstrap, struct record_log *out, struct error *err)
{
	int rc = rdk_load(err);
	if (rc)
		return rc;
	struct remote *m = xcalloc(1, sizeof(*m));
	m->env = env;
	m->bootstrap = xstrdup(bootstrap);
	rc = wake_open(&m->wake, err);
	if (!rc)
		rc = client_new(m, RD_KAFKA_PRODUCER, &m->producer, &m->produced, err);
	if (!rc)
		rc = client_new(m, RD_KAFKA_CONSUMER, &m->consumer, &m->consumed, err);
	if (rc) {
		remote_free(m);
		return rc;
	}
	m->watch = loop_watch_fd(env->loop, m->wake.out, on_events, m);
	*out = (struct record_log){ .self = m, .append = remote_append, .read = remote_read, .topics = remote_topics, .watch = remote_watch };
	return 0;
}

void remote_kafka_close(struct record_log *log)
{
	struct remote *m = log->self;
	if (!m)
		return;
	loop_unwatch(m->watch);
	loop_cancel(m->timer);
	owed_cancel_all(&m->listings);
	for (struct reading *r = m->readings; r; r = r->next)
		r->done = true; /* none begins when another goes */
	while (m->readings)
		owed_cancel(&m->readings->owed);
	producer_free(m);
	while (m->appends) {
		m->appends->left = 0; /* the records went with the producer */
		owed_cancel(&m->appends->owed);
	}
	remote_free(m);
	*log = (struct record_log){ 0 };
}
