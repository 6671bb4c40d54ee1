/* HTTP/1.1 both ways at once: an answer that leaves while its request's body still comes. libmicrohttpd answers after the body only, so a
 * connection whose first request is one of those (http_opts.both_ways, in chunks or larger than a body that is taken whole) is served here,
 * and closed behind it. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "exchange.h"
#include "text.h"

enum { HEAD_MAX = 16 << 10, READ_BYTES = 16 << 10, OUT_HIGH = 256 << 10, PIECE = 16 << 10 };
enum part { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER, BODY_END };

struct duplex {
	struct duplex *next, *prev;
	struct http_listener *l;
	struct guest *guest;
	struct exchange *x; /* NULL: answered, or the service has it alone */
	int fd, events;
	uv_poll_t poll;
	struct buf in, out;
	size_t sent;
	enum part part;
	uint64_t chunk; /* bytes of it that are still to come */
	bool whole;     /* the body is one, of a length that was said */
	const struct http_sink *sink;
	void *arg;
	bool full, answered, closing, freeing; /* the taker wants no more for now; the head is out; nothing follows what is in out */
};

static void on_ready(uv_poll_t *u, int status, int events);

static void poll_closed(uv_handle_t *h)
{
	free(h->data);
}

static void duplex_free(struct duplex *d)
{
	struct exchange *x = d->x;
	if (d->freeing)
		return;
	d->freeing = true;
	d->x = NULL;
	if (d->prev)
		d->prev->next = d->next;
	else
		d->l->duplex = d->next;
	if (d->next)
		d->next->prev = d->prev;
	uv_poll_stop(&d->poll);
	guest_left(d->guest);
	close(d->fd);
	if (x && x->state == CALL_QUEUED) {
		x->duplex = NULL;
		exchange_free(x);
	} else if (x) { /* freed when it is answered */
		x->duplex = NULL;
		exchange_gone(x);
	}
	buf_free(&d->in);
	buf_free(&d->out);
	uv_close((uv_handle_t *)&d->poll, poll_closed);
}

static void watch(struct duplex *d)
{
	bool reads = !d->full && d->part != BODY_END && !d->closing;
	/* Who has said all may close that side: that it is gone is seen when it is written to. */
	int events = (reads ? UV_READABLE : 0) | (d->out.n > d->sent ? UV_WRITABLE : 0);
	if (events != d->events && !events)
		uv_poll_stop(&d->poll);
	else if (events != d->events)
		uv_poll_start(&d->poll, events, on_ready);
	d->events = events;
}

/* ---- out ---- */

