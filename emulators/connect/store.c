#include "connect/connect.h"
#include "connect/written.h"

/* Offsets outlive their connector, as a consumer group's do. */
static const char *const steps[] = {
	"CREATE TABLE connector (name TEXT PRIMARY KEY, config TEXT NOT NULL, state INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE offset (connector TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (connector, topic, partition)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE topic (connector TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (connector, topic)) STRICT, WITHOUT ROWID;",
	("ALTER TABLE offset ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;"
	 "CREATE TABLE source (connector TEXT NOT NULL, file TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (connector, file)) STRICT, WITHOUT ROWID;"),
	CON_WRITTEN_STEP,
};

enum { Q_PUT, Q_DEL, Q_ALL, Q_OFFSET_PUT, Q_OFFSET_GET, Q_OFFSETS, Q_OFFSETS_OWN, Q_OFFSETS_DEL, Q_OFFSETS_FORGET, Q_TOPIC_PUT, Q_TOPICS, Q_TOPICS_DEL, Q_SOURCE_PUT, Q_SOURCE_GET, Q_SOURCE_DEL,
	Q_SOURCES, Q_SOURCES_DEL, Q_OWN };
enum { Q_COUNT = Q_OWN + CON_WRITTEN_Q };
_Static_assert((int)Q_OWN == (int)CON_WRITTEN_FIRST, "written.c counts from here");
/* Every one by primary key or its prefix. */
static const char *const queries[Q_COUNT] = {
	[Q_PUT] = "INSERT INTO connector VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET config = ?2, state = ?3",
	[Q_DEL] = "DELETE FROM connector WHERE name = ?1",
	[Q_ALL] = "SELECT name, config, state FROM connector ORDER BY name",
	[Q_OFFSET_PUT] = "INSERT INTO offset VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET at = ?4, kept = ?5",
	[Q_OFFSET_GET] = "SELECT at, kept FROM offset WHERE connector = ?1 AND topic = ?2 AND partition = ?3",
	[Q_OFFSETS] = "SELECT topic, partition, at FROM offset WHERE connector = ?1 ORDER BY topic, partition",
	[Q_OFFSETS_OWN] = "SELECT topic, partition, at FROM offset WHERE connector = ?1 AND kept = 0 ORDER BY topic, partition",
	[Q_OFFSETS_DEL] = "DELETE FROM offset WHERE connector = ?1",
	[Q_OFFSETS_FORGET] = "DELETE FROM offset WHERE connector = ?1 AND kept = 1",
	[Q_TOPIC_PUT] = "INSERT INTO topic VALUES (?1, ?2) ON CONFLICT DO NOTHING",
	[Q_TOPICS] = "SELECT topic FROM topic WHERE connector = ?1 ORDER BY topic",
	[Q_SOURCE_PUT] = "INSERT INTO source VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET at = ?3",
	[Q_SOURCE_GET] = "SELECT at FROM source WHERE connector = ?1 AND file = ?2",
	[Q_SOURCE_DEL] = "DELETE FROM source WHERE connector = ?1 AND file = ?2",
	[Q_SOURCES] = "SELECT file, at FROM source WHERE connector = ?1 ORDER BY file",
	[Q_SOURCES_DEL] = "DELETE FROM source WHERE connector = ?1",
	[Q_TOPICS_DEL] = "DELETE FROM topic WHERE connector = ?1",
	CON_WRITTEN_QUERIES(Q_OWN)
};

int con_store_open(struct db *db, const struct env *env, struct error *err)
{
	return db_open(db, env, "connect", steps, ARRAY_LEN(steps), queries, Q_COUNT, err);
}

static sqlite3_stmt *named(struct db *db, size_t q, const char *name)
{
	sqlite3_stmt *st = db_q(db, q);
	db_bind(st, 1, sl(name));
	return st;
}

static int write_named(struct db *db, size_t q, const char *name, struct error *err)
{
	(void)named(db, q, name);
	return db_write(db, q, err);
}

int con_store_connector(struct db *db, const char *name, struct slice config, enum con_state state, struct error *err)
{
	sqlite3_stmt *st = named(db, Q_PUT, name);
	db_bind(st, 2, config);
	sqlite3_bind_int(st, 3, (int)state);
	return db_write(db, Q_PUT, err);
}

int con_store_delete(struct db *db, const char *name, struct error *err)
{
	return write_named(db, Q_DEL, name, err);
}

