/* Resources. */
#include "apigateway/manage.h"

static json_t *show(struct gw_manage *o, const json_t *doc)
{
	json_t *out = gw_shown(doc), *methods = json_object_get(out, "resourceMethods"), *v;
	struct slice name, value;
	const char *key;
	size_t pos = 0;
	while (http_query_next(&o->call->req, &pos, &name, &value))
		if (sl_eqs(name, "embed") && sl_starts(value, S("methods")))
			return out;
	json_object_foreach(methods, key, v)
		json_object_set_new(methods, key, json_object());
	if (methods && !json_object_size(methods))
		json_object_del(out, "resourceMethods");
	return out;
}

static int op_create(struct gw_manage *o, struct error *err)
{
	const char *part = gw_str(o, "pathPart"), *id;
	JSON_AUTO parent = NULL;
	int rc = gw_need_api(o, err);
	if (!rc)
		rc = gw_find(o, &parent, err);
	if (!rc)
		rc = gw_resource_add(o->g, o->a, o->arg[0], parent, part ? part : "", &id, err);
	if (!rc)
		o->out = show(o, gw_doc(o->g, GW_DOC_RESOURCE, o->arg[0], id));
	return rc;
}

/* Paths of a resource and all below it, after a change of its part or parent. */
static int repath(struct gw_manage *o, json_t *doc, struct error *err)
{
	json_t *parent = gw_doc(o->g, GW_DOC_RESOURCE, o->arg[0], jstr(doc, "parentId")), *v;
	const char *id = jstr(doc, "id"), *key;
	int rc;
	jput(doc, "path", gw_resource_path(o->a, parent, jstr(doc, "pathPart")));
	rc = gw_doc_save(o->g, GW_DOC_RESOURCE, o->arg[0], id, err);
	json_object_foreach(gw_docs(o->g, GW_DOC_RESOURCE, o->arg[0]), key, v) {
		if (rc)
			return rc;
		if (sl_eqs(jslice(v, "parentId"), id))
			rc = repath(o, v, err);
	}
	return rc;
}

static int move(struct gw_manage *o, json_t *doc, const struct gw_change *c, struct error *err)
{
	const char *value = c->value ? c->value : "", *part = !strcmp(c->path, "/pathPart") ? value : jstr(doc, "pathPart");
	json_t *parent = gw_doc(o->g, GW_DOC_RESOURCE, o->arg[0], !strcmp(c->path, "/parentId") ? value : jstr(doc, "parentId"));
	int rc;
	for (json_t *p = parent; p; p = jstr(p, "parentId") ? gw_doc(o->g, GW_DOC_RESOURCE, o->arg[0], jstr(p, "parentId")) : NULL)
		if (p == doc)
			return gw_bad(err, "Resources cannot be cyclical.");
	if (!parent)
		return gw_missing(err, "Invalid Resource identifier specified");
	rc = gw_part_check(o->g, o->arg[0], parent, part, doc, err);
	if (rc)
		return rc;
	jput(doc, "pathPart", arena_cstr(o->a, sl(part)));
	jput(doc, "parentId", arena_cstr(o->a, sl(jstr(parent, "id"))));
	return repath(o, doc, err);
}

/* Moves as it reads: what a later operation refuses leaves the earlier ones done. */
static int op_update(struct gw_manage *o, struct error *err)
{
	struct gw_change *c;
	JSON_AUTO doc = NULL;
	size_t n;
	int rc = gw_find(o, &doc, err);
	if (!rc)
		rc = gw_changes(o, &c, &n, err);
	for (size_t i = 0; !rc && i < n; i++, c++) {
		if (strcmp(c->path, "/pathPart") && strcmp(c->path, "/parentId"))
			return gw_bad(err, "Invalid patch path  '%s' specified for op '%s'. %s", c->path, c->op,
				      strcmp(c->op, "replace") ? "Please choose supported operations" : "Must be one of: [/parentId, /pathPart]");
		if (strcmp(c->op, "replace"))
			return gw_bad(err, "Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", c->path, c->op);
		if (!jstr(doc, "parentId"))
			return gw_bad(err, "Root resource cannot update its %s.", c->path + 1);
		rc = move(o, doc, c, err);
	}
	if (!rc)
		o->out = show(o, doc);
	return rc;
}

static int drop_below(struct gw_manage *o, const char *id, struct error *err)
{
	json_t *all = gw_docs(o->g, GW_DOC_RESOURCE, o->arg[0]), *v;
	const char *key, **below = arena_alloc(o->a, (json_object_size(all) + 1) * sizeof(*below));
	size_t n = 0;
	int rc = 0;
	json_object_foreach(all, key, v)
		if (sl_eqs(jslice(v, "parentId"), id))
			below[n++] = arena_cstr(o->a, sl(key));
	for (size_t i = 0; !rc && i < n; i++) {
		rc = drop_below(o, below[i], err);
		if (!rc)
			rc = gw_doc_drop(o->g, GW_DOC_RESOURCE, o->arg[0], below[i], err);
	}
	return rc;
}

static int drop(struct gw_manage *o, json_t *doc, struct error *err)
{
	if (!jstr(doc, "parentId"))
		return gw_bad(err, "Root resource cannot be deleted.");
	return drop_below(o, o->arg[1], err);
}

static const struct gw_kind resource = {
	.docs = GW_DOC_RESOURCE, .missing = "Invalid Resource identifier specified", .order = "path", .show = show, .drop = drop,
};
static const struct gw_row rows[] = {
	{ { "GET", "/restapis/{}/resources", "GetResources", "resources of an API" }, gw_op_list, 200, &resource },
	{ { "POST", "/restapis/{}/resources/{}", "CreateResource", "a new resource below one" }, op_create, 201, &resource },
	{ { "GET", "/restapis/{}/resources/{}", "GetResource", "one resource" }, gw_op_get, 200, &resource },
	{ { "PATCH", "/restapis/{}/resources/{}", "UpdateResource", "rename or move a resource" }, op_update, 200, &resource },
	{ { "DELETE", "/restapis/{}/resources/{}", "DeleteResource", "drop a resource with those below it" }, gw_op_delete, 202, &resource },
};
const struct routes gw_resource_routes = ROUTES(rows);
