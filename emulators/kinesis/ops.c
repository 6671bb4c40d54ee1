/* Streams: make, list, describe, delete; retention, tags, encryption, monitoring, limits. */
#include "kinesis/kinesis.h"

#include <stdlib.h>
#include <string.h>

static const char *status_name(enum kin_status s)
{
	static const char *const names[] = { [KIN_CREATING] = "CREATING", [KIN_DELETING] = "DELETING", [KIN_ACTIVE] = "ACTIVE",
					     [KIN_UPDATING] = "UPDATING" };
	return names[s];
}

static void put_time(struct buf *out, const char *key, int64_t ms)
{
	buf_addf(out, "\"%s\":%lld.%03lld", key, (long long)(ms / 1000), (long long)(ms % 1000));
}

/* ---- make and delete ---- */

static int shard_limit(struct kin_call *c, size_t more)
{
	struct kinesis *k = c->k;
	if ((int64_t)(k->shard_n + more) <= k->shard_limit)
		return 0;
	return kin_fail(c, KIN_E_LIMIT,
			"This request would exceed the shard limit for the account %.*s in %.*s. Current shard count for the account: %zu. Limit: %lld. "
			"Number of additional shards that would have resulted from this request: %zu. Refer to the AWS Service Limits page "
			"(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.",
			SL(c->account), SL(c->region), k->shard_n, (long long)k->shard_limit, more);
}

int kin_op_create(struct kin_call *c)
{
	struct slice name = kin_str(c, "StreamName");
	const json_t *mode = json_object_get(c->in, "StreamModeDetails");
	bool on_demand = mode ? !strcmp(json_string_value(json_object_get(mode, "StreamMode")), "ON_DEMAND") : !kin_has(c, "ShardCount");
	int64_t shards = on_demand ? KIN_ON_DEMAND_SHARDS : kin_int(c, "ShardCount", 0);
	if (!on_demand && !shards)
		return kin_fail(c, KIN_E_VALIDATION, "ShardCount is required for a stream in PROVISIONED mode");
	if (on_demand && kin_has(c, "ShardCount"))
		return kin_fail(c, KIN_E_VALIDATION, "ShardCount must not be set for a stream in ON_DEMAND mode");
	if (kin_find(c->k, name))
		return kin_fail(c, KIN_E_IN_USE, "Stream %.*s under account %.*s already exists.", SL(name), SL(c->account));
	int rc = shard_limit(c, (size_t)shards);
	if (!rc && kin_has(c, "WarmThroughputMiBps"))
		rc = kin_warm_allowed(c, name, on_demand, kin_int(c, "WarmThroughputMiBps", 0));
	if (rc)
		return rc;
	struct kin_stream *s = kin_make(c->k, name, (size_t)shards, on_demand, c->now_ms);
	const char *key;
	json_t *v;
	json_object_foreach(json_object_get(c->in, "Tags"), key, v)
		json_object_set(s->tags, key, v);
	s->warm_mibps = kin_int(c, "WarmThroughputMiBps", 0);
	if (kin_has(c, "MaxRecordSizeInKiB"))
		s->record_kib = kin_int(c, "MaxRecordSizeInKiB", 1024);
	return kin_save(c->k, s, c->err);
}

int kin_op_delete(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_stream_of(c, &s);
	if (rc)
		return rc;
	if (s->consumer_n && !json_is_true(json_object_get(c->in, "EnforceConsumerDeletion")))
		return kin_fail(c, KIN_E_IN_USE, "Stream %s under account %.*s has consumers. Deregister them, or set EnforceConsumerDeletion.", s->name, SL(c->account));
	if (!c->k->delay_ms)
		return kin_drop(c->k, s, c->err);
	s->status = KIN_DELETING;
	s->ready_ms = c->now_ms + c->k->delay_ms;
	return kin_save(c->k, s, c->err);
}

/* ---- describe and list ---- */

