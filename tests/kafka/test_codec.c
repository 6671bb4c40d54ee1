/* Bytes: primitive types, checksums, decompression, record batches and message sets; whole, cut and hostile. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "kafka/kafka.h"

static const struct slice none;

/* ---- primitive types ---- */

static const struct {
	int64_t v;
	const char *bytes;
	size_t n;
} varints[] = {
	{ 0, "\x00", 1 },
	{ -1, "\x01", 1 },
	{ 1, "\x02", 1 },
	{ 63, "\x7e", 1 },
	{ -64, "\x7f", 1 },
	{ 64, "\x80\x01", 2 },
	{ -65, "\x81\x01", 2 },
	{ 8191, "\xfe\x7f", 2 },
	{ 8192, "\x80\x80\x01", 3 },
	{ INT32_MAX, "\xfe\xff\xff\xff\x0f", 5 },
	{ INT32_MIN, "\xff\xff\xff\xff\x0f", 5 },
	{ INT64_MAX, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10 },
	{ INT64_MIN, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10 },
};

START_TEST(varint)
{
	struct buf b = { 0 };
	buf_varint(&b, varints[_i].v);
	ck_assert_uint_eq(b.n, varints[_i].n);
	ck_assert_mem_eq(b.p, varints[_i].bytes, b.n);
	for (size_t n = 0; n <= b.n; n++) {
		struct rd r = rd_of(varints[_i].bytes, n);
		int64_t v = rd_varint(&r);
		ck_assert_int_eq(r.bad, n < b.n);
		ck_assert(r.bad || v == varints[_i].v);
	}
	buf_free(&b);
}
END_TEST

START_TEST(varint_without_end)
{
	struct rd r = rd_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
	(void)rd_varint(&r);
	ck_assert(r.bad);
}
END_TEST

static const struct {
	const char *label, *bytes;
	size_t n;
	bool flex, bad;
	struct slice s;
} strings[] = {
	{ "old", "\0\2ab", 4, false, false, { "ab", 2 } },
	{ "old, empty", "\0\0", 2, false, false, { "", 0 } },
	{ "old, null", "\xff\xff", 2, false, false, { 0 } },
	{ "old, cut", "\0\3ab", 4, false, true, { 0 } },
	{ "old, no length", "\0", 1, false, true, { 0 } },
	{ "flexible", "\3ab", 3, true, false, { "ab", 2 } },
	{ "flexible, empty", "\1", 1, true, false, { "", 0 } },
	{ "flexible, null", "\0", 1, true, false, { 0 } },
	{ "flexible, cut", "\4ab", 3, true, true, { 0 } },
	{ "flexible, 4 GiB", "\xff\xff\xff\xff\x0f""ab", 7, true, true, { 0 } },
};

/* A message that begins with such a string. */
START_TEST(string)
{
	struct kp_init_producer_id_req req;
	struct arena arena = { 0 };
	struct buf in = { 0 }, out = { 0 };
	bool flex = strings[_i].flex, read;
	buf_add(&in, strings[_i].bytes, strings[_i].n);
	if (!strings[_i].bad)
		buf_add(&in, "\0\0\0\1", flex ? 5 : 4); /* a number, and no tagged fields */
	struct rd r = rd_of(in.p, in.n);
	read = kp_read(&kp_init_producer_id_req_table, flex ? 2 : 0, flex, &r, &arena, &req);
	ck_assert_msg(read == !strings[_i].bad, "%s", strings[_i].label);
	if (read) { /* and back */
		struct slice s = req.transactional_id;
		ck_assert_msg(!s.p == !strings[_i].s.p && sl_eq(s, strings[_i].s), "%s", strings[_i].label);
		kp_write(&kp_init_producer_id_req_table, flex ? 2 : 0, flex, &req, &out);
		ck_assert_uint_eq(out.n, in.n);
		ck_assert_mem_eq(out.p, in.p, out.n);
	}
	buf_free(&in);
	buf_free(&out);
	arena_free(&arena);
}
END_TEST

