/* Messages of Kafka: topics, settings, replicas. How to read the rows: schema.h. */
#ifndef KP_SCHEMA_ADMIN_H
#define KP_SCHEMA_ADMIN_H

/* ---- 19 CreateTopics ---- */
#define KP_CREATE_TOPICS_REQ_ASSIGNMENT(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	L(T, I32, broker_ids, broker_id_n, FROM(0))

#define KP_CREATE_TOPICS_REQ_CONFIG(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, STRING, value, FROM(0), NULLABLE(0))

#define KP_CREATE_TOPICS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, I32, num_partitions, FROM(0)) \
	F(T, I16, replication_factor, FROM(0)) \
	A(T, assignments, assignment_n, kp_create_topics_req_assignment, FROM(0)) \
	A(T, configs, config_n, kp_create_topics_req_config, FROM(0))

#define KP_CREATE_TOPICS_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_create_topics_req_topic, FROM(0)) \
	F(T, I32, timeout_ms, FROM(0), DEFAULT(60000)) \
	F(T, BOOL, validate_only, FROM(1))

#define KP_CREATE_TOPICS_RESP_CONFIG(F, L, A, O, T) \
	F(T, STRING, name, FROM(5)) \
	F(T, STRING, value, FROM(5), NULLABLE(5)) \
	F(T, BOOL, read_only, FROM(5)) \
	F(T, I8, config_source, FROM(5), DEFAULT(-1)) \
	F(T, BOOL, is_sensitive, FROM(5))

#define KP_CREATE_TOPICS_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, UUID, topic_id, FROM(7)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(1), NULLABLE(0)) \
	F(T, I16, topic_config_error_code, FROM(5), TAG(0, 5)) \
	F(T, I32, num_partitions, FROM(5), DEFAULT(-1)) \
	F(T, I16, replication_factor, FROM(5), DEFAULT(-1)) \
	A(T, configs, config_n, kp_create_topics_resp_config, FROM(5), NULLABLE(5))

#define KP_CREATE_TOPICS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(2)) \
	A(T, topics, topic_n, kp_create_topics_resp_topic, FROM(0))

/* ---- 20 DeleteTopics ---- */
#define KP_DELETE_TOPICS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(6), NULLABLE(6), NULL_DEFAULT) \
	F(T, UUID, topic_id, FROM(6))

#define KP_DELETE_TOPICS_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_delete_topics_req_topic, FROM(6)) \
	L(T, STRING, topic_names, topic_name_n, RANGE(0, 5)) \
	F(T, I32, timeout_ms, FROM(0))

#define KP_DELETE_TOPICS_RESP_RESPONSE(F, L, A, O, T) \
	F(T, STRING, name, FROM(0), NULLABLE(6)) \
	F(T, UUID, topic_id, FROM(6)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(5), NULLABLE(5), NULL_DEFAULT)

#define KP_DELETE_TOPICS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(1)) \
	A(T, responses, response_n, kp_delete_topics_resp_response, FROM(0))

/* ---- 21 DeleteRecords ---- */
#define KP_DELETE_RECORDS_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I64, offset, FROM(0))

#define KP_DELETE_RECORDS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_delete_records_req_partition, FROM(0))

#define KP_DELETE_RECORDS_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_delete_records_req_topic, FROM(0)) \
	F(T, I32, timeout_ms, FROM(0))

#define KP_DELETE_RECORDS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I64, low_watermark, FROM(0)) \
	F(T, I16, error_code, FROM(0))

#define KP_DELETE_RECORDS_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_delete_records_resp_partition, FROM(0))

#define KP_DELETE_RECORDS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, topics, topic_n, kp_delete_records_resp_topic, FROM(0))

/* ---- 37 CreatePartitions ---- */
#define KP_CREATE_PARTITIONS_REQ_ASSIGNMENT(F, L, A, O, T) \
	L(T, I32, broker_ids, broker_id_n, FROM(0))

#define KP_CREATE_PARTITIONS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, I32, count, FROM(0)) \
	A(T, assignments, assignment_n, kp_create_partitions_req_assignment, FROM(0), NULLABLE(0))

