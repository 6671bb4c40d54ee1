/* Integrations of type AWS: the services of this program, through their ports. */
#include "apigateway/run.h"
#include "core/httpc.h"

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

/* ---- S3 ---- */

static void on_s3_error(struct gw_call *c, const struct error *err)
{
	struct buf b = { 0 };
	if (!err->def) {
		c->answered(c, NULL, gw_because(c, GW_E_CONFIGURATION, "%s", err->text));
		return;
	}
	buf_addf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>", err->def->code);
	buf_xml_escape(&b, sl(err->text));
	buf_addf(&b, "</Message><RequestId>%s</RequestId></Error>", c->request_id);
	deliver(c, err->def->http, "application/xml", buf_slice(&b));
	buf_free(&b);
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
	if (err)
		on_s3_error(arg, err);
	else
		deliver(arg, 200, "application/xml", S(""));
}

static void on_del(void *arg, const struct error *err)
{
	if (err)
		on_s3_error(arg, err);
	else
		deliver(arg, 204, "application/xml", S(""));
}

static enum gw_error call_s3(struct gw_call *c, struct slice path, const struct gw_request *r)
{
	const struct object_store *s = &c->g->env->ports->objects;
	struct slice bucket, key, rest;
	struct error err;
	struct owed *owed;
	if (!c->match.method->in.has_role && strcmp(conf_str(c->g->env->conf, "apigateway", "unsigned_to_own", "refuse"), "allow")) {
		log_warn(c->g->env, "invoke", "api=%.*s resource=%.*s apigateway.unsigned_to_own=refuse error=\"the integration has no credentials\"",
			 SL(c->api->id), SL(c->match.node->path));
		deliver(c, 403, "application/xml", S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"));
		return GW_OK;
	}
	(void)sl_cut(path, '?', &path, &rest);
	(void)sl_cut(path, '/', &bucket, &key);
	if (port_needed(c->g->env, PORT_OBJECTS, &err))
		return gw_because(c, GW_E_CONFIGURATION, "%s", err.text);
	if (!key.n)
		return gw_because(c, GW_E_CONFIGURATION, "integrations with S3 buckets are not served, those with objects are");
	key = arena_url_decode(c->call->req.arena, key, false);
	if (sl_eq_nocase(r->method, S("GET")))
		owed = s->get(s->self, bucket, key, on_get, c);
	else if (sl_eq_nocase(r->method, S("PUT")))
		owed = s->put(s->self, bucket, key, r->type, r->body, sl(c->call->req.trace), on_put, c);
	else if (sl_eq_nocase(r->method, S("DELETE")))
		owed = s->del(s->self, bucket, key, on_del, c);
	else
		return gw_because(c, GW_E_CONFIGURATION, "this method of S3 is not served");
	owed_keep(&c->g->owed, owed);
	return GW_OK;
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
		return call_s3(c, rest, r);
	/* DIFFERS: of AWS integrations, Kinesis actions and S3 objects are served. */
	return gw_because(c, GW_E_CONFIGURATION, "integrations with %.*s are not served", SL(service));
}
