/* A request's bucket, key and inputs, from its URL, headers and body. */
#include "body.h"
#include "versions.h"

#include "core/identities.h"
#include "core/text.h"

/* ---- bucket and key ---- */

/* The label before .base, when host ends in .base. */
static bool under(struct slice host, const char *base, struct slice *bucket)
{
	struct slice b = sl(base);
	if (host.n <= b.n + 1 || host.p[host.n - b.n - 1] != '.' || !sl_eq_nocase(sl_of(host.p + host.n - b.n, b.n), b))
		return false;
	*bucket = sl_of(host.p, host.n - b.n - 1);
	return true;
}

/* BUCKET.s3.REGION.amazonaws.com; .s3.dualstack.REGION, .s3-REGION, .s3-accelerate, .s3-fips.REGION, too. */
static bool under_aws(struct slice host, struct slice *bucket)
{
	struct slice rest;
	if (!under(host, "amazonaws.com", &rest) && !under(host, "amazonaws.com.cn", &rest))
		return false;
	for (size_t at = rest.n; at-- > 1;) { /* the last: a bucket's name may have points */
		struct slice after = sl_from(rest, at);
		if (!sl_starts_nocase(after, S(".s3")) || (after.n > 3 && after.p[3] != '.' && after.p[3] != '-'))
			continue;
		*bucket = sl_of(rest.p, at);
		return true;
	}
	return false;
}

static bool host_bucket(struct slice host, const char *base, struct slice *bucket)
{
	ssize_t colon = sl_chr(host, ':');
	if (colon >= 0)
		host.n = (size_t)colon;
	return ((base && under(host, base, bucket)) || under(host, "s3.localhost.localstack.cloud", bucket) ||
		under(host, "s3.localhost", bucket) || under(host, "localhost", bucket) || under_aws(host, bucket)) &&
	       s3_bucket_name_ok(*bucket);
}

static int bad_uri(struct s3_req *r)
{
	s3_extra(&r->fail, "URI", r->http->path);
	return s3_fail(&r->fail, S3_E_INVALID_URI);
}

/* A percent sign without two digits behind it. */
static bool is_encoded(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '%' && (i + 2 >= s.n || hex_digit(s.p[i + 1]) < 0 || hex_digit(s.p[i + 2]) < 0))
			return false;
	return true;
}

/* Whether its ".." lead out of the bucket. */
static bool climbs(struct slice key)
{
	struct slice one;
	int depth = 0;
	while (key.p && depth >= 0) {
		sl_cut(key, '/', &one, &key);
		depth += sl_eqs(one, "..") ? -1 : one.n && !sl_eqs(one, ".");
	}
	return depth < 0;
}

int s3_request_check_key(struct s3_req *r)
{
	if (r->key.n > S3_KEY_MAX) {
		s3_extra(&r->fail, "Size", arena_printf(r->a, "%zu", r->key.n));
		s3_extra(&r->fail, "MaxSizeAllowed", arena_printf(r->a, "%d", S3_KEY_MAX));
		return s3_fail(&r->fail, S3_E_KEY_TOO_LONG);
	}
	return !sl_is_utf8(r->key) || memchr(r->key.p, 0, r->key.n) || climbs(r->key) ? bad_uri(r) : 0;
}

int s3_request_address(struct s3_req *r, const char *host_base)
{
	struct slice path = r->http->path, bucket, key;
	if (path.n && path.p[0] == '/')
		path = sl_from(path, 1);
	if (host_bucket(http_get(r->http, "host"), host_base, &bucket)) {
		r->virtual_host = true;
		r->bucket = bucket;
		key = path;
	} else {
		sl_cut(path, '/', &bucket, &key);
		if (bucket.n)
			r->bucket = arena_url_decode(r->a, bucket, false);
	}
	if (r->bucket.p && memchr(r->bucket.p, 0, r->bucket.n))
		return s3_fail(&r->fail, S3_E_INVALID_URI);
	if (!r->bucket.p || key.n == 0)
		return 0;
	r->key = arena_url_decode(r->a, key, false);
	return is_encoded(key) ? s3_request_check_key(r) : bad_uri(r);
}

/* ---- plain values ---- */

/* A header; in presigned requests a query parameter of that name does as well. */
static struct slice header(const struct s3_req *r, const char *name)
{
	struct slice v = http_get(r->http, name);
	return v.p || !r->auth.query ? v : http_query(r->http, name);
}

struct slice s3_request_header(const struct s3_req *r, const char *name)
{
	return header(r, name);
}

