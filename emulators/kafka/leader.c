/* Leaders, replicas, those in sync and epochs of partitions: in memory in struct kfk_part, on disk a row where it isn't what a single
 * node has. An epoch is written in the tick in which it changes, before anyone is told of it, so it never goes back. */
#include "kafka/nodes.h"

#include <stdlib.h>

static int failed(struct kafka *k, const struct kfk_topic *t, int partition, const struct error *err)
{
	log_error(k->env, "store", "what=leader topic=%s partition=%d error=\"%s\"", t->name, partition, err->text);
	return KE_KAFKA_STORAGE_ERROR;
}

/* ---- sets of nodes ---- */

static int nth(const struct kfk_part *p, int i)
{
	return (int)(p->replicas >> (4 * i) & 15);
}

static unsigned bit(int node)
{
	return 1u << node;
}

static unsigned up(const struct kafka *k)
{
	unsigned all = 0;
	for (int i = 1; i <= k->nodes->n; i++)
		all |= k->nodes->away[i] ? 0 : bit(i);
	return all;
}

static unsigned replica_set(const struct kfk_part *p)
{
	unsigned all = 0;
	for (int i = 0; i < KFK_NODES_MAX && nth(p, i); i++)
		all |= bit(nth(p, i));
	return all;
}

void kfk_part_init(struct kfk_part *p)
{
	p->leader = 1;
	p->replicas = 1;
	p->isr = (uint16_t)bit(1);
}

int32_t kfk_leader(const struct kfk_part *p)
{
	return p->leader ? p->leader : -1;
}

int32_t *kfk_replicas(const struct kafka *k, const struct kfk_part *p, enum kfk_replicas which, struct arena *a, int32_t *n)
{
	unsigned set = which == KFK_IN_SYNC ? p->isr : which == KFK_OFFLINE ? ~up(k) : ~0u;
	int32_t *all = arena_alloc(a, KFK_NODES_MAX * sizeof(*all));
	*n = 0;
	for (int i = 0; i < KFK_NODES_MAX && nth(p, i); i++)
		if (set & bit(nth(p, i)))
			all[(*n)++] = nth(p, i);
	return all;
}

static int count(unsigned set)
{
	return __builtin_popcount(set);
}

int kfk_replica_n(const struct kfk_part *p)
{
	return count(replica_set(p));
}

bool kfk_isr_short(const struct kfk_topic *t, int partition)
{
	const struct kfk_part *p = &t->parts[partition];
	int replicas = count(replica_set(p)), least = t->set.min_isr < replicas ? t->set.min_isr : replicas;
	return count(p->isr) < least;
}

/* ---- changes ---- */

static int keep(struct kafka *k, const struct kfk_topic *t, int partition, struct error *err)
{
	const struct kfk_part *p = &t->parts[partition];
	k->moved = k->appended = true; /* who waits on it must hear */
	return kfk_store_leader(k, t->id, partition, p, err);
}

/* A new epoch begins where the log ends; those that had no records never were. */
static int lead(struct kafka *k, const struct kfk_topic *t, int partition, int node, struct error *err)
{
	struct kfk_part *p = &t->parts[partition];
	p->leader = (uint8_t)node;
	p->epoch++;
	int rc = kfk_store_epoch(k, t->id, partition, p->epoch, p->next, err);
	return rc ? rc : keep(k, t, partition, err);
}

/* The first replica of a set, in their order, after one of them (0: from the start); 0: there is none. */
static int first_of(const struct kfk_part *p, unsigned set, int after)
{
	int n = count(replica_set(p)), from = 0;
	for (int i = 0; after && i < n; i++)
		if (nth(p, i) == after)
			from = i + 1;
	for (int i = 0; i < n; i++)
		if (set & bit(nth(p, (from + i) % n)))
			return nth(p, (from + i) % n);
	return 0;
}

/* What must change now that other nodes are up: who is away leads nothing and isn't in sync, who is back is, behind a leader. */
static int settle(struct kafka *k, const struct kfk_topic *t, int partition, struct error *err)
{
	struct kfk_part *p = &t->parts[partition];
	unsigned alive = up(k), isr = p->isr & alive ? p->isr & alive : p->isr; /* the last one in sync stays, away or not */
	int leader = p->leader && alive & bit(p->leader) ? p->leader : first_of(p, isr & alive, 0);
	if (!leader && t->set.unclean)
		leader = first_of(p, alive, 0);
	if (leader)
		isr = replica_set(p) & alive;
	if (leader == p->leader && isr == p->isr)
		return 0;
	p->isr = (uint16_t)isr;
	return leader == p->leader ? keep(k, t, partition, err) : lead(k, t, partition, leader, err);
}

int kfk_leaders_settle(struct kafka *k, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; i < k->topic_n; i++)
		for (int p = 0; !rc && p < k->topics[i]->part_n; p++)
			rc = settle(k, k->topics[i], p, err);
	return rc;
}

static bool may_go_back(const struct kafka *k, const struct kfk_part *p)
{
	return p->leader && p->leader != nth(p, 0) && p->isr & up(k) & bit(nth(p, 0));
}

