/* Operations on buckets and objects: the wire side of model.c. */
#include "access.h"
#include "body.h"
#include "lifecycle.h"
#include "versions.h"

/* ---- buckets ---- */

int s3_op_create_bucket(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b = { .name = r->bucket, .region = S("us-east-1"), .account = s3_request_account(s, r) };
	struct slice asked = sl(NULL), acl;
	const struct xml_node *root;
	bool there;
	struct error err;
	struct s3_bucket old;
	int rc = s3_access_asked(s, r, &b, &acl);
	if (rc)
		return rc;
	if (sl_trim(r->body).n) {
		if ((rc = s3_request_xml(r, "CreateBucketConfiguration", &root)) != 0)
			return rc;
		asked = xml_text(root, "LocationConstraint");
		if (sl_eqs(asked, "US")) /* s3cmd's word for the default one */
			asked = sl(NULL);
		if (asked.n)
			b.region = asked;
		if ((rc = s3_tags_parse(r, S3_TAGS_NEW_BUCKET, xml_child(root, "Tags"), &b.tags)) != 0)
			return rc;
	}
	there = !s3_store_bucket(&s->store, r->a, r->bucket, &old, &err);
	if ((rc = s3_region_check(r, asked)) != 0 || (rc = s3_bucket_make(s, &b, &r->fail)) != 0 || (!there && (rc = s3_access_set(s, r, &b, acl)) != 0) ||
	    (!there && s3_lock_asked(r) && (rc = s3_lock_enable(s, r->bucket, &r->fail)) != 0))
		return rc;
	http_set(r->call, "x-amz-bucket-arn", "arn:aws:s3:::%.*s", SL(r->bucket));
	if (asked.n)
		http_set(r->call, "Location", "http://%.*s.%.*s/", SL(r->bucket), SL(http_get(r->http, "host")));
	else
		http_set(r->call, "Location", "/%.*s", SL(r->bucket));
	r->call->resp.status = 200;
	return 0;
}

