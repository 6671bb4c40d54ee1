/* API Gateway REST APIs: a request is routed through an imported API to its integration, and the answer goes back.
 *
 *   import.c    OpenAPI 3 / Swagger 2 export (JSON) -> struct agw_api; JSON is parsed here only, once, at start
 *   route.c     the resource tree: path and method -> method, path parameters
 *   headers.c   which headers pass, in both directions
 *   mapping.c   request and response parameters, uri placeholders, template choice, the mock's status
 *   invoke.c    one call from route to answer
 *   backend.c   the call to an HTTP backend and its time limit
 *   errors.c    gateway responses (status, x-amzn-ErrorType, message)
 *   service.c   configuration and the struct service
 *
 * Invoke URLs: http://HOST:4570/{stage}/path for every API; one API alone is meant by Host {id}.execute-api.*, by
 * /_aws/execute-api/{id}/{stage}/path and by /restapis/{id}/{stage}/_user_request_/path.
 *
 * Configuration:
 *   [apigateway]         api = FILE of the stack; further APIs: api.NAME = FILE. stages = prod,test; stages.NAME = ... for one API
 *   [apigateway.hosts]   AUTHORITY of an integration uri = address to connect to, or `rest`: this process's REST proxy.
 *                        The backend still gets the uri's own Host header.
 *   [apigateway.keys]    NAME = VALUE: API keys, valid for every stage
 *   [apigateway.stage.S] NAME = VALUE: variables of stage S
 *
 * Spec: docs.aws.amazon.com/apigateway/latest/developerguide/ (api-gateway-known-issues, http-proxy integration,
 * api-gateway-swagger-extensions, supported-gateway-response-types). */
#ifndef TARN_APIGATEWAY_H
#define TARN_APIGATEWAY_H

#include <regex.h>

#include "core/service.h"

enum {
	AGW_BODY_MAX = 10 << 20,      /* AWS: 10 MB payload */
	AGW_RESOURCES_MAX = 300,      /* AWS: resources of an API */
	AGW_DEPTH_MAX = 32,           /* path segments of a resource */
	AGW_PARAMS_MAX = 16,          /* path parameters of one resource */
	AGW_APIS_MAX = 16,
	AGW_STAGES_MAX = 10,          /* AWS: stages of an API */
	AGW_TIMEOUT_MIN_MS = 50,
	AGW_TIMEOUT_MS = 29000,       /* AWS: default and, unless raised, most */
	AGW_HEADERS_MAX = 96,         /* sent to a backend */
};

enum agw_type { AGW_HTTP_PROXY, AGW_HTTP, AGW_MOCK, AGW_AWS, AGW_AWS_PROXY };
enum agw_place { AGW_HEADER, AGW_QUERY, AGW_PATH };
enum agw_source { AGW_FROM_STATIC, AGW_FROM_HEADER, AGW_FROM_QUERY, AGW_FROM_PATH, AGW_FROM_BODY, AGW_FROM_STAGE, AGW_FROM_CONTEXT };
enum agw_passthrough { AGW_WHEN_NO_MATCH, AGW_WHEN_NO_TEMPLATES, AGW_NEVER };

/* place.name = source.value, e.g. integration.request.path.proxy = method.request.path.proxy. */
struct agw_param {
	enum agw_place place;
	struct slice name;
	enum agw_source source;
	struct slice value; /* name of the source's field, or the static text */
};
struct agw_template {
	struct slice type, text; /* content type, "$default" too */
};
/* An integration response. */
struct agw_answer {
	bool fallback; /* no selectionPattern ("default") */
	regex_t pattern;
	int status;
	struct agw_param *params; /* all into headers */
	size_t param_n;
	struct agw_template *templates;
	size_t template_n;
};
struct agw_integration {
	enum agw_type type;
	struct slice method; /* "ANY" or absent: the client's */
	struct slice uri;
	struct agw_param *params;
	size_t param_n;
	struct agw_template *templates;
	size_t template_n;
	enum agw_passthrough passthrough;
	int64_t timeout_ms;
	struct agw_answer *answers;
	size_t answer_n;
};
enum agw_method_index { AGW_DELETE, AGW_GET, AGW_HEAD, AGW_OPTIONS, AGW_PATCH, AGW_POST, AGW_PUT, AGW_ANY, AGW_METHOD_N };
struct agw_method {
	bool key_required;
	bool authorized; /* wants an authorizer or IAM, which are not served here */
	struct agw_integration in;
};
enum agw_node_kind { AGW_STATIC, AGW_PARAM, AGW_GREEDY };
/* One resource; children are sorted static, {param}, {greedy+}. */
struct agw_node {
	enum agw_node_kind kind;
	struct slice name; /* segment, or the parameter's name */
	struct slice path; /* "/topics/{topic}" */
	struct agw_node *child, *next;
	struct agw_method *methods[AGW_METHOD_N];
};
/* Everything hangs on the arena, except the compiled patterns. */
struct agw_api {
	struct arena arena;
	struct slice id, title;
	struct agw_node *root;
	size_t resource_n;
	struct slice stages[AGW_STAGES_MAX];
	size_t stage_n;
};
struct agw_path_value {
	struct slice name, value; /* value as sent, not decoded */
};
struct agw_match {
	const struct agw_node *node;
	const struct agw_method *method;
	struct agw_path_value values[AGW_PARAMS_MAX];
	size_t value_n;
};

