#include "core/hash.h"
#include "kafka/compact.h"

enum { KEYS_MAX = 1 << 21, KEYS_FIRST = 1 << 10, SUM = 16, ATTR_HORIZON = 64 };

/* ---- keys ---- */

struct kfk_keys {
	struct key {
		uint8_t sum[SUM];
		int64_t offset; /* -1: the place is free */
	} *v;
	size_t n, cap; /* cap: a power of two */
};

static void keys_alloc(struct kfk_keys *keys, size_t cap)
{
	keys->v = xmalloc(cap * sizeof(*keys->v));
	keys->cap = cap;
	for (size_t i = 0; i < cap; i++)
		keys->v[i].offset = -1;
}

struct kfk_keys *kfk_keys_new(void)
{
	struct kfk_keys *keys = xcalloc(1, sizeof(*keys));
	keys_alloc(keys, KEYS_FIRST);
	return keys;
}

void kfk_keys_free(struct kfk_keys *keys)
{
	if (keys)
		free(keys->v);
	free(keys);
}

bool kfk_keys_full(const struct kfk_keys *keys)
{
	return keys->n >= KEYS_MAX;
}

static struct key *key_at(const struct kfk_keys *keys, const uint8_t *sum)
{
	uint64_t h;
	memcpy(&h, sum, sizeof(h));
	for (size_t i = h & (keys->cap - 1);; i = (i + 1) & (keys->cap - 1))
		if (keys->v[i].offset < 0 || !memcmp(keys->v[i].sum, sum, SUM))
			return &keys->v[i];
}

static void keys_grow(struct kfk_keys *keys)
{
	struct kfk_keys old = *keys;
	keys_alloc(keys, old.cap * 2);
	for (size_t i = 0; i < old.cap; i++)
		if (old.v[i].offset >= 0)
			*key_at(keys, old.v[i].sum) = old.v[i];
	free(old.v);
}

static void learn(struct kfk_keys *keys, struct slice key, int64_t offset)
{
	uint8_t sum[HASH_BYTES_MAX];
	if (keys->n * 4 >= keys->cap * 3)
		keys_grow(keys);
	hash_whole(HASH_MD5, key, sum);
	struct key *k = key_at(keys, sum);
	keys->n += k->offset < 0;
	memcpy(k->sum, sum, SUM);
	k->offset = offset;
}

/* The last offset of the key; -1: it isn't known, which is of those that came before what was learnt. */
static int64_t last_of(const struct kfk_keys *keys, struct slice key)
{
	uint8_t sum[HASH_BYTES_MAX];
	hash_whole(HASH_MD5, key, sum);
	return key_at(keys, sum)->offset;
}

/* ---- batches ---- */

static bool aborted(const struct kfk_clean *c, const struct kp_batch *b)
{
	for (size_t i = 0; b->attributes & KP_ATTR_TXN && i < c->gone_n; i++)
		if (c->gone[i].pid == b->pid && c->gone[i].first <= b->base_offset && b->base_offset < c->gone[i].marker)
			return true;
	return false;
}

static struct slice next_batch(struct slice *batches, struct kp_batch *b)
{
	if (!batches->n || kp_batch_parse(*batches, b))
		return sl(NULL);
	*batches = sl_from(*batches, b->bytes.n);
	return b->bytes;
}

int64_t kfk_clean_learn(struct kfk_clean *c, struct slice batches, int64_t from)
{
	struct buf plain = { .max = KP_INFLATED_MAX };
	struct kp_batch b;
	struct kp_cursor cur;
	struct kp_record rec;
	int64_t end = from;
	while (!kfk_keys_full(c->keys) && next_batch(&batches, &b).p) {
		end = b.base_offset + b.last_delta + 1;
		if (b.attributes & KP_ATTR_CONTROL || aborted(c, &b) || kp_cursor_open(&cur, &b, &plain))
			continue;
		while (kp_cursor_next(&cur, &rec))
			if (rec.key.p && rec.offset >= from)
				learn(c->keys, rec.key, rec.offset);
	}
	buf_free(&plain);
	return end;
}

/* What stays of a batch. */
struct rest {
	struct buf records, one;
	int64_t max_ts;
	int32_t n, tombstones;
};

