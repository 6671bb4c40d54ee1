/* Answers: what a rule found -> JSON. */
#include "kinesis/wire.h"

/* ---- parts ---- */

static void put_time(struct buf *b, const char *name, int64_t ms)
{
	jw_key(b, sl(name));
	buf_addf(b, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
}

static void put_arn(struct buf *b, const char *name, const struct kin_in *in, const struct kin_stream *s)
{
	jw_fmt(b, name, "arn:aws:kinesis:%.*s:%.*s:stream/%s", SL(in->region), SL(in->account), s->name);
}

static void put_id(struct buf *b, const char *name, int64_t shard)
{
	jw_fmt(b, name, "shardId-%012lld", (long long)shard);
}

static void put_token(struct buf *b, const void *p, size_t n)
{
	jw_key(b, S("NextToken"));
	buf_addc(b, '"');
	buf_base64(b, p, n);
	buf_addc(b, '"');
}

static void put_mode(struct buf *b, const struct kin_stream *s)
{
	jw_obj(b, "StreamModeDetails");
	jw_text(b, "StreamMode", s->on_demand ? "ON_DEMAND" : "PROVISIONED");
	jw_obj_end(b);
}

static void put_metric_names(struct buf *b, const char *name, unsigned metrics)
{
	jw_list(b, name);
	for (size_t i = 0; i < KIN_METRICS; i++)
		if (metrics & 1u << i)
			jw_text(b, NULL, kin_metric_names[i]);
	jw_list_end(b);
}

static void put_range(struct buf *b, const struct kin_shard *sh)
{
	char text[KIN_HASH_TEXT];
	jw_obj(b, "HashKeyRange");
	kin_hash_text(sh->lo, text);
	jw_text(b, "StartingHashKey", text);
	kin_hash_text(sh->hi, text);
	jw_text(b, "EndingHashKey", text);
	jw_obj_end(b);
}

static void put_shard(struct buf *b, const struct kin_shard *sh)
{
	char text[KIN_SEQ_TEXT];
	jw_obj(b, NULL);
	put_id(b, "ShardId", sh->ix);
	if (sh->parent >= 0)
		put_id(b, "ParentShardId", sh->parent);
	if (sh->adjacent >= 0)
		put_id(b, "AdjacentParentShardId", sh->adjacent);
	put_range(b, sh);
	jw_obj(b, "SequenceNumberRange");
	kin_start_seq(sh, text);
	jw_text(b, "StartingSequenceNumber", text);
	if (sh->closed_ms) {
		kin_end_seq(sh, text);
		jw_text(b, "EndingSequenceNumber", text);
	}
	jw_obj_end(b);
	jw_obj_end(b);
}

static void put_shard_list(struct buf *b, const struct kin_out *out)
{
	jw_list(b, "Shards");
	for (size_t i = 0; i < out->n; i++)
		put_shard(b, out->shards[i]);
	jw_list_end(b);
}

/* ---- streams ---- */

static void put_head(struct buf *b, const struct kin_in *in)
{
	const struct kin_stream *s = in->s;
	jw_text(b, "StreamName", s->name);
	put_arn(b, "StreamARN", in, s);
	jw_text(b, "StreamStatus", kin_status_name(s->status));
	put_mode(b, s);
	jw_int(b, "RetentionPeriodHours", s->retention_h);
	put_time(b, "StreamCreationTimestamp", s->created_ms);
	jw_list(b, "EnhancedMonitoring");
	jw_obj(b, NULL);
	put_metric_names(b, "ShardLevelMetrics", s->metrics);
	jw_obj_end(b);
	jw_list_end(b);
	jw_text(b, "EncryptionType", s->key_id ? "KMS" : "NONE");
	if (s->key_id)
		jw_text(b, "KeyId", s->key_id);
}

/* "WarmThroughput", where there is any. */
static void put_warmth(struct buf *b, struct kinesis *k, const struct kin_in *in)
{
	const struct kin_stream *s = in->s;
	kin_settle_commitment(&k->commitment, in->now_ms);
	if (!s->on_demand || !k->commitment.on)
		return;
	jw_obj(b, "WarmThroughput");
	jw_int(b, "TargetMiBps", s->warm_mibps);
	jw_int(b, "CurrentMiBps", s->status == KIN_UPDATING ? s->warm_before : s->warm_mibps);
	jw_obj_end(b);
}

void kin_put_description(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	jw_obj(b, "StreamDescription");
	put_head(b, in);
	put_shard_list(b, out);
	jw_bool(b, "HasMoreShards", out->more);
	buf_adds(b, "}}");
}

void kin_put_summary(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	jw_obj(b, "StreamDescriptionSummary");
	put_head(b, in);
	jw_int(b, "OpenShardCount", (int64_t)kin_open_shards(in->s));
	jw_int(b, "ConsumerCount", (int64_t)in->s->consumer_n);
	jw_int(b, "MaxRecordSizeInKiB", in->s->record_kib);
	put_warmth(b, k, in);
	buf_adds(b, "}}");
}

void kin_put_streams(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	const struct kin_stream *s = out->first, *last = NULL;
	jw_obj(b, NULL);
	jw_list(b, "StreamNames");
	for (size_t i = 0; i < out->n; i++, last = s, s = s->next)
		jw_text(b, NULL, s->name);
	jw_list_end(b);
	jw_bool(b, "HasMoreStreams", out->more);
	jw_list(b, "StreamSummaries");
	s = out->first;
	for (size_t i = 0; i < out->n; i++, s = s->next) {
		jw_obj(b, NULL);
		jw_text(b, "StreamName", s->name);
		put_arn(b, "StreamARN", in, s);
		jw_text(b, "StreamStatus", kin_status_name(s->status));
		put_mode(b, s);
		put_time(b, "StreamCreationTimestamp", s->created_ms);
		jw_obj_end(b);
	}
	jw_list_end(b);
	if (out->more && last)
		put_token(b, last->name, strlen(last->name));
	jw_obj_end(b);
}

void kin_put_shards(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	put_shard_list(b, out);
	if (out->more) {
		struct slice t = arena_printf(in->arena, "%s %u %lld", in->s->name, out->shards[out->n - 1]->ix, (long long)in->now_ms);
		put_token(b, t.p, t.n);
	}
	jw_obj_end(b);
}

void kin_put_metrics(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	jw_text(b, "StreamName", in->s->name);
	put_metric_names(b, "CurrentShardLevelMetrics", out->metrics);
	put_metric_names(b, "DesiredShardLevelMetrics", in->s->metrics);
	put_arn(b, "StreamARN", in, in->s);
	jw_obj_end(b);
}

void kin_put_count(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	jw_text(b, "StreamName", in->s->name);
	jw_int(b, "CurrentShardCount", (int64_t)out->before);
	jw_int(b, "TargetShardCount", in->count);
	put_arn(b, "StreamARN", in, in->s);
	jw_obj_end(b);
}

/* ---- the account ---- */

void kin_put_limits(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	int64_t on_demand = 0;
	for (const struct kin_stream *s = kin_first(k, in); s; s = kin_next(s))
		on_demand += s->on_demand;
	jw_obj(b, NULL);
	jw_int(b, "ShardLimit", k->shard_limit);
	jw_int(b, "OpenShardCount", (int64_t)kin_shards_there(k, in));
	jw_int(b, "OnDemandStreamCount", on_demand);
	jw_int(b, "OnDemandStreamCountLimit", 50);
	jw_obj_end(b);
}

void kin_put_settings(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	const struct kin_commitment *m = &k->commitment;
	jw_obj(b, NULL);
	jw_obj(b, "MinimumThroughputBillingCommitment");
	jw_text(b, "Status", !m->on ? "DISABLED" : m->ended_ms ? "ENABLED_UNTIL_EARLIEST_ALLOWED_END" : "ENABLED");
	if (m->started_ms)
		put_time(b, "StartedAt", m->started_ms);
	if (!m->on && m->ended_ms)
		put_time(b, "EndedAt", m->ended_ms);
	if (m->on)
		put_time(b, "EarliestAllowedEndAt", m->started_ms + KIN_COMMITTED_MS);
	buf_adds(b, "}}");
}

void kin_put_warm(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	jw_text(b, "StreamName", in->s->name);
	put_arn(b, "StreamARN", in, in->s);
	put_warmth(b, k, in);
	jw_obj_end(b);
}

/* ---- tags, consumers, policies ---- */

/* twin 1: by name, in pages; 0: by ARN. */
void kin_put_tags(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	jw_list(b, "Tags");
	for (size_t i = 0; i < out->n; i++) {
		jw_obj(b, NULL);
		jw_str(b, "Key", out->tags[i].key);
		jw_str(b, "Value", out->tags[i].value);
		jw_obj_end(b);
	}
	jw_list_end(b);
	if (in->twin)
		jw_bool(b, "HasMoreTags", out->more);
	jw_obj_end(b);
}

static void put_one_consumer(struct buf *b, const char *name, const struct kinesis *k, const struct kin_in *in, const struct kin_consumer *c, bool stream)
{
	jw_obj(b, name);
	jw_text(b, "ConsumerName", c->name);
	jw_fmt(b, "ConsumerARN", "arn:aws:kinesis:%.*s:%.*s:stream/%s/consumer/%s:%lld", SL(in->region), SL(in->account), in->s->name, c->name,
	       (long long)(c->created_ms / 1000));
	jw_text(b, "ConsumerStatus", in->now_ms < c->created_ms + k->delay_ms ? "CREATING" : "ACTIVE");
	put_time(b, "ConsumerCreationTimestamp", c->created_ms);
	if (stream)
		put_arn(b, "StreamARN", in, in->s);
	jw_obj_end(b);
}

void kin_put_consumer(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	put_one_consumer(b, "Consumer", k, in, in->c, false);
	jw_obj_end(b);
}

void kin_put_consumer_description(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	put_one_consumer(b, "ConsumerDescription", k, in, in->c, true);
	jw_obj_end(b);
}

void kin_put_consumers(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	jw_obj(b, NULL);
	jw_list(b, "Consumers");
	for (size_t i = 0; i < out->n; i++)
		put_one_consumer(b, NULL, k, in, &in->s->consumers[out->from + i], false);
	jw_list_end(b);
	if (out->more) {
		struct slice t = arena_printf(in->arena, "%zu", out->from + out->n);
		put_token(b, t.p, t.n);
	}
	jw_obj_end(b);
}

void kin_put_policy_text(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	const char *policy = in->c ? in->c->policy : in->s->policy;
	jw_obj(b, NULL);
	jw_text(b, "Policy", policy ? policy : "{}");
	jw_obj_end(b);
}

/* ---- records: written by hand, there are ten thousand of them ---- */

static void put_encryption(struct buf *b, const struct kin_stream *s)
{
	if (s->key_id)
		buf_adds(b, ",\"EncryptionType\":\"KMS\"");
}

static void put_place(struct buf *b, const struct kin_placed *p)
{
	char id[21] = "shardId-000000000000";
	uint32_t shard = p->shard;
	for (size_t i = 19; shard; shard /= 10)
		id[i--] = (char)('0' + shard % 10);
	buf_adds(b, "{\"ShardId\":\"");
	buf_add(b, id, 20);
	buf_adds(b, "\",\"SequenceNumber\":\"");
	buf_adds(b, p->seq);
	buf_addc(b, '"');
}

void kin_put_placed(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	put_place(b, out->placed);
	put_encryption(b, in->s);
	buf_addc(b, '}');
}

void kin_put_all_placed(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	buf_addf(b, "{\"FailedRecordCount\":%zu,\"Records\":[", out->failed);
	for (size_t i = 0; i < out->n; i++) {
		if (i)
			buf_addc(b, ',');
		if (out->placed[i].refused)
			buf_addf(b,
				 "{\"ErrorCode\":\"ProvisionedThroughputExceededException\",\"ErrorMessage\":\"Rate exceeded for shard shardId-%012u in stream "
				 "%s under account %.*s.\"",
				 out->placed[i].shard, in->s->name, SL(in->account));
		else
			put_place(b, &out->placed[i]);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
	put_encryption(b, in->s);
	buf_addc(b, '}');
}

static void put_iterator(struct buf *b, const char *head, const struct kin_iterator *it)
{
	buf_adds(b, head);
	kin_iterator_text(b, it);
	buf_addc(b, '"');
}

void kin_put_iterator(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out)
{
	put_iterator(b, "{\"ShardIterator\":\"", &out->iterator);
	buf_addc(b, '}');
}

static void put_record(struct kin_read *r, const struct kin_record *rec, const char *seq)
{
	struct buf *b = r->arg;
	buf_adds(b, r->n ? ",{\"SequenceNumber\":\"" : "{\"SequenceNumber\":\"");
	buf_adds(b, seq);
	buf_addf(b, "\",\"ApproximateArrivalTimestamp\":%lld.%03lld,\"Data\":\"", (long long)(rec->time_ms / 1000), (long long)(rec->time_ms % 1000));
	buf_base64(b, rec->data.p, rec->data.n);
	buf_adds(b, "\",\"PartitionKey\":");
	buf_json_string(b, rec->key);
	put_encryption(b, r->s);
	buf_addc(b, '}');
}

/* MillisBehindLatest and, at the end of a closed shard, those that go on from it. */
static void put_end(struct buf *b, const struct kin_read *r)
{
	const struct kin_stream *s = r->s;
	jw_int(b, "MillisBehindLatest", r->behind_ms);
	if (r->ended) {
		jw_list(b, "ChildShards");
		for (size_t i = 0; i < s->shard_n; i++) {
			const struct kin_shard *c = &s->shards[i];
			if (c->parent != (int64_t)r->sh->ix && c->adjacent != (int64_t)r->sh->ix)
				continue;
			jw_obj(b, NULL);
			put_id(b, "ShardId", c->ix);
			jw_list(b, "ParentShards");
			put_id(b, NULL, c->parent);
			if (c->adjacent >= 0)
				put_id(b, NULL, c->adjacent);
			jw_list_end(b);
			put_range(b, c);
			jw_obj_end(b);
		}
		jw_list_end(b);
	}
	buf_addc(b, '}');
}

int kin_get_records(struct kinesis *k, struct kin_in *in, struct buf *b, struct error *err)
{
	struct kin_iterator it;
	struct kin_shard *sh;
	int64_t began_us = clock_real_us();
	int rc;
	if (!kin_iterator_read(in->arena, in->iterator, &it))
		return kin_fail(err, KIN_E_ARGUMENT, "Invalid ShardIterator.");
	if ((rc = kin_get_from(k, in, &it, &in->s, &sh, err)) || (rc = kin_may_use_key(k, in, in->s, sl(in->s->key_id), err)))
		return rc;
	struct kin_read r = { in->s, sh, put_record, b, .max_bytes = KIN_GET_BYTES, .max = in->limit < 0 ? KIN_GET_RECORDS : (size_t)in->limit, .next = it.from };
	buf_adds(b, "{\"Records\":[");
	if ((rc = kin_read(k, &r, in->now_ms, err)))
		return rc;
	kin_was_read(k, sh, &r, in->now_ms);
	kin_measure_read(k, &r, clock_real_us() - began_us);
	buf_addc(b, ']');
	it.from = r.next;
	it.made_ms = in->now_ms;
	if (!r.ended)
		put_iterator(b, ",\"NextShardIterator\":\"", &it);
	put_end(b, &r);
	return 0;
}

int kin_put_event(struct buf *b, struct kinesis *k, struct kin_stream *s, uint32_t shard, uint64_t *from, int64_t now_ms, bool *any, bool *ended)
{
	struct kin_shard *sh = &s->shards[shard];
	struct kin_read r = { s, sh, put_record, b, .max = KIN_GET_RECORDS, .max_bytes = KIN_EVENT_BYTES, .next = *from };
	struct error err;
	char seq[KIN_SEQ_TEXT];
	buf_adds(b, "{\"Records\":[");
	int rc = kin_read(k, &r, now_ms, &err);
	if (rc)
		return rc;
	*from = r.next;
	*any = r.n > 0;
	*ended = r.ended;
	buf_addc(b, ']');
	/* Goes on from the last one sent, or from before all that will come. */
	kin_seq_text(&(struct kin_seq){ sh->create_s, r.n ? r.next - 1 : sh->next_index - 1, now_ms / 1000 > sh->create_s ? now_ms / 1000 : sh->create_s, sh->ix },
		     seq);
	if (!r.ended)
		jw_text(b, "ContinuationSequenceNumber", seq);
	put_end(b, &r);
	return 0;
}
