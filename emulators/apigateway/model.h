/* The rules of an API's documents, whoever writes them (management API, import, the stack's files), and what runs of them.
 *
 *   model.c      APIs, resources, integrations, deployments     compile.c  a snapshot -> struct gw_api; the stages there are */
#ifndef TARN_APIGATEWAY_MODEL_H
#define TARN_APIGATEWAY_MODEL_H

#include "apigateway/docs.h"
#include "apigateway/run.h"

/* What a client does wrong with the configuration. */
enum gw_manage_error { GW_M_NOT_FOUND, GW_M_BAD_REQUEST, GW_M_CONFLICT, GW_M_VALIDATION, GW_M_SERIALIZATION, GW_M_LIMIT, GW_M_UNKNOWN, GW_M_DENIED,
		       GW_M_ANONYMOUS, GW_M_UNKNOWN_KEY, GW_M_EXPIRED_TOKEN, GW_M_NOT_ALLOWED };
extern const struct error_def gw_manage_errors[];
#define gw_manage_fail(err, which, ...) err_fail(err, &gw_manage_errors[which], __VA_ARGS__)
#define gw_bad(err, ...) gw_manage_fail(err, GW_M_BAD_REQUEST, __VA_ARGS__)
#define gw_missing(err, ...) gw_manage_fail(err, GW_M_NOT_FOUND, __VA_ARGS__)
#define gw_conflict(err, ...) gw_manage_fail(err, GW_M_CONFLICT, __VA_ARGS__)

/* ---- model.c ---- */
/* An API's own document and its root resource. id NULL: from the counter. defaults: with the models Error and Empty. */
int gw_api_make(struct gateway *g, struct arena *a, const char *id, json_t *doc, bool defaults, const char **out, struct error *err) WARN_UNUSED;
/* Drops what belongs to an API: all but its own document. */
int gw_api_clear(struct gateway *g, const char *id, struct error *err) WARN_UNUSED;
/* Kinds of what belongs to an API: what a clone has first, deployments and stages last; NULL past the end. */
enum { GW_CLONED_KINDS = 7, GW_KINDS_OF_API = 9 };
const char *gw_kind_of_api(size_t i);
/* Whether a resource may have this path part below that parent. self: the resource itself, when it moves. Errors: BadRequest, Conflict. */
int gw_part_check(struct gateway *g, const char *api, json_t *parent, const char *part, const json_t *self, struct error *err) WARN_UNUSED;
const char *gw_resource_path(struct arena *a, json_t *parent, const char *part);
/* A new resource. Errors: those, Limit. */
int gw_resource_add(struct gateway *g, struct arena *a, const char *api, json_t *parent, const char *part, const char **id, struct error *err) WARN_UNUSED;
/* Finds or makes the resource of a path with its parents; its id. */
int gw_resource_make(struct gateway *g, struct arena *a, const char *api, struct slice path, const char **out, struct error *err) WARN_UNUSED;
/* An integration as PutIntegration wants it. Errors: BadRequest, Serialization. */
int gw_integration_check(json_t *in, struct error *err) WARN_UNUSED;
/* Whether mappings have this beginning at the left and a source at the right. */
int gw_mappings_check(json_t *params, const char *target, struct error *err) WARN_UNUSED;
int gw_bad_mapping(const char *what, struct error *err);
const char *gw_upper(struct arena *a, const char *s); /* NULL gives NULL */
bool gw_among(const char *v, const char *const *names, size_t n); /* NULL is not */
/* Fills an integration's defaults: timeoutInMillis, passthroughBehavior, cacheNamespace, ... */
void gw_integration_defaults(json_t *in, const char *resource);
/* Whether every method has an integration. Errors: BadRequest. */
int gw_integrated_check(struct gateway *g, const char *api, struct error *err) WARN_UNUSED;
int64_t gw_now_s(struct gateway *g);
json_t *gw_stage_new(struct gateway *g, const char *deployment, const char *name);
/* One of a document's documentation parts; its properties are kept as text. Adds its id to ids. */
int gw_part_import(struct gateway *g, struct arena *a, const char *api, json_t *part, json_t *ids, struct error *err) WARN_UNUSED;
/* A deployment of the API as it is now (takes the reference), and its stage when stage is not NULL. */
int gw_deploy(struct gateway *g, struct arena *a, const char *api, json_t *deployment, const char *stage, json_t *variables, const char **id, struct error *err) WARN_UNUSED;

/* ---- compile.c ---- */
/* Documents of one API as a deployment keeps them. New reference. */
json_t *gw_snapshot(struct gateway *g, const char *api);
/* An API as it is now, compiled. */
int gw_compile_now(struct gateway *g, const char *api, struct gw_api **out, struct error *err) WARN_UNUSED;
/* The members that are texts, in the arena. */
struct vtl_pair *gw_pairs(struct arena *a, json_t *texts, size_t *n);
/* What was deployed goes on as it is; running copies of this API are made anew at the next call. */
void gw_changed(struct gateway *g, const char *api);
/* Brings g->running up to date: keeps what is still true, makes what is missing. */
void gw_stages(struct gateway *g);

#endif
