/* Models, request validators, gateway responses, authorizers, documentation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"

/* ---- models ---- */

#define NO_MODEL "Invalid model name specified: %s"

static int find_model(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_MODEL, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, NO_MODEL, o->arg[1]);
}

static int check_schema(const char *schema, struct error *err)
{
	JSON_AUTO doc = schema ? json_loads(schema, 0, NULL) : NULL;
	if (!schema || !*schema)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Model schema must have at least 1 property or array items defined");
	if (!json_is_object(doc))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]");
	return 0;
}

static int op_model_create(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "name", "description", "schema", "contentType" };
	const char *name = gw_str(o, "name"), *id;
	json_t *doc;
	int rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	if (!name || !*name)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Model name must be non-empty");
	if (gw_doc(o->g, K_MODEL, o->arg[0], name))
		return gw_manage_fail(err, GW_M_CONFLICT, "Model name already exists for this REST API");
	rc = check_schema(gw_str(o, "schema"), err);
	if (!rc)
		rc = gw_doc_id(o->g, o->a, K_MODEL, 6, false, &id, err);
	if (rc)
		return rc;
	doc = json_object();
	jput(doc, "id", id);
	gw_copy(o, doc, names, ARRAY_LEN(names));
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, K_MODEL, o->arg[0], name, doc, err);
}

static int by_name(const void *a, const void *b)
{
	json_t *const *x = a, *const *y = b;
	return strcmp(jstr(*x, "name") ? jstr(*x, "name") : "", jstr(*y, "name") ? jstr(*y, "name") : "");
}

static int op_model_list(struct gw_manage *o, struct error *err)
{
	json_t *docs, *v, *array, **rows;
	const char *id;
	size_t n = 0;
	int rc = gw_manage_api(o, &docs, err);
	if (rc)
		return rc;
	docs = gw_docs(o->g, K_MODEL, o->arg[0]);
	rows = arena_alloc(o->a, (json_object_size(docs) + 1) * sizeof(*rows));
	json_object_foreach(docs, id, v)
		rows[n++] = v;
	qsort(rows, n, sizeof(*rows), by_name);
	array = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append(array, rows[i]);
	o->out = gw_list_of(o, array);
	return 0;
}

static int op_model_get(struct gw_manage *o, struct error *err)
{
	return gw_show(o, find_model, err);
}

static int op_model_template(struct gw_manage *o, struct error *err)
{
	json_t *doc, *v;
	const char *key;
	struct buf b = { 0 };
	int rc = find_model(o, &doc, err);
	if (rc)
		return rc;
	JSON_AUTO schema = json_loads(jstr(doc, "schema"), 0, NULL);
	buf_adds(&b, "#set($inputRoot = $input.path('$'))\n{");
	json_object_foreach(json_object_get(schema, "properties"), key, v) {
		bool text = jstr(v, "type") && !strcmp(jstr(v, "type"), "string");
		buf_addf(&b, "%s\n  \"%s\" : %s", b.p[b.n - 1] == '{' ? "" : ",", key, text ? "\"foo\"" : "42");
	}
	buf_adds(&b, "\n}");
	o->out = json_pack("{s:s#}", "value", b.p, (int)b.n);
	buf_free(&b);
	return 0;
}

static int op_model_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = { { "/description", 's', "ar-" }, { "/schema", 'S', "r" } };
	json_t *doc;
	int rc = find_model(o, &doc, err);
	if (rc)
		return rc;
	JSON_AUTO copy = json_deep_copy(doc);
	rc = patch_apply(o, copy, rules, ARRAY_LEN(rules), NULL, err);
	if (!rc)
		rc = check_schema(jstr(copy, "schema"), err);
	if (rc)
		return rc;
	o->out = gw_shown(copy);
	return gw_doc_put(o->g, K_MODEL, o->arg[0], o->arg[1], json_incref(copy), err);
}

