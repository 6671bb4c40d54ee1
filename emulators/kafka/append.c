#include "kafka/append.h"
#include "kafka/compact.h"
#include "kafka/producer.h"
#include "kafka/segment.h"

enum { LOOK_BYTES = 2 << 20, INLINE_PLAIN = 256 << 10 };
enum { ATTRIBUTES_AT = 21, MAX_TS_AT = 35 };

static struct kfk_rules rules_of(const struct kafka *k, const struct kfk_topic *t, int partition)
{
	const struct kfk_obeyed *o = &t->set;
	return (struct kfk_rules){ .topic = t->name, .partition = partition, .message_max = o->message_max, .segment_max = o->segment_max,
				   .now_ms = clock_now_ms(k->env->clock), .real_ms = clock_is_virtual(k->env->clock) ? clock_real_ms() : 0,
				   .before_ms = o->before_ms, .after_ms = o->after_ms, .compacted = o->compacts,
				   .append_time = o->append_time, .codec = o->codec, .level = o->level };
}

/* ---- appending ---- */

static void put(char *p, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (char)(v >> (8 * (n - 1 - i)));
}

/* The batch as it is kept: with its offset, the leader's epoch, and what the broker says of its times. */
static void stamp(struct buf *bytes, const struct kp_batch *b, int64_t base, int32_t epoch)
{
	struct rd r = rd_of(bytes->p + ATTRIBUTES_AT, 2), max = rd_of(bytes->p + MAX_TS_AT, 8);
	put(bytes->p, (uint64_t)base, 8);
	put(bytes->p + 12, (uint32_t)epoch, 4);
	if ((int16_t)rd_u16be(&r) == b->attributes && (int64_t)rd_u64be(&max) == b->max_ts)
		return;
	put(bytes->p + ATTRIBUTES_AT, (uint16_t)b->attributes, 2);
	put(bytes->p + MAX_TS_AT, (uint64_t)b->max_ts, 8);
	kp_batch_seal(bytes->p, bytes->n);
}

int kfk_append_own(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, int64_t *base)
{
	struct kfk_part *p = &t->parts[partition];
	struct error err;
	struct kfk_row row = { .topic = t->id, .partition = partition, .base = p->next, .last = p->next + b->last_delta,
			       .max_ts = b->max_ts, .pid = b->pid, .epoch = b->epoch, .first_seq = b->base_seq,
			       .last_seq = kfk_sequence_add(b->base_seq, b->last_delta) };
	buf_reset(&k->scratch);
	buf_addsl(&k->scratch, b->bytes);
	stamp(&k->scratch, b, p->next, p->epoch);
	row.bytes = buf_slice(&k->scratch);
	int code = kfk_segment_roll(k, t, partition, &row);
	if (code)
		return code;
	if (kfk_store_add(&k->db, &row, &err))
		return kfk_store_failed(k, "append", &err);
	*base = p->next;
	if (p->next == p->stable) {
		GROW(k->dirty, k->dirty_n, k->dirty_cap);
		k->dirty[k->dirty_n++] = (struct kfk_dirty){ t->id, partition };
	}
	p->next = row.last + 1;
	k->appended = true;
	if (t->set.compacts)
		kfk_compact_soon(k);
	return kfk_segment_note(k, t, partition, &row);
}

/* Appends what was checked and found right. */
static void append_checked(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, struct kfk_appended *out)
{
	struct kfk_seen before;
	int code = space_low(k->env->space) ? KE_KAFKA_STORAGE_ERROR : KE_NONE;
	if (!code && b->pid >= 0)
		code = kfk_producer_check(k, t, partition, b, &before);
	if (code == KE_DUPLICATE_SEQUENCE_NUMBER) {
		out->base = before.base;
		out->time_ms = before.ts; /* whatever the timestamps are of, as the broker does */
		out->start = t->parts[partition].start;
		return;
	}
	if (!code)
		code = kfk_append_own(k, t, partition, b, &out->base);
	out->code = code;
	out->start = code == KE_KAFKA_STORAGE_ERROR ? -1 : t->parts[partition].start;
	if (code)
		return;
	out->time_ms = b->attributes & KP_ATTR_LOG_TIME ? b->max_ts : -1;
	if (b->pid >= 0)
		kfk_producer_note(k, t, partition, b, out->base);
	kfk_measure_in(k, t, b->bytes.n, b->count);
}

