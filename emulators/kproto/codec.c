/* The compression codecs of record batches, and their checksum. */
#include "kproto/batch.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 65536 };

/* What out may hold. */
static size_t ceiling(const struct buf *out)
{
	return out->max ? out->max : KP_INFLATED_MAX;
}

/* Room for another chunk, or NULL at the ceiling. */
static char *chunk(struct buf *out)
{
	return out->n + CHUNK > ceiling(out) ? NULL : buf_room(out, CHUNK);
}

/* Whether another member follows; what can't be one is left alone, as Java's GZIPInputStream does. */
static bool next_member(z_stream *z)
{
	static const uint8_t magic[] = { 0x1f, 0x8b, 8 };
	return z->avail_in > sizeof(magic) && !memcmp(z->next_in, magic, sizeof(magic)) && inflateReset(z) == Z_OK;
}

static int inflate_gzip(struct slice in, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n };
	int r = Z_OK, rc = 0;
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return ERR_INTERNAL;
	while (!rc && (r != Z_STREAM_END || next_member(&z))) {
		char *p = chunk(out);
		if (!p) {
			rc = ERR_LIMIT;
			break;
		}
		z.next_out = (Bytef *)p;
		z.avail_out = CHUNK;
		r = inflate(&z, Z_NO_FLUSH);
		out->n += CHUNK - z.avail_out;
		if ((r != Z_OK && r != Z_STREAM_END) || (r == Z_OK && z.avail_out && !z.avail_in))
			rc = ERR_INVALID;
	}
	inflateEnd(&z);
	return rc;
}

static int inflate_snappy_block(struct slice in, struct buf *out)
{
	size_t n;
	if (snappy_uncompressed_length(in.p, in.n, &n) != SNAPPY_OK)
		return ERR_INVALID;
	if (out->n + n >= ceiling(out))
		return ERR_LIMIT;
	char *p = buf_room(out, n + 1);
	if (!p)
		return ERR_LIMIT;
	if (snappy_uncompress(in.p, in.n, p, &n) != SNAPPY_OK)
		return ERR_INVALID;
	out->n += n;
	return 0;
}

/* Raw, or as xerial's Java library frames it: magic, two versions, then blocks with their sizes. */
static int inflate_snappy(struct slice in, struct buf *out)
{
	static const char magic[8] = { (char)0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0 };
	int rc = 0;
	if (in.n < 16 || memcmp(in.p, magic, sizeof(magic)))
		return inflate_snappy_block(in, out);
	struct rd r = rd_of(in.p + 16, in.n - 16);
	while (!rc && r.n) {
		struct slice block = rd_bytes(&r, rd_u32be(&r));
		rc = r.bad ? ERR_INVALID : inflate_snappy_block(block, out);
	}
	return rc;
}

static int inflate_lz4(struct slice in, struct buf *out)
{
	LZ4F_dctx *d;
	size_t hint = 1;
	int rc = 0;
	if (LZ4F_isError(LZ4F_createDecompressionContext(&d, LZ4F_VERSION)))
		return ERR_INTERNAL;
	while (!rc && hint) {
		char *p = chunk(out);
		size_t got = CHUNK, eaten = in.n;
		hint = p ? LZ4F_decompress(d, p, &got, in.p, &eaten, NULL) : 0;
		if (!p)
			rc = ERR_LIMIT;
		else if (LZ4F_isError(hint) || (hint && !got && !eaten))
			rc = ERR_INVALID;
		else {
			out->n += got;
			in.p += eaten;
			in.n -= eaten;
		}
	}
	LZ4F_freeDecompressionContext(d);
	return rc;
}

static int inflate_zstd(struct slice in, struct buf *out)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();
	ZSTD_inBuffer src = { in.p, in.n, 0 };
	size_t hint = 1;
	int rc = d ? 0 : ERR_INTERNAL;
	while (!rc && (hint || src.pos < src.size)) { /* frame after frame */
		char *p = chunk(out);
		ZSTD_outBuffer dst = { p, CHUNK, 0 };
		size_t before = src.pos;
		if (!p) {
			rc = ERR_LIMIT;
			break;
		}
		hint = ZSTD_decompressStream(d, &dst, &src);
		out->n += dst.pos;
		if (ZSTD_isError(hint) || (hint && !dst.pos && src.pos == before))
			rc = ERR_INVALID;
	}
	ZSTD_freeDCtx(d);
	return rc;
}

