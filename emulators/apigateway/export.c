/* Documents -> OpenAPI 3.0 or Swagger 2.0, as GetExport gives them. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"
#include "apigateway/openapi.h"

struct export {
	struct gateway *g;
	json_t *snapshot, *out;
	const char *api, *stage;
	bool oas3, integrations, authorizers;
};

static const char *lower(struct arena *a, const char *s)
{
	char *out = arena_cstr(a, sl(s));
	for (char *p = out; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 32;
	return out;
}

static json_t *ref(const struct export *x, const char *model)
{
	char *text = xasprintf("#/%s/%s", x->oas3 ? "components/schemas" : "definitions", model);
	json_t *out = json_pack("{s:s}", "$ref", text);
	free(text);
	return out;
}

/* ".../restapis/ID/models/NAME" -> this document's own place. */
static void localise(const struct export *x, json_t *schema)
{
	const char *at = jstr(schema, "$ref"), *key;
	json_t *v;
	size_t i;
	if (at && strstr(at, "/models/")) {
		json_t *r = ref(x, strrchr(at, '/') + 1);
		json_object_update(schema, r);
		json_decref(r);
	}
	if (json_is_object(schema))
		json_object_foreach(schema, key, v)
			localise(x, v);
	json_array_foreach(schema, i, v)
		localise(x, v);
}

static json_t *typed(const struct export *x)
{
	return x->oas3 ? json_pack("{s:{s:s}}", "schema", "type", "string") : json_pack("{s:s}", "type", "string");
}

static void put_parameters(const struct export *x, json_t *m, json_t *op)
{
	json_t *list = json_array(), *v, *p;
	const char *key, *type;
	json_object_foreach(json_object_get(m, "requestParameters"), key, v) {
		const char *place = key + strlen("method.request."), *name = strchr(place, '.');
		const char *in = !strncmp(place, "querystring", 11) ? "query" : !strncmp(place, "path", 4) ? "path" : "header";
		if (!name)
			continue;
		p = json_pack("{s:s,s:s}", "name", name + 1, "in", in);
		if (!x->oas3 || json_is_true(v))
			json_object_set(p, "required", v);
		json_t *t = typed(x);
		json_object_update(p, t);
		json_decref(t);
		json_array_append_new(list, p);
	}
	json_object_foreach(json_object_get(m, "requestModels"), type, v)
		if (!x->oas3) {
			json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:o}", "in", "body", "name", json_string_value(v), "required", 1, "schema",
							      ref(x, json_string_value(v))));
			break;
		}
	if (json_array_size(list))
		json_object_set(op, "parameters", list);
	json_decref(list);
	if (!x->oas3 || !json_object_size(json_object_get(m, "requestModels")))
		return;
	p = json_object();
	json_object_foreach(json_object_get(m, "requestModels"), type, v)
		json_object_set_new(p, type, json_pack("{s:o}", "schema", ref(x, json_string_value(v))));
	json_object_set_new(op, "requestBody", json_pack("{s:o,s:b}", "content", p, "required", 1));
}

static bool listed(json_t *list, const char *text)
{
	json_t *v;
	size_t i;
	json_array_foreach(list, i, v)
		if (!strcmp(json_string_value(v), text))
			return true;
	return false;
}

static void put_responses(const struct export *x, json_t *m, json_t *op)
{
	json_t *out = json_object(), *v, *doc, *h, *produces = json_array(), *content;
	const char *code, *key;
	json_object_foreach(json_object_get(m, "methodResponses"), code, v) {
		char *text = xasprintf("%s response", code);
		doc = json_pack("{s:s}", "description", text);
		free(text);
		h = json_object();
		json_t *p;
		json_object_foreach(json_object_get(v, "responseParameters"), key, p)
			json_object_set_new(h, strrchr(key, '.') + 1, typed(x));
		content = json_object();
		json_object_foreach(json_object_get(v, "responseModels"), key, p) {
			json_object_set_new(content, key, json_pack("{s:o}", "schema", ref(x, json_string_value(p))));
			if (!x->oas3) {
				if (!listed(produces, key))
					json_array_append_new(produces, json_string(key));
				json_object_set_new(doc, "schema", ref(x, json_string_value(p)));
			}
		}
		if (json_object_size(h))
			json_object_set(doc, "headers", h);
		if (x->oas3 && (json_object_size(content) || !json_object_size(json_object_get(v, "responseModels"))))
			json_object_set(doc, "content", content);
		json_decref(h);
		json_decref(content);
		json_object_set_new(out, code, doc);
	}
	json_t *a, *t;
	json_object_foreach(json_object_get(json_object_get(m, "methodIntegration"), "integrationResponses"), code, a)
		json_object_foreach(json_object_get(a, "responseTemplates"), key, t)
			if (!listed(produces, key))
				json_array_append_new(produces, json_string(key));
	if (!x->oas3 && json_array_size(produces))
		json_object_set(op, "produces", produces);
	json_decref(produces);
	if (json_object_size(out))
		json_object_set(op, "responses", out);
	json_decref(out);
}

