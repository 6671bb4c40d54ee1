#include "core/adopt.h"
#include "kafka/acl.h"
#include "kafka/config.h"
#include "kafka/modern.h"
#include "kafka/node.h"
#include "kafka/quota.h"
#include "kafka/compact.h"
#include "kafka/sasl.h"
#include "kafka/txn.h"
#include "kafka/seek.h"

enum { PORT = 9092 };

/* What is served is what is advertised. */
static const struct kfk_api apis[] = {
	{ { NULL, NULL, "Produce", "append record batches" }, 0, kfk_serve_produce },
	{ { NULL, NULL, "Fetch", "read record batches; waits for more" }, 1, kfk_serve_fetch },
	{ { NULL, NULL, "ListOffsets", "offsets by time, first, last" }, KP_LIST_OFFSETS, kfk_serve_list_offsets },
	{ { NULL, NULL, "Metadata", "brokers, topics, partitions" }, KP_METADATA, kfk_serve_metadata },
	{ { NULL, NULL, "OffsetCommit", "how far a group has read" }, KP_OFFSET_COMMIT, kfk_serve_offset_commit },
	{ { NULL, NULL, "OffsetFetch", "how far groups have read" }, KP_OFFSET_FETCH, kfk_serve_offset_fetch },
	{ { NULL, NULL, "FindCoordinator", "which broker keeps a group, or a transactional id" }, KP_FIND_COORDINATOR, kfk_serve_find_coordinator },
	{ { NULL, NULL, "JoinGroup", "become a member of a group; waits for the others" }, KP_JOIN_GROUP, kfk_serve_join_group },
	{ { NULL, NULL, "Heartbeat", "still a member; whether to join again" }, KP_HEARTBEAT, kfk_serve_heartbeat },
	{ { NULL, NULL, "LeaveGroup", "members leave their group" }, KP_LEAVE_GROUP, kfk_serve_leave_group },
	{ { NULL, NULL, "SyncGroup", "what a member is to read; waits for the leader's word" }, KP_SYNC_GROUP, kfk_serve_sync_group },
	{ { NULL, NULL, "DescribeGroups", "groups and their members" }, KP_DESCRIBE_GROUPS, kfk_serve_describe_groups },
	{ { NULL, NULL, "ListGroups", "groups by state and type" }, KP_LIST_GROUPS, kfk_serve_list_groups },
	{ { NULL, NULL, "SaslHandshake", "choose how to authenticate" }, 17, kfk_serve_handshake },
	{ { NULL, NULL, "ApiVersions", "what is served, in which versions" }, 18, kfk_serve_versions },
	{ { NULL, NULL, "CreateTopics", "make topics" }, KP_CREATE_TOPICS, kfk_serve_create_topics },
	{ { NULL, NULL, "DeleteTopics", "delete topics" }, KP_DELETE_TOPICS, kfk_serve_delete_topics },
	{ { NULL, NULL, "DeleteRecords", "move the start of logs" }, KP_DELETE_RECORDS, kfk_serve_delete_records },
	{ { NULL, NULL, "InitProducerId", "an idempotent or transactional producer's id and epoch" }, KP_INIT_PRODUCER_ID, kfk_serve_init_producer_id },
	{ { NULL, NULL, "OffsetForLeaderEpoch", "end offset of an epoch" }, KP_OFFSET_FOR_LEADER_EPOCH, kfk_serve_leader_epoch },
	{ { NULL, NULL, "AddPartitionsToTxn", "a transaction will write to partitions" }, KP_ADD_PARTITIONS_TO_TXN, kfk_serve_add_partitions_to_txn },
	{ { NULL, NULL, "AddOffsetsToTxn", "a transaction will commit a group's offsets" }, KP_ADD_OFFSETS_TO_TXN, kfk_serve_add_offsets_to_txn },
	{ { NULL, NULL, "EndTxn", "commit or abort a transaction" }, KP_END_TXN, kfk_serve_end_txn },
	{ { NULL, NULL, "WriteTxnMarkers", "end a transaction that hangs in partitions" }, KP_WRITE_TXN_MARKERS, kfk_serve_write_txn_markers },
	{ { NULL, NULL, "TxnOffsetCommit", "offsets that are committed with the transaction" }, KP_TXN_OFFSET_COMMIT, kfk_serve_txn_offset_commit },
	{ { NULL, NULL, "DescribeAcls", "who may do what" }, KP_DESCRIBE_ACLS, kfk_serve_describe_acls },
	{ { NULL, NULL, "CreateAcls", "let or forbid" }, KP_CREATE_ACLS, kfk_serve_create_acls },
	{ { NULL, NULL, "DeleteAcls", "take that back" }, KP_DELETE_ACLS, kfk_serve_delete_acls },
	{ { NULL, NULL, "DescribeConfigs", "settings of topics and broker" }, KP_DESCRIBE_CONFIGS, kfk_serve_describe_configs },
	{ { NULL, NULL, "AlterConfigs", "set all of the settings of topics, brokers" }, KP_ALTER_CONFIGS, kfk_serve_alter_configs },
	{ { NULL, NULL, "AlterReplicaLogDirs", "move logs to another folder: there is one" }, KP_ALTER_REPLICA_LOG_DIRS, kfk_serve_alter_log_dirs },
	{ { NULL, NULL, "DescribeLogDirs", "where logs are, and how large" }, KP_DESCRIBE_LOG_DIRS, kfk_serve_describe_log_dirs },
	{ { NULL, NULL, "SaslAuthenticate", "authenticate, a step" }, 36, kfk_serve_authenticate },
	{ { NULL, NULL, "CreatePartitions", "add partitions to topics" }, KP_CREATE_PARTITIONS, kfk_serve_create_partitions },
	{ { NULL, NULL, "CreateDelegationToken", "there are none" }, KP_CREATE_DELEGATION_TOKEN, kfk_serve_create_token },
	{ { NULL, NULL, "RenewDelegationToken", "there are none" }, KP_RENEW_DELEGATION_TOKEN, kfk_serve_renew_token },
	{ { NULL, NULL, "ExpireDelegationToken", "there are none" }, KP_EXPIRE_DELEGATION_TOKEN, kfk_serve_expire_token },
	{ { NULL, NULL, "DescribeDelegationToken", "there are none" }, KP_DESCRIBE_DELEGATION_TOKEN, kfk_serve_describe_tokens },
	{ { NULL, NULL, "DeleteGroups", "delete groups without members, and their offsets" }, KP_DELETE_GROUPS, kfk_serve_delete_groups },
	{ { NULL, NULL, "ElectLeaders", "leadership to the preferred replica, or to any that lives" }, KP_ELECT_LEADERS, kfk_serve_elect_leaders },
	{ { NULL, NULL, "OffsetDelete", "delete committed offsets" }, KP_OFFSET_DELETE, kfk_serve_offset_delete },
	{ { NULL, NULL, "IncrementalAlterConfigs", "set some of the settings of topics, brokers, groups" }, KP_INCREMENTAL_ALTER_CONFIGS, kfk_serve_incremental_alter },
	{ { NULL, NULL, "AlterPartitionReassignments", "put partitions on other brokers" }, KP_ALTER_PARTITION_REASSIGNMENTS, kfk_serve_alter_reassignments },
	{ { NULL, NULL, "ListPartitionReassignments", "none goes on for long" }, KP_LIST_PARTITION_REASSIGNMENTS, kfk_serve_list_reassignments },
	{ { NULL, NULL, "DescribeClientQuotas", "what clients may take" }, KP_DESCRIBE_CLIENT_QUOTAS, kfk_serve_describe_quotas },
	{ { NULL, NULL, "AlterClientQuotas", "say that" }, KP_ALTER_CLIENT_QUOTAS, kfk_serve_alter_quotas },
	{ { NULL, NULL, "DescribeUserScramCredentials", "who can log in by SCRAM" }, 50, kfk_serve_describe_scram },
	{ { NULL, NULL, "AlterUserScramCredentials", "make and delete users of SCRAM" }, 51, kfk_serve_alter_scram },
	{ { NULL, NULL, "DescribeQuorum", "controllers" }, KP_DESCRIBE_QUORUM, kfk_serve_describe_quorum },
	{ { NULL, NULL, "UpdateFeatures", "levels of features" }, KP_UPDATE_FEATURES, kfk_serve_update_features },
	{ { NULL, NULL, "DescribeCluster", "brokers and cluster id" }, KP_DESCRIBE_CLUSTER, kfk_serve_describe_cluster },
	{ { NULL, NULL, "DescribeProducers", "producers in partitions" }, KP_DESCRIBE_PRODUCERS, kfk_serve_describe_producers },
	{ { NULL, NULL, "UnregisterBroker", "forget a broker" }, KP_UNREGISTER_BROKER, kfk_serve_unregister_broker },
	{ { NULL, NULL, "DescribeTransactions", "transactional ids and their partitions" }, KP_DESCRIBE_TRANSACTIONS, kfk_serve_describe_transactions },
	{ { NULL, NULL, "ListTransactions", "transactional ids by state and producer" }, KP_LIST_TRANSACTIONS, kfk_serve_list_transactions },
	{ { NULL, NULL, "ConsumerGroupHeartbeat", "a member of a group of the consumer protocol: what it reads, is to read" }, KP_CONSUMER_GROUP_HEARTBEAT, kfk_serve_consumer_heartbeat },
	{ { NULL, NULL, "ConsumerGroupDescribe", "groups of the consumer protocol and their members" }, KP_CONSUMER_GROUP_DESCRIBE, kfk_serve_consumer_describe },
	{ { NULL, NULL, "ListClientMetricsResources", "subscriptions of clients' metrics" }, KP_LIST_CLIENT_METRICS_RESOURCES, kfk_serve_metrics_resources },
	{ { NULL, NULL, "DescribeTopicPartitions", "topics and partitions, a piece at a time" }, KP_DESCRIBE_TOPIC_PARTITIONS, kfk_serve_topic_partitions },
};
static const struct routes routes = ROUTES(apis);

