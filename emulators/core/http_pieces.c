/* Answers in pieces: what a service pushes leaves when its tick is committed, as fast as the client takes it. */
#include <string.h>

#include "exchange.h"

void exchange_wake(struct exchange *x)
{
	if (!x->stream->suspended)
		return;
	x->stream->suspended = false;
	exchange_unlink(x);
	x->l->kick = true;
	if (x->mhd)
		http1_go_on(x);
	else if (x->message)
		message_wake(x);
	else if (x->duplex)
		duplex_wake(x);
	else
		h2_wake(x);
}

static void stream_release(struct loop_held *h)
{
	struct exchange *x = (struct exchange *)((char *)h - offsetof(struct exchange, held));
	struct pieces *s = x->stream;
	s->held = false;
	if (loop_tick_failed(x->l->env->loop))
		x->cut = true;
	buf_addsl(&s->ready, buf_slice(&s->pushed));
	buf_reset(&s->pushed);
	s->ended = s->ending;
	exchange_wake(x);
}

static void stream_hold(struct exchange *x)
{
	if (x->state == CALL_QUEUED && !x->stream->held) {
		x->stream->held = true;
		loop_hold(x->l->env->loop, &x->held, stream_release);
	}
}

void http_stream(struct http_call *call, void (*gone)(void *arg), void *arg)
{
	struct exchange *x = (struct exchange *)call;
	x->stream = xcalloc(1, sizeof(*x->stream));
	x->stream->gone = gone;
	x->stream->arg = arg;
	http_done(call);
}

void http_push(struct http_call *call, struct slice piece)
{
	struct exchange *x = (struct exchange *)call;
	buf_addsl(&x->stream->pushed, piece);
	stream_hold(x);
}

size_t http_unsent(const struct http_call *call)
{
	const struct pieces *s = ((const struct exchange *)call)->stream;
	return s->pushed.n + s->ready.n - s->sent;
}

void http_push_end(struct http_call *call)
{
	struct exchange *x = (struct exchange *)call;
	x->stream->ending = true;
	stream_hold(x);
}

void exchange_begin_pieces(struct exchange *x)
{
	stream_hold(x);
}

ssize_t exchange_pieces(struct exchange *x, char *to, size_t max)
{
	struct pieces *s = x->stream;
	size_t n = s->ready.n - s->sent;
	if (x->cut || s->ready.bad || s->pushed.bad)
		return PIECES_FAILED;
	if (!n && s->ended)
		return PIECES_END;
	if (!n) {
		s->suspended = true;
		exchange_link(x);
		return PIECES_WAIT;
	}
	if (n > max)
		n = max;
	memcpy(to, s->ready.p + s->sent, n);
	s->sent += n;
	if (s->sent == s->ready.n) {
		buf_reset(&s->ready);
		s->sent = 0;
	}
	return (ssize_t)n;
}
