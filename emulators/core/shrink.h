/* Room that deletions left in a database's file goes back to the disk, in pieces of a millisecond between ticks. Files are made with
 * auto_vacuum = INCREMENTAL; what was left is used again first, so nothing moves until a quarter of the file is free. An older file is
 * rewritten at a start where more than half of it is free, and much; until then it keeps its size. */
#ifndef TARN_SHRINK_H
#define TARN_SHRINK_H

#include "err.h"
#include <sqlite3.h>

struct loop;
struct wal;
struct shrink;

/* Of a file just opened, in no transaction. */
void shrink_old(sqlite3 *h);
struct shrink *shrink_watch(sqlite3 *h, struct loop *l, struct wal *w);
/* Something was committed: looks, some time later. */
void shrink_look(struct shrink *s);
void shrink_free(struct shrink *s); /* before h is closed, and w; NULL is fine */

#endif
