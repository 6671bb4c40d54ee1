/* The table of operations with the shapes of their requests; the stack's streams; the struct service. */
#include "core/adopt.h"
#include "core/identities.h"
#include "kinesis/wire.h"

/* Rows of a request's shape: its checks, and where its value goes. */
#define TO(member) .kept = true, .to = offsetof(struct kin_in, member)
#define TO_ENTRY(member) .kept = true, .to = offsetof(struct kin_entry, member)
/* By name or by ARN: without either it is the name that is missing. */
#define ARN(required) { "StreamARN", KIN_STRING, required, KIN_STREAM_ARN, 1, 2048, TO(stream_arn) }
#define STREAM { "StreamName", KIN_STRING, true, KIN_NAME, 1, 128, .instead = "StreamARN", TO(stream) }, ARN(false)
#define NAME(required) { "StreamName", KIN_STRING, required, KIN_NAME, 1, 128, TO(stream) }
#define RESOURCE { "ResourceARN", KIN_STRING, true, KIN_ARN, 1, 2048, TO(resource_arn) }
#define SHARD(name, required, member) { name, KIN_STRING, required, KIN_NAME, 1, 128, TO(member) }
#define NUMBER(name, required, least, most, member) { name, KIN_INTEGER, required, KIN_ANY, least, most, TO(member) }
#define LIMIT(name, most) NUMBER(name, false, 1, most, limit)
#define TAGS(required) { "Tags", KIN_MAP, required, KIN_ANY, 1, 200, NULL, 1, 128, 0, 256, TO(tags) }
#define TAG_KEYS { "TagKeys", KIN_LIST, true, KIN_ANY, 1, 50, NULL, 1, 128, TO(names) }
#define TOKEN { "NextToken", KIN_STRING, false, KIN_ANY, 1, 1048576, TO(token) }
#define CHOICE(name, required, enums, member) { name, KIN_STRING, required, KIN_ANY, 0, 0, enums, TO(member) }
#define POSITIONS "AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON"
#define SHAPE(name, ...) static const struct kin_member name[] = { __VA_ARGS__, { NULL } }

static const struct kin_member none[] = { { NULL } };
SHAPE(stream_only, STREAM);
SHAPE(resource_only, RESOURCE);
SHAPE(mode_details, CHOICE("StreamMode", true, "PROVISIONED, ON_DEMAND", mode));
SHAPE(create, NUMBER("ShardCount", false, 1, 100000, count), NAME(true), { "StreamModeDetails", KIN_STRUCT, .of = mode_details }, TAGS(false),
      NUMBER("MaxRecordSizeInKiB", false, 1024, 10240, record_kib), NUMBER("WarmThroughputMiBps", false, 1, 1000000, warm_mibps));
SHAPE(delete, STREAM, { "EnforceConsumerDeletion", KIN_BOOLEAN, TO(enforce) });
SHAPE(describe, LIMIT("Limit", 10000), SHARD("ExclusiveStartShardId", false, start_after), STREAM);
SHAPE(list, LIMIT("Limit", 10000), SHARD("ExclusiveStartStreamName", false, start_after), TOKEN);
SHAPE(shard_filter,
      CHOICE("Type", true, "AFTER_SHARD_ID, AT_TRIM_HORIZON, FROM_TRIM_HORIZON, AT_LATEST, AT_TIMESTAMP, FROM_TIMESTAMP", filter),
      SHARD("ShardId", false, filter_shard), { "Timestamp", KIN_TIMESTAMP, TO(filter_ms) });
SHAPE(list_shards, SHARD("ExclusiveStartShardId", false, start_after), LIMIT("MaxResults", 10000), TOKEN,
      { "StreamCreationTimestamp", KIN_TIMESTAMP, TO(time_ms) }, NAME(false), ARN(false), { "ShardFilter", KIN_STRUCT, .of = shard_filter });
