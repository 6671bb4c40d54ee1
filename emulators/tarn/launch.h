/* Starting a stack from a command line: the flags that up and exec share, and what is printed then. */
#ifndef TARN_LAUNCH_H
#define TARN_LAUNCH_H

#include "stack/server.h"
#include "tarn/cmd.h"

enum { SETS_MAX = 64 };
/* The options of both commands. */
struct launch {
	const char *data;
	struct server_opts opts;
	const char *sets[SETS_MAX + 2]; /* those of --set, and of --user and --adopt */
	char user[128];
	int adopt; /* 1: --adopt, 2: --no-adopt */
	const char *endpoints_file, *init; /* init: the folder of its scripts */
	bool background, wait, localstack;
	int ports; /* 1: free ones */
};
extern const struct flag launch_flags[];
/* Fills what no flag does. stack: the STACK word; NULL: the default one. */
void launch_stack(struct launch *l, const char *stack);
/* Opens the server; prints why not. 0 or an exit code. */
int launch_open(struct launch *l, struct server **out);
/* The first screen. */
void launch_banner(const struct launch *l, struct server *s, int64_t took_ms);

#endif
