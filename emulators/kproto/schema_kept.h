/* What the records of __consumer_offsets and __transaction_state say. Each begins with its version as an int16, which isn't in the rows.
 * How to read the rows: schema.h. */
#ifndef KP_SCHEMA_KEPT_H
#define KP_SCHEMA_KEPT_H

/* ---- key, versions 0 and 1 ---- */
#define KP_OFFSET_COMMIT_KEY(F, L, A, O, T) \
	F(T, STRING, group, FROM(0)) \
	F(T, STRING, topic, FROM(0)) \
	F(T, I32, partition, FROM(0))

#define KP_OFFSET_COMMIT_VALUE(F, L, A, O, T) \
	F(T, I64, offset, FROM(0)) \
	F(T, I32, leader_epoch, FROM(3), DEFAULT(-1)) \
	F(T, STRING, metadata, FROM(0)) \
	F(T, I64, commit_timestamp, FROM(0)) \
	F(T, I64, expire_timestamp, RANGE(1, 1), DEFAULT(-1))

/* ---- key, version 2 ---- */
#define KP_GROUP_METADATA_KEY(F, L, A, O, T) \
	F(T, STRING, group, FROM(0))

#define KP_GROUP_METADATA_VALUE_MEMBER(F, L, A, O, T) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, STRING, group_instance_id, FROM(3), NULLABLE(3), NULL_DEFAULT) \
	F(T, STRING, client_id, FROM(0)) \
	F(T, STRING, client_host, FROM(0)) \
	F(T, I32, rebalance_timeout, FROM(1)) \
	F(T, I32, session_timeout, FROM(0)) \
	F(T, BYTES, subscription, FROM(0)) \
	F(T, BYTES, assignment, FROM(0))

#define KP_GROUP_METADATA_VALUE(F, L, A, O, T) \
	F(T, STRING, protocol_type, FROM(0)) \
	F(T, I32, generation, FROM(0)) \
	F(T, STRING, protocol, FROM(0), NULLABLE(0)) \
	F(T, STRING, leader, FROM(0), NULLABLE(0)) \
	F(T, I64, current_state_timestamp, FROM(2), DEFAULT(-1)) \
	A(T, members, member_n, kp_group_metadata_value_member, FROM(0))

/* ---- of groups of the consumer protocol (KIP-848): a key's version says which; values are flexible, of version 0 ---- */
#define KP_CONSUMER_GROUP_KEY(F, L, A, O, T) /* 3 the group, 6 its target assignment */ \
	F(T, STRING, group, FROM(0))

#define KP_CONSUMER_MEMBER_KEY(F, L, A, O, T) /* 5 a member, 7 what it is to have, 8 what it has */ \
	F(T, STRING, group, FROM(0)) \
	F(T, STRING, member, FROM(0))

#define KP_CONSUMER_EPOCH_VALUE(F, L, A, O, T) /* 3, 6 */ \
	F(T, I32, epoch, FROM(0))

#define KP_CONSUMER_MEMBER_VALUE(F, L, A, O, T) /* 5 */ \
	F(T, STRING, instance_id, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, STRING, rack_id, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, STRING, client_id, FROM(0)) \
	F(T, STRING, client_host, FROM(0)) \
	L(T, STRING, topic_names, topic_name_n, FROM(0)) \
	F(T, STRING, topic_regex, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, I32, rebalance_timeout_ms, FROM(0), DEFAULT(-1)) \
	F(T, STRING, server_assignor, FROM(0), NULLABLE(0), NULL_DEFAULT)

#define KP_CONSUMER_PLACES(F, L, A, O, T) \
	F(T, UUID, topic_id, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_CONSUMER_TARGET_VALUE(F, L, A, O, T) /* 7 */ \
	A(T, topics, topic_n, kp_consumer_places, FROM(0))

#define KP_CONSUMER_CURRENT_VALUE(F, L, A, O, T) /* 8; state: 0 stable, 1 has to revoke, 2 waits for what others have */ \
	F(T, I32, epoch, FROM(0)) \
	F(T, I32, previous_epoch, FROM(0)) \
	F(T, I8, state, FROM(0)) \
	A(T, assigned, assigned_n, kp_consumer_places, FROM(0)) \
	A(T, revoking, revoking_n, kp_consumer_places, FROM(0))

/* ---- __transaction_state ---- */
#define KP_TRANSACTION_LOG_KEY(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(0))

#define KP_TRANSACTION_LOG_VALUE_PARTITION(F, L, A, O, T) \
	F(T, STRING, topic, FROM(0)) \
	L(T, I32, partition_ids, partition_id_n, FROM(0))

#define KP_TRANSACTION_LOG_VALUE(F, L, A, O, T) \
	F(T, I64, producer_id, FROM(0)) \
	F(T, I16, producer_epoch, FROM(0)) \
	F(T, I32, transaction_timeout_ms, FROM(0)) \
	F(T, I8, transaction_status, FROM(0)) \
	A(T, partitions, partition_n, kp_transaction_log_value_partition, FROM(0), NULLABLE(0)) \
	F(T, I64, last_update_timestamp_ms, FROM(0)) \
	F(T, I64, start_timestamp_ms, FROM(0))

/* Those above, the inner ones before who has them. */
#define KP_KEPT_STRUCTS(X) \
	X(kp_offset_commit_key, KP_OFFSET_COMMIT_KEY) \
	X(kp_offset_commit_value, KP_OFFSET_COMMIT_VALUE) \
	X(kp_group_metadata_key, KP_GROUP_METADATA_KEY) \
	X(kp_group_metadata_value_member, KP_GROUP_METADATA_VALUE_MEMBER) \
	X(kp_group_metadata_value, KP_GROUP_METADATA_VALUE) \
	X(kp_consumer_group_key, KP_CONSUMER_GROUP_KEY) \
	X(kp_consumer_member_key, KP_CONSUMER_MEMBER_KEY) \
	X(kp_consumer_epoch_value, KP_CONSUMER_EPOCH_VALUE) \
	X(kp_consumer_member_value, KP_CONSUMER_MEMBER_VALUE) \
	X(kp_consumer_places, KP_CONSUMER_PLACES) \
	X(kp_consumer_target_value, KP_CONSUMER_TARGET_VALUE) \
	X(kp_consumer_current_value, KP_CONSUMER_CURRENT_VALUE) \
	X(kp_transaction_log_key, KP_TRANSACTION_LOG_KEY) \
	X(kp_transaction_log_value_partition, KP_TRANSACTION_LOG_VALUE_PARTITION) \
	X(kp_transaction_log_value, KP_TRANSACTION_LOG_VALUE)

#endif
