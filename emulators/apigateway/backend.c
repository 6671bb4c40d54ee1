/* The call to an HTTP backend: its url, headers and time limit. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/apigateway.h"
#include "core/httpc.h"

/* ---- a call under way ---- */

/* The answer may come after the time is up and the call is gone, so this lives until the backend's side ends. */
struct gw_wait {
	struct gateway *g;
	struct gw_call *c; /* NULL: answered already */
	struct clock_timer timer;
	struct gw_wait *prev, *next;
};

static void wait_free(struct gw_wait *w)
{
	clock_cancel(w->g->env->clock, &w->timer);
	if (w->prev)
		w->prev->next = w->next;
	else
		w->g->waits = w->next;
	if (w->next)
		w->next->prev = w->prev;
	free(w);
}

void gw_wait_free_all(struct gateway *g)
{
	while (g->waits)
		wait_free(g->waits);
}

static void failed(struct gw_call *c, enum gw_error e, const char *why)
{
	log_warn(c->g->env, "invoke", "api=%.*s stage=%.*s resource=%.*s trace=%s error=\"%s\"", SL(c->api->id), SL(c->stage),
		 SL(c->match.node->path), c->call->req.trace, why);
	gw_trace(c, "Execution failed due to %s: %s", e == GW_E_TIMEOUT ? "a timeout error" : "configuration error", why);
	gw_fail(c, e);
}

static void on_time_up(void *arg)
{
	struct gw_wait *w = arg;
	struct gw_call *c = w->c;
	w->c = NULL;
	if (c)
		failed(c, GW_E_TIMEOUT, "the backend took too long");
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct gw_wait *w = arg;
	struct gw_call *c = w->c;
	wait_free(w);
	if (!c)
		return;
	if (!err)
		gw_answer(c, resp);
	else if (err->kind == ERR_TIMEOUT)
		failed(c, GW_E_TIMEOUT, err->text);
	else /* httpc gives a def to failures before anything was sent: AWS calls those a wrong configuration. */
		failed(c, err->def ? GW_E_CONFIGURATION : GW_E_NETWORK, err->text);
}

/* The time limit holds in real time, and on a frozen clock also in the emulated one. */
static struct gw_wait *wait_new(struct gw_call *c, int64_t timeout_ms)
{
	struct gateway *g = c->g;
	struct clock *clock = g->env->clock;
	struct gw_wait *w = xcalloc(1, sizeof(*w));
	w->g = g;
	w->c = c;
	w->next = g->waits;
	if (g->waits)
		g->waits->prev = w;
	g->waits = w;
	if (clock_is_virtual(clock))
		clock_at(clock, &w->timer, clock_now_ms(clock) + timeout_ms, on_time_up, w);
	return w;
}

/* ---- the request ---- */

struct out_headers {
	struct http_header h[GW_HEADERS_MAX];
	size_t n;
};

static void out_add(struct out_headers *o, struct slice name, struct slice value)
{
	if (o->n < GW_HEADERS_MAX)
		o->h[o->n++] = (struct http_header){ name, value };
}

static void out_default(struct out_headers *o, struct slice name, struct slice value)
{
	if (!gw_has_header(o->h, o->n, name))
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
static int make_headers(struct gw_call *c, struct slice host, struct slice body, struct out_headers *o, struct error *err)
{
	const struct gw_integration *in = &c->match.method->in;
	struct http_req *req = &c->call->req;
	struct arena *a = req->arena;
	struct slice sent_host = http_get(req, "Host"), name, port, value;
	struct slice forwarded = http_get(req, "X-Forwarded-For");
	for (size_t i = 0; in->type == GW_HTTP_PROXY && i < req->header_n; i++)
		if (gw_header_goes_in(req->headers[i].name))
			out_add(o, req->headers[i].name, req->headers[i].value);
	out_add(o, S("Host"), host);
	for (size_t i = 0; i < in->param_n; i++) {
		struct slice v;
		if (in->params[i].place != GW_HEADER)
			continue;
		if (!gw_header_may_map(in->params[i].name))
			return err_set(err, ERR_INVALID, "header %.*s can't be mapped", SL(in->params[i].name));
		v = gw_value(c, &in->params[i]);
		if (v.p && gw_header_map_goes_in(in->type, in->params[i].name))
			out_set(o, in->params[i].name, v);
	}
	for (size_t i = 0; gw_override_next(c, "requestOverride.header", &i, &name, &value);)
		out_set(o, name, value);
	if (in->type != GW_HTTP_PROXY && body.n && http_get(req, "Content-Type").n)
		out_default(o, S("Content-Type"), http_get(req, "Content-Type"));
	if (body.n)
		out_default(o, S("Content-Type"), S("application/json"));
	if (in->type == GW_HTTP_PROXY) {
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
static struct slice redirect(struct gw_call *c, struct slice url, struct slice *authority)
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

void gw_call_backend(struct gw_call *c, struct slice body)
{
	const struct gw_integration *in = &c->match.method->in;
	struct http_req *req = &c->call->req;
	struct out_headers o = { .n = 0 };
	struct httpc_req out = { .timeout_ms = in->timeout_ms };
	struct slice host;
	struct error err;
	if (gw_url(c, &out.url, &err)) {
		gw_misconfigured(c, err.text);
		return;
	}
	if (sl_find(out.url, S("://")) < 0) {
		gw_misconfigured(c, "the uri is not an address");
		return;
	}
	out.url = redirect(c, out.url, &host);
	if (make_headers(c, host, body, &o, &err)) {
		gw_misconfigured(c, err.text);
		return;
	}
	out.method = !in->method.n || sl_eq_nocase(in->method, S("ANY")) ? req->method : in->method;
	out.headers = o.h;
	out.header_n = o.n;
	if (body.n || sl_eqs(out.method, "POST") || sl_eqs(out.method, "PUT") || sl_eqs(out.method, "PATCH"))
		out.body = body.p ? body : S("");
	c->sent = body;
	gw_trace(c, "Endpoint request URI: %.*s", SL(out.url));
	gw_trace_headers(c, "Endpoint request headers", o.h, o.n);
	gw_trace(c, "Endpoint request body after transformations: %.*s", SL(body));
	gw_trace(c, "Sending request to %.*s", SL(out.url));
	httpc_send(c->g->env->httpc, &out, on_answer, wait_new(c, in->timeout_ms));
}
