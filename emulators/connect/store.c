#include <stdlib.h>

#include "connect/connect.h"

struct con_store {
	struct db db;
	sqlite3_stmt *put, *del, *all, *offset_put, *offset_get, *offset_all, *offset_del, *topic_put, *topic_all, *topic_del;
};

/* Offsets outlive their connector, as a consumer group's do. */
static const char *const steps[] = {
	"CREATE TABLE connector (name TEXT PRIMARY KEY, config TEXT NOT NULL, state INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE offset (connector TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (connector, topic, partition)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE topic (connector TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (connector, topic)) STRICT, WITHOUT ROWID;",
};

int con_store_open(struct con_store **out, const struct env *env, struct error *err)
{
	struct con_store *s = xcalloc(1, sizeof(*s));
	const struct {
		sqlite3_stmt **st;
		const char *sql;
	} all[] = {
		/* Every one by primary key or its prefix. */
		{ &s->put, "INSERT INTO connector VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET config = ?2, state = ?3" },
		{ &s->del, "DELETE FROM connector WHERE name = ?1" },
		{ &s->all, "SELECT name, config, state FROM connector ORDER BY name" },
		{ &s->offset_put, "INSERT INTO offset VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET at = ?4" },
		{ &s->offset_get, "SELECT at FROM offset WHERE connector = ?1 AND topic = ?2 AND partition = ?3" },
		{ &s->offset_all, "SELECT topic, partition, at FROM offset WHERE connector = ?1 ORDER BY topic, partition" },
		{ &s->offset_del, "DELETE FROM offset WHERE connector = ?1" },
		{ &s->topic_put, "INSERT INTO topic VALUES (?1, ?2) ON CONFLICT DO NOTHING" },
		{ &s->topic_all, "SELECT topic FROM topic WHERE connector = ?1 ORDER BY topic" },
		{ &s->topic_del, "DELETE FROM topic WHERE connector = ?1" },
	};
	int rc = db_open(&s->db, env, "connect", steps, ARRAY_LEN(steps), err);
	for (size_t i = 0; !rc && i < ARRAY_LEN(all); i++)
		rc = db_prepare(&s->db, all[i].sql, all[i].st, err);
	if (rc)
		con_store_close(s);
	else
		*out = s;
	return rc;
}

void con_store_close(struct con_store *s)
{
	if (!s)
		return;
	sqlite3_stmt *all[] = { s->put, s->del, s->all, s->offset_put, s->offset_get, s->offset_all, s->offset_del, s->topic_put, s->topic_all, s->topic_del };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		sqlite3_finalize(all[i]);
	db_close(&s->db);
	free(s);
}

bool con_store_dirty(const struct con_store *s)
{
	return s->db.in_tx;
}

int con_store_commit(struct con_store *s, struct error *err)
{
	return db_commit(&s->db, err);
}

int con_store_connector(struct con_store *s, const char *name, struct slice config, enum con_state state, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	db_bind(s->put, 1, sl(name));
	db_bind(s->put, 2, config);
	sqlite3_bind_int(s->put, 3, (int)state);
	return db_run(&s->db, s->put, err);
}

static int run_name(struct con_store *s, sqlite3_stmt *st, const char *name, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	db_bind(st, 1, sl(name));
	return db_run(&s->db, st, err);
}

int con_store_delete(struct con_store *s, const char *name, struct error *err)
{
	return run_name(s, s->del, name, err);
}

int con_store_connectors(struct con_store *s, con_each_connector fn, void *arg, struct error *err)
{
	int rc = 0, step = SQLITE_DONE;
	while (!rc && (step = sqlite3_step(s->all)) == SQLITE_ROW)
		rc = fn(arg, db_text(s->all, 0), db_text(s->all, 1), (enum con_state)sqlite3_column_int(s->all, 2), err);
	if (!rc && step != SQLITE_DONE)
		rc = db_error(&s->db, err);
	sqlite3_reset(s->all);
	return rc;
}

int con_store_offset(struct con_store *s, const char *connector, const char *topic, int partition, int64_t offset, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	db_bind(s->offset_put, 1, sl(connector));
	db_bind(s->offset_put, 2, sl(topic));
	sqlite3_bind_int(s->offset_put, 3, partition);
	sqlite3_bind_int64(s->offset_put, 4, offset);
	return db_run(&s->db, s->offset_put, err);
}

int64_t con_store_offset_get(struct con_store *s, const char *connector, const char *topic, int partition)
{
	int64_t at = -1;
	db_bind(s->offset_get, 1, sl(connector));
	db_bind(s->offset_get, 2, sl(topic));
	sqlite3_bind_int(s->offset_get, 3, partition);
	if (sqlite3_step(s->offset_get) == SQLITE_ROW)
		at = sqlite3_column_int64(s->offset_get, 0);
	sqlite3_reset(s->offset_get);
	return at;
}

int con_store_offsets_reset(struct con_store *s, const char *connector, struct error *err)
{
	return run_name(s, s->offset_del, connector, err);
}

void con_store_offsets(struct con_store *s, const char *connector, con_each_offset fn, void *arg)
{
	db_bind(s->offset_all, 1, sl(connector));
	while (sqlite3_step(s->offset_all) == SQLITE_ROW)
		fn(arg, db_text(s->offset_all, 0), sqlite3_column_int(s->offset_all, 1), sqlite3_column_int64(s->offset_all, 2));
	sqlite3_reset(s->offset_all);
}

int con_store_topic(struct con_store *s, const char *connector, const char *topic, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	db_bind(s->topic_put, 1, sl(connector));
	db_bind(s->topic_put, 2, sl(topic));
	return db_run(&s->db, s->topic_put, err);
}

int con_store_topics_reset(struct con_store *s, const char *connector, struct error *err)
{
	return run_name(s, s->topic_del, connector, err);
}

void con_store_topics(struct con_store *s, const char *connector, con_each_topic fn, void *arg)
{
	db_bind(s->topic_all, 1, sl(connector));
	while (sqlite3_step(s->topic_all) == SQLITE_ROW)
		fn(arg, db_text(s->topic_all, 0));
	sqlite3_reset(s->topic_all);
}
