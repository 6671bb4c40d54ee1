/* Reads of configuration: what AWS says of a bucket or object nobody has configured. Clients ask for these before and
 * after their own work; setting them is not served (501). */
#include "s3.h"

#include <string.h>

#define OWNER_XML "<Owner><ID>7a6f3d0c5b1e49d28f70c1a9e4b6d85213fe907ac46bd1e85f2093c7b8d4e61a</ID><DisplayName>tarn</DisplayName></Owner>"
#define ACL_XML OWNER_XML "<AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">" \
	"<ID>7a6f3d0c5b1e49d28f70c1a9e4b6d85213fe907ac46bd1e85f2093c7b8d4e61a</ID><DisplayName>tarn</DisplayName></Grantee>" \
	"<Permission>FULL_CONTROL</Permission></Grant></AccessControlList>"

enum where { BUCKET, OBJECT };
static const struct fresh {
	enum where where;
	const char *param, *op;
	enum s3_err err;  /* when root is NULL */
	const char *root, *inside;
} answers[] = {
	{ BUCKET, "acl", "GetBucketAcl", 0, "AccessControlPolicy", ACL_XML },
	{ BUCKET, "versioning", "GetBucketVersioning", 0, "VersioningConfiguration", "" },
	{ BUCKET, "tagging", "GetBucketTagging", S3_E_NO_TAGS, NULL, NULL },
	{ BUCKET, "policyStatus", "GetBucketPolicyStatus", S3_E_NO_POLICY, NULL, NULL },
	{ BUCKET, "policy", "GetBucketPolicy", S3_E_NO_POLICY, NULL, NULL },
	{ BUCKET, "lifecycle", "GetBucketLifecycleConfiguration", S3_E_NO_LIFECYCLE, NULL, NULL },
	{ BUCKET, "cors", "GetBucketCors", S3_E_NO_CORS, NULL, NULL },
	{ BUCKET, "website", "GetBucketWebsite", S3_E_NO_WEBSITE, NULL, NULL },
	{ BUCKET, "replication", "GetBucketReplication", S3_E_NO_REPLICATION, NULL, NULL },
	{ BUCKET, "object-lock", "GetObjectLockConfiguration", S3_E_NO_LOCK, NULL, NULL },
	{ BUCKET, "logging", "GetBucketLogging", 0, "BucketLoggingStatus", "" },
	{ BUCKET, "notification", "GetBucketNotificationConfiguration", 0, "NotificationConfiguration", "" },
	{ BUCKET, "accelerate", "GetBucketAccelerateConfiguration", 0, "AccelerateConfiguration", "" },
	{ BUCKET, "requestPayment", "GetBucketRequestPayment", 0, "RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>" },
	{ BUCKET, "encryption", "GetBucketEncryption", 0, "ServerSideEncryptionConfiguration",
	  "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
	  "<BucketKeyEnabled>false</BucketKeyEnabled></Rule>" },
	{ BUCKET, "ownershipControls", "GetBucketOwnershipControls", 0, "OwnershipControls",
	  "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>" },
	{ BUCKET, "publicAccessBlock", "GetPublicAccessBlock", 0, "PublicAccessBlockConfiguration",
	  "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>"
	  "<RestrictPublicBuckets>true</RestrictPublicBuckets>" },
	{ BUCKET, "intelligent-tiering", "GetBucketIntelligentTieringConfiguration", S3_E_NO_CONFIGURATION, NULL, NULL },
	{ BUCKET, "analytics", "GetBucketAnalyticsConfiguration", S3_E_NO_CONFIGURATION, NULL, NULL },
	{ BUCKET, "inventory", "GetBucketInventoryConfiguration", S3_E_NO_CONFIGURATION, NULL, NULL },
	{ BUCKET, "metrics", "GetBucketMetricsConfiguration", S3_E_NO_CONFIGURATION, NULL, NULL },
	{ OBJECT, "acl", "GetObjectAcl", 0, "AccessControlPolicy", ACL_XML },
	{ OBJECT, "tagging", "GetObjectTagging", 0, "Tagging", "<TagSet/>" },
	{ OBJECT, "retention", "GetObjectRetention", S3_E_NO_OBJECT_LOCK, NULL, NULL },
	{ OBJECT, "legal-hold", "GetObjectLegalHold", S3_E_NO_OBJECT_LOCK, NULL, NULL },
};

static int fresh_answer(struct s3_req *r, const struct fresh *x)
{
	struct buf b = { 0 };
	if (!x->root) {
		if (x->where == BUCKET && x->err != S3_E_NO_CONFIGURATION)
			s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, x->err);
	}
	s3_xml_start(&b, x->root);
	buf_addf(&b, "%s</%s>", x->inside, x->root);
	s3_answer_xml(r, &b);
	buf_free(&b);
	return 0;
}

bool s3_fresh(struct s3 *s, struct s3_req *r, const char **op, int *rc)
{
	enum where where = r->key.p ? OBJECT : BUCKET;
	if (!sl_eqs(r->http->method, "GET"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct s3_bucket b;
		struct s3_object o;
		if (answers[i].where != where || !http_query(r->http, answers[i].param).p)
			continue;
		*op = answers[i].op;
		*rc = where == BUCKET ? s3_bucket_get(s, r->bucket, &b, &r->fail) : s3_object_find(s, r->bucket, r->key, &o, &r->fail);
		if (*rc == 0)
			*rc = fresh_answer(r, &answers[i]);
		return true;
	}
	return false;
}
