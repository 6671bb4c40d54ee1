/* Kafka's messages as tables: what each has, in which versions, once. From a table comes the C struct of a message (here), the rows that
 * one reader and one writer walk (message.c), and what is advertised.
 *
 * A message is a macro of rows, each a field in the order of the wire:
 *   F(T, KIND, name, …)               a value: I8 I16 I32 I64 U16 F64 BOOL STRING BYTES RECORDS UUID
 *   L(T, KIND, names, name_n, …)      an array of them
 *   A(T, names, name_n, struct, …)    an array of structs
 *   O(T, name, struct, …)             one struct, by pointer: NULL where it is null or, tagged, not there
 * and then: FROM(v) or RANGE(v, v), the versions that have it; NULLABLE(v), since when it may be null (a slice without p, n -1);
 * DEFAULT(x) or NULL_DEFAULT, its value where a version has it not (else 0, "", no elements); TAG(tag, v), that it is a tagged field.
 * Names and order are those of the protocol's own definitions (kafka.apache.org/protocol), of 2.8 and 4.0 together. */
#ifndef KP_SCHEMA_H
#define KP_SCHEMA_H

#include "core/mem.h"
#include "kproto/schema_admin.h"
#include "kproto/schema_data.h"
#include "kproto/schema_group.h"
#include "kproto/schema_kept.h"
#include "kproto/schema_security.h"
#include "kproto/schema_txn.h"

struct kp_uuid {
	uint8_t b[16];
};

#define KP_C_I8 int8_t
#define KP_C_I16 int16_t
#define KP_C_I32 int32_t
#define KP_C_I64 int64_t
#define KP_C_U16 uint16_t
#define KP_C_F64 double
#define KP_C_BOOL bool
#define KP_C_STRING struct slice
#define KP_C_BYTES struct slice
#define KP_C_RECORDS struct slice
#define KP_C_UUID struct kp_uuid

#define KP_FIELD(T, kind, name, ...) KP_C_##kind name;
#define KP_LIST(T, kind, name, count, ...) \
	KP_C_##kind *name; \
	int32_t count;
#define KP_ARRAY(T, name, count, of, ...) \
	struct of *name; \
	int32_t count;
#define KP_ONE(T, name, of, ...) struct of *name;
#define KP_STRUCT(type, rows) \
	struct type { \
		rows(KP_FIELD, KP_LIST, KP_ARRAY, KP_ONE, type) \
	};

#define KP_STRUCTS(X) \
	KP_DATA_STRUCTS(X) \
	KP_GROUP_STRUCTS(X) \
	KP_TXN_STRUCTS(X) \
	KP_ADMIN_STRUCTS(X) \
	KP_SECURITY_STRUCTS(X) \
	KP_KEPT_STRUCTS(X)
KP_STRUCTS(KP_STRUCT)

