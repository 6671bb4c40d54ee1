/* Messages of Kafka: who may do what. How to read the rows: schema.h. */
#ifndef KP_SCHEMA_SECURITY_H
#define KP_SCHEMA_SECURITY_H

/* ---- 17 SaslHandshake ---- */
#define KP_SASL_HANDSHAKE_REQ(F, L, A, O, T) \
	F(T, STRING, mechanism, FROM(0))

#define KP_SASL_HANDSHAKE_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	L(T, STRING, mechanisms, mechanism_n, FROM(0))

/* ---- 36 SaslAuthenticate ---- */
#define KP_SASL_AUTHENTICATE_REQ(F, L, A, O, T) \
	F(T, BYTES, auth_bytes, FROM(0))

#define KP_SASL_AUTHENTICATE_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	F(T, BYTES, auth_bytes, FROM(0)) \
	F(T, I64, session_lifetime_ms, FROM(1))

/* ---- 29 DescribeAcls ---- */
#define KP_DESCRIBE_ACLS_REQ(F, L, A, O, T) \
	F(T, I8, resource_type_filter, FROM(0)) \
	F(T, STRING, resource_name_filter, FROM(0), NULLABLE(0)) \
	F(T, I8, pattern_type_filter, FROM(1), DEFAULT(3)) \
	F(T, STRING, principal_filter, FROM(0), NULLABLE(0)) \
	F(T, STRING, host_filter, FROM(0), NULLABLE(0)) \
	F(T, I8, operation, FROM(0)) \
	F(T, I8, permission_type, FROM(0))

#define KP_DESCRIBE_ACLS_RESP_ACL(F, L, A, O, T) \
	F(T, STRING, principal, FROM(0)) \
	F(T, STRING, host, FROM(0)) \
	F(T, I8, operation, FROM(0)) \
	F(T, I8, permission_type, FROM(0))

#define KP_DESCRIBE_ACLS_RESP_RESOURCE(F, L, A, O, T) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0)) \
	F(T, I8, pattern_type, FROM(1), DEFAULT(3)) \
	A(T, acls, acl_n, kp_describe_acls_resp_acl, FROM(0))

#define KP_DESCRIBE_ACLS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, resources, resource_n, kp_describe_acls_resp_resource, FROM(0))

/* ---- 30 CreateAcls ---- */
#define KP_CREATE_ACLS_REQ_CREATION(F, L, A, O, T) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0)) \
	F(T, I8, resource_pattern_type, FROM(1), DEFAULT(3)) \
	F(T, STRING, principal, FROM(0)) \
	F(T, STRING, host, FROM(0)) \
	F(T, I8, operation, FROM(0)) \
	F(T, I8, permission_type, FROM(0))

#define KP_CREATE_ACLS_REQ(F, L, A, O, T) \
	A(T, creations, creation_n, kp_create_acls_req_creation, FROM(0))

#define KP_CREATE_ACLS_RESP_RESULT(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0))

#define KP_CREATE_ACLS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, results, result_n, kp_create_acls_resp_result, FROM(0))

/* ---- 31 DeleteAcls ---- */
#define KP_DELETE_ACLS_REQ_FILTER(F, L, A, O, T) \
	F(T, I8, resource_type_filter, FROM(0)) \
	F(T, STRING, resource_name_filter, FROM(0), NULLABLE(0)) \
	F(T, I8, pattern_type_filter, FROM(1), DEFAULT(3)) \
	F(T, STRING, principal_filter, FROM(0), NULLABLE(0)) \
	F(T, STRING, host_filter, FROM(0), NULLABLE(0)) \
	F(T, I8, operation, FROM(0)) \
	F(T, I8, permission_type, FROM(0))

#define KP_DELETE_ACLS_REQ(F, L, A, O, T) \
	A(T, filters, filter_n, kp_delete_acls_req_filter, FROM(0))

#define KP_DELETE_ACLS_RESP_MATCHING_ACL(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	F(T, I8, resource_type, FROM(0)) \
	F(T, STRING, resource_name, FROM(0)) \
	F(T, I8, pattern_type, FROM(1), DEFAULT(3)) \
	F(T, STRING, principal, FROM(0)) \
	F(T, STRING, host, FROM(0)) \
	F(T, I8, operation, FROM(0)) \
	F(T, I8, permission_type, FROM(0))

