/* The remote side of the port consumers: one librdkafka consumer each. What of its calls waits for the network is a job. */
#include "core/wake.h"
#include "kproto/batch.h"
#include "remote/rdk.h"
#include "remote/remote.h"

enum { CALL_MS = 5000 }; /* of the calls that wait for the cluster */

struct polling {
	struct owed owed;
	struct consumer *c;
	size_t most;
	struct owed *wait;
	consumed_cb cb;
	void *arg;
};
/* A call about places. */
struct placing {
	struct owed owed;
	struct consumer *c;
	enum { COMMITTED, TIMES, COMMIT } what;
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t code;
	struct owed *job;
	places_cb cb;
	void *arg;
};
struct consumer {
	struct consumer *next;
	struct remote_consumers *all;
	rd_kafka_t *rk;
	rd_kafka_queue_t *records, *replies;
	struct wake wake;
	struct loop_watch *watch;
	char *wrong; /* what polls say; owned */
	struct polling *poll;
	struct owed *owed;
};
struct remote_consumers {
	const struct env *env;
	char *bootstrap;
	struct consumer *first;
};

/* ---- poll ---- */

static void polling_drop(struct owed *o)
{
	struct polling *p = (struct polling *)o;
	owed_cancel(p->wait);
	if (p->c->poll == p)
		p->c->poll = NULL;
	free(p);
}

static void answer_poll(struct polling *p, const struct consumed *r, size_t n, const struct error *err)
{
	owed_end(&p->owed);
	if (p->c->poll == p)
		p->c->poll = NULL;
	p->cb(p->arg, r, n, err);
	polling_drop(&p->owed);
}

static void take_headers(struct arena *a, const rd_kafka_message_t *msg, struct log_record *out)
{
	rd_kafka_headers_t *headers;
	struct buf b = { 0 };
	const char *name;
	const void *value;
	size_t n;
	if (rdk.message_headers(msg, &headers))
		return;
	for (size_t i = 0; !rdk.header_get_all(headers, i, &name, &value, &n); i++) {
		kp_header_put(&b, sl(name), value ? sl_of(value, n) : sl(NULL));
		out->header_n++;
	}
	out->headers = arena_dup(a, buf_slice(&b));
	buf_free(&b);
}

static void take(struct arena *a, const rd_kafka_message_t *msg, struct consumed *out)
{
	rd_kafka_timestamp_type_t type;
	*out = (struct consumed){ .topic = arena_dup(a, sl(rdk.topic_name(msg->rkt))), .partition = msg->partition };
	out->record.key = msg->key ? arena_dup(a, sl_of(msg->key, msg->key_len)) : sl(NULL);
	out->record.value = msg->payload ? arena_dup(a, sl_of(msg->payload, msg->len)) : sl(NULL);
	out->record.timestamp_ms = rdk.message_timestamp(msg, &type);
	out->record.offset = msg->offset;
	take_headers(a, msg, &out->record);
}

