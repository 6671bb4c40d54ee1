/* $context: what a call is, and what templates write to it. */
#include "apigateway/run.h"

enum { MEMBERS = 18 };

/* Those that don't depend on templates. */
static void members(const struct gw_call *c, struct vtl_pair out[MEMBERS])
{
	const struct http_req *req = &c->call->req;
	struct slice host = http_get(req, "Host"), prefix = host, rest;
	struct slice path = c->stage.n ? arena_printf(req->arena, "/%.*s%.*s", SL(c->stage), SL(c->path)) : c->path;
	if (host.p)
		(void)sl_cut(host, '.', &prefix, &rest);
	const struct vtl_pair known[MEMBERS] = {
		{ S("requestId"), sl(c->request_id) },
		{ S("extendedRequestId"), sl(c->extended_id) },
		{ S("apiId"), c->api->id },
		{ S("stage"), c->stage },
		{ S("httpMethod"), req->method },
		{ S("path"), path },
		{ S("resourcePath"), c->match.node ? c->match.node->path : S("") },
		{ S("resourceId"), c->match.node ? c->match.node->id : S("") },
		{ S("protocol"), req->version },
		{ S("accountId"), c->api->account.n ? c->api->account : sl(c->g->account) },
		{ S("domainName"), host },
		{ S("domainPrefix"), prefix },
		{ S("deploymentId"), jslice(c->st ? c->st->doc : NULL, "deploymentId") },
		{ S("isCanaryRequest"), c->canary ? S("true") : S("false") },
		{ S("identity.sourceIp"), req->remote },
		{ S("identity.userAgent"), http_get(req, "User-Agent") },
		{ S("identity.apiKey"), http_get(req, "x-api-key") },
		{ S("identity.apiKeyId"), jslice(c->key, "id") },
	};
	memcpy(out, known, sizeof(known));
}

struct slice gw_context(const struct gw_call *c, struct slice name)
{
	struct vtl_pair known[MEMBERS];
	members(c, known);
	for (size_t i = 0; i < MEMBERS; i++)
		if (sl_eq(name, known[i].name))
			return known[i].value;
	return sl(NULL);
}

/* "05/Jan/2026:09:00:00 +0000" */
static struct slice request_time(struct arena *a, int64_t ms)
{
	char d[40];
	clock_http(ms, d); /* "Mon, 05 Jan 2026 09:00:00 GMT" */
	return arena_printf(a, "%.2s/%.3s/%.4s:%.8s +0000", d + 5, d + 8, d + 12, d + 17);
}

void gw_context_make(struct gw_call *c)
{
	static const char *const maps[] = { "requestOverride.header", "requestOverride.querystring", "requestOverride.path", "responseOverride.header" };
	struct arena *a = c->call->req.arena;
	struct vtl_pair known[MEMBERS];
	if (c->context)
		return;
	c->context = vtl_map_new(a);
	members(c, known);
	for (size_t i = 0; i < MEMBERS; i++)
		if (known[i].value.p)
			vtl_map_set(c->context, known[i].name.p, known[i].value);
	vtl_map_set(c->context, "requestTime", request_time(a, c->call->req.now_ms));
	vtl_map_set(c->context, "requestTimeEpoch", arena_printf(a, "%lld", (long long)c->call->req.now_ms));
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		(void)vtl_map_at(c->context, maps[i]);
}

void gw_context_set(struct gw_call *c, const char *path, struct slice value)
{
	gw_context_make(c);
	vtl_map_set(c->context, path, value);
}

struct slice gw_override(const struct gw_call *c, const char *name)
{
	return c->context ? vtl_map_text(c->context, name) : sl(NULL);
}

bool gw_override_next(const struct gw_call *c, const char *map, size_t *i, struct slice *name, struct slice *value)
{
	return c->context && vtl_map_next(vtl_map_at(c->context, map), i, name, value);
}
