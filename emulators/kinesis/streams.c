/* Rules of streams: make, delete, list, shards by a filter, retention, encryption, monitoring. */
#include "core/adopt.h"
#include "kinesis/kinesis.h"

/* ---- make and delete ---- */

int kin_create(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	bool on_demand = in->mode.p ? sl_eqs(in->mode, "ON_DEMAND") : in->count < 0;
	int64_t shards = on_demand ? KIN_ON_DEMAND_SHARDS : in->count;
	int rc;
	if (!on_demand && shards < 1)
		return kin_fail(err, KIN_E_VALIDATION, "ShardCount is required for a stream in PROVISIONED mode");
	if (on_demand && in->count >= 0)
		return kin_fail(err, KIN_E_VALIDATION, "ShardCount must not be set for a stream in ON_DEMAND mode");
	if (kin_find(k, in->account, in->region, in->stream))
		return kin_fail(err, KIN_E_IN_USE, "Stream %.*s under account %.*s already exists.", SL(in->stream), SL(in->account));
	rc = kin_shard_limit(k, in, (size_t)shards, err);
	if (!rc && in->warm_mibps >= 0)
		rc = kin_warm_allowed(k, in, in->stream, on_demand, err);
	if (rc)
		return rc;
	in->s = kin_make(k, in->account, in->region, in->stream, (size_t)shards, on_demand, in->now_ms);
	for (size_t i = 0; i < in->tags.n; i++)
		kin_tag_set(&in->s->tags, in->tags.at[i].key, in->tags.at[i].value);
	in->s->warm_mibps = in->warm_mibps < 0 ? 0 : in->warm_mibps;
	if (in->record_kib >= 0)
		in->s->record_kib = in->record_kib;
	return 0;
}

int kin_delete(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	if (in->s->consumer_n && !in->enforce)
		return kin_fail(err, KIN_E_IN_USE, "Stream %s under account %.*s has consumers. Deregister them, or set EnforceConsumerDeletion.", in->s->name,
				SL(in->account));
	adopt_gone(k->env->adopt, "streams", sl(in->s->name));
	if (!k->delay_ms)
		return kin_drop(k, in->s, err);
	in->s->status = KIN_DELETING;
	in->s->ready_ms = in->now_ms + k->delay_ms;
	return kin_save(k, in->s, err);
}

/* ---- lists ---- */

int kin_list(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	const struct kin_stream *s = kin_first(k, in);
	struct slice after = in->start_after;
	if (in->token.p && !arena_base64(in->arena, in->token, &after))
		return kin_fail(err, KIN_E_EXPIRED_TOKEN, "NextToken is invalid.");
	while (s && after.p && sl_cmp(sl(s->name), after) <= 0)
		s = kin_next(s);
	out->first = s;
	for (; s && (int64_t)out->n < (in->limit < 0 ? 100 : in->limit); s = kin_next(s))
		out->n++;
	out->more = s != NULL;
	return 0;
}

static bool wanted(const struct kin_in *in, const struct kin_shard *sh)
{
	const struct kin_stream *s = in->s;
	struct slice type = in->filter;
	int64_t horizon = kin_horizon(s, in->now_ms);
	uint32_t after;
	if (!type.p || sl_eqs(type, "FROM_TRIM_HORIZON"))
		return true;
	if (sl_eqs(type, "AT_LATEST"))
		return !sh->closed_ms;
	if (sl_eqs(type, "AT_TRIM_HORIZON"))
		return sh->created_ms <= (horizon > s->created_ms ? horizon : s->created_ms);
	if (sl_eqs(type, "AFTER_SHARD_ID"))
		return !in->filter_shard.p || !kin_shard_number(in->filter_shard, &after) || sh->ix > after;
	bool open_then = !sh->closed_ms || sh->closed_ms > in->filter_ms;
	return sl_eqs(type, "FROM_TIMESTAMP") ? open_then : open_then && sh->created_ms <= in->filter_ms;
}

static int start_after(const struct kin_in *in, int64_t *out, struct error *err)
{
	struct slice id = in->start_after;
	*out = -1;
	(void)sl_after(id, S("shardId-"), &id);
	if (!id.p || sl_int(id, 0, UINT32_MAX, out))
		return 0;
	return kin_fail(err, KIN_E_ARGUMENT, "ExclusiveStartShardId %.*s is not a shard id.", SL(in->start_after));
}

/* The shards after one of them that the filter wants, at most limit. */
static void choose(const struct kin_in *in, int64_t after, int64_t limit, struct kin_out *out)
{
	struct kin_stream *s = in->s;
	out->shards = arena_alloc(in->arena, (s->shard_n + 1) * sizeof(*out->shards));
	for (size_t i = (size_t)(after + 1); i < s->shard_n && !out->more; i++) {
		struct kin_shard *sh = &s->shards[i];
		if (kin_shard_gone(s, sh, in->now_ms) || !wanted(in, sh))
			continue;
		if ((int64_t)out->n == limit)
			out->more = true;
		else
			out->shards[out->n++] = sh;
	}
}

int kin_describe(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	int64_t after;
	int rc = start_after(in, &after, err);
	if (!rc && in->s->status != KIN_CREATING)
		choose(in, after, in->limit < 0 ? 100 : in->limit, out);
	return rc;
}

