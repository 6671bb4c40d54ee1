/* RestApis, import, export, tags, account. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"

static const char *const kinds[] = { K_RESOURCE, K_MODEL, K_VALIDATOR, K_RESPONSE, K_AUTHORIZER, K_PART, K_VERSION, K_DEPLOYMENT, K_STAGE };

int gw_api_drop(struct gateway *g, const char *id, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < ARRAY_LEN(kinds); i++)
		rc = gw_doc_drop_all(g, kinds[i], id, err);
	if (!rc) {
		gw_changed(g, id);
		rc = gw_doc_drop(g, K_API, "", id, err);
	}
	return rc;
}

static int put_model(struct gateway *g, struct arena *a, const char *api, const char *name, const char *description, const char *schema, struct error *err)
{
	const char *id;
	int rc = gw_doc_id(g, a, K_MODEL, 6, false, &id, err);
	if (rc)
		return rc;
	return gw_doc_put(g, K_MODEL, api, name, json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", id, "name", name, "description", description,
							    "schema", schema, "contentType", "application/json"), err);
}

int gw_api_make(struct gateway *g, struct arena *a, const char *id, json_t *doc, bool defaults, const char **out, struct error *err)
{
	const char *root = NULL, *made = id;
	int rc = id ? 0 : gw_doc_id(g, a, K_API, 10, false, &made, err);
	if (!rc)
		rc = gw_doc_id(g, a, K_RESOURCE, 10, false, &root, err);
	if (rc) {
		json_decref(doc);
		return rc;
	}
	jput(doc, "id", made);
	jput(doc, "rootResourceId", root);
	if (!json_object_get(doc, "createdDate"))
		json_object_set_new(doc, "createdDate", json_integer(clock_now_ms(g->env->clock) / 1000));
	if (!json_object_get(doc, "apiKeySource"))
		jput(doc, "apiKeySource", "HEADER");
	if (!json_object_get(doc, "endpointConfiguration"))
		json_object_set_new(doc, "endpointConfiguration", json_pack("{s:[s],s:s}", "types", "EDGE", "ipAddressType", "ipv4"));
	if (!json_object_get(doc, "disableExecuteApiEndpoint"))
		json_object_set_new(doc, "disableExecuteApiEndpoint", json_false());
	rc = gw_doc_put(g, K_API, "", made, doc, err);
	if (!rc)
		rc = gw_doc_put(g, K_RESOURCE, made, root, json_pack("{s:s,s:s}", "id", root, "path", "/"), err);
	if (!rc && defaults)
		rc = put_model(g, a, made, "Error", "This is a default error schema model",
			      "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n"
			      "  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}", err);
	if (!rc && defaults)
		rc = put_model(g, a, made, "Empty", "This is a default empty schema model",
			      "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}", err);
	*out = made;
	return rc;
}

/* ---- CreateRestApi ---- */

static bool among(const char *v, const char *const *names, size_t n)
{
	for (size_t i = 0; v && i < n; i++)
		if (!strcmp(v, names[i]))
			return true;
	return false;
}

/* Both constraints of the model at once, as AWS words them. */
static int check_endpoint(struct gw_manage *o, json_t *c, struct error *err)
{
	static const char *const types[] = { "PRIVATE", "EDGE", "REGIONAL" }, *const ips[] = { "ipv4", "dualstack" };
	json_t *list = json_object_get(c, "types"), *v;
	const char *ip = jstr(c, "ipAddressType"), *bad = NULL;
	bool bad_ip = ip && *ip && !among(ip, ips, 2);
	struct buf b = { 0 };
	size_t i;
	int rc = 0;
	json_array_foreach(list, i, v)
		if (!among(json_string_value(v), types, 3))
			bad = json_string_value(v) ? json_string_value(v) : "null";
	if (!bad && !bad_ip)
		return 0;
	if (bad) {
		buf_adds(&b, "Value '[");
		json_array_foreach(list, i, v)
			buf_addf(&b, "%s%s", i ? ", " : "", json_string_value(v) ? json_string_value(v) : "null");
		buf_adds(&b, "]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy "
			     "constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]");
	}
	if (bad_ip)
		buf_addf(&b, "%sValue '%s' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must "
			     "satisfy enum value set: [ipv4, dualstack]", bad ? "; " : "", ip);
	rc = gw_manage_fail(err, GW_M_VALIDATION, "%d validation error%s detected: %.*s", !!bad + bad_ip, bad && bad_ip ? "s" : "", SL(buf_slice(&b)));
	buf_free(&b);
	(void)o;
	return rc;
}

