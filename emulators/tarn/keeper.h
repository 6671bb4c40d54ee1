/* The process beside a program of tarn exec: it keeps the server (or, with one that runs already, the channel to it) for as long as the
 * program runs and whoever it left behind in its name space, and clears up. It is no child of the program. */
#ifndef TARN_KEEPER_H
#define TARN_KEEPER_H

#include "tarn/launch.h"

struct keeper {
	struct launch *l;  /* what to serve; NULL: nothing, a stack runs already */
	const char *dir;   /* the run's folder: endpoints.json is written there, net is read there (ns.c), and all is removed in the end */
	int channel;       /* the server's end; -1: of a stack that runs already */
	int program, relay; /* the program's ends of that one and of who carries (-1: nobody), which are held open: at their end sockets close */
};
/* Starts it. 0, or an exit code after a message. */
int keeper_start(const struct keeper *k);

#endif
