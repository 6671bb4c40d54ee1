/* A Java pattern, a line end, a text: translated, compiled, searched. */
#include "java/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice pattern, text;
	struct arena a = { 0 };
	struct java_regex x;
	struct error err;
	(void)sl_cut(sl_of(data, n), '\n', &pattern, &text);
	if (!java_regex_open(&x, &a, pattern, JAVA_REGEX_EXACT, &err)) {
		x.most = 10000;
		for (size_t from = 0; from <= text.n && text.p && java_regex_find(&x, text, from) > 0; from = java_regex_behind(&x, text))
			;
	}
	java_regex_free(&x);
	arena_free(&a);
	return 0;
}
