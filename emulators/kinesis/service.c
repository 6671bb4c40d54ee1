/* The table of operations with the shapes of their requests; the stack's streams; the struct service. */
#include <stdlib.h>
#include <string.h>

#include "kinesis/kinesis.h"

/* By name or by ARN: without either it is the name that is missing. */
#define STREAM { "StreamName", KIN_STRING, true, KIN_NAME, 1, 128, .instead = "StreamARN" }, { "StreamARN", KIN_STRING, false, KIN_STREAM_ARN, 1, 2048 }
#define RESOURCE { "ResourceARN", KIN_STRING, true, KIN_ARN, 1, 2048 }
#define SHARD(name, required) { name, KIN_STRING, required, KIN_NAME, 1, 128 }
#define LIMIT(name, max) { name, KIN_INTEGER, false, KIN_ANY, 1, max }
#define TAGS { "Tags", KIN_MAP, true, KIN_ANY, 1, 200, NULL, 1, 128, 0, 256 }
#define SHAPE(name, ...) static const struct kin_member name[] = { __VA_ARGS__, { NULL } }

static const struct kin_member none[] = { { NULL } };
SHAPE(stream_only, STREAM);
SHAPE(resource_only, RESOURCE);
SHAPE(mode_details, { "StreamMode", KIN_STRING, true, KIN_ANY, 0, 0, "PROVISIONED, ON_DEMAND" });
SHAPE(create, { "ShardCount", KIN_INTEGER, false, KIN_ANY, 1, 100000 }, { "StreamName", KIN_STRING, true, KIN_NAME, 1, 128 },
      { "StreamModeDetails", KIN_STRUCT, .of = mode_details }, { "Tags", KIN_MAP, false, KIN_ANY, 1, 200, NULL, 1, 128, 0, 256 },
      { "MaxRecordSizeInKiB", KIN_INTEGER, false, KIN_ANY, 1024, 10240 }, LIMIT("WarmThroughputMiBps", 1000000));
SHAPE(delete, STREAM, { "EnforceConsumerDeletion", KIN_BOOLEAN });
SHAPE(describe, LIMIT("Limit", 10000), SHARD("ExclusiveStartShardId", false), STREAM);
SHAPE(list, LIMIT("Limit", 10000), SHARD("ExclusiveStartStreamName", false), { "NextToken", KIN_STRING, false, KIN_ANY, 1, 1048576 });
SHAPE(shard_filter, { "Type", KIN_STRING, true, KIN_ANY, 0, 0, "AFTER_SHARD_ID, AT_TRIM_HORIZON, FROM_TRIM_HORIZON, AT_LATEST, AT_TIMESTAMP, FROM_TIMESTAMP" },
      SHARD("ShardId", false), { "Timestamp", KIN_TIMESTAMP });
SHAPE(list_shards, SHARD("ExclusiveStartShardId", false), LIMIT("MaxResults", 10000), { "NextToken", KIN_STRING, false, KIN_ANY, 1, 1048576 },
      { "StreamCreationTimestamp", KIN_TIMESTAMP }, { "StreamName", KIN_STRING, false, KIN_NAME, 1, 128 },
      { "StreamARN", KIN_STRING, false, KIN_STREAM_ARN, 1, 2048 }, { "ShardFilter", KIN_STRUCT, .of = shard_filter });
SHAPE(put_record, { "SequenceNumberForOrdering", KIN_STRING, false, KIN_SEQUENCE }, { "PartitionKey", KIN_STRING, true, KIN_ANY, 1, 256 },
      { "ExplicitHashKey", KIN_STRING, false, KIN_HASH_KEY }, { "Data", KIN_BLOB, true, KIN_ANY, 0, 10485760 }, STREAM);
SHAPE(entry, { "PartitionKey", KIN_STRING, true, KIN_ANY, 1, 256 }, { "ExplicitHashKey", KIN_STRING, false, KIN_HASH_KEY },
      { "Data", KIN_BLOB, true, KIN_ANY, 0, 10485760 });
