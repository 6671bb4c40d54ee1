/* A child process whose output is kept, while the loop goes on. */
#ifndef TARN_CHILD_H
#define TARN_CHILD_H

#include "scenario/scenario.h"

/* Runs argv (NULL-terminated) with the stack's environment; fills r->exit_code, r->out and r->err_out.
 * real_ms: it is killed after that. Errors: INVALID (can't start), TIMEOUT. */
int child_run(struct runner *r, char *const *argv, const char *cwd, int64_t real_ms, struct error *err) WARN_UNUSED;
/* The last lines of what the last child wrote to stderr. */
struct slice child_tail(const struct runner *r);

#endif
