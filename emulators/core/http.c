#include "http.h"

#include <limits.h>
#include <microhttpd.h>
#include <sys/socket.h>

#include "exchange.h"
#include "origin.h"

enum { CONNECTION_MEMORY = 16 * 1024 };

/* ---- one exchange ---- */

void exchange_unlink(struct exchange *x)
{
	if (x->prev)
		x->prev->next = x->next;
	else
		x->l->running = x->next;
	if (x->next)
		x->next->prev = x->prev;
	x->prev = x->next = NULL;
}

void exchange_link(struct exchange *x)
{
	x->prev = NULL;
	x->next = x->l->running;
	if (x->next)
		x->next->prev = x;
	x->l->running = x;
}

void http1_go_on(struct exchange *x)
{
	MHD_resume_connection(x->mhd);
}

static void let_go(void *arg)
{
	struct exchange *x = arg;
	x->state = CALL_READY;
	x->l->kick = true;
	exchange_unlink(x);
	if (x->mhd)
		MHD_resume_connection(x->mhd);
	else if (x->message)
		message_answer(x);
	else if (x->duplex)
		duplex_answer(x);
	else
		h2_answer(x);
}

static void let_go_late(void *arg)
{
	struct exchange *x = arg;
	struct http_listener *l = x->l;
	loop_pending_add(l->env->loop, -1);
	let_go(x);
	h2_flush(l);
	if (MHD_run(l->mhd) == MHD_YES)
		l->kick = false;
}

bool http_empty(struct http_call *call)
{
	struct exchange *x = (struct exchange *)call;
	if (x->stream || x->out.source)
		return false;
	buf_reset(&call->resp.body);
	call->resp.header_n = 0;
	call->resp.status = 0;
	return true;
}

static enum http_fate fate_of(struct exchange *x)
{
	if (!loop_tick_failed(x->l->env->loop))
		return HTTP_LEAVES;
	return x->l->o.on_failed ? x->l->o.on_failed(x->l->o.arg, &x->call) : HTTP_CUT;
}

/* After the commit: the answer may leave. Counted and journaled here, once. */
static void release(struct loop_held *h)
{
	struct exchange *x = (struct exchange *)((char *)h - offsetof(struct exchange, held));
	struct http_call *c = &x->call;
	const struct env *env = x->l->env;
	const char *service = c->service ? c->service : "http", *op = c->op ? c->op : "-";
	int64_t us = clock_real_us() - x->began_us;
	enum http_fate fate = fate_of(x);
	if (fate == HTTP_ANOTHER)
		return;
	if (!c->unseen) {
		metrics_op(env->metrics, service, op, c->resp.status < 400, us);
		journal_add(env->journal, c->req.now_ms, us, sl(c->req.trace), service, op, c->resp.status, "%.*s %.*s", SL(c->req.method), SL(c->req.target));
		journal_answered(env->journal, c);
	}
	struct fault_hit f = faults_ask(env->faults, service, op);
	if (f.act == FAULT_DROP || f.act == FAULT_RESET || fate == HTTP_CUT)
		x->cut = true;
	if (f.act == FAULT_DELAY) {
		loop_pending_add(env->loop, 1);
		x->delayed = true;
		(void)loop_after(env->loop, f.delay_ms, let_go_late, x);
		return;
	}
	let_go(x);
}

void exchange_gone(struct exchange *x)
{
	void (*fn)(void *arg) = x->on_gone;
	x->call.gone = true;
	x->on_gone = NULL;
	if (fn && !x->l->closing)
		fn(x->gone_arg);
}

static void gone_late(void *arg)
{
	exchange_gone(arg);
}

static void forget_gone(struct exchange *x)
{
	loop_never(x->l->env->loop, &x->gone);
	x->on_gone = NULL;
}

