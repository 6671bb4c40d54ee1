#include "kafka/producer.h"
#include "kafka/sasl.h"
#include "kafka/segment.h"

static const char *const steps[] = {
	"CREATE TABLE topics (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL) STRICT;"
	"CREATE TABLE configs (topic INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (topic, name)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE counters (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE batches (topic INTEGER NOT NULL, part INTEGER NOT NULL, base INTEGER NOT NULL, last INTEGER NOT NULL,"
	" max_ts INTEGER NOT NULL, pid INTEGER NOT NULL, epoch INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
	" bytes BLOB NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX batches_at ON batches (topic, part, base, last, max_ts);"
	"CREATE INDEX batches_pid ON batches (topic, part, pid, base) WHERE pid >= 0;",

	/* Where a partition's log starts. What is before it is out of sight and is removed piece by piece; of a deleted topic that is all. */
	"CREATE TABLE starts (topic INTEGER NOT NULL, part INTEGER NOT NULL, start INTEGER NOT NULL, PRIMARY KEY (topic, part)) STRICT, WITHOUT ROWID",

	/* Users of SCRAM that admins made. */
	("CREATE TABLE scram (user TEXT NOT NULL, mechanism INTEGER NOT NULL, iterations INTEGER NOT NULL, salt BLOB NOT NULL, stored BLOB NOT NULL,"
	 " server BLOB NOT NULL, PRIMARY KEY (user, mechanism)) STRICT, WITHOUT ROWID"),

	/* One step of many parts, as none was released without the others.
	 * What producers appended last, beside their batches, which go before it does; transactions that were aborted, by their marker. */
	("CREATE TABLE producers (topic INTEGER NOT NULL, part INTEGER NOT NULL, pid INTEGER NOT NULL, epoch INTEGER NOT NULL,"
	 " coordinator_epoch INTEGER NOT NULL, txn_first INTEGER NOT NULL, last_ms INTEGER NOT NULL, seen BLOB NOT NULL,"
	 " PRIMARY KEY (topic, part, pid)) STRICT, WITHOUT ROWID;"
	 "CREATE TABLE aborted (topic INTEGER NOT NULL, part INTEGER NOT NULL, marker INTEGER NOT NULL, pid INTEGER NOT NULL, first INTEGER NOT NULL,"
	 " PRIMARY KEY (topic, part, marker)) STRICT, WITHOUT ROWID;"
	 "DROP INDEX batches_pid;"
	 /* Where a partition isn't as a single node has it: its leader (0: none), the leader's epoch, replicas and those in sync as in struct
	  * kfk_part; and at which offset the epochs began, but for epoch 0. */
	 "CREATE TABLE leaders (topic INTEGER NOT NULL, part INTEGER NOT NULL, leader INTEGER NOT NULL, epoch INTEGER NOT NULL, replicas INTEGER NOT NULL,"
	 " isr INTEGER NOT NULL, PRIMARY KEY (topic, part)) STRICT, WITHOUT ROWID;"
	 "CREATE TABLE epochs (topic INTEGER NOT NULL, part INTEGER NOT NULL, epoch INTEGER NOT NULL, start INTEGER NOT NULL,"
	 " PRIMARY KEY (topic, part, epoch)) STRICT, WITHOUT ROWID;"
	 /* Groups as their last whole round left them: what their record says, NULL where there is none; offsets, committed and (staged) of
	  * transactions that are open. store_group.c */
	 "CREATE TABLE groups (id TEXT PRIMARY KEY, value BLOB) STRICT, WITHOUT ROWID;"
	 "CREATE TABLE offsets (grp TEXT NOT NULL, topic TEXT NOT NULL, part INTEGER NOT NULL, \"offset\" INTEGER NOT NULL, epoch INTEGER NOT NULL,"
	 " metadata TEXT NOT NULL, at INTEGER NOT NULL, expire INTEGER NOT NULL, PRIMARY KEY (grp, topic, part)) STRICT, WITHOUT ROWID;"
	 "CREATE INDEX offsets_topic ON offsets (topic);"
	 "CREATE TABLE staged (pid INTEGER NOT NULL, grp TEXT NOT NULL, topic TEXT NOT NULL, part INTEGER NOT NULL, \"offset\" INTEGER NOT NULL,"
	 " epoch INTEGER NOT NULL, metadata TEXT NOT NULL, at INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (pid, grp, topic, part)) STRICT, WITHOUT ROWID;"
	 "CREATE INDEX staged_at ON staged (grp, topic, part);"
	 /* Transactional ids, as their record in __transaction_state says them. store_txn.c */
	 "CREATE TABLE txns (id TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	 /* Access control lists, by Kafka's numbers; what clients may take of the brokers: entity as quota.c writes it. */
	 "CREATE TABLE acls (resource INTEGER NOT NULL, pattern INTEGER NOT NULL, operation INTEGER NOT NULL, permission INTEGER NOT NULL,"
	 " name TEXT NOT NULL, principal TEXT NOT NULL, host TEXT NOT NULL,"
	 " PRIMARY KEY (resource, name, pattern, principal, host, operation, permission)) STRICT, WITHOUT ROWID;"
	 "CREATE TABLE quotas (entity TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (entity, name)) STRICT, WITHOUT ROWID;"
	 /* What is set of brokers, groups, client metrics. store_kept.c */
	 "CREATE TABLE kept (of INTEGER NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (of, name, key))"
	 " STRICT, WITHOUT ROWID;"
	 /* Groups of the consumer protocol: their records. */
	 "CREATE TABLE group_records (grp TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (grp, key)) STRICT, WITHOUT ROWID;"
	 /* Segments of logs: what is in them up to an offset; how far logs are compacted. A log without rows is one segment. */
	 "CREATE TABLE segments (topic INTEGER NOT NULL, part INTEGER NOT NULL, base INTEGER NOT NULL, first_ts INTEGER NOT NULL, max_ts INTEGER NOT NULL,"
	 " bytes INTEGER NOT NULL, made_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, upto INTEGER NOT NULL,"
	 " PRIMARY KEY (topic, part, base)) STRICT, WITHOUT ROWID;"
	 "CREATE TABLE cleaned (topic INTEGER NOT NULL, part INTEGER NOT NULL, \"offset\" INTEGER NOT NULL, horizon INTEGER NOT NULL,"
	 " PRIMARY KEY (topic, part)) STRICT, WITHOUT ROWID"),
};
enum { PIECE_BATCHES = 128, PIECE_BYTES = 2 << 20 };