static int check_api(struct gw_manage *o, struct error *err)
{
	json_t *c = json_object_get(o->in, "endpointConfiguration"), *types = json_object_get(c, "types");
	json_t *size = json_object_get(o->in, "minimumCompressionSize");
	const char *name = gw_str(o, "name"), *description = gw_str(o, "description");
	int rc = check_endpoint(o, c, err);
	if (rc)
		return rc;
	if (!name || !*name)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "API name must be non-empty");
	if (description && !*description)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Description cannot be an empty string");
	if (size && !json_is_null(size) && (!json_is_integer(size) || json_integer_value(size) < 0 || json_integer_value(size) > 10485760))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid minimum compression size, must be between 0 and 10485760");
	if (types && !json_array_size(types))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
	if (json_array_size(types) > 1)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Cannot create an api with multiple Endpoint Types.");
	return 0;
}

static json_t *endpoint_of(json_t *c)
{
	json_t *out = c ? json_deep_copy(c) : json_object();
	const char *ip = jstr(out, "ipAddressType"), *type;
	if (!json_array_size(json_object_get(out, "types")))
		json_object_set_new(out, "types", json_pack("[s]", "EDGE"));
	type = json_string_value(json_array_get(json_object_get(out, "types"), 0));
	if (!ip || !*ip)
		jput(out, "ipAddressType", type && !strcmp(type, "PRIVATE") ? "dualstack" : "ipv4");
	return out;
}

/* The gateway gives a policy as the inside of a JSON string, slashes escaped too; Terraform unquotes it once more. */
static json_t *shown(const json_t *doc)
{
	json_t *out = gw_shown(doc), *policy = json_object_get(out, "policy");
	if (policy && !json_string_length(policy)) {
		json_object_del(out, "policy");
	} else if (policy) {
		char *quoted = json_dumps(policy, JSON_ENCODE_ANY | JSON_ESCAPE_SLASH);
		json_object_set_new(out, "policy", json_stringn(quoted + 1, strlen(quoted) - 2));
		free(quoted);
	}
	return out;
}

static int clone(struct gw_manage *o, const char *from, const char *to, struct error *err);

static int op_create(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "name", "description", "version", "binaryMediaTypes", "minimumCompressionSize", "apiKeySource",
					     "policy", "tags", "disableExecuteApiEndpoint" };
	json_t *doc, *tags = json_object_get(o->in, "tags");
	const char *id = jstr(tags, "_custom_id_"), *from = gw_str(o, "cloneFrom"), *made;
	int rc = check_api(o, err);
	if (rc)
		return rc;
	if (!id)
		id = jstr(tags, "ls:custom_id");
	if (id && gw_doc(o->g, K_API, "", id))
		return gw_manage_fail(err, GW_M_CONFLICT, "API identifier already in use: %s", id);
	if (from && !gw_doc(o->g, K_API, "", from))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid API identifier specified " GW_ACCOUNT ":%s", from);
	doc = json_object();
	gw_copy(o, doc, names, ARRAY_LEN(names));
	if (!json_array_size(json_object_get(doc, "binaryMediaTypes")))
		json_object_del(doc, "binaryMediaTypes");
	json_object_set_new(doc, "endpointConfiguration", endpoint_of(json_object_get(o->in, "endpointConfiguration")));
	rc = gw_api_make(o->g, o->a, id, doc, !from, &made, err);
	if (!rc && from)
		rc = clone(o, from, made, err);
	if (!rc)
		o->out = shown(gw_doc(o->g, K_API, "", made));
	return rc;
}

