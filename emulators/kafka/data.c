/* Produce, Fetch, ListOffsets and OffsetForLeaderEpoch. */
#include "kafka/sasl.h"

/* ---- Produce ---- */

struct produce_part {
	struct slice topic; /* of the first partition of a topic; else absent */
	int32_t index, parts; /* parts: how many its topic has, on the first */
	struct slice records;
	struct produce_part *next;
};

/* A request of which the first n partitions are appended, kept with its connection until the rest is. */
struct kfk_half {
	size_t n;
	struct produced {
		int code;
		int64_t base, start;
	} at[];
};

struct produce_in {
	int16_t acks;
	int32_t topic_n;
	struct produce_part *first;
};

static void read_produce_part(struct kfk_call *c, struct produce_part *p)
{
	p->index = kfk_i32(c);
	p->records = kfk_bytes(c);
	kfk_tags(c);
}

static void read_produce(struct kfk_call *c, struct produce_in *in)
{
	struct produce_part **end = &in->first;
	if (c->version >= 3)
		(void)kfk_str(c); /* transactional id: the batch says it again */
	in->acks = kfk_i16(c);
	(void)kfk_i32(c); /* timeout: there is no one to wait for */
	in->topic_n = kfk_array(c);
	for (int32_t i = 0; i < in->topic_n && !c->r.bad; i++) {
		struct slice topic = kfk_str(c);
		int32_t n = kfk_array(c);
		if (n <= 0)
			c->r.bad = true;
		for (int32_t j = 0; j < n && !c->r.bad; j++) {
			struct produce_part *p = arena_alloc(c->arena, sizeof(*p));
			read_produce_part(c, p);
			p->topic = j ? sl(NULL) : topic.p ? topic : S("");
			p->parts = n;
			*end = p;
			end = &p->next;
		}
		kfk_tags(c);
	}
	kfk_tags(c);
}

static void note_produced(struct kafka *k, struct kfk_call *c, const char *topic, const struct produce_part *p, int code,
		     int64_t base, int64_t started_us)
{
	struct slice trace = sl(NULL);
	struct kp_batch b;
	struct kp_cursor cur;
	struct kp_record rec;
	if (!code && !kp_batch_parse(p->records, &b) && !(b.attributes & KP_ATTR_CODEC) &&
	    !kp_cursor_open(&cur, &b, &k->plain) && kp_cursor_next(&cur, &rec))
		trace = rec.trace;
	journal_add(k->env->journal, c->conn->now_ms, clock_real_us() - started_us, trace, "kafka", "Produce", code,
		    "topic=%s partition=%d offset=%lld bytes=%zu", topic, p->index, (long long)base, p->records.n);
}

static void produce_one(struct kafka *k, struct kfk_call *c, struct slice topic, const struct produce_part *p, int16_t acks,
		       struct produced *out)
{
	int64_t started = clock_real_us();
	struct kfk_topic *t = NULL;
	int code = acks < -1 || acks > 1 ? KE_INVALID_REQUIRED_ACKS : KE_NONE;
	out->base = -1;
	out->start = 0;
	if (!code)
		code = kfk_name_ok(topic) ? KE_NONE : KE_INVALID_TOPIC_EXCEPTION;
	if (!code && (!(t = kfk_topic(k, topic)) || p->index < 0 || p->index >= t->part_n))
		code = KE_UNKNOWN_TOPIC_OR_PARTITION;
	if ((!code || code == KE_UNKNOWN_TOPIC_OR_PARTITION) && !kfk_may(k, c->conn, "WriteData", topic))
		code = KE_TOPIC_AUTHORIZATION_FAILED;
	if (!code)
		code = kfk_produce(k, t, p->index, c->version, p->records, &out->base);
	if (!code)
		out->start = t->parts[p->index].start;
	out->code = code;
	note_produced(k, c, t ? t->name : "?", p, code, out->base, started);
}

static void put_produced(struct kfk_call *c, int32_t index, int code, int64_t base, int64_t start)
{
	kfk_put_i32(c, index);
	kfk_put_i16(c, code);
	kfk_put_i64(c, base);
	if (c->version >= 2)
		kfk_put_i64(c, -1); /* log append time: unused */
	if (c->version >= 5)
		kfk_put_i64(c, code ? -1 : start); /* log start */
	if (c->version >= 8) {
		kfk_put_array(c, 0);
		kfk_put_str(c, sl(NULL));
	}
	kfk_put_tags(c);
}

