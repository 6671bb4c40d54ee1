#include "sigv4.h"

#include <assert.h>
#include <gnutls/crypto.h>

#include "service.h"
#include "text.h"

enum { PAIRS_MAX = 256, QUERY_MAX = 64 << 10 };

static const struct error_def header_malformed = { ERR_INVALID, "AuthorizationHeaderMalformed", 400, 0 };
static const struct error_def query_malformed = { ERR_INVALID, "AuthorizationQueryParametersError", 400, 0 };
static const struct error_def unsupported = { ERR_INVALID, "InvalidRequest", 400, 0 };

/* ---- hashes ---- */

static void hash(gnutls_digest_algorithm_t alg, const void *p, size_t n, uint8_t *out)
{
	int rc = gnutls_hash_fast(alg, n ? p : "", n, out);
	assert(rc == 0);
}

void hash_sha256(const void *p, size_t n, uint8_t out[32])
{
	hash(GNUTLS_DIG_SHA256, p, n, out);
}

void hash_md5(const void *p, size_t n, uint8_t out[16])
{
	hash(GNUTLS_DIG_MD5, p, n, out);
}

void hash_sha1(const void *p, size_t n, uint8_t out[20])
{
	hash(GNUTLS_DIG_SHA1, p, n, out);
}

void hash_chance(void *out, size_t n)
{
	int rc = gnutls_rnd(GNUTLS_RND_KEY, out, n);
	assert(rc == 0);
}

void hash_hmac_sha256(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[32])
{
	int rc = gnutls_hmac_fast(GNUTLS_MAC_SHA256, key_n ? key : "", key_n, n ? p : "", n, out);
	assert(rc == 0);
}

static void sha256_hex(struct slice s, char out[65])
{
	uint8_t sum[32];
	hash_sha256(s.p, s.n, sum);
	hex_text(sum, sizeof(sum), out);
}

/* ---- parsing ---- */

static bool is_digits(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static bool is_hex64(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hex_digit(s.p[i]) < 0)
			return false;
	return s.n == 64;
}

/* AK/20260105/us-east-1/s3/aws4_request; the access key may itself hold '/'. */
static bool parse_credential(struct slice c, struct sigv4_auth *out)
{
	struct slice part[4];
	for (int i = 3; i >= 0; i--) {
		size_t at = c.n;
		while (at > 0 && c.p[at - 1] != '/')
			at--;
		if (at == 0)
			return false;
		part[i] = sl_from(c, at);
		c.n = at - 1;
	}
	if (c.n == 0 || part[0].n != 8 || !is_digits(part[0]) || part[1].n > 64 || part[2].n > 64 || !sl_eqs(part[3], "aws4_request"))
		return false;
	out->key = c;
	out->date = part[0];
	out->region = part[1];
	out->service = part[2];
	return true;
}

