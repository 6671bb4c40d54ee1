/* The call to an HTTP backend, and its time limit. */
#include "apigateway/run.h"
#include "core/adopt.h"
#include "core/httpc.h"

/* Under way; in the call's arena. */
struct wait {
	struct owed owed;
	struct owed *http;
	struct gw_call *c;
	struct clock_timer timer;
};

static void drop(struct owed *o)
{
	struct wait *w = (struct wait *)o;
	clock_cancel(w->c->g->env->clock, &w->timer);
	owed_cancel_all(&w->http);
}

static void on_time_up(void *arg)
{
	struct wait *w = arg;
	owed_cancel(&w->owed);
	w->c->answered(w->c, NULL, gw_because(w->c, GW_E_TIMEOUT, "the backend took too long"));
}

/* Said of a host that isn't there. */
static const char *what_leads_here(struct gw_call *c)
{
	struct slice host = c->request->host;
	if (httpc_is_own(c->g->env->httpc, c->request->url) || sl_starts(host, S("127.")) || sl_starts(host, S("localhost")))
		return "";
	return arena_printf(c->call->req.arena, "; --set apigateway.hosts:%.*s=rest leads it to this stack's REST proxy", SL(host)).p;
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct wait *w = arg;
	enum gw_error e = GW_OK;
	owed_end(&w->owed);
	drop(&w->owed);
	if (err) /* httpc gives a def to failures before anything was sent: AWS calls those a wrong configuration. */
		e = gw_because(w->c, err->kind == ERR_TIMEOUT ? GW_E_TIMEOUT : err->def || err->kind == ERR_LIMIT ? GW_E_CONFIGURATION : GW_E_NETWORK, "%s%s",
			       err->text, err->def ? what_leads_here(w->c) : "");
	w->c->answered(w->c, resp, e);
}

/* A record's journey goes on in our own boxes; others never see its name. */
static struct httpc_req with_trace(struct gw_call *c, const struct gw_request *r)
{
	struct http_header *h = arena_alloc(c->call->req.arena, (r->header_n + 1) * sizeof(*h));
	struct httpc_req out = { .method = r->method, .url = r->url, .headers = h, .header_n = r->header_n, .timeout_ms = r->timeout_ms,
				 .hops = c->call->hops + 1, .answer_max = GW_BODY_MAX };
	memcpy(h, r->headers, r->header_n * sizeof(*h));
	if (httpc_is_own(c->g->env->httpc, r->url))
		h[out.header_n++] = (struct http_header){ S("X-Tarn-Trace"), sl(c->call->req.trace) };
	return out;
}

/* The time limit holds in real time, and on a frozen clock also in the emulated one. */
enum gw_error gw_send_http(struct gw_call *c, const struct gw_request *r)
{
	struct httpc_req out = with_trace(c, r);
	struct clock *clock = c->g->env->clock;
	if (r->adopts_host)
		(void)adopt_take(c->g->env->adopt, "hosts", r->host, "rest");
	struct wait *w = arena_alloc(c->call->req.arena, sizeof(*w));
	if (r->body.n || sl_eqs(r->method, "POST") || sl_eqs(r->method, "PUT") || sl_eqs(r->method, "PATCH"))
		out.body = r->body.p ? r->body : S("");
	w->c = c;
	owed_init(&w->owed, NULL, drop);
	owed_keep(&c->g->owed, &w->owed);
	if ((out.limited = clock_is_virtual(clock)))
		clock_at(clock, &w->timer, clock_now_ms(clock) + r->timeout_ms, on_time_up, w);
	owed_keep(&w->http, httpc_send(c->g->env->httpc, &out, on_answer, w));
	return GW_OK;
}
