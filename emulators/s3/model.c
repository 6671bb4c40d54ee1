#include "core/adopt.h"
#include "core/text.h"
#include "encrypt.h"
#include "notify.h"
#include "versions.h"

/* ---- buckets ---- */

static bool looks_like_ip(struct slice s)
{
	int dots = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.')
			dots++;
		else if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return dots == 3;
}

/* Names that access points and the like have. */
static bool is_reserved(struct slice s)
{
	static const char *const before[] = { "xn--", "sthree-", "amzn-s3-demo-" }, *const after[] = { "-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3" };
	bool yes = false;
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		yes |= sl_starts(s, sl(before[i]));
	for (size_t i = 0; i < ARRAY_LEN(after); i++)
		yes |= sl_ends(s, sl(after[i]));
	return yes;
}

bool s3_bucket_name_ok(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		bool edge = i == 0 || i == s.n - 1;
		if (!alnum && (edge || (c != '-' && c != '.') || (c == '.' && s.p[i - 1] == '.')))
			return false;
	}
	return s.n >= 3 && s.n <= 63 && !looks_like_ip(s) && !is_reserved(s) && sl_find(s, S(".-")) < 0 && sl_find(s, S("-.")) < 0;
}

static int get_bucket(struct s3 *s, struct slice name, bool adopt, struct s3_bucket *out, struct s3_fail *f)
{
	struct error err;
	int rc = s3_store_bucket(&s->store, f->arena, name, out, &err);
	if (rc == ERR_NOT_FOUND && adopt && adopt_name(s->env->adopt, "buckets", name))
		rc = s3_store_bucket(&s->store, f->arena, name, out, &err);
	if (rc == 0)
		return 0;
	if (rc != ERR_NOT_FOUND)
		return s3_store_fail(f, &err);
	s3_extra(f, "BucketName", name);
	return s3_fail(f, S3_E_NO_BUCKET);
}

int s3_bucket_get(struct s3 *s, struct slice name, struct s3_bucket *out, struct s3_fail *f)
{
	return get_bucket(s, name, true, out, f);
}

int s3_bucket_there(struct s3 *s, struct slice name, struct s3_bucket *out, struct s3_fail *f)
{
	return get_bucket(s, name, false, out, f);
}

int s3_bucket_next(struct s3 *s, const struct s3_bucket *like, struct s3_bucket *out, struct s3_fail *f)
{
	struct error err;
	int rc;
	do {
		rc = s3_store_bucket_after(&s->store, f->arena, out->name, out, &err);
	} while (rc == 0 && (!sl_starts(out->name, like->name) || (like->region.n && !sl_eq(like->region, out->region)) || !sl_eq(like->account, out->account)));
	if (rc == 0)
		return 1;
	return rc == ERR_NOT_FOUND ? 0 : s3_store_fail(f, &err);
}

int s3_bucket_make(struct s3 *s, const struct s3_bucket *in, struct s3_fail *f)
{
	struct slice name = in->name;
	struct s3_bucket b;
	struct error err;
	int rc;
	if (!s3_bucket_name_ok(name)) {
		s3_extra(f, "BucketName", name);
		return s3_fail(f, S3_E_INVALID_BUCKET_NAME);
	}
	rc = s3_store_bucket(&s->store, f->arena, name, &b, &err);
	if (rc == 0) {
		bool own = sl_eq(b.account, in->account.p ? in->account : S(""));
		if (own && sl_eqs(b.region, "us-east-1") && !in->tags.n)
			return 0;
		s3_extra(f, "BucketName", name);
		return s3_fail(f, own ? S3_E_BUCKET_OWNED : S3_E_BUCKET_EXISTS);
	}
	if (rc == ERR_NOT_FOUND) {
		b = (struct s3_bucket){ name, in->region, s->now_ms, in->ownership.p ? in->ownership : S("BucketOwnerEnforced"),
					in->tags.p ? in->tags : S(""), in->account.p ? in->account : S("") };
		s->others |= b.account.n > 0;
		rc = s3_store_bucket_add(&s->store, &b, &err);
	}
	return rc ? s3_store_fail(f, &err) : 0;
}

