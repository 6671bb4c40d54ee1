/* DeleteObject and DeleteObjects.
 *
 * DIFFERS: x-amz-bypass-governance-retention is an error in a bucket without locks only where no version is named: clean-up scripts send
 * it with version ids to buckets of either kind. */
#include "versions.h"

/* Conditions of directory buckets. */
static int refuse_conditions(struct s3_req *r)
{
	static const char *const names[] = { "x-amz-if-match-last-modified-time", "x-amz-if-match-size" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!http_get(r->http, names[i]).p)
			continue;
		s3_extra(&r->fail, "Header", sl(names[i]));
		return s3_fail(&r->fail, S3_E_NOT_IMPLEMENTED);
	}
	return 0;
}

/* Whether locks of governance are to be passed over, by one who may. */
static int parse_bypass(struct s3_req *r, const struct s3_bucket *b, bool versions, bool *out)
{
	struct slice v = s3_request_header(r, "x-amz-bypass-governance-retention");
	*out = sl_eq_nocase(v, S("true"));
	if (!v.p || b->lock.n || versions)
		return 0;
	s3_extra(&r->fail, "ArgumentName", S("x-amz-bypass-governance-retention"));
	return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.");
}

int s3_op_delete(struct s3 *s, struct s3_req *r)
{
	const struct s3_delete d = { r->key, http_query(r->http, "versionId"), http_get(r->http, "if-match") };
	struct s3_deleted done;
	struct s3_bucket b;
	bool bypass;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = refuse_conditions(r)) != 0 || (rc = parse_bypass(r, &b, d.version.n > 0, &bypass)) != 0 || (d.version.n && (rc = s3_mfa_check(s, r)) != 0) ||
	    (bypass && (rc = s3_authorize_as(s, r, "BypassGovernanceRetention", r->bucket, r->key, &r->fail)) != 0) ||
	    (rc = s3_version_delete(s, &b, &d, bypass, &done, &r->fail)) != 0)
		return rc;
	s3_answer_version(r, &(struct s3_object){ .marker = done.marker, .version_id = done.version_id });
	r->call->resp.status = 204;
	return 0;
}

static void add_deleted(struct buf *b, const struct s3_delete *d, const struct s3_deleted *done, const struct error *err)
{
	const char *element = err ? "Error" : "Deleted";
	buf_addf(b, "<%s>", element);
	s3_xml_el(b, "Key", d->key);
	if (d->version.n)
		s3_xml_el(b, "VersionId", d->version);
	if (!err && done->marker) {
		buf_adds(b, "<DeleteMarker>true</DeleteMarker>");
		s3_xml_el(b, "DeleteMarkerVersionId", done->version_id);
	}
	if (err) {
		buf_addf(b, "<Code>%s</Code>", err->def->code);
		s3_xml_el(b, "Message", sl(err->text));
	}
	buf_addf(b, "</%s>", element);
}

static int delete_one(struct s3 *s, struct s3_req *r, const struct s3_bucket *b, const struct s3_delete *d, bool bypass, struct s3_deleted *done, struct s3_fail *f)
{
	int rc = s3_authorize_as(s, r, d->version.n ? "DeleteObjectVersion" : "DeleteObject", r->bucket, d->key, f);
	if (rc == 0 && bypass)
		rc = s3_authorize_as(s, r, "BypassGovernanceRetention", r->bucket, d->key, f);
	if (rc)
		return rc;
	if (d->version.n && s3_version_number(r->a, d->version) < 0)
		return s3_fail(f, S3_E_NO_VERSION);
	return s3_version_delete(s, b, d, bypass, done, f);
}

static bool any_version(const struct s3_delete *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].version.n)
			return true;
	return false;
}

int s3_op_delete_many(struct s3 *s, struct s3_req *r)
{
	struct s3_delete *list;
	struct s3_bucket bucket;
	struct buf b = { 0 };
	size_t n;
	bool quiet, bypass;
	int rc = s3_bucket_get(s, r->bucket, &bucket, &r->fail);
	if (rc || (rc = s3_parse_delete(r, &list, &n, &quiet)) != 0 || (rc = parse_bypass(r, &bucket, any_version(list, n), &bypass)) != 0 ||
	    (any_version(list, n) && (rc = s3_mfa_check(s, r)) != 0))
		return rc;
	s3_xml_start(&b, "DeleteResult");
	for (size_t i = 0; i < n; i++) {
		struct s3_fail one = { .arena = r->a };
		struct s3_deleted done = { 0 };
		rc = delete_one(s, r, &bucket, &list[i], bypass, &done, &one);
		if (rc || !quiet)
			add_deleted(&b, &list[i], &done, rc ? &one.err : NULL);
	}
	return s3_answer_xml(r, &b, "DeleteResult");
}
