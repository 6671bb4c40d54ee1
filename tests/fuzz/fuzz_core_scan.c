/* What the scanner accepts, jansson accepts and reads the same; and what scan_skip passes over is what scan_tree reads. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../core/scan_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void need(bool what)
{
	if (!what)
		abort();
}

/* Depth of brackets, so that the recursion above stays small. */
static bool deep(struct slice s)
{
	size_t open = 0;
	for (size_t i = 0; i < s.n; i++)
		open += s.p[i] == '[' || s.p[i] == '{';
	return open > 500;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct slice text = sl_of(p, n);
	struct scan_value v;
	if (deep(text))
		return 0;
	json_t *ours = scan_tree(text, &a);
	if (ours) {
		json_t *theirs = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
		need(theirs && same_tree(ours, theirs));
		json_decref(theirs);
	}
	struct scan s = scan_of(text, &a);
	bool skipped = scan_value(&s, &v) && scan_skip(&s, &v) && scan_end(&s);
	need(!skipped || ours);
	json_decref(ours);
	arena_free(&a);
	return 0;
}
