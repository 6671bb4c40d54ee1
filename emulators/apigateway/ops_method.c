/* Methods, integrations and the responses of both. They live in the resource's document, as AWS shows them. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"

#define METHOD_PATH "/restapis/{}/resources/{}/methods/{}"

/* ---- finding ---- */

static int find_resource(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_RESOURCE, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Resource identifier specified");
}

static int find_method(struct gw_manage *o, json_t **out, struct error *err)
{
	json_t *res;
	int rc = find_resource(o, &res, err);
	if (rc)
		return rc;
	*out = json_object_get(json_object_get(res, "resourceMethods"), o->arg[2]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Method identifier specified");
}

static int find_integration(struct gw_manage *o, json_t **out, struct error *err)
{
	json_t *m;
	int rc = find_method(o, &m, err);
	if (rc)
		return rc;
	*out = json_object_get(m, "methodIntegration");
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Integration identifier specified");
}

static int check_status(struct gw_manage *o, struct error *err)
{
	const char *s = o->arg[3];
	if (strlen(s) == 3 && s[0] >= '1' && s[0] <= '5' && s[1] >= '0' && s[1] <= '9' && s[2] >= '0' && s[2] <= '9')
		return 0;
	return gw_manage_fail(err, GW_M_VALIDATION, "1 validation error detected: Value '%s' at 'statusCode' failed to satisfy constraint: Member must "
					     "satisfy regular expression pattern: [1-5]\\d\\d", s);
}

static int find_answer(struct gw_manage *o, json_t *from, const char *list, json_t **out, struct error *err)
{
	*out = json_object_get(json_object_get(from, list), o->arg[3]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Response status code specified");
}

static int save(struct gw_manage *o, struct error *err)
{
	return gw_doc_save(o->g, K_RESOURCE, o->arg[0], o->arg[1], err);
}

/* ---- methods ---- */

static int check_auth(struct gw_manage *o, const char *type, const char *authorizer, struct error *err)
{
	bool needs = type && (!strcmp(type, "CUSTOM") || !strcmp(type, "COGNITO_USER_POOLS"));
	if (needs && (!authorizer || !gw_doc(o->g, K_AUTHORIZER, o->arg[0], authorizer)))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
						      "COGNITO_USER_POOLS requires a valid authorizer.");
	if (!needs && type && strcmp(type, "NONE") && strcmp(type, "AWS_IAM"))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS");
	return 0;
}

static int check_params(json_t *params, struct error *err)
{
	const char *key, *other;
	json_t *v, *w;
	json_object_foreach(params, key, v) {
		const char *dot = strrchr(key, '.');
		if (!sl_starts(sl(key), S("method.request.")) || !dot || !dot[1])
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
							      "[Invalid mapping expression specified: %s]", key);
		json_object_foreach(params, other, w)
			if (other != key && strrchr(other, '.') && !strcmp(strrchr(other, '.'), dot))
				return gw_manage_fail(err, GW_M_BAD_REQUEST, "Parameter names must be unique across querystring, header and path");
	}
	return 0;
}

static int check_method(struct gw_manage *o, json_t *m, struct error *err)
{
	const char *validator = jstr(m, "requestValidatorId"), *type;
	json_t *v;
	int rc = check_auth(o, jstr(m, "authorizationType"), jstr(m, "authorizerId"), err);
	if (rc)
		return rc;
	if (validator && *validator && !gw_doc(o->g, K_VALIDATOR, o->arg[0], validator))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid Request Validator identifier specified");
	json_object_foreach(json_object_get(m, "requestModels"), type, v)
		if (json_string_value(v) && strcmp(json_string_value(v), "Empty") && strcmp(json_string_value(v), "Error") &&
		    !gw_doc(o->g, K_MODEL, o->arg[0], json_string_value(v)))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid model identifier specified: %s", json_string_value(v));
	return check_params(json_object_get(m, "requestParameters"), err);
}

