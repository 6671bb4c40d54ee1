/* aws-chunked: `hex[;chunk-signature=sig]\r\n data \r\n` ... `0[;...]\r\n` trailers `\r\n`. The last CRLF may be missing. */
#include "body.h"

#include "core/text.h"

enum { LINE_MAX_BYTES = 4096, TRAILER_MAX_BYTES = 16 << 10 };

/* Adds to the unfinished line; true: it is whole, without its end. A bare LF ends one too. */
static bool take_line(struct s3_dechunk *d, struct slice *in)
{
	ssize_t at = sl_chr(*in, '\n');
	buf_addsl(&d->line, sl_of(in->p, at < 0 ? in->n : (size_t)at));
	*in = sl_from(*in, at < 0 ? in->n : (size_t)at + 1);
	if (at >= 0 && d->line.n && d->line.p[d->line.n - 1] == '\r')
		d->line.n--;
	return at >= 0;
}

static bool parse_size(struct slice s, size_t *out)
{
	size_t v = 0;
	if (s.n == 0 || s.n > 12)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int n = hex_digit(s.p[i]);
		if (n < 0)
			return false;
		v = v << 4 | (size_t)n;
	}
	*out = v;
	return true;
}

static enum s3_chunk_result chunk_begins(struct s3_dechunk *d, struct slice line)
{
	struct slice size, ext, name, value;
	sl_cut(line, ';', &size, &ext);
	if (!parse_size(sl_trim(size), &d->left))
		return S3_CHUNK_BAD;
	d->at = S3_CHUNK_DATA;
	if (!d->chain)
		return S3_CHUNK_OK;
	sl_cut(ext, '=', &name, &value);
	value = sl_trim(value);
	if (!sl_eqs(sl_trim(name), "chunk-signature") || value.n != 64)
		return S3_CHUNK_SIGNATURE;
	memcpy(d->signature, value.p, 64);
	d->sum = hash_new(HASH_SHA256);
	return S3_CHUNK_OK;
}

static enum s3_chunk_result chunk_ends(struct s3_dechunk *d, bool last)
{
	uint8_t sum[32];
	char want[65];
	d->at = last ? S3_CHUNK_TRAILER : S3_CHUNK_AFTER;
	if (!d->chain)
		return S3_CHUNK_OK;
	hash_end(d->sum, sum);
	d->sum = NULL;
	sigv4_chain_chunk(d->chain, sum, want);
	if (memcmp(d->signature, want, 64) != 0)
		return S3_CHUNK_SIGNATURE;
	d->signature[0] = '\0'; /* the trailer's own is to come */
	return S3_CHUNK_OK;
}

static enum s3_chunk_result trailer_line(struct s3_dechunk *d, struct slice line)
{
	struct slice name, value;
	if (sl_trim(line).n == 0)
		return S3_CHUNK_OK;
	if (!sl_cut(line, ':', &name, &value) || d->trailer.n + line.n > TRAILER_MAX_BYTES)
		return S3_CHUNK_BAD;
	name = sl_trim(name);
	value = sl_trim(value);
	if (sl_eq_nocase(name, S("x-amz-trailer-signature")))
		snprintf(d->signature, sizeof(d->signature), "%.*s", SL(value));
	else
		buf_addf(&d->trailer, "%.*s:%.*s\n", SL(name), SL(value));
	return S3_CHUNK_OK;
}

static enum s3_chunk_result line_ends(struct s3_dechunk *d)
{
	struct slice line = buf_slice(&d->line);
	enum s3_chunk_result rc = S3_CHUNK_OK;
	if (d->at == S3_CHUNK_SIZE && (rc = chunk_begins(d, line)) == S3_CHUNK_OK && d->left == 0)
		rc = chunk_ends(d, true);
	else if (d->at == S3_CHUNK_AFTER && line.n)
		rc = S3_CHUNK_BAD;
	else if (d->at == S3_CHUNK_AFTER)
		d->at = S3_CHUNK_SIZE;
	else if (d->at == S3_CHUNK_TRAILER)
		rc = trailer_line(d, line);
	buf_reset(&d->line);
	return rc;
}

enum s3_chunk_result s3_dechunk(struct s3_dechunk *d, struct slice *in, struct slice *data)
{
	*data = S("");
	if (d->at != S3_CHUNK_DATA) {
		bool whole = take_line(d, in);
		if (d->line.n > LINE_MAX_BYTES)
			return S3_CHUNK_BAD;
		return whole ? line_ends(d) : S3_CHUNK_OK;
	}
	*data = sl_of(in->p, in->n < d->left ? in->n : d->left);
	*in = sl_from(*in, data->n);
	d->left -= data->n;
	if (d->sum)
		hash_add(d->sum, data->p, data->n);
	return d->left ? S3_CHUNK_OK : chunk_ends(d, false);
}

enum s3_chunk_result s3_dechunk_end(struct s3_dechunk *d)
{
	char want[65];
	if (d->at != S3_CHUNK_TRAILER)
		return S3_CHUNK_CUT;
	if (d->line.n && line_ends(d) != S3_CHUNK_OK)
		return S3_CHUNK_BAD;
	if (!d->chain || !d->signed_trailer)
		return S3_CHUNK_OK;
	sigv4_chain_trailer(d->chain, buf_slice(&d->trailer), want);
	return sl_eqs(sl(d->signature), want) ? S3_CHUNK_OK : S3_CHUNK_SIGNATURE;
}

void s3_dechunk_free(struct s3_dechunk *d)
{
	hash_end(d->sum, NULL);
	buf_free(&d->line);
	buf_free(&d->trailer);
}

enum s3_chunk_result s3_chunked_decode(struct arena *a, struct slice in, struct sigv4_chain *chain, bool signed_trailer, struct s3_chunked *out)
{
	struct s3_dechunk d = { .chain = chain, .signed_trailer = signed_trailer };
	enum s3_chunk_result rc = S3_CHUNK_OK;
	char *to = arena_alloc(a, in.n + 1); /* decoded bytes are never more than the encoded ones */
	size_t n = 0;
	while (in.n && rc == S3_CHUNK_OK) {
		struct slice data;
		rc = s3_dechunk(&d, &in, &data);
		if (data.n)
			memcpy(to + n, data.p, data.n);
		n += data.n;
	}
	if (rc == S3_CHUNK_OK)
		rc = s3_dechunk_end(&d);
	out->body = sl_of(to, n);
	out->trailer = arena_dup(a, buf_slice(&d.trailer));
	s3_dechunk_free(&d);
	return rc;
}
