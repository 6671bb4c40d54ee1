/* One SQLite file per service: WAL, one transaction a tick.
 *
 * A store is its schema steps and its queries: two arrays beside each other, the queries with an enum of their indices.
 * db_open prepares them, db_q gives one, db_close finalizes them. A store writes with db_write, which begins the tick's
 * transaction; the core commits it at the end of the tick (.db in struct service): nobody commits inside a call.
 * A query is bound with sqlite3_bind_int64(db_q(&db, Q_PUT), 1, id) and db_bind, a row read with sqlite3_column_int64 and
 * db_text. Rows may be written in a service's open, too. SQLite is named in db.c, in store files and all over rds. */
#ifndef TARN_DB_H
#define TARN_DB_H

#include "err.h"
#include <sqlite3.h>

enum durability { DURABILITY_NORMAL, DURABILITY_FULL, DURABILITY_OFF };

struct env;
struct parking;
struct shrink;
struct wal;
struct db {
	sqlite3 *h;
	struct wal *wal; /* its checkpoints, see wal.h; NULL: in memory */
	struct shrink *shrink; /* gives room back, see shrink.h; NULL: in memory */
	struct parking *parking; /* see park.h */
	sqlite3_stmt *begin, *commit, *rollback;
	sqlite3_stmt **kept; /* owned: of the queries */
	size_t kept_n;
	bool in_tx;  /* = dirty */
	bool made;   /* from nothing, when it was opened last */
	bool shared; /* set by its service: others make its schema */
	bool broken; /* a failure took the tick's transaction with it: what is written next fails, and so does the commit */
};

/* Opens (makes) env->dir/name.db, or a database in memory when env->dir is NULL. steps are the schema changes, applied from
 * PRAGMA user_version on: one that was ever released stays as it is. queries (NULL with 0: none) are prepared and kept.
 * After a failure there is nothing to close. */
int db_open(struct db *db, const struct env *env, const char *name, const char *const *steps, size_t step_n, const char *const *queries,
	    size_t query_n, struct error *err) WARN_UNUSED;
/* The same for rows of a kilobyte and more: larger pages, so fewer writes. */
int db_open_large(struct db *db, const struct env *env, const char *name, const char *const *steps, size_t step_n, const char *const *queries,
		  size_t query_n, struct error *err) WARN_UNUSED;
/* The same for a file that connections of the caller's own write, in jobs: they copy its WAL and keep its size. */
int db_open_pooled(struct db *db, const struct env *env, const char *name, const char *const *steps, size_t step_n, struct error *err) WARN_UNUSED;
/* Where db_open_pooled's database is, for second connections of this process (SQLITE_OPEN_URI): a file, or memory that they share;
 * owned by the caller. What is in memory can't be read while the first connection writes. */
char *db_large_name(const struct env *env, const char *name);
void db_close(struct db *db); /* rolls an open transaction back; NULL handle is fine */
/* From here on closing copies no log into its database, which takes a disk's time: a reset throws both away. false: it does again. */
void db_doom(bool on);

/* The q-th query, to bind to and to read columns of. */
sqlite3_stmt *db_q(const struct db *db, size_t q);
/* Runs a query that writes and gives no rows, in the tick's transaction. What was bound is cleared, here and in what follows. */
int db_write(struct db *db, size_t q, struct error *err) WARN_UNUSED;
/* Steps a query to its next row: 1, or 0 at its end, or ERR_STORE. Unless there is a row it is done. */
int db_row(struct db *db, size_t q, struct error *err) WARN_UNUSED;
/* Done with the rows of a query before its end. */
void db_done(struct db *db, size_t q);

/* Prepares a statement of the caller's own. */
int db_prepare(struct db *db, const char *sql, sqlite3_stmt **out, struct error *err) WARN_UNUSED;
/* Starts the tick's transaction if none is open. */
int db_begin(struct db *db, struct error *err) WARN_UNUSED;
/* Commits the tick's transaction, if any. On failure the transaction is rolled back. */
int db_commit(struct db *db, struct error *err) WARN_UNUSED;
/* Gives the tick's transaction up, if any. */
int db_rollback(struct db *db, struct error *err) WARN_UNUSED;
/* Steps a statement that gives no rows, then resets it and clears its bindings. */
int db_run(struct db *db, sqlite3_stmt *st, struct error *err) WARN_UNUSED;
/* Runs literal SQL (schema, pragmas). */
int db_exec(struct db *db, const char *sql, struct error *err) WARN_UNUSED;
/* The first column of a query's first row ("PRAGMA page_count"), of any connection; -1: there is none. */
int64_t db_number(sqlite3 *h, const char *sql);
/* err from sqlite3_errmsg; returns ERR_STORE. */
int db_error(struct db *db, struct error *err);
void db_bind(sqlite3_stmt *st, int at, struct slice s);      /* TEXT, copied; absent: NULL */
void db_bind_blob(sqlite3_stmt *st, int at, struct slice s); /* BLOB, copied; absent: NULL */
struct slice db_text(sqlite3_stmt *st, int column);          /* valid until the next step */
struct slice db_blob(sqlite3_stmt *st, int column);

#endif
