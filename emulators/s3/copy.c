/* CopyObject and UploadPartCopy. The bytes of a source never change, so a copy is a second name of their files; where a digest is
 * wanted that isn't known, and where a range is, a job reads them. */
#include "acl.h"
#include "body.h"
#include "versions.h"

#include "core/text.h"

#define REDIRECT "x-amz-website-redirect-location"
enum { STEP = 256 << 10, LINKS_MAX = 64 /* files that get a second name in a tick */ };

struct s3_copy {
	struct slice bucket, key, from_bucket, from_key, from_version;
	struct s3_conditions from_cond, cond;
	bool replace; /* headers below instead of the source's, */
	bool retag;   /* and their tags */
	struct slice headers, sse, lock, class, redirect;
	enum s3_alg alg;
};

/* What the pool has of a copy. */
struct reading {
	struct s3_later *of; /* known to done alone */
	struct s3_reader *reader;
	struct s3_work work;
	int64_t n;
	struct error err;
	volatile bool stopped;
};

/* A copy under way. Either of an object, or of a part. */
struct s3_later {
	struct s3_later *next, **at_list;
	struct s3 *s;
	struct s3_req r;
	struct s3_copy in;
	struct s3_object from;
	struct s3_upload upload;
	struct s3_seal seal; /* how the copy will lie */
	int part; /* 0: an object */
	int64_t at, n;
	struct reading *reading;
	struct owed *job;
};

/* ---- answers ---- */

/* The null version isn't named. */
static void answer_source(struct s3_req *r, const struct s3_object *from)
{
	if (from->version)
		http_setsl(r->call, "x-amz-copy-source-version-id", from->version_id);
}

static int answer_copy(struct s3_req *r, const struct s3_object *from, const struct s3_object *o)
{
	struct buf b = { 0 };
	answer_source(r, from);
	s3_answer_version(r, o);
	s3_sse_answer(r, o->headers);
	s3_xml_start(&b, "CopyObjectResult");
	s3_xml_time(&b, "LastModified", o->modified_ms);
	s3_xml_etag(&b, o->etag);
	s3_xml_sum(&b, &o->sum, 0);
	buf_adds(&b, "<ChecksumType>FULL_OBJECT</ChecksumType>");
	return s3_answer_xml(r, &b, "CopyObjectResult");
}

static int answer_part(struct s3_req *r, const struct s3_object *from, const struct s3_upload *u, const struct s3_piece *p)
{
	struct buf xml = { 0 };
	answer_source(r, from);
	s3_sse_answer(r, u->headers);
	s3_xml_start(&xml, "CopyPartResult");
	s3_xml_time(&xml, "LastModified", p->modified_ms);
	s3_xml_etag(&xml, p->etag);
	if (u->alg)
		s3_xml_sum(&xml, &p->sum, 0);
	return s3_answer_xml(r, &xml, "CopyPartResult");
}

static struct slice redirected(struct s3_later *l, struct slice headers)
{
	struct slice line, rest = headers;
	struct buf b = { 0 };
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (line.n && !sl_starts(line, S(REDIRECT ":")))
			buf_addf(&b, "%.*s\n", SL(line));
	}
	if (l->in.redirect.p)
		buf_addf(&b, REDIRECT ":%.*s\n", SL(l->in.redirect));
	headers = arena_dup(l->r.a, buf_slice(&b));
	buf_free(&b);
	return headers;
}

static int put_copy(struct s3_later *l, struct s3_content *c)
{
	struct s3_put put = { .bucket = l->in.bucket, .key = l->in.key, .cond = l->in.cond, .content = c };
	struct s3_object o;
	int rc;
	/* How the source is encrypted or locked isn't copied, nor where it redirects to. */
	put.headers = l->in.replace ? l->in.headers : s3_lock_without(l->r.a, s3_sse_without(l->r.a, l->from.headers));
	put.headers = s3_tags_with(l->r.a, put.headers, s3_header_of(l->in.retag ? &(struct s3_object){ .headers = l->in.headers } : &l->from, S3_TAGS));
	if (!l->in.replace)
		put.headers = redirected(l, put.headers);
	if (!l->in.replace) /* nor whose it was, and who might do what */
		put.headers = arena_printf(l->r.a, "%.*s%.*s", SL(s3_acl_without(l->r.a, put.headers)), SL(l->r.lines));
	put.headers = arena_printf(l->r.a, "%.*s%.*s%.*s", SL(put.headers), SL(l->in.sse), SL(l->in.lock));
	put.class = l->in.class.p ? l->in.class : S("STANDARD");
	put.sum = *s3_content_sum(c, l->in.alg);
	c->sse = l->in.sse;
	put.event = "ObjectCreated:Copy";
	rc = s3_put(l->s, &put, &o, &l->r.fail);
	return rc ? rc : answer_copy(&l->r, &l->from, &o);
}

