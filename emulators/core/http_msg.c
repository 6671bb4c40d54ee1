/* Requests and answers as any front of HTTP has them: headers, query, what an answer is made of. No listener is known here. */
#include "http.h"

/* ---- request access ---- */

struct slice http_get(const struct http_req *req, const char *name)
{
	struct slice want = sl(name);
	for (size_t i = 0; i < req->header_n; i++)
		if (sl_eq_nocase(req->headers[i].name, want))
			return req->headers[i].value;
	return sl(NULL);
}

bool http_query_next(const struct http_req *req, size_t *pos, struct slice *name, struct slice *value)
{
	struct slice word, rest;
	while (req->query.p && *pos < req->query.n) {
		sl_cut(sl_of(req->query.p + *pos, req->query.n - *pos), '&', &word, &rest);
		*pos += word.n + 1;
		if (!word.n)
			continue;
		if (!sl_cut(word, '=', name, value))
			*value = S("");
		return true;
	}
	return false;
}

struct slice http_query(const struct http_req *req, const char *name)
{
	struct slice n, v;
	for (size_t pos = 0; http_query_next(req, &pos, &n, &v);)
		if (sl_eqs(arena_url_decode(req->arena, n, true), name))
			return arena_url_decode(req->arena, v, true);
	return sl(NULL);
}

/* ---- answers ---- */

void http_add(struct http_call *call, const char *name, struct slice value)
{
	struct http_resp *r = &call->resp;
	if (r->header_n == HTTP_HEADERS_OUT_MAX)
		return;
	r->headers[r->header_n].name = arena_dup(call->req.arena, sl(name));
	r->headers[r->header_n++].value = arena_dup(call->req.arena, value);
}

void http_setsl(struct http_call *call, const char *name, struct slice value)
{
	for (size_t i = 0; i < call->resp.header_n; i++) {
		if (sl_eq_nocase(call->resp.headers[i].name, sl(name))) {
			call->resp.headers[i].value = arena_dup(call->req.arena, value);
			return;
		}
	}
	http_add(call, name, value);
}

void http_set(struct http_call *call, const char *name, const char *fmt, ...)
{
	char small[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n < sizeof(small)) {
		http_setsl(call, name, sl(small));
		return;
	}
	char *big = arena_alloc(call->req.arena, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, ap);
	va_end(ap);
	http_setsl(call, name, sl(big));
}

void http_reply_buf(struct http_call *call, int status, const char *type, struct buf *body)
{
	call->resp.status = status;
	if (type)
		http_setsl(call, "Content-Type", sl(type));
	buf_free(&call->resp.body);
	call->resp.body = *body;
	*body = (struct buf){ 0 };
	http_done(call);
}

void http_reply(struct http_call *call, int status, const char *type, struct slice body)
{
	struct buf b = { 0 };
	buf_addsl(&b, body);
	http_reply_buf(call, status, type, &b);
}
