/* .properties files; what was read and written as JSON reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "connect/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct con_config c = { 0 };
	struct con_judgement j;
	struct arena a = { 0 };
	struct error err;
	if (con_properties(sl_of(p, n), &c, &err) == 0) {
		con_judge(&a, &c, CON_S3_10_0, &j);
		for (size_t i = 0; i < c.n; i++)
			if (con_get(&c, c.pairs[i].key) != c.pairs[i].value)
				abort();
	}
	con_config_free(&c);
	arena_free(&a);
	return 0;
}