#define COLUMNS "topic, part, base, last, max_ts, pid, epoch, first_seq, last_seq, bytes"
enum {
	Q_ADD, Q_FROM, Q_SINCE, Q_NEWEST, Q_END, Q_STARTS, Q_START, Q_START_DEL, Q_SIZES, Q_WIPE, Q_TOPIC_ADD, Q_TOPIC_DEL, Q_TOPICS, Q_RESIZE, Q_CONFIG_SET, Q_CONFIG_DEL,
	Q_CONFIGS, Q_COUNTER, Q_COUNTER_SET, Q_SCRAM, Q_SCRAM_SET, Q_SCRAM_DEL, Q_SCRAMS,
	Q_PRODUCER_SET, Q_PRODUCER_DEL, Q_PRODUCERS, Q_PRODUCERS_WIPE, Q_ABORTED_SET, Q_ABORTED_DEL, Q_ABORTED, Q_ABORTED_WIPE,
	Q_SEGMENT, Q_SEGMENT_DEL, Q_SEGMENTS, Q_ALL_SIZES, Q_CLEANED, Q_CLEANED_SET, Q_CLEANED_DEL, Q_REWRITE, Q_REMOVE, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
	[Q_ADD] = "INSERT INTO batches (" COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?)",
	/* batches_at */
	[Q_FROM] = "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 AND base >= ifnull((SELECT max(base)"
		   " FROM batches WHERE topic = ?1 AND part = ?2 AND base <= ?3), ?3) AND base < ?4 ORDER BY base",
	/* batches_at, which holds max_ts */
	[Q_SINCE] = "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 AND base >= ifnull((SELECT max(base)"
		    " FROM batches WHERE topic = ?1 AND part = ?2 AND base <= ?4), ?4) AND max_ts >= ?3 ORDER BY base",
	[Q_NEWEST] = "SELECT " COLUMNS " FROM batches WHERE topic = ?1 AND part = ?2 AND base >= ifnull((SELECT max(base)"
		     " FROM batches WHERE topic = ?1 AND part = ?2 AND base <= ?3), ?3) ORDER BY max_ts DESC, base LIMIT 1",
	/* batches_at */
	[Q_END] = "SELECT last FROM batches WHERE topic = ?1 AND part = ?2 ORDER BY base DESC LIMIT 1",
	[Q_SIZES] = "SELECT base, length(bytes) FROM batches WHERE topic = ?1 AND part = ?2 AND base < ?3 AND last < ?3 ORDER BY base",
	[Q_WIPE] = "DELETE FROM batches WHERE topic = ?1 AND part = ?2 AND base <= ?3 AND last < ?4",
	/* By the primary key. */
	[Q_STARTS] = "SELECT topic, part, start FROM starts ORDER BY topic, part",
	[Q_START] = "INSERT INTO starts (topic, part, start) VALUES (?1, ?2, ?3) ON CONFLICT (topic, part) DO UPDATE SET start = excluded.start",
	[Q_START_DEL] = "DELETE FROM starts WHERE topic = ?1 AND part = ?2",
	[Q_TOPIC_ADD] = "INSERT INTO topics (name, partitions) VALUES (?1, ?2)",
	[Q_TOPIC_DEL] = "DELETE FROM topics WHERE id = ?1",
	[Q_TOPICS] = "SELECT id, name, partitions FROM topics ORDER BY name",
	[Q_RESIZE] = "UPDATE topics SET partitions = ?2 WHERE id = ?1",
	[Q_CONFIG_SET] = "INSERT INTO configs (topic, name, value) VALUES (?1, ?2, ?3)"
			 " ON CONFLICT (topic, name) DO UPDATE SET value = excluded.value",
	[Q_CONFIG_DEL] = "DELETE FROM configs WHERE topic = ?1 AND (?2 IS NULL OR name = ?2)",
	[Q_CONFIGS] = "SELECT name, value FROM configs WHERE topic = ?1 ORDER BY name",
	[Q_SCRAM] = "SELECT iterations, salt, stored, server FROM scram WHERE user = ?1 AND mechanism = ?2",
	[Q_SCRAM_SET] = "INSERT OR REPLACE INTO scram (user, mechanism, iterations, salt, stored, server) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[Q_SCRAM_DEL] = "DELETE FROM scram WHERE user = ?1 AND mechanism = ?2",
	[Q_SCRAMS] = "SELECT user, mechanism, iterations FROM scram ORDER BY user, mechanism",
	[Q_COUNTER] = "SELECT next FROM counters WHERE name = ?1",
	[Q_COUNTER_SET] = "INSERT INTO counters (name, next) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET next = excluded.next",
	[Q_PRODUCER_SET] = "INSERT OR REPLACE INTO producers (topic, part, pid, epoch, coordinator_epoch, txn_first, last_ms, seen)"
			   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_PRODUCER_DEL] = "DELETE FROM producers WHERE topic = ?1 AND part = ?2 AND pid = ?3",
	[Q_PRODUCERS] = "SELECT topic, part, pid, epoch, coordinator_epoch, txn_first, last_ms, seen FROM producers ORDER BY topic, part, pid",
	[Q_PRODUCERS_WIPE] = "DELETE FROM producers WHERE topic = ?1",
	[Q_ABORTED_SET] = "INSERT OR REPLACE INTO aborted (topic, part, marker, pid, first) VALUES (?1, ?2, ?3, ?4, ?5)",
	[Q_ABORTED_DEL] = "DELETE FROM aborted WHERE topic = ?1 AND part = ?2 AND marker < ?3",
	[Q_ABORTED] = "SELECT topic, part, marker, pid, first FROM aborted ORDER BY topic, part, marker",
	[Q_ABORTED_WIPE] = "DELETE FROM aborted WHERE topic = ?1",
	/* By the primary key. */
	[Q_SEGMENT] = "INSERT OR REPLACE INTO segments (topic, part, base, first_ts, max_ts, bytes, made_ms, changed_ms, upto)"
		      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[Q_SEGMENT_DEL] = "DELETE FROM segments WHERE topic = ?1 AND part = ?2 AND base < ?3",
	[Q_SEGMENTS] = "SELECT base, first_ts, max_ts, bytes, made_ms, changed_ms, upto FROM segments WHERE topic = ?1 AND part = ?2 ORDER BY base",
	[Q_CLEANED] = "SELECT \"offset\", horizon FROM cleaned WHERE topic = ?1 AND part = ?2",
	[Q_CLEANED_SET] = "INSERT OR REPLACE INTO cleaned (topic, part, \"offset\", horizon) VALUES (?1, ?2, ?3, ?4)",
	[Q_CLEANED_DEL] = "DELETE FROM cleaned WHERE topic = ?1 AND part = ?2",
	/* batches_at */
	[Q_ALL_SIZES] = "SELECT base, max_ts, length(bytes) FROM batches WHERE topic = ?1 AND part = ?2 AND base >= ?3 ORDER BY base",
	[Q_REWRITE] = "UPDATE batches SET max_ts = ?4, bytes = ?5 WHERE topic = ?1 AND part = ?2 AND base = ?3",
	[Q_REMOVE] = "DELETE FROM batches WHERE topic = ?1 AND part = ?2 AND base = ?3",
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

