/* Messages of Kafka: producers' ids and transactions. How to read the rows: schema.h. */
#ifndef KP_SCHEMA_TXN_H
#define KP_SCHEMA_TXN_H

/* ---- 22 InitProducerId ---- */
#define KP_INIT_PRODUCER_ID_REQ(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(0), NULLABLE(0)) \
	F(T, I32, transaction_timeout_ms, FROM(0)) \
	F(T, I64, producer_id, FROM(3), DEFAULT(-1)) \
	F(T, I16, producer_epoch, FROM(3), DEFAULT(-1))

#define KP_INIT_PRODUCER_ID_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I64, producer_id, FROM(0), DEFAULT(-1)) \
	F(T, I16, producer_epoch, FROM(0))

/* ---- 24 AddPartitionsToTxn ---- */
#define KP_ADD_PARTITIONS_TO_TXN_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_ADD_PARTITIONS_TO_TXN_REQ_TRANSACTION(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(4)) \
	F(T, I64, producer_id, FROM(4)) \
	F(T, I16, producer_epoch, FROM(4)) \
	F(T, BOOL, verify_only, FROM(4)) \
	A(T, topics, topic_n, kp_add_partitions_to_txn_req_topic, FROM(4))

#define KP_ADD_PARTITIONS_TO_TXN_REQ_V3_AND_BELOW_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_ADD_PARTITIONS_TO_TXN_REQ(F, L, A, O, T) \
	A(T, transactions, transaction_n, kp_add_partitions_to_txn_req_transaction, FROM(4)) \
	F(T, STRING, v3_and_below_transactional_id, RANGE(0, 3)) \
	F(T, I64, v3_and_below_producer_id, RANGE(0, 3)) \
	F(T, I16, v3_and_below_producer_epoch, RANGE(0, 3)) \
	A(T, v3_and_below_topics, v3_and_below_topic_n, kp_add_partitions_to_txn_req_v3_and_below_topic, RANGE(0, 3))

#define KP_ADD_PARTITIONS_TO_TXN_RESP_RESULTS_BY_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, partition_error_code, FROM(0))

#define KP_ADD_PARTITIONS_TO_TXN_RESP_TOPIC_RESULT(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, results_by_partition, results_by_partition_n, kp_add_partitions_to_txn_resp_results_by_partition, FROM(0))

#define KP_ADD_PARTITIONS_TO_TXN_RESP_RESULTS_BY_TRANSACTION(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(4)) \
	A(T, topic_results, topic_result_n, kp_add_partitions_to_txn_resp_topic_result, FROM(4))

#define KP_ADD_PARTITIONS_TO_TXN_RESP_RESULTS_BY_TOPIC_V3_AND_BELOW_RESULTS_BY_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, partition_error_code, FROM(0))

#define KP_ADD_PARTITIONS_TO_TXN_RESP_RESULTS_BY_TOPIC_V3_AND_BELOW(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, results_by_partition, results_by_partition_n, kp_add_partitions_to_txn_resp_results_by_topic_v3_and_below_results_by_partition, FROM(0))

#define KP_ADD_PARTITIONS_TO_TXN_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(4)) \
	A(T, results_by_transaction, results_by_transaction_n, kp_add_partitions_to_txn_resp_results_by_transaction, FROM(4)) \
	A(T, results_by_topic_v3_and_below, results_by_topic_v3_and_below_n, kp_add_partitions_to_txn_resp_results_by_topic_v3_and_below, RANGE(0, 3))

/* ---- 25 AddOffsetsToTxn ---- */
#define KP_ADD_OFFSETS_TO_TXN_REQ(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(0)) \
	F(T, I64, producer_id, FROM(0)) \
	F(T, I16, producer_epoch, FROM(0)) \
	F(T, STRING, group_id, FROM(0))

#define KP_ADD_OFFSETS_TO_TXN_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0))

