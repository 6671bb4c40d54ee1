/* Deployments (snapshots of the API's documents) and stages. */
#include "apigateway/manage.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define NO_DEPLOYMENT "Deployment id does not exist"

static json_t *deployment_of(struct gw_manage *o, const char *id)
{
	return id ? gw_doc(o->g, GW_DOC_DEPLOYMENT, o->arg[0], id) : NULL;
}

/* ---- CreateDeployment ---- */

static int check_name(const char *name, struct error *err)
{
	return name[strspn(name, LETTERS "-_")] ? gw_bad(err, "Stage name only allows a-zA-Z0-9_-") : 0;
}

static int check_variables(json_t *vars, struct error *err)
{
	const char *key, *text;
	json_t *v;
	json_object_foreach(vars, key, v) {
		text = json_string_value(v);
		if (text && text[strspn(text, LETTERS "-._~:/?#&=,")])
			return gw_bad(err, "Stage variable value %s for stage variable %s is invalid: Please use values with alphanumeric characters and the "
					   "symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", text, key);
	}
	return 0;
}

static json_t *canary_of(json_t *in, const char *deployment)
{
	json_t *overrides = json_object_get(in, "stageVariableOverrides");
	return json_pack("{s:s,s:f,s:o,s:b}", "deploymentId", deployment, "percentTraffic", jnum(in, "percentTraffic"), "stageVariableOverrides",
			 overrides ? json_deep_copy(overrides) : json_object(), "useStageCache", jtrue(in, "useStageCache"));
}

static int check_canary(struct gw_manage *o, const char *stage, struct error *err)
{
	if (!stage || !*stage)
		return gw_bad(err, "Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided "
				   "value is %s", stage ? stage : "null");
	if (!gw_doc(o->g, GW_DOC_STAGE, o->arg[0], stage))
		return gw_bad(err, "Invalid deployment content specified.Stage %s must already be created before making a canary release deployment", stage);
	return 0;
}

/* There are methods, and all have integrations. */
static int check_methods(struct gw_manage *o, struct error *err)
{
	const char *id, *verb;
	json_t *res, *m;
	bool any = false, bare = false;
	json_object_foreach(gw_docs(o->g, GW_DOC_RESOURCE, o->arg[0]), id, res)
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m) {
			any = true;
			bare |= !json_object_get(m, "methodIntegration");
		}
	if (!any)
		return gw_bad(err, "The REST API doesn't contain any methods");
	return bare ? gw_bad(err, "No integration defined for method") : 0;
}

static int op_deploy(struct gw_manage *o, struct error *err)
{
	const char *stage = gw_str(o, "stageName"), *about = gw_str(o, "stageDescription"), *id;
	json_t *doc, *canary = json_object_get(o->in, "canarySettings"), *vars = json_object_get(o->in, "variables");
	bool is_canary = json_is_object(canary);
	int rc = gw_need_api(o, err);
	if (!rc && is_canary)
		rc = check_canary(o, stage, err);
	if (!rc && stage)
		rc = check_name(stage, err);
	if (!rc)
		rc = check_variables(vars, err);
	if (!rc)
		rc = check_methods(o, err);
	if (rc)
		return rc;
	if (stage && !*stage)
		stage = NULL;
	doc = json_object();
	jput(doc, "description", gw_str(o, "description"));
	rc = gw_deploy(o->g, o->a, o->arg[0], doc, is_canary ? NULL : stage, json_is_object(vars) ? vars : NULL, &id, err);
	if (rc)
		return rc;
	o->out = gw_shown(deployment_of(o, id));
	if (!stage)
		return 0;
	doc = gw_doc(o->g, GW_DOC_STAGE, o->arg[0], stage);
	if (is_canary)
		json_object_set_new(doc, "canarySettings", canary_of(canary, id));
	else
		jput(doc, "description", about);
	gw_changed(o->g, o->arg[0]);
	return gw_doc_save(o->g, GW_DOC_STAGE, o->arg[0], stage, err);
}

/* ---- deployments ---- */

/* {"/path": {"GET": {authorizationType, apiKeyRequired}}} */
static json_t *summary(const json_t *deployment)
{
	json_t *out = json_object(), *res, *m, *row;
	const char *id, *verb, *auth;
	json_object_foreach(json_object_get(json_object_get(deployment, "_snapshot"), "resources"), id, res) {
		if (!json_object_size(json_object_get(res, "resourceMethods")))
			continue;
		row = jobj(out, jstr(res, "path"));
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m) {
			auth = jstr(m, "authorizationType");
			json_object_set_new(row, verb, json_pack("{s:s,s:b}", "authorizationType", auth ? auth : "NONE", "apiKeyRequired", jtrue(m, "apiKeyRequired")));
		}
	}
	return out;
}

