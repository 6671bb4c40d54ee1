/* Versions: what a write or a delete does to those of a key, and which one a request means.
 *
 * In a bucket with versions (or with them suspended) what was current becomes noncurrent; what is written then has a number of its own,
 * or is the null version. Deleting what is current leaves a delete marker; deleting a version by its id takes it away for good, and the
 * one that came before it is current again.
 *
 * DIFFERS: with MfaDelete on, any x-amz-mfa is taken; there are no devices. */
#include "versions.h"
#include "notify.h"

#include "core/text.h"

/* ---- ids ---- */

enum { ID_CHARS = 32, NUMBER_CHARS = 11 };

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/* What hides the number's i-th character: one of the tail's, mixed so that it doesn't show. */
static unsigned mask(unsigned tail, int i)
{
	return (tail * 13 + 29 * (unsigned)i + 17) & 63;
}

/* The number, six bits a character, hidden by the tail's first characters; the tail makes guessed ones wrong. */
struct slice s3_version_text(struct arena *a, int64_t version)
{
	uint8_t seed[] = "version ........", sum[32];
	uint64_t n = (uint64_t)version;
	char id[ID_CHARS];
	if (version == 0)
		return S("null");
	for (int i = 0; i < 8; i++)
		seed[8 + i] = (uint8_t)(n >> 8 * i);
	hash_sha256(seed, sizeof(seed), sum);
	for (int i = 0; i < ID_CHARS - NUMBER_CHARS; i++)
		id[NUMBER_CHARS + i] = digits[sum[i] & 63];
	for (int i = NUMBER_CHARS - 1; i >= 0; i--, n >>= 6)
		id[i] = digits[(n ^ mask(sum[i] & 63, i)) & 63];
	return arena_dup(a, sl_of(id, ID_CHARS));
}

int64_t s3_version_number(struct arena *a, struct slice text)
{
	uint64_t n = 0;
	if (sl_eqs(text, "null"))
		return 0;
	if (text.n != ID_CHARS)
		return -1;
	for (int i = 0; i < NUMBER_CHARS; i++) {
		const char *at = memchr(digits, text.p[i], 64), *tail = memchr(digits, text.p[NUMBER_CHARS + i], 64);
		if (!at || !tail)
			return -1;
		n = n << 6 | ((uint64_t)(at - digits) ^ mask((unsigned)(tail - digits), i));
	}
	return n && n <= INT64_MAX && sl_eq(text, s3_version_text(a, (int64_t)n)) ? (int64_t)n : -1;
}

int s3_version_check(struct s3_fail *f, const char *name, struct slice text, int64_t *out)
{
	*out = s3_version_number(f->arena, text);
	if (*out >= 0)
		return 0;
	s3_extra(f, "ArgumentName", sl(name));
	s3_extra(f, "ArgumentValue", text);
	return s3_failf(f, S3_E_INVALID_ARGUMENT, "Invalid version id specified");
}

/* ---- finding ---- */

static int no_version(struct s3_fail *f, struct slice key, struct slice id)
{
	s3_extra(f, "Key", key);
	s3_extra(f, "VersionId", id);
	return s3_fail(f, S3_E_NO_VERSION);
}

/* By its number, wherever it is. */
static int by_number(struct s3 *s, const struct s3_bucket *b, struct slice key, int64_t number, struct s3_object *out, struct s3_fail *f, struct error *err)
{
	int rc = s3_store_object(&s->store, f->arena, b->name, key, out, err);
	if (rc == 0 && out->version == number)
		return 0;
	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	if (number)
		rc = s3_store_version(&s->store, f->arena, b->name, key, number, out, err);
	else
		rc = s3_store_version_null(&s->store, f->arena, b->name, key, out, err);
	return rc == 0 && out->version != number ? ERR_NOT_FOUND : rc;
}

