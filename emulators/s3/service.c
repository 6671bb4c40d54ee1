/* The operation table and the struct service. */
#include "core/adopt.h"
#include "access.h"
#include "body.h"
#include "notify.h"
#include "config.h"
#include "lifecycle.h"
#include "website.h"
#include "versions.h"
#include "form.h"

/* First match wins: rows with a query or header stand before those without. */
static const struct s3_op ops[] = {
	{ { "GET", NULL, "ListBuckets", "buckets of the account" }, S3_ACCOUNT, NULL, NULL, s3_op_list_buckets },
	{ { "GET", NULL, "GetBucketLocation", "region of a bucket" }, S3_BUCKET, "location", NULL, s3_op_location },
	{ { "GET", NULL, "ListMultipartUploads", "uploads under way" }, S3_BUCKET, "uploads", NULL, s3_op_list_uploads },
	{ { "GET", NULL, "ListObjectVersions", "objects as versions" }, S3_BUCKET, "versions", NULL, s3_op_list_versions },
	{ { "GET", NULL, "ListObjectsV2", "objects, by continuation token" }, S3_BUCKET, "list-type", NULL, s3_op_list_v2 },
	{ { "GET", NULL, "ListObjects", "objects, by marker" }, S3_BUCKET, NULL, NULL, s3_op_list_v1 },
	{ { "HEAD", NULL, "HeadBucket", "whether a bucket is there" }, S3_BUCKET, NULL, NULL, s3_op_head_bucket },
	{ { "GET", NULL, "GetBucketTagging", "tags of a bucket" }, S3_BUCKET, "tagging", NULL, s3_op_get_tagging },
	{ { "PUT", NULL, "PutBucketTagging", "set the tags of a bucket" }, S3_BUCKET, "tagging", NULL, s3_op_put_tagging },
	{ { "DELETE", NULL, "DeleteBucketTagging", "take the tags of a bucket away" }, S3_BUCKET, "tagging", NULL, s3_op_delete_tagging },
	{ { "GET", NULL, "GetBucketEncryption", "how its objects are encrypted" }, S3_BUCKET, "encryption", NULL, s3_op_get_encryption },
	{ { "PUT", NULL, "PutBucketEncryption", "how its objects are encrypted: AES256, aws:kms" }, S3_BUCKET, "encryption", NULL, s3_op_put_encryption },
	{ { "DELETE", NULL, "DeleteBucketEncryption", "AES256 again" }, S3_BUCKET, "encryption", NULL, s3_op_delete_encryption },
	{ { "GET", NULL, "GetBucketVersioning", "whether a bucket keeps versions" }, S3_BUCKET, "versioning", NULL, s3_op_get_versioning },
	{ { "PUT", NULL, "PutBucketVersioning", "keep versions of a bucket's objects, or keep no more" }, S3_BUCKET, "versioning", NULL, s3_op_put_versioning },
	{ { "GET", NULL, "GetObjectLockConfiguration", "whether objects of a bucket can be locked, and how they are by default" }, S3_BUCKET, "object-lock", NULL, s3_op_get_object_lock },
	{ { "PUT", NULL, "PutObjectLockConfiguration", "let objects of a bucket be locked" }, S3_BUCKET, "object-lock", NULL, s3_op_put_object_lock },
	{ { "GET", NULL, "GetObjectRetention", "until when a version is kept" }, S3_OBJECT, "retention", NULL, s3_op_get_retention },
	{ { "PUT", NULL, "PutObjectRetention", "keep a version until a date" }, S3_OBJECT, "retention", NULL, s3_op_put_retention },
	{ { "GET", NULL, "GetObjectLegalHold", "whether a version is held" }, S3_OBJECT, "legal-hold", NULL, s3_op_get_legal_hold },
	{ { "PUT", NULL, "PutObjectLegalHold", "hold a version, or let it go" }, S3_OBJECT, "legal-hold", NULL, s3_op_put_legal_hold },
	{ { "GET", NULL, "GetBucketPolicy", "who else may use a bucket" }, S3_BUCKET, "policy", NULL, s3_op_get_policy },
	{ { "PUT", NULL, "PutBucketPolicy", "who else may use a bucket, and who may not" }, S3_BUCKET, "policy", NULL, s3_op_put_policy },
	{ { "DELETE", NULL, "DeleteBucketPolicy", "take the policy of a bucket away" }, S3_BUCKET, "policy", NULL, s3_op_delete_policy },
	{ { "GET", NULL, "GetBucketAcl", "who has which permission of a bucket" }, S3_BUCKET, "acl", NULL, s3_op_get_bucket_acl },
	{ { "PUT", NULL, "PutBucketAcl", "give permissions of a bucket" }, S3_BUCKET, "acl", NULL, s3_op_put_bucket_acl },
	{ { "GET", NULL, "GetBucketOwnershipControls", "whose objects are" }, S3_BUCKET, "ownershipControls", NULL, s3_op_get_ownership },
	{ { "PUT", NULL, "PutBucketOwnershipControls", "whose objects are: with BucketOwnerEnforced no ACL counts" }, S3_BUCKET, "ownershipControls", NULL, s3_op_put_ownership },
	{ { "DELETE", NULL, "DeleteBucketOwnershipControls", "objects are of who puts them" }, S3_BUCKET, "ownershipControls", NULL, s3_op_delete_ownership },
	{ { "GET", NULL, "GetPublicAccessBlock", "what is refused to policies and ACLs" }, S3_BUCKET, "publicAccessBlock", NULL, s3_op_get_public_block },
	{ { "PUT", NULL, "PutPublicAccessBlock", "refuse what lets everyone in" }, S3_BUCKET, "publicAccessBlock", NULL, s3_op_put_public_block },
	{ { "DELETE", NULL, "DeletePublicAccessBlock", "let policies and ACLs let everyone in" }, S3_BUCKET, "publicAccessBlock", NULL, s3_op_delete_public_block },
	{ { "GET", NULL, "GetBucketPolicyStatus", "whether its policy lets everyone in" }, S3_BUCKET, "policyStatus", NULL, s3_op_policy_status },
	{ { "PUT", NULL, "CreateBucket", "make a bucket" }, S3_BUCKET, NULL, NULL, s3_op_create_bucket },
	{ { "DELETE", NULL, "DeleteBucket", "delete an empty bucket" }, S3_BUCKET, NULL, NULL, s3_op_delete_bucket },
	{ { "POST", NULL, "PostObject", "an object from a browser's form" }, S3_BUCKET, NULL, NULL, s3_op_form },
	{ { "POST", NULL, "DeleteObjects", "delete up to 1000 objects" }, S3_BUCKET, "delete", NULL, s3_op_delete_many },
	{ { "GET", NULL, "ListParts", "parts of an upload" }, S3_OBJECT, "uploadId", NULL, s3_op_list_parts },
	{ { "GET", NULL, "GetObjectAttributes", "checksum, size, parts of an object" }, S3_OBJECT, "attributes", NULL, s3_op_attributes },
	{ { "GET", NULL, "GetObject", "an object, or a range of it" }, S3_OBJECT, NULL, NULL, s3_op_get },
	{ { "HEAD", NULL, "HeadObject", "headers of an object" }, S3_OBJECT, NULL, NULL, s3_op_get },
	{ { "GET", NULL, "GetObjectTagging", "tags of an object" }, S3_OBJECT, "tagging", NULL, s3_op_get_object_tagging },
	{ { "GET", NULL, "GetObjectAcl", "who has which permission of an object" }, S3_OBJECT, "acl", NULL, s3_op_get_object_acl },
	{ { "PUT", NULL, "PutObjectAcl", "give permissions of an object" }, S3_OBJECT, "acl", NULL, s3_op_put_object_acl },
	{ { "PUT", NULL, "PutObjectTagging", "set the tags of an object" }, S3_OBJECT, "tagging", NULL, s3_op_put_object_tagging },
	{ { "DELETE", NULL, "DeleteObjectTagging", "take the tags of an object away" }, S3_OBJECT, "tagging", NULL, s3_op_delete_object_tagging },
	{ { "PUT", NULL, "UploadPartCopy", "a part from another object" }, S3_OBJECT, "uploadId", "x-amz-copy-source", s3_op_upload_part_copy },
	{ { "PUT", NULL, "UploadPart", "a part of an upload" }, S3_OBJECT, "uploadId", NULL, s3_op_upload_part },
	{ { "PUT", NULL, "CopyObject", "an object from another" }, S3_OBJECT, NULL, "x-amz-copy-source", s3_op_copy },
	{ { "PUT", NULL, "PutObject", "put an object" }, S3_OBJECT, NULL, NULL, s3_op_put },
	{ { "POST", NULL, "RestoreObject", "read what lies in an archive, for some days" }, S3_OBJECT, "restore", NULL, s3_op_restore },
	{ { "POST", NULL, "CreateMultipartUpload", "begin an upload in parts" }, S3_OBJECT, "uploads", NULL, s3_op_upload_create },
	{ { "POST", NULL, "CompleteMultipartUpload", "make the parts an object" }, S3_OBJECT, "uploadId", NULL, s3_op_upload_complete },
	{ { "DELETE", NULL, "AbortMultipartUpload", "give an upload up" }, S3_OBJECT, "uploadId", NULL, s3_op_upload_abort },
	{ { "DELETE", NULL, "DeleteObject", "delete an object" }, S3_OBJECT, NULL, NULL, s3_op_delete },
};
static const struct routes routes = ROUTES(ops);
/* Of subjects that have theirs beside them. */
static const struct {
	const struct s3_op *ops;
	size_t n;
} tables[] = {
	{ ops, ARRAY_LEN(ops) },
	{ s3_config_ops, S3_CONFIG_OPS },
};