struct slice s3_request_all(const struct s3_req *r, const char *name)
{
	struct slice all = sl(NULL);
	for (size_t i = 0; i < r->http->header_n; i++)
		if (sl_eq_nocase(r->http->headers[i].name, sl(name)))
			all = all.p ? arena_printf(r->a, "%.*s,%.*s", SL(all), SL(r->http->headers[i].value)) : r->http->headers[i].value;
	return all;
}

int s3_bad_argument(struct s3_req *r, const char *name, struct slice value, const char *text)
{
	s3_extra(&r->fail, "ArgumentName", sl(name));
	if (value.p)
		s3_extra(&r->fail, "ArgumentValue", value);
	return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "%s", text);
}

int s3_request_part(struct s3_req *r, bool required, int *out)
{
	struct slice v = http_query(r->http, "partNumber");
	int64_t n = 0;
	if ((v.p || required) && !sl_int(v, 1, S3_PART_MAX, &n))
		return s3_bad_argument(r, "partNumber", v.p ? v : S(""), "Part number must be an integer between 1 and 10000, inclusive");
	*out = (int)n;
	return 0;
}

int s3_request_int(struct s3_req *r, const char *name, int64_t otherwise, int64_t *out)
{
	struct slice v = http_query(r->http, name);
	*out = otherwise;
	if (v.n == 0)
		return 0;
	if (!sl_int(v, INT32_MIN, INT32_MAX, out))
		return s3_bad_argument(r, name, v, arena_cstr(r->a, arena_printf(r->a, "Provided %s not an integer or within integer range", name)));
	if (*out < 0)
		return s3_bad_argument(r, name, v, arena_cstr(r->a, arena_printf(r->a, "Argument %s must be an integer between 0 and 2147483647", name)));
	return 0;
}

bool s3_parse_http_date(struct slice s, int64_t *out_ms)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t d, y, h, mi, se;
	/* "Mon, 05 Jan 2026 09:00:00 GMT"; ISO too, as botocore sends copy conditions so at times. */
	if (s.n != 29 || s.p[3] != ',' || s.p[16] != ' ')
		return clock_parse_iso(s, out_ms);
	for (int m = 0; m < 12; m++) {
		if (memcmp(months + 3 * m, s.p + 8, 3) != 0)
			continue;
		if (!sl_int(sl_of(s.p + 5, 2), 1, 31, &d) || !sl_int(sl_of(s.p + 12, 4), 1, 9999, &y) || !sl_int(sl_of(s.p + 17, 2), 0, 23, &h) ||
		    !sl_int(sl_of(s.p + 20, 2), 0, 59, &mi) || !sl_int(sl_of(s.p + 23, 2), 0, 60, &se))
			return false;
		*out_ms = (clock_days((int)y, m + 1, (int)d) * 86400 + h * 3600 + mi * 60 + se) * 1000;
		return true;
	}
	return false;
}

static int64_t date_header(const struct s3_req *r, const char *name)
{
	struct slice v = http_get(r->http, name);
	int64_t ms;
	/* A malformed date is no condition (RFC 9110 13.1.3). */
	return v.p && s3_parse_http_date(sl_trim(v), &ms) ? ms : -1;
}

struct s3_conditions s3_request_conditions(const struct s3_req *r, bool write)
{
	/* In a URL that is signed they may stand as parameters. */
	return (struct s3_conditions){ write ? header(r, "If-Match") : http_get(r->http, "if-match"),
				       write ? header(r, "If-None-Match") : http_get(r->http, "if-none-match"),
				       write ? -1 : date_header(r, "if-modified-since"), write ? -1 : date_header(r, "if-unmodified-since"), false };
}

void s3_request_copy_conditions(struct s3_req *r, struct s3_conditions *out)
{
	out->match = http_get(r->http, "x-amz-copy-source-if-match");
	out->none_match = http_get(r->http, "x-amz-copy-source-if-none-match");
	out->modified_since_ms = date_header(r, "x-amz-copy-source-if-modified-since");
	out->unmodified_since_ms = date_header(r, "x-amz-copy-source-if-unmodified-since");
}

struct s3_range s3_parse_range(struct slice text)
{
	struct s3_range none = { S3_RANGE_NONE, 0, -1, text }, r = none;
	struct slice spec, first, last;
	if (!sl_after(text, S("bytes="), &spec))
		return none;
	if (!sl_cut(spec, '-', &first, &last))
		return none;
	first = sl_trim(first);
	last = sl_trim(last);
	r.kind = first.n ? S3_RANGE_FROM_TO : S3_RANGE_LAST;
	if (!sl_int(first.n ? first : last, 0, INT64_MAX, &r.first))
		return none;
	if (first.n && last.n && (!sl_int(last, 0, INT64_MAX, &r.last) || r.last < r.first))
		return none;
	return r;
}

