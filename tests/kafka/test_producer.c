/* What producers appended to a partition: open transactions, markers, the last stable offset, what was aborted; kept over a commit that
 * fails and a restart; forgotten. */
#include "env.h"
#include "kafka/append.h"
#include "kafka/producer.h"
#include "kafka/seek.h"

static struct kafka k;
static struct kfk_topic *t;
enum { DAY_MS = 86400000 };

static void commit(void)
{
	struct error err = { 0 };
	ck_assert_msg(kfk_commit(&k, &err) == 0, "%s", err.text);
	t = kfk_topic(&k, S("t"));
}

static void on_commit(void *arg)
{
	if (k.db.h)
		commit();
}

static void open_kafka(void)
{
	struct error err = { 0 };
	memset(&k, 0, sizeof(k));
	ck_assert_msg(kafka_service.open(&k, &env, &err) == 0, "%s", err.text);
	t = kfk_topic(&k, S("t"));
}

static void setup(void)
{
	env_open("kafka");
	env_folder();
	clock_freeze(env.clock, 1767603600000);
	loop_on_commit(env.loop, on_commit, NULL);
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 2, &t), KE_NONE);
	commit();
}

static void teardown(void)
{
	kafka_service.close(&k);
	env_close();
}

static void reopen(void)
{
	kafka_service.close(&k);
	open_kafka();
}

/* A batch of two records in partition 0, its transaction's start known. Returns its offset. */
static int64_t append(int64_t pid, int epoch, int32_t seq, bool in_txn)
{
	struct kp_batch b = { .attributes = in_txn ? KP_ATTR_TXN : 0, .pid = pid, .epoch = (int16_t)epoch, .base_seq = seq };
	struct kp_builder made = { .like = &b };
	struct buf bytes = { 0 };
	int64_t base = -1;
	kp_builder_add(&made, 1, S("k"), S("v"), sl(NULL));
	kp_builder_add(&made, 2, S("k"), S("v"), sl(NULL));
	kp_builder_end(&made, &bytes);
	ck_assert_int_eq(kp_batch_parse(buf_slice(&bytes), &b), KE_NONE);
	ck_assert_int_eq(b.pid, pid);
	ck_assert_int_eq(kfk_append_own(&k, t, 0, &b, &base), KE_NONE);
	kfk_producer_note(&k, t, 0, &b, base);
	kp_builder_free(&made);
	buf_free(&bytes);
	return base;
}

static int end(int64_t pid, int epoch, bool committed)
{
	return kfk_producer_end(&k, t, 0, pid, (int16_t)epoch, committed, 0);
}

static int check(int64_t pid, int epoch, int32_t seq, bool in_txn)
{
	struct kp_batch b = { .attributes = in_txn ? KP_ATTR_TXN : 0, .pid = pid, .epoch = (int16_t)epoch, .base_seq = seq, .last_delta = 1 };
	struct kfk_seen before;
	return kfk_producer_check(&k, t, 0, &b, &before);
}

static size_t aborted(int64_t from, int64_t to, int64_t *pid, int64_t *first)
{
	size_t n;
	const struct kfk_aborted *all = kfk_aborted_in(&t->parts[0], from, to, &k.arena, &n);
	*pid = n ? all[0].pid : -1;
	*first = n ? all[0].first : -1;
	return n;
}

START_TEST(stable_offset_follows_open_transactions)
{
	int64_t pid, first;
	append(1, 0, 0, true);   /* 0, 1 */
	append(2, 0, 0, true);   /* 2, 3 */
	append(3, 0, 0, false);  /* 4, 5 */
	commit();
	ck_assert_int_eq(kfk_last_stable(&t->parts[0]), 0);
	ck_assert_int_eq(end(1, 0, true), KE_NONE); /* 6 */
	commit();
	ck_assert_int_eq(kfk_last_stable(&t->parts[0]), 2);
	reopen();
	ck_assert_int_eq(kfk_last_stable(&t->parts[0]), 2);
	ck_assert_int_eq(end(2, 0, false), KE_NONE); /* 7 */
	commit();
	ck_assert_int_eq(kfk_last_stable(&t->parts[0]), 8);
	for (int again = 0; again < 2; again++) {
		ck_assert_uint_eq(aborted(0, 8, &pid, &first), 1);
		ck_assert_int_eq(pid, 2);
		ck_assert_int_eq(first, 2);
		ck_assert_uint_eq(aborted(7, 8, &pid, &first), 1);
		ck_assert_uint_eq(aborted(8, 8, &pid, &first), 0);
		ck_assert_uint_eq(aborted(0, 2, &pid, &first), 0); /* it begins after what is read */
		reopen();
	}
}
END_TEST

START_TEST(stable_offset_is_never_before_the_log)
{
	append(1, 0, 0, true);
	append(2, 0, 0, false);
	commit();
	ck_assert_int_eq(kfk_move_start(&k, t, 0, 3), KE_NONE);
	ck_assert_int_eq(kfk_last_stable(&t->parts[0]), 3);
	ck_assert_int_eq(end(1, 0, true), KE_NONE);
	commit();
	ck_assert_int_eq(kfk_last_stable(&t->parts[0]), 5);
}
END_TEST

