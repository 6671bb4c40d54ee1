/* Bodies that don't lie in memory whole: a request's, handed to who takes it piece by piece, and an answer's, read as it leaves. */
#include <errno.h>
#include <unistd.h>

#include "exchange.h"

/* ---- in ---- */

void http_take(struct http_call *call, const struct http_sink *sink, void *arg)
{
	struct exchange *x = (struct exchange *)call;
	x->intake = xcalloc(1, sizeof(*x->intake));
	x->intake->sink = sink;
	x->intake->arg = arg;
}

bool http_taken(const struct http_call *call)
{
	return ((const struct exchange *)call)->intake != NULL;
}

bool exchange_feed(struct exchange *x, const void *p, size_t n)
{
	struct intake *in = x->intake;
	if (!in) {
		buf_add(&x->body, p, n);
		return true;
	}
	if (x->cut)
		return true;
	if (in->paused) {
		buf_add(&in->waiting, p, n);
		return false;
	}
	in->paused = !in->sink->piece(in->arg, sl_of(p, n)) && !x->cut;
	if (in->paused)
		exchange_link(x);
	return !in->paused;
}

/* What came meanwhile: the end, too. */
static void feed_waiting(struct exchange *x)
{
	struct intake *in = x->intake;
	struct buf had = in->waiting;
	in->waiting = (struct buf){ 0 };
	if (had.n)
		(void)exchange_feed(x, had.p, had.n);
	if (x->h2)
		h2_took(x, had.n);
	buf_free(&had);
	if (in->ended && !in->paused)
		exchange_call(x);
}

static bool unpause(struct exchange *x)
{
	if (!x->intake || !x->intake->paused)
		return false;
	x->intake->paused = false;
	exchange_unlink(x);
	http_soon(x->l);
	return true;
}

void http_more(struct http_call *call)
{
	struct exchange *x = (struct exchange *)call;
	if (!unpause(x))
		return;
	if (x->mhd)
		http1_go_on(x);
	else
		feed_waiting(x);
}

void http_leave(struct http_call *call)
{
	struct exchange *x = (struct exchange *)call;
	x->cut = true;
	http_on_gone(call, NULL, NULL);
	if (x->intake && unpause(x)) {
		if (x->mhd)
			http1_go_on(x);
		else if (x->intake->ended)
			exchange_call(x);
	}
	if (x->state == CALL_RUNNING)
		http_done(call);
}

/* ---- out ---- */

static ssize_t read_file(void *arg, int64_t at, char *to, size_t max)
{
	const struct outlet *o = arg;
	ssize_t n;
	do
		n = pread(o->fd, to, max, o->fd_at + at);
	while (n < 0 && errno == EINTR);
	return n > 0 ? n : HTTP_FAILED;
}

static void close_file(void *arg)
{
	close(((struct outlet *)arg)->fd);
}

static const struct http_source file_source = { read_file, close_file };

static void set_source(struct exchange *x, int64_t n, const struct http_source *source, void *arg)
{
	if (x->out.source)
		x->out.source->close(x->out.arg);
	x->out = (struct outlet){ .source = source, .arg = arg, .n = n, .fd = -1 };
}

void http_send(struct http_call *call, int64_t n, const struct http_source *source, void *arg)
{
	set_source((struct exchange *)call, n, source, arg);
}

void http_send_file(struct http_call *call, int fd, int64_t at, int64_t n)
{
	struct exchange *x = (struct exchange *)call;
	set_source(x, n, &file_source, &x->out);
	x->out.fd = fd;
	x->out.fd_at = at;
}

ssize_t exchange_read(struct exchange *x, int64_t at, char *to, size_t max)
{
	struct outlet *o = &x->out;
	int64_t left = o->n - at;
	ssize_t n;
	if (x->cut)
		return PIECES_FAILED;
	n = o->source->read(o->arg, at, to, left < (int64_t)max ? (size_t)left : max);
	if (n == HTTP_WAIT) {
		o->suspended = true;
		exchange_link(x);
		return PIECES_WAIT;
	}
	return n > 0 ? n : PIECES_FAILED;
}

static bool resume(struct exchange *x)
{
	struct http_listener *l = x->l;
	if (!x->out.suspended)
		return false;
	x->out.suspended = false;
	exchange_unlink(x);
	if (x->mhd)
		http1_go_on(x);
	else if (x->message)
		message_wake(x);
	else
		h2_wake(x);
	http_soon(l);
	return true;
}

void http_ready(struct http_call *call)
{
	(void)resume((struct exchange *)call);
}

bool exchange_unpause(struct exchange *x)
{
	if (resume(x))
		return true;
	if (!unpause(x))
		return false;
	if (x->mhd)
		http1_go_on(x);
	return true;
}

void exchange_body_free(struct exchange *x)
{
	struct intake *in = x->intake;
	(void)unpause(x);
	if (x->out.suspended)
		exchange_unlink(x);
	if (in && x->state == CALL_BODY && !x->cut)
		in->sink->gone(in->arg);
	if (in) {
		buf_free(&in->waiting);
		free(in);
	}
	if (x->out.source)
		x->out.source->close(x->out.arg);
}
