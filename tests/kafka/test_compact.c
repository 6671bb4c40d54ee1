/* Compaction: the last record of each key stays, tombstones for a while, transactions that were aborted go; on the emulated clock. */
#include "broker.h"
#include "kafka/append.h"
#include "kafka/compact.h"
#include "kafka/seek.h"
#include "kafka/segment.h"

static struct kfk_topic *t;

static void set(const char *name, const char *value)
{
	ck_assert_int_eq(kfk_topic_set(&k, t, sl(name), sl(value)), KE_NONE);
}

static void setup(void)
{
	broker_setup();
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &t), KE_NONE);
	set("cleanup.policy", "compact");
	set("segment.ms", "1000");
	set("min.cleanable.dirty.ratio", "0.01");
}

static void teardown(void)
{
	kafka_service.close(&k);
	env_close();
}

/* "a=1 b=2 a": records of a batch; without = a tombstone. */
static void append_coded(const char *records, int codec)
{
	struct kp_builder made = { 0 };
	struct buf bytes = { 0 };
	struct kp_batch b;
	struct slice rest = sl(records), one, key, value;
	int64_t base;
	while (rest.p) {
		sl_cut(rest, ' ', &one, &rest);
		bool has = sl_cut(one, '=', &key, &value);
		kp_builder_add(&made, clock_now_ms(env.clock), key, has ? value : sl(NULL), sl(NULL));
	}
	kp_builder_end(&made, &bytes);
	set("compression.type", codec ? "gzip" : "producer");
	ck_assert_int_eq(kp_batch_parse(buf_slice(&bytes), &b), KE_NONE);
	ck_assert_int_eq(kfk_append(&k, t, 0, &b, &base), KE_NONE);
	kp_builder_free(&made);
	buf_free(&bytes);
	commit(NULL);
}

static void append(const char *records)
{
	append_coded(records, 0);
}

static void later(int64_t ms)
{
	clock_freeze(env.clock, clock_now_ms(env.clock) + ms);
}

/* The cleaner's next round, to its end. */
static void clean(void)
{
	later(15000);
	for (int i = 0; i < 3; i++)
		loop_turn(env.loop, 0);
	env_until(!k.cleaning);
	loop_turn(env.loop, 0);
	ck_assert_ptr_null(k.cleaning);
}

/* All there is: "0:a=1 3:b". */
static const char *log_text(void)
{
	static char text[512];
	struct buf out = { 0 }, plain = { 0 }, said = { 0 };
	struct kp_batch b;
	struct kp_cursor cur;
	struct kp_record rec;
	ck_assert_int_eq(kfk_fetch(&k, t, 0, t->parts[0].start, 1 << 20, true, 2, false, &out), KE_NONE);
	for (struct slice rest = buf_slice(&out); rest.n; rest = sl_from(rest, b.bytes.n)) {
		ck_assert_int_eq(kp_batch_parse(rest, &b), KE_NONE);
		ck_assert_int_eq(kp_cursor_open(&cur, &b, &plain), 0);
		while (kp_cursor_next(&cur, &rec))
			buf_addf(&said, "%s%lld:%.*s%s%.*s", said.n ? " " : "", (long long)rec.offset, SL(rec.key), rec.value.p ? "=" : "", SL(rec.value));
		ck_assert(!cur.bad);
	}
	snprintf(text, sizeof(text), "%.*s", SL(buf_slice(&said)));
	buf_free(&out);
	buf_free(&plain);
	buf_free(&said);
	return text;
}

