/* The record_log port: one suite, on the local side and on the remote side (librdkafka to the same service over TCP). */
#include "env.h"
#include "kafka/kafka.h"
#include "remote/remote.h"

static struct kafka k;
static struct record_log port;
static bool remote;

static void setup(bool over_tcp, const char *auto_create)
{
	struct error err;
	char number[16], where[64];
	remote = over_tcp;
	env_open("kafka");
	conf_set(env_conf, "topics", "one", "1");
	conf_set(env_conf, "topics", "four", "4");
	conf_set(env_conf, "kafka", "auto_create", auto_create);
	env_serve(&kafka_service, &k);
	snprintf(number, sizeof(number), "%d", env_port());
	snprintf(where, sizeof(where), "127.0.0.1:%s", number);
	conf_set(env_conf, "kafka", "listen_host", "127.0.0.1");
	conf_set(env_conf, "kafka", "listen_port", number);
	ck_assert_int_eq(kafka_service.start(&k, &err), 0);
	if (remote)
		ck_assert_int_eq(remote_kafka_open(&env, where, &env_ports.log, &err), 0);
	port = env_ports.log;
}

static void setup_local(void)
{
	setup(false, "true");
}

static void setup_remote(void)
{
	setup(true, "true");
}

static void setup_local_strict(void)
{
	setup(false, "false");
}

static void setup_remote_strict(void)
{
	setup(true, "false");
}

static void teardown(void)
{
	if (remote)
		remote_kafka_close(&port);
	env_close();
}

enum { RESULTS_MAX = 1000 };
struct answer {
	int calls, code;
	size_t n;
	struct append_result results[RESULTS_MAX];
	int64_t next, high, first_ts;
	char text[4096];
};

static void on_append(void *arg, const struct append_result *r, size_t n, const struct error *err)
{
	struct answer *a = arg;
	a->calls++;
	ck_assert_ptr_null(err);
	ck_assert(n <= RESULTS_MAX);
	a->n = n;
	if (n)
		memcpy(a->results, r, n * sizeof(*r));
}

static void add_text(struct answer *a, const char *mark, struct slice s)
{
	size_t at = strlen(a->text);
	if (!s.p)
		snprintf(a->text + at, sizeof(a->text) - at, "%snull", mark);
	else
		snprintf(a->text + at, sizeof(a->text) - at, "%s'%.*s'", mark, s.n > 40 ? 40 : (int)s.n, s.p);
}

static void on_read(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct answer *a = arg;
	a->calls++;
	*a = (struct answer){ .calls = a->calls, .code = code, .n = n, .next = next, .high = high, .first_ts = n ? r->timestamp_ms : -1 };
	for (size_t i = 0; i < n && i < 20; i++) {
		snprintf(a->text + strlen(a->text), 32, "%s%d", i ? " " : "", (int)r[i].offset);
		add_text(a, ":", r[i].key);
		add_text(a, "=", r[i].value);
		if (r[i].trace.p)
			add_text(a, "@", r[i].trace);
	}
}

static void on_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct answer *a = arg;
	a->calls++;
	ck_assert_ptr_null(err);
	a->text[0] = 0;
	for (size_t i = 0; i < n; i++)
		snprintf(a->text + strlen(a->text), sizeof(a->text) - strlen(a->text), "%s%.*s/%d", i ? " " : "", SL(t[i].name),
			 t[i].partition_n);
}

static void wait_for(struct answer *a)
{
	ck_assert_int_eq(a->calls, 0); /* never before the call returns */
	env_until(a->calls);
	ck_assert_int_eq(a->calls, 1);
}

static struct append_result append(const char *topic, int partition, struct slice key, struct slice value)
{
	struct answer a = { 0 };
	struct log_append in = { sl(topic), partition, { .key = key, .value = value, .timestamp_ms = -1 } };
	port.append(port.self, &in, 1, on_append, &a);
	wait_for(&a);
	ck_assert_int_eq((int)a.n, 1);
	return a.results[0];
}

static struct answer read_from(const char *topic, int partition, int64_t offset, size_t max)
{
	struct answer a = { 0 };
	port.read(port.self, sl(topic), partition, offset, max, on_read, &a);
	wait_for(&a);
	return a;
}

static const struct slice none;

