/* A call: its ids, its execution log, why it failed. */
#include "apigateway/run.h"
#include "core/sigv4.h"

static void make_ids(struct gateway *g, struct gw_call *c)
{
	struct http_req *req = &c->call->req;
	struct slice seed = arena_printf(req->arena, "apigateway %s %llu", req->trace, (unsigned long long)g->made++);
	struct slice sent = http_get(req, "X-Amzn-Trace-Id");
	uint8_t h[32];
	struct buf b = { 0 };
	hash_sha256(seed.p, seed.n, h);
	snprintf(c->request_id, sizeof(c->request_id), "%02x%02x%02x%02x-%02x%02x-4%01x%02x-%x%x%02x-%02x%02x%02x%02x%02x%02x", h[0], h[1],
		 h[2], h[3], h[4], h[5], h[6] & 15, h[7], 8 + (h[8] & 3), h[8] >> 4, h[9], h[10], h[11], h[12], h[13], h[14], h[15]);
	buf_base64(&b, h + 16, 11);
	memcpy(c->extended_id, b.p, 16);
	buf_reset(&b);
	if (sl_starts(sent, S("Root=")) && sent.n < sizeof(c->trace_id)) {
		buf_addsl(&b, sent);
	} else {
		buf_addf(&b, "Root=1-%08llx-", (unsigned long long)(req->now_ms / 1000) & 0xffffffffULL);
		buf_hex(&b, h + 16, 12);
	}
	memcpy(c->trace_id, b.p, b.n);
	buf_free(&b);
}

struct slice gw_uuid(struct gateway *g, struct http_call *call)
{
	struct gw_call c = { .g = g, .call = call };
	make_ids(g, &c);
	return arena_dup(call->req.arena, sl(c.request_id));
}

struct gw_call *gw_begin(struct gateway *g, struct http_call *call, void (*done)(struct gw_call *c, const struct gw_out *out))
{
	struct gw_call *c = arena_alloc(call->req.arena, sizeof(*c));
	c->g = g;
	c->call = call;
	c->done = done;
	c->now_ms = clock_now_ms(g->env->clock);
	call->op = "Invoke";
	make_ids(g, c);
	return c;
}

void gw_set_ids(struct gw_call *c)
{
	http_setsl(c->call, "x-amzn-RequestId", sl(c->request_id));
	http_setsl(c->call, "x-amz-apigw-id", sl(c->extended_id));
}

enum gw_error gw_because(struct gw_call *c, enum gw_error e, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	c->why = arena_dup(c->call->req.arena, buf_slice(&b));
	buf_free(&b);
	return e;
}

void gw_trace(struct gw_call *c, const char *fmt, ...)
{
	char d[40];
	va_list ap;
	if (!c->log)
		return;
	clock_http(c->now_ms, d); /* "Mon, 05 Jan 2026 09:00:00 GMT" */
	buf_addf(c->log, "%.3s %.3s %.2s %.8s UTC %.4s : ", d, d + 8, d + 5, d + 17, d + 12);
	va_start(ap, fmt);
	buf_addv(c->log, fmt, ap);
	va_end(ap);
	buf_addc(c->log, '\n');
}

void gw_trace_headers(struct gw_call *c, const char *what, const struct http_header *h, size_t n)
{
	struct buf b = { 0 };
	for (size_t i = 0; c->log && i < n; i++)
		buf_addf(&b, "%s%.*s=%.*s", i ? ", " : "", SL(h[i].name), SL(h[i].value));
	gw_trace(c, "%s: {%.*s}", what, SL(buf_slice(&b)));
	buf_free(&b);
}
