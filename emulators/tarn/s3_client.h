/* A client of S3 for tarn s3: one call after the other over one connection, signed with SigV4, addressed by path; bodies come from
 * files and go to files, so that no object lies in memory whole. */
#ifndef TARN_S3_CLIENT_H
#define TARN_S3_CLIENT_H

#include "core/http.h"

enum { S3_CALL_HEADERS = 24 };
struct s3_client;
struct s3_call {
	const char *method;
	struct slice bucket, key; /* key absent: the bucket; both: the service */
	struct slice query;       /* as sent, behind "?"; absent: none */
	struct http_header headers[S3_CALL_HEADERS]; /* beside those of the signature */
	size_t header_n;
	struct slice body; /* what is sent; absent: from, or nothing */
	FILE *from;        /* from_n bytes of it from where it stands */
	int64_t from_n;
	FILE *to;          /* the body of an answer of 2xx goes there; NULL: to answer */
	/* The answer, until the next call: */
	int status;
	struct buf answer; /* the caller begins with { 0 } and frees it: s3_call_free */
	struct arena a;
	struct slice etag, type, region, version; /* headers of the answer; absent: it had none */
	int64_t size;      /* Content-Length; -1: none */
	struct slice code, message; /* of an error, from the body or made of the status */
	bool cut;          /* from had fewer bytes, or to could not be written */
};

/* base: "http://127.0.0.1:4566". All strings are copied; session may be NULL. Errors: NETWORK. */
int s3_client_new(const char *base, const char *key, const char *secret, const char *session, const char *region, struct s3_client **out,
		  struct error *err) WARN_UNUSED;
void s3_client_free(struct s3_client *c);
/* Makes the call, once more in the bucket's region where the answer names another. 0: an answer of 2xx. Errors: NETWORK, no answer came;
 * INVALID, status, code and message say what S3 has against it, and so does err. */
int s3_client_call(struct s3_client *c, struct s3_call *call, struct error *err) WARN_UNUSED;
/* name is static. */
void s3_call_header(struct s3_call *call, const char *name, struct slice value);
void s3_call_free(struct s3_call *call);
/* A presigned URL, of `seconds` from now, added to out. */
void s3_client_presign(struct s3_client *c, const char *method, struct slice bucket, struct slice key, int64_t seconds, struct buf *out);

#endif
