/* --net where the program has the machine's own net: names of ours are asked of the stack's resolver, the others of the machine's. */
#ifndef TARN_SPLIT_H
#define TARN_SPLIT_H

#include <poll.h>

#include "front/door.h"

struct split;
/* Listens on a free UDP port of 127.0.0.1. names: [front] names; only: HOST:PORT of those others that are asked for outside, NULL at the
 * end; NULL: all. Errors: NETWORK. */
int split_open(const struct door_places *places, const char *names, const char *const *only, struct split **out, struct error *err) WARN_UNUSED;
void split_close(struct split *s); /* NULL is fine */
int split_port(const struct split *s);

/* A turn: SPLIT_FDS are to be waited for, and given again when one is ready. */
enum { SPLIT_FDS = 3 };
void split_wait(const struct split *s, struct pollfd at[SPLIT_FDS]);
void split_turn(struct split *s, const struct pollfd at[SPLIT_FDS]);

#endif
