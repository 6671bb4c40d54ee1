/* Room on the state folder's disk. A reserve lies in the folder (DATA/reserve, 4 MiB, less on a small disk). Once less than a quarter of
 * it is free beside, services refuse what would make the state grow, with an error of their own; the reserve is given up when something
 * else is to be committed, a deletion above all, and taken again when there is room. So a full disk can be read and emptied. */
#ifndef TARN_SPACE_H
#define TARN_SPACE_H

#include "err.h"

struct space;
/* Takes the reserve when there is room, gives it up when there is none. dir NULL: NULL, which is never low. */
struct space *space_open(const char *dir);
struct faults;
/* Asks at the fault site disk.full, which makes it low. s NULL is fine. */
void space_faults(struct space *s, struct faults *f);
void space_close(struct space *s); /* the reserve stays */
/* Whether what grows is to be refused; asks the disk once a tick. */
bool space_low(struct space *s);
/* A tick with something to commit is about to end: gives the reserve up if need be, takes it again if there is room. */
void space_before_commit(struct space *s);
/* A tick with nothing to commit ends: what was asked in it isn't known any longer. */
void space_tick_over(struct space *s);

#endif
