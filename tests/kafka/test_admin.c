/* What admins ask: topics, settings, where partitions are; each API in all versions. Sentences: Kafka 4.0.0's, asked by its Admin client. */
#include "broker.h"
#include "kafka/config.h"
#include "kafka/node.h"

static struct arena arena;
static struct conn conn;

static void open_with(const char *brokers)
{
	broker_setup();
	several(brokers);
	snprintf(conn.peer, sizeof(conn.peer), "test");
	snprintf(conn.local, sizeof(conn.local), "127.0.0.1");
	conn.local_port = 19001;
	open_kafka();
}

static void setup(void)
{
	open_with("1");
}

static void setup_three(void)
{
	open_with("3");
}

static void teardown(void)
{
	kafka_service.close(&k);
	buf_free(&conn.out);
	arena_free(&arena);
	env_close();
}

/* The answer, as a client reads it. */
static void *ask(int key, int version, const void *req)
{
	const struct kp_api *api = kp_api((int16_t)key);
	void *resp = arena_alloc(&arena, api->response->size);
	struct buf out = { 0 };
	struct slice answer;
	int32_t correlation;
	kp_request_write(api, (int16_t)version, 7, S("test"), req, &out);
	conn.out.n = 0;
	ck_assert_int_eq(kfk_serve(&k, &conn, arena_dup(&arena, sl_from(buf_slice(&out), 4)), false), KFK_ANSWERED);
	answer = arena_dup(&arena, sl_from(buf_slice(&conn.out), 4));
	ck_assert_msg(kp_response_read(api, (int16_t)version, answer, &arena, &correlation, resp), "%s v%d", api->name, version);
	ck_assert_int_eq(correlation, 7);
	buf_free(&out);
	return resp;
}

static void *request(int key)
{
	const struct kp_api *api = kp_api((int16_t)key);
	void *req = arena_alloc(&arena, api->request->size);
	kp_init(api->request, req);
	return req;
}

START_TEST(all_are_answered_in_all_versions)
{
	static const int keys[] = { KP_METADATA, KP_API_VERSIONS, KP_CREATE_TOPICS, KP_DELETE_TOPICS, KP_DESCRIBE_CONFIGS, KP_ALTER_CONFIGS,
				    KP_ALTER_REPLICA_LOG_DIRS, KP_DESCRIBE_LOG_DIRS, KP_CREATE_PARTITIONS, KP_CREATE_DELEGATION_TOKEN,
				    KP_RENEW_DELEGATION_TOKEN, KP_EXPIRE_DELEGATION_TOKEN, KP_DESCRIBE_DELEGATION_TOKEN, KP_ELECT_LEADERS,
				    KP_INCREMENTAL_ALTER_CONFIGS, KP_ALTER_PARTITION_REASSIGNMENTS, KP_LIST_PARTITION_REASSIGNMENTS, KP_DESCRIBE_QUORUM,
				    KP_UPDATE_FEATURES, KP_DESCRIBE_CLUSTER, KP_UNREGISTER_BROKER, KP_LIST_CLIENT_METRICS_RESOURCES,
				    KP_DESCRIBE_TOPIC_PARTITIONS };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		for (int16_t v = kp_api((int16_t)keys[i])->min; v <= kp_api((int16_t)keys[i])->max; v++)
			(void)ask(keys[i], v, request(keys[i]));
}
END_TEST

/* ---- topics ---- */

static const struct kp_create_topics_resp_topic *create(const char *name, int partitions, int factor, const char *config, const char *value)
{
	struct kp_create_topics_req_config c = { sl(config), sl(value) };
	struct kp_create_topics_req_topic t = { .name = sl(name), .num_partitions = partitions, .replication_factor = (int16_t)factor,
						.configs = &c, .config_n = config ? 1 : 0 };
	struct kp_create_topics_req req = { .topics = &t, .topic_n = 1 };
	const struct kp_create_topics_resp *resp = ask(KP_CREATE_TOPICS, 7, &req);
	ck_assert_int_eq(resp->topic_n, 1);
	return resp->topics;
}

