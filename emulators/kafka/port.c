/* The local side of record_log: what a Kafka client would do, without the wire. */
#include "kafka/kafka.h"

/* ---- append ---- */

/* An append whose answer waits for the commit. */
struct appending {
	struct owed owed;
	append_cb cb;
	void *arg;
	size_t n;
	struct append_result results[];
};

static void answer_append(struct owed *o)
{
	struct appending *h = (struct appending *)o;
	struct error err;
	if (loop_tick_failed(o->loop)) {
		(void)err_set(&err, ERR_STORE, "the commit failed");
		h->cb(h->arg, NULL, 0, &err);
	} else {
		h->cb(h->arg, h->results, h->n, NULL);
	}
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

static struct owed *local_append(void *self, const struct log_append *in, size_t n, append_cb cb, void *arg)
{
	struct kafka *k = self;
	struct appending *h = xcalloc(1, sizeof(*h) + n * sizeof(h->results[0]));
	struct group g = { .k = k };
	struct sticky last = { 0 };
	int64_t started = clock_real_us();
	owed_init(&h->owed, &k->owed, NULL);
	for (size_t i = 0; i < n; i++)
		append_one(&g, &in[i], &h->results[i], &last);
	group_end(&g);
	kfk_builder_free(&g.made);
	for (size_t i = 0; i < n; i++)
		journal_add(k->env->journal, clock_now_ms(k->env->clock), clock_real_us() - started, in[i].record.trace, "kafka",
			    "Append", h->results[i].error, "topic=%.*s partition=%d offset=%lld", SL(in[i].topic),
			    h->results[i].partition, (long long)h->results[i].offset);
	h->cb = cb;
	h->arg = arg;
	h->n = n;
	owed_hold(&h->owed, k->env->loop, answer_append);
	return &h->owed;
}

/* ---- read ---- */

struct reading {
	struct owed owed;
	struct kafka *k;
	char *topic; /* owned */
	int partition;
	int64_t offset;
	size_t max;
	read_cb cb;
	void *arg;
};

static void reading_free(struct owed *o)
{
	free(((struct reading *)o)->topic);
	free(o);
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

static void answer_read(struct owed *o)
{
	struct reading *r = (struct reading *)o;
	struct kafka *k = r->k;
	struct kfk_topic *t = kfk_topic(k, sl(r->topic));
	if (!t || r->partition < 0 || r->partition >= t->part_n) {
		r->cb(r->arg, KFK_UNKNOWN_TOPIC, NULL, 0, 0, 0);
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
	r->cb(r->arg, code, out.p, out.n, next, high);
	free(out.p);
	arena_free(&out.arena);
}

static struct owed *local_read(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg)
{
	struct kafka *k = self;
	struct reading *r = xcalloc(1, sizeof(*r));
	owed_init(&r->owed, &k->owed, reading_free);
	r->k = k;
	r->topic = xstrndup(topic.p ? topic.p : "", topic.n);
	r->partition = partition;
	r->offset = offset;
	r->max = max_bytes;
	r->cb = cb;
	r->arg = arg;
	owed_soon(&r->owed, k->env->loop, answer_read);
	return &r->owed;
}

struct listing {
	struct owed owed;
	struct kafka *k;
	topics_cb cb;
	void *arg;
};

static void answer_topics(struct owed *o)
{
	struct listing *l = (struct listing *)o;
	struct kafka *k = l->k;
	struct topic_info *list = xcalloc(k->topic_n + 1, sizeof(*list));
	for (size_t i = 0; i < k->topic_n; i++)
		list[i] = (struct topic_info){ arena_dup(&k->arena, sl(k->topics[i]->name)), k->topics[i]->part_n };
	l->cb(l->arg, list, k->topic_n, NULL);
	arena_reset(&k->arena);
	free(list);
}

static struct owed *local_topics(void *self, topics_cb cb, void *arg)
{
	struct kafka *k = self;
	struct listing *l = xcalloc(1, sizeof(*l));
	owed_init(&l->owed, &k->owed, NULL);
	l->k = k;
	l->cb = cb;
	l->arg = arg;
	owed_soon(&l->owed, k->env->loop, answer_topics);
	return &l->owed;
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
	owed_cancel_all(&k->owed);
}
