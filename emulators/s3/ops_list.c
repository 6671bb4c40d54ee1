/* Operations that list: parameters in, a page of XML out. */
#include "s3.h"

#include <string.h>

static const char owner_id[] = "7a6f3d0c5b1e49d28f70c1a9e4b6d85213fe907ac46bd1e85f2093c7b8d4e61a";

static void add_owner(struct buf *b)
{
	buf_addf(b, "<Owner><ID>%s</ID><DisplayName>tarn</DisplayName></Owner>", owner_id);
}

/* A key, prefix or delimiter, as the client asked for it to be encoded. */
static void add_name(struct buf *b, const char *element, struct slice value, bool url)
{
	if (!url || value.n == 0) {
		s3_xml_el(b, element, value);
		return;
	}
	buf_addf(b, "<%s>", element);
	buf_url_escape(b, value, true);
	buf_addf(b, "</%s>", element);
}

struct query {
	struct s3_list list;
	bool url, fetch_owner;
	struct slice marker, token, start_after;
};

static int parse_list(struct s3_req *r, struct query *q)
{
	struct slice encoding = http_query(r->http, "encoding-type");
	int64_t max;
	int rc = s3_request_int(r, "max-keys", S3_LIST_MAX, &max);
	if (rc)
		return rc;
	if (encoding.n && !sl_eqs(encoding, "url")) {
		s3_extra(&r->fail, "ArgumentName", S("encoding-type"));
		s3_extra(&r->fail, "ArgumentValue", encoding);
		return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "Invalid Encoding Method specified in Request");
	}
	*q = (struct query){ .url = encoding.n > 0 };
	q->list.bucket = r->bucket;
	q->list.prefix = http_query(r->http, "prefix");
	q->list.delimiter = http_query(r->http, "delimiter");
	q->list.max = max > S3_LIST_MAX ? S3_LIST_MAX : (int)max;
	return 0;
}

static int run_list(struct s3 *s, struct s3_req *r, const struct query *q, struct s3_page *page)
{
	struct s3_bucket b;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	return rc ? rc : s3_list(s, r->a, &q->list, page, &r->fail);
}

static void add_entry(struct buf *b, const struct s3_entry *e, const struct query *q, bool owner)
{
	const struct s3_object *o = &e->object;
	buf_adds(b, "<Contents>");
	add_name(b, "Key", o->key, q->url);
	s3_xml_time(b, "LastModified", o->modified_ms);
	s3_xml_etag(b, o->etag);
	if (o->sum.alg)
		buf_addf(b, "<ChecksumAlgorithm>%s</ChecksumAlgorithm><ChecksumType>%s</ChecksumType>", s3_algs[o->sum.alg].name,
			 o->sum.composite ? "COMPOSITE" : "FULL_OBJECT");
	buf_addf(b, "<Size>%lld</Size>", (long long)o->size);
	if (owner)
		add_owner(b);
	buf_addf(b, "<StorageClass>%.*s</StorageClass></Contents>", SL(o->class));
}

static void add_entries(struct buf *b, const struct s3_page *page, const struct query *q, bool owner)
{
	for (size_t i = 0; i < page->n; i++)
		if (!page->entries[i].is_prefix)
			add_entry(b, &page->entries[i], q, owner);
	for (size_t i = 0; i < page->n; i++) {
		if (!page->entries[i].is_prefix)
			continue;
		buf_adds(b, "<CommonPrefixes>");
		add_name(b, "Prefix", page->entries[i].object.key, q->url);
		buf_adds(b, "</CommonPrefixes>");
	}
}

static void add_tail(struct buf *b, const struct query *q, const struct s3_page *page)
{
	buf_addf(b, "<MaxKeys>%d</MaxKeys>", q->list.max);
	if (q->list.delimiter.n)
		add_name(b, "Delimiter", q->list.delimiter, q->url);
	if (q->url)
		buf_adds(b, "<EncodingType>url</EncodingType>");
	buf_addf(b, "<IsTruncated>%s</IsTruncated>", page->more ? "true" : "false");
}

static struct slice last_of(const struct s3_page *page)
{
	return page->entries[page->n - 1].object.key;
}

int s3_op_list_v1(struct s3 *s, struct s3_req *r)
{
	struct s3_page page;
	struct query q;
	struct buf b = { 0 };
	int rc = parse_list(r, &q);
	q.list.after = q.marker = http_query(r->http, "marker");
	if (rc || (rc = run_list(s, r, &q, &page)) != 0)
		return rc;
	s3_xml_start(&b, "ListBucketResult");
	s3_xml_el(&b, "Name", r->bucket);
	add_name(&b, "Prefix", q.list.prefix, q.url);
	add_name(&b, "Marker", q.marker, q.url);
	if (page.more && q.list.delimiter.n)
		add_name(&b, "NextMarker", last_of(&page), q.url);
	add_tail(&b, &q, &page);
	add_entries(&b, &page, &q, true);
	buf_adds(&b, "</ListBucketResult>");
	s3_answer_xml(r, &b);
	buf_free(&b);
	return 0;
}

static void add_token(struct buf *b, const char *element, struct slice after)
{
	buf_addf(b, "<%s>", element);
	buf_base64(b, after.p, after.n);
	buf_addf(b, "</%s>", element);
}

