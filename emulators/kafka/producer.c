#include "kafka/append.h"
#include "kafka/producer.h"

enum { SWEEP_MS = 600000 /* producer.id.expiration.check.interval.ms */ };

int32_t kfk_sequence_add(int32_t seq, int32_t n)
{
	return seq > INT32_MAX - n ? n - (INT32_MAX - seq) - 1 : seq + n;
}

static void failed(const struct kafka *k, const struct error *err)
{
	log_error(k->env, "store", "what=producers error=\"%s\"", err->text);
}

/* ---- those of a partition ---- */

static struct kfk_producers *producers(struct kfk_part *p, int64_t topic, int partition)
{
	if (!p->producers) {
		p->producers = xcalloc(1, sizeof(*p->producers));
		p->producers->topic = topic;
		p->producers->partition = partition;
		p->producers->open = INT64_MAX;
	}
	return p->producers;
}

/* Place of the id, or where it would go. */
static size_t place(const struct kfk_producers *own, int64_t pid)
{
	size_t lo = 0, hi = own->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (own->all[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct kfk_producer *find(const struct kfk_producers *own, int64_t pid)
{
	size_t at = own ? place(own, pid) : 0;
	return own && at < own->n && own->all[at].pid == pid ? &own->all[at] : NULL;
}

static bool silent(const struct kafka *k, const struct kfk_producer *p, int64_t now_ms)
{
	return p->txn_first < 0 && now_ms - p->last_ms > conf_int(k->env->conf, "kafka", "producer.id.expiration.ms", 86400000);
}

struct kfk_producer *kfk_producer(struct kafka *k, const struct kfk_part *p, int64_t pid)
{
	struct kfk_producer *found = find(p->producers, pid);
	return found && !silent(k, found, clock_now_ms(k->env->clock)) ? found : NULL;
}

const struct kfk_producer *kfk_producer_all(const struct kfk_part *p, size_t *n)
{
	*n = p->producers ? p->producers->n : 0;
	return *n ? p->producers->all : NULL;
}

static void change(struct kafka *k, struct kfk_producers *own)
{
	if (own->changed)
		return;
	own->changed = true;
	own->next_changed = k->changed;
	k->changed = own;
}

static struct kfk_producer *add(struct kfk_producers *own, int64_t pid)
{
	size_t at = place(own, pid);
	GROW(own->all, own->n, own->cap);
	memmove(own->all + at + 1, own->all + at, (own->n - at) * sizeof(*own->all));
	own->n++;
	own->all[at] = (struct kfk_producer){ .pid = pid, .txn_first = -1, .coordinator_epoch = -1, .epoch = -1 };
	return &own->all[at];
}

/* Forgets who was silent for too long, now and then. */
static void sweep(struct kafka *k, struct kfk_producers *own, int64_t now_ms)
{
	struct error err;
	size_t left = 0;
	if (now_ms - own->swept_ms < SWEEP_MS)
		return;
	own->swept_ms = now_ms;
	for (size_t i = 0; i < own->n; i++) {
		if (!silent(k, &own->all[i], now_ms))
			own->all[left++] = own->all[i];
		else if (kfk_store_producer_del(&k->db, own->topic, own->partition, own->all[i].pid, &err))
			failed(k, &err);
	}
	own->n = left;
}

/* Known or new, as of that epoch. */
static struct kfk_producer *take(struct kafka *k, struct kfk_producers *own, int64_t pid, int16_t epoch)
{
	int64_t now_ms = clock_now_ms(k->env->clock);
	struct kfk_producer *p = find(own, pid);
	if (!p) {
		sweep(k, own, now_ms);
		p = add(own, pid);
	}
	if (p->epoch != epoch || silent(k, p, now_ms))
		p->seen_n = 0;
	p->epoch = epoch;
	p->last_ms = now_ms;
	if (!p->changed) {
		GROW(own->changes, own->change_n, own->change_cap);
		own->changes[own->change_n++] = pid;
	}
	p->changed = true;
	change(k, own);
	return p;
}

static void txn_opens(struct kfk_producers *own, struct kfk_producer *p, int64_t first)
{
	p->txn_first = first;
	own->open_n++;
	if (first < own->open)
		own->open = first;
}

static void txn_ends(struct kfk_producers *own, struct kfk_producer *p)
{
	bool oldest = p->txn_first == own->open;
	own->open_n -= p->txn_first >= 0;
	p->txn_first = -1;
	if (!oldest)
		return;
	own->open = INT64_MAX;
	for (size_t i = 0; own->open_n && i < own->n; i++)
		if (own->all[i].txn_first >= 0 && own->all[i].txn_first < own->open)
			own->open = own->all[i].txn_first;
}

/* ---- appending ---- */

static const struct kfk_seen *seen_before(const struct kfk_producer *p, const struct kp_batch *b)
{
	int32_t last_seq = kfk_sequence_add(b->base_seq, b->last_delta);
	for (int i = p->seen_n; p->epoch == b->epoch && i-- > 0;)
		if (p->seen[i].first_seq == b->base_seq && p->seen[i].last_seq == last_seq)
			return &p->seen[i];
	return NULL;
}

static int check_sequence(const struct kfk_producer *p, const struct kp_batch *b)
{
	if (b->epoch < p->epoch)
		return KE_INVALID_PRODUCER_EPOCH;
	if (b->epoch > p->epoch)
		return b->base_seq && p->epoch >= 0 ? KE_OUT_OF_ORDER_SEQUENCE_NUMBER : KE_NONE;
	int32_t last = p->seen_n ? p->seen[p->seen_n - 1].last_seq : -1; /* -1: a marker was all of that epoch */
	return b->base_seq == kfk_sequence_add(last, 1) ? KE_NONE : KE_OUT_OF_ORDER_SEQUENCE_NUMBER;
}

int kfk_producer_check(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, struct kfk_seen *before)
{
	const struct kfk_producer *p = kfk_producer(k, &t->parts[partition], b->pid);
	const struct kfk_seen *seen = p ? seen_before(p, b) : NULL;
	bool in_txn = b->attributes & KP_ATTR_TXN, open = p && p->txn_first >= 0;
	if (seen) {
		*before = *seen;
		return KE_DUPLICATE_SEQUENCE_NUMBER;
	}
	int code = p ? check_sequence(p, b) : KE_NONE;
	return code ? code : open && !in_txn ? KE_INVALID_TXN_STATE : KE_NONE;
}

void kfk_producer_note(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, int64_t base)
{
	struct kfk_producers *own = producers(&t->parts[partition], t->id, partition);
	struct kfk_producer *p = take(k, own, b->pid, b->epoch);
	if (b->base_seq >= 0) { /* else it is of a coordinator, for it */
		if (p->seen_n == KFK_SEEN_MAX)
			memmove(p->seen, p->seen + 1, --p->seen_n * sizeof(p->seen[0]));
		p->seen[p->seen_n++] = (struct kfk_seen){ base, b->max_ts, b->base_seq, kfk_sequence_add(b->base_seq, b->last_delta) };
	}
	if (b->attributes & KP_ATTR_TXN && p->txn_first < 0)
		txn_opens(own, p, base);
}

/* ---- markers ---- */

/* A control batch: one record, whose key says what it is and whose value who said so. */
static int put_marker(struct kafka *k, struct kfk_topic *t, int partition, const struct kfk_producer *p, bool committed, int64_t *base)
{
	struct kp_batch b = { .attributes = KP_ATTR_TXN | KP_ATTR_CONTROL, .pid = p->pid, .epoch = p->epoch, .base_seq = -1 };
	struct kp_builder made = { .like = &b };
	struct buf bytes = { 0 }, key = { 0 }, value = { 0 };
	buf_u16be(&key, 0);
	buf_u16be(&key, committed);
	buf_u16be(&value, 0);
	buf_u32be(&value, (uint32_t)p->coordinator_epoch);
	kp_builder_add(&made, p->last_ms, buf_slice(&key), buf_slice(&value), sl(NULL));
	kp_builder_end(&made, &bytes);
	int code = kp_batch_parse(buf_slice(&bytes), &b);
	if (!code)
		code = kfk_append_own(k, t, partition, &b, base);
	kp_builder_free(&made);
	buf_free(&bytes);
	buf_free(&key);
	buf_free(&value);
	return code;
}

int kfk_producer_end(struct kafka *k, struct kfk_topic *t, int partition, int64_t pid, int16_t epoch, bool committed, int32_t coordinator_epoch)
{
	const struct kfk_producer *known = kfk_producer(k, &t->parts[partition], pid);
	int64_t base;
	if (known && epoch < known->epoch)
		return KE_INVALID_PRODUCER_EPOCH;
	if (known && coordinator_epoch < known->coordinator_epoch)
		return KE_TRANSACTION_COORDINATOR_FENCED;
	struct kfk_producers *own = producers(&t->parts[partition], t->id, partition);
	struct kfk_producer *p = take(k, own, pid, epoch);
	p->coordinator_epoch = coordinator_epoch;
	int code = put_marker(k, t, partition, p, committed, &base);
	if (code)
		return code;
	if (p->txn_first >= 0 && !committed) {
		GROW(own->aborted, own->aborted_n, own->aborted_cap);
		own->aborted[own->aborted_n++] = (struct kfk_aborted){ pid, p->txn_first, base };
	}
	txn_ends(own, p);
	return KE_NONE;
}

/* ---- reading ---- */

int64_t kfk_last_stable(const struct kfk_part *p)
{
	int64_t open = p->producers ? p->producers->open : INT64_MAX;
	if (open < p->start) /* what was before is deleted */
		open = p->start;
	return open < p->stable ? open : p->stable;
}

const struct kfk_aborted *kfk_aborted_in(const struct kfk_part *p, int64_t from, int64_t end, struct arena *a, size_t *n)
{
	const struct kfk_producers *own = p->producers;
	size_t lo = 0, hi = own ? own->aborted_n : 0;
	*n = 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (own->aborted[mid].marker < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!own || lo == own->aborted_n)
		return NULL;
	struct kfk_aborted *all = arena_alloc(a, (own->aborted_n - lo) * sizeof(*all));
	for (size_t i = lo; i < own->aborted_n; i++)
		if (own->aborted[i].first < end)
			all[(*n)++] = own->aborted[i];
	return all;
}

void kfk_producers_start(struct kafka *k, struct kfk_topic *t, int partition)
{
	struct kfk_part *p = &t->parts[partition];
	struct kfk_producers *own = p->producers;
	struct error err;
	size_t gone = 0;
	while (own && gone < own->aborted_n && own->aborted[gone].marker < p->start)
		gone++;
	if (!gone)
		return;
	if (kfk_store_aborted_del(&k->db, own->topic, own->partition, p->start, &err)) {
		failed(k, &err);
		return;
	}
	own->aborted_n -= gone;
	own->aborted_kept -= gone < own->aborted_kept ? gone : own->aborted_kept;
	memmove(own->aborted, own->aborted + gone, own->aborted_n * sizeof(*own->aborted));
}

/* ---- kept ---- */

void kfk_producers_free(struct kafka *k, struct kfk_part *p)
{
	if (!p->producers)
		return;
	for (struct kfk_producers **at = &k->changed; p->producers->changed && *at; at = &(*at)->next_changed) {
		if (*at == p->producers) {
			*at = p->producers->next_changed;
			break;
		}
	}
	free(p->producers->all);
	free(p->producers->aborted);
	free(p->producers->changes);
	free(p->producers);
	p->producers = NULL;
}

static struct kfk_producers *of(struct kafka *k, int64_t topic, int partition)
{
	struct kfk_topic *t = kfk_topic_by_number(k, topic);
	return t && partition < t->part_n ? producers(&t->parts[partition], topic, partition) : NULL;
}

struct loading {
	struct kafka *k;
	struct kfk_producers *last; /* rows of a partition are beside each other */
};

static struct kfk_producers *loaded(struct loading *l, int64_t topic, int partition)
{
	if (!l->last || l->last->topic != topic || l->last->partition != partition)
		l->last = of(l->k, topic, partition);
	return l->last;
}

static void load_producer(void *arg, int64_t topic, int partition, const struct kfk_producer *p)
{
	struct kfk_producers *own = loaded(arg, topic, partition);
	if (!own)
		return;
	struct kfk_producer *mine = add(own, p->pid);
	*mine = *p;
	if (p->txn_first >= 0)
		txn_opens(own, mine, p->txn_first);
}

static void load_aborted(void *arg, int64_t topic, int partition, const struct kfk_aborted *a)
{
	struct kfk_producers *own = loaded(arg, topic, partition);
	if (!own)
		return;
	GROW(own->aborted, own->aborted_n, own->aborted_cap);
	own->aborted[own->aborted_n++] = *a;
	own->aborted_kept = own->aborted_n;
}

int kfk_producers_load(struct kafka *k, struct error *err)
{
	struct loading l = { .k = k };
	int rc = kfk_store_producers(&k->db, load_producer, &l, err);
	return rc ? rc : kfk_store_all_aborted(&k->db, load_aborted, &l, err);
}

static int save(struct kafka *k, struct kfk_producers *own, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < own->change_n; i++) {
		struct kfk_producer *p = find(own, own->changes[i]);
		if (!p)
			continue;
		p->changed = false;
		rc = kfk_store_producer(&k->db, own->topic, own->partition, p, err);
	}
	own->change_n = 0;
	while (!rc && own->aborted_kept < own->aborted_n)
		rc = kfk_store_aborted(&k->db, own->topic, own->partition, &own->aborted[own->aborted_kept++], err);
	return rc;
}

int kfk_producers_save(struct kafka *k, struct error *err)
{
	int rc = 0;
	for (struct kfk_producers *own = k->changed; !rc && own; own = own->next_changed)
		rc = save(k, own, err);
	while (k->changed) {
		k->changed->changed = false;
		k->changed = k->changed->next_changed;
	}
	return rc;
}
