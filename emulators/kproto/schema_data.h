/* Messages of Kafka: records, and where they are. How to read the rows: schema.h. */
#ifndef KP_SCHEMA_DATA_H
#define KP_SCHEMA_DATA_H

/* ---- 0 Produce ---- */
#define KP_PRODUCE_REQ_PARTITION_DATA(F, L, A, O, T) \
	F(T, I32, index, FROM(0)) \
	F(T, RECORDS, records, FROM(0), NULLABLE(0))

#define KP_PRODUCE_REQ_TOPIC_DATA(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partition_data, partition_data_n, kp_produce_req_partition_data, FROM(0))

#define KP_PRODUCE_REQ(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(3), NULLABLE(3), NULL_DEFAULT) \
	F(T, I16, acks, FROM(0)) \
	F(T, I32, timeout_ms, FROM(0)) \
	A(T, topic_data, topic_data_n, kp_produce_req_topic_data, FROM(0))

#define KP_PRODUCE_RESP_RECORD_ERROR(F, L, A, O, T) \
	F(T, I32, batch_index, FROM(8)) \
	F(T, STRING, batch_index_error_message, FROM(8), NULLABLE(8), NULL_DEFAULT)

#define KP_PRODUCE_RESP_CURRENT_LEADER(F, L, A, O, T) \
	F(T, I32, leader_id, FROM(10), DEFAULT(-1)) \
	F(T, I32, leader_epoch, FROM(10), DEFAULT(-1))

#define KP_PRODUCE_RESP_PARTITION_RESPONSE(F, L, A, O, T) \
	F(T, I32, index, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I64, base_offset, FROM(0)) \
	F(T, I64, log_append_time_ms, FROM(2), DEFAULT(-1)) \
	F(T, I64, log_start_offset, FROM(5), DEFAULT(-1)) \
	A(T, record_errors, record_error_n, kp_produce_resp_record_error, FROM(8)) \
	F(T, STRING, error_message, FROM(8), NULLABLE(8), NULL_DEFAULT) \
	O(T, current_leader, kp_produce_resp_current_leader, FROM(10), TAG(0, 10))

#define KP_PRODUCE_RESP_RESPONSE(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partition_responses, partition_response_n, kp_produce_resp_partition_response, FROM(0))

#define KP_PRODUCE_RESP_NODE_ENDPOINT(F, L, A, O, T) \
	F(T, I32, node_id, FROM(10)) \
	F(T, STRING, host, FROM(10)) \
	F(T, I32, port, FROM(10)) \
	F(T, STRING, rack, FROM(10), NULLABLE(10), NULL_DEFAULT)

#define KP_PRODUCE_RESP(F, L, A, O, T) \
	A(T, responses, response_n, kp_produce_resp_response, FROM(0)) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	A(T, node_endpoints, node_endpoint_n, kp_produce_resp_node_endpoint, FROM(10), TAG(0, 10))

/* ---- 1 Fetch ---- */
#define KP_FETCH_REQ_REPLICA_STATE(F, L, A, O, T) \
	F(T, I32, replica_id, FROM(15), DEFAULT(-1)) \
	F(T, I64, replica_epoch, FROM(15), DEFAULT(-1))

#define KP_FETCH_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition, FROM(0)) \
	F(T, I32, current_leader_epoch, FROM(9), DEFAULT(-1)) \
	F(T, I64, fetch_offset, FROM(0)) \
	F(T, I32, last_fetched_epoch, FROM(12), DEFAULT(-1)) \
	F(T, I64, log_start_offset, FROM(5), DEFAULT(-1)) \
	F(T, I32, partition_max_bytes, FROM(0)) \
	F(T, UUID, replica_directory_id, FROM(17), TAG(0, 17))

#define KP_FETCH_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, topic, RANGE(0, 12)) \
	F(T, UUID, topic_id, FROM(13)) \
	A(T, partitions, partition_n, kp_fetch_req_partition, FROM(0))

