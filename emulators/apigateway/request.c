/* What an integration is sent: its url, headers and body, by mappings and templates. */
#include "apigateway/run.h"

#include <fnmatch.h>

#include "core/adopt.h"

/* ---- the url ---- */

/* A path parameter goes on as it came, so that nothing is encoded twice. */
static bool add_placeholder(const struct gw_call *c, struct slice name, struct buf *b)
{
	const struct gw_integration *in = &c->match.method->in;
	struct slice other, v;
	for (size_t i = 0; gw_override_next(c, "requestOverride.path", &i, &other, &v);)
		if (sl_eq(other, name)) {
			buf_url_escape(b, v, true);
			return true;
		}
	for (size_t i = 0; i < in->param_n; i++) {
		const struct gw_param *p = &in->params[i];
		if (p->place != GW_PATH || !sl_eq(p->name, name))
			continue;
		v = p->source == GW_FROM_PATH ? gw_path_value(c, p->value) : gw_value(c, p);
		if (p->source == GW_FROM_PATH)
			buf_addsl(b, v);
		else
			buf_url_escape(b, v, true);
		return v.p != NULL;
	}
	return false;
}

static enum gw_error fill(struct gw_call *c, struct slice uri, struct buf *b)
{
	for (size_t i = 0; i < uri.n; i++) {
		struct slice rest = sl_from(uri, i), name, v;
		ssize_t end = sl_chr(rest, '}');
		if (end > 0 && sl_after(sl_of(rest.p, (size_t)end), S("${stageVariables."), &name)) {
			v = gw_stage_variable(c, name);
			if (!v.p)
				return gw_because(c, GW_E_CONFIGURATION, "no value for %.*s in stage %.*s", (int)end + 1, rest.p, SL(c->stage));
			buf_addsl(b, v);
		} else if (end > 0 && sl_after(sl_of(rest.p, (size_t)end), S("{"), &name)) {
			if (!add_placeholder(c, name, b))
				return gw_because(c, GW_E_CONFIGURATION, "no integration.request.path.%.*s for the uri", SL(name));
		} else {
			buf_addc(b, uri.p[i]);
			continue;
		}
		i += (size_t)end;
	}
	return GW_OK;
}

static void add_separator(struct buf *b)
{
	buf_addc(b, sl_chr(buf_slice(b), '?') >= 0 ? '&' : '?');
}

