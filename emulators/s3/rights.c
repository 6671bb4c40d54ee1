/* Who may do what. Asked of every request are, in this order: whether a policy of the bucket or (with [stack] auth = enforce) of the
 * caller forbids it; whether a policy lets the caller; whether an ACL does.
 *   no identities, or [stack] auth = off   who signs is the account of its key, who doesn't the stack's; an account may do all with what is
 *                                          its own, and with others' what policies and ACLs let it
 *   identities, or auth = verify           bucket policies and ACLs are asked of everyone; users may do all in their account
 *   auth = enforce                         users may do what their policies say, too
 * Spec: docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html, acl-overview.html (permissions as actions)
 *
 * DIFFERS: READ on an object lets read its tags too, WRITE set them. */
#include "access.h"

#include "core/authority.h"
#include "versions.h"

enum { FACTS_MAX = 96, TAGS_MAX = 20 };

/* ---- which action an operation is ---- */

/* Where it isn't "s3:" and the operation's name. NULL: the operation asks for each of its keys. */
static const struct {
	const char *op, *action;
} actions[] = {
	{ "CompleteMultipartUpload", "PutObject" },
	{ "CopyObject", "PutObject" },
	{ "CreateMultipartUpload", "PutObject" },
	{ "DeleteBucketAnalyticsConfiguration", "PutAnalyticsConfiguration" },
	{ "DeleteBucketCors", "PutBucketCORS" },
	{ "DeleteBucketEncryption", "PutEncryptionConfiguration" },
	{ "DeleteBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration" },
	{ "DeleteBucketInventoryConfiguration", "PutInventoryConfiguration" },
	{ "DeleteBucketLifecycle", "PutLifecycleConfiguration" },
	{ "DeleteBucketMetricsConfiguration", "PutMetricsConfiguration" },
	{ "DeleteBucketOwnershipControls", "PutBucketOwnershipControls" },
	{ "DeleteBucketReplication", "PutReplicationConfiguration" },
	{ "DeleteBucketTagging", "PutBucketTagging" },
	{ "DeleteObjects", NULL },
	{ "DeletePublicAccessBlock", "PutBucketPublicAccessBlock" },
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
	{ "ListBucketAnalyticsConfigurations", "GetAnalyticsConfiguration" },
	{ "ListBucketIntelligentTieringConfigurations", "GetIntelligentTieringConfiguration" },
	{ "ListBucketInventoryConfigurations", "GetInventoryConfiguration" },
	{ "ListBucketMetricsConfigurations", "GetMetricsConfiguration" },
	{ "ListBuckets", "ListAllMyBuckets" },
	{ "ListMultipartUploads", "ListBucketMultipartUploads" },
	{ "ListObjects", "ListBucket" },
	{ "ListObjectsV2", "ListBucket" },
	{ "ListObjectVersions", "ListBucketVersions" },
	{ "ListParts", "ListMultipartUploadParts" },
	{ "PutBucketAccelerateConfiguration", "PutAccelerateConfiguration" },
	{ "PutBucketAnalyticsConfiguration", "PutAnalyticsConfiguration" },
	{ "PutBucketCors", "PutBucketCORS" },
	{ "PutBucketEncryption", "PutEncryptionConfiguration" },
	{ "PutBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration" },
	{ "PutBucketInventoryConfiguration", "PutInventoryConfiguration" },
	{ "PutBucketLifecycleConfiguration", "PutLifecycleConfiguration" },
	{ "PutBucketMetricsConfiguration", "PutMetricsConfiguration" },
	{ "PutBucketNotificationConfiguration", "PutBucketNotification" },
	{ "PutBucketReplication", "PutReplicationConfiguration" },
	{ "PutObjectLockConfiguration", "PutBucketObjectLockConfiguration" },
	{ "PutPublicAccessBlock", "PutBucketPublicAccessBlock" },
	{ "SelectObjectContent", "GetObject" },
	{ "UploadPart", "PutObject" },
	{ "UploadPartCopy", "PutObject" },
};

