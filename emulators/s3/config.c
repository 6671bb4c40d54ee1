/* The kinds of configurations a bucket can have, and their operations. */
#include "config.h"
#include "lifecycle.h"
#include "notify.h"
#include "website.h"

/* ---- shapes ---- */

static const struct s3_shape cors[] = {
	{ "root", "CORSRule+@rule" },
	{ "rule", "ID? AllowedHeader* AllowedMethod+ AllowedOrigin+ ExposeHeader* MaxAgeSeconds?:int" },
	{ NULL, NULL },
};
static const struct s3_shape accelerate[] = { { "root", "Status?:Enabled|Suspended" }, { NULL, NULL } };
static const struct s3_shape payment[] = { { "root", "Payer:BucketOwner|Requester" }, { NULL, NULL } };
static const struct s3_shape analytics[] = {
	{ "root", "Id Filter?@filter StorageClassAnalysis@analysis" },
	{ "filter", "Prefix? Tag?@tag And?@and" },
	{ "and", "Prefix? Tag*@tag" },
	{ "tag", "Key Value" },
	{ "analysis", "DataExport?@export" },
	{ "export", "OutputSchemaVersion:V_1 Destination@to" },
	{ "to", "S3BucketDestination@bucket" },
	{ "bucket", "Format:CSV BucketAccountId? Bucket Prefix?" },
	{ NULL, NULL },
};
static const struct s3_shape metrics[] = {
	{ "root", "Id Filter?@filter" },
	{ "filter", "Prefix? Tag?@tag AccessPointArn? And?@and" },
	{ "and", "Prefix? Tag*@tag AccessPointArn?" },
	{ "tag", "Key Value" },
	{ NULL, NULL },
};
static const struct s3_shape tiering[] = {
	{ "root", "Id Filter?@filter Status:Enabled|Disabled Tiering+@tiering" },
	{ "filter", "Prefix? Tag?@tag And?@and" },
	{ "and", "Prefix? Tag*@tag" },
	{ "tag", "Key Value" },
	{ "tiering", "Days:int AccessTier:ARCHIVE_ACCESS|DEEP_ARCHIVE_ACCESS" },
	{ NULL, NULL },
};
static const struct s3_shape inventory[] = {
	{ "root", "Destination@to IsEnabled:bool Filter?@filter Id IncludedObjectVersions:All|Current OptionalFields?@fields Schedule@schedule" },
	{ "to", "S3BucketDestination@bucket" },
	{ "bucket", "AccountId? Bucket Format:CSV|ORC|Parquet Prefix? Encryption?@encryption" },
	{ "encryption", "SSE-S3?@none SSE-KMS?@kms" },
	{ "none", "" },
	{ "kms", "KeyId" },
	{ "filter", "Prefix" },
	{ "fields", "Field*:Size|LastModifiedDate|StorageClass|ETag|IsMultipartUploaded|ReplicationStatus|EncryptionStatus|ObjectLockRetainUntilDate|"
		    "ObjectLockMode|ObjectLockLegalHoldStatus|IntelligentTieringAccessTier|BucketKeyStatus|ChecksumAlgorithm|ObjectAccessControlList|"
		    "ObjectOwner|LifecycleExpirationDate" },
	{ "schedule", "Frequency:Daily|Weekly" },
	{ NULL, NULL },
};
static const struct s3_shape logging[] = {
	{ "root", "LoggingEnabled?@log" },
	{ "log", "TargetBucket TargetGrants?@grants TargetPrefix TargetObjectKeyFormat?@format" },
	{ "grants", "Grant*@grant" },
	{ "grant", "Grantee@grantee Permission:FULL_CONTROL|READ|WRITE" },
	{ "grantee", "DisplayName? EmailAddress? ID? URI?" },
	{ "format", "SimplePrefix?@none PartitionedPrefix?@partitioned" },
	{ "none", "" },
	{ "partitioned", "PartitionDateSource?:EventTime|DeliveryTime" },
	{ NULL, NULL },
};
static const struct s3_shape replication[] = {
	{ "root", "Role Rule+@rule" },
	{ "rule", "ID? Priority?:int Prefix? Filter?@filter Status:Enabled|Disabled SourceSelectionCriteria?@criteria ExistingObjectReplication?@status "
		  "Destination@to DeleteMarkerReplication?@marker" },
	{ "filter", "Prefix? Tag?@tag And?@and" },
	{ "and", "Prefix? Tag*@tag" },
	{ "tag", "Key Value" },
	{ "criteria", "SseKmsEncryptedObjects?@status ReplicaModifications?@status" },
	{ "status", "Status:Enabled|Disabled" },
	{ "marker", "Status?:Enabled|Disabled" },
	{ "to", "Bucket Account? StorageClass? AccessControlTranslation?@translation EncryptionConfiguration?@key ReplicationTime?@time Metrics?@metrics" },
	{ "translation", "Owner:Destination" },
	{ "key", "ReplicaKmsKeyID?" },
	{ "time", "Status:Enabled|Disabled Time@minutes" },
	{ "metrics", "Status:Enabled|Disabled EventThreshold?@minutes" },
	{ "minutes", "Minutes?:int" },
	{ NULL, NULL },
};

