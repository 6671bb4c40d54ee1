/* Operations that list: parameters in, a page of XML out. */
#include "owner.h"
#include "versions.h"

/* A key, prefix or delimiter, as the client asked for it to be encoded. */
static void add_name(struct buf *b, const char *element, struct slice value, bool url)
{
	if (!url || value.n == 0) {
		s3_xml_el(b, element, value);
		return;
	}
	s3_xml_tag(b, "<", element);
	buf_url_escape(b, value, true);
	s3_xml_tag(b, "</", element);
}

struct query {
	struct s3_list list;
	bool url, fetch_owner;
	struct s3_owner owner;  /* of the bucket, */
	struct slice owner_xml; /* as most entries have it */
	struct slice marker, token, start_after;
};

int s3_request_encoding(struct s3_req *r, bool *url)
{
	struct slice encoding = http_query(r->http, "encoding-type");
	*url = sl_eqs(encoding, "url");
	return encoding.p && !*url ? s3_bad_argument(r, "encoding-type", encoding, "Invalid Encoding Method specified in Request") : 0;
}

static int parse_list(struct s3_req *r, struct query *q)
{
	int64_t max;
	bool url;
	int rc = s3_request_int(r, "max-keys", S3_LIST_MAX, &max);
	if (rc)
		return rc;
	if ((rc = s3_request_encoding(r, &url)) != 0)
		return rc;
	*q = (struct query){ .url = url };
	q->list.bucket = r->bucket;
	q->list.prefix = http_query(r->http, "prefix");
	q->list.delimiter = http_query(r->http, "delimiter");
	q->list.max = max > S3_LIST_MAX ? S3_LIST_MAX : (int)max;
	return 0;
}

static int run_list(struct s3 *s, struct s3_req *r, struct query *q, struct s3_page *page)
{
	struct s3_bucket b;
	struct buf xml = { 0 };
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	http_setsl(r->call, "x-amz-bucket-region", s3_region_of(b.region));
	q->owner = s3_owner_of_bucket(s, r->a, &b);
	s3_xml_owner(&xml, "Owner", &q->owner);
	q->owner_xml = arena_dup(r->a, buf_slice(&xml));
	buf_free(&xml);
	return s3_list(s, r->a, &q->list, page, &r->fail);
}

static void add_owner(struct buf *b, struct s3 *s, struct s3_req *r, const struct query *q, const struct s3_object *o)
{
	struct s3_owner owner;
	if (!o->headers.n) {
		buf_addsl(b, q->owner_xml);
		return;
	}
	owner = s3_owner_of(s, r->a, &q->owner, o->headers);
	s3_xml_owner(b, "Owner", &owner);
}

static void add_size(struct buf *b, int64_t size)
{
	buf_addsl(b, S("<Size>"));
	buf_int(b, size);
	buf_addsl(b, S("</Size>"));
}

static void add_class(struct buf *b, struct slice class)
{
	buf_addsl(b, S("<StorageClass>"));
	buf_addsl(b, class);
	buf_addsl(b, S("</StorageClass>"));
}

static void add_entry(struct buf *b, struct s3 *s, struct s3_req *r, const struct s3_object *o, const struct query *q, bool owner)
{
	buf_addsl(b, S("<Contents>"));
	add_name(b, "Key", o->key, q->url);
	s3_xml_time(b, "LastModified", o->modified_ms);
	s3_xml_etag(b, o->etag);
	s3_xml_alg(b, o->sum.alg, o->sum.composite);
	add_size(b, o->size);
	if (owner)
		add_owner(b, s, r, q, o);
	add_class(b, o->class);
	buf_addsl(b, S("</Contents>"));
}

static void add_prefixes(struct buf *b, const struct s3_page *page, const struct query *q)
{
	for (size_t i = 0; i < page->n; i++) {
		if (!page->entries[i].is_prefix)
			continue;
		buf_adds(b, "<CommonPrefixes>");
		add_name(b, "Prefix", page->entries[i].object.key, q->url);
		buf_adds(b, "</CommonPrefixes>");
	}
}

static void add_entries(struct buf *b, struct s3 *s, struct s3_req *r, const struct s3_page *page, const struct query *q, bool owner)
{
	for (size_t i = 0; i < page->n; i++)
		if (!page->entries[i].is_prefix)
			add_entry(b, s, r, &page->entries[i].object, q, owner);
	add_prefixes(b, page, q);
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
	add_entries(&b, s, r, &page, &q, true);
	return s3_answer_xml(r, &b, "ListBucketResult");
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
	if (q.token.p && (q.token.n == 0 || !arena_base64(r->a, q.token, &q.list.after) || q.list.after.n == 0))
		return s3_bad_argument(r, "continuation-token", sl(NULL), "The continuation token provided is incorrect");
	q.fetch_owner = sl_eqs(http_query(r->http, "fetch-owner"), "true");
	if ((rc = run_list(s, r, &q, &page)) != 0)
		return rc;
	s3_xml_start(&b, "ListBucketResult");
	s3_xml_el(&b, "Name", r->bucket);
	add_name(&b, "Prefix", q.list.prefix, q.url);
	if (q.start_after.n && !q.token.p)
		add_name(&b, "StartAfter", q.start_after, q.url);
	if (q.token.p)
		s3_xml_el(&b, "ContinuationToken", q.token);
	if (page.more)
		add_token(&b, "NextContinuationToken", last_of(&page));
	buf_addf(&b, "<KeyCount>%zu</KeyCount>", page.n);
	add_tail(&b, &q, &page);
	add_entries(&b, s, r, &page, &q, q.fetch_owner);
	return s3_answer_xml(r, &b, "ListBucketResult");
}

