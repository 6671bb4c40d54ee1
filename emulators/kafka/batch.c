#include "kafka/kafka.h"

#include <zlib.h>

int kfk_batch_parse(struct slice in, struct kfk_batch *out)
{
	struct rd r = rd_of(in.p, in.n);
	struct kfk_batch b = { 0 };
	b.base_offset = (int64_t)rd_u64be(&r);
	uint32_t length = rd_u32be(&r);
	(void)rd_u32be(&r); /* leader epoch */
	b.magic = (int8_t)rd_u8(&r);
	if (!r.bad && (b.magic == 0 || b.magic == 1))
		return KFK_UNSUPPORTED_FORMAT;
	b.crc = rd_u32be(&r);
	if (r.bad || b.magic != 2 || length < KFK_BATCH_HEADER - 12 || length > in.n - 12)
		return KFK_CORRUPT_MESSAGE;
	b.bytes = sl_of(in.p, length + 12);
	r.n = length - 9; /* what follows the checksum */
	if (kfk_crc32c(0, r.p, r.n) != b.crc)
		return KFK_CORRUPT_MESSAGE;
	b.attributes = (int16_t)rd_u16be(&r);
	b.last_delta = (int32_t)rd_u32be(&r);
	b.base_ts = (int64_t)rd_u64be(&r);
	b.max_ts = (int64_t)rd_u64be(&r);
	b.pid = (int64_t)rd_u64be(&r);
	b.epoch = (int16_t)rd_u16be(&r);
	b.base_seq = (int32_t)rd_u32be(&r);
	b.count = (int32_t)rd_u32be(&r);
	b.records = sl_of(r.p, r.n);
	*out = b;
	return KFK_OK;
}

int kfk_cursor_open(struct kfk_cursor *cur, const struct kfk_batch *b, struct buf *scratch)
{
	struct slice plain = b->records;
	int codec = b->attributes & KFK_ATTR_CODEC;
	if (codec) {
		buf_reset(scratch);
		int rc = kfk_inflate(codec, b->records, scratch);
		if (rc)
			return rc;
		plain = buf_slice(scratch);
	}
	*cur = (struct kfk_cursor){ .r = rd_of(plain.p, plain.n), .b = b, .left = b->count };
	return 0;
}

/* A varint length and that many bytes; negative is null. */
static struct slice varbytes(struct rd *r)
{
	int64_t n = rd_varint(r);
	if (n < 0)
		return sl(NULL);
	struct slice s = rd_bytes(r, (size_t)n);
	return s.p || r->bad ? s : S("");
}

bool kfk_cursor_next(struct kfk_cursor *cur, struct kfk_record *out)
{
	if (cur->left <= 0) {
		cur->bad |= cur->r.n != 0;
		return false;
	}
	struct slice body = varbytes(&cur->r);
	struct rd r = rd_of(body.p, body.n);
	struct kfk_record rec = { 0 };
	(void)rd_u8(&r); /* attributes: none defined */
	/* Sums in unsigned: a hostile delta may wrap, and does no harm. */
	rec.ts = (int64_t)((uint64_t)cur->b->base_ts + (uint64_t)rd_varint(&r));
	int64_t delta = rd_varint(&r);
	rec.key = varbytes(&r);
	rec.value = varbytes(&r);
	int64_t headers = rd_varint(&r);
	for (int64_t i = 0; i < headers && !r.bad; i++) {
		struct slice name = varbytes(&r), value = varbytes(&r);
		if (!name.p)
			r.bad = true;
		if (sl_eqs(name, "tarn-trace"))
			rec.trace = value;
	}
	if (cur->r.bad || !body.p || r.bad || r.n || headers < 0 || delta < 0 || delta > cur->b->last_delta) {
		cur->bad = true;
		cur->left = 0;
		return false;
	}
	if (cur->b->attributes & KFK_ATTR_LOG_TIME)
		rec.ts = cur->b->max_ts;
	rec.offset = (int64_t)((uint64_t)cur->b->base_offset + (uint64_t)delta);
	cur->left--;
	*out = rec;
	return true;
}

/* ---- building ---- */

size_t kfk_record_room(struct slice key, struct slice value, struct slice trace)
{
	return 36 + key.n + value.n + (trace.p ? 24 + trace.n : 0);
}

static void put_varbytes(struct buf *b, struct slice s)
{
	buf_varint(b, s.p ? (int64_t)s.n : -1);
	buf_addsl(b, s);
}

void kfk_builder_add(struct kfk_builder *b, int64_t ts, struct slice key, struct slice value, struct slice trace)
{
	if (!b->count) {
		b->base_ts = b->max_ts = ts;
		buf_reset(&b->records);
	}
	if (ts > b->max_ts)
		b->max_ts = ts;
	buf_reset(&b->one);
	buf_u8(&b->one, 0);
	buf_varint(&b->one, (int64_t)((uint64_t)ts - (uint64_t)b->base_ts));
	buf_varint(&b->one, b->count++);
	put_varbytes(&b->one, key);
	put_varbytes(&b->one, value);
	buf_varint(&b->one, trace.p ? 1 : 0);
	if (trace.p) {
		put_varbytes(&b->one, S("tarn-trace"));
		put_varbytes(&b->one, trace);
	}
	buf_varint(&b->records, (int64_t)b->one.n);
	buf_addsl(&b->records, buf_slice(&b->one));
}