/* ---- checks beyond them ---- */

static int check_accelerate(struct s3 *s, struct s3_req *r, const struct xml_node *root)
{
	if (sl_chr(r->bucket, '.') < 0)
		return 0;
	return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
}

static int check_inventory(struct s3 *s, struct s3_req *r, const struct xml_node *root)
{
	struct slice bucket = xml_text(xml_child(xml_child(root, "Destination"), "S3BucketDestination"), "Bucket");
	if (sl_starts(bucket, S("arn:aws")) && sl_find(bucket, S(":s3:::")) > 0)
		return 0;
	return s3_failf(&r->fail, S3_E_INVALID_DESTINATION, "Invalid bucket ARN.");
}

/* Where logs go: a bucket of the same region. */
static int check_logging(struct s3 *s, struct s3_req *r, const struct xml_node *root)
{
	const struct xml_node *log = xml_child(root, "LoggingEnabled");
	struct s3_bucket from, to;
	struct slice name;
	struct error err;
	int rc;
	if (!log)
		return 0;
	name = xml_text(log, "TargetBucket");
	if ((rc = s3_bucket_get(s, r->bucket, &from, &r->fail)) != 0)
		return rc;
	if (s3_store_bucket(&s->store, r->a, name, &to, &err)) {
		s3_extra(&r->fail, "TargetBucket", name);
		return s3_failf(&r->fail, S3_E_INVALID_TARGET, "The target bucket for logging does not exist");
	}
	if (sl_eq(from.region, to.region))
		return 0;
	if (!sl_eqs(from.region, "us-east-1"))
		s3_extra(&r->fail, "SourceBucketLocation", from.region);
	s3_extra(&r->fail, "TargetBucketLocation", to.region);
	return s3_failf(&r->fail, S3_E_CROSS_LOGGING, "Cross S3 location logging not allowed. ");
}

static int check_replication(struct s3 *s, struct s3_req *r, const struct xml_node *root)
{
	struct s3_bucket b;
	struct slice arn;
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	if (b.versioning != S3_VERSIONED)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
	for (const struct xml_node *c = root->first; c; c = c->next) {
		if (!sl_eqs(c->name, "Rule"))
			continue;
		arn = xml_text(xml_child(c, "Destination"), "Bucket");
		if (!sl_after(arn, S("arn:aws:s3:::"), &arn))
			return s3_bad_argument(r, "Destination", arn, "Invalid bucket ARN.");
		if (s3_store_bucket(&s->store, r->a, arn, &b, &err) || b.versioning != S3_VERSIONED)
			return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Destination bucket must have versioning enabled.");
	}
	return 0;
}

