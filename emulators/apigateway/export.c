/* Documents -> OpenAPI 3.0 or Swagger 2.0, as GetExport gives them. */
#include "apigateway/openapi.h"

struct export {
	struct gateway *g;
	struct arena a;
	json_t *snapshot, *out;
	const char *api, *stage;
	bool oas3, integrations, authorizers;
};

static const char *lower(struct export *x, const char *s)
{
	char *out = s ? arena_cstr(&x->a, sl(s)) : NULL;
	for (char *p = out; p && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 32;
	return out;
}

/* Puts an object or list (takes the reference), unless it is empty. */
static void put_full(json_t *to, const char *name, json_t *v)
{
	if (json_object_size(v) || json_array_size(v))
		json_object_set(to, name, v);
	json_decref(v);
}

static json_t *ref(struct export *x, const char *model)
{
	return json_pack("{s:s}", "$ref", arena_printf(&x->a, "#/%s/%s", x->oas3 ? "components/schemas" : "definitions", model).p);
}

/* ".../restapis/ID/models/NAME" -> this document's own place. */
static void localise(struct export *x, json_t *schema)
{
	const char *at = jstr(schema, "$ref"), *key;
	json_t *v;
	size_t i;
	if (at && strstr(at, "/models/"))
		json_object_update_new(schema, ref(x, strrchr(at, '/') + 1));
	if (json_is_object(schema))
		json_object_foreach(schema, key, v)
			localise(x, v);
	json_array_foreach(schema, i, v)
		localise(x, v);
}

static json_t *text_type(const struct export *x)
{
	return x->oas3 ? json_pack("{s:{s:s}}", "schema", "type", "string") : json_pack("{s:s}", "type", "string");
}

/* {type: {schema}} of {type: model} */
static json_t *content_of(struct export *x, json_t *models)
{
	json_t *out = json_object(), *v;
	const char *type;
	json_object_foreach(models, type, v)
		json_object_set_new(out, type, json_pack("{s:o}", "schema", ref(x, json_string_value(v))));
	return out;
}

static void put_parameters(struct export *x, json_t *m, json_t *op)
{
	json_t *list = json_array(), *models = json_object_get(m, "requestModels"), *v, *p;
	struct slice at, place, name;
	const char *key, *model;
	json_object_foreach(json_object_get(m, "requestParameters"), key, v) {
		if (!sl_after(sl(key), S("method.request."), &at) || !sl_cut(at, '.', &place, &name))
			continue;
		p = json_pack("{s:s,s:s}", "name", name.p, "in", sl_eqs(place, "querystring") ? "query" : sl_eqs(place, "path") ? "path" : "header");
		if (!x->oas3 || json_is_true(v))
			json_object_set(p, "required", v);
		json_object_update_new(p, text_type(x));
		json_array_append_new(list, p);
	}
	model = json_string_value(json_object_iter_value(json_object_iter(models)));
	if (!x->oas3 && model)
		json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:o}", "in", "body", "name", model, "required", 1, "schema", ref(x, model)));
	put_full(op, "parameters", list);
	if (x->oas3 && json_object_size(models))
		json_object_set_new(op, "requestBody", json_pack("{s:o,s:b}", "content", content_of(x, models), "required", 1));
}

/* Adds a name to a list, once. */
static void add_name(json_t *list, const char *text)
{
	json_t *v;
	size_t i;
	json_array_foreach(list, i, v)
		if (!strcmp(json_string_value(v), text))
			return;
	json_array_append_new(list, json_string(text));
}

static json_t *response(struct export *x, const char *code, json_t *v, json_t *produces)
{
	json_t *doc = json_pack("{s:s}", "description", arena_printf(&x->a, "%s response", code).p), *models = json_object_get(v, "responseModels");
	json_t *headers = json_object(), *p;
	const char *key;
	json_object_foreach(json_object_get(v, "responseParameters"), key, p)
		json_object_set_new(headers, strrchr(key, '.') + 1, text_type(x));
	json_object_foreach(models, key, p)
		if (!x->oas3) {
			add_name(produces, key);
			json_object_set_new(doc, "schema", ref(x, json_string_value(p)));
		}
	put_full(doc, "headers", headers);
	if (x->oas3)
		json_object_set_new(doc, "content", content_of(x, models));
	return doc;
}

static void put_responses(struct export *x, json_t *m, json_t *op)
{
	json_t *out = json_object(), *produces = json_array(), *v, *t;
	const char *code, *key;
	json_object_foreach(json_object_get(m, "methodResponses"), code, v)
		json_object_set_new(out, code, response(x, code, v, produces));
	json_object_foreach(json_object_get(json_object_get(m, "methodIntegration"), "integrationResponses"), code, v)
		json_object_foreach(json_object_get(v, "responseTemplates"), key, t)
			add_name(produces, key);
	if (x->oas3)
		json_array_clear(produces);
	put_full(op, "produces", produces);
	put_full(op, "responses", out);
}