/* A version, or a delete marker. */
static void add_version(struct buf *b, struct s3 *s, struct s3_req *r, const struct s3_entry *e, const struct query *q)
{
	const struct s3_object *o = &e->object;
	const char *element = o->marker ? "DeleteMarker" : "Version";
	s3_xml_tag(b, "<", element);
	add_name(b, "Key", o->key, q->url);
	s3_xml_el(b, "VersionId", s3_version_text(r->a, o->version));
	s3_xml_el(b, "IsLatest", e->latest ? S("true") : S("false"));
	s3_xml_time(b, "LastModified", o->modified_ms);
	if (!o->marker) {
		s3_xml_etag(b, o->etag);
		s3_xml_alg(b, o->sum.alg, o->sum.composite);
		add_size(b, o->size);
	}
	add_owner(b, s, r, q, o);
	if (!o->marker)
		add_class(b, o->class);
	s3_xml_tag(b, "</", element);
}

/* The version a page begins after: its place among the key's. */
static int parse_version_marker(struct s3 *s, struct s3_req *r, struct slice id, struct query *q)
{
	struct s3_bucket b;
	struct s3_object o;
	struct error err;
	int64_t number;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = s3_version_check(&r->fail, "version-id-marker", id, &number)) != 0)
		return rc;
	q->list.after_seq = number;
	if (number)
		return 0;
	rc = s3_store_object(&s->store, r->a, r->bucket, q->marker, &o, &err);
	if (rc == 0 && o.version == 0)
		q->list.after_seq = INT64_MAX;
	else if (rc == 0 || rc == ERR_NOT_FOUND)
		rc = s3_store_version_null(&s->store, r->a, r->bucket, q->marker, &o, &err);
	if (rc == 0 && o.seq)
		q->list.after_seq = o.seq;
	return rc && rc != ERR_NOT_FOUND ? s3_store_fail(&r->fail, &err) : 0;
}

int s3_op_list_versions(struct s3 *s, struct s3_req *r)
{
	struct slice id = http_query(r->http, "version-id-marker");
	struct s3_page page;
	struct query q;
	struct buf b = { 0 };
	int rc = parse_list(r, &q);
	if (rc)
		return rc;
	q.list.versions = true;
	q.list.after = q.marker = http_query(r->http, "key-marker");
	if (id.n && q.marker.n == 0)
		return s3_bad_argument(r, "version-id-marker", id, "A version-id marker cannot be specified without a key marker.");
	if ((id.n && (rc = parse_version_marker(s, r, id, &q)) != 0) || (rc = run_list(s, r, &q, &page)) != 0)
		return rc;
	s3_xml_start(&b, "ListVersionsResult");
	s3_xml_el(&b, "Name", r->bucket);
	add_name(&b, "Prefix", q.list.prefix, q.url);
	add_name(&b, "KeyMarker", q.marker, q.url);
	s3_xml_el(&b, "VersionIdMarker", id);
	if (page.more) {
		const struct s3_entry *last = &page.entries[page.n - 1];
		add_name(&b, "NextKeyMarker", last->object.key, q.url);
		if (!last->is_prefix)
			s3_xml_el(&b, "NextVersionIdMarker", s3_version_text(r->a, last->object.version));
	}
	add_tail(&b, &q, &page);
	for (size_t i = 0; i < page.n; i++)
		if (!page.entries[i].is_prefix)
			add_version(&b, s, r, &page.entries[i], &q);
	add_prefixes(&b, &page, &q);
	return s3_answer_xml(r, &b, "ListVersionsResult");
}

int s3_op_list_buckets(struct s3 *s, struct s3_req *r)
{
	struct slice prefix = http_query(r->http, "prefix"), token = http_query(r->http, "continuation-token"), after = S("");
	struct slice region = http_query(r->http, "bucket-region");
	bool regions = prefix.p || token.p || region.n || http_query(r->http, "max-buckets").p, more = false;
	struct s3_bucket one, like = { .name = prefix, .region = region, .account = s3_request_account(s, r) };
	struct s3_owner owner = s3_owner_of_caller(s, r);
	struct buf b = { 0 };
	int64_t max, n = 0;
	int rc = s3_request_int(r, "max-buckets", 10000, &max);
	if (rc)
		return rc;
	if (region.p && !s3_region_known(region))
		return s3_bad_argument(r, "bucket-region", sl(NULL), arena_cstr(r->a, arena_printf(r->a, "Argument value %.*s is not a valid AWS Region", SL(region))));
	if (token.n && !arena_base64(r->a, token, &after))
		return s3_bad_argument(r, "continuation-token", sl(NULL), "The continuation token provided is incorrect");
	s3_xml_start(&b, "ListAllMyBucketsResult");
	s3_xml_owner(&b, "Owner", &owner);
	buf_adds(&b, "<Buckets>");
	for (one.name = after; (rc = s3_bucket_next(s, &like, &one, &r->fail)) == 1 && !(more = n == max); after = one.name, n++) {
		buf_addf(&b, "<Bucket><Name>%.*s</Name>", SL(one.name));
		s3_xml_time(&b, "CreationDate", one.created_ms);
		if (regions) {
			s3_xml_el(&b, "BucketRegion", s3_region_of(one.region));
			buf_addf(&b, "<BucketArn>arn:aws:s3:::%.*s</BucketArn>", SL(one.name));
		}
		buf_adds(&b, "</Bucket>");
	}
	buf_adds(&b, "</Buckets>");
	if (more)
		add_token(&b, "ContinuationToken", after);
	if (prefix.n)
		s3_xml_el(&b, "Prefix", prefix);
	if (rc >= 0)
		return s3_answer_xml(r, &b, "ListAllMyBucketsResult");
	buf_free(&b);
	return rc;
}