static json_t *show_deployment(struct gw_manage *o, const json_t *doc)
{
	json_t *out = gw_shown(doc);
	if (sl_find(http_query(&o->call->req, "embed"), S("apisummary")) >= 0)
		json_object_set_new(out, "apiSummary", summary(doc));
	return out;
}

static int drop_deployment(struct gw_manage *o, json_t *doc, struct error *err)
{
	const char *name;
	json_t *v;
	json_object_foreach(gw_docs(o->g, GW_DOC_STAGE, o->arg[0]), name, v)
		if (sl_eqs(jslice(v, "deploymentId"), o->arg[1]))
			return gw_bad(err, "Active stages pointing to this deployment must be moved or deleted");
	return 0;
}

static const struct gw_patch_rule deployment_rules[] = { { "/description", 's', "ar-" } };
static const struct gw_kind deployment = {
	.docs = GW_DOC_DEPLOYMENT, .missing = "Invalid Deployment identifier specified", .patch = { GW_PATCH(deployment_rules) }, .show = show_deployment,
	.drop = drop_deployment,
};

/* ---- stages ---- */

static int op_stage_create(struct gw_manage *o, struct error *err)
{
	const char *name = gw_str(o, "stageName"), *id = gw_str(o, "deploymentId");
	json_t *doc, *canary = json_object_get(o->in, "canarySettings");
	int rc = gw_need_api(o, err);
	if (rc)
		return rc;
	if (!name || !*name)
		return gw_bad(err, "Stage name must be non-empty");
	if (!deployment_of(o, id) || (json_is_object(canary) && !deployment_of(o, jstr(canary, "deploymentId"))))
		return gw_bad(err, NO_DEPLOYMENT);
	rc = check_name(name, err);
	if (!rc)
		rc = check_variables(json_object_get(o->in, "variables"), err);
	if (rc)
		return rc;
	if (gw_doc(o->g, GW_DOC_STAGE, o->arg[0], name))
		return gw_conflict(err, "Stage already exists");
	if (json_object_size(gw_docs(o->g, GW_DOC_STAGE, o->arg[0])) >= GW_STAGES_MAX)
		return gw_manage_fail(err, GW_M_LIMIT, "Maximum number of stages for this API has been reached. (%d)", GW_STAGES_MAX);
	doc = gw_stage_new(o->g, id, name);
	gw_members(o, doc, o->row->kind->members);
	if (jtrue(doc, "cacheClusterEnabled"))
		jput(doc, "cacheClusterStatus", "AVAILABLE");
	if (json_is_object(canary))
		json_object_set_new(doc, "canarySettings", canary_of(canary, jstr(canary, "deploymentId")));
	gw_changed(o->g, o->arg[0]);
	return gw_add(o, name, doc, err);
}

static int op_stages(struct gw_manage *o, struct error *err)
{
	const char *of = gw_query(o, "deploymentId"), *name;
	json_t *list, *v;
	int rc = gw_need_api(o, err);
	if (rc)
		return rc;
	list = json_array();
	json_object_foreach(gw_docs(o->g, GW_DOC_STAGE, o->arg[0]), name, v)
		if (!of || !strcmp(of, jstr(v, "deploymentId")))
			json_array_append_new(list, gw_shown(v));
	o->out = json_pack("{s:o}", "item", list);
	return 0;
}

/* AWS's own text; the commas that it lacks are lacking there. */
#define SETTING_PATHS_1(at) at "/metrics/enabled, " at "/logging/dataTrace, " at "/logging/loglevel, " at "/throttling/burstLimit"
#define SETTING_PATHS_2(at) at "/caching/ttlInSeconds, " at "/caching/enabled, " at "/caching/dataEncrypted, " at "/caching/requireAuthorizationForCacheControl, " \
			    at "/caching/unauthorizedCacheControlHeaderStrategy, "
#define ONE "/{resourcePath}/{httpMethod}"
#define STAGE_PATHS \
	"/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, " \
	"/accessLogSettings/format, " SETTING_PATHS_1(ONE) ONE "/throttling/rateLimit" SETTING_PATHS_2(ONE) SETTING_PATHS_1("/*/*") \
	" /*/*/throttling/rateLimit " SETTING_PATHS_2("/*/*") "/variables/{variable_name}, /tracingEnabled"

static int bad_setting(const struct gw_change *c, struct error *err)
{
	return gw_bad(err, "Invalid method setting path: %s. Must be one of: [" STAGE_PATHS "]", c->path);
}