static void put_all_produced(struct kfk_call *c, const struct produce_in *in, const struct produced *at)
{
	int32_t left = 0;
	kfk_put_array(c, in->topic_n < 0 ? 0 : in->topic_n);
	for (struct produce_part *p = in->first; p; p = p->next, at++) {
		if (p->topic.p) {
			left = p->parts;
			kfk_put_str(c, p->topic);
			kfk_put_array(c, p->parts);
		}
		put_produced(c, p->index, at->code, at->base, at->start);
		if (--left == 0)
			kfk_put_tags(c);
	}
	if (c->version >= 1)
		kfk_put_i32(c, 0); /* throttle */
	kfk_put_tags(c);
}

/* Appends a piece of the request, from partition `from` on; how many are appended then. */
static size_t produce_piece(struct kafka *k, struct kfk_call *c, const struct produce_in *in, size_t from, struct produced *at)
{
	struct slice topic = sl(NULL);
	size_t i = 0, bytes = 0;
	for (struct produce_part *p = in->first; p; p = p->next, i++) {
		if (p->topic.p)
			topic = p->topic;
		if (i < from)
			continue;
		if (bytes >= KFK_PRODUCE_PIECE)
			break;
		bytes += p->records.n;
		produce_one(k, c, topic, p, in->acks, &at[i]);
	}
	return i;
}

enum kfk_done kfk_serve_produce(struct kafka *k, struct kfk_call *c)
{
	struct produce_in in = { 0 };
	struct kfk_session *own = c->conn->user;
	struct kfk_half *half = own ? own->half : NULL;
	size_t n = 0, from = half ? half->n : 0;
	bool failed = false;
	read_produce(c, &in);
	if (c->r.bad)
		return KFK_MALFORMED;
	for (struct produce_part *p = in.first; p; p = p->next)
		n++;
	struct produced *at = arena_alloc(c->arena, (n + 1) * sizeof(*at));
	if (from)
		memcpy(at, half->at, from * sizeof(*at));
	size_t done = produce_piece(k, c, &in, from, at);
	free(half);
	if (own)
		own->half = NULL;
	if (done < n) {
		half = xmalloc(sizeof(*half) + done * sizeof(*at));
		half->n = done;
		memcpy(half->at, at, done * sizeof(*at));
		kfk_session(c->conn)->half = half;
		return KFK_LATER;
	}
	for (size_t i = 0; i < n; i++)
		failed |= at[i].code != 0;
	if (in.acks == 0)
		return failed ? KFK_MALFORMED : KFK_SILENT; /* the only way to say no is to hang up */
	put_all_produced(c, &in, at);
	return KFK_ANSWERED;
}

/* ---- Fetch ---- */

struct fetch_in {
	int32_t max_wait_ms, min_bytes, max_bytes, session, session_epoch, topic_n;
};

/* Adds up while the answer is written. */
struct fetched {
	size_t bytes, budget;
	bool failed, any_asked;
};

static void read_fetch(struct kfk_call *c, struct fetch_in *in)
{
	(void)kfk_i32(c); /* replica id */
	in->max_wait_ms = kfk_i32(c);
	in->min_bytes = kfk_i32(c);
	in->max_bytes = c->version >= 3 ? kfk_i32(c) : INT32_MAX;
	if (c->version >= 4)
		(void)kfk_i8(c); /* isolation: without transactions both see the same */
	in->session = c->version >= 7 ? kfk_i32(c) : 0;
	in->session_epoch = c->version >= 7 ? kfk_i32(c) : -1;
	in->topic_n = kfk_array(c);
}

static size_t fetch_budget(const struct kafka *k, const struct fetch_in *in)
{
	int64_t most = conf_int(k->env->conf, "kafka", "fetch.max.bytes", KFK_FETCH_MAX);
	if (most > KFK_ANSWER_MAX)
		most = KFK_ANSWER_MAX;
	return in->max_bytes < 0 ? 0 : in->max_bytes > most ? (size_t)most : (size_t)in->max_bytes;
}

static int fetch_records(struct kafka *k, struct kfk_call *c, struct kfk_topic *t, int32_t index, int64_t offset,
			 int32_t epoch, size_t max, struct fetched *sum)
{
	int magic = c->version >= 4 ? 2 : c->version >= 2 ? 1 : 0;
	size_t at = c->out->n;
	if (max > sum->budget)
		max = sum->budget;
	int code = !t || index < 0 || index >= t->part_n ? KE_UNKNOWN_TOPIC_OR_PARTITION : epoch > 0 ? KE_UNKNOWN_LEADER_EPOCH : KE_NONE;
	if (!code)
		code = kfk_fetch(k, t, index, offset, max, sum->bytes == 0, magic, false, c->out);
	size_t n = c->out->n - at;
	sum->bytes += n;
	sum->budget -= n > sum->budget ? sum->budget : n;
	sum->failed |= code != 0;
	return code;
}