int con_store_connectors(struct db *db, con_each_connector fn, void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_ALL);
	int rc;
	while ((rc = db_row(db, Q_ALL, err)) > 0) {
		rc = fn(arg, db_text(st, 0), db_text(st, 1), (enum con_state)sqlite3_column_int(st, 2), err);
		if (rc) {
			db_done(db, Q_ALL);
			break;
		}
	}
	return rc;
}

int con_store_offset(struct db *db, const char *connector, const char *topic, int partition, int64_t offset, bool kept, struct error *err)
{
	sqlite3_stmt *st = named(db, Q_OFFSET_PUT, connector);
	db_bind(st, 2, sl(topic));
	sqlite3_bind_int(st, 3, partition);
	sqlite3_bind_int64(st, 4, offset);
	sqlite3_bind_int(st, 5, kept);
	return db_write(db, Q_OFFSET_PUT, err);
}

int64_t con_store_offset_get(struct db *db, const char *connector, const char *topic, int partition, bool *kept)
{
	sqlite3_stmt *st = named(db, Q_OFFSET_GET, connector);
	int64_t at = -1;
	*kept = false;
	db_bind(st, 2, sl(topic));
	sqlite3_bind_int(st, 3, partition);
	if (db_row(db, Q_OFFSET_GET, NULL) > 0) {
		at = sqlite3_column_int64(st, 0);
		*kept = sqlite3_column_int(st, 1);
	}
	db_done(db, Q_OFFSET_GET);
	return at;
}

int con_store_offsets_reset(struct db *db, const char *connector, struct error *err)
{
	return write_named(db, Q_OFFSETS_DEL, connector, err);
}

int con_store_offsets_forget(struct db *db, const char *connector, struct error *err)
{
	return write_named(db, Q_OFFSETS_FORGET, connector, err);
}

static void each_offset(struct db *db, size_t q, const char *connector, con_each_offset fn, void *arg)
{
	sqlite3_stmt *st = named(db, q, connector);
	while (db_row(db, q, NULL) > 0)
		fn(arg, db_text(st, 0), sqlite3_column_int(st, 1), sqlite3_column_int64(st, 2));
}

void con_store_offsets(struct db *db, const char *connector, con_each_offset fn, void *arg)
{
	each_offset(db, Q_OFFSETS, connector, fn, arg);
}

void con_store_offsets_own(struct db *db, const char *connector, con_each_offset fn, void *arg)
{
	each_offset(db, Q_OFFSETS_OWN, connector, fn, arg);
}

int con_store_source(struct db *db, const char *connector, const char *file, int64_t at, struct error *err)
{
	size_t q = at < 0 ? Q_SOURCE_DEL : Q_SOURCE_PUT;
	sqlite3_stmt *st = named(db, q, connector);
	db_bind(st, 2, sl(file));
	if (at >= 0)
		sqlite3_bind_int64(st, 3, at);
	return db_write(db, q, err);
}

int64_t con_store_source_get(struct db *db, const char *connector, const char *file)
{
	sqlite3_stmt *st = named(db, Q_SOURCE_GET, connector);
	int64_t at = -1;
	db_bind(st, 2, sl(file));
	if (db_row(db, Q_SOURCE_GET, NULL) > 0)
		at = sqlite3_column_int64(st, 0);
	db_done(db, Q_SOURCE_GET);
	return at;
}

void con_store_sources(struct db *db, const char *connector, con_each_file fn, void *arg)
{
	sqlite3_stmt *st = named(db, Q_SOURCES, connector);
	while (db_row(db, Q_SOURCES, NULL) > 0)
		fn(arg, db_text(st, 0), sqlite3_column_int64(st, 1));
}

int con_store_sources_reset(struct db *db, const char *connector, struct error *err)
{
	return write_named(db, Q_SOURCES_DEL, connector, err);
}

int con_store_topic(struct db *db, const char *connector, const char *topic, struct error *err)
{
	db_bind(named(db, Q_TOPIC_PUT, connector), 2, sl(topic));
	return db_write(db, Q_TOPIC_PUT, err);
}

int con_store_topics_reset(struct db *db, const char *connector, struct error *err)
{
	return write_named(db, Q_TOPICS_DEL, connector, err);
}

void con_store_topics(struct db *db, const char *connector, con_each_topic fn, void *arg)
{
	sqlite3_stmt *st = named(db, Q_TOPICS, connector);
	while (db_row(db, Q_TOPICS, NULL) > 0)
		fn(arg, db_text(st, 0));
}
