/* The control planes that users of the pipeline call on the AWS port, and how AWS's services without an emulator are refused.
 *
 *   api.h      how an API is written; call.c its calls, resource.c what they keep, shape.c and shape_out.c its requests and answers
 *   wire.c     which protocol a request speaks; errors in each
 *   sts.c ...  an API each
 *   service.c  the table of APIs */
#ifndef TARN_AWS_H
#define TARN_AWS_H

#include "core/service.h"

enum aws_protocol { AWS_QUERY, AWS_EC2, AWS_REST_XML, AWS_JSON, AWS_REST_JSON, AWS_CBOR };
/* A request as the wire has it. */
struct aws_ask {
	struct http_call *call;
	struct slice service, operation; /* "sts", "GetCallerIdentity"; absent: it doesn't say */
	enum aws_protocol protocol;
	const char *ns;                  /* of its XML; NULL: none is known */
	struct slice request_id;
};

/* scope: the service of the signature; absent: unsigned. What it doesn't say comes from X-Amz-Target, Action and Version. */
void aws_ask_read(struct http_call *call, struct slice scope, struct aws_ask *out);
/* A parameter of the query protocol, from the body or the query; absent when missing. */
struct slice aws_param(const struct http_req *req, const char *name);
/* An error of the service, in its protocol, as http_reply. also: members beside the message, where it is JSON; NULL: none. */
struct json_t;
void aws_fail(const struct aws_ask *ask, int status, const char *code, const struct json_t *also, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* The refusal of what isn't served. */
void aws_unserved(const struct aws_ask *ask);
/* Whether an unsigned request speaks the query protocol. */
bool aws_is_query(const struct http_req *req);

struct aws_resource;
struct logs;
struct watch;
struct trail;
struct aws {
	const struct env *env;
	struct db db;
	struct aws_resource **kept; /* by kind, account, region, key */
	size_t kept_n, kept_max;
	uint64_t drawn;             /* identifiers */
	struct aws_call *later;     /* calls that answer later */
	struct iam *iam;            /* iam.h */
	struct owed *owed;          /* what APIs wait for on their own; cancelled at the end */
	struct logs *logs;          /* logs.c; NULL: not open */
	struct watch *watch;        /* cloudwatch.c; the same */
	struct trail *trail;        /* cloudtrail.c; the same */
};
extern const struct service aws_service;
extern const struct setting aws_settings[];

/* ---- store.c ---- */
int aws_store_open(struct aws *a, struct error *err) WARN_UNUSED;
void aws_store_close(struct aws *a);

#endif
