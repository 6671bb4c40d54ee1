/* What tools that know LocalStack (or moto) ask the AWS port, and what a browser sees there. */
#include <jansson.h>
#include <unistd.h>

#include "core/identities.h"
#include "core/json.h"
#include "core/origin.h"
#include "core/text.h"
#include "core/version.h"
#include "stack/control.h"
#include "stack/elsewhere.h"
#include "stack/init.h"
#include "stack/services.h"

/* Whom LocalStack calls otherwise than AWS's signatures do. */
static const char *name_of(const char *scope)
{
	static const char *const rows[][2] = { { "airflow", "mwaa" }, { "monitoring", "cloudwatch" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i][0], scope))
			return rows[i][1];
	return scope;
}

static void add_services(struct server *s, struct buf *b)
{
	struct slice scope, rest;
	jw_obj(b, "services");
	for (size_t i = 0; services[i]; i++) {
		const char *state = server_state(s, services[i]->name) ? "running" : elsewhere_at(server_env(s)->conf, services[i]) ? "available" : "disabled";
		for (rest = sl(services[i]->aws); rest.p;) {
			sl_cut(rest, ' ', &scope, &rest);
			char *name = xstrndup(scope.p, scope.n);
			jw_text(b, name_of(name), state);
			free(name);
		}
	}
	jw_obj_end(b);
}

static void op_health(void *self, struct http_call *call)
{
	const json_t *put = server_notes(self);
	const char *key;
	json_t *v;
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	add_services(self, &b);
	jw_text(&b, "edition", "tarn");
	jw_text(&b, "version", tarn_version);
	json_object_foreach((json_t *)(uintptr_t)put, key, v) {
		char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
		jw_raw(&b, key, sl(text));
		free(text);
	}
	jw_obj_end(&b);
	http_reply_buf(call, 200, "application/json", &b);
}

/* {"features:initScripts": "done"} is there from now on as {"features": {"initScripts": "done"}}. */
static void op_note(void *self, struct http_call *call)
{
	json_t *given = json_loadb(call->req.body.p, call->req.body.n, 0, NULL), *v;
	const char *key;
	if (!json_is_object(given) || call->req.body.n > 64 << 10) {
		json_decref(given);
		control_error(call, 400, "a JSON object of up to 64 KiB");
		return;
	}
	json_object_foreach(given, key, v) {
		const char *colon = strchr(key, ':');
		char *outer = colon ? xstrndup(key, (size_t)(colon - key)) : xstrdup(key);
		json_t *at = json_object_get(server_notes(self), outer);
		if (colon && !json_is_object(at)) {
			at = json_object();
			json_object_set_new(server_notes(self), outer, at);
		}
		json_object_set(colon ? at : server_notes(self), colon ? colon + 1 : key, v);
		free(outer);
	}
	json_decref(given);
	http_reply(call, 200, "application/json", S("{\"status\":\"OK\"}"));
}

/* What changes or ends the stack isn't for strangers, where there are any. */
static bool admits(struct server *s, struct http_call *call)
{
	if (identity_of_call(server_env(s)->conf, call) == IDENTITY_OK)
		return true;
	control_error(call, 403, "[identities] are asked for: basic with ACCESS_KEY and SECRET, or bearer with SECRET");
	return false;
}

static void op_action(void *self, struct http_call *call)
{
	json_t *o = json_loadb(call->req.body.p, call->req.body.n, 0, NULL);
	const char *action = jstr(o, "action");
	if (!action || (strcmp(action, "kill") && strcmp(action, "restart")))
		control_error(call, 400, "action is kill or restart");
	else if (!admits(self, call))
		;
	else if (!strcmp(action, "restart"))
		server_restart(self, call);
	else {
		server_stop(self);
		http_reply(call, 200, "text/plain", S("ok"));
	}
	json_decref(o);
}

static void add_info(struct server *s, struct buf *b)
{
	const struct env *env = server_env(s);
	char now[32], id[37];
	uint64_t seed = (uint64_t)conf_int(env->conf, "stack", "seed", 0);
	clock_iso(clock_now_ms(env->clock), now);
	now[19] = '\0'; /* seconds, no zone */
	uuid_text(seed, ~seed, 4, id);
	jw_text(b, "version", tarn_version);
	jw_text(b, "edition", "tarn");
	jw_bool(b, "is_license_activated", false);
	jw_text(b, "session_id", id);
	jw_text(b, "machine_id", id);
	jw_text(b, "system", "linux");
	jw_bool(b, "is_docker", !access("/.dockerenv", F_OK) || !access("/run/.containerenv", F_OK));
	jw_text(b, "server_time_utc", now);
	jw_int(b, "uptime", server_uptime_ms(s) / 1000);
}