/* With a version named it is another one. */
static const char *const versioned[][2] = {
	{ "GetObject", "GetObjectVersion" }, { "DeleteObject", "DeleteObjectVersion" }, { "GetObjectAcl", "GetObjectVersionAcl" },
	{ "PutObjectAcl", "PutObjectVersionAcl" }, { "GetObjectTagging", "GetObjectVersionTagging" }, { "PutObjectTagging", "PutObjectVersionTagging" },
	{ "DeleteObjectTagging", "DeleteObjectVersionTagging" }, { "GetObjectAttributes", "GetObjectVersionAttributes" },
};

static const char *action_of(const struct s3_req *r, const char *op)
{
	const char *action = op;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (!strcmp(actions[i].op, op))
			action = actions[i].action;
	for (size_t i = 0; action && i < ARRAY_LEN(versioned) && http_query(r->http, "versionId").n; i++)
		if (!strcmp(versioned[i][0], action))
			return versioned[i][1];
	return action;
}

/* What an ACL lets by its permissions, of the bucket or of the object. */
static const struct granted {
	const char *action;
	enum s3_perm perm;
	bool object;
} granted[] = {
	{ "AbortMultipartUpload", S3_WRITE, false },
	{ "DeleteObject", S3_WRITE, false },
	{ "DeleteObjectTagging", S3_WRITE, true },
	{ "DeleteObjectVersion", S3_WRITE, false },
	{ "DeleteObjectVersionTagging", S3_WRITE, true },
	{ "GetBucketAcl", S3_READ_ACP, false },
	{ "GetObject", S3_READ, true },
	{ "GetObjectAcl", S3_READ_ACP, true },
	{ "GetObjectAttributes", S3_READ, true },
	{ "GetObjectTagging", S3_READ, true },
	{ "GetObjectTorrent", S3_READ, true },
	{ "GetObjectVersion", S3_READ, true },
	{ "GetObjectVersionAcl", S3_READ_ACP, true },
	{ "GetObjectVersionAttributes", S3_READ, true },
	{ "GetObjectVersionTagging", S3_READ, true },
	{ "ListBucket", S3_READ, false },
	{ "ListBucketMultipartUploads", S3_READ, false },
	{ "ListBucketVersions", S3_READ, false },
	{ "ListMultipartUploadParts", S3_WRITE, false },
	{ "PutBucketAcl", S3_WRITE_ACP, false },
	{ "PutObject", S3_WRITE, false },
	{ "PutObjectAcl", S3_WRITE_ACP, true },
	{ "PutObjectTagging", S3_WRITE, true },
	{ "PutObjectVersionAcl", S3_WRITE_ACP, true },
	{ "PutObjectVersionTagging", S3_WRITE, true },
};

static const struct granted *granted_by(const char *action)
{
	for (size_t i = 0; i < ARRAY_LEN(granted); i++)
		if (!strcmp(granted[i].action, action))
			return &granted[i];
	return NULL;
}

/* ---- what conditions see ---- */

struct facts {
	struct s3_req *r;
	struct policy_fact at[FACTS_MAX];
	size_t n;
};

static void add(struct facts *f, struct slice key, struct slice value)
{
	if (value.p && f->n < FACTS_MAX)
		f->at[f->n++] = (struct policy_fact){ key, value };
}

