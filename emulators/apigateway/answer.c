/* From the integration's answer to the client's. */
#include <stdio.h>
#include <string.h>

#include "apigateway/manage.h"
#include "core/httpc.h"

static void put_header(struct http_call *call, struct slice name, struct slice value)
{
	struct slice out = name;
	switch (gw_header_goes_out(name)) {
	case GW_OUT_DROP:
		return;
	case GW_OUT_REMAP:
		out = arena_printf(call->req.arena, "x-amzn-Remapped-%.*s", SL(name));
		break;
	case GW_OUT_PASS:
		break;
	}
	if (call->resp.header_n < HTTP_HEADERS_OUT_MAX - 4)
		http_add(call, arena_cstr(call->req.arena, out), value);
}

static struct slice answer_value(const struct gw_call *c, const struct gw_param *p, const struct httpc_resp *resp)
{
	if (p->source == GW_FROM_HEADER) {
		for (size_t i = 0; resp && i < resp->header_n; i++)
			if (sl_eq_nocase(resp->headers[i].name, p->value))
				return resp->headers[i].value;
		return sl(NULL);
	}
	if (p->source == GW_FROM_BODY)
		return resp ? gw_body_value(c->call->req.arena, p->value, resp->body) : sl(NULL);
	return gw_value(c, p);
}

static struct slice content_type(const struct httpc_resp *resp)
{
	for (size_t i = 0; resp && i < resp->header_n; i++)
		if (sl_eq_nocase(resp->headers[i].name, S("Content-Type")))
			return resp->headers[i].value;
	return sl(NULL);
}

/* Binary goes out when the client's first Accept type is a binary media type of the API. */
static int make_body(struct gw_call *c, const struct gw_answer *a, const struct httpc_resp *resp, struct slice *body, struct error *err)
{
	struct slice accept = http_get(&c->call->req, "Accept"), first = accept, rest, raw = resp ? resp->body : S("");
	const struct gw_template *t = gw_response_template(a, accept);
	bool binary;
	int rc;
	if (accept.p)
		(void)sl_cut(accept, ',', &first, &rest);
	binary = gw_is_binary(c, a->convert == GW_CONVERT_NONE ? first : content_type(resp));
	rc = gw_convert(c, a->convert, binary, raw, body, err);
	return rc || !t ? rc : gw_render(c, t, *body, body, err);
}

static int final_status(struct gw_call *c, int status)
{
	struct slice v = gw_override(c, "responseOverride.status");
	int64_t n = status;
	if (v.n && !sl_int(v, 100, 599, &n))
		return -1;
	return (int)n;
}

void gw_answer_custom(struct gw_call *c, int status, const struct httpc_resp *resp)
{
	const struct gw_answer *a = gw_pick_answer(&c->match.method->in, status);
	struct http_call *call = c->call;
	struct slice body, name, value;
	struct error err;
	if (!a) {
		gw_misconfigured(c, "No match for output mapping and no default output mapping configured.");
		return;
	}
	if (make_body(c, a, resp, &body, &err)) {
		gw_misconfigured(c, err.text);
		return;
	}
	status = final_status(c, a->status);
	if (status < 0) {
		gw_misconfigured(c, "the status override is not a status");
		return;
	}
	gw_set_ids(c);
	if (resp)
		http_setsl(call, "X-Amzn-Trace-Id", sl(c->trace_id));
	for (size_t i = 0; i < a->param_n; i++) {
		struct slice v = answer_value(c, &a->params[i], resp);
		if (v.p)
			put_header(call, a->params[i].name, v);
	}
	for (size_t i = 0; gw_override_next(c, "responseOverride.header", &i, &name, &value);)
		http_setsl(call, arena_cstr(call->req.arena, name), value);
	bool typed = gw_has_header(call->resp.headers, call->resp.header_n, S("Content-Type"));
	gw_reply(c, status, typed ? NULL : "application/json", body);
}

void gw_answer_proxy(struct gw_call *c, const struct httpc_resp *resp)
{
	struct http_call *call = c->call;
	gw_set_ids(c);
	http_setsl(call, "X-Amzn-Trace-Id", sl(c->trace_id));
	for (size_t i = 0; i < resp->header_n; i++) {
		put_header(call, resp->headers[i].name, resp->headers[i].value);
		if (call->head_only && sl_eq_nocase(resp->headers[i].name, S("Content-Length")))
			http_setsl(call, "Content-Length", resp->headers[i].value);
	}
	bool typed = gw_has_header(resp->headers, resp->header_n, S("Content-Type"));
	gw_reply(c, resp->status, typed ? NULL : "application/json", resp->body);
}

void gw_answer(struct gw_call *c, const struct httpc_resp *resp)
{
	gw_trace(c, "Received response. Status: %d, Integration latency: %lld ms", resp->status,
		  (long long)(clock_now_ms(c->g->env->clock) - c->began_ms));
	gw_trace_headers(c, "Endpoint response headers", resp->headers, resp->header_n);
	gw_trace(c, "Endpoint response body before transformations: %.*s", SL(resp->body));
	if (c->match.method->in.type == GW_HTTP_PROXY)
		gw_answer_proxy(c, resp);
	else
		gw_answer_custom(c, resp->status, resp);
}

struct slice gw_as_text(struct arena *a, struct slice bytes)
{
	struct buf b = { 0 };
	struct slice out;
	for (size_t i = 0; i < bytes.n;) {
		unsigned char ch = (unsigned char)bytes.p[i];
		size_t n = ch < 0x80 ? 1 : ch >= 0xf0 ? 4 : ch >= 0xe0 ? 3 : 2;
		if (i + n <= bytes.n && sl_is_utf8(sl_of(bytes.p + i, n))) {
			buf_add(&b, bytes.p + i, n);
			i += n;
		} else {
			buf_adds(&b, "\xef\xbf\xbd");
			i++;
		}
	}
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}
