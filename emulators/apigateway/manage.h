/* The configuration side of API Gateway: every entity is a document with the wire's own member names, kept in memory
 * and in one SQLite table; the management API, the import and the stack's files all write the same documents, and
 * compile.c turns a stage's snapshot of them into the struct gw_api that invoke.c runs.
 *
 *   docs.c       documents by (kind, parent, id), ids from counters      store.c   their rows
 *   manage.c     management requests: operation table, errors, HAL lists
 *   ops_*.c      the operations by subject                               patch.c   patch operations
 *   import.c     OpenAPI 3.0 / Swagger 2.0 -> documents                  export.c  documents -> either
 *   yaml.c       YAML exports
 *   compile.c    documents -> struct gw_api
 *
 * Members whose name begins with "_" are ours and never leave.
 * Spec: docs.aws.amazon.com/apigateway/latest/api/ (API reference of the REST API). */
#ifndef TARN_APIGATEWAY_MANAGE_H
#define TARN_APIGATEWAY_MANAGE_H

#include "apigateway/run.h"

/* Kinds of documents. Parent: the API's id, a usage plan's id for GW_USAGE, "" for the account's own. */
#define K_API "restapi"
#define K_RESOURCE "resource"
#define K_MODEL "model"
#define K_VALIDATOR "validator"
#define K_RESPONSE "gatewayresponse"
#define K_AUTHORIZER "authorizer"
#define K_PART "documentationpart"
#define K_VERSION "documentationversion"
#define K_DEPLOYMENT "deployment"
#define K_STAGE "stage"
#define K_KEY "apikey"
#define K_PLAN "usageplan"
#define K_USAGE "usage"
#define K_ACCOUNT "account"
#define K_COUNTER "counter"

#define GW_ACCOUNT "000000000000"
#define GW_REGION "us-east-1"

/* ---- docs.c ---- */
int gw_docs_open(struct gateway *g, struct error *err) WARN_UNUSED;
void gw_docs_close(struct gateway *g);
/* id -> document, in order of creation; an empty object when there are none. Borrowed. */
json_t *gw_docs(struct gateway *g, const char *kind, const char *parent);
json_t *gw_docs_all(struct gateway *g, const char *kind); /* parent -> id -> document */
json_t *gw_doc(struct gateway *g, const char *kind, const char *parent, const char *id); /* NULL: none */
/* Keeps doc (takes the reference, also on failure) in memory and in the store. Errors: STORE. */
int gw_doc_put(struct gateway *g, const char *kind, const char *parent, const char *id, json_t *doc, struct error *err) WARN_UNUSED;
/* Stores a document changed in place. */
int gw_doc_save(struct gateway *g, const char *kind, const char *parent, const char *id, struct error *err) WARN_UNUSED;
int gw_doc_drop(struct gateway *g, const char *kind, const char *parent, const char *id, struct error *err) WARN_UNUSED;
int gw_doc_drop_all(struct gateway *g, const char *kind, const char *parent, struct error *err) WARN_UNUSED;
/* Next id of n characters a-z0-9 (mixed: also upper case), from the kind's counter, into the arena. */
int gw_doc_id(struct gateway *g, struct arena *a, const char *kind, size_t n, bool mixed, const char **out, struct error *err) WARN_UNUSED;

/* ---- store.c ---- */
struct gw_store;
typedef void (*gw_row_fn)(void *arg, struct slice kind, struct slice parent, struct slice id, struct slice json);
int gw_store_open(const struct env *env, struct gw_store **out, struct error *err) WARN_UNUSED;
void gw_store_close(struct gw_store *s);
int gw_store_each(struct gw_store *s, gw_row_fn fn, void *arg, struct error *err) WARN_UNUSED;
int gw_store_put(struct gw_store *s, struct slice kind, struct slice parent, struct slice id, struct slice json, struct error *err) WARN_UNUSED;
int gw_store_drop(struct gw_store *s, struct slice kind, struct slice parent, struct slice id, struct error *err) WARN_UNUSED;
bool gw_store_dirty(const struct gw_store *s);
int gw_store_commit(struct gw_store *s, struct error *err) WARN_UNUSED;

