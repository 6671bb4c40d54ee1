/* S3 Control's tags of buckets, as Terraform asks for them: GET, POST, DELETE /v20180820/tags/ARN with x-amz-account-id.
 * Spec: docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListTagsForResource.html */
#include "config.h"

#define CONTROL_NS "http://awss3control.amazonaws.com/doc/2018-08-20/"

bool s3_is_control(struct s3_req *r)
{
	struct slice rest;
	if (!http_get(r->http, "x-amz-account-id").p || !sl_after(r->http->path, S("/v20180820/tags/"), &rest))
		return false;
	rest = arena_url_decode(r->a, rest, false);
	if (!sl_after(rest, S("arn:aws:s3:::"), &r->bucket))
		return false;
	r->key = sl(NULL);
	r->call->op = sl_eqs(r->http->method, "GET") ? "ListTagsForResource" : sl_eqs(r->http->method, "DELETE") ? "UntagResource" : "TagResource";
	return true;
}

static bool taken_away(const struct s3_req *r, struct slice key)
{
	struct slice name, value;
	for (size_t pos = 0; http_query_next(r->http, &pos, &name, &value);)
		if (sl_eqs(name, "tagKeys") && sl_eq(arena_url_decode(r->a, value, true), key))
			return true;
	return false;
}

/* The bucket's tags but those that go or get another value, then the new ones. */
static void merge(struct s3_req *r, struct slice old, const struct xml_node *more, struct buf *b)
{
	const struct xml_node *was = s3_xml_stored(r->a, old);
	for (const struct xml_node *t = was ? was->first : NULL; t; t = t->next) {
		bool stays = !taken_away(r, xml_child(t, "Key")->text);
		for (const struct xml_node *u = more ? more->first : NULL; u && stays; u = u->next)
			stays = !sl_eq(xml_text(u, "Key"), xml_child(t, "Key")->text);
		if (!stays)
			continue;
		buf_adds(b, "<Tag>");
		s3_xml_inside(b, t);
		buf_adds(b, "</Tag>");
	}
	if (more)
		s3_xml_inside(b, more);
}

int s3_control(struct s3 *s, struct s3_req *r)
{
	bool reads = sl_eqs(r->http->method, "GET");
	const struct xml_node *root = NULL, *set = NULL;
	struct xml_node *all;
	struct buf b = { 0 };
	struct s3_bucket bucket;
	struct error err;
	int rc = s3_authorize(s, r, reads ? "GetBucketTagging" : "PutBucketTagging");
	if (rc || (rc = s3_bucket_get(s, r->bucket, &bucket, &r->fail)) != 0)
		return rc;
	if (reads) {
		buf_addf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListTagsForResourceResult xmlns=\"" CONTROL_NS "\"><Tags>%.*s</Tags>", SL(bucket.tags));
		return s3_answer_xml(r, &b, "ListTagsForResourceResult");
	}
	if (sl_eqs(r->http->method, "POST")) {
		if ((rc = s3_request_xml(r, "TagResourceRequest", &root)) != 0)
			return rc;
		set = xml_child(root, "Tags");
	}
	merge(r, bucket.tags, set, &b);
	rc = xml_parse(r->a, arena_printf(r->a, "<x>%.*s</x>", (int)b.n, b.n ? b.p : ""), &all, &err) ? s3_fail(&r->fail, S3_E_MALFORMED_XML)
		: s3_tags_parse(r, S3_TAGS_BUCKET, all, &bucket.tags);
	buf_free(&b);
	if (rc == 0 && s3_store_bucket_tag(&s->store, &bucket, &err))
		rc = s3_store_fail(&r->fail, &err);
	if (rc == 0)
		r->call->resp.status = 204;
	return rc;
}
