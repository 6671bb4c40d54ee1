/* Where logs start: retention by time and by size, a segment at a time as Kafka does it, and the removal of what is before the start, of
 * deleted topics too, a piece a tick. It is looked for when a topic is asked for, and every now and then for those that aren't. */
#include "kafka/seek.h"
#include "kafka/segment.h"

enum {
	CHECK_MS = 300000,     /* log.retention.check.interval.ms */
	FROZEN_MS = 21600000,  /* the same on a clock that leaps */
	LOADS_MAX = 256,       /* of partitions that weren't looked at since the start, in a turn */
	TOPICS_MAX = 256,      /* topics in a turn */
};

static void step(void *arg)
{
	struct kafka *k = arg;
	struct error err = { 0 };
	if (!k->going_n)
		return;
	const struct kfk_going *g = &k->going[k->going_n - 1];
	int more = kfk_store_sweep(&k->db, g->topic, g->partition, g->start, &err);
	if (more < 0) { /* a full disk; the next deletion tries again */
		log_error(k->env, "sweep", "error=\"%s\"", err.text);
		return;
	}
	if (!more)
		k->going_n--;
	if (k->going_n)
		loop_later(k->env->loop, &k->sweeping, step, k);
}

void kfk_goes(struct kafka *k, int64_t topic, int partition, int64_t start)
{
	GROW(k->going, k->going_n, k->going_cap);
	k->going[k->going_n++] = (struct kfk_going){ .topic = topic, .partition = partition, .start = start };
	loop_later(k->env->loop, &k->sweeping, step, k);
}

/* How many segments go. As UnifiedLog: what is before the start, then what is too much, then what is too old; none that isn't whole below
 * the high watermark. */
static size_t expired(const struct kfk_topic *t, const struct kfk_part *p, int64_t now_ms)
{
	const struct kfk_segments *all = p->segs;
	const struct kfk_obeyed *o = &t->set;
	int64_t over = -o->retention_max;
	size_t n = 0;
	while (n + 1 < all->n && all->v[n + 1].base <= p->start)
		n++;
	if (!o->deletes)
		return n;
	for (size_t i = n; i < all->n; i++)
		over += all->v[i].bytes;
	for (; o->retention_max >= 0 && n < all->n && over >= all->v[n].bytes && kfk_segment_end(p, n) <= p->stable; n++)
		over -= all->v[n].bytes;
	while (o->retention_ms >= 0 && n < all->n && now_ms - kfk_segment_ts(&all->v[n]) > o->retention_ms && kfk_segment_end(p, n) <= p->stable)
		n++;
	return n;
}

static int retain_part(struct kafka *k, struct kfk_topic *t, int partition, int64_t now_ms, int *loads)
{
	struct kfk_part *p = &t->parts[partition];
	if (p->start >= p->next || (!t->set.deletes && !p->segs))
		return KE_NONE;
	*loads -= !p->segs;
	if (!kfk_segments(k, t, partition))
		return KE_KAFKA_STORAGE_ERROR;
	size_t n = p->segs->busy ? 0 : expired(t, p, now_ms);
	if (!n)
		return KE_NONE;
	int code = kfk_move_start(k, t, partition, n < p->segs->n ? p->segs->v[n].base : p->next);
	return code ? code : kfk_segments_drop(k, t, partition, n);
}

void kfk_retain(struct kafka *k, struct kfk_topic *t)
{
	int64_t now_ms = clock_now_ms(k->env->clock);
	int code = KE_NONE, loads = LOADS_MAX;
	if (now_ms - t->retained_ms < CHECK_MS)
		return;
	for (int i = 0; !code && i < t->part_n; i++) {
		if (!loads) /* the rest when it is asked for again */
			return;
		code = retain_part(k, t, i, now_ms, &loads);
	}
	t->retained_ms = now_ms;
}

/* ---- now and then ---- */

static void retain_some(void *arg)
{
	struct kafka *k = arg;
	for (int i = 0; i < TOPICS_MAX && k->retain_at < k->topic_n; i++)
		kfk_retain(k, k->topics[k->retain_at++]);
	if (k->retain_at < k->topic_n)
		loop_later(k->env->loop, &k->retaining, retain_some, k);
	else
		kfk_retain_begin(k);
}

static void retain_all(void *arg)
{
	struct kafka *k = arg;
	k->retain_at = 0;
	retain_some(k);
}

void kfk_retain_begin(struct kafka *k)
{
	bool leaps = clock_is_virtual(k->env->clock);
	clock_at(k->env->clock, &k->retain_due, clock_now_ms(k->env->clock) + (leaps ? FROZEN_MS : CHECK_MS), retain_all, k);
}

void kfk_retain_end(struct kafka *k)
{
	clock_cancel(k->env->clock, &k->retain_due);
	loop_never(k->env->loop, &k->retaining);
	loop_never(k->env->loop, &k->sweeping);
}

static void load_start(void *arg, int64_t topic, int partition, int64_t start)
{
	struct kafka *k = arg;
	struct kfk_topic *t = kfk_topic_by_number(k, topic);
	if (t && partition < t->part_n) {
		struct kfk_part *p = &t->parts[partition];
		p->start = start;
		if (p->next < start) /* everything went */
			p->next = p->stable = start;
	}
	kfk_goes(k, topic, partition, start);
}

int kfk_starts(struct kafka *k, struct error *err)
{
	k->going_n = 0;
	return kfk_store_starts(&k->db, load_start, k, err);
}
