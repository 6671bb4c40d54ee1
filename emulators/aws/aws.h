/* The control planes that users of the pipeline call on the AWS port, and how AWS's services without an emulator are refused.
 *
 *   wire.c     which protocol a request speaks; errors in each
 *   sts.c      who signs
 *   service.c  the table of operations */
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
/* An error of the service, in its protocol, as http_reply. */
void aws_fail(const struct aws_ask *ask, int status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The refusal of what isn't served. */
void aws_unserved(const struct aws_ask *ask);
/* Whether an unsigned request speaks the query protocol. */
bool aws_is_query(const struct http_req *req);

/* sts.c */
struct aws;
void sts_get_caller_identity(void *self, struct http_call *call);

struct aws {
	const struct env *env;
};
extern const struct routes aws_routes;
extern const struct service aws_service;

#endif