SHAPE(put_records, { "Records", KIN_LIST, true, KIN_ANY, 1, 500, .of = entry, .print = "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310" }, STREAM);
SHAPE(iterator, SHARD("ShardId", true),
      { "ShardIteratorType", KIN_STRING, true, KIN_ANY, 0, 0, "AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON" },
      { "StartingSequenceNumber", KIN_STRING, false, KIN_SEQUENCE }, STREAM, { "Timestamp", KIN_TIMESTAMP });
SHAPE(get_records, LIMIT("Limit", 10000), { "ShardIterator", KIN_STRING, true, KIN_ANY, 1, 512 }, { "StreamARN", KIN_STRING, false, KIN_STREAM_ARN, 1, 2048 });
SHAPE(split, { "NewStartingHashKey", KIN_STRING, true, KIN_HASH_KEY }, STREAM, SHARD("ShardToSplit", true));
SHAPE(merge, SHARD("ShardToMerge", true), SHARD("AdjacentShardToMerge", true), STREAM);
SHAPE(shard_count, { "ScalingType", KIN_STRING, true, KIN_ANY, 0, 0, "UNIFORM_SCALING" }, STREAM, { "TargetShardCount", KIN_INTEGER, true, KIN_ANY, 1, 100000 });
SHAPE(mode, { "StreamARN", KIN_STRING, true, KIN_STREAM_ARN, 1, 2048 }, { "StreamModeDetails", KIN_STRUCT, true, .of = mode_details });
SHAPE(retention, { "RetentionPeriodHours", KIN_INTEGER, true, KIN_ANY, 1, 8760 }, STREAM);
SHAPE(add_tags, TAGS, STREAM);
SHAPE(remove_tags, { "TagKeys", KIN_LIST, true, KIN_ANY, 1, 50, NULL, 1, 128 }, STREAM);
SHAPE(list_tags, LIMIT("Limit", 50), { "ExclusiveStartTagKey", KIN_STRING, false, KIN_ANY, 1, 128 }, STREAM);
SHAPE(tag_resource, TAGS, RESOURCE);
SHAPE(untag_resource, { "TagKeys", KIN_LIST, true, KIN_ANY, 1, 50, NULL, 1, 128 }, RESOURCE);
SHAPE(encryption, { "EncryptionType", KIN_STRING, true, KIN_ANY, 0, 0, "NONE, KMS" }, { "KeyId", KIN_STRING, true, KIN_ANY, 1, 2048 }, STREAM);
SHAPE(monitoring, { "ShardLevelMetrics", KIN_LIST, true, KIN_ANY, 1, 7 }, STREAM);
SHAPE(record_size, { "MaxRecordSizeInKiB", KIN_INTEGER, true, KIN_ANY, 1024, 10240 }, { "StreamARN", KIN_STRING, false, KIN_STREAM_ARN, 1, 2048 });
SHAPE(register_consumer, { "ConsumerName", KIN_STRING, true, KIN_NAME, 1, 128 }, { "StreamARN", KIN_STRING, true, KIN_STREAM_ARN, 1, 2048 },
      { "Tags", KIN_MAP, false, KIN_ANY, 1, 200, NULL, 1, 128, 0, 256 });
SHAPE(consumer, { "ConsumerARN", KIN_STRING, false, KIN_CONSUMER_ARN, 1, 2048 }, { "ConsumerName", KIN_STRING, false, KIN_NAME, 1, 128 },
      { "StreamARN", KIN_STRING, false, KIN_STREAM_ARN, 1, 2048 });
SHAPE(list_consumers, LIMIT("MaxResults", 100), { "NextToken", KIN_STRING, false, KIN_ANY, 1, 1048576 }, { "StreamARN", KIN_STRING, true, KIN_STREAM_ARN, 1, 2048 },
      { "StreamCreationTimestamp", KIN_TIMESTAMP });
SHAPE(position, { "Type", KIN_STRING, true, KIN_ANY, 0, 0, "AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON" },
      { "SequenceNumber", KIN_STRING, false, KIN_SEQUENCE }, { "Timestamp", KIN_TIMESTAMP });
SHAPE(subscribe, { "ConsumerARN", KIN_STRING, true, KIN_CONSUMER_ARN, 1, 2048 }, SHARD("ShardId", true), { "StartingPosition", KIN_STRUCT, true, .of = position });
SHAPE(commitment, { "Status", KIN_STRING, true, KIN_ANY, 0, 0, "ENABLED, DISABLED" });
SHAPE(settings, { "MinimumThroughputBillingCommitment", KIN_STRUCT, true, .of = commitment });
SHAPE(warm, { "WarmThroughputMiBps", KIN_INTEGER, true, KIN_ANY, 0, 1000000 }, STREAM);
SHAPE(put_policy, { "Policy", KIN_STRING, true }, RESOURCE);

