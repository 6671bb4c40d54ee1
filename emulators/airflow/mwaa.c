/* MWAA: tokens and the REST call of the AWS API; the command line and login of its web server.
 * DIFFERS: the web server's address is host:port; it speaks plain HTTP and TLS. */
#include "airflow/mwaa.h"
#include "core/authority.h"
#include "core/identities.h"
#include "core/sigv4.h"

void mwaa_reply(struct http_call *call, int status, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	http_reply(call, status, "application/json", sl(text ? text : "{}"));
	free(text);
}

void mwaa_refuse(struct http_call *call, int status, const char *code, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	http_set(call, "x-amzn-ErrorType", "%s", code);
	json_t *m = sl_is_utf8(buf_slice(&b)) ? json_string(buf_cstr(&b)) : NULL;
	mwaa_reply(call, status, json_pack("{s:s, s:o}", "__type", code, "message", m ? m : json_string("malformed")));
	buf_free(&b);
}

static const char *web_host(const struct airflow *a)
{
	return conf_str(a->env->conf, "airflow", "listen_host", "127.0.0.1");
}

char *mwaa_web_address(const struct airflow *a)
{
	return xasprintf("%s:%s", web_host(a), conf_str(a->env->conf, "airflow", "listen_port", "8080"));
}

/* ---- tokens ---- */

static const char *make_token(struct airflow *a, bool web)
{
	size_t at = (size_t)(a->token_counter % AF_TOKENS_MAX);
	uint8_t hash[32];
	struct buf b = { 0 };
	buf_addf(&b, "%s %lld %s", web ? "web" : "cli", (long long)++a->token_counter, conf_str(a->env->conf, "stack", "seed", "0"));
	hash_sha256(b.p, b.n, hash);
	buf_reset(&b);
	buf_hex(&b, hash, sizeof(hash));
	snprintf(a->tokens[at].text, sizeof(a->tokens[at].text), "tarn-%s-%s", web ? "web" : "cli", buf_cstr(&b));
	buf_free(&b);
	a->tokens[at].until_ms = af_now(a) + AF_TOKEN_MS;
	a->tokens[at].web = web;
	af_store_meta(a);
	return a->tokens[at].text;
}

/* Place of a token that is still good, or -1. */
static int token_at(const struct airflow *a, struct slice token, bool web)
{
	for (int i = 0; i < AF_TOKENS_MAX; i++)
		if (a->tokens[i].text[0] && a->tokens[i].web == web && sl_eqs(token, a->tokens[i].text) && af_now(a) <= a->tokens[i].until_ms)
			return i;
	return -1;
}

static void op_cli_token(struct af_aws *in)
{
	if (!mwaa_environment(in))
		return;
	char *host = mwaa_web_address(in->a);
	mwaa_reply(in->call, 200, json_pack("{s:s, s:s}", "CliToken", make_token(in->a, false), "WebServerHostname", host));
	free(host);
}

static void op_web_token(struct af_aws *in)
{
	if (!mwaa_environment(in))
		return;
	char *host = mwaa_web_address(in->a);
	mwaa_reply(in->call, 200, json_pack("{s:s, s:s, s:s, s:s}", "WebToken", make_token(in->a, true), "WebServerHostname", host, "IamIdentity", "root",
				       "AirflowIdentity", "root"));
	free(host);
}

/* InvokeRestApi: a REST request in an AWS request. */
static void op_rest(struct af_aws *in)
{
	const char *method = jstr(in->body, "Method"), *path = jstr(in->body, "Path");
	const json_t *query = json_object_get(in->body, "QueryParameters"), *v;
	const char *k;
	struct buf q = { 0 };
	if (!mwaa_environment(in))
		return;
	if (!method || !path) {
		mwaa_refuse(in->call, 400, "ValidationException", "Method and Path are required");
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)query, k, v) {
		char *text = json_is_string(v) ? xstrdup(json_string_value(v)) : json_dumps(v, JSON_ENCODE_ANY);
		buf_adds(&q, q.n ? "&" : "");
		buf_url_escape(&q, sl(k), false);
		buf_addc(&q, '=');
		buf_url_escape(&q, sl(text), false);
		free(text);
	}
	struct http_header accept = { S("Accept"), S("application/json") };
	struct af_rest r = { .a = in->a, .body = json_object_get(in->body, "Body"),
			     .req = { .arena = in->call->req.arena, .method = sl(method), .headers = &accept, .header_n = 1,
				      .path = arena_printf(in->call->req.arena, "/api/v1%s", path), .query = q.n ? buf_slice(&q) : sl(NULL) } };
	af_rest_run(&r);
	json_t *out = json_pack("{s:i, s:o}", "RestApiStatusCode", r.status, "RestApiResponse",
				r.out ? r.out : json_stringn(buf_slice(&r.text).p, r.text.n));
	if (r.status < 400) {
		mwaa_reply(in->call, 200, out);
	} else {
		const char *type = r.status < 500 ? "RestApiClientException" : "RestApiServerException";
		http_set(in->call, "x-amzn-ErrorType", "%s", type);
		json_object_set_new(out, "__type", json_string(type));
		mwaa_reply(in->call, 400, out);
	}
	buf_free(&q);
	buf_free(&r.text);
}

