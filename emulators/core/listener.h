/* Letting clients in, on every port alike: accepting that outlives running out of descriptors, a bound to how many are in, limits
 * to how long they may take.
 *
 * Who was let in is a guest. The listener keeps it until it has said what it speaks, then the taker has it (and its descriptor)
 * and tells what it does: guest_is, and guest_left in the end. Where too many are in, the longest silent is hung up on, so nobody
 * is locked out by those who sit there. Times are real ones. */
#ifndef TARN_LISTENER_H
#define TARN_LISTENER_H

#include <netinet/in.h>

#include "conf.h"

struct env;
struct listener;
struct guest_watch;

enum guest_doing {
	GUEST_NEW,     /* has said nothing so far */
	GUEST_IDLE,    /* has no request under way */
	GUEST_ASKING,  /* its request is coming in */
	GUEST_SERVED,  /* its answer is made or leaves */
	GUEST_LEAVING, /* was cut; the taker will say guest_left */
	GUEST_KINDS
};

enum guest_said { SAID_NOTHING, SAID_HTTP2, SAID_OTHER, SAID_BOTH_WAYS /* the taker's own word */ };

union address {
	struct sockaddr a;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct guest {
	struct listener *l;
	struct guest *prev, *next; /* of those who do the same */
	enum guest_doing doing;
	int64_t since_ms, limit_ms; /* it does so since, and may that long; limit 0: without end */
	uint64_t got;               /* bytes of its request that came since then */
	int fd;
	enum guest_said said;       /* once it is taken */
	bool taken, keep;           /* keep: isn't hung up on to make room */
	bool secure;                /* came in TLS; fd is the plain side */
	bool hung;                  /* its client hung up: what it said before may not be read yet */
	union address peer, local;
	struct guest_watch *watch;
	void *user, *call;          /* the taker's */
};

struct listener_opts {
	const char *bind;
	int port;                      /* 0: any free one; -1: none, clients come by adopted sockets only */
	bool speaks_first;             /* the server does: a guest is taken before it said anything */
	bool http2;                    /* its preface is told from other beginnings */
	bool http1;                    /* for TLS: what is spoken within */
	int64_t limit_ms[GUEST_KINDS]; /* how long a guest may do so; 0: without end */
	/* It is the taker's now, and its descriptor. */
	void (*take)(void *arg, struct guest *g, enum guest_said said);
	/* Hangs up on one that is taken: guest_left follows, at once or soon. False: not now, what it waits for is ours. */
	bool (*cut)(void *arg, struct guest *g);
	/* The client of one that was taken as SAID_OTHER hung up; called again from time to time while it is there. NULL: the taker
	 * watches the descriptor and sees it itself. */
	void (*hung)(void *arg, struct guest *g);
	void *arg;
};
/* Errors: INVALID (not an address), CONFLICT (the port is taken). */
int listener_open(const struct env *env, const struct listener_opts *o, struct listener **out, struct error *err) WARN_UNUSED;
int listener_port(const struct listener *l);
/* Lets clients in by a socket that listens already, wherever it was opened, as if they had come by port: guests have it as their
 * local port. fd is taken over. It is closed by listener_disown, or when nobody is let in any more. */
struct listener_door *listener_adopt(struct listener *l, int fd, int port);
void listener_disown(struct listener_door *d);
/* Nobody is let in any more, the port is free. */
void listener_stop(struct listener *l);
/* After the taker has closed what it took. NULL is fine. */
void listener_close(struct listener *l);
/* [http]: how many may be in, how long they may take. */
extern const struct setting listener_settings[];

/* What it does now, since now. */
void guest_is(struct guest *g, enum guest_doing doing);
/* Bytes of its request came: it isn't silent. */
void guest_got(struct guest *g, size_t n);
/* Its descriptor isn't looked at any more: the taker does it. */
void guest_unwatch(struct guest *g);
/* It is gone, its descriptor is closed (or about to be, by the taker). */
void guest_left(struct guest *g);
/* "127.0.0.1", and the port. */
void address_text(const union address *a, char ip[48], int *port);

#endif
