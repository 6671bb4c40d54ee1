/* The broker's rules on a database in memory: topics, what may be appended, offsets, producers, reading, partitions. */
#include <zlib.h>

#include "env.h"
#include "kafka/append.h"
#include "kafka/seek.h"

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
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 2, &t), KE_NONE);
	commit();
}

/* ---- topics ---- */

START_TEST(names)
{
	char longest[KP_NAME_MAX + 2];
	struct kfk_topic *got = NULL;
	memset(longest, 'a', sizeof(longest));
	ck_assert(kp_topic_name_ok(S("0affea73130b.pin")));
	ck_assert(kp_topic_name_ok(S("A-b_c.9")));
	ck_assert(kp_topic_name_ok(sl_of(longest, KP_NAME_MAX)));
	ck_assert(!kp_topic_name_ok(sl_of(longest, KP_NAME_MAX + 1)));
	ck_assert(!kp_topic_name_ok(S("")));
	ck_assert(!kp_topic_name_ok(S(".")));
	ck_assert(!kp_topic_name_ok(S("..")));
	ck_assert(!kp_topic_name_ok(S("a b")));
	ck_assert(!kp_topic_name_ok(S("a/b")));
	ck_assert(!kp_topic_name_ok(S("\xc3\xa9")));
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 1, &got), KE_TOPIC_ALREADY_EXISTS);
	ck_assert_int_eq(kfk_topic_create(&k, S("a b"), 1, &got), KE_INVALID_TOPIC_EXCEPTION);
	ck_assert_int_eq(kfk_topic_create(&k, S("u"), 0, &got), KE_INVALID_PARTITIONS);
	ck_assert_ptr_null(kfk_topic(&k, S("u")));
}
END_TEST

START_TEST(auto_create)
{
	struct kfk_topic *got = NULL;
	ck_assert_int_eq(kfk_topic_auto(&k, S("t"), false, &got), KE_NONE);
	ck_assert_ptr_eq(got, t);
	ck_assert_int_eq(kfk_topic_auto(&k, S("new"), false, &got), KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_int_eq(kfk_topic_auto(&k, S("new"), true, &got), KE_NONE);
	ck_assert_int_eq(kfk_topic_auto(&k, S("a b"), true, &got), KE_INVALID_TOPIC_EXCEPTION);
	conf_set(env_conf, "kafka", "auto_create", "false");
	ck_assert_int_eq(kfk_topic_auto(&k, S("newer"), true, &got), KE_UNKNOWN_TOPIC_OR_PARTITION);
}
END_TEST

/* ---- appending ---- */

static struct kp_batch make(struct buf *bytes, int count, int64_t first_ts)
{
	struct kp_builder b = { 0 };
	struct kp_batch out;
	buf_reset(bytes);
	for (int i = 0; i < count; i++)
		kp_builder_add(&b, first_ts + i, sl(NULL), S("v"), sl(NULL));
	kp_builder_end(&b, bytes);
	kp_builder_free(&b);
	ck_assert_int_eq(kp_batch_parse(buf_slice(bytes), &out), KE_NONE);
	return out;
}

static int64_t append(int partition, int count, int64_t first_ts)
{
	struct buf bytes = { 0 };
	struct kp_batch b = make(&bytes, count, first_ts);
	int64_t base = -1;
	ck_assert_int_eq(kfk_append(&k, t, partition, &b, &base), KE_NONE);
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
	struct kfk_found found;
	append(0, 3, 0);
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 0, 1000, true, 2, false, &out), KE_NONE);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 1, 1000, true, 2, false, &out), KE_OFFSET_OUT_OF_RANGE);
	ck_assert_int_eq(kfk_offset_at(&k, t, 0, KFK_LATEST, false, &found), KE_NONE);
	ck_assert_int_eq((int)found.offset, 0);
	commit();
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 1, 1000, true, 2, false, &out), KE_NONE);
	ck_assert_uint_gt(out.n, 0);
	ck_assert_int_eq(kfk_offset_at(&k, t, 0, KFK_LATEST, false, &found), KE_NONE);
	ck_assert_int_eq((int)found.offset, 3);
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
	{ "as made", KE_NONE, 2, 1, 0, -1, -1, -1 },
	{ "no records", KE_INVALID_RECORD, 0, -1, 0, -1, -1, -1 },
	{ "negative count", KE_INVALID_RECORD, -1, 1, 0, -1, -1, -1 },
	{ "last offset over the count", KE_INVALID_RECORD, 2, 2, 0, -1, -1, -1 },
	{ "count over what is there", KE_INVALID_RECORD, 3, 2, 0, -1, -1, -1 },
	{ "count under what is there", KE_INVALID_RECORD, 1, 0, 0, -1, -1, -1 },
	{ "control batch", KE_INVALID_RECORD, 2, 1, KP_ATTR_CONTROL, -1, -1, -1 },
	{ "codec 5", KE_UNKNOWN_SERVER_ERROR, 2, 1, 5, -1, -1, -1 },
	{ "log append time, which it isn't", KE_NONE, 2, 1, KP_ATTR_LOG_TIME, -1, -1, -1 },
	{ "transactional, of nobody", KE_NONE, 2, 1, KP_ATTR_TXN, -1, -1, -1 },
	{ "producer without sequence", KE_INVALID_RECORD, 2, 1, 0, 7, 0, -1 },
	{ "producer without epoch", KE_NONE, 2, 1, 0, 7, -1, 0 },
	{ "idempotent", KE_NONE, 2, 1, 0, 7, 0, 0 },
};