static int op_put_method(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "authorizationType", "authorizerId", "authorizationScopes", "apiKeyRequired", "operationName",
					     "requestParameters", "requestModels", "requestValidatorId" };
	json_t *res, *m, *methods;
	int rc = find_resource(o, &res, err);
	if (rc)
		return rc;
	if (gw_method_of(sl(o->arg[2])) == GW_METHOD_N)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY");
	if (json_object_get(json_object_get(res, "resourceMethods"), o->arg[2]))
		return gw_manage_fail(err, GW_M_CONFLICT, "Method already exists for this resource");
	m = json_object();
	jput(m, "httpMethod", o->arg[2]);
	gw_copy(o, m, names, ARRAY_LEN(names));
	if (!json_is_boolean(json_object_get(m, "apiKeyRequired")))
		json_object_set_new(m, "apiKeyRequired", json_false());
	rc = check_method(o, m, err);
	if (rc) {
		json_decref(m);
		return rc;
	}
	methods = json_object_get(res, "resourceMethods");
	if (!methods) {
		methods = json_object();
		json_object_set_new(res, "resourceMethods", methods);
	}
	o->out = gw_shown(m);
	json_object_set_new(methods, o->arg[2], m);
	return save(o, err);
}

static int op_get_method(struct gw_manage *o, struct error *err)
{
	json_t *m;
	int rc = find_method(o, &m, err);
	if (!rc)
		o->out = gw_shown(m);
	return rc;
}

static int op_update_method(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/authorizationType", 'S', "r" }, { "/authorizerId", 's', "r" }, { "/apiKeyRequired", 'b', "r" }, { "/operationName", 's', "r" },
		{ "/requestValidatorId", 's', "r" }, { "/authorizationScopes/?", 'l', "a-" }, { "/requestParameters/?", 'M', "ar-" },
		{ "/requestModels/?", 'm', "ar-" },
	};
	json_t *m;
	int rc = find_method(o, &m, err);
	if (rc)
		return rc;
	JSON_AUTO copy = json_deep_copy(m);
	rc = patch_apply(o, copy, rules, ARRAY_LEN(rules), NULL, err);
	if (!rc)
		rc = check_method(o, copy, err);
	if (rc)
		return rc;
	if (!strcmp(jstr(copy, "authorizationType") ? jstr(copy, "authorizationType") : "NONE", "NONE"))
		json_object_del(copy, "authorizerId");
	json_object_clear(m);
	json_object_update(m, copy);
	o->out = gw_shown(m);
	return save(o, err);
}

static int op_delete_method(struct gw_manage *o, struct error *err)
{
	json_t *m, *res;
	int rc = find_method(o, &m, err);
	if (rc)
		return rc;
	res = gw_doc(o->g, K_RESOURCE, o->arg[0], o->arg[1]);
	json_object_del(json_object_get(res, "resourceMethods"), o->arg[2]);
	if (!json_object_size(json_object_get(res, "resourceMethods")))
		json_object_del(res, "resourceMethods");
	return save(o, err);
}

/* ---- method responses ---- */

static int op_put_response(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "responseParameters", "responseModels" };
	json_t *m, *doc, *list;
	int rc = check_status(o, err);
	if (!rc)
		rc = find_method(o, &m, err);
	if (rc)
		return rc;
	list = json_object_get(m, "methodResponses");
	if (json_object_get(list, o->arg[3]))
		return gw_manage_fail(err, GW_M_CONFLICT, "Response already exists for this resource");
	doc = json_object();
	jput(doc, "statusCode", o->arg[3]);
	gw_copy(o, doc, names, ARRAY_LEN(names));
	if (!list) {
		list = json_object();
		json_object_set_new(m, "methodResponses", list);
	}
	json_object_set_new(list, o->arg[3], doc);
	o->out = gw_shown(doc);
	return save(o, err);
}

static int op_get_response(struct gw_manage *o, struct error *err)
{
	json_t *m, *doc;
	int rc = check_status(o, err);
	if (!rc)
		rc = find_method(o, &m, err);
	if (!rc)
		rc = find_answer(o, m, "methodResponses", &doc, err);
	if (!rc)
		o->out = gw_shown(doc);
	return rc;
}

static int op_update_response(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = { { "/responseParameters/?", 'M', "ar-" }, { "/responseModels/?", 'm', "ar-" } };
	static const struct patch_words words = { .no_param = "Invalid parameter name specified", .no_type = "Content-Type specified was not found" };
	json_t *m, *doc, *ops;
	int rc = patch_check(o, &ops, err);
	if (!rc)
		rc = find_method(o, &m, err);
	if (!rc)
		rc = find_answer(o, m, "methodResponses", &doc, err);
	if (!rc)
		rc = patch_apply(o, doc, rules, ARRAY_LEN(rules), &words, err);
	if (rc)
		return rc;
	o->out = gw_shown(doc);
	return save(o, err);
}

