/* Streams, shards, their states and how they are kept. */
#include "core/adopt.h"
#include "kinesis/kinesis.h"

const char *const kin_metric_names[KIN_METRICS] = { "IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords",
						    "WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded",
						    "IteratorAgeMilliseconds" };

static bool is_there(const struct kin_stream *s, struct slice account, struct slice region)
{
	return sl_eqs(account, s->account) && sl_eqs(region, s->region);
}

struct kin_stream *kin_find(struct kinesis *k, struct slice account, struct slice region, struct slice name)
{
	for (struct kin_stream *s = k->streams; s; s = s->next)
		if (sl_eqs(name, s->name) && is_there(s, account, region))
			return s;
	return NULL;
}

const struct kin_stream *kin_first(const struct kinesis *k, const struct kin_in *in)
{
	const struct kin_stream *s = k->streams;
	while (s && !is_there(s, in->account, in->region))
		s = s->next;
	return s;
}

const struct kin_stream *kin_next(const struct kin_stream *s)
{
	return s->next && is_there(s->next, sl(s->account), sl(s->region)) ? s->next : NULL;
}

size_t kin_shards_there(const struct kinesis *k, const struct kin_in *in)
{
	size_t n = 0;
	for (const struct kin_stream *s = kin_first(k, in); s; s = kin_next(s))
		n += kin_open_shards(s);
	return n;
}

/* ---- whom a request is about ---- */

void kin_arn_names(struct slice arn, struct slice *stream, struct slice *consumer)
{
	struct slice name, rest;
	ssize_t at = sl_find(arn, S(":stream/"));
	*stream = *consumer = sl(NULL);
	if (at < 0)
		return;
	sl_cut(sl_of(arn.p + at + 8, arn.n - (size_t)at - 8), '/', stream, &rest);
	if (sl_after(rest, S("consumer/"), &name))
		sl_cut(name, ':', consumer, &rest);
}

const char *kin_status_name(enum kin_status s)
{
	static const char *const names[] = { [KIN_CREATING] = "CREATING", [KIN_DELETING] = "DELETING", [KIN_ACTIVE] = "ACTIVE",
					     [KIN_UPDATING] = "UPDATING" };
	return names[s];
}

/* "arn:aws:kinesis:REGION:ACCOUNT:…": whether it names a stream that can be of this request. Its account goes to *account. */
static bool is_ours(struct slice arn, const struct kin_in *in, struct slice *account)
{
	struct slice region = sl(NULL), rest = arn, part;
	for (int i = 0; i < 5 && rest.p; i++) {
		sl_cut(rest, ':', &part, &rest);
		if (i == 3)
			region = part;
		else if (i == 4)
			*account = part;
	}
	return sl_eq(region, in->region) && sl_eq(*account, in->account);
}

/* The log says where a stream is that was looked for in the wrong place: an export from another region names that one. */
static void say_elsewhere(const struct kinesis *k, const struct kin_in *in, struct slice name)
{
	for (const struct kin_stream *s = k->streams; s; s = s->next)
		if (sl_eqs(name, s->name)) {
			log_warn(k->env, "elsewhere", "stream=%s asked=%.*s/%.*s is=%s/%s setting=stack.region", s->name, SL(in->account), SL(in->region),
				 s->account, s->region);
			return;
		}
}

static int need_stream(struct kinesis *k, struct kin_in *in, struct slice *consumer, struct error *err)
{
	struct slice arn = in->consumer_arn.p ? in->consumer_arn : in->stream_arn.p ? in->stream_arn : in->resource_arn, name;
	struct slice account = in->account;
	kin_arn_names(arn, &name, consumer);
	if (in->stream.p)
		name = in->stream;
	else if (!arn.p)
		return kin_fail(err, KIN_E_VALIDATION,
				"1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null");
	/* DIFFERS: what AWS says to an ARN of another region isn't known; a policy that lets another account in isn't looked at. */
	bool ours = !arn.p || is_ours(arn, in, &account);
	in->s = ours ? kin_find(k, in->account, in->region, name) : NULL;
	if (!in->s && ours && !in->goes && sl_eqs(in->account, k->account) && sl_eqs(in->region, k->region) && adopt_name(k->env->adopt, "streams", name))
		in->s = kin_find(k, in->account, in->region, name);
	if (in->s)
		return 0;
	say_elsewhere(k, in, name);
	return kin_fail(err, KIN_E_NOT_FOUND, "Stream %.*s under account %.*s not found.", SL(name), SL(account));
}

