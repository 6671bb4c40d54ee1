/* Clean runs over the service's HTTP, with an object store that the test holds in its hand. */
#include <arpa/inet.h>

#include "core/stack.h"
#include "env.h"
#include "lake/reader.h"

enum { OBJECTS_MAX = 2600, STEPS_MAX = 4096, PAGE = 1000 };

static const struct error_def no_key = { ERR_NOT_FOUND, "NoSuchKey", 404, 0 };
static const struct error_def no_bucket = { ERR_NOT_FOUND, "NoSuchBucket", 404, 0 };

/* ---- the store ---- */
struct step {
	struct owed owed;
	get_cb got;
	put_cb put;
	list_cb listed;
	void *arg;
	char key[256]; /* the object's, or the prefix */
	char after[256];
	bool taken;    /* put_new of what is there */
};
static struct fake {
	struct object {
		char *key, *body; /* body NULL: gone since it was listed */
		size_t body_n;
	} objects[OBJECTS_MAX]; /* in key order */
	size_t object_n;
	struct step steps[STEPS_MAX];
	size_t step_n, in_flight, in_flight_max, gets;
	bool silent;             /* gets are never answered */
	size_t fail_at;          /* this get fails, 1-based; 0: none */
	const struct error_def *list_error;
} fake;

static struct object *find(const char *key)
{
	for (size_t i = 0; i < fake.object_n; i++)
		if (!strcmp(fake.objects[i].key, key))
			return &fake.objects[i];
	return NULL;
}

static struct object *put(const char *key, const char *body)
{
	size_t at = fake.object_n;
	ck_assert_uint_lt(fake.object_n, OBJECTS_MAX);
	while (at && strcmp(fake.objects[at - 1].key, key) > 0)
		at--;
	memmove(&fake.objects[at + 1], &fake.objects[at], (fake.object_n++ - at) * sizeof(fake.objects[0]));
	fake.objects[at] = (struct object){ xstrdup(key), body ? xstrdup(body) : NULL, body ? strlen(body) : 0 };
	return &fake.objects[at];
}

static void step_drop(struct owed *o)
{
}

static struct step *step_new(struct slice key, void *arg)
{
	struct step *st = &fake.steps[fake.step_n++ % STEPS_MAX];
	*st = (struct step){ .arg = arg };
	snprintf(st->key, sizeof(st->key), "%.*s", SL(key));
	owed_init(&st->owed, NULL, step_drop);
	return st;
}

static void get_answer(struct owed *owed)
{
	struct step *st = (struct step *)owed;
	const struct object *o = find(st->key);
	bool record = !strncmp(st->key, "topics/", 7);
	struct error err = { 0 };
	fake.in_flight -= record;
	if (record && fake.fail_at && ++fake.gets == fake.fail_at)
		err_set(&err, ERR_NETWORK, "connection reset");
	else if (!o || !o->body)
		err_fail(&err, &no_key, "The specified key does not exist.");
	st->got(st->arg, err.kind ? sl(NULL) : sl_of(o->body, o->body_n), err.kind ? &err : NULL);
}

static struct owed *fake_get(void *self, struct slice bucket, struct slice key, get_cb cb, void *arg)
{
	struct step *st = step_new(key, arg);
	bool record = !strncmp(st->key, "topics/", 7);
	ck_assert(sl_eqs(bucket, "the-bucket"));
	st->got = cb;
	fake.in_flight += record;
	fake.in_flight_max = fake.in_flight > fake.in_flight_max ? fake.in_flight : fake.in_flight_max;
	if (!fake.silent || !record)
		owed_soon(&st->owed, self, get_answer);
	return &st->owed;
}

static void put_answer(struct owed *owed)
{
	struct step *st = (struct step *)owed;
	struct error err = { 0 };
	if (st->taken)
		err_set(&err, ERR_CONFLICT, "PreconditionFailed");
	st->put(st->arg, st->taken ? &err : NULL);
}