/* The records' size stands before them: written after they are known. */
static void put_fetched(struct kfk_call *c, const struct kfk_topic *t, int32_t index, int code, struct slice records)
{
	int64_t high = code && code != KE_OFFSET_OUT_OF_RANGE ? -1 : t->parts[index].stable;
	kfk_put_i32(c, index);
	kfk_put_i16(c, code);
	kfk_put_i64(c, high);
	if (c->version >= 4)
		kfk_put_i64(c, high); /* last stable offset */
	if (c->version >= 5)
		kfk_put_i64(c, high < 0 ? -1 : t->parts[index].start); /* log start */
	if (c->version >= 4)
		kfk_put_array(c, -1); /* aborted transactions */
	if (c->version >= 11)
		kfk_put_i32(c, -1); /* preferred replica */
	if (c->flex)
		buf_uvarint(c->out, records.n + 1);
	else
		buf_u32be(c->out, (uint32_t)records.n);
}

static void fetch_part(struct kafka *k, struct kfk_call *c, struct slice topic, struct fetched *sum)
{
	struct kfk_topic *t = kfk_topic(k, topic);
	int32_t index = kfk_i32(c);
	int32_t epoch = c->version >= 9 ? kfk_i32(c) : -1;
	int64_t offset = kfk_i64(c);
	if (c->version >= 12)
		(void)kfk_i32(c); /* last fetched epoch: there is one epoch */
	if (c->version >= 5)
		(void)kfk_i64(c); /* log start, of followers */
	int32_t max = kfk_i32(c);
	kfk_tags(c);
	if (c->r.bad)
		return;
	/* Behind the answer first, to learn the size; then the head is put before it. */
	size_t at = c->out->n;
	bool denied = !kfk_may(k, c->conn, "ReadData", topic);
	int code = denied ? KE_TOPIC_AUTHORIZATION_FAILED : fetch_records(k, c, t, index, offset, epoch, max > 0 ? (size_t)max : 0, sum);
	sum->failed |= denied;
	struct slice records = sl_of(c->out->p + at, c->out->n - at);
	struct buf head = { 0 }, *out = c->out;
	if (t)
		kfk_measure_out(k, t, records.n);
	c->out = &head;
	put_fetched(c, t, index, code, records);
	c->out = out;
	sum->any_asked = true;
	if (buf_room(out, head.n)) {
		memmove(out->p + at + head.n, out->p + at, out->n - at);
		memcpy(out->p + at, head.p, head.n);
		out->n += head.n;
	}
	buf_free(&head);
	kfk_put_tags(c);
}

static void fetch_all(struct kafka *k, struct kfk_call *c, const struct fetch_in *in, struct fetched *sum)
{
	kfk_put_array(c, in->topic_n < 0 ? 0 : in->topic_n);
	for (int32_t i = 0; i < in->topic_n && !c->r.bad; i++) {
		struct slice topic = kfk_str(c);
		int32_t n = kfk_array(c);
		kfk_put_str(c, topic.p ? topic : S(""));
		kfk_put_array(c, n < 0 ? 0 : n);
		for (int32_t j = 0; j < n && !c->r.bad; j++)
			fetch_part(k, c, topic, sum);
		kfk_tags(c);
		kfk_put_tags(c);
	}
}

/* What follows the topics holds nothing for us, but must be there. */
static void skip_fetch_tail(struct kfk_call *c)
{
	int32_t n = c->version >= 7 ? kfk_array(c) : 0;
	for (int32_t i = 0; i < n && !c->r.bad; i++) {
		(void)kfk_str(c);
		int32_t m = kfk_array(c);
		(void)rd_bytes(&c->r, m > 0 ? (size_t)m * 4 : 0);
		kfk_tags(c);
	}
	if (c->version >= 11)
		(void)kfk_str(c); /* rack */
	kfk_tags(c);
}

enum kfk_done kfk_serve_fetch(struct kafka *k, struct kfk_call *c)
{
	struct fetch_in in;
	size_t start = c->out->n;
	read_fetch(c, &in);
	if (c->r.bad)
		return KFK_MALFORMED;
	/* No fetch sessions: every answer is a full one with session id 0, and an id is one we never gave. */
	int session_code = in.session != 0 && in.session_epoch > 0 ? KE_FETCH_SESSION_ID_NOT_FOUND : KE_NONE;
	struct fetched sum = { .budget = fetch_budget(k, &in) };
	if (c->version >= 1)
		kfk_put_i32(c, 0); /* throttle */
	if (c->version >= 7) {
		kfk_put_i16(c, session_code);
		kfk_put_i32(c, 0);
	}
	if (session_code) {
		kfk_put_array(c, 0);
	} else {
		fetch_all(k, c, &in, &sum);
		skip_fetch_tail(c);
	}
	kfk_put_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	/* A budget used up is enough, however much the client would wait for. */
	bool enough = sum.failed || !sum.any_asked || (int64_t)sum.bytes >= in.min_bytes || in.max_wait_ms <= 0 || (sum.bytes && !sum.budget);
	if (enough || c->last || session_code)
		return KFK_ANSWERED;
	c->out->n = start;
	c->wait_ms = in.max_wait_ms;
	return KFK_PARKED;
}

