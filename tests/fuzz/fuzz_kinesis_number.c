/* Sequence numbers and hash keys: what is read of one is written, and read again, as the same; a hash key with the same digits. */
#include <stdlib.h>

#include "kinesis/kinesis.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice s = sl_of(p, n);
	char text[KIN_SEQ_TEXT], digits[KIN_HASH_TEXT];
	struct kin_seq q, again;
	kin_hash h;
	if (n && s.p[0] != '0' && kin_seq_parse(s, &q)) {
		kin_seq_text(&q, text);
		if (!kin_seq_parse(sl(text), &again) || again.create_s != q.create_s || again.index != q.index || again.time_s != q.time_s ||
		    again.shard != q.shard)
			abort();
	}
	if (n && s.p[0] != '0' && kin_hash_parse(s, &h)) {
		kin_hash_text(h, digits);
		if (!sl_eqs(s, digits))
			abort();
	}
	return 0;
}
