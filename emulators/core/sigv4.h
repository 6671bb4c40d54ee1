/* AWS Signature Version 4: verification of requests and signing of our own.
 * Spec: docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html; S3's differences: shared spec s3.md 1-3. */
#ifndef TARN_SIGV4_H
#define TARN_SIGV4_H

#include "conf.h"
#include "http.h"

struct sigv4_auth {
	bool present;                /* false: anonymous */
	struct slice key, date, region, service, signed_headers, signature;
};
/* Parses the Authorization header (or X-Amz-* query). Errors: INVALID with the AWS code in err->text. */
int sigv4_parse(const struct http_req *req, struct sigv4_auth *out, struct error *err) WARN_UNUSED;

/* Secret of an access key; absent slice: unknown key. */
typedef struct slice (*sigv4_secret_fn)(void *arg, struct slice key);
struct sigv4_result {
	struct buf canonical, to_sign; /* for SignatureDoesNotMatch; the caller frees */
};
enum sigv4_verdict {
	SIGV4_OK,
	SIGV4_ANONYMOUS,
	SIGV4_MALFORMED,
	SIGV4_UNKNOWN_KEY,
	SIGV4_SKEW,
	SIGV4_MISMATCH,
	SIGV4_BODY_MISMATCH, /* x-amz-content-sha256 differs from the body */
	SIGV4_EXPIRED,
};
/* real_now_ms: real time, as skew is judged by it. s3: S3's path rules (encoded once, not normalised). */
enum sigv4_verdict sigv4_verify(const struct http_req *req, const struct sigv4_auth *auth, sigv4_secret_fn secret, void *arg,
                                int64_t real_now_ms, bool s3, struct sigv4_result *res);

/* Whether any credentials are accepted: true until [identities] has rows (ACCESS_KEY = SECRET). With rows, their secrets. */
bool sigv4_any(const struct conf *conf);
struct slice sigv4_conf_secret(void *conf, struct slice key); /* a sigv4_secret_fn; arg: const struct conf * */

void hash_sha256(const void *p, size_t n, uint8_t out[32]);
void hash_md5(const void *p, size_t n, uint8_t out[16]);
void hash_sha1(const void *p, size_t n, uint8_t out[20]);
void hash_hmac_sha256(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[32]);

#endif
