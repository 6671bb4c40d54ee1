/* One call: which API, stage and method, then the steps in their order. The only file that ends a call. */
#include "apigateway/run.h"
#include "core/httpc.h"

enum { LITTLE = 512 /* bytes of a body that may be read often */ };

/* ---- API, stage and route ---- */

/* A path with one slash at its front in place of a run of them. */
static struct slice folded(struct slice path)
{
	while (path.n > 1 && path.p[0] == '/' && path.p[1] == '/')
		path = sl_from(path, 1);
	return path;
}

/* Takes the first segment off a path: "/prod/x" -> "prod", "/x". */
static struct slice take(struct slice *path)
{
	struct slice rest = sl_from(*path, 1), seg;
	ssize_t slash = sl_chr(rest, '/');
	seg = slash < 0 ? rest : sl_of(rest.p, (size_t)slash);
	*path = sl_from(rest, seg.n);
	return seg;
}

/* Splits the target; the API's id is absent when any may be meant. Runs of slashes before the stage and after it count as one, as
 * on AWS; further on they stay. */
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
		*path = folded(*path);
		return;
	}
	*path = folded(*path);
	*stage = take(path);
	*path = folded(*path);
}

bool gw_addressed(const struct http_req *req)
{
	struct slice id, stage, path;
	split_target(req, &id, &stage, &path);
	return id.p != NULL;
}

/* Of a canary's share of the calls every one at its turn, so that a run can be repeated. */
static void choose(struct gw_call *c, struct gw_stage *st)
{
	double before = (double)st->asked * st->canary_percent / 100, after = (double)(st->asked + 1) * st->canary_percent / 100;
	c->st = st;
	c->canary = st->canary && (uint64_t)after > (uint64_t)before;
	c->api = c->canary ? st->canary : st->api;
	c->vars = c->canary ? st->canary_vars : st->vars;
	c->var_n = c->canary ? st->canary_var_n : st->var_n;
}

/* How well an API serves a path, best last. */
enum fit { FIT_NONE, FIT_CATCH_ALL, FIT_OWN_SEGMENT, FIT_OWN_CATCH_ALL, FIT_RESOURCE };

/* Finds the method. The first segment is an API's own when a resource at its root is called so. */
static enum fit fit_of(struct gw_call *c)
{
	bool own = gw_route_owns(c->api, c->path);
	if (!gw_route(c->api, c->call->req.method, c->path, &c->match))
		return own ? FIT_OWN_SEGMENT : FIT_NONE;
	return c->match.node->kind != GW_GREEDY ? FIT_RESOURCE : own ? FIT_OWN_CATCH_ALL : FIT_CATCH_ALL;
}

/* Several APIs may share a stage name. A path below a segment that is an API's own is for this API, which refuses what it has no
 * resource for: another one's catch-all doesn't hide that. Without a route c->api is set all the same when the call names it: its
 * gateway responses hold. */
static enum gw_error look_for_route(struct gw_call *c, struct slice id)
{
	enum gw_error e = GW_E_FORBIDDEN;
	enum fit best = FIT_NONE;
	struct gw_call bare, at;
	if (id.p && !json_object_get(c->g->apis, arena_cstr(c->call->req.arena, id)))
		e = gw_because(c, GW_E_NO_API, "The API id '%.*s' does not correspond to a deployed API Gateway API", SL(id));
	bare = at = *c;
	for (struct gw_stage *st = c->g->running; st && best < FIT_RESOURCE; st = st->next) {
		if ((id.p && !sl_eq(st->api_id, id)) || !sl_eq(st->name, c->stage) || !st->api)
			continue;
		choose(&at, st);
		if (at.api->closed)
			continue;
		enum fit fit = fit_of(&at);
		if (fit < best || (fit == best && best))
			continue;
		best = fit;
		e = fit == FIT_NONE || fit == FIT_OWN_SEGMENT ? GW_E_MISSING_TOKEN : GW_OK;
		*c = e ? bare : at;
		if (id.p || fit)
			c->api = at.api;
	}
	return e;
}

