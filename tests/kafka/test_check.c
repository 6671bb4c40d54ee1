/* What a batch must be to be appended. Values and sentences: brokers of Kafka 3.9.1 and 4.0.0, asked by frames. */
#include "check_main.h"
#include "kafka/check.h"

static struct buf scratch;
enum { NOW = 1700000000 };
static const int64_t now = 1000 * (int64_t)NOW;

static struct kfk_rules rules(void)
{
	return (struct kfk_rules){ .topic = "t", .message_max = 1048588, .segment_max = 1 << 30, .now_ms = now, .before_ms = INT64_MAX,
				   .after_ms = INT64_MAX, .codec = -1, .level = -1 };
}

/* A batch of n records at ts, ts + 1…, and how it is spoiled. */
struct odd {
	int n, codec, count, last;
	int64_t ts, base, pid;
	int attributes, keyless; /* keyless: one bit a record */
	const char *records;     /* instead; a string */
	bool bad_crc;
};

static void put(char *p, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (char)(v >> (8 * (n - 1 - i)));
}

static void make(const struct odd *o, struct buf *out)
{
	struct kp_builder made = { 0 };
	struct buf plain = { 0 };
	for (int i = 0; i < o->n; i++)
		kp_builder_add(&made, o->ts + i, i < 32 && o->keyless >> i & 1 ? sl(NULL) : S("k"), S("v"), sl(NULL));
	kp_builder_end(&made, &plain);
	buf_add(out, plain.p, KP_BATCH_HEADER);
	struct slice records = o->records ? sl(o->records) : sl_of(plain.p + KP_BATCH_HEADER, plain.n - KP_BATCH_HEADER);
	if (o->records)
		buf_addsl(out, records);
	else
		ck_assert_int_eq(kp_deflate(o->codec, -1, records, out), 0);
	put(out->p, (uint64_t)o->base, 8);
	put(out->p + 8, out->n - 12, 4);
	put(out->p + 21, (uint64_t)(o->attributes | o->codec), 2);
	put(out->p + 23, (uint64_t)(o->last ? o->last : o->n - 1), 4);
	put(out->p + 43, (uint64_t)(o->pid ? o->pid : -1), 8);
	put(out->p + 57, (uint64_t)(o->count ? o->count : o->n), 4);
	kp_batch_seal(out->p, out->n);
	if (o->bad_crc)
		out->p[17] ^= 1;
	kp_builder_free(&made);
	buf_free(&plain);
}

static const struct {
	const char *name;
	struct odd odd;
	int version, code;
	bool early;
} rows[] = {
	{ "as it should be", { .n = 3 }, 8, 0, false },
	{ "compressed", { .n = 3, .codec = 1 }, 8, 0, false },
	{ "not gzip", { .n = 1, .codec = 1, .records = "notgzip" }, 8, KE_UNKNOWN_SERVER_ERROR, false },
	{ "not snappy", { .n = 1, .codec = 2, .records = "notsnappy" }, 8, KE_UNKNOWN_SERVER_ERROR, false },
	{ "not lz4", { .n = 1, .codec = 3, .records = "notlz4xxxxxxxxxxxxxxxxxxx" }, 8, KE_UNKNOWN_SERVER_ERROR, false },
	{ "not zstd", { .n = 1, .codec = 4, .records = "notzstdxxxxxxxxxxxxxxxxxxx" }, 8, KE_UNKNOWN_SERVER_ERROR, false },
	{ "zstd before its time", { .n = 1, .codec = 4 }, 6, KE_UNSUPPORTED_COMPRESSION_TYPE, true },
	{ "an unknown codec", { .n = 1, .attributes = 5 }, 8, KE_UNKNOWN_SERVER_ERROR, false },
	{ "one record as three", { .n = 1, .codec = 1, .count = 3, .last = 2 }, 8, KE_INVALID_RECORD, false },
	{ "three as one", { .n = 3, .codec = 1, .count = 1 }, 8, KE_INVALID_RECORD, false },
	{ "checksum", { .n = 3, .bad_crc = true }, 8, KE_CORRUPT_MESSAGE, true },
	{ "none", { .n = 0, .last = -1 }, 8, KE_INVALID_RECORD, false },
	{ "a negative count", { .n = 3, .count = -1 }, 8, KE_INVALID_RECORD, false },
	{ "a last offset beyond", { .n = 3, .last = 5 }, 8, KE_INVALID_RECORD, false },
	{ "a negative last offset", { .n = 3, .last = -3 }, 8, KE_INVALID_RECORD, false },
	{ "fewer told", { .n = 3, .count = 2, .last = 1 }, 8, KE_INVALID_RECORD, false },
	{ "more told", { .n = 3, .count = 4, .last = 3 }, 8, KE_INVALID_RECORD, false },
	{ "an offset of its own", { .n = 3, .base = 7 }, 8, KE_INVALID_RECORD, false },
	{ "control", { .n = 1, .attributes = KP_ATTR_CONTROL }, 8, KE_INVALID_RECORD, false },
	{ "a producer without sequence", { .n = 1, .pid = 5 }, 8, KE_INVALID_RECORD, false },
	{ "LogAppendTime said by the client", { .n = 1, .ts = 5, .attributes = KP_ATTR_LOG_TIME }, 8, 0, false },
	{ "attributes to come", { .n = 1, .attributes = 0x4000 }, 8, 0, false },
};

