/* Deployments (snapshots of the API's documents) and stages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"

static json_int_t now_s(struct gateway *g)
{
	return clock_now_ms(g->env->clock) / 1000;
}

json_t *gw_stage_doc(struct gateway *g, const char *deployment, const char *name)
{
	json_int_t now = now_s(g);
	return json_pack("{s:s,s:s,s:b,s:s,s:{},s:b,s:I,s:I}", "deploymentId", deployment, "stageName", name, "cacheClusterEnabled", 0,
			 "cacheClusterStatus", "NOT_AVAILABLE", "methodSettings", "tracingEnabled", 0, "createdDate", now, "lastUpdatedDate", now);
}

int gw_deploy(struct gateway *g, struct arena *a, const char *api, json_t *deployment, const char *stage, json_t *variables, const char **id, struct error *err)
{
	json_t *doc;
	int rc = gw_doc_id(g, a, K_DEPLOYMENT, 6, false, id, err);
	if (rc) {
		json_decref(deployment);
		return rc;
	}
	jput(deployment, "id", *id);
	json_object_set_new(deployment, "createdDate", json_integer(now_s(g)));
	json_object_set_new(deployment, "_snapshot", gw_snapshot(g, api));
	rc = gw_doc_put(g, K_DEPLOYMENT, api, *id, deployment, err);
	if (rc || !stage)
		return rc;
	doc = gw_doc(g, K_STAGE, api, stage);
	if (doc) {
		jput(doc, "deploymentId", *id);
		json_object_set_new(doc, "lastUpdatedDate", json_integer(now_s(g)));
	} else {
		doc = gw_stage_doc(g, *id, stage);
		json_object_set_new(gw_docs(g, K_STAGE, api), stage, doc);
	}
	if (variables)
		json_object_set_new(doc, "variables", json_deep_copy(variables));
	gw_changed(g, api);
	return gw_doc_save(g, K_STAGE, api, stage, err);
}

/* ---- deployments ---- */

static int check_name(const char *name, struct error *err)
{
	for (const char *p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *p))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Stage name only allows a-zA-Z0-9_-");
	return 0;
}

static int check_variables(json_t *vars, struct error *err)
{
	const char *key;
	json_t *v;
	json_object_foreach(vars, key, v)
		for (const char *p = json_string_value(v); p && *p; p++)
			if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#&=,", *p))
				return gw_manage_fail(err, GW_M_BAD_REQUEST, "Stage variable value %s for stage variable %s is invalid: Please use values with "
								      "alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.",
						json_string_value(v), key);
	return 0;
}

static json_t *canary_of(json_t *in, const char *deployment)
{
	json_t *overrides = json_object_get(in, "stageVariableOverrides");
	return json_pack("{s:s,s:f,s:o,s:b}", "deploymentId", deployment, "percentTraffic", json_number_value(json_object_get(in, "percentTraffic")),
			 "stageVariableOverrides", overrides ? json_deep_copy(overrides) : json_object(), "useStageCache",
			 json_is_true(json_object_get(in, "useStageCache")));
}

static int check_canary(struct gw_manage *o, json_t *canary, const char *stage, struct error *err)
{
	if (!canary)
		return 0;
	if (!stage || !*stage)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid deployment content specified.Non null and non empty stageName must be provided for canary "
						      "deployment. Provided value is %s", stage ? stage : "null");
	if (!gw_doc(o->g, K_STAGE, o->arg[0], stage))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid deployment content specified.Stage %s must already be created before making a canary release "
						      "deployment", stage);
	return 0;
}

static bool any_method(struct gateway *g, const char *api, bool *bare)
{
	const char *id, *verb;
	json_t *res, *m;
	bool any = false;
	*bare = false;
	json_object_foreach(gw_docs(g, K_RESOURCE, api), id, res)
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m) {
			any = true;
			*bare |= !json_object_get(m, "methodIntegration");
		}
	return any;
}

