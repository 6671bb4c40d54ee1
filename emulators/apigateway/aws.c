/* Integrations of type AWS: Kinesis through its port, S3 over HTTP. */

#include "apigateway/run.h"
#include "core/httpc.h"
#include "core/identities.h"
#include "core/sigv4.h"

static void deliver(struct gw_call *c, int status, const char *type, struct slice body)
{
	struct http_header h[] = { { S("Content-Type"), sl(type) } };
	struct httpc_resp resp = { .status = status, .headers = h, .header_n = 1, .body = body };
	c->answered(c, &resp, GW_OK);
}

/* ---- Kinesis ---- */

static void on_stream(void *arg, int status, struct slice body, const struct error *err)
{
	struct gw_call *c = arg;
	if (err)
		c->answered(c, NULL, gw_because(c, err->kind == ERR_TIMEOUT ? GW_E_TIMEOUT : GW_E_NETWORK, "%s", err->text));
	else
		deliver(c, status, "application/x-amz-json-1.1", body);
}

static enum gw_error call_kinesis(struct gw_call *c, struct slice region, struct slice action, const struct gw_request *r)
{
	const struct stream *s = &c->g->env->ports->stream;
	struct error err;
	if (port_needed(c->g->env, PORT_STREAM, &err))
		return gw_because(c, GW_E_CONFIGURATION, "%s", err.text);
	/* Whatever type the mapping or the client names: recorded on AWS, application/json is stored too. */
	owed_keep(&c->g->owed, s->call(s->self, region, action, r->body, sl(c->call->req.trace), on_stream, c));
	return GW_OK;
}

/* ---- S3: over HTTP, as S3 is asked: of this process by message, or of [remote] s3 ---- */

static const char denied[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";

static bool may_act_as_nobody(const struct gw_call *c)
{
	return !strcmp(conf_str(c->g->env->conf, "apigateway", "unsigned_to_own", "refuse"), "allow");
}

static struct slice base_url(const struct gw_call *c)
{
	const struct conf *conf = c->g->env->conf;
	const char *remote = conf_get(conf, "remote", "s3");
	if (remote)
		return sl(remote);
	return arena_printf(c->call->req.arena, "http://%s:%s", conf_str(conf, "aws", "listen_host", "127.0.0.1"), conf_str(conf, "aws", "listen_port", "4566"));
}

/* Whom the gateway is there: the role of that name, or else the first identity; where all keys are taken, any. */
static void identity_of(const struct gw_call *c, struct slice role, struct slice *key, struct slice *secret)
{
	const struct conf *conf = c->g->env->conf;
	bool remote = conf_get(conf, "remote", "s3");
	struct identity id;
	struct slice name, first = { 0 };
	*key = remote ? sl(conf_str(conf, "remote", "s3_key", "test")) : c->api->account.n ? c->api->account : S("test");
	*secret = sl(remote ? conf_str(conf, "remote", "s3_secret", "test") : "test");
	for (size_t i = 0; !remote && identity_at(conf, i, &id); i++) {
		ssize_t at = sl_find(role, S("role/"));
		name = at < 0 ? role : sl_from(role, (size_t)at + 5);
		if (!first.p || (id.role_session.p && sl_eq(id.name, name))) {
			first = *key = arena_dup(c->call->req.arena, id.key);
			*secret = arena_dup(c->call->req.arena, id.secret);
		}
	}
}

/* Adds what S3 wants of a signed request. */
static void sign(struct gw_call *c, struct gw_request *out, struct slice region, struct slice host, struct slice target)
{
	struct arena *a = c->call->req.arena;
	struct http_req r = { .arena = a, .method = out->method, .target = target, .path = target, .headers = out->headers, .body = out->body };
	struct slice key, secret, path, query;
	char date[24];
	clock_amz(clock_real_ms(), date);
	if (sl_cut(target, '?', &path, &query)) {
		r.path = path;
		r.query = query;
	}
	out->headers[out->header_n++] = (struct http_header){ S("Host"), host };
	out->headers[out->header_n++] = (struct http_header){ S("x-amz-date"), arena_dup(a, sl(date)) };
	out->headers[out->header_n++] = (struct http_header){ S("x-amz-content-sha256"), S("UNSIGNED-PAYLOAD") };
	r.header_n = out->header_n;
	identity_of(c, c->match.method->in.role, &key, &secret);
	out->headers[out->header_n++] =
		(struct http_header){ S("Authorization"), sigv4_sign(&r, key, secret, region, S("s3"), true) };
}

/* path: "bucket/key?query"; "bucket"; "/", of which S3 lists all buckets. */
static enum gw_error call_s3(struct gw_call *c, struct slice region, struct slice path, const struct gw_request *r)
{
	struct arena *a = c->call->req.arena;
	struct gw_request *out = arena_alloc(a, sizeof(*out));
	struct slice base = base_url(c), host, below, target;
	struct error err;
	if (port_needed(c->g->env, PORT_OBJECTS, &err))
		return gw_because(c, GW_E_CONFIGURATION, "%s", err.text);
	if (!c->match.method->in.role.n && !may_act_as_nobody(c)) {
		log_warn(c->g->env, "invoke", "api=%.*s resource=%.*s apigateway.unsigned_to_own=refuse error=\"the integration has no credentials\"",
			 SL(c->api->id), SL(c->match.node->path));
		deliver(c, 403, "application/xml", sl(denied));
		return GW_OK;
	}
	(void)sl_after(path, S("/"), &path);
	(void)sl_cut(sl_from(base, (size_t)sl_find(base, S("://")) + 3), '/', &host, &below);
	target = arena_printf(a, "%s%.*s/%.*s", below.n ? "/" : "", SL(below), SL(path));
	*out = *r;
	out->url = arena_printf(a, "%.*s%.*s", (int)(host.p + host.n - base.p), base.p, SL(target));
	if (out->header_n > GW_HEADERS_MAX - 6)
		return gw_because(c, GW_E_CONFIGURATION, "more than %d headers", GW_HEADERS_MAX - 6);
	if (r->body.n)
		out->headers[out->header_n++] = (struct http_header){ S("Content-Type"), r->type };
	if (conf_get(c->g->env->conf, "remote", "s3"))
		region = sl(conf_str(c->g->env->conf, "remote", "s3_region", "us-east-1"));
	sign(c, out, region, host, target);
	return gw_send_http(c, out);
}

/* arn:aws:apigateway:REGION:SERVICE:action/ACTION or ...:path/PATH */
enum gw_error gw_send_aws(struct gw_call *c, const struct gw_request *r)
{
	struct slice service = { 0 }, region = { 0 }, rest = r->url, kind;
	for (int i = 0; i < 5; i++) {
		region = service;
		if (!rest.p || !sl_cut(rest, ':', &service, &rest))
			return gw_because(c, GW_E_CONFIGURATION, "the integration's ARN is malformed");
	}
	if (!sl_cut(rest, '/', &kind, &rest))
		return gw_because(c, GW_E_CONFIGURATION, "the integration's ARN is malformed");
	if (sl_eqs(service, "kinesis") && sl_eqs(kind, "action"))
		return call_kinesis(c, region, rest, r);
	if (sl_eqs(service, "s3") && sl_eqs(kind, "path"))
		return call_s3(c, region, rest, r);
	/* DIFFERS: of AWS integrations, Kinesis actions and S3 paths are served. */
	return gw_because(c, GW_E_CONFIGURATION, "integrations with %.*s are not served", SL(service));
}