static int op_model_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc, *res, *m, *v;
	const char *id, *verb, *type;
	int rc = find_model(o, &doc, err);
	if (rc)
		return rc;
	json_object_foreach(gw_docs(o->g, K_RESOURCE, o->arg[0]), id, res)
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m)
			json_object_foreach(json_object_get(m, "requestModels"), type, v)
				if (json_string_value(v) && !strcmp(json_string_value(v), o->arg[1]))
					return gw_manage_fail(err, GW_M_CONFLICT, "Cannot delete model '%s', is referenced in method request: %s/%s", o->arg[1],
							jstr(res, "path"), verb);
	return gw_doc_drop(o->g, K_MODEL, o->arg[0], o->arg[1], err);
}

/* ---- request validators ---- */

static int find_validator(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_VALIDATOR, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Request Validator identifier specified");
}

static int op_validator_create(struct gw_manage *o, struct error *err)
{
	const char *name = gw_str(o, "name"), *id;
	json_t *doc;
	int rc;
	if (!gw_doc(o->g, K_API, "", o->arg[0]))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid REST API identifier specified");
	rc = gw_doc_id(o->g, o->a, K_VALIDATOR, 6, false, &id, err);
	if (rc)
		return rc;
	doc = json_pack("{s:s}", "id", id);
	if (name)
		jput(doc, "name", name);
	json_object_set_new(doc, "validateRequestBody", json_boolean(json_is_true(json_object_get(o->in, "validateRequestBody"))));
	json_object_set_new(doc, "validateRequestParameters", json_boolean(json_is_true(json_object_get(o->in, "validateRequestParameters"))));
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, K_VALIDATOR, o->arg[0], id, doc, err);
}

static int op_validator_list(struct gw_manage *o, struct error *err)
{
	return gw_list_docs(o, K_VALIDATOR, err);
}

static int op_validator_get(struct gw_manage *o, struct error *err)
{
	return gw_show(o, find_validator, err);
}

static int op_validator_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = { { "/name", 'S', "r" }, { "/validateRequestParameters", 'b', "r" }, { "/validateRequestBody", 'b', "r" } };
	static const struct patch_words words = { .quoted = true };
	json_t *doc;
	int rc = find_validator(o, &doc, err);
	if (rc)
		return rc;
	JSON_AUTO copy = json_deep_copy(doc);
	rc = patch_apply(o, copy, rules, ARRAY_LEN(rules), &words, err);
	if (rc)
		return rc;
	if (jstr(copy, "name") && !*jstr(copy, "name"))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Request Validator name cannot be blank");
	o->out = gw_shown(copy);
	return gw_doc_put(o->g, K_VALIDATOR, o->arg[0], o->arg[1], json_incref(copy), err);
}

static int op_validator_delete(struct gw_manage *o, struct error *err)
{
	return gw_drop(o, find_validator, K_VALIDATOR, err);
}

/* ---- gateway responses ---- */

static int check_type(struct gw_manage *o, struct error *err)
{
	if (gw_response_status(o->arg[1]) >= 0)
		return 0;
	return gw_manage_fail(err, GW_M_VALIDATION,
			"1 validation error detected: Value '%s' at 'responseType' failed to satisfy constraint: Member must satisfy enum value set: "
			"[REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_BODY, "
			"INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, "
			"ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, "
			"UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN]", o->arg[1]);
}

static int op_response_list(struct gw_manage *o, struct error *err)
{
	json_t *doc, *array;
	int rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	array = json_array();
	for (size_t i = 0; gw_response_type(i); i++)
		json_array_append_new(array, gw_response_doc(gw_docs(o->g, K_RESPONSE, o->arg[0]), gw_response_type(i)));
	o->out = gw_list_of(o, array);
	return 0;
}

static int op_response_get(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = check_type(o, err);
	if (!rc)
		rc = gw_manage_api(o, &doc, err);
	if (!rc)
		o->out = gw_response_doc(gw_docs(o->g, K_RESPONSE, o->arg[0]), o->arg[1]);
	return rc;
}

static int op_response_put(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "statusCode", "responseParameters", "responseTemplates" };
	json_t *doc;
	int rc = check_type(o, err);
	if (!rc)
		rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	JSON_AUTO base = gw_response_doc(NULL, o->arg[1]);
	doc = json_pack("{s:b}", "defaultResponse", 0);
	json_object_update_missing(doc, base);
	gw_copy(o, doc, names, ARRAY_LEN(names));
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, K_RESPONSE, o->arg[0], o->arg[1], doc, err);
}

