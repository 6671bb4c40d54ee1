/* What operations read of requests, and how they answer. */
#include "core/json.h"
#include "databricks/databricks.h"

void dbx_reply(struct http_call *call, int status, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	http_reply(call, status, "application/json", sl(text ? text : "{}"));
	free(text);
}

struct slice dbx_param(const struct dbx_in *in, const char *name)
{
	const json_t *v = json_object_get(in->body, name);
	if (json_is_string(v))
		return sl_of(json_string_value(v), json_string_length(v));
	if (json_is_integer(v))
		return arena_printf(in->call->req.arena, "%lld", (long long)json_integer_value(v));
	return in->body && v ? S("?") : http_query(&in->call->req, name);
}

bool dbx_number(const struct dbx_in *in, const char *name, int64_t *out)
{
	struct slice s = dbx_param(in, name);
	if (!s.p)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: %s", name);
	else if (!sl_int(s, 0, INT64_MAX, out))
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Invalid value for field %s: expected int64", name);
	else
		return true;
	return false;
}

bool dbx_page_of(const struct dbx_in *in, int64_t otherwise, int64_t *limit, int64_t *offset)
{
	struct slice l = dbx_param(in, "limit"), o = dbx_param(in, "offset"), p = dbx_param(in, "listen_page_token");
	*limit = otherwise;
	*offset = 0;
	if ((l.p && !sl_int(l, 0, DBX_LIST_MAX, limit)) || (o.p && !sl_int(o, 0, 10000, offset)) ||
	    (p.n && !sl_int(p, 0, INT32_MAX, offset))) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Invalid limit, offset or page_token: limit is at most %d", DBX_LIST_MAX);
		return false;
	}
	*limit = *limit ? *limit : otherwise;
	return true;
}

void dbx_page_add(json_t *out, const char *key, json_t *items, int64_t offset, int64_t limit, int64_t seen)
{
	bool more = seen > offset + limit;
	if (json_array_size(items))
		json_object_set(out, key, items);
	json_object_set_new(out, "has_more", json_boolean(more));
	if (more) {
		char text[24];
		snprintf(text, sizeof(text), "%lld", (long long)(offset + limit));
		json_object_set_new(out, "next_page_token", json_string(text));
	}
	if (offset)
		json_object_set_new(out, "prev_page_token", json_string("0"));
	json_decref(items);
}