#define KP_CREATE_PARTITIONS_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_create_partitions_req_topic, FROM(0)) \
	F(T, I32, timeout_ms, FROM(0)) \
	F(T, BOOL, validate_only, FROM(0))

#define KP_CREATE_PARTITIONS_RESP_RESULT(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0), NULL_DEFAULT)

#define KP_CREATE_PARTITIONS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, results, result_n, kp_create_partitions_resp_result, FROM(0))

/* ---- 32 DescribeConfigs ---- */
#define KP_DESCRIBE_CONFIGS_REQ_RESOURCE(F, L, A, O, T) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0)) \
	L(T, STRING, configuration_keys, configuration_key_n, FROM(0), NULLABLE(0))

#define KP_DESCRIBE_CONFIGS_REQ(F, L, A, O, T) \
	A(T, resources, resource_n, kp_describe_configs_req_resource, FROM(0)) \
	F(T, BOOL, include_synonyms, FROM(1)) \
	F(T, BOOL, include_documentation, FROM(3))

#define KP_DESCRIBE_CONFIGS_RESP_SYNONYM(F, L, A, O, T) \
	F(T, STRING, name, FROM(1)) \
	F(T, STRING, value, FROM(1), NULLABLE(0)) \
	F(T, I8, source, FROM(1))

#define KP_DESCRIBE_CONFIGS_RESP_CONFIG(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, STRING, value, FROM(0), NULLABLE(0)) \
	F(T, BOOL, read_only, FROM(0)) \
	F(T, BOOL, is_default, RANGE(0, 0)) \
	F(T, I8, config_source, FROM(1), DEFAULT(-1)) \
	F(T, BOOL, is_sensitive, FROM(0)) \
	A(T, synonyms, synonym_n, kp_describe_configs_resp_synonym, FROM(1)) \
	F(T, I8, config_type, FROM(3)) \
	F(T, STRING, documentation, FROM(3), NULLABLE(0))

#define KP_DESCRIBE_CONFIGS_RESP_RESULT(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0)) \
	A(T, configs, config_n, kp_describe_configs_resp_config, FROM(0))

#define KP_DESCRIBE_CONFIGS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, results, result_n, kp_describe_configs_resp_result, FROM(0))

/* ---- 33 AlterConfigs ---- */
#define KP_ALTER_CONFIGS_REQ_CONFIG(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, STRING, value, FROM(0), NULLABLE(0))

#define KP_ALTER_CONFIGS_REQ_RESOURCE(F, L, A, O, T) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0)) \
	A(T, configs, config_n, kp_alter_configs_req_config, FROM(0))

#define KP_ALTER_CONFIGS_REQ(F, L, A, O, T) \
	A(T, resources, resource_n, kp_alter_configs_req_resource, FROM(0)) \
	F(T, BOOL, validate_only, FROM(0))

#define KP_ALTER_CONFIGS_RESP_RESPONSE(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0))

#define KP_ALTER_CONFIGS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, responses, response_n, kp_alter_configs_resp_response, FROM(0))

/* ---- 44 IncrementalAlterConfigs ---- */
#define KP_INCREMENTAL_ALTER_CONFIGS_REQ_CONFIG(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, I8, config_operation, FROM(0)) \
	F(T, STRING, value, FROM(0), NULLABLE(0))

#define KP_INCREMENTAL_ALTER_CONFIGS_REQ_RESOURCE(F, L, A, O, T) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0)) \
	A(T, configs, config_n, kp_incremental_alter_configs_req_config, FROM(0))

#define KP_INCREMENTAL_ALTER_CONFIGS_REQ(F, L, A, O, T) \
	A(T, resources, resource_n, kp_incremental_alter_configs_req_resource, FROM(0)) \
	F(T, BOOL, validate_only, FROM(0))

#define KP_INCREMENTAL_ALTER_CONFIGS_RESP_RESPONSE(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0))

#define KP_INCREMENTAL_ALTER_CONFIGS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, responses, response_n, kp_incremental_alter_configs_resp_response, FROM(0))