static void put_head(struct kin_call *c, const struct kin_stream *s)
{
	struct buf *out = c->out;
	buf_addf(out, "\"StreamName\":\"%s\",\"StreamARN\":\"", s->name);
	kin_stream_arn(c, s, out);
	buf_addf(out, "\",\"StreamStatus\":\"%s\",\"StreamModeDetails\":{\"StreamMode\":\"%s\"},\"RetentionPeriodHours\":%lld,",
		 status_name(s->status), s->on_demand ? "ON_DEMAND" : "PROVISIONED", (long long)s->retention_h);
	put_time(out, "StreamCreationTimestamp", s->created_ms);
	char *metrics = json_dumps(s->metrics, JSON_COMPACT);
	buf_addf(out, ",\"EnhancedMonitoring\":[{\"ShardLevelMetrics\":%s}],\"EncryptionType\":\"%s\"", metrics, s->key_id ? "KMS" : "NONE");
	free(metrics);
	if (s->key_id) {
		buf_adds(out, ",\"KeyId\":");
		buf_json_string(out, sl(s->key_id));
	}
}

/* The shards after `after`, at most limit. Returns whether there are more. */
static bool put_shards(struct kin_call *c, struct kin_stream *s, int64_t after, int64_t limit, bool (*wanted)(const struct kin_call *, const struct kin_stream *, const struct kin_shard *))
{
	int64_t n = 0;
	buf_addc(c->out, '[');
	for (size_t i = (size_t)(after + 1); i < s->shard_n; i++) {
		struct kin_shard *sh = &s->shards[i];
		if (kin_shard_gone(s, sh, c->now_ms) || (wanted && !wanted(c, s, sh)))
			continue;
		if (n == limit) {
			buf_addc(c->out, ']');
			return true;
		}
		if (n++)
			buf_addc(c->out, ',');
		kin_put_shard(c->out, sh);
	}
	buf_addc(c->out, ']');
	return false;
}

static int start_after(struct kin_call *c, int64_t *out)
{
	struct slice id = kin_str(c, "ExclusiveStartShardId");
	*out = -1;
	if (!id.p || sl_int(sl_starts(id, S("shardId-")) ? sl_of(id.p + 8, id.n - 8) : id, 0, UINT32_MAX, out))
		return 0;
	return kin_fail(c, KIN_E_ARGUMENT, "ExclusiveStartShardId %.*s is not a shard id.", SL(id));
}

int kin_op_describe(struct kin_call *c)
{
	struct kin_stream *s;
	int64_t after;
	int rc = kin_stream_of(c, &s);
	if (rc || (rc = start_after(c, &after)))
		return rc;
	buf_adds(c->out, "{\"StreamDescription\":{");
	put_head(c, s);
	buf_adds(c->out, ",\"Shards\":");
	bool more = s->status == KIN_CREATING ? (buf_adds(c->out, "[]"), false) : put_shards(c, s, after, kin_int(c, "Limit", 100), NULL);
	buf_addf(c->out, ",\"HasMoreShards\":%s}}", more ? "true" : "false");
	return 0;
}

int kin_op_summary(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_stream_of(c, &s);
	if (rc)
		return rc;
	buf_adds(c->out, "{\"StreamDescriptionSummary\":{");
	put_head(c, s);
	buf_addf(c->out, ",\"OpenShardCount\":%zu,\"ConsumerCount\":%zu,\"MaxRecordSizeInKiB\":%lld", kin_open_shards(s), s->consumer_n,
		 (long long)s->record_kib);
	kin_put_warm(c, s);
	buf_adds(c->out, "}}");
	return 0;
}

