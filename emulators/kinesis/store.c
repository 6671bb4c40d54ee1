#include "core/docs.h"
#include "kinesis/kinesis.h"

/* A stream is one document. A record's row id holds its place, stream, shard, index, so that each shard's records lie
 * together in their order and a put is an append without an index to keep. */
static const char *const schema[] = {
	"CREATE TABLE stream (id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;"
	"CREATE TABLE record (stream INTEGER NOT NULL, shard INTEGER NOT NULL, ix INTEGER NOT NULL, at INTEGER NOT NULL,"
	" key TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX record_place ON record (stream, shard, ix)",

	"CREATE TABLE placed (place INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
	"INSERT INTO placed SELECT (stream << 48) | (shard << 32) | ix, at, key, data FROM record ORDER BY stream, shard, ix;"
	"DROP TABLE record",

	/* The settings had the id 0. */
	DOCS_TABLE ";"
	"INSERT INTO doc (kind, parent, id, json) SELECT iif(id = 0, 'settings', 'stream'), '', iif(id = 0, '', id), doc FROM stream ORDER BY id;"
	"DROP TABLE stream",
};

enum { Q_LAST = DOCS_Q, Q_PUT, Q_GET, Q_WIPE, Q_AT, Q_COUNT };
/* All by primary key. */
static const char *const queries[Q_COUNT] = {
	DOCS_QUERIES,
	[Q_LAST] = "SELECT MAX(place) FROM placed WHERE place BETWEEN ? AND ?",
	[Q_PUT] = "INSERT INTO placed (place, at, key, data) VALUES (?, ?, ?, ?)",
	[Q_GET] = "SELECT place, at, key, data FROM placed WHERE place BETWEEN ? AND ? ORDER BY place",
	[Q_WIPE] = "DELETE FROM placed WHERE place BETWEEN ? AND ?",
	[Q_AT] = "SELECT place FROM placed WHERE place BETWEEN ? AND ? AND at >= ? ORDER BY place LIMIT 1",
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

/* The query, bound to a range of places. */
static sqlite3_stmt *between(struct db *db, size_t q, int64_t from, int64_t to)
{
	sqlite3_stmt *st = db_q(db, q);
	sqlite3_bind_int64(st, 1, from);
	sqlite3_bind_int64(st, 2, to);
	return st;
}

int kin_store_open(struct db *db, const struct env *env, struct error *err)
{
	return db_open_large(db, env, "kinesis", schema, ARRAY_LEN(schema), queries, Q_COUNT, err);
}

int kin_store_drop(struct db *db, int64_t id, struct error *err)
{
	char key[24];
	snprintf(key, sizeof(key), "%lld", (long long)id);
	int rc = docs_drop(db, "stream", "", key, err);
	if (rc)
		return rc;
	(void)between(db, Q_WIPE, place(id, 0, 0), shard_end(id, KIN_SHARD_MAX));
	return db_write(db, Q_WIPE, err);
}

/* Each shard's last record is looked up, from the last shard that has any to the first. */
int kin_store_next(struct db *db, int64_t id, uint64_t *out, struct error *err)
{
	uint64_t n = 1;
	int64_t end = shard_end(id, KIN_SHARD_MAX);
	int more;
	do {
		sqlite3_stmt *st = between(db, Q_LAST, place(id, 0, 0), end);
		more = db_row(db, Q_LAST, err);
		if (more < 0)
			return more;
		more = sqlite3_column_type(st, 0) != SQLITE_NULL;
		if (more) {
			int64_t last = sqlite3_column_int64(st, 0);
			uint64_t index = (uint64_t)last & KIN_INDEX_MAX;
			n = index >= n ? index + 1 : n;
			end = last - (int64_t)index - 1;
		}
		db_done(db, Q_LAST);
	} while (more);
	*out = n;
	return 0;
}

int kin_store_put(struct db *db, int64_t stream, uint32_t shard, const struct kin_record *rec, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_PUT);
	if (rec->index > KIN_INDEX_MAX)
		return err_set(err, ERR_STORE, "a stream holds no more than 2^32 records");
	sqlite3_bind_int64(st, 1, place(stream, shard, rec->index));
	sqlite3_bind_int64(st, 2, rec->time_ms);
	sqlite3_bind_text64(st, 3, rec->key.p, rec->key.n, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_blob64(st, 4, rec->data.n ? rec->data.p : "", rec->data.n, SQLITE_STATIC);
	return db_write(db, Q_PUT, err);
}

int kin_store_get(struct db *db, int64_t stream, uint32_t shard, uint64_t from, int64_t horizon_ms, kin_each_record fn, void *arg,
		  struct error *err)
{
	int rc;
	if (from > KIN_INDEX_MAX)
		return 0;
	sqlite3_stmt *st = between(db, Q_GET, place(stream, shard, from), shard_end(stream, shard));
	while ((rc = db_row(db, Q_GET, err)) > 0) {
		struct kin_record r = { .index = (uint64_t)sqlite3_column_int64(st, 0) & KIN_INDEX_MAX,
					.time_ms = sqlite3_column_int64(st, 1) };
		if (r.time_ms < horizon_ms)
			continue;
		r.key = db_text(st, 2);
		r.data = db_blob(st, 3);
		if (fn(arg, &r)) {
			db_done(db, Q_GET);
			return 0;
		}
	}
	return rc;
}

int kin_store_at(struct db *db, int64_t stream, uint32_t shard, int64_t time_ms, uint64_t otherwise, uint64_t *out, struct error *err)
{
	sqlite3_stmt *st = between(db, Q_AT, place(stream, shard, 0), shard_end(stream, shard));
	sqlite3_bind_int64(st, 3, time_ms);
	int rc = db_row(db, Q_AT, err);
	*out = otherwise;
	if (rc <= 0)
		return rc;
	*out = (uint64_t)sqlite3_column_int64(st, 0) & KIN_INDEX_MAX;
	db_done(db, Q_AT);
	return 0;
}

int kin_store_trim(struct db *db, int64_t stream, uint32_t shard, int64_t before_ms, uint64_t newest, struct error *err)
{
	uint64_t stays;
	int rc = kin_store_at(db, stream, shard, before_ms, newest, &stays, err);
	if (rc || !stays)
		return rc;
	(void)between(db, Q_WIPE, place(stream, shard, 0), place(stream, shard, (stays < newest ? stays : newest) - 1));
	return db_write(db, Q_WIPE, err);
}
