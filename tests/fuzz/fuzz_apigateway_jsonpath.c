/* A JSON path, a line end, a document: what it leads to is printed in both forms, and JSON without fractions and
 * exponents is read back the same (json-smart takes those for a Double or a BigDecimal by the length of their text). */
#include <stdlib.h>
#include <string.h>

#include "apigateway/jsonpath.h"

static void read_back(struct arena *a, struct vtl_value v)
{
	struct vtl_value again;
	struct buf b, c;

	buf_init(&b, 1 << 20);
	buf_init(&c, 1 << 20);
	vtl_print(&b, v);
	buf_reset(&b);
	vtl_json_write(&b, v, false);
	if (!b.bad && sl_chr(buf_slice(&b), '.') < 0 && sl_chr(buf_slice(&b), 'E') < 0 &&
	    sl_is_utf8(buf_slice(&b)) && vtl_json_read(a, buf_slice(&b), &again)) {
		vtl_json_write(&c, again, false);
		if (!sl_eq(buf_slice(&b), buf_slice(&c)))
			abort();
	}
	buf_free(&b);
	buf_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct slice path, body;
	struct vtl_value root, v;
	size_t visited = 0;

	sl_cut((struct slice){ (const char *)p, n }, '\n', &path, &body);
	if (body.n && vtl_json_read(&a, body, &root) && jp_read(&a, root, path, &visited, &v) == 0)
		read_back(&a, v);
	arena_free(&a);
	return 0;
}
