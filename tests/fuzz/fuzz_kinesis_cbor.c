/* CBOR bodies. What is read is written as CBOR that reads as the same again. */
#include <stdlib.h>

#include "kinesis/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf one = { 0 }, two = { 0 };
	struct error err;
	json_t *v = kin_cbor_read(sl_of(p, n), &err);
	if (v) {
		kin_cbor_write(v, &one);
		json_t *again = kin_cbor_read(buf_slice(&one), &err);
		if (!again)
			abort();
		kin_cbor_write(again, &two);
		if (!sl_eq(buf_slice(&one), buf_slice(&two)))
			abort();
		json_decref(again);
	}
	json_decref(v);
	buf_free(&one);
	buf_free(&two);
	return 0;
}