START_TEST(round_trip)
{
	struct log_append in[] = {
		{ S("one"), 0, { S("k"), S("v"), 1700000000000, S("t-1") } },
		{ S("one"), 0, { none, S("no key"), 1700000000001 } },
		{ S("one"), 0, { S("tombstone"), none, 1700000000002 } },
		{ S("one"), 0, { S(""), S(""), 1700000000003 } },
	};
	struct answer a = { 0 };
	port.append(port.self, in, ARRAY_LEN(in), on_append, &a);
	wait_for(&a);
	for (size_t i = 0; i < ARRAY_LEN(in); i++) {
		ck_assert_int_eq(a.results[i].error, 0);
		ck_assert_int_eq(a.results[i].partition, 0);
		ck_assert_int_eq((int)a.results[i].offset, (int)i);
	}
	a = read_from("one", 0, 0, 1 << 20);
	ck_assert_int_eq(a.code, 0);
	ck_assert_str_eq(a.text, "0:'k'='v'@'t-1' 1:null='no key' 2:'tombstone'=null 3:''=''");
	ck_assert(a.first_ts == 1700000000000);
	ck_assert_int_eq((int)a.next, 4);
	ck_assert_int_eq((int)a.high, 4);
	a = read_from("one", 0, 2, 1 << 20);
	ck_assert_str_eq(a.text, "2:'tombstone'=null 3:''=''");
}
END_TEST

START_TEST(now_when_no_time_is_given)
{
	struct answer a;
	int64_t before = clock_now_ms(env.clock);
	ck_assert_int_eq(append("one", 0, none, S("v")).error, 0);
	a = read_from("one", 0, -2, 100);
	ck_assert(a.first_ts >= before && a.first_ts <= before + 60000);
}
END_TEST

START_TEST(offsets)
{
	struct answer a = read_from("one", 0, -2, 100);
	ck_assert_int_eq(a.code, 0);
	ck_assert_int_eq((int)a.n, 0);
	ck_assert_int_eq((int)a.next, 0);
	ck_assert_int_eq((int)a.high, 0);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq((int)append("one", 0, none, S("v")).offset, i);
	ck_assert_int_eq((int)read_from("one", 0, -2, 1 << 20).n, 5);
	a = read_from("one", 0, -1, 1 << 20);
	ck_assert_int_eq((int)a.n, 0);
	ck_assert_int_eq((int)a.next, 5);
	ck_assert_int_eq((int)a.high, 5);
	a = read_from("one", 0, 5, 1 << 20);
	ck_assert_int_eq(a.code, 0);
	ck_assert_int_eq((int)a.n, 0);
	ck_assert_int_eq((int)a.next, 5);
	ck_assert_int_eq(read_from("one", 0, 6, 100).code, KE_OFFSET_OUT_OF_RANGE);
	ck_assert_int_eq(read_from("one", 0, -3, 100).code, KE_OFFSET_OUT_OF_RANGE);
	/* What was just appended is there for the next read. */
	ck_assert_int_eq((int)append("one", 0, none, S("w")).offset, 5);
	ck_assert_str_eq(read_from("one", 0, 5, 100).text, "5:null='w'");
}
END_TEST

START_TEST(pages)
{
	static char big[2000];
	int64_t at = 0;
	int reads = 0;
	struct answer a;
	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 30; i++)
		ck_assert_int_eq(append("one", 0, none, sl_of(big, sizeof(big))).error, 0);
	do {
		a = read_from("one", 0, at, 9000);
		ck_assert_int_eq(a.code, 0);
		ck_assert((a.n >= 1 && a.n <= 5) || at == 30);
		ck_assert(a.next == at + (int64_t)a.n);
		ck_assert_int_eq((int)a.high, 30);
		at = a.next;
		reads++;
	} while (a.n);
	ck_assert_int_eq((int)at, 30);
	ck_assert(reads >= 7);
	ck_assert_int_eq((int)read_from("one", 0, 3, 1).n, 1); /* one record, however big */
}
END_TEST

