/* Access control lists: headers and XML in, text kept, XML out. */
#include "acl.h"

#include "access.h"
#include "core/identities.h"
#include "core/text.h"
#include "versions.h"

enum { GRANTS_MAX = 100 };
#define GROUPS "http://acs.amazonaws.com/groups/"

static const struct {
	char letter; /* what stands for it after 'g' */
	const char *uri;
	bool public;
} groups[] = {
	{ '1', GROUPS "global/AllUsers", true },
	{ '2', GROUPS "global/AuthenticatedUsers", true },
	{ '3', GROUPS "s3/LogDelivery", false },
};

static const struct {
	enum s3_perm perm;
	const char *name, *header;
} perms[] = {
	{ S3_READ, "READ", "x-amz-grant-read" },
	{ S3_WRITE, "WRITE", "x-amz-grant-write" },
	{ S3_READ_ACP, "READ_ACP", "x-amz-grant-read-acp" },
	{ S3_WRITE_ACP, "WRITE_ACP", "x-amz-grant-write-acp" },
	{ S3_FULL_CONTROL, "FULL_CONTROL", "x-amz-grant-full-control" },
};

/* What a canned ACL adds to its owner's FULL_CONTROL: '@' stands for the bucket's owner. */
static const struct {
	const char *name, *adds;
	bool objects, buckets;
} canned[] = {
	{ "private", "", true, true },
	{ "public-read", "Rg1", true, true },
	{ "public-read-write", "Rg1,Wg1", true, true },
	{ "authenticated-read", "Rg2", true, true },
	{ "aws-exec-read", "", true, true }, /* an account of AWS's own reads; it doesn't here */
	{ "bucket-owner-read", "R@", true, true },
	{ "bucket-owner-full-control", "F@", true, true },
	{ "log-delivery-write", "Wg3,Ag3", false, true },
};

/* ---- as text ---- */

/* The next grant of *rest: permission, kind ('i', 'g') and whom. */
static bool next(struct slice *rest, enum s3_perm *perm, char *kind, struct slice *whom)
{
	struct slice one;
	while (rest->n) {
		sl_cut(*rest, ',', &one, rest);
		if (one.n < 3)
			continue;
		*perm = (enum s3_perm)one.p[0];
		*kind = one.p[1];
		*whom = sl_from(one, 2);
		return true;
	}
	return false;
}

static void add(struct buf *b, enum s3_perm perm, char kind, struct slice whom)
{
	buf_addf(b, "%s%c%c%.*s", b->n ? "," : "", (char)perm, kind, SL(whom));
}

static bool is_public(char kind, struct slice whom)
{
	return kind == 'g' && (sl_eqs(whom, "1") || sl_eqs(whom, "2"));
}

bool s3_acl_allows(struct slice acl, enum s3_perm perm, struct slice id, bool without_public)
{
	enum s3_perm p;
	struct slice whom;
	char kind;
	while (next(&acl, &p, &kind, &whom)) {
		if ((p != perm && p != S3_FULL_CONTROL) || (without_public && is_public(kind, whom)))
			continue;
		if (kind == 'i' ? id.p && sl_eq(whom, id) : sl_eqs(whom, "1") || (sl_eqs(whom, "2") && id.p))
			return true;
	}
	return false;
}

bool s3_acl_public(struct slice acl)
{
	enum s3_perm p;
	struct slice whom;
	char kind;
	while (next(&acl, &p, &kind, &whom))
		if (is_public(kind, whom))
			return true;
	return false;
}

struct slice s3_acl_private(struct arena *a, struct slice owner_id)
{
	return arena_printf(a, "Fi%.*s", SL(owner_id));
}

struct slice s3_acl_of(struct arena *a, struct slice headers, struct slice owner_id)
{
	struct s3_object o = { .headers = headers };
	struct slice acl = s3_header_of(&o, S3_ACL_LINE);
	return acl.p ? acl : s3_acl_private(a, owner_id);
}

int s3_acl_of_bucket(struct s3 *s, struct arena *a, const struct s3_bucket *b, struct slice *out, struct s3_fail *f)
{
	struct error err;
	int rc = s3_store_config(&s->store, a, b->name, S3_ACL_KIND, S(""), out, &err);
	if (rc && rc != ERR_NOT_FOUND)
		return s3_store_fail(f, &err);
	if (rc)
		*out = s3_acl_private(a, s3_owner_of_bucket(s, a, b).id);
	return 0;
}

/* ---- grantees ---- */

