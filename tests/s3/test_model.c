/* The model and codecs of S3 on a database in memory. */
#include "env.h"
#include "s3/s3.h"

static struct s3 s;
static struct arena a;

static void setup(void)
{
	struct error err;
	env_open("s3");
	memset(&s, 0, sizeof(s));
	s.env = &env;
	s.now_ms = 1767603600500;
	ck_assert_int_eq(s3_store_open(&s.store, &env, &err), 0);
}

static void teardown(void)
{
	s3_store_close(&s.store);
	arena_free(&a);
	env_close();
}

static void put(const char *key, const char *body)
{
	struct s3_content c;
	struct s3_put in = { .bucket = S("bkt"), .key = sl(key), .content = &c, .class = S("STANDARD"), .headers = S("content-type:x/y\n") };
	struct s3_fail f = { .arena = &a };
	struct s3_object o;
	s3_content_of(sl(body), S3_SUM_CRC64, S3_SUM_NONE, &c);
	ck_assert_int_eq(s3_put(&s, &in, &o, &f), 0);
}

static void make_bucket(void)
{
	struct s3_fail f = { .arena = &a };
	struct s3_bucket b = { .name = S("bkt"), .region = S("us-east-1") };
	ck_assert_int_eq(s3_bucket_make(&s, &b, &f), 0);
}

START_TEST(put_get_delete)
{
	struct s3_conditions none = { .modified_since_ms = -1, .unmodified_since_ms = -1 };
	struct s3_range all = { 0 };
	struct s3_fail f = { .arena = &a };
	struct s3_got got;
	struct buf body = { 0 };
	make_bucket();
	put("k", "hello");
	put("k", "world!");
	ck_assert_int_eq(s3_get(&s, S("bkt"), S("k"), sl(NULL), &none, &all, 0, &got, &f), 0);
	ck_assert_int_eq(s3_read(&s, &got.object, got.at, got.n, &body, &f), 0);
	ck_assert(sl_eqs(buf_slice(&body), "world!"));
	buf_free(&body);
	ck_assert(sl_eqs(s3_header_of(&got.object, "content-type"), "x/y"));
	ck_assert_int_eq(s3_bucket_drop(&s, S("bkt"), &f), ERR_CONFLICT);
	ck_assert_int_eq(s3_del(&s, S("bkt"), S("k"), sl(NULL), &f), 0);
	ck_assert_int_eq(s3_del(&s, S("bkt"), S("k"), sl(NULL), &f), 0);
	ck_assert_int_eq(s3_get(&s, S("bkt"), S("k"), sl(NULL), &none, &all, 0, &got, &f), ERR_NOT_FOUND);
	ck_assert_str_eq(f.err.def->code, "NoSuchKey");
	ck_assert_int_eq(s3_bucket_drop(&s, S("bkt"), &f), 0);
}
END_TEST

static const struct {
	const char *prefix, *delimiter, *after;
	int max;
	const char *want; /* entries with a blank between; "+" at the end: more */
} lists[] = {
	{ "", "", "", 10, "B _ a/1 a/2 b/c/1 b/d é" },
	{ "", "/", "", 10, "B _ a/ b/ é" },
	{ "", "/", "", 3, "B _ a/ +" },
	{ "", "/", "a/", 2, "b/ é" },
	{ "", "/", "a/1", 2, "b/ é" },
	{ "", "/", "", 5, "B _ a/ b/ é" },
	{ "b/", "/", "", 10, "b/c/ b/d" },
	{ "b/", "/", "b/c/", 10, "b/d" },
	{ "a/", "", "a/1", 10, "a/2" },
	{ "zz", "", "", 10, "" },
	{ "", "", "é", 10, "" },
	{ "", "", "", 0, "" },
	{ "a", "/2", "", 10, "a/1 a/2" },
};

START_TEST(listing)
{
	static const char *const keys[] = { "é", "b/d", "a/2", "_", "a/1", "B", "b/c/1" };
	struct s3_list in = { S("bkt"), sl(lists[_i].prefix), sl(lists[_i].delimiter), sl(lists[_i].after), lists[_i].max };
	struct s3_fail f = { .arena = &a };
	struct s3_page page;
	struct buf got = { 0 };
	make_bucket();
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		put(keys[i], "x");
	ck_assert_int_eq(s3_list(&s, &a, &in, &page, &f), 0);
	for (size_t i = 0; i < page.n; i++)
		buf_addf(&got, "%s%.*s", i ? " " : "", SL(page.entries[i].object.key));
	if (page.more)
		buf_adds(&got, " +");
	buf_addc(&got, 0);
	ck_assert_str_eq(got.p, lists[_i].want);
	buf_free(&got);
}
END_TEST

static const struct {
	enum s3_alg alg;
	const char *want;
} sums[] = {
	{ S3_SUM_CRC32, "cbf43926" },
	{ S3_SUM_CRC32C, "e3069283" },
	{ S3_SUM_CRC64, "ae8b14860a799888" },
};