/* ---- the kinds ---- */

static const struct kind {
	const char *word, *root;
	const struct s3_shape *shapes;
	const char *list;     /* they come by id: the root of a list of them */
	const char *fresh;    /* what is in the root when none is set; NULL: */
	enum s3_err missing;  /* it is this error */
	int put_status;
	int (*check)(struct s3 *s, struct s3_req *r, const struct xml_node *root);
	void (*text)(struct buf *b, const struct xml_node *root); /* NULL: as it came */
} kinds[] = {
	{ "cors", "CORSConfiguration", cors, NULL, NULL, S3_E_NO_CORS, 200, s3_cors_check, NULL },
	{ "lifecycle", "LifecycleConfiguration", s3_lifecycle_shapes, NULL, NULL, S3_E_NO_LIFECYCLE, 200, s3_lifecycle_check, s3_lifecycle_text },
	{ "website", "WebsiteConfiguration", s3_website_shapes, NULL, NULL, S3_E_NO_WEBSITE, 200, s3_website_check, NULL },
	{ "accelerate", "AccelerateConfiguration", accelerate, NULL, "", 0, 200, check_accelerate, NULL },
	{ "requestPayment", "RequestPaymentConfiguration", payment, NULL, "<Payer>BucketOwner</Payer>", 0, 200, NULL, NULL },
	{ "logging", "BucketLoggingStatus", logging, NULL, "", 0, 200, check_logging, NULL },
	{ "notification", "NotificationConfiguration", s3_notify_shapes, NULL, "", 0, 200, s3_notify_check, s3_notify_text },
	{ "replication", "ReplicationConfiguration", replication, NULL, NULL, S3_E_NO_REPLICATION, 200, check_replication, NULL },
	{ "analytics", "AnalyticsConfiguration", analytics, "ListBucketAnalyticsConfigurationsResult", NULL, S3_E_NO_CONFIGURATION, 204, NULL, NULL },
	{ "metrics", "MetricsConfiguration", metrics, "ListMetricsConfigurationsResult", NULL, S3_E_NO_CONFIGURATION, 204, NULL, NULL },
	{ "intelligent-tiering", "IntelligentTieringConfiguration", tiering, "ListBucketIntelligentTieringConfigurationsOutput", NULL,
	  S3_E_NO_CONFIGURATION, 204, NULL, NULL },
	{ "inventory", "InventoryConfiguration", inventory, "ListInventoryConfigurationsResult", NULL, S3_E_NO_CONFIGURATION, 204, check_inventory, NULL },
};

static const struct kind *kind_of(const struct s3_req *r)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (http_query(r->http, kinds[i].word).p)
			return &kinds[i];
	return NULL;
}

struct slice s3_config(struct s3 *s, struct arena *a, struct slice bucket, const char *kind)
{
	struct slice doc = sl(NULL);
	struct error err;
	return s3_store_config(&s->store, a, bucket, kind, S(""), &doc, &err) ? sl(NULL) : doc;
}

/* ---- operations ---- */

static int missing(struct s3_req *r, const struct kind *k)
{
	if (k->missing != S3_E_NO_CONFIGURATION)
		s3_extra(&r->fail, "BucketName", r->bucket);
	return s3_fail(&r->fail, k->missing);
}

