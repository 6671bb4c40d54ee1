#include "kafka/compact.h"
#include "kafka/producer.h"
#include "kafka/segment.h"

enum { BACKOFF_MS = 15000, PIECE = 1 << 20 }; /* log.cleaner.backoff.ms */

/* A log being compacted. The job's alone while one works. */
struct kfk_cleaning {
	struct kafka *k;
	int64_t topic;
	int partition;
	int64_t start, first, end; /* the log; what is new of it; where what can be compacted ends */
	int64_t at;                /* the next offset to be read */
	bool learning;             /* the first of two passes */
	struct owed *job;
	struct kfk_clean clean;
	struct arena arena;        /* of clean */
	struct buf piece, out;
	struct kfk_cleaned *done;  /* of the piece; owned */
	size_t done_n;
};

static void cleaning_free(void *arg)
{
	struct kfk_cleaning *c = arg;
	kfk_keys_free(c->clean.keys);
	arena_free(&c->arena);
	buf_free(&c->piece);
	buf_free(&c->out);
	free(c->done);
	free(c);
}

/* ---- which log ---- */

/* What could be compacted of a partition. */
struct chance {
	int64_t first, end;
	double dirty;   /* the share of it that is new */
	bool now;       /* it must be, whatever the share */
	int64_t due_ms; /* when it is to be looked at again though nothing comes; INT64_MAX: never */
};

static int64_t later_of(int64_t ms, int64_t more_ms)
{
	int64_t sum;
	return __builtin_add_overflow(ms, more_ms, &sum) ? INT64_MAX : sum;
}

static void due(struct chance *c, int64_t at_ms, int64_t now_ms)
{
	if (at_ms >= now_ms && at_ms < c->due_ms)
		c->due_ms = at_ms + 1;
}

/* As LogCleanerManager: whole segments from the first new one on, but the active one, and those with records younger than
 * min.compaction.lag.ms and what follows them; below the last stable offset. */
static struct chance look(const struct kfk_topic *t, const struct kfk_part *p, int64_t now_ms)
{
	const struct kfk_segments *all = p->segs;
	const struct kfk_obeyed *o = &t->set;
	struct chance c = { .first = all->cleaned > p->start ? all->cleaned : p->start, .due_ms = INT64_MAX };
	int64_t clean = 0, new = 0, stable = kfk_last_stable(p);
	c.end = c.first;
	for (size_t i = 0; i + 1 < all->n; i++) {
		const struct kfk_segment *s = &all->v[i];
		int64_t end = all->v[i + 1].base, ts = kfk_segment_ts(s);
		if (end <= c.first) {
			clean += s->bytes;
			continue;
		}
		if (end > stable)
			break;
		if (o->lag_min_ms > 0 && ts > now_ms - o->lag_min_ms) {
			due(&c, later_of(ts, o->lag_min_ms), now_ms);
			break;
		}
		int64_t oldest = s->first_ts >= 0 ? s->first_ts : s->made_ms;
		if (!new)
			c.now = oldest < now_ms - o->lag_max_ms;
		due(&c, later_of(oldest, o->lag_max_ms), now_ms);
		new += s->bytes;
		c.end = end;
	}
	c.dirty = new ? (double)new / (double)(clean + new) : 0;
	if (all->horizon <= now_ms && all->cleaned > p->start) {
		c.now = true;
		if (c.end < all->cleaned)
			c.end = all->cleaned;
	} else if (all->horizon < INT64_MAX) {
		due(&c, all->horizon, now_ms);
	}
	return c;
}

/* The log that has most to gain; *due_ms: when to look again if there is none. */
static struct kfk_topic *filthiest(struct kafka *k, int *partition, struct chance *best, int64_t *due_ms)
{
	struct kfk_topic *found = NULL;
	int64_t now_ms = clock_now_ms(k->env->clock);
	*due_ms = INT64_MAX;
	for (size_t i = 0; i < k->topic_n; i++) {
		struct kfk_topic *t = k->topics[i];
		for (int j = 0; t->set.compacts && j < t->part_n; j++) {
			struct kfk_part *p = &t->parts[j];
			if (p->start >= p->next || !kfk_segments(k, t, j))
				continue;
			struct chance c = look(t, p, now_ms);
			bool worth = c.end > p->start && (c.now || (c.dirty > 0 && c.dirty > t->set.dirty));
			if (c.due_ms < *due_ms)
				*due_ms = c.due_ms;
			if (!worth || (found && !c.now && c.dirty <= best->dirty))
				continue;
			found = t;
			*partition = j;
			*best = c;
		}
	}
	return found;
}