/* Parameters that name another operation than the plain one. */
static const char *const subresources[] = { "acl", "tagging", "policy", "policyStatus", "lifecycle", "cors", "website", "logging", "encryption",
	"replication", "object-lock", "publicAccessBlock", "ownershipControls", "requestPayment", "accelerate", "notification", "versioning",
	"intelligent-tiering", "analytics", "inventory", "metrics", "retention", "legal-hold", "torrent", "restore", "select", "attributes",
	"uploads", "uploadId", "location", "versions", "delete", "metadataTable", "metadataConfiguration", "metadataInventoryTable",
	"metadataJournalTable", "session", "renameObject", "append", "abac" };

static bool has_subresource(const struct http_req *http)
{
	struct slice name, value;
	for (size_t pos = 0; http_query_next(http, &pos, &name, &value);)
		for (size_t i = 0; i < ARRAY_LEN(subresources); i++)
			if (sl_eqs(name, subresources[i]))
				return true;
	return false;
}

const struct s3_op *s3_find_op(const struct s3_req *r)
{
	enum s3_where where = r->key.p ? S3_OBJECT : r->bucket.p ? S3_BUCKET : S3_ACCOUNT;
	bool sub = has_subresource(r->http);
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct s3_op *o = &tables[t].ops[i];
			if (o->where != where || !sl_eqs(r->http->method, o->route.method) || (o->header && !http_get(r->http, o->header).p))
				continue;
			if (o->query ? http_query(r->http, o->query).p != NULL : !sub || o->run == s3_op_preflight)
				return o;
		}
	}
	return NULL;
}

