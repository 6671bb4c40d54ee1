#include "gzip.h"

#include <zlib.h>

enum { CHUNK = 64 << 10 };

int gzip_unpack(struct slice in, struct buf *out, struct error *err)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n };
	int r = Z_OK;
	if (in.n > UINT32_MAX)
		return err_set(err, ERR_LIMIT, "%zu bytes of gzip are more than are unpacked", in.n);
	if (inflateInit2(&z, 15 + 32) != Z_OK)
		return err_set(err, ERR_INTERNAL, "no memory");
	do {
		char *to = buf_room(out, CHUNK);
		if (!to)
			break;
		z.next_out = (Bytef *)to;
		z.avail_out = CHUNK;
		r = inflate(&z, Z_NO_FLUSH);
		out->n += CHUNK - z.avail_out;
		if (r == Z_STREAM_END && z.avail_in) /* another member */
			r = inflateReset(&z);
	} while (r == Z_OK && (z.avail_in || !z.avail_out));
	inflateEnd(&z);
	if (out->bad)
		return err_set(err, ERR_LIMIT, "unpacked it is larger than %zu bytes", out->max);
	return r == Z_STREAM_END ? 0 : err_set(err, ERR_INVALID, "damaged gzip data");
}
