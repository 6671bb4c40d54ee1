/* HTTP/2 without TLS, for clients that begin with it ("prior knowledge"): the JavaScript SDK's Kinesis client and the Java
 * SDK's asynchronous ones do. The listener tells them from others by what they say first. Spec: RFC 9113. */
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "exchange.h"

enum {
	HEADERS_MAX = 100,
	HEADER_BYTES = 64 << 10,
	STREAMS_MAX = 250,   /* at a time, of a connection */
	WINDOW = 256 << 10,  /* bytes of a stream that a client may send before we take them */
	WINDOWS = 1 << 20,   /* of a connection */
	READ_BYTES = 64 << 10,
	UNREAD_MAX = 8 << 20, /* bytes of answers, of a connection */
};

struct h2_conn {
	struct http_listener *l;
	struct guest *guest;
	struct h2_conn *prev, *next;
	uv_poll_t poll;
	int fd, events;
	nghttp2_session *session;
	struct exchange *exchanges;
	struct buf out;
	size_t sent; /* of out */
	bool dirty;  /* something to send */
	bool reads;  /* it took some of that since guest_is */
};

/* ---- exchanges of a connection ---- */

static void mark(struct h2_conn *c)
{
	c->dirty = true;
	c->l->kick = true;
}

static void attach(struct h2_conn *c, struct exchange *x)
{
	x->h2 = c;
	x->h2_next = c->exchanges;
	if (c->exchanges)
		c->exchanges->h2_prev = x;
	c->exchanges = x;
}

/* The stream is over. Who owes an answer keeps the exchange until then. */
static void detach(struct exchange *x)
{
	if (x->h2_prev)
		x->h2_prev->h2_next = x->h2_next;
	else
		x->h2->exchanges = x->h2_next;
	if (x->h2_next)
		x->h2_next->h2_prev = x->h2_prev;
	x->h2 = NULL;
	x->h2_prev = x->h2_next = NULL;
	if (x->state == CALL_RUNNING)
		exchange_gone(x);
	else
		exchange_free(x);
}

/* ---- headers in ---- */

struct head { /* of a request that is coming in: the exchange's user */
	struct slice method, scheme, authority;
	struct http_header headers[HEADERS_MAX];
	size_t n, bytes;
	bool refused; /* too many */
};

static struct exchange *exchange_of(nghttp2_session *s, int32_t id)
{
	return nghttp2_session_get_stream_user_data(s, id);
}

static int on_begin(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
	struct h2_conn *c = arg;
	if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	struct exchange *x = exchange_new(c->l, S(""));
	attach(c, x);
	x->stream_id = f->hd.stream_id;
	x->call.req.secure = c->guest->secure;
	x->call.user = arena_alloc(&x->arena, sizeof(struct head));
	nghttp2_session_set_stream_user_data(s, x->stream_id, x);
	return 0;
}

static int on_field(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t name_n, const uint8_t *value, size_t value_n,
		    uint8_t flags, void *arg)
{
	struct exchange *x = exchange_of(s, f->hd.stream_id);
	struct slice key = sl_of(name, name_n), text = sl_of(value, value_n);
	if (!x || x->state != CALL_NEW) /* trailers are not for us */
		return 0;
	struct head *h = x->call.user;
	h->bytes += name_n + value_n;
	if (h->n == HEADERS_MAX - 1 || h->bytes > HEADER_BYTES)
		h->refused = true;
	if (h->refused)
		return 0;
	text = arena_dup(&x->arena, text);
	if (sl_eqs(key, ":method"))
		h->method = text;
	else if (sl_eqs(key, ":authority"))
		h->authority = text;
	else if (sl_eqs(key, ":path")) {
		x->call.req.target = text;
		sl_cut(text, '?', &x->call.req.path, &x->call.req.query);
	} else if (key.n && key.p[0] != ':')
		h->headers[h->n++] = (struct http_header){ arena_dup(&x->arena, key), text };
	return 0;
}