/* Seconds since 1970 of "YYYYMMDDThhmmssZ", as milliseconds. */
static bool parse_amz_date(struct slice s, int64_t *out_ms)
{
	int64_t day, time;
	int64_t y, m, d;
	if (s.n != 16 || s.p[8] != 'T' || s.p[15] != 'Z' || !is_digits(sl_of(s.p, 8)) || !is_digits(sl_of(s.p + 9, 6)) ||
	    !sl_int(sl_of(s.p, 8), 0, 99999999, &day) || !sl_int(sl_of(s.p + 9, 6), 0, 235960, &time))
		return false;
	y = day / 10000;
	m = day / 100 % 100;
	d = day % 100;
	if (m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	*out_ms = (clock_days((int)y, (int)m, (int)d) * 86400 + time / 10000 * 3600 + time / 100 % 100 * 60 + time % 100) * 1000;
	return true;
}

/* "Mon, 05 Jan 2026 09:00:00 GMT" -> "20260105T090000Z", for clients that sign Date instead of x-amz-date. */
static struct slice amz_date_of_http(struct arena *a, struct slice s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int d, y, h, mi, se;
	char mon[4], text[40];
	const char *at;
	if (s.n < 25 || s.n >= sizeof(text))
		return sl(NULL);
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	if (sscanf(text + 4, "%2d %3s %4d %2d:%2d:%2d", &d, mon, &y, &h, &mi, &se) != 6 || !(at = strstr(names, mon)) || strlen(mon) != 3)
		return sl(NULL);
	return arena_printf(a, "%04d%02d%02dT%02d%02d%02dZ", y, (int)(at - names) / 3 + 1, d, h, mi, se);
}

static int parse_header(const struct http_req *req, struct slice rest, struct sigv4_auth *out, struct error *err)
{
	struct slice credential = { 0 };
	while (rest.p && rest.n) {
		struct slice field, name, value;
		sl_cut(rest, ',', &field, &rest);
		sl_cut(sl_trim(field), '=', &name, &value);
		if (sl_eqs(name, "Credential"))
			credential = sl_trim(value);
		else if (sl_eqs(name, "SignedHeaders"))
			out->signed_headers = sl_trim(value);
		else if (sl_eqs(name, "Signature"))
			out->signature = sl_trim(value);
	}
	if (!credential.p || !out->signed_headers.p || !out->signature.p || !parse_credential(credential, out) || !is_hex64(out->signature))
		return err_fail(err, &header_malformed, "AuthorizationHeaderMalformed");
	out->amz_date = http_get(req, "x-amz-date");
	if (!out->amz_date.p)
		out->amz_date = amz_date_of_http(req->arena, http_get(req, "date"));
	out->present = true;
	return 0;
}

static int parse_query(const struct http_req *req, struct sigv4_auth *out, struct error *err)
{
	struct slice credential = http_query(req, "X-Amz-Credential");
	struct slice expires = http_query(req, "X-Amz-Expires");
	out->query = true;
	out->amz_date = http_query(req, "X-Amz-Date");
	out->signed_headers = http_query(req, "X-Amz-SignedHeaders");
	out->signature = http_query(req, "X-Amz-Signature");
	if (!sl_eqs(http_query(req, "X-Amz-Algorithm"), "AWS4-HMAC-SHA256") || !credential.p || !expires.p || !out->amz_date.p ||
	    !out->signed_headers.p || !out->signature.p || !parse_credential(credential, out) || !is_hex64(out->signature) ||
	    !sl_int(expires, 1, SIGV4_EXPIRES_MAX_S, &out->expires_s))
		return err_fail(err, &query_malformed, "AuthorizationQueryParametersError");
	out->present = true;
	return 0;
}

int sigv4_parse(const struct http_req *req, struct sigv4_auth *out, struct error *err)
{
	struct slice header = http_get(req, "authorization"), scheme, rest;
	struct sigv4_auth auth = { 0 };
	int rc = 0;
	if (header.p) {
		sl_cut(sl_trim(header), ' ', &scheme, &rest);
		if (!sl_eqs(scheme, "AWS4-HMAC-SHA256"))
			return err_fail(err, &unsupported, "InvalidRequest");
		rc = parse_header(req, rest, &auth, err);
	} else if (http_query(req, "X-Amz-Algorithm").p || http_query(req, "X-Amz-Signature").p || http_query(req, "X-Amz-Credential").p) {
		rc = parse_query(req, &auth, err);
	}
	if (rc == 0)
		*out = auth;
	return rc;
}

/* ---- the canonical request ---- */

static int cmp_pair(const void *a, const void *b)
{
	const struct http_header *x = a, *y = b;
	int c = sl_cmp(x->name, y->name);
	return c ? c : sl_cmp(x->value, y->value);
}

static struct slice escaped(struct arena *a, struct slice s, bool keep_slash)
{
	struct buf b = { 0 };
	struct slice out;
	buf_url_escape(&b, s, keep_slash);
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* Every pair decoded, encoded again and sorted; false: more pairs than we look at. */
static bool add_query(struct buf *b, const struct http_req *req, bool presigned)
{
	struct http_header *pairs = arena_alloc(req->arena, PAIRS_MAX * sizeof(*pairs));
	struct slice name, value;
	size_t pos = 0, n = 0;
	if (req->query.n > QUERY_MAX)
		return false;
	while (http_query_next(req, &pos, &name, &value)) {
		struct slice plain = arena_url_decode(req->arena, name, true);
		if (plain.n == 0 && value.n == 0)
			continue;
		if (presigned && sl_eqs(plain, "X-Amz-Signature"))
			continue;
		if (n == PAIRS_MAX)
			return false;
		pairs[n].name = escaped(req->arena, plain, false);
		pairs[n++].value = escaped(req->arena, arena_url_decode(req->arena, value.p ? value : S(""), true), false);
	}
	qsort(pairs, n, sizeof(*pairs), cmp_pair);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s%.*s=%.*s", i ? "&" : "", SL(pairs[i].name), SL(pairs[i].value));
	return true;
}

static void add_header_value(struct buf *b, struct slice v)
{
	v = sl_trim(v);
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] != ' ' || v.p[i - 1] != ' ')
			buf_addc(b, v.p[i]);
}

