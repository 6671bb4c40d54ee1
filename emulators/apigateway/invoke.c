/* One call: which API and stage, route, key, integration, answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"
#include "core/httpc.h"
#include "core/sigv4.h"

/* ---- identity of the call ---- */

static void make_ids(struct agw *g, struct agw_call *c)
{
	struct http_req *req = &c->call->req;
	struct slice seed = arena_printf(req->arena, "apigateway %s %llu", req->trace, (unsigned long long)g->made++);
	struct slice sent = http_get(req, "X-Amzn-Trace-Id");
	uint8_t h[32];
	struct buf b;

	hash_sha256(seed.p, seed.n, h);
	snprintf(c->request_id, sizeof(c->request_id), "%02x%02x%02x%02x-%02x%02x-4%01x%02x-%x%x%02x-%02x%02x%02x%02x%02x%02x", h[0], h[1],
		 h[2], h[3], h[4], h[5], h[6] & 15, h[7], 8 + (h[8] & 3), h[8] >> 4, h[9], h[10], h[11], h[12], h[13], h[14], h[15]);
	buf_init(&b, 64);
	buf_base64(&b, h + 16, 11);
	memcpy(c->extended_id, b.p, 16);
	buf_free(&b);
	if (sl_starts(sent, S("Root=")) && sent.n < sizeof(c->trace_id))
		memcpy(c->trace_id, sent.p, sent.n);
	else
		snprintf(c->trace_id, sizeof(c->trace_id), "Root=1-%08llx-%02x%02x%02x%02x%02x%02x%02x%02x%02x%02x%02x%02x",
			 (unsigned long long)(req->now_ms / 1000) & 0xffffffffULL, h[16], h[17], h[18], h[19], h[20], h[21], h[22],
			 h[23], h[24], h[25], h[26], h[27]);
}

struct slice agw_uuid(struct agw *g, struct http_call *call)
{
	struct agw_call c = { .g = g, .call = call };

	make_ids(g, &c);
	return arena_dup(call->req.arena, sl(c.request_id));
}

struct agw_call *agw_begin(struct agw *g, struct http_call *call)
{
	struct agw_call *c = arena_alloc(call->req.arena, sizeof(*c));

	c->g = g;
	c->call = call;
	call->op = "Invoke";
	make_ids(g, c);
	return c;
}

/* ---- API, stage and route ---- */

/* Takes the first segment off a path: "/prod/x" -> "prod", "/x". */
static struct slice take(struct slice *path)
{
	struct slice rest = path->n ? sl_of(path->p + 1, path->n - 1) : *path, seg;
	ssize_t slash = sl_chr(rest, '/');

	seg = slash < 0 ? rest : sl_of(rest.p, (size_t)slash);
	*path = sl_of(rest.p + seg.n, rest.n - seg.n);
	return seg;
}

/* Splits the target; *id is absent when any API may be meant. */
static void split_target(struct agw_call *c, struct slice *id)
{
	struct slice host = http_get(&c->call->req, "Host"), first, rest;

	*id = (struct slice){ 0 };
	c->path = c->call->req.path;
	if (host.p && sl_cut(host, '.', &first, &rest) && sl_starts(rest, S("execute-api."))) {
		*id = first;
	} else if (sl_starts(c->path, S("/_aws/execute-api/"))) {
		(void)take(&c->path);
		(void)take(&c->path);
		*id = take(&c->path);
	} else if (sl_starts(c->path, S("/restapis/")) && sl_find(c->path, S("/_user_request_")) > 0) {
		(void)take(&c->path);
		*id = take(&c->path);
		c->stage = take(&c->path);
		(void)take(&c->path);
		return;
	}
	c->stage = take(&c->path);
}

static struct slice agw_target_id(struct agw_call *c)
{
	struct slice id;

	split_target(c, &id);
	return id;
}

/* Of a canary's share of the calls every one at its turn, so that a run can be repeated. */
static void choose(struct agw_call *c)
{
	struct agw_stage *st = c->st;
	double before = (double)st->asked * st->canary_percent / 100, after = (double)(st->asked + 1) * st->canary_percent / 100;

	c->canary = st->canary && (uint64_t)after > (uint64_t)before;
	c->api = c->canary ? st->canary : st->api;
	c->vars = c->canary ? st->canary_vars : st->vars;
	c->var_n = c->canary ? st->canary_var_n : st->var_n;
}

