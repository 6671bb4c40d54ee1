/* Where logs start: retention by time, and the removal of what is before it, of deleted topics too, a piece a tick.
 *
 * DIFFERS: a log has no segments. A batch goes when it is older than retention.ms, and either all of the log is or it is older than
 * the newest batch by segment.ms, which is about when the segment that it would be in went. retention.bytes isn't looked at. */
#include "kafka/seek.h"

enum { CHECK_MS = 300000 }; /* log.retention.check.interval.ms */

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

static int retain_part(struct kafka *k, struct kfk_topic *t, int partition, int64_t now_ms, struct error *err)
{
	struct kfk_part *p = &t->parts[partition];
	int64_t old = now_ms - t->set.retention_ms, last, start;
	int rc = kfk_store_last_ts(&k->db, t->id, partition, &last, err);
	if (rc || last == INT64_MIN || p->start >= p->stable)
		return rc;
	if (last >= old && last - t->set.segment_ms < old)
		old = last - t->set.segment_ms;
	if ((rc = kfk_store_fresh(&k->db, t->id, partition, p->start, old, p->next, &start, err)))
		return rc;
	if (start > p->stable)
		start = p->stable;
	return kfk_move_start(k, t, partition, start) ? err_set(err, ERR_STORE, "the start can't be moved") : 0;
}

void kfk_retain(struct kafka *k, struct kfk_topic *t)
{
	int64_t now_ms = clock_now_ms(k->env->clock);
	struct error err = { 0 };
	int rc = 0;
	if (now_ms - t->retained_ms < CHECK_MS)
		return;
	t->retained_ms = now_ms;
	if (!t->set.deletes || t->set.retention_ms < 0)
		return;
	for (int i = 0; !rc && i < t->part_n; i++)
		rc = retain_part(k, t, i, now_ms, &err);
	if (rc)
		log_error(k->env, "retention", "topic=%s error=\"%s\"", t->name, err.text);
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