START_TEST(batch_headers)
{
	struct buf bytes = { 0 };
	struct kp_batch b = make(&bytes, 2, 0);
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
	struct kp_batch b = make(&bytes, 2, 0);
	char limit[16];
	int64_t base;
	snprintf(limit, sizeof(limit), "%zu", bytes.n - 1);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("max.message.bytes"), sl(limit)), KE_NONE);
	ck_assert_int_eq(kfk_append(&k, t, 0, &b, &base), KE_MESSAGE_TOO_LARGE);
	snprintf(limit, sizeof(limit), "%zu", bytes.n);
	ck_assert_int_eq(kfk_topic_set(&k, t, S("max.message.bytes"), sl(limit)), KE_NONE);
	ck_assert_int_eq(kfk_append(&k, t, 0, &b, &base), KE_NONE);
	buf_free(&bytes);
}
END_TEST

static int append_as(int64_t pid, int epoch, int32_t seq, int64_t *base)
{
	struct buf bytes = { 0 };
	struct kp_batch b = make(&bytes, 2, 0);
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
	ck_assert_int_eq(append_as(7, 0, 0, &base), KE_NONE);
	ck_assert_int_eq(append_as(7, 0, 2, &base), KE_NONE);
	ck_assert_int_eq((int)base, 2);
	ck_assert_int_eq(append_as(7, 0, 0, &base), KE_NONE); /* a repeat: answered, not kept */
	ck_assert_int_eq((int)base, 0);
	ck_assert_int_eq(append_as(7, 0, 6, &base), KE_OUT_OF_ORDER_SEQUENCE_NUMBER);
	ck_assert_int_eq(append_as(8, 0, 0, &base), KE_NONE); /* another one's sequence is its own */
	ck_assert_int_eq((int)base, 4);
	ck_assert_int_eq(append_as(7, 1, 4, &base), KE_OUT_OF_ORDER_SEQUENCE_NUMBER); /* a new epoch starts at 0 */
	ck_assert_int_eq(append_as(7, 1, 0, &base), KE_NONE);
	ck_assert_int_eq(append_as(7, 0, 4, &base), KE_INVALID_PRODUCER_EPOCH);
	for (int i = 1; i < 6; i++)
		ck_assert_int_eq(append_as(7, 1, 2 * i, &base), KE_NONE);
	ck_assert_int_eq(append_as(7, 1, 2, &base), KE_NONE); /* the last five are remembered */
	ck_assert_int_eq(append_as(7, 1, 0, &base), KE_OUT_OF_ORDER_SEQUENCE_NUMBER);
}
END_TEST

START_TEST(sequence_wraps)
{
	int64_t base = -1;
	ck_assert_int_eq(append_as(9, 0, INT32_MAX - 1, &base), KE_NONE); /* a producer we know nothing of may be anywhere */
	ck_assert_int_eq(append_as(9, 0, 0, &base), KE_NONE);
	ck_assert_int_eq(append_as(9, 0, 2, &base), KE_NONE);
	ck_assert_int_eq((int)base, 4);
}
END_TEST

