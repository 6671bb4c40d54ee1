/* Tags of buckets and objects. Kept as XML, "<Tag>…</Tag>…": a bucket's in its row, an object's as the line S3_TAGS of its headers.
 * Rules: docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html and AmazonS3/latest/API/API_Tag.html */
#include "versions.h"

enum { KEY_CHARS = 128, VALUE_CHARS = 256 };
static const struct rule {
	int max;
	const char *too_many, *system; /* texts; too many; a key of AWS's own */
	bool names_key;                /* the error about that key names it */
} rules[] = {
	[S3_TAGS_OBJECT] = { 10, "Object tags cannot be greater than 10", "Your TagKey cannot be prefixed with aws:", true },
	[S3_TAGS_BUCKET] = { 50, "Bucket tag count cannot be greater than 50", "System tags cannot be added/updated by requester", true },
	[S3_TAGS_NEW_BUCKET] = { 50, "Bucket tag count cannot be greater than 50",
				 "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. Remove \"aws:\" from your tag keys "
				 "and try again.", false },
};

/* Letters, digits, blanks and _.:/=+-@, at most max characters. Beyond ASCII all count as letters. */
static bool good_text(struct slice s, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80 || (c && strchr(" _.:/=+-@", c));
		if (!plain)
			return false;
		n += (c & 0xc0) != 0x80;
	}
	return n <= max && sl_is_utf8(s);
}

static int bad_tag(struct s3_req *r, struct slice key, const char *text)
{
	s3_extra(&r->fail, "TagKey", key);
	return s3_failf(&r->fail, S3_E_INVALID_TAG, "%s", text);
}

/* Adds one to what is in b, of which the keys stand in `before`. */
static int add_tag(struct s3_req *r, enum s3_tags_of of, struct slice key, struct slice value, int n, struct buf *b)
{
	const struct rule *rule = &rules[of];
	if (n > rule->max)
		return s3_failf(&r->fail, S3_E_BAD_REQUEST, "%s", rule->too_many);
	if (!key.n || !good_text(key, KEY_CHARS))
		return bad_tag(r, key, "The TagKey you have provided is invalid");
	if (sl_starts_nocase(key, S("aws:")))
		return rule->names_key ? bad_tag(r, key, rule->system) : s3_failf(&r->fail, S3_E_INVALID_TAG, "%s", rule->system);
	if (!good_text(value, VALUE_CHARS)) {
		s3_extra(&r->fail, "TagKey", key);
		s3_extra(&r->fail, "TagValue", value);
		return s3_failf(&r->fail, S3_E_INVALID_TAG, "The TagValue you have provided is invalid");
	}
	buf_adds(b, "<Tag>");
	s3_xml_el(b, "Key", key);
	s3_xml_el(b, "Value", value);
	buf_adds(b, "</Tag>");
	return 0;
}

static int taken(struct s3_req *r, struct buf *b, int rc, struct slice *out)
{
	if (rc == 0)
		*out = arena_dup(r->a, buf_slice(b));
	buf_free(b);
	return rc;
}

int s3_tags_parse(struct s3_req *r, enum s3_tags_of of, const struct xml_node *set, struct slice *out)
{
	struct buf b = { 0 };
	int n = 0, rc = 0;
	for (const struct xml_node *t = set ? set->first : NULL; t && rc == 0; t = t->next) {
		const struct xml_node *key = xml_child(t, "Key"), *value = xml_child(t, "Value");
		if (!sl_eqs(t->name, "Tag") || !key || !value)
			rc = s3_fail(&r->fail, S3_E_MALFORMED_XML);
		for (const struct xml_node *u = set->first; u != t && rc == 0; u = u->next)
			if (sl_eq(xml_child(u, "Key")->text, key->text))
				rc = bad_tag(r, key->text, "Cannot provide multiple Tags with the same key");
		if (rc == 0)
			rc = add_tag(r, of, key->text, value->text, ++n, &b);
	}
	return taken(r, &b, rc, out);
}

int s3_tags_of_header(struct s3_req *r, struct slice *out)
{
	struct slice header = s3_request_header(r, "x-amz-tagging"), rest = header, one, key, value;
	struct slice keys[11], values[11];
	struct buf b = { 0 };
	int n = 0, rc = 0;
	*out = sl(NULL);
	while (rest.n && rc == 0) {
		bool good;
		sl_cut(rest, '&', &one, &rest);
		if (!one.n)
			continue;
		sl_cut(one, '=', &key, &value);
		good = sl_chr(value, '=') < 0;
		key = arena_url_decode(r->a, key, true);
		value = value.p ? arena_url_decode(r->a, value, true) : S("");
		for (int i = 0; i < n && good; i++)
			good = !sl_eq(keys[i], key);
		if (!good)
			rc = s3_bad_argument(r, "x-amz-tagging", header,
					     "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
					     "name duplicates.");
		if (rc == 0 && n == (int)ARRAY_LEN(keys))
			rc = s3_failf(&r->fail, S3_E_BAD_REQUEST, "%s", rules[S3_TAGS_OBJECT].too_many);
		if (rc == 0) {
			keys[n] = key;
			values[n++] = value;
		}
	}
	/* AWS gives these back by name. */
	for (int i = 1; i < n; i++)
		for (int k = i; k > 0 && sl_cmp(keys[k - 1], keys[k]) > 0; k--) {
			struct slice one_key = keys[k], one_value = values[k];
			keys[k] = keys[k - 1];
			values[k] = values[k - 1];
			keys[k - 1] = one_key;
			values[k - 1] = one_value;
		}
	for (int i = 0; i < n && rc == 0; i++)
		rc = add_tag(r, S3_TAGS_OBJECT, keys[i], values[i], i + 1, &b);
	return taken(r, &b, rc, out);
}

