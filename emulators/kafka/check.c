#include "kafka/check.h"

enum { LONG_CODED = 16 << 10, LONG_PLAIN = 4 << 20, HEAD_MIN = 12, MAGIC_AT = 16, ATTRIBUTES_AT = 21, RECORD_MIN = 14 };
enum { ATTR_HORIZON = 64 }; /* of batches that a compaction saw: base_ts is when their tombstones go */

void kfk_checked_free(struct kfk_checked *c)
{
	buf_free(&c->bytes);
	arena_free(&c->kept);
}

static bool refuse(struct kfk_checked *out, int code, bool early)
{
	out->code = code;
	out->early = early;
	return false;
}

/* ---- frames ---- */

struct frame {
	struct slice bytes; /* absent: there is no whole one */
	int magic, codec;
};

/* The batch or message at the start of records. False: it can't be one. */
static bool frame_at(struct slice records, struct frame *f, struct kfk_checked *out)
{
	struct rd r = rd_of(records.p, records.n);
	*f = (struct frame){ .bytes = sl(NULL) };
	if (records.n < HEAD_MIN)
		return true;
	(void)rd_u64be(&r);
	int32_t size = (int32_t)rd_u32be(&r);
	if (size < RECORD_MIN) {
		out->why = arena_printf(&out->kept, "Record size %d is less than the minimum record overhead (%d)", size, RECORD_MIN);
		return refuse(out, KE_CORRUPT_MESSAGE, true);
	}
	if (records.n <= MAGIC_AT)
		return true;
	f->magic = (int8_t)records.p[MAGIC_AT];
	if (f->magic < 0 || f->magic > 2) {
		out->why = arena_printf(&out->kept, "Invalid magic found in record: %d", f->magic);
		return refuse(out, KE_CORRUPT_MESSAGE, true);
	}
	if (records.n < (size_t)size + HEAD_MIN)
		return true;
	f->bytes = sl_of(records.p, (size_t)size + HEAD_MIN);
	if (f->magic == 2)
		f->codec = f->bytes.n > ATTRIBUTES_AT + 1 ? f->bytes.p[ATTRIBUTES_AT + 1] & KP_ATTR_CODEC : 0;
	else
		f->codec = f->bytes.p[MAGIC_AT + 1] & KP_ATTR_CODEC;
	return true;
}

bool kfk_check_is_long(const struct kfk_rules *r, struct slice records)
{
	struct kfk_checked ignored = { 0 };
	struct frame f;
	bool coded = !frame_at(records, &f, &ignored) || f.magic != 2 || f.codec || r->codec > KP_NONE;
	kfk_checked_free(&ignored);
	return records.n > (coded ? LONG_CODED : LONG_PLAIN);
}

/* ---- records ---- */

static void add_error(struct kfk_checked *out, int64_t index, struct slice why)
{
	if (out->error_n == KFK_ERRORS_MAX)
		return;
	ARENA_GROW(&out->kept, out->errors, out->error_n, out->error_cap);
	out->errors[out->error_n++] = (struct kfk_record_error){ (int32_t)index, why };
}

static int64_t latest(const struct kfk_rules *r)
{
	return r->real_ms > r->now_ms ? r->real_ms : r->now_ms;
}

static bool in_range(const struct kfk_rules *r, int64_t ts)
{
	int64_t behind, ahead;
	bool far = __builtin_sub_overflow(r->now_ms, ts, &behind) || __builtin_sub_overflow(ts, latest(r), &ahead);
	return far ? false : behind <= r->before_ms && ahead <= r->after_ms;
}

/* Sums as Java's, which wrap. */
static long long wrapped(int64_t a, int64_t b)
{
	return (long long)(int64_t)((uint64_t)a + (uint64_t)b);
}

