/* Integrations of type AWS: the services of this program, through their ports. */
#include <string.h>

#include "apigateway/manage.h"
#include "core/httpc.h"

/* arn:aws:apigateway:REGION:SERVICE:action/ACTION or ...:path/PATH */
struct target {
	struct slice service, kind, rest;
};

static bool parse(struct slice uri, struct target *t)
{
	struct slice part = uri, rest = uri;
	for (int i = 0; i < 5; i++)
		if (!rest.p || !sl_cut(rest, ':', &part, &rest))
			return false;
	t->service = part;
	return sl_cut(rest, '/', &t->kind, &t->rest);
}

/* ---- Kinesis ---- */

/* What the mapping (or else the client) sends as Content-Type. */
static struct slice sent_type(const struct gw_call *c)
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

static void deliver(struct gw_call *c, int status, const char *type, struct slice body)
{
	struct http_header h[] = { { S("Content-Type"), sl(type) } };
	struct httpc_resp resp = { .status = status, .headers = h, .header_n = 1, .body = body };
	gw_answer(c, &resp);
}

static void on_stream(void *arg, int status, struct slice body, const struct error *err)
{
	struct gw_call *c = arg;
	if (!err) {
		deliver(c, status, "application/x-amz-json-1.1", body);
		return;
	}
	log_warn(c->g->env, "invoke", "api=%.*s stage=%.*s resource=%.*s trace=%s error=\"%s\"", SL(c->api->id), SL(c->stage), SL(c->match.node->path),
		 c->call->req.trace, err->text);
	gw_fail(c, err->kind == ERR_TIMEOUT ? GW_E_TIMEOUT : GW_E_NETWORK);
}

static void call_kinesis(struct gw_call *c, struct slice action, struct slice body)
{
	const struct stream *s = &c->g->env->ports->stream;
	struct slice type = sent_type(c);
	if (!s->self || !s->call) {
		gw_misconfigured(c, "no Kinesis is served here and [remote] names none");
		return;
	}
	if (sl_starts_nocase(type, S("application/json"))) { /* Kinesis takes x-amz-json-1.1 only: a mapping of Content-Type is needed */
		log_warn(c->g->env, "invoke", "api=%.*s resource=%.*s error=\"Content-Type is application/json: map it to 'application/x-amz-json-1.1'\"",
			 SL(c->api->id), SL(c->match.node->path));
		deliver(c, 404, "application/json", S("{\"Output\":{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"},\"Version\":\"1.0\"}"));
		return;
	}
	s->call(s->self, action, body, sl(c->call->req.trace), on_stream, c);
}

/* ---- S3 ---- */

static void on_s3_error(struct gw_call *c, const struct error *err)
{
	struct arena *a = c->call->req.arena;
	struct buf b = { 0 };
	struct slice body;
	if (!err->def) {
		gw_misconfigured(c, err->text);
		return;
	}
	buf_addf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>", err->def->code);
	buf_xml_escape(&b, sl(err->text));
	buf_addf(&b, "</Message><RequestId>%s</RequestId></Error>", c->request_id);
	body = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	deliver(c, err->def->http, "application/xml", body);
}

static void on_get(void *arg, struct slice body, const struct error *err)
{
	if (err)
		on_s3_error(arg, err);
	else
		deliver(arg, 200, "binary/octet-stream", body);
}

static void on_put(void *arg, const struct error *err)
{
	struct gw_call *c = arg;
	if (err)
		on_s3_error(c, err);
	else
		deliver(c, sl_eq_nocase(c->match.method->in.method, S("DELETE")) ? 204 : 200, "application/xml", S(""));
}

static void call_s3(struct gw_call *c, struct slice path, struct slice body)
{
	const struct object_store *s = &c->g->env->ports->objects;
	struct slice verb = c->match.method->in.method, bucket, key, rest;
	struct arena *a = c->call->req.arena;
	(void)sl_cut(path, '?', &path, &rest);
	(void)sl_cut(path, '/', &bucket, &key);
	if (!s->self)
		gw_misconfigured(c, "no S3 is served here and [remote] names none");
	else if (!key.n)
		gw_misconfigured(c, "integrations with S3 buckets are not served, those with objects are");
	else {
		key = arena_url_decode(a, key, false);
		if (sl_eq_nocase(verb, S("ANY")))
			verb = c->call->req.method;
		if (sl_eq_nocase(verb, S("GET")))
			s->get(s->self, bucket, key, on_get, c);
		else if (sl_eq_nocase(verb, S("PUT")))
			s->put(s->self, bucket, key, sent_type(c), body, sl(c->call->req.trace), on_put, c);
		else if (sl_eq_nocase(verb, S("DELETE")))
			s->del(s->self, bucket, key, on_put, c);
		else
			gw_misconfigured(c, "this method of S3 is not served");
	}
}

void gw_call_aws(struct gw_call *c, struct slice body)
{
	static const char *const refused[] = { "Authorization", "Connection", "Expect", "Proxy-Authenticate", "TE" }; /* recorded: header_remapping_aws */
	struct slice uri;
	struct target t;
	struct error err;
	for (size_t i = 0; i < c->match.method->in.param_n; i++) {
		const struct gw_param *p = &c->match.method->in.params[i];
		bool bad = !gw_header_may_map(p->name);

		for (size_t k = 0; k < ARRAY_LEN(refused); k++)
			bad |= sl_eq_nocase(p->name, sl(refused[k]));
		if (p->place == GW_HEADER && bad) {
			gw_misconfigured(c, arena_printf(c->call->req.arena, "header %.*s can't be mapped", SL(p->name)).p);
			return;
		}
	}
	if (gw_url(c, &uri, &err)) {
		gw_misconfigured(c, err.text);
		return;
	}
	c->sent = body;
	gw_trace(c, "Endpoint request URI: %.*s", SL(uri));
	gw_trace(c, "Endpoint request body after transformations: %.*s", SL(body));
	gw_trace(c, "Sending request to %.*s", SL(uri));
	if (!parse(uri, &t))
		gw_misconfigured(c, "the integration's ARN is malformed");
	else if (sl_eqs(t.service, "kinesis") && sl_eqs(t.kind, "action"))
		call_kinesis(c, t.rest, body);
	else if (sl_eqs(t.service, "s3") && sl_eqs(t.kind, "path"))
		call_s3(c, t.rest, body);
	else /* DIFFERS: of AWS integrations, Kinesis actions and S3 objects are served. */
		gw_misconfigured(c, arena_printf(c->call->req.arena, "integrations with %.*s are not served", SL(t.service)).p);
}
