/* API Gateway REST APIs: configured by the management API or from OpenAPI exports; a request is routed through a
 * stage's deployed API to its integration, and the answer goes back.
 *
 *   manage.h     the configuration: documents, management API, import, export (its own list of files)
 *   compile.c    a deployment's documents -> struct gw_api
 *   route.c      the resource tree: path and method -> method, path parameters
 *   headers.c    which headers pass, in both directions
 *   mapping.c    request and response parameters, uri placeholders, template choice, the mock's status
 *   template.c   mapping templates with what they see: $input, $context, $stageVariables
 *   check.c      API key, throttle, quota, request validation
 *   invoke.c     one call from route to answer              answer.c   from the integration's answer to the client's
 *   backend.c    the call to an HTTP backend and its time limit
 *   aws.c        integrations of type AWS                   test_invoke.c  TestInvokeMethod
 *   errors.c     gateway responses (status, x-amzn-ErrorType, message)
 *   service.c    configuration and the struct service
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
 *
 * Spec: docs.aws.amazon.com/apigateway/latest/developerguide/ (api-gateway-known-issues, http-proxy integration,
 * api-gateway-swagger-extensions, supported-gateway-response-types). */
#ifndef TARN_APIGATEWAY_H
#define TARN_APIGATEWAY_H

#include "core/service.h"

enum {
	GW_BODY_MAX = 10 << 20,      /* AWS: 10 MB payload */
	GW_RESOURCES_MAX = 300,      /* AWS: resources of an API */
	GW_DEPTH_MAX = 32,           /* path segments of a resource */
	GW_PARAMS_MAX = 16,          /* path parameters of one resource */
	GW_VARIABLES_MAX = 100,      /* AWS: variables of a stage */
	GW_STAGES_MAX = 10,          /* AWS: stages of an API */
	GW_TIMEOUT_MIN_MS = 50,
	GW_TIMEOUT_MS = 29000,       /* AWS: default and, unless raised, most */
	GW_HEADERS_MAX = 96,         /* sent to a backend */
};

enum gw_type { GW_HTTP_PROXY, GW_HTTP, GW_MOCK, GW_AWS, GW_AWS_PROXY };
enum gw_place { GW_HEADER, GW_QUERY, GW_PATH };
enum gw_source { GW_FROM_STATIC, GW_FROM_HEADER, GW_FROM_QUERY, GW_FROM_PATH, GW_FROM_BODY, GW_FROM_STAGE, GW_FROM_CONTEXT };
enum gw_passthrough { GW_WHEN_NO_MATCH, GW_WHEN_NO_TEMPLATES, GW_NEVER };