int s3_request_copy_range(struct s3_req *r, int64_t size, int64_t *at, int64_t *n)
{
	struct slice text = http_get(r->http, "x-amz-copy-source-range");
	struct s3_range range = s3_parse_range(text);
	*at = 0;
	*n = size;
	if (!text.p)
		return 0;
	if (range.kind != S3_RANGE_FROM_TO || range.last < 0)
		return s3_bad_argument(r, "x-amz-copy-source-range", text,
				    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based "
				    "offsets of the first and last bytes to copy");
	if (range.first >= size)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "The specified copy range is invalid for the source object size");
	if (range.last >= size)
		return s3_bad_argument(r, "x-amz-copy-source-range", text,
				    arena_cstr(r->a, arena_printf(r->a, "Range specified is not valid for source object of size: %lld", (long long)size)));
	*at = range.first;
	*n = range.last - range.first + 1;
	return 0;
}

/* A source may be named by its URL. */
static struct slice strip_url(struct s3_req *r, struct slice src)
{
	struct slice host, path, bucket;
	if (!sl_after(src, S("http://"), &path) && !sl_after(src, S("https://"), &path))
		return src;
	sl_cut(path, '/', &host, &path);
	return host_bucket(host, NULL, &bucket) ? arena_printf(r->a, "%.*s/%.*s", SL(bucket), SL(path)) : path;
}

int s3_request_copy_source(struct s3_req *r, struct slice *bucket, struct slice *key, struct slice *version)
{
	struct slice src = header(r, "x-amz-copy-source"), path = src;
	ssize_t mark = sl_find(src, S("?versionId="));
	*version = sl(NULL);
	if (mark >= 0) {
		path = sl_of(src.p, (size_t)mark);
		*version = arena_url_decode(r->a, sl_from(src, (size_t)mark + 11), false);
		if (version->n && s3_version_number(r->a, *version) < 0)
			return s3_bad_argument(r, "x-amz-copy-source", src, "Invalid version id specified");
	}
	path = strip_url(r, path);
	path = arena_url_decode(r->a, path, true); /* Go's url.QueryEscape writes a blank as a plus */
	if (path.n && path.p[0] == '/')
		path = sl_from(path, 1);
	if (!sl_cut(path, '/', bucket, key) || bucket->n == 0 || key->n == 0)
		return s3_bad_argument(r, "x-amz-copy-source", S("x-amz-copy-source"), "Invalid copy source object key");
	return 0;
}

/* ---- what isn't done ---- */

/* Headers whose work isn't done here; answering success to them would be a lie. */
static const char *const refused[] = { "x-amz-write-offset-bytes" };

int s3_request_length(struct s3_req *r)
{
	bool said = http_get(r->http, "content-length").p || http_get(r->http, "transfer-encoding").p;
	return said || r->call->own || !sl_starts(r->http->version, S("HTTP/1.")) ? 0 : s3_fail(&r->fail, S3_E_MISSING_LENGTH);
}

struct slice s3_request_account(const struct s3 *s, struct s3_req *r)
{
	if (r->call->own || !r->auth.key.p)
		return S("");
	if (!r->auth.who.account[0])
		(void)sigv4_identity(s->env, r->http, &r->auth);
	return sl_eqs(sl(identities_account(s->env->conf)), r->auth.who.account) ? S("") : arena_dup(r->a, sl(r->auth.who.account));
}

int s3_request_owner(struct s3 *s, struct s3_req *r, const char *name, struct slice bucket)
{
	struct slice want = header(r, name);
	struct s3_bucket b;
	int64_t n;
	int rc;
	if (!want.p || !bucket.p)
		return 0;
	if (want.n != 12 || !sl_int(want, 0, INT64_MAX, &n))
		return s3_failf(&r->fail, S3_E_BUCKET_OWNER_ID,
				"The value of the expected bucket owner parameter must be an AWS Account ID... [%.*s]", SL(want));
	if ((rc = s3_bucket_get(s, bucket, &b, &r->fail)) != 0)
		return rc;
	return sl_eq(want, b.account.n ? b.account : sl(identities_account(s->env->conf))) ? 0 : s3_fail(&r->fail, S3_E_ACCESS_DENIED);
}

int s3_request_refused(struct s3_req *r)
{
	const char *bad = NULL;
	for (size_t i = 0; i < ARRAY_LEN(refused) && !bad; i++)
		if (header(r, refused[i]).p)
			bad = refused[i];
	if (bad) {
		s3_extra(&r->fail, "Header", sl(bad));
		return s3_fail(&r->fail, S3_E_NOT_IMPLEMENTED);
	}
	return 0;
}