int s3_op_list_v2(struct s3 *s, struct s3_req *r)
{
	struct s3_page page;
	struct query q;
	struct buf b = { 0 };
	int rc = parse_list(r, &q);
	if (rc)
		return rc;
	q.token = http_query(r->http, "continuation-token");
	q.list.after = q.start_after = http_query(r->http, "start-after");
	if (q.token.p && (q.token.n == 0 || !arena_base64(r->a, q.token, &q.list.after) || q.list.after.n == 0)) {
		s3_extra(&r->fail, "ArgumentName", S("continuation-token"));
		return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "The continuation token provided is incorrect");
	}
	q.fetch_owner = sl_eqs(http_query(r->http, "fetch-owner"), "true");
	if ((rc = run_list(s, r, &q, &page)) != 0)
		return rc;
	s3_xml_start(&b, "ListBucketResult");
	s3_xml_el(&b, "Name", r->bucket);
	add_name(&b, "Prefix", q.list.prefix, q.url);
	if (q.start_after.n)
		add_name(&b, "StartAfter", q.start_after, q.url);
	if (q.token.p)
		s3_xml_el(&b, "ContinuationToken", q.token);
	if (page.more)
		add_token(&b, "NextContinuationToken", last_of(&page));
	buf_addf(&b, "<KeyCount>%zu</KeyCount>", page.n);
	add_tail(&b, &q, &page);
	add_entries(&b, &page, &q, q.fetch_owner);
	buf_adds(&b, "</ListBucketResult>");
	s3_answer_xml(r, &b);
	buf_free(&b);
	return 0;
}

static void add_version(struct buf *b, const struct s3_object *o, const struct query *q)
{
	buf_adds(b, "<Version>");
	add_name(b, "Key", o->key, q->url);
	buf_adds(b, "<VersionId>null</VersionId><IsLatest>true</IsLatest>");
	s3_xml_time(b, "LastModified", o->modified_ms);
	s3_xml_etag(b, o->etag);
	buf_addf(b, "<Size>%lld</Size>", (long long)o->size);
	add_owner(b);
	buf_addf(b, "<StorageClass>%.*s</StorageClass></Version>", SL(o->class));
}

int s3_op_list_versions(struct s3 *s, struct s3_req *r)
{
	struct slice id = http_query(r->http, "version-id-marker");
	struct s3_page page;
	struct query q;
	struct buf b = { 0 };
	int rc = parse_list(r, &q);
	q.list.after = q.marker = http_query(r->http, "key-marker");
	if (rc == 0 && id.n && q.marker.n == 0) {
		s3_extra(&r->fail, "ArgumentName", S("version-id-marker"));
		s3_extra(&r->fail, "ArgumentValue", id);
		return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "A version-id marker cannot be specified without a key marker.");
	}
	if (rc || (rc = run_list(s, r, &q, &page)) != 0)
		return rc;
	s3_xml_start(&b, "ListVersionsResult");
	s3_xml_el(&b, "Name", r->bucket);
	add_name(&b, "Prefix", q.list.prefix, q.url);
	add_name(&b, "KeyMarker", q.marker, q.url);
	s3_xml_el(&b, "VersionIdMarker", id);
	if (page.more) {
		add_name(&b, "NextKeyMarker", last_of(&page), q.url);
		buf_adds(&b, "<NextVersionIdMarker>null</NextVersionIdMarker>");
	}
	add_tail(&b, &q, &page);
	for (size_t i = 0; i < page.n; i++)
		if (!page.entries[i].is_prefix)
			add_version(&b, &page.entries[i].object, &q);
	for (size_t i = 0; i < page.n; i++)
		if (page.entries[i].is_prefix) {
			buf_adds(&b, "<CommonPrefixes>");
			add_name(&b, "Prefix", page.entries[i].object.key, q.url);
			buf_adds(&b, "</CommonPrefixes>");
		}
	buf_adds(&b, "</ListVersionsResult>");
	s3_answer_xml(r, &b);
	buf_free(&b);
	return 0;
}

int s3_op_list_buckets(struct s3 *s, struct s3_req *r)
{
	struct slice prefix = http_query(r->http, "prefix"), token = http_query(r->http, "continuation-token"), after = S("");
	struct slice region = http_query(r->http, "bucket-region");
	struct s3_bucket one;
	struct error err;
	struct buf b = { 0 };
	int64_t max, n = 0;
	bool more = false;
	int rc = s3_request_int(r, "max-buckets", 10000, &max);
	if (rc)
		return rc;
	if (token.n && !arena_base64(r->a, token, &after)) {
		s3_extra(&r->fail, "ArgumentName", S("continuation-token"));
		return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "The continuation token provided is incorrect");
	}
	s3_xml_start(&b, "ListAllMyBucketsResult");
	add_owner(&b);
	buf_adds(&b, "<Buckets>");
	while ((rc = s3_store_bucket_after(&s->store, r->a, after, &one, &err)) == 0) {
		if (sl_starts(one.name, prefix.p ? prefix : S("")) && (region.n == 0 || sl_eq(region, one.region))) {
			if ((more = n == max))
				break;
			buf_addf(&b, "<Bucket><Name>%.*s</Name>", SL(one.name));
			s3_xml_time(&b, "CreationDate", one.created_ms);
			if (prefix.p || token.p || region.n || http_query(r->http, "max-buckets").p)
				s3_xml_el(&b, "BucketRegion", one.region);
			buf_adds(&b, "</Bucket>");
			n++;
		}
		after = one.name;
	}
	buf_adds(&b, "</Buckets>");
	if (more)
		add_token(&b, "ContinuationToken", after);
	if (prefix.n)
		s3_xml_el(&b, "Prefix", prefix);
	buf_adds(&b, "</ListAllMyBucketsResult>");
	if (rc == 0 || rc == ERR_NOT_FOUND)
		s3_answer_xml(r, &b);
	buf_free(&b);
	return rc == 0 || rc == ERR_NOT_FOUND ? 0 : s3_store_fail(&r->fail, &err);
}
