/* What mapping templates see of a call, and what they leave behind. */
#include <stdio.h>
#include <string.h>

#include "apigateway/manage.h"
#include "velocity/velocity.h"

enum { LOOPS_MAX = 1000 /* AWS: #foreach iterations */, OUTPUT_LIKELY = 1000 };

void gw_template_read(struct arena *a, struct gw_template *t)
{
	struct error err;
	if (vtl_parse(a, t->text, &t->tree, &err)) {
		t->tree = NULL;
		t->bad = arena_cstr(a, sl(err.text));
	}
}

/* "05/Jan/2026:09:00:00 +0000" */
static struct slice request_time(struct arena *a, int64_t ms)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t s = ms / 1000;
	int y, m, d;
	clock_civil(s / 86400, &y, &m, &d);
	return arena_printf(a, "%02d/%s/%04d:%02d:%02d:%02d +0000", d, months[m - 1], y, (int)(s % 86400 / 3600), (int)(s % 3600 / 60), (int)(s % 60));
}

static void make_context(struct gw_call *c)
{
	static const char *const names[] = {
		"requestId", "extendedRequestId", "apiId", "stage", "httpMethod", "path", "resourcePath", "resourceId", "protocol", "accountId",
		"domainName", "domainPrefix", "deploymentId", "isCanaryRequest", "identity.sourceIp", "identity.userAgent", "identity.apiKey",
		"identity.apiKeyId",
	};
	struct arena *a = c->call->req.arena;
	struct vtl_map *m = vtl_map_new(a);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct slice v = gw_context(c, sl(names[i]));
		if (v.p)
			vtl_map_set(m, names[i], v);
	}
	vtl_map_set(m, "requestTime", request_time(a, c->call->req.now_ms));
	vtl_map_set(m, "requestTimeEpoch", arena_printf(a, "%lld", (long long)c->call->req.now_ms));
	(void)vtl_map_at(m, "requestOverride.header");
	(void)vtl_map_at(m, "requestOverride.querystring");
	(void)vtl_map_at(m, "requestOverride.path");
	(void)vtl_map_at(m, "responseOverride.header");
	c->context = m;
}

/* Values of a path's parameters are decoded. */
static struct vtl_pair *path_pairs(const struct gw_call *c, struct arena *a)
{
	struct vtl_pair *out = arena_alloc(a, (c->match.value_n + 1) * sizeof(*out));
	for (size_t i = 0; i < c->match.value_n; i++) {
		out[i].name = c->match.values[i].name;
		out[i].value = arena_url_decode(a, c->match.values[i].value, false);
	}
	return out;
}

static struct vtl_pair *query_pairs(struct http_req *req, struct arena *a, size_t *n)
{
	struct slice name, value;
	size_t pos = 0, cap = 0;
	struct vtl_pair *out;
	while (http_query_next(req, &pos, &name, &value))
		cap++;
	out = arena_alloc(a, (cap + 1) * sizeof(*out));
	pos = 0;
	while (http_query_next(req, &pos, &name, &value)) {
		out[*n].name = arena_url_decode(a, name, true);
		out[(*n)++].value = value.p ? arena_url_decode(a, value, true) : S("");
	}
	return out;
}

int gw_render(struct gw_call *c, const struct gw_template *t, struct slice body, struct slice *out, struct error *err)
{
	struct http_req *req = &c->call->req;
	struct vtl_input in = { .arena = req->arena, .body = body, .stage_n = c->var_n, .loops_max = LOOPS_MAX };
	struct vtl_pair *header = arena_alloc(req->arena, (req->header_n + 1) * sizeof(*header));
	struct vtl_pair *stage = arena_alloc(req->arena, (c->var_n + 1) * sizeof(*stage));
	struct buf b;
	int rc;
	if (!t->tree)
		return err_set(err, ERR_INVALID, "%s", t->bad ? t->bad : "no template");
	if (!c->context && vtl_uses_context(t->tree))
		make_context(c);
	for (size_t i = 0; i < req->header_n; i++)
		header[i] = (struct vtl_pair){ req->headers[i].name, req->headers[i].value };
	for (size_t i = 0; i < c->var_n; i++)
		stage[i] = (struct vtl_pair){ c->vars[i].name, c->vars[i].value };
	in.path = path_pairs(c, req->arena);
	in.path_n = c->match.value_n;
	in.query = query_pairs(req, req->arena, &in.query_n);
	in.header = header;
	in.header_n = req->header_n;
	in.stage = stage;
	in.context = c->context;
	buf_init(&b, GW_BODY_MAX);
	(void)buf_room(&b, OUTPUT_LIKELY);
	rc = vtl_render(t->tree, &in, &b, err);
	if (!rc)
		*out = arena_dup(req->arena, buf_slice(&b));
	buf_free(&b);
	return rc;
}

void gw_context_set(struct gw_call *c, const char *path, struct slice value)
{
	if (!c->context)
		make_context(c);
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