static int op_deploy(struct gw_manage *o, struct error *err)
{
	const char *stage = gw_str(o, "stageName"), *text = gw_str(o, "description"), *about = gw_str(o, "stageDescription"), *id;
	json_t *doc, *canary = json_object_get(o->in, "canarySettings"), *vars = json_object_get(o->in, "variables");
	bool bare;
	int rc = gw_manage_api(o, &doc, err);
	if (!rc)
		rc = check_canary(o, json_is_object(canary) ? canary : NULL, stage, err);
	if (!rc && stage)
		rc = check_name(stage, err);
	if (!rc)
		rc = check_variables(vars, err);
	if (rc)
		return rc;
	if (!any_method(o->g, o->arg[0], &bare))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "The REST API doesn't contain any methods");
	if (bare)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "No integration defined for method");
	doc = json_object();
	if (text)
		jput(doc, "description", text);
	rc = gw_deploy(o->g, o->a, o->arg[0], doc, json_is_object(canary) || (stage && !*stage) ? NULL : stage,
		       json_is_object(vars) ? vars : NULL, &id, err);
	if (rc)
		return rc;
	o->out = gw_shown(gw_doc(o->g, K_DEPLOYMENT, o->arg[0], id));
	if (!stage || !*stage)
		return 0;
	doc = gw_doc(o->g, K_STAGE, o->arg[0], stage);
	if (json_is_object(canary))
		json_object_set_new(doc, "canarySettings", canary_of(canary, id));
	else if (about)
		jput(doc, "description", about);
	gw_changed(o->g, o->arg[0]);
	return gw_doc_save(o->g, K_STAGE, o->arg[0], stage, err);
}

static int op_deployments(struct gw_manage *o, struct error *err)
{
	return gw_list_docs(o, K_DEPLOYMENT, err);
}

static int find_deployment(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_DEPLOYMENT, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Deployment identifier specified");
}

/* {"/path": {"GET": {authorizationType, apiKeyRequired}}} */
static json_t *summary(json_t *deployment)
{
	json_t *out = json_object(), *res, *m, *row;
	const char *id, *verb;
	json_object_foreach(json_object_get(json_object_get(deployment, "_snapshot"), "resources"), id, res) {
		if (!json_object_size(json_object_get(res, "resourceMethods")))
			continue;
		row = json_object();
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m)
			json_object_set_new(row, verb, json_pack("{s:s,s:b}", "authorizationType", jstr(m, "authorizationType") ? jstr(m, "authorizationType") : "NONE",
								 "apiKeyRequired", json_is_true(json_object_get(m, "apiKeyRequired"))));
		json_object_set_new(out, jstr(res, "path"), row);
	}
	return out;
}

static int op_deployment(struct gw_manage *o, struct error *err)
{
	const char *embed = gw_query(o, "embed");
	json_t *doc;
	int rc = find_deployment(o, &doc, err);
	if (rc)
		return rc;
	o->out = gw_shown(doc);
	if (embed && strstr(embed, "apisummary"))
		json_object_set_new(o->out, "apiSummary", summary(doc));
	return 0;
}

static int op_deployment_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = { { "/description", 's', "ar-" } };
	return gw_patch(o, find_deployment, K_DEPLOYMENT, rules, ARRAY_LEN(rules), NULL, err);
}

static int op_deployment_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc, *v;
	const char *name;
	int rc = find_deployment(o, &doc, err);
	if (rc)
		return rc;
	json_object_foreach(gw_docs(o->g, K_STAGE, o->arg[0]), name, v)
		if (!strcmp(jstr(v, "deploymentId"), o->arg[1]))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Active stages pointing to this deployment must be moved or deleted");
	return gw_doc_drop(o->g, K_DEPLOYMENT, o->arg[0], o->arg[1], err);
}

/* ---- stages ---- */

static int find_stage(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_STAGE, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid stage identifier specified");
}

