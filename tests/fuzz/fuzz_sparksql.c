/* Spark SQL statements: split, parsed and printed. */
#include "sparksql/lex.h"
#include "sparksql/parse.h"
#include "../sparksql/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice text = { (const char *)p, n }, part;
	size_t at = 0;
	while ((part = sp_split(text, &at)).p) {
		struct arena a = { 0 };
		struct sp_error err = { 0 };
		struct sp_stmt *s;
		struct buf b = { .max = 1 << 20 };
		if (sp_parse(&a, part, &s, &err))
			sp_error_message(&b, &err, part);
		else
			tree_print(&b, s);
		sp_error_free(&err);
		buf_free(&b);
		arena_free(&a);
	}
	return 0;
}
