#include "kinesis/kinesis.h"

#include <string.h>

/* A stream is one document. A record's row id holds its place, stream, shard, index, so that each shard's records lie
 * together in their order and a put is an append without an index to keep. */
static const char *const schema[] = {
	"CREATE TABLE stream (id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;"
	"CREATE TABLE record (stream INTEGER NOT NULL, shard INTEGER NOT NULL, ix INTEGER NOT NULL, at INTEGER NOT NULL,"
	" key TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX record_place ON record (stream, shard, ix)",

	"CREATE TABLE placed (place INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
	"INSERT INTO placed SELECT stream << 48 | shard << 32 | ix, at, key, data FROM record ORDER BY stream, shard, ix;"
	"DROP TABLE record",
};
enum { INDEX_BITS = 32, SHARD_BITS = 16 };

static int64_t place(int64_t stream, uint32_t shard, uint64_t index)
{
	return stream << (INDEX_BITS + SHARD_BITS) | (int64_t)shard << INDEX_BITS | (int64_t)index;
}

static int64_t shard_end(int64_t stream, uint32_t shard)
{
	return place(stream, shard, KIN_INDEX_MAX);
}

int kin_store_open(struct kin_db *s, const struct env *env, struct error *err)
{
	const struct {
		const char *sql;
		sqlite3_stmt **st;
	} rows[] = {
		{ "INSERT INTO stream (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc", &s->put_stream },
		{ "DELETE FROM stream WHERE id = ?", &s->del_stream },
		{ "SELECT id, doc FROM stream ORDER BY id", &s->all_streams },
		{ "SELECT MAX(place) FROM placed WHERE place BETWEEN ? AND ?", &s->max_place },
		{ "INSERT INTO placed (place, at, key, data) VALUES (?, ?, ?, ?)", &s->put },
		{ "SELECT place, at, key, data FROM placed WHERE place BETWEEN ? AND ? ORDER BY place", &s->get },
		{ "DELETE FROM placed WHERE place BETWEEN ? AND ?", &s->wipe },
		{ "SELECT place FROM placed WHERE place BETWEEN ? AND ? AND at >= ? ORDER BY place LIMIT 1", &s->at_time },
	};
	int rc = db_open_large(&s->db, env, "kinesis", schema, ARRAY_LEN(schema), err);
	for (size_t i = 0; !rc && i < ARRAY_LEN(rows); i++)
		rc = db_prepare(&s->db, rows[i].sql, rows[i].st, err);
	return rc;
}

void kin_store_close(struct kin_db *s)
{
	sqlite3_stmt *all[] = { s->put_stream, s->del_stream, s->all_streams, s->max_place, s->put, s->get, s->wipe, s->at_time };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		sqlite3_finalize(all[i]);
	db_close(&s->db);
}

int kin_store_stream(struct kin_db *s, int64_t id, const char *doc, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	sqlite3_bind_int64(s->put_stream, 1, id);
	db_bind(s->put_stream, 2, sl(doc));
	return db_run(&s->db, s->put_stream, err);
}

int kin_store_drop(struct kin_db *s, int64_t id, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	sqlite3_bind_int64(s->del_stream, 1, id);
	sqlite3_bind_int64(s->wipe, 1, place(id, 0, 0));
	sqlite3_bind_int64(s->wipe, 2, shard_end(id, KIN_SHARD_MAX));
	rc = db_run(&s->db, s->del_stream, err);
	return rc ? rc : db_run(&s->db, s->wipe, err);
}

/* Each shard's last record is looked up, from the last shard that has any to the first. */
static uint64_t next_index(struct kin_db *s, int64_t id)
{
	uint64_t n = 1;
	int64_t end = shard_end(id, KIN_SHARD_MAX);
	for (bool more = true; more;) {
		sqlite3_bind_int64(s->max_place, 1, place(id, 0, 0));
		sqlite3_bind_int64(s->max_place, 2, end);
		more = sqlite3_step(s->max_place) == SQLITE_ROW && sqlite3_column_type(s->max_place, 0) != SQLITE_NULL;
		if (more) {
			int64_t last = sqlite3_column_int64(s->max_place, 0);
			uint64_t index = (uint64_t)last & KIN_INDEX_MAX;
			n = index >= n ? index + 1 : n;
			end = last - (int64_t)index - 1;
		}
		sqlite3_reset(s->max_place);
	}
	return n;
}

int kin_store_streams(struct kin_db *s, kin_each_stream fn, void *arg, struct error *err)
{
	int rc = 0, step = SQLITE_DONE;
	while (!rc && (step = sqlite3_step(s->all_streams)) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(s->all_streams, 0);
		rc = fn(arg, id, db_text(s->all_streams, 1), next_index(s, id), err);
	}
	if (!rc && step != SQLITE_DONE)
		rc = db_error(&s->db, err);
	sqlite3_reset(s->all_streams);
	return rc;
}

int kin_store_put(struct kin_db *s, int64_t stream, uint32_t shard, const struct kin_record *rec, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	if (rec->index > KIN_INDEX_MAX)
		return err_set(err, ERR_STORE, "a stream holds no more than 2^32 records");
	sqlite3_bind_int64(s->put, 1, place(stream, shard, rec->index));
	sqlite3_bind_int64(s->put, 2, rec->time_ms);
	sqlite3_bind_text64(s->put, 3, rec->key.p, rec->key.n, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_blob64(s->put, 4, rec->data.n ? rec->data.p : "", rec->data.n, SQLITE_STATIC);
	return db_run(&s->db, s->put, err);
}

int kin_store_get(struct kin_db *s, int64_t stream, uint32_t shard, uint64_t from, int64_t horizon_ms, kin_each_record fn, void *arg,
		  struct error *err)
{
	int step;
	if (from > KIN_INDEX_MAX)
		return 0;
	sqlite3_bind_int64(s->get, 1, place(stream, shard, from));
	sqlite3_bind_int64(s->get, 2, shard_end(stream, shard));
	while ((step = sqlite3_step(s->get)) == SQLITE_ROW) {
		struct kin_record r = { .index = (uint64_t)sqlite3_column_int64(s->get, 0) & KIN_INDEX_MAX,
					.time_ms = sqlite3_column_int64(s->get, 1) };
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
	sqlite3_bind_int64(s->at_time, 1, place(stream, shard, 0));
	sqlite3_bind_int64(s->at_time, 2, shard_end(stream, shard));
	sqlite3_bind_int64(s->at_time, 3, time_ms);
	int step = sqlite3_step(s->at_time);
	*out = step == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s->at_time, 0) & KIN_INDEX_MAX : otherwise;
	int rc = step == SQLITE_ROW || step == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_reset(s->at_time);
	return rc;
}

int kin_store_trim(struct kin_db *s, int64_t stream, uint32_t shard, int64_t before_ms, uint64_t newest, struct error *err)
{
	uint64_t stays;
	int rc = kin_store_at(s, stream, shard, before_ms, newest, &stays, err);
	if (rc || !stays || (rc = db_begin(&s->db, err)))
		return rc;
	sqlite3_bind_int64(s->wipe, 1, place(stream, shard, 0));
	sqlite3_bind_int64(s->wipe, 2, place(stream, shard, (stays < newest ? stays : newest) - 1));
	return db_run(&s->db, s->wipe, err);
}