static int op_stage_create(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "description", "variables", "documentationVersion", "tracingEnabled", "tags", "cacheClusterEnabled",
					     "cacheClusterSize" };
	const char *stage = gw_str(o, "stageName"), *deployment = gw_str(o, "deploymentId");
	json_t *doc, *canary = json_object_get(o->in, "canarySettings");
	int rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	if (!stage || !*stage)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Stage name must be non-empty");
	if (!deployment || !gw_doc(o->g, K_DEPLOYMENT, o->arg[0], deployment))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Deployment id does not exist");
	if (json_is_object(canary) && (!jstr(canary, "deploymentId") || !gw_doc(o->g, K_DEPLOYMENT, o->arg[0], jstr(canary, "deploymentId"))))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Deployment id does not exist");
	rc = check_name(stage, err);
	if (!rc)
		rc = check_variables(json_object_get(o->in, "variables"), err);
	if (rc)
		return rc;
	if (gw_doc(o->g, K_STAGE, o->arg[0], stage))
		return gw_manage_fail(err, GW_M_CONFLICT, "Stage already exists");
	if (json_object_size(gw_docs(o->g, K_STAGE, o->arg[0])) >= GW_STAGES_MAX)
		return gw_manage_fail(err, GW_M_LIMIT, "Maximum number of stages for this API has been reached. (%d)", GW_STAGES_MAX);
	doc = gw_stage_doc(o->g, deployment, stage);
	gw_copy(o, doc, names, ARRAY_LEN(names));
	if (json_is_true(json_object_get(doc, "cacheClusterEnabled")))
		jput(doc, "cacheClusterStatus", "AVAILABLE");
	if (json_is_object(canary))
		json_object_set_new(doc, "canarySettings", canary_of(canary, jstr(canary, "deploymentId")));
	o->out = gw_shown(doc);
	gw_changed(o->g, o->arg[0]);
	return gw_doc_put(o->g, K_STAGE, o->arg[0], stage, doc, err);
}

static int op_stages(struct gw_manage *o, struct error *err)
{
	const char *deployment = gw_query(o, "deploymentId"), *name;
	json_t *doc, *list, *v;
	int rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	list = json_array();
	json_object_foreach(gw_docs(o->g, K_STAGE, o->arg[0]), name, v)
		if (!deployment || !strcmp(deployment, jstr(v, "deploymentId")))
			json_array_append_new(list, gw_shown(v));
	o->out = json_pack("{s:o}", "item", list);
	return 0;
}

static int op_stage(struct gw_manage *o, struct error *err)
{
	return gw_show(o, find_stage, err);
}

static json_t *setting_defaults(void)
{
	return json_pack("{s:b,s:b,s:b,s:i,s:f,s:b,s:i,s:b,s:b,s:s}", "metricsEnabled", 0, "dataTraceEnabled", 0, "cachingEnabled", 0,
			 "throttlingBurstLimit", 5000, "throttlingRateLimit", 10000.0, "cacheDataEncrypted", 0, "cacheTtlInSeconds", 300,
			 "requireAuthorizationForCacheControl", 1, "loggingEnabled", 0, "unauthorizedCacheControlHeaderStrategy",
			 "SUCCEED_WITH_RESPONSE_HEADER");
}

