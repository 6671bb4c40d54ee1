/* Bucket policies, and what [stack] auth = enforce asks of policies beside each operation.
 *
 * DIFFERS: a policy that lets everyone in is kept, as if BlockPublicPolicy were off; ACLs let nobody in. */
#include "core/authority.h"
#include "core/json.h"
#include "s3.h"

enum { POLICY_SIZE = 20480, FACTS_MAX = 24 };

/* ---- which action an operation is ---- */

/* Where it isn't "s3:" and the operation's name. NULL: the operation asks for each of its keys. */
static const struct {
	const char *op, *action;
} actions[] = {
	{ "AbortMultipartUpload", "AbortMultipartUpload" },
	{ "CompleteMultipartUpload", "PutObject" },
	{ "CopyObject", "PutObject" },
	{ "CreateMultipartUpload", "PutObject" },
	{ "DeleteBucketEncryption", "PutEncryptionConfiguration" },
	{ "DeleteBucketTagging", "PutBucketTagging" },
	{ "DeleteObjects", NULL },
	{ "GetBucketAccelerateConfiguration", "GetAccelerateConfiguration" },
	{ "GetBucketAnalyticsConfiguration", "GetAnalyticsConfiguration" },
	{ "GetBucketCors", "GetBucketCORS" },
	{ "GetBucketEncryption", "GetEncryptionConfiguration" },
	{ "GetBucketIntelligentTieringConfiguration", "GetIntelligentTieringConfiguration" },
	{ "GetBucketInventoryConfiguration", "GetInventoryConfiguration" },
	{ "GetBucketLifecycleConfiguration", "GetLifecycleConfiguration" },
	{ "GetBucketMetricsConfiguration", "GetMetricsConfiguration" },
	{ "GetBucketNotificationConfiguration", "GetBucketNotification" },
	{ "GetBucketReplication", "GetReplicationConfiguration" },
	{ "GetObjectLockConfiguration", "GetBucketObjectLockConfiguration" },
	{ "GetPublicAccessBlock", "GetBucketPublicAccessBlock" },
	{ "HeadBucket", "ListBucket" },
	{ "HeadObject", "GetObject" },
	{ "ListBuckets", "ListAllMyBuckets" },
	{ "ListMultipartUploads", "ListBucketMultipartUploads" },
	{ "ListObjects", "ListBucket" },
	{ "ListObjectsV2", "ListBucket" },
	{ "ListObjectVersions", "ListBucketVersions" },
	{ "ListParts", "ListMultipartUploadParts" },
	{ "PutBucketEncryption", "PutEncryptionConfiguration" },
	{ "UploadPart", "PutObject" },
	{ "UploadPartCopy", "PutObject" },
};

static const char *action_of(const char *op)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (!strcmp(actions[i].op, op))
			return actions[i].action;
	return op;
}

/* ---- asking ---- */

static void add_query(const struct s3_req *r, struct policy_fact *facts, size_t *n, const char *key, const char *param)
{
	struct slice v = http_query(r->http, param);
	if (v.p)
		facts[(*n)++] = (struct policy_fact){ sl(key), v };
}

static void add_header(const struct s3_req *r, struct policy_fact *facts, size_t *n, const char *name)
{
	struct slice v = s3_request_header(r, name);
	if (v.p)
		facts[(*n)++] = (struct policy_fact){ arena_printf(r->a, "s3:%s", name), v };
}

static size_t facts_of(const struct s3_req *r, struct policy_fact *facts)
{
	static const char *const headers[] = { "x-amz-acl", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-copy-source",
					       "x-amz-storage-class", "x-amz-content-sha256", "x-amz-metadata-directive" };
	size_t n = 0;
	add_query(r, facts, &n, "s3:prefix", "prefix");
	add_query(r, facts, &n, "s3:delimiter", "delimiter");
	add_query(r, facts, &n, "s3:max-keys", "max-keys");
	add_query(r, facts, &n, "s3:VersionId", "versionId");
	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		add_header(r, facts, &n, headers[i]);
	if (!r->auth.present)
		return n;
	facts[n++] = (struct policy_fact){ S("s3:signatureversion"), r->auth.region.p ? S("AWS4-HMAC-SHA256") : S("AWS") };
	facts[n++] = (struct policy_fact){ S("s3:authType"), r->auth.query ? S("REST-QUERY-STRING") : S("REST-HEADER") };
	return n;
}

static bool asks(struct s3 *s, struct s3_req *r, const char *action, struct slice bucket, struct slice key, struct buf *why, bool *own)
{
	struct policy_fact facts[FACTS_MAX];
	struct s3_bucket b = { 0 };
	struct error err;
	struct authority_ask ask = { .env = s->env, .call = r->call, .who = r->auth.present ? &r->auth.who : NULL, .action = arena_printf(r->a, "s3:%s", action),
				     .region = r->auth.region, .facts = facts, .fact_n = facts_of(r, facts), .use = POLICY_OF_RESOURCE, .quote = true };
	bool found = bucket.p && !s3_store_bucket(&s->store, r->a, bucket, &b, &err);
	ask.resource = !bucket.p ? S("*") : key.p ? arena_printf(r->a, "arn:aws:s3:::%.*s/%.*s", SL(bucket), SL(key)) : arena_printf(r->a, "arn:aws:s3:::%.*s", SL(bucket));
	ask.owner = found && b.account.n ? b.account : found || !ask.who ? sl(identities_account(s->env->conf)) : sl(NULL);
	if (found && b.policy.n)
		ask.policy = b.policy;
	*own = ask.who && (!ask.owner.p || sl_eqs(ask.owner, ask.who->account));
	return authority_allows(&ask, NULL, why);
}