/* False: the client is gone, or all is said. */
static bool flush(struct duplex *d)
{
	while (d->sent < d->out.n) {
		ssize_t n = send(d->fd, d->out.p + d->sent, d->out.n - d->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (n <= 0)
			return false;
		d->sent += (size_t)n;
		guest_is(d->guest, GUEST_SERVED);
	}
	buf_reset(&d->out);
	d->sent = 0;
	return !d->closing;
}

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} rows[] = { { 200, "OK" }, { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
		     { 405, "Method Not Allowed" }, { 406, "Not Acceptable" }, { 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
		     { 422, "Unprocessable Content" }, { 429, "Too Many Requests" }, { 500, "Internal Server Error" }, { 503, "Service Unavailable" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].text;
	return "Unknown";
}

static void put_head(struct duplex *d, bool chunked, size_t n)
{
	const struct http_resp *r = &d->x->call.resp;
	char date[40];
	clock_http(d->x->call.req.now_ms, date);
	int status = r->status ? r->status : 500;
	buf_addf(&d->out, "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: close\r\n", status, reason(status), date);
	for (size_t i = 0; i < r->header_n; i++)
		if (!sl_eq_nocase(r->headers[i].name, S("Content-Length")))
			buf_addf(&d->out, "%.*s: %.*s\r\n", SL(r->headers[i].name), SL(r->headers[i].value));
	if (chunked)
		buf_adds(&d->out, "Transfer-Encoding: chunked\r\n\r\n");
	else
		buf_addf(&d->out, "Content-Length: %zu\r\n\r\n", n);
	d->answered = true;
}

static void answered(struct duplex *d)
{
	struct exchange *x = d->x;
	d->x = NULL;
	x->duplex = NULL;
	exchange_free(x);
	d->closing = true;
}

/* The answer's pieces, as far as they are there and the client reads. */
static void take_pieces(struct duplex *d)
{
	char piece[PIECE];
	ssize_t n = PIECES_WAIT;
	while (d->out.n - d->sent < OUT_HIGH && (n = exchange_pieces(d->x, piece, sizeof(piece))) > 0) {
		buf_addf(&d->out, "%zx\r\n", (size_t)n);
		buf_add(&d->out, piece, (size_t)n);
		buf_adds(&d->out, "\r\n");
	}
	if (n == PIECES_FAILED) {
		duplex_free(d);
		return;
	}
	if (n == PIECES_END) {
		buf_adds(&d->out, "0\r\n\r\n");
		answered(d);
	}
	if (flush(d))
		watch(d);
	else
		duplex_free(d);
}

void duplex_wake(struct exchange *x)
{
	take_pieces(x->duplex);
}

void duplex_answer(struct exchange *x)
{
	struct duplex *d = x->duplex;
	struct slice body = buf_slice(&x->call.resp.body);
	x->state = CALL_QUEUED;
	if (x->cut || x->call.resp.body.bad || x->out.source) {
		duplex_free(d);
		return;
	}
	put_head(d, x->stream != NULL, body.n);
	if (x->stream) {
		exchange_begin_pieces(x);
		take_pieces(d);
		return;
	}
	buf_addsl(&d->out, body);
	answered(d);
	if (flush(d))
		watch(d);
	else
		duplex_free(d);
}

/* ---- in ---- */

bool http_both(struct http_call *call, const struct http_sink *sink, void *arg)
{
	struct exchange *x = (struct exchange *)call;
	if (!x->duplex)
		return false;
	x->duplex->sink = sink;
	x->duplex->arg = arg;
	return true;
}

/* A line of the chunked body, without its end; absent: not whole yet. */
static struct slice line_of(struct duplex *d)
{
	struct slice rest = buf_slice(&d->in);
	ssize_t end = sl_chr(rest, '\n');
	if (end < 0)
		return sl(NULL);
	return sl_of(rest.p, (size_t)(end && rest.p[end - 1] == '\r' ? end - 1 : end));
}

static void eat(struct duplex *d, size_t n)
{
	memmove(d->in.p, d->in.p + n, d->in.n - n);
	d->in.n -= n;
}

static void eat_line(struct duplex *d)
{
	eat(d, (size_t)sl_chr(buf_slice(&d->in), '\n') + 1);
}

static bool read_size(struct duplex *d, struct slice line)
{
	uint64_t n = 0;
	size_t i = 0;
	for (; i < line.n && hex_digit(line.p[i]) >= 0; i++) {
		if (n >> 56)
			return false;
		n = n << 4 | (uint64_t)hex_digit(line.p[i]);
	}
	d->chunk = n;
	d->part = n ? CHUNK_DATA : TRAILER;
	return i > 0 && (i == line.n || line.p[i] == ';' || line.p[i] == ' ');
}

/* Hands on what is there. False: it isn't a chunked body. */
static bool parse(struct duplex *d)
{
	struct slice line;
	while (d->in.n && d->sink && !d->full && d->part != BODY_END) {
		if (d->part == CHUNK_DATA) {
			size_t n = d->in.n < d->chunk ? d->in.n : (size_t)d->chunk;
			d->full = !d->sink->piece(d->arg, sl_of(d->in.p, n));
			eat(d, n);
			d->chunk -= n;
			d->part = d->chunk ? CHUNK_DATA : d->whole ? BODY_END : CHUNK_END;
			continue;
		}
		line = line_of(d);
		if (!line.p)
			return d->in.n < HEAD_MAX;
		if ((d->part == CHUNK_END && line.n) || (d->part == CHUNK_SIZE && !read_size(d, line)))
			return false;
		if (d->part == CHUNK_END)
			d->part = CHUNK_SIZE;
		else if (d->part == TRAILER && !line.n)
			d->part = BODY_END;
		eat_line(d);
	}
	if (d->part == BODY_END && d->sink) {
		const struct http_sink *sink = d->sink;
		d->sink = NULL;
		sink->end(d->arg);
	}
	return true;
}

void http_both_more(struct http_call *call)
{
	struct duplex *d = ((struct exchange *)call)->duplex;
	if (!d || !d->full)
		return;
	d->full = false;
	if (parse(d))
		watch(d);
	else
		duplex_free(d);
}

/* False: the client is gone. */
static bool receive(struct duplex *d)
{
	char *to = buf_room(&d->in, READ_BYTES);
	ssize_t n = to ? recv(d->fd, to, READ_BYTES, MSG_DONTWAIT) : -1;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	d->in.n += (size_t)n;
	guest_got(d->guest, (size_t)n);
	guest_is(d->guest, GUEST_SERVED);
	if (!d->sink) /* nobody takes it: the answer is on its way, or has gone */
		buf_reset(&d->in);
	return parse(d);
}

static void on_ready(uv_poll_t *u, int status, int events)
{
	struct duplex *d = u->data;
	bool on = status >= 0;
	if (on && events & UV_READABLE)
		on = receive(d);
	if (on && events & UV_WRITABLE)
		on = flush(d);
	if (!on) {
		duplex_free(d);
		return;
	}
	if (d->x && d->x->stream && d->x->state == CALL_QUEUED && !d->x->stream->suspended && d->out.n == d->sent)
		take_pieces(d);
	else
		watch(d);
}

/* ---- the beginning ---- */

struct told {
	bool chunked;
	bool waits;     /* for a word before the body, as curl -T - does */
	int64_t length; /* of a body that isn't in chunks */
};

/* The request's head: method, target, headers in the arena. False: not a request for us, as it isn't where a body is so small that it is
 * taken whole. */
static bool read_head(struct http_listener *l, struct arena *a, struct slice head, struct slice *method, struct slice *target, struct http_req *req,
		      struct told *told)
{
	struct slice line, rest, version, name, value;
	size_t cap = 0;
	(void)sl_cut(head, '\n', &line, &rest);
	if (!sl_cut(sl_trim(line), ' ', method, &line) || !sl_cut(line, ' ', target, &version) || !sl_eqs(sl_trim(version), "HTTP/1.1"))
		return false;
	if (!l->o.both_ways(l->o.arg, *method, *target))
		return false;
	while (rest.p && rest.n) {
		(void)sl_cut(rest, '\n', &line, &rest);
		line = sl_trim(line);
		if (!line.n)
			break;
		if (!sl_cut(line, ':', &name, &value))
			return false;
		value = sl_trim(value);
		if (sl_eq_nocase(name, S("Transfer-Encoding")))
			told->chunked = sl_eq_nocase(value, S("chunked"));
		if (sl_eq_nocase(name, S("Content-Length")) && (told->length || !sl_int(value, 1, INT64_MAX, &told->length)))
			return false;
		if (sl_eq_nocase(name, S("Expect")) && !(told->waits = sl_eq_nocase(value, S("100-continue"))))
			return false;
		if (sl_eq_nocase(name, S("Upgrade")))
			return false;
		ARENA_GROW(a, req->headers, req->header_n, cap);
		req->headers[req->header_n++] = (struct http_header){ arena_dup(a, name), arena_dup(a, value) };
	}
	*method = arena_dup(a, *method);
	return told->chunked ? !told->length : told->length > (int64_t)(l->o.body_max ? l->o.body_max : (size_t)HTTP_BODY_DEFAULT);
}

bool duplex_take(struct http_listener *l, struct guest *g)
{
	char head[HEAD_MAX];
	ssize_t n = l->o.both_ways ? recv(g->fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT) : 0, end;
	struct arena a = { 0 };
	struct http_req req = { 0 };
	struct slice method, target;
	struct told told = { 0 };
	if (n < 5 || memcmp(head, "POST ", 5) != 0 || (end = sl_find(sl_of(head, (size_t)n), S("\r\n\r\n"))) < 0)
		return false;
	if (!read_head(l, &a, sl_of(head, (size_t)end + 2), &method, &target, &req, &told) || recv(g->fd, head, (size_t)end + 4, 0) != end + 4) {
		arena_free(&a);
		return false;
	}
	struct duplex *d = xcalloc(1, sizeof(*d));
	struct exchange *x = exchange_new(l, target);
	arena_take(&x->arena, &a);
	x->call.req.headers = req.headers;
	x->call.req.header_n = req.header_n;
	x->call.req.secure = g->secure;
	x->duplex = d;
	*d = (struct duplex){ .l = l, .guest = g, .x = x, .fd = g->fd, .next = l->duplex };
	if (told.length) {
		d->whole = true;
		d->part = CHUNK_DATA;
		d->chunk = (uint64_t)told.length;
	}
	d->poll.data = d;
	g->user = d;
	g->said = SAID_BOTH_WAYS;
	guest_unwatch(g);
	if (d->next)
		d->next->prev = d;
	l->duplex = d;
	if (uv_poll_init(loop_uv(l->env->loop), &d->poll, d->fd)) {
		l->duplex = d->next;
		exchange_free(x);
		close(g->fd);
		guest_left(g);
		free(d);
		return true;
	}
	guest_is(g, GUEST_SERVED);
	watch(d);
	if (exchange_head(x, method, S("HTTP/1.1"), exchange_remote(x, g))) {
		duplex_answer(x);
		return true;
	}
	if (told.waits) {
		buf_adds(&d->out, "HTTP/1.1 100 Continue\r\n\r\n");
		watch(d);
	}
	exchange_call(x);
	return true;
}

void duplex_cut(struct guest *g)
{
	duplex_free(g->user);
}

void duplex_close(struct http_listener *l)
{
	while (l->duplex)
		duplex_free(l->duplex);
}