/* ---- import.c ---- */
/* Reads an export. Errors: INVALID with the reason, LIMIT. On failure *out is untouched. */
int agw_import(struct slice json, struct agw_api **out, struct error *err) WARN_UNUSED;
void agw_api_free(struct agw_api *api);

/* ---- route.c ---- */
/* Index of a method name in any case ("x-amazon-apigateway-any-method" and "ANY" too); AGW_METHOD_N: none. */
enum agw_method_index agw_method_of(struct slice name);
/* The node of a resource path, made with its parents when missing. Errors: INVALID, LIMIT. */
int agw_resource(struct agw_api *api, struct slice path, struct agw_node **out, struct error *err) WARN_UNUSED;
/* Finds the most specific resource that has the method or ANY; path begins with "/" or is empty, not decoded. */
bool agw_route(const struct agw_api *api, struct slice method, struct slice path, struct agw_match *out) WARN_UNUSED;

/* ---- headers.c ---- */
/* Whether a client's header reaches an HTTP_PROXY backend. */
bool agw_header_goes_in(struct slice name);
/* Whether a mapping may set this header of a backend request; false: the call fails with 500. */
bool agw_header_may_map(struct slice name);
/* Whether a header that a mapping sets reaches the backend. */
bool agw_header_map_goes_in(enum agw_type type, struct slice name);
enum agw_out { AGW_OUT_PASS, AGW_OUT_REMAP, AGW_OUT_DROP };
bool agw_has_header(const struct http_header *h, size_t n, struct slice name);
/* What becomes of a backend's or mapped response header; REMAP: comes out as x-amzn-Remapped-<name>. */
enum agw_out agw_header_goes_out(struct slice name);

/* ---- invoke.c ---- */
struct agw;
struct agw_call {
	struct agw *g;
	struct http_call *call;
	const struct agw_api *api;
	struct slice stage, path; /* path: the part after the stage */
	struct agw_match match;
	char request_id[37], extended_id[17], trace_id[96];
	int64_t began_ms;
};
/* Serves one call; owes one http_done, at once or later. */
void agw_invoke(struct agw *g, struct http_call *call);
/* The body is over AGW_BODY_MAX. */
void agw_too_large(struct agw *g, struct http_call *call);

/* The backend's answer goes to the client, by the integration's type. */
struct httpc_resp;
void agw_answer(struct agw_call *c, const struct httpc_resp *resp);
/* 500 for the client, the reason for the log. */
void agw_misconfigured(struct agw_call *c, const char *why);

/* ---- backend.c ---- */
/* Calls the integration's backend with this body; agw_answer or an error follows, at once or later. */
void agw_call_backend(struct agw_call *c, struct slice body);
/* At the end: what still waits for a backend is dropped. */
void agw_wait_free_all(struct agw *g);

/* ---- mapping.c ---- */
/* Value of a request parameter's source; absent when the client sent none. */
struct slice agw_value(const struct agw_call *c, const struct agw_param *p);
/* The integration's url: placeholders and stage variables filled, query parameters appended. Errors: INVALID when
 * a placeholder has no value. */
int agw_url(const struct agw_call *c, struct slice *out, struct error *err) WARN_UNUSED;
/* The request template by content type. Returns false when the call must end with 415; *out absent: pass the body through. */
bool agw_request_template(const struct agw_integration *in, struct slice content_type, struct slice *out) WARN_UNUSED;
/* The answer for a backend status, or NULL. */
const struct agw_answer *agw_pick_answer(const struct agw_integration *in, int status);
/* The response template by Accept; absent: none. */
struct slice agw_response_template(const struct agw_answer *a, struct slice accept);
/* What a template makes of a request. Errors: UNSUPPORTED when it has directives or references. */
int agw_render(const struct agw_call *c, struct slice text, struct slice *out, struct error *err) WARN_UNUSED;
/* statusCode of a rendered mock template, or -1. */
int agw_mock_status(struct slice text);

/* ---- errors.c ---- */
enum agw_error {
	AGW_E_MISSING_TOKEN,
	AGW_E_FORBIDDEN,
	AGW_E_NO_API,
	AGW_E_UNSUPPORTED_TYPE,
	AGW_E_TOO_LARGE,
	AGW_E_CONFIGURATION,
	AGW_E_NETWORK,
	AGW_E_TIMEOUT,
};
extern const struct error_def agw_errors[];
/* Answers with a gateway response; ids must be set. */
void agw_fail(struct agw_call *c, enum agw_error e);
/* x-amzn-RequestId and x-amz-apigw-id. */
void agw_set_ids(struct agw_call *c);

/* The service's state. */
struct agw {
	const struct env *env;
	struct agw_api *apis[AGW_APIS_MAX];
	size_t api_n;
	uint64_t made; /* calls so far: request ids are made from it */
	struct agw_wait *waits; /* calls to backends under way */
};
extern const struct service apigateway_service;

#endif
