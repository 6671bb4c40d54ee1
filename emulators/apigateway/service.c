/* API Gateway as a service: management and invocations behind one state. */
#include "apigateway/manage.h"
#include "apigateway/openapi.h"
#include "core/identities.h"

static void gw_close(void *self)
{
	struct gateway *g = self;
	owed_cancel_all(&g->owed);
	gw_large_close(g);
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
	g->account = identities_account(env->conf);
	g->region = identities_region(env->conf);
	g->stale = true;
	g->adopt = gw_adopt;
	rc = gw_docs_open(g, err);
	g->apis = gw_docs(g, GW_DOC_API, "");
	g->usage = (struct gw_usage){ gw_docs(g, GW_DOC_KEY, ""), gw_docs(g, GW_DOC_PLAN, ""), gw_docs_all(g, GW_DOC_USAGE), json_object(), keep_usage };
	if (!rc)
		rc = gw_files_import(g, err);
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
	{ "apigateway.hosts", "*", NULL, "HOST:PORT = HOST:PORT: where an integration's host is, * in its name stands for anything; rest: this process's REST proxy" },
	{ "apigateway", "unsigned_to_own", "refuse", "whether HTTP integrations reach our own ports, but REST and APIs, without credentials, a signature or an Authorization header",
	  SETTING_TEXT, "allow|refuse" },
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
	.full = { 500, "application/json",
		  "{\"message\":\"Internal server error\"}" },
	.http_too_large = on_too_large,
	.close = gw_close,
};
