/* Models, request validators, gateway responses, authorizers, documentation. */
#include "apigateway/manage.h"
#include "apigateway/openapi.h"

/* ---- models ---- */

static int check_schema(const char *schema, struct error *err)
{
	JSON_AUTO doc = schema ? gw_json(sl(schema), GW_DOCUMENT, NULL) : NULL;
	if (!schema || !*schema)
		return gw_bad(err, "Model schema must have at least 1 property or array items defined");
	if (!json_is_object(doc))
		return gw_bad(err, "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]");
	return 0;
}

static int op_model_create(struct gw_manage *o, struct error *err)
{
	const char *name = gw_str(o, "name");
	json_t *doc;
	int rc = gw_need_api(o, err);
	if (rc)
		return rc;
	if (!name || !*name)
		return gw_bad(err, "Model name must be non-empty");
	if (gw_doc(o->g, GW_DOC_MODEL, o->arg[0], name))
		return gw_conflict(err, "Model name already exists for this REST API");
	rc = check_schema(gw_str(o, "schema"), err);
	if (!rc)
		rc = gw_new(o, 6, &doc, err);
	return rc ? rc : gw_add(o, name, doc, err);
}

static int op_model_template(struct gw_manage *o, struct error *err)
{
	JSON_AUTO doc = NULL;
	struct buf b = { 0 };
	const char *key;
	json_t *v;
	int rc = gw_find(o, &doc, err);
	if (rc)
		return rc;
	JSON_AUTO schema = gw_json(sl(jstr(doc, "schema")), GW_DOCUMENT, NULL);
	buf_adds(&b, "#set($inputRoot = $input.path('$'))\n{");
	json_object_foreach(json_object_get(schema, "properties"), key, v)
		buf_addf(&b, "%s\n  \"%s\" : %s", b.p[b.n - 1] == '{' ? "" : ",", key, sl_eqs(jslice(v, "type"), "string") ? "\"foo\"" : "42");
	buf_adds(&b, "\n}");
	o->out = json_pack("{s:s#}", "value", b.p, (int)b.n);
	buf_free(&b);
	return 0;
}

static int check_model(struct gw_manage *o, json_t *doc, struct error *err)
{
	return check_schema(jstr(doc, "schema"), err);
}

static int drop_model(struct gw_manage *o, json_t *doc, struct error *err)
{
	const char *id, *verb, *type;
	json_t *res, *m, *v;
	json_object_foreach(gw_docs(o->g, GW_DOC_RESOURCE, o->arg[0]), id, res)
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m)
			json_object_foreach(json_object_get(m, "requestModels"), type, v)
				if (sl_eqs(json_slice(v), o->arg[1]))
					return gw_conflict(err, "Cannot delete model '%s', is referenced in method request: %s/%s", o->arg[1], jstr(res, "path"),
							   verb);
	return 0;
}

static const struct gw_patch_rule model_rules[] = { { "/description", 's', "r" }, { "/schema", 'S', "r" } };
static const char *const model_members[] = { "name", "description", "schema", "contentType", NULL };
static const struct gw_kind model = {
	.docs = GW_DOC_MODEL, .missing = "Invalid model name specified: %s", .members = model_members, .patch = { GW_PATCH(model_rules), .quoted = true }, .order = "name",
	.check = check_model, .drop = drop_model,
};

/* ---- request validators ---- */

static int op_validator_create(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc;
	if (!gw_doc(o->g, GW_DOC_API, "", o->arg[0]))
		return gw_bad(err, "Invalid REST API identifier specified");
	rc = gw_new(o, 6, &doc, err);
	if (rc)
		return rc;
	json_object_set_new(doc, "validateRequestBody", json_boolean(jtrue(o->in, "validateRequestBody")));
	json_object_set_new(doc, "validateRequestParameters", json_boolean(jtrue(o->in, "validateRequestParameters")));
	return gw_add(o, jstr(doc, "id"), doc, err);
}

static int check_validator(struct gw_manage *o, json_t *doc, struct error *err)
{
	return jstr(doc, "name") && !*jstr(doc, "name") ? gw_bad(err, "Request Validator name cannot be blank") : 0;
}