/* All of a kind, 100 at a time. */
static int list(struct s3 *s, struct s3_req *r, const struct kind *k)
{
	struct slice token = http_query(r->http, "continuation-token"), id = token.p ? token : S(""), doc;
	struct buf b = { 0 };
	struct error err;
	int n = 0, rc = 0;
	s3_xml_start(&b, k->list);
	for (struct slice next = id; n < 100 && (rc = s3_store_config_after(&s->store, r->a, r->bucket, k->word, &next, &doc, &err)) > 0; n++) {
		buf_addf(&b, "<%s>%.*s</%s>", k->root, SL(doc), k->root);
		id = next;
	}
	if (rc < 0) {
		buf_free(&b);
		return s3_store_fail(&r->fail, &err);
	}
	if (n == 100) {
		struct slice next = id;
		rc = s3_store_config_after(&s->store, r->a, r->bucket, k->word, &next, &doc, &err);
	}
	if (token.p)
		s3_xml_el(&b, "ContinuationToken", token);
	buf_addf(&b, "<IsTruncated>%s</IsTruncated>", rc > 0 ? "true" : "false");
	if (rc > 0)
		s3_xml_el(&b, "NextContinuationToken", id);
	return s3_answer_xml(r, &b, k->list);
}

int s3_config_get(struct s3 *s, struct s3_req *r)
{
	const struct kind *k = kind_of(r);
	struct slice doc, id = k->list ? http_query(r->http, "id") : S("");
	struct s3_bucket bucket;
	struct buf b = { 0 };
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &bucket, &r->fail);
	if (rc)
		return rc;
	if (k->list && !id.p)
		return list(s, r, k);
	rc = s3_store_config(&s->store, r->a, r->bucket, k->word, id, &doc, &err);
	if (rc == ERR_NOT_FOUND && !k->fresh)
		return missing(r, k);
	if (rc && rc != ERR_NOT_FOUND)
		return s3_store_fail(&r->fail, &err);
	s3_xml_start(&b, k->root);
	if (rc)
		buf_adds(&b, k->fresh);
	else
		buf_addsl(&b, doc);
	return s3_answer_xml(r, &b, k->root);
}

int s3_config_put(struct s3 *s, struct s3_req *r)
{
	const struct kind *k = kind_of(r);
	const struct xml_node *root;
	struct slice id = k->list ? http_query(r->http, "id") : S("");
	struct s3_bucket bucket;
	struct buf b = { 0 };
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &bucket, &r->fail);
	if (rc || (rc = s3_request_xml(r, k->root, &root)) != 0)
		return rc;
	if (!s3_shape_fits(k->shapes, "root", root))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if (k->list && (!id.n || !sl_eq(id, xml_text(root, "Id"))))
		return s3_failf(&r->fail, S3_E_ID_MISMATCH, "Document ID does not match the specified configuration ID.");
	if (k->check && (rc = k->check(s, r, root)) != 0)
		return rc;
	if (k->text)
		k->text(&b, root);
	else
		s3_xml_inside(&b, root);
	/* An empty one says what nothing says. */
	rc = b.n || !k->fresh ? s3_store_config_put(&s->store, r->bucket, k->word, id, buf_slice(&b), &err)
			      : s3_store_config_del(&s->store, r->bucket, k->word, id, &err);
	buf_free(&b);
	if (rc)
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = k->put_status;
	return 0;
}

