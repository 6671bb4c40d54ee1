/* Replays what was recorded from the real proxy: all of it over our own broker, and what needs no more than a record log over one in memory. */
#include "check_main.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../env.h"
#include "fake_log.h"
#include "kafka/cluster.h"
#include "kafka/kafka.h"
#include "rest/rest.h"

enum { EXCHANGES_MAX = 512 };

struct exchange {
	char name[120];
	struct slice method, target, type, accept, body; /* absent: not sent */
	int status;
	struct slice answer_type, answer, location;
	bool timed_out;
	const char *skip; /* why it isn't replayed */
};

static struct exchange exchanges[EXCHANGES_MAX];
static size_t exchange_n;
static char *text;
static struct arena kept;

/* Reading the recording happens outside of any test. */
static void need(bool ok, const char *what, struct slice where)
{
	if (ok)
		return;
	printf("not ok: recording: %s in \"%.*s\"\n", what, (int)(where.n < 200 ? where.n : 200), where.p);
	exit(1);
}

static struct slice none_is_absent(struct slice s)
{
	return sl_eqs(s, "None") ? sl(NULL) : s;
}

/* What stands between two marks of a line; *s goes on behind it. */
static struct slice between(struct slice *s, const char *from, const char *to)
{
	ssize_t at = sl_find(*s, sl(from)), end;
	struct slice out;
	need(at >= 0, from, *s);
	out = sl_of(s->p + at + strlen(from), s->n - (size_t)at - strlen(from));
	end = *to ? sl_find(out, sl(to)) : (ssize_t)out.n;
	need(end >= 0, to, out);
	*s = sl_of(out.p + end, out.n - (size_t)end);
	return sl_of(out.p, (size_t)end);
}

static const char *why_skipped(const struct exchange *x)
{
	if (x->timed_out)
		return "the recording gave up waiting (the producer's 60 s; tested below by hand)";
	if (sl_starts(x->target, S("/v3")) || sl_starts(x->target, S("/consumers")))
		return "it asks the broker, see test_whole";
	return NULL;
}

/* "### GET /x ct=.. acc=.. body=.." and "--> 200 type ..", then the answer up to an empty line. */
static void parse_one(struct slice part)
{
	struct exchange *x = &exchanges[exchange_n++];
	ssize_t arrow = sl_find(part, S("\n--> "));
	struct slice head = arrow < 0 ? part : sl_of(part.p, (size_t)arrow);
	struct slice status;
	int64_t n;
	need(exchange_n < EXCHANGES_MAX, "too many exchanges", part);
	snprintf(x->name, sizeof(x->name), "%.*s", (int)(head.n < 100 ? head.n : 100), head.p);
	x->method = sl_of(head.p, (size_t)sl_chr(head, ' '));
	head = sl_of(head.p + x->method.n, head.n - x->method.n);
	if (arrow < 0) {
		x->target = sl_trim(between(&head, " ", " ->"));
		x->timed_out = true;
		x->skip = why_skipped(x);
		return;
	}
	x->target = between(&head, " ", " ct=");
	x->type = none_is_absent(between(&head, " ct=", " acc="));
	x->accept = none_is_absent(between(&head, " acc=", " body="));
	x->body = between(&head, " body=", "");
	part = sl_of(part.p + arrow, part.n - (size_t)arrow);
	status = between(&part, "--> ", " ");
	need(sl_int(status, 100, 599, &n), "status", status);
	x->status = (int)n;
	x->answer_type = none_is_absent(between(&part, " ", " loc="));
	x->location = none_is_absent(between(&part, "loc=", " cl="));
	(void)between(&part, "cl=", "\n");
	x->answer = sl_trim(sl_of(part.p, part.n));
	x->skip = why_skipped(x);
}

/* Cuts a section (after its "====" line) into exchanges; they end where the next or the next section begins. */
static void parse_all(struct slice all)
{
	ssize_t at = sl_find(all, S("\n### "));
	while (at >= 0) {
		struct slice rest = sl_of(all.p + at + 5, all.n - (size_t)at - 5), one;
		ssize_t next = sl_find(rest, S("\n### ")), section = sl_find(rest, S("\n====="));
		ssize_t end = next >= 0 && (section < 0 || next < section) ? next : section;
		one = end < 0 ? rest : sl_of(rest.p, (size_t)end);
		/* A request that timed out has no answer, and no empty line behind it. */
		parse_one(one);
		all = rest;
		at = next;
	}
}

