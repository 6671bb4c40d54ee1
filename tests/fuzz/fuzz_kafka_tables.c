/* Every table of messages, in any version: what can be read is written, and read again as the same. The first bytes say which: its number (two
 * bytes), the version, and, above it, whether it is flexible. */
#include "kproto/message.h"

#include <stdlib.h>

#define ADDRESS(type, rows) &type##_table,
static const struct kp_table *const tables[] = { KP_STRUCTS(ADDRESS) };

static void round_trip(const struct kp_table *t, int16_t version, bool flex, struct slice in)
{
	struct arena a = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct rd r = rd_of(in.p, in.n), again;
	void *message = arena_alloc(&a, t->size), *same = arena_alloc(&a, t->size);
	if (kp_read(t, version, flex, &r, &a, message)) {
		kp_write(t, version, flex, message, &once);
		again = rd_of(once.p, once.n);
		if (once.bad || !kp_read(t, version, flex, &again, &a, same) || again.n)
			abort();
		kp_write(t, version, flex, same, &twice);
		if (!sl_eq(buf_slice(&once), buf_slice(&twice)))
			abort();
	}
	buf_free(&once);
	buf_free(&twice);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rd r = rd_of(p, n), whole = rd_of(p, n);
	struct kp_header h = { 0 };
	uint16_t which = rd_u16be(&r);
	uint8_t how = rd_u8(&r);
	if (!r.bad)
		round_trip(tables[which % ARRAY_LEN(tables)], how & 31, how >> 7, sl_of(r.p, r.n));
	if (kp_header_read(&whole, &h) && !h.api)
		abort();
	return 0;
}
