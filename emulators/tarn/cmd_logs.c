/* tarn logs: the structured log of a background stack. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "tarn/cmd.h"

/* The third word of a line is the service. */
static bool chosen(const char *line, char **services, int n)
{
	struct slice word, rest = sl(line);
	for (int i = 0; i < 3; i++) {
		rest = rest.p ? sl_trim(rest) : sl("");
		sl_cut(rest, ' ', &word, &rest);
	}
	for (int i = 0; i < n; i++)
		if (sl_eqs(word, services[i]))
			return true;
	return n == 0;
}

static void print_new(FILE *f, char **services, int n)
{
	char *line = NULL;
	size_t cap = 0;
	clearerr(f);
	while (getline(&line, &cap, f) > 0)
		if (chosen(line, services, n))
			fputs(line, stdout);
	fflush(stdout);
	free(line);
}

int cmd_logs(int argc, char **argv)
{
	static const struct option options[] = { { "data", required_argument, NULL, 'D' },
						 { "follow", no_argument, NULL, 'f' },
						 { "help", no_argument, NULL, 'h' },
						 { NULL, 0, NULL, 0 } };
	const char *data = NULL;
	bool follow = false;
	int c;
	while ((c = getopt_long(argc, argv, "fh", options, NULL)) != -1) {
		if (c == 'D') {
			data = optarg;
		} else if (c == 'f') {
			follow = true;
		} else if (c == 'h') {
			cmd_usage("logs");
			return EXIT_OK;
		} else {
			return EXIT_USAGE;
		}
	}
	char *path = xasprintf("%s/tarn.log", cmd_data(data));
	FILE *f = fopen(path, "r");
	if (!f) {
		int rc = cmd_fail(EXIT_START, "tarn up -d", "no log at %s", path);
		free(path);
		return rc;
	}
	print_new(f, argv + optind, argc - optind);
	int watch = follow ? inotify_init1(IN_CLOEXEC) : -1;
	if (watch >= 0 && inotify_add_watch(watch, path, IN_MODIFY) >= 0) {
		char events[4096];
		while (read(watch, events, sizeof(events)) > 0)
			print_new(f, argv + optind, argc - optind);
	}
	fclose(f);
	free(path);
	return EXIT_OK;
}
