/* A running stack: the chosen services wired to listeners on one loop. Used by `tarn up`, `exec` and `run`.
 *
 *   server.c    opens services, binds listeners, commits at the end of a tick
 *   look.c      what others ask of it
 *   events.c    what happens, as it happens: the console's stream
 *   router.c    which service a request on a shared port (AWS, control) belongs to
 *   reopen.c    reset and restart in place; reset.c: the files of a reset
 *   snapshot/   saving and restoring all of it; journey/, browse/: looks into it; rooms of their own that stand on this one
 *   elsewhere.h  what the AWS port hands on to services of other processes
 *   localstack.c   what tools that know LocalStack ask the AWS port
 *   control.c   the control port's own answers: health, endpoints, clock, faults, journal, metrics */
#ifndef TARN_SERVER_H
#define TARN_SERVER_H

#include "core/service.h"

struct server;
struct server_opts {
	const char *stack;     /* folder; NULL: the embedded default */
	const char *data;      /* state folder; NULL: memory */
	const char *bind;      /* NULL: 127.0.0.1 */
	bool open;             /* strangers may run code, where bind lets them in */
	const char *only;      /* "kafka,rest"; NULL: all */
	bool bare;             /* no service at all: only what [remote] names */
	bool auto_ports;
	const char *const *set; /* "section.key=value" overrides, set_n of them */
	size_t set_n;
	bool frozen;           /* clock starts frozen at clock_ms */
	bool real;             /* it doesn't, whatever the state folder kept */
	int64_t clock_ms;
	int64_t seed;          /* below 0: [stack] seed */
	enum durability durability;
	int log_fd;
	const char *log_file;  /* the file that log_fd writes, to be rotated as [log] says; NULL: it is none of ours */
	int log_level; /* enum log_level */
	const char *load;      /* a snapshot's name or file to start with; NULL: what the state folder has */
	bool adopt;            /* unless the stack says otherwise: [stack] adopt */
	bool brief;            /* it ends with a program: what is cut then is nobody's news */
	int64_t dns_port;      /* a resolver for names of AWS; 0: none */
};
/* Opens everything; when it returns 0 every listener is bound. Errors: what the first failing service says;
 * CONFLICT: a port is taken or the state folder is in use. */
int server_open(const struct server_opts *o, struct server **out, struct error *err) WARN_UNUSED;
/* The end: nobody is let in any more; requests under way are answered, or cut when that takes long; services close, then listeners,
 * then the loop. What is cut is logged. NULL is fine. */
void server_close(struct server *s);
struct loop *server_loop(struct server *s);
const struct env *server_env(struct server *s);
/* "host:port" or URL by key of the endpoints file; NULL when not served. */
const char *server_endpoint(const struct server *s, const char *key);
/* One flat JSON object, name -> address. */
void server_endpoints_json(const struct server *s, struct buf *out, const char *name);
/* The i-th endpoint; false past the end. */
bool server_endpoint_at(const struct server *s, size_t i, const char **key, const char **address);
/* What the state folder kept of the clock and of faults, in words; "" without any. */
const char *server_kept(const struct server *s);
/* Serves clients of another listening socket as those of the port that it stands for, one of ours or one that AWS has. NULL: nothing
 * here is behind that port. Ended by listener_disown. */
struct listener_door *server_adopt(struct server *s, int fd, int port);
/* Adds the ports that its services have where nobody says otherwise to a JSON list. */
void server_usual_ports(const struct server *s, struct buf *out);
/* front.c: what of the front door is the server's. */
struct front;
int front_open(struct server *s, const struct server_opts *o, struct front **out, struct error *err) WARN_UNUSED;
void front_close(struct front *f); /* NULL is fine */
/* The name of an address that the door has given one, a broker's; NULL: none. */
const char *front_host_of(const struct front *f, const char *address);
void front_channel(struct front *f, int channel);
/* Lets who is at the other end of a channel hand sockets over: front/door.h. */
void server_channel(struct server *s, int channel);
/* Whether anything is still in flight. */
bool server_busy(struct server *s);
/* The i-th service that runs; NULL past the end. */
const struct service *server_service_at(const struct server *s, size_t i);
/* State of one service by name, NULL when not running. */
void *server_state(struct server *s, const char *name);
/* Answers call (with 200, or why not) when every service of this process is what the stack makes of an empty folder; before the
 * answers of this tick leave. Clients of the others are hung up on, listeners stay. parts: of these services alone ("kafka,s3"), the
 * others open again with their state, as after a restart; absent: all. Errors: INVALID, no service that runs has such a name; call isn't answered then. */
