/* tarn emit: what the users' user_posting_emulation.py does, over the public protocols. A turn draws a row number,
 * reads that row of each table over the MySQL port and posts the three through the gateway's invoke URL; --via kinesis
 * puts them to the streams instead, as user_posting_emulation_streaming.py does. */
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/lib_curl.h"
#include "tarn/cmd.h"
#include "stack/mysql_client.h"
#include "tarn/python_random.h"

enum { KINDS = 3, ROWS_DRAWN = 11001 /* random.randint(0, 11000) */ };
static const struct {
	const char *table, *topic;
} kinds[KINDS] = { { "pinterest_data", "pin" }, { "geolocation_data", "geo" }, { "user_data", "user" } };

enum { VIA_REST, VIA_KINESIS };
struct route {
	const char *name, *method, *type;
};
static const struct route routes[] = {
	[VIA_REST] = { "rest", "POST", "application/vnd.kafka.json.v2+json" },
	[VIA_KINESIS] = { "kinesis", "PUT", "application/json" },
};

struct emit {
	const struct route *via;
	const char *data, *stage;
	char *rds, *gateway, *user, *database;
	int64_t count, seed, sent;
	double rate; /* turns a second; 0: no pause, or the script's own without a count */
	struct mysql_client *rows;
	CURL *curl;
	struct curl_slist *headers;
	struct buf body, answer;
	struct table table;
	uint32_t row_n;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int n)
{
	(void)n;
	interrupted = 1;
}

static size_t on_bytes(char *p, size_t size, size_t n, void *arg)
{
	buf_add(arg, p, size * n);
	return size * n;
}

static int find_stack(struct emit *e)
{
	struct buf health = { 0 };
	struct error err;
	int status = 0;
	char *control = cmd_endpoint(e->data, "control");
	e->rds = cmd_endpoint(e->data, "rds");
	e->gateway = cmd_endpoint(e->data, "apigateway");
	int rc = !e->rds || !e->gateway || !control ? ERR_NOT_FOUND :
						     cmd_http(control, "GET", "/health", sl(NULL), NULL, &status, &health, &err);
	json_t *h = rc ? NULL : json_loadb(health.p, health.n, 0, NULL), *stack = json_object_get(h, "stack");
	const char *user = json_string_value(json_object_get(stack, "user"));
	const char *database = json_string_value(json_object_get(stack, "database"));
	if (user && database) {
		e->user = xstrdup(user);
		e->database = xstrdup(database);
	} else {
		rc = cmd_fail(EXIT_START, "tarn up -d --wait", "no stack with rds and apigateway runs on %s", cmd_data(e->data));
	}
	json_decref(h);
	buf_free(&health);
	free(control);
	return rc;
}

static int connect_rows(struct emit *e)
{
	struct error err;
	int rc = mysql_client_open(e->rds, e->database, &e->rows, &err);
	if (!rc)
		rc = mysql_client_query(e->rows, S("SELECT COUNT(*) FROM pinterest_data"), &e->table, &err);
	if (rc)
		return cmd_fail(EXIT_START, NULL, "rds at %s: %s", e->rds, err.text);
	int64_t n = strtoll(e->table.cells[0], NULL, 10);
	if (n <= 0)
		return cmd_fail(EXIT_FAILED, "tarn seed", "pinterest_data has no rows");
	e->row_n = n < ROWS_DRAWN ? (uint32_t)n : ROWS_DRAWN;
	return 0;
}

static int open_gateway(struct emit *e)
{
	struct error err;
	if (lib_curl_load(&err))
		return cmd_fail(EXIT_FAILED, NULL, "%s", err.text);
	e->curl = curl.easy_init();
	char *type = xasprintf("Content-Type: %s", e->via->type);
	e->headers = curl.slist_append(NULL, type);
	e->headers = curl.slist_append(e->headers, "Expect:");
	free(type);
	curl.easy_setopt(e->curl, CURLOPT_CUSTOMREQUEST, e->via->method);
	curl.easy_setopt(e->curl, CURLOPT_HTTPHEADER, e->headers);
	curl.easy_setopt(e->curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl.easy_setopt(e->curl, CURLOPT_WRITEDATA, &e->answer);
	curl.easy_setopt(e->curl, CURLOPT_PROXY, "");
	curl.easy_setopt(e->curl, CURLOPT_TIMEOUT, 60L);
	curl.easy_setopt(e->curl, CURLOPT_NOSIGNAL, 1L);
	return 0;
}

static int read_row(struct emit *e, const char *table, uint32_t row)
{
	struct error err;
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT * FROM %s LIMIT %u, 1", table, row);
	if (mysql_client_query(e->rows, sl(sql), &e->table, &err))
		return cmd_fail(EXIT_FAILED, NULL, "%s: %s", sql, err.text);
	if (!e->table.row_n)
		return cmd_fail(EXIT_FAILED, "tarn seed", "%s: no such row", sql);
	return 0;
}

static int post(struct emit *e, const char *kind)
{
	bool kinesis = e->via == &routes[VIA_KINESIS];
	char *url = kinesis ? xasprintf("%s/%s/streams/streaming-%s-%s/record", e->gateway, e->stage, e->user, kind)
			    : xasprintf("%s/%s/topics/%s.%s", e->gateway, e->stage, e->user, kind);
	long status = 0;
	buf_reset(&e->body);
	buf_reset(&e->answer);
	if (kinesis)
		buf_addf(&e->body, "{\"StreamName\": \"streaming-%s-%s\", \"Data\": ", e->user, kind);
	else
		buf_adds(&e->body, "{\"records\": [{\"value\": ");
	table_row_json(&e->table, 0, &e->body);
	buf_adds(&e->body, kinesis ? ", \"PartitionKey\": \"partition-1\"}" : "}]}");
	curl.easy_setopt(e->curl, CURLOPT_URL, url);
	curl.easy_setopt(e->curl, CURLOPT_POSTFIELDS, e->body.p);
	curl.easy_setopt(e->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)e->body.n);
	CURLcode c = curl.easy_perform(e->curl);
	curl.easy_getinfo(e->curl, CURLINFO_RESPONSE_CODE, &status);
	int rc = 0;
	if (c != CURLE_OK)
		rc = cmd_fail(EXIT_FAILED, NULL, "POST %s: %s", url, curl.easy_strerror(c));
	else if (status != 200)
		rc = cmd_fail(EXIT_FAILED, NULL, "POST %s: %ld %.*s", url, status, (int)e->answer.n, e->answer.p);
	free(url);
	e->sent += !rc;
	return rc;
}

