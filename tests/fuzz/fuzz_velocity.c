/* A mapping template and its body, with a zero byte between: parsed, rendered, bounded. */
#include <string.h>

#include "velocity/velocity.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct vtl_pair pairs[] = { { S("x"), S("1") }, { S("id"), S("a/b c") } };
	struct arena a = { 0 };
	const uint8_t *zero = n ? memchr(p, 0, n) : NULL;
	size_t cut = zero ? (size_t)(zero - p) : n;
	struct vtl_input in = { .arena = &a, .path = pairs, .path_n = 2, .query = pairs, .query_n = 1, .header = pairs, .header_n = 2,
				.stage = pairs, .stage_n = 1, .context = vtl_map_new(&a), .loops_max = 50 };
	struct vtl_tree *tree;
	struct error err;
	struct buf out;
	if (zero)
		in.body = (struct slice){ (const char *)zero + 1, n - cut - 1 };
	buf_init(&out, 1 << 16);
	vtl_map_at(in.context, "requestOverride.header");
	if (vtl_parse(&a, (struct slice){ (const char *)p, cut }, 300 << 10, &tree, &err) == 0)
		(void)(vtl_render(tree, &in, &out, &err) == 0);
	buf_free(&out);
	arena_free(&a);
	return 0;
}