int server_reset(struct server *s, struct slice parts, struct http_call *call, struct error *err) WARN_UNUSED;
/* The same for who runs the loop: only between two turns of it; when it returns, it is done. Errors: INVALID as above; why services didn't
 * open, and the server stops. */
int server_reset_now(struct server *s, struct slice parts, struct error *err) WARN_UNUSED;
/* The same, with their state: as a restart of the process. */
void server_restart(struct server *s, struct http_call *call);
/* Other state in the place of what there is, for restore. */
struct server_swap {
	/* No service is open, nor is a file of the state folder: replaces what they keep there, all or nothing. Of databases in memory, those that
	 * are parked (core/park.h) are to be filled. Fails: nothing has changed, and services open on what was. */
	int (*swap)(void *arg, struct error *err);
	/* Every service is open again, and has committed; before answers of this tick leave. rc: swap's, or why services didn't open, which ends the
	 * stack. us: what all of it took. */
	void (*done)(void *arg, int rc, const struct error *err, int64_t us);
	/* Services don't open on what swap put there, and are closed again: puts what was back, and they open on that. NULL: the stack ends. */
	int (*back)(void *arg, struct error *err);
	/* What was adopted is being read, no service is open yet. NULL: nothing to add to it. */
	void (*opened)(void *arg);
	void *arg;
	struct http_call *call; /* which done answers, so it is not cut; NULL: none */
	int rc; /* the server's from here on */
	struct error err;
	struct server_swap *next;
};
/* Between this tick and the next: every service closes, and opens on what swap put there. Clients' connections stay, as in a reset. w is the
 * caller's until done is called. */
void server_swap(struct server *s, struct server_swap *w);
/* Real time since it opened. */
int64_t server_uptime_ms(const struct server *s);
/* The scripts around its start and end; NULL: none. Borrowed. */
struct init;
void server_set_init(struct server *s, struct init *init);
const struct init *server_init(const struct server *s);
/* What clients of LocalStack's health put there, a JSON object. */
struct json_t *server_notes(struct server *s);
/* Makes server loops end (signal, control request). */
void server_stop(struct server *s);
bool server_stopping(const struct server *s);

/* One running service. */
struct more;
struct slot {
	const struct service *svc;
	void *self;
	struct env env;
	bool started;
	bool failed; /* its last commit */
	struct more *more; /* one more of its service: more.h; NULL: the first */
};
/* router.c: the service for a request on a shared port: the AWS port by Host, who claims it, signature scope, X-Amz-Target, the control
 * port by the longest prefix. NULL: none that runs, and router_none answers. */
struct slot *router_find(struct slot *slots, size_t n, const struct conf *conf, bool aws, const struct http_req *req);
/* Whether a request on the AWS port is the control port's: unsigned, below /_tarn/, or for a host whose services are there, a workspace of
 * Databricks. */
bool router_at_control(const struct conf *conf, const struct http_req *req);
/* On the control port's side: /_tarn/X stands for X, unless it is an operation of the control port's own. The console's looks (X-Tarn:
 * console) and those of journeys (X-Tarn-Trace: -) aren't journaled. */
void router_unfold(struct http_call *call);
void router_none(struct server *s, bool aws, struct http_call *call);
/* An integration of the gateway that calls one of our own ports as nobody: whoever may call the API would act there. True: it is
 * answered, with 403. slot NULL: no service's. */
bool router_refused(struct server *s, bool aws, const struct slot *slot, struct http_call *call);
/* localstack.c: requests on the AWS port that are neither a service's nor unknown. */
bool localstack_claims(const struct http_req *req);
void localstack_http(struct server *s, struct http_call *call);
extern const struct routes localstack_routes;
/* control.c: what no service's prefix takes. */
void control_http(struct server *s, struct http_call *call);
extern const struct routes control_routes;
/* Whether the path of a request is one of its own operations, whatever the method. */
bool control_has(const struct http_req *req);

#endif