static const struct af_op aws_ops[] = {
	{ { "POST", "/clitoken/{}", "CreateCliToken", "a token for /aws_mwaa/cli" }, .aws = op_cli_token },
	{ { "POST", "/webtoken/{}", "CreateWebLoginToken", "a token for /aws_mwaa/login" }, .aws = op_web_token },
	{ { "POST", "/restapi/{}", "InvokeRestApi", "a request to the REST API", .flags = AF_FILES }, .aws = op_rest },
};
const struct routes af_mwaa_routes = ROUTES(aws_ops);

/* With [stack] auth = enforce: whether policies let them. */
static bool allowed(struct airflow *a, struct http_call *call, const struct sigv4_auth *auth)
{
	struct arena *arena = call->req.arena;
	struct slice name = call->arg[0];
	struct authority_ask ask = { .env = a->env, .call = call, .who = &auth->who, .action = arena_printf(arena, "airflow:%s", call->op), .resource = S("*"),
				     .region = auth->region };
	struct buf why = { 0 };
	bool ok;
	if (sl_starts(name, S("arn:")))
		ask.resource = name;
	else if (name.n)
		ask.resource = arena_printf(arena, "arn:aws:airflow:%.*s:%s:environment/%.*s", SL(auth->region), auth->who.account, SL(name));
	ok = authority_allows(&ask, NULL, &why);
	if (!ok)
		mwaa_refuse(call, 403, "AccessDeniedException", "%s", buf_cstr(&why));
	buf_free(&why);
	return ok;
}

