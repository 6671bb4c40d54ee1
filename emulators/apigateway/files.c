/* The stack's files: OpenAPI exports named in [apigateway], imported and deployed once. */
#include "apigateway/openapi.h"
#include "core/sigv4.h"
#include "core/text.h"

/* The next of a list "a, b"; NULL at its end. */
static const char *next(struct arena *a, struct slice *rest)
{
	struct slice one;
	while (rest->p) {
		(void)sl_cut(*rest, ',', &one, rest);
		if (sl_trim(one).n)
			return arena_cstr(a, sl_trim(one));
	}
	return NULL;
}

/* With the variables of [apigateway.stage.S]. */
static int deploy(struct gateway *g, struct arena *a, const char *api, const char *stage, struct error *err)
{
	const char *section = arena_printf(a, "apigateway.stage.%s", stage).p, *key, *value, *id;
	JSON_AUTO vars = json_object();
	for (size_t i = 0; conf_at(g->env->conf, section, i, &key, &value); i++)
		jput(vars, key, value);
	return gw_deploy(g, a, api, json_object(), stage, json_object_size(vars) ? vars : NULL, &id, err);
}

static const char *sum_of(struct arena *a, struct slice text, const char *stages)
{
	struct slice all = arena_printf(a, "%.*s %s", SL(text), stages);
	char *hex = arena_alloc(a, 65);
	uint8_t h[32];
	hash_sha256(all.p, all.n, h);
	hex_text(h, sizeof(h), hex);
	return hex;
}

/* A file that was imported before and hasn't changed leaves what the management API made of it. */
static int import_text(struct gateway *g, struct arena *a, struct slice text, const char *stages, struct error *err)
{
	static const struct gw_import_opts opts = { .merge = false, .basepath = "ignore" };
	const char *sum = sum_of(a, text, stages), *id, *stage;
	struct slice rest = sl(stages);
	struct gw_api *probe;
	JSON_AUTO doc = NULL;
	json_t *api;
	int rc = gw_import_parse(text, &doc, err);
	if (rc)
		return rc;
	id = gw_import_id(a, doc);
	api = gw_doc(g, GW_DOC_API, "", id);
	if (sl_eqs(jslice(api, "_source"), sum))
		return 0;
	if (!api)
		rc = gw_api_make(g, a, id, json_object(), false, &id, err);
	if (!rc)
		rc = gw_import_into(g, a, id, doc, &opts, err);
	if (!rc)
		rc = gw_integrated_check(g, id, err);
	if (!rc)
		rc = gw_compile_now(g, id, &probe, err);
	if (rc)
		return rc;
	gw_api_free(probe);
	jput(gw_doc(g, GW_DOC_API, "", id), "_source", sum);
	rc = gw_doc_save(g, GW_DOC_API, "", id, err);
	while (!rc && (stage = next(a, &rest)))
		rc = deploy(g, a, id, stage, err);
	if (!rc)
		log_info(g->env, "import", "api=%s resources=%zu stages=%s", id, json_object_size(gw_docs(g, GW_DOC_RESOURCE, id)), stages);
	return rc;
}

/* name: of api.NAME; NULL: of api. */
static int import_file(void *arg, struct arena *a, const char *name, const char *file, struct error *err)
{
	struct gateway *g = arg;
	const struct conf *conf = g->env->conf;
	const char *stages = conf_str(conf, "apigateway", "stages", "prod");
	struct error why;
	char *text;
	size_t n;
	int rc;
	if (name)
		stages = conf_str(conf, "apigateway", arena_printf(a, "stages.%s", name).p, stages);
	rc = stack_read(g->env->files, file, &text, &n, err);
	if (rc)
		return rc;
	rc = import_text(g, a, sl_of(text, n), stages, &why);
	free(text);
	return rc ? err_set(err, rc, "apigateway: %s: %.900s", file, why.text) : 0;
}

static int each_file(struct gateway *g, struct arena *a, int (*fn)(void *arg, struct arena *a, const char *name, const char *file, struct error *err),
		     void *arg, struct error *err)
{
	const char *key, *value, *file;
	int rc = 0;
	for (size_t i = 0; !rc && conf_at(g->env->conf, "apigateway", i, &key, &value); i++) {
		const char *name = !strncmp(key, "api.", 4) ? key + 4 : NULL;
		struct slice rest = name || !strcmp(key, "api") ? sl(value) : sl(NULL);
		while (!rc && (file = next(a, &rest)))
			rc = fn(arg, a, name, file, err);
	}
	return rc;
}

int gw_files_import(struct gateway *g, struct error *err)
{
	struct arena a = { 0 };
	int rc = each_file(g, &a, import_file, g, err);
	arena_free(&a);
	return rc;
}

struct into {
	struct gateway *g;
	const char *id;
};

static int add_file(void *arg, struct arena *a, const char *name, const char *file, struct error *err)
{
	static const struct gw_import_opts opts = { .merge = true, .basepath = "ignore" };
	const struct into *to = arg;
	JSON_AUTO doc = NULL;
	char *text;
	size_t n;
	int rc = stack_read(to->g->env->files, file, &text, &n, err);
	if (rc)
		return rc;
	rc = gw_import_parse(sl_of(text, n), &doc, err);
	free(text);
	return rc ? rc : gw_import_into(to->g, a, to->id, doc, &opts, err);
}

int gw_files_into(struct gateway *g, struct arena *a, const char *id, struct error *err)
{
	struct into to = { g, id };
	return each_file(g, a, add_file, &to, err);
}
