/* The way of a call, for service.c. */
#ifndef TARN_AWS_CALL_H
#define TARN_AWS_CALL_H

#include "aws/api.h"
#include "core/cbor.h"

/* Answers a call of an operation, now or later. */
void aws_run(struct aws *a, const struct aws_api *api, const struct aws_op *op, struct http_call *http, const struct aws_ask *ask);
/* Forgets the calls that would answer later. */
void aws_calls_end(struct aws *a);
/* The content type of JSON as the request has it. */
const char *aws_json_type(const struct http_req *req);

#endif