static void is(const char *what, int code, struct slice text, int expected, const char *sentence)
{
	ck_assert_msg(code == expected, "%s: %d \"%.*s\"", what, code, SL(text));
	ck_assert_msg(sentence ? text.p && sl_eqs(text, sentence) : !text.p, "%s: \"%.*s\"", what, SL(text));
}

START_TEST(topics_are_refused_with_kafkas_sentences)
{
	static const struct {
		const char *name;
		int partitions, factor;
		const char *config, *value;
		int code;
		const char *text;
	} cases[] = {
		{ "t", 3, 1, NULL, NULL, 0, NULL },
		{ "t", 3, 1, NULL, NULL, KE_TOPIC_ALREADY_EXISTS, "Topic 't' already exists." },
		{ "a.b", -1, -1, "retention.ms", "1000", 0, NULL },
		{ "a_b", 1, 1, NULL, NULL, KE_INVALID_TOPIC_EXCEPTION, "Topic 'a_b' collides with existing topic: a.b" },
		{ "x", 0, 1, NULL, NULL, KE_INVALID_PARTITIONS, "Number of partitions was set to an invalid non-positive value." },
		{ "x", 1, 0, NULL, NULL, KE_INVALID_REPLICATION_FACTOR, "Replication factor must be larger than 0, or -1 to use the default value." },
		{ "x", 1, 3, NULL, NULL, KE_INVALID_REPLICATION_FACTOR,
		  "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered." },
		{ "x", 1, 1, "no.such", "1", KE_INVALID_CONFIG, "Unknown topic config name: no.such" },
		{ "x", 1, 1, "retention.ms", "abc", KE_INVALID_CONFIG, "Invalid value abc for configuration retention.ms: Not a number of type LONG" },
		{ "x", 20000, 1, NULL, NULL, KE_POLICY_VIOLATION, "Excessively large number of partitions per request." },
		{ "", 1, 1, NULL, NULL, KE_INVALID_TOPIC_EXCEPTION, "Topic name is invalid: the empty string is not allowed" },
		{ ".", 1, 1, NULL, NULL, KE_INVALID_TOPIC_EXCEPTION, "Topic name is invalid: '.' is not allowed" },
		{ "a b", 1, 1, NULL, NULL, KE_INVALID_TOPIC_EXCEPTION,
		  "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'" },
		{ "__cluster_metadata", 1, 1, NULL, NULL, KE_INVALID_REQUEST, "Creation of internal topic __cluster_metadata is prohibited." },
		{ "many", 2500, 1, NULL, NULL, 0, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kp_create_topics_resp_topic *t = create(cases[i].name, cases[i].partitions, cases[i].factor, cases[i].config, cases[i].value);
		is(cases[i].name, t->error_code, t->error_message, cases[i].code, cases[i].text);
	}
	ck_assert_ptr_null(kfk_topic(&k, S("x")));
	ck_assert_int_eq(kfk_topic(&k, S("a.b"))->set.retention_ms, 1000);
	ck_assert_int_eq(kfk_topic(&k, S("many"))->part_n, 2500);
}
END_TEST

START_TEST(a_name_given_twice_is_not_made)
{
	struct kp_create_topics_req_topic t[] = { { .name = S("d"), .num_partitions = 1, .replication_factor = 1 },
						  { .name = S("e"), .num_partitions = 1, .replication_factor = 1 },
						  { .name = S("d"), .num_partitions = 1, .replication_factor = 1 } };
	struct kp_create_topics_req req = { .topics = t, .topic_n = 3 };
	const struct kp_create_topics_resp *resp = ask(KP_CREATE_TOPICS, 5, &req);
	is("d", resp->topics[0].error_code, resp->topics[0].error_message, KE_INVALID_REQUEST, "Duplicate topic name.");
	is("e", resp->topics[1].error_code, resp->topics[1].error_message, KE_NONE, NULL);
	ck_assert_int_gt(resp->topics[1].config_n, 30);
	ck_assert_ptr_null(kfk_topic(&k, S("d")));
}
END_TEST

START_TEST(topics_grow_and_go)
{
	struct kp_create_partitions_req_topic t = { .name = S("g"), .count = 3, .assignment_n = -1 };
	struct kp_create_partitions_req req = { .topics = &t, .topic_n = 1 };
	const struct kp_create_partitions_resp *resp;
	create("g", 3, 1, NULL, NULL);
	resp = ask(KP_CREATE_PARTITIONS, 3, &req);
	is("same", resp->results->error_code, resp->results->error_message, KE_INVALID_PARTITIONS, "Topic already has 3 partition(s).");
	t.count = 2;
	resp = ask(KP_CREATE_PARTITIONS, 3, &req);
	is("fewer", resp->results->error_code, resp->results->error_message, KE_INVALID_PARTITIONS,
	   "The topic g currently has 3 partition(s); 2 would not be an increase.");
	t.count = 5;
	resp = ask(KP_CREATE_PARTITIONS, 0, &req);
	is("more", resp->results->error_code, resp->results->error_message, KE_NONE, NULL);
	ck_assert_int_eq(kfk_topic(&k, S("g"))->part_n, 5);
	struct kp_delete_topics_req_topic gone = { 0 };
	struct kp_delete_topics_req del = { .topics = &gone, .topic_n = 1 };
	kfk_topic_uuid(kfk_topic(&k, S("g")), (char *)gone.topic_id.b);
	const struct kp_delete_topics_resp *d = ask(KP_DELETE_TOPICS, 6, &del);
	is("by id", d->responses->error_code, d->responses->error_message, KE_NONE, NULL);
	ck_assert(sl_eqs(d->responses->name, "g") && !kfk_topic(&k, S("g")));
	d = ask(KP_DELETE_TOPICS, 6, &del);
	is("again", d->responses->error_code, d->responses->error_message, KE_UNKNOWN_TOPIC_ID, "This server does not host this topic ID.");
	gone.name = S("g");
	d = ask(KP_DELETE_TOPICS, 6, &del);
	is("both", d->responses->error_code, d->responses->error_message, KE_INVALID_REQUEST, "You may not specify both topic name and topic id.");
}
END_TEST

/* ---- who is there ---- */

START_TEST(metadata_by_id_and_name)
{
	struct kp_metadata_req_topic t = { .name = S("m") };
	struct kp_metadata_req req = { .topics = &t, .topic_n = 1, .include_topic_authorized_operations = true };
	const struct kp_metadata_resp *resp;
	create("m", 2, 1, NULL, NULL);
	resp = ask(KP_METADATA, 9, &req);
	ck_assert_int_eq(resp->topics->partition_n, 2);
	ck_assert_int_eq(resp->topics->topic_authorized_operations, 3576);
	resp = ask(KP_METADATA, 12, &req);
	t = (struct kp_metadata_req_topic){ .topic_id = resp->topics->topic_id };
	resp = ask(KP_METADATA, 12, &req);
	ck_assert(sl_eqs(resp->topics->name, "m"));
	resp = ask(KP_METADATA, 11, &req); /* ids came later */
	ck_assert_int_eq(resp->topics->error_code, KE_INVALID_REQUEST);
	t.topic_id.b[0] ^= 1;
	resp = ask(KP_METADATA, 13, &req);
	ck_assert_int_eq(resp->topics->error_code, KE_UNKNOWN_TOPIC_ID);
	req.topic_n = 0;
	ck_assert_int_eq(((struct kp_metadata_resp *)ask(KP_METADATA, 1, &req))->topic_n, 0);
	ck_assert_int_eq(((struct kp_metadata_resp *)ask(KP_METADATA, 0, &req))->topic_n, 1); /* then all were meant */
}
END_TEST

START_TEST(features_that_start_at_nothing_are_for_newer_clients)
{
	struct kp_api_versions_req req = { S("test"), S("1.0") };
	const struct kp_api_versions_resp *resp = ask(KP_API_VERSIONS, 3, &req);
	ck_assert_int_eq(resp->supported_feature_n, 1);
	ck_assert_int_eq(resp->finalized_feature_n, 3);
	resp = ask(KP_API_VERSIONS, 4, &req);
	ck_assert_int_eq(resp->supported_feature_n, 5);
	req.client_software_name = S("-x");
	resp = ask(KP_API_VERSIONS, 4, &req);
	ck_assert_int_eq(resp->error_code, KE_INVALID_REQUEST);
	ck_assert_int_eq(resp->api_key_n, 0);
	struct kp_update_features_req_feature_update up = { .feature = S("metadata.version"), .max_version_level = 24, .upgrade_type = 1 };
	struct kp_update_features_req change = { .feature_updates = &up, .feature_update_n = 1 };
	const struct kp_update_features_resp *u = ask(KP_UPDATE_FEATURES, 2, &change);
	is("feature", u->error_code, u->error_message, KE_INVALID_UPDATE_VERSION,
	   "The update failed for all features since the following feature had an error: Invalid update version 24 for feature metadata.version. "
	   "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.");
	up.upgrade_type = 2;
	u = ask(KP_UPDATE_FEATURES, 2, &change);
	is("feature", u->error_code, u->error_message, KE_NONE, NULL);
	ck_assert_int_eq(((struct kp_api_versions_resp *)ask(KP_API_VERSIONS, 3, &(struct kp_api_versions_req){ S("t"), S("1") }))->finalized_features_epoch, 2);
}
END_TEST

START_TEST(partitions_are_described_in_pieces)
{
	struct kp_describe_topic_partitions_req req = { .response_partition_limit = 4 };
	struct kp_describe_topic_partitions_req_cursor cursor;
	int seen = 0, pieces = 0;
	create("a", 3, 1, NULL, NULL);
	create("b", 6, 1, NULL, NULL);
	for (;; pieces++) {
		const struct kp_describe_topic_partitions_resp *resp = ask(KP_DESCRIBE_TOPIC_PARTITIONS, 0, &req);
		for (int32_t i = 0; i < resp->topic_n; i++)
			seen += resp->topics[i].partition_n;
		if (!resp->next_cursor)
			break;
		cursor = (struct kp_describe_topic_partitions_req_cursor){ resp->next_cursor->topic_name, resp->next_cursor->partition_index };
		req.cursor = &cursor;
	}
	ck_assert_int_eq(seen, 9);
	ck_assert_int_eq(pieces, 2);
}
END_TEST

/* ---- settings ---- */

static const struct kp_incremental_alter_configs_resp_response *alter(int type, const char *name, const char *key, int op, const char *value)
{
	struct kp_incremental_alter_configs_req_config c = { sl(key), (int8_t)op, sl(value) };
	struct kp_incremental_alter_configs_req_resource r = { (int8_t)type, sl(name), &c, 1 };
	struct kp_incremental_alter_configs_req req = { &r, 1, false };
	return ((struct kp_incremental_alter_configs_resp *)ask(KP_INCREMENTAL_ALTER_CONFIGS, 1, &req))->responses;
}

static const struct kp_describe_configs_resp_result *describe(int type, const char *name, const char *key)
{
	struct slice keys = sl(key);
	struct kp_describe_configs_req_resource r = { (int8_t)type, sl(name), &keys, key ? 1 : -1 };
	struct kp_describe_configs_req req = { &r, 1, true, true };
	return ((struct kp_describe_configs_resp *)ask(KP_DESCRIBE_CONFIGS, 4, &req))->results;
}

/* "value@source name=value@source …" */
static const char *shown(int type, const char *name, const char *key)
{
	static char text[300];
	const struct kp_describe_configs_resp_result *r = describe(type, name, key);
	size_t n = 0;
	if (r->config_n != 1)
		return "none";
	n += (size_t)snprintf(text, sizeof(text), "%.*s@%d", SL(r->configs->value), r->configs->config_source);
	for (int32_t i = 0; i < r->configs->synonym_n; i++) {
		const struct kp_describe_configs_resp_synonym *s = &r->configs->synonyms[i];
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %.*s=%.*s@%d", SL(s->name), SL(s->value), s->source);
	}
	return text;
}

enum { SET, DELETE, APPEND, SUBTRACT };

START_TEST(settings_of_topics)
{
	static const struct {
		const char *topic, *key;
		int op;
		const char *value;
		int code;
		const char *text;
	} cases[] = {
		{ "c", "retention.ms", SET, "1000", 0, NULL },
		{ "c", "retention.ms", SET, "abc", KE_INVALID_CONFIG, "Invalid value abc for configuration retention.ms: Not a number of type LONG" },
		{ "c", "retention.ms", APPEND, "1", KE_INVALID_CONFIG, "Can't APPEND to key retention.ms because its type is not LIST." },
		{ "c", "retention.ms", SET, NULL, KE_INVALID_REQUEST, "Null value not supported for : retention.ms" },
		{ "c", "no.such", SET, "1", KE_INVALID_CONFIG, "Unknown topic config name: no.such" },
		{ "c", "no.such", DELETE, NULL, 0, NULL },
		{ "c", "cleanup.policy", APPEND, "compact", 0, NULL },
		{ "c", "cleanup.policy", SUBTRACT, "delete", 0, NULL },
		{ "none", "retention.ms", SET, "1", KE_UNKNOWN_TOPIC_OR_PARTITION, "The topic 'none' does not exist." },
		{ "", "retention.ms", SET, "1", KE_INVALID_REQUEST, "Default topic resources are not allowed." },
		{ "c", "retention.ms", 9, "1", KE_INVALID_REQUEST, "Unknown operations type 9" },
	};
	create("c", 1, 1, NULL, NULL);
	ck_assert_str_eq(shown(KFK_OF_TOPIC, "c", "cleanup.policy"), "delete@5 log.cleanup.policy=delete@5");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kp_incremental_alter_configs_resp_response *r = alter(KFK_OF_TOPIC, cases[i].topic, cases[i].key, cases[i].op, cases[i].value);
		is(cases[i].key, r->error_code, r->error_message, cases[i].code, cases[i].text);
	}
	ck_assert_str_eq(shown(KFK_OF_TOPIC, "c", "cleanup.policy"), "compact@1 cleanup.policy=compact@1 log.cleanup.policy=delete@5");
	ck_assert_str_eq(shown(KFK_OF_TOPIC, "c", "retention.ms"), "1000@1 retention.ms=1000@1");
	/* The older request has all that stays. */
	struct kp_alter_configs_req_config one = { S("flush.ms"), S("7") };
	struct kp_alter_configs_req_resource r = { KFK_OF_TOPIC, S("c"), &one, 1 };
	struct kp_alter_configs_req req = { &r, 1, false };
	ck_assert_int_eq(((struct kp_alter_configs_resp *)ask(KP_ALTER_CONFIGS, 0, &req))->responses->error_code, KE_NONE);
	ck_assert_str_eq(shown(KFK_OF_TOPIC, "c", "retention.ms"), "604800000@5");
	ck_assert_str_eq(shown(KFK_OF_TOPIC, "c", "flush.ms"), "7@1 flush.ms=7@1");
}
END_TEST

