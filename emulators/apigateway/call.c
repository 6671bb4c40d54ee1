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
	c->began_us = clock_real_us();
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

/* Lines with what was in a call, which a stage's log has only when data is traced. */
static bool is_data(const char *line)
{
	static const char *const begins[] = { "Method request ", "Method response ", "Endpoint " };
	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (sl_starts(sl(line), sl(begins[i])))
			return true;
	return false;
}

void gw_trace(struct gw_call *c, const char *fmt, ...)
{
	char d[40];
	va_list ap;
	if (!c->log || (c->watched && !c->data_trace && is_data(fmt)))
		return;
	if (c->watched) {
		buf_u32le(c->log, 0);
	} else {
		clock_http(c->now_ms, d); /* "Mon, 05 Jan 2026 09:00:00 GMT" */
		buf_addf(c->log, "%.3s %.3s %.2s %.8s UTC %.4s : ", d, d + 8, d + 5, d + 17, d + 12);
	}
	size_t from = c->log->n;
	va_start(ap, fmt);
	buf_addv(c->log, fmt, ap);
	va_end(ap);
	if (!c->watched) {
		buf_addc(c->log, '\n');
	} else {
		uint32_t n = (uint32_t)(c->log->n - from);
		for (int i = 0; i < 4; i++)
			c->log->p[from - 4 + (size_t)i] = (char)(n >> (8 * i));
	}
}

/* In logs that are kept what lets one in is masked but for its end. */
static void add_value(const struct gw_call *c, struct buf *b, const struct http_header *h)
{
	bool secret = c->watched && (sl_eq_nocase(h->name, S("Authorization")) || sl_eq_nocase(h->name, S("x-api-key")) || sl_eq_nocase(h->name, S("X-Amz-Security-Token")));
	size_t shown = h->value.n > 12 ? 6 : 0;
	for (size_t i = 0; secret && i + shown < h->value.n; i++)
		buf_addc(b, '*');
	buf_addsl(b, secret ? sl_from(h->value, h->value.n - shown) : h->value);
}

void gw_trace_headers(struct gw_call *c, const char *what, const struct http_header *h, size_t n)
{
	struct buf b = { 0 };
	if (!c->log || (c->watched && !c->data_trace && is_data(what)))
		return;
	for (size_t i = 0; c->log && i < n; i++) {
		buf_addf(&b, "%s%.*s=", i ? ", " : "", SL(h[i].name));
		add_value(c, &b, &h[i]);
	}
	gw_trace(c, "%s: {%.*s}", what, SL(buf_slice(&b)));
	buf_free(&b);
}

void gw_trace_begin(struct gw_call *c)
{
	struct http_req *req = &c->call->req;
	struct slice name, value;
	struct buf b = { 0 };
	size_t pos = 0;
	gw_trace(c, "Starting execution for request: %s", c->request_id);
	gw_trace(c, "HTTP Method: %.*s, Resource Path: %.*s", SL(req->method), SL(c->path));
	for (size_t i = 0; i < c->match.value_n; i++)
		buf_addf(&b, "%s%.*s=%.*s", i ? ", " : "", SL(c->match.values[i].name), SL(c->match.values[i].value));
	gw_trace(c, "Method request path: {%.*s}", SL(buf_slice(&b)));
	buf_reset(&b);
	while (http_query_next(req, &pos, &name, &value))
		buf_addf(&b, "%s%.*s=%.*s", b.n ? ", " : "", SL(arena_url_decode(req->arena, name, true)), SL(arena_url_decode(req->arena, value, true)));
	gw_trace(c, "Method request query string: {%.*s}", SL(buf_slice(&b)));
	buf_free(&b);
	gw_trace_headers(c, "Method request headers", req->headers, req->header_n);
	gw_trace(c, "Method request body before transformations: %.*s", SL(req->body));
}
