/* The local side of record_log: what a Kafka client would do, without the wire. */
#include "kafka/kafka.h"

#include <stdlib.h>

/* ---- append ---- */

/* An append whose answer waits for the commit. */
struct kfk_held {
	struct loop_held held;
	struct kafka *k;
	append_cb cb;
	void *arg;
	size_t n;
	struct kfk_held *next;
	struct append_result results[];
};

static void forget_held(struct kfk_held *h)
{
	for (struct kfk_held **at = &h->k->held; *at; at = &(*at)->next) {
		if (*at == h) {
			*at = h->next;
			break;
		}
	}
	free(h);
}

static void release(struct loop_held *held)
{
	struct kfk_held *h = (struct kfk_held *)held;
	struct error err;
	if (loop_tick_failed(h->k->env->loop)) {
		(void)err_set(&err, ERR_STORE, "the commit failed");
		h->cb(h->arg, NULL, 0, &err);
	} else {
		h->cb(h->arg, h->results, h->n, NULL);
	}
	forget_held(h);
}

/* Keyless records go to one partition a call, another one the next time, as Java's sticky partitioner. */
static int next_sticky(const struct kafka *k, struct kfk_topic *t)
{
	uint64_t seed = (uint64_t)conf_int(k->env->conf, "stack", "seed", 0);
	int was = t->sticky;
	do
		t->sticky = (int)(faults_hash(seed, sl(t->name), t->sticky_n++) % (uint64_t)t->part_n);
	while (t->part_n > 1 && t->sticky == was);
	return t->sticky;
}

/* One batch's worth of an append call: what goes to the same partition in a row. */
struct group {
	struct kafka *k;
	struct kfk_builder made;
	struct kfk_topic *topic;
	int partition;
	struct append_result *first;
	size_t n, bytes;
};

static void group_end(struct group *g)
{
	struct buf bytes = { 0 };
	struct kfk_batch b;
	int64_t base = -1;
	if (!g->n)
		return;
	kfk_builder_end(&g->made, &bytes);
	int code = kfk_batch_parse(buf_slice(&bytes), &b);
	if (!code)
		code = kfk_append(g->k, g->topic, g->partition, &b, &base);
	for (size_t i = 0; i < g->n; i++) {
		g->first[i].error = code;
		g->first[i].offset = code ? -1 : base + (int64_t)i;
	}
	g->n = g->bytes = 0;
	buf_free(&bytes);
}

struct sticky {
	struct kfk_topic *t;
	int partition;
};

static int choose(struct kafka *k, struct kfk_topic *t, const struct log_append *in, struct sticky *last)
{
	if (in->partition >= 0)
		return in->partition;
	if (in->record.key.p)
		return kfk_key_partition(in->record.key, t->part_n);
	if (last->t != t)
		*last = (struct sticky){ t, next_sticky(k, t) };
	return last->partition;
}

static void append_one(struct group *g, const struct log_append *in, struct append_result *out, struct sticky *last)
{
	const struct log_record *r = &in->record;
	struct kfk_topic *t = NULL;
	int64_t now = clock_now_ms(g->k->env->clock);
	size_t room = kfk_record_room(r->key, r->value, r->trace);
	*out = (struct append_result){ .partition = in->partition, .offset = -1 };
	out->error = kfk_topic_auto(g->k, in->topic, true, &t);
	if (out->error) {
		group_end(g);
		return;
	}
	out->partition = choose(g->k, t, in, last);
	if (out->partition >= t->part_n)
		out->error = KFK_UNKNOWN_TOPIC;
	else if ((int64_t)(room + KFK_BATCH_HEADER) > t->message_max)
		out->error = KFK_MESSAGE_TOO_LARGE;
	if (out->error) {
		group_end(g);
		return;
	}
	if (g->n && (g->topic != t || g->partition != out->partition || g->bytes + room > KFK_BATCH_SIZE))
		group_end(g);
	if (!g->n) {
		g->topic = t;
		g->partition = out->partition;
		g->first = out;
		g->bytes = KFK_BATCH_HEADER;
	}
	kfk_builder_add(&g->made, r->timestamp_ms >= 0 ? r->timestamp_ms : now, r->key, r->value, r->trace);
	g->n++;
	g->bytes += room;
}

static void local_append(void *self, const struct log_append *in, size_t n, append_cb cb, void *arg)
{
	struct kafka *k = self;
	struct kfk_held *h = xcalloc(1, sizeof(*h) + n * sizeof(h->results[0]));
	struct group g = { .k = k };
	struct sticky last = { 0 };
	int64_t started = clock_real_us();
	for (size_t i = 0; i < n; i++)
		append_one(&g, &in[i], &h->results[i], &last);
	group_end(&g);
	kfk_builder_free(&g.made);
	for (size_t i = 0; i < n; i++)
		journal_add(k->env->journal, clock_now_ms(k->env->clock), clock_real_us() - started, in[i].record.trace, "kafka",
			    "Append", h->results[i].error, "topic=%.*s partition=%d offset=%lld", SL(in[i].topic),
			    h->results[i].partition, (long long)h->results[i].offset);
	h->k = k;
	h->cb = cb;
	h->arg = arg;
	h->n = n;
	h->next = k->held;
	k->held = h;
	loop_hold(k->env->loop, &h->held, release);
}

/* ---- read ---- */

/* A read or a list of topics, answered on the next turn. */
struct kfk_reading {
	struct loop_soon soon;
	struct kafka *k;
	struct kfk_reading *next;
	char *topic; /* owned; NULL: the list is asked for */
	int partition;
	int64_t offset;
	size_t max;
	read_cb on_read;
	topics_cb on_topics;
	void *arg;
};