/* Headers are complete. */
static void begin(struct exchange *x)
{
	struct head *h = x->call.user;
	struct http_req *req = &x->call.req;
	x->call.user = NULL;
	if (h->authority.p)
		h->headers[h->n++] = (struct http_header){ S("Host"), h->authority };
	req->headers = h->headers;
	req->header_n = h->n;
	bool done = exchange_head(x, h->method, S("HTTP/2.0"), exchange_remote(x, x->h2->guest));
	if (!done && h->refused) {
		http_reply(&x->call, 431, "text/plain", S("too many headers\n"));
		done = true;
	}
	if (done)
		h2_answer(x);
}

/* Answers that lie in memory. One more is made while they are under the bound. */
static bool too_much_unread(const struct h2_conn *c)
{
	size_t n = 0;
	for (const struct exchange *x = c->exchanges; x; x = x->h2_next)
		if (x->state > CALL_BODY && !x->stream && !x->out.source)
			n += x->call.resp.body.n;
	return n > UNREAD_MAX;
}

/* The requests that waited for their turn, as long as what is unread leaves them one. */
static void call_waiting(struct h2_conn *c)
{
	while (!too_much_unread(c)) {
		struct exchange *first = NULL;
		for (struct exchange *x = c->exchanges; x; x = x->h2_next)
			if (x->waits && (!first || x->stream_id < first->stream_id))
				first = x;
		if (!first)
			return;
		first->waits = false;
		exchange_call(first);
	}
}

static int on_frame(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
	struct exchange *x;
	if ((f->hd.type != NGHTTP2_HEADERS && f->hd.type != NGHTTP2_DATA) || !(x = exchange_of(s, f->hd.stream_id)))
		return 0;
	if (f->hd.type == NGHTTP2_HEADERS && x->state == CALL_NEW)
		begin(x);
	if (!(f->hd.flags & NGHTTP2_FLAG_END_STREAM) || x->state != CALL_BODY)
		return 0;
	if (x->intake && x->intake->paused)
		x->intake->ended = true;
	else if (too_much_unread(arg))
		x->waits = true;
	else
		exchange_call(x);
	return 0;
}

static int on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *p, size_t n, void *arg)
{
	struct exchange *x = exchange_of(s, id);
	bool waits = x && x->state == CALL_BODY && x->intake && x->intake->paused;
	guest_got(((struct h2_conn *)arg)->guest, n);
	if (x && x->state == CALL_BODY)
		(void)exchange_feed(x, p, n);
	if (!waits)
		(void)nghttp2_session_consume(s, id, n);
	return 0;
}

void h2_took(struct exchange *x, size_t n)
{
	(void)nghttp2_session_consume(x->h2->session, x->stream_id, n);
	mark(x->h2);
}

/* It was answered, or the client gave up. */
static int on_over(nghttp2_session *s, int32_t id, uint32_t code, void *arg)
{
	struct exchange *x = exchange_of(s, id);
	if (!x)
		return 0;
	nghttp2_session_set_stream_user_data(s, id, NULL);
	detach(x);
	return 0;
}

/* ---- answers ---- */

static int64_t body_length(const struct exchange *x)
{
	return x->out.source ? x->out.n : (int64_t)x->call.resp.body.n;
}

static ssize_t read_body(nghttp2_session *s, int32_t id, uint8_t *to, size_t max, uint32_t *flags, nghttp2_data_source *from, void *arg)
{
	struct exchange *x = from->ptr;
	if (x->stream) {
		ssize_t n = exchange_pieces(x, (char *)to, max);
		if (n == PIECES_END)
			*flags |= NGHTTP2_DATA_FLAG_EOF;
		return n == PIECES_WAIT ? NGHTTP2_ERR_DEFERRED : n == PIECES_END ? 0 : n == PIECES_FAILED ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : n;
	}
	const struct buf *b = &x->call.resp.body;
	int64_t whole = body_length(x), left = whole - x->sent;
	ssize_t n = left < (int64_t)max ? (ssize_t)left : (ssize_t)max;
	if (x->out.source) {
		n = exchange_read(x, x->sent, (char *)to, max);
		if (n <= 0)
			return n == PIECES_WAIT ? NGHTTP2_ERR_DEFERRED : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	} else {
		memcpy(to, b->p + x->sent, (size_t)n);
	}
	x->sent += n;
	if (x->sent == whole)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return n;
}