START_TEST(the_last_of_a_key_stays)
{
	append("a=1 b=1 a=2");
	append("c=1");
	later(2000);
	append("a=3"); /* the active segment */
	clean();
	ck_assert_str_eq(log_text(), "1:b=1 2:a=2 3:c=1 4:a=3");
	later(2000);
	append_coded("b=2 c=2 d=1", KP_GZIP);
	later(2000);
	append("x=1");
	clean();
	ck_assert_str_eq(log_text(), "4:a=3 5:b=2 6:c=2 7:d=1 8:x=1");
	later(2000);
	append("d=2");
	clean();
	later(2000);
	append("y=1");
	clean();
	ck_assert_str_eq(log_text(), "4:a=3 5:b=2 6:c=2 8:x=1 9:d=2 10:y=1");
	/* Offsets go on, readers in a gap too, over a restart as well. */
	kafka_service.close(&k);
	open_kafka();
	t = kfk_topic(&k, S("t"));
	struct buf out = { 0 };
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 0, 1, true, 2, false, &out), KE_NONE);
	struct kp_batch b;
	ck_assert_int_eq(kp_batch_parse(buf_slice(&out), &b), KE_NONE);
	ck_assert_int_eq((int)b.base_offset, 4);
	buf_free(&out);
	struct kfk_found found;
	ck_assert_int_eq(kfk_offset_at(&k, t, 0, KFK_LATEST, false, &found), KE_NONE);
	ck_assert_int_eq((int)found.offset, 11);
}
END_TEST

START_TEST(tombstones_stay_for_a_while)
{
	set("delete.retention.ms", "60000");
	append("a=1 b=1");
	append("a");
	later(2000);
	append("z=1");
	clean(); /* sees the tombstone */
	ck_assert_str_eq(log_text(), "1:b=1 2:a 3:z=1");
	later(30000);
	clean();
	ck_assert_str_eq(log_text(), "1:b=1 2:a 3:z=1");
	later(60000);
	clean();
	ck_assert_str_eq(log_text(), "1:b=1 3:z=1");
}
END_TEST

START_TEST(not_before_its_time)
{
	set("min.compaction.lag.ms", "3600000");
	append("a=1");
	append("a=2");
	later(2000);
	append("z=1");
	clean();
	ck_assert_str_eq(log_text(), "0:a=1 1:a=2 2:z=1");
	later(3600000);
	clean();
	ck_assert_str_eq(log_text(), "1:a=2 2:z=1");
	/* A share of what is new that isn't enough, until it is old. */
	set("min.compaction.lag.ms", "0");
	set("min.cleanable.dirty.ratio", "0.99");
	set("max.compaction.lag.ms", "7200000");
	append("a=3");
	later(2000);
	append("z=2");
	clean();
	ck_assert_str_eq(log_text(), "1:a=2 2:z=1 3:a=3 4:z=2");
	later(7200000);
	clean();
	ck_assert_str_eq(log_text(), "2:z=1 3:a=3 4:z=2");
}
END_TEST

START_TEST(both_policies)
{
	set("cleanup.policy", "compact,delete");
	set("retention.ms", "3600000");
	append("a=1 b=1");
	append("a=2");
	later(2000);
	append("c=1");
	clean();
	ck_assert_str_eq(log_text(), "1:b=1 2:a=2 3:c=1");
	later(4000000);
	ck_assert_ptr_nonnull(kfk_topic(&k, S("t")));
	commit(NULL);
	ck_assert_int_eq((int)t->parts[0].start, 4);
}
END_TEST

/* Logs of several pieces, and one that goes in the midst of it. */
START_TEST(large_logs)
{
	char *value = xcalloc(1, 100002);
	for (int i = 0; i < 40; i++) {
		memset(value, 'v', 100000);
		value[0] = (char)('a' + i % 4);
		value[1] = '=';
		append(value);
	}
	later(2000);
	append("z=1");
	clean();
	int64_t bytes = kfk_log_bytes(&k, t, 0);
	ck_assert(bytes > 400000 && bytes < 402000);
	append(value);
	later(2000);
	append("z=2");
	later(15000);
	loop_turn(env.loop, 0);
	ck_assert_int_eq(kfk_topic_delete(&k, t), KE_NONE);
	env_until(!k.cleaning);
	free(value);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka compact");
	TCase *c = tcase_create("logs");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, the_last_of_a_key_stays);
	tcase_add_test(c, tombstones_stay_for_a_while);
	tcase_add_test(c, not_before_its_time);
	tcase_add_test(c, both_policies);
	tcase_add_test(c, large_logs);
	suite_add_tcase(s, c);
	return run_suite(s);
}