int kfk_store_since(struct db *db, int64_t topic, int partition, int64_t start, int64_t ts, kfk_row_fn each, void *arg, struct error *err)
{
	(void)WITH(db, Q_SINCE, topic, partition, ts, start);
	return each_row(db, Q_SINCE, each, arg, err);
}

int kfk_store_newest(struct db *db, int64_t topic, int partition, int64_t start, kfk_row_fn each, void *arg, struct error *err)
{
	(void)WITH(db, Q_NEWEST, topic, partition, start);
	return each_row(db, Q_NEWEST, each, arg, err);
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

int kfk_store_start(struct db *db, int64_t topic, int partition, int64_t start, struct error *err)
{
	(void)WITH(db, Q_START, topic, partition, start);
	return db_write(db, Q_START, err);
}

int kfk_store_starts(struct db *db, kfk_start_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_STARTS);
	int rc;
	while ((rc = db_row(db, Q_STARTS, err)) > 0)
		each(arg, sqlite3_column_int64(st, 0), sqlite3_column_int(st, 1), sqlite3_column_int64(st, 2));
	return rc;
}

/* The last batch of a piece of what is before start. 0: all that is left is a piece. */
static int piece_of(struct db *db, int64_t topic, int partition, int64_t start, int64_t *to, struct error *err)
{
	int64_t batches = 0, bytes = 0;
	int rc;
	sqlite3_stmt *st = WITH(db, Q_SIZES, topic, partition, start);
	*to = start - 1;
	while ((rc = db_row(db, Q_SIZES, err)) > 0) {
		bytes += sqlite3_column_int64(st, 1);
		if (++batches < PIECE_BATCHES && bytes < PIECE_BYTES)
			continue;
		*to = sqlite3_column_int64(st, 0);
		db_done(db, Q_SIZES);
		return 1;
	}
	return rc;
}

