/* Open databases between two lives of their services. A reset or a restart in place closes every service and opens it again; to open a
 * file, make its schema and prepare its queries takes a millisecond or more each time. So what is closed meanwhile waits here, open, until
 * its service opens it again; on the way it may be emptied: no row of a schema step is made again. */
#ifndef TARN_PARK_H
#define TARN_PARK_H

#include "db.h"

/* From here on db_close parks what it can: not what others still have statements of. That is closed, and its name kept until park_end. */
void park_begin(void);
/* Nothing is under way that could write: databases that others write may be kept as they are, see park_as_first. */
void park_quiet(void);
/* What it has now is what its service makes of an empty one, or what would be there anyway for who asks first: emptied, it stays so,
 * unless anybody has written since. For those that are shared, which can't be emptied row by row. */
void park_as_first(struct db *db);
/* Whether nobody has written since. */
bool park_is_first(const struct db *db);
/* Whether a database of that folder and name is parked. */
bool park_waits(const char *dir, const char *name);
/* Empties the tables of what is parked; what takes long, or has tables that others make (.shared), is closed instead. owned: whether it belongs to a service of that name (env->name) that is to
 * be emptied; NULL: all are. */
void park_empty(bool (*owned)(void *arg, const char *owner), void *arg);
/* The i-th file, parked or closed since park_begin, by its name ("kafka.db"); NULL: past the end. *open: it is parked. Of databases in memory
 * there is nothing to see. */
const char *park_at(size_t i, const char **owner, bool *open);
/* Closes what nobody took; db_close closes again. */
void park_end(void);

/* ---- for db.c ---- */
/* What keeps a database from being taken for another: its folder, name, steps and queries. */
struct park_key {
	const struct loop *loop;
	const char *dir; /* NULL: memory */
	const char *name;
	const char *const *steps, *const *queries;
	char owner[32];
};
/* An opened database may be parked from here on. */
void park_may(struct db *db, const struct park_key *key);
/* On closing: true, db has been taken over. */
bool park_put(struct db *db);
/* On opening: true, it was parked and is *out now. */
bool park_take(const struct park_key *key, struct db *out);
void park_free(struct parking *p); /* NULL is fine; before the handle is closed */

#endif
