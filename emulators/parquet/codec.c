/* Compression of pages. The C APIs of snappy, zstd, zlib, lz4 and brotli. */
#include "parquet/parquet.h"

#include <brotli/decode.h>
#include <lz4.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

enum { ZSTD_LEVEL = 1 };

struct pq_packer {
	enum pq_codec codec;
	ZSTD_CCtx *zstd;
};

struct pq_packer *pq_packer_new(enum pq_codec codec)
{
	struct pq_packer *p = xcalloc(1, sizeof(*p));
	p->codec = codec;
	if (codec == PQ_ZSTD)
		p->zstd = ZSTD_createCCtx();
	return p;
}

void pq_packer_free(struct pq_packer *p)
{
	if (!p)
		return;
	ZSTD_freeCCtx(p->zstd);
	free(p);
}

void pq_pack(struct pq_packer *p, struct slice in, struct buf *out)
{
	size_t room, got;
	char *to;
	if (p->codec != PQ_SNAPPY && p->codec != PQ_ZSTD) {
		buf_addsl(out, in);
		return;
	}
	room = p->codec == PQ_SNAPPY ? snappy_max_compressed_length(in.n) : ZSTD_compressBound(in.n);
	to = buf_room(out, room);
	if (!to)
		return;
	if (p->codec == PQ_SNAPPY) {
		if (snappy_compress(in.p, in.n, to, &room) != SNAPPY_OK)
			out->bad = true;
		else
			out->n += room;
		return;
	}
	got = ZSTD_compressCCtx(p->zstd, to, room, in.p, in.n, ZSTD_LEVEL);
	if (ZSTD_isError(got))
		out->bad = true;
	else
		out->n += got;
}

const char *pq_codec_name(enum pq_codec codec)
{
	switch (codec) {
	case PQ_NONE:
		return "uncompressed";
	case PQ_SNAPPY:
		return "snappy";
	case PQ_GZIP:
		return "gzip";
	case PQ_ZSTD:
		return "zstd";
	case PQ_LZO:
		return "lzo";
	case PQ_BROTLI:
		return "brotli";
	case PQ_LZ4_HADOOP:
	case PQ_LZ4:
		return "lz4";
	}
	return NULL;
}

/* Members one after another are one text (RFC 1952 2.2). */
static bool unpack_gzip(struct slice in, char *to, size_t n)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n, .next_out = (Bytef *)to, .avail_out = (uInt)n };
	int rc;

	if (in.n > UINT32_MAX || n > UINT32_MAX || inflateInit2(&z, 15 + 32) != Z_OK)
		return false;
	do
		rc = inflate(&z, Z_FINISH);
	while (rc == Z_STREAM_END && z.avail_in && inflateReset(&z) == Z_OK);
	inflateEnd(&z);
	return rc == Z_STREAM_END && z.avail_out == 0;
}

static bool unpack_brotli(struct slice in, char *to, size_t n)
{
	size_t got = n;
	return BrotliDecoderDecompress(in.n, (const uint8_t *)in.p, &got, (uint8_t *)to) == BROTLI_DECODER_RESULT_SUCCESS && got == n;
}

static bool unpack_lz4(struct slice in, char *to, size_t n)
{
	return in.n <= INT32_MAX && n <= INT32_MAX && LZ4_decompress_safe(in.p, to, (int)in.n, (int)n) == (int)n;
}

/* Hadoop's framing: the size of a part unpacked, then blocks with their sizes until the part is whole. */
static bool unpack_hadoop(struct slice in, char *to, size_t n)
{
	struct rd r = rd_of(in.p, in.n);
	size_t done = 0;
	while (r.n && !r.bad) {
		size_t end = done + rd_u32be(&r);
		while (done < end && end <= n && !r.bad) {
			struct slice block = rd_bytes(&r, rd_u32be(&r));
			int got = r.bad || block.n > INT32_MAX ? -1 : LZ4_decompress_safe(block.p, to + done, (int)block.n, (int)(end - done));
			if (got <= 0)
				return false;
			done += (size_t)got;
		}
		if (done != end)
			return false;
	}
	return !r.bad && done == n;
}

uint32_t pq_crc(struct slice page)
{
	return (uint32_t)crc32_z(0, (const Bytef *)page.p, page.n);
}

int pq_unpack_to(enum pq_codec codec, struct slice in, char *to, size_t n, struct error *err)
{
	size_t got = 0;
	bool ok = false;
	if (n == 0 && in.n == 0) /* a page of nulls only */
		return 0;
	switch (codec) {
	case PQ_NONE:
		if (in.n != n)
			return err_set(err, ERR_INVALID, "uncompressed page with two sizes: %zu and %zu", in.n, n);
		memcpy(to, in.p, n);
		return 0;
	case PQ_SNAPPY:
		got = n;
		ok = snappy_uncompressed_length(in.p, in.n, &got) == SNAPPY_OK && got == n && snappy_uncompress(in.p, in.n, to, &got) == SNAPPY_OK;
		break;
	case PQ_ZSTD:
		got = ZSTD_decompress(to, n, in.p, in.n);
		ok = !ZSTD_isError(got) && got == n;
		break;
	case PQ_GZIP:
		ok = unpack_gzip(in, to, n);
		break;
	case PQ_BROTLI:
		ok = unpack_brotli(in, to, n);
		break;
	case PQ_LZ4:
		ok = unpack_lz4(in, to, n);
		break;
	case PQ_LZ4_HADOOP: /* parquet-cpp wrote bare blocks under this number, too */
		ok = unpack_hadoop(in, to, n) || unpack_lz4(in, to, n);
		break;
	default:
		return err_set(err, ERR_UNSUPPORTED, "compression %s (codec %d) is not served",
			       pq_codec_name(codec) ? pq_codec_name(codec) : "unknown", (int)codec);
	}
	return ok ? 0 : err_set(err, ERR_INVALID, "damaged %s data", pq_codec_name(codec));
}

int pq_unpack_check(enum pq_codec codec, struct slice in, size_t n, struct error *err)
{
	if (codec != PQ_ZSTD && codec != PQ_BROTLI && n / 1100 > in.n)
		return err_set(err, ERR_INVALID, "%zu bytes can't unpack to %zu", in.n, n);
	if (n > PQ_PAGE_MAX)
		return err_set(err, ERR_LIMIT, "a page of %zu bytes", n);
	return 0;
}

int pq_unpack(enum pq_codec codec, struct slice in, size_t n, struct buf *out, struct error *err)
{
	int rc = pq_unpack_check(codec, in, n, err);
	char *to = rc ? NULL : buf_room(out, n + 1);
	if (!to)
		return rc ? rc : err_set(err, ERR_LIMIT, "a page of %zu bytes", n);
	rc = pq_unpack_to(codec, in, to, n, err);
	if (rc == 0)
		out->n += n;
	return rc;
}