static void add_requested(struct facts *f)
{
	static const char *const params[][2] = { { "s3:prefix", "prefix" }, { "s3:delimiter", "delimiter" }, { "s3:max-keys", "max-keys" }, { "s3:VersionId", "versionId" } };
	static const char *const headers[] = {
		"x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp",
		"x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-customer-algorithm",
		"x-amz-copy-source", "x-amz-metadata-directive", "x-amz-storage-class", "x-amz-content-sha256", "x-amz-website-redirect-location",
		"x-amz-object-ownership",
	};
	static const char *const others[][2] = {
		{ "s3:object-lock-mode", "x-amz-object-lock-mode" }, { "s3:object-lock-retain-until-date", "x-amz-object-lock-retain-until-date" },
		{ "s3:object-lock-legal-hold", "x-amz-object-lock-legal-hold" }, { "s3:if-match", "if-match" }, { "s3:if-none-match", "if-none-match" },
	};
	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		add(f, sl(params[i][0]), http_query(f->r->http, params[i][1]));
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		struct slice v = s3_request_header(f->r, headers[i]);
		if (v.p)
			add(f, arena_printf(f->r->a, "s3:%s", headers[i]), v);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		add(f, sl(others[i][0]), s3_request_header(f->r, others[i][1]));
}

static void add_signature(struct facts *f)
{
	struct s3_req *r = f->r;
	if (!r->auth.present)
		return;
	add(f, S("s3:signatureversion"), r->auth.region.p ? S("AWS4-HMAC-SHA256") : S("AWS"));
	add(f, S("s3:authType"), r->auth.query ? S("REST-QUERY-STRING") : S("REST-HEADER"));
}

/* <TagSet> of XML, each as PREFIX/KEY; keys: the fact that has their names, or NULL. */
static void add_tags(struct facts *f, const char *prefix, const char *keys, struct slice xml)
{
	const struct xml_node *set;
	struct xml_node *root;
	size_t n = 0;
	if (!xml.n || xml_parse(f->r->a, xml, &root, NULL))
		return;
	set = sl_eqs(root->name, "TagSet") ? root : xml_child(root, "TagSet");
	for (const struct xml_node *t = set ? set->first : NULL; t && n++ < TAGS_MAX; t = t->next) {
		struct slice key = xml_text(t, "Key"), value = xml_text(t, "Value");
		add(f, arena_printf(f->r->a, "%s/%.*s", prefix, SL(key)), value.p ? value : S(""));
		if (keys)
			add(f, sl(keys), key);
	}
}

/* Those of x-amz-tagging: a=b&c=d. */
static void add_tag_header(struct facts *f)
{
	struct slice rest = s3_request_header(f->r, "x-amz-tagging"), one, key, value;
	for (size_t n = 0; rest.n && n < TAGS_MAX; n++) {
		sl_cut(rest, '&', &one, &rest);
		sl_cut(one, '=', &key, &value);
		key = arena_url_decode(f->r->a, key, true);
		add(f, arena_printf(f->r->a, "s3:RequestObjectTag/%.*s", SL(key)), value.p ? arena_url_decode(f->r->a, value, true) : S(""));
		add(f, S("s3:RequestObjectTagKeys"), key);
	}
}

/* ---- who asks ---- */

struct asker {
	struct s3_req *r;
	const struct identity *who; /* NULL: anonymous */
	struct slice account, id;   /* id absent: anonymous */
	struct account_owner stack;
};

bool s3_caller_anonymous(const struct s3 *s, const struct s3_req *r)
{
	return !r->auth.key.p && !r->call->own && identities_on(s->env->conf);
}

static void asker_of(struct s3 *s, struct s3_req *r, struct asker *out)
{
	*out = (struct asker){ .r = r };
	if (s3_caller_anonymous(s, r))
		return;
	if (!r->auth.key.p) { /* nobody has to sign: it is the stack's account */
		account_owner(s->env->conf, S(""), &out->stack);
		(void)identity_of_key(s->env->conf, S(""), &r->auth.who);
	} else if (!r->auth.who.account[0]) {
		(void)sigv4_identity(s->env, r->http, &r->auth);
	}
	out->who = &r->auth.who;
	out->account = sl(r->auth.who.account);
	out->id = r->auth.who.canonical_id;
}

/* ---- what is asked ---- */

struct question {
	struct s3 *s;
	struct s3_req *r;
	struct asker by;
	const char *action;
	struct slice bucket, key, version; /* version absent: what is current */
	struct slice prefix;       /* in place of what the request lists; absent: the request's */
	struct s3_bucket b;
	struct slice owner;        /* account of the bucket */
	struct s3_object o;
	bool has_object;           /* o is the object that is there */
	struct s3_fail *fail;      /* for our own trouble */
};

