#include "tarn/launch.h"

#include <unistd.h>

#include "core/stack.h"
#include "core/version.h"
#include "stack/exposure.h"

static bool take_clock(void *self, const char *value)
{
	struct launch *l = self;
	l->opts.frozen = strcmp(value, "real") != 0;
	l->opts.real = !l->opts.frozen;
	return !l->opts.frozen || clock_parse_iso(sl(value), &l->opts.clock_ms);
}

static bool take_user(void *self, const char *value)
{
	struct launch *l = self;
	snprintf(l->user, sizeof(l->user), "stack.user=%s", value);
	return *value && strlen(value) < sizeof(l->user) - 12;
}

static bool take_set(void *self, const char *value)
{
	struct launch *l = self;
	if (l->opts.set_n == SETS_MAX)
		return false;
	l->sets[l->opts.set_n++] = value;
	return true;
}

const struct flag launch_flags[] = {
	{ "only", 0, FLAG_TEXT, offsetof(struct launch, opts.only), "a,b", "these services and no others: tarn help services" },
	{ "set", 0, FLAG_OWN, 0, "SECTION.KEY=VALUE", "one setting of stack.conf, up to 64 times: tarn help settings", .take = take_set },
	{ "user", 0, FLAG_OWN, 0, "ID", "in the stack's names in place of its user: topics, streams, buckets, connectors, DAGs, tables", .take = take_user },
	{ "adopt", 0, FLAG_IS, offsetof(struct launch, adopt), NULL, "API ids, stages, streams, topics and buckets that a program names and the stack lacks are made like the stack's; the default of exec", .min = 1 },
	{ "no-adopt", 0, FLAG_IS, offsetof(struct launch, adopt), NULL, "what the stack lacks is answered as on AWS: not found; the default of up", .min = 2 },
	{ "load", 0, FLAG_TEXT, offsetof(struct launch, opts.load), "NAME|FILE", "begins with what a snapshot has, of the state folder or a file: tarn help snapshots" },
	{ "seed", 0, FLAG_INT, offsetof(struct launch, opts.seed), "N", "what chance is made of: the same seed, the same bytes; without it [stack] seed, or 42", "-1", -1 },
	{ "clock", 0, FLAG_OWN, 0, "2026-01-05T09:00:00Z|real", "freezes the clock at this time; without it the clock goes on as the state folder left it", .take = take_clock },
	{ "bind", 0, FLAG_TEXT, offsetof(struct launch, opts.bind), "ADDRESS", "where to listen", "127.0.0.1" },
	{ "open", 0, FLAG_ON, offsetof(struct launch, opts.open), NULL, "with --bind: others may come in without [identities], and run code here" },
	{ "durability", 0, FLAG_WORD, offsetof(struct launch, opts.durability), "normal|full|off", "survives kill -9; power loss, too; nothing: tarn help state", "normal" },
	{ "log-level", 0, FLAG_WORD, offsetof(struct launch, opts.log_level), "debug|info|warn|error", "what is logged", "warn" },
	{ NULL },
};

void launch_stack(struct launch *l, const char *stack)
{
	l->opts.log_fd = STDERR_FILENO;
	l->opts.set = l->sets;
	l->opts.stack = stack;
	if (*l->user)
		l->sets[l->opts.set_n++] = l->user;
	if (l->adopt)
		l->sets[l->opts.set_n++] = l->adopt == 1 ? "stack.adopt=on" : "stack.adopt=off";
}

int launch_open(struct launch *l, struct server **out)
{
	struct error err = { 0 };
	if (!server_open(&l->opts, out, &err))
		return 0;
	if (err.kind == ERR_CONFLICT)
		return cmd_fail(EXIT_CONFLICT, strstr(err.text, "port") ? "tarn up --ports=auto" : "tarn status", "%s", err.text);
	return cmd_fail(err.kind == ERR_INVALID || err.kind == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_START, NULL, "%s", err.text);
}

static bool runs(const void *s, const char *service)
{
	return !strcmp(service, "control") || server_state((struct server *)s, service);
}

static void warn_exposed(const struct launch *l, struct server *s)
{
	struct buf b = { 0 };
	exposure_text(l->opts.bind, server_env(s)->conf, runs, s, &b);
	if (b.n)
		fprintf(stderr, "tarn: %s", buf_cstr(&b));
	buf_free(&b);
}

void launch_banner(const struct launch *l, struct server *s, int64_t took_ms)
{
	const char *key, *address, *emitter = conf_section(server_env(s)->conf, "emit.", 0);
	warn_exposed(l, s);
	printf("tarn %s  stack %s  seed %s  ready in %lld ms\n", tarn_version, l->opts.stack ? l->opts.stack : stack_name(server_env(s)->files),
	       conf_str(server_env(s)->conf, "stack", "seed", ""), (long long)took_ms);
	for (size_t i = 0; server_endpoint_at(s, i, &key, &address); i++)
		printf("  %-11s %s\n", key, address);
	if (l->opts.dns_port)
		printf("  %-11s %s:%lld\n", "dns", l->opts.bind ? l->opts.bind : "127.0.0.1", (long long)l->opts.dns_port);
	printf("see   %s/  (the console; tarn open)\n", server_endpoint(s, "control"));
	printf("try   eval \"$(tarn env%s%s)\"\n",
	       l->opts.data && strcmp(l->opts.data, ".tarn") ? " --data " : "",
	       l->opts.data && strcmp(l->opts.data, ".tarn") ? l->opts.data : "");
	if (emitter && conf_get(server_env(s)->conf, "connect", "properties") && runs(s, "rds") && runs(s, "apigateway") && runs(s, "lake"))
		printf("next  tarn emit %s --count 100 && tarn clean && tarn query all\n", strchr(emitter, '.') + 1);
	if (*server_kept(s))
		printf("kept  %s (tarn clock, tarn fault)\n", server_kept(s));
	fflush(stdout);
}