/* "/{resource}/{method}/throttling/rateLimit" sets a method setting; removing "/{resource}/{method}" drops all of them. */
static int patch_setting(struct gw_manage *o, json_t *doc, const char *op, const char *path, const char *value, bool *mine, struct error *err)
{
	static const struct {
		const char *group, *name, *member;
		char type;
	} known[] = {
		{ "metrics", "enabled", "metricsEnabled", 'b' }, { "logging", "dataTrace", "dataTraceEnabled", 'b' },
		{ "logging", "loglevel", "loggingLevel", 's' }, { "throttling", "burstLimit", "throttlingBurstLimit", 'i' },
		{ "throttling", "rateLimit", "throttlingRateLimit", 'f' }, { "caching", "enabled", "cachingEnabled", 'b' },
		{ "caching", "ttlInSeconds", "cacheTtlInSeconds", 'i' }, { "caching", "dataEncrypted", "cacheDataEncrypted", 'b' },
		{ "caching", "requireAuthorizationForCacheControl", "requireAuthorizationForCacheControl", 'b' },
		{ "caching", "unauthorizedCacheControlHeaderStrategy", "unauthorizedCacheControlHeaderStrategy", 's' },
	};
	const char *seg[6], *key;
	size_t n = patch_split(o->a, path, seg, ARRAY_LEN(seg));
	json_t *all = json_object_get(doc, "methodSettings"), *set;
	*mine = (n == 4 && (seg[0][0] == '*' || seg[0][0] == '/' || !seg[0][0])) || (n == 4 && gw_method_of(sl(seg[1])) < GW_METHOD_N) ||
		(n == 4 && !strcmp(seg[1], "*")) || (n == 2 && (!strcmp(seg[1], "*") || gw_method_of(sl(seg[1])) < GW_METHOD_N));
	if (!*mine)
		return 0;
	key = arena_printf(o->a, "%s/%s", seg[0][0] == '/' && seg[0][1] ? seg[0] + 1 : seg[0], seg[1]).p;
	set = json_object_get(all, key);
	if (n == 2) {
		if (strcmp(op, "remove"))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path %s", path);
		if (!set)
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Cannot remove method setting %s because there is no method setting for this method ", key);
		json_object_del(all, key);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct patch_rule rule = { "/?", known[i].type, "ar" };
		if (strcmp(seg[2], known[i].group) || strcmp(seg[3], known[i].name))
			continue;
		if (!set) {
			set = setting_defaults();
			json_object_del(set, "loggingEnabled");
			json_object_set_new(all, key, set);
		}
		return patch_one(set, op, arena_printf(o->a, "/%s", known[i].member).p, value, &rule, 1, NULL, err);
	}
	return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path %s", path);
}

static const struct patch_rule stage_rules[] = {
	{ "/deploymentId", 'S', "r" }, { "/description", 's', "ar-" }, { "/variables/?", 'm', "ar-" }, { "/cacheClusterEnabled", 'b', "r" },
	{ "/cacheClusterSize", 's', "r" }, { "/clientCertificateId", 's', "ar-" }, { "/tracingEnabled", 'b', "r" }, { "/documentationVersion", 's', "ar-" },
	{ "/accessLogSettings/destinationArn", 's', "ar-" }, { "/accessLogSettings/format", 's', "ar-" }, { "/accessLogSettings", 'o', "-" },
	{ "/canarySettings", 'o', "-" }, { "/canarySettings/percentTraffic", 'f', "ar" }, { "/canarySettings/deploymentId", 'S', "ar" },
	{ "/canarySettings/useStageCache", 'b', "ar" }, { "/canarySettings/stageVariableOverrides", 'o', "-" },
	{ "/canarySettings/stageVariableOverrides/?", 'm', "ar-" },
};

/* copy: of a canary's settings into the stage, when it is promoted. */
static int patch_stage(struct gw_manage *o, json_t *copy, json_t *op, struct error *err)
{
	const char *name = jstr(op, "op"), *path = jstr(op, "path") ? jstr(op, "path") : "", *value = jstr(op, "value"), *from = jstr(op, "from");
	json_t *canary = json_object_get(copy, "canarySettings");
	bool mine;
	int rc;
	if (!strcmp(name, "copy") && from && !strcmp(path, "/deploymentId") && !strcmp(from, "/canarySettings/deploymentId")) {
		json_object_set(copy, "deploymentId", json_object_get(canary, "deploymentId"));
		return 0;
	}
	if (!strcmp(name, "copy") && from && !strcmp(path, "/variables") && !strcmp(from, "/canarySettings/stageVariableOverrides")) {
		if (!json_object_get(copy, "variables"))
			json_object_set_new(copy, "variables", json_object());
		json_object_update(json_object_get(copy, "variables"), json_object_get(canary, "stageVariableOverrides"));
		return 0;
	}
	rc = patch_setting(o, copy, name, path, value, &mine, err);
	if (rc || mine)
		return rc;
	return patch_one(copy, name, path, value, stage_rules, ARRAY_LEN(stage_rules), NULL, err);
}

