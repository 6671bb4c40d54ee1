/* The ways by which a program is led here, each one file: ns.c (a name space), notify.c (seccomp), preload.c (a library, and a proxy
 * beside it). tarn exec takes the first that works. */
#ifndef TARN_WAY_H
#define TARN_WAY_H

#include "front/door.h"

/* What a way is given. */
struct exec_plan {
	char **argv;                /* PROGRAM and its words, NULL at the end */
	const char *dir;            /* a folder of this run's own, mode 0700; it goes when the run ends, with all that is in it */
	int channel;                /* to the server: door.h; -1 in a probe */
	struct door_answer answer;  /* what the server said */
	const char *const *ca_over; /* files of certificates that programs name themselves, to be covered; NULL at the end; NULL: none */
	const char *const *relay;   /* --net=HOST:PORT, what else may be reached; NULL at the end; NULL: none */
	int relay_channel;          /* relay.h: of who carries for those, where the way has no net of its own */
	bool net;                   /* --net: everything else may be reached */
	int at;                     /* way_environment's: which way */
};
struct way {
	const char *name, *doc;  /* "namespace", one line */
	const char *cant;        /* what it doesn't reach, for tarn exec --how and help */
	bool keeps_net;          /* takes --net */
	/* Tries the whole of it in a child of its own. 0: it works; else an errno, and why says the step: "unshare(CLONE_NEWUSER): Operation not
	 * permitted". */
	int (*probe)(struct buf *why);
	/* Runs the program. A way that executes it in place doesn't return unless it failed before; another returns 0 and the status of
	 * waitpid. Nonzero: an exit code, and what went wrong has been printed. The environment of plan->answer is set already, not that of trust. */
	int (*run)(struct exec_plan *plan, int *status);
};
extern const struct way way_namespace, way_notify, way_preload;
extern const struct way *const ways[]; /* in the order in which they are tried; NULL at the end */
/* The first way that works, each probed in its turn; how (NULL: none) gets a line for each. NULL: none works. */
const struct way *way_choose(bool net, struct buf *how);

#endif