bool kfk_leaders_balanced(const struct kafka *k)
{
	for (size_t i = 0; i < k->topic_n; i++)
		for (int p = 0; p < k->topics[i]->part_n; p++)
			if (may_go_back(k, &k->topics[i]->parts[p]))
				return false;
	return true;
}

int kfk_leaders_balance(struct kafka *k)
{
	int n = 0;
	for (size_t i = 0; i < k->topic_n; i++)
		for (int p = 0; p < k->topics[i]->part_n; p++)
			n += may_go_back(k, &k->topics[i]->parts[p]) && !kfk_elect(k, k->topics[i], p, false);
	return n;
}

int kfk_move_leader(struct kafka *k, struct kfk_topic *t, int partition, int node)
{
	struct kfk_part *p = &t->parts[partition];
	unsigned may = p->isr & up(k);
	struct error err;
	int to = node ? node : first_of(p, may, p->leader);
	if (node && (node > KFK_NODES_MAX || !(replica_set(p) & bit(node))))
		return KE_INVALID_REPLICA_ASSIGNMENT;
	if (!to || !(may & bit(to)))
		return KE_ELIGIBLE_LEADERS_NOT_AVAILABLE;
	return lead(k, t, partition, to, &err) ? failed(k, t, partition, &err) : KE_NONE;
}

int kfk_elect(struct kafka *k, struct kfk_topic *t, int partition, bool unclean)
{
	struct kfk_part *p = &t->parts[partition];
	int preferred = nth(p, 0), to = unclean ? first_of(p, up(k), 0) : preferred;
	struct error err;
	if (unclean ? p->leader != 0 : p->leader == preferred)
		return KE_ELECTION_NOT_NEEDED;
	if (!to)
		return KE_ELIGIBLE_LEADERS_NOT_AVAILABLE;
	if (!unclean && !(p->isr & up(k) & bit(to)))
		return KE_PREFERRED_LEADER_NOT_AVAILABLE;
	p->isr = (uint16_t)(replica_set(p) & up(k));
	return lead(k, t, partition, to, &err) ? failed(k, t, partition, &err) : KE_NONE;
}

/* ---- placement ---- */

int kfk_default_factor(const struct kafka *k)
{
	int n = kfk_node_n(k);
	return (int)conf_int(k->env->conf, "kafka", "default.replication.factor", n < 3 ? n : 3);
}

int kfk_factor_ok(const struct kafka *k, int factor, struct arena *a, struct slice *why)
{
	if (factor == -1)
		factor = kfk_default_factor(k);
	if (factor <= 0)
		*why = S("Replication factor must be larger than 0, or -1 to use the default value.");
	else if (factor > kfk_node_n(k))
		*why = arena_printf(a, "Unable to replicate the partition %d time" "(s): The target replication factor of %d cannot be reached because only %d "
				    "broker(s) are registered.", factor, factor, kfk_node_n(k));
	else
		return KE_NONE;
	return KE_INVALID_REPLICATION_FACTOR;
}

static int put(struct kafka *k, struct kfk_topic *t, int partition, uint64_t replicas)
{
	struct kfk_part *p = &t->parts[partition];
	struct error err;
	bool was = p->epoch || p->replicas != 1;
	unsigned in;
	p->replicas = replicas;
	in = replica_set(p) & up(k);
	p->isr = (uint16_t)(in ? in : bit(nth(p, 0)));
	p->leader = (uint8_t)first_of(p, in, 0);
	return (was || replicas != 1 || p->leader != 1) && keep(k, t, partition, &err) ? failed(k, t, partition, &err) : KE_NONE;
}

/* Replicas of a partition are consecutive nodes, the next partition starts a node later; where a topic starts depends on its name. Nodes
 * that are away are placed on last. */
int kfk_spread(struct kafka *k, struct kfk_topic *t, int from, int factor, struct arena *a, struct slice *why)
{
	int order[KFK_NODES_MAX], n = 0, code = kfk_factor_ok(k, factor, a, why);
	size_t start;
	if (code)
		return code;
	if (factor == -1)
		factor = kfk_default_factor(k);
	for (int away = 0; away < 2; away++)
		for (int i = 1; i <= kfk_node_n(k); i++)
			if (k->nodes->away[i] == away)
				order[n++] = i;
	start = n > 1 ? faults_hash(7, sl(t->name), 0) % (size_t)n : 0;
	for (int p = from; !code && p < t->part_n; p++) {
		uint64_t replicas = 0;
		for (int i = 0; i < factor; i++)
			replicas |= (uint64_t)order[(start + (size_t)p + (size_t)i) % (size_t)n] << (4 * i);
		code = put(k, t, p, replicas);
	}
	return code;
}