/* What has come, as far as somebody waits for it. over: also when nothing has. */
static void look(struct consumer *c, bool over)
{
	struct polling *p = c->poll;
	struct arena arena = { 0 };
	struct error err;
	size_t n = 0;
	rd_kafka_message_t *msg;
	if (!p)
		return;
	if (c->wrong) {
		(void)err_set(&err, ERR_INVALID, "%s", c->wrong);
		answer_poll(p, NULL, 0, &err);
		return;
	}
	struct consumed *out = xcalloc(p->most + 1, sizeof(*out));
	bool failed = false;
	while (n < p->most && !failed && (msg = rdk.consumer_poll(c->rk, 0))) {
		if (!msg->err)
			take(&arena, msg, &out[n++]);
		else if (!n && msg->err != RD_KAFKA_RESP_ERR__PARTITION_EOF && msg->err != RD_KAFKA_RESP_ERR__TRANSPORT &&
			 msg->err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && msg->err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
			failed = err_set(&err, ERR_INVALID, "%s", rdk.err2str(msg->err)) != 0;
		rdk.message_destroy(msg);
	}
	if (failed)
		answer_poll(p, NULL, 0, &err);
	else if (n || over)
		answer_poll(p, out, n, NULL);
	free(out);
	arena_free(&arena);
}

static void over(void *arg)
{
	look(((struct polling *)arg)->c, true);
}

static void look_soon(void *arg)
{
	look(((struct polling *)arg)->c, false);
}

static struct owed *remote_poll(struct consumer *c, size_t most, int64_t wait_ms, consumed_cb cb, void *arg)
{
	struct polling *p = xcalloc(1, sizeof(*p));
	owed_init(&p->owed, &c->owed, polling_drop);
	p->c = c;
	p->most = most;
	p->cb = cb;
	p->arg = arg;
	c->poll = p;
	if (wait_ms > 0)
		owed_keep(&p->wait, owed_after(c->all->env->loop, 0, look_soon, p)); /* never before poll returns */
	owed_keep(&p->wait, owed_after(c->all->env->loop, wait_ms, over, p));
	return &p->owed;
}

/* ---- places ---- */

static void placing_drop(struct owed *o)
{
	struct placing *k = (struct placing *)o;
	owed_cancel(k->job);
	rdk.topic_partition_list_destroy(k->list);
	free(k);
}

/* A commit's reply may come when nobody waits for it any longer: librdkafka keeps the call, and this finds it. */
static void placing_end(struct placing *k)
{
	struct error err;
	struct consumer_place *out = xcalloc((size_t)k->list->cnt + 1, sizeof(*out));
	for (int i = 0; i < k->list->cnt; i++) {
		const rd_kafka_topic_partition_t *p = &k->list->elems[i];
		out[i] = (struct consumer_place){ .topic = sl(p->topic), .partition = p->partition, .offset = p->offset >= 0 ? p->offset : -1,
						  .metadata = p->metadata ? sl_of(p->metadata, p->metadata_size) : S(""), .error = p->err ? rdk_code(p->err) : 0 };
	}
	if (k->code)
		(void)err_set(&err, ERR_NETWORK, "%s", rdk.err2str(k->code));
	owed_end(&k->owed);
	k->cb(k->arg, out, k->code ? 0 : (size_t)k->list->cnt, k->code ? &err : NULL);
	free(out);
	placing_drop(&k->owed);
}

static rd_kafka_topic_partition_list_t *list_of(const struct consumer_place *p, size_t n)
{
	rd_kafka_topic_partition_list_t *list = rdk.topic_partition_list_new((int)n);
	for (size_t i = 0; i < n; i++) {
		char *topic = xstrndup(p[i].topic.p, p[i].topic.n);
		rdk.topic_partition_list_add(list, topic, p[i].partition)->offset = p[i].offset == -1 ? RD_KAFKA_OFFSET_END :
										    p[i].offset == -2 ? RD_KAFKA_OFFSET_BEGINNING : p[i].offset;
		free(topic);
	}
	return list;
}

static void place_work(void *arg)
{
	struct placing *k = arg;
	k->code = k->what == TIMES ? rdk.offsets_for_times(k->c->rk, k->list, CALL_MS) : rdk.committed(k->c->rk, k->list, CALL_MS);
}

static void place_done(void *arg)
{
	placing_end(arg);
}

static struct placing *placing_new(struct consumer *c, rd_kafka_topic_partition_list_t *list, places_cb cb, void *arg)
{
	struct placing *k = xcalloc(1, sizeof(*k));
	owed_init(&k->owed, &c->owed, placing_drop);
	k->c = c;
	k->list = list;
	k->cb = cb;
	k->arg = arg;
	return k;
}

static void answer_wrong(struct owed *o)
{
	struct placing *k = (struct placing *)o;
	struct error err;
	(void)err_set(&err, ERR_NETWORK, "%s", k->c->wrong ? k->c->wrong : "the commit wasn't taken");
	k->cb(k->arg, NULL, 0, k->code ? &err : NULL);
}

static struct owed *ask(struct consumer *c, const struct consumer_place *p, size_t n, bool times, places_cb cb, void *arg)
{
	struct placing *k = placing_new(c, list_of(p, n), cb, arg);
	k->what = times ? TIMES : COMMITTED;
	k->code = c->rk ? 0 : RD_KAFKA_RESP_ERR__STATE;
	if (c->rk)
		owed_keep(&k->job, loop_job(c->all->env->loop, place_work, place_done, k));
	else
		owed_soon(&k->owed, c->all->env->loop, answer_wrong);
	return &k->owed;
}

static struct owed *remote_committed(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg)
{
	return ask(c, p, n, false, cb, arg);
}

static struct owed *remote_times(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg)
{
	return ask(c, p, n, true, cb, arg);
}

static struct owed *remote_commit(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg)
{
	rd_kafka_topic_partition_list_t *list = NULL;
	if (n)
		list = list_of(p, n);
	else if (c->rk && !rdk.assignment(c->rk, &list))
		(void)rdk.position(c->rk, list);
	struct placing *k = placing_new(c, list ? list : rdk.topic_partition_list_new(0), cb, arg);
	k->what = COMMIT;
	for (int i = k->list->cnt; i-- > 0;) /* what wasn't polled has no position */
		if (k->list->elems[i].offset < 0)
			k->list->elems[i] = k->list->elems[--k->list->cnt];
	k->code = c->rk ? 0 : RD_KAFKA_RESP_ERR__STATE;
	if (!k->list->cnt || !c->rk || rdk.commit_queue(c->rk, k->list, c->replies, NULL, k))
		owed_soon(&k->owed, c->all->env->loop, answer_wrong);
	return &k->owed;
}

static bool still_owed(const struct consumer *c, const void *opaque)
{
	for (const struct owed *o = c->owed; o; o = o->next_by)
		if (o == opaque)
			return true;
	return false;
}

static void take_replies(struct consumer *c)
{
	rd_kafka_event_t *event;
	while ((event = rdk.queue_poll(c->replies, 0))) {
		struct placing *k = rdk.event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT ? rdk.event_opaque(event) : NULL;
		if (k && still_owed(c, k)) {
			k->code = rdk.event_error(event);
			placing_end(k);
		}
		rdk.event_destroy(event);
	}
}

static void on_events(void *arg)
{
	struct consumer *c = arg;
	wake_take(&c->wake);
	take_replies(c);
	look(c, false);
}

/* ---- what it reads ---- */

static void remote_subscribe(struct consumer *c, const struct slice *topics, size_t n, struct slice pattern)
{
	rd_kafka_topic_partition_list_t *list = rdk.topic_partition_list_new(1);
	for (size_t i = 0; i < n; i++) {
		char *topic = xstrndup(topics[i].p, topics[i].n);
		rdk.topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
		free(topic);
	}
	if (!n && pattern.p) { /* whole names, as Java's */
		char *topic = xasprintf("^(%.*s)$", SL(pattern));
		rdk.topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
		free(topic);
	}
	if (c->rk) {
		(void)rdk.assign(c->rk, NULL);
		(void)(list->cnt ? rdk.subscribe(c->rk, list) : rdk.unsubscribe(c->rk));
	}
	rdk.topic_partition_list_destroy(list);
}

static void remote_assign(struct consumer *c, const struct consumer_place *p, size_t n)
{
	rd_kafka_topic_partition_list_t *list = list_of(p, n);
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = RD_KAFKA_OFFSET_STORED;
	if (c->rk) {
		(void)rdk.unsubscribe(c->rk);
		(void)rdk.assign(c->rk, n ? list : NULL);
	}
	rdk.topic_partition_list_destroy(list);
}

static size_t remote_assignment(struct consumer *c, struct arena *a, struct consumer_place **out)
{
	rd_kafka_topic_partition_list_t *list = NULL;
	size_t n = 0;
	*out = NULL;
	if (!c->rk || rdk.assignment(c->rk, &list))
		return 0;
	(void)rdk.position(c->rk, list);
	*out = arena_alloc(a, ((size_t)list->cnt + 1) * sizeof(**out));
	for (int i = 0; i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *p = &list->elems[i];
		(*out)[n++] = (struct consumer_place){ .topic = arena_dup(a, sl(p->topic)), .partition = p->partition, .offset = p->offset >= 0 ? p->offset : -1 };
	}
	rdk.topic_partition_list_destroy(list);
	return n;
}

static int remote_seek(struct consumer *c, const struct consumer_place *to, struct error *err)
{
	rd_kafka_topic_partition_list_t *list = NULL, *where;
	char *topic = xstrndup(to->topic.p, to->topic.n);
	bool there = c->rk && !rdk.assignment(c->rk, &list) && rdk.topic_partition_list_find(list, topic, to->partition);
	if (list)
		rdk.topic_partition_list_destroy(list);
	free(topic);
	if (!there)
		return err_set(err, ERR_NOT_FOUND, "No current assignment for partition %.*s-%d", SL(to->topic), to->partition);
	where = list_of(to, 1);
	rd_kafka_error_t *failed = rdk.seek_partitions(c->rk, where, 0);
	if (failed)
		rdk.error_destroy(failed);
	rdk.topic_partition_list_destroy(where);
	return 0;
}

/* ---- life ---- */

static void configure(struct consumer *c, const struct consumer_conf *in)
{
	rd_kafka_conf_t *conf = rdk.conf_new();
	char group[512], client[256], instance[256], reset[16], commit[24], session[24], why[256];
	struct error err;
	snprintf(group, sizeof(group), "%.*s", SL(in->group));
	snprintf(client, sizeof(client), "%.*s", SL(in->client));
	snprintf(instance, sizeof(instance), "%.*s", SL(in->instance));
	snprintf(reset, sizeof(reset), "%.*s", SL(sl_eqs(in->reset, "none") ? S("error") : in->reset.p ? in->reset : S("latest")));
	snprintf(commit, sizeof(commit), "%lld", (long long)(in->auto_commit_ms ? in->auto_commit_ms : 5000));
	snprintf(session, sizeof(session), "%lld", (long long)(in->session_ms ? in->session_ms : 45000));
	const struct property all[] = {
		{ "bootstrap.servers", c->all->bootstrap }, { "group.id", group }, { "client.id", *client ? client : "tarn" }, { "auto.offset.reset", reset },
		{ "enable.auto.commit", in->auto_commit_ms ? "true" : "false" }, { "auto.commit.interval.ms", commit }, { "session.timeout.ms", session },
		{ "isolation.level", in->committed ? "read_committed" : "read_uncommitted" }, { "partition.assignment.strategy", "range" },
		{ "log_level", "0" }, { "topic.metadata.refresh.interval.ms", "5000" }, { "group.instance.id", instance },
	};
	int rc = rdk_set(conf, all, ARRAY_LEN(all) - (*instance ? 0 : 1), &err);
	if (!rc)
		rc = rdk_set_users(c->all->env, conf, &err);
	if (!rc) {
		rdk.conf_set_events(conf, RD_KAFKA_EVENT_OFFSET_COMMIT);
		c->rk = rdk.new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
		if (!c->rk)
			(void)err_set(&err, ERR_INVALID, "%s", why);
	}
	if (c->rk)
		return;
	c->wrong = xstrdup(err.text);
	rdk.conf_destroy(conf);
}

static struct consumer *remote_open(void *self, const struct consumer_conf *conf)
{
	struct remote_consumers *all = self;
	struct consumer *c = xcalloc(1, sizeof(*c));
	struct error err;
	uint64_t one = 1;
	c->all = all;
	c->next = all->first;
	all->first = c;
	int rc = wake_open(&c->wake, &err);
	configure(c, conf);
	if (!c->rk || rc)
		return c;
	(void)rdk.poll_set_consumer(c->rk);
	c->records = rdk.queue_get_consumer(c->rk);
	c->replies = rdk.queue_new(c->rk);
	rdk.queue_io_event_enable(c->records, c->wake.in, &one, sizeof(one));
	rdk.queue_io_event_enable(c->replies, c->wake.in, &one, sizeof(one));
	c->watch = loop_watch_fd(all->env->loop, c->wake.out, on_events, c);
	return c;
}

static void close_work(void *arg)
{
	(void)rdk.consumer_close(arg);
	rdk.destroy(arg);
}

static void close_done(void *arg)
{
	(void)arg;
}

/* Leaving the group waits for the cluster: a job, that nobody waits for. */
static void remote_close(struct consumer *c)
{
	struct consumer **at = &c->all->first;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	owed_cancel_all(&c->owed);
	if (c->watch)
		loop_unwatch(c->watch);
	if (c->rk) {
		rdk.queue_io_event_enable(c->records, -1, NULL, 0);
		rdk.queue_io_event_enable(c->replies, -1, NULL, 0);
		rdk.queue_destroy(c->records);
		rdk.queue_destroy(c->replies);
		(void)loop_job(c->all->env->loop, close_work, close_done, c->rk);
	}
	wake_close(&c->wake);
	free(c->wrong);
	free(c);
}

int remote_consumers_open(const struct env *env, const char *bootstrap, struct consumers *out, struct error *err)
{
	int rc = rdk_load(err);
	if (rc)
		return rc;
	struct remote_consumers *all = xcalloc(1, sizeof(*all));
	all->env = env;
	all->bootstrap = xstrdup(bootstrap);
	*out = (struct consumers){ .self = all, .open = remote_open, .close = remote_close, .subscribe = remote_subscribe, .assign = remote_assign,
				   .assignment = remote_assignment, .poll = remote_poll, .seek = remote_seek, .commit = remote_commit,
				   .committed = remote_committed, .times = remote_times };
	return 0;
}

void remote_consumers_close(struct consumers *port)
{
	struct remote_consumers *all = port->self;
	if (!all)
		return;
	while (all->first)
		remote_close(all->first);
	free(all->bootstrap);
	free(all);
	*port = (struct consumers){ 0 };
}
