/* The users' Kinesis API over a stream port that keeps what it was asked: which action, which JSON, what comes back. */
#include <arpa/inet.h>
#include <jansson.h>
#include <sys/socket.h>

#include "apigateway/apigateway.h"
#include "core/stack.h"
#include "env.h"

static struct gateway g;
static char asked_action[64], asked_json[65536];
static int answer_status;
static const char *answer_body;

/* Answers never before the call returns, as ports must. */
static struct owed owed;
static stream_cb waiting;
static void *waiting_arg;

static void nothing(struct owed *o)
{
}

static void answer(struct owed *o)
{
	waiting(waiting_arg, answer_status, sl(answer_body), NULL);
}

static struct owed *stream_call(void *self, struct slice region, struct slice action, struct slice json, struct slice trace, stream_cb cb, void *arg)
{
	snprintf(asked_action, sizeof(asked_action), "%.*s", SL(action));
	snprintf(asked_json, sizeof(asked_json), "%.*s", SL(json));
	waiting = cb;
	waiting_arg = arg;
	owed_init(&owed, NULL, nothing);
	owed_soon(&owed, env.loop, answer);
	return &owed;
}

static void setup(void)
{
	struct stack_files *files;
	struct error err = { 0 };
	ck_assert_int_eq(stack_open("fixtures/pinterest", &files, &err), 0);
	env_open("apigateway");
	conf_set(env_conf, "apigateway", "api", "apigateway/kafka-rest.json, apigateway/kinesis.json");
	conf_set(env_conf, "apigateway", "stages", "prod,test");
	env.files = files;
	env_ports.stream = (struct stream){ .self = &g, .call = stream_call };
	env_serve(&apigateway_service, &g);
	answer_status = 200;
	answer_body = "{}";
	asked_action[0] = asked_json[0] = 0;
}

static void teardown(void)
{
	struct stack_files *files = (struct stack_files *)env.files;
	env_close();
	stack_close(files);
}

/* One request; the whole answer. */
static const char *ask(const char *method, const char *path, const char *type, const char *body)
{
	static char got[65536];
	char sent[65536];
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)env_port()) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t n = 0;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	n = (size_t)snprintf(sent, sizeof(sent), "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", method,
			     path, type, strlen(body), body);
	ck_assert_int_eq(send(fd, sent, n, 0), (ssize_t)n);
	n = 0;
	for (int i = 0; i < 5000; i++) {
		loop_turn(env.loop, 1);
		ssize_t r = recv(fd, got + n, sizeof(got) - n - 1, MSG_DONTWAIT);
		if (r > 0)
			n += (size_t)r;
		got[n] = 0;
		if (r == 0)
			break;
	}
	close(fd);
	return got;
}

#define JSON "application/json"
static const struct {
	const char *method, *path, *body, *action, *json; /* json: what Kinesis gets, as JSON */
} calls[] = {
	{ "GET", "/prod/streams", "", "ListStreams", "{}" },
	{ "GET", "/test/streams?Limit=3", "{}", "ListStreams", "{}" },
	{ "GET", "/prod/streams/streaming-0affea73130b-pin", "", "DescribeStream", "{\"StreamName\":\"streaming-0affea73130b-pin\"}" },
	{ "POST", "/prod/streams/new", "", "CreateStream", "{\"ShardCount\":5,\"StreamName\":\"new\"}" },
	{ "POST", "/prod/streams/new", "{\"ShardCount\": 3}", "CreateStream", "{\"ShardCount\":3,\"StreamName\":\"new\"}" },
	{ "DELETE", "/prod/streams/old", "{\"StreamName\":\"other\"}", "DeleteStream", "{\"StreamName\":\"old\"}" },
	{ "PUT", "/prod/streams/s-pin/record", "{\"StreamName\":\"YourStreamName\",\"Data\":{\"index\":7528,\"title\":\"a/b\"},\"PartitionKey\":\"pin\"}", "PutRecord",
	  "{\"StreamName\":\"s-pin\",\"Data\":\"eyJpbmRleCI6NzUyOCwidGl0bGUiOiJhL2IifQ==\",\"PartitionKey\":\"pin\"}" },
	{ "PUT", "/prod/streams/s-pin/record", "{\"PartitionKey\":\"pin\"}", "PutRecord", "{\"StreamName\":\"s-pin\",\"Data\":\"IiI=\",\"PartitionKey\":\"pin\"}" },
	{ "PUT", "/prod/streams/s/records", "{\"records\":[{\"data\":\"some data\",\"partition-key\":\"k1\"},{\"data\":\"more\",\"partition-key\":\"k2\"}]}", "PutRecords",
	  "{\"StreamName\":\"s\",\"Records\":[{\"Data\":\"c29tZSBkYXRh\",\"PartitionKey\":\"k1\"},{\"Data\":\"bW9yZQ==\",\"PartitionKey\":\"k2\"}]}" },
};