static int unknown_op(struct s3 *s, struct s3_req *r)
{
	const char *name = s3_unserved(r);
	r->call->op = name ? name : "Unknown";
	log_warn(s->env, "unsupported", "method=%.*s target=%.*s", SL(r->http->method), SL(r->http->target));
	if (!r->bucket.p || (!sl_eqs(r->http->method, "GET") && !sl_eqs(r->http->method, "PUT") && !sl_eqs(r->http->method, "POST") &&
			     !sl_eqs(r->http->method, "DELETE") && !sl_eqs(r->http->method, "HEAD"))) {
		s3_extra(&r->fail, "Method", r->http->method);
		s3_extra(&r->fail, "ResourceType", r->key.p ? S("OBJECT") : r->bucket.p ? S("BUCKET") : S("SERVICE"));
		return s3_fail(&r->fail, S3_E_METHOD);
	}
	return s3_failf(&r->fail, S3_E_NOT_IMPLEMENTED, "%s is not served by this emulator.", name ? name : "This operation");
}

void s3_begin(struct s3 *s, struct s3_req *r, struct http_call *call)
{
	*r = (struct s3_req){ .call = call, .http = &call->req, .a = call->req.arena };
	r->fail.arena = r->a;
	s->now_ms = clock_now_ms(s->env->clock);
	size_t n = call->req.remote.n < sizeof(s->remote) ? call->req.remote.n : 0;
	if (n)
		memcpy(s->remote, call->req.remote.p, n);
	s->remote[n] = '\0';
	call->op = "Unknown";
}

