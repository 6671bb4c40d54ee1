/* Scenario, configuration, time and encoding parsers over any bytes. */
#include <stdint.h>

#include "core/conf.h"
#include "scenario/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice text = sl_of(p, n), out;
	struct scenario sc;
	struct error err;
	struct arena a = { 0 };
	int64_t v;
	struct conf *c = conf_new();
	int rc = scenario_parse(&sc, "fuzz", text, &err);
	scenario_free(&sc);
	rc |= conf_parse(c, "fuzz", text, &err);
	conf_free(c);
	rc |= clock_parse_iso(text, &v) | clock_parse_duration(text, &v);
	rc |= arena_base64(&a, text, &out);
	(void)arena_url_decode(&a, text, true);
	rc |= sl_is_utf8(text);
	arena_free(&a);
	return rc & 0;
}
