/* Whose request it is: any credentials until identities are configured, then exact signatures. */
#include "body.h"

int s3_auth_fail_time(struct s3_req *r, const char *name, struct slice asked, enum s3_err e)
{
	char now[32];
	clock_iso_sec(clock_real_ms(), now);
	s3_extra(&r->fail, name, asked);
	s3_extra(&r->fail, "ServerTime", sl(now));
	if (e == S3_E_SKEW) {
		s3_extra(&r->fail, "MaxAllowedSkewMilliseconds", S("900000"));
		return s3_fail(&r->fail, e);
	}
	return s3_failf(&r->fail, e, "Request has expired");
}

int s3_auth_fail_key(struct s3_req *r)
{
	struct slice token = sigv4_token(r->http, &r->auth);
	if (token.n) {
		s3_extra(&r->fail, "Token-0", token);
		return s3_fail(&r->fail, S3_E_INVALID_TOKEN);
	}
	s3_extra(&r->fail, "AWSAccessKeyId", r->auth.key);
	return s3_fail(&r->fail, S3_E_INVALID_ACCESS_KEY);
}

static int fail_expired(struct s3_req *r)
{
	char at[32];
	struct slice d = r->auth.amz_date;
	char iso[24];
	int64_t ms = 0;
	/* 20260105T090000Z -> 2026-01-05T09:00:00Z */
	snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", d.p, d.p + 4, d.p + 6, d.p + 9, d.p + 11, d.p + 13);
	(void)clock_parse_iso(sl(iso), &ms);
	clock_iso_sec(ms + r->auth.expires_s * 1000, at);
	s3_extra(&r->fail, "X-Amz-Expires", arena_printf(r->a, "%lld", (long long)r->auth.expires_s));
	return s3_auth_fail_time(r, "Expires", sl(at), S3_E_ACCESS_DENIED);
}

static void extra_bytes(struct s3_req *r, const char *name, const struct buf *b)
{
	struct buf hex = { 0 };
	for (size_t i = 0; i < b->n; i++)
		buf_addf(&hex, "%s%02x", i ? " " : "", (unsigned char)b->p[i]);
	s3_extra(&r->fail, name, buf_slice(&hex));
	buf_free(&hex);
}

int s3_auth_fail_mismatch(struct s3_req *r, const struct buf *to_sign, const struct buf *canonical)
{
	s3_extra(&r->fail, "AWSAccessKeyId", r->auth.key);
	s3_extra(&r->fail, "StringToSign", buf_slice(to_sign));
	s3_extra(&r->fail, "SignatureProvided", r->auth.signature);
	extra_bytes(r, "StringToSignBytes", to_sign);
	if (canonical) {
		s3_extra(&r->fail, "CanonicalRequest", buf_slice(canonical));
		extra_bytes(r, "CanonicalRequestBytes", canonical);
	}
	return s3_fail(&r->fail, S3_E_SIGNATURE);
}

int s3_auth_fail_body(struct s3_req *r, const uint8_t sum[32])
{
	struct buf hex = { 0 };
	buf_hex(&hex, sum, 32);
	s3_extra(&r->fail, "ClientComputedContentSHA256", http_get(r->http, "x-amz-content-sha256"));
	s3_extra(&r->fail, "S3ComputedContentSHA256", buf_slice(&hex));
	buf_free(&hex);
	return s3_fail(&r->fail, S3_E_SHA256_MISMATCH);
}

static int fail_body(struct s3_req *r)
{
	uint8_t sum[32];
	hash_sha256(r->http->body.p, r->http->body.n, sum);
	return s3_auth_fail_body(r, sum);
}

/* KEY/20260105/us-east-1/s3/aws4_request */
static bool credential_ok(struct slice credential)
{
	struct slice one;
	int n = 0;
	while (credential.p) {
		sl_cut(credential, '/', &one, &credential);
		n += one.n > 0;
	}
	return n >= 5 && sl_eqs(one, "aws4_request");
}