/* Several APIs may share a stage name: one with a resource of its own for the path comes before a catch-all. */
static bool find_route(struct agw_call *c, enum agw_error *why)
{
	struct agw_call best = { 0 };
	struct agw_match m;
	struct slice id;

	split_target(c, &id);
	*why = id.p && !json_object_get(agw_docs(c->g, K_API, ""), arena_cstr(c->call->req.arena, id)) ? AGW_E_NO_API : AGW_E_FORBIDDEN;
	for (struct agw_stage *st = agw_stages(c->g); st; st = st->next) {
		if ((id.p && !sl_eq(st->api_id, id)) || !sl_eq(st->name, c->stage) || !st->api)
			continue;
		c->st = st;
		choose(c);
		if (c->api->closed)
			continue;
		*why = AGW_E_MISSING_TOKEN;
		if (!agw_route(c->api, c->call->req.method, c->path, &m)) {
			if (!best.st && id.p)
				best.api = c->api;
			continue;
		}
		if (best.st && m.node->kind == AGW_GREEDY)
			continue;
		best = *c;
		best.match = m;
		if (m.node->kind != AGW_GREEDY)
			break;
	}
	c->st = best.st;
	c->api = best.api; /* its gateway responses hold even without a route */
	c->canary = best.canary;
	c->vars = best.vars;
	c->var_n = best.var_n;
	c->match = best.match;
	return best.st != NULL;
}

void agw_misconfigured(struct agw_call *c, const char *why)
{
	log_warn(c->g->env, "invoke", "api=%.*s stage=%.*s resource=%.*s trace=%s error=\"%s\"", SL(c->api->id), SL(c->stage),
		 SL(c->match.node->path), c->call->req.trace, why);
	agw_trace(c, "Execution failed due to configuration error: %s", why);
	agw_fail(c, AGW_E_CONFIGURATION);
}

/* ---- the way in ---- */

struct out_headers {
	struct http_header h[AGW_HEADERS_MAX];
	size_t n;
};

static void out_add(struct out_headers *o, struct slice name, struct slice value)
{
	if (o->n < AGW_HEADERS_MAX)
		o->h[o->n++] = (struct http_header){ name, value };
}

static void out_default(struct out_headers *o, struct slice name, struct slice value)
{
	if (!agw_has_header(o->h, o->n, name))
		out_add(o, name, value);
}

static void out_set(struct out_headers *o, struct slice name, struct slice value)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->n; i++)
		if (!sl_eq_nocase(o->h[i].name, name))
			o->h[kept++] = o->h[i];
	o->n = kept;
	out_add(o, name, value);
}

/* Errors: INVALID when a mapping names a header that may not be set. */
static int make_headers(struct agw_call *c, struct slice host, struct slice body, struct out_headers *o, struct error *err)
{
	const struct agw_integration *in = &c->match.method->in;
	struct http_req *req = &c->call->req;
	struct arena *a = req->arena;
	struct slice sent_host = http_get(req, "Host"), name, port, value;
	struct slice forwarded = http_get(req, "X-Forwarded-For");

	for (size_t i = 0; in->type == AGW_HTTP_PROXY && i < req->header_n; i++)
		if (agw_header_goes_in(req->headers[i].name))
			out_add(o, req->headers[i].name, req->headers[i].value);
	out_add(o, S("Host"), host);
	for (size_t i = 0; i < in->param_n; i++) {
		struct slice v;

		if (in->params[i].place != AGW_HEADER)
			continue;
		if (!agw_header_may_map(in->type, in->params[i].name))
			return err_set(err, ERR_INVALID, "header %.*s can't be mapped", SL(in->params[i].name));
		v = agw_value(c, &in->params[i]);
		if (v.p)
			out_set(o, in->params[i].name, v);
	}
	for (size_t i = 0; agw_override_next(c, "requestOverride.header", &i, &name, &value);)
		out_set(o, name, value);
	if (in->type != AGW_HTTP_PROXY && http_get(req, "Content-Type").n)
		out_default(o, S("Content-Type"), http_get(req, "Content-Type"));
	if (body.n)
		out_default(o, S("Content-Type"), S("application/json"));
	if (in->type == AGW_HTTP_PROXY) {
		bool has_port = sent_host.p && sl_cut(sent_host, ':', &name, &port);

		out_add(o, S("X-Forwarded-For"), forwarded.n ? arena_printf(a, "%.*s, %.*s", SL(forwarded), SL(req->remote)) : req->remote);
		out_add(o, S("X-Forwarded-Port"), has_port ? port : S("80"));
		out_add(o, S("X-Forwarded-Proto"), S("http"));
	} else {
		out_default(o, S("Accept"), S("application/json"));
		out_default(o, S("User-Agent"), arena_printf(a, "AmazonAPIGateway_%.*s", SL(c->api->id)));
	}
	out_add(o, S("X-Amzn-Apigateway-Api-Id"), c->api->id);
	out_add(o, S("X-Amzn-Trace-Id"), sl(c->trace_id));
	out_add(o, S("X-Tarn-Trace"), sl(req->trace));
	return 0;
}