SHAPE(put_record, { "SequenceNumberForOrdering", KIN_STRING, false, KIN_SEQUENCE, TO(sequence) },
      { "PartitionKey", KIN_STRING, true, KIN_ANY, 1, 256, TO(one.key) }, { "ExplicitHashKey", KIN_STRING, false, KIN_HASH_KEY, TO(one.explicit) },
      { "Data", KIN_BLOB, true, KIN_ANY, 0, 10485760, TO(one.data) }, STREAM);
SHAPE(entry, { "PartitionKey", KIN_STRING, true, KIN_ANY, 1, 256, TO_ENTRY(key) },
      { "ExplicitHashKey", KIN_STRING, false, KIN_HASH_KEY, TO_ENTRY(explicit) }, { "Data", KIN_BLOB, true, KIN_ANY, 0, 10485760, TO_ENTRY(data) });
SHAPE(put_records,
      { "Records", KIN_LIST, true, KIN_ANY, 1, 500, .of = entry,
	.print = "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310", TO(entries) }, STREAM);
SHAPE(iterator, SHARD("ShardId", true, shard), CHOICE("ShardIteratorType", true, POSITIONS, position),
      { "StartingSequenceNumber", KIN_STRING, false, KIN_SEQUENCE, TO(sequence) }, STREAM, { "Timestamp", KIN_TIMESTAMP, TO(time_ms) });
SHAPE(get_records, LIMIT("Limit", 10000), { "ShardIterator", KIN_STRING, true, KIN_ANY, 1, 512, TO(iterator) }, ARN(false));
SHAPE(split, { "NewStartingHashKey", KIN_STRING, true, KIN_HASH_KEY, TO(hash_key) }, STREAM, SHARD("ShardToSplit", true, shard));
SHAPE(merge, SHARD("ShardToMerge", true, shard), SHARD("AdjacentShardToMerge", true, other_shard), STREAM);
SHAPE(shard_count, { "ScalingType", KIN_STRING, true, KIN_ANY, 0, 0, "UNIFORM_SCALING" }, STREAM, NUMBER("TargetShardCount", true, 1, 100000, count));
SHAPE(mode, ARN(true), { "StreamModeDetails", KIN_STRUCT, true, .of = mode_details });
SHAPE(retention, NUMBER("RetentionPeriodHours", true, 0, 0, count), STREAM);
SHAPE(add_tags, TAGS(true), STREAM);
SHAPE(remove_tags, TAG_KEYS, STREAM);
SHAPE(list_tags, LIMIT("Limit", 50), { "ExclusiveStartTagKey", KIN_STRING, false, KIN_ANY, 1, 128, TO(start_after) }, STREAM);
SHAPE(tag_resource, TAGS(true), RESOURCE);
SHAPE(untag_resource, TAG_KEYS, RESOURCE);
SHAPE(encryption, { "EncryptionType", KIN_STRING, true, KIN_ANY, 0, 0, "NONE, KMS" }, { "KeyId", KIN_STRING, true, KIN_ANY, 1, 2048, TO(key_id) }, STREAM);
SHAPE(monitoring, { "ShardLevelMetrics", KIN_LIST, true, KIN_ANY, 1, 7, TO(names) }, STREAM);
SHAPE(record_size, NUMBER("MaxRecordSizeInKiB", true, 1024, 10240, record_kib), ARN(false));
SHAPE(register_consumer, { "ConsumerName", KIN_STRING, true, KIN_NAME, 1, 128, TO(consumer) }, ARN(true), TAGS(false));
SHAPE(consumer, { "ConsumerARN", KIN_STRING, false, KIN_CONSUMER_ARN, 1, 2048, TO(consumer_arn) },
      { "ConsumerName", KIN_STRING, false, KIN_NAME, 1, 128, TO(consumer) }, ARN(false));
SHAPE(list_consumers, LIMIT("MaxResults", 100), TOKEN, ARN(true), { "StreamCreationTimestamp", KIN_TIMESTAMP });
SHAPE(position, CHOICE("Type", true, POSITIONS, position), { "SequenceNumber", KIN_STRING, false, KIN_SEQUENCE, TO(sequence) },
      { "Timestamp", KIN_TIMESTAMP, TO(time_ms) });