/* ---- 26 EndTxn ---- */
#define KP_END_TXN_REQ(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(0)) \
	F(T, I64, producer_id, FROM(0)) \
	F(T, I16, producer_epoch, FROM(0)) \
	F(T, BOOL, committed, FROM(0))

#define KP_END_TXN_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I64, producer_id, FROM(5), DEFAULT(-1)) \
	F(T, I16, producer_epoch, FROM(5), DEFAULT(-1))

/* ---- 27 WriteTxnMarkers ---- */
#define KP_WRITE_TXN_MARKERS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	L(T, I32, partition_indexes, partition_index_n, FROM(0))

#define KP_WRITE_TXN_MARKERS_REQ_MARKER(F, L, A, O, T) \
	F(T, I64, producer_id, FROM(0)) \
	F(T, I16, producer_epoch, FROM(0)) \
	F(T, BOOL, transaction_result, FROM(0)) \
	A(T, topics, topic_n, kp_write_txn_markers_req_topic, FROM(0)) \
	F(T, I32, coordinator_epoch, FROM(0))

#define KP_WRITE_TXN_MARKERS_REQ(F, L, A, O, T) \
	A(T, markers, marker_n, kp_write_txn_markers_req_marker, FROM(0))

#define KP_WRITE_TXN_MARKERS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0))

#define KP_WRITE_TXN_MARKERS_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_write_txn_markers_resp_partition, FROM(0))

#define KP_WRITE_TXN_MARKERS_RESP_MARKER(F, L, A, O, T) \
	F(T, I64, producer_id, FROM(0)) \
	A(T, topics, topic_n, kp_write_txn_markers_resp_topic, FROM(0))

#define KP_WRITE_TXN_MARKERS_RESP(F, L, A, O, T) \
	A(T, markers, marker_n, kp_write_txn_markers_resp_marker, FROM(0))

/* ---- 28 TxnOffsetCommit ---- */
#define KP_TXN_OFFSET_COMMIT_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I64, committed_offset, FROM(0)) \
	F(T, I32, committed_leader_epoch, FROM(2), DEFAULT(-1)) \
	F(T, STRING, committed_metadata, FROM(0), NULLABLE(0))

#define KP_TXN_OFFSET_COMMIT_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_txn_offset_commit_req_partition, FROM(0))

#define KP_TXN_OFFSET_COMMIT_REQ(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(0)) \
	F(T, STRING, group_id, FROM(0)) \
	F(T, I64, producer_id, FROM(0)) \
	F(T, I16, producer_epoch, FROM(0)) \
	F(T, I32, generation_id, FROM(3), DEFAULT(-1)) \
	F(T, STRING, member_id, FROM(3)) \
	F(T, STRING, group_instance_id, FROM(3), NULLABLE(3), NULL_DEFAULT) \
	A(T, topics, topic_n, kp_txn_offset_commit_req_topic, FROM(0))

#define KP_TXN_OFFSET_COMMIT_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0))

#define KP_TXN_OFFSET_COMMIT_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_txn_offset_commit_resp_partition, FROM(0))

#define KP_TXN_OFFSET_COMMIT_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, topics, topic_n, kp_txn_offset_commit_resp_topic, FROM(0))

/* ---- 61 DescribeProducers ---- */
#define KP_DESCRIBE_PRODUCERS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	L(T, I32, partition_indexes, partition_index_n, FROM(0))

#define KP_DESCRIBE_PRODUCERS_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_describe_producers_req_topic, FROM(0))

#define KP_DESCRIBE_PRODUCERS_RESP_ACTIVE_PRODUCER(F, L, A, O, T) \
	F(T, I64, producer_id, FROM(0)) \
	F(T, I32, producer_epoch, FROM(0)) \
	F(T, I32, last_sequence, FROM(0), DEFAULT(-1)) \
	F(T, I64, last_timestamp, FROM(0), DEFAULT(-1)) \
	F(T, I32, coordinator_epoch, FROM(0)) \
	F(T, I64, current_txn_start_offset, FROM(0), DEFAULT(-1))