int kin_op_list(struct kin_call *c)
{
	struct slice after = kin_str(c, "ExclusiveStartStreamName"), token = kin_str(c, "NextToken"), raw;
	int64_t limit = kin_int(c, "Limit", 100), n = 0;
	struct buf names = { 0 }, rows = { 0 };
	const struct kin_stream *s = c->k->streams, *last = NULL;
	if (token.p) {
		if (!arena_base64(c->arena, token, &raw))
			return kin_fail(c, KIN_E_EXPIRED_TOKEN, "NextToken is invalid.");
		after = raw;
	}
	for (; s; s = s->next) {
		if (after.p && sl_cmp(sl(s->name), after) <= 0)
			continue;
		if (n == limit)
			break;
		buf_addf(&names, "%s\"%s\"", n ? "," : "", s->name);
		buf_addf(&rows, "%s{\"StreamName\":\"%s\",\"StreamARN\":\"", n ? "," : "", s->name);
		kin_stream_arn(c, s, &rows);
		buf_addf(&rows, "\",\"StreamStatus\":\"%s\",\"StreamModeDetails\":{\"StreamMode\":\"%s\"},", status_name(s->status),
			 s->on_demand ? "ON_DEMAND" : "PROVISIONED");
		put_time(&rows, "StreamCreationTimestamp", s->created_ms);
		buf_addc(&rows, '}');
		last = s;
		n++;
	}
	buf_addf(c->out, "{\"StreamNames\":[%.*s],\"HasMoreStreams\":%s,\"StreamSummaries\":[%.*s]", SL(buf_slice(&names)), s ? "true" : "false",
		 SL(buf_slice(&rows)));
	if (s && last) {
		buf_adds(c->out, ",\"NextToken\":\"");
		buf_base64(c->out, last->name, strlen(last->name));
		buf_addc(c->out, '"');
	}
	buf_addc(c->out, '}');
	buf_free(&names);
	buf_free(&rows);
	return 0;
}

/* ---- ListShards ---- */

static int64_t filter_time(const json_t *f)
{
	const json_t *t = json_object_get(f, "Timestamp");
	return t ? (int64_t)(json_number_value(t) * 1000) : -1;
}

static bool wanted(const struct kin_call *c, const struct kin_stream *s, const struct kin_shard *sh)
{
	const json_t *f = json_object_get(c->in, "ShardFilter");
	const char *type = json_string_value(json_object_get(f, "Type"));
	int64_t at = filter_time(f);
	if (!type || !strcmp(type, "FROM_TRIM_HORIZON"))
		return true;
	if (!strcmp(type, "AT_LATEST"))
		return !sh->closed_ms;
	if (!strcmp(type, "AT_TRIM_HORIZON"))
		return sh->created_ms <= (kin_horizon(s, c->now_ms) > s->created_ms ? kin_horizon(s, c->now_ms) : s->created_ms);
	if (!strcmp(type, "AFTER_SHARD_ID")) {
		int64_t after;
		const char *id = json_string_value(json_object_get(f, "ShardId"));
		return !id || strlen(id) < 9 || !sl_int(sl(id + 8), 0, UINT32_MAX, &after) || (int64_t)sh->ix > after;
	}
	bool open_then = !sh->closed_ms || sh->closed_ms > at;
	return !strcmp(type, "FROM_TIMESTAMP") ? open_then : open_then && sh->created_ms <= at;
}

/* NextToken: base64 of "stream after made". */
static int shard_token(struct kin_call *c, struct slice token, struct slice *name, int64_t *after)
{
	struct slice raw, rest, one;
	int64_t made;
	if (!arena_base64(c->arena, token, &raw) || !sl_cut(raw, ' ', name, &rest) || !sl_cut(rest, ' ', &one, &rest) ||
	    !sl_int(one, 0, INT64_MAX, after) || !sl_int(rest, 0, INT64_MAX, &made))
		return kin_fail(c, KIN_E_ARGUMENT, "NextToken is invalid.");
	if (c->now_ms - made > KIN_ITERATOR_MS)
		return kin_fail(c, KIN_E_EXPIRED_TOKEN, "NextToken expired: it is older than %d milliseconds.", KIN_ITERATOR_MS);
	return 0;
}

static void put_token(struct kin_call *c, const struct kin_stream *s, int64_t after)
{
	struct buf t = { 0 };
	buf_addf(&t, "%s %lld %lld", s->name, (long long)after, (long long)c->now_ms);
	buf_adds(c->out, ",\"NextToken\":\"");
	buf_base64(c->out, t.p, t.n);
	buf_addc(c->out, '"');
	buf_free(&t);
}

