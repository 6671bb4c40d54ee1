/* Records in, records out: what the writer writes, the reader takes, and ordering and writing it again gives the same
 * bytes once the order has settled. */
#include <stdlib.h>
#include <string.h>

#include "connect/connect.h"

static struct slice again(struct arena *a, struct slice text, bool *ok)
{
	struct jk_node *v;
	struct cv_data d;
	struct error err;
	struct buf b = { 0 };
	*ok = con_json(a, text, true, &v, &err) == 0;
	if (!*ok)
		return text;
	if (con_json_data(a, v, false, false, &d, &err))
		abort();
	cv_write_object(&b, &d.v);
	text = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	bool ok;
	struct slice one = again(&a, sl_of(p, n), &ok), two;
	if (ok) {
		two = again(&a, one, &ok);
		if (!ok || two.n != one.n)
			abort();
	}
	arena_free(&a);
	return 0;
}