SHAPE(subscribe, { "ConsumerARN", KIN_STRING, true, KIN_CONSUMER_ARN, 1, 2048, TO(consumer_arn) }, SHARD("ShardId", true, shard),
      { "StartingPosition", KIN_STRUCT, true, .of = position });
SHAPE(commitment, CHOICE("Status", true, "ENABLED, DISABLED", status));
SHAPE(settings, { "MinimumThroughputBillingCommitment", KIN_STRUCT, true, .of = commitment });
SHAPE(warm, NUMBER("WarmThroughputMiBps", true, 0, 1000000, warm_mibps), STREAM);
SHAPE(put_policy, { "Policy", KIN_STRING, true, TO(policy) }, RESOURCE);

#define OP(name, doc, ...) { { NULL, NULL, name, doc }, __VA_ARGS__ }
/* Whom it is about, its rule, what becomes of the stream, what it answers; .twin tells two alike apart. */
static const struct kin_op ops[] = {
	OP("AddTagsToStream", "add tags to a stream", add_tags, KIN_A_STREAM, kin_add_tags, KIN_SAVED),
	OP("CreateStream", "make a stream", create, KIN_NOBODY, kin_create, KIN_SAVED),
	OP("DecreaseStreamRetentionPeriod", "keep records for fewer hours", retention, KIN_ACTIVE_STREAM, kin_retention, KIN_UPDATED),
	OP("DeleteResourcePolicy", "take a resource policy away", resource_only, KIN_RESOURCE, kin_delete_policy, KIN_SAVED),
	OP("DeleteStream", "delete a stream and its records", delete, KIN_A_STREAM, kin_delete),
	OP("DeregisterStreamConsumer", "end an enhanced consumer", consumer, KIN_CONSUMER, kin_deregister, KIN_SAVED),
	OP("DescribeAccountSettings", "settings of the account", none, KIN_NOBODY, kin_settings, .put = kin_put_settings),
	OP("DescribeLimits", "limits of the account, and what is used of them", none, KIN_NOBODY, .put = kin_put_limits),
	OP("DescribeStream", "a stream with its shards", describe, KIN_A_STREAM, kin_describe, .put = kin_put_description),
	OP("DescribeStreamConsumer", "an enhanced consumer", consumer, KIN_CONSUMER, .put = kin_put_consumer_description),
	OP("DescribeStreamSummary", "a stream without its shards", stream_only, KIN_A_STREAM, .put = kin_put_summary),
	OP("DisableEnhancedMonitoring", "shard-level metrics off", monitoring, KIN_ACTIVE_STREAM, kin_metrics, KIN_UPDATED, kin_put_metrics),
	OP("EnableEnhancedMonitoring", "shard-level metrics on", monitoring, KIN_ACTIVE_STREAM, kin_metrics, KIN_UPDATED, kin_put_metrics, .twin = 1),
	OP("GetRecords", "records from an iterator on", get_records, KIN_NOBODY, .stream = kin_get_records),
	OP("GetResourcePolicy", "the resource policy", resource_only, KIN_RESOURCE, .put = kin_put_policy_text),
	OP("GetShardIterator", "a place in a shard to read from", iterator, KIN_NOBODY, kin_get_iterator, .put = kin_put_iterator),
	OP("IncreaseStreamRetentionPeriod", "keep records for more hours", retention, KIN_ACTIVE_STREAM, kin_retention, KIN_UPDATED, .twin = 1),
	OP("ListShards", "shards, by a filter", list_shards, KIN_NOBODY, kin_list_shards, .put = kin_put_shards),
	OP("ListStreamConsumers", "enhanced consumers of a stream", list_consumers, KIN_A_STREAM, kin_consumers, .put = kin_put_consumers),
	OP("ListStreams", "names of the streams", list, KIN_NOBODY, kin_list, .put = kin_put_streams),
	OP("ListTagsForResource", "tags, by ARN", resource_only, KIN_RESOURCE, kin_list_tags, .put = kin_put_tags),
	OP("ListTagsForStream", "tags, by name", list_tags, KIN_A_STREAM, kin_list_tags, .put = kin_put_tags, .twin = 1),
	OP("MergeShards", "make one shard of two neighbours", merge, KIN_NOBODY, kin_merge_shards, KIN_UPDATED),
	OP("PutRecord", "append a record", put_record, KIN_A_STREAM, kin_put, KIN_RECORDS, kin_put_placed),
	OP("PutRecords", "append up to 500 records", put_records, KIN_A_STREAM, kin_put_all, KIN_RECORDS, kin_put_all_placed),
	OP("PutResourcePolicy", "set a resource policy", put_policy, KIN_RESOURCE, kin_put_policy, KIN_SAVED),
	OP("RegisterStreamConsumer", "begin an enhanced consumer", register_consumer, KIN_A_STREAM, kin_register, KIN_SAVED, kin_put_consumer),
	OP("RemoveTagsFromStream", "take tags away, by name", remove_tags, KIN_A_STREAM, kin_remove_tags, KIN_SAVED),
	OP("SplitShard", "make two shards of one", split, KIN_NOBODY, kin_split_shard, KIN_UPDATED),
	OP("StartStreamEncryption", "encrypt with a KMS key", encryption, KIN_ACTIVE_STREAM, kin_encrypt, KIN_UPDATED, .twin = 1),
	OP("StopStreamEncryption", "encrypt no more", encryption, KIN_ACTIVE_STREAM, kin_encrypt, KIN_UPDATED),
	OP("SubscribeToShard", "records pushed to an enhanced consumer for five minutes", subscribe, KIN_NOBODY, .stream = kin_op_subscribe),
	OP("TagResource", "add tags, by ARN", tag_resource, KIN_RESOURCE, kin_add_tags, KIN_SAVED),
	OP("UntagResource", "take tags away, by ARN", untag_resource, KIN_RESOURCE, kin_remove_tags, KIN_SAVED),
	OP("UpdateAccountSettings", "change settings of the account", settings, KIN_NOBODY, kin_update_settings, .put = kin_put_settings),
	OP("UpdateMaxRecordSize", "how large a record may be", record_size, KIN_ACTIVE_STREAM, kin_record_size, KIN_UPDATED),
	OP("UpdateShardCount", "reshard to a number of shards", shard_count, KIN_ACTIVE_STREAM, kin_shard_count, KIN_UPDATED, kin_put_count),
	OP("UpdateStreamMode", "provisioned or on demand", mode, KIN_ACTIVE_STREAM, kin_mode, KIN_UPDATED),
	OP("UpdateStreamWarmThroughput", "throughput to be ready for", warm, KIN_ACTIVE_STREAM, kin_warm, KIN_UPDATED, kin_put_warm),
};
const struct routes kin_routes = ROUTES(ops);

