/* Operations as rows, and the one router that finds them (what the pattern leaves open comes in call->arg).
 *
 * A service keeps its operations in tables and names the tables in struct service (.routes). From a row come the name in
 * journal and metrics, the fault site SERVICE.Name, the list of GET /_tarn/operations and the help.
 *
 *   { "GET", "/restapis/{}/resources/{}", "GetResource", "one resource", op_get }
 *
 * Patterns: "{}" stands for one or more characters up to the next '/' (it may begin inside a segment: "/api/2.{}/jobs"),
 * "{+}" at the end for all that is left, slashes included. All else is compared as it was sent, byte for byte.
 * The first row that fits is taken: literal paths stand before those with "{}" in the same place.
 *
 * A service whose operations take something else than (self, call) begins its own row with a struct route:
 *
 *   static const struct op { struct route route; void (*run)(struct request *r); } ops[] = {
 *   	{ { "GET", "/connectors", "ListConnectors", "names of the connectors" }, list },
 *   };
 *   const struct routes con_routes = ROUTES(ops);
 *
 * Rows of operations that a path alone doesn't tell apart are listed in the same way, with a NULL path, and found by their
 * service: Kinesis by name (route_named), S3 by the query as well, Kafka by its key, SQL by its first word. */
#ifndef TARN_ROUTE_H
#define TARN_ROUTE_H

#include "http.h"

enum { ROUTE_TABLES_MAX = 32 }; /* tables of a service, one NULL at least at the end */

struct route {
	const char *method, *path; /* NULL: an operation that isn't found by path */
	const char *name, *doc;    /* "GetResource"; what it does, in a few words */
	void (*fn)(void *self, struct http_call *call); /* answers now or later */
	unsigned flags;            /* the service's own; 0: none */
};

/* One table. The rows are struct route, or structs that begin with one. */
struct routes {
	const void *rows;
	size_t n, size; /* rows; bytes of one */
};
#define ROUTES(table) { table, ARRAY_LEN(table), sizeof((table)[0]) }

/* Methods of a path, as bits. HEAD is there where GET is, and is found as GET. */
enum {
	ROUTE_GET = 1,
	ROUTE_HEAD = 2,
	ROUTE_POST = 4,
	ROUTE_PUT = 8,
	ROUTE_PATCH = 16,
	ROUTE_DELETE = 32,
};

/* The row for the request's method and path (without one '/' at its end), in tables that end with NULL. arg has HTTP_ARGS_MAX
 * places: what "{}" and "{+}" stood for, percent-decoded; absent past the pattern's. NULL: none fits, and *allowed (may be
 * NULL) says which methods the path takes: 0 is a 404, else a 405 or the answer to OPTIONS. A row tried costs a comparison,
 * nothing else. */
const void *route_find(const struct routes *const *tables, const struct http_req *req, struct slice *arg, unsigned *allowed);
/* route_find for a call: fills call->arg and call->op ("Unknown" without a row). */
const void *route_call(const struct routes *const *tables, struct http_call *call, unsigned *allowed);
/* The row of that name, for protocols that name their operations; NULL: none. The caller sets call->op to the row's name. */
const void *route_named(const struct routes *const *tables, struct slice name);
/* The i-th row of the tables; NULL past the end. */
const struct route *route_at(const struct routes *const *tables, size_t i);

#endif
