/* What server.c shares with reopen.c and clients.c, and with the rooms of the stack (journey/, snapshot/, browse/). Nobody else includes this. */
#ifndef TARN_INSIDE_H
#define TARN_INSIDE_H

#include "stack/elsewhere.h"
#include "stack/server.h"

enum { SLOTS_MAX = 48, TCP_PORTS_MAX = 15, ENDPOINTS_MAX = SLOTS_MAX + TCP_PORTS_MAX + 2, LISTENERS_MAX = SLOTS_MAX + 2 * TCP_PORTS_MAX + 2 };

struct listener {
	struct server *s;
	struct slot *slot; /* NULL: a shared port */
	bool aws;
	char key[16]; /* its endpoint, of TCP; "": it has none */
	struct http_listener *http;
	struct tcp_listener *tcp;
};

struct server {
	struct env env;
	struct conf *conf;
	struct stack_files *files;
	struct ports ports;
	struct slot slots[SLOTS_MAX + ELSEWHERE_MAX]; /* behind slot_n of them elsewhere_n without .self: theirs is handed on */
	size_t slot_n, elsewhere_n;
	struct listener listeners[LISTENERS_MAX];
	size_t listener_n;
	struct {
		const char *key;
		char *address;
	} endpoints[ENDPOINTS_MAX];
	size_t endpoint_n;
	struct keep *keep;
	struct recording *recording; /* NULL: nobody has asked for one */
	struct walk *walks;       /* journeys that are asked for */
	struct browse *browses;   /* looks of the console's */
	struct control_run *runs; /* commands that the control port has started */
	struct owed *elsewhere;   /* requests that were handed on */
	struct steps *steps;      /* of the scenario that runs on it; borrowed; NULL: none does */
	uint64_t walk_n;          /* random ones so far */
	struct http_call *resets; /* who asked for one, and waits; linked by .user */
	bool empties;             /* it is a reset, not a restart */
	struct snapshots *snapshots;
	struct server_swap *swaps, *swap; /* asked for; under way */
	struct loop_soon turn;    /* so that there is one */
	int reset_rc;             /* of the last */
	struct error *reset_err;  /* who waits for it, outside of the loop: server_reset_now; else NULL */
	struct buf parts;         /* "kafka,rest,": of these services; none: of all */
	struct init *init;
	struct json_t *notes;
	int64_t began_us;
	struct front *front;
	struct events *events;
	char *dir, *bind;
	bool auto_ports, brief, stopping, closed, takes_back, remote_log, remote_objects, remote_stream;
	int lock_fd;
};

/* server.c */
int server_open_slot(struct server *s, struct slot *t, struct error *err) WARN_UNUSED;
int server_start_services(struct server *s, struct error *err) WARN_UNUSED;
void server_close_slots(struct server *s);
void server_commit(struct server *s);
/* clients.c: what of a TCP listener is its service's. */
void clients_opts(struct listener *l, struct tcp_opts *o);
/* reopen.c: does what server_reset and server_restart were asked, between two ticks. */
void server_reopen(struct server *s);
/* Whether what is under way takes the state of that service. */
bool server_empties(const struct server *s, const struct slot *t);

#endif
