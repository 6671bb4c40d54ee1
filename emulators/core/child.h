/* Child processes of a service: input in, output kept, the loop goes on. libuv's part is in child.c. */
#ifndef TARN_CORE_CHILD_H
#define TARN_CORE_CHILD_H

#include "owed.h"

enum { CHILD_OUT_MAX = 16 << 20 }; /* bytes kept of each output; what is over it is dropped */

struct child_opts {
	const char *const *argv; /* NULL-terminated; looked up in PATH */
	const char *const *env;  /* "NAME=value" added to (or replacing in) ours, NULL-terminated; NULL: none */
	const char *cwd;         /* NULL: ours */
	const char *what;        /* whose it is, for who waits for it: "task census.load"; copied */
	struct slice input;      /* its standard input, copied */
	int64_t real_ms;         /* killed after that; 0: never */
	bool outside;            /* a client of ours: nothing of the stack waits for it */
	bool whole;              /* what it leaves running in its group is killed when it ends */
};
struct child_result {
	int code;            /* exit code, or 128 + signal */
	bool late;           /* it was killed for taking too long */
	struct slice out, err_out;
};
/* err: it could not be started (then result is empty). Called once, on the loop, later; counted by loop_pending until
 * then, unless it is outside. What it gets is valid during the call only. Cancelling the child kills it, and its group. */
typedef void (*child_cb)(void *arg, const struct child_result *r, const struct error *err);
struct owed *child_start(struct loop *l, const struct child_opts *o, child_cb cb, void *arg);

#endif