int s3_authorize_as(struct s3 *s, struct s3_req *r, const char *action, struct slice bucket, struct slice key, struct s3_fail *f)
{
	struct buf why = { 0 };
	bool own;
	int rc = 0;
	if (!identities_enforced(s->env->conf) || r->call->own)
		return 0;
	/* Strangers aren't told which policy it was. */
	if (!asks(s, r, action, bucket, key, &why, &own))
		rc = own ? s3_failf(f, S3_E_ACCESS_DENIED, "%s", buf_cstr(&why)) : s3_fail(f, S3_E_ACCESS_DENIED);
	buf_free(&why);
	return rc;
}

int s3_authorize(struct s3 *s, struct s3_req *r, const char *op)
{
	const char *action = action_of(op);
	struct slice bucket, key, version;
	int rc;
	if (!identities_enforced(s->env->conf) || r->call->own || !action)
		return 0;
	rc = s3_authorize_as(s, r, action, r->bucket, r->key, &r->fail);
	if (rc || !r->key.p || !http_get(r->http, "x-amz-copy-source").p || s3_request_copy_source(r, &bucket, &key, &version))
		return rc;
	return s3_authorize_as(s, r, version.n ? "GetObjectVersion" : "GetObject", bucket, key, &r->fail);
}

bool s3_may_list(struct s3 *s, struct s3_req *r)
{
	bool own;
	if (!identities_enforced(s->env->conf) || r->call->own)
		return true;
	return asks(s, r, "ListBucket", r->bucket, sl(NULL), NULL, &own);
}

/* ---- bucket policies ---- */

int s3_op_get_policy(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	if (!b.policy.n) {
		s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, S3_E_NO_POLICY);
	}
	http_set(r->call, "Content-Type", "application/json");
	buf_addsl(&r->call->resp.body, b.policy);
	r->call->resp.status = 200;
	return 0;
}

static int set_policy(struct s3 *s, struct s3_req *r, struct slice text)
{
	struct s3_bucket b;
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	b.policy = text;
	if (s3_store_bucket_policy(&s->store, &b, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = 204;
	return 0;
}

struct resources {
	struct slice bucket;
	bool wrong;
};

/* "arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/…": those of the bucket itself. */
static void check_resource(void *arg, struct slice value)
{
	struct resources *x = arg;
	struct slice rest;
	if (!sl_after(value, S("arn:aws:s3:::"), &rest) || !sl_after(rest, x->bucket, &rest) || (rest.n && rest.p[0] != '/'))
		x->wrong = true;
}

int s3_op_put_policy(struct s3 *s, struct s3_req *r)
{
	struct resources x = { r->bucket, false };
	struct policy *p = NULL;
	struct error err;
	if (!r->body.n)
		return s3_fail(&r->fail, S3_E_MISSING_LENGTH);
	if (r->body.n > POLICY_SIZE)
		return s3_failf(&r->fail, S3_E_MALFORMED_POLICY, "Policy exceeds the maximum allowed document size of %d bytes", POLICY_SIZE);
	if (r->body.p[0] != '{')
		return s3_failf(&r->fail, S3_E_MALFORMED_POLICY, "Policies must be valid JSON and the first byte must be '{'");
	if (policy_read(r->body, POLICY_OF_RESOURCE, &p, &err))
		return s3_failf(&r->fail, S3_E_MALFORMED_POLICY, "%s", err.text);
	policy_resources(p, check_resource, &x);
	policy_free(p);
	if (x.wrong)
		return s3_failf(&r->fail, S3_E_MALFORMED_POLICY, "Policy has invalid resource");
	return set_policy(s, r, r->body);
}

int s3_op_delete_policy(struct s3 *s, struct s3_req *r)
{
	return set_policy(s, r, S(""));
}

static void look_for_all(void *arg, const char *kind, struct slice value)
{
	if (sl_eqs(value, "*"))
		*(bool *)arg = true;
}

int s3_op_policy_status(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct policy *p = NULL;
	struct error err;
	struct buf xml = { 0 };
	bool all = false;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	if (!b.policy.n) {
		s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, S3_E_NO_POLICY);
	}
	if (!policy_read(b.policy, POLICY_OF_RESOURCE, &p, &err))
		policy_principals(p, look_for_all, &all);
	policy_free(p);
	s3_xml_start(&xml, "PolicyStatus");
	buf_addf(&xml, "<IsPublic>%s</IsPublic>", all ? "true" : "false");
	return s3_answer_xml(r, &xml, "PolicyStatus");
}
