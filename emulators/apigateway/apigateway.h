/* API Gateway REST APIs: configured by the management API or from OpenAPI exports; a request is routed through a
 * stage's deployed API to its integration, and the answer goes back.
 *
 *   manage.h     the configuration: documents, management API, import, export (its own list of files)
 *   compile.c    a deployment's documents -> struct agw_api
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
	AGW_BODY_MAX = 10 << 20,      /* AWS: 10 MB payload */
	AGW_RESOURCES_MAX = 300,      /* AWS: resources of an API */
	AGW_DEPTH_MAX = 32,           /* path segments of a resource */
	AGW_PARAMS_MAX = 16,          /* path parameters of one resource */
	AGW_VARIABLES_MAX = 100,      /* AWS: variables of a stage */
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
struct vtl_tree;
struct vtl_map;
struct json_t;
struct agw_template {
	struct slice type, text; /* content type, "$default" too */
	struct vtl_tree *tree;   /* NULL: the text doesn't parse, for the reason in bad */
	const char *bad;
};
struct agw_pair {
	struct slice name, value;
};
enum agw_convert { AGW_CONVERT_NONE, AGW_CONVERT_TO_TEXT, AGW_CONVERT_TO_BINARY };
/* An integration response. */
struct agw_answer {
	bool fallback; /* no selectionPattern ("default") */
	struct slice pattern; /* java.util.regex over the whole status */
	int status;
	struct agw_param *params; /* all into headers */
	size_t param_n;
	struct agw_template *templates;
	size_t template_n;
	enum agw_convert convert;
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
	enum agw_convert convert;
	int64_t timeout_ms;
	struct agw_answer *answers;
	size_t answer_n;
};
enum agw_method_index { AGW_DELETE, AGW_GET, AGW_HEAD, AGW_OPTIONS, AGW_PATCH, AGW_POST, AGW_PUT, AGW_ANY, AGW_METHOD_N };
struct agw_method {
	bool key_required;
	bool authorized; /* wants an authorizer or a signature */
	bool iam;        /* a signature: AWS_IAM */
	bool check_params, check_body;
	struct agw_param *needs; /* required parameters: place and name */
	size_t need_n;
	struct json_t *models;   /* content type -> model name; borrowed from the API's snapshot */
	bool integrated;         /* has an integration */
	struct agw_integration in;
};
enum agw_node_kind { AGW_STATIC, AGW_PARAM, AGW_GREEDY };
/* One resource; children are sorted static, {param}, {greedy+}. */
struct agw_node {
	enum agw_node_kind kind;
	struct slice name; /* segment, or the parameter's name */
	struct slice path; /* "/topics/{topic}" */
	struct slice id;   /* the resource's */
	struct agw_node *child, *next;
	struct agw_method *methods[AGW_METHOD_N];
};
/* Everything hangs on the arena. */
struct agw_api {
	struct arena arena;
	struct json_t *doc; /* the snapshot it was made from; owned */
	struct slice id, title;
	struct agw_node *root;
	size_t resource_n;
	struct slice *binary; /* binary media types */
	size_t binary_n;
	bool closed; /* disableExecuteApiEndpoint */
};
/* A token bucket. */
struct agw_bucket {
	double tokens;
	int64_t at_ms; /* 0: never used, full */
};
/* A stage as it runs; made from documents when first called, and anew after they changed. */
struct agw_stage {
	struct agw_stage *next;
	struct arena arena;
	struct slice api_id, name;
	struct agw_api *api, *canary; /* canary NULL: none */
	struct agw_pair *vars, *canary_vars;
	size_t var_n, canary_var_n;
	double canary_percent;
	uint64_t asked;     /* calls so far, for the canary's share */
	struct json_t *doc; /* the stage's document; owned */
	struct agw_bucket bucket;
	size_t calls;       /* under way */
	bool dead;          /* replaced: freed with the last call */
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
/* Reads an export by itself, outside any service. Errors: INVALID with the reason, LIMIT. On failure *out is untouched. */
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
bool agw_has_header(const struct http_header *h, size_t n, struct slice name);
enum agw_out { AGW_OUT_PASS, AGW_OUT_REMAP, AGW_OUT_DROP };
/* What becomes of a backend's or mapped response header; REMAP: comes out as x-amzn-Remapped-<name>. */
enum agw_out agw_header_goes_out(struct slice name);

/* ---- invoke.c ---- */
struct agw;
struct agw_test;
struct agw_call {
	struct agw *g;
	struct http_call *call; /* the client's; a made one in a test invocation */
	const struct agw_api *api;
	struct agw_stage *st;
	const struct agw_pair *vars; /* stage variables that hold */
	size_t var_n;
	struct slice stage, path; /* path: the part after the stage */
	struct agw_match match;
	char request_id[37], extended_id[17], trace_id[96];
	int64_t began_ms;
	bool canary;
	struct json_t *key;      /* API key's document, own reference; NULL: none */
	struct slice bad;        /* text for a gateway response that names what is wrong */
	struct vtl_map *context; /* $context, made at the first template; overrides are read from it */
	struct slice sent;       /* body sent to the integration */
	struct agw_test *test;   /* a test invocation; NULL: a client's call */
};
/* Serves one call; owes one http_done. */
void agw_invoke(struct agw *g, struct http_call *call);
/* The body is over AGW_BODY_MAX. */
void agw_too_large(struct agw *g, struct http_call *call);
/* A call object with ids. */
struct agw_call *agw_begin(struct agw *g, struct http_call *call);
/* Runs a routed call: key, validation, integration. */
void agw_run(struct agw_call *c);
/* Sends the answer and ends the call. type NULL: a header says it. */
void agw_reply(struct agw_call *c, int status, const char *type, struct slice body);
/* Ends the call with 500 and logs why. */
void agw_misconfigured(struct agw_call *c, const char *why);
/* A line of the execution log, seen by TestInvokeMethod. */
void agw_trace(struct agw_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void agw_trace_headers(struct agw_call *c, const char *what, const struct http_header *h, size_t n);
/* Answers a test invocation with what would have been sent, and the log. */
void agw_test_done(struct agw_call *c, int status, const char *type, struct slice body);
/* Whether a content type is one of the API's binary media types. */
bool agw_is_binary(const struct agw_call *c, struct slice type);
/* contentHandling. A body that isn't binary goes on as text: bytes that aren't UTF-8 become U+FFFD. Errors: INVALID. */
int agw_convert(struct agw_call *c, enum agw_convert how, bool binary, struct slice body, struct slice *out, struct error *err) WARN_UNUSED;
/* A new request id "xxxxxxxx-xxxx-4xxx-...", in the arena. */
struct slice agw_uuid(struct agw *g, struct http_call *call);

/* ---- answer.c ---- */
struct httpc_resp;
void agw_answer_custom(struct agw_call *c, int status, const struct httpc_resp *resp); /* resp NULL: a mock */
void agw_answer_proxy(struct agw_call *c, const struct httpc_resp *resp);
struct slice agw_as_text(struct arena *a, struct slice bytes); /* bytes that aren't UTF-8 as U+FFFD */

/* By the integration's type. */
void agw_answer(struct agw_call *c, const struct httpc_resp *resp);

/* ---- backend.c ---- */
/* Calls the integration's backend with this body; agw_answer or an error follows, at once or later. */
void agw_call_backend(struct agw_call *c, struct slice body);
/* At the end: what still waits for a backend is dropped. */
void agw_wait_free_all(struct agw *g);

/* ---- aws.c ---- */
/* Calls what the uri names. body is the integration's request body. */
void agw_call_aws(struct agw_call *c, struct slice body);

/* ---- check.c ---- */
/* Signature, key, throttle and quota, then request validation. Returns false when the call has been answered. */
bool agw_check(struct agw_call *c) WARN_UNUSED;
/* Which quota period a time is in. */
int64_t agw_period(const struct json_t *plan, int64_t now_ms);

/* ---- mapping.c ---- */
/* Value of a request parameter's source; absent when the client sent none. */
struct slice agw_value(const struct agw_call *c, const struct agw_param *p);
/* $context.NAME that doesn't depend on templates. */
struct slice agw_context(const struct agw_call *c, struct slice name);
/* A member of a JSON body: "body", "body.a.b[0]"; absent when missing. */
struct slice agw_body_value(struct arena *a, struct slice expression, struct slice body);
struct slice agw_header_of(const struct http_req *req, struct slice name);
/* The integration's url: placeholders and stage variables filled, query parameters appended. Errors: INVALID when
 * a placeholder has no value. */
int agw_url(const struct agw_call *c, struct slice *out, struct error *err) WARN_UNUSED;
/* The request template by content type. Returns false when the call must end with 415; *out NULL: pass the body through. */
bool agw_request_template(const struct agw_integration *in, struct slice content_type, const struct agw_template **out) WARN_UNUSED;
/* The answer for a backend status, or NULL. */
const struct agw_answer *agw_pick_answer(const struct agw_integration *in, int status);
/* The response template by Accept; NULL: none. */
const struct agw_template *agw_response_template(const struct agw_answer *a, struct slice accept);
/* statusCode of a rendered mock template, or -1. */
int agw_mock_status(struct slice text);

/* ---- template.c ---- */
/* Reads a template's text into its tree, all in the arena. */
void agw_template_read(struct arena *a, struct agw_template *t);
/* What a template makes of a body. Errors: INVALID, LIMIT. */
int agw_render(struct agw_call *c, const struct agw_template *t, struct slice body, struct slice *out, struct error *err) WARN_UNUSED;
void agw_context_set(struct agw_call *c, const char *path, struct slice value);
/* What templates wrote to $context; absent: nothing. name: "responseOverride.status" ... */
struct slice agw_override(const struct agw_call *c, const char *name);
/* Walks $context.{requestOverride,responseOverride}.{header,querystring,path}. */
bool agw_override_next(const struct agw_call *c, const char *map, size_t *i, struct slice *name, struct slice *value);

/* ---- errors.c ---- */
enum agw_error {
	AGW_E_MISSING_TOKEN,
	AGW_E_SIGNATURE,
	AGW_E_FORBIDDEN,
	AGW_E_BAD_KEY,
	AGW_E_NO_API,
	AGW_E_UNSUPPORTED_TYPE,
	AGW_E_TOO_LARGE,
	AGW_E_BAD_PARAMETERS,
	AGW_E_BAD_BODY,
	AGW_E_THROTTLED,
	AGW_E_QUOTA,
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
struct agw_store;
struct agw {
	const struct env *env;
	struct json_t *docs;
	struct agw_store *store;
	struct agw_stage *running; /* every stage there is, unless stale */
	struct agw_stage *dying;   /* replaced, with calls under way */
	bool stale;
	struct json_t *buckets;    /* usage plan and key -> [tokens, at_ms] */
	struct agw_wait *waits; /* calls to backends under way */
	uint64_t made; /* calls so far: request ids are made from it */
};
/* The stages that run now. */
struct agw_stage *agw_stages(struct agw *g);
void agw_stage_done(struct agw *g, struct agw_stage *st); /* a call ended */
void agw_stages_free(struct agw *g);
extern const struct service apigateway_service;

#endif