/* The object that is there, read when something asks for it. */
static bool object_of(struct question *q)
{
	struct s3_fail f = { .arena = q->r->a };
	struct error err;
	if (!q->has_object && q->key.p)
		q->has_object = q->version.n ? !s3_version_find(q->s, q->bucket, q->key, q->version, &q->o, &f) :
					       !s3_store_object(&q->s->store, q->r->a, q->bucket, q->key, &q->o, &err);
	return q->has_object;
}

static void facts_of(struct question *q, struct facts *f)
{
	f->r = q->r;
	if (q->prefix.p)
		add(f, S("s3:prefix"), q->prefix);
	add_requested(f);
	add_signature(f);
	add_tag_header(f);
	if (q->r->key.p && http_query(q->r->http, "tagging").p)
		add_tags(f, "s3:RequestObjectTag", "s3:RequestObjectTagKeys", q->r->http->body);
	/* An object is looked at only if somebody may want to know. */
	if (q->key.p && (identities_enforced(q->s->env->conf) || sl_find(q->b.policy, S("ExistingObjectTag")) >= 0) && object_of(q)) {
		struct slice tags = s3_header_of(&q->o, S3_TAGS);
		if (tags.n)
			add_tags(f, "s3:ExistingObjectTag", NULL, arena_printf(q->r->a, "<TagSet>%.*s</TagSet>", SL(tags)));
	}
}

/* What policies say: of the bucket (with_policy), and with auth = enforce of the caller. */
static bool policies_allow(struct question *q, bool with_policy, struct slice owner, struct policy_answer *answer, struct buf *why)
{
	struct facts *f = arena_alloc(q->r->a, sizeof(*f));
	struct authority_ask ask = { .env = q->s->env, .call = q->r->call, .who = q->by.who, .action = arena_printf(q->r->a, "s3:%s", q->action),
				     .region = q->r->auth.region, .owner = owner, .use = POLICY_OF_RESOURCE, .quote = true };
	facts_of(q, f);
	ask.facts = f->at;
	ask.fact_n = f->n;
	ask.resource = !q->bucket.p ? S("*") :
		       q->key.p	    ? arena_printf(q->r->a, "arn:aws:s3:::%.*s/%.*s", SL(q->bucket), SL(q->key)) :
				      arena_printf(q->r->a, "arn:aws:s3:::%.*s", SL(q->bucket));
	if (with_policy && q->b.policy.n)
		ask.policy = q->b.policy;
	return authority_judges(&ask, identities_enforced(q->s->env->conf), answer, why);
}

static bool same_account(const struct question *q)
{
	return q->by.who && sl_eq(q->by.account, q->owner);
}

/* The object's owner, where it isn't the bucket's; absent: it is, or there is none. */
static struct slice foreign_owner(struct question *q, const struct granted *g)
{
	struct s3_owner o, of_bucket;
	if (!g || !g->object || s3_owner_enforced(&q->b) || !object_of(q) || !s3_header_of(&q->o, S3_OWNER_LINE).p)
		return sl(NULL);
	of_bucket = s3_owner_of_bucket(q->s, q->r->a, &q->b);
	o = s3_owner_of(q->s, q->r->a, &of_bucket, q->o.headers);
	return sl_eq(o.id, of_bucket.id) ? sl(NULL) : o.id;
}

static bool acl_allows(struct question *q, const struct granted *g, const struct s3_public_block *block)
{
	struct s3_owner of_bucket;
	struct slice acl;
	if (!g || s3_owner_enforced(&q->b))
		return false;
	if (!g->object)
		return !s3_acl_of_bucket(q->s, q->r->a, &q->b, &acl, q->fail) && s3_acl_allows(acl, g->perm, q->by.id, block->ignore_acls);
	if (!object_of(q))
		return false;
	of_bucket = s3_owner_of_bucket(q->s, q->r->a, &q->b);
	acl = s3_acl_of(q->r->a, q->o.headers, s3_owner_of(q->s, q->r->a, &of_bucket, q->o.headers).id);
	return s3_acl_allows(acl, g->perm, q->by.id, block->ignore_acls);
}