int kp_inflate(int codec, struct slice in, struct buf *out)
{
	switch (codec) {
	case KP_GZIP:
		return inflate_gzip(in, out);
	case KP_SNAPPY:
		return inflate_snappy(in, out);
	case KP_LZ4:
		return inflate_lz4(in, out);
	case KP_ZSTD:
		return inflate_zstd(in, out);
	default:
		return ERR_UNSUPPORTED;
	}
}

/* ---- compressing ---- */

static int deflate_gzip(int level, struct slice in, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n };
	if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return ERR_INTERNAL;
	size_t room = deflateBound(&z, in.n);
	char *p = buf_room(out, room);
	z.next_out = (Bytef *)p;
	z.avail_out = (uInt)room;
	int r = p ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
	out->n += p ? room - z.avail_out : 0;
	deflateEnd(&z);
	return r == Z_STREAM_END ? 0 : ERR_INTERNAL;
}

/* In blocks, as xerial's Java library frames them: all clients read that. */
static int deflate_snappy(struct slice in, struct buf *out)
{
	static const char head[16] = { (char)0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1 };
	enum { BLOCK = 32 << 10 };
	buf_add(out, head, sizeof(head));
	for (size_t at = 0; at < in.n; at += BLOCK) {
		size_t n = in.n - at < BLOCK ? in.n - at : BLOCK, made = snappy_max_compressed_length(n), size_at = out->n;
		buf_u32be(out, 0);
		char *p = buf_room(out, made);
		if (!p || snappy_compress(in.p + at, n, p, &made) != SNAPPY_OK)
			return ERR_INTERNAL;
		out->n += made;
		for (size_t i = 0; i < 4; i++)
			out->p[size_at + i] = (char)(made >> (24 - 8 * i));
	}
	return out->bad ? ERR_INTERNAL : 0;
}

static int deflate_lz4(int level, struct slice in, struct buf *out)
{
	/* Kafka's reader knows only independent blocks. */
	LZ4F_preferences_t how = { .frameInfo = { .blockSizeID = LZ4F_max64KB, .blockMode = LZ4F_blockIndependent }, .compressionLevel = level < 0 ? 9 : level };
	size_t room = LZ4F_compressFrameBound(in.n, &how);
	char *p = buf_room(out, room);
	size_t made = p ? LZ4F_compressFrame(p, room, in.p, in.n, &how) : 0;
	if (!p || LZ4F_isError(made))
		return ERR_INTERNAL;
	out->n += made;
	return 0;
}

static int deflate_zstd(int level, struct slice in, struct buf *out)
{
	size_t room = ZSTD_compressBound(in.n);
	char *p = buf_room(out, room);
	size_t made = p ? ZSTD_compress(p, room, in.p, in.n, level == -1 ? 3 : level) : 0;
	if (!p || ZSTD_isError(made))
		return ERR_INTERNAL;
	out->n += made;
	return 0;
}

int kp_deflate(int codec, int level, struct slice in, struct buf *out)
{
	switch (codec) {
	case KP_NONE:
		buf_addsl(out, in);
		return out->bad ? ERR_INTERNAL : 0;
	case KP_GZIP:
		return deflate_gzip(level, in, out);
	case KP_SNAPPY:
		return deflate_snappy(in, out);
	case KP_LZ4:
		return deflate_lz4(level, in, out);
	case KP_ZSTD:
		return deflate_zstd(level, in, out);
	default:
		return ERR_UNSUPPORTED;
	}
}

/* ---- CRC-32C (Castagnoli) ---- */

/* Four bits at a time; the polynomial is reflected 0x82f63b78. */
static uint32_t crc_plain(uint32_t crc, const uint8_t *p, size_t n)
{
	static const uint32_t nibble[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	for (; n; n--, p++) {
		crc = nibble[(crc ^ *p) & 15] ^ (crc >> 4);
		crc = nibble[(crc ^ (uint32_t)(*p >> 4)) & 15] ^ (crc >> 4);
	}
	return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc_sse42(uint32_t crc, const uint8_t *p, size_t n)
{
	uint64_t wide = crc;
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t v;
		memcpy(&v, p, 8);
		wide = __builtin_ia32_crc32di(wide, v);
	}
	crc = (uint32_t)wide;
	for (; n; n--, p++)
		crc = __builtin_ia32_crc32qi(crc, *p);
	return crc;
}
#endif

uint32_t kp_crc32c(uint32_t crc, const void *p, size_t n)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return ~crc_sse42(~crc, p, n);
#endif
	return ~crc_plain(~crc, p, n);
}