int s3_bucket_drop(struct s3 *s, struct slice name, struct s3_fail *f)
{
	struct s3_bucket b;
	struct s3_object o;
	struct s3_upload u;
	struct error err;
	int rc = get_bucket(s, name, false, &b, f);
	if (rc)
		return rc;
	rc = s3_store_scan(&s->store, name, S(""), &err);
	if (rc == 0)
		rc = s3_store_scan_next(&s->store, &o, &err);
	s3_store_scan_end(&s->store);
	if (rc == 0) {
		s3_store_versions(&s->store, name, S(""), INT64_MAX);
		rc = s3_store_versions_next(&s->store, &o, &err);
		s3_store_versions_end(&s->store);
	}
	if (rc > 0) {
		s3_extra(f, "BucketName", name);
		if (b.versioning == S3_UNVERSIONED)
			return s3_fail(f, S3_E_BUCKET_NOT_EMPTY);
		return s3_failf(f, S3_E_BUCKET_NOT_EMPTY, "The bucket you tried to delete is not empty. You must delete all versions in the bucket.");
	}
	/* Unfinished uploads go with their bucket. */
	while (rc == 0 && (rc = s3_store_upload_after(&s->store, f->arena, name, S(""), 0, &u, &err)) == 0) {
		rc = s3_store_pieces_drop(&s->store, u.id, &err);
		if (rc == 0)
			rc = s3_store_upload_del(&s->store, u.id, &err);
	}
	if (rc == ERR_NOT_FOUND)
		rc = s3_store_bucket_del(&s->store, name, &err);
	if (!rc)
		adopt_gone(s->env->adopt, "buckets", name);
	return rc ? s3_store_fail(f, &err) : 0;
}

/* ---- conditions ---- */

/* Whether a list of entity tags ("a", b, *) names this one. */
static bool tag_in(struct slice list, struct slice etag)
{
	struct slice t;
	while (list.p) {
		sl_cut(list, ',', &t, &list);
		t = sl_trim(t);
		(void)sl_after(t, S("W/"), &t);
		if (t.n >= 2 && t.p[0] == '"' && t.p[t.n - 1] == '"')
			t = sl_of(t.p + 1, t.n - 2);
		if (sl_eqs(t, "*") || sl_eq(t, etag))
			return true;
	}
	return false;
}

static int precondition(struct s3_fail *f, const char *which)
{
	s3_extra(f, "Condition", sl(which));
	return s3_fail(f, S3_E_PRECONDITION);
}

int s3_check_read(const struct s3_object *o, const struct s3_conditions *c, bool copy, int64_t now_ms, struct s3_fail *f)
{
	int64_t at = o->modified_ms / 1000 * 1000;
	if (c->match.p && !tag_in(c->match, o->etag))
		return precondition(f, copy ? "x-amz-copy-source-If-Match" : "If-Match");
	if (!c->match.p && c->unmodified_since_ms >= 0 && at > c->unmodified_since_ms)
		return precondition(f, copy ? "x-amz-copy-source-If-Unmodified-Since" : "If-Unmodified-Since");
	if (c->none_match.p) {
		if (!tag_in(c->none_match, o->etag))
			return 0;
		return copy ? precondition(f, "x-amz-copy-source-If-None-Match") : s3_fail(f, S3_E_NOT_MODIFIED);
	}
	/* AWS takes no notice of a date to come. */
	if (c->modified_since_ms >= 0 && at <= c->modified_since_ms && c->modified_since_ms <= now_ms)
		return copy ? precondition(f, "x-amz-copy-source-If-Modified-Since") : s3_fail(f, S3_E_NOT_MODIFIED);
	return 0;
}

