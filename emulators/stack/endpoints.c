#include "stack/endpoints.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/identities.h"
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

void endpoints_environment(const char *(*endpoint)(const void *of, const char *key), const void *of, const char *database, const char *region,
			   void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
	static const struct {
		const char *name, *key, *suffix;
	} rows[] = {
		{ "AWS_ENDPOINT_URL", "aws", "" },
		{ "KAFKA_BOOTSTRAP_SERVERS", "kafka", "" },
		{ "TARN_RDS", "rds", "" },
		{ "TARN_KAFKA", "kafka", "" },
		{ "TARN_REST", "rest", "" },
		{ "TARN_CONNECT", "connect", "" },
		{ "TARN_AWS", "aws", "" },
		{ "TARN_APIGATEWAY", "apigateway", "" },
		{ "TARN_INVOKE_URL", "apigateway", "/prod" },
		{ "TARN_CONTROL", "control", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *address = endpoint(of, rows[i].key);
		if (!address)
			continue;
		char *value = xasprintf("%s%s", address, rows[i].suffix);
		fn(arg, rows[i].name, value);
		free(value);
	}
	const char *rds = endpoint(of, "rds");
	if (rds) {
		struct slice host, port;
		sl_cut(sl(rds), ':', &host, &port);
		char *h = xstrndup(host.p, host.n);
		char *url = xasprintf("mysql+pymysql://student:student@%s/%s?charset=utf8mb4", rds, database);
		fn(arg, "MYSQL_HOST", h);
		fn(arg, "MYSQL_TCP_PORT", port.p);
		fn(arg, "DATABASE_URL", url);
		free(h);
		free(url);
	}
	fn(arg, "AWS_ACCESS_KEY_ID", "test");
	fn(arg, "AWS_SECRET_ACCESS_KEY", "test");
	fn(arg, "AWS_DEFAULT_REGION", region);
}

static const char *from_server(const void *s, const char *key)
{
	return server_endpoint(s, key);
}

static void put(void *arg, const char *name, const char *value)
{
	setenv(name, value, 1);
}

void endpoints_export(struct server *s, const char *file)
{
	const struct conf *conf = server_env(s)->conf;
	struct identity id;
	endpoints_environment(from_server, s, conf_get(server_env(s)->conf, "rds", "database"), identities_region(conf), put, NULL);
	put(NULL, "TARN_ENDPOINTS", file);
	if (!identities_on(conf) || !identity_at(conf, 0, &id))
		return;
	put(NULL, "TARN_TOKEN", identities_token(conf));
	put(NULL, "AWS_ACCESS_KEY_ID", id.key.p);
	put(NULL, "AWS_SECRET_ACCESS_KEY", id.secret.p);
	if (id.session.p)
		put(NULL, "AWS_SESSION_TOKEN", id.session.p);
}
