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

	/* Places whose records nobody sees any more; they are removed piece by piece. */
	"CREATE TABLE gone (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT",
};

enum { Q_LAST = DOCS_Q, Q_PUT, Q_GET, Q_FROM, Q_SIZES, Q_WIPE, Q_GO, Q_GOING, Q_GONE, Q_COUNT };
/* All by primary key. */
static const char *const queries[Q_COUNT] = {
	DOCS_QUERIES,
	[Q_LAST] = "SELECT MAX(place) FROM placed WHERE place BETWEEN ? AND ?",
	[Q_PUT] = "INSERT INTO placed (place, at, key, data) VALUES (?, ?, ?, ?)",
	[Q_GET] = "SELECT place, at, key, data FROM placed WHERE place BETWEEN ? AND ? ORDER BY place",
	[Q_FROM] = "SELECT place, at FROM placed WHERE place BETWEEN ? AND ? ORDER BY place LIMIT 1",
	[Q_SIZES] = "SELECT place, length(data) FROM placed WHERE place BETWEEN ? AND ? ORDER BY place",
	[Q_WIPE] = "DELETE FROM placed WHERE place BETWEEN ? AND ?",
	[Q_GO] = "INSERT INTO gone (first, last) VALUES (?, ?) ON CONFLICT (first) DO UPDATE SET last = max(last, excluded.last)",
	[Q_GOING] = "SELECT first, last FROM gone WHERE first >= ? ORDER BY first",
	[Q_GONE] = "DELETE FROM gone WHERE first BETWEEN ? AND ?",
};
enum { INDEX_BITS = 32, SHARD_BITS = 16 };
/* What is removed at a time: a millisecond's work or two. */
enum { PIECE_RECORDS = 256, PIECE_BYTES = 2 << 20 };

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

/* A dropped stream's range takes the place of those of its trims. */
int kin_store_drop(struct db *db, int64_t id, struct error *err)
{
	char key[24];
	snprintf(key, sizeof(key), "%lld", (long long)id);
	int rc = docs_drop(db, "stream", "", key, err);
	if (rc)
		return rc;
	(void)between(db, Q_GONE, place(id, 0, 0), shard_end(id, KIN_SHARD_MAX));
	if ((rc = db_write(db, Q_GONE, err)))
		return rc;
	(void)between(db, Q_GO, place(id, 0, 0), shard_end(id, KIN_SHARD_MAX));
	return db_write(db, Q_GO, err);
}

int kin_store_going(struct db *db, void (*fn)(void *arg, int64_t id), void *arg, struct error *err)
{
	int rc;
	sqlite3_stmt *st = db_q(db, Q_GOING);
	sqlite3_bind_int64(st, 1, 0);
	while ((rc = db_row(db, Q_GOING, err)) > 0)
		fn(arg, sqlite3_column_int64(st, 0) >> (INDEX_BITS + SHARD_BITS));
	return rc;
}

/* The first range that is to go. 0: there is none. */
static int first_going(struct db *db, int64_t *first, int64_t *last, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_GOING);
	sqlite3_bind_int64(st, 1, 0);
	int rc = db_row(db, Q_GOING, err);
	if (rc <= 0)
		return rc;
	*first = sqlite3_column_int64(st, 0);
	*last = sqlite3_column_int64(st, 1);
	db_done(db, Q_GOING);
	return 1;
}

/* The last place of a piece of the range. 0: all that is left of it is a piece. */
static int piece_of(struct db *db, int64_t first, int64_t last, int64_t *to, struct error *err)
{
	int rc;
	int64_t records = 0, bytes = 0;
	sqlite3_stmt *st = between(db, Q_SIZES, first, last);
	*to = last;
	while ((rc = db_row(db, Q_SIZES, err)) > 0) {
		bytes += sqlite3_column_int64(st, 1);
		if (++records < PIECE_RECORDS && bytes < PIECE_BYTES)
			continue;
		*to = sqlite3_column_int64(st, 0);
		db_done(db, Q_SIZES);
		return 1;
	}
	return rc;
}

int kin_store_sweep(struct db *db, int64_t *ended, struct error *err)
{
	int64_t first, last, to;
	int rc = first_going(db, &first, &last, err), more;
	*ended = 0;
	if (rc <= 0 || (more = piece_of(db, first, last, &to, err)) < 0)
		return rc <= 0 ? rc : more;
	(void)between(db, Q_WIPE, first, to);
	if ((rc = db_write(db, Q_WIPE, err)) || more)
		return rc ? rc : 1;
	(void)between(db, Q_GONE, first, first);
	if ((rc = db_write(db, Q_GONE, err)))
		return rc;
	int64_t id = first >> (INDEX_BITS + SHARD_BITS);
	if (last == shard_end(id, KIN_SHARD_MAX))
		*ended = id;
	return 1;
}

