/* Multipart uploads. An upload's id becomes its object's: the parts are the object's pieces, nothing is copied. */
#include "versions.h"
#include "notify.h"

#include "core/text.h"

/* Ids come from the counter; the tail makes guessed ones wrong. */
struct slice s3_upload_text(struct arena *a, int64_t id)
{
	struct slice seed = arena_printf(a, "upload %lld", (long long)id);
	uint8_t sum[32];
	char hex[65];
	hash_sha256(seed.p, seed.n, sum);
	hex_text(sum, 24, hex);
	return arena_printf(a, "%016llx%s", (unsigned long long)id, hex);
}

static int no_upload(struct s3_fail *f, struct slice id)
{
	s3_extra(f, "UploadId", id);
	return s3_fail(f, S3_E_NO_UPLOAD);
}

int64_t s3_upload_number(struct arena *a, struct slice text)
{
	uint64_t id = 0;
	for (size_t i = 0; i < 16 && text.n == 64; i++)
		id = id << 4 | (uint64_t)(hex_digit(text.p[i]) & 15);
	return sl_eq(text, s3_upload_text(a, (int64_t)id)) ? (int64_t)id : 0;
}

int s3_upload_find(struct s3 *s, struct slice bucket, struct slice key, struct slice text, struct s3_upload *out, struct s3_fail *f)
{
	struct s3_bucket b;
	struct s3_upload u;
	struct error err;
	int64_t id = s3_upload_number(f->arena, text);
	int rc = s3_bucket_get(s, bucket, &b, f);
	if (rc)
		return rc;
	rc = id > 0 ? s3_store_upload(&s->store, f->arena, id, &u, &err) : ERR_NOT_FOUND;
	if (rc == ERR_NOT_FOUND || (rc == 0 && (!sl_eq(u.bucket, bucket) || !sl_eq(u.key, key))))
		return no_upload(f, text);
	if (rc)
		return s3_store_fail(f, &err);
	*out = u;
	return 0;
}

int s3_upload_make(struct s3 *s, struct s3_upload *u, struct s3_fail *f)
{
	struct s3_bucket b;
	struct error err;
	int rc = s3_bucket_get(s, u->bucket, &b, f);
	if (rc || (rc = s3_sse_default(s, &b, &u->headers, f)) != 0)
		return rc;
	u->started_ms = s->now_ms;
	rc = s3_store_next_id(&s->store, &u->id, &err);
	if (rc == 0)
		rc = s3_store_upload_add(&s->store, u, &err);
	return rc ? s3_store_fail(f, &err) : 0;
}

enum s3_alg s3_upload_alg(const struct s3_upload *u)
{
	return u->alg ? u->alg : S3_SUM_CRC64;
}

/* That of an encrypted part is 32 digits, but not its MD5. */
static void sealed_etag(const struct s3_upload *u, int n, char etag[33])
{
	struct buf b = { 0 };
	uint8_t md5[16];
	buf_addf(&b, "%s%d%.*s", etag, n, SL(u->headers));
	hash_md5(b.p, b.n, md5);
	hex_text(md5, sizeof(md5), etag);
	buf_free(&b);
}

/* Of a part AWS tells the digest as it was sent, of an object in hex. */
static int part_digest(struct s3_fail *f, struct slice md5, int rc)
{
	struct buf b = { 0 };
	for (size_t i = 0; md5.p && i < f->extra_n; i++) {
		if (!sl_eqs(f->extra[i].name, "ExpectedDigest"))
			continue;
		buf_base64(&b, md5.p, md5.n);
		f->extra[i].value = arena_dup(f->arena, buf_slice(&b));
	}
	buf_free(&b);
	return rc;
}

