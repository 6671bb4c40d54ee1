/* The broker's rules on a database in memory: topics, what may be appended, offsets, producers, reading, partitions. */
#include "env.h"
#include "kafka/kafka.h"

static struct kafka k;
static struct kfk_topic *t;

static void commit(void)
{
	env_commit(&k);
}

static void setup(void)
{
	env_open("kafka");
	env_serve(&kafka_service, &k);
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 2, &t), KFK_OK);
	commit();
}

/* ---- topics ---- */

START_TEST(names)
{
	char longest[KFK_NAME_MAX + 2];
	struct kfk_topic *got = NULL;
	memset(longest, 'a', sizeof(longest));
	ck_assert(kfk_name_ok(S("0affea73130b.pin")));
	ck_assert(kfk_name_ok(S("A-b_c.9")));
	ck_assert(kfk_name_ok(sl_of(longest, KFK_NAME_MAX)));
	ck_assert(!kfk_name_ok(sl_of(longest, KFK_NAME_MAX + 1)));
	ck_assert(!kfk_name_ok(S("")));
	ck_assert(!kfk_name_ok(S(".")));
	ck_assert(!kfk_name_ok(S("..")));
	ck_assert(!kfk_name_ok(S("a b")));
	ck_assert(!kfk_name_ok(S("a/b")));
	ck_assert(!kfk_name_ok(S("\xc3\xa9")));
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &got), KFK_TOPIC_EXISTS);
	ck_assert_int_eq(kfk_topic_create(&k, S("a b"), 1, &got), KFK_INVALID_TOPIC);
	ck_assert_int_eq(kfk_topic_create(&k, S("u"), 0, &got), KFK_INVALID_PARTITIONS);
	ck_assert_ptr_null(kfk_topic(&k, S("u")));
}
END_TEST

START_TEST(auto_create)
{
	struct kfk_topic *got = NULL;
	ck_assert_int_eq(kfk_topic_auto(&k, S("t"), false, &got), KFK_OK);
	ck_assert_ptr_eq(got, t);
	ck_assert_int_eq(kfk_topic_auto(&k, S("new"), false, &got), KFK_UNKNOWN_TOPIC);
	ck_assert_int_eq(kfk_topic_auto(&k, S("new"), true, &got), KFK_OK);
	ck_assert_int_eq(kfk_topic_auto(&k, S("a b"), true, &got), KFK_INVALID_TOPIC);
	conf_set(env_conf, "kafka", "auto_create", "false");
	ck_assert_int_eq(kfk_topic_auto(&k, S("newer"), true, &got), KFK_UNKNOWN_TOPIC);
}
END_TEST

/* ---- appending ---- */

static struct kfk_batch make(struct buf *bytes, int count, int64_t first_ts)
{
	struct kfk_builder b = { 0 };
	struct kfk_batch out;
	buf_reset(bytes);
	for (int i = 0; i < count; i++)
		kfk_builder_add(&b, first_ts + i, sl(NULL), S("v"), sl(NULL));
	kfk_builder_end(&b, bytes);
	kfk_builder_free(&b);
	ck_assert_int_eq(kfk_batch_parse(buf_slice(bytes), &out), KFK_OK);
	return out;
}

static int64_t append(int partition, int count, int64_t first_ts)
{
	struct buf bytes = { 0 };
	struct kfk_batch b = make(&bytes, count, first_ts);
	int64_t base = -1;
	ck_assert_int_eq(kfk_append(&k, t, partition, &b, &base), KFK_OK);
	buf_free(&bytes);
	return base;
}

START_TEST(offsets_grow_by_partition)
{
	ck_assert_int_eq((int)append(0, 3, 0), 0);
	ck_assert_int_eq((int)append(0, 1, 0), 3);
	ck_assert_int_eq((int)append(1, 5, 0), 0);
	ck_assert_int_eq((int)append(0, 1, 0), 4);
	commit();
	ck_assert_int_eq((int)append(1, 1, 0), 5);
}
END_TEST