START_TEST(batches)
{
	struct kfk_rules r = rules();
	struct kfk_checked c;
	struct buf bytes = { 0 };
	make(&rows[_i].odd, &bytes);
	ck_assert(kfk_check(&r, rows[_i].version, buf_slice(&bytes), KP_INFLATED_MAX, &scratch, &c));
	ck_assert_msg(c.code == rows[_i].code && c.early == rows[_i].early, "%s: %d %d", rows[_i].name, c.code, c.early);
	ck_assert_msg(!c.why.p, "%s", rows[_i].name);
	if (!c.code)
		ck_assert_int_eq(c.b.attributes, rows[_i].odd.codec);
	kfk_checked_free(&c);
	buf_free(&bytes);
}
END_TEST

static void check(const struct kfk_rules *r, const struct odd *o, struct kfk_checked *c, struct buf *bytes)
{
	buf_reset(bytes);
	make(o, bytes);
	ck_assert(kfk_check(r, 8, buf_slice(bytes), KP_INFLATED_MAX, &scratch, c));
}

static void says(struct slice got, const char *want)
{
	ck_assert_msg(sl_eqs(got, want), "%.*s", SL(got));
}

START_TEST(records_that_are_refused)
{
	static const char keyless[] = "Compacted topic cannot accept message without key in topic partition t-0";
	struct kfk_rules r = rules();
	struct kfk_checked c;
	struct buf bytes = { 0 };
	r.compacted = true;
	check(&r, &(struct odd){ .n = 5, .keyless = 0x1b }, &c, &bytes);
	ck_assert_int_eq(c.code, KE_INVALID_RECORD);
	ck_assert_uint_eq(c.error_n, 4);
	ck_assert(c.errors[2].index == 3 && !c.early);
	says(c.errors[2].why, keyless);
	says(c.why, "One or more records have been rejected due to 4 record errors in total, and only showing the first three errors at most: ["
		    "RecordError(batchIndex=0, message='Compacted topic cannot accept message without key in topic partition t-0'), "
		    "RecordError(batchIndex=1, message='Compacted topic cannot accept message without key in topic partition t-0'), "
		    "RecordError(batchIndex=3, message='Compacted topic cannot accept message without key in topic partition t-0')]");
	kfk_checked_free(&c);
	r = rules();
	r.before_ms = r.after_ms = 1000;
	check(&r, &(struct odd){ .n = 2, .ts = 1000 }, &c, &bytes);
	ck_assert_int_eq(c.code, KE_INVALID_TIMESTAMP);
	says(c.errors[1].why, "Timestamp 1001 of message with offset 1 is out of range. The timestamp should be within [1699999999000, 1700000001000]");
	says(c.why, "One or more records have been rejected due to invalid timestamp");
	kfk_checked_free(&c);
	check(&r, &(struct odd){ .n = 1, .ts = -1 }, &c, &bytes); /* no time is never too old */
	ck_assert_int_eq(c.code, 0);
	kfk_checked_free(&c);
	r = rules();
	r.after_ms = 3600000;
	check(&r, &(struct odd){ .n = 1, .ts = now + 3600001 }, &c, &bytes);
	says(c.errors[0].why, "Timestamp 1700003600001 of message with offset 0 is out of range. The timestamp should be within [-9223370336854775807, 1700003600000]");
	kfk_checked_free(&c);
	r.append_time = true;
	check(&r, &(struct odd){ .n = 1, .ts = 1000, .attributes = KP_ATTR_LOG_TIME }, &c, &bytes);
	ck_assert_int_eq(c.code, KE_INVALID_TIMESTAMP);
	kfk_checked_free(&c);
	buf_free(&bytes);
}
END_TEST