#define KP_FETCH_REQ_FORGOTTEN_TOPICS_DATA(F, L, A, O, T) \
	F(T, STRING, topic, RANGE(7, 12)) \
	F(T, UUID, topic_id, FROM(13)) \
	L(T, I32, partitions, partition_n, FROM(7))

#define KP_FETCH_REQ(F, L, A, O, T) \
	F(T, STRING, cluster_id, FROM(12), NULLABLE(12), TAG(0, 12), NULL_DEFAULT) \
	F(T, I32, replica_id, RANGE(0, 14), DEFAULT(-1)) \
	O(T, replica_state, kp_fetch_req_replica_state, FROM(15), TAG(1, 15)) \
	F(T, I32, max_wait_ms, FROM(0)) \
	F(T, I32, min_bytes, FROM(0)) \
	F(T, I32, max_bytes, FROM(3), DEFAULT(INT32_MAX)) \
	F(T, I8, isolation_level, FROM(4)) \
	F(T, I32, session_id, FROM(7)) \
	F(T, I32, session_epoch, FROM(7), DEFAULT(-1)) \
	A(T, topics, topic_n, kp_fetch_req_topic, FROM(0)) \
	A(T, forgotten_topics_data, forgotten_topics_data_n, kp_fetch_req_forgotten_topics_data, FROM(7)) \
	F(T, STRING, rack_id, FROM(11))

#define KP_FETCH_RESP_DIVERGING_EPOCH(F, L, A, O, T) \
	F(T, I32, epoch, FROM(12), DEFAULT(-1)) \
	F(T, I64, end_offset, FROM(12), DEFAULT(-1))

#define KP_FETCH_RESP_CURRENT_LEADER(F, L, A, O, T) \
	F(T, I32, leader_id, FROM(12), DEFAULT(-1)) \
	F(T, I32, leader_epoch, FROM(12), DEFAULT(-1))

#define KP_FETCH_RESP_SNAPSHOT_ID(F, L, A, O, T) \
	F(T, I64, end_offset, FROM(0), DEFAULT(-1)) \
	F(T, I32, epoch, FROM(0), DEFAULT(-1))

#define KP_FETCH_RESP_ABORTED_TRANSACTION(F, L, A, O, T) \
	F(T, I64, producer_id, FROM(4)) \
	F(T, I64, first_offset, FROM(4))

#define KP_FETCH_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I64, high_watermark, FROM(0)) \
	F(T, I64, last_stable_offset, FROM(4), DEFAULT(-1)) \
	F(T, I64, log_start_offset, FROM(5), DEFAULT(-1)) \
	O(T, diverging_epoch, kp_fetch_resp_diverging_epoch, FROM(12), TAG(0, 12)) \
	O(T, current_leader, kp_fetch_resp_current_leader, FROM(12), TAG(1, 12)) \
	O(T, snapshot_id, kp_fetch_resp_snapshot_id, FROM(12), TAG(2, 12)) \
	A(T, aborted_transactions, aborted_transaction_n, kp_fetch_resp_aborted_transaction, FROM(4), NULLABLE(4)) \
	F(T, I32, preferred_read_replica, FROM(11), DEFAULT(-1)) \
	F(T, RECORDS, records, FROM(0), NULLABLE(0))

#define KP_FETCH_RESP_RESPONSE(F, L, A, O, T) \
	F(T, STRING, topic, RANGE(0, 12)) \
	F(T, UUID, topic_id, FROM(13)) \
	A(T, partitions, partition_n, kp_fetch_resp_partition, FROM(0))

#define KP_FETCH_RESP_NODE_ENDPOINT(F, L, A, O, T) \
	F(T, I32, node_id, FROM(16)) \
	F(T, STRING, host, FROM(16)) \
	F(T, I32, port, FROM(16)) \
	F(T, STRING, rack, FROM(16), NULLABLE(16), NULL_DEFAULT)

#define KP_FETCH_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	F(T, I16, error_code, FROM(7)) \
	F(T, I32, session_id, FROM(7)) \
	A(T, responses, response_n, kp_fetch_resp_response, FROM(0)) \
	A(T, node_endpoints, node_endpoint_n, kp_fetch_resp_node_endpoint, FROM(16), TAG(0, 16))