static int put_part(struct s3_later *l, struct s3_content *c)
{
	struct s3_upload u;
	struct s3_piece p;
	struct s3_sum sum = { 0 };
	/* It may be over meanwhile. */
	int rc = s3_upload_find(l->s, l->upload.bucket, l->upload.key, s3_upload_text(l->r.a, l->upload.id), &u, &l->r.fail);
	if (rc || (rc = s3_upload_part(l->s, &u, l->part, c, sl(NULL), &sum, &p, &l->r.fail)) != 0)
		return rc;
	return answer_part(&l->r, &l->from, &u, &p);
}

static int put_content(struct s3_later *l, struct s3_content *c)
{
	return l->part ? put_part(l, c) : put_copy(l, c);
}

/* ---- reading ---- */

static void reading_free(void *arg)
{
	struct reading *g = arg;
	s3_reader_free(g->reader);
	s3_work_free(&g->work);
	free(g);
}

static void reading_work(void *arg)
{
	struct reading *g = arg;
	char *step = xmalloc(STEP);
	ssize_t n;
	for (int64_t at = 0; at < g->n && !g->stopped && !g->work.err.kind; at += n) {
		n = s3_reader_read(g->reader, at, step, g->n - at < STEP ? (size_t)(g->n - at) : STEP, &g->work.err);
		if (n < 0)
			break;
		s3_work_add(&g->work, sl_of(step, (size_t)n));
	}
	free(step);
	s3_work_end(&g->work);
}

static void reading_stop(void *arg)
{
	((struct reading *)arg)->stopped = true;
}

static void later_free(struct s3_later *l)
{
	*l->at_list = l->next;
	if (l->next)
		l->next->at_list = l->at_list;
	if (l->reading)
		s3_reader_detach(l->reading->reader);
	if (l->job)
		owed_cancel_all(&l->job); /* which frees the reading */
	else if (l->reading)
		reading_free(l->reading);
	free(l);
}

static int begin_reading(struct s3_later *l, bool write);

static void reading_done(void *arg)
{
	struct reading *g = arg;
	struct s3_later *l = g->of;
	struct http_call *call = l->r.call;
	struct s3 *s = l->s;
	size_t n;
	int rc;
	bool linked = !g->work.out.path;
	s->now_ms = clock_now_ms(s->env->clock);
	if (linked) {
		g->work.out.pieces = s3_reader_pieces(g->reader, &n);
		g->work.out.piece_n = n;
	}
	rc = g->work.err.kind ? s3_store_fail(&l->r.fail, &g->work.err) : put_content(l, &g->work.out);
	if (rc == ERR_STORE && linked && !g->work.err.kind) { /* no second names here */
		s3_reader_detach(g->reader);
		reading_free(g);
		l->reading = NULL;
		l->r.fail = (struct s3_fail){ .arena = l->r.a };
		if ((rc = begin_reading(l, true)) == S3_LATER)
			return;
	}
	http_on_gone(call, NULL, NULL);
	s3_finish(s, &l->r, rc);
	later_free(l);
	http_done(call);
}

static const struct job_kind reading_kind = { reading_work, reading_done, reading_stop, reading_free, "a copy in S3" };

static int begin_reading(struct s3_later *l, bool write)
{
	struct reading *g;
	struct s3_reader *reader = s3_reader_open(l->s, &l->from, l->at, &l->r.fail);
	size_t n;
	if (!reader)
		return l->r.fail.err.kind;
	(void)s3_reader_pieces(reader, &n);
	g = l->reading = xcalloc(1, sizeof(*g));
	g->of = l;
	g->reader = reader;
	g->n = l->n;
	s3_work_begin(&g->work, l->in.alg, S3_SUM_NONE);
	/* What lies encrypted has no second name: each has a key of its own. */
	if (write || n > LINKS_MAX || l->seal.on || s3_sse_sealed(l->from.headers))
		g->work.path = s3_file_temp(&l->s->store);
	s3_work_seal(&g->work, &l->seal);
	g->work.sync = l->s->store.sync;
	owed_keep(&l->job, loop_long_job(l->s->env->loop, &reading_kind, g));
	return S3_LATER;
}