void http_on_gone(struct http_call *call, void (*fn)(void *arg), void *arg)
{
	struct exchange *x = (struct exchange *)call;
	forget_gone(x);
	if (!fn || call->gone || x->state != CALL_RUNNING)
		return;
	x->on_gone = fn;
	x->gone_arg = arg;
	if (x->guest && x->guest->hung)
		loop_later(x->l->env->loop, &x->gone, gone_late, x);
}

void http_forget(struct http_call *call)
{
	struct exchange *x = (struct exchange *)call;
	forget_gone(x);
	x->cut = true;
	if (x->stream)
		x->stream->gone = NULL;
}

void http_done(struct http_call *call)
{
	struct exchange *x = (struct exchange *)call;
	forget_gone(x);
	if (x->state == CALL_RUNNING)
		loop_hold(x->l->env->loop, &x->held, release);
	/* Otherwise the answer is taken where it was asked for (http_head, too large). */
}

/* ---- answers in pieces ---- */

static ssize_t stream_read(void *arg, uint64_t pos, char *to, size_t max)
{
	struct exchange *x = arg;
	guest_is(x->guest, GUEST_SERVED); /* it reads */
	ssize_t n = exchange_pieces(x, to, max);
	if (n == PIECES_WAIT)
		MHD_suspend_connection(x->mhd);
	return n == PIECES_FAILED ? MHD_CONTENT_READER_END_WITH_ERROR : n == PIECES_END ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static ssize_t source_read(void *arg, uint64_t pos, char *to, size_t max)
{
	struct exchange *x = arg;
	guest_is(x->guest, GUEST_SERVED);
	ssize_t n = exchange_read(x, (int64_t)pos, to, max);
	if (n == PIECES_WAIT)
		MHD_suspend_connection(x->mhd);
	return n == PIECES_FAILED ? MHD_CONTENT_READER_END_WITH_ERROR : n;
}

static void stream_free(struct exchange *x)
{
	struct pieces *s = x->stream;
	if (!s)
		return;
	if (s->held)
		loop_unhold(x->l->env->loop, &x->held);
	if (s->suspended)
		exchange_unlink(x);
	if (s->gone)
		s->gone(s->arg);
	buf_free(&s->pushed);
	buf_free(&s->ready);
	free(s);
}

/* ---- libmicrohttpd ---- */

/* What a proxy's client sends, "http://host/path?x", means the path of the host that its Host header names, too (RFC 9112 3.2.2). */
static struct slice origin_form(struct slice target)
{
	struct slice rest;
	if (!sl_after_nocase(target, S("http://"), &rest) && !sl_after_nocase(target, S("https://"), &rest))
		return target;
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] == '/')
			return sl_from(rest, i);
	return S("/");
}

struct exchange *exchange_new(struct http_listener *l, struct slice target)
{
	struct exchange *x = xcalloc(1, sizeof(*x));
	x->l = l;
	x->call.req.arena = &x->arena;
	x->call.req.target = arena_dup(&x->arena, origin_form(target));
	sl_cut(x->call.req.target, '?', &x->call.req.path, &x->call.req.query);
	return x;
}

void exchange_free(struct exchange *x)
{
	stream_free(x);
	exchange_body_free(x);
	forget_gone(x);
	arena_free(&x->arena);
	buf_free(&x->body);
	buf_free(&x->call.resp.body);
	free(x);
}

static void *on_uri(void *arg, const char *uri, struct MHD_Connection *mhd)
{
	struct exchange *x = exchange_new(arg, sl(uri));
	x->mhd = mhd;
	x->guest = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	x->guest->call = x;
	x->call.req.secure = x->guest->secure;
	if (x->guest->doing != GUEST_ASKING)
		guest_is(x->guest, GUEST_ASKING);
	return x;
}

static void on_completed(void *arg, struct MHD_Connection *mhd, void **cls, enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *cls;
	*cls = NULL;
	if (!x)
		return;
	x->guest->call = NULL;
	guest_is(x->guest, GUEST_IDLE);
	exchange_free(x);
}

struct collect {
	struct http_req *req;
	size_t n;
};