/* ---- 2 ListOffsets ---- */
#define KP_LIST_OFFSETS_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I32, current_leader_epoch, FROM(4), DEFAULT(-1)) \
	F(T, I64, timestamp, FROM(0)) \
	F(T, I32, max_num_offsets, RANGE(0, 0), DEFAULT(1))

#define KP_LIST_OFFSETS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_list_offsets_req_partition, FROM(0))

#define KP_LIST_OFFSETS_REQ(F, L, A, O, T) \
	F(T, I32, replica_id, FROM(0)) \
	F(T, I8, isolation_level, FROM(2)) \
	A(T, topics, topic_n, kp_list_offsets_req_topic, FROM(0)) \
	F(T, I32, timeout_ms, FROM(10))

#define KP_LIST_OFFSETS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	L(T, I64, old_style_offsets, old_style_offset_n, RANGE(0, 0)) \
	F(T, I64, timestamp, FROM(1), DEFAULT(-1)) \
	F(T, I64, offset, FROM(1), DEFAULT(-1)) \
	F(T, I32, leader_epoch, FROM(4), DEFAULT(-1))

#define KP_LIST_OFFSETS_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_list_offsets_resp_partition, FROM(0))

#define KP_LIST_OFFSETS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(2)) \
	A(T, topics, topic_n, kp_list_offsets_resp_topic, FROM(0))

/* ---- 3 Metadata ---- */
#define KP_METADATA_REQ_TOPIC(F, L, A, O, T) \
	F(T, UUID, topic_id, FROM(10)) \
	F(T, STRING, name, FROM(0), NULLABLE(10))

#define KP_METADATA_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_metadata_req_topic, FROM(0), NULLABLE(1)) \
	F(T, BOOL, allow_auto_topic_creation, FROM(4), DEFAULT(1)) \
	F(T, BOOL, include_cluster_authorized_operations, RANGE(8, 10)) \
	F(T, BOOL, include_topic_authorized_operations, FROM(8))

#define KP_METADATA_RESP_BROKER(F, L, A, O, T) \
	F(T, I32, node_id, FROM(0)) \
	F(T, STRING, host, FROM(0)) \
	F(T, I32, port, FROM(0)) \
	F(T, STRING, rack, FROM(1), NULLABLE(1), NULL_DEFAULT)

#define KP_METADATA_RESP_PARTITION(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I32, leader_id, FROM(0)) \
	F(T, I32, leader_epoch, FROM(7), DEFAULT(-1)) \
	L(T, I32, replica_nodes, replica_node_n, FROM(0)) \
	L(T, I32, isr_nodes, isr_node_n, FROM(0)) \
	L(T, I32, offline_replicas, offline_replica_n, FROM(5))

#define KP_METADATA_RESP_TOPIC(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, name, FROM(0), NULLABLE(12)) \
	F(T, UUID, topic_id, FROM(10)) \
	F(T, BOOL, is_internal, FROM(1)) \
	A(T, partitions, partition_n, kp_metadata_resp_partition, FROM(0)) \
	F(T, I32, topic_authorized_operations, FROM(8), DEFAULT(INT32_MIN))

#define KP_METADATA_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(3)) \
	A(T, brokers, broker_n, kp_metadata_resp_broker, FROM(0)) \
	F(T, STRING, cluster_id, FROM(2), NULLABLE(2), NULL_DEFAULT) \
	F(T, I32, controller_id, FROM(1), DEFAULT(-1)) \
	A(T, topics, topic_n, kp_metadata_resp_topic, FROM(0)) \
	F(T, I32, cluster_authorized_operations, RANGE(8, 10), DEFAULT(INT32_MIN)) \
	F(T, I16, error_code, FROM(13))

/* ---- 18 ApiVersions ---- */
#define KP_API_VERSIONS_REQ(F, L, A, O, T) \
	F(T, STRING, client_software_name, FROM(3)) \
	F(T, STRING, client_software_version, FROM(3))

#define KP_API_VERSIONS_RESP_API_KEY(F, L, A, O, T) \
	F(T, I16, api_key, FROM(0)) \
	F(T, I16, min_version, FROM(0)) \
	F(T, I16, max_version, FROM(0))