/* ---- errors of the management API ---- */
enum gw_manage_error { GW_M_NOT_FOUND, GW_M_BAD_REQUEST, GW_M_CONFLICT, GW_M_VALIDATION, GW_M_SERIALIZATION, GW_M_LIMIT, GW_M_UNKNOWN, GW_M_DENIED };
extern const struct error_def gw_manage_errors[];
#define gw_manage_fail(err, which, ...) err_fail(err, &gw_manage_errors[which], __VA_ARGS__)

/* ---- manage.c ---- */
struct gw_row;
/* One management call. */
struct gw_manage {
	struct gateway *g;
	struct http_call *call;
	struct arena *a;
	const struct gw_row *row;
	const char *arg[6]; /* values of the path's {}, decoded */
	size_t arg_n;
	json_t *in;         /* the body; NULL: none, or not JSON */
	json_t *out;        /* the answer; NULL: no body */
	bool later;         /* the operation answers by itself, with gw_manage_answer */
	int status;         /* of success; from the row unless the operation sets another */
	struct slice raw;   /* instead of out: bytes of `type` */
	const char *type;
};
typedef int (*gw_fn)(struct gw_manage *o, struct error *err);
struct gw_row {
	const char *method, *path; /* "/restapis/{}/resources/{}" */
	const char *name;          /* "GetResource" */
	gw_fn fn;
	int status;
};
/* The operations of a file; ends with a row whose method is NULL. */
extern const struct gw_row gw_api_rows[], gw_resource_rows[], gw_method_rows[], gw_deploy_rows[], gw_part_rows[], gw_key_rows[], gw_link_rows[];
/* Serves a request of the management API; owes one http_done. */
void gw_manage_serve(struct gateway *g, struct http_call *call);
/* Sends o->out (or err, when not NULL) and frees what o owns. */
void gw_manage_answer(struct gw_manage *o, const struct error *err);

/* Members of the body. */
const char *gw_str(const struct gw_manage *o, const char *name);  /* NULL: absent or not a string */
const char *gw_query(const struct gw_manage *o, const char *name); /* NULL: absent */
/* Copies members of the body as they are, when present and not null. */
void gw_copy(const struct gw_manage *o, json_t *to, const char *const *names, size_t n);
/* A deep copy without our own members. */
json_t *gw_shown(const json_t *doc);
/* {"item": [...]} of all documents, paged by ?limit and ?position. */
json_t *gw_list(struct gw_manage *o, json_t *docs);
json_t *gw_list_of(struct gw_manage *o, json_t *array); /* takes the reference */
/* The API, or NotFound "Invalid API identifier specified ACCOUNT:ID". */
int gw_manage_api(const struct gw_manage *o, json_t **out, struct error *err) WARN_UNUSED;
/* Whole operations on the documents of a kind that belong to the API arg[0], where arg[1] names one; find tells which one, or
 * why there is none. show needs no kind: what find gives may belong to anything. */
typedef int (*gw_find)(struct gw_manage *o, json_t **out, struct error *err);
int gw_list_docs(struct gw_manage *o, const char *kind, struct error *err) WARN_UNUSED;
int gw_show(struct gw_manage *o, gw_find find, struct error *err) WARN_UNUSED;
int gw_drop(struct gw_manage *o, gw_find find, const char *kind, struct error *err) WARN_UNUSED;
struct patch_rule;
struct patch_words;
int gw_patch(struct gw_manage *o, gw_find find, const char *kind, const struct patch_rule *rules, size_t n, const struct patch_words *words,
	      struct error *err) WARN_UNUSED;

/* ---- patch.c ---- */
struct patch_rule {
	const char *path; /* "/description", "/variables/?": ? is one name */
	char type;        /* s text, S text that may not be removed, b, i, f, m text of a map, M truth of a map, l list by value, o whole object (remove only) */
	const char *ops;  /* "ar-": add, replace, remove */
};
struct patch_words {
	bool quoted;          /* "Invalid patch path  '/x' specified for op 'add'" instead of "Invalid patch path /x" */
	const char *no_param, *no_type; /* texts when a removed map entry is absent; NULL: no error */
};
/* Checks the operations' own form: known op, path there. */
int patch_check(struct gw_manage *o, json_t **ops, struct error *err) WARN_UNUSED;
/* Applies the body's operations to a copy and swaps it in: on failure doc is untouched. */
int patch_apply(struct gw_manage *o, json_t *doc, const struct patch_rule *rules, size_t n, const struct patch_words *words, struct error *err) WARN_UNUSED;
/* One operation. */
int patch_one(json_t *doc, const char *op, const char *path, const char *value, const struct patch_rule *rules, size_t n,
	      const struct patch_words *words, struct error *err) WARN_UNUSED;