const struct kfk_api *kfk_apis(size_t *n)
{
	*n = ARRAY_LEN(apis);
	return apis;
}

static int kfk_opened(void *self, struct conn *conn)
{
	struct kafka *k = self;
	conn->idle_ms = conf_int(k->env->conf, "kafka", "connections.max.idle.ms", 600000);
	return kfk_away_opened(k, conn) ? 0 : -1;
}

static void kfk_closed(void *self, struct conn *conn)
{
	kfk_throttle_closed(self, conn);
	kfk_serve_closed(self, conn);
	kfk_away_closed(self, conn);
}

/* Its groups and transactions are the service's, not the connection's: of the next state it hears what it would hear of a broker that has
 * lost them. */
static bool kfk_leaves(void *self, struct conn *conn, bool emptied)
{
	kfk_throttle_closed(self, conn);
	if (!kfk_serve_leaves(self, conn, emptied))
		return false;
	kfk_away_closed(self, conn);
	return true;
}

static void kfk_returns(void *self, struct conn *conn)
{
	if (!self) {
		kfk_session_free(conn->user);
		conn->user = NULL;
	} else if (!kfk_away_opened(self, conn)) {
		conn->closing = true;
	}
}

static ssize_t kfk_consume(void *self, struct conn *conn, const uint8_t *p, size_t n)
{
	struct kafka *k = self;
	struct rd r = rd_of(p, n);
	uint32_t size = rd_u32be(&r);
	if (r.bad)
		return 0;
	bool token = kfk_sasl_raw(conn);
	if (size < (token ? 0 : 8) || size > (token ? KFK_SASL_MAX : conf_int(k->env->conf, "kafka", "socket.request.max.bytes", KFK_REQUEST_MAX))) {
		log_warn(k->env, "bad-size", "peer=%s size=%d", conn->peer, (int)size);
		return TCP_HANGUP;
	}
	struct slice frame = rd_bytes(&r, size);
	if (r.bad)
		return 0;
	if (token)
		return kfk_sasl_token(k, conn, frame) ? (ssize_t)size + 4 : TCP_HANGUP;
	if (!kfk_away_serves(k, conn))
		return TCP_HANGUP;
	switch (faults_any(k->env->faults) ? tcp_fault(conn, "kafka", kfk_api_name(frame)) : TCP_GOES_ON) {
	case TCP_WAITS:
		return 0;
	case TCP_CUT:
		return TCP_HANGUP;
	case TCP_GOES_ON:
		break;
	}
	switch (kfk_serve(k, conn, frame, false)) {
	case KFK_MALFORMED:
		return TCP_HANGUP;
	case KFK_LATER:
	case KFK_RESTS:
		return 0;
	default:
		return (ssize_t)size + 4;
	}
}