/* What is wrong with a query signature that has all its parameters; NULL: it lacks one. */
static const char *query_trouble(struct s3_req *r)
{
	static const char *const all[] = { "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires" };
	struct slice expires = http_query(r->http, "X-Amz-Expires");
	int64_t s;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!http_query(r->http, all[i]).n)
			return NULL;
	if (!credential_ok(http_query(r->http, "X-Amz-Credential")))
		return "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
	if (!sl_int(expires, INT64_MIN, INT64_MAX, &s))
		return "X-Amz-Expires should be a number";
	if (s < 0)
		return "X-Amz-Expires must be non-negative";
	if (s > 604800)
		return "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds";
	return NULL;
}

static int fail_unreadable(struct s3_req *r, struct slice code)
{
	const char *trouble = sl_eqs(code, "AuthorizationQueryParametersError") ? query_trouble(r) : NULL;
	if (trouble)
		return s3_failf(&r->fail, S3_E_AUTH_QUERY, "%s", trouble);
	if (sl_eqs(code, "InvalidRequest"))
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
				"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
	return s3_fail(&r->fail, sl_eqs(code, "AuthorizationQueryParametersError") ? S3_E_AUTH_QUERY : S3_E_AUTH_HEADER);
}

static bool is_signed_header(struct slice list, struct slice name)
{
	struct slice one;
	while (list.p) {
		sl_cut(list, ';', &one, &list);
		if (sl_eq_nocase(one, name))
			return true;
	}
	return false;
}

/* A presigned URL covers what its maker meant: an x-amz- header of the user's own is refused. */
static int check_unsigned(struct s3_req *r)
{
	struct buf names = { 0 };
	bool any = false;
	for (size_t i = 0; i < r->http->header_n; i++) {
		struct slice name = r->http->headers[i].name;
		if (!sl_starts_nocase(name, S("x-amz-")) || sl_eq_nocase(name, S("x-amz-content-sha256")) || is_signed_header(r->auth.signed_headers, name))
			continue;
		buf_addf(&names, "%s%.*s", any ? ", " : "", SL(name));
		any = true;
	}
	if (any)
		s3_extra(&r->fail, "HeadersNotSigned", buf_slice(&names));
	buf_free(&names);
	return any ? s3_failf(&r->fail, S3_E_ACCESS_DENIED, "There were headers present in the request which were not signed") : 0;
}

static int judge(struct s3 *s, struct s3_req *r, enum sigv4_verdict verdict, const struct sigv4_result *res, bool with_body)
{
	switch (verdict) {
	case SIGV4_OK:
		return r->auth.query && !s->any_identity ? check_unsigned(r) : 0;
	case SIGV4_ANONYMOUS:
		return 0; /* what that lets do: rights.c */
	case SIGV4_UNREADABLE:
		return fail_unreadable(r, sl(r->auth.unreadable));
	case SIGV4_MALFORMED:
		return s3_fail(&r->fail, r->auth.query ? S3_E_AUTH_QUERY : S3_E_AUTH_HEADER);
	case SIGV4_UNKNOWN_KEY:
		return s3_auth_fail_key(r);
	case SIGV4_SKEW:
		return s3_auth_fail_time(r, "RequestTime", r->auth.amz_date, S3_E_SKEW);
	case SIGV4_MISMATCH:
		if (r->auth.query && check_unsigned(r)) /* which is what is wrong with it, most likely */
			return r->fail.err.kind;
		return s3_auth_fail_mismatch(r, &res->to_sign, &res->canonical);
	case SIGV4_BODY_MISMATCH:
		return with_body ? fail_body(r) : 0;
	case SIGV4_EXPIRED:
		return fail_expired(r);
	case SIGV4_EXPIRED_SESSION:
		return s3_fail(&r->fail, S3_E_EXPIRED_TOKEN);
	}
	return 0;
}

int s3_request_auth(struct s3 *s, struct s3_req *r, bool with_body)
{
	struct sigv4_result res = { 0 };
	if (s3_is_v2(r->http))
		return s3_auth_v2(s, r);
	enum sigv4_verdict verdict = sigv4_check(s->env, r->http, true, &r->auth, &res);
	int rc = judge(s, r, verdict, &res, with_body);
	if (rc == 0 && s->strict_regions)
		rc = s3_region_judge(s, r);
	buf_free(&res.canonical);
	buf_free(&res.to_sign);
	return rc;
}