/* Splits "http://authority/rest"; gives the url to connect to by [apigateway.hosts]. */
static struct slice redirect(struct agw_call *c, struct slice url, struct slice *authority)
{
	const struct conf *conf = c->g->env->conf;
	struct arena *a = c->call->req.arena;
	size_t skip = (size_t)sl_find(url, S("://")) + 3, n = 0;
	const char *to;

	while (skip + n < url.n && !strchr("/?#", url.p[skip + n]))
		n++;
	*authority = sl_of(url.p + skip, n);
	to = conf_get(conf, "apigateway.hosts", arena_cstr(a, *authority));
	if (!to)
		return url;
	if (strcmp(to, "rest"))
		return arena_printf(a, "%.*s%s%.*s", (int)skip, url.p, to, (int)(url.n - skip - n), url.p + skip + n);
	return arena_printf(a, "http://%s:%s%.*s", conf_str(conf, "rest", "listen_host", "127.0.0.1"),
			    conf_str(conf, "rest", "listen_port", "8082"), (int)(url.n - skip - n), url.p + skip + n);
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct agw_call *c = arg;
	enum agw_error e = AGW_E_NETWORK;

	if (err) {
		/* httpc gives a def to failures before anything was sent: AWS calls those a wrong configuration. */
		if (err->kind == ERR_TIMEOUT)
			e = AGW_E_TIMEOUT;
		else if (err->def)
			e = AGW_E_CONFIGURATION;
		log_warn(c->g->env, "invoke", "api=%.*s stage=%.*s resource=%.*s trace=%s error=\"%s\"", SL(c->api->id), SL(c->stage),
			 SL(c->match.node->path), c->call->req.trace, err->text);
		agw_trace(c, "Execution failed due to %s: %s", e == AGW_E_TIMEOUT ? "a timeout error" : "configuration error", err->text);
		agw_fail(c, e);
		return;
	}
	agw_trace(c, "Received response. Status: %d, Integration latency: %lld ms", resp->status,
		  (long long)(clock_now_ms(c->g->env->clock) - c->began_ms));
	if (c->test)
		agw_trace_headers(c, "Endpoint response headers", resp->headers, resp->header_n);
	agw_trace(c, "Endpoint response body before transformations: %.*s", SL(resp->body));
	if (c->match.method->in.type == AGW_HTTP_PROXY)
		agw_answer_proxy(c, resp);
	else
		agw_answer_custom(c, resp->status, resp);
}

static void call_backend(struct agw_call *c, struct slice body)
{
	const struct agw_integration *in = &c->match.method->in;
	struct http_req *req = &c->call->req;
	struct out_headers o = { .n = 0 };
	struct httpc_req out = { .timeout_ms = in->timeout_ms };
	struct slice host;
	struct error err;

	if (agw_url(c, &out.url, &err)) {
		agw_misconfigured(c, err.text);
		return;
	}
	if (sl_find(out.url, S("://")) < 0) {
		agw_misconfigured(c, "the uri is not an address");
		return;
	}
	out.url = redirect(c, out.url, &host);
	if (make_headers(c, host, body, &o, &err)) {
		agw_misconfigured(c, err.text);
		return;
	}
	out.method = !in->method.n || sl_eq_nocase(in->method, S("ANY")) ? req->method : in->method;
	out.headers = o.h;
	out.header_n = o.n;
	if (body.n || sl_eqs(out.method, "POST") || sl_eqs(out.method, "PUT") || sl_eqs(out.method, "PATCH"))
		out.body = body.p ? body : S("");
	c->sent = body;
	if (c->test) {
		agw_trace(c, "Endpoint request URI: %.*s", SL(out.url));
		agw_trace_headers(c, "Endpoint request headers", o.h, o.n);
		agw_trace(c, "Endpoint request body after transformations: %.*s", SL(body));
		agw_trace(c, "Sending request to %.*s", SL(out.url));
	}
	httpc_send(c->g->env->httpc, &out, on_answer, c);
}

static bool listed_type(const struct agw_api *api, struct slice type)
{
	struct slice rest;

	if (type.p)
		(void)sl_cut(type, ';', &type, &rest);
	for (size_t i = 0; i < api->binary_n; i++)
		if (sl_eqs(api->binary[i], "*/*") || (type.n && sl_eq_nocase(api->binary[i], sl_trim(type))))
			return true;
	return false;
}