/* ---- digests ---- */

static int parse_sum(struct s3_req *r, enum s3_alg alg, struct slice text, struct s3_sum *out)
{
	struct slice raw;
	if (!arena_base64(r->a, sl_trim(text), &raw) || raw.n != s3_algs[alg].n)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Value for %s header is invalid.", s3_algs[alg].header);
	*out = (struct s3_sum){ .alg = alg, .n = raw.n };
	memcpy(out->p, raw.p, raw.n);
	return 0;
}

/* The checksum among x-amz-checksum-* headers; -algorithm, -mode and -type are none. with_parts: it may be a composite one. */
static int header_sum(struct s3_req *r, bool with_parts, struct s3_sum *out)
{
	struct slice given = sl(NULL);
	enum s3_alg given_alg = S3_SUM_NONE;
	int seen = 0, rc;
	ssize_t dash;
	*out = r->trailer;
	for (size_t i = 0; i < r->http->header_n; i++) {
		struct slice name = r->http->headers[i].name, alg_name;
		enum s3_alg alg;
		if (!sl_after_nocase(name, S("x-amz-checksum-"), &alg_name))
			continue;
		alg = s3_alg_of(alg_name);
		if (sl_eq_nocase(alg_name, S("algorithm")) || sl_eq_nocase(alg_name, S("mode")) || sl_eq_nocase(alg_name, S("type")))
			continue;
		if (!alg)
			return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
					"Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
					"[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
		if (++seen > 1)
			return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
					"Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
		given = sl_trim(r->http->headers[i].value);
		given_alg = alg;
	}
	dash = with_parts ? sl_chr(given, '-') : -1;
	if (!seen)
		return 0;
	rc = parse_sum(r, given_alg, dash > 0 ? sl_of(given.p, (size_t)dash) : given, out);
	out->composite = dash > 0;
	return rc;
}

int s3_request_whole_sum(struct s3_req *r, struct s3_sum *sum)
{
	return header_sum(r, true, sum);
}

int s3_request_put(struct s3_req *r, struct slice *md5, struct s3_sum *sum)
{
	struct slice given = http_get(r->http, "content-md5"), raw;
	*md5 = sl(NULL);
	if (given.p) {
		if (!arena_base64(r->a, sl_trim(given), &raw) || raw.n != 16) {
			s3_extra(&r->fail, "Content-MD5", given);
			return s3_fail(&r->fail, S3_E_INVALID_DIGEST);
		}
		*md5 = raw;
	}
	return header_sum(r, false, sum);
}

static int take_trailer(struct s3_req *r, struct slice lines)
{
	struct slice announced = http_get(r->http, "x-amz-trailer"), line, name, value;
	int rc = 0;
	while (lines.n && rc == 0) {
		enum s3_alg alg = S3_SUM_NONE;
		sl_cut(lines, '\n', &line, &lines);
		sl_cut(line, ':', &name, &value);
		if (sl_eq_nocase(name, sl_trim(announced)))
			announced = sl(NULL);
		if (sl_after_nocase(name, S("x-amz-checksum-"), &name))
			alg = s3_alg_of(name);
		if (alg)
			rc = parse_sum(r, alg, value, &r->trailer);
	}
	return rc == 0 && announced.n ? s3_fail(&r->fail, S3_E_TRAILER) : rc;
}

