/* VPC links (kept, never used: there is no VPC here) and the import of documentation parts. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"

#define K_LINK "vpclink"

static int find_link(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_LINK, "", o->arg[0]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Vpc Link identifier specified");
}

static int op_create(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "name", "description", "targetArns", "tags" };
	const char *name = gw_str(o, "name"), *id;
	json_t *doc, *arn;
	size_t i;
	int rc;
	if (!name || !*name)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Name cannot be empty");
	json_array_foreach(json_object_get(o->in, "targetArns"), i, arn)
		if (!sl_starts(sl(json_string_value(arn)), S("arn:")))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid ARN. ARN is not well formed %s", json_string_value(arn) ? json_string_value(arn) : "null");
	rc = gw_doc_id(o->g, o->a, K_LINK, 6, false, &id, err);
	if (rc)
		return rc;
	doc = json_pack("{s:s,s:s}", "id", id, "status", "AVAILABLE");
	gw_copy(o, doc, names, ARRAY_LEN(names));
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, K_LINK, "", id, doc, err);
}

static int op_list(struct gw_manage *o, struct error *err)
{
	(void)err;
	o->out = gw_list(o, gw_docs(o->g, K_LINK, ""));
	return 0;
}

static int op_get(struct gw_manage *o, struct error *err)
{
	return gw_show(o, find_link, err);
}

static int op_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = { { "/name", 'S', "r" }, { "/description", 's', "ar-" } };
	json_t *doc;
	int rc = find_link(o, &doc, err);
	if (!rc)
		rc = patch_apply(o, doc, rules, ARRAY_LEN(rules), NULL, err);
	if (rc)
		return rc;
	o->out = gw_shown(doc);
	return gw_doc_save(o->g, K_LINK, "", o->arg[0], err);
}

static int op_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = find_link(o, &doc, err);
	return rc ? rc : gw_doc_drop(o->g, K_LINK, "", o->arg[0], err);
}

/* {"documentationParts": [{"location": {}, "properties": {}}]}, or an OpenAPI document's x-amazon-apigateway-documentation. */
static int op_import_parts(struct gw_manage *o, struct error *err)
{
	struct slice body = o->call->req.body;
	const char *mode = gw_query(o, "mode"), *id;
	JSON_AUTO doc = body.n ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	json_t *list, *part, *ids, *api;
	size_t i;
	int rc = gw_manage_api(o, &api, err);
	if (rc)
		return rc;
	if (!doc && body.n)
		doc = gw_yaml(body);
	list = json_object_get(doc, "documentationParts");
	if (!list)
		list = json_object_get(json_object_get(doc, "x-amazon-apigateway-documentation"), "documentationParts");
	if (!json_is_array(list))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Unable to build importer with provided input.");
	if (mode && !strcmp(mode, "overwrite"))
		rc = gw_doc_drop_all(o->g, K_PART, o->arg[0], err);
	ids = json_array();
	o->out = json_pack("{s:o,s:[]}", "ids", ids, "warnings");
	json_array_foreach(list, i, part) {
		json_t *properties = json_object_get(part, "properties"), *kept;
		if (!rc)
			rc = gw_doc_id(o->g, o->a, K_PART, 6, false, &id, err);
		if (rc)
			return rc;
		kept = json_pack("{s:s,s:O}", "id", id, "location", json_object_get(part, "location") ? json_object_get(part, "location") : json_null());
		if (json_is_string(properties)) {
			json_object_set(kept, "properties", properties);
		} else {
			char *text = json_dumps(properties, JSON_COMPACT);
			jput(kept, "properties", text ? text : "{}");
			free(text);
		}
		json_array_append_new(ids, json_string(id));
		rc = gw_doc_put(o->g, K_PART, o->arg[0], id, kept, err);
	}
	return rc;
}

const struct gw_row gw_link_rows[] = {
	{ "POST", "/vpclinks", "CreateVpcLink", op_create, 202 },
	{ "GET", "/vpclinks", "GetVpcLinks", op_list, 200 },
	{ "GET", "/vpclinks/{}", "GetVpcLink", op_get, 200 },
	{ "PATCH", "/vpclinks/{}", "UpdateVpcLink", op_update, 200 },
	{ "DELETE", "/vpclinks/{}", "DeleteVpcLink", op_delete, 202 },
	{ "PUT", "/restapis/{}/documentation/parts", "ImportDocumentationParts", op_import_parts, 200 },
	{ NULL, NULL, NULL, NULL, 0 },
};