static bool load(void)
{
	const char *shared = getenv("TARN_SHARED");
	char path[512];
	FILE *f;
	long n;
	snprintf(path, sizeof(path), "%s/vectors/confluent-rest-proxy-7.2.txt", shared ? shared : "../shared");
	f = fopen(path, "rb");
	if (!f) {
		printf("SKIP: %s isn't there\n", path);
		return false;
	}
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	text = xmalloc((size_t)n + 1);
	n = (long)fread(text, 1, (size_t)n, f);
	text[n] = 0;
	fclose(f);
	parse_all(sl_of(text, (size_t)n));
	return true;
}

struct answer {
	int status, done;
	const char *type;
	struct slice body;
};

static void keep(struct rest_call *c)
{
	struct answer *a = c->arg;
	a->done++;
	a->status = c->status;
	a->type = c->type;
	a->body = arena_dup(&kept, buf_slice(&c->body));
	buf_free(&c->body);
}

static int64_t waited_ms;

static void no_wait(struct rest *r, int64_t ms, void (*fn)(void *arg), void *arg)
{
	waited_ms += ms;
	fn(arg);
}

static struct answer ask(struct fake_log *log, struct slice method, struct slice target, struct slice type,
			 struct slice accept, struct slice body)
{
	struct http_header headers[3] = { { S("Host"), S("localhost:8082") } };
	static const struct env none; /* no faults */
	struct rest r = { .env = &none, .log = &log->port, .after = no_wait };
	struct answer a = { 0 };
	struct http_req req = { .arena = &kept, .method = method, .target = target, .version = S("HTTP/1.1"),
				.headers = headers, .header_n = 1, .body = body, .trace = "t-1", .now_ms = 1000 };
	struct rest_call c = { .r = &r, .req = &req, .done = keep, .arg = &a };
	(void)sl_cut(target, '?', &req.path, &req.query);
	if (type.p)
		headers[req.header_n++] = (struct http_header){ S("Content-Type"), type };
	if (accept.p)
		headers[req.header_n++] = (struct http_header){ S("Accept"), accept };
	rest_serve(&c);
	fake_log_run(log);
	ck_assert_int_eq(a.done, 1);
	ck_assert_ptr_null(r.asks);
	return a;
}

/* The recorded topic had one setting of its own, made through API v3; a record log doesn't know settings. */
static struct slice without_own_setting(struct slice s)
{
	ssize_t at = sl_find(s, S("\"retention.ms\":\"86400000\""));
	if (at < 0)
		return s;
	return arena_printf(&kept, "%.*s\"retention.ms\":\"604800000\"%.*s", (int)at, s.p, (int)(s.n - (size_t)at - 25),
			    s.p + at + 25);
}

START_TEST(test_recorded)
{
	struct fake_log log;
	int replayed = 0, wrong = 0;
	fake_log_init(&log);
	fake_log_topic(&log, S("t-RUN"), 2);
	for (size_t i = 0; i < exchange_n; i++) {
		struct exchange *x = &exchanges[i];
		struct slice want = without_own_setting(x->answer);
		struct answer a;
		if (x->skip) {
			printf("# not replayed: %s: %s\n", x->name, x->skip);
			continue;
		}
		a = ask(&log, x->method, x->target, x->type, x->accept, x->body);
		replayed++;
		if (a.status == x->status && sl_eq(sl(a.type), x->answer_type) && sl_eq(a.body, want))
			continue;
		wrong++;
		printf("# %s\n#   want %d %.*s %.*s\n#   got  %d %s %.*s\n", x->name, x->status, SL(x->answer_type), SL(want),
		       a.status, a.type ? a.type : "None", SL(a.body));
	}
	printf("# %d exchanges replayed, %d differ\n", replayed, wrong);
	ck_assert_int_ge(replayed, 54);
	ck_assert_int_eq(wrong, 0);
	fake_log_free(&log);
}
END_TEST