int kfk_store_sweep(struct db *db, int64_t topic, int partition, int64_t start, struct error *err)
{
	int64_t to;
	int more = piece_of(db, topic, partition, start, &to, err);
	if (more < 0)
		return more;
	(void)WITH(db, Q_WIPE, topic, partition, to, start);
	int rc = db_write(db, Q_WIPE, err);
	static const size_t last[] = { Q_START_DEL, Q_CLEANED_DEL, Q_SEGMENT_DEL };
	for (size_t i = 0; !rc && !more && start == INT64_MAX && i < ARRAY_LEN(last); i++) {
		if (last[i] == Q_SEGMENT_DEL)
			(void)WITH(db, last[i], topic, partition, start);
		else
			(void)WITH(db, last[i], topic, partition);
		rc = db_write(db, last[i], err);
	}
	return rc ? rc : more;
}

int kfk_store_topic_del(struct db *db, int64_t id, int partition_n, struct error *err)
{
	static const size_t all[] = { Q_CONFIG_DEL, Q_PRODUCERS_WIPE, Q_ABORTED_WIPE, Q_TOPIC_DEL };
	int rc = 0;
	for (int p = 0; !rc && p < partition_n; p++)
		rc = kfk_store_start(db, id, p, INT64_MAX, err);
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

/* ---- users of SCRAM ---- */

int kfk_store_scram(struct db *db, struct slice user, int mechanism, struct arena *a, struct kfk_scram_user *found, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_SCRAM);
	db_bind(st, 1, user);
	sqlite3_bind_int(st, 2, mechanism);
	int rc = db_row(db, Q_SCRAM, err);
	if (rc <= 0)
		return rc ? rc : err_set(err, ERR_NOT_FOUND, "no such user");
	*found = (struct kfk_scram_user){ mechanism, sqlite3_column_int(st, 0), arena_dup(a, db_blob(st, 1)), arena_dup(a, db_blob(st, 2)),
					  arena_dup(a, db_blob(st, 3)) };
	db_done(db, Q_SCRAM);
	return 0;
}