/* place.name = source.value, e.g. integration.request.path.proxy = method.request.path.proxy. */
struct gw_param {
	enum gw_place place;
	struct slice name;
	enum gw_source source;
	struct slice value; /* name of the source's field, or the static text */
};
struct vtl_tree;
struct vtl_map;
struct json_t;
struct gw_template {
	struct slice type, text; /* content type, "$default" too */
	struct vtl_tree *tree;   /* NULL: the text doesn't parse, for the reason in bad */
	const char *bad;
};
struct gw_pair {
	struct slice name, value;
};
enum gw_convert { GW_CONVERT_NONE, GW_CONVERT_TO_TEXT, GW_CONVERT_TO_BINARY };
/* An integration response. */
struct gw_answer {
	bool fallback; /* no selectionPattern ("default") */
	struct slice pattern; /* java.util.regex over the whole status */
	int status;
	struct gw_param *params; /* all into headers */
	size_t param_n;
	struct gw_template *templates;
	size_t template_n;
	enum gw_convert convert;
};
struct gw_integration {
	enum gw_type type;
	struct slice method; /* "ANY" or absent: the client's */
	struct slice uri;
	struct gw_param *params;
	size_t param_n;
	struct gw_template *templates;
	size_t template_n;
	enum gw_passthrough passthrough;
	enum gw_convert convert;
	int64_t timeout_ms;
	struct gw_answer *answers;
	size_t answer_n;
};
enum gw_method_index { GW_DELETE, GW_GET, GW_HEAD, GW_OPTIONS, GW_PATCH, GW_POST, GW_PUT, GW_ANY, GW_METHOD_N };
struct gw_method {
	bool key_required;
	bool authorized; /* wants an authorizer or a signature */
	bool iam;        /* a signature: AWS_IAM */
	bool check_params, check_body;
	struct gw_param *needs; /* required parameters: place and name */
	size_t need_n;
	struct json_t *models;   /* content type -> model name; borrowed from the API's snapshot */
	bool integrated;         /* has an integration */
	struct gw_integration in;
};
enum gw_node_kind { GW_STATIC, GW_PARAM, GW_GREEDY };
/* One resource; children are sorted static, {param}, {greedy+}. */
struct gw_node {
	enum gw_node_kind kind;
	struct slice name; /* segment, or the parameter's name */
	struct slice path; /* "/topics/{topic}" */
	struct slice id;   /* the resource's */
	struct gw_node *child, *next;
	struct gw_method *methods[GW_METHOD_N];
};
/* Everything hangs on the arena. */
struct gw_api {
	struct arena arena;
	struct json_t *doc; /* the snapshot it was made from; owned */
	struct slice id, title;
	struct gw_node *root;
	size_t resource_n;
	struct slice *binary; /* binary media types */
	size_t binary_n;
	bool closed; /* disableExecuteApiEndpoint */
};
/* A token bucket. */
struct gw_bucket {
	double tokens;
	int64_t at_ms; /* 0: never used, full */
};
/* A stage as it runs; made from documents when first called, and anew after they changed. */
struct gw_stage {
	struct gw_stage *next;
	struct arena arena;
	struct slice api_id, name;
	struct gw_api *api, *canary; /* canary NULL: none */
	struct gw_pair *vars, *canary_vars;
	size_t var_n, canary_var_n;
	double canary_percent;
	uint64_t asked;     /* calls so far, for the canary's share */
	struct json_t *doc; /* the stage's document; owned */
	struct gw_bucket bucket;
	size_t calls;       /* under way */
	bool dead;          /* replaced: freed with the last call */
};
struct gw_path_value {
	struct slice name, value; /* value as sent, not decoded */
};
struct gw_match {
	const struct gw_node *node;
	const struct gw_method *method;
	struct gw_path_value values[GW_PARAMS_MAX];
	size_t value_n;
};

/* ---- import.c ---- */
/* Reads an export by itself, outside any service. Errors: INVALID with the reason, LIMIT. On failure *out is untouched. */
int gw_import(struct slice json, struct gw_api **out, struct error *err) WARN_UNUSED;
void gw_api_free(struct gw_api *api);

/* ---- route.c ---- */
/* Index of a method name in any case ("x-amazon-apigateway-any-method" and "ANY" too); GW_METHOD_N: none. */
enum gw_method_index gw_method_of(struct slice name);
/* The node of a resource path, made with its parents when missing. Errors: INVALID, LIMIT. */
int gw_resource(struct gw_api *api, struct slice path, struct gw_node **out, struct error *err) WARN_UNUSED;
/* Finds the most specific resource that has the method or ANY; path begins with "/" or is empty, not decoded. */
bool gw_route(const struct gw_api *api, struct slice method, struct slice path, struct gw_match *out) WARN_UNUSED;

/* ---- headers.c ---- */
/* Whether a client's header reaches an HTTP_PROXY backend. */
bool gw_header_goes_in(struct slice name);
/* Whether a mapping may set this header of a backend request; false: the call fails with 500. */
bool gw_header_may_map(struct slice name);
/* Whether a header that a mapping sets reaches the backend. */
bool gw_header_map_goes_in(enum gw_type type, struct slice name);
bool gw_has_header(const struct http_header *h, size_t n, struct slice name);
enum gw_out { GW_OUT_PASS, GW_OUT_REMAP, GW_OUT_DROP };
/* What becomes of a backend's or mapped response header; REMAP: comes out as x-amzn-Remapped-<name>. */
enum gw_out gw_header_goes_out(struct slice name);