/* The limit-th shard that is shown: where the next page starts. */
static int64_t last_shown(const struct kin_call *c, const struct kin_stream *s, int64_t after, int64_t limit)
{
	for (size_t i = (size_t)(after + 1); i < s->shard_n; i++)
		if (!kin_shard_gone(s, &s->shards[i], c->now_ms) && wanted(c, s, &s->shards[i]) && --limit == 0)
			return (int64_t)i;
	return (int64_t)s->shard_n - 1;
}

int kin_op_list_shards(struct kin_call *c)
{
	struct slice token = kin_str(c, "NextToken"), name;
	struct kin_stream *s;
	int64_t after, limit = kin_int(c, "MaxResults", 1000);
	int rc;
	if (token.p && (kin_has(c, "StreamName") || kin_has(c, "StreamCreationTimestamp")))
		return kin_fail(c, KIN_E_ARGUMENT, "NextToken and StreamName cannot be provided together.");
	if (!token.p && !kin_has(c, "StreamName") && !kin_has(c, "StreamARN"))
		return kin_fail(c, KIN_E_ARGUMENT, "Either NextToken or StreamName should be provided.");
	if (token.p) {
		if ((rc = shard_token(c, token, &name, &after)))
			return rc;
		if (!(s = kin_find(c->k, name)))
			return kin_fail(c, KIN_E_NOT_FOUND, "Stream %.*s under account %.*s not found.", SL(name), SL(c->account));
	} else if ((rc = kin_stream_of(c, &s)) || (rc = start_after(c, &after))) {
		return rc;
	}
	if (s->status == KIN_CREATING || s->status == KIN_DELETING)
		return kin_fail(c, KIN_E_IN_USE, "Stream %s under account %.*s not ACTIVE, instead in state %s", s->name, SL(c->account), status_name(s->status));
	buf_adds(c->out, "{\"Shards\":");
	if (put_shards(c, s, after, limit, wanted))
		put_token(c, s, last_shown(c, s, after, limit));
	buf_addc(c->out, '}');
	return 0;
}

/* ---- retention ---- */

static int retention(struct kin_call *c, bool up)
{
	int64_t hours = kin_int(c, "RetentionPeriodHours", 0);
	struct kin_stream *s;
	int rc = kin_active_of(c, &s);
	if (rc)
		return rc;
	if (hours < KIN_RETENTION_H)
		return kin_fail(c, KIN_E_ARGUMENT, "Minimum allowed retention period is %d hours. Requested retention period (%lld hours) is too short.",
				KIN_RETENTION_H, (long long)hours);
	if (hours > KIN_RETENTION_MAX_H)
		return kin_fail(c, KIN_E_ARGUMENT, "Maximum allowed retention period is %d hours. Requested retention period (%lld hours) is too long.",
				KIN_RETENTION_MAX_H, (long long)hours);
	if (up ? hours < s->retention_h : hours > s->retention_h)
		return kin_fail(c, KIN_E_ARGUMENT, "Requested retention period (%lld hours) for stream %s can not be %s than existing retention period (%lld hours). Use %sRetentionPeriod API.",
				(long long)hours, s->name, up ? "shorter" : "longer", (long long)s->retention_h, up ? "Decrease" : "Increase");
	s->retention_h = hours;
	return kin_updated(c, s);
}

int kin_op_increase_retention(struct kin_call *c)
{
	return retention(c, true);
}

int kin_op_decrease_retention(struct kin_call *c)
{
	return retention(c, false);
}

/* ---- tags ---- */

enum { TAGS_MAX = 50 };

static bool tag_text_ok(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 128 && !((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || strchr(" _.:/=+-@%", *s)))
			return false;
	return true;
}

