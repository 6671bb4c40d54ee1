/* TCP server: connections of the loop for binary protocols.
 *
 * consume gets all buffered bytes, returns how many it ate (0: need more), or TCP_HANGUP. It appends answers to
 * conn->out; they leave after the tick's commit. A service that must answer later sets conn->paused (no further
 * consume until tcp_resume) and keeps the pointer until `closed` is called for it. */
#ifndef TARN_TCP_H
#define TARN_TCP_H

#include "clock.h"

struct env;
enum { TCP_HANGUP = -1 };

struct conn {
	struct buf out;  /* answers; written after the commit */
	void *user;      /* the service's own; freed by its `closed` */
	bool paused;     /* see above */
	bool closing;    /* set by the service: hang up once out has left */
	char peer[64];   /* address, text */
	char local[48];  /* the address the client reached us at, without the port */
	int local_port;
	int64_t now_ms;  /* time of this tick */
};

struct tcp_opts {
	const char *bind;
	int port; /* 0: any free one */
	size_t in_max; /* most bytes buffered for one unfinished message; over it: hang up */
	int (*opened)(void *arg, struct conn *c); /* may append a greeting; nonzero refuses */
	ssize_t (*consume)(void *arg, struct conn *c, const uint8_t *p, size_t n);
	void (*closed)(void *arg, struct conn *c);
	void *arg;
};
struct tcp_listener;
int tcp_listen(const struct env *env, const struct tcp_opts *o, struct tcp_listener **out, struct error *err) WARN_UNUSED;
int tcp_port(const struct tcp_listener *l);
void tcp_close(struct tcp_listener *l); /* also its connections; calls `closed` for each */

/* Ends a pause: sends what is in out and consumes what has arrived meanwhile (on the next turn). */
void tcp_resume(struct conn *c);

#endif
