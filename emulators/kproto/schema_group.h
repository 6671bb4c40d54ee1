/* Messages of Kafka: groups and their offsets. How to read the rows: schema.h. */
#ifndef KP_SCHEMA_GROUP_H
#define KP_SCHEMA_GROUP_H

/* ---- 10 FindCoordinator ---- */
#define KP_FIND_COORDINATOR_REQ(F, L, A, O, T) \
	F(T, STRING, key, RANGE(0, 3)) \
	F(T, I8, key_type, FROM(1)) \
	L(T, STRING, coordinator_keys, coordinator_key_n, FROM(4))

#define KP_FIND_COORDINATOR_RESP_COORDINATOR(F, L, A, O, T) \
	F(T, STRING, key, FROM(4)) \
	F(T, I32, node_id, FROM(4)) \
	F(T, STRING, host, FROM(4)) \
	F(T, I32, port, FROM(4)) \
	F(T, I16, error_code, FROM(4)) \
	F(T, STRING, error_message, FROM(4), NULLABLE(4))

#define KP_FIND_COORDINATOR_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	F(T, I16, error_code, RANGE(0, 3)) \
	F(T, STRING, error_message, RANGE(1, 3), NULLABLE(1)) \
	F(T, I32, node_id, RANGE(0, 3)) \
	F(T, STRING, host, RANGE(0, 3)) \
	F(T, I32, port, RANGE(0, 3)) \
	A(T, coordinators, coordinator_n, kp_find_coordinator_resp_coordinator, FROM(4))

/* ---- 11 JoinGroup ---- */
#define KP_JOIN_GROUP_REQ_PROTOCOL(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, BYTES, metadata, FROM(0))

#define KP_JOIN_GROUP_REQ(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, I32, session_timeout_ms, FROM(0)) \
	F(T, I32, rebalance_timeout_ms, FROM(1), DEFAULT(-1)) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, STRING, group_instance_id, FROM(5), NULLABLE(5), NULL_DEFAULT) \
	F(T, STRING, protocol_type, FROM(0)) \
	A(T, protocols, protocol_n, kp_join_group_req_protocol, FROM(0)) \
	F(T, STRING, reason, FROM(8), NULLABLE(8), NULL_DEFAULT)

#define KP_JOIN_GROUP_RESP_MEMBER(F, L, A, O, T) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, STRING, group_instance_id, FROM(5), NULLABLE(5), NULL_DEFAULT) \
	F(T, BYTES, metadata, FROM(0))

#define KP_JOIN_GROUP_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(2)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I32, generation_id, FROM(0), DEFAULT(-1)) \
	F(T, STRING, protocol_type, FROM(7), NULLABLE(7), NULL_DEFAULT) \
	F(T, STRING, protocol_name, FROM(0), NULLABLE(7)) \
	F(T, STRING, leader, FROM(0)) \
	F(T, BOOL, skip_assignment, FROM(9)) \
	F(T, STRING, member_id, FROM(0)) \
	A(T, members, member_n, kp_join_group_resp_member, FROM(0))

/* ---- 14 SyncGroup ---- */
#define KP_SYNC_GROUP_REQ_ASSIGNMENT(F, L, A, O, T) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, BYTES, assignment, FROM(0))

#define KP_SYNC_GROUP_REQ(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, I32, generation_id, FROM(0)) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, STRING, group_instance_id, FROM(3), NULLABLE(3), NULL_DEFAULT) \
	F(T, STRING, protocol_type, FROM(5), NULLABLE(5), NULL_DEFAULT) \
	F(T, STRING, protocol_name, FROM(5), NULLABLE(5), NULL_DEFAULT) \
	A(T, assignments, assignment_n, kp_sync_group_req_assignment, FROM(0))

#define KP_SYNC_GROUP_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, protocol_type, FROM(5), NULLABLE(5), NULL_DEFAULT) \
	F(T, STRING, protocol_name, FROM(5), NULLABLE(5), NULL_DEFAULT) \
	F(T, BYTES, assignment, FROM(0))

/* ---- 12 Heartbeat ---- */
#define KP_HEARTBEAT_REQ(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, I32, generation_id, FROM(0)) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, STRING, group_instance_id, FROM(3), NULLABLE(3), NULL_DEFAULT)

#define KP_HEARTBEAT_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	F(T, I16, error_code, FROM(0))