static enum MHD_Result on_header(void *arg, enum MHD_ValueKind kind, const char *key, size_t key_n, const char *value,
				 size_t value_n)
{
	struct collect *c = arg;
	c->req->headers[c->n].name = sl_of(key, key_n);
	c->req->headers[c->n++].value = sl_of(value ? value : "", value_n);
	return MHD_YES;
}

struct slice exchange_remote(struct exchange *x, const struct guest *g)
{
	char ip[48];
	int port;
	address_text(&g->peer, ip, &port);
	return arena_dup(&x->arena, sl(ip));
}

static void collect_headers(struct exchange *x)
{
	struct http_req *req = &x->call.req;
	struct collect c = { req, 0 };
	int n = MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, NULL, NULL);
	req->headers = arena_alloc(&x->arena, (size_t)(n > 0 ? n : 0) * sizeof(*req->headers));
	MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, on_header, &c);
	req->header_n = c.n;
}

static void fill_request(struct exchange *x, struct slice method, struct slice version, struct slice remote)
{
	struct http_req *req = &x->call.req;
	req->method = arena_dup(&x->arena, method);
	req->version = version;
	req->remote = remote;
	req->now_ms = clock_now_ms(x->l->env->clock);
	x->call.head_only = sl_eqs(method, "HEAD");
	x->began_us = clock_real_us();
	struct slice trace = http_get(req, "X-Tarn-Trace");
	if (trace.n && trace.n < sizeof(req->trace))
		memcpy(req->trace, trace.p, trace.n);
	else
		journal_trace(x->l->env->journal, req->trace);
	x->call.unseen = !strcmp(req->trace, JOURNAL_LOOKS);
}

/* What may mean different things to different readers (RFC 9112 3.2, 6.3). */
static bool misframed(const struct http_req *req)
{
	struct slice length = sl(NULL);
	for (size_t i = 0; i < req->header_n; i++) {
		if (!sl_eq_nocase(req->headers[i].name, S("Content-Length")))
			continue;
		if (length.p && !sl_eq(length, req->headers[i].value))
			return true;
		length = req->headers[i].value;
	}
	return sl_eqs(req->version, "HTTP/1.1") && !http_get(req, "Host").p;
}

bool exchange_head(struct exchange *x, struct slice method, struct slice version, struct slice remote)
{
	struct http_listener *l = x->l;
	int64_t n;
	x->state = CALL_BODY;
	x->call.body_max = l->o.body_max ? l->o.body_max : (size_t)HTTP_BODY_DEFAULT;
	fill_request(x, method, version, remote);
	x->call.own = x->message != NULL;
	if (x->mhd && misframed(&x->call.req)) {
		http_reply(&x->call, 400, "text/plain", S("one Host and one Content-Length, please\n"));
		return true;
	}
	if (!x->call.own && origin_answered(l->env, l->o.acts, l->o.judges_page, l->o.arg, &x->call))
		return true;
	if (l->o.on_head && l->o.on_head(l->o.arg, &x->call))
		return true;
	x->body.max = x->call.body_max;
	struct slice length = http_get(&x->call.req, "Content-Length");
	if (!x->intake && !x->duplex && length.p && sl_int(length, 0, INT64_MAX, &n)) {
		if ((uint64_t)n > x->body.max) {
			if (l->o.on_too_large)
				l->o.on_too_large(l->o.arg, &x->call);
			else
				http_reply(&x->call, 413, "text/plain", S("body too large\n"));
			return true;
		}
		(void)buf_room(&x->body, (size_t)n);
	}
	return false;
}

void exchange_call(struct exchange *x)
{
	struct http_listener *l = x->l;
	x->state = CALL_RUNNING;
	exchange_link(x);
	x->call.req.body = buf_slice(&x->body);
	x->call.req.now_ms = clock_now_ms(l->env->clock);
	if (x->intake && !x->cut)
		x->intake->sink->end(x->intake->arg);
	else if (x->cut)
		http_done(&x->call);
	else if (x->body.bad && l->o.on_too_large)
		l->o.on_too_large(l->o.arg, &x->call);
	else if (x->body.bad)
		http_reply(&x->call, 413, "text/plain", S("body too large\n"));
	else
		l->o.on_call(l->o.arg, &x->call);
}