/* The records the real consumer read back from partition 1, base64 in the recording. */
START_TEST(test_recorded_bytes)
{
	static const char mark[] = "[{\"topic\":\"t-RUN\",\"key\":null,\"value\":\"eyJ";
	struct fake_log log;
	struct slice all = sl(NULL), key, value;
	ssize_t at = -1;
	int seen = 0;
	for (size_t i = 0; i < exchange_n && at < 0; i++) {
		all = exchanges[i].answer;
		at = all.p ? sl_find(all, sl(mark)) : -1;
	}
	ck_assert_int_eq(at, 0);
	fake_log_init(&log);
	fake_log_topic(&log, S("t-RUN"), 2);
	for (size_t i = 0; i < exchange_n; i++)
		if (!exchanges[i].skip && seen < 10 && !sl_starts(exchanges[i].target, S("/topics/nj")))
			(void)ask(&log, exchanges[i].method, exchanges[i].target, exchanges[i].type, exchanges[i].accept,
				  exchanges[i].body);
	while (sl_find(all, S("\"key\":")) >= 0) {
		const struct fake_record *r = fake_log_record(&log, S("t-RUN"), 1, seen++);
		struct slice bytes;
		ck_assert_ptr_nonnull(r);
		key = between(&all, "\"key\":", ",\"value\":");
		value = between(&all, ",\"value\":", ",\"partition\"");
		ck_assert_int_eq(key.p[0] == 'n', r->key.p == NULL);
		ck_assert_int_eq(value.p[0] == 'n', r->value.p == NULL);
		if (key.p[0] == '"') {
			ck_assert(rest_base64(&kept, sl_of(key.p + 1, key.n - 2), &bytes));
			ck_assert(sl_eq(bytes, r->key));
		}
		if (value.p[0] == '"') {
			ck_assert(rest_base64(&kept, sl_of(value.p + 1, value.n - 2), &bytes));
			ck_assert_msg(sl_eq(bytes, r->value), "record %d: want %.*s got %.*s", seen - 1, SL(bytes), SL(r->value));
		}
	}
	ck_assert_int_eq(seen, 10);
	fake_log_free(&log);
}
END_TEST

/* Recorded under "consumer timing": 60 s of silence, then 200. */
START_TEST(test_partition_out_of_range_waits)
{
	static const char want[] = "{\"offsets\":[{\"partition\":null,\"offset\":null,\"error_code\":50003,\"error\":"
				   "\"Topic t1 not present in metadata after 60000 ms.\"}],\"key_schema_id\":null,"
				   "\"value_schema_id\":null}";
	struct fake_log log;
	struct answer a;
	ck_assert_int_ge(sl_find(sl(text), sl(want)), 0);
	fake_log_init(&log);
	fake_log_topic(&log, S("t1"), 1);
	waited_ms = 0;
	a = ask(&log, S("POST"), S("/topics/t1"), S("application/vnd.kafka.json.v2+json"), sl(NULL),
		S("{\"records\":[{\"value\":1,\"partition\":7}]}"));
	ck_assert_int_eq(a.status, 200);
	ck_assert(sl_eqs(a.body, want));
	ck_assert_int_eq(waited_ms, 60000);
	a = ask(&log, S("POST"), S("/topics/t1/partitions/7"), S("application/vnd.kafka.json.v2+json"), sl(NULL),
		S("{\"records\":[{\"value\":1}]}"));
	ck_assert(sl_eqs(a.body, want));
	fake_log_free(&log);
}
END_TEST

/* ---- everything that was recorded, over our own broker ---- */

#define RECORDED_CLUSTER "MkU3OEVBNTcwNTJENDM2Qg"
#define RUN S("cap2") /* what the recorder wrote RUN for: Java's maps have an order by names */

static struct kafka broker;
static struct rest proxy;

/* What waits for time to pass: until pass_time, or until the answer that is waited for has come. */
static struct {
	void (*fn)(void *arg);
	void *arg;
} waiting[64];
static size_t waiting_n;

