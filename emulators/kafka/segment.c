#include "kafka/segment.h"

enum { KEEP_BYTES = 1 << 20 }; /* of appended batches, after which the active segment is written again */

int64_t kfk_segment_ts(const struct kfk_segment *s)
{
	return s->max_ts >= 0 ? s->max_ts : s->changed_ms;
}

int64_t kfk_segment_end(const struct kfk_part *p, size_t i)
{
	return i + 1 < p->segs->n ? p->segs->v[i + 1].base : p->next;
}

void kfk_segments_free(struct kfk_part *p)
{
	if (p->segs)
		free(p->segs->v);
	free(p->segs);
	p->segs = NULL;
}

static struct kfk_segment *add(struct kfk_segments *all, int64_t base, int64_t now_ms)
{
	GROW(all->v, all->n, all->cap);
	all->v[all->n] = (struct kfk_segment){ .base = base, .first_ts = -1, .max_ts = -1, .made_ms = now_ms, .changed_ms = now_ms };
	return &all->v[all->n++];
}

static void count(struct kfk_segment *s, int64_t max_ts, int64_t bytes, int64_t now_ms)
{
	if (!s->bytes)
		s->first_ts = max_ts;
	if (max_ts > s->max_ts)
		s->max_ts = max_ts;
	s->bytes += bytes;
	s->changed_ms = now_ms;
}

/* ---- from the store ---- */

struct loading {
	struct kfk_segments *all;
	int64_t upto, now_ms;
};

static void load_segment(void *arg, const struct kfk_segment *s, int64_t upto)
{
	struct loading *l = arg;
	*add(l->all, s->base, l->now_ms) = *s;
	l->upto = upto;
}

static void load_size(void *arg, int64_t base, int64_t max_ts, int64_t bytes)
{
	struct loading *l = arg;
	struct kfk_segments *all = l->all;
	struct kfk_segment *s = all->n ? &all->v[all->n - 1] : add(all, base, l->now_ms);
	count(s, max_ts, bytes, max_ts >= 0 && max_ts < l->now_ms ? max_ts : l->now_ms);
}

struct kfk_segments *kfk_segments(struct kafka *k, struct kfk_topic *t, int partition)
{
	struct kfk_part *p = &t->parts[partition];
	struct loading l = { .upto = p->start, .now_ms = clock_now_ms(k->env->clock) };
	struct error err;
	if (p->segs)
		return p->segs;
	p->segs = l.all = xcalloc(1, sizeof(*p->segs));
	l.all->horizon = INT64_MAX;
	/* A partition that nothing was ever appended to has nothing in the store. */
	if (p->next && (kfk_store_segments(&k->db, t->id, partition, load_segment, &l, &err) ||
			kfk_store_sizes(&k->db, t->id, partition, l.upto, load_size, &l, &err) ||
			kfk_store_cleaned(&k->db, t->id, partition, &l.all->cleaned, &l.all->horizon, &err))) {
		(void)kfk_store_failed(k, "segments", &err);
		kfk_segments_free(p);
		return NULL;
	}
	l.all->kept = l.all->n ? l.all->v[l.all->n - 1].bytes : 0;
	return p->segs;
}

int kfk_segment_keep(struct kafka *k, const struct kfk_topic *t, int partition, size_t i)
{
	const struct kfk_part *p = &t->parts[partition];
	struct error err;
	if (i + 1 == p->segs->n)
		p->segs->kept = p->segs->v[i].bytes;
	return kfk_store_segment(&k->db, t->id, partition, &p->segs->v[i], kfk_segment_end(p, i), &err) ? kfk_store_failed(k, "segment", &err) : KE_NONE;
}

/* ---- appending ---- */

/* Every segment has its own, so that those of many partitions don't end together; the same after a start. */
static int64_t jitter(const struct kfk_topic *t, int partition, int64_t base, int64_t max_ms)
{
	uint64_t h = ((uint64_t)t->id * 1000003 + (uint64_t)partition) * 1000003 + (uint64_t)base;
	h ^= h >> 31;
	h *= 0x9e3779b97f4a7c15u;
	return max_ms > 0 ? (int64_t)((h >> 1) % (uint64_t)max_ms) : 0;
}

static bool is_over(const struct kfk_topic *t, int partition, const struct kfk_segment *s, const struct kfk_row *row, int64_t now_ms)
{
	const struct kfk_obeyed *o = &t->set;
	int64_t most_ms = o->compacts && o->lag_max_ms < o->segment_ms ? o->lag_max_ms : o->segment_ms;
	int64_t age = s->first_ts >= 0 && row->max_ts >= 0 ? row->max_ts - s->first_ts : now_ms - s->made_ms;
	int64_t less = jitter(t, partition, s->base, o->jitter_ms < most_ms ? o->jitter_ms : most_ms);
	if (s->bytes > o->segment_max - (int64_t)row->bytes.n || row->last - s->base > INT32_MAX)
		return true;
	return s->bytes && age > most_ms - less;
}

int kfk_segment_roll(struct kafka *k, struct kfk_topic *t, int partition, const struct kfk_row *row)
{
	struct kfk_segments *all = kfk_segments(k, t, partition);
	int64_t now_ms = clock_now_ms(k->env->clock);
	if (!all)
		return KE_KAFKA_STORAGE_ERROR;
	if (all->n && !is_over(t, partition, &all->v[all->n - 1], row, now_ms))
		return KE_NONE;
	int code = all->n ? kfk_segment_keep(k, t, partition, all->n - 1) : KE_NONE;
	if (code)
		return code;
	add(all, row->base, now_ms);
	all->kept = 0;
	return all->n > 1 ? kfk_segment_keep(k, t, partition, all->n - 1) : KE_NONE;
}

int kfk_segment_note(struct kafka *k, struct kfk_topic *t, int partition, const struct kfk_row *row)
{
	struct kfk_segments *all = t->parts[partition].segs;
	struct kfk_segment *s = &all->v[all->n - 1];
	count(s, row->max_ts, (int64_t)row->bytes.n, clock_now_ms(k->env->clock));
	return s->bytes - all->kept < KEEP_BYTES ? KE_NONE : kfk_segment_keep(k, t, partition, all->n - 1);
}

int kfk_segments_drop(struct kafka *k, struct kfk_topic *t, int partition, size_t n)
{
	struct kfk_segments *all = t->parts[partition].segs;
	struct error err;
	int64_t below = n < all->n ? all->v[n].base : INT64_MAX;
	if (!n)
		return KE_NONE;
	memmove(all->v, all->v + n, (all->n - n) * sizeof(*all->v));
	all->n -= n;
	return kfk_store_segment_del(&k->db, t->id, partition, below, &err) ? kfk_store_failed(k, "segments", &err) : KE_NONE;
}

int64_t kfk_log_bytes(struct kafka *k, struct kfk_topic *t, int partition)
{
	const struct kfk_segments *all = kfk_segments(k, t, partition);
	int64_t bytes = 0;
	for (size_t i = 0; all && i < all->n; i++)
		bytes += all->v[i].bytes;
	return bytes;
}
