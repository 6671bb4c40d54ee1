/* Quotas: altered, described, kept over restarts; which counts, and how long who took too much waits. */
#include "broker.h"
#include "kafka/node.h"
#include "kafka/quota.h"


static void setup(void)
{
	broker_setup();
	conf_set(env_conf, "kafka", "quotas", "enforced");
	open_kafka();
}

static void teardown(void)
{
	kafka_service.close(&k);
	env_close();
}

static char said[400];

static void altered(void *arg, const void *response, const struct error *err)
{
	const struct kp_alter_client_quotas_resp *resp = response;
	ck_assert_ptr_nonnull(resp);
	snprintf(said, sizeof(said), "%d %.*s", resp->entries[0].error_code, SL(resp->entries[0].error_message));
}

/* "user=a client-id" and "producer_byte_rate" to value; below 0: back. */
static const char *alter(const char *type, const char *name, const char *type2, const char *name2, const char *key, double value)
{
	struct kp_alter_client_quotas_req_entity entity[2] = { { sl(type), sl(name) }, { sl(type2), sl(name2) } };
	struct kp_alter_client_quotas_req_op op = { sl(key), value, value < 0 };
	struct kp_alter_client_quotas_req_entry entry = { .entity = entity, .entity_n = type2 ? 2 : type ? 1 : 0, .ops = &op, .op_n = 1 };
	struct kp_alter_client_quotas_req req = { .entries = &entry, .entry_n = 1 };
	said[0] = '\0';
	kfk_ask(&k, KP_ALTER_CLIENT_QUOTAS, &req, altered, NULL);
	env_until(said[0]);
	return said;
}

static void described(void *arg, const void *response, const struct error *err)
{
	const struct kp_describe_client_quotas_resp *resp = response;
	size_t n = 0;
	ck_assert_ptr_nonnull(resp);
	n += (size_t)snprintf(said, sizeof(said), "%d%.*s", resp->error_code, SL(resp->error_message));
	for (int32_t i = 0; i < resp->entry_n; i++) {
		for (int32_t j = 0; j < resp->entries[i].entity_n; j++) {
			struct slice name = resp->entries[i].entity[j].entity_name;
			n += (size_t)snprintf(said + n, sizeof(said) - n, " %.*s=%.*s", SL(resp->entries[i].entity[j].entity_type), SL(name.p ? name : S("<default>")));
		}
		for (int32_t j = 0; j < resp->entries[i].value_n; j++)
			n += (size_t)snprintf(said + n, sizeof(said) - n, ":%.*s=%g", SL(resp->entries[i].values[j].key), resp->entries[i].values[j].value);
	}
}

static const char *describe(const char *type, int match, const char *name, bool strict)
{
	struct kp_describe_client_quotas_req_component one = { sl(type), (int8_t)match, sl(name) };
	struct kp_describe_client_quotas_req req = { .components = &one, .component_n = type ? 1 : 0, .strict = strict };
	said[0] = '\0';
	kfk_ask(&k, KP_DESCRIBE_CLIENT_QUOTAS, &req, described, NULL);
	env_until(said[0]);
	return said;
}

START_TEST(told)
{
	enum { INVALID = KE_INVALID_REQUEST };
	ck_assert_str_eq(alter("user", "a", NULL, NULL, "producer_byte_rate", 1000), "0 ");
	ck_assert_str_eq(alter("user", NULL, "client-id", "x y&z", "consumer_byte_rate", 2000), "0 ");
	ck_assert_str_eq(alter("ip", "127.0.0.1", NULL, NULL, "connection_creation_rate", 5), "0 ");
	ck_assert_str_eq(alter("user", "a", NULL, NULL, "request_percentage", 12.5), "0 ");
	static const struct {
		const char *type, *name, *type2, *key;
		double value;
		const char *why;
	} bad[] = { /* ClientQuotaControlManager of Kafka 4.0 */
		{ NULL, NULL, NULL, "producer_byte_rate", 1, "42 Invalid empty client quota entity" },
		{ "host", "a", NULL, "producer_byte_rate", 1, "42 Unhandled client quota entity type: host" },
		{ "user", "", NULL, "producer_byte_rate", 1, "42 Empty user not supported" },
		{ "user", "a", NULL, "bytes", 1, "42 Invalid configuration key bytes" },
		{ "ip", "127.0.0.1", NULL, "producer_byte_rate", 1, "42 Invalid configuration key producer_byte_rate" },
		{ "ip", "127.0.0.1", "user", "connection_creation_rate", 1,
		  "42 Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId" },
		{ "user", "a", NULL, "producer_byte_rate", 0, "42 Quota producer_byte_rate must be greater than 0" },
		{ "user", "a", NULL, "producer_byte_rate", 1.5, "42 producer_byte_rate cannot be a fractional value." },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_str_eq(alter(bad[i].type, bad[i].name, bad[i].type2, NULL, bad[i].key, bad[i].value), bad[i].why);
	kafka_service.close(&k);
	open_kafka();
	ck_assert_str_eq(describe(NULL, 0, NULL, false), "0 client-id=x y&z user=<default>:consumer_byte_rate=2000 ip=127.0.0.1:connection_creation_rate=5"
							 " user=a:producer_byte_rate=1000:request_percentage=12.5");
	ck_assert_str_eq(describe("user", 1, NULL, false), "0 client-id=x y&z user=<default>:consumer_byte_rate=2000");
	ck_assert_str_eq(describe("user", 2, NULL, true), "0 user=a:producer_byte_rate=1000:request_percentage=12.5");
	ck_assert_str_eq(describe("host", 2, NULL, true), "35Unsupported entity type host");
	ck_assert_str_eq(alter("user", "a", NULL, NULL, "producer_byte_rate", -1), "0 ");
	ck_assert_str_eq(alter("user", "a", NULL, NULL, "request_percentage", -1), "0 ");
	ck_assert_str_eq(describe("user", 0, "a", false), "0");
}
END_TEST

static int32_t waits(size_t bytes, const char *client, struct conn *conn)
{
	struct arena a = { 0 };
	struct kp_produce_resp resp = { 0 };
	struct kfk_call c = { .conn = conn, .key = KP_PRODUCE, .resp = &resp, .arena = &a, .client = sl(client), .frame = sl_of("", bytes) };
	kfk_throttle(&k, &c);
	arena_free(&a);
	return resp.throttle_time_ms;
}

START_TEST(obeyed)
{
	struct conn conn = { 0 };
	ck_assert_str_eq(alter("client-id", "slow", NULL, NULL, "producer_byte_rate", 1000), "0 ");
	ck_assert_str_eq(alter("client-id", NULL, NULL, NULL, "producer_byte_rate", 100), "0 ");
	ck_assert_int_eq(waits(10000, "slow", &conn), 0); /* ten seconds' worth */
	ck_assert(!kfk_rests(&conn));
	ck_assert_int_eq(waits(1000, "slow", &conn), 1000);
	ck_assert(kfk_rests(&conn));
	ck_assert(conn.paused);
	ck_assert_int_eq(waits(2000, "other", &conn), 10000); /* the default's */
	ck_assert_str_eq(alter("user", "ANONYMOUS", NULL, NULL, "producer_byte_rate", 1e9), "0 "); /* counts before */
	ck_assert_int_eq(waits(5000, "slow", &conn), 0);
	kfk_throttle_closed(&k, &conn);
	kfk_serve_closed(&k, &conn);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka quotas");
	TCase *t = tcase_create("quotas");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, told);
	tcase_add_test(t, obeyed);
	suite_add_tcase(s, t);
	return run_suite(s);
}
