/* The files of a reset: what services keep in the state folder goes into a folder beside it in one step, and away afterwards. */
#ifndef TARN_RESET_H
#define TARN_RESET_H

#include "core/loop.h"

/* While no service is open, after park_begin: says in DIR that one is under way (until reset_end it is begun anew by reset_recover), then
 * empties what is parked and moves the other files of state away. owned: whether a service's are to be; NULL: all. dir NULL: in memory.
 * Errors: STORE. */
int reset_begin(const char *dir, bool (*owned)(void *arg, const char *owner), void *arg, struct error *err) WARN_UNUSED;
/* Services are open and have committed: from here on what was is gone. left: there are files to delete, reset_sweep does. Errors: STORE. */
int reset_end(const char *dir, bool *left, struct error *err) WARN_UNUSED;
/* Before services open: ends a reset that was interrupted. */
int reset_recover(const char *dir, struct error *err) WARN_UNUSED;
/* A folder of it is gone from here on, whatever comes: in one step. Errors: STORE. */
int reset_let_go(const char *dir, const char *folder, struct error *err) WARN_UNUSED;
/* Deletes what was moved away, in a job. */
void reset_sweep(struct loop *loop, const char *dir);
bool reset_sweeps(const struct loop_work *w); /* it is such a job */

#endif