/* ---- 34 AlterReplicaLogDirs ---- */
#define KP_ALTER_REPLICA_LOG_DIRS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_ALTER_REPLICA_LOG_DIRS_REQ_DIR(F, L, A, O, T) \
	F(T, STRING, path, FROM(0)) \
	A(T, topics, topic_n, kp_alter_replica_log_dirs_req_topic, FROM(0))

#define KP_ALTER_REPLICA_LOG_DIRS_REQ(F, L, A, O, T) \
	A(T, dirs, dir_n, kp_alter_replica_log_dirs_req_dir, FROM(0))

#define KP_ALTER_REPLICA_LOG_DIRS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0))

#define KP_ALTER_REPLICA_LOG_DIRS_RESP_RESULT(F, L, A, O, T) \
	F(T, STRING, topic_name, FROM(0)) \
	A(T, partitions, partition_n, kp_alter_replica_log_dirs_resp_partition, FROM(0))

#define KP_ALTER_REPLICA_LOG_DIRS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, results, result_n, kp_alter_replica_log_dirs_resp_result, FROM(0))

/* ---- 35 DescribeLogDirs ---- */
#define KP_DESCRIBE_LOG_DIRS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, topic, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_DESCRIBE_LOG_DIRS_REQ(F, L, A, O, T) \
	A(T, topics, topic_n, kp_describe_log_dirs_req_topic, FROM(0), NULLABLE(0))

#define KP_DESCRIBE_LOG_DIRS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I64, partition_size, FROM(0)) \
	F(T, I64, offset_lag, FROM(0)) \
	F(T, BOOL, is_future_key, FROM(0))

#define KP_DESCRIBE_LOG_DIRS_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_describe_log_dirs_resp_partition, FROM(0))

#define KP_DESCRIBE_LOG_DIRS_RESP_RESULT(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, log_dir, FROM(0)) \
	A(T, topics, topic_n, kp_describe_log_dirs_resp_topic, FROM(0)) \
	F(T, I64, total_bytes, FROM(4), DEFAULT(-1)) \
	F(T, I64, usable_bytes, FROM(4), DEFAULT(-1))

#define KP_DESCRIBE_LOG_DIRS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(3)) \
	A(T, results, result_n, kp_describe_log_dirs_resp_result, FROM(0))

/* ---- 43 ElectLeaders ---- */
#define KP_ELECT_LEADERS_REQ_TOPIC_PARTITION(F, L, A, O, T) \
	F(T, STRING, topic, FROM(0)) \
	L(T, I32, partitions, partition_n, FROM(0))

#define KP_ELECT_LEADERS_REQ(F, L, A, O, T) \
	F(T, I8, election_type, FROM(1)) \
	A(T, topic_partitions, topic_partition_n, kp_elect_leaders_req_topic_partition, FROM(0), NULLABLE(0)) \
	F(T, I32, timeout_ms, FROM(0), DEFAULT(60000))

#define KP_ELECT_LEADERS_RESP_PARTITION_RESULT(F, L, A, O, T) \
	F(T, I32, partition_id, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0))

#define KP_ELECT_LEADERS_RESP_REPLICA_ELECTION_RESULT(F, L, A, O, T) \
	F(T, STRING, topic, FROM(0)) \
	A(T, partition_result, partition_result_n, kp_elect_leaders_resp_partition_result, FROM(0))

#define KP_ELECT_LEADERS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(1)) \
	A(T, replica_election_results, replica_election_result_n, kp_elect_leaders_resp_replica_election_result, FROM(0))

/* ---- 45 AlterPartitionReassignments ---- */
#define KP_ALTER_PARTITION_REASSIGNMENTS_REQ_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	L(T, I32, replicas, replica_n, FROM(0), NULLABLE(0), NULL_DEFAULT)

#define KP_ALTER_PARTITION_REASSIGNMENTS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_alter_partition_reassignments_req_partition, FROM(0))

#define KP_ALTER_PARTITION_REASSIGNMENTS_REQ(F, L, A, O, T) \
	F(T, I32, timeout_ms, FROM(0), DEFAULT(60000)) \
	A(T, topics, topic_n, kp_alter_partition_reassignments_req_topic, FROM(0))

#define KP_ALTER_PARTITION_REASSIGNMENTS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0))

