/* Signature version 2, what boto3 and the AWS CLI presign with in us-east-1 unless told otherwise:
 *   ?AWSAccessKeyId=KEY&Signature=SIG&Expires=SECONDS     Authorization: AWS KEY:SIG
 * SIG = base64(HMAC-SHA1(secret, METHOD \n Content-MD5 \n Content-Type \n date or Expires \n x-amz- headers, resource)).
 * Spec: docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html */
#include "body.h"

enum { AMZ_MAX = 128 };

/* Parameters that are part of the resource. */
static const char *const signed_params[] = { "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "encryption", "inventory",
	"lifecycle", "location", "logging", "metrics", "notification", "object-lock", "partNumber", "policy", "replication", "requestPayment",
	"response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
	"response-content-type", "response-expires", "restore", "select", "select-type", "storageClass", "tagging", "torrent", "uploadId",
	"uploads", "versionId", "versioning", "versions", "website" };

bool s3_is_v2(const struct http_req *req)
{
	struct slice rest;
	return sl_after(sl_trim(http_get(req, "authorization")), S("AWS "), &rest) || http_query(req, "AWSAccessKeyId").p;
}

static int cmp_pair(const void *a, const void *b)
{
	return sl_cmp(((const struct http_header *)a)->name, ((const struct http_header *)b)->name);
}

static struct slice lower(struct arena *a, struct slice s)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		p[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 32) : p[i];
	return sl_of(p, s.n);
}

/* Sorted, a name that comes again joined to the first by a comma; in a URL they may stand as parameters. */
static void add_amz_headers(struct buf *b, const struct s3_req *r)
{
	struct http_header *list = arena_alloc(r->a, AMZ_MAX * sizeof(*list));
	struct slice name, value;
	size_t n = 0, pos = 0;
	for (size_t i = 0; i < r->http->header_n && n < AMZ_MAX; i++)
		if (sl_starts_nocase(r->http->headers[i].name, S("x-amz-")))
			list[n++] = (struct http_header){ lower(r->a, r->http->headers[i].name), sl_trim(r->http->headers[i].value) };
	while (r->auth.query && n < AMZ_MAX && http_query_next(r->http, &pos, &name, &value)) {
		name = lower(r->a, arena_url_decode(r->a, name, true));
		if (sl_starts(name, S("x-amz-")) && !http_get(r->http, arena_cstr(r->a, name)).p)
			list[n++] = (struct http_header){ name, sl_trim(arena_url_decode(r->a, value, true)) };
	}
	/* Equal names keep their order: few, and qsort of glibc is stable. */
	qsort(list, n, sizeof(*list), cmp_pair);
	for (size_t i = 0; i < n; i++) {
		bool again = i > 0 && sl_eq(list[i].name, list[i - 1].name), more = i + 1 < n && sl_eq(list[i].name, list[i + 1].name);
		if (again)
			buf_addf(b, ",%.*s", SL(list[i].value));
		else
			buf_addf(b, "%.*s:%.*s", SL(list[i].name), SL(list[i].value));
		if (!more)
			buf_addc(b, '\n');
	}
}

/* as_root: of a bucket alone, "/bucket/": AWS takes it with the slash and without. */
static void add_resource(struct buf *b, const struct s3_req *r, bool as_root)
{
	bool any = false;
	if (r->virtual_host)
		buf_addf(b, "/%.*s", SL(r->bucket));
	buf_addsl(b, r->http->path);
	if (as_root)
		buf_addc(b, '/');
	for (size_t i = 0; i < ARRAY_LEN(signed_params); i++) {
		struct slice name, value;
		for (size_t pos = 0; http_query_next(r->http, &pos, &name, &value);) {
			if (!sl_eqs(arena_url_decode(r->a, name, true), signed_params[i]))
				continue;
			value = arena_url_decode(r->a, value, true);
			buf_addf(b, "%c%s%s%.*s", any ? '&' : '?', signed_params[i], value.n ? "=" : "", SL(value));
			any = true;
			break;
		}
	}
}

