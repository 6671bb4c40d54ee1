#include "connect/connect.h"

#include "core/identities.h"

/* Name of the stack's connector: [connect] name, its own `name`, or the file's stem. */
static char *stack_name(const struct connect *k, const struct con_config *c, const char *path)
{
	const char *own = con_get(c, "name"), *base = strrchr(path, '/');
	const char *name = conf_get(k->env->conf, "connect", "name");
	base = base ? base + 1 : path;
	if (name || own)
		return xstrdup(name ? name : own);
	const char *dot = strrchr(base, '.');
	return xstrndup(base, dot ? (size_t)(dot - base) : strlen(base));
}

static int add_stack_connector(struct connect *k, const char *path, struct slice text, struct error *err)
{
	struct con_config config = { 0 };
	struct arena a = { 0 };
	struct con_problem problems[128];
	int rc = con_properties(text, &config, err);
	if (!rc) {
		char *name = stack_name(k, &config, path);
		con_put(&config, S("name"), sl(name));
		size_t n = con_validate(&a, &config, problems);
		const char *class = con_get(&config, "connector.class");
		if (!class || !con_is_sink(class))
			rc = err_set(err, ERR_INVALID, "%s: no connector is called %s", path, class ? class : "(nothing)");
		else if (n)
			rc = err_set(err, ERR_INVALID, "%s: %.*s", path, SL(problems[0].text));
		else if (!con_find(k, sl(name)))
			rc = con_apply(k, sl(name), &config, CON_RUNNING, err);
		free(name);
	}
	arena_free(&a);
	con_config_free(&config);
	return rc;
}

static int start_service(void *self, struct error *err)
{
	struct connect *k = self;
	struct slice one, rest = sl(k->env->conf ? conf_get(k->env->conf, "connect", "properties") : NULL);
	int rc = con_start(k, err);
	if (!rc && sl_chr(rest, ',') >= 0 && conf_get(k->env->conf, "connect", "name"))
		return err_set(err, ERR_INVALID, "stack.conf: [connect] name is for one connector, properties lists several");
	while (!rc && rest.n) {
		char *text, *path;
		size_t n;
		sl_cut(rest, ',', &one, &rest);
		one = sl_trim(one);
		path = xstrndup(one.p, one.n);
		if (!(rc = stack_read(k->env->files, path, &text, &n, err))) {
			rc = add_stack_connector(k, path, sl_of(text, n), err);
			free(text);
		}
		free(path);
	}
	return rc;
}

/* As the worker's BasicAuthSecurityRestExtension. */
static bool con_admit(const struct conf *conf, struct http_call *call)
{
	if (identity_of_call(conf, call) == IDENTITY_OK)
		return true;
	call->op = "Unauthorized";
	http_reply(call, 401, "text/plain", S("User cannot access the resource."));
	return false;
}

static const struct setting settings[] = {
	{ "connect", "properties", NULL, "connectors that run from the start: .properties files of the stack, a, b" },
	{ "connect", "name", NULL, "the name of the only one; without it the one in the file, or the file's" },
	{ NULL },
};

const struct service connect_service = {
	.name = "connect",
	.doc = "Kafka Connect worker with the S3 sink connector",
	.settings = settings,
	.port = 8083,
	.endpoint = "connect",
	.size = sizeof(struct connect),
	.body_max = 1 << 20,
	.open = con_open,
	.start = start_service,
	.routes = { &con_routes },
	.admit = con_admit,
	.http = con_http,
	.full = { 500, "application/json",
		  "{\"error_code\":500,\"message\":\"Disk error when trying to access log file on the disk.\"}" },
	.db = offsetof(struct connect, db),
	.busy = con_busy,
	.close = con_close,
};