#define KP_DELETE_ACLS_RESP_FILTER_RESULT(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, matching_acls, matching_acl_n, kp_delete_acls_resp_matching_acl, FROM(0))

#define KP_DELETE_ACLS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, filter_results, filter_result_n, kp_delete_acls_resp_filter_result, FROM(0))

/* ---- 38 CreateDelegationToken ---- */
#define KP_CREATE_DELEGATION_TOKEN_REQ_RENEWER(F, L, A, O, T) \
	F(T, STRING, principal_type, FROM(0)) \
	F(T, STRING, principal_name, FROM(0))

#define KP_CREATE_DELEGATION_TOKEN_REQ(F, L, A, O, T) \
	F(T, STRING, owner_principal_type, FROM(3), NULLABLE(3)) \
	F(T, STRING, owner_principal_name, FROM(3), NULLABLE(3)) \
	A(T, renewers, renewer_n, kp_create_delegation_token_req_renewer, FROM(0)) \
	F(T, I64, max_lifetime_ms, FROM(0))

#define KP_CREATE_DELEGATION_TOKEN_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, principal_type, FROM(0)) \
	F(T, STRING, principal_name, FROM(0)) \
	F(T, STRING, token_requester_principal_type, FROM(3)) \
	F(T, STRING, token_requester_principal_name, FROM(3)) \
	F(T, I64, issue_timestamp_ms, FROM(0)) \
	F(T, I64, expiry_timestamp_ms, FROM(0)) \
	F(T, I64, max_timestamp_ms, FROM(0)) \
	F(T, STRING, token_id, FROM(0)) \
	F(T, BYTES, hmac, FROM(0)) \
	F(T, I32, throttle_time_ms, FROM(0))

/* ---- 39 RenewDelegationToken ---- */
#define KP_RENEW_DELEGATION_TOKEN_REQ(F, L, A, O, T) \
	F(T, BYTES, hmac, FROM(0)) \
	F(T, I64, renew_period_ms, FROM(0))

#define KP_RENEW_DELEGATION_TOKEN_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I64, expiry_timestamp_ms, FROM(0)) \
	F(T, I32, throttle_time_ms, FROM(0))

/* ---- 40 ExpireDelegationToken ---- */
#define KP_EXPIRE_DELEGATION_TOKEN_REQ(F, L, A, O, T) \
	F(T, BYTES, hmac, FROM(0)) \
	F(T, I64, expiry_time_period_ms, FROM(0))

#define KP_EXPIRE_DELEGATION_TOKEN_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, I64, expiry_timestamp_ms, FROM(0)) \
	F(T, I32, throttle_time_ms, FROM(0))

/* ---- 41 DescribeDelegationToken ---- */
#define KP_DESCRIBE_DELEGATION_TOKEN_REQ_OWNER(F, L, A, O, T) \
	F(T, STRING, principal_type, FROM(0)) \
	F(T, STRING, principal_name, FROM(0))

#define KP_DESCRIBE_DELEGATION_TOKEN_REQ(F, L, A, O, T) \
	A(T, owners, owner_n, kp_describe_delegation_token_req_owner, FROM(0), NULLABLE(0))

#define KP_DESCRIBE_DELEGATION_TOKEN_RESP_RENEWER(F, L, A, O, T) \
	F(T, STRING, principal_type, FROM(0)) \
	F(T, STRING, principal_name, FROM(0))

#define KP_DESCRIBE_DELEGATION_TOKEN_RESP_TOKEN(F, L, A, O, T) \
	F(T, STRING, principal_type, FROM(0)) \
	F(T, STRING, principal_name, FROM(0)) \
	F(T, STRING, token_requester_principal_type, FROM(3)) \
	F(T, STRING, token_requester_principal_name, FROM(3)) \
	F(T, I64, issue_timestamp, FROM(0)) \
	F(T, I64, expiry_timestamp, FROM(0)) \
	F(T, I64, max_timestamp, FROM(0)) \
	F(T, STRING, token_id, FROM(0)) \
	F(T, BYTES, hmac, FROM(0)) \
	A(T, renewers, renewer_n, kp_describe_delegation_token_resp_renewer, FROM(0))

