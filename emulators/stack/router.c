/* Which service a request on a shared port belongs to, and what is said where none takes it. */
#include "apigateway/apigateway.h"
#include "aws/aws.h"
#include "core/json.h"
#include "core/origin.h"
#include "core/problem.h"
#include "core/sigv4.h"
#include "front/names.h"
#include "rest/rest.h"
#include "stack/server.h"
#include "stack/services.h"

/* "Credential=AK/20260105/us-east-1/s3/aws4_request": the fourth part. */
static struct slice scope_service(struct slice credential)
{
	struct slice part = credential, rest = credential;
	for (int i = 0; i < 4 && rest.p; i++)
		sl_cut(rest, '/', &part, &rest);
	return rest.p ? part : sl(NULL);
}

/* in_query: where it was. */
static struct slice scope_of(const struct http_req *req, bool *in_query)
{
	struct slice auth = http_get(req, "Authorization");
	*in_query = false;
	ssize_t at = sl_find(auth, S("Credential="));
	if (auth.p && at >= 0) {
		struct slice c = sl_of(auth.p + at + 11, auth.n - (size_t)at - 11), head, rest;
		sl_cut(c, ',', &head, &rest);
		return scope_service(head);
	}
	struct slice q = req->query.p && sl_find(req->query, S("X-Amz-Credential=")) >= 0 ? http_query(req, "X-Amz-Credential")
											   : sl(NULL);
	*in_query = q.p != NULL;
	return q.p ? scope_service(q) : sl(NULL);
}

/* A form of any web page can name a credential in its query. No program signs a POST of an API so: presigned requests are GETs, and
 * S3's forms are signed inside. */
static bool of_a_form(const struct http_req *req)
{
	bool in_query;
	struct slice scope = scope_of(req, &in_query);
	return in_query && !sl_eqs(scope, "s3") && origin_simple(req);
}

static bool serves(const struct service *svc, const struct http_req *req, struct slice scope)
{
	if (scope.p)
		return service_signs(svc, scope);
	return svc->aws_target && sl_starts(http_get(req, "X-Amz-Target"), sl(svc->aws_target));
}

/* On the control port: the service with the longest prefix that the path begins with, also one that doesn't run. */
static const struct service *service_of_path(struct slice path)
{
	const struct service *best = NULL;
	size_t longest = 0;
	for (size_t i = 0; services[i]; i++)
		for (const char *const *p = services[i]->prefix; *p; p++) {
			if (strlen(*p) <= longest || !sl_starts(path, sl(*p)))
				continue;
			best = services[i];
			longest = strlen(*p);
		}
	return best;
}

/* ---- whose a host name is ---- */

/* Most requests name an address or localhost: those aren't looked at. */
static enum name_kind host_of(const struct http_req *req, const struct conf *conf, struct name *out)
{
	struct slice host = http_get(req, "Host");
	*out = (struct name){ 0 };
	if (sl_chr(host, '.') < 0 || (host.p[0] >= '0' && host.p[0] <= '9' && sl_starts(host, S("127."))))
		return NAME_FOREIGN;
	return name_read(host, conf, out);
}

/* Those of the APIs whose hosts aren't called as they are signed. */
static struct slice signed_as(struct slice label)
{
	static const struct {
		const char *label, *scope;
	} rows[] = { { "data-kinesis", "kinesis" }, { "control-kinesis", "kinesis" }, { "streaming-logs", "logs" }, { "cloudwatch", "monitoring" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sl_eq_nocase(label, sl(rows[i].label)))
			return sl(rows[i].scope);
	return label;
}

static struct slot *slot_named(struct slot *slots, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (slots[i].svc->http && sl_eqs(name, slots[i].svc->name))
			return &slots[i];
	return NULL;
}

/* True: the host says whose it is, and *out is that, or NULL where nobody serves it. */
static bool of_host(struct slot *slots, size_t n, const struct conf *conf, const struct http_req *req, struct slice scope, struct slot **out)
{
	struct name name;
	enum name_kind kind = host_of(req, conf, &name);
	*out = NULL;
	if (kind == NAME_INVOKE)
		*out = slot_named(slots, n, S("apigateway"));
	else if (kind == NAME_AIRFLOW)
		*out = slot_named(slots, n, S("airflow"));
	else if (kind == NAME_OWN)
		*out = slot_named(slots, n, name.service);
	if (*out || kind != NAME_AWS || !name.service.n || scope.p || sl_eq_nocase(name.service, S("s3")))
		return *out != NULL;
	for (size_t i = 0; i < n && !*out; i++)
		if (service_signs(slots[i].svc, signed_as(name.service)))
			*out = &slots[i];
	return true;
}

/* Nobody signs what he asks the control port; an object's key may look like such a path. */
static bool is_tarns(const struct http_req *req)
{
	bool in_query, reset = sl_eqs(req->method, "POST") && sl_starts(req->target, S("/_tarn/reset"));
	return (sl_starts(req->target, S("/_tarn/")) || sl_eqs(req->target, "/_tarn")) && !reset && !scope_of(req, &in_query).p &&
	       !http_get(req, "X-Amz-Target").p && sl_find(http_get(req, "Host"), S(".s3.")) < 0;
}

void router_unfold(struct http_call *call)
{
	struct http_req *req = &call->req;
	if (sl_eqs(req->path, "/_tarn"))
		req->path = S("/");
	while (sl_starts(req->path, S("/_tarn/")) && !control_has(req))
		req->path = sl_from(req->path, sizeof("/_tarn") - 1);
	bool gets = sl_eqs(req->method, "GET") || sl_eqs(req->method, "HEAD");
	call->unseen |= gets && sl_eqs(http_get(req, "X-Tarn"), "console");
}

bool router_at_control(const struct conf *conf, const struct http_req *req)
{
	if (is_tarns(req))
		return true;
	struct name name;
	enum name_kind kind = host_of(req, conf, &name);
	return kind == NAME_DATABRICKS || (kind == NAME_OWN && (sl_eqs(name.service, "lake") || sl_eqs(name.service, "databricks")));
}

static struct slot *find_aws(struct slot *slots, size_t n, const struct conf *conf, const struct http_req *req)
{
	struct slot *anonymous = NULL, *of;
	bool in_query;
	struct slice scope = scope_of(req, &in_query);
	if (of_a_form(req))
		return NULL;
	bool said = of_host(slots, n, conf, req, scope, &of);
	if (of)
		return of;
	/* Who signed for a service means it, whatever the path looks like: an object's key may look like an invoke URL. */
	for (size_t i = 0; (!scope.p || sl_eqs(scope, "execute-api")) && i < n; i++)
		if (slots[i].svc->aws_claims && slots[i].svc->aws_claims(req))
			return &slots[i];
	if (said)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (serves(slots[i].svc, req, scope))
			return &slots[i];
		if (slots[i].svc->aws_anonymous && !scope.p && !http_get(req, "X-Amz-Target").p && !http_get(req, "smithy-protocol").p)
			anonymous = &slots[i];
	}
	return anonymous;
}