#define KP_API_VERSIONS_RESP_SUPPORTED_FEATURE(F, L, A, O, T) \
	F(T, STRING, name, FROM(3)) \
	F(T, I16, min_version, FROM(3)) \
	F(T, I16, max_version, FROM(3))

#define KP_API_VERSIONS_RESP_FINALIZED_FEATURE(F, L, A, O, T) \
	F(T, STRING, name, FROM(3)) \
	F(T, I16, max_version_level, FROM(3)) \
	F(T, I16, min_version_level, FROM(3))

#define KP_API_VERSIONS_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	A(T, api_keys, api_key_n, kp_api_versions_resp_api_key, FROM(0)) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	A(T, supported_features, supported_feature_n, kp_api_versions_resp_supported_feature, FROM(3), TAG(0, 3)) \
	F(T, I64, finalized_features_epoch, FROM(3), TAG(1, 3), DEFAULT(-1)) \
	A(T, finalized_features, finalized_feature_n, kp_api_versions_resp_finalized_feature, FROM(3), TAG(2, 3)) \
	F(T, BOOL, zk_migration_ready, FROM(3), TAG(3, 3))

/* ---- 23 OffsetForLeaderEpoch ---- */
#define KP_OFFSET_FOR_LEADER_EPOCH_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition, FROM(0)) \
	F(T, I32, current_leader_epoch, FROM(2), DEFAULT(-1)) \
	F(T, I32, leader_epoch, FROM(0))

#define KP_OFFSET_FOR_LEADER_EPOCH_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, topic, FROM(0)) \
	A(T, partitions, partition_n, kp_offset_for_leader_epoch_req_partition, FROM(0))

#define KP_OFFSET_FOR_LEADER_EPOCH_REQ(F, L, A, O, T) \
	F(T, I32, replica_id, FROM(3), DEFAULT(-2)) \
	A(T, topics, topic_n, kp_offset_for_leader_epoch_req_topic, FROM(0))

#define KP_OFFSET_FOR_LEADER_EPOCH_RESP_PARTITION(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I32, partition, FROM(0)) \
	F(T, I32, leader_epoch, FROM(1), DEFAULT(-1)) \
	F(T, I64, end_offset, FROM(0), DEFAULT(-1))

#define KP_OFFSET_FOR_LEADER_EPOCH_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, topic, FROM(0)) \
	A(T, partitions, partition_n, kp_offset_for_leader_epoch_resp_partition, FROM(0))

#define KP_OFFSET_FOR_LEADER_EPOCH_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(2)) \
	A(T, topics, topic_n, kp_offset_for_leader_epoch_resp_topic, FROM(0))

/* ---- 60 DescribeCluster ---- */
#define KP_DESCRIBE_CLUSTER_REQ(F, L, A, O, T) \
	F(T, BOOL, include_cluster_authorized_operations, FROM(0)) \
	F(T, I8, endpoint_type, FROM(1), DEFAULT(1)) \
	F(T, BOOL, include_fenced_brokers, FROM(2))

#define KP_DESCRIBE_CLUSTER_RESP_BROKER(F, L, A, O, T) \
	F(T, I32, broker_id, FROM(0)) \
	F(T, STRING, host, FROM(0)) \
	F(T, I32, port, FROM(0)) \
	F(T, STRING, rack, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, BOOL, is_fenced, FROM(2))

#define KP_DESCRIBE_CLUSTER_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	F(T, I8, endpoint_type, FROM(1), DEFAULT(1)) \
	F(T, STRING, cluster_id, FROM(0)) \
	F(T, I32, controller_id, FROM(0), DEFAULT(-1)) \
	A(T, brokers, broker_n, kp_describe_cluster_resp_broker, FROM(0)) \
	F(T, I32, cluster_authorized_operations, FROM(0), DEFAULT(INT32_MIN))

/* ---- 75 DescribeTopicPartitions ---- */
#define KP_DESCRIBE_TOPIC_PARTITIONS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0))

