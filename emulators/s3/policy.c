/* Bucket policies, and whether they let everyone in. What they decide: rights.c. */
#include "access.h"
#include "core/policy.h"

enum { POLICY_SIZE = 20480 };

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

/* "arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/…", BUCKET with wildcards, too: those of the bucket itself. */
static void check_resource(void *arg, struct slice value)
{
	struct resources *x = arg;
	struct slice rest, name, key;
	bool mine = sl_after(value, S("arn:aws:s3:::"), &rest);
	if (mine) {
		sl_cut(rest, '/', &name, &key);
		mine = policy_like(name, x->bucket);
	}
	x->wrong |= !mine;
}

int s3_op_put_policy(struct s3 *s, struct s3_req *r)
{
	struct resources x = { r->bucket, false };
	struct s3_public_block block = { 0 };
	struct policy *p = NULL;
	struct error err;
	int rc;
	if (r->body.n > POLICY_SIZE)
		return s3_failf(&r->fail, S3_E_MALFORMED_POLICY, "Policy exceeds the maximum allowed document size of %d bytes", POLICY_SIZE);
	if (!r->body.n || r->body.p[0] != '{')
		return s3_failf(&r->fail, S3_E_MALFORMED_POLICY, "Policies must be valid JSON and the first byte must be '{'");
	if (policy_read(r->body, POLICY_OF_RESOURCE, &p, &err))
		return s3_failf(&r->fail, S3_E_MALFORMED_POLICY, "%s", err.text);
	policy_resources(p, check_resource, &x);
	policy_free(p);
	if (x.wrong)
		return s3_failf(&r->fail, S3_E_MALFORMED_POLICY, "Policy has invalid resource");
	if (s3_policy_public(r->body) && (rc = s3_public_block(s, r->a, r->bucket, &block, &r->fail)) != 0)
		return rc;
	if (block.block_policy)
		return s3_fail(&r->fail, S3_E_ACCESS_DENIED);
	return set_policy(s, r, r->body);
}

int s3_op_delete_policy(struct s3 *s, struct s3_req *r)
{
	return set_policy(s, r, S(""));
}

int s3_op_policy_status(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct slice acl;
	struct buf xml = { 0 };
	bool all;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	if ((rc = s3_acl_of_bucket(s, r->a, &b, &acl, &r->fail)) != 0)
		return rc;
	all = s3_policy_public(b.policy) || (!s3_owner_enforced(&b) && s3_acl_public(acl));
	/* Where ACLs count they say it, too. */
	if (!b.policy.n && s3_owner_enforced(&b)) {
		s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, S3_E_NO_POLICY);
	}
	s3_xml_start(&xml, "PolicyStatus");
	buf_addf(&xml, "<IsPublic>%s</IsPublic>", all ? "true" : "false");
	return s3_answer_xml(r, &xml, "PolicyStatus");
}