int s3_config_delete(struct s3 *s, struct s3_req *r)
{
	const struct kind *k = kind_of(r);
	struct slice doc, id = k->list ? http_query(r->http, "id") : S("");
	struct s3_bucket bucket;
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &bucket, &r->fail);
	if (rc)
		return rc;
	if (k->list && s3_store_config(&s->store, r->a, r->bucket, k->word, id.p ? id : S(""), &doc, &err))
		return missing(r, k);
	if (s3_store_config_del(&s->store, r->bucket, k->word, id, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = 204;
	return 0;
}

#define ROW(method, name, word, run, doc) { { method, NULL, name, doc }, S3_BUCKET, word, NULL, run }
const struct s3_op s3_config_ops[S3_CONFIG_OPS] = {
	ROW("GET", "GetBucketCors", "cors", s3_config_get, "who of other origins may ask"),
	ROW("PUT", "PutBucketCors", "cors", s3_config_put, "who of other origins may ask: preflights are answered by it"),
	ROW("DELETE", "DeleteBucketCors", "cors", s3_config_delete, "nobody of other origins may ask"),
	ROW("GET", "GetBucketLifecycleConfiguration", "lifecycle", s3_op_get_lifecycle, "what becomes of objects as time goes by"),
	ROW("PUT", "PutBucketLifecycleConfiguration", "lifecycle", s3_op_put_lifecycle, "what becomes of objects at the clock's midnights"),
	ROW("DELETE", "DeleteBucketLifecycle", "lifecycle", s3_config_delete, "objects stay"),
	ROW("GET", "GetBucketWebsite", "website", s3_config_get, "how it is a website"),
	ROW("PUT", "PutBucketWebsite", "website", s3_config_put, "how it is a website, at BUCKET.s3-website.HOST"),
	ROW("DELETE", "DeleteBucketWebsite", "website", s3_config_delete, "no website"),
	ROW("GET", "GetBucketAccelerateConfiguration", "accelerate", s3_config_get, "kept, without effect"),
	ROW("PUT", "PutBucketAccelerateConfiguration", "accelerate", s3_config_put, "kept, without effect"),
	ROW("GET", "GetBucketRequestPayment", "requestPayment", s3_config_get, "who pays"),
	ROW("PUT", "PutBucketRequestPayment", "requestPayment", s3_config_put, "who pays"),
	ROW("GET", "GetBucketLogging", "logging", s3_config_get, "where access logs go"),
	ROW("PUT", "PutBucketLogging", "logging", s3_config_put, "kept; no access logs are written"),
	ROW("GET", "GetBucketNotificationConfiguration", "notification", s3_config_get, "who is told what happens to objects"),
	ROW("PUT", "PutBucketNotificationConfiguration", "notification", s3_config_put, "who is told what happens to objects: streams, topics, HTTP, the journal"),
	ROW("GET", "GetBucketReplication", "replication", s3_config_get, "kept; nothing is replicated"),
	ROW("PUT", "PutBucketReplication", "replication", s3_config_put, "kept; nothing is replicated"),
	ROW("DELETE", "DeleteBucketReplication", "replication", s3_config_delete, "no replication"),
	ROW("GET", "GetBucketAnalyticsConfiguration", "analytics", s3_config_get, "one by id, or all"),
	ROW("PUT", "PutBucketAnalyticsConfiguration", "analytics", s3_config_put, "kept; nothing is analysed"),
	ROW("DELETE", "DeleteBucketAnalyticsConfiguration", "analytics", s3_config_delete, "by id"),
	ROW("GET", "GetBucketMetricsConfiguration", "metrics", s3_config_get, "one by id, or all"),
	ROW("PUT", "PutBucketMetricsConfiguration", "metrics", s3_config_put, "kept; requests aren't counted by it"),
	ROW("DELETE", "DeleteBucketMetricsConfiguration", "metrics", s3_config_delete, "by id"),
	ROW("GET", "GetBucketIntelligentTieringConfiguration", "intelligent-tiering", s3_config_get, "one by id, or all"),
	ROW("PUT", "PutBucketIntelligentTieringConfiguration", "intelligent-tiering", s3_config_put, "kept, without effect"),
	ROW("DELETE", "DeleteBucketIntelligentTieringConfiguration", "intelligent-tiering", s3_config_delete, "by id"),
	ROW("GET", "GetBucketInventoryConfiguration", "inventory", s3_config_get, "one by id, or all"),
	ROW("PUT", "PutBucketInventoryConfiguration", "inventory", s3_config_put, "kept; no inventory is written"),
	ROW("DELETE", "DeleteBucketInventoryConfiguration", "inventory", s3_config_delete, "by id"),
	{ { "OPTIONS", NULL, "OptionsObject", "a browser's preflight" }, S3_OBJECT, NULL, NULL, s3_op_preflight },
	{ { "OPTIONS", NULL, "OptionsObject", "a browser's preflight" }, S3_BUCKET, NULL, NULL, s3_op_preflight },
};
const struct routes s3_config_routes = ROUTES(s3_config_ops);
