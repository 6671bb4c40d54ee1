/* Record batches and message sets, as sent and under a right checksum: whatever opens goes to the old formats and back. */
#include "kafka/kafka.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct kp_builder made = { 0 };
	int codec;
	parse(sl_of(p, n));
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
		free(q);
	}
	return 0;
}