static void put_integration(struct export *x, const char *resource, json_t *m, json_t *op)
{
	static const char *const kept[] = { "httpMethod", "uri", "credentials", "requestParameters", "requestTemplates", "contentHandling", "connectionId",
					    "tlsConfig" };
	json_t *in = json_object_get(m, "methodIntegration"), *out, *answers = json_object(), *v, *a;
	const char *code;
	out = json_object();
	jput(out, "type", lower(x, jstr(in, "type")));
	jput(out, "passthroughBehavior", lower(x, jstr(in, "passthroughBehavior")));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		jcopy(out, in, kept[i]);
	if (!sl_eqs(jslice(in, "connectionType"), "INTERNET"))
		jput(out, "connectionType", jstr(in, "connectionType"));
	if (jint(in, "timeoutInMillis") != GW_TIMEOUT_MS)
		jcopy(out, in, "timeoutInMillis");
	if (!sl_eqs(jslice(in, "cacheNamespace"), resource))
		jput(out, "cacheNamespace", jstr(in, "cacheNamespace"));
	put_full(out, "cacheKeyParameters", json_deep_copy(json_object_get(in, "cacheKeyParameters")));
	json_object_foreach(json_object_get(in, "integrationResponses"), code, v) {
		const char *pattern = jstr(v, "selectionPattern");
		a = json_deep_copy(v);
		json_object_del(a, "selectionPattern");
		json_object_set_new(answers, pattern && *pattern ? pattern : "default", a);
	}
	put_full(out, "responses", answers);
	json_object_set_new(op, "x-amazon-apigateway-integration", out);
}

/* An entry of the security schemes, and of what the operation asks for. kind: x-amazon-apigateway-authtype; NULL: none. */
static json_t *put_scheme(const struct export *x, json_t *list, const char *name, const char *header, const char *kind)
{
	json_t *at = x->oas3 ? jobj(jobj(x->out, "components"), "securitySchemes") : jobj(x->out, "securityDefinitions");
	json_t *scheme = json_pack("{s:s,s:s,s:s}", "type", "apiKey", "name", header, "in", "header");
	jput(scheme, "x-amazon-apigateway-authtype", kind);
	json_array_append_new(list, json_pack("{s:[]}", name));
	json_object_set_new(at, name, scheme);
	return scheme;
}

static void put_security(struct export *x, json_t *m, json_t *op)
{
	const char *id = jstr(m, "authorizerId"), *source, *dot, *kind;
	json_t *list = json_array(), *authorizer = id ? gw_doc(x->g, GW_DOC_AUTHORIZER, x->api, id) : NULL, *scheme, *copy;
	if (jtrue(m, "apiKeyRequired"))
		(void)put_scheme(x, list, "api_key", "x-api-key", NULL);
	if (sl_eqs(jslice(m, "authorizationType"), "AWS_IAM"))
		(void)put_scheme(x, list, "sigv4", "Authorization", "awsSigv4");
	if (authorizer) {
		source = jstr(authorizer, "identitySource");
		dot = source ? strrchr(source, '.') : NULL;
		kind = jstr(authorizer, "authType");
		scheme = put_scheme(x, list, jstr(authorizer, "name"), dot ? dot + 1 : "Authorization", kind ? kind : "custom");
		if (x->authorizers) {
			copy = gw_shown(authorizer);
			json_object_del(copy, "id");
			json_object_del(copy, "name");
			json_object_del(copy, "authType");
			json_object_set_new(scheme, "x-amazon-apigateway-authorizer", copy);
		}
	}
	put_full(op, "security", list);
}

static json_t *operation(struct export *x, const char *resource, json_t *m)
{
	json_t *op = json_object(), *consumes = json_array(), *in = json_object_get(m, "methodIntegration"), *v;
	const char *type, *id = jstr(m, "requestValidatorId");
	jput(op, "operationId", jstr(m, "operationName"));
	json_object_foreach(json_object_get(m, "requestModels"), type, v)
		add_name(consumes, type);
	json_object_foreach(json_object_get(in, "requestTemplates"), type, v)
		add_name(consumes, type);
	if (x->oas3)
		json_array_clear(consumes);
	put_full(op, "consumes", consumes);
	put_parameters(x, m, op);
	put_responses(x, m, op);
	put_security(x, m, op);
	if (x->integrations && id)
		jput(op, "x-amazon-apigateway-request-validator", jstr(json_object_get(json_object_get(x->snapshot, "validators"), id), "name"));
	if (x->integrations && in)
		put_integration(x, resource, m, op);
	return op;
}

static void put_paths(struct export *x)
{
	json_t *paths = json_object(), *res, *m, *item;
	const char *id, *verb;
	json_object_foreach(json_object_get(x->snapshot, "resources"), id, res) {
		item = json_object();
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m)
			json_object_set_new(item, strcmp(verb, "ANY") ? lower(x, verb) : "x-amazon-apigateway-any-method", operation(x, id, m));
		put_full(paths, jstr(res, "path"), item);
	}
	json_object_set_new(x->out, "paths", paths);
}

