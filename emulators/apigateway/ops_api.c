/* RestApis, import, export, tags, account. */
#include "apigateway/manage.h"
#include "apigateway/openapi.h"

/* ---- CreateRestApi ---- */

/* Both constraints of the model at once, as AWS words them. */
static int check_endpoint(json_t *c, struct error *err)
{
	static const char *const types[] = { "PRIVATE", "EDGE", "REGIONAL" }, *const ips[] = { "ipv4", "dualstack" };
	json_t *list = json_object_get(c, "types"), *v;
	const char *ip = jstr(c, "ipAddressType");
	bool bad = false, bad_ip = ip && *ip && !gw_among(ip, ips, 2);
	struct buf b = { 0 };
	size_t i;
	int rc = 0;
	json_array_foreach(list, i, v)
		bad |= !gw_among(json_string_value(v), types, 3);
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
	if (b.n)
		rc = gw_manage_fail(err, GW_M_VALIDATION, "%d validation error%s detected: %.*s", bad + bad_ip, bad && bad_ip ? "s" : "", SL(buf_slice(&b)));
	buf_free(&b);
	return rc;
}

static int check_api(struct gw_manage *o, struct error *err)
{
	json_t *c = json_object_get(o->in, "endpointConfiguration"), *types = json_object_get(c, "types");
	json_t *size = json_object_get(o->in, "minimumCompressionSize");
	const char *name = gw_str(o, "name"), *description = gw_str(o, "description");
	int rc = check_endpoint(c, err);
	if (rc)
		return rc;
	if (!name || !*name)
		return gw_bad(err, "API name must be non-empty");
	if (description && !*description)
		return gw_bad(err, "Description cannot be an empty string");
	if (size && !json_is_null(size) && (!json_is_integer(size) || json_integer_value(size) < 0 || json_integer_value(size) > 10485760))
		return gw_bad(err, "Invalid minimum compression size, must be between 0 and 10485760");
	if (types && !json_array_size(types))
		return gw_bad(err, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
	if (json_array_size(types) > 1)
		return gw_bad(err, "Cannot create an api with multiple Endpoint Types.");
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
static json_t *show_api(struct gw_manage *o, const json_t *doc)
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

/* Copies all but deployments and stages; the root resource keeps its own id. */
static int clone(struct gw_manage *o, const char *from, const char *to, struct error *err)
{
	const char *from_root = jstr(gw_doc(o->g, GW_DOC_API, "", from), "rootResourceId"), *root = jstr(gw_doc(o->g, GW_DOC_API, "", to), "rootResourceId");
	const char *id, *kind;
	json_t *v;
	int rc = 0;
	for (size_t i = 0; i < GW_CLONED_KINDS; i++) {
		kind = gw_kind_of_api(i);
		json_object_foreach(gw_docs(o->g, kind, from), id, v) {
			json_t *c = json_deep_copy(v);
			const char *parent = jstr(c, "parentId");
			bool is_root = !strcmp(id, from_root);
			if (parent && !strcmp(parent, from_root))
				jput(c, "parentId", root);
			if (is_root)
				jput(c, "id", root);
			rc = gw_doc_put(o->g, kind, to, is_root ? root : id, c, err);
			if (rc)
				return rc;
		}
	}
	return rc;
}

static int create(struct gw_manage *o, struct error *err)
{
	json_t *doc, *tags = json_object_get(o->in, "tags");
	const char *id = jstr(tags, "_custom_id_"), *from = gw_str(o, "cloneFrom"), *made;
	int rc = check_api(o, err);
	if (rc)
		return rc;
	if (!id)
		id = jstr(tags, "ls:custom_id");
	if (id && gw_doc(o->g, GW_DOC_API, "", id))
		return gw_conflict(err, "API identifier already in use: %s", id);
	if (from && (!gw_doc(o->g, GW_DOC_API, "", from) || !gw_here(o, gw_doc(o->g, GW_DOC_API, "", from))))
		return gw_bad(err, "Invalid API identifier specified %s:%s", o->account, from);
	doc = json_object();
	gw_mark(o, doc);
	gw_members(o, doc, o->row->kind->members);
	if (!json_array_size(json_object_get(doc, "binaryMediaTypes")))
		json_object_del(doc, "binaryMediaTypes");
	json_object_set_new(doc, "endpointConfiguration", endpoint_of(json_object_get(o->in, "endpointConfiguration")));
	rc = gw_api_make(o->g, o->a, id, doc, !from, &made, err);
	if (!rc && from)
		rc = clone(o, from, made, err);
	if (!rc)
		o->out = show_api(o, gw_doc(o->g, GW_DOC_API, "", made));
	return rc;
}

static int change_api(struct gw_manage *o, json_t *doc, const struct gw_change *c, bool *mine, struct error *err)
{
	static const char *const types[] = { "REGIONAL", "EDGE", "PRIVATE" }, *const ips[] = { "ipv4", "dualstack" };
	json_t *endpoint = json_object_get(doc, "endpointConfiguration");
	const char *value = c->value ? c->value : "";
	int64_t size;
	if (strcmp(c->op, "replace"))
		return 0;
	if (sl_starts(sl(c->path), S("/endpointConfiguration/types")) && c->value) {
		if (!gw_among(value, types, ARRAY_LEN(types)))
			return gw_bad(err, "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE");
		json_object_set_new(endpoint, "types", json_pack("[s]", value));
		if (!strcmp(value, "PRIVATE"))
			jput(endpoint, "ipAddressType", "dualstack");
		*mine = true;
	} else if (!strcmp(c->path, "/endpointConfiguration/ipAddressType")) {
		if (!gw_among(value, ips, ARRAY_LEN(ips)))
			return gw_bad(err, "ipAddressType must be either ipv4 or dualstack.");
		if (!strcmp(value, "ipv4") && sl_eqs(json_slice(json_array_get(json_object_get(endpoint, "types"), 0)), "PRIVATE"))
			return gw_bad(err, "Only dualstack ipAddressType is supported for Private APIs.");
	} else if (!strcmp(c->path, "/minimumCompressionSize")) {
		if (*value && !sl_int(sl(value), 0, 10485760, &size))
			return gw_bad(err, "Invalid minimum compression size, must be between 0 and 10485760");
		if (!*value)
			json_object_del(doc, "minimumCompressionSize");
		*mine = !*value;
	}
	return 0;
}

static int check_changed_api(struct gw_manage *o, json_t *doc, struct error *err)
{
	if (!json_array_size(json_object_get(doc, "binaryMediaTypes")))
		json_object_del(doc, "binaryMediaTypes");
	return 0;
}

static int drop_api(struct gw_manage *o, json_t *doc, struct error *err)
{
	const char *id;
	json_t *plan, *stage;
	size_t i;
	json_object_foreach(gw_docs(o->g, GW_DOC_PLAN, ""), id, plan)
		json_array_foreach(json_object_get(plan, "apiStages"), i, stage)
			if (sl_eqs(jslice(stage, "apiId"), o->arg[0]))
				return gw_bad(err, "Cannot delete Rest API since it is used by usage plan %s", id);
	return gw_api_clear(o->g, o->arg[0], err);
}

static const struct gw_patch_rule api_rules[] = {
	{ "/name", 'S', "r" }, { "/description", 's', "ar-" }, { "/version", 's', "ar-" }, { "/apiKeySource", 'S', "r" },
	{ "/minimumCompressionSize", 'i', "r" }, { "/disableExecuteApiEndpoint", 'b', "r" }, { "/policy", 's', "r-" },
	{ "/binaryMediaTypes/?", 'l', "ar-" }, { "/endpointConfiguration/ipAddressType", 'S', "r" },
	{ "/endpointConfiguration/vpcEndpointIds/?", 'l', "ar-" }, { "/endpointConfiguration/vpcEndpointIds", 'l', "ar-" },
};
static const char *const api_members[] = { "name", "description", "version", "binaryMediaTypes", "minimumCompressionSize", "apiKeySource", "policy", "tags",
					   "disableExecuteApiEndpoint", NULL };
static const struct gw_kind api = {
	.docs = GW_DOC_API, .account = true, .members = api_members,
	.patch = { GW_PATCH(api_rules) }, .tagged = true, .runs = true, .show = show_api, .change = change_api, .check = check_changed_api, .drop = drop_api,
};

/* ---- import, export ---- */

static struct gw_import_opts read_opts(struct gw_manage *o)
{
	const char *base = gw_query(o, "basepath");
	return (struct gw_import_opts){ !gw_query_is(o, "mode", "overwrite"), base ? base : "ignore", gw_query_is(o, "failonwarnings", "true") };
}

/* AWS doesn't say what is wrong with a document: that is for the log. */
static int read_document(struct gw_manage *o, json_t **out, struct error *err)
{
	int rc = gw_import_parse(o->call->req.body, out, err);
	if (!rc)
		return 0;
	o->note = arena_dup(o->a, sl(err->text));
	return gw_bad(err, GW_BAD_DOCUMENT);
}

static int import(struct gw_manage *o, struct error *err)
{
	struct gw_import_opts opts = read_opts(o);
	const char *types = gw_query(o, "endpointConfigurationTypes"), *title, *id = NULL;
	JSON_AUTO doc = NULL;
	json_t *made;
	int rc = read_document(o, &doc, err);
	if (rc)
		return rc;
	made = json_object();
	gw_mark(o, made);
	if (types)
		json_object_set_new(made, "endpointConfiguration", json_pack("{s:[s],s:s}", "types", types, "ipAddressType", "ipv4"));
	title = jstr(json_object_get(doc, "info"), "title");
	jput(made, "name", title ? title : "");
	opts.merge = false;
	rc = gw_api_make(o->g, o->a, NULL, made, false, &id, err);
	if (!rc)
		rc = gw_import_into(o->g, o->a, id, doc, &opts, err);
	if (!rc)
		o->out = show_api(o, gw_doc(o->g, GW_DOC_API, "", id));
	else if (id && (gw_api_clear(o->g, id, NULL) || gw_doc_drop(o->g, GW_DOC_API, "", id, NULL)))
		o->note = S("an API that couldn't be imported can't be removed");
	return rc;
}

static int op_create(struct gw_manage *o, struct error *err)
{
	return gw_query_is(o, "mode", "import") ? import(o, err) : create(o, err);
}

static int op_put(struct gw_manage *o, struct error *err)
{
	struct gw_import_opts opts = read_opts(o);
	JSON_AUTO doc = NULL;
	int rc = read_document(o, &doc, err);
	if (!rc)
		rc = gw_need_api(o, err);
	if (!rc)
		rc = gw_import_into(o->g, o->a, o->arg[0], doc, &opts, err);
	if (!rc)
		o->out = gw_show(o, gw_doc(o->g, GW_DOC_API, "", o->arg[0]));
	return rc;
}

static int op_export(struct gw_manage *o, struct error *err)
{
	struct slice extensions = http_query(&o->call->req, "extensions");
	bool all = sl_find(extensions, S("apigateway")) >= 0, yaml = sl_find(http_get(&o->call->req, "Accept"), S("yaml")) >= 0, oas30;
	const char *kind = o->arg[2];
	struct buf b = { 0 };
	char *text;
	int rc = gw_need_api(o, err);
	if (rc)
		return rc;
	if (!gw_doc(o->g, GW_DOC_STAGE, o->arg[0], o->arg[1]))
		return gw_missing(err, "Invalid stage identifier specified");
	oas30 = !strcmp(kind, "oas30");
	if (!oas30 && strcmp(kind, "swagger"))
		return gw_bad(err, "No API exporter for type '%s'", kind);
	JSON_AUTO out = gw_export(o->g, o->arg[0], o->arg[1], oas30, all || sl_find(extensions, S("integrations")) >= 0,
				  all || sl_find(extensions, S("authorizers")) >= 0);
	if (yaml && !gw_yaml_write(out, &b))
		rc = gw_bad(err, "The API cannot be written as YAML");
	if (!yaml) {
		text = json_dumps(out, JSON_INDENT(2));
		buf_adds(&b, text);
		free(text);
	}
	o->raw = arena_dup(o->a, buf_slice(&b));
	buf_free(&b);
	o->type = yaml ? "application/yaml" : "application/octet-stream"; /* the latter is recorded */
	http_set(o->call, "Content-Disposition", "attachment; filename=\"%s_%s.%s\"", kind, jstr(json_object_get(out, "info"), "version"), yaml ? "yaml" : "json");
	return rc;
}

/* ---- tags ---- */

/* A document of any kind, by its ARN. */
struct tagged {
	const char *kind, *parent, *id;
	json_t *doc;
};

/* arn:aws:apigateway:REGION::/restapis/ID[/stages/NAME] and /usageplans/ID, /apikeys/ID */
static int find_tagged(struct gw_manage *o, struct tagged *t, struct error *err)
{
	const char *at = strstr(o->arg[0], "::/"), *seg[6];
	const char *region = at ? arena_printf(o->a, "arn:aws:apigateway:%s", o->region).p : "";
	bool of_region = at && sl_eqs(sl_of(o->arg[0], (size_t)(at - o->arg[0])), region);
	size_t n = at ? gw_pointer(o->a, at + 2, seg, ARRAY_LEN(seg)) : 0;
	if (n == 2 && !strcmp(seg[0], "restapis"))
		*t = (struct tagged){ GW_DOC_API, "", seg[1], NULL };
	else if (n == 4 && !strcmp(seg[0], "restapis") && !strcmp(seg[2], "stages"))
		*t = (struct tagged){ GW_DOC_STAGE, seg[1], seg[3], NULL };
	else if (n == 2 && !strcmp(seg[0], "usageplans"))
		*t = (struct tagged){ GW_DOC_PLAN, "", seg[1], NULL };
	else if (n == 2 && !strcmp(seg[0], "apikeys"))
		*t = (struct tagged){ GW_DOC_KEY, "", seg[1], NULL };
	else
		return gw_bad(err, "Invalid ARN specified in the request");
	t->doc = gw_doc(o->g, t->kind, t->parent, t->id);
	return t->doc && of_region && gw_here(o, n == 4 ? gw_doc(o->g, GW_DOC_API, "", t->parent) : t->doc) ? 0 : gw_missing(err, "Invalid resource identifier specified");
}

static int op_tags(struct gw_manage *o, struct error *err)
{
	struct tagged t;
	int rc = find_tagged(o, &t, err);
	if (rc)
		return rc;
	o->out = json_object();
	jcopy(o->out, t.doc, "tags");
	(void)jobj(o->out, "tags");
	return 0;
}

static int op_tag(struct gw_manage *o, struct error *err)
{
	struct tagged t;
	int rc = find_tagged(o, &t, err);
	if (rc)
		return rc;
	json_object_update(jobj(t.doc, "tags"), json_object_get(o->in, "tags"));
	return gw_doc_save(o->g, t.kind, t.parent, t.id, err);
}

static int op_untag(struct gw_manage *o, struct error *err)
{
	struct slice name, value;
	struct tagged t;
	size_t pos = 0;
	int rc = find_tagged(o, &t, err);
	if (rc)
		return rc;
	while (http_query_next(&o->call->req, &pos, &name, &value))
		if (sl_eqs(name, "tagKeys"))
			json_object_del(json_object_get(t.doc, "tags"), arena_cstr(o->a, arena_url_decode(o->a, value, true)));
	return gw_doc_save(o->g, t.kind, t.parent, t.id, err);
}

/* ---- account ---- */

static int find_account(struct gw_manage *o, json_t **out, struct error *err)
{
	json_t *doc = gw_doc(o->g, GW_DOC_ACCOUNT, "", "account");
	*out = doc ? json_incref(doc) : json_pack("{s:{s:i,s:f},s:[s],s:s}", "throttleSettings", "burstLimit", 5000, "rateLimit", 10000.0, "features",
						  "UsagePlans", "apiKeyVersion", "4");
	return 0;
}

static int keep_account(struct gw_manage *o, json_t *doc, json_t *changed, struct error *err)
{
	return gw_doc_put(o->g, GW_DOC_ACCOUNT, "", "account", json_incref(changed), err);
}

static const struct gw_patch_rule account_rules[] = { { "/cloudwatchRoleArn", 's', "ar-" }, { "/features/?", 'l', "ar-" } };
static const struct gw_kind account = { .find = find_account, .keep = keep_account, .patch = { GW_PATCH(account_rules) } };

static const struct gw_row rows[] = {
	{ { "POST", "/restapis", "CreateRestApi", "a new API, or one from OpenAPI", .flags = GW_RAW_IMPORT }, op_create, 201, &api },
	{ { "GET", "/restapis", "GetRestApis", "APIs" }, gw_op_list, 200, &api },
	{ { "GET", "/restapis/{}", "GetRestApi", "one API" }, gw_op_get, 200, &api },
	{ { "PATCH", "/restapis/{}", "UpdateRestApi", "change an API's own members" }, gw_op_update, 200, &api },
	{ { "PUT", "/restapis/{}", "PutRestApi", "import OpenAPI into an API", .flags = GW_RAW }, op_put, 200, &api },
	{ { "DELETE", "/restapis/{}", "DeleteRestApi", "drop an API with all that is its" }, gw_op_delete, 202, &api },
	{ { "GET", "/restapis/{}/stages/{}/exports/{}", "GetExport", "a stage as OpenAPI" }, op_export, 200, NULL },
	{ { "GET", "/tags/{+}", "GetTags", "tags of an ARN" }, op_tags, 200, NULL },
	{ { "PUT", "/tags/{+}", "TagResource", "set tags of an ARN" }, op_tag, 204, NULL },
	{ { "DELETE", "/tags/{+}", "UntagResource", "drop tags of an ARN" }, op_untag, 204, NULL },
	{ { "GET", "/account", "GetAccount", "the account's settings" }, gw_op_get, 200, &account },
	{ { "PATCH", "/account", "UpdateAccount", "change the account's settings" }, gw_op_update, 200, &account },
};
const struct routes gw_api_routes = ROUTES(rows);
