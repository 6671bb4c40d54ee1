/* The stack that a scenario runs on when it isn't its own: one that runs already, asked at its addresses. A server of this process without
 * services is the client of its S3, Kafka and Kinesis, as [remote] is; the rest is asked of its control port. */
#ifndef TARN_AWAY_H
#define TARN_AWAY_H

#include <jansson.h>

struct server_opts;
struct away {
	const char *url;     /* of its control port */
	const char *data;    /* its state folder, which tarn exec is told; NULL: only its addresses are known */
	const char *token;   /* what its control port asks for; NULL: nothing */
	const json_t *endpoints, *variables, *health; /* GET /_tarn/endpoints, /_tarn/env, /health */
};

struct runner;
struct error;
struct http_header;
/* Fills o for that server; what it points to is the runner's arena's, which isn't to be reset before the server is open. */
void away_server(struct runner *r, struct server_opts *o);
/* Into the environment of a child: the variables that lead clients there. */
void away_export(const struct away *a);
/* What a request to its control port has to say: that no web page sends it, and whose it is. Returns how many of max; 0: url is another's. */
size_t away_headers(struct runner *r, const char *url, struct http_header *h, size_t max);
/* Writes its addresses as tarn's own commands read them. Errors: STORE. */
int away_endpoints(const struct away *a, const char *file, struct error *err);
/* As run_settle does. */
int away_settle(struct runner *r, struct error *err);

#endif