/* ---- invoke.c ---- */
struct gateway;
struct gw_test;
struct gw_call {
	struct gateway *g;
	struct http_call *call; /* the client's; a made one in a test invocation */
	const struct gw_api *api;
	struct gw_stage *st;
	const struct gw_pair *vars; /* stage variables that hold */
	size_t var_n;
	struct slice stage, path; /* path: the part after the stage */
	struct gw_match match;
	char request_id[37], extended_id[17], trace_id[96];
	int64_t began_ms;
	bool canary;
	struct json_t *key;      /* API key's document, own reference; NULL: none */
	struct slice bad;        /* text for a gateway response that names what is wrong */
	struct vtl_map *context; /* $context, made at the first template; overrides are read from it */
	struct slice sent;       /* body sent to the integration */
	struct gw_test *test;   /* a test invocation; NULL: a client's call */
};
/* Whether Host or path name one API, by its id (on the AWS port only such a request is an invocation). */
bool gw_addressed(const struct http_req *req);
/* Serves one call; owes one http_done. */
void gw_invoke(struct gateway *g, struct http_call *call);
/* The body is over GW_BODY_MAX. */
void gw_too_large(struct gateway *g, struct http_call *call);
/* A call object with ids. */
struct gw_call *gw_begin(struct gateway *g, struct http_call *call);
/* Runs a routed call: key, validation, integration. */
void gw_run(struct gw_call *c);
/* Sends the answer and ends the call. type NULL: a header says it. */
void gw_reply(struct gw_call *c, int status, const char *type, struct slice body);
/* Ends the call with 500 and logs why. */
void gw_misconfigured(struct gw_call *c, const char *why);
/* A line of the execution log, seen by TestInvokeMethod. */
void gw_trace(struct gw_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void gw_trace_headers(struct gw_call *c, const char *what, const struct http_header *h, size_t n);
/* Answers a test invocation with what would have been sent, and the log. */
void gw_test_done(struct gw_call *c, int status, const char *type, struct slice body);
/* Whether a content type is one of the API's binary media types. */
bool gw_is_binary(const struct gw_call *c, struct slice type);
/* contentHandling. A body that isn't binary goes on as text: bytes that aren't UTF-8 become U+FFFD. Errors: INVALID. */
int gw_convert(struct gw_call *c, enum gw_convert how, bool binary, struct slice body, struct slice *out, struct error *err) WARN_UNUSED;
/* A new request id "xxxxxxxx-xxxx-4xxx-...", in the arena. */
struct slice gw_uuid(struct gateway *g, struct http_call *call);

/* ---- answer.c ---- */
struct httpc_resp;
void gw_answer_custom(struct gw_call *c, int status, const struct httpc_resp *resp); /* resp NULL: a mock */
void gw_answer_proxy(struct gw_call *c, const struct httpc_resp *resp);
struct slice gw_as_text(struct arena *a, struct slice bytes); /* bytes that aren't UTF-8 as U+FFFD */

/* By the integration's type. */
void gw_answer(struct gw_call *c, const struct httpc_resp *resp);

/* ---- backend.c ---- */
/* Calls the integration's backend with this body; gw_answer or an error follows, at once or later. */
void gw_call_backend(struct gw_call *c, struct slice body);
/* At the end: what still waits for a backend is dropped. */
void gw_wait_free_all(struct gateway *g);

/* ---- aws.c ---- */
/* Calls what the uri names. body is the integration's request body. */
void gw_call_aws(struct gw_call *c, struct slice body);

/* ---- check.c ---- */
/* Signature, key, throttle and quota, then request validation. Returns false when the call has been answered. */
bool gw_check(struct gw_call *c) WARN_UNUSED;
/* Which quota period a time is in. */
int64_t gw_period(const struct json_t *plan, int64_t now_ms);

/* ---- mapping.c ---- */
/* Value of a request parameter's source; absent when the client sent none. */
struct slice gw_value(const struct gw_call *c, const struct gw_param *p);
/* $context.NAME that doesn't depend on templates. */
struct slice gw_context(const struct gw_call *c, struct slice name);
/* A member of a JSON body: "body", "body.a.b[0]"; absent when missing. */
struct slice gw_body_value(struct arena *a, struct slice expression, struct slice body);
struct slice gw_header_of(const struct http_req *req, struct slice name);
/* The integration's url: placeholders and stage variables filled, query parameters appended. Errors: INVALID when
 * a placeholder has no value. */
int gw_url(const struct gw_call *c, struct slice *out, struct error *err) WARN_UNUSED;
/* The request template by content type. Returns false when the call must end with 415; *out NULL: pass the body through. */
bool gw_request_template(const struct gw_integration *in, struct slice content_type, const struct gw_template **out) WARN_UNUSED;
/* The answer for a backend status, or NULL. */
const struct gw_answer *gw_pick_answer(const struct gw_integration *in, int status);
/* The response template by Accept; NULL: none. */
const struct gw_template *gw_response_template(const struct gw_answer *a, struct slice accept);
/* statusCode of a rendered mock template, or -1. */
int gw_mock_status(struct slice text);

/* ---- template.c ---- */
/* Reads a template's text into its tree, all in the arena. */
void gw_template_read(struct arena *a, struct gw_template *t);
/* What a template makes of a body. Errors: INVALID, LIMIT. */
int gw_render(struct gw_call *c, const struct gw_template *t, struct slice body, struct slice *out, struct error *err) WARN_UNUSED;
void gw_context_set(struct gw_call *c, const char *path, struct slice value);
/* What templates wrote to $context; absent: nothing. name: "responseOverride.status" ... */
struct slice gw_override(const struct gw_call *c, const char *name);
/* Walks $context.{requestOverride,responseOverride}.{header,querystring,path}. */
bool gw_override_next(const struct gw_call *c, const char *map, size_t *i, struct slice *name, struct slice *value);

/* ---- errors.c ---- */
enum gw_error {
	GW_E_MISSING_TOKEN,
	GW_E_SIGNATURE,
	GW_E_FORBIDDEN,
	GW_E_BAD_KEY,
	GW_E_NO_API,
	GW_E_UNSUPPORTED_TYPE,
	GW_E_TOO_LARGE,
	GW_E_BAD_PARAMETERS,
	GW_E_BAD_BODY,
	GW_E_THROTTLED,
	GW_E_QUOTA,
	GW_E_CONFIGURATION,
	GW_E_NETWORK,
	GW_E_TIMEOUT,
};
extern const struct error_def gw_errors[];
/* Answers with a gateway response; ids must be set. */
void gw_fail(struct gw_call *c, enum gw_error e);
/* x-amzn-RequestId and x-amz-apigw-id. */
void gw_set_ids(struct gw_call *c);

/* The service's state. */
struct gw_store;
struct gateway {
	const struct env *env;
	struct json_t *docs;
	struct gw_store *store;
	struct gw_stage *running; /* every stage there is, unless stale */
	struct gw_stage *dying;   /* replaced, with calls under way */
	bool stale;
	struct json_t *buckets;    /* usage plan and key -> [tokens, at_ms] */
	struct gw_wait *waits; /* calls to backends under way */
	uint64_t made; /* calls so far: request ids are made from it */
};
/* The stages that run now. */
struct gw_stage *gw_stages(struct gateway *g);
void gw_stage_done(struct gateway *g, struct gw_stage *st); /* a call ended */
void gw_stages_free(struct gateway *g);
extern const struct service apigateway_service;

#endif