static struct owed *fake_put(void *self, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace,
			     put_cb cb, void *arg)
{
	struct step *st = step_new(key, arg);
	struct object *o = find(st->key);
	o = o ? o : put(st->key, "");
	free(o->body);
	o->body = xmalloc(body.n + 1);
	memcpy(o->body, body.n ? body.p : "", body.n);
	o->body_n = body.n;
	st->put = cb;
	owed_soon(&st->owed, self, put_answer);
	return &st->owed;
}

static struct owed *fake_put_new(void *self, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace,
				 put_cb cb, void *arg)
{
	struct step *st = step_new(key, arg);
	if (!find(st->key))
		return fake_put(self, bucket, key, type, body, trace, cb, arg);
	st->taken = true;
	st->put = cb;
	owed_soon(&st->owed, self, put_answer);
	return &st->owed;
}

static void list_answer(struct owed *owed)
{
	struct step *st = (struct step *)owed;
	struct object_entry e[PAGE];
	struct error err = { 0 };
	size_t n = 0, i;
	bool more = false;
	if (fake.list_error)
		err_fail(&err, fake.list_error, "said no");
	for (i = 0; i < fake.object_n && !more; i++) {
		const struct object *o = &fake.objects[i];
		if (!sl_starts(sl(o->key), sl(st->key)) || strcmp(o->key, st->after) <= 0)
			continue;
		more = n == PAGE;
		if (!more)
			e[n++] = (struct object_entry){ .key = sl(o->key), .size = (int64_t)o->body_n };
	}
	st->listed(st->arg, e, n, more, err.kind ? &err : NULL);
}

static struct owed *fake_list(void *self, struct slice bucket, struct slice prefix, struct slice after, list_cb cb, void *arg)
{
	struct step *st = step_new(prefix, arg);
	snprintf(st->after, sizeof(st->after), "%.*s", SL(after));
	st->listed = cb;
	owed_soon(&st->owed, self, list_answer);
	return &st->owed;
}

/* ---- the stack around it ---- */
static struct lake *l;
static struct stack_files *files;

static void serve(bool folder)
{
	struct error err = { 0 };
	memset(&fake, 0, sizeof(fake));
	env_open("lake");
	if (folder)
		env_folder();
	conf_set(env_conf, "stack", "user", "u1");
	conf_set(env_conf, "lake", "bucket", "the-bucket");
	conf_set(env_conf, "lake", "rows_max", "5");
	conf_set(env_conf, "lake", "statement_mib", "1");
	ck_assert_int_eq(stack_open(NULL, &files, &err), 0);
	env.files = files;
	env_ports.objects = (struct object_store){ .self = env.loop, .get = fake_get, .put = fake_put, .put_new = fake_put_new, .list = fake_list };
	l = xcalloc(1, sizeof(*l));
	env_serve(&lake_service, l);
}

static void setup(void)
{
	serve(false);
}

static void setup_folder(void)
{
	serve(true);
}

static void teardown(void)
{
	env_close();
	stack_close(files);
	free(l);
	for (size_t i = 0; i < fake.object_n; i++) {
		free(fake.objects[i].key);
		free(fake.objects[i].body);
	}
}

struct answer {
	int status;
	bool done;
	char text[16384];
};

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct answer *a = arg;
	ck_assert_msg(!err, "%s", err ? err->text : "");
	a->status = resp->status;
	snprintf(a->text, sizeof(a->text), "%.*s", SL(resp->body));
	a->done = true;
}

static void begin(const char *method, const char *path, const char *body, struct answer *a)
{
	char *url = xasprintf("%s%s", env_on.url, path);
	struct httpc_req req = { .method = sl(method), .url = sl(url), .body = sl(body) };
	*a = (struct answer){ 0 };
	httpc_send(env.httpc, &req, on_answer, a);
	free(url);
}

static void wait_for(struct answer *a)
{
	env_until(a->done);
}

static const char *ask(const char *method, const char *path, const char *body, int status)
{
	static struct answer a;
	begin(method, path, body, &a);
	wait_for(&a);
	ck_assert_msg(a.status == status, "%s %s: %d %s", method, path, a.status, a.text);
	return a.text;
}

