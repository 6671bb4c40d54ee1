#include "kinesis/kinesis.h"

#include <string.h>

/* A stream is one document; its records lie in the order of their indexes, shard by shard. */
static const char *const schema[] = {
	"CREATE TABLE stream (id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;"
	"CREATE TABLE record (stream INTEGER NOT NULL, shard INTEGER NOT NULL, ix INTEGER NOT NULL, at INTEGER NOT NULL,"
	" key TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX record_place ON record (stream, shard, ix)",
};

int kin_store_open(struct kin_db *s, const struct env *env, struct error *err)
{
	const struct {
		const char *sql;
		sqlite3_stmt **st;
	} rows[] = {
		{ "INSERT INTO stream (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc", &s->put_stream },
		{ "DELETE FROM stream WHERE id = ?", &s->del_stream },
		{ "SELECT id, doc FROM stream ORDER BY id", &s->all_streams },
		{ "SELECT MAX(ix) FROM record WHERE stream = ?", &s->max_index },
		{ "INSERT INTO record (stream, shard, ix, at, key, data) VALUES (?, ?, ?, ?, ?, ?)", &s->put },
		{ "SELECT ix, at, key, data FROM record WHERE stream = ? AND shard = ? AND ix >= ? ORDER BY ix", &s->get },
		{ "DELETE FROM record WHERE stream = ? AND at < ? AND ix < ?", &s->trim },
		{ "DELETE FROM record WHERE stream = ?", &s->wipe },
		{ "SELECT ix FROM record WHERE stream = ? AND shard = ? AND at >= ? ORDER BY ix LIMIT 1", &s->at_time },
	};
	int r = db_open(&s->db, env, "kinesis", schema, ARRAY_LEN(schema), err);
	for (size_t i = 0; !r && i < ARRAY_LEN(rows); i++)
		r = db_prepare(&s->db, rows[i].sql, rows[i].st, err);
	return r;
}

void kin_store_close(struct kin_db *s)
{
	sqlite3_stmt *all[] = { s->put_stream, s->del_stream, s->all_streams, s->max_index, s->put, s->get, s->trim, s->wipe, s->at_time };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		sqlite3_finalize(all[i]);
	db_close(&s->db);
}

int kin_store_stream(struct kin_db *s, int64_t id, const char *doc, struct error *err)
{
	int r = db_begin(&s->db, err);
	if (r)
		return r;
	sqlite3_bind_int64(s->put_stream, 1, id);
	db_bind(s->put_stream, 2, sl(doc));
	return db_run(&s->db, s->put_stream, err);
}

int kin_store_drop(struct kin_db *s, int64_t id, struct error *err)
{
	int r = db_begin(&s->db, err);
	if (r)
		return r;
	sqlite3_bind_int64(s->del_stream, 1, id);
	sqlite3_bind_int64(s->wipe, 1, id);
	r = db_run(&s->db, s->del_stream, err);
	return r ? r : db_run(&s->db, s->wipe, err);
}

static uint64_t next_index(struct kin_db *s, int64_t id)
{
	uint64_t n = 1;
	sqlite3_bind_int64(s->max_index, 1, id);
	if (sqlite3_step(s->max_index) == SQLITE_ROW && sqlite3_column_type(s->max_index, 0) != SQLITE_NULL)
		n = (uint64_t)sqlite3_column_int64(s->max_index, 0) + 1;
	sqlite3_reset(s->max_index);
	return n;
}

int kin_store_streams(struct kin_db *s, kin_each_stream fn, void *arg, struct error *err)
{
	int r = 0, step = SQLITE_DONE;
	while (!r && (step = sqlite3_step(s->all_streams)) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(s->all_streams, 0);
		r = fn(arg, id, db_text(s->all_streams, 1), next_index(s, id), err);
	}
	if (!r && step != SQLITE_DONE)
		r = db_error(&s->db, err);
	sqlite3_reset(s->all_streams);
	return r;
}

int kin_store_put(struct kin_db *s, int64_t stream, uint32_t shard, const struct kin_record *rec, struct error *err)
{
	int r = db_begin(&s->db, err);
	if (r)
		return r;
	sqlite3_bind_int64(s->put, 1, stream);
	sqlite3_bind_int64(s->put, 2, shard);
	sqlite3_bind_int64(s->put, 3, (int64_t)rec->index);
	sqlite3_bind_int64(s->put, 4, rec->time_ms);
	sqlite3_bind_text64(s->put, 5, rec->key.p, rec->key.n, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_blob64(s->put, 6, rec->data.n ? rec->data.p : "", rec->data.n, SQLITE_STATIC);
	return db_run(&s->db, s->put, err);
}

int kin_store_get(struct kin_db *s, int64_t stream, uint32_t shard, uint64_t from, int64_t horizon_ms, kin_each_record fn, void *arg,
		  struct error *err)
{
	int step;
	sqlite3_bind_int64(s->get, 1, stream);
	sqlite3_bind_int64(s->get, 2, shard);
	sqlite3_bind_int64(s->get, 3, (int64_t)from);
	while ((step = sqlite3_step(s->get)) == SQLITE_ROW) {
		struct kin_record r = { .index = (uint64_t)sqlite3_column_int64(s->get, 0), .time_ms = sqlite3_column_int64(s->get, 1) };
		if (r.time_ms < horizon_ms)
			continue;
		r.key = db_text(s->get, 2);
		r.data = db_blob(s->get, 3);
		if (fn(arg, &r)) {
			step = SQLITE_DONE;
			break;
		}
	}
	int r = step == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_reset(s->get);
	return r;
}

int kin_store_at(struct kin_db *s, int64_t stream, uint32_t shard, int64_t time_ms, uint64_t otherwise, uint64_t *out, struct error *err)
{
	sqlite3_bind_int64(s->at_time, 1, stream);
	sqlite3_bind_int64(s->at_time, 2, shard);
	sqlite3_bind_int64(s->at_time, 3, time_ms);
	int step = sqlite3_step(s->at_time);
	*out = step == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s->at_time, 0) : otherwise;
	int r = step == SQLITE_ROW || step == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_reset(s->at_time);
	return r;
}

int kin_store_trim(struct kin_db *s, int64_t stream, int64_t before_ms, uint64_t newest, struct error *err)
{
	int r = db_begin(&s->db, err);
	if (r)
		return r;
	sqlite3_bind_int64(s->trim, 1, stream);
	sqlite3_bind_int64(s->trim, 2, before_ms);
	sqlite3_bind_int64(s->trim, 3, (int64_t)newest);
	return db_run(&s->db, s->trim, err);
}