static int not_implemented(struct s3_fail *f, const char *header, const char *why)
{
	s3_extra(f, "Header", sl(header));
	s3_extra(f, "additionalMessage", sl(why));
	return s3_fail(f, S3_E_NOT_IMPLEMENTED);
}

static int no_key(struct s3_fail *f, struct slice key)
{
	s3_extra(f, "Key", key);
	return s3_fail(f, S3_E_NO_KEY);
}

int s3_check_write(struct s3 *s, struct slice bucket, struct slice key, const struct s3_conditions *c, struct s3_fail *f)
{
	struct s3_object now;
	struct error err;
	int rc;
	if (!c->match.p && !c->none_match.p)
		return 0;
	if (c->match.p && c->none_match.p)
		return not_implemented(f, "If-Match,If-None-Match", "Multiple conditional request headers present in the request");
	if (c->none_match.p && !sl_eqs(c->none_match, "*"))
		return not_implemented(f, "If-None-Match", "We don't accept the provided value of If-None-Match header for this API");
	if (c->match.p && sl_eqs(c->match, "*"))
		return not_implemented(f, "If-Match", "We don't accept the provided value of If-Match header for this API");
	rc = s3_store_object(&s->store, f->arena, bucket, key, &now, &err);
	if (rc && rc != ERR_NOT_FOUND)
		return s3_store_fail(f, &err);
	if (c->none_match.p && rc == 0)
		return precondition(f, "If-None-Match");
	if (c->match.p && rc)
		return no_key(f, key);
	if (c->match.p && !tag_in(c->match, now.etag))
		return precondition(f, "If-Match");
	if (!c->touched)
		return 0;
	s3_extra(f, "Condition", c->match.p ? S("If-Match") : S("If-None-Match"));
	s3_extra(f, "Key", key);
	return s3_fail(f, S3_E_CONFLICT);
}

/* ---- objects ---- */

int s3_object_find(struct s3 *s, struct slice bucket, struct slice key, struct s3_object *out, struct s3_fail *f)
{
	return s3_version_find(s, bucket, key, sl(NULL), out, f);
}

int s3_check_content(const struct s3_content *c, struct slice md5, struct s3_sum *sum, char etag[33], struct s3_fail *f)
{
	const struct s3_sum *ours = s3_content_sum(c, sum->alg ? sum->alg : S3_SUM_CRC64);
	hex_text(c->md5, sizeof(c->md5), etag);
	if (md5.p && memcmp(md5.p, c->md5, sizeof(c->md5)) != 0) {
		struct buf want = { 0 }, got = { 0 };
		buf_hex(&want, md5.p, 16);
		buf_base64(&got, c->md5, sizeof(c->md5));
		s3_extra(f, "ExpectedDigest", buf_slice(&want));
		s3_extra(f, "CalculatedDigest", buf_slice(&got));
		buf_free(&want);
		buf_free(&got);
		return s3_fail(f, S3_E_BAD_DIGEST);
	}
	if (!ours) /* it came in a trailer that wasn't announced */
		return s3_fail(f, S3_E_TRAILER);
	if (sum->alg && !s3_sum_eq(sum, ours))
		return s3_failf(f, S3_E_BAD_DIGEST, "The %s you specified did not match the calculated checksum.", s3_algs[sum->alg].name);
	*sum = *ours;
	return 0;
}

/* One piece, or those of the object it is copied from. */
static int store_pieces(struct s3 *s, const struct s3_object *o, struct s3_content *c, struct error *err)
{
	struct s3_piece p = { .n = 1, .size = o->size, .modified_ms = s->now_ms, .etag = o->etag };
	int rc = 0;
	if (!c->piece_n)
		return s3_store_piece_put(&s->store, o->id, &p, c, err);
	for (size_t i = 0; i < c->piece_n && rc == 0; i++) {
		p.n = (int)i + 1;
		p.size = c->pieces[i].size;
		rc = s3_store_piece_link(&s->store, o->id, &p, &c->pieces[i], err);
	}
	/* No row stays whose object doesn't come. */
	return rc && s3_store_pieces_drop(&s->store, o->id, NULL) ? ERR_STORE : rc;
}