static const char *sql(const char *statement)
{
	return ask("POST", "/api/tarn/sql", statement, 200);
}

static void says(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "%s\nin %s", part, text);
}

static void put_numbered(const char *set, int n)
{
	for (int i = 0; i < n; i++) {
		char *key = xasprintf("topics/u1.%s/partition=0/u1.%s+0+%010d.json", set, set, i);
		char *body = xasprintf("{\"index\":%d,\"title\":\"t\",\"country\":\"Peru\",\"age\":20}\n", i);
		put(key, body);
		free(key);
		free(body);
	}
}

/* ---- */

START_TEST(every_object_of_every_page_is_read)
{
	put_numbered("geo", 3);
	put_numbered("pin", 2500);
	put_numbered("user", 1);
	put("topics/u1.user/partition=0/_SUCCESS", "not a record");
	put("topics/u1.users/partition=0/x.json", "another topic");
	const char *answer = ask("POST", "/api/tarn/clean", "", 200);
	says(answer, "\"dataset\":\"pin\",\"topic\":\"u1.pin\",\"objects\":2500,\"skipped\":0,\"rows_in\":2500,\"rows_out\":2500,\"quarantined\":0");
	says(answer, "\"dataset\":\"geo\",\"topic\":\"u1.geo\",\"objects\":3,");
	says(answer, "\"dataset\":\"users\",\"topic\":\"u1.user\",\"objects\":1,\"skipped\":1,\"rows_in\":1,\"rows_out\":1,\"quarantined\":0");
	ck_assert_uint_eq(fake.in_flight_max, LAKE_IN_FLIGHT);
	says(sql("SELECT COUNT(*), COUNT(DISTINCT ind), MAX(ind) FROM pin"), "[[2500,2500,2499]]");
}
END_TEST

START_TEST(a_second_run_follows_the_bucket)
{
	struct object *gone, *changed;
	put_numbered("pin", 3);
	ask("POST", "/api/tarn/clean", "", 200);
	ask("POST", "/api/tarn/clean", "", 200);
	says(sql("SELECT ind, title FROM pin ORDER BY ind"), "[[0,\"t\"],[1,\"t\"],[2,\"t\"]]");
	gone = find("topics/u1.pin/partition=0/u1.pin+0+0000000001.json");
	free(gone->body);
	gone->body = NULL; /* deleted between listing and reading */
	changed = find("topics/u1.pin/partition=0/u1.pin+0+0000000002.json");
	free(changed->body);
	changed->body = xstrdup("{\"index\":2,\"title\":\"changed\"}\n");
	changed->body_n = strlen(changed->body);
	says(ask("POST", "/api/tarn/clean", "", 200), "\"topic\":\"u1.pin\",\"objects\":2,");
	says(sql("SELECT ind, title FROM pin ORDER BY ind"), "[[0,\"t\"],[2,\"changed\"]]");
}
END_TEST

/* The 1st, the 2nd ... object that can't be read: an error, and the tables of the last good run. */
START_TEST(a_failed_run_changes_nothing)
{
	put_numbered("geo", 2);
	put_numbered("pin", 40);
	ask("POST", "/api/tarn/clean", "", 200);
	for (size_t at = 1; at <= 42; at += 4) {
		fake.gets = 0;
		fake.fail_at = at;
		const char *answer = ask("POST", "/api/tarn/clean", "", 503);
		says(answer, "TEMPORARILY_UNAVAILABLE");
		says(answer, "connection reset");
		fake.fail_at = 0;
		says(sql("SELECT COUNT(*) FROM pin"), "[[40]]");
	}
	fake.list_error = &no_bucket;
	says(ask("POST", "/api/tarn/clean", "", 404), "NoSuchBucket");
	fake.list_error = NULL;
	says(sql("SELECT COUNT(*) FROM geo"), "[[2]]");
	says(ask("POST", "/api/tarn/clean", "", 200), "\"objects\":40,");
}
END_TEST

