/* A request of ours to a listener of this process: handed over as a message, without a socket (DESIGN 4). It passes through the same
 * exchange as one from outside: limits, router, journal, faults, and its answer leaves after the commit. */
#include "exchange.h"
#include "httpc.h"
#include "owed.h"

enum { TIMEOUT_DEFAULT_MS = 30000 };

struct message {
	struct owed owed;
	struct loop_work work;
	struct http_listener *l;
	struct exchange *x; /* the receiver's, from the next turn on; it outlives a sender that lost interest */
	struct owed *time_up;
	struct loop_soon deliver;
	struct buf pieces;
	httpc_cb cb;
	void *arg;
};

static void message_drop(struct owed *o)
{
	struct message *m = (struct message *)o;
	struct loop *loop = m->l->env->loop;
	if (m->deliver.queued) { /* nobody has it yet */
		loop_never(loop, &m->deliver);
		exchange_free(m->x);
	} else if (m->x && m->x->state == CALL_QUEUED) {
		exchange_free(m->x);
	} else if (m->x) { /* freed when it is answered */
		m->x->message = NULL;
		exchange_gone(m->x);
	}
	owed_cancel_all(&m->time_up);
	buf_free(&m->pieces);
	loop_work_end(loop, &m->work);
	free(m);
}

static void fail(struct message *m, enum err_kind kind, const char *text)
{
	struct httpc_resp none = { 0 };
	struct error err;
	err_set(&err, kind, "%s", text);
	err.def = NULL;
	owed_end(&m->owed);
	m->cb(m->arg, &none, &err);
	message_drop(&m->owed);
}

static void on_time_up(void *arg)
{
	fail(arg, ERR_TIMEOUT, "no answer in time");
}

/* The headers of a server's own, which a listener's library adds for those who come over a socket. */
static void add_own_headers(struct exchange *x, size_t body_n)
{
	struct http_call *c = &x->call;
	bool has_length = false, has_date = false;
	char date[40];
	for (size_t i = 0; i < c->resp.header_n; i++) {
		has_length |= sl_eq_nocase(c->resp.headers[i].name, S("Content-Length"));
		has_date |= sl_eq_nocase(c->resp.headers[i].name, S("Date"));
	}
	clock_http(c->req.now_ms, date);
	if (!has_date)
		http_add(c, "Date", sl(date));
	if (!has_length && !x->stream)
		http_set(c, "Content-Length", "%zu", body_n);
}

static void give(struct message *m, struct slice body)
{
	struct exchange *x = m->x;
	struct http_resp *r = &x->call.resp;
	add_own_headers(x, body.n);
	struct httpc_resp resp = { .status = r->status ? r->status : 500, .headers = r->headers, .header_n = r->header_n,
				   .body = x->call.head_only ? S("") : body };
	owed_end(&m->owed);
	m->cb(m->arg, &resp, NULL);
	m->x = NULL; /* ours to free: it was answered */
	message_drop(&m->owed);
	exchange_free(x);
}

static ssize_t next_piece(struct message *m, char *to, size_t max)
{
	struct exchange *x = m->x;
	if (!x->out.source)
		return exchange_pieces(x, to, max);
	return x->call.head_only || (int64_t)m->pieces.n == x->out.n ? PIECES_END : exchange_read(x, (int64_t)m->pieces.n, to, max);
}

/* The answer's pieces, as far as they are there. */
static void take_pieces(struct message *m)
{
	struct exchange *x = m->x;
	char piece[4096];
	ssize_t n = PIECES_FAILED;
	m->pieces.bad |= !x->call.head_only && (x->out.n > (int64_t)m->pieces.max || x->call.resp.body.n > m->pieces.max);
	while (!m->pieces.bad && (n = next_piece(m, piece, sizeof(piece))) > 0)
		buf_add(&m->pieces, piece, (size_t)n);
	if (n == PIECES_WAIT)
		return;
	if (n == PIECES_END) {
		give(m, buf_slice(&m->pieces));
		return;
	}
	m->x = NULL;
	if (m->pieces.bad)
		fail(m, ERR_LIMIT, "the answer is longer than the sender takes");
	else
		fail(m, ERR_NETWORK, "the answer broke off");
	exchange_free(x);
}

