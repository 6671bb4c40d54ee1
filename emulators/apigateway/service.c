/* API Gateway as a service: the stack's APIs imported once, management and invocations behind one state. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"
#include "apigateway/openapi.h"
#include "core/sigv4.h"

/* ---- the stack's files ---- */

/* [apigateway.stage.S] -> {NAME: VALUE}, or NULL. */
static json_t *variables(struct gateway *g, struct arena *a, const char *stage)
{
	const char *section = arena_printf(a, "apigateway.stage.%s", stage).p, *key, *value;
	json_t *out = NULL;
	for (size_t i = 0; conf_at(g->env->conf, section, i, &key, &value); i++) {
		if (!out)
			out = json_object();
		jput(out, key, value);
	}
	return out;
}

static int deploy(struct gateway *g, struct arena *a, const char *api, const char *list, struct error *err)
{
	struct slice rest = sl(list), one;
	json_t *vars;
	const char *id;
	int rc = 0;
	while (!rc && rest.p) {
		(void)sl_cut(rest, ',', &one, &rest);
		one = sl_trim(one);
		if (!one.n)
			continue;
		vars = variables(g, a, arena_cstr(a, one));
		rc = gw_deploy(g, a, api, json_object(), arena_cstr(a, one), vars, &id, err);
		json_decref(vars);
	}
	return rc;
}

static const char *sum_of(struct arena *a, struct slice text, const char *stages)
{
	uint8_t h[32];
	struct slice all = arena_printf(a, "%.*s %s", SL(text), stages), out;
	struct buf b = { 0 };
	hash_sha256(all.p, all.n, h);
	buf_hex(&b, h, sizeof(h));
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return arena_cstr(a, out);
}

/* A file that was imported before and hasn't changed leaves what the management API made of it. */
static int import_text(struct gateway *g, struct arena *a, struct slice text, const char *stages, struct error *err)
{
	static const struct gw_import_opts opts = { .merge = false, .basepath = "ignore" };
	const char *sum = sum_of(a, text, stages), *id;
	struct gw_api *probe;
	JSON_AUTO doc = NULL;
	json_t *api;
	int rc = gw_import_parse(text, &doc, err);
	if (rc)
		return rc;
	id = gw_import_id(a, doc);
	api = gw_doc(g, GW_DOC_API, "", id);
	if (api && jstr(api, "_source") && !strcmp(jstr(api, "_source"), sum))
		return 0;
	if (!api)
		rc = gw_api_make(g, a, id, json_object(), false, &id, err);
	if (!rc)
		rc = gw_import_into(g, a, id, doc, &opts, err);
	if (!rc)
		rc = gw_integrated_check(g, id, err);
	if (!rc)
		rc = gw_compile_now(g, id, &probe, err);
	if (rc)
		return rc;
	gw_api_free(probe);
	jput(gw_doc(g, GW_DOC_API, "", id), "_source", sum);
	rc = gw_doc_save(g, GW_DOC_API, "", id, err);
	if (!rc)
		rc = deploy(g, a, id, stages, err);
	if (!rc)
		log_info(g->env, "import", "api=%s resources=%zu stages=%s", id, json_object_size(gw_docs(g, GW_DOC_RESOURCE, id)), stages);
	return rc;
}

static int import_file(struct gateway *g, const char *name, struct slice path, struct error *err)
{
	const struct conf *conf = g->env->conf;
	const char *stages = conf_str(conf, "apigateway", "stages", "prod"), *file;
	struct arena a = { 0 };
	struct error why;
	char *text;
	size_t n;
	int rc;
	file = arena_cstr(&a, path);
	if (name)
		stages = conf_str(conf, "apigateway", arena_printf(&a, "stages.%s", name).p, stages);
	rc = stack_read(g->env->files, file, &text, &n, err);
	if (!rc) {
		rc = import_text(g, &a, sl_of(text, n), stages, &why);
		free(text);
		if (rc)
			rc = err_set(err, rc, "apigateway: %s: %.900s", file, why.text);
	}
	arena_free(&a);
	return rc;
}

