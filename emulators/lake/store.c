/* lake.db: the cleaned tables. A clean run is one transaction, so readers see the old tables or the new. */
#include "lake.h"

#include <stdio.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Made anew by every clean run of the table, none before the first: without one a question has no answer, not an empty one. */
static const char *const tables[LAKE_SET_N] = {
	[LAKE_PIN] = "DROP TABLE IF EXISTS pin;"
		     "CREATE TABLE pin(ind INTEGER NOT NULL, unique_id TEXT, title TEXT, description TEXT, follower_count INTEGER,"
		     " poster_name TEXT, tag_list TEXT, is_image_or_video TEXT, image_src TEXT, save_location TEXT, category TEXT) STRICT",
	[LAKE_GEO] = "DROP TABLE IF EXISTS geo;"
		     "CREATE TABLE geo(ind INTEGER NOT NULL, country TEXT, coordinates TEXT, timestamp TEXT, post_year INTEGER) STRICT",
	[LAKE_USERS] = "DROP TABLE IF EXISTS users;"
		       "CREATE TABLE users(ind INTEGER NOT NULL, user_name TEXT, age INTEGER, date_joined TEXT, join_year INTEGER) STRICT",
};
static const char quarantine[] =
	"CREATE TABLE IF NOT EXISTS quarantine(dataset TEXT NOT NULL, topic TEXT NOT NULL, object_key TEXT NOT NULL, line INTEGER NOT NULL,"
	" at INTEGER, reason TEXT NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL, record TEXT NOT NULL) STRICT";
/* Schema changes of the file. Older releases kept a second form of the columns that the questions count by. */
static const char *const schema[] = { "DROP TABLE IF EXISTS tarn_fact" };
/* For joins; made when the rows are in, which is cheaper, or when a statement first joins a large table. */
static const char *const indexes[LAKE_SET_N] = {
	[LAKE_PIN] = "CREATE INDEX IF NOT EXISTS pin_ind ON pin(ind)",
	[LAKE_GEO] = "CREATE INDEX IF NOT EXISTS geo_ind ON geo(ind)",
	[LAKE_USERS] = "CREATE INDEX IF NOT EXISTS users_ind ON users(ind)",
};

static int open_reader(struct lake_store *s, const struct env *env, struct error *err)
{
	char path[1024];
	if (!env->dir || env->durability == DURABILITY_OFF)
		return 0;
	if (snprintf(path, sizeof(path), "%s/lake.db", env->dir) >= (int)sizeof(path))
		return err_set(err, ERR_STORE, "path too long: %s", env->dir);
	if (sqlite3_open_v2(path, &s->read, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL))
		return err_set(err, ERR_STORE, "%s: %s", path, s->read ? sqlite3_errmsg(s->read) : "no memory");
	sqlite3_busy_timeout(s->read, 5000);
	return 0;
}

static int prepare_insert(struct lake_store *s, int set, struct error *err)
{
	struct buf sql = { 0 };
	if (s->insert[set])
		return 0;
	buf_addf(&sql, "INSERT INTO %s VALUES(?", clean_tables[set].name);
	for (size_t i = 1; i < clean_tables[set].out_n; i++)
		buf_adds(&sql, ",?");
	buf_add(&sql, ")", 2);
	int rc = db_prepare(&s->db, sql.p, &s->insert[set], err);
	buf_free(&sql);
	return rc;
}

/* A clean run writes everything anew. With a journal of what was there (in a new file, nothing) it writes that once; with WAL,
 * twice. Nobody reads meanwhile but the run itself. What kill -9 leaves is rolled back as ever. */
static int settings(struct lake_store *s, const struct env *env, struct error *err)
{
	int rc = env->durability == DURABILITY_FULL ? 0 : db_exec(&s->db, "PRAGMA synchronous=OFF", err);
	return rc ? rc : db_exec(&s->db, "PRAGMA journal_mode=DELETE; PRAGMA cache_size=-8000", err);
}

int lake_store_open(struct lake_store *s, const struct env *env, struct error *err)
{
	*s = (struct lake_store){ 0 };
	int rc = db_open_large(&s->db, env, "lake", schema, ARRAY_LEN(schema), NULL, 0, err);
	if (!rc)
		rc = settings(s, env, err);
	if (!rc)
		rc = open_reader(s, env, err);
	if (!rc && lake_functions_add(s->read ? s->read : s->db.h))
		rc = db_error(&s->db, err);
	if (rc)
		lake_store_close(s);
	return rc;
}

void lake_store_close(struct lake_store *s)
{
	for (int set = 0; set < LAKE_SET_N; set++)
		sqlite3_finalize(s->insert[set]);
	sqlite3_finalize(s->bad);
	lake_store_raw_drop(s);
	sqlite3_close_v2(s->read);
	db_close(&s->db);
	*s = (struct lake_store){ 0 };
}