/* With [identities], who signs must be one of them. False: refused. */
static bool signed_well(struct airflow *a, struct http_call *call)
{
	const struct conf *conf = a->env->conf;
	struct sigv4_auth auth;
	if (sigv4_any(conf))
		return true;
	switch (sigv4_check(a->env, &call->req, false, &auth, NULL)) {
	case SIGV4_OK:
		return allowed(a, call, &auth);
	case SIGV4_ANONYMOUS:
	case SIGV4_UNREADABLE:
		mwaa_refuse(call, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");
		return false;
	case SIGV4_UNKNOWN_KEY:
		mwaa_refuse(call, 403, "UnrecognizedClientException", "The security token included in the request is invalid.");
		return false;
	case SIGV4_EXPIRED_SESSION:
		mwaa_refuse(call, 403, "ExpiredTokenException", "The security token included in the request is expired");
		return false;
	default:
		mwaa_refuse(call, 403, "InvalidSignatureException",
		       "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
		       "method. Consult the service documentation for details.");
		return false;
	}
}

/* The environments are the stack's: another region or account has none, and can't get one here. True: answered. */
static bool elsewhere(struct airflow *a, struct http_call *call)
{
	const struct conf *conf = a->env->conf;
	struct sigv4_auth auth;
	struct error err;
	if (sigv4_parse(&call->req, &auth, &err) || !auth.present)
		return false;
	(void)sigv4_identity(a->env, &call->req, &auth);
	if (sl_eqs(auth.region, identities_region(conf)) && !strcmp(auth.who.account, identities_account(conf)))
		return false;
	if (!strcmp(call->op, "ListEnvironments"))
		http_reply(call, 200, "application/json", S("{\"Environments\":[]}"));
	else if (!strcmp(call->op, "CreateEnvironment"))
		mwaa_refuse(call, 400, "ValidationException", "Here environments are made in the stack's region and account: [stack] region, account.");
	else
		mwaa_refuse(call, 404, "ResourceNotFoundException", "Environment not found");
	return true;
}

bool af_mwaa_unknown(struct http_call *call)
{
	struct sigv4_auth auth;
	struct error err;
	if (sigv4_parse(&call->req, &auth, &err) || !auth.present || !sl_eqs(auth.service, "airflow"))
		return false;
	mwaa_refuse(call, 404, "UnknownOperationException", "MWAA has no operation %.*s %.*s", SL(call->req.method), SL(call->req.path));
	return true;
}

/* Names that clients make of an endpoint's: api.NAME, env.NAME, ops.NAME. */
static bool has_prefix(struct slice host)
{
	return sl_starts(host, S("api.")) || sl_starts(host, S("env.")) || sl_starts(host, S("ops."));
}

bool af_mwaa_claims(const struct http_req *req)
{
	static const struct routes *const tables[] = { &af_mwaa_routes, &af_environment_routes, NULL };
	struct slice host = http_get(req, "Host"), found[HTTP_ARGS_MAX];
	if (sl_starts(host, S("airflow.")) || (has_prefix(host) && sl_starts(sl_from(host, 4), S("airflow."))))
		return true;
	if (!has_prefix(host) || sl_starts(sl_from(host, 4), S("s3")))
		return false;
	/* A bucket of unsigned readers may be called api. */
	return route_find(tables, req, found, NULL) != NULL;
}

void af_mwaa_serve(struct airflow *a, struct http_call *call, const struct af_op *op)
{
	struct slice text = call->req.body;
	struct af_aws in = { a, call, call->arg[0], NULL };
	if (!signed_well(a, call) || elsewhere(a, call))
		return;
	in.body = text.n ? json_loadb(text.p, text.n, 0, NULL) : json_object();
	if (json_is_object(in.body))
		op->aws(&in);
	else
		mwaa_refuse(call, 400, "SerializationException", "the body is no JSON object");
	json_decref(in.body);
}

/* ---- the web server's own ---- */

static void op_command(void *self, struct http_call *call)
{
	struct airflow *a = self;
	struct slice auth = http_get(&call->req, "Authorization");
	struct buf out = { 0 }, err = { 0 }, b = { 0 };
	if (!sl_after(auth, S("Bearer "), &auth) || token_at(a, auth, false) < 0) {
		http_reply(call, 403, "text/html; charset=utf-8", S("Forbidden"));
		return;
	}
	int rc = af_cli_run(a, call->req.body, &out, &err);
	buf_adds(&b, "{\"stderr\":\"");
	buf_base64(&b, buf_slice(&err).p, err.n);
	buf_adds(&b, "\",\"stdout\":\"");
	buf_base64(&b, buf_slice(&out).p, out.n);
	buf_adds(&b, "\"}");
	http_reply(call, rc ? 400 : 200, "application/json", buf_slice(&b));
	buf_free(&out);
	buf_free(&err);
	buf_free(&b);
}

static struct slice form_value(struct http_call *call, const char *name)
{
	struct http_req req = { .arena = call->req.arena, .query = call->req.body };
	return req.query.n ? http_query(&req, name) : sl(NULL);
}

static void op_login(void *self, struct http_call *call)
{
	struct airflow *a = self;
	struct slice token = form_value(call, "token");
	int at = token.p ? token_at(a, token, true) : -1;
	if (at < 0) {
		http_reply(call, 403, "text/html; charset=utf-8", S("Forbidden"));
		return;
	}
	a->tokens[at].until_ms = af_now(a) + 12 * 3600000LL;
	http_set(call, "Set-Cookie", "session=%s; HttpOnly; Path=/", a->tokens[at].text);
	http_reply(call, 200, "text/html; charset=utf-8", S("OK"));
}

static const struct af_op web_ops[] = {
	{ { "POST", "/aws_mwaa/cli", "Cli", "run a command of Airflow's command line", op_command, AF_FILES } },
	{ { "POST", "/aws_mwaa/login", "Login", "open a session", op_login } },
};
const struct routes af_web_routes = ROUTES(web_ops);

bool af_mwaa_session(const struct airflow *a, struct slice cookie)
{
	ssize_t at = sl_find(cookie, S("session="));
	struct slice value, rest;
	if (!cookie.p || at < 0)
		return false;
	sl_cut(sl_of(cookie.p + at + 8, cookie.n - (size_t)at - 8), ';', &value, &rest);
	return token_at(a, value, true) >= 0;
}