void message_wake(struct exchange *x)
{
	take_pieces(x->message);
}

void message_answer(struct exchange *x)
{
	struct message *m = x->message;
	x->state = CALL_QUEUED;
	if (x->cut || x->call.resp.body.bad) {
		m->x = NULL;
		fail(m, ERR_NETWORK, "Empty reply from server");
		exchange_free(x);
	} else if (x->stream) {
		exchange_begin_pieces(x);
		take_pieces(m);
	} else if (x->out.source || (!x->call.head_only && x->call.resp.body.n > m->pieces.max)) {
		take_pieces(m);
	} else {
		give(m, buf_slice(&x->call.resp.body));
	}
}

static void on_deliver(void *arg)
{
	struct message *m = arg;
	struct exchange *x = m->x;
	struct slice method = x->call.req.method, body = x->call.req.body;
	x->call.req.body = sl(NULL);
	if (x->call.hops > HTTPC_HOPS_MAX) {
		m->x = NULL;
		fail(m, ERR_NETWORK, "the call goes round in a circle: it came through our own ports too often");
		exchange_free(x);
		return;
	}
	if (exchange_head(x, method, S("HTTP/1.1"), S("127.0.0.1"))) {
		message_answer(x);
		return;
	}
	if (exchange_feed(x, body.p, body.n))
		exchange_call(x);
	else
		x->intake->ended = true;
}

/* What libcurl sends of its own, and then the caller's headers; one without a value is sent empty. */
static void set_headers(struct exchange *x, const struct httpc_req *req, struct slice host)
{
	struct http_req *to = &x->call.req;
	struct arena *a = to->arena;
	bool has_host = false, has_accept = false;
	to->headers = arena_alloc(a, (req->header_n + 3) * sizeof(*to->headers));
	for (size_t i = 0; i < req->header_n; i++) {
		const struct http_header *h = &req->headers[i];
		has_host |= sl_eq_nocase(h->name, S("Host"));
		has_accept |= sl_eq_nocase(h->name, S("Accept"));
		if (!sl_eq_nocase(h->name, S("Content-Length")))
			to->headers[to->header_n++] = (struct http_header){ arena_dup(a, h->name), arena_dup(a, h->value.p ? h->value : S("")) };
	}
	if (!has_host)
		to->headers[to->header_n++] = (struct http_header){ S("Host"), arena_dup(a, host) };
	if (!has_accept)
		to->headers[to->header_n++] = (struct http_header){ S("Accept"), S("*/*") };
	if (req->body.p)
		to->headers[to->header_n++] = (struct http_header){ S("Content-Length"), arena_printf(a, "%zu", req->body.n) };
}

static void say(const struct loop_work *w, struct buf *out)
{
	const struct message *m = (const struct message *)((const char *)w - offsetof(struct message, work));
	if (m->x)
		buf_addf(out, "the answer to %.*s %.*s of port %d", SL(m->x->call.req.method), SL(m->x->call.req.target), m->l->port);
}

struct owed *message_send(struct http_listener *l, struct owed **by, const struct httpc_req *req, struct slice host, struct slice target,
			  httpc_cb cb, void *arg)
{
	struct message *m = xcalloc(1, sizeof(*m));
	struct exchange *x = exchange_new(l, target);
	owed_init(&m->owed, by, message_drop);
	m->l = l;
	m->x = x;
	m->cb = cb;
	m->arg = arg;
	x->message = m;
	x->call.hops = req->hops;
	m->pieces.max = req->answer_max ? req->answer_max : HTTPC_ANSWER_DEFAULT;
	set_headers(x, req, host);
	x->call.req.method = arena_dup(x->call.req.arena, req->method);
	x->call.req.body = arena_dup(x->call.req.arena, req->body);
	loop_call_begin(l->env->loop, &m->work, say);
	owed_keep(&m->time_up, owed_after(l->env->loop, req->timeout_ms ? req->timeout_ms : TIMEOUT_DEFAULT_MS, on_time_up, m));
	loop_later(l->env->loop, &m->deliver, on_deliver, m);
	return &m->owed;
}