static ssize_t no_body(void *arg, uint64_t pos, char *to, size_t max)
{
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* A HEAD answer states the length of a body that is never made. */
static struct MHD_Response *make_response(struct exchange *x)
{
	struct http_resp *r = &x->call.resp;
	int64_t n;
	for (size_t i = 0; x->call.head_only && i < r->header_n; i++)
		if (sl_eq_nocase(r->headers[i].name, S("Content-Length")) &&
		    sl_int(r->headers[i].value, 0, INT64_MAX, &n))
			return MHD_create_response_from_callback((uint64_t)n, 4096, no_body, NULL, NULL);
	if (x->stream) {
		exchange_begin_pieces(x);
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, stream_read, x, NULL);
	}
	if (x->out.source && x->out.fd >= 0 && x->out.n)
		return MHD_create_response_from_fd_at_offset64((uint64_t)x->out.n, dup(x->out.fd), (uint64_t)x->out.fd_at);
	if (x->out.source)
		return MHD_create_response_from_callback((uint64_t)x->out.n, 65536, source_read, x, NULL);
	if (!r->body.n)
		return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
	struct MHD_Response *m = MHD_create_response_from_buffer(r->body.n, r->body.p, MHD_RESPMEM_MUST_FREE);
	if (m)
		r->body = (struct buf){ 0 };
	return m;
}

static enum MHD_Result send_response(struct exchange *x)
{
	struct http_resp *r = &x->call.resp;
	x->state = CALL_QUEUED;
	if (x->cut)
		return MHD_NO;
	if (r->body.bad) {
		log_error(x->l->env, "answer-too-large", "target=%.*s", SL(x->call.req.target));
		r->status = 500;
		buf_reset(&r->body);
	}
	struct MHD_Response *m = make_response(x);
	if (!m)
		return MHD_NO;
	for (size_t i = 0; i < r->header_n; i++) {
		if (sl_eq_nocase(r->headers[i].name, S("Content-Length")))
			continue;
		/* The library refuses empty values; a blank is none once it is read. */
		if (MHD_add_response_header(m, r->headers[i].name.p, r->headers[i].value.n ? r->headers[i].value.p : " ") != MHD_YES)
			log_warn(x->l->env, "header-dropped", "name=%s", r->headers[i].name.p);
	}
#if MHD_VERSION >= 0x01000000
	/* It says no 100 to who expects one before no body, and botocore doesn't find its way on such a connection. */
	struct slice expect = http_get(&x->call.req, "Expect"), length = http_get(&x->call.req, "Content-Length");
	if (expect.p && sl_eqs(length, "0"))
		(void)MHD_add_response_header(m, "Connection", "close");
#endif
	enum MHD_Result ok = MHD_queue_response(x->mhd, (unsigned)(r->status ? r->status : 500), m);
	MHD_destroy_response(m);
	return ok;
}

static enum MHD_Result on_start(struct exchange *x, const char *method, const char *version)
{
	collect_headers(x);
	return exchange_head(x, sl(method), sl(version), exchange_remote(x, x->guest)) ? send_response(x) : MHD_YES;
}

static enum MHD_Result on_access(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
				 const char *version, const char *data, size_t *data_n, void **cls)
{
	struct exchange *x = *cls;
	switch (x->state) {
	case CALL_NEW:
		return on_start(x, method, version);
	case CALL_BODY:
		if (*data_n) {
			guest_got(x->guest, *data_n);
			bool more = exchange_feed(x, data, *data_n);
			*data_n = 0;
			if (!more)
				MHD_suspend_connection(x->mhd);
			return x->cut ? MHD_NO : MHD_YES;
		}
		guest_is(x->guest, GUEST_SERVED);
		MHD_suspend_connection(x->mhd);
		exchange_call(x);
		return MHD_YES;
	case CALL_READY:
		return send_response(x);
	case CALL_RUNNING:
	case CALL_QUEUED:
		return MHD_YES;
	}
	return MHD_NO;
}