/* That of an object with a key is 32 digits, but not its MD5. */
static void kms_etag(struct slice headers, char etag[33])
{
	struct buf b = { 0 };
	uint8_t md5[16];
	buf_addf(&b, "%s%.*s", etag, SL(headers));
	hash_md5(b.p, b.n, md5);
	hex_text(md5, sizeof(md5), etag);
	buf_free(&b);
}

/* How it will lie, unless that was decided before its bytes came. */
static int encrypt(struct s3 *s, const struct s3_put *in, const struct s3_bucket *b, struct slice *headers, struct s3_fail *f)
{
	int rc;
	if (in->content->sse.p)
		return 0;
	rc = s3_sse_default(s, b, headers, f);
	return rc ? rc : s3_seal_of(s, *headers, in->customer, &in->content->seal, f);
}

int s3_put(struct s3 *s, const struct s3_put *in, struct s3_object *out, struct s3_fail *f)
{
	struct s3_object o = { .key = in->key, .size = in->content->size, .modified_ms = s->now_ms, .headers = in->headers, .class = in->class };
	struct s3_bucket b;
	struct error err;
	char etag[33];
	int rc;
	if ((rc = s3_bucket_get(s, in->bucket, &b, f)) != 0 || (rc = encrypt(s, in, &b, &o.headers, f)) != 0)
		return rc;
	o.sum = in->sum;
	if ((rc = s3_check_content(in->content, in->md5, &o.sum, etag, f)) != 0 || (rc = s3_check_write(s, in->bucket, in->key, &in->cond, f)) != 0)
		return rc;
	if (s3_sse_kms(o.headers) || s3_sse_sealed(o.headers))
		kms_etag(o.headers, etag);
	o.etag = arena_dup(f->arena, sl(etag));
	s3_lock_default(s, &b, f->arena, &o.headers);
	rc = s3_store_next_id(&s->store, &o.id, &err);
	if (rc == 0)
		rc = store_pieces(s, &o, in->content, &err);
	if (rc == 0)
		rc = s3_version_place(s, &b, &o, f->arena, &err);
	if (rc)
		return s3_store_fail(f, &err);
	*out = o;
	s3_notify(s, &b, &(struct s3_happened){ in->event ? in->event : "ObjectCreated:Put", o.key, sl(NULL), out });
	return 0;
}

static int resolve_range(const struct s3_range *r, struct s3_got *g, struct s3_fail *f)
{
	int64_t size = g->object.size;
	if (r->kind == S3_RANGE_NONE)
		return 0;
	if (size == 0 || (r->kind == S3_RANGE_LAST ? r->first == 0 : r->first >= size)) {
		s3_extra(f, "RangeRequested", r->text);
		s3_extra(f, "ActualObjectSize", arena_printf(f->arena, "%lld", (long long)size));
		return s3_fail(f, S3_E_INVALID_RANGE);
	}
	g->partial = true;
	if (r->kind == S3_RANGE_LAST) {
		g->n = r->first < size ? r->first : size;
		g->at = size - g->n;
		return 0;
	}
	g->at = r->first;
	g->n = (r->last < 0 || r->last >= size ? size - 1 : r->last) - r->first + 1;
	return 0;
}

