/* Where logs start: retention by time; deleted topics and old batches go piece by piece, also over a restart; an older folder opens. */
#include "broker.h"
#include "kafka/append.h"
#include "kafka/seek.h"
#include "kafka/segment.h"

enum { DAY_MS = 86400000 };

static void setup(void)
{
	broker_setup();
}

static void teardown(void)
{
	kafka_service.close(&k);
	env_close();
}

static struct kfk_topic *topic(const char *name)
{
	struct kfk_topic *t = kfk_topic(&k, sl(name));
	ck_assert_ptr_nonnull(t);
	return t;
}

/* n batches of one record of size bytes each, as old as the clock. */
static void append(const char *name, int partition, int n, size_t size)
{
	char *value = xcalloc(1, size);
	for (int i = 0; i < n; i++) {
		struct kp_builder made = { 0 };
		struct buf bytes = { 0 };
		struct kp_batch b;
		int64_t base;
		kp_builder_add(&made, clock_now_ms(env.clock), S("k"), sl_of(value, size), sl(NULL));
		kp_builder_end(&made, &bytes);
		ck_assert_int_eq(kp_batch_parse(buf_slice(&bytes), &b), KE_NONE);
		ck_assert_int_eq(kfk_append(&k, topic(name), partition, &b, &base), KE_NONE);
		kp_builder_free(&made);
		buf_free(&bytes);
	}
	commit(NULL);
	free(value);
}

static int64_t number(const char *sql)
{
	sqlite3_stmt *st = NULL;
	ck_assert_int_eq(sqlite3_prepare_v2(k.db.h, sql, -1, &st, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

#define KEPT "SELECT count(*) FROM batches"

static int64_t offset_at(const char *name, int64_t ts)
{
	struct kfk_found found;
	ck_assert_int_eq(kfk_offset_at(&k, topic(name), 0, ts, false, &found), KE_NONE);
	return found.offset;
}

static void later(int64_t ms)
{
	clock_freeze(env.clock, clock_now_ms(env.clock) + ms);
}

static void settle(void)
{
	env_until(loop_pending(env.loop) == 0);
}

START_TEST(retention_moves_the_start)
{
	struct kfk_topic *t;
	struct buf out = { 0 };
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("retention.ms"), S("1000")), KE_NONE);
	append("t", 0, 5, 10000);
	ck_assert_int_eq(offset_at("t", -2), 0);
	later(30 * (int64_t)DAY_MS);
	ck_assert_int_eq(offset_at("t", -2), 5);
	ck_assert_int_eq(offset_at("t", -1), 5);
	ck_assert_int_eq(offset_at("t", 0), -1);
	ck_assert_int_eq(offset_at("t", -3), -1);
	ck_assert_int_eq(kfk_fetch(&k, topic("t"), 0, 4, 1000, true, 2, false, &out), KE_OFFSET_OUT_OF_RANGE);
	settle();
	ck_assert_int_eq(number(KEPT), 0);
	/* Offsets go on, over a restart too. */
	kafka_service.close(&k);
	open_kafka();
	ck_assert_int_eq(offset_at("t", -2), 5);
	append("t", 0, 2, 10);
	ck_assert_int_eq(offset_at("t", -1), 7);
	ck_assert_int_eq(offset_at("t", 0), 5);
	settle();
	ck_assert_int_eq(number(KEPT), 2);
	buf_free(&out);
}
END_TEST

START_TEST(what_is_young_or_kept_stays)
{
	struct kfk_topic *t;
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_create(&k, S("for-ever"), 1, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("retention.ms"), S("-1")), KE_NONE);
	ck_assert_int_eq(kfk_topic_create(&k, S("compact"), 1, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("cleanup.policy"), S("compact")), KE_NONE);
	append("for-ever", 0, 1, 10);
	append("compact", 0, 1, 10);
	append("t", 0, 3, 10);
	later(5 * (int64_t)DAY_MS);
	append("t", 0, 3, 10);
	later(4 * (int64_t)DAY_MS); /* nine days after the first, which the segment of the others holds */
	ck_assert_int_eq(offset_at("t", -2), 0);
	append("t", 0, 1, 10);
	later(3 * (int64_t)DAY_MS);
	ck_assert_int_eq(offset_at("t", -2), 0);
	later(1000000);
	ck_assert_int_eq(offset_at("t", -2), 6);
	later(300 * (int64_t)DAY_MS);
	ck_assert_int_eq(offset_at("t", -2), 7);
	ck_assert_int_eq(offset_at("for-ever", -2), 0);
	ck_assert_int_eq(offset_at("compact", -2), 0);
	settle();
	ck_assert_int_eq(number(KEPT), 2);
}
END_TEST