int kfk_store_scram_set(struct db *db, struct slice user, const struct kfk_scram_user *u, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_SCRAM_SET);
	db_bind(st, 1, user);
	sqlite3_bind_int(st, 2, u->mechanism);
	sqlite3_bind_int(st, 3, u->iterations);
	sqlite3_bind_blob64(st, 4, u->salt.p, u->salt.n, SQLITE_STATIC);
	sqlite3_bind_blob64(st, 5, u->stored_key.p, u->stored_key.n, SQLITE_STATIC);
	sqlite3_bind_blob64(st, 6, u->server_key.p, u->server_key.n, SQLITE_STATIC);
	return db_write(db, Q_SCRAM_SET, err);
}

int kfk_store_scram_del(struct db *db, struct slice user, int mechanism, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_SCRAM_DEL);
	db_bind(st, 1, user);
	sqlite3_bind_int(st, 2, mechanism);
	return db_write(db, Q_SCRAM_DEL, err);
}

int kfk_store_scrams(struct db *db, kfk_scram_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_SCRAMS);
	int rc;
	while ((rc = db_row(db, Q_SCRAMS, err)) > 0)
		each(arg, db_text(st, 0), sqlite3_column_int(st, 1), sqlite3_column_int(st, 2));
	return rc;
}

/* ---- producers ---- */

int kfk_store_producer(struct db *db, int64_t topic, int partition, const struct kfk_producer *p, struct error *err)
{
	struct buf seen = { 0 };
	sqlite3_stmt *st = WITH(db, Q_PRODUCER_SET, topic, partition, p->pid, p->epoch, p->coordinator_epoch, p->txn_first, p->last_ms);
	for (int i = 0; i < p->seen_n; i++) {
		buf_u64be(&seen, (uint64_t)p->seen[i].base);
		buf_u64be(&seen, (uint64_t)p->seen[i].ts);
		buf_u32be(&seen, (uint32_t)p->seen[i].first_seq);
		buf_u32be(&seen, (uint32_t)p->seen[i].last_seq);
	}
	sqlite3_bind_blob64(st, 8, seen.n ? seen.p : "", seen.n, SQLITE_STATIC);
	int rc = db_write(db, Q_PRODUCER_SET, err);
	buf_free(&seen);
	return rc;
}

int kfk_store_producer_del(struct db *db, int64_t topic, int partition, int64_t pid, struct error *err)
{
	(void)WITH(db, Q_PRODUCER_DEL, topic, partition, pid);
	return db_write(db, Q_PRODUCER_DEL, err);
}

int kfk_store_producers(struct db *db, kfk_producer_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_PRODUCERS);
	int rc;
	while ((rc = db_row(db, Q_PRODUCERS, err)) > 0) {
		struct slice seen = db_blob(st, 7);
		struct rd r = rd_of(seen.p, seen.n);
		struct kfk_producer p = { .pid = sqlite3_column_int64(st, 2), .epoch = (int16_t)sqlite3_column_int(st, 3),
					  .coordinator_epoch = sqlite3_column_int(st, 4), .txn_first = sqlite3_column_int64(st, 5),
					  .last_ms = sqlite3_column_int64(st, 6) };
		for (; r.n && p.seen_n < KFK_SEEN_MAX; p.seen_n++) {
			struct kfk_seen *s = &p.seen[p.seen_n];
			s->base = (int64_t)rd_u64be(&r);
			s->ts = (int64_t)rd_u64be(&r);
			s->first_seq = (int32_t)rd_u32be(&r);
			s->last_seq = (int32_t)rd_u32be(&r);
		}
		each(arg, sqlite3_column_int64(st, 0), sqlite3_column_int(st, 1), &p);
	}
	return rc;
}

