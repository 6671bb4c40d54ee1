/* Streams, shards, their states and how they are kept. */
#include "kinesis/kinesis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kin_stream *kin_find(struct kinesis *k, struct slice name)
{
	for (struct kin_stream *s = k->streams; s; s = s->next)
		if (sl_eqs(name, s->name))
			return s;
	return NULL;
}

/* ---- naming ---- */

void kin_stream_arn(const struct kin_call *c, const struct kin_stream *s, struct buf *out)
{
	buf_addf(out, "arn:aws:kinesis:%.*s:%.*s:stream/%s", SL(c->region), SL(c->account), s->name);
}

/* "arn:aws:kinesis:us-east-1:000000000000:stream/NAME/consumer/…": NAME. */
static struct slice name_in_arn(struct slice arn)
{
	ssize_t at = sl_find(arn, S(":stream/"));
	struct slice name, rest;
	if (at < 0)
		return sl(NULL);
	sl_cut(sl_of(arn.p + at + 8, arn.n - (size_t)at - 8), '/', &name, &rest);
	return name;
}

int kin_stream_of(struct kin_call *c, struct kin_stream **out)
{
	struct slice name = kin_str(c, "StreamName"), arn = kin_str(c, "StreamARN");
	if (!arn.p)
		arn = kin_str(c, "ResourceARN");
	if (!name.p && !arn.p)
		return kin_fail(c, KIN_E_VALIDATION,
				"1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null");
	if (!name.p)
		name = name_in_arn(arn);
	*out = kin_find(c->k, name);
	if (!*out)
		return kin_fail(c, KIN_E_NOT_FOUND, "Stream %.*s under account %.*s not found.", SL(name), SL(c->account));
	return 0;
}

static const char *const status_names[] = { [KIN_CREATING] = "CREATING", [KIN_DELETING] = "DELETING", [KIN_ACTIVE] = "ACTIVE",
					    [KIN_UPDATING] = "UPDATING" };

int kin_active_of(struct kin_call *c, struct kin_stream **out)
{
	int rc = kin_stream_of(c, out);
	if (rc || (*out)->status == KIN_ACTIVE)
		return rc;
	return kin_fail(c, KIN_E_IN_USE, "Stream %s under account %.*s not ACTIVE, instead in state %s", (*out)->name, SL(c->account),
			status_names[(*out)->status]);
}

/* ---- shards ---- */