static int op_delete_response(struct gw_manage *o, struct error *err)
{
	json_t *m, *doc;
	int rc = find_method(o, &m, err);
	if (!rc)
		rc = find_answer(o, m, "methodResponses", &doc, err);
	if (rc)
		return rc;
	json_object_del(json_object_get(m, "methodResponses"), o->arg[3]);
	if (!json_object_size(json_object_get(m, "methodResponses")))
		json_object_del(m, "methodResponses");
	return save(o, err);
}

/* ---- integrations ---- */

void gw_integration_defaults(json_t *in, const char *resource)
{
	const char *type = jstr(in, "type");
	if (!json_object_get(in, "passthroughBehavior"))
		jput(in, "passthroughBehavior", "WHEN_NO_MATCH");
	if (!json_object_get(in, "timeoutInMillis"))
		json_object_set_new(in, "timeoutInMillis", json_integer(GW_TIMEOUT_MS));
	if (!json_object_get(in, "cacheNamespace"))
		jput(in, "cacheNamespace", resource);
	if (!json_object_get(in, "cacheKeyParameters"))
		json_object_set_new(in, "cacheKeyParameters", json_array());
	if (type && sl_starts(sl(type), S("HTTP")) && !json_object_get(in, "connectionType"))
		jput(in, "connectionType", "INTERNET");
}

static const char *upper(struct arena *a, const char *s)
{
	char *out = arena_cstr(a, sl(s));
	for (char *p = out; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p -= 32;
	return out;
}

static int check_uri(const char *type, const char *method, const char *uri, struct error *err)
{
	struct slice u = sl(uri ? uri : "");
	if (!strcmp(type, "MOCK"))
		return 0;
	if (!method || !*method)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Enumeration value for HttpMethod must be non-empty");
	if (sl_starts(sl(type), S("HTTP"))) {
		if (!sl_starts(u, S("http://")) && !sl_starts(u, S("https://")) && !sl_starts(u, S("${")))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid HTTP endpoint specified for URI");
		return 0;
	}
	if (!sl_starts(u, S("arn:")))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid ARN specified in the request");
	if (sl_find(u, S(":path/")) < 0 && sl_find(u, S(":action/")) < 0)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "AWS ARN for integration must contain path or action");
	if (!strcmp(type, "AWS_PROXY") && sl_find(u, S(":lambda:path/")) < 0 && sl_find(u, S(":firehose:")) < 0)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream "
						      "invocations.");
	return 0;
}

static int check_mappings(json_t *params, const char *target, struct error *err)
{
	static const char *const sources[] = { "method.request.", "stageVariables.", "context.", "integration.response." };
	const char *key;
	json_t *v;
	json_object_foreach(params, key, v) {
		const char *s = json_string_value(v);
		bool ok = false;
		if (json_is_boolean(v))
			return gw_manage_fail(err, GW_M_SERIALIZATION, "class java.lang.Boolean can not be converted to an String");
		if (!sl_starts(sl(key), sl(target)))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
							      "[Invalid mapping expression specified: %s]", key);
		for (size_t i = 0; s && i < ARRAY_LEN(sources); i++)
			ok |= sl_starts(sl(s), sl(sources[i]));
		ok |= s && strlen(s) >= 2 && s[0] == '\'' && s[strlen(s) - 1] == '\'';
		if (!ok)
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
							      "[Invalid mapping expression specified: %s]", s ? s : "null");
	}
	return 0;
}

int gw_check_integration(json_t *in, struct error *err)
{
	static const char *const types[] = { "HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY" };
	static const char *const passes[] = { "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER" };
	const char *type = jstr(in, "type"), *pass = jstr(in, "passthroughBehavior"), *link = jstr(in, "connectionType");
	json_t *timeout = json_object_get(in, "timeoutInMillis");
	bool known = false, pass_ok = !pass;
	int rc;
	for (size_t i = 0; type && i < ARRAY_LEN(types); i++)
		known |= !strcmp(type, types[i]);
	for (size_t i = 0; pass && i < ARRAY_LEN(passes); i++)
		pass_ok |= !strcmp(pass, passes[i]);
	if (!known)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Enumeration value for Type must be non-empty");
	if (!pass_ok)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid passthroughBehavior specified");
	rc = check_uri(type, jstr(in, "httpMethod"), jstr(in, "uri"), err);
	if (rc)
		return rc;
	if (timeout && (!json_is_integer(timeout) || json_integer_value(timeout) < GW_TIMEOUT_MIN_MS || json_integer_value(timeout) > 10 * GW_TIMEOUT_MS))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Timeout should be between 50 ms and 29000 ms");
	if (link && !strcmp(link, "VPC_LINK") && !jstr(in, "connectionId"))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "connectionId is required when connectionType is VPC_LINK");
	return check_mappings(json_object_get(in, "requestParameters"), "integration.request.", err);
}