START_TEST(bad_records_are_kept_aside)
{
	put("topics/u1.pin/partition=0/a.json", "{\"index\":1,\"title\":\"a\"}\nhello\n{\"title\":\"b\"}\n");
	says(ask("POST", "/api/tarn/clean", "", 200), "\"rows_in\":3,\"rows_out\":1,\"quarantined\":2");
	says(sql("SELECT object_key, line, reason, record FROM quarantine ORDER BY line"),
	     "[[\"topics/u1.pin/partition=0/a.json\",2,\"not JSON\",\"hello\"],"
	     "[\"topics/u1.pin/partition=0/a.json\",3,\"no integer index\",\"{\\\"title\\\":\\\"b\\\"}\"]]");
}
END_TEST

/* A statement reads the version that is there, a run beside it or not. */
START_TEST(a_statement_waits_for_no_run)
{
	struct answer first, second, third;
	put_numbered("pin", 100);
	ask("POST", "/api/tarn/clean", "", 200);
	put_numbered("geo", 1);
	fake.silent = true;
	begin("POST", "/api/tarn/clean", "", &first);
	env_until(l->tasks);
	ck_assert(lake_service.busy(l));
	begin("POST", "/api/tarn/sql", "SELECT COUNT(*) FROM pin", &second);
	begin("GET", "/api/tarn/queries", NULL, &third);
	wait_for(&second);
	wait_for(&third);
	says(second.text, "[[100]]");
	ck_assert(!first.done);
}
END_TEST

/* ---- beside each other ---- */

static const char endless[] = "SELECT count(*) FROM range(9000000000000000) a JOIN range(3) b ON a.id % 7 = b.id";

/* Sends a statement from a client of its own, which can hang up. */
static int send_raw(const char *statement)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)env_port()), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char *text = xasprintf("POST /api/tarn/sql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n\r\n%s", strlen(statement), statement);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	free(text);
	return fd;
}

static size_t task_n(void)
{
	return l->task_n;
}

/* lake.md 20: it went on for 30 seconds, and everybody waited. */
START_TEST(an_endless_statement_holds_nobody)
{
	int one = send_raw(endless), two = send_raw(endless);
	env_until(task_n() == 2);
	says(sql("SELECT 1"), "[[1]]");
	ck_assert_uint_eq(task_n(), 2);
	/* Their clients go: so does their work, long before its time is up. */
	close(one);
	env_until(task_n() == 1);
	close(two);
	env_until(task_n() == 0);
	env_until(!loop_working(env.loop));
	says(sql("SELECT 2"), "[[2]]");
}
END_TEST

START_TEST(a_statement_reads_the_tables_of_the_run_before)
{
	struct answer run;
	put_numbered("geo", 2);
	ask("POST", "/api/tarn/clean", "", 200);
	put_numbered("pin", 1);
	fake.silent = true;
	begin("POST", "/api/tarn/clean", "", &run); /* never ends */
	env_until(fake.in_flight);
	says(sql("SELECT COUNT(*) FROM geo"), "[[2]]");
	says(sql("SELECT COUNT(*) FROM pin"), "[[0]]");
}
END_TEST

/* More than may work at a time: the others wait, and all end when the lake closes. */
START_TEST(close_in_many_statements)
{
	for (int i = 0; i < LOOP_LONG_MAX + 4; i++)
		(void)send_raw(endless);
	env_until(task_n() == LOOP_LONG_MAX + 4);
}
END_TEST

START_TEST(a_statement_has_limits)
{
	says(ask("POST", "/api/tarn/sql", "SELECT median(id) FROM range(100000000)", 400), "memory");
	says(ask("POST", "/api/tarn/sql", "SELECT id FROM range(100000000) ORDER BY id % 1000", 400), "memory");
	says(ask("POST", "/api/tarn/sql", "SELECT repeat('x', 300000) FROM range(5)", 400), "larger than 1 MiB");
}
END_TEST

START_TEST(without_an_object_store)
{
	env_ports.objects.self = NULL;
	says(ask("POST", "/api/tarn/clean", "", 503), "no object store");
}
END_TEST

