/* XML out: errors, and the elements answers share; response headers of an object. */
#include "versions.h"

void s3_xml_start(struct buf *b, const char *root)
{
	buf_addf(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">", root);
}

void s3_xml_tag(struct buf *b, const char *begin, const char *name)
{
	buf_adds(b, begin);
	buf_adds(b, name);
	buf_addc(b, '>');
}

void s3_xml_el(struct buf *b, const char *name, struct slice value)
{
	if (!value.n) {
		buf_addf(b, "<%s/>", name);
		return;
	}
	s3_xml_tag(b, "<", name);
	buf_xml_escape(b, value);
	s3_xml_tag(b, "</", name);
}

void s3_xml_time(struct buf *b, const char *name, int64_t ms)
{
	char text[32];
	clock_iso(ms / 1000 * 1000, text);
	s3_xml_tag(b, "<", name);
	buf_adds(b, text);
	s3_xml_tag(b, "</", name);
}

void s3_xml_etag(struct buf *b, struct slice etag)
{
	buf_addsl(b, S("<ETag>&quot;"));
	buf_addsl(b, etag);
	buf_addsl(b, S("&quot;</ETag>"));
}

void s3_xml_sum(struct buf *b, const struct s3_sum *sum, int part_n)
{
	if (!sum->alg)
		return;
	buf_addf(b, "<%s>", s3_algs[sum->alg].element);
	s3_sum_text(sum, part_n, b);
	buf_addf(b, "</%s>", s3_algs[sum->alg].element);
}

void s3_xml_alg(struct buf *b, enum s3_alg alg, bool composite)
{
	if (!alg)
		return;
	buf_addsl(b, S("<ChecksumAlgorithm>"));
	buf_adds(b, s3_algs[alg].name);
	buf_addsl(b, S("</ChecksumAlgorithm><ChecksumType>"));
	buf_adds(b, s3_sum_type(composite));
	buf_addsl(b, S("</ChecksumType>"));
}

struct slice s3_host_id(struct s3_req *r)
{
	uint8_t sum[32];
	struct slice id;
	struct buf b = { 0 };
	hash_sha256(r->request_id.p, r->request_id.n, sum);
	buf_base64(&b, sum, sizeof(sum));
	id = arena_dup(r->a, buf_slice(&b));
	buf_free(&b);
	return id;
}

void s3_answer_error(struct s3_req *r)
{
	const struct error_def *def = r->fail.err.def ? r->fail.err.def : &s3_errors[S3_E_INTERNAL];
	struct http_resp *resp = &r->call->resp;
	struct buf b = { 0 };
	buf_addf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code>", def->code);
	s3_xml_el(&b, "Message", sl(r->fail.err.text));
	for (size_t i = 0; i < r->fail.extra_n; i++)
		s3_xml_el(&b, r->fail.extra[i].name.p, r->fail.extra[i].value);
	s3_xml_el(&b, "RequestId", r->request_id);
	s3_xml_el(&b, "HostId", s3_host_id(r));
	buf_adds(&b, "</Error>");
	resp->status = def->http;
	buf_reset(&resp->body);
	if (def->http != 304 && !r->call->head_only) {
		http_set(r->call, "Content-Type", "application/xml");
		buf_addsl(&resp->body, buf_slice(&b));
	}
	buf_free(&b);
}

int s3_answer_xml(struct s3_req *r, struct buf *xml, const char *root)
{
	buf_addf(xml, "</%s>", root);
	return s3_answer_whole(r, xml);
}

int s3_answer_whole(struct s3_req *r, struct buf *xml)
{
	struct http_resp *resp = &r->call->resp;
	if (!resp->status)
		resp->status = 200;
	http_set(r->call, "Content-Type", "application/xml");
	buf_free(&resp->body);
	resp->body = *xml;
	*xml = (struct buf){ 0 };
	return 0;
}

void s3_answer_sum(struct s3_req *r, const struct s3_sum *sum, int part_n)
{
	struct buf b = { 0 };
	if (!sum->alg)
		return;
	s3_sum_text(sum, part_n, &b);
	http_setsl(r->call, s3_algs[sum->alg].header, buf_slice(&b));
	buf_free(&b);
}

/* Calls for each stored header until one is named so; *value is then its value. */
static bool next_header(struct slice *rest, struct slice *name, struct slice *value)
{
	struct slice line;
	while (rest->n) {
		sl_cut(*rest, '\n', &line, rest);
		if (sl_cut(line, ':', name, value))
			return true;
	}
	return false;
}

struct slice s3_header_of(const struct s3_object *o, const char *wanted)
{
	struct slice rest = o->headers, name, value;
	while (next_header(&rest, &name, &value))
		if (sl_eqs(name, wanted))
			return value;
	return sl(NULL);
}

struct slice s3_header_with(struct arena *a, struct slice headers, const char *name, struct slice value)
{
	struct slice line, of, unused, rest = headers;
	struct buf b = { 0 };
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		sl_cut(line, ':', &of, &unused);
		if (line.n && !sl_eqs(of, name))
			buf_addf(&b, "%.*s\n", SL(line));
	}
	if (value.p)
		buf_addf(&b, "%s:%.*s\n", name, SL(value));
	line = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return line;
}

static int s3_tag_count(struct slice tags)
{
	int n = 0;
	for (ssize_t at; (at = sl_find(tags, S("<Tag>"))) >= 0; n++)
		tags = sl_from(tags, (size_t)at + 5);
	return n;
}

void s3_answer_object(struct s3_req *r, const struct s3_object *o)
{
	struct slice rest = o->headers, name, value;
	size_t kept = 0;
	char date[40];
	clock_http(o->modified_ms, date);
	http_set(r->call, "Last-Modified", "%s", date);
	http_set(r->call, "ETag", "\"%.*s\"", SL(o->etag));
	http_set(r->call, "Accept-Ranges", "bytes");
	s3_answer_version(r, o);
	s3_lock_answer(r, o);
	s3_sse_answer(r, o->headers);
	if (!sl_eqs(o->class, "STANDARD"))
		http_setsl(r->call, "x-amz-storage-class", o->class);
	/* The answer has a fixed number of headers; the rest is counted, as AWS does for what it can't show. */
	while (next_header(&rest, &name, &value)) {
		if (sl_eqs(name, S3_TAGS)) {
			http_set(r->call, "x-amz-tagging-count", "%d", s3_tag_count(value));
			continue;
		}
		if (sl_starts(name, S(S3_OWN_LINE))) /* ours, no header */
			continue;
		if (r->call->resp.header_n >= HTTP_HEADERS_OUT_MAX - 12) {
			kept++;
			continue;
		}
		http_setsl(r->call, arena_cstr(r->a, name), sl_starts(name, S("x-amz-meta-")) ? s3_meta_out(r->a, value) : value);
	}
	if (kept)
		http_set(r->call, "x-amz-missing-meta", "%zu", kept);
}