static void add_headers(struct buf *b, const struct http_req *req, struct slice names)
{
	struct slice name;
	while (names.p) {
		bool any = false;
		sl_cut(names, ';', &name, &names);
		buf_addf(b, "%.*s:", SL(name));
		for (size_t i = 0; i < req->header_n; i++) {
			if (!sl_eq_nocase(req->headers[i].name, name))
				continue;
			if (any)
				buf_addc(b, ',');
			add_header_value(b, req->headers[i].value);
			any = true;
		}
		buf_addc(b, '\n');
	}
}

static bool canonical(struct buf *b, const struct http_req *req, struct slice path, struct slice signed_headers, bool presigned,
		      struct slice payload)
{
	buf_addf(b, "%.*s\n", SL(req->method));
	buf_addsl(b, path.n ? path : S("/"));
	buf_addc(b, '\n');
	if (!add_query(b, req, presigned))
		return false;
	buf_addc(b, '\n');
	add_headers(b, req, signed_headers);
	buf_addf(b, "\n%.*s\n%.*s", SL(signed_headers), SL(payload));
	return !b->bad;
}

static void signing_key(struct slice secret, struct slice date, struct slice region, struct slice service, uint8_t out[32])
{
	char first[4 + 256];
	uint8_t k[32];
	size_t n = secret.n < 256 ? secret.n : 256;
	memcpy(first, "AWS4", 4);
	if (n)
		memcpy(first + 4, secret.p, n);
	hash_hmac_sha256(first, 4 + n, date.p, date.n, k);
	hash_hmac_sha256(k, 32, region.p, region.n, k);
	hash_hmac_sha256(k, 32, service.p, service.n, k);
	hash_hmac_sha256(k, 32, "aws4_request", 12, out);
}

static void signature(const uint8_t key[32], struct slice to_sign, char out[65])
{
	uint8_t mac[32];
	hash_hmac_sha256(key, 32, to_sign.p, to_sign.n, mac);
	hex_text(mac, 32, out);
}

static void add_to_sign(struct buf *b, const struct sigv4_auth *a, struct slice canonical_request)
{
	char sum[65];
	sha256_hex(canonical_request, sum);
	buf_addf(b, "AWS4-HMAC-SHA256\n%.*s\n%.*s/%.*s/%.*s/aws4_request\n%s", SL(a->amz_date), SL(a->date), SL(a->region), SL(a->service), sum);
}

/* ---- verification ---- */

/* The payload hash as the client wrote it, or ours where it may be left out. */
static struct slice payload_hash(const struct http_req *req, const struct sigv4_auth *auth, bool s3)
{
	struct slice h = http_get(req, "x-amz-content-sha256");
	char sum[65];
	if (!h.p && auth->query && s3) {
		h = http_query(req, "X-Amz-Content-Sha256");
		return h.p ? h : S("UNSIGNED-PAYLOAD");
	}
	if (h.p)
		return sl_trim(h);
	sha256_hex(req->body, sum);
	return arena_dup(req->arena, sl(sum));
}

/* As sent and as most clients would have encoded it: both are met. */
static struct slice path_form(const struct http_req *req, bool s3, int form)
{
	if (s3)
		return form == 0 ? req->path : escaped(req->arena, arena_url_decode(req->arena, req->path, false), true);
	return form == 0 ? escaped(req->arena, req->path, true) : req->path;
}

static bool same(struct slice a, const char *hex_digits)
{
	unsigned diff = a.n != 64;
	for (size_t i = 0; i < 64 && i < a.n; i++)
		diff |= (unsigned char)a.p[i] ^ (unsigned char)hex_digits[i];
	return diff == 0;
}

