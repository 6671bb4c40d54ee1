/* Parameters, urls and templates of one call. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/apigateway.h"
#include "velocity/value.h"

struct slice gw_header_of(const struct http_req *req, struct slice name)
{
	for (size_t i = 0; i < req->header_n; i++)
		if (sl_eq_nocase(req->headers[i].name, name))
			return req->headers[i].value;
	return sl(NULL);
}

static struct slice path_value(const struct gw_call *c, struct slice name)
{
	for (size_t i = 0; i < c->match.value_n; i++)
		if (sl_eq(c->match.values[i].name, name))
			return c->match.values[i].value;
	return sl(NULL);
}

static struct slice stage_variable(const struct gw_call *c, struct slice name)
{
	for (size_t i = 0; i < c->var_n; i++)
		if (sl_eq(c->vars[i].name, name))
			return c->vars[i].value;
	return sl(NULL);
}

struct slice gw_context(const struct gw_call *c, struct slice name)
{
	const struct http_req *req = &c->call->req;
	struct slice host = gw_header_of(req, S("Host")), prefix = host, rest;
	struct slice full = c->stage.n ? arena_printf(req->arena, "/%.*s%.*s", SL(c->stage), SL(c->path)) : c->path;
	if (host.p)
		(void)sl_cut(host, '.', &prefix, &rest);
	const struct {
		const char *name;
		struct slice value;
	} known[] = {
		{ "requestId", sl(c->request_id) },
		{ "extendedRequestId", sl(c->extended_id) },
		{ "apiId", c->api->id },
		{ "stage", c->stage },
		{ "httpMethod", req->method },
		{ "path", full },
		{ "resourcePath", c->match.node ? c->match.node->path : S("") },
		{ "resourceId", c->match.node ? c->match.node->id : S("") },
		{ "protocol", req->version },
		{ "accountId", S("000000000000") },
		{ "domainName", host },
		{ "domainPrefix", prefix },
		{ "deploymentId", sl(json_string_value(json_object_get(c->st ? c->st->doc : NULL, "deploymentId"))) },
		{ "isCanaryRequest", c->canary ? S("true") : S("false") },
		{ "identity.sourceIp", req->remote },
		{ "identity.userAgent", gw_header_of(req, S("User-Agent")) },
		{ "identity.apiKey", gw_header_of(req, S("x-api-key")) },
		{ "identity.apiKeyId", sl(json_string_value(json_object_get(c->key, "id"))) },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (sl_eqs(name, known[i].name))
			return known[i].value;
	return sl(NULL);
}

/* "body.a.b[0].c": the way into a JSON body. */
struct slice gw_body_value(struct arena *a, struct slice expression, struct slice body)
{
	struct slice rest = sl_of(expression.p + 4, expression.n - 4), out = { 0 };
	json_t *doc, *at;
	char *text;
	if (!rest.n)
		return body;
	doc = at = json_loadb(body.p ? body.p : "", body.n, JSON_DECODE_ANY, NULL);
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
		rest = sl_of(rest.p + n, rest.n - n);
	}
	if (json_is_string(at)) {
		out = arena_dup(a, sl_of(json_string_value(at), json_string_length(at)));
	} else if (at && !json_is_null(at)) {
		text = json_dumps(at, JSON_COMPACT | JSON_ENCODE_ANY);
		out = arena_dup(a, sl(text));
		free(text);
	}
	json_decref(doc);
	return out;
}

struct slice gw_value(const struct gw_call *c, const struct gw_param *p)
{
	struct http_req *req = &c->call->req;
	switch (p->source) {
	case GW_FROM_STATIC:
		return p->value;
	case GW_FROM_HEADER:
		return gw_header_of(req, p->value);
	case GW_FROM_QUERY:
		return http_query(req, arena_cstr(req->arena, p->value));
	case GW_FROM_PATH: {
		struct slice v = path_value(c, p->value);
		return v.p ? arena_url_decode(req->arena, v, false) : v;
	}
	case GW_FROM_BODY:
		return gw_body_value(req->arena, p->value, req->body);
	case GW_FROM_STAGE:
		return stage_variable(c, p->value);
	case GW_FROM_CONTEXT:
		return gw_context(c, p->value);
	}
	return sl(NULL);
}

/* A path parameter goes on as it came, so that nothing is encoded twice. */
static bool add_placeholder(const struct gw_call *c, struct slice name, struct buf *b)
{
	const struct gw_integration *in = &c->match.method->in;
	struct slice over_name, over;
	for (size_t i = 0; gw_override_next(c, "requestOverride.path", &i, &over_name, &over);)
		if (sl_eq(over_name, name)) {
			buf_url_escape(b, over, true);
			return true;
		}
	for (size_t i = 0; i < in->param_n; i++) {
		const struct gw_param *p = &in->params[i];
		bool as_sent = p->source == GW_FROM_PATH;
		struct slice v;
		if (p->place != GW_PATH || !sl_eq(p->name, name))
			continue;
		v = as_sent ? path_value(c, p->value) : gw_value(c, p);
		if (!v.p)
			return false;
		if (as_sent)
			buf_addsl(b, v);
		else
			buf_url_escape(b, v, true);
		return true;
	}
	return false;
}