static int import_all(struct gateway *g, struct error *err)
{
	const char *key, *value;
	int rc = 0;
	for (size_t i = 0; !rc && conf_at(g->env->conf, "apigateway", i, &key, &value); i++) {
		const char *name = !strncmp(key, "api.", 4) ? key + 4 : NULL;
		struct slice rest = sl(value), one;
		if (!name && strcmp(key, "api"))
			continue;
		while (!rc && rest.p) {
			(void)sl_cut(rest, ',', &one, &rest);
			if (sl_trim(one).n)
				rc = import_file(g, name, sl_trim(one), err);
		}
	}
	return rc;
}

/* ---- the service ---- */

static void gw_close(void *self)
{
	struct gateway *g = self;
	owed_cancel_all(&g->owed);
	gw_stages_free(g);
	json_decref(g->usage.buckets);
	gw_docs_close(g);
}

static int keep_usage(struct gateway *g, const char *plan, const char *key, struct error *err)
{
	return gw_doc_save(g, GW_DOC_USAGE, plan, key, err);
}

static int gw_open(void *self, const struct env *env, struct error *err)
{
	struct gateway *g = self;
	int rc;
	g->env = env;
	g->stale = true;
	rc = gw_docs_open(g, err);
	g->apis = gw_docs(g, GW_DOC_API, "");
	g->usage = (struct gw_usage){ gw_docs(g, GW_DOC_KEY, ""), gw_docs(g, GW_DOC_PLAN, ""), gw_docs_all(g, GW_DOC_USAGE), json_object(), keep_usage };
	if (!rc)
		rc = import_all(g, err);
	if (!rc)
		rc = db_commit(&g->db, err);
	if (rc)
		gw_close(g);
	return rc;
}

/* A request of the management API is signed for apigateway; everything else is an invocation. */
static bool manages(const struct http_req *req)
{
	struct slice auth = http_get(req, "Authorization"), credential = http_query(req, "X-Amz-Credential");
	return sl_find(auth, S("/apigateway/aws4_request")) >= 0 || sl_find(credential, S("/apigateway/aws4_request")) >= 0;
}

static void on_http(void *self, struct http_call *call)
{
	if (manages(&call->req)) {
		gw_manage_serve(self, call, apigateway_service.routes);
		return;
	}
	gw_stages(self);
	gw_invoke(self, call);
}

static void on_too_large(void *self, struct http_call *call)
{
	gw_too_large(self, call);
}

static const struct setting settings[] = {
	{ "apigateway", "api", NULL, "OpenAPI exports of the stack, a, b: imported at the start" },
	{ "apigateway", "api.*", NULL, "the same under a name, for stages.NAME" },
	{ "apigateway", "stages", "prod", "stages that they are deployed to, a, b" },
	{ "apigateway", "stages.*", NULL, "the same for api.NAME" },
	{ "apigateway.stage.*", "*", NULL, "[apigateway.stage.STAGE] NAME = VALUE: stage variables" },
	{ "apigateway.hosts", "*", NULL, "HOST:PORT = HOST:PORT: where an integration's host is; rest: this process's REST proxy" },
	{ "apigateway.keys", "*", NULL, "NAME = VALUE: API keys that open every method that wants one" },
	{ NULL },
};

/* Found by stage and path, not by its row. */
static const struct route invocation = { NULL, NULL, "Invoke", "a call of a deployed API" };
static const struct routes invocations = { &invocation, 1, sizeof(invocation) };

const struct service apigateway_service = {
	.name = "apigateway",
	.doc = "API Gateway: REST APIs from their OpenAPI exports or the management API",
	.settings = settings,
	.port = 4570,
	.aws = "apigateway",
	.aws_claims = gw_addressed,
	.endpoint = "apigateway",
	.size = sizeof(struct gateway),
	.db = offsetof(struct gateway, db),
	.body_max = GW_BODY_MAX,
	.open = gw_open,
	.routes = { &gw_api_routes, &gw_resource_routes, &gw_method_routes, &gw_deploy_routes, &gw_part_routes, &gw_key_routes, &invocations },
	.http = on_http,
	.http_too_large = on_too_large,
	.close = gw_close,
};