static int add_tags(struct kin_call *c, const struct kin_stream *s, json_t *to)
{
	const char *key;
	json_t *v;
	json_t *all = json_copy(to);
	json_object_foreach(json_object_get(c->in, "Tags"), key, v) {
		if (!tag_text_ok(key) || !tag_text_ok(json_string_value(v))) {
			json_decref(all);
			return kin_fail(c, KIN_E_ARGUMENT, "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - %% @.");
		}
		json_object_set(all, key, v);
	}
	size_t n = json_object_size(all);
	json_object_foreach(json_object_get(c->in, "Tags"), key, v) {
		if (!strchr(key, '%') && !strchr(json_string_value(v), '%'))
			continue;
		json_decref(all);
		return kin_fail(c, KIN_E_ARGUMENT, "Failed to add tags to stream %s under account %.*s because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.",
				s->name, SL(c->account));
	}
	if (n <= TAGS_MAX)
		json_object_update(to, all);
	json_decref(all);
	return n <= TAGS_MAX ? 0 : kin_fail(c, KIN_E_ARGUMENT, "Failed to add tags to stream. Number of tags exceeds the maximum of %d.", TAGS_MAX);
}

static int remove_tags(struct kin_call *c, json_t *from)
{
	size_t i;
	json_t *key;
	json_array_foreach(json_object_get(c->in, "TagKeys"), i, key)
		if (!tag_text_ok(json_string_value(key)))
			return kin_fail(c, KIN_E_ARGUMENT, "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - %% @.");
	json_array_foreach(json_object_get(c->in, "TagKeys"), i, key)
		json_object_del(from, json_string_value(key));
	return 0;
}

int kin_op_add_tags(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_stream_of(c, &s);
	if (!rc)
		rc = add_tags(c, s, s->tags);
	return rc ? rc : kin_save(c->k, s, c->err);
}