/* How many topics a request has that is these bytes; -2: it can't be read. left: bytes behind it. */
static int topics_in(const char *bytes, size_t n, bool flex, size_t *left)
{
	struct kp_describe_log_dirs_req req;
	struct arena arena = { 0 };
	struct rd r = rd_of(bytes, n);
	bool read = kp_read(&kp_describe_log_dirs_req_table, flex ? 2 : 1, flex, &r, &arena, &req);
	int topics = read ? req.topic_n : -2;
	*left = r.n;
	arena_free(&arena);
	return topics;
}

START_TEST(arrays)
{
	size_t left;
	ck_assert_int_eq(topics_in("\xff\xff\xff\xff", 4, false, &left), -1);
	ck_assert_int_eq(topics_in("\0\0\0\0", 4, false, &left), 0);
	ck_assert_int_eq(topics_in("\0\0", 2, true, &left), -1);
	ck_assert_int_eq(topics_in("\1\0", 2, true, &left), 0);
	ck_assert_int_eq(topics_in("\0\0\0\1\0\1t\0\0\0\0", 11, false, &left), 1);
	ck_assert_int_eq(topics_in("\x7f\xff\xff\xff" "abc", 7, false, &left), -2); /* more elements than bytes */
}
END_TEST

START_TEST(tagged_fields)
{
	size_t left;
	ck_assert_int_eq(topics_in("\1\2\0\1x\7\2yz!", 10, true, &left), 0);
	ck_assert_uint_eq(left, 1);
	ck_assert_int_eq(topics_in("\1\2\0\1x\7\2y", 8, true, &left), -2);
	ck_assert_int_eq(topics_in("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, true, &left), -2);
	ck_assert_int_eq(topics_in("\0\0\0\0\2", 5, false, &left), 0); /* none in the old encoding */
	ck_assert_uint_eq(left, 1);
}
END_TEST

START_TEST(request_header)
{
	static const char metadata[] = "\0\3\0\1\0\0\0\7\0\3cli\0\0\0\0";
	static const char flexible[] = "\0\3\0\x9\0\0\0\7\0\3cli\0\1\1";
	struct kp_header h;
	struct rd r = rd_of(metadata, sizeof(metadata) - 1);
	ck_assert(kp_header_read(&r, &h));
	ck_assert_int_eq(h.key, 3);
	ck_assert_int_eq(h.version, 1);
	ck_assert_int_eq(h.correlation, 7);
	ck_assert(sl_eqs(h.client, "cli"));
	ck_assert(!h.flex);
	ck_assert_uint_eq(r.n, 4);
	r = rd_of(flexible, sizeof(flexible) - 1);
	ck_assert(kp_header_read(&r, &h));
	ck_assert(h.flex);
	ck_assert(sl_eqs(h.client, "cli")); /* of the old encoding in both headers */
	ck_assert_uint_eq(r.n, 2);
	for (size_t n = 0; n < 13; n++) {
		r = rd_of(metadata, n);
		ck_assert(!kp_header_read(&r, &h));
	}
	r = rd_of("\3\xe7\0\0\0\0\0\7\xff\xff", 10); /* API 999 */
	ck_assert(!kp_header_read(&r, &h));
}
END_TEST

/* Every message in every version: at its defaults it is written, read back and written the same. */
START_TEST(tables)
{
	size_t n;
	const struct kp_api *apis = kp_apis(&n);
	for (size_t i = 0; i < 2 * n; i++) {
		const struct kp_api *api = &apis[i / 2];
		const struct kp_table *t = i % 2 ? api->response : api->request;
		for (int16_t v = api->min; v <= api->max; v++) {
			struct arena a = { 0 };
			struct buf once = { 0 }, twice = { 0 };
			void *made = arena_alloc(&a, t->size), *back = arena_alloc(&a, t->size);
			kp_init(t, made);
			kp_write(t, v, v >= api->flex, made, &once);
			struct rd r = rd_of(once.p, once.n);
			ck_assert_msg(kp_read(t, v, v >= api->flex, &r, &a, back) && !r.n, "%s version %d", t->name, v);
			kp_write(t, v, v >= api->flex, back, &twice);
			ck_assert(sl_eq(buf_slice(&once), buf_slice(&twice)));
			buf_free(&once);
			buf_free(&twice);
			arena_free(&a);
		}
	}
}
END_TEST

/* ---- checksums and codecs ---- */

/* RFC 3720, B.4. */
START_TEST(crc32c)
{
	uint8_t p[32];
	ck_assert_uint_eq(kp_crc32c(0, "123456789", 9), 0xe3069283);
	ck_assert_uint_eq(kp_crc32c(0, "", 0), 0);
	memset(p, 0, sizeof(p));
	ck_assert_uint_eq(kp_crc32c(0, p, sizeof(p)), 0x8a9136aa);
	memset(p, 0xff, sizeof(p));
	ck_assert_uint_eq(kp_crc32c(0, p, sizeof(p)), 0x62a8ab43);
	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)i;
	ck_assert_uint_eq(kp_crc32c(0, p, sizeof(p)), 0x46dd794e);
	ck_assert_uint_eq(kp_crc32c(kp_crc32c(0, p, 13), p + 13, 19), 0x46dd794e);
}
END_TEST

/* The same text by gzip(1), as a snappy block (by hand, from the format's description), framed as snappy-java does, by
 * lz4(1) and zstd(1). */
static const char text[] = "hello hello hello hello\n";
static const struct {
	int codec;
	size_t n;
	const char *bytes;
} packed[] = {
	{ KP_GZIP, 29, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\xb9\x00\x00\x88\x59\x0b\x18\x00\x00\x00" },
	{ KP_SNAPPY, 13, "\x18\x14hello \x42\x06\x00\x00\n" },
	{ KP_SNAPPY, 33, "\x82SNAPPY\0\0\0\0\1\0\0\0\1\0\0\0\x0d\x18\x14hello \x42\x06\x00\x00\n" },
	{ KP_LZ4, 34, "\x04\x22\x4d\x18\x64\x40\xa7\x0f\x00\x00\x00\x69\x68\x65\x6c\x6c\x6f\x20\x06\x00\x50\x65\x6c\x6c\x6f\x0a\x00\x00\x00\x00"
		       "\xe2\xff\x03\x42" },
	{ KP_ZSTD, 26, "\x28\xb5\x2f\xfd\x04\x58\x6d\x00\x00\x38\x68\x65\x6c\x6c\x6f\x20\x0a\x01\x00\x99\x4b\x11\xa8\x7c\x2e\xa8" },
};

START_TEST(inflates)
{
	struct buf out = { 0 };
	ck_assert_int_eq(kp_inflate(packed[_i].codec, sl_of(packed[_i].bytes, packed[_i].n), &out), 0);
	ck_assert(sl_eqs(buf_slice(&out), text));
	for (size_t n = 0; n < packed[_i].n; n++) { /* cut: an error, or (between two snappy-java blocks) less text */
		buf_reset(&out);
		ck_assert_msg(kp_inflate(packed[_i].codec, sl_of(packed[_i].bytes, n), &out) || !out.n, "row %d, cut at %zu", _i, n);
	}
	buf_free(&out);
}
END_TEST

START_TEST(refuses_nonsense)
{
	struct buf out = { 0 };
	ck_assert_int_ne(kp_inflate(KP_LZ4, S(""), &out), 0);
	ck_assert_int_ne(kp_inflate(KP_ZSTD, S(""), &out), 0);
	ck_assert_int_ne(kp_inflate(KP_GZIP, S("not gzip"), &out), 0);
	ck_assert_int_ne(kp_inflate(KP_LZ4, S("not lz4"), &out), 0);
	ck_assert_int_ne(kp_inflate(KP_ZSTD, S("not zstd"), &out), 0);
	ck_assert_int_ne(kp_inflate(KP_SNAPPY, S("\xff\xff\xff\xff\x0f"), &out), 0);
	ck_assert_int_eq(kp_inflate(5, S(""), &out), ERR_UNSUPPORTED);
	buf_free(&out);
}
END_TEST

/* ---- record batches ---- */

static struct slice batch_of_three(struct buf *out)
{
	struct kp_builder b = { 0 };
	kp_builder_add(&b, 1000, S("k"), S("v"), S("t-1"));
	kp_builder_add(&b, 900, none, S(""), none);
	kp_builder_add(&b, 1100, S(""), none, none);
	kp_builder_end(&b, out);
	kp_builder_free(&b);
	return buf_slice(out);
}

static void seal(struct buf *b) /* a right checksum after a change */
{
	uint32_t crc = kp_crc32c(0, b->p + 21, b->n - 21);
	for (int i = 0; i < 4; i++)
		b->p[17 + i] = (char)(crc >> (24 - 8 * i));
}

START_TEST(batch_round_trip)
{
	struct buf bytes = { 0 }, plain = { 0 };
	struct kp_batch b;
	struct kp_cursor cur;
	struct kp_record r;
	ck_assert_int_eq(kp_batch_parse(batch_of_three(&bytes), &b), KE_NONE);
	ck_assert_int_eq(b.count, 3);
	ck_assert_int_eq(b.last_delta, 2);
	ck_assert_int_eq((int)b.base_ts, 1000);
	ck_assert_int_eq((int)b.max_ts, 1100);
	ck_assert_int_eq((int)b.pid, -1);
	b.base_offset = 40;
	ck_assert_int_eq(kp_cursor_open(&cur, &b, &plain), 0);
	ck_assert(kp_cursor_next(&cur, &r));
	ck_assert(r.offset == 40 && r.ts == 1000 && sl_eqs(r.key, "k") && sl_eqs(r.value, "v") && sl_eqs(r.trace, "t-1"));
	ck_assert(kp_cursor_next(&cur, &r));
	ck_assert(r.offset == 41 && r.ts == 900 && !r.key.p && r.value.p && !r.value.n && !r.trace.p);
	ck_assert(kp_cursor_next(&cur, &r));
	ck_assert(r.offset == 42 && r.ts == 1100 && r.key.p && !r.key.n && !r.value.p);
	ck_assert(!kp_cursor_next(&cur, &r));
	ck_assert(!cur.bad);
	buf_free(&bytes);
	buf_free(&plain);
}
END_TEST

START_TEST(batch_cut_anywhere)
{
	struct buf bytes = { 0 };
	struct kp_batch b;
	struct slice whole = batch_of_three(&bytes);
	for (size_t n = 0; n < whole.n; n++)
		ck_assert_int_eq(kp_batch_parse(sl_of(whole.p, n), &b), KE_CORRUPT_MESSAGE);
	buf_free(&bytes);
}
END_TEST

START_TEST(batch_any_bit_wrong)
{
	struct buf bytes = { 0 };
	struct kp_batch b;
	struct slice whole = batch_of_three(&bytes);
	for (size_t at = 8; at < whole.n; at++) {
		if (at >= 12 && at < 16)
			continue; /* leader epoch: before the checksum, the broker's own */
		for (int bit = 0; bit < 8; bit++) {
			bytes.p[at] = (char)(bytes.p[at] ^ 1 << bit);
			ck_assert_int_ne(kp_batch_parse(whole, &b), KE_NONE);
			bytes.p[at] = (char)(bytes.p[at] ^ 1 << bit);
		}
	}
	ck_assert_int_eq(kp_batch_parse(whole, &b), KE_NONE);
	buf_free(&bytes);
}
END_TEST

/* Records that are not what the header says, under a right checksum. */
START_TEST(batch_of_nonsense)
{
	static const struct {
		size_t at;
		uint8_t v;
	} changes[] = { { 60, 2 }, { 60, 4 }, { 61, 0x7e }, { 61, 1 }, { 61, 0xff }, { 64, 9 }, { 65, 0x70 }, { 67, 0x70 }, { 69, 0x10 },
			{ 69, 3 }, { 70, 0x7e } };
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct buf bytes = { 0 }, plain = { 0 };
		struct kp_batch b;
		struct kp_cursor cur;
		struct kp_record r;
		batch_of_three(&bytes);
		bytes.p[changes[i].at] = (char)changes[i].v;
		seal(&bytes);
		ck_assert_int_eq(kp_batch_parse(buf_slice(&bytes), &b), KE_NONE);
		ck_assert_int_eq(kp_cursor_open(&cur, &b, &plain), 0);
		while (kp_cursor_next(&cur, &r))
			;
		ck_assert_msg(cur.bad, "change %zu", i);
		buf_free(&bytes);
		buf_free(&plain);
	}
}
END_TEST

START_TEST(old_formats)
{
	struct buf bytes = { 0 }, set = { 0 }, again = { 0 };
	struct kp_builder made = { 0 };
	struct kp_batch b;
	int codec;
	ck_assert_int_eq(kp_batch_parse(batch_of_three(&bytes), &b), KE_NONE);
	for (int magic = 0; magic <= 1; magic++) {
		buf_reset(&set);
		ck_assert_int_eq(kp_message_set_write(&b, magic, 0, &set), 0);
		ck_assert_int_eq(kp_batch_parse(buf_slice(&set), &(struct kp_batch){ 0 }), KE_UNSUPPORTED_FOR_MESSAGE_FORMAT);
		ck_assert_int_eq(kp_message_set_read(buf_slice(&set), KFK_MESSAGE_MAX, &made, &codec), KE_NONE);
		ck_assert_int_eq(made.count, 3);
		ck_assert_int_eq((int)made.max_ts, magic ? 1100 : -1);
		buf_reset(&again);
		kp_builder_end(&made, &again);
		for (size_t n = 1; n < set.n; n++) { /* cut: what is whole counts, as it does to Kafka */
			ck_assert_int_eq(kp_message_set_read(sl_of(set.p, n), KFK_MESSAGE_MAX, &made, &codec), KE_NONE);
			ck_assert(made.count < 3);
			buf_reset(&again);
			kp_builder_end(&made, &again);
		}
		set.p[set.n - 1] ^= 1;
		ck_assert_int_eq(kp_message_set_read(buf_slice(&set), KFK_MESSAGE_MAX, &made, &codec), KE_CORRUPT_MESSAGE);
		made.count = 0;
	}
	kp_builder_free(&made);
	buf_free(&bytes);
	buf_free(&set);
	buf_free(&again);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka bytes");
	TCase *t = tcase_create("wire");

	tcase_add_loop_test(t, varint, 0, (int)ARRAY_LEN(varints));
	tcase_add_test(t, varint_without_end);
	tcase_add_loop_test(t, string, 0, (int)ARRAY_LEN(strings));
	tcase_add_test(t, arrays);
	tcase_add_test(t, tagged_fields);
	tcase_add_test(t, request_header);
	tcase_add_test(t, tables);
	suite_add_tcase(s, t);
	t = tcase_create("codecs");
	tcase_add_test(t, crc32c);
	tcase_add_loop_test(t, inflates, 0, (int)ARRAY_LEN(packed));
	tcase_add_test(t, refuses_nonsense);
	suite_add_tcase(s, t);
	t = tcase_create("batches");
	tcase_add_test(t, batch_round_trip);
	tcase_add_test(t, batch_cut_anywhere);
	tcase_add_test(t, batch_any_bit_wrong);
	tcase_add_test(t, batch_of_nonsense);
	tcase_add_test(t, old_formats);
	suite_add_tcase(s, t);
	return run_suite(s);
}