/* Keeps the pace by the wall clock; late turns aren't skipped. */
static void pace(const struct emit *e, int64_t began_us, int64_t turn)
{
	int64_t wait = began_us + (int64_t)((double)turn * 1e6 / e->rate) - clock_real_us();
	if (wait > 0)
		clock_real_wait_us(wait);
}

static int turns(struct emit *e)
{
	struct python_random random;
	int64_t began = clock_real_us();
	int rc = 0;
	python_seed(&random, (uint64_t)e->seed);
	for (int64_t turn = 0; !rc && !interrupted && (e->count < 0 || turn < e->count); turn++) {
		if (e->rate > 0)
			pace(e, began, turn);
		uint32_t script_sleep = python_randrange(&random, 2); /* the script waits randrange(0, 2) seconds */
		if (e->count < 0 && e->rate <= 0)
			clock_real_wait_us(script_sleep * 1000000);
		uint32_t row = python_randrange(&random, e->row_n);
		for (int i = 0; !rc && i < KINDS; i++)
			if (!(rc = read_row(e, kinds[i].table, row)))
				rc = post(e, kinds[i].topic);
	}
	return rc;
}

static void release(struct emit *e)
{
	mysql_client_close(e->rows);
	if (e->curl) {
		curl.easy_cleanup(e->curl);
		curl.slist_free_all(e->headers);
	}
	table_clear(&e->table);
	buf_free(&e->body);
	buf_free(&e->answer);
	free(e->rds);
	free(e->gateway);
	free(e->user);
	free(e->database);
}

static bool rate_of(const char *text, double *out)
{
	char *end;
	*out = strtod(text, &end);
	if (!strcmp(end, "/min"))
		*out /= 60;
	else if (!strcmp(end, "/hour"))
		*out /= 3600;
	else if (*end && strcmp(end, "/s"))
		return false;
	return *out > 0;
}

static bool set_via(struct emit *e, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!strcmp(routes[i].name, name)) {
			e->via = &routes[i];
			return true;
		}
	}
	return false;
}

int cmd_emit(int argc, char **argv)
{
	static const struct option options[] = { { "count", required_argument, NULL, 'n' },
						 { "rate", required_argument, NULL, 'r' },
						 { "seed", required_argument, NULL, 's' },
						 { "stage", required_argument, NULL, 'S' },
						 { "data", required_argument, NULL, 'D' },
						 { "via", required_argument, NULL, 'V' },
						 { "help", no_argument, NULL, 'h' },
						 { NULL, 0, NULL, 0 } };
	struct emit e = { .count = -1, .seed = 100, .stage = "prod", .via = &routes[VIA_REST] };
	int c;
	while ((c = getopt_long(argc, argv, "hn:", options, NULL)) != -1) {
		if (c == 'n' && sl_int(sl(optarg), 0, INT64_MAX, &e.count))
			continue;
		if (c == 's' && sl_int(sl(optarg), 0, INT64_MAX, &e.seed))
			continue;
		if (c == 'r' && rate_of(optarg, &e.rate))
			continue;
		if (c == 'V' && set_via(&e, optarg))
			continue;
		if (c == 'S') {
			e.stage = optarg;
		} else if (c == 'D') {
			e.data = optarg;
		} else if (c == 'h') {
			cmd_usage("emit");
			return EXIT_OK;
		} else {
			return c == '?' ? EXIT_USAGE : cmd_fail(EXIT_USAGE, "tarn help emit", c == 'V' ? "not a way: %s (rest, kinesis)" : "not a number above 0: %s", optarg);
		}
	}
	if (optind + 1 != argc || strcmp(argv[optind], "pinterest"))
		return cmd_fail(EXIT_USAGE, "tarn emit pinterest --count 100", "say what to emit: pinterest");
	struct sigaction sa = { .sa_handler = on_interrupt };
	sigaction(SIGINT, &sa, NULL);
	int rc = find_stack(&e);
	if (!rc)
		rc = connect_rows(&e);
	if (!rc)
		rc = open_gateway(&e);
	if (!rc) {
		rc = turns(&e);
		fprintf(stderr, "sent %lld posts through %s/%s\n", (long long)e.sent, e.gateway, e.stage);
	}
	release(&e);
	return rc ? rc : interrupted ? 130 : EXIT_OK;
}
