/* A descriptor that a signal's handler or another thread makes readable, so that the loop wakes. */
#ifndef TARN_WAKE_H
#define TARN_WAKE_H

#include "err.h"

struct wake {
	int out, in; /* what the loop watches; what others write to, a byte or more */
};
/* Both ends close on exec and never block: a wake that is full wakes all the same. Errors: INTERNAL. */
int wake_open(struct wake *w, struct error *err) WARN_UNUSED;
/* Reads what was written. */
void wake_take(const struct wake *w);
void wake_close(struct wake *w); /* one that wasn't opened is {-1, -1} */

#endif