/* What a method's settings begin with. */
static json_t *settings_new(void)
{
	return json_pack("{s:b,s:b,s:b,s:i,s:f,s:b,s:i,s:b,s:s}", "metricsEnabled", 0, "dataTraceEnabled", 0, "cachingEnabled", 0, "throttlingBurstLimit", 5000,
			 "throttlingRateLimit", 10000.0, "cacheDataEncrypted", 0, "cacheTtlInSeconds", 300, "requireAuthorizationForCacheControl", 1,
			 "unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITH_RESPONSE_HEADER");
}

/* "/{resource}/{method}/throttling/rateLimit" sets a method setting; removing "/{resource}/{method}" drops all of them. */
static int change_setting(struct gw_manage *o, json_t *doc, const struct gw_change *c, bool *mine, struct error *err)
{
	static const struct {
		const char *group, *name;
		struct gw_patch_rule rule;
	} known[] = {
		{ "metrics", "enabled", { "/metricsEnabled", 'b', "ar" } },
		{ "logging", "dataTrace", { "/dataTraceEnabled", 'b', "ar" } },
		{ "logging", "loglevel", { "/loggingLevel", 's', "ar" } },
		{ "throttling", "burstLimit", { "/throttlingBurstLimit", 'i', "ar" } },
		{ "throttling", "rateLimit", { "/throttlingRateLimit", 'f', "ar" } },
		{ "caching", "enabled", { "/cachingEnabled", 'b', "ar" } },
		{ "caching", "ttlInSeconds", { "/cacheTtlInSeconds", 'i', "ar" } },
		{ "caching", "dataEncrypted", { "/cacheDataEncrypted", 'b', "ar" } },
		{ "caching", "requireAuthorizationForCacheControl", { "/requireAuthorizationForCacheControl", 'b', "ar" } },
		{ "caching", "unauthorizedCacheControlHeaderStrategy", { "/unauthorizedCacheControlHeaderStrategy", 's', "ar" } },
	};
	const char *seg[6], *key;
	size_t n = gw_pointer(o->a, c->path, seg, ARRAY_LEN(seg));
	bool verb = n > 1 && (!strcmp(seg[1], "*") || gw_method_of(sl(seg[1])) < GW_METHOD_N);
	json_t *all = json_object_get(doc, "methodSettings");
	*mine = (n == 2 && verb) || (n == 4 && (verb || seg[0][0] == '*' || seg[0][0] == '/' || !seg[0][0]));
	if (!*mine)
		return 0;
	key = arena_printf(o->a, "%s/%s", seg[0][0] == '/' && seg[0][1] ? seg[0] + 1 : seg[0], seg[1]).p;
	if (n == 2) {
		if (strcmp(c->op, "remove"))
			return bad_setting(c, err);
		if (json_object_del(all, key))
			return gw_bad(err, "Cannot remove method setting %s because there is no method setting for this method ", key);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!strcmp(seg[2], known[i].group) && !strcmp(seg[3], known[i].name)) {
			struct gw_change inner = { c->op, known[i].rule.path, c->value, NULL };
			if (!json_object_get(all, key)) /* a method's own begin as those of all */
				json_object_set_new(all, key, json_object_get(all, "*/*") ? json_deep_copy(json_object_get(all, "*/*")) : settings_new());
			return gw_change(json_object_get(all, key), &inner, &(struct gw_patch){ .rules = &known[i].rule, .n = 1 }, err);
		}
	return bad_setting(c, err);
}

/* Of a canary's settings into the stage, when it is promoted. */
static int promote(json_t *doc, const struct gw_change *c, struct error *err)
{
	json_t *canary = json_object_get(doc, "canarySettings");
	bool id = !strcmp(c->path, "/deploymentId") && !strcmp(c->from, "/canarySettings/deploymentId");
	if (!id && (strcmp(c->path, "/variables") || strcmp(c->from, "/canarySettings/stageVariableOverrides")))
		return gw_bad(err, "Invalid copy operation with path: %s and from %s. Valid copy:path are [/deploymentId, /variables] and valid copy:from are "
				   "[/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]", c->path, c->from);
	if (!canary)
		return gw_bad(err, "Promotion not available. Canary does not exist.");
	if (id)
		json_object_set(doc, "deploymentId", json_object_get(canary, "deploymentId"));
	else
		json_object_update(jobj(doc, "variables"), json_object_get(canary, "stageVariableOverrides"));
	return 0;
}

