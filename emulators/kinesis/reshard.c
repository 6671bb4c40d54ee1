/* SplitShard, MergeShards, UpdateShardCount, UpdateStreamMode. */
#include "kinesis/kinesis.h"

/* A bad number counts before anything is looked up; *id becomes the long form. */
static int check_id(const struct kin_in *in, struct slice *id, struct error *err)
{
	struct slice name = in->stream, consumer;
	if (!name.p)
		kin_arn_names(in->stream_arn, &name, &consumer);
	return kin_shard_id(in, *id, name, id, err);
}

static int open_shard(const struct kin_in *in, struct slice id, struct kin_shard **out, struct error *err)
{
	struct kin_stream *s = in->s;
	*out = kin_shard_of(s, id);
	if (!*out || kin_shard_gone(s, *out, in->now_ms))
		return kin_fail(err, KIN_E_NOT_FOUND, "Could not find shard %.*s in stream %s under account %.*s.", SL(id), s->name, SL(in->account));
	return 0;
}

static int must_be_open(const struct kin_in *in, const struct kin_shard *sh, struct error *err)
{
	if (!sh->closed_ms)
		return 0;
	return kin_fail(err, KIN_E_ARGUMENT,
			"Shard shardId-%012u in stream %s under account %.*s has already been merged or split, and thus is not eligible for merging or "
			"splitting.",
			sh->ix, in->s->name, SL(in->account));
}

int kin_split_shard(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	struct kin_shard *sh;
	kin_hash at;
	char lo[KIN_HASH_TEXT], hi[KIN_HASH_TEXT];
	int rc;
	if ((rc = check_id(in, &in->shard, err)) || (rc = kin_need(k, KIN_ACTIVE_STREAM, in, err)) ||
	    (rc = open_shard(in, in->shard, &sh, err)) || (rc = must_be_open(in, sh, err)))
		return rc;
	if (!kin_hash_parse(in->hash_key, &at) || at <= sh->lo + 1 || at >= sh->hi) {
		kin_hash_text(sh->lo, lo);
		kin_hash_text(sh->hi, hi);
		return kin_fail(err, KIN_E_ARGUMENT,
				"NewStartingHashKey %.*s used in SplitShard() on shard shardId-%012u in stream %s under account %.*s is not both greater than "
				"one plus the shard's StartingHashKey %s and less than the shard's EndingHashKey %s.",
				SL(in->hash_key), sh->ix, in->s->name, SL(in->account), lo, hi);
	}
	if ((rc = kin_shard_limit(k, in, 1, err)) || (rc = kin_shard_room(in, 2, err)))
		return rc;
	kin_split(k, in->s, sh, at, in->now_ms);
	return 0;
}

/* The last hash key has no next one. */
static bool follows(const struct kin_shard *a, const struct kin_shard *b)
{
	return a->hi != KIN_HASH_MAX && a->hi + 1 == b->lo;
}

int kin_merge_shards(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	struct kin_shard *a, *b;
	int rc;
	if ((rc = check_id(in, &in->shard, err)) || (rc = check_id(in, &in->other_shard, err)) ||
	    (rc = kin_need(k, KIN_ACTIVE_STREAM, in, err)) || (rc = open_shard(in, in->shard, &a, err)) || (rc = open_shard(in, in->other_shard, &b, err)) || (rc = must_be_open(in, a, err)) ||
	    (rc = must_be_open(in, b, err)))
		return rc;
	if (!follows(a, b))
		return kin_fail(err, KIN_E_ARGUMENT,
				"Shards shardId-%012u and shardId-%012u in stream %s under account %.*s are not an adjacent pair of shards eligible for "
				"merging",
				a->ix, b->ix, in->s->name, SL(in->account));
	if ((rc = kin_shard_room(in, 1, err)))
		return rc;
	kin_merge(k, in->s, a, b, in->now_ms);
	return 0;
}

/* ---- UpdateShardCount: as the service's own numbers of shards tell, up splits every open shard and then merges, down only merges ---- */

static int by_range(const void *a, const void *b)
{
	const struct kin_shard *x = *(struct kin_shard *const *)a, *y = *(struct kin_shard *const *)b;
	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* The numbers of the open shards, by their ranges. */
static size_t open_by_range(struct kin_stream *s, struct arena *a, uint32_t **out)
{
	struct kin_shard **list = arena_alloc(a, (s->shard_n + 1) * sizeof(*list));
	size_t n = 0;
	for (size_t i = 0; i < s->shard_n; i++)
		if (!s->shards[i].closed_ms)
			list[n++] = &s->shards[i];
	qsort(list, n, sizeof(*list), by_range);
	*out = arena_alloc(a, (n + 1) * sizeof(**out));
	for (size_t i = 0; i < n; i++)
		(*out)[i] = list[i]->ix;
	return n;
}

static void split_all(struct kinesis *k, struct kin_in *in)
{
	struct kin_stream *s = in->s;
	uint32_t *open;
	size_t n = open_by_range(s, in->arena, &open);
	for (size_t i = 0; i < n; i++) {
		struct kin_shard *sh = &s->shards[open[i]];
		if (sh->lo != sh->hi)
			kin_split(k, s, sh, sh->lo + (sh->hi - sh->lo) / 2 + 1, in->now_ms);
	}
}

/* Of n neighbours n - target pairs become one each, spread evenly; target is at least half of n. */
static void merge_to(struct kinesis *k, struct kin_in *in, size_t target)
{
	struct kin_stream *s = in->s;
	uint32_t *open;
	size_t n = open_by_range(s, in->arena, &open);
	for (size_t i = 0; i < target && target < n; i++) {
		size_t from = i * n / target;
		if ((i + 1) * n / target - from > 1)
			kin_merge(k, s, &s->shards[open[from]], &s->shards[open[from + 1]], in->now_ms);
	}
}

/* limits = aws: ten times in 24 hours. */
static int rescales_left(const struct kinesis *k, const struct kin_in *in, struct error *err)
{
	const int64_t day_ms = 24 * 3600 * 1000;
	struct kin_stream *s = in->s;
	if (!k->limits)
		return 0;
	if (s->rescaled_ms[0] && in->now_ms - s->rescaled_ms[0] < day_ms)
		return kin_fail(err, KIN_E_LIMIT, "UpdateShardCount cannot be called on stream %s under account %.*s more than %d times in 24 hours.", s->name,
				SL(in->account), KIN_RESCALES);
	memmove(s->rescaled_ms, s->rescaled_ms + 1, sizeof(s->rescaled_ms) - sizeof(s->rescaled_ms[0]));
	s->rescaled_ms[KIN_RESCALES - 1] = in->now_ms;
	return 0;
}

int kin_shard_count(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	size_t now = kin_open_shards(in->s), target = (size_t)in->count;
	int rc;
	if (in->s->on_demand)
		return kin_fail(err, KIN_E_VALIDATION, "Request is invalid. Stream %s under account %.*s is in On-Demand mode.", in->s->name, SL(in->account));
	if (target > now * 2 || target * 2 < now)
		return kin_fail(err, KIN_E_LIMIT,
				"UpdateShardCount cannot scale %s your current open shard count. Current open shard count: %zu Target shard count: %zu",
				target > now ? "up over double" : "down below half", now, target);
	if ((rc = rescales_left(k, in, err)) || (rc = kin_shard_room(in, target > now ? 4 * now - target : now - target, err)))
		return rc;
	if (target > now)
		split_all(k, in);
	merge_to(k, in, target);
	out->before = now;
	return 0;
}

int kin_mode(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	in->s->on_demand = sl_eqs(in->mode, "ON_DEMAND");
	return 0;
}
