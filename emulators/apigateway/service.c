/* API Gateway as a service: the configured APIs, imported once, behind one listener. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/apigateway.h"

static void read_stages(struct agw_api *api, const char *list)
{
	struct slice rest = sl(list), one;

	while (rest.p && api->stage_n < AGW_STAGES_MAX) {
		(void)sl_cut(rest, ',', &one, &rest);
		one = sl_trim(one);
		if (one.n)
			api->stages[api->stage_n++] = arena_dup(&api->arena, one);
	}
}

/* name: what follows "api." in the key, or NULL. */
static int import_file(struct agw *g, const char *name, const char *path, struct error *err)
{
	const struct conf *conf = g->env->conf;
	const char *stages = conf_str(conf, "apigateway", "stages", "prod");
	struct agw_api *api;
	struct error why;
	char *text, *key;
	size_t n;
	int r;

	if (g->api_n == AGW_APIS_MAX)
		return err_set(err, ERR_LIMIT, "apigateway: more than %d APIs", AGW_APIS_MAX);
	r = stack_read(g->env->files, path, &text, &n, err);
	if (r)
		return r;
	r = agw_import(sl_of(text, n), &api, &why);
	free(text);
	if (r)
		return err_set(err, r, "apigateway: %s: %.900s", path, why.text);
	if (name) {
		key = xasprintf("stages.%s", name);
		stages = conf_str(conf, "apigateway", key, stages);
		free(key);
	}
	read_stages(api, stages);
	g->apis[g->api_n++] = api;
	log_info(g->env, "import", "api=%.*s file=%s resources=%zu stages=%s", SL(api->id), path, api->resource_n, stages);
	return 0;
}

static void agw_close(void *self)
{
	struct agw *g = self;

	agw_wait_free_all(g);
	for (size_t i = 0; i < g->api_n; i++)
		agw_api_free(g->apis[i]);
	g->api_n = 0;
}

static int agw_open(void *self, const struct env *env, struct error *err)
{
	struct agw *g = self;
	const char *key, *value;
	int r;

	g->env = env;
	for (size_t i = 0; conf_at(env->conf, "apigateway", i, &key, &value); i++) {
		const char *name = !strncmp(key, "api.", 4) ? key + 4 : NULL;

		if (!name && strcmp(key, "api"))
			continue;
		r = import_file(g, name, value, err);
		if (r) {
			agw_close(g);
			return r;
		}
	}
	return 0;
}

static void on_http(void *self, struct http_call *call)
{
	agw_invoke(self, call);
}

static void on_too_large(void *self, struct http_call *call)
{
	agw_too_large(self, call);
}

const struct service apigateway_service = {
	.name = "apigateway",
	.doc = "API Gateway: REST APIs from their OpenAPI exports",
	.port = 4570,
	.endpoint = "apigateway",
	.size = sizeof(struct agw),
	.body_max = AGW_BODY_MAX,
	.open = agw_open,
	.http = on_http,
	.http_too_large = on_too_large,
	.close = agw_close,
};
