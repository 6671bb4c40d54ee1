/* Methods, integrations and the responses of both. They live in the resource's document, as AWS shows them. */
#include "apigateway/manage.h"

/* ---- where they are ---- */

/* One step from the resource's document inwards. */
struct step {
	const char *member;
	int arg;             /* the member is a map, and this value of the path names its entry; 0: the member itself */
	const char *missing;
};
enum { STEPS_MAX = 3 };
/* A kind that lives so many steps down. */
struct inner {
	struct gw_kind kind; /* first: what a row points to */
	size_t n;
	struct step steps[STEPS_MAX];
};
#define METHOD { "resourceMethods", 2, "Invalid Method identifier specified" }
#define INTEGRATION { "methodIntegration", 0, "Invalid Integration identifier specified" }
#define NO_STATUS "Invalid Response status code specified"

static const struct inner *inner_of(const struct gw_manage *o)
{
	return (const struct inner *)o->row->kind;
}

/* The documents on the way to the n-th step, at[0] the resource's own. Borrowed. */
static int walk(struct gw_manage *o, size_t n, json_t *at[STEPS_MAX + 1], struct error *err)
{
	const struct step *s = inner_of(o)->steps;
	at[0] = gw_doc(o->g, GW_DOC_RESOURCE, o->arg[0], o->arg[1]);
	if (!at[0])
		return gw_missing(err, "Invalid Resource identifier specified");
	for (size_t i = 0; i < n; i++, s++) {
		at[i + 1] = json_object_get(at[i], s->member);
		if (s->arg)
			at[i + 1] = json_object_get(at[i + 1], o->arg[s->arg]);
		if (!at[i + 1])
			return gw_missing(err, "%s", s->missing);
	}
	return 0;
}

/* What a new one goes into. */
static int find_outer(struct gw_manage *o, json_t *at[STEPS_MAX + 1], struct error *err)
{
	return walk(o, inner_of(o)->n - 1, at, err);
}

static int check_status(struct gw_manage *o, struct error *err)
{
	const char *s = o->arg[3];
	if (strlen(s) == 3 && s[0] >= '1' && s[0] <= '5' && s[1] >= '0' && s[1] <= '9' && s[2] >= '0' && s[2] <= '9')
		return 0;
	return gw_manage_fail(err, GW_M_VALIDATION, "1 validation error detected: Value '%s' at 'statusCode' failed to satisfy constraint: Member must "
						    "satisfy regular expression pattern: [1-5]\\d\\d", s);
}

static int find(struct gw_manage *o, json_t **out, struct error *err)
{
	json_t *at[STEPS_MAX + 1];
	size_t n = inner_of(o)->n;
	int rc = o->arg[3] ? check_status(o, err) : 0;
	if (!rc)
		rc = walk(o, n, at, err);
	if (!rc)
		*out = json_incref(at[n]);
	return rc;
}

static int save(struct gw_manage *o, struct error *err)
{
	return gw_doc_save(o->g, GW_DOC_RESOURCE, o->arg[0], o->arg[1], err);
}

/* Puts one (takes the reference) in its place in the document it belongs to, and answers with it. */
static int put(struct gw_manage *o, json_t *outer, json_t *doc, struct error *err)
{
	const struct step *s = &inner_of(o)->steps[inner_of(o)->n - 1];
	o->out = gw_shown(doc);
	json_object_set_new(s->arg ? jobj(outer, s->member) : outer, s->arg ? o->arg[s->arg] : s->member, doc);
	return save(o, err);
}

static int keep(struct gw_manage *o, json_t *doc, json_t *changed, struct error *err)
{
	json_object_clear(doc);
	json_object_update(doc, changed);
	return save(o, err);
}

static int op_delete(struct gw_manage *o, struct error *err)
{
	const struct inner *k = inner_of(o);
	const struct step *s = &k->steps[k->n - 1];
	json_t *at[STEPS_MAX + 1], *map;
	int rc = walk(o, k->n, at, err);
	/* An integration response is looked for in the integration first: without its method there is none. */
	if (rc && k->n == STEPS_MAX && err->def == &gw_manage_errors[GW_M_NOT_FOUND] && !strcmp(err->text, k->steps[0].missing))
		return gw_missing(err, "%s", k->steps[1].missing);
	if (rc)
		return rc;
	map = s->arg ? json_object_get(at[k->n - 1], s->member) : NULL;
	json_object_del(map, s->arg ? o->arg[s->arg] : "");
	if (!json_object_size(map))
		json_object_del(at[k->n - 1], s->member);
	return save(o, err);
}