static bool hex64(struct slice id)
{
	for (size_t i = 0; i < id.n; i++)
		if (hex_digit(id.p[i]) < 0)
			return false;
	return id.n == 64;
}

static int by_id(struct s3 *s, struct s3_req *r, const char *where, struct slice id)
{
	struct account_owner o;
	if (account_owner_by_id(s->env->conf, id, &o) || hex64(id) || sl_eqs(id, S3_ANONYMOUS_ID))
		return 0;
	return s3_bad_argument(r, where, id, "Invalid id");
}

static int by_uri(struct s3_req *r, const char *where, struct slice uri, struct slice *whom)
{
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (sl_eqs(uri, groups[i].uri)) {
			*whom = sl_of(&groups[i].letter, 1);
			return 0;
		}
	return s3_bad_argument(r, where, uri, "Invalid group uri");
}

static int by_email(struct s3 *s, struct s3_req *r, struct slice email, struct slice *whom)
{
	struct account_owner o;
	if (account_owner_by_email(s->env->conf, email, &o)) {
		*whom = arena_dup(r->a, o.canonical_id);
		return 0;
	}
	s3_extra(&r->fail, "ArgumentName", S("emailAddress"));
	s3_extra(&r->fail, "ArgumentValue", email);
	return s3_fail(&r->fail, S3_E_GRANT_EMAIL);
}

/* ---- headers in ---- */

/* id="…", uri="…", emailAddress="…", with commas between. */
static int add_header(struct s3 *s, struct s3_req *r, size_t perm, struct buf *b, size_t *n)
{
	struct slice rest = s3_request_header(r, perms[perm].header), whole = rest, one, name, value;
	int rc = 0;
	while (rest.n && rc == 0) {
		char kind = 'i';
		sl_cut(rest, ',', &one, &rest);
		sl_cut(sl_trim(one), '=', &name, &value);
		name = sl_trim(name);
		value = sl_trim(value);
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = sl_of(value.p + 1, value.n - 2);
		if (++*n > GRANTS_MAX)
			return s3_fail(&r->fail, S3_E_MALFORMED_ACL);
		if (sl_eqs(name, "id")) {
			rc = by_id(s, r, "id", value);
		} else if (sl_eqs(name, "uri")) {
			kind = 'g';
			rc = by_uri(r, "uri", value, &value);
		} else if (sl_eqs(name, "emailAddress")) {
			rc = by_email(s, r, value, &value);
		} else {
			rc = s3_bad_argument(r, perms[perm].header, whole, "Argument format not recognized");
		}
		if (rc == 0)
			add(b, perms[perm].perm, kind, value);
	}
	return rc;
}

static int canned_acl(struct s3_req *r, const struct s3_acl_ask *ask, struct slice name, struct slice *out)
{
	for (size_t i = 0; i < ARRAY_LEN(canned); i++) {
		struct slice adds = sl(canned[i].adds), one;
		struct buf b = { 0 };
		if (!sl_eqs(name, canned[i].name) || !(ask->bucket ? canned[i].buckets : canned[i].objects))
			continue;
		add(&b, S3_FULL_CONTROL, 'i', ask->owner.id);
		while (adds.n) {
			sl_cut(adds, ',', &one, &adds);
			if (one.p[1] != '@')
				buf_addf(&b, ",%.*s", SL(one));
			else if (!sl_eq(ask->owner.id, ask->of_bucket.id))
				add(&b, (enum s3_perm)one.p[0], 'i', ask->of_bucket.id);
		}
		*out = arena_dup(r->a, buf_slice(&b));
		buf_free(&b);
		return 0;
	}
	return s3_bad_argument(r, "x-amz-acl", name, "");
}

static bool has_grants(const struct s3_req *r)
{
	for (size_t i = 0; i < ARRAY_LEN(perms); i++)
		if (s3_request_header(r, perms[i].header).p)
			return true;
	return false;
}

bool s3_acl_said(const struct s3_req *r)
{
	return s3_request_header(r, "x-amz-acl").p || has_grants(r);
}

int s3_acl_asked(struct s3 *s, struct s3_req *r, const struct s3_acl_ask *ask, struct slice *out)
{
	struct slice name = s3_request_header(r, "x-amz-acl");
	struct buf b = { 0 };
	size_t n = 0;
	int rc = 0;
	*out = sl(NULL);
	if (name.p && has_grants(r))
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Specifying both Canned ACLs and Header Grants is not allowed");
	if (name.p)
		return canned_acl(r, ask, name, out);
	if (!has_grants(r))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(perms) && rc == 0; i++)
		rc = add_header(s, r, i, &b, &n);
	if (rc == 0)
		*out = arena_dup(r->a, b.n ? buf_slice(&b) : S("-"));
	buf_free(&b);
	return rc;
}

