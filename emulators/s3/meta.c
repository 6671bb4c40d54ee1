/* The headers of a request that are kept with its object, as lines "name:value\n" of it. */
#include "body.h"

#include "core/text.h"

static const char *const kept[] = { "cache-control", "content-disposition", "content-language", "expires", "x-amz-website-redirect-location" };
static const char *const classes[] = { "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE" };

/* ---- RFC 2047: what isn't ASCII leaves as an encoded word ---- */

/* The bytes of Q text: "_" is a blank, "=C3" a byte. */
static bool q_text(struct slice in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] != '=') {
			buf_addc(out, in.p[i] == '_' ? ' ' : in.p[i]);
			continue;
		}
		if (i + 2 >= in.n || hex_digit(in.p[i + 1]) < 0 || hex_digit(in.p[i + 2]) < 0)
			return false;
		buf_u8(out, (uint8_t)(hex_digit(in.p[i + 1]) << 4 | hex_digit(in.p[i + 2])));
		i += 2;
	}
	return true;
}

/* =?UTF-8?Q?text?= or =?UTF-8?B?base64?=, and what it says. */
static bool encoded_word(struct arena *a, struct slice s, struct slice *out)
{
	struct slice text;
	struct buf b = { 0 };
	bool ok = false;
	if (!sl_after_nocase(s, S("=?utf-8?"), &text) || text.n < 4 || text.p[1] != '?' || !sl_ends(text, S("?=")))
		return false;
	text.n -= 2;
	if (text.p[0] == 'B' || text.p[0] == 'b')
		ok = arena_base64(a, sl_from(text, 2), out);
	else if (text.p[0] == 'Q' || text.p[0] == 'q')
		ok = q_text(sl_from(text, 2), &b);
	if (b.n || (ok && !out->p))
		*out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	/* A line of the object's holds it; else it stays as it came, which is how it would leave. */
	return ok && !memchr(out->p ? out->p : "", '\n', out->n) && !memchr(out->p ? out->p : "", 0, out->n) && sl_is_utf8(*out);
}

static bool plain(char c)
{
	return ((unsigned char)c >= ' ' && (unsigned char)c < 0x7f) || c == '\t';
}

struct slice s3_meta_out(struct arena *a, struct slice value)
{
	struct buf b = { 0 };
	size_t odd = 0, chars = 0;
	struct slice out;
	for (size_t i = 0; i < value.n; i++) {
		odd += !plain(value.p[i]) && ((unsigned char)value.p[i] & 0xc0) != 0x80;
		chars += ((unsigned char)value.p[i] & 0xc0) != 0x80;
	}
	if (!odd || !sl_is_utf8(value)) /* bytes of another encoding leave as they came */
		return value;
	if (chars - odd > odd) {
		buf_adds(&b, "=?UTF-8?Q?");
		for (size_t i = 0; i < value.n; i++) {
			char c = value.p[i];
			if (c == ' ')
				buf_addc(&b, '_');
			else if (plain(c) && c != '=' && c != '?' && c != '_' && c != '\t')
				buf_addc(&b, c);
			else
				buf_addf(&b, "=%02X", (unsigned)(unsigned char)c);
		}
	} else {
		buf_adds(&b, "=?UTF-8?B?");
		buf_base64(&b, value.p, value.n);
	}
	buf_adds(&b, "?=");
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* ---- what is kept ---- */

static void keep(struct buf *b, struct slice name, struct slice value)
{
	for (size_t i = 0; i < name.n; i++)
		buf_addc(b, name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] + 32) : name.p[i]);
	buf_addc(b, ':');
	buf_addsl(b, value);
	buf_addc(b, '\n');
}