static void run(void *arg)
{
	struct http_listener *l = arg;
	MHD_UNSIGNED_LONG_LONG wait;
	l->kick = false;
	h2_flush(l);
	MHD_run(l->mhd);
	if (MHD_get_timeout(l->mhd, &wait) == MHD_YES && wait == 0)
		loop_later(l->env->loop, &l->again, run, l);
}

void http_soon(struct http_listener *l)
{
	loop_later(l->env->loop, &l->again, run, l);
}

static void on_released(void *arg)
{
	struct http_listener *l = arg;
	if (l->kick)
		run(l);
}

/* ---- guests ---- */

static void on_notify(void *arg, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct http_listener *l = arg;
	if (code == MHD_CONNECTION_NOTIFY_CLOSED) { /* its descriptor is closed right after */
		guest_left(*context);
		return;
	}
	*context = l->arriving;
	l->arriving->user = mhd;
	l->arriving = NULL;
}

/* libmicrohttpd listens for changes only, and reads no further where a read brought less than it asked for: it must look again. */
static void look_again(struct http_listener *l, struct MHD_Connection *mhd)
{
	MHD_suspend_connection(mhd);
	MHD_resume_connection(mhd);
	loop_later(l->env->loop, &l->again, run, l);
}

static bool suspended(struct MHD_Connection *mhd)
{
	return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_SUSPENDED)->suspended == MHD_YES;
}

static void on_hung(void *arg, struct guest *g)
{
	struct exchange *x = g->call;
	if (!suspended(g->user)) {
		look_again(arg, g->user);
	} else if (x && x->state == CALL_RUNNING && x->on_gone) {
		exchange_gone(x);
	} else if (x && x->stream && x->stream->suspended) {
		x->cut = true;
		exchange_wake(x);
		loop_later(x->l->env->loop, &x->l->again, run, x->l);
	}
}

static bool on_cut(void *arg, struct guest *g)
{
	struct http_listener *l = arg;
	if (g->said == SAID_HTTP2) {
		h2_cut(g);
		return true;
	}
	if (g->said == SAID_BOTH_WAYS) {
		duplex_cut(g);
		return true;
	}
	if (suspended(g->user))
		return false;
	shutdown(g->fd, SHUT_RDWR);
	look_again(l, g->user);
	return true;
}

static void on_take(void *arg, struct guest *g, enum guest_said said)
{
	struct http_listener *l = arg;
	guest_is(g, GUEST_ASKING);
	if (said == SAID_HTTP2) {
		h2_take(l, g);
		return;
	}
	if (duplex_take(l, g))
		return;
	l->arriving = g;
	bool taken = MHD_add_connection(l->mhd, g->fd, &g->peer.a, sizeof(g->peer)) == MHD_YES;
	if (!taken && l->arriving) /* it is closed, and on_notify wasn't told */
		guest_left(g);
	l->arriving = NULL;
}

static int limit_of(const struct env *env, const char *key, const char *otherwise)
{
	int64_t ms;
	return clock_parse_duration(sl(conf_str(env->conf, "http", key, otherwise)), &ms) && ms <= INT_MAX ? (int)ms : 0;
}

static int open_door(struct http_listener *l, struct error *err)
{
	int idle = limit_of(l->env, "idle_timeout", "60s"), request = limit_of(l->env, "request_timeout", "30s");
	struct listener_opts o = { .bind = l->o.bind, .port = l->o.port, .http2 = l->o.http2, .http1 = true, .take = on_take, .cut = on_cut,
				   .hung = on_hung, .arg = l,
				   .limit_ms = { [GUEST_NEW] = idle, [GUEST_IDLE] = idle, [GUEST_ASKING] = request } };
	int rc = listener_open(l->env, &o, &l->door, err);
	if (!rc)
		l->port = listener_port(l->door);
	return rc;
}