START_TEST(check_values)
{
	struct s3_sum sum, left, right;
	char long_text[5000];
	struct buf hex = { 0 };
	s3_sum_of(sums[_i].alg, S("123456789"), &sum);
	buf_hex(&hex, sum.p, sum.n);
	buf_addc(&hex, 0);
	ck_assert_str_eq(hex.p, sums[_i].want);
	buf_free(&hex);
	for (size_t i = 0; i < sizeof(long_text); i++)
		long_text[i] = (char)(i * 31);
	for (size_t cut = 0; cut <= sizeof(long_text); cut += 1250) {
		s3_sum_of(sums[_i].alg, sl_of(long_text, sizeof(long_text)), &sum);
		s3_sum_of(sums[_i].alg, sl_of(long_text, cut), &left);
		s3_sum_of(sums[_i].alg, sl_of(long_text + cut, sizeof(long_text) - cut), &right);
		s3_sum_join(&left, &right, (int64_t)(sizeof(long_text) - cut));
		ck_assert(s3_sum_eq(&left, &sum));
	}
}
END_TEST

static const struct {
	const char *text;
	int kind;
	int64_t first, last;
} ranges[] = {
	{ "bytes=0-4", S3_RANGE_FROM_TO, 0, 4 }, { "bytes=7-", S3_RANGE_FROM_TO, 7, -1 }, { "bytes=-3", S3_RANGE_LAST, 3, -1 },
	{ "bytes=5-2", S3_RANGE_NONE, 0, 0 },    { "bytes=0-1,3-4", S3_RANGE_NONE, 0, 0 }, { "items=0-1", S3_RANGE_NONE, 0, 0 },
	{ "bytes=-", S3_RANGE_NONE, 0, 0 },      { "bytes=a-b", S3_RANGE_NONE, 0, 0 },
};

START_TEST(range)
{
	struct s3_range r = s3_parse_range(sl(ranges[_i].text));
	ck_assert_int_eq(r.kind, ranges[_i].kind);
	if (r.kind != S3_RANGE_NONE) {
		ck_assert_int_eq(r.first, ranges[_i].first);
		ck_assert_int_eq(r.last, ranges[_i].last);
	}
}
END_TEST

static const struct {
	const char *in;
	enum s3_chunk_result want;
} chunked[] = {
	{ "5\r\nhello\r\n0\r\n\r\n", S3_CHUNK_OK },
	{ "5;chunk-signature=x\r\nhello\r\n0;chunk-signature=y\r\n\r\n", S3_CHUNK_OK },
	{ "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", S3_CHUNK_OK },
	{ "5\r\nhello\r\n0\r\n", S3_CHUNK_OK },
	{ "5\r\nhel", S3_CHUNK_CUT },
	{ "5\r\nhello\r\n", S3_CHUNK_CUT },
	{ "", S3_CHUNK_CUT },
	{ "zz\r\nhello\r\n0\r\n\r\n", S3_CHUNK_BAD },
	{ "5\r\nhelloXX\r\n0\r\n\r\n", S3_CHUNK_BAD },
	{ "ffffffffffff\r\nhello", S3_CHUNK_CUT },
	{ "5\r\nhello\r\n0\r\nnocolon\r\n\r\n", S3_CHUNK_BAD },
};

START_TEST(chunks)
{
	struct s3_chunked out = { 0 };
	ck_assert_int_eq(s3_chunked_decode(&a, sl(chunked[_i].in), NULL, false, &out), chunked[_i].want);
	if (chunked[_i].want == S3_CHUNK_OK)
		ck_assert(sl_eqs(out.body, "hello"));
}
END_TEST

START_TEST(bucket_names)
{
	ck_assert(s3_bucket_name_ok(S("user-0affea73130b-bucket")));
	ck_assert(s3_bucket_name_ok(S("a.b")));
	ck_assert(!s3_bucket_name_ok(S("ab")));
	ck_assert(!s3_bucket_name_ok(S("-ab")));
	ck_assert(!s3_bucket_name_ok(S("Abc")));
	ck_assert(!s3_bucket_name_ok(S("a..b")));
	ck_assert(!s3_bucket_name_ok(S("10.0.0.1")));
	ck_assert(!s3_bucket_name_ok(S("")));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("s3");
	TCase *t = tcase_create("model");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, put_get_delete);
	tcase_add_loop_test(t, listing, 0, ARRAY_LEN(lists));
	tcase_add_loop_test(t, check_values, 0, ARRAY_LEN(sums));
	tcase_add_loop_test(t, range, 0, ARRAY_LEN(ranges));
	tcase_add_loop_test(t, chunks, 0, ARRAY_LEN(chunked));
	tcase_add_test(t, bucket_names);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