START_TEST(settings_of_brokers)
{
	struct kfk_topic *t;
	const struct kp_incremental_alter_configs_resp_response *r;
	create("c", 1, 1, NULL, NULL);
	ck_assert_int_gt(describe(KFK_OF_BROKER, "1", NULL)->config_n, 250);
	ck_assert_int_eq(describe(KFK_OF_BROKER, "", NULL)->config_n, 0);
	is("7", describe(KFK_OF_BROKER, "7", NULL)->error_code, describe(KFK_OF_BROKER, "7", NULL)->error_message, KE_INVALID_REQUEST,
	   "Unexpected broker id, expected 1 or empty string, but received 7");
	is("x", describe(KFK_OF_BROKER, "x", NULL)->error_code, describe(KFK_OF_BROKER, "x", NULL)->error_message, KE_INVALID_REQUEST,
	   "Broker id must be an integer, but it is: x");
	r = alter(KFK_OF_BROKER, "1", "num.partitions", SET, "3");
	is("read only", r->error_code, r->error_message, KE_INVALID_REQUEST, "Cannot update these configs dynamically: Set(num.partitions)");
	r = alter(KFK_OF_BROKER, "1", "log.retention.ms", SET, "x");
	is("bad", r->error_code, r->error_message, KE_INVALID_REQUEST, "Invalid value x for configuration log.retention.ms: Not a number of type LONG");
	ck_assert_int_eq(alter(KFK_OF_BROKER, "", "log.retention.ms", SET, "7000")->error_code, KE_NONE);
	ck_assert_str_eq(shown(KFK_OF_TOPIC, "c", "retention.ms"), "7000@3 log.retention.ms=7000@3 log.retention.hours=168@5");
	ck_assert_int_eq(alter(KFK_OF_BROKER, "1", "log.retention.ms", SET, "5000")->error_code, KE_NONE);
	ck_assert_str_eq(shown(KFK_OF_TOPIC, "c", "retention.ms"), "5000@2 log.retention.ms=5000@2 log.retention.ms=7000@3 log.retention.hours=168@5");
	ck_assert_int_eq(kfk_topic(&k, S("c"))->set.retention_ms, 5000);
	commit(NULL);
	kafka_service.close(&k); /* they are there when it comes back */
	open_kafka();
	t = kfk_topic(&k, S("c"));
	ck_assert_int_eq(t->set.retention_ms, 5000);
	ck_assert_int_eq(alter(KFK_OF_BROKER, "1", "log.retention.ms", DELETE, NULL)->error_code, KE_NONE);
	ck_assert_int_eq(t->set.retention_ms, 7000);
	ck_assert_int_eq(alter(KFK_OF_TOPIC, "c", "retention.ms", SET, "9")->error_code, KE_NONE);
	ck_assert_int_eq(alter(KFK_OF_BROKER, "", "log.retention.ms", DELETE, NULL)->error_code, KE_NONE);
	ck_assert_int_eq(t->set.retention_ms, 9);
}
END_TEST

