/* Access control lists: what they allow, as StandardAuthorizer has it; filters; kept over restarts. */
#include "env.h"
#include "kafka/acl.h"

static struct kafka k;

static void open_kafka(void)
{
	struct error err = { 0 };
	memset(&k, 0, sizeof(k));
	ck_assert_msg(kafka_service.open(&k, &env, &err) == 0, "%s", err.text);
}

static void setup(void)
{
	env_open("kafka");
	env_folder();
	conf_set(env_conf, "kafka", "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
	conf_set(env_conf, "kafka", "super.users", "User:root; User:admin");
	open_kafka();
}

static void teardown(void)
{
	kafka_service.close(&k);
	env_close();
}

static void add(int resource, const char *name, int pattern, const char *who, const char *host, int operation, int permission)
{
	struct kfk_acl acl = { (int8_t)resource, (int8_t)pattern, (int8_t)operation, (int8_t)permission, sl(name), sl(who), sl(host) };
	ck_assert_int_eq(kfk_acl_add(&k, &acl), KE_NONE);
}

static bool may(const char *who, int resource, const char *name, int operation)
{
	return kfk_acl_allows(&k, sl(who), S("10.0.0.1"), (enum kfk_resource)resource, sl(name), (enum kfk_operation)operation);
}

START_TEST(allowed)
{
	ck_assert(!may("User:a", KFK_TOPIC, "t", KFK_READ)); /* nothing says so */
	ck_assert(may("User:admin", KFK_TOPIC, "t", KFK_READ));
	add(KFK_TOPIC, "t", KFK_LITERAL, "User:a", "*", KFK_READ, KFK_ALLOW);
	ck_assert(may("User:a", KFK_TOPIC, "t", KFK_READ));
	ck_assert(may("User:a", KFK_TOPIC, "t", KFK_DESCRIBE)); /* implied */
	ck_assert(!may("User:a", KFK_TOPIC, "t", KFK_WRITE));
	ck_assert(!may("User:a", KFK_GROUP, "t", KFK_READ));
	ck_assert(!may("User:b", KFK_TOPIC, "t", KFK_READ));
	add(KFK_TOPIC, "log-", KFK_PREFIXED, "User:*", "*", KFK_WRITE, KFK_ALLOW);
	ck_assert(may("User:b", KFK_TOPIC, "log-1", KFK_WRITE));
	ck_assert(!may("User:b", KFK_TOPIC, "lo", KFK_WRITE));
	add(KFK_TOPIC, "log-1", KFK_LITERAL, "User:b", "10.0.0.1", KFK_WRITE, KFK_DENY);
	ck_assert(!may("User:b", KFK_TOPIC, "log-1", KFK_WRITE)); /* before what is allowed */
	ck_assert(may("User:b", KFK_TOPIC, "log-1", KFK_DESCRIBE)); /* a denial implies nothing */
	ck_assert(may("User:c", KFK_TOPIC, "log-1", KFK_WRITE));
	add(KFK_GROUP, "*", KFK_LITERAL, "User:a", "10.0.0.2", KFK_ALL, KFK_ALLOW);
	ck_assert(!may("User:a", KFK_GROUP, "g", KFK_READ)); /* from there only */
	add(KFK_CLUSTER, KFK_CLUSTER_NAME, KFK_LITERAL, "User:a", "*", KFK_ALTER_CONFIGS, KFK_ALLOW);
	ck_assert(may("User:a", KFK_CLUSTER, KFK_CLUSTER_NAME, KFK_DESCRIBE_CONFIGS));
	ck_assert(kfk_acl_allows_any(&k, S("User:c"), S("10.0.0.1"), KFK_TOPIC, KFK_WRITE));
	ck_assert(!kfk_acl_allows_any(&k, S("User:c"), S("10.0.0.1"), KFK_TOPIC, KFK_READ));
	conf_set(env_conf, "kafka", "allow.everyone.if.no.acl.found", "true");
	ck_assert(may("User:c", KFK_TOPIC, "nobody's", KFK_READ));
	ck_assert(!may("User:c", KFK_TOPIC, "t", KFK_READ)); /* that one is named */
}
END_TEST

START_TEST(filtered_and_kept)
{
	struct kfk_acl any = { 1, 1, 1, 1, sl(NULL), sl(NULL), sl(NULL) }, match = { KFK_TOPIC, KFK_MATCH, 1, 1, S("ab"), sl(NULL), sl(NULL) };
	struct kfk_acl literal = { KFK_TOPIC, KFK_LITERAL, 1, 1, S("ab"), sl(NULL), sl(NULL) };
	int of_match = 0, of_literal = 0;
	add(KFK_TOPIC, "ab", KFK_LITERAL, "User:a", "*", KFK_READ, KFK_ALLOW);
	add(KFK_TOPIC, "ab", KFK_LITERAL, "User:a", "*", KFK_READ, KFK_ALLOW); /* there already */
	add(KFK_TOPIC, "*", KFK_LITERAL, "User:a", "*", KFK_READ, KFK_ALLOW);
	add(KFK_TOPIC, "a", KFK_PREFIXED, "User:a", "*", KFK_READ, KFK_ALLOW);
	add(KFK_TOPIC, "b", KFK_LITERAL, "User:a", "*", KFK_READ, KFK_ALLOW);
	struct error err = { 0 };
	ck_assert_int_eq(kfk_commit(&k, &err), 0);
	kafka_service.close(&k);
	open_kafka();
	ck_assert_uint_eq(k.acls->n, 4);
	for (size_t i = 0; i < k.acls->n; i++) {
		ck_assert(kfk_acl_fits(&any, &k.acls->all[i]));
		of_match += kfk_acl_fits(&match, &k.acls->all[i]);
		of_literal += kfk_acl_fits(&literal, &k.acls->all[i]);
	}
	ck_assert_int_eq(of_match, 3);
	ck_assert_int_eq(of_literal, 1);
	ck_assert_int_eq(kfk_acl_drop(&k, 0), KE_NONE);
	ck_assert_int_eq(kfk_load(&k, &err), 0); /* as after a commit that failed */
	ck_assert_uint_eq(k.acls->n, 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka acls");
	TCase *t = tcase_create("acls");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, allowed);
	tcase_add_test(t, filtered_and_kept);
	suite_add_tcase(s, t);
	return run_suite(s);
}
