/* OpenAPI 3.0 and Swagger 2.0 with the API Gateway extensions -> documents. */
#include <strings.h>

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
	const char *path, *verb; /* the method that is read */
};

static int bad_document(const char *why, struct error *err)
{
	return gw_bad(err, GW_BAD_DOCUMENT " (%s)", why);
}

/* What begins as JSON and isn't may still be YAML in its flow style. */
int gw_import_text(struct slice text, json_t **out, struct error *err)
{
	struct slice s = sl_trim(text);
	struct error bad = { .kind = ERR_INVALID, .text = "neither JSON nor YAML" };
	if (text.n > GW_DOC_MAX)
		return bad_document("it is over 6 MB", err);
	*out = s.n && (s.p[0] == '{' || s.p[0] == '[') ? gw_json(text, GW_DOCUMENT, &bad) : NULL;
	if (!*out && bad.kind == ERR_INVALID)
		*out = gw_yaml(text);
	return *out ? 0 : bad_document(bad.text, err);
}

int gw_import_parse(struct slice text, json_t **out, struct error *err)
{
	json_t *doc = NULL;
	int rc = gw_import_text(text, &doc, err);
	if (!rc && !json_is_object(doc))
		rc = bad_document("not an object", err);
	else if (!rc && !json_object_get(doc, "openapi") && !json_object_get(doc, "swagger"))
		rc = bad_document("neither openapi nor swagger", err);
	else if (!rc && !json_is_object(json_object_get(doc, "paths")))
		rc = bad_document("no paths", err);
	if (rc)
		json_decref(doc);
	else
		*out = doc;
	return rc;
}

static void warn(struct import *im, struct slice text)
{
	json_array_append_new(im->warnings, json_stringn(text.p, text.n));
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
	const char *id = jstr(gw_doc(im->g, GW_DOC_MODEL, im->api, name), "id");
	json_t *doc;
	char *dump;
	int rc = 0;
	if (!id && json_object_size(gw_docs(im->g, GW_DOC_MODEL, im->api)) >= GW_MODELS_MAX)
		return gw_manage_fail(err, GW_M_LIMIT, "Maximum number of models for this API has been reached. (%d)", GW_MODELS_MAX);
	if (!id)
		rc = gw_doc_id(im->g, im->a, GW_DOC_MODEL, 6, false, &id, err);
	if (rc)
		return rc;
	rewrite_refs(im, copy);
	dump = json_dumps(copy, JSON_INDENT(2));
	doc = json_pack("{s:s,s:s,s:s,s:s}", "id", id, "name", name, "schema", dump, "contentType", "application/json");
	jput(doc, "description", jstr(schema, "description"));
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

/* The model of the schema in `from`, as what all types of the list take (none: JSON); to: type -> model, made when there is one. */
static int put_models(struct import *im, const json_t *from, json_t *types, json_t *doc, const char *to, struct error *err)
{
	const char *name;
	json_t *t;
	size_t i;
	int rc = model_of(im, json_object_get(from, "schema"), &name, err);
	if (rc || !name)
		return rc;
	if (!json_array_size(types))
		jput(jobj(doc, to), "application/json", name);
	json_array_foreach(types, i, t)
		if (json_is_string(t))
			jput(jobj(doc, to), json_string_value(t), name);
	return 0;
}

/* OpenAPI 3: {type: {schema}}. */
static int put_content(struct import *im, json_t *content, json_t *doc, const char *to, struct error *err)
{
	const char *type, *name;
	json_t *v;
	int rc = 0;
	json_object_foreach(content, type, v) {
		rc = model_of(im, json_object_get(v, "schema"), &name, err);
		if (rc)
			return rc;
		if (name)
			jput(jobj(doc, to), type, name);
	}
	return rc;
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
					json_pack("{s:s,s:s,s:b,s:b}", "id", id, "name", name, "validateRequestBody", jtrue(v, "validateRequestBody"),
						  "validateRequestParameters", jtrue(v, "validateRequestParameters")), err);
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
		jput(doc, "statusCode", json_string_value(status));
		jcopy(doc, v, "responseParameters");
		jcopy(doc, v, "responseTemplates");
		rc = gw_doc_put(im->g, GW_DOC_RESPONSE, im->api, type, doc, err);
		if (rc)
			return rc;
	}
	return rc;
}

