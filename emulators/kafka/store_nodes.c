/* Rows of leader.c in kafka.db: who leads what, and where epochs began. */
#include "kafka/nodes.h"

enum { L_PUT, L_ALL, L_DROP, L_EPOCH_CUT, L_EPOCH_PUT, L_EPOCH_DROP, L_EPOCH_AT };
static const char *const queries[KFK_NODE_QUERIES] = {
	[L_PUT] = ("INSERT INTO leaders (topic, part, leader, epoch, replicas, isr) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (topic, part)"
		   " DO UPDATE SET leader = excluded.leader, epoch = excluded.epoch, replicas = excluded.replicas, isr = excluded.isr"),
	[L_ALL] = "SELECT topic, part, leader, epoch, replicas, isr FROM leaders ORDER BY topic, part",
	[L_DROP] = "DELETE FROM leaders WHERE topic = ?1",
	[L_EPOCH_CUT] = "DELETE FROM epochs WHERE topic = ?1 AND part = ?2 AND start >= ?3",
	[L_EPOCH_PUT] = "INSERT OR REPLACE INTO epochs (topic, part, epoch, start) VALUES (?1, ?2, ?3, ?4)",
	[L_EPOCH_DROP] = "DELETE FROM epochs WHERE topic = ?1",
	[L_EPOCH_AT + KFK_EPOCH_FIRST] = "SELECT epoch, start FROM epochs WHERE topic = ?1 AND part = ?2 AND epoch >= ?3 ORDER BY epoch LIMIT 1",
	[L_EPOCH_AT + KFK_EPOCH_FLOOR] = "SELECT epoch, start FROM epochs WHERE topic = ?1 AND part = ?2 AND epoch <= ?3 ORDER BY epoch DESC LIMIT 1",
	[L_EPOCH_AT + KFK_EPOCH_HIGHER] = "SELECT epoch, start FROM epochs WHERE topic = ?1 AND part = ?2 AND epoch > ?3 ORDER BY epoch LIMIT 1",
	[L_EPOCH_AT + KFK_EPOCH_AT] = "SELECT epoch, start FROM epochs WHERE topic = ?1 AND part = ?2 AND start <= ?3 ORDER BY epoch DESC LIMIT 1",
};

int kfk_store_nodes_open(struct kafka *k, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < KFK_NODE_QUERIES; i++)
		rc = db_prepare(&k->db, queries[i], &k->nodes->q[i], err);
	return rc;
}

void kfk_store_nodes_close(struct kafka *k)
{
	for (size_t i = 0; i < KFK_NODE_QUERIES; i++)
		sqlite3_finalize(k->nodes->q[i]);
}

static sqlite3_stmt *with(const struct kafka *k, size_t q, const int64_t *v, size_t n)
{
	sqlite3_stmt *st = k->nodes->q[q];
	for (size_t i = 0; i < n; i++)
		sqlite3_bind_int64(st, (int)i + 1, v[i]);
	return st;
}
#define WITH(k, q, ...) with(k, q, (const int64_t[]){ __VA_ARGS__ }, ARRAY_LEN(((const int64_t[]){ __VA_ARGS__ })))

static int run(struct kafka *k, sqlite3_stmt *st, struct error *err)
{
	int rc = db_begin(&k->db, err);
	return rc ? rc : db_run(&k->db, st, err);
}

int kfk_store_leader(struct kafka *k, int64_t topic, int partition, const struct kfk_part *p, struct error *err)
{
	return run(k, WITH(k, L_PUT, topic, partition, p->leader, p->epoch, (int64_t)p->replicas, p->isr), err);
}

int kfk_store_leaders(struct kafka *k, kfk_leader_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = k->nodes->q[L_ALL];
	int rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct kfk_part row = { .leader = (uint8_t)sqlite3_column_int(st, 2), .epoch = sqlite3_column_int(st, 3),
					.replicas = (uint64_t)sqlite3_column_int64(st, 4), .isr = (uint16_t)sqlite3_column_int(st, 5) };
		each(arg, sqlite3_column_int64(st, 0), sqlite3_column_int(st, 1), &row);
	}
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : db_error(&k->db, err);
}

int kfk_store_epoch(struct kafka *k, int64_t topic, int partition, int32_t epoch, int64_t start, struct error *err)
{
	int rc = run(k, WITH(k, L_EPOCH_CUT, topic, partition, start), err);
	return rc ? rc : run(k, WITH(k, L_EPOCH_PUT, topic, partition, epoch, start), err);
}

int kfk_store_epoch_at(struct kafka *k, enum kfk_epoch_which which, int64_t topic, int partition, int64_t epoch, struct kfk_epoch *out, struct error *err)
{
	sqlite3_stmt *st = WITH(k, L_EPOCH_AT + which, topic, partition, epoch);
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = (struct kfk_epoch){ sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1) };
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : db_error(&k->db, err);
}

int kfk_nodes_forget(struct kafka *k, int64_t topic, struct error *err)
{
	int rc = run(k, WITH(k, L_DROP, topic), err);
	return rc ? rc : run(k, WITH(k, L_EPOCH_DROP, topic), err);
}
