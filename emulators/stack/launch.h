/* Starting a stack from a command line: the flags that up, exec and run share, and what is printed then. */
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
/* Writes endpoints.json into the state folder and the endpoints file, whole or not at all. 0 or an exit code. */
int launch_write_endpoints(const struct launch *l, const struct server *s);
/* The first screen. */
void launch_banner(const struct launch *l, const struct server *s, int64_t took_ms);
/* The environment for clients: calls fn(arg, name, value) for each variable. endpoint(arg2, key) gives addresses. */
void launch_environment(const char *(*endpoint)(const void *arg2, const char *key), const void *arg2,
			void (*fn)(void *arg, const char *name, const char *value), void *arg);

#endif
