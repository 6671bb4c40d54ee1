/* Request paths, and the first line as a resource path: what is added is found again. */
#include <stdlib.h>

#include "apigateway/apigateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const fixed[] = { "/", "/a", "/a/{b}", "/a/{b}/c", "/{proxy+}", "/a/{b}/{rest+}" };
	struct agw_api *api = xcalloc(1, sizeof(*api));
	struct agw_node *node;
	struct agw_match m;
	struct error err;
	struct slice resource, path;

	(void)sl_cut(sl_of(p, n), '\n', &resource, &path);
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
		if (agw_resource(api, sl(fixed[i]), &node, &err))
			abort();
		node->methods[i % 2 ? AGW_ANY : AGW_GET] = arena_alloc(&api->arena, sizeof(struct agw_method));
	}
	if (agw_resource(api, resource, &node, &err) == 0) {
		if (!node->methods[AGW_PUT])
			node->methods[AGW_PUT] = arena_alloc(&api->arena, sizeof(struct agw_method));
		if (!agw_route(api, S("PUT"), resource, &m))
			abort();
	}
	if (agw_route(api, S("GET"), path.p ? path : S(""), &m))
		for (size_t i = 0; i < m.value_n; i++)
			if (!m.values[i].name.p || !m.values[i].value.n)
				abort();
	agw_api_free(api);
	return 0;
}
