/* Bodies of produce requests. What parses as JSON is written as JSON that parses again to the same bytes. */
#include <stdlib.h>

#include "rest/rest.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void check_again(struct arena *a, struct slice value)
{
	struct slice body = arena_printf(a, "{\"records\":[{\"value\":%.*s}]}", SL(value));
	struct rest_produce again = { 0 };
	struct rest_error e;
	if (rest_parse_produce(a, body, REST_JSON, &again, &e) || again.record_n != 1)
		abort();
	/* A value that is null has no bytes. */
	if (again.records[0].value.p && !sl_eq(again.records[0].value, value))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct slice body = sl_of(p, n);
	struct rest_produce out = { 0 };
	struct rest_error e;
	if (rest_parse_produce(&a, body, REST_JSON, &out, &e) == 0)
		for (size_t i = 0; i < out.record_n; i++)
			if (out.records[i].value.p)
				check_again(&a, out.records[i].value);
	(void)(rest_parse_produce(&a, body, REST_BINARY, &out, &e) == 0);
	(void)(rest_parse_map(&a, body, &e) == 0);
	arena_free(&a);
	return 0;
}