static void to_sign(const struct s3_req *r, struct slice expires, bool as_root, struct buf *b)
{
	struct slice date = r->auth.query ? expires : http_get(r->http, "x-amz-date").p ? S("") : http_get(r->http, "date");
	buf_addf(b, "%.*s\n%.*s\n%.*s\n%.*s\n", SL(r->http->method), SL(http_get(r->http, "content-md5")), SL(http_get(r->http, "content-type")),
		 SL(date));
	add_amz_headers(b, r);
	add_resource(b, r, as_root);
}

static bool signed_so(const struct s3_req *r, struct slice secret, struct slice text)
{
	struct buf want = { 0 };
	uint8_t mac[20];
	bool same;
	hash_hmac_sha1(secret, text, mac);
	buf_base64(&want, mac, sizeof(mac));
	same = sl_eq(r->auth.signature, buf_slice(&want));
	buf_free(&want);
	return same;
}

static int check_signature(struct s3 *s, struct s3_req *r, struct slice expires)
{
	enum identity_known known = sigv4_identity(s->env, r->http, &r->auth);
	struct slice secret = r->auth.who.secret;
	struct buf text = { 0 }, other = { 0 };
	int rc = 0;
	if (known == IDENTITY_EXPIRED)
		return s3_fail(&r->fail, S3_E_EXPIRED_TOKEN);
	if (known == IDENTITY_UNKNOWN)
		return s3_auth_fail_key(r);
	to_sign(r, expires, false, &text);
	to_sign(r, expires, true, &other);
	if (!signed_so(r, secret, buf_slice(&text)) && (r->key.p || !signed_so(r, secret, buf_slice(&other))))
		rc = s3_auth_fail_mismatch(r, &text, NULL);
	buf_free(&text);
	buf_free(&other);
	return rc;
}

static int check_expires(struct s3_req *r, struct slice expires)
{
	int64_t at_s;
	char at[32];
	if (!sl_int(expires, 0, INT64_MAX / 1000, &at_s))
		return s3_failf(&r->fail, S3_E_ACCESS_DENIED, "Invalid date (should be seconds since epoch): %.*s", SL(expires));
	if (at_s * 1000 >= clock_real_ms())
		return 0;
	clock_iso_sec(at_s * 1000, at);
	return s3_auth_fail_time(r, "Expires", sl(at), S3_E_ACCESS_DENIED);
}

static int check_date(struct s3_req *r)
{
	struct slice date = http_get(r->http, "x-amz-date");
	int64_t ms, now = clock_real_ms();
	date = sl_trim(date.p ? date : http_get(r->http, "date"));
	if (!date.p || !s3_parse_http_date(date, &ms) || ms < 0)
		return s3_failf(&r->fail, S3_E_ACCESS_DENIED, "AWS authentication requires a valid Date or x-amz-date header");
	if (ms >= now - SIGV4_SKEW_MS && ms <= now + SIGV4_SKEW_MS)
		return 0;
	return s3_auth_fail_time(r, "RequestTime", date, S3_E_SKEW);
}

int s3_auth_v2(struct s3 *s, struct s3_req *r)
{
	struct slice header = sl_trim(http_get(r->http, "authorization")), credential, expires = http_query(r->http, "Expires");
	int rc;
	r->auth = (struct sigv4_auth){ .present = true, .query = !header.p };
	if (header.p) {
		if (!sl_after(header, S("AWS "), &credential) || !sl_cut(sl_trim(credential), ':', &r->auth.key, &r->auth.signature) || !r->auth.key.n)
			return s3_bad_argument(r, "Authorization", header, "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature");
	} else {
		r->auth.key = http_query(r->http, "AWSAccessKeyId");
		r->auth.signature = http_query(r->http, "Signature");
		if (!r->auth.signature.n || !expires.n)
			return s3_failf(&r->fail, S3_E_ACCESS_DENIED,
					"Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
	}
	if (r->auth.query && (rc = check_expires(r, expires)) != 0)
		return rc;
	if (s->any_identity)
		return 0;
	if (!r->auth.query && (rc = check_date(r)) != 0)
		return rc;
	return check_signature(s, r, expires);
}
