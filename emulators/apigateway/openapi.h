/* OpenAPI 3.0 and Swagger 2.0 with the API Gateway extensions, JSON or YAML.
 *
 *   import.c     -> documents     export.c  documents ->     yaml.c  YAML <-> values
 *   files.c      those of the stack, imported and deployed at the start     adopt.c  APIs and stages made of them when they are invoked */
#ifndef TARN_APIGATEWAY_OPENAPI_H
#define TARN_APIGATEWAY_OPENAPI_H

#include "apigateway/model.h"

/* ---- import.c ---- */
struct gw_import_opts {
	bool merge;           /* PutRestApi mode=merge */
	const char *basepath; /* "ignore" (default), "prepend", "split" */
	bool fail_on_warnings;
};
/* JSON or YAML text -> value. Errors: BadRequest, GW_BAD_DOCUMENT and behind it the reason, which AWS keeps for itself. */
#define GW_BAD_DOCUMENT "Invalid OpenAPI input."
int gw_import_text(struct slice text, json_t **out, struct error *err) WARN_UNUSED;
/* The same of a text that must be an OpenAPI document. */
int gw_import_parse(struct slice text, json_t **out, struct error *err) WARN_UNUSED;
/* Writes a document's paths, models ... into an existing API. Errors: BadRequest. */
int gw_import_into(struct gateway *g, struct arena *a, const char *api, json_t *doc, const struct gw_import_opts *o, struct error *err) WARN_UNUSED;
/* The id in the server's host name; without one it is made from the title. */
const char *gw_import_id(struct arena *a, json_t *doc);
/* Reads an export by itself, outside any service. Errors: INVALID with the reason, LIMIT. On failure *out is untouched. */
int gw_import(struct slice json, struct gw_api **out, struct error *err) WARN_UNUSED;

/* ---- files.c ---- */
/* Errors: of the first file that can't be. */
int gw_files_import(struct gateway *g, struct error *err) WARN_UNUSED;

/* Adds all of them to an API that is there. */
int gw_files_into(struct gateway *g, struct arena *a, const char *id, struct error *err) WARN_UNUSED;

/* ---- adopt.c ---- */
/* No API of that id (absent: any) has that stage, path being what is behind it: whether now one has. */
bool gw_adopt(struct gateway *g, const struct http_req *req, struct slice id, struct slice stage, struct slice path);

/* ---- export.c ---- */
/* A stage's deployment; the stage is there. New reference. */
json_t *gw_export(struct gateway *g, const char *api, const char *stage, bool oas30, bool integrations, bool authorizers);

/* ---- yaml.c ---- */
/* YAML -> value; NULL: it is none, or too large or deep. */
json_t *gw_yaml(struct slice text);
/* Appends a value as a YAML document; false: it can't be. */
bool gw_yaml_write(const json_t *v, struct buf *out) WARN_UNUSED;

#endif