/* Each shard's last record is looked up, from the last shard that has any to the first. */
int kin_store_next(struct db *db, struct kin_stream *s, struct error *err)
{
	int64_t end = shard_end(s->id, KIN_SHARD_MAX);
	for (;;) {
		sqlite3_stmt *st = between(db, Q_LAST, place(s->id, 0, 0), end);
		int rc = db_row(db, Q_LAST, err);
		bool none = rc <= 0 || sqlite3_column_type(st, 0) == SQLITE_NULL;
		int64_t last = none ? 0 : sqlite3_column_int64(st, 0);
		db_done(db, Q_LAST);
		if (none)
			return rc < 0 ? rc : 0;
		uint64_t index = (uint64_t)last & KIN_INDEX_MAX;
		uint64_t shard = (uint64_t)last >> INDEX_BITS & KIN_SHARD_MAX;
		if (shard < s->shard_n)
			s->shards[shard].next_index = index + 1;
		end = last - (int64_t)index - 1;
	}
}

int kin_store_put(struct db *db, int64_t stream, uint32_t shard, const struct kin_record *rec, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_PUT);
	if (rec->index > KIN_INDEX_MAX)
		return err_set(err, ERR_STORE, "a shard holds no more than 2^32 records");
	sqlite3_bind_int64(st, 1, place(stream, shard, rec->index));
	sqlite3_bind_int64(st, 2, rec->time_ms);
	sqlite3_bind_text64(st, 3, rec->key.p, rec->key.n, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_blob64(st, 4, rec->data.n ? rec->data.p : "", rec->data.n, SQLITE_STATIC);
	return db_write(db, Q_PUT, err);
}

/* The first record from an index on: 1 and what it is, or 0. */
static int first_from(struct db *db, int64_t stream, uint32_t shard, uint64_t from, uint64_t *index, int64_t *at_ms, struct error *err)
{
	if (from > KIN_INDEX_MAX)
		return 0;
	sqlite3_stmt *st = between(db, Q_FROM, place(stream, shard, from), shard_end(stream, shard));
	int rc = db_row(db, Q_FROM, err);
	if (rc <= 0)
		return rc;
	*index = (uint64_t)sqlite3_column_int64(st, 0) & KIN_INDEX_MAX;
	*at_ms = sqlite3_column_int64(st, 1);
	db_done(db, Q_FROM);
	return 1;
}

/* Times grow with indices, so the place is found by halving. */
int kin_store_at(struct db *db, int64_t stream, uint32_t shard, int64_t time_ms, uint64_t end, uint64_t *out, struct error *err)
{
	uint64_t low = 0, index;
	int64_t at_ms;
	for (*out = end; low < *out;) {
		uint64_t half = low + (*out - low) / 2;
		int rc = first_from(db, stream, shard, half, &index, &at_ms, err);
		if (rc < 0)
			return rc;
		if (rc && at_ms < time_ms)
			low = index + 1;
		else
			*out = half;
	}
	return 0;
}

int kin_store_get(struct db *db, int64_t stream, uint32_t shard, uint64_t from, int64_t horizon_ms, kin_each_record fn, void *arg,
		  struct error *err)
{
	uint64_t index;
	int64_t at_ms;
	int rc = first_from(db, stream, shard, from, &index, &at_ms, err);
	if (rc > 0 && at_ms < horizon_ms) /* what is too old is passed over at once */
		rc = kin_store_at(db, stream, shard, horizon_ms, (uint64_t)KIN_INDEX_MAX + 1, &from, err);
	if (rc < 0 || from > KIN_INDEX_MAX)
		return rc;
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

int kin_store_trim(struct db *db, int64_t stream, uint32_t shard, int64_t before_ms, uint64_t newest, struct error *err)
{
	uint64_t oldest, stays;
	int64_t at_ms;
	int rc = first_from(db, stream, shard, 0, &oldest, &at_ms, err);
	if (rc <= 0 || at_ms >= before_ms || oldest >= newest)
		return rc < 0 ? rc : 0;
	if ((rc = kin_store_at(db, stream, shard, before_ms, newest, &stays, err)) || stays <= oldest)
		return rc;
	(void)between(db, Q_GO, place(stream, shard, 0), place(stream, shard, stays - 1));
	rc = db_write(db, Q_GO, err);
	return rc ? rc : 1;
}
