#include "core/adopt.h"
#include "kafka/config.h"
#include "kafka/group.h"
#include "kafka/acl.h"
#include "kafka/node.h"
#include "kafka/producer.h"
#include "kafka/txn.h"

/* ---- topics ---- */

/* Place of the name, or where it would go. */
static size_t place(const struct kafka *k, struct slice name, bool *found)
{
	size_t lo = 0, hi = k->topic_n;
	*found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = sl_cmp(sl(k->topics[mid]->name), name);
		if (d == 0) {
			*found = true;
			return mid;
		}
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
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

bool kfk_name_ok(struct slice name)
{
	if (!name.n || name.n > KFK_NAME_MAX || sl_eqs(name, ".") || sl_eqs(name, ".."))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

int kfk_default_partitions(const struct kafka *k)
{
	int64_t n = conf_int(k->env->conf, "kafka", "num.partitions", conf_int(k->env->conf, "kafka", "partitions", 1));
	return n >= 1 && n <= KFK_PARTITIONS_MAX ? (int)n : 1;
}

/* What a topic's settings say; value absent: what the brokers say. */
static void take_setting(struct kafka *k, struct kfk_topic *t, struct slice name, struct slice value)
{
	const struct kfk_setting *s = kfk_setting(name);
	enum kfk_source source;
	if (!value.p && s)
		value = kfk_default(k, s, &source);
	if (!value.p)
		return;
	if (sl_eqs(name, "max.message.bytes"))
		t->message_max = kfk_setting_int(value);
	if (sl_eqs(name, "retention.ms"))
		t->retention_ms = kfk_setting_int(value);
	if (sl_eqs(name, "segment.ms"))
		t->segment_ms = kfk_setting_int(value);
	if (sl_eqs(name, "min.insync.replicas"))
		t->min_isr = (int)kfk_setting_int(value);
	if (sl_eqs(name, "unclean.leader.election.enable"))
		t->unclean = kfk_setting_bool(value);
	if (sl_eqs(name, "cleanup.policy"))
		t->deletes = sl_find(value, S("delete")) >= 0;
	t->retained_ms = 0; /* looked at anew */
}

static void take_defaults(struct kafka *k, struct kfk_topic *t)
{
	size_t n;
	const struct kfk_setting *s = kfk_settings(&n);
	for (size_t i = 0; i < n; i++)
		take_setting(k, t, sl(s[i].name), sl(NULL));
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
	take_defaults(k, t);
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
	return t;
}

static void topic_free(struct kafka *k, struct kfk_topic *t)
{
	k->topics_changed++;
	for (int i = 0; i < t->part_n; i++)
		kfk_producers_free(k, &t->parts[i]);
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
	if (!kfk_name_ok(name))
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
	if (!kfk_name_ok(name))
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
	take_setting(k, t, name, value);
	return KE_NONE;
}

struct loading {
	struct kafka *k;
	struct kfk_topic *t;
};

static void take_own(void *arg, struct slice name, struct slice value)
{
	const struct loading *l = arg;
	take_setting(l->k, l->t, name, value);
}

void kfk_topics_retake(struct kafka *k)
{
	struct error err;
	for (size_t i = 0; i < k->topic_n; i++) {
		take_defaults(k, k->topics[i]);
		if (kfk_store_configs(&k->db, k->topics[i]->id, take_own, &(struct loading){ k, k->topics[i] }, &err))
			(void)kfk_store_failed(k, "configs", &err);
	}
}

/* ---- appending ---- */

/* Whether the header says what a producer may say (Kafka's LogValidator). */
static int check_batch(const struct kfk_topic *t, const struct kp_batch *b)
{
	if ((int64_t)b->bytes.n > t->message_max)
		return KE_MESSAGE_TOO_LARGE;
	if (b->count <= 0 || b->last_delta != b->count - 1 || b->attributes & KP_ATTR_CONTROL)
		return KE_INVALID_RECORD;
	if ((b->attributes & KP_ATTR_CODEC) > KP_ZSTD)
		return KE_CORRUPT_MESSAGE;
	if (b->attributes & KP_ATTR_LOG_TIME)
		return KE_INVALID_TIMESTAMP;
	if (b->pid >= 0 && (b->epoch < 0 || b->base_seq < 0))
		return KE_INVALID_RECORD;
	return KE_NONE;
}

/* Uncompressed records are walked; compressed ones are the consumer's to open. */
static int check_records(struct kafka *k, const struct kp_batch *b)
{
	struct kp_cursor cur;
	struct kp_record rec;
	if (b->attributes & KP_ATTR_CODEC)
		return KE_NONE;
	if (kp_cursor_open(&cur, b, &k->plain))
		return KE_CORRUPT_MESSAGE;
	while (kp_cursor_next(&cur, &rec))
		;
	return cur.bad ? KE_INVALID_RECORD : KE_NONE;
}

static void patch_base(struct buf *b, int64_t base, int32_t epoch)
{
	for (int i = 0; i < 8; i++)
		b->p[i] = (char)((uint64_t)base >> (56 - 8 * i));
	for (int i = 0; i < 4; i++)
		b->p[12 + i] = (char)((uint32_t)epoch >> (24 - 8 * i));
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
	patch_base(&k->scratch, p->next, p->epoch);
	row.bytes = buf_slice(&k->scratch);
	if (kfk_store_add(&k->db, &row, &err))
		return kfk_store_failed(k, "append", &err);
	*base = p->next;
	p->next = row.last + 1;
	t->dirty = true;
	k->appended = true;
	return KE_NONE;
}

int kfk_append(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, int64_t *base)
{
	struct kfk_seen before;
	int code = space_low(k->env->space) ? KE_KAFKA_STORAGE_ERROR : check_batch(t, b);
	if (!code)
		code = check_records(k, b);
	if (!code && b->pid >= 0)
		code = kfk_producer_check(k, t, partition, b, &before);
	if (code == KE_DUPLICATE_SEQUENCE_NUMBER) {
		*base = before.base;
		return KE_NONE;
	}
	if (!code)
		code = kfk_append_own(k, t, partition, b, base);
	if (code)
		return code;
	if (b->pid >= 0)
		kfk_producer_note(k, t, partition, b, *base);
	kfk_measure_in(k, t, b->bytes.n, b->count);
	return KE_NONE;
}

static int produce_old(struct kafka *k, struct kfk_topic *t, int partition, struct slice records, int64_t *base)
{
	struct kp_builder made = { 0 };
	struct kp_batch b;
	struct buf bytes = { 0 };
	/* One batch is made of it, which is about as large as what is in it. */
	size_t max = 2 * (size_t)t->message_max + KFK_BATCH_SIZE;
	int codec, code = kp_message_set_read(records, max, &made, &codec);
	if (!code && !made.count)
		code = KE_INVALID_RECORD;
	if (!code) {
		kp_builder_end(&made, &bytes);
		code = kp_batch_parse(buf_slice(&bytes), &b);
	}
	if (!code)
		code = kfk_append(k, t, partition, &b, base);
	kp_builder_free(&made);
	buf_free(&bytes);
	return code;
}

int kfk_produce(struct kafka *k, struct kfk_topic *t, int partition, int version, struct slice records, int64_t *base)
{
	struct kp_batch b;
	if (!records.n)
		return KE_INVALID_RECORD;
	/* As the broker, by the size first: nothing is read of what is too large. Old messages shrink to a quarter at most. */
	if ((int64_t)records.n > t->message_max * (version < 3 ? 4 : 1))
		return KE_MESSAGE_TOO_LARGE;
	int code = kp_batch_parse(records, &b);
	if (code == KE_UNSUPPORTED_FOR_MESSAGE_FORMAT)
		return version < 3 ? produce_old(k, t, partition, records, base) : KE_INVALID_RECORD;
	if (code)
		return code;
	if (b.bytes.n != records.n) /* from v3 on: one batch a partition */
		return KE_INVALID_RECORD;
	if (version < 7 && (b.attributes & KP_ATTR_CODEC) == KP_ZSTD)
		return KE_UNSUPPORTED_COMPRESSION_TYPE;
	return kfk_append(k, t, partition, &b, base);
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
	return kfk_store_next(&k->db, "producer-id", pid, &err) ? kfk_store_failed(k, "producer-id", &err) : KE_NONE;
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
	int rc = kfk_store_configs(&k->db, id, take_own, &(struct loading){ k, t }, err);
	t->retained_ms = clock_now_ms(k->env->clock);
	return rc;
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
	forget(k);
	int rc = kfk_kept_load(k, err);
	if (!rc)
		rc = kfk_store_topics(&k->db, load_topic, k, err);
	if (!rc)
		rc = kfk_nodes_load(k, err);
	if (!rc)
		rc = kfk_acls_load(k, err);
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
	k->appended = false;
	if (rc) { /* what memory knows beyond the disk was never promised to anyone */
		if (kfk_load(k, &ignored))
			log_error(k->env, "reload", "error=\"%s\"", ignored.text);
		return rc;
	}
	for (size_t i = 0; i < k->topic_n; i++) {
		struct kfk_topic *t = k->topics[i];
		for (int p = 0; t->dirty && p < t->part_n; p++)
			t->parts[p].stable = t->parts[p].next;
		t->dirty = false;
	}
	return 0;
}

void kfk_free(struct kafka *k)
{
	forget(k);
	free(k->going);
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
