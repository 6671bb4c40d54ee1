/* HTTP server: libmicrohttpd on the loop, external epoll, whole request in, whole answer out; nghttp2 where it is asked for.
 *
 * A service gets a struct http_call when the body has arrived, fills call->resp and calls http_done, at once or
 * later on the loop; the answer leaves after the commit of the tick in which http_done was called. A call lives
 * until its answer has left (also when the client has gone).
 *
 * What is large never lies here whole: a service that asks for it when the headers are in takes the body in pieces (http_take),
 * and an answer may come from a file (http_send_file), from a reader (http_send) or be pushed (http_stream). Each holds
 * its peer back: no more than a buffer's worth is kept for a connection. */
#ifndef TARN_HTTP_H
#define TARN_HTTP_H

#include "clock.h"

struct env;

struct http_header {
	struct slice name, value;
};

struct http_req {
	struct arena *arena;  /* freed when the answer has left */
	struct slice method;  /* "GET" */
	struct slice target;  /* as sent: "/a%20b?x=1" */
	struct slice path;    /* target up to '?', not decoded */
	struct slice query;   /* after '?', not decoded; absent without one */
	struct slice version; /* "HTTP/1.1" */
	struct http_header *headers;
	size_t header_n;
	struct slice body;
	struct slice remote; /* client address, text */
	bool secure;         /* it came in TLS */
	int64_t now_ms;      /* of the emulated clock, one for all requests of a tick */
	char trace[24]; /* from X-Tarn-Trace, or made from a counter */
};

enum { HTTP_HEADERS_OUT_MAX = 48 };
struct http_resp {
	int status; /* 0 until set */
	struct http_header headers[HTTP_HEADERS_OUT_MAX];
	size_t header_n;
	struct buf body;
};

enum { HTTP_ARGS_MAX = 6 };
struct http_call {
	struct http_req req;
	struct http_resp resp;
	const char *service; /* set by the router: the name counted and journaled */
	const char *op;      /* operation name for journal and metrics: the row's (route.h), or any static or arena string */
	struct slice arg[HTTP_ARGS_MAX]; /* what "{}" and "{+}" of the row stand for, decoded, no NUL; absent past them */
	void *user;       /* the service's own, for answers that come later */
	bool own;         /* another box of this process asks, not a client */
	int hops;         /* through how many of our own it came: httpc.h */
	bool gone;        /* the client hung up: http_done is still owed */
	size_t body_max;  /* of a whole body, bytes: the listener's; on_head may change it */
	bool unseen;      /* neither journaled nor counted: the console or JOURNAL_LOOKS looks, and would see itself looking */
	bool head_only;   /* HEAD: body is dropped, its length is kept */
};

/* A listener's handler: takes the call, owes one http_done. */
typedef void (*http_handler)(void *arg, struct http_call *call);
/* Optional, called when the headers are in and before 100-continue and the body (req.body absent): may answer by
 * filling resp and returning true (then the body is not read); false: go on. */
typedef bool (*http_head_handler)(void *arg, struct http_call *call);

enum http_fate { HTTP_LEAVES, HTTP_CUT, HTTP_ANOTHER };
struct http_listener;
struct http_opts {
	const char *bind; /* "127.0.0.1" */
	int port;         /* 0: any free one; -1: adopted sockets only */
	bool http2;       /* HTTP/2 too, for clients that begin with it (prior knowledge) */
	bool acts;        /* what is posted here acts on this machine: origin.h */
	size_t body_max;  /* 0: 16 MiB; over it 413 unless on_too_large; bodies taken in pieces have no limit here */
	http_handler on_call;
	http_head_handler on_head;       /* NULL: none */
	/* Whether who serves it judges requests of web pages that aren't ours by himself: origin.h; NULL: nobody does. */
	bool (*judges_page)(void *arg, struct http_call *call);
	/* Which requests are answered while their body comes, if they are HTTP/1.1 and chunked: see http_both; NULL: none are. */
	bool (*both_ways)(void *arg, struct slice method, struct slice target);
	http_handler on_too_large;       /* NULL: plain 413; else fills the answer and calls http_done */
	/* A commit failed on which an answer waited. It leaves all the same, is cut, or is another one by now: emptied by http_empty,
	 * filled, and done anew. NULL: it is cut. */
	enum http_fate (*on_failed)(void *arg, struct http_call *call);
	void *arg;
};
int http_listen(const struct env *env, const struct http_opts *o, struct http_listener **out, struct error *err) WARN_UNUSED;
int http_port(const struct http_listener *l);
/* Serves clients of another socket, too: listener_adopt, whose door ends by listener_disown. */
struct listener_door *http_adopt(struct http_listener *l, int fd, int port);
/* Nobody is let in any more, the port is free; who is in stays and may go on asking. */
void http_stop_accepting(struct http_listener *l);
/* Whether a call runs: it isn't answered, or its answer is held, or comes in pieces. */
bool http_answering(const struct http_listener *l);
/* Cuts what runs, without telling whom it was for: they are closed. The connections of the others stay, and so do calls that stays says
 * so of, and answers that are done. NULL is fine. */
