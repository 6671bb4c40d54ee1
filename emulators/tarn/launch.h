/* Starting a stack from a command line: the flags that up and exec share, and what is printed then. */
#ifndef TARN_LAUNCH_H
#define TARN_LAUNCH_H

#include "stack/server.h"

enum { SETS_MAX = 64 };
struct launch {
	struct server_opts opts;
	const char *sets[SETS_MAX];
	const char *endpoints_file;
	bool background, wait, help;
};
/* Parses flags and one STACK word, up to "--" when stop_at_dashes. Returns the index of the first word not eaten, or
 * -EXIT_USAGE after a message. */
int launch_parse(struct launch *l, int argc, char **argv);
/* Opens the server; prints why not. 0 or an exit code. */
int launch_open(struct launch *l, struct server **out);
/* The first screen. */
void launch_banner(const struct launch *l, const struct server *s, int64_t took_ms);

#endif