/* ---- ListOffsets ---- */

static void list_part(struct kafka *k, struct kfk_call *c, struct kfk_topic *t)
{
	int64_t offset = -1, found = -1;
	int32_t index = kfk_i32(c);
	int32_t epoch = c->version >= 4 ? kfk_i32(c) : -1;
	int64_t ts = kfk_i64(c);
	int32_t most = c->version == 0 ? kfk_i32(c) : 1;
	kfk_tags(c);
	int code = c->denied ? KE_TOPIC_AUTHORIZATION_FAILED
		 : !t || index < 0 || index >= t->part_n ? KE_UNKNOWN_TOPIC_OR_PARTITION : epoch > 0 ? KE_UNKNOWN_LEADER_EPOCH : KE_NONE;
	if (!code && !c->r.bad)
		code = kfk_offset_at(k, t, index, ts, &offset, &found);
	kfk_put_i32(c, index);
	kfk_put_i16(c, code);
	if (c->version == 0) {
		bool any = !code && offset >= 0 && most > 0;
		kfk_put_array(c, any ? 1 : 0);
		if (any)
			kfk_put_i64(c, offset);
		return;
	}
	kfk_put_i64(c, found);
	kfk_put_i64(c, offset);
	if (c->version >= 4)
		kfk_put_i32(c, code || offset < 0 ? -1 : 0); /* leader epoch */
	kfk_put_tags(c);
}

/* Reads topics with their partitions to the end of the request and answers each partition as it comes. */
static enum kfk_done each_part(struct kafka *k, struct kfk_call *c, void (*answer)(struct kafka *k, struct kfk_call *c, struct kfk_topic *t))
{
	int32_t n = kfk_array(c);
	kfk_put_array(c, n < 0 ? 0 : n);
	for (int32_t i = 0; i < n && !c->r.bad; i++) {
		struct slice topic = kfk_str(c);
		int32_t m = kfk_array(c);
		kfk_put_str(c, topic.p ? topic : S(""));
		kfk_put_array(c, m < 0 ? 0 : m);
		c->denied = !kfk_may(k, c->conn, "DescribeTopic", topic.p ? topic : S(""));
		for (int32_t j = 0; j < m && !c->r.bad; j++)
			answer(k, c, kfk_topic(k, topic));
		kfk_tags(c);
		kfk_put_tags(c);
	}
	kfk_tags(c);
	kfk_put_tags(c);
	return c->r.bad ? KFK_MALFORMED : KFK_ANSWERED;
}

enum kfk_done kfk_serve_list_offsets(struct kafka *k, struct kfk_call *c)
{
	(void)kfk_i32(c); /* replica id */
	if (c->version >= 2) {
		(void)kfk_i8(c); /* isolation */
		kfk_put_i32(c, 0);
	}
	return each_part(k, c, list_part);
}

/* ---- OffsetForLeaderEpoch: there was ever one epoch, 0, and it ends where the log does ---- */

static void epoch_part(struct kafka *k, struct kfk_call *c, struct kfk_topic *t)
{
	int32_t index = kfk_i32(c);
	if (c->version >= 2)
		(void)kfk_i32(c); /* current epoch */
	int32_t epoch = kfk_i32(c);
	kfk_tags(c);
	bool known = !c->denied && t && index >= 0 && index < t->part_n;
	kfk_put_i16(c, c->denied ? KE_TOPIC_AUTHORIZATION_FAILED : known ? KE_NONE : KE_UNKNOWN_TOPIC_OR_PARTITION);
	kfk_put_i32(c, index);
	if (c->version >= 1)
		kfk_put_i32(c, known && epoch == 0 ? 0 : -1);
	kfk_put_i64(c, known && epoch == 0 ? t->parts[index].stable : -1);
	kfk_put_tags(c);
}

enum kfk_done kfk_serve_leader_epoch(struct kafka *k, struct kfk_call *c)
{
	if (c->version >= 3)
		(void)kfk_i32(c); /* replica id */
	if (c->version >= 2)
		kfk_put_i32(c, 0); /* throttle */
	return each_part(k, c, epoch_part);
}