/* ---- reading ---- */

static int batches_in(struct slice s)
{
	struct kp_batch b;
	int n = 0;
	for (; s.n; n++) {
		ck_assert_int_eq(kp_batch_parse(s, &b), KE_NONE);
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
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 0, 1, true, 2, false, &out), KE_NONE); /* one, however small the limit */
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
		ck_assert_int_eq(kfk_fetch(&k, t, 0, rows[i].offset, one * (size_t)rows[i].percent / 100, rows[i].first, 2, false, &out), KE_NONE);
		ck_assert_msg(batches_in(buf_slice(&out)) == rows[i].want, "row %zu", i);
	}
	ck_assert_int_eq(kfk_fetch(&k, t, 0, 41, 1000, true, 2, false, &out), KE_OFFSET_OUT_OF_RANGE);
	ck_assert_int_eq(kfk_fetch(&k, t, 0, -1, 1000, true, 2, false, &out), KE_OFFSET_OUT_OF_RANGE);
	buf_free(&out);
}
END_TEST

START_TEST(offsets_by_time)
{
	static const struct {
		int64_t ts, offset, found;
	} rows[] = { { -2, 0, -1 }, { -1, 9, -1 }, { 0, 0, 1000 }, { 1000, 0, 1000 }, { 1001, 1, 1001 }, { 1003, 3, 5000 },
		     { 5001, 4, 5001 }, { 5003, -1, -1 }, { -3, 5, 5002 } };
	struct kfk_found found;
	append(0, 3, 1000);
	append(0, 3, 5000);
	append(0, 3, 2000); /* late */
	commit();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_int_eq(kfk_offset_at(&k, t, 0, rows[i].ts, false, &found), KE_NONE);
		ck_assert_msg(found.offset == rows[i].offset && found.ts == rows[i].found, "row %zu: %lld at %lld", i, (long long)found.offset, (long long)found.ts);
	}
	ck_assert_int_eq(kfk_offset_at(&k, t, 1, 0, false, &found), KE_NONE); /* an empty partition */
	ck_assert(found.offset == -1 && found.ts == -1);
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

/* ---- compressed batches, read through the port ---- */

static void put_be(char *to, uint64_t v, int bytes)
{
	for (int i = bytes; i-- > 0; v >>= 8)
		to[i] = (char)v;
}