/* ---- XML in ---- */

static int malformed(struct s3_req *r)
{
	return s3_fail(&r->fail, S3_E_MALFORMED_ACL);
}

static int add_grant(struct s3 *s, struct s3_req *r, const struct xml_node *grant, struct buf *b)
{
	static const char *const kinds[][2] = { { "CanonicalUser", "ID" }, { "Group", "URI" }, { "AmazonCustomerByEmail", "EmailAddress" } };
	const struct xml_node *to = xml_child(grant, "Grantee");
	struct slice name = xml_text(grant, "Permission"), whom = sl(NULL);
	enum s3_perm perm = S3_NO_PERM;
	size_t kind = 0;
	int rc;
	for (size_t i = 0; i < ARRAY_LEN(perms); i++)
		if (sl_eqs(name, perms[i].name))
			perm = perms[i].perm;
	for (kind = 0; to && kind < ARRAY_LEN(kinds); kind++)
		if (to->type.p ? sl_eqs(to->type, kinds[kind][0]) : xml_child(to, kinds[kind][1]) != NULL)
			break;
	if (!to || kind == ARRAY_LEN(kinds) || !perm || !sl_eqs(grant->name, "Grant"))
		return malformed(r);
	whom = xml_text(to, kinds[kind][1]);
	if (!whom.n)
		return malformed(r);
	rc = kind == 0 ? by_id(s, r, "CanonicalUser/ID", whom) : kind == 1 ? by_uri(r, "Group/URI", whom, &whom) : by_email(s, r, whom, &whom);
	if (rc == 0)
		add(b, perm, kind == 1 ? 'g' : 'i', whom);
	return rc;
}

static int acl_of_body(struct s3 *s, struct s3_req *r, const struct s3_acl_ask *ask, struct slice *out)
{
	const struct xml_node *root, *owner, *list;
	struct buf b = { 0 };
	size_t n = 0;
	int rc = s3_request_xml(r, "AccessControlPolicy", &root);
	if (rc)
		return r->fail.err.def == &s3_errors[S3_E_MALFORMED_XML] ? malformed(r) : rc;
	owner = xml_child(root, "Owner");
	list = xml_child(root, "AccessControlList");
	if (!owner || !list || !xml_text(owner, "ID").n)
		return malformed(r);
	if ((rc = by_id(s, r, "CanonicalUser/ID", xml_text(owner, "ID"))) != 0)
		return rc;
	if (!sl_eq(xml_text(owner, "ID"), ask->owner.id))
		return s3_fail(&r->fail, S3_E_ACCESS_DENIED);
	for (const struct xml_node *g = list->first; g && rc == 0; g = g->next)
		rc = ++n > GRANTS_MAX ? malformed(r) : add_grant(s, r, g, &b);
	*out = arena_dup(r->a, b.n ? buf_slice(&b) : S("-"));
	buf_free(&b);
	return rc;
}

/* ---- what is set ---- */

/* Whether only the owner, or the bucket's, gets anything, which is so without ACLs too. */
static bool says_nothing(struct slice acl, const struct s3_acl_ask *ask)
{
	enum s3_perm p;
	struct slice whom;
	char kind;
	while (next(&acl, &p, &kind, &whom))
		if (kind != 'i' || p != S3_FULL_CONTROL || !(sl_eq(whom, ask->owner.id) || sl_eq(whom, ask->of_bucket.id)))
			return false;
	return true;
}

/* "private" names an ACL, though it gives nobody more: AWS refuses it.
 *
 * DIFFERS: to who owns the bucket it is no ACL where an object is made: older clients (rclone before 1.62) always say it. */
static bool names_acl(struct s3 *s, struct s3_req *r, const struct s3_bucket *b)
{
	bool sets = http_query(r->http, "acl").p != NULL;
	return sl_eqs(s3_request_header(r, "x-amz-acl"), "private") && (sets || s3_caller_anonymous(s, r) || !sl_eq(s3_request_account(s, r), b->account));
}