START_TEST(six_templates)
{
	const char *got;
	json_t *want, *have;
	answer_body = "{\"ShardId\":\"shardId-000000000000\",\"SequenceNumber\":\"495\"}";
	got = ask(calls[_i].method, calls[_i].path, JSON, calls[_i].body);
	ck_assert_msg(!strncmp(got, "HTTP/1.1 200 ", 13), "%s", got);
	ck_assert_msg(strstr(got, "\r\n\r\n{\"ShardId\":\"shardId-000000000000\",\"SequenceNumber\":\"495\"}") != NULL, "%s", got);
	ck_assert(strstr(got, "x-amzn-RequestId: ") && strstr(got, "X-Amzn-Trace-Id: ") && strstr(got, "Content-Type: application/json"));
	ck_assert_str_eq(asked_action, calls[_i].action);
	want = json_loads(calls[_i].json, 0, NULL);
	have = json_loads(asked_json, 0, NULL);
	ck_assert_msg(json_equal(want, have), "%s", asked_json);
	json_decref(want);
	json_decref(have);
}
END_TEST

/* The API has one response without a pattern: an error of Kinesis comes back with 200, as it does on AWS. */
START_TEST(error_with_the_default_response)
{
	const char *got;
	answer_status = 400;
	answer_body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"Stream x under account 000000000000 not found.\"}";
	got = ask("GET", "/prod/streams/x", JSON, "");
	ck_assert_msg(!strncmp(got, "HTTP/1.1 200 ", 13) && strstr(got, "ResourceNotFoundException"), "%s", got);
}
END_TEST

START_TEST(not_json)
{
	const char *got = ask("PUT", "/prod/streams/x/record", "text/plain", "hello");
	ck_assert_msg(!strncmp(got, "HTTP/1.1 415 ", 13) && strstr(got, "{\"message\":\"Unsupported Media Type\"}"), "%s", got);
	ck_assert_str_eq(asked_action, "");
}
END_TEST

START_TEST(unknown_route_of_the_api)
{
	const char *got = ask("GET", "/none/streams", JSON, "");
	ck_assert_msg(!strncmp(got, "HTTP/1.1 403 ", 13) && strstr(got, "{\"message\":\"Forbidden\"}"), "%s", got);
}
END_TEST

START_TEST(no_kinesis)
{
	const char *got;
	env_ports.stream.self = NULL;
	got = ask("GET", "/prod/streams", JSON, "");
	ck_assert_msg(!strncmp(got, "HTTP/1.1 500 ", 13) && strstr(got, "{\"message\": \"Internal server error\"}"), "%s", got);
}
END_TEST

/* Without a mapping of Content-Type, too: recorded on AWS. */
START_TEST(content_type_unmapped)
{
	static const char export[] = "{\"openapi\":\"3.0.1\",\"info\":{\"title\":\"t\"},\"paths\":{\"/x\":{\"get\":{\"x-amazon-apigateway-integration\":{\"type\":\"aws\","
				     "\"httpMethod\":\"POST\",\"uri\":\"arn:aws:apigateway:us-east-1:kinesis:action/ListStreams\",\"responses\":{\"default\":{\"statusCode\":200}}}}}}}";
	char folder[] = "/tmp/tarn-kinesis-XXXXXX", path[64];
	const char *got;
	struct error err = { 0 };
	FILE *f;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x.json", folder);
	f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(export, f);
	fclose(f);
	apigateway_service.close(&g);
	memset(&g, 0, sizeof(g));
	stack_close((struct stack_files *)env.files);
	ck_assert_int_eq(stack_open(folder, (struct stack_files **)&env.files, &err), 0);
	conf_set(env_conf, "apigateway", "api", "x.json");
	ck_assert_msg(apigateway_service.open(&g, &env, &err) == 0, "%s", err.text);
	got = ask("GET", "/prod/x", JSON, "{}");
	ck_assert_msg(!strncmp(got, "HTTP/1.1 200 ", 13) && strstr(got, "\r\n\r\n{}"), "%s", got);
	ck_assert_str_eq(asked_action, "ListStreams");
	remove(path);
	remove(folder);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("apigateway kinesis");
	TCase *t = tcase_create("kinesis");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, six_templates, 0, ARRAY_LEN(calls));
	tcase_add_test(t, error_with_the_default_response);
	tcase_add_test(t, not_json);
	tcase_add_test(t, unknown_route_of_the_api);
	tcase_add_test(t, no_kinesis);
	tcase_add_test(t, content_type_unmapped);
	suite_add_tcase(s, t);
	return run_suite(s);
}
