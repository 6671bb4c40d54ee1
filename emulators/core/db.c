#include "db.h"

#include <assert.h>
#include <unistd.h>

#include "dbimage.h"
#include "park.h"
#include "service.h"
#include "shrink.h"
#include "wal.h"

int db_error(struct db *db, struct error *err)
{
	return err_set(err, ERR_STORE, "%s", db->h ? sqlite3_errmsg(db->h) : "database is not open");
}

int db_exec(struct db *db, const char *sql, struct error *err)
{
	return sqlite3_exec(db->h, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_error(db, err);
}

int db_prepare(struct db *db, const char *sql, sqlite3_stmt **out, struct error *err)
{
	if (sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) != SQLITE_OK)
		return db_error(db, err);
	return 0;
}

int64_t db_number(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n = -1;
	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static int migrate(struct db *db, const char *const *steps, size_t step_n, struct error *err)
{
	int done = (int)db_number(db->h, "PRAGMA user_version");
	if (done < 0)
		return db_error(db, err);
	if ((size_t)done > step_n)
		return err_set(err, ERR_STORE, "%s was written by a newer tarn: its schema is version %d, this one knows %zu",
			       sqlite3_db_filename(db->h, "main"), done, step_n);
	if ((size_t)done == step_n)
		return 0;
	db->made = !done;
	int rc = db_exec(db, "BEGIN", err);
	for (size_t i = (size_t)done; !rc && i < step_n; i++)
		rc = db_exec(db, steps[i], err);
	char sql[64];
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu", step_n);
	if (!rc)
		rc = db_exec(db, sql, err);
	if (!rc)
		rc = db_exec(db, "COMMIT", err);
	return rc;
}

enum { PAGE_LEAST = 4096, PAGE_LARGE = 16384 };
struct form {
	int page;
	bool pooled; /* written on the pool, by others than us */
};

static int keep(struct db *db, const char *const *queries, size_t n, struct error *err)
{
	int rc = 0;
	db->kept = xcalloc(n + 1, sizeof(sqlite3_stmt *));
	while (!rc && db->kept_n < n) {
		rc = db_prepare(db, queries[db->kept_n], &db->kept[db->kept_n], err);
		db->kept_n++;
	}
	return rc;
}

static bool on_disk(const struct env *env)
{
	return env->dir && env->durability != DURABILITY_OFF;
}

char *db_large_name(const struct env *env, const char *name)
{
	return on_disk(env) ? xasprintf("%s/%s.db", env->dir, name) : xasprintf("file:/tarn-%s-%p?vfs=memdb", name, (const void *)env->loop);
}

/* Pages of a cache come one by one, as they are used; else every connection would begin with room for twenty. Memory isn't counted:
 * the counters have one lock for all threads, for which the loop would wait while a job parses a long statement. */
static void configure(void)
{
	static bool asked; /* before SQLite begins, so once */
	if (!asked) {
		(void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
		(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	}
	asked = true;
}

static int open_file(struct db *db, const struct env *env, const char *name, struct form form, const char *const *steps, size_t step_n,
		     struct error *err)
{
	int page = form.page;
	static const char *const sync[] = { [DURABILITY_NORMAL] = "NORMAL", [DURABILITY_FULL] = "FULL",
					    [DURABILITY_OFF] = "OFF" };
	char path[1024] = ":memory:", pragmas[384], synchronous[64];
	*db = (struct db){ 0 };
	configure();
	if (on_disk(env) || form.pooled) {
		char *full = db_large_name(env, name);
		bool fits = snprintf(path, sizeof(path), "%s", full) < (int)sizeof(path);
		free(full);
		if (!fits)
			return err_set(err, ERR_STORE, "path too long: %s", env->dir);
	}
	/* A new file is empty until its service commits: a power cut that takes it takes nothing, and making one waits for
	 * the disk half a dozen times. */
	bool made = access(path, F_OK) != 0;
	if (sqlite3_open_v2(path, &db->h,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
			    NULL)) {
		int rc = err_set(err, ERR_STORE, "%s: %s", path, db->h ? sqlite3_errmsg(db->h) : "no memory");
		return rc;
	}
	snprintf(synchronous, sizeof(synchronous), "PRAGMA synchronous=%s", sync[env->durability]);
	/* Debian's SQLite overwrites with zeros, and logs, every page that is deleted. */
	snprintf(pragmas, sizeof(pragmas),
		 "PRAGMA synchronous=%s; PRAGMA page_size=%d; PRAGMA auto_vacuum=%s; PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=%d;"
		 "PRAGMA secure_delete=OFF; PRAGMA cache_size=-2000; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON",
		 made && env->durability != DURABILITY_FULL ? "OFF" : sync[env->durability], page,
		 form.pooled || !on_disk(env) ? "NONE" : "INCREMENTAL", 2 * WAL_MOST);
	sqlite3_busy_timeout(db->h, 5000);
	if (dbimage_plant(name, db->h, err))
		return ERR_STORE;
	if (db_exec(db, pragmas, err) || migrate(db, steps, step_n, err) || db_exec(db, synchronous, err) ||
	    db_prepare(db, "BEGIN", &db->begin, err) || db_prepare(db, "COMMIT", &db->commit, err) ||
	    db_prepare(db, "ROLLBACK", &db->rollback, err))
		return ERR_STORE;
	/* In memory there is no WAL. The page size of an older file stays what it was. */
	if (!on_disk(env) || form.pooled)
		return 0;
	shrink_old(db->h);
	db->wal = wal_watch(db->h, env->loop, path, page, synchronous);
	db->shrink = shrink_watch(db->h, env->loop, db->wal);
	return 0;
}

static int open_with(struct db *db, const struct env *env, const char *name, struct form form, const char *const *steps, size_t step_n,
		     const char *const *queries, size_t query_n, struct error *err)
{
	struct park_key key = { .loop = env->loop, .dir = on_disk(env) ? env->dir : NULL, .name = name, .steps = steps, .queries = queries };
	snprintf(key.owner, sizeof(key.owner), "%s", env->name ? env->name : "");
	if (!dbimage_seeded(name) && park_take(&key, db))
		return 0;
	int rc = open_file(db, env, name, form, steps, step_n, err);
	if (!rc)
		rc = keep(db, queries, query_n, err);
	if (rc) {
		db_close(db);
		return rc;
	}
	db->shared = form.pooled;
	dbimage_opened(env->loop, name, step_n, db->h);
	park_may(db, &key);
	if (form.pooled && db->made)
		park_as_first(db);
	return 0;
}

int db_open(struct db *db, const struct env *env, const char *name, const char *const *steps, size_t step_n, const char *const *queries,
	    size_t query_n, struct error *err)
{
	return open_with(db, env, name, (struct form){ PAGE_LEAST, false }, steps, step_n, queries, query_n, err);
}

int db_open_large(struct db *db, const struct env *env, const char *name, const char *const *steps, size_t step_n, const char *const *queries,
		  size_t query_n, struct error *err)
{
	return open_with(db, env, name, (struct form){ PAGE_LARGE, false }, steps, step_n, queries, query_n, err);
}

int db_open_pooled(struct db *db, const struct env *env, const char *name, const char *const *steps, size_t step_n, struct error *err)
{
	return open_with(db, env, name, (struct form){ PAGE_LARGE, true }, steps, step_n, NULL, 0, err);
}

static bool doomed;

void db_doom(bool on)
{
	doomed = on;
}

void db_close(struct db *db)
{
	if (!db->h || park_put(db))
		return;
	park_free(db->parking);
	if (doomed)
		sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	shrink_free(db->shrink);
	wal_free(db->wal);
	for (size_t i = 0; i < db->kept_n; i++)
		sqlite3_finalize(db->kept[i]);
	free(db->kept);
	sqlite3_finalize(db->begin);
	sqlite3_finalize(db->commit);
	sqlite3_finalize(db->rollback);
	if (db->in_tx)
		(void)sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	dbimage_closed(db->h);
	sqlite3_close_v2(db->h);
	*db = (struct db){ 0 };
}

sqlite3_stmt *db_q(const struct db *db, size_t q)
{
	assert(q < db->kept_n);
	return db->kept[q];
}

int db_row(struct db *db, size_t q, struct error *err)
{
	int rc = sqlite3_step(db_q(db, q));
	if (rc == SQLITE_ROW)
		return 1;
	rc = rc == SQLITE_DONE ? 0 : db_error(db, err);
	db_done(db, q);
	return rc;
}

void db_done(struct db *db, size_t q)
{
	sqlite3_reset(db_q(db, q));
	sqlite3_clear_bindings(db_q(db, q));
}

/* Some failures (disk full, I/O) roll the whole transaction back. */
int db_write(struct db *db, size_t q, struct error *err)
{
	int rc = db_begin(db, err);
	if (rc) {
		db_done(db, q);
		return rc;
	}
	rc = db_run(db, db_q(db, q), err);
	if (rc && sqlite3_get_autocommit(db->h))
		db->broken = true;
	return rc;
}

int db_run(struct db *db, sqlite3_stmt *st, struct error *err)
{
	int rc = sqlite3_step(st);
	int out = rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : db_error(db, err);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return out;
}

int db_begin(struct db *db, struct error *err)
{
	if (db->broken)
		return err_set(err, ERR_STORE, "this tick's transaction was rolled back");
	if (db->in_tx)
		return 0;
	int rc = db_run(db, db->begin, err);
	db->in_tx = rc == 0;
	return rc;
}

int db_commit(struct db *db, struct error *err)
{
	if (!db->in_tx)
		return 0;
	bool broken = db->broken;
	db->in_tx = db->broken = false;
	if (broken)
		return err_set(err, ERR_STORE, "the transaction was rolled back");
	int rc = db_run(db, db->commit, err);
	/* The commit's error is what the caller must hear; a failing rollback adds nothing to it. */
	if (rc && !sqlite3_get_autocommit(db->h) && db_run(db, db->rollback, NULL))
		return rc;
	if (!rc)
		shrink_look(db->shrink);
	return rc;
}

int db_rollback(struct db *db, struct error *err)
{
	bool open = db->in_tx && !db->broken;
	db->in_tx = db->broken = false;
	return open ? db_run(db, db->rollback, err) : 0;
}

void db_bind(sqlite3_stmt *st, int at, struct slice s)
{
	if (s.p)
		sqlite3_bind_text64(st, at, s.p, s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	else
		sqlite3_bind_null(st, at);
}

void db_bind_blob(sqlite3_stmt *st, int at, struct slice s)
{
	if (s.p)
		sqlite3_bind_blob64(st, at, s.p, s.n, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(st, at);
}

struct slice db_text(sqlite3_stmt *st, int column)
{
	const unsigned char *p = sqlite3_column_text(st, column);
	return sl_of(p, p ? (size_t)sqlite3_column_bytes(st, column) : 0);
}

struct slice db_blob(sqlite3_stmt *st, int column)
{
	if (sqlite3_column_type(st, column) == SQLITE_NULL)
		return sl(NULL);
	const void *p = sqlite3_column_blob(st, column);
	size_t n = (size_t)sqlite3_column_bytes(st, column);
	return sl_of(p ? p : "", n);
}
