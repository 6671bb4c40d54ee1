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

int kfk_store_open(struct kfk_store *s, const struct env *env, struct error *err)
{
	const struct {
		sqlite3_stmt **st;
		const char *sql;
	} all[] = {
		{ &s->add, "INSERT INTO batches (" COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?)" },
		/* batches_at */
		{ &s->from, "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 AND base >= ifnull((SELECT max(base)"
			    " FROM batches WHERE topic = ?1 AND part = ?2 AND base <= ?3), ?3) AND base < ?4 ORDER BY base" },
		/* batches_at, which holds max_ts */
		{ &s->since, "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 AND max_ts >= ?3 ORDER BY base" },
		{ &s->newest, "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 ORDER BY max_ts DESC, base LIMIT 1" },
		/* batches_pid */
		{ &s->recent, "SELECT topic, part, base, last, max_ts, pid, epoch, first_seq, last_seq, NULL FROM batches"
			      " WHERE topic = ?1 AND part = ?2 AND pid = ?3 AND pid >= 0 ORDER BY base DESC LIMIT 5" },
		/* batches_at */
		{ &s->end, "SELECT last FROM batches WHERE topic = ?1 AND part = ?2 ORDER BY base DESC LIMIT 1" },
		{ &s->batch_del, "DELETE FROM batches WHERE topic = ?1" },
		{ &s->topic_add, "INSERT INTO topics (name, partitions) VALUES (?1, ?2)" },
		{ &s->topic_del, "DELETE FROM topics WHERE id = ?1" },
		{ &s->topics, "SELECT id, name, partitions FROM topics ORDER BY name" },
		{ &s->resize, "UPDATE topics SET partitions = ?2 WHERE id = ?1" },
		{ &s->config_set, "INSERT INTO configs (topic, name, value) VALUES (?1, ?2, ?3)"
				  " ON CONFLICT (topic, name) DO UPDATE SET value = excluded.value" },
		{ &s->config_del, "DELETE FROM configs WHERE topic = ?1 AND (?2 IS NULL OR name = ?2)" },
		{ &s->configs, "SELECT name, value FROM configs WHERE topic = ?1 ORDER BY name" },
		{ &s->meta_get, "SELECT next FROM counters WHERE name = ?1" },
		{ &s->meta_set, "INSERT INTO counters (name, next) VALUES (?1, ?2)"
				" ON CONFLICT (name) DO UPDATE SET next = excluded.next" },
	};
	int rc = db_open(&s->db, env, "kafka", steps, ARRAY_LEN(steps), err);
	for (size_t i = 0; !rc && i < ARRAY_LEN(all); i++)
		rc = db_prepare(&s->db, all[i].sql, all[i].st, err);
	return rc;
}

void kfk_store_close(struct kfk_store *s)
{
	sqlite3_stmt *all[] = { s->add, s->from, s->since, s->newest, s->end, s->recent, s->topic_add, s->topic_del,
				s->batch_del, s->topics, s->resize, s->config_set, s->config_del, s->configs, s->meta_get,
				s->meta_set };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		sqlite3_finalize(all[i]);
	db_close(&s->db);
}

static int begin(struct kfk_store *s, struct error *err)
{
	return s->broken ? err_set(err, ERR_STORE, "this tick's transaction was rolled back") : db_begin(&s->db, err);
}

/* Runs a change. Some failures (disk full, I/O) roll the whole transaction back: then the tick must fail. */
static int change(struct kfk_store *s, sqlite3_stmt *st, struct error *err)
{
	int rc = db_run(&s->db, st, err);
	if (rc && s->db.in_tx && sqlite3_get_autocommit(s->db.h))
		s->broken = true;
	return rc;
}

int kfk_store_add(struct kfk_store *s, const struct kfk_row *row, struct error *err)
{
	int rc = begin(s, err);
	if (rc)
		return rc;
	const int64_t v[] = { row->topic, row->partition, row->base, row->last, row->max_ts, row->pid, row->epoch,
			      row->first_seq, row->last_seq };
	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		sqlite3_bind_int64(s->add, (int)i + 1, v[i]);
	/* Not copied: row->bytes outlives the step. */
	sqlite3_bind_blob64(s->add, 10, row->bytes.p, row->bytes.n, SQLITE_STATIC);
	return change(s, s->add, err);
}

static int each_row(struct kfk_store *s, sqlite3_stmt *st, kfk_row_fn each, void *arg, struct error *err)
{
	int r, rc = 0;
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		struct kfk_row row = {
			.topic = sqlite3_column_int64(st, 0), .partition = sqlite3_column_int(st, 1),
			.base = sqlite3_column_int64(st, 2), .last = sqlite3_column_int64(st, 3),
			.max_ts = sqlite3_column_int64(st, 4), .pid = sqlite3_column_int64(st, 5),
			.epoch = sqlite3_column_int(st, 6), .first_seq = sqlite3_column_int(st, 7),
			.last_seq = sqlite3_column_int(st, 8), .bytes = db_blob(st, 9),
		};
		if (!each(arg, &row))
			break;
	}
	if (r != SQLITE_ROW && r != SQLITE_DONE)
		rc = db_error(&s->db, err);
	sqlite3_reset(st);
	return rc;
}