/* Whether a record stays. */
static bool stays(const struct kfk_clean *c, const struct kp_batch *b, const struct kp_record *rec)
{
	bool late = !(b->attributes & ATTR_HORIZON) || c->now_ms < b->base_ts;
	return rec->key.p && rec->offset >= last_of(c->keys, rec->key) && (rec->value.p || late);
}

static void keep(struct rest *r, const struct kp_record *rec, int64_t base, int64_t base_ts)
{
	kp_record_write(&r->records, &r->one, rec, (int64_t)((uint64_t)rec->ts - (uint64_t)base_ts), rec->offset - base);
	if (!r->n++ || rec->ts > r->max_ts)
		r->max_ts = rec->ts;
}

/* Walks the records that stay, relative to base_ts; false: the batch can't be read. */
static bool walk(const struct kfk_clean *c, const struct kp_batch *b, struct buf *plain, int64_t base_ts, struct rest *r)
{
	struct kp_cursor cur;
	struct kp_record rec;
	buf_reset(&r->records);
	r->n = r->tombstones = 0;
	if (kp_cursor_open(&cur, b, plain))
		return false;
	while (kp_cursor_next(&cur, &rec)) {
		if (!stays(c, b, &rec))
			continue;
		r->tombstones += !rec.value.p;
		keep(r, &rec, b->base_offset, base_ts);
	}
	return !cur.bad;
}

static void put(char *p, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (char)(v >> (8 * (n - 1 - i)));
}

/* The batch with these records: its offsets, producer and codec stay. */
static bool rewrite(const struct kp_batch *b, int attributes, int64_t base_ts, const struct rest *r, struct buf *out)
{
	size_t at = out->n;
	buf_add(out, b->bytes.p, KP_BATCH_HEADER);
	if (kp_deflate(attributes & KP_ATTR_CODEC, -1, buf_slice(&r->records), out) || out->bad) {
		out->n = at;
		return false;
	}
	char *p = out->p + at;
	put(p + 8, out->n - at - 12, 4);
	put(p + 21, (uint64_t)attributes, 2);
	put(p + 27, (uint64_t)base_ts, 8);
	put(p + 35, (uint64_t)(b->attributes & KP_ATTR_LOG_TIME ? b->max_ts : r->max_ts), 8);
	put(p + 57, (uint64_t)r->n, 4);
	kp_batch_seal(p, out->n - at);
	return true;
}

static void clean_batch(struct kfk_clean *c, const struct kp_batch *b, struct buf *plain, struct rest *r, struct buf *out, struct kfk_cleaned *to)
{
	int attributes = b->attributes;
	int64_t base_ts = b->base_ts;
	*to = (struct kfk_cleaned){ b->base_offset, b->max_ts, b->bytes.n, SIZE_MAX, b->bytes.n };
	if (attributes & KP_ATTR_CONTROL)
		return;
	if (aborted(c, b)) {
		to->n = 0;
		return;
	}
	if (!walk(c, b, plain, base_ts, r))
		return;
	if (r->tombstones && !(attributes & ATTR_HORIZON)) {
		attributes |= ATTR_HORIZON;
		base_ts = c->now_ms + c->tombstone_ms;
		(void)walk(c, b, plain, base_ts, r);
	}
	if (r->tombstones && base_ts < c->horizon)
		c->horizon = base_ts;
	if (r->n == b->count && attributes == b->attributes)
		return;
	size_t at = out->n;
	if (!r->n) {
		to->n = 0;
	} else if (rewrite(b, attributes, base_ts, r, out)) {
		to->at = at;
		to->n = out->n - at;
		to->max_ts = b->attributes & KP_ATTR_LOG_TIME ? b->max_ts : r->max_ts;
	}
}

struct kfk_cleaned *kfk_clean_batches(struct kfk_clean *c, struct slice batches, struct buf *out, size_t *n)
{
	struct buf plain = { .max = KP_INFLATED_MAX };
	struct rest r = { 0 };
	struct kp_batch b;
	struct kfk_cleaned *list = NULL;
	size_t cap = 0;
	for (*n = 0; next_batch(&batches, &b).p; ++*n) {
		GROW(list, *n, cap);
		clean_batch(c, &b, &plain, &r, out, &list[*n]);
	}
	buf_free(&plain);
	buf_free(&r.records);
	buf_free(&r.one);
	return list;
}