bool agw_is_binary(const struct agw_call *c, struct slice type)
{
	return listed_type(c->api, type);
}

/* A body that isn't a binary media type goes on as text: bytes that aren't UTF-8 become U+FFFD. Errors: INVALID. */
int agw_convert(struct agw_call *c, enum agw_convert how, bool binary, struct slice body, struct slice *out, struct error *err)
{
	struct arena *a = c->call->req.arena;
	struct buf b;

	*out = body;
	if (binary && how == AGW_CONVERT_TO_TEXT) {
		buf_init(&b, 0);
		buf_base64(&b, body.p, body.n);
		*out = arena_dup(a, buf_slice(&b));
		buf_free(&b);
	} else if (!binary && how == AGW_CONVERT_TO_BINARY) {
		if (!arena_base64(a, sl_trim(body), out))
			return err_set(err, ERR_INVALID, "Unable to base64 decode the body.");
	} else if (!binary && body.n && !sl_is_utf8(body)) {
		*out = agw_as_text(a, body);
	}
	return 0;
}

/* The body for the integration. Returns false when the call has been answered. */
static bool make_body(struct agw_call *c, struct slice *body)
{
	struct http_req *req = &c->call->req;
	const struct agw_template *t;
	struct slice in;
	struct error err;

	if (agw_convert(c, c->match.method->in.convert, agw_is_binary(c, http_get(req, "Content-Type")), req->body, &in, &err)) {
		agw_misconfigured(c, err.text);
		return false;
	}
	*body = in;
	if (!agw_request_template(&c->match.method->in, http_get(req, "Content-Type"), &t)) {
		agw_fail(c, AGW_E_UNSUPPORTED_TYPE);
		return false;
	}
	if (t && agw_render(c, t, in, body, &err)) {
		agw_misconfigured(c, err.text);
		return false;
	}
	return true;
}

static void integrate(struct agw_call *c)
{
	struct slice body;
	int status;

	switch (c->match.method->in.type) {
	case AGW_HTTP_PROXY:
		call_backend(c, c->call->req.body);
		return;
	case AGW_HTTP:
		if (make_body(c, &body))
			call_backend(c, body);
		return;
	case AGW_MOCK:
		if (!make_body(c, &body))
			return;
		status = agw_mock_status(body);
		if (status < 0)
			agw_misconfigured(c, "Unable to parse statusCode. It should be an integer that is defined in the request template.");
		else
			agw_answer_custom(c, status, NULL);
		return;
	case AGW_AWS:
		if (make_body(c, &body))
			agw_call_aws(c, body);
		return;
	case AGW_AWS_PROXY:
		/* DIFFERS: Lambda functions are not served. */
		agw_misconfigured(c, "integrations of type AWS_PROXY (Lambda) are not served");
		return;
	}
}

void agw_run(struct agw_call *c)
{
	c->began_ms = clock_now_ms(c->g->env->clock);
	if (!c->match.method->integrated)
		agw_misconfigured(c, "No integration defined for method");
	else if (c->match.method->authorized && !c->test)
		/* DIFFERS: authorizers and IAM are not served; their methods fail as with a broken authorizer. */
		agw_misconfigured(c, "the method wants an authorizer or IAM, which are not served");
	else if (agw_check(c))
		integrate(c);
}

void agw_reply(struct agw_call *c, int status, const char *type, struct slice body)
{
	struct agw_stage *st = c->st;
	struct agw *g = c->g;

	json_decref(c->key);
	c->key = NULL;
	if (c->test) {
		agw_test_done(c, status, type, body);
		return;
	}
	http_reply(c->call, status, type, arena_dup(c->call->req.arena, body)); /* the body may lie in the stage's arena */
	agw_stage_done(g, st);
}

void agw_invoke(struct agw *g, struct http_call *call)
{
	struct agw_call *c = agw_begin(g, call);
	enum agw_error why;

	if (find_route(c, &why)) {
		c->st->calls++;
		c->st->asked++;
		agw_run(c);
		return;
	}
	if (why == AGW_E_NO_API)
		c->bad = arena_printf(call->req.arena, "The API id '%.*s' does not correspond to a deployed API Gateway API", SL(agw_target_id(c)));
	agw_fail(c, why);
}

void agw_too_large(struct agw *g, struct http_call *call)
{
	agw_fail(agw_begin(g, call), AGW_E_TOO_LARGE);
}
