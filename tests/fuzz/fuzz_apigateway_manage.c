/* Documents and what clients send to change them: "JSON\nJSON" as a stage and its patch operations, as a schema and a
 * value; all of it as YAML. */
#include <jansson.h>
#include <string.h>

#include "apigateway/manage.h"
#include "apigateway/openapi.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const struct gw_patch_rule rules[] = {
	{ "/description", 's', "ar-" }, { "/variables/?", 'm', "ar-" }, { "/tracingEnabled", 'b', "r" }, { "/n", 'i', "ar" }, { "/f/g", 'f', "ar-" },
	{ "/binaryMediaTypes/?", 'l', "ar-" }, { "/requestParameters/?", 'M', "ar-" }, { "/canarySettings", 'o', "-" }, { "/a/b/?", 'l', "ar-" },
};
static const struct gw_patch patch = { GW_PATCH(rules) };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice all = sl_of(p, n), first, second;
	struct error err = { 0 };
	json_t *op, *copy;
	size_t i;
	JSON_AUTO yaml = gw_yaml(all);
	if (yaml) {
		struct buf b;
		buf_init(&b, 1 << 20);
		(void)(gw_yaml_write(yaml, &b) || b.bad);
		buf_free(&b);
	}
	(void)sl_cut(all, '\n', &first, &second);
	JSON_AUTO doc = json_loadb(first.n ? first.p : "", first.n, 0, NULL);
	JSON_AUTO value = second.n ? json_loadb(second.p, second.n, JSON_DECODE_ANY, NULL) : NULL;
	if (!doc || !value)
		return 0;
	static const bool goes_on;
	JSON_AUTO read = json_object();
	struct gw_schema with = { doc, read, 10000, &goes_on };
	(void)gw_schema_ok(&with, doc, value, 0);
	if (!json_is_object(doc))
		return 0;
	copy = json_deep_copy(doc);
	json_array_foreach(value, i, op) {
		struct gw_change c = { jstr(op, "op"), jstr(op, "path"), jstr(op, "value"), NULL };
		if (c.op && c.path && gw_change(copy, &c, &patch, &err) && !err.text[0])
			__builtin_trap();
	}
	json_decref(copy);
	return 0;
}