static void put_models(struct export *x)
{
	json_t *all = json_object(), *v, *schema;
	const char *name;
	json_object_foreach(json_object_get(x->snapshot, "models"), name, v) {
		schema = gw_json(sl(jstr(v, "schema") ? jstr(v, "schema") : "{}"), GW_DOCUMENT, NULL);
		if (!schema)
			continue;
		json_object_del(schema, "$schema");
		localise(x, schema);
		json_object_set_new(all, name, schema);
	}
	if (!x->oas3)
		put_full(x->out, "definitions", all);
	else
		put_full(jobj(x->out, "components"), "schemas", all); /* there in any case */
}

/* The policy as an object; in OpenAPI 3 the endpoint's configuration is its server's. */
static void put_own_members(struct export *x, const json_t *api)
{
	json_t *policy = jstr(api, "policy") ? gw_json(sl(jstr(api, "policy")), GW_DOCUMENT, NULL) : NULL, *size = json_object_get(api, "minimumCompressionSize");
	json_t *at = x->oas3 ? json_array_get(json_object_get(x->out, "servers"), 0) : x->out;
	if (policy)
		json_object_set_new(x->out, "x-amazon-apigateway-policy", policy);
	if (json_is_integer(size))
		json_object_set(x->out, "x-amazon-apigateway-minimum-compression-size", size);
	if (jtrue(api, "disableExecuteApiEndpoint"))
		json_object_set_new(at, "x-amazon-apigateway-endpoint-configuration", json_pack("{s:b}", "disableExecuteApiEndpoint", 1));
}

static void put_extensions(struct export *x)
{
	json_t *api = json_object_get(x->snapshot, "api"), *v, *responses = json_object(), *validators = json_object();
	const char *key, *name;
	json_object_foreach(json_object_get(x->snapshot, "responses"), key, v) {
		json_t *one = gw_shown(v);
		json_object_del(one, "responseType");
		json_object_del(one, "defaultResponse");
		json_object_set_new(responses, key, one);
	}
	put_full(x->out, "x-amazon-apigateway-gateway-responses", responses);
	put_full(x->out, "x-amazon-apigateway-binary-media-types", json_deep_copy(json_object_get(api, "binaryMediaTypes")));
	if (!sl_eqs(jslice(api, "apiKeySource"), "HEADER"))
		jput(x->out, "x-amazon-apigateway-api-key-source", jstr(api, "apiKeySource"));
	json_object_foreach(json_object_get(x->snapshot, "validators"), key, v) {
		name = jstr(v, "name");
		json_object_set_new(validators, name ? name : key,
				    json_pack("{s:O,s:O}", "validateRequestParameters", json_object_get(v, "validateRequestParameters"), "validateRequestBody",
					      json_object_get(v, "validateRequestBody")));
	}
	put_full(x->out, "x-amazon-apigateway-request-validators", validators);
	put_own_members(x, api);
}

static json_t *info(struct export *x)
{
	json_t *api = json_object_get(x->snapshot, "api"), *out = json_object();
	const char *name = jstr(api, "name"), *version = jstr(api, "version");
	char made[32];
	clock_iso_sec(jint(api, "createdDate") * 1000, made);
	jput(out, "description", jstr(api, "description"));
	jput(out, "version", version ? version : made);
	jput(out, "title", name ? name : "");
	return out;
}

json_t *gw_export(struct gateway *g, const char *api, const char *stage, bool oas30, bool integrations, bool authorizers)
{
	const char *deployment = jstr(gw_doc(g, GW_DOC_STAGE, api, stage), "deploymentId"), *host;
	const char *home = jstr(gw_doc(g, GW_DOC_API, "", api), "_home"); /* "ACCOUNT/REGION" */
	struct export x = { g, { 0 }, json_object_get(gw_doc(g, GW_DOC_DEPLOYMENT, api, deployment ? deployment : ""), "_snapshot"), json_object(), api, stage,
			    oas30, integrations, authorizers };
	host = arena_printf(&x.a, "%s.execute-api.%s.amazonaws.com", api, home ? strchr(home, '/') + 1 : g->region).p;
	jput(x.out, oas30 ? "openapi" : "swagger", oas30 ? "3.0.1" : "2.0");
	json_object_set_new(x.out, "info", info(&x));
	if (oas30) {
		json_object_set_new(x.out, "servers", json_pack("[{s:s,s:{s:{s:s}}}]", "url", arena_printf(&x.a, "https://%s/{basePath}", host).p, "variables",
								"basePath", "default", stage));
	} else {
		jput(x.out, "host", host);
		jput(x.out, "basePath", arena_printf(&x.a, "/%s", stage).p);
		json_object_set_new(x.out, "schemes", json_pack("[s]", "https"));
	}
	put_paths(&x);
	put_models(&x);
	if (integrations)
		put_extensions(&x);
	arena_free(&x.a);
	return x.out;
}