/* NextToken: base64 of "stream after made". */
static int read_token(const struct kin_in *in, struct slice *name, int64_t *after, struct error *err)
{
	struct slice raw, rest, one;
	int64_t made;
	if (!arena_base64(in->arena, in->token, &raw) || !sl_cut(raw, ' ', name, &rest) || !sl_cut(rest, ' ', &one, &rest) ||
	    !sl_int(one, 0, INT64_MAX, after) || !sl_int(rest, 0, INT64_MAX, &made))
		return kin_fail(err, KIN_E_ARGUMENT, "NextToken is invalid.");
	if (in->now_ms - made > KIN_ITERATOR_MS)
		return kin_fail(err, KIN_E_EXPIRED_TOKEN, "NextToken expired: it is older than %d milliseconds.", KIN_ITERATOR_MS);
	return 0;
}

int kin_list_shards(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	struct slice name;
	int64_t after;
	int rc;
	if (in->token.p && (in->stream.p || in->time_ms >= 0))
		return kin_fail(err, KIN_E_ARGUMENT, "NextToken and StreamName cannot be provided together.");
	if (!in->token.p && !in->stream.p && !in->stream_arn.p)
		return kin_fail(err, KIN_E_ARGUMENT, "Either NextToken or StreamName should be provided.");
	if (in->token.p) {
		if ((rc = read_token(in, &name, &after, err)))
			return rc;
		if (!(in->s = kin_find(k, in->account, in->region, name)))
			return kin_fail(err, KIN_E_NOT_FOUND, "Stream %.*s under account %.*s not found.", SL(name), SL(in->account));
	} else if ((rc = kin_need(k, KIN_A_STREAM, in, err)) || (rc = start_after(in, &after, err))) {
		return rc;
	}
	if (in->s->status == KIN_CREATING || in->s->status == KIN_DELETING)
		return kin_fail(err, KIN_E_IN_USE, "Stream %s under account %.*s not ACTIVE, instead in state %s", in->s->name, SL(in->account),
				kin_status_name(in->s->status));
	choose(in, after, in->limit < 0 ? 1000 : in->limit, out);
	return 0;
}

/* ---- settings of a stream ---- */

/* twin 1: increase, 0: decrease. */
int kin_retention(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	int64_t hours = in->count, now = in->s->retention_h;
	if (hours < KIN_RETENTION_H)
		return kin_fail(err, KIN_E_ARGUMENT, "Minimum allowed retention period is %d hours. Requested retention period (%lld hours) is too short.",
				KIN_RETENTION_H, (long long)hours);
	if (hours > KIN_RETENTION_MAX_H)
		return kin_fail(err, KIN_E_ARGUMENT, "Maximum allowed retention period is %d hours. Requested retention period (%lld hours) is too long.",
				KIN_RETENTION_MAX_H, (long long)hours);
	if (in->twin ? hours < now : hours > now)
		return kin_fail(err, KIN_E_ARGUMENT,
				"Requested retention period (%lld hours) for stream %s can not be %s than existing retention period (%lld hours). Use "
				"%sRetentionPeriod API.",
				(long long)hours, in->s->name, in->twin ? "shorter" : "longer", (long long)now, in->twin ? "Decrease" : "Increase");
	in->s->retention_h = hours;
	return 0;
}

/* DIFFERS: records of an encrypted stream lie on disk as they are; but its key must be usable to put and get them, where KMS runs
 * beside us. */
int kin_may_use_key(struct kinesis *k, struct kin_in *in, const struct kin_stream *s, struct slice key, struct error *err)
{
	const struct key_store *keys = &k->env->ports->keys;
	struct keys_ask ask = { s->account, s->region, "kinesis", key };
	struct error why = { 0 };
	struct slice arn;
	if (!key.p || !keys->self || !keys->find(keys->self, in->arena, &ask, &arn, &why))
		return 0;
	if (!why.def)
		return kin_fail(err, KIN_E_INTERNAL, "%s", why.text);
	return kin_fail(err, why.kind == ERR_NOT_FOUND ? KIN_E_KMS_NOT_FOUND : !strcmp(why.def->code, "DisabledException") ? KIN_E_KMS_DISABLED : KIN_E_KMS_STATE,
			"%s", why.text);
}

/* twin 1: start, 0: stop. */
int kin_encrypt(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	int rc = in->twin ? kin_may_use_key(k, in, in->s, in->key_id, err) : 0;
	if (rc)
		return rc;
	free(in->s->key_id);
	in->s->key_id = in->twin ? xstrndup(in->key_id.p, in->key_id.n) : NULL;
	return 0;
}

/* twin 1: enable, 0: disable. */
int kin_metrics(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	unsigned bits = 0;
	for (size_t i = 0; i < in->names.n; i++)
		for (size_t m = 0; m < KIN_METRICS; m++)
			if (sl_eqs(in->names.at[i], kin_metric_names[m]) || sl_eqs(in->names.at[i], "ALL"))
				bits |= 1u << m;
	out->metrics = in->s->metrics;
	in->s->metrics = in->twin ? out->metrics | bits : out->metrics & ~bits;
	return 0;
}

int kin_record_size(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	in->s->record_kib = in->record_kib < 0 ? 1024 : in->record_kib;
	return 0;
}
