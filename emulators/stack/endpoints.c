#include "stack/endpoints.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/identities.h"
#include "stack/environment.h"

/* mode: who may read it, before umask. */
static int write_whole(const char *path, mode_t mode, struct slice text, struct error *err)
{
	char *tmp = xasprintf("%s.%d", path, (int)getpid());
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool good = f && fwrite(text.p, 1, text.n, f) == text.n;
	if (f && fclose(f))
		good = false;
	good = good && rename(tmp, path) == 0;
	free(tmp);
	return good ? 0 : err_set(err, ERR_STORE, "can't write %s: %s", path, strerror(errno));
}

static int write_in(const char *data, const char *name, mode_t mode, struct slice text, struct error *err)
{
	char *path = xasprintf("%s/%s", data, name);
	int rc = write_whole(path, mode, text, err);
	free(path);
	return rc;
}

int endpoints_write(struct server *s, const char *data, const char *file, struct error *err)
{
	const char *token = identities_token(server_env(s)->conf);
	struct buf b = { 0 };
	char pid[16];
	int rc = 0;
	server_endpoints_json(s, &b, NULL);
	buf_addc(&b, '\n');
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (data && token)
		rc = write_in(data, "token", 0600, sl(token), err);
	if (data && !rc && !(rc = write_in(data, "pid", 0666, sl(pid), err)))
		rc = write_in(data, "endpoints.json", 0666, buf_slice(&b), err);
	if (!rc && file)
		rc = write_whole(file, 0666, buf_slice(&b), err);
	buf_free(&b);
	return rc;
}

void endpoints_remove(const char *data)
{
	static const char *const names[] = { "endpoints.json", "pid", "token" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = xasprintf("%s/%s", data, names[i]);
		(void)unlink(path);
		free(path);
	}
}

char *endpoints_stage(const struct conf *conf)
{
	struct slice stage, rest;
	sl_cut(sl(conf_str(conf, "apigateway", "stages", "prod")), ',', &stage, &rest);
	return xstrndup(stage.p, stage.n);
}

static const char *from_server(const void *s, const char *key)
{
	return server_endpoint(s, key);
}

static void put(void *arg, const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

void endpoints_variables(struct server *s, void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
	const struct conf *conf = server_env(s)->conf;
	struct identity id = { .key = S("test"), .secret = S("test") };
	char *stage = endpoints_stage(conf);
	struct environment e = { .endpoint = from_server, .of = s, .database = conf_get(conf, "rds", "database"), .stage = stage,
				 .region = identities_region(conf), .token = identities_on(conf) ? identities_token(conf) : NULL };
	if (identities_on(conf))
		(void)identity_at(conf, 0, &id);
	e.key = id.key.p;
	e.secret = id.secret.p;
	e.session = id.session.p;
	environment_each(&e, fn, arg);
	free(stage);
}

/* With the first identity where auth is on. */
static void each(struct server *s, void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
	const struct conf *conf = server_env(s)->conf;
	struct identity id = { .key = S("test"), .secret = S("test") };
	char *stage = endpoints_stage(conf);
	struct environment e = { .endpoint = from_server, .of = s, .database = conf_get(conf, "rds", "database"), .stage = stage,
				 .region = identities_region(conf), .token = identities_on(conf) ? identities_token(conf) : NULL };
	if (identities_on(conf))
		(void)identity_at(conf, 0, &id);
	e.key = id.key.p;
	e.secret = id.secret.p;
	e.session = id.session.p;
	environment_each(&e, fn, arg);
	free(stage);
}

void endpoints_export(struct server *s, const char *file)
{
	each(s, put, NULL);
	put(NULL, "TARN_ENDPOINTS", file);
}

struct list {
	char **at;
	size_t n;
};

static void append(void *arg, const char *name, const char *value)
{
	struct list *l = arg;
	l->at = xrealloc(l->at, (l->n + 2) * sizeof(*l->at));
	l->at[l->n++] = xasprintf("%s=%s", name, value ? value : "");
	l->at[l->n] = NULL;
}

char **endpoints_list(struct server *s)
{
	struct list l = { xcalloc(1, sizeof(*l.at)), 0 };
	each(s, append, &l);
	return l.at;
}

void endpoints_list_free(char **list)
{
	for (size_t i = 0; list[i]; i++)
		free(list[i]);
	free(list);
}