struct slice s3_tags_with(struct arena *a, struct slice headers, struct slice tags)
{
	struct slice line, rest, out;
	struct buf b = { 0 };
	for (rest = headers; rest.n;) {
		sl_cut(rest, '\n', &line, &rest);
		if (line.n && !sl_starts(line, S(S3_TAGS ":")))
			buf_addf(&b, "%.*s\n", SL(line));
	}
	if (tags.n)
		buf_addf(&b, S3_TAGS ":%.*s\n", SL(tags));
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

int s3_tags_directive(struct s3_req *r, bool *replace)
{
	struct slice how = s3_request_header(r, "x-amz-tagging-directive");
	*replace = sl_eqs(how, "REPLACE");
	return !how.n || *replace || sl_eqs(how, "COPY") ? 0 : s3_bad_argument(r, "x-amz-tagging-directive", how, "Unknown tagging directive.");
}

/* ---- operations ---- */

static int answer_tags(struct s3_req *r, struct slice tags)
{
	struct buf b = { 0 };
	s3_xml_start(&b, "Tagging");
	buf_addf(&b, "<TagSet>%.*s</TagSet>", SL(tags));
	return s3_answer_xml(r, &b, "Tagging");
}

static int parse_document(struct s3_req *r, enum s3_tags_of of, struct slice *out)
{
	const struct xml_node *root, *set;
	int rc = s3_request_xml(r, "Tagging", &root);
	if (rc)
		return rc;
	set = xml_child(root, "TagSet");
	*out = S("");
	if (!set && !root->first) /* AWS takes an empty document for an empty set */
		return 0;
	return set ? s3_tags_parse(r, of, set, out) : s3_fail(&r->fail, S3_E_MALFORMED_XML);
}

int s3_op_get_tagging(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || b.tags.n)
		return rc ? rc : answer_tags(r, b.tags);
	s3_extra(&r->fail, "BucketName", r->bucket);
	return s3_fail(&r->fail, S3_E_NO_TAGS);
}

static int set_tags(struct s3 *s, struct s3_req *r, struct slice tags)
{
	struct s3_bucket b;
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	b.tags = tags;
	if (s3_store_bucket_tag(&s->store, &b, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = 204;
	return 0;
}

int s3_op_put_tagging(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct slice tags;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc == 0)
		rc = parse_document(r, S3_TAGS_BUCKET, &tags);
	return rc ? rc : set_tags(s, r, tags);
}

int s3_op_delete_tagging(struct s3 *s, struct s3_req *r)
{
	return set_tags(s, r, S(""));
}

/* The object, with the answer's x-amz-version-id. Even to a read one whose current version is a delete marker isn't just missing. */
static int find_tagged(struct s3 *s, struct s3_req *r, struct s3_object *o)
{
	int rc = s3_request_object(s, r, o);
	if (rc == 0)
		s3_answer_version(r, o);
	if (rc == 0 || !o->marker || r->fail.err.def != &s3_errors[S3_E_NO_KEY])
		return rc;
	r->fail.extra_n = 0;
	(void)s3_fail(&r->fail, S3_E_METHOD);
	return s3_refuse_marker(r, o);
}

int s3_op_get_object_tagging(struct s3 *s, struct s3_req *r)
{
	struct s3_object o;
	int rc = find_tagged(s, r, &o);
	if (rc && r->fail.err.def == &s3_errors[S3_E_NO_KEY]) { /* here AWS names the bucket, too */
		r->fail.extra_n = 0;
		s3_extra(&r->fail, "Key", arena_printf(r->a, "%.*s/%.*s", SL(r->bucket), SL(r->key)));
	}
	return rc ? rc : answer_tags(r, s3_header_of(&o, S3_TAGS));
}

static int set_object_tags(struct s3 *s, struct s3_req *r, struct s3_object *o, struct slice tags)
{
	struct error err;
	o->headers = s3_tags_with(r->a, o->headers, tags);
	return s3_store_object_update(&s->store, r->bucket, o, &err) ? s3_store_fail(&r->fail, &err) : 0;
}

int s3_op_put_object_tagging(struct s3 *s, struct s3_req *r)
{
	struct s3_object o;
	struct slice tags;
	int rc = find_tagged(s, r, &o);
	if (rc == 0)
		rc = parse_document(r, S3_TAGS_OBJECT, &tags);
	if (rc == 0)
		rc = set_object_tags(s, r, &o, tags);
	if (rc == 0)
		r->call->resp.status = 200;
	return rc;
}

int s3_op_delete_object_tagging(struct s3 *s, struct s3_req *r)
{
	struct s3_object o;
	int rc = find_tagged(s, r, &o);
	if (rc == 0)
		rc = set_object_tags(s, r, &o, S(""));
	if (rc == 0)
		r->call->resp.status = 204;
	return rc;
}