/* ---- life ---- */

/* One of [topics] name = partitions, unless it is there. */
static int make_topic(struct kafka *k, struct slice name, const char *count, struct error *err)
{
	int64_t n = kfk_default_partitions(k);
	int code;
	if (*count && !sl_int(sl(count), 1, KFK_PARTITIONS_MAX, &n))
		return err_set(err, ERR_INVALID, "[topics] %.*s: not a number of partitions: %s", SL(name), count);
	code = kfk_topic(k, name) ? KE_NONE : kfk_topic_create(k, name, (int)n, NULL);
	return code ? err_set(err, ERR_INVALID, "[topics] %.*s: can't be made (Kafka error %d)", SL(name), code) : 0;
}

static int adopt_topic(void *self, struct slice name, const char *like, struct error *err)
{
	struct kafka *k = self;
	return make_topic(k, name, conf_str(k->env->conf, "topics", like, ""), err);
}

static int kfk_open(void *self, const struct env *env, struct error *err)
{
	struct kafka *k = self;
	k->env = env;
	snprintf(k->inside.peer, sizeof(k->inside.peer), "tarn");
	snprintf(k->inside.local, sizeof(k->inside.local), "127.0.0.1");
	k->inside.local_port = PORT;
	k->scratch.max = KFK_REQUEST_MAX;
	k->plain.max = KFK_PLAIN_MAX;
	kfk_measure_open(k);
	int rc = kfk_store_open(&k->db, env, err);
	if (rc)
		return rc;
	rc = kfk_kept_open(k, err);
	if (!rc)
		rc = kfk_nodes_open(k, err);
	if (!rc)
		rc = kfk_load(k, err);
	if (!rc)
		rc = kfk_groups_open(k, err);
	if (!rc)
		rc = kfk_txns_open(k, err);
	if (rc) {
		kfk_nodes_close(k);
		kfk_acls_free(k);
		kfk_quotas_free(k);
		kfk_kept_close(k);
		db_close(&k->db);
	}
	adopt_by(env->adopt, &(struct adopt_hook){ "topics", adopt_topic, k });
	return rc;
}

