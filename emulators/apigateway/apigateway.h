/* API Gateway REST APIs: configured by the management API or from OpenAPI exports; a request is routed through a
 * stage's deployed API to its integration, and the answer goes back. Two halves, which meet in two files and in test_invoke.c:
 *
 *   run.h        a call from route to answer, over the APIs of api.h
 *   manage.h     the configuration: documents, management API, import, export
 *   compile.c    a deployment's documents -> struct gw_api, stages that run
 *   service.c    the struct service
 *
 * The configuration knows what runs, and never the other way round.
 *
 * Invoke URLs: http://HOST:4570/{stage}/path for every API; one API alone is meant by Host {id}.execute-api.*, by
 * /_aws/execute-api/{id}/{stage}/path and by /restapis/{id}/{stage}/_user_request_/path; these three on the AWS port too.
 *
 * Configuration:
 *   [apigateway]         api = FILE, FILE ... of the stack; further APIs: api.NAME = FILE. stages = prod,test; stages.NAME = ... for one API
 *   [apigateway.hosts]   AUTHORITY of an integration uri = address to connect to, or `rest`: this process's REST proxy.
 *                        The backend still gets the uri's own Host header.
 *   [apigateway.keys]    NAME = VALUE: API keys, valid for every stage
 *   [apigateway.stage.S] NAME = VALUE: variables of stage S
 * unsigned_to_own is stack/router.c's: there the integrations' requests arrive, by whatever name.
 *
 * Spec: docs.aws.amazon.com/apigateway/latest/developerguide/ (api-gateway-known-issues, http-proxy integration,
 * api-gateway-swagger-extensions, supported-gateway-response-types). */
#ifndef TARN_APIGATEWAY_H
#define TARN_APIGATEWAY_H

#include "core/json.h"
#include "core/service.h"

struct gateway;
/* API keys, usage plans and what is used of them, as the checks before an integration need them. */
struct gw_usage {
	json_t *keys;    /* id -> API key */
	json_t *plans;   /* id -> usage plan; ids of its keys in "_keys" */
	json_t *used;    /* plan -> key -> {"used": calls in this period, "period": which, "days": {day: calls}} */
	json_t *buckets; /* plan and key, or stage and method -> [tokens, at_ms]; owned */
	/* Keeps the changed "used" of a plan and key. */
	int (*keep)(struct gateway *g, const char *plan, const char *key, struct error *err);
};

/* The service's state. */
struct gw_stage;
struct gw_large;
struct gw_manage;
struct gateway {
	const struct env *env;
	const char *account, *region; /* the stack's */
	json_t *docs;             /* docs.c: kind -> parent -> id -> document */
	struct db db;             /* their rows; closed: nothing is kept */
	json_t *apis;             /* id -> API: which there are; borrowed from docs */
	struct gw_stage *running; /* every stage there is, unless stale */
	struct gw_stage *dying;   /* replaced, with calls under way */
	json_t *weights;          /* API -> bytes of its rows, about */
	json_t *journal;          /* of large.c: what changes, kind -> parent -> id -> whether it was put; NULL: rows are written at once */
	int64_t now_s;            /* of large.c; 0: the clock's */
	struct gw_large *large;   /* under way; NULL: none */
	struct gw_manage *waiting; /* requests of the management API that wait for it */
	bool stale;               /* gw_stages has work */
	/* An invocation finds no API or stage: whether now there is one. See gw_adopt. */
	bool (*adopt)(struct gateway *g, const struct http_req *req, struct slice id, struct slice stage, struct slice path);
	struct gw_usage usage;
	struct owed *owed;        /* requests to integrations under way */
	uint64_t made;            /* calls so far: request ids are made from it */
};
extern const struct service apigateway_service;

#endif