static struct kin_consumer *consumer_named(struct kin_stream *s, struct slice name)
{
	for (size_t i = 0; i < s->consumer_n; i++)
		if (sl_eqs(name, s->consumers[i].name))
			return &s->consumers[i];
	return NULL;
}

int kin_need(struct kinesis *k, enum kin_needs needs, struct kin_in *in, struct error *err)
{
	struct slice consumer;
	int rc = needs == KIN_NOBODY ? 0 : need_stream(k, in, &consumer, err);
	if (needs == KIN_CONSUMER && (!rc || in->consumer_arn.p)) {
		if (!in->consumer_arn.p)
			consumer = in->consumer;
		in->c = rc ? NULL : consumer_named(in->s, consumer);
		return in->c ? 0 : kin_fail(err, KIN_E_NOT_FOUND, "Consumer %.*s not found.", SL(consumer));
	}
	if (rc)
		return rc;
	if (needs == KIN_ACTIVE_STREAM && in->s->status != KIN_ACTIVE)
		return kin_fail(err, KIN_E_IN_USE, "Stream %s under account %.*s not ACTIVE, instead in state %s", in->s->name, SL(in->account),
				kin_status_name(in->s->status));
	if (needs == KIN_RESOURCE && consumer.p && !(in->c = consumer_named(in->s, consumer)))
		return kin_fail(err, KIN_E_NOT_FOUND, "Consumer %.*s of stream %s under account %.*s not found.", SL(consumer), in->s->name,
				SL(in->account));
	return 0;
}

/* ---- shards ---- */

