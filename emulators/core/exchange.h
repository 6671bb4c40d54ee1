/* One request and its answer, between those that carry them: http.c (libmicrohttpd, HTTP/1), http2.c (nghttp2), message.c (from our
 * own client), and http_body.c. Nobody else includes this. */
#ifndef TARN_EXCHANGE_H
#define TARN_EXCHANGE_H

#include "http.h"
#include "httpc.h"
#include "listener.h"
#include "service.h"

enum { HTTP_BODY_DEFAULT = 16 << 20 };

enum call_state { CALL_NEW, CALL_BODY, CALL_RUNNING, CALL_READY, CALL_QUEUED };

/* An answer that comes in pieces: a piece is `pushed` until the commit of its tick, then `ready` to leave. */
struct pieces {
	struct buf pushed, ready;
	size_t sent; /* of ready */
	bool held, ending, ended, suspended;
	void (*gone)(void *arg);
	void *arg;
};

/* A body taken in pieces. */
struct intake {
	const struct http_sink *sink;
	void *arg;
	struct buf waiting; /* HTTP/2: came while it was paused; its window bounds them */
	bool paused;        /* linked with those suspended */
	bool ended;         /* HTTP/2, messages: while it was paused */
};

/* An answer that is read as it leaves. */
struct outlet {
	const struct http_source *source; /* NULL: none */
	void *arg;
	int64_t n;
	int fd; /* of file_source */
	int64_t fd_at;
	bool suspended; /* linked with those suspended */
};

struct MHD_Connection;
struct h2_conn;
struct message;
struct duplex;
struct exchange {
	struct http_call call; /* first: services see only this */
	struct http_listener *l;
	struct MHD_Connection *mhd; /* HTTP/1 */
	struct guest *guest;        /* HTTP/1: who asks */
	struct h2_conn *h2;         /* HTTP/2; NULL too when the client ended the stream before it was answered */
	struct exchange *h2_prev, *h2_next; /* of one connection */
	struct message *message;    /* of our own; NULL too when its sender doesn't wait any more */
	struct duplex *duplex;      /* HTTP/1, both ways; NULL too when the client went */
	int32_t stream_id;
	bool waits;                 /* HTTP/2: with its call, until answers before it are read */
	int64_t sent;               /* HTTP/2: of the answer's body */
	struct exchange *prev, *next; /* those suspended */
	struct arena arena;
	struct buf body;
	enum call_state state;
	bool cut; /* the answer is dropped: a fault */
	bool delayed; /* it leaves when a timer says so: a fault */
	int64_t began_us;
	struct loop_held held;
	struct pieces *stream; /* NULL: the answer comes in one piece */
	struct intake *intake; /* NULL: the body is collected */
	struct outlet out;
	void (*on_gone)(void *arg); /* NULL: nobody asked */
	void *gone_arg;
	struct loop_soon gone;      /* the client had hung up before somebody asked */
};

struct http_listener {
	const struct env *env;
	struct http_opts o;
	struct MHD_Daemon *mhd;
	struct loop_watch *watch;
	struct exchange *running;
	struct loop_soon again;
	bool kick, closing; /* libmicrohttpd has something to do; nobody is told that clients go */
	int port;
	struct listener *door;
	struct guest *arriving; /* is being handed to libmicrohttpd */
	struct h2_conn *h2;
	struct duplex *duplex;
};

/* ---- http.c ---- */
/* The client of a call that runs has hung up: whoever asked for it is told. */
void exchange_gone(struct exchange *x);
struct exchange *exchange_new(struct http_listener *l, struct slice target);
void exchange_free(struct exchange *x);
void exchange_link(struct exchange *x); /* with those suspended */
void exchange_unlink(struct exchange *x);
/* The headers are in req. Returns true when the answer is there already: too large, or on_head's. */
bool exchange_head(struct exchange *x, struct slice method, struct slice version, struct slice remote);
/* The body is in. */
void exchange_call(struct exchange *x);
/* A connection of HTTP/1 that was suspended is read and written again. */
void http1_go_on(struct exchange *x);
/* What connections have to do outside of a tick is done on the next turn. */
void http_soon(struct http_listener *l);
/* The address of the client, text. */
struct slice exchange_remote(struct exchange *x, const struct guest *g);

/* ---- http_pieces.c ---- */
/* Up to max bytes of a piece; PIECES_WAIT: none now (exchange_wake will tell), PIECES_END, PIECES_FAILED. */
enum { PIECES_WAIT = 0, PIECES_END = -1, PIECES_FAILED = -2 };
ssize_t exchange_pieces(struct exchange *x, char *to, size_t max);
/* What was pushed before the answer was asked for leaves too. */
void exchange_begin_pieces(struct exchange *x);
/* An answer that waited for pieces may go on (or ends, when it is cut). */
void exchange_wake(struct exchange *x);

/* ---- message.c ---- */
/* As httpc_send does, to a listener of this process. by: all that the sender's client owes; host as in the URL; target from the path on. */
struct owed *message_send(struct http_listener *l, struct owed **by, const struct httpc_req *req, struct slice host, struct slice target,
			  httpc_cb cb, void *arg);
/* The answer may leave: x is gone after that. */
void message_answer(struct exchange *x);
/* An answer in pieces that waited for some has one. */
void message_wake(struct exchange *x);

/* ---- duplex.c ---- */
/* Takes a guest whose request is one of those that are answered while their body comes; false: it isn't. */
bool duplex_take(struct http_listener *l, struct guest *g);
void duplex_cut(struct guest *g);
/* The answer may leave, or goes on: x may be gone after that. */
void duplex_answer(struct exchange *x);
void duplex_wake(struct exchange *x);
void duplex_close(struct http_listener *l);

/* ---- http_body.c ---- */
/* Bytes of the body; they wait here if it is paused. False: it is paused now, HTTP/1 must be. */
bool exchange_feed(struct exchange *x, const void *p, size_t n);
/* Up to max bytes from `at` on of an answer with a source; PIECES_WAIT or PIECES_FAILED. */
ssize_t exchange_read(struct exchange *x, int64_t at, char *to, size_t max);
/* Goes on with an exchange that is paused or waits for its source, as the server stops. False: it was neither. */
bool exchange_unpause(struct exchange *x);
void exchange_body_free(struct exchange *x);

/* ---- http2.c ---- */
void h2_take(struct http_listener *l, struct guest *g);
void h2_cut(struct guest *g);
/* The answer may leave: it does with the next h2_flush. x may be gone after that. */
void h2_answer(struct exchange *x);
/* A stream that waited for pieces has some. */
void h2_wake(struct exchange *x);
/* n bytes of a body that was paused are taken: the client may send as many more. */
void h2_took(struct exchange *x, size_t n);
/* Writes what connections have to send. */
void h2_flush(struct http_listener *l);
void h2_close(struct http_listener *l);

#endif
