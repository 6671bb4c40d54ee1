/* Ownership controls, the public access block, and what a bucket is made with. */
#include "access.h"

#include "core/policy.h"

#define KIND "publicAccessBlock"

/* ---- what they say ---- */

bool s3_owner_enforced(const struct s3_bucket *b)
{
	return sl_eqs(b->ownership, "BucketOwnerEnforced");
}

bool s3_acls_on(const struct s3 *s)
{
	return s->env->conf && conf_bool(s->env->conf, "s3", "acls", false);
}

static const struct {
	const char *element;
	size_t at;
} blocks[] = {
	{ "BlockPublicAcls", offsetof(struct s3_public_block, block_acls) },
	{ "IgnorePublicAcls", offsetof(struct s3_public_block, ignore_acls) },
	{ "BlockPublicPolicy", offsetof(struct s3_public_block, block_policy) },
	{ "RestrictPublicBuckets", offsetof(struct s3_public_block, restrict_buckets) },
};

static bool *block_at(struct s3_public_block *p, size_t i)
{
	return (bool *)((char *)p + blocks[i].at);
}

/* The document: four letters, '1' for true; "" once it was deleted. */
static int read_block(struct s3 *s, struct arena *a, struct slice bucket, struct slice *doc, struct s3_fail *f)
{
	struct error err;
	int rc = s3_store_config(&s->store, a, bucket, KIND, S(""), doc, &err);
	if (rc == ERR_NOT_FOUND)
		*doc = S("1111");
	return rc && rc != ERR_NOT_FOUND ? s3_store_fail(f, &err) : 0;
}

int s3_public_block(struct s3 *s, struct arena *a, struct slice bucket, struct s3_public_block *out, struct s3_fail *f)
{
	struct slice doc;
	int rc = read_block(s, a, bucket, &doc, f);
	*out = (struct s3_public_block){ 0 };
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(blocks) && i < doc.n; i++)
		*block_at(out, i) = doc.p[i] == '1';
	return rc;
}

bool s3_policy_public(struct slice text)
{
	struct policy *p = NULL;
	struct error err;
	bool public = text.n && !policy_read(text, POLICY_OF_RESOURCE, &p, &err) && policy_public(p);
	policy_free(p);
	return public;
}

/* ---- a bucket to be made ---- */

static int ownership_of(struct s3 *s, struct s3_req *r, struct slice *out)
{
	struct slice v = s3_request_header(r, "x-amz-object-ownership");
	*out = v.p ? v : s3_acls_on(s) ? S("") : S("BucketOwnerEnforced");
	if (!v.p || s3_ownership_known(v))
		return 0;
	return s3_bad_argument(r, "x-amz-object-ownership", sl(NULL), arena_cstr(r->a, arena_printf(r->a, "Invalid x-amz-object-ownership header: %.*s", SL(v))));
}

int s3_access_asked(struct s3 *s, struct s3_req *r, struct s3_bucket *b, struct slice *acl)
{
	struct s3_acl_ask ask = { .bucket = true, .owner = s3_owner_of_caller(s, r) };
	int rc = ownership_of(s, r, &b->ownership);
	ask.of_bucket = ask.owner;
	if (rc || (rc = s3_acl_asked(s, r, &ask, acl)) != 0)
		return rc;
	if (!acl->p || sl_eq(*acl, s3_acl_private(r->a, ask.owner.id))) {
		*acl = sl(NULL);
		return 0;
	}
	if (s3_owner_enforced(b))
		return s3_fail(&r->fail, S3_E_BUCKET_ACL);
	return s3_acl_public(*acl) && !s3_acls_on(s) ? s3_fail(&r->fail, S3_E_BUCKET_ACL_BLOCKED) : 0;
}

int s3_access_set(struct s3 *s, struct s3_req *r, const struct s3_bucket *b, struct slice acl)
{
	struct error err;
	int rc = 0;
	if (acl.p)
		rc = s3_store_config_put(&s->store, b->name, S3_ACL_KIND, S(""), acl, &err);
	if (rc == 0 && s3_acls_on(s))
		rc = s3_store_config_put(&s->store, b->name, KIND, S(""), S(""), &err);
	return rc ? s3_store_fail(&r->fail, &err) : 0;
}