static int resolve_part(struct s3 *s, int part, struct s3_got *g, struct s3_fail *f)
{
	struct s3_piece *pieces;
	size_t n;
	struct error err;
	int64_t at = 0;
	if (s3_store_pieces(&s->store, f->arena, g->object.id, 0, S3_PART_MAX, &pieces, &n, &err) != 0)
		return s3_store_fail(f, &err);
	if (!g->object.part_n) { /* it may lie in pieces where it was copied from some */
		pieces[0].size = g->object.size;
		n = 1;
	}
	for (size_t i = 0; i < n; at += pieces[i++].size) {
		if (pieces[i].n != part)
			continue;
		g->partial = true;
		g->at = at;
		g->n = pieces[i].size;
		g->has_part_sum = g->object.sum.composite && pieces[i].sum.alg == g->object.sum.alg;
		g->part_sum = pieces[i].sum;
		return 0;
	}
	s3_extra(f, "PartNumberRequested", arena_printf(f->arena, "%d", part));
	s3_extra(f, "ActualPartCount", arena_printf(f->arena, "%zu", n));
	return s3_fail(f, S3_E_INVALID_PART_NUMBER);
}

int s3_get(struct s3 *s, struct slice bucket, struct slice key, struct slice version, const struct s3_conditions *c, const struct s3_range *r,
	   int part, struct s3_got *out, struct s3_fail *f)
{
	struct s3_got g = { 0 };
	int rc = s3_version_find(s, bucket, key, version, &g.object, f);
	if (rc) {
		out->object = g.object; /* it may be a delete marker */
		return rc;
	}
	if (part && r->kind != S3_RANGE_NONE)
		return s3_failf(f, S3_E_INVALID_REQUEST, "Cannot specify both Range header and partNumber query parameter");
	out->object = g.object; /* a 304 carries its ETag */
	if ((rc = s3_check_read(&g.object, c, false, s->now_ms, f)) != 0)
		return rc;
	g.n = g.object.size;
	rc = part ? resolve_part(s, part, &g, f) : resolve_range(r, &g, f);
	if (rc == 0)
		*out = g;
	return rc;
}

int s3_read(struct s3 *s, const struct s3_object *o, int64_t at, int64_t n, struct buf *out, struct s3_fail *f)
{
	struct s3_piece *pieces;
	size_t piece_n;
	struct error err;
	struct s3_seal seal;
	int rc = s3_seal_of(s, o->headers, o->customer, &seal, f);
	if (rc)
		return rc;
	if (s3_store_pieces(&s->store, f->arena, o->id, 0, S3_PART_MAX, &pieces, &piece_n, &err) != 0)
		return s3_store_fail(f, &err);
	if (n == 0)
		return 0;
	if (!buf_room(out, (size_t)n)) {
		(void)err_set(&err, ERR_LIMIT, "an answer of %lld bytes is too large for one buffer", (long long)n);
		return s3_store_fail(f, &err);
	}
	for (size_t i = 0; i < piece_n && n > 0; at -= pieces[i++].size) {
		int64_t take = pieces[i].size - at;
		if (take <= 0)
			continue;
		if (take > n)
			take = n;
		rc = seal.on ? s3_sealed_read(&s->store, &seal, &pieces[i], at, take, out, &err) : s3_store_piece_read(&s->store, pieces[i].id, at, take, out, &err);
		if (rc)
			return s3_store_fail(f, &err);
		n -= take;
		at += take;
	}
	if (n == 0 && !out->bad)
		return 0;
	(void)err_set(&err, ERR_STORE, "object %lld lacks %lld bytes", (long long)o->id, (long long)n);
	return s3_store_fail(f, &err);
}

int s3_check_delete(const struct s3_object *o, struct slice key, struct slice match, struct s3_fail *f)
{
	if (!match.p || (!o && sl_eqs(match, "*")))
		return 0;
	if (!o)
		return no_key(f, key);
	return tag_in(match, o->etag) ? 0 : precondition(f, "If-Match");
}

int s3_del(struct s3 *s, struct slice bucket, struct slice key, struct slice match, struct s3_fail *f)
{
	const struct s3_delete d = { .key = key, .etag = match };
	struct s3_deleted done;
	struct s3_bucket b;
	int rc = s3_bucket_get(s, bucket, &b, f);
	return rc ? rc : s3_version_delete(s, &b, &d, false, &done, f);
}