static void put_integration(const struct export *x, const char *resource, json_t *m, json_t *op)
{
	static const char *const lowered[] = { "type", "passthroughBehavior" };
	static const char *const kept[] = { "httpMethod", "uri", "credentials", "requestParameters", "requestTemplates", "contentHandling", "connectionId",
					    "tlsConfig" };
	json_t *in = json_object_get(m, "methodIntegration"), *out, *answers, *v, *a, *keys = json_object_get(in, "cacheKeyParameters");
	struct arena arena = { 0 };
	const char *code, *link = jstr(in, "connectionType");
	if (!in || !x->integrations)
		return;
	out = json_object();
	for (size_t i = 0; i < ARRAY_LEN(lowered); i++)
		if (jstr(in, lowered[i]))
			jput(out, lowered[i], lower(&arena, jstr(in, lowered[i])));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (json_object_get(in, kept[i]))
			json_object_set_new(out, kept[i], json_deep_copy(json_object_get(in, kept[i])));
	if (link && strcmp(link, "INTERNET"))
		jput(out, "connectionType", link);
	if (json_integer_value(json_object_get(in, "timeoutInMillis")) != GW_TIMEOUT_MS)
		json_object_set(out, "timeoutInMillis", json_object_get(in, "timeoutInMillis"));
	if (jstr(in, "cacheNamespace") && strcmp(jstr(in, "cacheNamespace"), resource))
		json_object_set(out, "cacheNamespace", json_object_get(in, "cacheNamespace"));
	if (json_array_size(keys))
		json_object_set_new(out, "cacheKeyParameters", json_deep_copy(keys));
	answers = json_object();
	json_object_foreach(json_object_get(in, "integrationResponses"), code, v) {
		const char *pattern = jstr(v, "selectionPattern");
		a = json_deep_copy(v);
		json_object_del(a, "selectionPattern");
		json_object_set_new(answers, pattern && *pattern ? pattern : "default", a);
	}
	if (json_object_size(answers))
		json_object_set(out, "responses", answers);
	json_decref(answers);
	json_object_set_new(op, "x-amazon-apigateway-integration", out);
	arena_free(&arena);
}

static void put_scheme(const struct export *x, const char *name, json_t *scheme)
{
	json_t *at = x->out;
	const char *const path[] = { x->oas3 ? "components" : "securityDefinitions", "securitySchemes" };
	for (int i = 0; i < (x->oas3 ? 2 : 1); i++) {
		if (!json_object_get(at, path[i]))
			json_object_set_new(at, path[i], json_object());
		at = json_object_get(at, path[i]);
	}
	json_object_set_new(at, name, scheme);
}

