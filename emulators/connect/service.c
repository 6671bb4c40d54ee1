#include "connect/check.h"
#include "connect/connect.h"

#include "core/adopt.h"
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

/* Whether the connector of that name is another user's: the stack's user stands in what the file says, and not in what was kept. */
static bool of_another_user(const struct connect *k, const char *name, const struct con_config *file)
{
	const struct connector *c = con_find((struct connect *)k, sl(name));
	struct slice user = sl(conf_get(k->env->conf, "stack", "user"));
	for (size_t i = 0; c && user.n && i < file->n; i++) {
		const char *kept = con_get(&c->config, file->pairs[i].key);
		if (sl_find(sl(file->pairs[i].value), user) >= 0 && kept && sl_find(sl(kept), user) < 0)
			return true;
	}
	return false;
}

/* user: whose it is, when it isn't the stack's; it has a name of its own then. */
static char *name_of(const struct connect *k, const struct con_config *c, const char *path, struct slice user)
{
	char *name = stack_name(k, c, path), *own;
	if (!user.p && of_another_user(k, name, c))
		user = sl(conf_get(k->env->conf, "stack", "user"));
	if (!user.p || sl_find(sl(name), user) >= 0)
		return name;
	own = xasprintf("%s-%.*s", name, SL(user));
	free(name);
	return own;
}

static int add_stack_connector(struct connect *k, const char *path, struct slice text, struct slice user, struct error *err)
{
	struct con_config config = { 0 };
	struct arena a = { 0 };
	struct con_judgement j;
	int rc = con_properties(text, &config, err);
	if (!rc) {
		char *name = name_of(k, &config, path, user);
		con_put(&config, S("name"), sl(name));
		const char *class = con_get(&config, "connector.class");
		if (!class || !con_is_sink(class))
			rc = err_set(err, ERR_INVALID, "%s: no connector is called %s", path, class ? class : "(nothing)");
		else if (con_judge(&a, &config, k->plugin, &j), j.error_n)
			rc = err_set(err, ERR_INVALID, "%s: %.*s", path, SL(con_first_error(&j)));
		else if (!con_find(k, sl(name)))
			rc = con_apply(k, sl(name), &config, CON_RUNNING, err);
		free(name);
	}
	arena_free(&a);
	con_config_free(&config);
	return rc;
}

/* A text that doesn't name the stack's user is nobody else's either. */
static int add_for(struct connect *k, const char *path, struct slice text, struct slice user, struct error *err)
{
	struct arena a = { 0 };
	struct slice own = user.p ? adopt_text(&a, k->env->adopt, text, user) : text;
	int rc = user.p && sl_eq(own, text) ? 0 : add_stack_connector(k, path, own, user, err);
	arena_free(&a);
	return rc;
}

/* [connect] properties. user absent: the stack's. */
static int add_connectors(struct connect *k, struct slice user, struct error *err)
{
	struct slice one, rest = sl(k->env->conf ? conf_get(k->env->conf, "connect", "properties") : NULL);
	int rc = 0;
	while (!rc && rest.n) {
		char *text, *path;
		size_t n;
		sl_cut(rest, ',', &one, &rest);
		one = sl_trim(one);
		path = xstrndup(one.p, one.n);
		if (!(rc = stack_read(k->env->files, path, &text, &n, err))) {
			rc = add_for(k, path, sl_of(text, n), user, err);
			free(text);
		}
		free(path);
	}
	return rc;
}

/* Whether both (b NULL: a) read a topic of that user like one of the stack's. */
static bool read_his(struct connect *k, struct connector *a, struct connector *b, struct slice user)
{
	const char *topic, *value;
	struct arena mem = { 0 };
	bool yes = false;
	for (size_t i = 0; !yes && conf_at(k->env->conf, "topics", i, &topic, &value); i++) {
		struct slice his = adopt_text(&mem, k->env->adopt, sl(topic), user);
		yes = !sl_eqs(his, topic) && con_wants_topic(a, his) && (!b || con_wants_topic(b, his));
	}
	arena_free(&mem);
	return yes;
}

/* What sinks the stack's user's topics sinks this one's, unless he has a connector for them. */
static int adopt_user_connectors(void *self, struct slice user, const char *like, struct error *err)
{
	struct connect *k = self;
	for (struct connector *c = k->connectors; c; c = c->next)
		if (read_his(k, c, NULL, user))
			return 0;
	return add_connectors(k, user, err);
}

/* As name_of calls them: "s3-sink-USER" beside the stack's "s3-sink". */
static bool is_adopted(struct connect *k, const struct connector *c, struct slice user)
{
	struct slice name = sl(c->name);
	return sl_ends(name, user) && name.n > user.n + 1 && con_find(k, sl_of(name.p, name.n - user.n - 1));
}

static struct connector *adopted_like(struct connect *k, struct connector *made, struct slice user)
{
	for (struct connector *c = k->connectors; c; c = c->next)
		if (c != made && is_adopted(k, c, user) && read_his(k, c, made, user))
			return c;
	return NULL;
}

void con_instead(struct connect *k, struct connector *made)
{
	struct connector *c;
	const char *user;
	struct error err;
	for (size_t i = 0; (user = adopt_user(k->env->adopt, i)); i++)
		while ((c = adopted_like(k, made, sl(user)))) {
			log_warn(k->env, "adopt", "connector=%s instead=%s", made->name, c->name);
			if (con_delete(k, c, &err)) {
				log_error(k->env, "store-failed", "error=\"%s\"", err.text);
				return;
			}
		}
}

static int start_service(void *self, struct error *err)
{
	struct connect *k = self;
	int rc = con_start(k, err);
	adopt_by(k->env->adopt, &(struct adopt_hook){ "users", adopt_user_connectors, k });
	if (!rc && k->env->conf && sl_chr(sl(conf_get(k->env->conf, "connect", "properties")), ',') >= 0 && conf_get(k->env->conf, "connect", "name"))
		return err_set(err, ERR_INVALID, "stack.conf: [connect] name is for one connector, properties lists several");
	return rc ? rc : add_connectors(k, sl(NULL), err);
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
	{ "connect", "s3.sink", "10.0.3", "which version of Confluent's S3 sink is installed", SETTING_TEXT, "10.0.3|10.5.13" },
	{ NULL },
};

static const struct fault_site faults[] = {
	{ "connect.", FAULT_ERRORS, "error=: a request isn't done, and answers with this status (409: it is rebalancing)" },
	{ NULL },
};

const struct service connect_service = {
	.name = "connect",
	.faults = faults,
	.doc = "Kafka Connect worker with the S3 sink connector",
	.settings = settings,
	.port = 8083,
	.endpoint = "connect",
	.prefix = { "/connectors" },
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
	.look = con_look,
	.close = con_close,
};
