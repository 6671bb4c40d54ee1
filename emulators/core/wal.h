/* Checkpoints of a database's WAL, which wait for the disk and so are jobs.
 *
 * Nothing is copied in a commit. Each time the WAL has grown by WAL_BYTES a job copies what is committed into the file, over a
 * connection of its own. SQLite begins the WAL anew when the next transaction begins with everything copied; under a load
 * that never pauses it never does, as the job's own time brings more. So once it is beyond WAL_MOST, what little came since the
 * job's end is copied in a commit, which then waits for the disk. */
#ifndef TARN_WAL_H
#define TARN_WAL_H

#include "err.h"
#include <sqlite3.h>

enum { WAL_BYTES = 4 << 20, WAL_MOST = 64 << 20 };

struct loop;
struct wal;

/* Looks after the WAL of path, which h has open and whose pages have page bytes; pragma sets synchronous. What commits on h
 * is seen. */
struct wal *wal_watch(sqlite3 *h, struct loop *l, const char *path, int page, const char *pragma);
/* What another connection (a session in a job) committed left the WAL with so many pages, as sqlite3_wal_hook tells it. On the loop. */
void wal_grew(struct wal *w, int pages);
/* Copies what there is, soon. */
void wal_copy(struct wal *w);
/* Before h is closed, whose close copies the rest; NULL is fine. */
void wal_free(struct wal *w);

#endif