static void check_record(const struct kfk_rules *r, const struct kp_batch *b, const struct kp_record *rec, int64_t index, struct kfk_checked *out)
{
	if (r->compacted && !rec->key.p) {
		struct slice why = out->error_n && out->code == KE_INVALID_RECORD
				       ? out->errors[0].why
				       : arena_printf(&out->kept, "Compacted topic cannot accept message without key in topic partition %s-%d", r->topic, r->partition);
		if (!out->code)
			out->code = KE_INVALID_RECORD;
		add_error(out, index, why);
	} else if (!r->append_time && rec->ts != -1) {
		if (in_range(r, rec->ts))
			return;
		out->code = KE_INVALID_TIMESTAMP;
		add_error(out, index, arena_printf(&out->kept,
						   "Timestamp %lld of message with offset %lld is out of range. The timestamp should be within [%lld, %lld]",
						   (long long)rec->ts, (long long)rec->offset, wrapped(r->now_ms, -r->before_ms), wrapped(latest(r), r->after_ms)));
	} else if (b->attributes & KP_ATTR_LOG_TIME) {
		out->code = KE_INVALID_TIMESTAMP;
		add_error(out, index, arena_printf(&out->kept,
						   "Invalid timestamp type in message DefaultRecord(offset=%lld, timestamp=%lld, key=%zu bytes, value=%zu "
						   "bytes). Producer should not set timestamp type to LogAppendTime.",
						   (long long)rec->offset, (long long)rec->ts, rec->key.n, rec->value.n));
	}
}

static void say_errors(struct kfk_checked *out)
{
	struct buf text = { 0 };
	if (out->code == KE_INVALID_TIMESTAMP) {
		out->why = S("One or more records have been rejected due to invalid timestamp");
		return;
	}
	buf_addf(&text, "One or more records have been rejected due to %zu record errors in total, and only showing the first three errors at most: [",
		 out->error_n);
	for (size_t i = 0; i < out->error_n && i < 3; i++)
		buf_addf(&text, "%sRecordError(batchIndex=%d, message='%.*s')", i ? ", " : "", out->errors[i].index, SL(out->errors[i].why));
	buf_addc(&text, ']');
	out->why = arena_dup(&out->kept, buf_slice(&text));
	buf_free(&text);
}

/* What the walk over a batch's records found. */
struct walk {
	struct slice plain; /* the records, decompressed */
	int64_t max_ts;
	bool dense;         /* their offsets are 0, 1, 2… */
};

/* 1: all is well, 0: it isn't, out says why, -1: it takes more than plain_max. */
static int walk_records(const struct kfk_rules *r, const struct kp_batch *b, size_t plain_max, struct buf *scratch, struct kfk_checked *out, struct walk *w)
{
	struct kp_cursor cur;
	struct kp_record rec;
	int64_t n = 0;
	size_t max = scratch->max;
	scratch->max = plain_max;
	int rc = kp_cursor_open(&cur, b, scratch);
	scratch->max = max;
	if (rc == ERR_LIMIT && plain_max < KP_INFLATED_MAX)
		return -1;
	if (rc)
		return refuse(out, rc == ERR_LIMIT ? KE_MESSAGE_TOO_LARGE : KE_UNKNOWN_SERVER_ERROR, false);
	*w = (struct walk){ sl_of(cur.r.p, cur.r.n), -1, true };
	for (; kp_cursor_next(&cur, &rec); n++) {
		if (!n && rec.trace.p)
			out->trace = arena_dup(&out->kept, rec.trace);
		w->dense &= rec.offset == b->base_offset + n;
		if (rec.ts > w->max_ts)
			w->max_ts = rec.ts;
		check_record(r, b, &rec, n, out);
	}
	if (cur.bad) {
		out->error_n = 0;
		return refuse(out, KE_INVALID_RECORD, false);
	}
	if (out->code)
		say_errors(out);
	return !out->code;
}

/* ---- batches ---- */

