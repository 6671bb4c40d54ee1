/* Adoption (core/adopt.h): an API of an id that the stack lacks is all of the stack's files in one, as users' own APIs are; a stage
 * that the stack's APIs lack is deployed as their first is. */
#include <ctype.h>

#include "apigateway/openapi.h"
#include "core/adopt.h"

#define ADOPTED "adopted" /* _source of an adopted API */
enum { NAME_MAX_BYTES = 63, STAGE_MAX = 128 };

static bool is_name(struct slice s, const char *more, size_t most)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && (!s.p[i] || !strchr(more, s.p[i])))
			return false;
	return s.n && s.n <= most;
}

static int make_api(struct gateway *g, struct arena *a, const char *id, const char *stage, struct error *err)
{
	const char *made;
	json_t *doc;
	int rc = gw_api_make(g, a, id, json_object(), false, &made, err);
	if (!rc)
		rc = gw_files_into(g, a, id, err);
	if (!rc)
		rc = gw_integrated_check(g, id, err);
	if (rc)
		return rc;
	doc = gw_doc(g, GW_DOC_API, "", id);
	jput(doc, "_source", ADOPTED);
	rc = gw_doc_save(g, GW_DOC_API, "", id, err);
	return rc ? rc : gw_deploy(g, a, id, json_object(), stage, NULL, &made, err);
}

/* The first of the stack's own APIs; NULL: it has none. */
static const char *own_api(struct gateway *g)
{
	const char *id;
	json_t *doc;
	json_object_foreach(g->apis, id, doc)
		if (json_object_get(doc, "_source") && !sl_eqs(jslice(doc, "_source"), ADOPTED))
			return id;
	return NULL;
}

static bool adopt_api(struct gateway *g, struct arena *a, const char *id, const char *stage)
{
	const char *like = own_api(g);
	struct error err;
	if (!like || adopt_has(g->env->adopt, "apis", sl(id)) || !adopt_take(g->env->adopt, "apis", sl(id), like))
		return false;
	if (!make_api(g, a, id, stage, &err))
		return true;
	log_warn(g->env, "adopt-failed", "kind=api name=%s error=\"%s\"", id, err.text);
	return false;
}

/* The stage is its API's first, with another name. */
static bool adopt_stage(struct gateway *g, struct arena *a, const char *api, const char *stage)
{
	const char *like = json_object_iter_key(json_object_iter(gw_docs(g, GW_DOC_STAGE, api)));
	const char *name = arena_printf(a, "%s/%s", api, stage).p;
	struct error err;
	if (!like || adopt_has(g->env->adopt, "stages", sl(name)) || !adopt_take(g->env->adopt, "stages", sl(name), like))
		return false;
	json_t *doc = json_deep_copy(gw_doc(g, GW_DOC_STAGE, api, like));
	jput(doc, "stageName", stage);
	gw_changed(g, api);
	if (!gw_doc_put(g, GW_DOC_STAGE, api, stage, doc, &err))
		return true;
	log_warn(g->env, "adopt-failed", "kind=stage name=%s error=\"%s\"", name, err.text);
	return false;
}

/* Whether a call of any API means a stage by the path's first segment: one of the stack's APIs would serve the rest, and none has a
 * resource of that name. */
static bool means_stage(const struct gateway *g, const struct http_req *req, struct slice stage, struct slice path)
{
	struct slice first = arena_printf(req->arena, "/%.*s", SL(stage));
	struct gw_match match;
	bool serves = false;
	for (const struct gw_stage *st = g->running; st; st = st->next) {
		if (st->api && gw_route_owns(st->api, first))
			return false;
		serves |= st->api && gw_route(st->api, req->method, path, &match);
	}
	return serves;
}

static bool adopt(struct gateway *g, const struct http_req *req, struct slice id, struct slice stage, struct slice path)
{
	struct arena *a = req->arena;
	const char *name, *api, *text = arena_cstr(a, stage);
	json_t *doc;
	bool any = false;
	if (!adopt_on(g->env->adopt) || g->large || !is_name(stage, "-_", STAGE_MAX))
		return false;
	if (id.p) {
		name = arena_cstr(a, id);
		doc = json_object_get(g->apis, name);
		if (!doc)
			return is_name(id, "-", NAME_MAX_BYTES) && adopt_api(g, a, name, text);
		return json_object_get(doc, "_source") && !gw_doc(g, GW_DOC_STAGE, name, text) && adopt_stage(g, a, name, text);
	}
	if (!means_stage(g, req, stage, path))
		return false;
	json_object_foreach(g->apis, api, doc)
		if (json_object_get(doc, "_source") && !sl_eqs(jslice(doc, "_source"), ADOPTED))
			any |= adopt_stage(g, a, api, text);
	return any;
}

bool gw_adopt(struct gateway *g, const struct http_req *req, struct slice id, struct slice stage, struct slice path)
{
	bool made = adopt(g, req, id, stage, path);
	if (made)
		gw_stages(g);
	return made;
}