struct slot *router_find(struct slot *slots, size_t n, const struct conf *conf, bool aws, const struct http_req *req)
{
	if (aws)
		return localstack_claims(req) ? NULL : find_aws(slots, n, conf, req);
	const struct service *svc = control_has(req) ? NULL : service_of_path(req->path);
	for (size_t i = 0; svc && i < n; i++)
		if (slots[i].svc == svc)
			return &slots[i];
	return NULL;
}

/* ---- what no service takes ---- */

static void unknown_service(struct server *s, struct http_call *call)
{
	bool in_query;
	struct slice scope = scope_of(&call->req, &in_query);
	struct aws_ask ask;
	call->op = "UnknownService";
	if (of_a_form(&call->req)) {
		problem_send(call, 403, "MissingAuthenticationToken", "any web page can send a POST like this one: sign its headers, or send it as application/json");
		return;
	}
	struct name name;
	if (!scope.p && host_of(&call->req, server_env(s)->conf, &name) == NAME_AWS)
		scope = signed_as(name.service);
	aws_ask_read(call, scope, &ask);
	log_warn(server_env(s), "unsupported", "service=%.*s operation=%.*s target=%.*s", SL(ask.service), SL(ask.operation), SL(call->req.target));
	aws_unserved(&ask);
}

void router_none(struct server *s, bool aws, struct http_call *call)
{
	const struct service *svc = aws || control_has(&call->req) ? NULL : service_of_path(call->req.path);
	call->service = aws ? "aws" : "control";
	if (aws && localstack_claims(&call->req)) {
		call->service = "localstack";
		localstack_http(s, call);
	} else if (aws)
		unknown_service(s, call);
	else if (svc)
		problem_send(call, 404, "ENDPOINT_NOT_FOUND", "%s doesn't run here: start tarn without --only, or with %s in it", svc->name, svc->name);
	else
		control_http(s, call);
}

/* ---- integrations of the gateway ---- */

static bool is_somebody(const struct http_req *req, bool aws)
{
	struct sigv4_auth auth;
	struct error err;
	if (!aws)
		return http_get(req, "Authorization").n > 0;
	return (http_get(req, "Authorization").n || http_query(req, "X-Amz-Signature").n) && sigv4_parse(req, &auth, &err) == 0;
}

bool router_refused(struct server *s, bool aws, const struct slot *slot, struct http_call *call)
{
	const struct env *env = server_env(s);
	/* The gateway says so in each of its requests, and no template can take it off. The REST proxy knows no callers, and an API is
	 * for whom it is deployed. */
	if (!http_get(&call->req, "X-Amzn-Apigateway-Api-Id").p || (slot && (slot->svc == &rest_service || slot->svc == &apigateway_service)))
		return false;
	if (is_somebody(&call->req, aws) || !strcmp(conf_str(env->conf, "apigateway", "unsigned_to_own", "refuse"), "allow"))
		return false;
	call->service = slot ? slot->svc->name : aws ? "aws" : "control";
	call->op = "Refused";
	log_warn(env, "refused", "apigateway.unsigned_to_own=refuse method=%.*s target=\"%.*s\" trace=%s", SL(call->req.method), SL(call->req.target), call->req.trace);
	if (aws)
		http_reply(call, 403, "application/xml", S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied"
							   "</Message></Error>"));
	else
		problem_send(call, 403, "PERMISSION_DENIED", "an integration of API Gateway calls this port as nobody: give it an Authorization header, or set "
							     "[apigateway] unsigned_to_own = allow");
	return true;
}
