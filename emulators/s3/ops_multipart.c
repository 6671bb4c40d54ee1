/* Operations of multipart uploads: the wire side of multipart.c. */
#include "owner.h"
#include "versions.h"

static int find_upload(struct s3 *s, struct s3_req *r, struct s3_upload *u)
{
	struct slice id = http_query(r->http, "uploadId");
	return s3_upload_find(s, r->bucket, r->key, id.p ? id : S(""), u, &r->fail);
}

/* Algorithm and type: asked for by header, the type by default as AWS has it. */
static int parse_checksum_kind(struct s3_req *r, struct s3_upload *u)
{
	struct slice alg = http_get(r->http, "x-amz-checksum-algorithm"), type = http_get(r->http, "x-amz-checksum-type");
	u->alg = s3_alg_of(alg);
	if (alg.n && !u->alg)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
				"Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
				"[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
	if (type.n && !u->alg)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
				"The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
	u->composite = u->alg && (type.n ? sl_eqs(type, "COMPOSITE") : u->alg != S3_SUM_CRC64);
	if (u->composite ? u->alg == S3_SUM_CRC64 : u->alg == S3_SUM_SHA1 || u->alg == S3_SUM_SHA256)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "The %s checksum type cannot be used with the %s checksum algorithm.",
				s3_sum_type(u->composite), s3_alg_word(u->alg));
	return 0;
}

static void set_checksum_kind(struct s3_req *r, enum s3_alg alg, bool composite)
{
	if (!alg)
		return;
	http_set(r->call, "x-amz-checksum-algorithm", "%s", s3_algs[alg].name);
	http_set(r->call, "x-amz-checksum-type", "%s", s3_sum_type(composite));
}

int s3_op_upload_create(struct s3 *s, struct s3_req *r)
{
	struct s3_upload u = { .bucket = r->bucket, .key = r->key };
	struct buf b = { 0 };
	struct slice sse, lock;
	int rc = s3_request_headers(r, &u.headers, &u.class);
	if (rc || (rc = s3_sse_of(s, r, &sse)) != 0 || (rc = s3_lock_of(s, r, &lock)) != 0)
		return rc;
	u.headers = arena_printf(r->a, "%.*s%.*s%.*s", SL(u.headers), SL(sse), SL(lock));
	if ((rc = parse_checksum_kind(r, &u)) != 0 || (rc = s3_upload_make(s, &u, &r->fail)) != 0)
		return rc;
	set_checksum_kind(r, u.alg, u.composite);
	s3_sse_answer(r, u.headers);
	s3_xml_start(&b, "InitiateMultipartUploadResult");
	s3_xml_el(&b, "Bucket", u.bucket);
	s3_xml_el(&b, "Key", u.key);
	s3_xml_el(&b, "UploadId", s3_upload_text(r->a, u.id));
	return s3_answer_xml(r, &b, "InitiateMultipartUploadResult");
}

int s3_op_upload_part(struct s3 *s, struct s3_req *r)
{
	struct s3_upload u;
	struct s3_piece p;
	struct s3_sum sum;
	struct s3_seal seal;
	struct s3_content whole, *content = r->content ? r->content : &whole;
	struct slice md5;
	int n, rc = s3_request_part(r, true, &n);
	if (rc || (rc = s3_request_put(r, &md5, &sum)) != 0 || (rc = find_upload(s, r, &u)) != 0)
		return rc;
	if ((rc = s3_sse_part(s, r, &u, &seal)) != 0)
		return rc;
	if (!r->content) {
		s3_content_of(r->body, s3_upload_alg(&u), sum.alg, &whole);
		whole.seal = seal;
	}
	if ((rc = s3_upload_part(s, &u, n, content, md5, &sum, &p, &r->fail)) != 0)
		return rc;
	http_set(r->call, "ETag", "\"%.*s\"", SL(p.etag));
	s3_sse_answer(r, u.headers);
	s3_answer_sum(r, &sum, 0);
	r->call->resp.status = 200;
	return 0;
}

static int answer_complete(struct s3_req *r, const struct s3_object *o, bool asked)
{
	struct slice host = http_get(r->http, "host");
	struct buf b = { 0 };
	if (o->version)
		s3_answer_version(r, o);
	s3_sse_answer(r, o->headers);
	s3_xml_start(&b, "CompleteMultipartUploadResult");
	buf_adds(&b, r->http->secure ? "<Location>https://" : "<Location>http://");
	buf_xml_escape(&b, host);
	buf_addc(&b, '/');
	if (!r->virtual_host)
		buf_addf(&b, "%.*s/", SL(r->bucket));
	buf_url_escape(&b, r->key, false);
	buf_adds(&b, "</Location>");
	s3_xml_el(&b, "Bucket", r->bucket);
	s3_xml_el(&b, "Key", r->key);
	s3_xml_etag(&b, o->etag);
	/* What wasn't asked for isn't told of encrypted objects. */
	if (asked || !s3_sse_sealed(o->headers))
		s3_xml_sum(&b, &o->sum, o->part_n);
	if (o->sum.alg && (asked || !s3_sse_sealed(o->headers)))
		buf_addf(&b, "<ChecksumType>%s</ChecksumType>", s3_sum_type(o->sum.composite));
	return s3_answer_xml(r, &b, "CompleteMultipartUploadResult");
}