/* Empties the table; what of it was quarantined goes too. */
static int begin_set(struct lake_store *s, int set, struct error *err)
{
	struct buf sql = { 0 };
	buf_addf(&sql, "%s; DELETE FROM quarantine WHERE dataset = '%s'", tables[set], clean_tables[set].name);
	int rc = db_exec(&s->db, buf_cstr(&sql), err);
	buf_free(&sql);
	s->rows[set] = 0;
	s->indexed[set] = false;
	return rc ? rc : prepare_insert(s, set, err);
}

int lake_store_begin_sets(struct lake_store *s, const bool on[LAKE_SET_N], struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (!rc)
		rc = db_exec(&s->db, quarantine, err);
	for (int set = 0; !rc && set < LAKE_SET_N; set++) {
		s->on[set] = on[set];
		if (on[set])
			rc = begin_set(s, set, err);
	}
	return rc || s->bad ? rc : db_prepare(&s->db, "INSERT INTO quarantine VALUES(?,?,?,?,?,?,?,?,?)", &s->bad, err);
}

int lake_store_begin(struct lake_store *s, struct error *err)
{
	static const bool all[LAKE_SET_N] = { true, true, true };
	return lake_store_begin_sets(s, all, err);
}

/* Values live until the statement is reset, so they need no copy. */
static void bind(sqlite3_stmt *st, int at, const struct clean_value *v)
{
	switch ((enum clean_kind)v->kind) {
	case CLEAN_NULL:
		sqlite3_bind_null(st, at);
		break;
	case CLEAN_TEXT:
		sqlite3_bind_text64(st, at, v->text.p, v->text.n, SQLITE_STATIC, SQLITE_UTF8);
		break;
	case CLEAN_INT:
		sqlite3_bind_int64(st, at, v->i);
		break;
	case CLEAN_REAL:
		sqlite3_bind_double(st, at, v->d);
		break;
	}
}

int lake_store_row(struct lake_store *s, enum lake_set set, const struct clean_value *v, struct error *err)
{
	for (size_t i = 0; i < clean_tables[set].out_n; i++)
		bind(s->insert[set], (int)i + 1, &v[i]);
	/* All are bound anew for the next row. */
	int rc = sqlite3_step(s->insert[set]) == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_reset(s->insert[set]);
	s->rows[set]++;
	return rc;
}

/* Cut at a whole character; bytes that are no text are shown in hex. */
static void bind_snippet(sqlite3_stmt *st, int at, struct slice record)
{
	struct slice cut = sl_of(record.p, record.n < LAKE_SNIPPET ? record.n : LAKE_SNIPPET);
	while (cut.n < record.n && cut.n && ((unsigned char)record.p[cut.n] & 0xC0) == 0x80)
		cut.n--;
	struct buf hex = { 0 };
	if (!sl_is_utf8(cut) || sl_chr(cut, '\0') >= 0) {
		buf_hex(&hex, cut.p, cut.n < LAKE_SNIPPET / 2 ? cut.n : LAKE_SNIPPET / 2);
		cut = buf_slice(&hex);
	}
	db_bind(st, at, cut);
	buf_free(&hex);
}

int lake_store_bad(struct lake_store *s, const struct lake_bad *bad, struct error *err)
{
	const struct clean_table *t = &clean_tables[bad->set];
	struct slice kept = bad->record;
	struct buf topic = { 0 };
	kept.n = kept.n < LAKE_QUARANTINE_BYTES ? kept.n : LAKE_QUARANTINE_BYTES;
	buf_addf(&topic, "%.*s.%s", SL(bad->user), t->topic);
	db_bind(s->bad, 1, sl(t->name));
	db_bind(s->bad, 2, buf_slice(&topic));
	db_bind(s->bad, 3, bad->key);
	sqlite3_bind_int64(s->bad, 4, (sqlite3_int64)bad->line);
	if (bad->at)
		sqlite3_bind_int64(s->bad, 5, (sqlite3_int64)bad->at);
	db_bind(s->bad, 6, bad->reason);
	sqlite3_bind_int64(s->bad, 7, (sqlite3_int64)bad->size);
	db_bind_blob(s->bad, 8, kept);
	bind_snippet(s->bad, 9, bad->record);
	buf_free(&topic);
	return db_run(&s->db, s->bad, err);
}

int lake_store_index(struct lake_store *s, enum lake_set set, struct error *err)
{
	if (s->indexed[set])
		return 0;
	int rc = db_exec(&s->db, indexes[set], err);
	s->indexed[set] = rc == 0;
	return rc;
}

int lake_store_finish(struct lake_store *s, struct error *err)
{
	int rc = 0;
	for (int set = 0; !rc && set < LAKE_SET_N; set++)
		if (s->on[set] && s->rows[set] < LAKE_INDEX_LATER)
			rc = lake_store_index(s, (enum lake_set)set, err);
	if (!rc)
		rc = db_commit(&s->db, err);
#ifdef __GLIBC__
	(void)malloc_trim(0); /* a large run's memory goes back, questions need none of it */
#endif
	return rc;
}

void lake_store_cancel(struct lake_store *s)
{
	if (s->db.in_tx)
		(void)sqlite3_exec(s->db.h, "ROLLBACK", NULL, NULL, NULL);
	s->db.in_tx = false;
}