#define KP_DESCRIBE_PRODUCERS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0), NULL_DEFAULT) \
	A(T, active_producers, active_producer_n, kp_describe_producers_resp_active_producer, FROM(0))

#define KP_DESCRIBE_PRODUCERS_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_describe_producers_resp_partition, FROM(0))

#define KP_DESCRIBE_PRODUCERS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, topics, topic_n, kp_describe_producers_resp_topic, FROM(0))

/* ---- 65 DescribeTransactions ---- */
#define KP_DESCRIBE_TRANSACTIONS_REQ(F, L, A, O, T) \
	L(T, STRING, transactional_ids, transactional_id_n, FROM(0))

#define KP_DESCRIBE_TRANSACTIONS_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, topic, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_DESCRIBE_TRANSACTIONS_RESP_TRANSACTION_STATE(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, transactional_id, FROM(0)) \
	F(T, STRING, transaction_state, FROM(0)) \
	F(T, I32, transaction_timeout_ms, FROM(0)) \
	F(T, I64, transaction_start_time_ms, FROM(0)) \
	F(T, I64, producer_id, FROM(0)) \
	F(T, I16, producer_epoch, FROM(0)) \
	A(T, topics, topic_n, kp_describe_transactions_resp_topic, FROM(0))

#define KP_DESCRIBE_TRANSACTIONS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, transaction_states, transaction_state_n, kp_describe_transactions_resp_transaction_state, FROM(0))

/* ---- 66 ListTransactions ---- */
#define KP_LIST_TRANSACTIONS_REQ(F, L, A, O, T) \
	L(T, STRING, state_filters, state_filter_n, FROM(0)) \
	L(T, I64, producer_id_filters, producer_id_filter_n, FROM(0)) \
	F(T, I64, duration_filter, FROM(1), DEFAULT(-1))

#define KP_LIST_TRANSACTIONS_RESP_TRANSACTION_STATE(F, L, A, O, T) \
	F(T, STRING, transactional_id, FROM(0)) \
	F(T, I64, producer_id, FROM(0)) \
	F(T, STRING, transaction_state, FROM(0))

#define KP_LIST_TRANSACTIONS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	L(T, STRING, unknown_state_filters, unknown_state_filter_n, FROM(0)) \
	A(T, transaction_states, transaction_state_n, kp_list_transactions_resp_transaction_state, FROM(0))