/* [topics] */
static int kfk_start(void *self, struct error *err)
{
	struct kafka *k = self;
	const char *name, *count;
	int rc = 0;
	kfk_nodes_start(k);
	kfk_retain_begin(k);
	for (size_t i = 0; !rc && conf_at(k->env->conf, "topics", i, &name, &count); i++)
		rc = make_topic(k, sl(name), count, err);
	return rc;
}

static int kfk_end_tick(void *self, struct error *err)
{
	struct kafka *k = self;
	kfk_groups_flush(k);
	kfk_txns_flush(k);
	bool appended = k->appended;
	int rc = kfk_commit(k, err);
	if (!rc && appended) {
		kfk_wake(k);
		kfk_tell(k);
	}
	return rc;
}

static void kfk_close(void *self)
{
	struct kafka *k = self;
	kfk_serve_stop(k);
	kfk_retain_end(k);
	kfk_compact_end(k);
	kfk_port_close(k);
	kfk_groups_close(k);
	kfk_txns_close(k);
	kfk_nodes_close(k);
	kfk_acls_free(k);
	kfk_kept_close(k);
	kfk_quotas_free(k);
	db_close(&k->db);
	kfk_free(k);
}

static const struct setting settings[] = {
	{ "topics", "*", NULL, "NAME = PARTITIONS: topics that are there from the start", SETTING_INT, "", 1, KFK_PARTITIONS_MAX },
	{ "kafka", "partitions", "1", "of topics that are made on demand, or without a number", SETTING_INT, NULL, 1, KFK_PARTITIONS_MAX },
	{ "kafka", "num.partitions", NULL, "the same by Kafka's name; counts before it", SETTING_INT, NULL, 1, KFK_PARTITIONS_MAX },
	{ "kafka", "max.message.bytes", "1048588", "the largest batch that is taken", SETTING_INT, NULL, 0, INT32_MAX },
	{ "kafka", "log.retention.ms", NULL, "of topics that don't say it: how long segments stay; -1: for ever", SETTING_INT, NULL, -1, INT64_MAX },
	{ "kafka", "log.retention.minutes", NULL, "the same in minutes", SETTING_INT, NULL, -1, INT32_MAX },
	{ "kafka", "log.retention.hours", NULL, "the same in hours, 168 without it", SETTING_INT, NULL, -1, INT32_MAX },
	{ "kafka", "log.retention.bytes", NULL, "how large partitions of such topics get; -1: as they will", SETTING_INT, NULL, -1, INT64_MAX },
	{ "kafka", "log.segment.bytes", NULL, "where their segments are full", SETTING_INT, NULL, 14, INT32_MAX },
	{ "kafka", "log.roll.ms", NULL, "where they end by time", SETTING_INT, NULL, 1, INT64_MAX },
	{ "kafka", "log.roll.hours", NULL, "the same in hours, 168 without it", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "log.cleanup.policy", NULL, "what becomes of their old records", SETTING_TEXT, "delete|compact|compact,delete|delete,compact" },
	{ "kafka", "log.message.timestamp.type", NULL, "whose time their records have", SETTING_TEXT, "CreateTime|LogAppendTime" },
	{ "kafka", "compression.type", NULL, "the codec of what they keep", SETTING_TEXT, "producer|uncompressed|gzip|snappy|lz4|zstd" },
	{ "kafka", "connections.max.idle.ms", "600000", "a client that says nothing for that long is hung up on", SETTING_INT, NULL, 1, INT64_MAX },
	{ "kafka", "fetch.max.bytes", "57671680", "of records in an answer; it never has more than 4 MiB and a batch", SETTING_INT, NULL, 1024, INT32_MAX },
	{ "kafka", "socket.request.max.bytes", "104857600", "the largest request; who sends more is hung up on", SETTING_INT, NULL, 1024, KFK_REQUEST_MAX },
	{ "kafka", "transaction.max.timeout.ms", "900000", "the longest transaction timeout a producer may ask for", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "transactional.id.expiration.ms", "604800000", "a transactional id that nobody used for that long is forgotten", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "producer.id.expiration.ms", "86400000", "what an idempotent producer sent last is forgotten after that", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "auto_create", "on", "makes topics on demand", SETTING_BOOL },
	{ "kafka", "group.initial.rebalance.delay.ms", "0", "how long a group's first round waits for more members, as Kafka's shipped server.properties", SETTING_INT, NULL, 0, INT32_MAX },
	{ "kafka", "group.min.session.timeout.ms", "6000", "the shortest session timeout a member may ask for", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "group.max.session.timeout.ms", "1800000", "the longest", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "group.max.size", "2147483647", "members of a group", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "group.consumer.session.timeout.ms", "45000", "of members of the consumer protocol (group.protocol=consumer)", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "group.consumer.heartbeat.interval.ms", "5000", "how often they are to be heard of", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "group.consumer.max.size", "2147483647", "members of such a group", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "offset.metadata.max.bytes", "4096", "of what a client notes beside a committed offset", SETTING_INT, NULL, 0, INT32_MAX },
	{ "kafka", "offsets.retention.minutes", "10080", "committed offsets of a group without members go after that", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "offsets.retention.check.interval.ms", "600000", "how often it is looked for them", SETTING_INT, NULL, 1, INT64_MAX },
	{ "kafka", "cluster_id", "tarn", "the cluster's id" },
	{ "kafka", "brokers", NULL, "how many brokers clients see, each on a port of its own; without it one, or as many as [msk] brokers says", SETTING_INT, NULL, 1, KFK_NODES_MAX },
	{ "ports", "kafka-*", NULL, "of the second broker, kafka-2, and so on; without it 10000 more than the one before, from the sixth on any that is free",
	  SETTING_INT, NULL, 0, 65535 },
	{ "kafka", "default.replication.factor", NULL, "of topics that don't say it; without it three, or as many as there are brokers", SETTING_INT, NULL, 1, KFK_NODES_MAX },
	{ "kafka", "auto.leader.rebalance.enable", "true", "leadership goes back to the preferred replica once that is there again", SETTING_BOOL },
	{ "kafka", "leader.imbalance.check.interval.seconds", "300", "after which it does", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "min.insync.replicas", "1", "of topics that don't say it: replicas that must be in sync for acks=all", SETTING_INT, NULL, 1, INT32_MAX },
	{ "kafka", "advertised", NULL, "HOST:PORT that clients are sent to, of each broker with commas between; without it, where they came in" },
	{ "kafka", "sasl", "optional", "SASL on a port that isn't one of MSK's: off, who asks for it is told so; required, nothing is served without", SETTING_TEXT,
	  "off|optional|required" },
	{ "kafka", "oauth", NULL, "tokens of OAUTHBEARER beside MSK's signed URLs: unsecured ones; any signed one too, unverified; none, as without it where identities are verified",
	  SETTING_TEXT, "none|unsecured|unverified" },
	{ "kafka", "connections.max.reauth.ms", "0", "a SASL session must be renewed after that; 0: only when its credentials end", SETTING_INT, NULL, 0, INT64_MAX },
	{ "kafka", "quotas", "told", "of clients' bytes a second: kept and told, or enforced, too", SETTING_TEXT, "told|enforced" },
	{ "kafka", "authorizer.class.name", NULL, "access control lists are obeyed; without it everyone may everything, and there are none", SETTING_TEXT,
	  "org.apache.kafka.metadata.authorizer.StandardAuthorizer|kafka.security.authorizer.AclAuthorizer|kafka.security.auth.SimpleAclAuthorizer" },
	{ "kafka", "super.users", NULL, "User:NAME;User:NAME: who may everything" },
	{ "kafka", "allow.everyone.if.no.acl.found", "false", "what no list names is everyone's", SETTING_BOOL },
	{ "kafka.users", "*", NULL, "NAME = PASSWORD of SASL: PLAIN takes anyone else too unless identities are verified, SCRAM takes only those" },
	{ "kafka", "external_port", "0", "a second port, for clients that know it by another address; of several brokers the ports from there on", SETTING_INT, NULL, 0, 65535 },
	{ "kafka", "external_advertised", NULL, "HOST:PORT that clients of the second port are sent to, of each broker" },
	{ NULL },
};