int s3_acl_check(struct s3 *s, struct s3_req *r, const struct s3_bucket *b, const struct s3_acl_ask *ask, struct slice acl, struct slice *out)
{
	struct s3_public_block block;
	int rc = 0;
	*out = sl(NULL);
	if (!acl.p)
		return 0;
	if (s3_owner_enforced(b))
		return says_nothing(acl, ask) && !names_acl(s, r, b) ? 0 : s3_fail(&r->fail, S3_E_ACL);
	if (s3_acl_public(acl)) {
		rc = s3_public_block(s, r->a, b->name, &block, &r->fail);
		if (rc == 0 && block.block_acls)
			rc = s3_fail(&r->fail, S3_E_ACCESS_DENIED);
	}
	*out = acl;
	return rc;
}

/* Whose an object is that the request puts into a bucket; *foreign: not its bucket's owner's. */
static struct s3_owner new_owner(struct s3 *s, struct s3_req *r, const struct s3_bucket *b, const struct s3_owner *of_bucket)
{
	struct s3_owner owner = s3_caller_anonymous(s, r) ? (struct s3_owner){ .id = S(S3_ANONYMOUS_ID) } : s3_owner_of_caller(s, r);
	bool given = r->call->own || (sl_eqs(b->ownership, "BucketOwnerPreferred") && sl_eqs(s3_request_header(r, "x-amz-acl"), "bucket-owner-full-control"));
	return s3_owner_enforced(b) || given ? *of_bucket : owner;
}

int s3_acl_lines(struct s3 *s, struct s3_req *r)
{
	struct s3_acl_ask ask = { 0 };
	struct s3_bucket b;
	struct error err;
	struct slice acl;
	int rc;
	r->lines = sl(NULL);
	/* Most requests say nothing, and are of the bucket's account. */
	if ((r->call->own && !s3_acl_said(r)) || s3_store_bucket(&s->store, r->a, r->bucket, &b, &err))
		return 0;
	if (s3_owner_enforced(&b) && !s3_acl_said(r))
		return 0;
	ask.of_bucket = s3_owner_of_bucket(s, r->a, &b);
	ask.owner = new_owner(s, r, &b, &ask.of_bucket);
	if ((rc = s3_acl_asked(s, r, &ask, &acl)) != 0 || (rc = s3_acl_check(s, r, &b, &ask, acl, &acl)) != 0)
		return rc;
	r->lines = S("");
	if (!sl_eq(ask.owner.id, ask.of_bucket.id))
		r->lines = arena_printf(r->a, S3_OWNER_LINE ":%.*s\n", SL(ask.owner.id));
	if (acl.p && !sl_eq(acl, s3_acl_private(r->a, ask.owner.id)))
		r->lines = arena_printf(r->a, "%.*s" S3_ACL_LINE ":%.*s\n", SL(r->lines), SL(acl));
	return 0;
}

struct slice s3_acl_without(struct arena *a, struct slice headers)
{
	if (sl_find(headers, S("\n" S3_OWN_LINE)) < 0)
		return headers;
	return s3_header_with(a, s3_header_with(a, headers, S3_OWNER_LINE, sl(NULL)), S3_ACL_LINE, sl(NULL));
}

/* ---- operations ---- */

static void add_grantee(struct s3 *s, struct s3_req *r, struct buf *b, char kind, struct slice whom)
{
	struct s3_owner o;
	buf_addf(b, "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"%s\">", kind == 'g' ? "Group" : "CanonicalUser");
	if (kind == 'g') {
		for (size_t i = 0; i < ARRAY_LEN(groups); i++)
			if (whom.p[0] == groups[i].letter)
				s3_xml_el(b, "URI", sl(groups[i].uri));
	} else {
		o = s3_owner_of_id(s, r->a, whom);
		s3_xml_el(b, "ID", o.id);
		if (o.name.n)
			s3_xml_el(b, "DisplayName", o.name);
	}
	buf_adds(b, "</Grantee>");
}

static void add_grants(struct s3 *s, struct s3_req *r, struct buf *b, const char *kinds, struct slice acl)
{
	enum s3_perm perm;
	struct slice whom;
	char kind;
	while (next(&acl, &perm, &kind, &whom)) {
		if (!strchr(kinds, kind))
			continue;
		buf_adds(b, "<Grant>");
		add_grantee(s, r, b, kind, whom);
		for (size_t i = 0; i < ARRAY_LEN(perms); i++)
			if (perms[i].perm == perm)
				s3_xml_el(b, "Permission", sl(perms[i].name));
		buf_adds(b, "</Grant>");
	}
}