/* Segments of a JSON pointer, ~1 and ~0 undone, in the arena. */
size_t patch_split(struct arena *a, const char *path, const char **out, size_t max);

/* ---- import.c ---- */
struct gw_import_opts {
	bool merge;           /* PutRestApi mode=merge */
	const char *basepath; /* "ignore" (default), "prepend", "split" */
	bool fail_on_warnings;
};
/* YAML -> value; NULL: it is none, or too large or deep. (yaml.c) */
json_t *gw_yaml(struct slice text);
/* Appends a value as a YAML document; false: it can't be. (yaml.c) */
bool gw_yaml_write(const json_t *v, struct buf *out) WARN_UNUSED;
/* JSON or YAML text -> value. Errors: BadRequest. */
int gw_import_parse(struct slice text, json_t **out, struct error *err) WARN_UNUSED;
/* Writes a document's paths, models ... into an existing API. Errors: BadRequest. */
int gw_import_into(struct gateway *g, struct arena *a, const char *api, json_t *doc, const struct gw_import_opts *o, struct error *err) WARN_UNUSED;
/* Reads an export by itself, outside any service. Errors: INVALID with the reason, LIMIT. On failure *out is untouched. */
int gw_import(struct slice json, struct gw_api **out, struct error *err) WARN_UNUSED;
/* The id in the server's host name; without one it is made from the title. */
const char *gw_import_id(struct arena *a, json_t *doc);
/* Errors: BadRequest when a method has no integration. */
int gw_check_integrated(struct gateway *g, const char *api, struct error *err) WARN_UNUSED;
/* Makes the API's own documents: restapi and root resource. id NULL: from the counter. */
int gw_api_make(struct gateway *g, struct arena *a, const char *id, json_t *doc, bool defaults, const char **out, struct error *err) WARN_UNUSED;
int gw_api_drop(struct gateway *g, const char *id, struct error *err) WARN_UNUSED;
/* Checks an integration as PutIntegration does. Errors: BadRequest. */
int gw_check_integration(json_t *in, struct error *err) WARN_UNUSED;
/* Fills an integration's defaults: timeoutInMillis, passthroughBehavior, cacheNamespace, ... */
void gw_integration_defaults(json_t *in, const char *resource);
/* Finds or makes the resource of a path with its parents; its id. */
int gw_resource_make(struct gateway *g, struct arena *a, const char *api, struct slice path, const char **out, struct error *err) WARN_UNUSED;
/* A deployment of the API as it is now, and its stage when stage is not NULL. */
int gw_deploy(struct gateway *g, struct arena *a, const char *api, json_t *deployment, const char *stage, json_t *variables, const char **id, struct error *err) WARN_UNUSED;
json_t *gw_stage_doc(struct gateway *g, const char *deployment, const char *name);

/* ---- export.c ---- */
json_t *gw_export(struct gateway *g, const char *api, const char *stage, bool oas30, bool integrations, bool authorizers);

/* ---- compile.c ---- */
/* Documents of one API as a deployment keeps them. New reference. */
json_t *gw_snapshot(struct gateway *g, const char *api);
/* Errors: INVALID, LIMIT. */
int gw_compile(json_t *snapshot, struct gw_api **out, struct error *err) WARN_UNUSED;
/* What was deployed goes on as it is; running copies of this API are made anew at the next call. */
void gw_changed(struct gateway *g, const char *api);
/* Brings g->running up to date: keeps what is still true, makes what is missing. */
void gw_stages(struct gateway *g);

/* ---- test_invoke.c ---- */
/* TestInvokeMethod of o's resource and method, over the documents as they are now; answers later. */
int gw_test_invoke(struct gw_manage *o, struct error *err) WARN_UNUSED;

/* jansson shorthand, beside core/json.h */
static inline void jput(json_t *o, const char *name, const char *value)
{
	json_object_set_new(o, name, json_string(value));
}

#endif