START_TEST(kept_otherwise)
{
	struct buf bytes = { 0 }, plain = { 0 };
	struct kfk_checked c;
	for (int from = KP_NONE; from <= KP_ZSTD; from++) {
		for (int to = KP_NONE; to <= KP_ZSTD; to++) {
			struct kfk_rules r = rules();
			struct kp_batch b;
			struct kp_cursor cur;
			struct kp_record rec;
			int n = 0;
			r.codec = to;
			check(&r, &(struct odd){ .n = 50, .codec = from, .ts = 77 }, &c, &bytes);
			ck_assert_msg(c.code == 0 && c.b.attributes == to, "%d to %d: %d", from, to, c.code);
			ck_assert_int_eq(kp_batch_parse(c.b.bytes, &b), 0);
			ck_assert_int_eq(kp_cursor_open(&cur, &b, &plain), 0);
			while (kp_cursor_next(&cur, &rec))
				ck_assert(rec.ts == 77 + n && rec.offset == n && ++n);
			ck_assert(n == 50 && !cur.bad);
			kfk_checked_free(&c);
		}
	}
	buf_free(&bytes);
	buf_free(&plain);
}
END_TEST

START_TEST(append_time_and_sizes)
{
	struct kfk_rules r = rules();
	struct kfk_checked c;
	struct buf bytes = { 0 };
	r.append_time = true;
	check(&r, &(struct odd){ .n = 3, .ts = 1000 }, &c, &bytes);
	ck_assert(!c.code && c.b.attributes == KP_ATTR_LOG_TIME && c.b.max_ts == now && c.b.base_ts == 1000);
	kfk_checked_free(&c);
	r = rules();
	r.message_max = 80;
	check(&r, &(struct odd){ .n = 3 }, &c, &bytes);
	ck_assert(c.code == KE_MESSAGE_TOO_LARGE && c.early);
	kfk_checked_free(&c);
	r = rules();
	r.segment_max = 80;
	check(&r, &(struct odd){ .n = 3 }, &c, &bytes);
	ck_assert(c.code == KE_RECORD_LIST_TOO_LARGE && c.early);
	kfk_checked_free(&c);
	r = rules();
	check(&r, &(struct odd){ .n = 3, .codec = 1 }, &c, &bytes);
	kfk_checked_free(&c);
	ck_assert(!kfk_check(&r, 8, buf_slice(&bytes), 1000, &scratch, &c)); /* in a job */
	buf_free(&bytes);
}
END_TEST

START_TEST(frames)
{
	struct kfk_rules r = rules();
	struct kfk_checked c;
	struct buf one = { 0 }, two = { 0 };
	make(&(struct odd){ .n = 1 }, &one);
	buf_addsl(&two, buf_slice(&one));
	buf_addsl(&two, buf_slice(&one));
	const struct {
		struct slice records;
		int version, code;
	} all[] = {
		{ buf_slice(&two), 8, KE_INVALID_RECORD }, { sl_of(two.p, one.n + 9), 8, 0 },	{ sl_of(one.p, one.n - 3), 8, KE_INVALID_RECORD },
		{ S(""), 8, KE_INVALID_RECORD },	   { S("12345"), 8, KE_INVALID_RECORD }, { S(""), 2, 0 },
		{ sl_of(one.p, one.n - 3), 2, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		ck_assert(kfk_check(&r, all[i].version, all[i].records, KP_INFLATED_MAX, &scratch, &c));
		ck_assert_msg(c.code == all[i].code && c.early == (i != 1), "row %zu: %d", i, c.code);
		ck_assert(c.none == (i > 4));
		kfk_checked_free(&c);
	}
	one.p[16] = 3;
	ck_assert(kfk_check(&r, 8, buf_slice(&one), KP_INFLATED_MAX, &scratch, &c));
	ck_assert_int_eq(c.code, KE_CORRUPT_MESSAGE);
	says(c.why, "Invalid magic found in record: 3");
	kfk_checked_free(&c);
	buf_free(&one);
	buf_free(&two);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka check");
	TCase *c = tcase_create("batches");
	tcase_add_loop_test(c, batches, 0, (int)ARRAY_LEN(rows));
	tcase_add_test(c, records_that_are_refused);
	tcase_add_test(c, kept_otherwise);
	tcase_add_test(c, append_time_and_sizes);
	tcase_add_test(c, frames);
	suite_add_tcase(s, c);
	int rc = run_suite(s);
	buf_free(&scratch);
	return rc;
}