#define KP_ALTER_PARTITION_REASSIGNMENTS_RESP_RESPONSE(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_alter_partition_reassignments_resp_partition, FROM(0))

#define KP_ALTER_PARTITION_REASSIGNMENTS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, responses, response_n, kp_alter_partition_reassignments_resp_response, FROM(0))

/* ---- 46 ListPartitionReassignments ---- */
#define KP_LIST_PARTITION_REASSIGNMENTS_REQ_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	L(T, I32, partition_indexes, partition_index_n, FROM(0))

#define KP_LIST_PARTITION_REASSIGNMENTS_REQ(F, L, A, O, T) \
	F(T, I32, timeout_ms, FROM(0), DEFAULT(60000)) \
	A(T, topics, topic_n, kp_list_partition_reassignments_req_topic, FROM(0), NULLABLE(0), NULL_DEFAULT)

#define KP_LIST_PARTITION_REASSIGNMENTS_RESP_PARTITION(F, L, A, O, T) \
	F(T, I32, partition_index, FROM(0)) \
	L(T, I32, replicas, replica_n, FROM(0)) \
	L(T, I32, adding_replicas, adding_replica_n, FROM(0)) \
	L(T, I32, removing_replicas, removing_replica_n, FROM(0))

#define KP_LIST_PARTITION_REASSIGNMENTS_RESP_TOPIC(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	A(T, partitions, partition_n, kp_list_partition_reassignments_resp_partition, FROM(0))

#define KP_LIST_PARTITION_REASSIGNMENTS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, topics, topic_n, kp_list_partition_reassignments_resp_topic, FROM(0))

/* ---- 57 UpdateFeatures ---- */
#define KP_UPDATE_FEATURES_REQ_FEATURE_UPDATE(F, L, A, O, T) \
	F(T, STRING, feature, FROM(0)) \
	F(T, I16, max_version_level, FROM(0)) \
	F(T, BOOL, allow_downgrade, RANGE(0, 0)) \
	F(T, I8, upgrade_type, FROM(1), DEFAULT(1))

#define KP_UPDATE_FEATURES_REQ(F, L, A, O, T) \
	F(T, I32, timeout_ms, FROM(0), DEFAULT(60000)) \
	A(T, feature_updates, feature_update_n, kp_update_features_req_feature_update, FROM(0)) \
	F(T, BOOL, validate_only, FROM(1))

#define KP_UPDATE_FEATURES_RESP_RESULT(F, L, A, O, T) \
	F(T, STRING, feature, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0))

#define KP_UPDATE_FEATURES_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, results, result_n, kp_update_features_resp_result, RANGE(0, 1))

/* ---- 64 UnregisterBroker ---- */
#define KP_UNREGISTER_BROKER_REQ(F, L, A, O, T) \
	F(T, I32, broker_id, FROM(0))

#define KP_UNREGISTER_BROKER_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0))

/* ---- 74 ListClientMetricsResources ---- */
#define KP_LIST_CLIENT_METRICS_RESOURCES_REQ(F, L, A, O, T)

#define KP_LIST_CLIENT_METRICS_RESOURCES_RESP_CLIENT_METRICS_RESOURCE(F, L, A, O, T) \
	F(T, STRING, name, FROM(0))

#define KP_LIST_CLIENT_METRICS_RESOURCES_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	A(T, client_metrics_resources, client_metrics_resource_n, kp_list_client_metrics_resources_resp_client_metrics_resource, FROM(0))

