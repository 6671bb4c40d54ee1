#include "park.h"

enum { SMALL_BYTES = 2 << 20, TABLES_MAX = 64 };

/* Of a database, as long as it is open. */
struct parking {
	struct park_key key;
	char *dir, *name, *file;
	sqlite3_stmt *empty[TABLES_MAX]; /* prepared when it is emptied for the first time */
	size_t n;
	int64_t changes; /* sqlite3_total_changes64 when it had been emptied; -1: never */
	struct park_mark {
		int64_t own, others, schema;
	} first;         /* see park_as_first; own -1: never said */
};

struct place {
	struct place *next;
	struct db db;  /* .h NULL: it was closed */
	char *file, *owner;
};

static struct place *places;
static bool parking, quiet;

void park_begin(void)
{
	parking = true;
	quiet = false;
}

void park_quiet(void)
{
	quiet = true;
}

void park_may(struct db *db, const struct park_key *key)
{
	struct parking *p = xcalloc(1, sizeof(*p));
	p->key = *key;
	p->changes = p->first.own = -1;
	p->dir = key->dir ? xstrdup(key->dir) : NULL;
	p->name = xstrdup(key->name);
	p->file = key->dir ? xasprintf("%s.db", key->name) : NULL;
	db->parking = p;
}

void park_free(struct parking *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		sqlite3_finalize(p->empty[i]);
	free(p->dir);
	free(p->name);
	free(p->file);
	free(p);
}

/* ---- closing ---- */

static bool has(sqlite3_stmt *const *at, size_t n, const sqlite3_stmt *st)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] == st)
			return true;
	return false;
}

static bool is_own(const struct db *db, const sqlite3_stmt *st)
{
	return st == db->begin || st == db->commit || st == db->rollback || has(db->kept, db->kept_n, st) || has(db->parking->empty, db->parking->n, st);
}

static struct park_mark mark_of(const struct db *db)
{
	return (struct park_mark){ sqlite3_total_changes64(db->h), db_number(db->h, "PRAGMA data_version"), db_number(db->h, "PRAGMA schema_version") };
}

void park_as_first(struct db *db)
{
	if (db->parking)
		db->parking->first = mark_of(db);
}

bool park_is_first(const struct db *db)
{
	if (!db->parking || db->parking->first.own < 0)
		return false;
	struct park_mark now = mark_of(db), *first = &db->parking->first;
	return now.own == first->own && now.others == first->others && now.schema == first->schema;
}

static bool is_used(const struct db *db)
{
	for (sqlite3_stmt *st = sqlite3_next_stmt(db->h, NULL); st; st = sqlite3_next_stmt(db->h, st))
		if (!is_own(db, st))
			return true;
	return false;
}

/* What its service has hung on it goes with the service. */
static void unhook(sqlite3 *h)
{
	sqlite3_set_authorizer(h, NULL, NULL);
	sqlite3_progress_handler(h, 0, NULL, NULL);
	sqlite3_update_hook(h, NULL, NULL);
}

bool park_put(struct db *db)
{
	if (!parking || !db->parking)
		return false;
	struct place *e = xcalloc(1, sizeof(*e));
	e->next = places;
	places = e;
	e->file = db->parking->file ? xstrdup(db->parking->file) : NULL;
	e->owner = xstrdup(db->parking->key.owner);
	for (size_t i = 0; i < db->kept_n; i++)
		db_done(db, i);
	if (db->broken || is_used(db) || db_rollback(db, NULL))
		return false;
	unhook(db->h);
	e->db = *db;
	*db = (struct db){ 0 };
	return true;
}

/* ---- emptying ---- */

static int prepare_one(struct db *db, const char *table, struct error *err)
{
	struct parking *p = db->parking;
	char *sql = sqlite3_mprintf("DELETE FROM \"%w\"", table);
	int rc = p->n == TABLES_MAX ? err_set(err, ERR_LIMIT, "too many tables") : db_prepare(db, sql, &p->empty[p->n], err);
	sqlite3_free(sql);
	if (!rc)
		p->n++;
	return rc;
}

static int prepare(struct db *db, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = db->parking->n ? 0
				: db_prepare(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND (name NOT LIKE 'sqlite\\_%' ESCAPE '\\' OR name = 'sqlite_sequence')", &st, err);
	while (!rc && st && sqlite3_step(st) == SQLITE_ROW)
		rc = prepare_one(db, (const char *)sqlite3_column_text(st, 0), err);
	sqlite3_finalize(st);
	return rc;
}

/* In little time. */
static bool can_empty(const struct db *db)
{
	int64_t pages = db_number(db->h, "PRAGMA page_count"), page = db_number(db->h, "PRAGMA page_size");
	return pages >= 0 && page > 0 && pages < SMALL_BYTES / page;
}

/* Keys to other tables would have each row looked at. */
static int empty_one(struct db *db, struct error *err)
{
	if (db->parking->changes == sqlite3_total_changes64(db->h))
		return 0;
	int rc = prepare(db, err);
	if (!rc)
		rc = db_exec(db, "PRAGMA foreign_keys=OFF", err);
	if (!rc)
		rc = db_begin(db, err);
	for (size_t i = 0; !rc && i < db->parking->n; i++)
		rc = db_run(db, db->parking->empty[i], err);
	if (!rc)
		rc = db_commit(db, err);
	db->parking->changes = sqlite3_total_changes64(db->h);
	return rc ? rc : db_exec(db, "PRAGMA foreign_keys=ON", err);
}

static bool emptied(struct db *db)
{
	struct error err;
	return db->shared ? quiet && park_is_first(db) : can_empty(db) && !empty_one(db, &err);
}

static void close_place(struct place *e)
{
	bool was = parking;
	parking = false;
	db_close(&e->db);
	parking = was;
}

void park_empty(bool (*owned)(void *arg, const char *owner), void *arg)
{
	for (struct place *e = places; e; e = e->next)
		if (e->db.h && (!owned || owned(arg, e->owner)) && !emptied(&e->db))
			close_place(e);
}

const char *park_at(size_t i, const char **owner, bool *open)
{
	for (struct place *e = places; e; e = e->next) {
		if (!e->file || i-- > 0)
			continue;
		*owner = e->owner;
		*open = e->db.h != NULL;
		return e->file;
	}
	return NULL;
}

/* ---- opening ---- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_of(const struct parking *p, const struct park_key *key)
{
	return p->key.loop == key->loop && p->key.steps == key->steps && p->key.queries == key->queries && same_text(p->dir, key->dir) &&
	       !strcmp(p->name, key->name);
}

bool park_waits(const char *dir, const char *name)
{
	for (const struct place *e = places; e; e = e->next)
		if (e->db.h && same_text(e->db.parking->dir, dir) && !strcmp(e->db.parking->name, name))
			return true;
	return false;
}

bool park_take(const struct park_key *key, struct db *out)
{
	for (struct place *e = places; e; e = e->next) {
		if (!e->db.h || !is_of(e->db.parking, key))
			continue;
		*out = e->db;
		out->made = false;
		e->db = (struct db){ 0 };
		memcpy(out->parking->key.owner, key->owner, sizeof(key->owner));
		return true;
	}
	return false;
}

void park_end(void)
{
	parking = false;
	while (places) {
		struct place *e = places;
		places = e->next;
		db_close(&e->db);
		free(e->file);
		free(e->owner);
		free(e);
	}
}
