/* Transactional ids in kafka.db; the schema stands with the others in store.c. */
#include "kafka/txn.h"

enum { Q_PUT, Q_DEL, Q_ALL, Q_COUNT };
static const char *const queries[Q_COUNT] = {
	[Q_PUT] = "INSERT OR REPLACE INTO txns (id, value) VALUES (?1, ?2)",
	[Q_DEL] = "DELETE FROM txns WHERE id = ?1",
	[Q_ALL] = "SELECT id, value FROM txns ORDER BY id",
};

struct kfk_txn_store {
	struct db *db;
	sqlite3_stmt *q[Q_COUNT];
};

int kfk_txn_store_open(struct db *db, struct kfk_txn_store **out, struct error *err)
{
	struct kfk_txn_store *s = xcalloc(1, sizeof(*s));
	int rc = 0;
	s->db = db;
	for (size_t i = 0; !rc && i < Q_COUNT; i++)
		rc = db_prepare(db, queries[i], &s->q[i], err);
	if (rc)
		kfk_txn_store_close(s);
	else
		*out = s;
	return rc;
}

void kfk_txn_store_close(struct kfk_txn_store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < Q_COUNT; i++)
		sqlite3_finalize(s->q[i]);
	free(s);
}

int kfk_txn_store_put(struct kfk_txn_store *s, struct slice id, struct slice value, struct error *err)
{
	sqlite3_stmt *st = s->q[value.p ? Q_PUT : Q_DEL];
	int rc = db_begin(s->db, err);
	if (rc)
		return rc;
	db_bind(st, 1, id);
	if (value.p)
		db_bind_blob(st, 2, value);
	return db_run(s->db, st, err);
}

int kfk_txn_store_each(struct kfk_txn_store *s, kfk_txn_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = s->q[Q_ALL];
	int rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		each(arg, db_text(st, 0), db_blob(st, 1));
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : db_error(s->db, err);
}
