/* From the integration's answer to the client's. */
#include "apigateway/run.h"
#include "java/regex.h"
#include "core/httpc.h"
#include "velocity/value.h"

static void put_header(struct http_call *call, struct slice name, struct slice value)
{
	enum gw_pass pass = gw_header_goes_out(name);
	struct slice out = pass == GW_REMAP ? arena_printf(call->req.arena, "x-amzn-Remapped-%.*s", SL(name)) : name;
	if (pass != GW_DROP && call->resp.header_n < HTTP_HEADERS_OUT_MAX - 4)
		http_add(call, arena_cstr(call->req.arena, out), value);
}

static struct slice answer_value(const struct gw_call *c, const struct gw_param *p, const struct httpc_resp *resp)
{
	if (p->source == GW_FROM_HEADER)
		return gw_header(resp->headers, resp->header_n, p->value);
	if (p->source == GW_FROM_BODY)
		return gw_body_value(c->call->req.arena, p->value, resp->body);
	return gw_value(c, p);
}

const struct gw_answer *gw_pick_answer(const struct gw_integration *in, int status)
{
	const struct gw_answer *fallback = NULL;
	char text[16];
	snprintf(text, sizeof(text), "%d", status);
	for (size_t i = 0; i < in->answer_n; i++) {
		if (in->answers[i].fallback)
			fallback = &in->answers[i];
		else if (sl_eqs(in->answers[i].pattern, text) || java_matches(sl(text), in->answers[i].pattern, false) == 1)
			return &in->answers[i];
	}
	return fallback;
}

/* Binary goes out when the client's first Accept type is a binary media type of the API. */
static enum gw_error make_body(struct gw_call *c, const struct gw_answer *a, const struct httpc_resp *resp, struct slice *out)
{
	struct slice accept = http_get(&c->call->req, "Accept"), type = accept, rest;
	if (accept.p)
		(void)sl_cut(accept, ',', &type, &rest);
	if (a->convert != GW_CONVERT_NONE)
		type = gw_header(resp->headers, resp->header_n, S("Content-Type"));
	return gw_body(c, a->convert, type, gw_response_template(a, accept), resp->body.p ? resp->body : S(""), out);
}

static enum gw_error make_status(struct gw_call *c, const struct gw_answer *a, int *out)
{
	struct slice v = gw_override(c, "responseOverride.status");
	int64_t n = a->status;
	if (v.n && !sl_int(v, 100, 599, &n))
		return gw_because(c, GW_E_CONFIGURATION, "the status override is not a status");
	*out = (int)n;
	return GW_OK;
}

static const char *default_type(const struct http_header *h, size_t n)
{
	return gw_header(h, n, S("Content-Type")).p ? NULL : "application/json";
}

static enum gw_error answer_mapped(struct gw_call *c, const struct httpc_resp *resp, struct gw_out *out)
{
	const struct gw_answer *a = gw_pick_answer(&c->match.method->in, resp->status);
	struct http_call *call = c->call;
	struct slice name, value;
	enum gw_error e;
	if (!a)
		return gw_because(c, GW_E_CONFIGURATION, "No match for output mapping and no default output mapping configured.");
	e = make_body(c, a, resp, &out->body);
	if (!e)
		e = make_status(c, a, &out->status);
	if (e)
		return e;
	gw_set_ids(c);
	if (c->match.method->in.type != GW_MOCK)
		http_setsl(call, "X-Amzn-Trace-Id", sl(c->trace_id));
	for (size_t i = 0; i < a->param_n; i++) {
		value = answer_value(c, &a->params[i], resp);
		if (value.p)
			put_header(call, a->params[i].name, value);
	}
	for (size_t i = 0; gw_override_next(c, "responseOverride.header", &i, &name, &value);)
		http_setsl(call, arena_cstr(call->req.arena, name), value);
	out->type = default_type(call->resp.headers, call->resp.header_n);
	return GW_OK;
}

static bool uses_context(const struct gw_call *c)
{
	const struct gw_answer *a = gw_pick_answer(&c->match.method->in, c->resp->status);
	for (size_t i = 0; a && i < a->template_n; i++)
		if (!a->templates[i].bad && (!a->templates[i].tree || vtl_uses_context(a->templates[i].tree)))
			return true;
	return false;
}

static enum gw_error answer_proxy(struct gw_call *c, const struct httpc_resp *resp, struct gw_out *out)
{
	struct http_call *call = c->call;
	gw_set_ids(c);
	http_setsl(call, "X-Amzn-Trace-Id", sl(c->trace_id));
	for (size_t i = 0; i < resp->header_n; i++) {
		put_header(call, resp->headers[i].name, resp->headers[i].value);
		if (call->head_only && sl_eq_nocase(resp->headers[i].name, S("Content-Length")))
			http_setsl(call, "Content-Length", resp->headers[i].value);
	}
	*out = (struct gw_out){ resp->status, default_type(resp->headers, resp->header_n), resp->body };
	return GW_OK;
}

size_t gw_answer_reads(const struct gw_call *c, int status)
{
	const struct gw_integration *in = &c->match.method->in;
	const struct gw_answer *a = in->type == GW_HTTP_PROXY || in->type == GW_MOCK ? NULL : gw_pick_answer(in, status);
	return a ? 1 + gw_reads(a->params, a->param_n) : 0;
}

enum gw_error gw_answer(struct gw_call *c)
{
	enum gw_type type = c->match.method->in.type;
	/* A second try would begin with what the first wrote to $context. */
	if (c->quick && c->context && type != GW_HTTP_PROXY && uses_context(c))
		return GW_E_LONG;
	return (type == GW_HTTP_PROXY ? answer_proxy : answer_mapped)(c, c->resp, &c->out);
}