static enum sigv4_verdict check_signature(const struct http_req *req, const struct sigv4_auth *auth, struct slice secret, bool s3,
					  struct sigv4_result *res)
{
	struct slice payload = payload_hash(req, auth, s3);
	enum sigv4_verdict verdict = SIGV4_MISMATCH;
	struct buf canon[2], to_sign[2];
	const int told = s3; /* S3 tells the path encoded anew */
	uint8_t key[32];
	char want[65];
	signing_key(secret, auth->date, auth->region, auth->service, key);
	for (int i = 0; i < 2; i++) {
		buf_init(&canon[i], 0);
		buf_init(&to_sign[i], 0);
	}
	for (int form = 0; form < 2 && verdict == SIGV4_MISMATCH; form++) {
		if (!canonical(&canon[form], req, path_form(req, s3, form), auth->signed_headers, auth->query, payload)) {
			verdict = SIGV4_MALFORMED;
			break;
		}
		add_to_sign(&to_sign[form], auth, buf_slice(&canon[form]));
		signature(key, buf_slice(&to_sign[form]), want);
		if (same(auth->signature, want))
			verdict = SIGV4_OK;
	}
	if (res && verdict == SIGV4_MISMATCH) {
		res->canonical = canon[told];
		res->to_sign = to_sign[told];
	} else {
		buf_free(&canon[told]);
		buf_free(&to_sign[told]);
	}
	buf_free(&canon[!told]);
	buf_free(&to_sign[!told]);
	return verdict;
}

static enum sigv4_verdict check_time(const struct sigv4_auth *auth, int64_t now_ms)
{
	int64_t at_ms;
	if (!auth->amz_date.p || !parse_amz_date(auth->amz_date, &at_ms) || memcmp(auth->amz_date.p, auth->date.p, 8) != 0)
		return SIGV4_MALFORMED;
	if (at_ms > now_ms + SIGV4_SKEW_MS)
		return SIGV4_SKEW;
	if (auth->query)
		return now_ms > at_ms + auth->expires_s * 1000 ? SIGV4_EXPIRED : SIGV4_OK;
	return at_ms < now_ms - SIGV4_SKEW_MS ? SIGV4_SKEW : SIGV4_OK;
}

static enum sigv4_verdict check_body(const struct http_req *req)
{
	struct slice given = sl_trim(http_get(req, "x-amz-content-sha256"));
	char sum[65];
	if (!is_hex64(given))
		return SIGV4_OK;
	sha256_hex(req->body, sum);
	return sl_eq_nocase(given, sl(sum)) ? SIGV4_OK : SIGV4_BODY_MISMATCH;
}

struct slice sigv4_token(const struct http_req *req, const struct sigv4_auth *auth)
{
	struct slice token = auth->query ? http_query(req, "X-Amz-Security-Token") : http_get(req, "X-Amz-Security-Token");
	return token.p || !auth->query ? token : http_query(req, "x-amz-security-token"); /* as version 2 writes it */
}

enum identity_known sigv4_identity(const struct env *env, const struct http_req *req, struct sigv4_auth *auth)
{
	return identity_find(env, req->arena, auth->key, sigv4_token(req, auth), &auth->who);
}

enum sigv4_verdict sigv4_verify(const struct env *env, const struct http_req *req, struct sigv4_auth *auth, int64_t real_now_ms,
				bool s3, struct sigv4_result *res)
{
	enum sigv4_verdict verdict;
	enum identity_known known;
	if (res)
		*res = (struct sigv4_result){ 0 };
	if (!auth->present)
		return SIGV4_ANONYMOUS;
	known = sigv4_identity(env, req, auth);
	if (sigv4_any(env->conf)) {
		verdict = auth->query ? check_time(auth, real_now_ms) : SIGV4_OK;
		return verdict == SIGV4_EXPIRED ? verdict : check_body(req);
	}
	if (known != IDENTITY_KNOWN)
		return known == IDENTITY_EXPIRED ? SIGV4_EXPIRED_SESSION : SIGV4_UNKNOWN_KEY;
	verdict = check_time(auth, real_now_ms);
	if (verdict == SIGV4_OK)
		verdict = check_signature(req, auth, auth->who.secret, s3, res);
	return verdict == SIGV4_OK ? check_body(req) : verdict;
}

enum sigv4_verdict sigv4_check(const struct env *env, const struct http_req *req, bool s3, struct sigv4_auth *auth, struct sigv4_result *res)
{
	struct sigv4_auth own;
	struct error err;
	if (!auth)
		auth = &own;
	if (sigv4_parse(req, auth, &err)) {
		*auth = (struct sigv4_auth){ .unreadable = err.def->code };
		return SIGV4_UNREADABLE;
	}
	return sigv4_verify(env, req, auth, clock_real_ms(), s3, res);
}

/* ---- our own requests ---- */

