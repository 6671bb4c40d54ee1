/* The configuration's documents: every entity is one, with the wire's own member names, in memory and as a row of
 * apigateway.db (core/docs.h). Members whose name begins with "_" are ours and never leave. */
#ifndef TARN_APIGATEWAY_DOCS_H
#define TARN_APIGATEWAY_DOCS_H

#include "apigateway/apigateway.h"

/* Kinds of documents. Parent: the API's id, a usage plan's id for GW_DOC_USAGE, "" for the account's own. */
#define GW_DOC_API "restapi"
#define GW_DOC_RESOURCE "resource"
#define GW_DOC_MODEL "model"
#define GW_DOC_VALIDATOR "validator"
#define GW_DOC_RESPONSE "gatewayresponse"
#define GW_DOC_AUTHORIZER "authorizer"
#define GW_DOC_PART "documentationpart"
#define GW_DOC_VERSION "documentationversion"
#define GW_DOC_DEPLOYMENT "deployment"
#define GW_DOC_STAGE "stage"
#define GW_DOC_KEY "apikey"
#define GW_DOC_PLAN "usageplan"
#define GW_DOC_USAGE "usage"
#define GW_DOC_LINK "vpclink"
#define GW_DOC_ACCOUNT "account"
#define GW_DOC_COUNTER "counter"

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
/* Its row alone; text NULL: none from now on. */
int gw_doc_row(struct gateway *g, const char *kind, const char *parent, const char *id, const char *text, struct error *err) WARN_UNUSED;
int gw_doc_drop(struct gateway *g, const char *kind, const char *parent, const char *id, struct error *err) WARN_UNUSED;
int gw_doc_drop_all(struct gateway *g, const char *kind, const char *parent, struct error *err) WARN_UNUSED;
/* n characters a-z0-9 (mixed: also upper case), one a byte, into the arena. */
const char *gw_id_text(struct arena *a, const uint8_t *from, size_t n, bool mixed);
/* Next id of up to 64 such characters, from the kind's counter. */
int gw_doc_id(struct gateway *g, struct arena *a, const char *kind, size_t n, bool mixed, const char **out, struct error *err) WARN_UNUSED;
/* A deep copy without our own members. */
json_t *gw_shown(const json_t *doc);
/* Segments of a JSON pointer, ~1 and ~0 undone, in the arena. */
size_t gw_pointer(struct arena *a, const char *path, const char **out, size_t max);

#endif