static void forget_reading(struct kfk_reading *r)
{
	for (struct kfk_reading **at = &r->k->readings; *at; at = &(*at)->next) {
		if (*at == r) {
			*at = r->next;
			break;
		}
	}
	free(r->topic);
	free(r);
}

struct records {
	struct log_record *p;
	size_t n, cap;
	struct arena arena;
};

static void add_record(struct records *out, const struct kfk_record *rec)
{
	GROW(out->p, out->n, out->cap);
	out->p[out->n++] = (struct log_record){
		.key = rec->key.p ? arena_dup(&out->arena, rec->key) : rec->key,
		.value = rec->value.p ? arena_dup(&out->arena, rec->value) : rec->value,
		.trace = rec->trace.p ? arena_dup(&out->arena, rec->trace) : rec->trace,
		.timestamp_ms = rec->ts,
		.offset = rec->offset,
	};
}

/* Opens the batches one after the other. One that can't be opened is stepped over, as there is nothing in it to give. */
static int64_t open_batches(struct kafka *k, struct slice batches, int64_t from, struct records *out)
{
	int64_t next = from;
	while (batches.n) {
		struct kfk_batch b;
		struct kfk_cursor cur;
		struct kfk_record rec;
		if (kfk_batch_parse(batches, &b))
			break;
		batches = sl_of(batches.p + b.bytes.n, batches.n - b.bytes.n);
		int rc = kfk_cursor_open(&cur, &b, &k->plain);
		while (!rc && kfk_cursor_next(&cur, &rec))
			if (rec.offset >= from)
				add_record(out, &rec);
		if (rc || cur.bad)
			log_warn(k->env, "unreadable-batch", "base=%lld codec=%d", (long long)b.base_offset,
				 b.attributes & KFK_ATTR_CODEC);
		next = b.base_offset + b.last_delta + 1;
	}
	return next;
}

static void answer_read(struct kafka *k, struct kfk_reading *r)
{
	struct kfk_topic *t = kfk_topic(k, sl(r->topic));
	if (!t || r->partition < 0 || r->partition >= t->part_n) {
		r->on_read(r->arg, KFK_UNKNOWN_TOPIC, NULL, 0, 0, 0);
		return;
	}
	int64_t high = t->parts[r->partition].stable;
	int64_t from = r->offset == -2 ? 0 : r->offset == -1 ? high : r->offset;
	struct buf bytes = { 0 };
	struct records out = { 0 };
	int64_t next = from;
	int code = kfk_fetch(k, t, r->partition, from, r->max, true, 2, &bytes);
	if (!code)
		next = open_batches(k, buf_slice(&bytes), from, &out);
	buf_free(&bytes);
	r->on_read(r->arg, code, out.p, out.n, next, high);
	free(out.p);
	arena_free(&out.arena);
}

static void answer_topics(struct kafka *k, struct kfk_reading *r)
{
	struct topic_info *list = xcalloc(k->topic_n + 1, sizeof(*list));
	for (size_t i = 0; i < k->topic_n; i++)
		list[i] = (struct topic_info){ arena_dup(&k->arena, sl(k->topics[i]->name)), k->topics[i]->part_n };
	r->on_topics(r->arg, list, k->topic_n, NULL);
	arena_reset(&k->arena);
	free(list);
}

static void on_turn(void *arg)
{
	struct kfk_reading *r = arg;
	if (r->topic)
		answer_read(r->k, r);
	else
		answer_topics(r->k, r);
	forget_reading(r);
}

static struct kfk_reading *ask(struct kafka *k, void *arg)
{
	struct kfk_reading *r = xcalloc(1, sizeof(*r));
	r->k = k;
	r->arg = arg;
	r->next = k->readings;
	k->readings = r;
	loop_later(k->env->loop, &r->soon, on_turn, r);
	return r;
}

static void local_read(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg)
{
	struct kfk_reading *r = ask(self, arg);
	r->topic = xstrndup(topic.p ? topic.p : "", topic.n);
	r->partition = partition;
	r->offset = offset;
	r->max = max_bytes;
	r->on_read = cb;
}

static void local_topics(void *self, topics_cb cb, void *arg)
{
	ask(self, arg)->on_topics = cb;
}

/* ---- watch ---- */

static void local_watch(void *self, void (*fn)(void *arg), void *arg)
{
	struct kafka *k = self;
	if (k->watch_n < KFK_WATCHES_MAX)
		k->watches[k->watch_n++] = (struct kfk_watch){ fn, arg };
	else
		log_error(k->env, "watch", "more than %d watches", KFK_WATCHES_MAX);
}

static void tell(void *arg)
{
	struct kafka *k = arg;
	for (size_t i = 0; i < k->watch_n; i++)
		k->watches[i].fn(k->watches[i].arg);
}

void kfk_tell(struct kafka *k)
{
	if (k->watch_n)
		loop_later(k->env->loop, &k->told, tell, k);
}

void kfk_provide(void *self, struct ports *ports)
{
	ports->log = (struct record_log){ .self = self, .append = local_append, .read = local_read, .topics = local_topics,
					  .watch = local_watch };
}

void kfk_port_close(struct kafka *k)
{
	loop_never(k->env->loop, &k->told);
	while (k->held) {
		loop_unhold(k->env->loop, &k->held->held);
		forget_held(k->held);
	}
	while (k->readings) {
		loop_never(k->env->loop, &k->readings->soon);
		forget_reading(k->readings);
	}
}