/* Nothing is read before it is durable. */
START_TEST(unseen_until_the_commit)
{
	struct buf out = { 0 };
	int64_t offset, ts;
	append(0, 3, 0);
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 0, 1000, true, 2, &out), KFK_OK);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 1, 1000, true, 2, &out), KFK_OFFSET_OUT_OF_RANGE);
	ck_assert_int_eq(kfk_offset_at(&k, t, 0, -1, &offset, &ts), KFK_OK);
	ck_assert_int_eq((int)offset, 0);
	commit();
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 1, 1000, true, 2, &out), KFK_OK);
	ck_assert_uint_gt(out.n, 0);
	ck_assert_int_eq(kfk_offset_at(&k, t, 0, -1, &offset, &ts), KFK_OK);
	ck_assert_int_eq((int)offset, 3);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *label;
	int code;
	int32_t count, last_delta;
	int16_t attributes;
	int64_t pid;
	int16_t epoch;
	int32_t seq;
} headers[] = {
	{ "as made", KFK_OK, 2, 1, 0, -1, -1, -1 },
	{ "no records", KFK_INVALID_RECORD, 0, -1, 0, -1, -1, -1 },
	{ "negative count", KFK_INVALID_RECORD, -1, 1, 0, -1, -1, -1 },
	{ "last offset over the count", KFK_INVALID_RECORD, 2, 2, 0, -1, -1, -1 },
	{ "count over what is there", KFK_INVALID_RECORD, 3, 2, 0, -1, -1, -1 },
	{ "count under what is there", KFK_INVALID_RECORD, 1, 0, 0, -1, -1, -1 },
	{ "control batch", KFK_INVALID_RECORD, 2, 1, KFK_ATTR_CONTROL, -1, -1, -1 },
	{ "codec 5", KFK_CORRUPT_MESSAGE, 2, 1, 5, -1, -1, -1 },
	{ "log append time", KFK_INVALID_TIMESTAMP, 2, 1, KFK_ATTR_LOG_TIME, -1, -1, -1 },
	{ "transactional", KFK_INVALID_TXN_STATE, 2, 1, KFK_ATTR_TXN, -1, -1, -1 },
	{ "producer without sequence", KFK_INVALID_RECORD, 2, 1, 0, 7, 0, -1 },
	{ "producer without epoch", KFK_INVALID_RECORD, 2, 1, 0, 7, -1, 0 },
	{ "idempotent", KFK_OK, 2, 1, 0, 7, 0, 0 },
};

START_TEST(batch_headers)
{
	struct buf bytes = { 0 };
	struct kfk_batch b = make(&bytes, 2, 0);
	int64_t base = -1;
	b.count = headers[_i].count;
	b.last_delta = headers[_i].last_delta;
	b.attributes = headers[_i].attributes;
	b.pid = headers[_i].pid;
	b.epoch = headers[_i].epoch;
	b.base_seq = headers[_i].seq;
	int code = kfk_append(&k, t, 0, &b, &base);
	ck_assert_msg(code == headers[_i].code, "%s: %d", headers[_i].label, code);
	ck_assert_msg(base == (code ? -1 : 0), "%s", headers[_i].label);
	ck_assert_int_eq((int)t->parts[0].next, code ? 0 : 2);
	buf_free(&bytes);
}
END_TEST

START_TEST(message_max)
{
	struct buf bytes = { 0 };
	struct kfk_batch b = make(&bytes, 2, 0);
	char limit[16];
	int64_t base;
	snprintf(limit, sizeof(limit), "%zu", bytes.n - 1);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("max.message.bytes"), sl(limit)), KFK_OK);
	ck_assert_int_eq(kfk_append(&k, t, 0, &b, &base), KFK_MESSAGE_TOO_LARGE);
	snprintf(limit, sizeof(limit), "%zu", bytes.n);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("max.message.bytes"), sl(limit)), KFK_OK);
	ck_assert_int_eq(kfk_append(&k, t, 0, &b, &base), KFK_OK);
	buf_free(&bytes);
}
END_TEST

static int append_as(int64_t pid, int epoch, int32_t seq, int64_t *base)
{
	struct buf bytes = { 0 };
	struct kfk_batch b = make(&bytes, 2, 0);
	b.pid = pid;
	b.epoch = (int16_t)epoch;
	b.base_seq = seq;
	int code = kfk_append(&k, t, 0, &b, base);
	buf_free(&bytes);
	return code;
}

START_TEST(idempotent_producers)
{
	int64_t base = -1;
	ck_assert_int_eq(append_as(7, 0, 0, &base), KFK_OK);
	ck_assert_int_eq(append_as(7, 0, 2, &base), KFK_OK);
	ck_assert_int_eq((int)base, 2);
	ck_assert_int_eq(append_as(7, 0, 0, &base), KFK_OK); /* a repeat: answered, not kept */
	ck_assert_int_eq((int)base, 0);
	ck_assert_int_eq(append_as(7, 0, 6, &base), KFK_OUT_OF_ORDER_SEQUENCE);
	ck_assert_int_eq(append_as(8, 0, 0, &base), KFK_OK); /* another one's sequence is its own */
	ck_assert_int_eq((int)base, 4);
	ck_assert_int_eq(append_as(7, 1, 4, &base), KFK_OUT_OF_ORDER_SEQUENCE); /* a new epoch starts at 0 */
	ck_assert_int_eq(append_as(7, 1, 0, &base), KFK_OK);
	ck_assert_int_eq(append_as(7, 0, 4, &base), KFK_INVALID_EPOCH);
	for (int i = 1; i < 6; i++)
		ck_assert_int_eq(append_as(7, 1, 2 * i, &base), KFK_OK);
	ck_assert_int_eq(append_as(7, 1, 2, &base), KFK_OK); /* the last five are remembered */
	ck_assert_int_eq(append_as(7, 1, 0, &base), KFK_OUT_OF_ORDER_SEQUENCE);
}
END_TEST

