/* Resources. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"

#define NO_RESOURCE "Invalid Resource identifier specified"

static int by_path(const void *a, const void *b)
{
	json_t *const *x = a, *const *y = b;
	const char *p = jstr(*x, "path"), *q = jstr(*y, "path");
	return strcmp(p ? p : "", q ? q : "");
}

static json_t *child(struct gw_manage *o, const char *parent, const char *part)
{
	const char *id, *p, *s;
	json_t *v;
	json_object_foreach(gw_docs(o->g, K_RESOURCE, o->arg[0]), id, v) {
		p = jstr(v, "parentId");
		s = jstr(v, "pathPart");
		if (p && s && !strcmp(p, parent) && !strcmp(s, part))
			return v;
	}
	return NULL;
}

static bool is_part(const char *s)
{
	size_t n = strlen(s), from = 0, to = n;
	if (n > 2 && s[0] == '{' && s[n - 1] == '}') {
		from = 1;
		to = s[n - 2] == '+' ? n - 2 : n - 1;
	}
	for (size_t i = from; i < to; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:%$,@!", s[i]))
			return false;
	return to > from;
}

/* A variable part may have no variable sibling. */
static int check_part(struct gw_manage *o, json_t *parent, const char *part, const json_t *self, struct error *err)
{
	const char *up = jstr(parent, "pathPart"), *id, *s, *p;
	size_t n = strlen(part), up_n = up ? strlen(up) : 0;
	json_t *v;
	if (!n || !is_part(part))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and "
						      "curly braces at the beginning and the end.");
	if (up_n > 2 && !strcmp(up + up_n - 2, "+}"))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Cannot create a child of a resource with a greedy path variable.");
	json_object_foreach(gw_docs(o->g, K_RESOURCE, o->arg[0]), id, v) {
		p = jstr(v, "parentId");
		s = jstr(v, "pathPart");
		if (v == self || !p || !s || strcmp(p, jstr(parent, "id")))
			continue;
		if (!strcmp(s, part))
			return gw_manage_fail(err, GW_M_CONFLICT, "Another resource with the same parent already has this name: %s", part);
		if (s[0] == '{' && part[0] == '{')
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "A sibling (%s) of this resource already has a variable path part -- only one is allowed", s);
	}
	return 0;
}

static json_t *make(json_t *parent, const char *id, const char *part)
{
	const char *up = jstr(parent, "path");
	char *path = xasprintf("%s/%s", strcmp(up, "/") ? up : "", part);
	json_t *doc = json_pack("{s:s,s:s,s:s,s:s}", "id", id, "parentId", jstr(parent, "id"), "pathPart", part, "path", path);
	free(path);
	return doc;
}

int gw_resource_make(struct gateway *g, struct arena *a, const char *api, struct slice path, const char **out, struct error *err)
{
	struct gw_manage o = { .g = g, .a = a, .arg = { api } };
	const char *id = jstr(gw_doc(g, K_API, "", api), "rootResourceId");
	struct slice seg, rest = path;
	size_t depth = 0;
	int rc;
	if (!path.n || path.p[0] != '/')
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid path %.*s: must begin with a slash", SL(path));
	rest = sl_of(path.p + 1, path.n - 1);
	while (rest.n) {
		json_t *parent = gw_doc(g, K_RESOURCE, api, id), *v;
		const char *part, *made;
		(void)sl_cut(rest, '/', &seg, &rest);
		part = arena_cstr(a, seg);
		if (!seg.n)
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid path %.*s: empty path part", SL(path));
		v = child(&o, id, part);
		if (v) {
			id = jstr(v, "id");
			continue;
		}
		if (++depth > GW_DEPTH_MAX || json_object_size(gw_docs(g, K_RESOURCE, api)) >= GW_RESOURCES_MAX)
			return gw_manage_fail(err, GW_M_LIMIT, "Maximum number of resources for this API has been reached. (%d)", GW_RESOURCES_MAX);
		rc = check_part(&o, parent, part, NULL, err);
		if (!rc)
			rc = gw_doc_id(g, a, K_RESOURCE, 6, false, &made, err);
		if (!rc)
			rc = gw_doc_put(g, K_RESOURCE, api, made, make(parent, made, part), err);
		if (rc)
			return rc;
		id = made;
	}
	*out = id;
	return 0;
}

static json_t *shown(struct gw_manage *o, json_t *doc)
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

static int op_list(struct gw_manage *o, struct error *err)
{
	json_t *docs, *v, *array;
	const char *id;
	size_t n = 0;
	int rc = gw_manage_api(o, &docs, err);
	if (rc)
		return rc;
	docs = gw_docs(o->g, K_RESOURCE, o->arg[0]);
	json_t **rows = arena_alloc(o->a, (json_object_size(docs) + 1) * sizeof(*rows));
	json_object_foreach(docs, id, v)
		rows[n++] = v;
	qsort(rows, n, sizeof(*rows), by_path);
	array = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, shown(o, rows[i]));
	o->out = gw_list_of(o, array);
	return 0;
}

