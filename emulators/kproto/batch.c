#include "kproto/batch.h"
#include "kproto/code.h"

#include <zlib.h>

#define TRACE "tarn-trace"
enum { CRC_AT = 17, CRC_FROM = 21 };

int kp_batch_parse(struct slice in, struct kp_batch *out)
{
	struct rd r = rd_of(in.p, in.n);
	struct kp_batch b = { 0 };
	b.base_offset = (int64_t)rd_u64be(&r);
	uint32_t length = rd_u32be(&r);
	b.leader_epoch = (int32_t)rd_u32be(&r);
	b.magic = (int8_t)rd_u8(&r);
	if (!r.bad && (b.magic == 0 || b.magic == 1))
		return KE_UNSUPPORTED_FOR_MESSAGE_FORMAT;
	b.crc = rd_u32be(&r);
	if (r.bad || b.magic != 2 || length < KP_BATCH_HEADER - 12 || length > in.n - 12)
		return KE_CORRUPT_MESSAGE;
	b.bytes = sl_of(in.p, length + 12);
	r.n = length - 9; /* what follows the checksum */
	if (kp_crc32c(0, r.p, r.n) != b.crc)
		return KE_CORRUPT_MESSAGE;
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
	return KE_NONE;
}

int kp_cursor_open(struct kp_cursor *cur, const struct kp_batch *b, struct buf *scratch)
{
	struct slice plain = b->records;
	int codec = b->attributes & KP_ATTR_CODEC;
	if (codec) {
		buf_reset(scratch);
		int rc = kp_inflate(codec, b->records, scratch);
		if (rc)
			return rc;
		plain = buf_slice(scratch);
	}
	*cur = (struct kp_cursor){ .r = rd_of(plain.p, plain.n), .b = b, .left = b->count };
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

bool kp_cursor_next(struct kp_cursor *cur, struct kp_record *out)
{
	if (cur->left <= 0) {
		cur->bad |= cur->r.n != 0;
		return false;
	}
	struct slice body = varbytes(&cur->r);
	struct rd r = rd_of(body.p, body.n);
	struct kp_record rec = { 0 };
	(void)rd_u8(&r); /* attributes: none defined */
	/* Sums in unsigned: a hostile delta may wrap, and does no harm. */
	rec.ts = (int64_t)((uint64_t)cur->b->base_ts + (uint64_t)rd_varint(&r));
	int64_t delta = rd_varint(&r);
	rec.key = varbytes(&r);
	rec.value = varbytes(&r);
	int64_t headers = rd_varint(&r);
	rec.headers = sl_of(r.p, r.n);
	rec.header_n = (int32_t)headers;
	for (int64_t i = 0; i < headers && !r.bad; i++) {
		struct slice name = varbytes(&r), value = varbytes(&r);
		if (!name.p)
			r.bad = true;
		if (sl_eqs(name, TRACE))
			rec.trace = value;
	}
	if (cur->r.bad || !body.p || r.bad || r.n || headers < 0 || delta < 0 || delta > cur->b->last_delta) {
		cur->bad = true;
		cur->left = 0;
		return false;
	}
	if (cur->b->attributes & KP_ATTR_LOG_TIME)
		rec.ts = cur->b->max_ts;
	rec.offset = (int64_t)((uint64_t)cur->b->base_offset + (uint64_t)delta);
	cur->left--;
	*out = rec;
	return true;
}

/* ---- building ---- */

size_t kp_record_room(struct slice key, struct slice value, struct slice trace)
{
	return 36 + key.n + value.n + (trace.p ? 24 + trace.n : 0);
}

static void put_varbytes(struct buf *b, struct slice s)
{
	buf_varint(b, s.p ? (int64_t)s.n : -1);
	buf_addsl(b, s);
}

bool kp_header_next(struct slice *headers, struct slice *name, struct slice *value)
{
	struct rd r = rd_of(headers->p, headers->n);
	do {
		if (!r.n)
			return false;
		*name = varbytes(&r);
		*value = varbytes(&r);
		*headers = sl_of(r.p, r.n);
	} while (!r.bad && sl_eqs(*name, TRACE));
	return !r.bad;
}

void kp_header_put(struct buf *headers, struct slice name, struct slice value)
{
	put_varbytes(headers, name);
	put_varbytes(headers, value);
}

static bool has_trace(struct slice headers)
{
	struct rd r = rd_of(headers.p, headers.n);
	while (r.n && !r.bad) {
		if (sl_eqs(varbytes(&r), TRACE))
			return true;
		(void)varbytes(&r);
	}
	return false;
}

void kp_record_write(struct buf *out, struct buf *one, const struct kp_record *rec, int64_t ts_delta, int64_t delta)
{
	bool trace = rec->trace.p && !has_trace(rec->headers);
	buf_reset(one);
	buf_u8(one, 0);
	buf_varint(one, ts_delta);
	buf_varint(one, delta);
	put_varbytes(one, rec->key);
	put_varbytes(one, rec->value);
	buf_varint(one, rec->header_n + trace);
	buf_addsl(one, rec->headers);
	if (trace)
		kp_header_put(one, S(TRACE), rec->trace);
	buf_varint(out, (int64_t)one->n);
	buf_addsl(out, buf_slice(one));
}

void kp_builder_put(struct kp_builder *b, const struct kp_record *rec)
{
	if (!b->count) {
		b->base_ts = b->max_ts = rec->ts;
		buf_reset(&b->records);
	}
	if (rec->ts > b->max_ts)
		b->max_ts = rec->ts;
	kp_record_write(&b->records, &b->one, rec, (int64_t)((uint64_t)rec->ts - (uint64_t)b->base_ts), b->count++);
}

void kp_builder_add(struct kp_builder *b, int64_t ts, struct slice key, struct slice value, struct slice trace)
{
	kp_builder_put(b, &(struct kp_record){ .ts = ts, .key = key, .value = value, .trace = trace });
}

void kp_batch_seal(char *batch, size_t n)
{
	uint32_t crc = kp_crc32c(0, batch + CRC_FROM, n - CRC_FROM);
	for (size_t i = 0; i < 4; i++)
		batch[CRC_AT + i] = (char)(crc >> (24 - 8 * i));
}

void kp_builder_end(struct kp_builder *b, struct buf *out)
{
	static const struct kp_batch nobody = { .pid = -1, .epoch = -1, .base_seq = -1 };
	const struct kp_batch *like = b->like ? b->like : &nobody;
	size_t at = out->n;
	buf_u64be(out, 0);
	buf_u32be(out, (uint32_t)(b->records.n + KP_BATCH_HEADER - 12));
	buf_u32be(out, 0); /* leader epoch */
	buf_u8(out, 2);
	buf_u32be(out, 0); /* checksum, below */
	buf_u16be(out, (uint16_t)like->attributes);
	buf_u32be(out, (uint32_t)(b->count - 1));
	buf_u64be(out, (uint64_t)b->base_ts);
	buf_u64be(out, (uint64_t)b->max_ts);
	buf_u64be(out, (uint64_t)like->pid);
	buf_u16be(out, (uint16_t)like->epoch);
	buf_u32be(out, (uint32_t)like->base_seq);
	buf_u32be(out, (uint32_t)b->count);
	buf_addsl(out, buf_slice(&b->records));
	b->count = 0;
	buf_reset(&b->records);
	if (out->bad)
		return;
	kp_batch_seal(out->p + at, out->n - at);
}

void kp_builder_free(struct kp_builder *b)
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

/* A message set that is read. */
struct old_set {
	struct kp_builder *b;
	size_t max;  /* bytes of a compressed one inside, decompressed */
	int magic;   /* of its messages; -1: none was read yet */
	int codec, n;
	bool inside; /* it is the compressed one */
};
static int read_set(struct slice in, struct old_set *set);

static int open_message(struct slice value, int codec, struct old_set *set)
{
	struct buf plain = { .max = set->max };
	struct old_set inside = { .b = set->b, .magic = set->magic, .inside = true };
	if (!value.p || codec == KP_ZSTD)
		return KE_INVALID_RECORD;
	int rc = kp_inflate(codec, value, &plain);
	int code = rc == ERR_LIMIT ? KE_MESSAGE_TOO_LARGE : rc ? KE_UNKNOWN_SERVER_ERROR : read_set(buf_slice(&plain), &inside);
	if (!code && !inside.n)
		code = KE_INVALID_RECORD;
	buf_free(&plain);
	set->codec = codec;
	return code;
}

static int read_message(struct slice m, struct old_set *set)
{
	struct rd r = rd_of(m.p, m.n);
	uint32_t crc = rd_u32be(&r);
	if (r.bad || crc32(0, r.p, (uInt)r.n) != crc)
		return KE_CORRUPT_MESSAGE;
	int magic = rd_u8(&r), attributes = rd_u8(&r), codec = attributes & KP_ATTR_CODEC;
	/* A compressed message is alone, and all are of one magic. */
	if (magic > 1 || (set->n && (magic != set->magic || codec || set->codec)) || (set->inside && (magic != set->magic || codec)))
		return KE_INVALID_RECORD;
	int64_t ts = magic == 1 ? (int64_t)rd_u64be(&r) : -1;
	struct slice key = sized_bytes(&r), value = sized_bytes(&r);
	if (r.bad || r.n)
		return KE_CORRUPT_MESSAGE;
	set->magic = magic;
	set->n++;
	if (codec)
		return open_message(value, codec, set);
	kp_builder_add(set->b, ts, key, value, sl(NULL));
	return KE_NONE;
}

static int read_set(struct slice in, struct old_set *set)
{
	struct rd r = rd_of(in.p, in.n);
	int code = KE_NONE;
	while (!code && r.n) {
		(void)rd_u64be(&r); /* offset: the broker's to give */
		struct slice m = rd_bytes(&r, rd_u32be(&r));
		if (r.bad) /* cut: what is whole counts */
			return set->inside ? KE_INVALID_RECORD : KE_NONE;
		code = read_message(m, set);
	}
	return code;
}

int kp_message_set_read(struct slice in, size_t max, struct kp_builder *b, int *codec)
{
	struct old_set set = { .b = b, .max = max, .magic = -1 };
	int code = read_set(in, &set);
	*codec = set.codec;
	return code;
}

static void put_sized(struct buf *b, struct slice s)
{
	buf_u32be(b, s.p ? (uint32_t)s.n : 0xffffffff);
	buf_addsl(b, s);
}

int kp_message_set_write(const struct kp_batch *b, int magic, int64_t from, struct buf *out)
{
	struct buf plain = { .max = KP_PLAIN_MAX };
	struct kp_cursor cur;
	struct kp_record rec;
	int rc = kp_cursor_open(&cur, b, &plain);
	while (!rc && kp_cursor_next(&cur, &rec)) {
		if (rec.offset < from)
			continue;
		buf_u64be(out, (uint64_t)rec.offset);
		buf_u32be(out, (uint32_t)(6 + (magic ? 8 : 0) + 8 + rec.key.n + rec.value.n));
		size_t at = out->n;
		buf_u32be(out, 0);
		buf_u8(out, (uint8_t)magic);
		buf_u8(out, magic ? (uint8_t)(b->attributes & KP_ATTR_LOG_TIME) : 0);
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