START_TEST(sequence_wraps)
{
	int64_t base = -1;
	ck_assert_int_eq(append_as(9, 0, INT32_MAX - 1, &base), KFK_OK); /* a producer we know nothing of may be anywhere */
	ck_assert_int_eq(append_as(9, 0, 0, &base), KFK_OK);
	ck_assert_int_eq(append_as(9, 0, 2, &base), KFK_OK);
	ck_assert_int_eq((int)base, 4);
}
END_TEST

/* ---- reading ---- */

static int batches_in(struct slice s)
{
	struct kfk_batch b;
	int n = 0;
	for (; s.n; n++) {
		ck_assert_int_eq(kfk_batch_parse(s, &b), KFK_OK);
		s = sl_of(s.p + b.bytes.n, s.n - b.bytes.n);
	}
	return n;
}

START_TEST(fetch_gives_whole_batches)
{
	struct buf out = { 0 };
	size_t one;
	for (int i = 0; i < 4; i++)
		append(0, 10, 0);
	commit();
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 0, 1, true, 2, &out), KFK_OK); /* one, however small the limit */
	ck_assert_int_eq(batches_in(buf_slice(&out)), 1);
	one = out.n;
	static const struct {
		int64_t offset;
		int percent; /* of one batch's size */
		bool first;
		int want;
	} rows[] = { { 0, 50, false, 0 }, { 0, 100, true, 1 }, { 0, 199, true, 1 }, { 0, 200, true, 2 }, { 0, 1000, true, 4 },
		     { 9, 1000, true, 4 }, { 10, 1000, true, 3 }, { 39, 1000, true, 1 }, { 40, 1000, true, 0 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&out);
		ck_assert_int_eq(kfk_fetch(&k, t, 0, rows[i].offset, one * (size_t)rows[i].percent / 100, rows[i].first, 2, &out), KFK_OK);
		ck_assert_msg(batches_in(buf_slice(&out)) == rows[i].want, "row %zu", i);
	}
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 41, 1000, true, 2, &out), KFK_OFFSET_OUT_OF_RANGE);
	ck_assert_int_eq(kfk_fetch(&k, t, 0, -1, 1000, true, 2, &out), KFK_OFFSET_OUT_OF_RANGE);
	buf_free(&out);
}
END_TEST

START_TEST(offsets_by_time)
{
	static const struct {
		int64_t ts, offset, found;
	} rows[] = { { -2, 0, -1 }, { -1, 9, -1 }, { 0, 0, 1000 }, { 1000, 0, 1000 }, { 1001, 1, 1001 }, { 1003, 3, 5000 },
		     { 5001, 4, 5001 }, { 5003, -1, -1 }, { -3, 5, 5002 } };
	int64_t offset, found;
	append(0, 3, 1000);
	append(0, 3, 5000);
	append(0, 3, 2000); /* late */
	commit();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_int_eq(kfk_offset_at(&k, t, 0, rows[i].ts, &offset, &found), KFK_OK);
		ck_assert_msg(offset == rows[i].offset && found == rows[i].found, "row %zu: %lld at %lld", i, (long long)offset, (long long)found);
	}
	ck_assert_int_eq(kfk_offset_at(&k, t, 1, 0, &offset, &found), KFK_OK); /* an empty partition */
	ck_assert(offset == -1 && found == -1);
}
END_TEST

/* ---- partitions ---- */

/* The vectors of org.apache.kafka.common.utils.UtilsTest.testMurmur2; over 2^31-1 partitions the hash itself is seen. */
static const struct {
	const char *key;
	int32_t hash;
} hashes[] = {
	{ "21", -973932308 },
	{ "foobar", -790332482 },
	{ "a-little-bit-long-string", -985981536 },
	{ "a-little-bit-longer-string", -1486304829 },
	{ "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971 },
	{ "abc", 479470107 },
};

START_TEST(murmur2)
{
	int32_t positive = hashes[_i].hash & 0x7fffffff;
	ck_assert_int_eq(kfk_key_partition(sl(hashes[_i].key), INT32_MAX), positive);
	for (int n = 1; n <= 100; n++)
		ck_assert_int_eq(kfk_key_partition(sl(hashes[_i].key), n), positive % n);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka model");
	TCase *c = tcase_create("rules");

	tcase_add_checked_fixture(c, setup, env_close);
	tcase_add_test(c, names);
	tcase_add_test(c, auto_create);
	tcase_add_test(c, offsets_grow_by_partition);
	tcase_add_test(c, unseen_until_the_commit);
	tcase_add_loop_test(c, batch_headers, 0, (int)ARRAY_LEN(headers));
	tcase_add_test(c, message_max);
	tcase_add_test(c, idempotent_producers);
	tcase_add_test(c, sequence_wraps);
	tcase_add_test(c, fetch_gives_whole_batches);
	tcase_add_test(c, offsets_by_time);
	tcase_add_loop_test(c, murmur2, 0, (int)ARRAY_LEN(hashes));
	suite_add_tcase(s, c);
	return run_suite(s);
}
