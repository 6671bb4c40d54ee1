/* One call: which API and stage, route, key, integration, answer. */
#include <stdio.h>
#include <string.h>

#include "apigateway/apigateway.h"
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

static struct agw_call *begin(struct agw *g, struct http_call *call)
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

static bool has_stage(const struct agw_api *api, struct slice stage)
{
	for (size_t i = 0; i < api->stage_n; i++)
		if (sl_eq(api->stages[i], stage))
			return true;
	return false;
}

/* Several APIs may share a stage name: one with a resource of its own for the path comes before a catch-all. */
static bool find_route(struct agw_call *c, enum agw_error *why)
{
	struct agw_match m;
	struct slice id;
	bool found = false, known = false;

	split_target(c, &id);
	*why = AGW_E_FORBIDDEN;
	for (size_t i = 0; i < c->g->api_n; i++) {
		const struct agw_api *api = c->g->apis[i];

		if (id.p && !sl_eq(api->id, id))
			continue;
		known = true;
		if (!has_stage(api, c->stage))
			continue;
		*why = AGW_E_MISSING_TOKEN;
		if (!agw_route(api, c->call->req.method, c->path, &m))
			continue;
		if (found && m.node->kind == AGW_GREEDY)
			continue;
		c->api = api;
		c->match = m;
		found = true;
		if (m.node->kind != AGW_GREEDY)
			break;
	}
	if (id.p && !known)
		*why = AGW_E_NO_API;
	return found;
}

static bool key_ok(const struct agw_call *c)
{
	struct slice sent = http_get(&c->call->req, "x-api-key");
	const char *name, *value;

	if (!sent.n)
		return false;
	for (size_t i = 0; conf_at(c->g->env->conf, "apigateway.keys", i, &name, &value); i++)
		if (sl_eq(sent, sl(value)))
			return true;
	return false;
}

void agw_misconfigured(struct agw_call *c, const char *why)
{
	log_warn(c->g->env, "invoke", "api=%.*s stage=%.*s resource=%.*s trace=%s error=\"%s\"", SL(c->api->id), SL(c->stage),
		 SL(c->match.node->path), c->call->req.trace, why);
	agw_fail(c, AGW_E_CONFIGURATION);
}

/* ---- the way out ---- */

static void put_header(struct http_call *call, struct slice name, struct slice value)
{
	struct slice out = name;

	switch (agw_header_goes_out(name)) {
	case AGW_OUT_DROP:
		return;
	case AGW_OUT_REMAP:
		out = arena_printf(call->req.arena, "x-amzn-Remapped-%.*s", SL(name));
		break;
	case AGW_OUT_PASS:
		break;
	}
	if (call->resp.header_n < HTTP_HEADERS_OUT_MAX - 4)
		http_add(call, arena_cstr(call->req.arena, out), value);
}

static struct slice answer_value(const struct agw_call *c, const struct agw_param *p, const struct httpc_resp *resp)
{
	if (p->source == AGW_FROM_HEADER) {
		for (size_t i = 0; resp && i < resp->header_n; i++)
			if (sl_eq_nocase(resp->headers[i].name, p->value))
				return resp->headers[i].value;
		return (struct slice){ 0 };
	}
	if (p->source == AGW_FROM_BODY)
		return resp && sl_eqs(p->value, "body") ? resp->body : (struct slice){ 0 };
	return agw_value(c, p);
}

/* The answer of a custom or mock integration. resp NULL: a mock. */
static void answer_custom(struct agw_call *c, int status, const struct httpc_resp *resp)
{
	const struct agw_answer *a = agw_pick_answer(&c->match.method->in, status);
	struct http_call *call = c->call;
	struct slice body = resp ? resp->body : S(""), text;
	struct error err;

	if (!a) {
		agw_misconfigured(c, "no integration response for this status");
		return;
	}
	text = agw_response_template(a, http_get(&call->req, "Accept"));
	if (text.p && agw_render(c, text, &body, &err)) {
		agw_misconfigured(c, err.text);
		return;
	}
	agw_set_ids(c);
	if (resp)
		http_setsl(call, "X-Amzn-Trace-Id", sl(c->trace_id));
	for (size_t i = 0; i < a->param_n; i++) {
		struct slice v = answer_value(c, &a->params[i], resp);

		if (v.p)
			put_header(call, a->params[i].name, v);
	}
	bool typed = agw_has_header(call->resp.headers, call->resp.header_n, S("Content-Type"));
	http_reply(call, a->status, typed ? NULL : "application/json", body);
}

static void answer_proxy(struct agw_call *c, const struct httpc_resp *resp)
{
	struct http_call *call = c->call;

	agw_set_ids(c);
	http_setsl(call, "X-Amzn-Trace-Id", sl(c->trace_id));
	for (size_t i = 0; i < resp->header_n; i++) {
		put_header(call, resp->headers[i].name, resp->headers[i].value);
		if (call->head_only && sl_eq_nocase(resp->headers[i].name, S("Content-Length")))
			http_setsl(call, "Content-Length", resp->headers[i].value);
	}
	bool typed = agw_has_header(resp->headers, resp->header_n, S("Content-Type"));
	http_reply(call, resp->status, typed ? NULL : "application/json", resp->body);
}

void agw_answer(struct agw_call *c, const struct httpc_resp *resp)
{
	if (c->match.method->in.type == AGW_HTTP_PROXY)
		answer_proxy(c, resp);
	else
		answer_custom(c, resp->status, resp);
}

/* ---- the way in ---- */

/* The body for the integration. Returns false when the call has been answered. */
static bool make_body(struct agw_call *c, struct slice *body)
{
	struct http_req *req = &c->call->req;
	struct slice text;
	struct error err;

	*body = req->body;
	if (!agw_request_template(&c->match.method->in, http_get(req, "Content-Type"), &text)) {
		agw_fail(c, AGW_E_UNSUPPORTED_TYPE);
		return false;
	}
	if (text.p && agw_render(c, text, body, &err)) {
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
		agw_call_backend(c, c->call->req.body);
		return;
	case AGW_HTTP:
		if (make_body(c, &body))
			agw_call_backend(c, body);
		return;
	case AGW_MOCK:
		if (!make_body(c, &body))
			return;
		status = agw_mock_status(body);
		if (status < 0)
			agw_misconfigured(c, "the mock's template gives no statusCode");
		else
			answer_custom(c, status, NULL);
		return;
	case AGW_AWS:
	case AGW_AWS_PROXY:
		/* DIFFERS: integrations of type AWS and AWS_PROXY are imported, but calling them fails. */
		agw_misconfigured(c, "integrations of type AWS are not served");
		return;
	}
}

void agw_invoke(struct agw *g, struct http_call *call)
{
	struct agw_call *c = begin(g, call);
	enum agw_error why;

	if (!find_route(c, &why))
		agw_fail(c, why);
	else if (c->match.method->authorized)
		/* DIFFERS: authorizers and IAM are not served; their methods fail as with a broken authorizer. */
		agw_misconfigured(c, "the method wants an authorizer or IAM, which are not served");
	else if (c->match.method->key_required && !key_ok(c))
		agw_fail(c, AGW_E_FORBIDDEN);
	else
		integrate(c);
}

void agw_too_large(struct agw *g, struct http_call *call)
{
	agw_fail(begin(g, call), AGW_E_TOO_LARGE);
}