static const struct fault_site faults[] = {
	{ "s3.", FAULT_ERRORS, "error=: an operation isn't done, and answers with it (SlowDown, InternalError, AccessDenied, NoSuchKey)" },
	{ NULL },
};

int s3_run_op(struct s3 *s, struct s3_req *r, const struct s3_op *op)
{
	char code[64];
	if (!faults_any(s->env->faults) || !faults_ask_error(s->env->faults, "s3", op->route.name, code)) {
		int rc = op->run(s, r);
		if (rc == 0)
			s3_notify_op(s, r, op->route.name);
		return rc;
	}
	for (size_t i = 0; i < S3_E_COUNT; i++)
		if (!strcmp(s3_errors[i].code, code))
			return s3_fail(&r->fail, (enum s3_err)i);
	return s3_failf(&r->fail, S3_E_INTERNAL, "An armed fault: %s.", code);
}

void s3_finish(struct s3 *s, struct s3_req *r, int rc)
{
	s3_form_answer(r, rc);
	s3_cors_answer(s, r);
	r->request_id = arena_printf(r->a, "%016llX", (unsigned long long)++s->request_n);
	if (rc) {
		if (r->fail.err.def == &s3_errors[S3_E_INTERNAL])
			log_error(s->env, "failed", "op=%s request=%.*s cause=\"%s\"", r->call->op, SL(r->request_id), r->fail.cause.text);
		s3_answer_error(r);
	}
	http_setsl(r->call, "x-amz-request-id", r->request_id);
	http_setsl(r->call, "x-amz-id-2", s3_host_id(r));
	http_set(r->call, "Server", "AmazonS3");
}

struct slice s3_secret_of(struct s3 *s, const struct s3_req *r)
{
	return s->any_identity || !r->auth.present ? sl(NULL) : r->auth.who.secret;
}

/* A form says in itself whose it is; a preflight is nobody's. */
static bool judges_itself(const struct s3_op *op)
{
	return op->run == s3_op_form || op->run == s3_op_preflight;
}

