/* Groups and offsets in kafka.db; the schema stands with the others in store.c. */
#include "kafka/group.h"

enum {
	Q_GROUPS, Q_GROUP_PUT, Q_GROUP_DEL, Q_GROUP_WIPE, Q_GROUP_UNSTAGE, Q_GROUP_FORGET, Q_RECORD, Q_RECORD_DEL, Q_RECORDS, Q_PUT, Q_DEL, Q_GET, Q_PENDS, Q_ANY_PENDS, Q_OF, Q_OF_TOPIC, Q_STAGE, Q_STAGED, Q_UNSTAGE, Q_COUNT
};
#define COLUMNS "grp, topic, part, \"offset\", epoch, metadata, at"
static const char *const queries[Q_COUNT] = {
	/* By the primary keys, unless said. */
	[Q_GROUPS] = "SELECT id, value FROM groups ORDER BY id",
	[Q_GROUP_PUT] = "INSERT INTO groups (id, value) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET value = excluded.value",
	[Q_GROUP_DEL] = "DELETE FROM groups WHERE id = ?1",
	[Q_GROUP_WIPE] = "DELETE FROM offsets WHERE grp = ?1",
	[Q_GROUP_UNSTAGE] = "DELETE FROM staged WHERE grp = ?1", /* staged_at */
	[Q_GROUP_FORGET] = "DELETE FROM group_records WHERE grp = ?1",
	[Q_RECORD] = "INSERT OR REPLACE INTO group_records (grp, key, value) VALUES (?1, ?2, ?3)",
	[Q_RECORD_DEL] = "DELETE FROM group_records WHERE grp = ?1 AND key = ?2",
	[Q_RECORDS] = "SELECT grp, key, value FROM group_records ORDER BY grp, key",
	[Q_PUT] = "INSERT OR REPLACE INTO offsets (" COLUMNS ", expire) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_DEL] = "DELETE FROM offsets WHERE grp = ?1 AND topic = ?2 AND part = ?3",
	[Q_GET] = "SELECT " COLUMNS ", expire FROM offsets WHERE grp = ?1 AND topic = ?2 AND part = ?3",
	[Q_PENDS] = "SELECT 1 FROM staged WHERE grp = ?1 AND topic = ?2 AND part = ?3 LIMIT 1", /* staged_at */
	[Q_ANY_PENDS] = "SELECT 1 FROM staged WHERE grp = ?1 LIMIT 1", /* staged_at */
	[Q_OF] = "SELECT " COLUMNS ", expire FROM offsets WHERE grp = ?1 ORDER BY topic, part",
	[Q_OF_TOPIC] = "SELECT " COLUMNS ", expire FROM offsets WHERE topic = ?1 ORDER BY grp, part", /* offsets_topic */
	[Q_STAGE] = "INSERT OR REPLACE INTO staged (" COLUMNS ", pid, slot) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[Q_STAGED] = "SELECT " COLUMNS ", -1 FROM staged WHERE pid = ?1 AND (?2 < 0 OR slot = ?2) ORDER BY grp, topic, part",
	[Q_UNSTAGE] = "DELETE FROM staged WHERE pid = ?1 AND (?2 < 0 OR slot = ?2)",
};

struct kfk_group_store {
	struct db *db;
	sqlite3_stmt *q[Q_COUNT];
};

int kfk_group_store_open(struct db *db, struct kfk_group_store **out, struct error *err)
{
	struct kfk_group_store *s = xcalloc(1, sizeof(*s));
	int rc = 0;
	s->db = db;
	for (size_t i = 0; !rc && i < Q_COUNT; i++)
		rc = db_prepare(db, queries[i], &s->q[i], err);
	if (rc)
		kfk_group_store_close(s);
	else
		*out = s;
	return rc;
}

void kfk_group_store_close(struct kfk_group_store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < Q_COUNT; i++)
		sqlite3_finalize(s->q[i]);
	free(s);
}

static void done(sqlite3_stmt *st)
{
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
}

/* As db_write and db_row. */
static int write(struct kfk_group_store *s, size_t q, struct error *err)
{
	int rc = db_begin(s->db, err);
	if (rc) {
		done(s->q[q]);
		return rc;
	}
	rc = db_run(s->db, s->q[q], err);
	if (rc && sqlite3_get_autocommit(s->db->h))
		s->db->broken = true;
	return rc;
}

static int row(struct kfk_group_store *s, size_t q, struct error *err)
{
	int rc = sqlite3_step(s->q[q]);
	if (rc == SQLITE_ROW)
		return 1;
	rc = rc == SQLITE_DONE ? 0 : db_error(s->db, err);
	done(s->q[q]);
	return rc;
}

/* ---- groups ---- */

int kfk_group_store_each(struct kfk_group_store *s, kfk_group_fn each, void *arg, struct error *err)
{
	int rc;
	while ((rc = row(s, Q_GROUPS, err)) > 0)
		each(arg, db_text(s->q[Q_GROUPS], 0), db_blob(s->q[Q_GROUPS], 1));
	return rc;
}

int kfk_group_store_put(struct kfk_group_store *s, struct slice id, struct slice value, struct error *err)
{
	db_bind(s->q[Q_GROUP_PUT], 1, id);
	db_bind_blob(s->q[Q_GROUP_PUT], 2, value);
	return write(s, Q_GROUP_PUT, err);
}

int kfk_group_store_del(struct kfk_group_store *s, struct slice id, struct error *err)
{
	static const size_t all[] = { Q_GROUP_WIPE, Q_GROUP_UNSTAGE, Q_GROUP_FORGET, Q_GROUP_DEL };
	int rc = 0;
	for (size_t i = 0; !rc && i < ARRAY_LEN(all); i++) {
		db_bind(s->q[all[i]], 1, id);
		rc = write(s, all[i], err);
	}
	return rc;
}

