/* SplitShard, MergeShards, UpdateShardCount, UpdateStreamMode. */
#include "kinesis/kinesis.h"

#include <stdlib.h>
#include <string.h>

static int shard_named(struct kin_call *c, struct kin_stream *s, const char *member, struct kin_shard **out)
{
	struct slice id = kin_str(c, member);
	int rc = kin_shard_id(c, id, sl(s->name), &id);
	if (rc)
		return rc;
	*out = kin_shard_of(s, id);
	if (!*out || kin_shard_gone(s, *out, c->now_ms))
		return kin_fail(c, KIN_E_NOT_FOUND, "Could not find shard %.*s in stream %s under account %.*s.", SL(id), s->name, SL(c->account));
	return 0;
}

static int must_be_open(struct kin_call *c, const struct kin_stream *s, const struct kin_shard *sh)
{
	if (!sh->closed_ms)
		return 0;
	return kin_fail(c, KIN_E_ARGUMENT, "Shard shardId-%012u in stream %s under account %.*s has already been merged or split, and thus is not eligible for merging or splitting.",
			sh->ix, s->name, SL(c->account));
}

int kin_op_split(struct kin_call *c)
{
	struct kin_stream *s;
	struct kin_shard *sh;
	struct slice text = kin_str(c, "NewStartingHashKey");
	kin_hash at;
	char lo[KIN_HASH_TEXT], hi[KIN_HASH_TEXT];
	int rc = kin_active_of(c, &s);
	if (rc || (rc = shard_named(c, s, "ShardToSplit", &sh)) || (rc = must_be_open(c, s, sh)))
		return rc;
	if (!kin_hash_parse(text, &at) || at <= sh->lo + 1 || at >= sh->hi) {
		kin_hash_text(sh->lo, lo);
		kin_hash_text(sh->hi, hi);
		return kin_fail(c, KIN_E_ARGUMENT, "NewStartingHashKey %.*s used in SplitShard() on shard shardId-%012u in stream %s under account %.*s is not both greater than one plus the shard's StartingHashKey %s and less than the shard's EndingHashKey %s.",
				SL(text), sh->ix, s->name, SL(c->account), lo, hi);
	}
	if ((int64_t)c->k->shard_n >= c->k->shard_limit)
		return kin_fail(c, KIN_E_LIMIT, "This request would exceed the shard limit for the account %.*s in %.*s. Current shard count for the account: %zu. Limit: %lld. Number of additional shards that would have resulted from this request: 1. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.",
				SL(c->account), SL(c->region), c->k->shard_n, (long long)c->k->shard_limit);
	if ((rc = kin_shard_room(c, s, 2)))
		return rc;
	kin_split(c->k, s, sh, at, c->now_ms);
	return kin_updated(c, s);
}

/* The last hash key has no next one. */
static bool follows(const struct kin_shard *a, const struct kin_shard *b)
{
	return a->hi != KIN_HASH_MAX && a->hi + 1 == b->lo;
}

int kin_op_merge(struct kin_call *c)
{
	struct kin_stream *s;
	struct kin_shard *a, *b;
	int rc = kin_active_of(c, &s);
	if (rc || (rc = shard_named(c, s, "ShardToMerge", &a)) || (rc = shard_named(c, s, "AdjacentShardToMerge", &b)) || (rc = must_be_open(c, s, a)) ||
	    (rc = must_be_open(c, s, b)))
		return rc;
	if (!follows(a, b) && !follows(b, a))
		return kin_fail(c, KIN_E_ARGUMENT, "Shards shardId-%012u and shardId-%012u in stream %s under account %.*s are not an adjacent pair of shards eligible for merging",
				a->ix, b->ix, s->name, SL(c->account));
	if ((rc = kin_shard_room(c, s, 1)))
		return rc;
	kin_merge(c->k, s, a, b, c->now_ms);
	return kin_updated(c, s);
}

/* ---- UpdateShardCount: uniform ranges by splits and merges ---- */

static struct kin_shard *open_at(struct kin_stream *s, kin_hash lo)
{
	return kin_route(s, lo);
}

/* Cuts at every boundary of the wanted ranges, then joins what lies within one. */
static void reshape(struct kinesis *k, struct kin_stream *s, size_t n, int64_t now_ms)
{
	kin_hash each = n > 1 ? KIN_HASH_MAX / n + (KIN_HASH_MAX % n == n - 1) : 0;
	for (size_t i = 1; i < n; i++) {
		struct kin_shard *sh = open_at(s, each * i);
		if (sh->lo != each * i)
			kin_split(k, s, sh, each * i, now_ms);
	}
	for (size_t i = 0; i < n; i++) {
		kin_hash lo = each * i, hi = i + 1 < n ? each * (i + 1) - 1 : KIN_HASH_MAX;
		for (;;) {
			struct kin_shard *a = open_at(s, lo);
			if (a->hi >= hi)
				break;
			kin_merge(k, s, a, open_at(s, a->hi + 1), now_ms);
		}
	}
}

/* limits = aws: ten times in 24 hours. */
static int rescales_left(struct kin_call *c, struct kin_stream *s)
{
	const int64_t day_ms = 24 * 3600 * 1000;
	if (!c->k->limits)
		return 0;
	if (s->rescaled_ms[0] && c->now_ms - s->rescaled_ms[0] < day_ms)
		return kin_fail(c, KIN_E_LIMIT, "UpdateShardCount cannot be called on stream %s under account %.*s more than %d times in 24 hours.", s->name,
				SL(c->account), KIN_RESCALES);
	memmove(s->rescaled_ms, s->rescaled_ms + 1, sizeof(s->rescaled_ms) - sizeof(s->rescaled_ms[0]));
	s->rescaled_ms[KIN_RESCALES - 1] = c->now_ms;
	return 0;
}

int kin_op_shard_count(struct kin_call *c)
{
	struct kin_stream *s;
	int64_t target = kin_int(c, "TargetShardCount", 0);
	int rc = kin_active_of(c, &s);
	if (rc)
		return rc;
	size_t now = kin_open_shards(s);
	if (s->on_demand)
		return kin_fail(c, KIN_E_VALIDATION, "Request is invalid. Stream %s under account %.*s is in On-Demand mode.", s->name, SL(c->account));
	if (target > (int64_t)now * 2)
		return kin_fail(c, KIN_E_LIMIT, "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: %zu Target shard count: %lld", now, (long long)target);
	if (target * 2 < (int64_t)now)
		return kin_fail(c, KIN_E_LIMIT, "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: %zu Target shard count: %lld", now, (long long)target);
	if ((rc = rescales_left(c, s)) || (rc = kin_shard_room(c, s, 2 * (size_t)target + 2 * kin_open_shards(s))))
		return rc;
	reshape(c->k, s, (size_t)target, c->now_ms);
	buf_addf(c->out, "{\"StreamName\":\"%s\",\"CurrentShardCount\":%zu,\"TargetShardCount\":%lld,\"StreamARN\":\"", s->name, now, (long long)target);
	kin_stream_arn(c, s, c->out);
	buf_adds(c->out, "\"}");
	return kin_updated(c, s);
}

int kin_op_mode(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_active_of(c, &s);
	if (rc)
		return rc;
	s->on_demand = sl_eqs(sl(json_string_value(json_object_get(json_object_get(c->in, "StreamModeDetails"), "StreamMode"))), "ON_DEMAND");
	return kin_updated(c, s);
}