static void on_gone(void *arg)
{
	struct s3_later *l = arg;
	struct http_call *call = l->r.call;
	later_free(l);
	call->resp.status = 499; /* nobody reads it */
	http_done(call);
}

void s3_copy_close(struct s3 *s)
{
	while (s->laters) {
		struct http_call *call = s->laters->r.call;
		http_on_gone(call, NULL, NULL);
		later_free(s->laters);
	}
}

static int later(struct s3_later *l, bool write)
{
	struct s3_later *kept = xcalloc(1, sizeof(*kept));
	int rc;
	*kept = *l;
	kept->next = l->s->laters;
	kept->at_list = &l->s->laters;
	if (kept->next)
		kept->next->at_list = &kept->next;
	l->s->laters = kept;
	rc = begin_reading(kept, write);
	if (rc == S3_LATER) {
		http_on_gone(l->r.call, on_gone, kept);
	} else {
		l->r.fail = kept->r.fail;
		later_free(kept);
	}
	return rc;
}

/* Few bytes, or a store in memory. */
static int copy_small(struct s3_later *l)
{
	struct buf body = { 0 };
	struct s3_content c;
	int rc = s3_read(l->s, &l->from, l->at, l->n, &body, &l->r.fail);
	if (rc == 0) {
		s3_content_of(buf_slice(&body), l->in.alg, S3_SUM_NONE, &c);
		c.seal = l->seal;
		rc = put_content(l, &c);
		s3_content_free(&c);
	}
	buf_free(&body);
	return rc;
}

/* Whether the source's digests are the copy's. */
static bool known(const struct s3_later *l, struct s3_content *c)
{
	const struct s3_object *o = &l->from;
	if (o->part_n || s3_sse_kms(o->headers) || s3_sse_sealed(o->headers) || l->seal.on || o->sum.composite || o->sum.alg != l->in.alg || o->etag.n != 32)
		return false;
	*c = (struct s3_content){ .size = o->size, .sums = { o->sum } };
	for (size_t i = 0; i < 16; i++)
		c->md5[i] = (uint8_t)(hex_digit(o->etag.p[2 * i]) << 4 | hex_digit(o->etag.p[2 * i + 1]));
	return true;
}

static int copy_large(struct s3_later *l)
{
	struct s3_content c;
	struct s3_piece *pieces;
	struct error err;
	int rc;
	if (!known(l, &c))
		return later(l, false);
	if (s3_store_pieces(&l->s->store, l->r.a, l->from.id, 0, LINKS_MAX + 1, &pieces, &c.piece_n, &err) != 0)
		return s3_store_fail(&l->r.fail, &err);
	if (c.piece_n > LINKS_MAX)
		return later(l, true);
	c.pieces = pieces;
	rc = put_copy(l, &c);
	if (rc != ERR_STORE)
		return rc;
	l->r.fail = (struct s3_fail){ .arena = l->r.a };
	return later(l, true);
}

static int run(struct s3_later *l, struct s3_req *r)
{
	bool small = !l->s->store.dir || l->n <= S3_INLINE_MAX;
	int rc;
	if (l->n > S3_BODY_MAX)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
				"The specified copy source is larger than the maximum allowable size for a copy source: %lld", S3_BODY_MAX);
	rc = small ? copy_small(l) : l->part ? later(l, true) : copy_large(l);
	r->fail = l->r.fail;
	return rc;
}

/* ---- operations ---- */

static int parse_copy(struct s3_req *r, struct s3_copy *in)
{
	struct slice how = http_get(r->http, "x-amz-metadata-directive"), alg = http_get(r->http, "x-amz-checksum-algorithm");
	int rc = s3_request_copy_source(r, &in->from_bucket, &in->from_key, &in->from_version);
	if (rc || (rc = s3_tags_directive(r, &in->retag)) != 0 || (rc = s3_request_headers(r, &in->headers, &in->class)) != 0)
		return rc;
	if (how.n && !sl_eqs(how, "COPY") && !sl_eqs(how, "REPLACE"))
		return s3_bad_argument(r, "x-amz-metadata-directive", how, "Unknown metadata directive.");
	in->cond = s3_request_conditions(r, true);
	in->redirect = s3_request_header(r, REDIRECT);
	in->replace = sl_eqs(how, "REPLACE");
	if (!http_get(r->http, "x-amz-storage-class").p)
		in->class = sl(NULL);
	in->alg = s3_alg_of(alg);
	s3_request_copy_conditions(r, &in->from_cond);
	return 0;
}