static void op_info(void *self, struct http_call *call)
{
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	add_info(self, &b);
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

static void op_init(void *self, struct http_call *call)
{
	struct buf b = { 0 };
	if (init_json(server_init(self), call->arg[0], &b))
		control_reply(call, 200, &b);
	else
		control_error(call, 404, "stages are BOOT, START, READY, SHUTDOWN");
}

static void op_plugins(void *self, struct http_call *call)
{
	http_reply(call, 200, "application/json", S("{}"));
}

static void op_diagnose(void *self, struct http_call *call)
{
	const struct env *env = server_env(self);
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_obj(&b, "info");
	add_info(self, &b);
	jw_obj_end(&b);
	add_services(self, &b);
	server_endpoints_json(self, &b, "endpoints");
	jw_obj(&b, "config");
	jw_text(&b, "region", identities_region(env->conf));
	jw_text(&b, "account", identities_account(env->conf));
	jw_text(&b, "data", env->dir ? env->dir : "");
	jw_obj_end(&b);
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

static void op_reset(void *self, struct http_call *call)
{
	if (admits(self, call))
		control_reset_alias(self, call);
}

static void op_own_reset(void *self, struct http_call *call)
{
	if (admits(self, call))
		control_reset(self, call);
}

/* A browser is no client of AWS's APIs: it is shown the console. */
static void op_landing(void *self, struct http_call *call)
{
	http_set(call, "Location", "/_tarn/");
	http_reply(call, 302, "text/plain; charset=utf-8",
		   S("This port is the endpoint of AWS's APIs: eval \"$(tarn env)\" leads clients here. The console is at /_tarn/\n"));
}

static const struct route ops[] = {
	{ "GET", "/_localstack/health", "LocalstackHealth", "services by LocalStack's names", op_health },
	{ "PUT", "/_localstack/health", "LocalstackNote", "a JSON object that health shows from then on", op_note },
	{ "POST", "/_localstack/health", "LocalstackAction", "{\"action\": \"restart\" or \"kill\"}", op_action },
	{ "GET", "/_localstack/health/reload", "LocalstackHealthAgain", "the same as health", op_health },
	{ "GET", "/_localstack/info", "LocalstackInfo", "version, session, time, uptime", op_info },
	{ "GET", "/_localstack/init", "LocalstackInit", "init scripts of all stages, and which stages have passed", op_init },
	{ "GET", "/_localstack/init/{}", "LocalstackInitStage", "of one stage: boot, start, ready, shutdown", op_init },
	{ "GET", "/_localstack/plugins", "LocalstackPlugins", "none", op_plugins },
	{ "GET", "/_localstack/diagnose", "LocalstackDiagnose", "info, services, addresses", op_diagnose },
	{ "POST", "/_localstack/state/reset", "LocalstackReset", "as POST /_tarn/reset of the control port", op_reset },
	{ "POST", "/_localstack/state/{}/reset", "LocalstackResetService", "of one service, by AWS's name or ours", op_reset },
	{ "POST", "/_moto-api/reset", "MotoReset", "of all", op_reset },
	{ "POST", "/moto-api/reset", "MotoServerReset", "of all", op_reset },
	{ "POST", "/_floci/state/reset", "FlociReset", "of all", op_reset },
	{ "POST", "/_ministack/reset", "MinistackReset", "of all; without ?init=1", op_reset },
	{ "POST", "/_tarn/reset", "AwsReset", "as the control port's", op_own_reset },
	{ "GET", "/", "Landing", "who accepts text/html is led to the console, /_tarn/", op_landing },
};
const struct routes localstack_routes = ROUTES(ops);
static const struct routes *const tables[] = { &localstack_routes, NULL };

/* SDKs never ask for a page. */
static bool is_browser(const struct http_req *req)
{
	struct slice host = http_get(req, "Host"), name, rest;
	sl_cut(host, ':', &name, &rest);
	bool own = sl_chr(name, '.') < 0 || origin_loopback(name) || sl_eqs(name, "localhost.localstack.cloud");
	return own && !req->query.p && sl_eqs(req->method, "GET") && sl_eqs(req->path, "/") && sl_find(http_get(req, "Accept"), S("text/html")) >= 0;
}

/* An object's key may look like one of these paths: who signs means S3, and so does a bucket's own host name. */
bool localstack_claims(const struct http_req *req)
{
	static const char *const starts[] = { "/_localstack/", "/_moto-api/", "/_floci/state/", "/_ministack/" };
	if (http_get(req, "Authorization").p && sl_starts(http_get(req, "Authorization"), S("AWS")))
		return false;
	if (sl_eqs(req->path, "/moto-api/reset") && sl_eqs(req->method, "POST")) /* a bucket may be called so, but isn't asked this */
		return sl_find(http_get(req, "Host"), S(".s3.")) < 0;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (sl_starts(req->path, sl(starts[i])) && sl_find(http_get(req, "Host"), S(".s3.")) < 0)
			return !req->query.p || sl_find(req->query, S("X-Amz-")) < 0;
	return is_browser(req) || (sl_eqs(req->method, "POST") && sl_starts(req->path, S("/_tarn/reset")));
}

void localstack_http(struct server *s, struct http_call *call)
{
	unsigned allowed;
	const struct route *op = route_call(tables, call, &allowed);
	if (op)
		op->fn(s, call);
	else
		control_error(call, allowed ? 405 : 404, allowed ? "method not allowed here" : "no such path: tarn help localstack");
}