void kfk_builder_end(struct kfk_builder *b, struct buf *out)
{
	size_t at = out->n;
	buf_u64be(out, 0);
	buf_u32be(out, (uint32_t)(b->records.n + KFK_BATCH_HEADER - 12));
	buf_u32be(out, 0); /* leader epoch */
	buf_u8(out, 2);
	buf_u32be(out, 0); /* checksum, below */
	buf_u16be(out, 0);
	buf_u32be(out, (uint32_t)(b->count - 1));
	buf_u64be(out, (uint64_t)b->base_ts);
	buf_u64be(out, (uint64_t)b->max_ts);
	buf_u64be(out, (uint64_t)-1); /* producer id, epoch, sequence: none */
	buf_u16be(out, 0xffff);
	buf_u32be(out, 0xffffffff);
	buf_u32be(out, (uint32_t)b->count);
	buf_addsl(out, buf_slice(&b->records));
	b->count = 0;
	buf_reset(&b->records);
	if (out->bad)
		return;
	uint32_t crc = kfk_crc32c(0, out->p + at + 21, out->n - at - 21);
	for (int i = 0; i < 4; i++)
		out->p[at + 17 + (size_t)i] = (char)(crc >> (24 - 8 * i));
}

void kfk_builder_free(struct kfk_builder *b)
{
	buf_free(&b->records);
	buf_free(&b->one);
}

/* ---- message sets, magic 0 and 1 ---- */

static struct slice sized_bytes(struct rd *r)
{
	int32_t n = (int32_t)rd_u32be(r);
	if (n < 0)
		return sl(NULL);
	struct slice s = rd_bytes(r, (size_t)n);
	return s.p || r->bad ? s : S("");
}

/* max: bytes of a compressed set inside, decompressed; 0: this is the one inside. */
static int read_set(struct slice in, size_t max, struct kfk_builder *b);

static int read_message(struct slice m, size_t max, struct kfk_builder *b)
{
	struct rd r = rd_of(m.p, m.n);
	uint32_t crc = rd_u32be(&r);
	if (r.bad || crc32(0, r.p, (uInt)r.n) != crc)
		return KFK_CORRUPT_MESSAGE;
	int magic = rd_u8(&r), attributes = rd_u8(&r), code = KFK_OK;
	if (magic > 1)
		return KFK_INVALID_RECORD;
	int64_t ts = magic == 1 ? (int64_t)rd_u64be(&r) : -1;
	struct slice key = sized_bytes(&r), value = sized_bytes(&r);
	if (r.bad || r.n)
		return KFK_CORRUPT_MESSAGE;
	if (!(attributes & KFK_ATTR_CODEC)) {
		kfk_builder_add(b, ts, key, value, sl(NULL));
		return KFK_OK;
	}
	struct buf plain = { .max = max };
	if (!max || !value.p || (attributes & KFK_ATTR_CODEC) > KFK_LZ4)
		return KFK_CORRUPT_MESSAGE;
	int rc = kfk_inflate(attributes & KFK_ATTR_CODEC, value, &plain);
	if (rc)
		code = rc == ERR_LIMIT ? KFK_MESSAGE_TOO_LARGE : KFK_CORRUPT_MESSAGE;
	else
		code = read_set(buf_slice(&plain), 0, b);
	buf_free(&plain);
	return code;
}

static int read_set(struct slice in, size_t max, struct kfk_builder *b)
{
	struct rd r = rd_of(in.p, in.n);
	int code = KFK_OK;
	while (!code && r.n) {
		(void)rd_u64be(&r); /* offset: the broker's to give */
		struct slice m = rd_bytes(&r, rd_u32be(&r));
		code = r.bad ? KFK_CORRUPT_MESSAGE : read_message(m, max, b);
	}
	return code;
}

int kfk_message_set_read(struct slice in, size_t max, struct kfk_builder *b)
{
	return read_set(in, max, b);
}

static void put_sized(struct buf *b, struct slice s)
{
	buf_u32be(b, s.p ? (uint32_t)s.n : 0xffffffff);
	buf_addsl(b, s);
}

int kfk_message_set_write(const struct kfk_batch *b, int magic, struct buf *out)
{
	struct buf plain = { .max = KFK_PLAIN_MAX };
	struct kfk_cursor cur;
	struct kfk_record rec;
	int rc = kfk_cursor_open(&cur, b, &plain);
	while (!rc && kfk_cursor_next(&cur, &rec)) {
		buf_u64be(out, (uint64_t)rec.offset);
		buf_u32be(out, (uint32_t)(6 + (magic ? 8 : 0) + 8 + rec.key.n + rec.value.n));
		size_t at = out->n;
		buf_u32be(out, 0);
		buf_u8(out, (uint8_t)magic);
		buf_u8(out, 0);
		if (magic)
			buf_u64be(out, (uint64_t)rec.ts);
		put_sized(out, rec.key);
		put_sized(out, rec.value);
		uint32_t crc = out->bad ? 0 : (uint32_t)crc32(0, (const Bytef *)out->p + at + 4, (uInt)(out->n - at - 4));
		for (size_t i = 0; i < 4 && !out->bad; i++)
			out->p[at + i] = (char)(crc >> (24 - 8 * i));
	}
	buf_free(&plain);
	return rc ? rc : cur.bad ? ERR_INVALID : 0;
}
