/* SplitShard, MergeShards, UpdateShardCount, UpdateStreamMode. */
#include "kinesis/kinesis.h"

static int open_shard(const struct kin_in *in, struct slice id, struct kin_shard **out, struct error *err)
{
	struct kin_stream *s = in->s;
	int rc = kin_shard_id(in, id, sl(s->name), &id, err);
	if (rc)
		return rc;
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
	if ((rc = open_shard(in, in->shard, &sh, err)) || (rc = must_be_open(in, sh, err)))
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
	if ((rc = open_shard(in, in->shard, &a, err)) || (rc = open_shard(in, in->other_shard, &b, err)) || (rc = must_be_open(in, a, err)) ||
	    (rc = must_be_open(in, b, err)))
		return rc;
	if (!follows(a, b) && !follows(b, a))
		return kin_fail(err, KIN_E_ARGUMENT,
				"Shards shardId-%012u and shardId-%012u in stream %s under account %.*s are not an adjacent pair of shards eligible for "
				"merging",
				a->ix, b->ix, in->s->name, SL(in->account));
	if ((rc = kin_shard_room(in, 1, err)))
		return rc;
	kin_merge(k, in->s, a, b, in->now_ms);
	return 0;
}

/* ---- UpdateShardCount: uniform ranges by splits and merges ---- */

/* Cuts at every boundary of the wanted ranges, then joins what lies within one. */
static void reshape(struct kinesis *k, struct kin_stream *s, size_t n, int64_t now_ms)
{
	kin_hash each = n > 1 ? KIN_HASH_MAX / n + (KIN_HASH_MAX % n == n - 1) : 0;
	for (size_t i = 1; i < n; i++) {
		struct kin_shard *sh = kin_route(s, each * i);
		if (sh->lo != each * i)
			kin_split(k, s, sh, each * i, now_ms);
	}
	for (size_t i = 0; i < n; i++) {
		kin_hash lo = each * i, hi = i + 1 < n ? each * (i + 1) - 1 : KIN_HASH_MAX;
		for (;;) {
			struct kin_shard *a = kin_route(s, lo);
			if (a->hi >= hi)
				break;
			kin_merge(k, s, a, kin_route(s, a->hi + 1), now_ms);
		}
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
	if ((rc = rescales_left(k, in, err)) || (rc = kin_shard_room(in, 2 * target + 2 * now, err)))
		return rc;
	reshape(k, in->s, target, in->now_ms);
	out->before = now;
	return 0;
}

int kin_mode(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	in->s->on_demand = sl_eqs(in->mode, "ON_DEMAND");
	return 0;
}