int s3_op_upload_complete(struct s3 *s, struct s3_req *r)
{
	struct s3_complete in = { .cond = s3_request_conditions(r, true), .size = http_get(r->http, "x-amz-mp-object-size") };
	struct s3_object o;
	struct s3_upload u;
	int rc = find_upload(s, r, &u);
	/* Sent again, as after a lost answer, it gets the same one while the object is still that upload's. */
	if (rc)
		return s3_upload_was(s, r->bucket, r->key, http_query(r->http, "uploadId"), &o, &r->fail) ? answer_complete(r, &o, false) : rc;
	in.type = http_get(r->http, "x-amz-checksum-type");
	/* Where a checksum was asked for, a customer's key is wanted again. */
	if ((u.alg && s3_sse_customer(u.headers)) || s3_request_header(r, "x-amz-server-side-encryption-customer-key").p) {
		struct s3_seal seal;
		if ((rc = s3_sse_part(s, r, &u, &seal)) != 0)
			return rc;
	}
	if ((rc = s3_parse_complete(r, &in.parts, &in.n)) != 0 || (rc = s3_request_whole_sum(r, &in.sum)) != 0 ||
	    (rc = s3_upload_complete(s, &u, &in, &o, &r->fail)) != 0)
		return rc;
	return answer_complete(r, &o, u.alg != S3_SUM_NONE);
}

int s3_op_upload_abort(struct s3 *s, struct s3_req *r)
{
	struct s3_upload u;
	int rc = find_upload(s, r, &u);
	if (rc || (rc = s3_upload_abort(s, &u, &r->fail)) != 0)
		return rc;
	r->call->resp.status = 204;
	return 0;
}

static void add_parties(struct buf *b, struct s3 *s, struct s3_req *r, const struct s3_owner *bucket, struct slice headers)
{
	struct s3_owner owner = s3_owner_of(s, r->a, bucket, headers);
	s3_xml_initiator(b, &owner);
	s3_xml_owner(b, "Owner", &owner);
}

static void add_part(struct buf *b, const struct s3_piece *p, const struct s3_upload *u)
{
	buf_addf(b, "<Part><PartNumber>%d</PartNumber>", p->n);
	s3_xml_time(b, "LastModified", p->modified_ms);
	s3_xml_etag(b, p->etag);
	if (u->alg)
		s3_xml_sum(b, &p->sum, 0);
	buf_addf(b, "<Size>%lld</Size></Part>", (long long)p->size);
}

int s3_op_list_parts(struct s3 *s, struct s3_req *r)
{
	struct s3_upload u;
	struct s3_piece *parts;
	struct s3_bucket bucket;
	struct s3_owner owner;
	struct buf b = { 0 };
	int64_t max, after;
	size_t n;
	bool more;
	int rc = s3_request_int(r, "max-parts", 1000, &max);
	if (rc || (rc = s3_request_int(r, "part-number-marker", 0, &after)) != 0 || (rc = find_upload(s, r, &u)) != 0 ||
	    (rc = s3_bucket_get(s, r->bucket, &bucket, &r->fail)) != 0)
		return rc;
	owner = s3_owner_of_bucket(s, r->a, &bucket);
	max = max > 1000 ? 1000 : max;
	if ((rc = s3_upload_parts(s, &u, (int)after, (size_t)max, &parts, &n, &more, &r->fail)) != 0)
		return rc;
	s3_xml_start(&b, "ListPartsResult");
	s3_xml_el(&b, "Bucket", u.bucket);
	s3_xml_el(&b, "Key", u.key);
	s3_xml_el(&b, "UploadId", s3_upload_text(r->a, u.id));
	add_parties(&b, s, r, &owner, u.headers);
	buf_addf(&b, "<StorageClass>%.*s</StorageClass><PartNumberMarker>%lld</PartNumberMarker>", SL(u.class), (long long)after);
	buf_addf(&b, "<NextPartNumberMarker>%d</NextPartNumberMarker><MaxParts>%lld</MaxParts><IsTruncated>%s</IsTruncated>",
		 n ? parts[n - 1].n : 0, (long long)max, more ? "true" : "false");
	s3_xml_alg(&b, u.alg, u.composite);
	for (size_t i = 0; i < n; i++)
		add_part(&b, &parts[i], &u);
	return s3_answer_xml(r, &b, "ListPartsResult");
}

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