/* ---- 13 LeaveGroup ---- */
#define KP_LEAVE_GROUP_REQ_MEMBER(F, L, A, O, T) \
	F(T, STRING, member_id, FROM(3)) \
	F(T, STRING, group_instance_id, FROM(3), NULLABLE(3), NULL_DEFAULT) \
	F(T, STRING, reason, FROM(5), NULLABLE(5), NULL_DEFAULT)

#define KP_LEAVE_GROUP_REQ(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, STRING, member_id, RANGE(0, 2)) \
	A(T, members, member_n, kp_leave_group_req_member, FROM(3))

#define KP_LEAVE_GROUP_RESP_MEMBER(F, L, A, O, T) \
	F(T, STRING, member_id, FROM(3)) \
	F(T, STRING, group_instance_id, FROM(3), NULLABLE(3)) \
	F(T, I16, error_code, FROM(3))

#define KP_LEAVE_GROUP_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	F(T, I16, error_code, FROM(0)) \
	A(T, members, member_n, kp_leave_group_resp_member, FROM(3))

/* ---- 8 OffsetCommit ---- */
#define KP_OFFSET_COMMIT_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I64, committed_offset, FROM(0)) \
	F(T, I32, committed_leader_epoch, FROM(6), DEFAULT(-1)) \
	F(T, I64, commit_timestamp, RANGE(1, 1), DEFAULT(-1)) \
	F(T, STRING, committed_metadata, FROM(0), NULLABLE(0))

#define KP_OFFSET_COMMIT_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_offset_commit_req_partition, FROM(0))

#define KP_OFFSET_COMMIT_REQ(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, I32, generation_id_or_member_epoch, FROM(1), DEFAULT(-1)) \
	F(T, STRING, member_id, FROM(1)) \
	F(T, STRING, group_instance_id, FROM(7), NULLABLE(7), NULL_DEFAULT) \
	F(T, I64, retention_time_ms, RANGE(2, 4), DEFAULT(-1)) \
	A(T, topics, topic_n, kp_offset_commit_req_topic, FROM(0))

#define KP_OFFSET_COMMIT_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0))

#define KP_OFFSET_COMMIT_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_offset_commit_resp_partition, FROM(0))

#define KP_OFFSET_COMMIT_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(3)) \
	A(T, topics, topic_n, kp_offset_commit_resp_topic, FROM(0))

/* ---- 9 OffsetFetch ---- */
#define KP_OFFSET_FETCH_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, RANGE(0, 7)) \
	L(T, I32, partition_indexes, partition_index_n, RANGE(0, 7))

#define KP_OFFSET_FETCH_REQ_GROUP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(8)) \
	L(T, I32, partition_indexes, partition_index_n, FROM(8))

#define KP_OFFSET_FETCH_REQ_GROUP(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(8)) \
	F(T, STRING, member_id, FROM(9), NULLABLE(9), NULL_DEFAULT) \
	F(T, I32, member_epoch, FROM(9), DEFAULT(-1)) \
	A(T, topics, topic_n, kp_offset_fetch_req_group_topic, FROM(8), NULLABLE(8))

#define KP_OFFSET_FETCH_REQ(F, L, A, O, T) \
	F(T, STRING, group_id, RANGE(0, 7)) \
	A(T, topics, topic_n, kp_offset_fetch_req_topic, RANGE(0, 7), NULLABLE(2)) \
	A(T, groups, group_n, kp_offset_fetch_req_group, FROM(8)) \
	F(T, BOOL, require_stable, FROM(7))

#define KP_OFFSET_FETCH_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, RANGE(0, 7)) \
	F(T, I64, committed_offset, RANGE(0, 7)) \
	F(T, I32, committed_leader_epoch, RANGE(5, 7), DEFAULT(-1)) \
	F(T, STRING, metadata, RANGE(0, 7), NULLABLE(0)) \
	F(T, I16, error_code, RANGE(0, 7))

#define KP_OFFSET_FETCH_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, RANGE(0, 7)) \
	A(T, partitions, partition_n, kp_offset_fetch_resp_partition, RANGE(0, 7))

#define KP_OFFSET_FETCH_RESP_GROUP_TOPIC_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(8)) \
	F(T, I64, committed_offset, FROM(8)) \
	F(T, I32, committed_leader_epoch, FROM(8), DEFAULT(-1)) \
	F(T, STRING, metadata, FROM(8), NULLABLE(8)) \
	F(T, I16, error_code, FROM(8))