/* Copies all but deployments and stages; the root resource keeps its own id. */
static int clone(struct gw_manage *o, const char *from, const char *to, struct error *err)
{
	const char *from_root = jstr(gw_doc(o->g, K_API, "", from), "rootResourceId"), *root = jstr(gw_doc(o->g, K_API, "", to), "rootResourceId");
	const char *id;
	json_t *v;
	int rc = 0;
	for (size_t i = 0; i < 7; i++) {
		json_object_foreach(gw_docs(o->g, kinds[i], from), id, v) {
			json_t *c = json_deep_copy(v);
			const char *parent = jstr(c, "parentId");
			bool is_root = !i && !strcmp(id, from_root);
			if (parent && !strcmp(parent, from_root))
				jput(c, "parentId", root);
			if (is_root)
				jput(c, "id", root);
			rc = gw_doc_put(o->g, kinds[i], to, is_root ? root : id, c, err);
			if (rc)
				return rc;
		}
	}
	return rc;
}

static int op_list(struct gw_manage *o, struct error *err)
{
	json_t *items, *item;
	size_t i;
	(void)err;
	o->out = gw_list(o, gw_docs(o->g, K_API, ""));
	items = json_object_get(o->out, "item");
	json_array_foreach(items, i, item)
		json_array_set_new(items, i, shown(item));
	return 0;
}

/* Single answers carry tags even when there are none, as AWS's do. */
static void show(struct gw_manage *o, json_t *doc, bool tags)
{
	o->out = shown(doc);
	if (tags && !json_object_get(o->out, "tags"))
		json_object_set_new(o->out, "tags", json_object());
}

static int op_get(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = gw_manage_api(o, &doc, err);
	if (!rc)
		show(o, doc, true);
	return rc;
}

static int op_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/name", 'S', "r" }, { "/description", 's', "ar-" }, { "/version", 's', "ar-" }, { "/apiKeySource", 'S', "r" },
		{ "/minimumCompressionSize", 'i', "r-" }, { "/disableExecuteApiEndpoint", 'b', "r" }, { "/policy", 's', "r-" },
		{ "/binaryMediaTypes/?", 'l', "ar-" }, { "/endpointConfiguration/ipAddressType", 'S', "r" },
		{ "/endpointConfiguration/vpcEndpointIds/?", 'l', "ar-" }, { "/endpointConfiguration/vpcEndpointIds", 'l', "ar-" },
	};
	json_t *doc, *ops, *op;
	size_t i;
	int rc = gw_manage_api(o, &doc, err);
	if (!rc)
		rc = patch_check(o, &ops, err);
	if (rc)
		return rc;
	JSON_AUTO copy = json_deep_copy(doc);
	json_array_foreach(ops, i, op) {
		const char *path = jstr(op, "path") ? jstr(op, "path") : "", *value = jstr(op, "value");
		if (sl_starts(sl(path), S("/endpointConfiguration/types")) && value && !strcmp(jstr(op, "op"), "replace"))
			json_object_set_new(json_object_get(copy, "endpointConfiguration"), "types", json_pack("[s]", value));
		else
			rc = patch_one(copy, jstr(op, "op"), path, value, rules, ARRAY_LEN(rules), NULL, err);
		if (rc)
			return rc;
	}
	if (!json_array_size(json_object_get(copy, "binaryMediaTypes")))
		json_object_del(copy, "binaryMediaTypes");
	show(o, copy, true);
	gw_changed(o->g, o->arg[0]);
	return gw_doc_put(o->g, K_API, "", o->arg[0], json_incref(copy), err);
}

static int op_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc, *plan, *stage;
	const char *id;
	size_t i;
	int rc = gw_manage_api(o, &doc, err);
	if (rc)
		return rc;
	json_object_foreach(gw_docs(o->g, K_PLAN, ""), id, plan)
		json_array_foreach(json_object_get(plan, "apiStages"), i, stage)
			if (jstr(stage, "apiId") && !strcmp(jstr(stage, "apiId"), o->arg[0]))
				return gw_manage_fail(err, GW_M_BAD_REQUEST, "Cannot delete Rest API since it is used by usage plan %s", id);
	return gw_api_drop(o->g, o->arg[0], err);
}

/* ---- import ---- */

static void read_opts(struct gw_manage *o, struct gw_import_opts *out)
{
	const char *mode = gw_query(o, "mode"), *base = gw_query(o, "basepath"), *fail = gw_query(o, "failonwarnings");
	out->merge = !mode || strcmp(mode, "overwrite") != 0;
	out->basepath = base ? base : "ignore";
	out->fail_on_warnings = fail && !strcmp(fail, "true");
}