static void put_security(const struct export *x, json_t *m, json_t *op)
{
	const char *auth = jstr(m, "authorizationType"), *id = jstr(m, "authorizerId");
	json_t *list = json_array(), *authorizer = id ? gw_doc(x->g, GW_DOC_AUTHORIZER, x->api, id) : NULL, *s;
	if (jtrue(m, "apiKeyRequired")) {
		json_array_append_new(list, json_pack("{s:[]}", "api_key"));
		put_scheme(x, "api_key", json_pack("{s:s,s:s,s:s}", "type", "apiKey", "name", "x-api-key", "in", "header"));
	}
	if (auth && !strcmp(auth, "AWS_IAM")) {
		json_array_append_new(list, json_pack("{s:[]}", "sigv4"));
		put_scheme(x, "sigv4", json_pack("{s:s,s:s,s:s,s:s}", "type", "apiKey", "name", "Authorization", "in", "header", "x-amazon-apigateway-authtype", "awsSigv4"));
	}
	if (authorizer) {
		const char *source = jstr(authorizer, "identitySource"), *dot = source ? strrchr(source, '.') : NULL;
		json_array_append_new(list, json_pack("{s:[]}", jstr(authorizer, "name")));
		s = json_pack("{s:s,s:s,s:s,s:s}", "type", "apiKey", "name", dot ? dot + 1 : "Authorization", "in", "header", "x-amazon-apigateway-authtype",
			      jstr(authorizer, "authType") ? jstr(authorizer, "authType") : "custom");
		if (x->authorizers) {
			json_t *copy = gw_shown(authorizer);
			json_object_del(copy, "id");
			json_object_del(copy, "name");
			json_object_del(copy, "authType");
			json_object_set_new(s, "x-amazon-apigateway-authorizer", copy);
		}
		put_scheme(x, jstr(authorizer, "name"), s);
	}
	if (json_array_size(list))
		json_object_set(op, "security", list);
	json_decref(list);
}

static json_t *operation(const struct export *x, const char *resource, json_t *m)
{
	json_t *op = json_object(), *validator = json_object_get(json_object_get(x->snapshot, "validators"), jstr(m, "requestValidatorId") ? jstr(m, "requestValidatorId") : "");
	json_t *consumes = json_array(), *v;
	const char *type;
	if (jstr(m, "operationName"))
		jput(op, "operationId", jstr(m, "operationName"));
	json_object_foreach(json_object_get(m, "requestModels"), type, v)
		json_array_append_new(consumes, json_string(type));
	json_object_foreach(json_object_get(json_object_get(m, "methodIntegration"), "requestTemplates"), type, v)
		if (!json_object_get(json_object_get(m, "requestModels"), type))
			json_array_append_new(consumes, json_string(type));
	if (!x->oas3 && json_array_size(consumes))
		json_object_set(op, "consumes", consumes);
	json_decref(consumes);
	put_parameters(x, m, op);
	put_responses(x, m, op);
	put_security(x, m, op);
	if (validator && x->integrations)
		jput(op, "x-amazon-apigateway-request-validator", jstr(validator, "name"));
	put_integration(x, resource, m, op);
	return op;
}

static void put_paths(const struct export *x)
{
	json_t *paths = json_object(), *res, *m, *item;
	const char *id, *verb;
	struct arena a = { 0 };
	json_object_foreach(json_object_get(x->snapshot, "resources"), id, res) {
		if (!json_object_size(json_object_get(res, "resourceMethods")))
			continue;
		item = json_object();
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m)
			json_object_set_new(item, strcmp(verb, "ANY") ? lower(&a, verb) : "x-amazon-apigateway-any-method", operation(x, id, m));
		json_object_set_new(paths, jstr(res, "path"), item);
	}
	json_object_set_new(x->out, "paths", paths);
	arena_free(&a);
}

static void put_models(const struct export *x)
{
	json_t *all = json_object(), *v, *schema;
	const char *name;
	json_object_foreach(json_object_get(x->snapshot, "models"), name, v) {
		schema = json_loads(jstr(v, "schema") ? jstr(v, "schema") : "{}", 0, NULL);
		if (!schema)
			continue;
		json_object_del(schema, "$schema");
		localise(x, schema);
		json_object_set_new(all, name, schema);
	}
	if (!json_object_size(all)) {
		json_decref(all);
		return;
	}
	if (!x->oas3) {
		json_object_set_new(x->out, "definitions", all);
		return;
	}
	if (!json_object_get(x->out, "components"))
		json_object_set_new(x->out, "components", json_object());
	json_object_set_new(json_object_get(x->out, "components"), "schemas", all);
}