START_TEST(settings_of_groups_and_metrics)
{
	const struct kp_incremental_alter_configs_resp_response *r = alter(KFK_OF_GROUP, "g", "consumer.session.timeout.ms", SET, "1");
	is("low", r->error_code, r->error_message, KE_INVALID_CONFIG, "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms");
	ck_assert_int_eq(alter(KFK_OF_GROUP, "g", "consumer.session.timeout.ms", SET, "50000")->error_code, KE_NONE);
	ck_assert_str_eq(shown(KFK_OF_GROUP, "g", "consumer.session.timeout.ms"), "50000@8 consumer.session.timeout.ms=50000@8");
	r = alter(KFK_OF_METRICS, "m", "match", SET, "foo");
	is("match", r->error_code, r->error_message, KE_INVALID_CONFIG, "Illegal client matching pattern: foo");
	ck_assert_int_eq(alter(KFK_OF_METRICS, "m", "interval.ms", SET, "1000")->error_code, KE_NONE);
	ck_assert_int_eq(((struct kp_list_client_metrics_resources_resp *)ask(KP_LIST_CLIENT_METRICS_RESOURCES, 0, request(KP_LIST_CLIENT_METRICS_RESOURCES)))->client_metrics_resource_n, 1);
	r = alter(KFK_OF_LOGGER, "1", "no.such", SET, "DEBUG");
	is("logger", r->error_code, r->error_message, KE_INVALID_CONFIG, "Logger no.such does not exist!");
}
END_TEST