static int op_import(struct gw_manage *o, struct error *err)
{
	struct gw_import_opts opts;
	const char *types = gw_query(o, "endpointConfigurationTypes"), *id = NULL;
	json_t *api = json_object();
	JSON_AUTO doc = NULL;
	int rc;
	read_opts(o, &opts);
	rc = gw_import_parse(o->call->req.body, &doc, err);
	if (rc) {
		json_decref(api);
		return rc;
	}
	if (types)
		json_object_set_new(api, "endpointConfiguration", json_pack("{s:[s],s:s}", "types", types, "ipAddressType", "ipv4"));
	jput(api, "name", jstr(json_object_get(doc, "info"), "title") ? jstr(json_object_get(doc, "info"), "title") : "");
	opts.merge = false;
	rc = gw_api_make(o->g, o->a, NULL, api, false, &id, err);
	if (!rc)
		rc = gw_import_into(o->g, o->a, id, doc, &opts, err);
	if (rc) {
		if (id && gw_api_drop(o->g, id, NULL))
			log_warn(o->g->env, "import", "api=%s error=\"cannot be removed\"", id);
		return rc;
	}
	show(o, gw_doc(o->g, K_API, "", id), false);
	return 0;
}

static int op_put(struct gw_manage *o, struct error *err)
{
	struct gw_import_opts opts;
	json_t *api;
	JSON_AUTO doc = NULL;
	int rc = gw_manage_api(o, &api, err);
	if (!rc)
		rc = gw_import_parse(o->call->req.body, &doc, err);
	if (rc)
		return rc;
	read_opts(o, &opts);
	rc = gw_import_into(o->g, o->a, o->arg[0], doc, &opts, err);
	if (!rc)
		show(o, gw_doc(o->g, K_API, "", o->arg[0]), true);
	return rc;
}

static int op_export(struct gw_manage *o, struct error *err)
{
	struct slice extensions = sl(gw_query(o, "extensions"));
	struct slice accept = http_get(&o->call->req, "Accept");
	const char *kind = o->arg[2];
	json_t *api;
	struct buf b = { 0 };
	char *text;
	int rc = gw_manage_api(o, &api, err);
	if (rc)
		return rc;
	if (!gw_doc(o->g, K_STAGE, o->arg[0], o->arg[1]))
		return gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid stage identifier specified");
	if (strcmp(kind, "swagger") && strcmp(kind, "oas30"))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "No API exporter for type '%s'", kind);
	bool all = extensions.p && sl_find(extensions, S("apigateway")) >= 0;
	JSON_AUTO out = gw_export(o->g, o->arg[0], o->arg[1], !strcmp(kind, "oas30"), all || (extensions.p && sl_find(extensions, S("integrations")) >= 0),
				   all || (extensions.p && sl_find(extensions, S("authorizers")) >= 0));
	bool yaml = accept.p && sl_find(accept, S("yaml")) >= 0;
	if (yaml && !gw_yaml_write(out, &b))
		rc = gw_manage_fail(err, GW_M_BAD_REQUEST, "The API cannot be written as YAML");
	if (!yaml) {
		text = json_dumps(out, JSON_INDENT(2));
		buf_adds(&b, text);
		free(text);
	}
	o->raw = arena_dup(o->a, buf_slice(&b));
	buf_free(&b);
	o->type = yaml ? "application/yaml" : "application/json";
	http_set(o->call, "Content-Disposition", "attachment; filename=\"%s_%s.%s\"", kind, o->arg[1], yaml ? "yaml" : "json");
	return rc;
}

/* ---- tags ---- */

/* arn:aws:apigateway:us-east-1::/restapis/ID[/stages/NAME] and /usageplans/ID, /apikeys/ID */
static int tagged(struct gw_manage *o, const char **kind, const char **parent, const char **id, struct error *err)
{
	const char *at = strstr(o->arg[0], "::/"), *seg[6];
	size_t n = at ? patch_split(o->a, at + 2, seg, ARRAY_LEN(seg)) : 0;
	*parent = "";
	if (n == 2 && !strcmp(seg[0], "restapis"))
		*kind = K_API, *id = seg[1];
	else if (n == 4 && !strcmp(seg[0], "restapis") && !strcmp(seg[2], "stages"))
		*kind = K_STAGE, *parent = seg[1], *id = seg[3];
	else if (n == 2 && !strcmp(seg[0], "usageplans"))
		*kind = K_PLAN, *id = seg[1];
	else if (n == 2 && !strcmp(seg[0], "apikeys"))
		*kind = K_KEY, *id = seg[1];
	else
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid ARN specified in the request");
	if (!gw_doc(o->g, *kind, *parent, *id))
		return gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid resource identifier specified");
	return 0;
}

