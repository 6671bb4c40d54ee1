/* The door: how listening sockets that were opened elsewhere (in a network name space of their own, or beside it) come to the
 * server, which serves them as its own ports.
 *
 * A channel is a Unix socket of whole messages (SOCK_SEQPACKET): one end of a pair, or a connection to door.sock in the state
 * folder, which only the server's own user may make. The server begins, with what its client must know; the client hands sockets
 * over for as long as it likes; when the channel ends, so do they. */
#ifndef TARN_DOOR_H
#define TARN_DOOR_H

#include "core/err.h"
#include "front/names.h"

/* ---- the program's side; it blocks ---- */

/* What the server says first. */
struct door_answer {
	char *ca;             /* the authority's certificate, PEM */
	char *names;          /* [front] names; "" without any */
	char **env;           /* "NAME=VALUE" for the program, NULL at the end */
	bool auth;            /* the keys among them are those that the stack takes */
	int own[32];          /* the ports that the stack is known by on 127.0.0.1, those it has and the usual ones; 0 at the end */
	int status;           /* the server didn't start (it has said why): the exit code for that; 0: it runs */
};
/* A channel to a server that runs with this state folder. Errors: NOT_FOUND (none runs there, or it has no door), DENIED. */
int door_connect(const char *data, int *channel, struct error *err) WARN_UNUSED;
/* Waits for what the server says first. Errors: NETWORK (it has gone). */
int door_read(int channel, struct door_answer *out, struct error *err) WARN_UNUSED;
void door_answer_free(struct door_answer *a);
/* Gives a listening TCP socket, or for port 53 that of the resolver, or its UDP socket, away; port: what it stands for, whatever
 * it is bound to. fd stays the caller's, who may close it. Errors: NETWORK. */
int door_hand(int channel, int fd, int port, struct error *err) WARN_UNUSED;

/* As long as the channel lives, what the program names is adopted (core/adopt.h), unless the stack says it isn't. Errors: NETWORK. */
int door_adopt(int channel, struct error *err) WARN_UNUSED;

/* What front_ports and the addresses of names need, opened and handed over. */
struct door_place {
	uint32_t address; /* 127.77.0.1, host byte order */
	int port;         /* 443: what a program dials */
	bool udp;
	int bound;        /* where it really listens, the same address: the port itself, or a free one */
};
struct door_places {
	struct door_place at[256];
	size_t n;
};
/* as_they_are: at the very ports, and own (of the answer) beside them, for a network name space of one's own; false: at free ones, for
 * those who lead connects elsewhere. Errors: NETWORK, what couldn't be bound. */
int door_open(int channel, bool as_they_are, const int *own, struct door_places *out, struct error *err) WARN_UNUSED;
/* The place where what is dialled is served; NULL: nowhere. Port 53 finds the resolver at whatever address. */
const struct door_place *door_find(const struct door_places *places, uint32_t address, int port, bool udp);

/* ---- the server's side ---- */

struct env;
struct door;
struct listener_door;
struct resolver;
struct door_host {
	/* Takes a listening socket over that stands for port; NULL: nothing of ours is behind it, the socket is the caller's still. What
	 * is given back ends by listener_disown. */
	struct listener_door *(*tcp)(void *arg, int fd, int port);
	/* What is said first: fills a JSON object with ca, names, env, own as in struct door_answer. */
	void (*hello)(void *arg, struct buf *out);
	/* A channel wants adoption, by 1, or ends that wanted it, by -1. */
	void (*adopt)(void *arg, int by);
	struct resolver *resolver; /* takes the sockets of port 53: dns.h */
	void *arg;
};
/* data: the state folder, in which door.sock is made (NULL: none). Errors: NETWORK. */
int door_serve(const struct env *env, const struct door_host *host, const char *data, struct door **out, struct error *err) WARN_UNUSED;
/* Serves a channel that is there already, taken over. */
void door_channel(struct door *d, int channel);
/* Ends the channels and the sockets that came by them; before the listeners close. NULL is fine. */
void door_close(struct door *d);

#endif
