/* Records of API v3, both ways at once: a line of the answer leaves when its record is in the topic, while the client sends the next. */
#include "rest/records.h"

enum { UNDER_WAY_MAX = 2000, UNSENT_MAX = 1 << 20 }; /* records with the log; bytes of answers that the client hasn't read */

struct rest_stream {
	struct rest_stream *next, *prev;
	struct http_call *http;
	struct rest_call call; /* in the call's arena, as all of it */
	struct rest_records rs;
	bool full, answered;
};

bool rest_streams(struct slice method, struct slice target)
{
	struct slice path, rest;
	(void)sl_cut(target, '?', &path, &rest);
	return sl_eqs(method, "POST") && sl_starts(path, S("/v3/clusters/")) && sl_ends(path, S("/records"));
}

static void leave_list(struct rest_stream *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		s->call.r->streams = s->next;
	if (s->next)
		s->next->prev = s->prev;
}

/* ---- out ---- */

/* The client went, or all has left: what the log still answers is for nobody. The memory goes with the call. */
static void gone(void *arg)
{
	struct rest_stream *s = arg;
	owed_cancel_all(&s->call.asks);
	buf_free(&s->rs.in);
	leave_list(s);
}

static void answer(struct rest_stream *s)
{
	if (s->answered)
		return;
	s->answered = true;
	s->http->resp.status = 200;
	http_set(s->http, "Content-Type", "application/json");
	http_stream(s->http, gone, s);
}

static void line(void *arg, struct slice text)
{
	struct rest_stream *s = arg;
	answer(s);
	http_push(s->http, text);
}

static void end(void *arg)
{
	struct rest_stream *s = arg;
	answer(s);
	http_push_end(s->http);
}

static void refused(void *arg, int status, struct slice text)
{
	struct rest_stream *s = arg;
	rest_records_refuse(&s->call, status, text);
}

static void refusal_made(struct rest_call *c)
{
	struct rest_stream *s = c->arg;
	gone(s);
	http_reply_buf(s->http, c->status, c->type, &c->body);
}

static void taken(void *arg)
{
	struct rest_stream *s = arg;
	if (s->full && s->rs.under_way < UNDER_WAY_MAX / 2) {
		s->full = false;
		http_both_more(s->http);
	}
}

/* ---- in ---- */

static bool piece(void *arg, struct slice bytes)
{
	struct rest_stream *s = arg;
	rest_records_feed(&s->rs, bytes);
	s->full = s->rs.under_way >= UNDER_WAY_MAX || (s->answered && s->rs.under_way && http_unsent(s->http) > UNSENT_MAX);
	return !s->full;
}

static void body_end(void *arg)
{
	struct rest_stream *s = arg;
	rest_records_end(&s->rs);
}

static const struct http_sink sink = { .piece = piece, .end = body_end };

bool rest_stream(struct rest *r, struct http_call *call)
{
	struct rest_stream *s = arena_alloc(call->req.arena, sizeof(*s));
	if (!rest_streams(call->req.method, call->req.target))
		return false;
	s->http = call;
	s->call = (struct rest_call){ .r = r, .req = &call->req, .done = refusal_made, .arg = s, .streams = true };
	if (!rest_records_route(&s->call) || !http_both(call, &sink, s))
		return false;
	call->op = s->call.op;
	s->rs = (struct rest_records){ .line = line, .end = end, .fail = refused, .taken = taken, .arg = s };
	rest_records_begin(&s->rs, &s->call);
	s->next = r->streams;
	if (s->next)
		s->next->prev = s;
	r->streams = s;
	return true;
}

bool rest_streams_busy(const struct rest *r)
{
	for (const struct rest_stream *s = r->streams; s; s = s->next)
		if (s->rs.under_way)
			return true;
	return false;
}

void rest_streams_close(struct rest *r)
{
	while (r->streams) {
		struct rest_stream *s = r->streams;
		if (s->answered)
			http_forget(s->http);
		gone(s);
	}
}