static struct MHD_Daemon *start(struct http_listener *l)
{
	unsigned flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
#if MHD_VERSION >= 0x00097707
	flags |= MHD_USE_NO_THREAD_SAFETY; /* else a connection that is added is taken up later, and on_notify called then */
#endif
	return MHD_start_daemon(flags, 0, NULL, NULL, on_access, l, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
				MHD_OPTION_CONNECTION_LIMIT, UINT_MAX, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1 /* so it calls sendfile */,
				MHD_OPTION_URI_LOG_CALLBACK, on_uri, l, MHD_OPTION_NOTIFY_COMPLETED, on_completed, l,
				MHD_OPTION_NOTIFY_CONNECTION, on_notify, l, MHD_OPTION_END);
}

int http_listen(const struct env *env, const struct http_opts *o, struct http_listener **out, struct error *err)
{
	struct http_listener *l = xcalloc(1, sizeof(*l));
	int rc = 0;
	l->env = env;
	l->o = *o;
	if (!(l->mhd = start(l)))
		rc = err_set(err, ERR_INTERNAL, "libmicrohttpd does not start");
	if (rc || (rc = open_door(l, err))) {
		if (l->mhd)
			MHD_stop_daemon(l->mhd);
		free(l);
		return rc;
	}
	l->watch = loop_watch_fd(env->loop, MHD_get_daemon_info(l->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, run, l);
	loop_on_released(env->loop, on_released, l);
	if (env->httpc)
		httpc_own(env->httpc, l);
	*out = l;
	return 0;
}

int http_port(const struct http_listener *l)
{
	return l->port;
}

struct listener_door *http_adopt(struct http_listener *l, int fd, int port)
{
	return listener_adopt(l->door, fd, port);
}

void http_stop_accepting(struct http_listener *l)
{
	if (l)
		listener_stop(l->door);
}

bool http_answering(const struct http_listener *l)
{
	return l && l->running;
}

static void cut_one(struct exchange *x)
{
	loop_unhold(x->l->env->loop, &x->held);
	x->cut = true;
	if (exchange_unpause(x))
		return;
	if (x->stream && x->stream->suspended) {
		x->stream->held = false;
		exchange_wake(x);
	} else {
		let_go(x);
	}
}

/* libmicrohttpd wants no suspended connection when it stops: their services are closed, nobody answers. */
static void cut_running(struct http_listener *l)
{
	while (l->running)
		cut_one(l->running);
}

/* The first that runs and has no answer which only has to leave. */
static struct exchange *unanswered(const struct http_listener *l, bool (*stays)(void *arg, const struct http_call *call), void *arg)
{
	struct exchange *x = l->running;
	while (x && (x->delayed || (x->held.queued && !x->stream) || stays(arg, &x->call)))
		x = x->next;
	return x;
}

void http_cut(struct http_listener *l, bool (*stays)(void *arg, const struct http_call *call), void *arg)
{
	struct exchange *x;
	if (!l)
		return;
	l->closing = true; /* nobody is told */
	while ((x = unanswered(l, stays, arg)))
		cut_one(x);
	l->closing = false;
	http_soon(l);
}

void http_close(struct http_listener *l)
{
	if (!l)
		return;
	l->closing = true;
	loop_off_released(l->env->loop, l);
	if (l->env->httpc)
		httpc_disown(l->env->httpc, l);
	loop_never(l->env->loop, &l->again);
	cut_running(l);
	listener_stop(l->door);
	h2_close(l);
	duplex_close(l);
	MHD_run(l->mhd);
	/* A request that was just coming in is suspended by now, too. */
	while (l->running) {
		cut_running(l);
		MHD_run(l->mhd);
	}
	loop_unwatch(l->watch);
	MHD_stop_daemon(l->mhd);
	loop_never(l->env->loop, &l->again);
	listener_close(l->door);
	free(l);
}
