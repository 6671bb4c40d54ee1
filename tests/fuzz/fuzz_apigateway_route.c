/* Request paths, and the first line as a resource path: what is added is found again. */
#include <stdlib.h>

#include "apigateway/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const fixed[] = { "/", "/a", "/a/{b}", "/a/{b}/c", "/{proxy+}", "/a/{b}/{rest+}" };
	struct gw_api *api = xcalloc(1, sizeof(*api));
	struct gw_node *node;
	struct gw_match m;
	struct error err;
	struct slice resource, path;
	(void)sl_cut(sl_of(p, n), '\n', &resource, &path);
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
		if (gw_resource(api, sl(fixed[i]), &node, &err))
			abort();
		node->methods[i % 2 ? GW_ANY : GW_GET] = arena_alloc(&api->arena, sizeof(struct gw_method));
	}
	if (gw_resource(api, resource, &node, &err) == 0) {
		if (!node->methods[GW_PUT])
			node->methods[GW_PUT] = arena_alloc(&api->arena, sizeof(struct gw_method));
		if (!gw_route(api, S("PUT"), resource, &m))
			abort();
	}
	if (gw_route(api, S("GET"), path.p ? path : S(""), &m))
		for (size_t i = 0; i < m.value_n; i++)
			if (!m.values[i].name.p || !m.values[i].value.n)
				abort();
	gw_api_free(api);
	return 0;
}
