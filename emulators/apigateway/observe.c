/* What a stage tells of its calls: execution log and access log (CloudWatch Logs), metrics (CloudWatch). */
#include "apigateway/run.h"
#include "core/json.h"
#include "core/measure.h"
#include "core/ports.h"

#define STAGE_OF { "ApiName", "Stage" }
#define METHOD_OF { "ApiName", "Method", "Resource", "Stage" }
#define ROWS(dims...) \
	{ "AWS/ApiGateway", "Count", "Count", dims }, { "AWS/ApiGateway", "4XXError", "Count", dims }, { "AWS/ApiGateway", "5XXError", "Count", dims }, \
	{ "AWS/ApiGateway", "Latency", "Milliseconds", dims }, { "AWS/ApiGateway", "IntegrationLatency", "Milliseconds", dims }
enum { COUNT, CLIENT_ERRORS, SERVER_ERRORS, LATENCY, INTEGRATION_LATENCY, MEASURES };
static const struct measure of_api[] = { ROWS({ "ApiName" }) }, of_stage[] = { ROWS(STAGE_OF) }, of_method[] = { ROWS(METHOD_OF) };

/* ---- settings of a method ---- */

static const json_t *setting(const struct gw_call *c, const char *name)
{
	const json_t *all = json_object_get(c->st->doc, "methodSettings"), *v = NULL;
	if (!json_object_size(all))
		return NULL;
	struct slice path = c->match.node ? c->match.node->path : S("/");
	char *key = xasprintf("%.*s/%.*s", SL(path.n > 1 ? sl_from(path, 1) : path), SL(c->call->req.method));
	v = json_object_get(json_object_get(all, key), name);
	free(key);
	return v ? v : json_object_get(json_object_get(all, "*/*"), name);
}

void gw_observe(struct gw_call *c)
{
	const char *level = json_string_value(setting(c, "loggingLevel"));
	if (!c->g->env->ports->lines.self || !level || !strcmp(level, "OFF"))
		return;
	c->log = arena_alloc(c->call->req.arena, sizeof(*c->log));
	c->watched = true;
	c->errors_only = !strcmp(level, "ERROR");
	c->data_trace = json_is_true(setting(c, "dataTraceEnabled"));
	gw_trace(c, "Extended Request Id: %s", c->extended_id);
	if (c->match.method && c->match.method->key_required)
		gw_trace(c, "Verifying Usage Plan for request: %s. API Key: %s API Stage: %.*s/%.*s", c->request_id,
			 http_get(&c->call->req, "x-api-key").p ? "**********************************" : "", SL(c->api->id), SL(c->stage));
	gw_trace_begin(c);
}

/* ---- the execution log ---- */

static bool is_error(struct slice line)
{
	return sl_starts(line, S("Execution failed")) || sl_find(line, S("validation failed")) >= 0 || sl_find(line, S("does not match model")) >= 0;
}

static void put_log(const struct gw_call *c)
{
	struct rd r = rd_of(c->log->p, c->log->n);
	struct buf line = { 0 };
	char *group = xasprintf("API-Gateway-Execution-Logs_%.*s/%.*s", SL(c->api->id), SL(c->stage)), stream[33];
	uint64_t a = faults_hash(1, c->api->id, 0), b = faults_hash(2, c->stage, 0);
	snprintf(stream, sizeof(stream), "%016llx%016llx", (unsigned long long)a, (unsigned long long)b);
	while (r.n && !r.bad) {
		struct slice text = rd_bytes(&r, rd_u32le(&r));
		if (r.bad || (c->errors_only && !is_error(text)))
			continue;
		buf_reset(&line);
		buf_addf(&line, "(%s) %.*s", c->request_id, SL(sl_of(text.p, text.n > 1024 ? 1024 : text.n)));
		buf_adds(&line, text.n > 1024 ? "[TRUNCATED]" : "");
		lines_put(c->g->env, sl(NULL), group, stream, buf_slice(&line));
	}
	free(group);
	buf_free(&line);
}

static void end_log(struct gw_call *c, const struct gw_out *out)
{
	gw_trace(c, "Method response body after transformations: %.*s", SL(out->body));
	gw_trace_headers(c, "Method response headers", c->call->resp.headers, c->call->resp.header_n);
	if (out->status < 400)
		gw_trace(c, "Successfully completed execution");
	gw_trace(c, "Method completed with status: %d", out->status);
	put_log(c);
	buf_free(c->log);
	c->log = NULL;
}

/* ---- the access log ---- */