static bool of_connection(struct slice name)
{
	static const char *const names[] = { "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Proxy-Connection" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(name, sl(names[i])))
			return true;
	return false;
}

static nghttp2_nv field(struct slice name, struct slice value)
{
	return (nghttp2_nv){ (uint8_t *)name.p, (uint8_t *)value.p, name.n, value.n, NGHTTP2_NV_FLAG_NONE };
}

static struct slice lower(struct arena *a, struct slice s)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		p[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 32) : p[i];
	return sl_of(p, s.n);
}

void h2_answer(struct exchange *x)
{
	struct http_resp *r = &x->call.resp;
	struct h2_conn *c = x->h2;
	nghttp2_nv nv[HTTP_HEADERS_OUT_MAX + 3];
	size_t n = 0;
	bool has_length = false, has_date = false;
	x->state = CALL_QUEUED;
	if (!c) { /* the client has gone */
		exchange_free(x);
		return;
	}
	mark(c);
	if (x->cut) {
		nghttp2_submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, x->stream_id, NGHTTP2_INTERNAL_ERROR);
		return;
	}
	if (r->body.bad) {
		log_error(x->l->env, "answer-too-large", "target=%.*s", SL(x->call.req.target));
		r->status = 500;
		buf_reset(&r->body);
	}
	nv[n++] = field(S(":status"), arena_printf(&x->arena, "%d", r->status ? r->status : 500));
	for (size_t i = 0; i < r->header_n; i++) {
		bool length = sl_eq_nocase(r->headers[i].name, S("Content-Length"));
		if (of_connection(r->headers[i].name) || (length && !x->call.head_only))
			continue;
		has_length |= length;
		has_date |= sl_eq_nocase(r->headers[i].name, S("Date"));
		nv[n++] = field(lower(&x->arena, r->headers[i].name), r->headers[i].value);
	}
	if (!x->stream && !has_length)
		nv[n++] = field(S("content-length"), arena_printf(&x->arena, "%lld", (long long)body_length(x)));
	if (!has_date) {
		char date[40];
		clock_http(x->call.req.now_ms, date);
		nv[n++] = field(S("date"), arena_dup(&x->arena, sl(date)));
	}
	bool body = x->stream || (body_length(x) && !x->call.head_only);
	nghttp2_data_provider from = { .source.ptr = x, .read_callback = read_body };
	if (nghttp2_submit_response(c->session, x->stream_id, nv, n, body ? &from : NULL))
		nghttp2_submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, x->stream_id, NGHTTP2_INTERNAL_ERROR);
	else if (x->stream)
		exchange_begin_pieces(x);
}

void h2_wake(struct exchange *x)
{
	if (!x->h2)
		return;
	(void)nghttp2_session_resume_data(x->h2->session, x->stream_id);
	mark(x->h2);
}

/* ---- a connection ---- */

static void on_ready(uv_poll_t *u, int status, int events);

static void watch(struct h2_conn *c, int events)
{
	if (c->events != events)
		uv_poll_start(&c->poll, events, on_ready);
	c->events = events;
}

static void poll_closed(uv_handle_t *h)
{
	free(h->data);
}

static void conn_free(struct h2_conn *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		c->l->h2 = c->next;
	if (c->next)
		c->next->prev = c->prev;
	while (c->exchanges)
		detach(c->exchanges);
	uv_poll_stop(&c->poll);
	nghttp2_session_del(c->session);
	guest_left(c->guest);
	close(c->fd);
	buf_free(&c->out);
	uv_close((uv_handle_t *)&c->poll, poll_closed);
}

/* Frames that are ready, in one piece. Returns false when the connection is of no more use. */
static bool collect(struct h2_conn *c)
{
	const uint8_t *p;
	ssize_t n = 0;
	while (c->out.n < READ_BYTES && (n = nghttp2_session_mem_send(c->session, &p)) > 0)
		buf_add(&c->out, p, (size_t)n);
	return n >= 0;
}