#define OP(name, doc, shape, run) { { NULL, NULL, name, doc }, shape, run }
static const struct kin_op ops[] = {
	OP("AddTagsToStream", "add tags to a stream", add_tags, kin_op_add_tags),
	OP("CreateStream", "make a stream", create, kin_op_create),
	OP("DecreaseStreamRetentionPeriod", "keep records for fewer hours", retention, kin_op_decrease_retention),
	OP("DeleteResourcePolicy", "take a resource policy away", resource_only, kin_op_delete_policy),
	OP("DeleteStream", "delete a stream and its records", delete, kin_op_delete),
	OP("DeregisterStreamConsumer", "end an enhanced consumer", consumer, kin_op_deregister_consumer),
	OP("DescribeAccountSettings", "settings of the account", none, kin_op_settings),
	OP("DescribeLimits", "limits of the account, and what is used of them", none, kin_op_limits),
	OP("DescribeStream", "a stream with its shards", describe, kin_op_describe),
	OP("DescribeStreamConsumer", "an enhanced consumer", consumer, kin_op_describe_consumer),
	OP("DescribeStreamSummary", "a stream without its shards", stream_only, kin_op_summary),
	OP("DisableEnhancedMonitoring", "shard-level metrics off", monitoring, kin_op_disable_metrics),
	OP("EnableEnhancedMonitoring", "shard-level metrics on", monitoring, kin_op_enable_metrics),
	OP("GetRecords", "records from an iterator on", get_records, kin_op_get_records),
	OP("GetResourcePolicy", "the resource policy", resource_only, kin_op_get_policy),
	OP("GetShardIterator", "a place in a shard to read from", iterator, kin_op_get_iterator),
	OP("IncreaseStreamRetentionPeriod", "keep records for more hours", retention, kin_op_increase_retention),
	OP("ListShards", "shards, by a filter", list_shards, kin_op_list_shards),
	OP("ListStreamConsumers", "enhanced consumers of a stream", list_consumers, kin_op_list_consumers),
	OP("ListStreams", "names of the streams", list, kin_op_list),
	OP("ListTagsForResource", "tags, by ARN", resource_only, kin_op_list_resource_tags),
	OP("ListTagsForStream", "tags, by name", list_tags, kin_op_list_tags),
	OP("MergeShards", "make one shard of two neighbours", merge, kin_op_merge),
	OP("PutRecord", "append a record", put_record, kin_op_put_record),
	OP("PutRecords", "append up to 500 records", put_records, kin_op_put_records),
	OP("PutResourcePolicy", "set a resource policy", put_policy, kin_op_put_policy),
	OP("RegisterStreamConsumer", "begin an enhanced consumer", register_consumer, kin_op_register_consumer),
	OP("RemoveTagsFromStream", "take tags away, by name", remove_tags, kin_op_remove_tags),
	OP("SplitShard", "make two shards of one", split, kin_op_split),
	OP("StartStreamEncryption", "encrypt with a KMS key", encryption, kin_op_start_encryption),
	OP("StopStreamEncryption", "encrypt no more", encryption, kin_op_stop_encryption),
	OP("SubscribeToShard", "records pushed to an enhanced consumer for five minutes", subscribe, kin_op_subscribe),
	OP("TagResource", "add tags, by ARN", tag_resource, kin_op_tag_resource),
	OP("UntagResource", "take tags away, by ARN", untag_resource, kin_op_untag_resource),
	OP("UpdateAccountSettings", "change settings of the account", settings, kin_op_update_settings),
	OP("UpdateMaxRecordSize", "how large a record may be", record_size, kin_op_record_size),
	OP("UpdateShardCount", "reshard to a number of shards", shard_count, kin_op_shard_count),
	OP("UpdateStreamMode", "provisioned or on demand", mode, kin_op_mode),
	OP("UpdateStreamWarmThroughput", "throughput to be ready for", warm, kin_op_warm),
};
const struct routes kin_routes = ROUTES(ops);