/* The batch as it is kept: other records, or the same compressed otherwise. */
static void encode(struct kfk_checked *out, struct slice records)
{
	struct kp_batch *b = &out->b;
	struct buf *to = &out->bytes;
	size_t at = to->n;
	buf_u64be(to, (uint64_t)b->base_offset);
	buf_u32be(to, (uint32_t)(records.n + KP_BATCH_HEADER - 12));
	buf_u32be(to, (uint32_t)b->leader_epoch);
	buf_u8(to, 2);
	buf_u32be(to, 0);
	buf_u16be(to, (uint16_t)b->attributes);
	buf_u32be(to, (uint32_t)b->last_delta);
	buf_u64be(to, (uint64_t)b->base_ts);
	buf_u64be(to, (uint64_t)b->max_ts);
	buf_u64be(to, (uint64_t)b->pid);
	buf_u16be(to, (uint16_t)b->epoch);
	buf_u32be(to, (uint32_t)b->base_seq);
	buf_u32be(to, (uint32_t)b->count);
	buf_addsl(to, records);
	kp_batch_seal(to->p + at, to->n - at);
	b->bytes = sl_of(to->p + at, to->n - at);
	b->records = sl_of(to->p + at + KP_BATCH_HEADER, records.n);
}

/* Records whose offsets aren't dense get such that are. */
static void renumber(struct kfk_checked *out, struct slice plain, struct buf *made)
{
	struct kp_batch b = out->b;
	struct kp_builder builder = { 0 };
	struct kp_cursor cur;
	struct kp_record rec;
	b.attributes &= ~KP_ATTR_CODEC;
	b.records = plain;
	if (!kp_cursor_open(&cur, &b, NULL))
		while (kp_cursor_next(&cur, &rec))
			kp_builder_put(&builder, &rec);
	out->b.base_ts = builder.base_ts;
	buf_addsl(made, buf_slice(&builder.records));
	kp_builder_free(&builder);
}

static bool check_head(const struct kp_batch *b, struct kfk_checked *out)
{
	int codec = b->attributes & KP_ATTR_CODEC;
	if (codec > KP_ZSTD)
		return refuse(out, KE_UNKNOWN_SERVER_ERROR, false);
	if (b->last_delta < 0 || b->count <= 0 || b->last_delta != b->count - 1 || b->attributes & KP_ATTR_CONTROL || (b->pid >= 0 && b->base_seq < 0))
		return refuse(out, KE_INVALID_RECORD, false);
	return true;
}

/* out->b is a batch whose frame and checksum are right. source: what its producer compressed it with. As walk_records. */
static int check_batch(const struct kfk_rules *r, size_t plain_max, int source, struct buf *scratch, struct kfk_checked *out)
{
	struct kp_batch *b = &out->b;
	struct walk w;
	if (!check_head(b, out))
		return 0;
	int codec = b->attributes & KP_ATTR_CODEC, target = r->codec < 0 ? source : r->codec;
	int rc = walk_records(r, b, plain_max, scratch, out, &w);
	if (rc <= 0)
		return rc;
	if (codec && !w.dense)
		return refuse(out, KE_UNKNOWN_SERVER_ERROR, false);
	b->attributes &= KP_ATTR_CODEC | KP_ATTR_TXN | ATTR_HORIZON;
	b->max_ts = r->append_time ? r->now_ms : w.max_ts;
	if (r->append_time)
		b->attributes |= KP_ATTR_LOG_TIME;
	if (target != codec) {
		struct buf dense = { 0 }, coded = { 0 };
		if (!w.dense)
			renumber(out, w.plain, &dense);
		b->attributes = (int16_t)((b->attributes & ~KP_ATTR_CODEC) | target);
		/* Old bytes stay until the new ones are there: out->bytes may hold the ones the records are in. */
		rc = kp_deflate(target, r->level, w.dense ? w.plain : buf_slice(&dense), &coded);
		buf_free(&dense);
		if (!rc)
			encode(out, buf_slice(&coded));
		buf_free(&coded);
		if (rc)
			return refuse(out, KE_UNKNOWN_SERVER_ERROR, false);
		if ((int64_t)b->bytes.n > r->message_max)
			return refuse(out, KE_MESSAGE_TOO_LARGE, true);
	}
	return (int64_t)b->bytes.n <= r->segment_max || refuse(out, KE_RECORD_LIST_TOO_LARGE, true);
}