/* ---- ownership controls ---- */

bool s3_ownership_known(struct slice v)
{
	static const char *const all[] = { "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter" };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (sl_eqs(v, all[i]))
			return true;
	return false;
}

int s3_op_get_ownership(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct buf xml = { 0 };
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	if (!b.ownership.n) {
		s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, S3_E_NO_OWNERSHIP);
	}
	s3_xml_start(&xml, "OwnershipControls");
	buf_addf(&xml, "<Rule><ObjectOwnership>%.*s</ObjectOwnership></Rule>", SL(b.ownership));
	return s3_answer_xml(r, &xml, "OwnershipControls");
}

static int set_ownership(struct s3 *s, struct s3_req *r, struct s3_bucket *b, struct slice ownership, int status)
{
	struct error err;
	b->ownership = ownership;
	if (s3_store_bucket_ownership(&s->store, b, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = status;
	return 0;
}

int s3_op_put_ownership(struct s3 *s, struct s3_req *r)
{
	const struct xml_node *root, *rule;
	struct s3_bucket b;
	struct slice v, acl;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = s3_request_xml(r, "OwnershipControls", &root)) != 0)
		return rc;
	rule = xml_child(root, "Rule");
	v = rule ? xml_text(rule, "ObjectOwnership") : sl(NULL);
	if (!rule || rule->next || !s3_ownership_known(v))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	/* ACLs that say something can't be left behind without a word. */
	if (sl_eqs(v, "BucketOwnerEnforced")) {
		if ((rc = s3_acl_of_bucket(s, r->a, &b, &acl, &r->fail)) != 0)
			return rc;
		if (!sl_eq(acl, s3_acl_private(r->a, s3_owner_of_bucket(s, r->a, &b).id)))
			return s3_fail(&r->fail, S3_E_BUCKET_ACL);
	}
	return set_ownership(s, r, &b, v, 200);
}

int s3_op_delete_ownership(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	return rc ? rc : set_ownership(s, r, &b, S(""), 204);
}

/* ---- public access block ---- */

int s3_op_get_public_block(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct slice doc;
	struct buf xml = { 0 };
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = read_block(s, r->a, r->bucket, &doc, &r->fail)) != 0)
		return rc;
	if (!doc.n) {
		s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, S3_E_NO_PUBLIC_BLOCK);
	}
	s3_xml_start(&xml, "PublicAccessBlockConfiguration");
	for (size_t i = 0; i < ARRAY_LEN(blocks) && i < doc.n; i++)
		s3_xml_el(&xml, blocks[i].element, doc.p[i] == '1' ? S("true") : S("false"));
	return s3_answer_xml(r, &xml, "PublicAccessBlockConfiguration");
}

static int set_block(struct s3 *s, struct s3_req *r, struct slice doc, int status)
{
	struct error err;
	if (s3_store_config_put(&s->store, r->bucket, KIND, S(""), doc, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = status;
	return 0;
}

int s3_op_put_public_block(struct s3 *s, struct s3_req *r)
{
	const struct xml_node *root;
	struct s3_bucket b;
	char doc[ARRAY_LEN(blocks)];
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = s3_request_xml(r, "PublicAccessBlockConfiguration", &root)) != 0)
		return rc;
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		struct slice v = xml_text(root, blocks[i].element);
		bool on = sl_eq_nocase(v, S("true"));
		if (v.p && !on && !sl_eq_nocase(v, S("false")))
			return s3_fail(&r->fail, S3_E_MALFORMED_XML);
		doc[i] = on ? '1' : '0';
	}
	return set_block(s, r, sl_of(doc, sizeof(doc)), 200);
}

int s3_op_delete_public_block(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	return rc ? rc : set_block(s, r, S(""), 204);
}
