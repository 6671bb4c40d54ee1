/* Documents -> what runs: an API from its snapshot, the stages there are. */
#include "apigateway/model.h"
#include "java/regex.h"
#include "velocity/value.h"

enum { READ_MAX = 64 << 10 }; /* bytes of templates, up to 9 ms */

/* ---- snapshots ---- */

json_t *gw_snapshot(struct gateway *g, const char *api)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "authorizers", json_deep_copy(gw_docs(g, GW_DOC_AUTHORIZER, api)), "api", json_deep_copy(gw_doc(g, GW_DOC_API, "", api)), "resources",
			 json_deep_copy(gw_docs(g, GW_DOC_RESOURCE, api)), "models", json_deep_copy(gw_docs(g, GW_DOC_MODEL, api)), "validators",
			 json_deep_copy(gw_docs(g, GW_DOC_VALIDATOR, api)), "responses", json_deep_copy(gw_docs(g, GW_DOC_RESPONSE, api)));
}

/* ---- mappings ---- */

static struct slice text_of(struct gw_api *api, const json_t *j)
{
	return json_is_string(j) ? arena_dup(&api->arena, json_slice(j)) : sl(NULL);
}

static int bad_mapping(struct slice text, struct error *err)
{
	return err_set(err, ERR_INVALID, "Invalid mapping expression specified: %.*s", SL(text));
}

static int read_params(struct gw_api *api, json_t *o, struct gw_param **out, size_t *n, struct error *err)
{
	const char *key;
	json_t *v;
	*out = arena_alloc(&api->arena, (json_object_size(o) + 1) * sizeof(**out));
	json_object_foreach(o, key, v) {
		struct slice target = arena_dup(&api->arena, sl(key)), source = text_of(api, v);
		struct gw_param *p = &(*out)[*n];
		if (!gw_target_read(target, p))
			return bad_mapping(target, err);
		if (!gw_source_read(source, p))
			return bad_mapping(source, err);
		++*n;
	}
	return 0;
}

static int read_templates(struct gw_api *api, json_t *o, struct gw_template **out, size_t *n, struct error *err)
{
	const char *key;
	json_t *v;
	*out = arena_alloc(&api->arena, (json_object_size(o) + 1) * sizeof(**out));
	json_object_foreach(o, key, v) {
		if (json_is_null(v))
			continue;
		if (!json_is_string(v))
			return err_set(err, ERR_INVALID, "mapping template %s is not a text", key);
		(*out)[*n].type = arena_dup(&api->arena, sl(key));
		(*out)[*n].text = text_of(api, v);
		/* Those of a large API are read when they are needed: all together would hold the loop. */
		api->read_bytes += (*out)[*n].text.n;
		if (api->read_bytes <= READ_MAX)
			gw_template_read(&api->arena, &(*out)[*n]);
		++*n;
	}
	return 0;
}

/* ---- integrations ---- */

static enum gw_convert read_convert(json_t *o)
{
	const char *v = jstr(o, "contentHandling");
	return !v ? GW_CONVERT_NONE : !strcmp(v, "CONVERT_TO_BINARY") ? GW_CONVERT_TO_BINARY : GW_CONVERT_TO_TEXT;
}

static int read_answer(struct gw_api *api, struct gw_integration *in, const char *key, json_t *o, struct error *err)
{
	struct gw_answer *a = &in->answers[in->answer_n];
	const char *pattern = jstr(o, "selectionPattern");
	int64_t code;
	int rc;
	if (!sl_int(sl(key), 100, 599, &code))
		return err_set(err, ERR_INVALID, "Invalid status code in the integration response %s", key);
	a->status = (int)code;
	a->fallback = !pattern || !*pattern;
	a->convert = read_convert(o);
	rc = read_params(api, json_object_get(o, "responseParameters"), &a->params, &a->param_n, err);
	if (!rc)
		rc = read_templates(api, json_object_get(o, "responseTemplates"), &a->templates, &a->template_n, err);
	if (rc)
		return rc;
	if (!a->fallback) {
		a->pattern = arena_dup(&api->arena, sl(pattern));
		if (java_matches(S("200"), a->pattern, false) < 0)
			return err_set(err, ERR_INVALID, "Invalid selection pattern: %s", pattern);
	}
	in->answer_n++;
	return 0;
}

