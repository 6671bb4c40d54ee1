/* What of the core is state, too, and survives restarts and kill -9: a frozen clock (DATA/clock) and armed faults with their counts
 * (DATA/faults). Both are written at the end of a tick before the services commit: no row is of a time that the clock doesn't know. */
#ifndef TARN_KEEP_H
#define TARN_KEEP_H

#include "core/service.h"

struct keep;
/* Reads what the folder has. env->dir NULL or durability off: nothing is kept. with_clock: a frozen clock is set; else what it was is
 * overwritten by how the clock stands. Faults of sites that are unknown by now are left out, with a warning. */
struct keep *keep_open(const struct env *env, bool with_clock);
/* End of tick. */
void keep_write(struct keep *k);
/* The folder's files are others by now: clock and faults are as they say, and are written anew when they change. */
void keep_again(struct keep *k);
/* "clock frozen at 2026-01-05T09:00:00.000Z; faults armed: kafka.Append" as it came from before; "" when nothing did. */
const char *keep_words(const struct keep *k);
void keep_close(struct keep *k);

#endif
