/* aws-chunked: `hex[;chunk-signature=sig]\r\n data \r\n` ... `0[;...]\r\n` trailers `\r\n`. The last CRLF may be missing. */
#include "s3.h"

#include "core/text.h"

enum { LINE_MAX_BYTES = 4096 };

/* One line without its end; false: none is there. A bare LF ends one too. */
static bool take_line(struct slice *in, struct slice *line)
{
	ssize_t at = sl_chr(sl_of(in->p, in->n < LINE_MAX_BYTES ? in->n : LINE_MAX_BYTES), '\n');
	if (at < 0)
		return false;
	*line = sl_of(in->p, (size_t)at);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	*in = sl_of(in->p + at + 1, in->n - (size_t)at - 1);
	return true;
}

static bool parse_size(struct slice s, size_t *out)
{
	size_t v = 0;
	if (s.n == 0 || s.n > 12)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int d = hex_digit(s.p[i]);
		if (d < 0)
			return false;
		v = v << 4 | (size_t)d;
	}
	*out = v;
	return true;
}

static bool chunk_signed(struct sigv4_chain *chain, struct slice ext, struct slice data)
{
	struct slice name, value;
	char want[65];
	if (!chain)
		return true;
	sl_cut(ext, '=', &name, &value);
	sigv4_chain_chunk(chain, data, want);
	return sl_eqs(sl_trim(name), "chunk-signature") && sl_eqs(sl_trim(value), want);
}

static enum s3_chunk_result take_trailers(struct slice in, struct sigv4_chain *chain, bool signed_trailer, struct s3_chunked *out)
{
	struct slice line, name, value, given = { 0 };
	struct buf lines = { 0 };
	char want[65] = "";
	while (in.n) {
		if (!take_line(&in, &line)) {
			line = in;
			in.n = 0;
		}
		if (sl_trim(line).n == 0)
			continue;
		if (!sl_cut(line, ':', &name, &value)) {
			buf_free(&lines);
			return S3_CHUNK_BAD;
		}
		name = sl_trim(name);
		value = sl_trim(value);
		if (sl_eq_nocase(name, S("x-amz-trailer-signature"))) {
			given = value;
			continue;
		}
		buf_addf(&lines, "%.*s:%.*s\n", SL(name), SL(value));
		if (out->trailer_n < ARRAY_LEN(out->trailers))
			out->trailers[out->trailer_n++] = (struct http_header){ name, value };
	}
	if (chain && signed_trailer)
		sigv4_chain_trailer(chain, buf_slice(&lines), want);
	buf_free(&lines);
	return chain && signed_trailer && !sl_eqs(given, want) ? S3_CHUNK_SIGNATURE : S3_CHUNK_OK;
}

enum s3_chunk_result s3_chunked_decode(struct arena *a, struct slice in, struct sigv4_chain *chain, bool signed_trailer, struct s3_chunked *out)
{
	/* Decoded bytes are never more than the encoded ones. */
	char *to = arena_alloc(a, in.n + 1);
	size_t n = 0;

	out->trailer_n = 0;
	for (;;) {
		struct slice line, size_text, ext, data;
		size_t size;
		if (!take_line(&in, &line))
			return in.n >= LINE_MAX_BYTES ? S3_CHUNK_BAD : S3_CHUNK_CUT;
		sl_cut(line, ';', &size_text, &ext);
		if (!parse_size(sl_trim(size_text), &size))
			return S3_CHUNK_BAD;
		if (size > in.n)
			return S3_CHUNK_CUT;
		data = sl_of(in.p, size);
		if (!chunk_signed(chain, ext, data))
			return S3_CHUNK_SIGNATURE;
		if (size == 0)
			break;
		memcpy(to + n, data.p, size);
		n += size;
		in = sl_from(in, size);
		if (in.n == 0)
			return S3_CHUNK_CUT;
		if (!take_line(&in, &line) || line.n)
			return S3_CHUNK_BAD;
	}
	out->body = sl_of(to, n);
	return take_trailers(in, chain, signed_trailer, out);
}