static int read_type(json_t *o, enum gw_type *out, struct error *err)
{
	static const char *const names[] = { "HTTP_PROXY", "HTTP", "MOCK", "AWS", "AWS_PROXY" };
	struct slice t = sl(jstr(o, "type"));
	for (size_t i = 0; t.p && i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(t, sl(names[i]))) {
			*out = (enum gw_type)i;
			return 0;
		}
	return err_set(err, ERR_INVALID, "Enumeration value for Type must be non-empty");
}

static int read_integration(struct gw_api *api, struct gw_integration *in, json_t *o, struct error *err)
{
	json_t *list = json_object_get(o, "integrationResponses"), *timeout = json_object_get(o, "timeoutInMillis"), *v;
	const char *pass = jstr(o, "passthroughBehavior"), *key;
	int rc = read_type(o, &in->type, err);
	in->uri = text_of(api, json_object_get(o, "uri"));
	in->method = text_of(api, json_object_get(o, "httpMethod"));
	in->role = text_of(api, json_object_get(o, "credentials"));
	in->convert = read_convert(o);
	if (!rc)
		rc = read_params(api, json_object_get(o, "requestParameters"), &in->params, &in->param_n, err);
	if (!rc)
		rc = read_templates(api, json_object_get(o, "requestTemplates"), &in->templates, &in->template_n, err);
	if (rc)
		return rc;
	in->passthrough = pass && !strcmp(pass, "NEVER") ? GW_NEVER : pass && !strcmp(pass, "WHEN_NO_TEMPLATES") ? GW_WHEN_NO_TEMPLATES : GW_WHEN_NO_MATCH;
	in->timeout_ms = json_is_integer(timeout) ? json_integer_value(timeout) : GW_TIMEOUT_MS;
	in->answers = arena_alloc(&api->arena, (json_object_size(list) + 1) * sizeof(*in->answers));
	json_object_foreach(list, key, v) {
		rc = read_answer(api, in, key, v, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- methods ---- */

static int read_needs(struct gw_api *api, struct gw_method *m, json_t *doc, struct error *err)
{
	json_t *params = json_object_get(doc, "requestParameters"), *v;
	const char *key;
	m->needs = arena_alloc(&api->arena, (json_object_size(params) + 1) * sizeof(*m->needs));
	json_object_foreach(params, key, v) {
		struct slice target = arena_dup(&api->arena, sl(key));
		if (json_is_true(v) && !gw_target_read(target, &m->needs[m->need_n++]))
			return bad_mapping(target, err);
	}
	return 0;
}

static int read_method(struct gw_api *api, struct gw_node *node, const char *verb, json_t *doc, struct error *err)
{
	enum gw_method_index i = gw_method_of(sl(verb));
	const char *auth = jstr(doc, "authorizationType"), *validator = jstr(doc, "requestValidatorId");
	json_t *in = json_object_get(doc, "methodIntegration");
	json_t *check = validator ? json_object_get(json_object_get(api->doc, "validators"), validator) : NULL;
	struct gw_method *m;
	int rc;
	if (i == GW_METHOD_N)
		return 0;
	m = arena_alloc(&api->arena, sizeof(*m));
	node->methods[i] = m;
	m->key_required = jtrue(doc, "apiKeyRequired");
	m->authorized = auth && strcmp(auth, "NONE") != 0;
	m->iam = auth && !strcmp(auth, "AWS_IAM");
	m->check_params = jtrue(check, "validateRequestParameters");
	m->check_body = jtrue(check, "validateRequestBody");
	m->models = json_object_get(doc, "requestModels");
	if (jstr(doc, "authorizerId"))
		m->authorizer = json_object_get(json_object_get(api->doc, "authorizers"), jstr(doc, "authorizerId"));
	rc = read_needs(api, m, doc, err);
	if (rc || !in)
		return rc;
	m->integrated = true;
	return read_integration(api, &m->in, in, err);
}

static void read_binary(struct gw_api *api, json_t *list)
{
	json_t *v;
	size_t i;
	api->binary = arena_alloc(&api->arena, (json_array_size(list) + 1) * sizeof(*api->binary));
	json_array_foreach(list, i, v)
		api->binary[api->binary_n++] = text_of(api, v);
}

/* Errors: INVALID, LIMIT. */
static int gw_compile(json_t *snapshot, struct gw_api **out, struct error *err)
{
	struct gw_api *api = xcalloc(1, sizeof(*api));
	json_t *doc = json_object_get(snapshot, "api"), *res, *m;
	const char *id, *verb;
	struct gw_node *node;
	struct slice rest;
	int rc;
	api->doc = json_incref(snapshot);
	api->id = text_of(api, json_object_get(doc, "id"));
	api->account = text_of(api, json_object_get(doc, "_home"));
	if (api->account.n)
		sl_cut(api->account, '/', &api->account, &rest);
	api->title = text_of(api, json_object_get(doc, "name"));
	api->closed = jtrue(doc, "disableExecuteApiEndpoint");
	read_binary(api, json_object_get(doc, "binaryMediaTypes"));
	rc = gw_resource(api, S("/"), &node, err);
	json_object_foreach(json_object_get(snapshot, "resources"), id, res) {
		if (!rc)
			rc = gw_resource(api, arena_dup(&api->arena, sl(jstr(res, "path"))), &node, err);
		if (!rc)
			node->id = arena_dup(&api->arena, sl(id));
		json_object_foreach(json_object_get(res, "resourceMethods"), verb, m)
			if (!rc)
				rc = read_method(api, node, verb, m, err);
	}
	if (rc) {
		gw_api_free(api);
		return rc;
	}
	*out = api;
	return 0;
}

int gw_compile_now(struct gateway *g, const char *api, struct gw_api **out, struct error *err)
{
	JSON_AUTO snapshot = gw_snapshot(g, api);
	return gw_compile(snapshot, out, err);
}

/* ---- stages ---- */

struct vtl_pair *gw_pairs(struct arena *a, json_t *texts, size_t *n)
{
	struct vtl_pair *out = arena_alloc(a, (json_object_size(texts) + 1) * sizeof(*out));
	const char *key;
	json_t *v;
	json_object_foreach(texts, key, v)
		if (json_is_string(v))
			out[(*n)++] = (struct vtl_pair){ arena_dup(a, sl(key)), arena_dup(a, json_slice(v)) };
	return out;
}

static struct gw_api *deployed(struct gateway *g, const char *api, const char *deployment)
{
	struct gw_api *out = NULL;
	struct error err;
	if (gw_compile(json_object_get(gw_doc(g, GW_DOC_DEPLOYMENT, api, deployment ? deployment : ""), "_snapshot"), &out, &err)) {
		log_error(g->env, "deploy", "api=%s deployment=%s error=\"%s\"", api, deployment ? deployment : "", err.text);
		return NULL;
	}
	return out;
}

static struct gw_stage *stage_new(struct gateway *g, const char *api, const char *name, json_t *doc)
{
	struct gw_stage *st = xcalloc(1, sizeof(*st));
	json_t *canary = json_object_get(doc, "canarySettings");
	JSON_AUTO vars = json_object();
	st->api_id = arena_dup(&st->arena, sl(api));
	st->name = arena_dup(&st->arena, sl(name));
	st->doc = json_deep_copy(doc);
	st->api = deployed(g, api, jstr(doc, "deploymentId"));
	json_object_update(vars, json_object_get(doc, "variables"));
	st->vars = gw_pairs(&st->arena, vars, &st->var_n);
	if (canary) {
		st->canary = deployed(g, api, jstr(canary, "deploymentId"));
		st->canary_percent = jnum(canary, "percentTraffic");
		json_object_update(vars, json_object_get(canary, "stageVariableOverrides"));
		st->canary_vars = gw_pairs(&st->arena, vars, &st->canary_var_n);
	}
	return st;
}

/* Takes a running stage off its list; NULL: it isn't there. */
static struct gw_stage *take(struct gateway *g, const char *api, const char *name)
{
	struct gw_stage **p = &g->running, *st;
	for (; (st = *p); p = &st->next)
		if (sl_eqs(st->api_id, api) && sl_eqs(st->name, name)) {
			*p = st->next;
			st->next = NULL;
			break;
		}
	return st;
}

/* In the order of the documents. */
void gw_stages(struct gateway *g)
{
	struct gw_stage *list = NULL, **at = &list;
	const char *api, *name;
	json_t *doc, *stage;
	if (!g->stale)
		return;
	json_object_foreach(gw_docs(g, GW_DOC_API, ""), api, doc)
		json_object_foreach(gw_docs(g, GW_DOC_STAGE, api), name, stage) {
			*at = take(g, api, name);
			if (!*at)
				*at = stage_new(g, api, name, stage);
			at = &(*at)->next;
		}
	g->running = list;
	g->stale = false;
}

void gw_changed(struct gateway *g, const char *api)
{
	g->stale = true;
	gw_stages_drop(g, api);
}
