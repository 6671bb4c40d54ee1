/* AWS Signature Version 4: verification of requests and signing of our own; and the hashes of the project.
 * Spec: docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html; S3's differences: path encoded once and
 * not normalised, payload hash taken from x-amz-content-sha256, chunks signed one by one. */
#ifndef TARN_SIGV4_H
#define TARN_SIGV4_H

#include "conf.h"
#include "http.h"
#include "identities.h"

enum {
	SIGV4_SKEW_MS = 15 * 60 * 1000,
	SIGV4_EXPIRES_MAX_S = 604800,
};

struct sigv4_auth {
	bool present; /* false: anonymous */
	struct slice key, date, region, service, signed_headers, signature;
	bool query;            /* presigned: the fields came as X-Amz-* in the query */
	int64_t expires_s;     /* presigned only */
	struct slice amz_date; /* "20260105T090000Z": X-Amz-Date, x-amz-date or made from Date; absent: none */
	const char *unreadable; /* AWS's code for a header or query that can't be parsed; NULL: it could */
	struct identity who;    /* filled by sigv4_identity, sigv4_verify and sigv4_check */
};
/* Parses the Authorization header (or X-Amz-* query). Errors: INVALID with the AWS code in err->text and err->def. */
int sigv4_parse(const struct http_req *req, struct sigv4_auth *out, struct error *err) WARN_UNUSED;

struct sigv4_result {
	struct buf canonical, to_sign; /* for SignatureDoesNotMatch; the caller frees */
};
enum sigv4_verdict {
	SIGV4_OK,
	SIGV4_ANONYMOUS,
	SIGV4_UNREADABLE, /* the header or query is no signature at all: auth->unreadable */
	SIGV4_MALFORMED,
	SIGV4_UNKNOWN_KEY,
	SIGV4_SKEW,
	SIGV4_MISMATCH,
	SIGV4_BODY_MISMATCH, /* x-amz-content-sha256 differs from the body */
	SIGV4_EXPIRED,         /* presigned, and too old */
	SIGV4_EXPIRED_SESSION, /* the credentials are */
};
/* Who signed req, judged by who is known and the real time; where auth is off, any credentials will do and only
 * presigned times and the body hash are checked. s3: S3's path rules (encoded once, not normalised). auth is what the
 * request said of itself; auth and res may be NULL, res is filled on MISMATCH only. */
enum sigv4_verdict sigv4_check(const struct env *env, const struct http_req *req, bool s3, struct sigv4_auth *auth, struct sigv4_result *res);
/* Judges what sigv4_parse gave, as sigv4_check does, at a time of the caller's. */
enum sigv4_verdict sigv4_verify(const struct env *env, const struct http_req *req, struct sigv4_auth *auth, int64_t real_now_ms,
				bool s3, struct sigv4_result *res);

/* Signs req (its headers must hold host and x-amz-date, and x-amz-content-sha256 for s3): the value of the
 * Authorization header, in req->arena. All headers of req are signed. */
struct slice sigv4_sign(const struct http_req *req, struct slice key, struct slice secret, struct slice region,
			struct slice service, bool s3);

/* The signature of a presigned request, into out with a NUL: req's query holds its X-Amz-Algorithm, -Credential, -Date, -Expires,
 * -SignedHeaders and what else it has, as it will be sent; X-Amz-Signature comes behind it. date is X-Amz-Date's value. */
void sigv4_presign(const struct http_req *req, struct slice secret, struct slice date, struct slice signed_headers, struct slice region,
		   struct slice service, char out[65]);

/* Signatures of aws-chunked bodies: each covers the one before it. */
struct sigv4_chain {
	uint8_t key[32];
	char amz_date[17], scope[160], last[65]; /* NUL-terminated */
};
void sigv4_chain_init(struct sigv4_chain *c, const struct sigv4_auth *auth, struct slice secret);
/* The signature the next chunk, of that hash, must carry (64 hex digits and NUL), which becomes the last one. */
void sigv4_chain_chunk(struct sigv4_chain *c, const uint8_t sha256[32], char out[65]);
/* The same for the trailer; lines: "name:value\n" of each. */
void sigv4_chain_trailer(struct sigv4_chain *c, struct slice lines, char out[65]);

/* Whether any credentials are accepted: see identities.h. */
bool sigv4_any(const struct conf *conf);
/* The token of temporary credentials that came with it; absent: none. */
struct slice sigv4_token(const struct http_req *req, const struct sigv4_auth *auth);
/* Fills auth->who, of auth->key and the session token of the request. */
enum identity_known sigv4_identity(const struct env *env, const struct http_req *req, struct sigv4_auth *auth);

void hash_hmac_sha256(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[32]);
void hash_sha256(const void *p, size_t n, uint8_t out[32]);
void hash_md5(const void *p, size_t n, uint8_t out[16]);
void hash_sha1(const void *p, size_t n, uint8_t out[20]);
/* n bytes that nobody can guess: for secrets alone, whatever else is drawn comes from faults_hash. */
void hash_chance(void *out, size_t n);

#endif
