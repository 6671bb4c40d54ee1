/* The rules of an API's documents. */
#include "apigateway/model.h"

const struct error_def gw_manage_errors[] = {
	[GW_M_NOT_FOUND] = { ERR_NOT_FOUND, "NotFoundException", 404 },
	[GW_M_BAD_REQUEST] = { ERR_INVALID, "BadRequestException", 400 },
	[GW_M_CONFLICT] = { ERR_CONFLICT, "ConflictException", 409 },
	[GW_M_VALIDATION] = { ERR_INVALID, "ValidationException", 400 },
	[GW_M_SERIALIZATION] = { ERR_INVALID, "SerializationException", 400 },
	[GW_M_LIMIT] = { ERR_LIMIT, "LimitExceededException", 429 },
	[GW_M_UNKNOWN] = { ERR_NOT_FOUND, "UnknownOperationException", 404 },
	[GW_M_DENIED] = { ERR_DENIED, "InvalidSignatureException", 403 },
	[GW_M_ANONYMOUS] = { ERR_DENIED, "MissingAuthenticationTokenException", 403 },
	[GW_M_NOT_ALLOWED] = { ERR_DENIED, "AccessDeniedException", 403 },
	[GW_M_EXPIRED_TOKEN] = { ERR_DENIED, "ExpiredTokenException", 403 },
	[GW_M_UNKNOWN_KEY] = { ERR_DENIED, "UnrecognizedClientException", 403 },
};

/* ---- APIs ---- */

static const char *const kinds[] = { GW_DOC_RESOURCE, GW_DOC_MODEL, GW_DOC_VALIDATOR, GW_DOC_RESPONSE, GW_DOC_AUTHORIZER, GW_DOC_PART, GW_DOC_VERSION,
				     GW_DOC_DEPLOYMENT, GW_DOC_STAGE };

const char *gw_kind_of_api(size_t i)
{
	return kinds[i];
}

int64_t gw_now_s(struct gateway *g)
{
	return g->now_s ? g->now_s : clock_now_ms(g->env->clock) / 1000;
}

int gw_api_clear(struct gateway *g, const char *id, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < ARRAY_LEN(kinds); i++)
		rc = gw_doc_drop_all(g, kinds[i], id, err);
	gw_changed(g, id);
	return rc;
}

static int add_model(struct gateway *g, struct arena *a, const char *api, const char *name, const char *description, const char *schema, struct error *err)
{
	const char *id;
	int rc = gw_doc_id(g, a, GW_DOC_MODEL, 6, false, &id, err);
	if (rc)
		return rc;
	return gw_doc_put(g, GW_DOC_MODEL, api, name, json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", id, "name", name, "description", description,
								"schema", schema, "contentType", "application/json"), err);
}

static int add_models(struct gateway *g, struct arena *a, const char *api, struct error *err)
{
	int rc = add_model(g, a, api, "Error", "This is a default error schema model",
			   "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n"
			   "  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}", err);
	return rc ? rc : add_model(g, a, api, "Empty", "This is a default empty schema model",
				   "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}", err);
}

int gw_api_make(struct gateway *g, struct arena *a, const char *id, json_t *doc, bool defaults, const char **out, struct error *err)
{
	const char *root = NULL, *made = id;
	JSON_AUTO own = doc;
	int rc = id ? 0 : gw_doc_id(g, a, GW_DOC_API, 10, false, &made, err);
	if (!rc)
		rc = gw_doc_id(g, a, GW_DOC_RESOURCE, 10, false, &root, err);
	if (rc)
		return rc;
	jput(doc, "id", made);
	jput(doc, "rootResourceId", root);
	if (!json_object_get(doc, "createdDate"))
		json_object_set_new(doc, "createdDate", json_integer(gw_now_s(g)));
	if (!json_object_get(doc, "apiKeySource"))
		jput(doc, "apiKeySource", "HEADER");
	if (!json_object_get(doc, "endpointConfiguration"))
		json_object_set_new(doc, "endpointConfiguration", json_pack("{s:[s],s:s}", "types", "EDGE", "ipAddressType", "ipv4"));
	if (!json_object_get(doc, "disableExecuteApiEndpoint"))
		json_object_set_new(doc, "disableExecuteApiEndpoint", json_false());
	rc = gw_doc_put(g, GW_DOC_API, "", made, json_incref(doc), err);
	if (!rc)
		rc = gw_doc_put(g, GW_DOC_RESOURCE, made, root, json_pack("{s:s,s:s}", "id", root, "path", "/"), err);
	if (!rc && defaults)
		rc = add_models(g, a, made, err);
	*out = made;
	return rc;
}

/* ---- resources ---- */