#define KP_OFFSET_FETCH_RESP_GROUP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(8)) \
	A(T, partitions, partition_n, kp_offset_fetch_resp_group_topic_partition, FROM(8))

#define KP_OFFSET_FETCH_RESP_GROUP(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(8)) \
	A(T, topics, topic_n, kp_offset_fetch_resp_group_topic, FROM(8)) \
	F(T, I16, error_code, FROM(8))

#define KP_OFFSET_FETCH_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(3)) \
	A(T, topics, topic_n, kp_offset_fetch_resp_topic, RANGE(0, 7)) \
	F(T, I16, error_code, RANGE(2, 7)) \
	A(T, groups, group_n, kp_offset_fetch_resp_group, FROM(8))

/* ---- 15 DescribeGroups ---- */
#define KP_DESCRIBE_GROUPS_REQ(F, L, A, O, T) \
	L(T, STRING, groups, group_n, FROM(0)) \
	F(T, BOOL, include_authorized_operations, FROM(3))

#define KP_DESCRIBE_GROUPS_RESP_MEMBER(F, L, A, O, T) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, STRING, group_instance_id, FROM(4), NULLABLE(4), NULL_DEFAULT) \
	F(T, STRING, client_id, FROM(0)) \
	F(T, STRING, client_host, FROM(0)) \
	F(T, BYTES, member_metadata, FROM(0)) \
	F(T, BYTES, member_assignment, FROM(0))

#define KP_DESCRIBE_GROUPS_RESP_GROUP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(6), NULLABLE(6), NULL_DEFAULT) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, STRING, group_state, FROM(0)) \
	F(T, STRING, protocol_type, FROM(0)) \
	F(T, STRING, protocol_data, FROM(0)) \
	A(T, members, member_n, kp_describe_groups_resp_member, FROM(0)) \
	F(T, I32, authorized_operations, FROM(3), DEFAULT(INT32_MIN))

#define KP_DESCRIBE_GROUPS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	A(T, groups, group_n, kp_describe_groups_resp_group, FROM(0))

/* ---- 16 ListGroups ---- */
#define KP_LIST_GROUPS_REQ(F, L, A, O, T) \
	L(T, STRING, states_filter, states_filter_n, FROM(4)) \
	L(T, STRING, types_filter, types_filter_n, FROM(5))

#define KP_LIST_GROUPS_RESP_GROUP(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, STRING, protocol_type, FROM(0)) \
	F(T, STRING, group_state, FROM(4)) \
	F(T, STRING, group_type, FROM(5))

#define KP_LIST_GROUPS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	F(T, I16, error_code, FROM(0)) \
	A(T, groups, group_n, kp_list_groups_resp_group, FROM(0))

/* ---- 42 DeleteGroups ---- */
#define KP_DELETE_GROUPS_REQ(F, L, A, O, T) \
	L(T, STRING, groups_names, groups_name_n, FROM(0))

#define KP_DELETE_GROUPS_RESP_RESULT(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, I16, error_code, FROM(0))

#define KP_DELETE_GROUPS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, results, result_n, kp_delete_groups_resp_result, FROM(0))

/* ---- 47 OffsetDelete ---- */
#define KP_OFFSET_DELETE_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0))

#define KP_OFFSET_DELETE_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_offset_delete_req_partition, FROM(0))

#define KP_OFFSET_DELETE_REQ(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	A(T, topics, topic_n, kp_offset_delete_req_topic, FROM(0))

#define KP_OFFSET_DELETE_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0))

#define KP_OFFSET_DELETE_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_offset_delete_resp_partition, FROM(0))

#define KP_OFFSET_DELETE_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, topics, topic_n, kp_offset_delete_resp_topic, FROM(0))

