/* Images of databases: what is committed at one moment, as the bytes of a SQLite file. A snapshot takes those of all services between two
 * ticks and packs them in jobs; a restore in memory puts them where a service opens its database next. */
#ifndef TARN_DBIMAGE_H
#define TARN_DBIMAGE_H

#include "err.h"

struct loop;

/* ---- which are open ---- */

/* The i-th database that db_open opened of that loop's services; NULL past the end: its name ("kafka"); *path: its file, or NULL: memory.
 * steps: how many schema changes this release knows. */
const char *dbimage_open_at(const struct loop *l, size_t i, const char **path, size_t *steps);
/* How many schema changes of a database this process knows, which may be closed by now; -1: it never opened it. */
int64_t dbimage_steps(const char *name);

/* ---- taking ---- */

struct dbimage; /* a moment of a database */
/* A file's: holds the moment by a connection of its own, which takes some hundred microseconds. Between two ticks. Errors: STORE. */
int dbimage_hold(const char *path, struct dbimage **out, struct error *err) WARN_UNUSED;
/* Of one in memory, which is copied at once: a millisecond for five megabytes. ERR_CONFLICT: a job writes to it just now. */
int dbimage_copy(const struct loop *l, const char *name, struct dbimage **out, struct error *err) WARN_UNUSED;
/* How many bytes it has, and how many schema changes it has seen. */
uint64_t dbimage_size(const struct dbimage *m);
int64_t dbimage_version(const struct dbimage *m);
/* What a query gives that counts, in a job; 0: nothing, or there is no such table. */
int64_t dbimage_number(struct dbimage *m, const char *sql);
/* Its bytes, in a job: valid until dbimage_free. Errors: STORE. */
int dbimage_bytes(struct dbimage *m, struct slice *out, struct error *err) WARN_UNUSED;
/* The same, to a file that is made at path, without having it whole in memory. */
int dbimage_to_file(struct dbimage *m, const char *path, struct error *err) WARN_UNUSED;
void dbimage_free(struct dbimage *m);

/* ---- looking at one ---- */

/* Whether bytes are a database that is sound, and how many schema changes it has seen (PRAGMA user_version). thorough: every page is looked
 * at. Bytes are borrowed and not changed. Errors: INVALID, in words that go on behind its name. */
int dbimage_check(struct slice bytes, bool thorough, int64_t *version, struct error *err) WARN_UNUSED;
/* Rows of a query over an image: texts of its columns, absent for NULL. fn returns other than 0 to end. A table that isn't there gives no
 * rows. Errors: STORE, what fn returns. */
struct dbview;
int dbview_open(struct slice bytes, struct dbview **out, struct error *err) WARN_UNUSED;
void dbview_close(struct dbview *v);
typedef int (*dbview_fn)(void *arg, const struct slice *columns, int n, struct error *err);
int dbview_rows(struct dbview *v, const char *sql, dbview_fn fn, void *arg, struct error *err) WARN_UNUSED;
/* A digest of a table's rows in the order of their keys, and how many they are. */
int dbview_digest(struct dbview *v, const char *table, uint8_t out[32], int64_t *rows, struct error *err) WARN_UNUSED;
/* Whether it has a table of that name. */
bool dbview_has(struct dbview *v, const char *table);

/* ---- putting ---- */

/* Who opens a database of that name next finds these bytes in it, which are the caller's until dbimage_seeds_end. */
void dbimage_seed(const char *name, struct slice bytes);
void dbimage_seeds_end(void);

/* ---- for db.c ---- */
struct sqlite3;
void dbimage_opened(const struct loop *l, const char *name, size_t steps, struct sqlite3 *h);
void dbimage_closed(struct sqlite3 *h);
bool dbimage_seeded(const char *name);
/* Into an empty database. */
int dbimage_plant(const char *name, struct sqlite3 *h, struct error *err) WARN_UNUSED;

#endif