#define KP_DESCRIBE_DELEGATION_TOKEN_RESP(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	A(T, tokens, token_n, kp_describe_delegation_token_resp_token, FROM(0)) \
	F(T, I32, throttle_time_ms, FROM(0))

/* ---- 48 DescribeClientQuotas ---- */
#define KP_DESCRIBE_CLIENT_QUOTAS_REQ_COMPONENT(F, L, A, O, T) \
	F(T, STRING, entity_type, FROM(0)) \
	F(T, I8, match_type, FROM(0)) \
	F(T, STRING, match, FROM(0), NULLABLE(0))

#define KP_DESCRIBE_CLIENT_QUOTAS_REQ(F, L, A, O, T) \
	A(T, components, component_n, kp_describe_client_quotas_req_component, FROM(0)) \
	F(T, BOOL, strict, FROM(0))

#define KP_DESCRIBE_CLIENT_QUOTAS_RESP_ENTITY(F, L, A, O, T) \
	F(T, STRING, entity_type, FROM(0)) \
	F(T, STRING, entity_name, FROM(0), NULLABLE(0))

#define KP_DESCRIBE_CLIENT_QUOTAS_RESP_VALUE(F, L, A, O, T) \
	F(T, STRING, key, FROM(0)) \
	F(T, F64, value, FROM(0))

#define KP_DESCRIBE_CLIENT_QUOTAS_RESP_ENTRY(F, L, A, O, T) \
	A(T, entity, entity_n, kp_describe_client_quotas_resp_entity, FROM(0)) \
	A(T, values, value_n, kp_describe_client_quotas_resp_value, FROM(0))

#define KP_DESCRIBE_CLIENT_QUOTAS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, entries, entry_n, kp_describe_client_quotas_resp_entry, FROM(0), NULLABLE(0))

/* ---- 49 AlterClientQuotas ---- */
#define KP_ALTER_CLIENT_QUOTAS_REQ_ENTITY(F, L, A, O, T) \
	F(T, STRING, entity_type, FROM(0)) \
	F(T, STRING, entity_name, FROM(0), NULLABLE(0))

#define KP_ALTER_CLIENT_QUOTAS_REQ_OP(F, L, A, O, T) \
	F(T, STRING, key, FROM(0)) \
	F(T, F64, value, FROM(0)) \
	F(T, BOOL, remove, FROM(0))

#define KP_ALTER_CLIENT_QUOTAS_REQ_ENTRY(F, L, A, O, T) \
	A(T, entity, entity_n, kp_alter_client_quotas_req_entity, FROM(0)) \
	A(T, ops, op_n, kp_alter_client_quotas_req_op, FROM(0))

#define KP_ALTER_CLIENT_QUOTAS_REQ(F, L, A, O, T) \
	A(T, entries, entry_n, kp_alter_client_quotas_req_entry, FROM(0)) \
	F(T, BOOL, validate_only, FROM(0))

#define KP_ALTER_CLIENT_QUOTAS_RESP_ENTITY(F, L, A, O, T) \
	F(T, STRING, entity_type, FROM(0)) \
	F(T, STRING, entity_name, FROM(0), NULLABLE(0))

#define KP_ALTER_CLIENT_QUOTAS_RESP_ENTRY(F, L, A, O, T) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, entity, entity_n, kp_alter_client_quotas_resp_entity, FROM(0))

#define KP_ALTER_CLIENT_QUOTAS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, entries, entry_n, kp_alter_client_quotas_resp_entry, FROM(0))

/* ---- 50 DescribeUserScramCredentials ---- */
#define KP_DESCRIBE_USER_SCRAM_CREDENTIALS_REQ_USER(F, L, A, O, T) \
	F(T, STRING, name, FROM(0))

#define KP_DESCRIBE_USER_SCRAM_CREDENTIALS_REQ(F, L, A, O, T) \
	A(T, users, user_n, kp_describe_user_scram_credentials_req_user, FROM(0), NULLABLE(0))

#define KP_DESCRIBE_USER_SCRAM_CREDENTIALS_RESP_CREDENTIAL_INFO(F, L, A, O, T) \
	F(T, I8, mechanism, FROM(0)) \
	F(T, I32, iterations, FROM(0))