/* ---- the work ---- */

static void next_piece(struct kfk_cleaning *c);
static void look_for_one(void *arg);

static struct kfk_part *part_of(const struct kfk_cleaning *c, struct kfk_topic **t)
{
	*t = kfk_topic_by_number(c->k, c->topic);
	return *t && c->partition < (*t)->part_n && (*t)->parts[c->partition].segs ? &(*t)->parts[c->partition] : NULL;
}

/* again: at once, there may be others. */
static void over(struct kfk_cleaning *c, bool again)
{
	struct kafka *k = c->k;
	struct kfk_topic *t;
	struct kfk_part *p = part_of(c, &t);
	if (p)
		p->segs->busy = false;
	k->cleaning = NULL;
	cleaning_free(c);
	if (again)
		clock_at(k->env->clock, &k->clean_due, clock_now_ms(k->env->clock), look_for_one, k);
	else
		kfk_compact_soon(k);
}

static bool add_row(void *arg, const struct kfk_row *row)
{
	struct kfk_cleaning *c = arg;
	if (row->last < c->at)
		return true;
	if (row->base >= c->end || (c->piece.n && c->piece.n + row->bytes.n > PIECE))
		return false;
	buf_addsl(&c->piece, row->bytes);
	c->at = row->last + 1;
	return true;
}

static void learn_work(struct kfk_cleaning *c)
{
	int64_t end = kfk_clean_learn(&c->clean, buf_slice(&c->piece), c->first);
	if (kfk_keys_full(c->clean.keys)) /* the rest another time */
		c->at = c->end = end;
}

static void piece_work(void *arg)
{
	struct kfk_cleaning *c = arg;
	if (c->learning)
		learn_work(c);
	else
		c->done = kfk_clean_batches(&c->clean, buf_slice(&c->piece), &c->out, &c->done_n);
}

/* The segment that holds the offset. */
static struct kfk_segment *segment_at(struct kfk_segments *all, int64_t offset)
{
	size_t i = all->n;
	while (i && all->v[i - 1].base > offset)
		i--;
	return i ? &all->v[i - 1] : NULL;
}

static int apply_one(struct kfk_cleaning *c, struct kfk_segments *all, const struct kfk_cleaned *d)
{
	struct error err;
	struct kfk_segment *s = segment_at(all, d->base);
	struct slice bytes = sl(NULL);
	if (d->at == SIZE_MAX && d->n)
		return KE_NONE;
	if (d->n)
		bytes = sl_of(c->out.p + d->at, d->n);
	if (kfk_store_rewrite(&c->k->db, c->topic, c->partition, d->base, d->max_ts, bytes, &err))
		return kfk_store_failed(c->k, "compact", &err);
	if (s)
		s->bytes -= (int64_t)d->was - (int64_t)d->n;
	return KE_NONE;
}

static void piece_done(void *arg)
{
	struct kfk_cleaning *c = arg;
	struct kfk_topic *t;
	struct kfk_part *p = part_of(c, &t);
	int code = p ? KE_NONE : KE_UNKNOWN_TOPIC_OR_PARTITION;
	c->job = NULL;
	for (size_t i = 0; !code && i < c->done_n; i++)
		if (c->done[i].base >= p->start) /* what retention took meanwhile is gone */
			code = apply_one(c, p->segs, &c->done[i]);
	free(c->done);
	c->done = NULL;
	c->done_n = 0;
	if (code)
		over(c, false);
	else
		next_piece(c);
}

static const struct job_kind piece_kind = { piece_work, piece_done, NULL, cleaning_free, "a compaction", 0 };