int kfk_store_aborted(struct db *db, int64_t topic, int partition, const struct kfk_aborted *a, struct error *err)
{
	(void)WITH(db, Q_ABORTED_SET, topic, partition, a->marker, a->pid, a->first);
	return db_write(db, Q_ABORTED_SET, err);
}

int kfk_store_aborted_del(struct db *db, int64_t topic, int partition, int64_t start, struct error *err)
{
	(void)WITH(db, Q_ABORTED_DEL, topic, partition, start);
	return db_write(db, Q_ABORTED_DEL, err);
}

int kfk_store_all_aborted(struct db *db, kfk_aborted_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(db, Q_ABORTED);
	int rc;
	while ((rc = db_row(db, Q_ABORTED, err)) > 0) {
		struct kfk_aborted a = { sqlite3_column_int64(st, 3), sqlite3_column_int64(st, 4), sqlite3_column_int64(st, 2) };
		each(arg, sqlite3_column_int64(st, 0), sqlite3_column_int(st, 1), &a);
	}
	return rc;
}

/* ---- segments ---- */

int kfk_store_segment(struct db *db, int64_t topic, int partition, const struct kfk_segment *s, int64_t upto, struct error *err)
{
	(void)WITH(db, Q_SEGMENT, topic, partition, s->base, s->first_ts, s->max_ts, s->bytes, s->made_ms, s->changed_ms, upto);
	return db_write(db, Q_SEGMENT, err);
}

int kfk_store_segment_del(struct db *db, int64_t topic, int partition, int64_t below, struct error *err)
{
	(void)WITH(db, Q_SEGMENT_DEL, topic, partition, below);
	return db_write(db, Q_SEGMENT_DEL, err);
}

int kfk_store_segments(struct db *db, int64_t topic, int partition, kfk_segment_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = WITH(db, Q_SEGMENTS, topic, partition);
	int rc;
	while ((rc = db_row(db, Q_SEGMENTS, err)) > 0) {
		struct kfk_segment s = { .base = sqlite3_column_int64(st, 0), .first_ts = sqlite3_column_int64(st, 1), .max_ts = sqlite3_column_int64(st, 2),
					 .bytes = sqlite3_column_int64(st, 3), .made_ms = sqlite3_column_int64(st, 4), .changed_ms = sqlite3_column_int64(st, 5) };
		each(arg, &s, sqlite3_column_int64(st, 6));
	}
	return rc;
}

int kfk_store_sizes(struct db *db, int64_t topic, int partition, int64_t from, kfk_size_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = WITH(db, Q_ALL_SIZES, topic, partition, from);
	int rc;
	while ((rc = db_row(db, Q_ALL_SIZES, err)) > 0)
		each(arg, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2));
	return rc;
}

int kfk_store_cleaned(struct db *db, int64_t topic, int partition, int64_t *cleaned, int64_t *horizon, struct error *err)
{
	sqlite3_stmt *st = WITH(db, Q_CLEANED, topic, partition);
	int rc = db_row(db, Q_CLEANED, err);
	if (rc <= 0)
		return rc;
	*cleaned = sqlite3_column_int64(st, 0);
	*horizon = sqlite3_column_int64(st, 1);
	db_done(db, Q_CLEANED);
	return 0;
}

int kfk_store_cleaned_set(struct db *db, int64_t topic, int partition, int64_t cleaned, int64_t horizon, struct error *err)
{
	(void)WITH(db, Q_CLEANED_SET, topic, partition, cleaned, horizon);
	return db_write(db, Q_CLEANED_SET, err);
}

int kfk_store_rewrite(struct db *db, int64_t topic, int partition, int64_t base, int64_t max_ts, struct slice bytes, struct error *err)
{
	size_t q = bytes.p ? Q_REWRITE : Q_REMOVE;
	sqlite3_stmt *st = WITH(db, q, topic, partition, base);
	if (bytes.p) {
		sqlite3_bind_int64(st, 4, max_ts);
		sqlite3_bind_blob64(st, 5, bytes.p, bytes.n, SQLITE_STATIC);
	}
	return db_write(db, q, err);
}