static int op_create(struct gw_manage *o, struct error *err)
{
	json_t *parent, *docs;
	const char *part = gw_str(o, "pathPart"), *id;
	int rc = gw_manage_api(o, &parent, err);
	if (rc)
		return rc;
	parent = gw_doc(o->g, K_RESOURCE, o->arg[0], o->arg[1]);
	if (!parent)
		return gw_manage_fail(err, GW_M_NOT_FOUND, NO_RESOURCE);
	docs = gw_docs(o->g, K_RESOURCE, o->arg[0]);
	if (json_object_size(docs) >= GW_RESOURCES_MAX)
		return gw_manage_fail(err, GW_M_LIMIT, "Maximum number of resources for this API has been reached. (%d)", GW_RESOURCES_MAX);
	rc = check_part(o, parent, part ? part : "", NULL, err);
	if (!rc)
		rc = gw_doc_id(o->g, o->a, K_RESOURCE, 6, false, &id, err);
	if (!rc)
		rc = gw_doc_put(o->g, K_RESOURCE, o->arg[0], id, make(parent, id, part), err);
	if (!rc)
		o->out = shown(o, gw_doc(o->g, K_RESOURCE, o->arg[0], id));
	return rc;
}

static int find(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_RESOURCE, o->arg[0], o->arg[1]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, NO_RESOURCE);
}

static int op_get(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = find(o, &doc, err);
	if (!rc)
		o->out = shown(o, doc);
	return rc;
}

/* Paths of a resource and all below it, after a change of its part or parent. */
static int repath(struct gw_manage *o, json_t *doc, struct error *err)
{
	json_t *parent = gw_doc(o->g, K_RESOURCE, o->arg[0], jstr(doc, "parentId")), *v, *all = gw_docs(o->g, K_RESOURCE, o->arg[0]);
	const char *up = jstr(parent, "path"), *id = jstr(doc, "id"), *key;
	int rc;
	jput(doc, "path", arena_printf(o->a, "%s/%s", strcmp(up, "/") ? up : "", jstr(doc, "pathPart")).p);
	rc = gw_doc_save(o->g, K_RESOURCE, o->arg[0], id, err);
	json_object_foreach(all, key, v) {
		if (rc)
			return rc;
		if (jstr(v, "parentId") && !strcmp(jstr(v, "parentId"), id))
			rc = repath(o, v, err);
	}
	return rc;
}

static int move(struct gw_manage *o, json_t *doc, const char *path, const char *value, struct error *err)
{
	json_t *parent = gw_doc(o->g, K_RESOURCE, o->arg[0], !strcmp(path, "/parentId") ? value : jstr(doc, "parentId"));
	const char *part = !strcmp(path, "/pathPart") ? value : jstr(doc, "pathPart");
	int rc;
	for (json_t *p = parent; p; p = gw_doc(o->g, K_RESOURCE, o->arg[0], jstr(p, "parentId") ? jstr(p, "parentId") : ""))
		if (p == doc)
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Resources cannot be cyclical.");
	if (!parent)
		return gw_manage_fail(err, GW_M_NOT_FOUND, NO_RESOURCE);
	rc = check_part(o, parent, part, doc, err);
	if (rc)
		return rc;
	jput(doc, "pathPart", arena_cstr(o->a, sl(part)));
	jput(doc, "parentId", arena_cstr(o->a, sl(jstr(parent, "id"))));
	return repath(o, doc, err);
}

static int op_update(struct gw_manage *o, struct error *err)
{
	json_t *doc, *ops, *op;
	size_t i;
	int rc = find(o, &doc, err);
	if (!rc)
		rc = patch_check(o, &ops, err);
	if (rc)
		return rc;
	json_array_foreach(ops, i, op) {
		const char *path = jstr(op, "path") ? jstr(op, "path") : "", *value = jstr(op, "value");
		if (strcmp(path, "/pathPart") && strcmp(path, "/parentId"))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path %s", path);
		if (strcmp(jstr(op, "op"), "replace"))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", path, jstr(op, "op"));
		if (!jstr(doc, "parentId"))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Root resource cannot update its %s.", path + 1);
		rc = move(o, doc, path, value ? value : "", err);
		if (rc)
			return rc;
	}
	o->out = shown(o, doc);
	return 0;
}

static int drop(struct gw_manage *o, const char *id, struct error *err)
{
	json_t *all = gw_docs(o->g, K_RESOURCE, o->arg[0]), *v;
	const char *key, **below = arena_alloc(o->a, (json_object_size(all) + 1) * sizeof(*below));
	size_t n = 0;
	int rc = 0;
	json_object_foreach(all, key, v)
		if (jstr(v, "parentId") && !strcmp(jstr(v, "parentId"), id))
			below[n++] = arena_cstr(o->a, sl(key));
	for (size_t i = 0; !rc && i < n; i++)
		rc = drop(o, below[i], err);
	return rc ? rc : gw_doc_drop(o->g, K_RESOURCE, o->arg[0], id, err);
}

static int op_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = find(o, &doc, err);
	if (rc)
		return rc;
	if (!jstr(doc, "parentId"))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Root resource cannot be deleted.");
	return drop(o, o->arg[1], err);
}

const struct gw_row gw_resource_rows[] = {
	{ "GET", "/restapis/{}/resources", "GetResources", op_list, 200 },
	{ "POST", "/restapis/{}/resources/{}", "CreateResource", op_create, 201 },
	{ "GET", "/restapis/{}/resources/{}", "GetResource", op_get, 200 },
	{ "PATCH", "/restapis/{}/resources/{}", "UpdateResource", op_update, 200 },
	{ "DELETE", "/restapis/{}/resources/{}", "DeleteResource", op_delete, 202 },
	{ NULL, NULL, NULL, NULL, 0 },
};