int s3_upload_part(struct s3 *s, const struct s3_upload *u, int n, struct s3_content *content, struct slice md5, struct s3_sum *sum,
		   struct s3_piece *out, struct s3_fail *f)
{
	struct s3_piece p = { .n = n, .size = content->size, .modified_ms = s->now_ms };
	const struct s3_sum *keep = s3_content_sum(content, s3_upload_alg(u));
	struct error err;
	char etag[33];
	int rc;
	if (u->alg && sum->alg && sum->alg != u->alg)
		return s3_failf(f, S3_E_INVALID_REQUEST, "Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s",
				s3_alg_word(u->alg), s3_alg_word(sum->alg));
	if (!sum->alg && keep)
		*sum = *keep;
	if ((rc = s3_check_content(content, md5, sum, etag, f)) != 0)
		return part_digest(f, md5, rc);
	p.sum = keep ? *keep : *sum;
	if (content->seal.on)
		sealed_etag(u, n, etag);
	p.etag = arena_dup(f->arena, sl(etag));
	if (s3_store_piece_put(&s->store, u->id, &p, content, &err) != 0)
		return s3_store_fail(f, &err);
	*out = p;
	return 0;
}

/* ---- complete ---- */

static int bad_part(struct s3_fail *f, const struct s3_upload *u, const struct s3_part_ref *p)
{
	s3_extra(f, "UploadId", s3_upload_text(f->arena, u->id));
	s3_extra(f, "PartNumber", arena_printf(f->arena, "%d", p->n));
	s3_extra(f, "ETag", p->etag);
	return s3_fail(f, S3_E_INVALID_PART);
}

static int check_part(struct s3_fail *f, const struct s3_upload *u, const struct s3_part_ref *p, const struct s3_piece *have, bool last)
{
	if (!have || !sl_eq_nocase(p->etag, have->etag))
		return bad_part(f, u, p);
	if (u->alg && u->composite && p->sum.alg && p->sum.alg != u->alg)
		return s3_failf(f, S3_E_BAD_DIGEST, "The %s you specified for part %d did not match what we received.", s3_alg_word(p->sum.alg), p->n);
	if (u->alg && u->composite && !p->sum.alg)
		return s3_failf(f, S3_E_INVALID_REQUEST,
				"The upload was created using a %s checksum. The complete request must include the checksum for each part. It was "
				"missing for part %d in the request.",
				s3_alg_word(u->alg), p->n);
	/* Without an algorithm of the upload's it is CRC64NVME that was computed of a part. */
	if (p->sum.alg && (p->sum.alg == have->sum.alg ? !s3_sum_eq(&p->sum, &have->sum) : !u->alg))
		return bad_part(f, u, p);
	if (last || have->size >= S3_PART_MIN)
		return 0;
	s3_extra(f, "ProposedSize", arena_printf(f->arena, "%lld", (long long)have->size));
	s3_extra(f, "MinSizeAllowed", arena_printf(f->arena, "%d", S3_PART_MIN));
	s3_extra(f, "PartNumber", arena_printf(f->arena, "%d", p->n));
	s3_extra(f, "ETag", have->etag);
	return s3_fail(f, S3_E_ENTITY_TOO_SMALL);
}

static int match_parts(struct s3_fail *f, const struct s3_upload *u, const struct s3_part_ref *parts, size_t n, const struct s3_piece *have,
		       size_t have_n, const struct s3_piece **chosen)
{
	size_t at = 0;
	if (n == 0)
		return s3_failf(f, S3_E_INVALID_REQUEST, "You must specify at least one part");
	for (size_t i = 1; i < n; i++) {
		if (parts[i].n > parts[i - 1].n)
			continue;
		s3_extra(f, "UploadId", s3_upload_text(f->arena, u->id));
		return s3_fail(f, S3_E_INVALID_PART_ORDER);
	}
	for (size_t i = 0; i < n; i++) {
		int rc;
		while (at < have_n && have[at].n < parts[i].n)
			at++;
		chosen[i] = at < have_n && have[at].n == parts[i].n ? &have[at] : NULL;
		if ((rc = check_part(f, u, &parts[i], chosen[i], i == n - 1)) != 0)
			return rc;
	}
	return 0;
}

