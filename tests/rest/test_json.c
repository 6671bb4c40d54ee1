/* JSON as the proxy re-serialises it (checked against Jackson 2.14 on Java 17), its error texts, base64, and the model's
 * answers that no recording covers. */
#include "check_main.h"
#include <stdio.h>
#include <string.h>

#include "fake_log.h"
#include "java/jackson.h"
#include "rest/rest.h"

static struct arena a;

static void clean(void)
{
	arena_reset(&a);
}

static const struct {
	const char *label, *in, *out;
} values[] = {
	{ "key order stays", "{\"b\": 1, \"a\" : 2}", "{\"b\":1,\"a\":2}" },
	{ "last value, first place", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}" },
	{ "white space goes", " [ 1 ,\n\t2 ] ", "[1,2]" },
	{ "long integer", "123456789012345678901234567890", "123456789012345678901234567890" },
	{ "minus zero", "-0", "0" },
	{ "minus zero as double", "-0.0", "-0.0" },
	{ "whole double", "5.0", "5.0" },
	{ "trailing zeros", "1.500", "1.5" },
	{ "exponent", "1e5", "100000.0" },
	{ "ten million", "1e7", "1.0E7" },
	{ "below a thousandth", "0.00012", "1.2E-4" },
	{ "a thousandth", "0.001", "0.001" },
	{ "latitude", "-89.9787", "-89.9787" },
	{ "overflow", "1e400", "\"Infinity\"" },
	{ "beyond 2^53", "5.44144118315531e16", "5.4414411831553104E16" },
	{ "well beyond 2^53", "1.903680567676661e18", "1.90368056767666099E18" },
	{ "smallest", "4.9e-324", "4.9E-324" },
	{ "literals", "[true,false,null]", "[true,false,null]" },
	{ "escape becomes raw", "\"x\\u2026\"", "\"x\xe2\x80\xa6\"" },
	{ "raw stays raw", "\"\xc3\xa9\xe2\x82\xac\"", "\"\xc3\xa9\xe2\x82\xac\"" },
	{ "beyond the BMP is escaped", "\"\xf0\x9f\x98\x80\"", "\"\\uD83D\\uDE00\"" },
	{ "escaped pair", "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"" },
	{ "lone surrogate", "\"\\ud83dx\"", "\"\\uD83Dx\"" },
	{ "control characters", "\"\\u0001\\u001f\\b\\f\\n\\r\\t\"", "\"\\u0001\\u001F\\b\\f\\n\\r\\t\"" },
	{ "slash", "\"a\\/b\"", "\"a/b\"" },
	{ "quotes in a name", "{\"a\\\"b\":\"\\\\\"}", "{\"a\\\"b\":\"\\\\\"}" },
	{ "empty", "[{},[],\"\"]", "[{},[],\"\"]" },
};

START_TEST(test_value)
{
	struct rest_produce p = { 0 };
	struct rest_error e;
	char body[512];
	snprintf(body, sizeof(body), "{\"records\":[{\"value\":%s}]}", values[_i].in);
	ck_assert_msg(rest_parse_produce(&a, sl(body), REST_JSON, &p, &e) == 0, "%s", values[_i].label);
	ck_assert_uint_eq(p.record_n, 1);
	ck_assert_msg(sl_eqs(p.records[0].value, values[_i].out), "%s: %.*s", values[_i].label, SL(p.records[0].value));
	clean();
}
END_TEST

#define AT(col) "\n at [Source: (org.glassfish.jersey.message.internal.ReaderInterceptorExecutor$UnCloseableInputStream); " \
	"line: 1, column: " col "]"
#define REQ "io.confluent.kafkarest.entities.v2.ProduceRequest"
#define IN_RECORDS " (through reference chain: " REQ "[\"records\"]"
#define IN_RECORD IN_RECORDS "->java.util.ArrayList[0]"
#define IN_VALUE IN_RECORD "->" REQ "$ProduceRecord[\"value\"])"
#define VALUES "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

static const struct {
	const char *label, *body;
	int status;
	const char *message;
} errors[] = {
	{ "a bare row", "{\"ind\":7528,\"title\":\"x\"}", 422, "Unrecognized field: ind" },
	{ "unknown inside a record", "{\"foo\":1,\"records\":[{\"value\":1,\"bar\":2}]}", 422, "Unrecognized field: bar" },
	{ "unknown, then cut off", "{\"foo\":1,\"records\":[", 400,
	  "Unexpected end-of-input: expected close marker for Array (start marker at [Source: (org.glassfish.jersey.message."
	  "internal.ReaderInterceptorExecutor$UnCloseableInputStream); line: 1, column: 20])" AT("21") IN_RECORDS ")" },
	{ "no body", "", 500, "Internal Server Error" },
	{ "null", "null", 500, "Internal Server Error" },
	{ "a number", "5", 400,
	  "Cannot construct instance of `" REQ "` (although at least one Creator exists): no int/Int-argument "
	  "constructor/factory method to deserialize from Number value (5)" AT("1") },
	{ "null record", "{\"records\":[null]}", 400, "Cannot construct instance of `" REQ "`, problem: at index 0" AT("18") },
	{ "unquoted string", "{\"records\":[{\"value\":abc}]}", 400,
	  "Unrecognized token 'abc': was expecting " VALUES AT("26") IN_RECORD ")" },
	{ "leading zero", "{\"records\":[{\"value\":01}]}", 400,
	  "Invalid numeric value: Leading zeroes not allowed" AT("23") IN_RECORD ")" },
	{ "open string", "{\"records\":[{\"value\":\"abc", 400, "Unexpected end-of-input in VALUE_STRING" AT("26") IN_VALUE },
	{ "line feed in a string", "{\"records\":[{\"value\":\"a\nb\"}]}", 400,
	  "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string "
	  "value" AT("25") IN_VALUE },
	{ "missing comma", "{\"records\":[{\"value\":[1 2]}]}", 400,
	  "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries" AT("26") IN_VALUE },
	{ "wrong bracket", "{\"records\":[{\"value\":[1}]}", 400,
	  "Unexpected close marker '}': expected ']' (for Array starting at [Source: (org.glassfish.jersey.message.internal."
	  "ReaderInterceptorExecutor$UnCloseableInputStream); line: 1, column: 22])" AT("25") IN_VALUE },
};

START_TEST(test_error)
{
	struct rest_produce p = { 0 };
	struct rest_error e;
	ck_assert_int_eq(rest_parse_produce(&a, sl(errors[_i].body), REST_JSON, &p, &e), ERR_INVALID);
	ck_assert_msg(e.status == errors[_i].status, "%s: %d", errors[_i].label, e.status);
	ck_assert_msg(sl_eqs(e.message, errors[_i].message), "%s:\n%s\n%.*s", errors[_i].label, errors[_i].message,
		      SL(e.message));
	ck_assert_int_eq(e.plain, e.status == 400);
	clean();
}
END_TEST

START_TEST(test_base64)
{
	struct slice s;
	ck_assert(rest_base64(&a, S("S2Fma2E="), &s) && sl_eqs(s, "Kafka"));
	ck_assert(rest_base64(&a, S("S2Fma2E"), &s) && sl_eqs(s, "Kafka"));
	ck_assert(rest_base64(&a, S(""), &s) && s.n == 0 && s.p);
	ck_assert(!rest_base64(&a, S("A"), &s));
	ck_assert(!rest_base64(&a, S("!!!"), &s));
	ck_assert(!rest_base64(&a, S("AA=A"), &s));
	clean();
}
END_TEST

START_TEST(test_deep_nesting_is_refused)
{
	enum { N = 100000 };
	struct rest_produce p = { 0 };
	struct rest_error e;
	struct buf b = { 0 };
	buf_adds(&b, "{\"records\":[{\"value\":");
	for (int i = 0; i < N; i++)
		buf_addc(&b, '[');
	ck_assert_int_eq(rest_parse_produce(&a, buf_slice(&b), REST_JSON, &p, &e), ERR_INVALID);
	ck_assert_int_eq(e.status, 500);
	buf_free(&b);
	clean();
}
END_TEST

START_TEST(test_many_names)
{
	enum { N = 20000 };
	struct rest_produce p = { 0 };
	struct rest_error e;
	struct buf b = { 0 };
	buf_adds(&b, "{\"records\":[{\"value\":{");
	for (int i = 0; i < N; i++)
		buf_addf(&b, "%s\"k%d\":%d", i ? "," : "", i % (N / 2), i);
	buf_adds(&b, "}}]}");
	ck_assert_int_eq(rest_parse_produce(&a, buf_slice(&b), REST_JSON, &p, &e), 0);
	ck_assert(sl_starts(p.records[0].value, S("{\"k0\":10000,\"k1\":10001,")));
	ck_assert(sl_ends(p.records[0].value, S("\"k9999\":19999}")));
	buf_free(&b);
	clean();
}
END_TEST

/* What new java.util.HashMap gives for these names (Java 17). */
START_TEST(test_java_order)
{
	struct slice n[] = { S("0affea73130b.pin"), S("0affea73130b.geo"), S("0affea73130b.user"), S("a"), S("t1"), S("zz") };
	static const char *const want[] = { "zz", "a", "0affea73130b.geo", "0affea73130b.user", "t1", "0affea73130b.pin" };
	rest_java_order(&a, n, ARRAY_LEN(n));
	for (size_t i = 0; i < ARRAY_LEN(n); i++)
		ck_assert_msg(sl_eqs(n[i], want[i]), "%zu: %.*s, want %s", i, SL(n[i]), want[i]);
	clean();
}
END_TEST

struct seen {
	int status, n;
	const char *type;
	char body[2048];
};

static void keep(struct rest_call *c)
{
	struct seen *s = c->arg;
	s->n++;
	s->status = c->status;
	s->type = c->type;
	snprintf(s->body, sizeof(s->body), "%.*s", SL(buf_slice(&c->body)));
	buf_free(&c->body);
}

static void at_once(struct rest *r, int64_t ms, void (*fn)(void *arg), void *arg)
{
	fn(arg);
}

static struct seen ask(struct fake_log *log, const char *method, const char *path, const char *type, const char *accept,
		       struct slice body)
{
	struct http_header h[2] = { { S("Content-Type"), sl(type) }, { S("accept"), sl(accept) } };
	const struct env env = { .loop = loop_new() };
	struct rest r = { .env = &env, .log = &log->port, .after = at_once };
	struct seen s = { 0 };
	struct http_req req = { .arena = &a, .method = sl(method), .target = sl(path), .path = sl(path), .headers = type ? h : h + 1,
				.header_n = (type != NULL) + (accept != NULL), .body = body, .trace = "t-7", .now_ms = 5 };
	struct rest_call c = { .r = &r, .req = &req, .done = keep, .arg = &s };
	rest_serve(&c);
	for (int turn = 0; turn < 5000 && loop_pending(env.loop); turn++) /* a large body is read in a job */
		loop_turn(env.loop, 5);
	fake_log_run(log);
	ck_assert_int_eq(s.n, 1);
	loop_free(env.loop);
	return s;
}

#define V2 "application/vnd.kafka.v2+json"
#define KJ "application/vnd.kafka.json.v2+json"

static const struct {
	const char *method, *path, *type, *accept;
	int status;
	const char *answer_type;
} wants[] = {
	{ "GET", "/topics", NULL, "application/vnd.kafka.v2+json; q=0.9, application/json; q=0.5", 200, V2 },
	{ "GET", "/topics", NULL, "text/html, application/*;q=0.1", 200, V2 },
	{ "GET", "/topics", NULL, "application/vnd.kafka.v2+json;q=0", 406, NULL },
	{ "GET", "/topics", NULL, "nonsense", 400, NULL },
	{ "GET", "/topics/", NULL, NULL, 200, V2 },
	{ "HEAD", "/topics", NULL, NULL, 200, V2 },
	{ "OPTIONS", "/topics", NULL, NULL, 200, NULL },
	{ "GET", "/topics/t/x", NULL, NULL, 404, NULL },
	{ "POST", "/topics", KJ, NULL, 405, NULL },
	{ "GET", "/consumers/students", NULL, NULL, 405, NULL },
	{ "GET", "/v3/clusters", NULL, NULL, 500, "application/json" }, /* nobody answers */
	{ "GET", "/v3/clusters", NULL, "text/html", 406, NULL },
	{ "GET", "/v3/clusters/x/nope", NULL, NULL, 404, NULL },
	{ "POST", "/v3/clusters/x/topics", "text/plain", NULL, 415, "application/json" },
	{ "POST", "/topics/t", "application/vnd.kafka.v2+json", V2, 415, V2 },
	{ "POST", "/topics/t", "APPLICATION/vnd.kafka.JSON.v2+json;charset=utf-8", NULL, 200, V2 },
	{ "POST", "/topics/t/partitions/x", KJ, NULL, 404, V2 },
	{ "GET", "/topics/t/partitions/-1", NULL, NULL, 404, V2 },
	{ "GET", "/topics/bad%20name", NULL, NULL, 500, V2 },
};

START_TEST(test_negotiation)
{
	struct fake_log log;
	struct seen s;
	fake_log_init(&log);
	(void)fake_log_topic(&log, S("t"), 1);
	s = ask(&log, wants[_i].method, wants[_i].path, wants[_i].type, wants[_i].accept, S("{\"records\":[{\"value\":1}]}"));
	ck_assert_msg(s.status == wants[_i].status && sl_eq(sl(s.type), sl(wants[_i].answer_type)), "%s %s: %d %s %s",
		      wants[_i].method, wants[_i].path, s.status, s.type, s.body);
	fake_log_free(&log);
	clean();
}
END_TEST

/* The records in front of an impossible one have left for the broker when the proxy stumbles over it. */
START_TEST(test_negative_partition_after_good_record)
{
	struct fake_log log;
	struct seen s;
	fake_log_init(&log);
	s = ask(&log, "POST", "/topics/t", KJ, NULL, S("{\"records\":[{\"value\":1},{\"value\":2,\"partition\":-1},{\"value\":3}]}"));
	ck_assert_int_eq(s.status, 500);
	ck_assert_uint_eq(log.record_n, 1);
	fake_log_free(&log);
	clean();
}
END_TEST

START_TEST(test_record_carries_trace_and_time)
{
	struct fake_log log;
	fake_log_init(&log);
	(void)ask(&log, "POST", "/topics/t", KJ, NULL, S("{\"records\":[{\"key\":\"k\",\"value\":1}]}"));
	ck_assert(sl_eqs(log.records[0].trace, "t-7"));
	ck_assert(sl_eqs(log.records[0].key, "\"k\""));
	ck_assert_int_eq(log.records[0].timestamp_ms, 5);
	fake_log_free(&log);
	clean();
}
END_TEST

START_TEST(test_too_large_record)
{
	struct fake_log log;
	struct seen s;
	struct buf b = { 0 };
	fake_log_init(&log);
	buf_adds(&b, "{\"records\":[{\"value\":\"");
	for (int i = 0; i < 1048576; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\"},{\"value\":1}]}");
	s = ask(&log, "POST", "/topics/t", KJ, NULL, buf_slice(&b));
	ck_assert_int_eq(s.status, 200);
	ck_assert_str_eq(s.body, "{\"offsets\":[{\"partition\":null,\"offset\":null,\"error_code\":50002,\"error\":\"The message is "
				 "1048666 bytes when serialized which is larger than 1048576, which is the value of the "
				 "max.request.size configuration.\"},{\"partition\":0,\"offset\":0,\"error_code\":null,\"error\":"
				 "null}],\"key_schema_id\":null,\"value_schema_id\":null}");
	buf_free(&b);
	fake_log_free(&log);
	clean();
}
END_TEST

START_TEST(test_broker_down)
{
	struct fake_log log;
	struct seen s;
	fake_log_init(&log);
	log.down = true;
	s = ask(&log, "GET", "/topics", NULL, NULL, S(""));
	ck_assert_int_eq(s.status, 500);
	s = ask(&log, "POST", "/topics/t", KJ, NULL, S("{\"records\":[{\"value\":1}]}"));
	ck_assert_int_eq(s.status, 200);
	ck_assert_ptr_nonnull(strstr(s.body, "\"error_code\":50003"));
	log.down = false;
	log.fail_with = 10;
	s = ask(&log, "POST", "/topics/t", KJ, NULL, S("{\"records\":[{\"value\":1}]}"));
	ck_assert_ptr_nonnull(strstr(s.body, "\"error_code\":50002"));
	fake_log_free(&log);
	clean();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rest json");
	TCase *t = tcase_create("json"), *m = tcase_create("proxy");
	int failed;
	tcase_add_loop_test(t, test_value, 0, (int)ARRAY_LEN(values));
	tcase_add_loop_test(t, test_error, 0, (int)ARRAY_LEN(errors));
	tcase_add_test(t, test_base64);
	tcase_add_test(t, test_deep_nesting_is_refused);
	tcase_add_test(t, test_many_names);
	tcase_add_test(m, test_java_order);
	tcase_add_loop_test(m, test_negotiation, 0, (int)ARRAY_LEN(wants));
	tcase_add_test(m, test_negative_partition_after_good_record);
	tcase_add_test(m, test_record_carries_trace_and_time);
	tcase_add_test(m, test_too_large_record);
	tcase_add_test(m, test_broker_down);
	suite_add_tcase(s, t);
	suite_add_tcase(s, m);
	failed = run_suite(s);
	arena_free(&a);
	return failed;
}