/* All is done: how far, and segments as they are now. */
static void finish(struct kfk_cleaning *c, struct kfk_topic *t, struct kfk_part *p)
{
	struct error err;
	struct kfk_segments *all = p->segs;
	if (c->end > all->cleaned)
		all->cleaned = c->end;
	all->horizon = c->clean.horizon;
	if (kfk_store_cleaned_set(&c->k->db, c->topic, c->partition, all->cleaned, all->horizon, &err))
		(void)kfk_store_failed(c->k, "compact", &err);
	for (size_t i = 0; i + 1 < all->n && all->v[i].base < c->end; i++)
		(void)kfk_segment_keep(c->k, t, c->partition, i);
	log_info(c->k->env, "compacted", "topic=%s partition=%d to=%lld", t->name, c->partition, (long long)c->end);
	over(c, true);
}

/* On the loop: the next piece of the log is read, or what comes after the last one. */
static void next_piece(struct kfk_cleaning *c)
{
	struct kfk_topic *t;
	struct kfk_part *p = part_of(c, &t);
	struct error err;
	if (!p) {
		over(c, false);
		return;
	}
	if (c->at >= c->end && c->learning) {
		c->learning = false;
		c->at = p->start;
	}
	buf_reset(&c->piece);
	buf_reset(&c->out);
	if (c->at < c->end && kfk_store_from(&c->k->db, c->topic, c->partition, c->at, c->end, add_row, c, &err)) {
		(void)kfk_store_failed(c->k, "compact", &err);
		over(c, false);
		return;
	}
	if (c->piece.n) {
		owed_keep(&c->job, loop_long_job(c->k->env->loop, &piece_kind, c));
		return;
	}
	c->at = c->end; /* nothing is left there */
	if (c->learning)
		next_piece(c);
	else
		finish(c, t, p);
}

static void begin(struct kafka *k, struct kfk_topic *t, int partition, const struct chance *chance)
{
	struct kfk_part *p = &t->parts[partition];
	struct kfk_cleaning *c = xcalloc(1, sizeof(*c));
	size_t n;
	*c = (struct kfk_cleaning){ .k = k, .topic = t->id, .partition = partition, .start = p->start, .first = chance->first, .end = chance->end,
				    .at = chance->first, .learning = true };
	const struct kfk_aborted *gone = kfk_aborted_in(p, p->start, chance->end, &c->arena, &n);
	struct kfk_gone *copy = arena_alloc(&c->arena, (n + 1) * sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = (struct kfk_gone){ gone[i].pid, gone[i].first, gone[i].marker };
	c->clean = (struct kfk_clean){ .keys = kfk_keys_new(), .now_ms = clock_now_ms(k->env->clock), .tombstone_ms = t->set.tombstone_ms, .gone = copy,
				       .gone_n = n, .horizon = INT64_MAX };
	p->segs->busy = true;
	k->cleaning = c;
	next_piece(c);
}

static void look_for_one(void *arg)
{
	struct kafka *k = arg;
	struct chance chance = { 0 };
	int partition = 0;
	int64_t due_ms;
	struct kfk_topic *t = k->cleaning ? NULL : filthiest(k, &partition, &chance, &due_ms);
	if (t)
		begin(k, t, partition, &chance);
	else if (!k->cleaning && due_ms < INT64_MAX)
		clock_at(k->env->clock, &k->clean_due, due_ms, look_for_one, k);
}

void kfk_compact_soon(struct kafka *k)
{
	int64_t at_ms = clock_now_ms(k->env->clock) + BACKOFF_MS;
	if (!k->cleaning && (!k->clean_due.slot || k->clean_due.at_ms > at_ms))
		clock_at(k->env->clock, &k->clean_due, at_ms, look_for_one, k);
}

void kfk_compact_end(struct kafka *k)
{
	struct kfk_cleaning *c = k->cleaning;
	clock_cancel(k->env->clock, &k->clean_due);
	k->cleaning = NULL;
	if (!c)
		return;
	if (c->job)
		owed_cancel(c->job); /* drops it, at once or later */
	else
		cleaning_free(c);
}
