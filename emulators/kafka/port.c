/* The local side of record_log: what a Kafka client would do, without the wire. */
#include "kafka/node.h"
#include "kafka/append.h"
#include "kafka/producer.h"

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

/* Keyless records stay with a partition until a batch's worth went there, and twice that within one call, as Java's producer does. */
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
	struct kp_builder made;
	struct kfk_topic *topic;
	int partition;
	struct append_result *first;
	size_t n, bytes;
};

static void group_end(struct group *g)
{
	struct buf bytes = { 0 };
	struct kp_batch b;
	int64_t base = -1;
	if (!g->n)
		return;
	kp_builder_end(&g->made, &bytes);
	int code = kp_batch_parse(buf_slice(&bytes), &b);
	if (!code)
		code = kfk_leader(&g->topic->parts[g->partition]) < 0 ? KE_LEADER_NOT_AVAILABLE : kfk_append(g->k, g->topic, g->partition, &b, &base);
	for (size_t i = 0; i < g->n; i++) {
		g->first[i].error = code;
		g->first[i].offset = code ? -1 : base + (int64_t)i;
	}
	g->n = g->bytes = 0;
	buf_free(&bytes);
}

/* first: of its call, or there is none before it of that topic. bytes: of its record. */
static int choose(struct kafka *k, struct kfk_topic *t, const struct log_append *in, bool first, size_t bytes)
{
	if (in->partition >= 0)
		return in->partition;
	if (in->record.key.p)
		return kfk_key_partition(in->record.key, t->part_n);
	if (t->sticky < 0 || t->sticky >= t->part_n || t->sticky_bytes >= (first ? KFK_BATCH_SIZE : 2 * KFK_BATCH_SIZE)) {
		(void)next_sticky(k, t);
		t->sticky_bytes = 0;
	}
	t->sticky_bytes += bytes + (first ? KP_BATCH_HEADER : 0);
	return t->sticky;
}

static void append_one(struct group *g, const struct log_append *in, struct append_result *out, bool first)
{
	const struct log_record *r = &in->record;
	struct kfk_topic *t = NULL;
	int64_t now = clock_now_ms(g->k->env->clock);
	size_t room = kp_record_room(r->key, r->value, r->trace) + r->headers.n;
	*out = (struct append_result){ .partition = in->partition, .offset = -1 };
	out->error = kfk_topic_auto(g->k, in->topic, true, &t);
	if (out->error) {
		group_end(g);
		return;
	}
	out->partition = choose(g->k, t, in, first, room);
	if (out->partition >= t->part_n)
		out->error = KE_UNKNOWN_TOPIC_OR_PARTITION;
	else if ((int64_t)(room + KP_BATCH_HEADER) > t->set.message_max)
		out->error = KE_MESSAGE_TOO_LARGE;
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
		g->bytes = KP_BATCH_HEADER;
	}
	kp_builder_put(&g->made, &(struct kp_record){ .ts = r->timestamp_ms >= 0 ? r->timestamp_ms : now, .key = r->key, .value = r->value,
						       .trace = r->trace, .headers = r->headers, .header_n = r->header_n });
	g->n++;
	g->bytes += room;
}

static struct owed *local_append(void *self, const struct log_append *in, size_t n, append_cb cb, void *arg)
{
	struct kafka *k = self;
	struct appending *h = xcalloc(1, sizeof(*h) + n * sizeof(h->results[0]));
	struct group g = { .k = k };
	int64_t started = clock_real_us();
	owed_init(&h->owed, &k->owed, NULL);
	for (size_t i = 0; i < n; i++)
		append_one(&g, &in[i], &h->results[i], !i || !sl_eq(in[i].topic, in[i - 1].topic));
	group_end(&g);
	kp_builder_free(&g.made);
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
	bool committed;
	read_cb cb;
	void *arg;
	struct loop_soon turn;
	struct owed *job; /* decompresses */
	int64_t high;
};

static void reading_free(struct owed *o)
{
	struct reading *r = (struct reading *)o;
	loop_never(r->k->env->loop, &r->turn);
	owed_cancel(r->job);
	free(r->topic);
	free(o);
}

/* Batches as they are in the log, and the records in them. */
struct opening {
	struct reading *r;     /* not of a cancelled job */
	struct buf bytes;
	int64_t from, next;    /* next: the offset after what was opened */
	struct log_record *p;
	size_t n, cap;
	struct arena arena;
	const struct kfk_aborted *aborted; /* of the arena: transactions that aren't to be read */
	size_t aborted_n;
	size_t unreadable;     /* batches */
	int64_t unreadable_at; /* base offset of one */
};

static void opening_free(void *arg)
{
	struct opening *o = arg;
	buf_free(&o->bytes);
	free(o->p);
	arena_free(&o->arena);
	free(o);
}

static void add_record(struct opening *o, const struct kp_record *rec)
{
	GROW(o->p, o->n, o->cap);
	o->p[o->n++] = (struct log_record){
		.key = rec->key.p ? arena_dup(&o->arena, rec->key) : rec->key,
		.value = rec->value.p ? arena_dup(&o->arena, rec->value) : rec->value,
		.trace = rec->trace.p ? arena_dup(&o->arena, rec->trace) : rec->trace,
		.headers = rec->header_n ? arena_dup(&o->arena, rec->headers) : sl(NULL),
		.header_n = rec->header_n,
		.timestamp_ms = rec->ts,
		.offset = rec->offset,
	};
}