#define KP_DESCRIBE_TOPIC_PARTITIONS_REQ_CURSOR(F, L, A, O, T) \
	F(T, STRING, topic_name, FROM(0)) \
	F(T, I32, partition_index, FROM(0))

#define KP_DESCRIBE_TOPIC_PARTITIONS_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_describe_topic_partitions_req_topic, FROM(0)) \
	F(T, I32, response_partition_limit, FROM(0), DEFAULT(2000)) \
	O(T, cursor, kp_describe_topic_partitions_req_cursor, FROM(0), NULLABLE(0), NULL_DEFAULT)

#define KP_DESCRIBE_TOPIC_PARTITIONS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I32, leader_id, FROM(0)) \
	F(T, I32, leader_epoch, FROM(0), DEFAULT(-1)) \
	L(T, I32, replica_nodes, replica_node_n, FROM(0)) \
	L(T, I32, isr_nodes, isr_node_n, FROM(0)) \
	L(T, I32, eligible_leader_replicas, eligible_leader_replica_n, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	L(T, I32, last_known_elr, last_known_elr_n, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	L(T, I32, offline_replicas, offline_replica_n, FROM(0))

#define KP_DESCRIBE_TOPIC_PARTITIONS_RESP_TOPIC(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, name, FROM(0), NULLABLE(0)) \
	F(T, UUID, topic_id, FROM(0)) \
	F(T, BOOL, is_internal, FROM(0)) \
	A(T, partitions, partition_n, kp_describe_topic_partitions_resp_partition, FROM(0)) \
	F(T, I32, topic_authorized_operations, FROM(0), DEFAULT(INT32_MIN))

#define KP_DESCRIBE_TOPIC_PARTITIONS_RESP_NEXT_CURSOR(F, L, A, O, T) \
	F(T, STRING, topic_name, FROM(0)) \
	F(T, I32, partition_index, FROM(0))

#define KP_DESCRIBE_TOPIC_PARTITIONS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, topics, topic_n, kp_describe_topic_partitions_resp_topic, FROM(0)) \
	O(T, next_cursor, kp_describe_topic_partitions_resp_next_cursor, FROM(0), NULLABLE(0), NULL_DEFAULT)

/* ---- 55 DescribeQuorum ---- */
#define KP_DESCRIBE_QUORUM_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0))

#define KP_DESCRIBE_QUORUM_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, topic_name, FROM(0)) \
	A(T, partitions, partition_n, kp_describe_quorum_req_partition, FROM(0))

#define KP_DESCRIBE_QUORUM_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_describe_quorum_req_topic, FROM(0))

#define KP_DESCRIBE_QUORUM_RESP_CURRENT_VOTER(F, L, A, O, T) \
	F(T, I32, replica_id, FROM(0)) \
	F(T, UUID, replica_directory_id, FROM(2)) \
	F(T, I64, log_end_offset, FROM(0)) \
	F(T, I64, last_fetch_timestamp, FROM(1), DEFAULT(-1)) \
	F(T, I64, last_caught_up_timestamp, FROM(1), DEFAULT(-1))

#define KP_DESCRIBE_QUORUM_RESP_OBSERVER(F, L, A, O, T) \
	F(T, I32, replica_id, FROM(0)) \
	F(T, UUID, replica_directory_id, FROM(2)) \
	F(T, I64, log_end_offset, FROM(0)) \
	F(T, I64, last_fetch_timestamp, FROM(1), DEFAULT(-1)) \
	F(T, I64, last_caught_up_timestamp, FROM(1), DEFAULT(-1))

#define KP_DESCRIBE_QUORUM_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(2), NULLABLE(2)) \
	F(T, I32, leader_id, FROM(0)) \
	F(T, I32, leader_epoch, FROM(0)) \
	F(T, I64, high_watermark, FROM(0)) \
	A(T, current_voters, current_voter_n, kp_describe_quorum_resp_current_voter, FROM(0)) \
	A(T, observers, observer_n, kp_describe_quorum_resp_observer, FROM(0))

#define KP_DESCRIBE_QUORUM_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, topic_name, FROM(0)) \
	A(T, partitions, partition_n, kp_describe_quorum_resp_partition, FROM(0))

#define KP_DESCRIBE_QUORUM_RESP_LISTENER(F, L, A, O, T) \
	F(T, STRING, name, FROM(2)) \
	F(T, STRING, host, FROM(2)) \
	F(T, U16, port, FROM(2))

#define KP_DESCRIBE_QUORUM_RESP_NODE(F, L, A, O, T) \
	F(T, I32, node_id, FROM(2)) \
	A(T, listeners, listener_n, kp_describe_quorum_resp_listener, FROM(2))

#define KP_DESCRIBE_QUORUM_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(2), NULLABLE(2)) \
	A(T, topics, topic_n, kp_describe_quorum_resp_topic, FROM(0)) \
	A(T, nodes, node_n, kp_describe_quorum_resp_node, FROM(2))

/* Those above, the inner ones before who has them. */
#define KP_DATA_STRUCTS(X) \
	X(kp_produce_req_partition_data, KP_PRODUCE_REQ_PARTITION_DATA) \
	X(kp_produce_req_topic_data, KP_PRODUCE_REQ_TOPIC_DATA) \
	X(kp_produce_req, KP_PRODUCE_REQ) \
	X(kp_produce_resp_record_error, KP_PRODUCE_RESP_RECORD_ERROR) \
	X(kp_produce_resp_current_leader, KP_PRODUCE_RESP_CURRENT_LEADER) \
	X(kp_produce_resp_partition_response, KP_PRODUCE_RESP_PARTITION_RESPONSE) \
	X(kp_produce_resp_response, KP_PRODUCE_RESP_RESPONSE) \
	X(kp_produce_resp_node_endpoint, KP_PRODUCE_RESP_NODE_ENDPOINT) \
	X(kp_produce_resp, KP_PRODUCE_RESP) \
	X(kp_fetch_req_replica_state, KP_FETCH_REQ_REPLICA_STATE) \
	X(kp_fetch_req_partition, KP_FETCH_REQ_PARTITION) \
	X(kp_fetch_req_topic, KP_FETCH_REQ_TOPIC) \
	X(kp_fetch_req_forgotten_topics_data, KP_FETCH_REQ_FORGOTTEN_TOPICS_DATA) \
	X(kp_fetch_req, KP_FETCH_REQ) \
	X(kp_fetch_resp_diverging_epoch, KP_FETCH_RESP_DIVERGING_EPOCH) \
	X(kp_fetch_resp_current_leader, KP_FETCH_RESP_CURRENT_LEADER) \
	X(kp_fetch_resp_snapshot_id, KP_FETCH_RESP_SNAPSHOT_ID) \
	X(kp_fetch_resp_aborted_transaction, KP_FETCH_RESP_ABORTED_TRANSACTION) \
	X(kp_fetch_resp_partition, KP_FETCH_RESP_PARTITION) \
	X(kp_fetch_resp_response, KP_FETCH_RESP_RESPONSE) \
	X(kp_fetch_resp_node_endpoint, KP_FETCH_RESP_NODE_ENDPOINT) \
	X(kp_fetch_resp, KP_FETCH_RESP) \
	X(kp_list_offsets_req_partition, KP_LIST_OFFSETS_REQ_PARTITION) \
	X(kp_list_offsets_req_topic, KP_LIST_OFFSETS_REQ_TOPIC) \
	X(kp_list_offsets_req, KP_LIST_OFFSETS_REQ) \
	X(kp_list_offsets_resp_partition, KP_LIST_OFFSETS_RESP_PARTITION) \
	X(kp_list_offsets_resp_topic, KP_LIST_OFFSETS_RESP_TOPIC) \
	X(kp_list_offsets_resp, KP_LIST_OFFSETS_RESP) \
	X(kp_metadata_req_topic, KP_METADATA_REQ_TOPIC) \
	X(kp_metadata_req, KP_METADATA_REQ) \
	X(kp_metadata_resp_broker, KP_METADATA_RESP_BROKER) \
	X(kp_metadata_resp_partition, KP_METADATA_RESP_PARTITION) \
	X(kp_metadata_resp_topic, KP_METADATA_RESP_TOPIC) \
	X(kp_metadata_resp, KP_METADATA_RESP) \
	X(kp_api_versions_req, KP_API_VERSIONS_REQ) \
	X(kp_api_versions_resp_api_key, KP_API_VERSIONS_RESP_API_KEY) \
	X(kp_api_versions_resp_supported_feature, KP_API_VERSIONS_RESP_SUPPORTED_FEATURE) \
	X(kp_api_versions_resp_finalized_feature, KP_API_VERSIONS_RESP_FINALIZED_FEATURE) \
	X(kp_api_versions_resp, KP_API_VERSIONS_RESP) \
	X(kp_offset_for_leader_epoch_req_partition, KP_OFFSET_FOR_LEADER_EPOCH_REQ_PARTITION) \
	X(kp_offset_for_leader_epoch_req_topic, KP_OFFSET_FOR_LEADER_EPOCH_REQ_TOPIC) \
	X(kp_offset_for_leader_epoch_req, KP_OFFSET_FOR_LEADER_EPOCH_REQ) \
	X(kp_offset_for_leader_epoch_resp_partition, KP_OFFSET_FOR_LEADER_EPOCH_RESP_PARTITION) \
	X(kp_offset_for_leader_epoch_resp_topic, KP_OFFSET_FOR_LEADER_EPOCH_RESP_TOPIC) \
	X(kp_offset_for_leader_epoch_resp, KP_OFFSET_FOR_LEADER_EPOCH_RESP) \
	X(kp_describe_cluster_req, KP_DESCRIBE_CLUSTER_REQ) \
	X(kp_describe_cluster_resp_broker, KP_DESCRIBE_CLUSTER_RESP_BROKER) \
	X(kp_describe_cluster_resp, KP_DESCRIBE_CLUSTER_RESP) \
	X(kp_describe_topic_partitions_req_topic, KP_DESCRIBE_TOPIC_PARTITIONS_REQ_TOPIC) \
	X(kp_describe_topic_partitions_req_cursor, KP_DESCRIBE_TOPIC_PARTITIONS_REQ_CURSOR) \
	X(kp_describe_topic_partitions_req, KP_DESCRIBE_TOPIC_PARTITIONS_REQ) \
	X(kp_describe_topic_partitions_resp_partition, KP_DESCRIBE_TOPIC_PARTITIONS_RESP_PARTITION) \
	X(kp_describe_topic_partitions_resp_topic, KP_DESCRIBE_TOPIC_PARTITIONS_RESP_TOPIC) \
	X(kp_describe_topic_partitions_resp_next_cursor, KP_DESCRIBE_TOPIC_PARTITIONS_RESP_NEXT_CURSOR) \
	X(kp_describe_topic_partitions_resp, KP_DESCRIBE_TOPIC_PARTITIONS_RESP) \
	X(kp_describe_quorum_req_partition, KP_DESCRIBE_QUORUM_REQ_PARTITION) \
	X(kp_describe_quorum_req_topic, KP_DESCRIBE_QUORUM_REQ_TOPIC) \
	X(kp_describe_quorum_req, KP_DESCRIBE_QUORUM_REQ) \
	X(kp_describe_quorum_resp_current_voter, KP_DESCRIBE_QUORUM_RESP_CURRENT_VOTER) \
	X(kp_describe_quorum_resp_observer, KP_DESCRIBE_QUORUM_RESP_OBSERVER) \
	X(kp_describe_quorum_resp_partition, KP_DESCRIBE_QUORUM_RESP_PARTITION) \
	X(kp_describe_quorum_resp_topic, KP_DESCRIBE_QUORUM_RESP_TOPIC) \
	X(kp_describe_quorum_resp_listener, KP_DESCRIBE_QUORUM_RESP_LISTENER) \
	X(kp_describe_quorum_resp_node, KP_DESCRIBE_QUORUM_RESP_NODE) \
	X(kp_describe_quorum_resp, KP_DESCRIBE_QUORUM_RESP)

#endif
