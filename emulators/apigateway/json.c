/* JSON texts of users -> values. A text's depth and number of values are looked at before any is made: three bytes of text
 * can make 150 of memory. */
#include "apigateway/api.h"

/* NULL: the text may be read; else why not. */
static const char *refuse(struct slice text, enum gw_text kind)
{
	const size_t depth_max = kind == GW_BODY ? GW_JSON_DEPTH_MAX : GW_DOC_DEPTH_MAX;
	const size_t nodes_max = kind == GW_BODY ? GW_JSON_NODES_MAX : GW_DOC_NODES_MAX;
	size_t nodes = 1, depth = 0;
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '"':
			for (i++; i < text.n && text.p[i] != '"'; i++)
				i += text.p[i] == '\\';
			break;
		case '{':
		case '[':
			nodes++;
			if (++depth > depth_max)
				return "it is nested too deep";
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			break;
		case ',':
		case ':':
			nodes++;
			break;
		}
		if (nodes > nodes_max)
			return "it has too many values";
	}
	return NULL;
}

json_t *gw_json(struct slice text, enum gw_text kind, struct error *err)
{
	const char *why = refuse(text, kind);
	json_error_t bad = { .line = 0 };
	json_t *out = why ? NULL : json_loadb(text.p ? text.p : "", text.n, JSON_DECODE_ANY, &bad);
	if (why)
		(void)err_set(err, ERR_LIMIT, "%s", why);
	else if (!out)
		(void)err_set(err, ERR_INVALID, "line %d: %s", bad.line, bad.text);
	return out;
}
