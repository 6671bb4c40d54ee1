#include "kafka/kafka.h"

static const char *const steps[] = {
	"CREATE TABLE topics (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL) STRICT;"
	"CREATE TABLE configs (topic INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (topic, name)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE counters (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE batches (topic INTEGER NOT NULL, part INTEGER NOT NULL, base INTEGER NOT NULL, last INTEGER NOT NULL,"
	" max_ts INTEGER NOT NULL, pid INTEGER NOT NULL, epoch INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
	" bytes BLOB NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX batches_at ON batches (topic, part, base, last, max_ts);"
	"CREATE INDEX batches_pid ON batches (topic, part, pid, base) WHERE pid >= 0;",
};

#define COLUMNS "topic, part, base, last, max_ts, pid, epoch, first_seq, last_seq, bytes"
enum {
	Q_ADD, Q_FROM, Q_SINCE, Q_NEWEST, Q_RECENT, Q_END, Q_BATCHES_DEL, Q_TOPIC_ADD, Q_TOPIC_DEL, Q_TOPICS, Q_RESIZE, Q_CONFIG_SET, Q_CONFIG_DEL,
	Q_CONFIGS, Q_COUNTER, Q_COUNTER_SET, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
	[Q_ADD] = "INSERT INTO batches (" COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?)",
	/* batches_at */
	[Q_FROM] = "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 AND base >= ifnull((SELECT max(base)"
		   " FROM batches WHERE topic = ?1 AND part = ?2 AND base <= ?3), ?3) AND base < ?4 ORDER BY base",
	/* batches_at, which holds max_ts */
	[Q_SINCE] = "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 AND max_ts >= ?3 ORDER BY base",
	[Q_NEWEST] = "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 ORDER BY max_ts DESC, base LIMIT 1",
	/* batches_pid */
	[Q_RECENT] = "SELECT topic, part, base, last, max_ts, pid, epoch, first_seq, last_seq, NULL FROM batches"
		     " WHERE topic = ?1 AND part = ?2 AND pid = ?3 AND pid >= 0 ORDER BY base DESC LIMIT 5",
	/* batches_at */
	[Q_END] = "SELECT last FROM batches WHERE topic = ?1 AND part = ?2 ORDER BY base DESC LIMIT 1",
	[Q_BATCHES_DEL] = "DELETE FROM batches WHERE topic = ?1",
	[Q_TOPIC_ADD] = "INSERT INTO topics (name, partitions) VALUES (?1, ?2)",
	[Q_TOPIC_DEL] = "DELETE FROM topics WHERE id = ?1",
	[Q_TOPICS] = "SELECT id, name, partitions FROM topics ORDER BY name",
	[Q_RESIZE] = "UPDATE topics SET partitions = ?2 WHERE id = ?1",
	[Q_CONFIG_SET] = "INSERT INTO configs (topic, name, value) VALUES (?1, ?2, ?3)"
			 " ON CONFLICT (topic, name) DO UPDATE SET value = excluded.value",
	[Q_CONFIG_DEL] = "DELETE FROM configs WHERE topic = ?1 AND (?2 IS NULL OR name = ?2)",
	[Q_CONFIGS] = "SELECT name, value FROM configs WHERE topic = ?1 ORDER BY name",
	[Q_COUNTER] = "SELECT next FROM counters WHERE name = ?1",
	[Q_COUNTER_SET] = "INSERT INTO counters (name, next) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET next = excluded.next",
};

int kfk_store_open(struct db *db, const struct env *env, struct error *err)
{
	return db_open(db, env, "kafka", steps, ARRAY_LEN(steps), queries, Q_COUNT, err);
}

/* The query with its first n parameters bound. */
static sqlite3_stmt *with(struct db *db, size_t q, const int64_t *v, size_t n)
{
	sqlite3_stmt *st = db_q(db, q);
	for (size_t i = 0; i < n; i++)
		sqlite3_bind_int64(st, (int)i + 1, v[i]);
	return st;
}
#define WITH(db, q, ...) with(db, q, (const int64_t[]){ __VA_ARGS__ }, ARRAY_LEN(((const int64_t[]){ __VA_ARGS__ })))

int kfk_store_add(struct db *db, const struct kfk_row *row, struct error *err)
{
	sqlite3_stmt *st = WITH(db, Q_ADD, row->topic, row->partition, row->base, row->last, row->max_ts, row->pid, row->epoch, row->first_seq,
				row->last_seq);
	/* Not copied: row->bytes outlives the step. */
	sqlite3_bind_blob64(st, 10, row->bytes.p, row->bytes.n, SQLITE_STATIC);
	return db_write(db, Q_ADD, err);
}