static int change_stage(struct gw_manage *o, json_t *doc, const struct gw_change *c, bool *mine, struct error *err)
{
	*mine = !strcmp(c->op, "copy") && c->from;
	if (*mine)
		return promote(doc, c, err);
	if (!strcmp(c->op, "add") && !strcmp(c->path, "/canarySettings/deploymentId"))
		return gw_bad(err, "Invalid add operation with path: %s", c->path);
	if (!strcmp(c->op, "remove") && !json_object_get(doc, "canarySettings") && sl_starts(sl(c->path), S("/canarySettings/stageVariableOverrides")))
		return gw_bad(err, "Cannot remove method setting %s because there is no method setting for this method ", c->path + 1);
	return change_setting(o, doc, c, mine, err);
}

static int check_stage(struct gw_manage *o, json_t *doc, struct error *err)
{
	json_t *canary = json_object_get(doc, "canarySettings");
	const char *id = jstr(doc, "deploymentId"), *other = jstr(canary, "deploymentId");
	int rc;
	if (!deployment_of(o, id) || (other && !deployment_of(o, other)))
		return gw_bad(err, NO_DEPLOYMENT);
	if (canary && !other)
		jput(canary, "deploymentId", id);
	if (canary && !json_object_get(canary, "percentTraffic"))
		json_object_set_new(canary, "percentTraffic", json_real(0));
	if (canary && !json_object_get(canary, "useStageCache"))
		json_object_set_new(canary, "useStageCache", json_false());
	rc = check_variables(json_object_get(doc, "variables"), err);
	if (!rc)
		json_object_set_new(doc, "lastUpdatedDate", json_integer(gw_now_s(o->g)));
	return rc;
}

static int drop_stage(struct gw_manage *o, json_t *doc, struct error *err)
{
	const char *id;
	json_t *plan, *s;
	size_t i;
	json_object_foreach(gw_docs(o->g, GW_DOC_PLAN, ""), id, plan)
		json_array_foreach(json_object_get(plan, "apiStages"), i, s)
			if (!strcmp(jstr(s, "apiId"), o->arg[0]) && !strcmp(jstr(s, "stage"), o->arg[1]))
				return gw_bad(err, "Cannot delete stage since it is used by usage plan %s", id);
	return 0;
}

/* DIFFERS: answers are never cached, so there is nothing to flush; the stage must exist. */
static int op_flush(struct gw_manage *o, struct error *err)
{
	JSON_AUTO doc = NULL;
	return gw_find(o, &doc, err);
}

static const struct gw_patch_rule stage_rules[] = {
	{ "/deploymentId", 'S', "r" }, { "/description", 's', "ar-" }, { "/variables/?", 'm', "ar-" }, { "/cacheClusterEnabled", 'b', "r" },
	{ "/cacheClusterSize", 's', "r" }, { "/clientCertificateId", 's', "ar-" }, { "/tracingEnabled", 'b', "r" }, { "/documentationVersion", 's', "ar-" },
	{ "/accessLogSettings/destinationArn", 's', "ar-" }, { "/accessLogSettings/format", 's', "ar-" }, { "/accessLogSettings", 'o', "-" },
	{ "/canarySettings", 'o', "-" }, { "/canarySettings/percentTraffic", 'f', "ar" }, { "/canarySettings/deploymentId", 'S', "ar" },
	{ "/canarySettings/useStageCache", 'b', "ar" }, { "/canarySettings/stageVariableOverrides", 'o', "-" },
	{ "/canarySettings/stageVariableOverrides/?", 'm', "ar-" },
};
static const char *const stage_members[] = { "description", "variables", "documentationVersion", "tracingEnabled", "tags", "cacheClusterEnabled",
					     "cacheClusterSize", NULL };
static const struct gw_kind stage = {
	.docs = GW_DOC_STAGE, .missing = "Invalid stage identifier specified", .members = stage_members, .patch = { GW_PATCH(stage_rules), .choices = STAGE_PATHS }, .runs = true,
	.change = change_stage, .check = check_stage, .drop = drop_stage,
};

static const struct gw_row rows[] = {
	{ { "POST", "/restapis/{}/deployments", "CreateDeployment", "deploy an API as it is now" }, op_deploy, 201, &deployment },
	GW_SET("/restapis/{}/deployments", "Deployment", "Deployments", "deployments", deployment, gw_op_list),
	{ { "POST", "/restapis/{}/stages", "CreateStage", "a new stage of a deployment" }, op_stage_create, 201, &stage },
	GW_SET("/restapis/{}/stages", "Stage", "Stages", "stages", stage, op_stages),
	{ { "DELETE", "/restapis/{}/stages/{}/cache/data", "FlushStageCache", "nothing: answers are not cached" }, op_flush, 202, &stage },
	{ { "DELETE", "/restapis/{}/stages/{}/cache/authorizers", "FlushStageAuthorizersCache", "nothing: answers are not cached" }, op_flush, 202, &stage },
};
const struct routes gw_deploy_routes = ROUTES(rows);
