/* A JSON path, a line end, a document. A plain path leads to the same in the document's tokens as in its value, and each
 * token is copied as its value is written. What the path leads to is printed in both forms, and JSON without fractions and
 * exponents is read back the same (json-smart takes those for a Double or a BigDecimal by the length of their text). */
#include <stdlib.h>
#include <string.h>

#include "velocity/path.h"

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

static void compare_writers(struct arena *a, const struct vtl_doc *d)
{
	struct slice copied;
	struct buf b;
	buf_init(&b, 1 << 20);
	/* Children are seen through their parents too: a few tokens do. */
	for (size_t at = 0; at < d->n && at < 8; at++) {
		buf_reset(&b);
		if (!vtl_doc_json(d, at, a, &copied))
			continue;
		vtl_json_write(&b, vtl_doc_value(d, at, a), false);
		if (!b.bad && !sl_eq(copied, buf_slice(&b)))
			abort();
	}
	buf_free(&b);
}

static void compare_paths(struct arena *a, const struct vtl_doc *d, const struct jp_path *path)
{
	struct vtl_value v;
	size_t visited = 0, at;
	bool found = jp_find(a, d, path, &visited, &at);
	int status = jp_run(a, vtl_doc_value(d, 0, a), path, &visited, &v);
	if (status == ERR_LIMIT)
		return;
	if (found != (status == 0))
		abort();
	/* NaN and the like equal nothing; their texts do. */
	if (found && !vtl_equals(v, vtl_doc_value(d, at, a)) && v.type != VTL_DOUBLE)
		abort();
}

static void compare(struct arena *a, struct slice path, struct slice text)
{
	struct jp_path compiled;
	struct vtl_doc d;
	if (vtl_doc_read(&d, text)) {
		compare_writers(a, &d);
		if (jp_compile(a, path, 0, &compiled) == 0 && compiled.plain)
			compare_paths(a, &d, &compiled);
	}
	vtl_doc_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct slice path, body;
	struct vtl_value root, v;
	size_t visited = 0;
	sl_cut((struct slice){ (const char *)p, n }, '\n', &path, &body);
	compare(&a, path, body);
	if (body.n && vtl_json_read(&a, body, &root) && jp_read(&a, root, path, &visited, &v) == 0)
		read_back(&a, v);
	arena_free(&a);
	return 0;
}
