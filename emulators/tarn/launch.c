#include "tarn/launch.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tarn/cmd.h"

enum { OPT_PORTS = 256, OPT_ENDPOINTS, OPT_DATA, OPT_SEED, OPT_CLOCK, OPT_ONLY, OPT_WAIT, OPT_BIND, OPT_SET, OPT_DURABILITY, OPT_LOG };

static const struct option options[] = {
	{ "background", no_argument, NULL, 'd' },
	{ "wait", no_argument, NULL, OPT_WAIT },
	{ "ports", required_argument, NULL, OPT_PORTS },
	{ "endpoints-file", required_argument, NULL, OPT_ENDPOINTS },
	{ "data", required_argument, NULL, OPT_DATA },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "clock", required_argument, NULL, OPT_CLOCK },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "bind", required_argument, NULL, OPT_BIND },
	{ "set", required_argument, NULL, OPT_SET },
	{ "durability", required_argument, NULL, OPT_DURABILITY },
	{ "log-level", required_argument, NULL, OPT_LOG },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int pick(const char *const *names, size_t n, const char *what, const char *value)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], value))
			return (int)i;
	cmd_fail(EXIT_USAGE, NULL, "%s can't be %s", what, value);
	return -1;
}

static int take(struct launch *l, int c)
{
	static const char *const durabilities[] = { "normal", "full", "off" };
	static const char *const levels[] = { "debug", "info", "warn", "error" };
	int64_t n;
	int at;
	switch (c) {
	case 'd':
		l->background = true;
		return 0;
	case 'h':
		l->help = true;
		return 0;
	case OPT_WAIT:
		l->wait = true;
		return 0;
	case OPT_PORTS:
		if (pick((const char *const[]){ "auto" }, 1, "--ports", optarg))
			return -1;
		l->opts.auto_ports = true;
		return 0;
	case OPT_ENDPOINTS:
		l->endpoints_file = optarg;
		return 0;
	case OPT_DATA:
		l->opts.data = optarg;
		return 0;
	case OPT_ONLY:
		l->opts.only = optarg;
		return 0;
	case OPT_BIND:
		l->opts.bind = optarg;
		return 0;
	case OPT_SEED:
		if (!sl_int(sl(optarg), 0, INT64_MAX, &n))
			return cmd_fail(-1, NULL, "--seed wants a number, got %s", optarg);
		l->opts.seed = (uint64_t)n;
		return 0;
	case OPT_CLOCK:
		l->opts.frozen = strcmp(optarg, "real") != 0;
		if (l->opts.frozen && !clock_parse_iso(sl(optarg), &l->opts.clock_ms))
			return cmd_fail(-1, "--clock 2026-01-05T09:00:00Z", "--clock wants a time, got %s", optarg);
		return 0;
	case OPT_SET:
		if (l->opts.set_n == SETS_MAX)
			return cmd_fail(-1, NULL, "more than %d --set", SETS_MAX);
		l->sets[l->opts.set_n++] = optarg;
		return 0;
	case OPT_DURABILITY:
		at = pick(durabilities, ARRAY_LEN(durabilities), "--durability", optarg);
		l->opts.durability = (enum durability)at;
		return at < 0 ? -1 : 0;
	case OPT_LOG:
		at = pick(levels, ARRAY_LEN(levels), "--log-level", optarg);
		l->opts.log_level = at;
		return at < 0 ? -1 : 0;
	}
	return -1;
}

int launch_parse(struct launch *l, int argc, char **argv)
{
	int c;
	*l = (struct launch){ .opts = { .seed = 42, .log_fd = STDERR_FILENO, .log_level = LOG_WARN } };
	l->opts.set = l->sets;
	optind = 0;
	while ((c = getopt_long(argc, argv, "+dh", options, NULL)) != -1)
		if (take(l, c))
			return -EXIT_USAGE;
	/* One STACK word, with flags after it. */
	if (optind < argc && strcmp(argv[optind - 1], "--") && strcmp(argv[optind], "--")) {
		l->opts.stack = argv[optind++];
		if (!strcmp(l->opts.stack, "pinterest"))
			l->opts.stack = NULL;
		argv[optind - 1] = argv[0];
		int from = optind - 1;
		optind = 0;
		while ((c = getopt_long(argc - from, argv + from, "+dh", options, NULL)) != -1)
			if (take(l, c))
				return -EXIT_USAGE;
		optind += from;
	}
	return optind;
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

void launch_banner(const struct launch *l, const struct server *s, int64_t took_ms)
{
	const char *key, *address;
	printf("tarn 0.1.0  stack %s  seed %llu  ready in %lld ms\n", l->opts.stack ? l->opts.stack : "pinterest",
	       (unsigned long long)l->opts.seed, (long long)took_ms);
	for (size_t i = 0; server_endpoint_at(s, i, &key, &address); i++)
		printf("  %-11s %s\n", key, address);
	printf("try   eval \"$(tarn env%s%s)\" && python3 user_posting_emulation.py\n",
	       l->opts.data && strcmp(l->opts.data, ".tarn") ? " --data " : "",
	       l->opts.data && strcmp(l->opts.data, ".tarn") ? l->opts.data : "");
	printf("next  tarn emit pinterest --count 100 && tarn clean && tarn query all\n");
	fflush(stdout);
}
