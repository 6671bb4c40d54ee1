/* Parameter mappings: how they are written, and what their sources give. */
#include "apigateway/run.h"

bool gw_target_read(struct slice text, struct gw_param *p)
{
	struct slice rest, *v = &p->name;
	if (!sl_after(text, S("integration.request."), &rest) && !sl_after(text, S("method.response."), &rest) &&
	    !sl_after(text, S("method.request."), &rest))
		return false;
	if (sl_after(rest, S("header."), v) || sl_after(rest, S("multivalueheader."), v))
		p->place = GW_HEADER;
	else if (sl_after(rest, S("querystring."), v) || sl_after(rest, S("multivaluequerystring."), v))
		p->place = GW_QUERY;
	else if (sl_after(rest, S("path."), v))
		p->place = GW_PATH;
	else
		return false;
	return true;
}

bool gw_source_read(struct slice text, struct gw_param *p)
{
	struct slice rest = text, *v = &p->value;
	if (text.n >= 2 && text.p[0] == '\'' && text.p[text.n - 1] == '\'') {
		p->source = GW_FROM_STATIC;
		*v = sl_of(text.p + 1, text.n - 2);
		return true;
	}
	if (!sl_after(text, S("method.request."), &rest))
		(void)sl_after(text, S("integration.response."), &rest);
	if (sl_after(rest, S("header."), v) || sl_after(rest, S("multivalueheader."), v))
		p->source = GW_FROM_HEADER;
	else if (sl_after(rest, S("querystring."), v) || sl_after(rest, S("multivaluequerystring."), v))
		p->source = GW_FROM_QUERY;
	else if (sl_after(rest, S("path."), v))
		p->source = GW_FROM_PATH;
	else if (sl_starts(rest, S("body")))
		p->source = GW_FROM_BODY, *v = rest;
	else if (sl_after(text, S("stageVariables."), v))
		p->source = GW_FROM_STAGE;
	else if (sl_after(text, S("context."), v))
		p->source = GW_FROM_CONTEXT;
	else
		return false;
	return true;
}

struct slice gw_path_value(const struct gw_call *c, struct slice name)
{
	for (size_t i = 0; i < c->match.value_n; i++)
		if (sl_eq(c->match.values[i].name, name))
			return c->match.values[i].value;
	return sl(NULL);
}

struct slice gw_stage_variable(const struct gw_call *c, struct slice name)
{
	for (size_t i = 0; i < c->var_n; i++)
		if (sl_eq(c->vars[i].name, name))
			return c->vars[i].value;
	return sl(NULL);
}

/* "body.a.b[0].c": the way into a JSON body. */
struct slice gw_body_value(struct arena *a, struct slice expression, struct slice body)
{
	struct slice rest, out = { 0 };
	json_t *at;
	if (!sl_after(expression, S("body"), &rest) || !rest.n)
		return body;
	JSON_AUTO doc = gw_json(body, GW_BODY, NULL);
	at = doc;
	while (at && rest.n) {
		size_t n = 1;
		int64_t i;
		while (n < rest.n && !strchr(".[]", rest.p[n]))
			n++;
		if (rest.p[0] == '.')
			at = json_object_get(at, arena_cstr(a, sl_of(rest.p + 1, n - 1)));
		else if (rest.p[0] == '[' && sl_int(sl_of(rest.p + 1, n - 1), 0, INT32_MAX, &i))
			at = json_array_get(at, (size_t)i);
		else if (rest.p[0] != ']')
			at = NULL;
		rest = sl_from(rest, n);
	}
	if (json_is_string(at)) {
		out = arena_dup(a, json_slice(at));
	} else if (at && !json_is_null(at)) {
		char *text = json_dumps(at, JSON_COMPACT | JSON_ENCODE_ANY);
		out = arena_dup(a, sl(text));
		free(text);
	}
	return out;
}

struct slice gw_value(const struct gw_call *c, const struct gw_param *p)
{
	struct http_req *req = &c->call->req;
	struct slice v;
	switch (p->source) {
	case GW_FROM_STATIC:
		return p->value;
	case GW_FROM_HEADER:
		return gw_header(req->headers, req->header_n, p->value);
	case GW_FROM_QUERY:
		return http_query(req, arena_cstr(req->arena, p->value));
	case GW_FROM_PATH:
		v = gw_path_value(c, p->value);
		return v.p ? arena_url_decode(req->arena, v, false) : v;
	case GW_FROM_BODY:
		return gw_body_value(req->arena, p->value, req->body);
	case GW_FROM_STAGE:
		return gw_stage_variable(c, p->value);
	case GW_FROM_CONTEXT:
		return gw_context(c, p->value);
	}
	return sl(NULL);
}