/* count records of `size` zeros each, gzipped: appended to partition 0. */
static void append_gzip(int count, size_t size)
{
	struct kp_builder made = { 0 };
	struct buf bytes = { 0 }, packed = { 0 };
	struct kp_batch b;
	int64_t base;
	char *zeros = xcalloc(1, size);
	for (int i = 0; i < count; i++)
		kp_builder_add(&made, 1000 + i, sl(NULL), sl_of(zeros, size), sl(NULL));
	kp_builder_end(&made, &bytes);
	ck_assert_int_eq(kp_batch_parse(buf_slice(&bytes), &b), KE_NONE);
	buf_add(&packed, bytes.p, KP_BATCH_HEADER);
	z_stream z = { .next_in = (Bytef *)(uintptr_t)b.records.p, .avail_in = (uInt)b.records.n };
	ck_assert_int_eq(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	size_t room = deflateBound(&z, b.records.n);
	z.next_out = (Bytef *)buf_room(&packed, room);
	z.avail_out = (uInt)room;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	packed.n += room - z.avail_out;
	deflateEnd(&z);
	put_be(packed.p + 8, packed.n - 12, 4);
	put_be(packed.p + 21, KP_GZIP, 2);
	put_be(packed.p + 17, kp_crc32c(0, packed.p + 21, packed.n - 21), 4);
	ck_assert_int_eq(kp_batch_parse(buf_slice(&packed), &b), KE_NONE);
	ck_assert_int_eq(kfk_append_own(&k, t, 0, &b, &base), KE_NONE); /* as it might have been kept before it was checked */
	commit();
	kp_builder_free(&made);
	buf_free(&bytes);
	buf_free(&packed);
	free(zeros);
}

static struct {
	int calls, code;
	size_t n;
	int64_t next;
} seen;

static void on_read(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	seen.calls++;
	seen.code = code;
	seen.n = n;
	seen.next = next;
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(r[i].value.p[0], r[i].value.n == 1 ? 'v' : 0);
}

static void read_from(int64_t offset)
{
	memset(&seen, 0, sizeof(seen));
	(void)env_ports.log.read(env_ports.log.self, S("t"), 0, offset, 1 << 20, on_read, NULL);
	ck_assert_int_eq(seen.calls, 0);
	env_until(seen.calls);
	ck_assert_int_eq(seen.code, KE_NONE);
}

START_TEST(compressed_batches_are_opened)
{
	append_gzip(3, 1000);        /* at once */
	append_gzip(6, 1 << 20);     /* in a job: too much for the loop */
	append_gzip(40, 1 << 20);    /* too much at all: nothing in it is given */
	append(0, 2, 0);
	read_from(0);
	ck_assert_uint_eq(seen.n, 3);
	ck_assert_int_eq((int)seen.next, 3);
	read_from(3);
	ck_assert_uint_eq(seen.n, 6);
	ck_assert_int_eq((int)seen.next, 49);
	read_from(5);
	ck_assert_uint_eq(seen.n, 4);
	read_from(49);
	ck_assert_uint_eq(seen.n, 2);
	ck_assert_int_eq((int)seen.next, 51);
	/* One who asked and went. */
	owed_cancel(env_ports.log.read(env_ports.log.self, S("t"), 0, 3, 1 << 20, on_read, NULL));
	struct owed *kept = NULL;
	memset(&seen, 0, sizeof(seen));
	owed_keep(&kept, env_ports.log.read(env_ports.log.self, S("t"), 0, 3, 1 << 20, on_read, NULL));
	loop_turn(env.loop, 0);
	owed_cancel_all(&kept);
	env_until(loop_pending(env.loop) == 0);
	ck_assert_int_eq(seen.calls, 0);
}
END_TEST

/* What is large when decompressed is opened in a job. */
START_TEST(a_large_message_set)
{
	struct buf plain = { 0 }, inner = { 0 }, set = { 0 };
	struct kfk_appended out;
	struct arena a = { 0 };
	for (int i = 0; i < 200; i++) {
		buf_u64be(&plain, 0);
		buf_u32be(&plain, 14 + 50000);
		size_t at = plain.n;
		buf_u32be(&plain, 0);
		buf_u16be(&plain, 0);
		buf_u32be(&plain, 0xffffffff);
		buf_u32be(&plain, 50000);
		char *zeros = buf_room(&plain, 50000);
		memset(zeros, 0, 50000);
		plain.n += 50000;
		put_be(plain.p + at, crc32(0, (Bytef *)plain.p + at + 4, (uInt)(plain.n - at - 4)), 4);
	}
	z_stream z = { .next_in = (Bytef *)plain.p, .avail_in = (uInt)plain.n };
	ck_assert_int_eq(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	size_t room = deflateBound(&z, plain.n);
	z.next_out = (Bytef *)buf_room(&inner, room);
	z.avail_out = (uInt)room;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	inner.n = room - z.avail_out;
	deflateEnd(&z);
	buf_u64be(&set, 0);
	buf_u32be(&set, (uint32_t)(14 + inner.n));
	size_t at = set.n;
	buf_u32be(&set, 0);
	buf_u16be(&set, KP_GZIP);
	buf_u32be(&set, 0xffffffff);
	buf_u32be(&set, (uint32_t)inner.n);
	buf_addsl(&set, buf_slice(&inner));
	put_be(set.p + at, crc32(0, (Bytef *)set.p + at + 4, (uInt)(set.n - at - 4)), 4);
	ck_assert_uint_lt(set.n, 200000);
	ck_assert(!kfk_produce(&k, t, 0, 2, buf_slice(&set), NULL, false, &a, &out)); /* in a job */
	ck_assert(kfk_produce(&k, t, 0, 2, buf_slice(&set), NULL, true, &a, &out));
	ck_assert_int_eq(out.code, KE_NONE);
	arena_free(&a);
	buf_free(&plain);
	buf_free(&inner);
	buf_free(&set);
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
	tcase_add_test(c, compressed_batches_are_opened);
	tcase_add_test(c, a_large_message_set);
	tcase_add_test(c, offsets_by_time);
	tcase_add_loop_test(c, murmur2, 0, (int)ARRAY_LEN(hashes));
	suite_add_tcase(s, c);
	return run_suite(s);
}
