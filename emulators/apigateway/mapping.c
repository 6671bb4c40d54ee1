/* Parameters, urls and templates of one call. */
#include <stdio.h>
#include <string.h>

#include "apigateway/apigateway.h"

static struct slice header_of(const struct http_req *req, struct slice name)
{
	for (size_t i = 0; i < req->header_n; i++)
		if (sl_eq_nocase(req->headers[i].name, name))
			return req->headers[i].value;
	return (struct slice){ 0 };
}

static struct slice path_value(const struct agw_call *c, struct slice name)
{
	for (size_t i = 0; i < c->match.value_n; i++)
		if (sl_eq(c->match.values[i].name, name))
			return c->match.values[i].value;
	return (struct slice){ 0 };
}

static struct slice stage_variable(const struct agw_call *c, struct slice name)
{
	struct arena *a = c->call->req.arena;
	struct slice section = arena_printf(a, "apigateway.stage.%.*s", SL(c->stage));

	return sl(conf_get(c->g->env->conf, section.p, arena_cstr(a, name)));
}

static struct slice context_value(const struct agw_call *c, struct slice name)
{
	const struct http_req *req = &c->call->req;
	const struct {
		const char *name;
		struct slice value;
	} known[] = {
		{ "requestId", sl(c->request_id) },
		{ "extendedRequestId", sl(c->extended_id) },
		{ "apiId", c->api->id },
		{ "stage", c->stage },
		{ "httpMethod", req->method },
		{ "path", req->path },
		{ "resourcePath", c->match.node->path },
		{ "protocol", req->version },
		{ "domainName", header_of(req, S("Host")) },
		{ "identity.sourceIp", req->remote },
		{ "identity.userAgent", header_of(req, S("User-Agent")) },
		{ "identity.apiKey", header_of(req, S("x-api-key")) },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (sl_eqs(name, known[i].name))
			return known[i].value;
	return (struct slice){ 0 };
}

struct slice agw_value(const struct agw_call *c, const struct agw_param *p)
{
	struct http_req *req = &c->call->req;

	switch (p->source) {
	case AGW_FROM_STATIC:
		return p->value;
	case AGW_FROM_HEADER:
		return header_of(req, p->value);
	case AGW_FROM_QUERY:
		return http_query(req, arena_cstr(req->arena, p->value));
	case AGW_FROM_PATH: {
		struct slice v = path_value(c, p->value);

		return v.p ? arena_url_decode(req->arena, v, false) : v;
	}
	case AGW_FROM_BODY:
		return sl_eqs(p->value, "body") ? req->body : (struct slice){ 0 };
	case AGW_FROM_STAGE:
		return stage_variable(c, p->value);
	case AGW_FROM_CONTEXT:
		return context_value(c, p->value);
	}
	return (struct slice){ 0 };
}

/* A path parameter goes on as it came, so that nothing is encoded twice. */
static bool add_placeholder(const struct agw_call *c, struct slice name, struct buf *b)
{
	const struct agw_integration *in = &c->match.method->in;

	for (size_t i = 0; i < in->param_n; i++) {
		const struct agw_param *p = &in->params[i];
		bool as_sent = p->source == AGW_FROM_PATH;
		struct slice v;

		if (p->place != AGW_PATH || !sl_eq(p->name, name))
			continue;
		v = as_sent ? path_value(c, p->value) : agw_value(c, p);
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

static int fill(const struct agw_call *c, struct slice uri, struct buf *b, struct error *err)
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

static void add_query(const struct agw_call *c, struct buf *b)
{
	const struct agw_integration *in = &c->match.method->in;
	struct slice sent = c->call->req.query;
	char joint = sl_chr(buf_slice(b), '?') >= 0 ? '&' : '?';

	if (in->type == AGW_HTTP_PROXY && sent.n) {
		buf_addc(b, joint);
		buf_addsl(b, sent);
		joint = '&';
	}
	for (size_t i = 0; i < in->param_n; i++) {
		struct slice v;

		if (in->params[i].place != AGW_QUERY)
			continue;
		v = agw_value(c, &in->params[i]);
		if (!v.p)
			continue;
		buf_addc(b, joint);
		buf_url_escape(b, in->params[i].name, false);
		buf_addc(b, '=');
		buf_url_escape(b, v, false);
		joint = '&';
	}
}

int agw_url(const struct agw_call *c, struct slice *out, struct error *err)
{
	struct buf b;
	int r;

	buf_init(&b, 0);
	r = fill(c, c->match.method->in.uri, &b, err);
	if (!r) {
		add_query(c, &b);
		*out = arena_dup(c->call->req.arena, buf_slice(&b));
	}
	buf_free(&b);
	return r;
}

static const struct agw_template *of_type(const struct agw_template *t, size_t n, struct slice type)
{
	for (size_t i = 0; i < n; i++)
		if (sl_eq_nocase(t[i].type, type))
			return &t[i];
	return NULL;
}

bool agw_request_template(const struct agw_integration *in, struct slice content_type, struct slice *out)
{
	struct slice type = content_type, params;
	const struct agw_template *t;

	*out = (struct slice){ 0 };
	if (!type.n)
		type = S("application/json");
	(void)sl_cut(type, ';', &type, &params);
	t = of_type(in->templates, in->template_n, sl_trim(type));
	if (!t)
		t = of_type(in->templates, in->template_n, S("$default"));
	if (t) {
		*out = t->text;
		return true;
	}
	switch (in->passthrough) {
	case AGW_WHEN_NO_MATCH:
		return true;
	case AGW_WHEN_NO_TEMPLATES:
		return in->template_n == 0;
	case AGW_NEVER:
		return false;
	}
	return false;
}

const struct agw_answer *agw_pick_answer(const struct agw_integration *in, int status)
{
	const struct agw_answer *fallback = NULL;
	char text[16];

	snprintf(text, sizeof(text), "%d", status);
	for (size_t i = 0; i < in->answer_n; i++) {
		if (in->answers[i].fallback)
			fallback = &in->answers[i];
		else if (!regexec(&in->answers[i].pattern, text, 0, NULL, 0))
			return &in->answers[i];
	}
	return fallback;
}

struct slice agw_response_template(const struct agw_answer *a, struct slice accept)
{
	const struct agw_template *t = accept.n ? of_type(a->templates, a->template_n, accept) : NULL;

	if (!t)
		t = of_type(a->templates, a->template_n, S("application/json"));
	if (!t && a->template_n)
		t = &a->templates[0];
	return t ? t->text : (struct slice){ 0 };
}

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
}

/* A text without directives and references is its own result; the rest is the template engine's. */
int agw_render(const struct agw_call *c, struct slice text, struct slice *out, struct error *err)
{
	(void)c;
	for (size_t i = 0; i + 1 < text.n; i++) {
		char ch = text.p[i], next = text.p[i + 1];

		if ((ch == '$' && (is_letter(next) || next == '{' || next == '!')) ||
		    (ch == '#' && (is_letter(next) || strchr("#*[{@", next))))
			return err_set(err, ERR_UNSUPPORTED, "the mapping template has a reference or directive");
	}
	*out = text;
	return 0;
}

int agw_mock_status(struct slice text)
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
