/* Zip archives, as .dbc files are: members stored or deflated, found by the directory at the end; no encryption, no zip64. */
#include <zlib.h>

#include "databricks/notebook.h"

enum {
	END_BYTES = 22, /* of the end of the directory, without its comment */
	ENTRY_BYTES = 46,
	LOCAL_BYTES = 30,
	MEMBERS_MAX = 10000,
	STORED = 0,
	DEFLATED = 8,
};
#define SIGNATURE_END 0x06054b50u
#define SIGNATURE_ENTRY 0x02014b50u
#define SIGNATURE_LOCAL 0x04034b50u

static int damaged(struct error *err)
{
	return err_set(err, ERR_INVALID, "it is no zip archive, or a damaged one");
}

/* Where the end of the directory begins; zip.n: nowhere. */
static size_t find_end(struct slice zip)
{
	size_t least = zip.n > END_BYTES + 65535 ? zip.n - END_BYTES - 65535 : 0;
	for (size_t at = zip.n >= END_BYTES ? zip.n - END_BYTES + 1 : 0; at-- > least;)
		if (!memcmp(zip.p + at, "PK\005\006", 4))
			return at;
	return zip.n;
}

static int inflate_raw(struct slice in, struct buf *out, size_t size, struct error *err)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n };
	char *to = buf_room(out, size + 1);
	if (!to || inflateInit2(&z, -15) != Z_OK)
		return err_set(err, ERR_LIMIT, "unpacked it is too large");
	z.next_out = (Bytef *)to;
	z.avail_out = (uInt)(size + 1);
	int r = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	out->n += size + 1 - z.avail_out;
	return r == Z_STREAM_END && out->n == size ? 0 : damaged(err);
}

/* A member's bytes: in the archive, or unpacked into room. */
static int member(struct slice zip, struct slice entry, struct buf *room, struct slice *out, struct error *err)
{
	struct rd e = rd_of(entry.p, entry.n), l;
	(void)rd_bytes(&e, 8);
	uint16_t flags = rd_u16le(&e), method = rd_u16le(&e);
	(void)rd_bytes(&e, 4);
	uint32_t crc = rd_u32le(&e), packed = rd_u32le(&e), size = rd_u32le(&e);
	(void)rd_bytes(&e, 14);
	uint32_t offset = rd_u32le(&e);
	if (e.bad || flags & 1 || offset > zip.n)
		return damaged(err);
	struct slice rest = sl_from(zip, offset);
	l = rd_of(rest.p, rest.n);
	if (rd_u32le(&l) != SIGNATURE_LOCAL)
		return damaged(err);
	(void)rd_bytes(&l, 22);
	uint16_t name = rd_u16le(&l), extra = rd_u16le(&l);
	(void)rd_bytes(&l, (size_t)name + extra);
	*out = rd_bytes(&l, packed);
	if (l.bad || (method == STORED && packed != size))
		return damaged(err);
	if (method == DEFLATED) {
		buf_reset(room);
		if (inflate_raw(*out, room, size, err))
			return err ? err->kind : ERR_INVALID;
		*out = size ? buf_slice(room) : S("");
	} else if (method != STORED) {
		return err_set(err, ERR_UNSUPPORTED, "the archive is packed in a way that isn't served here (%d)", method);
	}
	return crc32(0, (const Bytef *)out->p, (uInt)out->n) == crc ? 0 : damaged(err);
}

int dbx_archive_read(struct slice zip, size_t bytes_max, dbx_member_fn fn, void *arg, struct error *err)
{
	size_t at = find_end(zip), total = 0;
	struct rd end = rd_of(zip.p + at, zip.n - at), r;
	struct buf room = { .max = bytes_max };
	int rc = 0;
	(void)rd_bytes(&end, 10);
	uint16_t n = rd_u16le(&end);
	(void)rd_bytes(&end, 4);
	uint32_t offset = rd_u32le(&end);
	if (end.bad || offset > at)
		return damaged(err);
	r = rd_of(zip.p + offset, at - offset);
	for (unsigned i = 0; !rc && i < n; i++) {
		const void *from = r.p;
		uint32_t signature = rd_u32le(&r);
		(void)rd_bytes(&r, 20);
		uint32_t size = rd_u32le(&r);
		uint16_t name_n = rd_u16le(&r), extra = rd_u16le(&r), comment = rd_u16le(&r);
		(void)rd_bytes(&r, 12);
		struct slice name = rd_bytes(&r, name_n), bytes;
		(void)rd_bytes(&r, (size_t)extra + comment);
		total += size;
		if (r.bad || signature != SIGNATURE_ENTRY)
			rc = damaged(err);
		else if (i >= MEMBERS_MAX || total > bytes_max)
			rc = err_set(err, ERR_LIMIT, "the archive holds more than %d files, or %zu bytes", MEMBERS_MAX, bytes_max);
		else if (!sl_ends(name, S("/")) && !(rc = member(zip, sl_of(from, ENTRY_BYTES), &room, &bytes, err)))
			rc = fn(arg, name, bytes, err);
	}
	buf_free(&room);
	return rc;
}

/* ---- writing: members are stored ---- */

static void u16(struct buf *b, size_t v)
{
	buf_addc(b, (char)v);
	buf_addc(b, (char)(v >> 8));
}

static void u32(struct buf *b, size_t v)
{
	u16(b, v);
	u16(b, v >> 16);
}

/* What an entry and a local header have in common: version to extra. 1980-01-01, so that an export is the same every time. */
static void shared(struct buf *b, struct slice name, struct slice bytes)
{
	u16(b, 20);
	u16(b, 1 << 11); /* names are UTF-8 */
	u16(b, STORED);
	u16(b, 0);
	u16(b, 1 << 5 | 1);
	u32(b, crc32(0, (const Bytef *)bytes.p, (uInt)bytes.n));
	u32(b, bytes.n);
	u32(b, bytes.n);
	u16(b, name.n);
	u16(b, 0);
}

void dbx_archive_add(struct dbx_archive *z, struct slice name, struct slice bytes)
{
	size_t offset = z->out.n;
	u32(&z->out, SIGNATURE_LOCAL);
	shared(&z->out, name, bytes);
	buf_addsl(&z->out, name);
	buf_addsl(&z->out, bytes);
	u32(&z->directory, SIGNATURE_ENTRY);
	u16(&z->directory, 20);
	shared(&z->directory, name, bytes);
	u16(&z->directory, 0); /* comment */
	u16(&z->directory, 0);
	u16(&z->directory, 0);
	u32(&z->directory, 0);
	u32(&z->directory, offset);
	buf_addsl(&z->directory, name);
	z->n++;
}

void dbx_archive_end(struct dbx_archive *z)
{
	size_t offset = z->out.n, bytes = z->directory.n;
	if (bytes)
		buf_addsl(&z->out, buf_slice(&z->directory));
	u32(&z->out, SIGNATURE_END);
	u32(&z->out, 0);
	u16(&z->out, z->n);
	u16(&z->out, z->n);
	u32(&z->out, bytes);
	u32(&z->out, offset);
	u16(&z->out, 0);
	buf_free(&z->directory);
}
