/* TCP server: connections of the loop for binary protocols.
 *
 * consume gets all buffered bytes, returns how many it ate (0: need more), or TCP_HANGUP. It appends answers to
 * conn->out; they leave after the tick's commit. A service that must answer later sets conn->paused (no further
 * consume until tcp_resume) and keeps the pointer until `closed` is called for it.
 *
 * A client that does not read its answers is not read either: while over TCP_HIGH bytes are unsent nothing more is read or
 * consumed, so at most one answer is made beyond that bound. A service whose one answer is long makes it in parts: it looks at
 * tcp_unsent after each, pauses when that is over TCP_HIGH, and goes on (append, tcp_resume or tcp_send) in `drained`. */
#ifndef TARN_TCP_H
#define TARN_TCP_H

#include "clock.h"

struct env;
enum { TCP_HANGUP = -1 };
enum { TCP_HIGH = 1 << 20, TCP_LOW = 256 << 10 };

struct conn {
	struct buf out;  /* answers; written after the commit */
	void *user;      /* the service's own; freed by its `closed` */
	bool paused;     /* see above */
	bool closing;    /* set by the service: hang up once out has left */
	char peer[64];   /* address, text */
	char local[48];  /* the address the client reached us at, without the port */
	int local_port;
	char *host;      /* the name that the client has for that address, where it is of those that have one: host_of; NULL: unknown */
	int64_t now_ms;  /* time of this tick */
	/* Limits in real time, which the service sets when it likes; 0: none. */
	int64_t login_ms; /* since it was opened: the service sets it to 0 when it knows the client */
	int64_t idle_ms;  /* since its last message or answer */
	bool secure;      /* TLS; the service knows no more of it */
	struct conn *prev, *next; /* a list of the service's own */
	bool keep;        /* isn't hung up on to make room for another client */
};

struct tcp_opts {
	const char *bind;
	int port; /* 0: any free one; -1: adopted sockets only */
	size_t in_max; /* most bytes buffered for one unfinished message; over it: hang up */
	int (*opened)(void *arg, struct conn *c); /* may append a greeting, set limits; nonzero refuses */
	ssize_t (*consume)(void *arg, struct conn *c, const uint8_t *p, size_t n);
	void (*closed)(void *arg, struct conn *c);
	/* The unsent bytes fell below TCP_LOW after having been over TCP_HIGH; NULL: nobody waits for that. */
	void (*drained)(void *arg, struct conn *c);
	/* One of its limits has passed, or it makes room: may say so in out. It is hung up on once that has left. NULL: nothing is said. */
	void (*expired)(void *arg, struct conn *c);
	const char *(*host_of)(void *arg, const char *local); /* the name of an address of ours; NULL: none has one */
	/* tcp_leave and tcp_return: see service.h, tcp_leaves and tcp_returns. NULL: everybody is hung up on. */
	bool (*leaves)(void *arg, struct conn *c);
	void (*returns)(void *arg, struct conn *c);
	bool speaks_first; /* the server does: `opened` is called, with its greeting, before the client has said anything */
	void *arg;
};
struct tcp_listener;
int tcp_listen(const struct env *env, const struct tcp_opts *o, struct tcp_listener **out, struct error *err) WARN_UNUSED;
int tcp_port(const struct tcp_listener *l);
/* Serves clients of another socket, too: listener_adopt, whose door ends by listener_disown. */
struct listener_door *tcp_adopt(struct tcp_listener *l, int fd, int port);
/* Nobody is let in any more, the port is free; who is in stays. */
void tcp_stop_accepting(struct tcp_listener *l);
/* Its service is about to close and to open again: whose `leaves` says so stays, unread; the others are hung up on, and `closed` is called.
 * Only between two ticks, and before the next one tcp_return follows, or tcp_close. */
void tcp_leave(struct tcp_listener *l);
void tcp_return(struct tcp_listener *l); /* calls `returns` for each that stayed, which goes on being served then, on the next turn */
void tcp_close(struct tcp_listener *l); /* also its connections; calls `closed` for each */

/* Bytes that have not left: those in out, and those the socket did not take yet. */
size_t tcp_unsent(const struct conn *c);
/* Sends what was appended to out outside of consume, after this tick's commit. */
void tcp_send(struct conn *c);
/* In consume, for protocols that begin TLS in their midst: what comes after the bytes that this consume eats is the client's hello, and
 * all that follows is said in TLS, both ways. What was in out before has left. Where TLS can't be had it hangs up. */
void tcp_start_tls(struct conn *c);
/* Whether there is TLS to be had. */
bool tcp_has_tls(const struct conn *c);

/* What consume ate is consumed again, before what has come since. */
void tcp_unread(struct conn *c, const void *p, size_t n);

/* In consume, with a whole message: what an armed fault at SERVICE.op does to it. */
enum tcp_fault {
	TCP_GOES_ON, /* nothing; or its answer won't leave: the connection ends in its place */
	TCP_WAITS,   /* consume returns 0: the same message comes again later */
	TCP_CUT,     /* consume returns TCP_HANGUP */
};
enum tcp_fault tcp_fault(struct conn *c, const char *service, const char *op);

/* Ends a pause: sends what is in out and consumes what has arrived meanwhile (on the next turn). */
void tcp_resume(struct conn *c);

#endif