/* What is current; NOT_FOUND with out->marker where that is a delete marker. */
static int current(struct s3 *s, const struct s3_bucket *b, struct slice key, struct s3_object *out, struct s3_fail *f, struct error *err)
{
	int rc = s3_store_object(&s->store, f->arena, b->name, key, out, err);
	if (rc != ERR_NOT_FOUND || b->versioning == S3_UNVERSIONED)
		return rc;
	rc = s3_store_version_top(&s->store, f->arena, b->name, key, out, err);
	return rc ? rc : ERR_NOT_FOUND;
}

int s3_version_of(struct s3 *s, const struct s3_bucket *b, struct slice key, struct slice id, struct s3_object *out, struct s3_fail *f)
{
	struct error err;
	int64_t number = 0;
	int rc;
	*out = (struct s3_object){ 0 };
	if (id.n && (rc = s3_version_check(f, "versionId", id, &number)) != 0)
		return rc;
	rc = id.n ? by_number(s, b, key, number, out, f, &err) : current(s, b, key, out, f, &err);
	if (rc && rc != ERR_NOT_FOUND)
		return s3_store_fail(f, &err);
	if (b->versioning != S3_UNVERSIONED && (rc == 0 || out->marker))
		out->version_id = s3_version_text(f->arena, out->version);
	if (rc && id.n)
		return no_version(f, key, id);
	if (rc) {
		s3_extra(f, "Key", key);
		return s3_fail(f, S3_E_NO_KEY);
	}
	return 0;
}

int s3_version_find(struct s3 *s, struct slice bucket, struct slice key, struct slice id, struct s3_object *out, struct s3_fail *f)
{
	struct s3_bucket b;
	int rc = s3_bucket_get(s, bucket, &b, f);
	if (rc == 0)
		rc = s3_version_of(s, &b, key, id, out, f);
	else
		*out = (struct s3_object){ 0 };
	if (rc || !out->marker)
		return rc;
	return s3_fail(f, S3_E_METHOD);
}

void s3_answer_version(struct s3_req *r, const struct s3_object *o)
{
	if (o->marker)
		http_set(r->call, "x-amz-delete-marker", "true");
	if (o->version_id.p)
		http_setsl(r->call, "x-amz-version-id", o->version_id);
}

int s3_refuse_marker(struct s3_req *r, const struct s3_object *o)
{
	char date[40];
	s3_answer_version(r, o);
	if (r->fail.err.def != &s3_errors[S3_E_METHOD])
		return r->fail.err.kind;
	clock_http(o->modified_ms, date);
	http_set(r->call, "Last-Modified", "%s", date);
	http_set(r->call, "Allow", "DELETE");
	s3_extra(&r->fail, "Method", r->http->method);
	s3_extra(&r->fail, "ResourceType", S("DeleteMarker"));
	return r->fail.err.kind;
}

int s3_request_object(struct s3 *s, struct s3_req *r, struct s3_object *out)
{
	bool reads = sl_eqs(r->http->method, "GET") || sl_eqs(r->http->method, "HEAD");
	int rc = s3_version_find(s, r->bucket, r->key, http_query(r->http, "versionId"), out, &r->fail);
	if (rc == 0 || !out->marker)
		return rc;
	if (!reads && r->fail.err.def == &s3_errors[S3_E_NO_KEY]) {
		r->fail.extra_n = 0;
		(void)s3_fail(&r->fail, S3_E_METHOD);
	}
	return s3_refuse_marker(r, out);
}

/* ---- writing ---- */

static int drop_null(struct s3 *s, const struct s3_bucket *b, struct slice key, struct arena *a, struct error *err)
{
	struct s3_object o;
	int rc = s3_store_version_null(&s->store, a, b->name, key, &o, err);
	if (rc == ERR_NOT_FOUND)
		return 0;
	return rc ? rc : s3_store_version_del(&s->store, b->name, &o, err);
}