int kfk_spread_part(struct kafka *k, struct kfk_topic *t, int partition, const int32_t *replicas, int32_t n)
{
	uint64_t all = 0;
	unsigned seen = 0;
	for (int32_t i = 0; i < n && i < KFK_NODES_MAX; i++) {
		if (replicas[i] < 1 || replicas[i] > kfk_node_n(k) || seen & bit(replicas[i]))
			return KE_INVALID_REPLICA_ASSIGNMENT;
		seen |= bit(replicas[i]);
		all |= (uint64_t)replicas[i] << (4 * i);
	}
	return n < 1 || n > KFK_NODES_MAX ? KE_INVALID_REPLICA_ASSIGNMENT : put(k, t, partition, all);
}

int kfk_reassign(struct kafka *k, struct kfk_topic *t, int partition, const int32_t *replicas, int32_t n)
{
	struct kfk_part *p = &t->parts[partition], before = *p;
	struct error err;
	int code = kfk_spread_part(k, t, partition, replicas, n);
	if (code)
		return code;
	if (before.leader && p->isr & bit(before.leader)) { /* it still leads */
		p->leader = before.leader;
		return keep(k, t, partition, &err) ? failed(k, t, partition, &err) : KE_NONE;
	}
	return lead(k, t, partition, p->leader, &err) ? failed(k, t, partition, &err) : KE_NONE;
}

/* ---- epochs ---- */

/* As LeaderEpochFileCache: the epoch asked for, or the greatest before it, and where the next one begins. */
int kfk_epoch_end(struct kafka *k, const struct kfk_topic *t, int partition, int32_t epoch, int32_t *found, int64_t *end)
{
	const struct kfk_part *p = &t->parts[partition];
	struct kfk_epoch first = { 0 }, floor = { 0 }, higher = { 0 };
	struct error err;
	int any = p->epoch ? kfk_store_epoch_at(k, KFK_EPOCH_FIRST, t->id, partition, 0, &first, &err) : 0, below = 0, above = 0;
	bool zero = any <= 0 || first.start > 0; /* epoch 0 has no row */
	*found = -1;
	*end = -1;
	if (epoch < 0 || epoch > p->epoch)
		return KE_NONE;
	if (epoch == p->epoch) {
		*found = epoch;
		*end = p->stable;
		return KE_NONE;
	}
	if (any < 0 || (below = kfk_store_epoch_at(k, KFK_EPOCH_FLOOR, t->id, partition, epoch, &floor, &err)) < 0 ||
	    (above = kfk_store_epoch_at(k, KFK_EPOCH_HIGHER, t->id, partition, epoch, &higher, &err)) < 0)
		return failed(k, t, partition, &err);
	if (!above)
		return KE_NONE;
	*found = below ? (int32_t)floor.epoch : zero ? 0 : epoch;
	*end = higher.start;
	return KE_NONE;
}

int32_t kfk_epoch_of(struct kafka *k, const struct kfk_topic *t, int partition, int64_t offset)
{
	struct kfk_epoch at = { 0 };
	struct error err;
	if (!t->parts[partition].epoch || kfk_store_epoch_at(k, KFK_EPOCH_AT, t->id, partition, offset, &at, &err) <= 0)
		return 0;
	return (int32_t)at.epoch;
}

/* ---- loading ---- */

static int by_id(const void *a, const void *b)
{
	const struct kfk_topic *const *x = a, *const *y = b;
	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

/* Nodes beyond those of the settings are no more: what was theirs is the others'. */
static void fit(const struct kafka *k, struct kfk_part *p)
{
	uint64_t kept = 0;
	int n = 0;
	for (int i = 0; i < KFK_NODES_MAX && nth(p, i); i++)
		if (nth(p, i) <= k->nodes->n)
			kept |= (uint64_t)nth(p, i) << (4 * n++);
	if (kept == p->replicas)
		return;
	p->replicas = kept ? kept : 1;
	p->isr &= (uint16_t)replica_set(p);
	if (!p->isr)
		p->isr = (uint16_t)replica_set(p);
}

struct loading {
	struct kafka *k;
	struct kfk_topic **sorted; /* by number, as the rows come */
	size_t at;
};

static void load_row(void *arg, int64_t topic, int partition, const struct kfk_part *row)
{
	struct loading *l = arg;
	struct kfk_part *p;
	while (l->at < l->k->topic_n && l->sorted[l->at]->id < topic)
		l->at++;
	if (l->at == l->k->topic_n || l->sorted[l->at]->id != topic || partition >= l->sorted[l->at]->part_n)
		return;
	p = &l->sorted[l->at]->parts[partition];
	p->leader = row->leader;
	p->epoch = row->epoch;
	p->replicas = row->replicas;
	p->isr = row->isr;
	fit(l->k, p);
}

int kfk_nodes_load(struct kafka *k, struct error *err)
{
	struct loading l = { .k = k, .sorted = xcalloc(k->topic_n + 1, sizeof(*l.sorted)) };
	for (size_t i = 0; i < k->topic_n; i++)
		l.sorted[i] = k->topics[i];
	qsort(l.sorted, k->topic_n, sizeof(*l.sorted), by_id);
	int rc = kfk_store_leaders(k, load_row, &l, err);
	free(l.sorted);
	return rc ? rc : kfk_leaders_settle(k, err);
}
