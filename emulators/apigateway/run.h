/* One call, from route to answer. Every step returns; only invoke.c knows their order and ends a call:
 *
 *   invoke.c    finds API, stage and method; check, request, send, answer or gateway response, done
 *   check.c     signature, API key, throttle, quota, request validation
 *   request.c   what the integration is sent: url, headers, body
 *   backend.c   sends it to an HTTP backend, within a time limit      aws.c   to Kinesis or S3 of this program
 *   answer.c    from the integration's answer to the client's
 *   errors.c    gateway responses: status, x-amzn-ErrorType, message
 *   work.c      steps on the loop, or on a thread of the pool where they are long
 *
 * and these stand below them:
 *
 *   call.c      the call: ids, execution log, why it failed
 *   context.c   $context, and what templates write to it
 *   mapping.c   parameter mappings: how they are written, what their sources give
 *   template.c  bodies: contentHandling, which template, what it makes
 *   schema.c    JSON schema (draft 4) of models
 *
 * All memory of a call is its http_call's arena. */
#ifndef TARN_APIGATEWAY_RUN_H
#define TARN_APIGATEWAY_RUN_H

#include "apigateway/api.h"

/* Why a call is refused (4xx) or failed (5xx); GW_OK: it goes on. */
enum gw_error {
	GW_OK,
	GW_E_MISSING_TOKEN,
	GW_E_SIGNATURE,
	GW_E_UNKNOWN_KEY,
	GW_E_EXPIRED_TOKEN,
	GW_E_ACCESS_DENIED,
	GW_E_UNAUTHORIZED,
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
	GW_E_LONG, /* a step has no end within its small allowance (work.c); no answer is made of it */
};

/* What the client gets, beside the headers in call->resp. */
struct gw_out {
	int status;
	const char *type; /* NULL: a header says it */
	struct slice body;
};
struct httpc_resp;
struct gw_call {
	struct gateway *g;
	struct http_call *call; /* the client's; a made one in a test invocation */
	const struct gw_api *api;
	struct gw_stage *st;
	const struct vtl_pair *vars; /* stage variables that hold */
	size_t var_n;
	struct slice stage, path; /* path: the part after the stage */
	struct gw_match match;
	char request_id[37], extended_id[17], trace_id[96];
	int64_t began_ms, now_ms; /* now_ms: of the step, for the log */
	bool canary;
	bool test;               /* a test invocation: no signature, key or throttle is asked for */
	json_t *key;             /* API key's document, own reference; NULL: none */
	bool quick;              /* on the loop: what has no end soon is GW_E_LONG */
	volatile bool stop;      /* on the pool: to be ended */
	struct gw_request *request;     /* made by gw_prepare() */
	const struct httpc_resp *resp;  /* the integration's answer; NULL: not there yet */
	struct gw_out out;              /* made by gw_answer() */
	struct slice why;        /* what is wrong: words for the client of a refusal, for the log of a failure; absent: none of its own */
	struct vtl_map *context; /* $context, made when first wanted; overrides are read from it */
	struct buf *log;         /* execution log; NULL: nobody reads it */
	/* Of a stage that logs: log has lines with their lengths before them. */
	bool watched, errors_only, data_trace;
	int64_t began_us, sent_us, integration_us; /* clock_real_us; integration_us: how long it took, 0: it wasn't asked */
	int integration_status;
	/* Set by invoke.c: takes the integration's answer, or why there is none. What it gets is valid until it returns. */
	void (*answered)(struct gw_call *c, const struct httpc_resp *resp, enum gw_error e);
	/* Set by whoever began the call: sends the answer. The call is over. */
	void (*done)(struct gw_call *c, const struct gw_out *out);
	void *arg; /* done's own */
};

/* ---- invoke.c ---- */
/* Whether Host or path name one API, by its id (on the AWS port only such a request is an invocation). */
bool gw_addressed(const struct http_req *req);
/* Serves one call; owes one http_done. */
void gw_invoke(struct gateway *g, struct http_call *call);
/* The body is over GW_BODY_MAX. */
void gw_too_large(struct gateway *g, struct http_call *call);
/* Runs a routed call to its end: c->done follows, at once or later. */
void gw_run(struct gw_call *c);

/* ---- observe.c ---- */
/* A routed call begins: whether its stage logs. */
void gw_observe(struct gw_call *c);
/* Its answer is there: logs and metrics. */
void gw_observed(struct gw_call *c, const struct gw_out *out);

/* ---- authorize.c ---- */
/* The signature of a method that asks for one, and what policies say with [stack] auth = enforce. */
enum gw_error gw_check_iam(struct gw_call *c);