static int find_source(struct s3 *s, struct s3_req *r, struct slice bucket, struct slice key, struct slice version, struct s3_object *out)
{
	int rc = s3_version_find(s, bucket, key, version, out, &r->fail);
	if (rc && out->marker && r->fail.err.def == &s3_errors[S3_E_METHOD])
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "The source of a copy request may not specifically refer to a delete marker by version id.");
	return rc;
}

int s3_op_copy(struct s3 *s, struct s3_req *r)
{
	struct s3_later l = { .s = s, .in = { .bucket = r->bucket, .key = r->key } };
	struct s3_copy *in = &l.in;
	struct s3_bucket b;
	int rc = parse_copy(r, in);
	bool asked;
	if (rc || (rc = s3_bucket_get(s, in->bucket, &b, &r->fail)) != 0 || (rc = s3_sse_plan(s, r, &b, &in->sse, &l.seal)) != 0 || (rc = s3_lock_of(s, r, &in->lock)) != 0 ||
	    (rc = s3_request_owner(s, r, "x-amz-source-expected-bucket-owner", in->from_bucket)) != 0 ||
	    (rc = find_source(s, r, in->from_bucket, in->from_key, in->from_version, &l.from)) != 0 ||
	    (rc = s3_check_read(&l.from, &in->from_cond, true, s->now_ms, &r->fail)) != 0)
		return rc;
	if ((rc = s3_check_archive(s, &l.from, true, &r->fail)) != 0 || (rc = s3_sse_key(s, r, &l.from, true)) != 0 ||
	    (rc = s3_sse_may_read(s, in->from_bucket, &l.from, &r->fail)) != 0)
		return rc;
	asked = b.encryption.n || s3_sse_kms(l.from.headers) || r->customer.given || r->source.given || s3_request_header(r, "x-amz-server-side-encryption").p;
	if (sl_eq(in->bucket, in->from_bucket) && sl_eq(in->key, in->from_key) && !in->from_version.n && !in->replace && !in->class.p && !asked && !in->redirect.p)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
				"This copy request is illegal because it is trying to copy an object to itself without changing the object's "
				"metadata, storage class, website redirect location or encryption attributes.");
	if ((rc = s3_check_write(s, in->bucket, in->key, &in->cond, &r->fail)) != 0)
		return rc;
	/* A checksum the source had is kept in kind; it is of the whole again after a multipart source. */
	if (!in->alg)
		in->alg = l.from.sum.alg ? l.from.sum.alg : S3_SUM_CRC64;
	l.n = l.from.size;
	l.r = *r;
	return run(&l, r);
}

int s3_op_upload_part_copy(struct s3 *s, struct s3_req *r)
{
	struct s3_later l = { .s = s };
	struct s3_conditions cond;
	struct slice bucket, key, version, id = http_query(r->http, "uploadId");
	int rc = s3_request_part(r, true, &l.part);
	if (rc || (rc = s3_request_copy_source(r, &bucket, &key, &version)) != 0 ||
	    (rc = s3_request_owner(s, r, "x-amz-source-expected-bucket-owner", bucket)) != 0 ||
	    (rc = s3_upload_find(s, r->bucket, r->key, id.p ? id : S(""), &l.upload, &r->fail)) != 0 ||
	    (rc = s3_sse_part(s, r, &l.upload, &l.seal)) != 0 || (rc = find_source(s, r, bucket, key, version, &l.from)) != 0 ||
	    (rc = s3_sse_key(s, r, &l.from, true)) != 0 || (rc = s3_sse_may_read(s, bucket, &l.from, &r->fail)) != 0)
		return rc;
	s3_request_copy_conditions(r, &cond);
	if ((rc = s3_check_archive(s, &l.from, true, &r->fail)) != 0)
		return rc;
	if ((rc = s3_check_read(&l.from, &cond, true, s->now_ms, &r->fail)) != 0 || (rc = s3_request_copy_range(r, l.from.size, &l.at, &l.n)) != 0)
		return rc;
	l.in.alg = s3_upload_alg(&l.upload);
	l.r = *r;
	return run(&l, r);
}