static const struct gw_patch_rule validator_rules[] = { { "/name", 'S', "r" }, { "/validateRequestParameters", 'b', "r" }, { "/validateRequestBody", 'b', "r" } };
static const char *const validator_members[] = { "name", NULL };
static const struct gw_kind validator = {
	.docs = GW_DOC_VALIDATOR, .missing = "Invalid Request Validator identifier specified", .members = validator_members,
	.patch = { GW_PATCH(validator_rules), .quoted = true }, .check = check_validator,
};

/* ---- gateway responses ---- */

/* Whether there are such a type and the API. */
static int check_type(struct gw_manage *o, struct error *err)
{
	if (gw_response_status(o->arg[1]) >= 0)
		return gw_need_api(o, err);
	return gw_manage_fail(err, GW_M_VALIDATION,
			      "1 validation error detected: Value '%s' at 'responseType' failed to satisfy constraint: Member must satisfy enum value set: "
			      "[REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_BODY, "
			      "INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, "
			      "ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, "
			      "UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN]", o->arg[1]);
}

static int find_response(struct gw_manage *o, json_t **out, struct error *err)
{
	int rc = check_type(o, err);
	if (!rc)
		*out = gw_response_doc(gw_docs(o->g, GW_DOC_RESPONSE, o->arg[0]), o->arg[1]);
	return rc;
}

static int op_response_list(struct gw_manage *o, struct error *err)
{
	json_t *array;
	int rc = gw_need_api(o, err);
	if (rc)
		return rc;
	array = json_array();
	for (size_t i = 0; gw_response_type(i); i++)
		json_array_append_new(array, gw_response_doc(gw_docs(o->g, GW_DOC_RESPONSE, o->arg[0]), gw_response_type(i)));
	o->out = gw_page(o, array);
	return 0;
}

static int op_response_put(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = check_type(o, err);
	if (rc)
		return rc;
	doc = json_pack("{s:b}", "defaultResponse", 0);
	json_object_update_missing_new(doc, gw_response_doc(NULL, o->arg[1]));
	gw_members(o, doc, o->row->kind->members);
	return gw_add(o, o->arg[1], doc, err);
}

static int change_response(struct gw_manage *o, json_t *doc, const struct gw_change *c, bool *mine, struct error *err)
{
	static const char *const maps[] = { "responseTemplates", "responseParameters" };
	struct slice rest;
	for (size_t i = 0; strcmp(c->op, "remove") && i < ARRAY_LEN(maps); i++)
		if (sl_after(sl(c->path), S("/"), &rest) && sl_after(rest, sl(maps[i]), &rest) && sl_starts(rest, S("/")) && (!c->value || !*c->value))
			return gw_bad(err, "Invalid null or empty value in %s", maps[i]);
	return strcmp(c->path, "/statusCode") || !strcmp(c->op, "replace") ? 0 : gw_bad_path(c, err);
}

static int check_response(struct gw_manage *o, json_t *doc, struct error *err)
{
	json_object_set_new(doc, "defaultResponse", json_false());
	return 0;
}

static int drop_response(struct gw_manage *o, json_t *doc, struct error *err)
{
	return gw_doc(o->g, GW_DOC_RESPONSE, o->arg[0], o->arg[1]) ? 0 : gw_missing(err, "Gateway response type not defined on api");
}

static const struct gw_patch_rule response_rules[] = {
	{ "/statusCode", 's', "ar-" }, { "/responseParameters/?", 'm', "ar-" }, { "/responseTemplates/?", 'm', "ar-" },
};
static const char *const response_members[] = { "statusCode", "responseParameters", "responseTemplates", NULL };
static const struct gw_kind response = {
	.docs = GW_DOC_RESPONSE, .members = response_members, .patch = { GW_PATCH(response_rules) }, .find = find_response, .change = change_response, .check = check_response,
	.drop = drop_response,
};

/* ---- authorizers: kept and exported, never called ---- */

static int op_authorizer_create(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc;
	if (!gw_doc(o->g, GW_DOC_API, "", o->arg[0]))
		return gw_conflict(err, "Unable to complete operation due to concurrent modification. Please try again later.");
	rc = gw_new(o, 6, &doc, err);
	if (rc)
		return rc;
	if (!json_object_get(doc, "authType"))
		jput(doc, "authType", sl_eqs(jslice(o->in, "type"), "COGNITO_USER_POOLS") ? "cognito_user_pools" : "custom");
	return gw_add(o, jstr(doc, "id"), doc, err);
}

