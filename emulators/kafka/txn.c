#include "kafka/append.h"
#include "kafka/group.h"
#include "kafka/node.h"
#include "kafka/producer.h"
#include "kafka/txn.h"

enum { VALUE_VERSION = 0, EPOCH_LAST = INT16_MAX - 1, EXPIRY_MS = 3600000 /* transaction.remove.expired.transaction.cleanup.interval.ms */ };

struct kfk_txns {
	struct kfk_txn_store *store;
	struct kfk_txn **by_id; /* owned */
	size_t n;
	struct clock_timer timer; /* the next transaction that lasts too long, or id that nobody used */
	struct kp_builder records[KFK_TXN_PARTS]; /* of this tick */
	bool recorded;
};

static int failed(const struct kafka *k, const char *what, const struct error *err)
{
	log_error(k->env, "store", "what=%s error=\"%s\"", what, err->text);
	return KE_KAFKA_STORAGE_ERROR;
}

const char *kfk_txn_state_name(enum kfk_txn_state state)
{
	static const char *const names[KFK_TXN_STATES] = { "Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort" };
	return names[state];
}

/* ---- the ids ---- */

static size_t id_place(const struct kfk_txns *all, struct slice id)
{
	size_t lo = 0, hi = all->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (sl_cmp(sl(all->by_id[mid]->id), id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct kfk_txn *kfk_txn(struct kafka *k, struct slice id)
{
	size_t at = id_place(k->txns, id);
	return at < k->txns->n && sl_eqs(id, k->txns->by_id[at]->id) ? k->txns->by_id[at] : NULL;
}

struct kfk_txn *kfk_txn_at(struct kafka *k, size_t i)
{
	return i < k->txns->n ? k->txns->by_id[i] : NULL;
}

static struct kfk_txn *add_id(struct kfk_txns *all, struct slice id, int64_t pid)
{
	struct kfk_txn *x = xcalloc(1, sizeof(*x));
	size_t at = id_place(all, id);
	*x = (struct kfk_txn){ .id = xstrndup(id.p, id.n), .pid = pid, .last_pid = -1, .epoch = -1, .last_epoch = -1, .started_ms = -1 };
	all->by_id = xrealloc(all->by_id, (all->n + 1) * sizeof(struct kfk_txn *));
	memmove(all->by_id + at + 1, all->by_id + at, (all->n - at) * sizeof(struct kfk_txn *));
	all->by_id[at] = x;
	all->n++;
	return x;
}

static void drop_parts(struct kfk_txn *x)
{
	for (size_t i = 0; i < x->part_n; i++)
		free(x->parts[i].topic);
	x->part_n = 0;
}

static void txn_free(struct kfk_txn *x)
{
	drop_parts(x);
	free(x->parts);
	free(x->id);
	free(x);
}

static void drop_id(struct kfk_txns *all, struct kfk_txn *x)
{
	size_t at = id_place(all, sl(x->id));
	all->n--;
	memmove(all->by_id + at, all->by_id + at + 1, (all->n - at) * sizeof(struct kfk_txn *));
	txn_free(x);
}

/* ---- as records and rows ---- */

static void put_parts(const struct kfk_txn *x, struct arena *a, struct kp_transaction_log_value *v)
{
	int32_t *ids = arena_alloc(a, (x->part_n + 1) * sizeof(*ids));
	v->partitions = kp_elements(&kp_transaction_log_value_partition_table, a, x->part_n);
	v->partition_n = x->state == KFK_TXN_EMPTY ? -1 : 0;
	for (size_t i = 0; i < x->part_n; i++) {
		if (!i || strcmp(x->parts[i].topic, x->parts[i - 1].topic) != 0)
			v->partitions[v->partition_n++] = (struct kp_transaction_log_value_partition){ sl(x->parts[i].topic), ids + i, 0 };
		ids[i] = x->parts[i].partition;
		v->partitions[v->partition_n - 1].partition_id_n++;
	}
}

static void record(struct kafka *k, struct slice id, struct slice value)
{
	struct buf key = { 0 };
	buf_u16be(&key, 0);
	kp_write(&kp_transaction_log_key_table, 0, false, &(struct kp_transaction_log_key){ id }, &key);
	kp_builder_add(&k->txns->records[kfk_kept_in(id)], clock_now_ms(k->env->clock), buf_slice(&key), value, sl(NULL));
	k->txns->recorded = true;
	buf_free(&key);
}

static void put_value(const struct kfk_txn *x, struct buf *out)
{
	struct arena a = { 0 };
	struct kp_transaction_log_value v = { .producer_id = x->pid, .producer_epoch = x->epoch, .transaction_timeout_ms = x->timeout_ms,
					      .transaction_status = (int8_t)x->state, .last_update_timestamp_ms = x->updated_ms,
					      .start_timestamp_ms = x->started_ms };
	put_parts(x, &a, &v);
	buf_u16be(out, VALUE_VERSION);
	kp_write(&kp_transaction_log_value_table, VALUE_VERSION, false, &v, out);
	arena_free(&a);
}

/* The id turns to a state: its record says so. */
static void turn(struct kafka *k, struct kfk_txn *x, enum kfk_txn_state state)
{
	struct buf value = { 0 };
	x->state = state;
	x->updated_ms = clock_now_ms(k->env->clock);
	put_value(x, &value);
	record(k, sl(x->id), buf_slice(&value));
	buf_free(&value);
}

static int keep(struct kafka *k, const struct kfk_txn *x)
{
	struct buf value = { 0 };
	struct error err;
	put_value(x, &value);
	int rc = kfk_txn_store_put(k->txns->store, sl(x->id), buf_slice(&value), &err);
	buf_free(&value);
	return rc ? failed(k, "transaction", &err) : KE_NONE;
}

struct kfk_topic *kfk_txn_topic(struct kafka *k)
{
	struct kfk_topic *t = kfk_topic(k, S(KFK_TXN_TOPIC));
	if (t || kfk_topic_create(k, S(KFK_TXN_TOPIC), KFK_TXN_PARTS, &t))
		return t;
	static const char *const settings[][2] = { { "cleanup.policy", "compact" }, { "compression.type", "uncompressed" }, { "min.insync.replicas", "1" },
						   { "segment.bytes", "104857600" }, { "unclean.leader.election.enable", "false" } };
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		(void)kfk_topic_set(k, t, sl(settings[i][0]), sl(settings[i][1]));
	return t;
}

void kfk_txns_flush(struct kafka *k)
{
	struct buf bytes = { 0 };
	struct kp_batch b;
	int64_t base;
	if (!k->txns->recorded)
		return;
	k->txns->recorded = false;
	struct kfk_topic *t = kfk_txn_topic(k);
	for (int p = 0; p < KFK_TXN_PARTS; p++) {
		struct kp_builder *made = &k->txns->records[p];
		if (!made->count)
			continue;
		buf_reset(&bytes);
		kp_builder_end(made, &bytes);
		int code = !t || p >= t->part_n ? KE_UNKNOWN_TOPIC_OR_PARTITION : kp_batch_parse(buf_slice(&bytes), &b);
		if (!code)
			code = kfk_append_own(k, t, p, &b, &base);
		if (code) /* the rows are the truth: who reads the topic misses it */
			log_error(k->env, "transaction-record", "partition=%d error=%s", p, kp_code_name(code));
	}
	buf_free(&bytes);
}

/* ---- what they may turn to ---- */

static void at_deadline(void *arg);

/* The timer fires at that time at the latest. */
static void by(struct kafka *k, int64_t at_ms)
{
	struct clock_timer *t = &k->txns->timer;
	if (t->slot && t->at_ms <= at_ms)
		return;
	clock_cancel(k->env->clock, t);
	clock_at(k->env->clock, t, at_ms, at_deadline, k);
}

/* What is so while nothing is open. */
static int init_idle(struct kafka *k, struct kfk_txn *x, int64_t pid, int16_t epoch)
{
	if (x->epoch >= EPOCH_LAST && (pid < 0 || epoch == x->epoch)) { /* used up: another id */
		int64_t made;
		int code = kfk_producer_id(k, &made);
		if (code)
			return code;
		x->last_pid = x->pid;
		x->last_epoch = pid < 0 ? -1 : x->epoch;
		x->pid = made;
		x->epoch = 0;
	} else if (pid < 0 || x->epoch < 0 || epoch == x->epoch) {
		x->last_epoch = pid < 0 ? -1 : x->epoch;
		x->last_pid = x->pid;
		x->epoch++;
	} else if (epoch != x->last_epoch) {
		return KE_PRODUCER_FENCED;
	} /* else it asks again, as it didn't hear the answer */
	return KE_NONE;
}

int kfk_txn_init(struct kafka *k, struct slice id, int32_t timeout_ms, int64_t *pid, int16_t *epoch)
{
	struct kfk_txn *x = kfk_txn(k, id);
	int64_t made;
	int code = KE_NONE;
	if (!x && !(code = kfk_producer_id(k, &made)))
		x = add_id(k->txns, id, made);
	if (code)
		return code;
	if (*pid >= 0 && x->epoch >= 0 && *pid != x->pid && !(*pid == x->last_pid && *epoch >= EPOCH_LAST))
		return KE_PRODUCER_FENCED;
	if (x->state == KFK_TXN_ONGOING) { /* the one before is fenced, and what it left is aborted */
		x->last_epoch = -1;
		code = kfk_txn_end(k, x, false, true);
	}
	if (!code)
		code = init_idle(k, x, *pid, *epoch);
	if (code)
		return code;
	x->timeout_ms = timeout_ms;
	turn(k, x, KFK_TXN_EMPTY);
	by(k, x->updated_ms + EXPIRY_MS);
	*pid = x->pid;
	*epoch = x->epoch;
	return keep(k, x);
}

int kfk_txn_check(struct kafka *k, struct slice id, int64_t pid, int16_t epoch, struct kfk_txn **out)
{
	struct kfk_txn *x = kfk_txn(k, id);
	*out = x;
	return !x || x->pid != pid ? KE_INVALID_PRODUCER_ID_MAPPING : x->epoch != epoch ? KE_PRODUCER_FENCED : KE_NONE;
}

/* Place of the partition, or where it would go. */
static size_t part_place(const struct kfk_txn *x, struct slice topic, int32_t partition, bool *found)
{
	size_t lo = 0, hi = x->part_n;
	*found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = sl_cmp(sl(x->parts[mid].topic), topic);
		if (!d)
			d = x->parts[mid].partition < partition ? -1 : x->parts[mid].partition > partition;
		if (!d)
			*found = true;
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool kfk_txn_has(const struct kfk_txn *x, struct slice topic, int32_t partition)
{
	bool found = false;
	if (x->state == KFK_TXN_ONGOING)
		(void)part_place(x, topic, partition, &found);
	return found;
}

int kfk_txn_add(struct kafka *k, struct kfk_txn *x, const struct kfk_txn_part *parts, size_t n)
{
	size_t before = x->part_n;
	for (size_t i = 0; i < n; i++) {
		bool found;
		size_t at = part_place(x, sl(parts[i].topic), parts[i].partition, &found);
		if (found)
			continue;
		GROW(x->parts, x->part_n, x->part_cap);
		memmove(x->parts + at + 1, x->parts + at, (x->part_n++ - at) * sizeof(*x->parts));
		x->parts[at] = (struct kfk_txn_part){ xstrdup(parts[i].topic), parts[i].partition };
	}
	if (x->state == KFK_TXN_ONGOING && x->part_n == before)
		return KE_NONE;
	if (x->state != KFK_TXN_ONGOING)
		x->started_ms = clock_now_ms(k->env->clock);
	turn(k, x, KFK_TXN_ONGOING);
	by(k, x->started_ms + x->timeout_ms);
	return keep(k, x);
}

/* A partition's end of it; what is no more has no marker. */
static int end_part(struct kafka *k, const struct kfk_txn *x, const struct kfk_txn_part *p, bool commit, int32_t coordinator_epoch)
{
	struct kfk_topic *t = kfk_topic(k, sl(p->topic));
	int code = KE_NONE;
	if (!strcmp(p->topic, KFK_OFFSETS_TOPIC))
		code = kfk_offsets_ended(k, x->pid, p->partition, commit);
	if (code || !t || p->partition >= t->part_n)
		return code;
	code = kfk_producer_end(k, t, p->partition, x->pid, x->epoch, commit, coordinator_epoch);
	if (code != KE_INVALID_PRODUCER_EPOCH && code != KE_TRANSACTION_COORDINATOR_FENCED)
		return code;
	log_warn(k->env, "marker-refused", "id=\"%s\" topic=%s partition=%d error=%s", x->id, p->topic, p->partition, kp_code_name(code));
	return KE_NONE;
}

int kfk_txn_end(struct kafka *k, struct kfk_txn *x, bool commit, bool bump)
{
	const struct kfk_topic *own = kfk_txn_topic(k);
	int slot = kfk_kept_in(sl(x->id)), code = KE_NONE;
	int32_t coordinator_epoch = own && slot < own->part_n ? own->parts[slot].epoch : 0;
	if (bump && x->epoch < INT16_MAX)
		x->epoch++;
	turn(k, x, commit ? KFK_TXN_PREPARE_COMMIT : KFK_TXN_PREPARE_ABORT);
	for (size_t i = 0; !code && i < x->part_n; i++)
		code = end_part(k, x, &x->parts[i], commit, coordinator_epoch);
	drop_parts(x);
	turn(k, x, commit ? KFK_TXN_COMPLETE_COMMIT : KFK_TXN_COMPLETE_ABORT);
	return code ? code : keep(k, x);
}

int kfk_txn_covers(struct kafka *k, struct slice id, int64_t pid, int16_t epoch, const struct kfk_topic *t, int partition)
{
	const struct kfk_producer *open = kfk_producer(k, &t->parts[partition], pid);
	struct kfk_txn *x;
	if (open && open->txn_first >= 0 && open->epoch == epoch) /* whose sequence tells what else there is */
		return KE_NONE;
	int code = kfk_txn_check(k, id, pid, epoch, &x);
	if (code)
		return code == KE_PRODUCER_FENCED ? KE_INVALID_PRODUCER_EPOCH : code;
	return kfk_txn_has(x, sl(t->name), partition) ? KE_NONE : KE_INVALID_TXN_STATE;
}

/* ---- time ---- */

/* False: it can't be now. */
static bool expire(struct kafka *k, struct kfk_txn *x)
{
	struct error err;
	log_info(k->env, "transactional-id-expired", "id=\"%s\"", x->id);
	if (kfk_txn_store_put(k->txns->store, sl(x->id), sl(NULL), &err)) {
		(void)failed(k, "transactional-id", &err);
		return false;
	}
	record(k, sl(x->id), sl(NULL));
	drop_id(k->txns, x);
	return true;
}

static void abort_late(struct kafka *k, struct kfk_txn *x)
{
	log_info(k->env, "transaction-timeout", "id=\"%s\" producer=%lld after_ms=%d", x->id, (long long)x->pid, x->timeout_ms);
	x->last_epoch = -1;
	(void)kfk_txn_end(k, x, false, true);
}

/* Aborts what lasts too long and forgets whom nobody used; the timer then is for the next of them. */
static void at_deadline(void *arg)
{
	struct kafka *k = arg;
	int64_t now = clock_now_ms(k->env->clock), next = INT64_MAX;
	int64_t keep_ms = conf_int(k->env->conf, "kafka", "transactional.id.expiration.ms", 604800000);
	for (size_t i = 0; i < k->txns->n; i++) {
		struct kfk_txn *x = k->txns->by_id[i];
		int64_t at = x->state == KFK_TXN_ONGOING ? x->started_ms + x->timeout_ms : x->updated_ms + keep_ms;
		if (at <= now && x->state == KFK_TXN_ONGOING) {
			abort_late(k, x);
			at = now + keep_ms;
		} else if (at <= now && expire(k, x)) {
			i--;
			continue;
		} else if (at <= now) {
			at = now + EXPIRY_MS;
		}
		if (at < next)
			next = at;
	}
	if (k->txns->n)
		by(k, next > now ? next : now + 1);
}

/* ---- whole state ---- */

static void load_txn(void *arg, struct slice id, struct slice value)
{
	struct kafka *k = arg;
	struct kp_transaction_log_value v;
	struct arena a = { 0 };
	struct rd r = rd_of(value.p, value.n);
	if (rd_u16be(&r) != VALUE_VERSION || !kp_read(&kp_transaction_log_value_table, VALUE_VERSION, false, &r, &a, &v) ||
	    v.transaction_status < 0 || v.transaction_status >= KFK_TXN_STATES) {
		log_error(k->env, "unreadable-transaction", "id=\"%.*s\"", SL(id));
		arena_free(&a);
		return;
	}
	struct kfk_txn *x = add_id(k->txns, id, v.producer_id);
	x->epoch = v.producer_epoch;
	x->timeout_ms = v.transaction_timeout_ms;
	x->state = (enum kfk_txn_state)v.transaction_status;
	x->updated_ms = v.last_update_timestamp_ms;
	x->started_ms = v.start_timestamp_ms;
	for (int32_t i = 0; i < v.partition_n; i++) {
		for (int32_t j = 0; j < v.partitions[i].partition_id_n; j++) {
			GROW(x->parts, x->part_n, x->part_cap);
			x->parts[x->part_n++] = (struct kfk_txn_part){ xstrndup(v.partitions[i].topic.p, v.partitions[i].topic.n), v.partitions[i].partition_ids[j] };
		}
	}
	arena_free(&a);
}

static void forget(struct kfk_txns *all)
{
	for (size_t i = 0; i < all->n; i++)
		txn_free(all->by_id[i]);
	all->n = 0;
	for (int p = 0; p < KFK_TXN_PARTS; p++) {
		kp_builder_free(&all->records[p]);
		all->records[p] = (struct kp_builder){ 0 };
	}
	all->recorded = false;
}

int kfk_txns_load(struct kafka *k, struct error *err)
{
	if (!k->txns) /* not open yet */
		return 0;
	forget(k->txns);
	int rc = kfk_txn_store_each(k->txns->store, load_txn, k, err);
	if (!rc && k->txns->n) /* what is late is seen on the first turn */
		by(k, clock_now_ms(k->env->clock));
	return rc;
}

int kfk_txns_open(struct kafka *k, struct error *err)
{
	k->txns = xcalloc(1, sizeof(*k->txns));
	int rc = kfk_txn_store_open(&k->db, &k->txns->store, err);
	return rc ? rc : kfk_txns_load(k, err);
}

void kfk_txns_close(struct kafka *k)
{
	if (!k->txns)
		return;
	clock_cancel(k->env->clock, &k->txns->timer);
	forget(k->txns);
	kfk_txn_store_close(k->txns->store);
	free(k->txns->by_id);
	free(k->txns);
	k->txns = NULL;
}
