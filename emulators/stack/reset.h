/* The files of a reset: what services keep in the state folder goes into a folder beside it in one step, and away afterwards. */
#ifndef TARN_RESET_H
#define TARN_RESET_H

#include "core/loop.h"

/* Moves them into DIR/reset-gone.N, all or none: one that was interrupted is gone on with by reset_recover. Only while no service is
 * open. dir NULL: in memory, nothing to do. Errors: STORE. */
int reset_stash(const char *dir, struct error *err) WARN_UNUSED;
/* Before services open: ends a reset that was interrupted. */
int reset_recover(const char *dir, struct error *err) WARN_UNUSED;
/* Deletes what was moved away, in a job. */
void reset_sweep(struct loop *loop, const char *dir);

#endif