static int each_row(struct db *db, size_t q, kfk_row_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(db, q);
	int rc;
	while ((rc = db_row(db, q, err)) > 0) {
		struct kfk_row row = {
			.topic = sqlite3_column_int64(st, 0), .partition = sqlite3_column_int(st, 1),
			.base = sqlite3_column_int64(st, 2), .last = sqlite3_column_int64(st, 3),
			.max_ts = sqlite3_column_int64(st, 4), .pid = sqlite3_column_int64(st, 5),
			.epoch = sqlite3_column_int(st, 6), .first_seq = sqlite3_column_int(st, 7),
			.last_seq = sqlite3_column_int(st, 8), .bytes = db_blob(st, 9),
		};
		if (!each(arg, &row)) {
			db_done(db, q);
			return 0;
		}
	}
	return rc;
}

int kfk_store_from(struct db *db, int64_t topic, int partition, int64_t offset, int64_t end, kfk_row_fn each, void *arg, struct error *err)
{
	(void)WITH(db, Q_FROM, topic, partition, offset, end);
	return each_row(db, Q_FROM, each, arg, err);
}

int kfk_store_since(struct db *db, int64_t topic, int partition, int64_t ts, kfk_row_fn each, void *arg, struct error *err)
{
	(void)WITH(db, Q_SINCE, topic, partition, ts);
	return each_row(db, Q_SINCE, each, arg, err);
}

int kfk_store_newest(struct db *db, int64_t topic, int partition, kfk_row_fn each, void *arg, struct error *err)
{
	(void)WITH(db, Q_NEWEST, topic, partition);
	return each_row(db, Q_NEWEST, each, arg, err);
}

int kfk_store_recent(struct db *db, int64_t topic, int partition, int64_t pid, kfk_row_fn each, void *arg, struct error *err)
{
	(void)WITH(db, Q_RECENT, topic, partition, pid);
	return each_row(db, Q_RECENT, each, arg, err);
}

int kfk_store_end(struct db *db, int64_t topic, int partition, int64_t *end, struct error *err)
{
	sqlite3_stmt *st = WITH(db, Q_END, topic, partition);
	int rc = db_row(db, Q_END, err);
	if (rc < 0)
		return rc;
	*end = rc ? sqlite3_column_int64(st, 0) + 1 : 0;
	db_done(db, Q_END);
	return 0;
}

int kfk_store_topic_add(struct db *db, struct slice name, int partition_n, int64_t *id, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_TOPIC_ADD);
	db_bind(st, 1, name);
	sqlite3_bind_int(st, 2, partition_n);
	int rc = db_write(db, Q_TOPIC_ADD, err);
	if (!rc)
		*id = sqlite3_last_insert_rowid(db->h);
	return rc;
}

int kfk_store_topic_del(struct db *db, int64_t id, struct error *err)
{
	static const size_t all[] = { Q_BATCHES_DEL, Q_CONFIG_DEL, Q_TOPIC_DEL };
	int rc = 0;
	for (size_t i = 0; !rc && i < ARRAY_LEN(all); i++) {
		(void)WITH(db, all[i], id);
		rc = db_write(db, all[i], err);
	}
	return rc;
}

int kfk_store_resize(struct db *db, int64_t id, int partition_n, struct error *err)
{
	(void)WITH(db, Q_RESIZE, id, partition_n);
	return db_write(db, Q_RESIZE, err);
}

int kfk_store_topics(struct db *db, kfk_topic_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_TOPICS);
	int rc;
	while ((rc = db_row(db, Q_TOPICS, err)) > 0) {
		rc = each(arg, sqlite3_column_int64(st, 0), db_text(st, 1), sqlite3_column_int(st, 2), err);
		if (rc) {
			db_done(db, Q_TOPICS);
			break;
		}
	}
	return rc;
}

int kfk_store_config_set(struct db *db, int64_t topic, struct slice name, struct slice value, struct error *err)
{
	size_t q = value.p ? Q_CONFIG_SET : Q_CONFIG_DEL;
	sqlite3_stmt *st = WITH(db, q, topic);
	db_bind(st, 2, name);
	if (value.p)
		db_bind(st, 3, value);
	return db_write(db, q, err);
}

int kfk_store_configs(struct db *db, int64_t topic, kfk_config_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = WITH(db, Q_CONFIGS, topic);
	int rc;
	while ((rc = db_row(db, Q_CONFIGS, err)) > 0)
		each(arg, db_text(st, 0), db_text(st, 1));
	return rc;
}

int kfk_store_next(struct db *db, const char *counter, int64_t *out, struct error *err)
{
	sqlite3_stmt *get = db_q(db, Q_COUNTER), *set = db_q(db, Q_COUNTER_SET);
	db_bind(get, 1, sl(counter));
	int rc = db_row(db, Q_COUNTER, err);
	if (rc < 0)
		return rc;
	int64_t v = rc ? sqlite3_column_int64(get, 0) : 0;
	db_done(db, Q_COUNTER);
	db_bind(set, 1, sl(counter));
	sqlite3_bind_int64(set, 2, v + 1);
	rc = db_write(db, Q_COUNTER_SET, err);
	if (!rc)
		*out = v;
	return rc;
}