/* Those above, the inner ones before who has them. */
#define KP_TXN_STRUCTS(X) \
	X(kp_init_producer_id_req, KP_INIT_PRODUCER_ID_REQ) \
	X(kp_init_producer_id_resp, KP_INIT_PRODUCER_ID_RESP) \
	X(kp_add_partitions_to_txn_req_topic, KP_ADD_PARTITIONS_TO_TXN_REQ_TOPIC) \
	X(kp_add_partitions_to_txn_req_transaction, KP_ADD_PARTITIONS_TO_TXN_REQ_TRANSACTION) \
	X(kp_add_partitions_to_txn_req_v3_and_below_topic, KP_ADD_PARTITIONS_TO_TXN_REQ_V3_AND_BELOW_TOPIC) \
	X(kp_add_partitions_to_txn_req, KP_ADD_PARTITIONS_TO_TXN_REQ) \
	X(kp_add_partitions_to_txn_resp_results_by_partition, KP_ADD_PARTITIONS_TO_TXN_RESP_RESULTS_BY_PARTITION) \
	X(kp_add_partitions_to_txn_resp_topic_result, KP_ADD_PARTITIONS_TO_TXN_RESP_TOPIC_RESULT) \
	X(kp_add_partitions_to_txn_resp_results_by_transaction, KP_ADD_PARTITIONS_TO_TXN_RESP_RESULTS_BY_TRANSACTION) \
	X(kp_add_partitions_to_txn_resp_results_by_topic_v3_and_below_results_by_partition, KP_ADD_PARTITIONS_TO_TXN_RESP_RESULTS_BY_TOPIC_V3_AND_BELOW_RESULTS_BY_PARTITION) \
	X(kp_add_partitions_to_txn_resp_results_by_topic_v3_and_below, KP_ADD_PARTITIONS_TO_TXN_RESP_RESULTS_BY_TOPIC_V3_AND_BELOW) \
	X(kp_add_partitions_to_txn_resp, KP_ADD_PARTITIONS_TO_TXN_RESP) \
	X(kp_add_offsets_to_txn_req, KP_ADD_OFFSETS_TO_TXN_REQ) \
	X(kp_add_offsets_to_txn_resp, KP_ADD_OFFSETS_TO_TXN_RESP) \
	X(kp_end_txn_req, KP_END_TXN_REQ) \
	X(kp_end_txn_resp, KP_END_TXN_RESP) \
	X(kp_write_txn_markers_req_topic, KP_WRITE_TXN_MARKERS_REQ_TOPIC) \
	X(kp_write_txn_markers_req_marker, KP_WRITE_TXN_MARKERS_REQ_MARKER) \
	X(kp_write_txn_markers_req, KP_WRITE_TXN_MARKERS_REQ) \
	X(kp_write_txn_markers_resp_partition, KP_WRITE_TXN_MARKERS_RESP_PARTITION) \
	X(kp_write_txn_markers_resp_topic, KP_WRITE_TXN_MARKERS_RESP_TOPIC) \
	X(kp_write_txn_markers_resp_marker, KP_WRITE_TXN_MARKERS_RESP_MARKER) \
	X(kp_write_txn_markers_resp, KP_WRITE_TXN_MARKERS_RESP) \
	X(kp_txn_offset_commit_req_partition, KP_TXN_OFFSET_COMMIT_REQ_PARTITION) \
	X(kp_txn_offset_commit_req_topic, KP_TXN_OFFSET_COMMIT_REQ_TOPIC) \
	X(kp_txn_offset_commit_req, KP_TXN_OFFSET_COMMIT_REQ) \
	X(kp_txn_offset_commit_resp_partition, KP_TXN_OFFSET_COMMIT_RESP_PARTITION) \
	X(kp_txn_offset_commit_resp_topic, KP_TXN_OFFSET_COMMIT_RESP_TOPIC) \
	X(kp_txn_offset_commit_resp, KP_TXN_OFFSET_COMMIT_RESP) \
	X(kp_describe_producers_req_topic, KP_DESCRIBE_PRODUCERS_REQ_TOPIC) \
	X(kp_describe_producers_req, KP_DESCRIBE_PRODUCERS_REQ) \
	X(kp_describe_producers_resp_active_producer, KP_DESCRIBE_PRODUCERS_RESP_ACTIVE_PRODUCER) \
	X(kp_describe_producers_resp_partition, KP_DESCRIBE_PRODUCERS_RESP_PARTITION) \
	X(kp_describe_producers_resp_topic, KP_DESCRIBE_PRODUCERS_RESP_TOPIC) \
	X(kp_describe_producers_resp, KP_DESCRIBE_PRODUCERS_RESP) \
	X(kp_describe_transactions_req, KP_DESCRIBE_TRANSACTIONS_REQ) \
	X(kp_describe_transactions_resp_topic, KP_DESCRIBE_TRANSACTIONS_RESP_TOPIC) \
	X(kp_describe_transactions_resp_transaction_state, KP_DESCRIBE_TRANSACTIONS_RESP_TRANSACTION_STATE) \
	X(kp_describe_transactions_resp, KP_DESCRIBE_TRANSACTIONS_RESP) \
	X(kp_list_transactions_req, KP_LIST_TRANSACTIONS_REQ) \
	X(kp_list_transactions_resp_transaction_state, KP_LIST_TRANSACTIONS_RESP_TRANSACTION_STATE) \
	X(kp_list_transactions_resp, KP_LIST_TRANSACTIONS_RESP)

#endif