/* Those above, the inner ones before who has them. */
#define KP_ADMIN_STRUCTS(X) \
	X(kp_create_topics_req_assignment, KP_CREATE_TOPICS_REQ_ASSIGNMENT) \
	X(kp_create_topics_req_config, KP_CREATE_TOPICS_REQ_CONFIG) \
	X(kp_create_topics_req_topic, KP_CREATE_TOPICS_REQ_TOPIC) \
	X(kp_create_topics_req, KP_CREATE_TOPICS_REQ) \
	X(kp_create_topics_resp_config, KP_CREATE_TOPICS_RESP_CONFIG) \
	X(kp_create_topics_resp_topic, KP_CREATE_TOPICS_RESP_TOPIC) \
	X(kp_create_topics_resp, KP_CREATE_TOPICS_RESP) \
	X(kp_delete_topics_req_topic, KP_DELETE_TOPICS_REQ_TOPIC) \
	X(kp_delete_topics_req, KP_DELETE_TOPICS_REQ) \
	X(kp_delete_topics_resp_response, KP_DELETE_TOPICS_RESP_RESPONSE) \
	X(kp_delete_topics_resp, KP_DELETE_TOPICS_RESP) \
	X(kp_delete_records_req_partition, KP_DELETE_RECORDS_REQ_PARTITION) \
	X(kp_delete_records_req_topic, KP_DELETE_RECORDS_REQ_TOPIC) \
	X(kp_delete_records_req, KP_DELETE_RECORDS_REQ) \
	X(kp_delete_records_resp_partition, KP_DELETE_RECORDS_RESP_PARTITION) \
	X(kp_delete_records_resp_topic, KP_DELETE_RECORDS_RESP_TOPIC) \
	X(kp_delete_records_resp, KP_DELETE_RECORDS_RESP) \
	X(kp_create_partitions_req_assignment, KP_CREATE_PARTITIONS_REQ_ASSIGNMENT) \
	X(kp_create_partitions_req_topic, KP_CREATE_PARTITIONS_REQ_TOPIC) \
	X(kp_create_partitions_req, KP_CREATE_PARTITIONS_REQ) \
	X(kp_create_partitions_resp_result, KP_CREATE_PARTITIONS_RESP_RESULT) \
	X(kp_create_partitions_resp, KP_CREATE_PARTITIONS_RESP) \
	X(kp_describe_configs_req_resource, KP_DESCRIBE_CONFIGS_REQ_RESOURCE) \
	X(kp_describe_configs_req, KP_DESCRIBE_CONFIGS_REQ) \
	X(kp_describe_configs_resp_synonym, KP_DESCRIBE_CONFIGS_RESP_SYNONYM) \
	X(kp_describe_configs_resp_config, KP_DESCRIBE_CONFIGS_RESP_CONFIG) \
	X(kp_describe_configs_resp_result, KP_DESCRIBE_CONFIGS_RESP_RESULT) \
	X(kp_describe_configs_resp, KP_DESCRIBE_CONFIGS_RESP) \
	X(kp_alter_configs_req_config, KP_ALTER_CONFIGS_REQ_CONFIG) \
	X(kp_alter_configs_req_resource, KP_ALTER_CONFIGS_REQ_RESOURCE) \
	X(kp_alter_configs_req, KP_ALTER_CONFIGS_REQ) \
	X(kp_alter_configs_resp_response, KP_ALTER_CONFIGS_RESP_RESPONSE) \
	X(kp_alter_configs_resp, KP_ALTER_CONFIGS_RESP) \
	X(kp_incremental_alter_configs_req_config, KP_INCREMENTAL_ALTER_CONFIGS_REQ_CONFIG) \
	X(kp_incremental_alter_configs_req_resource, KP_INCREMENTAL_ALTER_CONFIGS_REQ_RESOURCE) \
	X(kp_incremental_alter_configs_req, KP_INCREMENTAL_ALTER_CONFIGS_REQ) \
	X(kp_incremental_alter_configs_resp_response, KP_INCREMENTAL_ALTER_CONFIGS_RESP_RESPONSE) \
	X(kp_incremental_alter_configs_resp, KP_INCREMENTAL_ALTER_CONFIGS_RESP) \
	X(kp_alter_replica_log_dirs_req_topic, KP_ALTER_REPLICA_LOG_DIRS_REQ_TOPIC) \
	X(kp_alter_replica_log_dirs_req_dir, KP_ALTER_REPLICA_LOG_DIRS_REQ_DIR) \
	X(kp_alter_replica_log_dirs_req, KP_ALTER_REPLICA_LOG_DIRS_REQ) \
	X(kp_alter_replica_log_dirs_resp_partition, KP_ALTER_REPLICA_LOG_DIRS_RESP_PARTITION) \
	X(kp_alter_replica_log_dirs_resp_result, KP_ALTER_REPLICA_LOG_DIRS_RESP_RESULT) \
	X(kp_alter_replica_log_dirs_resp, KP_ALTER_REPLICA_LOG_DIRS_RESP) \
	X(kp_describe_log_dirs_req_topic, KP_DESCRIBE_LOG_DIRS_REQ_TOPIC) \
	X(kp_describe_log_dirs_req, KP_DESCRIBE_LOG_DIRS_REQ) \
	X(kp_describe_log_dirs_resp_partition, KP_DESCRIBE_LOG_DIRS_RESP_PARTITION) \
	X(kp_describe_log_dirs_resp_topic, KP_DESCRIBE_LOG_DIRS_RESP_TOPIC) \
	X(kp_describe_log_dirs_resp_result, KP_DESCRIBE_LOG_DIRS_RESP_RESULT) \
	X(kp_describe_log_dirs_resp, KP_DESCRIBE_LOG_DIRS_RESP) \
	X(kp_elect_leaders_req_topic_partition, KP_ELECT_LEADERS_REQ_TOPIC_PARTITION) \
	X(kp_elect_leaders_req, KP_ELECT_LEADERS_REQ) \
	X(kp_elect_leaders_resp_partition_result, KP_ELECT_LEADERS_RESP_PARTITION_RESULT) \
	X(kp_elect_leaders_resp_replica_election_result, KP_ELECT_LEADERS_RESP_REPLICA_ELECTION_RESULT) \
	X(kp_elect_leaders_resp, KP_ELECT_LEADERS_RESP) \
	X(kp_alter_partition_reassignments_req_partition, KP_ALTER_PARTITION_REASSIGNMENTS_REQ_PARTITION) \
	X(kp_alter_partition_reassignments_req_topic, KP_ALTER_PARTITION_REASSIGNMENTS_REQ_TOPIC) \
	X(kp_alter_partition_reassignments_req, KP_ALTER_PARTITION_REASSIGNMENTS_REQ) \
	X(kp_alter_partition_reassignments_resp_partition, KP_ALTER_PARTITION_REASSIGNMENTS_RESP_PARTITION) \
	X(kp_alter_partition_reassignments_resp_response, KP_ALTER_PARTITION_REASSIGNMENTS_RESP_RESPONSE) \
	X(kp_alter_partition_reassignments_resp, KP_ALTER_PARTITION_REASSIGNMENTS_RESP) \
	X(kp_list_partition_reassignments_req_topic, KP_LIST_PARTITION_REASSIGNMENTS_REQ_TOPIC) \
	X(kp_list_partition_reassignments_req, KP_LIST_PARTITION_REASSIGNMENTS_REQ) \
	X(kp_list_partition_reassignments_resp_partition, KP_LIST_PARTITION_REASSIGNMENTS_RESP_PARTITION) \
	X(kp_list_partition_reassignments_resp_topic, KP_LIST_PARTITION_REASSIGNMENTS_RESP_TOPIC) \
	X(kp_list_partition_reassignments_resp, KP_LIST_PARTITION_REASSIGNMENTS_RESP) \
	X(kp_update_features_req_feature_update, KP_UPDATE_FEATURES_REQ_FEATURE_UPDATE) \
	X(kp_update_features_req, KP_UPDATE_FEATURES_REQ) \
	X(kp_update_features_resp_result, KP_UPDATE_FEATURES_RESP_RESULT) \
	X(kp_update_features_resp, KP_UPDATE_FEATURES_RESP) \
	X(kp_unregister_broker_req, KP_UNREGISTER_BROKER_REQ) \
	X(kp_unregister_broker_resp, KP_UNREGISTER_BROKER_RESP) \
	X(kp_list_client_metrics_resources_req, KP_LIST_CLIENT_METRICS_RESOURCES_REQ) \
	X(kp_list_client_metrics_resources_resp_client_metrics_resource, KP_LIST_CLIENT_METRICS_RESOURCES_RESP_CLIENT_METRICS_RESOURCE) \
	X(kp_list_client_metrics_resources_resp, KP_LIST_CLIENT_METRICS_RESOURCES_RESP)

#endif
