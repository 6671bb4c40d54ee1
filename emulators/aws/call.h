/* The way of a call, for service.c. */
#ifndef TARN_AWS_CALL_H
#define TARN_AWS_CALL_H

#include "aws/api.h"
#include "core/cbor.h"

/* How errors of authentication are told: as the query protocol, EC2 or JSON has them. */
enum { FAMILY_QUERY, FAMILY_EC2, FAMILY_JSON };
int aws_family(const struct aws_call *c);
/* authorize.c: with [stack] auth = enforce, whether policies let the caller do it. As a hook. */
int aws_call_authorize(struct aws_call *c);
/* Answers a call of an operation, now or later. */
void aws_run(struct aws *a, const struct aws_api *api, const struct aws_op *op, struct http_call *http, const struct aws_ask *ask);
/* Forgets the calls that would answer later. */
void aws_calls_end(struct aws *a);
/* The content type of JSON as the request has it. */
const char *aws_json_type(const struct http_req *req);

#endif