/* ---- methods ---- */

static int check_auth(struct gw_manage *o, const char *type, const char *authorizer, struct error *err)
{
	bool needs = type && (!strcmp(type, "CUSTOM") || !strcmp(type, "COGNITO_USER_POOLS"));
	if (needs && (!authorizer || !gw_doc(o->g, GW_DOC_AUTHORIZER, o->arg[0], authorizer)))
		return gw_bad(err, "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.");
	if (!needs && type && strcmp(type, "NONE") && strcmp(type, "AWS_IAM"))
		return gw_bad(err, "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS");
	return 0;
}

static int check_params(json_t *params, struct error *err)
{
	const char *key, *other;
	json_t *v, *w;
	json_object_foreach(params, key, v) {
		const char *dot = strrchr(key, '.');
		if (!sl_starts(sl(key), S("method.request.")) || !dot || !dot[1])
			return gw_bad_mapping(key, err);
		json_object_foreach(params, other, w)
			if (other != key && strrchr(other, '.') && !strcmp(strrchr(other, '.'), dot))
				return gw_bad(err, "Parameter names must be unique across querystring, header and path");
	}
	return 0;
}

static int check_method(struct gw_manage *o, json_t *m, struct error *err)
{
	const char *validator = jstr(m, "requestValidatorId"), *type, *model;
	json_t *v;
	int rc;
	jput(m, "authorizationType", gw_upper(o->a, jstr(m, "authorizationType"))); /* "none" is NONE */
	rc = check_auth(o, jstr(m, "authorizationType"), jstr(m, "authorizerId"), err);
	if (rc)
		return rc;
	if (validator && *validator && !gw_doc(o->g, GW_DOC_VALIDATOR, o->arg[0], validator))
		return gw_bad(err, "Invalid Request Validator identifier specified");
	json_object_foreach(json_object_get(m, "requestModels"), type, v) {
		model = json_string_value(v);
		if (model && strcmp(model, "Empty") && strcmp(model, "Error") && !gw_doc(o->g, GW_DOC_MODEL, o->arg[0], model))
			return gw_bad(err, "Invalid model identifier specified: %s", model);
	}
	return check_params(json_object_get(m, "requestParameters"), err);
}

static int check_changed_method(struct gw_manage *o, json_t *m, struct error *err)
{
	int rc = check_method(o, m, err);
	const char *auth = jstr(m, "authorizationType");
	if (!rc && (!auth || !strcmp(auth, "NONE")))
		json_object_del(m, "authorizerId");
	return rc;
}