static void serve(void *self, struct http_call *call)
{
	struct s3 *s = self;
	struct s3_req r;
	const struct s3_op *op = NULL;
	bool control;
	int rc;
	s3_begin(s, &r, call);
	if (s3_website(s, &r))
		return;
	rc = s3_request_address(&r, conf_get(s->env->conf, "s3", "host"));
	control = rc == 0 && s3_is_control(&r);
	if (rc == 0 && !control && (op = s3_find_op(&r)))
		call->op = op->route.name;
	if (rc == 0 && op && judges_itself(op)) {
		rc = s3_run_op(s, &r, op);
		if (rc == S3_LATER)
			return;
		s3_finish(s, &r, rc);
		http_done(call);
		return;
	}
	if (rc == 0)
		rc = s3_request_auth(s, &r, true);
	if (rc == 0 && op && (op->run == s3_op_put || op->run == s3_op_upload_part))
		rc = s3_request_length(&r);
	if (rc == 0 && (!op || op->run != s3_op_create_bucket))
		rc = s3_request_owner(s, &r, "x-amz-expected-bucket-owner", r.bucket);
	if (rc == 0 && op)
		rc = s3_authorize(s, &r, op->route.name);
	if (rc == 0)
		rc = s3_request_body(&r, s3_secret_of(s, &r));
	if (rc == 0)
		rc = control ? s3_control(s, &r) : op ? s3_run_op(s, &r, op) : unknown_op(s, &r);
	/* Who may not list isn't told what isn't there. */
	if (rc && rc != S3_LATER && r.fail.err.def == &s3_errors[S3_E_NO_KEY] && !s3_may_list(s, &r))
		rc = s3_fail(&r.fail, S3_E_ACCESS_DENIED);
	if (rc == S3_LATER)
		return;
	s3_finish(s, &r, rc);
	http_done(call);
}

/* Before a body is sent for: who asks, and is the bucket there, for clients that wait to hear it; and how large it is. */
static bool serve_head(void *self, struct http_call *call)
{
	struct s3 *s = self;
	struct s3_bucket b;
	struct s3_req r;
	const struct s3_op *op = NULL;
	int rc;
	if (!http_get(&call->req, "expect").p)
		return s3_take(s, call);
	s3_begin(s, &r, call);
	rc = s3_request_address(&r, conf_get(s->env->conf, "s3", "host"));
	if (rc == 0 && (op = s3_find_op(&r)) && judges_itself(op))
		return s3_take(s, call);
	if (rc == 0)
		rc = s3_request_auth(s, &r, false);
	if (rc == 0 && r.key.p)
		rc = s3_bucket_get(s, r.bucket, &b, &r.fail);
	if (rc == 0 && op)
		rc = s3_authorize(s, &r, op->route.name);
	if (!rc)
		return s3_take(s, call);
	s3_finish(s, &r, rc);
	return true;
}

static bool grows(const struct http_req *req)
{
	return sl_eqs(req->method, "PUT") || (sl_eqs(req->method, "POST") && !http_query(req, "delete").p);
}

static void serve_full(void *self, struct http_call *call)
{
	struct s3_req r;
	s3_begin(self, &r, call);
	s3_finish(self, &r, s3_fail(&r.fail, S3_E_INTERNAL));
	http_done(call);
}

static void serve_too_large(void *self, struct http_call *call)
{
	struct s3 *s = self;
	struct slice length = http_get(&call->req, "content-length");
	struct s3_req r;
	s3_begin(s, &r, call);
	if (length.p)
		s3_extra(&r.fail, "ProposedSize", length);
	s3_extra(&r.fail, "MaxSizeAllowed", arena_printf(r.a, "%d", S3_WHOLE_MAX));
	s3_finish(s, &r, s3_fail(&r.fail, S3_E_ENTITY_TOO_LARGE));
	http_done(call);
}

/* ---- life ---- */

/* One of [buckets] name = region, unless it is there. */
static int make_bucket(struct s3 *s, struct slice name, const char *region, struct error *err)
{
	struct arena a = { 0 };
	struct s3_fail f = { .arena = &a };
	struct s3_bucket b;
	int rc = 0;
	if (s3_store_bucket(&s->store, &a, name, &b, err)) {
		b = (struct s3_bucket){ .name = name, .region = sl(region && *region ? region : "us-east-1") };
		rc = s3_bucket_make(s, &b, &f);
		if (rc)
			(void)err_set(err, rc, "[buckets] %.*s: %s", SL(name), f.err.text);
	}
	arena_free(&a);
	return rc;
}