START_TEST(errors)
{
	static char big[KFK_MESSAGE_MAX + 1];
	memset(big, 'x', sizeof(big));
	ck_assert_int_eq(read_from("nope", 0, 0, 100).code, KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_int_eq(read_from("one", 1, 0, 100).code, KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_int_eq(append("one", 7, none, S("v")).error, KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_int_eq(append("one", 0, none, sl_of(big, sizeof(big))).error, KE_MESSAGE_TOO_LARGE);
	ck_assert_int_eq(append("one", 0, none, S("v")).error, 0);
	ck_assert_int_eq((int)read_from("one", 0, 0, 100).high, 1);
}
END_TEST

START_TEST(auto_created)
{
	struct append_result r = append("new.topic", -1, S("k"), S("v"));
	ck_assert_int_eq(r.error, 0);
	ck_assert_int_eq((int)r.offset, 0);
	ck_assert_str_eq(read_from("new.topic", r.partition, 0, 100).text, "0:'k'='v'");
}
END_TEST

START_TEST(not_auto_created)
{
	ck_assert_int_eq(append("new.topic", -1, S("k"), S("v")).error, KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_int_eq(append("one", -1, S("k"), S("v")).error, 0);
	ck_assert_int_eq(read_from("new.topic", 0, 0, 100).code, KE_UNKNOWN_TOPIC_OR_PARTITION);
}
END_TEST

START_TEST(made_after_it_was_asked_for)
{
	struct answer a;
	ck_assert_int_eq(read_from("late", 0, 0, 100).code, KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_int_eq(append("late", 0, none, S("v")).error, 0);
	a = read_from("late", 0, 0, 100);
	ck_assert_int_eq(a.code, 0);
	ck_assert_str_eq(a.text, "0:null='v'");
}
END_TEST

START_TEST(keys_choose_partitions)
{
	char key[16];
	for (int i = 0; i < 40; i++) {
		struct slice s = sl_of(key, (size_t)snprintf(key, sizeof(key), "key-%d", i));
		struct append_result r = append("four", -1, s, S("v"));
		ck_assert_int_eq(r.error, 0);
		ck_assert_int_eq(r.partition, kfk_key_partition(s, 4));
	}
}
END_TEST

START_TEST(results_in_order)
{
	static struct log_append in[RESULTS_MAX];
	int64_t next[4] = { 0 };
	struct answer a = { 0 };
	for (int i = 0; i < RESULTS_MAX; i++)
		in[i] = (struct log_append){ S("four"), i % 4, { none, S("v"), 1700000000000 } };
	in[17].topic = S("bad topic name");
	in[18].partition = 9;
	port.append(port.self, in, RESULTS_MAX, on_append, &a);
	wait_for(&a);
	for (int i = 0; i < RESULTS_MAX; i++) {
		if (i == 17 || i == 18) {
			ck_assert_int_eq(a.results[i].error, i == 17 ? KE_INVALID_TOPIC_EXCEPTION : KE_UNKNOWN_TOPIC_OR_PARTITION);
			continue;
		}
		ck_assert_int_eq(a.results[i].error, 0);
		ck_assert_int_eq(a.results[i].partition, i % 4);
		ck_assert(a.results[i].offset == next[i % 4]++);
	}
}
END_TEST

START_TEST(reads_at_once)
{
	static struct answer a[8];
	memset(a, 0, sizeof(a));
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(append("four", i, none, S("v")).error, 0);
	for (int i = 0; i < 8; i++)
		port.read(port.self, S("four"), i % 4, 0, 100, on_read, &a[i]);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(a[i].calls, 0);
	env_until(!loop_pending(env.loop));
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(a[i].calls, 1);
		ck_assert_int_eq((int)a[i].n, i % 4 != 3);
	}
}
END_TEST

START_TEST(topics)
{
	struct answer a = { 0 };
	port.topics(port.self, on_topics, &a);
	wait_for(&a);
	ck_assert_str_eq(a.text, "four/4 one/1");
}
END_TEST

static void count(void *arg)
{
	++*(int *)arg;
}

START_TEST(watched)
{
	int calls = 0;
	port.watch(port.self, count, &calls);
	ck_assert_int_eq(append("one", 0, none, S("v")).error, 0);
	env_until(calls);
}
END_TEST

/* What is still asked for when the port closes is never answered. */
START_TEST(closed_in_mid_flight)
{
	static struct answer a;
	struct log_append in = { S("one"), 0, { none, S("v"), -1 } };
	memset(&a, 0, sizeof(a));
	port.append(port.self, &in, 1, on_append, &a);
	port.read(port.self, S("one"), 0, 0, 100, on_read, &a);
	port.topics(port.self, on_topics, &a);
}
END_TEST

/* ---- calls that are cancelled ---- */

enum { ASKED = 6 };
#include "cancel.h"

static void ask_all(struct asked *out)
{
	struct log_append in = { S("one"), 0, { none, S("v"), -1 } };
	memset(out, 0, sizeof(*out));
	for (int i = 0; i < ASKED; i += 3) {
		owed_keep(&out->owed, port.append(port.self, &in, 1, on_append, &out->a[i]));
		owed_keep(&out->owed, port.read(port.self, S("four"), i, 0, 100, on_read, &out->a[i + 1]));
		owed_keep(&out->owed, port.topics(port.self, on_topics, &out->a[i + 2]));
	}
}

START_TEST(cancelled_before_the_first_turn)
{
	static struct asked all;
	ask_all(&all);
	owed_cancel_all(&all.owed);
	ck_assert_ptr_null(all.owed);
	rest();
	ck_assert_int_eq(answered(&all), 0);
	ck_assert_int_eq(append("one", 0, none, S("w")).error, 0); /* and what comes later is answered */
	ck_assert_int_eq(read_from("four", 0, 0, 100).code, 0);
}
END_TEST

static void cancel_all(void *arg, const struct append_result *r, size_t n, const struct error *err)
{
	struct asked *all = arg;
	ck_assert_ptr_null(err);
	all->a[0].calls++;
	owed_cancel_all(&all->owed);
}

/* One answer cancels all the others, some of which are due in the same tick. */
START_TEST(cancelled_by_another_answer)
{
	static struct asked all;
	struct log_append in = { S("one"), 0, { none, S("v"), -1 } };
	int n;
	ask_all(&all);
	owed_keep(&all.owed, port.append(port.self, &in, 1, cancel_all, &all));
	while (!(n = answered(&all)) || all.owed)
		loop_turn(env.loop, 5);
	rest();
	ck_assert_int_eq(answered(&all), n);
}
END_TEST

START_TEST(one_of_several_cancelled)
{
	static struct answer a[4];
	struct owed *first, *list = NULL;
	memset(a, 0, sizeof(a));
	first = port.read(port.self, S("four"), 1, 0, 100, on_read, &a[0]);
	for (int i = 1; i < 4; i++)
		owed_keep(&list, port.read(port.self, S("four"), 1, 0, 100, on_read, &a[i]));
	owed_cancel(first);
	rest();
	ck_assert_int_eq(a[0].calls, 0);
	for (int i = 1; i < 4; i++)
		ck_assert_int_eq(a[i].calls, 1);
	ck_assert_ptr_null(list);
}
END_TEST

/* Who answers closes first: the list empties without an answer. */
START_TEST(kept_when_the_port_closes)
{
	static struct asked all;
	if (!remote)
		return;
	ask_all(&all);
	remote_kafka_close(&port);
	ck_assert_ptr_null(all.owed);
	ck_assert_int_eq(answered(&all), 0);
}
END_TEST

static TCase *suite_of(const char *name, void (*before)(void))
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, before, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, round_trip);
	tcase_add_test(t, now_when_no_time_is_given);
	tcase_add_test(t, offsets);
	tcase_add_test(t, pages);
	tcase_add_test(t, errors);
	tcase_add_test(t, auto_created);
	tcase_add_test(t, made_after_it_was_asked_for);
	tcase_add_test(t, keys_choose_partitions);
	tcase_add_test(t, results_in_order);
	tcase_add_test(t, reads_at_once);
	tcase_add_test(t, topics);
	tcase_add_test(t, watched);
	tcase_add_test(t, closed_in_mid_flight);
	tcase_add_test(t, cancelled_before_the_first_turn);
	tcase_add_test(t, cancelled_by_another_answer);
	tcase_add_test(t, one_of_several_cancelled);
	cancel_tests(t);
	tcase_add_test(t, kept_when_the_port_closes);
	return t;
}

static TCase *strict_suite_of(const char *name, void (*before)(void))
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, before, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, not_auto_created);
	return t;
}

int main(void)
{
	Suite *suite = suite_create("record_log");
	suite_add_tcase(suite, suite_of("local", setup_local));
	suite_add_tcase(suite, suite_of("remote", setup_remote));
	suite_add_tcase(suite, strict_suite_of("local, auto_create=false", setup_local_strict));
	suite_add_tcase(suite, strict_suite_of("remote, auto_create=false", setup_remote_strict));
	return run_suite(suite);
}