/* Content-Encoding without aws-chunked, which is framing; else as it was sent. */
static void keep_encoding(struct buf *b, struct slice value)
{
	struct slice one, rest = value;
	bool any = false, framing = false;
	while (rest.p) {
		sl_cut(rest, ',', &one, &rest);
		framing |= sl_eqs(sl_trim(one), "aws-chunked");
	}
	if (!framing && sl_trim(value).n)
		buf_addf(b, "content-encoding:%.*s\n", SL(sl_trim(value)));
	while (framing && value.p) {
		sl_cut(value, ',', &one, &value);
		one = sl_trim(one);
		if (one.n == 0 || sl_eqs(one, "aws-chunked"))
			continue;
		buf_addf(b, "%s%.*s", any ? "," : "content-encoding:", SL(one));
		any = true;
	}
	if (any)
		buf_addc(b, '\n');
}

/* Of a name that comes again: all values, with commas. */
static struct slice joined(struct s3_req *r, size_t first)
{
	const struct http_header *h = r->http->headers;
	struct slice value = sl_trim(h[first].value);
	for (size_t i = 0; i < first; i++)
		if (sl_eq_nocase(h[i].name, h[first].name))
			return sl(NULL); /* it had its turn */
	for (size_t i = first + 1; i < r->http->header_n; i++)
		if (sl_eq_nocase(h[i].name, h[first].name))
			value = arena_printf(r->a, "%.*s,%.*s", SL(value), SL(sl_trim(h[i].value)));
	return value.p ? value : S("");
}

static size_t keep_metadata(struct buf *b, struct s3_req *r)
{
	struct slice name, value, said;
	size_t total = 0, pos = 0;
	for (size_t i = 0; i < r->http->header_n; i++) {
		name = r->http->headers[i].name;
		if (!sl_starts_nocase(name, S("x-amz-meta-")) || !(value = joined(r, i)).p)
			continue;
		said = sl(NULL);
		if (encoded_word(r->a, value, &said))
			value = said;
		keep(b, name, value);
		total += name.n - 11 + value.n;
	}
	while (r->auth.query && http_query_next(r->http, &pos, &name, &value)) {
		if (!sl_starts_nocase(name, S("x-amz-meta-")))
			continue;
		value = arena_url_decode(r->a, value, true);
		if (value.n && (memchr(value.p, '\n', value.n) || memchr(value.p, '\r', value.n) || memchr(value.p, 0, value.n)))
			continue;
		keep(b, name, value);
		total += name.n - 11 + value.n;
	}
	return total;
}

int s3_request_class(struct s3_req *r, struct slice class)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (sl_eqs(class, classes[i]))
			return 0;
	s3_extra(&r->fail, "StorageClassRequested", class);
	return s3_fail(&r->fail, S3_E_INVALID_STORAGE_CLASS);
}

int s3_request_headers(struct s3_req *r, struct slice *headers, struct slice *class)
{
	struct slice type = s3_request_header(r, "content-type"), v = s3_request_header(r, "x-amz-storage-class");
	struct slice tags;
	struct buf b = { 0 };
	size_t meta_n;
	int rc = s3_request_refused(r);
	if (rc || (rc = s3_tags_of_header(r, &tags)) != 0 || (v.p && (rc = s3_request_class(r, v)) != 0))
		return rc;
	*class = v.p ? v : S("STANDARD");
	keep(&b, S("content-type"), type.n ? type : S("binary/octet-stream"));
	keep_encoding(&b, http_get(r->http, "content-encoding"));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		v = http_get(r->http, kept[i]);
		if (v.p)
			keep(&b, sl(kept[i]), v);
	}
	meta_n = keep_metadata(&b, r);
	if (tags.n)
		keep(&b, S(S3_TAGS), tags);
	buf_addsl(&b, r->lines);
	*headers = arena_dup(r->a, buf_slice(&b));
	buf_free(&b);
	if (meta_n <= S3_META_MAX)
		return 0;
	s3_extra(&r->fail, "Size", arena_printf(r->a, "%zu", meta_n));
	s3_extra(&r->fail, "MaxSizeAllowed", arena_printf(r->a, "%d", S3_META_MAX));
	return s3_fail(&r->fail, S3_E_METADATA_TOO_LARGE);
}