static int op_stage_update(struct gw_manage *o, struct error *err)
{
	json_t *doc, *ops, *op, *canary;
	size_t i;
	int rc = find_stage(o, &doc, err);
	if (!rc)
		rc = patch_check(o, &ops, err);
	if (rc)
		return rc;
	JSON_AUTO copy = json_deep_copy(doc);
	json_array_foreach(ops, i, op) {
		rc = patch_stage(o, copy, op, err);
		if (rc)
			return rc;
	}
	canary = json_object_get(copy, "canarySettings");
	if (!gw_doc(o->g, K_DEPLOYMENT, o->arg[0], jstr(copy, "deploymentId")) ||
	    (canary && jstr(canary, "deploymentId") && !gw_doc(o->g, K_DEPLOYMENT, o->arg[0], jstr(canary, "deploymentId"))))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Deployment id does not exist");
	if (canary && !jstr(canary, "deploymentId"))
		jput(canary, "deploymentId", jstr(copy, "deploymentId"));
	if (canary && !json_object_get(canary, "useStageCache"))
		json_object_set_new(canary, "useStageCache", json_false());
	rc = check_variables(json_object_get(copy, "variables"), err);
	if (rc)
		return rc;
	json_object_set_new(copy, "lastUpdatedDate", json_integer(now_s(o->g)));
	o->out = gw_shown(copy);
	gw_changed(o->g, o->arg[0]);
	return gw_doc_put(o->g, K_STAGE, o->arg[0], o->arg[1], json_incref(copy), err);
}

static int op_stage_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc, *plan, *s;
	const char *id;
	size_t i;
	int rc = find_stage(o, &doc, err);
	if (rc)
		return rc;
	json_object_foreach(gw_docs(o->g, K_PLAN, ""), id, plan)
		json_array_foreach(json_object_get(plan, "apiStages"), i, s)
			if (!strcmp(jstr(s, "apiId"), o->arg[0]) && !strcmp(jstr(s, "stage"), o->arg[1]))
				return gw_manage_fail(err, GW_M_BAD_REQUEST, "Cannot delete stage since it is used by usage plan %s", id);
	gw_changed(o->g, o->arg[0]);
	return gw_doc_drop(o->g, K_STAGE, o->arg[0], o->arg[1], err);
}

/* DIFFERS: answers are never cached, so there is nothing to flush; the stage must exist. */
static int op_flush(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	return find_stage(o, &doc, err);
}

const struct gw_row gw_deploy_rows[] = {
	{ "POST", "/restapis/{}/deployments", "CreateDeployment", op_deploy, 201 },
	{ "GET", "/restapis/{}/deployments", "GetDeployments", op_deployments, 200 },
	{ "GET", "/restapis/{}/deployments/{}", "GetDeployment", op_deployment, 200 },
	{ "PATCH", "/restapis/{}/deployments/{}", "UpdateDeployment", op_deployment_update, 200 },
	{ "DELETE", "/restapis/{}/deployments/{}", "DeleteDeployment", op_deployment_delete, 202 },
	{ "POST", "/restapis/{}/stages", "CreateStage", op_stage_create, 201 },
	{ "GET", "/restapis/{}/stages", "GetStages", op_stages, 200 },
	{ "GET", "/restapis/{}/stages/{}", "GetStage", op_stage, 200 },
	{ "PATCH", "/restapis/{}/stages/{}", "UpdateStage", op_stage_update, 200 },
	{ "DELETE", "/restapis/{}/stages/{}", "DeleteStage", op_stage_delete, 202 },
	{ "DELETE", "/restapis/{}/stages/{}/cache/data", "FlushStageCache", op_flush, 202 },
	{ "DELETE", "/restapis/{}/stages/{}/cache/authorizers", "FlushStageAuthorizersCache", op_flush, 202 },
	{ NULL, NULL, NULL, NULL, 0 },
};