static int op_tags(struct gw_manage *o, struct error *err)
{
	const char *kind, *parent, *id;
	json_t *tags;
	int rc = tagged(o, &kind, &parent, &id, err);
	if (rc)
		return rc;
	tags = json_object_get(gw_doc(o->g, kind, parent, id), "tags");
	o->out = json_pack("{s:o}", "tags", tags ? json_deep_copy(tags) : json_object());
	return 0;
}

static int op_tag(struct gw_manage *o, struct error *err)
{
	const char *kind, *parent, *id;
	json_t *doc;
	int rc = tagged(o, &kind, &parent, &id, err);
	if (rc)
		return rc;
	doc = gw_doc(o->g, kind, parent, id);
	if (!json_object_get(doc, "tags"))
		json_object_set_new(doc, "tags", json_object());
	json_object_update(json_object_get(doc, "tags"), json_object_get(o->in, "tags"));
	return gw_doc_save(o->g, kind, parent, id, err);
}

static int op_untag(struct gw_manage *o, struct error *err)
{
	const char *kind, *parent, *id;
	struct slice name, value;
	size_t pos = 0;
	int rc = tagged(o, &kind, &parent, &id, err);
	if (rc)
		return rc;
	while (http_query_next(&o->call->req, &pos, &name, &value))
		if (sl_eqs(name, "tagKeys"))
			json_object_del(json_object_get(gw_doc(o->g, kind, parent, id), "tags"), arena_cstr(o->a, arena_url_decode(o->a, value, true)));
	return gw_doc_save(o->g, kind, parent, id, err);
}

/* ---- account ---- */

static json_t *account(struct gateway *g)
{
	json_t *doc = gw_doc(g, K_ACCOUNT, "", "account");
	return doc ? json_deep_copy(doc) : json_pack("{s:{s:i,s:f},s:[s],s:s}", "throttleSettings", "burstLimit", 5000, "rateLimit", 10000.0,
						     "features", "UsagePlans", "apiKeyVersion", "4");
}

static int op_account(struct gw_manage *o, struct error *err)
{
	(void)err;
	o->out = account(o->g);
	return 0;
}

static int op_account_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = { { "/cloudwatchRoleArn", 's', "ar-" }, { "/features/?", 'l', "ar-" } };
	JSON_AUTO doc = account(o->g);
	int rc = patch_apply(o, doc, rules, ARRAY_LEN(rules), NULL, err);
	if (rc)
		return rc;
	o->out = json_deep_copy(doc);
	return gw_doc_put(o->g, K_ACCOUNT, "", "account", json_incref(doc), err);
}

static int op_post(struct gw_manage *o, struct error *err)
{
	const char *mode = gw_query(o, "mode");
	return mode && !strcmp(mode, "import") ? op_import(o, err) : op_create(o, err);
}

const struct gw_row gw_api_rows[] = {
	{ "POST", "/restapis", "CreateRestApi", op_post, 201 },
	{ "GET", "/restapis", "GetRestApis", op_list, 200 },
	{ "GET", "/restapis/{}", "GetRestApi", op_get, 200 },
	{ "PATCH", "/restapis/{}", "UpdateRestApi", op_update, 200 },
	{ "PUT", "/restapis/{}", "PutRestApi", op_put, 200 },
	{ "DELETE", "/restapis/{}", "DeleteRestApi", op_delete, 202 },
	{ "GET", "/restapis/{}/stages/{}/exports/{}", "GetExport", op_export, 200 },
	{ "GET", "/tags/{}", "GetTags", op_tags, 200 },
	{ "PUT", "/tags/{}", "TagResource", op_tag, 204 },
	{ "DELETE", "/tags/{}", "UntagResource", op_untag, 204 },
	{ "GET", "/account", "GetAccount", op_account, 200 },
	{ "PATCH", "/account", "UpdateAccount", op_account_update, 200 },
	{ NULL, NULL, NULL, NULL, 0 },
};