static const struct metric rows[KIN_M_N] = {
	[KIN_M_RECORDS] = { "tarn_kinesis_records_total", "Records put.", false, 0 },
	[KIN_M_BYTES] = { "tarn_kinesis_bytes_total", "Bytes of data put.", false, 0 },
	[KIN_M_READ] = { "tarn_kinesis_read_records_total", "Records handed to readers.", false, 0 },
	[KIN_M_THROTTLED] = { "tarn_kinesis_throttled_total", "Records refused by a shard's limit.", false, 0 },
};

static int restore(void *arg, int64_t id, struct slice doc, uint64_t next_index, struct error *err)
{
	struct kinesis *k = arg;
	json_t *v = json_loadb(doc.p, doc.n, 0, NULL);
	if (!v)
		return err_set(err, ERR_STORE, "kinesis.db: stream %lld can't be read", (long long)id);
	if (id == KIN_SETTINGS_ID) {
		kin_settings_of_doc(k, v);
		json_decref(v);
		return 0;
	}
	struct kin_stream *s = kin_stream_of_doc(id, v);
	json_decref(v);
	s->next_index = next_index;
	for (size_t i = 0; i < s->shard_n; i++)
		if (s->shards[i].closed_ms && s->shards[i].end_index >= s->next_index)
			s->next_index = s->shards[i].end_index + 1;
	kin_insert(k, s);
	if (id > k->next_id)
		k->next_id = id;
	return 0;
}

/* [streams]: NAME = SHARDS, or on-demand. */
static int make_streams(struct kinesis *k, struct error *err)
{
	const char *name, *value;
	int rc = 0;
	for (size_t i = 0; !rc && conf_at(k->env->conf, "streams", i, &name, &value); i++) {
		int64_t shards = KIN_ON_DEMAND_SHARDS;
		bool on_demand = !*value || !strcmp(value, "on-demand");
		if (!on_demand && !sl_int(sl(value), 1, KIN_SHARDS_MAX, &shards))
			return err_set(err, ERR_INVALID, "[streams] %s = %s: a number of shards, or on-demand", name, value);
		if (!kin_find(k, sl(name)))
			rc = kin_save(k, kin_make(k, sl(name), (size_t)shards, on_demand, clock_now_ms(k->env->clock)), err);
	}
	return rc;
}

static int open_service(void *self, const struct env *env, struct error *err)
{
	struct kinesis *k = self;
	const struct conf *conf = env->conf;
	k->env = env;
	k->account = conf_str(conf, "kinesis", "account", "000000000000");
	k->shard_limit = conf_int(conf, "kinesis", "shard_limit", KIN_SHARDS_MAX);
	k->delay_ms = conf_int(conf, "kinesis", "delay_ms", 0);
	k->limits = !strcmp(conf_str(conf, "kinesis", "limits", "off"), "aws");
	memcpy(k->metrics, rows, sizeof(rows));
	metrics_add(env->metrics, k->metrics, KIN_M_N);
	int rc = kin_store_open(&k->store, env, err);
	if (!rc)
		rc = kin_store_streams(&k->store, restore, k, err);
	return rc ? rc : make_streams(k, err);
}

static bool dirty(const void *self)
{
	return ((const struct kinesis *)self)->store.db.in_tx;
}

static int commit(void *self, struct error *err)
{
	return db_commit(&((struct kinesis *)self)->store.db, err);
}

static void close_service(void *self)
{
	struct kinesis *k = self;
	kin_unsubscribe_all(k);
	owed_cancel_all(&k->pending);
	while (k->streams) {
		struct kin_stream *s = k->streams;
		k->streams = s->next;
		kin_stream_free(s);
	}
	kin_store_close(&k->store);
}

const struct service kinesis_service = {
	.name = "kinesis",
	.doc = "Kinesis Data Streams on the AWS port",
	.aws = "kinesis",
	.aws_target = "Kinesis_",
	.size = sizeof(struct kinesis),
	.body_max = 20 << 20,
	.open = open_service,
	.provide = kin_provide,
	.routes = { &kin_routes },
	.http = kin_http,
	.dirty = dirty,
	.commit = commit,
	.close = close_service,
};