static enum gw_error find_route(struct gw_call *c)
{
	struct slice id;
	enum gw_error e;
	split_target(&c->call->req, &id, &c->stage, &c->path);
	e = look_for_route(c, id);
	if ((e == GW_E_NO_API || e == GW_E_FORBIDDEN) && c->g->adopt(c->g, &c->call->req, id, c->stage, c->path)) {
		c->why = sl(NULL);
		e = look_for_route(c, id);
	}
	return e;
}

/* ---- the steps ---- */

static void end(struct gw_call *c, enum gw_error e)
{
	if (e && gw_is_failure(e)) {
		log_warn(c->g->env, "invoke", "api=%.*s stage=%.*s resource=%.*s trace=%s error=\"%.*s\"", SL(c->api->id), SL(c->stage),
			 SL(c->match.node->path), c->call->req.trace, SL(c->why));
		gw_trace(c, "Execution failed due to %s: %.*s", e == GW_E_TIMEOUT ? "a timeout error" : "configuration error", SL(c->why));
	}
	c->quick = true;
	if (e)
		gw_response(c, e, &c->out);
	json_decref(c->key);
	c->done(c, &c->out);
}

static void trace_answer(struct gw_call *c, const struct httpc_resp *resp)
{
	if (!c->log || c->match.method->in.type == GW_MOCK)
		return;
	c->now_ms = clock_now_ms(c->g->env->clock);
	gw_trace(c, "Received response. Status: %d, Integration latency: %lld ms", resp->status, (long long)(c->now_ms - c->began_ms));
	gw_trace_headers(c, "Endpoint response headers", resp->headers, resp->header_n);
	gw_trace(c, "Endpoint response body before transformations: %.*s", SL(resp->body));
}

static void on_answer(struct gw_call *c, const struct httpc_resp *resp, enum gw_error e)
{
	c->resp = resp;
	if (c->sent_us)
		c->integration_us = clock_real_us() - c->sent_us;
	c->integration_status = resp ? resp->status : 0;
	if (e) {
		end(c, e);
		return;
	}
	trace_answer(c, resp);
	gw_work(c, resp->body.n > LITTLE ? resp->body.n * gw_answer_reads(c, resp->status) : resp->body.n, gw_answer, end);
}

static void send(struct gw_call *c, enum gw_error e)
{
	const struct gw_request *r = c->request;
	struct httpc_resp mock = { .status = -1 };
	if (!e) {
		c->sent_us = clock_real_us();
		switch (c->match.method->in.type) {
		case GW_HTTP:
		case GW_HTTP_PROXY:
			e = gw_send_http(c, r);
			break;
		case GW_AWS:
		case GW_AWS_PROXY:
			e = gw_send_aws(c, r);
			break;
		case GW_MOCK:
			mock.status = gw_mock_status(r->body);
			if (mock.status >= 0)
				on_answer(c, &mock, GW_OK);
			else
				e = gw_because(c, GW_E_CONFIGURATION, "Unable to parse statusCode. It should be an integer that is defined in the request template.");
			break;
		}
	}
	if (e)
		end(c, e);
}

void gw_run(struct gw_call *c)
{
	enum gw_error e = gw_check(c);
	c->answered = on_answer;
	c->began_ms = clock_now_ms(c->g->env->clock);
	if (e)
		end(c, e);
	else
		gw_work(c, c->call->req.body.n * gw_request_reads(c), gw_prepare, send);
}

/* ---- the way in ---- */

static void on_done(struct gw_call *c, const struct gw_out *out)
{
	struct gateway *g = c->g;
	struct gw_stage *st = c->st;
	gw_observed(c, out);
	/* The body may lie in the stage's arena. */
	http_reply(c->call, out->status, out->type, arena_dup(c->call->req.arena, out->body));
	gw_stage_done(g, st);
}

void gw_invoke(struct gateway *g, struct http_call *call)
{
	struct gw_call *c = gw_begin(g, call, on_done);
	/* The AWS port lets larger ones in, for S3. */
	enum gw_error e = call->req.body.n > GW_BODY_MAX ? GW_E_TOO_LARGE : find_route(c);
	if (e) {
		end(c, e);
		return;
	}
	c->st->calls++;
	c->st->asked++;
	gw_observe(c);
	gw_run(c);
}

void gw_too_large(struct gateway *g, struct http_call *call)
{
	end(gw_begin(g, call, on_done), GW_E_TOO_LARGE);
}