bool kin_shard_number(struct slice id, uint32_t *out)
{
	int64_t n;
	if (sl_starts(id, S("shardId-")))
		id = sl_of(id.p + 8, id.n - 8);
	if (!sl_int(id, 0, INT32_MAX, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

int kin_shard_id(struct kin_call *c, struct slice id, struct slice stream, struct slice *out)
{
	uint32_t n;
	if (!kin_shard_number(id, &n))
		return kin_fail(c, KIN_E_NOT_FOUND, "Could not find shard %.*s in stream %.*s under account %.*s.", SL(id), SL(stream), SL(c->account));
	*out = arena_printf(c->arena, "shardId-%012u", n);
	return 0;
}

struct kin_shard *kin_shard_of(struct kin_stream *s, struct slice id)
{
	uint32_t n;
	return kin_shard_number(id, &n) && n < s->shard_n ? &s->shards[n] : NULL;
}

int kin_shard_room(struct kin_call *c, const struct kin_stream *s, size_t n)
{
	if (s->shard_n + n <= KIN_SHARD_MAX + 1)
		return 0;
	return kin_fail(c, KIN_E_LIMIT, "Stream %s under account %.*s has had %zu shards, and here a stream can't have more than %d in its life.",
			s->name, SL(c->account), s->shard_n, KIN_SHARD_MAX + 1);
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

static struct kin_shard *add_shard(struct kin_stream *s, kin_hash lo, kin_hash hi, int64_t create_s, int64_t now_ms)
{
	s->shards = xrealloc(s->shards, (s->shard_n + 1) * sizeof(*s->shards));
	struct kin_shard *sh = &s->shards[s->shard_n];
	*sh = (struct kin_shard){ .ix = (uint32_t)s->shard_n++, .lo = lo, .hi = hi, .create_s = create_s, .created_ms = now_ms,
				  .parent = -1, .adjacent = -1 };
	return sh;
}

static void close_shard(struct kin_stream *s, size_t ix, int64_t now_ms)
{
	s->shards[ix].closed_ms = now_ms;
	s->shards[ix].end_index = s->next_index++;
}

void kin_split(struct kinesis *k, struct kin_stream *s, struct kin_shard *sh, kin_hash at, int64_t now_ms)
{
	size_t parent = sh->ix;
	kin_hash lo = sh->lo, hi = sh->hi;
	close_shard(s, parent, now_ms);
	add_shard(s, lo, at - 1, now_ms / 1000 + 1, now_ms)->parent = (int64_t)parent;
	add_shard(s, at, hi, now_ms / 1000 + 1, now_ms)->parent = (int64_t)parent;
	k->shard_n++;
}

void kin_merge(struct kinesis *k, struct kin_stream *s, struct kin_shard *a, struct kin_shard *b, int64_t now_ms)
{
	size_t one = a->ix, two = b->ix;
	kin_hash lo = a->lo < b->lo ? a->lo : b->lo, hi = a->hi > b->hi ? a->hi : b->hi;
	close_shard(s, one, now_ms);
	close_shard(s, two, now_ms);
	struct kin_shard *child = add_shard(s, lo, hi, now_ms / 1000 + 1, now_ms);
	child->parent = (int64_t)one;
	child->adjacent = (int64_t)two;
	k->shard_n--;
}

void kin_start_seq(const struct kin_shard *sh, char out[KIN_SEQ_TEXT])
{
	kin_seq_text(&(struct kin_seq){ sh->create_s, 0, sh->create_s, sh->ix }, out);
}

void kin_end_seq(const struct kin_shard *sh, char out[KIN_SEQ_TEXT])
{
	kin_seq_text(&(struct kin_seq){ sh->create_s, INT64_MAX, sh->closed_ms / 1000, sh->ix }, out);
}

void kin_put_shard(struct buf *out, const struct kin_shard *sh)
{
	char text[KIN_SEQ_TEXT];
	buf_addf(out, "{\"ShardId\":\"shardId-%012u\"", sh->ix);
	if (sh->parent >= 0)
		buf_addf(out, ",\"ParentShardId\":\"shardId-%012lld\"", (long long)sh->parent);
	if (sh->adjacent >= 0)
		buf_addf(out, ",\"AdjacentParentShardId\":\"shardId-%012lld\"", (long long)sh->adjacent);
	kin_hash_text(sh->lo, text);
	buf_addf(out, ",\"HashKeyRange\":{\"StartingHashKey\":\"%s\"", text);
	kin_hash_text(sh->hi, text);
	buf_addf(out, ",\"EndingHashKey\":\"%s\"}", text);
	kin_start_seq(sh, text);
	buf_addf(out, ",\"SequenceNumberRange\":{\"StartingSequenceNumber\":\"%s\"", text);
	if (sh->closed_ms) {
		kin_end_seq(sh, text);
		buf_addf(out, ",\"EndingSequenceNumber\":\"%s\"", text);
	}
	buf_adds(out, "}}");
}

/* ---- streams ---- */

void kin_insert(struct kinesis *k, struct kin_stream *s)
{
	struct kin_stream **at = &k->streams;
	while (*at && strcmp((*at)->name, s->name) < 0)
		at = &(*at)->next;
	s->next = *at;
	*at = s;
	k->shard_n += kin_open_shards(s);
}

static bool id_taken(const struct kinesis *k, int64_t id)
{
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

struct kin_stream *kin_make(struct kinesis *k, struct slice name, size_t shards, bool on_demand, int64_t now_ms)
{
	struct kin_stream *s = xcalloc(1, sizeof(*s));
	s->id = new_id(k);
	s->name = xstrndup(name.p, name.n);
	s->created_ms = now_ms;
	s->on_demand = on_demand;
	s->retention_h = KIN_RETENTION_H;
	s->record_kib = 1024;
	s->tags = json_object();
	s->metrics = json_array();
	s->next_index = 1;
	s->status = k->delay_ms ? KIN_CREATING : KIN_ACTIVE;
	s->ready_ms = now_ms + k->delay_ms;
	/* n shards: floor(2^128 / n) each, the last one what is left. */
	kin_hash each = shards > 1 ? KIN_HASH_MAX / shards + (KIN_HASH_MAX % shards == shards - 1) : 0;
	for (size_t i = 0; i < shards; i++)
		add_shard(s, each * i, i + 1 < shards ? each * (i + 1) - 1 : KIN_HASH_MAX, now_ms / 1000, now_ms);
	kin_insert(k, s);
	return s;
}

static void consumer_free(struct kin_consumer *c)
{
	free(c->name);
	free(c->policy);
	json_decref(c->tags);
}

void kin_stream_free(struct kin_stream *s)
{
	for (size_t i = 0; i < s->consumer_n; i++)
		consumer_free(&s->consumers[i]);
	free(s->consumers);
	free(s->shards);
	free(s->name);
	free(s->key_id);
	free(s->policy);
	json_decref(s->tags);
	json_decref(s->metrics);
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
	k->shard_n -= kin_open_shards(s);
	int rc = kin_store_drop(&k->store, s->id, err);
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

int kin_updated(struct kin_call *c, struct kin_stream *s)
{
	if (c->k->delay_ms) {
		s->status = KIN_UPDATING;
		s->ready_ms = c->now_ms + c->k->delay_ms;
	}
	kin_notify(c->k, s, c->now_ms); /* shards may have ended */
	return kin_save(c->k, s, c->err);
}

struct kin_consumer *kin_consumer_find(struct kin_stream *s, struct slice name)
{
	for (size_t i = 0; i < s->consumer_n; i++)
		if (sl_eqs(name, s->consumers[i].name))
			return &s->consumers[i];
	return NULL;
}

/* ---- the document ---- */

static json_t *shard_doc(const struct kin_shard *sh)
{
	char lo[KIN_HASH_TEXT], hi[KIN_HASH_TEXT];
	kin_hash_text(sh->lo, lo);
	kin_hash_text(sh->hi, hi);
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "lo", lo, "hi", hi, "create", (json_int_t)sh->create_s, "created",
			 (json_int_t)sh->created_ms, "closed", (json_int_t)sh->closed_ms, "end", (json_int_t)sh->end_index, "parent",
			 (json_int_t)sh->parent, "adjacent", (json_int_t)sh->adjacent);
}

json_t *kin_stream_doc(const struct kin_stream *s)
{
	json_t *shards = json_array(), *consumers = json_array();
	for (size_t i = 0; i < s->shard_n; i++)
		json_array_append_new(shards, shard_doc(&s->shards[i]));
	for (size_t i = 0; i < s->consumer_n; i++)
		json_array_append_new(consumers, json_pack("{s:s, s:I, s:s?, s:O?}", "name", s->consumers[i].name, "created",
							   (json_int_t)s->consumers[i].created_ms, "policy", s->consumers[i].policy,
							   "tags", s->consumers[i].tags));
	return json_pack("{s:s, s:I, s:I, s:i, s:b, s:I, s:I, s:I, s:s?, s:s?, s:O, s:O, s:o, s:o}", "name", s->name, "created",
			 (json_int_t)s->created_ms, "ready", (json_int_t)s->ready_ms, "status", (int)s->status, "demand", s->on_demand,
			 "retention", (json_int_t)s->retention_h, "record_kib", (json_int_t)s->record_kib, "warm",
			 (json_int_t)s->warm_mibps, "key", s->key_id, "policy",
			 s->policy, "tags", s->tags, "metrics", s->metrics, "shards", shards, "consumers", consumers);
}

int kin_save(struct kinesis *k, struct kin_stream *s, struct error *err)
{
	json_t *doc = kin_stream_doc(s);
	char *text = json_dumps(doc, JSON_COMPACT);
	int rc = text ? kin_store_stream(&k->store, s->id, text, err) : err_set(err, ERR_INTERNAL, "a stream can't be written");
	free(text);
	json_decref(doc);
	return rc;
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? xstrdup(s) : NULL;
}

static void read_shards(struct kin_stream *s, const json_t *list)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one) {
		kin_hash lo = 0, hi = 0;
		(void)kin_hash_parse(sl(json_string_value(json_object_get(one, "lo"))), &lo);
		(void)kin_hash_parse(sl(json_string_value(json_object_get(one, "hi"))), &hi);
		struct kin_shard *sh = add_shard(s, lo, hi, number(one, "create"), number(one, "created"));
		sh->closed_ms = number(one, "closed");
		sh->end_index = (uint64_t)number(one, "end");
		sh->parent = number(one, "parent");
		sh->adjacent = number(one, "adjacent");
	}
}

struct kin_stream *kin_stream_of_doc(int64_t id, const json_t *doc)
{
	struct kin_stream *s = xcalloc(1, sizeof(*s));
	size_t i;
	json_t *one;
	s->id = id;
	s->name = text_of(doc, "name");
	s->created_ms = number(doc, "created");
	s->ready_ms = number(doc, "ready");
	s->status = (enum kin_status)number(doc, "status");
	s->on_demand = json_is_true(json_object_get(doc, "demand"));
	s->retention_h = number(doc, "retention");
	s->record_kib = number(doc, "record_kib");
	s->warm_mibps = s->warm_before = number(doc, "warm");
	s->key_id = text_of(doc, "key");
	s->policy = text_of(doc, "policy");
	s->tags = json_deep_copy(json_object_get(doc, "tags"));
	s->metrics = json_deep_copy(json_object_get(doc, "metrics"));
	read_shards(s, json_object_get(doc, "shards"));
	json_array_foreach(json_object_get(doc, "consumers"), i, one) {
		s->consumers = xrealloc(s->consumers, (s->consumer_n + 1) * sizeof(*s->consumers));
		s->consumers[s->consumer_n++] = (struct kin_consumer){ .name = text_of(one, "name"), .created_ms = number(one, "created"),
								       .policy = text_of(one, "policy"),
								       .tags = json_deep_copy(json_object_get(one, "tags")) };
	}
	return s;
}