int s3_op_head_bucket(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	int rc = s3_bucket_there(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	http_setsl(r->call, "x-amz-bucket-region", s3_region_of(b.region));
	http_set(r->call, "x-amz-bucket-arn", "arn:aws:s3:::%.*s", SL(r->bucket));
	http_set(r->call, "x-amz-access-point-alias", "false");
	http_set(r->call, "Content-Type", "application/xml");
	r->call->resp.status = 200;
	return 0;
}

int s3_op_delete_bucket(struct s3 *s, struct s3_req *r)
{
	int rc = s3_bucket_drop(s, r->bucket, &r->fail);
	if (rc == 0)
		r->call->resp.status = 204;
	return rc;
}

int s3_op_location(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct buf xml = { 0 };
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	s3_xml_start(&xml, "LocationConstraint");
	if (!sl_eqs(b.region, "us-east-1")) {
		buf_xml_escape(&xml, b.region);
		return s3_answer_xml(r, &xml, "LocationConstraint");
	}
	xml.n--; /* AWS closes it at once: <LocationConstraint .../> */
	buf_adds(&xml, "/>");
	return s3_answer_whole(r, &xml);
}

/* ---- objects ---- */

static void set_sum(struct s3_req *r, const struct s3_sum *sum, int part_n)
{
	s3_answer_sum(r, sum, part_n);
	if (sum->alg)
		http_set(r->call, "x-amz-checksum-type", "%s", s3_sum_type(sum->composite));
}

int s3_op_put(struct s3 *s, struct s3_req *r)
{
	struct s3_put in = { .bucket = r->bucket, .key = r->key, .content = r->content };
	struct s3_content whole;
	struct slice sse = sl(NULL), lock;
	struct s3_object o;
	int rc = s3_request_put(r, &in.md5, &in.sum);
	in.cond = s3_request_conditions(r, true);
	if (rc == 0 && !r->content) {
		s3_content_of(r->body, in.sum.alg ? in.sum.alg : S3_SUM_CRC64, S3_SUM_NONE, &whole);
		in.content = &whole;
	}
	if (rc || (rc = s3_request_headers(r, &in.headers, &in.class)) != 0 || (!in.content->sse.p && (rc = s3_sse_of(s, r, &sse)) != 0) || (rc = s3_lock_of(s, r, &lock)) != 0)
		return rc;
	if (in.content->sse.p) /* so its bytes lie already */
		sse = in.content->sse;
	in.customer = &r->customer;
	in.event = r->form ? "ObjectCreated:Post" : NULL;
	in.headers = arena_printf(r->a, "%.*s%.*s%.*s", SL(in.headers), SL(sse), SL(lock));
	if ((rc = s3_put(s, &in, &o, &r->fail)) != 0)
		return rc;
	http_set(r->call, "ETag", "\"%.*s\"", SL(o.etag));
	s3_lifecycle_answer(s, r, &o);
	if (o.version) /* AWS doesn't name the null version here */
		s3_answer_version(r, &o);
	s3_sse_answer(r, o.headers);
	set_sum(r, &o.sum, 0);
	r->call->resp.status = 200;
	return 0;
}

static int override_headers(struct s3_req *r)
{
	static const char *const names[][2] = {
		{ "response-content-type", "Content-Type" },
		{ "response-content-language", "Content-Language" },
		{ "response-expires", "Expires" },
		{ "response-cache-control", "Cache-Control" },
		{ "response-content-disposition", "Content-Disposition" },
		{ "response-content-encoding", "Content-Encoding" },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct slice v = http_query(r->http, names[i][0]);
		if (!v.p)
			continue;
		if (!r->auth.present)
			return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Request specific response headers cannot be used for anonymous GET requests.");
		for (size_t k = 0; k < v.n; k++) /* Latin-1 ends with U+00FF: C3 BF */
			if ((unsigned char)v.p[k] < ' ' || (unsigned char)v.p[k] > 0xc3)
				return s3_bad_argument(r, names[i][0], v, "Header value cannot be represented using ISO-8859-1.");
		http_setsl(r->call, names[i][1], v);
	}
	return 0;
}

static void answer_got(struct s3_req *r, const struct s3_got *g)
{
	bool whole = g->n == g->object.size;
	s3_answer_object(r, &g->object);
	r->call->resp.status = g->partial ? 206 : 200;
	if (g->partial && g->n)
		http_set(r->call, "Content-Range", "bytes %lld-%lld/%lld", (long long)g->at, (long long)(g->at + g->n - 1), (long long)g->object.size);
	if (r->call->head_only)
		http_set(r->call, "Content-Length", "%lld", (long long)g->n);
	if (!sl_eq_nocase(http_get(r->http, "x-amz-checksum-mode"), S("ENABLED")))
		return;
	/* A client compares it with what it got: never the whole's with a part. */
	if (g->has_part_sum) {
		set_sum(r, &g->part_sum, 0);
		http_set(r->call, "x-amz-checksum-type", "COMPOSITE");
	} else if (whole) {
		set_sum(r, &g->object.sum, g->object.part_n);
	}
}

int s3_op_get(struct s3 *s, struct s3_req *r)
{
	struct s3_range range = s3_parse_range(http_get(r->http, "range"));
	struct s3_conditions cond = s3_request_conditions(r, false);
	struct s3_got g = { 0 };
	int part = 0, rc = s3_request_part(r, false, &part);
	if (rc)
		return rc;
	rc = s3_get(s, r->bucket, r->key, http_query(r->http, "versionId"), &cond, &range, part, &g, &r->fail);
	if (rc && g.object.marker)
		return s3_refuse_marker(r, &g.object);
	if (rc && r->fail.err.def == &s3_errors[S3_E_NOT_MODIFIED])
		s3_answer_object(r, &g.object);
	if (rc == 0)
		rc = s3_sse_key(s, r, &g.object, false);
	if (rc == 0 && !r->call->head_only && (rc = s3_check_archive(s, &g.object, false, &r->fail)) == 0)
		rc = s3_sse_may_read(s, r->bucket, &g.object, &r->fail);
	if (rc)
		return rc;
	answer_got(r, &g);
	s3_answer_restore(s, r, &g.object);
	s3_lifecycle_answer(s, r, &g.object);
	if (part && g.object.part_n)
		http_set(r->call, "x-amz-mp-parts-count", "%d", g.object.part_n);
	if ((rc = override_headers(r)) != 0)
		(void)http_empty(r->call); /* an error has none of the object's */
	return rc || r->call->head_only ? rc : s3_send(s, r, &g.object, g.at, g.n);
}

static bool wants(struct slice list, const char *name)
{
	struct slice one;
	while (list.p) {
		sl_cut(list, ',', &one, &list);
		if (sl_eqs(sl_trim(one), name))
			return true;
	}
	return false;
}

int s3_op_attributes(struct s3 *s, struct s3_req *r)
{
	struct slice list = s3_request_all(r, "x-amz-object-attributes");
	struct s3_object o;
	struct buf b = { 0 };
	char date[40];
	int rc = s3_request_object(s, r, &o);
	if (rc || (rc = s3_sse_key(s, r, &o, false)) != 0)
		return rc;
	s3_answer_version(r, &o);
	clock_http(o.modified_ms, date);
	http_set(r->call, "Last-Modified", "%s", date);
	s3_xml_start(&b, "GetObjectAttributesResponse");
	if (wants(list, "ETag"))
		s3_xml_el(&b, "ETag", o.etag);
	if (wants(list, "Checksum") && o.sum.alg) {
		struct s3_sum plain = o.sum;
		plain.composite = false; /* without "-N" here */
		buf_adds(&b, "<Checksum>");
		s3_xml_sum(&b, &plain, 0);
		buf_addf(&b, "<ChecksumType>%s</ChecksumType></Checksum>", s3_sum_type(o.sum.composite));
	}
	if (wants(list, "ObjectParts") && o.part_n && (rc = s3_xml_object_parts(s, r, &o, &b)) != 0) {
		buf_free(&b);
		return rc;
	}
	if (wants(list, "StorageClass"))
		s3_xml_el(&b, "StorageClass", o.class);
	if (wants(list, "ObjectSize"))
		buf_addf(&b, "<ObjectSize>%lld</ObjectSize>", (long long)o.size);
	return s3_answer_xml(r, &b, "GetObjectAttributesResponse");
}