START_TEST(a_marker_is_a_control_batch)
{
	struct buf out = { 0 };
	struct kp_batch b;
	append(1, 3, 0, true);
	ck_assert_int_eq(kfk_producer_end(&k, t, 0, 1, 3, true, 5), KE_NONE);
	commit();
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 2, 1000, true, 2, false, &out), KE_NONE);
	ck_assert_int_eq(kp_batch_parse(buf_slice(&out), &b), KE_NONE);
	ck_assert_uint_eq(b.bytes.n, 78);
	ck_assert_int_eq(b.attributes, 0x30);
	ck_assert_int_eq(b.pid, 1);
	ck_assert_int_eq(b.epoch, 3);
	ck_assert_int_eq(b.base_seq, -1);
	ck_assert_int_eq(b.count, 1);
	ck_assert(sl_eq(sl_from(b.records, 4), sl_of("\x08\x00\x00\x00\x01\x0c\x00\x00\x00\x00\x00\x05\x00", 13)));
	buf_free(&out);
}
END_TEST

START_TEST(what_may_follow)
{
	append(1, 0, 0, true);
	ck_assert_int_eq(check(1, 0, 0, true), KE_DUPLICATE_SEQUENCE_NUMBER);
	ck_assert_int_eq(check(1, 0, 2, true), KE_NONE);
	ck_assert_int_eq(check(1, 0, 4, true), KE_OUT_OF_ORDER_SEQUENCE_NUMBER);
	ck_assert_int_eq(check(1, 0, 2, false), KE_INVALID_TXN_STATE); /* not beside its own transaction */
	ck_assert_int_eq(end(1, 1, false), KE_NONE);                   /* fenced: the marker has the next epoch */
	ck_assert_int_eq(check(1, 0, 2, false), KE_INVALID_PRODUCER_EPOCH);
	ck_assert_int_eq(end(1, 0, false), KE_INVALID_PRODUCER_EPOCH);
	ck_assert_int_eq(check(1, 1, 0, false), KE_NONE);
	ck_assert_int_eq(check(1, 1, 1, false), KE_OUT_OF_ORDER_SEQUENCE_NUMBER); /* the epoch is known by the marker */
	ck_assert_int_eq(kfk_producer_end(&k, t, 0, 1, 1, false, 4), KE_NONE);
	ck_assert_int_eq(end(1, 1, false), KE_TRANSACTION_COORDINATOR_FENCED);
}
END_TEST

START_TEST(a_commit_that_fails_takes_it_back)
{
	struct error err;
	append(1, 0, 0, true);
	commit();
	ck_assert_int_eq(end(1, 0, false), KE_NONE);
	append(2, 0, 0, false);
	ck_assert_int_eq(faults_arm(env.faults, S("kafka.store io"), &err), 0);
	ck_assert(kfk_commit(&k, &err));
	t = kfk_topic(&k, S("t"));
	ck_assert_int_eq(t->parts[0].next, 2);
	ck_assert_int_eq(kfk_last_stable(&t->parts[0]), 0);
	ck_assert_ptr_null(kfk_producer(&k, &t->parts[0], 2));
	ck_assert_int_eq(check(1, 0, 0, true), KE_DUPLICATE_SEQUENCE_NUMBER);
}
END_TEST

START_TEST(the_silent_are_forgotten)
{
	struct error err;
	append(1, 0, 0, false);
	append(2, 0, 0, true);
	commit();
	ck_assert_int_eq(check(1, 0, 8, false), KE_OUT_OF_ORDER_SEQUENCE_NUMBER);
	ck_assert_int_eq(env_advance(env.loop, env.clock, DAY_MS + 1, &err), 0);
	ck_assert_int_eq(check(1, 0, 8, false), KE_NONE);
	ck_assert_ptr_nonnull(kfk_producer(&k, &t->parts[0], 2)); /* its transaction is open */
	append(3, 0, 0, false);
	commit();
	reopen();
	ck_assert_uint_eq(t->parts[0].producers->n, 2);
}
END_TEST

START_TEST(a_deleted_topic_takes_them_with_it)
{
	append(1, 0, 0, true);
	commit();
	append(1, 0, 2, true);
	ck_assert_int_eq(kfk_topic_delete(&k, t), KE_NONE);
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &t), KE_NONE);
	commit();
	reopen();
	ck_assert_ptr_null(t->parts[0].producers);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka producers");
	TCase *c = tcase_create("producers");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, stable_offset_follows_open_transactions);
	tcase_add_test(c, stable_offset_is_never_before_the_log);
	tcase_add_test(c, a_marker_is_a_control_batch);
	tcase_add_test(c, what_may_follow);
	tcase_add_test(c, a_commit_that_fails_takes_it_back);
	tcase_add_test(c, the_silent_are_forgotten);
	tcase_add_test(c, a_deleted_topic_takes_them_with_it);
	suite_add_tcase(s, c);
	return run_suite(s);
}