static const struct metric rows[KIN_M_N] = {
	[KIN_M_RECORDS] = { "tarn_kinesis_records_total", "Records put.", false, 0 },
	[KIN_M_BYTES] = { "tarn_kinesis_bytes_total", "Bytes of data put.", false, 0 },
	[KIN_M_READ] = { "tarn_kinesis_read_records_total", "Records handed to readers.", false, 0 },
	[KIN_M_THROTTLED] = { "tarn_kinesis_throttled_total", "Records refused by a shard's limit.", false, 0 },
};

static int restore(void *arg, struct kin_stream *s, struct error *err)
{
	struct kinesis *k = arg;
	int rc = kin_store_next(&k->db, s, err);
	if (!s->account) { /* made when there was one of each */
		s->account = xstrdup(k->account);
		s->region = xstrdup(k->region);
	}
	kin_insert(k, s);
	if (s->id > k->next_id)
		k->next_id = s->id;
	return rc;
}

/* One of NAME = SHARDS, or on-demand, unless it is there. */
static int make_stream(struct kinesis *k, struct slice name, const char *value, struct error *err)
{
	int64_t shards = KIN_ON_DEMAND_SHARDS;
	bool on_demand = !*value || !strcmp(value, "on-demand");
	if (!on_demand && !sl_int(sl(value), 1, KIN_SHARDS_MAX, &shards))
		return err_set(err, ERR_INVALID, "[streams] %.*s = %s: a number of shards, or on-demand", SL(name), value);
	if (kin_find(k, sl(k->account), sl(k->region), name))
		return 0;
	return kin_save(k, kin_make(k, sl(k->account), sl(k->region), name, (size_t)shards, on_demand, clock_now_ms(k->env->clock)), err);
}