START_TEST(a_deleted_topic_goes_in_pieces)
{
	struct kfk_topic *t;
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("large"), 2, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_create(&k, S("other"), 1, &t), KE_NONE);
	append("large", 0, 400, 10);
	append("large", 1, 6, 1000000);
	append("other", 0, 3, 10);
	ck_assert_int_eq(kfk_topic_delete(&k, topic("large")), KE_NONE);
	ck_assert_ptr_null(kfk_topic(&k, S("large")));
	ck_assert_int_eq(number(KEPT), 409);
	/* Its name is free, and what comes under it stays. */
	ck_assert_int_eq(kfk_topic_create(&k, S("large"), 2, &t), KE_NONE);
	append("large", 0, 2, 10);
	loop_turn(env.loop, 0);
	ck_assert_int_ge(number(KEPT), 411 - 128);
	kafka_service.close(&k);
	open_kafka();
	int64_t before = number(KEPT);
	ck_assert_int_gt(before, 5);
	for (int i = 0; i < 100 && loop_pending(env.loop); i++) {
		loop_turn(env.loop, 0);
		int64_t now = number(KEPT);
		ck_assert_int_le(before - now, 128);
		before = now;
	}
	ck_assert_int_eq(before, 5);
	ck_assert_int_eq(number("SELECT count(*) FROM starts"), 0);
	ck_assert_int_eq(offset_at("large", -1), 2);
	ck_assert_int_eq(offset_at("other", -1), 3);
}
END_TEST

/* The folder of the release before: no table of starts. */
/* Back to the schema's first step: what later ones made goes. */
static void as_of_old(sqlite3 *h)
{
	static const char *const later = "SELECT 'DROP TABLE ' || name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
					 " AND name NOT IN ('topics', 'configs', 'counters', 'batches')";
	sqlite3_stmt *st;
	char drops[32][128];
	int n = 0;
	ck_assert_int_eq(sqlite3_prepare_v2(h, later, -1, &st, NULL), SQLITE_OK);
	while (n < 32 && sqlite3_step(st) == SQLITE_ROW)
		snprintf(drops[n++], sizeof(drops[0]), "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	while (n--)
		ck_assert_int_eq(sqlite3_exec(h, drops[n], NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(h, "CREATE INDEX batches_pid ON batches (topic, part, pid, base) WHERE pid >= 0; PRAGMA user_version = 1", NULL, NULL,
				      NULL), SQLITE_OK);
}

START_TEST(an_older_folder_opens)
{
	struct kfk_topic *t;
	char path[128];
	sqlite3 *h;
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &t), KE_NONE);
	append("t", 0, 4, 10);
	kafka_service.close(&k);
	snprintf(path, sizeof(path), "%s/kafka.db", env.dir);
	ck_assert_int_eq(sqlite3_open(path, &h), SQLITE_OK);
	as_of_old(h);
	sqlite3_close(h);
	open_kafka();
	ck_assert_int_eq(offset_at("t", -2), 0);
	ck_assert_int_eq(offset_at("t", -1), 4);
	append("t", 0, 1, 10);
	ck_assert_int_eq(offset_at("t", began_ms), 0);
}
END_TEST