/* Headers and query parameters that a mapping reads must be declared by the method. */
static int check_declared(json_t *params, json_t *declared, const char *prefix, bool by_key, struct error *err)
{
	const char *key;
	json_t *v;
	json_object_foreach(params, key, v) {
		const char *name = by_key ? key : json_string_value(v);
		if (!name || !sl_starts(sl(name), sl(prefix)) || json_object_get(declared, name))
			continue;
		if (!by_key && !sl_starts(sl(name), S("method.request.header.")) && !sl_starts(sl(name), S("method.request.querystring.")))
			continue;
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
						      "[Invalid mapping expression parameter specified: %s]", name);
	}
	return 0;
}

static int op_put_integration(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "type", "uri", "connectionType", "connectionId", "credentials", "requestParameters", "requestTemplates",
					     "passthroughBehavior", "cacheNamespace", "cacheKeyParameters", "contentHandling", "timeoutInMillis",
					     "tlsConfig" };
	const char *method = gw_str(o, "httpMethod");
	json_t *m;
	JSON_AUTO in = json_object();
	int rc = find_method(o, &m, err);
	if (rc)
		return rc;
	gw_copy(o, in, names, ARRAY_LEN(names));
	if (method) /* the wire's name of integrationHttpMethod */
		jput(in, "httpMethod", upper(o->a, method));
	rc = gw_check_integration(in, err);
	if (!rc)
		rc = check_declared(json_object_get(in, "requestParameters"), json_object_get(m, "requestParameters"), "method.request.", false, err);
	if (rc)
		return rc;
	if (!strcmp(jstr(in, "type"), "MOCK"))
		json_object_del(in, "httpMethod");
	gw_integration_defaults(in, o->arg[1]);
	json_object_set(m, "methodIntegration", in);
	o->out = gw_shown(in);
	return save(o, err);
}

static int op_get_integration(struct gw_manage *o, struct error *err)
{
	json_t *in;
	int rc = find_integration(o, &in, err);
	if (!rc)
		o->out = gw_shown(in);
	return rc;
}

static int op_update_integration(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/httpMethod", 'S', "r" }, { "/uri", 'S', "r" }, { "/credentials", 's', "ar-" }, { "/passthroughBehavior", 'S', "r" },
		{ "/contentHandling", 's', "ar-" }, { "/timeoutInMillis", 'i', "r" }, { "/connectionType", 'S', "r" }, { "/connectionId", 's', "ar-" },
		{ "/cacheNamespace", 'S', "r" }, { "/cacheKeyParameters/?", 'l', "a-" }, { "/requestTemplates/?", 'm', "ar-" },
		{ "/requestParameters/?", 'm', "ar-" }, { "/tlsConfig/insecureSkipVerification", 'b', "r" },
	};
	json_t *in;
	int rc = find_integration(o, &in, err);
	if (rc)
		return rc;
	JSON_AUTO copy = json_deep_copy(in);
	rc = patch_apply(o, copy, rules, ARRAY_LEN(rules), NULL, err);
	if (!rc)
		rc = gw_check_integration(copy, err);
	if (rc)
		return rc;
	json_object_clear(in);
	json_object_update(in, copy);
	o->out = gw_shown(in);
	return save(o, err);
}

static int op_delete_integration(struct gw_manage *o, struct error *err)
{
	json_t *in, *m;
	int rc = find_integration(o, &in, err);
	if (!rc)
		rc = find_method(o, &m, err);
	if (rc)
		return rc;
	json_object_del(m, "methodIntegration");
	return save(o, err);
}

/* ---- integration responses ---- */