#define KP_DESCRIBE_USER_SCRAM_CREDENTIALS_RESP_RESULT(F, L, A, O, T) \
	F(T, STRING, user, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, credential_infos, credential_info_n, kp_describe_user_scram_credentials_resp_credential_info, FROM(0))

#define KP_DESCRIBE_USER_SCRAM_CREDENTIALS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0)) \
	A(T, results, result_n, kp_describe_user_scram_credentials_resp_result, FROM(0))

/* ---- 51 AlterUserScramCredentials ---- */
#define KP_ALTER_USER_SCRAM_CREDENTIALS_REQ_DELETION(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, I8, mechanism, FROM(0))

#define KP_ALTER_USER_SCRAM_CREDENTIALS_REQ_UPSERTION(F, L, A, O, T) \
	F(T, STRING, name, FROM(0)) \
	F(T, I8, mechanism, FROM(0)) \
	F(T, I32, iterations, FROM(0)) \
	F(T, BYTES, salt, FROM(0)) \
	F(T, BYTES, salted_password, FROM(0))

#define KP_ALTER_USER_SCRAM_CREDENTIALS_REQ(F, L, A, O, T) \
	A(T, deletions, deletion_n, kp_alter_user_scram_credentials_req_deletion, FROM(0)) \
	A(T, upsertions, upsertion_n, kp_alter_user_scram_credentials_req_upsertion, FROM(0))

#define KP_ALTER_USER_SCRAM_CREDENTIALS_RESP_RESULT(F, L, A, O, T) \
	F(T, STRING, user, FROM(0)) \
	F(T, I16, error_code, FROM(0)) \
	F(T, STRING, error_message, FROM(0), NULLABLE(0))

#define KP_ALTER_USER_SCRAM_CREDENTIALS_RESP(F, L, A, O, T) \
	F(T, I32, throttle_time_ms, FROM(0)) \
	A(T, results, result_n, kp_alter_user_scram_credentials_resp_result, FROM(0))