static int make_buckets(struct s3 *s, struct error *err)
{
	const char *name, *region;
	int rc = 0;
	for (size_t i = 0; rc == 0 && s->env->conf && conf_at(s->env->conf, "buckets", i, &name, &region); i++)
		rc = make_bucket(s, sl(name), region, err);
	return rc ? rc : s3_store_commit(&s->store, err);
}

/* A file of the stack as an object, unless the key has one. */
static int make_object(struct s3 *s, struct slice bucket, struct slice key, const char *file, struct error *err)
{
	struct arena a = { 0 };
	struct s3_fail f = { .arena = &a };
	struct s3_put in = { .bucket = bucket, .key = key, .headers = S("content-type:binary/octet-stream\n"), .class = S("STANDARD") };
	struct s3_content content;
	struct s3_object there;
	char *bytes;
	size_t n;
	int rc = 0;
	if (s3_object_find(s, bucket, key, &there, &f)) {
		f = (struct s3_fail){ .arena = &a };
		in.cond = (struct s3_conditions){ .modified_since_ms = -1, .unmodified_since_ms = -1 };
		in.content = &content;
		rc = stack_read(s->env->files, file, &bytes, &n, err);
		if (!rc) {
			s3_content_of(sl_of(bytes, n), S3_SUM_CRC64, S3_SUM_NONE, &content);
			if (s3_put(s, &in, &there, &f))
				rc = err_set(err, f.err.kind, "[objects] %.*s/%.*s: %s", SL(bucket), SL(key), f.err.text);
			s3_content_free(&content);
			free(bytes);
		}
	}
	arena_free(&a);
	return rc;
}

/* One of [objects] BUCKET/KEY = FILE, or BUCKET/FOLDER/ = FOLDER/. */
static int make_some(struct s3 *s, struct slice where, const char *from, struct error *err)
{
	struct arena a = { 0 };
	struct slice bucket, key;
	const char *file;
	int rc = 0;
	bool folder = sl_ends(sl(from), S("/"));
	sl_cut(where, '/', &bucket, &key);
	if (!folder)
		return make_object(s, bucket, key, from, err);
	for (size_t i = 0; rc == 0 && (file = stack_list(s->env->files, from, i)); i++)
		rc = make_object(s, bucket, arena_printf(&a, "%.*s%s", SL(key), file + strlen(from)), file, err);
	arena_free(&a);
	return rc;
}

/* Whether what lies at `at` (a folder ends in '/') is at the key or below it, or the key is in that folder. */
static bool concerns(struct slice at, struct slice bucket, struct slice key)
{
	struct slice of, path;
	sl_cut(at, '/', &of, &path);
	if (!key.n || !sl_eq(of, bucket))
		return false;
	if (sl_starts(path, key))
		return path.n == key.n || path.p[key.n] == '/';
	return sl_ends(path, S("/")) && sl_starts(key, path);
}

void s3_objects_wanted(void *self, struct slice bucket, struct slice key)
{
	struct s3 *s = self;
	const char *where, *from;
	struct error err;
	s->now_ms = clock_now_ms(s->env->clock);
	for (size_t i = 0; i < 64 && s->env->conf && conf_at(s->env->conf, "objects", i, &where, &from); i++)
		if (!(s->made & (uint64_t)1 << i) && concerns(sl(where), bucket, key)) {
			s->made |= (uint64_t)1 << i;
			if (make_some(s, sl(where), from, &err))
				log_warn(s->env, "objects", "why=%s", err.text);
		}
}

/* What [objects] says is wrong: at once, not when it is looked for. */
static int check_objects(struct s3 *s, struct error *err)
{
	const char *where, *from;
	for (size_t i = 0; s->env->conf && conf_at(s->env->conf, "objects", i, &where, &from); i++) {
		struct slice bucket, key;
		char *bytes = NULL;
		size_t n;
		bool folder = sl_ends(sl(from), S("/"));
		sl_cut(sl(where), '/', &bucket, &key);
		if (i == 64)
			return err_set(err, ERR_INVALID, "[objects] has more than 64 lines");
		if (!key.n || folder != sl_ends(key, S("/")))
			return err_set(err, ERR_INVALID, "[objects] %s = %s: BUCKET/KEY = FILE, or BUCKET/FOLDER/ = FOLDER/", where, from);
		if (!folder && stack_read(s->env->files, from, &bytes, &n, err))
			return err->kind;
		free(bytes);
	}
	return 0;
}