static void bind3(sqlite3_stmt *st, int64_t a, int64_t b, int64_t c)
{
	sqlite3_bind_int64(st, 1, a);
	sqlite3_bind_int64(st, 2, b);
	sqlite3_bind_int64(st, 3, c);
}

int kfk_store_from(struct kfk_store *s, int64_t topic, int partition, int64_t offset, int64_t end, kfk_row_fn each, void *arg,
		   struct error *err)
{
	bind3(s->from, topic, partition, offset);
	sqlite3_bind_int64(s->from, 4, end);
	return each_row(s, s->from, each, arg, err);
}

int kfk_store_since(struct kfk_store *s, int64_t topic, int partition, int64_t ts, kfk_row_fn each, void *arg, struct error *err)
{
	bind3(s->since, topic, partition, ts);
	return each_row(s, s->since, each, arg, err);
}

int kfk_store_newest(struct kfk_store *s, int64_t topic, int partition, kfk_row_fn each, void *arg, struct error *err)
{
	sqlite3_bind_int64(s->newest, 1, topic);
	sqlite3_bind_int64(s->newest, 2, partition);
	return each_row(s, s->newest, each, arg, err);
}

int kfk_store_recent(struct kfk_store *s, int64_t topic, int partition, int64_t pid, kfk_row_fn each, void *arg, struct error *err)
{
	bind3(s->recent, topic, partition, pid);
	return each_row(s, s->recent, each, arg, err);
}

int kfk_store_end(struct kfk_store *s, int64_t topic, int partition, int64_t *end, struct error *err)
{
	sqlite3_bind_int64(s->end, 1, topic);
	sqlite3_bind_int64(s->end, 2, partition);
	int r = sqlite3_step(s->end);
	if (r == SQLITE_ROW)
		*end = sqlite3_column_int64(s->end, 0) + 1;
	else if (r == SQLITE_DONE)
		*end = 0;
	int rc = r == SQLITE_ROW || r == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_reset(s->end);
	return rc;
}

int kfk_store_topic_add(struct kfk_store *s, struct slice name, int partition_n, int64_t *id, struct error *err)
{
	int rc = begin(s, err);
	if (rc)
		return rc;
	db_bind(s->topic_add, 1, name);
	sqlite3_bind_int(s->topic_add, 2, partition_n);
	rc = change(s, s->topic_add, err);
	if (!rc)
		*id = sqlite3_last_insert_rowid(s->db.h);
	return rc;
}

int kfk_store_topic_del(struct kfk_store *s, int64_t id, struct error *err)
{
	sqlite3_stmt *all[] = { s->batch_del, s->config_del, s->topic_del };
	int rc = begin(s, err);
	for (size_t i = 0; !rc && i < ARRAY_LEN(all); i++) {
		sqlite3_bind_int64(all[i], 1, id);
		rc = change(s, all[i], err);
	}
	return rc;
}

int kfk_store_resize(struct kfk_store *s, int64_t id, int partition_n, struct error *err)
{
	int rc = begin(s, err);
	if (rc)
		return rc;
	sqlite3_bind_int64(s->resize, 1, id);
	sqlite3_bind_int(s->resize, 2, partition_n);
	return change(s, s->resize, err);
}

int kfk_store_topics(struct kfk_store *s, kfk_topic_fn each, void *arg, struct error *err)
{
	int r = 0, rc = 0;
	while (!rc && (r = sqlite3_step(s->topics)) == SQLITE_ROW)
		rc = each(arg, sqlite3_column_int64(s->topics, 0), db_text(s->topics, 1), sqlite3_column_int(s->topics, 2), err);
	if (!rc && r != SQLITE_DONE)
		rc = db_error(&s->db, err);
	sqlite3_reset(s->topics);
	return rc;
}

int kfk_store_config_set(struct kfk_store *s, int64_t topic, struct slice name, struct slice value, struct error *err)
{
	sqlite3_stmt *st = value.p ? s->config_set : s->config_del;
	int rc = begin(s, err);
	if (rc)
		return rc;
	sqlite3_bind_int64(st, 1, topic);
	db_bind(st, 2, name);
	if (value.p)
		db_bind(st, 3, value);
	return change(s, st, err);
}

int kfk_store_configs(struct kfk_store *s, int64_t topic, kfk_config_fn each, void *arg, struct error *err)
{
	int r;
	sqlite3_bind_int64(s->configs, 1, topic);
	while ((r = sqlite3_step(s->configs)) == SQLITE_ROW)
		each(arg, db_text(s->configs, 0), db_text(s->configs, 1));
	int rc = r == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_reset(s->configs);
	return rc;
}

int kfk_store_next(struct kfk_store *s, const char *counter, int64_t *out, struct error *err)
{
	int64_t v = 0;
	int rc = begin(s, err);
	if (rc)
		return rc;
	db_bind(s->meta_get, 1, sl(counter));
	int r = sqlite3_step(s->meta_get);
	if (r == SQLITE_ROW)
		v = sqlite3_column_int64(s->meta_get, 0);
	rc = r == SQLITE_ROW || r == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_reset(s->meta_get);
	if (rc)
		return rc;
	db_bind(s->meta_set, 1, sl(counter));
	sqlite3_bind_int64(s->meta_set, 2, v + 1);
	rc = change(s, s->meta_set, err);
	if (!rc)
		*out = v;
	return rc;
}