int kin_op_remove_tags(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_stream_of(c, &s);
	if (rc)
		return rc;
	rc = remove_tags(c, s->tags);
	return rc ? rc : kin_save(c->k, s, c->err);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Tags in the order of their keys, after one of them. Returns whether there are more. */
static bool put_tags(struct buf *out, const json_t *tags, struct slice after, int64_t limit)
{
	size_t n = 0;
	const char **keys = xcalloc(json_object_size(tags) + 1, sizeof(*keys)), *key;
	json_t *v;
	int64_t shown = 0;
	bool more = false;
	json_object_foreach((json_t *)tags, key, v)
		keys[n++] = key;
	qsort(keys, n, sizeof(*keys), by_key);
	buf_addc(out, '[');
	for (size_t i = 0; i < n && !more; i++) {
		if (after.p && sl_cmp(sl(keys[i]), after) <= 0)
			continue;
		if (shown == limit) {
			more = true;
			break;
		}
		buf_adds(out, shown++ ? ",{\"Key\":" : "{\"Key\":");
		buf_json_string(out, sl(keys[i]));
		buf_adds(out, ",\"Value\":");
		buf_json_string(out, sl(json_string_value(json_object_get(tags, keys[i]))));
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
	free(keys);
	return more;
}

int kin_op_list_tags(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_stream_of(c, &s);
	if (rc)
		return rc;
	buf_adds(c->out, "{\"Tags\":");
	bool more = put_tags(c->out, s->tags, kin_str(c, "ExclusiveStartTagKey"), kin_int(c, "Limit", TAGS_MAX));
	buf_addf(c->out, ",\"HasMoreTags\":%s}", more ? "true" : "false");
	return 0;
}

/* The tags of a stream or of a consumer, by ResourceARN. */
static int resource(struct kin_call *c, struct kin_stream **s, json_t **tags)
{
	struct slice arn = kin_str(c, "ResourceARN"), name, rest;
	int rc = kin_stream_of(c, s);
	ssize_t at = sl_find(arn, S("/consumer/"));
	if (rc)
		return rc;
	*tags = (*s)->tags;
	if (at < 0)
		return 0;
	sl_cut(sl_of(arn.p + at + 10, arn.n - (size_t)at - 10), ':', &name, &rest);
	struct kin_consumer *k = kin_consumer_find(*s, name);
	if (!k)
		return kin_fail(c, KIN_E_NOT_FOUND, "Consumer %.*s of stream %s under account %.*s not found.", SL(name), (*s)->name, SL(c->account));
	*tags = k->tags;
	return 0;
}

int kin_op_tag_resource(struct kin_call *c)
{
	struct kin_stream *s;
	json_t *tags;
	int rc = resource(c, &s, &tags);
	if (!rc)
		rc = add_tags(c, s, tags);
	return rc ? rc : kin_save(c->k, s, c->err);
}

int kin_op_untag_resource(struct kin_call *c)
{
	struct kin_stream *s;
	json_t *tags;
	int rc = resource(c, &s, &tags);
	if (rc)
		return rc;
	rc = remove_tags(c, tags);
	return rc ? rc : kin_save(c->k, s, c->err);
}

int kin_op_list_resource_tags(struct kin_call *c)
{
	struct kin_stream *s;
	json_t *tags;
	int rc = resource(c, &s, &tags);
	if (rc)
		return rc;
	buf_adds(c->out, "{\"Tags\":");
	(void)put_tags(c->out, tags, sl(NULL), TAGS_MAX);
	buf_addc(c->out, '}');
	return 0;
}

/* ---- encryption, monitoring ---- */

int kin_op_start_encryption(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_active_of(c, &s);
	if (rc)
		return rc;
	free(s->key_id);
	s->key_id = arena_cstr(c->arena, kin_str(c, "KeyId"));
	s->key_id = xstrdup(s->key_id);
	return kin_updated(c, s);
}

int kin_op_stop_encryption(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_active_of(c, &s);
	if (rc)
		return rc;
	free(s->key_id);
	s->key_id = NULL;
	return kin_updated(c, s);
}

static const char *const metric_names[] = { "IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords",
					    "WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded", "IteratorAgeMilliseconds" };

static bool has_text(const json_t *list, const char *text)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		if (!strcmp(json_string_value(one), text))
			return true;
	return false;
}

static int metrics(struct kin_call *c, bool on)
{
	const json_t *asked = json_object_get(c->in, "ShardLevelMetrics");
	struct kin_stream *s;
	int rc = kin_active_of(c, &s);
	if (rc)
		return rc;
	bool all = has_text(asked, "ALL");
	json_t *after = json_array();
	for (size_t i = 0; i < ARRAY_LEN(metric_names); i++) {
		bool named = all || has_text(asked, metric_names[i]), was = has_text(s->metrics, metric_names[i]);
		if (on ? named || was : was && !named)
			json_array_append_new(after, json_string(metric_names[i]));
	}
	char *current = json_dumps(s->metrics, JSON_COMPACT), *desired = json_dumps(after, JSON_COMPACT);
	json_decref(s->metrics);
	s->metrics = after;
	buf_addf(c->out, "{\"StreamName\":\"%s\",\"CurrentShardLevelMetrics\":%s,\"DesiredShardLevelMetrics\":%s,\"StreamARN\":\"", s->name, current, desired);
	kin_stream_arn(c, s, c->out);
	buf_adds(c->out, "\"}");
	free(current);
	free(desired);
	return kin_updated(c, s);
}

int kin_op_enable_metrics(struct kin_call *c)
{
	return metrics(c, true);
}

int kin_op_disable_metrics(struct kin_call *c)
{
	return metrics(c, false);
}

/* ---- the account ---- */

int kin_op_limits(struct kin_call *c)
{
	int64_t on_demand = 0;
	for (const struct kin_stream *s = c->k->streams; s; s = s->next)
		on_demand += s->on_demand;
	buf_addf(c->out, "{\"ShardLimit\":%lld,\"OpenShardCount\":%zu,\"OnDemandStreamCount\":%lld,\"OnDemandStreamCountLimit\":50}",
		 (long long)c->k->shard_limit, c->k->shard_n, (long long)on_demand);
	return 0;
}

int kin_op_record_size(struct kin_call *c)
{
	struct kin_stream *s;
	int rc = kin_active_of(c, &s);
	if (rc)
		return rc;
	s->record_kib = kin_int(c, "MaxRecordSizeInKiB", 1024);
	return kin_updated(c, s);
}
