#include "stack/environment.h"

#include <stdlib.h>

extern char **environ;

/* From an endpoint's address with text behind it, from a member of struct environment, or just the text. */
struct variable {
	const char *name, *endpoint, *text;
	size_t member; /* 0 is endpoint(), which no variable shows */
};
#define MEMBER(m) .member = offsetof(struct environment, m)

static const struct variable variables[] = {
	{ "AWS_ENDPOINT_URL", "aws", "" },
	/* cdklocal refuses the one above without this one; the others stand for whoever reads only those of its service. */
	{ "AWS_ENDPOINT_URL_S3", "aws", "" },
	{ "AWS_ENDPOINT_URL_KINESIS", "aws", "" },
	{ "AWS_ENDPOINT_URL_API_GATEWAY", "aws", "" },
	{ "AWS_ENDPOINT_URL_MWAA", "aws", "" },
	{ "AWS_ENDPOINT_URL_STS", "aws", "" },
	{ "AWS_ACCESS_KEY_ID", MEMBER(key) },
	{ "AWS_SECRET_ACCESS_KEY", MEMBER(secret) },
	{ "AWS_SESSION_TOKEN", MEMBER(session) },
	{ "AWS_DEFAULT_REGION", MEMBER(region) },
	{ "AWS_REGION", MEMBER(region) }, /* SDKs of JavaScript, Go, Rust, Java */
	/* No api.127.0.0.1 of MWAA; no question to the metadata service of a machine that isn't EC2. */
	{ "AWS_DISABLE_HOST_PREFIX_INJECTION", .text = "true" },
	{ "AWS_EC2_METADATA_DISABLED", .text = "true" },
	{ "LOCALSTACK_HOST", "aws", "" }, /* awslocal */
	{ "S3_HOSTNAME", "aws", "" },     /* tflocal, which would ask DNS for s3.localhost.localstack.cloud */
	{ "KAFKA_BOOTSTRAP_SERVERS", "kafka", "" },
	{ "DATABRICKS_HOST", "lake", "" },
	{ "TARN_RDS", "rds", "" },
	{ "TARN_KAFKA", "kafka", "" },
	{ "TARN_REST", "rest", "" },
	{ "TARN_CONNECT", "connect", "" },
	{ "TARN_AWS", "aws", "" },
	{ "TARN_APIGATEWAY", "apigateway", "" },
	{ "TARN_INVOKE_URL", "apigateway", "/" },
	{ "TARN_LAKE", "lake", "" },
	{ "TARN_AIRFLOW", "airflow", "" },
	{ "TARN_CONTROL", "control", "" },
	{ "TARN_TOKEN", MEMBER(token) },
};
/* Made of more than one thing. */
static const char *const made[] = { "MYSQL_HOST", "MYSQL_TCP_PORT", "DATABASE_URL", "DATABRICKS_TOKEN", "NO_PROXY", "no_proxy" };
/* What would have a client look elsewhere in spite of the others. */
static const char *const misleading[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
					  "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "DATABRICKS_CONFIG_PROFILE" };
enum { SERVICE_AT = sizeof("AWS_ENDPOINT_URL_") - 1 };

typedef void (*told)(void *arg, const char *name, const char *value);

/* "http://[::1]:80": host ::1, port 80. */
static void split(const char *address, struct slice *host, struct slice *port)
{
	struct slice s = sl(address), rest;
	ssize_t at = sl_find(s, S("://"));
	if (at >= 0)
		s = sl_of(s.p + at + 3, s.n - (size_t)at - 3);
	size_t n = s.n;
	while (n && s.p[n - 1] != ':')
		n--;
	*port = sl_of(s.p + n, s.n - n);
	*host = sl_of(s.p, n ? n - 1 : 0);
	if (sl_after(*host, S("["), &rest))
		*host = sl_of(rest.p, rest.n - 1);
}

/* ---- proxies ---- */

static bool listed(struct slice list, struct slice host)
{
	struct slice word;
	while (list.p) {
		sl_cut(list, ',', &word, &list);
		if (sl_eq(sl_trim(word), host))
			return true;
	}
	return false;
}

static void add_host(struct buf *b, struct slice host)
{
	if (!host.n || listed(buf_slice(b), S("*")) || listed(buf_slice(b), host))
		return;
	if (b->n)
		buf_addc(b, ',');
	buf_addf(b, "%.*s", SL(host));
}

static const char *proxy_exceptions(const char *name)
{
	const char *own = getenv(name), *other = getenv(strcmp(name, "NO_PROXY") ? "NO_PROXY" : "no_proxy");
	return own && *own ? own : other ? other : "";
}

static void each_no_proxy(const struct environment *e, const char *name, told fn, void *arg)
{
	const char *aws = e->endpoint(e->of, "aws"), *control = e->endpoint(e->of, "control");
	struct slice host = sl(NULL), port;
	struct buf b = { 0 };
	buf_adds(&b, proxy_exceptions(name));
	if (aws || control)
		split(aws ? aws : control, &host, &port);
	add_host(&b, host);
	add_host(&b, S("127.0.0.1"));
	add_host(&b, S("localhost"));
	fn(arg, name, buf_cstr(&b));
	buf_free(&b);
}

static void back_no_proxy(const char *name, told fn, void *arg)
{
	struct slice word, list = sl(getenv(name));
	struct buf b = { 0 };
	while (list.p) {
		sl_cut(list, ',', &word, &list);
		if (!sl_eqs(sl_trim(word), "127.0.0.1") && !sl_eqs(sl_trim(word), "localhost"))
			add_host(&b, sl_trim(word));
	}
	fn(arg, name, b.n ? buf_cstr(&b) : NULL);
	buf_free(&b);
}

/* ---- what must not be there ---- */

static bool is_ours(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		if (sl_eqs(name, variables[i].name))
			return true;
	return false;
}

/* An endpoint of one service that the user has, and we have not: it would be asked before ours of all services. */
static void each_misleading(told fn, void *arg)
{
	struct buf names = { 0 };
	struct slice name, rest;
	for (size_t i = 0; i < ARRAY_LEN(misleading); i++)
		if (getenv(misleading[i]))
			fn(arg, misleading[i], NULL);
	for (char **e = environ; e && *e; e++) {
		sl_cut(sl(*e), '=', &name, &rest);
		if (sl_starts(name, S("AWS_ENDPOINT_URL_")) && name.n > SERVICE_AT && !is_ours(name))
			buf_addf(&names, "%.*s\n", SL(name));
	}
	for (rest = buf_slice(&names); rest.n;) { /* fn may change what environ points to */
		sl_cut(rest, '\n', &name, &rest);
		char *text = xstrndup(name.p, name.n);
		fn(arg, text, NULL);
		free(text);
	}
	buf_free(&names);
}

/* ---- all of them ---- */

static void each_rds(const struct environment *e, told fn, void *arg)
{
	const char *rds = e->endpoint(e->of, "rds");
	struct slice host, port;
	if (!rds)
		return;
	split(rds, &host, &port);
	char *h = xstrndup(host.p, host.n);
	char *url = xasprintf("mysql+pymysql://student:student@%s/%s?charset=utf8mb4", rds, e->database ? e->database : "");
	fn(arg, "MYSQL_HOST", h);
	fn(arg, "MYSQL_TCP_PORT", port.p);
	fn(arg, "DATABASE_URL", url);
	free(h);
	free(url);
}

static void each_of_endpoint(const struct environment *e, const struct variable *v, told fn, void *arg)
{
	const char *address = e->endpoint(e->of, v->endpoint);
	struct slice host, port;
	char *value;
	if (!address)
		return;
	split(address, &host, &port);
	if (!strcmp(v->name, "S3_HOSTNAME")) {
		value = xstrndup(host.p, host.n);
	} else if (!strcmp(v->name, "LOCALSTACK_HOST")) {
		value = xasprintf(memchr(host.p, ':', host.n) ? "[%.*s]:%.*s" : "%.*s:%.*s", SL(host), SL(port));
	} else {
		value = xasprintf("%s%s%s", address, v->text, *v->text && e->stage ? e->stage : "");
	}
	fn(arg, v->name, value);
	free(value);
}

void environment_each(const struct environment *e, told fn, void *arg)
{
	each_misleading(fn, arg);
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		const struct variable *v = &variables[i];
		const char *value = v->text;
		if (v->endpoint) {
			each_of_endpoint(e, v, fn, arg);
			continue;
		}
		if (v->member)
			value = *(const char *const *)((const char *)e + v->member);
		if (value || getenv(v->name))
			fn(arg, v->name, value);
	}
	each_rds(e, fn, arg);
	if (e->endpoint(e->of, "lake"))
		fn(arg, "DATABRICKS_TOKEN", e->secret);
	each_no_proxy(e, "NO_PROXY", fn, arg);
	each_no_proxy(e, "no_proxy", fn, arg);
}

void environment_back(told fn, void *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		fn(arg, variables[i].name, NULL);
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		if (strcasecmp(made[i], "no_proxy"))
			fn(arg, made[i], NULL);
		else
			back_no_proxy(made[i], fn, arg);
}
