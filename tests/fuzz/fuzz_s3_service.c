/* Whole requests to the object store, one after the other: XML documents, policies, forms, query strings, conditions and headers on their
 * way through every operation. "METHOD target\nname: value\n...\n\nbody\n====\nMETHOD ..."; each is answered, and none with a 500. */
#include "core/httpc.h"
#include "core/identities.h"
#include "core/service.h"

extern const struct service s3_service;
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { SERVED_MOST = 5000 }; /* then the store is begun anew */

static struct world {
	struct env env;
	struct conf *conf;
	struct ports ports;
	struct http_listener *http;
	void *self;
	char url[64];
	int served;
} w;

static void on_call(void *self, struct http_call *call)
{
	s3_service.http(self, call);
}

static void on_commit(void *self)
{
	struct error err;
	if (service_dirty(&s3_service, self) && service_commit(&s3_service, self, &err))
		abort();
}

static void begin(void)
{
	struct error err;
	w.conf = conf_new();
	conf_set(w.conf, "buckets", "bucket", "");
	conf_set(w.conf, "identity.alice", "key", "AK");
	conf_set(w.conf, "identity.alice", "secret", "secret");
	conf_set(w.conf, "stack", "auth", "off");
	w.env = (struct env){ .loop = loop_new(), .conf = w.conf, .ports = &w.ports, .name = "s3", .durability = DURABILITY_OFF };
	w.env.clock = clock_new(w.env.loop);
	w.env.faults = faults_new(1);
	w.env.log = log_new(2, LOG_ERROR);
	w.env.metrics = metrics_new();
	w.env.journal = journal_new();
	w.env.httpc = httpc_new(w.env.loop);
	w.self = xcalloc(1, s3_service.size);
	struct http_opts http = { .bind = "127.0.0.1", .body_max = s3_service.body_max, .on_call = on_call, .arg = w.self };
	if (s3_service.open(w.self, &w.env, &err) || http_listen(&w.env, &http, &w.http, &err))
		abort();
	loop_on_commit(w.env.loop, on_commit, w.self);
	if (s3_service.provide)
		s3_service.provide(w.self, &w.ports);
	snprintf(w.url, sizeof(w.url), "http://127.0.0.1:%d", http_port(w.http));
}

static void end(void)
{
	httpc_free(w.env.httpc);
	w.env.httpc = NULL;
	s3_service.close(w.self);
	http_close(w.http);
	clock_free(w.env.clock);
	loop_free(w.env.loop);
	faults_free(w.env.faults);
	journal_free(w.env.journal);
	metrics_free(w.env.metrics);
	log_free(w.env.log);
	conf_free(w.conf);
	free(w.self);
	w = (struct world){ 0 };
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	if (!err && (resp->status < 100 || resp->status == 500)) {
		fprintf(stderr, "%d %.*s\n", resp->status, SL(resp->body));
		abort();
	}
	*(bool *)arg = true;
}

/* The signature is any: auth is off. */
static void ask(struct arena *a, struct slice text)
{
	struct http_header headers[24];
	struct httpc_req req = { .headers = headers };
	struct slice rest, line, x, y, target;
	bool done = false;
	sl_cut(text, '\n', &line, &rest);
	sl_cut(line, ' ', &req.method, &target);
	for (size_t i = 0; i < target.n; i++)
		if ((unsigned char)target.p[i] <= ' ' || (unsigned char)target.p[i] >= 0x7f || target.p[i] == '#')
			return;
	for (size_t i = 0; i < req.method.n; i++)
		if (req.method.p[i] < 'A' || req.method.p[i] > 'Z')
			return;
	if (!req.method.n || !sl_starts(target, S("/")))
		return;
	req.url = arena_printf(a, "%s%.*s", w.url, SL(target));
	while (rest.p && req.header_n < ARRAY_LEN(headers)) {
		sl_cut(rest, '\n', &line, &rest);
		if (!sl_cut(line, ':', &x, &y))
			break;
		if (x.n && !sl_eq_nocase(x, S("content-length")) && !sl_eq_nocase(x, S("transfer-encoding")) && !memchr(line.p, 0, line.n))
			headers[req.header_n++] = (struct http_header){ x, sl_trim(y) };
	}
	req.body = rest;
	(void)httpc_send(w.env.httpc, &req, on_answer, &done);
	for (int i = 0; !done; i++) {
		loop_turn(w.env.loop, 5);
		if (i == 2000)
			abort(); /* no answer */
	}
	w.served++;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct slice rest = sl_of(p, n);
	if (!w.self)
		begin();
	for (int i = 0; rest.n && i < 12; i++) {
		ssize_t at = sl_find(rest, S("\n====\n"));
		ask(&a, at < 0 ? rest : sl_of(rest.p, (size_t)at));
		rest = at < 0 ? S("") : sl_from(rest, (size_t)at + 6);
	}
	arena_free(&a);
	if (w.served > SERVED_MOST)
		end();
	return 0;
}
