/* Record batches and message sets, as sent and under a right checksum: whatever opens goes to the old formats and back; whatever the broker
 * would keep can be read, and compacted. */
#include "kafka/check.h"
#include "kafka/compact.h"

#include <stdlib.h>
#include <string.h>

enum { CRC_AT = 17, CRC_FROM = 21 };

static void walk(const struct kp_batch *b)
{
	struct buf plain = { .max = 1 << 20 }, set = { .max = 1 << 20 };
	struct kp_cursor cur;
	struct kp_record r;
	int32_t n = 0;
	if (kp_cursor_open(&cur, b, &plain) == 0) {
		while (kp_cursor_next(&cur, &r))
			n++;
		if (!cur.bad && n != b->count && b->count > 0)
			abort();
	}
	for (int magic = 0; magic <= 1; magic++) {
		struct kp_builder again = { 0 };
		int codec;
		buf_reset(&set);
		if (kp_message_set_write(b, magic, INT64_MIN, &set) == 0 && !set.bad && n &&
		    (kp_message_set_read(buf_slice(&set), KFK_MESSAGE_MAX, &again, &codec) || again.count != n))
			abort();
		kp_builder_free(&again);
	}
	buf_free(&plain);
	buf_free(&set);
}

static void parse(struct slice in)
{
	struct kp_batch b;
	if (kp_batch_parse(in, &b) == KE_NONE)
		walk(&b);
}

static void readable(struct slice batch, struct buf *plain)
{
	struct kp_batch b;
	struct kp_cursor cur;
	struct kp_record r;
	if (kp_batch_parse(batch, &b) || kp_cursor_open(&cur, &b, plain))
		abort();
	while (kp_cursor_next(&cur, &r))
		;
	if (cur.bad)
		abort();
}

static void compact(struct slice batch, struct buf *plain)
{
	struct kfk_clean c = { .keys = kfk_keys_new(), .now_ms = 1000, .tombstone_ms = 1000, .horizon = INT64_MAX };
	struct buf out = { 0 };
	size_t n;
	(void)kfk_clean_learn(&c, batch, 0);
	struct kfk_cleaned *all = kfk_clean_batches(&c, batch, &out, &n);
	for (size_t i = 0; i < n; i++)
		if (all[i].n && all[i].at != SIZE_MAX)
			readable(sl_of(out.p + all[i].at, all[i].n), plain);
	free(all);
	buf_free(&out);
	kfk_keys_free(c.keys);
}

/* As a Produce request has it; how: of which version, and what is kept of it. */
static void keep(struct slice records, uint8_t how)
{
	struct buf plain = { .max = 1 << 20 };
	struct kfk_rules r = { .topic = "t", .message_max = KP_INFLATED_MAX, .segment_max = INT32_MAX, .now_ms = 1700000000000, .before_ms = INT64_MAX,
			       .after_ms = INT64_MAX, .append_time = how & 1, .codec = how % 7 < 6 ? how % 7 - 1 : -1, .level = -1 };
	struct kfk_checked c;
	if (!kfk_check(&r, how & 2 ? 2 : 12, records, 1 << 20, &plain, &c))
		return buf_free(&plain);
	if (!c.code && !c.none) {
		readable(c.b.bytes, &plain);
		compact(c.b.bytes, &plain);
	}
	kfk_checked_free(&c);
	buf_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct kp_builder made = { 0 };
	int codec;
	parse(sl_of(p, n));
	keep(sl_of(p, n), n ? p[n - 1] : 0);
	(void)(kp_message_set_read(sl_of(p, n), KFK_MESSAGE_MAX, &made, &codec) == 0);
	kp_builder_free(&made);
	if (n >= KP_BATCH_HEADER) { /* so that a change gets past the checksum */
		uint8_t *q = malloc(n);
		uint32_t length = (uint32_t)n - 12, crc;
		memcpy(q, p, n);
		for (int i = 0; i < 4; i++)
			q[8 + i] = (uint8_t)(length >> (24 - 8 * i));
		q[16] = 2;
		crc = kp_crc32c(0, q + CRC_FROM, n - CRC_FROM);
		for (int i = 0; i < 4; i++)
			q[CRC_AT + i] = (uint8_t)(crc >> (24 - 8 * i));
		parse(sl_of(q, n));
		memset(q, 0, 8);
		keep(sl_of(q, n), p[7]);
		free(q);
	}
	return 0;
}