/* What was found out outlives what it was found out in. */
static void tell(struct arena *a, const struct kfk_checked *c, struct kfk_appended *out)
{
	out->trace = c->trace.p ? arena_dup(a, c->trace) : c->trace;
	out->why = c->why.p ? arena_dup(a, c->why) : c->why;
	out->error_n = c->error_n;
	out->errors = c->error_n ? arena_alloc(a, c->error_n * sizeof(*out->errors)) : NULL;
	for (size_t i = 0; i < c->error_n; i++) {
		bool same = i && c->errors[i].why.p == c->errors[i - 1].why.p;
		out->errors[i] = (struct kfk_record_error){ c->errors[i].index, same ? out->errors[i - 1].why : arena_dup(a, c->errors[i].why) };
	}
}

bool kfk_produce(struct kafka *k, struct kfk_topic *t, int partition, int version, struct slice records, struct kfk_checked *known, bool now,
		 struct arena *a, struct kfk_appended *out)
{
	struct kfk_rules r = rules_of(k, t, partition);
	struct kfk_checked here = { 0 }, *c = known ? known : &here;
	*out = (struct kfk_appended){ .base = -1, .time_ms = -1, .start = -1, .trace = sl(NULL), .why = sl(NULL) };
	if (!known && ((!now && kfk_check_is_long(&r, records)) || !kfk_check(&r, version, records, now ? KP_INFLATED_MAX : INLINE_PLAIN, &k->plain, &here)))
		return false;
	out->code = c->code;
	tell(a, c, out);
	if (c->code)
		out->start = c->early ? -1 : t->parts[partition].start;
	else if (!c->none)
		append_checked(k, t, partition, &c->b, out);
	kfk_checked_free(&here);
	return true;
}

int kfk_append(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, int64_t *base)
{
	struct kfk_rules r = rules_of(k, t, partition);
	struct kfk_checked c;
	struct kfk_appended out = { .base = -1 };
	kfk_check_parsed(&r, b, &k->plain, &c);
	out.code = c.code;
	if (!c.code)
		append_checked(k, t, partition, &c.b, &out);
	kfk_checked_free(&c);
	*base = out.base;
	return out.code;
}

/* ---- in a job ---- */

struct kfk_look {
	struct kafka *k;
	struct conn *conn;  /* NULL: nobody waits for it */
	struct owed *job;
	int version;
	bool over;
	struct arena arena; /* of what follows */
	struct look_part {
		size_t i;
		struct kfk_rules rules;
		struct slice records;
		struct kfk_checked checked;
	} *parts;
	size_t n, cap, bytes;
};

struct kfk_look *kfk_look_new(struct kafka *k, struct conn *conn, int version)
{
	struct kfk_look *l = xcalloc(1, sizeof(*l));
	l->k = k;
	l->conn = conn;
	l->version = version;
	conn->paused = true;
	return l;
}

bool kfk_look_add(struct kfk_look *l, size_t i, const struct kfk_topic *t, int partition, struct slice records)
{
	if (l->n && l->bytes + records.n > LOOK_BYTES)
		return false;
	struct kfk_rules r = rules_of(l->k, t, partition);
	r.topic = arena_cstr(&l->arena, sl(t->name));
	ARENA_GROW(&l->arena, l->parts, l->n, l->cap);
	l->parts[l->n++] = (struct look_part){ .i = i, .rules = r, .records = arena_dup(&l->arena, records) };
	l->bytes += records.n;
	return true;
}

static void look_drop(void *arg)
{
	struct kfk_look *l = arg;
	for (size_t i = 0; i < l->n; i++)
		kfk_checked_free(&l->parts[i].checked);
	arena_free(&l->arena);
	free(l);
}

static void look_work(void *arg)
{
	struct kfk_look *l = arg;
	struct buf scratch = { 0 };
	for (size_t i = 0; i < l->n; i++) {
		struct look_part *p = &l->parts[i];
		if (!kfk_check(&p->rules, l->version, p->records, KP_INFLATED_MAX, &scratch, &p->checked))
			p->checked = (struct kfk_checked){ .code = KE_UNKNOWN_SERVER_ERROR };
	}
	buf_free(&scratch);
}

static void look_done(void *arg)
{
	struct kfk_look *l = arg;
	l->job = NULL;
	l->over = true;
	tcp_resume(l->conn);
}

static const struct job_kind look_kind = { look_work, look_done, NULL, look_drop, "a check of record batches", 0 };

void kfk_look_start(struct kfk_look *l)
{
	owed_keep(&l->job, loop_long_job(l->k->env->loop, &look_kind, l));
}

struct kfk_checked *kfk_look_at(struct kfk_look *l, size_t i)
{
	for (size_t j = 0; l && l->over && j < l->n; j++)
		if (l->parts[j].i == i)
			return &l->parts[j].checked;
	return NULL;
}

void kfk_look_free(struct kfk_look *l)
{
	if (!l)
		return;
	if (l->job)
		owed_cancel(l->job); /* drops it, at once or later */
	else
		look_drop(l);
}