static int op_response_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/statusCode", 's', "ar-" }, { "/responseParameters/?", 'm', "ar-" }, { "/responseTemplates/?", 'm', "ar-" },
	};
	json_t *doc;
	int rc = check_type(o, err);
	if (!rc)
		rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	JSON_AUTO copy = gw_response_doc(gw_docs(o->g, K_RESPONSE, o->arg[0]), o->arg[1]);
	rc = patch_apply(o, copy, rules, ARRAY_LEN(rules), NULL, err);
	if (rc)
		return rc;
	json_object_set_new(copy, "defaultResponse", json_false());
	o->out = gw_shown(copy);
	return gw_doc_put(o->g, K_RESPONSE, o->arg[0], o->arg[1], json_incref(copy), err);
}

static int op_response_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = check_type(o, err);
	if (!rc)
		rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	if (!gw_doc(o->g, K_RESPONSE, o->arg[0], o->arg[1]))
		return gw_manage_fail(err, GW_M_NOT_FOUND, "Gateway response type not defined on api");
	return gw_doc_drop(o->g, K_RESPONSE, o->arg[0], o->arg[1], err);
}

/* ---- authorizers: kept and exported, never called ---- */

static int find_authorizer(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_AUTHORIZER, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Authorizer identifier specified");
}

static int op_authorizer_create(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "name", "type", "providerARNs", "authType", "authorizerUri", "authorizerCredentials", "identitySource",
					     "identityValidationExpression", "authorizerResultTtlInSeconds" };
	const char *id, *type = gw_str(o, "type");
	json_t *doc;
	int rc;
	if (!gw_doc(o->g, K_API, "", o->arg[0]))
		return gw_manage_fail(err, GW_M_CONFLICT, "Unable to complete operation due to concurrent modification. Please try again later.");
	rc = gw_doc_id(o->g, o->a, K_AUTHORIZER, 6, false, &id, err);
	if (rc)
		return rc;
	doc = json_object();
	jput(doc, "id", id);
	gw_copy(o, doc, names, ARRAY_LEN(names));
	if (!json_object_get(doc, "authType"))
		jput(doc, "authType", type && !strcmp(type, "COGNITO_USER_POOLS") ? "cognito_user_pools" : "custom");
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, K_AUTHORIZER, o->arg[0], id, doc, err);
}

static int op_authorizer_list(struct gw_manage *o, struct error *err)
{
	return gw_list_docs(o, K_AUTHORIZER, err);
}

static int op_authorizer_get(struct gw_manage *o, struct error *err)
{
	return gw_show(o, find_authorizer, err);
}

static int op_authorizer_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/name", 'S', "r" }, { "/type", 'S', "r" }, { "/authType", 's', "r" }, { "/authorizerUri", 's', "r" },
		{ "/authorizerCredentials", 's', "ar-" }, { "/identitySource", 's', "r" }, { "/identityValidationExpression", 's', "ar-" },
		{ "/authorizerResultTtlInSeconds", 'i', "r" }, { "/providerARNs/?", 'l', "a-" },
	};
	return gw_patch(o, find_authorizer, K_AUTHORIZER, rules, ARRAY_LEN(rules), NULL, err);
}

static int op_authorizer_delete(struct gw_manage *o, struct error *err)
{
	return gw_drop(o, find_authorizer, K_AUTHORIZER, err);
}

/* ---- documentation parts and versions ---- */

static int find_part(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_PART, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Documentation part identifier specified");
}

static int op_part_create(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "location", "properties" };
	const char *id;
	json_t *doc;
	int rc = gw_manage_api(o, &doc, err);
	if (!rc)
		rc = gw_doc_id(o->g, o->a, K_PART, 6, false, &id, err);
	if (rc)
		return rc;
	doc = json_object();
	jput(doc, "id", id);
	gw_copy(o, doc, names, ARRAY_LEN(names));
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, K_PART, o->arg[0], id, doc, err);
}