static void wait_for_time(struct rest *r, int64_t ms, void (*fn)(void *arg), void *arg)
{
	ck_assert_uint_lt(waiting_n, ARRAY_LEN(waiting));
	waiting[waiting_n].fn = fn;
	waiting[waiting_n++].arg = arg;
}

static void pass_time(void)
{
	size_t n = waiting_n;
	waiting_n = 0;
	for (size_t i = 0; i < n; i++)
		waiting[i].fn(waiting[i].arg);
	for (int i = 0; i < 20; i++)
		loop_turn(env.loop, 1);
}

static struct slice replaced(struct slice s, const char *from, struct slice to)
{
	struct buf b = { 0 };
	struct slice out;
	ssize_t at;
	if (!s.p)
		return s;
	while ((at = sl_find(s, sl(from))) >= 0) {
		buf_add(&b, s.p, (size_t)at);
		buf_addsl(&b, to);
		s = sl_from(s, (size_t)at + strlen(from));
	}
	buf_addsl(&b, s);
	out = arena_dup(&kept, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* What stands behind a mark up to an end becomes a word, as the recorder did it with times and UUIDs. */
static struct slice masked(struct slice s, const char *mark, size_t n, const char *word)
{
	struct buf b = { 0 };
	struct slice out;
	ssize_t at;
	while ((at = sl_find(s, sl(mark))) >= 0) {
		size_t from = (size_t)at + strlen(mark), end = from + n;
		while (!n && end < s.n && s.p[end] != '"')
			end++;
		buf_add(&b, s.p, from);
		buf_adds(&b, word);
		s = sl_from(s, end);
	}
	buf_addsl(&b, s);
	out = arena_dup(&kept, buf_slice(&b));
	buf_free(&b);
	return out;
}

static struct slice as_recorded(struct slice s)
{
	s = masked(s, "rest-consumer-", 36, "UUID");
	s = masked(s, "\"timestamp\":\"", 0, "TS");
	return replaced(s, "\r\n", S("\n"));
}

struct asked {
	struct asked *next;
	struct http_req req;
	struct http_header headers[3];
	struct arena arena;
	struct rest_call call;
	struct answer answer;
	struct slice location;
};

static struct asked *all_asked;

static void asked_free(void)
{
	for (; all_asked; all_asked = all_asked->next) {
		buf_free(&all_asked->call.body);
		arena_free(&all_asked->arena);
	}
}

static void asked_done(struct rest_call *c)
{
	struct asked *a = c->arg;
	a->location = c->location.p ? arena_dup(&kept, c->location) : c->location;
	c->arg = &a->answer;
	keep(c);
}

static struct asked *begin(const struct exchange *x, struct slice cluster)
{
	struct asked *a = arena_alloc(&kept, sizeof(*a));
	a->next = all_asked;
	all_asked = a;
	struct slice target = replaced(replaced(x->target, RECORDED_CLUSTER, cluster), "RUN", RUN);
	a->headers[0] = (struct http_header){ S("Host"), S("localhost:18082") };
	a->req = (struct http_req){ .arena = &a->arena, .method = x->method, .target = target, .version = S("HTTP/1.1"), .headers = a->headers,
				    .header_n = 1, .body = replaced(x->body, "RUN", RUN), .now_ms = clock_now_ms(env.clock) };
	(void)sl_cut(target, '?', &a->req.path, &a->req.query);
	if (x->type.p)
		a->headers[a->req.header_n++] = (struct http_header){ S("Content-Type"), x->type };
	if (x->accept.p)
		a->headers[a->req.header_n++] = (struct http_header){ S("Accept"), x->accept };
	a->call = (struct rest_call){ .r = &proxy, .req = &a->req, .done = asked_done, .arg = a };
	rest_serve(&a->call);
	return a;
}

/* The groups of that cluster were many; ours must be told as they were. */
static bool groups_equal(struct slice want, struct slice got)
{
	struct slice rest = got, one;
	size_t n = 0;
	while (sl_find(rest, S("{\"kind\":\"KafkaConsumerGroup\",")) >= 0) {
		one = between(&rest, "{\"kind\":\"KafkaConsumerGroup\",", "lag-summary\"}}");
		if (sl_find(one, S("consumer-groups/g-cap2\"")) < 0)
			continue;
		if (sl_find(want, one) < 0)
			return false;
		n++;
	}
	return n == 1;
}

static bool same(const struct exchange *x, const struct asked *a, struct slice cluster)
{
	struct slice want = replaced(replaced(x->answer, RECORDED_CLUSTER, cluster), "RUN", RUN), got = as_recorded(a->answer.body);
	want = replaced(want, "\"port\":19092", S("\"port\":9092"));
	if (!sl_eq(replaced(x->location, RECORDED_CLUSTER, cluster), a->location))
		return false;
	if (a->answer.status != x->status || !sl_eq(sl(a->answer.type), x->answer_type))
		return false;
	return sl_ends(x->target, S("/consumer-groups")) ? groups_equal(want, got) : sl_eq(sl_trim(got), sl_trim(want));
}

/* Where the recorded proxy put its records without a key. */
static void seed_for_partition(struct slice topic, int want)
{
	for (int seed = 0; seed < 100; seed++) {
		if ((int)(faults_hash((uint64_t)seed, topic, 0) % 2) == want) {
			conf_set(env_conf, "stack", "seed", arena_printf(&kept, "%d", seed).p);
			return;
		}
	}
	ck_abort();
}

START_TEST(test_whole)
{
	int replayed = 0, wrong = 0, begun = 0;
	struct error err = { 0 };
	struct slice cluster;
	env_open("kafka");
	seed_for_partition(S("t-cap2"), 1);
	env_serve(&kafka_service, &broker);
	ck_assert_int_eq(kafka_service.start(&broker, &err), 0);
	cluster = kfk_cluster_id(&broker);
	proxy = (struct rest){ .env = &env, .log = &env_ports.log, .broker = &env_ports.broker, .after = wait_for_time };
	for (size_t i = 0; i < exchange_n; i++) {
		struct exchange *x = &exchanges[i];
		struct asked *a;
		if (x->timed_out) { /* what was sent isn't recorded: a partition that isn't there, by all that is known */
			struct exchange lost = *x;
			bool v3 = sl_starts(x->target, S("/v3"));
			lost.method = S("POST");
			lost.type = v3 ? S("application/json") : S("application/vnd.kafka.json.v2+json");
			lost.body = v3 ? S("{\"partition_id\":9,\"value\":{\"type\":\"JSON\",\"data\":1}}") : S("{\"records\":[{\"value\":1,\"partition\":9}]}");
			a = begin(&lost, cluster);
			for (int turn = 0; turn < 20; turn++)
				loop_turn(env.loop, 1);
			ck_assert_int_eq(a->answer.done, 0);
			begun++;
			continue;
		}
		/* The last of them: those that wait for their partition have made the deleted topic anew. */
		if (i + 1 == exchange_n)
			pass_time();
		a = begin(x, cluster);
		env_until(a->answer.done);
		replayed++;
		if (same(x, a, cluster))
			continue;
		wrong++;
		printf("# %s\n#   want %d %.*s %.*s %.*s\n#   got  %d %s %.*s %.*s\n", x->name, x->status, SL(x->answer_type), SL(x->location), SL(x->answer),
		       a->answer.status, a->answer.type ? a->answer.type : "None", SL(a->location), SL(as_recorded(a->answer.body)));
	}
	printf("# %d exchanges replayed, %d differ\n", replayed, wrong);
	ck_assert_int_eq(begun, 3);
	ck_assert_int_eq(replayed, 160);
	ck_assert_int_eq(wrong, 0);
	rest_service.close(&proxy);
	env_close();
	asked_free();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rest exchange");
	TCase *t = tcase_create("recorded");
	int failed;
	if (!load())
		return 0;
	tcase_add_test(t, test_recorded);
	tcase_add_test(t, test_recorded_bytes);
	tcase_add_test(t, test_partition_out_of_range_waits);
	tcase_add_test(t, test_whole);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	failed = run_suite(s);
	arena_free(&kept);
	free(text);
	return failed;
}
