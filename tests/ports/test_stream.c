/* The stream port: one suite, on the local side and on the remote side (over HTTP to the same service). */
#include "env.h"
#include "kinesis/kinesis.h"
#include "remote/remote.h"

static struct kinesis k;
static struct stream stream;
static bool remote;

static void setup(bool over_http)
{
	struct error err;
	remote = over_http;
	env_open("kinesis");
	conf_set(env_conf, "streams", "s", "2");
	conf_set(env_conf, "identities", "AKIATARN", "se/cret");
	conf_set(env_conf, "remote", "kinesis_key", "AKIATARN");
	conf_set(env_conf, "remote", "kinesis_secret", "se/cret");
	env_serve(&kinesis_service, &k);
	if (remote)
		ck_assert_int_eq(remote_kinesis_open(&env, env_on.url, &env_ports.stream, &err), 0);
	stream = env_ports.stream;
}

static void setup_local(void)
{
	setup(false);
}

static void setup_remote(void)
{
	setup(true);
}

static void teardown(void)
{
	if (remote)
		remote_kinesis_close(&stream);
	env_close();
}

struct answer {
	int calls, status;
	bool failed;
	char text[4096];
};

static void on_answer(void *arg, int status, struct slice body, const struct error *err)
{
	struct answer *a = arg;
	a->calls++;
	a->status = status;
	a->failed = err != NULL;
	snprintf(a->text, sizeof(a->text), "%.*s", (int)body.n, body.p ? body.p : "");
}

/* Asks and waits; the answer never comes before the call returns. */
static struct answer ask(const char *action, const char *json)
{
	struct answer a = { 0 };
	stream.call(stream.self, sl(NULL), sl(action), sl(json), S("t-1"), on_answer, &a);
	ck_assert_int_eq(a.calls, 0);
	env_until(a.calls);
	ck_assert_int_eq(a.calls, 1);
	ck_assert(!a.failed);
	return a;
}

START_TEST(puts_and_gets)
{
	struct answer a = ask("PutRecord", "{\"StreamName\":\"s\",\"PartitionKey\":\"a\",\"Data\":\"aGk=\"}");
	char get[1024];
	ck_assert_int_eq(a.status, 200);
	ck_assert_ptr_nonnull(strstr(a.text, "\"ShardId\":\"shardId-000000000000\""));
	a = ask("GetShardIterator", "{\"StreamName\":\"s\",\"ShardId\":\"shardId-000000000000\",\"ShardIteratorType\":\"TRIM_HORIZON\"}");
	ck_assert_int_eq(a.status, 200);
	snprintf(get, sizeof(get), "%.900s", a.text);
	a = ask("GetRecords", get);
	ck_assert_int_eq(a.status, 200);
	ck_assert_ptr_nonnull(strstr(a.text, "\"Data\":\"aGk=\""));
}
END_TEST

START_TEST(errors_as_the_service_says_them)
{
	struct answer a = ask("DescribeStream", "{\"StreamName\":\"none\"}");
	ck_assert_int_eq(a.status, 400);
	ck_assert_str_eq(a.text, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"Stream none under account 000000000000 not found.\"}");
	a = ask("PutRecord", "{\"StreamName\":\"s\"");
	ck_assert_int_eq(a.status, 400);
	ck_assert_str_eq(a.text, "{\"__type\":\"SerializationException\"}");
	a = ask("PutRecord", "{\"StreamName\":1}");
	ck_assert_ptr_nonnull(strstr(a.text, "TruncatingBigNumber can not be converted to an String"));
	a = ask("Nope", "{}");
	ck_assert_str_eq(a.text, "{\"__type\":\"UnknownOperationException\"}");
}
END_TEST

START_TEST(no_output_is_an_empty_body)
{
	struct answer a = ask("CreateStream", "{\"StreamName\":\"t\",\"ShardCount\":1}");
	ck_assert_int_eq(a.status, 200);
	ck_assert_str_eq(a.text, "");
}
END_TEST

START_TEST(many_at_once)
{
	struct answer all[50] = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		stream.call(stream.self, sl(NULL), S("PutRecord"), S("{\"StreamName\":\"s\",\"PartitionKey\":\"a\",\"Data\":\"\"}"), S(""), on_answer, &all[i]);
	for (int turn = 0; turn < 500; turn++) {
		size_t done = 0;
		for (size_t i = 0; i < ARRAY_LEN(all); i++)
			done += all[i].calls > 0;
		if (done == ARRAY_LEN(all))
			break;
		loop_turn(env.loop, 10);
	}
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		ck_assert_int_eq(all[i].calls, 1);
		ck_assert_int_eq(all[i].status, 200);
	}
}
END_TEST

/* ---- calls that are cancelled ---- */

enum { ASKED = 8 };
#include "cancel.h"

static void ask_all(struct asked *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < ASKED; i++)
		owed_keep(&out->owed, stream.call(stream.self, sl(NULL), S("DescribeStreamSummary"), S("{\"StreamName\":\"s\"}"), S(""), on_answer, &out->a[i]));
}

START_TEST(cancelled_before_the_first_turn)
{
	static struct asked all;
	ask_all(&all);
	owed_cancel_all(&all.owed);
	rest();
	ck_assert_int_eq(answered(&all), 0);
	ck_assert_int_eq(ask("ListStreams", "{}").status, 200);
}
END_TEST

static void cancel_all(void *arg, int status, struct slice body, const struct error *err)
{
	struct asked *all = arg;
	ck_assert_ptr_null(err);
	ck_assert_int_eq(status, 200);
	owed_cancel_all(&all->owed);
}

START_TEST(cancelled_by_another_answer)
{
	static struct asked all;
	int n;
	owed_keep(&all.owed, stream.call(stream.self, sl(NULL), S("ListStreams"), S("{}"), S(""), cancel_all, &all));
	for (int i = 0; i < ASKED; i++)
		owed_keep(&all.owed, stream.call(stream.self, sl(NULL), S("ListStreams"), S("{}"), S(""), on_answer, &all.a[i]));
	while (all.owed)
		loop_turn(env.loop, 5);
	n = answered(&all);
	rest();
	ck_assert_int_eq(answered(&all), n);
}
END_TEST

START_TEST(under_way_when_the_port_closes)
{
	static struct asked all;
	ask_all(&all);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stream");
	for (int side = 0; side < 2; side++) {
		TCase *t = tcase_create(side ? "remote" : "local");
		tcase_add_checked_fixture(t, side ? setup_remote : setup_local, teardown);
		tcase_add_test(t, puts_and_gets);
		tcase_add_test(t, errors_as_the_service_says_them);
		tcase_add_test(t, no_output_is_an_empty_body);
		tcase_add_test(t, many_at_once);
		tcase_add_test(t, cancelled_before_the_first_turn);
		tcase_add_test(t, cancelled_by_another_answer);
		cancel_tests(t);
		tcase_add_test(t, under_way_when_the_port_closes);
		suite_add_tcase(s, t);
	}
	return run_suite(s);
}