static const struct {
	const char *method, *path, *body;
	int status;
	const char *part;
} calls[] = {
	{ "GET", "/api/tarn/queries", NULL, 200, "{\"queries\":[{\"name\":\"q1_top_category_by_country\",\"question\":\"Find the most popular" },
	{ "GET", "/api/tarn/query/q6_users_joined_by_year", NULL, 400, "nothing is cleaned yet: tarn clean" },
	{ "GET", "/api/tarn/query/nope", NULL, 404, "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"the stack has no query nope\"}" },
	{ "GET", "/api/tarn/query/..%2Fstack", NULL, 404, "RESOURCE_DOES_NOT_EXIST" },
	{ "GET", "/api/tarn/query/a%00b", NULL, 404, "RESOURCE_DOES_NOT_EXIST" },
	{ "GET", "/api/tarn/query/\xc3\xa9%c3%a9%ff%f0%9f", NULL, 404, "no query \xc3\xa9\xc3\xa9???\"}" },
	{ "POST", "/api/tarn/sql", "SELECT 1 AS \xff", 400, "the statement is not UTF-8 text" },
	{ "GET", "/api/tarn/query/", NULL, 404, "ENDPOINT_NOT_FOUND" },
	{ "POST", "/api/tarn/query/q6_users_joined_by_year", "", 404, "ENDPOINT_NOT_FOUND" },
	{ "GET", "/api/tarn/clean", NULL, 404, "No API found for 'GET /api/tarn/clean'" },
	{ "GET", "/api/2.1/jobs/nothing", NULL, 404, "ENDPOINT_NOT_FOUND" },
	{ "POST", "/api/tarn/sql", "", 400, "[PARSE_SYNTAX_ERROR] Syntax error at or near end of input." },
	{ "POST", "/api/tarn/sql", "SELEC 1", 400, "[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'" },
	{ "POST", "/api/tarn/sql", "SELECT 1 AS a, 'x' AS b", 200,
	  "{\"columns\":[\"a\",\"b\"],\"schema\":[{\"name\":\"a\",\"type\":\"int\",\"json\":\"integer\",\"nullable\":false},{\"name\":\"b\","
	  "\"type\":\"string\",\"json\":\"string\",\"nullable\":false}],\"rows\":[[1,\"x\"]],\"truncated\":false}\n" },
	{ "POST", "/api/tarn/sql", "VALUES(1),(2),(3),(4),(5),(6)", 200, "[[1],[2],[3],[4],[5]],\"truncated\":true" },
};

START_TEST(call)
{
	says(ask(calls[_i].method, calls[_i].path, calls[_i].body, calls[_i].status), calls[_i].part);
}
END_TEST

START_TEST(close_in_mid_run)
{
	struct answer a;
	fake.silent = _i == 1; /* or with objects that never come */
	put_numbered("pin", 200);
	begin("POST", "/api/tarn/clean", "", &a);
	for (int i = 0; i < 1000 && !fake.in_flight_max; i++)
		loop_turn(env.loop, 1);
	ck_assert(l->tasks);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lake run");
	TCase *t = tcase_create("run");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, every_object_of_every_page_is_read);
	tcase_add_test(t, a_second_run_follows_the_bucket);
	tcase_add_test(t, a_failed_run_changes_nothing);
	tcase_add_test(t, bad_records_are_kept_aside);
	tcase_add_test(t, a_statement_waits_for_no_run);
	tcase_add_test(t, an_endless_statement_holds_nobody);
	tcase_add_test(t, without_an_object_store);
	tcase_add_loop_test(t, call, 0, ARRAY_LEN(calls));
	tcase_add_loop_test(t, close_in_mid_run, 0, 2);
	suite_add_tcase(s, t);
	t = tcase_create("folder");
	tcase_add_checked_fixture(t, setup_folder, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, an_endless_statement_holds_nobody);
	tcase_add_test(t, a_statement_reads_the_tables_of_the_run_before);
	tcase_add_test(t, close_in_many_statements);
	tcase_add_test(t, a_statement_has_limits);
	tcase_add_loop_test(t, close_in_mid_run, 0, 2);
	suite_add_tcase(s, t);
	return run_suite(s);
}