static int cmp_name(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static struct slice lower(struct arena *a, struct slice s)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] += 32;
	return sl_of(p, s.n);
}

struct slice sigv4_sign(const struct http_req *req, struct slice key, struct slice secret, struct slice region, struct slice service,
			bool s3)
{
	struct slice *names = arena_alloc(req->arena, (req->header_n + 1) * sizeof(*names));
	struct sigv4_auth auth = { .present = true, .key = key, .region = region, .service = service };
	struct buf list = { 0 }, canon = { 0 }, to_sign = { 0 };
	uint8_t k[32];
	char sig[65];
	for (size_t i = 0; i < req->header_n; i++)
		names[i] = lower(req->arena, req->headers[i].name);
	qsort(names, req->header_n, sizeof(*names), cmp_name);
	for (size_t i = 0; i < req->header_n; i++)
		if (i == 0 || !sl_eq(names[i], names[i - 1]))
			buf_addf(&list, "%s%.*s", i ? ";" : "", SL(names[i]));
	auth.signed_headers = arena_dup(req->arena, buf_slice(&list));
	auth.amz_date = http_get(req, "x-amz-date");
	auth.date = sl_of(auth.amz_date.p, auth.amz_date.n < 8 ? auth.amz_date.n : 8);
	(void)canonical(&canon, req, path_form(req, s3, 0), auth.signed_headers, false, payload_hash(req, &auth, s3));
	add_to_sign(&to_sign, &auth, buf_slice(&canon));
	signing_key(secret, auth.date, region, service, k);
	signature(k, buf_slice(&to_sign), sig);
	buf_free(&list);
	buf_free(&canon);
	buf_free(&to_sign);
	return arena_printf(req->arena, "AWS4-HMAC-SHA256 Credential=%.*s/%.*s/%.*s/%.*s/aws4_request, SignedHeaders=%.*s, Signature=%s",
			    SL(key), SL(auth.date), SL(region), SL(service), SL(auth.signed_headers), sig);
}

void sigv4_presign(const struct http_req *req, struct slice secret, struct slice date, struct slice signed_headers, struct slice region,
		   struct slice service, char out[65])
{
	struct sigv4_auth auth = { .present = true, .query = true, .region = region, .service = service, .amz_date = date };
	struct buf canon = { 0 }, to_sign = { 0 };
	uint8_t k[32];
	auth.date = sl_of(date.p, date.n < 8 ? date.n : 8);
	(void)canonical(&canon, req, req->path, signed_headers, true, S("UNSIGNED-PAYLOAD"));
	add_to_sign(&to_sign, &auth, buf_slice(&canon));
	signing_key(secret, auth.date, region, service, k);
	signature(k, buf_slice(&to_sign), out);
	buf_free(&canon);
	buf_free(&to_sign);
}

/* ---- aws-chunked ---- */

void sigv4_chain_init(struct sigv4_chain *c, const struct sigv4_auth *auth, struct slice secret)
{
	memset(c, 0, sizeof(*c));
	signing_key(secret, auth->date, auth->region, auth->service, c->key);
	snprintf(c->amz_date, sizeof(c->amz_date), "%.*s", SL(auth->amz_date));
	snprintf(c->scope, sizeof(c->scope), "%.*s/%.*s/%.*s/aws4_request", SL(auth->date), SL(auth->region), SL(auth->service));
	snprintf(c->last, sizeof(c->last), "%.*s", SL(auth->signature));
}

static void chain(struct sigv4_chain *c, const char *kind, const char *empty_sum, const char *sum, char out[65])
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n%s%s", kind, c->amz_date, c->scope, c->last, empty_sum, sum);
	signature(c->key, sl_of(text, (size_t)n), out);
	memcpy(c->last, out, sizeof(c->last));
}

void sigv4_chain_chunk(struct sigv4_chain *c, const uint8_t sha256[32], char out[65])
{
	char sum[65];
	hex_text(sha256, 32, sum);
	chain(c, "AWS4-HMAC-SHA256-PAYLOAD", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n", sum, out);
}

void sigv4_chain_trailer(struct sigv4_chain *c, struct slice lines, char out[65])
{
	char sum[65];
	sha256_hex(lines, sum);
	chain(c, "AWS4-HMAC-SHA256-TRAILER", "", sum, out);
}

/* ---- identities ---- */

bool sigv4_any(const struct conf *conf)
{
	return !identities_on(conf);
}