void http_cut(struct http_listener *l, bool (*stays)(void *arg, const struct http_call *call), void *arg);
/* Cuts what runs. */
void http_close(struct http_listener *l);

/* First header of that name (case-insensitive), or absent. */
struct slice http_get(const struct http_req *req, const char *name);
/* First query parameter, decoded into the arena; absent when missing; "" for "?x" and "?x=". */
struct slice http_query(const struct http_req *req, const char *name);
/* Walks the raw query: *pos starts at 0; name and value come undecoded. */
bool http_query_next(const struct http_req *req, size_t *pos, struct slice *name, struct slice *value);
/* Sets (replaces) or adds a response header; the value is copied into the arena. */
void http_set(struct http_call *call, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
void http_setsl(struct http_call *call, const char *name, struct slice value);
void http_add(struct http_call *call, const char *name, struct slice value);
void http_done(struct http_call *call);
/* Takes an answer back that hasn't left, for another; false: it is one in pieces, or from a file. */
bool http_empty(struct http_call *call);
/* Calls fn(arg) once, on the loop, when the client hangs up before http_done: the answer is owed still, and nobody will read it.
 * What answers later and is dear to make (a statement) stops then. Never after http_done; fn NULL: no longer. */
void http_on_gone(struct http_call *call, void (*fn)(void *arg), void *arg);
/* ---- a body in pieces ---- */

/* Who takes a body as it comes. Nothing here may end the call but where it says so. */
struct http_sink {
	/* The next bytes, valid during the call. False: no more for now (http_more goes on); these are taken all the same. */
	bool (*piece)(void *arg, struct slice bytes);
	/* The body is in. Comes in place of on_call: http_done is owed from here on. */
	void (*end)(void *arg);
	/* The client went, or the server stops, before end: the call is no more. After end it is http_on_gone that tells. */
	void (*gone)(void *arg);
};
/* In on_head, which then returns false. */
void http_take(struct http_call *call, const struct http_sink *sink, void *arg);
/* Goes on after a piece that returned false, later than that call. */
void http_more(struct http_call *call);
bool http_taken(const struct http_call *call);
/* The taker closes: it is told nothing more and owes nothing, the connection is cut. */
void http_leave(struct http_call *call);

/* In on_call: whether the call is answered while its body comes (req.body is empty). Then sink takes the body from now on, but .gone isn't
 * called: that of http_stream is. Where piece returned false http_both_more goes on. False: the body is here. */
bool http_both(struct http_call *call, const struct http_sink *sink, void *arg);
void http_both_more(struct http_call *call);

/* ---- an answer that doesn't lie here whole ---- */

enum { HTTP_WAIT = 0, HTTP_FAILED = -1 };
struct http_source {
	/* Up to max bytes of the body from byte `at` on (it only goes forward) and how many: HTTP_WAIT: none now, http_ready will
	 * tell; HTTP_FAILED: the connection is cut. Must be quick: it runs on the loop. */
	ssize_t (*read)(void *arg, int64_t at, char *to, size_t max);
	/* Called once, when the answer has left or the client went. */
	void (*close)(void *arg);
};
/* The body is n bytes of source, in place of resp.body; before http_done. */
void http_send(struct http_call *call, int64_t n, const struct http_source *source, void *arg);
/* The same from n bytes of a file, which is closed afterwards. */
void http_send_file(struct http_call *call, int fd, int64_t at, int64_t n);
void http_ready(struct http_call *call);

/* In place of http_done: status and headers leave now, the body comes in pieces (chunked), each after the commit of the tick
 * in which it was pushed. The call lives until gone(arg), which is called once: after the end has left, or when the
 * client went (noticed at the next piece). */
void http_stream(struct http_call *call, void (*gone)(void *arg), void *arg);
void http_push(struct http_call *call, struct slice piece);
void http_push_end(struct http_call *call);
/* Whoever would be told that the client of an unfinished call went is closing: gone isn't called. */
void http_forget(struct http_call *call);
/* Pushed bytes that have not left: who pushes on regardless fills the memory for a client that doesn't read. */
size_t http_unsent(const struct http_call *call);
/* Status, Content-Type (NULL: none) and body in one; then http_done. */
void http_reply(struct http_call *call, int status, const char *type, struct slice body);
/* The same with a body that the answer takes over: nothing is copied, and it is empty and free to use afterwards. */
void http_reply_buf(struct http_call *call, int status, const char *type, struct buf *body);

#endif