static bool is_part(const char *s)
{
	size_t n = strlen(s), from = 0, to = n;
	if (n > 2 && s[0] == '{' && s[n - 1] == '}') {
		from = 1;
		to = s[n - 2] == '+' ? n - 2 : n - 1;
	}
	return to > from && strspn(s + from, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:%$,@!") >= to - from;
}

/* A variable part may have no variable sibling. */
int gw_part_check(struct gateway *g, const char *api, json_t *parent, const char *part, const json_t *self, struct error *err)
{
	const char *id, *s, *p;
	json_t *v;
	if (!is_part(part))
		return gw_bad(err, "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.");
	if (sl_ends(jslice(parent, "pathPart"), S("+}")))
		return gw_bad(err, "Cannot create a child of a resource with a greedy path variable: %s", jstr(parent, "pathPart"));
	json_object_foreach(gw_docs(g, GW_DOC_RESOURCE, api), id, v) {
		p = jstr(v, "parentId");
		s = jstr(v, "pathPart");
		if (v == self || !p || !s || strcmp(p, jstr(parent, "id")))
			continue;
		if (!strcmp(s, part))
			return gw_conflict(err, "Another resource with the same parent already has this name: %s", part);
		if (s[0] == '{' && part[0] == '{')
			return gw_bad(err, "A sibling (%s) of this resource already has a variable path part -- only one is allowed", s);
	}
	return 0;
}

const char *gw_resource_path(struct arena *a, json_t *parent, const char *part)
{
	const char *up = jstr(parent, "path");
	return arena_printf(a, "%s/%s", strcmp(up, "/") ? up : "", part).p;
}

int gw_resource_add(struct gateway *g, struct arena *a, const char *api, json_t *parent, const char *part, const char **id, struct error *err)
{
	int rc;
	if (json_object_size(gw_docs(g, GW_DOC_RESOURCE, api)) >= GW_RESOURCES_MAX)
		return gw_manage_fail(err, GW_M_LIMIT, "Maximum number of resources for this API has been reached. (%d)", GW_RESOURCES_MAX);
	rc = gw_part_check(g, api, parent, part, NULL, err);
	if (!rc)
		rc = gw_doc_id(g, a, GW_DOC_RESOURCE, 6, false, id, err);
	if (rc)
		return rc;
	return gw_doc_put(g, GW_DOC_RESOURCE, api, *id, json_pack("{s:s,s:s,s:s,s:s}", "id", *id, "parentId", jstr(parent, "id"), "pathPart", part,
								  "path", gw_resource_path(a, parent, part)), err);
}

static json_t *child(struct gateway *g, const char *api, const char *parent, const char *part)
{
	const char *id, *p, *s;
	json_t *v;
	json_object_foreach(gw_docs(g, GW_DOC_RESOURCE, api), id, v) {
		p = jstr(v, "parentId");
		s = jstr(v, "pathPart");
		if (p && s && !strcmp(p, parent) && !strcmp(s, part))
			return v;
	}
	return NULL;
}

int gw_resource_make(struct gateway *g, struct arena *a, const char *api, struct slice path, const char **out, struct error *err)
{
	struct slice seg, rest;
	size_t depth = 0;
	int rc;
	*out = jstr(gw_doc(g, GW_DOC_API, "", api), "rootResourceId");
	if (!sl_after(path, S("/"), &rest))
		return gw_bad(err, "Invalid path %.*s: must begin with a slash", SL(path));
	while (rest.n) {
		const char *part;
		json_t *v;
		(void)sl_cut(rest, '/', &seg, &rest);
		if (!seg.n)
			return gw_bad(err, "Invalid path %.*s: empty path part", SL(path));
		part = arena_cstr(a, seg);
		v = child(g, api, *out, part);
		if (v) {
			*out = jstr(v, "id");
			continue;
		}
		if (++depth > GW_DEPTH_MAX)
			return gw_manage_fail(err, GW_M_LIMIT, "Maximum number of resources for this API has been reached. (%d)", GW_RESOURCES_MAX);
		rc = gw_resource_add(g, a, api, gw_doc(g, GW_DOC_RESOURCE, api, *out), part, out, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- integrations ---- */

void gw_integration_defaults(json_t *in, const char *resource)
{
	json_t *missing = json_pack("{s:s,s:i,s:s,s:[]}", "passthroughBehavior", "WHEN_NO_MATCH", "timeoutInMillis", GW_TIMEOUT_MS, "cacheNamespace", resource,
				    "cacheKeyParameters");
	if (sl_starts(jslice(in, "type"), S("HTTP")))
		jput(missing, "connectionType", "INTERNET");
	json_object_update_missing_new(in, missing);
}

static int check_uri(const char *type, const char *method, const char *uri, struct error *err)
{
	struct slice u = sl(uri ? uri : "");
	if (!strcmp(type, "MOCK"))
		return 0;
	if (!method || !*method)
		return gw_bad(err, "Enumeration value for HttpMethod must be non-empty");
	if (sl_starts(sl(type), S("HTTP"))) {
		if (!sl_starts(u, S("http://")) && !sl_starts(u, S("https://")) && !sl_starts(u, S("${")))
			return gw_bad(err, "Invalid HTTP endpoint specified for URI");
		return 0;
	}
	if (!sl_starts(u, S("arn:")))
		return gw_bad(err, "Invalid ARN specified in the request");
	if (sl_find(u, S(":path/")) < 0 && sl_find(u, S(":action/")) < 0)
		return gw_bad(err, "AWS ARN for integration must contain path or action");
	if (!strcmp(type, "AWS_PROXY") && sl_find(u, S(":lambda:path/")) < 0 && sl_find(u, S(":firehose:")) < 0)
		return gw_bad(err, "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.");
	return 0;
}

int gw_bad_mapping(const char *what, struct error *err)
{
	return gw_bad(err, "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", what);
}

int gw_mappings_check(json_t *params, const char *target, struct error *err)
{
	static const char *const sources[] = { "method.request.", "stageVariables.", "context.", "integration.response." };
	const char *key;
	json_t *v;
	json_object_foreach(params, key, v) {
		struct slice s = json_slice(v);
		bool ok = s.n >= 2 && s.p[0] == '\'' && s.p[s.n - 1] == '\'';
		if (json_is_boolean(v))
			return gw_manage_fail(err, GW_M_SERIALIZATION, "class java.lang.Boolean can not be converted to an String");
		if (!sl_starts(sl(key), sl(target)))
			return gw_bad_mapping(key, err);
		for (size_t i = 0; i < ARRAY_LEN(sources); i++)
			ok |= sl_starts(s, sl(sources[i]));
		if (!ok)
			return gw_bad_mapping(s.p ? s.p : "null", err);
	}
	return 0;
}

const char *gw_upper(struct arena *a, const char *s)
{
	char *out = s ? arena_cstr(a, sl(s)) : NULL;
	for (char *p = out; p && *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p -= 32;
	return out;
}

bool gw_among(const char *v, const char *const *names, size_t n)
{
	for (size_t i = 0; v && i < n; i++)
		if (!strcmp(v, names[i]))
			return true;
	return false;
}

int gw_integration_check(json_t *in, struct error *err)
{
	static const char *const types[] = { "HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY" };
	static const char *const passes[] = { "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER" };
	const char *type = jstr(in, "type"), *pass = jstr(in, "passthroughBehavior"), *link = jstr(in, "connectionType");
	json_t *timeout = json_object_get(in, "timeoutInMillis");
	int rc;
	if (!gw_among(type, types, ARRAY_LEN(types)))
		return gw_bad(err, "Enumeration value for Type must be non-empty");
	if (pass && !gw_among(pass, passes, ARRAY_LEN(passes)))
		return gw_bad(err, "Invalid passthroughBehavior specified");
	rc = check_uri(type, jstr(in, "httpMethod"), jstr(in, "uri"), err);
	if (rc)
		return rc;
	if (timeout && (!json_is_integer(timeout) || json_integer_value(timeout) < GW_TIMEOUT_MIN_MS || json_integer_value(timeout) > 10 * GW_TIMEOUT_MS))
		return gw_bad(err, "Timeout should be between 50 ms and 29000 ms");
	if (link && !strcmp(link, "VPC_LINK") && !jstr(in, "connectionId"))
		return gw_bad(err, "connectionId is required when connectionType is VPC_LINK");
	return gw_mappings_check(json_object_get(in, "requestParameters"), "integration.request.", err);
}

/* ---- deployments ---- */

json_t *gw_stage_new(struct gateway *g, const char *deployment, const char *name)
{
	json_int_t now = gw_now_s(g);
	return json_pack("{s:s,s:s,s:b,s:s,s:{},s:b,s:I,s:I}", "deploymentId", deployment, "stageName", name, "cacheClusterEnabled", 0,
			 "cacheClusterStatus", "NOT_AVAILABLE", "methodSettings", "tracingEnabled", 0, "createdDate", now, "lastUpdatedDate", now);
}

int gw_deploy(struct gateway *g, struct arena *a, const char *api, json_t *deployment, const char *stage, json_t *variables, const char **id, struct error *err)
{
	JSON_AUTO own = deployment;
	json_t *doc;
	int rc = gw_doc_id(g, a, GW_DOC_DEPLOYMENT, 6, false, id, err);
	if (rc)
		return rc;
	jput(deployment, "id", *id);
	json_object_set_new(deployment, "createdDate", json_integer(gw_now_s(g)));
	json_object_set_new(deployment, "_snapshot", gw_snapshot(g, api));
	rc = gw_doc_put(g, GW_DOC_DEPLOYMENT, api, *id, json_incref(deployment), err);
	if (rc || !stage)
		return rc;
	doc = json_incref(gw_doc(g, GW_DOC_STAGE, api, stage));
	if (!doc)
		doc = gw_stage_new(g, *id, stage);
	jput(doc, "deploymentId", *id);
	json_object_set_new(doc, "lastUpdatedDate", json_integer(gw_now_s(g)));
	if (variables)
		json_object_set_new(doc, "variables", json_deep_copy(variables));
	gw_changed(g, api);
	return gw_doc_put(g, GW_DOC_STAGE, api, stage, doc, err);
}

int gw_integrated_check(struct gateway *g, const char *api, struct error *err)
{
	const char *id, *verb;
	json_t *res, *m;
	json_object_foreach(gw_docs(g, GW_DOC_RESOURCE, api), id, res)
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m)
			if (!json_object_get(m, "methodIntegration"))
				return gw_bad(err, "No integration defined for method: %s %s", verb, jstr(res, "path"));
	return 0;
}