/* ---- 68 ConsumerGroupHeartbeat ---- */
#define KP_CONSUMER_GROUP_HEARTBEAT_REQ_TOPIC_PARTITION(F, L, A, O, T) \
	F(T, UUID, topic_id, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_CONSUMER_GROUP_HEARTBEAT_REQ(F, L, A, O, T) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, I32, member_epoch, FROM(0)) \
	F(T, STRING, instance_id, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, STRING, rack_id, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, I32, rebalance_timeout_ms, FROM(0), DEFAULT(-1)) \
	L(T, STRING, subscribed_topic_names, subscribed_topic_name_n, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, STRING, subscribed_topic_regex, FROM(1), NULLABLE(1), NULL_DEFAULT) \
	F(T, STRING, server_assignor, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	A(T, topic_partitions, topic_partition_n, kp_consumer_group_heartbeat_req_topic_partition, FROM(0), NULLABLE(0), NULL_DEFAULT)

#define KP_CONSUMER_GROUP_HEARTBEAT_RESP_TOPIC_PARTITION(F, L, A, O, T) \
	F(T, UUID, topic_id, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_CONSUMER_GROUP_HEARTBEAT_RESP_ASSIGNMENT(F, L, A, O, T) \
	A(T, topic_partitions, topic_partition_n, kp_consumer_group_heartbeat_resp_topic_partition, FROM(0))

#define KP_CONSUMER_GROUP_HEARTBEAT_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, STRING, member_id, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, I32, member_epoch, FROM(0)) \
	F(T, I32, heartbeat_interval_ms, FROM(0)) \
	O(T, assignment, kp_consumer_group_heartbeat_resp_assignment, FROM(0), NULLABLE(0), NULL_DEFAULT)

/* ---- 69 ConsumerGroupDescribe ---- */
#define KP_CONSUMER_GROUP_DESCRIBE_REQ(F, L, A, O, T) \
	L(T, STRING, group_ids, group_id_n, FROM(0)) \
	F(T, BOOL, include_authorized_operations, FROM(0))

#define KP_CONSUMER_GROUP_DESCRIBE_RESP_TOPIC_PARTITION(F, L, A, O, T) \
	F(T, UUID, topic_id, FROM(0)) \
	F(T, STRING, topic_name, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_CONSUMER_GROUP_DESCRIBE_RESP_ASSIGNMENT(F, L, A, O, T) \
	A(T, topic_partitions, topic_partition_n, kp_consumer_group_describe_resp_topic_partition, FROM(0))

#define KP_CONSUMER_GROUP_DESCRIBE_RESP_TARGET_ASSIGNMENT_TOPIC_PARTITION(F, L, A, O, T) \
	F(T, UUID, topic_id, FROM(0)) \
	F(T, STRING, topic_name, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_CONSUMER_GROUP_DESCRIBE_RESP_TARGET_ASSIGNMENT(F, L, A, O, T) \
	A(T, topic_partitions, topic_partition_n, kp_consumer_group_describe_resp_target_assignment_topic_partition, FROM(0))

#define KP_CONSUMER_GROUP_DESCRIBE_RESP_MEMBER(F, L, A, O, T) \
	F(T, STRING, member_id, FROM(0)) \
	F(T, STRING, instance_id, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, STRING, rack_id, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, I32, member_epoch, FROM(0)) \
	F(T, STRING, client_id, FROM(0)) \
	F(T, STRING, client_host, FROM(0)) \
	L(T, STRING, subscribed_topic_names, subscribed_topic_name_n, FROM(0)) \
	F(T, STRING, subscribed_topic_regex, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	O(T, assignment, kp_consumer_group_describe_resp_assignment, FROM(0)) \
	O(T, target_assignment, kp_consumer_group_describe_resp_target_assignment, FROM(0)) \
	F(T, I8, member_type, FROM(1), DEFAULT(-1))

#define KP_CONSUMER_GROUP_DESCRIBE_RESP_GROUP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, STRING, group_state, FROM(0)) \
	F(T, I32, group_epoch, FROM(0)) \
	F(T, I32, assignment_epoch, FROM(0)) \
	F(T, STRING, assignor_name, FROM(0)) \
	A(T, members, member_n, kp_consumer_group_describe_resp_member, FROM(0)) \
	F(T, I32, authorized_operations, FROM(0), DEFAULT(INT32_MIN))

#define KP_CONSUMER_GROUP_DESCRIBE_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, groups, group_n, kp_consumer_group_describe_resp_group, FROM(0))

/* ---- ConsumerProtocolSubscription ---- */
#define KP_CONSUMER_PROTOCOL_SUBSCRIPTION_OWNED_PARTITION(F, L, A, O, T) \
	F(T, STRING, topic, FROM(1)) \
	L(T, I32, partitions, partition_n, FROM(1))

#define KP_CONSUMER_PROTOCOL_SUBSCRIPTION(F, L, A, O, T) \
	L(T, STRING, topics, topic_n, FROM(0)) \
	F(T, BYTES, user_data, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	A(T, owned_partitions, owned_partition_n, kp_consumer_protocol_subscription_owned_partition, FROM(1)) \
	F(T, I32, generation_id, FROM(2), DEFAULT(-1)) \
	F(T, STRING, rack_id, FROM(3), NULLABLE(3), NULL_DEFAULT)

/* ---- ConsumerProtocolAssignment ---- */
#define KP_CONSUMER_PROTOCOL_ASSIGNMENT_ASSIGNED_PARTITION(F, L, A, O, T) \
	F(T, STRING, topic, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_CONSUMER_PROTOCOL_ASSIGNMENT(F, L, A, O, T) \
	A(T, assigned_partitions, assigned_partition_n, kp_consumer_protocol_assignment_assigned_partition, FROM(0)) \
	F(T, BYTES, user_data, FROM(0), NULLABLE(0), NULL_DEFAULT)

/* Those above, the inner ones before who has them. */
#define KP_GROUP_STRUCTS(X) \
	X(kp_find_coordinator_req, KP_FIND_COORDINATOR_REQ) \
	X(kp_find_coordinator_resp_coordinator, KP_FIND_COORDINATOR_RESP_COORDINATOR) \
	X(kp_find_coordinator_resp, KP_FIND_COORDINATOR_RESP) \
	X(kp_join_group_req_protocol, KP_JOIN_GROUP_REQ_PROTOCOL) \
	X(kp_join_group_req, KP_JOIN_GROUP_REQ) \
	X(kp_join_group_resp_member, KP_JOIN_GROUP_RESP_MEMBER) \
	X(kp_join_group_resp, KP_JOIN_GROUP_RESP) \
	X(kp_sync_group_req_assignment, KP_SYNC_GROUP_REQ_ASSIGNMENT) \
	X(kp_sync_group_req, KP_SYNC_GROUP_REQ) \
	X(kp_sync_group_resp, KP_SYNC_GROUP_RESP) \
	X(kp_heartbeat_req, KP_HEARTBEAT_REQ) \
	X(kp_heartbeat_resp, KP_HEARTBEAT_RESP) \
	X(kp_leave_group_req_member, KP_LEAVE_GROUP_REQ_MEMBER) \
	X(kp_leave_group_req, KP_LEAVE_GROUP_REQ) \
	X(kp_leave_group_resp_member, KP_LEAVE_GROUP_RESP_MEMBER) \
	X(kp_leave_group_resp, KP_LEAVE_GROUP_RESP) \
	X(kp_offset_commit_req_partition, KP_OFFSET_COMMIT_REQ_PARTITION) \
	X(kp_offset_commit_req_topic, KP_OFFSET_COMMIT_REQ_TOPIC) \
	X(kp_offset_commit_req, KP_OFFSET_COMMIT_REQ) \
	X(kp_offset_commit_resp_partition, KP_OFFSET_COMMIT_RESP_PARTITION) \
	X(kp_offset_commit_resp_topic, KP_OFFSET_COMMIT_RESP_TOPIC) \
	X(kp_offset_commit_resp, KP_OFFSET_COMMIT_RESP) \
	X(kp_offset_fetch_req_topic, KP_OFFSET_FETCH_REQ_TOPIC) \
	X(kp_offset_fetch_req_group_topic, KP_OFFSET_FETCH_REQ_GROUP_TOPIC) \
	X(kp_offset_fetch_req_group, KP_OFFSET_FETCH_REQ_GROUP) \
	X(kp_offset_fetch_req, KP_OFFSET_FETCH_REQ) \
	X(kp_offset_fetch_resp_partition, KP_OFFSET_FETCH_RESP_PARTITION) \
	X(kp_offset_fetch_resp_topic, KP_OFFSET_FETCH_RESP_TOPIC) \
	X(kp_offset_fetch_resp_group_topic_partition, KP_OFFSET_FETCH_RESP_GROUP_TOPIC_PARTITION) \
	X(kp_offset_fetch_resp_group_topic, KP_OFFSET_FETCH_RESP_GROUP_TOPIC) \
	X(kp_offset_fetch_resp_group, KP_OFFSET_FETCH_RESP_GROUP) \
	X(kp_offset_fetch_resp, KP_OFFSET_FETCH_RESP) \
	X(kp_describe_groups_req, KP_DESCRIBE_GROUPS_REQ) \
	X(kp_describe_groups_resp_member, KP_DESCRIBE_GROUPS_RESP_MEMBER) \
	X(kp_describe_groups_resp_group, KP_DESCRIBE_GROUPS_RESP_GROUP) \
	X(kp_describe_groups_resp, KP_DESCRIBE_GROUPS_RESP) \
	X(kp_list_groups_req, KP_LIST_GROUPS_REQ) \
	X(kp_list_groups_resp_group, KP_LIST_GROUPS_RESP_GROUP) \
	X(kp_list_groups_resp, KP_LIST_GROUPS_RESP) \
	X(kp_delete_groups_req, KP_DELETE_GROUPS_REQ) \
	X(kp_delete_groups_resp_result, KP_DELETE_GROUPS_RESP_RESULT) \
	X(kp_delete_groups_resp, KP_DELETE_GROUPS_RESP) \
	X(kp_offset_delete_req_partition, KP_OFFSET_DELETE_REQ_PARTITION) \
	X(kp_offset_delete_req_topic, KP_OFFSET_DELETE_REQ_TOPIC) \
	X(kp_offset_delete_req, KP_OFFSET_DELETE_REQ) \
	X(kp_offset_delete_resp_partition, KP_OFFSET_DELETE_RESP_PARTITION) \
	X(kp_offset_delete_resp_topic, KP_OFFSET_DELETE_RESP_TOPIC) \
	X(kp_offset_delete_resp, KP_OFFSET_DELETE_RESP) \
	X(kp_consumer_group_heartbeat_req_topic_partition, KP_CONSUMER_GROUP_HEARTBEAT_REQ_TOPIC_PARTITION) \
	X(kp_consumer_group_heartbeat_req, KP_CONSUMER_GROUP_HEARTBEAT_REQ) \
	X(kp_consumer_group_heartbeat_resp_topic_partition, KP_CONSUMER_GROUP_HEARTBEAT_RESP_TOPIC_PARTITION) \
	X(kp_consumer_group_heartbeat_resp_assignment, KP_CONSUMER_GROUP_HEARTBEAT_RESP_ASSIGNMENT) \
	X(kp_consumer_group_heartbeat_resp, KP_CONSUMER_GROUP_HEARTBEAT_RESP) \
	X(kp_consumer_group_describe_req, KP_CONSUMER_GROUP_DESCRIBE_REQ) \
	X(kp_consumer_group_describe_resp_topic_partition, KP_CONSUMER_GROUP_DESCRIBE_RESP_TOPIC_PARTITION) \
	X(kp_consumer_group_describe_resp_assignment, KP_CONSUMER_GROUP_DESCRIBE_RESP_ASSIGNMENT) \
	X(kp_consumer_group_describe_resp_target_assignment_topic_partition, KP_CONSUMER_GROUP_DESCRIBE_RESP_TARGET_ASSIGNMENT_TOPIC_PARTITION) \
	X(kp_consumer_group_describe_resp_target_assignment, KP_CONSUMER_GROUP_DESCRIBE_RESP_TARGET_ASSIGNMENT) \
	X(kp_consumer_group_describe_resp_member, KP_CONSUMER_GROUP_DESCRIBE_RESP_MEMBER) \
	X(kp_consumer_group_describe_resp_group, KP_CONSUMER_GROUP_DESCRIBE_RESP_GROUP) \
	X(kp_consumer_group_describe_resp, KP_CONSUMER_GROUP_DESCRIBE_RESP) \
	X(kp_consumer_protocol_subscription_owned_partition, KP_CONSUMER_PROTOCOL_SUBSCRIPTION_OWNED_PARTITION) \
	X(kp_consumer_protocol_subscription, KP_CONSUMER_PROTOCOL_SUBSCRIPTION) \
	X(kp_consumer_protocol_assignment_assigned_partition, KP_CONSUMER_PROTOCOL_ASSIGNMENT_ASSIGNED_PARTITION) \
	X(kp_consumer_protocol_assignment, KP_CONSUMER_PROTOCOL_ASSIGNMENT)

#endif