/* [streams] */
static int make_streams(struct kinesis *k, struct error *err)
{
	const char *name, *value;
	int rc = 0;
	for (size_t i = 0; !rc && conf_at(k->env->conf, "streams", i, &name, &value); i++)
		rc = make_stream(k, sl(name), value, err);
	return rc;
}

static int adopt_stream(void *self, struct slice name, const char *like, struct error *err)
{
	struct kinesis *k = self;
	return make_stream(k, name, conf_str(k->env->conf, "streams", like, "1"), err);
}

static int open_service(void *self, const struct env *env, struct error *err)
{
	struct kinesis *k = self;
	const struct conf *conf = env->conf;
	k->env = env;
	k->account = identities_account(conf);
	k->region = identities_region(conf);
	k->shard_limit = conf_int(conf, "kinesis", "shard_limit", KIN_SHARDS_MAX);
	k->delay_ms = conf_int(conf, "kinesis", "delay_ms", 0);
	k->limits = !strcmp(conf_str(conf, "kinesis", "limits", "off"), "aws");
	memcpy(k->metrics, rows, sizeof(rows));
	metrics_add(env->metrics, k->metrics, KIN_M_N);
	int rc = kin_store_open(&k->db, env, err);
	if (!rc)
		rc = kin_kept(&k->db, &k->commitment, restore, k, err);
	if (!rc)
		rc = kin_sweep_open(k, err);
	adopt_by(env->adopt, &(struct adopt_hook){ "streams", adopt_stream, k });
	return rc ? rc : make_streams(k, err);
}

static void close_service(void *self)
{
	struct kinesis *k = self;
	kin_unsubscribe_all(k);
	owed_cancel_all(&k->pending);
	kin_sweep_close(k);
	while (k->streams) {
		struct kin_stream *s = k->streams;
		k->streams = s->next;
		kin_stream_free(s);
	}
	db_close(&k->db);
}

static const struct setting conf_rows[] = {
	{ "streams", "*", NULL, "NAME = SHARDS: streams that are there from the start", SETTING_INT, "on-demand|", 1, KIN_SHARDS_MAX },
	{ "kinesis", "shard_limit", "10000", "shards of an account", SETTING_INT, NULL, 0, INT64_MAX },
	{ "kinesis", "delay_ms", "0", "how long a stream takes to change its state", SETTING_INT, NULL, 0, 3600000 },
	{ "kinesis", "limits", "off", "aws: the limits of shards and accounts count", SETTING_TEXT, "off|aws" },
	{ NULL },
};

static const struct fault_site faults[] = {
	{ "kinesis.", FAULT_ERRORS, "error=: an operation isn't done, and answers with it" },
	{ NULL },
};

const struct service kinesis_service = {
	.name = "kinesis",
	.doc = "Kinesis Data Streams on the AWS port",
	.faults = faults,
	.settings = conf_rows,
	.aws = "kinesis",
	.aws_target = "Kinesis_",
	.size = sizeof(struct kinesis),
	.body_max = 20 << 20,
	.open = open_service,
	.provide = kin_provide,
	.routes = { &kin_routes },
	.http = kin_http,
	.http_grows = kin_http_grows,
	.http_full = kin_http_full,
	.db = offsetof(struct kinesis, db),
	.look = kin_look,
	.close = close_service,
};