static void add_pair(struct buf *b, struct slice name, struct slice value)
{
	add_separator(b);
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
		add_separator(b);
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

/* Placeholders and stage variables filled, query parameters appended. */
static enum gw_error make_url(struct gw_call *c, struct gw_request *out)
{
	struct buf b = { 0 };
	enum gw_error e = fill(c, c->match.method->in.uri, &b);
	if (!e) {
		add_query(c, &b);
		out->url = arena_dup(c->call->req.arena, buf_slice(&b));
	}
	buf_free(&b);
	return e;
}

/* What [apigateway.hosts] says of host and port: the name itself, else the first pattern with * that fits; NULL: nothing. */
static const char *host_setting(const struct conf *conf, const char *authority)
{
	const char *to = conf_get(conf, "apigateway.hosts", authority), *key, *value;
	for (size_t i = 0; !to && conf_at(conf, "apigateway.hosts", i, &key, &value); i++)
		if (strchr(key, '*') && !fnmatch(key, authority, FNM_CASEFOLD))
			to = value;
	return to;
}

/* A machine of somebody's at the port where REST proxies listen. */
static bool is_machine(const char *authority)
{
	return !fnmatch("ec2-*.amazonaws.com:8082", authority, FNM_CASEFOLD) || !fnmatch("ip-*.internal:8082", authority, FNM_CASEFOLD);
}

/* Splits "http://authority/rest" at `at`, where the authority begins; gives the url to connect to by [apigateway.hosts]. */
static struct slice redirect(struct gw_call *c, struct slice url, size_t at, struct slice *authority, bool *adopted)
{
	const struct conf *conf = c->g->env->conf;
	struct arena *a = c->call->req.arena;
	struct slice rest;
	const char *to;
	size_t n = 0;
	while (at + n < url.n && !strchr("/?#", url.p[at + n]))
		n++;
	*authority = sl_of(url.p + at, n);
	rest = sl_from(url, at + n);
	to = host_setting(conf, arena_cstr(a, *authority));
	*adopted = !to && adopt_on(c->g->env->adopt) && is_machine(arena_cstr(a, *authority));
	if (!to && !*adopted)
		return url;
	to = to ? to : "rest";
	if (strcmp(to, "rest"))
		return arena_printf(a, "%.*s%s%.*s", (int)at, url.p, to, SL(rest));
	return arena_printf(a, "http://%s:%s%.*s", conf_str(conf, "rest", "listen_host", "127.0.0.1"),
			    conf_str(conf, "rest", "listen_port", "8082"), SL(rest));
}

/* ---- headers ---- */

static void add(struct gw_request *o, struct slice name, struct slice value)
{
	if (o->header_n < GW_HEADERS_MAX)
		o->headers[o->header_n++] = (struct http_header){ name, value };
}

static void add_default(struct gw_request *o, struct slice name, struct slice value)
{
	if (!gw_header(o->headers, o->header_n, name).p)
		add(o, name, value);
}

static void set(struct gw_request *o, struct slice name, struct slice value)
{
	size_t kept = 0;
	for (size_t i = 0; i < o->header_n; i++)
		if (!sl_eq_nocase(o->headers[i].name, name))
			o->headers[kept++] = o->headers[i];
	o->header_n = kept;
	add(o, name, value);
}

static void add_proxy_headers(struct gw_call *c, struct gw_request *o)
{
	struct http_req *req = &c->call->req;
	struct slice host = http_get(req, "Host"), forwarded = http_get(req, "X-Forwarded-For"), name, port;
	bool has_port = host.p && sl_cut(host, ':', &name, &port);
	add(o, S("X-Forwarded-For"), forwarded.n ? arena_printf(req->arena, "%.*s, %.*s", SL(forwarded), SL(req->remote)) : req->remote);
	add(o, S("X-Forwarded-Port"), has_port ? port : req->secure ? S("443") : S("80"));
	add(o, S("X-Forwarded-Proto"), req->secure ? S("https") : S("http"));
}

/* Those that mappings set, for an AWS service: but for the body's type, which is known by itself. */
static void map_headers(struct gw_call *c, struct gw_request *o)
{
	const struct gw_integration *in = &c->match.method->in;
	struct slice name, value;
	for (size_t i = 0; i < in->param_n; i++) {
		if (in->params[i].place != GW_HEADER || sl_eq_nocase(in->params[i].name, S("Content-Type")))
			continue;
		value = gw_value(c, &in->params[i]);
		if (value.p && gw_header_map_goes_in(in->type, in->params[i].name))
			set(o, in->params[i].name, value);
	}
	for (size_t i = 0; gw_override_next(c, "requestOverride.header", &i, &name, &value);)
		if (!sl_eq_nocase(name, S("Content-Type")))
			set(o, name, value);
}

static void make_headers(struct gw_call *c, struct slice host, struct gw_request *o)
{
	const struct gw_integration *in = &c->match.method->in;
	struct http_req *req = &c->call->req;
	struct slice name, value, type = http_get(req, "Content-Type");
	for (size_t i = 0; in->type == GW_HTTP_PROXY && i < req->header_n; i++)
		if (gw_header_goes_in(req->headers[i].name))
			add(o, req->headers[i].name, req->headers[i].value);
	add(o, S("Host"), host);
	for (size_t i = 0; i < in->param_n; i++) {
		if (in->params[i].place != GW_HEADER)
			continue;
		value = gw_value(c, &in->params[i]);
		if (value.p && gw_header_map_goes_in(in->type, in->params[i].name))
			set(o, in->params[i].name, value);
	}
	for (size_t i = 0; gw_override_next(c, "requestOverride.header", &i, &name, &value);)
		set(o, name, value);
	if (o->body.n)
		add_default(o, S("Content-Type"), in->type != GW_HTTP_PROXY && type.n ? type : S("application/json"));
	if (in->type == GW_HTTP_PROXY) {
		add_proxy_headers(c, o);
	} else {
		add_default(o, S("Accept"), S("application/json"));
		add_default(o, S("User-Agent"), arena_printf(req->arena, "AmazonAPIGateway_%.*s", SL(c->api->id)));
	}
	add(o, S("X-Amzn-Apigateway-Api-Id"), c->api->id);
	add(o, S("X-Amzn-Trace-Id"), sl(c->trace_id));
}

/* A line end in a header, a method or an address would begin a request of its own. */
static bool is_one_line(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((uint8_t)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

static enum gw_error check_lines(struct gw_call *c, const struct gw_request *o)
{
	bool ok = is_one_line(o->url) && is_one_line(o->method) && sl_chr(o->method, ' ') < 0;
	for (size_t i = 0; ok && i < o->header_n; i++)
		ok = is_one_line(o->headers[i].name) && is_one_line(o->headers[i].value);
	return ok ? GW_OK : gw_because(c, GW_E_CONFIGURATION, "a control character in what is sent to the integration");
}

/* What the mapping (or else the client) says of the body's type. */
static struct slice aws_type(const struct gw_call *c)
{
	const struct gw_integration *in = &c->match.method->in;
	struct slice v = http_get(&c->call->req, "Content-Type"), name, value;
	for (size_t i = 0; i < in->param_n; i++)
		if (in->params[i].place == GW_HEADER && sl_eq_nocase(in->params[i].name, S("Content-Type")))
			v = gw_value(c, &in->params[i]);
	for (size_t i = 0; gw_override_next(c, "requestOverride.header", &i, &name, &value);)
		if (sl_eq_nocase(name, S("Content-Type")))
			v = value;
	return v.n ? v : S("application/json");
}

/* ---- the whole ---- */

static enum gw_error make_body(struct gw_call *c, struct gw_request *out)
{
	const struct gw_integration *in = &c->match.method->in;
	struct slice type = http_get(&c->call->req, "Content-Type");
	const struct gw_template *t;
	bool known = gw_request_template(in, type, &t);
	enum gw_error e = gw_body(c, in->convert, type, t, c->call->req.body, &out->body);
	return e ? e : known ? GW_OK : GW_E_UNSUPPORTED_TYPE;
}

static enum gw_error check_mappable(struct gw_call *c)
{
	const struct gw_integration *in = &c->match.method->in;
	for (size_t i = 0; i < in->param_n; i++)
		if (in->params[i].place == GW_HEADER && !gw_header_may_map(in->type, in->params[i].name))
			return gw_because(c, GW_E_CONFIGURATION, "header %.*s can't be mapped", SL(in->params[i].name));
	return GW_OK;
}

static enum gw_error make_address(struct gw_call *c, struct gw_request *out)
{
	const struct gw_integration *in = &c->match.method->in;
	struct slice host;
	ssize_t scheme;
	enum gw_error e = check_mappable(c);
	if (!e)
		e = make_url(c, out);
	if (e)
		return e;
	if (in->type == GW_AWS) {
		out->type = aws_type(c);
		map_headers(c, out);
		return check_lines(c, out);
	}
	scheme = sl_find(out->url, S("://"));
	if (scheme < 0)
		return gw_because(c, GW_E_CONFIGURATION, "the uri is not an address");
	out->url = redirect(c, out->url, (size_t)scheme + strlen("://"), &host, &out->adopts_host);
	out->host = host;
	make_headers(c, host, out);
	return check_lines(c, out);
}

size_t gw_reads(const struct gw_param *p, size_t n)
{
	size_t reads = 0;
	for (size_t i = 0; i < n; i++)
		reads += p[i].source == GW_FROM_BODY;
	return reads;
}

size_t gw_request_reads(const struct gw_call *c)
{
	const struct gw_method *m = c->match.method;
	return (m->check_body || m->in.type != GW_HTTP_PROXY) + gw_reads(m->in.params, m->in.param_n);
}

static enum gw_error make(struct gw_call *c, struct gw_request *out)
{
	const struct gw_integration *in = &c->match.method->in;
	enum gw_error e = GW_OK;
	out->timeout_ms = in->timeout_ms;
	out->method = !in->method.n || sl_eq_nocase(in->method, S("ANY")) ? c->call->req.method : in->method;
	out->body = c->call->req.body;
	if (in->type == GW_AWS_PROXY) /* DIFFERS: Lambda functions are not served. */
		return gw_because(c, GW_E_CONFIGURATION, "integrations of type AWS_PROXY (Lambda) are not served");
	if (in->type != GW_HTTP_PROXY)
		e = make_body(c, out);
	if (e || in->type == GW_MOCK)
		return e;
	e = make_address(c, out);
	if (e)
		return e;
	gw_trace(c, "Endpoint request URI: %.*s", SL(out->url));
	if (in->type != GW_AWS)
		gw_trace_headers(c, "Endpoint request headers", out->headers, out->header_n);
	gw_trace(c, "Endpoint request body after transformations: %.*s", SL(out->body));
	gw_trace(c, "Sending request to %.*s", SL(out->url));
	return GW_OK;
}

enum gw_error gw_prepare(struct gw_call *c)
{
	enum gw_error e = gw_validate(c);
	if (e)
		return e;
	c->request = arena_alloc(c->call->req.arena, sizeof(*c->request));
	return make(c, c->request);
}

/* Also unquoted: {statusCode: 200}. */
int gw_mock_status(struct slice text)
{
	ssize_t at = sl_find(text, S("statusCode"));
	struct slice s = at < 0 ? sl(NULL) : sl_from(text, (size_t)at + strlen("statusCode"));
	size_t n = 0;
	int64_t v;
	if (!sl_after(s, S("\""), &s))
		(void)sl_after(s, S("'"), &s);
	if (!sl_after(sl_trim(s), S(":"), &s))
		return -1;
	s = sl_trim(s);
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return sl_int(sl_of(s.p, n), 100, 599, &v) ? (int)v : -1;
}