static json_t *schemes(struct import *im)
{
	return im->oas3 ? json_object_get(json_object_get(im->doc, "components"), "securitySchemes") : json_object_get(im->doc, "securityDefinitions");
}

static int read_authorizers(struct import *im, struct error *err)
{
	json_t *v, *x, *doc;
	const char *name, *id, *type, *auth;
	int rc;
	json_object_foreach(schemes(im), name, v) {
		x = json_object_get(v, "x-amazon-apigateway-authorizer");
		if (!json_is_object(x))
			continue;
		rc = gw_doc_id(im->g, im->a, GW_DOC_AUTHORIZER, 6, false, &id, err);
		if (rc)
			return rc;
		type = gw_upper(im->a, jstr(x, "type"));
		auth = jstr(v, "x-amazon-apigateway-authtype");
		doc = json_pack("{s:s,s:s,s:s,s:s}", "id", id, "name", name, "type", type ? type : "TOKEN", "authType", auth ? auth : "custom");
		json_object_update_missing(doc, x);
		if (!json_object_get(doc, "identitySource") && jstr(v, "name"))
			jput(doc, "identitySource", arena_printf(im->a, "method.request.header.%s", jstr(v, "name")).p);
		/* A Cognito pool's answer isn't kept. */
		if (!json_object_get(doc, "authorizerResultTtlInSeconds") && strcasecmp(jstr(doc, "type"), "cognito_user_pools"))
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
				warn(im, arena_printf(im->a, "Unable to apply security '%s' to a method", key));
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

static int read_parameters(struct import *im, json_t *op, json_t *list, json_t *m, struct error *err)
{
	json_t *types = json_object_get(json_object_get(op, "consumes") ? op : im->doc, "consumes"), *p;
	size_t i;
	int rc = 0;
	json_array_foreach(list, i, p) {
		p = resolve(im, p);
		const char *in = jstr(p, "in"), *name = jstr(p, "name");
		const char *place = !in ? NULL : !strcmp(in, "query") ? "querystring" : !strcmp(in, "path") || !strcmp(in, "header") ? in : NULL;
		if (in && !strcmp(in, "body"))
			rc = put_models(im, p, types, m, "requestModels", err);
		else if (place && name)
			json_object_set_new(jobj(m, "requestParameters"), arena_printf(im->a, "method.request.%s.%s", place, name).p,
					    json_boolean(jtrue(p, "required")));
		if (rc)
			return rc;
	}
	return 0;
}

/* A path's parameters that nobody declares. */
static void declare_path(struct import *im, json_t *m)
{
	struct slice rest = sl(im->path), part, name;
	while (rest.p) {
		(void)sl_cut(rest, '/', &part, &rest);
		if (!sl_after(part, S("{"), &name) || !sl_ends(name, S("}")))
			continue;
		name.n -= sl_ends(name, S("+}")) ? 2 : 1;
		const char *key = arena_printf(im->a, "method.request.path.%.*s", SL(name)).p;
		if (!json_object_get(json_object_get(m, "requestParameters"), key))
			json_object_set_new(jobj(m, "requestParameters"), key, json_true());
	}
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
		rc = put_content(im, json_object_get(v, "content"), doc, "responseModels", err);
		if (!rc)
			rc = put_models(im, v, json_object_get(op, "produces"), doc, "responseModels", err);
		if (rc)
			return rc;
		json_object_foreach(json_object_get(v, "headers"), header, h)
			json_object_set_new(jobj(doc, "responseParameters"), arena_printf(im->a, "method.response.header.%s", header).p, json_false());
	}
	return 0;
}

/* Copies mappings; those whose value is not a text are left out with a warning, as AWS does. */
static void copy_mappings(struct import *im, json_t *to, json_t *from, const char *what)
{
	const char *key;
	json_t *v;
	char *text;
	json_object_foreach(json_object_get(from, what), key, v) {
		if (json_is_string(v)) {
			json_object_set(jobj(to, what), key, v);
			continue;
		}
		text = json_dumps(v, JSON_ENCODE_ANY);
		warn(im, arena_printf(im->a, "Invalid format for '%s'. Expected type string for property '%s' of resource '%s' and method '%s' but got '%s'", what, key,
				      im->path, im->verb, text));
		free(text);
	}
}

/* A map, unless it is empty. */
static void copy_map(json_t *to, json_t *from, const char *name)
{
	if (json_object_size(json_object_get(from, name)))
		jcopy(to, from, name);
}

static int read_answers(struct import *im, json_t *list, json_t *in, struct error *err)
{
	json_t *v, *status, *doc;
	const char *key, *text;
	int64_t code;
	json_object_foreach(list, key, v) {
		status = json_object_get(v, "statusCode");
		code = json_integer_value(status);
		if ((json_is_string(status) && !sl_int(json_slice(status), 100, 599, &code)) || code < 100 || code > 599)
			return gw_bad(err, "Invalid status code in the integration response %s", key);
		text = arena_printf(im->a, "%d", (int)code).p;
		doc = json_pack("{s:s}", "statusCode", text);
		json_object_set_new(jobj(in, "integrationResponses"), text, doc);
		if (strcmp(key, "default"))
			jput(doc, "selectionPattern", key);
		copy_mappings(im, doc, v, "responseParameters");
		copy_map(doc, v, "responseTemplates");
		jput(doc, "contentHandling", gw_upper(im->a, jstr(v, "contentHandling")));
	}
	return 0;
}

static int read_integration(struct import *im, json_t *x, json_t *m, const char *resource, struct error *err)
{
	static const char *const raised[] = { "type", "httpMethod", "passthroughBehavior", "contentHandling", "connectionType" };
	static const char *const kept[] = { "uri", "credentials", "timeoutInMillis", "connectionId", "cacheNamespace", "cacheKeyParameters", "tlsConfig" };
	JSON_AUTO in = json_object();
	int rc;
	for (size_t i = 0; i < ARRAY_LEN(raised); i++)
		jput(in, raised[i], gw_upper(im->a, jstr(x, raised[i])));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		jcopy(in, x, kept[i]);
	copy_mappings(im, in, x, "requestParameters");
	copy_map(in, x, "requestTemplates");
	rc = gw_integration_check(in, err);
	if (!rc && !strcmp(jstr(in, "type"), "MOCK"))
		json_object_del(in, "httpMethod"), json_object_del(in, "uri");
	if (!rc)
		rc = read_answers(im, json_object_get(x, "responses"), in, err);
	if (rc)
		return rc;
	gw_integration_defaults(in, resource);
	json_object_set(m, "methodIntegration", in);
	return 0;
}

/* Of the method im->verb at im->path. item: the path's, op: the method's own. */
static int read_method(struct import *im, const char *resource, json_t *item, json_t *op, struct error *err)
{
	json_t *m = json_pack("{s:s}", "httpMethod", im->verb), *x = json_object_get(op, "x-amazon-apigateway-integration");
	json_t *body = resolve(im, json_object_get(op, "requestBody"));
	const char *validator = jstr(op, "x-amazon-apigateway-request-validator");
	int rc;
	json_object_set_new(jobj(gw_doc(im->g, GW_DOC_RESOURCE, im->api, resource), "resourceMethods"), im->verb, m);
	read_security(im, op, m);
	jput(m, "operationName", jstr(op, "operationId"));
	if (!validator)
		validator = jstr(im->doc, "x-amazon-apigateway-request-validator");
	if (validator)
		jput(m, "requestValidatorId", jstr(im->validators, validator));
	rc = read_parameters(im, op, json_object_get(item, "parameters"), m, err);
	if (!rc)
		rc = read_parameters(im, op, json_object_get(op, "parameters"), m, err);
	if (!rc)
		declare_path(im, m);
	if (!rc)
		rc = put_content(im, json_object_get(body, "content"), m, "requestModels", err);
	if (!rc)
		rc = read_method_responses(im, op, m, err);
	if (!rc && json_is_object(x))
		rc = read_integration(im, x, m, resource, err);
	return rc;
}

/* ---- paths ---- */

/* "{name}" of a url -> the variable's default. */
static struct slice fill_variables(struct import *im, struct slice url, json_t *variables)
{
	const char *name;
	json_t *v;
	json_object_foreach(variables, name, v) {
		struct slice hole = arena_printf(im->a, "{%s}", name), value = jslice(v, "default");
		ssize_t at = sl_find(url, hole);
		if (at < 0 || !value.p)
			continue;
		(void)sl_after(value, S("/"), &value);
		url = arena_printf(im->a, "%.*s%.*s%.*s", (int)at, url.p, SL(value), SL(sl_from(url, (size_t)at + hole.n)));
	}
	return url;
}

static struct slice server_path(struct import *im)
{
	json_t *server = json_array_get(json_object_get(im->doc, "servers"), 0);
	json_t *variables = json_object_get(server, "variables");
	struct slice url = jslice(server, "url"), sole = jslice(json_object_get(variables, "basePath"), "default");
	ssize_t at = sl_find(url, S("://"));
	if (!im->oas3)
		return jslice(im->doc, "basePath");
	if (sole.n && json_object_size(variables) == 1 && sl_find(url, S("{basePath}")) < 0) /* counts although the url doesn't name it */
		return sole.p[0] == '/' ? sole : arena_printf(im->a, "/%.*s", SL(sole));
	if (at >= 0) {
		url = sl_from(url, (size_t)at + strlen("://"));
		at = sl_chr(url, '/');
		url = at < 0 ? S("") : sl_from(url, (size_t)at);
	}
	return fill_variables(im, url, variables);
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
	second = sl_chr(sl_from(base, 1), '/'); /* the first part is the stage's */
	return second < 0 ? S("") : sl_from(base, (size_t)second + 1);
}

static int read_path(struct import *im, struct slice prefix, const char *path, json_t *item, struct error *err)
{
	struct slice full = prefix.n && !strcmp(path, "/") ? prefix : arena_printf(im->a, "%.*s%s", SL(prefix), path);
	JSON_AUTO fresh = json_object();
	enum gw_method_index verb;
	const char *id, *key;
	struct error why;
	json_t *op;
	int rc;
	while (full.n > 1 && full.p[full.n - 1] == '/')
		full.n--;
	rc = gw_resource_make(im->g, im->a, im->api, full, &id, err);
	if (rc)
		return rc;
	im->path = arena_cstr(im->a, full);
	json_object_foreach(item, key, op) {
		verb = gw_method_of(sl(key));
		if (verb == GW_METHOD_N || !strcasecmp(key, "any") || !json_is_object(op))
			continue; /* parameters, summary, x-... of the path */
		im->verb = verb == GW_ANY ? "ANY" : gw_upper(im->a, key);
		if (json_object_get(fresh, im->verb))
			return gw_conflict(err, "Method already exists for this resource: %s %s", im->verb, im->path);
		json_object_set_new(fresh, im->verb, json_true());
		rc = read_method(im, id, item, op, &why);
		if (rc)
			return err_fail(err, why.def, "Errors found during import:\n\tUnable to put integration on '%s' for resource at path '%s': %.800s",
					im->verb, im->path, why.text);
	}
	return gw_doc_save(im->g, GW_DOC_RESOURCE, im->api, id, err);
}

static int read_paths(struct import *im, struct error *err)
{
	json_t *paths = json_object_get(im->doc, "paths"), *item;
	struct slice prefix = prefix_of(im);
	const char *path;
	int rc = 0;
	json_object_foreach(paths, path, item)
		if (!rc)
			rc = read_path(im, prefix, path, item, err);
	return rc;
}

/* ---- the API's own members ---- */

/* A text or a number: "version": 1. NULL: neither. */
static const char *text_of(struct import *im, const json_t *v)
{
	char *text;
	const char *out;
	if (!json_is_number(v))
		return json_string_value(v);
	text = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	out = arena_cstr(im->a, sl(text));
	free(text);
	return out;
}

/* To those that the API has. */
static void add_binary(json_t *api, const json_t *types)
{
	json_t *v, *old, *list = json_object_get(api, "binaryMediaTypes");
	size_t i, k;
	bool there;
	if (json_array_size(types) && !list)
		json_object_set_new(api, "binaryMediaTypes", list = json_array());
	json_array_foreach(types, i, v) {
		there = false;
		json_array_foreach(list, k, old)
			there |= json_equal(old, v);
		if (!there)
			json_array_append(list, v);
	}
}

static int read_parts(struct import *im, struct error *err)
{
	json_t *list = json_object_get(json_object_get(im->doc, "x-amazon-apigateway-documentation"), "documentationParts"), *part;
	JSON_AUTO ids = json_array();
	size_t i;
	int rc = !im->o->merge && json_is_array(list) ? gw_doc_drop_all(im->g, GW_DOC_PART, im->api, err) : 0;
	json_array_foreach(list, i, part)
		if (!rc)
			rc = gw_part_import(im->g, im->a, im->api, part, ids, err);
	return rc;
}

static int read_api(struct import *im, struct error *err)
{
	json_t *api = gw_doc(im->g, GW_DOC_API, "", im->api), *info = json_object_get(im->doc, "info");
	json_t *policy = json_object_get(im->doc, "x-amazon-apigateway-policy"), *binary = json_object_get(im->doc, "x-amazon-apigateway-binary-media-types");
	json_t *server = json_array_get(json_object_get(im->doc, "servers"), 0);
	json_t *config = json_object_get(im->oas3 ? server : im->doc, "x-amazon-apigateway-endpoint-configuration");
	json_t *size = json_object_get(im->doc, "x-amazon-apigateway-minimum-compression-size");
	if (!im->o->merge) {
		static const char *const own[] = { "description", "binaryMediaTypes", "minimumCompressionSize", "policy" };
		for (size_t i = 0; i < ARRAY_LEN(own); i++)
			json_object_del(api, own[i]);
		jput(api, "apiKeySource", "HEADER");
	}
	jput(api, "name", jstr(info, "title"));
	jput(api, "description", jstr(info, "description"));
	jput(api, "version", text_of(im, json_object_get(info, "version")));
	jput(api, "apiKeySource", gw_upper(im->a, jstr(im->doc, "x-amazon-apigateway-api-key-source")));
	add_binary(api, binary);
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
		rc = read_parts(&im, err);
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
	struct slice url = jslice(json_array_get(json_object_get(doc, "servers"), 0), "url"), title = jslice(json_object_get(doc, "info"), "title");
	struct slice host = url.p ? url : jslice(doc, "host"), id, rest;
	uint8_t sum[32];
	(void)sl_after(host, S("https://"), &host);
	if (host.p && sl_cut(host, '.', &id, &rest) && id.n && sl_starts(rest, S("execute-api.")))
		return arena_cstr(a, id);
	hash_sha256(title.p ? title.p : "", title.n, sum);
	return gw_id_text(a, sum, 10, false);
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