/* Its own root can't lock an account out of a bucket's policy. */
static bool root_always(const struct question *q)
{
	return same_account(q) && !q->by.who->name.p &&
	       (!strcmp(q->action, "GetBucketPolicy") || !strcmp(q->action, "PutBucketPolicy") || !strcmp(q->action, "DeleteBucketPolicy"));
}

/* Of a bucket that is there. */
static bool allowed_in(struct question *q, struct buf *why)
{
	const struct granted *g = granted_by(q->action);
	bool enforced = identities_enforced(q->s->env->conf), own = same_account(q), policy = true;
	struct s3_public_block block = { 0 };
	struct policy_answer answer;
	struct slice foreign = foreign_owner(q, g);
	if (own && !enforced && !foreign.p && (!q->b.policy.n || !identities_on(q->s->env->conf)))
		return true;
	if (root_always(q))
		return true;
	if (!own && s3_public_block(q->s, q->r->a, q->bucket, &block, q->fail))
		return false;
	policy = policies_allow(q, true, q->owner, &answer, why);
	if (!policy && answer.decision == POLICY_EXPLICIT_DENY)
		return false;
	if (!own && block.restrict_buckets && s3_policy_public(q->b.policy))
		policy = false;
	if (policy && !foreign.p)
		return true;
	/* An object of another account's is beyond the bucket's policy; its owner, or who its ACL names, needs only their own account's leave. */
	if (!(foreign.p && q->by.id.p && sl_eq(foreign, q->by.id)) && !acl_allows(q, g, &block))
		return false;
	return !q->by.who || !enforced || policies_allow(q, false, q->by.account, &answer, NULL);
}

static bool allowed(struct question *q, struct buf *why, bool *own)
{
	struct policy_answer answer;
	struct error err;
	asker_of(q->s, q->r, &q->by);
	*own = q->by.who != NULL;
	if (q->bucket.p && strcmp(q->action, "CreateBucket") != 0 && !s3_store_bucket(&q->s->store, q->r->a, q->bucket, &q->b, &err)) {
		q->owner = q->b.account.n ? q->b.account : sl(identities_account(q->s->env->conf));
		*own = same_account(q);
		return allowed_in(q, why);
	}
	if (!q->by.who)
		return false;
	return !identities_enforced(q->s->env->conf) || policies_allow(q, false, q->by.account, &answer, why);
}

/* Whether who isn't of its account must say that it pays, and doesn't. */
static bool unpaid(struct s3 *s, struct s3_req *r, struct slice bucket, bool *charged)
{
	struct error err;
	struct slice doc;
	*charged = !s3_store_config(&s->store, r->a, bucket, "requestPayment", S(""), &doc, &err) && sl_find(doc, S("<Payer>Requester</Payer>")) >= 0;
	return *charged && (s3_caller_anonymous(s, r) || !sl_eq_nocase(s3_request_header(r, "x-amz-request-payer"), S("requester")));
}

static int authorize(struct question *q)
{
	struct s3_req *r = q->r;
	struct s3 *s = q->s;
	struct slice bucket = q->bucket;
	struct s3_fail *f = q->fail;
	struct buf why = { 0 };
	bool own, charged = false, may;
	int rc = 0;
	if (r->call->own)
		return 0;
	may = allowed(q, &why, &own);
	/* Strangers aren't told which policy it was. */
	if (!may)
		rc = own && why.n ? s3_failf(f, S3_E_ACCESS_DENIED, "%s", buf_cstr(&why)) : s3_fail(f, S3_E_ACCESS_DENIED);
	else if (!own && bucket.p && unpaid(s, r, bucket, &charged))
		rc = s3_fail(f, S3_E_ACCESS_DENIED);
	else if (charged)
		http_set(r->call, "x-amz-request-charged", "requester");
	buf_free(&why);
	return rc;
}