static int op_put_answer(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "selectionPattern", "responseParameters", "responseTemplates", "contentHandling" };
	json_t *in, *m, *list, *declared, *params = json_object_get(o->in, "responseParameters");
	JSON_AUTO doc = json_object();
	int rc = check_status(o, err);
	if (!rc)
		rc = find_integration(o, &in, err);
	if (!rc)
		rc = find_method(o, &m, err);
	if (!rc)
		rc = check_mappings(params, "method.response.", err);
	if (rc)
		return rc;
	declared = json_object_get(json_object_get(json_object_get(m, "methodResponses"), o->arg[3]), "responseParameters");
	rc = check_declared(params, declared, "method.response.", true, err);
	if (rc)
		return rc;
	jput(doc, "statusCode", o->arg[3]);
	gw_copy(o, doc, names, ARRAY_LEN(names));
	list = json_object_get(in, "integrationResponses");
	if (!list) {
		list = json_object();
		json_object_set_new(in, "integrationResponses", list);
	}
	json_object_set(list, o->arg[3], doc);
	o->out = gw_shown(doc);
	return save(o, err);
}

static int op_get_answer(struct gw_manage *o, struct error *err)
{
	json_t *in, *doc;
	int rc = check_status(o, err);
	if (!rc)
		rc = find_integration(o, &in, err);
	if (!rc)
		rc = find_answer(o, in, "integrationResponses", &doc, err);
	if (!rc)
		o->out = gw_shown(doc);
	return rc;
}

static int op_update_answer(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/selectionPattern", 's', "ar-" }, { "/contentHandling", 's', "ar-" }, { "/responseParameters/?", 'm', "ar-" },
		{ "/responseTemplates/?", 'm', "ar-" },
	};
	static const struct patch_words words = { .no_type = "Content-Type specified was not found" };
	json_t *in, *doc;
	int rc = find_integration(o, &in, err);
	if (!rc)
		rc = find_answer(o, in, "integrationResponses", &doc, err);
	if (!rc)
		rc = patch_apply(o, doc, rules, ARRAY_LEN(rules), &words, err);
	if (rc)
		return rc;
	o->out = gw_shown(doc);
	return save(o, err);
}

static int op_delete_answer(struct gw_manage *o, struct error *err)
{
	json_t *in, *doc;
	int rc = find_integration(o, &in, err);
	if (!rc)
		rc = find_answer(o, in, "integrationResponses", &doc, err);
	if (rc)
		return rc;
	json_object_del(json_object_get(in, "integrationResponses"), o->arg[3]);
	if (!json_object_size(json_object_get(in, "integrationResponses")))
		json_object_del(in, "integrationResponses");
	return save(o, err);
}

static int op_test(struct gw_manage *o, struct error *err)
{
	json_t *m;
	int rc = find_method(o, &m, err);
	if (!rc)
		rc = gw_test_invoke(o, err);
	return rc;
}

const struct gw_row gw_method_rows[] = {
	{ "PUT", METHOD_PATH, "PutMethod", op_put_method, 201 },
	{ "GET", METHOD_PATH, "GetMethod", op_get_method, 200 },
	{ "PATCH", METHOD_PATH, "UpdateMethod", op_update_method, 200 },
	{ "DELETE", METHOD_PATH, "DeleteMethod", op_delete_method, 204 },
	{ "POST", METHOD_PATH, "TestInvokeMethod", op_test, 200 },
	{ "PUT", METHOD_PATH "/responses/{}", "PutMethodResponse", op_put_response, 201 },
	{ "GET", METHOD_PATH "/responses/{}", "GetMethodResponse", op_get_response, 200 },
	{ "PATCH", METHOD_PATH "/responses/{}", "UpdateMethodResponse", op_update_response, 201 },
	{ "DELETE", METHOD_PATH "/responses/{}", "DeleteMethodResponse", op_delete_response, 204 },
	{ "PUT", METHOD_PATH "/integration", "PutIntegration", op_put_integration, 201 },
	{ "GET", METHOD_PATH "/integration", "GetIntegration", op_get_integration, 200 },
	{ "PATCH", METHOD_PATH "/integration", "UpdateIntegration", op_update_integration, 200 },
	{ "DELETE", METHOD_PATH "/integration", "DeleteIntegration", op_delete_integration, 204 },
	{ "PUT", METHOD_PATH "/integration/responses/{}", "PutIntegrationResponse", op_put_answer, 201 },
	{ "GET", METHOD_PATH "/integration/responses/{}", "GetIntegrationResponse", op_get_answer, 200 },
	{ "PATCH", METHOD_PATH "/integration/responses/{}", "UpdateIntegrationResponse", op_update_answer, 200 },
	{ "DELETE", METHOD_PATH "/integration/responses/{}", "DeleteIntegrationResponse", op_delete_answer, 204 },
	{ NULL, NULL, NULL, NULL, 0 },
};
