#include "core/adopt.h"
#include "kafka/config.h"
#include "kafka/group.h"
#include "kafka/acl.h"
#include "kafka/compact.h"
#include "kafka/node.h"
#include "kafka/quota.h"
#include "kafka/producer.h"
#include "kafka/segment.h"
#include "kafka/txn.h"

/* ---- topics ---- */

static int order(const void *in, size_t i, const void *name)
{
	const struct kafka *k = in;
	return sl_cmp(sl(k->topics[i]->name), *(const struct slice *)name);
}

/* Place of the name, or where it would go. */
static size_t place(const struct kafka *k, struct slice name, bool *found)
{
	return kfk_sorted(k->topic_n, order, k, &name, found);
}

struct kfk_topic *kfk_topic(struct kafka *k, struct slice name)
{
	bool found;
	size_t i = place(k, name, &found);
	if (!found)
		return NULL;
	kfk_retain(k, k->topics[i]);
	return k->topics[i];
}

/* A made-up but stable UUID: version 4 in form, the topic's number at its end. */
void kfk_topic_uuid(const struct kfk_topic *t, char out[16])
{
	static const char head[8] = { 't', 'a', 'r', 'n', 0, 0, 0x40, 0 };
	memcpy(out, head, sizeof(head));
	for (int i = 0; i < 8; i++)
		out[8 + i] = (char)((uint64_t)t->id >> (56 - 8 * i));
	out[8] = (char)0x80;
}

