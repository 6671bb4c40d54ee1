/* Any bytes as an export: imported and freed, or refused with a reason. */
#include <stdlib.h>

#include "apigateway/openapi.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct gw_api *api = NULL;
	struct error err = { 0 };
	struct gw_match m;
	if (gw_import(sl_of(p, n), &api, &err)) {
		if (api || !err.text[0])
			abort();
		return 0;
	}
	if (gw_route(api, S("GET"), S("/topics/x/y"), &m)) {
		(void)gw_pick_answer(&m.method->in, 200);
		(void)gw_mock_status(m.method->in.uri);
	}
	gw_api_free(api);
	return 0;
}