static int op_put_method(struct gw_manage *o, struct error *err)
{
	json_t *at[STEPS_MAX + 1];
	JSON_AUTO m = NULL;
	int rc = find_outer(o, at, err);
	if (rc)
		return rc;
	if (gw_method_of(sl(o->arg[2])) == GW_METHOD_N)
		return gw_bad(err, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY");
	if (json_object_get(json_object_get(at[0], "resourceMethods"), o->arg[2]))
		return gw_conflict(err, "Method already exists for this resource");
	m = json_pack("{s:s}", "httpMethod", o->arg[2]);
	gw_members(o, m, o->row->kind->members);
	if (!json_is_boolean(json_object_get(m, "apiKeyRequired")))
		json_object_set_new(m, "apiKeyRequired", json_false());
	rc = check_method(o, m, err);
	return rc ? rc : put(o, at[0], json_incref(m), err);
}

static const struct gw_patch_rule method_rules[] = {
	{ "/authorizationType", 'S', "r" }, { "/authorizerId", 's', "r" }, { "/apiKeyRequired", 'b', "r" }, { "/operationName", 's', "r" },
	{ "/requestValidatorId", 's', "r" }, { "/authorizationScopes/?", 'l', "a-" }, { "/requestParameters/?", 'M', "ar-" },
	{ "/requestModels/?", 'm', "ar-" },
};
static const char *const method_members[] = { "authorizationType", "authorizerId", "authorizationScopes", "apiKeyRequired", "operationName",
					      "requestParameters", "requestModels", "requestValidatorId", NULL };
static const struct inner method = {
	{ .members = method_members, .patch = { GW_PATCH(method_rules), .no_empty = true }, .find = find, .check = check_changed_method, .keep = keep }, 1, { METHOD },
};

/* ---- method responses ---- */

static int op_put_response(struct gw_manage *o, struct error *err)
{
	json_t *at[STEPS_MAX + 1], *doc;
	int rc = check_status(o, err);
	if (!rc)
		rc = find_outer(o, at, err);
	if (rc)
		return rc;
	if (json_object_get(json_object_get(at[1], "methodResponses"), o->arg[3]))
		return gw_conflict(err, "Response already exists for this resource");
	doc = json_pack("{s:s}", "statusCode", o->arg[3]);
	gw_members(o, doc, o->row->kind->members);
	return put(o, at[1], doc, err);
}

static const struct gw_patch_rule response_rules[] = { { "/responseParameters/?", 'M', "ar-" }, { "/responseModels/?", 'm', "ar-" } };
static const char *const response_members[] = { "responseParameters", "responseModels", NULL };
static const struct inner response = {
	{ .members = response_members, .find = find, .keep = keep, .form_first = true,
	  .patch = { GW_PATCH(response_rules), .no_empty = true, .no_param = "Invalid parameter name specified", .no_type = "Content-Type specified was not found" } },
	2, { METHOD, { "methodResponses", 3, NO_STATUS } },
};

/* ---- integrations ---- */

/* Headers and query parameters that a mapping reads must be declared by the method. */
static int check_declared(json_t *params, json_t *declared, const char *prefix, bool by_key, struct error *err)
{
	const char *key;
	json_t *v;
	json_object_foreach(params, key, v) {
		struct slice name = by_key ? sl(key) : json_slice(v);
		if (!sl_starts(name, sl(prefix)) || json_object_get(declared, name.p))
			continue;
		if (by_key || sl_starts(name, S("method.request.header.")) || sl_starts(name, S("method.request.querystring.")))
			return gw_bad(err, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
					   "[Invalid mapping expression parameter specified: %s]", name.p);
	}
	return 0;
}

static int check_integration(struct gw_manage *o, json_t *in, struct error *err)
{
	return gw_integration_check(in, err);
}

static int op_put_integration(struct gw_manage *o, struct error *err)
{
	static const char *const types[] = { "HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS" };
	const char *type = gw_str(o, "type");
	json_t *at[STEPS_MAX + 1];
	JSON_AUTO in = json_object();
	int rc = 0;
	if (type && *type && !gw_among(type, types, ARRAY_LEN(types)))
		return gw_manage_fail(err, GW_M_VALIDATION, "1 validation error detected: Value '%s' at 'putIntegrationInput.type' failed to satisfy "
							    "constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]", type);
	rc = find_outer(o, at, err);
	if (rc)
		return rc;
	gw_members(o, in, o->row->kind->members);
	jput(in, "httpMethod", gw_upper(o->a, gw_str(o, "httpMethod"))); /* the wire's name of integrationHttpMethod */
	rc = gw_integration_check(in, err);
	if (!rc)
		rc = check_declared(json_object_get(in, "requestParameters"), json_object_get(at[1], "requestParameters"), "method.request.", false, err);
	if (rc)
		return rc;
	if (!strcmp(jstr(in, "type"), "MOCK"))
		json_object_del(in, "httpMethod"), json_object_del(in, "uri");
	gw_integration_defaults(in, o->arg[1]);
	return put(o, at[1], json_incref(in), err);
}

static const struct gw_patch_rule integration_rules[] = {
	{ "/httpMethod", 'S', "r" }, { "/uri", 'S', "r" }, { "/credentials", 's', "ar-" }, { "/passthroughBehavior", 'S', "r" },
	{ "/contentHandling", 's', "ar-" }, { "/timeoutInMillis", 'i', "r" }, { "/connectionType", 'S', "r" }, { "/connectionId", 's', "ar-" },
	{ "/cacheNamespace", 'S', "r" }, { "/cacheKeyParameters/?", 'l', "a-" }, { "/requestTemplates/?", 'm', "ar-" },
	{ "/requestParameters/?", 'm', "ar-" }, { "/tlsConfig/insecureSkipVerification", 'b', "r" },
};
static const char *const integration_members[] = { "type", "uri", "connectionType", "connectionId", "credentials", "requestParameters", "requestTemplates",
						   "passthroughBehavior", "cacheNamespace", "cacheKeyParameters", "contentHandling", "timeoutInMillis",
						   "tlsConfig", NULL };
static const struct inner integration = {
	{ .members = integration_members, .patch = { GW_PATCH(integration_rules) }, .find = find, .check = check_integration, .keep = keep }, 2,
	{ METHOD, INTEGRATION },
};

/* ---- integration responses ---- */

/* An empty template is none: it shows as null. */
static void blank_to_null(json_t *texts)
{
	const char *key;
	json_t *v;
	json_object_foreach(texts, key, v)
		if (json_is_string(v) && !json_string_length(v))
			json_object_set_new(texts, key, json_null());
}

static int op_put_answer(struct gw_manage *o, struct error *err)
{
	json_t *at[STEPS_MAX + 1], *doc, *declared, *params = json_object_get(o->in, "responseParameters");
	int rc = check_status(o, err);
	if (!rc)
		rc = find_outer(o, at, err);
	if (!rc)
		rc = gw_mappings_check(params, "method.response.", err);
	if (rc)
		return rc;
	declared = json_object_get(json_object_get(json_object_get(at[1], "methodResponses"), o->arg[3]), "responseParameters");
	rc = check_declared(params, declared, "method.response.", true, err);
	if (rc)
		return rc;
	doc = json_pack("{s:s}", "statusCode", o->arg[3]);
	gw_members(o, doc, o->row->kind->members);
	blank_to_null(json_object_get(doc, "responseTemplates"));
	return put(o, at[2], doc, err);
}

static const struct gw_patch_rule answer_rules[] = {
	{ "/selectionPattern", 's', "ar-" }, { "/contentHandling", 's', "ar-" }, { "/responseParameters/?", 'm', "ar-" }, { "/responseTemplates/?", 'm', "ar-" },
};
static const char *const answer_members[] = { "selectionPattern", "responseParameters", "responseTemplates", "contentHandling", NULL };
static const struct inner answer = {
	{ .members = answer_members, .patch = { GW_PATCH(answer_rules), .no_type = "Content-Type specified was not found" }, .find = find, .keep = keep }, 3,
	{ METHOD, INTEGRATION, { "integrationResponses", 3, NO_STATUS } },
};

static int op_test(struct gw_manage *o, struct error *err)
{
	json_t *at[STEPS_MAX + 1];
	int rc = walk(o, 1, at, err);
	return rc ? rc : gw_test_invoke(o, err);
}

#define AT "/restapis/{}/resources/{}/methods/{}"
#define ROWS(path, name, what, k, put_fn, updated) \
	{ { "PUT", path, "Put" name, "make " what }, put_fn, 201, &k.kind }, { { "GET", path, "Get" name, what }, gw_op_get, 200, &k.kind }, \
	{ { "PATCH", path, "Update" name, "change " what }, gw_op_update, updated, &k.kind }, \
	{ { "DELETE", path, "Delete" name, "drop " what }, op_delete, 204, &k.kind }
static const struct gw_row rows[] = {
	ROWS(AT, "Method", "a method", method, op_put_method, 200),
	{ { "POST", AT, "TestInvokeMethod", "call a method with a made request, with its log" }, op_test, 200, &method.kind },
	ROWS(AT "/responses/{}", "MethodResponse", "a response that a method declares", response, op_put_response, 201),
	ROWS(AT "/integration", "Integration", "a method's integration", integration, op_put_integration, 200),
	ROWS(AT "/integration/responses/{}", "IntegrationResponse", "what an integration's answer becomes", answer, op_put_answer, 200),
};
const struct routes gw_method_routes = ROUTES(rows);