static struct slice told(struct gw_call *c, const struct gw_out *out, struct slice name)
{
	struct arena *a = c->call->req.arena;
	struct slice v;
	if (sl_eqs(name, "status"))
		return arena_printf(a, "%d", out->status);
	if (sl_eqs(name, "responseLength"))
		return arena_printf(a, "%zu", out->body.n);
	if (sl_eqs(name, "responseLatency"))
		return arena_printf(a, "%lld", (long long)(clock_real_us() - c->began_us) / 1000);
	if (sl_eqs(name, "integrationLatency") || sl_eqs(name, "integration.latency"))
		return c->integration_us ? arena_printf(a, "%lld", (long long)c->integration_us / 1000) : sl(NULL);
	if (sl_eqs(name, "integrationStatus") || sl_eqs(name, "integration.status"))
		return c->integration_status > 0 ? arena_printf(a, "%d", c->integration_status) : sl(NULL);
	if ((v = gw_context(c, name)).p)
		return v;
	gw_context_make(c);
	return gw_override(c, arena_cstr(a, name));
}

/* "$context.NAME" in it is what the call says; "-" where it says nothing. */
static void put_access(struct gw_call *c, const struct gw_out *out, struct slice format, struct slice group)
{
	struct buf line = { 0 };
	struct slice rest = format, name;
	ssize_t at;
	while ((at = sl_find(rest, S("$context."))) >= 0) {
		buf_addsl(&line, sl_of(rest.p, (size_t)at));
		rest = sl_from(rest, (size_t)at + 9);
		for (name = sl_of(rest.p, 0); name.n < rest.n && (strchr("._", rest.p[name.n]) || (unsigned char)((rest.p[name.n] | 32) - 'a') < 26 ||
								   (unsigned char)(rest.p[name.n] - '0') < 10);)
			name.n++;
		while (name.n && name.p[name.n - 1] == '.')
			name.n--;
		rest = sl_from(rest, name.n);
		struct slice v = told(c, out, name);
		buf_addsl(&line, v.n ? v : S("-"));
	}
	buf_addsl(&line, rest);
	char *text = xstrndup(group.p, group.n);
	lines_put(c->g->env, sl(NULL), text, "access", buf_slice(&line));
	free(text);
	buf_free(&line);
}

static void access_log(struct gw_call *c, const struct gw_out *out)
{
	const json_t *settings = json_object_get(c->st->doc, "accessLogSettings");
	struct slice arn = jslice(settings, "destinationArn"), format = jslice(settings, "format"), rest;
	ssize_t at = arn.n ? sl_find(arn, S(":log-group:")) : -1;
	if (at < 0 || !format.n)
		return;
	sl_cut(sl_from(arn, (size_t)at + 11), ':', &arn, &rest);
	put_access(c, out, format, arn);
}

/* ---- metrics ---- */

static void measure(const struct gw_call *c, const struct measure *rows, const struct slice *dims, int status, double ms)
{
	const struct env *env = c->g->env;
	measure_add(env, &rows[COUNT], sl(NULL), dims, 1);
	measure_add(env, &rows[CLIENT_ERRORS], sl(NULL), dims, status >= 400 && status < 500);
	measure_add(env, &rows[SERVER_ERRORS], sl(NULL), dims, status >= 500);
	measure_add(env, &rows[LATENCY], sl(NULL), dims, ms);
	if (c->integration_us)
		measure_add(env, &rows[INTEGRATION_LATENCY], sl(NULL), dims, (double)(c->integration_us / 1000));
}

/* For who asks which way a record came. */
static void note(struct gw_call *c, const struct gw_out *out)
{
	const struct http_req *req = &c->call->req;
	const struct gw_template *t = NULL;
	struct hop hop = { .service = "apigateway", .kind = "request", .at_ms = req->now_ms, .us = clock_real_us() - c->began_us, .status = out->status,
			   .title = arena_printf(req->arena, "%.*s %.*s", SL(req->method), SL(req->path)), .input = req->body, .output = out->body };
	snprintf(hop.trace, sizeof(hop.trace), "%s", req->trace);
	hops_note(c->g->env->hops, &hop);
	if (!c->request)
		return;
	hop.kind = "template";
	hop.title = arena_printf(req->arena, "%.*s %.*s", SL(c->request->method), SL(c->request->url));
	hop.us = c->integration_us;
	hop.status = c->integration_status;
	if (gw_request_template(&c->match.method->in, http_get(req, "Content-Type"), &t) && t)
		hop.input = t->text;
	else
		hop.input = sl(NULL);
	hop.output = c->request->body;
	hops_note(c->g->env->hops, &hop);
}

void gw_observed(struct gw_call *c, const struct gw_out *out)
{
	if (!c->st || !c->api)
		return;
	if (!c->test && c->g->env->hops)
		note(c, out);
	double ms = (double)((clock_real_us() - c->began_us) / 1000);
	struct slice name = jslice(json_object_get(c->g->apis, arena_cstr(c->call->req.arena, c->api->id)), "name");
	struct slice dims[] = { name.n ? name : c->api->id, c->stage };
	measure(c, of_api, dims, out->status, ms);
	measure(c, of_stage, dims, out->status, ms);
	if (c->match.node && json_is_true(setting(c, "metricsEnabled"))) {
		struct slice all[] = { dims[0], c->call->req.method, c->match.node->path, c->stage };
		measure(c, of_method, all, out->status, ms);
	}
	if (c->watched)
		end_log(c, out);
	access_log(c, out);
}