/* Makes room for what comes on top: what is current becomes noncurrent, unless the null version is to be replaced and it is that. */
static int make_room(struct s3 *s, const struct s3_bucket *b, struct slice key, struct arena *a, struct error *err)
{
	bool keeps_null = b->versioning == S3_VERSIONED;
	struct s3_object now;
	int64_t seq;
	int rc = s3_store_object(&s->store, a, b->name, key, &now, err);
	if (rc == 0 && now.version == 0 && !keeps_null)
		return s3_store_object_del(&s->store, b->name, &now, err);
	if (rc == 0) {
		seq = now.version;
		if (!seq && (rc = s3_store_next_id(&s->store, &seq, err)) != 0)
			return rc;
		rc = s3_store_demote(&s->store, b->name, &now, seq, err);
	}
	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	return keeps_null ? 0 : drop_null(s, b, key, a, err);
}

int s3_version_place(struct s3 *s, const struct s3_bucket *b, struct s3_object *o, struct arena *a, struct error *err)
{
	int rc = 0;
	o->version = o->seq = 0;
	o->version_id = sl(NULL);
	if (b->versioning == S3_UNVERSIONED)
		return s3_store_object_put(&s->store, b->name, o, err);
	if ((rc = make_room(s, b, o->key, a, err)) != 0)
		return rc;
	if (b->versioning == S3_VERSIONED && (rc = s3_store_next_id(&s->store, &o->version, err)) != 0)
		return rc;
	o->version_id = s3_version_text(a, o->version);
	return s3_store_object_put(&s->store, b->name, o, err);
}

/* ---- deleting ---- */

static int add_marker(struct s3 *s, const struct s3_bucket *b, struct slice key, struct s3_deleted *out, struct s3_fail *f, struct error *err)
{
	struct s3_object m = { .key = key, .modified_ms = s->now_ms, .etag = S(""), .headers = S(""), .class = S("STANDARD"), .marker = true };
	int rc = make_room(s, b, key, f->arena, err);
	if (rc || (rc = s3_store_next_id(&s->store, &m.seq, err)) != 0)
		return rc;
	m.version = b->versioning == S3_VERSIONED ? m.seq : 0;
	out->marker = true;
	out->version_id = s3_version_text(f->arena, m.version);
	return s3_store_version_put(&s->store, b->name, &m, err);
}

/* What came before is current again, unless it is a delete marker. */
static int uncover(struct s3 *s, const struct s3_bucket *b, struct slice key, struct arena *a, struct error *err)
{
	struct s3_object top;
	int rc = s3_store_object(&s->store, a, b->name, key, &top, err);
	if (rc != ERR_NOT_FOUND)
		return rc;
	rc = s3_store_version_top(&s->store, a, b->name, key, &top, err);
	if (rc == ERR_NOT_FOUND)
		return 0;
	return rc || top.marker ? rc : s3_store_promote(&s->store, b->name, &top, err);
}

static int remove_version(struct s3 *s, const struct s3_bucket *b, const struct s3_delete *d, bool bypass, struct s3_deleted *out, struct s3_fail *f)
{
	struct s3_object o;
	struct error err;
	int64_t number;
	int rc = s3_version_check(f, "versionId", d->version, &number);
	if (rc)
		return rc;
	if (b->versioning != S3_UNVERSIONED)
		out->version_id = arena_dup(f->arena, d->version);
	rc = by_number(s, b, d->key, number, &o, f, &err);
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (rc)
		return s3_store_fail(f, &err);
	if ((rc = s3_check_delete(&o, d->key, d->etag, f)) != 0 || (rc = s3_lock_may_go(s, &o, bypass, f)) != 0)
		return rc;
	out->marker = o.marker;
	out->gone = true;
	rc = o.seq ? s3_store_version_del(&s->store, b->name, &o, &err) : s3_store_object_del(&s->store, b->name, &o, &err);
	if (rc == 0 && b->versioning != S3_UNVERSIONED)
		rc = uncover(s, b, d->key, f->arena, &err);
	return rc ? s3_store_fail(f, &err) : 0;
}