/* ---- three brokers ---- */

START_TEST(partitions_go_where_they_are_put)
{
	int32_t on[] = { 3, 1 }, bad[] = { 9 };
	struct kp_create_topics_req_assignment a = { 0, on, 2 };
	struct kp_create_topics_req_topic t = { .name = S("r"), .num_partitions = -1, .replication_factor = -1, .assignments = &a, .assignment_n = 1 };
	struct kp_create_topics_req req = { .topics = &t, .topic_n = 1 };
	struct kp_alter_partition_reassignments_req_partition p = { 0, bad, 1 };
	struct kp_alter_partition_reassignments_req_topic rt = { S("r"), &p, 1 };
	struct kp_alter_partition_reassignments_req move = { .topics = &rt, .topic_n = 1 };
	const struct kp_alter_partition_reassignments_resp *moved;
	const struct kp_create_topics_resp *made = ask(KP_CREATE_TOPICS, 7, &req);
	struct kfk_place at;
	ck_assert_int_eq(made->topics->replication_factor, 2);
	kfk_place(&k, kfk_topic(&k, S("r")), 0, &at);
	ck_assert(at.replica_n == 2 && at.replicas[0] == 3 && at.replicas[1] == 1 && at.leader == 3);
	moved = ask(KP_ALTER_PARTITION_REASSIGNMENTS, 0, &move);
	is("broker 9", moved->responses->partitions->error_code, moved->responses->partitions->error_message, KE_INVALID_REPLICA_ASSIGNMENT,
	   "The manual partition assignment includes broker 9, but no such broker is registered.");
	p = (struct kp_alter_partition_reassignments_req_partition){ 0, (int32_t[]){ 2, 3 }, 2 };
	moved = ask(KP_ALTER_PARTITION_REASSIGNMENTS, 0, &move);
	is("moved", moved->responses->partitions->error_code, moved->responses->partitions->error_message, KE_NONE, NULL);
	kfk_place(&k, kfk_topic(&k, S("r")), 0, &at);
	ck_assert(at.replicas[0] == 2 && at.leader == 3);
	struct kp_elect_leaders_req_topic_partition which = { S("r"), (int32_t[]){ 0, 5 }, 2 };
	struct kp_elect_leaders_req elect = { 0, &which, 1, 1000 };
	const struct kp_elect_leaders_resp *e = ask(KP_ELECT_LEADERS, 2, &elect);
	ck_assert_int_eq(e->replica_election_results->partition_result_n, 2);
	is("none", e->replica_election_results->partition_result[1].error_code, e->replica_election_results->partition_result[1].error_message,
	   KE_UNKNOWN_TOPIC_OR_PARTITION, "No such partition as r-5");
	kfk_place(&k, kfk_topic(&k, S("r")), 0, &at);
	ck_assert_int_eq(at.leader, 2);
	e = ask(KP_ELECT_LEADERS, 2, &elect);
	is("again", e->replica_election_results->partition_result[0].error_code, e->replica_election_results->partition_result[0].error_message,
	   KE_ELECTION_NOT_NEEDED, "Leader election not needed for topic partition.");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka admin");
	TCase *one = tcase_create("one broker"), *three = tcase_create("three brokers");
	tcase_add_checked_fixture(one, setup, teardown);
	tcase_add_test(one, all_are_answered_in_all_versions);
	tcase_add_test(one, topics_are_refused_with_kafkas_sentences);
	tcase_add_test(one, a_name_given_twice_is_not_made);
	tcase_add_test(one, topics_grow_and_go);
	tcase_add_test(one, metadata_by_id_and_name);
	tcase_add_test(one, features_that_start_at_nothing_are_for_newer_clients);
	tcase_add_test(one, partitions_are_described_in_pieces);
	tcase_add_test(one, settings_of_topics);
	tcase_add_test(one, settings_of_brokers);
	tcase_add_test(one, settings_of_groups_and_metrics);
	suite_add_tcase(s, one);
	tcase_add_checked_fixture(three, setup_three, teardown);
	tcase_add_test(three, partitions_go_where_they_are_put);
	suite_add_tcase(s, three);
	return run_suite(s);
}