int s3_authorize_as(struct s3 *s, struct s3_req *r, const char *action, struct slice bucket, struct slice key, struct s3_fail *f)
{
	struct question q = { .s = s, .r = r, .action = action, .bucket = bucket, .key = key, .fail = f };
	return authorize(&q);
}

/* A bucket that isn't there is said not to be, to who doesn't sign, too; nobody makes one without signing. */
static int check_there(struct s3 *s, struct s3_req *r, const char *action)
{
	struct s3_bucket b;
	struct error err;
	if (!r->bucket.p || !s3_caller_anonymous(s, r) || !strcmp(action, "CreateBucket") || s3_store_bucket(&s->store, r->a, r->bucket, &b, &err) != ERR_NOT_FOUND)
		return 0;
	s3_extra(&r->fail, "BucketName", r->bucket);
	return s3_fail(&r->fail, S3_E_NO_BUCKET);
}

/* Whether a refusal may be because there is no object, of which an ACL could say something. */
static bool hides_absence(struct s3 *s, struct s3_req *r, const char *action)
{
	const struct granted *g = granted_by(action);
	struct question q = { .s = s, .r = r, .bucket = r->bucket, .key = r->key, .version = http_query(r->http, "versionId") };
	return g && g->object && r->key.p && !object_of(&q);
}

/* What a put asks for beside the object: with auth = enforce users need leave for that, too. */
static int check_beside(struct s3 *s, struct s3_req *r)
{
	int rc = 0;
	if (!identities_enforced(s->env->conf) || s3_caller_anonymous(s, r))
		return 0;
	if (s3_acl_said(r))
		rc = s3_authorize_as(s, r, "PutObjectAcl", r->bucket, r->key, &r->fail);
	if (rc == 0 && s3_request_header(r, "x-amz-tagging").n)
		rc = s3_authorize_as(s, r, "PutObjectTagging", r->bucket, r->key, &r->fail);
	return rc;
}

int s3_authorize(struct s3 *s, struct s3_req *r, const char *op)
{
	const char *action = action_of(r, op);
	struct question q = { .s = s, .r = r, .bucket = r->bucket, .key = r->key, .version = http_query(r->http, "versionId"), .fail = &r->fail };
	struct question from = { .s = s, .r = r, .fail = &r->fail };
	bool makes = !strcmp(op, "PutObject") || !strcmp(op, "CopyObject") || !strcmp(op, "CreateMultipartUpload");
	int rc;
	if (r->call->own || !action)
		return makes ? s3_acl_lines(s, r) : 0;
	if ((rc = check_there(s, r, action)) != 0)
		return rc;
	q.action = action;
	rc = authorize(&q);
	/* Who may see what is there is told that a key isn't. */
	if (rc && hides_absence(s, r, action) && s3_may_list(s, r)) {
		r->fail = (struct s3_fail){ .arena = r->a };
		rc = 0;
	}
	if (rc == 0 && makes)
		rc = check_beside(s, r);
	if (rc == 0 && makes)
		rc = s3_acl_lines(s, r);
	if (rc || !r->key.p || !http_get(r->http, "x-amz-copy-source").p)
		return rc;
	if (s3_request_copy_source(r, &from.bucket, &from.key, &from.version)) { /* the operation says so */
		r->fail = (struct s3_fail){ .arena = r->a };
		return 0;
	}
	from.action = from.version.n ? "GetObjectVersion" : "GetObject";
	return authorize(&from);
}

bool s3_may_list(struct s3 *s, struct s3_req *r)
{
	struct s3_fail f = { .arena = r->a };
	struct question q = { .s = s, .r = r, .action = "ListBucket", .bucket = r->bucket, .prefix = r->key, .fail = &f };
	bool own;
	return r->call->own || allowed(&q, NULL, &own);
}
