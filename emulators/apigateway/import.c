/* OpenAPI 3.0 and Swagger 2.0 with the API Gateway extensions -> documents. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apigateway/manage.h"
#include "apigateway/openapi.h"
#include "core/sigv4.h"

struct import {
	struct gateway *g;
	struct arena *a;
	const char *api;
	json_t *doc;
	const struct gw_import_opts *o;
	bool oas3;
	json_t *validators; /* name -> id */
	json_t *authorizers;
	json_t *warnings;
};

int gw_import_parse(struct slice text, json_t **out, struct error *err)
{
	json_error_t bad = { 0 };
	json_t *doc = json_loadb(text.p ? text.p : "", text.n, 0, &bad);
	if (!doc && text.n)
		doc = gw_yaml(text);
	if (!json_is_object(doc)) {
		json_decref(doc);
		return gw_bad(err, "Invalid OpenAPI input. (line %d: %s)", bad.line, bad.text[0] ? bad.text : "not an object");
	}
	if (!json_object_get(doc, "openapi") && !json_object_get(doc, "swagger")) {
		json_decref(doc);
		return gw_bad(err, "Invalid OpenAPI input. (neither openapi nor swagger)");
	}
	*out = doc;
	return 0;
}

static void warn(struct import *im, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void warn(struct import *im, const char *fmt, ...)
{
	va_list ap;
	struct buf b = { 0 };

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	json_array_append_new(im->warnings, json_stringn(b.p, b.n));
	buf_free(&b);
}

/* ---- models ---- */

/* "#/definitions/X" and "#/components/schemas/X" -> "X". */
static const char *ref_name(const json_t *schema)
{
	const char *ref = jstr(schema, "$ref"), *slash = ref ? strrchr(ref, '/') : NULL;
	return slash ? slash + 1 : NULL;
}

static void rewrite_refs(struct import *im, json_t *schema)
{
	const char *key;
	json_t *v;
	size_t i;
	if (json_is_object(schema)) {
		const char *ref = jstr(schema, "$ref");
		if (ref && ref[0] == '#' && ref_name(schema))
			jput(schema, "$ref", arena_printf(im->a, "https://apigateway.amazonaws.com/restapis/%s/models/%s", im->api, ref_name(schema)).p);
		json_object_foreach(schema, key, v)
			rewrite_refs(im, v);
	}
	json_array_foreach(schema, i, v)
		rewrite_refs(im, v);
}

static int put_model(struct import *im, const char *name, const json_t *schema, struct error *err)
{
	JSON_AUTO copy = json_deep_copy(schema);
	const char *id, *text;
	char *dump;
	json_t *old = gw_doc(im->g, GW_DOC_MODEL, im->api, name), *doc;
	int rc = 0;
	rewrite_refs(im, copy);
	if (old)
		id = jstr(old, "id");
	else
		rc = gw_doc_id(im->g, im->a, GW_DOC_MODEL, 6, false, &id, err);
	if (rc)
		return rc;
	dump = json_dumps(copy, JSON_INDENT(2));
	text = jstr(schema, "description");
	doc = json_pack("{s:s,s:s,s:s,s:s}", "id", id, "name", name, "schema", dump, "contentType", "application/json");
	if (text)
		jput(doc, "description", text);
	free(dump);
	return gw_doc_put(im->g, GW_DOC_MODEL, im->api, name, doc, err);
}

static int read_models(struct import *im, struct error *err)
{
	json_t *all = im->oas3 ? json_object_get(json_object_get(im->doc, "components"), "schemas") : json_object_get(im->doc, "definitions"), *v;
	const char *name;
	int rc = 0;
	json_object_foreach(all, name, v)
		if (!rc)
			rc = put_model(im, name, v, err);
	return rc;
}

/* The model of a schema in place: its $ref's, or one made for it. NULL: none. */
static int model_of(struct import *im, const json_t *schema, const char **out, struct error *err)
{
	const char *name = ref_name(schema);
	uint8_t h[32];
	char *dump;
	*out = name;
	if (name || !json_is_object(schema) || !json_object_size(schema))
		return 0;
	dump = json_dumps(schema, JSON_COMPACT);
	hash_sha256(dump, strlen(dump), h);
	free(dump);
	*out = arena_printf(im->a, "MODEL%02x%02x%02x", h[0], h[1], h[2]).p;
	return put_model(im, *out, schema, err);
}

/* ---- validators, gateway responses, authorizers ---- */

static int read_validators(struct import *im, struct error *err)
{
	json_t *v;
	const char *name, *id;
	int rc;
	json_object_foreach(json_object_get(im->doc, "x-amazon-apigateway-request-validators"), name, v) {
		rc = gw_doc_id(im->g, im->a, GW_DOC_VALIDATOR, 6, false, &id, err);
		if (!rc)
			rc = gw_doc_put(im->g, GW_DOC_VALIDATOR, im->api, id,
					json_pack("{s:s,s:s,s:b,s:b}", "id", id, "name", name, "validateRequestBody",
						  jtrue(v, "validateRequestBody"), "validateRequestParameters",
						  jtrue(v, "validateRequestParameters")), err);
		if (rc)
			return rc;
		jput(im->validators, name, id);
	}
	return 0;
}

static int read_responses(struct import *im, struct error *err)
{
	json_t *v, *doc, *status;
	const char *type;
	int rc = 0;
	json_object_foreach(json_object_get(im->doc, "x-amazon-apigateway-gateway-responses"), type, v) {
		doc = gw_response_doc(NULL, type);
		json_object_set_new(doc, "defaultResponse", json_false());
		status = json_object_get(v, "statusCode");
		if (json_is_integer(status))
			jput(doc, "statusCode", arena_printf(im->a, "%lld", (long long)json_integer_value(status)).p);
		else if (json_is_string(status))
			jput(doc, "statusCode", json_string_value(status));
		if (json_object_get(v, "responseParameters"))
			json_object_set_new(doc, "responseParameters", json_deep_copy(json_object_get(v, "responseParameters")));
		if (json_object_get(v, "responseTemplates"))
			json_object_set_new(doc, "responseTemplates", json_deep_copy(json_object_get(v, "responseTemplates")));
		rc = gw_doc_put(im->g, GW_DOC_RESPONSE, im->api, type, doc, err);
		if (rc)
			return rc;
	}
	return 0;
}

static json_t *schemes(struct import *im)
{
	return im->oas3 ? json_object_get(json_object_get(im->doc, "components"), "securitySchemes") : json_object_get(im->doc, "securityDefinitions");
}

static int read_authorizers(struct import *im, struct error *err)
{
	json_t *v, *x, *doc;
	const char *name, *id, *type;
	int rc;
	json_object_foreach(schemes(im), name, v) {
		x = json_object_get(v, "x-amazon-apigateway-authorizer");
		if (!json_is_object(x))
			continue;
		rc = gw_doc_id(im->g, im->a, GW_DOC_AUTHORIZER, 6, false, &id, err);
		if (rc)
			return rc;
		type = jstr(x, "type") ? gw_upper(im->a, jstr(x, "type")) : "TOKEN";
		doc = json_pack("{s:s,s:s,s:s,s:s}", "id", id, "name", name, "type", type, "authType",
				jstr(v, "x-amazon-apigateway-authtype") ? jstr(v, "x-amazon-apigateway-authtype") : "custom");
		json_object_update_missing(doc, x);
		if (!json_object_get(doc, "identitySource") && jstr(v, "name"))
			jput(doc, "identitySource", arena_printf(im->a, "method.request.header.%s", jstr(v, "name")).p);
		if (!json_object_get(doc, "authorizerResultTtlInSeconds"))
			json_object_set_new(doc, "authorizerResultTtlInSeconds", json_integer(300));
		rc = gw_doc_put(im->g, GW_DOC_AUTHORIZER, im->api, id, doc, err);
		if (rc)
			return rc;
		jput(im->authorizers, name, id);
	}
	return 0;
}

/* ---- methods ---- */

/* An operation's security, else the document's: an x-api-key scheme asks for a key, others for an authorizer. */
static void read_security(struct import *im, json_t *op, json_t *m)
{
	json_t *list = json_object_get(op, "security"), *item, *v;
	const char *auth = jstr(json_object_get(op, "x-amazon-apigateway-auth"), "type"), *key;
	bool wants_key = false;
	size_t i;
	jput(m, "authorizationType", auth && strcasecmp(auth, "NONE") ? gw_upper(im->a, auth) : "NONE");
	if (!list)
		list = json_object_get(im->doc, "security");
	json_array_foreach(list, i, item)
		json_object_foreach(item, key, v) {
			json_t *s = json_object_get(schemes(im), key);
			const char *name = jstr(s, "name"), *type = jstr(s, "x-amazon-apigateway-authtype"), *id = jstr(im->authorizers, key);
			if (id) {
				jput(m, "authorizationType", type && !strcmp(type, "cognito_user_pools") ? "COGNITO_USER_POOLS" : "CUSTOM");
				jput(m, "authorizerId", id);
				if (json_array_size(v))
					json_object_set_new(m, "authorizationScopes", json_deep_copy(v));
			} else if (type && !strcasecmp(type, "awsSigv4")) {
				jput(m, "authorizationType", "AWS_IAM");
			} else if (name && !strcasecmp(name, "x-api-key")) {
				wants_key = true;
			} else {
				warn(im, "Unable to apply security '%s' to a method", key);
			}
		}
	json_object_set_new(m, "apiKeyRequired", json_boolean(wants_key));
}

static json_t *resolve(struct import *im, json_t *v)
{
	const char *ref = jstr(v, "$ref"), *seg[6];
	json_t *at = im->doc;
	size_t n;
	if (!ref || strncmp(ref, "#/", 2))
		return v;
	n = gw_pointer(im->a, ref + 1, seg, ARRAY_LEN(seg));
	for (size_t i = 0; i < n; i++)
		at = json_object_get(at, seg[i]);
	return at ? at : v;
}

static json_t *consumes(struct import *im, json_t *op)
{
	json_t *list = json_object_get(op, "consumes");
	return list ? list : json_object_get(im->doc, "consumes");
}

static int read_body_model(struct import *im, json_t *op, const json_t *schema, json_t *m, struct error *err)
{
	json_t *types = consumes(im, op), *t;
	const char *name;
	size_t i;
	int rc = model_of(im, schema, &name, err);
	if (rc || !name)
		return rc;
	if (!json_array_size(types))
		jput(jobj(m, "requestModels"), "application/json", name);
	json_array_foreach(types, i, t)
		if (json_is_string(t))
			jput(jobj(m, "requestModels"), json_string_value(t), name);
	return 0;
}

static int read_parameters(struct import *im, json_t *op, json_t *list, json_t *m, struct error *err)
{
	json_t *p;
	size_t i;
	int rc = 0;
	json_array_foreach(list, i, p) {
		p = resolve(im, p);
		const char *in = jstr(p, "in"), *name = jstr(p, "name");
		const char *place = !in ? NULL : !strcmp(in, "query") ? "querystring" : !strcmp(in, "path") || !strcmp(in, "header") ? in : NULL;

		if (in && !strcmp(in, "body"))
			rc = read_body_model(im, op, json_object_get(p, "schema"), m, err);
		else if (place && name)
			json_object_set_new(jobj(m, "requestParameters"), arena_printf(im->a, "method.request.%s.%s", place, name).p,
					    json_boolean(jtrue(p, "required")));
		if (rc)
			return rc;
	}
	return 0;
}

static int read_response_models(struct import *im, json_t *op, json_t *v, json_t *doc, struct error *err)
{
	json_t *content = json_object_get(v, "content"), *c, *types;
	const char *type, *name;
	size_t i;
	int rc;
	json_object_foreach(content, type, c) {
		rc = model_of(im, json_object_get(c, "schema"), &name, err);
		if (rc)
			return rc;
		if (name)
			jput(jobj(doc, "responseModels"), type, name);
	}
	if (!json_object_get(v, "schema"))
		return 0;
	rc = model_of(im, json_object_get(v, "schema"), &name, err);
	if (rc || !name)
		return rc;
	types = json_object_get(op, "produces");
	if (!json_array_size(types))
		jput(jobj(doc, "responseModels"), "application/json", name);
	json_array_foreach(types, i, c)
		if (json_is_string(c))
			jput(jobj(doc, "responseModels"), json_string_value(c), name);
	return 0;
}

static int read_method_responses(struct import *im, json_t *op, json_t *m, struct error *err)
{
	json_t *v, *h, *doc;
	const char *code, *header;
	int64_t status;
	int rc;
	json_object_foreach(json_object_get(op, "responses"), code, v) {
		v = resolve(im, v);
		if (!sl_int(sl(code), 100, 599, &status))
			continue;
		doc = json_pack("{s:s}", "statusCode", code);
		json_object_set_new(jobj(m, "methodResponses"), code, doc);
		rc = read_response_models(im, op, v, doc, err);
		if (rc)
			return rc;
		json_object_foreach(json_object_get(v, "headers"), header, h)
			json_object_set_new(jobj(doc, "responseParameters"), arena_printf(im->a, "method.response.header.%s", header).p, json_false());
	}
	return 0;
}

/* Mappings whose value is not a text are left out with a warning, as AWS does. */
static json_t *mappings(struct import *im, json_t *params, const char *what, const char *path, const char *verb)
{
	json_t *out = json_object(), *v;
	const char *key;
	json_object_foreach(params, key, v) {
		if (json_is_string(v)) {
			json_object_set(out, key, v);
			continue;
		}
		char *text = json_dumps(v, JSON_ENCODE_ANY);
		warn(im, "Invalid format for '%s'. Expected type string for property '%s' of resource '%s' and method '%s' but got '%s'", what, key, path, verb, text);
		free(text);
	}
	return out;
}

static int read_answers(struct import *im, json_t *list, json_t *in, const char *path, const char *verb, struct error *err)
{
	json_t *v, *status, *doc, *params;
	const char *key, *handling;
	int64_t code;
	json_object_foreach(list, key, v) {
		status = json_object_get(v, "statusCode");
		code = json_is_integer(status) ? json_integer_value(status) : 0;
		if (json_is_string(status) && !sl_int(sl(json_string_value(status)), 100, 599, &code))
			code = 0;
		if (code < 100 || code > 599)
			return gw_bad(err, "Invalid status code in the integration response %s", key);
		const char *text = arena_printf(im->a, "%d", (int)code).p;
		doc = json_pack("{s:s}", "statusCode", text);
		json_object_set_new(jobj(in, "integrationResponses"), text, doc);
		if (strcmp(key, "default"))
			jput(doc, "selectionPattern", key);
		params = mappings(im, json_object_get(v, "responseParameters"), "responseParameters", path, verb);
		if (json_object_size(params))
			json_object_set(doc, "responseParameters", params);
		json_decref(params);
		if (json_object_size(json_object_get(v, "responseTemplates")))
			json_object_set_new(doc, "responseTemplates", json_deep_copy(json_object_get(v, "responseTemplates")));
		handling = jstr(v, "contentHandling");
		if (handling)
			jput(doc, "contentHandling", gw_upper(im->a, handling));
	}
	return 0;
}

static int read_integration(struct import *im, json_t *x, json_t *m, const char *resource, const char *path, const char *verb, struct error *err)
{
	static const char *const raised[] = { "type", "httpMethod", "passthroughBehavior", "contentHandling", "connectionType" };
	static const char *const kept[] = { "uri", "credentials", "timeoutInMillis", "connectionId", "cacheNamespace", "cacheKeyParameters", "tlsConfig" };
	json_t *params;
	JSON_AUTO in = json_object();
	int rc;
	for (size_t i = 0; i < ARRAY_LEN(raised); i++)
		if (jstr(x, raised[i]))
			jput(in, raised[i], gw_upper(im->a, jstr(x, raised[i])));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (json_object_get(x, kept[i]) && !json_is_null(json_object_get(x, kept[i])))
			json_object_set_new(in, kept[i], json_deep_copy(json_object_get(x, kept[i])));
	params = mappings(im, json_object_get(x, "requestParameters"), "requestParameters", path, verb);
	if (json_object_size(params))
		json_object_set(in, "requestParameters", params);
	json_decref(params);
	if (json_object_size(json_object_get(x, "requestTemplates")))
		json_object_set_new(in, "requestTemplates", json_deep_copy(json_object_get(x, "requestTemplates")));
	rc = gw_integration_check(in, err);
	if (!rc && !strcmp(jstr(in, "type"), "MOCK"))
		json_object_del(in, "httpMethod"), json_object_del(in, "uri");
	if (!rc)
		rc = read_answers(im, json_object_get(x, "responses"), in, path, verb, err);
	if (rc)
		return rc;
	gw_integration_defaults(in, resource);
	json_object_set(m, "methodIntegration", in);
	return 0;
}

static int read_method(struct import *im, const char *resource, const char *path, const char *key, json_t *item, json_t *op, json_t *fresh, struct error *err)
{
	enum gw_method_index i = gw_method_of(sl(key));
	const char *verb = i == GW_ANY ? "ANY" : gw_upper(im->a, key), *validator = jstr(op, "x-amazon-apigateway-request-validator");
	json_t *res = gw_doc(im->g, GW_DOC_RESOURCE, im->api, resource), *m, *x = json_object_get(op, "x-amazon-apigateway-integration"), *body, *c;
	const char *type, *name;
	int rc;
	if (json_object_get(fresh, verb))
		return gw_conflict(err, "Method already exists for this resource: %s %s", verb, path);
	json_object_set_new(fresh, verb, json_true());
	m = json_pack("{s:s}", "httpMethod", verb);
	json_object_set_new(jobj(res, "resourceMethods"), verb, m);
	read_security(im, op, m);
	if (jstr(op, "operationId"))
		jput(m, "operationName", jstr(op, "operationId"));
	if (!validator)
		validator = jstr(im->doc, "x-amazon-apigateway-request-validator");
	if (validator && jstr(im->validators, validator))
		jput(m, "requestValidatorId", jstr(im->validators, validator));
	rc = read_parameters(im, op, json_object_get(item, "parameters"), m, err);
	if (!rc)
		rc = read_parameters(im, op, json_object_get(op, "parameters"), m, err);
	body = resolve(im, json_object_get(op, "requestBody"));
	json_object_foreach(json_object_get(body, "content"), type, c) {
		if (!rc)
			rc = model_of(im, json_object_get(c, "schema"), &name, err);
		if (!rc && name)
			jput(jobj(m, "requestModels"), type, name);
	}
	if (!rc)
		rc = read_method_responses(im, op, m, err);
	if (!rc && json_is_object(x))
		rc = read_integration(im, x, m, resource, path, verb, err);
	if (rc && err) {
		struct error why = *err;
		rc = err_fail(err, why.def, "Errors found during import:\n\tUnable to put integration on '%s' for resource at path '%s': %.800s", verb, path, why.text);
	}
	return rc;
}

/* ---- paths ---- */

static struct slice server_path(struct import *im)
{
	json_t *server = json_array_get(json_object_get(im->doc, "servers"), 0), *v;
	struct slice url = sl(jstr(server, "url")), out;
	ssize_t at = url.p ? sl_find(url, S("://")) : -1;
	const char *name;
	struct buf b;
	if (!im->oas3)
		return sl(jstr(im->doc, "basePath"));
	if (!url.p)
		return url;
	if (at >= 0) {
		url = sl_of(url.p + at + 3, url.n - (size_t)at - 3);
		at = sl_chr(url, '/');
		url = at < 0 ? S("") : sl_of(url.p + at, url.n - (size_t)at);
	}
	json_object_foreach(json_object_get(server, "variables"), name, v) {
		struct slice hole = arena_printf(im->a, "{%s}", name), value = sl(jstr(v, "default"));
		ssize_t h = sl_find(url, hole);
		if (h < 0 || !value.p)
			continue;
		if (value.n && value.p[0] == '/')
			value = sl_of(value.p + 1, value.n - 1);
		buf_init(&b, 0);
		buf_add(&b, url.p, (size_t)h);
		buf_addsl(&b, value);
		buf_add(&b, url.p + h + hole.n, url.n - (size_t)h - hole.n);
		url = arena_dup(im->a, buf_slice(&b));
		buf_free(&b);
	}
	out = url;
	while (out.n && out.p[out.n - 1] == '/')
		out.n--;
	return out;
}

static struct slice prefix_of(struct import *im)
{
	struct slice base = server_path(im);
	ssize_t second;
	while (base.n && base.p[base.n - 1] == '/')
		base.n--;
	if (!base.n || !strcmp(im->o->basepath, "ignore"))
		return S("");
	if (strcmp(im->o->basepath, "split"))
		return base;
	second = base.n > 1 ? sl_chr(sl_of(base.p + 1, base.n - 1), '/') : -1; /* the first part is the stage's */
	return second < 0 ? S("") : sl_of(base.p + second + 1, base.n - (size_t)second - 1);
}

static int read_path(struct import *im, struct slice prefix, const char *path, json_t *item, struct error *err)
{
	struct slice full = prefix.n && !strcmp(path, "/") ? prefix : arena_printf(im->a, "%.*s%s", SL(prefix), path);
	JSON_AUTO fresh = json_object();
	const char *id, *key;
	json_t *op;
	int rc;
	while (full.n > 1 && full.p[full.n - 1] == '/')
		full.n--;
	rc = gw_resource_make(im->g, im->a, im->api, full, &id, err);
	if (rc)
		return rc;
	json_object_foreach(item, key, op) {
		if (gw_method_of(sl(key)) == GW_METHOD_N || !strcasecmp(key, "any") || !json_is_object(op))
			continue; /* parameters, summary, x-... of the path */
		rc = read_method(im, id, arena_cstr(im->a, full), key, item, op, fresh, err);
		if (rc)
			return rc;
	}
	return gw_doc_save(im->g, GW_DOC_RESOURCE, im->api, id, err);
}

static int read_paths(struct import *im, struct error *err)
{
	json_t *paths = json_object_get(im->doc, "paths"), *item;
	struct slice prefix = prefix_of(im);
	const char *path;
	int rc = 0;
	if (!json_is_object(paths))
		return gw_bad(err, "Invalid OpenAPI input. (no paths)");
	json_object_foreach(paths, path, item)
		if (!rc)
			rc = read_path(im, prefix, path, item, err);
	return rc;
}

/* ---- the API's own members ---- */

static int read_api(struct import *im, struct error *err)
{
	json_t *api = gw_doc(im->g, GW_DOC_API, "", im->api), *info = json_object_get(im->doc, "info");
	json_t *policy = json_object_get(im->doc, "x-amazon-apigateway-policy"), *binary = json_object_get(im->doc, "x-amazon-apigateway-binary-media-types");
	json_t *server = json_array_get(json_object_get(im->doc, "servers"), 0);
	json_t *config = json_object_get(im->oas3 ? server : im->doc, "x-amazon-apigateway-endpoint-configuration");
	json_t *size = json_object_get(im->doc, "x-amazon-apigateway-minimum-compression-size");
	const char *source = jstr(im->doc, "x-amazon-apigateway-api-key-source");
	if (!im->o->merge) {
		static const char *const own[] = { "description", "binaryMediaTypes", "minimumCompressionSize", "policy" };
		for (size_t i = 0; i < ARRAY_LEN(own); i++)
			json_object_del(api, own[i]);
		jput(api, "apiKeySource", "HEADER");
	}
	if (jstr(info, "title"))
		jput(api, "name", jstr(info, "title"));
	if (jstr(info, "description"))
		jput(api, "description", jstr(info, "description"));
	if (jstr(info, "version"))
		jput(api, "version", jstr(info, "version"));
	if (source)
		jput(api, "apiKeySource", gw_upper(im->a, source));
	if (json_array_size(binary))
		json_object_set_new(api, "binaryMediaTypes", json_deep_copy(binary));
	if (json_is_integer(size))
		json_object_set(api, "minimumCompressionSize", size);
	if (jtrue(config, "disableExecuteApiEndpoint"))
		json_object_set_new(api, "disableExecuteApiEndpoint", json_true());
	if (json_is_object(policy)) {
		char *text = json_dumps(policy, JSON_COMPACT);
		jput(api, "policy", text);
		free(text);
	}
	if (json_array_size(im->warnings))
		json_object_set(api, "warnings", im->warnings);
	else
		json_object_del(api, "warnings");
	return gw_doc_save(im->g, GW_DOC_API, "", im->api, err);
}

static int clear(struct import *im, struct error *err)
{
	static const char *const kinds[] = { GW_DOC_MODEL, GW_DOC_VALIDATOR, GW_DOC_RESPONSE, GW_DOC_AUTHORIZER, GW_DOC_RESOURCE };
	const char *root = arena_cstr(im->a, sl(jstr(gw_doc(im->g, GW_DOC_API, "", im->api), "rootResourceId")));
	int rc = 0;
	for (size_t i = 0; !rc && i < ARRAY_LEN(kinds); i++)
		rc = gw_doc_drop_all(im->g, kinds[i], im->api, err);
	return rc ? rc : gw_doc_put(im->g, GW_DOC_RESOURCE, im->api, root, json_pack("{s:s,s:s}", "id", root, "path", "/"), err);
}

int gw_import_into(struct gateway *g, struct arena *a, const char *api, json_t *doc, const struct gw_import_opts *o, struct error *err)
{
	struct import im = { .g = g, .a = a, .api = api, .doc = doc, .o = o, .oas3 = json_object_get(doc, "openapi") != NULL };
	int rc = 0;
	im.validators = json_object();
	im.authorizers = json_object();
	im.warnings = json_array();
	if (!o->merge)
		rc = clear(&im, err);
	if (!rc)
		rc = read_models(&im, err);
	if (!rc)
		rc = read_validators(&im, err);
	if (!rc)
		rc = read_responses(&im, err);
	if (!rc)
		rc = read_authorizers(&im, err);
	if (!rc)
		rc = read_paths(&im, err);
	if (!rc && o->fail_on_warnings && json_array_size(im.warnings))
		rc = gw_bad(err, "Warnings found during import:\n\t%s", json_string_value(json_array_get(im.warnings, 0)));
	if (!rc)
		rc = read_api(&im, err);
	json_decref(im.validators);
	json_decref(im.authorizers);
	json_decref(im.warnings);
	return rc;
}

/* ---- an export by itself ---- */

const char *gw_import_id(struct arena *a, json_t *doc)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	const char *url = jstr(json_array_get(json_object_get(doc, "servers"), 0), "url"), *title = jstr(json_object_get(doc, "info"), "title");
	struct slice host = sl(url ? url : jstr(doc, "host")), id, rest;
	char *made = arena_alloc(a, 11);
	uint8_t sum[32];
	if (sl_starts(host, S("https://")))
		host = sl_of(host.p + 8, host.n - 8);
	if (host.p && sl_cut(host, '.', &id, &rest) && id.n && sl_starts(rest, S("execute-api.")))
		return arena_cstr(a, id);
	hash_sha256(title ? title : "", title ? strlen(title) : 0, sum);
	for (size_t i = 0; i < 10; i++)
		made[i] = digits[sum[i] % 36];
	return made;
}

int gw_import(struct slice json, struct gw_api **out, struct error *err)
{
	static const struct gw_import_opts opts = { .merge = true, .basepath = "ignore" };
	struct gateway g = { .docs = json_object() };
	struct arena a = { 0 };
	const char *id;
	JSON_AUTO doc = NULL;
	int rc = gw_import_parse(json, &doc, err);
	if (!rc)
		rc = gw_api_make(&g, &a, gw_import_id(&a, doc), json_pack("{s:i}", "createdDate", 0), false, &id, err);
	if (!rc)
		rc = gw_import_into(&g, &a, id, doc, &opts, err);
	if (!rc)
		rc = gw_integrated_check(&g, id, err);
	if (!rc)
		rc = gw_compile_now(&g, id, out, err);
	json_decref(g.docs);
	arena_free(&a);
	return rc;
}