static int check_v2(const struct kfk_rules *r, struct slice bytes, size_t plain_max, struct buf *scratch, struct kfk_checked *out)
{
	int code = (int64_t)bytes.n > r->message_max ? KE_MESSAGE_TOO_LARGE : kp_batch_parse(bytes, &out->b);
	struct rd r0 = rd_of(bytes.p, bytes.n);
	if (rd_u64be(&r0))
		return refuse(out, KE_INVALID_RECORD, false);
	if (code)
		return refuse(out, code, true);
	return check_batch(r, plain_max, out->b.attributes & KP_ATTR_CODEC, scratch, out);
}

/* Messages of magic 0 and 1 become a batch. */
static int check_old(const struct kfk_rules *r, struct slice records, size_t plain_max, struct buf *scratch, struct kfk_checked *out)
{
	struct kp_builder made = { 0 };
	struct frame f;
	int codec = 0, code = KE_NONE;
	for (struct slice rest = records; !code && frame_at(rest, &f, out) && f.bytes.p; rest = sl_from(rest, f.bytes.n))
		if ((int64_t)f.bytes.n > r->message_max)
			code = KE_MESSAGE_TOO_LARGE;
	if (!code)
		code = out->code ? out->code : kp_message_set_read(records, plain_max, &made, &codec);
	bool longer = code == KE_MESSAGE_TOO_LARGE && plain_max < KP_INFLATED_MAX;
	if (!code) {
		kp_builder_end(&made, &out->bytes);
		code = kp_batch_parse(buf_slice(&out->bytes), &out->b);
	}
	kp_builder_free(&made);
	if (code)
		return longer ? -1 : refuse(out, code, true);
	if (!codec && (int64_t)out->bytes.n > r->message_max)
		return refuse(out, KE_MESSAGE_TOO_LARGE, true);
	return check_batch(r, plain_max, codec, scratch, out);
}

/* What only requests of clients can get wrong: one batch a partition, from version 3 on. */
static bool check_frames(int version, struct slice records, struct frame *first, struct kfk_checked *out)
{
	struct frame second;
	if (!frame_at(records, first, out))
		return false;
	if (!first->bytes.p) {
		out->none = version < 3;
		return refuse(out, out->none ? KE_NONE : KE_INVALID_RECORD, true);
	}
	if (version >= 3 && first->magic < 2)
		return refuse(out, KE_INVALID_RECORD, true);
	if (version < 7 && first->magic == 2 && first->codec == KP_ZSTD)
		return refuse(out, KE_UNSUPPORTED_COMPRESSION_TYPE, true);
	if (first->magic < 2)
		return true;
	if (!frame_at(sl_from(records, first->bytes.n), &second, out))
		return false;
	return !second.bytes.p || refuse(out, KE_INVALID_RECORD, true);
}

bool kfk_check(const struct kfk_rules *r, int version, struct slice records, size_t plain_max, struct buf *scratch, struct kfk_checked *out)
{
	struct frame first;
	*out = (struct kfk_checked){ .why = sl(NULL), .trace = sl(NULL) };
	if (!check_frames(version, records, &first, out))
		return true;
	int rc = first.magic == 2 ? check_v2(r, first.bytes, plain_max, scratch, out) : check_old(r, records, plain_max, scratch, out);
	if (rc < 0)
		kfk_checked_free(out);
	return rc >= 0;
}

void kfk_check_parsed(const struct kfk_rules *r, const struct kp_batch *b, struct buf *scratch, struct kfk_checked *out)
{
	*out = (struct kfk_checked){ .b = *b, .why = sl(NULL), .trace = sl(NULL) };
	if ((int64_t)b->bytes.n > r->message_max)
		(void)refuse(out, KE_MESSAGE_TOO_LARGE, true);
	else
		(void)check_batch(r, KP_INFLATED_MAX, b->attributes & KP_ATTR_CODEC, scratch, out);
}