bool kin_shard_number(struct slice id, uint32_t *out)
{
	int64_t n;
	for (size_t i = id.n; i-- > 0;) {
		if (id.p[i] == '-') {
			id = sl_from(id, i + 1);
			break;
		}
	}
	if (!sl_int(id, 0, INT32_MAX, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

int kin_shard_id(const struct kin_in *in, struct slice id, struct slice stream, struct slice *out, struct error *err)
{
	uint32_t n;
	if (!kin_shard_number(id, &n))
		return kin_fail(err, KIN_E_NOT_FOUND, "Could not find shard %.*s in stream %.*s under account %.*s.", SL(id), SL(stream), SL(in->account));
	*out = arena_printf(in->arena, "shardId-%012u", n);
	return 0;
}

struct kin_shard *kin_shard_of(struct kin_stream *s, struct slice id)
{
	uint32_t n;
	return kin_shard_number(id, &n) && n < s->shard_n ? &s->shards[n] : NULL;
}

int kin_shard_limit(const struct kinesis *k, const struct kin_in *in, size_t n, struct error *err)
{
	size_t there = kin_shards_there(k, in);
	if ((int64_t)(there + n) <= k->shard_limit)
		return 0;
	return kin_fail(err, KIN_E_LIMIT,
			"This request would exceed the shard limit for the account %.*s in %.*s. Current shard count for the account: %zu. Limit: %lld. "
			"Number of additional shards that would have resulted from this request: %zu. Refer to the AWS Service Limits page "
			"(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.",
			SL(in->account), SL(in->region), there, (long long)k->shard_limit, n);
}

int kin_shard_room(const struct kin_in *in, size_t n, struct error *err)
{
	if (in->s->shard_n + n <= KIN_SHARD_MAX + 1)
		return 0;
	return kin_fail(err, KIN_E_LIMIT, "Stream %s under account %.*s has had %zu shards, and here a stream can't have more than %d in its life.",
			in->s->name, SL(in->account), in->s->shard_n, KIN_SHARD_MAX + 1);
}

struct kin_shard *kin_route(struct kin_stream *s, kin_hash h)
{
	for (size_t i = 0; i < s->shard_n; i++)
		if (!s->shards[i].closed_ms && h >= s->shards[i].lo && h <= s->shards[i].hi)
			return &s->shards[i];
	return NULL;
}

size_t kin_open_shards(const struct kin_stream *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->shard_n; i++)
		n += !s->shards[i].closed_ms;
	return n;
}

int64_t kin_horizon(const struct kin_stream *s, int64_t now_ms)
{
	return now_ms - s->retention_h * 3600000;
}

bool kin_shard_gone(const struct kin_stream *s, const struct kin_shard *sh, int64_t now_ms)
{
	return sh->closed_ms && sh->closed_ms < kin_horizon(s, now_ms);
}

struct kin_shard *kin_add_shard(struct kin_stream *s, kin_hash lo, kin_hash hi, int64_t create_s, int64_t now_ms)
{
	s->shards = xrealloc(s->shards, (s->shard_n + 1) * sizeof(*s->shards));
	struct kin_shard *sh = &s->shards[s->shard_n];
	*sh = (struct kin_shard){ .ix = (uint32_t)s->shard_n++, .lo = lo, .hi = hi, .create_s = create_s, .created_ms = now_ms,
				  .next_index = 1, .parent = -1, .adjacent = -1 };
	return sh;
}

void kin_split(struct kinesis *k, struct kin_stream *s, struct kin_shard *sh, kin_hash at, int64_t now_ms)
{
	size_t parent = sh->ix;
	kin_hash lo = sh->lo, hi = sh->hi;
	sh->closed_ms = now_ms;
	kin_add_shard(s, lo, at - 1, now_ms / 1000 + 1, now_ms)->parent = (int64_t)parent;
	kin_add_shard(s, at, hi, now_ms / 1000 + 1, now_ms)->parent = (int64_t)parent;
}

void kin_merge(struct kinesis *k, struct kin_stream *s, struct kin_shard *a, struct kin_shard *b, int64_t now_ms)
{
	size_t one = a->ix, two = b->ix;
	kin_hash lo = a->lo < b->lo ? a->lo : b->lo, hi = a->hi > b->hi ? a->hi : b->hi;
	a->closed_ms = b->closed_ms = now_ms;
	struct kin_shard *child = kin_add_shard(s, lo, hi, now_ms / 1000 + 1, now_ms);
	child->parent = (int64_t)one;
	child->adjacent = (int64_t)two;
}

void kin_start_seq(const struct kin_shard *sh, char out[KIN_SEQ_TEXT])
{
	kin_seq_text(&(struct kin_seq){ sh->create_s, 0, sh->create_s, sh->ix }, out);
}

void kin_end_seq(const struct kin_shard *sh, char out[KIN_SEQ_TEXT])
{
	kin_seq_text(&(struct kin_seq){ sh->create_s, INT64_MAX, sh->closed_ms / 1000, sh->ix }, out);
}

/* ---- streams ---- */

static int compare(const struct kin_stream *a, const struct kin_stream *b)
{
	int d = strcmp(a->account, b->account);
	if (!d)
		d = strcmp(a->region, b->region);
	return d ? d : strcmp(a->name, b->name);
}

void kin_insert(struct kinesis *k, struct kin_stream *s)
{
	struct kin_stream **at = &k->streams;
	while (*at && compare(*at, s) < 0)
		at = &(*at)->next;
	s->next = *at;
	*at = s;
}

static bool id_taken(const struct kinesis *k, int64_t id)
{
	if (kin_going(k, id))
		return true;
	for (const struct kin_stream *s = k->streams; s; s = s->next)
		if (s->id == id)
			return true;
	return false;
}

/* Ids count up, and begin again when they are used up. */
static int64_t new_id(struct kinesis *k)
{
	do
		k->next_id = k->next_id < KIN_STREAM_ID_MAX ? k->next_id + 1 : 1;
	while (id_taken(k, k->next_id));
	return k->next_id;
}

struct kin_stream *kin_make(struct kinesis *k, struct slice account, struct slice region, struct slice name, size_t shards, bool on_demand,
			    int64_t now_ms)
{
	struct kin_stream *s = xcalloc(1, sizeof(*s));
	s->id = new_id(k);
	s->name = xstrndup(name.p, name.n);
	s->account = xstrndup(account.p, account.n);
	s->region = xstrndup(region.p, region.n);
	s->created_ms = now_ms;
	s->on_demand = on_demand;
	s->retention_h = KIN_RETENTION_H;
	s->record_kib = 1024;
	s->status = k->delay_ms ? KIN_CREATING : KIN_ACTIVE;
	s->ready_ms = now_ms + k->delay_ms;
	/* n shards: floor(2^128 / n) each, the last one what is left. */
	kin_hash each = shards > 1 ? KIN_HASH_MAX / shards + (KIN_HASH_MAX % shards == shards - 1) : 0;
	for (size_t i = 0; i < shards; i++)
		kin_add_shard(s, each * i, i + 1 < shards ? each * (i + 1) - 1 : KIN_HASH_MAX, now_ms / 1000, now_ms);
	kin_insert(k, s);
	return s;
}

void kin_tag_set(struct kin_tags *t, struct slice key, struct slice value)
{
	size_t i = 0;
	while (i < t->n && sl_cmp(t->at[i].key, key) < 0)
		i++;
	if (i < t->n && sl_eq(t->at[i].key, key)) {
		free((char *)t->at[i].value.p);
	} else {
		t->at = xrealloc(t->at, (t->n + 1) * sizeof(*t->at));
		memmove(t->at + i + 1, t->at + i, (t->n++ - i) * sizeof(*t->at));
		t->at[i].key = sl_of(xstrndup(key.p, key.n), key.n);
	}
	t->at[i].value = sl_of(xstrndup(value.p, value.n), value.n);
}

static void kin_tags_free(struct kin_tags *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free((char *)t->at[i].key.p);
		free((char *)t->at[i].value.p);
	}
	free(t->at);
}

void kin_consumer_free(struct kin_consumer *c)
{
	free(c->name);
	free(c->policy);
	kin_tags_free(&c->tags);
}

void kin_stream_free(struct kin_stream *s)
{
	for (size_t i = 0; i < s->consumer_n; i++)
		kin_consumer_free(&s->consumers[i]);
	free(s->consumers);
	free(s->shards);
	free(s->name);
	free(s->account);
	free(s->region);
	free(s->key_id);
	free(s->policy);
	kin_tags_free(&s->tags);
	free(s);
}

int kin_drop(struct kinesis *k, struct kin_stream *s, struct error *err)
{
	for (struct kin_stream **at = &k->streams; *at; at = &(*at)->next) {
		if (*at == s) {
			*at = s->next;
			break;
		}
	}
	int rc = kin_store_drop(&k->db, s->id, err);
	kin_goes(k, s->id);
	kin_sweep(k);
	kin_stream_free(s);
	return rc;
}

int kin_settle(struct kinesis *k, int64_t now_ms, struct error *err)
{
	int rc = 0;
	for (struct kin_stream *s = k->streams, *next; s && !rc; s = next) {
		next = s->next;
		if (s->status == KIN_ACTIVE || s->ready_ms > now_ms)
			continue;
		if (s->status == KIN_DELETING) {
			rc = kin_drop(k, s, err);
		} else {
			s->status = KIN_ACTIVE;
			rc = kin_save(k, s, err);
		}
	}
	return rc;
}

int kin_save(struct kinesis *k, struct kin_stream *s, struct error *err)
{
	return kin_keep_stream(&k->db, s, err);
}

int kin_updated(struct kinesis *k, struct kin_stream *s, int64_t now_ms, struct error *err)
{
	if (k->delay_ms) {
		s->status = KIN_UPDATING;
		s->ready_ms = now_ms + k->delay_ms;
	}
	return kin_save(k, s, err);
}