/* The policy as an object; in OpenAPI 3 the endpoint's configuration is its server's. */
static void put_own_members(const struct export *x, const json_t *api)
{
	json_t *policy = jstr(api, "policy") ? json_loads(jstr(api, "policy"), 0, NULL) : NULL, *size = json_object_get(api, "minimumCompressionSize");
	json_t *at = x->oas3 ? json_array_get(json_object_get(x->out, "servers"), 0) : x->out;
	if (policy)
		json_object_set_new(x->out, "x-amazon-apigateway-policy", policy);
	if (json_is_integer(size))
		json_object_set(x->out, "x-amazon-apigateway-minimum-compression-size", size);
	if (jtrue(api, "disableExecuteApiEndpoint"))
		json_object_set_new(at, "x-amazon-apigateway-endpoint-configuration", json_pack("{s:b}", "disableExecuteApiEndpoint", 1));
}

static void put_extensions(const struct export *x)
{
	json_t *api = json_object_get(x->snapshot, "api"), *v, *all, *list = json_object_get(api, "binaryMediaTypes");
	const char *key;
	all = json_object();
	json_object_foreach(json_object_get(x->snapshot, "responses"), key, v) {
		json_t *one = gw_shown(v);
		json_object_del(one, "responseType");
		json_object_del(one, "defaultResponse");
		json_object_set_new(all, key, one);
	}
	if (json_object_size(all))
		json_object_set(x->out, "x-amazon-apigateway-gateway-responses", all);
	json_decref(all);
	if (json_array_size(list))
		json_object_set_new(x->out, "x-amazon-apigateway-binary-media-types", json_deep_copy(list));
	if (jstr(api, "apiKeySource") && strcmp(jstr(api, "apiKeySource"), "HEADER"))
		jput(x->out, "x-amazon-apigateway-api-key-source", jstr(api, "apiKeySource"));
	all = json_object();
	json_object_foreach(json_object_get(x->snapshot, "validators"), key, v)
		json_object_set_new(all, jstr(v, "name") ? jstr(v, "name") : key,
				    json_pack("{s:O,s:O}", "validateRequestParameters", json_object_get(v, "validateRequestParameters"), "validateRequestBody",
					      json_object_get(v, "validateRequestBody")));
	if (json_object_size(all))
		json_object_set(x->out, "x-amazon-apigateway-request-validators", all);
	json_decref(all);
	put_own_members(x, api);
}

static json_t *info(const struct export *x)
{
	json_t *api = json_object_get(x->snapshot, "api"), *out = json_object();
	char version[32];
	if (jstr(api, "description"))
		jput(out, "description", jstr(api, "description"));
	clock_iso_sec(json_integer_value(json_object_get(api, "createdDate")) * 1000, version);
	jput(out, "version", jstr(api, "version") ? jstr(api, "version") : version);
	jput(out, "title", jstr(api, "name") ? jstr(api, "name") : "");
	return out;
}

json_t *gw_export(struct gateway *g, const char *api, const char *stage, bool oas30, bool integrations, bool authorizers)
{
	const char *deployment = jstr(gw_doc(g, GW_DOC_STAGE, api, stage), "deploymentId");
	struct export x = { g, json_object_get(gw_doc(g, GW_DOC_DEPLOYMENT, api, deployment ? deployment : ""), "_snapshot"), json_object(), api, stage, oas30,
			    integrations, authorizers };
	char *host = xasprintf("%s.execute-api." GW_REGION ".amazonaws.com", api), *base = xasprintf("/%s", stage);
	char *url = xasprintf("https://%s/{basePath}", host);
	jput(x.out, oas30 ? "openapi" : "swagger", oas30 ? "3.0.1" : "2.0");
	json_object_set_new(x.out, "info", info(&x));
	if (oas30) {
		json_object_set_new(x.out, "servers", json_pack("[{s:s,s:{s:{s:s}}}]", "url", url, "variables", "basePath", "default", stage));
	} else {
		jput(x.out, "host", host);
		jput(x.out, "basePath", base);
		json_object_set_new(x.out, "schemes", json_pack("[s]", "https"));
	}
	put_paths(&x);
	put_models(&x);
	if (integrations)
		put_extensions(&x);
	free(host);
	free(base);
	free(url);
	return x.out;
}