static int delete_one(struct s3 *s, const struct s3_bucket *b, const struct s3_delete *d, bool bypass, struct s3_deleted *out, struct s3_fail *f)
{
	struct s3_object o;
	struct error err;
	int rc;
	*out = (struct s3_deleted){ 0 };
	if (d->version.n)
		return remove_version(s, b, d, bypass, out, f);
	rc = s3_store_object(&s->store, f->arena, b->name, d->key, &o, &err);
	if (rc && rc != ERR_NOT_FOUND)
		return s3_store_fail(f, &err);
	if (d->etag.p) {
		int bad = s3_check_delete(rc ? NULL : &o, d->key, d->etag, f);
		if (bad)
			return bad;
	}
	if (b->versioning != S3_UNVERSIONED)
		rc = add_marker(s, b, d->key, out, f, &err);
	else
		rc = !(out->gone = rc == 0) ? 0 : s3_store_object_del(&s->store, b->name, &o, &err);
	return rc ? s3_store_fail(f, &err) : 0;
}

int s3_version_delete(struct s3 *s, const struct s3_bucket *b, const struct s3_delete *d, bool bypass, struct s3_deleted *out, struct s3_fail *f)
{
	int rc = delete_one(s, b, d, bypass, out, f);
	bool marked = out->marker && !out->gone;
	if (rc == 0 && (out->gone || marked) && s3_notifies(s)) {
		const char *event = arena_printf(f->arena, "%s:%s", d->by ? d->by : "ObjectRemoved", marked ? "DeleteMarkerCreated" : "Delete").p;
		s3_notify(s, b, &(struct s3_happened){ event, d->key, out->version_id, NULL });
	}
	return rc;
}

/* ---- operations ---- */

#define KIND "versioning"
#define MFA_ON "<MfaDelete>Enabled</MfaDelete>"

int s3_mfa_check(struct s3 *s, struct s3_req *r)
{
	struct slice doc;
	struct error err;
	int rc = s3_store_config(&s->store, r->a, r->bucket, KIND, S(""), &doc, &err);
	if (rc == ERR_NOT_FOUND || (rc == 0 && (sl_find(doc, S(MFA_ON)) < 0 || http_get(r->http, "x-amz-mfa").n)))
		return 0;
	return rc ? s3_store_fail(&r->fail, &err) : s3_failf(&r->fail, S3_E_ACCESS_DENIED, "Mfa Authentication must be used for this request");
}

int s3_op_get_versioning(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct slice doc = S("");
	struct buf xml = { 0 };
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	rc = s3_store_config(&s->store, r->a, r->bucket, KIND, S(""), &doc, &err);
	if (rc && rc != ERR_NOT_FOUND)
		return s3_store_fail(&r->fail, &err);
	s3_xml_start(&xml, "VersioningConfiguration");
	buf_addsl(&xml, doc);
	return s3_answer_xml(r, &xml, "VersioningConfiguration");
}

static bool is_state(struct slice v, const char *on, const char *off)
{
	return !v.n || sl_eqs(v, on) || sl_eqs(v, off);
}

int s3_op_put_versioning(struct s3 *s, struct s3_req *r)
{
	const struct xml_node *root;
	struct slice status, mfa;
	struct s3_bucket b;
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = s3_request_xml(r, "VersioningConfiguration", &root)) != 0)
		return rc;
	status = xml_text(root, "Status");
	mfa = xml_text(root, "MfaDelete");
	if (!is_state(status, "Enabled", "Suspended") || !is_state(mfa, "Enabled", "Disabled"))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if (!status.n)
		return s3_fail(&r->fail, S3_E_ILLEGAL_VERSIONING);
	if (b.lock.n && !sl_eqs(status, "Enabled"))
		return s3_failf(&r->fail, S3_E_BUCKET_STATE, "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.");
	if ((rc = s3_mfa_check(s, r)) != 0)
		return rc;
	if (sl_eqs(mfa, "Enabled") && !http_get(r->http, "x-amz-mfa").n)
		return s3_failf(&r->fail, S3_E_ACCESS_DENIED, "Mfa Authentication must be used for this request");
	status = arena_printf(r->a, "<Status>%.*s</Status>%s%.*s%s", SL(status), mfa.n ? "<MfaDelete>" : "", SL(mfa.n ? mfa : S("")), mfa.n ? "</MfaDelete>" : "");
	if (s3_store_config_put(&s->store, r->bucket, KIND, S(""), status, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = 200;
	return 0;
}