static int op_part_list(struct gw_manage *o, struct error *err)
{
	return gw_list_docs(o, K_PART, err);
}

static int op_part_get(struct gw_manage *o, struct error *err)
{
	return gw_show(o, find_part, err);
}

static int op_part_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = { { "/properties", 'S', "r" } };
	static const struct patch_words words = { .quoted = true };
	return gw_patch(o, find_part, K_PART, rules, ARRAY_LEN(rules), &words, err);
}

static int op_part_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = gw_manage_api(o, &doc, err);
	if (!rc)
		rc = find_part(o, &doc, err);
	return rc ? rc : gw_doc_drop(o->g, K_PART, o->arg[0], o->arg[1], err);
}

static int op_version_create(struct gw_manage *o, struct error *err)
{
	const char *version = gw_str(o, "documentationVersion"), *text = gw_str(o, "description");
	json_t *doc;
	int rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	if (!version || !*version)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Documentation version must be non-empty");
	if (gw_doc(o->g, K_VERSION, o->arg[0], version))
		return gw_manage_fail(err, GW_M_CONFLICT, "Documentation version already exists for this REST API");
	doc = json_pack("{s:s,s:I}", "version", version, "createdDate", (json_int_t)(clock_now_ms(o->g->env->clock) / 1000));
	if (text)
		jput(doc, "description", text);
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, K_VERSION, o->arg[0], version, doc, err);
}

static int op_version_list(struct gw_manage *o, struct error *err)
{
	return gw_list_docs(o, K_VERSION, err);
}

static int find_version(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_VERSION, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Documentation version specified");
}

static int op_version_get(struct gw_manage *o, struct error *err)
{
	return gw_show(o, find_version, err);
}

static int op_version_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = { { "/description", 's', "ar-" } };
	return gw_patch(o, find_version, K_VERSION, rules, ARRAY_LEN(rules), NULL, err);
}

static int op_version_delete(struct gw_manage *o, struct error *err)
{
	return gw_drop(o, find_version, K_VERSION, err);
}

#define SET(base, one, many, create, list, get, update, del) \
	{ "POST", "/restapis/{}/" base, "Create" one, create, 201 }, { "GET", "/restapis/{}/" base, "Get" many, list, 200 }, \
	{ "GET", "/restapis/{}/" base "/{}", "Get" one, get, 200 }, { "PATCH", "/restapis/{}/" base "/{}", "Update" one, update, 200 }, \
	{ "DELETE", "/restapis/{}/" base "/{}", "Delete" one, del, 202 }

const struct gw_row gw_part_rows[] = {
	SET("models", "Model", "Models", op_model_create, op_model_list, op_model_get, op_model_update, op_model_delete),
	{ "GET", "/restapis/{}/models/{}/default_template", "GetModelTemplate", op_model_template, 200 },
	SET("requestvalidators", "RequestValidator", "RequestValidators", op_validator_create, op_validator_list, op_validator_get, op_validator_update,
	    op_validator_delete),
	SET("authorizers", "Authorizer", "Authorizers", op_authorizer_create, op_authorizer_list, op_authorizer_get, op_authorizer_update,
	    op_authorizer_delete),
	SET("documentation/parts", "DocumentationPart", "DocumentationParts", op_part_create, op_part_list, op_part_get, op_part_update, op_part_delete),
	SET("documentation/versions", "DocumentationVersion", "DocumentationVersions", op_version_create, op_version_list, op_version_get,
	    op_version_update, op_version_delete),
	{ "GET", "/restapis/{}/gatewayresponses", "GetGatewayResponses", op_response_list, 200 },
	{ "GET", "/restapis/{}/gatewayresponses/{}", "GetGatewayResponse", op_response_get, 200 },
	{ "PUT", "/restapis/{}/gatewayresponses/{}", "PutGatewayResponse", op_response_put, 201 },
	{ "PATCH", "/restapis/{}/gatewayresponses/{}", "UpdateGatewayResponse", op_response_update, 200 },
	{ "DELETE", "/restapis/{}/gatewayresponses/{}", "DeleteGatewayResponse", op_response_delete, 202 },
	{ NULL, NULL, NULL, NULL, 0 },
};