int kfk_group_store_record(struct kfk_group_store *s, struct slice group, struct slice key, struct slice value, struct error *err)
{
	size_t q = value.p ? Q_RECORD : Q_RECORD_DEL;
	db_bind(s->q[q], 1, group);
	db_bind_blob(s->q[q], 2, key);
	if (value.p)
		db_bind_blob(s->q[q], 3, value);
	return write(s, q, err);
}

int kfk_group_store_records(struct kfk_group_store *s, kfk_group_record_fn each, void *arg, struct error *err)
{
	int rc;
	while ((rc = row(s, Q_RECORDS, err)) > 0)
		each(arg, db_text(s->q[Q_RECORDS], 0), db_blob(s->q[Q_RECORDS], 1), db_blob(s->q[Q_RECORDS], 2));
	return rc;
}

/* ---- offsets ---- */

static void bind_at(sqlite3_stmt *st, struct slice group, struct slice topic, int32_t partition)
{
	db_bind(st, 1, group);
	db_bind(st, 2, topic);
	sqlite3_bind_int(st, 3, partition);
}

static void bind_offset(sqlite3_stmt *st, struct slice group, const struct kfk_offset *o)
{
	bind_at(st, group, o->topic, o->partition);
	sqlite3_bind_int64(st, 4, o->offset);
	sqlite3_bind_int(st, 5, o->epoch);
	db_bind(st, 6, o->metadata.p ? o->metadata : S(""));
	sqlite3_bind_int64(st, 7, o->at_ms);
}

static struct slice offset_of(sqlite3_stmt *st, struct kfk_offset *o)
{
	*o = (struct kfk_offset){ .topic = db_text(st, 1), .partition = sqlite3_column_int(st, 2), .offset = sqlite3_column_int64(st, 3),
				  .epoch = sqlite3_column_int(st, 4), .metadata = db_text(st, 5), .at_ms = sqlite3_column_int64(st, 6),
				  .expire_ms = sqlite3_column_int64(st, 7) };
	return db_text(st, 0);
}

int kfk_offset_store_put(struct kfk_group_store *s, struct slice group, const struct kfk_offset *o, struct error *err)
{
	bind_offset(s->q[Q_PUT], group, o);
	sqlite3_bind_int64(s->q[Q_PUT], 8, o->expire_ms);
	return write(s, Q_PUT, err);
}

int kfk_offset_store_del(struct kfk_group_store *s, struct slice group, struct slice topic, int32_t partition, struct error *err)
{
	bind_at(s->q[Q_DEL], group, topic, partition);
	return write(s, Q_DEL, err);
}

int kfk_offset_store_get(struct kfk_group_store *s, struct slice group, struct slice topic, int32_t partition, struct kfk_offset *o, struct error *err)
{
	done(s->q[Q_GET]); /* what was found last is valid until now */
	bind_at(s->q[Q_GET], group, topic, partition);
	int rc = row(s, Q_GET, err);
	if (rc > 0)
		(void)offset_of(s->q[Q_GET], o);
	return rc;
}

int kfk_offset_store_pends(struct kfk_group_store *s, struct slice group, struct slice topic, int32_t partition, bool *pends, struct error *err)
{
	size_t q = topic.p ? Q_PENDS : Q_ANY_PENDS;
	if (topic.p)
		bind_at(s->q[q], group, topic, partition);
	else
		db_bind(s->q[q], 1, group);
	int rc = row(s, q, err);
	if (rc > 0)
		done(s->q[q]);
	*pends = rc > 0;
	return rc < 0 ? rc : 0;
}

static int each_offset(struct kfk_group_store *s, size_t q, kfk_offset_fn each, void *arg, struct error *err)
{
	struct kfk_offset o;
	int rc;
	while ((rc = row(s, q, err)) > 0) {
		struct slice group = offset_of(s->q[q], &o);
		each(arg, group, &o);
	}
	return rc;
}

int kfk_offset_store_of(struct kfk_group_store *s, struct slice group, kfk_offset_fn each, void *arg, struct error *err)
{
	db_bind(s->q[Q_OF], 1, group);
	return each_offset(s, Q_OF, each, arg, err);
}

int kfk_offset_store_of_topic(struct kfk_group_store *s, struct slice topic, kfk_offset_fn each, void *arg, struct error *err)
{
	db_bind(s->q[Q_OF_TOPIC], 1, topic);
	return each_offset(s, Q_OF_TOPIC, each, arg, err);
}

/* ---- of transactions ---- */

int kfk_offset_store_stage(struct kfk_group_store *s, int64_t pid, int slot, struct slice group, const struct kfk_offset *o, struct error *err)
{
	bind_offset(s->q[Q_STAGE], group, o);
	sqlite3_bind_int64(s->q[Q_STAGE], 8, pid);
	sqlite3_bind_int(s->q[Q_STAGE], 9, slot);
	return write(s, Q_STAGE, err);
}

int kfk_offset_store_staged(struct kfk_group_store *s, int64_t pid, int slot, kfk_offset_fn each, void *arg, struct error *err)
{
	sqlite3_bind_int64(s->q[Q_STAGED], 1, pid);
	sqlite3_bind_int(s->q[Q_STAGED], 2, slot);
	return each_offset(s, Q_STAGED, each, arg, err);
}

int kfk_offset_store_unstage(struct kfk_group_store *s, int64_t pid, int slot, struct error *err)
{
	sqlite3_bind_int64(s->q[Q_UNSTAGE], 1, pid);
	sqlite3_bind_int(s->q[Q_UNSTAGE], 2, slot);
	return write(s, Q_UNSTAGE, err);
}
