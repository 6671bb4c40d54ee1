/* What a service is, and all it may use. */
#ifndef TARN_SERVICE_H
#define TARN_SERVICE_H

#include "clock.h"
#include "conf.h"
#include "db.h"
#include "fault.h"
#include "hops.h"
#include "http.h"
#include "journal.h"
#include "log.h"
#include "measure.h"
#include "metric.h"
#include "ports.h"
#include "route.h"
#include "space.h"
#include "tcp.h"

struct adopt;
struct httpc;
struct tls;
struct env {
	struct loop *loop;
	struct clock *clock;
	struct faults *faults;
	struct log *log;
	struct metrics *metrics;
	struct measures *measures; /* NULL: none are gathered */
	struct journal *journal;
	struct hops *hops;         /* what was in requests, for journeys; NULL: nothing is kept */
	struct tls *tls;           /* what ports do with a client of TLS; NULL: nothing */
	struct httpc *httpc;       /* HTTP client on the loop */
	struct ports *ports;       /* filled before any service serves; check .self */
	const struct conf *conf;
	const struct stack_files *files;
	enum durability durability;
	struct adopt *adopt;       /* what is made when it is named; NULL: nothing, as adopt.h's functions know */
	struct space *space;       /* of dir's disk; space_low takes NULL */
	const char *dir;           /* state folder; NULL: memory */
	const char *name;          /* the service this env was handed to (log field) */
	int lives;                 /* how often its state was put away in this process while clients' connections stayed: what they might hold on to, an id
				    * that must not be another's, is made with it */
};

struct service {
	const char *name, *doc; /* CLI word, data file, log field, metric prefix; one line of help */
	int port;               /* default; 0: only on a shared port */
	/* Credential scopes served on the AWS port, separated by a space ("s3"); NULL: not there. Nobody has looked at the signature
	 * before .http is called: sigv4_check does. */
	const char *aws;
	const char *aws_target; /* unsigned requests whose X-Amz-Target begins so ("Kinesis_"); NULL: none */
	bool aws_anonymous;     /* unsigned requests that nothing else names */
	bool (*aws_claims)(const struct http_req *req); /* unsigned, or signed for execute-api: it is its own by path or Host; NULL: none is */
	const char *prefix[4];  /* path prefixes on the control port ("/api/"), the longest counts; then NULL. None: not there */
	const char *more;       /* each section that begins so ("rest.") is one more of it, with a port of its own; NULL: there is one */
	const char *endpoint;   /* key in the endpoints file, services of one port may share it; NULL: none */
	size_t size;            /* bytes of state; the core allocates it zeroed */
	size_t body_max;        /* HTTP body limit in bytes; 0: 16 MiB */
	size_t in_max;          /* TCP: largest unfinished message in bytes */
	int (*open)(void *self, const struct env *env, struct error *err);
	/* Fills the local side of a port in env->ports. NULL: none. Called after every open. */
	void (*provide)(void *self, struct ports *ports);
	/* Called when every service is open and ports are complete. NULL: nothing to do. */
	int (*start)(void *self, struct error *err);
	const struct setting *settings; /* what it reads of stack.conf, see conf.h; NULL: nothing */
	const struct fault_site *faults; /* where it asks for faults, see fault.h, beside those of HTTP; NULL: nowhere */
	/* Operations: what route_call of http finds, what is listed, and the names of metrics and fault sites. */
	const struct routes *routes[ROUTE_TABLES_MAX];
	/* Over plain HTTP: whether the caller may come in (identity_of_call); false: it is answered. NULL: whoever signs, or everyone. */
	bool (*admit)(const struct conf *conf, struct http_call *call);
	void (*http)(void *self, struct http_call *call);       /* NULL: no HTTP */
	/* Whether it judges a request of a web page that isn't ours by rules of its own (CORS of a bucket): origin.h; NULL: it has none. */
	bool (*http_page)(void *self, struct http_call *call);
	bool (*both_ways)(struct slice method, struct slice target); /* see http.h, http_both; NULL: none */
	bool (*http_head)(void *self, struct http_call *call);  /* see http.h; NULL: none */
	void (*http_too_large)(void *self, struct http_call *call); /* the service's own 413; NULL: plain */
	/* The disk is full: which requests would make the state grow (NULL: none), and the service's own error, which answers them and
	 * stands in place of answers whose commit failed. http_full NULL: the text of full; without that such answers are cut. */
	bool (*http_grows)(const struct http_req *req);
	void (*http_full)(void *self, struct http_call *call);
	struct {
		int status;
		const char *type, *text;
	} full;
	int (*tcp_ports)(const struct conf *conf);              /* how many: kafka, kafka-2, … ; NULL: one */
	int (*tcp_opened)(void *self, struct conn *c);          /* NULL consume: no TCP */
	ssize_t (*tcp_consume)(void *self, struct conn *c, const uint8_t *p, size_t n);
	void (*tcp_closed)(void *self, struct conn *c);
	void (*tcp_drained)(void *self, struct conn *c);        /* see tcp.h; NULL: doesn't wait for it */
	void (*tcp_expired)(void *self, struct conn *c);        /* see tcp.h; NULL: says nothing */
	/* A reset or restart in place: whether c passes over to the state that opens next, which tcp_returns then lets it into. c->user is by
	 * then what knows self no more; what the client waits for is answered, or is asked again of that state by tcp_unread. emptied: that
	 * state has nothing of this one; else what would be lost without the client's knowing, a transaction, is to be hung up on.
	 * NULL: nobody does. self NULL: there is no such state, and c->user is to be freed. */
	bool (*tcp_leaves)(void *self, struct conn *c, bool emptied);
	void (*tcp_returns)(void *self, struct conn *c);
	bool tcp_speaks_first;                                  /* it greets, before the client has said anything */
	size_t db;                                     /* offset of its struct db, which is committed at the end of a tick; 0: none */
	bool (*dirty)(const void *self);               /* something written since the last commit; NULL: as .db knows */
	int (*commit)(void *self, struct error *err);  /* durable; only then do the answers leave; NULL: db_commit(.db) */
	bool (*busy)(const void *self);                /* work in flight that settle must wait for; NULL: never */
	/* What it has now, as members of a JSON object, for the console: a look into memory, ten times a second. NULL: metrics say it all. */
	void (*look)(void *self, struct buf *out);
	/* on: files beside its database that what is committed by now names stay as and where they are, until off. NULL: it has none. */
	void (*hold)(void *self, bool on);
	void (*close)(void *self);
};

/* Whether it serves requests on the AWS port that are signed for scope. */
bool service_signs(const struct service *svc, struct slice scope);
/* Whether there is something to commit, and the commit of one tick. */
bool service_dirty(const struct service *svc, const void *self);
int service_commit(const struct service *svc, void *self, struct error *err) WARN_UNUSED;

#endif