/* The MD5 of the parts' MD5s with their number. */
static struct slice whole_etag(struct arena *a, const struct s3_piece *const *p, size_t n)
{
	struct buf all = { 0 }, out = { 0 };
	struct slice etag;
	uint8_t sum[16];
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k + 1 < p[i]->etag.n; k += 2)
			buf_u8(&all, (uint8_t)(hex_digit(p[i]->etag.p[k]) << 4 | hex_digit(p[i]->etag.p[k + 1])));
	hash_md5(all.p, all.n, sum);
	buf_hex(&out, sum, sizeof(sum));
	buf_addf(&out, "-%zu", n);
	etag = arena_dup(a, buf_slice(&out));
	buf_free(&all);
	buf_free(&out);
	return etag;
}

static struct s3_sum whole_sum(const struct s3_upload *u, const struct s3_piece *const *p, size_t n)
{
	struct s3_sum sum = p[0]->sum;
	struct buf all = { 0 };
	if (!u->alg || !u->composite) {
		for (size_t i = 1; i < n; i++)
			s3_sum_join(&sum, &p[i]->sum, p[i]->size);
		return sum;
	}
	for (size_t i = 0; i < n; i++)
		buf_add(&all, p[i]->sum.p, p[i]->sum.n);
	s3_sum_of(u->alg, buf_slice(&all), &sum);
	buf_free(&all);
	sum.composite = true;
	return sum;
}

static int drop_others(struct s3 *s, const struct s3_piece *have, size_t have_n, const struct s3_piece *const *chosen, size_t n, struct error *err)
{
	size_t at = 0;
	for (size_t i = 0; i < have_n; i++) {
		int rc;
		if (at < n && chosen[at] == &have[i]) {
			at++;
			continue;
		}
		if ((rc = s3_store_piece_drop(&s->store, have[i].id, err)) != 0)
			return rc;
	}
	return 0;
}

/* What the client says the object's size will be. */
static int check_size(struct s3_fail *f, const struct s3_complete *in, const struct s3_piece *have, size_t have_n)
{
	int64_t size = 0, said;
	for (size_t i = 0, at = 0; i < have_n; i++) {
		while (at < in->n && in->parts[at].n < have[i].n)
			at++;
		if (at < in->n && in->parts[at].n == have[i].n)
			size += have[i].size;
	}
	if (!in->size.p || (sl_int(in->size, 0, INT64_MAX, &said) && said == size))
		return 0;
	return s3_failf(f, S3_E_INVALID_REQUEST, "The provided 'x-amz-mp-object-size' header value %.*s does not match what was computed: %lld",
			SL(in->size), (long long)size);
}

static int check_type(struct s3_fail *f, const struct s3_upload *u, struct slice type)
{
	const char *is = u->alg ? s3_sum_type(u->composite) : "null";
	if (!type.p || sl_eqs(type, is))
		return 0;
	return s3_failf(f, S3_E_INVALID_REQUEST, "The upload was created using the %s checksum mode. The complete request must use the same checksum mode.", is);
}

/* What is claimed of the whole against what it is. */
static bool wrong_sum(const struct s3_upload *u, const struct s3_complete *in, const struct s3_sum *is)
{
	const struct s3_sum *said = &in->sum;
	if (!said->alg)
		return false;
	if (said->alg != is->alg)
		return u->alg != S3_SUM_NONE; /* nobody computed it */
	if (u->alg && !u->composite && !in->type.p) /* it is taken for a composite one */
		return true;
	return (said->composite && !is->composite) || said->n != is->n || memcmp(said->p, is->p, is->n) != 0;
}

