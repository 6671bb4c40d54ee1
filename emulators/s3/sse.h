/* What sse.c and sse_c.c share. */
#ifndef TARN_S3_SSE_H
#define TARN_S3_SSE_H

#include "encrypt.h"

#define SSE "x-amz-server-side-encryption"
#define SSE_KEY SSE "-aws-kms-key-id"
#define SSE_BUCKET_KEY SSE "-bucket-key-enabled"
#define SSE_CONTEXT SSE "-context"
#define SSE_C SSE "-customer-algorithm"
#define SSE_C_KEY SSE "-customer-key"
#define SSE_C_MD5 SSE "-customer-key-md5"

/* The value of a line; absent: none. */
struct slice s3_line_of(struct slice headers, const char *name);
/* A customer's key in the request, source: of what is copied; given is false where there is none. */
int s3_customer_of(struct s3_req *r, bool source, struct s3_customer *out) WARN_UNUSED;
/* The lines of an object with the request's key. */
int s3_seal_customer(struct s3_req *r, struct slice *out) WARN_UNUSED;
/* The line of a new object with a KMS key: a key of its own, encrypted by one of that ARN. */
int s3_seal_make(struct s3 *s, struct slice arn, struct slice *out, struct s3_fail *f) WARN_UNUSED;

#endif