static int fill(const struct gw_call *c, struct slice uri, struct buf *b, struct error *err)
{
	for (size_t i = 0; i < uri.n; i++) {
		struct slice rest = sl_of(uri.p + i, uri.n - i), name, v;
		ssize_t end = sl_chr(rest, '}');
		if (end > 0 && sl_starts(rest, S("${stageVariables."))) {
			v = stage_variable(c, sl_of(rest.p + 17, (size_t)end - 17));
			if (!v.p)
				return err_set(err, ERR_INVALID, "no value for %.*s in stage %.*s", (int)end + 1, rest.p, SL(c->stage));
			buf_addsl(b, v);
		} else if (end > 0 && rest.p[0] == '{') {
			name = sl_of(rest.p + 1, (size_t)end - 1);
			if (!add_placeholder(c, name, b))
				return err_set(err, ERR_INVALID, "no integration.request.path.%.*s for the uri", SL(name));
		} else {
			buf_addc(b, uri.p[i]);
			continue;
		}
		i += (size_t)end;
	}
	return 0;
}

static void add_pair(struct buf *b, struct slice name, struct slice value)
{
	buf_addc(b, sl_chr(buf_slice(b), '?') >= 0 ? '&' : '?');
	buf_url_escape(b, name, false);
	buf_addc(b, '=');
	buf_url_escape(b, value, false);
}

static bool overridden(const struct gw_call *c, struct slice name)
{
	struct slice other, value;
	for (size_t i = 0; gw_override_next(c, "requestOverride.querystring", &i, &other, &value);)
		if (sl_eq(other, name))
			return true;
	return false;
}

static void add_query(const struct gw_call *c, struct buf *b)
{
	const struct gw_integration *in = &c->match.method->in;
	struct slice sent = c->call->req.query, name, value;
	if (in->type == GW_HTTP_PROXY && sent.n) {
		buf_addc(b, sl_chr(buf_slice(b), '?') >= 0 ? '&' : '?');
		buf_addsl(b, sent);
	}
	for (size_t i = 0; i < in->param_n; i++) {
		if (in->params[i].place != GW_QUERY || overridden(c, in->params[i].name))
			continue;
		value = gw_value(c, &in->params[i]);
		if (value.p)
			add_pair(b, in->params[i].name, value);
	}
	for (size_t i = 0; gw_override_next(c, "requestOverride.querystring", &i, &name, &value);)
		add_pair(b, name, value);
}

int gw_url(const struct gw_call *c, struct slice *out, struct error *err)
{
	struct buf b = { 0 };
	int rc;
	rc = fill(c, c->match.method->in.uri, &b, err);
	if (!rc) {
		add_query(c, &b);
		*out = arena_dup(c->call->req.arena, buf_slice(&b));
	}
	buf_free(&b);
	return rc;
}

static const struct gw_template *of_type(const struct gw_template *t, size_t n, struct slice type)
{
	for (size_t i = 0; i < n; i++)
		if (sl_eq_nocase(t[i].type, type))
			return &t[i];
	return NULL;
}

bool gw_request_template(const struct gw_integration *in, struct slice content_type, const struct gw_template **out)
{
	struct slice type = content_type, params;
	if (!type.n)
		type = S("application/json");
	(void)sl_cut(type, ';', &type, &params);
	*out = of_type(in->templates, in->template_n, sl_trim(type));
	if (!*out)
		*out = of_type(in->templates, in->template_n, S("$default"));
	if (*out)
		return true;
	switch (in->passthrough) {
	case GW_WHEN_NO_MATCH:
		return true;
	case GW_WHEN_NO_TEMPLATES:
		return in->template_n == 0;
	case GW_NEVER:
		return false;
	}
	return false;
}

const struct gw_answer *gw_pick_answer(const struct gw_integration *in, int status)
{
	const struct gw_answer *fallback = NULL;
	char text[16];
	snprintf(text, sizeof(text), "%d", status);
	for (size_t i = 0; i < in->answer_n; i++) {
		if (in->answers[i].fallback)
			fallback = &in->answers[i];
		else if (sl_eqs(in->answers[i].pattern, text) || vtl_regex_test(sl(text), in->answers[i].pattern, false) == 1)
			return &in->answers[i];
	}
	return fallback;
}

const struct gw_template *gw_response_template(const struct gw_answer *a, struct slice accept)
{
	const struct gw_template *t = accept.n ? of_type(a->templates, a->template_n, accept) : NULL;
	if (!t)
		t = of_type(a->templates, a->template_n, S("application/json"));
	if (!t && a->template_n)
		t = &a->templates[0];
	return t;
}

int gw_mock_status(struct slice text)
{
	ssize_t at = sl_find(text, S("statusCode"));
	struct slice s, digits;
	int64_t v;
	if (at < 0)
		return -1;
	s = sl_of(text.p + at + 10, text.n - (size_t)at - 10);
	if (s.n && (*s.p == '"' || *s.p == '\''))
		s = sl_of(s.p + 1, s.n - 1);
	s = sl_trim(s);
	if (!s.n || *s.p != ':')
		return -1;
	s = sl_trim(sl_of(s.p + 1, s.n - 1));
	digits = sl_of(s.p, 0);
	while (digits.n < s.n && s.p[digits.n] >= '0' && s.p[digits.n] <= '9')
		digits.n++;
	return sl_int(digits, 100, 599, &v) ? (int)v : -1;
}
