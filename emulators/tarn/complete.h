/* What a command line can go on with, for the shells' completion (cmd_completion.c). */
#ifndef TARN_COMPLETE_H
#define TARN_COMPLETE_H

#include "core/mem.h"

/* words: what has been typed behind "tarn", n >= 1; the last of them, maybe empty, is the one to complete. Adds lines to out:
 * "WORD\tWHAT IT IS" for each word that begins as typed, and for what the shell completes by itself ":files", ":dirs" or ":program". A
 * word that ends in "=" or "," is not the whole of an argument. Names of a running stack (topics, DAGs, snapshots) are asked of it. */
void complete(char **words, int n, struct buf *out);

#endif