static const struct gw_patch_rule authorizer_rules[] = {
	{ "/name", 'S', "r" }, { "/type", 'S', "r" }, { "/authType", 's', "r" }, { "/authorizerUri", 's', "r" },
	{ "/authorizerCredentials", 's', "ar-" }, { "/identitySource", 's', "r" }, { "/identityValidationExpression", 's', "ar-" },
	{ "/authorizerResultTtlInSeconds", 'i', "r" }, { "/providerARNs/?", 'l', "a-" },
};
static const char *const authorizer_members[] = { "name", "type", "providerARNs", "authType", "authorizerUri", "authorizerCredentials", "identitySource",
						  "identityValidationExpression", "authorizerResultTtlInSeconds", NULL };
static const struct gw_kind authorizer = {
	.docs = GW_DOC_AUTHORIZER, .missing = "Invalid Authorizer identifier specified", .members = authorizer_members, .patch = { GW_PATCH(authorizer_rules) },
};

/* ---- documentation parts and versions ---- */

static int op_part_create(struct gw_manage *o, struct error *err)
{
	static const char *const types[] = { "RESPONSE_BODY", "RESPONSE", "METHOD", "MODEL", "AUTHORIZER", "RESPONSE_HEADER", "RESOURCE", "PATH_PARAMETER",
					     "REQUEST_BODY", "QUERY_PARAMETER", "API", "REQUEST_HEADER" };
	const char *type = jstr(json_object_get(o->in, "location"), "type");
	json_t *doc;
	int rc = 0;
	if (type && !gw_among(type, types, ARRAY_LEN(types)))
		return gw_manage_fail(err, GW_M_VALIDATION,
				      "1 validation error detected: Value '%s' at 'createDocumentationPartInput.location.type' failed to satisfy constraint: "
				      "Member must satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, "
				      "PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]", type);
	rc = gw_need_api(o, err);
	if (!rc)
		rc = gw_new(o, 6, &doc, err);
	return rc ? rc : gw_add(o, jstr(doc, "id"), doc, err);
}

int gw_part_import(struct gateway *g, struct arena *a, const char *api, json_t *part, json_t *ids, struct error *err)
{
	json_t *properties = json_object_get(part, "properties"), *location = json_object_get(part, "location"), *doc;
	const char *id;
	char *text;
	int rc = 0;
	if (json_object_size(gw_docs(g, GW_DOC_PART, api)) >= GW_DOC_PARTS_MAX)
		return gw_manage_fail(err, GW_M_LIMIT, "Maximum number of documentation parts for this API has been reached. (%d)", GW_DOC_PARTS_MAX);
	rc = gw_doc_id(g, a, GW_DOC_PART, 6, false, &id, err);
	if (rc)
		return rc;
	doc = json_pack("{s:s,s:O}", "id", id, "location", location ? location : json_null());
	if (json_is_string(properties)) {
		json_object_set(doc, "properties", properties);
	} else {
		text = json_dumps(properties, JSON_COMPACT);
		jput(doc, "properties", text ? text : "{}");
		free(text);
	}
	json_array_append_new(ids, json_string(id));
	return gw_doc_put(g, GW_DOC_PART, api, id, doc, err);
}

/* {"documentationParts": [{"location": {}, "properties": {}}]}, or an OpenAPI document's x-amazon-apigateway-documentation. */
static int op_part_import(struct gw_manage *o, struct error *err)
{
	JSON_AUTO doc = NULL;
	json_t *list, *part, *ids;
	size_t i;
	int rc = gw_need_api(o, err);
	if (rc)
		return rc;
	if (gw_import_text(o->call->req.body, &doc, err))
		doc = NULL;
	list = json_object_get(doc, "documentationParts");
	if (!list)
		list = json_object_get(json_object_get(doc, "x-amazon-apigateway-documentation"), "documentationParts");
	if (!json_is_array(list))
		return gw_bad(err, "Unable to build importer with provided input.");
	if (gw_query_is(o, "mode", "overwrite"))
		rc = gw_doc_drop_all(o->g, GW_DOC_PART, o->arg[0], err);
	ids = json_array();
	o->out = json_pack("{s:o,s:[]}", "ids", ids, "warnings");
	json_array_foreach(list, i, part)
		if (!rc)
			rc = gw_part_import(o->g, o->a, o->arg[0], part, ids, err);
	return rc;
}