static size_t segments_of(const char *name)
{
	return kfk_segments(&k, topic(name), 0)->n;
}

START_TEST(segments_end_by_size_and_time)
{
	struct kfk_topic *t;
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("segment.bytes"), S("250")), KE_NONE);
	append("t", 0, 3, 20); /* 89 bytes each: two a segment */
	ck_assert_uint_eq(segments_of("t"), 2);
	ck_assert_int_eq((int)t->parts[0].segs->v[0].bytes, 2 * (int)t->parts[0].segs->v[1].bytes);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("segment.bytes"), S("1000000")), KE_NONE);
	later(6 * (int64_t)DAY_MS);
	append("t", 0, 1, 20);
	ck_assert_uint_eq(segments_of("t"), 2);
	later(2 * (int64_t)DAY_MS); /* the first is too old by now, the second older than segment.ms, but for its newest record */
	append("t", 0, 1, 20);
	ck_assert_uint_eq(segments_of("t"), 2);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("segment.ms"), S("1000")), KE_NONE);
	later(1000);
	append("t", 0, 1, 20);
	ck_assert_uint_eq(segments_of("t"), 2);
	later(1);
	append("t", 0, 1, 20);
	ck_assert_uint_eq(segments_of("t"), 3);
	/* A clean start, and one that must count what came after the last row. */
	kafka_service.close(&k);
	open_kafka();
	t = topic("t");
	ck_assert_uint_eq(segments_of("t"), 3);
	ck_assert_int_eq((int)t->parts[0].segs->v[1].bytes, 2 * (int)t->parts[0].segs->v[2].bytes);
	ck_assert_int_eq((int)t->parts[0].start, 2);
}
END_TEST

START_TEST(retention_by_size)
{
	struct kfk_topic *t;
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("segment.bytes"), S("100")), KE_NONE);
	append("t", 0, 10, 20);
	ck_assert_uint_eq(segments_of("t"), 10);
	int64_t one = t->parts[0].segs->v[0].bytes;
	char limit[32];
	/* While a segment less is still enough. */
	snprintf(limit, sizeof(limit), "%lld", (long long)(3 * one + 1));
	ck_assert_int_eq(kfk_topic_set(&k, t, S("retention.bytes"), sl(limit)), KE_NONE);
	later(300000); /* at the next check */
	ck_assert_int_eq(offset_at("t", -2), 6);
	ck_assert_int_eq((int)kfk_log_bytes(&k, t, 0), 4 * (int)one);
	snprintf(limit, sizeof(limit), "%lld", (long long)(3 * one));
	ck_assert_int_eq(kfk_topic_set(&k, t, S("retention.bytes"), sl(limit)), KE_NONE);
	later(300000); /* at the next check */
	ck_assert_int_eq(offset_at("t", -2), 7);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("retention.bytes"), S("0")), KE_NONE);
	later(300000);
	ck_assert_int_eq(offset_at("t", -2), 10);
	append("t", 0, 1, 20);
	ck_assert_int_eq(offset_at("t", -1), 11);
	ck_assert_int_eq(offset_at("t", -2), 10);
}
END_TEST

START_TEST(what_nobody_asks_for_goes_too)
{
	struct kfk_topic *t;
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &t), KE_NONE);
	append("t", 0, 3, 20);
	kfk_retain_begin(&k);
	ck_assert_int_eq(number(KEPT), 3);
	later(9 * (int64_t)DAY_MS);
	env_until(number(KEPT) == 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka retain");
	TCase *c = tcase_create("starts");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, retention_moves_the_start);
	tcase_add_test(c, what_is_young_or_kept_stays);
	tcase_add_test(c, a_deleted_topic_goes_in_pieces);
	tcase_add_test(c, an_older_folder_opens);
	tcase_add_test(c, segments_end_by_size_and_time);
	tcase_add_test(c, retention_by_size);
	tcase_add_test(c, what_nobody_asks_for_goes_too);
	suite_add_tcase(s, c);
	return run_suite(s);
}