static void add_upload(struct buf *b, struct s3 *s, struct s3_req *r, const struct s3_owner *owner, const struct s3_upload *u, bool url)
{
	buf_adds(b, "<Upload>");
	add_name(b, "Key", u->key, url);
	s3_xml_el(b, "UploadId", s3_upload_text(r->a, u->id));
	add_parties(b, s, r, owner, u->headers);
	buf_addf(b, "<StorageClass>%.*s</StorageClass>", SL(u->class));
	s3_xml_time(b, "Initiated", u->started_ms);
	s3_xml_alg(b, u->alg, u->composite);
	buf_adds(b, "</Upload>");
}

/* One page of uploads; their common prefixes count, too. */
struct page {
	struct s3_list in;     /* after: the key marker */
	struct s3_owner owner;
	struct slice key; /* the last one; */
	int64_t id, n;         /* 0: it is a common prefix */
	bool url, more;
	struct buf list, prefixes;
};

static int list_page(struct s3 *s, struct s3_req *r, struct page *p, int64_t mark)
{
	struct slice seen = p->in.after.n ? s3_key_rolled(p->in.after, &p->in) : sl(NULL), common;
	struct s3_upload u = { .key = p->in.after.p ? p->in.after : S("") };
	int rc = 0;
	u.id = !p->in.after.n ? 0 : mark ? mark : INT64_MAX; /* after the key, or within it after one upload */
	if (seen.p && !mark)
		u = (struct s3_upload){ .key = s3_key_above(r->a, seen) };
	while (p->in.max > 0 && u.key.p && (rc = s3_upload_next(s, r->bucket, p->in.prefix, &u, &r->fail)) == 1 && !(p->more = p->n == p->in.max)) {
		common = s3_key_rolled(u.key, &p->in);
		p->key = common.p ? common : u.key;
		p->id = common.p ? 0 : u.id;
		p->n++;
		if (!common.p) {
			add_upload(&p->list, s, r, &p->owner, &u, p->url);
			continue;
		}
		buf_adds(&p->prefixes, "<CommonPrefixes>");
		add_name(&p->prefixes, "Prefix", common, p->url);
		buf_adds(&p->prefixes, "</CommonPrefixes>");
		u = (struct s3_upload){ .key = s3_key_above(r->a, common) };
	}
	return rc < 0 ? rc : 0;
}

/* An upload that is marked is one of the key's; without a key it marks nothing. */
static int find_marker(struct s3 *s, struct s3_req *r, const struct page *p, struct slice mark, int64_t *after)
{
	struct s3_upload u;
	struct error err;
	*after = p->in.after.n ? s3_upload_number(r->a, mark) : 0;
	if (!p->in.after.n || !mark.n)
		return 0;
	if (*after && (s3_store_upload(&s->store, r->a, *after, &u, &err) || sl_eq(u.key, p->in.after)))
		return 0; /* it may be over meanwhile */
	return s3_bad_argument(r, "upload-id-marker", mark, "Invalid uploadId marker");
}

int s3_op_list_uploads(struct s3 *s, struct s3_req *r)
{
	struct slice mark = http_query(r->http, "upload-id-marker");
	struct page p = { .in = { .prefix = http_query(r->http, "prefix"), .delimiter = http_query(r->http, "delimiter"), .after = http_query(r->http, "key-marker") } };
	struct s3_bucket bucket;
	struct buf b = { 0 };
	int64_t max, after;
	int rc = s3_request_int(r, "max-uploads", 1000, &max);
	if (rc || (rc = s3_request_encoding(r, &p.url)) != 0 || (rc = s3_bucket_get(s, r->bucket, &bucket, &r->fail)) != 0)
		return rc;
	p.owner = s3_owner_of_bucket(s, r->a, &bucket);
	p.in.max = max > 1000 ? 1000 : (int)max;
	if ((rc = find_marker(s, r, &p, mark, &after)) == 0 && (rc = list_page(s, r, &p, after)) == 0) {
		s3_xml_start(&b, "ListMultipartUploadsResult");
		s3_xml_el(&b, "Bucket", r->bucket);
		add_name(&b, "KeyMarker", p.in.after, p.url);
		s3_xml_el(&b, "UploadIdMarker", p.in.after.n ? mark : S(""));
		add_name(&b, "NextKeyMarker", p.id ? p.key : S(""), p.url); /* nor has AWS one after a common prefix */
		s3_xml_el(&b, "NextUploadIdMarker", p.id ? s3_upload_text(r->a, p.id) : S(""));
		if (p.in.prefix.n)
			add_name(&b, "Prefix", p.in.prefix, p.url);
		if (p.in.delimiter.n)
			add_name(&b, "Delimiter", p.in.delimiter, p.url);
		if (p.url)
			buf_adds(&b, "<EncodingType>url</EncodingType>");
		buf_addf(&b, "<MaxUploads>%d</MaxUploads><IsTruncated>%s</IsTruncated>", p.in.max, p.more ? "true" : "false");
		buf_addsl(&b, buf_slice(&p.list));
		buf_addsl(&b, buf_slice(&p.prefixes));
		rc = s3_answer_xml(r, &b, "ListMultipartUploadsResult");
	}
	buf_free(&p.list);
	buf_free(&p.prefixes);
	return rc;
}
