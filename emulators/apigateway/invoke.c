/* One call: which API and stage, route, key, integration, answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"
#include "core/sigv4.h"

/* ---- identity of the call ---- */

static void make_ids(struct gateway *g, struct gw_call *c)
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

struct slice gw_uuid(struct gateway *g, struct http_call *call)
{
	struct gw_call c = { .g = g, .call = call };
	make_ids(g, &c);
	return arena_dup(call->req.arena, sl(c.request_id));
}

struct gw_call *gw_begin(struct gateway *g, struct http_call *call)
{
	struct gw_call *c = arena_alloc(call->req.arena, sizeof(*c));
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
static void split_target(const struct http_req *req, struct slice *id, struct slice *stage, struct slice *path)
{
	struct slice host = http_get(req, "Host"), first, rest;
	*id = sl(NULL);
	*path = req->path;
	if (host.p && sl_cut(host, '.', &first, &rest) && first.n && sl_starts(rest, S("execute-api."))) {
		*id = first;
	} else if (sl_starts(*path, S("/_aws/execute-api/"))) {
		(void)take(path);
		(void)take(path);
		*id = take(path);
	} else if (sl_starts(*path, S("/restapis/")) && sl_find(*path, S("/_user_request_")) > 0) {
		(void)take(path);
		*id = take(path);
		*stage = take(path);
		(void)take(path);
		return;
	}
	*stage = take(path);
}

bool gw_addressed(const struct http_req *req)
{
	struct slice id, stage, path;
	split_target(req, &id, &stage, &path);
	return id.p != NULL;
}

/* Of a canary's share of the calls every one at its turn, so that a run can be repeated. */
static void choose(struct gw_call *c)
{
	struct gw_stage *st = c->st;
	double before = (double)st->asked * st->canary_percent / 100, after = (double)(st->asked + 1) * st->canary_percent / 100;
	c->canary = st->canary && (uint64_t)after > (uint64_t)before;
	c->api = c->canary ? st->canary : st->api;
	c->vars = c->canary ? st->canary_vars : st->vars;
	c->var_n = c->canary ? st->canary_var_n : st->var_n;
}

/* Several APIs may share a stage name: one with a resource of its own for the path comes before a catch-all. */
static bool find_route(struct gw_call *c, enum gw_error *why)
{
	struct gw_call best = { 0 };
	struct gw_match m;
	struct slice id;
	split_target(&c->call->req, &id, &c->stage, &c->path);
	*why = GW_E_FORBIDDEN;
	if (id.p && !json_object_get(gw_docs(c->g, K_API, ""), arena_cstr(c->call->req.arena, id))) {
		*why = GW_E_NO_API;
		c->bad = arena_printf(c->call->req.arena, "The API id '%.*s' does not correspond to a deployed API Gateway API", SL(id));
	}
	for (struct gw_stage *st = gw_stages(c->g); st; st = st->next) {
		if ((id.p && !sl_eq(st->api_id, id)) || !sl_eq(st->name, c->stage) || !st->api)
			continue;
		c->st = st;
		choose(c);
		if (c->api->closed)
			continue;
		*why = GW_E_MISSING_TOKEN;
		if (!gw_route(c->api, c->call->req.method, c->path, &m)) {
			if (!best.st && id.p)
				best.api = c->api;
			continue;
		}
		if (best.st && m.node->kind == GW_GREEDY)
			continue;
		best = *c;
		best.match = m;
		if (m.node->kind != GW_GREEDY)
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

void gw_misconfigured(struct gw_call *c, const char *why)
{
	log_warn(c->g->env, "invoke", "api=%.*s stage=%.*s resource=%.*s trace=%s error=\"%s\"", SL(c->api->id), SL(c->stage),
		 SL(c->match.node->path), c->call->req.trace, why);
	gw_trace(c, "Execution failed due to configuration error: %s", why);
	gw_fail(c, GW_E_CONFIGURATION);
}

/* ---- the way in ---- */

static bool listed_type(const struct gw_api *api, struct slice type)
{
	struct slice rest;
	if (type.p)
		(void)sl_cut(type, ';', &type, &rest);
	for (size_t i = 0; i < api->binary_n; i++)
		if (sl_eqs(api->binary[i], "*/*") || (type.n && sl_eq_nocase(api->binary[i], sl_trim(type))))
			return true;
	return false;
}

bool gw_is_binary(const struct gw_call *c, struct slice type)
{
	return listed_type(c->api, type);
}

/* A body that isn't a binary media type goes on as text: bytes that aren't UTF-8 become U+FFFD. Errors: INVALID. */
int gw_convert(struct gw_call *c, enum gw_convert how, bool binary, struct slice body, struct slice *out, struct error *err)
{
	struct arena *a = c->call->req.arena;
	struct buf b;
	*out = body;
	if (binary && how == GW_CONVERT_TO_TEXT) {
		buf_init(&b, 0);
		buf_base64(&b, body.p, body.n);
		*out = arena_dup(a, buf_slice(&b));
		buf_free(&b);
	} else if (!binary && how == GW_CONVERT_TO_BINARY) {
		if (!arena_base64(a, sl_trim(body), out))
			return err_set(err, ERR_INVALID, "Unable to base64 decode the body.");
	} else if (!binary && body.n && !sl_is_utf8(body)) {
		*out = gw_as_text(a, body);
	}
	return 0;
}

/* The body for the integration. Returns false when the call has been answered. */
static bool make_body(struct gw_call *c, struct slice *body)
{
	struct http_req *req = &c->call->req;
	const struct gw_template *t;
	struct slice in;
	struct error err;
	if (gw_convert(c, c->match.method->in.convert, gw_is_binary(c, http_get(req, "Content-Type")), req->body, &in, &err)) {
		gw_misconfigured(c, err.text);
		return false;
	}
	*body = in;
	if (!gw_request_template(&c->match.method->in, http_get(req, "Content-Type"), &t)) {
		gw_fail(c, GW_E_UNSUPPORTED_TYPE);
		return false;
	}
	if (t && gw_render(c, t, in, body, &err)) {
		gw_misconfigured(c, err.text);
		return false;
	}
	return true;
}

static void integrate(struct gw_call *c)
{
	struct slice body;
	int status;
	switch (c->match.method->in.type) {
	case GW_HTTP_PROXY:
		gw_call_backend(c, c->call->req.body);
		return;
	case GW_HTTP:
		if (make_body(c, &body))
			gw_call_backend(c, body);
		return;
	case GW_MOCK:
		if (!make_body(c, &body))
			return;
		status = gw_mock_status(body);
		if (status < 0)
			gw_misconfigured(c, "Unable to parse statusCode. It should be an integer that is defined in the request template.");
		else
			gw_answer_custom(c, status, NULL);
		return;
	case GW_AWS:
		if (make_body(c, &body))
			gw_call_aws(c, body);
		return;
	case GW_AWS_PROXY:
		/* DIFFERS: Lambda functions are not served. */
		gw_misconfigured(c, "integrations of type AWS_PROXY (Lambda) are not served");
		return;
	}
}

void gw_run(struct gw_call *c)
{
	c->began_ms = clock_now_ms(c->g->env->clock);
	if (!c->match.method->integrated)
		gw_misconfigured(c, "No integration defined for method");
	else if (c->match.method->authorized && !c->match.method->iam && !c->test)
		/* DIFFERS: authorizers are not served; their methods fail as with a broken authorizer. */
		gw_misconfigured(c, "the method wants an authorizer, which is not served");
	else if (gw_check(c))
		integrate(c);
}

void gw_reply(struct gw_call *c, int status, const char *type, struct slice body)
{
	struct gw_stage *st = c->st;
	struct gateway *g = c->g;
	json_decref(c->key);
	c->key = NULL;
	if (c->test) {
		gw_test_done(c, status, type, body);
		return;
	}
	http_reply(c->call, status, type, arena_dup(c->call->req.arena, body)); /* the body may lie in the stage's arena */
	gw_stage_done(g, st);
}

void gw_invoke(struct gateway *g, struct http_call *call)
{
	struct gw_call *c = gw_begin(g, call);
	enum gw_error why;
	if (call->req.body.n > GW_BODY_MAX) { /* the AWS port lets larger ones in, for S3 */
		gw_fail(c, GW_E_TOO_LARGE);
		return;
	}
	if (find_route(c, &why)) {
		c->st->calls++;
		c->st->asked++;
		gw_run(c);
		return;
	}
	gw_fail(c, why);
}

void gw_too_large(struct gateway *g, struct http_call *call)
{
	gw_fail(gw_begin(g, call), GW_E_TOO_LARGE);
}
