/* The management API. State *is* the wire document: an operation checks the body's members, changes documents of docs.h and shows
 * them, so there is no struct between JSON and rule. What several writers share is in model.h.
 *
 *   manage.c     requests: signature, operation, its body
 *   op.c         one operation's request and answer; whole operations on a kind of documents (list, get, update, delete)
 *   patch.c      patch operations
 *   large.c      operations on much, off the loop
 *   ops_*.c      the operations by subject        test_invoke.c  TestInvokeMethod
 *
 * Spec: docs.aws.amazon.com/apigateway/latest/api/ (API reference of the REST API). */
#ifndef TARN_APIGATEWAY_MANAGE_H
#define TARN_APIGATEWAY_MANAGE_H

#include "apigateway/model.h"

struct gw_row;
/* One management call. */
struct gw_manage {
	struct gw_manage *next; /* of those that wait */
	struct gateway *g;
	struct http_call *call;
	struct arena *a;
	const struct gw_row *row;
	const char *account, *region;   /* that it is signed for */
	const char *home;               /* "ACCOUNT/REGION" of them; NULL: the stack's */
	const char *arg[HTTP_ARGS_MAX]; /* values of the path's {}, decoded; NULL past them */
	json_t *in;         /* the body; NULL: none, or raw */
	json_t *out;        /* the answer; NULL: no body */
	struct slice note;  /* what the log shall say; absent: nothing */
	bool later;         /* the operation answers by itself, with gw_manage_answer */
	int status;         /* of success; from the row unless the operation sets another */
	struct slice raw;   /* instead of out: bytes of `type` */
	const char *type;
};
/* authorize.c: with [stack] auth = enforce, whether policies let who do it. Errors: DENIED. */
struct identity;
int gw_manage_authorize(const struct gw_manage *o, const struct identity *who, struct error *err) WARN_UNUSED;
typedef int (*gw_fn)(struct gw_manage *o, struct error *err);
enum { GW_RAW = 1, GW_RAW_IMPORT = 2 }; /* flags of a row: the body is not parsed; not parsed with ?mode=import */
struct gw_row {
	struct route route;
	gw_fn fn;
	int status;
	const struct gw_kind *kind; /* of gw_op_...; NULL: the operation knows by itself */
};
/* The operations of a file. */
extern const struct routes gw_api_routes, gw_resource_routes, gw_method_routes, gw_deploy_routes, gw_part_routes, gw_key_routes;
/* Serves a request of the management API, whose operations are in the tables; owes one http_done. */
void gw_manage_serve(struct gateway *g, struct http_call *call, const struct routes *const *tables);

/* A document of the account's own keeps where it was made, when that isn't where the stack's are; elsewhere nobody sees it. */
void gw_mark(const struct gw_manage *o, json_t *doc);
bool gw_here(const struct gw_manage *o, const json_t *doc);

/* Runs an operation that may, now or on the pool. */
void gw_manage_begin(struct gw_manage *o);
/* The operation itself, its body read. */
int gw_manage_run(struct gw_manage *o, struct error *err) WARN_UNUSED;

/* ---- large.c ---- */
bool gw_is_large(const struct gw_manage *o);
/* Runs it by a long job, and answers it. */
void gw_large(struct gw_manage *o);
/* After g->owed was cancelled. */
void gw_large_close(struct gateway *g);

/* ---- patch.c ---- */
/* One patch operation: {"op": "replace", "path": "/variables/x", "value": "y"}. */
struct gw_change {
	const char *op, *path, *value, *from; /* path "" and the last two NULL when they aren't there */
};
struct gw_patch_rule {
	const char *path; /* "/description", "/variables/?": ? is one name */
	char type;        /* s text, S text that may not be removed, b, i, f, m text of a map, M truth of a map, l list by value, o whole object (remove only) */
	const char *ops;  /* "ar-": add, replace, remove */
};
struct gw_patch {
	const struct gw_patch_rule *rules;
	size_t n;
	bool quoted;          /* "Invalid patch path  '/x' specified for op 'add'" instead of "Invalid patch path /x" */
	bool no_empty;        /* a map that loses its last entry goes */
	const char *no_param, *no_type; /* words when a map entry that is removed or replaced isn't there; NULL: no error */
	const char *choices;  /* what is said of a path that is none: "Invalid method setting path: /x. Must be one of: [choices]" */
};
#define GW_PATCH(r) .rules = r, .n = ARRAY_LEN(r)
/* The body's operations, in the arena. Errors: Validation when an op is none. */
int gw_changes(struct gw_manage *o, struct gw_change **out, size_t *n, struct error *err) WARN_UNUSED;
/* Changes doc as the rules allow. Errors: BadRequest, NotFound. */
int gw_change(json_t *doc, const struct gw_change *c, const struct gw_patch *p, struct error *err) WARN_UNUSED;
int gw_bad_path(const struct gw_change *c, struct error *err); /* BadRequest "Invalid patch path /x" */

