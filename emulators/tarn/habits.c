#include "tarn/habits.h"

#include <unistd.h>

#include "core/text.h"
#include "stack/services.h"

#define INIT_DIR "/etc/localstack/init"
#define VOLUME "/var/lib/localstack"

extern char **environ;

/* Options borrow their texts: these are here as long as the process is. */
static char *keep(char *text)
{
	static char *kept[16];
	static size_t n;
	if (n < ARRAY_LEN(kept))
		kept[n++] = text;
	return text;
}

/* ---- services ---- */

/* Services of AWS whose name isn't one of ours, and what serves them here. */
static const char *const served_by[][2] = {
	{ "mwaa", "airflow,lake,databricks,s3" }, { "kafkaconnect", "aws,connect,kafka,s3" }, { "kafka", "kafka,aws" }, { "rds", "rds,aws" },
	{ "cloudwatch", "aws" }, { "events", NULL },
};

static bool is_ours(struct slice name)
{
	for (size_t i = 0; services[i]; i++)
		if (sl_eqs(name, services[i]->name))
			return true;
	return false;
}

/* One that an API of the control planes is signed for: "sts". */
static bool is_api(struct slice name)
{
	struct slice one, rest;
	for (size_t i = 0; services[i]; i++)
		for (rest = sl(services[i]->aws); rest.p;) {
			sl_cut(rest, ' ', &one, &rest);
			if (sl_eq(one, name))
				return true;
		}
	return false;
}

static void add_service(struct buf *only, struct buf *unserved, struct slice name)
{
	const char *by = NULL;
	struct slice plain, port;
	sl_cut(name, ':', &plain, &port); /* "s3:4572" of long ago */
	for (size_t i = 0; i < ARRAY_LEN(served_by); i++)
		if (sl_eqs(plain, served_by[i][0]))
			by = served_by[i][1];
	if (by)
		buf_addf(only, ",%s", by);
	else if (is_ours(plain))
		buf_addf(only, ",%.*s", SL(plain));
	else if (is_api(plain))
		buf_adds(only, ",aws");
	else
		buf_addf(unserved, "%s%.*s", unserved->n ? ", " : "", SL(plain));
}

static int take_services(struct launch *l, const char *value)
{
	struct buf only = { 0 }, unserved = { 0 };
	struct slice name, rest = sl(value);
	int rc = EXIT_OK;
	while (rest.p) {
		sl_cut(rest, ',', &name, &rest);
		if (sl_trim(name).n)
			add_service(&only, &unserved, sl_trim(name));
	}
	if (unserved.n)
		fprintf(stderr, "tarn: SERVICES=%s: tarn serves no %s\n", value, buf_cstr(&unserved));
	if (only.n && !l->opts.only)
		l->opts.only = keep(xstrdup(buf_cstr(&only) + 1));
	else if (!only.n && unserved.n)
		rc = cmd_fail(EXIT_USAGE, "tarn help services", "SERVICES names nothing that tarn serves");
	buf_free(&only);
	buf_free(&unserved);
	return rc;
}

/* ---- the others ---- */

static int add_set(struct launch *l, char *text)
{
	if (l->opts.set_n == SETS_MAX)
		return cmd_fail(EXIT_USAGE, NULL, "more than %d settings", SETS_MAX);
	l->sets[l->opts.set_n++] = keep(text);
	return EXIT_OK;
}

static bool is_on(const char *value)
{
	return !strcmp(value, "1") || !strcasecmp(value, "true");
}

static int take_debug(struct launch *l, const char *value)
{
	if (is_on(value))
		l->opts.log_level = LOG_DEBUG;
	return EXIT_OK;
}

/* LocalStack's levels; trace and the like are debug. */
static int take_level(struct launch *l, const char *value)
{
	static const struct {
		const char *word;
		enum log_level level;
	} rows[] = { { "trace", LOG_DEBUG },  { "trace-internal", LOG_DEBUG }, { "debug", LOG_DEBUG }, { "info", LOG_INFO },
		     { "warn", LOG_WARN },    { "warning", LOG_WARN },         { "error", LOG_ERROR }, { "critical", LOG_ERROR } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcasecmp(value, rows[i].word)) {
			l->opts.log_level = rows[i].level;
			return EXIT_OK;
		}
	return cmd_fail(EXIT_USAGE, NULL, "LS_LOG=%s: trace, debug, info, warn or error", value);
}