static int adopt_bucket(void *self, struct slice name, const char *like, struct error *err)
{
	struct s3 *s = self;
	return make_bucket(s, name, conf_get(s->env->conf, "buckets", like), err);
}

static int s3_open(void *self, const struct env *env, struct error *err)
{
	struct s3 *s = self;
	int rc;
	s->env = env;
	s->any_identity = sigv4_any(env->conf);
	s->strict_regions = env->conf && conf_bool(env->conf, "s3", "strict_regions", false);
	s->now_ms = clock_now_ms(env->clock);
	s3_measure_open(s);
	rc = s3_store_open(&s->store, env, err);
	if (rc == 0)
		rc = s3_store_others(&s->store, &s->others, err);
	adopt_by(env->adopt, &(struct adopt_hook){ "buckets", adopt_bucket, s });
	if (rc == 0)
		rc = s3_preload(s, err);
	if (rc == 0)
		rc = make_buckets(s, err);
	if (rc == 0)
		rc = check_objects(s, err);
	if (rc == 0)
		s3_lifecycle_open(s);
	return rc;
}

static int s3_commit(void *self, struct error *err)
{
	return s3_store_commit(&((struct s3 *)self)->store, err);
}

static void s3_hold_files(void *self, bool on)
{
	s3_files_freeze(&((struct s3 *)self)->store, on);
}

static void s3_close(void *self)
{
	struct s3 *s = self;
	s3_lifecycle_close(s);
	owed_cancel_all(&s->replies);
	s3_notify_close(s);
	s3_take_close(s);
	s3_copy_close(s);
	s3_readers_close(s);
	s3_store_close(&s->store);
}

static const struct setting settings[] = {
	{ "buckets", "*", NULL, "NAME = REGION: buckets that are there from the start; without a region in us-east-1" },
	{ "objects", "*", NULL, "BUCKET/KEY = FILE: objects that are there once SQL or DBFS look for them, files of the stack; BUCKET/FOLDER/ = FOLDER/: all of a folder" },
	{ "s3", "acls", "off", "on: a bucket made without ownership controls has none, and no public access block: ACLs count in it, as on AWS before April 2023", SETTING_BOOL },
	{ "s3", "strict_regions", "off", "on: a request that is signed for another region than its bucket's is sent there, as on AWS: 301 PermanentRedirect, or "
				       "400 AuthorizationHeaderMalformed where the bucket's name is in the host's", SETTING_BOOL },
	{ "s3", "host", NULL, "a host name of this store, of which BUCKET.HOST names a bucket" },
	{ "s3", "preload.*", NULL, "preload.NAME = DIR: the bucket NAME is there from the start with the files of a folder, of the stack's or of where tarn starts; copied when it isn't there yet" },
	{ NULL },
};

const struct service s3_service = {
	.name = "s3",
	.doc = "object store: the S3 REST API on the AWS port",
	.faults = faults,
	.settings = settings,
	.aws = "s3",
	.aws_anonymous = true,
	.size = sizeof(struct s3),
	.body_max = S3_WHOLE_MAX,
	.open = s3_open,
	.provide = s3_provide,
	.routes = { &routes, &s3_config_routes },
	.http = serve,
	.http_page = s3_page,
	.http_head = serve_head,
	.http_grows = grows,
	.http_full = serve_full,
	.http_too_large = serve_too_large,
	.db = offsetof(struct s3, store.db),
	.commit = s3_commit,
	.look = s3_look,
	.hold = s3_hold_files,
	.close = s3_close,
};