int s3_request_framing(struct s3_req *r, bool *is_signed, bool *has_trailer)
{
	struct slice how = http_get(r->http, "x-amz-content-sha256");
	*is_signed = sl_starts(how, S("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"));
	*has_trailer = sl_ends(how, S("-TRAILER"));
	if (!sl_starts(how, S("STREAMING-")))
		return 0;
	if (*is_signed || sl_eqs(how, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"))
		return 1;
	s3_extra(&r->fail, "Header", S("x-amz-content-sha256"));
	return s3_fail(&r->fail, S3_E_NOT_IMPLEMENTED);
}

int s3_request_unframed(struct s3_req *r, enum s3_chunk_result rc, int64_t size, struct slice trailer)
{
	struct slice length = http_get(r->http, "x-amz-decoded-content-length");
	int64_t want;
	switch (rc) {
	case S3_CHUNK_OK:
		break;
	case S3_CHUNK_CUT:
		return s3_fail(&r->fail, S3_E_INCOMPLETE_BODY);
	case S3_CHUNK_BAD:
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "The chunked body is malformed.");
	case S3_CHUNK_SIGNATURE:
		return s3_fail(&r->fail, S3_E_SIGNATURE);
	}
	if (length.p && (!sl_int(sl_trim(length), 0, INT64_MAX, &want) || want != size))
		return s3_fail(&r->fail, S3_E_INCOMPLETE_BODY);
	return take_trailer(r, trailer);
}

int s3_request_body(struct s3_req *r, struct slice secret)
{
	struct s3_chunked c = { 0 };
	struct sigv4_chain chain;
	bool is_signed, has_trailer;
	enum s3_chunk_result got;
	int rc = s3_request_framing(r, &is_signed, &has_trailer);
	r->body = r->http->body.p ? r->http->body : S("");
	if (rc != 1)
		return rc;
	if (is_signed && secret.p)
		sigv4_chain_init(&chain, &r->auth, secret);
	got = s3_chunked_decode(r->a, r->body, is_signed && secret.p ? &chain : NULL, has_trailer, &c);
	r->body = c.body;
	return s3_request_unframed(r, got, (int64_t)c.body.n, c.trailer);
}

/* ---- XML bodies ---- */

int s3_request_xml(struct s3_req *r, const char *root, const struct xml_node **out)
{
	struct xml_node *n = NULL;
	struct s3_content c;
	struct slice md5;
	struct s3_sum sum;
	char etag[33];
	int rc = s3_request_put(r, &md5, &sum);
	if (rc == 0 && (md5.p || sum.alg)) {
		s3_content_of(r->body, sum.alg, S3_SUM_CRC64, &c);
		rc = s3_check_content(&c, md5, &sum, etag, &r->fail);
	}
	if (rc)
		return rc;
	if (r->body.n > S3_XML_MAX || xml_parse(r->a, r->body, &n, NULL) != 0 || !sl_eqs(n->name, root))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	*out = n;
	return 0;
}

static struct slice unquoted(struct slice s)
{
	s = sl_trim(s);
	return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ? sl_of(s.p + 1, s.n - 2) : s;
}

int s3_parse_complete(struct s3_req *r, struct s3_part_ref **parts, size_t *n)
{
	struct xml_node *root;
	struct s3_part_ref *list;
	int rc = 0;
	/* Its x-amz-checksum-* headers speak of the object, not of this document. */
	if (!sl_trim(r->body).n)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "You must specify at least one part");
	if (r->body.n > S3_XML_MAX || xml_parse(r->a, r->body, &root, NULL) != 0 || !sl_eqs(root->name, "CompleteMultipartUpload"))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	list = arena_alloc(r->a, (S3_PART_MAX + 1) * sizeof(*list));
	*n = 0;
	for (const struct xml_node *c = root->first; c; c = c->next) {
		struct s3_part_ref *p = &list[*n];
		int64_t number;
		if (!sl_eqs(c->name, "Part") || *n >= S3_PART_MAX || !sl_int(xml_text(c, "PartNumber"), 1, S3_PART_MAX, &number) || !xml_child(c, "ETag"))
			return s3_fail(&r->fail, S3_E_MALFORMED_XML);
		p->n = (int)number;
		p->etag = unquoted(xml_text(c, "ETag"));
		for (int i = 1; i < S3_SUM_COUNT && rc == 0; i++)
			if (xml_child(c, s3_algs[i].element))
				rc = parse_sum(r, (enum s3_alg)i, xml_text(c, s3_algs[i].element), &p->sum);
		if (rc)
			return rc;
		(*n)++;
	}
	*parts = list;
	return 0;
}

int s3_parse_delete(struct s3_req *r, struct s3_delete **out, size_t *n, bool *quiet)
{
	const struct xml_node *root;
	struct s3_delete *list;
	int rc = s3_request_xml(r, "Delete", &root);
	if (rc)
		return rc;
	list = arena_alloc(r->a, S3_DELETE_MAX * sizeof(*list));
	*quiet = sl_eq_nocase(xml_text(root, "Quiet"), S("true"));
	*n = 0;
	for (const struct xml_node *c = root->first; c; c = c->next) {
		const struct xml_node *key = xml_child(c, "Key");
		if (!sl_eqs(c->name, "Object"))
			continue;
		if (*n == S3_DELETE_MAX || !key || key->text.n == 0)
			return s3_fail(&r->fail, S3_E_MALFORMED_XML);
		/* Not trimmed: blanks are part of a key. */
		list[*n].key = key->text;
		list[*n].version = xml_text(c, "VersionId");
		list[*n].etag = xml_text(c, "ETag");
		(*n)++;
	}
	if (*n == 0)
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	*out = list;
	return 0;
}