int s3_upload_complete(struct s3 *s, const struct s3_upload *u, const struct s3_complete *in, struct s3_object *out, struct s3_fail *f)
{
	struct s3_object o = { .id = u->id, .key = u->key, .modified_ms = s->now_ms, .headers = u->headers, .class = u->class, .part_n = (int)in->n };
	const struct s3_piece **chosen = arena_alloc(f->arena, (in->n + 1) * sizeof(*chosen));
	struct s3_conditions cond = in->cond;
	const size_t n = in->n;
	struct s3_piece *have;
	size_t have_n;
	struct s3_bucket b;
	struct error err;
	int rc = s3_bucket_get(s, u->bucket, &b, f);
	if (rc)
		return rc;
	cond.touched = u->touched;
	if (s3_store_pieces(&s->store, f->arena, u->id, 0, S3_PART_MAX, &have, &have_n, &err) != 0)
		return s3_store_fail(f, &err);
	if ((rc = check_type(f, u, in->type)) != 0 || (rc = check_size(f, in, have, have_n)) != 0 || (rc = match_parts(f, u, in->parts, n, have, have_n, chosen)) != 0 ||
	    (rc = s3_check_write(s, u->bucket, u->key, &cond, f)) != 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		o.size += chosen[i]->size;
	s3_lock_default(s, &b, f->arena, &o.headers);
	o.etag = whole_etag(f->arena, chosen, n);
	/* By a customer's key, AWS has none of the whole that wasn't asked for. */
	if (u->alg || !s3_sse_customer(u->headers))
		o.sum = whole_sum(u, chosen, n);
	if (wrong_sum(u, in, &o.sum))
		return s3_failf(f, S3_E_BAD_DIGEST, "The %s you specified did not match the calculated checksum.", s3_alg_word(u->alg ? u->alg : in->sum.alg));
	rc = drop_others(s, have, have_n, chosen, n, &err);
	if (rc == 0)
		rc = s3_store_upload_del(&s->store, u->id, &err);
	if (rc == 0)
		rc = s3_version_place(s, &b, &o, f->arena, &err);
	if (rc)
		return s3_store_fail(f, &err);
	*out = o;
	s3_notify(s, &b, &(struct s3_happened){ "ObjectCreated:CompleteMultipartUpload", o.key, sl(NULL), out });
	return 0;
}

int s3_upload_abort(struct s3 *s, const struct s3_upload *u, struct s3_fail *f)
{
	struct error err;
	int rc = s3_store_pieces_drop(&s->store, u->id, &err);
	if (rc == 0)
		rc = s3_store_upload_del(&s->store, u->id, &err);
	return rc ? s3_store_fail(f, &err) : 0;
}

bool s3_upload_was(struct s3 *s, struct slice bucket, struct slice key, struct slice id, struct s3_object *out, struct s3_fail *f)
{
	struct error err;
	return f->err.def == &s3_errors[S3_E_NO_UPLOAD] && s3_store_object(&s->store, f->arena, bucket, key, out, &err) == 0 && out->part_n &&
	       sl_eq(id, s3_upload_text(f->arena, out->id));
}

int s3_upload_parts(struct s3 *s, const struct s3_upload *u, int after, size_t max, struct s3_piece **out, size_t *n, bool *more, struct s3_fail *f)
{
	struct error err;
	if (s3_store_pieces(&s->store, f->arena, u->id, after, max + 1, out, n, &err) != 0)
		return s3_store_fail(f, &err);
	*more = *n > max;
	*n -= *more;
	return 0;
}

int s3_upload_next(struct s3 *s, struct slice bucket, struct slice prefix, struct s3_upload *out, struct s3_fail *f)
{
	struct error err;
	int rc;
	do
		rc = s3_store_upload_after(&s->store, f->arena, bucket, out->key, out->id, out, &err);
	while (rc == 0 && prefix.n && !sl_starts(out->key, prefix));
	if (rc == 0)
		return 1;
	return rc == ERR_NOT_FOUND ? 0 : s3_store_fail(f, &err);
}