/* tarn keeps its state anyway; what LocalStack's users mount is VOLUME. */
static int take_persistence(struct launch *l, const char *value)
{
	if (!is_on(value))
		l->opts.durability = DURABILITY_OFF;
	else if (!l->data && !access(VOLUME, W_OK))
		l->data = VOLUME;
	return EXIT_OK;
}

/* host:port, both may be missing. Of several addresses one can be listened at. */
static int take_listen(struct launch *l, const char *value)
{
	struct slice first, rest, host, port;
	int64_t n;
	sl_cut(sl(value), ',', &first, &rest);
	if (sl_trim(rest).n)
		return cmd_fail(EXIT_USAGE, NULL, "GATEWAY_LISTEN=%s: tarn listens at one address", value);
	first = sl_trim(first);
	if (sl_starts(first, S("[")))
		return cmd_fail(EXIT_USAGE, "tarn up --bind ADDRESS", "GATEWAY_LISTEN=%s: an address of IPv4", value);
	if (!sl_cut(first, ':', &host, &port) && sl_int(first, 1, 65535, &n)) { /* ":4566", "4566" */
		port = first;
		host = sl(NULL);
	}
	if (port.n && !sl_int(port, 1, 65535, &n))
		return cmd_fail(EXIT_USAGE, NULL, "GATEWAY_LISTEN=%s: %.*s is no port", value, SL(port));
	if (sl_chr(host, '.') >= 0)
		l->opts.bind = keep(xstrndup(host.p, host.n));
	else if (sl_eqs(host, "localhost"))
		l->opts.bind = "127.0.0.1";
	else if (host.n)
		return cmd_fail(EXIT_USAGE, NULL, "GATEWAY_LISTEN=%s: %.*s is no address of IPv4", value, SL(host));
	return port.n ? add_set(l, xasprintf("ports.aws=%.*s", SL(port))) : EXIT_OK;
}

/* The name that clients know us by: we listen to it. */
static int take_host(struct launch *l, const char *value)
{
	struct slice name, port;
	sl_cut(sl(value), ':', &name, &port);
	return name.n ? add_set(l, xasprintf("http.hosts=%.*s", SL(name))) : EXIT_OK;
}

static int take_region(struct launch *l, const char *value)
{
	return add_set(l, xasprintf("stack.region=%s", value));
}

static const struct habit {
	const char *name, *doc;
	int (*take)(struct launch *l, const char *value);
} habits[] = {
	{ "SERVICES", "s3,kinesis,mwaa: these and what they need, as --only; what isn't served is named", take_services },
	{ "DEBUG", "1: --log-level debug", take_debug },
	{ "LS_LOG", "trace, debug, info, warn, error: --log-level", take_level },
	{ "PERSISTENCE", "1: the state folder is " VOLUME " where that is mounted; 0: --durability off; else it is TARN_DATA as ever", take_persistence },
	{ "GATEWAY_LISTEN", "HOST:PORT of the AWS port, either alone: --bind, --set ports.aws; one address", take_listen },
	{ "LOCALSTACK_HOST", "HOST:PORT: requests for that name are answered, as by --set http.hosts; clients read it themselves", take_host },
	{ "DEFAULT_REGION", "as --set stack.region", take_region },
};

/* LOCALSTACK_X stands for X, where that isn't set. */
static const char *value_of(const char *name)
{
	char *other = xasprintf("LOCALSTACK_%s", name);
	const char *value = getenv(name);
	if ((!value || !*value) && strncmp(name, "LOCALSTACK", 10))
		value = getenv(other);
	free(other);
	return value && *value ? value : NULL;
}

int habits_take(struct launch *l)
{
	int rc = EXIT_OK;
	for (size_t i = 0; !rc && i < ARRAY_LEN(habits); i++) {
		const char *value = value_of(habits[i].name);
		if (value)
			rc = habits[i].take(l, value);
	}
	if (!l->init && !access(INIT_DIR, R_OK))
		l->init = INIT_DIR;
	return rc;
}

void habits_help(void)
{
	for (size_t i = 0; i < ARRAY_LEN(habits); i++)
		printf("  %-16s %s\n", habits[i].name, habits[i].doc);
}
