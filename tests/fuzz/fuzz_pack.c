/* A snapshot's file: manifest, parts, checksums. What opens is read; nothing may be written or asked for beyond what the file says. */
#include "core/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct pack_in in = { 0 };
	struct error err;
	struct buf part = { .max = 1 << 20 };
	if (pack_open(&in, -1, sl_of((const char *)p, n), &err))
		return 0;
	for (size_t i = 0; i < in.part_n && i < 64; i++) {
		buf_reset(&part);
		if (in.parts[i].size <= 1 << 20 && pack_read(&in, &in.parts[i], &part, &err))
			break;
	}
	(void)pack_find(&in, "kafka.db");
	buf_free(&part);
	pack_close(&in);
	return 0;
}
