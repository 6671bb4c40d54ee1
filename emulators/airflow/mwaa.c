/* MWAA: environments, tokens and the REST call of the AWS API; the command line and login of its web server.
 * DIFFERS: every environment is this one Airflow; an environment adds its bucket's DAG folder to those that are read. The
 * web server's address is host:port and speaks plain HTTP. */
#include "airflow/rest.h"
#include "core/identities.h"
#include "core/sigv4.h"

static void reply(struct http_call *call, int status, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	http_reply(call, status, "application/json", sl(text ? text : "{}"));
	free(text);
}

static void refuse(struct http_call *call, int status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void refuse(struct http_call *call, int status, const char *code, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	http_set(call, "x-amzn-ErrorType", "%s", code);
	json_t *m = sl_is_utf8(buf_slice(&b)) ? json_string(buf_cstr(&b)) : NULL;
	reply(call, status, json_pack("{s:s, s:o}", "__type", code, "message", m ? m : json_string("malformed")));
	buf_free(&b);
}

static const char *web_host(const struct airflow *a)
{
	return conf_str(a->env->conf, "airflow", "listen_host", "127.0.0.1");
}

static char *web_address(const struct airflow *a)
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

/* ---- environments ---- */

static json_t *make_environment(struct airflow *a, const char *name, const json_t *given)
{
	json_t *e = json_object(), *v;
	const char *k;
	const struct conf *conf = a->env->conf;
	char *url = web_address(a);
	char *arn = xasprintf("arn:aws:airflow:%s:%s:environment/%s", identities_region(conf), identities_account(conf), name);
	char *role = xasprintf("arn:aws:iam::%s:role/aws-service-role/airflow.amazonaws.com/AWSServiceRoleForAmazonMWAA", identities_account(conf));
	json_object_set_new(e, "Name", json_string(name));
	json_object_set_new(e, "Arn", json_string(arn));
	json_object_set_new(e, "Status", json_string("AVAILABLE"));
	json_object_set_new(e, "AirflowVersion", json_string(AF_VERSION));
	json_object_set_new(e, "EnvironmentClass", json_string("mw1.small"));
	json_object_set_new(e, "MaxWorkers", json_integer(10));
	json_object_set_new(e, "MinWorkers", json_integer(1));
	json_object_set_new(e, "Schedulers", json_integer(2));
	json_object_set_new(e, "WebserverAccessMode", json_string("PUBLIC_ONLY"));
	json_object_set_new(e, "WebserverUrl", json_string(url));
	json_object_set_new(e, "CreatedAt", json_integer(af_now(a) / 1000));
	json_object_set_new(e, "ServiceRoleArn", json_string(role));
	json_object_set_new(e, "WeeklyMaintenanceWindowStart", json_string("SUN:00:00"));
	json_object_set_new(e, "Tags", json_object());
	json_object_foreach((json_t *)(uintptr_t)given, k, v)
		json_object_set(e, k, v);
	free(url);
	free(arn);
	free(role);
	return e;
}

void af_mwaa_open(struct airflow *a)
{
	const char *name = conf_str(a->env->conf, "airflow", "environment", "Databricks-Airflow-env");
	const char *bucket = conf_str(a->env->conf, "airflow", "bucket", "mwaa-dags-bucket");
	if (json_object_size(a->kept[AF_ENVIRONMENT]))
		return;
	char *arn = xasprintf("arn:aws:s3:::%s", bucket);
	char *role = xasprintf("arn:aws:iam::%s:role/service-role/AmazonMWAA", identities_account(a->env->conf));
	json_t *given = json_pack("{s:s, s:s, s:s, s:{s:[s], s:[s, s]}}", "SourceBucketArn", arn, "DagS3Path", "dags", "ExecutionRoleArn",
				  role, "NetworkConfiguration", "SecurityGroupIds", "sg-00000000",
				  "SubnetIds", "subnet-00000000", "subnet-00000001");
	json_object_set_new(a->kept[AF_ENVIRONMENT], name, make_environment(a, name, given));
	json_decref(given);
	free(arn);
	free(role);
}

struct af_aws {
	struct airflow *a;
	struct http_call *call;
	struct slice name; /* what the row's {} took */
	json_t *body;
};

static json_t *environment_of(struct af_aws *in)
{
	json_t *e = json_object_get(in->a->kept[AF_ENVIRONMENT], arena_cstr(in->call->req.arena, in->name));
	if (!e)
		refuse(in->call, 404, "ResourceNotFoundException", "Environment not found: %.*s", SL(in->name));
	return e;
}

static void op_list(struct af_aws *in)
{
	json_t *names = json_array(), *e;
	const char *name;
	json_object_foreach(in->a->kept[AF_ENVIRONMENT], name, e)
		json_array_append_new(names, json_string(name));
	reply(in->call, 200, json_pack("{s:o}", "Environments", names));
}

static void op_get(struct af_aws *in)
{
	json_t *e = environment_of(in);
	if (!e)
		return;
	char *url = web_address(in->a);
	json_t *copy = json_copy(e);
	json_object_set_new(copy, "WebserverUrl", json_string(url)); /* of this process */
	free(url);
	reply(in->call, 200, json_pack("{s:o}", "Environment", copy));
}

static void op_create(struct af_aws *in)
{
	static const char *const required[] = { "DagS3Path", "ExecutionRoleArn", "NetworkConfiguration", "SourceBucketArn" };
	char *name = arena_cstr(in->call->req.arena, in->name);
	for (size_t i = 0; i < ARRAY_LEN(required); i++) {
		if (json_object_get(in->body, required[i]))
			continue;
		refuse(in->call, 400, "ValidationException", "%s is required", required[i]);
		return;
	}
	if (json_object_get(in->a->kept[AF_ENVIRONMENT], name)) {
		refuse(in->call, 400, "ValidationException", "Environment %s already exists", name);
		return;
	}
	json_t *e = make_environment(in->a, name, in->body);
	af_keep(in->a, AF_ENVIRONMENT, name, e);
	reply(in->call, 200, json_pack("{s:O}", "Arn", json_object_get(e, "Arn")));
	json_decref(e);
}

static void op_update(struct af_aws *in)
{
	json_t *e = environment_of(in), *v;
	const char *k;
	if (!e)
		return;
	json_object_foreach(in->body, k, v)
		json_object_set(e, k, v);
	json_object_set_new(e, "LastUpdate", json_pack("{s:s, s:I}", "Status", "SUCCESS", "CreatedAt", (json_int_t)(af_now(in->a) / 1000)));
	af_keep(in->a, AF_ENVIRONMENT, jstr(e, "Name"), e);
	reply(in->call, 200, json_pack("{s:O}", "Arn", json_object_get(e, "Arn")));
}

static void op_delete(struct af_aws *in)
{
	if (environment_of(in)) {
		(void)af_unkeep(in->a, AF_ENVIRONMENT, arena_cstr(in->call->req.arena, in->name));
		reply(in->call, 200, json_object());
	}
}

static void op_cli_token(struct af_aws *in)
{
	if (!environment_of(in))
		return;
	char *host = web_address(in->a);
	reply(in->call, 200, json_pack("{s:s, s:s}", "CliToken", make_token(in->a, false), "WebServerHostname", host));
	free(host);
}

static void op_web_token(struct af_aws *in)
{
	if (!environment_of(in))
		return;
	char *host = web_address(in->a);
	reply(in->call, 200, json_pack("{s:s, s:s, s:s, s:s}", "WebToken", make_token(in->a, true), "WebServerHostname", host, "IamIdentity", "root",
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
	if (!environment_of(in))
		return;
	if (!method || !path) {
		refuse(in->call, 400, "ValidationException", "Method and Path are required");
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
		reply(in->call, 200, out);
	} else {
		http_set(in->call, "x-amzn-ErrorType", "RestApiClientException");
		json_object_set_new(out, "__type", json_string("RestApiClientException"));
		reply(in->call, 400, out);
	}
	buf_free(&q);
	buf_free(&r.text);
}

static json_t *tagged(struct af_aws *in)
{
	ssize_t at = sl_find(in->name, S("environment/"));
	if (at >= 0)
		in->name = sl_of(in->name.p + at + 12, in->name.n - (size_t)at - 12);
	return environment_of(in);
}

static void op_tags(struct af_aws *in)
{
	const json_t *e = tagged(in);
	if (e)
		reply(in->call, 200, json_pack("{s:O}", "Tags", json_object_get(e, "Tags")));
}

static void op_tag(struct af_aws *in)
{
	json_t *e = tagged(in), *tags = json_object_get(in->body, "Tags");
	if (!e)
		return;
	if (json_is_object(tags))
		json_object_update(json_object_get(e, "Tags"), tags);
	af_keep(in->a, AF_ENVIRONMENT, jstr(e, "Name"), e);
	reply(in->call, 200, json_object());
}

static void op_untag(struct af_aws *in)
{
	json_t *e = tagged(in);
	struct slice name, value;
	size_t pos = 0;
	if (!e)
		return;
	while (in->call->req.query.p && http_query_next(&in->call->req, &pos, &name, &value))
		if (sl_eqs(name, "tagKeys"))
			json_object_del(json_object_get(e, "Tags"), arena_cstr(in->call->req.arena, arena_url_decode(in->call->req.arena, value, true)));
	af_keep(in->a, AF_ENVIRONMENT, jstr(e, "Name"), e);
	reply(in->call, 200, json_object());
}

static const struct af_op aws_ops[] = {
	{ { "GET", "/environments", "ListEnvironments", "names of the environments" }, .aws = op_list },
	{ { "GET", "/environments/{}", "GetEnvironment", "an environment" }, .aws = op_get },
	{ { "PUT", "/environments/{}", "CreateEnvironment", "another name of this Airflow, with a bucket of its own" }, .aws = op_create },
	{ { "PATCH", "/environments/{}", "UpdateEnvironment", "change an environment" }, .aws = op_update },
	{ { "DELETE", "/environments/{}", "DeleteEnvironment", "forget an environment" }, .aws = op_delete },
	{ { "POST", "/clitoken/{}", "CreateCliToken", "a token for /aws_mwaa/cli" }, .aws = op_cli_token },
	{ { "POST", "/webtoken/{}", "CreateWebLoginToken", "a token for /aws_mwaa/login" }, .aws = op_web_token },
	{ { "POST", "/restapi/{}", "InvokeRestApi", "a request to the REST API", .flags = AF_FILES }, .aws = op_rest },
	{ { "GET", "/tags/{+}", "ListTagsForResource", "tags of an environment" }, .aws = op_tags },
	{ { "POST", "/tags/{+}", "TagResource", "set tags" }, .aws = op_tag },
	{ { "DELETE", "/tags/{+}", "UntagResource", "remove tags" }, .aws = op_untag },
};
const struct routes af_mwaa_routes = ROUTES(aws_ops);

/* With [identities], who signs must be one of them. False: refused. */
static bool signed_well(struct airflow *a, struct http_call *call)
{
	const struct conf *conf = a->env->conf;
	switch (sigv4_any(conf) ? SIGV4_OK : sigv4_check(conf, &call->req, false, NULL, NULL)) {
	case SIGV4_OK:
		return true;
	case SIGV4_ANONYMOUS:
	case SIGV4_UNREADABLE:
		refuse(call, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");
		return false;
	case SIGV4_UNKNOWN_KEY:
		refuse(call, 403, "UnrecognizedClientException", "The security token included in the request is invalid.");
		return false;
	default:
		refuse(call, 403, "InvalidSignatureException",
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
	struct identity id;
	struct error err;
	if (sigv4_parse(&call->req, &auth, &err) || !auth.present)
		return false;
	(void)identity_of_key(conf, auth.key, &id);
	if (sl_eqs(auth.region, identities_region(conf)) && !strcmp(id.account, identities_account(conf)))
		return false;
	if (!strcmp(call->op, "ListEnvironments"))
		http_reply(call, 200, "application/json", S("{\"Environments\":[]}"));
	else if (!strcmp(call->op, "CreateEnvironment"))
		refuse(call, 400, "ValidationException", "Here environments are made in the stack's region and account: [stack] region, account.");
	else
		refuse(call, 404, "ResourceNotFoundException", "Environment not found");
	return true;
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
		refuse(call, 400, "SerializationException", "the body is no JSON object");
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