static int op_part_delete(struct gw_manage *o, struct error *err)
{
	int rc = gw_need_api(o, err);
	return rc ? rc : gw_op_delete(o, err);
}

static int op_version_create(struct gw_manage *o, struct error *err)
{
	const char *version = gw_str(o, "documentationVersion");
	json_t *doc;
	int rc = gw_need_api(o, err);
	if (rc)
		return rc;
	if (!version || !*version)
		return gw_bad(err, "Documentation version must be non-empty");
	if (gw_doc(o->g, GW_DOC_VERSION, o->arg[0], version))
		return gw_conflict(err, "Documentation version already exists for this REST API");
	doc = json_pack("{s:s,s:I}", "version", version, "createdDate", (json_int_t)gw_now_s(o->g));
	jput(doc, "description", gw_str(o, "description"));
	return gw_add(o, version, doc, err);
}

static const struct gw_patch_rule part_rules[] = { { "/properties", 'S', "r" } }, version_rules[] = { { "/description", 's', "ar-" } };
static const char *const part_members[] = { "location", "properties", NULL };
static const struct gw_kind part = {
	.docs = GW_DOC_PART, .missing = "Invalid Documentation part identifier specified", .members = part_members,
	.patch = { GW_PATCH(part_rules), .quoted = true },
};
static const struct gw_kind version = {
	.docs = GW_DOC_VERSION, .missing = "Invalid Documentation version specified", .patch = { GW_PATCH(version_rules) },
};

#define API "/restapis/{}/"
static const struct gw_row rows[] = {
	{ { "POST", API "models", "CreateModel", "a new model" }, op_model_create, 201, &model },
	GW_SET(API "models", "Model", "Models", "models", model, gw_op_list),
	{ { "GET", API "models/{}/default_template", "GetModelTemplate", "a mapping template for a model" }, op_model_template, 200, &model },
	{ { "POST", API "requestvalidators", "CreateRequestValidator", "a new request validator" }, op_validator_create, 201, &validator },
	GW_SET(API "requestvalidators", "RequestValidator", "RequestValidators", "request validators", validator, gw_op_list),
	{ { "POST", API "authorizers", "CreateAuthorizer", "a new authorizer" }, op_authorizer_create, 201, &authorizer },
	GW_SET(API "authorizers", "Authorizer", "Authorizers", "authorizers", authorizer, gw_op_list),
	{ { "POST", API "documentation/parts", "CreateDocumentationPart", "a new documentation part" }, op_part_create, 201, &part },
	{ { "PUT", API "documentation/parts", "ImportDocumentationParts", "documentation parts from a document", .flags = GW_RAW }, op_part_import, 200, &part },
	{ { "GET", API "documentation/parts", "GetDocumentationParts", "documentation parts" }, gw_op_list, 200, &part },
	{ { "GET", API "documentation/parts/{}", "GetDocumentationPart", "one of the documentation parts" }, gw_op_get, 200, &part },
	{ { "PATCH", API "documentation/parts/{}", "UpdateDocumentationPart", "change one of the documentation parts" }, gw_op_update, 200, &part },
	{ { "DELETE", API "documentation/parts/{}", "DeleteDocumentationPart", "drop one of the documentation parts" }, op_part_delete, 202, &part },
	{ { "POST", API "documentation/versions", "CreateDocumentationVersion", "a new documentation version" }, op_version_create, 201, &version },
	GW_SET(API "documentation/versions", "DocumentationVersion", "DocumentationVersions", "documentation versions", version, gw_op_list),
	{ { "PUT", API "gatewayresponses/{}", "PutGatewayResponse", "set a gateway response" }, op_response_put, 201, &response },
	GW_SET(API "gatewayresponses", "GatewayResponse", "GatewayResponses", "gateway responses", response, op_response_list),
};
const struct routes gw_part_routes = ROUTES(rows);