static bool conn_send(struct h2_conn *c)
{
	for (;;) {
		if (!c->out.n && !collect(c))
			return false;
		if (!c->out.n)
			break;
		ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			watch(c, UV_READABLE | UV_WRITABLE);
			return true;
		}
		if (n < 0)
			return false;
		c->sent += (size_t)n;
		c->reads = true;
		if (c->sent == c->out.n) {
			buf_reset(&c->out);
			c->sent = 0;
		}
	}
	watch(c, UV_READABLE);
	return nghttp2_session_want_read(c->session) || nghttp2_session_want_write(c->session);
}

static bool conn_read(struct h2_conn *c)
{
	uint8_t in[READ_BYTES];
	for (int i = 0; i < 16; i++) { /* then others have their turn */
		ssize_t n = recv(c->fd, in, sizeof(in), 0);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0 || nghttp2_session_mem_recv(c->session, in, (size_t)n) < 0)
			return false;
		if ((size_t)n < sizeof(in))
			return true;
	}
	return true;
}

static bool session_start(struct h2_conn *c)
{
	const nghttp2_settings_entry settings[] = { { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX },
						    { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW },
						    { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEADER_BYTES } };
	nghttp2_session_callbacks *calls;
	nghttp2_option *options;
	if (nghttp2_session_callbacks_new(&calls) || nghttp2_option_new(&options))
		return false;
	nghttp2_option_set_no_auto_window_update(options, 1); /* what is taken is said with nghttp2_session_consume */
	nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin);
	nghttp2_session_callbacks_set_on_header_callback(calls, on_field);
	nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_over);
	int rc = nghttp2_session_server_new2(&c->session, calls, c, options);
	nghttp2_session_callbacks_del(calls);
	nghttp2_option_del(options);
	return !rc && !nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings, ARRAY_LEN(settings)) &&
	       !nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE, 0, WINDOWS);
}

static void tell_doing(struct h2_conn *c)
{
	enum guest_doing doing = c->exchanges ? GUEST_ASKING : GUEST_IDLE;
	call_waiting(c);
	for (struct exchange *x = c->exchanges; x && doing == GUEST_ASKING; x = x->h2_next)
		if (x->state > CALL_BODY || (x->intake && x->intake->paused))
			doing = GUEST_SERVED;
	if (doing != c->guest->doing || (doing == GUEST_SERVED && c->reads))
		guest_is(c->guest, doing);
	c->reads = false;
}

static void on_ready(uv_poll_t *u, int status, int events)
{
	struct h2_conn *c = u->data;
	if (status >= 0 && (!(events & UV_READABLE) || conn_read(c)) && conn_send(c))
		tell_doing(c);
	else
		conn_free(c);
}

void h2_flush(struct http_listener *l)
{
	for (struct h2_conn *c = l->h2, *next; c; c = next) {
		next = c->next;
		if (!c->dirty)
			continue;
		c->dirty = false;
		if (conn_send(c))
			tell_doing(c);
		else
			conn_free(c);
	}
}

void h2_take(struct http_listener *l, struct guest *g)
{
	struct h2_conn *c = xcalloc(1, sizeof(*c));
	c->l = l;
	c->guest = g;
	c->fd = g->fd;
	c->poll.data = c;
	g->user = c;
	if (uv_poll_init(loop_uv(l->env->loop), &c->poll, c->fd)) {
		close(c->fd);
		guest_left(g);
		free(c);
		return;
	}
	c->next = l->h2;
	if (c->next)
		c->next->prev = c;
	l->h2 = c;
	if (session_start(c))
		on_ready(&c->poll, 0, UV_READABLE);
	else
		conn_free(c);
}

void h2_cut(struct guest *g)
{
	conn_free(g->user);
}

void h2_close(struct http_listener *l)
{
	h2_flush(l);
	while (l->h2)
		conn_free(l->h2);
}