static const struct fault_site faults[] = {
	{ "kafka.", FAULTS_OF_HTTP, "its requests are answered late, cut off before they are done, or done and never answered" },
	{ "kafka.store", FAULT_IOS, "a commit fails: what the tick appended is gone, its answers are errors" },
	{ "kafka.broker-*", FAULT_DROPS, "this broker, 1 to [kafka] brokers, is away as long as it fires: asked at each of its requests, then once a second" },
	{ "kafka.leader.*", FAULT_DROPS, "at a request for a partition (kafka.leader.Produce): its leadership moves to the next replica in sync" },
	{ "kafka.coordinator.*", FAULT_DROPS, "at a request for a group or transactional id (kafka.coordinator.Heartbeat): another broker coordinates it" },
	{ NULL },
};

const struct service kafka_service = {
	.name = "kafka",
	.doc = "Kafka broker: produce, fetch and administer topics over the Kafka protocol",
	.faults = faults,
	.settings = settings,
	.port = PORT,
	.endpoint = "kafka",
	.size = sizeof(struct kafka),
	.in_max = KFK_REQUEST_MAX + 4,
	.open = kfk_open,
	.provide = kfk_provide,
	.start = kfk_start,
	.routes = { &routes },
	.tcp_ports = kfk_ports,
	.tcp_opened = kfk_opened,
	.tcp_consume = kfk_consume,
	.tcp_closed = kfk_closed,
	.tcp_leaves = kfk_leaves,
	.tcp_returns = kfk_returns,
	.db = offsetof(struct kafka, db),
	.commit = kfk_end_tick,
	.look = kfk_look,
	.close = kfk_close,
};