/* Requests with an answer: key, names here, Kafka's name, versions of 2.8 and 4.0 together, the first flexible one. */
enum { KP_NEVER = 99 };
#define KP_APIS(X) \
	X(0, PRODUCE, produce, Produce, 0, 12, 9) \
	X(1, FETCH, fetch, Fetch, 0, 17, 12) \
	X(2, LIST_OFFSETS, list_offsets, ListOffsets, 0, 10, 6) \
	X(3, METADATA, metadata, Metadata, 0, 13, 9) \
	X(8, OFFSET_COMMIT, offset_commit, OffsetCommit, 0, 9, 8) \
	X(9, OFFSET_FETCH, offset_fetch, OffsetFetch, 0, 9, 6) \
	X(10, FIND_COORDINATOR, find_coordinator, FindCoordinator, 0, 6, 3) \
	X(11, JOIN_GROUP, join_group, JoinGroup, 0, 9, 6) \
	X(12, HEARTBEAT, heartbeat, Heartbeat, 0, 4, 4) \
	X(13, LEAVE_GROUP, leave_group, LeaveGroup, 0, 5, 4) \
	X(14, SYNC_GROUP, sync_group, SyncGroup, 0, 5, 4) \
	X(15, DESCRIBE_GROUPS, describe_groups, DescribeGroups, 0, 6, 5) \
	X(16, LIST_GROUPS, list_groups, ListGroups, 0, 5, 3) \
	X(17, SASL_HANDSHAKE, sasl_handshake, SaslHandshake, 0, 1, KP_NEVER) \
	X(18, API_VERSIONS, api_versions, ApiVersions, 0, 4, 3) \
	X(19, CREATE_TOPICS, create_topics, CreateTopics, 0, 7, 5) \
	X(20, DELETE_TOPICS, delete_topics, DeleteTopics, 0, 6, 4) \
	X(21, DELETE_RECORDS, delete_records, DeleteRecords, 0, 2, 2) \
	X(22, INIT_PRODUCER_ID, init_producer_id, InitProducerId, 0, 5, 2) \
	X(23, OFFSET_FOR_LEADER_EPOCH, offset_for_leader_epoch, OffsetForLeaderEpoch, 0, 4, 4) \
	X(24, ADD_PARTITIONS_TO_TXN, add_partitions_to_txn, AddPartitionsToTxn, 0, 5, 3) \
	X(25, ADD_OFFSETS_TO_TXN, add_offsets_to_txn, AddOffsetsToTxn, 0, 4, 3) \
	X(26, END_TXN, end_txn, EndTxn, 0, 5, 3) \
	X(27, WRITE_TXN_MARKERS, write_txn_markers, WriteTxnMarkers, 0, 1, 1) \
	X(28, TXN_OFFSET_COMMIT, txn_offset_commit, TxnOffsetCommit, 0, 5, 3) \
	X(29, DESCRIBE_ACLS, describe_acls, DescribeAcls, 0, 3, 2) \
	X(30, CREATE_ACLS, create_acls, CreateAcls, 0, 3, 2) \
	X(31, DELETE_ACLS, delete_acls, DeleteAcls, 0, 3, 2) \
	X(32, DESCRIBE_CONFIGS, describe_configs, DescribeConfigs, 0, 4, 4) \
	X(33, ALTER_CONFIGS, alter_configs, AlterConfigs, 0, 2, 2) \
	X(34, ALTER_REPLICA_LOG_DIRS, alter_replica_log_dirs, AlterReplicaLogDirs, 0, 2, 2) \
	X(35, DESCRIBE_LOG_DIRS, describe_log_dirs, DescribeLogDirs, 0, 4, 2) \
	X(36, SASL_AUTHENTICATE, sasl_authenticate, SaslAuthenticate, 0, 2, 2) \
	X(37, CREATE_PARTITIONS, create_partitions, CreatePartitions, 0, 3, 2) \
	X(38, CREATE_DELEGATION_TOKEN, create_delegation_token, CreateDelegationToken, 0, 3, 2) \
	X(39, RENEW_DELEGATION_TOKEN, renew_delegation_token, RenewDelegationToken, 0, 2, 2) \
	X(40, EXPIRE_DELEGATION_TOKEN, expire_delegation_token, ExpireDelegationToken, 0, 2, 2) \
	X(41, DESCRIBE_DELEGATION_TOKEN, describe_delegation_token, DescribeDelegationToken, 0, 3, 2) \
	X(42, DELETE_GROUPS, delete_groups, DeleteGroups, 0, 2, 2) \
	X(43, ELECT_LEADERS, elect_leaders, ElectLeaders, 0, 2, 2) \
	X(44, INCREMENTAL_ALTER_CONFIGS, incremental_alter_configs, IncrementalAlterConfigs, 0, 1, 1) \
	X(45, ALTER_PARTITION_REASSIGNMENTS, alter_partition_reassignments, AlterPartitionReassignments, 0, 0, 0) \
	X(46, LIST_PARTITION_REASSIGNMENTS, list_partition_reassignments, ListPartitionReassignments, 0, 0, 0) \
	X(47, OFFSET_DELETE, offset_delete, OffsetDelete, 0, 0, KP_NEVER) \
	X(48, DESCRIBE_CLIENT_QUOTAS, describe_client_quotas, DescribeClientQuotas, 0, 1, 1) \
	X(49, ALTER_CLIENT_QUOTAS, alter_client_quotas, AlterClientQuotas, 0, 1, 1) \
	X(50, DESCRIBE_USER_SCRAM_CREDENTIALS, describe_user_scram_credentials, DescribeUserScramCredentials, 0, 0, 0) \
	X(51, ALTER_USER_SCRAM_CREDENTIALS, alter_user_scram_credentials, AlterUserScramCredentials, 0, 0, 0) \
	X(55, DESCRIBE_QUORUM, describe_quorum, DescribeQuorum, 0, 2, 0) \
	X(57, UPDATE_FEATURES, update_features, UpdateFeatures, 0, 2, 0) \
	X(60, DESCRIBE_CLUSTER, describe_cluster, DescribeCluster, 0, 2, 0) \
	X(61, DESCRIBE_PRODUCERS, describe_producers, DescribeProducers, 0, 0, 0) \
	X(64, UNREGISTER_BROKER, unregister_broker, UnregisterBroker, 0, 0, 0) \
	X(65, DESCRIBE_TRANSACTIONS, describe_transactions, DescribeTransactions, 0, 0, 0) \
	X(66, LIST_TRANSACTIONS, list_transactions, ListTransactions, 0, 1, 0) \
	X(68, CONSUMER_GROUP_HEARTBEAT, consumer_group_heartbeat, ConsumerGroupHeartbeat, 0, 1, 0) \
	X(69, CONSUMER_GROUP_DESCRIBE, consumer_group_describe, ConsumerGroupDescribe, 0, 1, 0) \
	X(74, LIST_CLIENT_METRICS_RESOURCES, list_client_metrics_resources, ListClientMetricsResources, 0, 0, 0) \
	X(75, DESCRIBE_TOPIC_PARTITIONS, describe_topic_partitions, DescribeTopicPartitions, 0, 0, 0)
#define KP_KEY(key, upper, ...) KP_##upper = key,
enum kp_key { KP_APIS(KP_KEY) };

#endif