/* Whether its records aren't for the reader: a marker, or part of a transaction that was aborted. */
static bool left_out(const struct opening *o, const struct kp_batch *b)
{
	bool out = b->attributes & KP_ATTR_CONTROL;
	for (size_t i = 0; !out && i < o->aborted_n && b->attributes & KP_ATTR_TXN; i++)
		out = o->aborted[i].pid == b->pid && o->aborted[i].first <= b->base_offset && b->base_offset < o->aborted[i].marker;
	return out;
}

/* Opens the batches one after the other, compressed ones as long as they have no more than max bytes together when decompressed, but
 * one at least. One that can't be opened is stepped over, as there is nothing in it to give. LIMIT: the first compressed one has
 * more than max. */
static int open_batches(struct opening *o, struct buf *plain, size_t max)
{
	struct slice batches = buf_slice(&o->bytes);
	size_t bytes = 0;
	o->next = o->from;
	o->n = 0;
	while (batches.n && bytes < max) {
		struct kp_batch b;
		struct kp_cursor cur;
		struct kp_record rec;
		if (kp_batch_parse(batches, &b))
			break;
		batches = sl_of(batches.p + b.bytes.n, batches.n - b.bytes.n);
		int64_t next = b.base_offset + b.last_delta + 1;
		if (left_out(o, &b)) {
			o->next = next;
			continue;
		}
		int rc = kp_cursor_open(&cur, &b, plain);
		if (rc == ERR_LIMIT && max < KP_INFLATED_MAX)
			return bytes ? 0 : rc;
		bytes += b.attributes & KP_ATTR_CODEC ? plain->n : 0;
		while (!rc && kp_cursor_next(&cur, &rec))
			if (rec.offset >= o->from)
				add_record(o, &rec);
		if (rc || cur.bad) {
			o->unreadable++;
			o->unreadable_at = b.base_offset;
		}
		o->next = next;
	}
	return 0;
}

static void give(struct reading *r, const struct opening *o)
{
	if (o->unreadable)
		log_warn(r->k->env, "unreadable-batch", "topic=%s partition=%d base=%lld batches=%zu", r->topic, r->partition,
			 (long long)o->unreadable_at, o->unreadable);
	r->cb(r->arg, KE_NONE, o->p, o->n, o->next, r->high);
}

static void open_work(void *arg)
{
	struct opening *o = arg;
	struct buf plain = { .max = KP_INFLATED_MAX };
	if (open_batches(o, &plain, KP_INFLATED_MAX))
		o->unreadable++;
	buf_free(&plain);
}

static void open_done(void *arg)
{
	struct opening *o = arg;
	struct reading *r = o->r;
	r->job = NULL;
	owed_end(&r->owed);
	give(r, o);
	opening_free(o);
	reading_free(&r->owed);
}

static const struct job_kind open_kind = { open_work, open_done, NULL, opening_free };

/* What is small when decompressed is opened at once, the rest in a job. */
static void on_turn(void *arg)
{
	struct reading *r = arg;
	struct kafka *k = r->k;
	struct kfk_topic *t = kfk_topic(k, sl(r->topic));
	struct opening *o = xcalloc(1, sizeof(*o));
	int code = KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (t && r->partition >= 0 && r->partition < t->part_n) {
		const struct kfk_part *p = &t->parts[r->partition];
		r->high = r->committed ? kfk_last_stable(p) : p->stable;
		o->from = o->next = r->offset == -2 ? p->start : r->offset == -1 ? r->high : r->offset;
		code = kfk_fetch(k, t, r->partition, o->from, r->max, true, 2, r->committed, &o->bytes);
		if (!code && r->committed)
			o->aborted = kfk_aborted_in(p, o->from, INT64_MAX, &o->arena, &o->aborted_n);
	}
	if (!code && open_batches(o, &k->plain, KFK_PLAIN_MAX)) {
		o->r = r;
		owed_keep(&r->job, loop_long_job(k->env->loop, &open_kind, o));
		return;
	}
	owed_end(&r->owed);
	if (code)
		r->cb(r->arg, code, NULL, 0, code == KE_UNKNOWN_TOPIC_OR_PARTITION ? 0 : o->next, r->high);
	else
		give(r, o);
	opening_free(o);
	reading_free(&r->owed);
}

static struct owed *read_soon(void *self, bool committed, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg)
{
	struct kafka *k = self;
	struct reading *r = xcalloc(1, sizeof(*r));
	owed_init(&r->owed, &k->owed, reading_free);
	r->k = k;
	r->topic = xstrndup(topic.p ? topic.p : "", topic.n);
	r->partition = partition;
	r->offset = offset;
	r->max = max_bytes;
	r->committed = committed;
	r->cb = cb;
	r->arg = arg;
	loop_later(k->env->loop, &r->turn, on_turn, r);
	return &r->owed;
}

static struct owed *local_read(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg)
{
	return read_soon(self, false, topic, partition, offset, max_bytes, cb, arg);
}

static struct owed *local_read_committed(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg)
{
	return read_soon(self, true, topic, partition, offset, max_bytes, cb, arg);
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
		list[i] = (struct topic_info){ arena_dup(&k->arena, sl(k->topics[i]->name)), k->topics[i]->part_n, kfk_port_places(k, k->topics[i]) };
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
	ports->log = (struct record_log){ .self = self, .append = local_append, .read = local_read, .read_committed = local_read_committed, .topics = local_topics,
					  .watch = local_watch, .change = kfk_port_change, .changes = &((struct kafka *)self)->topic_changes };
	struct kafka *k = self;
	kp_consumers_provide(&k->consumers, k->env, ports);
	ports->broker = (struct broker){ .self = self, .ask = kfk_ask, .restart = kfk_restart };
}

void kfk_port_close(struct kafka *k)
{
	loop_never(k->env->loop, &k->told);
	kp_consumers_close(&k->consumers);
	owed_cancel_all(&k->owed);
}