/* Place of the number among all, or where it would go. */
static size_t number_place(const struct kafka *k, int64_t id)
{
	size_t lo = 0, hi = k->topic_n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (k->numbered[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct kfk_topic *kfk_topic_by_number(const struct kafka *k, int64_t id)
{
	size_t at = number_place(k, id);
	return at < k->topic_n && k->numbered[at]->id == id ? k->numbered[at] : NULL;
}

struct kfk_topic *kfk_topic_by_id(struct kafka *k, struct slice uuid)
{
	char id[16];
	uint64_t number = 0;
	for (size_t i = 9; i < sizeof(id) && uuid.n == sizeof(id); i++)
		number = number << 8 | (uint8_t)uuid.p[i];
	struct kfk_topic *t = uuid.n == sizeof(id) ? kfk_topic_by_number(k, (int64_t)number) : NULL;
	if (!t)
		return NULL;
	kfk_topic_uuid(t, id);
	if (memcmp(id, uuid.p, sizeof(id)) != 0)
		return NULL;
	kfk_retain(k, t);
	return t;
}

int kfk_default_partitions(const struct kafka *k)
{
	int64_t n = conf_int(k->env->conf, "kafka", "num.partitions", conf_int(k->env->conf, "kafka", "partitions", 1));
	return n >= 1 && n <= KFK_PARTITIONS_MAX ? (int)n : 1;
}

static struct kfk_topic *topic_new(struct kafka *k, int64_t id, struct slice name, int partition_n)
{
	bool found;
	size_t at = place(k, name, &found);
	struct kfk_topic *t = xcalloc(1, sizeof(*t));
	t->id = id;
	t->name = xstrndup(name.p, name.n);
	t->part_n = partition_n;
	k->topics_changed++;
	t->parts = xcalloc((size_t)partition_n, sizeof(*t->parts));
	for (int i = 0; i < partition_n; i++)
		kfk_part_init(&t->parts[i]);
	t->set = k->defaults;
	t->retained_ms = clock_now_ms(k->env->clock);
	t->sticky = -1;
	k->topics = xrealloc(k->topics, (k->topic_n + 1) * sizeof(*k->topics));
	memmove(k->topics + at + 1, k->topics + at, (k->topic_n - at) * sizeof(*k->topics));
	k->topics[at] = t;
	k->numbered = xrealloc(k->numbered, (k->topic_n + 1) * sizeof(*k->numbered));
	at = number_place(k, id);
	memmove(k->numbered + at + 1, k->numbered + at, (k->topic_n - at) * sizeof(*k->numbered));
	k->numbered[at] = t;
	k->topic_n++;
	k->topic_changes++;
	return t;
}

static void topic_free(struct kafka *k, struct kfk_topic *t)
{
	k->topics_changed++;
	for (int i = 0; i < t->part_n; i++) {
		kfk_producers_free(k, &t->parts[i]);
		kfk_segments_free(&t->parts[i]);
	}
	free(t->name);
	free(t->parts);
	free(t);
}

int kfk_store_failed(struct kafka *k, const char *what, const struct error *err)
{
	log_error(k->env, "store", "what=%s error=\"%s\"", what, err->text);
	return KE_KAFKA_STORAGE_ERROR;
}

int kfk_topic_create(struct kafka *k, struct slice name, int partition_n, struct kfk_topic **out)
{
	struct error err;
	struct slice why;
	int64_t id;
	if (!kp_topic_name_ok(name))
		return KE_INVALID_TOPIC_EXCEPTION;
	if (kfk_topic(k, name))
		return KE_TOPIC_ALREADY_EXISTS;
	if (partition_n < 1 || partition_n > KFK_PARTITIONS_MAX)
		return KE_INVALID_PARTITIONS;
	if (k->topic_n >= KFK_TOPICS_MAX)
		return KE_POLICY_VIOLATION;
	if (kfk_store_topic_add(&k->db, name, partition_n, &id, &err))
		return kfk_store_failed(k, "create-topic", &err);
	struct kfk_topic *t = topic_new(k, id, name, partition_n);
	if (out)
		*out = t;
	return kfk_spread(k, t, 0, -1, &k->arena, &why);
}

int kfk_topic_auto(struct kafka *k, struct slice name, bool allowed, struct kfk_topic **out)
{
	struct kfk_topic *t = kfk_topic(k, name);
	if (t) {
		*out = t;
		return KE_NONE;
	}
	if (!kp_topic_name_ok(name))
		return KE_INVALID_TOPIC_EXCEPTION;
	if (allowed && adopt_name(k->env->adopt, "topics", name) && (*out = kfk_topic(k, name)))
		return KE_NONE;
	if (!allowed || !conf_bool(k->env->conf, "kafka", "auto_create", true))
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	return kfk_topic_create(k, name, kfk_default_partitions(k), out);
}

int kfk_topic_delete(struct kafka *k, struct kfk_topic *t)
{
	struct error err;
	bool found;
	kfk_offsets_topic_gone(k, sl(t->name));
	if (kfk_store_topic_del(&k->db, t->id, t->part_n, &err) || kfk_nodes_forget(k, t->id, &err))
		return kfk_store_failed(k, "delete-topic", &err);
	for (int p = 0; p < t->part_n; p++)
		kfk_goes(k, t->id, p, INT64_MAX);
	size_t at = place(k, sl(t->name), &found);
	memmove(k->topics + at, k->topics + at + 1, (k->topic_n - at - 1) * sizeof(*k->topics));
	at = number_place(k, t->id);
	memmove(k->numbered + at, k->numbered + at + 1, (k->topic_n - at - 1) * sizeof(*k->numbered));
	k->topic_n--;
	k->topic_changes++;
	topic_free(k, t);
	k->appended = true; /* fetches that wait on it must hear */
	return KE_NONE;
}

int kfk_topic_resize(struct kafka *k, struct kfk_topic *t, int partition_n)
{
	struct error err;
	struct slice why;
	int before = t->part_n;
	if (partition_n <= t->part_n || partition_n > KFK_PARTITIONS_MAX)
		return KE_INVALID_PARTITIONS;
	if (kfk_store_resize(&k->db, t->id, partition_n, &err))
		return kfk_store_failed(k, "resize-topic", &err);
	t->parts = xrealloc(t->parts, (size_t)partition_n * sizeof(*t->parts));
	memset(t->parts + t->part_n, 0, (size_t)(partition_n - t->part_n) * sizeof(*t->parts));
	for (int i = before; i < partition_n; i++)
		kfk_part_init(&t->parts[i]);
	t->part_n = partition_n;
	k->topic_changes++;
	k->topics_changed++;
	return kfk_spread(k, t, before, kfk_replica_n(&t->parts[0]), &k->arena, &why);
}

/* ---- topic settings ---- */

bool kfk_setting_ok(struct slice name, struct slice value)
{
	struct buf why = { 0 };
	const struct kfk_setting *s = kfk_setting(name);
	bool ok = s && kfk_setting_valid(s, value, &why);
	buf_free(&why);
	return ok;
}

int kfk_topic_set(struct kafka *k, struct kfk_topic *t, struct slice name, struct slice value)
{
	struct error err;
	if (value.p && !kfk_setting_ok(name, value))
		return KE_INVALID_CONFIG;
	if (kfk_store_config_set(&k->db, t->id, name, value, &err))
		return kfk_store_failed(k, "set-config", &err);
	return kfk_obey(k, t);
}

/* ---- reading ---- */

struct fetch {
	struct buf *out;
	size_t start, max;
	int64_t from;
	bool first; /* the next batch may be over max */
	int magic;
};

static bool fetch_row(void *arg, const struct kfk_row *row)
{
	struct fetch *f = arg;
	struct kp_batch b;
	if (row->last < f->from) /* what follows it was compacted away */
		return true;
	if (!f->first && f->out->n - f->start + row->bytes.n > f->max)
		return false;
	f->first = false;
	if (f->magic == 2)
		buf_addsl(f->out, row->bytes);
	else if (kp_batch_parse(row->bytes, &b) || (!(b.attributes & KP_ATTR_CONTROL) && kp_message_set_write(&b, f->magic, f->from, f->out)))
		return false;
	return f->out->n - f->start < f->max;
}

int kfk_fetch(struct kafka *k, struct kfk_topic *t, int partition, int64_t offset, size_t max, bool first, int magic,
	      bool committed, struct buf *out)
{
	const struct kfk_part *p = &t->parts[partition];
	int64_t end = committed ? kfk_last_stable(p) : p->stable;
	struct fetch f = { .out = out, .start = out->n, .max = max, .from = offset, .first = first, .magic = magic };
	struct error err;
	if (offset < p->start || offset > p->stable)
		return KE_OFFSET_OUT_OF_RANGE;
	if (offset >= end || (!max && !first))
		return KE_NONE;
	if (kfk_store_from(&k->db, t->id, partition, offset, end, fetch_row, &f, &err))
		return kfk_store_failed(k, "fetch", &err);
	return KE_NONE;
}

int kfk_producer_id(struct kafka *k, int64_t *pid)
{
	struct error err;
	if (kfk_store_next(&k->db, "producer-id", pid, &err))
		return kfk_store_failed(k, "producer-id", &err);
	*pid += (int64_t)k->env->lives << 32;
	return KE_NONE;
}

/* ---- whole state ---- */

static int load_topic(void *arg, int64_t id, struct slice name, int partition_n, struct error *err)
{
	struct kafka *k = arg;
	struct kfk_topic *t = topic_new(k, id, name, partition_n);
	for (int i = 0; i < partition_n; i++) {
		int rc = kfk_store_end(&k->db, id, i, &t->parts[i].next, err);
		if (rc)
			return rc;
		t->parts[i].stable = t->parts[i].next;
	}
	if (kfk_obey(k, t))
		return err_set(err, ERR_STORE, "a topic's settings can't be read");
	t->retained_ms = clock_now_ms(k->env->clock);
	return 0;
}

static void forget(struct kafka *k)
{
	for (size_t i = 0; i < k->topic_n; i++)
		topic_free(k, k->topics[i]);
	free(k->topics);
	free(k->numbered);
	k->topics = k->numbered = NULL;
	k->topic_n = 0;
}

int kfk_load(struct kafka *k, struct error *err)
{
	kfk_compact_end(k);
	forget(k);
	k->dirty_n = 0;
	int rc = kfk_kept_load(k, err);
	kfk_topics_retake(k);
	if (!rc)
		rc = kfk_store_topics(&k->db, load_topic, k, err);
	if (!rc)
		rc = kfk_nodes_load(k, err);
	if (!rc)
		rc = kfk_acls_load(k, err);
	if (!rc)
		rc = kfk_quotas_load(k, err);
	if (!rc)
		rc = kfk_starts(k, err);
	if (!rc)
		rc = kfk_producers_load(k, err);
	if (!rc)
		rc = kfk_groups_load(k, err);
	return rc ? rc : kfk_txns_load(k, err);
}

int kfk_commit(struct kafka *k, struct error *err)
{
	struct fault_hit hit = faults_ask(k->env->faults, "kafka", "store");
	struct error ignored;
	int rc = kfk_producers_save(k, err);
	if (rc)
		log_error(k->env, "producers", "error=\"%s\"", err->text);
	if (rc || hit.act == FAULT_IO) {
		if (!rc)
			rc = err_set(err, ERR_STORE, "fault injected");
		if (db_rollback(&k->db, &ignored))
			log_error(k->env, "rollback", "error=\"%s\"", ignored.text);
	} else {
		rc = db_commit(&k->db, err);
	}
	k->commits += k->appended;
	k->appended = false;
	if (rc) { /* what memory knows beyond the disk was never promised to anyone */
		if (kfk_load(k, &ignored))
			log_error(k->env, "reload", "error=\"%s\"", ignored.text);
		return rc;
	}
	for (size_t i = 0; i < k->dirty_n; i++) {
		struct kfk_topic *t = kfk_topic_by_number(k, k->dirty[i].topic);
		if (!t)
			continue;
		struct kfk_part *p = &t->parts[k->dirty[i].partition];
		p->stable = p->next;
		t->changed = k->commits;
	}
	k->dirty_n = 0;
	return 0;
}

void kfk_free(struct kafka *k)
{
	forget(k);
	free(k->going);
	free(k->dirty);
	buf_free(&k->scratch);
	buf_free(&k->plain);
	buf_free(&k->fetched);
	arena_free(&k->arena);
}

/* ---- partitioner ---- */

/* MurmurHash2, 32 bits, as org.apache.kafka.common.utils.Utils: seed 0x9747b28c, little-endian words. */
static uint32_t murmur2(const uint8_t *p, size_t n)
{
	const uint32_t m = 0x5bd1e995;
	uint32_t h = 0x9747b28cu ^ (uint32_t)n;
	for (; n >= 4; n -= 4, p += 4) {
		uint32_t w = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		w *= m;
		w ^= w >> 24;
		w *= m;
		h = h * m ^ w;
	}
	if (n >= 3)
		h ^= (uint32_t)p[2] << 16;
	if (n >= 2)
		h ^= (uint32_t)p[1] << 8;
	if (n >= 1)
		h = (h ^ p[0]) * m;
	h ^= h >> 13;
	h *= m;
	return h ^ h >> 15;
}

int kfk_key_partition(struct slice key, int n)
{
	return (int)((murmur2((const uint8_t *)key.p, key.n) & 0x7fffffff) % (uint32_t)n);
}