/* ---- call.c ---- */
/* A call with ids, in the arena. */
struct gw_call *gw_begin(struct gateway *g, struct http_call *call, void (*done)(struct gw_call *c, const struct gw_out *out));
/* A new request id "xxxxxxxx-xxxx-4xxx-...", in the arena. */
struct slice gw_uuid(struct gateway *g, struct http_call *call);
/* Sets x-amzn-RequestId and x-amz-apigw-id. */
void gw_set_ids(struct gw_call *c);
/* Says why; returns e. */
enum gw_error gw_because(struct gw_call *c, enum gw_error e, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A line of the execution log. */
void gw_trace(struct gw_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* What a request is, at the beginning of the log. */
void gw_trace_begin(struct gw_call *c);
void gw_trace_headers(struct gw_call *c, const char *what, const struct http_header *h, size_t n);

/* ---- work.c ---- */
typedef enum gw_error (*gw_step)(struct gw_call *c);
typedef void (*gw_then)(struct gw_call *c, enum gw_error e);
/* Does a step that reads so many bytes, and then `then`, at once or later. */
void gw_work(struct gw_call *c, size_t bytes, gw_step step, gw_then then);

/* ---- check.c ---- */
/* Who calls, and how often. */
enum gw_error gw_check(struct gw_call *c);
/* What is sent: parameters and body. A step. */
enum gw_error gw_validate(struct gw_call *c);
/* Which quota period of a plan a time is in. */
int64_t gw_period(const json_t *plan, int64_t now_ms);

/* ---- schema.c ---- */
/* A value and the models around: how much may be looked at. */
struct gw_schema {
	const json_t *models;       /* name -> {schema} for $ref */
	json_t *read;               /* those of them that were read: name -> schema; made by its user */
	size_t left;                /* values that may be looked at; 0: it was too much, and what was found doesn't count */
	const volatile bool *stop;
};
/* Whether value satisfies the schema. */
bool gw_schema_ok(struct gw_schema *s, const json_t *schema, const json_t *value, int depth);

/* ---- request.c ---- */
struct gw_request {
	struct slice method, url, body;
	struct slice type; /* Content-Type, for AWS services */
	struct slice host; /* and port that the integration names, for HTTP */
	bool adopts_host;  /* it leads to the REST proxy by adoption */
	struct http_header headers[GW_HEADERS_MAX];
	size_t header_n;
	int64_t timeout_ms;
};
/* Validates what is sent, and makes c->request. A step. */
enum gw_error gw_prepare(struct gw_call *c);
/* How often that reads the body. */
size_t gw_request_reads(const struct gw_call *c);
/* How many mappings want a part of a body, which each reads. */
size_t gw_reads(const struct gw_param *p, size_t n);
/* statusCode of a rendered mock template, or -1. */
int gw_mock_status(struct slice text);

/* ---- backend.c, aws.c ---- */
/* Send a request. GW_OK: c->answered follows, at once or later; else it doesn't. */
enum gw_error gw_send_http(struct gw_call *c, const struct gw_request *r);
enum gw_error gw_send_aws(struct gw_call *c, const struct gw_request *r);

/* ---- answer.c ---- */
/* The client's answer of c->resp, in c->out. A mock's has nothing but a status. A step. */
enum gw_error gw_answer(struct gw_call *c);
/* How often that reads the integration's body. */
size_t gw_answer_reads(const struct gw_call *c, int status);
/* The integration response for a backend's status, or NULL. */
const struct gw_answer *gw_pick_answer(const struct gw_integration *in, int status);

/* ---- errors.c ---- */
/* Whether the gateway or the backend is at fault, not the client. */
bool gw_is_failure(enum gw_error e);
/* The gateway response for e. */
void gw_response(struct gw_call *c, enum gw_error e, struct gw_out *out);
/* Types of gateway responses, in AWS's order; NULL past the end. */
const char *gw_response_type(size_t i);
/* A type's status; 0: that of the error (DEFAULT_4XX, _5XX), -1: there is no such type. */
int gw_response_status(const char *type);
/* An API's response of a type as it counts: its own, its DEFAULT_4XX or _5XX, or the built-in one. own: type -> response. New
 * reference. */
json_t *gw_response_doc(json_t *own, const char *type);

/* ---- context.c ---- */
/* $context.NAME that doesn't depend on templates. */
struct slice gw_context(const struct gw_call *c, struct slice name);
/* Makes c->context, unless it is there. */
void gw_context_make(struct gw_call *c);
void gw_context_set(struct gw_call *c, const char *path, struct slice value);
/* What templates wrote to $context; absent: nothing. name: "responseOverride.status" ... */
struct slice gw_override(const struct gw_call *c, const char *name);
/* Walks $context.{requestOverride,responseOverride}.{header,querystring,path}. */
bool gw_override_next(const struct gw_call *c, const char *map, size_t *i, struct slice *name, struct slice *value);

/* ---- mapping.c ---- */
/* Reads a target: "integration.request.header.X", "method.response.header.X", "method.request.path.x" ...; false: it is none. */
bool gw_target_read(struct slice text, struct gw_param *p);
/* Reads a source: "method.request.path.proxy", "'text'", "integration.response.header.X", "context.requestId" ...; false: it is none. */
bool gw_source_read(struct slice text, struct gw_param *p);
/* A source's value; absent when the client sent none. */
struct slice gw_value(const struct gw_call *c, const struct gw_param *p);
/* A path parameter as it was sent. */
struct slice gw_path_value(const struct gw_call *c, struct slice name);
struct slice gw_stage_variable(const struct gw_call *c, struct slice name);
/* A member of a JSON body: "body", "body.a.b[0]"; absent when missing. */
struct slice gw_body_value(struct arena *a, struct slice expression, struct slice body);

/* ---- template.c ---- */
/* Reads a template's text into its tree, all in the arena. */
void gw_template_read(struct arena *a, struct gw_template *t);
/* What a template makes of a body. Errors: INVALID; LIMIT, which on the loop comes early. */
int gw_render(struct gw_call *c, const struct gw_template *t, struct slice body, struct slice *out, struct error *err) WARN_UNUSED;
/* A body on its way: contentHandling, then the template, if any. type: what decides whether it is binary. */
enum gw_error gw_body(struct gw_call *c, enum gw_convert how, struct slice type, const struct gw_template *t, struct slice body, struct slice *out);
/* The request template by content type. Returns false when the call must end with 415; *out NULL: pass the body through. */
bool gw_request_template(const struct gw_integration *in, struct slice content_type, const struct gw_template **out) WARN_UNUSED;
/* The response template by Accept; NULL: none. */
const struct gw_template *gw_response_template(const struct gw_answer *a, struct slice accept);

#endif