/* Those above, the inner ones before who has them. */
#define KP_SECURITY_STRUCTS(X) \
	X(kp_sasl_handshake_req, KP_SASL_HANDSHAKE_REQ) \
	X(kp_sasl_handshake_resp, KP_SASL_HANDSHAKE_RESP) \
	X(kp_sasl_authenticate_req, KP_SASL_AUTHENTICATE_REQ) \
	X(kp_sasl_authenticate_resp, KP_SASL_AUTHENTICATE_RESP) \
	X(kp_describe_acls_req, KP_DESCRIBE_ACLS_REQ) \
	X(kp_describe_acls_resp_acl, KP_DESCRIBE_ACLS_RESP_ACL) \
	X(kp_describe_acls_resp_resource, KP_DESCRIBE_ACLS_RESP_RESOURCE) \
	X(kp_describe_acls_resp, KP_DESCRIBE_ACLS_RESP) \
	X(kp_create_acls_req_creation, KP_CREATE_ACLS_REQ_CREATION) \
	X(kp_create_acls_req, KP_CREATE_ACLS_REQ) \
	X(kp_create_acls_resp_result, KP_CREATE_ACLS_RESP_RESULT) \
	X(kp_create_acls_resp, KP_CREATE_ACLS_RESP) \
	X(kp_delete_acls_req_filter, KP_DELETE_ACLS_REQ_FILTER) \
	X(kp_delete_acls_req, KP_DELETE_ACLS_REQ) \
	X(kp_delete_acls_resp_matching_acl, KP_DELETE_ACLS_RESP_MATCHING_ACL) \
	X(kp_delete_acls_resp_filter_result, KP_DELETE_ACLS_RESP_FILTER_RESULT) \
	X(kp_delete_acls_resp, KP_DELETE_ACLS_RESP) \
	X(kp_create_delegation_token_req_renewer, KP_CREATE_DELEGATION_TOKEN_REQ_RENEWER) \
	X(kp_create_delegation_token_req, KP_CREATE_DELEGATION_TOKEN_REQ) \
	X(kp_create_delegation_token_resp, KP_CREATE_DELEGATION_TOKEN_RESP) \
	X(kp_renew_delegation_token_req, KP_RENEW_DELEGATION_TOKEN_REQ) \
	X(kp_renew_delegation_token_resp, KP_RENEW_DELEGATION_TOKEN_RESP) \
	X(kp_expire_delegation_token_req, KP_EXPIRE_DELEGATION_TOKEN_REQ) \
	X(kp_expire_delegation_token_resp, KP_EXPIRE_DELEGATION_TOKEN_RESP) \
	X(kp_describe_delegation_token_req_owner, KP_DESCRIBE_DELEGATION_TOKEN_REQ_OWNER) \
	X(kp_describe_delegation_token_req, KP_DESCRIBE_DELEGATION_TOKEN_REQ) \
	X(kp_describe_delegation_token_resp_renewer, KP_DESCRIBE_DELEGATION_TOKEN_RESP_RENEWER) \
	X(kp_describe_delegation_token_resp_token, KP_DESCRIBE_DELEGATION_TOKEN_RESP_TOKEN) \
	X(kp_describe_delegation_token_resp, KP_DESCRIBE_DELEGATION_TOKEN_RESP) \
	X(kp_describe_client_quotas_req_component, KP_DESCRIBE_CLIENT_QUOTAS_REQ_COMPONENT) \
	X(kp_describe_client_quotas_req, KP_DESCRIBE_CLIENT_QUOTAS_REQ) \
	X(kp_describe_client_quotas_resp_entity, KP_DESCRIBE_CLIENT_QUOTAS_RESP_ENTITY) \
	X(kp_describe_client_quotas_resp_value, KP_DESCRIBE_CLIENT_QUOTAS_RESP_VALUE) \
	X(kp_describe_client_quotas_resp_entry, KP_DESCRIBE_CLIENT_QUOTAS_RESP_ENTRY) \
	X(kp_describe_client_quotas_resp, KP_DESCRIBE_CLIENT_QUOTAS_RESP) \
	X(kp_alter_client_quotas_req_entity, KP_ALTER_CLIENT_QUOTAS_REQ_ENTITY) \
	X(kp_alter_client_quotas_req_op, KP_ALTER_CLIENT_QUOTAS_REQ_OP) \
	X(kp_alter_client_quotas_req_entry, KP_ALTER_CLIENT_QUOTAS_REQ_ENTRY) \
	X(kp_alter_client_quotas_req, KP_ALTER_CLIENT_QUOTAS_REQ) \
	X(kp_alter_client_quotas_resp_entity, KP_ALTER_CLIENT_QUOTAS_RESP_ENTITY) \
	X(kp_alter_client_quotas_resp_entry, KP_ALTER_CLIENT_QUOTAS_RESP_ENTRY) \
	X(kp_alter_client_quotas_resp, KP_ALTER_CLIENT_QUOTAS_RESP) \
	X(kp_describe_user_scram_credentials_req_user, KP_DESCRIBE_USER_SCRAM_CREDENTIALS_REQ_USER) \
	X(kp_describe_user_scram_credentials_req, KP_DESCRIBE_USER_SCRAM_CREDENTIALS_REQ) \
	X(kp_describe_user_scram_credentials_resp_credential_info, KP_DESCRIBE_USER_SCRAM_CREDENTIALS_RESP_CREDENTIAL_INFO) \
	X(kp_describe_user_scram_credentials_resp_result, KP_DESCRIBE_USER_SCRAM_CREDENTIALS_RESP_RESULT) \
	X(kp_describe_user_scram_credentials_resp, KP_DESCRIBE_USER_SCRAM_CREDENTIALS_RESP) \
	X(kp_alter_user_scram_credentials_req_deletion, KP_ALTER_USER_SCRAM_CREDENTIALS_REQ_DELETION) \
	X(kp_alter_user_scram_credentials_req_upsertion, KP_ALTER_USER_SCRAM_CREDENTIALS_REQ_UPSERTION) \
	X(kp_alter_user_scram_credentials_req, KP_ALTER_USER_SCRAM_CREDENTIALS_REQ) \
	X(kp_alter_user_scram_credentials_resp_result, KP_ALTER_USER_SCRAM_CREDENTIALS_RESP_RESULT) \
	X(kp_alter_user_scram_credentials_resp, KP_ALTER_USER_SCRAM_CREDENTIALS_RESP)

#endif
