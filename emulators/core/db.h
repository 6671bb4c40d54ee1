/* One SQLite file per service: WAL, one transaction a tick.
 *
 * SQLite is named in db.c and in store.c files only. A store writes with db_begin before its first change of a
 * tick; the core calls the service's commit at the end of it. */
#ifndef TARN_DB_H
#define TARN_DB_H

#include "err.h"
#include <sqlite3.h>

enum durability { DURABILITY_NORMAL, DURABILITY_FULL, DURABILITY_OFF };

struct env;
struct db {
	sqlite3 *h;
	sqlite3_stmt *begin, *commit, *rollback;
	bool in_tx; /* = dirty */
};

/* Opens (makes) env->dir/name.db, or a database in memory when env->dir is NULL. steps are the schema
 * changes, applied from PRAGMA user_version on. */
int db_open(struct db *db, const struct env *env, const char *name, const char *const *steps, size_t step_n, struct error *err) WARN_UNUSED;
/* The same for rows of a kilobyte and more: larger pages, so fewer writes. */
int db_open_large(struct db *db, const struct env *env, const char *name, const char *const *steps, size_t step_n, struct error *err) WARN_UNUSED;
void db_close(struct db *db); /* rolls an open transaction back; NULL handle is fine */
/* Prepares a statement that is kept. */
int db_prepare(struct db *db, const char *sql, sqlite3_stmt **out, struct error *err) WARN_UNUSED;
/* Starts the tick's transaction if none is open. */
int db_begin(struct db *db, struct error *err) WARN_UNUSED;
/* Commits the tick's transaction, if any. On failure the transaction is rolled back. */
int db_commit(struct db *db, struct error *err) WARN_UNUSED;
/* Steps a statement that gives no rows, then resets it and clears its bindings. */
int db_run(struct db *db, sqlite3_stmt *st, struct error *err) WARN_UNUSED;
/* Runs literal SQL (schema, pragmas). */
int db_exec(struct db *db, const char *sql, struct error *err) WARN_UNUSED;
/* err from sqlite3_errmsg; returns ERR_STORE. */
int db_error(struct db *db, struct error *err);
void db_bind(sqlite3_stmt *st, int at, struct slice s);      /* TEXT, copied; absent: NULL */
void db_bind_blob(sqlite3_stmt *st, int at, struct slice s); /* BLOB, copied; absent: NULL */
struct slice db_text(sqlite3_stmt *st, int column);          /* valid until the next step */
struct slice db_blob(sqlite3_stmt *st, int column);

#endif