static int answer_acl(struct s3 *s, struct s3_req *r, const struct s3_owner *owner, struct slice acl)
{
	struct buf b = { 0 };
	s3_xml_start(&b, "AccessControlPolicy");
	s3_xml_owner(&b, "Owner", owner);
	buf_adds(&b, "<AccessControlList>");
	/* AWS has the owner's first; other stores, and the suites that are written for them, those to groups. */
	if (s3_acls_on(s))
		add_grants(s, r, &b, "g", acl);
	add_grants(s, r, &b, s3_acls_on(s) ? "i" : "ig", acl);
	buf_adds(&b, "</AccessControlList>");
	return s3_answer_xml(r, &b, "AccessControlPolicy");
}

int s3_op_get_bucket_acl(struct s3 *s, struct s3_req *r)
{
	struct s3_owner owner;
	struct s3_bucket b;
	struct slice acl;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = s3_acl_of_bucket(s, r->a, &b, &acl, &r->fail)) != 0)
		return rc;
	owner = s3_owner_of_bucket(s, r->a, &b);
	return answer_acl(s, r, &owner, s3_owner_enforced(&b) ? s3_acl_private(r->a, owner.id) : acl);
}

/* The ACL that a PutBucketAcl or PutObjectAcl is to set. */
static int put_acl(struct s3 *s, struct s3_req *r, const struct s3_acl_ask *ask, struct slice *out)
{
	int rc = s3_acl_asked(s, r, ask, out);
	if (rc)
		return rc;
	if (out->p)
		return r->body.n ? s3_fail(&r->fail, S3_E_UNEXPECTED_CONTENT) : 0;
	if (r->body.n)
		return acl_of_body(s, r, ask, out);
	s3_extra(&r->fail, "MissingHeaderName", S("x-amz-acl"));
	return s3_fail(&r->fail, S3_E_MISSING_HEADER);
}

int s3_op_put_bucket_acl(struct s3 *s, struct s3_req *r)
{
	struct s3_acl_ask ask = { .bucket = true };
	struct s3_bucket b;
	struct error err;
	struct slice acl;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	ask.owner = ask.of_bucket = s3_owner_of_bucket(s, r->a, &b);
	if ((rc = put_acl(s, r, &ask, &acl)) != 0 || (rc = s3_acl_check(s, r, &b, &ask, acl, &acl)) != 0)
		return rc;
	rc = acl.p ? s3_store_config_put(&s->store, b.name, S3_ACL_KIND, S(""), acl, &err) : s3_store_config_del(&s->store, b.name, S3_ACL_KIND, S(""), &err);
	if (rc)
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = 200;
	return 0;
}

/* The object of the request, with its bucket and its owner. */
static int find(struct s3 *s, struct s3_req *r, struct s3_bucket *b, struct s3_object *o, struct s3_acl_ask *ask)
{
	int rc = s3_bucket_get(s, r->bucket, b, &r->fail);
	if (rc || (rc = s3_request_object(s, r, o)) != 0)
		return rc;
	s3_answer_version(r, o);
	ask->of_bucket = s3_owner_of_bucket(s, r->a, b);
	ask->owner = s3_owner_of(s, r->a, &ask->of_bucket, o->headers);
	return 0;
}

int s3_op_get_object_acl(struct s3 *s, struct s3_req *r)
{
	struct s3_acl_ask ask = { 0 };
	struct s3_bucket b;
	struct s3_object o;
	int rc = find(s, r, &b, &o, &ask);
	if (rc)
		return rc;
	return answer_acl(s, r, &ask.owner, s3_owner_enforced(&b) ? s3_acl_private(r->a, ask.owner.id) : s3_acl_of(r->a, o.headers, ask.owner.id));
}

int s3_op_put_object_acl(struct s3 *s, struct s3_req *r)
{
	struct s3_acl_ask ask = { 0 };
	struct s3_bucket b;
	struct s3_object o;
	struct error err;
	struct slice acl;
	int rc = find(s, r, &b, &o, &ask);
	if (rc || (rc = put_acl(s, r, &ask, &acl)) != 0 || (rc = s3_acl_check(s, r, &b, &ask, acl, &acl)) != 0)
		return rc;
	if (!s3_owner_enforced(&b)) {
		o.headers = s3_header_with(r->a, o.headers, S3_ACL_LINE, acl);
		if (s3_store_object_update(&s->store, r->bucket, &o, &err))
			return s3_store_fail(&r->fail, &err);
	}
	r->call->resp.status = 200;
	return 0;
}