/* ---- op.c ---- */
/* o->out as the answer's bytes, in o->raw. */
void gw_manage_text(struct gw_manage *o);
/* Sends o->out (or err, when not NULL) and frees what o owns. */
void gw_manage_answer(struct gw_manage *o, const struct error *err);
const char *gw_str(const struct gw_manage *o, const char *name);   /* a text of the body; NULL: none */
const char *gw_query(const struct gw_manage *o, const char *name); /* NULL: absent */
bool gw_query_is(const struct gw_manage *o, const char *name, const char *value);
/* {"item": [...]} of an array (takes the reference), by ?limit and ?position. */
json_t *gw_page(struct gw_manage *o, json_t *array);
/* Whether the API arg[0] is there: else NotFound "Invalid API identifier specified ACCOUNT:ID". */
int gw_need_api(const struct gw_manage *o, struct error *err) WARN_UNUSED;

/* What whole operations have to know of a kind of documents. */
struct gw_kind {
	const char *docs;           /* their kind */
	bool account;               /* the account's own, named by arg[0]; false: of the API arg[0], named by arg[1] */
	const char *missing;        /* words when there is none; %s: its name; NULL: it is an API */
	const char *const *members; /* members of the body that a new one keeps; ends with NULL */
	struct gw_patch patch;
	const char *order;          /* lists are sorted by this member; NULL: as created */
	bool tagged;                /* answers about one have "tags", be they empty */
	bool runs;                  /* a change of one changes what runs */
	bool form_first;            /* the patch operations' form is checked before one is looked for */
	int (*find)(struct gw_manage *o, json_t **out, struct error *err); /* instead of by name; a new reference */
	json_t *(*show)(struct gw_manage *o, const json_t *doc);           /* instead of gw_shown */
	int (*change)(struct gw_manage *o, json_t *doc, const struct gw_change *c, bool *mine, struct error *err); /* before the rules; mine: done */
	int (*check)(struct gw_manage *o, json_t *doc, struct error *err); /* of one that was changed; may complete it */
	int (*keep)(struct gw_manage *o, json_t *doc, json_t *changed, struct error *err); /* instead of gw_doc_put */
	int (*drop)(struct gw_manage *o, json_t *doc, struct error *err);  /* before it is dropped: whether it may be; what hangs on it */
};
/* Whole operations, on the row's kind. */
int gw_op_list(struct gw_manage *o, struct error *err) WARN_UNUSED;
int gw_op_get(struct gw_manage *o, struct error *err) WARN_UNUSED;
int gw_op_update(struct gw_manage *o, struct error *err) WARN_UNUSED;
int gw_op_delete(struct gw_manage *o, struct error *err) WARN_UNUSED;
/* Pieces of them. gw_find gives a new reference; one is shown, with tags where they belong. */
int gw_find(struct gw_manage *o, json_t **out, struct error *err) WARN_UNUSED;
json_t *gw_show(struct gw_manage *o, const json_t *doc);
/* For a create operation: {"id": new, of n characters} and the kind's members of the body. */
int gw_new(struct gw_manage *o, size_t n, json_t **out, struct error *err) WARN_UNUSED;
void gw_members(const struct gw_manage *o, json_t *to, const char *const *names);
/* Keeps a new document (takes the reference) under that name, and answers with it. */
int gw_add(struct gw_manage *o, const char *id, json_t *doc, struct error *err) WARN_UNUSED;

/* Rows of a kind: all but that of a new one. what: "models". */
#define GW_SET(path, one, many, what, kind, list) \
	{ { "GET", path, "Get" many, what }, list, 200, &kind }, { { "GET", path "/{}", "Get" one, "one of the " what }, gw_op_get, 200, &kind }, \
	{ { "PATCH", path "/{}", "Update" one, "change one of the " what }, gw_op_update, 200, &kind }, \
	{ { "DELETE", path "/{}", "Delete" one, "drop one of the " what }, gw_op_delete, 202, &kind }

/* ---- test_invoke.c ---- */
/* TestInvokeMethod of o's resource and method, over the documents as they are now; answers later. */
int gw_test_invoke(struct gw_manage *o, struct error *err) WARN_UNUSED;

#endif
